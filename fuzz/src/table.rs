//! Tables as text in UTF-8, UTF-16 and GBK; what is read is written out again with a comment at a cell.

use luoshi_office::{Problem, annotate, sheet};

pub fn read(bytes: &[u8]) {
    let Ok(sheet) = sheet::read(bytes, "a.csv") else { return };
    for row in 0..sheet.rows.len().min(8) {
        for column in 0..sheet.width().min(8) {
            let _ = sheet.at(row, column);
        }
    }
    if sheet.rows.len() < 50 && sheet.width() < 50 {
        let _ = annotate::xlsx(&sheet, 0, &[] as &[Problem]).expect("what was read can be given back");
    }
}
