//! Figures of a year, each as the page says it.

use super::Route;
use super::problem::{Call, Problem};
use super::shape::shape;
use crate::figure::year;
use crate::visit::Year;
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

shape! {
    #[derive(Serialize)]
    Figure {
        key: String = "键", "its key in the pack";
        name: String = "名称", "its name";
        n: i64 = "数值", "the number";
        before: i64 = "上年同期", "a year before";
        measure: String = "单位", "what it counts, in words";
        sentence: String = "怎么说", "how it is said";
    }
}

shape! {
    #[derive(Serialize)]
    Figures { items: Vec<Figure> = "数读", "the figures"; }
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
    vec![Route::read::<OfYear, Figures>("/units/{unit}/figures", ("一年的数读", "Figures of a year"), get(list))]
}

async fn list(call: Call<i64, OfYear>) -> Result<Json<Figures>, Problem> {
    let Call { visit, at, asked } = call;
    let figures = year(&visit, at, asked.year.map_or(visit.year(), |one| one.0), asked.known).await?;
    let items = figures
        .into_iter()
        .map(|(figure, n, before)| Figure {
            key: figure.id.clone(),
            name: visit.of(&figure.name).to_owned(),
            measure: visit.of(&figure.measure.name()).to_owned(),
            sentence: figure.sentence(n, visit.lang),
            n,
            before,
        })
        .collect();
    Ok(Json(Figures { items }))
}
