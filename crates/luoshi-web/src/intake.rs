//! Directive intake: a document comes in, its measures are looked over by a person, and become matters in one act.

mod child;
pub(crate) mod finding;
mod owner;
mod page;
mod reading;
pub(crate) mod review;

pub use child::{ARGUMENT, parse_child};
pub use reading::{Dated, Reading, lexicon};
pub use review::make_ticked;

use crate::form::{Complaints, Fields, Sent, one, operation};
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use finding::Finding;
use jiff::civil::Date;
use luoshi_office::paper::{Paper, Refused, Writing};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::{Lang, Pack, Refusal, Unit, Verb};
use luoshi_store::intake::{self, Document, Line};
use luoshi_store::{Tx, secret, unit};
use maud::{Markup, html};
use owner::Addressees;
use std::collections::HashMap;

/// Documents on a page.
const PAGE: i64 = 50;
/// Characters of a title.
const TITLE: usize = 80;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/intake", get(list).post(upload))
        .route("/units/{unit}/intake/{id}", get(review::show).post(review::save))
        .route("/units/{unit}/intake/{id}/matters", post(review::make))
}

/// The unit from which the visitor gives orders.
async fn giver(visit: &Visit, id: i64) -> Result<Unit, Trouble> {
    let at = visit.unit(id, Verb::Act).await?;
    crate::matter::opener(visit, &at).await
}

/// The units below the giver, itself first.
async fn units(visit: &Visit, at: &Unit) -> Result<Vec<Unit>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::Act, at)?;
    visit.app.read(move |tx| unit::list(tx, &scope)).await
}

// ---- the list and the form

pub(crate) async fn list(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = giver(&visit, id).await?;
    let before = asked.get("before").and_then(|text| text.parse().ok()).unwrap_or(0);
    let most = if asked.contains_key("as") { crate::export::MOST + 1 } else { PAGE };
    let lines = lines(&visit, &at, before, most).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &lines))? {
        return Ok(out);
    }
    Ok(page(&visit, &at, &lines, &Fields::new(), &Complaints::default()).into_response())
}

async fn lines(visit: &Visit, at: &Unit, before: i64, most: i64) -> Result<Vec<Line>, Trouble> {
    let permit = visit.actor.permit(&visit.rules.base, Verb::Act, at)?;
    visit.app.read(move |tx| intake::list(tx, &permit, before, most)).await
}

fn table(visit: &Visit, lines: &[Line]) -> Table {
    let mut table = Table::new(visit.say("已读取的文件", "Documents read so far"))
        .column("title", visit.say("文件", "Document"), Kind::Text)
        .column("on", visit.say("读取日期", "Read on"), Kind::Date)
        .column("matters", visit.say("已交办", "Matters"), Kind::Number)
        .key("id");
    let row = |line: &Line| {
        let on = Cell::Date(line.on.to_string());
        vec![line.title.as_str().into(), on, Cell::Number(line.made), Cell::Key(line.id)]
    };
    table.rows = lines.iter().map(row).collect();
    table
}

fn page(visit: &Visit, at: &Unit, lines: &[Line], fields: &Fields, complaints: &Complaints) -> Markup {
    let title = visit.say("从文件交办", "Orders from a document").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let body = html! {
        (shell::complaints(visit, complaints))
        (form(visit, at, fields, complaints))
        h2 { (visit.say("已读取的文件", "Documents read so far")) }
        (rows(visit, at, lines))
        (shell::formats(visit))
    };
    shell::page(&head, body)
}

