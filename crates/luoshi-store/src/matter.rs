//! Matters and their events. How a matter stands is the step of its last event; nothing else says so.

mod count;
mod few;
mod kept;
mod list;
mod open;
mod pack;
mod passed;
pub mod proposal;
mod read;
mod search;
mod settle;
mod stand;
mod turn;

pub use count::{Count, FollowUp, Owner, counts, follow_ups, owners, without};
pub use kept::{Kept, filters, forget, keep};
pub use list::{Filter, Leaves, Order, State, list, of_record, told};
pub(crate) use open::begin;
pub use open::{Followed, Opening, add_part, followed, open, open_for, same};
use open::{reopen_parts, wake};
pub(crate) use pack::forget as forget_words;
pub use pack::pack;
pub use passed::{Passed, passed};
pub use read::{Line, find, of_term, people, tree, whole};
pub(crate) use read::{event as read_event, events, line as read_line, with_events};
pub use search::{Depth, Found, Groups, Tier, seek};
pub use settle::settle;
pub use stand::{derive, kept, refresh};
pub use turn::{Turn, TurnSort, end_help, help, pass_on};
pub(crate) use turn::{all_of, hand};
#[cfg(test)]
pub(crate) use {count::STATEMENTS as COUNTED, few::STATEMENTS};

use crate::{Fault, Tx, audit, exchange, handover, round, transfer};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::flow::Step;
use luoshi_rules::{Event, Matter, Pack, Permit, Refusal};
use serde_json::Value as Json;

/// A step as it is taken.
#[derive(Debug, Clone, Default)]
pub struct Taken<'a> {
    /// the step
    pub to: &'a str,
    /// what was written
    pub note: &'a str,
    /// answers to its fields; evidence under `evidence`
    pub data: Json,
    /// the day on which it was done, where it is entered afterwards
    pub on: Option<Date>,
}

/// Takes a matter one step further with nothing but a note.
pub fn advance(tx: &Tx, permit: &Permit, pack: &Pack, id: i64, to: &str, note: &str) -> Result<Matter, Fault> {
    take(tx, permit, pack, id, &Taken { to, note, ..Taken::default() })
}

/// Takes a matter one step further, with all that the step brings about. Of two people doing so at once, the second
/// is told how it stands now.
pub fn take(tx: &Tx, permit: &Permit, pack: &Pack, id: i64, taken: &Taken) -> Result<Matter, Fault> {
    let (top, mut matter) = mine(tx, permit, pack, id)?;
    exchange::must_be_here(tx, top, &matter)?;
    let flow = pack.flow(&matter.flow).ok_or(Fault::NotFound)?;
    let step = matter.next(flow, taken.to, permit)?;
    let on = matter.entered(flow, step, (taken.on, permit.today()))?;
    if step.pair {
        round::must_be_two(tx, top, (id, &taken.data), on)?;
    }
    is_complete(step, taken, (matter.limits(flow).pop(), permit.today()))?;
    let event = Event {
        data: taken.data.clone(),
        ..Event::plain(matter.events.len() as i64 + 1, &step.id, permit.person(), taken.note, on)
    };
    append(tx, top, id, &event)?;
    match matter.flow.as_str() {
        transfer::FLOW => transfer::reached(tx, permit, top, (flow, step), &matter)?,
        handover::FLOW => handover::reached(tx, permit, pack, step, &matter)?,
        _ => {}
    }
    let limit = step.limit.as_ref().map(|field| &taken.data[field]).and_then(Json::as_str);
    if let Some(again) = &step.reopens {
        reopen_parts(tx, permit, pack, (id, again), (taken.note, limit))?;
    }
    if let Some(again) = &step.wakes {
        wake(tx, permit, pack, (matter.parent, again), (taken.note, limit))?;
    }
    match matter.flow == proposal::FLOW && step.person.is_some() {
        true => proposal::note(tx, permit, &matter, &step.id)?,
        false => audit::note(tx, permit, "matter.advance", id, &step.id)?,
    }
    matter.events.push(event);
    Ok(matter)
}

