//! The text by which a unit makes known how a rectification went, from the facts alone, to be copied or printed.

use super::{ledger, one, part};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::Verb;
use luoshi_store::matter::{self, Line};
use maud::html;
use std::collections::{BTreeMap, HashMap};

pub(crate) async fn show(
    visit: Visit,
    Place((id, matter)): Place<(i64, i64)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let whole = one::whole(&visit, &at, matter).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let tree = visit.app.read(move |tx| matter::tree(tx, &scope, (matter, 0))).await?;
    let title = format!("{} {}", whole.unit_name, visit.say("关于整改进展情况的通报", "On how the rectification went"));
    let day =
        |step: &str| whole.matter.events.iter().find(|event| event.step == step).map(|event| event.on.to_string());
    let mut problems: BTreeMap<(String, String), Vec<&Line>> = BTreeMap::new();
    for finding in tree.iter().filter(|line| line.matter.flow == "finding") {
        problems.entry(part::heading(&visit, finding)).or_default().push(finding);
    }
    if let Some(out) = crate::export::list(&asked, || table(&visit, &title, &tree))? {
        return Ok(out);
    }
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::FollowUp };
    let body = html! {
        p.help { (visit.say("以下文字由本系统的记录生成，不含人员姓名；公开前请按程序审核。",
            "Made from the facts here, without names of people; have it passed before it is published.")) }
        article.card {
            p { (visit.say("进驻日期 ", "On site from ")) (day("arrived").unwrap_or_default())
                " · " (visit.say("反馈日期 ", "fed back on ")) (day("fed_back_body").unwrap_or_default()) }
            (ledger::sums(&visit, &tree))
            @for (n, ((aspect, problem), findings)) in problems.iter().enumerate() {
                h3 { (n + 1) ". " (aspect) (visit.mark("：")) (problem) }
                @for finding in findings {
                    p { b { (finding.matter.title) } }
                    ul { @for task in tree.iter().filter(|line| line.matter.parent == finding.matter.id && line.matter.flow == "task") {
                        li { (task.matter.title) (visit.aside(super::state(&visit, &task.matter))) }
                    } }
                }
            }
        }
        (shell::formats(&visit))
        p { a href={ "/units/" (at.id) "/matters/" (matter) } { "← " (whole.matter.title) } }
    };
    Ok(shell::page(&head, body).into_response())
}

/// What the text says, a row for each task, and one for a finding that has none.
fn table(visit: &Visit, title: &str, tree: &[Line]) -> Table {
    let columns = [
        ("aspect", "方面", "Aspect", Kind::Text),
        ("problem", "问题", "Problem", Kind::Text),
        ("finding", "具体问题", "Finding", Kind::Text),
        ("task", "整改任务", "Task", Kind::Text),
        ("state", "状态", "State", Kind::Text),
    ];
    let mut table = crate::export::head(visit, title, &columns).key("finding_id").key("task_id");
    for finding in tree.iter().filter(|line| line.matter.flow == "finding") {
        let (aspect, problem) = part::heading(visit, finding);
        let is_of = |line: &&Line| line.matter.parent == finding.matter.id && line.matter.flow == "task";
        let tasks: Vec<&Line> = tree.iter().filter(is_of).collect();
        let mut row = |task: Option<&Line>| {
            let text = |words: &str| Cell::from(words);
            let said = task.unwrap_or(finding);
            table.rows.push(vec![
                text(&aspect),
                text(&problem),
                text(&finding.matter.title),
                task.map_or(Cell::Empty, |task| text(&task.matter.title)),
                super::state(visit, &said.matter).into(),
                Cell::Key(finding.matter.id),
                task.map_or(Cell::Empty, |task| Cell::Key(task.matter.id)),
            ]);
        };
        tasks.iter().for_each(|task| row(Some(task)));
        if tasks.is_empty() {
            row(None);
        }
    }
    table
}
