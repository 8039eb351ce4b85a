//! Boards: every matter of a subtree by state, flow, age and words, newest first and page by page, with filters one
//! keeps; and giving an order, which is split into measures on its own page.

use super::part::sign;
use super::{limit, state, step};
use crate::form::{Complaints, Fields, Sent, one, operation, under};
use crate::obligation::days;
use crate::record::Filled;
use crate::record::question;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::ToSpan;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::{Flow, Refusal, Unit, Verb, record as fields};
use luoshi_store::matter::{self, Filter, Kept, Line, Opening, State};
use luoshi_store::unit;
use maud::{Markup, html};
use std::collections::HashMap;

type Asked = HashMap<String, String>;

/// The flow of orders.
const ORDER: &str = "order";
/// Matters on a page.
const PAGE: i64 = 50;
/// Days without anything happening after which a matter stands still.
const STILL: i64 = 30;

/// The filter an address asks for.
fn filter(visit: &Visit, at: &Unit, asked: &Asked) -> Filter {
    let text = |key: &str| asked.get(key).map_or("", String::as_str);
    let known = |key: &str| visit.rules.base.flow(key).is_some();
    Filter {
        flow: if known(text("flow")) { text("flow").to_owned() } else { String::new() },
        state: match text("state") {
            "closed" => State::Closed,
            "all" => State::Any,
            _ => State::Open,
        },
        unit: if text("mine").is_empty() { 0 } else { at.id },
        words: text("words").trim().chars().take(60).collect(),
        still: (!text("still").is_empty()).then(|| visit.today.saturating_sub(STILL.days())),
        after: text("after").parse().unwrap_or(0),
        most: if asked.contains_key("as") { crate::export::MOST + 1 } else { PAGE + 1 },
    }
}

pub(super) async fn show(visit: Visit, Place(id): Place<i64>, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    page(&visit, &at, &asked, &Filled { fields: &Fields::new(), complaints: &Complaints::default() }).await
}

async fn page(visit: &Visit, at: &Unit, asked: &Asked, filled: &Filled<'_>) -> Result<Response, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let (rules, wanted, actor) = (visit.rules.clone(), filter(visit, at, asked), visit.actor.clone());
    let read = move |tx: &luoshi_store::Tx| {
        Ok((matter::list(tx, &scope, &rules.base, &wanted)?, matter::filters(tx, &actor)?))
    };
    let (mut lines, kept) = visit.app.read(read).await?;
    if let Some(out) = crate::export::list(asked, || table(visit, &lines))? {
        return Ok(out);
    }
    let more = lines.len() as i64 > PAGE;
    lines.truncate(PAGE as usize);
    let next = lines.last().filter(|_| more).map(|line| line.matter.id);
    let title = visit.say("全部事项", "All matters").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p.actions {
            a.button href={ "/units/" (at.id) "/follow-ups" } { (visit.say("督促落实", "Follow-up")) } " "
            a.button href={ "/units/" (at.id) "/weekly" } { (visit.say("督查周报", "Weekly sheet")) } " "
            a.button href={ "/units/" (at.id) "/coverage" } { (visit.say("巡察和检查", "Inspection and checks")) }
        }
        (narrow(visit, at, asked))
        (saved(visit, at, asked, &kept))
        (rows(visit, at, &lines))
        @if let Some(after) = next { p { a.button href=(address(asked, &[("after", &after.to_string())])) { (visit.say("下一页", "Next page")) } } }
        (shell::formats(visit))
        (order_form(visit, at, filled))
    };
    let status = if filled.complaints.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, shell::page(&head, body)).into_response())
}

/// The address of the same board with other values.
fn address(asked: &Asked, other: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for key in ["flow", "state", "mine", "still", "words"] {
        let value = other.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
        let value = value.or(asked.get(key).map(String::as_str)).unwrap_or_default();
        if !value.is_empty() {
            query.append_pair(key, value);
        }
    }
    for (key, value) in other.iter().filter(|(key, _)| *key == "after") {
        query.append_pair(key, value);
    }
    format!("?{}", query.finish())
}

