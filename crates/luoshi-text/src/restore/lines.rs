//! Lines: page furniture goes, spaces that Chinese does not use go, and lines that a printer or a mail program broke
//! are joined again.

use super::{Char, Furniture, furniture};
use crate::clean;
use std::collections::{HashMap, HashSet};

/// Lines broken at one width are at most so much shorter than it.
const SLACK: usize = 3;
/// Fewer lines of one width are chance.
const ENOUGH: usize = 3;
/// Nobody breaks lines shorter than this.
const NARROWEST: usize = 16;
/// A line that stands so often in a text is the head of its pages.
const REPEATED: usize = 3;
/// A row of a table has at least so many cells.
const CELLS: usize = 3;
/// The head of a page is shorter than this.
const HEAD: usize = 40;

/// The lines of the text as one run of characters, and the lines left out.
pub(super) fn join(chars: Vec<Char>, furniture: &Furniture) -> (Vec<Char>, Vec<String>) {
    let raw: Vec<&[Char]> = chars.split(|one| one.c == '\n').collect();
    let breaks: Vec<Char> = chars.iter().filter(|one| one.c == '\n').copied().collect();
    let (kept, left_out) = sift(&raw, furniture);
    let lines: Vec<(usize, Vec<Char>)> =
        kept.into_iter().map(|at| (at, tidy(raw.get(at).copied().unwrap_or_default()))).collect();
    let width = width(&lines);
    let (mut out, mut blank, mut before): (Vec<Char>, bool, usize) = (Vec::new(), false, 0);
    for (at, line) in lines {
        if line.is_empty() {
            blank = true;
            continue;
        }
        let joined = continues(out.get(out.len().saturating_sub(before)..).unwrap_or_default(), &line, blank, width);
        if !out.is_empty() && !joined {
            out.extend(at.checked_sub(1).and_then(|at| breaks.get(at)));
        }
        before = line.len();
        out.extend(line);
        blank = false;
    }
    (out, left_out)
}

/// Which lines are kept, by number, and the text of the others.
fn sift(raw: &[&[Char]], furniture: &Furniture) -> (Vec<usize>, Vec<String>) {
    let texts: Vec<String> =
        raw.iter().map(|line| line.iter().map(|one| one.c).collect::<String>().trim().to_owned()).collect();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    texts.iter().for_each(|text| *seen.entry(text).or_default() += 1);
    let is_head = |text: &str| {
        let long = text.chars().count();
        (1..HEAD).contains(&long) && !text.ends_with(ends) && seen.get(text).is_some_and(|times| *times >= REPEATED)
    };
    let (mut kept, mut left_out, mut known) = (Vec::new(), Vec::new(), HashSet::new());
    for (at, text) in texts.iter().enumerate() {
        let paged = at.checked_sub(1).and_then(|at| texts.get(at)).is_some_and(|line| furniture::is_page_number(line));
        let again = known.contains(text) && (is_head(text) || paged && text.chars().count() < HEAD);
        if again || furniture.is(text) && !text.is_empty() {
            left_out.push(text.clone());
            continue;
        }
        if !text.is_empty() {
            known.insert(text.clone());
        }
        kept.push(at);
    }
    (kept, left_out)
}

/// A line made tidy. The cells of a row keep the tabs between them; elsewhere a tab is a space.
fn tidy(line: &[Char]) -> Vec<Char> {
    let first = line.iter().take_while(|one| one.c.is_whitespace()).count();
    let end = line.len() - line.iter().rev().take_while(|one| one.c.is_whitespace()).count();
    let inner = line.get(first..end.max(first)).unwrap_or_default();
    if inner.iter().filter(|one| one.c == '\t').count() < CELLS - 1 {
        return cell(line);
    }
    let mut out = Vec::with_capacity(inner.len());
    for part in inner.split_inclusive(|one| one.c == '\t') {
        let (words, tab) = part.split_at(part.len() - usize::from(part.last().is_some_and(|one| one.c == '\t')));
        out.extend(cell(words));
        out.extend(tab);
    }
    out
}

