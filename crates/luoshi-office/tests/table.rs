//! What a list looks like to the program that opens it.
#![allow(clippy::unwrap_used)]

use calamine::{Data, Reader, Xlsx};
use luoshi_office::{Cell, Format, Kind, Sheet, Table, Value, Writer, sheet};

fn list() -> Table {
    let mut table = Table::new("党费台账")
        .column("name", "姓名", Kind::Text)
        .column("joined", "入党日期", Kind::Date)
        .column("count", "次数", Kind::Number)
        .column("share", "比例", Kind::Number)
        .column("due", "应交（元）", Kind::Number);
    table.rows.push(vec![
        "张三".into(),
        Cell::Date("2019-07-01".into()),
        Cell::Number(12),
        Cell::Decimal(0.25),
        Cell::Money(120_550),
    ]);
    table.rows.push(vec!["=1+1".into(), Cell::Empty, Cell::Number(i64::MAX)]);
    table.totals = Some(vec!["合计".into(), Cell::Empty, Cell::Number(12)]);
    table.note = "截至 2023-12-31".into();
    table
}

fn read(bytes: &[u8]) -> Sheet {
    sheet::read(bytes, "x").unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn a_written_workbook_is_read_back_with_its_types() {
    let sheet = read(&list().write(Format::Xlsx).unwrap());
    assert_eq!(sheet.name, "党费台账");
    assert_eq!(sheet.rows[0], [text("党费台账")]);
    assert_eq!(sheet.at(1, 4), &text("应交（元）"));
    let first = [text("张三"), Value::Date(43647.0), Value::Number(12.0), Value::Number(0.25), Value::Number(1205.5)];
    assert_eq!(sheet.rows[2], first);
    assert_eq!(sheet.at(3, 2), &text("9223372036854775807"));
    assert_eq!(sheet.at(4, 0), &text("合计"));
    assert_eq!(sheet.at(5, 0), &text("截至 2023-12-31"));
}

#[test]
fn no_text_of_a_workbook_is_a_formula() {
    let mut table = Table::new("=1").column("a", "=cmd|' /C calc'!A0", Kind::Text);
    for start in ["=", "+", "-", "@", "\t", "＝", "{=", " =", "\u{3000}＋", "﹦"] {
        table.rows.push(vec![Cell::Text(format!("{start}1+1"))]);
    }
    let bytes = table.write(Format::Xlsx).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let name = book.sheet_names()[0].clone();
    assert!(book.worksheet_formula(&name).unwrap().is_empty());
    let range = book.worksheet_range(&name).unwrap();
    assert_eq!(range.get((2, 0)), Some(&Data::String("=1+1".to_owned())));
}

#[test]
fn an_exported_csv_comes_back_as_it_was() {
    let mut table = Table::new("").column("a", "甲", Kind::Text).column("b", "乙", Kind::Text);
    table.rows.push(vec!["-5 号楼".into(), "a,\"b\"".into()]);
    let sheet = read(&table.write(Format::Csv).unwrap());
    assert_eq!(sheet.rows[1], [text("-5 号楼"), text("a,\"b\"")]);
}

#[test]
fn an_odd_title_and_an_overlong_text_still_make_a_file() {
    let mut table = Table::new("[a]:*?/\\ 全国党员教育培训工作规划落实情况台账第一季度汇总表格及说明附件").column(
        "a",
        "a",
        Kind::Text,
    );
    table.rows.push(vec![Cell::Text("长".repeat(40_000))]);
    let sheet = read(&table.write(Format::Xlsx).unwrap());
    assert_eq!(sheet.name.encode_utf16().count(), 31);
    assert_eq!(sheet.at(2, 0), &text(&"长".repeat(32_767)));
    assert!(Table::new("").write(Format::Xlsx).is_ok());
}

#[test]
fn a_format_is_known_by_its_word() {
    for format in [Format::Xlsx, Format::Csv, Format::Json] {
        assert_eq!(format.extension().parse(), Ok(format));
    }
    assert_eq!("pdf".parse::<Format>(), Err(()));
}

#[test]
fn every_form_of_a_formula_is_escaped_in_a_csv() {
    let starts =
        ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "﹢", "﹣", "﹦", "﹫", " =", "\u{3000}@"];
    for start in starts {
        let mut table = Table::new("").column("a", "甲", Kind::Text);
        table.rows.push(vec![Cell::Text(format!("{start}cmd|' /C calc'!A0"))]);
        let text = String::from_utf8(table.write(Format::Csv).unwrap()).unwrap();
        let cell = text.split_once("\r\n").unwrap().1;
        assert!(cell.trim_start_matches('"').starts_with('\''), "{start:?}: {cell:?}");
    }
}

/// A part of a written workbook.
fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    std::io::read_to_string(archive.by_name(name).unwrap()).unwrap()
}

#[test]
fn a_workbook_has_a_frozen_head_a_chinese_font_and_widths_that_fit() {
    let bytes = list().write(Format::Xlsx).unwrap();
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("ySplit=\"2\"") && sheet.contains("state=\"frozen\""), "{sheet}");
    assert!(sheet.contains("<autoFilter ref=\"A2:E4\"/>"), "the totals are not filtered: {sheet}");
    let widths: Vec<&str> = sheet.split("width=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(widths.len(), 5, "{sheet}");
    assert!(widths[2].starts_with("21."), "the longest number fits: {widths:?}");
    assert!(part(&bytes, "xl/styles.xml").contains("<name val=\"Microsoft YaHei\"/>"));
}

#[test]
fn the_same_list_is_the_same_file_at_any_time() {
    let first = list().write(Format::Xlsx).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(first, list().write(Format::Xlsx).unwrap());
}

#[test]
fn rows_written_one_by_one_make_the_file_of_the_whole_list() {
    for format in [Format::Xlsx, Format::Csv, Format::Json] {
        let (whole, head) = (list(), Table { rows: Vec::new(), ..list() });
        let mut out = Writer::begin(&head, format, std::io::Cursor::new(Vec::new())).unwrap();
        for row in &whole.rows {
            out.row(row).unwrap();
        }
        assert_eq!(out.end(&head).unwrap().into_inner(), whole.write(format).unwrap());
    }
}
