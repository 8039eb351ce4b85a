//! The page of one import: progress, preview, faults, and what may be done with it.

use super::check::Wrong;
use super::columns::{Head, names};
use super::{Body, load, progress, sort_name, state, state_name};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Kind, Problem, Table, annotate, cell};
use luoshi_rules::person::mask;
use luoshi_rules::{Unit, Verb};
use luoshi_store::import::Import;
use maud::{Markup, html};
use std::collections::HashMap;

/// Faults a page shows; the file given back has all.
const SHOWN: usize = 200;

pub(super) async fn show(
    visit: Visit,
    Place((id, import)): Place<(i64, i64)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::Roll).await?;
    let (one, body) = load(&visit, &at, import).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &one, &body))? {
        return Ok(out);
    }
    let title = format!("{} {}", visit.say("导入", "Import"), one.name);
    let page = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::Import };
    let state = state(&one);
    let markup = html! {
        p { b { (state_name(&visit, state)) } " · " (sort_name(&visit, &one.sort)) }
        @match state {
            "reading" | "writing" => (moving(&visit, &one)),
            "broken" => (broken_off(&visit, &at, &one, &body)),
            _ => (outcome(&visit, &at, &one, &body)),
        }
        p { a href={ "/units/" (id) "/imports" } { (visit.say("返回导入", "Back to imports")) } }
    };
    Ok(shell::page(&page, markup).into_response())
}

fn moving(visit: &Visit, one: &Import) -> Markup {
    let done = progress::of(one.id).unwrap_or(one.done).min(one.rows);
    html! {
        p data-progress { progress max=(one.rows.max(1)) value=(done) {} " " (done) " / " (one.rows) }
        p { a.button href=(visit.address) { (visit.say("刷新", "Refresh")) } " "
            span.help { (visit.say("可以离开本页，稍后再来看。", "You may leave this page and come back.")) } }
    }
}

fn broken_off(visit: &Visit, at: &Unit, one: &Import, body: &Body) -> Markup {
    html! {
        div.complaints role="alert" { p { (visit.say(
            "系统在这期间停过，这次没有做完，一行也没有写入。",
            "The system was stopped meanwhile: this did not finish, and nothing was written.")) } }
        @if body.head.is_some() { (commit_form(visit, at, one, body.counts.changed, visit.say("再试一次", "Try again"))) }
        @else { p { (visit.say("请重新上传文件。", "Please upload the file again.")) } }
    }
}

fn commit_form(visit: &Visit, at: &Unit, one: &Import, changed: usize, words: &str) -> Markup {
    html! {
        form method="post" action={ "/units/" (at.id) "/imports/" (one.id) "/commit" } {
            (shell::hidden(visit))
            @if changed > 0 { p { label { input type="checkbox" name="follow" value="1"; " "
                (visit.say("按表更正已有人员（姓名、性别、日期，补登身份证号、人员编号）：", "Correct the roll by the sheet (names, sex, days, missing identity numbers and person codes): ")) b { (changed) } " "
                (visit.say("人。更正也可以随导入一起撤销。", "people. An undo of the import puts them back too.")) } } }
            button.main { (words) }
        }
    }
}

fn outcome(visit: &Visit, at: &Unit, one: &Import, body: &Body) -> Markup {
    html! {
        @if let Some((zh, en)) = &body.failed { div.complaints role="alert" { p { (visit.say(zh, en)) } } }
        @else if !body.written {
            dl.facts {
                dt { (visit.say("将新增", "To be added")) } dd { b { (body.counts.new) } }
                dt { (visit.say("已有，不变", "There already")) } dd { (body.counts.same) }
                dt { (visit.say("与系统不一致的单元格", "Cells that say otherwise")) } dd { (body.notes.len()) }
                dt { (visit.say("有问题的单元格", "Faulty cells")) } dd { (body.wrong.len()) }
                @if let Some(head) = &body.head { (columns(visit, body, head)) }
            }
        }
        @if !body.wrong.is_empty() { (wrong(visit, at, one, body)) }
        @if !body.notes.is_empty() { (notes(visit, body)) }
        @if one.state == "ready" {
            (sample(visit, body))
            @if body.counts.new + body.counts.changed > 0 {
                (commit_form(visit, at, one, body.counts.changed, &format!("{} ({})", visit.say("全部导入", "Import all"), body.counts.new)))
            }
        }
        @if one.state == "committed" { (committed(visit, at, one, body)) }
    }
}

/// Which columns were understood, and which are left out.
fn columns(visit: &Visit, body: &Body, head: &Head) -> Markup {
    let join = |words: Vec<String>| words.join(visit.say("、", ", "));
    let mut known: Vec<_> = head.columns.iter().collect();
    known.sort_by_key(|(_, column)| **column);
    let known = known.into_iter().map(|(key, _)| visit.of(&names().column(&head.sort, key)).to_owned()).collect();
    let others: Vec<String> = head.others.iter().map(|(_, column)| shown(body, head.row, *column)).collect();
    html! {
        dt { (visit.say("认出的列", "Columns understood")) } dd { (join(known)) }
        @if !others.is_empty() {
            dt { @if head.sort == "records" { (visit.say("按纪实项目读取的列", "Read as fields of the record, if it has them")) }
                @else { (visit.say("不导入的列", "Columns left out")) } }
            dd { (join(others)) }
        }
    }
}

