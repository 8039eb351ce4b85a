//! Requests about one's own data: asked on "my data", answered by whoever keeps the roll.

use crate::form::{Complaints, Fields, Sent, one, operation};
use crate::record::Filled;
use crate::routes::Routes;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::{Refusal, Unit, Verb};
use luoshi_store::erase::Mention;
use luoshi_store::request::{self, Ask, Request};
use luoshi_store::{Tx, unit};
use maud::{Markup, html};
use std::collections::HashMap;

/// Most requests a page shows.
const MOST: i64 = 300;

pub fn routes() -> Routes {
    Routes::new()
        .route("/me/requests", get(own).post(add))
        .route("/me/requests/{id}/withdrawals", post(withdraw))
        .route("/units/{unit}/requests", get(list))
        .route("/units/{unit}/requests/{id}", get(show))
        .route("/units/{unit}/requests/{id}/answers", post(answer))
}

/// What was asked, and where it stands, in words.
pub(crate) fn ask_words(visit: &Visit, one: &Request) -> (String, String) {
    let state = match one.state.as_str() {
        "open" => visit.say("◐ 待答复", "◐ Waits for an answer"),
        "done" => visit.say("● 已办", "● Done"),
        "refused" => visit.say("◇ 未办", "◇ Not done"),
        _ => visit.say("◇ 已撤回", "◇ Taken back"),
    };
    (visit.of(&one.ask.name()).to_owned(), state.to_owned())
}

// ---- asking

async fn own(visit: Visit, Query(asked): Query<HashMap<String, String>>) -> Result<Response, Trouble> {
    if asked.contains_key("as") {
        let actor = visit.actor.clone();
        let all = visit.app.read(move |tx| request::mine(tx, &actor)).await?;
        return crate::export::list(&asked, || table(&visit, &all))?.ok_or(Trouble::NotFound);
    }
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(asking(&visit, &filled).await?.into_response())
}

/// The page where one asks, and sees what one asked.
async fn asking(visit: &Visit, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let actor = visit.actor.clone();
    let requests = visit.app.read(move |tx| request::mine(tx, &actor)).await?;
    let title = visit.say("申请更正、删除或封存", "Ask to correct, erase or lock").to_owned();
    let head = Page { visit, title, unit: None, year: 0, dated: "", part: Part::Home };
    Ok(shell::page(&head, section(visit, &requests, filled)))
}

fn section(visit: &Visit, requests: &[Request], filled: &Filled) -> Markup {
    let locked = requests.iter().any(|one| one.locked);
    let offered = |ask: &Ask| (*ask == Ask::Unlock) == locked || *ask == Ask::Correct || *ask == Ask::Erase;
    html! {
        section.card {
            (shell::complaints(visit, filled.complaints))
            p { (visit.say("由管理名册的党务工作者答复。仍在名册上的党员，姓名和党内任职必须保留，可以申请封存；离开名册后可以申请删除。",
                "Whoever keeps the roll answers. While you are on the roll your name and posts must be kept, but you may ask to lock them; once you have left you may ask to erase them.")) }
            @if locked { p.note { (visit.say("您的数据已封存：不出现在名册、查找和导出中。", "Your data is locked: it shows in no roll, search or export.")) } }
            @if !requests.is_empty() { table.list { @for one in requests { (mine(visit, one)) } } (shell::formats(visit)) }
            form.stack method="post" action="/me/requests" {
                (shell::hidden(visit))
                (field(visit.lang, "ask", visit.say("申请", "I ask to"), "", filled.complaints, html! {
                    select #ask name="ask" { @for ask in Ask::ALL.into_iter().filter(offered) {
                        option value=(ask.key()) selected[ask.key() == one(filled.fields, "ask")] { (visit.of(&ask.name())) } } }
                }))
                (field(visit.lang, "words", visit.say("说明（更正必填）", "In your words (needed for a correction)"), "", filled.complaints, html! {
                    textarea #words name="words" rows="3" maxlength="1000" { (one(filled.fields, "words")) }
                }))
                button.main { (visit.say("提交申请", "Ask")) }
            }
            p { a href="/me" { (visit.say("返回我的数据", "Back to my data")) } }
        }
    }
}

fn mine(visit: &Visit, one: &Request) -> Markup {
    let (ask, state) = ask_words(visit, one);
    html! {
        tr {
            td.nowrap { (one.on) } td { (ask) @if !one.words.is_empty() { (visit.mark("：")) (one.words) } } td.nowrap { (state) }
            td { (one.answer) @if one.state == "open" {
                form method="post" action={ "/me/requests/" (one.id) "/withdrawals" } { (shell::hidden(visit)) button { (visit.say("撤回", "Take back")) } }
            } }
        }
    }
}

