//! Training classes and calls for volunteers: which there are, one with its names, hours of a year, certificates, and what
//! is done to them.

use super::Route;
use super::page::{Column, Field, many, may, must};
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use crate::class::{self, hours, one, plan};
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_office::Kind::{Date as Day, Key, Number, Text};
use luoshi_rules::Verb;
use luoshi_store::class::{Quota, Seat, Session};
use serde::Serialize;

shape! {
    #[derive(Serialize)]
    ClassSession {
        no: i64 = "第几次", "which one";
        on: Date = "日期", "the day";
        hours: i64 = "时长", "its hours";
        topic: String = "内容", "what it is about";
        record: Option<Id> = "单独记的纪实", "the record of it alone, if there is one";
    }
}

shape! {
    #[derive(Serialize)]
    ClassQuota {
        unit: Id = "组织", "the unit";
        unit_name: String = "组织简称", "its short name";
        places: i64 = "名额，含其下级", "places of it and those below it";
    }
}

shape! {
    #[derive(Serialize)]
    ClassSeat {
        person: Id = "人员", "the person";
        name: String = "姓名", "their name";
        unit: Id = "所在组织", "their unit";
        unit_name: String = "所在组织简称", "its short name";
        place: bool = "是否已录取；没有的候补", "whether they have a place; who has none waits";
    }
}

shape! {
    #[derive(Serialize)]
    Class {
        id: Id = "编号", "key";
        kind: String = "结束后成为哪类纪实", "the kind of record it becomes, by its key";
        title: String = "名称", "what it is called";
        need: String = "要做什么、有什么要求", "what it is about, what is needed";
        audience: String = "对象、类别的键", "for whom or of what sort, by its key";
        unit: Id = "主办组织", "the unit that holds it";
        unit_name: String = "主办组织简称", "its short name";
        from: Date = "第一天", "first day";
        until: Date = "最后一天", "last day";
        closes: Date = "报名截止日", "last day on which names are taken";
        place: String = "地点", "where";
        hours: i64 = "时长", "hours";
        places: i64 = "名额", "places";
        stands: String = "进行", "where it stands, in words";
        cancelled: String = "取消的原因", "why it was called off, or empty";
        record: Option<Id> = "到场纪实", "the record of who came, once it is over";
        sessions: Vec<ClassSession> = "每次", "sessions";
        quotas: Vec<ClassQuota> = "分组织名额", "places by unit";
        names: Vec<ClassSeat> = "名单，先报的在前", "names, first come first";
        others: i64 = "另有其他组织的人数，不列姓名", "how many more there are, of units whose names are not shown";
    }
}

const CLASSES: &[Column] = &[
    ("title", Text, "名称 · what it is called"),
    ("audience", Text, "对象、类别 · for whom or of what sort"),
    ("unit", Text, "主办 · the unit that holds it"),
    ("from", Day, "第一天 · first day"),
    ("until", Day, "最后一天 · last day"),
    ("place", Text, "地点 · where"),
    ("hours", Number, "时长 · hours"),
    ("places", Number, "名额 · places"),
    ("names", Number, "报名人数 · how many names are down"),
    ("closes", Day, "报名截止日 · last day on which names are taken"),
    ("stands", Text, "进行 · where it stands"),
    ("id", Key, "编号 · key"),
    ("unit_id", Key, "主办组织的编号 · key of the unit that holds it"),
];

pub(super) fn routes() -> Vec<Route> {
    lists().into_iter().chain(acts()).collect()
}

const KIND: Field = may(
    "kind",
    "纪实类型的键，默认培训班；志愿服务为 volunteer-service · key of the kind; training classes when absent",
);

fn lists() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/classes",
            ("培训班、志愿服务召集", "Training classes, or calls for volunteers"),
            vec![KIND],
            CLASSES,
            class::list,
        ),
        Route::read::<Nothing, Class>(
            "/units/{unit}/classes/{id}",
            ("一个培训班或召集的名额和名单", "A class or call with its places and names"),
            get(whole),
        ),
        Route::list(
            "/units/{unit}/classes/{id}/certificates",
            ("结业证明发给谁", "Who gets a certificate"),
            vec![],
            &[
                ("name", Text, "姓名 · the name"),
                ("unit", Text, "组织 · the unit"),
                ("hours", Number, "学时 · hours"),
                ("person_id", Key, "人员编号 · key of the person"),
                ("unit_id", Key, "组织编号 · key of the unit"),
            ],
            one::certificates,
        ),
    ]
    .into_iter()
    .chain(ledgers())
    .collect()
}

