//! Proposals: what one raised oneself and how it was answered, raising another, saying whether an answer will do. A
//! program asks with a token that was made for it.

use super::Route;
use super::matter::{Step, happened, shown};
use super::page::{may, must, rest};
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use crate::me::proposals::{self, replies};
use crate::visit::Visit;
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_rules::Flow;
use luoshi_store::matter::Line;
use serde::Serialize;

shape! {
    #[derive(Serialize)]
    Raised {
        id: Id = "编号", "key";
        title: String = "一句话说清的内容", "the one sentence";
        unit: Id = "提给的组织", "the unit it is for";
        unit_name: String = "该组织简称", "its short name";
        opened: Date = "提出日期", "the day it was raised";
        state: String = "进展，按步骤的键", "the step at which it stands, by its key";
        state_name: String = "进展", "the same in words";
        closed: bool = "是否已办结", "whether it is closed";
        limit: Option<Date> = "答复期限", "the day by which it is to be answered";
        data: serde_json::Value = "所填栏目，含署名选择 signed", "what was filled in, with the choice of name in signed";
        events: Vec<Step> = "经过，旧的在前", "what happened, oldest first";
        replies: Vec<String> = "现在可以怎样表态，按步骤的键", "what may be said of it now, by keys of steps";
    }
}

shape! {
    #[derive(Serialize)]
    Addressee {
        id: Id = "编号", "key";
        name: String = "简称", "its short name";
    }
}

shape! {
    #[derive(Serialize)]
    Proposals {
        items: Vec<Raised> = "自己提过的，新的在前，最多100条", "those that whoever asks raised, newest first, at most 100";
        addressees: Vec<Addressee> = "可以提给哪些组织，近的在前", "whom one may be raised to, the nearest first";
    }
}

pub(super) fn routes() -> Vec<Route> {
    const REST: &str = "第一步的栏目，按规则包中的键：about 关于，text 情况和建议（最多2000字），signed 署名（nobody、unit、all，必填） · the fields of the first step, by their keys in the pack: about, text (at most 2,000 characters), signed (nobody, unit or all; must be chosen)";
    vec![
        Route::read::<Nothing, Proposals>(
            "/me/proposals",
            ("自己提过的意见建议（令牌须为此而建）", "Proposals that one raised oneself (by a token made for it)"),
            get(mine),
        ),
        Route::form(
            "/me/proposals",
            ("提意见、建议（令牌须为此而建）", "Raise a proposal (by a token made for it)"),
            vec![
                must("unit", "提给的组织的编号 · key of the unit it is for").after("raised-"),
                must("title", "一句话说清，最多80字 · in one sentence of at most 80 characters").after("raised-"),
                must(
                    "plain",
                    "1 表示说的是工作，不是反映个人违纪违法 · 1: it is about work, and reports nobody's misconduct",
                ),
                rest(REST).after("raised-"),
            ],
            proposals::raise,
        ),
        Route::form(
            "/me/proposals/{id}/steps",
            ("就答复表态", "Say whether an answer will do"),
            vec![
                must(
                    "to",
                    "步骤，按规则包中的键：settled 满意，again 请再答复 · the step, by its key in the pack: settled or again",
                ),
                may("note", "说明，请再答复时必填 · why; must be said with again").after("{to}-"),
            ],
            proposals::reply,
        ),
    ]
}

async fn mine(call: Call<(), Nothing>) -> Result<Json<Proposals>, Problem> {
    let (found, flow) = (proposals::find(&call.visit).await?, proposals::flow(&call.visit)?);
    let items = found.raised.into_iter().map(|line| raised(&call.visit, flow, line)).collect();
    let addressee = |unit: &luoshi_rules::Unit| Addressee { id: Id(unit.id), name: unit.short_name.clone() };
    Ok(Json(Proposals { items, addressees: found.addressees.iter().map(addressee).collect() }))
}

fn raised(visit: &Visit, flow: &Flow, line: Line) -> Raised {
    let replies = replies(flow, &line).into_iter().map(|step| step.id.clone()).collect();
    let events = happened(visit, &line.matter, &[]);
    let matter = shown(visit, line);
    Raised {
        id: matter.id,
        title: matter.title,
        unit: matter.unit,
        unit_name: matter.unit_name,
        opened: matter.opened,
        state: matter.state,
        state_name: matter.state_name,
        closed: matter.closed,
        limit: matter.limit,
        data: matter.data,
        events,
        replies,
    }
}
