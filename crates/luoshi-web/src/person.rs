//! People: the roll of a unit, and the page of a person.

mod account;
mod change;
pub(crate) mod forms;
pub(crate) mod one;

use crate::form::{Complaints, Fields, Sent, day, one, operation};
use crate::record::Filled;
use crate::routes::Routes;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::person::{LEAVING, Standing};
use luoshi_rules::{Refusal, Unit, Verb};
use luoshi_store::Tx;
use luoshi_store::person::{self, Entry, Filter, Person};
use luoshi_store::sight::Sort;
use maud::{Markup, html};
use std::collections::HashMap;

/// Rows of a page.
const PAGE: i64 = 50;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/people", get(roll).post(add))
        .route("/people/{id}", get(one::show))
        .route("/people/{id}/standings", post(one::stand))
        .route("/people/{id}/corrections", post(one::correct))
        .route("/people/{id}/numbers", post(one::number))
        .route("/people/{id}/looks", post(one::look))
        .route("/people/{id}/departures", post(one::leave))
        .route("/people/{id}/invitations", post(one::invite))
        .merge(account::routes())
}

type Asked = HashMap<String, String>;

async fn roll(visit: Visit, Place(id): Place<i64>, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::People).await?;
    let filter = filter(&asked, &at);
    if asked.contains_key("as") {
        return ledger(&visit, &asked, &at, filter).await?.ok_or(Trouble::NotFound);
    }
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(page(&visit, &at, &asked, &filled).await?.into_response())
}

fn filter(asked: &Asked, at: &Unit) -> Filter {
    let text = |key: &str| asked.get(key).map_or("", String::as_str);
    Filter {
        search: luoshi_text::pinyin::query(text("q")),
        standing: Standing::named(text("standing")).map_or(String::new(), |one| one.key().to_owned()),
        unit: if text("own").is_empty() { 0 } else { at.id },
        gone: !text("gone").is_empty(),
        after: text("after").parse().ok().map(|id| (text("reading").to_owned(), id)),
        most: PAGE + 1,
    }
}

/// The roll as a ledger, when the address asks for it.
async fn ledger(visit: &Visit, asked: &Asked, at: &Unit, filter: Filter) -> Result<Option<Response>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, at)?;
    let filter = Filter { after: None, most: crate::export::MOST + 1, ..filter };
    let (all, within, v) = ((scope.clone(), filter.clone()), (scope, filter), visit.clone());
    let count = move |tx: &Tx| person::count(tx, &all.0, &all.1);
    let rows =
        move |tx: &Tx, out: crate::export::Rows| person::each(tx, &within.0, &within.1, |one| out(cells(&v, &one)));
    let out = crate::export::long(visit, asked, table(visit, at), count, rows).await?;
    visit.took(at, Sort::Roll);
    Ok(out)
}

async fn list(visit: &Visit, at: &Unit, filter: Filter) -> Result<Vec<(Person, String)>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, at)?;
    visit.app.read(move |tx| person::list(tx, &scope, &filter)).await
}

/// The address of the same list with one part of the question changed; a change begins at the first page.
fn with(asked: &Asked, key: &str, value: &str) -> String {
    let mut out = form_urlencoded::Serializer::new("?".to_owned());
    let mut keep: Vec<_> =
        asked.iter().filter(|(k, _)| !["after", "reading", "as", key].contains(&k.as_str())).collect();
    keep.sort();
    out.extend_pairs(keep);
    if !value.is_empty() {
        out.append_pair(key, value);
    }
    out.finish()
}

async fn page(visit: &Visit, at: &Unit, asked: &Asked, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let mut people = list(visit, at, filter(asked, at)).await?;
    let more = people.len() as i64 > PAGE;
    people.truncate(PAGE as usize);
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, at)?;
    let own = if asked.contains_key("own") { at.id } else { 0 };
    let counts = visit.app.read(move |tx| person::counts(tx, &scope, own)).await?;
    let title = visit.say("名册", "Roll").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::People };
    let next = people.last().filter(|_| more).map(|(last, reading)| {
        let rest = with(asked, "reading", reading);
        format!("{rest}&after={}", last.id)
    });
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p.actions {
            a.button href={ "/units/" (at.id) "/posts" } { (visit.say("任职和任期", "Posts and terms")) } " "
            a.button href={ "/units/" (at.id) "/transfers" } { (visit.say("组织关系转接", "Transfers")) } " "
            a.button href={ "/units/" (at.id) "/forms" } { (visit.say("上报表格", "Forms for others")) } " "
            @if visit.may(Verb::Roll, at) { a.button href={ "/units/" (at.id) "/invitations" } { (visit.say("待接受的邀请", "Open invitations")) } " " }
            @if visit.may(Verb::Roll, at) { a.button href={ "/units/" (at.id) "/requests" } { (visit.say("个人信息申请", "Requests about data")) } }
        }
        (toggles(visit, asked, &counts))
        (search(visit, asked))
        @if people.is_empty() { p.empty { (visit.say("没有符合条件的人员。可在下面登记，或用“导入”一次录入整张表。",
            "Nobody here yet. Add people below, or import a whole sheet.")) } }
        @else { (rows(visit, at, &people)) }
        @if let Some(next) = next { p { a.button href=(next) { (visit.say("下50人", "Next 50")) } } }
        (shell::formats(visit))
        @if visit.may(Verb::Roll, at) && at.dissolved.is_none() { (add_form(visit, at, filled)) }
    };
    Ok(shell::page(&head, body))
}

