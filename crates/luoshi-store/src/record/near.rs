//! Records of a kind that matter to a unit: its own, those of the units above it and of those below.

use crate::{Fault, Tx, unit};
use jiff::civil::Date;
use luoshi_rules::Scope;

/// One of them, as far as everybody there may know.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// the day
    pub on: Date,
    /// what it was about
    pub topic: String,
    /// short name of the unit that keeps it
    pub unit_name: String,
}

/// Those with a tag in a stretch of days, by day.
pub fn near(
    tx: &Tx,
    scope: &Scope,
    (kind, tag): (&str, &str),
    (first, last): (Date, Date),
) -> Result<Vec<Near>, Fault> {
    let sql = "select r.on_date, r.data ->> 'topic', u.short_name from record r
                 join unit u on u.top_id = r.top_id and u.id = r.unit_id
                where r.top_id = $1 and ((r.path >= $2 and r.path < $3) or substr($2, 1, length(r.path)) = r.path)
                  and r.kind = $4 and ' ' || coalesce(r.tags, '') || ' ' like '% ' || $5 || ' %'
                  and r.on_date >= $6 and r.on_date <= $7 and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
                order by r.on_date, r.id limit 100";
    let mut args = unit::range(scope).to_vec();
    args.extend([kind.into(), tag.into(), first.into(), last.into()]);
    tx.rows(sql, &args, |row| Ok(Near { on: row.parse(0)?, topic: row.text(1)?, unit_name: row.text(2)? }))
}
