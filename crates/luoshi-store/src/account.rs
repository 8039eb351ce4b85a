//! Signing in: accounts, sessions, invitations. Rights come from posts, read anew at each request.

use crate::{FOREVER, Fault, Row, Tx, audit, now, secret};
use jiff::civil::Date;
use luoshi_rules::{Actor, Held, Permit, Refusal};

/// Wrong passphrases in a row after which sign-in is refused for a while.
const TRIES: i64 = 5;
/// How long it is refused, in milliseconds.
const LOCKED: i64 = 15 * 60 * 1000;
/// How long a session lasts without a request, in milliseconds: two hours.
const IDLE: i64 = 2 * 3600 * 1000;
/// How long a session lasts at all, in milliseconds: twelve hours.
const LONGEST: i64 = 12 * 3600 * 1000;
/// How far a sign-in may lie ahead of the clock, in milliseconds: a minute. Further ahead the clock was wrong when it
/// began, or is wrong now, and nobody knows when it ends.
const AHEAD: i64 = 60 * 1000;
/// How long an invitation lasts, in milliseconds: three days.
const INVITED: i64 = 3 * 24 * 3600 * 1000;
/// Fewest characters of a passphrase.
pub const SHORTEST: usize = 10;

/// An account, as far as signing in needs it.
#[derive(Debug, Clone)]
pub struct Account {
    /// organisation
    pub top: i64,
    /// person
    pub person: i64,
    /// Argon2id, or empty
    pub hash: String,
}

/// Whether anybody can sign in at all.
pub fn any(tx: &Tx) -> Result<bool, Fault> {
    let sql = "select name from login limit 1 -- fanout: dictionary of sign-in names";
    Ok(!tx.rows(sql, &[], |row| row.text(0))?.is_empty())
}

/// Takes up a try to sign in: counts it as failed before the passphrase is compared, so that parallel guesses count.
pub fn attempt(tx: &Tx, login: &str) -> Result<Account, Fault> {
    let sql = "select top_id, person_id from login where name = $1 -- fanout: dictionary of sign-in names";
    let (top, person) = tx.row(sql, &[login.trim().to_lowercase().into()], |row| Ok((row.int(0)?, row.int(1)?)))?;
    let key = [top.into(), person.into()];
    let sql = "select hash, failed, locked, active from account where top_id = $1 and person_id = $2";
    let (hash, failed, locked, active) =
        tx.row(sql, &key, |row| Ok((row.text(0)?, row.int(1)?, row.int(2)?, row.int(3)?)))?;
    if locked > now() {
        let minutes = (locked - now()) / 60_000 + 1;
        return Err(Refusal::rule(
            format!("连续输错次数过多，请 {minutes} 分钟后再试，或请管理员重新发送邀请链接"),
            format!("too many wrong tries; try again in {minutes} minutes, or ask for a new invitation"),
        )
        .into());
    }
    if active == 0 {
        return Err(Fault::NotFound);
    }
    let locked = if failed + 1 >= TRIES { now() + LOCKED } else { 0 };
    let failed = if failed + 1 >= TRIES { 0 } else { failed + 1 };
    let sql = "update account set failed = $3, locked = $4 where top_id = $1 and person_id = $2";
    let [top_id, person_id] = key;
    tx.run(sql, &[top_id, person_id, failed.into(), locked.into()])?;
    Ok(Account { top, person, hash })
}

/// Opens a session after the passphrase was right; returns the token for the cookie.
pub fn begin(tx: &Tx, account: &Account, token: &str) -> Result<(), Fault> {
    let sql = "update account set failed = 0, locked = 0 where top_id = $1 and person_id = $2";
    tx.run(sql, &[account.top.into(), account.person.into()])?;
    let sql = "insert into session (top_id, token, person_id, began, seen, ends) values ($1, $2, $3, $4, $4, $5)";
    let digest = secret::digest(token.as_bytes());
    let args = [account.top.into(), digest.into(), account.person.into(), now().into(), (now() + LONGEST).into()];
    tx.run(sql, &args)?;
    audit::by(tx, account.top, account.person, 0, "session.begin", account.person, "")
}

/// Ends a session.
pub fn end(tx: &Tx, actor: &Actor, token: &str) -> Result<(), Fault> {
    let sql = "delete from session where top_id = $1 and token = $2";
    tx.run(sql, &[actor.top.into(), secret::digest(token.as_bytes()).into()])?;
    audit::by(tx, actor.top, actor.person, 0, "session.end", actor.person, "")
}

