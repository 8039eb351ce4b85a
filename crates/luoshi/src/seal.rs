//! Sealing: rows of the audit trail are chained each second, and the heads of the chains are published to a file that
//! lies outside the database.

use luoshi_store::Db;
use luoshi_store::audit::{self, Chain, Head};
use luoshi_web::{Job, Jobs};
use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often rows are chained.
const EVERY: Duration = Duration::from_secs(1);
/// How often a head that moved is published.
const PUBLISHED: Duration = Duration::from_secs(60);

/// The file in the data folder to which heads are published, a line of JSON each. Copy it elsewhere: whoever can write
/// both the database and this file can write both anew.
pub fn heads_file(data: &Path) -> PathBuf {
    data.join("audit-heads.jsonl")
}

/// Chains rows and publishes heads.
#[derive(Clone)]
pub struct Sealer {
    db: Db,
    chain: Chain,
    file: PathBuf,
    jobs: Jobs,
    moved: Arc<Mutex<HashMap<i64, Head>>>,
}

impl Sealer {
    /// One for these facts, which notes how it went.
    pub fn new(db: Db, chain: Chain, file: PathBuf, jobs: Jobs) -> Sealer {
        Sealer { db, chain, file, jobs, moved: Arc::default() }
    }

    /// Chains rows each second for as long as the program serves.
    pub async fn keep_sealing(self) {
        let mut published = Instant::now();
        loop {
            tokio::time::sleep(EVERY).await;
            let (sealer, now) = (self.clone(), published.elapsed() >= PUBLISHED);
            let done = tokio::task::spawn_blocking(move || {
                sealer.seal();
                if now {
                    sealer.publish();
                }
            });
            if let Err(error) = done.await {
                self.jobs.failed(Job::Seal);
                tracing::error!(%error, "sealing the audit trail broke off");
            }
            if now {
                published = Instant::now();
            }
        }
    }

    /// Chains what is left, and publishes, before the program ends.
    pub fn last(&self) {
        self.seal();
        self.publish();
    }

    fn seal(&self) {
        let began = Instant::now();
        match audit::seal_all(&self.db, self.chain) {
            Ok(heads) => {
                self.jobs.done(Job::Seal, began.elapsed());
                self.moved().extend(heads.into_iter().map(|head| (head.top, head)));
            }
            // a clash with writers: the next second tries again
            Err(fault) => {
                self.jobs.failed(Job::Seal);
                tracing::warn!(%fault, "the audit trail is not sealed yet");
            }
        }
    }

    fn publish(&self) {
        let (began, mut whole) = (Instant::now(), true);
        let heads: Vec<Head> = self.moved().drain().map(|(_, head)| head).collect();
        for head in heads {
            tracing::info!(target: "audit.head", top = head.top, place = head.place, link = head.link, "published");
            if let Err(error) = append(&self.file, &head) {
                tracing::error!(%error, "the head of an audit chain is not published");
                self.moved().entry(head.top).or_insert(head);
                whole = false;
            }
        }
        if whole { self.jobs.done(Job::Publish, began.elapsed()) } else { self.jobs.failed(Job::Publish) }
    }

    fn moved(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Head>> {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn append(file: &Path, head: &Head) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    writeln!(file, "{}", serde_json::to_string(head)?)?;
    file.sync_data()
}
