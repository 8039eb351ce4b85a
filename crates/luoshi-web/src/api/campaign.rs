//! Campaigns: which there are, the duties of one, and what it came to.

use super::Route;
use super::problem::{Call, Problem};
use super::shape::{Nothing, shape};
use crate::campaign::{self, Sum, came_to};
use axum::Json;
use axum::routing::get;
use luoshi_office::Kind::{Date, Key, Number, Text};
use luoshi_rules::Verb;
use serde::Serialize;

shape! {
    #[derive(Serialize)]
    CampaignSummary {
        over: bool = "是否已结束", "whether it is over";
        units: i64 = "应参加组织数", "units of which it asks something";
        begun: i64 = "已开展的", "those that have met something";
        done: i64 = "已全部完成的", "those that have met everything";
        duties: i64 = "任务数，不适用的不计", "duties, but those waived";
        met: i64 = "已落实的任务数", "duties met";
        said: Vec<String> = "数读的说法，每个一句", "what its figures say, a sentence each";
    }
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/campaigns",
            ("专项活动", "Campaigns"),
            vec![],
            &[
                ("list", Text, "清单的键 · key of its list"),
                ("name", Text, "名称 · its name"),
                ("from", Date, "第一天 · first day"),
                ("until", Date, "最后一天 · last day"),
                ("stands", Text, "进行 · where it stands"),
            ],
            campaign::list,
        ),
        board(),
        Route::read::<Nothing, CampaignSummary>(
            "/units/{unit}/campaigns/{list}/summary",
            ("一个专项活动的小结", "What a campaign came to"),
            get(summary),
        ),
    ]
}

fn board() -> Route {
    Route::list(
        "/units/{unit}/campaigns/{list}",
        ("一个专项活动的任务，逐组织逐条", "The duties of a campaign, unit by unit"),
        vec![],
        &[
            ("no", Number, "序号 · number"),
            ("unit", Text, "组织 · the unit"),
            ("level", Text, "层级 · its level"),
            ("post", Text, "岗位 · the post"),
            ("holders", Text, "责任人 · who holds it"),
            ("clause", Text, "条款 · the clause"),
            ("text", Text, "内容 · its wording"),
            ("source", Text, "依据 · its source"),
            ("cadence", Text, "频次 · how often"),
            ("period", Text, "周期 · the period"),
            ("due", Date, "完成时限 · when it is due"),
            ("status", Text, "状态 · status"),
            ("done", Number, "已办次数 · how often it was done"),
            ("on_time", Number, "1 为按期落实 · 1 if met on time"),
            ("late", Number, "1 为迟办 · 1 if met late"),
            ("overdue", Number, "1 为逾期 · 1 if overdue"),
            ("waived", Number, "1 为免予落实 · 1 if waived"),
            ("evidence", Text, "落实情况 · what it was met by"),
            ("remark", Text, "备注 · remark"),
            ("follow_up", Text, "督办 · follow-up"),
            ("unit_id", Key, "组织编号 · key of the unit"),
        ],
        campaign::show,
    )
}

async fn summary(call: Call<(i64, String), Nothing>) -> Result<Json<CampaignSummary>, Problem> {
    let Call { visit, at, .. } = call;
    let unit = visit.unit(at.0, Verb::See).await?;
    let Sum { units, duties, met, said, over } = came_to(&visit, &unit, &at.1).await?;
    let n = |n: usize| n as i64;
    let (begun, done, units) = (n(units.begun), n(units.done), n(units.units));
    Ok(Json(CampaignSummary { over, units, begun, done, duties: n(duties), met: n(met), said }))
}
