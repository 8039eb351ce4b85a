//! Looking over the measures of a document: mend, merge, add, leave out, and make matters of the rest.

use super::finding::Finding;
use super::owner::Addressees;
use super::page::{self, Review};
use super::{giver, units};
use crate::form::{Complaints, Fields, Sent, one, operation};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use luoshi_rules::{Actor, Pack, Permit, Refusal, Unit, Verb};
use luoshi_store::intake::{self, Intake, Made};
use luoshi_store::matter::Opening;
use luoshi_store::{Fault, Tx, plan};
use maud::Markup;
use serde_json::json;
use std::collections::HashSet;

/// The flow of the matters that are made.
pub(super) const FLOW: &str = "directive";
/// Matters made at once, at most.
const MOST: usize = 2_000;
/// Characters of the title of a matter.
const TITLE: usize = 200;

/// A document at the unit that gives its orders.
pub(crate) struct Desk {
    at: Unit,
    pub(crate) intake: Intake,
    pub(crate) made: Vec<Made>,
    pub(crate) findings: Vec<Finding>,
}

impl Desk {
    pub(crate) async fn open(visit: &Visit, unit: i64, id: i64) -> Result<Desk, Trouble> {
        let at = giver(visit, unit).await?;
        let permit = visit.actor.permit(&visit.rules.base, Verb::Act, &at)?;
        let (intake, made) =
            visit.app.read(move |tx| Ok((intake::find(tx, &permit, id)?, intake::made(tx, &permit, id)?))).await?;
        let findings = serde_json::from_value(intake.document.findings.clone()).map_err(Trouble::broken)?;
        Ok(Desk { at, intake, made, findings })
    }

    fn address(&self) -> String {
        format!("/units/{}/intake/{}", self.at.id, self.intake.id)
    }

    /// The measures as typed; what has been made stays as it was.
    fn typed(&self, fields: &Fields) -> Vec<Finding> {
        let done: HashSet<i64> = self.made.iter().map(|made| made.seq).collect();
        let typed = |one: &Finding| if done.contains(&one.seq) { one.clone() } else { one.typed(fields) };
        self.findings.iter().map(typed).collect()
    }

    async fn page(&self, visit: &Visit, findings: &[Finding], refusals: Vec<Refusal>) -> Result<Markup, Trouble> {
        let units = units(visit, &self.at).await?;
        let complaints = Complaints::new(refusals);
        let addressees = Addressees { units: &units, giver: self.at.id, pack: &visit.rules.base };
        Ok(page::show(&Review {
            visit,
            at: &self.at,
            intake: &self.intake,
            made: &self.made,
            findings,
            addressees: &addressees,
            complaints: &complaints,
            address: self.address(),
        }))
    }

    async fn again(&self, visit: &Visit, findings: &[Finding], refusals: Vec<Refusal>) -> Result<Response, Trouble> {
        let complaints = Complaints::new(refusals.clone());
        Ok(complaints.answer(self.page(visit, findings, refusals).await?))
    }
}

pub(super) async fn show(visit: Visit, Place((unit, id)): Place<(i64, i64)>) -> Result<Markup, Trouble> {
    let desk = Desk::open(&visit, unit, id).await?;
    let (actor, form) = (visit.actor.clone(), desk.address());
    let draft = visit.app.read(move |tx| plan::draft(tx, &actor, &form)).await?;
    let kept: Option<Fields> = draft.and_then(|json| serde_json::from_value(json).ok());
    // what was typed over an older state says nothing about this one
    let kept = kept.filter(|fields| one(fields, "edition") == desk.intake.version.to_string());
    let findings = kept.map_or(desk.findings.clone(), |fields| desk.typed(&fields));
    desk.page(&visit, &findings, Vec::new()).await
}

// ---- mending

pub(crate) async fn save(Place((unit, id)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let desk = Desk::open(visit, unit, id).await?;
    let mut findings = desk.typed(&sent.fields);
    let act = one(&sent.fields, "act");
    if let Some(seq) = act.strip_prefix("merge-").and_then(|seq| seq.parse().ok()) {
        findings = merged(findings, seq);
    } else if act == "add" {
        let seq = findings.iter().map(|one| one.seq).max().unwrap_or(0) + 1;
        findings.push(Finding { seq, kind: "other".into(), ..Finding::default() });
    }
    let (rules, at, back) = (visit.rules.clone(), desk.at.clone(), desk.address());
    let (version, kept) = (edition(&sent.fields), json!(findings));
    let work = move |tx: &Tx, actor: &Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &at)?;
        intake::save(tx, &permit, (id, version), &kept)?;
        plan::drop_draft(tx, actor, &back)?;
        Ok(back.clone())
    };
    match visit.act(operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal)) => desk.again(visit, &findings, vec![refusal]).await,
        other => Ok(other?.into_response()),
    }
}

fn edition(fields: &Fields) -> i64 {
    one(fields, "edition").parse().unwrap_or(0)
}

/// A measure becomes part of the one before it.
fn merged(mut findings: Vec<Finding>, seq: i64) -> Vec<Finding> {
    let Some(at) = findings.iter().position(|one| one.seq == seq).filter(|at| *at > 0) else { return findings };
    let next = findings.remove(at);
    if let Some(before) = findings.get_mut(at - 1) {
        *before = before.with(&next);
    }
    findings
}

// ---- making matters

/// A measure that is to become matters of these units by this day.
struct Order {
    finding: Finding,
    units: Vec<Unit>,
    by: Date,
}

