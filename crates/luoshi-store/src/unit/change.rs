//! Changes of a unit: renamed, made another sort, moved, dissolved. Each has a day, leaves what the unit was before,
//! and is written down as a fact.

use super::{changed, merge, next_place, place, words};
use crate::{Fault, Tx, audit, needs, rollup};
use jiff::civil::Date;
use luoshi_rules::pack::name_of;
use luoshi_rules::unit::{Change, Sort};
use luoshi_rules::{Pack, Permit, Refusal, Unit, UnitPath, Verb};

/// What was decided about a unit: by whom, under which rules, from which day, by which paper or for what reason.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    /// leave to rule the unit
    pub permit: &'a Permit,
    /// the levels, classes and flows
    pub pack: &'a Pack,
    /// the first day on which it holds
    pub on: Date,
    /// number of the paper, or why
    pub note: &'a str,
}

/// What a unit is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// in trees and tables
    pub short: String,
    /// as on the seal
    pub full: String,
    /// names, pinyin, initials
    pub search: String,
}

impl Decision<'_> {
    /// Notes what was done as a fact and in the audit.
    pub(super) fn note(&self, tx: &Tx, unit: i64, change: Change, other: i64) -> Result<(), Fault> {
        changed(tx, (self.permit.top(), unit, self.permit.person()), change, self.on, other, self.note)
    }

    /// The same, with what it was before and is now ahead of the note.
    fn turn(&self, tx: &Tx, (unit, other): (i64, i64), change: Change, from_to: [&str; 2]) -> Result<(), Fault> {
        let gap = if self.note.is_empty() { "" } else { " · " };
        let words = format!("{} → {}{gap}{}", from_to[0], from_to[1], self.note);
        let by = (self.permit.top(), unit, self.permit.person());
        changed(tx, by, change, self.on, other, &words)
    }

    pub(super) fn audit(&self, tx: &Tx, act: &str, object: i64) -> Result<(), Fault> {
        // why stands with the change; the audit holds no words about people
        audit::note(tx, self.permit, act, object, "")
    }
}

/// The unit decided about, as it stands in this transaction: living, where the permit found it, and not changed since
/// the day decided on.
pub(super) fn subject(tx: &Tx, decision: &Decision) -> Result<Unit, Fault> {
    let Decision { permit, on, note, .. } = *decision;
    if on > permit.today() {
        return Err(Refusal::field("on", "日期在今天之后，请在生效当日办理", "the day is still to come").into());
    }
    if note.chars().count() > 500 {
        return Err(Refusal::field("note", "最多500字", "at most 500 characters").into());
    }
    let unit = living(tx, permit)?;
    let sql = "select since from unit where top_id = $1 and id = $2 and since > $3";
    let args = [permit.top().into(), unit.id.into(), on.into()];
    match tx.rows(sql, &args, |row| row.text(0))?.pop() {
        Some(since) => Err(place::too_early(&unit.short_name, &since).into()),
        None => Ok(unit),
    }
}

/// The unit of a permit to rule, unless it was dissolved or has moved since the permit was given.
pub(super) fn living(tx: &Tx, permit: &Permit) -> Result<Unit, Fault> {
    needs(permit, Verb::Rule)?;
    let unit = super::find(tx, permit.unit())?;
    if unit.path != *permit.path() {
        let en = "this unit has just been moved; reload the page";
        return Err(Refusal::rule("该组织刚刚调整了隶属，请刷新页面", en).into());
    }
    match &unit.dissolved {
        None => Ok(unit),
        Some((end, _)) => {
            let (name, full) = (&unit.short_name, &unit.full_name);
            let zh = format!("“{name}”已于 {end} 撤销，不能再变更");
            Err(Refusal::rule(zh, format!("“{full}” was dissolved on {end} and can no longer change")).into())
        }
    }
}

/// Gives a unit other names.
pub fn rename(tx: &Tx, decision: &Decision, name: &Name) -> Result<(), Fault> {
    let unit = subject(tx, decision)?;
    for (field, text) in [("short_name", &name.short), ("full_name", &name.full)] {
        if text.trim().is_empty() || text.chars().count() > 100 {
            return Err(Refusal::field(field, "名称为1至100字", "a name has 1 to 100 characters").into());
        }
    }
    if (&unit.short_name, &unit.full_name) == (&name.short, &name.full) {
        let en = "the names are the same as before";
        return Err(Refusal::field("full_name", "名称与现在相同，没有变更", en).into());
    }
    place::remember(tx, (unit.top, unit.id), &unit.path, decision.on)?;
    let sql = "update unit set short_name = $3, full_name = $4, search = $5 where top_id = $1 and id = $2";
    let args = [
        unit.top.into(),
        unit.id.into(),
        name.short.trim().into(),
        name.full.trim().into(),
        name.search.as_str().into(),
    ];
    tx.run(sql, &args)?;
    decision.turn(tx, (unit.id, 0), Change::Rename, [&unit.full_name, name.full.trim()])?;
    decision.audit(tx, "unit.rename", unit.id)
}

