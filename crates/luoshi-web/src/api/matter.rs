//! Matters: a page of them, one with what happened, taking its steps, its parts and who helps; orders, findings and
//! tasks; the ledger of a rectification and the weekly sheet.

mod course;

pub(super) use course::{Step, happened};

use super::page::{Column, Field, many, may, must, rest, told_under};
use super::problem::{Call, Problem};
use super::shape::{Id, shape};
use super::{Route, board, cursor};
use crate::matter::{due, findings, found, ledger, many as together, met, one as page, order, part, tasks, touched};
use crate::matter::{narrow, turn, weekly};
use crate::visit::Visit;
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_office::Kind::{Date as Day, Key, Number, Text};
use luoshi_rules::{Refusal, Verb};
use luoshi_store::matter::{self, Filter, Line, proposal};
use serde::{Deserialize, Serialize};

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
        #[serde(skip_serializing_if = "Option::is_none")]
        passed: Option<PassedOn> = "如何转出，只在 state=passed 时有", "how it was passed on; only where state=passed is asked";
    }
}

shape! {
    #[derive(Serialize)]
    PassedOn {
        from: String = "原组织简称", "short name of the unit that had it";
        to: String = "承接组织简称", "short name of the unit that took it over";
        on: Date = "转出日期", "the day";
        why: String = "原因", "why";
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
    #[derive(Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    Sought {
        flow: Option<String> = "流程", "only of this flow";
        state: Option<String> = "open（默认）、closed、all，或 passed（已转由其他组织承接的，新的在前；不与其他筛选同用）", "open (as when absent), closed, all, or passed: what another unit has taken over, the newest first, with no other filter";
        step: Option<String> = "停在哪一步，写作 流程:步骤", "only at this step, as flow:step";
        owner: Option<i64> = "责任组织", "only those this unit must answer";
        only: Option<String> = "late 已逾期，still 30天没有动静，ring 该发提醒或函件；只看在办的", "late, still (nothing for 30 days) or ring (something to be sent); only what is open";
        age: Option<String> = "发出多久：7（7天内）、30、60、old", "opened within 7 days, 8 to 30, 31 to 60, or before: 7, 30, 60, old";
        post: Option<String> = "待哪个岗位办理，按规则包中的键", "whose turn it is: a post, by its key in the pack";
        round: Option<i64> = "哪一轮巡察", "only of this round";
        sort: Option<String> = "limit 先到期的在前，still 最久没有动静的在前，不填新的在前", "limit (soonest due first) or still (longest still first); newest first when absent";
        q: Option<String> = "标题、内容、办理情况中的字词，或标题的拼音、首字母：最相符的在前，最多50项", "words of the title, the wording or the notes, or the pinyin of the title or its initials: the best first, at most 50";
        words: Option<String> = "同 q，但新的在前", "as q, but the newest first";
        own: Option<bool> = "是否只看本组织的", "only those of the unit itself";
        cursor: Option<String> = "上一页给的 next", "the next of the page before";
    }
}

pub(super) fn routes() -> Vec<Route> {
    let reads =
        vec![Route::read::<Sought, Matters>("/units/{unit}/matters", ("事项", "Matters"), get(list)), course::route()];
    [reads, lists(), steps(), steps_of_many(), parts()].into_iter().flatten().collect()
}

/// The columns of a ledger of rectification.
pub(super) const LEDGER: &[Column] = &[
    ("no", Text, "序号 · number"),
    ("aspect", Text, "方面 · aspect"),
    ("problem", Text, "问题 · problem"),
    ("manifestation", Text, "具体表现 · how it shows"),
    ("measure", Text, "整改措施 · measure"),
    ("kind", Text, "整改类型 · kind"),
    ("leader", Text, "责任领导 · leader responsible"),
    ("unit", Text, "责任组织 · unit responsible"),
    ("helpers", Text, "协办组织 · units that help"),
    ("due", Day, "完成时限 · to be done by"),
    ("first_due", Day, "原定时限 · first limit, where it was moved"),
    ("days_over", Number, "逾期天数 · days over"),
    ("progress", Text, "整改进展 · progress"),
    ("evidence", Number, "佐证件数 · pieces of evidence"),
    ("state", Text, "整改结果 · result"),
    ("rules", Number, "制定修订制度 · rules made"),
    ("persons", Number, "处理人次 · persons dealt with, as a count"),
    ("closed", Day, "销号日期 · closed on"),
    ("closer", Text, "销号组织 · closed by"),
    ("recheck", Text, "回头看 · re-check"),
    ("finding_id", Key, "问题的编号 · key of the finding"),
    ("task_id", Key, "任务的编号，没有任务时为空 · key of the task, if there is one"),
    ("unit_id", Key, "责任组织的编号 · key of the unit responsible"),
];

