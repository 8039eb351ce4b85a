//! Recording the findings of an inspection from a spreadsheet or from lines pasted out of one: looked over first, then
//! recorded all at once or not at all. Nobody types fifty-six of them one by one.

use super::tasks::{lines, table};
use super::{one, part};
use crate::form::{Complaints, Sent, all, one as first, operation};
use crate::import::sheet;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use luoshi_rules::record::Field;
use luoshi_rules::{Lang, Refusal, Unit, Verb, record as fields};
use luoshi_store::matter::{self, Line, Opening};
use maud::{Markup, html};
use serde_json::Value as Json;
use std::collections::HashMap;

/// Most rows at once.
const MOST: usize = 300;
/// The flow.
const FINDING: &str = "finding";
/// The columns: key, and the heads by which they are known.
const COLUMNS: [(&str, &[&str]); 4] = [
    ("aspect", &["方面", "aspect"]),
    ("problem", &["问题", "problem"]),
    ("title", &["具体表现", "表现", "manifestation", "finding"]),
    ("article", &["依据条文", "依据", "rule", "article"]),
];

/// A row as it was read.
#[derive(Debug, Clone)]
struct Found {
    title: String,
    data: Json,
}

pub(super) async fn show(visit: Visit, Place((id, matter)): Place<(i64, i64)>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::Act).await?;
    page(&visit, &at, matter, ("", &[], None)).await
}

/// The fields of a finding as they are asked under this matter.
fn asked(visit: &Visit, whole: &Line) -> Vec<Field> {
    let first = visit.rules.base.flow(FINDING).and_then(|flow| flow.step.first());
    first.map_or(Vec::new(), |step| step.field.iter().map(|field| field.under(&whole.matter.flow)).collect())
}