/// Makes a unit another sort: level, class, code, parts, order number. An order number alone leaves no history.
pub fn reclass(tx: &Tx, decision: &Decision, sort: &Sort) -> Result<(), Fault> {
    let unit = subject(tx, decision)?;
    sort.check(decision.pack)?;
    if sort.level != unit.level {
        may_be(tx, decision.pack, &unit, &sort.level)?;
    }
    let order = Sort { order_no: sort.order_no, ..sort_of(&unit) };
    // records of the unit itself: places below it begin with its own and a digit
    let own = (unit.path.as_str(), &*format!("{}0", unit.path.as_str()), &*decision.on.to_string());
    rollup::restated(tx, unit.top, own, || {
        if order != *sort {
            place::remember(tx, (unit.top, unit.id), &unit.path, decision.on)?;
            let words = [describe(decision.pack, &order), describe(decision.pack, sort)];
            decision.turn(tx, (unit.id, 0), Change::Reclass, [&words[0], &words[1]])?;
        }
        put_sort(tx, &unit, sort)
    })?;
    decision.audit(tx, "unit.reclass", unit.id)
}

fn put_sort(tx: &Tx, unit: &Unit, sort: &Sort) -> Result<(), Fault> {
    let sql = "update unit set level = $3, class = $4, code = $5, parts = $6, order_no = $7
                where top_id = $1 and id = $2";
    let args = [
        unit.top.into(),
        unit.id.into(),
        sort.level.as_str().into(),
        sort.class.as_str().into(),
        sort.code.as_str().into(),
        sort.parts.join(" ").into(),
        sort.order_no.into(),
    ];
    tx.run(sql, &args).map(drop)
}

/// A sort in the words of the pack.
fn describe(pack: &Pack, sort: &Sort) -> String {
    let level = pack.level(&sort.level).map(|level| level.name.zh.as_str());
    let class = name_of(&pack.class, &sort.class).map(|class| class.zh.as_str());
    let parts = sort.parts.iter().filter_map(|part| Some(name_of(&pack.part, part)?.zh.as_str()));
    let code = Some(sort.code.as_str()).filter(|code| !code.is_empty());
    level.into_iter().chain(class).chain(code).chain(parts).collect::<Vec<_>>().join(" ")
}

fn sort_of(unit: &Unit) -> Sort {
    Sort {
        level: unit.level.clone(),
        class: unit.class.clone(),
        code: unit.code.clone(),
        parts: words(&unit.parts.join(" ")),
        order_no: unit.order_no,
    }
}

/// Refuses a level that cannot stand below the unit above, or that the units below cannot stand under.
fn may_be(tx: &Tx, pack: &Pack, unit: &Unit, level: &str) -> Result<(), Fault> {
    let above = super::ancestry(tx, unit)?;
    if let Some(parent) = above.iter().rev().find(|one| one.id != unit.id) {
        pack.place(level, &parent.level)?;
    }
    for below in super::below(tx, unit)? {
        pack.place(&below.level, level)?;
    }
    Ok(())
}

/// Moves a unit with all below it under another unit of the same organisation. Every copy of its place is rewritten
/// at once: rights, lists and figures follow from this moment, and the tree of earlier days stays as it was.
pub fn move_to(tx: &Tx, decision: &Decision, to: &Permit) -> Result<(), Fault> {
    let unit = subject(tx, decision)?;
    if unit.id == unit.top {
        let zh = "自行管理的组织不在别的组织之下，不能调整隶属";
        return Err(Refusal::rule(zh, "an organisation that administers itself cannot be moved").into());
    }
    let parent = parent(tx, decision, &unit.path, to)?;
    if unit.path.parent().as_ref() == Some(&parent.path) {
        return Err(Refusal::field("parent", "已隶属于该组织", "it is directly below that unit already").into());
    }
    decision.pack.place(&unit.level, &parent.level)?;
    carry(tx, decision, &unit, &parent)?;
    decision.audit(tx, "unit.move", unit.id)
}

