//! People: a page of the roll, as the page of the roll shows them. Numbers are never in it.

use super::page::{Field, may, must};
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use super::{Route, cursor};
use crate::person as page;
use crate::person::one::{self as card, home};
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_rules::person::Standing;
use luoshi_rules::{Refusal, Verb};
use luoshi_store::person::{self, Filter};
use serde::{Deserialize, Serialize};

/// People on a page.
const PAGE: i64 = 50;

shape! {
    #[derive(Serialize)]
    Person {
        id: Id = "编号", "key";
        name: String = "姓名", "name";
        unit: Id = "所在组织", "the unit on whose roll they are";
        unit_name: String = "组织简称", "short name of the unit";
        standing: String = "类别", "how they stand, by its key";
        sex: String = "性别：m、f 或空", "m, f or empty";
        born: Option<Date> = "出生日期", "day of birth";
        joined: Option<Date> = "入党日期", "day of admission";
        full_on: Option<Date> = "转正日期", "day of full membership";
        left: Option<Date> = "离开日期", "day they left";
    }
}

shape! {
    #[derive(Serialize)]
    People {
        items: Vec<Person> = "人员，按姓名读音", "people, in the order of their names' reading";
        next: Option<String> = "下一页的 cursor", "the cursor of the next page";
    }
}

shape! {
    #[derive(Serialize)]
    Known {
        id: Id = "编号", "key";
        name: String = "姓名", "name";
        unit: Id = "所在组织", "the unit on whose roll they are";
        unit_name: String = "组织简称", "its short name";
        sex: String = "性别：m、f 或空", "m, f or empty";
        born: Option<Date> = "出生日期", "day of birth";
        joined: Option<Date> = "入党日期", "day of admission";
        full_on: Option<Date> = "转正日期", "day of full membership";
        left: Option<Date> = "离开日期", "day they left";
        standings: Vec<Stood> = "类别变化", "how they stood, and since when";
        stays: Vec<Stay> = "组织关系", "on whose roll they were";
        posts: Vec<Held> = "任职", "posts they hold and held";
    }
}

shape! {
    #[derive(Serialize)]
    Stood {
        standing: String = "类别的键", "the standing, by its key";
        from: Date = "自", "since";
    }
}

shape! {
    #[derive(Serialize)]
    Stay {
        unit: Id = "组织", "the unit";
        unit_name: String = "组织简称", "its short name";
        from: Date = "自", "first day";
        until: Option<Date> = "至", "last day; none while it lasts";
    }
}

shape! {
    #[derive(Serialize)]
    Held {
        post: String = "岗位的键", "the post, by its key in the pack";
        unit: Id = "组织", "the unit";
        unit_name: String = "组织简称", "its short name";
        from: Date = "任职日期", "first day";
        until: Option<Date> = "免职日期", "last day; none while held";
    }
}

shape! {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    Sought {
        q: Option<String> = "姓名、拼音或首字母", "name, pinyin or initials";
        standing: Option<String> = "类别", "only of this standing";
        below: Option<bool> = "是否含下级", "whether to include units below";
        gone: Option<bool> = "是否只看已离开的", "whether those who left are wanted instead";
        cursor: Option<String> = "上一页给的 next", "the next of the page before";
    }
}

pub(super) fn routes() -> Vec<Route> {
    let reads = vec![
        Route::read::<Sought, People>("/units/{unit}/people", ("名册", "The roll"), get(list)),
        Route::read::<Nothing, Known>(
            "/people/{id}",
            ("一个人：类别、组织关系、任职", "Somebody: standings, rolls, posts"),
            get(one),
        ),
    ];
    [reads, acts(), mends()].into_iter().flatten().collect()
}

/// What is said of somebody, under names that begin so on the page.
fn about(before: &'static str) -> Vec<Field> {
    vec![
        must("name", "姓名 · name").after(before),
        may("sex", "m、f 或空 · m, f or empty").after(before),
        may("born", "出生日期，YYYY-MM-DD · day of birth").after(before),
        may("joined", "入党日期 · day of admission").after(before),
        may("full_on", "转正日期 · day of full membership").after(before),
    ]
}

fn numbers(before: &'static str) -> Vec<Field> {
    vec![
        may("identity", "身份证号，加密保存 · identity number, kept sealed").after(before),
        may("phone", "手机号，加密保存 · mobile number, kept sealed").after(before),
        may("code", "人员编号，同人员编号权限 · person code, for those who may give it").after(before),
    ]
}

fn mends() -> Vec<Route> {
    vec![
        Route::form(
            "/people/{id}/corrections",
            ("更正信息，没有送的清空", "Correct what is entered; what is not sent is emptied"),
            about("fix-"),
            card::correct,
        ),
        Route::form(
            "/people/{id}/numbers",
            ("录入或更换号码，没有送的不变", "Enter or replace numbers; what is not sent stays"),
            numbers("num-"),
            card::number,
        ),
    ]
}