fn narrow(visit: &Visit, at: &Unit, asked: &Asked) -> Markup {
    let text = |key: &str| asked.get(key).map_or("", String::as_str);
    let states = [("", "在办", "Open"), ("closed", "已办结", "Closed"), ("all", "全部", "All")];
    html! {
        form.filters method="get" action={ "/units/" (at.id) "/matters" } {
            select name="flow" aria-label=(visit.say("种类", "Kind")) {
                option value="" { (visit.say("所有种类", "All kinds")) }
                @for flow in &visit.rules.base.flow { option value=(flow.id) selected[flow.id == text("flow")] { (visit.of(&flow.name)) } }
            }
            select name="state" aria-label=(visit.say("状态", "State")) {
                @for (key, zh, en) in states { option value=(key) selected[key == text("state")] { (visit.say(zh, en)) } }
            }
            input name="words" value=(text("words")) maxlength="60" placeholder=(visit.say("事项中的字词", "Words of the matter")) aria-label=(visit.say("字词", "Words"));
            label { input type="checkbox" name="mine" value="1" checked[!text("mine").is_empty()]; " " (visit.say("只看本组织的", "Of this unit alone")) }
            label { input type="checkbox" name="still" value="1" checked[!text("still").is_empty()]; " " (visit.say("30天没有动静的", "Still for 30 days")) }
            button { (visit.say("筛选", "Filter")) }
        }
    }
}

/// The filters the visitor keeps, and the form that keeps this one.
fn saved(visit: &Visit, at: &Unit, asked: &Asked, kept: &[Kept]) -> Markup {
    html! {
        @if !kept.is_empty() { form.toggle method="post" action={ "/units/" (at.id) "/matters/filters" } {
            (shell::hidden(visit))
            @for one in kept { a href=(one.question) { (one.name) }
                button.quiet name="drop" value=(one.name) aria-label={ (visit.say("删去筛选 ", "Drop the filter ")) (one.name) } { "✕" } }
        } }
        details { summary { (visit.say("保存这个筛选", "Keep this filter")) }
            form.stack method="post" action={ "/units/" (at.id) "/matters/filters" } {
                (shell::hidden(visit))
                input type="hidden" name="question" value=(address(asked, &[]));
                label for="name" { (visit.say("名字（同名的被替换）", "Name (one of the same name gives way)")) }
                input #name name="name" maxlength="20" required;
                button { (visit.say("保存", "Keep")) }
            }
        }
    }
}

fn rows(visit: &Visit, at: &Unit, lines: &[Line]) -> Markup {
    html! {
        @if lines.is_empty() { p.empty { (visit.say("没有这样的事项。", "There is none.")) } }
        @else { div.scroll { table.list {
            thead { tr { th { (visit.say("事项", "Matter")) } th { (visit.say("种类", "Kind")) } th { (visit.say("组织", "Unit")) }
                th { (visit.say("进展", "Stands at")) } th { (visit.say("期限", "Limit")) } th { (visit.say("最近动静", "Last touched")) } } }
            @for line in lines { tr {
                td { a href={ "/units/" (place(at, line)) "/matters/" (line.matter.id) } { (super::title(visit, &line.matter)) } }
                td { (flow_name(visit, line)) } td { (line.unit_name) }
                td.nowrap { (sign(visit, &line.matter)) " " (state(visit, &line.matter)) }
                td.nowrap { @if let Some(day) = limit(visit, &line.matter) { (day) " " (days(visit, day)) } }
                td.nowrap { (line.matter.touched()) }
            } }
        } } }
    }
}

/// The unit at which a matter is shown to those of `at`: whichever of its two lies there.
fn place(at: &Unit, line: &Line) -> i64 {
    if at.path.contains(&line.matter.path) { line.matter.unit } else { at.id }
}

fn flow_name<'v>(visit: &'v Visit, line: &Line) -> &'v str {
    visit.rules.base.flow(&line.matter.flow).map_or("", |flow| visit.of(&flow.name))
}

fn table(visit: &Visit, lines: &[Line]) -> Table {
    let say = |zh: &'static str, en: &'static str| visit.say(zh, en);
    let mut table = Table::new(say("事项台账", "Ledger of matters"))
        .column("title", say("事项", "Matter"), Kind::Text)
        .column("flow", say("种类", "Kind"), Kind::Text)
        .column("unit", say("责任组织", "Unit"), Kind::Text)
        .column("opener", say("发出组织", "Opened by"), Kind::Text)
        .column("opened", say("发出日期", "Opened"), Kind::Date)
        .column("state", say("进展", "Stands at"), Kind::Text)
        .column("limit", say("期限", "Limit"), Kind::Date)
        .column("touched", say("最近动静", "Last touched"), Kind::Date);
    table.rows = lines
        .iter()
        .map(|line| {
            let matter = &line.matter;
            vec![
                super::title(visit, matter).as_ref().into(),
                flow_name(visit, line).into(),
                line.unit_name.as_str().into(),
                line.opener_name.as_str().into(),
                Cell::Date(matter.opened.to_string()),
                state(visit, matter).into(),
                limit(visit, matter).map_or(Cell::Empty, |day| Cell::Date(day.to_string())),
                Cell::Date(matter.touched().to_string()),
            ]
        })
        .collect();
    table
}

