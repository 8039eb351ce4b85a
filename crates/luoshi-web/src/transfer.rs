//! Transfers of affiliation: the letters from and to a unit, and one letter with the steps still open.

use crate::form::{Complaints, Fields, Sent, one, operation, under};
use crate::matter::step;
use crate::obligation::days;
use crate::person::one::home;
use crate::record::Filled;
use crate::routes::Routes;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::Matter;
use luoshi_rules::flow::Step;
use luoshi_rules::{Flow, Refusal, Unit, Verb};
use luoshi_store::matter::{self, State};
use luoshi_store::transfer::{self, FLOW, Goal, Letter};
use luoshi_store::{Fault, Tx, unit};
use maud::{Markup, html};
use std::collections::HashMap;

/// Most letters a page shows.
const MOST: i64 = 300;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/transfers", get(list))
        .route("/units/{unit}/transfers/new", get(ask))
        .route("/people/{id}/transfers", post(request))
        .route("/units/{unit}/transfers/{id}", get(show))
        .route("/units/{unit}/transfers/{id}/steps", post(advance))
}

type Asked = HashMap<String, String>;

fn flow(visit: &Visit) -> Result<&Flow, Trouble> {
    visit.rules.base.flow(FLOW).ok_or(Trouble::NotFound)
}

pub(crate) async fn list(visit: Visit, Place(id): Place<i64>, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::People).await?;
    let flow = flow(&visit)?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, &at)?;
    let done = asked.get("state").is_some_and(|state| state == "closed");
    let state = if done { State::Closed } else { State::Open };
    let most = if asked.contains_key("as") { crate::export::MOST + 1 } else { MOST };
    let letters = visit.app.read(move |tx| transfer::list(tx, &scope, state, most)).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, flow, &letters))? {
        return Ok(out);
    }
    let title = visit.say("组织关系转接", "Transfers").to_owned();
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::People };
    let body = html! {
        p.toggle {
            a aria-current=[(!done).then_some("true")] href="?state=open" { (visit.say("在办", "Under way")) }
            a aria-current=[done.then_some("true")] href="?state=closed" { (visit.say("已办结", "Closed")) }
        }
        @if letters.is_empty() { p.empty { (visit.say("没有转接。转出从人员页面发起；转入的介绍信开出后会出现在这里。",
            "None. Begin a transfer on the person's page; letters to this unit appear here once asked for.")) } }
        @else { div.scroll { table.list {
            thead { tr { th { (visit.say("姓名", "Name")) } th { (visit.say("转出", "From")) } th { (visit.say("转入", "To")) }
                th { (visit.say("进展", "Stands at")) } th { (visit.say("有效期至", "Good until")) } } }
            @for letter in &letters { tr {
                td { a href={ "/units/" (at.id) "/transfers/" (letter.line.matter.id) } { (letter.name) } }
                td { (letter.line.opener_name) } td { small.phone { "→ " } (letter.line.unit_name) }
                td.nowrap { (state_of(&visit, flow, letter)) }
                td.nowrap { @if !done && let Some(day) = letter.limit(flow) { (day) " " (days(&visit, day)) } }
            } }
        } } }
        @if letters.len() as i64 == MOST { p.help { (visit.say("先列最近 300 件，全部请导出。", "The last 300; export for all.")) } }
        (shell::formats(&visit))
    };
    Ok(shell::page(&head, body).into_response())
}

/// The shown name of where a letter stands; one past its day shows as expired before anybody says so.
fn state_of<'a>(visit: &'a Visit, flow: &'a Flow, letter: &Letter) -> &'a str {
    let known = if letter.expired(flow, visit.today) { flow.step("expired") } else { letter.line.matter.state(flow) };
    known.map_or("", |step| visit.of(&step.name))
}

fn table(visit: &Visit, flow: &Flow, letters: &[Letter]) -> Table {
    let mut table = Table::new(visit.say("组织关系转接台账", "Ledger of transfers"))
        .column("name", visit.say("姓名", "Name"), Kind::Text)
        .column("from", visit.say("转出组织", "From"), Kind::Text)
        .column("to", visit.say("转入组织", "To"), Kind::Text)
        .column("state", visit.say("进展", "Stands at"), Kind::Text)
        .column("asked", visit.say("申请日期", "Asked for"), Kind::Date)
        .column("limit", visit.say("有效期至", "Good until"), Kind::Date)
        .key("id")
        .key("person_id")
        .key("from_id")
        .key("to_id");
    let row = |letter: &Letter| {
        vec![
            letter.name.as_str().into(),
            letter.line.opener_name.as_str().into(),
            letter.line.unit_name.as_str().into(),
            state_of(visit, flow, letter).into(),
            Cell::Date(letter.line.matter.opened.to_string()),
            letter.limit(flow).map_or(Cell::Empty, |day| Cell::Date(day.to_string())),
            Cell::Key(letter.line.matter.id),
            Cell::Key(letter.person),
            Cell::Key(letter.line.matter.opener),
            Cell::Key(letter.line.matter.unit),
        ]
    };
    table.rows = letters.iter().map(row).collect();
    table
}

