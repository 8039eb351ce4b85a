//! Units: one, its tree on a day, its history.

use super::Route;
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use crate::unit::tree;
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_rules::{self as rules, Verb};
use luoshi_store::unit;
use serde::{Deserialize, Serialize};

shape! {
    #[derive(Serialize)]
    Unit {
        id: Id = "编号，从不改变", "key, never changes";
        full_name: String = "全称", "full name";
        short_name: String = "简称", "short name";
        level: String = "级别", "level, by its key in the pack";
        class: String = "类别", "class, by its key in the pack";
        code: String = "类型代码", "national type code, or empty";
        founded: Date = "成立日期", "day it was founded";
        dissolved: Option<Date> = "撤销日期", "day it was dissolved or merged";
    }
}

shape! {
    #[derive(Serialize)]
    Tree {
        on: Date = "哪一天", "the day";
        items: Vec<Unit> = "组织，上级在前", "the units, those above first";
    }
}

shape! {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    OnDay { on: Option<Date> = "哪一天，默认今天", "the day; today when absent"; }
}

shape! {
    #[derive(Serialize)]
    Event {
        change: String = "变更", "what happened";
        on: Date = "日期", "the day";
        other: Option<Id> = "相关组织", "the unit moved to, merged into or split from";
        note: String = "说明", "what was said of it";
    }
}

shape! {
    #[derive(Serialize)]
    History { items: Vec<Event> = "变更，新的在前", "what happened, newest first"; }
}

impl From<&rules::Unit> for Unit {
    fn from(unit: &rules::Unit) -> Unit {
        Unit {
            id: Id(unit.id),
            full_name: unit.full_name.clone(),
            short_name: unit.short_name.clone(),
            level: unit.level.clone(),
            class: unit.class.clone(),
            code: unit.code.clone(),
            founded: unit.founded,
            dissolved: unit.dissolved.as_ref().map(|(day, _)| *day),
        }
    }
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::read::<Nothing, Unit>("/units/{unit}", ("一个组织", "One unit"), get(one)),
        Route::read::<OnDay, Tree>("/units/{unit}/tree", ("某日的组织树", "The tree of a day"), get(tree_on)),
        Route::read::<Nothing, History>("/units/{unit}/history", ("组织沿革", "What happened to it"), get(history)),
    ]
}

async fn one(call: Call<i64, Nothing>) -> Result<Json<Unit>, Problem> {
    Ok(Json((&call.visit.unit(call.at, Verb::See).await?).into()))
}

async fn tree_on(call: Call<i64, OnDay>) -> Result<Json<Tree>, Problem> {
    let at = call.visit.unit(call.at, Verb::See).await?;
    let on = call.asked.on.unwrap_or(call.visit.today);
    let tree = tree::read(&call.visit, &at, on).await?;
    Ok(Json(Tree { on, items: tree.units.iter().map(Unit::from).collect() }))
}

async fn history(call: Call<i64, Nothing>) -> Result<Json<History>, Problem> {
    let at = call.visit.unit(call.at, Verb::See).await?;
    let scope = call.visit.actor.scope(&call.visit.rules.base, Verb::See, &at)?;
    let past = call.visit.app.read(move |tx| unit::history(tx, &scope, at.id)).await?;
    let event = |one: unit::Changed| Event {
        change: one.change.key().to_owned(),
        on: one.on,
        other: (one.other != 0).then_some(Id(one.other)),
        note: one.note,
    };
    Ok(Json(History { items: past.into_iter().map(event).collect() }))
}
