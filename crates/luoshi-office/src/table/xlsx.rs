//! A table as .xlsx: real types, a frozen head with filters, widths that fit, and no text that runs as a formula.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use std::io::{Seek, Write};

use super::{Cell, Kind, Table, looks_like_formula, yuan};
use crate::{Fault, look};

/// Digits Excel keeps of a number; a longer one is written as text, so that none is lost.
const EXACT: u64 = 999_999_999_999_999;
/// Rows that are looked at to find a column's width.
const SAMPLED: u32 = 200;
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

/// A workbook of one sheet, written row by row. Rows go to a temporary file, so memory does not grow with them.
pub(super) struct Xlsx {
    book: Workbook,
    sheet: Sheet,
}

/// A sheet being written.
struct Sheet {
    looks: Looks,
    /// in the workbook
    index: usize,
    /// of each column, as seen so far; none where it is given
    widths: Vec<Option<usize>>,
    /// the row of the heads
    head: u32,
    /// the row that comes next
    next: u32,
}

/// A workbook with a sheet for each list, the same bytes for the same lists.
pub fn to_book(tables: &[Table], out: impl Write + Seek + Send) -> Result<(), Fault> {
    let mut book = book()?;
    for (index, table) in tables.iter().enumerate() {
        let mut sheet = Sheet::begin(&mut book, index, table)?;
        table.rows.iter().try_for_each(|row| sheet.row(&mut book, row))?;
        sheet.end(&mut book, table)?;
    }
    Ok(book.save_to_writer(out)?)
}

/// A workbook that does not say when it was made: a file of the same facts is the same file.
fn book() -> Result<Workbook, XlsxError> {
    let mut book = look::workbook()?;
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    Ok(book)
}

impl Xlsx {
    pub fn begin(table: &Table) -> Result<Xlsx, Fault> {
        let mut book = book()?;
        let sheet = Sheet::begin(&mut book, 0, table)?;
        Ok(Xlsx { book, sheet })
    }

    pub fn row(&mut self, row: &[Cell]) -> Result<(), Fault> {
        Ok(self.sheet.row(&mut self.book, row)?)
    }

    pub fn end(mut self, table: &Table, out: impl Write + Seek + Send) -> Result<(), Fault> {
        self.sheet.end(&mut self.book, table)?;
        Ok(self.book.save_to_writer(out)?)
    }
}

impl Sheet {
    fn begin(book: &mut Workbook, index: usize, table: &Table) -> Result<Sheet, XlsxError> {
        let looks = Looks::new();
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name(look::sheet_name(&table.title))?;
        let head = u32::from(!table.title.is_empty());
        if head > 0 {
            sheet.write_string_with_format(0, 0, fitting(&table.title), &looks.title)?;
        }
        for (at, column) in (0u16..).zip(table.read()) {
            sheet.write_string_with_format(head, at, fitting(&column.head), &looks.head)?;
        }
        // two more for the filter's button
        let of_head = |head: &str, kind| look::width(head) + if kind == Kind::Text { 2 } else { 3 };
        let widths = table.read().iter().map(|one| one.width.is_none().then(|| of_head(&one.head, one.kind)));
        Ok(Sheet { widths: widths.collect(), looks, index, head, next: head + 1 })
    }

    fn row(&mut self, book: &mut Workbook, row: &[Cell]) -> Result<(), XlsxError> {
        let sheet = book.worksheet_from_index(self.index)?;
        for (column, cell) in (0u16..).zip(row.iter().take(self.widths.len())) {
            write(sheet, (self.next, column), cell, &self.looks)?;
        }
        if self.next <= self.head + SAMPLED {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = width.map(|width| width.max(seen(cell)));
            }
        }
        self.next += 1;
        Ok(())
    }

    fn end(mut self, book: &mut Workbook, table: &Table) -> Result<(), XlsxError> {
        let last_row = self.next - 1;
        if let Some(totals) = &table.totals {
            self.row(book, totals)?;
        }
        let sheet = book.worksheet_from_index(self.index)?;
        if !table.note.is_empty() {
            sheet.write_string_with_format(self.next, 0, fitting(&table.note), &self.looks.text)?;
        }
        for (at, column) in (0u16..).zip(table.read()) {
            let seen = self.widths.get(usize::from(at)).copied().flatten().unwrap_or_default();
            let width = column.width.map_or(seen.saturating_add(2).clamp(NARROW, WIDE), usize::from);
            sheet.set_column_width(at, width as f64)?;
        }
        sheet.set_freeze_panes(self.head + 1, 0)?;
        sheet.set_repeat_rows(self.head, self.head)?;
        if let Some(last) = u16::try_from(table.read().len()).ok().and_then(|count| count.checked_sub(1)) {
            sheet.autofilter(self.head, 0, last_row, last)?;
        }
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        Ok(())
    }
}

fn write(sheet: &mut Worksheet, at: (u32, u16), cell: &Cell, looks: &Looks) -> Result<(), XlsxError> {
    let (row, column) = at;
    match cell {
        Cell::Empty => return Ok(()),
        Cell::Text(text) => return write_text(sheet, at, text, looks),
        Cell::Key(key) => return write_text(sheet, at, &key.to_string(), looks),
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

/// Columns a cell takes on screen.
fn seen(cell: &Cell) -> usize {
    match cell {
        Cell::Empty => 0,
        Cell::Text(text) | Cell::Date(text) => look::width(text),
        Cell::Number(number) | Cell::Key(number) => number.to_string().len(),
        Cell::Decimal(number) => number.to_string().len(),
        Cell::Money(fen) => yuan(*fen).len() + 3,
    }
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
