//! The board of follow-ups: open items, how old they are, repeat cases by unit. One whose duty is met is closed.

use super::{FOLLOW_UP, due, duties, duty_of, is_met, met, stands, step_name, still_day};
use crate::obligation::days;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::{Status, Unit, Verb};
use luoshi_store::matter::{self, Count, Filter, Line, Order, Repeat, State};
use maud::{Markup, html};
use std::collections::HashMap;

/// Follow-ups on a page.
const PAGE: i64 = 100;

/// A follow-up and how its duty stands.
struct Standing {
    line: Line,
    duty: Option<Status>,
    closed: bool,
}

impl Standing {
    fn new(line: Line, duty: Option<Status>) -> Standing {
        let open = line.stand.as_ref().is_some_and(|stand| stand.open);
        Standing { line, duty, closed: !open || is_met(duty) }
    }
}

async fn standings(visit: &Visit, at: &Unit, filter: Filter) -> Result<Vec<Standing>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let lines = visit.app.read(move |tx| matter::list(tx, &scope, &filter)).await?;
    let about: Vec<_> = lines.iter().map(|line| duty_of(&line.matter)).collect();
    let duties = duties(visit, at, &about, None).await?;
    Ok(lines
        .into_iter()
        .map(|line| (duties.get(&line.matter.id).copied(), line))
        .map(|(duty, line)| Standing::new(line, duty))
        .collect())
}

/// Where the follow-ups of a subtree stand, by unit, clause and period.
pub(crate) async fn followed(visit: &Visit, at: &Unit) -> Result<HashMap<String, String>, Trouble> {
    let filter = Filter { flow: FOLLOW_UP.into(), most: crate::export::MOST + 1, ..Filter::default() };
    let all = standings(visit, at, filter).await?;
    let words = |one: &Standing| match one.closed {
        true => visit.say("已销号", "Closed").to_owned(),
        false => format!("{} {}", stands(visit, &one.line), one.line.matter.opened),
    };
    let key = |one: &Standing| {
        let about = duty_of(&one.line.matter);
        format!("{}/{}/{}", about.unit, about.clause, about.period)
    };
    Ok(all.iter().map(|one| (key(one), words(one))).collect())
}

/// The same with what was noted.
async fn told(visit: &Visit, at: &Unit, filter: Filter) -> Result<Vec<Standing>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let mut all = standings(visit, at, filter).await?;
    let lines: Vec<Line> = all.iter().map(|one| one.line.clone()).collect();
    let lines = visit.app.read(move |tx| matter::told(tx, &scope, lines.clone())).await?;
    all.iter_mut().zip(lines).for_each(|(one, line)| one.line = line);
    Ok(all)
}

pub(super) async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let met = met(&visit, &at, None).await?;
    let wanted = asked.get("state").map_or("open", String::as_str);
    let state = match wanted {
        "all" => State::Any,
        "closed" => State::Closed,
        _ => State::Open,
    };
    let filter = Filter { flow: FOLLOW_UP.into(), met: met.clone(), ..Filter::default() };
    if asked.contains_key("as") {
        let all = told(&visit, &at, Filter { most: crate::export::MOST + 1, ..filter }).await?;
        return crate::export::list(&asked, || table(&visit, &all))?.ok_or(Trouble::NotFound);
    }
    let after = asked.get("after").and_then(|id| Some((String::new(), id.parse().ok()?)));
    let page = Filter { state, after, most: PAGE + 1, ..filter.clone() };
    let mut shown = standings(&visit, &at, page).await?;
    let more = shown.len() as i64 > PAGE;
    shown.truncate(PAGE as usize);
    let next = shown.last().filter(|_| more).map(|one| Order::Newest.after(&one.line).1);
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let (day, open) = ((visit.today, still_day(&visit)), Filter { state: State::Open, ..filter });
    let read = move |tx: &luoshi_store::Tx| Ok((matter::counts(tx, &scope, &open, day)?, matter::repeats(tx, &scope)?));
    let (counts, repeated) = visit.app.read(read).await?;
    Ok(page_of(&visit, &at, wanted, (&shown, next), (&counts, &repeated)).into_response())
}

fn page_of(
    visit: &Visit,
    at: &Unit,
    wanted: &str,
    (shown, next): (&[Standing], Option<i64>),
    (counts, repeated): (&[Count], &[Repeat]),
) -> Markup {
    let title = visit.say("督促落实", "Follow-up").to_owned();
    let page = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let tab = |key: &str, zh: &str, en: &str| {
        html! { a aria-current=[(key == wanted).then_some("true")] href={ "?state=" (key) } { (visit.say(zh, en)) } }
    };
    let body = html! {
        p.toggle { (tab("open", "在办", "Open")) (tab("closed", "已销号", "Closed")) (tab("all", "全部", "All")) }
        p.actions {
            @if visit.may(Verb::Act, at) { a.button href={ "/units/" (at.id) "/intake" } { (visit.say("从文件交办", "Orders from a document")) } " " }
            a.button href={ "/units/" (at.id) "/matters" } { (visit.say("全部事项", "All matters")) } " "
            a.button href={ "/units/" (at.id) "/weekly" } { (visit.say("督查周报", "Weekly sheet")) } " "
            a.button href={ "/units/" (at.id) "/coverage" } { (visit.say("巡察和检查", "Inspection and checks")) }
        }
        (ladder(visit, counts))
        @if shown.is_empty() { p.empty { (visit.say("没有督办事项。在责任清单中点开逾期的格子，或勾选多项，即可发提醒。",
            "No follow-ups. Open an overdue cell of the duties, or tick several, and send a reminder.")) } }
        div.scroll { table.list {
            thead { tr { th { (visit.say("事项", "Matter")) } th { (visit.say("组织", "Unit")) } th { (visit.say("进展", "Stands at")) }
                th { (visit.say("职责", "Duty")) } th { (visit.say("发出", "Opened")) } th { (visit.say("期限", "Limit")) } } }
            @for one in shown { (line(visit, one)) }
        } }
        @if let Some(after) = next { p { a.button href={ "?state=" (wanted) "&after=" (after) } { (visit.say("下一页", "Next page")) } } }
        (repeats(visit, repeated))
        (shell::formats(visit))
    };
    shell::page(&page, body)
}

