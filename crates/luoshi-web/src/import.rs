//! Import: a spreadsheet as people keep it becomes units, people or records, after a preview, all or nothing.

mod check;
mod columns;
mod commit;
mod duties;
mod sheet;

pub(crate) use duties::list_text;
pub use sheet::{ARGUMENT, parse_child};

use crate::app::App;
use crate::form::{Complaints, Sent, Upload, operation};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use check::{Draft, Ground, Outcome, Wrong};
use commit::{Hand, Made};
use luoshi_office::{Problem, Sheet, annotate};
use luoshi_rules::{Refusal, Unit, Verb};
use luoshi_store::import::{self, Import};
use luoshi_store::{secret, unit};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Faults a page shows; the file given back has all.
const SHOWN: usize = 200;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/units/{unit}/imports", get(list).post(upload))
        .route("/units/{unit}/imports/{id}", get(show))
        .route("/units/{unit}/imports/{id}/commit", post(commit))
        .route("/units/{unit}/imports/{id}/undo", post(undo))
        .route("/units/{unit}/imports/{id}/faults", get(faults))
}

/// What is kept of an import.
#[derive(Default, Serialize, Deserialize)]
struct Body {
    sheet: Sheet,
    head: usize,
    outcome: Outcome,
    made: Vec<Made>,
    /// why it could not be read or written at all
    failed: Option<(String, String)>,
}

// ---- the list and the form

async fn list(visit: Visit, Place(id): Place<i64>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::Roll).await?;
    page(&visit, &at, &Complaints::default()).await
}

async fn page(visit: &Visit, at: &Unit, complaints: &Complaints) -> Result<Markup, Trouble> {
    let permit = visit.actor.permit(&visit.rules.base, Verb::Roll, at)?;
    let imports = visit.app.read(move |tx| import::list(tx, &permit)).await?;
    let title = visit.say("导入", "Import").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Import };
    let body = html! {
        (shell::complaints(visit, complaints))
        form.stack method="post" enctype="multipart/form-data" action={ "/units/" (at.id) "/imports" } {
            (shell::hidden(visit))
            (shell::field(visit.lang, "file", visit.say("表格（.xlsx 或 .csv）", "Spreadsheet (.xlsx or .csv)"),
                visit.say("组织、人员（含职务）或以往纪实都用这里；表头上方有标题、列的先后、列名叫法不同都不要紧，系统会自己认。",
                    "Units, people with their posts, or past records. Titles above the head, any order and any usual names of columns are understood."),
                complaints, html! { input #file type="file" name="file" accept=".xlsx,.csv" required; }))
            button.main { (visit.say("读取并预览", "Read and preview")) }
        }
        h2 { (visit.say("导入记录", "Imports so far")) }
        @if imports.is_empty() { p.empty { (visit.say("还没有导入过。", "None yet.")) } }
        table.list { @for one in &imports {
            tr { td { a href={ "/units/" (at.id) "/imports/" (one.id) } { (one.name) } } td { (sort_name(visit, &one.sort)) }
                td { (state_name(visit, &one.state)) } td.num { (one.rows) } td.nowrap { (one.on) } }
        } }
    };
    Ok(shell::page(&head, body))
}

fn sort_name<'a>(visit: &'a Visit, sort: &str) -> &'a str {
    match sort {
        "units" => visit.say("组织", "Units"),
        "people" => visit.say("人员", "People"),
        "records" => visit.say("纪实", "Records"),
        _ => visit.say("未识别", "Not recognised"),
    }
}

fn state_name<'a>(visit: &'a Visit, state: &str) -> &'a str {
    match state {
        "reading" => visit.say("◐ 正在读取", "◐ Reading"),
        "ready" => visit.say("◐ 待确认", "◐ Ready"),
        "faulty" => visit.say("▲ 有问题", "▲ Has faults"),
        "writing" => visit.say("◐ 正在写入", "◐ Writing"),
        "committed" => visit.say("● 已导入", "● Imported"),
        "undone" => visit.say("◇ 已撤销", "◇ Undone"),
        _ => visit.say("▲ 没有导入", "▲ Not imported"),
    }
}

// ---- reading

