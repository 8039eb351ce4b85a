//! How far the imports of this program have come: read by the page while the work goes on, also while one long
//! transaction keeps others from writing.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

static RUNNING: Mutex<Option<HashMap<i64, Arc<AtomicI64>>>> = Mutex::new(None);

/// An import at work; forgotten when dropped.
pub(super) struct Running {
    id: i64,
    /// rows done
    pub done: Arc<AtomicI64>,
}

/// Notes that an import is at work.
pub(super) fn begin(id: i64) -> Running {
    let done = Arc::new(AtomicI64::new(0));
    running().get_or_insert_default().insert(id, done.clone());
    Running { id, done }
}

/// Rows done by an import that is at work here.
pub(super) fn of(id: i64) -> Option<i64> {
    running().as_ref()?.get(&id).map(|done| done.load(Ordering::Relaxed))
}

fn running() -> MutexGuard<'static, Option<HashMap<i64, Arc<AtomicI64>>>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Running {
    pub(super) fn id(&self) -> i64 {
        self.id
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(all) = running().as_mut() {
            all.remove(&self.id);
        }
    }
}
