//! Matters and their events.

use crate::{Fault, Row, Tx, Value, audit, new_id};
use luoshi_rules::matter::Matter;
use luoshi_rules::{Event, Flow, Pack, Permit, Refusal, Scope, Unit};
use serde_json::Value as Json;
use std::collections::HashMap;

/// What a matter is about when it is opened.
#[derive(Debug, Clone)]
pub struct Opening<'a> {
    /// the flow
    pub flow: &'a Flow,
    /// the unit that must answer
    pub addressee: &'a Unit,
    /// once for each flow and addressee
    pub subject: String,
    /// title, fixed for ever
    pub title: String,
    /// what it is about
    pub data: Json,
    /// first note
    pub note: String,
}

/// A matter in a list.
#[derive(Debug, Clone)]
pub struct Line {
    /// the matter with all its events
    pub matter: Matter,
    /// short name of the unit that must answer
    pub unit_name: String,
    /// short name of the unit that opened it
    pub opener_name: String,
}

/// Opens a matter from the unit of the permit; returns its id, or [`Fault::Conflict`] when the same is there already.
pub fn open(tx: &Tx, permit: &Permit, opening: &Opening) -> Result<i64, Fault> {
    let first = opening.flow.step.first().ok_or(Fault::NotFound)?;
    if !first.by.iter().any(|post| permit.acts_as(post)) {
        return Err(Refusal::NotAllowed.into());
    }
    let id = new_id();
    let sql =
        "insert into matter (top_id, id, unit_id, path, opener_id, opener_path, flow, subject, title, data, on_date)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let args = [
        permit.top().into(),
        id.into(),
        opening.addressee.id.into(),
        opening.addressee.path.as_str().into(),
        permit.unit().into(),
        permit.path().as_str().into(),
        opening.flow.id.as_str().into(),
        opening.subject.as_str().into(),
        opening.title.as_str().into(),
        opening.data.clone().into(),
        permit.today().into(),
    ];
    tx.run(sql, &args)?;
    append(tx, permit, id, (1, &first.id), &opening.note)?;
    audit::note(tx, permit, "matter.open", id, &opening.flow.id)?;
    Ok(id)
}

/// Whether the same matter was opened before, and its id.
pub fn same(tx: &Tx, permit: &Permit, flow: &str, addressee: i64, subject: &str) -> Result<Option<i64>, Fault> {
    let sql = "select id from matter where top_id = $1 and flow = $2 and unit_id = $3 and subject = $4";
    let args = [permit.top().into(), flow.into(), addressee.into(), subject.into()];
    Ok(tx.rows(sql, &args, |row| row.int(0))?.pop())
}

/// Takes a matter one step further. Of two people doing so at once, the second is told how it stands now.
pub fn advance(tx: &Tx, permit: &Permit, pack: &Pack, id: i64, to: &str, note: &str) -> Result<Matter, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, '', '' from matter m
                where m.top_id = $1 and m.id = $2 and (m.unit_id = $3 or m.opener_id = $3)";
    let args = [permit.top().into(), id.into(), permit.unit().into()];
    let mut matter = tx.row(sql, &args, line)?.matter;
    let sql = "select matter_id, seq, step, actor_id, note, on_date from matter_event
                where top_id = $1 and matter_id = $2 order by seq";
    matter.events = tx.rows(sql, &args[..2], event)?.into_iter().map(|(_, event)| event).collect();
    let flow = pack.flow(&matter.flow).ok_or(Fault::NotFound)?;
    let step = matter.next(flow, to, permit)?;
    if step.note && note.trim().is_empty() {
        return Err(Refusal::field("note", "请写明情况", "please say what was done or why").into());
    }
    let seq = matter.events.len() as i64 + 1;
    append(tx, permit, id, (seq, &step.id), note.trim()).map_err(|fault| match fault {
        Fault::Conflict => Fault::Clash,
        other => other,
    })?;
    audit::note(tx, permit, "matter.advance", id, &step.id)?;
    matter.events.push(Event {
        seq,
        step: step.id.clone(),
        actor: permit.person(),
        note: note.trim().to_owned(),
        on: permit.today(),
    });
    Ok(matter)
}

