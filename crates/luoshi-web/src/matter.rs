//! Matters: follow-ups on late duties and what else must be closed. A follow-up closes itself when its duty is met.

mod ageing;
mod events;
mod evidence;
pub(crate) mod findings;
pub(crate) mod follow;
pub(crate) mod ledger;
pub(crate) mod list;
pub(crate) mod many;
pub(crate) mod narrow;
pub(crate) mod one;
pub(crate) mod order;
pub(crate) mod part;
mod passed;
pub(crate) mod problems;
pub(crate) mod publication;
pub(crate) mod remind;
pub(crate) mod search;
pub(crate) mod step;
mod stock;
pub(crate) mod tasks;
mod title;
pub(crate) mod turn;
pub(crate) mod weekly;
mod window;

pub(crate) use events::names;
pub(crate) use ledger::{grid, rows as ledger_rows, sums};
pub(crate) use one::{timeline, whole, write};
pub(crate) use part::{finds, heading, named as unit_named};
pub(crate) use remind::remindable;
pub(crate) use search::{found, tokens_of};
pub(crate) use step::step_form;
pub(crate) use stock::{Lists, checks, short, stock};
pub(crate) use title::{title, worded};

use crate::obligation::{self, Ledger};
use crate::routes::Routes;
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::Visit;
use axum::routing::{get, post};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::{Matter, Status, Unit, Verb};
use luoshi_store::matter::{self, Filter, FollowUp, Line};
use std::collections::{BTreeSet, HashMap, HashSet};

/// The flow of follow-ups.
const FOLLOW_UP: &str = "follow-up";
/// Most follow-ups a page reads: all of them, so that none is cut off by newer ones.
const MOST: i64 = crate::export::MOST;
/// Days without anything happening after which a matter stands still.
const STILL: i64 = 30;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/follow-ups", get(follow::board).post(remind::remind))
        .route("/units/{unit}/follow-ups/steps", post(follow::take_many))
        .route("/units/{unit}/matters/{id}", get(one::show))
        .route("/units/{unit}/matters/{id}/steps", post(one::advance))
        .route("/units/{unit}/matters/{id}/parts", post(part::add))
        .route("/units/{unit}/matters/{id}/turns", post(turn::change))
        .route("/units/{unit}/matters/{id}/together", get(many::show).post(many::take))
        .route("/units/{unit}/rounds/{id}/together", get(many::show_round).post(many::take_round))
        .route("/units/{unit}/records/{id}/problems", post(problems::list))
        .route("/units/{unit}/matters/{id}/findings", get(findings::show).post(findings::record))
        .route("/units/{unit}/matters/{id}/evidence/{seq}/{n}", get(one::file))
        .route("/units/{unit}/matters/{id}/ledger", get(ledger::show))
        .route("/units/{unit}/matters/{id}/tasks", get(tasks::show).post(tasks::plan))
        .route("/units/{unit}/matters/{id}/publication", get(publication::show))
        .route("/units/{unit}/matters", get(list::show))
        .route("/units/{unit}/matters/filters", post(list::keep))
        .route("/units/{unit}/orders", post(order::give))
        .route("/units/{unit}/weekly", get(weekly::show))
        .route("/units/{unit}/search", get(search::show))
}

/// A matter and how it stands today.
pub(crate) struct Standing {
    /// the matter
    pub line: Line,
    /// how its duty stands, for follow-ups
    pub duty: Option<Status>,
    /// whether it is closed: by its flow, or because its duty is met
    pub closed: bool,
}

pub(crate) fn limit(visit: &Visit, matter: &Matter) -> Option<Date> {
    visit.rules.base.flow(&matter.flow).and_then(|flow| matter.limit(flow, &visit.rules.calendar))
}

/// Every matter of a scope with how it stands.
async fn standings(
    visit: &Visit,
    at: &Unit,
    (flow, most): (&'static str, i64),
    known: Option<&Ledger>,
) -> Result<Vec<Standing>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let filter = Filter { flow: flow.to_owned(), most, ..Filter::default() };
    let read = move |tx: &luoshi_store::Tx| matter::told(tx, &scope, matter::list(tx, &scope, &filter)?);
    let lines = visit.app.read(read).await?;
    let duties = duties(visit, at, &lines, known).await?;
    Ok(lines.into_iter().map(|line| stand(visit, line, &duties)).collect())
}

