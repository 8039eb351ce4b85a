//! Tries to sign in by a name of the directory of the organisation: counted, and saved, before the directory is asked.

use crate::{Fault, Tx, account, now};

/// Counts a try as wrong until [`right`] says otherwise; refuses it while the name is locked.
pub fn attempt(tx: &Tx, name: &str) -> Result<(), Fault> {
    let key = key(tx, name)?;
    let sql = "select failed, locked from directory_try where name = $1 -- fanout: names are not people yet";
    let known = tx.rows(sql, &[key.as_str().into()], |row| Ok((row.int(0)?, row.int(1)?)))?.pop();
    let (failed, locked) = account::tries(known.unwrap_or_default(), now())?;
    let sql = "insert into directory_try (name, failed, locked, seen) values ($1, $2, $3, $4)
               on conflict (name) do update set failed = excluded.failed, locked = excluded.locked, seen = excluded.seen
               -- fanout: names are not people yet";
    tx.run(sql, &[key.into(), failed.into(), locked.into(), now().into()]).map(drop)
}

/// The directory said yes: counting begins anew.
pub fn right(tx: &Tx, name: &str) -> Result<(), Fault> {
    let sql = "delete from directory_try where name = $1 -- fanout: names are not people yet";
    tx.run(sql, &[key(tx, name)?.into()]).map(drop)
}

/// The directory did not answer: this try was none.
pub fn forgive(tx: &Tx, name: &str) -> Result<(), Fault> {
    let sql = "update directory_try set failed = failed - 1 where name = $1 and failed > 0
               -- fanout: names are not people yet";
    tx.run(sql, &[key(tx, name)?.into()]).map(drop)
}

/// Names are compared as directories do, and not kept as they are.
fn key(tx: &Tx, name: &str) -> Result<String, Fault> {
    tx.keys().blind("directory", &name.trim().to_lowercase())
}
