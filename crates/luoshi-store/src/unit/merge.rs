//! Merging and splitting: people, units below and matters go to the unit that takes them over; records stay with
//! the unit that kept them.

use super::change::{Decision, carry, close, living, parent, subject};
use super::{Founding, found};
use crate::{FOREVER, Fault, Tx, Value, handover, matter, transfer};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::unit::Change;
use luoshi_rules::{Permit, Refusal, Scope, Unit};

/// A unit founded from another.
#[derive(Debug, Clone)]
pub struct Offshoot {
    /// what it is; the day is that of the decision
    pub founding: Founding,
    /// who goes there from the roll
    pub people: Vec<i64>,
}

/// A unit that was merged into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// the unit
    pub unit: i64,
    /// its last short name
    pub name: String,
    /// its last place
    pub path: String,
    /// the day
    pub on: Date,
}

/// The units that were merged into the root of a scope, the latest first.
pub fn merged(tx: &Tx, scope: &Scope) -> Result<Vec<Merged>, Fault> {
    let sql = "select m.id, m.short_name, m.path, c.on_date from unit u
                 join unit_change c on c.top_id = u.top_id and c.unit_id = u.id and c.change = 'merge'
                 join unit m on m.top_id = c.top_id and m.id = c.other_id and m.dissolved = c.on_date
                where u.top_id = $1 and u.path = $2 order by c.on_date desc, m.path";
    tx.rows(sql, &[scope.top().into(), scope.from().into()], |row| {
        Ok(Merged { unit: row.int(0)?, name: row.text(1)?, path: row.text(2)?, on: row.parse(3)? })
    })
}

/// Merges a unit into another, which takes over its people, the units below it, its open matters and its plans.
pub fn merge(tx: &Tx, decision: &Decision, into: &Permit) -> Result<(), Fault> {
    let unit = subject(tx, decision)?;
    if unit.id == unit.top || !super::tops_below(tx, &unit)?.is_empty() {
        let zh = "自行管理的组织（或其上级）不能并入别的组织";
        return Err(Refusal::rule(zh, "an organisation that administers itself cannot be merged").into());
    }
    crate::exchange::must_not_be_out(tx, &unit)?;
    let heir = parent(tx, decision, &unit.path, into)?;
    for below in super::below(tx, &unit)? {
        decision.pack.place(&below.level, &heir.level)?;
        carry(tx, decision, &below, &heir)?;
    }
    let people = roll(tx, &unit)?;
    move_people(tx, decision, (&unit, &heir), &people)?;
    hand_over(tx, decision, &unit, &heir)?;
    let why = format!("并入 merged into: {}", heir.full_name);
    close(tx, decision, &unit, &why)?;
    decision.note(tx, unit.id, Change::Merge, heir.id)?;
    decision.note(tx, heir.id, Change::Merge, unit.id)?;
    decision.audit(tx, "unit.merge", unit.id)
}

/// Founds units out of one, each beside it, and moves the people chosen. Returns the new units.
pub fn split(tx: &Tx, decision: &Decision, above: &Permit, parts: &[Offshoot]) -> Result<Vec<Unit>, Fault> {
    let unit = subject(tx, decision)?;
    let parent = living(tx, above)?;
    if unit.path.parent().as_ref() != Some(&parent.path) {
        return Err(Refusal::field("parent", "新组织应与原组织同属一个上级", "split beside the unit itself").into());
    }
    let roll = roll(tx, &unit)?;
    let mut founded = Vec::new();
    for part in parts {
        if let Some(stranger) = part.people.iter().find(|one| !roll.contains(one)) {
            let zh = "所选人员中有人已不在该组织名册，请刷新后重选";
            let en = format!("someone chosen ({stranger}) is no longer on the roll of this unit; reload and choose");
            return Err(Refusal::field("people", zh, en).into());
        }
        decision.pack.place(&part.founding.level, &parent.level)?;
        let new = found(tx, above, &Founding { on: decision.on, ..part.founding.clone() })?;
        move_people(tx, decision, (&unit, &new), &part.people)?;
        leave_posts(tx, decision, &unit, &part.people)?;
        decision.note(tx, unit.id, Change::Split, new.id)?;
        decision.note(tx, new.id, Change::Split, unit.id)?;
        founded.push(new);
    }
    decision.audit(tx, "unit.split", unit.id)?;
    Ok(founded)
}

