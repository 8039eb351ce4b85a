//! The sessions of a unit in a year with everybody who was due or stood in a role, for its file.

use super::people::{Stood, ids};
use crate::{Fault, Tx, Value, unit};
use jiff::civil::Date;
use luoshi_rules::Scope;
use serde_json::Value as Json;
use std::collections::HashMap;

/// A session as it was held.
#[derive(Debug, Clone)]
pub struct Held {
    /// the record
    pub record: i64,
    /// its kind
    pub kind: String,
    /// the day
    pub on: Date,
    /// answers to the fields of the kind
    pub data: Json,
    /// who was due
    pub due: Vec<i64>,
    /// who stood in a role, or was absent
    pub stood: Vec<Stood>,
    /// names of what was attached
    pub files: Vec<String>,
}

/// Sessions of these kinds of a unit of a scope between two days, the earliest first, and the names of people who may
/// stand on them. Whoever is not of the unit is shown rates alone.
pub fn held(
    tx: &Tx,
    scope: &Scope,
    (unit, kinds): (i64, &[&str]),
    (first, last): (Date, Date),
) -> Result<(Vec<Held>, HashMap<i64, String>), Fault> {
    let sql = "select r.id, r.kind, r.on_date, r.data, cast(l.people as text) from record r
                 left join roll l on l.top_id = r.top_id and l.digest = r.roll
                where r.top_id = $1 and r.path >= $2 and r.path < $3 and r.unit_id = $4
                  and r.on_date >= $5 and r.on_date <= $6 and $7 like '%|' || r.kind || '|%'
                  and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
                order by r.on_date, r.id";
    let mut args = unit::range(scope).to_vec();
    args.extend([unit.into(), first.into(), last.into(), format!("|{}|", kinds.join("|")).into()]);
    let mut all = tx.rows(sql, &args, |row| {
        let due: Json = serde_json::from_str(&row.text(4)?).unwrap_or_default();
        let (record, kind, on) = (row.int(0)?, row.text(1)?, row.parse(2)?);
        Ok(Held { record, kind, on, data: row.json(3)?, due: ids(due), stood: Vec::new(), files: Vec::new() })
    })?;
    let rows = people(tx, &args)?;
    let mut names = HashMap::new();
    for (record, name, stood) in rows {
        let held = all.iter_mut().find(|held| held.record == record);
        if stood.person == 0 {
            held.into_iter().for_each(|held| held.files.push(name.clone()));
            continue;
        }
        held.into_iter().for_each(|held| held.stood.push(stood.clone()));
        names.insert(stood.person, name);
    }
    Ok((all, names))
}

/// Everybody on those records with the record, whoever held a post in the unit or was on its roll with none, and, with
/// nobody, what was attached.
fn people(tx: &Tx, args: &[Value]) -> Result<Vec<(i64, String, Stood)>, Fault> {
    let sql = "select r.id, p.id, p.name, s.role, coalesce(s.why, '') from record r
                 join record_person s on s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
                 join person p on p.top_id = s.top_id and p.id = s.person_id
                where r.top_id = $1 and r.path >= $2 and r.path < $3 and r.unit_id = $4
                  and r.on_date >= $5 and r.on_date <= $6 and $7 like '%|' || r.kind || '|%'
                  and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
                union all
               select cast(0 as bigint), p.id, p.name, '', '' from holding h
                 join person p on p.top_id = h.top_id and p.id = h.person_id
                where h.top_id = $1 and h.path >= $2 and h.path < $3 and h.unit_id = $4
                  and h.from_date <= $6 and h.until_date >= $5
                union all
               select cast(0 as bigint), p.id, p.name, '', '' from affiliation a
                 join person p on p.top_id = a.top_id and p.id = a.person_id
                where a.top_id = $1 and a.unit_id = $4 and a.from_date <= $6 and a.until_date >= $5
                union all
               select r.id, cast(0 as bigint), f.name, '', '' from record r
                 join record_file f on f.top_id = r.top_id and f.record_id = r.id and f.version = r.version
                where r.top_id = $1 and r.path >= $2 and r.path < $3 and r.unit_id = $4
                  and r.on_date >= $5 and r.on_date <= $6 and $7 like '%|' || r.kind || '|%'
                  and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
                order by 1";
    tx.rows(sql, args, |row| {
        let stood = Stood { person: row.int(1)?, role: row.text(3)?, why: row.text(4)? };
        Ok((row.int(0)?, row.text(2)?, stood))
    })
}