/// Who is asking, by the token of the cookie, with the posts held today; one statement. The second value says
/// whether the session should be marked as seen.
pub fn actor(tx: &Tx, top: i64, token: &str, today: Date) -> Result<(Actor, bool), Fault> {
    let sql = "select p.id, p.name, p.unit_id, p.path, p.left_on, s.seen, s.ends, h.post, h.unit_id, h.path, h.top_id
                 from session s
                 join account a on a.top_id = s.top_id and a.person_id = s.person_id and a.active = 1
                 join person p on p.top_id = s.top_id and p.id = s.person_id
                 left join holding h on h.top_id = s.top_id and h.person_id = s.person_id
                                    and h.from_date <= $3 and h.until_date >= $3
                where s.top_id = $1 and s.token = $2
                order by h.path, h.post";
    let digest = secret::digest(token.as_bytes());
    let rows = tx.rows(sql, &[top.into(), digest.into(), today.into()], |row| {
        let head = (row.int(0)?, row.text(1)?, row.int(2)?, row.path(3)?, row.text(4)?, row.int(5)?, row.int(6)?);
        let post = row.text(7)?;
        let held = if post.is_empty() { None } else { Some(held(row, post)?) };
        Ok((head, held))
    })?;
    let Some(((person, name, home, path, left, seen, ends), _)) = rows.first().cloned() else {
        return Err(Fault::NotFound);
    };
    if now() > ends || now() - seen > IDLE || seen - now() > AHEAD {
        return Err(Fault::NotFound);
    }
    let mut posts: Vec<Held> = rows.into_iter().filter_map(|(_, held)| held).collect();
    if left == FOREVER && home != 0 {
        posts.push(Held { post: "member".into(), unit: home, top, path });
    }
    Ok((Actor { person, top, home, name, posts, operation: 0, today }, now() - seen > 60_000))
}

fn held(row: &Row, post: String) -> Result<Held, Fault> {
    Ok(Held { post, unit: row.int(8)?, path: row.path(9)?, top: row.int(10)? })
}

/// Marks a session as used just now.
pub fn seen(tx: &Tx, top: i64, token: &str) -> Result<(), Fault> {
    let sql = "update session set seen = $3 where top_id = $1 and token = $2";
    tx.run(sql, &[top.into(), secret::digest(token.as_bytes()).into(), now().into()]).map(drop)
}

/// Opens an account for a person without one. Runs at set-up and in demonstrations; others are invited.
pub fn add(tx: &Tx, top: i64, person: i64, login: &str, hash: &str) -> Result<(), Fault> {
    let login = login.trim().to_lowercase();
    if login.is_empty() || login.chars().count() > 64 || login.chars().any(char::is_whitespace) {
        return Err(Refusal::field("login", "登录名为1至64字，不含空格", "1 to 64 characters without spaces").into());
    }
    let sql = "insert into login (name, top_id, person_id) values ($1, $2, $3)";
    tx.run(sql, &[login.as_str().into(), top.into(), person.into()])?;
    let sql = "insert into account (top_id, person_id, login, hash, failed, locked, active)
               values ($1, $2, $3, $4, 0, 0, 1)";
    tx.run(sql, &[top.into(), person.into(), login.as_str().into(), hash.into()])?;
    audit::by(tx, top, person, 0, "account.add", person, "")
}

/// Invites a person of the permit's organisation to set a passphrase by a one-time link. An old passphrase and old
/// sessions end at once.
pub fn invite(tx: &Tx, permit: &Permit, person: i64, login: &str, token: &str) -> Result<(), Fault> {
    let key = [permit.top().into(), person.into()];
    let known = "select login from account where top_id = $1 and person_id = $2";
    if tx.rows(known, &key, |row| row.text(0))?.is_empty() {
        add(tx, permit.top(), person, login, "")?;
    }
    let sql = "insert into invitation (top_id, token, person_id, ends, used) values ($1, $2, $3, $4, 0)";
    let digest = secret::digest(token.as_bytes());
    tx.run(sql, &[permit.top().into(), digest.into(), person.into(), (now() + INVITED).into()])?;
    audit::note(tx, permit, "account.invite", person, "")
}

/// Sets the passphrase of whoever holds the invitation, once.
pub fn accept(tx: &Tx, top: i64, token: &str, hash: &str) -> Result<Account, Fault> {
    let digest = secret::digest(token.as_bytes());
    let sql = "select person_id from invitation where top_id = $1 and token = $2 and used = 0 and ends > $3";
    let key = [top.into(), digest.into(), now().into()];
    let person = tx.row(sql, &key, |row| row.int(0))?;
    tx.run("update invitation set used = $3 where top_id = $1 and token = $2 and used = 0", &key)?;
    let sql = "update account set hash = $3, failed = 0, locked = 0 where top_id = $1 and person_id = $2";
    tx.run(sql, &[top.into(), person.into(), hash.into()])?;
    tx.run("delete from session where top_id = $1 and person_id = $2", &[top.into(), person.into()])?;
    audit::by(tx, top, person, 0, "account.accept", person, "")?;
    Ok(Account { top, person, hash: hash.to_owned() })
}

/// Checks that a passphrase is long enough and not one of the obvious.
pub fn passphrase(text: &str) -> Result<(), Refusal> {
    let length = text.chars().count();
    let mut kinds: Vec<char> = text.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    if !(SHORTEST..=200).contains(&length) || kinds.len() < 5 {
        return Err(Refusal::field(
            "passphrase",
            format!("口令至少 {SHORTEST} 个字符，不要只重复几个字符；可用一句好记的话"),
            format!("at least {SHORTEST} characters, not a few repeated; a sentence you remember is best"),
        ));
    }
    Ok(())
}
