//! What figures are made of, the records behind them, a unit's own figures, and those quoted in papers.

use crate::{FOREVER, Fault, Row, Tx, Value, audit, needs, new_id, secret, unit};
use jiff::civil::Date;
use luoshi_rules::figure::Counted;
use luoshi_rules::{Figure, Permit, Refusal, Scope, Verb};

mod gone;
mod joint;
mod standers;

pub use gone::gone;
pub use standers::{Stander, standers};

/// Most records behind a figure that are quoted or listed at once.
pub const MOST_ROWS: i64 = 200_000;

/// Which records figures are made of.
#[derive(Debug, Clone)]
pub struct Asked {
    /// figures that are wanted
    pub figures: Vec<Figure>,
    /// first day
    pub first: Date,
    /// last day
    pub last: Date,
    /// leaves out what was written after this day: "as known on"
    pub known: Option<Date>,
    /// told apart by the places directly below
    pub by_below: bool,
}

impl Asked {
    /// The kinds of some of the figures, between bars; empty for none.
    pub(crate) fn kinds(&self, wanted: impl Fn(&Figure) -> bool) -> String {
        let kinds: Vec<&str> =
            self.figures.iter().filter(|one| wanted(one)).flat_map(|one| &one.record).map(String::as_str).collect();
        if kinds.is_empty() { String::new() } else { format!("|{}|", kinds.join("|")) }
    }

    fn args(&self, scope: &Scope, wanted: impl Fn(&Figure) -> bool) -> Vec<Value> {
        let known = self.known.map_or(FOREVER.to_owned(), |day| day.to_string());
        let mut args = unit::range(scope).to_vec();
        args.extend([self.first.into(), self.last.into(), known.into(), self.kinds(wanted).into()]);
        args
    }
}

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
    let wanted = usize::try_from(part.most).unwrap_or(0);
    loop {
        let rows = newest(tx, scope, (figure, asked), &part)?;
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

/// The newest records of a scope that a figure may look at, which stood below it on their day.
const NEWEST: &str = "select r.unit_id, substr(r.on_date, 1, 7), r.kind, coalesce(r.tags, ''), r.id, r.version, u.short_name,
                      r.on_date, r.data, cast(l.people as text), coalesce(b.level, u.level), coalesce(b.class, u.class),
                      (select cast(coalesce(sum(case s.role when 'absent' then -1 when 'guest' then 1 else 0 end), 0) as bigint)
                         from record_person s
                        where s.top_id = r.top_id and s.record_id = r.id and s.version = r.version),
                      (select count(distinct s.person_id) from record_person s
                        where s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
                          and s.role <> 'absent' and (s.role = $14 or $14 = ''))
                 from record r
                 join unit u on u.top_id = r.top_id and u.id = r.unit_id
                 left join unit_past b on b.top_id = r.top_id and b.unit_id = r.unit_id
                      and b.until_date = (select min(p.until_date) from unit_past p
                                           where p.top_id = r.top_id and p.unit_id = r.unit_id
                                             and p.until_date >= r.on_date)
                 left join roll l on l.top_id = r.top_id and l.digest = r.roll
                where r.top_id = $1 and r.path >= $2 and r.path < $3 and r.on_date >= $4 and r.on_date <= $5
                  and r.written <= $6 and ($7 like '%|' || r.kind || '|%' or r.tags like '%also:%') and coalesce(r.withdrawn, '') = ''
                  and (' ' || coalesce(r.tags, '') || ' ' like '% ' || $8 || ' %' or $8 = '')
                  and (coalesce(b.class, u.class) = $9 or $9 = '') and (coalesce(b.level, u.level) = $10 or $10 = '')
                  and exists (select 1 from unit t left join unit_past q on q.top_id = t.top_id and q.unit_id = t.id
                               where t.top_id = $1 and t.path = $2
                                 and (substr(coalesce(b.path, u.path), 1, length(t.path)) = t.path
                                      or substr(coalesce(b.path, u.path), 1, length(q.path)) = q.path))
                  and (r.on_date < $11 or (r.on_date = $11 and r.id < $12))
                  and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                     and n.version > r.version and n.written <= $6)
                order by r.on_date desc, r.id desc limit $13";

