//! Reading matters: one with all its events, or those under it.

use super::stand;
use super::turn::{self, Turn};
use crate::{Fault, Row, Tx, Value, unit};
use luoshi_rules::matter::Stand;
use luoshi_rules::{Event, Matter, Pack, Refusal, Scope, Verb};
use serde_json::Value as Json;
use std::collections::HashMap;

/// A matter with its events, and the names of its units.
#[derive(Debug, Clone)]
pub struct Line {
    /// the organisation that keeps it
    pub top: i64,
    /// the matter with all its events
    pub matter: Matter,
    /// short name of the unit that must answer
    pub unit_name: String,
    /// short name of the unit that opened it
    pub opener_name: String,
    /// short names of the units that help, where it was read with what lies under a whole
    pub helped: Vec<String>,
    /// how it stands, where it was read for a list, which needs no events
    pub stand: Option<Stand>,
    /// who passed it on to whom, and who began and ended to help
    pub turns: Vec<Turn>,
}

/// A matter one of whose units lies in the scope, or one that had it before; with its events, its turns and who helps.
pub fn find(tx: &Tx, scope: &Scope, id: i64) -> Result<Line, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, o.short_name,
                      m.top_id, m.path, m.opener_path, m.parent_id, m.round_id
                 from matter m
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 left join unit o on o.top_id = m.top_id and o.id = m.opener_id
                where m.top_id = $1 and m.id = $4
                  and ((m.path >= $2 and m.path < $3) or (m.opener_path >= $2 and m.opener_path < $3)
                    or m.id in (select h.matter_id from matter_helper h
                                  join unit hu on hu.top_id = h.top_id and hu.id = h.unit_id
                                 where h.top_id = $1 and h.matter_id = $4 and hu.path >= $2 and hu.path < $3)
                    or m.id in (select n.matter_id from matter_turn n
                                  join unit nu on nu.top_id = n.top_id and nu.id = n.unit_id
                                 where n.top_id = $1 and n.matter_id = $4 and nu.path >= $2 and nu.path < $3))";
    let mut args = unit::range(scope).to_vec();
    args.push(id.into());
    let mut one = tx.row(sql, &args, line)?;
    events_and_helpers(tx, scope.top(), &mut one.matter)?;
    one.turns = turn::turns(tx, scope.top(), id)?;
    Ok(one)
}

/// The same, and the steps at which its parts stand: what may be done next depends on them.
pub fn whole(tx: &Tx, scope: &Scope, pack: &Pack, id: i64) -> Result<Line, Fault> {
    let mut one = find(tx, scope, id)?;
    stand_parts(tx, pack, scope.top(), &mut one.matter)?;
    Ok(one)
}

/// Who took a step of a matter, or was ever on the team that looks at its unit, for those who may see people there. Who
/// raised a proposal is told elsewhere, as they chose.
pub fn people(tx: &Tx, scope: &Scope, id: i64) -> Result<Vec<(i64, String)>, Fault> {
    if scope.verb() == Verb::See {
        return Err(Refusal::NotAllowed.into());
    }
    let sql = "select p.id, p.name from person p
                where p.top_id = $1
                  and (p.id in (select e.actor_id from matter_event e where e.top_id = $1 and e.matter_id = $4)
                    or p.id in (select m.person_id from round_target t
                                  join round_member m on m.top_id = t.top_id and m.round_id = t.round_id
                                                     and m.team = t.team
                                 where t.top_id = $1 and t.matter_id = $4))
                  and exists (select 1 from matter a where a.top_id = $1 and a.id = $4 and a.flow <> 'proposal'
                                 and ((a.path >= $2 and a.path < $3) or (a.opener_path >= $2 and a.opener_path < $3)))";
    let mut args = unit::range(scope).to_vec();
    args.push(id.into());
    tx.rows(sql, &args, |row| Ok((row.int(0)?, row.text(1)?)))
}

/// The events of one matter, first to last.
pub(crate) fn events(tx: &Tx, top: i64, id: i64) -> Result<Vec<Event>, Fault> {
    let sql = "select matter_id, seq, step, actor_id, note, on_date, data from matter_event
                where top_id = $1 and matter_id = $2 order by seq";
    Ok(tx.rows(sql, &[top.into(), id.into()], event)?.into_iter().map(|(_, event)| event).collect())
}

/// Gives matters their events, told apart by the matter's id.
pub(crate) fn with_events(mut lines: Vec<Line>, rows: Vec<(i64, Event)>) -> Vec<Line> {
    let mut events: HashMap<i64, Vec<Event>> = HashMap::new();
    for (matter, event) in rows {
        events.entry(matter).or_default().push(event);
    }
    for line in &mut lines {
        line.matter.events = events.remove(&line.matter.id).unwrap_or_default();
    }
    lines
}

