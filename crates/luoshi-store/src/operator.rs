//! What the operator of the machine does to accounts from the command line, where nobody may be able to sign in. Each
//! act is noted in the audit trail as done by the program.

use crate::{Fault, Tx, account, audit, holding, now, passkey, second, secret};
use jiff::civil::Date;
use luoshi_rules::{Actor, Refusal};

/// How long an invitation from the command line lasts, in milliseconds: one day.
const INVITED: i64 = 24 * 3600 * 1000;

/// An account as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    /// sign-in name
    pub login: String,
    /// organisation
    pub top: i64,
    /// person
    pub person: i64,
    /// whether the account may be used
    pub active: bool,
    /// whether a passphrase is set
    pub ready: bool,
    /// whether sign-in is refused for a while after wrong tries
    pub locked: bool,
    /// sessions open
    pub sessions: i64,
}

/// Every account, by its sign-in name.
pub fn list(tx: &Tx) -> Result<Vec<Line>, Fault> {
    let sql = "select l.name, l.top_id, l.person_id, a.active, a.hash, a.locked,
                      (select count(*) from session s
                        where s.top_id = l.top_id and s.person_id = l.person_id and s.ends > $1)
                 from login l join account a on a.top_id = l.top_id and a.person_id = l.person_id
                order by l.name -- fanout: the operator sees every organisation";
    tx.rows(sql, &[now().into()], |row| {
        Ok(Line {
            login: row.text(0)?,
            top: row.int(1)?,
            person: row.int(2)?,
            active: row.int(3)? == 1,
            ready: !row.text(4)?.is_empty(),
            locked: row.int(5)? > now(),
            sessions: row.int(6)?,
        })
    })
}

/// Organisation and person behind a sign-in name.
fn find(tx: &Tx, login: &str) -> Result<(i64, i64), Fault> {
    let sql = "select top_id, person_id from login where name = $1 -- fanout: dictionary of sign-in names";
    let found = tx.rows(sql, &[login.trim().to_lowercase().into()], |row| Ok((row.int(0)?, row.int(1)?)))?.pop();
    found.ok_or_else(|| Refusal::rule("没有这个登录名", format!("there is no sign-in name {login:?}")).into())
}

/// The person behind an account that may be used, with their rights of a day: work from the command line is theirs.
pub fn actor(tx: &Tx, login: &str, today: Date) -> Result<Actor, Fault> {
    let (top, person) = find(tx, login)?;
    let sql = "select active from account where top_id = $1 and person_id = $2";
    if tx.row(sql, &[top.into(), person.into()], |row| row.int(0))? == 0 {
        return Err(Refusal::rule("这个账号已停用", "this account is closed").into());
    }
    holding::actor(tx, top, person, today)
}

/// Makes a one-time link by which the passphrase is set anew, and ends every session. Returns the organisation.
pub fn invite(tx: &Tx, login: &str, token: &str) -> Result<i64, Fault> {
    let (top, person) = find(tx, login)?;
    let sql = "insert into invitation (top_id, token, person_id, ends, used, made) values ($1, $2, $3, $4, 0, $5)";
    let digest = secret::digest(token.as_bytes());
    tx.run(sql, &[top.into(), digest.into(), person.into(), (now() + INVITED).into(), now().into()])?;
    tx.run("delete from session where top_id = $1 and person_id = $2", &[top.into(), person.into()])?;
    audit::by(tx, top, 0, 0, "account.invite", person, "")?;
    Ok(top)
}

/// Lets an account try again that was locked after wrong passphrases or codes.
pub fn unlock(tx: &Tx, login: &str) -> Result<(), Fault> {
    let (top, person) = find(tx, login)?;
    let sql = "update account set failed = 0, locked = 0 where top_id = $1 and person_id = $2";
    tx.run(sql, &[top.into(), person.into()])?;
    let sql = "update second_factor set failed = 0, locked = 0 where top_id = $1 and person_id = $2";
    tx.run(sql, &[top.into(), person.into()])?;
    audit::by(tx, top, 0, 0, "account.unlock", person, "")
}

/// Ends every session of an account, and its tokens; the passphrase stays.
pub fn sign_out(tx: &Tx, login: &str) -> Result<(), Fault> {
    let (top, person) = find(tx, login)?;
    account::expel(tx, top, person)?;
    audit::by(tx, top, 0, 0, "account.sign_out", person, "")
}

/// Drops the second factor of an account, passkeys too, and ends its sessions: at the next sign-in one is set up anew.
pub fn reset_factor(tx: &Tx, login: &str) -> Result<(), Fault> {
    let (top, person) = find(tx, login)?;
    second::forget(tx, top, person)?;
    passkey::forget(tx, top, person)?;
    account::expel(tx, top, person)?;
    audit::by(tx, top, 0, 0, "factor.reset", person, "")
}

/// Closes an account and ends its sessions, tokens and invitations; inviting it again opens it.
pub fn close(tx: &Tx, login: &str) -> Result<(), Fault> {
    let (top, person) = find(tx, login)?;
    account::shut(tx, top, person)?;
    audit::by(tx, top, 0, 0, "account.close", person, "")
}

/// Opens a closed account again.
pub fn open(tx: &Tx, login: &str) -> Result<(), Fault> {
    let (top, person) = find(tx, login)?;
    let sql = "update account set active = 1 where top_id = $1 and person_id = $2";
    tx.run(sql, &[top.into(), person.into()])?;
    audit::by(tx, top, 0, 0, "account.open", person, "")
}

/// Opens an account for a person on the roll who has none.
pub fn add(tx: &Tx, (top, person): (i64, i64), login: &str) -> Result<(), Fault> {
    let sql = "select id from person where top_id = $1 and id = $2";
    if tx.rows(sql, &[top.into(), person.into()], |row| row.int(0))?.is_empty() {
        return Err(Refusal::rule("没有这个人", "there is no such person in that organisation").into());
    }
    account::add(tx, top, person, login, "")
}
