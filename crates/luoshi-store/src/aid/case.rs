//! Cases of mutual aid. What somebody told of illness or hardship is opened for the handlers of that fund and for who
//! told it; a list, a search, a figure or an export of anything else never comes here.

use super::{Fund, add, entries, note, ours};
use crate::{Fault, Row, Tx, audit, new_id, now};
use jiff::civil::Date;
use luoshi_rules::aid::{Aid, Application, Case as Asked, Entry, Numbers, Sort, Step, Taken};
use luoshi_rules::{Actor, Calendar, Handler, Refusal};
use serde_json::{Value as Json, json};
use std::collections::HashSet;

/// A case, opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// key
    pub id: i64,
    /// the fund
    pub fund: i64,
    /// who asked
    pub person: i64,
    /// their name
    pub name: String,
    /// when
    pub on: Date,
    /// what they told; empty once it was past its day
    pub told: Application,
    /// what happened, first to last
    pub events: Vec<Event>,
    /// whether the one who looks was declared to be kin
    pub kin: bool,
}

/// A step of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// the step
    pub taken: Taken,
    /// name of who took it
    pub name: String,
    /// what was written
    pub note: String,
    /// fen decided on, or 0
    pub amount: i64,
}

/// A step as it is taken.
#[derive(Debug, Clone, Default)]
pub struct Act {
    /// what was written
    pub note: String,
    /// fen decided on
    pub amount: i64,
}

/// A decision that is published now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// initials of who is helped
    pub initials: String,
    /// key of the reason
    pub reason: String,
    /// from this day
    pub from: Date,
}

impl Case {
    /// The steps it went through.
    pub fn taken(&self) -> Vec<Taken> {
        self.events.iter().map(|event| event.taken.clone()).collect()
    }

    /// Where it stands.
    pub fn state(&self) -> Step {
        self.events.last().map_or(Step::Applied, |event| event.taken.step)
    }

    /// Fen decided on, or 0.
    pub fn amount(&self) -> i64 {
        self.events.iter().rfind(|event| event.taken.step == Step::Approved).map_or(0, |event| event.amount)
    }

    /// Who is helped: the kin, or who asked.
    pub fn helped(&self) -> &str {
        if self.told.kin.is_empty() { &self.name } else { &self.told.kin }
    }
}

/// Asks a fund for help; kin of the organisation who are named keep away from the case.
pub fn apply(
    tx: &Tx,
    actor: &Actor,
    (fund, aid): (&Fund, &Aid),
    told: &Application,
    kin: &[i64],
) -> Result<i64, Fault> {
    aid.check(told)?;
    if mine(tx, actor)?.iter().any(|case| case.told.reason == told.reason && !case.state().is_end()) {
        let zh = "同一情形已有一件申请在办，不必重复申请";
        return Err(Refusal::field("reason", zh, "a case of yours of this kind is open already").into());
    }
    let id = new_id();
    let sql = "insert into aid_case (top_id, id, fund_id, person_id, on_date, sealed) values ($1, $2, $3, $4, $5, $6)";
    let text = serde_json::to_string(told).map_err(|error| Fault::Engine(error.to_string()))?;
    let sealed = tx.keys().seal(&text)?;
    let key = [actor.top.into(), id.into()];
    let args = [fund.id.into(), actor.person.into(), actor.today.into(), sealed.into()];
    tx.run(sql, &[&key[..], &args[..]].concat())?;
    let sql = "insert into aid_kin (top_id, case_id, person_id) values ($1, $2, $3) on conflict do nothing";
    for person in kin {
        tx.run(sql, &[actor.top.into(), id.into(), (*person).into()])?;
    }
    append(tx, actor.top, (id, 1), (Step::Applied, actor.person, actor.today), &Json::Null)?;
    audit::by(tx, actor.top, actor.person, fund.unit, "aid.apply", 0, "")?;
    Ok(id)
}

/// One's own cases, the newest first.
pub fn mine(tx: &Tx, actor: &Actor) -> Result<Vec<Case>, Fault> {
    let sql = "select c.id, c.fund_id, c.person_id, p.name, c.on_date, c.sealed, cast(0 as bigint), e.step, e.actor_id, e.on_date,
                      e.sealed, w.name
                 from aid_case c join person p on p.top_id = c.top_id and p.id = c.person_id
                 join aid_event e on e.top_id = c.top_id and e.case_id = c.id
                 left join person w on w.top_id = e.top_id and w.id = e.actor_id
                where c.top_id = $1 and c.person_id = $2 order by c.id desc, e.seq";
    cases(tx, sql, &[actor.top.into(), actor.person.into()])
}

