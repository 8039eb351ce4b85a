//! The records behind a figure, newest first, each opening.

use super::question::{Question, gather};
use super::{number, one};
use crate::obligation::kind_name;
use crate::shell::{self, Page, Part as Tab};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::{Figure, Verb};
use luoshi_store::figure::{self, Asked, Behind, MOST_ROWS, Part};
use maud::html;
use std::collections::HashMap;

/// Rows on one page.
const PAGE: i64 = 50;

/// The records behind a figure, and how many more it counts of units that have left since.
pub(super) struct Rows {
    pub rows: Vec<Behind>,
    pub gone: i64,
}

impl Question {
    /// The question to the store for the rows of this year alone.
    pub(super) fn of_year(&self, figures: Vec<Figure>) -> Asked {
        let (first, last) = self.days(self.year);
        Asked { figures, first, last, known: self.known, by_below: false }
    }

    /// The rows behind a figure and those it adds.
    pub(super) async fn behind(&self, visit: &Visit, figure: &Figure, part: Part) -> Result<Rows, Trouble> {
        let scope = visit.actor.scope(&visit.rules.base, Verb::See, &self.at)?;
        let (all, asked) = (self.with_added(figure), self.of_year(self.with_added(figure)));
        let read = move |tx: &luoshi_store::Tx| {
            let (mut rows, mut gone) = (Vec::new(), 0);
            for one in &all {
                rows.extend(figure::behind(tx, &scope, (one, &asked), &part)?);
                gone += figure::gone(tx, &scope, (one, &asked), &part)?;
            }
            rows.sort_by_key(|row| std::cmp::Reverse((row.on, row.record)));
            rows.truncate(usize::try_from(part.most).unwrap_or(0));
            Ok(Rows { rows, gone })
        };
        visit.app.read(read).await
    }
}

/// The place after which a page goes on: `2023-05-04.17`.
fn after(asked: &HashMap<String, String>) -> Option<(Date, i64)> {
    let (day, id) = asked.get("after")?.split_once('.')?;
    Some((day.parse().ok()?, id.parse().ok()?))
}

pub(crate) async fn show(
    visit: Visit,
    Place((id, Year(year), key)): Place<(i64, Year, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let asked = gather(pairs);
    let question = Question::read(&visit, id, year, &asked).await?;
    let mut figure = question.figure(&visit, &key, &asked)?;
    if let Some((field, option)) = asked.get("choice").and_then(|choice| choice.split_once(':')) {
        figure.filter.insert(field.to_owned(), option.to_owned());
    }
    let text = |key: &str| asked.get(key).cloned().unwrap_or_default();
    let most = if asked.contains_key("as") { MOST_ROWS + 1 } else { PAGE + 1 };
    let part = Part { class: text("class"), level: text("level"), after: after(&asked), most };
    let Rows { mut rows, gone } = question.behind(&visit, &figure, part).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &question, &figure, &rows))? {
        return Ok(out);
    }
    let more = rows.len() as i64 > PAGE;
    rows.truncate(PAGE as usize);
    let title = format!("{} · {}", visit.of(&figure.name), visit.say("明细", "rows"));
    let page = Page { visit: &visit, title, unit: Some(&question.at), year, dated: "", part: Tab::Figures };
    let body = html! {
        p { a href={ "/units/" (id) "/" (year) "/figures/" (key) "?" (one::with(&asked, "class", "")) } { "← " (visit.of(&figure.name)) } }
        @if gone > 0 { p.note { (left(&visit, gone)) } }
        @if rows.is_empty() { p.empty { (visit.say("没有记录。", "No records.")) } }
        div.scroll { table.list {
            thead { tr { th { (visit.say("日期", "Day")) } th { (visit.say("组织", "Unit")) } th { (visit.say("纪实", "Record")) } th.num { (visit.of(&figure.unit())) } } }
            @for row in &rows { tr {
                td.nowrap { (row.on) } td { a href={ "/units/" (row.unit) } { (row.unit_name) } }
                td { a href={ "/units/" (row.unit) "/records/" (row.record) } { (kind_name(&visit, &row.kind)) " " (row.topic) } }
                td.num { (super::exact(&figure, row.n, &visit)) }
            } }
        } }
        @if more && let Some(last) = rows.last() {
            p { a.button href={ "?" (one::with(&asked, "after", &format!("{}.{}", last.on, last.record))) } { (visit.say("之后 50 条", "Next 50")) } }
        }
        (shell::formats(&visit))
    };
    Ok(shell::page(&page, body).into_response())
}

/// That some records are counted and cannot be opened.
fn left(visit: &Visit, gone: i64) -> String {
    match visit.lang {
        luoshi_rules::Lang::Zh => {
            format!("另有 {gone} 条属于已划出的单位：当日在本组织之下，计入本数，明细由现在的上级查看。")
        }
        luoshi_rules::Lang::En => format!(
            "{gone} more are of units that have left since: they stood below on that day and are counted; whoever they belong to now can open them."
        ),
    }
}

fn table(visit: &Visit, question: &Question, figure: &Figure, rows: &[Behind]) -> Table {
    let title = format!("{} {} {}", question.at.short_name, question.year, visit.of(&figure.name));
    let mut table = Table::new(title)
        .column("on", visit.say("日期", "Day"), Kind::Date)
        .column("unit", visit.say("组织", "Unit"), Kind::Text)
        .column("kind", visit.say("类型", "Kind"), Kind::Text)
        .column("topic", visit.say("主题", "Topic"), Kind::Text)
        .column("n", visit.of(&figure.unit()), Kind::Number)
        .key("record_id")
        .key("unit_id");
    let row = |one: &Behind| {
        vec![
            Cell::Date(one.on.to_string()),
            one.unit_name.as_str().into(),
            kind_name(visit, &one.kind).into(),
            one.topic.as_str().into(),
            number(figure, one.n),
            Cell::Key(one.record),
            Cell::Key(one.unit),
        ]
    };
    table.rows = rows.iter().map(row).collect();
    table
}
