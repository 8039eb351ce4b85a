//! Turns: passing a matter on to another unit, and saying who helps with it from today and who no longer does.

use super::{one, part};
use crate::form::{Complaints, Sent, one as value, operation};
use crate::record::Filled;
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use luoshi_rules::{Flow, Matter, Refusal, Unit, Verb};
use luoshi_store::{Tx, matter, unit};
use maud::{Markup, html};

/// The units that help, by name, for whoever may change that.
pub(super) async fn helpers(visit: &Visit, matter: &Matter, runs: Option<(i64, bool)>) -> Result<Vec<Unit>, Trouble> {
    if runs.is_none() || matter.helpers.is_empty() {
        return Ok(Vec::new());
    }
    let all = matter.helpers.clone();
    visit.app.read(move |tx| all.iter().map(|id| unit::find(tx, *id)).collect()).await
}

/// The forms: pass it on, somebody helps, somebody no longer helps.
pub(super) fn forms(
    visit: &Visit,
    (matter, flow): (&Matter, &Flow),
    (runs, helpers): (Option<(i64, bool)>, &[Unit]),
    filled: &Filled,
) -> Markup {
    let fixed = ["transfer", "handover", "proposal", "follow-up"].contains(&flow.id.as_str()) || flow.beside;
    let Some((unit, opener)) = runs.filter(|_| !fixed) else { return html! {} };
    let action = format!("/units/{unit}/matters/{}/turns", matter.id);
    let sent = value(filled.fields, "turn");
    let form = |key: &str, name: &str, ask_unit: Markup| {
        html! { form.stack method="post" action=(action) {
            (shell::hidden(visit))
            input type="hidden" name="turn" value=(key);
            (ask_unit)
            (shell::field(visit.lang, &format!("{key}-why"), visit.say("原因", "Why"), "", filled.complaints, html! {
                input id={ (key) "-why" } name="why" required maxlength="500" value=(if sent == key { value(filled.fields, "why") } else { "" }); }))
            button { (name) }
        } }
    };
    let named = |key: &str, label: &str| {
        shell::field(
            visit.lang,
            &format!("{key}-unit"),
            label,
            "",
            filled.complaints,
            html! {
            input id={ (key) "-unit" } name="unit" required maxlength="100" value=(if sent == key { value(filled.fields, "unit") } else { "" }); },
        )
    };
    let passes = opener && (matter.parent != 0 || matter.round == 0);
    html! {
        @if passes { details.card open[sent == "pass"] { summary { b { (visit.say("转由其他组织承接", "Pass it on to another unit")) } }
            p.help { (visit.say("期限不变；原组织仍可查看。", "The limit stays; the unit that had it goes on seeing it.")) }
            (form("pass", visit.say("转交", "Pass it on"), named("pass", visit.say("承接组织（名称）", "Unit that takes it over (name)")))) } }
        details.card open[sent == "help" || sent == "end"] { summary { b { (visit.say("协办组织", "Units that help")) } " " small { (helpers.len()) } }
            @for helper in helpers {
                (form("end", visit.say("结束协办", "No longer helps"), html! { p { b { (helper.short_name) } } input type="hidden" name="helper" value=(helper.id); }))
            }
            (form("help", visit.say("增加协办", "Let it help"), named("help", visit.say("协办组织（名称）", "Unit that helps (name)")))) }
    }
}

pub(crate) async fn change(Place((id, matter)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    match try_change(&sent, &at, matter).await {
        Err(Trouble::Refused(refusal)) => {
            let form = format!("{}-", value(&sent.fields, "turn"));
            let complaints = Complaints::new(vec![crate::form::under(&form, refusal)]);
            let page = one::page(visit, &at, matter, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
        done => done,
    }
}

async fn try_change(sent: &Sent, at: &Unit, matter: i64) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    one::whole(visit, at, matter).await?;
    let turn = value(&sent.fields, "turn").to_owned();
    let other = match turn.as_str() {
        "end" => value(&sent.fields, "helper").parse().map_err(|_| Trouble::NotFound)?,
        "pass" | "help" => part::named(visit, at, value(&sent.fields, "unit"), "unit").await?,
        _ => return Err(Refusal::rule("请选择要办理的事：转交、增加或结束协办", "say what is to change").into()),
    };
    let (rules, at, why) = (visit.rules.clone(), at.clone(), value(&sent.fields, "why").to_owned());
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &at)?;
        match turn.as_str() {
            "pass" => matter::pass_on(tx, &permit, &rules.base, matter, (&unit::find(tx, other)?, &why))?,
            "help" => matter::help(tx, &permit, &rules.base, matter, (&unit::find(tx, other)?, &why))?,
            _ => matter::end_help(tx, &permit, &rules.base, matter, (other, &why))?,
        }
        Ok(format!("/units/{}/matters/{matter}", at.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}
