//! Sign-in and security: one's own passphrase, second factor, sessions and language.

use super::{moment, tokens};
use crate::export;
use crate::form::{Complaints, Fields, Sent, one, whole};
use crate::routes::Routes;
use crate::session::codes_page;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::Visit;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use luoshi_office::{Kind, Table};
use luoshi_rules::Refusal;
use luoshi_store::{account, second, secret, session, token};
use maud::{Markup, html};
use std::collections::HashMap;

/// Where the page is.
const HERE: &str = "/me/settings";

pub fn routes() -> Routes {
    Routes::new()
        .route(HERE, get(show))
        .route("/me/passphrase", post(passphrase))
        .route("/me/recovery-codes", post(recovery))
        .route("/me/sessions/end", post(end))
}

async fn show(visit: Visit, Query(asked): Query<HashMap<String, String>>) -> Result<Response, Trouble> {
    if asked.contains_key("as") {
        visit.in_person()?;
        let actor = visit.actor.clone();
        let all = visit.app.read(move |tx| Ok((session::list(tx, &actor)?, token::list(tx, &actor)?))).await?;
        let is_tokens = export::which(&asked) == "tokens";
        let table = || if is_tokens { tokens::table(&visit, &all.1) } else { devices(&visit, &all.0) };
        return export::list(&asked, table)?.ok_or(Trouble::NotFound);
    }
    Ok(page(&visit, &Fields::new(), &Complaints::default(), html! {}).await?.into_response())
}

/// The page again, with what was wrong.
pub(super) async fn again(sent: &Sent, refusal: Refusal) -> Result<Response, Trouble> {
    let complaints = Complaints::new(vec![refusal]);
    let page = page(&sent.visit, &sent.fields, &complaints, html! {}).await?;
    Ok(complaints.answer(page))
}

/// The page, with a note above.
pub(super) async fn page(
    visit: &Visit,
    fields: &Fields,
    complaints: &Complaints,
    note: Markup,
) -> Result<Markup, Trouble> {
    visit.in_person()?;
    let actor = visit.actor.clone();
    let read = move |tx: &luoshi_store::Tx| {
        Ok((second::known(tx, &actor)?, session::list(tx, &actor)?, token::list(tx, &actor)?))
    };
    let (factor, sessions, all) = visit.app.read(read).await?;
    let title = visit.say("登录与安全", "Sign-in and security").to_owned();
    let head = Page { visit, title, unit: None, year: 0, dated: "", part: Part::Home };
    let body = html! {
        (note)
        (shell::complaints(visit, complaints))
        @if visit.is_proven() { (passphrase_form(visit, complaints)) } @else { (prove_first(visit)) }
        (factor_card(visit, factor))
        @if visit.app.setup().origin.is_some() { (passkeys(visit)) }
        (session_list(visit, &sessions))
        (tokens::card(visit, &all, fields, complaints))
        (language(visit))
    };
    Ok(shell::page(&head, body))
}

/// What stands in the place of the forms until somebody has shown that it is them.
fn prove_first(visit: &Visit) -> Markup {
    html! {
        section.card #prove {
            p { (visit.say("登录已超过十分钟。更改口令、验证码、令牌或结束登录前，请再确认一次是您本人。",
                "You signed in more than ten minutes ago. Before you change passphrase, codes or tokens, or end sessions, show once more that it is you.")) }
            p { a.button.main href="/me/prove" { (visit.say("确认并更改", "Confirm, then change")) } }
        }
    }
}

fn passphrase_form(visit: &Visit, complaints: &Complaints) -> Markup {
    let word = |key: &str, zh: &str, en: &str, auto: &str| {
        let input = html! { input id=(key) name=(key) type="password" autocomplete=(auto) required; };
        field(visit.lang, key, visit.say(zh, en), "", complaints, input)
    };
    html! {
        section.card #passphrase-card {
            h2 { (visit.say("更换口令", "Change the passphrase")) }
            form.stack method="post" action="/me/passphrase" {
                (shell::hidden(visit))
                (word("old", "现用口令", "The present one", "current-password"))
                (word("passphrase", "新口令（至少10个字符）", "The new one (10 characters or more)", "new-password"))
                button.main { (visit.say("更换", "Change")) }
                p.help { (visit.say("更换后，其他设备上的登录同时结束。", "Sign-ins on other devices end with it.")) }
            }
        }
    }
}

fn factor_card(visit: &Visit, factor: Option<second::Known>) -> Markup {
    html! {
        section.card #factor {
            h2 { (visit.say("两步验证", "Second step of signing in")) }
            @match factor {
                None => {
                    p { (visit.say("尚未启用：登录只需口令。", "Not set up: a passphrase is enough to sign in.")) }
                    p { a.button href="/me/second" { (visit.say("启用", "Set it up")) } }
                }
                Some(known) => {
                    p { (visit.say("● 已启用，自 ", "● Set up since ")) (moment(known.since)) (visit.say("。", ". "))
                        (visit.say("剩余恢复码：", "Recovery codes left: ")) (known.left) }
                    @if visit.is_proven() { div.actions {
                        a.button href="/me/second" { (visit.say("换用新手机", "Use another phone")) }
                        form method="post" action="/me/recovery-codes" {
                            (shell::hidden(visit)) button { (visit.say("重新生成恢复码", "New recovery codes")) }
                        }
                    } }
                }
            }
        }
    }
}

