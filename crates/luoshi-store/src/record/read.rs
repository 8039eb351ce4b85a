//! Reading records: the newest version of each counts, and older ones can be looked at.

use crate::{Fault, Row, Tx};
use jiff::civil::Date;
use luoshi_rules::{Permit, Record, Scope};

/// Which records of a scope are wanted.
#[derive(Debug, Clone)]
pub struct Filter {
    /// a kind, or empty for all
    pub kind: String,
    /// first day
    pub first: Date,
    /// last day
    pub last: Date,
    /// only those of this unit, or 0 for the whole subtree
    pub unit: i64,
    /// continue after this record: its day and id
    pub after: Option<(Date, i64)>,
    /// how many at most
    pub most: i64,
}

/// A record in a list.
#[derive(Debug, Clone)]
pub struct Line {
    /// the record
    pub record: Record,
    /// short name of its unit
    pub unit_name: String,
    /// name of who wrote it
    pub author_name: String,
}

/// Records of a scope, newest first, of which `$which` says which stand where they are read from.
macro_rules! newest {
    (which: $which:literal, order: $order:literal) => {
        concat!(
            "select r.id, r.version, r.unit_id, r.kind, r.on_date, r.written, r.author_id, r.data, r.makes_up,
                    r.withdrawn, u.short_name, p.name
               from record r
               join unit u on u.top_id = r.top_id and u.id = r.unit_id
               left join person p on p.top_id = r.top_id and p.id = r.author_id
              where r.top_id = $1 and ",
            $which,
            " and (r.unit_id = $7 or $7 = 0)
                and (r.on_date < $8 or (r.on_date = $8 and r.id < $9))
                and coalesce(r.withdrawn, '') = ''
                and not exists (select 1 from record n
                                 where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
              order by ",
            $order,
            " desc, r.id desc limit $10"
        )
    };
}

/// The newest of a subtree or a unit: its records are few, and are sorted.
const OF_SUBTREE: &str = newest!(
    which: "r.path >= $2 and r.path < $3 and r.on_date >= $4 and r.on_date <= $5
            and (r.kind = $6 or $6 = '' or ' ' || coalesce(r.tags, '') || ' ' like '% also:' || $6 || ' %')",
    order: "r.on_date"
);

/// The newest of a whole organisation, read in their order by the index `record_by_day` until there are enough. Every
/// place lies in it, so that none is compared: PostgreSQL would expect too few and sort them all.
const OF_TOP: &str = newest!(
    which: "$2 < $3 and r.on_date || '' >= $4 and r.on_date || '' <= $5 and $6 = ''",
    order: "r.on_date || ''"
);

/// The newest of one kind in a whole organisation, by `record_by_kind`: of a rare kind nothing else is read.
const OF_KIND: &str = newest!(
    which: "$2 < $3 and r.kind = $6 and r.on_date >= $4 and r.on_date <= $5",
    order: "r.on_date"
);

/// Those in a whole organisation that were kept as another kind and count for this one also, by `record_also`.
const ALSO: &str = newest!(
    which: "$2 < $3 and r.tags like '%also:%' and ' ' || r.tags || ' ' like '% also:' || $6 || ' %' and r.kind <> $6
            and r.on_date >= $4 and r.on_date <= $5",
    order: "r.on_date"
);

/// All of them, for the catalogue.
#[cfg(test)]
pub(crate) const STATEMENTS: [&str; 4] = [OF_SUBTREE, OF_TOP, OF_KIND, ALSO];

/// Records of a scope, newest first, the withdrawn left out.
pub fn list(tx: &Tx, scope: &Scope, filter: &Filter) -> Result<Vec<Line>, Fault> {
    let statements: &[&str] = match (scope.is_whole() && filter.unit == 0, filter.kind.is_empty()) {
        (true, true) => &[OF_TOP],
        (true, false) => &[OF_KIND, ALSO],
        (false, _) => &[OF_SUBTREE],
    };
    let last = filter.after.map_or(filter.last, |(day, _)| day.min(filter.last));
    let (day, id) = filter.after.map_or((crate::FOREVER.to_owned(), 0), |(day, id)| (day.to_string(), id));
    let args = [
        scope.top().into(),
        scope.from().into(),
        scope.until().into(),
        filter.first.into(),
        last.into(),
        filter.kind.as_str().into(),
        filter.unit.into(),
        day.into(),
        id.into(),
        filter.most.into(),
    ];
    let mut lines = Vec::new();
    for sql in statements {
        lines.extend(tx.rows(sql, &args, line)?);
    }
    if statements.len() > 1 {
        lines.sort_by_key(|line| std::cmp::Reverse((line.record.on, line.record.id)));
        lines.truncate(usize::try_from(filter.most).unwrap_or(0));
    }
    Ok(lines)
}

/// Rows read at once by [`each`].
const BATCH: i64 = 5_000;

/// Gives every record of a scope to `row`, newest first, and keeps none: for lists of any length.
pub fn each(
    tx: &Tx,
    scope: &Scope,
    filter: &Filter,
    mut row: impl FnMut(Line) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut filter = Filter { most: BATCH, ..filter.clone() };
    loop {
        let lines = list(tx, scope, &filter)?;
        filter.after = lines.last().map(|line| (line.record.on, line.record.id));
        let full = lines.len() as i64 == BATCH;
        lines.into_iter().try_for_each(&mut row)?;
        if !full {
            return Ok(());
        }
    }
}

/// How many records [`list`] would give; counts no further than `filter.most`.
pub fn count(tx: &Tx, scope: &Scope, filter: &Filter) -> Result<i64, Fault> {
    let sql = "select count(*) from (
                 select r.id from record r
                  where r.top_id = $1 and r.path >= $2 and r.path < $3 and r.on_date >= $4 and r.on_date <= $5
                    and (r.kind = $6 or $6 = '' or ' ' || coalesce(r.tags, '') || ' ' like '% also:' || $6 || ' %') and (r.unit_id = $7 or $7 = 0) and coalesce(r.withdrawn, '') = ''
                    and not exists (select 1 from record n
                                     where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
                  limit $8) counted";
    let args = [
        scope.top().into(),
        scope.from().into(),
        scope.until().into(),
        filter.first.into(),
        filter.last.into(),
        filter.kind.as_str().into(),
        filter.unit.into(),
        filter.most.into(),
    ];
    tx.row(sql, &args, |row| row.int(0))
}

/// The newest version of a record in a scope.
pub fn find(tx: &Tx, scope: &Scope, id: i64) -> Result<Line, Fault> {
    versions(tx, scope, id)?.pop().ok_or(Fault::NotFound)
}

/// A record of this kind and day that the unit of the permit has already: its id, who wrote it and when.
pub fn same_day(tx: &Tx, permit: &Permit, kind: &str, on: Date) -> Result<Option<(i64, String, Date)>, Fault> {
    let sql = "select r.id, coalesce(p.name, ''), r.written from record r
                 left join person p on p.top_id = r.top_id and p.id = r.author_id
                where r.top_id = $1 and r.unit_id = $2 and r.on_date = $3 and r.kind = $4
                  and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
                order by r.id limit 1";
    let args = [permit.top().into(), permit.unit().into(), on.into(), kind.into()];
    Ok(tx.rows(sql, &args, |row| Ok((row.int(0)?, row.text(1)?, row.parse(2)?)))?.pop())
}

/// The last day on which the unit of the permit held a meeting of this kind between two days.
pub fn last_held(tx: &Tx, permit: &Permit, kind: &str, (first, last): (Date, Date)) -> Result<Option<Date>, Fault> {
    let sql = "select r.on_date from record r
                where r.top_id = $1 and r.unit_id = $2 and r.kind = $3 and r.on_date >= $4 and r.on_date <= $5
                  and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
                order by r.on_date desc limit 1";
    let args = [permit.top().into(), permit.unit().into(), kind.into(), first.into(), last.into()];
    Ok(tx.rows(sql, &args, |row| row.parse(0))?.pop())
}

/// Every version of a record in a scope, oldest first.
pub fn versions(tx: &Tx, scope: &Scope, id: i64) -> Result<Vec<Line>, Fault> {
    let sql = "select r.id, r.version, r.unit_id, r.kind, r.on_date, r.written, r.author_id, r.data, r.makes_up,
                      r.withdrawn, u.short_name, p.name
                 from record r
                 join unit u on u.top_id = r.top_id and u.id = r.unit_id
                 left join person p on p.top_id = r.top_id and p.id = r.author_id
                where r.top_id = $1 and r.id = $2 and r.path >= $3 and r.path < $4
                order by r.version";
    let args = [scope.top().into(), id.into(), scope.from().into(), scope.until().into()];
    tx.rows(sql, &args, line)
}

fn line(row: &Row) -> Result<Line, Fault> {
    Ok(Line { record: record(row)?, unit_name: row.text(10)?, author_name: row.text(11)? })
}

fn record(row: &Row) -> Result<Record, Fault> {
    let withdrawn = row.text(9)?;
    Ok(Record {
        id: row.int(0)?,
        version: row.int(1)?,
        unit: row.int(2)?,
        kind: row.text(3)?,
        on: row.parse(4)?,
        written: row.parse(5)?,
        author: row.int(6)?,
        data: row.json(7)?,
        makes_up: row.text(8)?,
        withdrawn: (!withdrawn.is_empty()).then_some(withdrawn),
    })
}

#[cfg(test)]
mod tests {
    use super::{ALSO, OF_KIND, OF_TOP};
    use crate::catalogue::must_be_read_through;

    #[test]
    fn the_newest_records_of_a_whole_organisation_are_read_in_their_order_and_not_sorted() {
        must_be_read_through("INDEX record_by_day", (OF_TOP, 10));
        let of_kind = "INDEX record_by_kind (top_id=? AND kind=? AND on_date>? AND on_date<?)";
        must_be_read_through(of_kind, (OF_KIND, 10));
        must_be_read_through("INDEX record_also", (ALSO, 10));
    }
}
