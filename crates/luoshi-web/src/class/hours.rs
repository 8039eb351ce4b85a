//! Hours of a year beside what is expected: of training or of service, person by person, or by unit without names.

use super::{hours_name, kind};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::civil::date;
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::class::{Enrol, expected};
use luoshi_rules::figure::Measure;
use luoshi_rules::{Kind, Unit, Verb};
use luoshi_store::class::hours::{self, Pupil, Together};
use maud::{Markup, html};
use std::collections::HashMap;

/// Most people on a page.
const MOST: usize = 500;

/// Which ledger is asked for.
struct Wanted<'v> {
    visit: &'v Visit,
    at: Unit,
    year: i16,
    of: (&'v Kind, &'v Enrol),
}

type Asked = HashMap<String, String>;

pub(crate) async fn show(
    visit: Visit,
    at: Place<(i64, Year)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let by_unit = asked.get("by").is_some_and(|by| by == "unit");
    ledger(visit, at, asked, by_unit).await
}

/// The ledger by unit alone, for programs.
pub(crate) async fn by_unit(
    visit: Visit,
    at: Place<(i64, Year)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    ledger(visit, at, asked, true).await
}

async fn ledger(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    asked: Asked,
    by_unit: bool,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, if by_unit { Verb::See } else { Verb::People }).await?;
    let of = kind(&visit, asked.get("kind").map_or("", String::as_str))?;
    let wanted = Wanted { visit: &visit, at, year, of };
    match by_unit {
        true => units(&wanted, &asked).await,
        false => people(&wanted, &asked).await,
    }
}

fn frame(wanted: &Wanted, name: &str, body: Markup) -> Response {
    let (visit, year) = (wanted.visit, wanted.year);
    let title = format!("{year} {} · {name}", visit.of(&wanted.of.0.name));
    let head = Page { visit, title, unit: Some(&wanted.at), year, dated: "/hours", part: Part::Records };
    let back = html! { p { a href={ "/units/" (wanted.at.id) "/classes?kind=" (wanted.of.0.id) } { "← " (visit.of(&wanted.of.1.name)) } } };
    shell::page(&head, html! { (back) (body) (shell::formats(visit)) }).into_response()
}

// ---- by unit

async fn units(wanted: &Wanted<'_>, asked: &HashMap<String, String>) -> Result<Response, Trouble> {
    let visit = wanted.visit;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &wanted.at)?;
    let days = (date(wanted.year, 1, 1), date(wanted.year, 12, 31));
    let kind = wanted.of.0.id.clone();
    let units = visit.app.read(move |tx| hours::by_unit(tx, &scope, &kind, days)).await?;
    let hours = hours_name(visit, wanted.of.1);
    let all = |of: fn(&Together) -> i64| units.iter().map(of).sum::<i64>();
    let mut table = Table::new(visit.of(&wanted.of.0.name))
        .column("unit", visit.say("组织", "Unit"), Sort::Text)
        .column("people", visit.say("参加人数（不重复）", "People, each once"), Sort::Number)
        .column("times", visit.say("人次", "Person-times"), Sort::Number)
        .column("hours", hours.as_str(), Sort::Number)
        .key("unit_id");
    let cells = |one: &Together| {
        let numbers = [one.people, one.times, one.hours].map(Cell::Number);
        std::iter::once(one.name.as_str().into()).chain(numbers).chain([Cell::Key(one.unit)]).collect()
    };
    table.rows = units.iter().map(cells).collect();
    let body = html! {
        p { (visit.say("参加 ", "")) b { (all(|one| one.people)) } (visit.say(" 名 / ", " people / ")) b { (all(|one| one.times)) } (visit.say(" 人次 / ", " person-times / "))
            b { (all(|one| one.hours)) } " " (hours) (visit.say("；三个数不相加", "; the three are never added")) }
        @if units.is_empty() { p.empty { (visit.say("这一年还没有。", "None in this year yet.")) } }
        table.list {
            thead { tr { @for column in table.read() { th.num[column.kind == Sort::Number] { (column.head) } } } }
            @for one in &units { tr { td { (one.name) } td.num { (one.people) (visit.say(" 名", "")) } td.num { (one.times) (visit.say(" 人次", "")) } td.num { (one.hours) " " (hours) } } }
        }
    };
    if let Some(out) = crate::export::list(asked, || table)? {
        return Ok(out);
    }
    Ok(frame(wanted, visit.say("按组织", "by unit"), body))
}

// ---- by person

