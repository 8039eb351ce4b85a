//! Turns: a matter passes on to another unit, or a unit begins or ends to help with it. No turn changes a step, and the
//! unit that had it before goes on seeing it.

use super::{read, stand};
use crate::{Fault, Tx, audit, exchange, handover, transfer};
use jiff::civil::Date;
use luoshi_rules::{Event, Matter, Pack, Permit, Refusal, Unit};

/// What happened to who carries a matter.
#[derive(Debug, Clone)]
pub struct Turn {
    /// the event after which it came
    pub after: i64,
    /// what it was
    pub sort: TurnSort,
    /// short name of the unit whose turn ended, or empty
    pub from: String,
    /// short name of the unit whose turn began, or empty
    pub to: String,
    /// why
    pub note: String,
    /// the day
    pub on: Date,
}

/// The sorts of turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnSort {
    /// another unit must answer
    Handed,
    /// another unit stands on the side that opened it
    Given,
    /// a unit begins to help
    Helps,
    /// a unit no longer helps
    Ended,
}

impl TurnSort {
    fn key(self) -> &'static str {
        match self {
            TurnSort::Handed => "handed",
            TurnSort::Given => "given",
            TurnSort::Helps => "helps",
            TurnSort::Ended => "ended",
        }
    }

    fn read(key: &str) -> TurnSort {
        let all = [TurnSort::Given, TurnSort::Helps, TurnSort::Ended];
        all.into_iter().find(|sort| sort.key() == key).unwrap_or(TurnSort::Handed)
    }
}

/// A turn as it is written down.
struct New<'a> {
    matter: (i64, i64),
    sort: TurnSort,
    from: i64,
    to: i64,
    note: &'a str,
}

/// Passes a matter on to another unit within reach of the one that opened it, with its parts that the same unit
/// carries. The day by which it is to be done stays.
pub fn pass_on(tx: &Tx, permit: &Permit, pack: &Pack, id: i64, (to, why): (&Unit, &str)) -> Result<(), Fault> {
    let (top, matter) = run(tx, permit, pack, (id, why))?;
    if permit.unit() != matter.opener || matter.parent == 0 && matter.round != 0 {
        return Err(Refusal::NotAllowed.into());
    }
    let own = [matter.unit, matter.opener].contains(&to.id);
    if own || !matter.opener_path.contains(&to.path) || to.dissolved.is_some() {
        let zh = "请选择交办组织的下级组织中的另一个组织";
        return Err(Refusal::field("unit", zh, "choose another unit below the one that opened the matter").into());
    }
    let mut all = vec![matter.clone()];
    for part in read::parts(tx, top, id)? {
        all.extend(read::parts(tx, top, part.id)?);
        all.push(part);
    }
    for one in all.iter().filter(|one| one.unit == matter.unit) {
        carry(tx, (top, one.id), (matter.unit, to))?;
        write(
            tx,
            permit,
            &New { matter: (top, one.id), sort: TurnSort::Handed, from: matter.unit, to: to.id, note: why },
        )?;
        release(tx, permit, (top, one.id), (to.id, why))?;
    }
    audit::note(tx, permit, "matter.pass", id, &to.id.to_string())
}

/// Another unit helps from today.
pub fn help(tx: &Tx, permit: &Permit, pack: &Pack, id: i64, (unit, why): (&Unit, &str)) -> Result<(), Fault> {
    let (top, matter) = run(tx, permit, pack, (id, why))?;
    if unit.top != top || unit.dissolved.is_some() || [matter.unit, matter.opener].contains(&unit.id) {
        let zh = "协办组织不能是责任组织或交办组织本身，也不能是已撤销的组织";
        return Err(Refusal::field("unit", zh, "who helps is another unit, and one that exists").into());
    }
    if matter.helpers.contains(&unit.id) {
        return Err(Refusal::field("unit", "该组织已在协办", "that unit helps already").into());
    }
    let sql = "insert into matter_helper (top_id, matter_id, unit_id) values ($1, $2, $3)";
    tx.run(sql, &[top.into(), id.into(), unit.id.into()])?;
    write(tx, permit, &New { matter: (top, id), sort: TurnSort::Helps, from: 0, to: unit.id, note: why })?;
    audit::note(tx, permit, "matter.help", id, &unit.id.to_string())
}

