//! One matter: its wording, its parts, what happened, and what the visitor may do next.

use super::step::{self, Offered, Shown, Told, answer};
use super::{duties, events, evidence, limit, part, stand, state, turn};
use crate::form::{Complaints, Fields, Sent, one, operation, under};
use crate::obligation::days;
use crate::record::{Filled, attachment};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use luoshi_rules::flow::{Step, Writes};
use luoshi_rules::{Flow, Matter, Permit, Refusal, Unit, Verb};
use luoshi_store::exchange::{self, Away};
use luoshi_store::matter::{self, Line, proposal};
use luoshi_store::{record, unit};
use maud::{Markup, html};
use serde_json::Value as Json;
use std::collections::HashMap;

pub(super) async fn show(
    visit: Visit,
    Place((id, matter)): Place<(i64, i64)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    // what is asked of the address is which records are looked for as evidence
    let fields: Fields = asked.into_iter().map(|(key, value)| (key, vec![value])).collect();
    page(&visit, &at, matter, &Filled { fields: &fields, complaints: &Complaints::default() }).await
}

/// Steps whose forms a page shows at once.
const UNFOLDED: usize = 3;

/// What the visitor may do: the steps open to them, each with the unit for which they would take it.
struct Open<'f> {
    steps: Vec<(i64, &'f Step)>,
    /// flows in which they may add parts, and for which unit
    parts: Vec<(i64, &'f Flow)>,
    /// the unit for which they may pass it on or say who helps, and whether it opened it
    runs: Option<(i64, bool)>,
}

pub(super) async fn page(visit: &Visit, at: &Unit, id: i64, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let found = whole(visit, at, id).await?;
    let duties = duties(visit, at, std::slice::from_ref(&found), None).await?;
    let one = stand(visit, found, &duties);
    let flow = visit.rules.base.flow(&one.line.matter.flow).ok_or(Trouble::NotFound)?;
    let away = away(visit, &one.line).await?;
    let open = match away {
        None => open_to(visit, &one.line.matter, flow).await?,
        Some(_) => Open { steps: Vec::new(), parts: Vec::new(), runs: None },
    };
    let (records, team) = ticked(visit, at, (id, &open), filled).await?;
    let parts = part::list(visit, at, &one.line.matter, flow).await?;
    let by = signed(visit, &one.line.matter).await?;
    let names = events::names(visit, at, id).await?;
    let helpers = turn::helpers(visit, &one.line.matter, open.runs).await?;
    let title = super::title(visit, &one.line.matter).into_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let matter = &one.line.matter;
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        (heading(visit, at, &one, flow))
        @if let Some(away) = &away {
            p.note { "▣ " (visit.say("自 ", "On a machine of its own since ")) (away.since) (visit.say(" 起在单机上办理，收回之后才能在这里办理。单机指纹 ", ": nothing is done here until it is taken back. Fingerprint "))
                (away.fingerprint) }
        }
        (own_page(visit, at, matter))
        (super::problems::source(visit, matter))
        @if matter.flow == "directive" { (order(visit, matter)) }
        (facts(visit, matter, flow))
        @if let Some(name) = &by { p { (visit.say("提出人：", "Raised by ")) (name) } }
        (part::section(visit, at, (matter, flow), (&parts, open.parts.iter().any(|(_, part)| part.id == "finding"))))
        @for (unit, part_flow) in &open.parts { (part::form(visit, *unit, matter, part_flow, filled)) }
        h2 { (visit.say("经过", "What happened")) }
        (events::all(visit, at, &one.line, flow, &names))
        p { (crate::collection::burden_link(visit, at, ("matter", &matter.id.to_string()))) }
        (steps(visit, at, matter, flow, (&open, &Offered { records: &records, team: &team, filled })))
        (turn::forms(visit, (matter, flow), (open.runs, &helpers), filled))
    };
    Ok(shell::page(&head, body))
}

/// The machine on which a matter of a round is being worked on.
async fn away(visit: &Visit, line: &Line) -> Result<Option<Away>, Trouble> {
    if line.matter.round == 0 {
        return Ok(None);
    }
    let (top, matter) = (line.top, line.matter.clone());
    visit.app.read(move |tx| exchange::away(tx, top, &matter)).await
}

