//! Records that a figure counts and a reader may not open any more: those of units that stood below on that day and
//! have left since.

use super::{Asked, Part};
use crate::{Fault, Tx};
use luoshi_rules::{Figure, Scope};

/// How many records a figure counts of units that have left the scope since.
pub fn gone(tx: &Tx, scope: &Scope, (figure, asked): (&Figure, &Asked), part: &Part) -> Result<i64, Fault> {
    let sql = "select r.kind, coalesce(r.tags, ''), b.level, b.class, count(*), substr(r.on_date, 6, 2)
                 from record r
                 join unit_past b on b.top_id = r.top_id and b.unit_id = r.unit_id
                      and b.until_date = (select min(p.until_date) from unit_past p
                                           where p.top_id = r.top_id and p.unit_id = r.unit_id
                                             and p.until_date >= r.on_date)
                where r.top_id = $1 and r.on_date >= $4 and r.on_date <= $5
                  and r.unit_id in (select g.unit_id from unit_past g join unit u on u.top_id = g.top_id and u.id = g.unit_id
                                     where g.top_id = $1 and not (u.path >= $2 and u.path < $3))
                  and exists (select 1 from unit t left join unit_past q on q.top_id = t.top_id and q.unit_id = t.id
                               where t.top_id = $1 and t.path = $2
                                 and (substr(b.path, 1, length(t.path)) = t.path
                                      or substr(b.path, 1, length(q.path)) = q.path))
                  and r.written <= $6 and ($7 like '%|' || r.kind || '|%' or r.tags like '%also:%') and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                     and n.version > r.version and n.written <= $6)
                group by r.kind, coalesce(r.tags, ''), b.level, b.class, substr(r.on_date, 6, 2)";
    let args = asked.args(scope, |one| one.id == figure.id);
    let rows = tx.rows(sql, &args, |row| {
        let (kind, tags, level, class) = (row.text(0)?, row.text(1)?, row.text(2)?, row.text(3)?);
        let of_part = (part.class.is_empty() || part.class == class) && (part.level.is_empty() || part.level == level);
        let counts =
            of_part && figure.fits(&kind, &tags) && figure.covers(&level, &class) && figure.falls(row.parse(5)?);
        Ok(if counts { row.int(4)? } else { 0 })
    })?;
    Ok(rows.iter().sum())
}