/// A unit no longer helps; it goes on seeing the matter.
pub fn end_help(tx: &Tx, permit: &Permit, pack: &Pack, id: i64, (unit, why): (i64, &str)) -> Result<(), Fault> {
    let (top, _) = run(tx, permit, pack, (id, why))?;
    let sql = "delete from matter_helper where top_id = $1 and matter_id = $2 and unit_id = $3";
    if tx.run(sql, &[top.into(), id.into(), unit.into()])? == 0 {
        return Err(Fault::NotFound);
    }
    write(tx, permit, &New { matter: (top, id), sort: TurnSort::Ended, from: unit, to: 0, note: why })?;
    audit::note(tx, permit, "matter.help", id, &unit.to_string())
}

/// An open matter that the permit may run, with a reason.
fn run(tx: &Tx, permit: &Permit, pack: &Pack, (id, why): (i64, &str)) -> Result<(i64, Matter), Fault> {
    let (top, matter) = super::mine(tx, permit, pack, id)?;
    exchange::must_be_here(tx, top, &matter)?;
    let flow = pack.flow(&matter.flow).ok_or(Fault::NotFound)?;
    let fixed = [transfer::FLOW, handover::FLOW, super::proposal::FLOW].contains(&flow.id.as_str());
    if fixed || flow.beside || top != permit.top() || !matter.is_run_by(flow, permit) {
        return Err(Refusal::NotAllowed.into());
    }
    if matter.is_closed(flow) {
        return Err(Refusal::rule("该事项已办结", "this matter is closed").into());
    }
    if why.trim().is_empty() || why.chars().count() > 500 {
        return Err(Refusal::field("why", "请写明原因，500字以内", "please say why, in at most 500 characters").into());
    }
    Ok((top, matter))
}

/// Every matter that a unit must answer, opened or helps with, each with its events; letters of other organisations too.
pub(crate) fn all_of(tx: &Tx, unit: &Unit) -> Result<Vec<read::Line>, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, '', '', m.top_id,
                      m.path, m.opener_path, m.parent_id, m.round_id
                 from matter m
                where m.unit_id = $2 or (m.top_id = $1 and m.opener_id = $2)
                   or m.id in (select h.matter_id from matter_helper h where h.top_id = $1 and h.unit_id = $2)
                -- fanout: a letter may come from another organisation";
    let args = [unit.top.into(), unit.id.into()];
    let lines = tx.rows(sql, &args, read::line)?;
    let sql = "select e.matter_id, e.seq, e.step, e.actor_id, e.note, e.on_date, e.data
                 from matter m join matter_event e on e.top_id = m.top_id and e.matter_id = m.id
                where m.unit_id = $2 or (m.top_id = $1 and m.opener_id = $2)
                   or m.id in (select h.matter_id from matter_helper h where h.top_id = $1 and h.unit_id = $2)
                order by e.matter_id, e.seq
                -- fanout: a letter may come from another organisation";
    let events: Vec<(i64, Event)> = tx.rows(sql, &args, read::event)?;
    Ok(read::with_events(lines, events))
}

