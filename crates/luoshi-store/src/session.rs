//! Sessions: what a signed-in browser shows, for how long it serves, and how it ends. Rights are not in it: they come
//! from posts, read anew at each request.

use crate::account::Account;
use crate::{FOREVER, Fault, Row, Tx, audit, now, round, secret};
use jiff::civil::Date;
use luoshi_rules::{Actor, Held};

/// How long a session lasts without a request, in milliseconds: two hours.
const IDLE: i64 = 2 * 3600 * 1000;
/// How long a session lasts at all: twelve hours.
const LONGEST: i64 = 12 * 3600 * 1000;
/// How long one that still waits for a second factor lasts: ten minutes.
const WAITING: i64 = 10 * 60 * 1000;
/// How far a clock may go back before sessions end: two servers never agree to the second.
const SLACK: i64 = 60 * 1000;

/// What a session was opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// one factor, such as a passphrase
    One,
    /// a second one too, or a passkey
    Two,
}

/// How a session is opened.
#[derive(Debug, Clone)]
pub struct Opening {
    /// the token for the cookie
    pub token: String,
    /// by what
    pub strength: Strength,
    /// where, in a few words
    pub device: String,
}

/// Who a token belongs to.
#[derive(Debug, Clone)]
pub struct Known {
    /// the person, with the posts held today
    pub actor: Actor,
    /// what the session was opened with
    pub strength: Strength,
    /// whether they have set up a second factor: an authenticator, a passkey
    pub factor: bool,
    /// whether the session should be marked as seen
    pub unseen: bool,
    /// moment they last proved in this session who they are
    pub proven: i64,
}

/// A session, for the list of its owner.
#[derive(Debug, Clone)]
pub struct Line {
    /// digest of its token
    pub id: String,
    /// where, in a few words
    pub device: String,
    /// moment it began
    pub began: i64,
    /// moment it was last seen
    pub seen: i64,
}

/// The moments of a session.
#[derive(Debug, Clone, Copy)]
struct Moments {
    began: i64,
    seen: i64,
    ends: i64,
}

impl Moments {
    /// Whether it serves at this moment. A clock that has gone back ends it, so that none lasts longer than it was
    /// given; one that has gone forward ends it as time does.
    fn serve(&self, now: i64, waits: bool) -> bool {
        let longest = if waits { WAITING } else { LONGEST };
        let back = now < self.began.max(self.seen) - SLACK;
        !back && now <= self.ends.min(self.began + longest) && now - self.seen <= IDLE
    }
}

/// Opens a session after every factor asked for was right.
pub fn begin(tx: &Tx, account: &Account, opening: &Opening) -> Result<(), Fault> {
    let sql = "update account set failed = 0, locked = 0 where top_id = $1 and person_id = $2";
    tx.run(sql, &[account.top.into(), account.person.into()])?;
    let sql = "insert into session (top_id, token, person_id, began, seen, ends, strength, device, proven)
               values ($1, $2, $3, $4, $4, $5, $6, $7, $4)";
    let strength = if opening.strength == Strength::Two { 2 } else { 1 };
    let args = [
        account.top.into(),
        secret::digest(opening.token.as_bytes()).into(),
        account.person.into(),
        now().into(),
        (now() + LONGEST).into(),
        strength.into(),
        opening.device.as_str().into(),
    ];
    tx.run(sql, &args)?;
    audit::by(tx, account.top, account.person, 0, "session.begin", account.person, "")
}

/// Notes that who uses a session has just proved anew who they are.
pub fn prove(tx: &Tx, actor: &Actor, token: &str) -> Result<(), Fault> {
    let key = [actor.top.into(), actor.person.into()];
    tx.run("update account set failed = 0, locked = 0 where top_id = $1 and person_id = $2", &key)?;
    let sql = "update session set proven = $4 where top_id = $1 and person_id = $2 and token = $3";
    let [top, person] = key;
    tx.run(sql, &[top, person, secret::digest(token.as_bytes()).into(), now().into()])?;
    audit::by(tx, actor.top, actor.person, 0, "session.prove", actor.person, "")
}

/// Whether they proved it at most this long ago (milliseconds). A moment to come was told by a clock that has gone back.
pub fn is_proven(proven: i64, within: i64) -> bool {
    (now() - within..=now() + SLACK).contains(&proven)
}

/// Ends the session of a token.
pub fn end(tx: &Tx, actor: &Actor, token: &str) -> Result<(), Fault> {
    end_one(tx, actor, &secret::digest(token.as_bytes())).map(drop)
}

/// Ends one session of whoever asks, by its digest; returns whether there was one.
pub fn end_one(tx: &Tx, actor: &Actor, id: &str) -> Result<bool, Fault> {
    let sql = "delete from session where top_id = $1 and person_id = $2 and token = $3";
    let ended = tx.run(sql, &[actor.top.into(), actor.person.into(), id.into()])?;
    audit::by(tx, actor.top, actor.person, 0, "session.end", actor.person, "")?;
    Ok(ended > 0)
}

/// Ends every session of whoever asks but the one of this token.
pub fn end_others(tx: &Tx, actor: &Actor, token: &str) -> Result<(), Fault> {
    let sql = "delete from session where top_id = $1 and person_id = $2 and token <> $3";
    tx.run(sql, &[actor.top.into(), actor.person.into(), secret::digest(token.as_bytes()).into()])?;
    audit::by(tx, actor.top, actor.person, 0, "session.end_others", actor.person, "")
}

