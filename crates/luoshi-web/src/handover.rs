//! Handovers: the page that lists every open duty, matter, draft and date of a post, and takes both signatures.

use crate::form::{Complaints, Fields, Sent, one, operation};
use crate::holding::person_named;
use crate::obligation;
use crate::record::Filled;
use crate::routes::Routes;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::pack::Post;
use luoshi_rules::{Label, Refusal, Status, Unit, Verb};
use luoshi_store::handover::{self, FLOW, Handing, Open};
use luoshi_store::matter::{self, Line};
use luoshi_store::{Fault, Tx, unit};
use maud::{Markup, html};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/handovers", post(open))
        .route("/units/{unit}/handovers/new", get(ask))
        .route("/units/{unit}/handovers/{id}", get(show))
        .route("/handovers/{id}", get(mine))
        .route("/handovers/{id}/signatures", post(sign))
}

/// A post and who holds it, as an address or a form names them.
fn asked<'v>(visit: &'v Visit, post: &str, giver: &str) -> Result<(&'v Post, i64), Trouble> {
    let post = visit.rules.base.post(post).ok_or(Trouble::NotFound)?;
    Ok((post, giver.parse().map_err(|_| Trouble::NotFound)?))
}

async fn ask(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::Act).await?;
    let fields: Fields = asked.into_iter().map(|(key, value)| (key, vec![value])).collect();
    asking(&visit, &at, &Filled { fields: &fields, complaints: &Complaints::default() }).await
}

async fn asking(visit: &Visit, at: &Unit, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let (post, giver) = asked(visit, one(filled.fields, "post"), one(filled.fields, "giver"))?;
    if !visit.actor.may_give(&visit.rules.base, &post.id, &at.path) {
        return Err(Trouble::NotFound);
    }
    let items = items(visit, at, post, giver).await?;
    let title = format!("{}{}{}", visit.say("工作交接", "Handover"), visit.mark("："), visit.of(&post.name));
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::People };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p { (visit.say("下面是这个岗位现在的全部未了事项。发起后清单固定下来，移交人和接收人各签一次，岗位和草稿即转到接收人名下。",
            "Everything open of this post now. Once begun the list is frozen; with one signature from each side the post and its drafts are the taker's.")) }
        (listed(visit, &items))
        form.stack method="post" action={ "/units/" (at.id) "/handovers" } {
            (shell::hidden(visit))
            input type="hidden" name="post" value=(post.id);
            input type="hidden" name="giver" value=(giver);
            (field(visit.lang, "taker", visit.say("接收人", "Taker"), visit.say("填姓名，重名时填人员页面地址中的数字。", "A name, or the number where names are alike."),
                filled.complaints, html! { input #taker name="taker" value=(one(filled.fields, "taker")) required autocomplete="off"; }))
            button.main { (visit.say("发起交接", "Begin the handover")) }
        }
    };
    Ok(shell::page(&head, body))
}

/// Everything open of a post: duties by the rules, the rest by the facts.
async fn items(visit: &Visit, at: &Unit, post: &Post, giver: i64) -> Result<Json, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let (unit, today) = (at.id, visit.today);
    let open = visit.app.read(move |tx| handover::items(tx, &scope, (unit, giver), today)).await?;
    let ledger = obligation::ledger(visit, at, visit.year(), None).await?;
    let theirs = |one: &&luoshi_rules::Obligation| {
        let post_of = one.clause.post.as_ref().is_none_or(|key| *key == post.id);
        post_of && one.status.is_wanting()
    };
    let duties: Vec<Json> = ledger
        .pressing(unit)
        .into_iter()
        .filter(theirs)
        .map(|one| {
            json!({ "id": one.clause.id, "zh": one.clause.text.zh, "en": one.clause.text.en,
            "period": one.period.to_string(), "due": one.due.to_string(), "late": one.status == Status::Overdue })
        })
        .collect();
    Ok(frozen(visit, duties, &open))
}

