//! Calendar feeds: an address that a calendar program subscribes to, made, shown once, revoked. Programs that send a name
//! and a password read the same at an address in which nothing secret stands.

use crate::form::{Complaints, Sent, one};
use crate::me::moment;
use crate::obligation::kind_name;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::ToSpan;
use luoshi_office::calendar::{Event, calendar};
use luoshi_rules::{Lang, Refusal, Verb};
use luoshi_store::plan::{self, Plan};
use luoshi_store::{feed, secret, unit};
use maud::{Markup, html};
use std::collections::HashMap;

/// The address in which nothing secret stands.
pub(crate) const PLAIN: &str = "/calendar.ics";

pub(super) async fn show(visit: Visit, Query(asked): Query<HashMap<String, String>>) -> Result<Markup, Trouble> {
    let unit = asked.get("unit").and_then(|text| text.parse().ok()).unwrap_or(0);
    page(&visit, unit, &Complaints::default(), html! {}).await
}

async fn page(visit: &Visit, wanted: i64, complaints: &Complaints, note: Markup) -> Result<Markup, Trouble> {
    visit.in_person()?;
    let at = if wanted == 0 { None } else { Some(visit.unit(wanted, Verb::See).await?) };
    let actor = visit.actor.clone();
    let all = visit.app.read(move |tx| feed::list(tx, &actor)).await?;
    let title = visit.say("日历订阅", "Calendar addresses").to_owned();
    let head = Page { visit, title, unit: at.as_ref(), year: 0, dated: "", part: Part::Home };
    let offer = |unit: i64, words: String| {
        html! { form method="post" action="/me/calendar" { (shell::hidden(visit))
        input type="hidden" name="unit" value=(unit); button { (words) } } }
    };
    let body = html! {
        (note)
        (shell::complaints(visit, complaints))
        p.help { (visit.say("把地址添加到手机或电脑的日历程序（“订阅日历”），会议安排会自动出现并更新。知道地址的人都能看到这些安排，请勿转发；撤销后立即失效。",
            "Add the address to a calendar program (“subscribe”): what is planned appears there and stays up to date. Whoever knows the address sees the plans: do not pass it on. Revoked, it is dead at once.")) }
        div.actions {
            @if let Some(at) = &at { (offer(at.id, format!("{}{}", visit.say("生成日历地址：", "Make an address: "), at.short_name))) }
            (offer(0, visit.say("生成我的日历地址（本人所在和任职的组织）", "Make an address of my own (all my units)").to_owned()))
        }
        @if all.is_empty() { p.empty { (visit.say("还没有日历地址。", "No address yet.")) } }
        @else { table.list {
            thead { tr { th { (visit.say("内容", "What")) } th { (visit.say("生成于", "Made")) } th {} } }
            @for line in &all { tr {
                td { @if line.unit == 0 { (visit.say("本人所在和任职的组织", "All my units")) } @else { (line.unit_name) } }
                td.nowrap { (moment(line.made)) }
                td { form method="post" action="/me/calendar/revoke" {
                    (shell::hidden(visit)) input type="hidden" name="id" value=(line.id); button { (visit.say("撤销", "Revoke")) } } }
            } }
        } }
    };
    Ok(shell::page(&head, body))
}

pub(super) async fn add(sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.in_person()?;
    let unit: i64 = one(&sent.fields, "unit").parse().unwrap_or(0);
    if unit != 0 && visit.unit(unit, Verb::See).await?.top != visit.actor.top {
        return Err(Trouble::NotFound);
    }
    let (actor, token) = (visit.actor.clone(), secret::token()?);
    let key = token.clone();
    match visit.app.write(move |tx| feed::add(tx, &actor, unit, &key)).await {
        Ok(()) => Ok(page(visit, unit, &Complaints::default(), made(visit, &token)).await?.into_response()),
        Err(Trouble::Refused(refusal)) => Ok(refused(visit, unit, refusal).await?),
        Err(other) => Err(other),
    }
}

async fn refused(visit: &Visit, unit: i64, refusal: Refusal) -> Result<Response, Trouble> {
    let complaints = Complaints::new(vec![refusal]);
    let page = page(visit, unit, &complaints, html! {}).await?;
    Ok(complaints.answer(page))
}

