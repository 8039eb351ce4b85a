//! Pledges of people and of units. A person's is shown with the unit on whose roll they are; above it, only numbers are,
//! but for what its pledger agreed to publish.

use crate::{Fault, Row, Tx, Value, audit, needs, new_id, unit};
use jiff::civil::Date;
use luoshi_rules::pledge::{Act, Event, LookBack, Pledges, Standing, standing};
use luoshi_rules::{Actor, Permit, Refusal, Scope, UnitPath, Verb};
use std::collections::HashMap;

/// How many open pledges a person or a unit may have at once.
const MOST: i64 = 10;

/// A pledge with what happened to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Pledge {
    /// key
    pub id: i64,
    /// whose it is: the person, or 0 for a unit's
    pub person: i64,
    /// their name, or empty
    pub name: String,
    /// whose it is, or on whose roll the person is
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// its place
    pub path: UnitPath,
    /// the first year it is for
    pub year: i16,
    /// what is pledged
    pub text: String,
    /// by what one will see that it is kept
    pub measure: String,
    /// when it was made
    pub on: Date,
    /// what happened to it
    pub events: Vec<Event>,
}

impl Pledge {
    /// How it stands.
    pub fn standing(&self) -> Standing {
        standing(self.year, &self.events)
    }
}

/// A pledge as it is made.
#[derive(Debug, Clone)]
pub struct Made<'a> {
    /// the first year it is for
    pub year: i16,
    /// what is pledged
    pub text: &'a str,
    /// by what one will see that it is kept
    pub measure: &'a str,
    /// whether it may be published at once
    pub published: bool,
}

/// Makes a pledge: a unit's with leave to write there, otherwise one's own.
pub fn make(tx: &Tx, permit: &Permit, pledges: &Pledges, made: &Made) -> Result<i64, Fault> {
    check(pledges, made, permit.today())?;
    let (unit, person) = match permit.verb() {
        Verb::Write => (permit.unit(), 0),
        _ => (0, permit.person()),
    };
    // closed ones are told by their last look back
    let sql = "select count(*) from pledge p where p.top_id = $1 and p.unit_id = $2 and p.person_id = $3
                  and not exists (select 1 from pledge_event e where e.top_id = p.top_id and e.pledge_id = p.id
                                     and e.act = 'look-back' and e.carried = 0)";
    let key: [Value; 3] = [permit.top().into(), unit.into(), person.into()];
    if tx.row(sql, &key, |row| row.int(0))? >= MOST {
        let (zh, en) = ("已有10条承诺在进行，先回看、结束一些", "ten pledges are open: look back and close some first");
        return Err(Refusal::rule(zh, en).into());
    }
    let id = new_id();
    let sql = "insert into pledge (top_id, id, unit_id, person_id, year, text, measure, actor_id, on_date)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let args = [
        permit.top().into(),
        id.into(),
        unit.into(),
        person.into(),
        i64::from(made.year).into(),
        made.text.trim().into(),
        made.measure.trim().into(),
        permit.person().into(),
        permit.today().into(),
    ];
    tx.run(sql, &args)?;
    if made.published {
        append(tx, permit, id, 1, &Act::Published)?;
    }
    audit::note(tx, permit, "pledge.make", id, "")?;
    Ok(id)
}

fn check(pledges: &Pledges, made: &Made, today: Date) -> Result<(), Refusal> {
    let most = pledges.most;
    for (field, text) in [("text", made.text), ("measure", made.measure)] {
        if text.trim().is_empty() || text.trim().chars().count() > most {
            let zh = format!("请填写，{most}字以内");
            return Err(Refusal::field(field, zh, format!("please fill in, at most {most} characters")));
        }
    }
    if ![today.year(), today.year() + 1].contains(&made.year) {
        return Err(Refusal::field("year", "请选择今年或明年", "choose this year or the next"));
    }
    Ok(())
}

