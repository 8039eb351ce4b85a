//! The course of a matter: what happened, step by step, and what lies under it.

use super::shown;
use crate::api::Route;
use crate::api::problem::{Call, Problem};
use crate::api::shape::{Id, Nothing, shape};
use crate::matter::{due, one as page, part, whole};
use crate::visit::Visit;
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_rules::{Matter, Verb};
use luoshi_store::matter::Line;
use serde::Serialize;
use serde_json::json;

shape! {
    #[derive(Serialize)]
    Step {
        step: String = "步骤的键", "the step, by its key";
        name: String = "步骤", "the same in words";
        on: Date = "日期", "the day";
        by: Option<String> = "经办人，可查看人员的才有", "who took it, for those who may see people there";
        note: String = "说明", "what was written";
        data: serde_json::Value = "所填栏目", "answers to its fields";
    }
}

shape! {
    #[derive(Serialize)]
    Course {
        matter: serde_json::Value = "事项", "the matter, as in the list";
        raised_by: Option<String> = "意见建议的提出人，其署名选择许可时才有", "who raised a proposal, where they chose that whoever asks may see it";
        events: Vec<Step> = "经过，旧的在前", "what happened, oldest first";
        parts: Vec<Part> = "其下各项：问题、任务、措施", "what lies under it: findings, tasks, measures";
    }
}

shape! {
    #[derive(Serialize)]
    Part {
        id: Id = "编号", "key";
        flow: String = "流程的键", "its flow, by its key";
        part_of: Id = "所属事项", "the matter right above it";
        title: String = "内容", "its wording";
        unit: Id = "责任组织", "the unit that must answer";
        unit_name: String = "责任组织简称", "its short name";
        state: String = "进展", "how far it is, in words";
        limit: Option<Date> = "期限", "the day by which it is to be done";
    }
}

pub(super) fn route() -> Route {
    Route::read::<Nothing, Course>(
        "/units/{unit}/matters/{matter}",
        ("一个事项的经过", "A matter and what happened"),
        get(one),
    )
}

/// What happened to a matter; by whom, as far as names are given.
pub(in crate::api) fn happened(visit: &Visit, matter: &Matter, names: &[(i64, String)]) -> Vec<Step> {
    let flow = visit.rules.base.flow(&matter.flow);
    let event = |event: &luoshi_rules::Event| Step {
        step: event.step.clone(),
        name: flow.and_then(|flow| flow.step(&event.step)).map_or("", |step| visit.of(&step.name)).to_owned(),
        on: event.on,
        by: names.iter().find(|(id, _)| *id == event.actor).map(|(_, name)| name.clone()),
        note: event.note.clone(),
        data: if event.data.is_null() { json!({}) } else { event.data.clone() },
    };
    matter.events.iter().map(event).collect()
}

async fn one(call: Call<(i64, i64), Nothing>) -> Result<Json<Course>, Problem> {
    let Call { visit, at, .. } = call;
    let unit = visit.unit(at.0, Verb::See).await?;
    let line = whole(&visit, &unit, at.1).await?;
    let flow = visit.rules.base.flow(&line.matter.flow);
    let names = crate::matter::names(&visit, &unit, at.1).await?;
    let events = happened(&visit, &line.matter, &names);
    let raised_by = page::signed(&visit, &line.matter).await?;
    let tree = match flow {
        Some(flow) => part::list(&visit, &unit, &line.matter, flow).await?,
        None => Vec::new(),
    };
    let part = |line: &Line| Part {
        id: Id(line.matter.id),
        flow: line.matter.flow.clone(),
        part_of: Id(line.matter.parent),
        title: line.matter.title.clone(),
        unit: Id(line.matter.unit),
        unit_name: line.unit_name.clone(),
        state: crate::matter::stands(&visit, line),
        limit: due(&visit, line),
    };
    let parts = tree.iter().map(part).collect();
    let matter = serde_json::to_value(shown(&visit, line)).map_err(crate::trouble::Trouble::broken)?;
    Ok(Json(Course { matter, raised_by, events, parts }))
}
