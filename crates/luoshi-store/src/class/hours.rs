//! Hours of training and of service: what people did in a stretch of days, from the records of what was held.

use crate::{Fault, Tx, unit};
use jiff::civil::Date;
use luoshi_rules::record::counts_as;
use luoshi_rules::{Actor, Scope, Verb};
use std::collections::HashMap;

/// What somebody was taught, or what they served, in a stretch of days.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Taught {
    /// in how many classes, or how often
    pub classes: i64,
    /// for how many hours
    pub hours: i64,
}

/// Somebody on a roll, the posts they hold, and what they were taught.
#[derive(Debug, Clone, PartialEq)]
pub struct Pupil {
    /// the person
    pub person: i64,
    /// shown name
    pub name: String,
    /// their unit
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// posts they hold
    pub posts: Vec<String>,
    /// what they were taught
    pub taught: Taught,
}

/// Members on the rolls of a scope for people with what they did of a kind between two days, with whichever unit, and the
/// posts they hold today. Two statements.
pub fn pupils(
    tx: &Tx,
    scope: &Scope,
    (kinds, days): (&[String], (Date, Date)),
    today: Date,
) -> Result<Vec<Pupil>, Fault> {
    crate::needs_scope(scope, Verb::People)?;
    let mut taught = of_all(tx, scope.top(), &[kinds], (days, None))?.pop().unwrap_or_default();
    let sql = "select p.id, p.name, u.id, u.short_name, coalesce(h.post, '') from person p
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                 left join holding h on h.top_id = p.top_id and h.person_id = p.id
                                    and h.from_date <= $4 and h.until_date >= $4
                where p.top_id = $1 and u.path >= $2 and u.path < $3 and p.left_on = '9999-12-31'
                  and p.standing in ('full', 'probationary')
                  and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)
                order by u.path, p.search, p.id";
    let mut args = unit::range(scope).to_vec();
    args.push(today.into());
    let mut pupils: Vec<Pupil> = Vec::new();
    tx.rows(sql, &args, |row| {
        let (person, post) = (row.int(0)?, row.text(4)?);
        if pupils.last().is_none_or(|one| one.person != person) {
            let (name, unit, unit_name) = (row.text(1)?, row.int(2)?, row.text(3)?);
            let taught = taught.remove(&person).unwrap_or_default();
            pupils.push(Pupil { person, name, unit, unit_name, posts: Vec::new(), taught });
        }
        pupils.last_mut().into_iter().filter(|_| !post.is_empty()).for_each(|one| one.posts.push(post.clone()));
        Ok(())
    })?;
    Ok(pupils)
}

/// What the members of a unit did of a kind together: people who did any, how often, hours. Nobody is named.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Together {
    /// the unit
    pub unit: i64,
    /// its short name
    pub name: String,
    /// distinct people
    pub people: i64,
    /// person-times
    pub times: i64,
    /// hours
    pub hours: i64,
}

/// The units of a scope whose members did something of a kind between two days, in their order, without names. Two
/// statements.
pub fn by_unit(tx: &Tx, scope: &Scope, kinds: &[String], days: (Date, Date)) -> Result<Vec<Together>, Fault> {
    let taught = of_all(tx, scope.top(), &[kinds], (days, None))?.pop().unwrap_or_default();
    let sql = "select p.id, u.id, u.short_name from person p
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where p.top_id = $1 and u.path >= $2 and u.path < $3 and p.left_on = '9999-12-31'
                  and p.standing in ('full', 'probationary') order by u.path, u.id";
    let mut units: Vec<Together> = Vec::new();
    tx.rows(sql, &unit::range(scope), |row| {
        let Some(one) = taught.get(&row.int(0)?) else { return Ok(()) };
        if units.last().is_none_or(|unit| unit.unit != row.int(1).unwrap_or(0)) {
            units.push(Together { unit: row.int(1)?, name: row.text(2)?, ..Together::default() });
        }
        if let Some(unit) = units.last_mut() {
            unit.people += 1;
            unit.times += one.classes;
            unit.hours += one.hours;
        }
        Ok(())
    })?;
    Ok(units)
}

/// What the person themselves did of each of some kinds. One statement.
pub fn own(tx: &Tx, actor: &Actor, all: &[Vec<String>], days: (Date, Date)) -> Result<Vec<Taught>, Fault> {
    let all: Vec<&[String]> = all.iter().map(Vec::as_slice).collect();
    let taught = of_all(tx, actor.top, &all, (days, Some(actor.person)))?;
    Ok(taught.into_iter().map(|mut taught| taught.remove(&actor.person).unwrap_or_default()).collect())
}

/// Kinds that one statement looks for.
const AT_ONCE: usize = 6;

