//! Training classes (培训班): planned with places and quotas, names taken, held, written down; hours a year.

mod hours;
mod mine;
mod one;

use crate::form::{Complaints, Fields, Sent, all, day, one as value, operation, parse};
use crate::record::Filled;
use crate::routes::Routes;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place as At, Visit};
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::civil::date;
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::record::Choice;
use luoshi_rules::{Kind, Refusal, Unit, Verb};
use luoshi_store::class::{self, Class, KIND, Plan};
use luoshi_store::{Tx, unit};
use maud::{Markup, html};
use std::collections::HashMap;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/classes", get(list).post(plan))
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

/// The kind of record a class becomes.
fn kind(visit: &Visit) -> Result<&Kind, Trouble> {
    visit.rules.kind(KIND).ok_or(Trouble::NotFound)
}

/// For whom classes may be.
fn audiences(visit: &Visit) -> &[Choice] {
    let field = visit.rules.kind(KIND).and_then(|kind| kind.field("for"));
    field.map_or(&[][..], |field| &field.option)
}

fn audience<'v>(visit: &'v Visit, id: &str) -> &'v str {
    audiences(visit).iter().find(|one| one.id == id).map_or("", |one| visit.of(&one.name))
}

async fn list(
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
    let year = visit.year();
    let days = (date(year, 1, 1), date(year + 1, 12, 31));
    let classes = visit.app.read(move |tx| class::list(tx, &scope, days)).await?;
    if let Some(out) = crate::export::list(asked, || table(visit, &classes))? {
        return Ok(out);
    }
    let title = visit.say("培训班", "Training classes").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Records };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p.actions {
            @if visit.may(Verb::People, at) { a.button href={ "/units/" (at.id) "/" (year) "/hours" } { (visit.say("学时台账", "Hours of training")) } }
        }
        @if classes.is_empty() { p.empty { (visit.say("还没有班次。", "No class is planned.")) } }
        @else { (rows(visit, at, &classes)) (shell::formats(visit)) }
        @if visit.may(Verb::Write, at) && may_hold(visit, at) { (plan_form(visit, at, filled)) }
    };
    let status = if filled.complaints.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, shell::page(&head, body)).into_response())
}

/// Whether a unit of this level keeps the record a class becomes.
fn may_hold(visit: &Visit, at: &Unit) -> bool {
    visit.rules.kind(KIND).is_some_and(|kind| kind.level.is_empty() || kind.level.contains(&at.level))
}

/// Where a class stands, in words.
fn stands(visit: &Visit, class: &Class) -> Markup {
    html! {
        @if !class.cancelled.is_empty() { "◇ " (visit.say("已取消", "called off")) }
        @else if class.record != 0 { "● " (visit.say("已结业", "held")) }
        @else if class.takes_names(visit.today) { "◐ " (visit.say("报名至 ", "names until ")) (class.plan.closes) }
        @else if class.plan.until < visit.today { "▲ " (visit.say("待记到课", "to be recorded")) }
        @else { "○ " (visit.say("报名已截止", "names are closed")) }
    }
}

fn rows(visit: &Visit, at: &Unit, classes: &[Class]) -> Markup {
    html! {
        table.list {
            thead { tr { th { (visit.say("班次", "Class")) } th { (visit.say("主办", "Held by")) } th { (visit.say("起止", "From – until")) }
                th.num { (visit.say("学时", "Hours")) } th.num { (visit.say("报名 / 名额", "Names / places")) } th { (visit.say("进行", "Stands")) } } }
            @for one in classes { tr {
                td { a href={ "/units/" (at.id) "/classes/" (one.id) } { (one.plan.title) } " " small { (audience(visit, &one.plan.audience)) } }
                td { (one.unit_name) } td.nowrap { (one.plan.from) " – " (one.plan.until) }
                td.num { (one.plan.hours) " " (visit.say("学时", "h")) } td.num { (one.names) " / " (one.plan.places) } td.nowrap { (stands(visit, one)) }
            } }
        }
    }
}

fn table(visit: &Visit, classes: &[Class]) -> Table {
    let mut table = Table::new(visit.say("培训班", "Training classes"))
        .column("title", visit.say("班次", "Class"), Sort::Text)
        .column("audience", visit.say("对象", "For"), Sort::Text)
        .column("unit", visit.say("主办", "Held by"), Sort::Text)
        .column("from", visit.say("开班", "From"), Sort::Date)
        .column("until", visit.say("结业", "Until"), Sort::Date)
        .column("place", visit.say("地点", "Place"), Sort::Text)
        .column("hours", visit.say("学时", "Hours"), Sort::Number)
        .column("places", visit.say("名额", "Places"), Sort::Number)
        .column("names", visit.say("报名", "Names"), Sort::Number);
    let row = |one: &Class| {
        vec![
            one.plan.title.as_str().into(),
            audience(visit, &one.plan.audience).into(),
            one.unit_name.as_str().into(),
            Cell::Date(one.plan.from.to_string()),
            Cell::Date(one.plan.until.to_string()),
            one.plan.place.as_str().into(),
            Cell::Number(one.plan.hours),
            Cell::Number(one.plan.places),
            Cell::Number(one.names),
        ]
    };
    table.rows = classes.iter().map(row).collect();
    table
}

