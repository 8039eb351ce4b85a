//! Collections (数据收集): what a unit is asked to fill in, and what units below it are asked by it. What the system
//! knows arrives filled in; what it costs is shown before it is issued.

pub(crate) mod answer;
pub(crate) mod askers;
pub(crate) mod board;
pub(crate) mod burden;
pub(crate) mod issue;
pub(crate) mod known;
pub(crate) mod meter;
pub(crate) mod twice;

pub(crate) use burden::{link as burden_link, of_others as burden_of_others, of_unit as burden_of_unit};
pub(crate) use meter::{Meter, card as burden_card};

use crate::obligation;
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::ToSpan;
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::collection::{Burden, Ground, Held, Turn};
use luoshi_rules::pack::name_of;
use luoshi_rules::{Collection, Unit, Verb};
use luoshi_store::collection::{self, Answer};
use maud::{Markup, html};
use std::collections::HashMap;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/collections", get(show).post(issue::send))
        .route("/units/{unit}/collections/new", get(issue::show).post(issue::weigh))
        .route("/units/{unit}/collections/{id}", get(one).post(answer::send))
        .route("/units/{unit}/collections/{id}/end", post(board::end))
        .route("/units/{unit}/{year}/burden", get(meter::show))
        .route("/units/{unit}/burdens", get(burden::show).post(burden::raise))
        .route("/units/{unit}/burdens/{id}", post(burden::answer))
}

/// What is looked at before something is asked of the units of a ledger: what it costs, what is known and recorded.
fn ground(visit: &Visit, ledger: &obligation::Ledger) -> Result<Ground, Trouble> {
    let held = Held::all(&visit.rules, visit.today);
    Ok(Ground { burden: rules(visit)?, units: ledger.units.clone(), known: known::names(visit), held })
}

/// Keys of answers in tables, and so the most questions of one collection.
pub(crate) const KEYS: [&str; 12] = [
    "value-0", "value-1", "value-2", "value-3", "value-4", "value-5", "value-6", "value-7", "value-8", "value-9",
    "value-10", "value-11",
];

/// What the pack says questions cost.
fn rules(visit: &Visit) -> Result<Burden, Trouble> {
    visit.rules.base.burden.ok_or(Trouble::NotFound)
}

/// One time a unit is asked, and what it said.
pub(crate) struct Asked<'a> {
    one: &'a Collection,
    pub turn: Turn,
    pub answer: Option<&'a Answer>,
}

/// What is asked of a unit today: the times that have begun, unanswered first, then by their last day.
pub(crate) fn asked<'a>(visit: &Visit, at: &Unit, all: &'a [Collection], answers: &'a [Answer]) -> Vec<Asked<'a>> {
    let years = [visit.today.year() - 1, visit.today.year(), visit.today.year() + 1];
    let mut asked: Vec<Asked> = all
        .iter()
        .filter(|one| one.reaches(at))
        .flat_map(|one| years.iter().flat_map(|year| one.turns(*year)).map(move |turn| (one, turn)))
        .filter(|(_, turn)| turn.first <= visit.today)
        .map(|(one, turn)| {
            let said =
                |answer: &&Answer| answer.collection == one.id && answer.unit == at.id && answer.period == turn.period;
            Asked { one, answer: answers.iter().find(said), turn }
        })
        .collect();
    asked.sort_by_key(|asked| (asked.answer.is_some(), asked.turn.due));
    asked
}

/// A period of a collection in words.
fn period(visit: &Visit, turn: &Turn) -> String {
    match turn.period.as_str() {
        "once" => visit.say("一次", "once").to_owned(),
        period => luoshi_rules::period::words(period, visit.lang),
    }
}

/// "2 h 30 min", rounded up to a minute.
fn time(visit: &Visit, seconds: i64) -> String {
    let minutes = (seconds + 59).div_euclid(60);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}{}", visit.say("分钟", " min")),
        (hours, 0) => format!("{hours}{}", visit.say("小时", " h")),
        (hours, minutes) => {
            format!("{hours}{}{minutes}{}", visit.say("小时", " h "), visit.say("分钟", " min"))
        }
    }
}