async fn upload(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Roll).await?;
    let Some(file) = sent.files.first().cloned() else {
        let refusal = Refusal::field("file", "请选择一个文件", "please choose a file");
        let page = page(visit, &at, &Complaints::new(vec![refusal])).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let (rules, place, name) = (visit.rules.clone(), at.clone(), file.name.chars().take(120).collect::<String>());
    let digest = secret::digest(&file.bytes);
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Roll, &place)?;
        Ok(format!("/units/{}/imports/{}", place.id, import::begin(tx, &permit, &name, &digest)?))
    };
    let actor = luoshi_rules::Actor { operation: operation(&sent.fields), ..visit.actor.clone() };
    let to = visit.app.write(move |tx| luoshi_store::operation::once(tx, &actor, |tx| work(tx, &actor))).await?;
    if let Some(import) = to.rsplit('/').next().and_then(|text| text.parse().ok()) {
        tokio::spawn(read_and_keep(visit.clone(), at, import, file));
    }
    Ok(Redirect::to(&to).into_response())
}

/// Reads and checks a file in the background; the page shows how far it has come.
async fn read_and_keep(visit: Visit, at: Unit, id: i64, file: Upload) {
    let (sort, body) = read(&visit, &at, &file).await.unwrap_or_else(|trouble| {
        tracing::error!(?trouble, "import");
        let words = ("系统出错，没有读取".to_owned(), "something broke; nothing was read".to_owned());
        (String::new(), Body { failed: Some(words), ..Body::default() })
    });
    let state = match &body {
        body if body.failed.is_some() => "failed",
        body if !body.outcome.wrong.is_empty() => "faulty",
        _ => "ready",
    };
    let rows = body.sheet.rows.len() as i64;
    keep(&visit, &at, id, (&sort, state), rows, &body).await;
}

async fn keep(visit: &Visit, at: &Unit, id: i64, (sort, state): (&str, &str), rows: i64, body: &Body) {
    let import = Import {
        id,
        unit: at.id,
        sort: if sort.is_empty() { "-".into() } else { sort.to_owned() },
        name: String::new(),
        state: state.to_owned(),
        done: rows,
        rows,
        body: serde_json::to_value(body).unwrap_or_default(),
        on: visit.today,
    };
    let top = at.top;
    if let Err(trouble) = visit.app.write(move |tx| import::keep(tx, top, &import)).await {
        tracing::error!(?trouble, "import");
    }
}

async fn read(visit: &Visit, at: &Unit, file: &Upload) -> Result<(String, Body), Trouble> {
    let failed = |zh: String, en: String| Ok((String::new(), Body { failed: Some((zh, en)), ..Body::default() }));
    let sheet = match sheet::read(&visit.app, &file.name, &file.bytes).await? {
        Ok(sheet) => sheet,
        Err(fault) => return failed(fault.say(true), fault.say(false)),
    };
    let Some(head) = columns::head(&sheet).filter(|head| head.sort != "duties") else {
        return failed(
            "没有认出表头：组织表要有“组织全称”“级别”，人员表要有“姓名”“所在支部”，纪实表要有“组织”“类型”“日期”".into(),
            "no head was recognised: units need a full name and a level, people a name and a branch, records a unit, a kind and a day".into(),
        );
    };
    let (scope, numbers) = (visit.actor.scope(&visit.rules.base, Verb::Roll, at)?, check::identities(&sheet, &head));
    let (units, people, records, blinds) = visit
        .app
        .read(move |tx| {
            let mut blinds = HashMap::new();
            for number in &numbers {
                blinds.insert(number.clone(), import::blind(tx, number)?);
            }
            let records = import::records(tx, &scope)?.into_iter().collect();
            Ok((unit::list(tx, &scope)?, import::people(tx, &scope)?, records, blinds))
        })
        .await?;
    let (visit, at) = (visit.clone(), at.clone());
    let checked = tokio::task::spawn_blocking(move || {
        let ground = Ground {
            at: &at,
            units: &units,
            people: &people,
            records: &records,
            rules: &visit.rules,
            today: visit.today,
            blinds: &blinds,
        };
        let outcome = check::check(&sheet, &head, &ground);
        (head.sort.to_owned(), Body { sheet, head: head.row, outcome, ..Body::default() })
    });
    checked.await.map_err(Trouble::broken)
}

