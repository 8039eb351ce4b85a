//! Taking back: what the machine did is checked by the same rules as any step, then added in one transaction. Nothing
//! that is there is changed; the same package again adds nothing.

use super::package::unsound;
use super::parcel::{Carried, Happened, Harvest};
use super::turned::{self, Turned};
use super::{Exchange, Package, Way, end, own};
use crate::matter::{Taken, append, is_complete, read_line};
use crate::{Fault, Tx, audit, holding, secret, unit};
use jiff::ToSpan;
use luoshi_rules::{Actor, Held, Matter, Pack, Permit, Refusal, Unit, Verb};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What came of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    /// its number
    pub no: i64,
    /// whether it had been taken before: nothing was done
    pub again: bool,
    /// whether the team is home now
    pub last: bool,
    /// new matters
    pub matters: i64,
    /// new events
    pub events: i64,
}

/// What is to be added.
#[derive(Default)]
struct Work {
    merged: Merged,
    opened: Vec<(Carried, Matter, Unit)>,
    happened: Vec<(i64, i64, luoshi_rules::Event)>,
    turned: Vec<(i64, i64, Turned)>,
}

/// Opens a package that came back for a round of the permit's unit: the exchange it belongs to, and what is in it.
pub fn head(tx: &Tx, permit: &Permit, round: i64, package: &Package) -> Result<(Exchange, Vec<u8>), Fault> {
    let ours = (package.head.top == permit.top()).then(|| own(tx, permit, package.head.exchange)).transpose();
    let exchange = match ours {
        Ok(Some(exchange)) if exchange.round == round => exchange,
        Ok(_) | Err(Fault::NotFound) => {
            let zh = "这个包不是本轮交出去的";
            return Err(unsound(zh, "this package does not belong to a team that this round sent out").into());
        }
        Err(other) => return Err(other),
    };
    let plain = package.open(tx.keys(), &exchange.partner, (Way::Back, permit.today()))?;
    Ok((exchange, plain))
}

/// Whether it can be taken, and what would come of it; writes nothing.
pub fn plan(tx: &Tx, permit: &Permit, pack: &Pack, sent: &Sent) -> Result<Merged, Fault> {
    work(tx, permit, pack, sent).map(|work| work.merged)
}

/// A package as it was opened: exchange, number, whether it is the last, the text and what it says.
pub type Sent<'p> = (i64, (i64, bool), &'p [u8], &'p Harvest);

/// Takes it, all or nothing.
pub fn merge(tx: &Tx, permit: &Permit, pack: &Pack, sent: &Sent) -> Result<Merged, Fault> {
    let exchange = own(tx, permit, sent.0)?;
    let work = work(tx, permit, pack, sent)?;
    if work.merged.again {
        return Ok(work.merged);
    }
    for (carried, matter, at) in &work.opened {
        insert(tx, permit, (carried, matter), at)?;
    }
    for (matter, unit, event) in &work.happened {
        append(tx, permit.top(), *matter, event)?;
        audit::by(tx, permit.top(), event.actor, *unit, "matter.advance", *matter, &event.step)?;
    }
    for (matter, unit, turn) in &work.turned {
        turned::add(tx, permit.top(), (*matter, *unit), turn)?;
    }
    let sql = "insert into exchange_return (top_id, exchange_id, no, digest, last, matters, events, actor_id, on_date)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let args = [
        permit.top().into(),
        exchange.id.into(),
        work.merged.no.into(),
        secret::digest(sent.2).into(),
        i64::from(work.merged.last).into(),
        work.merged.matters.into(),
        work.merged.events.into(),
        permit.person().into(),
        permit.today().into(),
    ];
    tx.run(sql, &args)?;
    if work.merged.last {
        end(tx, permit.top(), (&exchange, "returned", ""), permit.today())?;
    }
    audit::note(tx, permit, "exchange.take", exchange.id, &work.merged.no.to_string())?;
    Ok(work.merged)
}

