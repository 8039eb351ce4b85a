//! Signing in and out, the set-up link, invitations, and the language.

use crate::app::App;
use crate::form::{self, Complaints, Fields, Sent, Stranger, one};
use crate::shell::{self, say};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, language};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use luoshi_rules::{Actor, Held, Lang, Refusal, Verb};
use luoshi_store::account::Account;
use luoshi_store::{Fault, account, holding, person, secret, unit};
use maud::{Markup, html};
use std::collections::HashMap;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in", get(show).post(enter))
        .route("/sign-out", post(leave))
        .route("/language", post(speak))
        .route("/set-up", get(show_set_up).post(set_up))
        .route("/join/{top}/{token}", get(show_join).post(join))
}

async fn show(State(app): State<App>, headers: HeaderMap) -> Response {
    if app.token().is_some() {
        return set_up_first(language(&headers));
    }
    sign_in(&app, language(&headers), "", &Complaints::default()).into_response()
}

fn set_up_first(lang: Lang) -> Response {
    let words = say(
        lang,
        "系统尚未启用。请打开启动时在服务器上显示的一次性启用链接。",
        "Not set up yet. Open the one-time link that the server printed when it started.",
    );
    shell::bare(lang, say(lang, "尚未启用", "Not set up"), html! { p { (words) } }).into_response()
}

fn sign_in(app: &App, lang: Lang, login: &str, complaints: &Complaints) -> Markup {
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
        },
    )
}

async fn enter(State(app): State<App>, headers: HeaderMap, Stranger(fields): Stranger) -> Result<Response, Trouble> {
    let lang = language(&headers);
    match check(&app, &fields).await {
        Ok(account) => begin(&app, account).await,
        Err(Trouble::NotFound) => {
            let refusal = Refusal::rule("登录名或口令不对，请重新输入", "the sign-in name or passphrase is wrong");
            Ok(again(&app, lang, &fields, refusal))
        }
        Err(Trouble::Refused(refusal)) => Ok(again(&app, lang, &fields, refusal)),
        Err(other) => Err(other),
    }
}

fn again(app: &App, lang: Lang, fields: &Fields, refusal: Refusal) -> Response {
    let page = sign_in(app, lang, one(fields, "login"), &Complaints::new(vec![refusal]));
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// The account of a sign-in name and passphrase. The try is counted before the passphrase is compared.
async fn check(app: &App, fields: &Fields) -> Result<Account, Trouble> {
    let (login, word) = (one(fields, "login").to_owned(), one(fields, "passphrase").to_owned());
    let found = app.write(move |tx| account::attempt(tx, &login)).await;
    let (account, hash) = match found {
        Ok(account) => (Some(account.clone()), account.hash),
        // the same work for a name that does not exist, so that the time does not tell
        Err(Trouble::NotFound) => (None, "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAA".to_owned()),
        Err(other) => return Err(other),
    };
    let right = tokio::task::spawn_blocking(move || secret::matches(&word, &hash)).await.map_err(Trouble::broken)?;
    account.filter(|_| right).ok_or(Trouble::NotFound)
}

async fn begin(app: &App, account: Account) -> Result<Response, Trouble> {
    let token = secret::token()?;
    let (key, top) = (token.clone(), account.top);
    app.write(move |tx| account::begin(tx, &account, &key)).await?;
    let cookie = match app.setup().secure {
        true => format!("__Host-luoshi={top}.{token}; Path=/; HttpOnly; Secure; SameSite=Lax"),
        false => format!("luoshi={top}.{token}; Path=/; HttpOnly; SameSite=Lax"),
    };
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to("/")).into_response())
}

async fn leave(sent: Sent) -> Result<Response, Trouble> {
    let (actor, token) = (sent.visit.actor.clone(), sent.visit.token.clone());
    sent.visit.app.write(move |tx| account::end(tx, &actor, &token)).await?;
    let gone = match sent.visit.app.setup().secure {
        true => "__Host-luoshi=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0",
        false => "luoshi=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
    };
    Ok((AppendHeaders([(header::SET_COOKIE, gone)]), Redirect::to("/sign-in")).into_response())
}

