//! A table as .csv: UTF-8 with BOM so that Excel reads Chinese, and no text that runs as a formula.

use std::borrow::Cow;
use std::io::Write;

use super::{Cell, Table, looks_like_formula, yuan};
use crate::Fault;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Rows as lines, the heads first.
pub(super) struct Lines<W: Write> {
    out: csv::Writer<W>,
    columns: usize,
}

impl<W: Write> Lines<W> {
    pub fn begin(table: &Table, mut out: W) -> Result<Lines<W>, Fault> {
        out.write_all(BOM).map_err(Fault::unwritten)?;
        let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        let heads = table.read().iter().map(|column| safe(&column.head).into_owned());
        out.write_record(heads).map_err(Fault::unwritten)?;
        Ok(Lines { out, columns: table.read().len() })
    }

    pub fn row(&mut self, row: &[Cell]) -> Result<(), Fault> {
        let cells = (0..self.columns).map(|at| row.get(at).map(words).unwrap_or_default());
        self.out.write_record(cells.map(Cow::into_owned)).map_err(Fault::unwritten)
    }

    pub fn end(self) -> Result<W, Fault> {
        self.out.into_inner().map_err(Fault::unwritten)
    }
}

fn words(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Empty => Cow::Borrowed(""),
        Cell::Text(text) | Cell::Date(text) => safe(text),
        Cell::Number(number) | Cell::Key(number) => Cow::Owned(number.to_string()),
        Cell::Decimal(number) => Cow::Owned(number.to_string()),
        Cell::Money(fen) => Cow::Owned(yuan(*fen)),
    }
}

fn safe(text: &str) -> Cow<'_, str> {
    if looks_like_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, Kind};

    fn written(cell: Cell) -> String {
        let mut table = Table::new("").column("a", "甲", Kind::Text).column("b", "乙", Kind::Text);
        table.rows.push(vec![cell]);
        String::from_utf8(table.write(Format::Csv).unwrap()).unwrap()
    }

    #[test]
    fn excel_sees_a_bom_and_every_row_has_all_columns() {
        assert_eq!(written("x".into()), "\u{feff}甲,乙\r\nx,\r\n");
    }

    #[test]
    fn a_text_that_would_run_as_a_formula_gets_an_apostrophe() {
        for start in ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"] {
            let line = written(Cell::Text(format!("{start}1")));
            assert!(line.contains(&format!("'{start}1")), "{line:?}");
        }
    }

    #[test]
    fn numbers_stay_numbers() {
        assert!(written(Cell::Number(-5)).ends_with("\r\n-5,\r\n"));
        assert!(written(Cell::Decimal(-0.5)).ends_with("\r\n-0.5,\r\n"));
        assert!(written(Cell::Money(-1205)).ends_with("\r\n-12.05,\r\n"));
        assert!(written(Cell::Money(i64::MIN)).contains("-92233720368547758.08"));
    }
}
