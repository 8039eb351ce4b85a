//! The outline of a document: which line is a heading, an item or a note, and where sentences and clauses end.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// A heading is no longer than this many characters.
const HEADING: usize = 30;
/// A first sentence no longer than this only names what the item is about.
const LEAD: usize = 16;

/// How a line is numbered: 0 not at all, 1 for `一、`, 2 for `（一）`, 3 for `1.`, 4 for `（1）`, 5 for `一是`.
pub(super) fn number(line: &str) -> (u8, usize) {
    static NUMBERS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        let all = [
            "^[一二三四五六七八九十]{1,3}、",
            "^（[一二三四五六七八九十]{1,3}）",
            "^[0-9]{1,2}[.、．](?:[^0-9]|$)",
            "^(?:（[0-9]{1,2}）|[0-9]{1,2}）|[①-⑳])",
            "^(?:[一二三四五六七八九十]{1,2}[是要]|第[一二三四五六七八九十]{1,2}[，、]|首先，|其次，|再次，|最后，)",
        ];
        all.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect()
    });
    let found = (1_u8..).zip(NUMBERS.iter()).find_map(|(level, pattern)| Some((level, pattern.find(line)?.as_str())));
    match found {
        // the character that only shows that no decimal follows
        Some((3, mark)) => (
            3,
            mark.find(['.', '、', '．'])
                .map_or(0, |at| at + mark.get(at..).and_then(|m| m.chars().next()).map_or(1, char::len_utf8)),
        ),
        // the demand itself stays part of the sentence
        Some((5, mark)) if mark.ends_with('要') => (5, mark.len() - "要".len()),
        Some((level, mark)) => (level, mark.len()),
        None => (0, 0),
    }
}

/// Whether a numbered line is a heading alone.
pub(super) fn is_heading(level: u8, text: &str) -> bool {
    let long = text.chars().count();
    (1..5).contains(&level)
        && long <= HEADING
        && !text.contains(['。', '；', '：', '（', '，', char::REPLACEMENT_CHARACTER])
}

/// The sentences of a text, as bytes. Brackets and titles are not cut; a quotation mark stays with what it closes.
pub(super) fn sentences(text: &str) -> Vec<Range<usize>> {
    cut(text, "。！？；!?;\n")
}

/// The clauses of a sentence, as bytes.
pub(super) fn clauses(text: &str) -> Vec<Range<usize>> {
    cut(text, "，：")
}

fn cut(text: &str, ends: &str) -> Vec<Range<usize>> {
    let (mut out, mut from, mut depth) = (Vec::new(), 0, 0_i32);
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        match c {
            '（' | '《' | '(' => depth += 1,
            '）' | '》' | ')' => depth = (depth - 1).max(0),
            _ => {}
        }
        if depth == 0 && ends.contains(c) {
            let mut until = at + c.len_utf8();
            while let Some((at, c)) = rest.next_if(|(_, c)| "”’」".contains(*c)) {
                until = at + c.len_utf8();
            }
            out.push(from..until);
            from = until;
        }
    }
    if from < text.len() {
        out.push(from..text.len());
    }
    out
}

/// Whether the first sentence of an item only names what the item is about.
pub(super) fn is_lead(first: &str, more: &str) -> bool {
    let bare = first.trim_end_matches(['。', '：', '；']);
    bare.chars().count() <= LEAD && !more.trim().is_empty() && !more.trim_start().starts_with('（')
}

/// What a label before a colon says: `责任单位：人事处`.
pub(super) fn labelled<'t>(text: &'t str, labels: &[String]) -> Option<&'t str> {
    let (label, rest) = text.trim().split_once(['：', ':'])?;
    labels.iter().any(|known| known == label.trim()).then(|| rest.trim().trim_end_matches(['。', '；', '，']))
}