/// Gives matters of one organisation their events.
pub(crate) fn with_their_events(tx: &Tx, top: i64, lines: Vec<Line>) -> Result<Vec<Line>, Fault> {
    if lines.is_empty() {
        return Ok(lines);
    }
    let sql = "select e.matter_id, e.seq, e.step, e.actor_id, e.note, e.on_date, e.data from matter_event e
                where e.top_id = $1 and e.matter_id in (select cast(j.key as bigint) from jsonb_each($2) j)
                order by e.matter_id, e.seq";
    let args = [top.into(), Value::keys(lines.iter().map(|line| line.matter.id))];
    let rows = tx.rows(sql, &args, event)?;
    Ok(with_events(lines, rows))
}

/// A line of a list: the columns of [`line`], then how it stands.
pub(super) fn standing_line(row: &Row) -> Result<Line, Fault> {
    Ok(Line { stand: Some(stand::read_stand(row, 14)?), ..line(row)? })
}

pub(crate) fn line(row: &Row) -> Result<Line, Fault> {
    let matter = Matter {
        id: row.int(0)?,
        unit: row.int(1)?,
        opener: row.int(2)?,
        flow: row.text(3)?,
        title: row.text(4)?,
        data: row.json(5)?,
        opened: row.parse(6)?,
        path: row.path(10)?,
        opener_path: row.path(11)?,
        parent: row.int(12)?,
        round: row.int(13)?,
        helpers: Vec::new(),
        parts: Vec::new(),
        events: Vec::new(),
    };
    // a unit of another organisation is called as it was when the letter was written
    let or = |name: String, key: &str| match matter.data[key].as_str() {
        Some(written) if name.is_empty() => written.to_owned(),
        _ => name,
    };
    let (unit_name, opener_name) = (or(row.text(7)?, "to"), or(row.text(8)?, "from"));
    Ok(Line { top: row.int(9)?, matter, unit_name, opener_name, helped: Vec::new(), stand: None, turns: Vec::new() })
}

pub(crate) fn event(row: &Row) -> Result<(i64, Event), Fault> {
    let event = Event {
        data: json(&row.text(6)?)?,
        ..Event::plain(row.int(1)?, &row.text(2)?, row.int(3)?, &row.text(4)?, row.parse(5)?)
    };
    Ok((row.int(0)?, event))
}

/// Answers as they are kept; null where there are none.
fn json(text: &str) -> Result<Json, Fault> {
    if text.is_empty() { Ok(Json::Null) } else { serde_json::from_str(text).map_err(|e| Fault::Engine(e.to_string())) }
}

/// Gives a matter its events, the units that help and the steps at which its parts stand.
pub(super) fn complete(tx: &Tx, pack: &Pack, top: i64, matter: &mut Matter) -> Result<(), Fault> {
    events_and_helpers(tx, top, matter)?;
    stand_parts(tx, pack, top, matter)
}

fn events_and_helpers(tx: &Tx, top: i64, matter: &mut Matter) -> Result<(), Fault> {
    matter.events = events(tx, top, matter.id)?;
    let sql = "select unit_id from matter_helper where top_id = $1 and matter_id = $2 order by unit_id";
    matter.helpers = tx.rows(sql, &[top.into(), matter.id.into()], |row| row.int(0))?;
    Ok(())
}

/// Gives a matter the steps at which its parts stand; what hangs beside them does not count.
fn stand_parts(tx: &Tx, pack: &Pack, top: i64, matter: &mut Matter) -> Result<(), Fault> {
    if pack.parts(&matter.flow).next().is_some() {
        let counts = |part: &Matter| pack.flow(&part.flow).filter(|flow| !flow.beside);
        let state = |part: Matter| counts(&part).and_then(|flow| part.state(flow)).map(|step| step.id.clone());
        matter.parts = parts(tx, top, matter.id)?.into_iter().filter_map(state).collect();
    }
    Ok(())
}

/// A matter without its events.
pub(super) fn alone(tx: &Tx, top: i64, id: i64) -> Result<Option<Matter>, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, '', '', m.top_id,
                      m.path, m.opener_path, m.parent_id, m.round_id
                 from matter m where m.top_id = $1 and m.id = $2";
    Ok(tx.rows(sql, &[top.into(), id.into()], line)?.pop().map(|line| line.matter))
}

