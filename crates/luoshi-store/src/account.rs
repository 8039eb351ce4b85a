//! Accounts: a sign-in name and a passphrase for a person, opened and recovered by invitation, closed when need be.

use crate::{Fault, Tx, audit, holding, now, passkey, second, secret};
use luoshi_rules::{Actor, Pack, Permit, Refusal, Scope, Unit, Verb};

/// Wrong passphrases in a row after which sign-in is refused for a while.
const TRIES: i64 = 5;
/// How long it is refused, in milliseconds.
const LOCKED: i64 = 15 * 60 * 1000;
/// How long an invitation lasts, in milliseconds: three days.
const INVITED: i64 = 3 * 24 * 3600 * 1000;

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
    let (failed, locked) = tries((failed, locked), now())?;
    if active == 0 {
        return Err(Fault::NotFound);
    }
    let sql = "update account set failed = $3, locked = $4 where top_id = $1 and person_id = $2";
    let [top_id, person_id] = key;
    tx.run(sql, &[top_id, person_id, failed.into(), locked.into()])?;
    // whether it was right shows by the session that begins, or does not
    audit::by(tx, top, person, 0, if locked > 0 { "session.last_try" } else { "session.try" }, person, "")?;
    Ok(Account { top, person, hash })
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

/// Counts a try as failed, given the wrong ones in a row and the lock; refuses it while locked. A lock that ends later
/// than any lock can was set by a clock that has gone back since: counting begins anew.
pub(crate) fn tries((failed, locked): (i64, i64), now: i64) -> Result<(i64, i64), Refusal> {
    if (now..now + LOCKED).contains(&(locked - 1)) {
        let minutes = (locked - now - 1) / 60_000 + 1;
        return Err(Refusal::rule(
            format!("连续输错次数过多，请 {minutes} 分钟后再试，或请管理员重新发送邀请链接"),
            format!("too many wrong tries; try again in {minutes} minutes, or ask for a new invitation"),
        ));
    }
    Ok(if failed + 1 >= TRIES { (0, now + LOCKED) } else { (failed + 1, 0) })
}

/// Whose account somebody wants to do something to.
#[derive(Debug, Clone, Copy)]
pub struct Over<'a> {
    /// who asks
    pub actor: &'a Actor,
    /// the base pack
    pub base: &'a Pack,
    /// the unit on whose roll the person is
    pub at: &'a Unit,
    /// the person
    pub person: i64,
}

/// Leave over an account: for who keeps the roll it is on and could have given every post of the person. Otherwise an
/// invitation would lend the rights of somebody above.
pub(crate) fn leave(tx: &Tx, over: &Over) -> Result<Permit, Fault> {
    let other = holding::actor(tx, over.at.top, over.person, over.actor.today)?;
    if other.home != over.at.id {
        return Err(Fault::NotFound);
    }
    let reach = |held: &luoshi_rules::Held| over.actor.may_give(over.base, &held.post, &held.path);
    if !other.posts.iter().all(|held| held.post == "member" || reach(held)) {
        let zh = "此人任有您权限以外的职务，请由上级组织的党务工作者办理";
        return Err(Refusal::rule(zh, "they hold a post beyond your reach; ask the unit above").into());
    }
    Ok(over.actor.permit(over.base, Verb::Roll, over.at)?)
}

/// Invites a person to set a passphrase by a one-time link. Once it is taken up, the old passphrase, sessions, tokens
/// and every second factor end.
pub fn invite(tx: &Tx, over: &Over, login: &str, token: &str) -> Result<(), Fault> {
    let (permit, person) = (leave(tx, over)?, over.person);
    let key = [permit.top().into(), person.into()];
    let known = "select login from account where top_id = $1 and person_id = $2";
    if tx.rows(known, &key, |row| row.text(0))?.is_empty() {
        add(tx, permit.top(), person, login, "")?;
    }
    let sql = "insert into invitation (top_id, token, person_id, ends, used, made) values ($1, $2, $3, $4, 0, $5)";
    let digest = secret::digest(token.as_bytes());
    tx.run(sql, &[permit.top().into(), digest.into(), person.into(), (now() + INVITED).into(), now().into()])?;
    audit::note(tx, &permit, "account.invite", person, "")
}

/// An invitation that has not been taken up.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// digest of the link
    pub id: String,
    /// who is invited
    pub person: i64,
    /// their name
    pub name: String,
    /// short name of their unit
    pub unit_name: String,
    /// moment the link ends
    pub ends: i64,
}

/// Invitations shown at once.
pub const PAGE: i64 = 50;

