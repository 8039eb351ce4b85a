//! A table as JSON: an array of objects under the keys of the columns, in their order.

use std::io::Write;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Cell, Column, Table};
use crate::Fault;

struct Line<'a>(&'a [Column], &'a [Cell]);

/// The rows as objects, one a line. Money is in yuan, as on the page; what is absent is null.
pub(super) struct Lines<W> {
    out: W,
    columns: Vec<Column>,
    first: bool,
}

impl<W: Write> Lines<W> {
    pub fn begin(table: &Table, mut out: W) -> Result<Lines<W>, Fault> {
        out.write_all(b"[").map_err(Fault::unwritten)?;
        Ok(Lines { out, columns: table.columns.clone(), first: true })
    }

    pub fn row(&mut self, row: &[Cell]) -> Result<(), Fault> {
        let between: &[u8] = if self.first { b"\n" } else { b",\n" };
        self.first = false;
        self.out.write_all(between).map_err(Fault::unwritten)?;
        serde_json::to_writer(&mut self.out, &Line(&self.columns, row)).map_err(Fault::unwritten)
    }

    pub fn end(mut self) -> Result<W, Fault> {
        self.out.write_all(b"\n]\n").map_err(Fault::unwritten)?;
        Ok(self.out)
    }
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(self.0.len()))?;
        for (at, column) in self.0.iter().enumerate() {
            map.serialize_entry(column.key, self.1.get(at).unwrap_or(&Cell::Empty))?;
        }
        map.end()
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Empty => out.serialize_unit(),
            Cell::Text(text) | Cell::Date(text) => out.serialize_str(text),
            Cell::Key(key) => out.collect_str(key),
            Cell::Number(number) => out.serialize_i64(*number),
            Cell::Decimal(number) => out.serialize_f64(*number),
            Cell::Money(fen) => out.serialize_f64(*fen as f64 / 100.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, Kind};

    #[test]
    fn numbers_are_numbers_and_the_absent_is_null() {
        let mut table = Table::new("t").column("name", "姓名", Kind::Text).column("due", "应交", Kind::Number);
        table.rows.push(vec!["张三".into(), Cell::Money(1205)]);
        table.rows.push(vec![Cell::Number(i64::MAX)]);
        let json = String::from_utf8(table.write(Format::Json).unwrap()).unwrap();
        let want = "[\n{\"name\":\"张三\",\"due\":12.05},\n{\"name\":9223372036854775807,\"due\":null}\n]\n";
        assert_eq!(json, want);
    }

    #[test]
    fn keys_are_for_programs_alone() {
        let mut table = Table::new("t").column("name", "姓名", Kind::Text).key("id");
        table.rows.push(vec!["张三".into(), Cell::Key(i64::MAX)]);
        let json = String::from_utf8(table.write(Format::Json).unwrap()).unwrap();
        assert_eq!(json, "[\n{\"name\":\"张三\",\"id\":\"9223372036854775807\"}\n]\n");
        let csv = String::from_utf8(table.write(Format::Csv).unwrap()).unwrap();
        assert_eq!(csv, "\u{feff}姓名\r\n张三\r\n");
    }

    #[test]
    fn what_is_no_number_becomes_null_and_not_broken_json() {
        let mut table = Table::new("t").column("x", "x", Kind::Number);
        table.rows.push(vec![Cell::Decimal(f64::NAN)]);
        assert_eq!(table.write(Format::Json).unwrap(), b"[\n{\"x\":null}\n]\n");
    }
}
