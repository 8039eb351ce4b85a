//! Writing what a checked sheet would make, all in one transaction, and taking it back.

use super::check::{Draft, long_ago};
use super::columns::plain;
use luoshi_rules::person::Standing;
use luoshi_rules::{Actor, Refusal, Rulebook, Unit, Verb};
use luoshi_store::person::Entry;
use luoshi_store::{Fault, Tx, holding, import, person, record, term, unit};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What an import made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Made {
    /// `unit`, `person` or `record`
    pub sort: String,
    pub id: i64,
    /// the unit it belongs to
    pub unit: i64,
}

/// Who writes, by which rules, at which unit.
pub(super) struct Hand<'a> {
    pub actor: &'a Actor,
    pub rules: &'a Rulebook,
    pub at: &'a Unit,
}

/// Writes every draft, or none.
pub(super) fn write(tx: &Tx, hand: &Hand, drafts: &[Draft]) -> Result<Vec<Made>, Fault> {
    let scope = hand.actor.scope(&hand.rules.base, Verb::See, hand.at)?;
    let mut units: HashMap<i64, Unit> = unit::list(tx, &scope)?.into_iter().map(|unit| (unit.id, unit)).collect();
    let (mut made, mut waiting) = (Vec::new(), Vec::new());
    for draft in drafts {
        match draft {
            Draft::Unit { .. } => waiting.push(draft),
            Draft::Person { unit, .. } => {
                made.push(one_person(tx, hand, units.get(unit).ok_or(Fault::NotFound)?, draft)?)
            }
            Draft::Record { unit, .. } => {
                made.push(one_record(tx, hand, units.get(unit).ok_or(Fault::NotFound)?, draft)?)
            }
        }
    }
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut left = Vec::new();
        for draft in waiting {
            match one_unit(tx, hand, &units, draft)? {
                Some(unit) => {
                    made.push(Made { sort: "unit".into(), id: unit.id, unit: unit.id });
                    units.insert(unit.id, unit);
                }
                None => left.push(draft),
            }
        }
        if left.len() == before {
            let refusal = Refusal::rule("上级组织互为上下级，无法建立", "units stand below one another in a circle");
            return Err(refusal.into());
        }
        waiting = left;
    }
    Ok(made)
}

/// Founds a unit, if the one above is there already.
fn one_unit(tx: &Tx, hand: &Hand, units: &HashMap<i64, Unit>, draft: &Draft) -> Result<Option<Unit>, Fault> {
    let Draft::Unit { full_name, short_name, parent, level, class, code, order_no, founded, term } = draft else {
        return Ok(None);
    };
    let said = plain(parent);
    let named = |unit: &&Unit| plain(&unit.full_name) == said || plain(&unit.short_name) == said;
    let above = if parent.is_empty() { Some(hand.at) } else { units.values().find(named) };
    let Some(above) = above else { return Ok(None) };
    let base = &hand.rules.base;
    let fits = base.level(level).is_some_and(|level| level.under.contains(&above.level));
    if !fits {
        let refusal = Refusal::rule(
            format!("{full_name} 不能设在 {} 之下，请核对级别和上级组织", above.short_name),
            format!("{full_name} cannot stand below {}; check its level and the unit above", above.short_name),
        );
        return Err(refusal.into());
    }
    let permit = hand.actor.permit(base, Verb::Rule, above)?;
    let founding = unit::Founding {
        id: 0,
        level: level.clone(),
        class: class.clone(),
        code: if code.is_empty() {
            base.level(level).and_then(|l| l.code.first().cloned()).unwrap_or_default()
        } else {
            code.clone()
        },
        parts: Vec::new(),
        order_no: *order_no,
        short_name: short_name.clone(),
        full_name: full_name.clone(),
        search: luoshi_text::pinyin::title_key(&format!("{full_name} {short_name}")),
        on: founded.unwrap_or(long_ago(hand.actor.today)),
    };
    let unit = unit::found(tx, &permit, &founding)?;
    if let Some((from, until)) = term {
        term::set(tx, &hand.actor.permit(base, Verb::Roll, &unit)?, *from, *until)?;
    }
    Ok(Some(unit))
}

