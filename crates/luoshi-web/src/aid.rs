//! Mutual aid (爱心互助): the desk of the handlers, the account, what others are told, and one's own cases. What was told
//! of illness and hardship is on the handlers' pages and on those of who told it, and on no other.

mod account;
mod case;
mod mine;
pub(crate) mod numbers;

pub use case::initials;

use crate::form::{Complaints, Fields, Sent, one, operation};
use crate::record::Filled;
use crate::routes::Routes;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use luoshi_rules::aid::{Aid, Step};
use luoshi_rules::{Actor, Handler, Unit, Verb};
use luoshi_store::aid::case::Case;
use luoshi_store::aid::{self as store, Fund};
use luoshi_store::{Fault, Tx, unit};
use maud::{Markup, html};
use std::collections::HashMap;

/// Most cases of a list.
const MOST: usize = 200;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/aid", get(show).post(open))
        .route("/units/{unit}/aid/entries", get(account::show).post(account::receive))
        .route("/units/{unit}/aid/counters", post(account::make_good))
        .route("/units/{unit}/aid/publication", get(numbers::publication))
        .route("/units/{unit}/aid/cases/{id}", get(case::show))
        .route("/units/{unit}/aid/cases/{id}/steps", post(case::advance))
        .route("/units/{unit}/aid/cases/{id}/recusal", post(case::recuse))
        .route("/me/aid", get(mine::show).post(mine::apply))
        .route("/me/aid/{id}/steps", post(mine::withdraw))
}

/// What the pack says of it.
fn rules(visit: &Visit) -> Result<&Aid, Trouble> {
    visit.rules.base.aid.as_ref().ok_or(Trouble::NotFound)
}

/// The shown name of a reason.
fn reason<'v>(visit: &'v Visit, id: &str) -> &'v str {
    let known = visit.rules.base.aid.as_ref().and_then(|aid| aid.reason(id));
    known.map_or(visit.say("（内容已按期清除）", "(gone after its time)"), |reason| visit.of(&reason.name))
}

/// A unit and leave to handle its cases: for people, not for programs.
async fn desk(visit: &Visit, id: i64) -> Result<(Unit, Handler), Trouble> {
    visit.in_person()?;
    let at = visit.app.read(move |tx| unit::find(tx, id)).await?;
    let by = visit.actor.handler(&visit.rules.base, &at)?;
    Ok((at, by))
}

pub(crate) async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    rules(&visit)?;
    match desk(&visit, id).await {
        // who handles cases reads them on the page; what is taken away are the numbers that others are told
        Ok((at, by)) if !asked.contains_key("as") => {
            let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
            Ok(page(&visit, (&at, by), &filled).await?.into_response())
        }
        _ => numbers::show(&visit, &visit.unit(id, Verb::See).await?, &asked).await,
    }
}

async fn page(visit: &Visit, (at, by): (&Unit, Handler), filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let read = move |tx: &Tx| {
        let Some(fund) = store::kept(tx, &by)? else { return Ok(None) };
        let cases = store::case::list(tx, &by, &fund)?;
        let entries = store::account(tx, &by, &fund)?;
        Ok(Some((fund, cases, entries)))
    };
    let found = visit.app.read(read).await?;
    let title = found.as_ref().map_or(visit.say("爱心互助", "Mutual aid"), |(fund, ..)| &fund.name).to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Home };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        @match &found {
            None => { p.empty { (visit.say("本组织还没有设立互助金。", "This unit keeps no fund yet.")) } (open_form(visit, at, filled)) }
            Some((fund, cases, entries)) => {
                p { (visit.say("余额 ", "Balance ")) b { (shell::yuan(luoshi_rules::aid::balance(entries))) } " " (visit.say("元", "yuan")) }
                (links(visit, at))
                (waiting(visit, (at, fund), cases))
            }
        }
    };
    Ok(shell::page(&head, body))
}

fn links(visit: &Visit, at: &Unit) -> Markup {
    html! { p.actions {
        a.button href={ "/units/" (at.id) "/aid/entries" } { (visit.say("收支账", "Account")) } " "
        a.button href={ "/units/" (at.id) "/aid/publication" } { (visit.say("公示名单", "List to publish")) }
    } }
}

/// The cases, those that wait first. One's own and those of kin are not among them.
fn waiting(visit: &Visit, (at, fund): (&Unit, &Fund), cases: &[Case]) -> Markup {
    let (over, open): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| case.state().is_end());
    html! {
        h2 { (visit.say("待办", "To do")) " " small { (open.len()) } }
        p.help { (fund.unit_name) (visit.say("的申请情况只有经办人和申请人本人看得到，不提供导出；本人和亲属的申请不在这里。",
            ": what is told here is seen by handlers and by who told it alone, and is not given as a file; cases of your own or of kin are not here.")) }
        @if open.is_empty() { p.empty { (visit.say("没有待办的申请。", "Nothing waits.")) } }
        (rows(visit, at, &open))
        @if !over.is_empty() { details { summary { (visit.say("已结的申请 ", "Cases that are over ")) (over.len()) } (rows(visit, at, &over)) } }
    }
}

