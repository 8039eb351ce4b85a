//! Hours of training: what people were taught in a stretch of days, from the records of what was held.

use crate::{Fault, Tx, unit};
use jiff::civil::Date;
use luoshi_rules::{Actor, Scope, Verb};
use std::collections::HashMap;

/// What somebody was taught in a stretch of days.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Taught {
    /// in how many classes
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
    /// short name of their unit
    pub unit_name: String,
    /// posts they hold
    pub posts: Vec<String>,
    /// what they were taught
    pub taught: Taught,
}

/// Members on the rolls of a scope for people with what they were taught between two days, by whichever unit, and the
/// posts they hold today. Two statements.
pub fn pupils(tx: &Tx, scope: &Scope, days: (Date, Date), today: Date) -> Result<Vec<Pupil>, Fault> {
    crate::needs_scope(scope, Verb::People)?;
    let mut taught = of_all(tx, scope.top(), days)?;
    let sql = "select p.id, p.name, u.short_name, coalesce(h.post, '') from person p
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                 left join holding h on h.top_id = p.top_id and h.person_id = p.id
                                    and h.from_date <= $4 and h.until_date >= $4
                where p.top_id = $1 and u.path >= $2 and u.path < $3 and p.left_on = '9999-12-31'
                  and p.standing in ('full', 'probationary')
                order by u.path, p.search, p.id";
    let mut args = unit::range(scope).to_vec();
    args.push(today.into());
    let mut pupils: Vec<Pupil> = Vec::new();
    tx.rows(sql, &args, |row| {
        let (person, post) = (row.int(0)?, row.text(3)?);
        if pupils.last().is_none_or(|one| one.person != person) {
            let (name, unit_name, taught) = (row.text(1)?, row.text(2)?, taught.remove(&person).unwrap_or_default());
            pupils.push(Pupil { person, name, unit_name, posts: Vec::new(), taught });
        }
        pupils.last_mut().into_iter().filter(|_| !post.is_empty()).for_each(|one| one.posts.push(post.clone()));
        Ok(())
    })?;
    Ok(pupils)
}

/// What the person themselves was taught.
pub fn own(tx: &Tx, actor: &Actor, days: (Date, Date)) -> Result<Taught, Fault> {
    Ok(of_all(tx, actor.top, days)?.remove(&actor.person).unwrap_or_default())
}

/// Everybody who was due at a class and not absent, or stood in a role, with the hours of each class.
fn of_all(tx: &Tx, top: i64, (first, last): (Date, Date)) -> Result<HashMap<i64, Taught>, Fault> {
    let sql =
        "select r.id, r.data, coalesce(cast(l.people as text), '[]'), coalesce(s.person_id, 0), s.role from record r
                 left join roll l on l.top_id = r.top_id and l.digest = r.roll
                 left join record_person s on s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
                where r.top_id = $1 and r.kind = 'training' and r.on_date >= $2 and r.on_date <= $3
                  and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
                order by r.id";
    let mut classes: Vec<(i64, i64, Vec<i64>)> = Vec::new();
    tx.rows(sql, &[top.into(), first.into(), last.into()], |row| {
        let id = row.int(0)?;
        if classes.last().is_none_or(|(known, _, _)| *known != id) {
            let due: Vec<i64> = serde_json::from_str(&row.text(2)?).map_err(|e| Fault::Engine(e.to_string()))?;
            classes.push((id, row.json(1)?["hours"].as_i64().unwrap_or(0), due));
        }
        let (person, role) = (row.int(3)?, row.text(4)?);
        if let Some((_, _, people)) = classes.last_mut().filter(|_| person != 0) {
            people.retain(|one| *one != person);
            if role != "absent" {
                people.push(person);
            }
        }
        Ok(())
    })?;
    let mut taught: HashMap<i64, Taught> = HashMap::new();
    for (_, hours, people) in classes {
        for person in people {
            let one = taught.entry(person).or_default();
            one.classes += 1;
            one.hours += hours;
        }
    }
    Ok(taught)
}
