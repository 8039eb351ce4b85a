//! What figures are made of, the records behind them, a unit's own figures, and those quoted in papers.

use crate::{FOREVER, Fault, Tx, Value, audit, needs, new_id, secret, unit};
use jiff::civil::Date;
use luoshi_rules::{Figure, Permit, Refusal, Scope, Verb};

mod behind;
mod gone;
mod standers;

#[cfg(test)]
pub(crate) use behind::STATEMENTS;
pub use behind::{Behind, Part, behind};
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
