//! Plans of a term: the list of units on the day it began, those founded since, and which of them had their turn.

use crate::{Fault, Row, Tx, audit, needs, new_id, unit};
use jiff::civil::Date;
use luoshi_rules::round::Kind;
use luoshi_rules::{Permit, Refusal, Scope, UnitPath, Verb};

/// What a term is planned to be.
#[derive(Debug, Clone)]
pub struct Plan {
    /// what it is called
    pub name: String,
    /// its first day
    pub from: Date,
    /// its last day
    pub until: Date,
    /// teams that go out at once
    pub teams: i64,
    /// units a team takes in a round
    pub each: i64,
    /// rounds a year
    pub per_year: i64,
}

/// A plan of a term.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// key
    pub id: i64,
    /// who sends its rounds
    pub unit: i64,
    /// the kind of round
    pub kind: String,
    /// what it is planned to be
    pub plan: Plan,
}

/// A unit that is to have its turn.
#[derive(Debug, Clone)]
pub struct Place {
    /// the unit
    pub unit: i64,
    /// its short name
    pub name: String,
    /// its class: on the list, as on that day
    pub class: String,
    /// where it stands
    pub path: UnitPath,
    /// the day it was founded
    pub founded: Date,
    /// the day it was dissolved
    pub dissolved: Option<Date>,
    /// whether it stood on the list when the term began
    pub listed: bool,
}

/// A turn of a unit in any term.
#[derive(Debug, Clone)]
pub struct Visit {
    /// the unit
    pub unit: i64,
    /// the plan of the term
    pub coverage: i64,
    /// the round
    pub round: i64,
    /// its number in the term
    pub no: i64,
    /// the matter of the unit
    pub matter: i64,
    /// the day somebody arrived; none as long as nobody has
    pub arrived: Option<Date>,
    /// the last step of the matter
    pub step: String,
}

/// Plans a term from the unit of the permit and writes down the list of units as it is on the first day.
pub fn plan(tx: &Tx, permit: &Permit, kind: &Kind, plan: &Plan) -> Result<i64, Fault> {
    needs(permit, Verb::Act)?;
    if plan.until <= plan.from {
        return Err(Refusal::field("until", "结束日期应晚于开始日期", "the last day must come after the first").into());
    }
    if [plan.teams, plan.each, plan.per_year].iter().any(|n| !(1..=200).contains(n)) {
        return Err(Refusal::field("teams", "组数、每组家数、每年轮数应为1至200", "1 to 200 of each").into());
    }
    let id = new_id();
    let sql =
        "insert into coverage (top_id, id, unit_id, kind, name, from_date, until_date, teams, each_team, per_year,
                                     actor_id, on_date)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let args = [
        permit.top().into(),
        id.into(),
        permit.unit().into(),
        kind.id.as_str().into(),
        plan.name.trim().into(),
        plan.from.into(),
        plan.until.into(),
        plan.teams.into(),
        plan.each.into(),
        plan.per_year.into(),
        permit.person().into(),
        permit.today().into(),
    ];
    tx.run(sql, &args)?;
    freeze(tx, permit, kind, (id, plan.from))?;
    audit::note(tx, permit, "round.plan", id, "")?;
    Ok(id)
}

/// Writes down the list of units as it is on the first day.
fn freeze(tx: &Tx, permit: &Permit, kind: &Kind, (id, from): (i64, Date)) -> Result<(), Fault> {
    let sql = "insert into coverage_unit (top_id, coverage_id, unit_id, class)
               select top_id, $2, id, class from unit
                where top_id = $1 and path >= $3 and path < $4 and id <> $5
                  and founded <= $6 and dissolved > $6 and $7 like '% ' || level || ' %'";
    let list = [
        permit.top().into(),
        id.into(),
        permit.path().as_str().into(),
        permit.path().end().into(),
        permit.unit().into(),
        from.into(),
        levels(kind).into(),
    ];
    if tx.run(sql, &list)? == 0 {
        let zh = "所辖范围内没有这一种类的对象组织";
        return Err(Refusal::field("kind", zh, "no unit of the levels of this kind is below").into());
    }
    Ok(())
}

/// Levels between spaces.
fn levels(kind: &Kind) -> String {
    format!(" {} ", kind.level.join(" "))
}

