//! Boards: how many matters there are by step, age and owner, and the filters somebody keeps.

use super::Route;
use super::page::{Column, may};
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use crate::matter::{list, met, narrow, publication, search, still_day};
use crate::visit::Visit;
use axum::Json;
use axum::routing::get;
use luoshi_office::Kind::{Date, Key, Text};
use luoshi_rules::{Refusal, Verb};
use luoshi_store::matter::{self, Count, Owner};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

shape! {
    #[derive(Serialize)]
    Totals {
        all: i64 = "共几项", "how many in all";
        late: i64 = "其中逾期", "how many of them are late";
        still: i64 = "其中30天没有动静", "to how many nothing happened for 30 days";
        ring: i64 = "其中该发提醒或函件", "about how many something is to be sent";
        steps: Vec<AtStep> = "按进展", "by step";
        owners: Vec<Owned> = "按责任组织，只数在办的", "by unit responsible, what is open";
    }
}

shape! {
    #[derive(Serialize)]
    AtStep {
        flow: String = "流程的键", "the flow, by its key";
        step: String = "步骤的键", "the step, by its key";
        all: i64 = "几项", "how many";
        late: i64 = "逾期", "late";
        still: i64 = "30天没有动静", "still for 30 days";
        ring: i64 = "该发提醒或函件", "something to be sent";
        ages: Vec<i64> = "发出7天内、8–30天、31–60天、60天以上各几项", "opened within 7 days, 8 to 30, 31 to 60, before";
    }
}

shape! {
    #[derive(Serialize)]
    Owned {
        unit: Id = "组织", "the unit";
        unit_name: String = "组织简称", "its short name";
        open: i64 = "在办", "how many are open";
        late: i64 = "其中逾期", "how many of them are late";
    }
}

shape! {
    #[derive(Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    Wanted {
        flow: Option<String> = "流程", "only of this flow";
        state: Option<String> = "open（默认）、closed 或 all", "open (as when absent), closed or all";
        step: Option<String> = "停在哪一步，写作 流程:步骤", "only at this step, as flow:step";
        owner: Option<i64> = "责任组织", "only those this unit must answer";
        only: Option<String> = "late、still 或 ring", "late, still or ring";
        age: Option<String> = "7、30、60 或 old", "7, 30, 60 or old";
        post: Option<String> = "待哪个岗位办理", "whose turn it is: a post";
        round: Option<i64> = "哪一轮巡察", "only of this round";
        own: Option<bool> = "是否只看本组织的", "only those of the unit itself";
    }
}

shape! {
    #[derive(Serialize)]
    Filters { items: Vec<Kept> = "自己保存的筛选，按名字", "the filters one keeps, by name"; }
}

shape! {
    #[derive(Serialize)]
    Kept {
        name: String = "名字", "its name";
        question: String = "看板地址问号起的部分", "what stands in the address of the board from the question mark on";
    }
}

/// What is told of a matter that was found.
const FOUND: &[Column] = &[
    ("title", Text, "事项 · the matter"),
    ("passage", Text, "找到的文字，标题之外的 · the passage in which the words stand, outside the title"),
    ("unit", Text, "组织 · its unit"),
    ("state", Text, "状态 · how it stands"),
    ("moved", Date, "最近变动 · when something last happened to it"),
    ("id", Key, "编号 · its key"),
    ("unit_id", Key, "组织的编号 · key of the unit"),
];

/// What is published of a rectification.
const PUBLISHED: &[Column] = &[
    ("aspect", Text, "方面 · the aspect"),
    ("problem", Text, "问题 · the problem"),
    ("finding", Text, "具体问题 · the finding"),
    ("task", Text, "整改任务 · the task"),
    ("state", Text, "状态 · how it stands"),
    ("finding_id", Key, "具体问题的编号 · key of the finding"),
    ("task_id?", Key, "整改任务的编号，没有任务时为空 · key of the task; nothing where there is none"),
];

/// Lists of matters beside the board.
fn lists() -> [Route; 2] {
    [
        Route::list(
            "/units/{unit}/search",
            ("查找事项，先列最相符的，最多50件", "Find matters by words, the best first, 50 at most"),
            vec![may(
                "q",
                "字词、拼音或首字母，几个词用空格隔开 · words, pinyin or initials, with spaces between them",
            )],
            FOUND,
            search::show,
        ),
        Route::list(
            "/units/{unit}/matters/{matter}/publication",
            ("整改进展通报的内容，不含人员姓名", "What is published of a rectification, without names of people"),
            vec![],
            PUBLISHED,
            publication::show,
        ),
    ]
}

pub(super) fn routes() -> Vec<Route> {
    totals_and_filters().into_iter().chain(lists()).collect()
}

