//! Posts: who holds which, where, from when to when. A single seat has one holder at a time.

use crate::{FOREVER, Fault, Row, Tx, Value, audit, new_id};
use jiff::civil::Date;
use luoshi_rules::pack::Post;
use luoshi_rules::{Permit, Refusal, Scope};

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

/// Appoints a person of the organisation to a post in the unit of the permit.
pub fn appoint(tx: &Tx, permit: &Permit, post: &Post, person: i64, from: Date, how: &str) -> Result<(), Fault> {
    let seat = if post.many { person } else { 0 };
    let clash = "select p.name, h.from_date, h.until_date from holding h
                   join person p on p.top_id = h.top_id and p.id = h.person_id
                  where h.top_id = $1 and h.unit_id = $2 and h.post = $3 and h.seat = $4 and h.until_date >= $5
                  order by h.from_date";
    let key: [Value; 5] =
        [permit.top().into(), permit.unit().into(), post.id.as_str().into(), seat.into(), from.into()];
    let held = tx.rows(clash, &key, |row| Ok((row.text(0)?, row.text(1)?, row.text(2)?)))?;
    if let Some((name, since, until)) = held.first() {
        return Err(taken(name, since, until).into());
    }
    let on_roll = "select id from person where top_id = $1 and id = $2 and left_on = '9999-12-31'";
    if tx.rows(on_roll, &[permit.top().into(), person.into()], |row| row.int(0))?.is_empty() {
        return Err(Refusal::field("person", "名册中没有此人", "this person is not on the roll").into());
    }
    insert(tx, permit, (&post.id, seat), person, from, how)?;
    audit::note(tx, permit, "holding.appoint", person, &post.id)
}

fn taken(name: &str, since: &str, until: &str) -> Refusal {
    let end = if until == FOREVER { String::new() } else { until.to_owned() };
    Refusal::field(
        "from",
        format!("{name} 自 {since} 任此职（至 {end}），同一岗位任期不能重叠：请先免去，或改起始日期"),
        format!("{name} has held this post since {since} (until {end}); end that first, or begin later"),
    )
}

fn insert(
    tx: &Tx,
    permit: &Permit,
    (post, seat): (&str, i64),
    person: i64,
    from: Date,
    how: &str,
) -> Result<(), Fault> {
    let sql = "insert into holding (top_id, unit_id, post, seat, until_date, from_date, person_id, path, how)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let args = [
        permit.top().into(),
        permit.unit().into(),
        post.into(),
        seat.into(),
        FOREVER.into(),
        from.into(),
        person.into(),
        permit.path().as_str().into(),
        how.into(),
    ];
    tx.run(sql, &args).map(drop)
}

/// Ends the open holding of a post by a person on a day.
pub fn end(tx: &Tx, permit: &Permit, post: &str, person: i64, on: Date) -> Result<(), Fault> {
    let sql = "update holding set until_date = $5
                where top_id = $1 and unit_id = $2 and post = $3 and person_id = $4 and until_date = '9999-12-31'
                  and from_date <= $5";
    let args = [permit.top().into(), permit.unit().into(), post.into(), person.into(), on.into()];
    if tx.run(sql, &args)? == 0 {
        return Err(Refusal::field(
            "on",
            "没有这一任职，或免职日期早于任职日期",
            "no such post is held, or the day is before it began",
        )
        .into());
    }
    audit::note(tx, permit, "holding.end", person, post)
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

/// Posts of one person, newest first.
pub fn of_person(tx: &Tx, top: i64, person: i64) -> Result<Vec<Line>, Fault> {
    let sql = "select h.unit_id, u.short_name, h.post, h.person_id, p.name, h.from_date, h.until_date, h.how
                 from holding h
                 join person p on p.top_id = h.top_id and p.id = h.person_id
                 join unit u on u.top_id = h.top_id and u.id = h.unit_id
                where h.top_id = $1 and h.person_id = $2
                order by h.until_date desc, h.from_date desc";
    tx.rows(sql, &[top.into(), person.into()], line)
}

/// Sets the term of office of the unit of the permit.
pub fn set_term(tx: &Tx, permit: &Permit, from: Date, until: Date) -> Result<(), Fault> {
    if until <= from {
        return Err(Refusal::field("until", "届满日期应在开始日期之后", "the end must be after the beginning").into());
    }
    let sql = "insert into term (top_id, unit_id, from_date, id, path, until_date) values ($1, $2, $3, $4, $5, $6)";
    let args = [
        permit.top().into(),
        permit.unit().into(),
        from.into(),
        new_id().into(),
        permit.path().as_str().into(),
        until.into(),
    ];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "term.set", permit.unit(), &until.to_string())
}

/// Extends the newest term by at most a year, with the reason (election regulation of 2020, article 3).
pub fn extend_term(tx: &Tx, permit: &Permit, until: Date, why: &str) -> Result<(), Fault> {
    let key = [permit.top().into(), permit.unit().into()];
    let sql =
        "select from_date, until_date from term where top_id = $1 and unit_id = $2 order by from_date desc limit 1";
    let (from, due): (Date, Date) = tx.row(sql, &key, |row| Ok((row.parse(0)?, row.parse(1)?)))?;
    let latest = due.checked_add(jiff::Span::new().years(1)).unwrap_or(due);
    if until <= due || until > latest || why.trim().is_empty() {
        let refusal = Refusal::field(
            "until",
            format!("延期不超过1年（{latest} 以前），并写明理由"),
            format!("an extension is at most one year (to {latest}) and needs a reason"),
        );
        return Err(refusal.into());
    }
    let sql = "update term set extended = $4, why = $5 where top_id = $1 and unit_id = $2 and from_date = $3";
    let [top, unit] = key;
    tx.run(sql, &[top, unit, from.into(), until.into(), why.trim().into()])?;
    audit::note(tx, permit, "term.extend", permit.unit(), &until.to_string())
}

/// A term of office.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// first day
    pub from: Date,
    /// last day, as elected
    pub until: Date,
    /// the later day, when extended
    pub extended: Option<Date>,
    /// why it was extended
    pub why: String,
}

/// Terms of a unit, newest first.
pub fn terms(tx: &Tx, scope: &Scope, unit: i64) -> Result<Vec<Term>, Fault> {
    let sql = "select from_date, until_date, extended, why from term
                where top_id = $1 and path >= $2 and path < $3 and unit_id = $4 order by from_date desc";
    let mut args = crate::unit::range(scope).to_vec();
    args.push(unit.into());
    tx.rows(sql, &args, |row| {
        Ok(Term { from: row.parse(0)?, until: row.parse(1)?, extended: row.day(2)?, why: row.text(3)? })
    })
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
