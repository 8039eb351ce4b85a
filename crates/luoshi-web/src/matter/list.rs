//! Boards: every matter of a subtree by state, flow, step, age, owner, post and words, in an order and page by page, with
//! filters one keeps. How many there are stands above, each number a link to them.

use super::narrow::{PAGE, PASSED, filter, link, narrow, saved, text};
use super::stock::address;
use super::{due, met, order, passed, ring, stands, step_name, still_day, title, touched};
use crate::form::{Complaints, Fields, Sent, one, operation};
use crate::obligation::days;
use crate::record::Filled;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{Redirect, Response};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::{Unit, Verb};
use luoshi_store::matter::{self, Count, Filter, Kept, Line, Owner};
use maud::{Markup, html};
use std::collections::HashMap;

type Asked = HashMap<String, String>;

pub(crate) async fn show(visit: Visit, Place(id): Place<i64>, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    page(&visit, &at, &asked, &Filled { fields: &Fields::new(), complaints: &Complaints::default() }).await
}

/// What a page of a board shows.
struct Shown {
    lines: Vec<Line>,
    counts: Vec<Count>,
    owners: Vec<Owner>,
    kept: Vec<Kept>,
}

async fn read(visit: &Visit, at: &Unit, wanted: Filter) -> Result<Shown, Trouble> {
    let (scope, actor) = (visit.actor.scope(&visit.rules.base, Verb::See, at)?, visit.actor.clone());
    let days = (visit.today, still_day(visit));
    let whole = wanted.most > PAGE + 1;
    let read = move |tx: &luoshi_store::Tx| {
        let lines = matter::list(tx, &scope, &wanted)?;
        if whole {
            return Ok(Shown { lines, counts: Vec::new(), owners: Vec::new(), kept: Vec::new() });
        }
        let counts = matter::counts(tx, &scope, &wanted, days)?;
        let owners = matter::owners(tx, &scope, &wanted, days.0)?;
        Ok(Shown { lines, counts, owners, kept: matter::filters(tx, &actor)? })
    };
    visit.app.read(read).await
}

pub(super) async fn page(visit: &Visit, at: &Unit, asked: &Asked, filled: &Filled<'_>) -> Result<Response, Trouble> {
    if text(asked, "state") == PASSED {
        return passed::page(visit, at, asked).await;
    }
    let mut wanted = filter(visit, at, asked, met(visit, at, None).await?);
    if !text(asked, "words").trim().is_empty() {
        let found = super::found(visit, at, text(asked, "words"), super::search::MOST).await?;
        wanted.ids = Some(found.hits.iter().map(|hit| hit.line.matter.id).collect());
    }
    let order = wanted.order;
    let mut shown = read(visit, at, wanted).await?;
    if let Some(out) = crate::export::list(asked, || table(visit, &shown.lines))? {
        return Ok(out);
    }
    let more = shown.lines.len() as i64 > PAGE;
    shown.lines.truncate(PAGE as usize);
    let next = shown.lines.last().filter(|_| more).map(|line| order.after(line));
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
        (saved(visit, at, asked, &shown.kept))
        (totals(visit, asked, &shown))
        (rows(visit, at, &shown.lines))
        @if let Some((day, after)) = next { p { a.button href=(link(asked, &[("after", &after.to_string()), ("at", &day)])) { (visit.say("下一页", "Next page")) } } }
        (shell::formats(visit))
        (order::order_form(visit, at, filled))
    };
    Ok(filled.complaints.answer(shell::page(&head, body)))
}