fn roll(tx: &Tx, unit: &Unit) -> Result<Vec<i64>, Fault> {
    let sql = "select id from person where top_id = $1 and unit_id = $2 and left_on = '9999-12-31' order by id";
    tx.rows(sql, &[unit.top.into(), unit.id.into()], |row| row.int(0))
}

/// Takes people from one roll to another: the last day there is the day before.
fn move_people(tx: &Tx, decision: &Decision, (from, to): (&Unit, &Unit), people: &[i64]) -> Result<(), Fault> {
    let last = decision.on.saturating_sub(1.day());
    let late = "select p.name, a.from_date from affiliation a
                  join person p on p.top_id = a.top_id and p.id = a.person_id
                 where a.top_id = $1 and a.person_id = $2 and a.until_date = '9999-12-31' and a.from_date > $3";
    let end = "update affiliation set until_date = case when from_date > $3 then from_date else $3 end
                where top_id = $1 and person_id = $2 and until_date = '9999-12-31'";
    let begin = "insert into affiliation (top_id, person_id, until_date, from_date, unit_id, why)
                 values ($1, $2, $3, $4, $5, $6)";
    let stand = "update person set unit_id = $3, path = $4 where top_id = $1 and id = $2";
    for person in people {
        let key = |more: Value| [from.top.into(), (*person).into(), more];
        let found = tx.rows(late, &key(decision.on.into()), |row| Ok((row.text(0)?, row.text(1)?)))?;
        if let Some((name, since)) = found.first() {
            let zh = format!("{name} 自 {since} 起才在名册上，日期不能早于那一天");
            return Err(Refusal::field("on", zh, format!("{name} came on {since}; the day is earlier")).into());
        }
        tx.run(end, &key(last.into()))?;
        let [top, id, until] = key(FOREVER.into());
        tx.run(begin, &[top, id, until, decision.on.into(), to.id.into(), "unit".into()])?;
        let [top, id, unit] = key(to.id.into());
        tx.run(stand, &[top, id, unit, to.path.as_str().into()])?;
    }
    Ok(())
}

/// Ends the posts that people who left for an offshoot held in the old unit.
fn leave_posts(tx: &Tx, decision: &Decision, unit: &Unit, people: &[i64]) -> Result<(), Fault> {
    let last = decision.on.saturating_sub(1.day());
    let sql = "update holding set until_date = case when from_date > $4 then from_date else $4 end
                where top_id = $1 and unit_id = $2 and person_id = $3 and until_date = '9999-12-31'";
    for person in people {
        tx.run(sql, &[unit.top.into(), unit.id.into(), (*person).into(), last.into()])?;
    }
    Ok(())
}

/// What a unit keeps, sends or asks for goes on under its heir.
pub(super) fn keep_going(tx: &Tx, unit: &Unit, heir: &Unit) -> Result<(), Fault> {
    for sql in [
        "update class set unit_id = $3 where top_id = $1 and unit_id = $2",
        "update aid_fund set unit_id = $3 where top_id = $1 and unit_id = $2",
        "update pledge set unit_id = $3 where top_id = $1 and unit_id = $2",
        "update youth_group set unit_id = $3 where top_id = $1 and unit_id = $2",
        "update collection set unit_id = $3 where top_id = $1 and unit_id = $2",
        "update burden set issuer_id = $3 where top_id = $1 and issuer_id = $2",
        "update coverage set unit_id = $3 where top_id = $1 and unit_id = $2",
        "update round set unit_id = $3 where top_id = $1 and unit_id = $2",
    ] {
        tx.run(sql, &[unit.top.into(), unit.id.into(), heir.id.into()])?;
    }
    Ok(())
}

