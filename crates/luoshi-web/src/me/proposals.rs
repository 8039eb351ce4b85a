//! Proposals: what one raised, how it was answered, and raising another.

use crate::form::{Complaints, Fields, Sent, one, operation, under};
use crate::matter::step::Told;
use crate::matter::{limit, state, step, timeline};
use crate::obligation::days;
use crate::record::{Filled, question};
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use luoshi_rules::flow::Step;
use luoshi_rules::{Flow, Refusal, Unit, Verb, record as fields};
use luoshi_store::matter::{self, Line, Opening, proposal};
use luoshi_store::unit;
use maud::{Markup, html};

/// Where the page is.
const HERE: &str = "/me/proposals";
/// Most characters of a title.
const TITLE: usize = 80;
/// To how many units above one may be raised.
const ADDRESSEES: usize = 6;

/// What somebody raised, and those to whom they may raise more: the units above them, the nearest first.
pub(crate) struct Found {
    pub raised: Vec<Line>,
    pub addressees: Vec<Unit>,
}

pub fn routes() -> Routes {
    Routes::new().route(HERE, get(show).post(raise)).route("/me/proposals/{id}/steps", post(reply))
}

async fn show(visit: Visit) -> Result<Markup, Trouble> {
    page(&visit, &Filled { fields: &Fields::new(), complaints: &Complaints::default() }).await
}

pub(crate) fn flow(visit: &Visit) -> Result<&Flow, Trouble> {
    visit.rules.base.flow(proposal::FLOW).ok_or(Trouble::NotFound)
}

/// What the page shows.
pub(crate) async fn find(visit: &Visit) -> Result<Found, Trouble> {
    visit.on_proposals()?;
    let actor = visit.actor.clone();
    let read = move |tx: &luoshi_store::Tx| {
        let mut addressees = unit::ancestry(tx, &unit::find(tx, actor.home)?)?;
        addressees.reverse();
        addressees.retain(|unit| unit.dissolved.is_none());
        addressees.truncate(ADDRESSEES);
        Ok(Found { raised: proposal::mine(tx, &actor)?, addressees })
    };
    visit.app.read(read).await
}

/// The steps by which whoever raised it may say now whether an answer will do.
pub(crate) fn replies<'f>(flow: &'f Flow, line: &Line) -> Vec<&'f Step> {
    let next = line.matter.state(flow).map_or(&[][..], |step| &step.then);
    next.iter().filter_map(|id| flow.step(id)).filter(|step| step.person.is_some()).collect()
}

async fn page(visit: &Visit, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let (found, flow) = (find(visit).await?, flow(visit)?);
    let title = visit.say("意见建议", "Proposals").to_owned();
    let head = Page { visit, title, unit: None, year: 0, dated: "", part: Part::Home };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        (raise_form(visit, flow, &found.addressees, filled))
        h2 { (visit.say("我提过的", "What I raised")) }
        @if found.raised.is_empty() { p.empty { (visit.say("还没有提过。", "Nothing yet.")) } }
        @for line in &found.raised { (raised(visit, flow, line)) }
    };
    Ok(shell::page(&head, body))
}

