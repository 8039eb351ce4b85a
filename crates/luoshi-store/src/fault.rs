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
    #[error("clash")]
    Clash,
    /// the rules refused inside a transaction
    #[error(transparent)]
    Refused(#[from] luoshi_rules::Refusal),
    /// the disk is full; nothing was written
    #[error("disk full")]
    Full,
    /// the engine failed
    #[error("database: {0}")]
    Engine(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        use rusqlite::ErrorCode::{ConstraintViolation, DatabaseBusy, DatabaseLocked, DiskFull};
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
        // 40…: serialisation failure or deadlock; 23…: a constraint; 53100: disk full
        let code = error.code().map(|code| code.code().to_owned()).unwrap_or_default();
        match code.as_str() {
            "53100" => Fault::Full,
            _ if code.starts_with("40") => Fault::Clash,
            _ if code.starts_with("23") => Fault::Conflict,
            _ => Fault::Engine(format!("{error:?}")),
        }
    }
}

impl From<r2d2::Error> for Fault {
    fn from(error: r2d2::Error) -> Fault {
        Fault::Engine(error.to_string())
    }
}
