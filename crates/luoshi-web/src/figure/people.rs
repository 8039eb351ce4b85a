//! The people behind a figure, each once: by name for whoever may read the roll, otherwise by the units they stood in.

use super::question::{Question, gather};
use super::{exact, one};
use crate::shell::{self, Page, Part as Tab};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::figure::Counted;
use luoshi_rules::{Figure, Lang, Verb};
use luoshi_store::figure::{self, Stander};
use maud::{Markup, html};
use std::collections::BTreeSet;

/// People on one page.
const PAGE: usize = 50;

pub(crate) async fn show(
    visit: Visit,
    Place((id, Year(year), key)): Place<(i64, Year, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let asked = gather(pairs);
    let question = Question::read(&visit, id, year, &asked).await?;
    let figure = question.figure(&visit, &key, &asked)?;
    if figure.count != Counted::People {
        return Err(Trouble::NotFound);
    }
    let lots = question.lots(&visit, question.with_added(&figure)).await?;
    let parts = question.parts(&lots, &figure, year);
    let all: BTreeSet<i64> = parts.iter().flat_map(|part| part.people.iter().copied()).collect();
    let after: i64 = asked.get("after").and_then(|after| after.parse().ok()).unwrap_or(0);
    let most = if asked.contains_key("as") { all.len() } else { PAGE };
    let some: Vec<i64> = all.range(after + 1..).copied().take(most).collect();
    let named = visit.may(Verb::People, &question.at);
    if !named && asked.contains_key("as") {
        return Err(Trouble::NotFound);
    }
    let people = if named { standers(&visit, &question, some.clone()).await? } else { Vec::new() };
    if named && let Some(out) = crate::export::list(&asked, || table(&visit, &question, &figure, &people))? {
        visit.took(&question.at, luoshi_store::sight::Sort::Figure);
        return Ok(out);
    }
    let title = format!("{} · {}", visit.of(&figure.name), visit.say("人员", "people"));
    let page = Page { visit: &visit, title, unit: Some(&question.at), year, dated: "", part: Tab::Figures };
    let back = format!("/units/{id}/{year}/figures/{key}?{}", one::with(&asked, "after", ""));
    let body = html! {
        p { a href=(back) { "← " (visit.of(&figure.name)) } }
        p.subtitle { (exact(&figure, all.len() as i64, &visit)) }
        @if all.is_empty() { p.empty { (visit.say("没有人。", "Nobody.")) } }
        @else if named { (list(&visit, &people, some.len())) }
        @else { p.note { (visit.say("查看名单需要查看人员的权限；可按下级组织看人数。", "Names are for whoever may read the roll; the numbers stand by unit.")) " "
            a href={ "/units/" (id) "/" (year) "/figures/" (key) "?" (one::with(&asked, "by", "unit")) } { (visit.say("按下级组织", "By unit below")) } } }
        @if let Some(last) = some.last().filter(|last| all.range(*last + 1..).next().is_some()) {
            p { a.button href={ "?" (one::with(&asked, "after", &last.to_string())) } { (visit.say("之后 50 人", "Next 50")) } }
        }
        @if named { (shell::formats(&visit)) }
    };
    Ok(shell::page(&page, body).into_response())
}

async fn standers(visit: &Visit, question: &Question, some: Vec<i64>) -> Result<Vec<Stander>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, &question.at)?;
    visit.app.read(move |tx| figure::standers(tx, &scope, &some)).await
}

fn list(visit: &Visit, people: &[Stander], whole: usize) -> Markup {
    let others = whole - people.len();
    html! {
        div.scroll { table.list {
            thead { tr { th { (visit.say("姓名", "Name")) } th { (visit.say("现在所在组织", "Unit today")) } } }
            @for one in people { tr {
                td { a href={ "/people/" (one.person) } { (one.name) } } td { a href={ "/units/" (one.unit) } { (one.unit_name) } }
            } }
        } }
        @if others > 0 { p.help { (match visit.lang {
            Lang::Zh => format!("本页另有 {others} 人现在不在本组织及下级的名册上，计入总数，不列姓名。"),
            Lang::En => format!("{others} more on this page are on no roll here today: they are counted and not named."),
        }) } }
    }
}

fn table(visit: &Visit, question: &Question, figure: &Figure, people: &[Stander]) -> Table {
    let title = format!("{} {} {}", question.at.short_name, question.year, visit.of(&figure.name));
    let mut table = Table::new(title).column("name", visit.say("姓名", "Name"), Kind::Text).column(
        "unit",
        visit.say("现在所在组织", "Unit today"),
        Kind::Text,
    );
    table = table.key("person_id").key("unit_id");
    let keys = |one: &Stander| [one.person, one.unit].map(Cell::Key);
    let row = |one: &Stander| [[one.name.as_str().into(), one.unit_name.as_str().into()], keys(one)].concat();
    table.rows = people.iter().map(row).collect();
    table
}