fn work(tx: &Tx, permit: &Permit, pack: &Pack, (id, (no, last), text, harvest): &Sent) -> Result<Work, Fault> {
    let exchange = own(tx, permit, *id)?;
    let mut work = Work { merged: Merged { no: *no, last: *last, ..Merged::default() }, ..Work::default() };
    if is_known(&exchange, *no, &secret::digest(text))? {
        work.merged.again = true;
        return Ok(work);
    }
    let mut side = Side::of(tx, permit, pack, &exchange)?;
    let mut seen = HashSet::new();
    for carried in &harvest.matters {
        if !seen.insert(carried.id) {
            return Err(odd("a matter stands in it twice").into());
        }
        side.take(carried, harvest, &mut work)?;
    }
    work.merged.matters = work.opened.len() as i64;
    work.merged.events = work.happened.len() as i64;
    Ok(work)
}

/// Whether the package was taken before; refuses one that must not be taken.
fn is_known(exchange: &Exchange, no: i64, digest: &str) -> Result<bool, Refusal> {
    if let Some(same) = exchange.returns.iter().find(|one| one.no == no) {
        return match same.digest == digest {
            true => Ok(true),
            false => Err(unsound(
                format!("第 {no} 号包已经收过，但内容不同：可能有两台机器用同一密钥，请查明，不予收取"),
                format!("number {no} was taken already with other contents: do two machines have the same key?"),
            )),
        };
    }
    if exchange.ended == "void" {
        let zh = "该次交出已经作废，不再收取";
        return Err(unsound(zh, "this team was given up: nothing more is taken from its machine"));
    }
    let newest = exchange.returns.last().map_or(0, |one| one.no);
    if no < newest || !exchange.ended.is_empty() {
        return Err(unsound(
            format!("第 {no} 号包比已收的第 {newest} 号旧，其中内容已在后面的包里，不需要再收"),
            format!("number {no} is older than number {newest}, which was taken already and holds what is in it"),
        ));
    }
    Ok(false)
}

/// What is not as the machine's program makes it.
fn odd(why: &str) -> Refusal {
    unsound(
        "包的内容与本级的记录对不上，什么都没有收取。请查明单机上的数据是否被改动",
        format!("it does not fit what is here ({why}); nothing was taken"),
    )
}

/// What home knows while a package is checked.
struct Side<'t, 'x> {
    tx: &'t Tx<'x>,
    top: i64,
    round: i64,
    pack: &'t Pack,
    known: BTreeMap<i64, Matter>,
    /// person, post and first day of those on the team
    seats: Vec<(i64, String, jiff::civil::Date)>,
    units: HashMap<i64, Unit>,
}

impl<'t, 'x> Side<'t, 'x> {
    fn of(tx: &'t Tx<'x>, permit: &Permit, pack: &'t Pack, exchange: &Exchange) -> Result<Side<'t, 'x>, Fault> {
        let (top, round) = (permit.top(), exchange.round);
        let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, '', '', m.top_id,
                          m.path, m.opener_path, m.parent_id, m.round_id
                     from matter m
                    where m.top_id = $1 and m.round_id = $2 and exists (
                          select 1 from round_target t join matter w on w.top_id = t.top_id and w.id = t.matter_id
                           where t.top_id = $1 and t.round_id = $2 and t.team = $3
                             and substr(m.path, 1, length(w.path)) = w.path)
                    order by m.id";
        let args = [top.into(), round.into(), exchange.team.into()];
        let mut known = BTreeMap::new();
        for line in tx.rows(sql, &args, read_line)? {
            let mut matter = line.matter;
            matter.events = crate::matter::events(tx, top, matter.id)?;
            known.insert(matter.id, matter);
        }
        // who was taken off on the day of sending was on it the day before
        let sql = "select person_id, post, from_date from round_member
                    where top_id = $1 and round_id = $2 and team = $3 and until_date >= $4";
        let args = [top.into(), round.into(), exchange.team.into(), exchange.on.saturating_sub(1.day()).into()];
        let seats = tx.rows(sql, &args, |row| Ok((row.int(0)?, row.text(1)?, row.parse(2)?)))?;
        Ok(Side { tx, top, round, pack, known, seats, units: HashMap::new() })
    }

