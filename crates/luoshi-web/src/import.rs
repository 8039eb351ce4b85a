//! Import: a spreadsheet as people keep it becomes units, people or records, after a preview, all or nothing.

mod check;
mod columns;
mod commit;
mod direct;
mod duties;
mod ground;
mod preview;
mod progress;
mod run;
pub(crate) mod sheet;

pub use direct::{Fault as ImportFault, Report as ImportReport, Wish as ImportWish, import_file};
pub(crate) use duties::list_text;
pub use sheet::{ARGUMENT, parse_child};

use crate::form::{Complaints, Sent, one, operation};
use crate::record::attachment;
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use check::Wrong;
use columns::{Head, names};
use commit::Made;
use ground::Hand;
use luoshi_office::{Cell, Kind, Sheet, Table};
use luoshi_rules::{Actor, Label, Refusal, Unit, Verb};
use luoshi_store::import::{self, Import};
use luoshi_store::{Tx, secret};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Milliseconds without a sign of life after which work that is not done here is taken for broken off.
const SILENT: i64 = 60_000;
/// The sorts of list that an import reads.
const SORTS: [&str; 3] = ["units", "people", "records"];
/// Spreadsheets to try it with, as messy as people keep them.
const SAMPLES: [(&str, &[u8]); 5] = [
    ("units.xlsx", include_bytes!("../../../samples/units.xlsx")),
    ("people.xlsx", include_bytes!("../../../samples/people.xlsx")),
    ("records.csv", include_bytes!("../../../samples/records.csv")),
    ("people-faulty.xlsx", include_bytes!("../../../samples/people-faulty.xlsx")),
    // read where lists are put in force
    ("duties.csv", include_bytes!("../../../samples/duties.csv")),
];

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/imports", get(list).post(upload))
        .route("/units/{unit}/imports/{id}", get(preview::show))
        .route("/units/{unit}/imports/{id}/commit", post(commit))
        .route("/units/{unit}/imports/{id}/undo", post(undo))
        .route("/units/{unit}/imports/{id}/faults", get(preview::faults))
        .route("/samples/{name}", get(sample))
}

/// What is kept of an import.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Body {
    /// as uploaded; empty once it is written
    sheet: Sheet,
    head: Option<Head>,
    counts: Counts,
    /// the first rows as they will be written, in both languages
    sample: Vec<(String, String)>,
    wrong: Vec<Wrong>,
    notes: Vec<Wrong>,
    made: Vec<Made>,
    written: bool,
    /// whether the roll follows the sheet where they differ
    follow: bool,
    /// why it could not be read or written at all
    failed: Option<(String, String)>,
}

/// Rows of a sheet.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Counts {
    /// that make something
    new: usize,
    /// that are there already
    same: usize,
    /// people there of whom the sheet says otherwise, in what an import may correct
    #[serde(default)]
    changed: usize,
}

// ---- the list and the form

async fn list(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::Roll).await?;
    let imports = imports(&visit, &at).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &imports))? {
        return Ok(out);
    }
    Ok(page(&visit, &at, &imports, &Complaints::default()).into_response())
}

async fn imports(visit: &Visit, at: &Unit) -> Result<Vec<Import>, Trouble> {
    let permit = visit.actor.permit(&visit.rules.base, Verb::Roll, at)?;
    visit.app.read(move |tx| import::list(tx, &permit)).await
}

fn table(visit: &Visit, imports: &[Import]) -> Table {
    let mut table = Table::new(visit.say("导入记录", "Imports"))
        .column("file", visit.say("文件", "File"), Kind::Text)
        .column("sort", visit.say("内容", "Content"), Kind::Text)
        .column("state", visit.say("状态", "State"), Kind::Text)
        .column("rows", visit.say("行数", "Rows"), Kind::Number)
        .column("day", visit.say("日期", "Day"), Kind::Date);
    table.rows = imports.iter().map(|one| cells(visit, one)).collect();
    table
}

fn cells(visit: &Visit, one: &Import) -> Vec<Cell> {
    vec![
        one.name.as_str().into(),
        sort_name(visit, &one.sort).into(),
        state_name(visit, state(one)).into(),
        one.rows.into(),
        Cell::Date(one.on.to_string()),
    ]
}