async fn people(wanted: &Wanted<'_>, asked: &HashMap<String, String>) -> Result<Response, Trouble> {
    let (visit, enrol) = (wanted.visit, wanted.of.1);
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, &wanted.at)?;
    let days = (date(wanted.year, 1, 1), date(wanted.year, 12, 31));
    let (today, kind) = (visit.today.min(days.1), wanted.of.0.id.clone());
    let pupils = visit.app.read(move |tx| hours::pupils(tx, &scope, (&kind, days), today)).await?;
    // nobody is expected to serve
    let rules = if enrol.hours == Measure::Hours { visit.rules.base.hours.as_slice() } else { &[] };
    let lines: Vec<(&Pupil, i64)> = pupils.iter().map(|one| (one, expected(rules, &one.posts))).collect();
    if let Some(out) = crate::export::list(asked, || table(wanted, &lines))? {
        return Ok(out);
    }
    let body = html! { (sums(wanted, &lines)) (rows(wanted, &lines)) };
    Ok(frame(wanted, visit.say("个人台账", "by person"), body))
}

/// Distinct people and person-times, side by side.
fn sums(wanted: &Wanted, lines: &[(&Pupil, i64)]) -> Markup {
    let visit = wanted.visit;
    let taught = lines.iter().filter(|(one, _)| one.taught.classes > 0).count();
    let times: i64 = lines.iter().map(|(one, _)| one.taught.classes).sum();
    let hours: i64 = lines.iter().map(|(one, _)| one.taught.hours).sum();
    let enough = lines.iter().filter(|(one, wanted)| one.taught.hours >= *wanted).count();
    html! {
        p { (visit.say("名册 ", "On the roll ")) b { (lines.len()) } (visit.say(" 名，参加 ", ", taken part ")) b { (taught) } (visit.say(" 名 / ", " people / "))
            b { (times) } (visit.say(" 人次", " person-times"))
            @match wanted.of.1.hours {
                Measure::Hours => { (visit.say("，达到学时 ", ", with the hours expected ")) b { (enough) } (visit.say(" 名", "")) }
                _ => { (visit.say("，共 ", ", in all ")) b { (hours) } " " (hours_name(visit, wanted.of.1)) (visit.say("；三个数不相加", "; the three are never added")) }
            } }
    }
}

fn rows(wanted: &Wanted, lines: &[(&Pupil, i64)]) -> Markup {
    let (visit, hours) = (wanted.visit, hours_name(wanted.visit, wanted.of.1));
    let expects = wanted.of.1.hours == Measure::Hours;
    // of what nobody is expected to do, those who did any
    let shown = || lines.iter().filter(|(one, _)| expects || one.taught.classes > 0);
    html! {
        @if shown().count() > MOST { p.help { (visit.say("先列前 500 名，全部请导出", "the first 500; export for all")) } }
        table.list {
            thead { tr { th { (visit.say("姓名", "Name")) } th { (visit.say("组织", "Unit")) } th.num { (visit.say("次数", "Times")) }
                th.num { (hours) @if expects { (visit.say(" / 要求", " / expected")) } } @if expects { th {} } } }
            @for (one, wanted) in shown().take(MOST) { tr {
                td { a href={ "/people/" (one.person) } { (one.name) } } td { (one.unit_name) } td.num { (one.taught.classes) " " (visit.say("次", "times")) }
                td.num { (one.taught.hours) @if expects { " / " (wanted) } @else { " " (hours) } }
                @if expects { td.nowrap { @if one.taught.hours >= *wanted { "● " (visit.say("已达到", "reached")) } @else { "◐ " (visit.say("还差 ", "short by ")) (wanted - one.taught.hours) } } }
            } }
        }
    }
}

fn table(wanted: &Wanted, lines: &[(&Pupil, i64)]) -> Table {
    let visit = wanted.visit;
    let expects = wanted.of.1.hours == Measure::Hours;
    let mut table = Table::new(visit.of(&wanted.of.0.name))
        .column("name", visit.say("姓名", "Name"), Sort::Text)
        .column("unit", visit.say("组织", "Unit"), Sort::Text)
        .column("classes", visit.say("次数", "Times"), Sort::Number)
        .column("hours", hours_name(visit, wanted.of.1), Sort::Number);
    if expects {
        table = table.column("expected", visit.say("要求学时", "Expected"), Sort::Number);
    }
    table = table.key("person_id").key("unit_id");
    let row = |(one, wanted): &(&Pupil, i64)| {
        let numbers = [one.taught.classes, one.taught.hours, *wanted].map(Cell::Number);
        let texts = [one.name.as_str().into(), one.unit_name.as_str().into()];
        let numbers = numbers.into_iter().take(if expects { 3 } else { 2 });
        texts.into_iter().chain(numbers).chain([one.person, one.unit].map(Cell::Key)).collect()
    };
    table.rows = lines.iter().map(row).collect();
    table
}
