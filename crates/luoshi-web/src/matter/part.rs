//! Parts of a matter: the findings of an inspection, the tasks of a finding, the measures of an order. One form adds
//! any of them, as its flow says.

use super::{limit, one, state};
use crate::form::{Complaints, Sent, one as first, operation, under};
use crate::obligation::days;
use crate::record::{Filled, question};
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use luoshi_rules::record::Field;
use luoshi_rules::{Flow, Matter, Refusal, Unit, Verb, record as fields};
use luoshi_store::matter::{self, Line, Opening};
use luoshi_store::{Fault, unit};
use maud::{Markup, html};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What lies under a matter.
pub(crate) async fn list(visit: &Visit, at: &Unit, whole: &Matter, flow: &Flow) -> Result<Vec<Line>, Trouble> {
    if visit.rules.base.parts(&flow.id).next().is_none() {
        return Ok(Vec::new());
    }
    let (scope, id) = (visit.actor.scope(&visit.rules.base, Verb::See, at)?, whole.id);
    visit.app.read(move |tx| matter::tree(tx, &scope, (id, 0))).await
}

/// The parts of a matter as a table, grouped where they say under which heading they stand.
pub(super) fn section(
    visit: &Visit,
    at: &Unit,
    (whole, flow): (&Matter, &Flow),
    (tree, records): (&[Line], bool),
) -> Markup {
    let own: Vec<&Line> = tree.iter().filter(|line| line.matter.parent == whole.id).collect();
    let beside = |line: &Line| visit.rules.base.flow(&line.matter.flow).is_some_and(|flow| flow.beside);
    let below = |id: i64| tree.iter().filter(move |line| line.matter.parent == id && !beside(line));
    let mut groups: BTreeMap<(String, String), Vec<&Line>> = BTreeMap::new();
    for line in &own {
        groups.entry(heading(visit, line)).or_default().push(line);
    }
    html! {
        @if visit.rules.base.parts(&flow.id).next().is_some() {
            h2 { @for part in visit.rules.base.parts(&flow.id).filter(|part| part.is_open()) { (visit.of(&part.name)) " " } (own.len()) }
            @if finds(visit, &flow.id) { (links(visit, at, whole, records)) } @else if !own.is_empty() { p.actions { (together(visit, at, whole)) } }
            @for ((aspect, problem), lines) in &groups {
                @if !problem.is_empty() { h3 { (aspect) " · " (problem) } }
                div.scroll { table.list {
                    thead { tr { th { (visit.say("内容", "Wording")) } th { (visit.say("组织", "Unit")) } th { (visit.say("进展", "Stands at")) } th { (visit.say("期限", "Limit")) }
                        @if finds(visit, &flow.id) { th { (visit.say("任务", "Tasks")) } } } }
                    @for line in lines { tr {
                        td { a href={ "/units/" (at.id) "/matters/" (line.matter.id) } { (line.matter.title) } }
                        td { (line.unit_name) }
                        td.nowrap { (sign(visit, &line.matter)) " " (state(visit, &line.matter)) }
                        td.nowrap { @if let Some(day) = limit(visit, &line.matter) { (day) " " (days(visit, day)) } }
                        @if finds(visit, &flow.id) { td.num { (below(line.matter.id).filter(|task| is_done(visit, &task.matter)).count()) "/" (below(line.matter.id).count()) } }
                    } }
                } }
            }
        }
    }
}

/// Whether matters of a flow have findings, which are rectified task by task.
pub(crate) fn finds(visit: &Visit, flow: &str) -> bool {
    visit.rules.base.parts(flow).any(|part| part.id == "finding")
}

fn links(visit: &Visit, at: &Unit, whole: &Matter, records: bool) -> Markup {
    let to = |end: &str| format!("/units/{}/matters/{}/{end}", at.id, whole.id);
    html! {
        p.actions {
            a.button href=(to("ledger")) { (visit.say("整改台账（四张清单）", "Ledger and the four lists")) }
            (together(visit, at, whole))
            @if records { a.button href=(to("findings")) { (visit.say("从表格记录问题", "Record findings from a spreadsheet")) } }
            a.button href=(to("tasks")) { (visit.say("从表格制定整改任务", "Plan tasks from a spreadsheet")) }
            a.button href=(to("publication")) { (visit.say("公开稿", "Text for publication")) }
        }
    }
}

