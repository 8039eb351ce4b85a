//! Roll-ups beside the pages: the job that carries upward what acts added, the kinds whose people are counted, and
//! counting all of it anew on request.

use crate::app::App;
use crate::form::{Sent, operation};
use crate::job::Job;
use crate::routes::Routes;
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use luoshi_rules::figure::Counted;
use luoshi_rules::{Figure, Unit, Verb};
use luoshi_store::{figure, rollup, unit};
use maud::{Markup, html};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// How often what acts added is carried upward.
const EVERY: Duration = Duration::from_secs(1);
/// Every so many times it is looked whether new figures count people.
const LOOKED: u32 = 60;

pub fn routes() -> Routes {
    Routes::new().route("/units/{unit}/operations/recounts", post(recount))
}

impl App {
    /// Sees to it that every organisation is counted, with the people of those kinds whose people a figure counts.
    pub async fn count(&self) -> Result<(), String> {
        let tops = self.read(unit::tops).await.map_err(|trouble| format!("{trouble:?}"))?;
        for top in tops {
            self.count_one(top).await.map_err(|trouble| format!("{trouble:?}"))?;
        }
        Ok(())
    }

    async fn count_one(&self, top: i64) -> Result<(), Trouble> {
        let rules = self.rules(top).await?;
        let own = self.read(move |tx| figure::own_of_top(tx, top)).await?;
        let own: Vec<Figure> = own.iter().filter_map(|text| toml::from_str(text).ok()).collect();
        let shipped = rules.base.figure.iter().chain(rules.editions.iter().flat_map(|edition| &edition.pack.figure));
        let of_people = shipped.chain(&own).filter(|figure| figure.count == Counted::People);
        let kinds: HashSet<String> = of_people.flat_map(|figure| figure.record.clone()).collect();
        if let Some(done) = self.write(move |tx| rollup::ensure(tx, top, &kinds)).await? {
            tracing::info!(top, records = done.records, took = ?done.took, "figures counted anew");
        }
        Ok(())
    }

    /// Carries upward what acts added for as long as the program serves.
    pub async fn carry(self) {
        let mut times = 0_u32;
        loop {
            tokio::time::sleep(EVERY).await;
            times += 1;
            let (db, began) = (self.db().clone(), Instant::now());
            let carried = tokio::task::spawn_blocking(move || rollup::fold_all(&db)).await;
            let counted = if times.is_multiple_of(LOOKED) { self.count().await } else { Ok(()) };
            match (carried, counted) {
                (Ok(Ok(_)), Ok(())) => self.jobs().done(Job::Carry, began.elapsed()),
                (carried, counted) => {
                    self.jobs().failed(Job::Carry);
                    tracing::warn!(?carried, ?counted, "roll-ups are not carried upward yet");
                }
            }
        }
    }
}

/// Counts an organisation anew.
async fn recount(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Rule).await?;
    if at.id != at.top {
        return Err(Trouble::NotFound);
    }
    let rules = visit.rules.clone();
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        rollup::recount(tx, &actor.permit(&rules.base, Verb::Rule, &at)?)?;
        Ok(format!("/units/{}/operations", at.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

/// What is said of it on the page of operations.
pub(crate) fn section(visit: &Visit, at: &Unit, waiting: i64) -> Markup {
    html! {
        section.card {
            h2 { (visit.say("汇总数", "Roll-ups")) }
            p { (visit.say("数读从汇总数读取；每次记录、更正、撤回、组织变更随时更新。等待向上汇总：", "Figures are read from roll-ups, which every record, correction, withdrawal and change of units keeps. Waiting to be carried upward: ")) (waiting) }
            p.help { (visit.say("汇总数可以随时按原始记录重算，重算不改动任何记录。", "They can be counted anew from the records at any time; no record is changed.")) }
            form method="post" action={ "/units/" (at.id) "/operations/recounts" } {
                (shell::hidden(visit)) button { (visit.say("按原始记录重算", "Count anew from the records")) }
            }
        }
    }
}
