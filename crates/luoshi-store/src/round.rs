//! Rounds: plans of a term, the rounds of it, the units they look at, and the teams, whose rights last as long as the
//! round. How far a unit has come is told by its matter.

mod coverage;
mod team;

pub use coverage::{Coverage, Place, Plan, Visit, coverage, coverages, places, plan, visits};
pub use team::{Duty, Member, VISITORS, declare, dismiss, duties, members, seat, visitors};
pub(crate) use team::{must_be_two, seats};

use crate::matter::{self, Opening};
use crate::{Fault, Row, Tx, audit, exchange, needs, new_id, unit};
use jiff::civil::Date;
use luoshi_rules::{Pack, Permit, Refusal, Scope, Unit, Verb};
use serde_json::json;

/// A round as it is opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// the plan of the term
    pub coverage: i64,
    /// what it is called
    pub name: String,
    /// the day from which its teams have rights
    pub from: Date,
    /// the day on which they end
    pub until: Date,
    /// by which paper it was authorised
    pub paper: String,
}

/// A round.
#[derive(Debug, Clone)]
pub struct Round {
    /// key
    pub id: i64,
    /// who sends it
    pub unit: i64,
    /// its kind, by its key in the pack
    pub kind: String,
    /// 1, 2, 3 … in the term
    pub no: i64,
    /// how it was opened
    pub opened: Opened,
}

/// A unit a round looks at.
#[derive(Debug, Clone)]
pub struct Target {
    /// the unit
    pub unit: i64,
    /// its short name
    pub name: String,
    /// which team
    pub team: i64,
    /// its matter
    pub matter: i64,
}

/// Opens the next round of a term from the unit of the permit.
pub fn open(tx: &Tx, permit: &Permit, opened: &Opened) -> Result<i64, Fault> {
    needs(permit, Verb::Act)?;
    if opened.until < opened.from {
        return Err(Refusal::field("until", "结束日期早于开始日期", "the last day is before the first").into());
    }
    let sql = "select kind, from_date, until_date from coverage where top_id = $1 and id = $2 and unit_id = $3";
    let key = [permit.top().into(), opened.coverage.into(), permit.unit().into()];
    let (kind, from, until): (String, Date, Date) =
        tx.row(sql, &key, |row| Ok((row.text(0)?, row.parse(1)?, row.parse(2)?)))?;
    if opened.from < from || opened.from > until {
        let zh = format!("轮次应在本届规划 {from} 至 {until} 之内开始");
        return Err(Refusal::field("from", zh, format!("a round begins within the term, {from} to {until}")).into());
    }
    let sql = "select coalesce(max(no), 0) + 1 from round where top_id = $1 and coverage_id = $2";
    let no = tx.row(sql, &[permit.top().into(), opened.coverage.into()], |row| row.int(0))?;
    let id = new_id();
    let sql = "insert into round (top_id, id, unit_id, coverage_id, kind, no, name, from_date, until_date, paper,
                                  actor_id, on_date)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let args = [
        permit.top().into(),
        id.into(),
        permit.unit().into(),
        opened.coverage.into(),
        kind.into(),
        no.into(),
        opened.name.trim().into(),
        opened.from.into(),
        opened.until.into(),
        opened.paper.trim().into(),
        permit.person().into(),
        permit.today().into(),
    ];
    // of two people who open the next round at once, the second gets the one after
    tx.run(sql, &args).map_err(|fault| fault.if_taken(Fault::Clash))?;
    audit::note(tx, permit, "round.open", id, "")?;
    Ok(id)
}