fn one_person(tx: &Tx, hand: &Hand, at: &Unit, draft: &Draft) -> Result<Made, Fault> {
    let Draft::Person { name, sex, born, identity, phone, standing, joined, full_on, post, since, .. } = draft else {
        return Err(Fault::NotFound);
    };
    let permit = hand.actor.permit(&hand.rules.base, Verb::Roll, at)?;
    let entry = Entry {
        id: 0,
        name: name.clone(),
        search: luoshi_text::pinyin::key(name),
        sex: sex.clone(),
        born: *born,
        standing: Standing::named(standing),
        joined: *joined,
        full_on: *full_on,
        since: Some(joined.unwrap_or(at.founded).max(at.founded)),
        identity: identity.clone(),
        phone: phone.clone(),
    };
    let id = person::add(tx, &permit, &entry)?;
    if let Some(post) = hand.rules.base.post(post) {
        if !hand.actor.may_give(&hand.rules.base, &post.id, &at.path) {
            let refusal = Refusal::rule(
                format!("您不能任命“{}”，请由上级组织导入", post.name.zh),
                format!("you may not appoint to “{}”; the unit above can import this", post.name.en),
            );
            return Err(refusal.into());
        }
        let from = since.unwrap_or(hand.actor.today).max(at.founded);
        holding::appoint(tx, &permit, post, id, from, "").map_err(|fault| match fault {
            Fault::Refused(refusal) => {
                let (zh, en) = (refusal.say(luoshi_rules::Lang::Zh), refusal.say(luoshi_rules::Lang::En));
                Refusal::rule(format!("{name}（{}）：{zh}", at.short_name), format!("{name} ({}): {en}", at.short_name))
                    .into()
            }
            other => other,
        })?;
    }
    Ok(Made { sort: "person".into(), id, unit: at.id })
}

fn one_record(tx: &Tx, hand: &Hand, at: &Unit, draft: &Draft) -> Result<Made, Fault> {
    let Draft::Record { kind, on, fields, .. } = draft else { return Err(Fault::NotFound) };
    let kind = hand.rules.kind(kind).ok_or(Fault::NotFound)?;
    let data = kind.read(fields).map_err(|mut refusals| refusals.pop().unwrap_or(Refusal::NotAllowed))?;
    let permit = hand.actor.permit(&hand.rules.base, Verb::Write, at)?;
    let entry =
        record::Entry { kind, on: *on, data, makes_up: String::new(), due: None, stood: Vec::new(), files: Vec::new() };
    let id = record::add(tx, &permit, &entry)?;
    Ok(Made { sort: "record".into(), id, unit: at.id })
}

/// Takes back what an import made, newest first, or nothing when something builds on it.
pub(super) fn undo(tx: &Tx, hand: &Hand, made: &[Made]) -> Result<(), Fault> {
    let base = &hand.rules.base;
    for one in made.iter().rev() {
        let at = unit::find(tx, one.unit)?;
        match one.sort.as_str() {
            "unit" => import::unmake_unit(tx, &hand.actor.permit(base, Verb::Rule, &at)?, one.id)?,
            "person" => import::unmake_person(tx, &hand.actor.permit(base, Verb::Roll, &at)?, one.id)?,
            _ => withdraw(tx, hand, &at, one.id)?,
        }
    }
    Ok(())
}

fn withdraw(tx: &Tx, hand: &Hand, at: &Unit, id: i64) -> Result<(), Fault> {
    let scope = hand.actor.scope(&hand.rules.base, Verb::Write, at)?;
    let line = record::find(tx, &scope, id)?;
    if line.record.version > 1 {
        let refusal =
            Refusal::rule("导入的纪实已被更正过，不能整批撤销", "records of this import have been corrected since");
        return Err(refusal.into());
    }
    let kind = hand.rules.kind(&line.record.kind).ok_or(Fault::NotFound)?;
    let permit = hand.actor.permit(&hand.rules.base, Verb::Write, at)?;
    let (on, data) = (line.record.on, line.record.data);
    let entry =
        record::Entry { kind, on, data, makes_up: String::new(), due: None, stood: Vec::new(), files: Vec::new() };
    record::withdraw(tx, &permit, id, 1, &entry, "撤销导入")
}