/// One's own, newest first. Two statements.
pub fn mine(tx: &Tx, actor: &Actor) -> Result<Vec<Pledge>, Fault> {
    let sql = "select g.id, g.person_id, p.name, u.id, u.short_name, u.path, g.year, g.text, g.measure, g.on_date
                 from pledge g join person p on p.top_id = g.top_id and p.id = g.person_id
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where g.top_id = $1 and g.person_id = $2 order by g.id desc limit 100";
    let args: [Value; 2] = [actor.top.into(), actor.person.into()];
    let found = tx.rows(sql, &args, pledge)?;
    let sql = "select e.pledge_id, e.seq, e.act, e.year, e.state, e.words, e.carried, e.actor_id, e.on_date
                 from pledge g join pledge_event e on e.top_id = g.top_id and e.pledge_id = g.id
                where g.top_id = $1 and g.person_id = $2 order by e.pledge_id, e.seq";
    Ok(with_events(found, tx.rows(sql, &args, event)?))
}

/// Which pledges of a scope are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// all of one unit and of the people on its roll: for those who belong to it
    Near(i64),
    /// of one unit its own, and of the people on its roll those published
    Seen(i64),
    /// all published ones of the scope
    Published,
}

/// Most pledges of a page.
const PAGE: i64 = 2_000;

/// Those of a scope that are for a year or were carried into it, by unit, its own first. Two statements.
pub fn list(tx: &Tx, scope: &Scope, year: i16, which: Which) -> Result<Vec<Pledge>, Fault> {
    let sql = "select g.id, g.person_id, coalesce(p.name, ''), u.id, u.short_name, u.path, g.year, g.text, g.measure,
                      g.on_date
                 from pledge g
                 left join person p on p.top_id = g.top_id and p.id = g.person_id
                 join unit u on u.top_id = g.top_id and u.id = case when g.person_id = 0 then g.unit_id else p.unit_id end
                where g.top_id = $1 and u.path >= $2 and u.path < $3 and g.year <= $4
                  and (g.person_id = 0 or p.left_on = '9999-12-31') and (u.id = $5 or $5 = 0)
                  and ($6 = 'near' or ($6 = 'seen' and g.person_id = 0)
                    or (select c.act from pledge_event c where c.top_id = g.top_id and c.pledge_id = g.id
                           and c.act <> 'look-back' order by c.seq desc limit 1) = 'published')
                  and not exists (select 1 from pledge_event e where e.top_id = g.top_id and e.pledge_id = g.id
                                     and e.act = 'look-back' and e.carried = 0 and e.year < $4)
                order by u.path, case when g.person_id = 0 then 0 else 1 end, p.search, g.id limit $7";
    let (unit, word) = match which {
        Which::Near(unit) => (unit, "near"),
        Which::Seen(unit) => (unit, "seen"),
        Which::Published => (0, "published"),
    };
    let mut args = unit::range(scope).to_vec();
    args.extend([i64::from(year).into(), unit.into(), word.into(), PAGE.into()]);
    let found = tx.rows(sql, &args, pledge)?;
    args.truncate(5);
    let sql = "select e.pledge_id, e.seq, e.act, e.year, e.state, e.words, e.carried, e.actor_id, e.on_date
                 from pledge g
                 join pledge_event e on e.top_id = g.top_id and e.pledge_id = g.id
                 left join person p on p.top_id = g.top_id and p.id = g.person_id
                 join unit u on u.top_id = g.top_id and u.id = case when g.person_id = 0 then g.unit_id else p.unit_id end
                where g.top_id = $1 and u.path >= $2 and u.path < $3 and g.year <= $4 and (u.id = $5 or $5 = 0)
                order by e.pledge_id, e.seq";
    Ok(with_events(found, tx.rows(sql, &args, event)?))
}

/// How many pledges of a unit and of the people on its roll stand how for a year.
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    /// the unit
    pub unit: i64,
    /// its short name
    pub name: String,
    /// its place
    pub path: UnitPath,
    /// how they stood when they were looked back at for the year; empty where they were not yet
    pub state: String,
    /// how many
    pub n: i64,
}

