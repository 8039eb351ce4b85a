//! Sheets: a spreadsheet from outside, read as rows of values within caps and without believing what it says of itself.

mod csv;
mod grid;
mod mark;
mod wire;
mod xlsx;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

pub use wire::{from_reader, to_writer};

use crate::caps::Clock;
use crate::{Caps, Fault};

/// Rows in which a merged cell stands for all the cells it covers, across as well as down.
pub const HEAD_ROWS: usize = 20;

/// One sheet: the first of the file that holds more than one row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Its name; of a .csv, the name of the file.
    pub name: String,
    /// The names of all visible sheets of the file.
    pub names: Vec<String>,
    /// Merged areas that begin in the first [`HEAD_ROWS`] rows. Their text already stands in every cell.
    pub merged: Vec<Area>,
    /// `rows[0]` is row 1 of the file, blank rows included. A row ends with its last filled cell.
    pub rows: Vec<Vec<Value>>,
}

/// A merged area, first and last inclusive, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// Top row.
    pub first_row: usize,
    /// Left column.
    pub first_column: usize,
    /// Bottom row.
    pub last_row: usize,
    /// Right column.
    pub last_column: usize,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    /// Nothing, or blanks alone.
    #[default]
    Empty,
    /// Text, free of control characters; its spaces are as typed.
    Text(String),
    /// A finite number.
    Number(f64),
    /// A number the workbook shows as a date: days since 1899-12-30, whatever epoch the workbook counts from.
    Date(f64),
    /// True or false.
    Bool(bool),
    /// A formula that failed, such as `#N/A`.
    Error(Box<str>),
}

static EMPTY: Value = Value::Empty;

impl Value {
    /// Whether nothing is there.
    pub fn is_blank(&self) -> bool {
        *self == Value::Empty
    }
}

impl Sheet {
    /// The value at a row and column from 0; empty outside.
    pub fn at(&self, row: usize, column: usize) -> &Value {
        self.rows.get(row).and_then(|row| row.get(column)).unwrap_or(&EMPTY)
    }

    /// Columns of the widest row.
    pub fn width(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or_default()
    }
}

/// The sheet of an .xlsx or .csv file, whatever its name ends in.
pub fn read(bytes: &[u8], file_name: &str) -> Result<Sheet, Fault> {
    read_within(bytes, file_name, &Caps::default())
}

/// The same with caps of one's own.
pub fn read_within(bytes: &[u8], file_name: &str, caps: &Caps) -> Result<Sheet, Fault> {
    if bytes.len() > caps.file {
        return Err(Fault::Large(caps.file >> 20));
    }
    let clock = Clock::start(caps);
    let sheet = match bytes {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => xlsx::read(bytes, caps, clock)?,
        // The container of .xls, .doc, .et, and of any workbook with a password.
        [0xd0, 0xcf, 0x11, 0xe0, ..] => return Err(if is_locked(bytes) { Fault::Locked } else { Fault::Old }),
        _ => csv::read(bytes, stem(file_name), caps, clock)?,
    };
    if sheet.rows.is_empty() {
        return Err(Fault::Blank);
    }
    match mark::find(&sheet.rows) {
        Some(mark) => Err(Fault::Secret(mark)),
        None => Ok(sheet),
    }
}

pub(crate) fn is_locked(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.windows(name.len()).any(|window| window == name)
}

fn stem(file_name: &str) -> &str {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// How many different texts a row shows: a title merged over ten columns is one.
fn variety(row: &[Value]) -> usize {
    let texts = row.iter().filter_map(|value| if let Value::Text(text) = value { Some(text.trim()) } else { None });
    let others = row.iter().filter(|value| !matches!(value, Value::Text(_) | Value::Empty)).count();
    texts.collect::<HashSet<_>>().len() + others
}
