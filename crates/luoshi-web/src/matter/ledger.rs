//! The ledger of a rectification (整改台账), one row for each task, with the trade's columns; and the four lists, which
//! are the same rows with fewer columns.

use super::step::answer;
use super::{limit, one, state};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::{Event, Flow, Matter, Verb};
use luoshi_store::matter::{self, Line};
use maud::{Markup, html};
use std::collections::HashMap;

/// The four lists: key, name, and the columns each shows.
const LISTS: [(&str, &str, &str, &[&str]); 5] = [
    ("all", "整改台账", "Ledger", &[]),
    ("problem", "问题清单", "Problems", &["no", "aspect", "problem", "manifestation"]),
    ("task", "任务清单", "Tasks", &["no", "problem", "manifestation", "measure", "kind", "state"]),
    ("responsibility", "责任清单", "Responsibility", &["no", "measure", "leader", "unit", "helpers", "state"]),
    ("deadline", "时限清单", "Deadlines", &["no", "measure", "unit", "due", "first_due", "days_over", "state"]),
];

pub(crate) async fn show(
    visit: Visit,
    Place((id, matter)): Place<(i64, i64)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let whole = one::whole(&visit, &at, matter).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let tree = visit.app.read(move |tx| matter::tree(tx, &scope, (matter, 0))).await?;
    let wanted = asked.get("list").map_or("all", String::as_str);
    let list = LISTS.iter().find(|(key, ..)| *key == wanted).unwrap_or(&LISTS[0]);
    let title = format!("{} {}", whole.unit_name, visit.say(list.1, list.2));
    let table = chosen(rows(&visit, title.clone(), &tree), list.3);
    if let Some(out) = crate::export::list(&asked, || table.clone())? {
        return Ok(out);
    }
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::FollowUp };
    let body = html! {
        p { a href={ "/units/" (at.id) "/matters/" (matter) } { "← " (whole.matter.title) } }
        p.toggle { @for (key, zh, en, _) in &LISTS { a aria-current=[(*key == list.0).then_some("true")] href={ "?list=" (key) } { (visit.say(zh, en)) } } }
        (sums(&visit, &tree))
        @if table.rows.is_empty() { p.empty { (visit.say("还没有问题和任务。", "No findings and tasks yet.")) } }
        (grid(&table))
        (shell::formats(&visit))
    };
    Ok(shell::page(&head, body).into_response())
}

/// A table with more columns than this prints across the sheet.
const UPRIGHT: usize = 10;

/// A table as it is shown and printed.
pub(crate) fn grid(table: &Table) -> Markup {
    let words = |cell: &Cell| match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) | Cell::Date(text) => text.clone(),
        Cell::Number(n) | Cell::Key(n) => n.to_string(),
        Cell::Money(fen) => shell::yuan(*fen),
        Cell::Decimal(n) => n.to_string(),
    };
    html! {
        div.scroll.ledger.across[table.read().len() > UPRIGHT] { table.list {
            thead { tr { @for column in table.read() { th.num[column.kind == Kind::Number] { (column.head) } } } }
            @for row in &table.rows { tr { @for (at, (cell, column)) in row.iter().zip(table.read()).enumerate() {
                td.num[column.kind == Kind::Number].nowrap[column.kind == Kind::Date || column.key == "no"] {
                    @if *cell != Cell::Empty && at > 0 { small.phone { (column.head) " " } } (words(cell)) }
            } } }
        } }
        @if !table.note.is_empty() { p.help { (table.note) } }
    }
}

/// Counts of the whole: findings and tasks closed, rules made, persons dealt with, which are counts and nothing more.
pub(crate) fn sums(visit: &Visit, tree: &[Line]) -> Markup {
    let of = |flow: &'static str| tree.iter().filter(move |line| line.matter.flow == flow);
    let closed =
        |line: &&Line| visit.rules.base.flow(&line.matter.flow).is_some_and(|flow| line.matter.is_closed(flow));
    let late = of("task").filter(|line| limit(visit, &line.matter).is_some_and(|day| day < visit.today)).count();
    let sum = |key: &str| of("task").filter_map(|line| last(&line.matter, "claimed")?.data[key].as_u64()).sum::<u64>();
    html! {
        p { (visit.say("问题表现 ", "Manifestations ")) b { (of("finding").filter(closed).count()) "/" (of("finding").count()) }
            " · " (visit.say("任务 ", "Tasks ")) b { (of("task").filter(closed).count()) "/" (of("task").count()) }
            " · " (visit.say("逾期 ", "late ")) b { (late) }
            " · " (visit.say("制定修订制度 ", "rules made ")) b { (sum("rules")) } (visit.say(" 项", ""))
            " · " (visit.say("处理 ", "persons dealt with ")) b { (sum("persons")) } (visit.say(" 人次", " person-times")) }
    }
}

