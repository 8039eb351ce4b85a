//! Reading .xlsx cell by cell. The range a sheet claims is never set aside, so a cell at the far corner costs nothing.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::grid::{self, Grid};
use super::{Area, HEAD_ROWS, Sheet, Value};
use crate::caps::Clock;
use crate::{Caps, Fault, archive, cell};

/// Days between the two epochs workbooks count from.
const EPOCH_1904: f64 = 1462.0;

/// The bytes of the file, which end with an error when the time is over: the parser has no clock of its own.
struct Clocked<'a> {
    bytes: Cursor<&'a [u8]>,
    clock: Clock,
}

type Book<'a> = Xlsx<Clocked<'a>>;

pub(super) fn read(bytes: &[u8], caps: &Caps, clock: Clock) -> Result<Sheet, Fault> {
    archive::check(bytes, caps, clock, kind)?;
    // The parser's arithmetic on hostile cell names can panic; that is a damaged file and not a fault of the program.
    let parsed = catch_unwind(AssertUnwindSafe(|| parse(bytes, caps, clock)));
    let sheet = parsed.unwrap_or_else(|_| Err(Fault::Broken("the parser gave up".to_owned())));
    // Whatever the parser says once the time is over, the time is why.
    if clock.is_over() { Err(Fault::Slow) } else { sheet }
}

fn kind(names: &[String]) -> Result<(), Fault> {
    let has = |end: &str| names.iter().any(|name| name.replace('\\', "/").ends_with(end));
    if has("vbaproject.bin") || has("vbadata.xml") {
        return Err(Fault::Macro);
    }
    if has("workbook.bin") {
        return Err(Fault::Binary);
    }
    if has("workbook.xml") { Ok(()) } else { Err(Fault::Foreign) }
}

fn parse(bytes: &[u8], caps: &Caps, clock: Clock) -> Result<Sheet, Fault> {
    let mut book = Xlsx::new(Clocked { bytes: Cursor::new(bytes), clock }).map_err(fault)?;
    let names = names(&book);
    let mut chosen: Option<(&String, Grid<'_>)> = None;
    for name in &names {
        let Some(grid) = cells(&mut book, name, caps, clock)? else { continue };
        let is_table = grid.is_table();
        if is_table || (chosen.is_none() && !grid.rows.is_empty()) {
            chosen = Some((name, grid));
        }
        if is_table {
            break;
        }
    }
    let (name, mut grid) = chosen.ok_or(Fault::Blank)?;
    let mut merged = merged(&mut book, name)?;
    grid.fill(&merged, clock)?;
    merged.retain(|area| area.first_row < HEAD_ROWS);
    Ok(Sheet { name: name.clone(), merged, rows: grid.rows, names: names.clone() })
}

/// Worksheets people see. A hidden one often holds the choices of a drop-down list, and comes first.
fn names(book: &Book<'_>) -> Vec<String> {
    let seen = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible;
    book.sheets_metadata().iter().filter(seen).map(|sheet| sheet.name.clone()).collect()
}

fn cells<'a>(book: &mut Book<'_>, name: &str, caps: &'a Caps, clock: Clock) -> Result<Option<Grid<'a>>, Fault> {
    let shift = if book.has_1904_epoch() { EPOCH_1904 } else { 0.0 };
    let mut reader = match book.worksheet_cells_reader(name) {
        Ok(reader) => reader,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(None),
        Err(error) => return Err(fault(error)),
    };
    let mut grid = Grid::new(caps);
    let mut seen = 0_usize;
    while let Some(cell) = reader.next_cell().map_err(fault)? {
        seen += 1;
        if seen.is_multiple_of(4_096) {
            clock.check()?;
        }
        let (row, column) = cell.get_position();
        grid.put(row as usize, column as usize, value(cell.get_value(), shift))?;
    }
    Ok(Some(grid))
}

fn value(data: &DataRef<'_>, shift: f64) -> Value {
    match data {
        DataRef::Empty => Value::Empty,
        DataRef::Int(number) => Value::Number(*number as f64),
        DataRef::Float(number) => finite(*number, Value::Number),
        DataRef::String(raw) => grid::text(raw),
        DataRef::SharedString(raw) => grid::text(raw),
        DataRef::Bool(claim) => Value::Bool(*claim),
        DataRef::DateTime(moment) if moment.is_datetime() => finite(moment.as_f64() + shift, Value::Date),
        DataRef::DateTime(moment) => finite(moment.as_f64(), Value::Number),
        DataRef::DateTimeIso(raw) => cell::serial_of_iso(raw).map_or_else(|| grid::text(raw), Value::Date),
        DataRef::DurationIso(raw) => grid::text(raw),
        DataRef::Error(error) => Value::Error(error.to_string().into()),
    }
}

fn finite(number: f64, kind: fn(f64) -> Value) -> Value {
    if number.is_finite() { kind(number) } else { Value::Error("#NUM!".into()) }
}

fn merged(book: &mut Book<'_>, name: &str) -> Result<Vec<Area>, Fault> {
    let areas = book.merge_cells_by_sheet_name(name).map_err(fault)?;
    let area = |found: calamine::Dimensions| Area {
        first_row: found.start.0 as usize,
        first_column: found.start.1 as usize,
        last_row: found.end.0 as usize,
        last_column: found.end.1 as usize,
    };
    Ok(areas.into_iter().map(area).collect())
}

fn fault(error: XlsxError) -> Fault {
    match error {
        XlsxError::Password => Fault::Locked,
        other => Fault::Broken(other.to_string()),
    }
}

impl Read for Clocked<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.clock.is_over() {
            return Err(io::Error::other("the time is over"));
        }
        self.bytes.read(into)
    }
}

impl Seek for Clocked<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}