async fn speak(Stranger(fields): Stranger) -> Response {
    let lang = if one(&fields, "lang") == "en" { "en" } else { "zh" };
    let cookie = format!("lang={lang}; Path=/; Max-Age=31536000; SameSite=Lax");
    let back = Some(one(&fields, "back")).filter(|to| is_ours(to)).unwrap_or("/");
    (AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(back)).into_response()
}

/// Whether an address leads to a page of ours, by every browser's reading: `//`, `/\` and a tab in between lead elsewhere.
fn is_ours(address: &str) -> bool {
    let rest = address.strip_prefix('/').unwrap_or("/");
    !rest.starts_with(['/', '\\']) && rest.bytes().all(|byte| byte.is_ascii_graphic())
}

// ---- set-up: the first organisation and the first clerk, by a one-time link

async fn show_set_up(
    State(app): State<App>,
    headers: HeaderMap,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let token = asked.get("token").filter(|token| app.token().as_ref() == Some(token)).ok_or(Trouble::NotFound)?;
    let fields = Fields::from([("token".to_owned(), vec![token.clone()])]);
    Ok(set_up_form(&app, language(&headers), &fields, &Complaints::default()).into_response())
}

fn set_up_form(app: &App, lang: Lang, fields: &Fields, complaints: &Complaints) -> Markup {
    let text = |key: &str, zh: &str, en: &str, sort: &str| {
        shell::field(
            lang,
            key,
            say(lang, zh, en),
            "",
            complaints,
            html! {
                input id=(key) name=(key) type=(sort) value=(if sort == "password" { "" } else { one(fields, key) }) required;
            },
        )
    };
    shell::bare(
        lang,
        say(lang, "启用落实", "Set Luoshi up"),
        html! {
            p { (say(lang,
                "建立第一个组织和第一位党务工作者。之后可在“导入”中用现有表格建立全部组织和名册。",
                "Found the first organisation and its first clerk. Everything else can be imported from your spreadsheets.")) }
            form.stack method="post" action="/set-up" {
                input type="hidden" name="token" value=(one(fields, "token"));
                (text("full_name", "组织全称", "Full name of the organisation", "text"))
                (text("short_name", "组织简称", "Short name", "text"))
                (shell::field(lang, "level", say(lang, "级别", "Level"), "", complaints, html! {
                    select #level name="level" {
                        @for level in &app.base().level {
                            option value=(level.id) selected[level.id == "leading_group"] { (level.name.of(lang)) }
                        }
                    }
                }))
                (text("name", "您的姓名", "Your name", "text"))
                (text("login", "登录名", "Sign-in name", "text"))
                (text("passphrase", "口令（至少10个字符）", "Passphrase (10 characters or more)", "password"))
                button.main { (say(lang, "启用", "Set up")) }
            }
        },
    )
}

async fn set_up(State(app): State<App>, headers: HeaderMap, Stranger(fields): Stranger) -> Result<Response, Trouble> {
    if app.token().as_deref() != Some(one(&fields, "token")) {
        return Err(Trouble::NotFound);
    }
    match found_all(&app, &fields).await {
        Ok(account) => {
            app.set_up();
            begin(&app, account).await
        }
        Err(Trouble::Refused(refusal)) => {
            let page = set_up_form(&app, language(&headers), &fields, &Complaints::new(vec![refusal]));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other),
    }
}

/// What the set-up form says.
struct First {
    founding: unit::Founding,
    name: String,
    login: String,
    hash: String,
}

async fn found_all(app: &App, fields: &Fields) -> Result<Account, Trouble> {
    let first = first(app, fields).await?;
    let (base, today) = (app.base().clone(), app.today());
    app.write(move |tx| {
        if account::any(tx)? {
            return Err(Fault::NotFound);
        }
        let unit = unit::found_top(tx, &first.founding)?;
        let clerk = base.post("party_affairs_worker").ok_or(Fault::NotFound)?;
        let held = Held { post: clerk.id.clone(), unit: unit.id, top: unit.top, path: unit.path.clone() };
        let (top, home) = (unit.top, unit.id);
        let actor = Actor { person: 0, top, home, name: String::new(), posts: vec![held], operation: 0, today };
        let permit = actor.permit(&base, Verb::Roll, &unit)?;
        let search = luoshi_text::pinyin::key(&first.name);
        let id = person::add(tx, &permit, &person::Entry { name: first.name.clone(), search, ..Default::default() })?;
        holding::appoint(tx, &permit, clerk, id, today, "")?;
        account::add(tx, top, id, &first.login, &first.hash)?;
        Ok(Account { top, person: id, hash: first.hash.clone() })
    })
    .await
}