/// The way to steps taken for many at once.
fn together(visit: &Visit, at: &Unit, whole: &Matter) -> Markup {
    html! { a.button href={ "/units/" (at.id) "/matters/" (whole.id) "/together" } { (visit.say("批量办理", "Take steps together")) } }
}

fn is_done(visit: &Visit, matter: &Matter) -> bool {
    visit.rules.base.flow(&matter.flow).is_some_and(|flow| matter.is_closed(flow))
}

/// Shape of a state: closed, late, under way.
pub(super) fn sign(visit: &Visit, matter: &Matter) -> &'static str {
    match limit(visit, matter) {
        _ if is_done(visit, matter) => "●",
        Some(day) if day < visit.today => "▲",
        _ if !matter.missed(visit.today).is_empty() => "▲",
        _ => "◐",
    }
}

/// Under which heading a part stands: aspect and problem, for findings.
pub(crate) fn heading(visit: &Visit, line: &Line) -> (String, String) {
    let flow = visit.rules.base.flow(&line.matter.flow);
    let field = |key: &str| {
        let field = flow.and_then(|flow| flow.step.first()?.field.iter().find(|field| field.id == key));
        field.map_or_else(String::new, |field| super::step::answer(visit, field, &line.matter.data[key]))
    };
    (field("aspect"), field("problem"))
}

/// The form that adds a part.
pub(super) fn form(visit: &Visit, unit: i64, whole: &Matter, part: &Flow, filled: &Filled) -> Markup {
    let Some(step) = part.step.first() else { return html! {} };
    let key = |name: &str| format!("{}-{name}", step.id);
    let (title, owner, helpers) = (key("title"), key("unit"), key("helpers"));
    let lang = visit.lang;
    html! {
        details.card open[!filled.complaints.is_empty() && first(filled.fields, "flow") == part.id] {
            summary { b { "＋ " (visit.of(&part.name)) (visit.mark("：")) (visit.of(&step.button)) } }
            form.stack method="post" action={ "/units/" (unit) "/matters/" (whole.id) "/parts" } {
                (shell::hidden(visit))
                input type="hidden" name="flow" value=(part.id);
                (shell::field(lang, &title, visit.say("内容（记下后不能改）", "Wording (it cannot be changed later)"), "", filled.complaints, html! {
                    textarea id=(title) name=(title) rows="3" required maxlength="500" { (first(filled.fields, &title)) }
                }))
                @for field in &step.field { (question::ask(visit, &super::step::own(step, &field.under(&whole.flow)), filled)) }
                (shell::field(lang, &owner, visit.say("责任组织（不填为本组织）", "Unit responsible (empty: the one itself)"), "", filled.complaints,
                    html! { input id=(owner) name=(owner) value=(first(filled.fields, &owner)) maxlength="100"; }))
                (shell::field(lang, &helpers, visit.say("协办组织（选填，顿号分隔）", "Units that help (optional, with commas)"), "", filled.complaints,
                    html! { input id=(helpers) name=(helpers) value=(first(filled.fields, &helpers)) maxlength="200"; }))
                button { (visit.of(&step.button)) }
            }
        }
    }
}

