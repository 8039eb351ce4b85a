//! Inspection, sitting in and checks: the plan of a term and who had their turn, rounds with teams and units, re-checks.

use super::page::{Column, many, may, must};
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use super::{Route, matter};
use crate::round::{coverage, one, plan, recheck, shared};
use crate::visit::Visit;
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_office::Kind::{Date as Day, Key, Number, Text};
use luoshi_rules::Verb;
use luoshi_store::round::{Member, Round as Kept};
use serde::Serialize;

shape! {
    #[derive(Serialize)]
    Coverage {
        id: Id = "编号", "key";
        name: String = "规划", "name of the plan";
        kind: String = "种类，按规则包中的键", "the kind of round, by its key in the pack";
        from: Date = "第一天", "first day";
        until: Date = "最后一天", "last day";
        units: i64 = "应覆盖的组织", "how many units are to have their turn";
        covered: i64 = "已覆盖", "how many have had it";
        rounds: Vec<Listed> = "各轮", "its rounds";
        rounds_left: i64 = "还可开展几轮", "rounds still to come";
        units_a_round: i64 = "每轮最多几家", "units a round can take";
        waiting: i64 = "尚未列入的组织", "units that still wait";
        proposed: Vec<Id> = "下一轮建议的组织", "units the next round should take";
        left_over: i64 = "届末仍不能覆盖的", "units that would be left when the term ends";
        each_needed: i64 = "要全覆盖，每组每轮须承担几家", "units a team would have to take a round so that nobody is left";
    }
}

shape! {
    #[derive(Serialize)]
    Listed {
        id: Id = "编号", "key";
        unit: Id = "派出组织", "the unit that sends it";
        no: i64 = "第几轮", "its number in the term";
        name: String = "名称", "its name";
        from: Date = "组的权限自", "first day of the rights of its teams";
        until: Date = "至", "last day of them";
    }
}

shape! {
    #[derive(Serialize)]
    Round {
        id: Id = "编号", "key";
        unit: Id = "派出组织", "the unit that sends it";
        no: i64 = "第几轮", "its number in the term";
        name: String = "名称", "its name";
        from: Date = "组的权限自", "first day of the rights of its teams";
        until: Date = "至", "last day of them";
        kind: String = "种类，按规则包中的键", "its kind, by its key in the pack";
        coverage: Id = "所属规划", "the plan of the term";
        paper: String = "授权文件", "by which paper it was authorised";
        targets: Vec<Target> = "对象", "the units it looks at";
        members: Vec<Seat> = "组员；看不到姓名的人得到空表", "who is on its teams; empty for those who see no names";
    }
}

shape! {
    #[derive(Serialize)]
    Target {
        unit: Id = "组织", "the unit";
        name: String = "组织简称", "its short name";
        team: i64 = "第几组", "which team";
        matter: Id = "该组织的事项", "the matter of the unit";
        state: String = "进展", "how far it is, in words";
    }
}

shape! {
    #[derive(Serialize)]
    Seat {
        person: Id = "人员", "the person";
        name: String = "姓名", "name";
        team: i64 = "第几组", "which team";
        post: String = "职务，按规则包中的键", "the post, by its key in the pack";
        from: Date = "自", "first day";
        until: Option<Date> = "提前调出的日期", "last day, where they left before the round ended";
        barred: Vec<String> = "须回避的组织和原因", "units they must be kept from, and why";
    }
}

pub(super) fn routes() -> Vec<Route> {
    [reads(), lists(), acts(), teams(), rechecks()].into_iter().flatten().collect()
}

fn reads() -> Vec<Route> {
    vec![
        Route::read::<Nothing, Coverage>(
            "/units/{unit}/coverage/{id}",
            ("一届规划：覆盖多少、各轮、下一轮建议", "A plan: how far it is, its rounds, and the next one as proposed"),
            get(covered),
        ),
        Route::read::<Nothing, Round>(
            "/units/{unit}/rounds/{id}",
            ("一轮：各组、对象和进展", "A round: its teams, its units and how far each is"),
            get(round),
        ),
    ]
}

/// What is listed of a plan.
const PLANS: &[Column] = &[
    ("name", Text, "规划 · the plan"),
    ("kind", Text, "种类 · its kind"),
    ("from", Day, "第一天 · first day"),
    ("until", Day, "最后一天 · last day"),
    ("teams", Number, "同时派出的组 · teams at once"),
    ("each", Number, "每组每轮几家 · units for a team in a round"),
    ("per_year", Number, "每年几轮 · rounds a year"),
    ("id", Key, "编号 · key"),
    ("unit_id", Key, "制定规划的组织 · the unit that made it"),
];

