//! Reading matters: one with all its events, or a page of them.

use crate::{Fault, Row, Tx, Value, unit};
use luoshi_rules::matter::Matter;
use luoshi_rules::{Event, Pack, Scope};
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
}

/// Which matters of a scope are wanted.
#[derive(Debug, Clone)]
pub struct Filter {
    /// a flow, or empty for all
    pub flow: String,
    /// open, closed, or both
    pub state: State,
    /// only those one of whose units is this one, or 0
    pub unit: i64,
    /// continue after this matter, or 0 to begin
    pub after: i64,
    /// how many at most
    pub most: i64,
}

/// Whether a matter is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// both
    #[default]
    Any,
    /// not yet at a step that closes it
    Open,
    /// at one
    Closed,
}

impl Default for Filter {
    fn default() -> Filter {
        Filter { flow: String::new(), state: State::Any, unit: 0, after: 0, most: 50 }
    }
}

/// A matter one of whose units lies in the scope, with its events.
pub fn find(tx: &Tx, scope: &Scope, id: i64) -> Result<Line, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, o.short_name,
                      m.top_id
                 from matter m
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 left join unit o on o.top_id = m.top_id and o.id = m.opener_id
                where m.top_id = $1 and m.id = $4
                  and ((m.path >= $2 and m.path < $3) or (m.opener_path >= $2 and m.opener_path < $3))";
    let mut args = unit::range(scope).to_vec();
    args.push(id.into());
    let mut one = tx.row(sql, &args, line)?;
    one.matter.events = events(tx, scope.top(), id)?;
    Ok(one)
}

/// Matters addressed to units of a scope or opened by them, newest first, each with its events. Two statements.
pub fn list(tx: &Tx, scope: &Scope, pack: &Pack, filter: &Filter) -> Result<Vec<Line>, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, o.short_name,
                      m.top_id
                 from matter m
                 join matter_event l on l.top_id = m.top_id and l.matter_id = m.id
                  and l.seq = (select max(e.seq) from matter_event e where e.top_id = m.top_id and e.matter_id = m.id)
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 left join unit o on o.top_id = m.top_id and o.id = m.opener_id
                where m.top_id = $1 and (m.flow = $4 or $4 = '') and m.id < $5
                  and ((m.path >= $2 and m.path < $3) or (m.opener_path >= $2 and m.opener_path < $3))
                  and (m.unit_id = $6 or m.opener_id = $6 or $6 = 0)
                  and ($8 = '' or ($8 = 'open' and $9 not like '% ' || m.flow || ':' || l.step || ' %')
                               or ($8 = 'closed' and $9 like '% ' || m.flow || ':' || l.step || ' %'))
                order by m.id desc limit $7";
    let [top, from, until] = unit::range(scope);
    let before = if filter.after == 0 { i64::MAX } else { filter.after };
    let mut args: [Value; 9] = [
        top,
        from,
        until,
        filter.flow.as_str().into(),
        before.into(),
        filter.unit.into(),
        filter.most.into(),
        filter.state.key().into(),
        closing(pack).into(),
    ];
    let found = tx.rows(sql, &args, line)?;
    let sql = "select e.matter_id, e.seq, e.step, e.actor_id, e.note, e.on_date from matter_event e
                 join matter m on m.top_id = e.top_id and m.id = e.matter_id
                where e.top_id = $1 and (m.flow = $4 or $4 = '') and m.id < $5 and m.id >= $7
                  and ((m.path >= $2 and m.path < $3) or (m.opener_path >= $2 and m.opener_path < $3))
                  and (m.unit_id = $6 or m.opener_id = $6 or $6 = 0)
                order by e.matter_id, e.seq";
    let Some(oldest) = found.last() else { return Ok(found) };
    args[6] = oldest.matter.id.into();
    Ok(with_events(found, tx.rows(sql, &args, event)?))
}

impl State {
    pub(crate) fn key(self) -> &'static str {
        match self {
            State::Any => "",
            State::Open => "open",
            State::Closed => "closed",
        }
    }
}

/// Every step that closes a matter, as ` flow:step ` … between spaces.
fn closing(pack: &Pack) -> String {
    let steps = pack.flow.iter().flat_map(|flow| flow.step.iter().map(move |step| (flow, step)));
    let closing = steps.filter(|(_, step)| step.then.is_empty());
    closing.fold(" ".to_owned(), |text, (flow, step)| text + &flow.id + ":" + &step.id + " ")
}

/// The events of one matter, first to last.
pub(crate) fn events(tx: &Tx, top: i64, id: i64) -> Result<Vec<Event>, Fault> {
    let sql = "select matter_id, seq, step, actor_id, note, on_date from matter_event
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

pub(crate) fn line(row: &Row) -> Result<Line, Fault> {
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
    // a unit of another organisation is called as it was when the letter was written
    let or = |name: String, key: &str| match matter.data[key].as_str() {
        Some(written) if name.is_empty() => written.to_owned(),
        _ => name,
    };
    let (unit_name, opener_name) = (or(row.text(7)?, "to"), or(row.text(8)?, "from"));
    Ok(Line { top: row.int(9)?, matter, unit_name, opener_name })
}

pub(crate) fn event(row: &Row) -> Result<(i64, Event), Fault> {
    let event =
        Event { seq: row.int(1)?, step: row.text(2)?, actor: row.int(3)?, note: row.text(4)?, on: row.parse(5)? };
    Ok((row.int(0)?, event))
}
