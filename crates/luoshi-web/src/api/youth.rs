//! Youth groups: which there are, how many of the young they cover, one with its members, and what is done to them.

use super::Route;
use super::page::{Column, must};
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use crate::youth::cover::Goes;
use crate::youth::one::Whole;
use crate::youth::{self, cover, mentors, one};
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_office::Kind::{Date as Day, Key, Number, Text};
use luoshi_rules::Verb;
use luoshi_store::youth::{Member, Official, Turn};
use serde::Serialize;

shape! {
    #[derive(Serialize)]
    YouthMember {
        person: Id = "人员", "the person";
        name: String = "姓名", "their name";
        unit_name: String = "所在组织简称", "short name of their unit";
        since: Date = "编入日期", "since when";
    }
}

shape! {
    #[derive(Serialize)]
    YouthTurn {
        part: String = "担任什么：leader 组长、secretary 学习秘书、mentor 导师、speaker 宣讲员", "as what: leader, secretary, mentor or speaker";
        person: Id = "人员", "the person";
        name: String = "姓名", "their name";
        from: Date = "自", "from";
        until: Option<Date> = "至；还在担任的没有", "until; none while it lasts";
    }
}

shape! {
    #[derive(Serialize)]
    YouthGroup {
        id: Id = "编号", "key";
        name: String = "名称", "its name";
        unit: Id = "由谁管理", "the unit that keeps it";
        unit_name: String = "该组织简称", "short name of that unit";
        since: Date = "设立日期", "since when";
        members: Vec<YouthMember> = "组员，到龄的不在内", "members, but those who have left by age";
        turns: Vec<YouthTurn> = "历任，新的在前", "who has and had which part, newest first";
    }
}

shape! {
    #[derive(Serialize)]
    YouthPlace {
        person: Id = "人员", "the person";
        name: String = "姓名", "their name";
        unit: Id = "所在组织", "their unit";
        unit_name: String = "所在组织简称", "its short name";
        group: Option<Id> = "方案：编入的已有小组", "as proposed: the group they would join";
        group_name: Option<String> = "该小组名称", "its name";
        founded_at: Option<Id> = "方案：新设小组的组织", "as proposed: the unit where a group would be founded";
        founded: Option<i64> = "新设的第几个小组，同号的同组", "which of the groups to be founded; those of one number are together";
    }
}

shape! {
    #[derive(Serialize)]
    YouthProposal {
        digest: String = "方案的摘要，采纳时带上", "digest of the proposal, to be sent when it is accepted";
        items: Vec<YouthPlace> = "还没有编入小组的人", "who is in no group";
    }
}

const GROUPS: &[Column] = &[
    ("name", Text, "名称 · its name"),
    ("unit", Text, "由谁管理 · the unit that keeps it"),
    ("members", Number, "人数 · how many are in it"),
    ("since", Day, "设立日期 · since when"),
    ("id", Key, "编号 · key"),
    ("unit_id", Key, "管理组织的编号 · key of the unit"),
];

const COVERAGE: &[Column] = &[
    ("unit", Text, "组织 · the unit"),
    ("part", Text, "本级，或含下级 · of the unit itself, or with all below"),
    ("covered", Number, "已编入人数 · how many are in a group"),
    ("all", Number, "应编入人数 · how many should be"),
    ("unit_id", Key, "组织的编号 · key of the unit"),
];

const MENTORS: &[Column] = &[
    ("mentor", Text, "导师 · the mentor"),
    ("group", Text, "小组 · the group"),
    ("unit", Text, "管理小组的组织 · the unit that keeps the group"),
    ("since", Day, "自 · since when"),
    ("person_id", Key, "人员编号 · key of the mentor"),
    ("group_id", Key, "小组编号 · key of the group"),
    ("unit_id", Key, "组织编号 · key of the unit"),
];

pub(super) fn routes() -> Vec<Route> {
    lists().into_iter().chain(acts()).collect()
}

