//! How written workbooks look: one font that has Chinese, and widths by what is seen rather than by bytes.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

const FONT: &str = "Microsoft YaHei";
const ROW_PIXELS: u32 = 22;
const COLUMN_PIXELS: u32 = 64;
/// GB 2312, so that a program without the font picks another one for Chinese.
const CHARSET: u8 = 134;

/// A workbook whose unwritten cells have the font too.
pub fn workbook() -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    book.set_default_format(&plain(), ROW_PIXELS, COLUMN_PIXELS)?;
    Ok(book)
}

/// The format every other one is made from.
pub fn plain() -> Format {
    Format::new().set_font_name(FONT).set_font_size(11).set_font_charset(CHARSET)
}

/// Columns a text takes on screen: a Han character takes two.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| if c < '\u{1100}' { 1 } else { 2 }).sum()
}

/// The name of a sheet, without what Excel forbids in it.
pub fn sheet_name(title: &str) -> String {
    let kept: String = title.chars().filter(|c| !"[]:*?/\\'".contains(*c) && !c.is_control()).collect();
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= 31
    };
    let name: String = kept.trim().chars().take_while(fits).collect();
    // Excel keeps the name History for itself.
    if name.is_empty() || name.eq_ignore_ascii_case("history") { "Sheet1".to_owned() } else { name }
}
