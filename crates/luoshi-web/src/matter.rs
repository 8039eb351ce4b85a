//! Matters: follow-ups on late duties and what else must be closed. A follow-up closes itself when its duty is met.

mod follow_up;
mod ledger;
mod list;
mod narrow;
mod one;
mod order;
mod part;
mod publication;
mod search;
pub(crate) mod step;
mod stock;
mod tasks;
mod weekly;

pub(crate) use follow_up::{followed, ledger as follow_ups_of};
pub(crate) use ledger::{rows as ledger_rows, sums};
pub(crate) use one::{taken, timeline, whole};
pub(crate) use part::{finds, heading};
pub(crate) use search::found;
pub use search::tokens_of;
pub(crate) use step::step_form;
pub(crate) use stock::{Lists, stock};

use crate::form::{Sent, all, one, operation};
use crate::obligation::{self, Ledger};
use crate::routes::Routes;
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::{Matter, Obligation, Refusal, Status, Unit, Verb};
use luoshi_store::matter::{self, FollowUp, Line, Opening};
use luoshi_store::unit;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

/// The flow of follow-ups.
const FOLLOW_UP: &str = "follow-up";
/// Days without anything happening after which a matter stands still.
const STILL: i64 = 30;
/// Most duties one may remind of at once.
const TICKED: usize = 2_000;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/follow-ups", get(follow_up::show).post(remind))
        .route("/units/{unit}/matters/{id}", get(one::show))
        .route("/units/{unit}/matters/{id}/steps", post(one::advance))
        .route("/units/{unit}/matters/{id}/parts", post(part::add))
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

pub(crate) fn limit(visit: &Visit, matter: &Matter) -> Option<Date> {
    visit.rules.base.flow(&matter.flow).and_then(|flow| matter.limit(flow, &visit.rules.calendar))
}

/// What a follow-up is about.
pub(crate) fn duty_of(matter: &Matter) -> FollowUp {
    let text = |key: &str| matter.data[key].as_str().unwrap_or_default().to_owned();
    let year = matter.data["year"].as_i64().unwrap_or(0);
    FollowUp { id: matter.id, unit: matter.unit, clause: text("clause"), period: text("period"), year }
}

/// Whether a duty that stands so closes the follow-up about it.
pub(crate) fn is_met(status: Option<Status>) -> bool {
    matches!(status, Some(Status::Met | Status::Late | Status::Waived))
}

/// The follow-ups of a subtree that are closed because their duty is met, though no event says so. Every list and count
/// of matters asks for them, so that all agree. `known` is what was read for the page already.
pub(crate) async fn met(visit: &Visit, at: &Unit, known: Option<&Ledger>) -> Result<Vec<i64>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let open = visit.app.read(move |tx| matter::follow_ups(tx, &scope)).await?;
    let duties = duties(visit, at, &open, known).await?;
    Ok(open.iter().map(|one| one.id).filter(|id| is_met(duties.get(id).copied())).collect())
}

/// How the duties behind follow-ups stand, by the follow-up: one ledger for each year they are about.
pub(crate) async fn duties(
    visit: &Visit,
    at: &Unit,
    all: &[FollowUp],
    known: Option<&Ledger>,
) -> Result<HashMap<i64, Status>, Trouble> {
    let years: BTreeSet<i16> = all.iter().filter_map(|one| i16::try_from(one.year).ok()).filter(|y| *y > 0).collect();
    let mut wanted: HashMap<(i64, &str, &str), Vec<i64>> = HashMap::new();
    for one in all {
        wanted.entry((one.unit, &one.clause, &one.period)).or_default().push(one.id);
    }
    let mut duties = HashMap::new();
    for year in years.into_iter().rev().take(3) {
        let read = match known.filter(|known| known.year() == year) {
            Some(_) => None,
            None => Some(obligation::ledger(visit, at, year, None).await?),
        };
        let Some(ledger) = read.as_deref().or(known) else { continue };
        for one in ledger.owed() {
            let key = one.period.key();
            let about = wanted.get(&(one.unit.id, one.clause.id.as_str(), key.as_str()));
            duties.extend(about.into_iter().flatten().map(|id| (*id, one.status)));
        }
    }
    Ok(duties)
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
pub(crate) fn step_name(visit: &Visit, flow: &str, step: &str) -> String {
    let step = visit.rules.base.flow(flow).and_then(|flow| flow.step(step));
    step.map_or(String::new(), |step| visit.of(&step.name).to_owned())
}

/// What is to be sent about a line of a list by today.
pub(crate) fn ring<'v>(visit: &'v Visit, line: &Line) -> Option<&'v str> {
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

// ---- opening follow-ups, one or hundreds

async fn remind(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.app.read(move |tx| unit::find(tx, id)).await?;
    let opener = opener(visit, &at).await?;
    let picked: Vec<String> = all(&sent.fields, "pick").iter().take(TICKED).cloned().collect();
    if picked.is_empty() {
        return Err(Refusal::rule("请先勾选要提醒的职责", "tick the duties to remind of first").into());
    }
    let year: i16 = one(&sent.fields, "year").parse().unwrap_or(visit.year());
    let ledger = obligation::ledger(visit, &opener, year, None).await?;
    let late = |one: &Obligation| matches!(one.status, Status::Overdue | Status::Open | Status::Awaiting);
    let mut openings = Vec::new();
    for one in ledger.pressing().iter().filter(|one| late(one) && one.unit.id != opener.id) {
        let key = format!("{}/{}/{}", one.unit.id, one.clause.id, one.period.key());
        if picked.contains(&key) {
            let title = format!("{} {}（{}）", one.clause.id, one.clause.text.zh, one.period);
            let data = json!({ "clause": one.clause.id, "period": one.period.key(), "year": one.period.last.year(), "due": one.due.to_string() });
            openings.push((one.unit.clone(), format!("{}/{}", one.clause.id, one.period.key()), title, data));
        }
    }
    let rules = visit.rules.clone();
    let back = format!("/units/{}/follow-ups", opener.id);
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &opener)?;
        let flow = rules.base.flow(FOLLOW_UP).ok_or(luoshi_store::Fault::NotFound)?;
        for (addressee, subject, title, data) in &openings {
            if matter::same(tx, &permit, FOLLOW_UP, addressee.id, subject)?.is_none() {
                let (subject, title, data) = (subject.clone(), title.clone(), data.clone());
                matter::open(tx, &permit, &Opening { flow, addressee, subject, title, data, note: String::new() })?;
            }
        }
        Ok(back.clone())
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
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
