//! Everything, out of one database and into another, whatever the engines: each table as lines of JSON.
//!
//! Reading is one consistent view while others write. Sealed fields stay sealed: the key travels apart.

use crate::schema::{self, Table};
use crate::{Db, Fault, Tx, Value};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::io::{BufRead, Write};

/// The names of the tables, in the order in which they are written.
pub fn tables() -> Vec<String> {
    schema::tables().into_iter().map(|(name, _)| name).collect()
}

/// Writes every table through `out`, which is given a name and gives back where its lines go; returns rows by table.
pub fn write<W: Write>(db: &Db, open: impl Fn(&str) -> Result<W, std::io::Error>) -> Result<Vec<(String, u64)>, Fault> {
    db.read(|tx| {
        let mut counts = Vec::new();
        for table in schema::tables() {
            let mut out = open(&table.0).map_err(unwritten)?;
            let rows = write_table(tx, &table, &mut out)?;
            out.flush().map_err(unwritten)?;
            counts.push((table.0, rows));
        }
        Ok(counts)
    })
}

fn write_table(tx: &Tx, (name, columns): &Table, out: &mut impl Write) -> Result<u64, Fault> {
    let column = |(name, sort): &(String, String)| match sort.as_str() {
        "jsonb" => format!("cast({name} as text)"),
        _ => name.clone(),
    };
    let list: Vec<String> = columns.iter().map(column).collect();
    let sql = format!("select {} from {name} -- fanout: everything", list.join(", "));
    let mut rows = 0;
    tx.cells(&sql, &[], |cells| {
        let row: Vec<Json> = cells.into_iter().map(json).collect();
        serde_json::to_writer(&mut *out, &row).map_err(|error| Fault::Engine(error.to_string()))?;
        out.write_all(b"\n").map_err(unwritten)?;
        rows += 1;
        Ok(())
    })?;
    Ok(rows)
}

pub(crate) fn json(cell: Option<Value>) -> Json {
    match cell {
        None => Json::Null,
        Some(Value::Int(n)) => n.into(),
        Some(Value::Text(text)) => text.into(),
        Some(Value::Json(json)) => json,
    }
}

fn unwritten(error: std::io::Error) -> Fault {
    Fault::Engine(format!("could not be written: {error}"))
}

/// Fills an empty database from lines as [`write()`] makes them, all or nothing. `open` gives the lines of a table.
/// Refuses a database that holds anything.
pub fn read<R: BufRead>(
    db: &Db,
    open: impl Fn(&str) -> Result<R, std::io::Error>,
) -> Result<Vec<(String, u64)>, Fault> {
    db.write(|tx| {
        let any =
            tx.rows("select top_id from top limit 1 -- fanout: dictionary of organisations", &[], |row| row.int(0))?;
        if !any.is_empty() {
            return Err(Fault::Engine("the database is not empty: restore into a new one".into()));
        }
        let mut counts = Vec::new();
        for table in schema::tables().iter().filter(|(name, _)| name != "applied") {
            let lines = open(&table.0).map_err(|error| Fault::Engine(format!("{}: {error}", table.0)))?;
            counts.push((table.0.clone(), read_table(tx, table, lines)?));
        }
        Ok(counts)
    })
}

fn read_table(tx: &Tx, table: &Table, lines: impl BufRead) -> Result<u64, Fault> {
    let told = |at: u64, why: String| Fault::Engine(format!("{}, line {at}: {why}", table.0));
    let (mut rows, mut statements) = (0, HashMap::new());
    for line in lines.lines() {
        let cells: Vec<Json> = line
            .map_err(|error| error.to_string())
            .and_then(|line| serde_json::from_str(&line).map_err(|error| error.to_string()))
            .map_err(|why| told(rows + 1, why))?;
        if cells.len() != table.1.len() {
            return Err(told(rows + 1, format!("{} cells, {} columns", cells.len(), table.1.len())));
        }
        insert(tx, table, &cells, &mut statements).map_err(|fault| told(rows + 1, fault.to_string()))?;
        rows += 1;
    }
    Ok(rows)
}

/// Inserts the cells that are not null; the statement is made once for each choice of columns.
pub(crate) fn insert(
    tx: &Tx,
    (name, columns): &Table,
    cells: &[Json],
    made: &mut HashMap<Vec<bool>, String>,
) -> Result<(), Fault> {
    let given: Vec<bool> = cells.iter().map(|cell| !cell.is_null()).collect();
    let mut args = Vec::new();
    for ((_, sort), cell) in columns.iter().zip(cells).filter(|(_, cell)| !cell.is_null()) {
        args.push(value(sort, cell)?);
    }
    let sql = made.entry(given).or_insert_with_key(|given| {
        let names: Vec<&str> =
            columns.iter().zip(given).filter(|(_, given)| **given).map(|((name, _), _)| name.as_str()).collect();
        let places: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
        format!("insert into {name} ({}) values ({}) -- fanout: everything", names.join(", "), places.join(", "))
    });
    tx.run(sql, &args).map(drop)
}

fn value(sort: &str, cell: &Json) -> Result<Value, Fault> {
    let unread = || Fault::Engine(format!("{cell} is no {sort}"));
    Ok(match sort {
        "bigint" => Value::Int(cell.as_i64().ok_or_else(unread)?),
        "jsonb" => Value::Json(serde_json::from_str(cell.as_str().ok_or_else(unread)?).map_err(|_| unread())?),
        _ => Value::Text(cell.as_str().ok_or_else(unread)?.to_owned()),
    })
}
