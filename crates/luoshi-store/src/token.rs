//! Tokens of programs: what asks in somebody's name without a browser. A token never has more rights than its owner
//! has today; it may have fewer: reading only, or one part of the tree.

use crate::session::{posted, unique};
use crate::{Fault, Tx, audit, now, round, secret};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::{Actor, Held, Pack, Refusal, UnitPath, Verb};

/// Tokens a person may have at once.
const MOST: usize = 20;

/// What somebody wants a token to be.
#[derive(Debug, Clone)]
pub struct Wish {
    /// what it is for
    pub name: String,
    /// whether it may do more than read
    pub writes: bool,
    /// whether it may raise proposals and read those its owner raised: who keeps it for something else must not learn
    /// what was raised under no name
    pub proposals: bool,
    /// the unit it is limited to; 0 for none
    pub unit: i64,
    /// the last day it serves
    pub until: Date,
}

/// A token, for the list of its owner.
#[derive(Debug, Clone)]
pub struct Line {
    /// digest
    pub id: String,
    /// as it was wished for
    pub wish: Wish,
    /// short name of the unit it is limited to; empty for none
    pub unit_name: String,
}

/// Who a token speaks for.
#[derive(Debug, Clone)]
pub struct Known {
    /// the owner, with the posts held today, as far as the token reaches
    pub actor: Actor,
    /// whether it may do more than read
    pub writes: bool,
    /// whether it may raise proposals and read those its owner raised
    pub proposals: bool,
    /// whether the owner has set up a second factor
    pub factor: bool,
}

/// Makes a token.
pub fn add(tx: &Tx, actor: &Actor, wish: &Wish, token: &str) -> Result<(), Fault> {
    check(actor, wish)?;
    if list(tx, actor)?.len() >= MOST {
        let zh = format!("令牌最多 {MOST} 个，请先撤销不用的");
        return Err(Refusal::rule(zh, format!("at most {MOST} tokens; revoke one first")).into());
    }
    let sql = "insert into access_token (top_id, token, person_id, name, writes, unit_id, until_date, made, proposals)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let args = [
        actor.top.into(),
        secret::digest(token.as_bytes()).into(),
        actor.person.into(),
        wish.name.as_str().into(),
        i64::from(wish.writes).into(),
        wish.unit.into(),
        wish.until.into(),
        now().into(),
        i64::from(wish.proposals).into(),
    ];
    tx.run(sql, &args)?;
    audit::by(tx, actor.top, actor.person, wish.unit, "token.add", actor.person, "")
}

fn check(actor: &Actor, wish: &Wish) -> Result<(), Refusal> {
    if !(1..=40).contains(&wish.name.chars().count()) {
        return Err(Refusal::field("name", "请写明用途，1至40字", "say what it is for, in 1 to 40 characters"));
    }
    let last = actor.today.checked_add(1.year()).unwrap_or(actor.today);
    if !(actor.today..=last).contains(&wish.until) {
        let zh = format!("请填今天至 {last} 之间的日期：令牌最长一年");
        return Err(Refusal::field("until", zh, format!("a day from today to {last}: a year at most")));
    }
    Ok(())
}

/// Revokes a token of whoever asks, by its digest.
pub fn revoke(tx: &Tx, actor: &Actor, id: &str) -> Result<(), Fault> {
    let sql = "delete from access_token where top_id = $1 and person_id = $2 and token = $3";
    if tx.run(sql, &[actor.top.into(), actor.person.into(), id.into()])? == 0 {
        return Err(Fault::NotFound);
    }
    audit::by(tx, actor.top, actor.person, 0, "token.revoke", actor.person, "")
}

/// The tokens of whoever asks, the newest first.
pub fn list(tx: &Tx, actor: &Actor) -> Result<Vec<Line>, Fault> {
    let sql = "select t.token, t.name, t.writes, t.unit_id, t.until_date, u.short_name, t.proposals
                 from access_token t left join unit u on u.top_id = t.top_id and u.id = t.unit_id
                where t.top_id = $1 and t.person_id = $2 order by t.made desc, t.token";
    tx.rows(sql, &[actor.top.into(), actor.person.into()], |row| {
        let (name, writes, unit) = (row.text(1)?, row.int(2)? == 1, row.int(3)?);
        let wish = Wish { name, writes, proposals: row.int(6)? == 1, unit, until: row.parse(4)? };
        Ok(Line { id: row.text(0)?, wish, unit_name: row.text(5)? })
    })
}

/// Who a token speaks for today; one statement, and one more for those on a team of a round.
pub fn known(tx: &Tx, base: &Pack, (top, token): (i64, &str), today: Date) -> Result<Known, Fault> {
    let sql = "select p.id, p.name, p.unit_id, p.path, p.left_on, h.post, h.unit_id, h.path, h.top_id,
                      t.writes, t.unit_id, u.path,
                      coalesce(f.since, (select max(k.made) from passkey k
                                         where k.top_id = t.top_id and k.person_id = t.person_id), 0),
                      (select count(*) from round_member m where m.top_id = t.top_id and m.person_id = t.person_id
                          and m.until_date >= $3),
                      t.proposals
                 from access_token t
                 join account a on a.top_id = t.top_id and a.person_id = t.person_id and a.active = 1
                 join person p on p.top_id = t.top_id and p.id = t.person_id
                 left join unit u on u.top_id = t.top_id and u.id = t.unit_id
                 left join second_factor f on f.top_id = t.top_id and f.person_id = t.person_id
                 left join holding h on h.top_id = t.top_id and h.person_id = t.person_id
                                    and h.from_date <= $3 and h.until_date >= $3
                where t.top_id = $1 and t.token = $2 and t.until_date >= $3
                order by h.path, h.post";
    let digest = secret::digest(token.as_bytes());
    let mut rows = tx.rows(sql, &[top.into(), digest.into(), today.into()], |row| {
        let limit = if row.int(10)? == 0 { None } else { Some(row.path(11)?) };
        let may = (row.int(9)? == 1, row.int(14)? == 1);
        Ok((posted(row, top, today)?, may, limit, (row.int(12)? > 0, row.int(13)? > 0)))
    })?;
    let Some((mut actor, (writes, proposals), limit, (factor, seated))) = rows.pop() else {
        return Err(Fault::NotFound);
    };
    let mut posts: Vec<Held> = rows.into_iter().flat_map(|(actor, ..)| actor.posts).collect();
    posts.append(&mut actor.posts);
    if seated {
        posts.extend(round::seats(tx, top, actor.person, today)?);
    }
    actor.posts = unique(posts);
    if let Some(limit) = limit {
        actor.posts = actor.posts.into_iter().filter_map(|held| narrowed(base, held, &limit)).collect();
    }
    Ok(Known { actor, writes, proposals, factor })
}

/// A post as far as it reaches into a part of the tree. One held above the part serves in it; but not one that gives
/// something at its own unit only, because there it would give that too.
fn narrowed(base: &Pack, held: Held, limit: &UnitPath) -> Option<Held> {
    if limit.contains(&held.path) {
        return Some(held);
    }
    let here_only = |verb: &Verb| base.grants(&held.post, *verb, true) && !base.grants(&held.post, *verb, false);
    let reaches = held.path.contains(limit) && !Verb::ALL.iter().any(here_only);
    reaches.then(|| Held { path: limit.clone(), ..held })
}
