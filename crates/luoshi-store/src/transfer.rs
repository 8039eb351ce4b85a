//! Transfers by letter: requested, issued, then accepted, refused, withdrawn or expired. A matter of the organisation
//! the person is in. Only acceptance moves the person.

use crate::matter::{self, Line, Opening};
use crate::{Fault, Tx, Value, audit, holding, identity, needs, person, unit};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::flow::Step;
use luoshi_rules::{Calendar, Event, Flow, Matter, Permit, Refusal, Scope, Unit, Verb};
use serde_json::json;

/// Key of the flow in the pack.
pub const FLOW: &str = "transfer";

/// A letter, and whom it takes.
#[derive(Debug, Clone)]
pub struct Letter {
    /// the matter with its events
    pub line: Line,
    /// the person
    pub person: i64,
    /// shown name
    pub name: String,
}

impl Letter {
    /// The day until which the letter may be accepted.
    pub fn limit(&self, flow: &Flow) -> Option<Date> {
        self.line.matter.limit(flow, &Calendar::default())
    }

    /// Whether it can no longer be accepted, though nobody has said so yet.
    pub fn expired(&self, flow: &Flow, today: Date) -> bool {
        self.limit(flow).is_some_and(|limit| limit < today)
    }
}

/// Asks for a person on the roll of the permit's unit to be taken over by another unit. One letter for each person.
pub fn request(tx: &Tx, permit: &Permit, flow: &Flow, person: i64, (to, why): (&Unit, &str)) -> Result<i64, Fault> {
    needs(permit, Verb::Roll)?;
    let sql = "select u.short_name from person p join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where p.top_id = $1 and p.id = $2 and p.unit_id = $3 and p.left_on = '9999-12-31'";
    let key = [permit.top().into(), person.into(), permit.unit().into()];
    let from = tx.row(sql, &key, |row| row.text(0))?;
    if to.id == permit.unit() {
        return Err(Refusal::field("to", "已在该组织，请选择另一组织", "they are there already").into());
    }
    if let Some((end, _)) = to.dissolved {
        let zh = format!("该组织已于 {end} 撤销，请选择另一组织");
        return Err(Refusal::field("to", zh, format!("that unit was dissolved on {end}; choose another")).into());
    }
    free(tx, permit, flow, person)?;
    let opening = Opening {
        flow,
        addressee: to,
        subject: format!("{person}:{}", crate::now()),
        title: format!("{from} → {}", to.short_name),
        data: json!({ "person": person, "from": from, "to": to.short_name, "to_top": to.top }),
        note: why.to_owned(),
    };
    let id = matter::begin(tx, permit, &opening)?;
    let sql = "insert into transfer (top_id, person_id, done, matter_id) values ($1, $2, 0, $3)";
    tx.run(sql, &[permit.top().into(), person.into(), id.into()]).map_err(|fault| fault.if_taken(under_way()))?;
    Ok(id)
}

/// Refuses a second letter while one is under way; one that has expired is closed first.
fn free(tx: &Tx, permit: &Permit, flow: &Flow, person: i64) -> Result<(), Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, '', '', m.top_id,
                      m.path, m.opener_path, m.parent_id, m.round_id
                 from transfer t join matter m on m.top_id = t.top_id and m.id = t.matter_id
                where t.top_id = $1 and t.person_id = $2 and t.done = 0";
    let top = permit.top();
    let Some(Line { mut matter, .. }) = tx.rows(sql, &[top.into(), person.into()], matter::read_line)?.pop() else {
        return Ok(());
    };
    matter.events = matter::events(tx, top, matter.id)?;
    if matter.limit(flow, &Calendar::default()).is_none_or(|limit| limit >= permit.today()) {
        return Err(under_way().into());
    }
    let seq = matter.events.len() as i64 + 1;
    let event = Event::plain(seq, "expired", 0, "", permit.today());
    matter::append(tx, top, matter.id, &event)?;
    settle(tx, top, matter.id)
}

fn under_way() -> Refusal {
    let zh = "此人的组织关系正在转接，请等对方办结，或先撤回介绍信";
    Refusal::field("to", zh, "a transfer of this person is under way; wait for it or withdraw it first")
}

/// Notes that a letter is no longer under way.
fn settle(tx: &Tx, top: i64, id: i64) -> Result<(), Fault> {
    let sql = "update transfer set done = $2 where top_id = $1 and matter_id = $2";
    tx.run(sql, &[top.into(), id.into()]).map(drop)
}

