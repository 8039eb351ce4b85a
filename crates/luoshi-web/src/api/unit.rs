//! Units: one, its tree on a day, its history, and its changes.

use super::Route;
use super::page::{Field, many, may, must};
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use crate::unit::{change, tree};
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
        Route::form(
            "/units/{unit}/changes",
            (
                "组织变更：成立下级、更名、调整、划转、合并、拆分、撤销",
                "Change it: found one below, rename, reclass, move, merge, split, dissolve",
            ),
            changed(),
            change::change,
        ),
    ]
}

fn changed() -> Vec<Field> {
    vec![
        must(
            "do",
            "found 成立下级，rename 更名，reclass 调整级别类别，move 划转，merge 并入，split 拆出，dissolve 撤销，tie、untie 加上或解除关联 · found, rename, reclass, move, merge, split, dissolve, tie or untie",
        ),
        must("on", "哪一天，YYYY-MM-DD · the day"),
        may("note", "原因或批复文号，撤销必填 · why, or the paper; a must to dissolve"),
        may("to", "划到、并入、接续或关联的组织的编号 · key of the unit moved to, merged into, taking over, or tied"),
        may("full_name", "全称：成立、更名、拆出时 · full name, to found, rename or split"),
        may("short_name", "简称 · short name, likewise"),
        may("level", "级别，按规则包中的键：成立、调整时 · level, by its key in the pack, to found or reclass"),
        may("class", "类别的键 · class, by its key, likewise"),
        may("code", "类型代码 · national type code, likewise"),
        may("order_no", "序号，1至9999 · order number, 1 to 9999, likewise"),
        many("parts", "联合支部等的组成单位 · parts of a joint unit, likewise"),
        may("own", "yes 表示成立为单独管理的组织 · yes to found an organisation of its own"),
        many("people", "拆出时一并转去的人员编号 · keys of people who go with what is split off"),
        may("tie", "关联的种类，按规则包中的键 · the kind of tie, by its key in the pack"),
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