/// Puts a unit on the list of a round, for a team none of whose members must be kept from it.
pub fn add_target(
    tx: &Tx,
    permit: &Permit,
    pack: &Pack,
    (round, team): (i64, i64),
    target: &Unit,
) -> Result<i64, Fault> {
    let round = own(tx, permit, round)?;
    exchange::must_be_home(tx, permit.top(), (round.id, team))?;
    let kind = pack.round(&round.kind).ok_or(Fault::NotFound)?;
    if !kind.level.contains(&target.level) || !permit.path().contains(&target.path) {
        let zh = format!("{} 不属于本轮的对象", target.short_name);
        return Err(Refusal::field("units", zh, format!("{} is not for this round", target.short_name)).into());
    }
    team::must_be_free(tx, permit, kind, (round.id, team), target)?;
    let flow = pack.flow(&kind.flow).ok_or(Fault::NotFound)?;
    let opening = Opening {
        flow,
        addressee: target,
        subject: format!("round:{}", round.id),
        title: format!("{} {}", target.short_name, round.opened.name),
        data: json!({ "team": team }),
        note: String::new(),
    };
    let matter = matter::open_for(tx, permit, &opening, round.id).map_err(|fault| {
        fault.if_taken(Refusal::field(
            "units",
            format!("{} 已在本轮名单中", target.short_name),
            format!("{} is on the list of this round already", target.short_name),
        ))
    })?;
    let sql = "insert into round_target (top_id, round_id, unit_id, team, matter_id) values ($1, $2, $3, $4, $5)";
    tx.run(sql, &[permit.top().into(), round.id.into(), target.id.into(), team.into(), matter.into()])?;
    Ok(matter)
}

/// A round of the unit of the permit.
fn own(tx: &Tx, permit: &Permit, id: i64) -> Result<Round, Fault> {
    needs(permit, Verb::Act)?;
    let sql = "select id, unit_id, kind, no, coverage_id, name, from_date, until_date, paper from round
                where top_id = $1 and id = $2 and unit_id = $3";
    tx.row(sql, &[permit.top().into(), id.into(), permit.unit().into()], round)
}

/// A round sent by a unit of the scope.
pub fn find(tx: &Tx, scope: &Scope, id: i64) -> Result<Round, Fault> {
    let sql = "select r.id, r.unit_id, r.kind, r.no, r.coverage_id, r.name, r.from_date, r.until_date, r.paper
                 from round r join unit u on u.top_id = r.top_id and u.id = r.unit_id
                where r.top_id = $1 and u.path >= $2 and u.path < $3 and r.id = $4";
    let mut args = unit::range(scope).to_vec();
    args.push(id.into());
    tx.row(sql, &args, round)
}

/// The rounds of a term, the first one first.
pub fn list(tx: &Tx, scope: &Scope, coverage: i64) -> Result<Vec<Round>, Fault> {
    let sql = "select r.id, r.unit_id, r.kind, r.no, r.coverage_id, r.name, r.from_date, r.until_date, r.paper
                 from round r join unit u on u.top_id = r.top_id and u.id = r.unit_id
                where r.top_id = $1 and u.path >= $2 and u.path < $3 and r.coverage_id = $4 order by r.no";
    let mut args = unit::range(scope).to_vec();
    args.push(coverage.into());
    tx.rows(sql, &args, round)
}

/// The units a round looks at, team by team.
pub fn targets(tx: &Tx, scope: &Scope, round: i64) -> Result<Vec<Target>, Fault> {
    let sql = "select a.unit_id, u.short_name, t.team, t.matter_id
                 from round_target t
                 join matter a on a.top_id = t.top_id and a.id = t.matter_id
                 join unit u on u.top_id = a.top_id and u.id = a.unit_id
                where t.top_id = $1 and u.path >= $2 and u.path < $3 and t.round_id = $4 order by t.team, u.path";
    let mut args = unit::range(scope).to_vec();
    args.push(round.into());
    tx.rows(sql, &args, |row| {
        Ok(Target { unit: row.int(0)?, name: row.text(1)?, team: row.int(2)?, matter: row.int(3)? })
    })
}

fn round(row: &Row) -> Result<Round, Fault> {
    let opened = Opened {
        coverage: row.int(4)?,
        name: row.text(5)?,
        from: row.parse(6)?,
        until: row.parse(7)?,
        paper: row.text(8)?,
    };
    Ok(Round { id: row.int(0)?, unit: row.int(1)?, kind: row.text(2)?, no: row.int(3)?, opened })
}
