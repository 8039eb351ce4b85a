//! Signing in with a passkey: in the place of passphrase and code, where the authenticator makes sure who it is, or as
//! the second step. Pages that cannot do without script say what to use instead.

mod ceremony;
mod own;
pub(super) mod prove;

use self::ceremony::Asked;
use super::enter;
use super::second::{leave, strengthen};
use crate::app::App;
use crate::form::{Complaints, Fields, HalfSent, Stranger, one};
use crate::routes::Routes;
use crate::shell::{self, say};
use crate::trouble::Trouble;
use crate::visit::{Half, Visit, cookie, language};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use luoshi_rules::{Lang, Refusal};
use luoshi_store::account::Account;
use luoshi_store::passkey::Line;
use luoshi_store::session::Strength;
use luoshi_store::{passkey, ticket};
use maud::{Markup, html};
use serde_json::{Value, json};

/// The cookie that holds the ticket.
const TICKET: &str = "luoshi-passkey";

pub fn routes() -> Routes {
    Routes::new()
        .route("/sign-in/passkey", get(show).post(sign_in))
        .route("/sign-in/second/passkey", get(show_second).post(second))
        .merge(own::routes())
        .merge(prove::routes())
}

// ---- what is asked

/// What an authenticator is asked, with the ticket that shows later that we asked.
async fn ask(app: &App, ticket: &str, verify: bool) -> Result<Asked, Trouble> {
    let origin = app.setup().origin.clone().ok_or(Trouble::NotFound)?;
    let kept = ticket.to_owned();
    let challenge = app.read(move |tx| ticket::derived(tx, &kept, "passkey")).await?;
    let challenge = URL_SAFE_NO_PAD.encode(challenge);
    Ok(Asked { origin: origin.text().to_owned(), host: origin.host().to_owned(), challenge, verify })
}

/// A fresh question, and the cookie for its ticket.
async fn begin(app: &App, verify: bool) -> Result<(Asked, String), Trouble> {
    let ticket = ticket::issue()?;
    let secure = if app.setup().secure { "; Secure" } else { "" };
    let cookie = format!("{TICKET}={ticket}; Path=/; Max-Age=600; HttpOnly; SameSite=Strict{secure}");
    Ok((ask(app, &ticket, verify).await?, cookie))
}

/// The question that the browser's ticket belongs to.
async fn resume(app: &App, headers: &HeaderMap, verify: bool) -> Result<(Asked, String), Trouble> {
    let ticket = cookie(headers, TICKET).unwrap_or_default();
    ticket::fresh(&ticket)?;
    Ok((ask(app, &ticket, verify).await?, ticket))
}

/// What a browser needs to know to ask one of these passkeys, or any when none is named.
fn options(asked: &Asked, known: &[Line]) -> Value {
    json!({
        "challenge": asked.challenge,
        "rpId": asked.host,
        "timeout": 300_000,
        "userVerification": if asked.verify { "required" } else { "preferred" },
        "allowCredentials": named(known),
    })
}

fn named(known: &[Line]) -> Vec<Value> {
    let serving = known.iter().filter(|line| line.stopped == 0);
    serving.map(|line| json!({ "type": "public-key", "id": line.credential })).collect()
}

/// The form that the script fills: `sort` is `make` or `use`.
fn form(lang: Lang, (action, sort): (&str, &str), options: &Value, inside: Markup) -> Markup {
    let filled = if sort == "make" {
        &["credential", "client", "object"][..]
    } else {
        &["credential", "client", "data", "signature", "user"]
    };
    html! {
        form.stack method="post" action=(action) data-passkey=(sort) data-options=(options) {
            @for key in filled { input type="hidden" name=(key); }
            (inside)
            p.error role="alert" data-failed="" hidden {
                (say(lang, "▲ 没有完成：可能已取消、超时，或这台设备没有可用的通行密钥。可以重试，或改用口令和验证码。",
                    "▲ Not done: it was cancelled, took too long, or this device has no passkey that fits. Try again, or use passphrase and code."))
            }
        }
        noscript { p.note { (say(lang, "通行密钥需要浏览器启用脚本。不用脚本时，请用口令和验证码登录。",
            "Passkeys need script in the browser. Without it, sign in with passphrase and code.")) } }
        script src="/static/passkey.js" defer {}
    }
}

fn button(words: &str) -> Markup {
    html! { button.main data-able="" hidden { (words) } }
}

fn page_with(cookie: String, status: StatusCode, page: Markup) -> Response {
    (status, AppendHeaders([(header::SET_COOKIE, cookie)]), page).into_response()
}

// ---- in the place of a passphrase

async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, Trouble> {
    offer(&app, language(&headers), &Complaints::default()).await
}

