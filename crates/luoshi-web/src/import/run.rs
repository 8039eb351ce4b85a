//! The work behind an import, off the request: reading and checking a file, writing what it would make.

use super::check::{self, Draft, Outcome};
use super::columns;
use super::commit;
use super::ground::{Ground, Hand};
use super::progress::{self, Running};
use super::{Body, Counts, sheet, verb};
use crate::form::Upload;
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_rules::{Lang, Unit};
use luoshi_store::import::{self, Import};
use luoshi_store::{Fault, Tx};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often the progress of reading is kept.
const BEAT: Duration = Duration::from_millis(500);
/// Rows a preview shows as they will be written.
const SAMPLE: usize = 8;

/// Reads and checks a file; the page shows how far it has come.
pub(super) async fn read(visit: Visit, at: Unit, id: i64, file: Upload, wanted: String) {
    let running = progress::begin(id);
    let body = parse(&visit, &at, &file, &wanted, &running).await.unwrap_or_else(broken);
    let import = Import { body: json(&body), ..row(&at, id, &body) };
    let top = at.top;
    if let Err(trouble) = visit.app.write(move |tx| import::keep(tx, top, &import, "reading")).await {
        tracing::error!(?trouble, "import");
    }
}

/// The words for a fault of ours.
fn broken(trouble: Trouble) -> Body {
    if let Trouble::Refused(refusal) = trouble {
        return Body::failed(refusal.say(Lang::Zh), refusal.say(Lang::En));
    }
    tracing::error!(?trouble, "import");
    Body::failed("系统出错，一行也没有写入".into(), "something broke; nothing was written".into())
}

async fn parse(visit: &Visit, at: &Unit, file: &Upload, wanted: &str, running: &Running) -> Result<Body, Trouble> {
    let sheet = match sheet::read(&visit.app, &file.name, &file.bytes).await? {
        Ok(sheet) => sheet,
        Err(fault) => return Ok(Body::failed(fault.say(true), fault.say(false))),
    };
    let Some(head) = columns::head(&sheet, wanted) else { return Ok(unrecognised()) };
    if head.sort == "duties" {
        return Ok(Body::failed(
            "这是责任清单，请到“清单设置”页上传比较".into(),
            "this is a list of duties: upload it under Lists".into(),
        ));
    }
    if !visit.may(verb(&head.sort), at) {
        return Ok(Body::failed(
            "您不能导入这类表格，请由上级组织办理".into(),
            "you may not import this sort of list; the unit above can".into(),
        ));
    }
    let beat = tokio::spawn(beat(visit.clone(), at.top, running, sheet.rows.len() as i64));
    let (v, place, done) = (visit.clone(), at.clone(), running.done.clone());
    let checked = visit.app.read(move |tx| {
        let hand = Hand { actor: &v.actor, rules: &v.rules, at: &place };
        let outcome = check::check(&sheet, &head, &Ground::load(tx, &hand, &sheet, &head)?, &done);
        let mut body = Body { sheet: sheet.clone(), head: Some(head.clone()), ..Body::default() };
        body.keep(&v, outcome);
        Ok(body)
    });
    let body = checked.await;
    beat.abort();
    body
}

fn unrecognised() -> Body {
    Body::failed(
        "没有认出表头：组织表要有“组织全称”“级别”，人员表要有“姓名”“所在支部”，纪实表要有“组织”“类型”“日期”".into(),
        "no head was recognised: units need a full name and a level, people a name and a branch, records a unit, a kind and a day".into(),
    )
}

/// Keeps the progress of reading in transactions of its own.
fn beat(visit: Visit, top: i64, running: &Running, rows: i64) -> impl Future<Output = ()> + use<> {
    let (id, done) = (running.id(), running.done.clone());
    async move {
        loop {
            let now = done.load(Ordering::Relaxed);
            let _ = visit.app.write(move |tx| import::progress(tx, top, id, (now, rows))).await;
            tokio::time::sleep(BEAT).await;
        }
    }
}

