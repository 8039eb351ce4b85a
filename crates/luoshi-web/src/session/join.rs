//! Invitations: a passphrase of one's own, by a one-time link.

use super::enter;
use crate::app::App;
use crate::form::{self, Complaints, Fields, Sent, Stranger, one, whole};
use crate::routes::Routes;
use crate::shell::{self, say};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, language};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Redirect, Response};
use axum::routing::get;
use luoshi_rules::{Lang, Refusal, Unit};
use luoshi_store::account::{self, Account, Over};
use luoshi_store::secret;
use luoshi_store::session::Strength;
use maud::{Markup, html};

pub fn routes() -> Routes {
    Routes::new().route("/join", get(show).post(join)).route("/join/{top}/{token}", get(old_link))
}

/// A link to set a passphrase. What opens it stands behind the `#`, which no browser sends: it is in no log on the way.
pub(crate) fn link(top: i64, token: &str) -> String {
    format!("/join#{top}.{token}")
}

/// Links from before, which last three days, lead on to where the code is no part of what is asked for.
async fn old_link(Place((top, token)): Place<(i64, String)>) -> Redirect {
    let plain = token.chars().all(|sign| sign.is_ascii_alphanumeric());
    Redirect::to(&if plain { link(top, &token) } else { "/join".to_owned() })
}

async fn show(headers: HeaderMap) -> Markup {
    join_form(language(&headers), "", &Complaints::default())
}

fn join_form(lang: Lang, code: &str, complaints: &Complaints) -> Markup {
    let label = say(lang, "邀请码", "Code of the invitation");
    let help = say(
        lang,
        "从邀请链接打开时已填好；没有填好的，请粘贴链接中 # 后面的全部字符。",
        "Filled in where you came by the link; if not, paste all of the link behind the #.",
    );
    shell::bare(
        lang,
        say(lang, "设置口令", "Set your passphrase"),
        html! {
            form.stack method="post" action="/join" {
                (shell::field(lang, "code", label, help, complaints, html! {
                    input #code name="code" value=(code) maxlength="200" autocomplete="off" spellcheck="false" data-behind="" required;
                }))
                (shell::field(lang, "passphrase", say(lang, "口令（至少10个字符）", "Passphrase (10 characters or more)"), "", complaints, html! {
                    input #passphrase name="passphrase" type="password" autocomplete="new-password" required;
                }))
                button.main { (say(lang, "设置并登录", "Set and sign in")) }
            }
        },
    )
}

async fn join(State(app): State<App>, headers: HeaderMap, Stranger(fields): Stranger) -> Result<Response, Trouble> {
    match joined(&app, &fields).await {
        Ok(account) => enter(&app, account, Strength::One, &headers).await,
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = join_form(language(&headers), one(&fields, "code"), &complaints);
            Ok(complaints.answer(page))
        }
        Err(other) => Err(other),
    }
}

/// The account of whoever has the code, with the passphrase they chose.
async fn joined(app: &App, fields: &Fields) -> Result<Account, Trouble> {
    let wrong = || {
        let zh = "邀请码不对、已用过或已撤回：请核对是否完整，或联系邀请您的人重新发送";
        Refusal::field("code", zh, "wrong, used or taken back: see that it is whole, or ask for a new invitation")
    };
    let code = one(fields, "code").rsplit('#').next().unwrap_or_default();
    let (top, token) = code.split_once('.').ok_or_else(wrong)?;
    let (top, token) = (top.parse::<i64>().map_err(|_| wrong())?, token.to_owned());
    let (word, key) = (whole(fields, "passphrase").to_owned(), token.clone());
    let own = app.read(move |tx| account::known_invited(tx, top, &key)).await?;
    luoshi_rules::passphrase::check(&word, &own)?;
    let hash = app.hash(word).await?;
    let accepted = app.write(move |tx| account::accept(tx, top, &token, &hash)).await;
    accepted.map_err(|trouble| if matches!(trouble, Trouble::NotFound) { wrong().into() } else { trouble })
}

/// Invites a person by a one-time link: shown once, to be handed over.
pub(crate) async fn invite(sent: &Sent, visit: &Visit, at: &Unit, person: i64) -> Result<String, Trouble> {
    let (token, login) = (secret::token()?, form::one(&sent.fields, "login").to_owned());
    let (key, top, at) = (token.clone(), at.top, at.clone());
    let (actor, rules) = (visit.actor.clone(), visit.rules.clone());
    let work = move |tx: &luoshi_store::Tx| {
        account::invite(tx, &Over { actor: &actor, base: &rules.base, at: &at, person }, &login, &key)
    };
    visit.app.write(work).await?;
    Ok(link(top, &token))
}
