//! What can go wrong in the store.

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// nothing has this key, or it lies outside the scope
    #[error("not found")]
    NotFound,
    /// a key is taken: someone else was first, or the same thing is there already
    #[error("conflict")]
    Conflict,
    /// two transactions clashed; tried again by [`Db::write`](crate::Db::write)
    #[error("others kept writing for too long; try again in a minute")]
    Clash,
    /// the rules refused inside a transaction
    #[error(transparent)]
    Refused(#[from] luoshi_rules::Refusal),
    /// the disk is full; nothing was written
    #[error("disk full")]
    Full,
    /// the disk did not keep what was written: nobody knows what is on it, so nothing more may be written
    #[error("the disk did not keep what was written: {0}")]
    Lost(String),
    /// the database server does not answer, or broke off; tried again by [`Db::write`](crate::Db::write)
    #[error("the database server does not answer: {0}")]
    Away(String),
    /// the engine failed
    #[error("database: {0}")]
    Engine(String),
}

impl Fault {
    /// What is said where a key is taken; anything else as it is.
    pub(crate) fn if_taken(self, said: impl Into<Fault>) -> Fault {
        if matches!(self, Fault::Conflict) { said.into() } else { self }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        use rusqlite::ErrorCode::{ConstraintViolation, DatabaseBusy, DatabaseLocked, DiskFull};
        use rusqlite::ffi::{SQLITE_IOERR_DIR_FSYNC, SQLITE_IOERR_FSYNC, SQLITE_IOERR_SHMSIZE};
        match error.sqlite_error().map(|known| known.extended_code) {
            Some(SQLITE_IOERR_FSYNC | SQLITE_IOERR_DIR_FSYNC) => return Fault::Lost(error.to_string()),
            Some(SQLITE_IOERR_SHMSIZE) => return Fault::Full, // no room for the index of the log
            _ => {}
        }
        match error.sqlite_error_code() {
            Some(DatabaseBusy | DatabaseLocked) => Fault::Clash,
            Some(ConstraintViolation) => Fault::Conflict,
            Some(DiskFull) => Fault::Full,
            _ => Fault::Engine(error.to_string()),
        }
    }
}

impl From<postgres::Error> for Fault {
    fn from(error: postgres::Error) -> Fault {
        // 40…: serialisation failure or deadlock; 23…: a constraint; 53100: disk full; 08…, 57P0…: the connection or
        // the server ends; 25006: the server is a standby now; no code: the connection broke
        let code = error.code().map(|code| code.code().to_owned()).unwrap_or_default();
        match code.as_str() {
            "53100" => Fault::Full,
            "57P01" | "57P02" | "57P03" | "25006" | "53300" => Fault::Away(error.to_string()),
            _ if code.starts_with("08") || code.is_empty() && broke(&error) => Fault::Away(error.to_string()),
            _ if code.starts_with("40") => Fault::Clash,
            _ if code.starts_with("23") => Fault::Conflict,
            _ => Fault::Engine(format!("{error:?}")),
        }
    }
}

/// Whether the connection broke, rather than a value that could not be read.
fn broke(error: &postgres::Error) -> bool {
    use std::error::Error;
    error.is_closed() || error.source().is_some_and(<dyn Error>::is::<std::io::Error>)
}

/// No connection within the patience of a pool.
impl From<r2d2::Error> for Fault {
    fn from(error: r2d2::Error) -> Fault {
        Fault::Away(error.to_string())
    }
}
