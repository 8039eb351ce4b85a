//! Writing what a checked sheet would make, all in one transaction, and taking it back.

use super::check::{Above, ChangeDraft, Draft, Facts, PersonDraft, RecordDraft, UnitDraft};
use super::ground::Hand;
use luoshi_rules::{Lang, Refusal, Unit, Verb};
use luoshi_store::account::Over;
use luoshi_store::identity::{self, Field};
use luoshi_store::import::{self, Frozen};
use luoshi_store::person::Entry;
use luoshi_store::unit::{self, Founding};
use luoshi_store::{Fault, Tx, holding, person, record, term};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What an import made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Made {
    /// `unit`, `person`, `record`, or `change` of a person who was there
    pub sort: String,
    pub id: i64,
    /// the unit it belongs to
    pub unit: i64,
    /// posts given with it
    #[serde(default)]
    pub posts: Vec<String>,
    /// what was corrected, for `change`; apart, for most of a hundred thousand rows have none
    #[serde(default)]
    pub turn: Option<Box<Turn>>,
}

/// How somebody was corrected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Turn {
    pub before: Facts,
    pub after: Facts,
    /// whether an identity number was added
    pub identity: bool,
    /// whether a person code was added
    #[serde(default)]
    pub code: bool,
}

/// Writes what a row makes.
pub(super) fn write(tx: &Tx, hand: &Hand, units: &HashMap<i64, Unit>, draft: &Draft) -> Result<Made, Fault> {
    let at = |id: &i64| units.get(id).ok_or(Fault::NotFound);
    match draft {
        Draft::Person(draft) => enter(tx, hand, at(&draft.unit)?, draft),
        Draft::Record(draft) => record(tx, hand, at(&draft.unit)?, draft),
    }
}

/// Founds units, those above first.
pub(super) fn found_all(
    tx: &Tx,
    hand: &Hand,
    units: &HashMap<i64, Unit>,
    drafts: &[UnitDraft],
) -> Result<Vec<Made>, Fault> {
    let (mut waiting, mut made): (Vec<&UnitDraft>, Vec<Made>) = (drafts.iter().collect(), Vec::new());
    let mut founded: HashMap<usize, Unit> = HashMap::new();
    while !waiting.is_empty() {
        let (before, mut left) = (waiting.len(), Vec::new());
        for draft in waiting {
            let above = match draft.above {
                Above::Known(id) => units.get(&id),
                Above::Row(row) => founded.get(&row),
            };
            let Some(above) = above else {
                left.push(draft);
                continue;
            };
            let unit = found(tx, hand, above, draft)?;
            made.push(Made { sort: "unit".into(), id: unit.id, unit: unit.id, posts: Vec::new(), turn: None });
            founded.insert(draft.row, unit);
        }
        if left.len() == before {
            let refusal = Refusal::rule("上级组织互为上下级，无法建立", "units stand below one another in a circle");
            return Err(refusal.into());
        }
        waiting = left;
    }
    Ok(made)
}

fn found(tx: &Tx, hand: &Hand, above: &Unit, draft: &UnitDraft) -> Result<Unit, Fault> {
    let base = &hand.rules.base;
    let said = &draft.founding;
    let search = luoshi_text::pinyin::title_key(&format!("{} {}", said.full_name, said.short_name));
    let permit = hand.actor.permit(base, Verb::Rule, above)?;
    let unit = unit::found(tx, &permit, &Founding { search, ..said.clone() })?;
    if let Some((from, until)) = draft.term {
        term::set(tx, &hand.actor.permit(base, Verb::Roll, &unit)?, from, until)?;
    }
    Ok(unit)
}

fn enter(tx: &Tx, hand: &Hand, at: &Unit, draft: &PersonDraft) -> Result<Made, Fault> {
    let base = &hand.rules.base;
    let permit = hand.actor.permit(base, Verb::Roll, at)?;
    let name = &draft.entry.name;
    let entry = Entry { search: luoshi_text::pinyin::key(name), ..draft.entry.clone() };
    let id = person::add(tx, &permit, &entry).map_err(|fault| about(name, at, fault))?;
    for post in &draft.posts {
        let post = base.post(post).ok_or(Fault::NotFound)?;
        if !hand.actor.may_give(base, &post.id, &at.path) {
            return Err(Refusal::NotAllowed.into());
        }
        holding::appoint(tx, &permit, post, id, draft.since, "").map_err(|fault| about(name, at, fault))?;
    }
    Ok(Made { sort: "person".into(), id, unit: at.id, posts: draft.posts.clone(), turn: None })
}

/// Lets the roll follow the sheet where they differ.
pub(super) fn follow(
    tx: &Tx,
    hand: &Hand,
    units: &HashMap<i64, Unit>,
    changes: Vec<ChangeDraft>,
) -> Result<Vec<Made>, Fault> {
    let mut made = Vec::new();
    for ChangeDraft { person: id, unit, before, after, identity: number, code } in changes {
        let at = units.get(&unit).ok_or(Fault::NotFound)?;
        let permit = hand.actor.permit(&hand.rules.base, Verb::Roll, at)?;
        let told = |fault| about(&before.name, at, fault);
        if after != before {
            person::correct(tx, &permit, id, &after.entry()).map_err(told)?;
        }
        if !number.is_empty() {
            identity::set(tx, &permit, id, Field::Identity, &number).map_err(told)?;
        }
        if !code.is_empty() {
            let over = Over { actor: hand.actor, base: &hand.rules.base, at, person: id };
            identity::give_code(tx, &over, &code).map_err(told)?;
        }
        let turn = Some(Box::new(Turn { before, after, identity: !number.is_empty(), code: !code.is_empty() }));
        made.push(Made { sort: "change".into(), id, unit, posts: Vec::new(), turn });
    }
    Ok(made)
}