fn committed(visit: &Visit, at: &Unit, one: &Import, body: &Body) -> Markup {
    html! {
        p { (visit.say("已导入 ", "Imported: ")) b { (body.counts.new) }
            @if body.counts.changed > 0 { (visit.say("，已更正 ", ", corrected: ")) b { (body.counts.changed) } } }
        @if !body.made.is_empty() {
            form method="post" action={ "/units/" (at.id) "/imports/" (one.id) "/undo" } {
                (shell::hidden(visit))
                button { (visit.say("撤销这次导入", "Undo this import")) }
            }
            p.help { (visit.say("只要后来的内容还没有用到它，就可以整批撤销。", "As long as nothing builds on it, an import can be undone as a whole.")) }
        }
    }
}

fn wrong(visit: &Visit, at: &Unit, one: &Import, body: &Body) -> Markup {
    html! {
        p { (visit.say("有一格不对就一行也不写入。请改好后重新上传，或下载带批注的原表：", "Nothing is written while a cell is wrong. Mend and upload again, or take the file with comments: "))
            a href={ "/units/" (at.id) "/imports/" (one.id) "/faults" } { (visit.say("下载带批注的表", "the file with comments")) } }
        (shell::formats(visit))
        (cells(visit, body, &body.wrong))
    }
}

fn notes(visit: &Visit, body: &Body) -> Markup {
    html! {
        details open[body.wrong.is_empty()] {
            summary { (visit.say("与系统不一致的单元格（不影响导入）", "Cells that say otherwise than the system (they keep nothing from being imported)")) }
            (cells(visit, body, &body.notes))
        }
    }
}

fn cells(visit: &Visit, body: &Body, all: &[Wrong]) -> Markup {
    let head = body.head.as_ref().map_or(0, |head| head.row);
    html! {
        div.scroll { table.list {
            thead { tr { th { (visit.say("行", "Row")) } th { (visit.say("列", "Column")) } th { (visit.say("内容", "Cell")) } th { (visit.say("问题", "Problem")) } } }
            @for one in all.iter().take(SHOWN) {
                tr { td.num { (one.row + 1) } td { (shown(body, head, one.column)) } td { (content(body, one)) } td { (visit.say(&one.zh, &one.en)) } }
            }
        } }
        @if all.len() > SHOWN { p { small { (visit.say("只列前 200 个，全部见带批注的表。", "The first 200; the file has all.")) } } }
    }
}

fn table(visit: &Visit, one: &Import, body: &Body) -> Table {
    let head = body.head.as_ref().map_or(0, |head| head.row);
    let mut table = Table::new(format!("{} {}", visit.say("导入问题", "Faults of"), one.name))
        .column("row", visit.say("行", "Row"), Kind::Number)
        .column("column", visit.say("列", "Column"), Kind::Text)
        .column("cell", visit.say("内容", "Cell"), Kind::Text)
        .column("problem", visit.say("问题", "Problem"), Kind::Text);
    let row = |one: &Wrong| {
        let number = i64::try_from(one.row + 1).unwrap_or_default();
        let words = visit.say(&one.zh, &one.en);
        vec![number.into(), shown(body, head, one.column).into(), content(body, one).into(), words.into()]
    };
    table.rows = body.wrong.iter().map(row).collect();
    table
}

pub(super) fn shown(body: &Body, row: usize, column: usize) -> String {
    cell::text(body.sheet.at(row, column)).unwrap_or_default()
}

/// What a cell holds; numbers of people with their middles hidden.
pub(super) fn content(body: &Body, one: &Wrong) -> String {
    let text = shown(body, one.row, one.column);
    let secret = body.head.iter().flat_map(|head| &head.columns);
    let secret =
        secret.into_iter().any(|(key, at)| *at == one.column && matches!(key.as_str(), "identity" | "phone" | "code"));
    if secret { mask(&text) } else { text }
}

/// The first rows as they will be written.
fn sample(visit: &Visit, body: &Body) -> Markup {
    html! {
        @if !body.sample.is_empty() {
            h2 { (visit.say("前几行", "The first rows")) }
            ul { @for (zh, en) in &body.sample { li { (visit.say(zh, en)) } } }
        } @else if body.counts.same > 0 { p.empty { (visit.say("表中内容都已在系统里，没有要写入的。", "Everything is there already; there is nothing to write.")) } }
        @else { p.empty { (visit.say("表头下面没有内容，没有要写入的。请检查是否选错了文件或工作表。",
            "Nothing stands below the head; there is nothing to write. See whether it is the right file and sheet.")) } }
    }
}

pub(super) async fn faults(visit: Visit, Place((id, import)): Place<(i64, i64)>) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::Roll).await?;
    let (one, body) = load(&visit, &at, import).await?;
    if one.state != "faulty" {
        return Err(Trouble::NotFound);
    }
    let bytes = annotated(&visit, &body)?;
    let head = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"faults.xlsx\""),
    ];
    Ok((head, bytes).into_response())
}

/// The sheet with its faults as comments.
pub(super) fn annotated(visit: &Visit, body: &Body) -> Result<Vec<u8>, Trouble> {
    let head = body.head.as_ref().ok_or(Trouble::NotFound)?;
    let say = |one: &Wrong| visit.say(&one.zh, &one.en).to_owned();
    let problem = |one: &Wrong| Problem { row: one.row, column: one.column, message: say(one) };
    let problems: Vec<Problem> = body.wrong.iter().map(problem).collect();
    annotate::xlsx(&body.sheet, head.row, &problems).map_err(|fault| Trouble::Broken(format!("{fault:?}")))
}
