//! Memory: an allocator that gives back what was freed. The system's keeps what many threads freed, after an import of
//! 100,000 people twice as much as was ever in use. The engine of SQLite, which is not ours, goes on using the system's:
//! that is told to keep less.

use std::process::Command;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Settings they read before `main`. Ours: give freed pages back at once, take none before they are needed. That of
/// glibc: one place for all threads, since each would keep its own (SQLite takes a lock of its own before it asks), and
/// what is large apart, so that it goes back when it is freed.
const SETTINGS: [(&str, &str); 5] = [
    ("MIMALLOC_PURGE_DELAY", "0"),
    ("MIMALLOC_ARENA_EAGER_COMMIT", "0"),
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_MMAP_THRESHOLD_", "131072"),
    ("MALLOC_TRIM_THRESHOLD_", "131072"),
];

/// Starts the program anew in the same process with those settings, unless it has them. Where that cannot be done it
/// goes on as it is, with more memory.
#[cfg(unix)]
pub fn settle() {
    use std::os::unix::process::CommandExt;
    let missing: Vec<_> = SETTINGS.into_iter().filter(|(name, _)| std::env::var_os(name).is_none()).collect();
    let (Ok(program), mut words) = (std::env::current_exe(), std::env::args_os()) else { return };
    if missing.is_empty() {
        return;
    }
    let mut again = Command::new(program);
    if let Some(name) = words.next() {
        again.arg0(name);
    }
    let error = again.args(words).envs(missing).exec();
    eprintln!("luoshi: {error}; going on with the allocator as it is");
}

/// Elsewhere the allocator stays as it is.
#[cfg(not(unix))]
pub fn settle() {}