fn page(visit: &Visit, at: &Unit, imports: &[Import], complaints: &Complaints) -> Markup {
    let title = visit.say("导入", "Import").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Import };
    let body = html! {
        (shell::complaints(visit, complaints))
        (upload_form(visit, at, complaints))
        (understood(visit))
        h2 { (visit.say("导入记录", "Imports so far")) }
        @if imports.is_empty() { p.empty { (visit.say("还没有导入过。", "None yet.")) } } @else {
            table.list { @for one in imports {
                tr { td { a href={ "/units/" (at.id) "/imports/" (one.id) } { (one.name) } } td { (sort_name(visit, &one.sort)) }
                    td { (state_name(visit, state(one))) } td.num { (one.rows) } td.nowrap { (one.on) } }
            } }
        }
        (shell::formats(visit))
    };
    shell::page(&head, body)
}

fn upload_form(visit: &Visit, at: &Unit, complaints: &Complaints) -> Markup {
    html! {
        form.stack method="post" enctype="multipart/form-data" action={ "/units/" (at.id) "/imports" } {
            (shell::hidden(visit))
            (shell::field(visit.lang, "file", visit.say("表格（.xlsx 或 .csv）", "Spreadsheet (.xlsx or .csv)"),
                visit.say("组织、人员（含职务）或以往纪实都用这里；表头上方有标题、列的先后、列名叫法不同都不要紧，系统会自己认。",
                    "Units, people with their posts, or past records. Titles above the head, any order and any usual names of columns are understood."),
                complaints, html! { input #file type="file" name="file" accept=".xlsx,.csv" required; }))
            (shell::field(visit.lang, "sort", visit.say("表里是什么", "What it lists"),
                visit.say("一般不用选；认错了再选。", "Usually recognised; choose only if it was taken for something else."),
                complaints, html! { select #sort name="sort" {
                    option value="" { (visit.say("自动识别", "Recognise it")) }
                    @for sort in SORTS { option value=(sort) { (sort_name(visit, sort)) } }
                } }))
            button.main { (visit.say("读取并预览", "Read and preview")) }
        }
    }
}

/// Which columns are understood, and files to try it with.
fn understood(visit: &Visit) -> Markup {
    let words = |all: &[Label]| all.iter().map(|one| visit.of(one)).collect::<Vec<_>>().join(visit.say("、", ", "));
    html! {
        details {
            summary { (visit.say("认得哪些列，示例表格", "Columns that are understood, sample files")) }
            dl.facts { @for sort in SORTS {
                @let (must, may) = names().columns(sort);
                dt { (sort_name(visit, sort)) }
                dd { b { (words(&must)) } (visit.say("；可有：", "; also: ")) (words(&may)) }
            } }
            p { (visit.say("示例：", "Samples: ")) @for (name, _) in SAMPLES.iter().filter(|(name, _)| *name != "duties.csv") { a href={ "/samples/" (name) } { (name) } " " } }
        }
    }
}

async fn sample(_: Visit, Place(name): Place<String>) -> Result<Response, Trouble> {
    let (name, bytes) = SAMPLES.into_iter().find(|(one, _)| *one == name).ok_or(Trouble::NotFound)?;
    let head = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((head, bytes).into_response())
}

fn sort_name<'a>(visit: &'a Visit, sort: &str) -> &'a str {
    match sort {
        "units" => visit.say("组织", "Units"),
        "people" => visit.say("人员", "People"),
        "records" => visit.say("纪实", "Records"),
        _ => visit.say("未识别", "Not recognised"),
    }
}

/// The state of an import; work that went silent was broken off.
fn state(one: &Import) -> &str {
    let silent = one.idle > SILENT && progress::of(one.id).is_none();
    if silent && matches!(one.state.as_str(), "reading" | "writing") { "broken" } else { &one.state }
}

fn state_name<'a>(visit: &'a Visit, state: &str) -> &'a str {
    match state {
        "reading" => visit.say("◐ 正在读取", "◐ Reading"),
        "ready" => visit.say("◐ 待确认", "◐ Ready"),
        "faulty" => visit.say("▲ 有问题", "▲ Has faults"),
        "writing" => visit.say("◐ 正在写入", "◐ Writing"),
        "committed" => visit.say("● 已导入", "● Imported"),
        "undone" => visit.say("◇ 已撤销", "◇ Undone"),
        "expired" => visit.say("◇ 已过保存期，内容已清除", "◇ Past its day, contents dropped"),
        "broken" => visit.say("▲ 中断了", "▲ Broken off"),
        _ => visit.say("▲ 没有导入", "▲ Not imported"),
    }
}

// ---- reading