fn lists() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/matters/{matter}/ledger",
            ("一个组织的整改台账", "The ledger of a rectification"),
            vec![],
            LEDGER,
            ledger::show,
        ),
        Route::list(
            "/units/{unit}/weekly",
            (
                "督查周报的各项；同一事项可在几部分",
                "What the weekly sheet is made of; a matter may stand in several parts",
            ),
            vec![],
            &[
                ("part", Text, "部分 · the part of the sheet"),
                ("title", Text, "事项 · the matter"),
                ("unit", Text, "责任组织 · unit responsible"),
                ("state", Text, "进展 · how far it is"),
                ("limit", Day, "期限 · to be done by"),
                ("touched", Day, "最近动静 · when something last happened"),
                ("id", Key, "编号 · key"),
                ("unit_id", Key, "责任组织的编号 · key of the unit responsible"),
            ],
            weekly::show,
        ),
    ]
}

/// What the form of any step may hold, under names that begin so on the page.
fn of_step(before: &'static str) -> Vec<Field> {
    vec![
        may("note", "说明 · what was done or why").after(before),
        may("on", "补登时的日期，YYYY-MM-DD · the day, where it is entered afterwards").after(before),
        many("evidence", "佐证纪实的编号 · keys of records that show it").after(before),
        rest("该步骤的栏目，按规则包中的键 · the fields of the step, by their keys in the pack").after(before),
    ]
}

fn steps_of_many() -> Vec<Route> {
    let which = must("step", "流程.步骤，按各自的键，如 task.claimed · flow.step by their keys, such as task.claimed");
    let pick = many("pick", "事项的编号，最多500项 · keys of the matters, 500 at most");
    let of_many = || [vec![which, pick], of_step("{step}-")].concat();
    vec![
        Route::form(
            "/units/{unit}/matters/{matter}/together",
            (
                "同一步为其下多项办理；没有办成的列在 refused",
                "One step for many under a matter; those not taken are in refused",
            ),
            of_many(),
            together::take,
        ),
        Route::form(
            "/units/{unit}/rounds/{id}/together",
            (
                "同一步为一轮中多项办理；没有办成的列在 refused",
                "One step for many of a round; those not taken are in refused",
            ),
            of_many(),
            together::take_round,
        ),
    ]
}

fn steps() -> Vec<Route> {
    const TO: &str = "步骤，按流程中的键 · the step, by its key in the flow";
    let step = [vec![must("to", TO)], of_step("{to}-")].concat();
    vec![
        Route::form_or_file(
            "/units/{unit}/matters/{matter}/steps",
            ("办理一步；请求体为文件的，是佐证", "Take a step; a body that is a file is evidence"),
            (step, "{to}-file"),
            page::advance,
        ),
        Route::form(
            "/units/{unit}/matters/{matter}/turns",
            ("转由其他组织承接，增加或结束协办", "Pass it on to another unit, let one help, or no longer"),
            vec![
                must("turn", "pass 转交，help 增加协办，end 结束协办 · pass, help or end"),
                may("unit", "承接或协办组织的名称 · name of the unit that takes it over or helps"),
                may("helper", "结束协办的组织的编号 · key of the unit that no longer helps"),
                must("why", "原因 · why"),
                told_under("{turn}-"),
            ],
            turn::change,
        ),
    ]
}

fn parts() -> Vec<Route> {
    const FINDINGS: &str = "从表格复制的文字，首行为表头，列以制表符分隔：方面、问题、具体表现、依据条文（可不填） · lines out of a spreadsheet, its columns apart by tabs, the first line the head: aspect, problem, manifestation, rule (may be left out)";
    const TASKS: &str = "从表格复制的文字，首行为表头，列以制表符分隔：表现序号（台账中 no 的整数部分）、整改措施、完成时限、责任领导、责任组织、协办组织、整改类型 · lines out of a spreadsheet, its columns apart by tabs, the first line the head: finding (its number, as no in the ledger), measure, due, leader, unit, helpers, kind";
    vec![
        Route::form(
            "/units/{unit}/matters/{matter}/parts",
            ("在其下增加一项：问题、任务、措施", "Add a part: a finding, a task, a measure"),
            vec![
                must("flow", "流程的键，如 finding、task、measure · the flow, by its key"),
                must("title", "内容，记下后不能改 · the wording, which cannot be changed later").after("{first}-"),
                may("unit", "责任组织的名称，不填为本组织 · name of the unit responsible; the one itself if left out").after("{first}-"),
                may("helpers", "协办组织的名称，顿号分隔 · names of units that help, with commas").after("{first}-"),
                rest("第一步的栏目，按规则包中的键，如 aspect、by · the fields of its first step, by their keys in the pack").after("{first}-"),
            ],
            part::add,
        ),
        Route::form(
            "/units/{unit}/matters/{matter}/findings",
            ("从粘贴的表格记录问题，全部或一条也不", "Record findings from a pasted table, all or none"),
            vec![must("text", FINDINGS)],
            findings::record,
        ),
        Route::form(
            "/units/{unit}/matters/{matter}/tasks",
            ("从粘贴的表格制定整改任务，全部或一条也不", "Plan tasks from a pasted table, all or none"),
            vec![must("text", TASKS)],
            tasks::plan,
        ),
        Route::form(
            "/units/{unit}/orders",
            ("立项交办", "Give an order"),
            vec![
                must("title", "事项，记下后不能改 · the matter, which cannot be changed later").after("{order}-"),
                rest("立项的栏目，按规则包中的键，如 from、ref、by · the fields of an order, by their keys in the pack").after("{order}-"),
            ],
            order::give,
        ),
    ]
}