/// What is listed of a unit in a plan.
const UNITS: &[Column] = &[
    ("unit", Text, "组织 · the unit"),
    ("class", Text, "类别 · its class"),
    ("new", Text, "规划之后新增 · new since the plan"),
    ("round", Number, "第几轮 · number of the round"),
    ("arrived", Day, "到场日期 · the day of the visit"),
    ("waits", Day, "等待自 · since when it waits"),
    ("unit_id", Key, "组织的编号 · key of the unit"),
    ("round_id", Key, "轮次的编号 · key of the round"),
    ("matter_id", Key, "事项的编号 · key of its matter"),
];

/// What is listed of a problem that units share.
const SHARED: &[Column] = &[
    ("no", Number, "第几组 · number of the group"),
    ("problem", Text, "问题 · the problem"),
    ("unit", Text, "组织 · the unit"),
    ("manifestation", Text, "具体表现 · how it shows"),
    ("unit_id", Key, "组织的编号 · key of the unit"),
    ("matter_id", Key, "问题的编号 · key of the finding"),
];

/// What is listed of a unit whose findings were closed.
const RELAPSES: &[Column] = &[
    ("unit", Text, "组织 · the unit"),
    ("relapsed", Number, "反弹 · how many relapsed"),
    ("closed", Number, "销号过 · how many were ever closed"),
    ("unit_id", Key, "组织的编号 · key of the unit"),
];

fn lists() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/coverage",
            ("巡察、旁听、检查规划", "Plans of inspection, sitting in and checks"),
            vec![],
            PLANS,
            plan::list,
        ),
        Route::list(
            "/units/{unit}/coverage/{id}/units",
            ("覆盖情况，等待最久的在前", "Which units had their turn; who waits longest comes first"),
            vec![],
            UNITS,
            coverage::show,
        ),
        Route::list(
            "/units/{unit}/rounds/{id}/ledger",
            ("一轮的整改台账", "The ledger of rectification of a round"),
            vec![],
            matter::LEDGER,
            one::show,
        ),
        Route::list(
            "/units/{unit}/rounds/{id}/shared",
            ("本届共性问题", "Problems that units share, in all rounds of the term"),
            vec![],
            SHARED,
            shared::show,
        ),
        Route::list(
            "/units/{unit}/rounds/{id}/relapses",
            ("本届销号后反弹", "Findings that relapsed after closing, by unit, in all rounds of the term"),
            vec![],
            RELAPSES,
            shared::relapsed,
        ),
    ]
}

fn acts() -> Vec<Route> {
    vec![
        Route::form(
            "/units/{unit}/coverage",
            ("制定一届规划", "Plan a term"),
            vec![
                must(
                    "kind",
                    "种类，按规则包中轮次的键，如 unit_inspection · the kind of round, by its key in the pack",
                ),
                must("name", "名称 · its name"),
                must("from", "第一天，YYYY-MM-DD · first day"),
                must("until", "最后一天，YYYY-MM-DD · last day"),
                must("teams", "同时派出几个组 · teams at once"),
                must("each", "每组每轮几家 · units for a team in a round"),
                must("per_year", "每年几轮 · rounds a year"),
            ],
            plan::plan,
        ),
        Route::form(
            "/units/{unit}/coverage/{id}",
            ("开启新一轮；对象依次分到各组", "Open the next round; its units go to the teams in turn"),
            vec![
                must("name", "名称 · its name"),
                must("from", "组的权限自，YYYY-MM-DD · first day of the rights of its teams"),
                must("until", "至，YYYY-MM-DD · last day of them"),
                must("paper", "授权文件 · by which paper it is authorised"),
                many(
                    "units",
                    "对象组织的编号，可取规划中的 proposed · keys of the units, such as those proposed by the plan",
                ),
            ],
            coverage::open,
        ),
    ]
}

fn rechecks() -> Vec<Route> {
    vec![Route::form(
        "/units/{unit}/rounds/{id}/draws",
        ("抽取回头看", "Draw a sample of closed findings to be looked at again"),
        vec![
            must("seed", "种子，任意数字 · the seed, any number"),
            must("sample", "抽几项 · how many"),
            must("checkers", "检查人姓名，顿号分隔 · names of the checkers, with commas"),
        ],
        recheck::draw,
    )]
}

