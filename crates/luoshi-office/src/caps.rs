//! What a file from outside may cost us, and the clock that holds it to its time.

use std::time::{Duration, Instant};

use crate::Fault;

/// Limits on a file that is read. `Caps::default()` is what the system promises; tests use smaller ones.
#[derive(Clone, Debug)]
pub struct Caps {
    /// Bytes of the file as it came.
    pub file: usize,
    /// Bytes of all its parts when unpacked.
    pub unpacked: u64,
    /// Parts in the archive.
    pub entries: usize,
    /// Rows, counted to the last one that holds something.
    pub rows: usize,
    /// Columns, counted likewise.
    pub columns: usize,
    /// Cells kept in memory, blank ones between filled ones included.
    pub cells: usize,
    /// Characters in one cell. Excel itself stops here.
    pub cell_chars: usize,
    /// Bytes of all cell texts. One long text shared by every cell would otherwise fill the memory.
    pub text: usize,
    /// Wall time.
    pub time: Duration,
}

impl Default for Caps {
    fn default() -> Caps {
        Caps {
            file: 20 << 20,
            unpacked: 100 << 20,
            entries: 1_000,
            rows: 200_000,
            columns: 256,
            cells: 5_000_000,
            cell_chars: 32_767,
            text: 64 << 20,
            time: Duration::from_secs(10),
        }
    }
}

/// When a reading that starts now must have ended.
#[derive(Clone, Copy)]
pub(crate) struct Clock(Option<Instant>);

impl Clock {
    pub fn start(caps: &Caps) -> Clock {
        Clock(Instant::now().checked_add(caps.time))
    }

    pub fn is_over(self) -> bool {
        self.0.is_some_and(|end| Instant::now() > end)
    }

    pub fn check(self) -> Result<(), Fault> {
        if self.is_over() { Err(Fault::Slow) } else { Ok(()) }
    }
}
