//! What a list looks like to the program that opens it.
#![allow(clippy::unwrap_used)]

use calamine::{Data, Reader, Xlsx};
use luoshi_office::{Cell, Format, Kind, Sheet, Table, Value, sheet};

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
    for start in ["=", "+", "-", "@", "\t", "＝", "{="] {
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
