//! Training classes (培训班) and calls for volunteers (志愿服务召集): planned with places and quotas, names taken, held,
//! written down; hours a year. Which of them it is, and its words, the kind of record says.

pub(crate) mod hours;
mod mine;
pub(crate) mod one;
pub(crate) mod plan;

use crate::form::{Complaints, Fields, all};
use crate::record::Filled;
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place as At, Visit};
use axum::extract::Query;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::class::Enrol;
use luoshi_rules::record::Choice;
use luoshi_rules::{Kind, Unit, Verb};
use luoshi_store::class::{self, Class};
use maud::{Markup, html};
use std::collections::HashMap;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/classes", get(list).post(plan::plan))
        .route("/units/{unit}/classes/{id}", get(one::show))
        .route("/units/{unit}/classes/{id}/names", post(one::enrol))
        .route("/units/{unit}/classes/{id}/names/drop", post(one::withdraw))
        .route("/units/{unit}/classes/{id}/cancel", post(one::cancel))
        .route("/units/{unit}/classes/{id}/conclude", post(one::conclude))
        .route("/units/{unit}/classes/{id}/certificates", get(one::certificates))
        .route("/units/{unit}/{year}/hours", get(hours::show))
        .route("/me/classes", get(mine::show).post(mine::act))
        .route("/me/classes/{id}/certificate", get(mine::certificate))
}

/// Kinds of record that take names ahead, each with how.
fn kinds(visit: &Visit) -> Vec<(&Kind, &Enrol)> {
    visit.rules.kinds().into_iter().filter_map(|kind| Some((kind, kind.enrol.as_ref()?))).collect()
}

/// The kind that an address or a class names; the first where it names none.
fn kind<'v>(visit: &'v Visit, id: &str) -> Result<(&'v Kind, &'v Enrol), Trouble> {
    let all = kinds(visit);
    let found = if id.is_empty() { all.first() } else { all.iter().find(|(kind, _)| kind.id == id) };
    found.copied().ok_or(Trouble::NotFound)
}

/// For whom, or of what sort, such may be.
fn audiences<'v>((kind, enrol): (&'v Kind, &'v Enrol)) -> &'v [Choice] {
    kind.field(&enrol.sort).map_or(&[][..], |field| &field.option)
}

pub(crate) fn audience<'v>(visit: &'v Visit, class: &Class) -> &'v str {
    let Ok(of) = kind(visit, &class.plan.kind) else { return "" };
    audiences(of).iter().find(|one| one.id == class.plan.audience).map_or("", |one| visit.of(&one.name))
}

/// What hours of it are called: 学时, 小时.
fn hours_name(visit: &Visit, enrol: &Enrol) -> String {
    enrol.hours.name().of(visit.lang).to_owned()
}

pub(crate) async fn list(
    visit: Visit,
    At(id): At<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    page(&visit, &at, &asked, &filled).await
}

async fn page(
    visit: &Visit,
    at: &Unit,
    asked: &HashMap<String, String>,
    filled: &Filled<'_>,
) -> Result<Response, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let of = kind(visit, asked.get("kind").map_or("", String::as_str))?;
    let (year, wanted) = (visit.year(), of.0.id.clone());
    let days = around(visit);
    let classes = visit.app.read(move |tx| class::list(tx, &scope, &wanted, days)).await?;
    if let Some(out) = crate::export::list(asked, || table(visit, of.1, &classes))? {
        return Ok(out);
    }
    let title = visit.of(&of.1.name).to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Records };
    let ledger = format!("/units/{}/{year}/hours?kind={}", at.id, of.0.id);
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p.toggle { @for (one, enrol) in kinds(visit) {
            a aria-current=[(one.id == of.0.id).then_some("true")] href={ "?kind=" (one.id) } { (visit.of(&enrol.name)) } " " } }
        p.actions {
            a.button href={ (ledger) "&by=unit" } { (visit.of(&of.0.name)) " · " (visit.say("按组织", "by unit")) } " "
            @if visit.may(Verb::People, at) { a.button href=(ledger) { (visit.of(&of.0.name)) " · " (visit.say("个人台账", "by person")) } " " }
            @if visit.may(Verb::Write, at) && may_hold(at, of.0) {
                a.button href={ "/units/" (at.id) "/records/new?kind=" (of.0.id) } { (visit.say("没有报名的，直接记一条", "Record one without names taken ahead")) } }
        }
        @if classes.is_empty() { p.empty { (visit.say("还没有。", "None is planned.")) } }
        @else { (rows(visit, at, of.1, &classes)) (shell::formats(visit)) }
        @if visit.may(Verb::Write, at) && may_hold(at, of.0) { (plan::form(visit, at, of, filled)) }
    };
    Ok(filled.complaints.answer(shell::page(&head, body)))
}

