//! What happens to a file from outside: read as it is meant, or refused in words, and never at any cost.
#![allow(clippy::unwrap_used)]

use std::io::{Cursor, Write};
use std::time::Duration;

use luoshi_office::{Caps, Fault, Sheet, Value, sheet};
use rust_xlsxwriter::{Format, Workbook};
use zip::write::{SimpleFileOptions, ZipWriter};

const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
const ROOT: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A workbook of one sheet made by hand, with more parts beside.
fn made(cells: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData>{cells}</sheetData></worksheet>");
    let parts = [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", ROOT),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", RELS),
        ("xl/worksheets/sheet1.xml", &sheet),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts.iter().chain(more) {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn cell(at: &str, text: &str) -> String {
    format!(
        r#"<row r="{}"><c r="{at}" t="inlineStr"><is><t>{text}</t></is></c></row>"#,
        at.trim_start_matches(char::is_alphabetic)
    )
}

fn refused(bytes: &[u8]) -> Fault {
    // a busy machine must not answer "too slow" where something else is meant
    let caps = Caps { time: std::time::Duration::from_secs(300), ..Caps::default() };
    sheet::read_within(bytes, "x.xlsx", &caps).unwrap_err()
}

#[test]
fn a_sheet_bomb_is_refused_in_little_memory() {
    let bytes = made(&(cell("A1", "a") + &cell("XFD1048576", "z")), &[]);
    assert!(bytes.len() < 2_000, "{}", bytes.len());
    assert_eq!(refused(&bytes), Fault::Rows(200_000));
    assert_eq!(refused(&made(&(cell("A1", "a") + &cell("XFD2", "z")), &[])), Fault::Columns(2, 256));
}

#[test]
fn one_long_text_shared_by_many_cells_is_refused() {
    let strings = format!("<sst><si><t>{}</t></si></sst>", "长".repeat(30_000));
    let cells: String =
        (1..2_000).map(|row| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#)).collect();
    assert_eq!(refused(&made(&cells, &[("xl/sharedStrings.xml", &strings)])), Fault::Bulk);
}

#[test]
fn an_impossible_count_of_strings_is_refused_before_memory_is_set_aside() {
    for count in ["18446744073709551615", "99999999999", "1000"] {
        let strings = format!(r#"<?xml version="1.0"?><sst count="1" uniqueCount="{count}"><si><t>a</t></si></sst>"#);
        let bytes = made(&cell("A1", "a"), &[("xl/sharedStrings.xml", &strings)]);
        assert!(matches!(refused(&bytes), Fault::Broken(_)), "{count}");
    }
    let hidden = r#"<!-- <sst> --><sst uniqueCount="99999999999"></sst>"#;
    assert!(matches!(refused(&made("", &[("xl/sharedStrings.xml", hidden)])), Fault::Broken(_)));
}

#[test]
fn what_unpacks_too_large_is_refused_even_if_the_directory_lies() {
    let caps = Caps { unpacked: 1 << 20, ..Caps::default() };
    let mut bytes = made(&cell("A1", "a"), &[("xl/media/a.xml", &"0".repeat(3 << 20))]);
    assert_eq!(sheet::read_within(&bytes, "x", &caps), Err(Fault::Unpacked(1)));
    // The size of the last part in both headers, made to say 16 bytes.
    let size = (3_u32 << 20).to_le_bytes();
    for at in 0..bytes.len() - 4 {
        if bytes[at..at + 4] == size {
            bytes[at..at + 4].copy_from_slice(&16_u32.to_le_bytes());
        }
    }
    assert!(matches!(sheet::read_within(&bytes, "x", &caps), Err(Fault::Broken(_))));
}

#[test]
fn every_cap_holds() {
    let bytes = made(&(cell("A1", "a") + &cell("A2", "b") + &cell("B3", "c")), &[]);
    let default = Caps::default;
    let cases = [
        (Caps { file: 100, ..default() }, Fault::Large(0)),
        (Caps { entries: 4, ..default() }, Fault::Entries(4)),
        (Caps { rows: 2, ..default() }, Fault::Rows(2)),
        (Caps { columns: 1, ..default() }, Fault::Columns(3, 1)),
        (Caps { cells: 3, ..default() }, Fault::Bulk),
        (Caps { text: 2, ..default() }, Fault::Bulk),
        (Caps { cell_chars: 0, ..default() }, Fault::LongCell(1, 1)),
        (Caps { time: Duration::ZERO, ..default() }, Fault::Slow),
    ];
    for (caps, fault) in cases {
        assert_eq!(sheet::read_within(&bytes, "x", &caps), Err(fault));
    }
    assert_eq!(sheet::read(&bytes, "x").unwrap().rows.len(), 3);
}

#[test]
fn what_is_no_plain_workbook_is_refused_with_the_way_out() {
    let mut old = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    assert_eq!(refused(&old), Fault::Old);
    old.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(refused(&old), Fault::Locked);
    assert_eq!(refused(&made(&cell("A1", "a"), &[("xl/vbaProject.bin", "x")])), Fault::Macro);
    assert_eq!(refused(&made(&cell("A1", "a"), &[("xl/workbook.bin", "x")])), Fault::Binary);
    assert_eq!(refused(b"%PDF-1.7 ..."), Fault::Foreign);
    assert_eq!(refused(b"<html><table></table>"), Fault::Foreign);
    assert_eq!(refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff"), Fault::Foreign);
    assert_eq!(refused(b"\xff\x81\xff\xff"), Fault::Encoding);
    assert!(matches!(refused(b"PK\x03\x04rubbish"), Fault::Broken(_)));
    assert_eq!(refused(b""), Fault::Blank);
    assert_eq!(refused(&made("", &[])), Fault::Blank);
    for fault in [Fault::Old, Fault::Macro, Fault::Binary, Fault::Locked] {
        assert!(
            fault.say(true).contains("另存为") && fault.say(false).contains("save as")
                || fault.say(false).contains("Save it as")
        );
    }
}

#[test]
fn a_file_marked_secret_is_refused_and_not_shown() {
    let csv = "秘密★1年\n姓名,性别,单位\n张三,男,一处\n";
    assert_eq!(sheet::read(csv.as_bytes(), "x.csv"), Err(Fault::Secret("秘密★1年".into())));
    assert!(sheet::read("姓名,单位\n张三,机密局\n".as_bytes(), "x.csv").is_ok());
}

#[test]
fn a_csv_is_read_in_each_encoding_and_separator() {
    let (gbk, _, _) = encoding_rs::GBK.encode("姓名,单位\n张三,一处\n");
    let utf16: Vec<u8> = "\u{feff}姓名\t单位\n张三\t一处\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: [&[u8]; 6] = [
        "姓名,单位\n张三,一处\n".as_bytes(),
        "\u{feff}姓名,单位\r\n张三,一处".as_bytes(),
        "姓名;单位\n张三;一处\n".as_bytes(),
        "姓名\t单位\n\"张三\"\t一处\n".as_bytes(),
        &gbk,
        &utf16,
    ];
    for file in files {
        let sheet = sheet::read(file, "dir/名册.csv").unwrap();
        assert_eq!(sheet.rows, [[text("姓名"), text("单位")], [text("张三"), text("一处")]]);
        assert_eq!(sheet.name, "名册");
    }
}

#[test]
fn rows_of_a_csv_keep_the_numbers_the_clerk_sees() {
    let sheet = sheet::read("a,b\r\n\r\n\r\n\"x\r\ny\",2\r\n\r\nlast,3".as_bytes(), "x.csv").unwrap();
    assert_eq!(sheet.rows.len(), 6);
    assert_eq!(sheet.rows[3], [text("x y"), text("2")]);
    assert_eq!(sheet.rows[5], [text("last"), text("3")]);
}

#[test]
fn october_that_excel_saved_as_one_tenth_stays_a_number() {
    let sheet = sheet::read("a,2019.1\nb,2019.10\n".as_bytes(), "x.csv").unwrap();
    assert_eq!((sheet.at(0, 1), sheet.at(1, 1)), (&Value::Number(2019.1), &text("2019.10")));
}

#[test]
fn control_and_invisible_characters_do_not_come_in() {
    let sheet = sheet::read("a\0\u{1}b,\"c\td\",\u{202e}e\u{200b},  \n".as_bytes(), "x.csv").unwrap();
    assert_eq!(sheet.rows, [[text("ab"), text("c d"), text("e")]]);
}

#[test]
fn a_merged_head_stands_in_every_cell_and_a_merged_unit_reaches_its_people() {
    let (mut book, plain) = (Workbook::new(), Format::new());
    let hidden = book.add_worksheet().set_name("字典").unwrap();
    hidden.write(0, 0, "a").unwrap().write(1, 0, "b").unwrap().set_hidden(true);
    book.add_worksheet().set_name("说明").unwrap().write(0, 0, "请填第二张表").unwrap();
    let page = book.add_worksheet().set_name("名册").unwrap().set_active(true);
    page.merge_range(0, 0, 0, 2, "党员名册", &plain).unwrap();
    page.merge_range(1, 1, 1, 2, "时间", &plain).unwrap();
    page.merge_range(1, 0, 2, 0, "单位", &plain).unwrap();
    page.write(2, 1, "出生").unwrap().write(2, 2, "入党").unwrap();
    page.merge_range(3, 0, 40, 0, "一处", &plain).unwrap();
    page.write(40, 2, "x").unwrap();
    page.merge_range(41, 0, 41, 2, "注：以上", &plain).unwrap();
    let sheet = sheet::read(&book.save_to_buffer().unwrap(), "x.xlsx").unwrap();
    assert_eq!((sheet.name.as_str(), sheet.names.len()), ("名册", 2));
    assert_eq!(sheet.rows[0], [text("党员名册"), text("党员名册"), text("党员名册")]);
    assert_eq!(sheet.rows[1], [text("单位"), text("时间"), text("时间")]);
    assert_eq!(sheet.rows[2], [text("单位"), text("出生"), text("入党")]);
    assert_eq!((sheet.at(30, 0), sheet.at(30, 1)), (&text("一处"), &Value::Empty));
    assert_eq!(sheet.rows[41], [text("注：以上")]);
    assert_eq!(sheet.merged.len(), 4);
}

#[test]
fn many_wide_merges_over_one_another_end_in_time() {
    let merges: String = (0..20_000).map(|_| r#"<mergeCell ref="A1:XFD1048576"/>"#).collect();
    let sheet = format!(
        "<worksheet><sheetData>{}{}</sheetData><mergeCells>{merges}</mergeCells></worksheet>",
        cell("A1", "a"),
        cell("CV2000", "z")
    );
    let bytes = made("", &[]);
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..zip.len() {
        let part = zip.by_index_raw(at).unwrap();
        if part.name().unwrap() != "xl/worksheets/sheet1.xml" {
            out.raw_copy_file(part).unwrap();
        }
    }
    out.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default()).unwrap();
    out.write_all(sheet.as_bytes()).unwrap();
    let caps = Caps { time: Duration::from_secs(1), ..Caps::default() };
    let begun = std::time::Instant::now();
    let _ = sheet::read_within(&out.finish().unwrap().into_inner(), "x", &caps);
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[test]
fn dates_come_as_day_numbers_whatever_the_epoch() {
    let cells = r#"<row r="1"><c r="A1" t="d"><v>2019-07-01T00:00:00</v></c><c r="B1"><v>1e999</v></c><c r="C1" t="b"><v>1</v></c><c r="D1" t="e"><v>#N/A</v></c></row>"#;
    let sheet = sheet::read(&made(cells, &[]), "x").unwrap();
    assert_eq!(
        sheet.rows[0],
        [Value::Date(43647.0), Value::Error("#NUM!".into()), Value::Bool(true), Value::Error("#N/A".into())]
    );
}

fn wired(sheet: &Sheet) -> Vec<u8> {
    let mut bytes = Vec::new();
    sheet::to_writer(sheet, &mut bytes).unwrap();
    bytes
}

#[test]
fn a_sheet_crosses_between_processes_unchanged_and_capped() {
    let row = vec![
        Value::Empty,
        text("张\n三"),
        Value::Number(1.5),
        Value::Date(43647.5),
        Value::Bool(false),
        Value::Error("#N/A".into()),
    ];
    let rows = vec![Vec::new(), row, vec![Value::Number(3.0)]];
    let area = luoshi_office::Area { first_row: 0, first_column: 0, last_row: 1, last_column: 2 };
    let sheet = Sheet { name: "名".into(), names: vec!["名".into()], merged: vec![area], rows };
    let bytes = wired(&sheet);
    assert_eq!(sheet::from_reader(bytes.as_slice(), &Caps::default()), Ok(sheet));
    assert!(matches!(sheet::from_reader(&bytes[..bytes.len() - 5], &Caps::default()), Err(Fault::Broken(_))));
    let caps = |rows, columns| Caps { rows, columns, ..Caps::default() };
    assert_eq!(sheet::from_reader(bytes.as_slice(), &caps(2, 99)), Err(Fault::Rows(2)));
    assert_eq!(sheet::from_reader(bytes.as_slice(), &caps(9, 3)), Err(Fault::Columns(2, 3)));
    assert_eq!(size_of::<Value>(), 24);
}

#[test]
fn bytes_changed_at_random_never_panic() {
    let mut seed = 88_172_645_463_325_252_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let (gbk, _, _) = encoding_rs::GBK.encode("姓名,单位\n\"张三\",一处\n2019.7,x\n");
    let stored = made(
        &(cell("A1", "a") + &cell("B2", "b")),
        &[("xl/sharedStrings.xml", "<sst uniqueCount=\"1\"><si><t>a</t></si></sst>")],
    );
    let wire = wired(&sheet::read(&stored, "x").unwrap());
    for original in [gbk.to_vec(), stored, wire] {
        for _ in 0..1_500 {
            let mut bytes = original.clone();
            for _ in 0..=random(8) {
                let at = random(bytes.len());
                bytes[at] = random(256) as u8;
            }
            bytes.truncate(bytes.len() - random(3) * random(bytes.len()) / 2);
            let read = sheet::read(&bytes, "x");
            let wired = sheet::from_reader(bytes.as_slice(), &Caps::default());
            for value in read.iter().chain(&wired).flat_map(|sheet| sheet.rows.iter().flatten()) {
                let _ = (luoshi_office::cell::date(value), luoshi_office::cell::whole(value));
                let _ = (luoshi_office::cell::text(value), luoshi_office::cell::digits(value));
            }
        }
    }
    // Cell names that overflow the parser's arithmetic.
    for name in ["A99999999999", "ZZZZZZZZZZ1", "A0", "1", "A", "张1", "A-1"] {
        let _ = sheet::read(&made(&format!(r#"<row r="{name}"><c r="{name}"><v>1</v></c></row>"#), &[]), "x");
    }
}
