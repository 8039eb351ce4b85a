//! Opening matters: on their own, for a round, or as parts of others.

use super::{append, proposal, read};
use crate::{Fault, Tx, audit, exchange, handover, new_id, transfer};
use luoshi_rules::flow::{Side, Step};
use luoshi_rules::{Event, Flow, Pack, Permit, Refusal, Unit, UnitPath};
use serde_json::{Value as Json, json};
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

/// Where a matter comes from.
struct Origin<'a> {
    /// the unit that opened it
    opener: (i64, &'a UnitPath),
    /// the matter it is a part of, or 0
    parent: i64,
    /// the round it belongs to, or 0
    round: i64,
}

/// Opens a matter from the unit of the permit; returns its id, or [`Fault::Conflict`] when the same is there already.
pub fn open(tx: &Tx, permit: &Permit, opening: &Opening) -> Result<i64, Fault> {
    open_for(tx, permit, opening, 0)
}

/// The same, for a round.
pub fn open_for(tx: &Tx, permit: &Permit, opening: &Opening, round: i64) -> Result<i64, Fault> {
    // these move people and posts or hide a name: they are opened where that is seen to; a part under its whole
    if matches!(opening.flow.id.as_str(), transfer::FLOW | handover::FLOW | proposal::FLOW)
        || !opening.flow.under.is_empty()
    {
        return Err(Refusal::NotAllowed.into());
    }
    insert(tx, permit, opening, &Origin { opener: (permit.unit(), permit.path()), parent: 0, round })
}

/// Opens a matter at the unit that must answer, so that it does not tell where it came from.
pub(super) fn addressed(tx: &Tx, permit: &Permit, opening: &Opening) -> Result<i64, Fault> {
    let at = opening.addressee;
    let id = write(tx, permit, opening, &Origin { opener: (at.id, &at.path), parent: 0, round: 0 })?;
    audit::by(tx, permit.top(), permit.person(), at.id, "proposal.raise", id, "")?;
    Ok(id)
}

pub(crate) fn begin(tx: &Tx, permit: &Permit, opening: &Opening) -> Result<i64, Fault> {
    insert(tx, permit, opening, &Origin { opener: (permit.unit(), permit.path()), parent: 0, round: 0 })
}

/// Opens a part of a matter: by the side its first step names, for the unit that must answer for the whole or one below
/// it. Units that help are named with it.
pub fn add_part(
    tx: &Tx,
    permit: &Permit,
    pack: &Pack,
    whole: i64,
    (opening, helpers): (&Opening, &[i64]),
) -> Result<i64, Fault> {
    let (top, matter) = super::mine(tx, permit, pack, whole)?;
    exchange::must_be_here(tx, top, &matter)?;
    let flow = pack.flow(&matter.flow).ok_or(Fault::NotFound)?;
    let first = opening.flow.step.first().ok_or(Fault::NotFound)?;
    if !matter.takes_part(opening.flow, permit) {
        return Err(Refusal::NotAllowed.into());
    }
    // what is drawn to be looked at again hangs under what was closed
    if matter.is_closed(flow) && !opening.flow.beside {
        return Err(
            Refusal::rule("该事项已办结，不能再增加", "this matter is closed: nothing can be added to it").into()
        );
    }
    if first.side == Side::Addressee && !matter.path.contains(&opening.addressee.path) {
        let zh = "责任组织须是本组织或其下级组织";
        return Err(Refusal::field("unit", zh, "the unit must be yours or one below it").into());
    }
    if first.side == Side::Opener
        && (!matter.opener_path.contains(&opening.addressee.path) || opening.addressee.id == matter.opener)
    {
        let zh = "责任组织须是交办组织的下级组织";
        return Err(Refusal::field("unit", zh, "the unit must be one below that which gives the order").into());
    }
    let opener = (matter.opener, &matter.opener_path);
    let id = insert(tx, permit, opening, &Origin { opener, parent: whole, round: matter.round })?;
    let sql = "insert into matter_helper (top_id, matter_id, unit_id) values ($1, $2, $3)";
    for helper in helpers.iter().filter(|helper| **helper != opening.addressee.id) {
        tx.run(sql, &[top.into(), id.into(), (*helper).into()])?;
    }
    Ok(id)
}

fn insert(tx: &Tx, permit: &Permit, opening: &Opening, origin: &Origin) -> Result<i64, Fault> {
    let id = write(tx, permit, opening, origin)?;
    audit::note(tx, permit, "matter.open", id, &opening.flow.id)?;
    Ok(id)
}