    fn unit(&mut self, id: i64) -> Result<Unit, Fault> {
        if let Some(known) = self.units.get(&id) {
            return Ok(known.clone());
        }
        let found = unit::find(self.tx, id).map_err(|_| odd("a unit is unknown"))?;
        self.units.insert(id, found.clone());
        Ok(found)
    }

    /// Checks one matter against what is here, and adds what is new to the work.
    fn take(&mut self, carried: &Carried, harvest: &Harvest, work: &mut Work) -> Result<(), Fault> {
        let mut matter = match self.known.get(&carried.id) {
            Some(known) => known.clone(),
            None => self.opened(carried, work)?,
        };
        let old = matter.events.len();
        let same = carried.events.iter().zip(&matter.events).all(|(sent, here)| *sent == Happened::of(here));
        if carried.events.len() < old || !same || carried.events.is_empty() {
            return Err(odd("what happened before is told otherwise").into());
        }
        for event in &carried.events[old..] {
            self.step(&mut matter, event, harvest)?;
            work.happened.push((matter.id, matter.unit, event.event()));
        }
        self.turn(&matter, carried, work)?;
        self.known.insert(matter.id, matter);
        Ok(())
    }

    /// Checks who began and ended to help on the machine, by the rules of any such turn.
    fn turn(&mut self, matter: &Matter, carried: &Carried, work: &mut Work) -> Result<(), Fault> {
        let known = turned::of(self.tx, self.top, matter.id)?;
        let flow = self.pack.flow(&matter.flow).ok_or_else(|| odd("a flow is unknown"))?;
        for turn in turned::fresh(carried, &known) {
            let permit = self.permit(matter, (turn.actor, turn.on))?;
            let helper = self.unit(turn.unit.max(turn.other))?;
            if helper.top != self.top || !turned::is_sound(turn, (matter, flow), &permit) {
                return Err(odd("who helps was not theirs to say").into());
            }
            work.turned.push((matter.id, matter.unit, turn.clone()));
        }
        Ok(())
    }

    /// A matter opened on the machine, as a part of one that is known.
    fn opened(&mut self, carried: &Carried, work: &mut Work) -> Result<Matter, Fault> {
        let parent = self.known.get(&carried.parent).ok_or_else(|| odd("a part of nothing"))?.clone();
        let flow = self.pack.flow(&carried.flow).ok_or_else(|| odd("a flow is unknown"))?;
        if !flow.under.contains(&parent.flow) || flow.step.iter().any(|step| step.person.is_some()) {
            return Err(odd("a part that is none").into());
        }
        let length = carried.title.chars().count();
        if !(1..=500).contains(&length) || !carried.data.is_object() || carried.subject.len() > 4_000 {
            return Err(odd("a wording is missing").into());
        }
        let mut at = self.unit(carried.unit)?;
        // what the unit of the whole became while the team was out, its parts became too
        if !parent.path.contains(&at.path) || at.dissolved.is_some() || at.top != self.top {
            at = self.unit(parent.unit)?;
        }
        let matter = Matter {
            id: carried.id,
            flow: flow.id.clone(),
            unit: at.id,
            path: at.path.clone(),
            opener: parent.opener,
            opener_path: parent.opener_path.clone(),
            helpers: turned::first_helpers(carried),
            parent: parent.id,
            round: self.round,
            title: carried.title.clone(),
            data: carried.data.clone(),
            opened: carried.on,
            events: Vec::new(),
            parts: Vec::new(),
        };
        work.opened.push((carried.clone(), matter.clone(), at));
        Ok(matter)
    }

