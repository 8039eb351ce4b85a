//! Rounds of inspection: the plan of a term and how far it has come, the next round as proposed, its teams and units,
//! re-checks, and problems that units share.

pub(crate) mod coverage;
pub(crate) mod one;
pub(crate) mod plan;
pub(crate) mod recheck;
pub(crate) mod shared;
mod tiles;

use crate::routes::Routes;
use crate::trouble::Trouble;
use crate::visit::Visit;
use axum::routing::{get, post};
use luoshi_rules::Unit;
use luoshi_rules::round::Kind;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/coverage", get(plan::list).post(plan::plan))
        .route("/units/{unit}/coverage/{id}", get(coverage::show).post(coverage::open))
        .route("/units/{unit}/rounds/{id}", get(one::show))
        .route("/units/{unit}/rounds/{id}/targets", post(one::target))
        .route("/units/{unit}/rounds/{id}/seats", post(one::seat))
        .route("/units/{unit}/rounds/{id}/dismissals", post(one::dismiss))
        .route("/units/{unit}/rounds/{id}/recusals", post(one::declare))
        .route("/units/{unit}/rounds/{id}/draws", post(recheck::draw))
        .route("/units/{unit}/rounds/{id}/shared", get(shared::show))
}

/// The kinds of round a unit may send.
fn kinds<'v>(visit: &'v Visit, at: &Unit) -> Vec<&'v Kind> {
    visit.rules.base.round.iter().filter(|kind| kind.office.contains(&at.level)).collect()
}

fn kind<'v>(visit: &'v Visit, key: &str) -> Result<&'v Kind, Trouble> {
    visit.rules.base.round(key).ok_or(Trouble::NotFound)
}
