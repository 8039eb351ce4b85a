//! What stands in one cell: days, numbers, text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use luoshi_office::{Value, cell};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let number = bytes.first_chunk::<8>().map_or(0.0, |chunk| f64::from_le_bytes(*chunk));
    for value in [Value::Text(text), Value::Number(number)] {
        let _ = cell::date(&value);
        let _ = cell::whole(&value);
        let _ = cell::digits(&value);
        let _ = cell::text(&value);
    }
});