fn lists() -> Vec<Route> {
    vec![
        Route::list("/units/{unit}/groups", ("青年理论学习小组", "Youth groups"), vec![], GROUPS, youth::show),
        Route::list(
            "/units/{unit}/groups/coverage",
            ("青年小组覆盖情况", "How many of the young are in a group"),
            vec![],
            COVERAGE,
            youth::coverage,
        ),
        Route::list(
            "/units/{unit}/groups/mentors",
            ("导师和所带小组", "Mentors with the groups they guide"),
            vec![],
            MENTORS,
            mentors::show,
        ),
        Route::read::<Nothing, YouthProposal>(
            "/units/{unit}/groups/uncovered",
            ("还没有编入小组的人和编组方案", "Who is in no group, and where each would go"),
            get(uncovered),
        ),
        Route::read::<Nothing, YouthGroup>(
            "/units/{unit}/groups/{id}",
            ("一个小组的组员和分工", "A group with its members and who does what"),
            get(group),
        ),
    ]
}

fn acts() -> Vec<Route> {
    of_groups().into_iter().chain(of_parts()).collect()
}

fn of_groups() -> Vec<Route> {
    vec![
        Route::form(
            "/units/{unit}/groups",
            ("设立小组", "Found a group"),
            vec![must("name", "名称，60字以内 · its name, at most 60 characters")],
            youth::found,
        ),
        Route::form(
            "/units/{unit}/groups/uncovered",
            ("采纳编组方案", "Accept the proposal"),
            vec![must(
                "digest",
                "所看到方案的摘要；名册有变化时须重新取 · digest of the proposal that was read; another one is refused",
            )],
            cover::accept,
        ),
        Route::form(
            "/units/{unit}/groups/{id}/members",
            ("编入组员", "Put people in"),
            vec![must("people", "姓名，每行或用顿号隔开一个 · names, one a line or separated by commas")],
            one::join,
        ),
        Route::form(
            "/units/{unit}/groups/{id}/leave",
            ("退出小组", "Take somebody out"),
            vec![must("person", "人员编号 · key of the person")],
            one::leave,
        ),
    ]
}

fn of_parts() -> Vec<Route> {
    vec![
        Route::form(
            "/units/{unit}/groups/{id}/parts",
            ("担任组长、学习秘书、导师、宣讲员", "Take a part in a group"),
            vec![
                must("part", "leader、secretary、mentor 或 speaker · leader, secretary, mentor or speaker"),
                must("person", "姓名 · the name of the person"),
            ],
            one::take,
        ),
        Route::form(
            "/units/{unit}/groups/{id}/parts/end",
            ("不再担任", "Give a part up"),
            vec![
                must("part", "leader、secretary、mentor 或 speaker · leader, secretary, mentor or speaker"),
                must("person", "人员编号 · key of the person"),
            ],
            one::give_up,
        ),
    ]
}

async fn group(call: Call<(i64, i64), Nothing>) -> Result<Json<YouthGroup>, Problem> {
    let Call { visit, at, .. } = call;
    let unit = visit.unit(at.0, Verb::People).await?;
    let Whole { group, members, turns, .. } = one::whole(&visit, &unit, at.1).await?;
    let member =
        |one: Member| YouthMember { person: Id(one.person), name: one.name, unit_name: one.unit_name, since: one.from };
    let turn = |one: Turn| YouthTurn {
        part: one.part.key().to_owned(),
        person: Id(one.person),
        name: one.name,
        from: one.from,
        until: one.until,
    };
    Ok(Json(YouthGroup {
        id: Id(group.id),
        name: group.name,
        unit: Id(group.unit),
        unit_name: group.unit_name,
        since: group.from,
        members: members.into_iter().map(member).collect(),
        turns: turns.into_iter().map(turn).collect(),
    }))
}

async fn uncovered(call: Call<i64, Nothing>) -> Result<Json<YouthProposal>, Problem> {
    let Call { visit, at, .. } = call;
    let found = cover::found(&visit, &visit.unit(at, Verb::People).await?).await?;
    let place = |one: &Official| {
        let goes = found.place(one.person);
        let into = goes.as_ref().and_then(|goes| if let Goes::Into(group) = goes { Some(group) } else { None });
        let new =
            goes.as_ref().and_then(|goes| if let Goes::Founds(unit, n) = goes { Some((unit.id, *n)) } else { None });
        YouthPlace {
            person: Id(one.person),
            name: one.name.clone(),
            unit: Id(one.unit),
            unit_name: one.unit_name.clone(),
            group: into.map(|group| Id(group.id)),
            group_name: into.map(|group| group.name.clone()),
            founded_at: new.map(|(unit, _)| Id(unit)),
            founded: new.map(|(_, n)| n),
        }
    };
    Ok(Json(YouthProposal { digest: found.digest(), items: found.uncovered.iter().map(place).collect() }))
}
