//! Pledges (承诺践诺): made for a year with a measure of one's own, looked back at once, carried on or closed; counted by
//! unit; published where the pledger agrees.

mod card;
mod mine;
mod published;

use crate::form::{Complaints, Fields, Sent};
use crate::record::Filled;
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::civil::Date;
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::pledge::Pledges;
use luoshi_rules::{Actor, Permit, Unit, Verb};
use luoshi_store::pledge::{self, Count, Pledge, Which};
use luoshi_store::{Fault, Tx};
use maud::{Markup, html};
use std::collections::{BTreeMap, HashMap};

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/{year}/pledges", get(show))
        .route("/units/{unit}/{year}/pledges/published", get(published::show))
        .route("/units/{unit}/pledges", post(make))
        .route("/units/{unit}/pledges/{id}/look-back", post(look_back))
        .route("/units/{unit}/pledges/{id}/consent", post(consent))
        .merge(mine::routes())
}

/// What the pack says of pledges.
fn rules(visit: &Visit) -> Result<&Pledges, Trouble> {
    visit.rules.base.pledge.as_ref().ok_or(Trouble::NotFound)
}

/// The year whose pledges are looked back at now, or were last.
fn looked_at(pledges: &Pledges, today: Date) -> i16 {
    let begun = pledges.window(today.year()).is_some_and(|(from, _)| from <= today);
    if begun { today.year() } else { today.year() - 1 }
}

pub(crate) async fn show(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    page(&visit, (&at, year), &asked, &filled).await
}

async fn page(
    visit: &Visit,
    (at, year): (&Unit, i16),
    asked: &HashMap<String, String>,
    filled: &Filled<'_>,
) -> Result<Response, Trouble> {
    let pledges = rules(visit)?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let near = visit.actor.home == at.id || visit.actor.posts.iter().any(|held| held.unit == at.id);
    let which = if near { Which::Near(at.id) } else { Which::Seen(at.id) };
    let read = move |tx: &Tx| Ok((pledge::counts(tx, &scope, year)?, pledge::list(tx, &scope, year, which)?));
    let (counts, own) = visit.app.read(read).await?;
    let lines = by_unit(&counts);
    if let Some(out) = crate::export::list(asked, || table(visit, pledges, &lines))? {
        return Ok(out);
    }
    let title = format!("{year} {}", visit.say("年承诺践诺", "pledges"));
    let head = Page { visit, title, unit: Some(at), year, dated: "/pledges", part: Part::Records };
    let base = format!("/units/{}/pledges", at.id);
    let writes = visit.may(Verb::Write, at);
    let (units, people): (Vec<&Pledge>, Vec<&Pledge>) = own.iter().partition(|one| one.person == 0);
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p.actions {
            a.button href={ "/units/" (at.id) "/" (year) "/pledges/published" } { (visit.say("公开页", "Published page")) } " "
            a.button href="/me/pledges" { (visit.say("我的承诺", "My own pledges")) }
        }
        (sums(visit, pledges, &counts))
        @if lines.len() > 1 || lines.first().is_some_and(|line| line.unit != at.id) { (rows(visit, pledges, year, &lines)) (shell::formats(visit)) }
        h2 { (visit.say("本组织的承诺", "Pledges of this unit")) " " small { (units.len()) } }
        @if units.is_empty() { p.empty { (visit.say("还没有。", "None yet.")) } }
        @for one in units { (card::show(visit, one, (&base, year, writes), filled)) }
        @if writes { (card::form(visit, &base, filled)) }
        h2 { (visit.say("党员的承诺", "Pledges of members")) " " small { (people.len()) } }
        @if !near { p.help { (visit.say("这里只列出本人同意公开的；其余只计数。", "Only those whose pledgers agreed to publish them; the others are counted.")) } }
        @if people.is_empty() { p.empty { (visit.say("还没有。", "None yet.")) } }
        @for one in people { (card::show(visit, one, (&base, year, false), filled)) }
    };
    Ok(filled.complaints.answer(shell::page(&head, body)))
}

// ---- counted

/// One unit's pledges by how they stand; under the empty key those not yet looked back at.
struct Line<'c> {
    unit: i64,
    name: &'c str,
    states: BTreeMap<&'c str, i64>,
}

fn by_unit(counts: &[Count]) -> Vec<Line<'_>> {
    let mut lines: Vec<Line> = Vec::new();
    for count in counts {
        if lines.last().is_none_or(|line| line.unit != count.unit) {
            lines.push(Line { unit: count.unit, name: &count.name, states: BTreeMap::new() });
        }
        lines.last_mut().into_iter().for_each(|line| {
            line.states.insert(&count.state, count.n);
        });
    }
    lines
}

/// States of the pack, and last that of not having been looked back at.
fn states<'v>(visit: &'v Visit, pledges: &'v Pledges) -> Vec<(&'v str, &'v str)> {
    let named = pledges.state.iter().map(|one| (one.id.as_str(), visit.of(&one.name)));
    named.chain([("", visit.say("未回看", "Not looked back at"))]).collect()
}

