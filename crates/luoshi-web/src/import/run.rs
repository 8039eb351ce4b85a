//! The work behind an import, off the request: reading and checking a file, writing what it would make.

use super::check::{self, Draft, Outcome, UnitDraft};
use super::columns::{self, Head};
use super::commit;
use super::ground::{Ground, Hand};
use super::progress::{self, Running};
use super::{Body, Counts, sheet, verb};
use crate::form::Upload;
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_office::Sheet;
use luoshi_rules::{Lang, Unit};
use luoshi_store::import::{self, Import};
use luoshi_store::{Fault, Tx};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// How often the progress of reading is kept.
const BEAT: Duration = Duration::from_millis(500);
/// Rows a preview shows as they will be written.
const SAMPLE: usize = 8;

/// Reads and checks a file; the page shows how far it has come.
pub(super) async fn read(visit: Visit, at: Unit, id: i64, file: Upload, wanted: String) {
    let running = progress::begin(id);
    let body = parse(&visit, &at, file, &wanted, &running).await.unwrap_or_else(broken);
    keep(&visit, &at, id, body, "reading").await;
}

async fn keep(visit: &Visit, at: &Unit, id: i64, body: Body, from: &'static str) {
    let (top, import, text) = (at.top, row(at, id, &body), json(&body));
    // the sheet and what is kept of it are not in memory together longer than must be
    drop(body);
    if let Err(trouble) = visit.app.write(move |tx| import::keep(tx, top, &import, &text, from)).await {
        tracing::error!(?trouble, "import");
    }
}

/// The words for a fault of ours.
pub(super) fn broken(trouble: Trouble) -> Body {
    if let Trouble::Refused(refusal) = trouble {
        return Body::failed(refusal.say(Lang::Zh), refusal.say(Lang::En));
    }
    tracing::error!(?trouble, "import");
    Body::failed("系统出错，一行也没有写入".into(), "something broke; nothing was written".into())
}

pub(super) async fn parse(
    visit: &Visit,
    at: &Unit,
    file: Upload,
    wanted: &str,
    running: &Running,
) -> Result<Body, Trouble> {
    let sheet = match sheet::read(&visit.app, &file.name, &file.bytes).await? {
        Ok(sheet) => sheet,
        Err(fault) => return Ok(Body::failed(fault.say(true), fault.say(false))),
    };
    drop(file);
    let Some(head) = columns::head(&sheet, wanted) else { return Ok(unrecognised()) };
    if head.sort == "duties" {
        return Ok(Body::failed(
            "这是责任清单，请到“设置 → 清单”页上传比较".into(),
            "this is a list of duties: upload it under Settings → Lists".into(),
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
    let read = Arc::new((sheet, head));
    let shared = read.clone();
    let checked = visit.app.read_long(move |tx| {
        let (sheet, head) = &*shared;
        preview(tx, &v, &place, (sheet, head), &done)
    });
    let body = checked.await;
    beat.abort();
    let (body, (sheet, head)) = (body?, Arc::unwrap_or_clone(read));
    Ok(Body { sheet, head: Some(head), ..body })
}

/// What checking found, with the first few of what it would make.
fn preview(tx: &Tx, visit: &Visit, at: &Unit, file: (&Sheet, &Head), done: &AtomicI64) -> Result<Body, Fault> {
    let hand = Hand { actor: &visit.actor, rules: &visit.rules, at };
    let mut sample = Vec::new();
    let mut sink = |draft| {
        if sample.len() < SAMPLE {
            sample.push(line(visit, &draft));
        }
        Ok(())
    };
    let outcome = check::check(file, &Ground::load(tx, &hand, file.0, file.1)?, done, &mut sink)?;
    sample.extend(outcome.units.iter().take(SAMPLE).map(unit_line));
    Ok(Body { sample, ..Body::of(outcome) })
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
pub(super) async fn write(visit: Visit, at: Unit, id: i64, body: Body) {
    let running = progress::begin(id);
    let body = Arc::new(body);
    let (v, place, kept, done) = (visit.clone(), at.clone(), body.clone(), running.done.clone());
    let work = move |tx: &Tx| {
        let hand = Hand { actor: &v.actor, rules: &v.rules, at: &place };
        let body = write_all(tx, &hand, &kept, &done)?;
        import::keep(tx, place.top, &row(&place, id, &body), &json(&body), "writing")
    };
    if let Err(trouble) = visit.app.write(work).await {
        let failed = Body { failed: broken(trouble).failed, ..Arc::unwrap_or_clone(body) };
        keep(&visit, &at, id, failed, "writing").await;
    }
}

/// Checks all rows, then writes them one by one.
fn write_all(tx: &Tx, hand: &Hand, body: &Body, done: &AtomicI64) -> Result<Body, Fault> {
    let head = body.head.as_ref().ok_or(Fault::NotFound)?;
    let ground = Ground::load(tx, hand, &body.sheet, head)?;
    let file = (&body.sheet, head);
    let outcome = check::check(file, &ground, done, &mut |_| Ok(()))?;
    if !outcome.wrong.is_empty() {
        return Ok(Body { sheet: body.sheet.clone(), head: body.head.clone(), ..Body::of(outcome) });
    }
    let mut made = commit::found_all(tx, hand, &ground.units, &outcome.units)?;
    let mut sink = |draft| {
        made.push(commit::write(tx, hand, &ground.units, &draft)?);
        Ok(())
    };
    check::check(file, &ground, done, &mut sink)?;
    let mut counts = Counts { new: made.len(), same: outcome.same, changed: 0 };
    if body.follow {
        made.extend(commit::follow(tx, hand, &ground.units, outcome.changes)?);
        counts.changed = made.len() - counts.new;
    }
    // what was uploaded is not needed any more, and may hold numbers
    Ok(Body { counts, made, written: true, head: body.head.clone(), ..Body::default() })
}

impl Body {
    fn failed(zh: String, en: String) -> Body {
        Body { failed: Some((zh, en)), ..Body::default() }
    }

    /// What checking found, without the sheet.
    fn of(outcome: Outcome) -> Body {
        Body {
            counts: Counts { new: outcome.new, same: outcome.same, changed: outcome.changes.len() },
            wrong: outcome.wrong,
            notes: outcome.notes,
            ..Body::default()
        }
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

/// A unit to be founded in one line, in both languages.
fn unit_line(unit: &UnitDraft) -> (String, String) {
    let name = &unit.founding.full_name;
    both(if unit.below.is_empty() { name.clone() } else { format!("{name} ← {}", unit.below) })
}

fn both(text: String) -> (String, String) {
    (text.clone(), text)
}

/// A draft in one line, in both languages.
fn line(visit: &Visit, draft: &Draft) -> (String, String) {
    match draft {
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

fn json(body: &Body) -> String {
    serde_json::to_string(body).unwrap_or_default()
}

/// The row of an import, with what changes of it.
fn row(at: &Unit, id: i64, body: &Body) -> Import {
    let rows = body.sheet.rows.len().max(body.made.len()) as i64;
    Import {
        id,
        unit: at.id,
        sort: body.head.as_ref().map_or_else(|| "-".to_owned(), |head| head.sort.clone()),
        name: String::new(),
        state: body.state().to_owned(),
        done: rows,
        rows,
        idle: 0,
        on: jiff::civil::Date::MIN,
    }
}
