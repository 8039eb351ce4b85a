//! Asking anew who somebody is, before how they sign in is changed: by everything they sign in with, so that who finds a
//! browser signed in, or has stolen its cookie, cannot make the account their own.

use super::passkey;
use super::second::{code_field, may_set_up, right};
use crate::form::{Complaints, HalfSent, one, whole};
use crate::routes::Routes;
use crate::shell::{self, field};
use crate::trouble::Trouble;
use crate::visit::{Half, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use luoshi_rules::Refusal;
use luoshi_store::account::{self, Account};
use luoshi_store::{passkey as keys, second, session};
use maud::{Markup, html};
use std::collections::HashMap;

/// Where the page is.
pub(super) const HERE: &str = "/me/prove";
/// The pages that lead here, and to which it leads back.
const PAGES: [&str; 3] = ["/me/settings", "/me/second", "/me/passkeys"];

pub fn routes() -> Routes {
    Routes::new().route(HERE, get(show).post(answer))
}

/// Leads here first, and then back.
pub(super) fn first(page: &str) -> Response {
    Redirect::to(&format!("{HERE}?to={page}")).into_response()
}

/// The page to lead back to: one of ours.
pub(super) fn back(asked: &str) -> &'static str {
    PAGES.into_iter().find(|page| *page == asked).unwrap_or("/me/settings")
}

/// What somebody can prove it by.
#[derive(Debug, Clone, Copy)]
struct Means {
    passphrase: bool,
    code: bool,
    passkey: bool,
}

async fn means(visit: &Visit) -> Result<Means, Trouble> {
    visit.in_person()?;
    may_set_up(visit).await?;
    let actor = visit.actor.clone();
    let read = move |tx: &luoshi_store::Tx| {
        Ok((account::has_passphrase(tx, &actor)?, second::known(tx, &actor)?.is_some(), keys::list(tx, &actor)?))
    };
    let (passphrase, code, passkeys) = visit.app.read(read).await?;
    let passkey = visit.app.setup().origin.is_some() && passkeys.iter().any(|key| key.stopped == 0);
    // both factors where there are two: a passkey is the second one of who has no codes
    Ok(Means { passphrase: passphrase && (code || !passkey), code, passkey })
}

async fn show(Half(visit): Half, Query(asked): Query<HashMap<String, String>>) -> Result<Response, Trouble> {
    page(&visit, back(asked.get("to").map_or("", String::as_str)), &Complaints::default()).await
}

/// The page that asks.
pub(super) async fn page(visit: &Visit, to: &str, complaints: &Complaints) -> Result<Response, Trouble> {
    let means = means(visit).await?;
    let (form, cookie) = match means.passkey {
        true => passkey::prove::form_for(visit, to).await?,
        false => (html! {}, None),
    };
    let body = html! {
        p { (visit.say("更改登录方式（口令、验证码、通行密钥、令牌、已登录设备）前，再确认一次是您本人。十分钟内不再询问。",
            "Before you change how you sign in (passphrase, codes, passkeys, tokens, sessions), show once more that it is you. You are not asked again for ten minutes.")) }
        @for words in complaints.all(visit.lang) { p.error role="alert" { "▲ " (words) } }
        @if means.passphrase { (by_passphrase(visit, to, means.code)) }
        (form)
        @if !means.passphrase {
            p.help { (visit.say("也可以退出后重新登录，登录后十分钟内可以更改。", "Or sign out and in again: for ten minutes after signing in you can change it.")) }
            (super::second::leave(visit))
        }
        p { a href="/me" { "‹ " (visit.say("不更改，返回“我的数据”", "Change nothing, back to “My data”")) } }
    };
    let page = shell::bare(visit.lang, visit.say("确认是您本人", "Is it you?"), body);
    Ok(passkey::prove::page_for(cookie, complaints, page))
}

fn by_passphrase(visit: &Visit, to: &str, code: bool) -> Markup {
    let input = html! { input #passphrase name="passphrase" type="password" autocomplete="current-password" required; };
    let none = Complaints::default();
    html! {
        form.stack method="post" action=(HERE) {
            (shell::hidden(visit))
            input type="hidden" name="to" value=(to);
            (field(visit.lang, "passphrase", visit.say("口令", "Passphrase"), "", &none, input))
            @if code { (code_field(visit, visit.say("手机验证码，或一个恢复码。", "The code of your phone, or one of your recovery codes."), &none)) }
            button.main { (visit.say("确认", "It is me")) }
        }
    }
}

async fn answer(HalfSent(sent): HalfSent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let to = back(one(&sent.fields, "to"));
    let word = whole(&sent.fields, "passphrase").to_owned();
    match proven(visit, word, one(&sent.fields, "code")).await {
        Ok(()) => Ok(Redirect::to(to).into_response()),
        Err(Trouble::Refused(refusal)) => page(visit, to, &Complaints::new(vec![refusal])).await,
        Err(other) => Err(other),
    }
}

/// Compares everything that was asked for; each try is counted before it is compared, as at the door.
async fn proven(visit: &Visit, word: String, code: &str) -> Result<(), Trouble> {
    let means = means(visit).await?;
    let actor = visit.actor.clone();
    let account = visit.app.write(move |tx| account::attempt_own(tx, &actor)).await?;
    if !means.passphrase || !visit.app.is_right(word, account.hash).await? {
        return Err(Refusal::rule("口令不对，请重新输入", "the passphrase is wrong; type it again").into());
    }
    if means.code {
        let own = Account { top: visit.actor.top, person: visit.actor.person, hash: String::new() };
        right(visit, &own, code).await?;
    }
    mark(visit).await
}

/// Notes that they proved it.
pub(super) async fn mark(visit: &Visit) -> Result<(), Trouble> {
    let (actor, token) = (visit.actor.clone(), visit.token.clone());
    visit.app.write(move |tx| session::prove(tx, &actor, &token)).await
}