fn plan_form(visit: &Visit, at: &Unit, filled: &Filled) -> Markup {
    let input = |key: &str, zh: &str, en: &str, sort: &str| {
        let (label, given) = (visit.say(zh, en), value(filled.fields, key));
        field(
            visit.lang,
            key,
            label,
            "",
            filled.complaints,
            html! {
            input id=(key) name=(key) type=(sort) min=[(sort == "number").then_some("1")] required[key != "place"] value=(given) maxlength="80"; },
        )
    };
    let chosen = value(filled.fields, "audience");
    html! {
        details.card open[!filled.complaints.is_empty()] {
            summary { b { (visit.say("办一期培训班", "Plan a class")) } }
            form.stack method="post" action={ "/units/" (at.id) "/classes" } {
                (shell::hidden(visit))
                (input("title", "班次名称", "What it is called", "text"))
                (field(visit.lang, "audience", visit.say("对象", "For"), "", filled.complaints, html! {
                    select #audience name="audience" { @for one in audiences(visit) { option value=(one.id) selected[one.id == chosen] { (visit.of(&one.name)) } } } }))
                (input("from", "开班日期", "First day", "date"))
                (input("until", "结业日期", "Last day", "date"))
                (input("place", "地点（选填）", "Where (optional)", "text"))
                (input("hours", "学时", "Hours", "number"))
                (input("places", "名额", "Places", "number"))
                (input("closes", "报名截止日", "Names until", "date"))
                (field(visit.lang, "quotas", visit.say("分组织名额（选填）", "At most, by unit (optional)"),
                    visit.say("每行一个下级组织简称和名额，如“规划院党委 5”；名额含其下级，不写的不限。", "One unit below and its places a line, such as “规划院党委 5”; units below it count in; those not named have no limit of their own."),
                    filled.complaints, html! { textarea #quotas name="quotas" rows="3" maxlength="4000" { (value(filled.fields, "quotas")) } }))
                button.main { (visit.say("办班", "Plan it")) }
            }
        }
    }
}

async fn plan(At(id): At<i64>, sent: Sent) -> Result<Response, Trouble> {
    let at = sent.visit.unit(id, Verb::Write).await?;
    match try_plan(&sent, &at).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            page(&sent.visit, &at, &HashMap::new(), &Filled { fields: &sent.fields, complaints: &complaints }).await
        }
        done => done,
    }
}

async fn try_plan(sent: &Sent, at: &Unit) -> Result<Response, Trouble> {
    let (visit, fields) = (&sent.visit, &sent.fields);
    if !may_hold(visit, at) {
        return Err(Trouble::NotFound);
    }
    let wanted = value(fields, "audience");
    if !audiences(visit).iter().any(|one| one.id == wanted) {
        return Err(Refusal::field("audience", "请选择对象", "choose for whom it is").into());
    }
    let number = |key: &str| parse::<i64>(fields, key, "请填写数字", "please enter a number");
    let text = |key: &str| value(fields, key).trim().chars().take(80).collect::<String>();
    let plan = Plan {
        title: text("title"),
        audience: wanted.to_owned(),
        from: day(fields, "from")?,
        until: day(fields, "until")?,
        place: text("place"),
        hours: number("hours")?,
        places: number("places")?,
        closes: day(fields, "closes")?,
    };
    let lines = quotas(value(fields, "quotas"))?;
    let (rules, at) = (visit.rules.clone(), at.clone());
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        let quotas = lines.iter().map(|(name, places)| Ok((below(tx, &at, name)?, *places)));
        let id = class::plan(tx, &permit, &plan, &quotas.collect::<Result<Vec<_>, luoshi_store::Fault>>()?)?;
        Ok(format!("/units/{}/classes/{id}", at.id))
    };
    Ok(visit.act(operation(fields), work).await?.into_response())
}

/// Lines of a unit and its places.
fn quotas(text: &str) -> Result<Vec<(String, i64)>, Refusal> {
    let line = |line: &str| {
        let (name, places) = line.trim().rsplit_once([' ', '\u{3000}', '：', ':', '，', ','])?;
        let places = places.trim().trim_end_matches(['人', '名']).parse().ok().filter(|n| (1..=2_000).contains(n))?;
        Some((name.trim_end_matches([' ', '：', ':', '，', ',']).to_owned(), places))
    };
    let bad = |text: &str| {
        let (zh, en) =
            (format!("看不懂“{text}”：写组织简称和名额"), format!("cannot read “{text}”: write a unit and its places"));
        Refusal::field("quotas", zh, en)
    };
    text.lines().filter(|text| !text.trim().is_empty()).map(|text| line(text).ok_or_else(|| bad(text.trim()))).collect()
}

/// A unit at or below one, by its name.
fn below(tx: &Tx, at: &Unit, name: &str) -> Result<i64, luoshi_store::Fault> {
    for id in unit::named(tx, at.top, name)? {
        if at.path.contains(&unit::find(tx, id)?.path) {
            return Ok(id);
        }
    }
    let (zh, en) = (format!("下级组织中没有“{name}”"), format!("there is no “{name}” below"));
    Err(Refusal::field("quotas", zh, en).into())
}

/// Everybody whose box was ticked.
fn ticked(fields: &Fields, key: &str) -> Vec<i64> {
    all(fields, key).iter().filter_map(|id| id.parse().ok()).collect()
}