fn last<'m>(matter: &'m Matter, step: &str) -> Option<&'m Event> {
    matter.events.iter().rfind(|event| event.step == step)
}

/// The rows of findings and their tasks, in the order in which they were recorded.
pub(crate) fn rows(visit: &Visit, title: String, tree: &[Line]) -> Table {
    let say = |zh: &'static str, en: &'static str| visit.say(zh, en);
    let mut table = Table::new(title)
        .column("no", say("序号", "No."), Kind::Text)
        .column("aspect", say("方面", "Aspect"), Kind::Text)
        .column("problem", say("问题", "Problem"), Kind::Text)
        .column("manifestation", say("具体表现", "Manifestation"), Kind::Text)
        .column("measure", say("整改措施", "Measure"), Kind::Text)
        .column("kind", say("整改类型", "Kind"), Kind::Text)
        .column("leader", say("责任领导", "Leader responsible"), Kind::Text)
        .column("unit", say("责任组织", "Unit responsible"), Kind::Text)
        .column("helpers", say("协办组织", "Units that help"), Kind::Text)
        .column("due", say("完成时限", "To be done by"), Kind::Date)
        .column("first_due", say("原定时限", "First limit"), Kind::Date)
        .column("days_over", say("逾期天数", "Days over"), Kind::Number)
        .column("progress", say("整改进展", "Progress"), Kind::Text)
        .column("evidence", say("佐证（件）", "Evidence"), Kind::Number)
        .column("state", say("整改结果", "Result"), Kind::Text)
        .column("rules", say("制定修订制度（项）", "Rules made"), Kind::Number)
        .column("persons", say("处理（人次）", "Persons dealt with"), Kind::Number)
        .column("closed", say("销号日期", "Closed on"), Kind::Date)
        .column("closer", say("销号组织", "Closed by"), Kind::Text)
        .column("recheck", say("回头看", "Re-check"), Kind::Text)
        .key("finding_id")
        .key("task_id")
        .key("unit_id");
    let findings = tree.iter().filter(|line| line.matter.flow == "finding");
    for (finding, no) in findings.zip(1..) {
        let below: Vec<&Line> = tree.iter().filter(|line| line.matter.parent == finding.matter.id).collect();
        let checked = below.iter().find(|line| line.matter.flow == "recheck").map(|line| state(visit, &line.matter));
        let tasks: Vec<&&Line> = below.iter().filter(|line| line.matter.flow == "task").collect();
        if tasks.is_empty() {
            table.rows.push(row(visit, (finding, None), no.to_string(), checked.as_deref()));
        }
        for (task, n) in tasks.iter().zip(1..) {
            table.rows.push(row(visit, (finding, Some(task)), format!("{no}-{n}"), checked.as_deref()));
        }
    }
    table.note = format!("{} {}", say("截至", "As of"), visit.today);
    table
}

fn row(visit: &Visit, (finding, task): (&Line, Option<&Line>), no: String, checked: Option<&str>) -> Vec<Cell> {
    let (aspect, problem) = super::part::heading(visit, finding);
    let mut row: Vec<Cell> = vec![no.into(), aspect.into(), problem.into(), finding.matter.title.as_str().into()];
    let matter = task.unwrap_or(finding);
    let flow = visit.rules.base.flow(&matter.matter.flow);
    let text = |key: &str| match task.zip(flow).and_then(|(task, flow)| Some((task, field(flow, key)?))) {
        Some((task, field)) => answer(visit, field, &task.matter.data[key]).into(),
        None => Cell::Empty,
    };
    row.push(task.map_or(Cell::Empty, |task| task.matter.title.as_str().into()));
    row.extend([text("term"), text("leader"), matter.unit_name.as_str().into()]);
    row.push(if matter.helped.is_empty() { Cell::Empty } else { matter.helped.join(visit.mark("、")).into() });
    row.extend(dates(visit, &matter.matter, flow));
    row.extend(outcome(visit, matter, flow));
    row.push(checked.map_or(Cell::Empty, Into::into));
    let task = task.map_or(Cell::Empty, |task| Cell::Key(task.matter.id));
    row.extend([Cell::Key(finding.matter.id), task, Cell::Key(matter.matter.unit)]);
    row
}

