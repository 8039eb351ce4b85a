//! A visit: who is asking, in which language, and what the page they ask for needs to know.

use crate::app::App;
use crate::trouble::Trouble;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, header, request::Parts};
use jiff::civil::Date;
use luoshi_rules::{Actor, Label, Lang, Rulebook, Unit, Verb};
use luoshi_store::{Fault, Tx, account, secret, unit};
use std::sync::Arc;

/// A request of somebody signed in.
#[derive(Clone)]
pub(crate) struct Visit {
    /// the installation
    pub app: App,
    /// who asks
    pub actor: Actor,
    /// in which language
    pub lang: Lang,
    /// the rules of their organisation
    pub rules: Arc<Rulebook>,
    /// the day
    pub today: Date,
    /// the address asked for, with its question
    pub address: String,
    /// what forms of this session must bear
    pub csrf: String,
    /// the session's token
    pub token: String,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Visit, Trouble> {
        let (top, token) = session(&parts.headers).ok_or(Trouble::SignIn)?;
        let today = app.today();
        let key = token.clone();
        let known = app.read(move |tx| account::actor(tx, top, &key, today)).await;
        let (actor, unseen) = known.map_err(|trouble| match trouble {
            Trouble::NotFound => Trouble::SignIn,
            other => other,
        })?;
        if unseen {
            let key = token.clone();
            match app.write(move |tx| account::seen(tx, top, &key)).await {
                Ok(()) | Err(Trouble::Full | Trouble::Lost) => {} // reading goes on when nothing can be written
                Err(other) => return Err(other),
            }
        }
        let rules = app.rules(actor.top).await?;
        let csrf = csrf(&token);
        let lang = language(&parts.headers);
        let address = parts.uri.path_and_query().map_or("/".to_owned(), ToString::to_string);
        Ok(Visit { app: app.clone(), actor, lang, rules, today, address, csrf, token })
    }
}

impl Visit {
    /// One of two wordings.
    pub fn say<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        crate::shell::say(self.lang, zh, en)
    }

    /// The wording of a label.
    pub fn of<'a>(&self, label: &'a Label) -> &'a str {
        label.of(self.lang)
    }

    /// Whether the visitor may `verb` at a unit.
    pub fn may(&self, verb: Verb, unit: &Unit) -> bool {
        self.actor.may(&self.rules.base, verb, &unit.path)
    }

    /// A unit by its id, when the visitor may `verb` there.
    pub async fn unit(&self, id: i64, verb: Verb) -> Result<Unit, Trouble> {
        let unit = self.app.read(move |tx| unit::find(tx, id)).await?;
        if self.may(verb, &unit) { Ok(unit) } else { Err(Trouble::NotFound) }
    }

    /// Does an act once for each key of a form, and returns where to go next.
    pub async fn act(
        &self,
        operation: i64,
        work: impl Fn(&Tx, &Actor) -> Result<String, Fault> + Send + 'static,
    ) -> Result<axum::response::Redirect, Trouble> {
        let actor = Actor { operation, ..self.actor.clone() };
        let to = self.app.write(move |tx| luoshi_store::operation::once(tx, &actor, |tx| work(tx, &actor))).await?;
        Ok(axum::response::Redirect::to(&to))
    }

    /// The year asked for when an address names none.
    pub fn year(&self) -> i16 {
        self.today.year()
    }
}

/// A year of an address: one that records may have.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(try_from = "i16")]
pub(crate) struct Year(pub i16);

impl TryFrom<i16> for Year {
    type Error = &'static str;
    fn try_from(year: i16) -> Result<Year, &'static str> {
        if (1949..=2199).contains(&year) { Ok(Year(year)) } else { Err("no such year") }
    }
}

/// The parts of an address. One that does not read leads nowhere.
pub(crate) struct Place<T>(pub T);

impl<T: serde::de::DeserializeOwned + Send> FromRequestParts<App> for Place<T> {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Place<T>, Trouble> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, app).await;
        read.map(|axum::extract::Path(parts)| Place(parts)).map_err(|_| Trouble::NotFound)
    }
}

/// What forms of a session must bear, so that no other site can send them.
pub(crate) fn csrf(token: &str) -> String {
    secret::digest(format!("form:{token}").as_bytes()).chars().take(32).collect()
}

/// The language of the cookie; Chinese first.
pub(crate) fn language(headers: &HeaderMap) -> Lang {
    match cookie(headers, "lang").as_deref() {
        Some("en") => Lang::En,
        _ => Lang::Zh,
    }
}

/// The value of a cookie.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// Organisation and token of the session cookie.
fn session(headers: &HeaderMap) -> Option<(i64, String)> {
    let value = cookie(headers, "__Host-luoshi").or_else(|| cookie(headers, "luoshi"))?;
    let (top, token) = value.split_once('.')?;
    Some((top.parse().ok()?, token.to_owned()))
}
