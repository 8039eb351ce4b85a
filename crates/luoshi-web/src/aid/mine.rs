//! Mutual aid for whoever is signed in: the fund that serves them, asking for help, their own cases, what they gave.

use super::account::fen;
use super::{case, numbers, rules};
use crate::form::{Complaints, Fields, Sent, one, operation};
use crate::record::Filled;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::aid::{Aid, Application, Numbers};
use luoshi_rules::{Actor, Refusal};
use luoshi_store::aid::case::{self as cases, Case, Published};
use luoshi_store::aid::{self as store, Fund};
use luoshi_store::{Fault, Tx, person};
use maud::{Markup, html};
use std::collections::HashMap;

/// Where the page is.
const HERE: &str = "/me/aid";

/// What the page is made of.
struct Seen {
    fund: Option<(Fund, Numbers, Vec<Published>)>,
    cases: Vec<Case>,
    given: Vec<(Date, i64)>,
}

pub(super) async fn show(visit: Visit, Query(asked): Query<HashMap<String, String>>) -> Result<Response, Trouble> {
    if asked.contains_key("as") {
        let (aid, seen) = (rules(&visit)?, find(&visit).await?);
        let title = visit.say("公示", "Published");
        let published = seen.fund.as_ref().map_or(&[][..], |(_, _, all)| all);
        let is_given = crate::export::which(&asked) == "given";
        let table = || if is_given { given(&visit, &seen) } else { numbers::published(&visit, aid, title, published) };
        return crate::export::list(&asked, table)?.ok_or(Trouble::NotFound);
    }
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(page(&visit, &filled).await?.into_response())
}

/// What one gave, as rows that can be taken away.
fn given(visit: &Visit, seen: &Seen) -> Table {
    let columns = [("on", "日期", "Day", Kind::Date), ("yuan", "金额（元）", "Yuan", Kind::Number)];
    let mut table = crate::export::head(visit, visit.say("我的捐款", "What I gave"), &columns);
    table.rows = seen.given.iter().map(|(on, fen)| vec![crate::export::day(*on), Cell::Money(*fen)]).collect();
    table
}

async fn find(visit: &Visit) -> Result<Seen, Trouble> {
    visit.in_person()?;
    let aid = rules(visit)?;
    let (actor, year, days) = (visit.actor.clone(), visit.year(), (numbers::since(visit, aid), visit.today));
    let read = move |tx: &Tx| {
        let fund = match store::serving(tx, &actor)? {
            None => None,
            Some(fund) => {
                let (sums, published) = (store::numbers(tx, &fund, year)?, numbers::now(tx, &fund, days)?);
                Some((fund, sums, published))
            }
        };
        Ok(Seen { fund, cases: cases::mine(tx, &actor)?, given: store::given(tx, &actor)? })
    };
    visit.app.read(read).await
}

async fn page(visit: &Visit, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let (aid, seen) = (rules(visit)?, find(visit).await?);
    let title = visit.say("爱心互助", "Mutual aid").to_owned();
    let head = Page { visit, title, unit: None, year: 0, dated: "", part: Part::Home };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        (own(visit, &seen.cases))
        @match &seen.fund {
            None => p.empty { (visit.say("您所在的组织和上级还没有设立互助金。", "Neither your unit nor one above it keeps a fund.")) },
            Some((fund, sums, published)) => {
                (ask_form(visit, (aid, fund), filled))
                div.columns {
                    section.card { h2 { (fund.name) " " small { (visit.year()) } } (numbers::facts(visit, aid, sums)) }
                    section.card { h2 { (visit.say("公示", "Published")) } (numbers::list(visit, aid, published)) @if !published.is_empty() { (shell::formats(visit)) } }
                }
            }
        }
        @if !seen.given.is_empty() { section.card { h2 { (visit.say("我的捐款", "What I gave")) }
            table.list { @for (on, fen) in &seen.given { tr { td.nowrap { (on) } td.num { (shell::yuan(*fen)) " " (visit.say("元", "yuan")) } } } } (shell::formats_of(visit, "given")) } }
    };
    Ok(shell::page(&head, body))
}

/// One's own cases: how each stands, and taking it back.
fn own(visit: &Visit, all: &[Case]) -> Markup {
    html! {
        @if !all.is_empty() { h2 { (visit.say("我的申请", "What I asked for")) } }
        @for one in all { section.card {
            p { (super::stands(visit, one)) }
            (case::told(visit, one))
            (case::events(visit, one, false))
            @if !one.state().is_end() && one.state() != luoshi_rules::aid::Step::Paid {
                form.inline method="post" action={ (HERE) "/" (one.id) "/steps" } {
                    (shell::hidden(visit))
                    button name="to" value="withdrawn" { (visit.say("撤回申请", "Withdraw")) } } }
        } }
    }
}