/// A unit under which one at `from` may come to stand: living, of the same organisation, not below it, and in its
/// place since the day decided on.
pub(super) fn parent(tx: &Tx, decision: &Decision, from: &UnitPath, to: &Permit) -> Result<Unit, Fault> {
    if to.top() != decision.permit.top() {
        let en = "units move within their own organisation only; choose a unit of the same organisation";
        return Err(Refusal::field("parent", "只能在本单位内调整，请选择本单位的组织", en).into());
    }
    let parent = living(tx, to)?;
    if from.contains(&parent.path) {
        let zh = "不能选它自己或它的下级组织";
        return Err(Refusal::field("parent", zh, "choose neither the unit itself nor one below it").into());
    }
    let sql = "select max(until_date) from unit_past where top_id = $1 and unit_id = $2 and path <> $3";
    let args = [parent.top.into(), parent.id.into(), parent.path.as_str().into()];
    let moved = tx.row(sql, &args, |row| row.day(0))?.and_then(|last| last.tomorrow().ok());
    let since = moved.unwrap_or(parent.founded).max(parent.founded);
    if decision.on < since {
        let zh = format!("“{}”自 {since} 起才在现在的位置，日期不能早于那一天", parent.short_name);
        let en = format!("“{}” has stood where it is since {since} only; the day cannot be earlier", parent.short_name);
        return Err(Refusal::field("on", zh, en).into());
    }
    Ok(parent)
}

/// Takes a subtree to the next free place below a unit and writes the move down.
pub(super) fn carry(tx: &Tx, decision: &Decision, unit: &Unit, parent: &Unit) -> Result<(), Fault> {
    let above = super::ancestry(tx, unit)?.into_iter().rev().nth(1).map(|old| old.short_name).unwrap_or_default();
    let to = next_place(tx, parent.top, parent.id)?;
    place::shift(tx, unit.top, &unit.path, &to, decision.on)?;
    decision.turn(tx, (unit.id, parent.id), Change::Move, [&above, &parent.short_name])
}

/// Dissolves a unit that has nothing and nobody left. Matters still open go to the heir named, and say so; so does what
/// it keeps for others: a fund, groups, classes, collections, rounds.
pub fn dissolve(tx: &Tx, decision: &Decision, heir: Option<&Permit>) -> Result<(), Fault> {
    let unit = subject(tx, decision)?;
    let below = super::below(tx, &unit)?.len() + super::tops_below(tx, &unit)?.len();
    let sql = "select count(*) from person where top_id = $1 and unit_id = $2 and left_on = '9999-12-31'";
    let people = tx.row(sql, &[unit.top.into(), unit.id.into()], |row| row.int(0))?;
    if below > 0 || people > 0 {
        let zh = format!(
            "还有 {below} 个下级组织、名册上还有 {people} 人，不能撤销：请先把下级组织调整或撤销、把人员转出，或改用“合并”，由接收组织一并承接"
        );
        let en = format!(
            "{below} units below and {people} people on the roll are left: move or dissolve the units and transfer the people first, or merge it into another unit, which takes all of them over"
        );
        return Err(Refusal::rule(zh, en).into());
    }
    let heir = heir.map(|to| parent(tx, decision, &unit.path, to)).transpose()?;
    match &heir {
        Some(heir) => {
            crate::exchange::must_not_be_out(tx, &unit)?;
            merge::keep_going(tx, &unit, heir)?;
            merge::hand_on(tx, decision, (&unit, heir), "撤销 dissolved")?;
        }
        None => merge::must_need_no_heir(tx, decision, &unit)?,
    }
    let sql = "update plan set cancelled = $3 where top_id = $1 and unit_id = $2 and on_date >= $4 and cancelled = 0";
    tx.run(sql, &[unit.top.into(), unit.id.into(), crate::now().into(), decision.on.into()])?;
    close(tx, decision, &unit, decision.note)?;
    decision.note(tx, unit.id, Change::Dissolve, heir.map_or(0, |heir| heir.id))?;
    decision.audit(tx, "unit.dissolve", unit.id)
}

/// Ends the posts and ties of a unit, and the unit itself.
pub(super) fn close(tx: &Tx, decision: &Decision, unit: &Unit, why: &str) -> Result<(), Fault> {
    let args = [unit.top.into(), unit.id.into(), decision.on.into(), why.into()];
    let late = "select p.name, h.from_date from holding h join person p on p.top_id = h.top_id and p.id = h.person_id
                 where h.top_id = $1 and h.unit_id = $2 and h.from_date > $3 order by h.from_date desc limit 1";
    if let Some((name, from)) = tx.rows(late, &args, |row| Ok((row.text(0)?, row.text(1)?)))?.pop() {
        let zh = format!("{name} 自 {from} 起才在该组织任职，日期不能早于那一天");
        return Err(Refusal::field("on", zh, format!("{name} took a post here on {from}; the day is earlier")).into());
    }
    let sql = "update holding set until_date = $3 where top_id = $1 and unit_id = $2 and until_date = '9999-12-31'";
    tx.run(sql, &args)?;
    let sql = "update unit_tie set until_date = case when from_date > $3 then from_date else $3 end
                where top_id = $1 and (unit_id = $2 or other_id = $2) and until_date = '9999-12-31'";
    tx.run(sql, &args)?;
    let sql = "update unit set dissolved = $3, why_dissolved = $4 where top_id = $1 and id = $2";
    tx.run(sql, &args).map(drop)
}
