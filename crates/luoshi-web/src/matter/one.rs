//! One matter: its wording, what happened, and what the visitor may do next.

use super::{duties, limit, stand, state};
use crate::form::{Sent, one, operation};
use crate::obligation::days;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use luoshi_rules::matter::Matter;
use luoshi_rules::{Flow, Refusal, Verb};
use luoshi_store::{matter, unit};
use maud::{Markup, html};

pub(super) async fn show(visit: Visit, Place((id, matter)): Place<(i64, i64)>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let found = visit.app.read(move |tx| matter::find(tx, &scope, matter)).await?;
    let duties = duties(&visit, &at, std::slice::from_ref(&found), None).await?;
    let one = stand(&visit, found, &duties);
    let flow = visit.rules.base.flow(&one.line.matter.flow).ok_or(Trouble::NotFound)?;
    let open = sides(&visit, &one.line.matter, flow).await?;
    let title = one.line.matter.title.clone();
    let page = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::FollowUp };
    let matter = &one.line.matter;
    let body = html! {
        p { (visit.of(&flow.name)) " · " (one.line.opener_name) " → " a href={ "/units/" (matter.unit) } { (one.line.unit_name) }
            " · " b { @if one.closed { (visit.say("已销号", "Closed")) } @else { (state(&visit, matter)) } }
            @if !one.closed && let Some(day) = limit(&visit, matter) { " · " (visit.say("期限 ", "limit ")) (day) " " (days(&visit, day)) } }
        @if let Some(status) = one.duty {
            p { (visit.say("所督办的职责：", "The duty: "))
                a href={ "/units/" (matter.unit) "/" (matter.data["year"].as_i64().unwrap_or(0)) "/duties/" (matter.data["clause"].as_str().unwrap_or_default()) } { (matter.title) }
                " " (shell::badge(visit.lang, status)) }
            @if one.closed && !flow.closes(matter.events.last().map_or("", |event| &event.step)) {
                p.note { (visit.say("职责已落实，事项自行销号。", "The duty is met: the matter closed itself.")) }
            }
        }
        @if matter.flow == luoshi_store::handover::FLOW {
            p { a.button href={ "/units/" (matter.unit) "/handovers/" (matter.id) } { (visit.say("交接清单", "What is handed over")) } }
        }
        @if matter.flow == "directive" { (order(&visit, matter)) }
        (timeline(&visit, matter, flow))
        p { (crate::collection::burden_link(&visit, &at, ("matter", &matter.id.to_string()))) }
        @if !one.closed { @for (unit, step) in &open { (step_form(&visit, &format!("/units/{unit}/matters/{}/steps", matter.id), step)) } }
    };
    Ok(shell::page(&page, body))
}

/// The steps the visitor may take, each with the unit for which they would take it.
async fn sides<'f>(
    visit: &Visit,
    matter: &Matter,
    flow: &'f Flow,
) -> Result<Vec<(i64, &'f luoshi_rules::matter::Step)>, Trouble> {
    let mut open: Vec<(i64, &luoshi_rules::matter::Step)> = Vec::new();
    for side in [matter.unit, matter.opener] {
        let unit = visit.app.read(move |tx| unit::find(tx, side)).await?;
        if let Ok(permit) = visit
            .actor
            .permit(&visit.rules.base, Verb::Act, &unit)
            .or_else(|_| visit.actor.permit(&visit.rules.base, Verb::See, &unit))
        {
            for step in matter.open_to(flow, &permit) {
                if !open.iter().any(|(_, known)| known.id == step.id) {
                    open.push((side, step));
                }
            }
        }
    }
    Ok(open)
}

/// What an order says beyond its title: where it stands in which document, and how much is asked.
fn order(visit: &Visit, matter: &Matter) -> Markup {
    let text = |key: &str| matter.data[key].as_str().unwrap_or_default();
    let kind = crate::intake::kind_name(visit.lang, text("sort"));
    let source = format!("/units/{}/intake/{}#s{}", matter.opener, matter.data["intake"], matter.data["measure"]);
    let facts = [
        (visit.say("原句", "Wording of the document"), text("sentence")),
        (visit.say("文件写的期限", "Deadline as written"), text("due_words")),
        (visit.say("数量", "How much"), text("quantity")),
        (visit.say("类型", "Kind"), kind),
        (visit.say("引自", "Said by"), text("speaker")),
    ];
    html! {
        dl.facts {
            dt { (visit.say("文件", "Document")) }
            dd { @if visit.actor.posts.iter().any(|held| held.unit == matter.opener) { a href=(source) { (text("document")) } } @else { (text("document")) } }
            @for (name, words) in facts.into_iter().filter(|(_, words)| !words.is_empty()) { dt { (name) } dd { (words) } }
        }
    }
}

/// What happened to a matter, first to last.
pub(crate) fn timeline(visit: &Visit, matter: &Matter, flow: &Flow) -> Markup {
    html! {
        ol.timeline {
            @for event in &matter.events {
                li { b { (flow.step(&event.step).map_or("", |step| visit.of(&step.name))) } " " (event.on)
                    @if !event.note.is_empty() { p { (event.note) } } }
            }
        }
    }
}

/// The form that takes a step, sent to `action`.
pub(crate) fn step_form(visit: &Visit, action: &str, step: &luoshi_rules::matter::Step) -> Markup {
    let key = format!("note-{}", step.id);
    html! {
        form.stack.step method="post" action=(action) {
            (shell::hidden(visit))
            input type="hidden" name="to" value=(step.id);
            label for=(key) { (visit.of(&step.button)) @if step.note { (visit.say("：请写明情况", ": say what was done or why")) } @else { (visit.say("：说明（选填）", ": note (optional)")) } }
            textarea id=(key) name="note" rows="2" required[step.note] {}
            button { (visit.of(&step.button)) }
        }
    }
}

pub(super) async fn advance(Place((id, matter)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::See).await?;
    let (to, note) = (one(&sent.fields, "to").to_owned(), one(&sent.fields, "note").to_owned());
    if note.chars().count() > 2_000 {
        return Err(Refusal::field("note", "最多2000字，请删减", "at most 2,000 characters, please shorten").into());
    }
    let rules = visit.rules.clone();
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit =
            actor.permit(&rules.base, Verb::Act, &at).or_else(|_| actor.permit(&rules.base, Verb::See, &at))?;
        let done = matter::advance(tx, &permit, &rules.base, matter, &to, &note)?;
        Ok(format!("/units/{}/matters/{}", at.id, done.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}
