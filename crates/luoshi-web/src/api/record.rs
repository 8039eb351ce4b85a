//! Records: a page of them, and one with all its versions.

mod attendance;
mod fields;
mod how;

use super::act::{Act, Done};
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use super::{Route, cursor};
use crate::form::{Sent, one as one_of};
use crate::record::edit::{self, Failed};
use crate::record::{PAGE, yearbook};
use crate::visit::Year;
use axum::Json;
use axum::routing::{get, post};
use jiff::civil::{Date, date};
use luoshi_office::Kind as Sort;
use luoshi_rules::{Refusal, Verb};
use luoshi_store::record::{self, Filter, Line};
use serde::{Deserialize, Serialize};

shape! {
    #[derive(Serialize)]
    Record {
        id: Id = "编号，更正后不变", "key, the same through all corrections";
        version: i64 = "第几版", "1 as first written, higher with each correction";
        unit: Id = "组织", "the unit that did it";
        unit_name: String = "组织简称", "short name of the unit";
        kind: String = "类型", "kind, by its key in the pack";
        on: Date = "日期", "the day it happened";
        written: Date = "录入日期", "the day this version was written";
        author_name: String = "记录人", "who wrote this version";
        data: serde_json::Value = "内容，按类型的栏目", "answers to the fields of the kind";
        makes_up: String = "补办的周期", "earlier period it makes up for, or empty";
        withdrawn: Option<String> = "撤销原因", "why it was withdrawn";
    }
}

shape! {
    #[derive(Serialize)]
    Records {
        items: Vec<Record> = "纪实，新的在前", "records, newest first";
        next: Option<String> = "下一页的 cursor", "the cursor of the next page";
    }
}

shape! {
    #[derive(Serialize)]
    Versions { items: Vec<Record> = "各版，旧的在前", "every version, oldest first"; }
}

shape! {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    Wanted {
        year: Option<Year> = "年度，默认本年", "the year; this one when absent";
        kind: Option<String> = "类型", "only of this kind";
        below: Option<bool> = "是否含下级", "whether to include units below";
        cursor: Option<String> = "上一页给的 next", "the next of the page before";
    }
}

impl From<Line> for Record {
    fn from(Line { record, unit_name, author_name }: Line) -> Record {
        Record {
            id: Id(record.id),
            version: record.version,
            unit: Id(record.unit),
            unit_name,
            kind: record.kind,
            on: record.on,
            written: record.written,
            author_name,
            data: record.data,
            makes_up: record.makes_up,
            withdrawn: record.withdrawn,
        }
    }
}

/// What is sent of a new record, of one corrected, and of one withdrawn.
const NEW: [&str; 3] = ["kind", "on", "makes_up"];
const CORRECTED: [&str; 4] = ["version", "kind", "on", "makes_up"];
const WITHDRAWN: [&str; 2] = ["version", "why"];

/// What the file of a year of meetings has of each.
const FILE: &[super::Column] = &[
    ("on", Sort::Date, "日期 · the day"),
    ("topic", Sort::Text, "主题 · what it was about"),
    ("due", Sort::Number, "应到 · how many were due"),
    ("present", Sort::Number, "实到 · how many of these came"),
    ("absent", Sort::Text, "缺席的，只给本组织的人 · who did not come, for those of the unit alone"),
    ("apart", Sort::Text, "另计的人数 · others, counted apart"),
    ("materials", Sort::Text, "提纲、纪要、附件 · outline, minutes, attachments"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::read::<Wanted, Records>("/units/{unit}/records", ("一年的纪实", "Records of a year"), get(list)),
        Route::read::<Nothing, Versions>(
            "/units/{unit}/records/{record}",
            ("一条纪实的各版", "A record, every version"),
            get(one),
        ),
        Route::read::<Nothing, attendance::Attendance>(
            "/units/{unit}/records/{record}/attendance",
            ("谁到会", "Who came"),
            get(attendance::show),
        ),
        Route::read::<Nothing, how::How>(
            "/units/{unit}/meetings/{kind}",
            ("这个会怎么开：步骤、人数、主持、材料", "How a meeting is done: steps, numbers, chair, what to read"),
            get(how::show),
        ),
        Route::list(
            "/units/{unit}/{year}/files/{kind}",
            ("一类会议一年的档案", "The file of a year of one kind of meeting"),
            vec![],
            FILE,
            yearbook::show,
        ),
        Route::act("/units/{unit}/records", ("记一条纪实", "Add a record"), || fields::shape(&NEW), post(add)),
        Route::act(
            "/units/{unit}/records/{record}/corrections",
            ("更正一条纪实", "Correct a record"),
            || fields::shape(&CORRECTED),
            post(correct),
        ),
        Route::act(
            "/units/{unit}/records/{record}/withdrawals",
            ("撤销一条纪实", "Withdraw a record"),
            || fields::shape(&WITHDRAWN),
            post(withdraw),
        ),
    ]
}