pub(crate) async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let burden = rules(&visit)?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let since = visit.today.checked_sub(1.year()).unwrap_or(visit.today);
    let read = move |tx: &luoshi_store::Tx| {
        Ok((collection::list(tx, &scope, since)?, collection::asked_of(tx, &scope, id, since)?))
    };
    let (all, (of_us, answers)) = visit.app.read(read).await?;
    let by_us: Vec<&Collection> = all.iter().filter(|one| at.path.contains(&one.path)).collect();
    if let Some(out) = crate::export::list(&query, || register(&visit, &burden, &all))? {
        return Ok(out);
    }
    let title = visit.say("数据收集", "Collections").to_owned();
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::FollowUp };
    let body = html! {
        p.actions {
            @if visit.may(Verb::Write, &at) { a.button.main href={ "/units/" (id) "/collections/new" } { (visit.say("向下级收集数据", "Ask units below")) } " " }
            a.button href={ "/units/" (id) "/" (visit.year()) "/burden" } { (visit.say("减负一览", "What we are asked for")) } " "
            a.button href={ "/units/" (id) "/burdens" } { (visit.say("负担反映", "Burdens said")) }
        }
        h2 { (visit.say("要我们填的", "Asked of us")) }
        (to_fill(&visit, &at, &asked(&visit, &at, &of_us, &answers)))
        h2 { (visit.say("本级和下级发出的", "Asked by us and below")) " " small { (by_us.len()) } }
        (issued(&visit, &burden, &by_us))
        (shell::formats(&visit))
    };
    Ok(shell::page(&head, body).into_response())
}

/// What is asked of a unit, for programs: each time with its last day, and when it was answered.
pub(crate) async fn of_us(
    visit: Visit,
    Place(id): Place<i64>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    rules(&visit)?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let since = visit.today.checked_sub(1.year()).unwrap_or(visit.today);
    let (all, answers) = visit.app.read(move |tx| collection::asked_of(tx, &scope, id, since)).await?;
    let asked = asked(&visit, &at, &all, &answers);
    crate::export::list(&query, || times(&visit, &asked))?.ok_or(Trouble::NotFound)
}

fn times(visit: &Visit, asked: &[Asked]) -> Table {
    let mut table = Table::new(visit.say("要我们填的", "Asked of us"))
        .column("title", visit.say("名称", "Name"), Sort::Text)
        .column("unit", visit.say("发出组织", "Asked by"), Sort::Text)
        .column("period", visit.say("期次", "Period"), Sort::Text)
        .column("due", visit.say("截止", "Due"), Sort::Date)
        .column("answered", visit.say("填报日期", "Answered on"), Sort::Date)
        .key("id")
        .key("unit_id");
    let row = |asked: &Asked| {
        vec![
            asked.one.title.as_str().into(),
            asked.one.unit_name.as_str().into(),
            asked.turn.period.as_str().into(),
            Cell::Date(asked.turn.due.to_string()),
            asked.answer.map_or(Cell::Empty, |answer| Cell::Date(answer.on.to_string())),
            Cell::Key(asked.one.id),
            Cell::Key(asked.one.unit),
        ]
    };
    table.rows = asked.iter().map(row).collect();
    table
}

/// What a unit still has to fill in, for its to-do page.
pub(crate) async fn to_do(visit: &Visit, at: &Unit) -> Result<Markup, Trouble> {
    if visit.rules.base.burden.is_none() {
        return Ok(html! {});
    }
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let (id, since) = (at.id, visit.today.checked_sub(1.year()).unwrap_or(visit.today));
    let (all, answers) = visit.app.read(move |tx| collection::asked_of(tx, &scope, id, since)).await?;
    let mut asked = asked(visit, at, &all, &answers);
    asked.retain(|asked| asked.answer.is_none());
    Ok(html! { @if !asked.is_empty() { section.card {
        h2 { (visit.say("要填的表", "Forms to fill in")) " " small { (asked.len()) } }
        (to_fill(visit, at, &asked))
    } } })
}

fn to_fill(visit: &Visit, at: &Unit, asked: &[Asked]) -> Markup {
    html! {
        @if asked.is_empty() { p.empty { (visit.say("现在没有要填的。系统里有的数据，上级直接看，不再要您填。", "Nothing to fill in. What the system knows is read above without asking you.")) } }
        @else { div.scroll { table.list {
            thead { tr { th { (visit.say("名称", "Name")) } th { (visit.say("谁要的", "Asked by")) } th { (visit.say("哪一期", "Period")) }
                th { (visit.say("截止", "Due")) } th { (visit.say("要填几项", "To type")) } th { (visit.say("状态", "State")) } } }
            @for asked in asked { tr {
                td { a href={ "/units/" (at.id) "/collections/" (asked.one.id) "?period=" (asked.turn.period) } { (asked.one.title) } }
                td { (asked.one.unit_name) } td.nowrap { (period(visit, &asked.turn)) }
                td.nowrap { (asked.turn.due) }
                td.num { (asked.one.typed()) " / " (asked.one.questions.len()) }
                td.nowrap { (state(visit, asked)) }
            } }
        } } }
    }
}

