//! One's own passkeys: seen, added, removed. Also the first second factor of who has none yet.

use super::{begin, button, form, handle, page_with, passkey, resume, status, ticket};
use crate::form::{Complaints, Fields, HalfSent, Sent, one};
use crate::me::moment;
use crate::routes::Routes;
use crate::session::passkey::ceremony::{self, Asked};
use crate::session::prove;
use crate::session::second::{may_set_up, strengthen};
use crate::shell::{self, field};
use crate::trouble::Trouble;
use crate::visit::{Half, Visit};
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use luoshi_rules::Refusal;
use luoshi_store::passkey::Line;
use maud::{Markup, html};
use serde_json::{Value, json};

const HERE: &str = "/me/passkeys";

pub fn routes() -> Routes {
    Routes::new().route(HERE, get(show).post(add)).route("/me/passkeys/remove", post(remove))
}

async fn show(Half(visit): Half) -> Result<Response, Trouble> {
    if !visit.is_proven() && !visit.bearer {
        return Ok(prove::first(HERE));
    }
    page(&visit, &Fields::new(), &Complaints::default()).await
}

async fn page(visit: &Visit, fields: &Fields, complaints: &Complaints) -> Result<Response, Trouble> {
    visit.in_person()?;
    may_set_up(visit).await?;
    let actor = visit.actor.clone();
    let known = visit.app.read(move |tx| passkey::list(tx, &actor)).await?;
    let (asked, cookie) = begin(&visit.app, false).await?;
    let body = html! {
        @for words in complaints.all(visit.lang) { p.error role="alert" { "▲ " (words) } }
        p { (visit.say("用指纹、面容、锁屏密码或安全密钥登录，不必输入口令和验证码。私钥留在设备上，系统只保存公钥。",
            "Sign in by finger, face, screen lock or a security key. The private key stays on the device; the system keeps the public one.")) }
        @if !known.is_empty() { (table(visit, &known)) }
        h2 { (visit.say("登记通行密钥", "Add a passkey")) }
        (add_form(visit, &asked, &known, fields))
        @if visit.waits { p { a href="/me/second" { (visit.say("改用手机验证码", "Use codes of a phone instead")) } } }
        @else { p { a href="/me/settings" { "‹ " (visit.say("登录与安全", "Sign-in and security")) } } }
    };
    let page = shell::bare(visit.lang, visit.say("通行密钥", "Passkeys"), body);
    Ok(page_with(cookie, status(complaints), page))
}

fn table(visit: &Visit, known: &[Line]) -> Markup {
    html! {
        div.scroll { table.list {
            thead { tr { th { (visit.say("名称", "Name")) } th { (visit.say("登记", "Added")) } th { (visit.say("最近使用", "Last used")) } th {} } }
            @for line in known { tr {
                td { (line.name) @if line.stopped > 0 { " " span.mark { (visit.say("▲ 疑被复制，已停用", "▲ stopped: may have been copied")) } } }
                td.nowrap { (moment(line.made)) }
                td.nowrap { @if line.used > 0 { (moment(line.used)) } @else { (visit.say("未使用", "Never")) } }
                td { form method="post" action="/me/passkeys/remove" {
                    (shell::hidden(visit)) input type="hidden" name="id" value=(line.credential);
                    button aria-label={ (visit.say("删除", "Remove")) " " (line.name) } { (visit.say("删除", "Remove")) }
                } }
            } }
        } }
    }
}

fn add_form(visit: &Visit, asked: &Asked, known: &[Line], fields: &Fields) -> Markup {
    let help = visit.say("便于以后辨认，如“办公电脑”。", "So that you know it later, such as “office computer”.");
    let inside = html! {
        (shell::hidden(visit))
        (field(visit.lang, "name", visit.say("名称", "Name"), help, &Complaints::default(), html! {
            input #name name="name" value=(one(fields, "name")) maxlength="50" required;
        }))
        (button(visit.say("登记", "Add")))
    };
    form(visit.lang, (HERE, "make"), &options(visit, asked, known), inside)
}

/// What a browser needs to know to make a passkey here.
fn options(visit: &Visit, asked: &Asked, known: &[Line]) -> Value {
    let sort = |number: i64| json!({ "type": "public-key", "alg": number });
    json!({
        "challenge": asked.challenge,
        "rp": { "id": asked.host, "name": "落实 Luoshi" },
        "user": { "id": handle(visit.actor.person), "name": visit.actor.name, "displayName": visit.actor.name },
        "pubKeyCredParams": [sort(-7), sort(-257)],
        "excludeCredentials": super::named(known),
        "authenticatorSelection": { "residentKey": "preferred", "userVerification": "preferred" },
        "attestation": "none",
        "timeout": 300_000,
    })
}

async fn add(headers: HeaderMap, HalfSent(sent): HalfSent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    match added(&headers, visit, &sent.fields).await {
        // who has just shown a second factor signed in by two
        Ok(()) if !visit.strong => {
            let cookie = strengthen(visit, &headers).await?;
            Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(HERE)).into_response())
        }
        Ok(()) => Ok(Redirect::to(HERE).into_response()),
        Err(Trouble::Refused(refusal)) => page(visit, &sent.fields, &Complaints::new(vec![refusal])).await,
        Err(other) => Err(other),
    }
}

async fn added(headers: &HeaderMap, visit: &Visit, fields: &Fields) -> Result<(), Trouble> {
    visit.in_proof()?;
    may_set_up(visit).await?;
    let (asked, ticket) = resume(&visit.app, headers, false).await?;
    let made = ceremony::made(&asked, one(fields, "client"), one(fields, "object")).map_err(|why| {
        tracing::info!(why, "passkey not made");
        let zh = "浏览器的回答不能接受，没有登记。请重试，或换一个浏览器或设备";
        Refusal::rule(zh, "the browser's answer cannot be taken, nothing was added; try again, or use another device")
    })?;
    let (actor, name) = (visit.actor.clone(), one(fields, "name").to_owned());
    let work = move |tx: &luoshi_store::Tx| {
        ticket::spend(tx, actor.top, &ticket)?;
        passkey::add(tx, &actor, &made, &name)
    };
    visit.app.write(work).await
}

async fn remove(sent: Sent) -> Result<Response, Trouble> {
    sent.visit.in_proof()?;
    let (actor, id) = (sent.visit.actor.clone(), one(&sent.fields, "id").to_owned());
    sent.visit.app.write(move |tx| passkey::remove(tx, &actor, &id)).await?;
    Ok(Redirect::to(HERE).into_response())
}