/// Who raised a proposal, where they chose that the visitor may see it.
pub(crate) async fn signed(visit: &Visit, matter: &Matter) -> Result<Option<String>, Trouble> {
    if matter.flow != proposal::FLOW {
        return Ok(None);
    }
    let (actor, rules, matter) = (visit.actor.clone(), visit.rules.clone(), matter.clone());
    visit.app.read(move |tx| proposal::signed(tx, &actor, &rules.base, &matter)).await
}

/// The page that some flows have of their own.
fn own_page(visit: &Visit, at: &Unit, matter: &Matter) -> Markup {
    html! {
        @if matter.flow == luoshi_store::handover::FLOW {
            p { a.button href={ "/units/" (matter.unit) "/handovers/" (matter.id) } { (visit.say("交接清单", "What is handed over")) } }
        }
        @if matter.flow == crate::assistance::FLOW { p { a.button href={ "/units/" (at.id) "/assistance/" (matter.id) } { (visit.say("帮扶台账", "Ledger of this pair")) } } }
    }
}

/// Records that may be ticked as evidence, and who may be said to have come.
async fn ticked(
    visit: &Visit,
    at: &Unit,
    (id, open): (i64, &Open<'_>),
    filled: &Filled<'_>,
) -> Result<(Vec<Shown>, Vec<Shown>), Trouble> {
    let shows = open.steps.iter().any(|(_, step)| step.evidence);
    let records = if shows { evidence::found(visit, at, filled.fields).await? } else { Vec::new() };
    let (pairs, actor) = (open.steps.iter().any(|(_, step)| step.pair), visit.actor.clone());
    let team = match pairs {
        true => visit.app.read(move |tx| luoshi_store::round::visitors(tx, &actor, id)).await?,
        false => Vec::new(),
    };
    Ok((records, team))
}

/// The forms of the steps; where there are many, each opens with a press.
fn steps(visit: &Visit, at: &Unit, matter: &Matter, flow: &Flow, (open, offered): (&Open, &Offered)) -> Markup {
    let sent = one(offered.filled.fields, "to");
    html! {
        @if open.steps.iter().any(|(_, step)| step.evidence) { (evidence::search(visit, at, matter, offered.filled)) }
        @for (unit, step) in &open.steps {
            @let form = step::form(visit, &format!("/units/{unit}/matters/{}/steps", matter.id), (Some(flow), step), offered);
            @if open.steps.len() <= UNFOLDED { (form) }
            @else { details.card open[sent == step.id] { summary { b { (visit.of(&step.button)) } } (form) } }
        }
    }
}

/// Who asked whom, how it stands, its limits, the duty behind it.
fn heading(visit: &Visit, at: &Unit, one: &super::Standing, flow: &Flow) -> Markup {
    let matter = &one.line.matter;
    html! {
        p { (visit.of(&flow.name)) " · " (one.line.opener_name) " → " a href={ "/units/" (matter.unit) } { (one.line.unit_name) }
            " · " b { @if one.closed { "● " (visit.say("已销号", "Closed")) } @else { (state(visit, matter)) } }
            @if !one.closed && let Some(day) = limit(visit, matter) { " · " (limit_word(visit, matter, flow)) (day) " " (days(visit, day)) } }
        (called_for(visit, matter, flow))
        (moved_limits(visit, matter, flow))
        @if !one.closed && let Some(timer) = matter.ring(flow, &visit.rules.calendar, visit.today) {
            p.note { "▲ " (visit.say("按期限该办：", "Due by the date: ")) (visit.of(&timer.name)) }
        }
        @if matter.parent != 0 { p { a href={ "/units/" (at.id) "/matters/" (matter.parent) } { (visit.say("← 所属事项", "← the matter it is a part of")) } } }
        @if let Some(status) = one.duty {
            p { (visit.say("所督办的职责：", "The duty: "))
                a href={ "/units/" (matter.unit) "/" (matter.data["year"].as_i64().unwrap_or(0)) "/duties/" (matter.data["clause"].as_str().unwrap_or_default()) } { (super::title(visit, matter)) }
                " " (shell::badge(visit.lang, status)) }
            @if one.closed && !flow.closes(matter.events.last().map_or("", |event| &event.step)) {
                p.note { (visit.say("职责已落实，事项自行销号。", "The duty is met: the matter closed itself.")) }
            }
        }
    }
}

/// What the day is: that by which it is to be done, or that of the next look at what is long-term.
fn limit_word(visit: &Visit, matter: &Matter, flow: &Flow) -> &'static str {
    match matter.state(flow).is_some_and(|step| step.check.is_some()) {
        true => visit.say("下次检查 ", "next check "),
        false => visit.say("期限 ", "limit "),
    }
}

