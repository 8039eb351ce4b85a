//! Sights beside the pages: a page that shows a person says so, and a job writes it down, so that reading writes nothing
//! (decision 0017).

use crate::app::{App, hold};
use crate::job::Job;
use crate::visit::Visit;
use luoshi_rules::Unit;
use luoshi_store::sight::{self, Sight, Sort};
use std::time::{Duration, Instant};

/// How often what was seen is written down.
const EVERY: Duration = Duration::from_secs(1);
/// Most sights that wait. More within a second is a program reading page after page; what it began with is kept.
const MOST: usize = 10_000;

impl Visit {
    /// Notes that the visitor opened the page of a person of a unit. One's own page is nobody's business.
    pub(crate) fn saw(&self, at: &Unit, person: i64) {
        if person != self.actor.person {
            self.note(Sight {
                top: at.top,
                person,
                on: self.today,
                actor: self.actor.person,
                unit: 0,
                sort: Sort::Page,
            });
        }
    }

    /// Notes that the visitor took away a list that names people of a unit and below. Those of the unit itself work with
    /// its roll every day: that is what they were given their post for.
    pub(crate) fn took(&self, at: &Unit, sort: Sort) {
        if !self.within(at) {
            self.note(Sight { top: at.top, person: 0, on: self.today, actor: self.actor.person, unit: at.id, sort });
        }
    }

    fn note(&self, one: Sight) {
        let mut waiting = hold(self.app.sights());
        if waiting.len() < MOST {
            waiting.insert(one);
        }
    }
}

impl App {
    /// Writes down what was seen since; what cannot be written now waits.
    pub async fn write_sights(&self) -> Result<(), String> {
        let all: Vec<Sight> = std::mem::take(&mut *hold(self.sights())).into_iter().collect();
        if all.is_empty() {
            return Ok(());
        }
        let kept = all.clone();
        let done = self.write(move |tx| sight::keep(tx, &kept)).await;
        done.map_err(|trouble| {
            hold(self.sights()).extend(all);
            format!("{trouble:?}")
        })
    }

    /// Writes down what was seen for as long as the program serves.
    pub async fn keep_sights(self) {
        loop {
            tokio::time::sleep(EVERY).await;
            let began = Instant::now();
            match self.write_sights().await {
                Ok(()) => self.jobs().done(Job::Look, began.elapsed()),
                Err(error) => {
                    self.jobs().failed(Job::Look);
                    tracing::warn!(error, "who saw whose data is not written down yet");
                }
            }
        }
    }
}