pub(super) fn shown(visit: &Visit, mut line: Line) -> Matter {
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
        passed: None,
    }
}

async fn list(call: Call<i64, Sought>) -> Result<Json<Matters>, Problem> {
    let Call { visit, at, asked } = call;
    let at = visit.unit(at, Verb::See).await?;
    if asked.state.as_deref() == Some("passed") {
        return passed(&visit, &at, &asked).await;
    }
    let wanted = board::asked(&asked);
    board::known(&visit, &wanted)?;
    let name = format!("matters/{}/{}", at.id, board::name(&wanted));
    let place = asked.cursor.as_deref().map(|mark| cursor::read(&visit, &name, mark)).transpose()?;
    let after = place.and_then(|place| {
        let (key, id) = place.split_once('/')?;
        Some((key.to_owned(), id.parse().ok()?))
    });
    let q = asked.q.unwrap_or_default();
    let typed = if q.is_empty() { asked.words.unwrap_or_default() } else { q.clone() };
    let ids = sought(&visit, &at, &typed).await?;
    let met = met(&visit, &at, None).await?;
    let filter = Filter { ids: ids.clone(), after, most: PAGE, ..narrow::filter(&visit, &at, &wanted, met) };
    let (scope, order) = (visit.actor.scope(&visit.rules.base, Verb::See, &at)?, filter.order);
    let mut lines = visit.app.read(move |tx| matter::list(tx, &scope, &filter)).await?;
    let last = lines.last().filter(|_| ids.is_none() && lines.len() as i64 == PAGE).map(|line| order.after(line));
    let next = last.map(|(key, id)| cursor::make(&visit, &name, &format!("{key}/{id}"))).transpose()?;
    if !q.is_empty() {
        let rank = |id: i64| ids.as_ref().and_then(|ids| ids.iter().position(|one| *one == id));
        lines.sort_by_key(|line| rank(line.matter.id));
    }
    Ok(Json(Matters { items: lines.into_iter().map(|line| shown(&visit, line)).collect(), next }))
}

/// What was at a unit or below and another has taken over.
async fn passed(visit: &Visit, at: &luoshi_rules::Unit, asked: &Sought) -> Result<Json<Matters>, Problem> {
    let words = [&asked.flow, &asked.step, &asked.only, &asked.age, &asked.post, &asked.sort, &asked.q, &asked.words];
    let others = words.into_iter().any(Option::is_some);
    if others || asked.owner.is_some() || asked.round.is_some() || asked.own.is_some() {
        let zh = "state=passed 不能与其他筛选、排序、查找同用";
        return Err(Refusal::field("state", zh, "state=passed goes with no other filter, order or words").into());
    }
    let name = format!("matters/{}/passed", at.id);
    let after = asked.cursor.as_deref().map(|mark| cursor::read(visit, &name, mark)).transpose()?;
    let after = after.and_then(|id| id.parse().ok()).unwrap_or(i64::MAX);
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let all = visit.app.read(move |tx| matter::passed(tx, &scope, (after, PAGE))).await?;
    let last = all.last().filter(|_| all.len() as i64 == PAGE).map(|one| one.line.matter.id.to_string());
    let next = last.map(|id| cursor::make(visit, &name, &id)).transpose()?;
    let told = |one: matter::Passed| {
        let how = PassedOn { from: one.from, to: one.to, on: one.on, why: one.note };
        Matter { passed: Some(how), ..shown(visit, one.line) }
    };
    Ok(Json(Matters { items: all.into_iter().map(told).collect(), next }))
}

/// The matters in which words stand, the best first; none where there are no words.
async fn sought(visit: &Visit, at: &luoshi_rules::Unit, typed: &str) -> Result<Option<Vec<i64>>, Problem> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let found = found(visit, at, typed, PAGE as usize).await?;
    Ok(Some(found.hits.iter().map(|hit| hit.line.matter.id).collect()))
}
