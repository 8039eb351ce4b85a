//! Posts: who holds which, where, from when to when. A single seat has one holder at a time.

use crate::{FOREVER, Fault, Row, Tx, audit, needs};
use jiff::civil::Date;
use luoshi_rules::pack::Post;
use luoshi_rules::{Actor, Held, Permit, Refusal, Scope, UnitPath, Verb};

/// A post somebody held.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// the unit
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// the post
    pub post: String,
    /// the person
    pub person: i64,
    /// shown name
    pub name: String,
    /// first day
    pub from: Date,
    /// last day; none while held
    pub until: Option<Date>,
    /// elected, appointed; approval paper
    pub how: String,
}

/// A seat somebody takes.
pub(crate) struct Seat<'a> {
    pub(crate) unit: i64,
    pub(crate) path: &'a UnitPath,
    pub(crate) post: &'a Post,
    pub(crate) person: i64,
    pub(crate) from: Date,
    pub(crate) until: Option<Date>,
}

impl Seat<'_> {
    /// 0 where one person holds the post, else the person.
    fn number(&self) -> i64 {
        if self.post.many { self.person } else { 0 }
    }

    fn last(&self) -> String {
        self.until.map_or_else(|| FOREVER.to_owned(), |day| day.to_string())
    }
}

/// Appoints a person of the organisation to a post in the unit of the permit.
pub fn appoint(tx: &Tx, permit: &Permit, post: &Post, person: i64, from: Date, how: &str) -> Result<(), Fault> {
    enter(tx, permit, (post, person), (from, None), how)
}

/// Enters a post that was held between two days in the past.
pub fn recall(
    tx: &Tx,
    permit: &Permit,
    (post, person): (&Post, i64),
    (from, until): (Date, Date),
    how: &str,
) -> Result<(), Fault> {
    if until < from {
        return Err(Refusal::field("until", "免职日期早于任职日期", "the last day is before the first").into());
    }
    if until >= permit.today() {
        return Err(Refusal::field("until", "免职日期应在今天之前", "the last day must be before today").into());
    }
    enter(tx, permit, (post, person), (from, Some(until)), how)
}

fn enter(
    tx: &Tx,
    permit: &Permit,
    (post, person): (&Post, i64),
    (from, until): (Date, Option<Date>),
    how: &str,
) -> Result<(), Fault> {
    needs(permit, Verb::Roll)?;
    if post.round {
        let zh = "该岗位一次一授权，只能在轮次中安排";
        return Err(Refusal::field("post", zh, "this post is given for one round only, in the round").into());
    }
    let sql = "select p.id from person p
                where p.top_id = $1 and p.id = $2 and (p.left_on = '9999-12-31' or p.left_on >= $3)";
    let last = until.unwrap_or(permit.today());
    if tx.rows(sql, &[permit.top().into(), person.into(), last.into()], |row| row.int(0))?.is_empty() {
        return Err(Refusal::field("person", "名册中没有此人", "this person is not on the roll").into());
    }
    let seat = Seat { unit: permit.unit(), path: permit.path(), post, person, from, until };
    take(tx, permit.top(), &seat, how)?;
    audit::note(tx, permit, "holding.appoint", person, &post.id)
}

/// Writes the holding unless the seat is taken on one of those days.
pub(crate) fn take(tx: &Tx, top: i64, seat: &Seat, how: &str) -> Result<(), Fault> {
    let sql = "select p.name, h.from_date, h.until_date from holding h
                 join person p on p.top_id = h.top_id and p.id = h.person_id
                where h.top_id = $1 and h.unit_id = $2 and h.post = $3 and h.seat = $4
                  and h.until_date >= $5 and h.from_date <= $6
                order by h.from_date";
    let args = [
        top.into(),
        seat.unit.into(),
        seat.post.id.as_str().into(),
        seat.number().into(),
        seat.from.into(),
        seat.last().into(),
        seat.person.into(),
        seat.path.as_str().into(),
        how.trim().into(),
    ];
    let held = tx.rows(sql, &args, |row| Ok((row.text(0)?, row.text(1)?, row.day(2)?)))?;
    if let Some((name, since, until)) = held.first() {
        return Err(taken(name, since, *until).into());
    }
    let sql = "insert into holding (top_id, unit_id, post, seat, from_date, until_date, person_id, path, how)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    tx.run(sql, &args).map(drop)
}

fn taken(name: &str, since: &str, until: Option<Date>) -> Refusal {
    let zh = until.map_or("至今".to_owned(), |day| format!("至 {day}"));
    let en = until.map_or("and still does".to_owned(), |day| format!("until {day}"));
    Refusal::field(
        "from",
        format!("{name} 自 {since} 任此职{zh}，同一岗位任期不能重叠：请先免去，或改起始日期"),
        format!("{name} has held this post since {since} {en}; end that first, or begin later"),
    )
}

/// Ends the open holding of a post by a person; `on` is its last day.
pub fn end(tx: &Tx, permit: &Permit, post: &str, person: i64, on: Date) -> Result<(), Fault> {
    needs(permit, Verb::Roll)?;
    close(tx, (permit.top(), permit.unit()), post, person, on)?;
    audit::note(tx, permit, "holding.end", person, post)
}

pub(crate) fn close(tx: &Tx, (top, unit): (i64, i64), post: &str, person: i64, on: Date) -> Result<(), Fault> {
    let sql = "update holding set until_date = $5
                where top_id = $1 and unit_id = $2 and post = $3 and person_id = $4 and until_date = '9999-12-31'
                  and from_date <= $5";
    let args = [top.into(), unit.into(), post.into(), person.into(), on.into()];
    if tx.run(sql, &args)? > 0 {
        return Ok(());
    }
    let zh = "此人现不任该职，或免职日期早于任职日期，请核对";
    Err(Refusal::field("on", zh, "they do not hold this post, or the day is before they took it").into())
}

