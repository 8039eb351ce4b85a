//! Readings after characters, as web pages for learners print them: `机(jī)关（guān）`, `机关（jī guān）`, in either script,
//! with tones or without. A bracket without tones goes only where it says how the characters before it are read.

use super::{Char, han_before};
use crate::clean;
use pinyin::ToPinyinMulti;

/// A reading longer than this is prose.
const LONGEST: usize = 60;

const TONES: &str = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿêɑɡ";
const PLAIN: &str = "aaaaeeeeiiiioooouuuuvvvvvnnnmeag";

/// The characters without the readings between them.
pub(super) fn strip(chars: Vec<Char>) -> Vec<Char> {
    let mut out: Vec<Char> = Vec::with_capacity(chars.len());
    let mut rest = chars.as_slice();
    while let Some((one, tail)) = rest.split_first() {
        rest = tail;
        let gloss = if "(（〔[".contains(one.c) { length(tail) } else { None };
        let spaces = out.iter().rev().take_while(|one| one.c == ' ').count();
        let kept = out.len() - spaces;
        let (Some(length), Some(before)) = (gloss, out.get(..kept)) else {
            out.push(*one);
            continue;
        };
        let inside: String = tail.iter().take(length).map(|one| one.c).collect();
        if !is_reading(&inside, &han_before(before).take(8).collect::<Vec<_>>()) {
            out.push(*one);
            continue;
        }
        out.truncate(kept);
        rest = tail.get(length + 1..).unwrap_or_default();
        if let (Some(last), Some(close)) = (out.last_mut(), tail.get(length)) {
            last.until = last.until.max(close.until);
        }
    }
    out
}

/// How many characters stand before the closing bracket, if all of them can belong to a reading.
fn length(tail: &[Char]) -> Option<usize> {
    let end = tail.iter().take(LONGEST).position(|one| ")）〕]".contains(one.c))?;
    let inside = tail.get(..end)?;
    let fits = |c: char| {
        c.is_ascii_lowercase()
            || plain(c).is_some()
            || is_zhuyin(c)
            || " '’12345\u{300}\u{301}\u{304}\u{30C}".contains(c)
    };
    (end > 0 && inside.iter().all(|one| fits(one.c)) && inside.iter().any(|one| one.c.is_alphabetic())).then_some(end)
}

/// Whether a bracket says how the characters before it are read; the last of them comes first.
fn is_reading(inside: &str, before: &[char]) -> bool {
    if before.is_empty() {
        return false;
    }
    if inside.chars().all(|c| is_zhuyin(c) || c == ' ') {
        return true;
    }
    let letters: String =
        inside.chars().filter_map(|c| if c.is_ascii_lowercase() { Some(c) } else { plain(c) }).collect();
    let toned = inside.chars().any(|c| plain(c).is_some() || "\u{300}\u{301}\u{304}\u{30C}".contains(c));
    reads(before, &letters) || (toned && letters.len() <= 6)
}

/// Whether some of the last characters are read like this, whatever the tone.
fn reads(before: &[char], letters: &str) -> bool {
    let Some((last, others)) = before.split_first() else { return letters.is_empty() };
    if letters.is_empty() {
        return true;
    }
    let readings = last.to_pinyin_multi().into_iter().flatten();
    let mut plain = readings.flat_map(|one| [one.plain().replace('ü', "v"), one.plain().replace('ü', "u")]);
    plain.any(|reading| letters.strip_suffix(&reading).is_some_and(|rest| reads(others, rest)))
}

fn plain(toned: char) -> Option<char> {
    let at = TONES.chars().position(|c| c == toned)?;
    PLAIN.chars().nth(at)
}

fn is_zhuyin(c: char) -> bool {
    matches!(c, '\u{3105}'..='\u{312F}' | 'ˊ' | 'ˇ' | 'ˋ' | '˙') && !clean::is_han(c)
}