/// The page with the text as it was sent, its faults, and how many rows are ready.
async fn page(
    visit: &Visit,
    at: &Unit,
    matter: i64,
    (text, faults, ready): (&str, &[String], Option<usize>),
) -> Result<Markup, Trouble> {
    let whole = one::whole(visit, at, matter).await?;
    if !super::finds(visit, &whole.matter.flow) {
        return Err(Trouble::NotFound);
    }
    let title = visit.say("从表格记录问题", "Record findings from a spreadsheet").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let none = Complaints::default();
    let aspects = asked(visit, &whole).into_iter().find(|field| field.id == "aspect");
    let body = html! {
        p { a href={ "/units/" (at.id) "/matters/" (matter) } { "← " (whole.matter.title) } }
        @if !faults.is_empty() {
            div.complaints role="alert" { p { b { (visit.say("一条也没有保存，请改后再交：", "Nothing was saved. Mend these and send again:")) } }
                ul { @for fault in faults.iter().take(100) { li { (fault) } } } }
        }
        @if let Some(rows) = ready {
            p.note { (visit.say("核对无误：共 ", "All in order: ")) b { (rows) } (visit.say(" 条问题表现。再点“记录”即全部保存。", " findings. Press “Record” to save them all.")) }
        }
        form.stack method="post" action={ "/units/" (at.id) "/matters/" (matter) "/findings" } enctype="multipart/form-data" {
            (shell::hidden(visit))
            p.help { (visit.say("第一行是表头，列的顺序不限：方面、问题、具体表现、依据条文（可不填）。同一问题的各种表现写同样的问题。",
                "The first line is the head, in any order: aspect, problem, manifestation, rule (may be left out). Write the same problem for each of its manifestations.")) }
            @if let Some(aspects) = aspects { p.help { (visit.of(&aspects.name)) (visit.mark("：")) @for (n, option) in aspects.option.iter().enumerate() { @if n > 0 { (visit.say("；", "; ")) } (visit.of(&option.name)) } } }
            (shell::field(visit.lang, "file", visit.say("表格文件（.xlsx 或 .csv）", "Spreadsheet (.xlsx or .csv)"), "", &none,
                html! { input #file name="file" type="file" accept=".xlsx,.csv"; }))
            (shell::field(visit.lang, "text", visit.say("或直接粘贴", "Or paste it"), "", &none,
                html! { textarea #text name="text" rows="12" { (text) } }))
            p.actions { button name="act" value="check" { (visit.say("核对", "Look it over")) } " "
                button.main name="act" value="record" { (visit.say("记录", "Record")) } }
        }
    };
    Ok(shell::page(&head, body))
}

pub(crate) async fn record(Place((id, matter)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    let text = match sent.files.first() {
        Some(file) => match sheet::read(&visit.app, &file.name, &file.bytes).await? {
            Ok(sheet) => lines(&sheet),
            Err(fault) => {
                let words = [fault.say(visit.lang == Lang::Zh)];
                return refused(visit, &at, matter, ("", &words)).await;
            }
        },
        None => all(&sent.fields, "text").first().cloned().unwrap_or_default(),
    };
    let whole = one::whole(visit, &at, matter).await?;
    let found = match read(visit, &whole, &text) {
        Ok(found) => found,
        Err(faults) => return refused(visit, &at, matter, (&text, &faults)).await,
    };
    // what came out of a file is looked over before it is recorded
    if first(&sent.fields, "act") == "check" || !sent.files.is_empty() {
        return Ok(page(visit, &at, matter, (&text, &[], Some(found.len()))).await?.into_response());
    }
    match make(&sent, &at, matter, found).await {
        Err(Trouble::Refused(refusal)) => refused(visit, &at, matter, (&text, &[refusal.say(visit.lang)])).await,
        done => done,
    }
}

async fn refused(
    visit: &Visit,
    at: &Unit,
    matter: i64,
    (text, faults): (&str, &[String]),
) -> Result<Response, Trouble> {
    Ok(Complaints::told(faults).answer(page(visit, at, matter, (text, faults, None)).await?))
}

/// The rows of a text, or everything that is wrong with it.
fn read(visit: &Visit, whole: &Line, text: &str) -> Result<Vec<Found>, Vec<String>> {
    let rows = table(visit, text, &COLUMNS, 3)?;
    let asked = asked(visit, whole);
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    if rows.is_empty() || rows.len() > MOST {
        return Err(vec![visit.say("一次1至300条", "1 to 300 at once").to_owned()]);
    }
    for (no, cells) in rows {
        match row(&asked, &cells) {
            Ok(one) => found.push(one),
            Err(refusal) => faults.push(
                visit.say("第", "line ").to_owned()
                    + &no.to_string()
                    + visit.say("行：", ": ")
                    + &refusal.say(visit.lang),
            ),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn row(asked: &[Field], cells: &HashMap<&str, &str>) -> Result<Found, Refusal> {
    let cell = |key: &str| cells.get(key).copied().unwrap_or_default();
    let title = cell("title").to_owned();
    if title.is_empty() || title.chars().count() > 500 {
        return Err(Refusal::field(
            "title",
            "具体表现要填写，500字以内",
            "a wording of at most 500 characters is needed",
        ));
    }
    let mut typed: HashMap<String, Vec<String>> = HashMap::new();
    for field in asked {
        // a choice is named as people see it
        let named = |name: &str| {
            field.option.iter().find(|option| [&option.name.zh, &option.name.en].contains(&&name.to_owned()))
        };
        let value = match cell(&field.id) {
            text if field.option.is_empty() || text.is_empty() => text.to_owned(),
            text => named(text).map(|option| option.id.clone()).ok_or_else(|| {
                let known =
                    |lang| field.option.iter().map(|option| option.name.of(lang)).collect::<Vec<_>>().join("、");
                Refusal::field(
                    &field.id,
                    format!("没有“{text}”这个{}，请写其中之一：{}", field.name.zh, known(Lang::Zh)),
                    format!("no {} is called “{text}”; write one of: {}", field.name.en, known(Lang::En)),
                )
            })?,
        };
        typed.insert(field.id.clone(), vec![value]);
    }
    let data = fields::read(asked, &typed).map_err(|all| all.into_iter().next().unwrap_or(Refusal::NotAllowed))?;
    Ok(Found { title, data })
}

async fn make(sent: &Sent, at: &Unit, matter: i64, found: Vec<Found>) -> Result<Response, Trouble> {
    let (rules, at) = (sent.visit.rules.clone(), at.clone());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &at)?;
        let flow = rules.base.flow(FINDING).ok_or(luoshi_store::Fault::NotFound)?;
        for one in &found {
            let (subject, title, data) = (format!("{matter}/{}", one.title), one.title.clone(), one.data.clone());
            let opening = Opening { flow, addressee: &at, subject, title, data, note: String::new() };
            let made = matter::add_part(tx, &permit, &rules.base, matter, (&opening, &[]));
            made.map_err(|fault| part::of_row(fault, &one.title))?;
        }
        Ok(format!("/units/{}/matters/{matter}", at.id))
    };
    Ok(sent.visit.act(operation(&sent.fields), work).await?.into_response())
}