/// The pledges of a scope for a year, counted by unit and by how they stood: no words, no names.
pub fn counts(tx: &Tx, scope: &Scope, year: i16) -> Result<Vec<Count>, Fault> {
    // the look back is asked for row by row: joined to it, the engine would begin with every unit
    let sql = "select s.id, s.short_name, s.path, s.state, count(*)
                 from (select u.id, u.short_name, u.path, coalesce((select b.state from pledge_event b
                                 where b.top_id = g.top_id and b.pledge_id = g.id and b.act = 'look-back'
                                   and b.year = $4), '') as state
                 from pledge g
                 left join person p on p.top_id = g.top_id and p.id = g.person_id
                 join unit u on u.top_id = g.top_id and u.id = case when g.person_id = 0 then g.unit_id else p.unit_id end
                where g.top_id = $1 and u.path >= $2 and u.path < $3 and g.year <= $4
                  and (g.person_id = 0 or p.left_on = '9999-12-31')
                  and not exists (select 1 from pledge_event e where e.top_id = g.top_id and e.pledge_id = g.id
                                     and e.act = 'look-back' and e.carried = 0 and e.year < $4)) s
                group by s.path, s.id, s.short_name, s.state order by s.path, s.state";
    let mut args = unit::range(scope).to_vec();
    args.push(i64::from(year).into());
    tx.rows(sql, &args, |row| {
        let (unit, name, path) = (row.int(0)?, row.text(1)?, row.path(2)?);
        Ok(Count { unit, name, path, state: row.text(3)?, n: row.int(4)? })
    })
}

fn pledge(row: &Row) -> Result<Pledge, Fault> {
    Ok(Pledge {
        id: row.int(0)?,
        person: row.int(1)?,
        name: row.text(2)?,
        unit: row.int(3)?,
        unit_name: row.text(4)?,
        path: row.path(5)?,
        year: i16::try_from(row.int(6)?).unwrap_or_default(),
        text: row.text(7)?,
        measure: row.text(8)?,
        on: row.parse(9)?,
        events: Vec::new(),
    })
}

fn event(row: &Row) -> Result<(i64, Event), Fault> {
    let act = match row.text(2)?.as_str() {
        "published" => Act::Published,
        "withheld" => Act::Withheld,
        _ => Act::LookedBack(LookBack {
            year: i16::try_from(row.int(3)?).unwrap_or_default(),
            state: row.text(4)?,
            words: row.text(5)?,
            carried: row.int(6)? == 1,
        }),
    };
    Ok((row.int(0)?, Event { seq: row.int(1)?, act, actor: row.int(7)?, on: row.parse(8)? }))
}

fn with_events(mut all: Vec<Pledge>, rows: Vec<(i64, Event)>) -> Vec<Pledge> {
    let mut events: HashMap<i64, Vec<Event>> = HashMap::new();
    for (id, event) in rows {
        events.entry(id).or_default().push(event);
    }
    all.iter_mut().for_each(|one| one.events = events.remove(&one.id).unwrap_or_default());
    all
}

/// Looks back at a year of a pledge: its own person's, or of the unit of the permit.
pub fn look_back(tx: &Tx, permit: &Permit, pledges: &Pledges, id: i64, back: &LookBack) -> Result<(), Fault> {
    let one = ours(tx, permit, id)?;
    one.standing().look_back(pledges, back, permit.today())?;
    append(tx, permit, id, one.events.len() as i64 + 1, &Act::LookedBack(back.clone()))?;
    audit::note(tx, permit, "pledge.look_back", id, &back.state)
}

/// Agrees that a pledge is published, or takes that back; saying it twice changes nothing.
pub fn publish(tx: &Tx, permit: &Permit, id: i64, published: bool) -> Result<(), Fault> {
    let one = ours(tx, permit, id)?;
    if one.standing().published == published {
        return Ok(());
    }
    let (act, word) = if published { (Act::Published, "pledge.publish") } else { (Act::Withheld, "pledge.withhold") };
    append(tx, permit, id, one.events.len() as i64 + 1, &act)?;
    audit::note(tx, permit, word, id, "")
}