/// The same of a whole organisation, read in their order by the index `record_by_day` until there are enough: the end
/// of a unit's past stands as an expression, or SQLite sorts all of them first.
const NEWEST_OF_TOP: &str = "select r.unit_id, substr(r.on_date, 1, 7), r.kind, coalesce(r.tags, ''), r.id, r.version, u.short_name,
                      r.on_date, r.data, cast(l.people as text), coalesce(b.level, u.level), coalesce(b.class, u.class),
                      (select cast(coalesce(sum(case s.role when 'absent' then -1 when 'guest' then 1 else 0 end), 0) as bigint)
                         from record_person s
                        where s.top_id = r.top_id and s.record_id = r.id and s.version = r.version),
                      (select count(distinct s.person_id) from record_person s
                        where s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
                          and s.role <> 'absent' and (s.role = $14 or $14 = ''))
                 from record r
                 join unit u on u.top_id = r.top_id and u.id = r.unit_id
                 left join unit_past b on b.top_id = r.top_id and b.unit_id = r.unit_id
                      and b.until_date || '' = (select min(p.until_date) from unit_past p
                                           where p.top_id = r.top_id and p.unit_id = r.unit_id
                                             and p.until_date >= r.on_date)
                 left join roll l on l.top_id = r.top_id and l.digest = r.roll
                where r.top_id = $1 and r.path || '' >= $2 and r.path || '' < $3
                  and r.on_date || '' >= $4 and r.on_date || '' <= $5
                  and r.written <= $6 and ($7 like '%|' || r.kind || '|%' or r.tags like '%also:%') and coalesce(r.withdrawn, '') = ''
                  and (' ' || coalesce(r.tags, '') || ' ' like '% ' || $8 || ' %' or $8 = '')
                  and (coalesce(b.class, u.class) = $9 or $9 = '') and (coalesce(b.level, u.level) = $10 or $10 = '')
                  and exists (select 1 from unit t left join unit_past q on q.top_id = t.top_id and q.unit_id = t.id
                               where t.top_id = $1 and t.path = $2
                                 and (substr(coalesce(b.path, u.path), 1, length(t.path)) = t.path
                                      or substr(coalesce(b.path, u.path), 1, length(q.path)) = q.path))
                  and (r.on_date < $11 or (r.on_date = $11 and r.id < $12))
                  and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                     and n.version > r.version and n.written <= $6)
                order by r.on_date || '' desc, r.id desc limit $13";

/// The newest records of a figure with their tags, chosen by the first of its options alone.
fn newest(
    tx: &Tx,
    scope: &Scope,
    (figure, asked): (&Figure, &Asked),
    part: &Part,
) -> Result<Vec<(String, Behind)>, Fault> {
    let one = figure.filter.iter().find(|(_, option)| !option.contains(' '));
    let tag = one.map(|(field, option)| format!("{field}:{option}"));
    let (day, id) = part.after.map_or((FOREVER.to_owned(), 0), |(day, id)| (day.to_string(), id));
    let last = part.after.map_or(asked.last, |(day, _)| day.min(asked.last));
    let mut args = Asked { last, ..asked.clone() }.args(scope, |one| one.id == figure.id);
    args.extend([tag.unwrap_or_default().into(), part.class.as_str().into(), part.level.as_str().into()]);
    args.extend([day.into(), id.into(), part.most.into(), figure.role.as_str().into()]);
    let sql = if scope.is_whole() { NEWEST_OF_TOP } else { NEWEST };
    let mut rows = tx.rows(sql, &args, |row| Ok((row.text(3)?, one_behind(row, figure)?)))?;
    if !scope.is_whole() {
        rows.extend(joint::newest(tx, &args, figure)?);
        rows.sort_by_key(|(_, one)| std::cmp::Reverse((one.on, one.record)));
        rows.truncate(usize::try_from(part.most).unwrap_or(0));
    }
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

/// The digest of the records behind a figure: their keys, versions and what each adds.
pub fn digest(rows: &[Behind]) -> String {
    let mut keys: Vec<String> = rows.iter().map(|one| format!("{}.{}={}", one.record, one.version, one.n)).collect();
    keys.sort_unstable();
    secret::digest(keys.join("\n").as_bytes())
}

/// Keeps a figure of the unit's own, in place of an earlier one with this key.
pub fn keep(tx: &Tx, permit: &Permit, key: &str, text: &str) -> Result<(), Fault> {
    needs(permit, Verb::Write)?;
    let sql = "insert into figure_own (top_id, unit_id, figure, text, actor_id, on_date, dropped)
               values ($1, $2, $3, $4, $5, $6, 0)
               on conflict (top_id, unit_id, figure)
               do update set text = excluded.text, actor_id = excluded.actor_id, on_date = excluded.on_date, dropped = 0";
    let (top, unit) = (permit.top().into(), permit.unit().into());
    tx.run(sql, &[top, unit, key.into(), text.into(), permit.person().into(), permit.today().into()])?;
    audit::note(tx, permit, "figure.keep", permit.unit(), key)
}

/// Takes a figure of the unit's own off its page.
pub fn drop_own(tx: &Tx, permit: &Permit, key: &str) -> Result<(), Fault> {
    needs(permit, Verb::Write)?;
    let sql = "update figure_own set dropped = $4 where top_id = $1 and unit_id = $2 and figure = $3 and dropped = 0";
    if tx.run(sql, &[permit.top().into(), permit.unit().into(), key.into(), crate::now().into()])? == 0 {
        return Err(Fault::NotFound);
    }
    audit::note(tx, permit, "figure.drop", permit.unit(), key)
}

/// A unit's own figures, as TOML.
pub fn own(tx: &Tx, scope: &Scope, at: i64) -> Result<Vec<String>, Fault> {
    let sql = "select text from figure_own where top_id = $1 and unit_id = $2 and dropped = 0 order by figure";
    tx.rows(sql, &[scope.top().into(), at.into()], |row| row.text(0))
}

/// Figures of their own of all units of an organisation, as TOML.
pub fn own_of_top(tx: &Tx, top: i64) -> Result<Vec<String>, Fault> {
    let sql = "select text from figure_own where top_id = $1 and dropped = 0 order by unit_id, figure";
    tx.rows(sql, &[top.into()], |row| row.text(0))
}

/// A figure quoted in a paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// key
    pub id: i64,
    /// the definition, as TOML
    pub figure: String,
    /// first day
    pub first: Date,
    /// last day
    pub last: Date,
    /// the number
    pub n: i64,
    /// records behind it
    pub rows: i64,
    /// their digest
    pub digest: String,
    /// where it was quoted
    pub paper: String,
    /// who quoted it
    pub by: String,
    /// when
    pub on: Date,
}

