//! A visit: who is asking, in which language, and what the page they ask for needs to know.

use crate::app::App;
use crate::asker::Asker;
use crate::trouble::Trouble;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, Method, header, request::Parts};
use jiff::civil::Date;
use luoshi_rules::{Actor, Label, Lang, Rulebook, Unit, Verb};
use luoshi_store::session::{self, Strength};
use luoshi_store::{Fault, Tx, secret, token, unit};
use std::sync::Arc;

/// How long a proof of who somebody is serves, in milliseconds: ten minutes.
const PROVEN: i64 = 10 * 60 * 1000;

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
    /// whether a form is sent: what is answered cannot be asked for again by its address
    pub sends: bool,
    /// what forms of this session must bear
    pub csrf: String,
    /// the session's token
    pub token: String,
    /// whether they proved who they are by two factors
    pub strong: bool,
    /// whether they still have to
    pub waits: bool,
    /// whether a program asks in their name, by a token
    pub bearer: bool,
    /// whether its owner let that program raise proposals, and read those they raised
    pub proposes: bool,
    /// moment they last proved in this session who they are
    pub proven: i64,
    /// who asks, for what stands around every page
    pub asker: Asker,
}

/// A request of somebody whose second factor may still be to come: it reaches the page that asks for it.
pub(crate) struct Half(pub Visit);

impl FromRequestParts<App> for Visit {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Visit, Trouble> {
        Half::from_request_parts(parts, app).await?.0.whole()
    }
}

impl FromRequestParts<App> for Half {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Half, Trouble> {
        match parts.headers.get(header::AUTHORIZATION) {
            Some(said) => by_token(parts, app, said.to_str().unwrap_or_default()).await,
            None => by_session(parts, app).await,
        }
    }
}

/// A visit of somebody's browser.
async fn by_session(parts: &Parts, app: &App) -> Result<Half, Trouble> {
    let (top, token) = cookie_session(&parts.headers, app.setup().secure).ok_or(Trouble::SignIn)?;
    let (key, today) = (token.clone(), app.today());
    let known = app.read(move |tx| session::known(tx, top, &key, today)).await;
    let known = known.map_err(|trouble| match trouble {
        Trouble::NotFound => Trouble::SignIn,
        other => other,
    })?;
    if known.unseen {
        let key = token.clone();
        match app.write(move |tx| session::seen(tx, top, &key)).await {
            Ok(()) | Err(Trouble::Full | Trouble::Lost) => {} // reading goes on when nothing can be written
            Err(other) => return Err(other),
        }
    }
    let mut visit = visit(parts, app, known.actor, token).await?;
    visit.asker.is(app, visit.who(), parts)?;
    visit.strong = known.strength == Strength::Two;
    visit.proven = known.proven;
    visit.waits = !visit.strong && (known.factor || visit.needs_second());
    Ok(Half(visit))
}

/// A visit of a program: reads by GET, writes only with a token that may.
async fn by_token(parts: &Parts, app: &App, said: &str) -> Result<Half, Trouble> {
    let (top, token) = said.strip_prefix("Bearer ").and_then(split_token).ok_or(Trouble::Token)?;
    let (app_too, today) = (app.clone(), app.today());
    let known = app.read(move |tx| token::known(tx, app_too.base(), (top, &token), today)).await;
    let known = known.map_err(|trouble| match trouble {
        Trouble::NotFound => Trouble::Token,
        other => other,
    })?;
    let mut visit = visit(parts, app, known.actor, String::new()).await?;
    (visit.bearer, visit.proposes) = (true, known.proposals);
    visit.asker.is(app, visit.who(), parts)?;
    if !known.writes && !matches!(parts.method, Method::GET | Method::HEAD) {
        return Err(Trouble::ReadOnly);
    }
    visit.waits = !known.factor && visit.needs_second();
    if visit.waits { Err(Trouble::Token) } else { Ok(Half(visit)) }
}

/// What every visit has.
async fn visit(parts: &Parts, app: &App, actor: Actor, token: String) -> Result<Visit, Trouble> {
    let rules = app.rules(actor.top).await?;
    let address = parts.uri.path_and_query().map_or("/".to_owned(), ToString::to_string);
    Ok(Visit {
        app: app.clone(),
        actor,
        lang: language(&parts.headers),
        rules,
        today: app.today(),
        address,
        sends: !matches!(parts.method, Method::GET | Method::HEAD),
        csrf: csrf(&token),
        token,
        strong: false,
        waits: false,
        bearer: false,
        proposes: false,
        proven: 0,
        asker: Asker::of(parts),
    })
}

/// A token as programs show it: `luoshi_`, the organisation, the secret.
pub(crate) fn shown_token(top: i64, token: &str) -> String {
    format!("luoshi_{top}_{token}")
}

fn split_token(shown: &str) -> Option<(i64, String)> {
    let (top, token) = shown.trim().strip_prefix("luoshi_")?.split_once('_')?;
    Some((top.parse().ok()?, token.to_owned()))
}

