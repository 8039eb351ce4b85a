//! Plans of terms: which there are, and planning another. The units of a plan are fixed as of its first day.

use super::kinds;
use crate::form::{Complaints, Fields, Sent, day, one as value, operation};
use crate::record::Filled;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place as At, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::{Refusal, Unit, Verb};
use luoshi_store::Tx;
use luoshi_store::round::{self, Coverage, Plan};
use maud::{Markup, html};
use std::collections::HashMap;

pub(crate) async fn list(
    visit: Visit,
    At(id): At<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let all = plans(&visit, &at).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &all))? {
        return Ok(out);
    }
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(page(&visit, &at, &all, &filled).into_response())
}

async fn plans(visit: &Visit, at: &Unit) -> Result<Vec<Coverage>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    visit.app.read(move |tx| round::coverages(tx, &scope)).await
}

fn kind_name<'v>(visit: &'v Visit, one: &Coverage) -> &'v str {
    visit.rules.base.round(&one.kind).map_or("", |kind| visit.of(&kind.name))
}

fn table(visit: &Visit, all: &[Coverage]) -> Table {
    let say = |zh: &'static str, en: &'static str| visit.say(zh, en);
    let mut table = Table::new(say("巡察、旁听、检查规划", "Plans of inspection, sitting in and checks"))
        .column("name", say("规划", "Plan"), Sort::Text)
        .column("kind", say("种类", "Kind"), Sort::Text)
        .column("from", say("第一天", "First day"), Sort::Date)
        .column("until", say("最后一天", "Last day"), Sort::Date)
        .column("teams", say("同时派出的组", "Teams at once"), Sort::Number)
        .column("each", say("每组每轮几家", "Units for a team in a round"), Sort::Number)
        .column("per_year", say("每年几轮", "Rounds a year"), Sort::Number)
        .key("id")
        .key("unit_id");
    let row = |one: &Coverage| {
        let plan = &one.plan;
        vec![
            plan.name.as_str().into(),
            kind_name(visit, one).into(),
            Cell::Date(plan.from.to_string()),
            Cell::Date(plan.until.to_string()),
            Cell::Number(plan.teams),
            Cell::Number(plan.each),
            Cell::Number(plan.per_year),
            Cell::Key(one.id),
            Cell::Key(one.unit),
        ]
    };
    table.rows = all.iter().map(row).collect();
    table
}

fn page(visit: &Visit, at: &Unit, all: &[Coverage], filled: &Filled<'_>) -> Markup {
    let title = visit.say("巡察、旁听、检查规划", "Plans of inspection, sitting in and checks").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        @if all.is_empty() { p.empty { (visit.say("本组织还没有规划。", "This unit has no plan yet.")) } }
        @else { table.list {
            thead { tr { th { (visit.say("规划", "Plan")) } th { (visit.say("种类", "Kind")) } th { (visit.say("起止", "From – until")) } } }
            @for one in all { tr { td { a href={ "/units/" (one.unit) "/coverage/" (one.id) } { (one.plan.name) } }
                td { (kind_name(visit, one)) } td.nowrap { (one.plan.from) " – " (one.plan.until) } } }
        } (shell::formats(visit)) }
        @if visit.may(Verb::Act, at) && !kinds(visit, at).is_empty() { (plan_form(visit, at, filled)) }
    };
    shell::page(&head, body)
}

fn plan_form(visit: &Visit, at: &Unit, filled: &Filled) -> Markup {
    let input = |key: &str, zh: &str, en: &str, sort: &str| {
        let given = value(filled.fields, key);
        field(
            visit.lang,
            key,
            visit.say(zh, en),
            "",
            filled.complaints,
            html! {
            input id=(key) name=(key) type=(sort) min=[(sort == "number").then_some("1")] required value=(given) maxlength="60"; },
        )
    };
    html! {
        h2 { (visit.say("制定一届规划", "Plan a term")) }
        p.help { (visit.say("对象名单按规划第一天的组织固定下来，之后新成立的另标为新增。", "The list of units is fixed as of the first day; those founded later are marked as new.")) }
        form.stack method="post" action={ "/units/" (at.id) "/coverage" } {
            (shell::hidden(visit))
            (field(visit.lang, "kind", visit.say("种类", "Kind"), "", filled.complaints, html! {
                select #kind name="kind" { @for kind in kinds(visit, at) { option value=(kind.id) { (visit.of(&kind.name)) } } } }))
            (input("name", "名称", "Name", "text"))
            (input("from", "第一天", "First day", "date"))
            (input("until", "最后一天", "Last day", "date"))
            (input("teams", "同时派出几个组", "Teams at once", "number"))
            (input("each", "每组每轮几家", "Units for a team in a round", "number"))
            (input("per_year", "每年几轮", "Rounds a year", "number"))
            button.main { (visit.say("制定", "Plan")) }
        }
    }
}

pub(crate) async fn plan(At(id): At<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    match try_plan(&sent, &at).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let all = plans(visit, &at).await?;
            let page = page(visit, &at, &all, &Filled { fields: &sent.fields, complaints: &complaints });
            Ok(complaints.answer(page))
        }
        other => other,
    }
}

async fn try_plan(sent: &Sent, at: &Unit) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let wanted = value(&sent.fields, "kind");
    let kind = kinds(visit, at).into_iter().find(|kind| kind.id == wanted).ok_or(Trouble::NotFound)?.clone();
    let number = |key: &str| {
        let typed = value(&sent.fields, key).trim().parse::<i64>();
        typed.map_err(|_| Refusal::field(key, "请填写数字", "please enter a number"))
    };
    let name: String = value(&sent.fields, "name").trim().chars().take(60).collect();
    if name.is_empty() {
        return Err(Refusal::field("name", "请填写名称", "please name it").into());
    }
    let plan = Plan {
        name,
        from: day(&sent.fields, "from")?,
        until: day(&sent.fields, "until")?,
        teams: number("teams")?,
        each: number("each")?,
        per_year: number("per_year")?,
    };
    let (rules, at) = (visit.rules.clone(), at.clone());
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &at)?;
        Ok(format!("/units/{}/coverage/{}", at.id, round::plan(tx, &permit, &kind, &plan)?))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}
