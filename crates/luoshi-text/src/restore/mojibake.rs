//! Text read in the wrong encoding, turned back where that is certain: a line is taken only if its bytes, read anew,
//! make Chinese text that nobody could have got by chance. Bytes lost on the way are marked.

use super::script::is_common;
use super::{Char, Why};
use crate::clean;
use encoding_rs::{Encoding, GB18030, GBK, WINDOWS_1252};

/// Fewer restored characters could be chance.
const LEAST: usize = 2;
/// GBK bytes are less particular than UTF-8, so more are asked for.
const LEAST_GBK: usize = 4;

/// A byte of the text as it first was, and the place it comes from; none where it was lost.
#[derive(Clone, Copy)]
struct Byte {
    value: Option<u8>,
    from: usize,
    until: usize,
}

/// The characters, line by line, as they first were.
pub(super) fn repair(chars: Vec<Char>) -> Vec<Char> {
    let mut out = Vec::with_capacity(chars.len());
    for line in chars.split_inclusive(|one| one.c == '\n') {
        let (body, end) = line.split_at(line.len() - line.iter().rev().take_while(|one| one.c == '\n').count());
        let foreign = body.iter().filter(|one| !one.c.is_ascii()).count();
        let repaired = (foreign > 1).then(|| anew(body)).flatten();
        out.extend(repaired.unwrap_or_else(|| replacements(body)));
        out.extend(end);
    }
    out
}

fn anew(body: &[Char]) -> Option<Vec<Char>> {
    let chinese = body.iter().any(|one| clean::is_han(one.c));
    if chinese {
        return utf8(&bytes(body, GB18030)?, lost_by_gbk);
    }
    let bytes = bytes(body, WINDOWS_1252)?;
    utf8(&bytes, lost_by_latin).or_else(|| gbk(&bytes))
}

/// The bytes that were read as these characters.
fn bytes(body: &[Char], encoding: &'static Encoding) -> Option<Vec<Byte>> {
    let mut out = Vec::with_capacity(body.len() * 2);
    for one in body {
        let byte = |value| Byte { value, from: one.from, until: one.until };
        let mut buffer = [0; 4];
        match (one.c, u32::from(one.c)) {
            (char::REPLACEMENT_CHARACTER, _) => out.push(byte(None)),
            // what no encoding has a character for is often passed through as it is
            (_, code @ 0x80..=0x9F) if encoding == WINDOWS_1252 => out.push(byte(u8::try_from(code).ok())),
            ('€', _) if encoding == GB18030 => out.push(byte(Some(0x80))),
            (c, _) => {
                let (encoded, _, unknown) = encoding.encode(c.encode_utf8(&mut buffer));
                if unknown {
                    return None;
                }
                out.extend(encoded.iter().map(|value| byte(Some(*value))));
            }
        }
    }
    Some(out)
}

/// Reads bytes as UTF-8. Nothing if they are not, but for what was lost, or make characters nobody writes.
fn utf8(bytes: &[Byte], lost_before: LostBefore) -> Option<Vec<Char>> {
    let (mut out, mut restored, mut lost, mut at) = (Vec::new(), 0, 0, 0);
    while let Some(first) = bytes.get(at) {
        let size = first.value.map_or(Some(1), width)?;
        let found: Vec<&Byte> = bytes.iter().skip(at).take(size).take_while(|byte| belongs(byte, first)).collect();
        let values: Option<Vec<u8>> = found.iter().map(|byte| byte.value).collect();
        let whole = values.filter(|_| found.len() == size).and_then(|values| String::from_utf8(values).ok());
        let (from, until) = (first.from, found.last().map_or(first.until, |byte| byte.until));
        let c = whole.and_then(|text| text.chars().next()).or_else(|| sure(bytes, at, &found, lost_before));
        match c {
            Some(c) if size > 1 && !is_plausible(c) => return None,
            Some(c) => out.push(Char { c, from, until, doubt: None }),
            // only a byte that was lost, or stood beside one at the end of a line, excuses a hole
            None if found.iter().any(|byte| byte.value.is_none()) || at + found.len() >= bytes.len() => {
                lost += 1;
                out.push(Char { c: char::REPLACEMENT_CHARACTER, from, until, doubt: Some(Why::Lost) });
            }
            None => return None,
        }
        restored += usize::from(c.is_some() && size > 1);
        at += found.len().max(1);
    }
    (restored >= LEAST && restored >= lost).then_some(out)
}

/// How many bytes a character has that begins with this one.
fn width(first: u8) -> Option<usize> {
    match first {
        0..=0x7F => Some(1),
        0xC2..=0xDF => Some(2),
        0xE0..=0xEF => Some(3),
        0xF0..=0xF4 => Some(4),
        _ => None,
    }
}

fn belongs(byte: &Byte, first: &Byte) -> bool {
    std::ptr::eq(byte, first) || byte.value.is_none_or(|value| value & 0xC0 == 0x80)
}

