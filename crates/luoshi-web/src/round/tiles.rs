//! The grid of a term: every unit a tile, by class, in the colour of its round; its shape and word say how far it is.

use super::coverage::{Found, Line};
use crate::visit::Visit;
use luoshi_rules::pack::name_of;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// How many colours there are; rounds take them in turn.
const COLOURS: i64 = 6;

/// Shape, word and style of how far a unit is.
fn stands(visit: &Visit, found: &Found, line: &Line) -> (&'static str, &'static str, &'static str) {
    let flow = visit.rules.base.round(&found.coverage.kind).and_then(|kind| visit.rules.base.flow(&kind.flow));
    match &line.turn {
        _ if line.place.dissolved.is_some() => ("◇", visit.say("已撤销", "dissolved"), "gone"),
        None => ("○", visit.say("未覆盖", "not yet"), "waits"),
        Some(turn) if turn.arrived.is_none() => ("◐", visit.say("已列入", "on the list"), "listed"),
        Some(turn) if flow.is_some_and(|flow| flow.closes(&turn.step)) => {
            ("■", visit.say("已办结", "closed"), "closed")
        }
        Some(_) => ("●", visit.say("已到场", "visited"), "visited"),
    }
}

pub(super) fn show(visit: &Visit, found: &Found) -> Markup {
    let mut classes: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for line in &found.lines {
        classes.entry(&line.place.class).or_default().push(line);
    }
    for lines in classes.values_mut() {
        lines.sort_by(|a, b| a.place.path.cmp(&b.place.path));
    }
    html! {
        @for (class, lines) in &classes {
            @let living = lines.iter().filter(|line| line.place.dissolved.is_none());
            h3 { (name_of(&visit.rules.base.class, class).map_or("", |label| visit.of(label)))
                " " small { (living.clone().filter(|line| line.turn.as_ref().is_some_and(|turn| turn.arrived.is_some())).count()) " / " (living.count()) } }
            ul.tiles { @for line in lines { li { (tile(visit, found, line)) } } }
        }
        p.help { "○ " (visit.say("未覆盖", "not yet")) "　◐ " (visit.say("已列入", "on the list")) "　● " (visit.say("已到场", "visited"))
            "　■ " (visit.say("已办结", "closed")) "　◇ " (visit.say("已撤销", "dissolved")) "　" (visit.say("颜色和数字为轮次", "colour and number: the round")) }
    }
}

fn tile(visit: &Visit, found: &Found, line: &Line) -> Markup {
    let (shape, word, style) = stands(visit, found, line);
    let round = line.turn.as_ref().and_then(|turn| found.rounds.iter().find(|round| round.id == turn.round));
    let inside = html! {
        span.shape { (shape) } " " b { (line.place.name) }
        small { @if let Some(round) = round { (visit.say("第", "Round ")) (round.no) (visit.say("轮 ", " ")) } (word)
            @if !line.place.listed { " · " (visit.say("新增", "new")) } }
    };
    let class = format!(
        "tile {style} {}",
        round.map_or(String::new(), |round| format!("round-{}", (round.no - 1).rem_euclid(COLOURS) + 1))
    );
    match round {
        Some(round) => html! { a class=(class) href={ "/units/" (round.unit) "/rounds/" (round.id) } { (inside) } },
        None => html! { a class=(class) href={ "/units/" (line.place.unit) } { (inside) } },
    }
}
