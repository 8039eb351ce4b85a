//! Fields that name people or a unit: what was typed is looked up, what is not known is told with the nearest names,
//! and keys are shown as names.

use super::people;
use crate::form::Fields;
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_rules::record::{Field, Holds};
use luoshi_rules::{Kind, Label, Refusal, Unit, Verb};
use luoshi_store::record::subject::{self, MOST, Names, Person, Place};
use luoshi_text::nearest::nearest;
use serde_json::Value as Json;

/// How many names are told at once.
const TOLD: usize = 30;

/// What a typed word turned out to be: one, or words about why it is none.
type Found = Result<i64, Label>;

/// The answers with keys in the place of names. Everything that is not known is told at once.
pub(super) async fn resolve(
    visit: &Visit,
    at: &Unit,
    kind: &Kind,
    fields: &Fields,
) -> Result<(Fields, Vec<Refusal>), Trouble> {
    let (mut out, mut refusals) = (fields.clone(), Vec::new());
    for field in kind.field.iter().filter(|field| matches!(field.holds, Holds::People | Holds::Unit)) {
        let typed = people::names(&fields.get(&field.id).map_or(String::new(), |all| all.join("\n")));
        if typed.is_empty() {
            continue;
        }
        let most = if field.holds == Holds::People { MOST } else { 1 };
        if typed.len() > most {
            refusals.push(refuse(field, format!("最多 {most} 个"), format!("{most} at most")));
            continue;
        }
        let found = match field.holds {
            Holds::People => find_people(visit, at, &typed).await?,
            _ => find_units(visit, at, &typed).await?,
        };
        let keys = found.iter().flatten().map(ToString::to_string).collect();
        refusals.extend(unknown(field, &typed, &found));
        out.insert(field.id.clone(), keys);
    }
    Ok((out, refusals))
}

async fn find_people(visit: &Visit, at: &Unit, typed: &[String]) -> Result<Vec<Found>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, at)?;
    let (top, names) = (at.top, typed.iter().map(|word| parts(word).0.to_owned()).collect::<Vec<_>>());
    let read = move |tx: &luoshi_store::Tx| Ok((subject::roll(tx, &scope)?, subject::bearing(tx, top, &names)?));
    let (mut all, elsewhere) = visit.app.read(read).await?;
    all.extend(elsewhere);
    all.sort_by_key(|one| one.id);
    all.dedup_by_key(|one| one.id);
    Ok(typed.iter().map(|word| person(word, &all, at)).collect())
}

/// A word and the unit it names in brackets: 张三（第一支部）.
fn parts(word: &str) -> (&str, &str) {
    let cut = word.split_once('（').or_else(|| word.split_once('('));
    cut.map_or((word, ""), |(name, rest)| (name.trim(), rest.trim_end_matches(['）', ')']).trim()))
}

fn person(word: &str, all: &[Person], at: &Unit) -> Found {
    let (name, unit) = parts(word);
    if let Some(one) = word.parse().ok().and_then(|id: i64| all.iter().find(|one| one.id == id)) {
        return Ok(one.id);
    }
    let (low, home) = (name.to_lowercase(), |one: &&Person| one.unit == at.id);
    let there = |one: &&Person| unit.is_empty() || one.unit_name == unit;
    let mut meant: Vec<&Person> = all.iter().filter(|one| one.name == name).filter(there).collect();
    if meant.is_empty() {
        let reads = |one: &&Person| one.search.split_whitespace().any(|reading| reading == low);
        meant = all.iter().filter(reads).filter(there).collect();
    }
    let own: Vec<&Person> = meant.iter().copied().filter(home).collect();
    match (meant.as_slice(), own.as_slice()) {
        ([one], _) | (_, [one]) => Ok(one.id),
        ([], _) => {
            let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
            Err(near(word, nearest(name, &names, 3).iter().map(|one| one.name.to_owned()).collect()))
        }
        (several, _) => {
            let who = several.iter().take(5).map(|one| format!("{}（{}）", one.name, one.unit_name));
            Err(choose(word, who.collect()))
        }
    }
}

async fn find_units(visit: &Visit, at: &Unit, typed: &[String]) -> Result<Vec<Found>, Trouble> {
    let top = at.top;
    let all = visit.app.read(move |tx| subject::units(tx, top)).await?;
    Ok(typed.iter().map(|word| place(word, &all)).collect())
}