async fn upload(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Roll).await?;
    let Some(file) = sent.files.first().cloned() else {
        let refusal = Refusal::field("file", "请选择一个文件", "please choose a file");
        let complaints = Complaints::new(vec![refusal]);
        let page = page(visit, &at, &imports(visit, &at).await?, &complaints);
        return Ok(complaints.answer(page));
    };
    if let Err(refusal) = attachment::open_to_all(&file) {
        let complaints = Complaints::new(vec![refusal]);
        let page = page(visit, &at, &imports(visit, &at).await?, &complaints);
        return Ok(complaints.answer(page));
    }
    let (rules, place, name) = (visit.rules.clone(), at.clone(), file.name.chars().take(120).collect::<String>());
    let digest = secret::digest(&file.bytes);
    let work = move |tx: &Tx, actor: &Actor| {
        let permit = actor.permit(&rules.base, Verb::Roll, &place)?;
        Ok(format!("/units/{}/imports/{}", place.id, import::begin(tx, &permit, &name, &digest)?))
    };
    let actor = Actor { operation: operation(&sent.fields), ..visit.actor.clone() };
    let to = visit.app.write(move |tx| luoshi_store::operation::once(tx, &actor, |tx| work(tx, &actor))).await?;
    let wanted = SORTS.into_iter().find(|sort| *sort == one(&sent.fields, "sort")).unwrap_or_default();
    if let Some(import) = to.rsplit('/').next().and_then(|text| text.parse().ok())
        && progress::of(import).is_none()
    {
        tokio::spawn(run::read(visit.clone(), at, import, file, wanted.to_owned()));
    }
    Ok(Redirect::to(&to).into_response())
}

/// An import, and what is kept of it once it rests; while work goes on, nothing is asked of what it works on.
async fn load(visit: &Visit, at: &Unit, id: i64) -> Result<(Import, Body), Trouble> {
    let permit = visit.actor.permit(&visit.rules.base, Verb::Roll, at)?;
    let (one, body) = visit
        .app
        .read(move |tx| {
            let one = import::find(tx, &permit, id)?;
            let rests = !matches!(state(&one), "reading" | "writing");
            let body = if rests { import::body(tx, &permit, id)? } else { String::new() };
            Ok((one, body))
        })
        .await?;
    Ok((one, serde_json::from_str(&body).unwrap_or_default()))
}

// ---- writing and taking back

/// The columns that a list of duties must have, and those it may have.
pub(crate) fn list_columns() -> (Vec<luoshi_rules::Label>, Vec<luoshi_rules::Label>) {
    names().columns("duties")
}

/// The verb an import of this sort needs.
fn verb(sort: &str) -> Verb {
    match sort {
        "units" => Verb::Rule,
        "records" => Verb::Write,
        _ => Verb::Roll,
    }
}

async fn commit(Place((id, import)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let at = sent.visit.unit(id, Verb::Roll).await?;
    let (found, body) = load(&sent.visit, &at, import).await?;
    let body = Body { follow: !one(&sent.fields, "follow").is_empty(), ..body };
    let permit = sent.visit.actor.permit(&sent.visit.rules.base, verb(&found.sort), &at)?;
    // what was broken off wrote nothing and may be tried again
    let from = if state(&found) == "broken" && body.head.is_some() { "writing" } else { "ready" };
    sent.visit.app.write(move |tx| import::advance(tx, &permit, import, (from, "writing"))).await?;
    tokio::spawn(run::write(sent.visit.clone(), at, import, body));
    Ok(Redirect::to(&format!("/units/{id}/imports/{import}")).into_response())
}

async fn undo(Place((id, import)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Roll).await?;
    let (one, body) = load(visit, &at, import).await?;
    let (v, made, sort) = (visit.clone(), body.made, one.sort.clone());
    let work = move |tx: &Tx, actor: &Actor| {
        let permit = actor.permit(&v.rules.base, verb(&sort), &at)?;
        import::advance(tx, &permit, import, ("committed", "undone"))?;
        commit::undo(tx, &Hand { actor, rules: &v.rules, at: &at }, &made)?;
        Ok(format!("/units/{id}/imports/{import}"))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(state_kept: &str, idle: i64, shown: &str) {
        let one = Import {
            id: 1,
            unit: 1,
            sort: "people".into(),
            name: String::new(),
            state: state_kept.into(),
            done: 0,
            rows: 0,
            idle,
            on: jiff::civil::Date::MIN,
        };
        assert_eq!(state(&one), shown);
    }

    #[test]
    fn work_that_went_silent_is_shown_as_broken_off_unless_it_goes_on_here() {
        check("reading", 1_000, "reading");
        check("reading", SILENT + 1, "broken");
        check("writing", SILENT + 1, "broken");
        check("committed", SILENT + 1, "committed");
        let _running = progress::begin(1);
        check("writing", SILENT + 1, "writing");
    }
}
