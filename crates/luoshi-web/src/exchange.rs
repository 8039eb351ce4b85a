//! Sealed exchange: a team is sent out on a machine of its own, what it did is taken back, and the receipt of the wiping
//! is kept. The command line does the same by the same functions.

mod direct;
mod page;

pub use direct::{Command, Outcome, run};
pub(crate) use page::standing;

use crate::app::App;
use crate::form::{Complaints, Fields, Sent, one, operation};
use crate::record::Filled;
use crate::routes::Routes;
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use luoshi_rules::{Actor, Refusal, Unit, Verb};
use luoshi_store::exchange::{self, Exchange, Harvest, Head, Outfit, Package, PublicKey};
use luoshi_store::round::{self, Round, Target};
use luoshi_store::{Fault, Tx};
use std::collections::HashMap;
use std::sync::Arc;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/rounds/{id}/exchanges", get(show).post(send))
        .route("/units/{unit}/rounds/{id}/exchanges/{exchange}/package", get(package))
        .route("/units/{unit}/rounds/{id}/exchanges/{exchange}/voids", post(give_up))
        .route("/units/{unit}/rounds/{id}/returns", post(take))
        .route("/units/{unit}/rounds/{id}/receipts", post(receipt))
}

/// What the page shows.
pub(crate) struct Found {
    pub round: Round,
    pub targets: Vec<Target>,
    pub all: Vec<Exchange>,
    /// the key of this installation
    pub own: PublicKey,
}

/// A package that came back, opened.
struct Opened {
    exchange: i64,
    round: i64,
    no: (i64, bool),
    text: Vec<u8>,
    harvest: Harvest,
    files: Vec<Vec<u8>>,
}

impl Found {
    /// The units of a team, by their short names.
    pub fn units(&self, team: i64) -> Vec<&str> {
        self.targets.iter().filter(|target| target.team == team).map(|target| target.name.as_str()).collect()
    }
}

pub(crate) async fn find(visit: &Visit, at: &Unit, id: i64) -> Result<Found, Trouble> {
    let (scope, at) = (visit.actor.scope(&visit.rules.base, Verb::See, at)?, at.id);
    let read = move |tx: &Tx| {
        let round = round::find(tx, &scope, id)?;
        // only who sends a round sends its teams out
        if round.unit != at {
            return Err(Fault::NotFound);
        }
        let (targets, all) = (round::targets(tx, &scope, id)?, exchange::list(tx, &scope, id)?);
        Ok(Found { round, targets, all, own: exchange::own_key(tx)? })
    };
    visit.app.read(read).await
}

async fn show(
    visit: Visit,
    Place((id, round)): Place<(i64, i64)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::Act).await?;
    let found = find(&visit, &at, round).await?;
    if let Some(out) = crate::export::list(&query, || page::table(&visit, &found))? {
        return Ok(out);
    }
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(page::page(&visit, &at, &found, (&query, &filled)).into_response())
}

pub(crate) async fn send(Place((id, round)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    let (rules, place, fields) = (visit.rules.clone(), at.clone(), sent.fields.clone());
    let work = move |tx: &Tx, actor: &Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &place)?;
        let team = one(&fields, "team").parse().unwrap_or(0);
        let told = (one(&fields, "key"), one(&fields, "fingerprint"));
        let id = exchange::send(tx, &permit, (round, team), told)?;
        Ok(format!("{}#exchange-{id}", address(&place, round)))
    };
    let done = visit.act(operation(&sent.fields), work).await.map(IntoResponse::into_response);
    answered(&sent, (&at, round), "send", done).await
}

fn address(at: &Unit, round: i64) -> String {
    format!("/units/{}/rounds/{round}/exchanges", at.id)
}

/// The page again where something was refused, the form that was sent standing open.
async fn answered(
    sent: &Sent,
    (at, round): (&Unit, i64),
    form: &str,
    done: Result<Response, Trouble>,
) -> Result<Response, Trouble> {
    let Err(Trouble::Refused(refusal)) = done else { return done };
    let found = find(&sent.visit, at, round).await?;
    // the three forms for files have a field of the same name
    let refusal = match refusal {
        Refusal::Field { field, why } if field == "file" => Refusal::Field { field: format!("{form}-file"), why },
        other => other,
    };
    let complaints = Complaints::new(vec![refusal]);
    let filled = Filled { fields: &sent.fields, complaints: &complaints };
    let page = page::page(&sent.visit, at, &found, (&HashMap::new(), &filled));
    Ok(complaints.answer(page))
}

/// The package of a team that is out, made anew each time: only its machine can open it.
pub(crate) async fn package(
    visit: Visit,
    Place((id, round, exchange)): Place<(i64, i64, i64)>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::Act).await?;
    let found = find(&visit, &at, round).await?;
    let known = found.all.iter().find(|one| one.id == exchange).ok_or(Trouble::NotFound)?;
    let name = format!("luoshi-round-{round}-team-{}.luoshi", known.team);
    let bytes = packed(&visit, &at, exchange).await?;
    let head = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((head, bytes).into_response())
}