/// Takes one's own case back.
pub fn withdraw(tx: &Tx, actor: &Actor, id: i64) -> Result<(), Fault> {
    let found = mine(tx, actor)?.into_iter().find(|case| case.id == id).ok_or(Fault::NotFound)?;
    let taken = found.taken();
    Asked { applicant: found.person, kin: false, taken: &taken }.may_withdraw(actor.person)?;
    let seq = taken.len() as i64 + 1;
    append(tx, actor.top, (id, seq), (Step::Withdrawn, actor.person, actor.today), &Json::Null)?;
    let sql = "select f.unit_id from aid_fund f where f.top_id = $1 and f.id = $2";
    let unit = tx.row(sql, &[actor.top.into(), found.fund.into()], |row| row.int(0))?;
    audit::by(tx, actor.top, actor.person, unit, "aid.withdraw", 0, "")
}

/// The cases of a fund, the newest first, without those of the handler and their kin. One statement.
pub fn list(tx: &Tx, by: &Handler, fund: &Fund) -> Result<Vec<Case>, Fault> {
    ours(by, fund)?;
    let mut all = of_fund(tx, by, (fund.id, 0))?;
    all.retain(|case| case.person != by.person() && !case.kin);
    Ok(all)
}

/// The cases of a fund, or one of them: no other is opened then.
fn of_fund(tx: &Tx, by: &Handler, (fund, id): (i64, i64)) -> Result<Vec<Case>, Fault> {
    let sql = "select c.id, c.fund_id, c.person_id, p.name, c.on_date, c.sealed,
                      (select count(*) from aid_kin k
                        where k.top_id = c.top_id and k.case_id = c.id and k.person_id = $3),
                      e.step, e.actor_id, e.on_date, e.sealed, w.name
                 from aid_case c join person p on p.top_id = c.top_id and p.id = c.person_id
                 join aid_event e on e.top_id = c.top_id and e.case_id = c.id
                 left join person w on w.top_id = e.top_id and w.id = e.actor_id
                where c.top_id = $1 and c.fund_id = $2 and (c.id = $4 or $4 = 0) order by c.id desc, e.seq";
    cases(tx, sql, &[by.top().into(), fund.into(), by.person().into(), id.into()])
}

/// One of them. Their own case, or that of kin, is refused in words.
pub fn find(tx: &Tx, by: &Handler, fund: &Fund, id: i64) -> Result<Case, Fault> {
    ours(by, fund)?;
    let case = of_fund(tx, by, (fund.id, id))?.pop().filter(|case| case.id == id).ok_or(Fault::NotFound)?;
    let taken = case.taken();
    Asked { applicant: case.person, kin: case.kin, taken: &taken }.handled_by(by.person())?;
    Ok(case)
}

/// Takes a case to a step. `initials` is what is published of who is helped.
pub fn take(
    tx: &Tx,
    by: &Handler,
    (fund, aid, calendar): (&Fund, &Aid, &Calendar),
    (id, step): (i64, Step),
    act: &Act,
    initials: &dyn Fn(&str) -> String,
) -> Result<(), Fault> {
    let case = find(tx, by, fund, id)?;
    let taken = case.taken();
    let asked = Asked { applicant: case.person, kin: case.kin, taken: &taken };
    asked.may(aid, calendar, (step, by.person()), by.today())?;
    let note_missing = step.needs_note(case.state()) && act.note.trim().is_empty();
    if note_missing || act.note.chars().count() > 1_000 {
        return Err(Refusal::field(
            "note",
            "请写明情况，1000字以内",
            "say what was found or why, in at most 1,000 characters",
        )
        .into());
    }
    if step == Step::Approved {
        aid.reason(&case.told.reason).ok_or(Fault::NotFound)?.allows(act.amount)?;
    }
    let amount = if step == Step::Approved { act.amount } else { 0 };
    let said = json!({ "note": act.note.trim(), "amount": amount });
    let seq = taken.len() as i64 + 1;
    match step {
        Step::Publicised => {
            let shown = (initials(case.helped()), case.told.reason.clone());
            publish(tx, by, (id, seq), &said, &shown)?;
        }
        _ => append(tx, by.top(), (id, seq), (step, by.person(), by.today()), &said)?,
    }
    if step == Step::Paid {
        pay(tx, by, fund, &case)?;
    }
    note(tx, by, &format!("aid.{}", step.key()), id)
}