/// The parts of a matter, each with its events.
pub(super) fn parts(tx: &Tx, top: i64, whole: i64) -> Result<Vec<Matter>, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, '', '', m.top_id,
                      m.path, m.opener_path, m.parent_id, m.round_id
                 from matter m where m.top_id = $1 and m.parent_id = $2 order by m.id";
    let lines = tx.rows(sql, &[top.into(), whole.into()], line)?;
    let sql = "select e.matter_id, e.seq, e.step, e.actor_id, e.note, e.on_date, e.data
                 from matter m join matter_event e on e.top_id = m.top_id and e.matter_id = m.id
                where m.top_id = $1 and m.parent_id = $2 order by e.matter_id, e.seq";
    let rows = tx.rows(sql, &[top.into(), whole.into()], event)?;
    Ok(with_events(lines, rows).into_iter().map(|line| line.matter).collect())
}

/// The matters of a flow in all rounds of a term, each with its events. They must lie in the scope.
pub fn of_term(tx: &Tx, scope: &Scope, coverage: i64, flow: &str) -> Result<Vec<Line>, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, o.short_name,
                      m.top_id, m.path, m.opener_path, m.parent_id, m.round_id
                 from round r
                 join matter m on m.top_id = r.top_id and m.round_id = r.id and m.flow = $5
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 left join unit o on o.top_id = m.top_id and o.id = m.opener_id
                where r.top_id = $1 and r.coverage_id = $4
                  and ((m.path >= $2 and m.path < $3) or (m.opener_path >= $2 and m.opener_path < $3))
                order by m.id";
    let mut args = unit::range(scope).to_vec();
    args.extend([coverage.into(), flow.into()]);
    let lines = tx.rows(sql, &args, line)?;
    let sql = "select e.matter_id, e.seq, e.step, e.actor_id, e.note, e.on_date, e.data
                 from round r
                 join matter m on m.top_id = r.top_id and m.round_id = r.id and m.flow = $3
                 join matter_event e on e.top_id = m.top_id and e.matter_id = m.id
                where r.top_id = $1 and r.coverage_id = $2 order by e.matter_id, e.seq";
    let args = [scope.top().into(), coverage.into(), flow.into()];
    Ok(with_events(lines, tx.rows(sql, &args, event)?))
}

/// What lies under a matter, two levels deep (findings and their tasks), or under all matters of a round; each with
/// its events and helpers. The matters must lie in the scope.
pub fn tree(tx: &Tx, scope: &Scope, (whole, round): (i64, i64)) -> Result<Vec<Line>, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, o.short_name,
                      m.top_id, m.path, m.opener_path, m.parent_id, m.round_id
                 from matter m
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 left join unit o on o.top_id = m.top_id and o.id = m.opener_id
                where m.top_id = $1 and ((m.path >= $2 and m.path < $3) or (m.opener_path >= $2 and m.opener_path < $3))
                  and ((m.round_id = $5 and $5 > 0)
                    or (m.parent_id = $4 and $4 > 0)
                    or ($4 > 0 and m.parent_id in (select f.id from matter f where f.top_id = $1 and f.parent_id = $4)))
                order by m.id";
    let mut args = unit::range(scope).to_vec();
    args.extend([whole.into(), round.into()]);
    let lines = tx.rows(sql, &args, line)?;
    let args = [scope.top().into(), whole.into(), round.into()];
    let sql = "select e.matter_id, e.seq, e.step, e.actor_id, e.note, e.on_date, e.data
                 from matter m join matter_event e on e.top_id = m.top_id and e.matter_id = m.id
                where m.top_id = $1 and ((m.round_id = $3 and $3 > 0)
                    or (m.parent_id = $2 and $2 > 0)
                    or ($2 > 0 and m.parent_id in (select f.id from matter f where f.top_id = $1 and f.parent_id = $2)))
                order by e.matter_id, e.seq";
    let mut lines = with_events(lines, tx.rows(sql, &args, event)?);
    let sql = "select h.matter_id, h.unit_id, u.short_name
                 from matter_helper h join matter m on m.top_id = h.top_id and m.id = h.matter_id
                 join unit u on u.top_id = h.top_id and u.id = h.unit_id
                where h.top_id = $1 and ((m.round_id = $3 and $3 > 0)
                    or (m.parent_id = $2 and $2 > 0)
                    or ($2 > 0 and m.parent_id in (select f.id from matter f where f.top_id = $1 and f.parent_id = $2)))
                order by h.matter_id, h.unit_id";
    for (matter, unit, name) in tx.rows(sql, &args, |row| Ok((row.int(0)?, row.int(1)?, row.text(2)?)))? {
        for line in lines.iter_mut().filter(|line| line.matter.id == matter) {
            line.matter.helpers.push(unit);
            line.helped.push(name.clone());
        }
    }
    Ok(lines)
}
