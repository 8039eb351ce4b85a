//! A table as .xlsx: real types, a frozen head with filters, widths that fit, and no text that runs as a formula.

use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

use super::{Cell, Column, Kind, Table, looks_like_formula, yuan};
use crate::{Fault, look};

/// Digits Excel keeps of a number; a longer one is written as text, so that none is lost.
const EXACT: u64 = 999_999_999_999_999;
/// Rows that are looked at to find a column's width.
const SAMPLED: usize = 200;
const NARROW: usize = 8;
const WIDE: usize = 50;
/// What a text cell of Excel can hold, in UTF-16 units.
const LONGEST: usize = 32_767;

struct Looks {
    title: Format,
    head: Format,
    text: Format,
    quoted: Format,
    centre: Format,
    whole: Format,
    decimal: Format,
    money: Format,
    date: Format,
}

/// The workbook. Rows go to a temporary file as they are written, so memory does not grow with them.
pub fn to_xlsx(table: &Table) -> Result<Vec<u8>, Fault> {
    let looks = Looks::new();
    let mut book = look::workbook()?;
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(look::sheet_name(&table.title))?;
    for (at, column) in (0u16..).zip(&table.columns) {
        sheet.set_column_width(at, width(table, usize::from(at), column) as f64)?;
    }
    let head = u32::from(!table.title.is_empty());
    if head > 0 {
        sheet.write_string_with_format(0, 0, fitting(&table.title), &looks.title)?;
    }
    for (at, column) in (0u16..).zip(&table.columns) {
        sheet.write_string_with_format(head, at, fitting(&column.head), &looks.head)?;
    }
    rows(sheet, table, head + 1, &looks)?;
    sheet.set_freeze_panes(head + 1, 0)?;
    sheet.set_repeat_rows(head, head)?;
    if let Some(last) = u16::try_from(table.columns.len()).ok().and_then(|count| count.checked_sub(1)) {
        sheet.autofilter(head, 0, head + table.rows.len() as u32, last)?;
    }
    Ok(book.save_to_buffer()?)
}

fn rows(sheet: &mut Worksheet, table: &Table, first: u32, looks: &Looks) -> Result<(), XlsxError> {
    let mut at = first;
    for row in table.rows.iter().chain(&table.totals) {
        for (column, cell) in (0u16..).zip(row.iter().take(table.columns.len())) {
            write(sheet, (at, column), cell, looks)?;
        }
        at += 1;
    }
    if !table.note.is_empty() {
        sheet.write_string_with_format(at, 0, fitting(&table.note), &looks.text)?;
    }
    Ok(())
}

fn write(sheet: &mut Worksheet, at: (u32, u16), cell: &Cell, looks: &Looks) -> Result<(), XlsxError> {
    let (row, column) = at;
    match cell {
        Cell::Empty => return Ok(()),
        Cell::Text(text) => return write_text(sheet, at, text, looks),
        Cell::Number(number) if number.unsigned_abs() > EXACT => {
            return write_text(sheet, at, &number.to_string(), looks);
        }
        Cell::Money(fen) if fen.unsigned_abs() > EXACT => return write_text(sheet, at, &yuan(*fen), looks),
        Cell::Decimal(number) if !number.is_finite() => return write_text(sheet, at, &number.to_string(), looks),
        Cell::Number(number) => sheet.write_number_with_format(row, column, *number as f64, &looks.whole)?,
        Cell::Decimal(number) => sheet.write_number_with_format(row, column, *number, &looks.decimal)?,
        Cell::Money(fen) => sheet.write_number_with_format(row, column, *fen as f64 / 100.0, &looks.money)?,
        Cell::Date(day) => match ExcelDateTime::parse_from_str(day) {
            Ok(date) if day.len() == 10 => sheet.write_datetime_with_format(row, column, date, &looks.date)?,
            // A month alone, or a day before 1900, is no date to Excel.
            _ => sheet.write_string_with_format(row, column, fitting(day), &looks.centre)?,
        },
    };
    Ok(())
}

fn write_text(sheet: &mut Worksheet, at: (u32, u16), text: &str, looks: &Looks) -> Result<(), XlsxError> {
    let look = if looks_like_formula(text) { &looks.quoted } else { &looks.text };
    sheet.write_string_with_format(at.0, at.1, fitting(text), look)?;
    Ok(())
}

/// The text as far as a cell can hold it.
pub(crate) fn fitting(text: &str) -> &str {
    if text.len() <= LONGEST {
        return text;
    }
    let mut units = 0;
    let fits = |(_, c): &(usize, char)| {
        units += c.len_utf16();
        units <= LONGEST
    };
    let end = text.char_indices().take_while(fits).last().map_or(0, |(at, c)| at + c.len_utf8());
    text.get(..end).unwrap_or_default()
}

fn width(table: &Table, at: usize, column: &Column) -> usize {
    if let Some(width) = column.width {
        return usize::from(width);
    }
    let seen = |cell: &Cell| match cell {
        Cell::Empty => 0,
        Cell::Text(text) | Cell::Date(text) => look::width(text),
        Cell::Number(number) => number.to_string().len(),
        Cell::Decimal(number) => number.to_string().len(),
        Cell::Money(fen) => yuan(*fen).len() + 3,
    };
    let cells = table.rows.iter().take(SAMPLED).chain(&table.totals).filter_map(|row| row.get(at)).map(seen);
    // Two more for the filter's button.
    let head = look::width(&column.head) + if column.kind == Kind::Text { 2 } else { 3 };
    cells.chain([head]).max().unwrap_or_default().saturating_add(2).clamp(NARROW, WIDE)
}

impl Looks {
    fn new() -> Looks {
        let plain = look::plain;
        Looks {
            title: plain().set_bold().set_font_size(14),
            head: plain()
                .set_bold()
                .set_background_color("EDEDED")
                .set_border_bottom(FormatBorder::Thin)
                .set_align(FormatAlign::Center),
            text: plain(),
            quoted: plain().set_quote_prefix(),
            centre: plain().set_align(FormatAlign::Center),
            whole: plain().set_num_format("0"),
            decimal: plain(),
            money: plain().set_num_format("#,##0.00"),
            date: plain().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Center),
        }
    }
}