async fn add(sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let words = one(&sent.fields, "words").to_owned();
    let ask = Ask::named(one(&sent.fields, "ask")).ok_or(Trouble::NotFound)?;
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        request::add(tx, actor, ask, &words)?;
        Ok("/me/requests".to_owned())
    };
    match visit.act(operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = asking(visit, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
        other => Ok(other?.into_response()),
    }
}

async fn withdraw(Place(id): Place<i64>, sent: Sent) -> Result<Redirect, Trouble> {
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        request::withdraw(tx, actor, id)?;
        Ok("/me/requests".to_owned())
    };
    sent.visit.act(operation(&sent.fields), work).await
}

// ---- answering

async fn list(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::Roll).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::Roll, &at)?;
    let most = if asked.contains_key("as") { crate::export::MOST + 1 } else { MOST };
    let all = visit.app.read(move |tx| request::list(tx, &scope, most)).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &all))? {
        return Ok(out);
    }
    let title = visit.say("个人信息申请", "Requests about personal data").to_owned();
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::People };
    let body = html! {
        @if all.is_empty() { p.empty { (visit.say("没有申请。党员在“我的数据”中提出更正、删除或封存后，会列在这里。",
            "None. Requests to correct, erase or lock, made under “My data”, are listed here.")) } }
        @else { div.scroll { table.list {
            thead { tr { th { (visit.say("日期", "Day")) } th { (visit.say("姓名", "Name")) } th { (visit.say("组织", "Unit")) }
                th { (visit.say("申请", "Asked")) } th { (visit.say("进展", "Stands at")) } } }
            @for one in &all {
                @let (ask, state) = ask_words(&visit, one);
                tr { td.nowrap { (one.on) } td { a href={ "/units/" (id) "/requests/" (one.id) } { (one.name) } }
                    td { (one.unit_name) } td { (ask) } td.nowrap { (state) } }
            }
        } } }
        (shell::formats(&visit))
    };
    Ok(shell::page(&head, body).into_response())
}

fn table(visit: &Visit, all: &[Request]) -> Table {
    let mut table = Table::new(visit.say("个人信息申请台账", "Ledger of requests"))
        .column("on", visit.say("日期", "Day"), Kind::Date)
        .column("name", visit.say("姓名", "Name"), Kind::Text)
        .column("unit", visit.say("组织", "Unit"), Kind::Text)
        .column("ask", visit.say("申请", "Asked"), Kind::Text)
        .column("words", visit.say("说明", "In their words"), Kind::Text)
        .column("state", visit.say("进展", "Stands at"), Kind::Text)
        .column("answered", visit.say("答复日期", "Answered"), Kind::Date)
        .column("answer", visit.say("答复", "Answer"), Kind::Text);
    let row = |one: &Request| {
        let (ask, state) = ask_words(visit, one);
        vec![
            Cell::Date(one.on.to_string()),
            one.name.as_str().into(),
            one.unit_name.as_str().into(),
            ask.into(),
            one.words.as_str().into(),
            state.into(),
            one.answered.map_or(Cell::Empty, |day| Cell::Date(day.to_string())),
            one.answer.as_str().into(),
        ]
    };
    table.rows = all.iter().map(row).collect();
    table
}

/// A request of a subtree whose roll the visitor keeps.
async fn find(visit: &Visit, at: &Unit, id: i64) -> Result<Request, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::Roll, at)?;
    visit.app.read(move |tx| request::find(tx, &scope, id)).await
}

async fn show(visit: Visit, Place((id, request)): Place<(i64, i64)>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::Roll).await?;
    let one = find(&visit, &at, request).await?;
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(page(&visit, &at, &one, &filled))
}

