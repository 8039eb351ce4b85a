//! Records: the form drawn from a kind, the list, one record with all its versions, corrections.

mod above;
mod also;
pub(crate) mod attachment;
pub(crate) mod attended;
mod closes;
pub(crate) mod edit;
mod groups;
pub(crate) mod how;
pub(crate) mod joint;
mod marks;
mod meeting;
mod pairs;
mod people;
pub(crate) mod question;
pub(crate) mod subject;
mod table;
mod typos;
pub(crate) mod yearbook;

pub(crate) use joint::waiting as joint_waiting;
pub(crate) use marks::{came, meetings};
pub(crate) use people::names;
pub(crate) use table::{all_names, cells, table};

use crate::form::{Complaints, Fields};
use crate::matter::problems;
use crate::obligation::{self, kind_name};
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::civil::date;
use luoshi_rules::record::{Field, Holds};
use luoshi_rules::{Kind, Unit, Verb};
use luoshi_store::Tx;
use luoshi_store::record::subject::Names;
use luoshi_store::record::{self, Filter, Line};
use maud::{Markup, html};
use serde_json::Value as Json;
use std::collections::HashMap;

/// Rows of a page.
pub(crate) const PAGE: i64 = 50;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/records", get(this_year).post(edit::add))
        .route("/units/{unit}/{year}/records", get(list))
        .route("/units/{unit}/records/new", get(edit::show))
        .route("/units/{unit}/meetings/{kind}", get(how::show))
        .route("/units/{unit}/{year}/files/{kind}", get(yearbook::show))
        .route("/units/{unit}/records/{id}", get(show))
        .route("/units/{unit}/records/{id}/correct", get(edit::show_correction).post(edit::correct))
        .route("/units/{unit}/records/{id}/withdraw", post(edit::withdraw))
        .route("/units/{unit}/records/{id}/joint", post(joint::name))
        .route("/units/{unit}/records/{id}/joint/drop", post(joint::drop_one))
        .route("/units/{unit}/joint", get(joint::list).post(joint::answered))
        .route("/units/{unit}/records/{id}/files/{version}/{seq}", get(file))
}

/// The kinds a unit of this level keeps.
pub(crate) fn kinds_of<'a>(visit: &'a Visit, at: &Unit) -> Vec<&'a Kind> {
    let ours = |kind: &&Kind| kind.level.is_empty() || kind.level.contains(&at.level);
    let over = |kind: &&Kind| visit.rules.is_over(&kind.id, visit.today);
    visit.rules.kinds().into_iter().filter(|kind| ours(kind) && !over(kind)).collect()
}

async fn this_year(visit: Visit, Place(id): Place<i64>) -> Result<Redirect, Trouble> {
    visit.unit(id, Verb::See).await?;
    // which of them are wanted is asked of the year too
    let asked = visit.address.split_once('?').map_or(String::new(), |(_, asked)| format!("?{asked}"));
    Ok(Redirect::to(&format!("/units/{id}/{}/records{asked}", visit.year())))
}

// ---- the list

async fn list(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let filter = Filter {
        kind: asked.get("kind").cloned().unwrap_or_default(),
        first: date(year, 1, 1),
        last: date(year, 12, 31),
        unit: if asked.contains_key("below") { 0 } else { at.id },
        after: asked.get("after").and_then(|text| {
            let (day, id) = text.split_once('.')?;
            Some((day.parse().ok()?, id.parse().ok()?))
        }),
        most: PAGE + 1,
    };
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    if let Some(out) = table::ledger(&visit, &asked, &scope, &filter).await? {
        return Ok(out);
    }
    let wanted = filter.clone();
    let mut lines = visit.app.read(move |tx| record::list(tx, &scope, &wanted)).await?;
    let more = lines.len() as i64 > PAGE;
    lines.truncate(PAGE as usize);
    let title = visit.say("纪实", "Records").to_owned();
    let page = Page { visit: &visit, title, unit: Some(&at), year, dated: "/records", part: Part::Records };
    let body = html! {
        (list_head(&visit, &at, year, &filter, asked.contains_key("below")))
        @if lines.is_empty() { p.empty { (nothing(&visit, &filter)) } } @else { (rows(&visit, &lines)) }
        @if more && let Some(last) = lines.last() {
            @let below = if asked.contains_key("below") { "&below=1" } else { "" };
            p { a.button href={ "?kind=" (filter.kind) (below) "&after=" (last.record.on) "." (last.record.id) } { (visit.say("后 50 条", "Next 50")) } }
        }
        (shell::formats(&visit))
        @if visit.may(Verb::People, &at) {
            p { a.button href={ "/units/" (at.id) "/" (year) "/archive" } { (visit.say("全年归档（.zip）", "Archive of the year (.zip)")) } " "
                span.help { (visit.say("本组织这一年的纪实和附件、职责、督办、任职、安排，附校验和。", "This unit's year: records with attachments, duties, follow-ups, posts, plans, with digests.")) } }
        }
    };
    Ok(shell::page(&page, body).into_response())
}

