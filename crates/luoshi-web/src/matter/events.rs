//! What happened to a matter, first to last: its steps with answers and evidence, and between them who passed it on.

use super::step::{Shown, answer};
use super::window;
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_rules::{Event, Flow, Matter, Unit, Verb};
use luoshi_store::matter::{self, Line, Turn, TurnSort};
use luoshi_store::round::VISITORS;
use maud::{Markup, html};
use serde_json::Value as Json;

/// The names of those who took its steps and of those who came, for those who may see people there.
pub(crate) async fn names(visit: &Visit, at: &Unit, id: i64) -> Result<Vec<Shown>, Trouble> {
    let Ok(scope) = visit.actor.scope(&visit.rules.base, Verb::People, at) else { return Ok(Vec::new()) };
    visit.app.read(move |tx| matter::people(tx, &scope, id)).await
}

/// Everything that happened.
pub(super) fn all(visit: &Visit, at: &Unit, line: &Line, flow: &Flow, names: &[Shown]) -> Markup {
    let turns = |seq: i64| line.turns.iter().filter(move |turn| turn.after == seq);
    html! {
        ol.timeline {
            @for event in &line.matter.events {
                (one(visit, (at, &line.matter, flow), event, names))
                @for turn in turns(event.seq) { (passed(visit, turn)) }
            }
        }
    }
}

fn one(visit: &Visit, (at, matter, flow): (&Unit, &Matter, &Flow), event: &Event, names: &[Shown]) -> Markup {
    let step = flow.step(&event.step);
    let came = event.data[VISITORS].as_array().into_iter().flatten().filter_map(Json::as_i64);
    let came: Vec<&str> =
        came.filter_map(|id| names.iter().find(|(one, _)| *one == id)).map(|(_, name)| name.as_str()).collect();
    let by = names.iter().find(|(id, _)| *id == event.actor);
    html! {
        li { b { (step.map_or("", |step| visit.of(&step.name))) } " " (event.on) @if let Some((_, name)) = by { " " (name) }
            @if let Some((total, band)) = step.and_then(|step| step.score(&event.data)) { " " b { (total) } " " (visit.of(&band.name)) }
            @for field in step.map_or(&[][..], |step| &step.field).iter().filter(|field| !event.data[&field.id].is_null()) {
                " · " (visit.of(&field.name)) " " (answer(visit, field, &event.data[&field.id]))
            }
            @if let Some(words) = event.data["window"].as_str().and_then(|key| window::name(visit, flow, key)) { " · " (words) }
            @if !came.is_empty() { " · " (visit.say("到场：", "came: ")) (came.join(visit.mark("、"))) }
            @for (n, shown) in event.data["evidence"].as_array().into_iter().flatten().enumerate() {
                " · " (piece(visit, (at.id, matter), (event.seq, n), shown))
            }
            @if !event.note.is_empty() { p { (event.note) } } }
    }
}

fn passed(visit: &Visit, turn: &Turn) -> Markup {
    let (word, unit) = match turn.sort {
        TurnSort::Handed => (visit.say("转由其他组织承接", "Passed on"), format!("{} → {}", turn.from, turn.to)),
        TurnSort::Given => (visit.say("交办组织变更", "Given by another unit"), format!("{} → {}", turn.from, turn.to)),
        TurnSort::Helps => (visit.say("增加协办", "Begins to help"), turn.to.clone()),
        TurnSort::Ended => (visit.say("结束协办", "No longer helps"), turn.from.clone()),
    };
    html! { li { b { (word) } " " (turn.on) " · " (unit) @if !turn.note.is_empty() { p { (turn.note) } } } }
}

/// A link to one piece of evidence.
fn piece(visit: &Visit, (at, matter): (i64, &Matter), (seq, n): (i64, usize), shown: &Json) -> Markup {
    html! {
        @match shown["record"].as_i64() {
            Some(record) => a href={ "/units/" (matter.unit) "/records/" (record) } { (visit.say("佐证纪实", "Record as evidence")) },
            None => a href={ "/units/" (at) "/matters/" (matter.id) "/evidence/" (seq) "/" (n) } { (shown["name"].as_str().unwrap_or_default()) },
        }
    }
}
