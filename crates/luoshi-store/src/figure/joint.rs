//! Joint meetings in figures. A record is counted where it is kept. Where only a unit that took part is asked for, it is
//! counted there, once, whatever number of units took part: so every unit has it, and no sum has it twice.

use super::{Behind, one_behind};
use crate::{Fault, Tx, Value};
use luoshi_rules::Figure;

/// Records kept outside a scope in which units of it took part, chosen as those of the scope are.
pub(super) fn newest(tx: &Tx, args: &[Value], figure: &Figure) -> Result<Vec<(String, Behind)>, Fault> {
    let sql = "select r.unit_id, substr(r.on_date, 1, 7), r.kind, coalesce(r.tags, ''), r.id, r.version, u.short_name,
                      r.on_date, r.data, cast(l.people as text), coalesce(b.level, k.level), coalesce(b.class, k.class),
                      (select cast(coalesce(sum(case s.role when 'absent' then -1 when 'guest' then 1 else 0 end), 0) as bigint)
                         from record_person s
                        where s.top_id = r.top_id and s.record_id = r.id and s.version = r.version),
                      (select count(distinct s.person_id) from record_person s
                        where s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
                          and s.role <> 'absent' and (s.role = $14 or $14 = ''))
                 from record r
                 join unit u on u.top_id = r.top_id and u.id = r.unit_id
                 join unit k on k.top_id = r.top_id and k.id = (
                        select min(j.unit_id) from joint j
                         where j.top_id = $1 and j.record_id = r.id and j.path >= $2 and j.path < $3
                           and j.confirmed <> '' and j.confirmed <= $6)
                 left join unit_past b on b.top_id = k.top_id and b.unit_id = k.id
                      and b.until_date = (select min(p.until_date) from unit_past p
                                           where p.top_id = k.top_id and p.unit_id = k.id
                                             and p.until_date >= r.on_date)
                 left join roll l on l.top_id = r.top_id and l.digest = r.roll
                where r.top_id = $1 and not (r.path >= $2 and r.path < $3) and r.on_date >= $4 and r.on_date <= $5
                  and r.id in (select j.record_id from joint j
                                where j.top_id = $1 and j.path >= $2 and j.path < $3
                                  and j.confirmed <> '' and j.confirmed <= $6)
                  and r.written <= $6 and ($7 like '%|' || r.kind || '|%' or r.tags like '%also:%') and coalesce(r.withdrawn, '') = ''
                  and (' ' || coalesce(r.tags, '') || ' ' like '% ' || $8 || ' %' or $8 = '')
                  and (coalesce(b.class, k.class) = $9 or $9 = '') and (coalesce(b.level, k.level) = $10 or $10 = '')
                  and exists (select 1 from unit t left join unit_past q on q.top_id = t.top_id and q.unit_id = t.id
                               where t.top_id = $1 and t.path = $2
                                 and (substr(coalesce(b.path, k.path), 1, length(t.path)) = t.path
                                      or substr(coalesce(b.path, k.path), 1, length(q.path)) = q.path))
                  and (r.on_date < $11 or (r.on_date = $11 and r.id < $12))
                  and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                     and n.version > r.version and n.written <= $6)
                order by r.on_date desc, r.id desc limit $13";
    tx.rows(sql, args, |row| Ok((row.text(3)?, one_behind(row, figure)?)))
}