fn field<'f>(flow: &'f Flow, key: &str) -> Option<&'f luoshi_rules::record::Field> {
    flow.step.first()?.field.iter().find(|field| field.id == key)
}

/// The limit, the first one where it was moved, and how many days it is over.
fn dates(visit: &Visit, matter: &Matter, flow: Option<&Flow>) -> [Cell; 3] {
    let day = |day: jiff::civil::Date| Cell::Date(day.to_string());
    let limits = flow.map_or(Vec::new(), |flow| matter.limits(flow));
    let first = limits.first().filter(|_| limits.len() > 1).copied();
    let open = limit(visit, matter);
    let over = open.and_then(|day| visit.today.since(day).ok()).map(|span| i64::from(span.get_days()));
    [
        limits.last().copied().map_or(Cell::Empty, day),
        first.map_or(Cell::Empty, day),
        over.filter(|days| *days > 0).map_or(Cell::Empty, Cell::Number),
    ]
}

/// Progress, evidence, result, counts, and who closed it when.
fn outcome(visit: &Visit, line: &Line, flow: Option<&Flow>) -> Vec<Cell> {
    let matter = &line.matter;
    let said = matter.events.iter().rfind(|event| ["progress", "claimed"].contains(&event.step.as_str()));
    let claimed = last(matter, "claimed");
    let count = |key: &str| claimed.and_then(|event| event.data[key].as_i64()).map_or(Cell::Empty, Cell::Number);
    let shown: usize = matter.events.iter().filter_map(|event| event.data["evidence"].as_array()).map(Vec::len).sum();
    let closed = flow.filter(|flow| matter.is_closed(flow)).and_then(|_| matter.events.last());
    vec![
        said.map_or(Cell::Empty, |event| event.note.as_str().into()),
        if shown > 0 { Cell::Number(shown as i64) } else { Cell::Empty },
        result(visit, matter, flow).into(),
        count("rules"),
        count("persons"),
        closed.map_or(Cell::Empty, |event| Cell::Date(event.on.to_string())),
        closed.map_or(Cell::Empty, |_| line.opener_name.as_str().into()),
    ]
}

/// The result in the words of the trade: as it was answered once it is done, long-term where it is looked at from time
/// to time, and otherwise where it stands.
fn result(visit: &Visit, matter: &Matter, flow: Option<&Flow>) -> String {
    let at = flow.and_then(|flow| Some((flow, matter.state(flow)?)));
    let claimed = last(matter, "claimed").filter(|claimed| {
        let again = matter.events.iter().rfind(|event| ["returned", "reopened"].contains(&event.step.as_str()));
        again.is_none_or(|again| again.seq < claimed.seq)
    });
    let field = flow
        .and_then(|flow| flow.step("claimed"))
        .and_then(|step| step.field.iter().find(|field| field.id == "result"));
    match (at, claimed.zip(field)) {
        (Some((_, step)), _) if step.check.is_some() => visit.of(&step.name).to_owned(),
        (Some((_, step)), Some((claimed, field))) => {
            let answered = answer(visit, field, &claimed.data["result"]);
            if step.is_end() { answered } else { answered + &visit.aside(visit.of(&step.name)) }
        }
        (Some((_, step)), None) if step.is_end() => visit.of(&step.name).to_owned(),
        _ => visit.say("正在整改", "Under way").to_owned() + &visit.aside(state(visit, matter)),
    }
}

/// A table with some of its columns; with all where none is named.
fn chosen(table: Table, keys: &[&str]) -> Table {
    if keys.is_empty() {
        return table;
    }
    let places: Vec<usize> =
        keys.iter().filter_map(|key| table.columns.iter().position(|column| column.key == *key)).collect();
    let pick = |row: Vec<Cell>| places.iter().filter_map(|at| row.get(*at).cloned()).collect::<Vec<_>>();
    let mut rows: Vec<Vec<Cell>> = table.rows.into_iter().map(pick).collect();
    rows.dedup();
    let columns = places.iter().filter_map(|at| table.columns.get(*at).cloned()).collect();
    Table { columns, rows, ..table }
}
