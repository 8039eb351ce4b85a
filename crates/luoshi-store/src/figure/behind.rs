//! The records behind a figure, newest first: what a number opens to.
//!
//! One statement in five ways of reading, since the quickest to the newest fifty depends on what is asked: all of an
//! organisation by day, or by its one kind and what counts for that also; a part of it by place, and joint meetings kept
//! elsewhere.

use super::Asked;
use crate::{FOREVER, Fault, Row, Tx};
use jiff::civil::Date;
use luoshi_rules::figure::Counted;
use luoshi_rules::{Figure, Scope};

/// A record behind a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Behind {
    /// the record
    pub record: i64,
    /// its version
    pub version: i64,
    /// its unit
    pub unit: i64,
    /// short name of the unit
    pub unit_name: String,
    /// its level and class
    pub sort: (String, String),
    /// kind
    pub kind: String,
    /// the day
    pub on: Date,
    /// the first answer of its form
    pub topic: String,
    /// what it adds, with people counted for this record alone
    pub n: i64,
}

/// Which of the records behind a figure are wanted.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// a class of units, or empty
    pub class: String,
    /// a level of units, or empty
    pub level: String,
    /// continue after this record: its day and id
    pub after: Option<(Date, i64)>,
    /// how many at most
    pub most: i64,
}

/// The records behind one figure, newest first. Where it chooses by several options more is read until there are enough.
pub fn behind(tx: &Tx, scope: &Scope, (figure, asked): (&Figure, &Asked), part: &Part) -> Result<Vec<Behind>, Fault> {
    let (mut part, mut found) = (part.clone(), Vec::new());
    if figure.record.is_empty() {
        return Ok(found);
    }
    let (Some(class), Some(level)) = (chosen(&part.class, &figure.class), chosen(&part.level, &figure.level)) else {
        return Ok(found);
    };
    let wanted = usize::try_from(part.most).unwrap_or(0);
    loop {
        let rows = newest(tx, scope, (figure, asked), (&class, &level), &part)?;
        let more = rows.len() >= wanted && wanted > 0;
        part.after = rows.last().map(|(_, last)| (last.on, last.record));
        found.extend(rows.into_iter().filter(|(tags, one)| counts(figure, tags, one)).map(|(_, one)| one));
        if !more || found.len() >= wanted {
            found.truncate(wanted);
            return Ok(found);
        }
    }
}

fn counts(figure: &Figure, tags: &str, one: &Behind) -> bool {
    figure.fits(&one.kind, tags) && figure.covers(&one.sort.0, &one.sort.1) && figure.falls(one.on.month())
}

/// Between bars, the classes or levels that are asked for and that the figure looks at; empty where it is all of them,
/// `None` where there are none.
fn chosen(asked: &str, known: &[String]) -> Option<String> {
    match known.iter().any(|one| one == asked) {
        _ if known.is_empty() && asked.is_empty() => Some(String::new()),
        _ if asked.is_empty() => Some(format!("|{}|", known.join("|"))),
        known_one => (known_one || known.is_empty()).then(|| format!("|{asked}|")),
    }
}

/// The days that are asked for and that the figure looks at, where they lie in one year.
fn days(figure: &Figure, asked: &Asked) -> (Date, Date) {
    match figure.months {
        Some([first, last]) if asked.first.year() == asked.last.year() => {
            let of = |month: i8| Date::new(asked.first.year(), month, 1).unwrap_or(asked.first);
            (asked.first.max(of(first)), asked.last.min(of(last).last_of_month()))
        }
        _ => (asked.first, asked.last),
    }
}

