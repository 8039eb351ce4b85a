//! Matters: a page of them, one with what happened, and taking its steps.

use super::act::{Act, Done};
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use super::{Route, cursor};
use crate::form::{Fields, Sent, one as one_of};
use crate::matter::{due, found, met, taken, touched, whole};
use crate::visit::Visit;
use axum::Json;
use axum::routing::{get, post};
use jiff::civil::Date;
use luoshi_rules::{Refusal, Verb};
use luoshi_store::matter::{self, Filter, Line, State, proposal};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Matters on a page.
const PAGE: i64 = 50;

shape! {
    #[derive(Serialize)]
    Matter {
        id: Id = "编号", "key";
        flow: String = "流程", "its flow, by its key in the pack";
        title: String = "事项，从不改变", "the wording, which never changes";
        unit: Id = "责任组织", "the unit that must answer";
        unit_name: String = "责任组织简称", "its short name";
        opener: Id = "发出组织", "the unit that opened it";
        opener_name: String = "发出组织简称", "its short name";
        part_of: Option<Id> = "所属事项", "the matter it is a part of";
        opened: Date = "发出日期", "the day it was opened";
        state: String = "进展，按步骤的键", "the step at which it stands, by its key";
        state_name: String = "进展", "the same in words";
        closed: bool = "是否已办结", "whether it is closed";
        limit: Option<Date> = "期限", "the day by which it is to be done";
        touched: Date = "最近动静", "the day on which something last happened";
        data: serde_json::Value = "发出时所填", "what it was opened with";
    }
}

shape! {
    #[derive(Serialize)]
    Matters {
        items: Vec<Matter> = "事项，新的在前；按 q 查找时最相符的在前", "matters, newest first; the best first where q is asked";
        next: Option<String> = "下一页的 cursor", "the cursor of the next page";
    }
}

shape! {
    #[derive(Serialize)]
    Step {
        step: String = "步骤的键", "the step, by its key";
        name: String = "步骤", "the same in words";
        on: Date = "日期", "the day";
        note: String = "说明", "what was written";
        data: serde_json::Value = "所填栏目", "answers to its fields";
    }
}

shape! {
    #[derive(Serialize)]
    Course {
        matter: serde_json::Value = "事项", "the matter, as in the list";
        events: Vec<Step> = "经过，旧的在前", "what happened, oldest first";
    }
}

shape! {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    Sought {
        flow: Option<String> = "流程", "only of this flow";
        state: Option<String> = "open（默认）、closed 或 all", "open (as when absent), closed or all";
        q: Option<String> = "标题、内容、办理情况中的字词，或标题的拼音、首字母：最相符的在前，最多50项", "words of the title, the wording or the notes, or the pinyin of the title or its initials: the best first, at most 50";
        words: Option<String> = "同 q，但新的在前", "as q, but the newest first";
        own: Option<bool> = "是否只看本组织的", "only those of the unit itself";
        cursor: Option<String> = "上一页给的 next", "the next of the page before";
    }
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::read::<Sought, Matters>("/units/{unit}/matters", ("事项", "Matters"), get(list)),
        Route::read::<Nothing, Course>(
            "/units/{unit}/matters/{matter}",
            ("一个事项的经过", "A matter and what happened"),
            get(one),
        ),
        Route::act("/units/{unit}/matters/{matter}/steps", ("办理一步", "Take a step"), fields, post(advance)),
    ]
}

fn fields() -> serde_json::Value {
    let words = |words: &str| json!({ "type": "string", "description": words });
    json!({ "type": "object", "required": ["to"], "properties": {
        "to": words("步骤，按流程中的键；该步骤的栏目以各自的键并列 · the step, by its key in the flow; its fields stand beside it by their keys"),
        "note": words("说明 · what was done or why"),
        "evidence": { "type": "array", "items": { "type": "string" }, "description": "佐证纪实的编号 · keys of records that show it" } } })
}

fn shown(visit: &Visit, mut line: Line) -> Matter {
    // who raised a proposal is shown on pages as they chose, and nowhere by its key
    line.matter.data.as_object_mut().map(|data| data.remove(proposal::BY));
    let flow = visit.rules.base.flow(&line.matter.flow);
    let stand = line.stand.clone().or_else(|| Some(line.matter.stand(flow?, &visit.rules.calendar)));
    let (state, closed) = stand.map_or((String::new(), true), |stand| (stand.step, !stand.open));
    Matter {
        state_name: crate::matter::stands(visit, &line),
        limit: due(visit, &line),
        touched: touched(&line),
        id: Id(line.matter.id),
        flow: line.matter.flow,
        title: line.matter.title,
        unit: Id(line.matter.unit),
        unit_name: line.unit_name,
        opener: Id(line.matter.opener),
        opener_name: line.opener_name,
        part_of: (line.matter.parent != 0).then_some(Id(line.matter.parent)),
        opened: line.matter.opened,
        data: line.matter.data,
        state,
        closed,
    }
}