/// The sessions of whoever asks, the latest first. There are few: each ends within half a day.
pub fn list(tx: &Tx, actor: &Actor) -> Result<Vec<Line>, Fault> {
    let sql = "select token, device, began, seen, ends from session where top_id = $1 and person_id = $2
                order by seen desc, token limit 100";
    let mut lines = tx.rows(sql, &[actor.top.into(), actor.person.into()], |row| {
        let line = Line { id: row.text(0)?, device: row.text(1)?, began: row.int(2)?, seen: row.int(3)? };
        Ok((Moments { began: line.began, seen: line.seen, ends: row.int(4)? }, line))
    })?;
    lines.retain(|(moments, _)| moments.serve(now(), false));
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

/// Who is asking, by the token of the cookie, with the posts held today; one statement, and one more
/// for those on a team of a round.
pub fn known(tx: &Tx, top: i64, token: &str, today: Date) -> Result<Known, Fault> {
    let sql = "select p.id, p.name, p.unit_id, p.path, p.left_on, h.post, h.unit_id, h.path, h.top_id,
                      s.began, s.seen, s.ends, s.strength,
                      coalesce(f.since, (select max(k.made) from passkey k
                                         where k.top_id = s.top_id and k.person_id = s.person_id), 0),
                      (select count(*) from round_member m where m.top_id = s.top_id and m.person_id = s.person_id
                          and m.until_date >= $3), s.proven
                 from session s
                 join account a on a.top_id = s.top_id and a.person_id = s.person_id and a.active = 1
                 join person p on p.top_id = s.top_id and p.id = s.person_id
                 left join second_factor f on f.top_id = s.top_id and f.person_id = s.person_id
                 left join holding h on h.top_id = s.top_id and h.person_id = s.person_id
                                    and h.from_date <= $3 and h.until_date >= $3
                where s.top_id = $1 and s.token = $2
                order by h.path, h.post";
    let digest = secret::digest(token.as_bytes());
    let mut rows = tx.rows(sql, &[top.into(), digest.into(), today.into()], |row| {
        let moments = Moments { began: row.int(9)?, seen: row.int(10)?, ends: row.int(11)? };
        Ok((posted(row, top, today)?, moments, (row.int(12)?, row.int(13)? > 0, row.int(14)? > 0, row.int(15)?)))
    })?;
    let Some((mut actor, moments, (strength, factor, seated, proven))) = rows.pop() else {
        return Err(Fault::NotFound);
    };
    let mut posts: Vec<Held> = rows.into_iter().flat_map(|(actor, ..)| actor.posts).collect();
    posts.append(&mut actor.posts);
    if seated {
        posts.extend(round::seats(tx, top, actor.person, today)?);
    }
    actor.posts = unique(posts);
    let strength = if strength >= 2 { Strength::Two } else { Strength::One };
    if !moments.serve(now(), factor && strength == Strength::One) {
        return Err(Fault::NotFound);
    }
    Ok(Known { actor, strength, factor, unseen: now() - moments.seen > 60_000, proven })
}

/// A person as one row tells: with one post of theirs, and `member` where they are on the roll. The first nine columns
/// are id, name, unit, path, day of leaving; post, its unit, path and organisation.
pub(crate) fn posted(row: &Row, top: i64, today: Date) -> Result<Actor, Fault> {
    let (home, post) = (row.int(2)?, row.text(5)?);
    let mut posts = Vec::new();
    if !post.is_empty() {
        posts.push(Held { post, unit: row.int(6)?, path: row.path(7)?, top: row.int(8)? });
    }
    if row.text(4)? == FOREVER && home != 0 {
        posts.push(Held { post: "member".into(), unit: home, top, path: row.path(3)? });
    }
    Ok(Actor { person: row.int(0)?, top, home, name: row.text(1)?, posts, operation: 0, today })
}

/// Each post once, `member` last.
pub(crate) fn unique(posts: Vec<Held>) -> Vec<Held> {
    let (member, mut others): (Vec<Held>, Vec<Held>) = posts.into_iter().partition(|held| held.post == "member");
    others.extend(member.into_iter().next());
    others
}

/// Marks a session as used just now; a moment later than now stays.
pub fn seen(tx: &Tx, top: i64, token: &str) -> Result<(), Fault> {
    let sql = "update session set seen = $3 where top_id = $1 and token = $2 and seen < $3";
    tx.run(sql, &[top.into(), secret::digest(token.as_bytes()).into(), now().into()]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600 * 1000;
    const DAY: i64 = 24 * HOUR;

    #[test]
    fn no_session_lasts_longer_because_a_clock_jumped() {
        let session = Moments { began: 1000 * DAY, seen: 1000 * DAY + HOUR, ends: 1000 * DAY + LONGEST };
        let at = |moment: i64| session.serve(moment, false);
        assert!(at(session.seen) && at(session.seen + IDLE) && at(session.seen - SLACK), "as long as it was given");
        for jump in [DAY, 400 * DAY, -2 * HOUR, -DAY, -400 * DAY, -SLACK - 1, IDLE + 1] {
            assert!(!at(session.seen + jump), "{jump}");
        }
        // opened while the clock was 400 days ahead: it does not serve once the clock is right again
        let ahead = Moments { began: 1400 * DAY, seen: 1400 * DAY, ends: 1400 * DAY + LONGEST };
        assert!(!ahead.serve(1000 * DAY, false));
        // a busy session ends after half a day, whatever its row says of the end
        let busy = Moments { began: 0, seen: LONGEST + 1, ends: 400 * DAY };
        assert!(!busy.serve(LONGEST + 1, false));
    }

    #[test]
    fn one_that_waits_for_a_code_waits_ten_minutes() {
        let fresh = Moments { began: DAY, seen: DAY, ends: DAY + LONGEST };
        assert!(fresh.serve(DAY + WAITING, true) && !fresh.serve(DAY + WAITING + 1, true));
        assert!(fresh.serve(DAY + WAITING + 1, false));
    }
}