// ---- the preview

async fn show(visit: Visit, Place((id, import)): Place<(i64, i64)>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::Roll).await?;
    let (one, body) = load(&visit, &at, import).await?;
    let title = format!("{} {}", visit.say("导入", "Import"), one.name);
    let page = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::Import };
    let running = matches!(one.state.as_str(), "reading" | "writing");
    let body = html! {
        p { b { (state_name(&visit, &one.state)) } " · " (sort_name(&visit, &one.sort)) }
        @if running {
            p data-progress { progress max=(one.rows.max(1)) value=(one.done) {} " " (one.done) " / " (one.rows) }
            p { a.button href=(visit.address) { (visit.say("刷新", "Refresh")) } }
        } @else { (outcome(&visit, &at, &one, &body)) }
        p { a href={ "/units/" (id) "/imports" } { (visit.say("返回导入", "Back to imports")) } }
    };
    Ok(shell::page(&page, body))
}

async fn load(visit: &Visit, at: &Unit, id: i64) -> Result<(Import, Body), Trouble> {
    let permit = visit.actor.permit(&visit.rules.base, Verb::Roll, at)?;
    let one = visit.app.read(move |tx| import::find(tx, &permit, id)).await?;
    let body = serde_json::from_value(one.body.clone()).unwrap_or_default();
    Ok((one, body))
}

fn outcome(visit: &Visit, at: &Unit, one: &Import, body: &Body) -> Markup {
    let wrong = &body.outcome.wrong;
    html! {
        @if let Some((zh, en)) = &body.failed { div.complaints role="alert" { p { (visit.say(zh, en)) } } }
        @else {
            dl.facts {
                dt { (visit.say("将新增", "To be added")) } dd { b { (body.outcome.drafts.len()) } }
                dt { (visit.say("已有，不变", "There already")) } dd { (body.outcome.same) }
                dt { (visit.say("有问题的单元格", "Faulty cells")) } dd { (wrong.len()) }
            }
        }
        @if !wrong.is_empty() { (wrong_table(visit, at, one, body)) }
        @if one.state == "ready" {
            (sample(visit, &body.outcome.drafts))
            form method="post" action={ "/units/" (at.id) "/imports/" (one.id) "/commit" } {
                (shell::hidden(visit))
                button.main { (visit.say("全部导入", "Import all")) " (" (body.outcome.drafts.len()) ")" }
            }
        }
        @if one.state == "committed" && !body.made.is_empty() {
            p { (visit.say("已导入 ", "Imported: ")) b { (body.made.len()) } }
            form method="post" action={ "/units/" (at.id) "/imports/" (one.id) "/undo" } {
                (shell::hidden(visit))
                button { (visit.say("撤销这次导入", "Undo this import")) }
            }
            p.help { (visit.say("只要后来的内容还没有用到它，就可以整批撤销。", "As long as nothing builds on it, an import can be undone as a whole.")) }
        }
    }
}

fn wrong_table(visit: &Visit, at: &Unit, one: &Import, body: &Body) -> Markup {
    let wrong = &body.outcome.wrong;
    html! {
        p { (visit.say("有一格不对就一行也不写入。请改好后重新上传，或下载带批注的原表：", "Nothing is written while a cell is wrong. Mend and upload again, or take the file with comments: "))
            a href={ "/units/" (at.id) "/imports/" (one.id) "/faults" } { (visit.say("下载带批注的表", "the file with comments")) } }
        div.scroll { table.list {
            thead { tr { th { (visit.say("行", "Row")) } th { (visit.say("列", "Column")) } th { (visit.say("内容", "Cell")) } th { (visit.say("问题", "Problem")) } } }
            @for one in wrong.iter().take(SHOWN) {
                tr { td.num { (one.row + 1) } td { (heading(body, one)) } td { (cell_text(body, one)) } td { (visit.say(&one.zh, &one.en)) } }
            }
        } }
        @if wrong.len() > SHOWN { p { small { (visit.say("只列前 200 个，全部见带批注的表。", "The first 200; the file has all.")) } } }
    }
}

