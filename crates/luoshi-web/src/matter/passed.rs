//! What was here and was passed on: on a board of its own, with to whom and when, since no other board shows it any more.

use super::list::{flow_name, sign};
use super::narrow::{PAGE, link, narrow, text};
use super::stock::address;
use super::{stands, title};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::Visit;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::{Lang, Unit, Verb};
use luoshi_store::matter::{self, Passed};
use maud::{Markup, html};
use std::collections::HashMap;

type Asked = HashMap<String, String>;

pub(super) async fn page(visit: &Visit, at: &Unit, asked: &Asked) -> Result<Response, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let most = if asked.contains_key("as") { crate::export::MOST + 1 } else { PAGE + 1 };
    let after = text(asked, "after").parse().unwrap_or(i64::MAX);
    let mut all = visit.app.read(move |tx| matter::passed(tx, &scope, (after, most))).await?;
    if let Some(out) = crate::export::list(asked, || table(visit, &all))? {
        return Ok(out);
    }
    let more = all.len() as i64 > PAGE;
    all.truncate(PAGE as usize);
    let next = all.last().filter(|_| more).map(|one| one.line.matter.id.to_string());
    let head = Page {
        visit,
        title: visit.say("已转出的事项", "Matters passed on").to_owned(),
        unit: Some(at),
        year: 0,
        dated: "",
        part: Part::FollowUp,
    };
    let body = html! {
        (narrow(visit, at, asked))
        p.help { (visit.say(
            "原在这里、已转由其他组织承接的全部事项；其他筛选条件在此不起作用。仍可查看，不再办理。",
            "Everything that was here and another unit has taken over, whatever else is asked for. It can be read, and is no longer acted on here.")) }
        (rows(visit, at, &all))
        @if let Some(after) = next { p { a.button href=(link(asked, &[("after", &after)])) { (visit.say("下一页", "Next page")) } } }
        (shell::formats(visit))
    };
    Ok(shell::page(&head, body).into_response())
}

fn rows(visit: &Visit, at: &Unit, all: &[Passed]) -> Markup {
    html! {
        @if all.is_empty() { p.empty { (visit.say("没有转出过事项。", "Nothing was passed on.")) } }
        @else { div.scroll { table.list {
            thead { tr { th { (visit.say("事项", "Matter")) } th { (visit.say("种类", "Kind")) } th { (visit.say("转出", "Passed on")) }
                th { (visit.say("原因", "Why")) } th { (visit.say("现在进展", "Stands at")) } } }
            @for one in all { tr {
                td { a href=(address(at, &one.line)) { (title(visit, &one.line.matter)) } }
                td { (flow_name(visit, &one.line)) }
                td { (went(visit, one)) }
                td { (one.note) }
                td.nowrap { (sign(visit, &one.line)) " " (stands(visit, &one.line)) }
            } }
        } } }
    }
}

/// To whom, when, and by whom.
fn went(visit: &Visit, one: &Passed) -> String {
    match visit.lang {
        Lang::Zh => format!("{} 由{}转给{}", one.on, one.from, one.to),
        Lang::En => format!("passed on by {} to {} on {}", one.from, one.to, one.on),
    }
}

fn table(visit: &Visit, all: &[Passed]) -> Table {
    let say = |zh: &'static str, en: &'static str| visit.say(zh, en);
    let mut table = Table::new(say("已转出的事项", "Matters passed on"))
        .column("title", say("事项", "Matter"), Kind::Text)
        .column("flow", say("种类", "Kind"), Kind::Text)
        .column("from", say("原组织", "Unit that had it"), Kind::Text)
        .column("to", say("承接组织", "Passed on to"), Kind::Text)
        .column("passed", say("转出日期", "Passed on"), Kind::Date)
        .column("why", say("原因", "Why"), Kind::Text)
        .column("state", say("现在进展", "Stands at"), Kind::Text);
    let row = |one: &Passed| {
        vec![
            title(visit, &one.line.matter).as_ref().into(),
            flow_name(visit, &one.line).into(),
            one.from.as_str().into(),
            one.to.as_str().into(),
            Cell::Date(one.on.to_string()),
            one.note.as_str().into(),
            stands(visit, &one.line).into(),
        ]
    };
    table.rows = all.iter().map(row).collect();
    table
}