/// What is said where no record is listed.
fn nothing(visit: &Visit, filter: &Filter) -> &'static str {
    match filter.kind.is_empty() {
        false => visit.say("这一年没有这一类型的纪实。", "No records of this kind this year."),
        true => visit.say(
            "这一年还没有纪实。记一次会，它能落实的职责会自动变为已落实。",
            "No records this year. Record a meeting, and the duties it meets turn green by themselves.",
        ),
    }
}

fn list_head(visit: &Visit, at: &Unit, year: i16, filter: &Filter, below: bool) -> Markup {
    html! {
        @if visit.may(Verb::Write, at) {
            p { a.button.main href={ "/units/" (at.id) "/records/new" } { (visit.say("记一条纪实", "Add a record")) } }
        }
        form.filters method="get" action={ "/units/" (at.id) "/" (year) "/records" } {
            label { (visit.say("类型 ", "Kind "))
                select name="kind" {
                    option value="" { (visit.say("全部", "All")) }
                    @for kind in visit.rules.kinds() { option value=(kind.id) selected[kind.id == filter.kind] { (visit.of(&kind.name)) } }
                }
            }
            label { input type="checkbox" name="below" value="1" checked[below]; (visit.say(" 含下级", " with units below")) }
            button { (visit.say("筛选", "Filter")) }
        }
    }
}

fn rows(visit: &Visit, lines: &[Line]) -> Markup {
    html! {
        div.scroll { table.list {
            thead { tr { th { (visit.say("日期", "Day")) } th { (visit.say("类型", "Kind")) } th { (visit.say("主题", "Topic")) }
                th { (visit.say("组织", "Unit")) } th { (visit.say("记录人", "Written by")) } th { (visit.say("录入", "Entered")) } } }
            @for line in lines {
                @let one = &line.record;
                tr {
                    td.nowrap { a href={ "/units/" (one.unit) "/records/" (one.id) } { (one.on) } }
                    td { (kind_name(visit, &one.kind)) }
                    td { (topic(visit, line)) }
                    td { a href={ "/units/" (one.unit) } { (line.unit_name) } }
                    td { (line.author_name) }
                    td.nowrap { (one.written) @if one.version > 1 { " " span.mark { (visit.say("已更正", "corrected")) } } }
                }
            }
        } }
    }
}