/// Pays what was decided from the account.
fn pay(tx: &Tx, by: &Handler, fund: &Fund, case: &Case) -> Result<(), Fault> {
    let all = entries(tx, by.top(), fund.id)?;
    let entry = Entry {
        seq: 0,
        sort: Sort::Payment,
        amount: -case.amount(),
        on: by.today(),
        givers: 0,
        giver: String::new(),
        words: String::new(),
        case: case.id,
        counters: 0,
    };
    add(tx, by, (fund.id, &all), &entry, 0)
}

/// What was paid for a case came back.
pub(super) fn came_back(tx: &Tx, by: &Handler, id: i64) -> Result<(), Fault> {
    let sql = "select c.person_id, (select count(*) from aid_kin k
                                     where k.top_id = c.top_id and k.case_id = c.id and k.person_id = $3),
                      (select count(*) from aid_event e where e.top_id = c.top_id and e.case_id = c.id)
                 from aid_case c where c.top_id = $1 and c.id = $2";
    let key = [by.top().into(), id.into(), by.person().into()];
    let (applicant, kin, steps) = tx.row(sql, &key, |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)))?;
    Asked { applicant, kin: kin > 0, taken: &[] }.handled_by(by.person())?;
    append(tx, by.top(), (id, steps + 1), (Step::Returned, by.person(), by.today()), &Json::Null)
}

/// A handler says that who asked is their kin, and keeps away from the case from then on.
pub fn recuse(tx: &Tx, by: &Handler, fund: &Fund, id: i64) -> Result<(), Fault> {
    find(tx, by, fund, id)?;
    let sql = "insert into aid_kin (top_id, case_id, person_id) values ($1, $2, $3) on conflict do nothing";
    tx.run(sql, &[by.top().into(), id.into(), by.person().into()])?;
    note(tx, by, "aid.recuse", id)
}

/// How many cases wait for somebody other than the applicant, that are this handler's to see to. One statement.
pub fn waiting(tx: &Tx, by: &Handler) -> Result<i64, Fault> {
    let sql = "select count(*) from aid_case c join aid_fund f on f.top_id = c.top_id and f.id = c.fund_id
                where c.top_id = $1 and f.unit_id = $2 and c.person_id <> $3
                  and not exists (select 1 from aid_kin k
                                   where k.top_id = c.top_id and k.case_id = c.id and k.person_id = $3)
                  and not exists (select 1 from aid_event e
                                   where e.top_id = c.top_id and e.case_id = c.id
                                     and e.step in ('refused', 'closed', 'withdrawn')
                                     and not exists (select 1 from aid_event n
                                                      where n.top_id = e.top_id and n.case_id = e.case_id
                                                        and n.seq > e.seq))";
    tx.row(sql, &[by.top().into(), by.unit().into(), by.person().into()], |row| row.int(0))
}

/// Decisions published in these days: initials and reasons, and nothing that leads to a case.
pub fn published(tx: &Tx, fund: &Fund, (first, last): (Date, Date)) -> Result<Vec<Published>, Fault> {
    let sql = "select e.initials, e.reason, e.on_date from aid_event e
                 join aid_case c on c.top_id = e.top_id and c.id = e.case_id
                where e.top_id = $1 and c.fund_id = $2 and e.step = 'publicised' and e.initials <> ''
                  and e.on_date >= $3 and e.on_date <= $4
                  and not exists (select 1 from aid_event w
                                   where w.top_id = e.top_id and w.case_id = e.case_id
                                     and w.step in ('withdrawn', 'closed'))
                order by e.on_date, e.initials";
    let args = [fund.top.into(), fund.id.into(), first.into(), last.into()];
    tx.rows(sql, &args, |row| Ok(Published { initials: row.text(0)?, reason: row.text(1)?, from: row.parse(2)? }))
}

