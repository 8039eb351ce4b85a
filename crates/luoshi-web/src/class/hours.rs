//! The hours of training of a year, person by person, beside what is expected of them.

use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::civil::date;
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::Verb;
use luoshi_rules::class::expected;
use luoshi_store::class::hours::{self, Pupil};
use maud::{Markup, html};
use std::collections::HashMap;

/// Most people on a page.
const MOST: usize = 500;

pub(super) async fn show(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::People).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, &at)?;
    let days = (date(year, 1, 1), date(year, 12, 31));
    let today = visit.today.min(days.1);
    let pupils = visit.app.read(move |tx| hours::pupils(tx, &scope, days, today)).await?;
    let lines: Vec<(&Pupil, i64)> =
        pupils.iter().map(|one| (one, expected(&visit.rules.base.hours, &one.posts))).collect();
    if let Some(out) = crate::export::list(&asked, || table(&visit, &lines))? {
        return Ok(out);
    }
    let title = format!("{year} {}", visit.say("学时台账", "Hours of training"));
    let head = Page { visit: &visit, title, unit: Some(&at), year, dated: "/hours", part: Part::Records };
    let body = html! {
        (sums(&visit, &lines))
        (rows(&visit, &lines))
        (shell::formats(&visit))
    };
    Ok(shell::page(&head, body).into_response())
}

/// Distinct people and person-times, side by side.
fn sums(visit: &Visit, lines: &[(&Pupil, i64)]) -> Markup {
    let taught = lines.iter().filter(|(one, _)| one.taught.classes > 0).count();
    let times: i64 = lines.iter().map(|(one, _)| one.taught.classes).sum();
    let enough = lines.iter().filter(|(one, wanted)| one.taught.hours >= *wanted).count();
    html! {
        p { (visit.say("名册 ", "On the roll ")) b { (lines.len()) } (visit.say(" 名，参加培训 ", ", taught ")) b { (taught) } (visit.say(" 名 / ", " people / "))
            b { (times) } (visit.say(" 人次，达到学时 ", " person-times, with the hours expected ")) b { (enough) } (visit.say(" 名", "")) }
    }
}

fn rows(visit: &Visit, lines: &[(&Pupil, i64)]) -> Markup {
    html! {
        @if lines.len() > MOST { p.help { (visit.say("先列前 500 名，全部请导出", "the first 500; export for all")) } }
        table.list {
            thead { tr { th { (visit.say("姓名", "Name")) } th { (visit.say("组织", "Unit")) } th.num { (visit.say("期数", "Classes")) }
                th.num { (visit.say("学时 / 要求", "Hours / expected")) } th {} } }
            @for (one, wanted) in lines.iter().take(MOST) { tr {
                td { a href={ "/people/" (one.person) } { (one.name) } } td { (one.unit_name) } td.num { (one.taught.classes) " " (visit.say("期", "classes")) }
                td.num { (one.taught.hours) " / " (wanted) }
                td.nowrap { @if one.taught.hours >= *wanted { "● " (visit.say("已达到", "reached")) } @else { "◐ " (visit.say("还差 ", "short by ")) (wanted - one.taught.hours) } }
            } }
        }
    }
}

fn table(visit: &Visit, lines: &[(&Pupil, i64)]) -> Table {
    let mut table = Table::new(visit.say("学时台账", "Hours of training"))
        .column("name", visit.say("姓名", "Name"), Sort::Text)
        .column("unit", visit.say("组织", "Unit"), Sort::Text)
        .column("classes", visit.say("期数", "Classes"), Sort::Number)
        .column("hours", visit.say("学时", "Hours"), Sort::Number)
        .column("expected", visit.say("要求学时", "Expected"), Sort::Number);
    let row = |(one, wanted): &(&Pupil, i64)| {
        vec![
            one.name.as_str().into(),
            one.unit_name.as_str().into(),
            Cell::Number(one.taught.classes),
            Cell::Number(one.taught.hours),
            Cell::Number(*wanted),
        ]
    };
    table.rows = lines.iter().map(row).collect();
    table
}