/// The days whose classes are listed: what ended less than a year ago may still have to be recorded.
fn around(visit: &Visit) -> (Date, Date) {
    (visit.today.saturating_sub(1.year()), date(visit.year() + 1, 12, 31))
}

/// Whether a unit of this level keeps the record a class becomes.
fn may_hold(at: &Unit, kind: &Kind) -> bool {
    kind.level.is_empty() || kind.level.contains(&at.level)
}

/// Where a class stands, in words.
pub(crate) fn stands(visit: &Visit, class: &Class) -> String {
    let over = || kind(visit, &class.plan.kind).map_or("", |(_, enrol)| visit.of(&enrol.over));
    match class {
        _ if !class.cancelled.is_empty() => format!("◇ {}", visit.say("已取消", "called off")),
        _ if class.record != 0 => format!("● {}", over()),
        _ if class.takes_names(visit.today) => {
            format!("◐ {}{}", visit.say("报名至 ", "names until "), class.plan.closes)
        }
        _ if class.plan.until < visit.today => format!("▲ {}", visit.say("待记到场", "to be recorded")),
        _ => format!("○ {}", visit.say("报名已截止", "names are closed")),
    }
}

fn rows(visit: &Visit, at: &Unit, enrol: &Enrol, classes: &[Class]) -> Markup {
    let hours = hours_name(visit, enrol);
    html! {
        table.list {
            thead { tr { th { (visit.say("名称", "What")) } th { (visit.say("主办", "Held by")) } th { (visit.say("起止", "From – until")) }
                th.num { (hours) } th.num { (visit.say("报名 / 名额", "Names / places")) } th { (visit.say("进行", "Stands")) } } }
            @for one in classes { tr {
                td { a href={ "/units/" (at.id) "/classes/" (one.id) } { (one.plan.title) } " " small { (audience(visit, one)) } }
                td { (one.unit_name) } td.nowrap { (one.plan.from) " – " (one.plan.until) }
                td.num { (one.plan.hours) small.phone { " " (hours) } } td.num { small.phone { (visit.say("报名 ", "names ")) } (one.names) " / " (one.plan.places) } td.nowrap { (stands(visit, one)) }
            } }
        }
    }
}

fn table(visit: &Visit, enrol: &Enrol, classes: &[Class]) -> Table {
    let hours = hours_name(visit, enrol);
    let mut table = Table::new(visit.of(&enrol.name))
        .column("title", visit.say("名称", "What"), Sort::Text)
        .column("audience", visit.say("对象、类别", "For, sort"), Sort::Text)
        .column("unit", visit.say("主办", "Held by"), Sort::Text)
        .column("from", visit.say("自", "From"), Sort::Date)
        .column("until", visit.say("至", "Until"), Sort::Date)
        .column("place", visit.say("地点", "Place"), Sort::Text)
        .column("hours", hours.as_str(), Sort::Number)
        .column("places", visit.say("名额", "Places"), Sort::Number)
        .column("names", visit.say("报名", "Names"), Sort::Number)
        .column("closes", visit.say("报名截止日", "Names until"), Sort::Date)
        .column("stands", visit.say("进行", "Stands"), Sort::Text)
        .key("id")
        .key("unit_id");
    let row = |one: &Class| {
        vec![
            one.plan.title.as_str().into(),
            audience(visit, one).into(),
            one.unit_name.as_str().into(),
            Cell::Date(one.plan.from.to_string()),
            Cell::Date(one.plan.until.to_string()),
            one.plan.place.as_str().into(),
            Cell::Number(one.plan.hours),
            Cell::Number(one.plan.places),
            Cell::Number(one.names),
            Cell::Date(one.plan.closes.to_string()),
            stands(visit, one).into(),
            Cell::Key(one.id),
            Cell::Key(one.unit),
        ]
    };
    table.rows = classes.iter().map(row).collect();
    table
}

/// Everybody whose box was ticked, each with the session it stands for: 0 for the whole.
fn ticked(fields: &Fields, key: &str) -> Vec<(i64, i64)> {
    let read = |text: &String| match text.split_once('.') {
        Some((person, no)) => Some((no.parse().ok()?, person.parse().ok()?)),
        None => Some((0, text.parse().ok()?)),
    };
    all(fields, key).iter().filter_map(read).collect()
}