fn line(visit: &Visit, one: &Standing) -> Markup {
    let matter = &one.line.matter;
    html! {
        tr {
            td { a href={ "/units/" (matter.unit) "/matters/" (matter.id) } { (matter.title) } }
            td { a href={ "/units/" (matter.unit) } { (one.line.unit_name) } }
            td.nowrap { @if one.closed { "● " (visit.say("已销号", "Closed")) } @else { (stands(visit, &one.line)) } }
            td.nowrap { @if let Some(status) = one.duty { (shell::badge(visit.lang, status)) } }
            td.nowrap { (matter.opened) }
            td.nowrap { @if !one.closed && let Some(day) = due(visit, &one.line) { (day) " " (days(visit, day)) } }
        }
    }
}

/// Open items by rung, and how old they are.
fn ladder(visit: &Visit, counts: &[Count]) -> Markup {
    html! {
        p { @for one in counts { (step_name(visit, &one.flow, &one.step)) " " b { (one.n) } " " } }
        (ages(visit, counts))
    }
}

/// How long what is open has been so.
pub(super) fn ages(visit: &Visit, counts: &[Count]) -> Markup {
    let names =
        [("7天内", "within 7 days"), ("8–30天", "8–30 days"), ("31–60天", "31–60 days"), ("60天以上", "over 60 days")];
    let sum = |at: usize| counts.iter().map(|one| one.ages[at]).sum::<i64>();
    html! {
        p { (visit.say("在办时长：", "Open for: ")) @for (at, (zh, en)) in names.iter().enumerate() { (visit.say(zh, en)) " " b { (sum(at)) } " " } }
    }
}

/// Units followed up more than once for the same clause.
fn repeats(visit: &Visit, cases: &[Repeat]) -> Markup {
    html! {
        @if !cases.is_empty() {
            h2 { (visit.say("反复督办", "Repeat cases")) }
            table.list { @for one in cases {
                tr { td { a href={ "/units/" (one.unit) } { (one.name) } } td { (one.clause) } td.num { (one.n) (visit.say(" 次", " times")) } }
            } }
        }
    }
}

fn table(visit: &Visit, all: &[Standing]) -> Table {
    let head = |zh: &'static str, en: &'static str| shell::say(visit.lang, zh, en);
    let mut table = Table::new(head("督办台账", "Ledger of follow-ups"))
        .column("no", head("序号", "No."), Sort::Number)
        .column("clause", head("条款", "Clause"), Sort::Text)
        .column("title", head("事项", "Matter"), Sort::Text)
        .column("unit", head("责任组织", "Unit"), Sort::Text)
        .column("opener", head("督办组织", "Opened by"), Sort::Text)
        .column("opened", head("发出日期", "Opened"), Sort::Date)
        .column("limit", head("办理期限", "Limit"), Sort::Date)
        .column("state", head("督办方式", "Stands at"), Sort::Text)
        .column("answer", head("办理情况", "Last note"), Sort::Text)
        .column("duty", head("落实情况", "Duty"), Sort::Text)
        .column("closed", head("销号", "Closed"), Sort::Text);
    table.rows = all.iter().zip(1..).map(|(one, no)| cells(visit, one, no)).collect();
    table.note = format!("{} {}", head("截至", "As of"), visit.today);
    table
}

/// The follow-ups a unit had to answer in a year, without the day they are looked at.
pub(crate) async fn ledger(visit: &Visit, at: &Unit, year: i16) -> Result<Table, Trouble> {
    let days = (jiff::civil::date(year, 1, 1), jiff::civil::date(year, 12, 31));
    let filter = Filter {
        flow: FOLLOW_UP.into(),
        owner: at.id,
        opened: Some(days),
        most: crate::export::MOST,
        ..Filter::default()
    };
    let all = told(visit, at, filter).await?;
    Ok(Table { note: String::new(), ..table(visit, &all) })
}

fn cells(visit: &Visit, one: &Standing, no: i64) -> Vec<Cell> {
    let matter = &one.line.matter;
    vec![
        no.into(),
        matter.data["clause"].as_str().unwrap_or_default().into(),
        matter.title.as_str().into(),
        one.line.unit_name.as_str().into(),
        one.line.opener_name.as_str().into(),
        Cell::Date(matter.opened.to_string()),
        due(visit, &one.line).map_or(Cell::Empty, |day| Cell::Date(day.to_string())),
        stands(visit, &one.line).into(),
        matter.events.last().map_or(Cell::Empty, |event| event.note.as_str().into()),
        one.duty.map_or(Cell::Empty, |duty| shell::status(visit.lang, duty).1.into()),
        if one.closed { visit.say("已销号", "Closed").into() } else { Cell::Empty },
    ]
}
