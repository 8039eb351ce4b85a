//! Invitations: a passphrase of one's own, by a one-time link.

use super::enter;
use crate::app::App;
use crate::form::{self, Complaints, Sent, Stranger, whole};
use crate::routes::Routes;
use crate::shell::{self, say};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, language};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use luoshi_rules::{Lang, Unit};
use luoshi_store::account::{self, Over};
use luoshi_store::secret;
use luoshi_store::session::Strength;
use maud::{Markup, html};

pub fn routes() -> Routes {
    Routes::new().route("/join/{top}/{token}", get(show_join).post(join))
}

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
    let word = whole(&fields, "passphrase").to_owned();
    let key = token.clone();
    let own = app.read(move |tx| account::known_invited(tx, top, &key)).await?;
    if let Err(refusal) = luoshi_rules::passphrase::check(&word, &own) {
        let complaints = Complaints::new(vec![refusal]);
        let page = join_form(language(&headers), top, &token, &complaints);
        return Ok(complaints.answer(page));
    }
    let hash = app.hash(word).await?;
    let account = app.write(move |tx| account::accept(tx, top, &token, &hash)).await?;
    enter(&app, account, Strength::One, &headers).await
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
    Ok(format!("/join/{top}/{token}"))
}