fn form(visit: &Visit, at: &Unit, fields: &Fields, complaints: &Complaints) -> Markup {
    let address = format!("/units/{}/intake", at.id);
    html! {
        form.stack method="post" enctype="multipart/form-data" action=(address) {
            (shell::hidden(visit))
            (shell::field(visit.lang, "file", visit.say("文件（.docx、.txt、.html、.md）", "File (.docx, .txt, .html, .md)"),
                visit.say("繁体、带拼音、乱码、断行的网页文字都可以；涉密文件一律不得上传。",
                    "Traditional script, readings, wrong encodings and broken lines are mended. Never upload anything classified."),
                complaints, html! { input #file type="file" name="file" accept=".docx,.txt,.html,.htm,.md"; }))
            (shell::field(visit.lang, "text", visit.say("或粘贴全文", "Or paste its text"), "", complaints,
                html! { textarea #text name="text" rows="8" { (one(fields, "text")) } }))
            (shell::field(visit.lang, "day", visit.say("文件日期（选填）", "Day of the document (optional)"),
                visit.say("“6月底前”等期限从这一天算起；不填则从文件中读取。",
                    "Deadlines such as “by the end of June” count from it; read from the document when empty."),
                complaints, html! { input #day type="date" name="day" value=(one(fields, "day")); }))
            button.main { (visit.say("读取，找出措施", "Read it and find the measures")) }
        }
    }
}

fn rows(visit: &Visit, at: &Unit, lines: &[Line]) -> Markup {
    html! {
        @if lines.is_empty() { p.empty { (visit.say("还没有读取过文件。", "None yet.")) } } @else {
            table.list {
                thead { tr { th { (visit.say("文件", "Document")) } th { (visit.say("读取日期", "Read on")) } th.num { (visit.say("已交办", "Matters")) } } }
                @for line in lines { tr {
                    td { a href={ "/units/" (at.id) "/intake/" (line.id) } { (line.title) } }
                    td.nowrap { (line.on) }
                    td.num { (line.made) " " (visit.say("项", "")) }
                } }
            }
            @if lines.len() as i64 == PAGE && let Some(last) = lines.last() {
                p { a.button href={ "?before=" (last.id) } { (visit.say("更早的", "Earlier ones")) } }
            }
        }
    }
}

// ---- reading

pub(crate) async fn upload(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = giver(visit, id).await?;
    let (fields, refusal) = match document(&sent, &at).await {
        Ok(Ok(document)) => match keep(&sent, at.clone(), document).await {
            Err(Trouble::Refused(refusal)) => (sent.fields.clone(), refusal),
            done => return Ok(done?.into_response()),
        },
        // nothing of a marked document is kept, not even in the form
        Ok(Err((Refused::Secret(mark), key))) => (Fields::new(), words(&Refused::Secret(mark), key)),
        Ok(Err((refused, key))) => (sent.fields.clone(), words(&refused, key)),
        Err(Trouble::Refused(refusal)) => (sent.fields.clone(), refusal),
        Err(other) => return Err(other),
    };
    let complaints = Complaints::new(vec![refusal]);
    let lines = lines(visit, &at, 0, PAGE).await?;
    Ok(complaints.answer(page(visit, &at, &lines, &fields, &complaints)))
}

fn words(refused: &Refused, key: &str) -> Refusal {
    Refusal::field(key, refused.say(true), refused.say(false))
}

async fn keep(sent: &Sent, at: Unit, document: Document) -> Result<axum::response::Redirect, Trouble> {
    let rules = sent.visit.rules.clone();
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &at)?;
        Ok(format!("/units/{}/intake/{}", at.id, intake::keep(tx, &permit, &document)?))
    };
    sent.visit.act(operation(&sent.fields), work).await
}

/// The document of a form, or why it is refused and at which field.
async fn document(sent: &Sent, at: &Unit) -> Result<Result<Document, (Refused, &'static str)>, Trouble> {
    let visit = &sent.visit;
    let day: Option<Date> = match one(&sent.fields, "day") {
        "" => None,
        _ => Some(crate::form::day(&sent.fields, "day")?),
    };
    let (paper, name, key) = match sent.files.first() {
        Some(file) => (child::read(&visit.app, &file.name, &file.bytes).await?, file.name.clone(), "file"),
        None => {
            let text = one(&sent.fields, "text").to_owned();
            (Ok(Paper { text, head: String::new(), writing: Writing::Plain }), String::new(), "text")
        }
    };
    let units = units(visit, at).await?;
    let (today, giver, rules) = (visit.today, at.id, visit.rules.clone());
    let read = move || {
        let addressees = Addressees { units: &units, giver, pack: &rules.base };
        written(paper?, (day, today), &addressees, name)
    };
    let done: Result<Document, Refused> = tokio::task::spawn_blocking(read).await.map_err(Trouble::broken)?;
    Ok(done.map_err(|refused| (refused, key)))
}

/// A pasted text as it is kept at a unit, the first of `units`. For building demonstrations.
pub fn pasted(text: &str, today: Date, units: &[Unit], pack: &Pack) -> Result<Document, Refused> {
    let paper = Paper { text: text.to_owned(), head: String::new(), writing: Writing::Plain };
    let giver = units.first().map_or(0, |unit| unit.id);
    written(paper, (None, today), &Addressees { units, giver, pack }, String::new())
}

/// A document as it is kept: those measures are ticked whose owner is known.
fn written(
    paper: Paper,
    (day, today): (Option<Date>, Date),
    addressees: &Addressees<'_>,
    name: String,
) -> Result<Document, Refused> {
    let posts = addressees.posts();
    let reading = &Reading::of(paper, day, today, (&addressees.names(), &posts))?;
    let mut findings = Finding::all(reading, (&addressees.short(), &posts));
    findings.iter_mut().for_each(|one| one.take &= addressees.read(&one.owners).is_ok());
    let title = reading.restored.text.lines().next().unwrap_or_default();
    Ok(Document {
        title: title.chars().take(TITLE).collect(),
        name: name.chars().take(120).collect(),
        digest: secret::digest(reading.restored.text.as_bytes()),
        day: reading.day,
        body: reading.restored.text.clone(),
        findings: serde_json::json!(findings),
    })
}

/// The shown name of a kind.
pub(crate) fn kind_name(lang: Lang, id: &str) -> &'static str {
    let kind = lexicon().ok().and_then(|words| words.kind(id));
    kind.map_or("", |kind| if lang == Lang::Zh { &kind.name.zh } else { &kind.name.en })
}
