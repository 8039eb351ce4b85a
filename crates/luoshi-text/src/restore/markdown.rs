//! Markdown: marks of headings, lists, emphasis, links and quotations go, the words stay.

use super::Char;

/// The characters without the marks.
pub(super) fn strip(chars: Vec<Char>) -> Vec<Char> {
    let mut out = Vec::with_capacity(chars.len());
    for line in chars.split_inclusive(|one| one.c == '\n') {
        let indent = line.iter().take_while(|one| one.c.is_whitespace() && one.c != '\n').count();
        let body = line.get(indent..).unwrap_or_default();
        let text: String = body.iter().map(|one| one.c).collect();
        if is_rule(text.trim()) {
            continue;
        }
        inline(body.get(mark(&text)..).unwrap_or_default(), &mut out);
    }
    out
}

/// A line of dashes: a ruler, or what separates the head of a table from its rows.
fn is_rule(text: &str) -> bool {
    text.len() >= 3 && text.chars().all(|c| "-*_|: =".contains(c)) || text.starts_with("```")
}

/// Characters of the mark that begins a line.
fn mark(text: &str) -> usize {
    let hashes = text.chars().take_while(|c| *c == '#').count();
    if (1..=6).contains(&hashes) && text.chars().nth(hashes) == Some(' ') {
        return hashes + 1;
    }
    ["- [ ] ", "- [x] ", "- ", "* ", "+ ", "> ", ">"]
        .iter()
        .find(|mark| text.starts_with(**mark))
        .map_or(0, |mark| mark.len())
}

fn inline(body: &[Char], out: &mut Vec<Char>) {
    let mut rest = body;
    while let Some((one, tail)) = rest.split_first() {
        rest = tail;
        match one.c {
            '*' | '`' => {}
            '_' if tail.first().is_some_and(|next| next.c == '_') => rest = tail.get(1..).unwrap_or_default(),
            '|' => out.push(one.with('\t')),
            '!' if tail.first().is_some_and(|next| next.c == '[') => {}
            ']' if tail.first().is_some_and(|next| next.c == '(') => rest = address(tail),
            '[' if is_link(tail) => {}
            _ => out.push(*one),
        }
    }
}

fn is_link(tail: &[Char]) -> bool {
    let close = tail.iter().position(|one| one.c == ']' || one.c == '\n');
    close.and_then(|close| tail.get(close..close + 2)).is_some_and(|pair| pair.iter().map(|one| one.c).eq("](".chars()))
}

/// What follows the address of a link.
fn address(tail: &[Char]) -> &[Char] {
    let close = tail.iter().position(|one| one.c == ')' || one.c == '\n').unwrap_or(0);
    tail.get(close + 1..).unwrap_or_default()
}