/// Counts the cases of a year: applied for, persons helped, payments by reason. Nothing but counts leaves this.
pub(super) fn count(tx: &Tx, (top, fund): (i64, i64), year: i16, out: &mut Numbers) -> Result<(), Fault> {
    let sql = "select c.id, c.fund_id, c.person_id, '', c.on_date, c.sealed, cast(0 as bigint), e.step, e.actor_id, e.on_date, e.sealed, ''
                 from aid_case c join aid_event e on e.top_id = c.top_id and e.case_id = c.id
                where c.top_id = $1 and c.fund_id = $2 order by c.id desc, e.seq";
    let all = cases(tx, sql, &[top.into(), fund.into()])?;
    out.cases = all.iter().filter(|case| case.on.year() == year && case.state() != Step::Withdrawn).count() as i64;
    let paid_in_year = |case: &&Case| {
        let paid = case.events.iter().rfind(|event| matches!(event.taken.step, Step::Paid | Step::Returned));
        paid.is_some_and(|event| event.taken.step == Step::Paid && event.taken.on.year() == year)
    };
    let mut helped = HashSet::new();
    for case in all.iter().filter(paid_in_year) {
        helped.insert((case.person, case.told.kin.clone()));
        match out.by_reason.iter_mut().find(|(reason, _)| *reason == case.told.reason) {
            Some((_, n)) => *n += 1,
            None => out.by_reason.push((case.told.reason.clone(), 1)),
        }
    }
    out.by_reason.sort();
    out.helped = helped.len() as i64;
    Ok(())
}

/// Cases of a statement that gives a row for each event, opened.
fn cases(tx: &Tx, sql: &str, args: &[crate::Value]) -> Result<Vec<Case>, Fault> {
    let mut out: Vec<Case> = Vec::new();
    tx.rows(sql, args, |row| {
        if out.last().is_none_or(|last| row.int(0).is_ok_and(|id| id != last.id)) {
            out.push(case(tx, row)?);
        }
        let event = event(tx, row)?;
        out.last_mut().into_iter().for_each(|case| case.events.push(event.clone()));
        Ok(())
    })?;
    Ok(out)
}

fn case(tx: &Tx, row: &Row) -> Result<Case, Fault> {
    let told = opened(tx, &row.text(5)?)?;
    let told =
        if told.is_null() { Application::default() } else { serde_json::from_value(told).map_err(unreadable)? };
    let (id, fund, person, name) = (row.int(0)?, row.int(1)?, row.int(2)?, row.text(3)?);
    Ok(Case { id, fund, person, name, on: row.parse(4)?, told, events: Vec::new(), kin: row.int(6)? > 0 })
}

fn event(tx: &Tx, row: &Row) -> Result<Event, Fault> {
    let said = opened(tx, &row.text(10)?)?;
    let step = Step::named(&row.text(7)?).ok_or_else(|| Fault::Engine("an unknown step of a case".into()))?;
    let taken = Taken { step, by: row.int(8)?, on: row.parse(9)? };
    let note = said["note"].as_str().unwrap_or_default().to_owned();
    Ok(Event { taken, name: row.text(11)?, note, amount: said["amount"].as_i64().unwrap_or(0) })
}

/// What a seal holds; null where nothing is, or not any more.
fn opened(tx: &Tx, sealed: &str) -> Result<Json, Fault> {
    if sealed.is_empty() {
        return Ok(Json::Null);
    }
    serde_json::from_str(&tx.keys().open(sealed)?).map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> Fault {
    Fault::Engine(error.to_string())
}

type By = (Step, i64, Date);

/// Adds a step; two people cannot write the same number, and the second looks again.
fn append(tx: &Tx, top: i64, key: (i64, i64), by: By, said: &Json) -> Result<(), Fault> {
    write(tx, top, key, by, said, &(String::new(), String::new()))
}

fn publish(tx: &Tx, by: &Handler, key: (i64, i64), said: &Json, shown: &(String, String)) -> Result<(), Fault> {
    write(tx, by.top(), key, (Step::Publicised, by.person(), by.today()), said, shown)
}

fn write(
    tx: &Tx,
    top: i64,
    (id, seq): (i64, i64),
    (step, person, on): By,
    said: &Json,
    (initials, reason): &(String, String),
) -> Result<(), Fault> {
    let sql = "insert into aid_event (top_id, case_id, seq, step, actor_id, on_date, at, sealed, initials, reason)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let sealed = if said.is_null() { String::new() } else { tx.keys().seal(&said.to_string())? };
    let args = [
        top.into(),
        id.into(),
        seq.into(),
        step.key().into(),
        person.into(),
        on.into(),
        now().into(),
        sealed.into(),
        initials.as_str().into(),
        reason.as_str().into(),
    ];
    tx.run(sql, &args).map(drop).map_err(|fault| fault.if_taken(Fault::Clash))
}
