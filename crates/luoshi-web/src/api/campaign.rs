//! Campaigns: lists of duties with dates of their own. What they ask stands among the duties of a unit.

use super::Route;
use super::problem::{Call, Problem};
use super::shape::{Nothing, shape};
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_rules::Verb;
use serde::Serialize;

shape! {
    #[derive(Serialize)]
    Campaigns { items: Vec<Campaign> = "专项活动，新的在前", "campaigns, the newest first"; }
}

shape! {
    #[derive(Serialize)]
    Campaign {
        list: String = "清单的键", "its list, by its key";
        name: String = "名称", "its name";
        from: Date = "第一天", "first day";
        until: Date = "最后一天", "last day";
        document: String = "依据", "the paper that ordered it";
        clauses: Vec<String> = "条款，同职责中的 clause", "its clauses, as duties name them";
    }
}

pub(super) fn routes() -> Vec<Route> {
    vec![Route::read::<Nothing, Campaigns>("/units/{unit}/campaigns", ("专项活动", "Campaigns"), get(list))]
}

async fn list(call: Call<i64, Nothing>) -> Result<Json<Campaigns>, Problem> {
    let visit = call.visit;
    visit.unit(call.at, Verb::See).await?;
    let campaigns = visit.rules.campaigns().into_iter().map(|(pack, campaign)| Campaign {
        list: pack.head.id.clone(),
        name: visit.of(&pack.head.name).to_owned(),
        from: campaign.from,
        until: campaign.until,
        document: visit.of(&campaign.document).to_owned(),
        clauses: pack.clause.iter().map(|clause| clause.id.clone()).collect(),
    });
    Ok(Json(Campaigns { items: campaigns.collect() }))
}