async fn offer(app: &App, lang: Lang, complaints: &Complaints) -> Result<Response, Trouble> {
    let (asked, cookie) = begin(app, true).await?;
    let body = html! {
        @for words in complaints.all(lang) { p.error role="alert" { "▲ " (words) } }
        p { (say(lang, "用这台设备或手机上的指纹、面容、锁屏密码，或安全密钥的密码登录。", "Sign in by the finger, face or screen lock of this device or your phone, or the PIN of a security key.")) }
        (form(lang, ("/sign-in/passkey", "use"), &options(&asked, &[]), button(say(lang, "使用通行密钥", "Use a passkey"))))
        p { a href="/sign-in" { (say(lang, "用口令登录", "Sign in with a passphrase")) } }
    };
    let page = shell::bare(lang, say(lang, "使用通行密钥登录", "Sign in with a passkey"), body);
    Ok(page_with(cookie, status(complaints), page))
}

fn status(complaints: &Complaints) -> StatusCode {
    if complaints.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

async fn sign_in(State(app): State<App>, headers: HeaderMap, Stranger(fields): Stranger) -> Result<Response, Trouble> {
    match proven(&app, &headers, &fields, (None, true)).await {
        Ok(account) => enter(&app, account, Strength::Two, &headers).await,
        Err(Trouble::Refused(refusal)) => offer(&app, language(&headers), &Complaints::new(vec![refusal])).await,
        Err(other) => Err(other),
    }
}

// ---- as the second step

async fn show_second(Half(visit): Half) -> Result<Response, Trouble> {
    offer_second(&visit, &Complaints::default()).await
}

async fn offer_second(visit: &Visit, complaints: &Complaints) -> Result<Response, Trouble> {
    let actor = visit.actor.clone();
    let known = visit.app.read(move |tx| passkey::list(tx, &actor)).await?;
    let (asked, cookie) = begin(&visit.app, false).await?;
    let inside = html! { (shell::hidden(visit)) (button(visit.say("使用通行密钥", "Use a passkey"))) };
    let body = html! {
        @for words in complaints.all(visit.lang) { p.error role="alert" { "▲ " (words) } }
        @if known.is_empty() { p.empty { (visit.say("您还没有通行密钥，请用验证码。", "You have no passkey yet: use a code.")) } }
        @else { (form(visit.lang, ("/sign-in/second/passkey", "use"), &options(&asked, &known), inside)) }
        p { a href="/sign-in/second" { (visit.say("用验证码", "Use a code")) } }
        p.help { (visit.say("通行密钥丢失的，请党务工作者重新发送邀请链接。", "Lost it? Ask whoever keeps the roll for a new invitation.")) }
        (leave(visit))
    };
    let page = shell::bare(visit.lang, visit.say("第二步：通行密钥", "Second step: a passkey"), body);
    Ok(page_with(cookie, status(complaints), page))
}

async fn second(headers: HeaderMap, HalfSent(sent): HalfSent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.in_person()?;
    match proven(&visit.app, &headers, &sent.fields, (Some(visit), false)).await {
        Ok(_) => {
            let cookie = strengthen(visit, &headers).await?;
            Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to("/")).into_response())
        }
        Err(Trouble::Refused(refusal)) => offer_second(visit, &Complaints::new(vec![refusal])).await,
        Err(other) => Err(other),
    }
}

// ---- what is answered

/// Whose passkey answered the question of the browser's ticket. With somebody signed in it must be theirs; where it
/// stands for both factors it must have made sure who it is (`verify`).
async fn proven(
    app: &App,
    headers: &HeaderMap,
    fields: &Fields,
    (who, verify): (Option<&Visit>, bool),
) -> Result<Account, Trouble> {
    let (asked, ticket) = resume(app, headers, verify).await?;
    let credential = one(fields, "credential").to_owned();
    let key = credential.clone();
    let found = app.read(move |tx| passkey::find(tx, &key)).await;
    let (account, cose) = found.map_err(|trouble| match trouble {
        Trouble::NotFound => not_taken("not known"),
        other => other,
    })?;
    let user = one(fields, "user");
    let theirs = who.is_none_or(|visit| (visit.actor.top, visit.actor.person) == (account.top, account.person));
    if !theirs || !(user.is_empty() || user == handle(account.person)) {
        return Err(not_taken("somebody else's"));
    }
    let said = ["client", "data", "signature"].map(|key| one(fields, key));
    let counter = ceremony::signed(&asked, &cose, said).map_err(not_taken)?;
    let signer = account.clone();
    let work = move |tx: &luoshi_store::Tx| {
        ticket::spend(tx, signer.top, &ticket)?;
        passkey::signed(tx, &signer, &credential, counter)
    };
    if app.write(work).await? { Ok(account) } else { Err(copied()) }
}

/// The name of a person for their authenticators: nothing that anybody could read.
fn handle(person: i64) -> String {
    URL_SAFE_NO_PAD.encode(person.to_string())
}

fn not_taken(why: ceremony::Why) -> Trouble {
    tracing::info!(why, "passkey refused");
    let zh = "这个通行密钥不能用于登录：可能已删除，或属于别的网站。请改用口令和验证码";
    Refusal::rule(
        zh,
        "this passkey does not serve: it may have been removed, or be of another site; use passphrase and code",
    )
    .into()
}

fn copied() -> Trouble {
    let zh = "这个通行密钥可能被复制，已停用。请用口令和验证码登录，删除它后重新登记";
    Refusal::rule(
        zh,
        "this passkey may have been copied and is stopped; sign in with passphrase and code, remove it and add another",
    )
    .into()
}