/// What a step of a letter brings about; `matter` is as it was before.
pub(crate) fn reached(
    tx: &Tx,
    permit: &Permit,
    top: i64,
    (flow, step): (&Flow, &Step),
    matter: &Matter,
) -> Result<(), Fault> {
    // a letter's days are those of the calendar, worked or not
    let limit = matter.limit(flow, &Calendar::default());
    match (step.id.as_str(), limit) {
        ("accepted", Some(limit)) if limit < permit.today() => {
            let zh = format!("介绍信已于 {limit} 过期，不能接收；请原组织重新开具");
            return Err(Refusal::rule(zh, format!("the letter expired on {limit}; ask for a new one")).into());
        }
        ("expired", Some(limit)) if limit >= permit.today() => {
            let zh = format!("介绍信 {limit} 以前有效，尚未过期；如需终止请“撤回”");
            return Err(Refusal::rule(zh, format!("the letter is good until {limit}; withdraw it instead")).into());
        }
        ("accepted", _) => take_over(tx, permit, top, matter)?,
        _ => {}
    }
    if flow.closes(&step.id) { settle(tx, top, matter.id) } else { Ok(()) }
}

/// Moves the person onto the roll of the permit's unit, as of today.
fn take_over(tx: &Tx, permit: &Permit, top: i64, matter: &Matter) -> Result<(), Fault> {
    let id = matter.data["person"].as_i64().ok_or(Fault::NotFound)?;
    person::must_stand(tx, permit, permit.today())?;
    let sql = "select unit_id from person where top_id = $1 and id = $2 and left_on = '9999-12-31'";
    if tx.rows(sql, &[top.into(), id.into()], |row| row.int(0))?.pop() != Some(matter.opener) {
        let zh = "此人已不在原组织名册，介绍信不再有效";
        return Err(Refusal::rule(zh, "this person is no longer on the roll the letter came from").into());
    }
    let today = permit.today();
    let last = today.saturating_sub(1.day());
    if top == permit.top() {
        let sql = "update person set unit_id = $3, path = $4 where top_id = $1 and id = $2";
        let args = [top.into(), id.into(), permit.unit().into(), permit.path().as_str().into()];
        tx.run(sql, &args)?;
        person::end_affiliation(tx, top, id, last)?;
        holding::end_all(tx, top, id, matter.opener, last)?;
    } else {
        receive(tx, permit, top, id)?;
        person::depart(tx, top, id, "transferred", last)?;
        audit::by(tx, top, permit.person(), matter.opener, "person.leave", id, "transferred")?;
    }
    person::affiliate(tx, permit, id, today, FLOW)?;
    audit::note(tx, permit, "person.transfer", id, "")
}

/// Enters someone from another organisation under the same key, with how they stood, their numbers and their sign-in.
/// Who comes back finds the row they left.
fn receive(tx: &Tx, permit: &Permit, from: i64, id: i64) -> Result<(), Fault> {
    let (top, key) = (permit.top(), [from.into(), id.into()]);
    let sql = "select standing, name, search, sex, born, joined, full_on from person where top_id = $1 and id = $2";
    let mut args: Vec<Value> = vec![top.into(), id.into(), permit.unit().into(), permit.path().as_str().into()];
    args.extend(tx.row(sql, &key, |row| (0..7).map(|i| Ok(row.text(i)?.into())).collect::<Result<Vec<_>, _>>())?);
    let sql =
        "insert into person (top_id, id, unit_id, path, standing, name, search, sex, born, joined, full_on, left_on)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '9999-12-31')
               on conflict (top_id, id) do update
                  set unit_id = excluded.unit_id, path = excluded.path, standing = excluded.standing,
                      name = excluded.name, search = excluded.search, sex = excluded.sex, born = excluded.born,
                      joined = excluded.joined, full_on = excluded.full_on, left_on = excluded.left_on, left_why = ''";
    tx.run(sql, &args)?;
    let sql = "select standing, from_date from standing where top_id = $1 and person_id = $2";
    for (standing, from) in tx.rows(sql, &key, |row| Ok((row.text(0)?, row.parse(1)?)))? {
        if let Some(standing) = luoshi_rules::person::Standing::named(&standing) {
            person::stand(tx, top, id, from, standing)?;
        }
    }
    identity::carry(tx, (from, top), id)?;
    carry_account(tx, (from, top), id)
}

/// The sign-in follows the person; sessions of the old organisation end with the account there.
fn carry_account(tx: &Tx, (from, to): (i64, i64), person: i64) -> Result<(), Fault> {
    let sql = "select login, hash from account where top_id = $1 and person_id = $2 and active = 1";
    let key = [from.into(), person.into()];
    let Some((login, hash)) = tx.rows(sql, &key, |row| Ok((row.text(0)?, row.text(1)?)))?.pop() else {
        return Ok(());
    };
    let args = [to.into(), person.into(), login.as_str().into(), hash.into()];
    let sql = "update login set top_id = $1 where name = $2 -- fanout: dictionary of sign-in names";
    tx.run(sql, &[to.into(), login.as_str().into()])?;
    let sql = "insert into account (top_id, person_id, login, hash, failed, locked, active)
               values ($1, $2, $3, $4, 0, 0, 1)
               on conflict (top_id, person_id) do update set hash = excluded.hash, login = excluded.login, active = 1";
    tx.run(sql, &args)?;
    crate::passkey::carry(tx, (from, to), person)?;
    crate::second::carry(tx, (from, to), person)
}