fn write(tx: &Tx, permit: &Permit, opening: &Opening, origin: &Origin) -> Result<i64, Fault> {
    let first = opening.flow.step.first().ok_or(Fault::NotFound)?;
    if !first.by.iter().any(|post| permit.acts_as(post)) {
        return Err(Refusal::NotAllowed.into());
    }
    let id = new_id();
    let sql = "insert into matter (top_id, id, unit_id, path, opener_id, opener_path, flow, subject, title, data,
                                   on_date, parent_id, round_id)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let args = [
        permit.top().into(),
        id.into(),
        opening.addressee.id.into(),
        opening.addressee.path.as_str().into(),
        origin.opener.0.into(),
        origin.opener.1.as_str().into(),
        opening.flow.id.as_str().into(),
        opening.subject.as_str().into(),
        opening.title.as_str().into(),
        opening.data.clone().into(),
        permit.today().into(),
        origin.parent.into(),
        origin.round.into(),
    ];
    tx.run(sql, &args)?;
    append(tx, permit.top(), id, &Event::plain(1, &first.id, permit.person(), &opening.note, permit.today()))?;
    Ok(id)
}

/// Whether the same matter was opened before, and its id.
pub fn same(tx: &Tx, permit: &Permit, flow: &str, addressee: i64, subject: &str) -> Result<Option<i64>, Fault> {
    let sql = "select id from matter where top_id = $1 and flow = $2 and unit_id = $3 and subject = $4";
    let args = [permit.top().into(), flow.into(), addressee.into(), subject.into()];
    Ok(tx.rows(sql, &args, |row| row.int(0))?.pop())
}

/// How a subject was followed up before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed {
    /// how many times
    pub times: i64,
    /// whether it is open still
    pub open: bool,
}

/// What the unit of the permit may have followed up below it, by the unit that must answer and the subject; one that
/// was closed by hand may be opened again, and then bears `#2` after its subject.
pub fn followed(tx: &Tx, permit: &Permit, flow: &Flow) -> Result<HashMap<(i64, String), Followed>, Fault> {
    let sql = "select m.unit_id, m.subject,
                      (select e.step from matter_event e
                        where e.top_id = m.top_id and e.matter_id = m.id order by e.seq desc limit 1)
                 from matter m where m.top_id = $1 and m.flow = $2 and m.path >= $3 and m.path < $4";
    let (from, until) = (permit.path().as_str(), permit.path().end());
    let args = [permit.top().into(), flow.id.as_str().into(), from.into(), until.into()];
    let mut all: HashMap<(i64, String), Followed> = HashMap::new();
    tx.rows(sql, &args, |row| {
        let (subject, open) = (row.text(1)?, !flow.closes(&row.text(2)?));
        let (stem, _) = subject.split_once('#').unwrap_or((&subject, ""));
        let one = all.entry((row.int(0)?, stem.to_owned())).or_insert(Followed { times: 0, open: false });
        one.times += 1;
        one.open |= open;
        Ok(())
    })?;
    Ok(all)
}

/// Takes the parts of a matter up again that were closed, or are only looked at from time to time; with a new limit.
pub(super) fn reopen_parts(
    tx: &Tx,
    permit: &Permit,
    pack: &Pack,
    (whole, again): (i64, &str),
    (note, limit): (&str, Option<&str>),
) -> Result<(), Fault> {
    for part in read::parts(tx, permit.top(), whole)? {
        let Some(step) = pack.flow(&part.flow).and_then(|flow| part.reopens_to(flow, again)) else { continue };
        bring_about(tx, permit, (part.id, part.events.len()), step, (note, limit))?;
    }
    Ok(())
}

/// Takes a closed whole up again, since a part of it is.
pub(super) fn wake(
    tx: &Tx,
    permit: &Permit,
    pack: &Pack,
    (whole, again): (i64, &str),
    (note, limit): (&str, Option<&str>),
) -> Result<(), Fault> {
    let Some(mut whole) = read::alone(tx, permit.top(), whole)? else { return Ok(()) };
    whole.events = read::events(tx, permit.top(), whole.id)?;
    let Some(flow) = pack.flow(&whole.flow).filter(|flow| whole.is_closed(flow)) else { return Ok(()) };
    match whole.reopens_to(flow, again) {
        Some(step) => bring_about(tx, permit, (whole.id, whole.events.len()), step, (note, limit)),
        None => Ok(()),
    }
}

/// Writes down a step that another matter's brought about.
fn bring_about(
    tx: &Tx,
    permit: &Permit,
    (id, events): (i64, usize),
    step: &Step,
    (note, limit): (&str, Option<&str>),
) -> Result<(), Fault> {
    let new = step.limit.as_ref().zip(limit);
    let data = new.map_or(Json::Null, |(field, day)| json!({ field.as_str(): day }));
    let event = Event { data, ..Event::plain(events as i64 + 1, &step.id, permit.person(), note, permit.today()) };
    append(tx, permit.top(), id, &event)
}