// ---- asking for one

async fn ask(visit: Visit, Place(id): Place<i64>, Query(asked): Query<Asked>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::Roll).await?;
    let person = asked.get("person").and_then(|text| text.parse().ok()).ok_or(Trouble::NotFound)?;
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    asking(&visit, &at, person, &filled).await
}

async fn asking(visit: &Visit, at: &Unit, person: i64, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::Roll, at)?;
    let read = move |tx: &Tx| Ok((luoshi_store::person::find(tx, &scope, person)?, transfer::places(tx, &scope)?));
    let (who, places) = visit.app.read(read).await?;
    let title = format!("{}{}{}", visit.say("转出组织关系", "Transfer"), visit.mark("："), who.name);
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::People };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p { (visit.say("申请后开介绍信；对方接收后组织关系才转移，在本组织的任职同时终止。",
            "Ask, then issue the letter; only acceptance there moves the person, and ends their posts here.")) }
        form.stack method="post" action={ "/people/" (person) "/transfers" } {
            (shell::hidden(visit))
            (field(visit.lang, "to", visit.say("转入组织", "To"),
                visit.say("填组织名称，可边填边选；系统内其他单位的组织填组织编号（组织页面地址中的数字）。",
                    "The name of the unit, or, for a unit of another organisation here, the number in the address of its page."),
                filled.complaints, html! {
                input #to name="to" list="places" required autocomplete="off" value=(one(filled.fields, "to"));
                datalist #places { @for place in &places { option value=(place.full_name) {} } }
            }))
            (crate::person::forms::text(visit, filled, "why", ("原因（选填）", "Why (optional)"), ""))
            button.main { (visit.say("申请转出", "Ask for it")) }
        }
    };
    Ok(shell::page(&head, body))
}

pub(crate) async fn request(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = home(visit, id, Verb::Roll).await?;
    match try_request(&sent, at.clone(), id).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let filled = Filled { fields: &sent.fields, complaints: &complaints };
            let page = asking(visit, &at, id, &filled).await?;
            Ok(complaints.answer(page))
        }
        other => other,
    }
}

async fn try_request(sent: &Sent, at: Unit, id: i64) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let to = place(visit, &at, one(&sent.fields, "to")).await?;
    let why: String = one(&sent.fields, "why").chars().take(500).collect();
    let rules = visit.rules.clone();
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Roll, &at)?;
        let flow = rules.base.flow(FLOW).ok_or(Fault::NotFound)?;
        let letter = transfer::request(tx, &permit, flow, id, (&to, &why))?;
        Ok(format!("/units/{}/transfers/{letter}", at.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

/// The unit a form names, by a name that no other bears or by number; nearest names are offered where there is none.
async fn place(visit: &Visit, at: &Unit, typed: &str) -> Result<Unit, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::Roll, at)?;
    let places = visit.app.read(move |tx| transfer::places(tx, &scope)).await?;
    let typed = typed.trim();
    let fully = places.iter().find(|place| place.full_name == typed);
    let short: Vec<&Goal> = places.iter().filter(|place| place.short_name == typed).collect();
    let named = fully.or(if let [one] = short[..] { Some(one) } else { None }).map(|place| place.unit);
    if let Some(id) = named.or_else(|| typed.parse().ok()) {
        let found = visit.app.read(move |tx| unit::find(tx, id)).await;
        if let Ok(unit) = found {
            return Ok(unit);
        }
    }
    Err(match short.len() {
        0 => unknown(typed, &places),
        many => {
            let names: Vec<&str> = short.iter().map(|place| &*place.full_name).collect();
            let zh = format!("有 {many} 个组织叫这个名称，请填全称：{}", names.join("、"));
            Refusal::field("to", zh, format!("{many} units are called so; give the full name: {}", names.join(", ")))
        }
    }
    .into())
}

