//! The board of a collection: who answered what, with sums, for whoever asks.

use super::{often, period, time, whom};
use crate::form::{Sent, operation};
use crate::obligation;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Redirect, Response};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::collection::{Sort, Turn};
use luoshi_rules::{Collection, Unit, Verb};
use luoshi_store::collection::{self, Answer};
use maud::{Markup, html};
use std::collections::HashMap;

/// One unit that is asked.
pub(crate) struct Row<'a> {
    pub unit: &'a Unit,
    pub answer: Option<&'a Answer>,
}

impl Row<'_> {
    pub fn value(&self, n: usize) -> &str {
        self.answer.and_then(|answer| answer.data[n]["value"].as_str()).unwrap_or_default()
    }

    /// Whether a value filled in by the system was changed.
    fn corrected(&self, n: usize) -> bool {
        let filled = self.answer.and_then(|answer| answer.data[n]["filled"].as_str()).unwrap_or_default();
        !filled.is_empty() && filled != self.value(n)
    }
}

/// The times it was due so far.
pub(crate) fn turns(visit: &Visit, one: &Collection) -> Vec<Turn> {
    let years = [visit.today.year() - 1, visit.today.year(), visit.today.year() + 1];
    let mut turns: Vec<Turn> = years.iter().flat_map(|year| one.turns(*year)).collect();
    turns.retain(|turn| turn.first <= visit.today);
    turns
}

/// The units that are asked, with what each answered in a period.
pub(crate) fn rows<'a>(
    units: &'a [Unit],
    (one, answers): (&Collection, &'a [Answer]),
    chosen: Option<&Turn>,
) -> Vec<Row<'a>> {
    let row = |unit: &'a Unit| {
        let said = |answer: &&Answer| answer.unit == unit.id && chosen.is_some_and(|turn| turn.period == answer.period);
        Row { unit, answer: answers.iter().find(said) }
    };
    units.iter().filter(|unit| one.reaches(unit)).map(row).collect()
}

pub(super) async fn show(
    visit: &Visit,
    at: &Unit,
    (one, answers): (&Collection, &[Answer]),
    query: &HashMap<String, String>,
) -> Result<Response, Trouble> {
    let ledger = obligation::ledger(visit, at, visit.year(), None).await?;
    let turns = turns(visit, one);
    let chosen = turns.iter().find(|turn| query.get("period") == Some(&turn.period)).or(turns.last()).cloned();
    let rows = rows(&ledger.units, (one, answers), chosen.as_ref());
    if let Some(out) = crate::export::list(query, || table(visit, one, &rows))? {
        return Ok(out);
    }
    Ok(page(visit, at, one, (&turns, chosen.as_ref()), &rows)?.into_response())
}

