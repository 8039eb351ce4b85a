//! Terms of office: from when to when, and by how much they were extended.

use crate::{Fault, Tx, audit, needs, new_id, unit};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::{Permit, Refusal, Scope, Verb};

/// A term of office of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// the unit
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// first day
    pub from: Date,
    /// day it ends, as elected
    pub until: Date,
    /// the later day, when extended
    pub extended: Option<Date>,
    /// why it was extended
    pub why: String,
}

impl Line {
    /// The day by which an election is due.
    pub fn due(&self) -> Date {
        self.extended.unwrap_or(self.until)
    }
}

/// Sets a term of the unit of the permit. Terms of a unit do not overlap.
pub fn set(tx: &Tx, permit: &Permit, from: Date, until: Date) -> Result<(), Fault> {
    needs(permit, Verb::Roll)?;
    if until <= from {
        return Err(Refusal::field("until", "届满日期应在开始日期之后", "the end must be after the beginning").into());
    }
    let sql = "select from_date, until_date from term
                where top_id = $1 and unit_id = $2 and from_date <= $4 and (from_date = $3 or until_date > $3)
                order by from_date limit 1";
    let args = [permit.top().into(), permit.unit().into(), from.into(), until.into()];
    let clash = tx.rows(sql, &args, |row| Ok((row.text(0)?, row.text(1)?)))?;
    if let Some((first, last)) = clash.first() {
        let zh = format!("与 {first} 至 {last} 的任期重叠，请核对日期");
        return Err(Refusal::field("from", zh, format!("overlaps the term from {first} to {last}")).into());
    }
    let sql = "insert into term (top_id, unit_id, from_date, id, path, until_date) values ($1, $2, $3, $4, $5, $6)";
    let args = [
        permit.top().into(),
        permit.unit().into(),
        from.into(),
        new_id().into(),
        permit.path().as_str().into(),
        until.into(),
    ];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "term.set", permit.unit(), &until.to_string())
}

/// Extends the newest term by at most a year, with the reason (election regulation of 2020, article 3).
pub fn extend(tx: &Tx, permit: &Permit, until: Date, why: &str) -> Result<(), Fault> {
    needs(permit, Verb::Roll)?;
    if why.trim().is_empty() {
        return Err(Refusal::field("why", "请写明延期理由和批准情况", "say why, and who approved it").into());
    }
    let sql =
        "select from_date, until_date from term where top_id = $1 and unit_id = $2 order by from_date desc limit 1";
    let key = [permit.top().into(), permit.unit().into()];
    let newest = tx.rows(sql, &key, |row| Ok((row.parse::<Date>(0)?, row.parse::<Date>(1)?)))?.pop();
    let (from, due) = newest
        .ok_or_else(|| Refusal::field("until", "尚未登记任期，请先登记", "no term is entered yet; enter it first"))?;
    let latest = due.saturating_add(1.year());
    if until <= due || until > latest {
        let zh = format!("延期应在 {due} 之后，且不超过1年（最迟 {latest}）");
        return Err(Refusal::field("until", zh, format!("after {due}, and by at most one year: {latest}")).into());
    }
    let sql = "update term set extended = $4, why = $5 where top_id = $1 and unit_id = $2 and from_date = $3";
    let [top, unit] = key;
    tx.run(sql, &[top, unit, from.into(), until.into(), why.trim().into()])?;
    audit::note(tx, permit, "term.extend", permit.unit(), &until.to_string())
}

/// Terms of one unit of a scope, newest first.
pub fn of_unit(tx: &Tx, scope: &Scope, at: i64) -> Result<Vec<Line>, Fault> {
    let sql = "select t.unit_id, u.short_name, t.from_date, t.until_date, t.extended, t.why
                 from term t join unit u on u.top_id = t.top_id and u.id = t.unit_id
                where t.top_id = $1 and t.path >= $2 and t.path < $3 and t.unit_id = $4
                order by t.from_date desc";
    let mut args = unit::range(scope).to_vec();
    args.push(at.into());
    tx.rows(sql, &args, line)
}

/// The newest terms of a scope that are due by a day, soonest first.
pub fn due(tx: &Tx, scope: &Scope, by: Date) -> Result<Vec<Line>, Fault> {
    let sql = "select t.unit_id, u.short_name, t.from_date, t.until_date, t.extended, t.why
                 from term t join unit u on u.top_id = t.top_id and u.id = t.unit_id
                where t.top_id = $1 and t.path >= $2 and t.path < $3 and t.until_date <= $4
                  and coalesce(t.extended, '') <= $4 and u.dissolved = '9999-12-31'
                  and not exists (select 1 from term n where n.top_id = t.top_id and n.unit_id = t.unit_id
                                                         and n.from_date > t.from_date)
                order by t.until_date, t.path";
    let mut args = unit::range(scope).to_vec();
    args.push(by.into());
    tx.rows(sql, &args, line)
}

fn line(row: &crate::Row) -> Result<Line, Fault> {
    Ok(Line {
        unit: row.int(0)?,
        unit_name: row.text(1)?,
        from: row.parse(2)?,
        until: row.parse(3)?,
        extended: row.day(4)?,
        why: row.text(5)?,
    })
}