/// Records with what each adds, of which `$which` says which stand where they are read from: newest first, at most $13
/// after the record $12 of day $11. The level and class that count are those of `$counted` on the day: its own unit's, or
/// the unit's that took part. The end of a unit's past stands as an expression, or SQLite sorts all records first.
macro_rules! newest {
    (counted: $counted:literal, joined: $joined:literal, which: $which:literal, order: $order:literal) => {
        concat!(
            "select r.unit_id, substr(r.on_date, 1, 7), r.kind, coalesce(r.tags, ''), r.id, r.version, u.short_name,
                    r.on_date, r.data, cast(l.people as text),
                    coalesce(b.level, ", $counted, ".level), coalesce(b.class, ", $counted, ".class),
                    (select cast(coalesce(sum(case s.role when 'absent' then -1 when 'guest' then 1 else 0 end), 0) as bigint)
                       from record_person s
                      where s.top_id = r.top_id and s.record_id = r.id and s.version = r.version),
                    (select count(distinct s.person_id) from record_person s
                      where s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
                        and s.role <> 'absent' and (s.role = $14 or $14 = ''))
               from record r
               join unit u on u.top_id = r.top_id and u.id = r.unit_id ", $joined, "
               left join unit_past b on b.top_id = r.top_id and b.unit_id = ", $counted, ".id
                    and b.until_date || '' = (select min(p.until_date) from unit_past p
                                               where p.top_id = r.top_id and p.unit_id = ", $counted, ".id
                                                 and p.until_date >= r.on_date)
               left join roll l on l.top_id = r.top_id and l.digest = r.roll
              where r.top_id = $1 and ", $which, "
                and r.written <= $6 and coalesce(r.withdrawn, '') = ''
                and (' ' || coalesce(r.tags, '') || ' ' like '% ' || $8 || ' %' or $8 = '')
                and ($9 like '%|' || coalesce(b.class, ", $counted, ".class) || '|%' or $9 = '')
                and ($10 like '%|' || coalesce(b.level, ", $counted, ".level) || '|%' or $10 = '')
                and exists (select 1 from unit t left join unit_past q on q.top_id = t.top_id and q.unit_id = t.id
                             where t.top_id = $1 and t.path = $2
                               and (substr(coalesce(b.path, ", $counted, ".path), 1, length(t.path)) = t.path
                                    or substr(coalesce(b.path, ", $counted, ".path), 1, length(q.path)) = q.path))
                and (r.on_date < $11 or (r.on_date = $11 and r.id < $12))
                and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                   and n.version > r.version and n.written <= $6)
              order by ", $order, " desc, r.id desc limit $13"
        )
    };
}

/// Those of a part of the organisation, by place.
const OF_PLACE: &str = newest!(
    counted: "u",
    joined: "",
    which: "r.path >= $2 and r.path < $3 and r.on_date >= $4 and r.on_date <= $5
            and ($7 like '%|' || r.kind || '|%' or r.tags like '%also:%')",
    order: "r.on_date"
);

/// Those of a whole organisation, day by day by the index `record_by_day` until there are enough. Every place lies in
/// it, so that none is compared: PostgreSQL would expect too few and sort them all.
const OF_TOP: &str = newest!(
    counted: "u",
    joined: "",
    which: "$2 < $3 and r.on_date || '' >= $4 and r.on_date || '' <= $5
            and ($7 like '%|' || r.kind || '|%' or r.tags like '%also:%')",
    order: "r.on_date || ''"
);

/// Those of a whole organisation and one kind, $7 without its bars, by the index `record_by_kind`: of a rare kind
/// nothing else is read.
const OF_KIND: &str = newest!(
    counted: "u",
    joined: "",
    which: "r.kind = replace($7, '|', '')
            and $2 < $3 and r.on_date >= $4 and r.on_date <= $5",
    order: "r.on_date"
);

/// Those of a whole organisation that were kept as another kind and count for this one also, by `record_also`.
const ALSO: &str = newest!(
    counted: "u",
    joined: "",
    which: "r.tags like '%also:%' and $7 not like '%|' || r.kind || '|%'
            and $2 < $3 and r.on_date >= $4 and r.on_date <= $5",
    order: "r.on_date"
);

