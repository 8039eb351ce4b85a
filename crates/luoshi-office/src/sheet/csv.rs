//! Reading .csv: the encoding and the separator are found from the bytes.

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::{Sheet, Value, grid};
use crate::caps::Clock;
use crate::table::looks_like_formula;
use crate::{Caps, Fault};

/// Characters at the start from which the separator is found.
const SAMPLE: usize = 8_192;

pub(super) fn read(bytes: &[u8], name: &str, caps: &Caps, clock: Clock) -> Result<Sheet, Fault> {
    // One kind of line end, so that lines can be counted.
    let mut text = decode(bytes)?.replace("\r\n", "\n").replace('\r', "\n");
    if is_foreign(&text) {
        return Err(Fault::Foreign);
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(&text))
        .from_reader(text.as_bytes());
    let mut grid = grid::Grid::new(caps);
    let (mut record, mut row) = (csv::StringRecord::new(), 0_usize);
    let mut before = reader.position().line();
    while reader.read_record(&mut record).map_err(|error| Fault::Broken(error.to_string()))? {
        if row.is_multiple_of(512) {
            clock.check()?;
        }
        // The reader skips blank lines, but the row a message names must be the row the clerk sees.
        let after = reader.position().line();
        let own = record.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>() + 1;
        row += usize::try_from((after - before).saturating_sub(own)).unwrap_or_default();
        before = after;
        for (column, cell) in record.iter().enumerate() {
            grid.put(row, column, value(cell))?;
        }
        row += 1;
    }
    let (name, rows) = (name.to_owned(), grid.rows);
    Ok(Sheet { names: vec![name.clone()], name, merged: Vec::new(), rows })
}

fn value(cell: &str) -> Value {
    // The apostrophe our own export puts before such a text.
    let cell = cell.strip_prefix('\'').filter(|rest| looks_like_formula(rest)).unwrap_or(cell);
    match cell.trim().as_bytes() {
        // Excel saves October typed as 2019.10 like this. Kept as the number it was, it is seen to be ambiguous.
        [b'1' | b'2', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'.', b'1'] => {
            cell.trim().parse().map_or(Value::Empty, Value::Number)
        }
        _ => grid::text(cell),
    }
}

fn decode(bytes: &[u8]) -> Result<String, Fault> {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => GB18030,
    };
    let (text, _, had_errors) = encoding.decode(bytes);
    if !had_errors {
        return Ok(text.into_owned());
    }
    // Pictures, archives and the like are full of zero bytes; a text in another encoding is not.
    Err(if bytes.contains(&0) || bytes.starts_with(b"%PDF") { Fault::Foreign } else { Fault::Encoding })
}

fn is_foreign(text: &str) -> bool {
    let start = text.trim_start();
    let zeros = text.bytes().filter(|byte| *byte == 0).count();
    start.starts_with(['<', '{']) || start.starts_with("%PDF") || zeros * 10 > text.len()
}

/// The separator seen most often outside quotes; the comma if none is.
fn separator(text: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in text.bytes().take(SAMPLE) {
        quoted ^= byte == b'"';
        if let Some(count) = counts.iter_mut().find(|(separator, _)| *separator == byte && !quoted) {
            count.1 += 1;
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| separator)
}