fn totals_and_filters() -> Vec<Route> {
    vec![
        Route::read::<Wanted, Totals>(
            "/units/{unit}/matters/totals",
            ("事项合计：按进展、时长、责任组织", "How many matters, by step, age and owner"),
            get(totals),
        ),
        Route::read::<Nothing, Filters>(
            "/units/{unit}/matters/filters",
            ("自己保存的筛选", "The filters one keeps"),
            get(filters),
        ),
        Route::form(
            "/units/{unit}/matters/filters",
            ("保存或删去一个筛选", "Keep a filter, or drop one"),
            vec![
                may("name", "名字，同名的被替换 · its name; one of the same name gives way"),
                may(
                    "question",
                    "以问号开头，如 ?only=late&sort=limit · beginning with a question mark, such as ?only=late&sort=limit",
                ),
                may("drop", "要删去的名字，填了就不保存 · the name of the one to drop; then nothing is kept"),
            ],
            list::keep,
        ),
    ]
}

/// A question as the address of a board puts it.
pub(super) fn asked(question: &impl Serialize) -> HashMap<String, String> {
    let Ok(serde_json::Value::Object(question)) = serde_json::to_value(question) else { return HashMap::new() };
    let word = |(key, value): (String, serde_json::Value)| match (key.as_str(), value) {
        ("cursor", _) | (_, serde_json::Value::Null | serde_json::Value::Bool(false)) => None,
        ("own", _) => Some(("mine".to_owned(), "1".to_owned())),
        (_, serde_json::Value::String(text)) => Some((key, text)),
        (_, other) => Some((key, other.to_string())),
    };
    question.into_iter().filter_map(word).collect()
}

/// The same question, always in one order.
pub(super) fn name(asked: &HashMap<String, String>) -> String {
    let mut pairs: Vec<_> = asked.iter().collect();
    pairs.sort();
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Refuses a question whose values are none of those there are: a board of everything would be no answer to it.
pub(super) fn known(visit: &Visit, asked: &HashMap<String, String>) -> Result<(), Refusal> {
    let text = |key: &str| asked.get(key).map_or("", String::as_str);
    let one_of = |key: &str, all: &[&str]| match text(key).is_empty() || all.contains(&text(key)) {
        true => Ok(()),
        false => {
            let all = (all.join("、"), all.join(", "));
            Err(Refusal::field(key, format!("应为其中之一：{}", all.0), format!("must be one of {}", all.1)))
        }
    };
    let base = &visit.rules.base;
    if !text("flow").is_empty() && base.flow(text("flow")).is_none() {
        return Err(Refusal::field("flow", "没有这个流程", "there is no such flow"));
    }
    let step = || text("step").split_once(':').and_then(|(flow, step)| base.flow(flow)?.step(step));
    if !text("step").is_empty() && step().is_none() {
        return Err(Refusal::field(
            "step",
            "没有这一步，写作 流程:步骤",
            "there is no such step; write it as flow:step",
        ));
    }
    if !text("post").is_empty() && base.post(text("post")).is_none() {
        return Err(Refusal::field("post", "没有这个岗位", "there is no such post"));
    }
    one_of("state", &["open", "closed", "all"])?;
    one_of("only", &["late", "still", "ring"])?;
    one_of("age", &["7", "30", "60", "old"])?;
    one_of("sort", &["limit", "still"])
}

async fn totals(call: Call<i64, Wanted>) -> Result<Json<Totals>, Problem> {
    let Call { visit, at, asked: question } = call;
    let at = visit.unit(at, Verb::See).await?;
    let wanted = asked(&question);
    known(&visit, &wanted)?;
    let filter = narrow::filter(&visit, &at, &wanted, met(&visit, &at, None).await?);
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let days = (visit.today, still_day(&visit));
    let read = move |tx: &luoshi_store::Tx| {
        Ok((matter::counts(tx, &scope, &filter, days)?, matter::owners(tx, &scope, &filter, days.0)?))
    };
    let (counts, owners) = visit.app.read(read).await?;
    let sum = |of: fn(&Count) -> i64| counts.iter().map(of).sum::<i64>();
    let step = |one: &Count| AtStep {
        flow: one.flow.clone(),
        step: one.step.clone(),
        all: one.n,
        late: one.late,
        still: one.still,
        ring: one.ring,
        ages: one.ages.to_vec(),
    };
    let owner = |one: Owner| Owned { unit: Id(one.unit), unit_name: one.name, open: one.n, late: one.late };
    Ok(Json(Totals {
        all: sum(|one| one.n),
        late: sum(|one| one.late),
        still: sum(|one| one.still),
        ring: sum(|one| one.ring),
        steps: counts.iter().map(step).collect(),
        owners: owners.into_iter().map(owner).collect(),
    }))
}

async fn filters(call: Call<i64, Nothing>) -> Result<Json<Filters>, Problem> {
    call.visit.unit(call.at, Verb::See).await?;
    let actor = call.visit.actor.clone();
    let kept = call.visit.app.read(move |tx| matter::filters(tx, &actor)).await?;
    let items = kept.into_iter().map(|one| Kept { name: one.name, question: one.question }).collect();
    Ok(Json(Filters { items }))
}
