//! One's own pledges: making them, looking back, agreeing that they are published.

use super::{card, rules};
use crate::form::{Complaints, Fields, Sent, operation};
use crate::record::Filled;
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use luoshi_rules::pledge::Pledges;
use luoshi_rules::{Actor, Permit, Verb};
use luoshi_store::{Fault, Tx, pledge, unit};
use maud::{Markup, html};

/// Where the page is.
const HERE: &str = "/me/pledges";

pub(super) fn routes() -> Routes {
    Routes::new()
        .route(HERE, get(show).post(make))
        .route("/me/pledges/{id}/look-back", post(look_back))
        .route("/me/pledges/{id}/consent", post(consent))
}

async fn show(visit: Visit) -> Result<Markup, Trouble> {
    page(&visit, &Filled { fields: &Fields::new(), complaints: &Complaints::default() }).await
}

async fn page(visit: &Visit, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    visit.in_person()?;
    let (pledges, actor) = (rules(visit)?, visit.actor.clone());
    let mine = visit.app.read(move |tx| pledge::mine(tx, &actor)).await?;
    let title = visit.say("我的承诺", "My pledges").to_owned();
    let head = Page { visit, title, unit: None, year: 0, dated: "", part: Part::Home };
    let year = super::looked_at(pledges, visit.today);
    let of = |one: &pledge::Pledge| year.max(one.standing().year);
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p.help { (visit.say("承诺由本人作、本人回看，一年一次；支部内可以看到，支部以上只计数。同意公开的才出现在公开页上，随时可以撤回。",
            "You make and look back at your pledges yourself, once a year; your branch sees them, above it they are only counted. They stand on the published page only as long as you agree.")) }
        @if mine.is_empty() { p.empty { (visit.say("还没有承诺。", "None yet.")) } }
        @for one in &mine { (card::show(visit, one, (HERE, of(one), true), filled)) }
        (card::form(visit, HERE, filled))
    };
    Ok(shell::page(&head, body))
}

async fn act(
    sent: &Sent,
    work: impl Fn(&Tx, &Permit, &Pledges) -> Result<(), Fault> + Send + 'static,
) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.in_person()?;
    let (rules, pledges) = (visit.rules.clone(), rules(visit)?.clone());
    let work = move |tx: &Tx, actor: &Actor| {
        let permit = actor.permit(&rules.base, Verb::See, &unit::find(tx, actor.home)?)?;
        work(tx, &permit, &pledges)?;
        Ok(HERE.to_owned())
    };
    match visit.act(operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![card::under(&sent.fields, refusal)]);
            let page = page(visit, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
        other => Ok(other?.into_response()),
    }
}

async fn make(sent: Sent) -> Result<Response, Trouble> {
    let made = card::Typed::read(&sent);
    act(&sent, move |tx, permit, pledges| pledge::make(tx, permit, pledges, &made.made()).map(drop)).await
}

async fn look_back(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let back = card::back(&sent, id);
    act(&sent, move |tx, permit, pledges| pledge::look_back(tx, permit, pledges, id, &back)).await
}

async fn consent(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let agreed = card::agreed(&sent);
    act(&sent, move |tx, permit, _| pledge::publish(tx, permit, id, agreed)).await
}