/// A line or cell without the spaces that Chinese does not use, its punctuation in full width beside Chinese.
fn cell(line: &[Char]) -> Vec<Char> {
    let mut out: Vec<Char> = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((one, tail)) = rest.split_first() {
        rest = tail;
        let (before, after) = (out.last().map(|one| one.c), tail.first().map(|one| one.c));
        let next = tail.iter().map(|one| one.c).find(|c| !matches!(c, ' ' | '\t'));
        let one = if one.c == '\t' { one.with(' ') } else { *one };
        match one.c {
            ' ' if before.is_none_or(is_chinese) || next.is_none_or(is_chinese) => {}
            ' ' if before == Some(' ') => {}
            c => out.push(one.with(full(c, before, after))),
        }
    }
    out
}

/// Chinese characters and their punctuation stand without spaces.
fn is_chinese(c: char) -> bool {
    clean::is_han(c) || "，。、；：？！“”‘’（）《》〈〉【】〔〕—…·".contains(c)
}

/// Punctuation as it is written between Chinese characters.
fn full(c: char, before: Option<char>, after: Option<char>) -> char {
    let chinese = |c: Option<char>| c.is_some_and(|c| clean::is_han(c) || "“”《》（）".contains(c));
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let beside = chinese(before) || chinese(after) && !digit(before);
    match c {
        ',' if beside => '，',
        ';' if beside => '；',
        ':' if beside => '：',
        '?' if chinese(before) => '？',
        '!' if chinese(before) => '！',
        '(' if beside => '（',
        ')' if chinese(before) || chinese(after) => '）',
        '.' if chinese(before) && (after.is_none() || chinese(after)) => '。',
        '．' => '.',
        _ => c,
    }
}

/// The width at which lines were broken, if they were. Headings end without a full stop too, but what follows them is an
/// item, or the text after a blank line: these tell nothing of a width.
fn width(lines: &[(usize, Vec<Char>)]) -> Option<usize> {
    let goes_on = |next: &[Char]| !next.is_empty() && !is_item(&head(next));
    let unfinished = lines.windows(2).filter_map(|pair| match pair {
        [(_, line), (_, next)] => Some(line).filter(|_| goes_on(next)),
        _ => None,
    });
    let unfinished = unfinished.filter(|line| line.last().is_some_and(|one| !ends(one.c)));
    let long: Vec<usize> = unfinished.map(Vec::len).filter(|long| *long >= NARROWEST).collect();
    let count = |width: usize| long.iter().filter(|long| (width.saturating_sub(SLACK)..=width).contains(*long)).count();
    let widest = long.iter().copied().max_by_key(|width| (count(*width), *width))?;
    (count(widest) >= ENOUGH).then_some(widest)
}

/// Whether a line goes on with what the line before it began.
fn continues(before: &[Char], line: &[Char], blank: bool, width: Option<usize>) -> bool {
    let (Some(last), Some(first)) = (before.last(), line.first()) else { return false };
    if before.iter().chain(line).any(|one| one.c == '\t') {
        return false;
    }
    let text = head(line);
    if "，。；、）”》：".contains(first.c) || "，、（“《".contains(last.c) && !is_item(&text) {
        return true;
    }
    let full = width.is_some_and(|width| before.len() + SLACK >= width);
    full && !blank && !ends(last.c) && !is_item(&text)
}

/// The first characters of a line, which tell whether it is an item.
fn head(line: &[Char]) -> String {
    line.iter().take(12).map(|one| one.c).collect()
}

/// What a sentence ends with.
fn ends(c: char) -> bool {
    "。！？；：!?…".contains(c) || c == char::REPLACEMENT_CHARACTER
}

/// Whether a line begins an item of its own: `一、`, `（一）`, `1.`, `第一，`.
pub(crate) fn is_item(text: &str) -> bool {
    let numerals = "一二三四五六七八九十0123456789";
    let inner = text.trim_start_matches(['（', '(', '第']);
    let number = inner.chars().take_while(|c| numerals.contains(*c)).count();
    let next = inner.chars().nth(number);
    let bracketed = inner.len() < text.len() && !text.starts_with('第');
    let marks = if bracketed {
        "）)"
    } else if text.starts_with('第') {
        "，、"
    } else {
        "、.．）)"
    };
    (1..=3).contains(&number) && next.is_some_and(|c| marks.contains(c)) && !decimal(inner, number)
        || text.starts_with(|c| matches!(c, '①'..='⑳' | '●' | '•' | '■' | '◆'))
}

/// `3.5` is a number and no item.
fn decimal(inner: &str, number: usize) -> bool {
    inner.chars().nth(number) == Some('.') && inner.chars().nth(number + 1).is_some_and(|c| c.is_ascii_digit())
}
