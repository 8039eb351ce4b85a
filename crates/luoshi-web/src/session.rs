//! Signing in and out, and the language. Whatever the factors were, [`enter`] opens the session.

mod directory;
mod door;
mod join;
mod origin;
mod passkey;
mod prove;
mod second;
mod set_up;
mod single;

pub(crate) use door::Door;
pub(crate) use join::invite;
pub use origin::Origin;
pub(crate) use second::codes_page;

use self::door::From;
use crate::app::App;
use crate::form::{Complaints, Fields, HalfSent, Stranger, one, whole};
use crate::routes::Routes;
use crate::shell::{self, say};
use crate::trouble::Trouble;
use crate::visit::{cookie_session, csrf, language};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use luoshi_rules::{Lang, Refusal};
use luoshi_store::account::{self, Account};
use luoshi_store::identity;
use luoshi_store::secret;
use luoshi_store::session::{self, Opening, Strength};
use maud::{Markup, html};

pub fn routes() -> Routes {
    Routes::new()
        .route("/sign-in", get(show).post(sign_in))
        .route("/sign-out", post(leave))
        .route("/language", post(speak))
        .merge(second::routes())
        .merge(prove::routes())
        .merge(passkey::routes())
        .merge(single::routes())
        .merge(directory::routes())
        .merge(set_up::routes())
        .merge(join::routes())
}

async fn show(State(app): State<App>, headers: HeaderMap) -> Response {
    if app.token().is_some() {
        return set_up_first(language(&headers));
    }
    sign_in_form(&app, language(&headers), "", &Complaints::default()).into_response()
}

fn set_up_first(lang: Lang) -> Response {
    let words = say(
        lang,
        "系统尚未启用。请打开启动时在服务器上显示的一次性启用链接。",
        "Not set up yet. Open the one-time link that the server printed when it started.",
    );
    shell::bare(lang, say(lang, "尚未启用", "Not set up"), html! { p { (words) } }).into_response()
}

fn sign_in_form(app: &App, lang: Lang, login: &str, complaints: &Complaints) -> Markup {
    shell::bare(
        lang,
        say(lang, "登录", "Sign in"),
        html! {
            @for words in complaints.all(lang) { p.error role="alert" { "▲ " (words) } }
            @let demo = &app.setup().demo;
            @if !demo.is_empty() {
                section.demo-roles {
                    h2 { (say(lang, "演示：选一个身份直接进入", "Demonstration: choose a role")) }
                    @for (name, login, word) in demo {
                        form method="post" action="/sign-in" {
                            input type="hidden" name="login" value=(login);
                            input type="hidden" name="passphrase" value=(word);
                            button.role { (name) }
                        }
                    }
                    p.help { (say(lang, "演示口令公开，请勿录入真实信息。", "The passphrases of the demonstration are public: enter nothing real.")) }
                }
            }
            form.stack method="post" action="/sign-in" {
                (shell::field(lang, "login", say(lang, "登录名", "Sign-in name"), "", complaints, html! {
                    input #login name="login" value=(login) autocomplete="username" required;
                }))
                (shell::field(lang, "passphrase", say(lang, "口令", "Passphrase"), "", complaints, html! {
                    input #passphrase name="passphrase" type="password" autocomplete="current-password" required;
                }))
                button.main { (say(lang, "登录", "Sign in")) }
            }
            (other_ways(app, lang))
        },
    )
}

/// The ways to sign in that this installation has beside a passphrase.
fn other_ways(app: &App, lang: Lang) -> Markup {
    let setup = app.setup();
    html! {
        @if setup.issuer.is_some() {
            p { a.button href="/sign-in/single" { (say(lang, "统一身份认证登录", "Single sign-on")) } }
        }
        @if setup.directory.is_some() {
            p { a.button href="/sign-in/directory" { (say(lang, "用单位账号登录", "Sign in with your office account")) } }
        }
        @if setup.origin.is_some() {
            p { a.button href="/sign-in/passkey" { (say(lang, "使用通行密钥登录", "Sign in with a passkey")) } }
        }
    }
}

/// The account that another server means by a person code. Nobody is made on its word.
async fn coded(app: &App, code: String) -> Result<Account, Trouble> {
    let found = app.read(move |tx| identity::coded(tx, &code)).await?;
    let zh = "身份已核实，但您的人员编号在本系统没有可用的账号。请党务工作者在您的人员页面填写人员编号并邀请登录";
    let en = "you are known there, but no account here has your person code; ask whoever keeps the roll to enter it on \
              your page and to invite you";
    found.ok_or_else(|| Refusal::rule(zh, en).into())
}