/// Puts somebody back as they were before an import, unless they were corrected again since.
fn turn_back(tx: &Tx, hand: &Hand, at: &Unit, id: i64, turn: &Turn) -> Result<(), Fault> {
    let scope = hand.actor.scope(&hand.rules.base, Verb::Roll, at)?;
    let one = person::find(tx, &scope, id)?;
    let now = Facts { name: one.name, sex: one.sex, born: one.born, joined: one.joined, full_on: one.full_on };
    if now != turn.after || one.unit != at.id {
        let zh = format!("{} 后来又更正过或已转走，不能整批撤销；请逐条更正", now.name);
        let en = format!("{} was corrected or moved since; correct one by one", now.name);
        return Err(Refusal::rule(zh, en).into());
    }
    let permit = hand.actor.permit(&hand.rules.base, Verb::Roll, at)?;
    if turn.after != turn.before {
        person::correct(tx, &permit, id, &turn.before.entry())?;
    }
    if turn.identity {
        import::unset(tx, &permit, id, Field::Identity)?;
    }
    if turn.code { import::unset(tx, &permit, id, Field::Code) } else { Ok(()) }
}

/// A refusal with the name of whom it is about.
fn about(name: &str, at: &Unit, fault: Fault) -> Fault {
    let Fault::Refused(refusal) = fault else { return fault };
    let (zh, en) = (refusal.say(Lang::Zh), refusal.say(Lang::En));
    Refusal::rule(format!("{name}（{}）：{zh}", at.short_name), format!("{name} ({}): {en}", at.short_name)).into()
}

fn record(tx: &Tx, hand: &Hand, at: &Unit, draft: &RecordDraft) -> Result<Made, Fault> {
    let kind = hand.rules.kind(&draft.kind).ok_or(Fault::NotFound)?;
    let permit = hand.actor.permit(&hand.rules.base, Verb::Write, at)?;
    let id = record::add(tx, &permit, &plain(kind, draft.on, draft.data.clone()))?;
    Ok(Made { sort: "record".into(), id, unit: at.id, posts: Vec::new(), turn: None })
}

/// A record of what happened, without people or files.
fn plain(kind: &luoshi_rules::Kind, on: jiff::civil::Date, data: serde_json::Value) -> record::Entry<'_> {
    record::Entry { kind, on, data, makes_up: String::new(), due: None, stood: Vec::new(), files: Vec::new() }
}

/// Takes back what an import made, newest first, or nothing when something builds on it.
pub(super) fn undo(tx: &Tx, hand: &Hand, made: &[Made]) -> Result<(), Fault> {
    let base = &hand.rules.base;
    let mut frozen: Option<Frozen> = None;
    for one in made.iter().rev() {
        let at = unit::find(tx, one.unit)?;
        match one.sort.as_str() {
            "unit" => import::unmake_unit(tx, &hand.actor.permit(base, Verb::Rule, &at)?, one.id)?,
            "change" => turn_back(tx, hand, &at, one.id, one.turn.as_ref().ok_or(Fault::NotFound)?)?,
            "person" => {
                let permit = hand.actor.permit(base, Verb::Roll, &at)?;
                let frozen = match &mut frozen {
                    Some(known) => known,
                    none => none.insert(import::frozen(tx, &permit)?),
                };
                import::unmake_person(tx, &permit, one.id, &one.posts, frozen)?;
            }
            _ => withdraw(tx, hand, &at, one.id)?,
        }
    }
    Ok(())
}

fn withdraw(tx: &Tx, hand: &Hand, at: &Unit, id: i64) -> Result<(), Fault> {
    let scope = hand.actor.scope(&hand.rules.base, Verb::Write, at)?;
    let line = record::find(tx, &scope, id)?;
    let kind = hand.rules.kind(&line.record.kind).ok_or(Fault::NotFound)?;
    let on = line.record.on;
    if line.record.version > 1 {
        let refusal = Refusal::rule(
            format!("{} {on} 的“{}”已被更正或撤回，不能整批撤销；请逐条更正", at.short_name, kind.name.zh),
            format!(
                "“{}” of {} on {on} was corrected or withdrawn since; correct one by one",
                kind.name.en, at.short_name
            ),
        );
        return Err(refusal.into());
    }
    let permit = hand.actor.permit(&hand.rules.base, Verb::Write, at)?;
    record::withdraw(tx, &permit, id, 1, &plain(kind, on, line.record.data), "撤销导入")
}

#[cfg(test)]
mod tests {
    use super::Made;

    #[test]
    fn what_a_row_made_weighs_little_for_there_are_two_hundred_thousand() {
        assert!(size_of::<Made>() <= 80, "{}", size_of::<Made>());
    }
}