pub(crate) async fn add(Place((id, whole)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::See).await?;
    let flow =
        visit.rules.base.flow(first(&sent.fields, "flow")).filter(|flow| flow.is_open()).ok_or(Trouble::NotFound)?;
    match try_add(&sent, &at, whole, flow).await {
        Err(Trouble::Refused(refusal)) => {
            let prefix = flow.step.first().map_or(String::new(), |step| format!("{}-", step.id));
            let complaints = Complaints::new(vec![under(&prefix, refusal)]);
            let page = one::page(visit, &at, whole, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
        done => done,
    }
}

async fn try_add(sent: &Sent, at: &Unit, whole: i64, flow: &Flow) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let step = flow.step.first().ok_or(Trouble::NotFound)?;
    let typed = super::step::typed(step, &sent.fields);
    let title = first(&typed, "title").to_owned();
    if title.is_empty() || title.chars().count() > 500 {
        return Err(Refusal::field("title", "请填写内容，500字以内", "a wording of at most 500 characters").into());
    }
    let line = one::whole(visit, at, whole).await?;
    let asked: Vec<Field> = step.field.iter().map(|field| field.under(&line.matter.flow)).collect();
    let mut data = fields::read(&asked, &typed).map_err(|all| all.into_iter().next().unwrap_or(Refusal::NotAllowed))?;
    let owner = match first(&typed, "unit") {
        "" => line.matter.unit,
        name => named(visit, at, name, "unit").await?,
    };
    let mut helpers = Vec::new();
    let names = first(&typed, "helpers");
    for name in names.split(['、', '，', ',', ';', '；']).map(str::trim).filter(|name| !name.is_empty()) {
        helpers.push(named(visit, at, name, "helpers").await?);
    }
    if !helpers.is_empty() {
        data["helpers"] = Json::from(names);
    }
    let (rules, at, flow) = (visit.rules.clone(), at.clone(), flow.clone());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &at)?;
        let addressee = unit::find(tx, owner)?;
        let (subject, data) = (format!("{whole}/{title}"), data.clone());
        let opening =
            Opening { flow: &flow, addressee: &addressee, subject, title: title.clone(), data, note: String::new() };
        let id = matter::add_part(tx, &permit, &rules.base, whole, (&opening, &helpers)).map_err(double)?;
        written(tx, actor, &rules, (&flow, &at), id)?;
        Ok(format!("/units/{}/matters/{whole}", at.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

/// Writes down what opening a part tells of.
fn written(
    tx: &luoshi_store::Tx,
    actor: &luoshi_rules::Actor,
    rules: &luoshi_rules::Rulebook,
    (flow, at): (&Flow, &Unit),
    id: i64,
) -> Result<(), Fault> {
    let Some(first) = flow.step.first().filter(|first| !first.writes.is_empty()) else { return Ok(()) };
    let scope = actor.scope(&rules.base, Verb::See, at)?;
    let opened = matter::whole(tx, &scope, &rules.base, id)?.matter;
    let permit = actor.permit(&rules.base, Verb::Write, at)?;
    first.writes.iter().try_for_each(|writes| super::write(tx, &permit, rules, (&opened, writes)))
}

/// The same wording twice.
pub(super) fn double(fault: Fault) -> Fault {
    match fault {
        Fault::Conflict => {
            Refusal::field("title", "同样内容已经有了，不必重复", "the same wording is there already").into()
        }
        other => other,
    }
}

/// A fault of one of many rows, with the row.
pub(super) fn of_row(fault: Fault, words: &str) -> Fault {
    match double(fault) {
        Fault::Refused(refusal) => {
            let (zh, en) = (refusal.say(luoshi_rules::Lang::Zh), refusal.say(luoshi_rules::Lang::En));
            Refusal::rule(format!("{words}：{zh}"), format!("{words}: {en}")).into()
        }
        other => other,
    }
}

/// A unit of the organisation by its short or full name.
pub(crate) async fn named(visit: &Visit, at: &Unit, name: &str, key: &str) -> Result<i64, Trouble> {
    let (top, typed) = (at.top, name.to_owned());
    let found = visit.app.read(move |tx| unit::named(tx, top, &typed)).await?;
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Refusal::field(
            key,
            format!("没有找到组织“{name}”，请写简称或全称"),
            format!("no unit is called {name}; give its short or full name"),
        )
        .into()),
        _ => Err(Refusal::field(
            key,
            format!("有几个组织叫“{name}”，请写全称"),
            format!("several units are called {name}; give the full name"),
        )
        .into()),
    }
}
