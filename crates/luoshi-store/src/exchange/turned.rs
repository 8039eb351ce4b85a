//! Turns on their way: who passed a matter on, and who helps with it. Those before the team left go along as history; on
//! the machine units may begin and end to help, and that comes back.

use super::parcel::Carried;
use crate::{Fault, Tx, audit, unit};
use jiff::civil::Date;
use luoshi_rules::{Flow, Matter, Permit};
use serde::{Deserialize, Serialize};

/// Most characters of a reason.
const LONG: usize = 500;

/// A turn on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turned {
    /// 1, 2, 3 …
    pub no: i64,
    /// what it was
    pub sort: String,
    /// the unit whose turn ended, or 0
    pub unit: i64,
    /// the unit whose turn began, or 0
    pub other: i64,
    /// the event after which it came
    pub after: i64,
    /// why
    pub note: String,
    /// who said so
    pub actor: i64,
    /// the day
    pub on: Date,
}

/// The turns of a matter, first to last.
pub(super) fn of(tx: &Tx, top: i64, matter: i64) -> Result<Vec<Turned>, Fault> {
    let sql = "select no, sort, unit_id, other_id, after_seq, note, actor_id, on_date from matter_turn
                where top_id = $1 and matter_id = $2 order by no";
    tx.rows(sql, &[top.into(), matter.into()], |row| {
        Ok(Turned {
            no: row.int(0)?,
            sort: row.text(1)?,
            unit: row.int(2)?,
            other: row.int(3)?,
            after: row.int(4)?,
            note: row.text(5)?,
            actor: row.int(6)?,
            on: row.parse(7)?,
        })
    })
}

/// What a machine tells that is not known here, in its order. Home may have turns of its own meanwhile, since a unit that
/// helps may have been merged; so a turn is the same by what it says and not by its number.
pub(super) fn fresh<'c>(carried: &'c Carried, known: &[Turned]) -> Vec<&'c Turned> {
    let mut known: Vec<Turned> = known.iter().map(|turn| Turned { no: 0, ..turn.clone() }).collect();
    let is_new = |turn: &&Turned| {
        let unnumbered = Turned { no: 0, ..(*turn).clone() };
        let here = known.iter().position(|one| *one == unnumbered);
        here.map(|at| known.swap_remove(at)).is_none()
    };
    carried.turns.iter().filter(is_new).collect()
}

/// Who helped with a matter when it was opened: who does in the end, without what happened since.
pub(super) fn first_helpers(carried: &Carried) -> Vec<i64> {
    let mut helpers = carried.helpers.clone();
    for turn in carried.turns.iter().rev() {
        match turn.sort.as_str() {
            "helps" => helpers.retain(|helper| *helper != turn.other),
            _ => helpers.push(turn.unit),
        }
    }
    helpers
}

/// Whether a machine may have made such a turn: a unit begins or ends to help, as whoever runs the matter says, while it
/// is open.
pub(super) fn is_sound(turn: &Turned, (matter, flow): (&Matter, &Flow), permit: &Permit) -> bool {
    let said = !turn.note.trim().is_empty() && turn.note.chars().count() <= LONG;
    let then = usize::try_from(turn.after).ok().and_then(|n| matter.events.get(..n));
    let Some(events) = then.filter(|events| !events.is_empty()) else { return false };
    let then = Matter { events: events.to_vec(), ..matter.clone() };
    let whose = match turn.sort.as_str() {
        "helps" => turn.unit == 0 && ![matter.unit, matter.opener].contains(&turn.other),
        "ended" => turn.other == 0,
        _ => false,
    };
    said && whose && !flow.beside && !then.is_closed(flow) && then.is_run_by(flow, permit)
}

/// Adds a turn that came back after those that are here, and lets the unit help or no longer help. One that is no more
/// does not begin to.
pub(super) fn add(tx: &Tx, top: i64, (matter, at): (i64, i64), turn: &Turned) -> Result<(), Fault> {
    let sql =
        "insert into matter_turn (top_id, matter_id, no, sort, unit_id, other_id, after_seq, note, actor_id, on_date)
               select $1, $2,
                      (select coalesce(max(n.no), 0) + 1 from matter_turn n where n.top_id = $1 and n.matter_id = $2),
                      $3, $4, $5, $6, $7, $8, $9";
    let args = [
        top.into(),
        matter.into(),
        turn.sort.as_str().into(),
        turn.unit.into(),
        turn.other.into(),
        turn.after.into(),
        turn.note.trim().into(),
        turn.actor.into(),
        turn.on.into(),
    ];
    tx.run(sql, &args).map_err(|fault| fault.if_taken(Fault::Clash))?;
    let helper = unit::find(tx, turn.unit.max(turn.other))?;
    let args = [top.into(), matter.into(), helper.id.into()];
    match turn.sort.as_str() {
        "helps" if helper.dissolved.is_some() => {}
        "helps" => {
            let sql = "insert into matter_helper (top_id, matter_id, unit_id) values ($1, $2, $3)
                       on conflict (top_id, matter_id, unit_id) do nothing";
            tx.run(sql, &args)?;
        }
        _ => {
            let sql = "delete from matter_helper where top_id = $1 and matter_id = $2 and unit_id = $3";
            tx.run(sql, &args)?;
        }
    }
    audit::by(tx, top, turn.actor, at, "matter.help", matter, &helper.id.to_string())
}