/// Where the follow-ups of a subtree stand, by unit, clause and period.
pub(crate) async fn followed(visit: &Visit, at: &Unit) -> Result<HashMap<String, String>, Trouble> {
    let mut all = standings(visit, at, (FOLLOW_UP, crate::export::MOST + 1), None).await?;
    // of a duty that was followed up again, the open one says where it stands
    all.sort_by_key(|one| (!one.closed, one.line.matter.id));
    let words = |one: &Standing| match one.closed {
        true => visit.say("已销号", "Closed").to_owned(),
        false => format!("{} {}", state(visit, &one.line.matter), one.line.matter.opened),
    };
    Ok(all.iter().map(|one| (key(&one.line.matter), words(one))).collect())
}

fn stand(visit: &Visit, line: Line, duties: &HashMap<String, Status>) -> Standing {
    let flow = visit.rules.base.flow(&line.matter.flow);
    let stopped = flow.is_none_or(|flow| line.matter.is_closed(flow));
    let duty = duties.get(&key(&line.matter)).copied();
    Standing { line, duty, closed: stopped || is_met(duty) }
}

fn key(matter: &Matter) -> String {
    let text = |key: &str| matter.data[key].as_str().unwrap_or_default().to_owned();
    format!("{}/{}/{}", matter.unit, text("clause"), text("period"))
}

/// How the duties behind follow-ups stand, by unit, clause and period.
async fn duties(
    visit: &Visit,
    at: &Unit,
    lines: &[Line],
    known: Option<&Ledger>,
) -> Result<HashMap<String, Status>, Trouble> {
    let year = |line: &Line| line.matter.data["year"].as_i64();
    let years = lines.iter().filter_map(|line| Some((line.matter.unit, year(line)?))).collect::<Vec<_>>();
    owed(visit, at, &years, known).await
}

/// How every duty of some units stands in the years named with them: one ledger for each of the last years.
async fn owed(
    visit: &Visit,
    at: &Unit,
    about: &[(i64, i64)],
    known: Option<&Ledger>,
) -> Result<HashMap<String, Status>, Trouble> {
    let years: BTreeSet<i16> = about.iter().filter_map(|(_, year)| i16::try_from(*year).ok()).collect();
    let wanted: HashSet<i64> = about.iter().map(|(unit, _)| *unit).collect();
    let mut duties = HashMap::new();
    for year in years.into_iter().rev().take(3) {
        let read = match known.filter(|known| known.year() == year) {
            Some(_) => None,
            None => Some(obligation::ledger(visit, at, year, None).await?),
        };
        let Some(ledger) = read.as_deref().or(known) else { continue };
        for one in wanted.iter().flat_map(|unit| ledger.of_unit(*unit)) {
            duties.insert(format!("{}/{}/{}", one.unit.id, one.clause.id, one.period.key()), one.status);
        }
    }
    Ok(duties)
}

/// The follow-ups of a subtree that are closed because their duty is met, though no event says so. Every list and count
/// of matters asks for them, so that all agree. `known` is what was read for the page already.
pub(crate) async fn met(visit: &Visit, at: &Unit, known: Option<&Ledger>) -> Result<Vec<i64>, Trouble> {
    Ok(met_ones(visit, at, known).await?.iter().map(|one| one.id).collect())
}

/// The same with how each stands.
async fn met_ones(visit: &Visit, at: &Unit, known: Option<&Ledger>) -> Result<Vec<FollowUp>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let open = visit.app.read(move |tx| matter::follow_ups(tx, &scope)).await?;
    let about: Vec<(i64, i64)> = open.iter().map(|one| (one.unit, one.year)).collect();
    let duties = owed(visit, at, &about, known).await?;
    let duty = |one: &FollowUp| duties.get(&format!("{}/{}/{}", one.unit, one.clause, one.period)).copied();
    Ok(open.into_iter().filter(|one| is_met(duty(one))).collect())
}

/// Whether a duty that stands so closes the follow-up about it.
fn is_met(status: Option<Status>) -> bool {
    matches!(status, Some(Status::Met | Status::Late | Status::Waived))
}