/// Hands a matter of a unit that ends to its heir, whichever side it stood on. What was closed goes along, since it
/// may be taken up again; it says where it came from.
pub(crate) fn hand(
    tx: &Tx,
    permit: &Permit,
    line: &read::Line,
    (unit, heir): (&Unit, &Unit),
    note: &str,
) -> Result<(), Fault> {
    let matter = (line.top, line.matter.id);
    let turn = |sort, to| New { matter, sort, from: unit.id, to, note };
    if line.matter.unit == unit.id {
        carry(tx, matter, (unit.id, heir))?;
        write(tx, permit, &turn(TurnSort::Handed, heir.id))?;
        release(tx, permit, matter, (heir.id, note))?;
    }
    if line.matter.opener == unit.id {
        let sql = "update matter set opener_id = $4, opener_path = $5
                    where top_id = $1 and id = $2 and opener_id = $3";
        let to = [heir.id.into(), heir.path.as_str().into()];
        tx.run(sql, &[&[matter.0.into(), matter.1.into(), unit.id.into()], &to[..]].concat())?;
        match line.matter.unit == unit.id {
            true => stand::keep(tx, matter.0, matter.1)?,
            false => write(tx, permit, &turn(TurnSort::Given, heir.id))?,
        }
        release(tx, permit, matter, (heir.id, note))?;
    }
    // the heir helps where the other did, once, and not where it answers itself
    let sql = "delete from matter_helper where top_id = $1 and matter_id = $2 and unit_id = $3";
    if tx.run(sql, &[matter.0.into(), matter.1.into(), unit.id.into()])? == 0 {
        return Ok(());
    }
    write(tx, permit, &turn(TurnSort::Ended, 0))?;
    let sql = "insert into matter_helper (top_id, matter_id, unit_id)
               select m.top_id, m.id, $3 from matter m
                where m.top_id = $1 and m.id = $2 and m.unit_id <> $3 and m.opener_id <> $3
                  and not exists (select 1 from matter_helper k
                                   where k.top_id = $1 and k.matter_id = $2 and k.unit_id = $3)";
    if tx.run(sql, &[matter.0.into(), matter.1.into(), heir.id.into()])? > 0 {
        write(tx, permit, &New { from: 0, ..turn(TurnSort::Helps, heir.id) })?;
    }
    Ok(())
}

/// Who answers for a matter, or gave it, helps with it no longer.
fn release(tx: &Tx, permit: &Permit, matter: (i64, i64), (unit, note): (i64, &str)) -> Result<(), Fault> {
    let sql = "delete from matter_helper where top_id = $1 and matter_id = $2 and unit_id = $3";
    match tx.run(sql, &[matter.0.into(), matter.1.into(), unit.into()])? {
        0 => Ok(()),
        _ => write(tx, permit, &New { matter, sort: TurnSort::Ended, from: unit, to: 0, note }),
    }
}

/// Lets another unit answer for a matter. It may have one of its own about the same: what was once the other's says so.
fn carry(tx: &Tx, (top, id): (i64, i64), (from, to): (i64, &Unit)) -> Result<(), Fault> {
    let sql = "update matter set unit_id = $4, path = $5, subject = subject || $6
                where top_id = $1 and id = $2 and unit_id = $3";
    let args = [top.into(), id.into(), from.into(), to.id.into(), to.path.as_str().into(), format!("@{from}").into()];
    tx.run(sql, &args).map(drop)
}

fn write(tx: &Tx, permit: &Permit, new: &New) -> Result<(), Fault> {
    let sql =
        "insert into matter_turn (top_id, matter_id, no, sort, unit_id, other_id, after_seq, note, actor_id, on_date)
               select $1, $2,
                      (select coalesce(max(n.no), 0) + 1 from matter_turn n where n.top_id = $1 and n.matter_id = $2),
                      $3, $4, $5,
                      (select coalesce(max(e.seq), 0) from matter_event e where e.top_id = $1 and e.matter_id = $2),
                      $6, $7, $8";
    let args = [
        new.matter.0.into(),
        new.matter.1.into(),
        new.sort.key().into(),
        new.from.into(),
        new.to.into(),
        new.note.trim().into(),
        permit.person().into(),
        permit.today().into(),
    ];
    // of two turns at once, the second comes after the first
    tx.run(sql, &args).map_err(|fault| fault.if_taken(Fault::Clash))?;
    stand::keep(tx, new.matter.0, new.matter.1)
}

/// The turns of a matter, first to last.
pub(super) fn turns(tx: &Tx, top: i64, id: i64) -> Result<Vec<Turn>, Fault> {
    let sql = "select n.after_seq, n.sort, f.short_name, t.short_name, n.note, n.on_date
                 from matter_turn n
                 left join unit f on f.top_id = n.top_id and f.id = n.unit_id
                 left join unit t on t.top_id = n.top_id and t.id = n.other_id
                where n.top_id = $1 and n.matter_id = $2 order by n.no";
    tx.rows(sql, &[top.into(), id.into()], |row| {
        Ok(Turn {
            after: row.int(0)?,
            sort: TurnSort::read(&row.text(1)?),
            from: row.text(2)?,
            to: row.text(3)?,
            note: row.text(4)?,
            on: row.parse(5)?,
        })
    })
}
