//! Tables: any list of the system, built once and written as .xlsx, .csv or JSON.
//!
//! The .xlsx is for people: title, totals and note are in it. The .csv and the JSON are for programs and hold
//! the rows alone, so that nothing has to be cut off before they are used.

mod csv;
mod json;
mod xlsx;

use std::io::{Cursor, Seek, Write};
use std::str::FromStr;

pub(crate) use self::xlsx::fitting;
pub use self::xlsx::to_book;
use crate::Fault;

/// A list: columns, rows, and what stands above and below them. All words are already in one language.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Above the head, and the name of the sheet.
    pub title: String,
    /// What each cell of a row is.
    pub columns: Vec<Column>,
    /// A row may be short: what is missing is empty.
    pub rows: Vec<Vec<Cell>>,
    /// Below the rows.
    pub totals: Option<Vec<Cell>>,
    /// Below everything: how the list was made, of which day. May be empty.
    pub note: String,
}

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// The name in JSON: English, stable.
    pub key: &'static str,
    /// The head people read.
    pub head: String,
    /// What its cells are, which says how they stand.
    pub kind: Kind,
    /// Width in characters of the Latin alphabet; found from the cells when absent.
    pub width: Option<u16>,
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Stands left.
    Text,
    /// Stands right.
    Number,
    /// Stands in the middle.
    Date,
    /// What programs call the row, or what the row belongs to; in JSON alone, and behind the columns people read.
    Key,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Words, or digits that are no number: codes, telephones.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A number with decimals.
    Decimal(f64),
    /// A day as `YYYY-MM-DD`.
    Date(String),
    /// Money in fen; written in yuan.
    Money(i64),
    /// A key, written as digits in a string: numbers of some programs are too short for it.
    Key(i64),
}

/// The three ways a list leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Excel workbook.
    Xlsx,
    /// Comma-separated, UTF-8 with BOM.
    Csv,
    /// An array of objects.
    Json,
}

impl Table {
    /// An empty list with a title.
    pub fn new(title: impl Into<String>) -> Table {
        Table { title: title.into(), ..Table::default() }
    }

    /// The same list with one more column.
    pub fn column(mut self, key: &'static str, head: impl Into<String>, kind: Kind) -> Table {
        self.columns.push(Column { key, head: head.into(), kind, width: None });
        self
    }

    /// The same list with one more key, for programs; columns that people read come before.
    pub fn key(self, key: &'static str) -> Table {
        self.column(key, "", Kind::Key)
    }

    /// The columns that people read.
    pub fn read(&self) -> &[Column] {
        let keys = self.columns.iter().position(|column| column.kind == Kind::Key);
        self.columns.get(..keys.unwrap_or(self.columns.len())).unwrap_or_default()
    }

    /// The list in a format.
    pub fn write(&self, format: Format) -> Result<Vec<u8>, Fault> {
        let mut out = Writer::begin(self, format, Cursor::new(Vec::new()))?;
        self.rows.iter().try_for_each(|row| out.row(row))?;
        Ok(out.end(self)?.into_inner())
    }
}

/// A list being written, row by row: however long it is, none is kept.
pub struct Writer<W: Write + Seek + Send>(Shape<W>);

enum Shape<W: Write + Seek + Send> {
    Xlsx(Box<xlsx::Xlsx>, W),
    Csv(Box<csv::Lines<W>>),
    Json(json::Lines<W>),
}

impl<W: Write + Seek + Send> Writer<W> {
    /// Begins a list with the title and the columns of a table; its rows are not looked at.
    pub fn begin(table: &Table, format: Format, out: W) -> Result<Writer<W>, Fault> {
        Ok(Writer(match format {
            Format::Xlsx => Shape::Xlsx(Box::new(xlsx::Xlsx::begin(table)?), out),
            Format::Csv => Shape::Csv(Box::new(csv::Lines::begin(table, out)?)),
            Format::Json => Shape::Json(json::Lines::begin(table, out)?),
        }))
    }

    /// Writes the next row.
    pub fn row(&mut self, row: &[Cell]) -> Result<(), Fault> {
        match &mut self.0 {
            Shape::Xlsx(book, _) => book.row(row),
            Shape::Csv(lines) => lines.row(row),
            Shape::Json(lines) => lines.row(row),
        }
    }

    /// Ends the list with the totals and the note of the table.
    pub fn end(self, table: &Table) -> Result<W, Fault> {
        match self.0 {
            Shape::Xlsx(book, mut out) => {
                book.end(table, &mut out)?;
                Ok(out)
            }
            Shape::Csv(lines) => lines.end(),
            Shape::Json(lines) => lines.end(),
        }
    }
}

impl Format {
    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Format::Csv => "text/csv; charset=utf-8",
            Format::Json => "application/json",
        }
    }

    /// The end of the file's name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Xlsx => "xlsx",
            Format::Csv => "csv",
            Format::Json => "json",
        }
    }
}

impl FromStr for Format {
    type Err = ();

    fn from_str(word: &str) -> Result<Format, ()> {
        [Format::Xlsx, Format::Csv, Format::Json].into_iter().find(|f| f.extension() == word).ok_or(())
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Cell {
        Cell::Number(number)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Empty, Into::into)
    }
}

/// Whether a spreadsheet program would take the text for a formula. Some take the full-width signs for the plain ones.
/// Spaces before them do not help: such programs trim.
pub(crate) fn looks_like_formula(text: &str) -> bool {
    let blank = |c: char| c.is_whitespace() && !matches!(c, '\t' | '\r' | '\n');
    let said = text.trim_start_matches(|c| blank(c) || c == '\u{feff}');
    said.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '﹢', '﹣', '﹦', '﹫', '−', '⁼'])
}

/// Fen as yuan with two decimals, exact at any size.
pub(crate) fn yuan(fen: i64) -> String {
    let (sign, size) = (if fen < 0 { "-" } else { "" }, fen.unsigned_abs());
    format!("{sign}{}.{:02}", size / 100, size % 100)
}