/// The day by which a line of a list is to be done.
pub(crate) fn due(visit: &Visit, line: &Line) -> Option<Date> {
    line.stand.as_ref().map_or_else(|| limit(visit, &line.matter), |stand| stand.limit)
}

/// The day on which something last happened to a line of a list.
pub(crate) fn touched(line: &Line) -> Date {
    line.stand.as_ref().map_or_else(|| line.matter.touched(), |stand| stand.touched)
}

/// The shown name of the step at which a line of a list stands.
pub(crate) fn stands(visit: &Visit, line: &Line) -> String {
    let Some(stand) = &line.stand else { return state(visit, &line.matter) };
    step_name(visit, &line.matter.flow, &stand.step)
}

/// The shown name of a step.
fn step_name(visit: &Visit, flow: &str, step: &str) -> String {
    let step = visit.rules.base.flow(flow).and_then(|flow| flow.step(step));
    step.map_or(String::new(), |step| visit.of(&step.name).to_owned())
}

/// What is to be sent about a line of a list by today.
fn ring<'v>(visit: &'v Visit, line: &Line) -> Option<&'v str> {
    let flow = visit.rules.base.flow(&line.matter.flow)?;
    let timer = line.stand.as_ref()?.ring(flow, &visit.rules.calendar, visit.today)?;
    Some(visit.of(&timer.name))
}

/// The last day on which nothing may have happened since for a matter to stand still.
pub(crate) fn still_day(visit: &Visit) -> Date {
    visit.today.saturating_sub(STILL.days())
}

/// The shown name of the step a matter stands at.
pub(crate) fn state(visit: &Visit, matter: &Matter) -> String {
    let flow = visit.rules.base.flow(&matter.flow);
    flow.and_then(|flow| matter.state(flow)).map_or(String::new(), |step| visit.of(&step.name).to_owned())
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
        .column("closed", head("销号", "Closed"), Sort::Text)
        .key("id")
        .key("unit_id")
        .key("opener_id");
    table.rows = all.iter().zip(1..).map(|(one, no)| cells(visit, one, no)).collect();
    table.note = format!("{} {}", head("截至", "As of"), visit.today);
    table
}

/// The follow-ups a unit had to answer in a year, without the day they are looked at.
pub(crate) async fn ledger(visit: &Visit, at: &Unit, year: i16) -> Result<Table, Trouble> {
    let mut all = standings(visit, at, (FOLLOW_UP, crate::export::MOST), None).await?;
    all.retain(|one| one.line.matter.unit == at.id && one.line.matter.opened.year() == year);
    Ok(Table { note: String::new(), ..table(visit, &all) })
}

fn cells(visit: &Visit, one: &Standing, no: i64) -> Vec<Cell> {
    let matter = &one.line.matter;
    vec![
        no.into(),
        matter.data["clause"].as_str().unwrap_or_default().into(),
        title(visit, matter).as_ref().into(),
        one.line.unit_name.as_str().into(),
        one.line.opener_name.as_str().into(),
        Cell::Date(matter.opened.to_string()),
        limit(visit, matter).map_or(Cell::Empty, |day| Cell::Date(day.to_string())),
        state(visit, matter).into(),
        matter.events.last().map_or(Cell::Empty, |event| event.note.as_str().into()),
        one.duty.map_or(Cell::Empty, |duty| shell::status(visit.lang, duty).1.into()),
        if one.closed { visit.say("已销号", "Closed").into() } else { Cell::Empty },
        Cell::Key(matter.id),
        Cell::Key(matter.unit),
        Cell::Key(matter.opener),
    ]
}

/// The unit from which the visitor follows up: where they hold a post that may act over the one named.
pub(crate) async fn opener(visit: &Visit, at: &Unit) -> Result<Unit, Trouble> {
    let base = &visit.rules.base;
    let held = visit
        .actor
        .posts
        .iter()
        .filter(|held| held.path.contains(&at.path) && base.grants(&held.post, Verb::Act, true));
    let held = held.min_by_key(|held| std::cmp::Reverse(held.path.depth())).ok_or(Trouble::NotFound)?;
    visit.unit(held.unit, Verb::Act).await
}
