//! Planning the tasks of a rectification from a spreadsheet or from lines pasted out of one: looked over first, then
//! made all at once or not at all.

use super::{one, part};
use crate::form::{Complaints, Sent, all, one as first, operation};
use crate::import::sheet;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use luoshi_office::cell;
use luoshi_rules::{Refusal, Unit, Verb};
use luoshi_store::matter::{self, Line, Opening};
use luoshi_store::unit;
use maud::{Markup, html};
use serde_json::json;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Most rows at once.
const MOST: usize = 1_000;
/// The columns: key, and the heads by which they are known.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("finding", &["表现序号", "问题序号", "序号", "finding", "no"]),
    ("measure", &["整改措施", "措施", "整改任务", "measure", "task"]),
    ("by", &["完成时限", "整改时限", "时限", "完成日期", "due", "by"]),
    ("leader", &["责任领导", "leader"]),
    ("unit", &["责任组织", "责任单位", "责任部门", "unit"]),
    ("helpers", &["协办组织", "协办单位", "配合单位", "helpers"]),
    ("term", &["整改类型", "类型", "kind"]),
];

/// A row as it was read.
#[derive(Debug, Clone)]
struct Task {
    finding: i64,
    measure: String,
    by: Date,
    leader: String,
    unit: i64,
    helpers: Vec<i64>,
    helper_names: String,
    term: &'static str,
}

pub(super) async fn show(visit: Visit, Place((id, matter)): Place<(i64, i64)>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::Act).await?;
    page(&visit, &at, matter, ("", &[], None)).await
}