/// How many there are: by step, by age, by owner; each a link.
fn totals(visit: &Visit, asked: &Asked, shown: &Shown) -> Markup {
    let sum = |of: fn(&Count) -> i64| shown.counts.iter().map(of).sum::<i64>();
    let only = |key: &str, zh: &str, en: &str, n: i64| {
        let sort = if key == "still" { "still" } else { "limit" };
        html! { " · " a.plain href=(link(asked, &[("only", key), ("sort", sort)])) { (visit.say(zh, en)) " " b { (n) } } }
    };
    let flow = |key: &str| visit.rules.base.flow(key).map_or("", |flow| visit.of(&flow.name));
    html! {
        p { (visit.say("共 ", "In all ")) b { (sum(|one| one.n)) } (visit.say(" 项", ""))
            (only("late", "逾期", "late", sum(|one| one.late))) (only("still", "30天没有动静", "still for 30 days", sum(|one| one.still)))
            (only("ring", "该发提醒或函件", "something to send", sum(|one| one.ring))) }
        @if !shown.counts.is_empty() { details { summary { (visit.say("按进展、时长和责任组织", "By state, age and owner")) }
            p.toggle { @for one in &shown.counts { a href=(link(asked, &[("step", &format!("{}:{}", one.flow, one.step)), ("flow", &one.flow)])) {
                (flow(&one.flow)) " " (step_name(visit, &one.flow, &one.step)) " " b { (one.n) } } " " } }
            (ages(visit, &shown.counts))
            table.list { @for owner in &shown.owners { tr {
                td { a href=(link(asked, &[("owner", &owner.unit.to_string())])) { (owner.name) } }
                td.num { (visit.say("在办 ", "open ")) b { (owner.n) } } td.num { (visit.say("逾期 ", "late ")) b { (owner.late) } }
            } } }
        } }
    }
}

/// How long what is open has been so.
fn ages(visit: &Visit, counts: &[Count]) -> Markup {
    let names =
        [("7天内", "within 7 days"), ("8–30天", "8–30 days"), ("31–60天", "31–60 days"), ("60天以上", "over 60 days")];
    let sum = |at: usize| counts.iter().map(|one| one.ages[at]).sum::<i64>();
    html! {
        p { (visit.say("在办时长：", "Open for: ")) @for (at, (zh, en)) in names.iter().enumerate() { (visit.say(zh, en)) " " b { (sum(at)) } " " } }
    }
}

fn rows(visit: &Visit, at: &Unit, lines: &[Line]) -> Markup {
    html! {
        @if lines.is_empty() { p.empty { (visit.say("没有这样的事项。", "There is none.")) } }
        @else { div.scroll { table.list {
            thead { tr { th { (visit.say("事项", "Matter")) } th { (visit.say("种类", "Kind")) } th { (visit.say("组织", "Unit")) }
                th { (visit.say("进展", "Stands at")) } th { (visit.say("期限", "Limit")) } th { (visit.say("该办", "To send")) } th { (visit.say("最近动静", "Last touched")) } } }
            @for line in lines { tr {
                td { a href=(address(at, line)) { (title(visit, &line.matter)) } }
                td.whole { (flow_name(visit, line)) } td { (line.unit_name) }
                td.nowrap { (sign(visit, line)) " " (stands(visit, line)) }
                td.nowrap { @if let Some(day) = due(visit, line) { (day) " " (days(visit, day)) } }
                td.whole { @if let Some(name) = ring(visit, line) { "▲ " (name) } }
                td.nowrap { (touched(line)) }
            } }
        } } }
    }
}

/// Shape of a state: closed, late, under way.
pub(super) fn sign(visit: &Visit, line: &Line) -> &'static str {
    match due(visit, line) {
        _ if line.stand.as_ref().is_some_and(|stand| !stand.open) => "●",
        Some(day) if day < visit.today => "▲",
        _ => "◐",
    }
}

pub(super) fn flow_name<'v>(visit: &'v Visit, line: &Line) -> &'v str {
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
        .column("touched", say("最近动静", "Last touched"), Kind::Date)
        .column("ring", say("该办", "To send"), Kind::Text);
    let row = |line: &Line| {
        let matter = &line.matter;
        vec![
            title(visit, matter).as_ref().into(),
            flow_name(visit, line).into(),
            line.unit_name.as_str().into(),
            line.opener_name.as_str().into(),
            Cell::Date(matter.opened.to_string()),
            stands(visit, line).into(),
            due(visit, line).map_or(Cell::Empty, |day| Cell::Date(day.to_string())),
            Cell::Date(touched(line).to_string()),
            ring(visit, line).map_or(Cell::Empty, Into::into),
        ]
    };
    table.rows = lines.iter().map(row).collect();
    table
}

/// Keeps the filter of the form under a name, for the visitor alone, or drops one.
pub(crate) async fn keep(Place(id): Place<i64>, sent: Sent) -> Result<Redirect, Trouble> {
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
