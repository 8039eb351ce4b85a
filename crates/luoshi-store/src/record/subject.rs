//! People and units that a record names in its fields: looked up by what was typed, checked when the record is
//! written, shown by name. What is kept is their keys, so that a name that is corrected or erased is so everywhere.

use crate::{Fault, Tx, Value, unit};
use luoshi_rules::record::{Field, Holds};
use luoshi_rules::{Kind, Permit, Refusal, Scope};
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap};

/// Most people one field may name.
pub const MOST: usize = 300;

/// Somebody who may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// key
    pub id: i64,
    /// name
    pub name: String,
    /// reading and initials
    pub search: String,
    /// the unit on whose roll they are
    pub unit: i64,
    /// its short name
    pub unit_name: String,
}

/// A unit that may be meant: the directory is open to whoever is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// key
    pub id: i64,
    /// name in trees and tables
    pub short_name: String,
    /// name as on the seal
    pub full_name: String,
}

/// The names of what records name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// people
    pub people: HashMap<i64, Person>,
    /// units
    pub units: HashMap<i64, Place>,
}

fn person(row: &crate::Row) -> Result<Person, Fault> {
    let (name, search) = (row.text(1)?, row.text(2)?);
    Ok(Person { id: row.int(0)?, name, search, unit: row.int(3)?, unit_name: row.text(4)? })
}

fn place(row: &crate::Row) -> Result<Place, Fault> {
    Ok(Place { id: row.int(0)?, short_name: row.text(1)?, full_name: row.text(2)? })
}

/// Everybody on the rolls of a scope, by whose reading and likeness somebody else may be found.
pub fn roll(tx: &Tx, scope: &Scope) -> Result<Vec<Person>, Fault> {
    let sql = "select p.id, p.name, p.search, p.unit_id, u.short_name from person p
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where p.top_id = $1 and p.path >= $2 and p.path < $3 and p.left_on = '9999-12-31'
                  and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)
                order by p.path, p.id";
    tx.rows(sql, &unit::range(scope), person)
}

/// Everybody of an organisation who bears one of these names in full. One statement.
pub fn bearing(tx: &Tx, top: i64, names: &[String]) -> Result<Vec<Person>, Fault> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "select p.id, p.name, p.search, p.unit_id, u.short_name from person p
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where p.top_id = $1 and p.left_on = '9999-12-31' and p.name in (select j.key from jsonb_each($2) j)
                  and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)";
    tx.rows(sql, &[top.into(), Value::keys(names)], person)
}

/// The living units of an organisation.
pub fn units(tx: &Tx, top: i64) -> Result<Vec<Place>, Fault> {
    let sql = "select id, short_name, full_name from unit where top_id = $1 and dissolved = '9999-12-31' order by path";
    tx.rows(sql, &[top.into()], place)
}

/// The names of the people and units that some records name in their fields. One statement for either.
pub fn names<'a>(tx: &Tx, top: i64, records: impl Iterator<Item = (&'a Kind, &'a Json)>) -> Result<Names, Fault> {
    let (mut people, mut places) = (BTreeSet::new(), BTreeSet::new());
    for (kind, data) in records {
        for field in &kind.field {
            match field.holds {
                Holds::People => people.extend(keys(&data[&field.id])),
                Holds::Unit => places.extend(keys(&data[&field.id])),
                _ => {}
            }
        }
    }
    named(tx, top, &people, &places)
}

/// The names of all that any record may name: for lists that are written row by row. One statement.
pub fn all(tx: &Tx, top: i64) -> Result<Names, Fault> {
    let sql = "select p.id, p.name, p.search, p.unit_id, u.short_name, 'person' from person p
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where p.top_id = $1
                  and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)
                union all
               select id, short_name, full_name, cast(0 as bigint), '', 'unit' from unit where top_id = $1";
    let mut names = Names::default();
    tx.rows(sql, &[top.into()], |row| {
        match row.text(5)?.as_str() {
            "person" => drop(names.people.insert(row.int(0)?, person(row)?)),
            _ => drop(names.units.insert(row.int(0)?, place(row)?)),
        }
        Ok(())
    })?;
    Ok(names)
}

fn named(tx: &Tx, top: i64, people: &BTreeSet<i64>, units: &BTreeSet<i64>) -> Result<Names, Fault> {
    let mut names = Names::default();
    if !people.is_empty() {
        let sql = "select p.id, p.name, p.search, p.unit_id, u.short_name from person p
                     join unit u on u.top_id = p.top_id and u.id = p.unit_id
                    where p.top_id = $1 and p.id in (select cast(j.key as bigint) from jsonb_each($2) j)
                      and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)";
        let some = tx.rows(sql, &[top.into(), Value::keys(people)], person)?;
        names.people = some.into_iter().map(|one| (one.id, one)).collect();
    }
    if !units.is_empty() {
        let sql = "select id, short_name, full_name from unit
                    where top_id = $1 and id in (select cast(j.key as bigint) from jsonb_each($2) j)";
        let some = tx.rows(sql, &[top.into(), Value::keys(units)], place)?;
        names.units = some.into_iter().map(|one| (one.id, one)).collect();
    }
    Ok(names)
}

/// Refuses a record that names somebody or something its organisation does not have.
pub(super) fn check(tx: &Tx, permit: &Permit, (kind, data): (&Kind, &Json)) -> Result<(), Fault> {
    let named = |field: &&Field| matches!(field.holds, Holds::People | Holds::Unit) && !data[&field.id].is_null();
    if kind.field.iter().filter(named).count() == 0 {
        return Ok(());
    }
    let names = names(tx, permit.top(), std::iter::once((kind, data)))?;
    for field in kind.field.iter().filter(named) {
        let mut keys = keys(&data[&field.id]).into_iter();
        let known = match field.holds {
            Holds::People => keys.all(|id| names.people.contains_key(&id)),
            _ => keys.all(|id| names.units.contains_key(&id)),
        };
        if !known {
            let zh = format!("{}：所填的不在本单位名册或名录中", field.name.zh);
            let en = format!("{}: not on the rolls of this organisation", field.name.en);
            return Err(Refusal::field(&field.id, zh, en).into());
        }
    }
    Ok(())
}

/// The keys an answer holds: one, or several.
pub fn keys(value: &Json) -> Vec<i64> {
    match value {
        Json::Array(many) => many.iter().filter_map(Json::as_i64).collect(),
        one => one.as_i64().into_iter().collect(),
    }
}
