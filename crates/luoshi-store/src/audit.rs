//! A row for every act, in the transaction of the act: who did what to what, and when. Rows are chained within a
//! second, so that none can be changed, dropped, moved or added unseen.

mod chain;
mod read;

pub use chain::{Chain, Head, Verdict, Wrong, seal_all, verify, waiting_all};
pub use read::{Filter, Line, list, state};

use crate::{Fault, Tx, new_id, now};
use luoshi_rules::Permit;

/// The newest act of an organisation where acts follow one another, as on SQLite: as long as it is the newest, no fact
/// has changed. None where transactions overlap and a key cannot say so.
pub fn stamp(tx: &Tx, top: i64) -> Result<Option<i64>, Fault> {
    if !tx.is_serial() {
        return Ok(None);
    }
    let sql = "select id from audit where top_id = $1 order by id desc limit 1";
    Ok(tx.rows(sql, &[top.into()], |row| row.int(0))?.pop())
}

/// Notes an act. `detail` holds no personal data.
pub fn note(tx: &Tx, permit: &Permit, act: &str, object: i64, detail: &str) -> Result<(), Fault> {
    by(tx, permit.top(), permit.person(), permit.unit(), act, object, detail)
}

/// Notes an act that needs no permit, such as signing in.
#[allow(clippy::too_many_arguments)] // one value for each column
pub fn by(tx: &Tx, top: i64, person: i64, unit: i64, act: &str, object: i64, detail: &str) -> Result<(), Fault> {
    let sql = "insert into audit (top_id, id, at, person_id, unit_id, act, object, detail)
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let args = [
        top.into(),
        new_id().into(),
        now().into(),
        person.into(),
        unit.into(),
        act.into(),
        object.into(),
        detail.into(),
    ];
    tx.run(sql, &args).map(drop)
}