/// What the last score calls for, until it is done; and what is missed or due.
fn called_for(visit: &Visit, matter: &Matter, flow: &Flow) -> Markup {
    let asked = matter.asked_by_score(flow);
    let check = matter.state(flow).and_then(|step| flow.step(step.check.as_ref()?));
    let due = check.filter(|_| limit(visit, matter).is_some_and(|day| day <= visit.today));
    let missed = matter.missed(visit.today);
    html! {
        @if let Some((band, steps)) = asked {
            p.note { "▲ " (visit.of(&band.name)) (visit.say("：须", ": to follow: ")) @for (n, step) in steps.iter().enumerate() { @if n > 0 { (visit.mark("、")) } (visit.of(&step.button)) } }
        }
        @if let Some(check) = due { p.note { "▲ " (visit.say("该办：", "Due: ")) (visit.of(&check.button)) } }
        @for (day, words) in &missed { p.note { "▲ " (visit.say("节点已过期：", "Milestone missed: ")) (day) " " (words) " " (days(visit, *day)) } }
    }
}

pub(crate) async fn whole(visit: &Visit, at: &Unit, id: i64) -> Result<Line, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let rules = visit.rules.clone();
    visit.app.read(move |tx| matter::whole(tx, &scope, &rules.base, id)).await
}

/// Limits that were given and then moved: the old ones stay to be seen.
fn moved_limits(visit: &Visit, matter: &Matter, flow: &Flow) -> Markup {
    let mut old = matter.limits(flow);
    old.pop();
    html! { @if !old.is_empty() { p { (visit.say("原定期限：", "Limits before: ")) @for day in &old { del { (day) } " " } } } }
}

/// What the visitor may do on either side, or for a unit that helps.
async fn open_to<'f>(visit: &'f Visit, matter: &Matter, flow: &'f Flow) -> Result<Open<'f>, Trouble> {
    let mut open = Open { steps: Vec::new(), parts: Vec::new(), runs: None };
    let sides: Vec<i64> = [matter.unit, matter.opener].into_iter().chain(matter.helpers.iter().copied()).collect();
    for side in sides {
        let unit = visit.app.read(move |tx| unit::find(tx, side)).await?;
        let Ok(permit) = leave(visit, &unit) else { continue };
        for step in matter.open_to(flow, &permit) {
            if !open.steps.iter().any(|(_, known)| known.id == step.id) {
                open.steps.push((side, step));
            }
        }
        if open.runs.is_none_or(|(_, opener)| !opener) && !matter.is_closed(flow) && matter.is_run_by(flow, &permit) {
            open.runs = Some((side, side == matter.opener));
        }
        for part in visit.rules.base.parts(&flow.id).filter(|part| part.is_open()) {
            let new = !open.parts.iter().any(|(_, known)| known.id == part.id);
            if new && !matter.is_closed(flow) && matter.takes_part(part, &permit) {
                open.parts.push((side, part));
            }
        }
    }
    Ok(open)
}

/// Leave to take steps at a unit: as one who acts there, or as a person named in a matter.
pub(super) fn leave(visit: &Visit, unit: &Unit) -> Result<Permit, Refusal> {
    let base = &visit.rules.base;
    visit.actor.permit(base, Verb::Act, unit).or_else(|_| visit.actor.permit(base, Verb::See, unit))
}

/// What a matter was opened with, by the fields of its first step.
fn facts(visit: &Visit, matter: &Matter, flow: &Flow) -> Markup {
    let fields = flow.step.first().map_or(&[][..], |step| &step.field);
    html! {
        @if !fields.is_empty() || !matter.helpers.is_empty() {
            dl.facts {
                @for field in fields.iter().filter(|field| !matter.data[&field.id].is_null()) {
                    dt { (visit.of(&field.name)) } dd.long { (answer(visit, field, &matter.data[&field.id])) }
                }
                @if let Some(names) = matter.data["helpers"].as_str().filter(|names| !names.is_empty()) { dt { (visit.say("协办组织", "Helped by")) } dd { (names) } }
            }
        }
    }
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
        (visit.say("落到岗位", "Post that is asked"), text("asked")),
    ];
    html! {
        dl.facts {
            dt { (visit.say("文件", "Document")) }
            dd { @if visit.actor.posts.iter().any(|held| held.unit == matter.opener) { a href=(source) { (text("document")) } } @else { (text("document")) } }
            @for (name, words) in facts.into_iter().filter(|(_, words)| !words.is_empty()) { dt { (name) } dd { (words) } }
        }
    }
}

