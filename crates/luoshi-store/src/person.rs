//! People on the roll. Nobody is deleted: who leaves keeps a row with the reason.

mod read;
mod story;

#[cfg(test)]
pub(crate) use read::STATEMENTS;
pub use read::{Filter, OnDay, Person, count, counts, each, find, list, named, names, on_day, own};
pub use story::{Change, Stay, Story, UnderWay, own_story, story};

use crate::identity::{self, Field};
use crate::{FOREVER, Fault, Tx, audit, holding, needs, new_id};
use jiff::civil::Date;
use luoshi_rules::person::{self, Standing};
use luoshi_rules::{Permit, Refusal, Verb};

/// What is said of a person when they are entered.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// key, or 0 for a new one
    pub id: i64,
    /// name
    pub name: String,
    /// name, pinyin, initials
    pub search: String,
    /// `m`, `f`, or empty
    pub sex: String,
    /// day of birth
    pub born: Option<Date>,
    /// how they stand; a member when nothing is said
    pub standing: Option<Standing>,
    /// day of admission
    pub joined: Option<Date>,
    /// day of full membership
    pub full_on: Option<Date>,
    /// since when on this unit's roll
    pub since: Option<Date>,
    /// identity number, or empty
    pub identity: String,
    /// phone, or empty
    pub phone: String,
    /// person code, or empty
    pub code: String,
}

/// Enters a person on the roll of the unit of the permit.
pub fn add(tx: &Tx, permit: &Permit, entry: &Entry) -> Result<i64, Fault> {
    needs(permit, Verb::Roll)?;
    check(entry, permit.today())?;
    let since = entry.since.unwrap_or(permit.today());
    must_stand(tx, permit, since)?;
    let id = if entry.id == 0 { new_id() } else { entry.id };
    let standing = entry.standing.unwrap_or(Standing::Full);
    let sql =
        "insert into person (top_id, id, unit_id, path, standing, name, search, sex, born, joined, full_on, left_on)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let args = [
        permit.top().into(),
        id.into(),
        permit.unit().into(),
        permit.path().as_str().into(),
        standing.key().into(),
        entry.name.trim().into(),
        entry.search.as_str().into(),
        entry.sex.as_str().into(),
        day(entry.born).into(),
        day(entry.joined).into(),
        day(entry.full_on).into(),
        FOREVER.into(),
    ];
    tx.run(sql, &args)?;
    affiliate(tx, permit, id, since, "")?;
    stand(tx, permit.top(), id, since, standing)?;
    identity::seal(tx, permit.top(), id, Field::Identity, &entry.identity)?;
    identity::seal(tx, permit.top(), id, Field::Phone, &entry.phone)?;
    identity::seal(tx, permit.top(), id, Field::Code, &entry.code)?;
    audit::note(tx, permit, "person.add", id, "")?;
    Ok(id)
}

/// Corrects what was entered of someone on the roll of the permit's unit: name, sex and days. How they stand, where,
/// and their numbers have ways of their own.
pub fn correct(tx: &Tx, permit: &Permit, id: i64, entry: &Entry) -> Result<(), Fault> {
    needs(permit, Verb::Roll)?;
    check(entry, permit.today())?;
    let sql = "update person set name = $4, search = $5, sex = $6, born = $7, joined = $8, full_on = $9
                where top_id = $1 and id = $2 and unit_id = $3";
    let args = [
        permit.top().into(),
        id.into(),
        permit.unit().into(),
        entry.name.trim().into(),
        entry.search.as_str().into(),
        entry.sex.as_str().into(),
        day(entry.born).into(),
        day(entry.joined).into(),
        day(entry.full_on).into(),
    ];
    if tx.run(sql, &args)? == 0 {
        return Err(Fault::NotFound);
    }
    audit::note(tx, permit, "person.correct", id, "")
}

/// Checks what is said of a person: name, sex, and the order of the days.
pub fn check(entry: &Entry, today: Date) -> Result<(), Refusal> {
    let name = entry.name.trim();
    if name.is_empty() || name.chars().count() > 50 {
        return Err(Refusal::field("name", "姓名为1至50字", "a name has 1 to 50 characters"));
    }
    if !matches!(entry.sex.as_str(), "" | "m" | "f") {
        return Err(Refusal::field("sex", "请选择男、女或不填", "choose male, female or nothing"));
    }
    let days = [("born", entry.born), ("joined", entry.joined), ("full_on", entry.full_on), ("since", entry.since)];
    for (field, day) in days {
        not_to_come(field, day.unwrap_or(today), today)?;
    }
    let ordered = |field, first: Option<Date>, then: Option<Date>, zh: &str, en: &str| match (first, then) {
        (Some(first), Some(then)) if then < first => Err(Refusal::field(field, zh, en)),
        _ => Ok(()),
    };
    ordered("joined", entry.born, entry.joined, "入党日期早于出生日期", "the day of admission is before birth")?;
    ordered("full_on", entry.joined, entry.full_on, "转正日期早于入党日期", "full membership is before admission")?;
    ordered("since", entry.born, entry.since, "转入日期早于出生日期", "the day is before birth")
}

fn not_to_come(field: &str, day: Date, today: Date) -> Result<(), Refusal> {
    if day <= today {
        return Ok(());
    }
    Err(Refusal::field(field, "日期在今天之后，请核对", "the day is still to come; check it"))
}

