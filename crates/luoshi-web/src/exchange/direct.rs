//! The command line's way to do the same: at home in the name of an account, on the machine in nobody's.

use super::{kept, opened, packed, sealed};
use crate::app::App;
use crate::trouble::{self, Trouble};
use crate::visit::Visit;
use luoshi_rules::{Actor, Lang, Unit, Verb};
use luoshi_store::exchange::{self, Issued, Merged, Outfit, Package};
use luoshi_store::{Tx, operator, unit};
use serde_json::{Value as Json, json};

/// What to do.
pub enum Command {
    /// show the public key of this installation
    Key,
    /// send a team out
    Send {
        /// in whose name
        login: String,
        /// the round
        round: i64,
        /// the team
        team: i64,
        /// public key of the machine
        key: String,
        /// its fingerprint as it was read out
        fingerprint: String,
    },
    /// open a package on the machine
    Open {
        /// the package
        bytes: Vec<u8>,
        /// public key of home
        key: String,
        /// its fingerprint as it was read out
        fingerprint: String,
    },
    /// make a package to give back
    Return {
        /// nothing more is done on the machine
        last: bool,
    },
    /// take a package back
    Take {
        /// in whose name
        login: String,
        /// the package
        bytes: Vec<u8>,
    },
    /// keep a receipt
    Receipt {
        /// in whose name
        login: String,
        /// the receipt
        text: String,
    },
}

/// What came of it.
pub struct Outcome {
    /// for people
    pub words: String,
    /// for programs
    pub told: Json,
    /// a package that was made
    pub bytes: Option<Vec<u8>>,
}

/// Does it. The error holds words for the user.
pub async fn run(app: &App, command: Command, lang: Lang) -> Result<Outcome, String> {
    let done = match command {
        Command::Key => key(app).await,
        Command::Send { login, round, team, key, fingerprint } => {
            send(app, lang, &login, ((round, team), (key, fingerprint))).await
        }
        Command::Open { bytes, key, fingerprint } => open(app, bytes, (key, fingerprint)).await,
        Command::Return { last } => give(app, last).await,
        Command::Take { login, bytes } => take(app, lang, &login, bytes).await,
        Command::Receipt { login, text } => receipt(app, lang, &login, text).await,
    };
    done.map_err(|trouble| {
        let trouble::Told { zh, en, .. } = trouble::told(trouble);
        if lang == Lang::Zh { zh } else { en }
    })
}

async fn key(app: &App) -> Result<Outcome, Trouble> {
    let own = app.read(exchange::own_key).await?;
    let words = format!("公钥 key:         {own}\n指纹 fingerprint: {}", own.fingerprint());
    let told = json!({ "key": own.to_string(), "fingerprint": own.fingerprint() });
    Ok(Outcome { words, told, bytes: None })
}

/// Somebody's visit to the unit that sends a round.
async fn visit(app: &App, lang: Lang, login: &str, round: i64) -> Result<(Visit, Unit), Trouble> {
    let (login, today) = (login.to_owned(), app.today());
    let read = move |tx: &Tx| {
        let actor = operator::actor(tx, &login, today)?;
        Ok((actor, unit::find(tx, exchange::sender(tx, round)?)?))
    };
    let (actor, at): (Actor, Unit) = app.read(read).await?;
    let visit = Visit::direct(app, actor, lang).await?;
    if visit.may(Verb::Act, &at) { Ok((visit, at)) } else { Err(Trouble::NotFound) }
}

async fn send(
    app: &App,
    lang: Lang,
    login: &str,
    ((round, team), (key, fingerprint)): ((i64, i64), (String, String)),
) -> Result<Outcome, Trouble> {
    let (visit, at) = visit(app, lang, login, round).await?;
    let (rules, actor, place) = (visit.rules.clone(), visit.actor.clone(), at.clone());
    let work = move |tx: &Tx| {
        let scope = actor.scope(&rules.base, Verb::See, &place)?;
        let out = exchange::list(tx, &scope, round)?.into_iter().find(|one| one.team == team && one.ended.is_empty());
        // the same team to the same machine: the package is made again
        if let Some(out) = out.filter(|out| Ok(&out.partner) == key.parse().as_ref() && out.returns.is_empty()) {
            return Ok(out.id);
        }
        let permit = actor.permit(&rules.base, Verb::Act, &place)?;
        exchange::send(tx, &permit, (round, team), (&key, &fingerprint))
    };
    let id = app.write(work).await?;
    let bytes = packed(&visit, &at, id).await?;
    let words = format!("round {round}, team {team}: out, exchange {id}");
    Ok(Outcome { words, told: json!({ "exchange": id, "round": round, "team": team }), bytes: Some(bytes) })
}