fn rows(visit: &Visit, at: &Unit, cases: &[&Case]) -> Markup {
    html! {
        @if !cases.is_empty() { div.scroll { table.list {
            thead { tr { th { (visit.say("申请人", "Applicant")) } th { (visit.say("情形", "Reason")) } th { (visit.say("申请日期", "Applied")) }
                th { (visit.say("进展", "Stands at")) } th.num { (visit.say("金额（元）", "Yuan")) } } }
            @for case in cases.iter().take(MOST) { tr {
                td { a href={ "/units/" (at.id) "/aid/cases/" (case.id) } { (case.name) } @if !case.told.kin.is_empty() { " " small { (visit.say("为亲属", "for kin")) } } }
                td { (reason(visit, &case.told.reason)) } td.nowrap { (case.on) }
                td.nowrap { (stands(visit, case)) }
                td.num { @if case.amount() > 0 { (shell::yuan(case.amount())) small.phone { (visit.say(" 元", " yuan")) } } }
            } }
        } }
        @if cases.len() > MOST { p.help { (visit.say("只列最近的 ", "Only the newest are listed: ")) (MOST) } } }
    }
}

/// Where a case stands, as shape and words.
fn stands(visit: &Visit, case: &Case) -> Markup {
    let (state, since) = (case.state(), case.events.last().map(|event| event.taken.on));
    let until = visit.rules.base.aid.as_ref().zip(since).filter(|_| state == Step::Publicised);
    let over = until.is_some_and(|(aid, on)| aid.publicised_until(&visit.rules.calendar, on) < visit.today);
    html! {
        @if state.is_end() { "● " } @else { "◐ " }
        @if over { (visit.say("公示期满，待发放", "Publicised, to be paid")) } @else { (visit.of(&state.name())) }
        @if let Some(day) = since { " " small { (day) } }
    }
}

fn open_form(visit: &Visit, at: &Unit, filled: &Filled) -> Markup {
    html! {
        form.stack method="post" action={ "/units/" (at.id) "/aid" } {
            (shell::hidden(visit))
            (field(visit.lang, "name", visit.say("互助金名称", "What the fund is called"), "", filled.complaints, html! {
                input #name name="name" maxlength="60" required value=(one(filled.fields, "name")); }))
            button.main { (visit.say("设立", "Open it")) }
        }
    }
}

async fn open(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    rules(visit)?;
    let (at, by) = desk(visit, id).await?;
    let (name, handler) = (one(&sent.fields, "name").to_owned(), by.clone());
    let work = move |tx: &Tx, _: &Actor| {
        store::open(tx, &handler, &name)?;
        Ok(format!("/units/{id}/aid"))
    };
    match visit.act(operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = page(visit, (&at, by), &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
        done => Ok(done?.into_response()),
    }
}

/// The fund of a handler's unit, or nothing there.
fn fund(tx: &Tx, by: &Handler) -> Result<Fund, Fault> {
    store::kept(tx, by)?.ok_or(Fault::NotFound)
}

/// What waits at the desks where the visitor handles cases, for the home page.
pub(crate) async fn card(visit: &Visit) -> Result<Markup, Trouble> {
    let base = &visit.rules.base;
    let handles = |held: &&luoshi_rules::Held| base.grants(&held.post, Verb::Aid, true);
    let units: Vec<i64> = visit.actor.posts.iter().filter(handles).map(|held| held.unit).collect();
    if units.is_empty() || visit.bearer {
        return Ok(html! {});
    }
    let (actor, rules) = (visit.actor.clone(), visit.rules.clone());
    let read = move |tx: &Tx| {
        let count = |id: &i64| {
            let at = unit::find(tx, *id)?;
            let n = store::case::waiting(tx, &actor.handler(&rules.base, &at)?)?;
            Ok((at, n))
        };
        units.iter().map(count).collect::<Result<Vec<_>, Fault>>()
    };
    let found = visit.app.read(read).await?;
    Ok(html! {
        section.card {
            h2 { (visit.say("互助金经办", "Mutual aid to handle")) }
            table.list { @for (at, n) in &found { tr {
                td { a href={ "/units/" (at.id) "/aid" } { (at.short_name) } }
                td.num { (visit.say("待办申请 ", "cases that wait: ")) b { (n) } }
            } } }
        }
    })
}
