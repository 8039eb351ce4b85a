//! Tags and entities. Of a web page only what a reader would call the text stays: no menus, no scripts, no readings
//! set small above characters.

use super::Char;

/// What is never part of the text, with all it holds.
const LEFT_OUT: &[&str] = &[
    "script", "style", "head", "nav", "footer", "aside", "button", "select", "textarea", "noscript", "template", "svg",
    "iframe", "rt", "rp",
];
/// What begins and ends a line.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "br",
    "li",
    "ul",
    "ol",
    "tr",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "article",
    "header",
    "hr",
    "dd",
    "dt",
    "dl",
    "blockquote",
    "pre",
    "title",
    "form",
    "main",
];
const ENTITIES: &[(&str, &str)] = &[
    ("nbsp", " "),
    ("ensp", " "),
    ("emsp", " "),
    ("thinsp", " "),
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("mdash", "—"),
    ("ndash", "–"),
    ("hellip", "…"),
    ("middot", "·"),
    ("times", "×"),
    ("laquo", "«"),
    ("raquo", "»"),
    ("permil", "‰"),
    ("copy", "©"),
    ("deg", "°"),
    ("zwnj", ""),
    ("zwj", ""),
    ("shy", ""),
    ("bull", "•"),
    ("yen", "¥"),
];
/// A tag longer than this is a lone `<`.
const TAG: usize = 4_000;

/// The characters of the text. In a page of HTML a line break is a space; in other text it stays, whatever tags there are.
pub(super) fn read(original: &str, breaks: bool) -> Vec<Char> {
    let mut out = Vec::with_capacity(original.len() / 2);
    let (mut at, mut unclosed) = (0, Vec::new());
    while let Some(rest) = original.get(at..).filter(|rest| !rest.is_empty()) {
        at += taken(rest, at, breaks, &mut unclosed, &mut out);
    }
    out
}

/// Reads one tag, entity or character, and tells how many bytes it took. What is never closed is looked for once only.
fn taken(rest: &str, at: usize, breaks: bool, unclosed: &mut Vec<String>, out: &mut Vec<Char>) -> usize {
    let mut push = |c: char, size: usize| out.push(Char { c, from: at, until: at + size, doubt: None });
    if let Some(tail) = rest.strip_prefix("<!--") {
        return once(unclosed, "-->", || tail.find("-->").map(|end| end + 7)).unwrap_or(4);
    }
    if let Some(tag) = Tag::read(rest) {
        let skipped = LEFT_OUT.contains(&tag.name.as_str());
        let inner = tag.size + if skipped { left_out(rest, &tag, unclosed) } else { 0 };
        if BLOCKS.contains(&tag.name.as_str()) {
            push('\n', tag.size);
        } else if tag.name == "td" || tag.name == "th" {
            push('\t', tag.size);
        }
        return inner;
    }
    if let Some((text, size)) = entity(rest) {
        text.chars().for_each(|c| push(c, size));
        return size;
    }
    let c = rest.chars().next().unwrap_or_default();
    push(if matches!(c, '\n' | '\t') && !breaks { ' ' } else { c }, c.len_utf8());
    c.len_utf8()
}

struct Tag {
    name: String,
    opens: bool,
    size: usize,
}

impl Tag {
    fn read(rest: &str) -> Option<Tag> {
        let inside = rest.strip_prefix('<')?;
        let (inside, opens) = inside.strip_prefix('/').map_or((inside, true), |inside| (inside, false));
        let marked = inside.starts_with(|c: char| c.is_ascii_alphabetic()) || inside.starts_with("!DOCTYPE");
        let end = rest.bytes().take(TAG).position(|byte| byte == b'>').filter(|_| marked)?;
        let name: String = inside.chars().take_while(char::is_ascii_alphanumeric).collect();
        let plain = rest.get(..end)?.strip_suffix('/').is_none();
        Some(Tag { name: name.to_ascii_lowercase(), opens: opens && plain, size: end + 1 })
    }
}

/// How many bytes after the opening tag belong to what is left out; none where it is never closed.
fn left_out(rest: &str, tag: &Tag, unclosed: &mut Vec<String>) -> usize {
    let Some(rest) = rest.get(tag.size..).filter(|_| tag.opens) else { return 0 };
    let ends = |at: &usize| {
        let name = rest.as_bytes().get(at + 2..at + 2 + tag.name.len());
        name.is_some_and(|name| name.eq_ignore_ascii_case(tag.name.as_bytes()))
    };
    let close = once(unclosed, &tag.name, || rest.match_indices("</").map(|(at, _)| at).find(ends));
    let Some(close) = close else { return 0 };
    let size = "</".len() + tag.name.len();
    close + rest.get(close..).and_then(|tail| tail.find('>')).map_or(size, |more| more + 1)
}

/// Looks for an end, unless it was looked for in vain before: a page of nothing but beginnings is read in one go.
fn once(unclosed: &mut Vec<String>, name: &str, find: impl FnOnce() -> Option<usize>) -> Option<usize> {
    if unclosed.iter().any(|one| one == name) {
        return None;
    }
    let found = find();
    if found.is_none() {
        unclosed.push(name.to_owned());
    }
    found
}

fn entity(rest: &str) -> Option<(String, usize)> {
    let name: String =
        rest.strip_prefix('&')?.chars().take(10).take_while(|c| c.is_ascii_alphanumeric() || *c == '#').collect();
    let closed = rest.get(1 + name.len()..)?.starts_with(';');
    let size = 1 + name.len() + usize::from(closed);
    if let Some(digits) = name.strip_prefix('#') {
        let code = match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => digits.parse().ok()?,
        };
        return char::from_u32(code).filter(|_| closed).map(|c| (c.to_string(), size));
    }
    let found = ENTITIES.iter().find(|(known, _)| *known == name);
    found.filter(|_| closed || name == "nbsp").map(|(_, text)| ((*text).to_owned(), size))
}

#[cfg(test)]
mod tests {
    use super::read;

    fn text(page: &str) -> String {
        read(page, false).iter().map(|one| one.c).collect()
    }

    #[test]
    fn what_is_left_out_ends_where_it_is_closed_in_either_case() {
        assert_eq!(text("甲<script>if (a </b) x</SCRIPT >乙<STYLE>c</style>丙<!-- d -->丁"), "甲乙丙丁");
        assert_eq!(text("甲<svg>乙<!-- 丙"), "甲乙 丙");
    }

    #[test]
    fn a_page_of_nothing_but_beginnings_is_read_at_once() {
        let began = std::time::Instant::now();
        for one in ["<svg>", "<!--", "<script>a</b>"] {
            text(&one.repeat(400_000));
        }
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }
}