async fn open(app: &App, bytes: Vec<u8>, (key, fingerprint): (String, String)) -> Result<Outcome, Trouble> {
    let (base, today) = (app.base().clone(), app.today());
    let read = move |tx: &Tx| {
        let package = Package::read(&bytes)?;
        let (head, plain) = exchange::open_head(tx, &base, &package, (&key, &fingerprint), today)?;
        let (outfit, _, files) = exchange::unwrap(&plain, |outfit: &Outfit| &outfit.files)?;
        let files: Vec<Vec<u8>> = files.into_iter().map(|(_, bytes)| bytes.to_vec()).collect();
        Ok((head.clone(), std::sync::Arc::new(outfit), files))
    };
    let (head, outfit, files) = app.read(read).await?;
    let fresh = app.read(exchange::is_fresh).await?;
    for bytes in if fresh { files } else { Vec::new() } {
        app.setup().files.keep(bytes).await.map_err(crate::record::attachment::lost)?;
    }
    let known = outfit.clone();
    let issued: Vec<Issued> = app.write(move |tx| exchange::fill(tx, &head, &known, today)).await?;
    let mut words = format!("{}: team {}\n", outfit.name, outfit.team);
    for one in &issued {
        words += &format!("{}  {}  {}\n", one.name, one.login, one.path);
    }
    words += "Serve this folder (luoshi serve --data …); each opens their path on its address within a day.";
    let people: Vec<Json> =
        issued.iter().map(|one| json!({ "name": one.name, "login": one.login, "path": one.path })).collect();
    let told = json!({ "round": outfit.name, "team": outfit.team, "people": people });
    Ok(Outcome { words, told, bytes: None })
}

async fn give(app: &App, last: bool) -> Result<Outcome, Trouble> {
    let (base, today) = (app.base().clone(), app.today());
    let (copy, head, text, names) = app.write(move |tx| exchange::give(tx, &base, last, today)).await?;
    let (no, last) = (head.no, head.last);
    let bytes = sealed(app, head, copy.home().clone(), (text, &names)).await?;
    let end = if last { "the last one: nothing more is done here" } else { "work goes on here" };
    Ok(Outcome { words: format!("package {no}, {end}"), told: json!({ "no": no, "last": last }), bytes: Some(bytes) })
}

async fn take(app: &App, lang: Lang, login: &str, bytes: Vec<u8>) -> Result<Outcome, Trouble> {
    let about = Package::read(&bytes)?.head.exchange;
    let round = app.read(move |tx| exchange::round_of(tx, about)).await?;
    let (visit, at) = visit(app, lang, login, round).await?;
    let opened = opened(&visit, &at, round, bytes).await?;
    kept(app, &opened).await?;
    let permit = visit.actor.permit(&visit.rules.base, Verb::Act, &at)?;
    let rules = visit.rules.clone();
    let merged: Merged = app.write(move |tx| exchange::merge(tx, &permit, &rules.base, &opened.sent())).await?;
    let words = match merged.again {
        true => format!("package {} was taken before: nothing has changed", merged.no),
        false => format!("package {}: {} new matters, {} new steps", merged.no, merged.matters, merged.events),
    };
    let told = json!({ "no": merged.no, "again": merged.again, "last": merged.last, "matters": merged.matters,
        "events": merged.events });
    Ok(Outcome { words, told, bytes: None })
}

async fn receipt(app: &App, lang: Lang, login: &str, text: String) -> Result<Outcome, Trouble> {
    let about = exchange::about(&text)?;
    let round = app.read(move |tx| exchange::round_of(tx, about)).await?;
    let (visit, at) = visit(app, lang, login, round).await?;
    let permit = visit.actor.permit(&visit.rules.base, Verb::Act, &at)?;
    let kept = app.write(move |tx| exchange::keep(tx, &permit, round, &text)).await?;
    let words = format!("receipt valid: {} files wiped, last package {}", kept.pieces.len(), kept.package.0);
    let told = json!({ "files": kept.pieces.len(), "package": kept.package.0, "ended": kept.ended });
    Ok(Outcome { words, told, bytes: None })
}