fn state(visit: &Visit, asked: &Asked) -> Markup {
    html! {
        @match asked.answer {
            Some(answer) => span.badge.met { "● " (visit.say("已填 ", "Answered ")) (answer.on) },
            None if asked.turn.due < visit.today => span.badge.overdue { "▲ " (visit.say("已过截止日", "Past its day")) },
            None => span.badge.open { "◐ " (visit.say("待填", "To fill in")) },
        }
    }
}

fn issued(visit: &Visit, burden: &Burden, all: &[&Collection]) -> Markup {
    html! {
        @if all.is_empty() { p.empty { (visit.say("还没有。", "None yet.")) } }
        @else { div.scroll { table.list {
            thead { tr { th { (visit.say("名称", "Name")) } th { (visit.say("发出组织", "Asked by")) } th { (visit.say("依据", "Ground")) }
                th { (visit.say("频次", "How often")) } th { (visit.say("每个组织用时", "Time for each unit")) } th { (visit.say("起止", "From – until")) } } }
            @for one in all { tr {
                td { a href={ "/units/" (one.unit) "/collections/" (one.id) } { (one.title) } }
                td { (one.unit_name) } td { (one.ground) } td.nowrap { (often(visit, one)) }
                td.nowrap { (time(visit, one.seconds(burden))) }
                td.nowrap { (one.from) " – " @if let Some(until) = one.until { (until) } @else if one.every.is_none() { (one.due) } }
            } }
        } } }
    }
}

/// How often, in words.
pub(crate) fn often(visit: &Visit, one: &Collection) -> String {
    let words = issue::rhythms().into_iter().find(|(every, _)| *every == one.every);
    words.map_or_else(String::new, |(_, label)| visit.of(&label).to_owned())
}

/// The register: owner, ground, fields and rhythm of every request for data.
fn register(visit: &Visit, burden: &Burden, all: &[Collection]) -> Table {
    let mut table = Table::new(visit.say("数据收集登记", "Register of collections"))
        .column("title", visit.say("名称", "Name"), Sort::Text)
        .column("unit", visit.say("发出组织", "Asked by"), Sort::Text)
        .column("ground", visit.say("依据", "Ground"), Sort::Text)
        .column("every", visit.say("频次", "How often"), Sort::Text)
        .column("level", visit.say("对象", "Asked of"), Sort::Text)
        .column("questions", visit.say("内容", "What"), Sort::Text)
        .column("typed", visit.say("手填项数", "To type"), Sort::Number)
        .column("minutes", visit.say("每个组织用时（分钟）", "Minutes for each unit"), Sort::Number)
        .column("from", visit.say("自", "From"), Sort::Date)
        .column("until", visit.say("至", "Until"), Sort::Date)
        .key("id")
        .key("unit_id");
    table.rows = all
        .iter()
        .map(|one| {
            let names: Vec<&str> = one.questions.iter().map(|question| question.name.as_str()).collect();
            let until = one.until.or(one.every.is_none().then_some(one.due));
            vec![
                one.title.as_str().into(),
                one.unit_name.as_str().into(),
                one.ground.as_str().into(),
                often(visit, one).into(),
                whom(visit, one).into(),
                names.join(visit.mark("；")).into(),
                (one.typed() as i64).into(),
                ((one.seconds(burden) + 59) / 60).into(),
                Cell::Date(one.from.to_string()),
                until.map_or_else(|| "".into(), |day| Cell::Date(day.to_string())),
                Cell::Key(one.id),
                Cell::Key(one.unit),
            ]
        })
        .collect();
    table
}

/// Of which units below it is asked.
pub(crate) fn whom(visit: &Visit, one: &Collection) -> String {
    let base = &visit.rules.base;
    let class = name_of(&base.class, &one.class).map(|label| visit.of(label));
    let level = base.level(&one.level).map(|level| visit.of(&level.name));
    let all = visit.say("所有下级组织", "All units below");
    match (class, level) {
        (None, None) => all.to_owned(),
        (class, level) => [class, level].into_iter().flatten().collect::<Vec<_>>().join(visit.say("的", ", ")),
    }
}

/// A collection with the answers that are seen from a unit.
pub(crate) async fn find(visit: &Visit, at: &Unit, id: i64) -> Result<(Collection, Vec<Answer>), Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    visit.app.read(move |tx| Ok((collection::find(tx, &scope, id)?, collection::answers(tx, &scope, id)?))).await
}

/// One collection: the board of whoever asks, and the form of whoever is asked.
async fn one(
    visit: Visit,
    Place((id, collection)): Place<(i64, i64)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let (one, answers) = find(&visit, &at, collection).await?;
    if at.path.contains(&one.path) {
        return board::show(&visit, &at, (&one, &answers), &query).await;
    }
    if !one.reaches(&at) {
        return Err(Trouble::NotFound);
    }
    answer::show(&visit, &at, (&one, &answers), &query).await
}
