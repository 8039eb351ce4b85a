//! Matters and their events. How a matter stands is the step of its last event; nothing else says so.

mod read;

pub use read::{Filter, Line, State, find, list};
pub(crate) use read::{event as read_event, events, line as read_line, with_events};

use crate::{Fault, Tx, audit, handover, new_id, transfer};
use luoshi_rules::matter::{Matter, Step};
use luoshi_rules::{Event, Flow, Pack, Permit, Refusal, Unit};
use serde_json::Value as Json;

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

/// Opens a matter from the unit of the permit; returns its id, or [`Fault::Conflict`] when the same is there already.
pub fn open(tx: &Tx, permit: &Permit, opening: &Opening) -> Result<i64, Fault> {
    // these two move people and posts: they are opened where that is checked
    if matches!(opening.flow.id.as_str(), transfer::FLOW | handover::FLOW) {
        return Err(Refusal::NotAllowed.into());
    }
    begin(tx, permit, opening)
}

pub(crate) fn begin(tx: &Tx, permit: &Permit, opening: &Opening) -> Result<i64, Fault> {
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
    append(tx, permit.top(), id, &event(permit, 1, first, &opening.note))?;
    audit::note(tx, permit, "matter.open", id, &opening.flow.id)?;
    Ok(id)
}

/// Whether the same matter was opened before, and its id.
pub fn same(tx: &Tx, permit: &Permit, flow: &str, addressee: i64, subject: &str) -> Result<Option<i64>, Fault> {
    let sql = "select id from matter where top_id = $1 and flow = $2 and unit_id = $3 and subject = $4";
    let args = [permit.top().into(), flow.into(), addressee.into(), subject.into()];
    Ok(tx.rows(sql, &args, |row| row.int(0))?.pop())
}

/// Takes a matter one step further, with all that the step brings about. Of two people doing so at once, the second
/// is told how it stands now.
pub fn advance(tx: &Tx, permit: &Permit, pack: &Pack, id: i64, to: &str, note: &str) -> Result<Matter, Fault> {
    let (top, mut matter) = mine(tx, permit, pack, id)?;
    let flow = pack.flow(&matter.flow).ok_or(Fault::NotFound)?;
    let step = matter.next(flow, to, permit)?;
    if step.note && note.trim().is_empty() {
        return Err(Refusal::field("note", "请写明情况", "please say what was done or why").into());
    }
    let event = event(permit, matter.events.len() as i64 + 1, step, note);
    append(tx, top, id, &event)?;
    match matter.flow.as_str() {
        transfer::FLOW => transfer::reached(tx, permit, top, (flow, step), &matter)?,
        handover::FLOW => handover::reached(tx, permit, pack, step, &matter)?,
        _ => {}
    }
    audit::note(tx, permit, "matter.advance", id, &step.id)?;
    matter.events.push(event);
    Ok(matter)
}

/// A matter that is the permit's to act on: one of its units is the permit's, or a step names its person. Comes with
/// the organisation that keeps it: a letter may come from another.
fn mine(tx: &Tx, permit: &Permit, pack: &Pack, id: i64) -> Result<(i64, Matter), Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, '', '', m.top_id
                 from matter m where m.top_id = $1 and m.id = $2";
    let mut found = tx.rows(sql, &[permit.top().into(), id.into()], read::line)?;
    if found.is_empty() {
        let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, '', '', m.top_id
                     from matter m where m.id = $1 and m.unit_id = $2 and m.flow = 'transfer'
                    -- fanout: a letter may come from another organisation";
        found = tx.rows(sql, &[id.into(), permit.unit().into()], read::line)?;
    }
    let Line { top, mut matter, .. } = found.pop().ok_or(Fault::NotFound)?;
    let named = |step: &Step| step.person.as_ref().is_some_and(|key| matter.data[key] == permit.person());
    let flow = pack.flow(&matter.flow).ok_or(Fault::NotFound)?;
    if ![matter.unit, matter.opener].contains(&permit.unit()) && !flow.step.iter().any(named) {
        return Err(Fault::NotFound);
    }
    matter.events = events(tx, top, id)?;
    Ok((top, matter))
}

fn event(permit: &Permit, seq: i64, step: &Step, note: &str) -> Event {
    Event { seq, step: step.id.clone(), actor: permit.person(), note: note.trim().to_owned(), on: permit.today() }
}

/// Adds an event; two people cannot write the same number, and the second looks again.
pub(crate) fn append(tx: &Tx, top: i64, id: i64, event: &Event) -> Result<(), Fault> {
    let sql = "insert into matter_event (top_id, matter_id, seq, step, actor_id, note, on_date)
               values ($1, $2, $3, $4, $5, $6, $7)";
    let args = [
        top.into(),
        id.into(),
        event.seq.into(),
        event.step.as_str().into(),
        event.actor.into(),
        event.note.as_str().into(),
        event.on.into(),
    ];
    tx.run(sql, &args).map(drop).map_err(|fault| match fault {
        Fault::Conflict => Fault::Clash,
        other => other,
    })
}
