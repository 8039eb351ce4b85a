//! People: a page of the roll, as the page of the roll shows them. Numbers are never in it.

use super::problem::{Call, Problem};
use super::shape::{Id, shape};
use super::{Route, cursor};
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
    vec![Route::read::<Sought, People>("/units/{unit}/people", ("名册", "The roll"), get(list))]
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