/// What happened to a matter, first to last, and by whom where their names are given.
pub(crate) fn timeline(visit: &Visit, matter: &Matter, flow: &Flow, names: &[Shown]) -> Markup {
    html! {
        ol.timeline {
            @for event in &matter.events {
                li { b { (flow.step(&event.step).map_or("", |step| visit.of(&step.name))) } " " (event.on)
                    @if let Some((_, name)) = names.iter().find(|(id, _)| *id == event.actor) { " " (name) }
                    @if !event.note.is_empty() { p { (event.note) } } }
            }
        }
    }
}

/// A file shown as evidence.
pub(super) async fn file(
    visit: Visit,
    Place((id, matter, seq, n)): Place<(i64, i64, i64, usize)>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let line = whole(&visit, &at, matter).await?;
    let event = line.matter.events.iter().find(|event| event.seq == seq).ok_or(Trouble::NotFound)?;
    let text = |key: &str| event.data["evidence"][n][key].as_str().map(str::to_owned).ok_or(Trouble::NotFound);
    attachment::send(&visit, &text("name")?, &text("file")?, text("mime")?).await
}

pub(crate) async fn advance(Place((id, matter)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::See).await?;
    let to = one(&sent.fields, "to").to_owned();
    match taken(&sent, &at, matter, &to).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![under(&format!("{to}-"), refusal)]);
            let page = page(visit, &at, matter, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
        done => Ok(Redirect::to(&done?).into_response()),
    }
}

/// Takes a step as its form was filled, and returns the address of the matter.
async fn taken(sent: &Sent, at: &Unit, matter: i64, to: &str) -> Result<String, Trouble> {
    let visit = &sent.visit;
    let line = whole(visit, at, matter).await;
    // a letter from another organisation is not in the scope; its steps ask for nothing but a note
    let step = line.as_ref().ok().and_then(|line| visit.rules.base.flow(&line.matter.flow)?.step(to));
    let told = match (step, line.as_ref().ok().and_then(|line| visit.rules.base.flow(&line.matter.flow))) {
        (Some(step), flow) => {
            let told = step::read(sent, (flow, step)).await?;
            evidence::must_be_ours(visit, at, &told.data)
                .await
                .map_err(|trouble| evidence::under(&step.id, trouble))?;
            told
        }
        _ => Told { note: one(&sent.fields, "note").to_owned(), data: Json::Null, on: None },
    };
    let (rules, at, to) = (visit.rules.clone(), at.clone(), to.to_owned());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit =
            actor.permit(&rules.base, Verb::Act, &at).or_else(|_| actor.permit(&rules.base, Verb::See, &at))?;
        let done = matter::take(tx, &permit, &rules.base, matter, &told.taken(&to))?;
        let step = rules.base.flow(&done.flow).and_then(|flow| flow.step(&to));
        for writes in step.iter().flat_map(|step| &step.writes) {
            write(tx, &actor.permit(&rules.base, Verb::Write, &at)?, &rules, (&done, writes))?;
        }
        Ok(format!("/units/{}/matters/{}", at.id, done.id))
    };
    visit.done(operation(&sent.fields), work).await
}

/// Writes down what a matter knows as a record, on the day of the step that tells of it.
pub(crate) fn write(
    tx: &luoshi_store::Tx,
    permit: &luoshi_rules::Permit,
    rules: &luoshi_rules::Rulebook,
    (done, writes): (&Matter, &Writes),
) -> Result<(), luoshi_store::Fault> {
    let (day, kind) = (writes.day(rules.base.flow(&done.flow), done), rules.kind(&writes.record));
    let (Some(on), Some(kind)) = (day, kind) else { return Ok(()) };
    let (data, makes_up) = (writes.data(done), String::new());
    let entry = record::Entry { kind, on, data, makes_up, due: None, stood: Vec::new(), files: Vec::new() };
    record::add(tx, permit, &entry).map(drop)
}
