//! Traditional script to Simplified, by a table of characters and words. A text counts as Traditional when it has
//! enough characters that no Simplified text has; only then are those changed that both scripts know, such as 後 and 乾.

use super::{Char, Why};
use crate::clean;
use encoding_rs::GBK;
use std::collections::HashMap;
use std::sync::LazyLock;

/// So many characters only Traditional script has make a text Traditional.
const ENOUGH: usize = 3;
/// And so many of a hundred Chinese ones.
const SHARE: usize = 2;
/// Characters with several writings of which none is certain outside the words of the table.
const DOUBTFUL: &str = "著瞭藉";

/// A word and how it is written in Simplified script.
type Word = (Vec<char>, Vec<char>);

struct Table {
    chars: HashMap<char, char>,
    /// by their first character, longest first
    words: HashMap<char, Vec<Word>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let (mut chars, mut words) = (HashMap::new(), HashMap::<char, Vec<_>>::new());
    let rows = include_str!("../../data/traditional.tsv").lines().filter(|line| !line.starts_with('#'));
    for (from, to) in rows.filter_map(|line| line.split_once('\t')) {
        let (from, to) = (from.chars().collect::<Vec<_>>(), to.split(' ').next().unwrap_or_default());
        match from.as_slice() {
            [one] => drop(to.chars().next().map(|to| chars.insert(*one, to))),
            [first, ..] => words.entry(*first).or_default().push((from, to.chars().collect())),
            [] => {}
        }
    }
    words.values_mut().for_each(|some| some.sort_by_key(|(from, _)| std::cmp::Reverse(from.len())));
    Table { chars, words }
});

/// The characters in Simplified script.
pub(super) fn simplify(mut chars: Vec<Char>) -> Vec<Char> {
    let traditional = is_traditional(&chars);
    if traditional {
        chars.iter_mut().for_each(|one| one.c = quoted(one.c));
    }
    let mut at = 0;
    while let Some(rest) = chars.get_mut(at..).filter(|rest| !rest.is_empty()) {
        at += if traditional { word(rest).unwrap_or_else(|| one(rest, true)) } else { one(rest, false) };
    }
    chars
}

/// Quotation marks as Simplified text prints them.
fn quoted(c: char) -> char {
    match c {
        '「' => '“',
        '」' => '”',
        '『' => '‘',
        '』' => '’',
        other => other,
    }
}

fn is_traditional(chars: &[Char]) -> bool {
    let han = chars.iter().filter(|one| clean::is_han(one.c)).count();
    let only = chars.iter().filter(|one| TABLE.chars.contains_key(&one.c) && !is_common(one.c)).count();
    only >= ENOUGH && only * 100 >= han * SHARE
}

/// Writes the longest word of the table that begins here, and tells how long it is.
fn word(rest: &mut [Char]) -> Option<usize> {
    let words = TABLE.words.get(&rest.first()?.c)?;
    let begins = |word: &[char]| rest.len() >= word.len() && rest.iter().zip(word).all(|(one, c)| one.c == *c);
    let (_, to) = words.iter().find(|(from, _)| begins(from))?;
    rest.iter_mut().zip(to).for_each(|(one, c)| one.c = *c);
    Some(to.len())
}

/// Writes the first character, and tells that it is one.
fn one(rest: &mut [Char], traditional: bool) -> usize {
    let Some(one) = rest.first_mut() else { return 1 };
    let known = TABLE.chars.get(&one.c).filter(|_| traditional || !is_common(one.c));
    if let Some(to) = known {
        if traditional && DOUBTFUL.contains(one.c) {
            one.doubt = Some(Why::Ambiguous);
        }
        one.c = *to;
    }
    1
}

/// Whether a character belongs to the 6,763 of GB 2312, which every Simplified text uses.
pub(super) fn is_common(c: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, ..) = GBK.encode(c.encode_utf8(&mut buffer));
    matches!(*bytes, [0xB0..=0xF7, 0xA1..=0xFE])
}