/// Plans still to come, youth groups, collections, rounds and matters go to the heir; each matter says where it came from.
fn hand_over(tx: &Tx, decision: &Decision, unit: &Unit, heir: &Unit) -> Result<(), Fault> {
    let sql = "update plan set unit_id = $3, path = $4
                where top_id = $1 and unit_id = $2 and on_date >= $5 and cancelled = 0";
    let heir_path = heir.path.as_str();
    tx.run(sql, &[unit.top.into(), unit.id.into(), heir.id.into(), heir_path.into(), decision.on.into()])?;
    keep_going(tx, unit, heir)?;
    hand_on(tx, decision, (unit, heir), "合并 merged").map(drop)
}

/// Hands the matters of a unit that ends to its heir: those that are open, and those closed, which may be taken up
/// again; not letters and handovers that are done. Returns how many were open.
pub(super) fn hand_on(tx: &Tx, decision: &Decision, (unit, heir): (&Unit, &Unit), why: &str) -> Result<usize, Fault> {
    let note = format!("{} → {}（{why}，{}）", unit.short_name, heir.short_name, decision.on);
    let mut open = 0;
    for line in matter::all_of(tx, unit)? {
        let Some(flow) = decision.pack.flow(&line.matter.flow) else { continue };
        let closed = line.matter.is_closed(flow);
        open += usize::from(!closed);
        if !closed || ![transfer::FLOW, handover::FLOW].contains(&flow.id.as_str()) {
            matter::hand(tx, decision.permit, &line, (unit, heir), &note)?;
        }
    }
    Ok(open)
}

/// Refuses a unit that has open matters, on whichever side, or keeps what goes on without it: nobody could see to that.
pub(super) fn must_need_no_heir(tx: &Tx, decision: &Decision, unit: &Unit) -> Result<(), Fault> {
    let open =
        |line: &matter::Line| decision.pack.flow(&line.matter.flow).is_some_and(|flow| !line.matter.is_closed(flow));
    let left = matter::all_of(tx, unit)?.iter().filter(|line| open(line)).count();
    if left > 0 {
        let zh = format!("还有 {left} 件在办事项：请先查找并选择承接组织，事项随之转去并注明来处");
        let en = format!("{left} matters are open: look for the unit that takes them over and choose it; each says so");
        return Err(Refusal::field("to", zh, en).into());
    }
    let kept = kept(tx, unit, decision.on)?;
    if kept.is_empty() {
        return Ok(());
    }
    let words = |zh: bool| {
        let all = kept.iter().map(|(n, what)| format!("{} {n}", if zh { what[0] } else { what[1] }));
        all.collect::<Vec<_>>().join(if zh { "、" } else { ", " })
    };
    let zh = format!("该组织还管着：{}。请先了结，或查找并选择承接组织", words(true));
    let en = format!("it still keeps: {}; see to that first, or look for the unit that takes it over", words(false));
    Err(Refusal::field("to", zh, en).into())
}

/// What a unit keeps on a day for others, and what that is called.
fn kept(tx: &Tx, unit: &Unit, on: Date) -> Result<Vec<(i64, [&'static str; 2])>, Fault> {
    let sql = "select (select count(*) from aid_fund where top_id = $1 and unit_id = $2),
                      (select count(*) from youth_group
                        where top_id = $1 and unit_id = $2 and until_date = '9999-12-31'),
                      (select count(*) from collection where top_id = $1 and unit_id = $2
                          and until_date = '9999-12-31' and (every <> '' or due >= $3)),
                      (select count(*) from burden
                        where top_id = $1 and issuer_id = $2 and answered = '9999-12-31'),
                      (select count(*) from class
                        where top_id = $1 and unit_id = $2 and record_id = 0 and cancelled = ''),
                      (select count(*) from coverage where top_id = $1 and unit_id = $2 and until_date >= $3)";
    let what = [
        ["互助金", "mutual aid fund"],
        ["青年小组", "youth groups"],
        ["数据收集", "collections"],
        ["待答复的负担反映", "burdens to answer"],
        ["未结束的培训班和志愿召集", "classes and calls not over"],
        ["巡察等规划", "plans of rounds"],
    ];
    let args = [unit.top.into(), unit.id.into(), on.into()];
    let counts = tx.row(sql, &args, |row| (0..what.len()).map(|at| row.int(at)).collect::<Result<Vec<_>, _>>())?;
    Ok(counts.into_iter().zip(what).filter(|(n, _)| *n > 0).collect())
}