/// A pledge that is the permit's to act on: the person's own, or the unit's with leave to write there.
fn ours(tx: &Tx, permit: &Permit, id: i64) -> Result<Pledge, Fault> {
    let sql = "select g.id, g.person_id, '', u.id, u.short_name, u.path, g.year, g.text, g.measure, g.on_date
                 from pledge g left join person p on p.top_id = g.top_id and p.id = g.person_id
                 join unit u on u.top_id = g.top_id and u.id = case when g.person_id = 0 then g.unit_id else p.unit_id end
                where g.top_id = $1 and g.id = $2";
    let args: [Value; 2] = [permit.top().into(), id.into()];
    let mut one = tx.rows(sql, &args, pledge)?.pop().ok_or(Fault::NotFound)?;
    let own = match one.person {
        0 => needs(permit, Verb::Write).is_ok() && one.unit == permit.unit(),
        person => permit.verb() != Verb::Write && person == permit.person(),
    };
    if !own {
        return Err(Fault::NotFound);
    }
    let sql = "select pledge_id, seq, act, year, state, words, carried, actor_id, on_date from pledge_event
                where top_id = $1 and pledge_id = $2 order by seq";
    one.events = tx.rows(sql, &args, event)?.into_iter().map(|(_, event)| event).collect();
    Ok(one)
}

/// Adds an event; of two at once the second looks again.
fn append(tx: &Tx, permit: &Permit, id: i64, seq: i64, act: &Act) -> Result<(), Fault> {
    let none = LookBack { year: 0, state: String::new(), words: String::new(), carried: false };
    let (word, back) = match act {
        Act::LookedBack(back) => ("look-back", back),
        Act::Published => ("published", &none),
        Act::Withheld => ("withheld", &none),
    };
    let sql = "insert into pledge_event (top_id, pledge_id, seq, act, year, state, words, carried, actor_id, on_date)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let args = [
        permit.top().into(),
        id.into(),
        seq.into(),
        word.into(),
        i64::from(back.year).into(),
        back.state.as_str().into(),
        back.words.trim().into(),
        i64::from(back.carried).into(),
        permit.person().into(),
        permit.today().into(),
    ];
    tx.run(sql, &args).map(drop).map_err(|fault| fault.if_taken(Fault::Clash))
}

/// How many open pledges for a year or an earlier one were not looked back at: a unit's own, those of the people on its
/// roll, and one's own.
pub fn due(tx: &Tx, actor: &Actor, unit: i64, year: i16) -> Result<(i64, i64, i64), Fault> {
    let sql = "select cast(coalesce(sum(case when g.unit_id = $2 then 1 else 0 end), 0) as bigint),
                      cast(coalesce(sum(case when g.person_id <> 0 and p.unit_id = $2 then 1 else 0 end), 0) as bigint),
                      cast(coalesce(sum(case when g.person_id = $3 then 1 else 0 end), 0) as bigint)
                 from pledge g left join person p on p.top_id = g.top_id and p.id = g.person_id
                where g.top_id = $1 and (g.unit_id = $2 or g.person_id = $3 or p.unit_id = $2)
                  and (g.person_id = 0 or p.left_on = '9999-12-31')
                  and coalesce((select max(e.year) + 1 from pledge_event e where e.top_id = g.top_id
                                   and e.pledge_id = g.id and e.act = 'look-back'), g.year) <= $4
                  and not exists (select 1 from pledge_event e where e.top_id = g.top_id and e.pledge_id = g.id
                                     and e.act = 'look-back' and e.carried = 0)";
    let args = [actor.top.into(), unit.into(), actor.person.into(), i64::from(year).into()];
    tx.row(sql, &args, |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)))
}