pub(crate) async fn make(Place((unit, id)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let desk = Desk::open(visit, unit, id).await?;
    let findings = desk.typed(&sent.fields);
    let units = units(visit, &desk.at).await?;
    let addressees = Addressees { units: &units, giver: desk.at.id, pack: &visit.rules.base };
    let orders = match orders(&desk, &findings, &addressees) {
        Ok(orders) => orders,
        Err(refusals) => return desk.again(visit, &findings, refusals).await,
    };
    let (rules, at, back, intake) = (visit.rules.clone(), desk.at.clone(), desk.address(), desk.intake.clone());
    let (version, kept) = (edition(&sent.fields), json!(findings));
    let work = move |tx: &Tx, actor: &Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &at)?;
        intake::save(tx, &permit, (id, version), &kept)?;
        carry(tx, &permit, &rules.base, (&intake, &orders))?;
        plan::drop_draft(tx, actor, &back)?;
        Ok(back.clone())
    };
    match visit.act(operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal)) => desk.again(visit, &findings, vec![refusal]).await,
        other => Ok(other?.into_response()),
    }
}

/// Opens a matter for each order and unit.
fn carry(tx: &Tx, permit: &Permit, pack: &Pack, (intake, orders): (&Intake, &[Order])) -> Result<usize, Fault> {
    let flow = pack.flow(FLOW).ok_or(Fault::NotFound)?;
    let mut made = 0;
    for order in orders {
        for addressee in &order.units {
            let opening = opening(flow, addressee, order, intake);
            made += usize::from(intake::make(tx, permit, (intake.id, order.finding.seq), &opening)?.is_some());
        }
    }
    Ok(made)
}

/// Makes matters of all ticked measures of a document as they stand; returns how many. For building demonstrations.
pub fn make_ticked(tx: &Tx, permit: &Permit, pack: &Pack, (units, id): (&[Unit], i64)) -> Result<usize, Fault> {
    let intake = intake::find(tx, permit, id)?;
    let findings: Vec<Finding> =
        serde_json::from_value(intake.document.findings.clone()).map_err(|error| Fault::Engine(error.to_string()))?;
    let addressees = Addressees { units, giver: permit.unit(), pack };
    let ticked = findings.iter().filter(|one| one.take);
    let orders: Vec<Order> = ticked.filter_map(|one| order(one, &addressees).ok()).collect();
    carry(tx, permit, pack, (&intake, &orders))
}

/// The ticked measures that are not made yet, ready to be made; otherwise everything that is wrong with them.
fn orders(desk: &Desk, findings: &[Finding], addressees: &Addressees<'_>) -> Result<Vec<Order>, Vec<Refusal>> {
    let (mut orders, mut wrong) = (Vec::new(), Vec::new());
    let done: HashSet<i64> = desk.made.iter().map(|made| made.seq).collect();
    for finding in findings.iter().filter(|one| one.take && !done.contains(&one.seq)) {
        match order(finding, addressees) {
            Ok(order) => orders.push(order),
            Err(refusals) => wrong.extend(refusals),
        }
    }
    let count: usize = orders.iter().map(|order| order.units.len()).sum();
    if wrong.is_empty() && orders.is_empty() {
        wrong.push(Refusal::rule("请先勾选要交办的措施", "tick the measures to make matters of"));
    } else if count > MOST {
        wrong.push(Refusal::rule(
            format!("一次最多交办 {MOST} 项，这次有 {count} 项，请分几次"),
            format!("at most {MOST} matters at once, these are {count}: make them in parts"),
        ));
    }
    if wrong.is_empty() { Ok(orders) } else { Err(wrong) }
}

fn order(finding: &Finding, addressees: &Addressees<'_>) -> Result<Order, Vec<Refusal>> {
    let key = |name: &str| format!("{name}-{}", finding.seq);
    let mut wrong = Vec::new();
    if finding.text.is_empty() {
        wrong.push(Refusal::field(key("text"), "请写明要做什么", "please say what is to be done"));
    }
    let by = finding.by.parse().ok();
    if by.is_none() {
        wrong.push(Refusal::field(key("by"), "请填办结日期，如 2023-06-30", "please give the day, such as 2023-06-30"));
    }
    match (addressees.read(&finding.owners), by) {
        (Ok(units), Some(by)) if wrong.is_empty() => {
            return Ok(Order { finding: finding.clone(), units: units.into_iter().cloned().collect(), by });
        }
        (Err(why), _) => wrong.push(Refusal::field(key("owners"), why.zh, why.en)),
        _ => {}
    }
    Err(wrong)
}

/// The matter that a unit gets: its wording is that of the measure, its sentence and document come with it.
fn opening<'a>(flow: &'a luoshi_rules::Flow, addressee: &'a Unit, order: &Order, intake: &Intake) -> Opening<'a> {
    let one = &order.finding;
    let sentence = intake.document.body.get(one.from..one.until).unwrap_or_default();
    let data = json!({
        "intake": intake.id, "measure": one.seq, "by": order.by.to_string(), "document": intake.document.title,
        "sentence": sentence, "due_words": one.due, "sort": one.kind, "quantity": one.quantity, "speaker": one.speaker,
        "asked": one.posts,
    });
    Opening {
        flow,
        addressee,
        subject: format!("{}/{}", intake.id, one.seq),
        title: one.text.chars().take(TITLE).collect(),
        data,
        note: String::new(),
    }
}
