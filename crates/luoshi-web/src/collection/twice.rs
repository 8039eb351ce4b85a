//! What units were asked twice in a year (重复要的): which question, by whom and in which form, and where it was answered
//! already.

use super::meter::{self, Facts};
use crate::obligation;
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::Response;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::collection::{Before, Twice, twice};
use luoshi_rules::{Collection, Unit, Verb};
use maud::{Markup, html};
use std::collections::HashMap;

/// Every question of the year that was asked again, with its month; of a month those that most are asked first.
fn all(facts: &Facts) -> Vec<(i8, Twice<'_>)> {
    let of = |month: i8| twice(&facts.ground, &facts.collections, (facts.year, month)).into_iter();
    let mut all: Vec<_> = (1..=12).flat_map(|month| of(month).map(move |one| (month, one))).collect();
    all.retain(|(_, one)| one.times > 0);
    all.sort_by_key(|(month, one)| (*month, -one.times));
    all
}

/// The list on the page of the meter.
pub(super) fn section(visit: &Visit, at: &Unit, facts: &Facts) -> Markup {
    let all = all(facts);
    html! { @if !all.is_empty() {
        h2 #twice { (visit.say("重复要的", "Asked twice")) " " small { (all.len()) } }
        p.help { (visit.say("同一个月里又要填一遍的：谁在哪张表里要，已经在哪里填过或记过。请与发出组织商量并表，或改选“系统已有”。",
            "What has to be filled in again in the same month: by whom and in which form, and where it was told or recorded already. Talk to whoever asks: put the forms together, or let the system fill it in.")) }
        div.scroll { table.list {
            thead { tr { th { (visit.say("月份", "Month")) } th { (visit.say("问的什么", "What is asked")) } th { (visit.say("谁又要", "Asked again by")) }
                th { (visit.say("哪张表", "In which form")) } th { (visit.say("已在哪里", "Answered already in")) } th.num { (visit.say("重复次数", "Times")) } } }
            @for (month, one) in &all { tr {
                td.nowrap { (shell::month(visit.lang, *month)) } td { b { (one.question.name) } } td { small.phone { (visit.say("又要的 ", "asked again by ")) } (one.by.unit_name) }
                td { (form(at, one.by)) } td { small.phone { (visit.say("已在 ", "told in ")) } (before(visit, at, &one.before)) } td.num { small.phone { (visit.say("重复次数 ", "times ")) } (one.times) }
            } }
        } }
        (shell::formats_of(visit, "twice"))
    } }
}

/// A form, as a link where its page opens from this unit.
fn form(at: &Unit, one: &Collection) -> Markup {
    let opens = at.path.contains(&one.path) || one.reaches(at);
    html! { @if opens { a href={ "/units/" (at.id) "/collections/" (one.id) } { (one.title) } } @else { (one.title) } }
}

fn before(visit: &Visit, at: &Unit, before: &Before) -> Markup {
    html! { @match before {
        Before::Asked(older) => { (older.unit_name) " · " (form(at, older)) }
        Before::Recorded(held) => { (visit.say("纪实 ", "records: ")) (held.clause) " " (visit.of(&held.what)) }
    } }
}

pub(super) fn table(visit: &Visit, facts: &Facts) -> Table {
    let mut table = Table::new(format!("{} {}", facts.year, visit.say("重复要的", "asked twice")))
        .column("month", visit.say("月份", "Month"), Kind::Text)
        .column("question", visit.say("问的什么", "What is asked"), Kind::Text)
        .column("unit", visit.say("谁又要", "Asked again by"), Kind::Text)
        .column("form", visit.say("哪张表", "In which form"), Kind::Text)
        .column("before", visit.say("已在哪里", "Answered already in"), Kind::Text)
        .column("times", visit.say("重复次数", "Times"), Kind::Number)
        .key("id")
        .key("unit_id");
    let told = |before: &Before| match before {
        Before::Asked(older) => format!("{} · {}", older.unit_name, older.title),
        Before::Recorded(held) => {
            format!("{}{} {}", visit.say("纪实 ", "records: "), held.clause, visit.of(&held.what))
        }
    };
    let row = |(month, one): &(i8, Twice)| {
        vec![
            format!("{}-{month:02}", facts.year).into(),
            one.question.name.as_str().into(),
            one.by.unit_name.as_str().into(),
            one.by.title.as_str().into(),
            told(&one.before).into(),
            Cell::Number(one.times),
            Cell::Key(one.by.id),
            Cell::Key(one.by.unit),
        ]
    };
    table.rows = all(facts).iter().map(row).collect();
    table
}

/// The list alone, for programs.
pub(crate) async fn list(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let ledger = obligation::ledger(&visit, &at, year, None).await?;
    let facts = meter::read(&visit, &at, &ledger).await?;
    crate::export::list(&query, || table(&visit, &facts))?.ok_or(Trouble::NotFound)
}