fn ledgers() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/{year}/hours",
            ("一年的学时、服务时长，按人", "Hours of a year by person"),
            vec![KIND],
            &[
                ("name", Text, "姓名 · the name"),
                ("unit", Text, "组织 · the unit"),
                ("classes", Number, "次数 · how many times"),
                ("hours", Number, "时长 · hours"),
                ("expected?", Number, "要求学时，培训班才有 · hours expected, of training alone"),
                ("person_id", Key, "人员编号 · key of the person"),
                ("unit_id", Key, "组织编号 · key of the unit"),
            ],
            hours::show,
        ),
        Route::list(
            "/units/{unit}/{year}/hours/by-unit",
            ("一年的人数、人次、时长，按组织", "People, person-times and hours of a year by unit"),
            vec![KIND],
            &[
                ("unit", Text, "组织 · the unit"),
                ("people", Number, "人数，不重复 · people, each once"),
                ("times", Number, "人次 · person-times"),
                ("hours", Number, "时长 · hours"),
                ("unit_id", Key, "组织编号 · key of the unit"),
            ],
            hours::by_unit,
        ),
    ]
}

fn acts() -> Vec<Route> {
    vec![
        Route::form("/units/{unit}/classes", ("安排培训班或召集", "Plan a class or a call"), planned(), plan::plan),
        Route::form(
            "/units/{unit}/classes/{id}/names",
            ("报名，满额的候补", "Put names down; who comes too late waits"),
            vec![must(
                "people",
                "姓名，每行或用顿号隔开一个，限本组织及下级名册 · names, one a line or separated by commas, of the rolls here and below",
            )],
            one::enrol,
        ),
        Route::form(
            "/units/{unit}/classes/{id}/names/drop",
            ("退出", "Take a name off"),
            vec![must("person", "人员编号 · key of the person")],
            one::withdraw,
        ),
        Route::form(
            "/units/{unit}/classes/{id}/cancel",
            ("取消", "Call it off"),
            vec![must("why", "原因 · why")],
            one::cancel,
        ),
        Route::form(
            "/units/{unit}/classes/{id}/conclude",
            ("记到场，生成纪实", "Write down who came; the record is made of it"),
            vec![many(
                "came",
                "到场的人员编号；有几次的，写“编号.第几次” · keys of who came; of several sessions “key.session”",
            )],
            one::conclude,
        ),
    ]
}

fn planned() -> Vec<Field> {
    vec![
        KIND,
        must("title", "名称 · what it is called"),
        may("need", "要做什么、有什么要求 · what it is about, what is needed"),
        must("audience", "对象、类别，按规则包中该类型的键 · for whom or of what sort, by its key in the pack"),
        must("from", "第一天，YYYY-MM-DD · first day"),
        must("until", "最后一天，YYYY-MM-DD · last day"),
        may("place", "地点 · where"),
        may("hours", "时长；逐次填写的不用填 · hours; not where sessions are listed"),
        may("sessions", "每行一次：日期、时长、内容 · one session a line: day, hours, topic"),
        must("places", "名额 · places"),
        must("closes", "报名截止日，YYYY-MM-DD · last day on which names are taken"),
        may("quotas", "每行一个下级组织简称和名额 · one unit below and its places a line"),
    ]
}

/// A key, where there is something.
fn there(key: i64) -> Option<Id> {
    (key != 0).then_some(Id(key))
}

async fn whole(call: Call<(i64, i64), Nothing>) -> Result<Json<Class>, Problem> {
    let Call { visit, at, .. } = call;
    let unit = visit.unit(at.0, Verb::See).await?;
    let all = one::find(&visit, &unit, at.1).await?;
    let stands = class::stands(&visit, &all.class);
    let (seen, hidden): (Vec<_>, Vec<_>) = all.seats.iter().partition(|(seat, _)| !seat.name.is_empty());
    let names = seen.into_iter().map(seated).collect();
    let quota = |one: &Quota| ClassQuota { unit: Id(one.unit), unit_name: one.name.clone(), places: one.places };
    let session = |one: Session| ClassSession {
        no: one.no,
        on: one.on,
        hours: one.hours,
        topic: one.topic,
        record: there(one.record),
    };
    let (quotas, others, one) = (all.quotas.iter().map(quota).collect(), hidden.len() as i64, all.class.clone());
    Ok(Json(Class {
        id: Id(one.id),
        kind: one.plan.kind,
        title: one.plan.title,
        need: one.plan.need,
        audience: one.plan.audience,
        unit: Id(one.unit),
        unit_name: one.unit_name,
        from: one.plan.from,
        until: one.plan.until,
        closes: one.plan.closes,
        place: one.plan.place,
        hours: one.plan.hours,
        places: one.plan.places,
        stands,
        cancelled: one.cancelled,
        record: there(one.record),
        sessions: one.plan.sessions.into_iter().map(session).collect(),
        quotas,
        names,
        others,
    }))
}

fn seated((seat, place): &(Seat, bool)) -> ClassSeat {
    ClassSeat {
        person: Id(seat.person),
        name: seat.name.clone(),
        unit: Id(seat.unit),
        unit_name: seat.unit_name.clone(),
        place: *place,
    }
}
