//! What a record counts as besides its own kind: a theme day in which a lecture was held, or people served.

use crate::form::{Fields, all};
use crate::obligation::kind_name;
use crate::visit::Visit;
use luoshi_rules::record::ALSO;
use luoshi_rules::{Kind, Refusal, Unit};
use maud::{Markup, html};
use serde_json::Value as Json;

/// The kinds that a record of a unit may count as too.
fn offered<'a>(visit: &'a Visit, at: &Unit, kind: &Kind) -> Vec<&'a Kind> {
    let kept = |one: &&Kind| one.level.is_empty() || one.level.contains(&at.level);
    kind.also.iter().filter_map(|id| visit.rules.kind(id)).filter(kept).collect()
}

/// The question, where there is something to tick.
pub(super) fn ask(visit: &Visit, at: &Unit, kind: &Kind, filled: &super::Filled<'_>) -> Markup {
    let (offered, ticked) = (offered(visit, at, kind), all(filled.fields, ALSO));
    html! {
        @if !offered.is_empty() {
            fieldset.choices { legend { (visit.say("同时算作（选填）", "Counts as well as (optional)")) }
                @for one in &offered { label { input type="checkbox" name=(ALSO) value=(one.id) checked[ticked.contains(&one.id)]; " " (visit.of(&one.name)) } }
                small { (visit.say("其中做了这些的请勾选，不必另记一条。", "Tick what was done in it; it needs no record of its own.")) }
                @if let Some(words) = filled.complaints.under(ALSO, visit.lang) { p.error { "▲ " (words) } } }
        }
    }
}

/// What was ticked, into the data of the record.
pub(super) fn read(visit: &Visit, at: &Unit, kind: &Kind, (fields, data): (&Fields, &mut Json)) -> Result<(), Refusal> {
    let (offered, ticked) = (offered(visit, at, kind), all(fields, ALSO));
    let ticked: Vec<&String> = ticked.iter().filter(|one| !one.is_empty()).collect();
    if ticked.iter().any(|one| offered.iter().all(|kind| kind.id != **one)) {
        return Err(Refusal::field(ALSO, "请从列出的类型中选择", "choose among the kinds that are listed"));
    }
    if let Some(data) = data.as_object_mut().filter(|_| !ticked.is_empty()) {
        data.insert(ALSO.into(), ticked.into_iter().cloned().collect());
    }
    Ok(())
}

/// The boxes of the form as a record was kept.
pub(super) fn refill(data: &Json, fields: &mut Fields) {
    let kinds = data[ALSO].as_array().into_iter().flatten().filter_map(Json::as_str);
    fields.insert(ALSO.into(), kinds.map(ToOwned::to_owned).collect());
}

/// What it counts as too, on the page of a record.
pub(super) fn show(visit: &Visit, data: &Json) -> Markup {
    let kinds: Vec<&str> = data[ALSO].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    html! { @if !kinds.is_empty() { dt { (visit.say("同时算作", "Counts as well as")) }
    dd { @for (n, kind) in kinds.iter().enumerate() { @if n > 0 { "、" } (kind_name(visit, kind)) } } } }
}