fn place(word: &str, all: &[Place]) -> Found {
    let is = |one: &&Place| one.full_name == word || one.short_name == word || word.parse() == Ok(one.id);
    let meant: Vec<&Place> = all.iter().filter(is).collect();
    match meant.as_slice() {
        [one] => Ok(one.id),
        [] => {
            let names: Vec<&str> = all.iter().map(|one| one.short_name.as_str()).collect();
            Err(near(word, nearest(word, &names, 3).iter().map(|one| one.name.to_owned()).collect()))
        }
        several => Err(choose(word, several.iter().take(5).map(|one| one.full_name.clone()).collect())),
    }
}

fn near(word: &str, names: Vec<String>) -> Label {
    match names.is_empty() {
        true => Label::new(word, word),
        false => {
            Label::new(format!("{word}（是否为 {}？）", names.join("、")), format!("{word} ({}?)", names.join(", ")))
        }
    }
}

fn choose(word: &str, names: Vec<String>) -> Label {
    let zh = format!("{word}（有几个，请写明：{}）", names.join("、"));
    Label::new(zh, format!("{word} (several; write one of: {})", names.join(", ")))
}

/// What is told of a field in which some words were not known.
fn unknown(field: &Field, typed: &[String], found: &[Found]) -> Option<Refusal> {
    let wrong: Vec<&Label> = found.iter().filter_map(|one| one.as_ref().err()).collect();
    if wrong.is_empty() {
        return None;
    }
    let (known, n) = (typed.len() - wrong.len(), wrong.len());
    let zh: Vec<&str> = wrong.iter().take(TOLD).map(|one| one.zh.as_str()).collect();
    let en: Vec<&str> = wrong.iter().take(TOLD).map(|one| one.en.as_str()).collect();
    let zh = format!("已认出 {known} 个，未认出 {n} 个，请逐个改正，其余不必重填：{}", zh.join("、"));
    Some(refuse(field, zh, format!("{known} known, {n} not known; mend these, the rest is kept: {}", en.join(", "))))
}

fn refuse(field: &Field, zh: String, en: String) -> Refusal {
    Refusal::field(&field.id, format!("{}：{zh}", field.name.zh), format!("{}: {en}", field.name.en))
}

/// Whether two refusals are about one field.
pub(super) fn same_field(a: &Refusal, b: &Refusal) -> bool {
    matches!((a, b), (Refusal::Field { field: a, .. }, Refusal::Field { field: b, .. }) if a == b)
}

/// The names of what one record names.
pub(crate) fn names(
    visit: &Visit,
    tx: &luoshi_store::Tx,
    top: i64,
    lines: &[super::Line],
) -> Result<Names, luoshi_store::Fault> {
    let of = |line: &'_ super::Line| visit.rules.kind(&line.record.kind);
    subject::names(tx, top, lines.iter().filter_map(|line| Some((of(line)?, &line.record.data))))
}

/// An answer that holds keys, by the names they stand for. Who a person is, is for those who may see people there.
pub(super) fn words(visit: &Visit, field: &Field, value: &Json, (names, open): (&Names, bool)) -> String {
    let keys = subject::keys(value);
    let gone = || visit.say("（已不在名册）", "(no longer on the roll)").to_owned();
    match field.holds {
        Holds::People if !open => format!("{} {}", keys.len(), visit.say("人", "people")),
        Holds::People => {
            let name = |id| names.people.get(id).map_or_else(gone, |one: &Person| one.name.clone());
            keys.iter().map(name).collect::<Vec<_>>().join(visit.mark("、"))
        }
        _ => {
            let name = |id| names.units.get(id).map_or_else(gone, |one: &Place| one.short_name.clone());
            keys.iter().map(name).collect::<Vec<_>>().join(visit.mark("、"))
        }
    }
}

/// Whether a visitor sees who is named on the records of a unit.
pub(crate) fn open(visit: &Visit, unit: &Unit) -> bool {
    visit.within(unit) || visit.may(Verb::People, unit)
}

/// The boxes of a form that is filled from a record: names, one a line, each with its unit.
pub(super) fn refill(kind: &Kind, data: &Json, names: &Names, fields: &mut Fields) {
    for field in kind.field.iter().filter(|field| !data[&field.id].is_null()) {
        let keys = subject::keys(&data[&field.id]);
        let lines: Vec<String> = match field.holds {
            Holds::People => {
                let known = keys.iter().filter_map(|id| names.people.get(id));
                known.map(|one| format!("{}（{}）", one.name, one.unit_name)).collect()
            }
            Holds::Unit => keys.iter().filter_map(|id| names.units.get(id)).map(|one| one.full_name.clone()).collect(),
            _ => continue,
        };
        fields.insert(field.id.clone(), vec![lines.join("\n")]);
    }
}
