//! Facts in a database, and nothing else: all SQL of the system is in this crate.
//!
//! One module for each noun, named as in `luoshi-rules`. Two rules hold because nothing else compiles.
//!
//! Only this crate can run SQL:
//! ```compile_fail,E0624
//! fn peek(tx: &luoshi_store::Tx) { tx.run("delete from record", &[]); }
//! ```
//! Nobody reads without a [`Scope`](luoshi_rules::Scope), and only `luoshi-rules` makes one:
//! ```compile_fail,E0451
//! let everything = luoshi_rules::Scope { top: 1, root: "0001".to_owned().try_into().unwrap() };
//! ```
//! What was told of illness and hardship opens for a [`Handler`](luoshi_rules::Handler) only, which holding a post there
//! makes and nothing else; a scope of any size does not open it:
//! ```compile_fail,E0451
//! let curious = luoshi_rules::Handler { person: 1, top: 1, unit: 1, today: "2023-01-01".parse().unwrap() };
//! ```
//! ```compile_fail,E0308
//! fn peek(tx: &luoshi_store::Tx, scope: &luoshi_rules::Scope, fund: &luoshi_store::aid::Fund) {
//!     luoshi_store::aid::case::list(tx, scope, fund);
//! }
//! ```

#[cfg(test)]
mod catalogue;
mod db;
mod fault;
mod schema;
mod tx;

pub mod account;
pub mod aid;
pub mod audit;
pub mod backup;
pub mod branch_group;
pub mod class;
pub mod collection;
pub mod directory;
pub mod dump;
pub mod erase;
pub mod exchange;
pub mod feed;
pub mod figure;
pub mod handover;
pub mod holding;
pub mod identity;
pub mod import;
pub mod intake;
pub mod mapping;
pub mod matter;
pub mod mine;
pub mod obligation;
pub mod operation;
pub mod operator;
pub mod passkey;
pub mod person;
pub mod plan;
pub mod pledge;
pub mod record;
pub mod rekey;
pub mod request;
pub mod retain;
pub mod rollup;
pub mod round;
pub mod second;
pub mod secret;
pub mod session;
pub mod sight;
pub mod term;
pub mod ticket;
pub mod token;
pub mod transfer;
pub mod unit;
pub mod youth;

pub use db::Db;
pub use fault::Fault;
pub use schema::version;
pub use secret::Keys;
pub use tx::{Row, Tx, Value};

/// The end of what has no end.
pub const FOREVER: &str = "9999-12-31";

/// Refuses a permit that was given for something else.
pub(crate) fn needs(permit: &luoshi_rules::Permit, verb: luoshi_rules::Verb) -> Result<(), Fault> {
    if permit.verb() == verb { Ok(()) } else { Err(luoshi_rules::Refusal::NotAllowed.into()) }
}

/// Refuses a scope that was given for something else.
pub(crate) fn needs_scope(scope: &luoshi_rules::Scope, verb: luoshi_rules::Verb) -> Result<(), Fault> {
    if scope.verb() == verb { Ok(()) } else { Err(luoshi_rules::Refusal::NotAllowed.into()) }
}

/// A new key: milliseconds since 1970, then 20 bits, random so that two programs do not meet. Later keys of one
/// program sort later, within a millisecond too.
pub fn new_id() -> i64 {
    use std::hash::{BuildHasher, RandomState};
    use std::sync::atomic::{AtomicI64, Ordering};
    static LAST: AtomicI64 = AtomicI64::new(0);
    let random = RandomState::new().hash_one(0) & 0xf_ffff;
    let fresh = now() << 20 | random as i64;
    let later = |last: i64| fresh.max(last + 1);
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(later(last)));
    later(last.unwrap_or_default())
}

/// The moment, in milliseconds since 1970. It never goes back while the program runs, even when the clock of the
/// machine does: what was over stays over.
pub fn now() -> i64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<(i64, Instant)> = OnceLock::new();
    let told = jiff::Timestamp::now().as_millisecond();
    let (start, began) = START.get_or_init(|| (told, Instant::now()));
    let went_by = i64::try_from(began.elapsed().as_millis()).unwrap_or_default();
    told.max(start + went_by)
}
