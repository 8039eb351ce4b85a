//! An import from the command line: what the browser reads, checks and writes, by the same code, in one call. It is
//! done in the name of an account, with the rights of its person, and is in the audit trail as theirs.

use super::check::Wrong;
use super::duties::{self, Bad, Unfit};
use super::{Body, SORTS, load, preview, progress, run, verb};
use crate::app::App;
use crate::form::Upload;
use crate::record::attachment;
use crate::trouble::{self, Trouble};
use crate::visit::Visit;
use jiff::civil::Date;
use luoshi_rules::{Clause, Lang, Pack, Refusal, Unit, Verb};
use luoshi_store::{audit, import, new_id, operator, secret};
use serde::Serialize;
use std::pin::pin;
use std::time::Duration;

/// How often it is told how far the work has come.
const BEAT: Duration = Duration::from_millis(200);

/// What is to be imported, and in whose name.
pub struct Wish {
    /// sign-in name of who does it
    pub login: String,
    /// the unit it is done at; that of their post when none is named
    pub unit: Option<i64>,
    /// name of the file
    pub name: String,
    /// what is in it
    pub bytes: Vec<u8>,
    /// units, people, records or duties; recognised when empty
    pub sort: String,
    /// read and check only
    pub dry: bool,
    /// whether the roll follows the sheet where they differ
    pub follow: bool,
    /// the day from which a list of duties is in force
    pub from: Option<Date>,
    /// the language of what is said
    pub lang: Lang,
}

/// What came of it.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// what the sheet lists
    pub sort: String,
    /// whether it was written
    pub written: bool,
    /// rows that make something, or clauses that are new
    pub new: usize,
    /// that are there already
    pub same: usize,
    /// that the sheet says otherwise of
    pub changed: usize,
    /// why it could not be read or written at all
    pub failed: Option<String>,
    /// what keeps it from being written
    pub faults: Vec<Fault>,
    /// where it says otherwise than the system, which keeps nothing from being written
    pub notes: Vec<Fault>,
    /// the sheet with its faults as comments, when it has any
    #[serde(skip)]
    pub annotated: Option<Vec<u8>>,
}

/// Something to say of a cell.
#[derive(Debug, Serialize)]
pub struct Fault {
    /// row, from 1; 0 when it is not about one
    pub row: usize,
    /// the head of its column
    pub column: String,
    /// what it holds; numbers of people with their middles hidden
    pub cell: String,
    /// what is wrong, and what to do
    pub problem: String,
}

/// Imports a file; `told` hears how many rows are done. The error holds words for the user.
pub async fn import_file(app: &App, wish: Wish, told: impl Fn(i64)) -> Result<Report, String> {
    let lang = wish.lang;
    direct(app, wish, &told).await.map_err(|trouble| {
        let trouble::Told { zh, en, .. } = trouble::told(trouble);
        if lang == Lang::Zh { zh } else { en }
    })
}

async fn direct(app: &App, wish: Wish, told: &impl Fn(i64)) -> Result<Report, Trouble> {
    let (login, today) = (wish.login.clone(), app.today());
    let actor = app.read(move |tx| operator::actor(tx, &login, today)).await?;
    let visit = Visit::direct(app, actor, wish.lang).await?;
    let file = Upload { field: "file".into(), name: wish.name.clone(), bytes: wish.bytes.clone().into() };
    attachment::open_to_all(&file)?;
    let sort = SORTS.into_iter().chain(["duties"]).find(|sort| *sort == wish.sort).unwrap_or_default();
    if sort == "duties" || wish.name.to_lowercase().ends_with(".toml") {
        let at = place(&visit, &wish, Verb::Rule).await?;
        return list(&visit, &at, file, &wish).await;
    }
    let at = place(&visit, &wish, Verb::Roll).await?;
    if wish.dry {
        let running = progress::begin(new_id());
        let body = watched(running.id(), told, run::parse(&visit, &at, file, sort, &running)).await;
        return report(&visit, body.unwrap_or_else(run::broken));
    }
    let (rules, actor, unit) = (visit.rules.clone(), visit.actor.clone(), at.clone());
    let (name, digest) = (wish.name.chars().take(120).collect::<String>(), secret::digest(&file.bytes));
    let begin = move |tx: &luoshi_store::Tx| {
        let permit = actor.permit(&rules.base, Verb::Roll, &unit)?;
        let id = import::begin(tx, &permit, &name, &digest)?;
        audit::note(tx, &permit, "import.command", id, "")?;
        Ok(id)
    };
    let id = app.write(begin).await?;
    watched(id, told, run::read(visit.clone(), at.clone(), id, file, sort.to_owned())).await;
    let (found, body) = load(&visit, &at, id).await?;
    if found.state != "ready" {
        return report(&visit, body);
    }
    let permit = visit.actor.permit(&visit.rules.base, verb(&found.sort), &at)?;
    app.write(move |tx| import::advance(tx, &permit, id, ("ready", "writing"))).await?;
    let body = Body { follow: wish.follow, ..body };
    watched(id, told, run::write(visit.clone(), at.clone(), id, body)).await;
    report(&visit, load(&visit, &at, id).await?.1)
}