fn frozen(visit: &Visit, duties: Vec<Json>, open: &Open) -> Json {
    let base = &visit.rules.base;
    let matters = open.matters.iter().filter(|line| line.matter.flow != FLOW).map(|line| {
        let flow = base.flow(&line.matter.flow);
        let step = line.stand.as_ref().map_or("", |stand| &stand.step);
        let state = flow.and_then(|flow| flow.step(step)).map(|step| step.name.clone()).unwrap_or_default();
        let limit = crate::matter::due(visit, line).map(|day| day.to_string());
        json!({ "id": line.matter.id, "title": line.matter.title, "state": state, "limit": limit })
    });
    let plans = open.plans.iter().map(|plan| {
        let kind = visit.rules.kind(&plan.kind).map(|kind| kind.name.clone()).unwrap_or_default();
        json!({ "on": plan.on.to_string(), "at": plan.at, "kind": kind, "topic": plan.topic })
    });
    json!({
        "duties": duties,
        "matters": matters.collect::<Vec<_>>(),
        "drafts": open.drafts,
        "plans": plans.collect::<Vec<_>>(),
        "term": open.term.as_ref().map(|term| term.due().to_string()),
    })
}

/// What is handed over, as frozen.
fn listed(visit: &Visit, items: &Json) -> Markup {
    let rows = |key: &str| items[key].as_array().cloned().unwrap_or_default();
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let label = |json: &Json| visit.of(&Label::new(text(&json["zh"]), text(&json["en"]))).to_owned();
    let (duties, matters, drafts, plans) = (rows("duties"), rows("matters"), rows("drafts"), rows("plans"));
    let head = |zh: &'static str, en: &'static str, n: usize| html! { h2 { (visit.say(zh, en)) " " small { (n) } } };
    html! {
        (head("未了职责", "Open duties", duties.len()))
        table.list { @for one in &duties { tr {
            td { (text(&one["id"])) " " (label(one)) } td.nowrap { (luoshi_rules::period::words(&text(&one["period"]), visit.lang)) }
            td.nowrap { @if one["late"] == true { "▲ " } (visit.say("期限 ", "due ")) (text(&one["due"])) } } } }
        (head("在办事项", "Open matters", matters.len()))
        table.list { @for one in &matters { tr {
            td { (text(&one["title"])) } td.nowrap { (label(&one["state"])) } td.nowrap { (text(&one["limit"])) } } } }
        (head("未提交的草稿", "Drafts", drafts.len()))
        @if !drafts.is_empty() { p { (visit.say("随岗位转给接收人，在相应表单中继续填写。", "They go with the post; the taker finds them in the same forms.")) } }
        (head("已安排的日期", "Dates planned", plans.len()))
        table.list { @for one in &plans { tr {
            td.nowrap { (text(&one["on"])) " " (text(&one["at"])) } td { (label(&one["kind"])) " " (text(&one["topic"])) } } } }
        @if let Some(day) = items["term"].as_str() { p { (visit.say("本届任期届满：", "The term ends on ")) (day) } }
    }
}

pub(crate) async fn open(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    match try_open(&sent, at.clone()).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = asking(visit, &at, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
        other => other,
    }
}