/// Joint meetings kept outside a scope in which units of it took part. A record is counted where it is kept. Where only
/// a unit that took part is asked for, it is counted there, once, whatever number of units took part: so every unit has
/// it, and no sum has it twice.
const JOINT: &str = newest!(
    counted: "k",
    joined: "join unit k on k.top_id = r.top_id and k.id = (
                    select min(j.unit_id) from joint j
                     where j.top_id = $1 and j.record_id = r.id and j.path >= $2 and j.path < $3
                       and j.confirmed <> '' and j.confirmed <= $6)",
    which: "not (r.path >= $2 and r.path < $3) and r.on_date >= $4 and r.on_date <= $5
            and r.id in (select j.record_id from joint j
                          where j.top_id = $1 and j.path >= $2 and j.path < $3
                            and j.confirmed <> '' and j.confirmed <= $6)
            and ($7 like '%|' || r.kind || '|%' or r.tags like '%also:%')",
    order: "r.on_date"
);

/// All of them, for the catalogue.
#[cfg(test)]
pub(crate) const STATEMENTS: [&str; 5] = [OF_PLACE, OF_TOP, OF_KIND, ALSO, JOINT];

/// The newest records of a figure with their tags, chosen by the first of its options alone.
fn newest(
    tx: &Tx,
    scope: &Scope,
    (figure, asked): (&Figure, &Asked),
    (class, level): (&str, &str),
    part: &Part,
) -> Result<Vec<(String, Behind)>, Fault> {
    let one = figure.filter.iter().find(|(_, option)| !option.contains(' '));
    let tag = one.map(|(field, option)| format!("{field}:{option}"));
    let (day, id) = part.after.map_or((FOREVER.to_owned(), 0), |(day, id)| (day.to_string(), id));
    let (first, last) = days(figure, asked);
    let last = part.after.map_or(last, |(day, _)| day.min(last));
    let asked = Asked { figures: vec![figure.clone()], first, last, ..*asked };
    let mut args = asked.args(scope, |_| true);
    args.extend([tag.unwrap_or_default().into(), class.into(), level.into()]);
    args.extend([day.into(), id.into(), part.most.into(), figure.role.as_str().into()]);
    let statements: &[&str] = match (scope.is_whole(), figure.record.len()) {
        (true, 1) => &[OF_KIND, ALSO],
        (true, _) => &[OF_TOP],
        (false, _) => &[OF_PLACE, JOINT],
    };
    let mut rows = Vec::new();
    for sql in statements {
        rows.extend(tx.rows(sql, &args, |row| Ok((row.text(3)?, one_behind(row, figure)?)))?);
    }
    rows.sort_by_key(|(_, one)| std::cmp::Reverse((one.on, one.record)));
    rows.truncate(usize::try_from(part.most).unwrap_or(0));
    Ok(rows)
}

fn one_behind(row: &Row, figure: &Figure) -> Result<Behind, Fault> {
    let (data, roll) = (row.json(8)?, row.text(9)?);
    let due = if roll.len() < 3 { 0 } else { roll.matches(',').count() as i64 + 1 };
    let n = match figure.count {
        Counted::Records => 1,
        Counted::Present => due + row.int(12)?,
        Counted::Sum => data[&figure.field].as_i64().unwrap_or(0),
        Counted::Each => data[&figure.field].as_i64().unwrap_or(0) * (due + row.int(12)?),
        Counted::People if figure.role.is_empty() => (due + row.int(12)?).max(row.int(13)?),
        Counted::People => row.int(13)?,
    };
    let topic = data["topic"].as_str().unwrap_or_default().to_owned();
    let (unit, kind, record) = (row.int(0)?, row.text(2)?, row.int(4)?);
    let sort = (row.text(10)?, row.text(11)?);
    Ok(Behind { sort, record, version: row.int(5)?, unit, unit_name: row.text(6)?, kind, on: row.parse(7)?, topic, n })
}

#[cfg(test)]
mod tests {
    use super::{ALSO, OF_KIND, OF_TOP};
    use crate::catalogue::must_be_read_through;

    #[test]
    fn rows_behind_a_figure_of_a_whole_organisation_are_read_in_their_order_and_not_sorted() {
        must_be_read_through("INDEX record_by_day", (OF_TOP, 14));
        let of_kind = "INDEX record_by_kind (top_id=? AND kind=? AND on_date>? AND on_date<?)";
        must_be_read_through(of_kind, (OF_KIND, 14));
        must_be_read_through("INDEX record_also", (ALSO, 14));
    }
}