fn toggles(visit: &Visit, asked: &Asked, counts: &[(Standing, i64)]) -> Markup {
    let on = |key: &str| asked.get(key).is_some_and(|value| !value.is_empty());
    let chosen = asked.get("standing").map_or("", String::as_str);
    let total: i64 = counts.iter().map(|(_, n)| n).sum();
    html! {
        p.toggle {
            a aria-current=[on("own").then_some("true")] href=(with(asked, "own", "1")) { (visit.say("本级", "This unit")) }
            a aria-current=[(!on("own")).then_some("true")] href=(with(asked, "own", "")) { (visit.say("含下级", "With units below")) }
            a aria-current=[on("gone").then_some("true")] href=(with(asked, "gone", if on("gone") { "" } else { "1" })) { (visit.say("已离开的", "Those who left")) }
        }
        p.toggle {
            a aria-current=[chosen.is_empty().then_some("true")] href=(with(asked, "standing", "")) { (visit.say("全部", "All")) " " (total) }
            @for standing in Standing::ALL { @if let Some((_, n)) = counts.iter().find(|(one, _)| *one == standing) {
                a aria-current=[(chosen == standing.key()).then_some("true")] href=(with(asked, "standing", standing.key())) { (visit.of(&standing.name())) " " (n) }
            } }
        }
    }
}

fn search(visit: &Visit, asked: &Asked) -> Markup {
    html! {
        form.inline method="get" role="search" {
            @for key in ["own", "gone", "standing"] { @if let Some(value) = asked.get(key) { input type="hidden" name=(key) value=(value); } }
            input type="search" name="q" value=(asked.get("q").map_or("", String::as_str)) aria-label=(visit.say("查找", "Find"))
                placeholder=(visit.say("姓名、拼音或首字母", "Name, pinyin or initials"));
            button { (visit.say("查找", "Find")) }
        }
    }
}

fn rows(visit: &Visit, at: &Unit, people: &[(Person, String)]) -> Markup {
    html! {
        div.scroll { table.list {
            thead { tr { th { (visit.say("姓名", "Name")) } th { (visit.say("类别", "Standing")) } th { (visit.say("组织", "Unit")) }
                th { (visit.say("性别", "Sex")) } th { (visit.say("出生日期", "Born")) } th { (visit.say("入党日期", "Admitted")) } } }
            @for (one, _) in people { tr {
                td { a href={ "/people/" (one.id) } { (one.name) }
                    @if let Some((on, why)) = &one.left { " " span.mark { (why_left(visit, why)) " " (on) } } }
                td.nowrap { (visit.of(&one.standing.name())) }
                td { @if one.unit == at.id { (one.unit_name) } @else { a href={ "/units/" (one.unit) "/people" } { (one.unit_name) } } }
                td { (sex(visit, &one.sex)) }
                td.nowrap { @if let Some(day) = one.born { small.phone { (visit.say("出生 ", "born ")) } (day) } }
                td.nowrap { @if let Some(day) = one.joined { small.phone { (visit.say("入党 ", "admitted ")) } (day) } }
            } }
        } }
    }
}

/// The shown name of a sex; empty when it is not known.
pub(crate) fn sex<'a>(visit: &'a Visit, key: &str) -> &'a str {
    match key {
        "m" => visit.say("男", "Male"),
        "f" => visit.say("女", "Female"),
        _ => "",
    }
}

/// The shown reason for leaving.
pub(crate) fn why_left<'a>(visit: &'a Visit, key: &str) -> &'a str {
    LEAVING.iter().find(|(known, _, _)| *known == key).map_or("", |(_, zh, en)| visit.say(zh, en))
}

