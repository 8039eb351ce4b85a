//! How a meeting is done, as the page of that name tells it.

use crate::api::problem::{Call, Problem};
use crate::api::shape::{Nothing, shape};
use crate::record::how;
use axum::Json;
use jiff::civil::Date;
use luoshi_rules::meeting::Quorum;
use serde::Serialize;

shape! {
    #[derive(Serialize)]
    How {
        name: String = "会议名称", "what the meeting is called";
        steps: Vec<String> = "步骤", "the steps, one after the other";
        due: Option<i64> = "今天应到", "how many are due today, where that is known";
        entitled: Option<i64> = "其中有表决权的", "of these, how many may vote";
        quorum: Option<i64> = "至少须到会的", "how many of those entitled must be there";
        quorum_to: Option<String> = "到会过半方可：meet 召开，vote 表决", "for what: to meet, or to vote";
        to_pass: Option<i64> = "赞成多少票通过", "votes that pass a decision";
        chairs: Vec<String> = "今天可以主持的", "who may chair today";
        plans: Vec<Plan> = "已安排的和会前阅读", "what is planned, and what to read before";
        meets: Vec<Duty> = "它能落实的职责", "duties it would meet";
    }
}

shape! {
    #[derive(Serialize)]
    Plan {
        on: Date = "日期", "the day";
        at: String = "时间", "the time";
        place: String = "地点", "the place";
        topic: String = "主题", "what it is about";
        reading: String = "会前阅读", "what to read before";
    }
}

shape! {
    #[derive(Serialize)]
    Duty {
        clause: String = "条款", "the clause";
        period: String = "周期", "the period";
        due: Date = "到期日", "the last day";
    }
}

pub(super) async fn show(call: Call<(i64, String), Nothing>) -> Result<Json<How>, Problem> {
    let visit = &call.visit;
    let how = how::How::read(visit, call.at.0, &call.at.1).await?;
    let (meeting, voters) = (how.meeting, how.voters());
    let known = how.due().map(|due| due as i64);
    let counted = known.filter(|_| meeting.quorum.is_some());
    let needed = i64::from(voters.quorum().0);
    let to = |quorum: Quorum| if quorum == Quorum::Meet { "meet" } else { "vote" };
    Ok(Json(How {
        name: visit.of(&how.kind.name).to_owned(),
        steps: meeting.step.iter().map(|step| visit.of(step).to_owned()).collect(),
        due: known,
        entitled: counted.map(|_| i64::from(voters.0)),
        quorum: counted.map(|_| needed),
        quorum_to: meeting.quorum.map(to).map(str::to_owned),
        to_pass: known.filter(|_| meeting.votes).map(|_| needed),
        chairs: how.chairs().into_iter().map(str::to_owned).collect(),
        plans: how.plans.iter().map(plan).collect(),
        meets: how.owed().into_iter().map(duty).collect(),
    }))
}

fn plan(plan: &luoshi_store::plan::Plan) -> Plan {
    let [at, place, topic, reading] = [&plan.at, &plan.place, &plan.topic, &plan.reading].map(Clone::clone);
    Plan { on: plan.on, at, place, topic, reading }
}

fn duty(one: &luoshi_rules::Obligation) -> Duty {
    Duty { clause: one.clause.id.clone(), period: one.period.key(), due: one.due }
}