fn heading(body: &Body, wrong: &Wrong) -> String {
    luoshi_office::cell::text(body.sheet.at(body.head, wrong.column)).unwrap_or_default()
}

fn cell_text(body: &Body, wrong: &Wrong) -> String {
    luoshi_office::cell::text(body.sheet.at(wrong.row, wrong.column)).unwrap_or_default()
}

/// The first rows as they will be written.
fn sample(visit: &Visit, drafts: &[Draft]) -> Markup {
    let line = |draft: &Draft| match draft {
        Draft::Unit { full_name, parent, .. } => format!("{full_name} ← {parent}"),
        Draft::Person { name, born, .. } => format!("{name} {}", born.map(|day| day.to_string()).unwrap_or_default()),
        Draft::Record { kind, on, fields, .. } => {
            let topic = fields.get("topic").and_then(|all| all.first()).cloned().unwrap_or_default();
            format!("{on} {} {topic}", crate::obligation::kind_name(visit, kind))
        }
    };
    html! {
        @if !drafts.is_empty() {
            h2 { (visit.say("前几行", "The first rows")) }
            ul { @for draft in drafts.iter().take(8) { li { (line(draft)) } } }
        } @else { p.empty { (visit.say("表中内容都已在系统里，没有要写入的。", "Everything is there already; there is nothing to write.")) } }
    }
}

async fn faults(visit: Visit, Place((id, import)): Place<(i64, i64)>) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::Roll).await?;
    let (_, body) = load(&visit, &at, import).await?;
    let say = |one: &Wrong| visit.say(&one.zh, &one.en).to_owned();
    let problems: Vec<Problem> =
        body.outcome.wrong.iter().map(|one| Problem { row: one.row, column: one.column, message: say(one) }).collect();
    let bytes =
        annotate::xlsx(&body.sheet, body.head, &problems).map_err(|fault| Trouble::Broken(format!("{fault:?}")))?;
    let head = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"faults.xlsx\""),
    ];
    Ok((head, bytes).into_response())
}

// ---- writing and taking back

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
    let (one, body) = load(&sent.visit, &at, import).await?;
    let permit = sent.visit.actor.permit(&sent.visit.rules.base, verb(&one.sort), &at)?;
    sent.visit.app.write(move |tx| import::advance(tx, &permit, import, ("ready", "writing"))).await?;
    tokio::spawn(write_and_keep(sent.visit.clone(), at, one, body));
    Ok(Redirect::to(&format!("/units/{id}/imports/{import}")).into_response())
}

/// Writes a checked import in the background, all of it or nothing.
async fn write_and_keep(visit: Visit, at: Unit, one: Import, mut body: Body) {
    let (drafts, place, v) = (std::mem::take(&mut body.outcome.drafts), at.clone(), visit.clone());
    let kept = drafts.clone();
    let done = visit
        .app
        .write(move |tx| commit::write(tx, &Hand { actor: &v.actor, rules: &v.rules, at: &place }, &drafts))
        .await;
    let state = match done {
        Ok(made) => {
            body.made = made;
            "committed"
        }
        Err(Trouble::Refused(refusal)) => {
            let words = (refusal.say(luoshi_rules::Lang::Zh), refusal.say(luoshi_rules::Lang::En));
            body.failed = Some(words);
            "failed"
        }
        Err(trouble) => {
            tracing::error!(?trouble, "import");
            body.failed = Some(("系统出错，一行也没有写入".into(), "something broke; nothing was written".into()));
            "failed"
        }
    };
    body.outcome.drafts = kept;
    keep(&visit, &at, one.id, (&one.sort, state), one.rows, &body).await;
}

async fn undo(Place((id, import)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Roll).await?;
    let (one, body) = load(visit, &at, import).await?;
    let (v, made, sort) = (visit.clone(), body.made, one.sort.clone());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&v.rules.base, verb(&sort), &at)?;
        import::advance(tx, &permit, import, ("committed", "undone"))?;
        commit::undo(tx, &Hand { actor, rules: &v.rules, at: &at }, &made)?;
        Ok(format!("/units/{id}/imports/{import}"))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}