fn page(visit: &Visit, at: &Unit, one: &Request, filled: &Filled) -> Markup {
    let (ask, state) = ask_words(visit, one);
    let title = format!("{}{}{ask}", one.name, visit.mark("："));
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::People };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        dl.facts {
            dt { (visit.say("申请人", "Who asks")) } dd { @if one.locked { (one.name) } @else { a href={ "/people/" (one.person) } { (one.name) } } " · " (one.unit_name) }
            dt { (visit.say("日期", "Day")) } dd { (one.on) }
            @if !one.words.is_empty() { dt { (visit.say("说明", "In their words")) } dd.long { (one.words) } }
            dt { (visit.say("进展", "Stands at")) } dd { (state) @if let Some(day) = one.answered { " " (day) } }
            @if !one.answer.is_empty() { dt { (visit.say("答复", "Answer")) } dd.long { (one.answer) } }
        }
        (mentions(visit, one))
        @if one.state == "open" && !visit.may(one.ask.verb(), at) {
            p.note { (visit.say("删除须由上级组织的党务工作者办理。", "Erasing is for the organisation above.")) }
        }
        @if one.state == "open" && visit.may(one.ask.verb(), at) { (answer_form(visit, at, one, filled)) }
        p { a href={ "/units/" (at.id) "/requests" } { (visit.say("返回申请", "Back to the requests")) } }
    };
    shell::page(&head, body)
}

/// Texts that name somebody who was erased, each a link.
fn mentions(visit: &Visit, one: &Request) -> Markup {
    let place = |found: &Mention| match found.sort.as_str() {
        "record" => (format!("/units/{}/records/{}", found.unit, found.id), visit.say("纪实", "Record")),
        "matter" => (format!("/units/{}/matters/{}", found.unit, found.id), visit.say("事项", "Matter")),
        "plan" => (format!("/units/{}", found.unit), visit.say("安排", "Plan")),
        "waiver" => (format!("/units/{}", found.unit), visit.say("免予落实的理由", "Reason of a waiver")),
        "collection" => {
            (format!("/units/{}/collections/{}", found.unit, found.id), visit.say("数据收集", "Collection"))
        }
        "burden" => (format!("/units/{}/burdens", found.unit), visit.say("负担反映", "Burden")),
        _ => (
            format!("/units/{}", found.unit),
            visit.say("组织沿革或任职依据", "History of the unit or papers of a post"),
        ),
    };
    html! {
        @if !one.found.is_empty() {
            h2 { (visit.say("请逐条看一看", "Please look at each")) }
            p { (visit.say("这些是别人写的文字，其中提到此人。需要时请更正。", "Texts written by others that name the person. Correct them where that is needed.")) }
            ul { @for found in &one.found { @let (to, words) = place(found); li { a href=(to) { (words) } } } }
        }
    }
}

fn answer_form(visit: &Visit, at: &Unit, request: &Request, filled: &Filled) -> Markup {
    html! {
        @if request.ask == Ask::Erase { p { (visit.say("办理后：姓名换成编号，性别、出生日期、身份证号、手机号、账号和草稿删除，不能恢复；党内任职和会议记录以编号保留。",
            "What happens: a number takes the place of the name; sex, day of birth, numbers, account and drafts go and cannot be brought back; posts and meetings stay under the number.")) } }
        @if request.ask == Ask::Correct { p { (visit.say("请先到本人页面更正，再点“已办”。", "Correct it on the person's page first, then press “Done”.")) } }
        form.stack method="post" action={ "/units/" (at.id) "/requests/" (request.id) "/answers" } {
            (shell::hidden(visit))
            (field(visit.lang, "answer", visit.say("答复（本人可见；不办须写理由）", "Answer (the person reads it; needed to refuse)"), "", filled.complaints, html! {
                textarea #answer name="answer" rows="2" maxlength="1000" { (one(filled.fields, "answer")) }
            }))
            p.actions {
                button.main name="act" value="grant" { (visit.say("已办", "Done")) " · " (visit.of(&request.ask.name())) }
                button name="act" value="refuse" { (visit.say("不办", "Refuse")) }
            }
        }
    }
}

async fn answer(Place((id, request)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Roll).await?;
    let asked = find(visit, &at, request).await?;
    let home = asked.unit;
    let of_person = visit.app.read(move |tx| unit::find(tx, home)).await?;
    let (words, grant) = (one(&sent.fields, "answer").to_owned(), one(&sent.fields, "act") == "grant");
    let (rules, now) = (visit.rules.clone(), asked.clone());
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, now.ask.verb(), &of_person)?;
        if grant {
            request::grant(tx, &permit, &now, &words)?
        } else {
            request::refuse(tx, &permit, &now, &words)?
        }
        Ok(format!("/units/{id}/requests/{request}"))
    };
    match visit.act(operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal @ (Refusal::Field { .. } | Refusal::Rule(_)))) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = page(visit, &at, &asked, &Filled { fields: &sent.fields, complaints: &complaints });
            Ok(complaints.answer(page))
        }
        Ok(to) if grant && asked.ask == Ask::Erase => {
            visit.app.scrub().await?;
            Ok(to.into_response())
        }
        other => Ok(other?.into_response()),
    }
}