/// Open invitations to people of a scope, by name from after a name and digest on, and one more than `most`.
pub fn invitations(tx: &Tx, scope: &Scope, after: &(String, String), most: i64) -> Result<Vec<Invitation>, Fault> {
    let sql = "select i.token, i.person_id, p.name, u.short_name, i.ends
                 from invitation i
                 join person p on p.top_id = i.top_id and p.id = i.person_id
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where i.top_id = $1 and i.used = 0 and i.ends > $2 and i.ends <= $3
                  and p.path >= $4 and p.path < $5 and (p.name > $6 or p.name = $6 and i.token > $7)
                order by p.name, i.token limit $8";
    let args = [
        scope.top().into(),
        now().into(),
        (now() + INVITED).into(),
        scope.from().into(),
        scope.until().into(),
        after.0.as_str().into(),
        after.1.as_str().into(),
        (most + 1).into(),
    ];
    tx.rows(sql, &args, |row| {
        let (id, person, name) = (row.text(0)?, row.int(1)?, row.text(2)?);
        Ok(Invitation { id, person, name, unit_name: row.text(3)?, ends: row.int(4)? })
    })
}

/// What is known of the account of a person, for who keeps the roll.
#[derive(Debug, Clone)]
pub struct State {
    /// sign-in name
    pub login: String,
    /// whether anybody can sign in by it
    pub active: bool,
    /// whether a second factor has been set up
    pub factor: bool,
    /// moment the last open invitation ends; 0 when there is none
    pub invited: i64,
}

/// The account of a person, if they have one.
pub fn state(tx: &Tx, top: i64, person: i64) -> Result<Option<State>, Fault> {
    let sql = "select a.login, a.active,
                      coalesce(f.since, (select max(k.made) from passkey k
                                         where k.top_id = a.top_id and k.person_id = a.person_id), 0),
                      coalesce((select max(i.ends) from invitation i
                                 where i.top_id = a.top_id and i.person_id = a.person_id
                                   and i.used = 0 and i.ends > $3 and i.ends <= $4), 0)
                 from account a
                 left join second_factor f on f.top_id = a.top_id and f.person_id = a.person_id
                where a.top_id = $1 and a.person_id = $2";
    let args = [top.into(), person.into(), now().into(), (now() + INVITED).into()];
    let read = |row: &crate::Row| {
        let (login, active, factor) = (row.text(0)?, row.int(1)? == 1, row.int(2)? > 0);
        Ok(State { login, active, factor, invited: row.int(3)? })
    };
    Ok(tx.rows(sql, &args, read)?.pop())
}

/// Takes back every open invitation of a person.
pub fn uninvite(tx: &Tx, over: &Over) -> Result<(), Fault> {
    let permit = leave(tx, over)?;
    let sql = "delete from invitation where top_id = $1 and person_id = $2 and used = 0";
    tx.run(sql, &[permit.top().into(), over.person.into()])?;
    audit::note(tx, &permit, "account.uninvite", over.person, "")
}

/// Closes an account: nobody signs in by it until its owner takes up a new invitation.
pub fn close(tx: &Tx, over: &Over) -> Result<(), Fault> {
    let permit = leave(tx, over)?;
    if over.person == over.actor.person {
        return Err(Refusal::rule("不能停用自己的账号", "you cannot close your own account").into());
    }
    shut(tx, permit.top(), over.person)?;
    audit::note(tx, &permit, "account.close", over.person, "")
}

/// Ends everything by which a person can come in: sessions, tokens, invitations.
pub(crate) fn shut(tx: &Tx, top: i64, person: i64) -> Result<(), Fault> {
    let key = [top.into(), person.into()];
    tx.run("update account set active = 0 where top_id = $1 and person_id = $2", &key)?;
    tx.run("delete from invitation where top_id = $1 and person_id = $2 and used = 0", &key)?;
    expel(tx, top, person)
}

/// Ends the sessions, tokens and calendar addresses of a person.
pub(crate) fn expel(tx: &Tx, top: i64, person: i64) -> Result<(), Fault> {
    let key = [top.into(), person.into()];
    tx.run("delete from session where top_id = $1 and person_id = $2", &key)?;
    tx.run("delete from calendar_feed where top_id = $1 and person_id = $2", &key)?;
    tx.run("delete from access_token where top_id = $1 and person_id = $2", &key).map(drop)
}

