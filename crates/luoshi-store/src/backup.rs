//! Back-ups that were made or tried, of the whole installation, and other figures for whoever looks after it.

use crate::{Fault, Tx, audit, new_id, now};
use luoshi_rules::Scope;

/// A back-up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backup {
    /// moment of its end
    pub at: i64,
    /// milliseconds it took
    pub took: i64,
    /// whether it was not finished
    pub failed: bool,
    /// rows in it
    pub facts: i64,
    /// attachments in it
    pub files: i64,
}

/// Notes that one ended now.
pub fn note(tx: &Tx, done: &Backup) -> Result<(), Fault> {
    let sql = "insert into backup (id, at, took, failed, facts, files) values ($1, $2, $3, $4, $5, $6)
               -- fanout: of the whole installation";
    let failed = i64::from(done.failed);
    let values = [new_id(), now(), done.took, failed, done.facts, done.files].map(Into::into);
    tx.run(sql, &values).map(drop)
}

/// The last five, and the last one that was finished, newest first.
pub fn list(tx: &Tx) -> Result<Vec<Backup>, Fault> {
    let sql = "select at, took, failed, facts, files from backup
                where id in (select id from backup order by id desc limit 5)
                   or id = (select max(id) from backup where failed = 0)
                order by id desc -- fanout: of the whole installation";
    tx.rows(sql, &[], |row| {
        let failed = row.int(2)? == 1;
        Ok(Backup { at: row.int(0)?, took: row.int(1)?, failed, facts: row.int(3)?, files: row.int(4)? })
    })
}

/// What follows a restore: an older state of things is back, so whoever was signed in signs in again, links that were
/// open then lead nowhere, and the trail of every organisation says so.
pub fn restored(tx: &Tx) -> Result<(), Fault> {
    tx.run("delete from session -- fanout: of the whole installation", &[])?;
    let sql = "update invitation set used = $1 where used = 0 -- fanout: of the whole installation";
    tx.run(sql, &[now().into()])?;
    let tops = "select top_id from top order by top_id -- fanout: dictionary of organisations";
    for top in tx.rows(tops, &[], |row| row.int(0))? {
        audit::by(tx, top, 0, 0, "installation.restore", 0, "")?;
    }
    Ok(())
}

/// How many sessions of an organisation are open, and how many rows of its audit trail wait for their place.
pub fn figures(tx: &Tx, scope: &Scope) -> Result<(i64, i64), Fault> {
    let sql = "select (select count(*) from session where top_id = $1 and ends > $2),
                      (select count(*) from audit where top_id = $1 and place = 0)";
    tx.row(sql, &[scope.top().into(), now().into()], |row| Ok((row.int(0)?, row.int(1)?)))
}
