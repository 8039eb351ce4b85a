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
use luoshi_rules::{Flow, Refusal, Unit, Verb, record as fields};
use luoshi_store::matter::{self, Line, Opening, proposal};
use luoshi_store::unit;
use maud::{Markup, html};

/// Where the page is.
const HERE: &str = "/me/proposals";
/// Most characters of a title.
const TITLE: usize = 80;

pub fn routes() -> Routes {
    Routes::new().route(HERE, get(show).post(raise)).route("/me/proposals/{id}/steps", post(reply))
}

async fn show(visit: Visit) -> Result<Markup, Trouble> {
    page(&visit, &Filled { fields: &Fields::new(), complaints: &Complaints::default() }).await
}

fn flow(visit: &Visit) -> Result<&Flow, Trouble> {
    visit.rules.base.flow(proposal::FLOW).ok_or(Trouble::NotFound)
}

async fn page(visit: &Visit, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    visit.in_person()?;
    let (flow, actor) = (flow(visit)?, visit.actor.clone());
    let read = move |tx: &luoshi_store::Tx| {
        let above = unit::ancestry(tx, &unit::find(tx, actor.home)?)?;
        Ok((above, proposal::mine(tx, &actor)?))
    };
    let (above, mine) = visit.app.read(read).await?;
    let title = visit.say("意见建议", "Proposals").to_owned();
    let head = Page { visit, title, unit: None, year: 0, dated: "", part: Part::Home };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        (raise_form(visit, flow, &above, filled))
        h2 { (visit.say("我提过的", "What I raised")) }
        @if mine.is_empty() { p.empty { (visit.say("还没有提过。", "Nothing yet.")) } }
        @for line in &mine { (raised(visit, flow, line)) }
    };
    Ok(shell::page(&head, body))
}

fn raise_form(visit: &Visit, flow: &Flow, above: &[Unit], filled: &Filled) -> Markup {
    let Some(first) = flow.step.first() else { return html! {} };
    let (title, unit, plain) =
        (one(filled.fields, "raised-title"), one(filled.fields, "raised-unit"), one(filled.fields, "plain"));
    let mut addressees: Vec<&Unit> = above.iter().rev().filter(|unit| unit.dissolved.is_none()).collect();
    addressees.truncate(6);
    html! {
        section.card {
            h2 { (visit.say("提意见、建议", "Raise something")) }
            p.help { (visit.say("对工作有意见、有建议都可以提，十个工作日内答复。您是谁按您选的署名显示；不署名的，办理组织、上级和审计页面都看不到，系统只用它让您看到答复。",
                "Say what could be done better; it is answered within ten working days. Your name is shown as you choose: where it is shown to nobody, neither the unit, nor those above it, nor the audit page see it; the program keeps it to show you the answer.")) }
            form.stack method="post" action=(HERE) {
                (shell::hidden(visit))
                (shell::field(visit.lang, "raised-unit", visit.say("提给", "To"), "", filled.complaints, html! {
                    select #raised-unit name="raised-unit" { @for one in &addressees { option value=(one.id) selected[unit == one.id.to_string()] { (one.short_name) } } } }))
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
    let next = matter.state(flow).map_or(&[][..], |step| &step.then);
    let own = next.iter().filter_map(|id| flow.step(id)).filter(|step| step.person.is_some());
    // several of them may be at one step: which was refused is said above them
    let fresh = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    html! {
        section.card {
            h3 { (matter.title) }
            p { (visit.say("提给 ", "to ")) (line.unit_name) " · " (matter.opened) " · " b { (state(visit, matter)) }
                @if let Some(day) = limit(visit, matter) { " · " (visit.say("答复期限 ", "to be answered by ")) (day) " " (days(visit, day)) } }
            @for field in flow.step.first().map_or(&[][..], |step| &step.field) {
                p { small { (visit.of(&field.name)) } " " span.long { (step::answer(visit, field, &matter.data[&field.id])) } }
            }
            (timeline(visit, matter, flow, &[]))
            @for step in own { (step::step_form(visit, &format!("{HERE}/{}/steps", matter.id), step, &fresh)) }
        }
    }
}

async fn raise(sent: Sent) -> Result<Response, Trouble> {
    match try_raise(&sent).await {
        Err(Trouble::Refused(refusal)) => again(&sent, under("raised-", refusal)).await,
        done => done,
    }
}

/// The page as it was sent, with what was wrong.
async fn again(sent: &Sent, refusal: Refusal) -> Result<Response, Trouble> {
    let complaints = Complaints::new(vec![refusal]);
    let page = page(&sent.visit, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
    Ok(complaints.answer(page))
}

async fn try_raise(sent: &Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.in_person()?;
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
        proposal::raise(tx, &permit, &opening)?;
        Ok(HERE.to_owned())
    };
    Ok(visit.act(key, work).await?.into_response())
}

/// Says whether an answer will do.
async fn reply(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.in_person()?;
    let to = one(&sent.fields, "to").to_owned();
    let step = flow(visit)?.step(&to).filter(|step| step.person.is_some()).ok_or(Trouble::NotFound)?;
    let taken = step::read(&sent, (None, step)).await;
    let rules = visit.rules.clone();
    let work = |told: Told| {
        let to = to.clone();
        move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
            let permit = actor.permit(&rules.base, Verb::See, &unit::find(tx, actor.home)?)?;
            matter::take(tx, &permit, &rules.base, id, &told.taken(&to))?;
            Ok(HERE.to_owned())
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
