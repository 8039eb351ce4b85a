//! What a unit had and passed on: it stands on no board of the unit any more, and is told as history.

use super::Line;
use super::read;
use crate::{Fault, Tx, Value, unit};
use jiff::civil::Date;
use luoshi_rules::Scope;

/// A matter that a unit of a scope passed on to one outside it.
#[derive(Debug, Clone)]
pub struct Passed {
    /// the matter as it stands today
    pub line: Line,
    /// short name of the unit that had it
    pub from: String,
    /// short name of the unit to which it passed
    pub to: String,
    /// why
    pub note: String,
    /// the day
    pub on: Date,
}

/// What was passed on by units of a scope and has no unit there any more, by the last turn that took it out; the newest
/// matter first, after the one named, so many at most.
pub fn passed(tx: &Tx, scope: &Scope, (after, most): (i64, i64)) -> Result<Vec<Passed>, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, o.short_name,
                      m.top_id, m.path, m.opener_path, m.parent_id, m.round_id,
                      s.step, s.open, s.limit_on, s.touched, s.ring_on, f.short_name, t.short_name, n.note, n.on_date
                 from matter_turn n
                 join unit f on f.top_id = n.top_id and f.id = n.unit_id
                 join matter m on m.top_id = n.top_id and m.id = n.matter_id
                 join matter_state s on s.top_id = n.top_id and s.matter_id = n.matter_id
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 left join unit o on o.top_id = m.top_id and o.id = m.opener_id
                 left join unit t on t.top_id = n.top_id and t.id = n.other_id
                where n.top_id = $1 and n.sort in ('handed', 'given') and f.path >= $2 and f.path < $3
                  and not (m.path >= $2 and m.path < $3) and not (m.opener_path >= $2 and m.opener_path < $3)
                  and not exists (select 1 from matter_helper h
                                    join unit hu on hu.top_id = h.top_id and hu.id = h.unit_id
                                   where h.top_id = $1 and h.matter_id = m.id and hu.path >= $2 and hu.path < $3)
                  and not exists (select 1 from matter_turn k
                                    join unit ku on ku.top_id = k.top_id and ku.id = k.unit_id
                                   where k.top_id = $1 and k.matter_id = m.id and k.sort in ('handed', 'given')
                                     and k.no > n.no and ku.path >= $2 and ku.path < $3)
                  and m.id < $4
                order by m.id desc limit $5";
    let mut args: Vec<Value> = unit::range(scope).to_vec();
    args.extend([after.into(), most.into()]);
    tx.rows(sql, &args, |row| {
        let (from, to, note) = (row.text(19)?, row.text(20)?, row.text(21)?);
        Ok(Passed { line: read::standing_line(row)?, from, to, note, on: row.parse(22)? })
    })
}