async fn try_open(sent: &Sent, at: Unit) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let (post, giver) = asked(visit, one(&sent.fields, "post"), one(&sent.fields, "giver"))?;
    if !visit.actor.may_give(&visit.rules.base, &post.id, &at.path) {
        return Err(Refusal::NotAllowed.into());
    }
    let taker = person_named(visit, &at, one(&sent.fields, "taker"), "taker").await?;
    let (items, post, rules) = (items(visit, &at, post, giver).await?, post.clone(), visit.rules.clone());
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &at)?;
        let flow = rules.base.flow(FLOW).ok_or(Fault::NotFound)?;
        let handing = Handing { unit: &at, post: &post, giver, taker, items: items.clone() };
        let id = handover::open(tx, &permit, flow, &handing)?;
        Ok(format!("/units/{}/handovers/{id}", at.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

// ---- one handover, for those over the unit and for its two sides

pub(crate) async fn show(
    visit: Visit,
    Place((id, handover)): Place<(i64, i64)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let line = visit.app.read(move |tx| matter::find(tx, &scope, handover)).await?;
    shown(&visit, &asked, &line)
}

pub(crate) async fn mine(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let actor = visit.actor.clone();
    let line = visit.app.read(move |tx| handover::find(tx, &actor, id)).await?;
    shown(&visit, &asked, &line)
}

/// The page of a handover, or what is handed over as a list.
fn shown(visit: &Visit, asked: &HashMap<String, String>, line: &Line) -> Result<Response, Trouble> {
    if let Some(out) = crate::export::list(asked, || table(visit, line))? {
        return Ok(out);
    }
    Ok(page(visit, line, &Complaints::default())?.into_response())
}

/// What is handed over, as rows that can be taken away.
fn table(visit: &Visit, line: &Line) -> Table {
    let mut table = Table::new(format!("{} {}", visit.say("交接清单", "Handover"), line.unit_name))
        .column("sort", visit.say("种类", "Sort"), Kind::Text)
        .column("item", visit.say("内容", "Item"), Kind::Text)
        .column("day", visit.say("期限或日期", "Day"), Kind::Date);
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let label = |json: &Json| visit.of(&Label::new(text(&json["zh"]), text(&json["en"]))).to_owned();
    let items = &line.matter.data["items"];
    for (key, zh, en) in [
        ("duties", "未了职责", "Open duty"),
        ("matters", "在办事项", "Open matter"),
        ("plans", "已安排的日期", "Date planned"),
    ] {
        for one in items[key].as_array().into_iter().flatten() {
            let (words, day) = match key {
                "duties" => (format!("{} {}", text(&one["id"]), label(one)), &one["due"]),
                "matters" => (text(&one["title"]), &one["limit"]),
                _ => (format!("{} {}", label(&one["kind"]), text(&one["topic"])), &one["on"]),
            };
            let day = if day.is_null() { Cell::Empty } else { Cell::Date(text(day)) };
            table.rows.push(vec![visit.say(zh, en).into(), words.into(), day]);
        }
    }
    table
}

fn page(visit: &Visit, line: &Line, complaints: &Complaints) -> Result<Markup, Trouble> {
    let (base, matter) = (&visit.rules.base, &line.matter);
    let flow = base.flow(FLOW).filter(|flow| flow.id == matter.flow).ok_or(Trouble::NotFound)?;
    let state = matter.state(flow);
    let next = state.map_or(&[][..], |step| &step.then).iter().filter_map(|id| flow.step(id));
    let named = |key: &String| matter.data[key].as_i64() == Some(visit.actor.person);
    let button = next.clone().find(|step| step.person.as_ref().is_some_and(named));
    let name = |key: &str| matter.data[key].as_str().unwrap_or_default().to_owned();
    let post = base.post(&name("post")).map_or("", |post| visit.of(&post.name));
    let title = format!("{}{}{post}", visit.of(&flow.name), visit.mark("："));
    let head = Page { visit, title, unit: None, year: 0, dated: "", part: Part::People };
    let by = |step: &str, key: &str| flow.step(step).is_some_and(|step| step.person.as_deref() == Some(key));
    let signed = |key: &str| matter.events.iter().find(|event| by(&event.step, key));
    let body = html! {
        (shell::complaints(visit, complaints))
        p { (line.unit_name) " · " b { (state.map_or("", |step| visit.of(&step.name))) } " · " (matter.opened) }
        dl.facts {
            @for (key, zh, en) in [("giver", "移交人", "Giver"), ("taker", "接收人", "Taker")] {
                dt { (visit.say(zh, en)) }
                dd { (name(&format!("{key}_name"))) " " @match signed(key) {
                    Some(event) => { "● " (visit.say("已签字 ", "signed ")) (event.on) }
                    None => { "○ " (visit.say("未签字", "not signed yet")) }
                } }
            }
        }
        (listed(visit, &matter.data["items"]))
        (shell::formats(visit))
        @if let Some(step) = button {
            form.stack method="post" action={ "/handovers/" (matter.id) "/signatures" } {
                (shell::hidden(visit))
                p { (visit.say("签字表示以上清单属实。双方都签字后，岗位自当日起由接收人担任。",
                    "Your signature says the list is right. With both, the post is the taker's from that day.")) }
                button.main { (visit.of(&step.button)) }
            }
        }
        p { (crate::collection::burden_of_unit(visit, matter.unit, ("matter", &matter.id.to_string()))) }
    };
    Ok(shell::page(&head, body))
}

pub(crate) async fn sign(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let (rules, home) = (visit.rules.clone(), visit.actor.home);
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::See, &unit::find(tx, home)?)?;
        handover::sign(tx, &permit, &rules.base, id)?;
        Ok(format!("/handovers/{id}"))
    };
    match visit.act(operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal)) => {
            let actor = visit.actor.clone();
            let line = visit.app.read(move |tx| handover::find(tx, &actor, id)).await?;
            let complaints = Complaints::new(vec![refusal]);
            let page = page(visit, &line, &complaints)?;
            Ok(complaints.answer(page))
        }
        other => Ok(other?.into_response()),
    }
}
