//! A faulty file given back: the same rows, a comment in each faulty cell, and the messages in a last column.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Format, Note, Worksheet, XlsxError};

use crate::table::{fitting, looks_like_formula};
use crate::{Fault, Sheet, Value, cell, look};

/// The head of the column that is added. A file that comes back with it keeps the one column.
pub const HEAD: &str = "问题 / Problems";

/// Comments are drawn objects: beyond this many a workbook opens slowly. The last column has every message.
const NOTES: usize = 2_000;
const SAMPLED: usize = 200;

/// What is wrong with a cell; row and column from 0, as in [`Sheet::rows`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Row of the sheet.
    pub row: usize,
    /// Column of the sheet.
    pub column: usize,
    /// Words for the owner of the file.
    pub message: String,
}

struct Looks {
    plain: Format,
    text: Format,
    quoted: Format,
    date: Format,
    faulty: Format,
    faulty_date: Format,
    column: Format,
}

/// The workbook; `head` is the row in which the new column gets its name.
pub fn xlsx(sheet: &Sheet, head: usize, problems: &[Problem]) -> Result<Vec<u8>, Fault> {
    let mut messages: BTreeMap<usize, BTreeMap<usize, String>> = BTreeMap::new();
    for problem in problems {
        let cell = messages.entry(problem.row).or_default().entry(problem.column).or_default();
        if !cell.is_empty() {
            cell.push('\n');
        }
        cell.push_str(&problem.message);
    }
    let looks = Looks::new();
    let last = last_column(sheet, head);
    let mut book = look::workbook()?;
    let page = book.add_worksheet_with_constant_memory()?;
    page.set_name(look::sheet_name(&sheet.name))?;
    widths(page, sheet, last)?;
    let height = sheet.rows.len().max(messages.keys().last().map_or(0, |row| row + 1)).max(head + 1);
    let mut notes = 0;
    for row in 0..height {
        let faults = messages.get(&row);
        cells(page, sheet, (row, last), faults, &looks)?;
        for (column, message) in faults.into_iter().flatten() {
            notes += 1;
            if notes <= NOTES {
                page.insert_note(at(row)?, column_at(*column)?, &note(message))?;
            }
        }
        let joined = faults.map(|cells| cells.values().cloned().collect::<Vec<_>>().join("\n").replace('\n', "； "));
        if let Some(words) = if row == head { Some(HEAD.to_owned()) } else { joined } {
            page.write_string_with_format(at(row)?, column_at(last)?, fitting(&words), &looks.column)?;
        }
    }
    page.set_freeze_panes(at(head + 1)?, 0)?;
    Ok(book.save_to_buffer()?)
}

/// The column that a former round added, or the one after the widest row.
fn last_column(sheet: &Sheet, head: usize) -> usize {
    let former = sheet.rows.get(head).into_iter().flatten();
    former.clone().position(|value| *value == Value::Text(HEAD.to_owned())).unwrap_or_else(|| sheet.width())
}

fn cells(
    page: &mut Worksheet,
    sheet: &Sheet,
    (row, last): (usize, usize),
    faults: Option<&BTreeMap<usize, String>>,
    looks: &Looks,
) -> Result<(), Fault> {
    let faulty = |column: &usize| faults.is_some_and(|cells| cells.contains_key(column));
    let width = sheet.rows.get(row).map_or(0, Vec::len);
    let end = faults.and_then(|cells| cells.keys().last()).map_or(width, |column| width.max(column + 1));
    for column in (0..end).filter(|column| *column != last) {
        let value = sheet.at(row, column);
        write(page, (at(row)?, column_at(column)?), value, looks.of(value, faulty(&column)))?;
    }
    Ok(())
}

fn write(page: &mut Worksheet, at: (u32, u16), value: &Value, look: &Format) -> Result<(), XlsxError> {
    let (row, column) = at;
    match value {
        Value::Empty => page.write_blank(row, column, look)?,
        Value::Text(text) => page.write_string_with_format(row, column, fitting(text), look)?,
        Value::Number(number) | Value::Date(number) => page.write_number_with_format(row, column, *number, look)?,
        Value::Bool(claim) => page.write_boolean_with_format(row, column, *claim, look)?,
        Value::Error(_) => page.write_string_with_format(row, column, cell::shown(value), look)?,
    };
    Ok(())
}

fn note(message: &str) -> Note {
    let lines = look::width(message).div_ceil(28) + message.matches('\n').count() + 1;
    let height = u32::try_from(lines * 20 + 10).unwrap_or(400).min(400);
    let text: String = message.chars().take(2_000).collect();
    Note::new(text).set_author("Luoshi").add_author_prefix(false).set_width(220).set_height(height)
}

fn widths(page: &mut Worksheet, sheet: &Sheet, last: usize) -> Result<(), Fault> {
    for column in 0..=last {
        let cells = sheet.rows.iter().take(SAMPLED).filter_map(|row| row.get(column));
        let widest = cells.map(|value| look::width(&cell::shown(value))).max().unwrap_or_default();
        let width = if column == last { 60 } else { (widest + 2).clamp(8, 40) };
        page.set_column_width(column_at(column)?, width as f64)?;
    }
    Ok(())
}

fn at(row: usize) -> Result<u32, XlsxError> {
    u32::try_from(row).map_err(|_| XlsxError::RowColumnLimitError)
}

fn column_at(column: usize) -> Result<u16, XlsxError> {
    u16::try_from(column).map_err(|_| XlsxError::RowColumnLimitError)
}

impl Looks {
    fn new() -> Looks {
        let fill = || look::plain().set_background_color("FFE3DC");
        Looks {
            plain: look::plain(),
            // As text, so that an identity number typed anew keeps its digits.
            text: look::plain().set_num_format("@"),
            quoted: look::plain().set_num_format("@").set_quote_prefix(),
            date: look::plain().set_num_format("yyyy-mm-dd"),
            faulty: fill().set_num_format("@"),
            faulty_date: fill().set_num_format("yyyy-mm-dd"),
            column: look::plain().set_font_color("B3261E"),
        }
    }

    fn of(&self, value: &Value, faulty: bool) -> &Format {
        match value {
            Value::Date(_) if faulty => &self.faulty_date,
            _ if faulty => &self.faulty,
            Value::Date(_) => &self.date,
            Value::Text(text) if looks_like_formula(text) => &self.quoted,
            Value::Text(_) => &self.text,
            _ => &self.plain,
        }
    }
}