/// Everybody who was due at a class and not absent, or stood in a role, with the hours of each class less those of the
/// sessions they missed; where one person is asked for, of no class without them. Of each list of kinds the first is
/// meant, and records of the others that say that they count as it too. A statement for each six kinds.
fn of_all(
    tx: &Tx,
    top: i64,
    wanted: &[&[String]],
    (days, person): ((Date, Date), Option<i64>),
) -> Result<Vec<HashMap<i64, Taught>>, Fault> {
    let mut kinds: Vec<&str> = wanted.iter().flat_map(|all| all.iter()).map(String::as_str).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let meant: Vec<&str> = wanted.iter().filter_map(|all| all.first()).map(String::as_str).collect();
    let mut taught = vec![HashMap::new(); meant.len()];
    for kinds in kinds.chunks(AT_ONCE) {
        let (held, lost) = held(tx, top, (kinds, &meant), (days, person))?;
        for (of_kind, kind) in taught.iter_mut().zip(&meant) {
            held.iter().filter(|one| one.counts_as(kind)).for_each(|one| one.add(&lost, of_kind));
        }
    }
    Ok(taught)
}

/// Hours of sessions that somebody missed, by record and person.
type Lost = HashMap<(i64, i64), i64>;

/// After the rows of a record come the hours of the sessions somebody missed. A list is text like [1,2] here, and [1, 2]
/// there.
const HELD: &str =
    "select r.id, r.data, coalesce(cast(l.people as text), '[]'), coalesce(s.person_id, 0), s.role, r.kind, 0,
              coalesce(r.tags, '')
         from record r
         left join roll l on l.top_id = r.top_id and l.digest = r.roll
         left join record_person s on s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
        where r.top_id = $1 and r.kind in ($6, $7, $8, $9, $10, $11) and r.on_date >= $2 and r.on_date <= $3
          and ($4 like '%|' || r.kind || '|%' or r.tags like '%also:%')
          and coalesce(r.withdrawn, '') = ''
          and ($5 = '' or ',' || replace(replace(replace(cast(l.people as text), '[', ''), ']', ''), ' ', '') || ','
                          like '%,' || $5 || ',%'
               or exists (select 1 from record_person x where x.top_id = r.top_id and x.record_id = r.id
                             and x.version = r.version and cast(x.person_id as text) = $5))
          and not exists (select 1 from record n
                           where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
       union all
       select c.record_id, null, '', m.person_id, 'missed', '', x.hours, '' from class c
         join class_session x on x.top_id = c.top_id and x.class_id = c.id
         join class_missed m on m.top_id = x.top_id and m.class_id = x.class_id and m.no = x.no
        where c.top_id = $1 and c.until_date >= $2 and c.until_date <= $3 and c.record_id <> 0
        order by 1, 6 desc";

/// Records of these kinds: of those that are meant all, of others those that count as another kind too.
fn held(
    tx: &Tx,
    top: i64,
    (kinds, meant): (&[&str], &[&str]),
    ((first, last), person): ((Date, Date), Option<i64>),
) -> Result<(Vec<Held>, Lost), Fault> {
    let (mut held, mut lost) = (Vec::<Held>::new(), Lost::new());
    let who = person.map_or(String::new(), |person| person.to_string());
    let mut args = vec![top.into(), first.into(), last.into(), format!("|{}|", meant.join("|")).into(), who.into()];
    args.extend((0..AT_ONCE).map(|at| kinds.get(at).copied().unwrap_or_default().into()));
    tx.rows(HELD, &args, |row| {
        let (id, person, role) = (row.int(0)?, row.int(3)?, row.text(4)?);
        if role == "missed" {
            *lost.entry((id, person)).or_default() += row.int(6)?;
            return Ok(());
        }
        if held.last().is_none_or(|known| known.id != id) {
            let people: Vec<i64> = serde_json::from_str(&row.text(2)?).map_err(|e| Fault::Engine(e.to_string()))?;
            let (hours, kind, tags) = (row.json(1)?["hours"].as_i64().unwrap_or(0), row.text(5)?, row.text(7)?);
            held.push(Held { id, hours, people, kind, tags });
        }
        if let Some(one) = held.last_mut().filter(|_| person != 0) {
            one.people.retain(|known| *known != person);
            if role != "absent" {
                one.people.push(person);
            }
        }
        Ok(())
    })?;
    Ok((held, lost))
}

/// A record with who was there.
struct Held {
    id: i64,
    hours: i64,
    people: Vec<i64>,
    kind: String,
    tags: String,
}

impl Held {
    fn counts_as(&self, kind: &str) -> bool {
        counts_as((&self.kind, &self.tags), kind)
    }

    /// Adds what everybody did in it, less what they missed.
    fn add(&self, lost: &Lost, taught: &mut HashMap<i64, Taught>) {
        for person in &self.people {
            let one = taught.entry(*person).or_default();
            one.classes += 1;
            one.hours += self.hours - lost.get(&(self.id, *person)).copied().unwrap_or(0);
        }
    }
}