fn sums(visit: &Visit, pledges: &Pledges, counts: &[Count]) -> Markup {
    let of = |state: &str| counts.iter().filter(|one| one.state == state).map(|one| one.n).sum::<i64>();
    html! {
        p { (visit.say("共 ", "In all ")) b { (counts.iter().map(|one| one.n).sum::<i64>()) } (visit.say(" 条：", ": "))
            @for (n, (id, name)) in states(visit, pledges).into_iter().enumerate() { @if n > 0 { (visit.say("，", ", ")) } (name) " " b { (of(id)) } } }
    }
}

fn rows(visit: &Visit, pledges: &Pledges, year: i16, lines: &[Line]) -> Markup {
    let states = states(visit, pledges);
    html! {
        table.list {
            thead { tr { th { (visit.say("组织", "Unit")) } @for (_, name) in &states { th.num { (name) } } } }
            @for line in lines.iter().take(500) { tr {
                td { a href={ "/units/" (line.unit) "/" (year) "/pledges" } { (line.name) } }
                @for (id, name) in &states { td.num { small.phone { (name) " " } (line.states.get(id).copied().unwrap_or(0)) } }
            } }
        }
        @if lines.len() > 500 { p.help { (visit.say("先列前 500 个组织，全部请导出", "the first 500 units; export for all")) } }
    }
}

/// A row for each unit and state.
fn table(visit: &Visit, pledges: &Pledges, lines: &[Line]) -> Table {
    let mut table = Table::new(visit.say("承诺践诺", "Pledges"))
        .column("unit", visit.say("组织", "Unit"), Sort::Text)
        .column("state", visit.say("进展", "Stands"), Sort::Text)
        .column("pledges", visit.say("条数", "Pledges"), Sort::Number)
        .key("unit_id");
    for line in lines {
        for (id, name) in states(visit, pledges) {
            let n = line.states.get(id).copied().unwrap_or(0);
            table.rows.push(vec![line.name.into(), name.into(), Cell::Number(n), Cell::Key(line.unit)]);
        }
    }
    table
}

// ---- what is due

/// What awaits a look back, for the to-do page of a unit: its own pledges, those on its roll, and the visitor's.
pub(crate) async fn to_do(visit: &Visit, at: &Unit) -> Result<Markup, Trouble> {
    let Some(pledges) = &visit.rules.base.pledge else { return Ok(html! {}) };
    let year = looked_at(pledges, visit.today);
    let (actor, unit) = (visit.actor.clone(), at.id);
    let (own, roll, mine) = visit.app.read(move |tx| pledge::due(tx, &actor, unit, year)).await?;
    let by = pledges.window(year).map(|(_, by)| by.to_string()).unwrap_or_default();
    let here = format!("/units/{}/{year}/pledges", at.id);
    let writes = visit.may(Verb::Write, at);
    Ok(html! {
        @if own > 0 && writes { p.note { a href=(here) { (visit.say("本组织待回看的承诺：", "Pledges of this unit to look back at: ")) (own) (visit.say("，截止 ", ", by ")) (by) } } }
        @if roll > 0 && writes { p.note { a href=(here) { (visit.say("名册上党员尚未回看的承诺：", "Pledges of people on the roll not yet looked back at: ")) (roll) (visit.say("，由本人回看，截止 ", ", by themselves, by ")) (by) } } }
        @if mine > 0 { p.note { a href="/me/pledges" { (visit.say("我的承诺待回看：", "My own pledges to look back at: ")) (mine) (visit.say("，截止 ", ", by ")) (by) } } }
    })
}

// ---- writing

/// Does something to the pledges of a unit; a refused form is shown again as it was filled.
async fn act(
    sent: &Sent,
    id: i64,
    year: i16,
    work: impl Fn(&Tx, &Permit, &Pledges) -> Result<(), Fault> + Send + 'static,
) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let (at, pledges) = (visit.unit(id, Verb::Write).await?, rules(visit)?.clone());
    let (rules, place) = (visit.rules.clone(), at.clone());
    let work = move |tx: &Tx, actor: &Actor| {
        work(tx, &actor.permit(&rules.base, Verb::Write, &place)?, &pledges)?;
        Ok(format!("/units/{id}/{year}/pledges"))
    };
    match visit.act(crate::form::operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![card::under(&sent.fields, refusal)]);
            page(visit, (&at, year), &HashMap::new(), &Filled { fields: &sent.fields, complaints: &complaints }).await
        }
        other => Ok(other?.into_response()),
    }
}

pub(crate) async fn make(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let made = card::Typed::read(&sent);
    let year = sent.visit.year();
    act(&sent, id, year, move |tx, permit, pledges| pledge::make(tx, permit, pledges, &made.made()).map(drop)).await
}

pub(crate) async fn look_back(Place((id, one)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let back = card::back(&sent, one);
    let year = back.year.clamp(2000, 2100);
    act(&sent, id, year, move |tx, permit, pledges| pledge::look_back(tx, permit, pledges, one, &back)).await
}

pub(crate) async fn consent(Place((id, one)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let (agreed, year) = (card::agreed(&sent), sent.visit.year());
    act(&sent, id, year, move |tx, permit, _| pledge::publish(tx, permit, one, agreed)).await
}