/// Does the work, telling now and then how many rows are done.
async fn watched<T>(id: i64, told: &impl Fn(i64), work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(BEAT) => told(progress::of(id).unwrap_or_default()),
        }
    }
}

/// The unit named, or the highest one where a post of theirs lets them.
async fn place(visit: &Visit, wish: &Wish, verb: Verb) -> Result<Unit, Trouble> {
    let mut posts: Vec<_> = visit.actor.posts.iter().map(|held| (held.path.clone(), held.unit)).collect();
    posts.sort();
    let named = wish.unit.map(|unit| vec![unit]);
    for unit in named.unwrap_or_else(|| posts.into_iter().map(|(_, unit)| unit).collect()) {
        match visit.unit(unit, verb).await {
            Err(Trouble::NotFound) => {}
            other => return other,
        }
    }
    let zh = "这个账号在那里不能导入：请用 --unit 指明组织，或换一个账号";
    Err(Refusal::rule(zh, "this account may not import there: name the unit with --unit, or another account").into())
}

fn report(visit: &Visit, body: Body) -> Result<Report, Trouble> {
    let fault = |one: &Wrong| Fault {
        row: one.row + 1,
        column: preview::shown(&body, body.head.as_ref().map_or(0, |head| head.row), one.column),
        cell: preview::content(&body, one),
        problem: visit.say(&one.zh, &one.en).to_owned(),
    };
    Ok(Report {
        sort: body.head.as_ref().map(|head| head.sort.clone()).unwrap_or_default(),
        written: body.written,
        new: body.counts.new,
        same: body.counts.same,
        changed: body.counts.changed,
        failed: body.failed.as_ref().map(|(zh, en)| visit.say(zh, en).to_owned()),
        faults: body.wrong.iter().map(fault).collect(),
        notes: body.notes.iter().map(fault).collect(),
        annotated: if body.wrong.is_empty() { None } else { Some(preview::annotated(visit, &body)?) },
    })
}

/// A list of duties: compared with the one in force, and put in force from a day on.
async fn list(visit: &Visit, at: &Unit, file: Upload, wish: &Wish) -> Result<Report, Trouble> {
    let told = |faults: Vec<Fault>| Ok(Report { sort: "duties".into(), faults, ..Report::default() });
    let bad = |bad: Bad| Fault { row: bad.row, column: bad.column, cell: bad.cell, problem: bad.words };
    let text = match duties::text(visit, &file).await? {
        Ok(text) => text,
        Err(Unfit::Cells(all)) => return told(all.into_iter().map(bad).collect()),
        Err(Unfit::Foreign(words)) => {
            return Ok(Report { sort: "duties".into(), failed: Some(words), ..Report::default() });
        }
    };
    let new = match Pack::list(&text, &visit.rules.base) {
        Ok(new) => new,
        Err(faults) => {
            let whole = |problem| Fault { row: 0, column: String::new(), cell: String::new(), problem };
            return told(crate::list::words(visit, &faults).into_iter().map(whole).collect());
        }
    };
    let mut report = compare(visit, &new);
    if !wish.dry {
        let zh = "请用 --from 写明清单自哪一天起生效，如 2024-01-01";
        let from = wish
            .from
            .ok_or_else(|| Refusal::field("from", zh, "say with --from from which day on, such as 2024-01-01"))?;
        drop(crate::list::put_in_force(visit, at, (text, from), new_id()).await?);
        report.written = true;
    }
    Ok(report)
}

fn compare(visit: &Visit, new: &Pack) -> Report {
    let current = visit.rules.editions.iter().rfind(|edition| edition.pack.head.id == new.head.id);
    let old: &[Clause] = current.map_or(&[], |edition| &edition.pack.clause);
    let mut report = Report { sort: "duties".into(), ..Report::default() };
    for clause in &new.clause {
        match old.iter().find(|before| before.id == clause.id) {
            None => report.new += 1,
            Some(before) if before == clause => report.same += 1,
            Some(_) => report.changed += 1,
        }
    }
    report
}