async fn list(call: Call<i64, Sought>) -> Result<Json<Matters>, Problem> {
    let Call { visit, at, asked } = call;
    let at = visit.unit(at, Verb::See).await?;
    let (flow, words) = (asked.flow.unwrap_or_default(), asked.words.unwrap_or_default());
    if !flow.is_empty() && visit.rules.base.flow(&flow).is_none() {
        return Err(Refusal::field("flow", "没有这个流程", "there is no such flow").into());
    }
    let wanted = asked.state.unwrap_or_default();
    let state = match wanted.as_str() {
        "" | "open" => State::Open,
        "closed" => State::Closed,
        "all" => State::Any,
        _ => return Err(Refusal::field("state", "应为 open、closed 或 all", "must be open, closed or all").into()),
    };
    let (own, q) = (asked.own.unwrap_or(false), asked.q.unwrap_or_default());
    let name = format!("matters/{}/{flow}/{wanted}/{words}/{own}/{q}", at.id);
    let place = asked.cursor.as_deref().map(|mark| cursor::read(&visit, &name, mark)).transpose()?;
    let after = place.and_then(|place| Some((String::new(), place.parse().ok()?)));
    let typed = if q.is_empty() { &words } else { &q };
    let ids = sought(&visit, &at, typed).await?;
    let (unit, met) = (if own { at.id } else { 0 }, met(&visit, &at, None).await?);
    let filter = Filter { flow, state, unit, ids: ids.clone(), met, after, most: PAGE, ..Filter::default() };
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let mut lines = visit.app.read(move |tx| matter::list(tx, &scope, &filter)).await?;
    let last = lines.last().filter(|_| ids.is_none() && lines.len() as i64 == PAGE);
    let last = last.map(|line| line.matter.id.to_string());
    let next = last.map(|place| cursor::make(&visit, &name, &place)).transpose()?;
    if !q.is_empty() {
        let rank = |id: i64| ids.as_ref().and_then(|ids| ids.iter().position(|one| *one == id));
        lines.sort_by_key(|line| rank(line.matter.id));
    }
    Ok(Json(Matters { items: lines.into_iter().map(|line| shown(&visit, line)).collect(), next }))
}

/// The matters in which words stand, the best first; none where there are no words.
async fn sought(visit: &Visit, at: &luoshi_rules::Unit, typed: &str) -> Result<Option<Vec<i64>>, Problem> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let found = found(visit, at, typed, PAGE as usize).await?;
    Ok(Some(found.hits.iter().map(|hit| hit.line.matter.id).collect()))
}

async fn one(call: Call<(i64, i64), Nothing>) -> Result<Json<Course>, Problem> {
    let Call { visit, at, .. } = call;
    let unit = visit.unit(at.0, Verb::See).await?;
    let line = whole(&visit, &unit, at.1).await?;
    let flow = visit.rules.base.flow(&line.matter.flow);
    let event = |event: &luoshi_rules::Event| Step {
        step: event.step.clone(),
        name: flow.and_then(|flow| flow.step(&event.step)).map_or("", |step| visit.of(&step.name)).to_owned(),
        on: event.on,
        note: event.note.clone(),
        data: if event.data.is_null() { json!({}) } else { event.data.clone() },
    };
    let events = line.matter.events.iter().map(event).collect();
    let matter = serde_json::to_value(shown(&visit, line)).map_err(crate::trouble::Trouble::broken)?;
    Ok(Json(Course { matter, events }))
}

async fn advance(Act { mut sent, at }: Act<(i64, i64)>) -> Result<Json<Done>, Problem> {
    let unit = sent.visit.unit(at.0, Verb::See).await?;
    let to = one_of(&sent.fields, "to").to_owned();
    sent.fields = of_step(&sent, &to);
    Ok(Json(Done::at(taken(&sent, &unit, at.1, &to).await?)))
}

/// The fields under the names they have on the page, which shows the forms of several steps.
fn of_step(sent: &Sent, to: &str) -> Fields {
    let named = |key: &String| match key.as_str() {
        "to" | "operation" => key.clone(),
        key => format!("{to}-{key}"),
    };
    sent.fields.iter().map(|(key, value)| (named(key), value.clone())).collect()
}
