//! Who was due at a meeting and who came: by name for those of the unit, above it as numbers.

use crate::api::problem::{Call, Problem};
use crate::api::shape::{Id, Nothing, shape};
use crate::record::attended;
use axum::Json;
use luoshi_rules::Verb;
use serde::Serialize;

shape! {
    #[derive(Serialize)]
    Attendance {
        due: i64 = "应到", "how many were due";
        present: i64 = "实到", "how many of these came";
        on_leave: i64 = "请假", "how many were on leave";
        absent: i64 = "缺席", "how many were absent without leave";
        rate: i64 = "到会率，百分数", "of those due, how many in a hundred came";
        people: Option<Vec<Attended>> = "逐人，只给本组织的人", "one by one, for those of the unit alone";
    }
}

shape! {
    #[derive(Serialize)]
    Attended {
        person: Id = "人员编号", "key of the person";
        name: String = "姓名", "name";
        due: bool = "是否应到", "whether they were due";
        present: bool = "是否到会", "whether they were there";
        roles: Vec<String> = "角色，按规则包中的键", "roles, by their keys in the pack";
        absence: String = "缺席类别的键，到会的为空", "class of absence by its key; empty where they came";
    }
}

pub(super) async fn show(call: Call<(i64, i64), Nothing>) -> Result<Json<Attendance>, Problem> {
    let at = call.visit.unit(call.at.0, Verb::See).await?;
    let all = attended::of_record(&call.visit, &at, call.at.1).await?;
    let counted = attended::count(&all);
    let one = |one: &luoshi_store::record::Attended| Attended {
        person: Id(one.person),
        name: one.name.clone(),
        due: one.due,
        present: attended::absence(one).is_none(),
        roles: one
            .roles
            .iter()
            .filter(|(role, _)| !matches!(role.as_str(), "absent" | "present" | "due"))
            .map(|(role, _)| role.clone())
            .collect(),
        absence: attended::absence(one).unwrap_or_default().to_owned(),
    };
    Ok(Json(Attendance {
        due: counted.due,
        present: counted.present,
        on_leave: counted.on_leave,
        absent: counted.without,
        rate: counted.rate(),
        people: call.visit.within(&at).then(|| all.iter().map(one).collect()),
    }))
}