/// Refuses a step without what it needs.
pub(crate) fn is_complete(step: &Step, taken: &Taken, (limit, today): (Option<Date>, Date)) -> Result<(), Refusal> {
    if step.note && taken.note.trim().is_empty() {
        return Err(Refusal::field("note", "请写明情况", "please say what was done or why"));
    }
    if let Some(field) = step.field.iter().find(|field| !field.optional && taken.data[&field.id].is_null()) {
        let name = &field.name;
        return Err(Refusal::field(&field.id, format!("{}：请填写", name.zh), format!("{}: please fill in", name.en)));
    }
    if step.evidence && taken.data["evidence"].as_array().is_none_or(Vec::is_empty) {
        return Err(Refusal::field(
            "evidence",
            "请选择一条已有纪实，或上传一份佐证材料",
            "choose a record of the unit, or attach a file that shows it",
        ));
    }
    let given = |field: &&String| !taken.data[field.as_str()].is_null();
    let asked = |field: &&String| step.field.iter().any(|one| one.id == **field && !one.optional);
    let Some(field) = step.limit.as_ref().filter(|field| given(field) || asked(field)) else { return Ok(()) };
    let new: Option<Date> = taken.data[field].as_str().and_then(|day| day.parse().ok());
    // an extension must be later than the day it moves; any new day must still be to come
    let after = limit.filter(|_| step.aside && !step.fresh.is_empty()).unwrap_or(today).max(today);
    let most = step.within.and_then(|months| today.checked_add(i32::from(months).months()).ok());
    match new.filter(|new| *new > after) {
        Some(new) if most.is_some_and(|most| new > most) => {
            let most = most.unwrap_or(today);
            let (zh, en) = (format!("日期不能晚于 {most}"), format!("the day must not be later than {most}"));
            Err(Refusal::field(field, zh, en))
        }
        Some(_) => Ok(()),
        None => {
            Err(Refusal::field(field, format!("日期要晚于 {after}"), format!("the day must be later than {after}")))
        }
    }
}

/// A matter that is the permit's to act on: one of its units is the permit's, or a step names its person. Comes with
/// the organisation that keeps it: a letter may come from another.
fn mine(tx: &Tx, permit: &Permit, pack: &Pack, id: i64) -> Result<(i64, Matter), Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, '', '', m.top_id,
                      m.path, m.opener_path, m.parent_id, m.round_id
                 from matter m where m.top_id = $1 and m.id = $2";
    let mut found = tx.rows(sql, &[permit.top().into(), id.into()], read::line)?;
    if found.is_empty() {
        let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, '', '', m.top_id,
                          m.path, m.opener_path, m.parent_id, m.round_id
                     from matter m where m.id = $1 and m.unit_id = $2 and m.flow = 'transfer'
                    -- fanout: a letter may come from another organisation";
        found = tx.rows(sql, &[id.into(), permit.unit().into()], read::line)?;
    }
    let Line { top, mut matter, .. } = found.pop().ok_or(Fault::NotFound)?;
    read::complete(tx, pack, top, &mut matter)?;
    let named = |step: &Step| step.person.as_ref().is_some_and(|key| matter.data[key] == permit.person());
    let flow = pack.flow(&matter.flow).ok_or(Fault::NotFound)?;
    let ours = [matter.unit, matter.opener].contains(&permit.unit()) || matter.helpers.contains(&permit.unit());
    if !ours && !flow.step.iter().any(named) {
        return Err(Fault::NotFound);
    }
    Ok((top, matter))
}

/// Adds an event, and keeps how the matter stands after it; two people cannot write the same number, and the second looks again.
pub(crate) fn append(tx: &Tx, top: i64, id: i64, event: &Event) -> Result<(), Fault> {
    let sql = "insert into matter_event (top_id, matter_id, seq, step, actor_id, note, on_date, data)
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let data = if event.data.is_null() { String::new() } else { event.data.to_string() };
    let args = [
        top.into(),
        id.into(),
        event.seq.into(),
        event.step.as_str().into(),
        event.actor.into(),
        event.note.as_str().into(),
        event.on.into(),
        data.into(),
    ];
    tx.run(sql, &args).map_err(|fault| fault.if_taken(Fault::Clash))?;
    stand::keep(tx, top, id)
}