impl Visit {
    /// A visit without a request: somebody's work from the command line.
    pub async fn direct(app: &App, actor: Actor, lang: Lang) -> Result<Visit, Trouble> {
        let (rules, today) = (app.rules(actor.top).await?, app.today());
        let (address, token) = ("/".to_owned(), String::new());
        let (csrf, app) = (csrf(&token), app.clone());
        let (sends, strong, waits, bearer, proposes, proven) = (false, false, false, false, false, 0);
        let asker = Asker::default();
        Ok(Visit {
            app,
            actor,
            lang,
            rules,
            today,
            address,
            sends,
            csrf,
            token,
            strong,
            waits,
            bearer,
            proposes,
            proven,
            asker,
        })
    }

    /// The visit, unless a second factor is still to come.
    pub fn whole(self) -> Result<Visit, Trouble> {
        if self.waits { Err(Trouble::Second) } else { Ok(self) }
    }

    /// Whether posts of theirs ask for a second factor.
    pub fn needs_second(&self) -> bool {
        self.app.setup().second && self.actor.is_above_member(&self.rules.base)
    }

    /// Refuses programs: how somebody signs in is changed by nobody but themselves.
    pub fn in_person(&self) -> Result<(), Trouble> {
        if self.bearer { Err(Trouble::NotFound) } else { Ok(()) }
    }

    /// Whether what they raised may be told here: to themselves, or to a program that they made for it. One made for
    /// something else must not tell who raised what under no name.
    pub fn sees_proposals(&self) -> bool {
        !self.bearer || self.proposes
    }

    /// Refuses programs that were made for something else than proposals.
    pub fn on_proposals(&self) -> Result<(), Trouble> {
        if self.sees_proposals() { Ok(()) } else { Err(Trouble::Unasked) }
    }

    /// Whether they proved who they are so lately that pages offer to change how they sign in.
    pub fn is_proven(&self) -> bool {
        session::is_proven(self.proven, PROVEN)
    }

    /// Refuses to change how somebody signs in unless they proved lately who they are: who finds a browser signed in
    /// must not keep it. What a page offered is still taken after as long again, so that nobody types in vain.
    pub fn in_proof(&self) -> Result<(), Trouble> {
        self.in_person()?;
        if session::is_proven(self.proven, 2 * PROVEN) { Ok(()) } else { Err(Trouble::Prove) }
    }

    /// One of two wordings.
    pub fn say<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        crate::shell::say(self.lang, zh, en)
    }

    /// A mark of punctuation, written as Chinese has it, as the language of the page has it.
    pub fn mark(&self, chinese: &'static str) -> &'static str {
        match (self.lang, chinese) {
            (Lang::Zh, mark) => mark,
            (Lang::En, "：") => ": ",
            (Lang::En, "，" | "、") => ", ",
            (Lang::En, "；") => "; ",
            (Lang::En, "（") => " (",
            (Lang::En, "）") => ")",
            (Lang::En, other) => other,
        }
    }

    /// Words in the brackets of the language, to stand behind others.
    pub fn aside(&self, words: impl std::fmt::Display) -> String {
        format!("{}{words}{}", self.mark("（"), self.mark("）"))
    }

    /// The wording of a label.
    pub fn of<'a>(&self, label: &'a Label) -> &'a str {
        label.of(self.lang)
    }

    /// Whether the visitor may `verb` at a unit.
    pub fn may(&self, verb: Verb, unit: &Unit) -> bool {
        self.actor.may(&self.rules.base, verb, &unit.path)
    }

    /// Whether the visitor is of the unit itself: on its roll or holding a post there. Who came to what is seen by them
    /// and the person alone; above, it is a rate.
    pub fn within(&self, unit: &Unit) -> bool {
        self.is_of(unit.id)
    }

    /// The same of a unit by its key.
    pub fn is_of(&self, unit: i64) -> bool {
        self.actor.home == unit || self.actor.posts.iter().any(|held| held.unit == unit)
    }

    /// A unit by its id, when the visitor may `verb` there.
    pub async fn unit(&self, id: i64, verb: Verb) -> Result<Unit, Trouble> {
        let unit = self.app.read(move |tx| unit::find(tx, id)).await?;
        if self.may(verb, &unit) { Ok(unit) } else { Err(Trouble::NotFound) }
    }

    /// Does an act once for each key of a form, and leads on to where it left off.
    pub async fn act(
        &self,
        operation: i64,
        work: impl Fn(&Tx, &Actor) -> Result<String, Fault> + Send + 'static,
    ) -> Result<axum::response::Redirect, Trouble> {
        Ok(axum::response::Redirect::to(&self.done(operation, work).await?))
    }

    /// Does an act once for each key, and returns the address of what was done.
    pub async fn done(
        &self,
        operation: i64,
        work: impl Fn(&Tx, &Actor) -> Result<String, Fault> + Send + 'static,
    ) -> Result<String, Trouble> {
        let actor = Actor { operation, ..self.actor.clone() };
        self.app.write(move |tx| luoshi_store::operation::once(tx, &actor, |tx| work(tx, &actor))).await
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
    match cookie(headers, "__Host-lang").or_else(|| cookie(headers, "lang")).as_deref() {
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

/// Organisation and token of the session cookie. Behind HTTPS that is the one which no other host of the domain can set.
pub(crate) fn cookie_session(headers: &HeaderMap, secure: bool) -> Option<(i64, String)> {
    let value = cookie(headers, if secure { "__Host-luoshi" } else { "luoshi" })?;
    let (top, token) = value.split_once('.')?;
    Some((top.parse().ok()?, token.to_owned()))
}
