//! A row for every act, in the transaction of the act: who did what to what, and when. Rows are chained within a
//! second, so that none can be changed, dropped, moved or added unseen.

mod chain;
mod read;
mod witness;

pub use chain::{Chain, Head, Verdict, Wrong, holds, seal_all, verify, waiting_all};
pub use read::{Filter, HIDDEN, Line, list, state};
pub(crate) use witness::Witness;

use crate::{Fault, Tx, new_id, now};
use luoshi_rules::Permit;

/// How long an act may take from its key to its commit and still be seen by a [`Stamp`], in milliseconds.
const LONGEST: i64 = 60_000;

/// What an organisation did last. As long as it is the same, no fact has changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stamp {
    newest: i64,
    since: i64,
    acts: i64,
}

/// The stamp of an organisation: the key of its newest act. Where transactions overlap, as on PostgreSQL, that does not
/// say that nothing changed, since an older key may be committed after it: there the acts of the last minute are counted
/// too, anew from every minute on.
pub fn stamp(tx: &Tx, top: i64) -> Result<Stamp, Fault> {
    if tx.is_serial() {
        let sql = "select id from audit where top_id = $1 order by id desc limit 1";
        let newest = tx.rows(sql, &[top.into()], |row| row.int(0))?.pop().unwrap_or_default();
        return Ok(Stamp { newest, ..Stamp::default() });
    }
    let since = ((now() / LONGEST - 1) * LONGEST) << 20; // keys begin with their moment
    let sql = "select count(*), coalesce(max(id), 0) from audit where top_id = $1 and id > $2";
    tx.row(sql, &[top.into(), since.into()], |row| Ok(Stamp { since, acts: row.int(0)?, newest: row.int(1)? }))
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
