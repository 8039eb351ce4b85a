//! Giving an order, which is split into measures on its own page.

use super::step;
use crate::form::{Complaints, Sent, one, operation, under};
use crate::record::{Filled, question};
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use luoshi_rules::{Flow, Refusal, Unit, Verb, record as fields};
use luoshi_store::matter::{self, Opening};
use luoshi_store::unit;
use maud::{Markup, html};
use std::collections::HashMap;

/// The flow of orders.
const ORDER: &str = "order";

/// Whether the visitor may give orders from a unit.
fn may_order(visit: &Visit, at: &Unit, flow: &Flow) -> bool {
    let permit = visit.actor.permit(&visit.rules.base, Verb::Act, at).ok();
    permit.zip(flow.step.first()).is_some_and(|(permit, first)| first.by.iter().any(|post| permit.acts_as(post)))
}

pub(super) fn order_form(visit: &Visit, at: &Unit, filled: &Filled) -> Markup {
    let Some(flow) = visit.rules.base.flow(ORDER).filter(|flow| may_order(visit, at, flow)) else { return html! {} };
    let Some(first) = flow.step.first() else { return html! {} };
    let key = format!("{}-title", first.id);
    html! {
        details.card open[!filled.complaints.is_empty()] {
            summary { b { (visit.of(&first.button)) } }
            p.help { (visit.say("立项后在该事项页面上分解为措施，各有牵头组织、协办组织和时限。", "Split it into measures on its page afterwards, each with its unit, those that help, and a day.")) }
            form.stack method="post" action={ "/units/" (at.id) "/orders" } {
                (shell::hidden(visit))
                (shell::field(visit.lang, &key, visit.say("事项（记下后不能改）", "The matter (it cannot be changed later)"), "", filled.complaints, html! {
                    textarea id=(key) name=(key) rows="2" maxlength="500" required { (one(filled.fields, &key)) } }))
                @for field in &first.field { (question::ask(visit, &step::own(first, field), filled)) }
                button { (visit.of(&first.button)) }
            }
        }
    }
}

pub(crate) async fn give(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    match try_give(&sent, &at).await {
        Err(Trouble::Refused(refusal)) => {
            let first = visit.rules.base.flow(ORDER).and_then(|flow| flow.step.first());
            let prefix = first.map_or(String::new(), |step| format!("{}-", step.id));
            let complaints = Complaints::new(vec![under(&prefix, refusal)]);
            super::list::page(visit, &at, &HashMap::new(), &Filled { fields: &sent.fields, complaints: &complaints })
                .await
        }
        done => done,
    }
}

async fn try_give(sent: &Sent, at: &Unit) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let flow = visit.rules.base.flow(ORDER).filter(|flow| may_order(visit, at, flow)).ok_or(Trouble::NotFound)?;
    let first = flow.step.first().ok_or(Trouble::NotFound)?;
    let typed = step::typed(first, &sent.fields);
    let title = one(&typed, "title").trim().to_owned();
    if title.is_empty() || title.chars().count() > 500 {
        return Err(Refusal::field("title", "请填写事项，500字以内", "a wording of at most 500 characters").into());
    }
    let data =
        fields::read(&first.field, &typed).map_err(|all| all.into_iter().next().unwrap_or(Refusal::NotAllowed))?;
    let (rules, place, key) = (visit.rules.clone(), at.id, operation(&sent.fields));
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let at = unit::find(tx, place)?;
        let permit = actor.permit(&rules.base, Verb::Act, &at)?;
        let flow = rules.base.flow(ORDER).ok_or(luoshi_store::Fault::NotFound)?;
        let (subject, data) = (format!("{key}"), data.clone());
        let opening = Opening { flow, addressee: &at, subject, title: title.clone(), data, note: String::new() };
        let id = matter::open(tx, &permit, &opening)?;
        Ok(format!("/units/{}/matters/{id}", at.id))
    };
    Ok(visit.act(key, work).await?.into_response())
}