/// Freezes a figure as it is quoted. `rows` are all the records behind it.
pub fn quote(tx: &Tx, permit: &Permit, quote: &Quote) -> Result<i64, Fault> {
    needs(permit, Verb::Write)?;
    if quote.paper.trim().chars().count() < 2 || quote.paper.chars().count() > 200 {
        return Err(Refusal::field(
            "paper",
            "请写明用于哪份材料（2至200字）",
            "say in which paper it is quoted (2 to 200 characters)",
        )
        .into());
    }
    if quote.rows >= MOST_ROWS {
        return Err(Refusal::rule("记录太多，请缩小范围", "too many records; choose a smaller part").into());
    }
    let id = new_id();
    let sql = "insert into figure_quote (top_id, unit_id, id, figure, first_date, last_date, n, rows, digest, paper,
                                         actor_id, on_date)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let args = [
        permit.top().into(),
        permit.unit().into(),
        id.into(),
        quote.figure.as_str().into(),
        quote.first.into(),
        quote.last.into(),
        quote.n.into(),
        quote.rows.into(),
        quote.digest.as_str().into(),
        quote.paper.trim().into(),
        permit.person().into(),
        permit.today().into(),
    ];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "figure.quote", id, &quote.n.to_string())?;
    Ok(id)
}

/// What a unit quoted, newest first; at most a hundred.
pub fn quotes(tx: &Tx, scope: &Scope, at: i64) -> Result<Vec<Quote>, Fault> {
    let sql = "select q.id, q.figure, q.first_date, q.last_date, q.n, q.rows, q.digest, q.paper, p.name, q.on_date
                 from figure_quote q left join person p on p.top_id = q.top_id and p.id = q.actor_id
                where q.top_id = $1 and q.unit_id = $2 order by q.id desc limit 100";
    tx.rows(sql, &[scope.top().into(), at.into()], |row| {
        Ok(Quote {
            id: row.int(0)?,
            figure: row.text(1)?,
            first: row.parse(2)?,
            last: row.parse(3)?,
            n: row.int(4)?,
            rows: row.int(5)?,
            digest: row.text(6)?,
            paper: row.text(7)?,
            by: row.text(8)?,
            on: row.parse(9)?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::NEWEST_OF_TOP;
    use crate::{Db, Keys, Value};

    #[test]
    fn rows_behind_a_figure_of_a_whole_organisation_are_read_in_their_order_and_not_sorted() {
        let file = std::env::temp_dir().join(format!("luoshi-rows-{}.db", crate::new_id()));
        let db = Db::open(&file.display().to_string(), Keys::new(&[1; 32])).unwrap();
        let args: Vec<Value> = (1..=14).map(Value::Int).collect();
        let plan = format!("explain query plan {NEWEST_OF_TOP}");
        let steps = db.read(|tx| tx.rows(&plan, &args, |row| row.text(3))).unwrap();
        let through = steps.iter().any(|step| step.contains("USING INDEX record_by_day"));
        assert!(through && !steps.iter().any(|step| step.contains("ORDER BY")), "{steps:#?}");
        std::fs::remove_file(file).unwrap();
    }
}