/// What a record is about, in one line.
fn topic(visit: &Visit, line: &Line) -> String {
    let data = &line.record.data;
    if let Some(text) = data["topic"].as_str() {
        return text.to_owned();
    }
    let Some(kind) = visit.rules.kind(&line.record.kind) else { return String::new() };
    kind.field
        .iter()
        .filter(|field| !matches!(field.holds, Holds::File | Holds::People | Holds::Unit))
        .map(|field| words(visit, field, &data[&field.id], (&Names::default(), false)))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// An answer in words.
pub(crate) fn words(visit: &Visit, field: &Field, value: &Json, named: (&Names, bool)) -> String {
    let option = |id: &str| {
        field.option.iter().find(|one| one.id == id).map_or(id.to_owned(), |one| visit.of(&one.name).to_owned())
    };
    match (field.holds, value) {
        (_, Json::Null) => String::new(),
        (Holds::People | Holds::Unit, keys) => subject::words(visit, field, keys, named),
        (Holds::Money, Json::Number(fen)) => {
            let fen = fen.as_i64().unwrap_or(0);
            format!("{}.{:02} {}", fen / 100, fen % 100, visit.say("元", "yuan"))
        }
        (_, Json::String(text)) => option(text),
        (_, Json::Array(many)) => {
            many.iter().filter_map(Json::as_str).map(option).collect::<Vec<_>>().join(visit.mark("、"))
        }
        (_, other) => other.to_string(),
    }
}

// ---- one record

async fn show(visit: Visit, Place((id, record)): Place<(i64, i64)>) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let (people, v) = (visit.within(&at), visit.clone());
    let read = move |tx: &Tx| {
        let versions = record::versions(tx, &scope, record)?;
        if versions.last().is_none_or(|line| line.record.unit != id) {
            // of a meeting kept by another unit, those who took part see that they did
            let shared = record::joint::of_unit(tx, &scope, id)?.iter().any(|one| one.record == record);
            return if shared { Ok(None) } else { Err(luoshi_store::Fault::NotFound) };
        }
        let version = versions.last().map_or(0, |line| line.record.version);
        let attended = record::attended(tx, &scope, record, version)?;
        let joined = record::joint::of_record(tx, &scope, record)?;
        let names = subject::names(&v, tx, scope.top(), &versions)?;
        Ok(Some((versions, attended, record::files(tx, &scope, record, version)?, joined, names)))
    };
    let Some((versions, attended, files, joined, names)) = visit.app.read(read).await? else {
        return Ok(Redirect::to(&format!("/units/{id}/joint")).into_response());
    };
    let line = versions.last().ok_or(Trouble::NotFound)?;
    let named = (&names, subject::open(&visit, &at));
    let year = line.record.on.year();
    let ledger = obligation::ledger(&visit, &at, year, None).await?;
    let problems = problems::card(&visit, &at, (&line.record.kind, record)).await?;
    let title = format!("{} {}", line.record.on, kind_name(&visit, &line.record.kind));
    let page = Page { visit: &visit, title, unit: Some(&at), year, dated: "", part: Part::Records };
    let body = html! {
        (facts(&visit, line, named))
        (closed(&visit, &ledger, line))
        (meeting::show(&visit, &line.record.data)) (groups::show(&visit, &line.record.kind, &line.record.data))
        (who(&visit, &line.record.kind, &attended, people))
        (attached(line, &files))
        (problems)
        (uses(&visit, &ledger, record))
        @if marks::of(&visit, &line.record.kind).is_none() { (joint::card(&visit, &at, record, &joined)) }
        (history(&visit, &versions, named))
        @if visit.may(Verb::Write, &at) && line.record.withdrawn.is_none() { (actions(&visit, line)) }
    };
    Ok(shell::page(&page, body).into_response())
}

/// Who came, or who talked with whom, or what else is marked of people.
fn who(visit: &Visit, kind: &str, attended: &[record::Attended], people: bool) -> Markup {
    if let Some(marks) = marks::of(visit, kind) {
        return marks::show(visit, marks, attended, people);
    }
    html! {
        @if attended.iter().any(|one| one.roles.iter().any(|(role, _)| role == "talked")) { (pairs::show(visit, attended, people)) }
        @else if !attended.is_empty() { (people::attendance(visit, attended, people)) }
    }
}

/// What is attached to a version of a record.
fn attached(line: &Line, files: &[record::File]) -> Markup {
    let one = &line.record;
    html! {
        @for (seq, file) in files.iter().enumerate() {
            p { a href={ "/units/" (one.unit) "/records/" (one.id) "/files/" (one.version) "/" (seq) } { (file.name) } " " small { (file.size / 1024 + 1) " KB" } }
        }
    }
}