async fn first(app: &App, fields: &Fields) -> Result<First, Trouble> {
    let filled = |key: &str| match one(fields, key) {
        "" => Err(Refusal::field(key, "请填写", "please fill in")),
        text if text.chars().count() > 100 => Err(Refusal::field(key, "最多100字", "at most 100 characters")),
        text => Ok(text.to_owned()),
    };
    let (full_name, short_name, name) = (filled("full_name")?, filled("short_name")?, filled("name")?);
    let (login, word) = (filled("login")?, one(fields, "passphrase").to_owned());
    account::passphrase(&word)?;
    let base = app.base();
    let level = base.level(one(fields, "level")).ok_or_else(|| Refusal::field("level", "请选择", "please choose"))?;
    let founding = unit::Founding {
        id: 0,
        level: level.id.clone(),
        class: base.class.first().map(|class| class.id.clone()).unwrap_or_default(),
        code: level.code.first().cloned().unwrap_or_default(),
        parts: Vec::new(),
        order_no: 1,
        search: luoshi_text::pinyin::title_key(&format!("{full_name} {short_name}")),
        short_name,
        full_name,
        on: jiff::civil::date(app.today().year(), 1, 1),
    };
    let hash = tokio::task::spawn_blocking(move || secret::hash(&word)).await.map_err(Trouble::broken)??;
    Ok(First { founding, name, login, hash })
}

// ---- invitations: a passphrase of one's own, by a one-time link

async fn show_join(headers: HeaderMap, Place((top, token)): Place<(i64, String)>) -> Markup {
    join_form(language(&headers), top, &token, &Complaints::default())
}

fn join_form(lang: Lang, top: i64, token: &str, complaints: &Complaints) -> Markup {
    shell::bare(
        lang,
        say(lang, "设置口令", "Set your passphrase"),
        html! {
            form.stack method="post" action={ "/join/" (top) "/" (token) } {
                (shell::field(lang, "passphrase", say(lang, "口令（至少10个字符）", "Passphrase (10 characters or more)"), "", complaints, html! {
                    input #passphrase name="passphrase" type="password" autocomplete="new-password" required;
                }))
                button.main { (say(lang, "设置并登录", "Set and sign in")) }
            }
        },
    )
}

async fn join(
    State(app): State<App>,
    headers: HeaderMap,
    Place((top, token)): Place<(i64, String)>,
    Stranger(fields): Stranger,
) -> Result<Response, Trouble> {
    let word = one(&fields, "passphrase").to_owned();
    if let Err(refusal) = account::passphrase(&word) {
        let page = join_form(language(&headers), top, &token, &Complaints::new(vec![refusal]));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let hash = tokio::task::spawn_blocking(move || secret::hash(&word)).await.map_err(Trouble::broken)??;
    let account = app.write(move |tx| account::accept(tx, top, &token, &hash)).await?;
    begin(&app, account).await
}

/// Invites a person by a one-time link: shown once, to be handed over.
pub(crate) async fn invite(
    sent: &Sent,
    visit: &Visit,
    at: &luoshi_rules::Unit,
    person: i64,
) -> Result<String, Trouble> {
    let permit = visit.actor.permit(&visit.rules.base, Verb::Roll, at)?;
    let (token, login) = (secret::token()?, form::one(&sent.fields, "login").to_owned());
    let (key, top) = (token.clone(), permit.top());
    visit.app.write(move |tx| account::invite(tx, &permit, person, &login, &key)).await?;
    Ok(format!("/join/{top}/{token}"))
}
