//! Who works with an installation. Every program that opens its facts holds a lock on its key file until it ends, so that
//! what must be alone with them knows whether it is: exchanging the key, or putting a back-up in the place of what is
//! there. The lock is the system's and ends with the program, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// What is held until this program ends.
static HELD: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// Works with the installation of a key beside other programs, until this one ends. Refused while one is alone with it.
pub fn share(key: &Path) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", key.display());
    let file = File::open(key).map_err(told)?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Err(format!(
            "{}: `luoshi rekey`, or a restore, is at work here; start again when it has ended",
            key.display()
        )),
        // where the system of files knows no locks, nothing can be told
        Ok(()) | Err(TryLockError::Error(_)) => {
            HELD.lock().unwrap_or_else(PoisonError::into_inner).push(file);
            Ok(())
        }
    }
}

/// Makes sure that no other program works with the installation of a key, and that none begins to before what is
/// returned is dropped. `then` says what to do once nothing else runs.
pub fn alone(key: &Path, then: &str) -> Result<File, String> {
    let told = |error: std::io::Error| format!("{}: {error}", key.display());
    let file = OpenOptions::new().read(true).write(true).open(key).map_err(told)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(busy(&key.display().to_string(), then)),
        Err(TryLockError::Error(error)) => {
            eprintln!("{}: {error}: make sure yourself that nothing else runs", key.display());
            Ok(file)
        }
    }
}

/// Said when something else works with an installation.
pub fn busy(place: &str, then: &str) -> String {
    format!(
        "{place}: the server, or another command of luoshi, is at work here. Stop it, then {then}; nothing was changed"
    )
}
