//! Sights beside the pages: a page that shows a person says so, and a job writes it down, so that reading writes nothing
//! (decision 0017). What is taken away goes into the audit trail the same way; the answer waits for it.

use crate::app::{App, hold};
use crate::job::Job;
use crate::visit::Visit;
use jiff::civil::Date;
use luoshi_rules::Unit;
use luoshi_store::sight::{self, Sight, Sort, Taken};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// How often it is tried to write down what could not be written before.
const EVERY: Duration = Duration::from_secs(1);
/// How long a sight waits for others, to be written down with them. A kill loses as much; a page waits for nothing.
const GROUP: Duration = Duration::from_millis(100);
/// Most sights that wait. More within a second is a program reading page after page; what it began with is kept.
const MOST: usize = 10_000;
/// How long a file waits at most until the trail has it: a full disk keeps nobody from reading.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a program took, and where: of one that asks over and over, a row a day is kept.
type Daily = (Date, Taken, String);

/// What was seen and taken away, and is not written down yet.
#[derive(Default)]
pub(crate) struct Traces {
    waiting: Mutex<Waiting>,
    /// somebody waits for the job
    wake: Notify,
    /// something was seen
    glance: Notify,
    /// whether there is a job
    kept: AtomicBool,
    /// how many takings are written down
    written: watch::Sender<u64>,
}

#[derive(Default)]
struct Waiting {
    seen: BTreeSet<Sight>,
    taken: Vec<Taken>,
    /// how many were ever noted
    noted: u64,
    daily: BTreeSet<Daily>,
}

impl Traces {
    fn see(&self, one: Sight) {
        let mut waiting = hold(&self.waiting);
        if waiting.seen.len() < MOST {
            waiting.seen.insert(one);
            self.glance.notify_one();
        }
    }

    /// Notes that something was taken away. A program's asking is told once a day for each address.
    pub fn take(&self, one: Taken, daily: Option<(Date, String)>) {
        let mut waiting = hold(&self.waiting);
        if let Some(key) = daily.map(|(today, route)| (today, one, route)) {
            if waiting.daily.first().is_some_and(|(day, ..)| *day != key.0) {
                waiting.daily.clear();
            }
            if waiting.daily.contains(&key) {
                return;
            }
            // who asks for more than can be remembered has a row for each
            if waiting.daily.len() < MOST {
                waiting.daily.insert(key);
            }
        }
        waiting.taken.push(one);
        waiting.noted += 1;
    }

    /// Waits until the job has written down what waits now, where there is a job.
    pub async fn written(&self) {
        if !self.kept.load(Ordering::Relaxed) {
            return;
        }
        let (noted, mut written) = (hold(&self.waiting).noted, self.written.subscribe());
        self.wake.notify_one();
        let done = written.wait_for(|written| *written >= noted);
        if tokio::time::timeout(PATIENCE, done).await.is_err() {
            tracing::warn!("a file left before the audit trail could be written; the row waits");
        }
    }
}

impl Visit {
    /// Notes that the visitor opened the page of a person of a unit. One's own page is nobody's business.
    pub(crate) fn saw(&self, at: &Unit, person: i64) {
        if person != self.actor.person {
            self.note(at, person, 0, Sort::Page);
        }
    }

    /// Notes that the visitor took away a list that names people of a unit and below: in the audit trail always, and for
    /// the people to read unless it was one of the unit itself. Those work with its roll every day: that is what they
    /// were given their post for.
    pub(crate) fn took(&self, at: &Unit, sort: Sort) {
        self.asker.takes(Taken { top: at.top, actor: self.actor.person, unit: at.id, sort });
        if !self.within(at) {
            self.note(at, 0, at.id, sort);
        }
    }

    fn note(&self, at: &Unit, person: i64, unit: i64, sort: Sort) {
        self.app.traces().see(Sight { top: at.top, person, on: self.today, actor: self.actor.person, unit, sort });
    }
}

impl App {
    /// Writes down what was seen and taken since; what cannot be written now waits.
    pub async fn write_sights(&self) -> Result<(), String> {
        let (seen, taken, noted) = {
            let mut waiting = hold(&self.traces().waiting);
            (std::mem::take(&mut waiting.seen), std::mem::take(&mut waiting.taken), waiting.noted)
        };
        if seen.is_empty() && taken.is_empty() {
            return Ok(());
        }
        let kept = (seen.iter().cloned().collect::<Vec<_>>(), taken.clone());
        let done = self.write(move |tx| sight::keep(tx, &kept.0).and_then(|()| sight::take(tx, &kept.1))).await;
        if done.is_ok() {
            self.traces().written.send_replace(noted);
        }
        done.map_err(|trouble| {
            let mut waiting = hold(&self.traces().waiting);
            waiting.seen.extend(seen);
            waiting.taken.extend(taken);
            format!("{trouble:?}")
        })
    }

    /// Writes down what was seen for as long as the program serves.
    pub async fn keep_sights(self) {
        self.traces().kept.store(true, Ordering::Relaxed);
        loop {
            let traces = self.traces();
            tokio::select! {
                () = traces.wake.notified() => {}
                () = async { traces.glance.notified().await; tokio::time::sleep(GROUP).await } => {}
                () = tokio::time::sleep(EVERY) => {}
            }
            let began = Instant::now();
            match self.write_sights().await {
                Ok(()) => self.jobs().done(Job::Look, began.elapsed()),
                Err(error) => {
                    self.jobs().failed(Job::Look);
                    tracing::warn!(error, "who saw whose data is not written down yet");
                    // whoever waits is told by their patience; a disk that is full is not asked over and over
                    tokio::time::sleep(EVERY).await;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn what_a_program_takes_is_told_once_a_day_and_each_time_when_it_is_more_than_can_be_remembered() {
        let (traces, today, tomorrow) = (Traces::default(), date(2023, 5, 15), date(2023, 5, 16));
        let take = |unit: i64, on: Date| {
            traces.take(Taken { top: 1, actor: 7, unit, sort: Sort::List }, Some((on, String::new())));
            hold(&traces.waiting).noted
        };
        let most = MOST as u64;
        for unit in 0..MOST as i64 {
            take(unit, today);
        }
        assert_eq!(take(3, today), most, "told already today");
        assert_eq!((take(-1, today), take(-1, today)), (most + 1, most + 2), "nobody hides by asking for much");
        assert_eq!((take(3, tomorrow), take(3, tomorrow)), (most + 3, most + 3), "a new day");
    }
}
