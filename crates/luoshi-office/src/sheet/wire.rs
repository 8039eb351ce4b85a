//! A sheet between two processes: one line of JSON for the head, then one line for each row.
//!
//! Files from outside are parsed in a child with little memory. The parent does not trust what comes back either:
//! every cap holds again, and a child that was killed halfway is noticed by the number of rows.

use std::fmt;
use std::io::{BufRead, Read, Write};

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::grid::Grid;
use super::{Area, Sheet, Value};
use crate::caps::Clock;
use crate::{Caps, Fault};

/// Bytes of one line. A full row of long texts is shorter.
const LINE: u64 = 8 << 20;

#[derive(serde::Serialize, serde::Deserialize)]
struct Head {
    name: String,
    names: Vec<String>,
    merged: Vec<Area>,
    rows: usize,
}

/// Writes the head and the rows.
pub fn to_writer(sheet: &Sheet, mut out: impl Write) -> std::io::Result<()> {
    let head = Head {
        name: sheet.name.clone(),
        names: sheet.names.clone(),
        merged: sheet.merged.clone(),
        rows: sheet.rows.len(),
    };
    serde_json::to_writer(&mut out, &head)?;
    out.write_all(b"\n")?;
    for row in &sheet.rows {
        serde_json::to_writer(&mut out, row)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// Reads what [`to_writer`] wrote.
pub fn from_reader(mut from: impl BufRead, caps: &Caps) -> Result<Sheet, Fault> {
    let clock = Clock::start(caps);
    let mut line = Vec::new();
    next(&mut from, &mut line)?;
    let head: Head = serde_json::from_slice(&line).map_err(broken)?;
    if head.rows > caps.rows {
        return Err(Fault::Rows(caps.rows));
    }
    let mut grid = Grid::new(caps);
    for at in 0..head.rows {
        clock.check()?;
        next(&mut from, &mut line)?;
        let row: Vec<Value> = serde_json::from_slice(&line).map_err(broken)?;
        for (column, value) in row.into_iter().enumerate() {
            grid.put(at, column, value)?;
        }
    }
    grid.rows.resize_with(head.rows, Vec::new);
    Ok(Sheet { name: head.name, names: head.names, merged: head.merged, rows: grid.rows })
}

fn next(from: &mut impl BufRead, line: &mut Vec<u8>) -> Result<(), Fault> {
    line.clear();
    from.by_ref().take(LINE).read_until(b'\n', line).map_err(broken)?;
    if line.ends_with(b"\n") {
        Ok(())
    } else if line.len() as u64 >= LINE {
        Err(Fault::Bulk)
    } else {
        Err(Fault::Broken("the reader stopped early".to_owned()))
    }
}

fn broken(error: impl fmt::Display) -> Fault {
    Fault::Broken(error.to_string())
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Empty => out.serialize_unit(),
            Value::Text(text) => out.serialize_str(text),
            Value::Number(number) => out.serialize_f64(*number),
            Value::Bool(claim) => out.serialize_bool(*claim),
            Value::Date(serial) => tag(out, "d", serial),
            Value::Error(name) => tag(out, "e", name),
        }
    }
}

fn tag<S: Serializer>(out: S, key: &str, value: &impl Serialize) -> Result<S::Ok, S::Error> {
    let mut map = out.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
        from.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("null, a text, a number, a truth value, or a date or error in an object")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Empty)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, claim: bool) -> Result<Value, E> {
        Ok(Value::Bool(claim))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let value = match map.next_key::<String>()?.as_deref() {
            Some("d") => Value::Date(map.next_value()?),
            Some("e") => Value::Error(map.next_value()?),
            _ => return Err(de::Error::custom("neither date nor error")),
        };
        match map.next_key::<String>()? {
            None => Ok(value),
            Some(_) => Err(de::Error::custom("one thing too many")),
        }
    }
}
