//! Hours of training and of service: what people did in a stretch of days, from the records of what was held.

use crate::{Fault, Row, Tx, unit};
use jiff::civil::Date;
use luoshi_rules::record::counts_as;
use luoshi_rules::{Actor, Scope, Verb};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

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
pub fn pupils(tx: &Tx, scope: &Scope, (kind, days): (&str, (Date, Date)), today: Date) -> Result<Vec<Pupil>, Fault> {
    crate::needs_scope(scope, Verb::People)?;
    let mut taught = of_all(tx, scope.top(), &[kind], (days, None))?.pop().unwrap_or_default();
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
pub fn by_unit(tx: &Tx, scope: &Scope, kind: &str, days: (Date, Date)) -> Result<Vec<Together>, Fault> {
    let taught = of_all(tx, scope.top(), &[kind], (days, None))?.pop().unwrap_or_default();
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
pub fn own(tx: &Tx, actor: &Actor, kinds: &[&str], days: (Date, Date)) -> Result<Vec<Taught>, Fault> {
    let taught = of_all(tx, actor.top, kinds, (days, Some(actor.person)))?;
    Ok(taught.into_iter().map(|mut taught| taught.remove(&actor.person).unwrap_or_default()).collect())
}

/// Kinds that one statement looks for.
const AT_ONCE: usize = 6;

/// Everybody who was due at a class and not absent, or stood in a role, with the hours of each class less those of the
/// sessions they missed; where one person is asked for, of no class without them. Of each kind, with records of others
/// that say that they count as it too. A statement for each six kinds.
fn of_all(
    tx: &Tx,
    top: i64,
    kinds: &[&str],
    (days, person): ((Date, Date), Option<i64>),
) -> Result<Vec<HashMap<i64, Taught>>, Fault> {
    let mut taught = vec![HashMap::new(); kinds.len()];
    for (taught, kinds) in taught.chunks_mut(AT_ONCE).zip(kinds.chunks(AT_ONCE)) {
        let (held, lost) = held(tx, top, kinds, (days, person))?;
        for (of_kind, kind) in taught.iter_mut().zip(kinds) {
            held.values().filter(|one| one.counts_as(kind)).for_each(|one| one.add(&lost, of_kind));
        }
    }
    Ok(taught)
}

/// Hours of sessions that somebody missed, by record and person.
type Lost = HashMap<(i64, i64), i64>;

/// Records of the kinds, those that count for another kind too, and the hours of the sessions somebody missed. Records
/// are found by their kind and by what they count for, each in its own index: one condition for both would go through
/// every record there is. Of one person's, some are read of others in whose key theirs stands.
const HELD: &str =
    "select r.id, r.data, coalesce(cast(l.people as text), '[]'), coalesce(s.person_id, 0), s.role, r.kind, 0,
              coalesce(r.tags, '')
         from (select k.id, k.version from record k
                where k.top_id = $1 and k.kind in ($5, $6, $7, $8, $9, $10) and k.on_date >= $2 and k.on_date <= $3
                union all
               select t.id, t.version from record t
                where t.top_id = $1 and t.tags like '%also:%' and t.on_date >= $2 and t.on_date <= $3
                  and t.kind not in ($5, $6, $7, $8, $9, $10)) w
         join record r on r.top_id = $1 and r.id = w.id and r.version = w.version
         left join roll l on l.top_id = r.top_id and l.digest = r.roll
         left join record_person s on s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
        where coalesce(r.withdrawn, '') = ''
          and ($4 = '' or cast(l.people as text) like '%' || $4 || '%'
               or exists (select 1 from record_person x where x.top_id = r.top_id and x.record_id = r.id
                             and x.version = r.version and cast(x.person_id as text) = $4))
          and not exists (select 1 from record n
                           where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
       union all
       select c.record_id, null, '', m.person_id, 'missed', '', x.hours, '' from class c
         join class_session x on x.top_id = c.top_id and x.class_id = c.id
         join class_missed m on m.top_id = x.top_id and m.class_id = x.class_id and m.no = x.no
        where c.top_id = $1 and c.until_date >= $2 and c.until_date <= $3 and c.record_id <> 0";

/// Records of these kinds, and of others that say that they count for some kind too.
fn held(
    tx: &Tx,
    top: i64,
    kinds: &[&str],
    ((first, last), person): ((Date, Date), Option<i64>),
) -> Result<(HashMap<i64, Held>, Lost), Fault> {
    let (mut held, mut lost) = (HashMap::<i64, Held>::new(), Lost::new());
    let who = person.map_or(String::new(), |person| person.to_string());
    let mut args = vec![top.into(), first.into(), last.into(), who.into()];
    args.extend((0..AT_ONCE).map(|at| kinds.get(at).copied().unwrap_or_default().into()));
    tx.rows(HELD, &args, |row| {
        let (id, person) = (row.int(0)?, row.int(3)?);
        if row.str(4)? == "missed" {
            *lost.entry((id, person)).or_default() += row.int(6)?;
            return Ok(());
        }
        let one = match held.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(Held::read(row)?),
        };
        if person != 0 {
            one.people.retain(|known| *known != person);
            if row.str(4)? != "absent" {
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
    fn read(row: &Row) -> Result<Held, Fault> {
        let people: Vec<i64> = serde_json::from_str(row.str(2)?).map_err(|e| Fault::Engine(e.to_string()))?;
        let hours = row.json(1)?["hours"].as_i64().unwrap_or(0);
        Ok(Held { id: row.int(0)?, hours, people, kind: row.text(5)?, tags: row.text(7)? })
    }

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

#[cfg(test)]
mod tests {
    use super::{AT_ONCE, HELD};
    use crate::catalogue::must_be_read_through;

    #[test]
    fn what_somebody_was_taught_is_found_without_going_through_every_record() {
        must_be_read_through(
            "INDEX record_by_kind (top_id=? AND kind=? AND on_date>? AND on_date<?)",
            (HELD, 4 + AT_ONCE),
        );
        must_be_read_through("INDEX record_also", (HELD, 4 + AT_ONCE));
    }
}