/// Keeps the filter of the form under a name, for the visitor alone, or drops one.
pub(super) async fn keep(Place(id): Place<i64>, sent: Sent) -> Result<Redirect, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::See).await?;
    let dropped = one(&sent.fields, "drop").to_owned();
    if !dropped.is_empty() {
        let back = format!("/units/{}/matters", at.id);
        let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
            matter::forget(tx, actor, &dropped)?;
            Ok(back.clone())
        };
        return visit.act(operation(&sent.fields), work).await;
    }
    let question: String = one(&sent.fields, "question").chars().take(400).collect();
    if !question.starts_with('?') {
        return Err(Trouble::NotFound);
    }
    let kept = Kept { name: one(&sent.fields, "name").to_owned(), question };
    let back = format!("/units/{}/matters{}", at.id, kept.question);
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        matter::keep(tx, actor, &kept)?;
        Ok(back.clone())
    };
    visit.act(operation(&sent.fields), work).await
}

// ---- orders

/// Whether the visitor may give orders from a unit.
fn may_order(visit: &Visit, at: &Unit, flow: &Flow) -> bool {
    let permit = visit.actor.permit(&visit.rules.base, Verb::Act, at).ok();
    permit.zip(flow.step.first()).is_some_and(|(permit, first)| first.by.iter().any(|post| permit.acts_as(post)))
}

fn order_form(visit: &Visit, at: &Unit, filled: &Filled) -> Markup {
    let Some(flow) = visit.rules.base.flow(ORDER).filter(|flow| may_order(visit, at, flow)) else { return html! {} };
    let Some(first) = flow.step.first() else { return html! {} };
    let key = format!("{}-title", first.id);
    html! {
        details.card open[!filled.complaints.is_empty()] {
            summary { b { (visit.of(&first.button)) } }
            p.help { (visit.say("立项后在该事项页面上分解为措施，各有牵头组织、协办组织和时限。", "Split it into measures on its page afterwards, each with its unit, those that help, and a day.")) }
            form.stack method="post" action={ "/units/" (at.id) "/orders" } {
                (shell::hidden(visit))
                (shell::field(visit.lang, &key, visit.say("事项（记下后不能改）", "The matter (it cannot be changed later)"), "", filled.complaints, html! {
                    textarea id=(key) name=(key) rows="2" maxlength="500" required { (one(filled.fields, &key)) } }))
                @for field in &first.field { (question::ask(visit, &step::own(first, field), filled)) }
                button { (visit.of(&first.button)) }
            }
        }
    }
}

pub(super) async fn give(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    match try_give(&sent, &at).await {
        Err(Trouble::Refused(refusal)) => {
            let first = visit.rules.base.flow(ORDER).and_then(|flow| flow.step.first());
            let prefix = first.map_or(String::new(), |step| format!("{}-", step.id));
            let complaints = Complaints::new(vec![under(&prefix, refusal)]);
            page(visit, &at, &Asked::new(), &Filled { fields: &sent.fields, complaints: &complaints }).await
        }
        done => done,
    }
}

async fn try_give(sent: &Sent, at: &Unit) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let flow = visit.rules.base.flow(ORDER).filter(|flow| may_order(visit, at, flow)).ok_or(Trouble::NotFound)?;
    let first = flow.step.first().ok_or(Trouble::NotFound)?;
    let typed = step::typed(first, &sent.fields);
    let title = one(&typed, "title").trim().to_owned();
    if title.is_empty() || title.chars().count() > 500 {
        return Err(Refusal::field("title", "请填写事项，500字以内", "a wording of at most 500 characters").into());
    }
    let data =
        fields::read(&first.field, &typed).map_err(|all| all.into_iter().next().unwrap_or(Refusal::NotAllowed))?;
    let (rules, place, key) = (visit.rules.clone(), at.id, operation(&sent.fields));
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let at = unit::find(tx, place)?;
        let permit = actor.permit(&rules.base, Verb::Act, &at)?;
        let flow = rules.base.flow(ORDER).ok_or(luoshi_store::Fault::NotFound)?;
        let (subject, data) = (format!("{key}"), data.clone());
        let opening = Opening { flow, addressee: &at, subject, title: title.clone(), data, note: String::new() };
        let id = matter::open(tx, &permit, &opening)?;
        Ok(format!("/units/{}/matters/{id}", at.id))
    };
    Ok(visit.act(key, work).await?.into_response())
}