/// Where somebody may go within the organisation.
#[derive(Debug, Clone)]
pub struct Goal {
    /// the unit
    pub unit: i64,
    /// as papers call it
    pub full_name: String,
    /// as pages call it; others may be called so too
    pub short_name: String,
}

/// Every unit in the order of the tree. The directory of units is open to whoever is signed in.
pub fn places(tx: &Tx, scope: &Scope) -> Result<Vec<Goal>, Fault> {
    let sql = "select id, full_name, short_name from unit where top_id = $1 and dissolved = '9999-12-31' order by path";
    tx.rows(sql, &[scope.top().into()], |row| {
        Ok(Goal { unit: row.int(0)?, full_name: row.text(1)?, short_name: row.text(2)? })
    })
}

/// A letter from or to a unit of the scope.
pub fn find(tx: &Tx, scope: &Scope, id: i64) -> Result<Letter, Fault> {
    for_people(scope)?;
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, o.short_name,
                      m.top_id, m.path, m.opener_path, m.parent_id, m.round_id, t.person_id, p.name
                 from transfer t
                 join matter m on m.top_id = t.top_id and m.id = t.matter_id
                 join person p on p.top_id = t.top_id and p.id = t.person_id
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 left join unit o on o.top_id = m.top_id and o.id = m.opener_id
                where m.id = $4 and ((m.path >= $2 and m.path < $3)
                                      or (m.top_id = $1 and m.opener_path >= $2 and m.opener_path < $3))
                -- fanout: a letter may come from another organisation";
    let mut args = unit::range(scope).to_vec();
    args.push(id.into());
    let mut one = tx.row(sql, &args, letter)?;
    one.line.matter.events = matter::events(tx, one.line.top, id)?;
    Ok(one)
}

/// Letters from or to units of the scope, newest first: those under way, from other organisations too, or else the
/// last of those that are done.
pub fn list(tx: &Tx, scope: &Scope, state: matter::State, most: i64) -> Result<Vec<Letter>, Fault> {
    for_people(scope)?;
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, o.short_name,
                      m.top_id, m.path, m.opener_path, m.parent_id, m.round_id, t.person_id, p.name
                 from transfer t
                 join matter m on m.top_id = t.top_id and m.id = t.matter_id
                 join person p on p.top_id = t.top_id and p.id = t.person_id
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 left join unit o on o.top_id = m.top_id and o.id = m.opener_id
                where ((t.done = 0 and $4 <> 'closed') or (t.done > 0 and $4 <> 'open'))
                  and ((m.path >= $2 and m.path < $3)
                        or (m.top_id = $1 and m.opener_path >= $2 and m.opener_path < $3))
                order by m.id desc limit $5
                -- fanout: letters come from other organisations too";
    let mut args = unit::range(scope).to_vec();
    args.extend([state.key().into(), most.into()]);
    let mut letters = tx.rows(sql, &args, letter)?;
    let sql = "select e.matter_id, e.seq, e.step, e.actor_id, e.note, e.on_date, e.data
                 from transfer t
                 join matter m on m.top_id = t.top_id and m.id = t.matter_id
                 join matter_event e on e.top_id = t.top_id and e.matter_id = t.matter_id
                where ((t.done = 0 and $4 <> 'closed') or (t.done > 0 and $4 <> 'open'))
                  and ((m.path >= $2 and m.path < $3)
                        or (m.top_id = $1 and m.opener_path >= $2 and m.opener_path < $3))
                  and e.matter_id >= $5
                order by e.matter_id, e.seq -- fanout: letters come from other organisations too";
    let Some(oldest) = letters.last().map(|letter| letter.line.matter.id) else { return Ok(letters) };
    args.pop();
    args.push(oldest.into());
    let lines = letters.iter().map(|letter| letter.line.clone()).collect();
    let lines = matter::with_events(lines, tx.rows(sql, &args, matter::read_event)?);
    letters.iter_mut().zip(lines).for_each(|(letter, line)| letter.line = line);
    Ok(letters)
}

fn for_people(scope: &Scope) -> Result<(), Refusal> {
    if matches!(scope.verb(), Verb::People | Verb::Roll) { Ok(()) } else { Err(Refusal::NotAllowed) }
}

fn letter(row: &crate::Row) -> Result<Letter, Fault> {
    Ok(Letter { line: matter::read_line(row)?, person: row.int(14)?, name: row.text(15)? })
}
