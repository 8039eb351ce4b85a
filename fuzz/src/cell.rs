//! What stands in one cell: days, numbers, text.

use luoshi_office::{Value, cell};

pub fn read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let number = bytes.first_chunk::<8>().map_or(0.0, |chunk| f64::from_le_bytes(*chunk));
    for value in [Value::Text(text), Value::Number(number)] {
        if let Ok(day) = cell::date(&value) {
            assert!((1900..=2100).contains(&day.year) && (1..=12).contains(&day.month), "{day:?}");
            let written = jiff::civil::Date::new(day.year, day.month, day.day.unwrap_or(1)).expect("a day there is");
            let again = cell::date(&Value::Text(written.to_string())).expect("a day as we write it");
            assert_eq!((again.year, again.month, again.day), (day.year, day.month, Some(day.day.unwrap_or(1))));
        }
        let _ = (cell::whole(&value), cell::digits(&value), cell::text(&value));
    }
}
