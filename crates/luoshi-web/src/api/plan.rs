//! Plans: what is meant to be held between two days, and planning it.

use super::Route;
use super::act::{Act, Done};
use super::page::{many, may, must};
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use crate::obligation::kind_name;
use crate::plan::{self, change, year};
use crate::visit::Year;
use axum::Json;
use axum::routing::{get, post};
use jiff::civil::{Date, date};
use luoshi_rules::{Refusal, Verb};
use luoshi_store::plan as store;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Most plans that are answered at once.
const MOST: i64 = 20_000;

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

shape! {
    #[derive(Serialize)]
    PlanCloses {
        clause: String = "条款", "the clause";
        period: String = "周期", "the period";
        due: Date = "到期", "when it is due";
    }
}

shape! {
    #[derive(Serialize)]
    PlanMeant {
        id: Option<Id> = "已有安排的编号", "key of the plan, where it is planned already";
        kind: String = "类型的键", "the kind, by its key";
        kind_name: String = "类型", "its name";
        on: Date = "日期", "the day";
        topic: String = "主题", "what about";
        tags: String = "须具备的内容，栏目:选项，空格隔开", "what it must have, field:option between blanks";
        closes: Vec<PlanCloses> = "能落实的职责", "the duties it would meet";
    }
}

shape! {
    #[derive(Serialize)]
    PlanOfYear {
        planned: Vec<PlanMeant> = "已安排、还没有开的", "what is planned and ahead";
        proposed: Vec<PlanMeant> = "建议再安排的", "what is proposed besides";
    }
}

pub(super) fn routes() -> Vec<Route> {
    let of_all = ("本级和下级一年的安排", "Plans of a year");
    vec![
        Route::read::<Planned, Plans>("/units/{unit}/plans", of_all, get(list)),
        Route::read::<Nothing, PlanOfYear>(
            "/units/{unit}/{year}/plan",
            ("年度安排：已安排的和系统建议的", "The plan of a year: what is planned, and what is proposed"),
            get(of_year),
        ),
    ]
    .into_iter()
    .chain(acts())
    .collect()
}

fn acts() -> Vec<Route> {
    let was = may("was", "原来的日期；已被别人改过的会告知 · the day it was; told when somebody else has changed it");
    vec![
        Route::act("/units/{unit}/plans", ("安排一次会议", "Plan a meeting"), fields, post(add)),
        Route::form(
            "/units/{unit}/plans/{id}",
            ("修改一次安排；没有填的清空", "Change a plan; what is left out is emptied"),
            vec![
                was,
                must("on", "日期，YYYY-MM-DD · the day"),
                may("at", "时间 HH:MM · the time, HH:MM"),
                may("topic", "主题 · what about"),
                may("place", "地点 · where"),
                may("reading", "会前阅读 · what to read before"),
            ],
            change::save,
        ),
        Route::form(
            "/units/{unit}/plans/{id}/move",
            ("改期", "Move a plan to another day"),
            vec![was, must("on", "改到哪天，YYYY-MM-DD · the new day")],
            change::put_off,
        ),
        Route::form("/units/{unit}/plans/{id}/cancel", ("取消一次安排", "Cancel a plan"), vec![], plan::cancel),
        Route::form(
            "/units/{unit}/{year}/plan",
            (
                "采纳建议的安排：各项第一个合为一次，第二个合为一次",
                "Accept what is proposed: the first of each list belong together, then the second",
            ),
            vec![
                many("kind", "类型的键 · kinds, by their keys"),
                many("on", "日期，YYYY-MM-DD · days"),
                many("topic", "主题，不填的留空 · topics, empty where there is none"),
                many("tags", "建议中的 tags，不填的留空 · tags as proposed, empty where there are none"),
            ],
            year::accept_lists,
        ),
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
    let plans = visit.app.read(move |tx| store::list(tx, &scope, days, MOST + 1)).await?;
    if plans.len() as i64 > MOST {
        let zh = format!("超过 {MOST} 项，请到下级组织分别取");
        return Err(Refusal::rule(zh, format!("more than {MOST} plans: ask of the units below one by one")).into());
    }
    let plan = |one: store::Plan| Plan {
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

async fn of_year(call: Call<(i64, Year), Nothing>) -> Result<Json<PlanOfYear>, Problem> {
    let Call { visit, at: (id, Year(year)), .. } = call;
    let at = visit.unit(id, Verb::See).await?;
    let (planned, proposed) = year::items(&visit, (&at, year)).await?;
    let closes = |one: &luoshi_rules::plan::Closes| PlanCloses {
        clause: one.clause.clone(),
        period: one.period.to_string(),
        due: one.due,
    };
    let meant = |one: year::Item| PlanMeant {
        id: one.plan.map(Id),
        kind_name: kind_name(&visit, &one.meant.kind).to_owned(),
        kind: one.meant.kind,
        on: one.meant.on,
        topic: one.topic,
        tags: one.meant.tags,
        closes: one.meant.closes.iter().map(closes).collect(),
    };
    let (planned, proposed) = (planned.into_iter().map(meant).collect(), proposed.into_iter().map(meant).collect());
    Ok(Json(PlanOfYear { planned, proposed }))
}

async fn add(Act { sent, at }: Act<i64>) -> Result<Json<Done>, Problem> {
    let unit = sent.visit.unit(at, Verb::Write).await?;
    Ok(Json(Done::at(plan::planned(&sent, unit).await?)))
}
