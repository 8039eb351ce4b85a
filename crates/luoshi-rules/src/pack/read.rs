//! Reading a pack so that every fault is told, with its line and column.

use super::{Fault, Pack, check};
use crate::Label;
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

/// A pack may not be larger than this many bytes.
const LARGEST: usize = 2_000_000;

/// The faults found so far, and the text they stand in.
pub(super) struct Faults<'t> {
    text: &'t str,
    found: Vec<Fault>,
}

/// An element of a pack and where it stands in the text.
pub(super) struct Placed<T> {
    /// the element
    pub item: T,
    /// bytes of the text
    pub span: Range<usize>,
}

/// Reads a pack that stands on `base`.
pub(super) fn pack(text: &str, base: &Pack) -> Result<Pack, Vec<Fault>> {
    let mut faults = Faults { text, found: Vec::new() };
    if text.len() > LARGEST {
        faults.add(0..0, Label::new("规则包超过 2 MB", "the pack is larger than 2 MB"), Label::default());
        return Err(faults.found);
    }
    let (root, wrong) = DeTable::parse_recoverable(text);
    wrong.iter().for_each(|error| faults.error(error));
    let mut pack = Pack::default();
    let mut clauses = Vec::new();
    if faults.found.is_empty() {
        clauses = sections(&mut pack, root.into_inner(), &mut faults);
        check::all(&pack, &clauses, base, &mut faults);
    }
    pack.clause = clauses.into_iter().map(|placed| placed.item).collect();
    faults.found.sort_by_key(|fault| (fault.line, fault.column));
    if faults.found.is_empty() { Ok(pack) } else { Err(faults.found) }
}

fn sections(pack: &mut Pack, root: DeTable, faults: &mut Faults) -> Vec<Placed<crate::Clause>> {
    let mut clauses = Vec::new();
    let mut headed = false;
    for (key, value) in root {
        match key.get_ref().as_ref() {
            "pack" => {
                headed = true;
                pack.head = one(value, faults).map(|placed| placed.item).unwrap_or_default();
            }
            "level" => pack.level = plain(value, faults),
            "class" => pack.class = plain(value, faults),
            "part" => pack.part = plain(value, faults),
            "post" => pack.post = plain(value, faults),
            "grant" => pack.grant = plain(value, faults),
            "tie" => pack.tie = plain(value, faults),
            "role" => pack.role = plain(value, faults),
            "absence" => pack.absence = plain(value, faults),
            "kind" => pack.kind = plain(value, faults),
            "flow" => pack.flow = plain(value, faults),
            "section" => pack.section = plain(value, faults),
            "source" => pack.source = plain(value, faults),
            "clause" => clauses = each(value, faults),
            other => {
                let known = ["pack", "level", "class", "part", "post", "grant", "role", "absence", "kind", "flow"];
                let known = known.into_iter().chain(["tie", "section", "source", "clause"]);
                faults.unknown(key.span(), &Label::new("部分", "section"), other, known);
            }
        }
    }
    if !headed {
        let hint = Label::new("在开头写 [pack] id、name、version", "begin with [pack] id, name, version");
        faults.add(0..0, Label::new("缺少 [pack]", "[pack] is missing"), hint);
    }
    clauses
}

/// Reads an array of tables, each on its own, so that one bad element does not hide the next.
fn each<T: DeserializeOwned>(value: Spanned<DeValue>, faults: &mut Faults) -> Vec<Placed<T>> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Array(items) => items.into_iter().filter_map(|item| one(item, faults)).collect(),
        _ => {
            let hint = Label::new("用双方括号，如 [[clause]]", "use double brackets, such as [[clause]]");
            faults.add(span, Label::new("此处应为列表", "a list is expected here"), hint);
            Vec::new()
        }
    }
}

fn plain<T: DeserializeOwned>(value: Spanned<DeValue>, faults: &mut Faults) -> Vec<T> {
    each(value, faults).into_iter().map(|placed| placed.item).collect()
}

fn one<T: DeserializeOwned>(value: Spanned<DeValue>, faults: &mut Faults) -> Option<Placed<T>> {
    let span = value.span();
    match T::deserialize(ValueDeserializer::from(value)) {
        Ok(item) => Some(Placed { item, span }),
        Err(error) => {
            faults.error_in(&error, &span);
            None
        }
    }
}

impl Faults<'_> {
    /// Notes a fault at these bytes of the text.
    pub(super) fn add(&mut self, span: Range<usize>, what: Label, hint: Label) {
        let before = self.text.get(..span.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.found.push(Fault { line, column, what, hint });
    }

    /// Notes that a name is not known, with the nearest one that is.
    pub(super) fn unknown<'n>(
        &mut self,
        span: Range<usize>,
        sort: &Label,
        name: &str,
        known: impl Iterator<Item = &'n str>,
    ) {
        let span = self.narrow(&span, name);
        let near = known.map(|one| (strsim::jaro_winkler(one, name), one)).filter(|(likeness, _)| *likeness > 0.7);
        let near = near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, one)| one);
        let hint = near.map(|one| Label::new(format!("是否想写 `{one}`？"), format!("did you mean `{one}`?")));
        let what = Label::new(format!("没有{} `{name}`", sort.zh), format!("there is no {} `{name}`", sort.en));
        self.add(span, what, hint.unwrap_or_default());
    }

    /// Notes a fault about a word inside an element, at the word itself where it can be found.
    pub(super) fn at_word(&mut self, span: &Range<usize>, word: &str, what: Label, hint: Label) {
        let span = self.narrow(span, word);
        self.add(span, what, hint);
    }

    /// The bytes of a quoted word within an element; the element where the word does not stand in it.
    fn narrow(&self, span: &Range<usize>, word: &str) -> Range<usize> {
        // the span of a `[[table]]` is its head: look on until the next one
        let rest = self.text.get(span.start..).unwrap_or_default();
        let end = rest.get(2..).and_then(|tail| tail.find("\n[[")).map_or(rest.len(), |at| at + 2);
        let block = rest.get(..end).unwrap_or(rest);
        ["\"", "'"].iter().find_map(|quote| block.find(&format!("{quote}{word}{quote}"))).map_or(span.clone(), |at| {
            let start = span.start + at;
            start..start + word.len()
        })
    }

    fn error(&mut self, error: &Error) {
        self.error_in(error, &(0..0));
    }

    fn error_in(&mut self, error: &Error, within: &Range<usize>) {
        let span = error.span().filter(|span| *span != (0..0)).unwrap_or(within.clone());
        let message = error.message().to_owned();
        self.add(span, Label::new(format!("读不懂：{message}"), message), Label::default());
    }
}