fn page(
    visit: &Visit,
    at: &Unit,
    one: &Collection,
    (turns, chosen): (&[Turn], Option<&Turn>),
    rows: &[Row],
) -> Result<Markup, Trouble> {
    let head = Page { visit, title: one.title.clone(), unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let burden = super::rules(visit)?;
    let done = rows.iter().filter(|row| row.answer.is_some()).count();
    let body = html! {
        dl.facts {
            dt { (visit.say("发出组织", "Asked by")) } dd { (one.unit_name) " " (one.from) }
            dt { (visit.say("依据", "Ground")) } dd { (one.ground) }
            dt { (visit.say("对象", "Asked of")) } dd { (whom(visit, one)) (visit.mark("，")) (rows.len()) (visit.say(" 个组织", if rows.len() == 1 { " unit" } else { " units" })) }
            dt { (visit.say("频次", "How often")) } dd { (often(visit, one)) }
            dt { (visit.say("占用", "It takes")) } dd { (time(visit, one.seconds(&burden))) " × " (rows.len()) " ≈ " b { (time(visit, one.seconds(&burden) * rows.len() as i64)) } }
            @if let Some(until) = one.until { dt { (visit.say("已结束", "Ended")) } dd { (until) } }
        }
        @if turns.len() > 1 { p.toggle { @for turn in turns {
            a aria-current=[(Some(turn) == chosen).then_some("true")] href={ "?period=" (turn.period) } { (period(visit, turn)) } } } }
        p { (visit.say("已填 ", "Answered: ")) b { (done) } " / " (rows.len())
            @if let Some(turn) = chosen { " · " (visit.say("截止 ", "due ")) (turn.due) } }
        (answers(visit, one, rows, chosen))
        (shell::formats(visit))
        @if one.until.is_none() && one.unit == at.id && visit.may(Verb::Write, at) {
            form method="post" action={ "/units/" (at.id) "/collections/" (one.id) "/end" } {
                (shell::hidden(visit)) button { (visit.say("结束收集", "End it")) } }
        }
    };
    Ok(shell::page(&head, body))
}

fn answers(visit: &Visit, one: &Collection, rows: &[Row], chosen: Option<&Turn>) -> Markup {
    let late = chosen.is_some_and(|turn| turn.due < visit.today);
    html! { div.scroll { table.list.whole {
        thead { tr { th { (visit.say("组织", "Unit")) } @for question in &one.questions { th.num[is_number(&question.sort)] { (question.name) } } th { (visit.say("填报", "Answered")) } } }
        tr { td { b { (visit.say("合计", "Sum")) } }
            @for (n, question) in one.questions.iter().enumerate() { td.num[is_number(&question.sort)] { b { (sum(visit, rows, n, &question.sort)) } } } td {} }
        @for row in rows { tr {
            td { a href={ "/units/" (row.unit.id) } { (row.unit.short_name) } }
            @for (n, question) in one.questions.iter().enumerate() {
                td.num[is_number(&question.sort)] { (shown(visit, &question.sort, row.value(n))) @if row.corrected(n) { " " span.mark { (visit.say("已更正系统数", "corrected by the unit")) } } } }
            td.nowrap { @match row.answer {
                Some(answer) => (answer.on),
                None if late => span.badge.overdue { "▲ " (visit.say("未填", "Missing")) },
                None => span.badge.open { "◐ " (visit.say("待填", "Awaited")) },
            } }
        } }
    } } }
}

fn is_number(sort: &Sort) -> bool {
    matches!(sort, Sort::Number)
}

fn shown<'a>(visit: &'a Visit, sort: &Sort, value: &'a str) -> &'a str {
    match (sort, value) {
        (Sort::Yes, "yes") => visit.say("是", "Yes"),
        (Sort::Yes, "no") => visit.say("否", "No"),
        _ => value,
    }
}

/// The sum of numbers, or how many said yes; nothing for texts.
fn sum(visit: &Visit, rows: &[Row], n: usize, sort: &Sort) -> String {
    match sort {
        Sort::Number => {
            let sum: f64 = rows.iter().filter_map(|row| row.value(n).parse::<f64>().ok()).sum();
            format!("{}", (sum * 100.0).round() / 100.0)
        }
        Sort::Yes => {
            format!("{} {}", visit.say("是", "Yes"), rows.iter().filter(|row| row.value(n) == "yes").count())
        }
        Sort::Text | Sort::Known(_) => String::new(),
    }
}

fn table(visit: &Visit, one: &Collection, rows: &[Row]) -> Table {
    let mut table = Table::new(&one.title).column("unit", visit.say("组织", "Unit"), Kind::Text);
    for (n, question) in one.questions.iter().enumerate() {
        let kind = if question.sort == Sort::Number { Kind::Number } else { Kind::Text };
        table = table.column(super::KEYS.get(n).copied().unwrap_or_default(), &question.name, kind);
    }
    table = table.column("on", visit.say("填报日期", "Answered on"), Kind::Date);
    table.rows = rows
        .iter()
        .map(|row| {
            let mut cells: Vec<Cell> = vec![row.unit.full_name.as_str().into()];
            for (n, question) in one.questions.iter().enumerate() {
                let number = row.value(n).parse().ok().filter(|_| question.sort == Sort::Number);
                cells.push(number.map_or_else(|| shown(visit, &question.sort, row.value(n)).into(), Cell::Number));
            }
            cells.push(row.answer.map_or_else(|| "".into(), |answer| Cell::Date(answer.on.to_string())));
            cells
        })
        .collect();
    table
}

pub(crate) async fn end(Place((id, collection)): Place<(i64, i64)>, sent: Sent) -> Result<Redirect, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    let rules = visit.rules.clone();
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        collection::end(tx, &permit, collection)?;
        Ok(format!("/units/{}/collections/{collection}", at.id))
    };
    visit.act(operation(&sent.fields), work).await
}
