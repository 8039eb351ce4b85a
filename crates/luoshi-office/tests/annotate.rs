//! The faulty file that goes back to its owner.

use std::io::{Cursor, Read};

use luoshi_office::{Problem, Sheet, Value, annotate, sheet};

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn problem(row: usize, column: usize, message: &str) -> Problem {
    Problem { row, column, message: message.to_owned() }
}

fn list() -> Sheet {
    let rows = vec![
        vec![text("名册")],
        vec![text("姓名"), text("出生")],
        vec![text("张三"), Value::Date(30_000.0)],
        vec![text("=1"), Value::Number(2019.1)],
    ];
    Sheet { name: "名册".into(), rows, ..Sheet::default() }
}

#[test]
fn the_rows_come_back_with_the_messages_in_a_last_column() {
    let problems = [problem(3, 1, "一月还是十月"), problem(3, 0, "不是姓名"), problem(3, 0, "重复")];
    let bytes = annotate::xlsx(&list(), 1, &problems).unwrap();
    let back = sheet::read(&bytes, "x").unwrap();
    assert_eq!(back.rows[0], list().rows[0]);
    assert_eq!(back.rows[1], [text("姓名"), text("出生"), text(annotate::HEAD)]);
    assert_eq!(back.rows[2], list().rows[2]);
    assert_eq!(back.rows[3], [text("=1"), Value::Number(2019.1), text("不是姓名； 重复； 一月还是十月")]);
}

#[test]
fn each_faulty_cell_has_a_comment() {
    let bytes = annotate::xlsx(&list(), 1, &[problem(3, 1, "一月还是十月"), problem(2, 2, "缺单位")]).unwrap();
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut comments = String::new();
    zip.by_name("xl/comments1.xml").unwrap().read_to_string(&mut comments).unwrap();
    assert!(comments.contains(r#"ref="B4""#) && comments.contains("一月还是十月"), "{comments}");
    assert!(comments.contains(r#"ref="C3""#) && comments.contains("缺单位"), "{comments}");
}

#[test]
fn a_second_round_keeps_the_one_column() {
    let first = sheet::read(&annotate::xlsx(&list(), 1, &[problem(3, 0, "甲")]).unwrap(), "x").unwrap();
    let second = sheet::read(&annotate::xlsx(&first, 1, &[problem(2, 0, "乙")]).unwrap(), "x").unwrap();
    assert_eq!(second.width(), 3);
    assert_eq!((second.at(2, 2), second.at(3, 2)), (&text("乙"), &Value::Empty));
}