/// The address, shown once.
fn made(visit: &Visit, token: &str) -> Markup {
    let origin = visit.app.setup().origin.as_ref().map_or("", |origin| origin.text());
    html! { div.note {
        p { (visit.say("请现在复制地址，只显示这一次：", "Copy the address now; it is shown only this once:"))
        br; code.secret { (origin) "/calendar/" (visit.actor.top) "/" (token) ".ics" (visit.say("", "?lang=en")) }
        @if origin.is_empty() { br; (visit.say("前面加上本系统的网址。", "Put the address of this system before it.")) } }
        p { (visit.say("日历程序能填用户名和密码的，用下面的更稳妥：地址里没有密码，不会留在沿途的日志中。",
            "Better where the calendar program takes a name and a password: nothing secret stands in the address, and so in no log on the way.")) }
        dl.facts {
            dt { (visit.say("地址", "Address")) } dd { code { (origin) (PLAIN) (visit.say("", "?lang=en")) } }
            dt { (visit.say("用户名", "Name")) } dd { code { (visit.actor.top) } }
            dt { (visit.say("密码", "Password")) } dd { code { (token) } }
        }
    } }
}

pub(super) async fn revoke(sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.in_person()?;
    let (actor, id) = (visit.actor.clone(), one(&sent.fields, "id").to_owned());
    visit.app.write(move |tx| feed::revoke(tx, &actor, &id)).await?;
    Ok(Redirect::to("/me/calendar").into_response())
}

/// What a calendar program reads: plans from two months ago on, with the rights of whoever made the address.
pub(super) async fn read(
    State(app): State<crate::app::App>,
    Place((top, token)): Place<(i64, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let token = token.strip_suffix(".ics").unwrap_or(&token).to_owned();
    plans(app, (top, token), &asked).await
}

/// The same for a program that sends organisation and token as name and password; it is asked for them first.
pub(super) async fn read_plain(
    State(app): State<crate::app::App>,
    heads: HeaderMap,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let Some(sent) = sent_along(&heads) else { return Ok(who().into_response()) };
    match plans(app, sent, &asked).await {
        Err(Trouble::NotFound) => Ok(who().into_response()),
        done => done,
    }
}

/// Asks for name and password.
fn who() -> impl IntoResponse {
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=\"Luoshi\", charset=\"UTF-8\"")])
}

/// Organisation and token as HTTP Basic sends them.
fn sent_along(heads: &HeaderMap) -> Option<(i64, String)> {
    let said = heads.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, pair) = said.split_once(' ')?;
    let pair = STANDARD.decode(pair.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (top, token) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    Some((top.trim().parse().ok()?, token.trim().to_owned()))
}

async fn plans(
    app: crate::app::App,
    (top, token): (i64, String),
    asked: &HashMap<String, String>,
) -> Result<Response, Trouble> {
    let today = app.today();
    let lang = if asked.get("lang").is_some_and(|lang| lang == "en") { Lang::En } else { Lang::Zh };
    let (actor, id) = app.read(move |tx| feed::known(tx, (top, &token), today)).await?;
    let days = (today.checked_sub(60.days()).unwrap_or(today), today.checked_add(400.days()).unwrap_or(today));
    let visit = Visit::direct(&app, actor, lang).await?;
    let (who, rules) = (visit.actor.clone(), visit.rules.clone());
    let read = move |tx: &luoshi_store::Tx| {
        if id == 0 {
            return Ok((who.name.clone(), plan::own(tx, &who, days)?));
        }
        let at = unit::find(tx, id)?;
        let scope = who.scope(&rules.base, Verb::See, &at)?;
        Ok((at.short_name.clone(), plan::of_unit(tx, &scope, id, days)?))
    };
    let (name, plans) = app.read(read).await.map_err(|trouble| match trouble {
        // who no longer sees the unit has no calendar of it either
        Trouble::Refused(_) => Trouble::NotFound,
        other => other,
    })?;
    let events: Vec<Event> = plans.iter().map(|plan| event(&visit, plan, id == 0)).collect();
    let head = [(header::CONTENT_TYPE, "text/calendar; charset=utf-8")];
    Ok((head, calendar(&format!("{} · {name}", visit.say("落实", "Luoshi")), &events)).into_response())
}

fn event(visit: &Visit, plan: &Plan, named: bool) -> Event {
    let unit = if named { format!("{} ", plan.unit_name) } else { String::new() };
    let title = format!("{unit}{} {}", kind_name(visit, &plan.kind), plan.topic);
    // keys begin with the moment, by 20 bits
    let at = jiff::Timestamp::from_millisecond((plan.id >> 20).max(plan.changed)).unwrap_or_default();
    Event {
        uid: format!("{}.{}@luoshi", visit.actor.top, plan.id),
        stamp: at.strftime("%Y%m%dT%H%M%SZ").to_string(),
        on: plan.on.to_string(),
        at: plan.at.clone(),
        title: title.trim().to_owned(),
        place: plan.place.clone(),
        note: if plan.reading.is_empty() {
            String::new()
        } else {
            format!("{}{}", visit.say("会前阅读：", "To read before: "), plan.reading)
        },
    }
}