fn acts() -> Vec<Route> {
    let standing = || {
        must(
            "standing",
            "类别：full、probationary、prospect、active_applicant、applicant、non_member · how they stand, by its key",
        )
    };
    let entry = vec![standing(), may("since", "转入本组织日期，不填为今天 · on this roll since; today if left out")];
    vec![
        Route::form(
            "/units/{unit}/people",
            ("登记一个人", "Enter somebody on the roll"),
            [about(""), entry, numbers("")].concat(),
            page::add,
        ),
        Route::form(
            "/people/{id}/standings",
            ("变更类别", "Change how they stand"),
            vec![
                must("to", "新类别的键 · the new standing, by its key").after("stand-"),
                must("from", "自何日起，YYYY-MM-DD · from which day").after("stand-"),
            ],
            card::stand,
        ),
        Route::form(
            "/people/{id}/departures",
            ("离开名册", "Leave the roll"),
            vec![
                must("why", "原因：transferred、deceased、withdrew、removed、expelled、left_work、entered_wrongly · why, by its key").after("leave-"),
                must("on", "日期，YYYY-MM-DD · the day").after("leave-"),
            ],
            card::leave,
        ),
    ]
}

impl From<person::Person> for Person {
    fn from(one: person::Person) -> Person {
        Person {
            id: Id(one.id),
            name: one.name,
            unit: Id(one.unit),
            unit_name: one.unit_name,
            standing: one.standing.key().to_owned(),
            sex: one.sex,
            born: one.born,
            joined: one.joined,
            full_on: one.full_on,
            left: one.left.map(|(day, _)| day),
        }
    }
}

async fn list(call: Call<i64, Sought>) -> Result<Json<People>, Problem> {
    let Call { visit, at, asked } = call;
    let at = visit.unit(at, Verb::People).await?;
    let standing = asked.standing.unwrap_or_default();
    if !standing.is_empty() && Standing::named(&standing).is_none() {
        return Err(Refusal::field("standing", "没有这个类别", "there is no such standing").into());
    }
    let search = luoshi_text::pinyin::query(asked.q.as_deref().unwrap_or_default());
    let (below, gone) = (asked.below.unwrap_or(false), asked.gone.unwrap_or(false));
    let name = format!("people/{}/{search}/{standing}/{below}/{gone}", at.id);
    let place = asked.cursor.as_deref().map(|mark| cursor::read(&visit, &name, mark)).transpose()?;
    let after = place.and_then(|place| place.split_once('.'));
    let after = after.and_then(|(id, reading)| Some((reading.to_owned(), id.parse().ok()?)));
    let filter = Filter { search, standing, unit: if below { 0 } else { at.id }, gone, after, most: PAGE };
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, &at)?;
    let lines = visit.app.read(move |tx| person::list(tx, &scope, &filter)).await?;
    visit.took(&at, luoshi_store::sight::Sort::Roll);
    let last =
        lines.last().filter(|_| lines.len() as i64 == PAGE).map(|(one, reading)| format!("{}.{reading}", one.id));
    let next = last.map(|place| cursor::make(&visit, &name, &place)).transpose()?;
    Ok(Json(People { items: lines.into_iter().map(|(one, _)| one.into()).collect(), next }))
}

async fn one(call: Call<i64, Nothing>) -> Result<Json<Known>, Problem> {
    let Call { visit, at: id, .. } = call;
    let at = home(&visit, id, Verb::People).await?;
    let (scope, year) = (visit.actor.scope(&visit.rules.base, Verb::People, &at)?, visit.year());
    let known = visit.app.read(move |tx| card::known(tx, person::find(tx, &scope, id)?, year)).await?;
    visit.saw(&at, id);
    let (one, story) = (known.person, known.story);
    let stay = |stay: person::Stay| Stay {
        unit: Id(stay.unit),
        unit_name: stay.unit_name,
        from: stay.from,
        until: stay.until,
    };
    let held = |line: luoshi_store::holding::Line| Held {
        post: line.post,
        unit: Id(line.unit),
        unit_name: line.unit_name,
        from: line.from,
        until: line.until,
    };
    let stood = |(standing, from): (Standing, Date)| Stood { standing: standing.key().to_owned(), from };
    Ok(Json(Known {
        id: Id(one.id),
        name: one.name,
        unit: Id(one.unit),
        unit_name: one.unit_name,
        sex: one.sex,
        born: one.born,
        joined: one.joined,
        full_on: one.full_on,
        left: one.left.map(|(day, _)| day),
        standings: story.standings.into_iter().map(stood).collect(),
        stays: story.stays.into_iter().map(stay).collect(),
        posts: story.posts.into_iter().map(held).collect(),
    }))
}
