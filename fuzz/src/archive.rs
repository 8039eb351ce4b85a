//! Bytes that say they are an archive: a workbook, a document, a back-up.

use luoshi_office::{bundle, head, paper, sheet};
use std::io::Cursor;

pub fn read(bytes: &[u8]) {
    let _ = sheet::read(bytes, "a.xlsx");
    let _ = (head::lines(bytes), head::has_macros(bytes));
    let _ = paper::read(bytes, "a.docx");
    if let Ok(mut archive) = bundle::open(Cursor::new(bytes)) {
        let _ = archive.check();
    }
}
