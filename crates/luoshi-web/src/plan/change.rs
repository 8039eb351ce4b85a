//! Changing a plan: to another day by one box, or all of it by its form.

use super::Form;
use crate::form::{Complaints, Fields, Sent, day, one, operation};
use crate::obligation::kind_name;
use crate::record::Filled;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use luoshi_rules::{Unit, Verb};
use luoshi_store::plan::{self, Plan};
use maud::{Markup, html};

pub(super) async fn show(visit: Visit, Place((id, plan)): Place<(i64, i64)>) -> Result<Markup, Trouble> {
    let (at, plan) = found(&visit, id, plan).await?;
    let fields = [
        ("was", plan.on.to_string()),
        ("on", plan.on.to_string()),
        ("at", plan.at.clone()),
        ("topic", plan.topic.clone()),
        ("place", plan.place.clone()),
        ("reading", plan.reading.clone()),
    ];
    let fields: Fields = fields.into_iter().map(|(key, value)| (key.to_owned(), vec![value])).collect();
    Ok(page(&visit, (&at, &plan), &Filled { fields: &fields, complaints: &Complaints::default() }))
}

async fn found(visit: &Visit, id: i64, plan: i64) -> Result<(Unit, Plan), Trouble> {
    let at = visit.unit(id, Verb::Write).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, &at)?;
    let plan = visit.app.read(move |tx| plan::find(tx, &scope, (id, plan))).await?;
    Ok((at, plan))
}

fn page(visit: &Visit, (at, plan): (&Unit, &Plan), filled: &Filled) -> Markup {
    let title = format!("{}{}", visit.say("修改安排：", "Change: "), kind_name(visit, &plan.kind));
    let head = Page { visit, title, unit: Some(at), year: plan.on.year(), dated: "", part: Part::Records };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        form.stack method="post" action={ "/units/" (at.id) "/plans/" (plan.id) } {
            (shell::hidden(visit))
            input type="hidden" name="was" value=(one(filled.fields, "was"));
            (Form { visit, filled }.fields())
            button.main { (visit.say("保存", "Save")) }
        }
        form method="post" action={ "/units/" (at.id) "/plans/" (plan.id) "/cancel" } {
            (shell::hidden(visit)) button { (visit.say("取消这次安排", "Cancel it")) } }
    };
    shell::page(&head, body)
}

pub(crate) async fn save(Place((id, plan)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let text = |key: &str| one(&sent.fields, key).chars().take(200).collect::<String>();
    let words = [text("at"), text("topic"), text("place"), text("reading")];
    write(&sent, (id, plan), move |plan| {
        let [at, topic, place, reading] = words.clone();
        Plan { at, topic, place, reading, ..plan }
    })
    .await
}

/// Moves a plan to another day and leaves the rest as it is.
pub(crate) async fn put_off(Place((id, plan)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    write(&sent, (id, plan), |plan| plan).await
}

async fn write(sent: &Sent, (id, plan): (i64, i64), edit: impl Fn(Plan) -> Plan) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let (at, known) = found(visit, id, plan).await?;
    match try_write(sent, &at, edit(known.clone())).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = page(visit, (&at, &known), &Filled { fields: &sent.fields, complaints: &complaints });
            Ok(complaints.answer(page))
        }
        other => other,
    }
}

async fn try_write(sent: &Sent, at: &Unit, known: Plan) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let was: Date = one(&sent.fields, "was").parse().unwrap_or(known.on);
    let changed = Plan { on: day(&sent.fields, "on")?, ..known };
    let (rules, place) = (visit.rules.clone(), at.clone());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &place)?;
        plan::change(tx, &permit, &changed, was)?;
        Ok(format!("/units/{}/{}/plan#plan-{}", place.id, changed.on.year(), changed.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}
