//! Calendar feeds: private addresses by which a calendar program reads what is planned, in somebody's name and with the
//! rights they have on the day. Only the digest of an address is kept; one that is revoked leads nowhere at once.

use crate::session::{posted, unique};
use crate::{Fault, Tx, audit, now, secret};
use jiff::civil::Date;
use luoshi_rules::{Actor, Refusal};

/// Feeds a person may have at once.
const MOST: usize = 20;

/// A feed, for the list of whoever made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// digest
    pub id: String,
    /// the unit, or 0 for all units of its owner
    pub unit: i64,
    /// its short name, or empty
    pub unit_name: String,
    /// when it was made
    pub made: i64,
}

/// Makes a feed of a unit, or with 0 of all units of whoever asks. The caller checks that they may see the unit.
pub fn add(tx: &Tx, actor: &Actor, unit: i64, token: &str) -> Result<(), Fault> {
    if list(tx, actor)?.len() >= MOST {
        let zh = format!("日历地址最多 {MOST} 个，请先撤销不用的");
        return Err(Refusal::rule(zh, format!("at most {MOST} calendar addresses; revoke one first")).into());
    }
    let sql = "insert into calendar_feed (top_id, token, unit_id, person_id, made) values ($1, $2, $3, $4, $5)";
    let digest = secret::digest(token.as_bytes());
    tx.run(sql, &[actor.top.into(), digest.into(), unit.into(), actor.person.into(), now().into()])?;
    audit::by(tx, actor.top, actor.person, unit, "feed.add", actor.person, "")
}

/// Revokes a feed of whoever asks, by its digest.
pub fn revoke(tx: &Tx, actor: &Actor, id: &str) -> Result<(), Fault> {
    let sql = "delete from calendar_feed where top_id = $1 and person_id = $2 and token = $3";
    if tx.run(sql, &[actor.top.into(), actor.person.into(), id.into()])? == 0 {
        return Err(Fault::NotFound);
    }
    audit::by(tx, actor.top, actor.person, 0, "feed.revoke", actor.person, "")
}

/// The feeds of whoever asks, the newest first.
pub fn list(tx: &Tx, actor: &Actor) -> Result<Vec<Line>, Fault> {
    let sql = "select f.token, f.unit_id, u.short_name, f.made
                 from calendar_feed f left join unit u on u.top_id = f.top_id and u.id = f.unit_id
                where f.top_id = $1 and f.person_id = $2 order by f.made desc, f.token";
    tx.rows(sql, &[actor.top.into(), actor.person.into()], |row| {
        Ok(Line { id: row.text(0)?, unit: row.int(1)?, unit_name: row.text(2)?, made: row.int(3)? })
    })
}

/// In whose name a feed reads today, with the posts they hold, and of which unit; nothing once their account is closed.
pub fn known(tx: &Tx, (top, token): (i64, &str), today: Date) -> Result<(Actor, i64), Fault> {
    let sql = "select p.id, p.name, p.unit_id, p.path, p.left_on, h.post, h.unit_id, h.path, h.top_id, f.unit_id
                 from calendar_feed f
                 join account a on a.top_id = f.top_id and a.person_id = f.person_id and a.active = 1
                 join person p on p.top_id = f.top_id and p.id = f.person_id
                 left join holding h on h.top_id = f.top_id and h.person_id = f.person_id
                                    and h.from_date <= $3 and h.until_date >= $3
                where f.top_id = $1 and f.token = $2
                order by h.path, h.post";
    let digest = secret::digest(token.as_bytes());
    let mut rows =
        tx.rows(sql, &[top.into(), digest.into(), today.into()], |row| Ok((posted(row, top, today)?, row.int(9)?)))?;
    let Some((mut actor, unit)) = rows.pop() else { return Err(Fault::NotFound) };
    let mut posts: Vec<_> = rows.into_iter().flat_map(|(actor, _)| actor.posts).collect();
    posts.append(&mut actor.posts);
    actor.posts = unique(posts);
    Ok((actor, unit))
}