/// Sets the passphrase of whoever holds the invitation, once. It serves only the person as they were when invited: who
/// has been given a post since is invited anew, by somebody who may.
pub fn accept(tx: &Tx, top: i64, token: &str, hash: &str) -> Result<Account, Fault> {
    let digest = secret::digest(token.as_bytes());
    let sql = "select person_id, ends, made from invitation where top_id = $1 and token = $2 and used = 0";
    let key = [top.into(), digest.as_str().into()];
    let (person, ends, made) = tx.row(sql, &key, |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)))?;
    if !(now()..=now() + INVITED).contains(&ends) {
        let zh = "邀请链接已过期，请联系邀请您的人重新发送";
        return Err(Refusal::rule(zh, "this invitation has ended; ask for a new one").into());
    }
    let sql = "select count(*) from audit where top_id = $1 and object = $2 and at > $3
                  and act in ('holding.appoint', 'holding.hand_over', 'round.seat')";
    if tx.row(sql, &[top.into(), person.into(), made.max(ends - INVITED).into()], |row| row.int(0))? > 0 {
        let zh = "邀请之后您的职务有变动，为防止冒用，请联系党务工作者重新发送邀请链接";
        return Err(Refusal::rule(zh, "your posts have changed since; for safety, ask for a new invitation").into());
    }
    let sql = "update invitation set used = $3 where top_id = $1 and token = $2 and used = 0";
    tx.run(sql, &[top.into(), digest.into(), now().into()])?;
    let sql = "update account set hash = $3, failed = 0, locked = 0, active = 1 where top_id = $1 and person_id = $2";
    tx.run(sql, &[top.into(), person.into(), hash.into()])?;
    expel(tx, top, person)?;
    second::forget(tx, top, person)?;
    passkey::forget(tx, top, person)?;
    audit::by(tx, top, person, 0, "account.accept", person, "")?;
    Ok(Account { top, person, hash: hash.to_owned() })
}

/// Takes up a try to change one's own passphrase: counted as failed until the old one was right.
pub fn attempt_own(tx: &Tx, actor: &Actor) -> Result<Account, Fault> {
    let sql = "select login from account where top_id = $1 and person_id = $2";
    let login = tx.row(sql, &[actor.top.into(), actor.person.into()], |row| row.text(0))?;
    attempt(tx, &login)
}

/// Whether somebody has set a passphrase here; who comes by other servers alone has none.
pub fn has_passphrase(tx: &Tx, actor: &Actor) -> Result<bool, Fault> {
    let sql = "select hash from account where top_id = $1 and person_id = $2";
    Ok(tx.rows(sql, &[actor.top.into(), actor.person.into()], |row| row.text(0))?.iter().any(|hash| !hash.is_empty()))
}

/// Changes one's own passphrase once the old one was right; every other session ends.
pub fn change(tx: &Tx, actor: &Actor, token: &str, hash: &str) -> Result<(), Fault> {
    let sql = "update account set hash = $3, failed = 0, locked = 0 where top_id = $1 and person_id = $2";
    tx.run(sql, &[actor.top.into(), actor.person.into(), hash.into()])?;
    audit::by(tx, actor.top, actor.person, 0, "account.passphrase", actor.person, "")?;
    crate::session::end_others(tx, actor, token)
}

/// What anybody may know of a person, so that a passphrase is not made of it: name, sign-in name, unit, organisation,
/// and how they are read.
pub fn known(tx: &Tx, top: i64, person: i64) -> Result<Vec<String>, Fault> {
    let sql =
        "select a.login, p.name, p.search, u.short_name, u.full_name, u.search, t.short_name, t.full_name, t.search
                 from account a
                 join person p on p.top_id = a.top_id and p.id = a.person_id
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                 join unit t on t.top_id = a.top_id and t.id = a.top_id
                where a.top_id = $1 and a.person_id = $2";
    let words =
        tx.rows(sql, &[top.into(), person.into()], |row| (0..9).map(|at| row.text(at)).collect::<Result<Vec<_>, _>>())?;
    Ok(words.concat().iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect())
}

/// The same of whom an open invitation is for; nothing where there is none.
pub fn known_invited(tx: &Tx, top: i64, token: &str) -> Result<Vec<String>, Fault> {
    let sql = "select person_id from invitation where top_id = $1 and token = $2 and used = 0";
    let found = tx.rows(sql, &[top.into(), secret::digest(token.as_bytes()).into()], |row| row.int(0))?;
    found.first().map_or(Ok(Vec::new()), |person| known(tx, top, *person))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_wrong_try_locks_and_no_clock_makes_the_lock_longer() {
        let at = 1_000_000_000_000;
        let mut state = (0, 0);
        for _ in 0..TRIES {
            state = tries(state, at).unwrap();
        }
        assert_eq!(state, (0, at + LOCKED));
        assert!(tries(state, at).is_err() && tries(state, at + LOCKED - 1).is_err());
        assert!(tries(state, at + LOCKED).is_ok());
        let (hour, day) = (3600 * 1000, 24 * 3600 * 1000);
        for jump in [day, 400 * day, -2 * hour, -400 * day] {
            assert_eq!(tries(state, at + jump).unwrap(), (1, 0), "{jump}: counting begins anew");
        }
    }
}
