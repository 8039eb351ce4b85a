//! Training classes and calls for volunteers: planned, names taken, held, and written down as records of what was held.
//! Which of them it is, the kind of record says.

mod conclude;
pub mod hours;
mod session;

pub use conclude::{came, conclude};
pub use session::{Session, missed};

use crate::{Fault, Row, Tx, Value, audit, needs, new_id, unit};
use jiff::civil::Date;
use luoshi_rules::class::placed;
use luoshi_rules::{Actor, Kind, Permit, Refusal, Scope, UnitPath, Verb};

/// The kind of record a training class is written down as.
pub const KIND: &str = "training";
/// The kind of record volunteer service is written down as.
pub const SERVICE: &str = "volunteer-service";

/// A class.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// key
    pub id: i64,
    /// the unit that holds it
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// its place
    pub path: UnitPath,
    /// what it is planned as
    pub plan: Plan,
    /// what was recorded when it was over; 0 before
    pub record: i64,
    /// why it does not take place, or empty
    pub cancelled: String,
    /// how many names are down
    pub names: i64,
}

/// What a class is planned as.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// the kind of record it becomes
    pub kind: String,
    /// what it is called
    pub title: String,
    /// what is needed, or what it is about, in some words; may be empty
    pub need: String,
    /// for whom or of what sort: an option of the choice its kind names
    pub audience: String,
    /// first day
    pub from: Date,
    /// last day
    pub until: Date,
    /// where
    pub place: String,
    /// hours it counts for: those of its sessions, where it has any
    pub hours: i64,
    /// how many may come
    pub places: i64,
    /// last day on which names are taken
    pub closes: Date,
    /// its sessions, by day; none where it is one
    pub sessions: Vec<Session>,
}

/// At most so many from a unit and those below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Quota {
    /// the unit
    pub unit: i64,
    /// its short name
    pub name: String,
    /// its place
    pub path: UnitPath,
    /// how many
    pub places: i64,
}

/// Somebody whose name is down.
#[derive(Debug, Clone, PartialEq)]
pub struct Seat {
    /// the person
    pub person: i64,
    /// shown name; empty to whom names are not shown
    pub name: String,
    /// on whose roll they are
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// its place
    pub path: UnitPath,
}

impl Class {
    /// Whether names may be put down or taken off on a day.
    pub fn takes_names(&self, today: Date) -> bool {
        self.cancelled.is_empty() && self.record == 0 && today <= self.plan.closes
    }
}

/// Plans a class of the unit of the permit; quotas by unit of those below it.
pub fn plan(tx: &Tx, permit: &Permit, kind: &Kind, plan: &Plan, quotas: &[(i64, i64)]) -> Result<i64, Fault> {
    needs(permit, Verb::Write)?;
    check(plan, permit.today())?;
    session::check(kind, plan)?;
    let id = new_id();
    let sql = "insert into class (top_id, id, unit_id, title, audience, from_date, until_date, place, hours, places,
                                  closes, record_id, cancelled, kind, need)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, '', $12, $13)";
    let args = [
        permit.top().into(),
        id.into(),
        permit.unit().into(),
        plan.title.as_str().into(),
        plan.audience.as_str().into(),
        plan.from.into(),
        plan.until.into(),
        plan.place.as_str().into(),
        plan.hours.into(),
        plan.places.into(),
        plan.closes.into(),
        kind.id.as_str().into(),
        plan.need.as_str().into(),
    ];
    tx.run(sql, &args)?;
    session::add(tx, permit.top(), id, &plan.sessions)?;
    let sql = "insert into class_quota (top_id, class_id, unit_id, places) values ($1, $2, $3, $4)";
    for (unit, places) in quotas {
        if !permit.path().contains(&unit::find(tx, *unit)?.path) {
            return Err(Fault::NotFound);
        }
        tx.run(sql, &[permit.top().into(), id.into(), (*unit).into(), (*places).into()])?;
    }
    audit::note(tx, permit, "class.plan", id, "")?;
    Ok(id)
}

fn check(plan: &Plan, today: Date) -> Result<(), Refusal> {
    let refuse = |field: &str, zh: &str, en: &str| Err(Refusal::field(field, zh, en));
    match plan {
        plan if plan.title.trim().is_empty() => refuse("title", "请填写名称", "please name it"),
        plan if plan.from < today => refuse("from", "第一天已过", "the first day is past"),
        plan if plan.until < plan.from => refuse("until", "最后一天在第一天之前", "it ends before it begins"),
        plan if plan.closes > plan.until || plan.closes < today => refuse(
            "closes",
            "报名截止日应在今天与最后一天之间",
            "names are taken from today to the last day at the latest",
        ),
        plan if !(1..=200).contains(&plan.hours) => refuse("hours", "时长为1至200", "hours are 1 to 200"),
        plan if !(1..=2_000).contains(&plan.places) => refuse("places", "名额为1至2000", "places are 1 to 2,000"),
        _ => Ok(()),
    }
}