    /// Takes one step as the machine says it was taken, by the rules of any step.
    fn step(&mut self, matter: &mut Matter, event: &Happened, harvest: &Harvest) -> Result<(), Fault> {
        if event.seq != matter.events.len() as i64 + 1 || event.note.chars().count() > 2_000 {
            return Err(odd("a step is missing or there twice").into());
        }
        let mut shown = super::parcel::files(std::iter::once(&event.data)).into_iter();
        if shown.any(|digest| !harvest.files.contains(&digest)) {
            return Err(odd("a file is missing").into());
        }
        let flow = self.pack.flow(&matter.flow).ok_or_else(|| odd("a flow is unknown"))?;
        if matter.events.is_empty() {
            let parent = self.known.get(&matter.parent).ok_or_else(|| odd("a part of nothing"))?.clone();
            let permit = self.permit(&parent, (event.actor, event.on))?;
            let first = flow.step.first().is_some_and(|first| first.id == event.step);
            if !first || !parent.takes_part(flow, &permit) {
                return Err(odd("a part was not theirs to open").into());
            }
        } else {
            let permit = self.permit(matter, (event.actor, event.on))?;
            let step = matter.next(flow, &event.step, &permit).map_err(|_| odd("a step was not theirs to take"))?;
            let taken = Taken { to: &event.step, note: &event.note, data: event.data.clone(), on: Some(event.on) };
            is_complete(step, &taken, (matter.limits(flow).pop(), event.on))
                .map_err(|_| odd("a step lacks something"))?;
        }
        matter.events.push(event.event());
        Ok(())
    }

    /// Leave as the member of the team had it on that day.
    fn permit(&mut self, matter: &Matter, (person, on): (i64, jiff::civil::Date)) -> Result<Permit, Fault> {
        let at = self.unit(matter.unit)?;
        let held = |(_, post, _): &(i64, String, jiff::civil::Date)| Held {
            post: post.clone(),
            unit: at.id,
            top: self.top,
            path: at.path.clone(),
        };
        let seats = self.seats.iter().filter(|(who, _, from)| *who == person && *from <= on);
        let posts: Vec<Held> = seats.map(held).collect();
        if posts.is_empty() {
            return Err(odd("somebody is not on the team").into());
        }
        let mut actor = match holding::actor(self.tx, self.top, person, on) {
            Ok(actor) => actor,
            // who has left since took the step all the same
            Err(Fault::NotFound) => Actor {
                person,
                top: self.top,
                home: 0,
                name: String::new(),
                posts: Vec::new(),
                operation: 0,
                today: on,
            },
            Err(other) => return Err(other),
        };
        actor.posts.extend(posts);
        Ok(actor.permit(self.pack, Verb::Act, &at).map_err(|_| odd("a step was not theirs to take"))?)
    }
}

fn insert(tx: &Tx, permit: &Permit, (carried, matter): (&Carried, &Matter), at: &Unit) -> Result<(), Fault> {
    let sql = "insert into matter (top_id, id, unit_id, path, opener_id, opener_path, flow, subject, title, data,
                                   on_date, parent_id, round_id)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let args = [
        permit.top().into(),
        matter.id.into(),
        at.id.into(),
        at.path.as_str().into(),
        matter.opener.into(),
        matter.opener_path.as_str().into(),
        matter.flow.as_str().into(),
        carried.subject.as_str().into(),
        matter.title.as_str().into(),
        matter.data.clone().into(),
        matter.opened.into(),
        matter.parent.into(),
        matter.round.into(),
    ];
    tx.run(sql, &args).map_err(|fault| fault.if_taken(odd("something of the same key is here")))?;
    let sql = "insert into matter_helper (top_id, matter_id, unit_id) values ($1, $2, $3)";
    for helper in &matter.helpers {
        unit::find(tx, *helper)?;
        tx.run(sql, &[permit.top().into(), matter.id.into(), (*helper).into()])?;
    }
    let by = carried.events.first().map_or(0, |event| event.actor);
    audit::by(tx, permit.top(), by, at.id, "matter.open", matter.id, &matter.flow)
}
