//! What a unit owes in a year, from the ledger that the pages show.

use super::Route;
use super::problem::{Call, Problem};
use super::shape::{Id, shape};
use crate::obligation::ledger;
use crate::visit::Year;
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_rules::{Obligation, Verb};
use serde::{Deserialize, Serialize};

shape! {
    #[derive(Serialize)]
    Duty {
        unit: Id = "组织", "who owes";
        clause: String = "条款", "the clause, by its key in the list";
        text: String = "条款内容", "the clause in words";
        period: String = "周期", "for when";
        due: Date = "到期日", "the day it is due";
        status: String = "状态：met late open awaiting overdue ahead waived", "met, late, open, awaiting, overdue, ahead or waived";
        met_by: Vec<Id> = "所依据的纪实", "the records that count";
    }
}

shape! {
    #[derive(Serialize)]
    Duties { items: Vec<Duty> = "本级的职责", "the duties of the unit itself"; }
}

shape! {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    OfYear {
        year: Option<Year> = "年度，默认本年", "the year; this one when absent";
        known: Option<Date> = "按该日所知", "as known on this day";
    }
}

pub(super) fn routes() -> Vec<Route> {
    vec![Route::read::<OfYear, Duties>(
        "/units/{unit}/duties",
        ("本级一年的职责", "What a unit owes in a year"),
        get(list),
    )]
}

async fn list(call: Call<i64, OfYear>) -> Result<Json<Duties>, Problem> {
    let Call { visit, at, asked } = call;
    let at = visit.unit(at, Verb::See).await?;
    let ledger = ledger(&visit, &at, asked.year.map_or(visit.year(), |one| one.0), asked.known).await?;
    let duty = |one: &Obligation| Duty {
        unit: Id(one.unit.id),
        clause: one.clause.id.clone(),
        text: visit.of(&one.clause.text).to_owned(),
        period: one.period.key(),
        due: one.due,
        status: crate::shell::status(visit.lang, one.status).2.to_owned(),
        met_by: one.met_by.iter().map(|(fact, _)| Id(fact.record)).collect(),
    };
    Ok(Json(Duties { items: ledger.of_unit(at.id).map(duty).collect() }))
}
