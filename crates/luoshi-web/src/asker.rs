//! Who asks, as what stands around every page must know it: the log of what was refused, the trail of what was taken
//! away, and the limit of how much one account may ask for.

mod pace;

pub(crate) use pace::Paces;

use crate::app::{App, hold};
use crate::plan::PLAIN;
use crate::trouble::{KeptOut, Trouble};
use crate::visit::Visit;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, Uri, header, request::Parts};
use axum::middleware::Next;
use axum::response::Response;
use luoshi_store::sight::{Sort, Taken};
use std::sync::{Arc, Mutex};

/// On every request: who it turns out to come from, and what they take away.
#[derive(Clone, Default)]
pub(crate) struct Asker(Arc<Mutex<Said>>);

#[derive(Debug, Clone, Copy, Default)]
struct Said {
    who: Option<Who>,
    takes: Option<Taken>,
}

/// An account, as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who {
    pub top: i64,
    pub person: i64,
    pub bearer: bool,
}

/// What is known of a request beside who sent it.
struct Asked {
    method: Method,
    /// the pattern of its address
    route: String,
    /// the unit named in its address, or 0
    unit: i64,
    /// whether it asks for a file
    file: bool,
    /// whether a calendar program asks how it is to say who it is, as it does before each reading
    asks_how: bool,
}

impl Asker {
    /// The one of a request.
    pub fn of(parts: &Parts) -> Asker {
        parts.extensions.get::<Asker>().cloned().unwrap_or_default()
    }

    /// Notes who it is. Refuses an account that asks for too much; a request counts once.
    pub fn is(&self, app: &App, who: Who, parts: &Parts) -> Result<(), Trouble> {
        let mut said = hold(&self.0);
        if said.who.replace(who).is_some() {
            return Ok(());
        }
        app.paces().step(who, pace::sort(&parts.method, &parts.uri))
    }

    /// Notes what they take away.
    pub fn takes(&self, what: Taken) {
        hold(&self.0).takes = Some(what);
    }
}

impl Asked {
    fn of(request: &Request) -> Asked {
        let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
        let place = route.split('/').position(|part| part == "units").map(|at| at + 1);
        let unit = place.and_then(|at| request.uri().path().split('/').nth(at)?.parse().ok()).unwrap_or_default();
        let file = asks_format(request.uri());
        let asks_how = route == PLAIN && !request.headers().contains_key(header::AUTHORIZATION);
        Asked { method: request.method().clone(), route, unit, file, asks_how }
    }

    /// What a file of this address is, where the page did not say.
    fn takes(&self, who: Who, answer: &Response) -> Option<Taken> {
        let saved = answer.headers().contains_key(header::CONTENT_DISPOSITION);
        let list = self.file || self.route.starts_with("/api/v1/units/{unit}");
        let own = self.route.starts_with("/me") || self.route.starts_with("/api/v1/me");
        let taken = Taken { top: who.top, actor: who.person, unit: self.unit, sort: Sort::List };
        ((saved || list) && !own).then_some(taken)
    }
}

/// Whether an address asks for a list as a file.
fn asks_format(uri: &Uri) -> bool {
    let question = uri.query().unwrap_or_default();
    form_urlencoded::parse(question.as_bytes()).any(|(key, value)| key == "as" && !value.is_empty())
}

/// Stands around every page: logs what was refused, and lets no file go before the trail has it.
pub(crate) async fn watch(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let asker = Asker::default();
    request.extensions_mut().insert(asker.clone());
    let asked = Asked::of(&request);
    let answer = next.run(request).await;
    let said = *hold(&asker.0);
    log(&asked, said.who, &answer);
    if asked.method == Method::GET
        && answer.status() == StatusCode::OK
        && let Some(who) = said.who
        && let Some(taken) = said.takes.or_else(|| asked.takes(who, &answer))
    {
        app.traces().take(taken, who.bearer.then_some((app.today(), asked.route)));
        app.traces().written().await;
    }
    answer
}

/// A line for whoever was kept out, or tried to get round something: the account by its key, the pattern of the address
/// and the reason, and nothing that they typed.
fn log(asked: &Asked, who: Option<Who>, answer: &Response) {
    let why = answer.extensions().get::<KeptOut>().map_or("", |KeptOut(why)| why);
    let why = match answer.status() {
        _ if !why.is_empty() => why,
        StatusCode::UNAUTHORIZED if !asked.asks_how => "token",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND if who.is_some() => "outside",
        StatusCode::TOO_MANY_REQUESTS => "often",
        _ => return,
    };
    // who follows an address that leads nowhere gets round nothing
    if why == "outside" && (who.is_none() || asked.route == "none") {
        return;
    }
    let account = who.map(|who| format!("{}.{}", who.top, who.person)).unwrap_or_default();
    let (method, route, status) = (asked.method.as_str(), &asked.route, answer.status().as_u16());
    let method = if matches!(method, "GET" | "HEAD" | "POST") { method } else { "other" };
    tracing::warn!(target: "refused", account, method, %route, status, why, "refused");
}

impl Visit {
    /// Who this is, for what stands around every page.
    pub(crate) fn who(&self) -> Who {
        Who { top: self.actor.top, person: self.actor.person, bearer: self.bearer }
    }
}
