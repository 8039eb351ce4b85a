//! Single sign-on: the browser is sent to the issuer of the organisation and comes back with a code. Whom the issuer
//! means is found by person code; who has no account here is not given one.
//!
//! The way back is a GET, as the protocol has it, and opens a session all the same: it serves only the browser that was
//! sent out from here, once.

use super::door::From;
use super::{coded, enter, sign_in_form};
use crate::app::App;
use crate::form::Complaints;
use crate::routes::Routes;
use crate::trouble::Trouble;
use crate::visit::{cookie, language};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use luoshi_gateway::Fault;
use luoshi_gateway::oidc::{Asked, Issuer};
use luoshi_rules::Refusal;
use luoshi_store::account::Account;
use luoshi_store::session::Strength;
use luoshi_store::ticket;
use std::collections::HashMap;

/// The cookie that holds the ticket.
const TICKET: &str = "luoshi-single";
/// Where the browser comes back to.
const BACK: &str = "/sign-in/single/back";

pub fn routes() -> Routes {
    Routes::new().route("/sign-in/single", get(leave)).route(BACK, get(come_back))
}

fn issuer(app: &App) -> Result<&Issuer, Trouble> {
    app.setup().issuer.as_ref().ok_or(Trouble::NotFound)
}

/// What belongs to the sign-in of a ticket: derived, so that nothing is kept until it ends.
async fn asked(app: &App, ticket: &str) -> Result<Asked, Trouble> {
    let origin = app.setup().origin.as_ref().ok_or(Trouble::NotFound)?;
    let (back, kept) = (format!("{}{BACK}", origin.text()), ticket.to_owned());
    let part = |tx: &luoshi_store::Tx, ticket: &str, purpose: &str| {
        Ok::<_, luoshi_store::Fault>(URL_SAFE_NO_PAD.encode(ticket::derived(tx, ticket, purpose)?))
    };
    let parts = app.read(move |tx| {
        let [state, nonce, verifier] = ["single state", "single nonce", "single verifier"];
        Ok((part(tx, &kept, state)?, part(tx, &kept, nonce)?, part(tx, &kept, verifier)?))
    });
    let (state, nonce, verifier) = parts.await?;
    Ok(Asked { state, nonce, verifier, back })
}

/// Sends the browser to the issuer.
async fn leave(State(app): State<App>, headers: HeaderMap) -> Result<Response, Trouble> {
    let ticket = ticket::issue()?;
    let asked = asked(&app, &ticket).await?;
    match issuer(&app)?.address(&asked).await {
        Ok(address) => {
            Ok((AppendHeaders([(header::SET_COOKIE, kept(&app, &ticket))]), Redirect::to(&address)).into_response())
        }
        Err(fault) => Ok(refused(&app, &headers, told(fault))),
    }
}

/// The head that keeps a ticket in the browser, or takes it back when it is empty. It must come along when the issuer
/// sends the browser back, so it is not bound to our own pages as strictly as others.
fn kept(app: &App, ticket: &str) -> String {
    let secure = if app.setup().secure { "; Secure" } else { "" };
    let age = if ticket.is_empty() { 0 } else { 600 };
    format!("{TICKET}={ticket}; Path=/sign-in/single; Max-Age={age}; HttpOnly; SameSite=Lax{secure}")
}

async fn come_back(
    State(app): State<App>,
    headers: HeaderMap,
    from: From,
    Query(said): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    match known(&app, &headers, &from, &said).await {
        Ok((account, strength)) => {
            let entered = enter(&app, account, strength, &headers).await?;
            Ok((AppendHeaders([(header::SET_COOKIE, kept(&app, ""))]), entered).into_response())
        }
        Err(trouble @ (Trouble::Refused(_) | Trouble::Busy)) => Ok(refused(&app, &headers, trouble)),
        Err(other) => Err(other),
    }
}

/// Whom the issuer means, once everything that came back belongs to what we sent out.
async fn known(
    app: &App,
    headers: &HeaderMap,
    from: &From,
    said: &HashMap<String, String>,
) -> Result<(Account, Strength), Trouble> {
    let issuer = issuer(app)?;
    let one = |key: &str| said.get(key).map(String::as_str).unwrap_or_default();
    let ticket = cookie(headers, TICKET).unwrap_or_default();
    ticket::fresh(&ticket)?;
    let asked = asked(app, &ticket).await?;
    let named = said.get("iss").is_none_or(|name| name == issuer.name());
    if one("state") != asked.state || !named {
        tracing::info!("single sign-on refused: the answer to another question");
        return Err(again().into());
    }
    if one("code").is_empty() {
        tracing::info!(error = one("error").chars().take(40).collect::<String>(), "single sign-on refused");
        let zh = "统一身份认证没有完成登录：可能已取消。可以重试，或用口令登录";
        return Err(Refusal::rule(zh, "single sign-on was not finished; try again, or use your passphrase").into());
    }
    // a code can be guessed no more often than a passphrase, nor the issuer be asked for nothing over and over
    let knock = format!("single:{ticket}");
    app.door().knock(&knock, from)?;
    let who = issuer.who(one("code"), &asked).await.map_err(told)?;
    let account = coded(app, who.code).await?;
    let top = account.top;
    app.door().right(&knock, from);
    app.write(move |tx| ticket::spend(tx, top, &ticket)).await?;
    Ok((account, if who.second { Strength::Two } else { Strength::One }))
}

fn again() -> Refusal {
    Refusal::rule(
        "这次登录不是从这个浏览器开始的，或已过期，请重新登录",
        "this sign-in did not begin in this browser, or took too long; please sign in again",
    )
}

/// What the user is told; the log has the cause, which names no person.
fn told(fault: Fault) -> Trouble {
    tracing::warn!(%fault, "single sign-on");
    let (zh, en) = match fault {
        Fault::Away(_) | Fault::Busy => (
            "统一身份认证暂时没有应答。请稍后再试，或用口令登录",
            "single sign-on does not answer just now; try again later, or sign in with your passphrase",
        ),
        Fault::No(_) => (
            "这次登录已经用过或已过期，请重新登录",
            "this sign-in was used already or took too long; please sign in again",
        ),
        Fault::Codeless(_) => (
            "统一身份认证没有给出您的人员编号，没有登录。请用口令登录，并告诉管理员",
            "single sign-on did not tell your person code; you are not signed in. Use your passphrase, and tell the \
             administrator",
        ),
        Fault::Wrong(_) => (
            "统一身份认证的答复不可信，没有登录。请用口令登录，并告诉管理员查看日志",
            "the answer of single sign-on cannot be trusted; you are not signed in. Use your passphrase, and ask the \
             administrator to look at the log",
        ),
    };
    Refusal::rule(zh, en).into()
}

/// The page for signing in, with what went wrong.
fn refused(app: &App, headers: &HeaderMap, trouble: Trouble) -> Response {
    let Trouble::Refused(refusal) = trouble else { return trouble.into_response() };
    let complaints = Complaints::new(vec![refusal]);
    complaints.answer(sign_in_form(app, language(headers), "", &complaints))
}