/// Writes a checked import, all of it or nothing. It is checked anew in the transaction that writes it, for what was
/// known when it was read may have changed.
pub(super) async fn write(visit: Visit, at: Unit, one: Import, body: Body) {
    let running = progress::begin(one.id);
    let (v, place, kept, done) = (visit.clone(), at.clone(), body.clone(), running.done.clone());
    let (id, top) = (one.id, at.top);
    let work = move |tx: &Tx| {
        let hand = Hand { actor: &v.actor, rules: &v.rules, at: &place };
        let body = write_all(tx, &hand, &v, kept.clone(), &done)?;
        import::keep(tx, top, &Import { body: json(&body), ..row(&place, id, &body) }, "writing")
    };
    let Err(trouble) = visit.app.write(work).await else { return };
    let failed = Body { made: Vec::new(), failed: broken(trouble).failed, ..body };
    let import = Import { body: json(&failed), ..row(&at, id, &failed) };
    if let Err(trouble) = visit.app.write(move |tx| import::keep(tx, top, &import, "writing")).await {
        tracing::error!(?trouble, "import");
    }
}

fn write_all(
    tx: &Tx,
    hand: &Hand,
    visit: &Visit,
    mut body: Body,
    done: &std::sync::atomic::AtomicI64,
) -> Result<Body, Fault> {
    let head = body.head.as_ref().ok_or(Fault::NotFound)?;
    let ground = Ground::load(tx, hand, &body.sheet, head)?;
    let outcome = check::check(&body.sheet, head, &ground, done);
    if !outcome.wrong.is_empty() {
        body.keep(visit, outcome);
        return Ok(body);
    }
    let made = commit::write(tx, hand, &ground.units, &outcome.drafts, done)?;
    let counts = Counts { new: made.len(), same: outcome.same, rows: body.counts.rows };
    // what was uploaded is not needed any more, and may hold numbers
    Ok(Body { counts, made, written: true, head: body.head, ..Body::default() })
}

impl Body {
    fn failed(zh: String, en: String) -> Body {
        Body { failed: Some((zh, en)), ..Body::default() }
    }

    /// Keeps what checking found.
    fn keep(&mut self, visit: &Visit, outcome: Outcome) {
        self.counts = Counts { new: outcome.drafts.len(), same: outcome.same, rows: self.sheet.rows.len() };
        self.sample = outcome.drafts.iter().take(SAMPLE).map(|draft| line(visit, draft)).collect();
        (self.wrong, self.notes) = (outcome.wrong, outcome.notes);
    }

    fn state(&self) -> &'static str {
        match self {
            body if body.failed.is_some() => "failed",
            body if body.written => "committed",
            body if !body.wrong.is_empty() => "faulty",
            _ => "ready",
        }
    }
}

/// A draft in one line, in both languages.
fn line(visit: &Visit, draft: &Draft) -> (String, String) {
    let both = |text: String| (text.clone(), text);
    match draft {
        Draft::Unit(unit) if unit.below.is_empty() => both(unit.founding.full_name.clone()),
        Draft::Unit(unit) => both(format!("{} ← {}", unit.founding.full_name, unit.below)),
        Draft::Person(person) => {
            let day = person.entry.born.map(|day| day.to_string()).unwrap_or_default();
            both(format!("{} {day}", person.entry.name))
        }
        Draft::Record(record) => {
            let name = visit.rules.kind(&record.kind).map(|kind| kind.name.clone()).unwrap_or_default();
            let of = |kind: &str| format!("{} {kind} {}", record.on, record.topic);
            (of(&name.zh), of(name.of(Lang::En)))
        }
    }
}

fn json(body: &Body) -> serde_json::Value {
    serde_json::to_value(body).unwrap_or_default()
}

fn row(at: &Unit, id: i64, body: &Body) -> Import {
    let rows = body.counts.rows as i64;
    Import {
        id,
        unit: at.id,
        sort: body.head.as_ref().map_or_else(|| "-".to_owned(), |head| head.sort.clone()),
        name: String::new(),
        state: body.state().to_owned(),
        done: rows,
        rows,
        body: serde_json::Value::Null,
        idle: 0,
        on: jiff::civil::Date::MIN,
    }
}
