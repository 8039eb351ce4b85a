//! Ties beside the tree: which unit guides, leads the discipline work of, or looks after which, from when to when.
//! They say who works with whom and give no rights.

use crate::{FOREVER, Fault, Tx, audit, needs};
use jiff::civil::Date;
use luoshi_rules::{Pack, Permit, Refusal, Scope, Unit, Verb};

/// A tie of a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Tie {
    /// a tie of the pack
    pub tie: String,
    /// the unit that is guided
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// the unit that guides
    pub other: i64,
    /// its short name
    pub other_name: String,
    /// first day
    pub from: Date,
    /// last day; none while it holds
    pub until: Option<Date>,
}

/// The ties of a unit in a scope, to those that guide it and to those it guides, those that hold first.
pub fn ties(tx: &Tx, scope: &Scope, unit: i64) -> Result<Vec<Tie>, Fault> {
    let sql = "select t.tie, t.unit_id, u.short_name, t.other_id, o.short_name, t.from_date, t.until_date
                 from unit_tie t
                 join unit u on u.top_id = t.top_id and u.id = t.unit_id
                 join unit o on o.top_id = t.top_id and o.id = t.other_id
                where t.top_id = $1 and (t.unit_id = $4 or t.other_id = $4)
                  and ((u.path >= $2 and u.path < $3) or (o.path >= $2 and o.path < $3))
                order by t.until_date desc, t.tie, t.from_date desc";
    let mut args = super::range(scope).to_vec();
    args.push(unit.into());
    tx.rows(sql, &args, |row| {
        Ok(Tie {
            tie: row.text(0)?,
            unit: row.int(1)?,
            unit_name: row.text(2)?,
            other: row.int(3)?,
            other_name: row.text(4)?,
            from: row.parse(5)?,
            until: row.day(6)?,
        })
    })
}

/// Ties the unit of the permit to a unit that guides it, from a day on.
pub fn add_tie(tx: &Tx, permit: &Permit, pack: &Pack, (tie, other): (&str, &Unit), from: Date) -> Result<(), Fault> {
    needs(permit, Verb::Rule)?;
    if !pack.tie.iter().any(|known| known.id == tie) {
        return Err(Refusal::field("tie", "请选择关系种类", "please choose a kind of tie").into());
    }
    check(permit, other, from)?;
    let sql = "select from_date from unit_tie
                where top_id = $1 and unit_id = $2 and tie = $3 and other_id = $4 and until_date >= $5";
    let key = [permit.top().into(), permit.unit().into(), tie.into(), other.id.into(), from.into()];
    if let Some(since) = tx.rows(sql, &key, |row| row.text(0))?.pop() {
        let zh = format!("与该组织的这一关系自 {since} 起已建立");
        return Err(Refusal::field("from", zh, format!("this tie has held since {since}")).into());
    }
    let sql = "insert into unit_tie (top_id, unit_id, tie, other_id, from_date, until_date)
               values ($1, $2, $3, $4, $5, $6)";
    let [top, unit, tie_key, other_id, from] = key;
    tx.run(sql, &[top, unit, tie_key, other_id, from, FOREVER.into()])?;
    audit::note(tx, permit, "unit.tie", other.id, tie)
}

fn check(permit: &Permit, other: &Unit, from: Date) -> Result<(), Refusal> {
    if other.id == permit.unit() {
        return Err(Refusal::field("other", "不能与自己建立关系", "a unit cannot be tied to itself"));
    }
    if other.top != permit.top() || !other.exists_on(from) {
        return Err(Refusal::field(
            "other",
            "请选择本单位内当日存在的组织",
            "choose a unit of the same organisation that existed on that day",
        ));
    }
    if from > permit.today() {
        return Err(Refusal::field("from", "日期在今天之后", "the day is still to come"));
    }
    Ok(())
}

/// Ends a tie of the unit of the permit on a day.
pub fn end_tie(tx: &Tx, permit: &Permit, tie: &str, other: i64, on: Date) -> Result<(), Fault> {
    needs(permit, Verb::Rule)?;
    if on > permit.today() {
        return Err(Refusal::field("until", "日期在今天之后", "the day is still to come").into());
    }
    let sql = "update unit_tie set until_date = $5
                where top_id = $1 and unit_id = $2 and tie = $3 and other_id = $4 and until_date = '9999-12-31'
                  and from_date <= $5";
    let args = [permit.top().into(), permit.unit().into(), tie.into(), other.into(), on.into()];
    if tx.run(sql, &args)? == 0 {
        let zh = "没有这一关系，或结束日期早于开始日期";
        return Err(Refusal::field("until", zh, "there is no such tie, or the day is before it began").into());
    }
    audit::note(tx, permit, "unit.untie", other, tie)
}