/// The continuation bytes that a decoder has no character for, before this byte.
type LostBefore = fn(u8) -> &'static [u8];

/// Of GBK: 0x80, and what stands in the parts that are left for private use.
fn lost_by_gbk(next: u8) -> &'static [u8] {
    match next {
        0x80..=0xA0 => &[0x80, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9],
        _ => &[0x80, 0xA2, 0xA4, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF],
    }
}

/// Of Windows-1252: five bytes, whatever follows.
fn lost_by_latin(_: u8) -> &'static [u8] {
    &[0x81, 0x8D, 0x8F, 0x90, 0x9D]
}

/// A character with one lost byte that can have been only one: of those that decoders lose there, a single one is in
/// daily use. Between digits and before `日` the month is meant, whatever byte of it was lost.
fn sure(bytes: &[Byte], at: usize, found: &[&Byte], lost_before: LostBefore) -> Option<char> {
    let mut holes = found.iter().enumerate().filter(|(_, byte)| byte.value.is_none());
    let (hole, None) = (holes.next()?.0, holes.next()) else { return None };
    let mut values: Vec<u8> = found.iter().map(|byte| byte.value.unwrap_or(0x80)).collect();
    let digit = |byte: Option<&Byte>| byte.and_then(|byte| byte.value).is_some_and(|value| value.is_ascii_digit());
    if hole + 1 == found.len() && bytes.get(at + found.len()).and_then(|byte| byte.value).is_none_or(|b| b.is_ascii()) {
        let month = values.starts_with(&[0xE6, 0x9C]) && digit(at.checked_sub(1).and_then(|at| bytes.get(at)));
        return (month && is_day(bytes.get(at + found.len()..)?)).then_some('月');
    }
    let next = bytes.get(at + hole + 1)?.value?;
    let mut meant = None;
    for lost in lost_before(next) {
        *values.get_mut(hole)? = *lost;
        let c = std::str::from_utf8(&values).ok().and_then(|text| text.chars().next()).filter(|c| is_daily(*c));
        if c.is_some() && meant.replace(c?).is_some() {
            return None;
        }
    }
    meant
}

/// Whether a character is one of the 3,755 in daily use (the first level of GB 2312), or a mark of punctuation.
fn is_daily(c: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, ..) = GBK.encode(c.encode_utf8(&mut buffer));
    matches!(*bytes, [0xB0..=0xD7, 0xA1..=0xFE]) || is_plausible(c) && !is_common(c)
}

/// Whether a day of a month follows.
fn is_day(rest: &[Byte]) -> bool {
    let values: Vec<u8> = rest.iter().take(5).map_while(|byte| byte.value).collect();
    let digits = values.iter().take_while(|value| value.is_ascii_digit()).count();
    (1..=2).contains(&digits) && values.get(digits..).is_some_and(|rest| rest.starts_with("日".as_bytes()))
}

/// Reads bytes as GBK: text of mainland China that was taken for Latin.
fn gbk(bytes: &[Byte]) -> Option<Vec<Char>> {
    let (mut out, mut restored, mut at) = (Vec::new(), 0, 0);
    while let Some(first) = bytes.get(at) {
        let pair = [first.value?, bytes.get(at + 1).and_then(|byte| byte.value).unwrap_or_default()];
        let size = if pair.first().is_some_and(u8::is_ascii) { 1 } else { 2 };
        let text = GBK.decode_without_bom_handling_and_without_replacement(pair.get(..size)?)?.into_owned();
        let c = text.chars().next().filter(|c| size == 1 || is_plausible(*c))?;
        let until = bytes.get(at + size - 1).map_or(first.until, |byte| byte.until);
        out.push(Char { c, from: first.from, until, doubt: None });
        restored += usize::from(size == 2);
        at += size;
    }
    (restored >= LEAST_GBK).then_some(out)
}

fn is_plausible(c: char) -> bool {
    is_common(c)
        || matches!(c, '\u{2010}'..='\u{2040}' | '\u{3000}'..='\u{3015}' | '\u{FF01}'..='\u{FF5E}' | '·' | '①'..='⑳')
}

/// `锟斤拷` is what the mark of a lost byte looks like when it is read wrong in its turn.
fn replacements(body: &[Char]) -> Vec<Char> {
    let mut out: Vec<Char> = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((one, tail)) = rest.split_first() {
        let size = rest.iter().zip("锟斤拷".chars().cycle()).take_while(|(one, c)| one.c == *c).count();
        match rest.get(..size).and_then(<[Char]>::last) {
            Some(last) if size >= 3 => {
                out.push(Char { c: char::REPLACEMENT_CHARACTER, until: last.until, doubt: Some(Why::Lost), ..*one });
                rest = rest.get(size..).unwrap_or_default();
            }
            _ => {
                out.push(*one);
                rest = tail;
            }
        }
    }
    out
}
