//! Turns: how many read and how many write at once. More would end no sooner, for they share the cores; and each takes a
//! connection with the pages it has read, and a thread with what it keeps of what it freed.

use crate::trouble::Trouble;
use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Those who read at once, at least and at most. Where the facts are in a file, two for each core, of whom one may wait
/// for the disk; where they are on a server, which has cores of its own, as many as may be.
const READERS: (usize, usize) = (4, 12);
/// Those who write at once. One engine lets one do so, the other makes those who clash try again.
const WRITERS: usize = 4;
/// Threads for what else is done off the asynchronous ones: hashing, files, what is done behind the pages.
const OTHERS: usize = 4;
/// How long a reader waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);

/// A turn; over when it is dropped.
pub(crate) type Turn = OwnedSemaphorePermit;

/// The turns of an installation.
pub(crate) struct Turns {
    most: usize,
    readers: Arc<Semaphore>,
    /// those of them who read for long: lists that leave as files, archives, sheets that are checked
    long: Arc<Semaphore>,
    writers: Arc<Semaphore>,
}

impl Turns {
    /// Those of an installation whose facts are in a file here, or on a server.
    pub fn new(is_file: bool) -> Turns {
        let cores = available_parallelism().map_or(1, NonZero::get);
        let most = if is_file { (2 * cores).clamp(READERS.0, READERS.1) } else { READERS.1 };
        let new = |turns| Arc::new(Semaphore::new(turns));
        Turns { most, readers: new(most), long: new(most / 2), writers: new(WRITERS) }
    }

    /// Threads that work which blocks is given at most. Only who reads ever waits for another of them (an archive for
    /// its files), so that one is always left.
    pub fn threads(&self) -> usize {
        self.most + WRITERS + OTHERS
    }

    /// The turn of somebody who reads a page.
    pub(crate) async fn read(&self) -> Result<Turn, Trouble> {
        let turn = tokio::time::timeout(PATIENCE, self.readers.clone().acquire_owned()).await;
        turn.map_err(|_| Trouble::Away)?.map_err(Trouble::broken)
    }

    /// The turns of somebody who reads for long: half of the readers do at most, so that pages are not kept waiting.
    pub(crate) async fn read_long(&self) -> Result<(Turn, Turn), Trouble> {
        let long = tokio::time::timeout(PATIENCE, self.long.clone().acquire_owned()).await;
        Ok((long.map_err(|_| Trouble::Away)?.map_err(Trouble::broken)?, self.read().await?))
    }

    /// The turn of somebody who writes, however long others do.
    pub(crate) async fn write(&self) -> Result<Turn, Trouble> {
        self.writers.clone().acquire_owned().await.map_err(Trouble::broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::off;
    use std::sync::mpsc;

    const MOMENT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn those_who_read_for_long_leave_room_for_pages() {
        let (turns, mut long, mut pages) = (Turns::new(true), Vec::new(), Vec::new());
        for _ in 0..turns.most / 2 {
            long.push(turns.read_long().await.unwrap());
        }
        assert!(tokio::time::timeout(MOMENT, turns.read_long()).await.is_err(), "no more of them at once");
        for _ in long.len()..turns.most {
            pages.push(turns.read().await.unwrap());
        }
        assert!(tokio::time::timeout(MOMENT, turns.read()).await.is_err(), "no more readers at once");
        drop(long);
        assert!(turns.read().await.is_ok());
        assert_eq!(pages.len(), turns.most - turns.most / 2);
        assert!(turns.threads() > turns.most + WRITERS, "an archive waits for its files for ever");
    }

    #[tokio::test]
    async fn a_turn_lasts_until_the_work_has_ended_though_nobody_waits_for_it_any_more() {
        let turns = Turns::new(true);
        let (end, ended) = mpsc::channel::<()>();
        let mut others = Vec::new();
        for _ in 1..WRITERS {
            others.push(turns.write().await.unwrap());
        }
        let work = off(turns.write().await.unwrap(), move || ended.recv());
        assert!(tokio::time::timeout(MOMENT, work).await.is_err(), "it goes on");
        assert!(tokio::time::timeout(MOMENT, turns.write()).await.is_err(), "its turn is over too early");
        end.send(()).unwrap();
        assert!(turns.write().await.is_ok());
        assert_eq!(others.len(), WRITERS - 1);
    }
}