fn teams() -> Vec<Route> {
    vec![
        Route::form(
            "/units/{unit}/rounds/{id}/targets",
            ("给组里加对象", "Give a team another unit"),
            vec![
                must("units", "组织的简称或全称 · short or full name of the unit"),
                may("team", "第几组，不填为第一组 · which team, the first if left out"),
            ],
            one::target,
        ),
        Route::form(
            "/units/{unit}/rounds/{id}/seats",
            ("给组里加人", "Put somebody on a team"),
            vec![
                must("person", "姓名 · name"),
                must("team", "第几组 · which team"),
                must("post", "职务，按规则包中组员岗位的键，如 team_leader · the post, by its key in the pack"),
            ],
            one::seat,
        ),
        Route::form(
            "/units/{unit}/rounds/{id}/dismissals",
            ("把人调出组", "Take somebody off a team"),
            vec![must("person", "人员的编号 · key of the person"), must("why", "调整原因 · why")],
            one::dismiss,
        ),
        Route::form(
            "/units/{unit}/rounds/{id}/recusals",
            ("登记亲属回避", "Write down that family is there"),
            vec![
                must("person", "姓名 · name"),
                must("unit", "须回避的组织的简称或全称 · short or full name of the unit"),
            ],
            one::declare,
        ),
    ]
}

fn listed(round: &Kept) -> Listed {
    let opened = &round.opened;
    Listed {
        id: Id(round.id),
        unit: Id(round.unit),
        no: round.no,
        name: opened.name.clone(),
        from: opened.from,
        until: opened.until,
    }
}

async fn covered(call: Call<(i64, i64), Nothing>) -> Result<Json<Coverage>, Problem> {
    let Call { visit, at, .. } = call;
    let unit = visit.unit(at.0, Verb::See).await?;
    let found = coverage::find(&visit, &unit, at.1).await?;
    let (room, next) = (found.room(visit.today), found.proposal(visit.today));
    let count = |n: usize| i64::try_from(n).unwrap_or(0);
    let plan = &found.coverage.plan;
    let there = || found.lines.iter().filter(|line| line.place.dissolved.is_none());
    Ok(Json(Coverage {
        id: Id(found.coverage.id),
        name: plan.name.clone(),
        kind: found.coverage.kind.clone(),
        from: plan.from,
        until: plan.until,
        units: count(there().count()),
        covered: count(there().filter(|line| line.done()).count()),
        rounds: found.rounds.iter().map(listed).collect(),
        rounds_left: room.rounds.into(),
        units_a_round: room.of_a_round().into(),
        waiting: count(found.waiting().len()),
        proposed: next.units.into_iter().map(Id).collect(),
        left_over: next.left_over.into(),
        each_needed: next.each_needed.into(),
    }))
}

async fn round(call: Call<(i64, i64), Nothing>) -> Result<Json<Round>, Problem> {
    let Call { visit, at, .. } = call;
    let unit = visit.unit(at.0, Verb::See).await?;
    let found = one::find(&visit, &unit, at.1).await?;
    let state = |matter: i64| {
        let line = found.tree.iter().find(|line| line.matter.id == matter);
        line.map_or(String::new(), |line| crate::matter::state(&visit, &line.matter))
    };
    let target = |one: &luoshi_store::round::Target| Target {
        unit: Id(one.unit),
        name: one.name.clone(),
        team: one.team,
        matter: Id(one.matter),
        state: state(one.matter),
    };
    let Listed { id, unit, no, name, from, until } = listed(&found.round);
    Ok(Json(Round {
        id,
        unit,
        no,
        name,
        from,
        until,
        kind: found.round.kind.clone(),
        coverage: Id(found.round.opened.coverage),
        paper: found.round.opened.paper.clone(),
        targets: found.targets.iter().map(target).collect(),
        members: found.members.iter().map(|member| seat(&visit, member)).collect(),
    }))
}

fn seat(visit: &Visit, member: &Member) -> Seat {
    Seat {
        person: Id(member.person),
        name: member.name.clone(),
        team: member.team,
        post: member.post.clone(),
        from: member.from,
        until: member.until,
        barred: member.barred.iter().map(|(unit, ground)| one::barred(visit, unit, ground)).collect(),
    }
}
