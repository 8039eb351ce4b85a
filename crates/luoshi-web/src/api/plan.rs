//! Plans: what is meant to be held between two days, and planning it.

use super::Route;
use super::act::{Act, Done};
use super::problem::{Call, Problem};
use super::shape::{Id, shape};
use crate::visit::Year;
use axum::Json;
use axum::routing::{get, post};
use jiff::civil::{Date, date};
use luoshi_rules::Verb;
use luoshi_store::plan;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Most plans of a unit in a year.
const MOST: i64 = 1_000;

shape! {
    #[derive(Serialize)]
    Plan {
        id: Id = "编号", "key";
        unit: Id = "组织", "the unit";
        unit_name: String = "组织简称", "its short name";
        kind: String = "类型", "the kind of record it will be, by its key in the pack";
        on: Date = "日期", "the day";
        at: String = "时间", "the time, HH:MM, or empty";
        place: String = "地点", "where";
        topic: String = "主题", "what about";
        reading: String = "会前阅读", "what to read before";
    }
}

shape! {
    #[derive(Serialize)]
    Plans { items: Vec<Plan> = "安排，近的在前", "plans, the earliest first"; }
}

shape! {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    Planned { year: Option<Year> = "年度，默认本年", "the year; this one when absent"; }
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::read::<Planned, Plans>("/units/{unit}/plans", ("本级和下级一年的安排", "Plans of a year"), get(list)),
        Route::act("/units/{unit}/plans", ("安排一次会议", "Plan a meeting"), fields, post(add)),
    ]
}

fn fields() -> serde_json::Value {
    let all = [
        ("kind", "类型，按规则包中的键 · the kind, by its key in the pack"),
        ("on", "日期 · the day"),
        ("at", "时间 HH:MM（选填） · the time, HH:MM, if any"),
        ("topic", "主题（选填） · what about, if said"),
        ("place", "地点（选填） · where, if said"),
        ("reading", "会前阅读（选填） · what to read before, if anything"),
    ];
    let one = |(key, words): &(&str, &str)| ((*key).to_owned(), json!({ "type": "string", "description": words }));
    let properties: serde_json::Map<String, serde_json::Value> = all.iter().map(one).collect();
    json!({ "type": "object", "required": ["kind", "on"], "properties": properties })
}

async fn list(call: Call<i64, Planned>) -> Result<Json<Plans>, Problem> {
    let Call { visit, at, asked } = call;
    let at = visit.unit(at, Verb::See).await?;
    let year = asked.year.map_or(visit.year(), |one| one.0);
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let days = (date(year, 1, 1), date(year, 12, 31));
    let plans = visit.app.read(move |tx| plan::list(tx, &scope, days, MOST)).await?;
    let plan = |one: plan::Plan| Plan {
        id: Id(one.id),
        unit: Id(one.unit),
        unit_name: one.unit_name,
        kind: one.kind,
        on: one.on,
        at: one.at,
        place: one.place,
        topic: one.topic,
        reading: one.reading,
    };
    Ok(Json(Plans { items: plans.into_iter().map(plan).collect() }))
}

async fn add(Act { sent, at }: Act<i64>) -> Result<Json<Done>, Problem> {
    let unit = sent.visit.unit(at, Verb::Write).await?;
    Ok(Json(Done::at(crate::plan::planned(&sent, unit).await?)))
}