/// What is said of a unit that is not there, with those whose names are near.
fn unknown(typed: &str, places: &[Goal]) -> Refusal {
    let names: Vec<&str> = places.iter().flat_map(|place| [&*place.full_name, &*place.short_name]).collect();
    let mut near: Vec<&str> = Vec::new();
    for found in luoshi_text::nearest::nearest(typed, &names, 6) {
        near.extend(places.get(found.at / 2).map(|place| &*place.full_name).filter(|name| !near.contains(name)));
    }
    near.truncate(3);
    let (zh, en) = match near.as_slice() {
        [] => ("没有这个组织，请核对名称".to_owned(), "no such unit; check the name".to_owned()),
        near => (
            format!("没有这个组织。名称相近的有：{}", near.join("、")),
            format!("no such unit. Near: {}", near.join(", ")),
        ),
    };
    Refusal::field("to", zh, en)
}

// ---- one letter

async fn show(visit: Visit, Place((id, letter)): Place<(i64, i64)>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::People).await?;
    page(&visit, &at, letter, &Filled { fields: &Fields::new(), complaints: &Complaints::default() }).await
}

async fn page(visit: &Visit, at: &Unit, id: i64, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let flow = flow(visit)?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, at)?;
    let letter = visit.app.read(move |tx| transfer::find(tx, &scope, id)).await?;
    let matter = &letter.line.matter;
    let steps = sides(visit, matter, flow).await?;
    let names = crate::matter::names(visit, at, id).await?;
    let title = format!("{}{}{}", visit.of(&flow.name), visit.mark("："), letter.name);
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::People };
    let expired = letter.expired(flow, visit.today);
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p { (letter.line.opener_name) " → " (letter.line.unit_name) " · " b { (state_of(visit, flow, &letter)) }
            @if let Some(day) = letter.limit(flow) { " · " (visit.say("有效期至 ", "good until ")) (day) " " (days(visit, day)) } }
        @if visit.may(Verb::People, at) && matter.opener == at.id { p { a href={ "/people/" (letter.person) } { (visit.say("人员页面", "The person's page")) } } }
        (crate::matter::timeline(visit, matter, flow, &names))
        @for (unit, step) in steps.iter().filter(|(_, step)| may_show(&step.id, expired)) {
            (crate::matter::step_form(visit, &format!("/units/{unit}/transfers/{id}/steps"), step, filled))
        }
        @if matter.unit == at.id && letter.line.top == at.top { (crate::collection::burden_of_others(visit, at, matter.opener, ("matter", &id.to_string()))) }
    };
    Ok(shell::page(&head, body))
}

/// The steps the visitor may take, each with the unit for which they would take it.
async fn sides<'f>(visit: &Visit, matter: &Matter, flow: &'f Flow) -> Result<Vec<(i64, &'f Step)>, Trouble> {
    let (from, to) = (matter.opener, matter.unit);
    let units = visit.app.read(move |tx| Ok([unit::find(tx, from)?, unit::find(tx, to)?])).await?;
    let permits = units.iter().filter_map(|unit| visit.actor.permit(&visit.rules.base, Verb::Roll, unit).ok());
    Ok(permits
        .flat_map(|permit| {
            let unit = permit.unit();
            matter.open_to(flow, &permit).into_iter().map(move |step| (unit, step)).collect::<Vec<_>>()
        })
        .collect())
}

/// An expired letter cannot be accepted, and one that is good cannot be called expired.
fn may_show(step: &str, expired: bool) -> bool {
    match step {
        "accepted" => !expired,
        "expired" => expired,
        _ => true,
    }
}

pub(crate) async fn advance(Place((id, letter)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Roll).await?;
    let to = one(&sent.fields, "to").to_owned();
    // on the page each step has a form with a note of its own
    let note = match flow(visit)?.step(&to) {
        Some(step) => step::read(&sent, (None, step)).await.map(|told| told.note),
        None => Ok(String::new()),
    };
    let (rules, place, next) = (visit.rules.clone(), at.clone(), to.clone());
    let done = match note {
        Err(trouble) => Err(trouble),
        Ok(note) => {
            let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
                let permit = actor.permit(&rules.base, Verb::Roll, &place)?;
                matter::advance(tx, &permit, &rules.base, letter, &next, &note)?;
                Ok(format!("/units/{id}/transfers/{letter}"))
            };
            visit.act(operation(&sent.fields), work).await
        }
    };
    match done {
        Err(Trouble::Refused(refusal)) => {
            let refusal = if visit.bearer { refusal } else { under(&format!("{to}-"), refusal) };
            let complaints = Complaints::new(vec![refusal]);
            let page = page(visit, &at, letter, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
        other => Ok(other?.into_response()),
    }
}
