//! The sessions of a class, and who of those that came missed which.

use super::{Class, Plan};
use crate::{Fault, Tx};
use jiff::civil::Date;
use luoshi_rules::class::attended;
use luoshi_rules::{Kind, Refusal};
use std::collections::HashSet;

/// Most sessions of one class.
const MOST: usize = 60;
/// Most boxes on the form on which who came is ticked.
const BOXES: i64 = 6_000;

/// A session of a class.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// 1, 2, 3 … by day
    pub no: i64,
    /// the day
    pub on: Date,
    /// how long
    pub hours: i64,
    /// what it is about, or empty
    pub topic: String,
    /// what was recorded of it alone, or 0
    pub record: i64,
}

/// Refuses sessions outside the days of the class, and what its kind could not write down.
pub(super) fn check(kind: &Kind, plan: &Plan) -> Result<(), Refusal> {
    let refuse = |field: &str, zh: String, en: String| Err(Refusal::field(field, zh, en));
    let Some(enrol) = &kind.enrol else { return Err(Refusal::NotAllowed) };
    let most = kind.field("hours").and_then(|field| field.most).map_or(200, i64::from);
    if let Some(one) = plan.sessions.iter().find(|one| !(plan.from..=plan.until).contains(&one.on)) {
        let (from, until) = (plan.from, plan.until);
        let zh = format!("{} 不在 {from} 至 {until} 之间", one.on);
        return refuse("sessions", zh, format!("{} is not between {from} and {until}", one.on));
    }
    if plan.sessions.len() > MOST {
        return refuse("sessions", format!("最多{MOST}次"), format!("at most {MOST} sessions"));
    }
    if plan.sessions.len() as i64 * plan.places > BOXES {
        let zh = format!("名额乘次数最多{BOXES}，请减少名额或分开办");
        return refuse("sessions", zh, format!("places times sessions are {BOXES} at most: plan two"));
    }
    if kind.field("place").is_some_and(|field| !field.optional) && plan.place.trim().is_empty() {
        return refuse("place", "请填写地点".into(), "please say where".into());
    }
    let longest = plan.sessions.iter().map(|one| one.hours).max().unwrap_or(plan.hours);
    if enrol.apart && longest > most {
        let zh = format!("一次最多{most}小时；多日的请在“每次”里逐次列出");
        return refuse("sessions", zh, format!("at most {most} hours at a time: list each time apart"));
    }
    Ok(())
}

pub(super) fn add(tx: &Tx, top: i64, class: i64, sessions: &[Session]) -> Result<(), Fault> {
    let sql = "insert into class_session (top_id, class_id, no, on_date, hours, topic, record_id)
               values ($1, $2, $3, $4, $5, $6, 0)";
    for one in sessions {
        let args =
            [top.into(), class.into(), one.no.into(), one.on.into(), one.hours.into(), one.topic.as_str().into()];
        tx.run(sql, &args)?;
    }
    Ok(())
}

pub(super) fn of(tx: &Tx, top: i64, class: i64) -> Result<Vec<Session>, Fault> {
    let sql = "select no, on_date, hours, topic, record_id from class_session
                where top_id = $1 and class_id = $2 order by no";
    tx.rows(sql, &[top.into(), class.into()], |row| {
        Ok(Session { no: row.int(0)?, on: row.parse(1)?, hours: row.int(2)?, topic: row.text(3)?, record: row.int(4)? })
    })
}

/// Writes down who missed which session.
pub(super) fn miss(tx: &Tx, top: i64, class: i64, missed: &[(i64, i64)]) -> Result<(), Fault> {
    let sql = "insert into class_missed (top_id, class_id, no, person_id) values ($1, $2, $3, $4)";
    for (no, person) in missed {
        tx.run(sql, &[top.into(), class.into(), (*no).into(), (*person).into()])?;
    }
    Ok(())
}

/// Who missed which session of a class: session and person.
pub fn missed(tx: &Tx, top: i64, class: i64) -> Result<HashSet<(i64, i64)>, Fault> {
    let sql = "select no, person_id from class_missed where top_id = $1 and class_id = $2";
    Ok(tx.rows(sql, &[top.into(), class.into()], |row| Ok((row.int(0)?, row.int(1)?)))?.into_iter().collect())
}

impl Class {
    /// For how many hours somebody who came was there.
    pub fn hours_of(&self, person: i64, missed: &HashSet<(i64, i64)>) -> i64 {
        if self.plan.sessions.is_empty() {
            return self.plan.hours;
        }
        let sessions: Vec<(i64, i64)> = self.plan.sessions.iter().map(|one| (one.no, one.hours)).collect();
        attended(&sessions, |no| missed.contains(&(no, person)))
    }
}