/// A roll without its rows.
pub(crate) fn table(visit: &Visit, at: &Unit) -> Table {
    let mut table = Table::new(format!("{} {}", at.short_name, visit.say("名册", "Roll")))
        .column("name", visit.say("姓名", "Name"), Kind::Text)
        .column("sex", visit.say("性别", "Sex"), Kind::Text)
        .column("unit", visit.say("组织", "Unit"), Kind::Text)
        .column("standing", visit.say("类别", "Standing"), Kind::Text)
        .column("born", visit.say("出生日期", "Born"), Kind::Date)
        .column("joined", visit.say("入党日期", "Admitted"), Kind::Date)
        .column("full_on", visit.say("转正日期", "Full member since"), Kind::Date)
        .column("left_on", visit.say("离开日期", "Left on"), Kind::Date)
        .column("left_why", visit.say("离开原因", "Why they left"), Kind::Text);
    table.note = format!("{} {}", visit.say("截至", "As of"), visit.today);
    table
}

/// A person as a row of [`table`].
pub(crate) fn cells(visit: &Visit, one: &Person) -> Vec<Cell> {
    let day = |day: Option<jiff::civil::Date>| day.map_or(Cell::Empty, |day| Cell::Date(day.to_string()));
    vec![
        one.name.as_str().into(),
        sex(visit, &one.sex).into(),
        one.unit_name.as_str().into(),
        visit.of(&one.standing.name()).into(),
        day(one.born),
        day(one.joined),
        day(one.full_on),
        day(one.left.as_ref().map(|(on, _)| *on)),
        one.left.as_ref().map_or("", |(_, why)| why_left(visit, why)).into(),
    ]
}

fn add_form(visit: &Visit, at: &Unit, filled: &Filled) -> Markup {
    let wrong = !filled.complaints.is_empty();
    html! {
        details.card open[wrong] {
            summary { (visit.say("登记人员", "Add a person")) }
            form.stack method="post" action={ "/units/" (at.id) "/people" } {
                (shell::hidden(visit))
                (forms::about(visit, filled))
                (field(visit.lang, "standing", visit.say("类别", "Standing"), "", filled.complaints, html! {
                    select #standing name="standing" { @for one_of in Standing::ALL {
                        option value=(one_of.key()) selected[one_of.key() == one(filled.fields, "standing")] { (visit.of(&one_of.name())) } } }
                }))
                (forms::days(visit, filled, "since", ("转入本组织日期（选填，不填为今天）", "On this roll since (optional; today if empty)"), false))
                (forms::text(visit, filled, "identity", ("身份证号（选填）", "Identity number (optional)"),
                    visit.say("加密保存，页面只显示首尾几位。", "Kept sealed; pages show its ends only.")))
                (forms::text(visit, filled, "phone", ("手机号（选填）", "Mobile number (optional)"), ""))
                (forms::text(visit, filled, "code", ("人员编号（选填）", "Person code (optional)"), forms::code_help(visit)))
                button.main { (visit.say("登记", "Add")) }
            }
        }
    }
}

pub(crate) async fn add(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Roll).await?;
    match try_add(&sent, at.clone()).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let filled = Filled { fields: &sent.fields, complaints: &complaints };
            let page = page(visit, &at, &Asked::new(), &filled).await?;
            Ok(complaints.answer(page))
        }
        other => other,
    }
}

async fn try_add(sent: &Sent, at: Unit) -> Result<Response, Trouble> {
    let fields = &sent.fields;
    let standing = Standing::named(one(fields, "standing"));
    let standing = standing.ok_or_else(|| Refusal::field("standing", "请选择类别", "please choose how they stand"))?;
    let entry = Entry {
        standing: Some(standing),
        since: Some(maybe(fields, "since")?.unwrap_or(sent.visit.today)),
        identity: one(fields, "identity").to_owned(),
        phone: one(fields, "phone").to_owned(),
        code: one(fields, "code").to_owned(),
        ..about(fields, "")?
    };
    let rules = sent.visit.rules.clone();
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Roll, &at)?;
        Ok(format!("/people/{}", person::add(tx, &permit, &entry)?))
    };
    Ok(sent.visit.act(operation(fields), work).await?.into_response())
}

/// What a form says of a person, in fields whose keys begin with `prefix`.
fn about(fields: &Fields, prefix: &str) -> Result<Entry, Refusal> {
    let key = |key: &str| format!("{prefix}{key}");
    let name = luoshi_text::clean::name(one(fields, &key("name")), 50)
        .map_err(|wrong| Refusal::field(key("name"), wrong.zh(), wrong.to_string()))?;
    Ok(Entry {
        search: luoshi_text::pinyin::key(&name),
        name,
        sex: one(fields, &key("sex")).to_owned(),
        born: maybe(fields, &key("born"))?,
        joined: maybe(fields, &key("joined"))?,
        full_on: maybe(fields, &key("full_on"))?,
        ..Entry::default()
    })
}

/// A day that may be left out.
fn maybe(fields: &Fields, key: &str) -> Result<Option<jiff::civil::Date>, Refusal> {
    if one(fields, key).is_empty() { Ok(None) } else { day(fields, key).map(Some) }
}
