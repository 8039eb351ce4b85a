//! What the server does by itself, and how it went since the start. Each job says so when it has run.

use crate::app::hold;
use luoshi_store::now;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Something the server does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Job {
    /// chains rows of the audit trail, each second
    Seal,
    /// publishes the heads of the chains, each minute
    Publish,
    /// drops what is past its day, each day
    Retain,
    /// packs the words of matters for searching
    Pack,
    /// carries upward what acts added to figures, each second
    Carry,
    /// writes down who saw whose data, each second
    Look,
}

impl Job {
    /// All of them.
    pub(crate) const ALL: [Job; 6] = [Job::Seal, Job::Publish, Job::Retain, Job::Carry, Job::Pack, Job::Look];
}

/// How a job went since the start. Moments are 0 where there was none.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Run {
    /// when it last ended as it should
    pub done: i64,
    /// how long that took
    pub took: Duration,
    /// when it last failed
    pub failed: i64,
    /// how often it failed
    pub failures: u64,
}

impl Run {
    /// Whether the last run failed.
    pub fn is_failing(&self) -> bool {
        self.failed > self.done
    }
}

/// How the jobs of a server went. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Jobs(Arc<Mutex<BTreeMap<Job, Run>>>, Arc<AtomicBool>);

impl Jobs {
    /// A job ended as it should.
    pub fn done(&self, job: Job, took: Duration) {
        let mut all = hold(&self.0);
        let run = all.entry(job).or_default();
        (run.done, run.took) = (now(), took);
    }

    /// A job failed; why is in the log.
    pub fn failed(&self, job: Job) {
        let mut all = hold(&self.0);
        let run = all.entry(job).or_default();
        run.failed = now().max(run.done + 1);
        run.failures += 1;
    }

    /// The facts lack an end of the audit trail that was published.
    pub fn older(&self) {
        self.1.store(true, Ordering::Relaxed);
    }

    /// Whether they do.
    pub(crate) fn is_older(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }

    /// How one went.
    pub(crate) fn of(&self, job: Job) -> Run {
        hold(&self.0).get(&job).copied().unwrap_or_default()
    }
}