fn raise_form(visit: &Visit, flow: &Flow, addressees: &[Unit], filled: &Filled) -> Markup {
    let Some(first) = flow.step.first() else { return html! {} };
    let (title, unit, plain) =
        (one(filled.fields, "raised-title"), one(filled.fields, "raised-unit"), one(filled.fields, "plain"));
    html! {
        section.card {
            h2 { (visit.say("提意见、建议", "Raise something")) }
            p.help { (visit.say("对工作有意见、有建议都可以提，十个工作日内答复。您是谁按您选的署名显示；不署名的，办理组织、上级和审计页面都看不到，系统只用它让您看到答复。",
                "Say what could be done better; it is answered within ten working days. Your name is shown as you choose: where it is shown to nobody, neither the unit, nor those above it, nor the audit page see it; the program keeps it to show you the answer.")) }
            form.stack method="post" action=(HERE) {
                (shell::hidden(visit))
                (shell::field(visit.lang, "raised-unit", visit.say("提给", "To"), "", filled.complaints, html! {
                    select #raised-unit name="raised-unit" { @for one in addressees { option value=(one.id) selected[unit == one.id.to_string()] { (one.short_name) } } } }))
                (shell::field(visit.lang, "raised-title", visit.say("一句话说清", "In one sentence"), "", filled.complaints, html! {
                    input #raised-title name="raised-title" maxlength=(TITLE) required value=(title); }))
                @for field in &first.field { (question::ask(visit, &step::own(first, field), filled)) }
                (shell::field(visit.lang, "plain", "", "", filled.complaints, html! {
                    label { input type="checkbox" name="plain" value="1" required checked[!plain.is_empty()]; " "
                        (visit.say("我说的是工作，不是反映某个人违纪违法：那要走信访举报渠道，本系统不收", "This is about work, and reports nobody's misconduct: that goes to the offices for petitions and reports, and is not taken here")) } }))
                button.main { (visit.of(&first.button)) }
            }
        }
    }
}

/// One of them: how it stands, what was answered, and saying whether that will do.
fn raised(visit: &Visit, flow: &Flow, line: &Line) -> Markup {
    let matter = &line.matter;
    // several of them may be at one step: which was refused is said above them
    let fresh = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    html! {
        section.card #{ "proposal-" (matter.id) } {
            h3 { (matter.title) }
            p { (visit.say("提给 ", "to ")) (line.unit_name) " · " (matter.opened) " · " b { (state(visit, matter)) }
                @if let Some(day) = limit(visit, matter) { " · " (visit.say("答复期限 ", "to be answered by ")) (day) " " (days(visit, day)) } }
            @for field in flow.step.first().map_or(&[][..], |step| &step.field) {
                p { small { (visit.of(&field.name)) } " " span.long { (step::answer(visit, field, &matter.data[&field.id])) } }
            }
            (timeline(visit, matter, flow, &[]))
            @for step in replies(flow, line) { (step::step_form(visit, &format!("{HERE}/{}/steps", matter.id), step, &fresh)) }
        }
    }
}

pub(crate) async fn raise(sent: Sent) -> Result<Response, Trouble> {
    match try_raise(&sent).await {
        Err(Trouble::Refused(refusal)) => again(&sent, under("raised-", refusal)).await,
        done => done,
    }
}

/// Where a proposal stands on the page.
fn address(id: i64) -> String {
    format!("{HERE}#proposal-{id}")
}

/// The page as it was sent, with what was wrong.
async fn again(sent: &Sent, refusal: Refusal) -> Result<Response, Trouble> {
    let complaints = Complaints::new(vec![refusal]);
    let page = page(&sent.visit, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
    Ok(complaints.answer(page))
}

async fn try_raise(sent: &Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.on_proposals()?;
    let first = flow(visit)?.step.first().ok_or(Trouble::NotFound)?;
    let typed = step::typed(first, &sent.fields);
    let title = one(&typed, "title").trim().to_owned();
    if title.is_empty() || title.chars().count() > TITLE {
        return Err(Refusal::field(
            "title",
            "请用一句话说清，80字以内",
            "say it in one sentence of at most 80 characters",
        )
        .into());
    }
    if one(&sent.fields, "plain").is_empty() {
        let zh = "请确认说的是工作；反映个人违纪违法请走信访举报渠道，这里没有保存";
        let en = "please confirm that it is about work; what reports misconduct goes elsewhere, and nothing was kept";
        return Err(Refusal::rule(zh, en).into());
    }
    let data =
        fields::read(&first.field, &typed).map_err(|all| all.into_iter().next().unwrap_or(Refusal::NotAllowed))?;
    let to: i64 =
        one(&typed, "unit").parse().map_err(|_| Refusal::field("unit", "请选择提给谁", "choose whom it is for"))?;
    let (rules, key) = (visit.rules.clone(), operation(&sent.fields));
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::See, &unit::find(tx, actor.home)?)?;
        let (flow, addressee) =
            (rules.base.flow(proposal::FLOW).ok_or(luoshi_store::Fault::NotFound)?, unit::find(tx, to)?);
        let (subject, note) = (key.to_string(), String::new());
        let opening = Opening { flow, addressee: &addressee, subject, title: title.clone(), data: data.clone(), note };
        Ok(address(proposal::raise(tx, &permit, &opening)?))
    };
    Ok(visit.act(key, work).await?.into_response())
}

/// Says whether an answer will do.
pub(crate) async fn reply(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.on_proposals()?;
    let to = one(&sent.fields, "to").to_owned();
    let step = flow(visit)?.step(&to).filter(|step| step.person.is_some()).ok_or(Trouble::NotFound)?;
    let taken = step::read(&sent, (None, step)).await;
    let rules = visit.rules.clone();
    let work = |told: Told| {
        let to = to.clone();
        move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
            let permit = actor.permit(&rules.base, Verb::See, &unit::find(tx, actor.home)?)?;
            matter::take(tx, &permit, &rules.base, id, &told.taken(&to))?;
            Ok(address(id))
        }
    };
    let done = match taken {
        Ok(taken) => visit.act(operation(&sent.fields), work(taken)).await,
        Err(trouble) => Err(trouble),
    };
    match done {
        Err(Trouble::Refused(refusal)) => again(&sent, under(&format!("{to}-"), refusal)).await,
        other => Ok(other?.into_response()),
    }
}
