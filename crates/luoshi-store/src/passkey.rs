//! Passkeys: public keys of the authenticators of a person. What they sign is checked before; here is what is known of
//! them, and what their counters tell.

use crate::account::Account;
use crate::{Fault, Tx, audit, now};
use luoshi_rules::{Actor, Refusal};

/// Most passkeys of a person.
const MOST: usize = 20;

/// A passkey as its authenticator makes it.
#[derive(Debug, Clone)]
pub struct Made {
    /// its name, in base64url
    pub credential: String,
    /// the public key, in base64url
    pub cose: String,
    /// signatures made so far
    pub counter: i64,
}

/// A passkey, for the list of its owner.
#[derive(Debug, Clone)]
pub struct Line {
    /// its name, in base64url
    pub credential: String,
    /// what its owner calls it
    pub name: String,
    /// moment it was made
    pub made: i64,
    /// moment it last served, or 0
    pub used: i64,
    /// moment it was stopped, or 0
    pub stopped: i64,
}

/// The passkeys of a person, the oldest first.
pub fn list(tx: &Tx, actor: &Actor) -> Result<Vec<Line>, Fault> {
    let sql = "select credential, name, made, used, stopped from passkey where top_id = $1 and person_id = $2
                order by made, credential limit 20";
    tx.rows(sql, &[actor.top.into(), actor.person.into()], |row| {
        let (credential, name) = (row.text(0)?, row.text(1)?);
        Ok(Line { credential, name, made: row.int(2)?, used: row.int(3)?, stopped: row.int(4)? })
    })
}

/// Keeps a new passkey of whoever asks.
pub fn add(tx: &Tx, actor: &Actor, made: &Made, name: &str) -> Result<(), Fault> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 50 {
        return Err(Refusal::field("name", "名称为1至50字", "a name has 1 to 50 characters").into());
    }
    if list(tx, actor)?.len() >= MOST {
        return Err(Refusal::rule("通行密钥最多20个，请先删除不用的", "20 passkeys at most; remove some first").into());
    }
    let sql = "insert into passkey (top_id, credential, person_id, cose, counter, name, made, used, stopped)
               values ($1, $2, $3, $4, $5, $6, $7, 0, 0)";
    let args = [
        actor.top.into(),
        made.credential.as_str().into(),
        actor.person.into(),
        made.cose.as_str().into(),
        made.counter.into(),
        name.into(),
        now().into(),
    ];
    tx.run(sql, &args)
        .map_err(|fault| fault.if_taken(Refusal::rule("这个通行密钥已登记", "this passkey is known already")))?;
    audit::by(tx, actor.top, actor.person, 0, "factor.passkey", actor.person, "")
}

/// Removes a passkey of whoever asks.
pub fn remove(tx: &Tx, actor: &Actor, credential: &str) -> Result<(), Fault> {
    let sql = "delete from passkey where top_id = $1 and person_id = $2 and credential = $3";
    if tx.run(sql, &[actor.top.into(), actor.person.into(), credential.into()])? == 0 {
        return Err(Fault::NotFound);
    }
    audit::by(tx, actor.top, actor.person, 0, "factor.passkey_removed", actor.person, "")
}

/// Whose passkey this is, and its public key: while it serves and its owner has an open account. Names of passkeys are
/// random, so that one stands for one person of the installation.
pub fn find(tx: &Tx, credential: &str) -> Result<(Account, String), Fault> {
    let sql = "select k.top_id, k.person_id, k.cose from passkey k
                 join account a on a.top_id = k.top_id and a.person_id = k.person_id and a.active = 1
                where k.credential = $1 and k.stopped = 0 -- fanout: who signs in is not known yet";
    let read =
        |row: &crate::Row| Ok((Account { top: row.int(0)?, person: row.int(1)?, hash: String::new() }, row.text(2)?));
    let mut found = tx.rows(sql, &[credential.into()], read)?;
    if found.len() == 1 { found.pop().ok_or(Fault::NotFound) } else { Err(Fault::NotFound) }
}

/// Notes that a passkey signed, with the counter it told. A counter that did not go on means that two authenticators
/// hold the same key: it is stopped, and the answer is no.
pub fn signed(tx: &Tx, account: &Account, credential: &str, counter: i64) -> Result<bool, Fault> {
    let sql = "update passkey set counter = $3, used = $4
                where top_id = $1 and credential = $2 and stopped = 0 and (counter < $3 or counter = 0 and $3 = 0)";
    let args = [account.top.into(), credential.into(), counter.into(), now().into()];
    if tx.run(sql, &args)? == 1 {
        return Ok(true);
    }
    let sql = "update passkey set stopped = $3 where top_id = $1 and credential = $2 and stopped = 0";
    tx.run(sql, &[account.top.into(), credential.into(), now().into()])?;
    audit::by(tx, account.top, account.person, 0, "factor.passkey_stopped", account.person, "")?;
    Ok(false)
}

/// Drops every passkey of a person.
pub(crate) fn forget(tx: &Tx, top: i64, person: i64) -> Result<(), Fault> {
    tx.run("delete from passkey where top_id = $1 and person_id = $2", &[top.into(), person.into()]).map(drop)
}

/// Takes the passkeys of a person along to another organisation.
pub(crate) fn carry(tx: &Tx, (from, to): (i64, i64), person: i64) -> Result<(), Fault> {
    let sql = "update passkey set top_id = $3 where top_id = $1 and person_id = $2";
    tx.run(sql, &[from.into(), person.into(), to.into()]).map(drop)
}