/// Classes of a kind, or of all, in a stretch of days that are open to a scope: held by its units or by those above, the
/// next first; without their sessions.
pub fn list(tx: &Tx, scope: &Scope, kind: &str, (first, last): (Date, Date)) -> Result<Vec<Class>, Fault> {
    let sql = "select c.id, c.unit_id, u.short_name, u.path, c.title, c.audience, c.from_date, c.until_date, c.place,
                      c.hours, c.places, c.closes, c.record_id, c.cancelled, c.kind, c.need,
                      (select count(*) from class_seat s where s.top_id = c.top_id and s.class_id = c.id)
                 from class c join unit u on u.top_id = c.top_id and u.id = c.unit_id
                where c.top_id = $1 and ((u.path >= $2 and u.path < $3) or substr($2, 1, length(u.path)) = u.path)
                  and c.until_date >= $4 and c.from_date <= $5 and (c.kind = $6 or $6 = '')
                order by c.from_date desc, c.id limit 300";
    let mut args = unit::range(scope).to_vec();
    args.extend([first.into(), last.into(), kind.into()]);
    tx.rows(sql, &args, class)
}

/// One that is open to a scope, with its sessions. Two statements.
pub fn find(tx: &Tx, scope: &Scope, id: i64) -> Result<Class, Fault> {
    let sql = "select c.id, c.unit_id, u.short_name, u.path, c.title, c.audience, c.from_date, c.until_date, c.place,
                      c.hours, c.places, c.closes, c.record_id, c.cancelled, c.kind, c.need,
                      (select count(*) from class_seat s where s.top_id = c.top_id and s.class_id = c.id)
                 from class c join unit u on u.top_id = c.top_id and u.id = c.unit_id
                where c.top_id = $1 and ((u.path >= $2 and u.path < $3) or substr($2, 1, length(u.path)) = u.path)
                  and c.id = $4";
    let mut args: Vec<Value> = unit::range(scope).to_vec();
    args.push(id.into());
    let mut one = tx.row(sql, &args, class)?;
    one.plan.sessions = session::of(tx, scope.top(), id)?;
    Ok(one)
}

fn class(row: &Row) -> Result<Class, Fault> {
    let plan = Plan {
        kind: row.text(14)?,
        need: row.text(15)?,
        sessions: Vec::new(),
        title: row.text(4)?,
        audience: row.text(5)?,
        from: row.parse(6)?,
        until: row.parse(7)?,
        place: row.text(8)?,
        hours: row.int(9)?,
        places: row.int(10)?,
        closes: row.parse(11)?,
    };
    let (id, unit, unit_name, path) = (row.int(0)?, row.int(1)?, row.text(2)?, row.path(3)?);
    Ok(Class { id, unit, unit_name, path, plan, record: row.int(12)?, cancelled: row.text(13)?, names: row.int(16)? })
}

/// Whose names are down, first come first, with names where the scope is one for people and holds their unit; and the
/// quotas. Two statements.
pub fn names(tx: &Tx, scope: &Scope, class: i64) -> Result<(Vec<Seat>, Vec<Quota>), Fault> {
    let sql = "select s.person_id, case when u.path >= $3 and u.path < $4 then p.name else '' end,
                      u.id, u.short_name, u.path
                 from class_seat s join person p on p.top_id = s.top_id and p.id = s.person_id
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where s.top_id = $1 and s.class_id = $2 order by s.place_no";
    let [top, from, until] = unit::range(scope);
    // a range that holds nothing where people are not to be seen
    let (from, until) = if scope.verb() == Verb::People { (from, until) } else { ("".into(), "".into()) };
    let args = [top, class.into(), from, until];
    let seats = tx.rows(sql, &args, |row| {
        let (person, name, unit) = (row.int(0)?, row.text(1)?, row.int(2)?);
        Ok(Seat { person, name, unit, unit_name: row.text(3)?, path: row.path(4)? })
    })?;
    let sql = "select q.unit_id, u.short_name, u.path, q.places from class_quota q
                 join unit u on u.top_id = q.top_id and u.id = q.unit_id
                where q.top_id = $1 and q.class_id = $2 order by u.path";
    let quotas = tx.rows(sql, &[scope.top().into(), class.into()], |row| {
        Ok(Quota { unit: row.int(0)?, name: row.text(1)?, path: row.path(2)?, places: row.int(3)? })
    })?;
    Ok((seats, quotas))
}

/// Puts a name down, by the unit of the permit for people of its rolls, or by the person for themselves. Whether they
/// have a place or wait follows from the order.
pub fn enrol(tx: &Tx, permit: &Permit, class: &Class, person: i64) -> Result<(), Fault> {
    reach(tx, permit, class, person)?;
    if !class.takes_names(permit.today()) {
        let day = class.plan.closes;
        let zh = format!("报名已于 {day} 截止，或已结束、取消");
        return Err(Refusal::rule(zh, format!("names were taken until {day}, or it is over")).into());
    }
    let sql = "insert into class_seat (top_id, class_id, person_id, place_no) values ($1, $2, $3, $4)";
    let args = [permit.top().into(), class.id.into(), person.into(), new_id().into()];
    tx.run(sql, &args).map_err(|fault| {
        fault.if_taken(Refusal::field("people", "名单中有人已报名", "somebody named is down already"))
    })?;
    audit::note(tx, permit, "class.enrol", person, "")
}

