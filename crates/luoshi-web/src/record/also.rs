//! What a record counts as besides its own kind: a theme day in which a lecture was held, or people served.

use super::{Filled, question};
use crate::form::{Fields, all, one};
use crate::obligation::kind_name;
use crate::visit::Visit;
use luoshi_rules::record::{ALSO, Field, read as read_fields};
use luoshi_rules::{Kind, Label, Refusal, Unit};
use maud::{Markup, html};
use serde_json::Value as Json;

/// The kinds that a record of a unit may count as too.
fn offered<'a>(visit: &'a Visit, at: &Unit, kind: &Kind) -> Vec<&'a Kind> {
    let kept = |one: &&Kind| one.level.is_empty() || one.level.contains(&at.level);
    kind.also.iter().filter_map(|id| visit.rules.kind(id)).filter(kept).collect()
}

/// The question, where there is something to tick.
pub(super) fn ask(visit: &Visit, at: &Unit, kind: &Kind, filled: &Filled<'_>) -> Markup {
    let (offered, ticked) = (offered(visit, at, kind), all(filled.fields, ALSO));
    html! {
        @if !offered.is_empty() {
            fieldset.choices { legend { (visit.say("同时算作（选填）", "Counts as well as (optional)")) }
                @for one in &offered { label { input type="checkbox" name=(ALSO) value=(one.id) checked[ticked.contains(&one.id)]; " " (visit.of(&one.name)) } }
                small { (visit.say("其中做了这些的请勾选，不必另记一条。", "Tick what was done in it; it needs no record of its own.")) }
                @if let Some(words) = filled.complaints.under(ALSO, visit.lang) { p.error { "▲ " (words) } } }
            @for one in &offered { @for number in kind.asks_of(one) { (question::ask(visit, &named(one, number), filled)) } }
        }
    }
}

/// A number that is asked for the sake of a kind that was ticked: it may be left empty where that was not.
fn named(of: &Kind, number: &Field) -> Field {
    let name = |zh: &str, en: &str| Label::new(format!("{}：{zh}", of.name.zh), format!("{}: {en}", of.name.en));
    let help =
        Label::new(format!("勾选了“{}”的请填。", of.name.zh), format!("Needed where “{}” is ticked.", of.name.en));
    Field { name: name(&number.name.zh, &number.name.en), optional: true, help, ..number.clone() }
}

/// What was ticked, into the data of the record, with the numbers it is counted by.
pub(super) fn read(
    visit: &Visit,
    at: &Unit,
    kind: &Kind,
    (fields, data): (&Fields, &mut Json),
) -> Result<(), Vec<Refusal>> {
    let (offered, ticked) = (offered(visit, at, kind), all(fields, ALSO));
    let ticked: Vec<&String> = ticked.iter().filter(|one| !one.is_empty()).collect();
    if ticked.iter().any(|one| offered.iter().all(|kind| kind.id != **one)) {
        return Err(vec![Refusal::field(ALSO, "请从列出的类型中选择", "choose among the kinds that are listed")]);
    }
    let (chosen, others): (Vec<&Kind>, Vec<&Kind>) = offered.into_iter().partition(|kind| ticked.contains(&&kind.id));
    let idle = others.iter().flat_map(|other| kind.asks_of(other).map(move |number| (other, number)));
    let idle = idle.filter(|(_, number)| !one(fields, &number.id).is_empty()).map(|(other, _)| unticked(other));
    let numbers: Vec<Field> =
        chosen.iter().flat_map(|of| kind.asks_of(of).map(|n| Field { optional: false, ..named(of, n) })).collect();
    let numbers = read_fields(&numbers, fields);
    let wrong: Vec<Refusal> = numbers.as_ref().err().into_iter().flatten().cloned().chain(idle).collect();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    if let Some(data) = data.as_object_mut().filter(|_| !ticked.is_empty()) {
        data.insert(ALSO.into(), ticked.into_iter().cloned().collect());
        data.extend(numbers.ok().and_then(|numbers| numbers.as_object().cloned()).into_iter().flatten());
    }
    Ok(())
}

/// A number was given for a kind that was not ticked.
fn unticked(of: &Kind) -> Refusal {
    Refusal::field(
        ALSO,
        format!("填了“{}”的数，请勾选它，或把数清空", of.name.zh),
        format!("a number is given for “{}”: tick it, or clear the number", of.name.en),
    )
}

/// The kinds a record counts as too.
fn kinds(data: &Json) -> Vec<&str> {
    data[ALSO].as_array().into_iter().flatten().filter_map(Json::as_str).collect()
}

/// The numbers it is counted by as another kind, each with its name.
pub(super) fn numbers<'a>(visit: &'a Visit, kind: &str, data: &'a Json) -> Vec<(&'a Field, i64)> {
    let Some(kind) = visit.rules.kind(kind) else { return Vec::new() };
    let others = kinds(data).into_iter().filter_map(|id| visit.rules.kind(id));
    let given = |field: &'a Field| Some((field, data[&field.id].as_i64()?));
    others.flat_map(|other| kind.asks_of(other)).filter_map(given).collect()
}

/// The boxes of the form as a record was kept.
pub(super) fn refill(visit: &Visit, kind: &str, data: &Json, fields: &mut Fields) {
    fields.insert(ALSO.into(), kinds(data).into_iter().map(ToOwned::to_owned).collect());
    for (field, n) in numbers(visit, kind, data) {
        fields.insert(field.id.clone(), vec![n.to_string()]);
    }
}

/// What it counts as too, on the page of a record.
pub(super) fn show(visit: &Visit, kind: &str, data: &Json) -> Markup {
    let kinds = kinds(data);
    html! { @if !kinds.is_empty() { dt { (visit.say("同时算作", "Counts as well as")) }
        dd { @for (n, kind) in kinds.iter().enumerate() { @if n > 0 { (visit.mark("、")) } (kind_name(visit, kind)) } }
        @for (field, n) in numbers(visit, kind, data) { dt { (visit.of(&field.name)) } dd { (n) } }
    } }
}