/// The page with the text as it was sent, its faults, and how many rows are ready.
async fn page(
    visit: &Visit,
    at: &Unit,
    matter: i64,
    (text, faults, ready): (&str, &[String], Option<usize>),
) -> Result<Markup, Trouble> {
    let (whole, findings) = findings(visit, at, matter).await?;
    let title = visit.say("从表格制定整改任务", "Plan tasks from a spreadsheet").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let action = format!("/units/{}/matters/{matter}/tasks", at.id);
    let body = html! {
        p { a href={ "/units/" (at.id) "/matters/" (matter) } { "← " (whole.matter.title) } }
        @if !faults.is_empty() {
            div.complaints role="alert" { p { b { (visit.say("一条也没有保存，请改后再交：", "Nothing was saved. Mend these and send again:")) } }
                ul { @for fault in faults.iter().take(100) { li { (fault) } } } }
        }
        @if let Some(rows) = ready {
            p.note { (visit.say("核对无误：共 ", "All in order: ")) b { (rows) } (visit.say(" 条任务。再点“制定”即全部保存。", " tasks. Press “Plan” to save them all.")) }
        }
        form.stack method="post" action=(action) enctype="multipart/form-data" {
            (shell::hidden(visit))
            p.help { (visit.say("第一行是表头，列的顺序不限：表现序号、整改措施、完成时限、责任领导、责任组织、协办组织、整改类型（立行立改、集中整改、长期坚持）。",
                "The first line is the head, in any order: finding, measure, due, leader, unit, helpers, kind (at once, within the period, long-term).")) }
            (shell::field(visit.lang, "file", visit.say("表格文件（.xlsx 或 .csv）", "Spreadsheet (.xlsx or .csv)"), "", &crate::form::Complaints::default(),
                html! { input #file name="file" type="file" accept=".xlsx,.csv"; }))
            (shell::field(visit.lang, "text", visit.say("或直接粘贴", "Or paste it"), "", &crate::form::Complaints::default(),
                html! { textarea #text name="text" rows="12" { (text) } }))
            p.actions { button name="act" value="check" { (visit.say("核对", "Look it over")) } " "
                button.main name="act" value="plan" { (visit.say("制定", "Plan")) } }
        }
        h2 { (visit.say("表现序号", "Numbers of the findings")) }
        table.list { @for (finding, no) in findings.iter().zip(1..) { tr { td.num { (no) } td { (finding.matter.title) } td.nowrap { (super::state(visit, &finding.matter)) } } } }
    };
    Ok(shell::page(&head, body))
}

async fn findings(visit: &Visit, at: &Unit, matter: i64) -> Result<(Line, Vec<Line>), Trouble> {
    let whole = one::whole(visit, at, matter).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let tree = visit.app.read(move |tx| matter::tree(tx, &scope, (matter, 0))).await?;
    Ok((whole, tree.into_iter().filter(|line| line.matter.flow == "finding").collect()))
}

pub(crate) async fn plan(Place((id, matter)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    let text = match sent.files.first() {
        Some(file) => match sheet::read(&visit.app, &file.name, &file.bytes).await? {
            Ok(sheet) => lines(&sheet),
            Err(fault) => {
                let words = [fault.say(visit.lang == luoshi_rules::Lang::Zh)];
                return refused(visit, &at, matter, ("", &words, None)).await;
            }
        },
        None => all(&sent.fields, "text").first().cloned().unwrap_or_default(),
    };
    let (whole, findings) = findings(visit, &at, matter).await?;
    let tasks = match read(visit, &at, (&whole, &findings), &text).await? {
        Ok(tasks) => tasks,
        Err(faults) => return refused(visit, &at, matter, (&text, &faults, None)).await,
    };
    // what came out of a file is looked over before it is made
    if first(&sent.fields, "act") == "check" || !sent.files.is_empty() {
        return Ok(page(visit, &at, matter, (&text, &[], Some(tasks.len()))).await?.into_response());
    }
    match make(&sent, &at, matter, tasks).await {
        Err(Trouble::Refused(refusal)) => refused(visit, &at, matter, (&text, &[refusal.say(visit.lang)], None)).await,
        done => done,
    }
}

async fn refused(
    visit: &Visit,
    at: &Unit,
    matter: i64,
    shown: (&str, &[String], Option<usize>),
) -> Result<Response, Trouble> {
    Ok(Complaints::told(shown.1).answer(page(visit, at, matter, shown).await?))
}

/// A sheet as lines with tabs between the cells; days as days.
pub(super) fn lines(sheet: &luoshi_office::Sheet) -> String {
    let text = |row: usize, column: usize| {
        let value = sheet.at(row, column);
        let text = cell::text(value).unwrap_or_default();
        let day = cell::date(value).ok().filter(|_| !text.contains('-') && text.len() != 4);
        let day = day.and_then(|day| Date::new(day.year, day.month, day.day?).ok());
        day.filter(|_| text.parse::<i64>().is_err()).map_or(text.replace(['\t', '\n'], " "), |day| day.to_string())
    };
    let rows =
        (0..sheet.rows.len()).map(|row| (0..sheet.width()).map(|at| text(row, at)).collect::<Vec<_>>().join("\t"));
    rows.filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// Rows by their number, each with its cells by the keys of the columns.
pub(super) type Rows<'t> = Vec<(usize, HashMap<&'static str, &'t str>)>;

/// The rows of a text whose first line is the head. The first `needed` columns must be there.
pub(super) fn table<'t>(
    visit: &Visit,
    text: &'t str,
    columns: &[(&'static str, &[&str])],
    needed: usize,
) -> Result<Rows<'t>, Vec<String>> {
    let mut rows = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let head: Vec<&str> = rows.next().map_or(Vec::new(), |(line, _)| line.split('\t').map(str::trim).collect());
    let place = |heads: &[&str]| head.iter().position(|cell| heads.iter().any(|one| one.eq_ignore_ascii_case(cell)));
    let places: Vec<(&'static str, usize)> =
        columns.iter().filter_map(|(key, heads)| Some((*key, place(heads)?))).collect();
    let known = |key: &str| places.iter().any(|(one, _)| *one == key);
    if let Some((_, heads)) = columns.iter().take(needed).find(|(key, _)| !known(key)) {
        let name = heads.first().copied().unwrap_or_default();
        let words = visit.say("第一行（表头）里没有这一列：", "the first line, the head, lacks the column ");
        return Err(vec![format!("{words}“{name}”")]);
    }
    let cells = |(line, no): (&'t str, usize)| {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let cell = |(key, at): &(&'static str, usize)| Some((*key, *cells.get(*at)?));
        (no, places.iter().filter_map(cell).collect())
    };
    Ok(rows.map(cells).collect())
}

/// The rows of a text, or everything that is wrong with it.
async fn read(
    visit: &Visit,
    at: &Unit,
    (whole, findings): (&Line, &[Line]),
    text: &str,
) -> Result<Result<Vec<Task>, Vec<String>>, Trouble> {
    let rows = match table(visit, text, &COLUMNS, 3) {
        Ok(rows) => rows,
        Err(faults) => return Ok(Err(faults)),
    };
    // before any name is looked up
    if rows.is_empty() || rows.len() > MOST {
        return Ok(Err(vec![visit.say("一次1至1000条任务", "1 to 1,000 tasks at once").to_owned()]));
    }
    let (mut tasks, mut faults, mut units) = (Vec::new(), Vec::new(), HashMap::new());
    for (no, cells) in rows {
        let cell = |key: &str| cells.get(key).copied().unwrap_or_default();
        match task(visit, at, (whole, findings), cell, &mut units).await {
            Ok(task) => tasks.push(task),
            Err(Trouble::Refused(refusal)) => faults.push(format!(
                "{}{no}{}{}",
                visit.say("第", "line "),
                visit.say("行：", ": "),
                refusal.say(visit.lang)
            )),
            Err(other) => return Err(other),
        }
    }
    Ok(if faults.is_empty() { Ok(tasks) } else { Err(faults) })
}

async fn task<'c>(
    visit: &Visit,
    at: &Unit,
    (whole, findings): (&Line, &[Line]),
    cell: impl Fn(&str) -> &'c str,
    units: &mut HashMap<String, i64>,
) -> Result<Task, Trouble> {
    let refuse = |key: &str, zh: &str, en: &str| Trouble::from(Refusal::field(key, zh, en));
    let no = cell("finding").parse::<usize>().ok().and_then(|no| findings.get(no.checked_sub(1)?));
    let finding = no.ok_or_else(|| {
        refuse(
            "finding",
            "没有这个表现序号，请对照页面下方的序号",
            "there is no finding of this number; see the list below",
        )
    })?;
    let measure = cell("measure").to_owned();
    if measure.is_empty() || measure.chars().count() > 500 {
        return Err(refuse("measure", "整改措施要填写，500字以内", "a measure of at most 500 characters is needed"));
    }
    let typed = cell("by").replace(['/', '.'], "-");
    let by = cell::date(&luoshi_office::sheet::Value::Text(typed))
        .ok()
        .and_then(|day| Date::new(day.year, day.month, day.day?).ok());
    let by =
        by.ok_or_else(|| refuse("by", "完成时限要写日期，如 2023-09-30", "a day is needed, such as 2023-09-30"))?;
    let mut helpers = Vec::new();
    for name in cell("helpers").split(['、', '，', ',', ';', '；']).map(str::trim).filter(|name| !name.is_empty()) {
        helpers.push(unit_of(visit, at, name, units).await?);
    }
    let unit = match cell("unit") {
        "" => whole.matter.unit,
        name => unit_of(visit, at, name, units).await?,
    };
    let term = match cell("term") {
        "立行立改" | "at once" => "at_once",
        "长期坚持" | "long-term" => "long",
        _ => "window",
    };
    let (leader, helper_names) = (cell("leader").to_owned(), cell("helpers").to_owned());
    Ok(Task { finding: finding.matter.id, measure, by, leader, unit, helpers, helper_names, term })
}

/// A unit by its name, each looked up once.
async fn unit_of(visit: &Visit, at: &Unit, name: &str, units: &mut HashMap<String, i64>) -> Result<i64, Trouble> {
    if let Some(known) = units.get(name) {
        return Ok(*known);
    }
    let found = part::named(visit, at, name, "unit").await?;
    units.insert(name.to_owned(), found);
    Ok(found)
}

async fn make(sent: &Sent, at: &Unit, matter: i64, tasks: Vec<Task>) -> Result<Response, Trouble> {
    let (rules, at) = (sent.visit.rules.clone(), at.clone());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &at)?;
        let flow = rules.base.flow("task").ok_or(luoshi_store::Fault::NotFound)?;
        let mut units: HashMap<i64, Unit> = HashMap::new();
        for task in &tasks {
            let addressee = match units.entry(task.unit) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(unit::find(tx, task.unit)?),
            };
            let data = json!({ "by": task.by.to_string(), "leader": task.leader, "term": task.term, "helpers": task.helper_names });
            let (subject, title) = (format!("{}/{}", task.finding, task.measure), task.measure.clone());
            let opening = Opening { flow, addressee, subject, title, data, note: String::new() };
            let made = matter::add_part(tx, &permit, &rules.base, task.finding, (&opening, &task.helpers));
            made.map_err(|fault| part::of_row(fault, &task.measure))?;
        }
        Ok(format!("/units/{}/matters/{matter}", at.id))
    };
    Ok(sent.visit.act(operation(&sent.fields), work).await?.into_response())
}