/// A matter one of whose units lies in the scope, with its events.
pub fn find(tx: &Tx, scope: &Scope, id: i64) -> Result<Line, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, o.short_name
                 from matter m
                 join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 join unit o on o.top_id = m.top_id and o.id = m.opener_id
                where m.top_id = $1 and m.id = $4
                  and ((m.path >= $2 and m.path < $3) or (m.opener_path >= $2 and m.opener_path < $3))";
    let mut args = crate::unit::range(scope).to_vec();
    args.push(id.into());
    let mut one = tx.row(sql, &args, line)?;
    let sql = "select matter_id, seq, step, actor_id, note, on_date from matter_event
                where top_id = $1 and matter_id = $2 order by seq";
    let key = [scope.top().into(), id.into()];
    one.matter.events = tx.rows(sql, &key, event)?.into_iter().map(|(_, event)| event).collect();
    Ok(one)
}

/// Matters of a flow (or all, when empty) addressed to units of a scope or opened by them, newest first, each with
/// its events. Two statements.
pub fn list(tx: &Tx, scope: &Scope, flow: &str, most: i64) -> Result<Vec<Line>, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, o.short_name
                 from matter m
                 join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 join unit o on o.top_id = m.top_id and o.id = m.opener_id
                where m.top_id = $1 and (m.flow = $4 or $4 = '')
                  and ((m.path >= $2 and m.path < $3) or (m.opener_path >= $2 and m.opener_path < $3))
                order by m.id desc limit $5";
    let mut args: Vec<Value> = crate::unit::range(scope).to_vec();
    args.extend([flow.into(), most.into()]);
    let mut lines = tx.rows(sql, &args, line)?;
    let sql = "select e.matter_id, e.seq, e.step, e.actor_id, e.note, e.on_date from matter_event e
                 join matter m on m.top_id = e.top_id and m.id = e.matter_id
                where e.top_id = $1 and (m.flow = $4 or $4 = '') and e.matter_id >= $5
                  and ((m.path >= $2 and m.path < $3) or (m.opener_path >= $2 and m.opener_path < $3))
                order by e.matter_id, e.seq";
    if let (Some(last), Some(oldest)) = (args.last_mut(), lines.iter().map(|line| line.matter.id).min()) {
        *last = oldest.into();
    }
    let mut events: HashMap<i64, Vec<Event>> = HashMap::new();
    for (matter, event) in tx.rows(sql, &args, event)? {
        events.entry(matter).or_default().push(event);
    }
    for line in &mut lines {
        line.matter.events = events.remove(&line.matter.id).unwrap_or_default();
    }
    Ok(lines)
}

fn append(tx: &Tx, permit: &Permit, id: i64, (seq, step): (i64, &str), note: &str) -> Result<(), Fault> {
    let sql = "insert into matter_event (top_id, matter_id, seq, step, actor_id, note, on_date)
               values ($1, $2, $3, $4, $5, $6, $7)";
    let args = [
        permit.top().into(),
        id.into(),
        seq.into(),
        step.into(),
        permit.person().into(),
        note.into(),
        permit.today().into(),
    ];
    tx.run(sql, &args).map(drop)
}

fn line(row: &Row) -> Result<Line, Fault> {
    let matter = Matter {
        id: row.int(0)?,
        unit: row.int(1)?,
        opener: row.int(2)?,
        flow: row.text(3)?,
        title: row.text(4)?,
        data: row.json(5)?,
        opened: row.parse(6)?,
        events: Vec::new(),
    };
    Ok(Line { matter, unit_name: row.text(7)?, opener_name: row.text(8)? })
}

fn event(row: &Row) -> Result<(i64, Event), Fault> {
    let event =
        Event { seq: row.int(1)?, step: row.text(2)?, actor: row.int(3)?, note: row.text(4)?, on: row.parse(5)? };
    Ok((row.int(0)?, event))
}
