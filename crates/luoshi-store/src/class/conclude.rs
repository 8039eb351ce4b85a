//! Writing down who came: all sessions as one record, or each as one of its own, as the kind says.

use super::{Class, Session, going, ours, session};
use crate::record::{self, Entry, Stood};
use crate::{Fault, Tx, audit};
use jiff::civil::Date;
use luoshi_rules::{Kind, Permit, Refusal};

/// Writes down a class that was held: who had a place was due, and who of them came to which session. Session 0 stands
/// for the whole of a class without sessions. Returns the record, or the first of them.
pub fn conclude(
    tx: &Tx,
    permit: &Permit,
    kind: &Kind,
    (class, due): (&Class, &[i64]),
    came: &[(i64, i64)],
) -> Result<i64, Fault> {
    ours(permit, class)?;
    going(class)?;
    if class.plan.until > permit.today() {
        let day = class.plan.until;
        return Err(Refusal::rule(format!("{day} 结束，之后再记"), format!("it ends on {day}: record it then")).into());
    }
    if due.is_empty() {
        return Err(Refusal::rule("没有人报名", "nobody is down").into());
    }
    let mut due = due.to_vec();
    due.sort_unstable();
    let sessions = &class.plan.sessions;
    let known = |no: i64| sessions.iter().any(|one| one.no == no) || sessions.is_empty() && no == 0;
    let came: Vec<(i64, i64)> = came.iter().copied().filter(|(no, _)| known(*no)).collect();
    let id = match kind.enrol.as_ref().is_some_and(|enrol| enrol.apart) {
        true => each(tx, permit, kind, (class, &due), &came)?,
        false => whole(tx, permit, kind, (class, &due), &came)?,
    };
    let sql = "update class set record_id = $3 where top_id = $1 and id = $2 and record_id = 0";
    if tx.run(sql, &[permit.top().into(), class.id.into(), id.into()])? == 0 {
        return Err(Fault::Clash);
    }
    audit::note(tx, permit, "class.conclude", class.id, "")?;
    Ok(id)
}

/// One record of it all: whoever came to any session was there; which they missed is kept beside it.
fn whole(
    tx: &Tx,
    permit: &Permit,
    kind: &Kind,
    (class, due): (&Class, &[i64]),
    came: &[(i64, i64)],
) -> Result<i64, Fault> {
    let plan = &class.plan;
    let there: Vec<i64> = due.iter().copied().filter(|one| came.iter().any(|(_, person)| person == one)).collect();
    let missed = |no: i64| there.iter().filter(move |one| !came.contains(&(no, **one))).map(move |one| (no, *one));
    let missed: Vec<(i64, i64)> = plan.sessions.iter().flat_map(|one| missed(one.no)).collect();
    session::miss(tx, permit.top(), class.id, &missed)?;
    write(tx, permit, (kind, class), (plan.until, &plan.title, plan.hours), (due, &there))
}

/// A record of each session to which somebody came.
fn each(
    tx: &Tx,
    permit: &Permit,
    kind: &Kind,
    (class, due): (&Class, &[i64]),
    came: &[(i64, i64)],
) -> Result<i64, Fault> {
    let plan = &class.plan;
    let (topic, record) = (String::new(), 0);
    let all = vec![Session { no: 0, on: plan.until, hours: plan.hours, topic, record }];
    let sessions = if plan.sessions.is_empty() { &all } else { &plan.sessions };
    let mut first = 0;
    for one in sessions {
        let there: Vec<i64> = due.iter().copied().filter(|person| came.contains(&(one.no, *person))).collect();
        if there.is_empty() {
            continue;
        }
        let topic = if one.topic.is_empty() { plan.title.clone() } else { format!("{}：{}", plan.title, one.topic) };
        let id = write(tx, permit, (kind, class), (one.on, &topic, one.hours), (&there, &there))?;
        let sql = "update class_session set record_id = $4 where top_id = $1 and class_id = $2 and no = $3";
        tx.run(sql, &[permit.top().into(), class.id.into(), one.no.into(), id.into()])?;
        first = if first == 0 { id } else { first };
    }
    if first == 0 {
        let (zh, en) = ("没有人到场：请改为取消，并写明原因", "nobody came: call it off instead, and say why");
        return Err(Refusal::rule(zh, en).into());
    }
    Ok(first)
}

fn write(
    tx: &Tx,
    permit: &Permit,
    (kind, class): (&Kind, &Class),
    (on, topic, hours): (Date, &str, i64),
    (due, there): (&[i64], &[i64]),
) -> Result<i64, Fault> {
    let stand = |person: &i64| match there.contains(person) {
        true => Stood { person: *person, role: "present".into(), why: String::new() },
        false => Stood { person: *person, role: "absent".into(), why: "personal".into() },
    };
    let enrol = kind.enrol.as_ref().ok_or(Fault::NotFound)?;
    let topic: String = topic.chars().take(luoshi_rules::record::LINE).collect();
    let entry = Entry {
        kind,
        on,
        data: enrol.answers(kind, &class.plan.audience, (&topic, &class.plan.place, hours)),
        makes_up: String::new(),
        stood: due.iter().map(stand).collect(),
        due: Some(due.to_vec()),
        files: Vec::new(),
    };
    record::add(tx, permit, &entry)
}

/// Who came to a class that was held, as its record stands now: nobody when it was withdrawn.
pub fn came(tx: &Tx, top: i64, class: &Class) -> Result<Vec<i64>, Fault> {
    let sql = "select s.person_id from record_person s
                 join record r on r.top_id = s.top_id and r.id = s.record_id and r.version = s.version
                where s.top_id = $1 and s.record_id = $2 and s.role = 'present' and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
                order by s.person_id";
    tx.rows(sql, &[top.into(), class.record.into()], |row| row.int(0))
}