fn day(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// Refuses a unit that was dissolved before that day.
pub(crate) fn must_stand(tx: &Tx, permit: &Permit, on: Date) -> Result<(), Fault> {
    let sql = "select dissolved from unit where top_id = $1 and id = $2 and dissolved < $3";
    let args = [permit.top().into(), permit.unit().into(), on.into()];
    match tx.rows(sql, &args, |row| row.text(0))?.pop() {
        None => Ok(()),
        Some(end) => {
            let zh = format!("该组织已于 {end} 撤销，不能再登记人员");
            Err(Refusal::rule(zh, format!("this unit was dissolved on {end}; nobody can join it")).into())
        }
    }
}

/// Opens the affiliation with the unit of the permit; the key allows one open for each person.
pub(crate) fn affiliate(tx: &Tx, permit: &Permit, id: i64, since: Date, why: &str) -> Result<(), Fault> {
    let sql = "insert into affiliation (top_id, person_id, until_date, from_date, unit_id, why)
               values ($1, $2, $3, $4, $5, $6)";
    let args = [permit.top().into(), id.into(), FOREVER.into(), since.into(), permit.unit().into(), why.into()];
    tx.run(sql, &args).map(drop)
}

pub(crate) fn stand(tx: &Tx, top: i64, id: i64, from: Date, standing: Standing) -> Result<(), Fault> {
    let sql = "insert into standing (top_id, person_id, from_date, standing) values ($1, $2, $3, $4)
               on conflict (top_id, person_id, from_date) do update set standing = excluded.standing";
    tx.run(sql, &[top.into(), id.into(), from.into(), standing.key().into()]).map(drop)
}

/// Changes how a person stands from a day on. A day in the past changes what was, and today only if nothing newer
/// is known. The day of admission or of full membership is filled in where it was missing.
pub fn change_standing(tx: &Tx, permit: &Permit, id: i64, to: Standing, from: Date) -> Result<(), Fault> {
    needs(permit, Verb::Roll)?;
    not_to_come("from", from, permit.today())?;
    let key = [permit.top().into(), id.into(), permit.unit().into()];
    let sql = "select id from person where top_id = $1 and id = $2 and unit_id = $3 and left_on = '9999-12-31'";
    tx.row(sql, &key, |row| row.int(0))?;
    stand(tx, permit.top(), id, from, to)?;
    let sql = "update person
                  set standing = (select s.standing from standing s where s.top_id = $1 and s.person_id = $2
                                   order by s.from_date desc limit 1),
                      joined = case when $3 = 'probationary' and coalesce(joined, '') = '' then $4 else joined end,
                      full_on = case when $3 = 'full' and coalesce(full_on, '') = '' then $4 else full_on end
                where top_id = $1 and id = $2";
    tx.run(sql, &[permit.top().into(), id.into(), to.key().into(), from.into()])?;
    audit::note(tx, permit, "person.standing", id, to.key())
}

/// A person leaves the roll with a reason; their posts, sessions and account end with it.
pub fn leave(tx: &Tx, permit: &Permit, id: i64, why: &str, on: Date) -> Result<(), Fault> {
    needs(permit, Verb::Roll)?;
    if !person::LEAVING.iter().any(|(key, _, _)| *key == why) {
        return Err(Refusal::field("why", "请选择离开的原因", "please choose the reason for leaving").into());
    }
    not_to_come("on", on, permit.today())?;
    may_leave(tx, permit, id, on)?;
    depart(tx, permit.top(), id, why, on)?;
    audit::note(tx, permit, "person.leave", id, why)
}

/// Refuses who has left already, who came later, took a post later, or has a letter under way.
fn may_leave(tx: &Tx, permit: &Permit, id: i64, on: Date) -> Result<(), Fault> {
    let sql = "select p.left_on, (select max(a.from_date) from affiliation a
                                   where a.top_id = $1 and a.person_id = $2 and a.until_date = '9999-12-31'),
                      (select max(h.from_date) from holding h
                        where h.top_id = $1 and h.person_id = $2 and h.until_date = '9999-12-31'),
                      (select count(*) from transfer t where t.top_id = $1 and t.person_id = $2 and t.done = 0)
                 from person p where p.top_id = $1 and p.id = $2 and p.unit_id = $3";
    let key = [permit.top().into(), id.into(), permit.unit().into()];
    let (left, came, post, letters) =
        tx.row(sql, &key, |row| Ok((row.day(0)?, row.day(1)?, row.day(2)?, row.int(3)?)))?;
    if let Some(left) = left {
        let zh = format!("此人已于 {left} 离开名册");
        return Err(Refusal::field("on", zh, format!("this person left the roll on {left}")).into());
    }
    if letters > 0 {
        let zh = "此人的组织关系正在转接，请先撤回介绍信，或由对方办结";
        return Err(Refusal::rule(zh, "a transfer of this person is under way; withdraw it first").into());
    }
    if let Some(later) = came.into_iter().chain(post).filter(|day| *day > on).max() {
        let zh = format!("日期早于此人转入或任职的日期（{later}），请核对");
        return Err(Refusal::field("on", zh, format!("the day is before they came or took a post ({later})")).into());
    }
    Ok(())
}

/// Ends everything a person has in an organisation.
pub(crate) fn depart(tx: &Tx, top: i64, id: i64, why: &str, on: Date) -> Result<(), Fault> {
    let key = [top.into(), id.into(), on.into(), why.into()];
    let sql = "update person set left_on = $3, left_why = $4 where top_id = $1 and id = $2";
    tx.run(sql, &key)?;
    end_affiliation(tx, top, id, on)?;
    holding::end_all(tx, top, id, 0, on)?;
    crate::account::shut(tx, top, id)
}

/// Closes the open affiliation on a day, or on the day it began if that is later.
pub(crate) fn end_affiliation(tx: &Tx, top: i64, id: i64, last: Date) -> Result<(), Fault> {
    let sql = "update affiliation set until_date = case when from_date > $3 then from_date else $3 end
                where top_id = $1 and person_id = $2 and until_date = '9999-12-31'";
    tx.run(sql, &[top.into(), id.into(), last.into()]).map(drop)
}
