//! Where a unit stands, and every copy of it. A move rewrites them all in the transaction of the move, so that rights,
//! lists and figures follow at once. These are the only updates of tables of facts, and of no column but the path.

use crate::{Fault, Tx, Value, rollup};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::{Refusal, UnitPath};

/// The copies kept in rows of one organisation: parameters are organisation, old place, new place, end of old places.
const COPIES: [&str; 10] = [
    "update unit set path = $3 || substr(path, length($2) + 1) where top_id = $1 and path >= $2 and path < $4",
    "update person set path = $3 || substr(path, length($2) + 1) where top_id = $1 and path >= $2 and path < $4",
    "update holding set path = $3 || substr(path, length($2) + 1) where top_id = $1 and path >= $2 and path < $4",
    "update term set path = $3 || substr(path, length($2) + 1) where top_id = $1 and path >= $2 and path < $4",
    "update record set path = $3 || substr(path, length($2) + 1) where top_id = $1 and path >= $2 and path < $4",
    "update plan set path = $3 || substr(path, length($2) + 1) where top_id = $1 and path >= $2 and path < $4",
    "update joint set path = $3 || substr(path, length($2) + 1) where top_id = $1 and path >= $2 and path < $4",
    "update waiver set path = $3 || substr(path, length($2) + 1) where top_id = $1 and path >= $2 and path < $4",
    "update matter set opener_path = $3 || substr(opener_path, length($2) + 1)
      where top_id = $1 and opener_path >= $2 and opener_path < $4",
    "update matter_state set opener_path = $3 || substr(opener_path, length($2) + 1)
      where top_id = $1 and opener_path >= $2 and opener_path < $4",
];

/// Moves a subtree from one place to another as of a day, with the organisations below it that administer themselves.
pub(super) fn shift(tx: &Tx, top: i64, from: &UnitPath, to: &UnitPath, on: Date) -> Result<(), Fault> {
    let places: [Value; 3] = [from.as_str().into(), to.as_str().into(), from.end().into()];
    let sql = "select top_id from top where path >= $1 and path < $2 -- fanout: dictionary of organisations";
    let mut tops = tx.rows(sql, &[from.as_str().into(), from.end().into()], |row| row.int(0))?;
    tops.push(top);
    for top in tops {
        rollup::restated(tx, top, (from.as_str(), &from.end(), &on.to_string()), || {
            remember(tx, (top, 0), from, on)?;
            let mut args = vec![top.into()];
            args.extend(places.clone());
            COPIES.iter().try_for_each(|sql| tx.run(sql, &args).map(drop))
        })?;
    }
    for sql in [
        "update matter set path = $2 || substr(path, length($1) + 1) where path >= $1 and path < $3
         -- fanout: a letter may come from another organisation",
        "update matter_state set path = $2 || substr(path, length($1) + 1) where path >= $1 and path < $3
         -- fanout: a letter may come from another organisation",
    ] {
        tx.run(sql, &places)?;
    }
    let sql = "update top set path = $2 || substr(path, length($1) + 1) where path >= $1 and path < $3
               -- fanout: dictionary of organisations";
    tx.run(sql, &places).map(drop)
}

/// Writes down what the units at a place and below were until the day before a change; only the one named, if its key
/// is not 0. What was founded or changed on that very day was nothing else before.
pub(super) fn remember(tx: &Tx, (top, only): (i64, i64), at: &UnitPath, on: Date) -> Result<(), Fault> {
    let range: [Value; 4] = [top.into(), at.as_str().into(), at.end().into(), only.into()];
    let args = |day: Date| range.iter().cloned().chain([day.into()]).collect::<Vec<Value>>();
    let sql = "select short_name, since from unit
                where top_id = $1 and path >= $2 and path < $3 and (id = $4 or $4 = 0) and since > $5 and since > founded
                order by since desc limit 1";
    if let Some((name, since)) = tx.rows(sql, &args(on), |row| Ok((row.text(0)?, row.text(1)?)))?.pop() {
        return Err(too_early(&name, &since).into());
    }
    let last = on.saturating_sub(1.day());
    let sql = "insert into unit_past (top_id, unit_id, until_date, from_date, path, level, class, code, parts,
                                      short_name, full_name)
               select top_id, id, $5, since, path, level, class, code, parts, short_name, full_name from unit
                where top_id = $1 and path >= $2 and path < $3 and (id = $4 or $4 = 0) and since <= $5";
    tx.run(sql, &args(last))?;
    let sql = "update unit set since = $5
                where top_id = $1 and path >= $2 and path < $3 and (id = $4 or $4 = 0) and since < $5";
    tx.run(sql, &args(on)).map(drop)
}

/// A change may not lie before the last one.
pub(super) fn too_early(name: &str, since: &str) -> Refusal {
    Refusal::field(
        "on",
        format!("“{name}”最近一次变更在 {since}，日期不能早于那一天"),
        format!("“{name}” last changed on {since}; the day cannot be earlier"),
    )
}
