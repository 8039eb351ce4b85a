//! The rows as they are gathered: every cell is paid for before it is kept.

use super::{Area, HEAD_ROWS, Value};
use crate::caps::Clock;
use crate::{Caps, Fault};

pub(super) struct Grid<'a> {
    caps: &'a Caps,
    pub rows: Vec<Vec<Value>>,
    cells: usize,
    text: usize,
}

impl<'a> Grid<'a> {
    pub fn new(caps: &'a Caps) -> Grid<'a> {
        Grid { caps, rows: Vec::new(), cells: 0, text: 0 }
    }

    /// Puts a value in its place. An empty one takes none.
    pub fn put(&mut self, row: usize, column: usize, value: Value) -> Result<(), Fault> {
        if value.is_blank() {
            return Ok(());
        }
        if row >= self.caps.rows {
            return Err(Fault::Rows(self.caps.rows));
        }
        if column >= self.caps.columns {
            return Err(Fault::Columns(row + 1, self.caps.columns));
        }
        self.pay(row, column, &value)?;
        if self.rows.len() <= row {
            self.rows.resize_with(row + 1, Vec::new);
        }
        let Some(cells) = self.rows.get_mut(row) else { return Ok(()) };
        if cells.len() <= column {
            self.cells += column + 1 - cells.len();
            if self.cells > self.caps.cells {
                return Err(Fault::Bulk);
            }
            cells.resize_with(column + 1, Value::default);
        }
        if let Some(cell) = cells.get_mut(column) {
            *cell = value;
        }
        Ok(())
    }

    fn pay(&mut self, row: usize, column: usize, value: &Value) -> Result<(), Fault> {
        let Value::Text(text) = value else { return Ok(()) };
        if text.len() > self.caps.cell_chars && text.chars().count() > self.caps.cell_chars {
            return Err(Fault::LongCell(row + 1, column + 1));
        }
        self.text += text.len();
        if self.text > self.caps.text { Err(Fault::Bulk) } else { Ok(()) }
    }

    /// Whether a second row holds something.
    pub fn is_table(&self) -> bool {
        self.rows.iter().filter(|row| !row.is_empty()).nth(1).is_some()
    }

    /// Lets each merged cell's value stand in the cells it covers: in the head in every direction, further down
    /// only downwards. So a unit's name merged over its people reaches each of them, and a footnote stays one cell.
    pub fn fill(&mut self, areas: &[Area], clock: Clock) -> Result<(), Fault> {
        let (height, width) = (self.rows.len(), self.rows.iter().map(Vec::len).max().unwrap_or_default());
        for area in areas {
            clock.check()?;
            let source = self.rows.get(area.first_row).and_then(|row| row.get(area.first_column));
            let Some(value) = source.filter(|value| !value.is_blank()).cloned() else { continue };
            for row in area.first_row..height.min(area.last_row.saturating_add(1)) {
                let last = if row < HEAD_ROWS { area.last_column } else { area.first_column };
                for column in area.first_column..width.min(last.saturating_add(1)) {
                    let held = self.rows.get(row).and_then(|cells| cells.get(column));
                    if held.is_none_or(Value::is_blank) {
                        self.put(row, column, value.clone())?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A text as a value: control and invisible characters dropped, line breaks and tabs made spaces, blanks alone empty.
pub(super) fn text(raw: &str) -> Value {
    if raw.trim().is_empty() {
        return Value::Empty;
    }
    if !raw.contains(|c| folded(c) != Some(c)) {
        return Value::Text(raw.to_owned());
    }
    let kept: String = raw.chars().filter_map(folded).collect();
    if kept.trim().is_empty() { Value::Empty } else { Value::Text(kept) }
}

fn folded(c: char) -> Option<char> {
    match c {
        '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        // Marks that change the direction of what follows, or cannot be seen: two names would look alike.
        '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}