/// The plans of units of a scope, the newest first.
pub fn coverages(tx: &Tx, scope: &Scope) -> Result<Vec<Coverage>, Fault> {
    let sql = "select c.id, c.unit_id, c.kind, c.name, c.from_date, c.until_date, c.teams, c.each_team, c.per_year
                 from coverage c join unit u on u.top_id = c.top_id and u.id = c.unit_id
                where c.top_id = $1 and u.path >= $2 and u.path < $3 order by c.from_date desc, c.id desc limit 50";
    tx.rows(sql, &unit::range(scope), line)
}

/// One plan.
pub fn coverage(tx: &Tx, scope: &Scope, id: i64) -> Result<Coverage, Fault> {
    let sql = "select c.id, c.unit_id, c.kind, c.name, c.from_date, c.until_date, c.teams, c.each_team, c.per_year
                 from coverage c join unit u on u.top_id = c.top_id and u.id = c.unit_id
                where c.top_id = $1 and u.path >= $2 and u.path < $3 and c.id = $4";
    let mut args = unit::range(scope).to_vec();
    args.push(id.into());
    tx.row(sql, &args, line)
}

fn line(row: &Row) -> Result<Coverage, Fault> {
    let plan = Plan {
        name: row.text(3)?,
        from: row.parse(4)?,
        until: row.parse(5)?,
        teams: row.int(6)?,
        each: row.int(7)?,
        per_year: row.int(8)?,
    };
    Ok(Coverage { id: row.int(0)?, unit: row.int(1)?, kind: row.text(2)?, plan })
}

/// Every unit that is to have its turn: those on the list, then those founded since; in the order of the tree.
pub fn places(tx: &Tx, scope: &Scope, (coverage, kind): (&Coverage, &Kind)) -> Result<Vec<Place>, Fault> {
    let sql = "select u.id, u.short_name, coalesce(c.class, u.class), u.path, u.founded, u.dissolved,
                      cast(case when c.unit_id is null then 0 else 1 end as bigint)
                 from unit u
                 left join coverage_unit c on c.top_id = u.top_id and c.coverage_id = $4 and c.unit_id = u.id
                where u.top_id = $1 and u.path >= $2 and u.path < $3
                  and (c.unit_id is not null
                    or (u.id <> $5 and $6 like '% ' || u.level || ' %' and u.founded > $7 and u.dissolved = '9999-12-31'))
                order by u.path";
    let mut args = unit::range(scope).to_vec();
    args.extend([coverage.id.into(), coverage.unit.into(), levels(kind).into(), coverage.plan.from.into()]);
    tx.rows(sql, &args, |row| {
        Ok(Place {
            unit: row.int(0)?,
            name: row.text(1)?,
            class: row.text(2)?,
            path: row.path(3)?,
            founded: row.parse(4)?,
            dissolved: row.day(5)?,
            listed: row.int(6)? == 1,
        })
    })
}

/// The turns of units of a scope, in this and earlier terms, the newest round first.
pub fn visits(tx: &Tx, scope: &Scope) -> Result<Vec<Visit>, Fault> {
    let sql = "select t.unit_id, r.coverage_id, r.id, r.no, t.matter_id, l.step,
                      (select min(a.on_date) from matter_event a
                        where a.top_id = t.top_id and a.matter_id = t.matter_id and a.step = 'arrived')
                 from round_target t
                 join round r on r.top_id = t.top_id and r.id = t.round_id
                 join unit u on u.top_id = t.top_id and u.id = t.unit_id
                 join matter_event l on l.top_id = t.top_id and l.matter_id = t.matter_id
                  and l.seq = (select max(e.seq) from matter_event e
                                where e.top_id = t.top_id and e.matter_id = t.matter_id)
                where t.top_id = $1 and u.path >= $2 and u.path < $3
                order by r.from_date desc, r.no desc, t.unit_id";
    tx.rows(sql, &unit::range(scope), |row| {
        Ok(Visit {
            unit: row.int(0)?,
            coverage: row.int(1)?,
            round: row.int(2)?,
            no: row.int(3)?,
            matter: row.int(4)?,
            step: row.text(5)?,
            arrived: row.day(6)?,
        })
    })
}