fn ask_form(visit: &Visit, (aid, fund): (&Aid, &Fund), filled: &Filled) -> Markup {
    let given = |key: &str| one(filled.fields, key).to_owned();
    html! {
        details.card open[!filled.complaints.is_empty()] {
            summary { b { (visit.say("申请互助", "Ask for help")) } }
            p.help { (fund.name) (visit.say("：患病、困难等情况加密保存，只有互助金经办人看得到；用于核实和发放，办结三年后清除。公示时只公布姓名首字母和情形类别。",
                ": what you tell is kept sealed and seen by the handlers of the fund alone, to look into it and to pay; it goes three years after the case is over. Initials and the kind of reason are published, nothing else.")) }
            form.stack method="post" action=(HERE) autocomplete="off" {
                (shell::hidden(visit))
                (field(visit.lang, "reason", visit.say("情形", "Reason"), "", filled.complaints, html! {
                    select #reason name="reason" required { option value="" { (visit.say("请选择", "Choose")) }
                        @for one in &aid.reason { option value=(one.id) selected[given("reason") == one.id] { (visit.of(&one.name)) " · " (visit.of(&one.source)) } } } }))
                (questions(visit, filled))
                (field(visit.lang, "agree", "", "", filled.complaints, html! { label { input #agree type="checkbox" name="agree" value="1" required checked[!given("agree").is_empty()]; " "
                    (visit.say("我同意为办理这件申请处理上述敏感个人信息", "I agree that this sensitive information is used to handle the case")) } }))
                button.main { (visit.say("提交申请", "Send")) }
            }
        }
    }
}

/// What the form asks: for whom, what happened, what shows it, who must keep away.
fn questions(visit: &Visit, filled: &Filled) -> Markup {
    let given = |key: &str| one(filled.fields, key).to_owned();
    let input = |key: &str, zh: &str, en: &str, help: (&str, &str)| {
        let box_of = html! { input id=(key) name=(key) value=(given(key)) maxlength="200" autocomplete="off"; };
        field(visit.lang, key, visit.say(zh, en), visit.say(help.0, help.1), filled.complaints, box_of)
    };
    let text = |key: &str, zh: &str, en: &str, most: &str| {
        let box_of = html! { textarea id=(key) name=(key) rows="3" maxlength=(most) required { (given(key)) } };
        field(visit.lang, key, visit.say(zh, en), "", filled.complaints, box_of)
    };
    html! {
        (input("kin", "为亲属申请的，填亲属姓名（选填）", "Name of the kin it is for (optional)", ("为本人申请的不填。", "Leave it empty when it is for yourself.")))
        (input("relation", "与亲属的关系", "How they are related to you", ("如：配偶、父亲、子女。", "Such as spouse, father, child.")))
        (text("words", "情况", "What happened", "1000"))
        (text("proof", "有哪些证明材料", "What shows it", "500"))
        (input("cost", "自付费用（元，选填）", "What it cost you, in yuan (optional)", ("", "")))
        (input("relatives", "在本组织工作的亲属（选填）", "Kin who work here (optional)",
            ("顿号分隔；他们如果是经办人，要回避。", "With commas; if they are handlers, they keep away from your case.")))
    }
}

fn application(fields: &Fields) -> Result<Application, Refusal> {
    let text = |key: &str| one(fields, key).to_owned();
    if text("agree").is_empty() {
        let zh = "请先勾选同意；不同意的，没有保存任何内容";
        return Err(Refusal::field("agree", zh, "tick that you agree; without it nothing was kept"));
    }
    let cost = if text("cost").is_empty() { 0 } else { fen(fields, "cost")? };
    let (reason, kin, relation) = (text("reason"), text("kin"), text("relation"));
    Ok(Application { reason, kin, relation, words: text("words"), proof: text("proof"), cost })
}

/// Kin who are on a roll here: those who are named must be, and the one it is for may be.
fn kin(tx: &Tx, actor: &Actor, relatives: &[String], told: &Application) -> Result<Vec<i64>, Fault> {
    let found = person::named(tx, actor.top, actor.home, relatives)?;
    let unknown = relatives.iter().zip(&found).filter(|(_, id)| id.is_none()).map(|(name, _)| name.as_str());
    let unknown: Vec<&str> = unknown.collect();
    if !unknown.is_empty() {
        let list = unknown.join("、");
        let zh = format!("名册中没有或有同名者，请改正：{list}");
        return Err(Refusal::field("relatives", zh, format!("not on the roll, or several of that name: {list}")).into());
    }
    let mut kin: Vec<i64> = found.into_iter().flatten().collect();
    if !told.kin.is_empty() {
        kin.extend(person::named(tx, actor.top, actor.home, std::slice::from_ref(&told.kin))?.into_iter().flatten());
    }
    kin.sort_unstable();
    kin.dedup();
    kin.retain(|person| *person != actor.person);
    Ok(kin)
}

pub(super) async fn apply(sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.in_person()?;
    rules(visit)?;
    let relatives = crate::record::names(one(&sent.fields, "relatives"));
    let rules = visit.rules.clone();
    let done = match application(&sent.fields) {
        Err(refusal) => Err(refusal.into()),
        Ok(told) => {
            let work = move |tx: &Tx, actor: &Actor| {
                let aid = rules.base.aid.as_ref().ok_or(Fault::NotFound)?;
                let fund = store::serving(tx, actor)?.ok_or(Fault::NotFound)?;
                cases::apply(tx, actor, (&fund, aid), &told, &kin(tx, actor, &relatives, &told)?)?;
                Ok(HERE.to_owned())
            };
            visit.act(operation(&sent.fields), work).await
        }
    };
    again(&sent, done.map(IntoResponse::into_response)).await
}

/// Takes one's own case back.
pub(super) async fn withdraw(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.in_person()?;
    rules(visit)?;
    let work = move |tx: &Tx, actor: &Actor| {
        cases::withdraw(tx, actor, id)?;
        Ok(HERE.to_owned())
    };
    let done = visit.act(operation(&sent.fields), work).await;
    again(&sent, done.map(IntoResponse::into_response)).await
}

/// What was done, or the page as it was sent with what was wrong.
async fn again(sent: &Sent, done: Result<Response, Trouble>) -> Result<Response, Trouble> {
    match done {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = page(&sent.visit, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
        done => done,
    }
}
