//! Joint meetings in figures. A record is counted where it is kept. Where only a unit that took part is asked for, it is
//! counted there, once, whatever number of units took part: so every unit has it, and no sum has it twice.

use super::{Behind, lot, one_behind, times};
use crate::{Fault, Row, Tx, Value};
use luoshi_rules::Figure;
use luoshi_rules::figure::Lot;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Records kept outside a scope in which units of it took part, each with all that any figure counts of it.
pub(super) fn lots(tx: &Tx, args: &[Value], lots: &mut Vec<Lot>) -> Result<(), Fault> {
    let sql = "select (select min(k.unit_id) from joint k
                        where k.top_id = $1 and k.record_id = r.id and k.path >= $2 and k.path < $3
                          and k.confirmed <> '' and k.confirmed <= $6),
                      substr(r.on_date, 1, 7), r.kind, coalesce(r.tags, ''), u.level, u.class, r.id, r.data,
                      coalesce(cast(l.people as text), '[]'), coalesce(s.person_id, 0), s.role
                 from record r
                 join unit u on u.top_id = r.top_id and u.id = r.unit_id
                 left join roll l on l.top_id = r.top_id and l.digest = r.roll
                 left join record_person s on s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
                where r.top_id = $1 and not (r.path >= $2 and r.path < $3)
                  and r.id in (select j.record_id from joint j
                                where j.top_id = $1 and j.path >= $2 and j.path < $3
                                  and j.confirmed <> '' and j.confirmed <= $6)
                  and r.on_date >= $4 and r.on_date <= $5
                  and r.written <= $6 and $7 like '%|' || r.kind || '|%' and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                     and n.version > r.version and n.written <= $6)
                order by r.id";
    let (mut last, before) = (0, lots.len());
    let each = |row: &Row| {
        if row.int(6)? != last {
            last = row.int(6)?;
            lots.push(one(row)?);
        }
        let (person, role) = (row.int(9)?, row.text(10)?);
        let Some(lot) = lots.last_mut().filter(|_| !role.is_empty()) else { return Ok(()) };
        match role.as_str() {
            "absent" => {
                lot.present -= 1;
                lot.people.retain(|(one, _)| *one != person);
            }
            role => {
                lot.present += i64::from(role == "guest");
                lot.people.push((person, role.into()));
            }
        }
        Ok(())
    };
    tx.rows(sql, args, each)?;
    lots[before..].iter_mut().for_each(|lot| lot.each = times(&lot.sums, lot.present));
    Ok(())
}

/// The same records as the newest behind a figure, chosen as those of the scope are.
pub(super) fn newest(tx: &Tx, args: &[Value], figure: &Figure) -> Result<Vec<(String, Behind)>, Fault> {
    let sql = "select r.unit_id, substr(r.on_date, 1, 7), r.kind, coalesce(r.tags, ''), r.id, r.version, u.short_name,
                      r.on_date, r.data, cast(l.people as text), u.level, u.class,
                      (select cast(coalesce(sum(case s.role when 'absent' then -1 when 'guest' then 1 else 0 end), 0) as bigint)
                         from record_person s
                        where s.top_id = r.top_id and s.record_id = r.id and s.version = r.version),
                      (select count(distinct s.person_id) from record_person s
                        where s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
                          and s.role <> 'absent' and (s.role = $14 or $14 = ''))
                 from record r
                 join unit u on u.top_id = r.top_id and u.id = r.unit_id
                 left join roll l on l.top_id = r.top_id and l.digest = r.roll
                where r.top_id = $1 and not (r.path >= $2 and r.path < $3) and r.on_date >= $4 and r.on_date <= $5
                  and r.id in (select j.record_id from joint j
                                where j.top_id = $1 and j.path >= $2 and j.path < $3
                                  and j.confirmed <> '' and j.confirmed <= $6)
                  and r.written <= $6 and $7 like '%|' || r.kind || '|%' and coalesce(r.withdrawn, '') = ''
                  and (' ' || coalesce(r.tags, '') || ' ' like '% ' || $8 || ' %' or $8 = '')
                  and (u.class = $9 or $9 = '') and (u.level = $10 or $10 = '')
                  and (r.on_date < $11 or (r.on_date = $11 and r.id < $12))
                  and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                     and n.version > r.version and n.written <= $6)
                order by r.on_date desc, r.id desc limit $13";
    tx.rows(sql, args, |row| Ok((row.text(3)?, one_behind(row, figure)?)))
}

/// A record by itself, with everybody due.
fn one(row: &Row) -> Result<Lot, Fault> {
    let due: Vec<i64> = serde_json::from_str(&row.text(8)?).map_err(|e| Fault::Engine(e.to_string()))?;
    let data = row.json(7)?;
    let fields = data.as_object().into_iter().flatten();
    let sums: BTreeMap<String, i64> = fields.filter_map(|(key, n)| Some((key.clone(), n.as_i64()?))).collect();
    let (present, came) = (due.len() as i64, Arc::<str>::from("present"));
    let people = due.into_iter().map(|person| (person, came.clone())).collect();
    Ok(Lot { records: 1, present, sums, people, ..lot(row)? })
}
