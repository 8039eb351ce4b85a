//! Everything kept about one person, table by table, for the copy they may take. A test reads the schema: a table that
//! names people and stands neither here as copied nor as left out for a reason fails it.

use crate::{Fault, Tx};
use luoshi_rules::Actor;
use serde_json::{Map, Value as Json};

mod tables;

pub use tables::TABLES;

/// What the copy of a person does about a table.
pub enum Copy {
    /// the rows that name them, with the columns that say something about them; `$1` is the organisation, `$2` the
    /// person
    Rows(&'static str),
    /// nothing, and why
    Not(&'static str),
}

/// Everything kept about whoever asks: for each table its rows, as objects under the names of the columns.
pub fn copy(tx: &Tx, actor: &Actor) -> Result<Vec<(&'static str, Vec<Json>)>, Fault> {
    let mut out = Vec::new();
    for (table, copy) in TABLES {
        let Copy::Rows(sql) = copy else { continue };
        let mut rows = tx.objects(sql, &[actor.top.into(), actor.person.into()])?;
        match *table {
            "person_secret" => rows.iter_mut().try_for_each(|row| unseal(tx, row, "number"))?,
            "aid_case" | "aid_event" => rows.iter_mut().try_for_each(|row| unseal(tx, row, "told"))?,
            "roll" => rows.retain_mut(|row| stood_on(row, actor.person)),
            _ => {}
        }
        out.push((*table, rows));
    }
    Ok(out)
}

/// Shows the person what is theirs in plain words.
fn unseal(tx: &Tx, row: &mut Json, name: &str) -> Result<(), Fault> {
    let Some(row) = row.as_object_mut() else { return Ok(()) };
    if let Some(sealed) = row.remove("sealed").as_ref().and_then(Json::as_str).filter(|sealed| !sealed.is_empty()) {
        row.insert(name.into(), tx.keys().open(sealed)?.into());
    }
    Ok(())
}

/// Whether the person stood on the frozen list of a meeting; the others on it are none of their business.
fn stood_on(row: &mut Json, person: i64) -> bool {
    let people = row.as_object_mut().and_then(|row: &mut Map<String, Json>| row.remove("people"));
    people.as_ref().and_then(Json::as_array).is_some_and(|all| all.contains(&person.into()))
}