/// The duties that a record meets.
fn uses(visit: &Visit, ledger: &obligation::Ledger, record: i64) -> Markup {
    let uses: Vec<_> =
        ledger.owed().iter().filter(|one| one.met_by.iter().any(|(fact, _)| fact.record == record)).collect();
    html! {
        section.card {
            h2 { (visit.say("这条纪实落实了", "Duties this record meets")) " " small { (uses.len()) } }
            @if uses.is_empty() { p.empty { (visit.say("没有清单条款用到它。", "No clause of the list counts it.")) } }
            @else { (obligation::rows(visit, ledger, &uses, true)) }
        }
    }
}

/// Said of a record whose day lies in periods that had been closed when it was written.
fn closed(visit: &Visit, ledger: &obligation::Ledger, line: &Line) -> Markup {
    let one = &line.record;
    let after = ledger.known.closed.filter(|(through, on)| one.on <= *through && one.written > *on);
    html! {
        @if let Some((through, on)) = after {
            p.note { "◇ " (visit.say("这一天所在的周期已封存（截至 ", "The periods of this day were closed (through ")) (through)
                (visit.say("，封存于 ", ", on ")) (on) (visit.say("）；封存之后写的，作为更正显示，不改已报的数字。", "); what is written later shows as a correction and changes no reported number.")) }
        }
    }
}

fn facts(visit: &Visit, line: &Line, named: (&Names, bool)) -> Markup {
    let one = &line.record;
    let fields = visit.rules.kind(&one.kind).map_or(&[][..], |kind| kind.field.as_slice());
    html! {
        @if let Some(why) = &one.withdrawn { p.note { "◇ " (visit.say("已撤销：", "Withdrawn: ")) (why) } }
        dl.facts {
            dt { (visit.say("日期", "Day")) } dd { (one.on) }
            dt { (visit.say("组织", "Unit")) } dd { a href={ "/units/" (one.unit) } { (line.unit_name) } }
            @for field in fields.iter().filter(|field| field.holds != Holds::File) {
                @let text = words(visit, field, &one.data[&field.id], named);
                @if !text.is_empty() { dt { (visit.of(&field.name)) } dd.long { (text) } }
            }
            (also::show(visit, &one.kind, &one.data))
            @if !one.makes_up.is_empty() { dt { (visit.say("补办", "Makes up for")) } dd { (luoshi_rules::period::words(&one.makes_up, visit.lang)) } }
            dt { (visit.say("录入", "Entered")) } dd { (one.written) " " (line.author_name) }
        }
    }
}

fn history(visit: &Visit, versions: &[Line], named: (&Names, bool)) -> Markup {
    html! {
        @if versions.len() > 1 {
            details { summary { (visit.say("更正历史", "Corrections")) " (" (versions.len()) ")" }
                @for line in versions.iter().rev() {
                    h3 { (visit.say("第 ", "Version ")) (line.record.version) (visit.say(" 版", "")) " · " (line.record.written) " · " (line.author_name) }
                    (facts(visit, line, named))
                }
            }
        }
    }
}

fn actions(visit: &Visit, line: &Line) -> Markup {
    let one = &line.record;
    html! {
        p.actions { a.button href={ "/units/" (one.unit) "/records/" (one.id) "/correct" } { (visit.say("更正", "Correct")) } }
        details { summary { (visit.say("撤销这条纪实", "Withdraw this record")) }
            form.stack method="post" action={ "/units/" (one.unit) "/records/" (one.id) "/withdraw" } {
                (shell::hidden(visit))
                input type="hidden" name="version" value=(one.version);
                label for="why" { (visit.say("原因（保留在历史中）", "Why (kept in the history)")) }
                input #why name="why" required maxlength="200";
                button { (visit.say("撤销", "Withdraw")) }
            }
        }
    }
}

async fn file(
    visit: Visit,
    Place((id, record, version, seq)): Place<(i64, i64, i64, usize)>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let files = visit.app.read(move |tx| record::files(tx, &scope, record, version)).await?;
    let file = files.into_iter().nth(seq).ok_or(Trouble::NotFound)?;
    attachment::send(&visit, &file.name, &file.digest, file.mime).await
}

/// A form as it will be shown: what was filled in, and what was wrong.
pub(crate) struct Filled<'a> {
    /// what was filled in
    pub fields: &'a Fields,
    /// what was wrong
    pub complaints: &'a Complaints,
}
