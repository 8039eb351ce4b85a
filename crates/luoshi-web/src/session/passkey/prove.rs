//! Proving anew who one is, by a passkey that makes sure who uses it.

use super::{begin, button, form, options, page_with, passkey, proven, status};
use crate::form::{Complaints, HalfSent, one};
use crate::routes::Routes;
use crate::session::prove::{back, mark, page};
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::Visit;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use maud::{Markup, html};

/// Where the answer goes.
const TO: &str = "/me/prove/passkey";

pub fn routes() -> Routes {
    Routes::new().route(TO, post(answer))
}

/// The form that asks one of the visitor's passkeys, and the cookie for its ticket.
pub(in crate::session) async fn form_for(visit: &Visit, to: &str) -> Result<(Markup, Option<String>), Trouble> {
    let actor = visit.actor.clone();
    let known = visit.app.read(move |tx| passkey::list(tx, &actor)).await?;
    let (asked, cookie) = begin(&visit.app, true).await?;
    let inside = html! {
        (shell::hidden(visit))
        input type="hidden" name="to" value=(to);
        (button(visit.say("用通行密钥确认", "Use a passkey")))
    };
    Ok((form(visit.lang, (TO, "use"), &options(&asked, &known), inside), Some(cookie)))
}

/// The page, with the cookie if a passkey is asked for.
pub(in crate::session) fn page_for(cookie: Option<String>, complaints: &Complaints, page: Markup) -> Response {
    match cookie {
        Some(cookie) => page_with(cookie, status(complaints), page),
        None => complaints.answer(page),
    }
}

async fn answer(headers: HeaderMap, HalfSent(sent): HalfSent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.in_person()?;
    let to = back(one(&sent.fields, "to"));
    match proven(&visit.app, &headers, &sent.fields, (Some(visit), true)).await {
        Ok(_) => {
            mark(visit).await?;
            Ok(Redirect::to(to).into_response())
        }
        Err(Trouble::Refused(refusal)) => page(visit, to, &Complaints::new(vec![refusal])).await,
        Err(other) => Err(other),
    }
}