fn passkeys(visit: &Visit) -> Markup {
    html! {
        section.card #passkeys {
            h2 { (visit.say("通行密钥", "Passkeys")) }
            p { (visit.say("用指纹、面容、锁屏密码或安全密钥登录，不必输入口令和验证码。",
                "Sign in by finger, face, the lock of your screen or a security key, without passphrase and code.")) }
            p { a.button href="/me/passkeys" { (visit.say("管理通行密钥", "Manage passkeys")) } }
        }
    }
}

fn session_list(visit: &Visit, sessions: &[session::Line]) -> Markup {
    let own = secret::digest(visit.token.as_bytes());
    html! {
        section.card #sessions {
            h2 { (visit.say("正在登录的设备", "Where you are signed in")) }
            div.scroll { table.list {
                thead { tr { th { (visit.say("设备", "Device")) } th { (visit.say("登录", "Began")) } th { (visit.say("最近使用", "Last seen")) } th {} } }
                @for line in sessions { tr {
                    td { (device(visit, line)) }
                    td.nowrap { (moment(line.began)) } td.nowrap { (moment(line.seen)) }
                    td { @if line.id == own { (visit.say("本机", "This one")) } @else if visit.is_proven() { (end_form(visit, &line.id, visit.say("结束", "End"))) } }
                } }
            } }
            (shell::formats_of(visit, "sessions"))
            @if sessions.len() > 1 && visit.is_proven() { (end_form(visit, "others", visit.say("结束其他全部登录", "End all others"))) }
        }
    }
}

fn device<'a>(visit: &'a Visit, line: &'a session::Line) -> &'a str {
    if line.device.is_empty() { visit.say("未知设备", "Unknown") } else { &line.device }
}

/// Where one is signed in, as rows that can be taken away.
fn devices(visit: &Visit, sessions: &[session::Line]) -> Table {
    let columns = [
        ("device", "设备", "Device", Kind::Text),
        ("began", "登录", "Began", Kind::Text),
        ("seen", "最近使用", "Last seen", Kind::Text),
    ];
    let mut table = export::head(visit, visit.say("正在登录的设备", "Where you are signed in"), &columns);
    let row =
        |line: &session::Line| vec![device(visit, line).into(), moment(line.began).into(), moment(line.seen).into()];
    table.rows = sessions.iter().map(row).collect();
    table
}

fn end_form(visit: &Visit, id: &str, words: &str) -> Markup {
    html! {
        form method="post" action="/me/sessions/end" {
            (shell::hidden(visit)) input type="hidden" name="id" value=(id); button { (words) }
        }
    }
}

fn language(visit: &Visit) -> Markup {
    html! {
        section.card #language {
            h2 { (visit.say("语言", "Language")) }
            form.actions method="post" action="/language" {
                (shell::hidden(visit))
                input type="hidden" name="back" value=(HERE);
                button name="lang" value="zh" lang="zh" { "中文" }
                button name="lang" value="en" lang="en" { "English" }
            }
        }
    }
}

async fn passphrase(sent: Sent) -> Result<Response, Trouble> {
    sent.visit.in_proof()?;
    match changed(&sent).await {
        Ok(()) => Ok(Redirect::to(HERE).into_response()),
        Err(Trouble::Refused(refusal)) => again(&sent, refusal).await,
        Err(other) => Err(other),
    }
}

/// Changes the passphrase once the old one was right; the try is counted first, as at the door.
async fn changed(sent: &Sent) -> Result<(), Trouble> {
    let visit = &sent.visit;
    let (old, new) = (whole(&sent.fields, "old").to_owned(), whole(&sent.fields, "passphrase").to_owned());
    let (top, person) = (visit.actor.top, visit.actor.person);
    let own = visit.app.read(move |tx| account::known(tx, top, person)).await?;
    luoshi_rules::passphrase::check(&new, &own)?;
    let actor = visit.actor.clone();
    let account = visit.app.write(move |tx| account::attempt_own(tx, &actor)).await?;
    if !visit.app.is_right(old, account.hash).await? {
        return Err(Refusal::field("old", "现用口令不对", "the present passphrase is wrong").into());
    }
    let hash = visit.app.hash(new).await?;
    let (actor, token) = (visit.actor.clone(), visit.token.clone());
    visit.app.write(move |tx| account::change(tx, &actor, &token, &hash)).await
}

async fn recovery(sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.in_proof()?;
    let actor = visit.actor.clone();
    if !visit.strong {
        return Err(Trouble::Second);
    }
    let codes = visit.app.write(move |tx| second::recovery(tx, &actor)).await?;
    Ok(codes_page(visit, &codes).into_response())
}

/// Ends one session, or all others.
async fn end(sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.in_proof()?;
    let (actor, token, id) = (visit.actor.clone(), visit.token.clone(), one(&sent.fields, "id").to_owned());
    let work = move |tx: &luoshi_store::Tx| match id.as_str() {
        "others" => session::end_others(tx, &actor, &token),
        one => session::end_one(tx, &actor, one).map(drop),
    };
    visit.app.write(work).await?;
    Ok(Redirect::to(&format!("{HERE}#sessions")).into_response())
}