async fn packed(visit: &Visit, at: &Unit, exchange: i64) -> Result<Vec<u8>, Trouble> {
    let permit = visit.actor.permit(&visit.rules.base, Verb::Act, at)?;
    let rules = visit.rules.clone();
    let made = move |tx: &Tx| exchange::outfit(tx, &permit, &rules.base, exchange);
    let (head, outfit, partner): (Head, Outfit, PublicKey) = visit.app.read(made).await?;
    let text = serde_json::to_vec(&outfit).map_err(Trouble::broken)?;
    sealed(&visit.app, head, partner, (text, &outfit.files)).await
}

/// Seals a text and the files it names.
async fn sealed(app: &App, head: Head, to: PublicKey, (text, names): (Vec<u8>, &[String])) -> Result<Vec<u8>, Trouble> {
    let mut files = Vec::new();
    for digest in names {
        files.push(app.setup().files.read(digest).await.map_err(crate::record::attachment::lost)?);
    }
    let plain = exchange::wrap(text, files);
    app.read(move |tx| exchange::seal(tx, &to, head.clone(), &plain)).await
}

pub(crate) async fn take(Place((id, round)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    let done = try_take(&sent, &at, round).await;
    answered(&sent, (&at, round), "return", done).await
}

async fn try_take(sent: &Sent, at: &Unit, round: i64) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let opened = Arc::new(opened(visit, at, round, file(sent)?).await?);
    kept(&visit.app, &opened).await?;
    let (rules, place) = (visit.rules.clone(), at.clone());
    let work = move |tx: &Tx, actor: &Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &place)?;
        let merged = exchange::merge(tx, &permit, &rules.base, &opened.sent())?;
        let what = if merged.again { "again" } else { "taken" };
        Ok(format!("{}?{what}={}", address(&place, opened.round), merged.no))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

/// The file of a form.
fn file(sent: &Sent) -> Result<Vec<u8>, Trouble> {
    let missing = || Refusal::field("file", "请选择文件", "choose a file");
    Ok(sent.files.iter().find(|upload| upload.field == "file").ok_or_else(missing)?.bytes.to_vec())
}

impl Opened {
    fn sent(&self) -> exchange::Sent<'_> {
        (self.exchange, self.no, &self.text, &self.harvest)
    }
}

/// Opens a package that came back, and sees whether all of it can be taken; nothing is kept yet.
async fn opened(visit: &Visit, at: &Unit, round: i64, bytes: Vec<u8>) -> Result<Opened, Trouble> {
    let permit = visit.actor.permit(&visit.rules.base, Verb::Act, at)?;
    let rules = visit.rules.clone();
    let read = move |tx: &Tx| {
        let package = Package::read(&bytes)?;
        let (exchange, plain) = exchange::head(tx, &permit, round, &package)?;
        let (harvest, text, files) = exchange::unwrap(&plain, |harvest: &Harvest| &harvest.files)?;
        let files = files.into_iter().map(|(_, bytes)| bytes.to_vec()).collect();
        let (no, text) = ((package.head.no, package.head.last), text.to_vec());
        let opened = Opened { exchange: exchange.id, round, no, text, harvest, files };
        exchange::plan(tx, &permit, &rules.base, &opened.sent())?;
        Ok(opened)
    };
    visit.app.read(read).await
}

/// Keeps the files of a package, whole, before the facts that name them say so.
async fn kept(app: &App, opened: &Opened) -> Result<(), Trouble> {
    for bytes in &opened.files {
        app.setup().files.keep(bytes.clone()).await.map_err(crate::record::attachment::lost)?;
    }
    Ok(())
}

pub(crate) async fn receipt(Place((id, round)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    let done = try_keep(&sent, &at, round).await;
    answered(&sent, (&at, round), "receipt", done).await
}

async fn try_keep(sent: &Sent, at: &Unit, round: i64) -> Result<Response, Trouble> {
    let (visit, text) = (&sent.visit, String::from_utf8_lossy(&file(sent)?).into_owned());
    let (rules, place) = (visit.rules.clone(), at.clone());
    let work = move |tx: &Tx, actor: &Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &place)?;
        exchange::keep(tx, &permit, round, &text)?;
        Ok(address(&place, round))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

pub(crate) async fn give_up(
    Place((id, round, exchange)): Place<(i64, i64, i64)>,
    sent: Sent,
) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    let found = find(visit, &at, round).await?;
    if found.all.iter().all(|one| one.id != exchange) {
        return Err(Trouble::NotFound);
    }
    let (rules, place, why) = (visit.rules.clone(), at.clone(), one(&sent.fields, "why").to_owned());
    let work = move |tx: &Tx, actor: &Actor| {
        exchange::give_up(tx, &actor.permit(&rules.base, Verb::Act, &place)?, exchange, &why)?;
        Ok(address(&place, round))
    };
    let done = visit.act(operation(&sent.fields), work).await.map(IntoResponse::into_response);
    answered(&sent, (&at, round), "void", done).await
}