async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    from: From,
    Stranger(fields): Stranger,
) -> Result<Response, Trouble> {
    let lang = language(&headers);
    match check(&app, &fields, &from).await {
        Ok(account) => enter(&app, account, Strength::One, &headers).await,
        Err(Trouble::NotFound) => {
            let refusal = Refusal::rule("登录名或口令不对，请重新输入", "the sign-in name or passphrase is wrong");
            Ok(again(&app, lang, &fields, refusal))
        }
        Err(Trouble::Refused(refusal)) => Ok(again(&app, lang, &fields, refusal)),
        Err(other) => Err(other),
    }
}

fn again(app: &App, lang: Lang, fields: &Fields, refusal: Refusal) -> Response {
    let complaints = Complaints::new(vec![refusal]);
    complaints.answer(sign_in_form(app, lang, one(fields, "login"), &complaints))
}

/// The account of a sign-in name and passphrase. The try is counted before the passphrase is compared.
async fn check(app: &App, fields: &Fields, from: &From) -> Result<Account, Trouble> {
    let (login, word) = (one(fields, "login").to_owned(), whole(fields, "passphrase").to_owned());
    app.door().knock(&login, from)?;
    let name = login.clone();
    let found = app.write(move |tx| account::attempt(tx, &name)).await;
    let (account, hash) = match found {
        Ok(account) => (Some(account.clone()), account.hash),
        // a name that does not exist is compared with nothing, which takes as long
        Err(Trouble::NotFound) => (None, String::new()),
        Err(other) => return Err(other),
    };
    let right = app.is_right(word, hash).await?;
    let account = account.filter(|_| right).ok_or(Trouble::NotFound)?;
    app.door().right(&login, from);
    Ok(account)
}

/// Opens a session once the factors were right, and says how strong they were: who needs a second factor and came by
/// one is asked for it before any other page.
pub(crate) async fn enter(
    app: &App,
    account: Account,
    strength: Strength,
    headers: &HeaderMap,
) -> Result<Response, Trouble> {
    let opening = Opening { token: secret::token()?, strength, device: device(headers) };
    let cookie = set_cookie(app, account.top, &opening.token);
    app.write(move |tx| session::begin(tx, &account, &opening)).await?;
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to("/")).into_response())
}

/// The head that hands a session to the browser.
fn set_cookie(app: &App, top: i64, token: &str) -> String {
    match app.setup().secure {
        true => format!("__Host-luoshi={top}.{token}; Path=/; HttpOnly; Secure; SameSite=Lax"),
        false => format!("luoshi={top}.{token}; Path=/; HttpOnly; SameSite=Lax"),
    }
}

/// Browser and system in a few words, for the list of sessions. Nothing else of what the browser says is kept.
fn device(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| agent.contains(mark)).map_or("", |(_, words)| *words)
    };
    let browser = first(&[
        ("MicroMessenger", "WeChat"),
        ("Edg", "Edge"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ]);
    let system = first(&[
        // says that it is Android too
        ("HarmonyOS", "HarmonyOS"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    [browser, system].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" · ")
}

async fn leave(HalfSent(sent): HalfSent) -> Result<Response, Trouble> {
    let (actor, token) = (sent.visit.actor.clone(), sent.visit.token.clone());
    sent.visit.app.write(move |tx| session::end(tx, &actor, &token)).await?;
    let gone = match sent.visit.app.setup().secure {
        true => "__Host-luoshi=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0",
        false => "luoshi=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
    };
    // the language stays, which is why cookies are not among it
    let clear = (HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"");
    Ok((AppendHeaders([(header::SET_COOKIE, gone), clear]), Redirect::to("/sign-in")).into_response())
}

/// Remembers the language. Who bears a session sends the mark of its forms; nobody else has a form for it.
async fn speak(State(app): State<App>, headers: HeaderMap, Stranger(fields): Stranger) -> Result<Response, Trouble> {
    if cookie_session(&headers, app.setup().secure).is_some_and(|(_, token)| csrf(&token) != one(&fields, "csrf")) {
        return Err(Trouble::Stale);
    }
    let lang = if one(&fields, "lang") == "en" { "en" } else { "zh" };
    let (before, after) = if app.setup().secure { ("__Host-", "; Secure") } else { ("", "") };
    let cookie = format!("{before}lang={lang}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{after}");
    let back = Some(one(&fields, "back")).filter(|to| is_ours(to)).unwrap_or("/");
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(back)).into_response())
}

/// Whether an address leads to a page of ours, by every browser's reading: `//`, `/\` and a tab in between lead elsewhere.
fn is_ours(address: &str) -> bool {
    let rest = address.strip_prefix('/').unwrap_or("/");
    !rest.starts_with(['/', '\\']) && rest.bytes().all(|byte| byte.is_ascii_graphic())
}