/// Ends every open post of a person, or only those in one unit when it is not 0; those that began later end on the
/// day they began.
pub(crate) fn end_all(tx: &Tx, top: i64, person: i64, unit: i64, last: Date) -> Result<(), Fault> {
    let sql = "update holding set until_date = case when from_date > $4 then from_date else $4 end
                where top_id = $1 and person_id = $2 and (unit_id = $3 or $3 = 0) and until_date = '9999-12-31'";
    tx.run(sql, &[top.into(), person.into(), unit.into(), last.into()]).map(drop)
}

/// Holders of posts in one unit: those of today first, then the past.
pub fn of_unit(tx: &Tx, scope: &Scope, unit: i64) -> Result<Vec<Line>, Fault> {
    let sql = "select h.unit_id, u.short_name, h.post, h.person_id, p.name, h.from_date, h.until_date, h.how
                 from holding h
                 join person p on p.top_id = h.top_id and p.id = h.person_id
                 join unit u on u.top_id = h.top_id and u.id = h.unit_id
                where h.top_id = $1 and h.path >= $2 and h.path < $3 and h.unit_id = $4
                order by h.until_date desc, h.post, p.search";
    let mut args = crate::unit::range(scope).to_vec();
    args.push(unit.into());
    tx.rows(sql, &args, line)
}

/// Holders of posts in all units of a scope, today and before.
pub fn in_scope(tx: &Tx, scope: &Scope) -> Result<Vec<Line>, Fault> {
    let sql = "select h.unit_id, u.short_name, h.post, h.person_id, p.name, h.from_date, h.until_date, h.how
                 from holding h
                 join person p on p.top_id = h.top_id and p.id = h.person_id
                 join unit u on u.top_id = h.top_id and u.id = h.unit_id
                where h.top_id = $1 and h.path >= $2 and h.path < $3
                order by h.path, h.until_date desc, h.post, p.search";
    tx.rows(sql, &crate::unit::range(scope), line)
}

/// Somebody who holds a post in a unit above another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Above {
    /// the person
    pub person: i64,
    /// shown name
    pub name: String,
    /// what the name is searched in
    pub search: String,
    /// short name of the unit above
    pub unit_name: String,
}

/// Who held a post in a unit above the root of a scope on a day, nearest first, each once: who may come and listen. Who
/// leads the units above is known to everybody below.
pub fn above(tx: &Tx, scope: &Scope, on: Date) -> Result<Vec<Above>, Fault> {
    let sql = "select h.person_id, p.name, p.search, u.short_name from holding h
                 join person p on p.top_id = h.top_id and p.id = h.person_id
                 join unit u on u.top_id = h.top_id and u.id = h.unit_id
                where h.top_id = $1 and length(h.path) < length(cast($2 as text))
                  and substr(cast($2 as text), 1, length(h.path)) = h.path
                  and h.from_date <= $3 and h.until_date >= $3
                order by h.path desc, p.search, p.id";
    let args = [scope.top().into(), scope.from().into(), on.into()];
    let mut all: Vec<Above> = Vec::new();
    tx.rows(sql, &args, |row| {
        let one = Above { person: row.int(0)?, name: row.text(1)?, search: row.text(2)?, unit_name: row.text(3)? };
        if all.iter().all(|known| known.person != one.person) {
            all.push(one);
        }
        Ok(())
    })?;
    Ok(all)
}

/// Who a person is today: their posts, `member` where they are on the roll, seats on the team of a round. Two statements.
pub fn actor(tx: &Tx, top: i64, person: i64, today: Date) -> Result<Actor, Fault> {
    let sql = "select p.name, p.unit_id, p.path, h.post, h.unit_id, h.path
                 from person p
                 left join holding h on h.top_id = p.top_id and h.person_id = p.id
                                    and h.from_date <= $3 and h.until_date >= $3
                where p.top_id = $1 and p.id = $2 and p.left_on = '9999-12-31'
                order by h.path, h.post";
    let mut posts = Vec::new();
    let rows = tx.rows(sql, &[top.into(), person.into(), today.into()], |row| {
        let post = row.text(3)?;
        if !post.is_empty() {
            posts.push(Held { post, unit: row.int(4)?, top, path: row.path(5)? });
        }
        Ok((row.text(0)?, row.int(1)?, row.path(2)?))
    })?;
    let (name, home, path) = rows.into_iter().next().ok_or(Fault::NotFound)?;
    posts.push(Held { post: "member".into(), unit: home, top, path });
    posts.extend(crate::round::seats(tx, top, person, today)?);
    Ok(Actor { person, top, home, name, posts, operation: 0, today })
}

fn line(row: &Row) -> Result<Line, Fault> {
    Ok(Line {
        unit: row.int(0)?,
        unit_name: row.text(1)?,
        post: row.text(2)?,
        person: row.int(3)?,
        name: row.text(4)?,
        from: row.parse(5)?,
        until: row.day(6)?,
        how: row.text(7)?,
    })
}

/// People on the roll of a unit who hold a single-seat post anywhere in the organisation on a day.
pub fn on_roll_of(tx: &Tx, top: i64, unit: i64, today: Date) -> Result<Vec<i64>, Fault> {
    let sql = "select distinct h.person_id from holding h
                 join person p on p.top_id = h.top_id and p.id = h.person_id
                where h.top_id = $1 and p.unit_id = $2 and h.seat = 0 and h.from_date <= $3 and h.until_date >= $3";
    tx.rows(sql, &[top.into(), unit.into(), today.into()], |row| row.int(0))
}