/// Takes a name off; the next who waits moves up.
pub fn withdraw(tx: &Tx, permit: &Permit, class: &Class, person: i64) -> Result<(), Fault> {
    reach(tx, permit, class, person)?;
    if class.record != 0 {
        return Err(Refusal::rule("已经结束，名单不再变动", "it is over: the list stays as it is").into());
    }
    let sql = "delete from class_seat where top_id = $1 and class_id = $2 and person_id = $3";
    if tx.run(sql, &[permit.top().into(), class.id.into(), person.into()])? == 0 {
        return Err(Fault::NotFound);
    }
    audit::note(tx, permit, "class.withdraw", person, "")
}

/// Refuses who is not on a roll that the permit reaches, or to whom the class is not open.
fn reach(tx: &Tx, permit: &Permit, class: &Class, person: i64) -> Result<(), Fault> {
    if permit.verb() != Verb::Write && permit.person() != person {
        return Err(Refusal::NotAllowed.into());
    }
    let sql = "select u.path from person p join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where p.top_id = $1 and p.id = $2 and p.left_on = '9999-12-31'";
    let at = tx.row(sql, &[permit.top().into(), person.into()], |row| row.path(0))?;
    match permit.path().contains(&at) && class.path.contains(&at) {
        true => Ok(()),
        false => Err(Refusal::field(
            "people",
            "名单中有人不在本组织名册或不在报名范围内",
            "somebody named is not on your roll, or it is not for them",
        )
        .into()),
    }
}

/// Calls a class off, with the reason.
pub fn cancel(tx: &Tx, permit: &Permit, class: &Class, why: &str) -> Result<(), Fault> {
    ours(permit, class)?;
    going(class)?;
    if why.trim().is_empty() {
        return Err(Refusal::field("why", "请写明原因", "please say why").into());
    }
    let sql = "update class set cancelled = $3 where top_id = $1 and id = $2 and record_id = 0";
    if tx.run(sql, &[permit.top().into(), class.id.into(), why.trim().into()])? == 0 {
        return Err(Fault::Clash);
    }
    audit::note(tx, permit, "class.cancel", class.id, "")
}

/// Refuses a class that was written down or called off before.
fn going(class: &Class) -> Result<(), Refusal> {
    if class.record != 0 {
        return Err(Refusal::rule("已记为纪实，请刷新", "it has been recorded already: reload the page"));
    }
    if !class.cancelled.is_empty() {
        return Err(Refusal::rule("已取消，请刷新", "it was called off already: reload the page"));
    }
    Ok(())
}

fn ours(permit: &Permit, class: &Class) -> Result<(), Fault> {
    needs(permit, Verb::Write)?;
    if permit.unit() == class.unit { Ok(()) } else { Err(Fault::NotFound) }
}

/// Classes the person's own name is down for, and whether they have a place.
pub fn mine(tx: &Tx, actor: &Actor) -> Result<Vec<(i64, bool)>, Fault> {
    // quotas first, as the places of nobody
    let sql = "select s.class_id, s.person_id, u.path, c.places, s.place_no from class_seat o
                 join class c on c.top_id = o.top_id and c.id = o.class_id
                 join class_seat s on s.top_id = o.top_id and s.class_id = o.class_id
                 join person p on p.top_id = s.top_id and p.id = s.person_id
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where o.top_id = $1 and o.person_id = $2
               union all
               select q.class_id, 0, u.path, q.places, 0 from class_seat o
                 join class_quota q on q.top_id = o.top_id and q.class_id = o.class_id
                 join unit u on u.top_id = q.top_id and u.id = q.unit_id
                where o.top_id = $1 and o.person_id = $2
                order by 1, 5";
    let args = [actor.top.into(), actor.person.into()];
    let rows = tx.rows(sql, &args, |row| Ok((row.int(0)?, row.int(1)?, row.path(2)?, row.int(3)?)))?;
    let of = |all: &[(i64, i64, UnitPath, i64)]| {
        let (quotas, names): (Vec<_>, Vec<_>) = all.iter().partition(|(_, person, _, _)| *person == 0);
        let (class, _, _, places) = names.first()?;
        let limits: Vec<_> = quotas.iter().map(|(_, _, path, places)| (path.clone(), *places)).collect();
        let paths: Vec<_> = names.iter().map(|(_, _, path, _)| path.clone()).collect();
        let own = names.iter().position(|(_, person, _, _)| *person == actor.person)?;
        Some((*class, placed(&paths, *places, &limits)[own]))
    };
    Ok(rows.chunk_by(|a, b| a.0 == b.0).filter_map(of).collect())
}