async fn add(Act { sent, at }: Act<i64>) -> Result<Json<Done>, Problem> {
    let at = sent.visit.unit(at, Verb::Write).await?;
    fields::check(&sent.visit.rules, &sent.fields, &NEW)?;
    Ok(Json(Done::at(edit::done(&sent, &at, None).await.map_err(told)?)))
}

async fn correct(Act { sent, at }: Act<(i64, i64)>) -> Result<Json<Done>, Problem> {
    let unit = sent.visit.unit(at.0, Verb::Write).await?;
    fields::check(&sent.visit.rules, &sent.fields, &CORRECTED)?;
    let version = version(&sent)?;
    Ok(Json(Done::at(edit::done(&sent, &unit, Some((at.1, version))).await.map_err(told)?)))
}

async fn withdraw(Act { sent, at }: Act<(i64, i64)>) -> Result<Json<Done>, Problem> {
    let unit = sent.visit.unit(at.0, Verb::Write).await?;
    fields::check(&sent.visit.rules, &sent.fields, &WITHDRAWN)?;
    let version = version(&sent)?;
    Ok(Json(Done::at(edit::withdrawn(&sent, unit, (at.1, version)).await?)))
}

fn version(sent: &Sent) -> Result<i64, Problem> {
    let wrong = |_| Refusal::field("version", "应为整数", "must be a whole number").into();
    one_of(&sent.fields, "version").parse().map_err(wrong)
}

fn told(failed: Failed) -> Problem {
    match failed {
        Failed::Refused(refusals) => Problem::all(refusals),
        Failed::Trouble(trouble) => trouble.into(),
    }
}

async fn list(call: Call<i64, Wanted>) -> Result<Json<Records>, Problem> {
    let Call { visit, at, asked } = call;
    let at = visit.unit(at, Verb::See).await?;
    let kind = asked.kind.unwrap_or_default();
    if !kind.is_empty() && visit.rules.kind(&kind).is_none() {
        return Err(Refusal::field("kind", "没有这个类型", "there is no such kind").into());
    }
    let (year, below) = (asked.year.map_or(visit.year(), |one| one.0), asked.below.unwrap_or(false));
    let name = format!("records/{}/{year}/{kind}/{below}", at.id);
    let place = asked.cursor.as_deref().map(|mark| cursor::read(&visit, &name, mark)).transpose()?;
    let after =
        place.and_then(|place| place.split_once('.')).and_then(|(day, id)| Some((day.parse().ok()?, id.parse().ok()?)));
    let unit = if below { 0 } else { at.id };
    let filter = Filter { kind, first: date(year, 1, 1), last: date(year, 12, 31), unit, after, most: PAGE };
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let lines = visit.app.read(move |tx| record::list(tx, &scope, &filter)).await?;
    let last = lines
        .last()
        .filter(|_| lines.len() as i64 == PAGE)
        .map(|line| format!("{}.{}", line.record.on, line.record.id));
    let next = last.map(|place| cursor::make(&visit, &name, &place)).transpose()?;
    Ok(Json(Records { items: lines.into_iter().map(Record::from).collect(), next }))
}

async fn one(call: Call<(i64, i64), Nothing>) -> Result<Json<Versions>, Problem> {
    let (unit, id) = call.at;
    let at = call.visit.unit(unit, Verb::See).await?;
    let scope = call.visit.actor.scope(&call.visit.rules.base, Verb::See, &at)?;
    let versions = call.visit.app.read(move |tx| record::versions(tx, &scope, id)).await?;
    if versions.last().is_none_or(|line| line.record.unit != unit) {
        return Err(crate::trouble::Trouble::NotFound.into());
    }
    Ok(Json(Versions { items: versions.into_iter().map(Record::from).collect() }))
}
