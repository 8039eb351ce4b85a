//! How much: numbers with their unit.

use super::due;
use super::lexicon::QuantityWords;
use regex::Regex;
use std::ops::Range;

/// Units that a number in Chinese characters counts; with others 一 is mostly part of a phrase.
const COUNTED: &[&str] = &[
    "次", "场", "期", "篇", "名", "份", "堂", "节", "户", "件", "轮", "家", "条", "项", "天", "批次", "场次", "学时",
    "趟",
];

/// How a number bounds what it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// so much
    Exactly,
    /// so much or more
    AtLeast,
    /// so much or less
    AtMost,
}

/// A number with its unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// the number
    pub value: f64,
    /// what it counts, as written
    pub unit: String,
    /// whether more or less will do
    pub bound: Bound,
    /// bytes of the words
    pub at: Range<usize>,
}

/// Finds numbers with the units of a lexicon.
pub(super) struct Finder<'a> {
    pattern: Option<Regex>,
    words: &'a QuantityWords,
}

impl<'a> Finder<'a> {
    pub fn new(words: &'a QuantityWords) -> Finder<'a> {
        let before: Vec<String> = words.at_least.iter().chain(&words.at_most).map(|word| regex::escape(word)).collect();
        let mut units: Vec<String> = words.units.iter().map(|word| regex::escape(word)).collect();
        units.sort_by_key(|unit| std::cmp::Reverse(unit.len()));
        let pattern = format!(
            "(?P<b>{})?(?P<n>[0-9]+(?:\\.[0-9]+)?|[一二两三四五六七八九十]{{1,3}})(?:(?:至|到|-|—)[0-9]+)?(?P<u>{})(?P<t>以上|以下|以内|左右)?",
            before.join("|"),
            units.join("|")
        );
        Finder { pattern: Regex::new(&pattern).ok(), words }
    }

    /// Every quantity of a text, first to last.
    pub fn find(&self, text: &str) -> Vec<Quantity> {
        let all = self.pattern.iter().flat_map(|pattern| pattern.captures_iter(text));
        all.filter_map(|captures| self.one(text, &captures)).collect()
    }

    fn one(&self, text: &str, captures: &regex::Captures<'_>) -> Option<Quantity> {
        let (all, digits, unit) = (captures.get(0)?, captures.name("n")?, captures.name("u")?.as_str());
        let ordinal = text.get(..digits.start())?.ends_with(['第', '十', '百', '初']);
        let value = match digits.as_str().parse::<f64>() {
            Ok(value) => value,
            Err(_) if !COUNTED.contains(&unit) => return None,
            Err(_) => f64::from(due::number(digits.as_str())?),
        };
        let word = captures.name("b").map_or("", |word| word.as_str());
        let tail = captures.name("t").map_or("", |word| word.as_str());
        let bound = if self.words.at_most.iter().any(|known| known == word) || matches!(tail, "以下" | "以内") {
            Bound::AtMost
        } else if !word.is_empty() || tail == "以上" {
            Bound::AtLeast
        } else {
            Bound::Exactly
        };
        // `超过50名的支部` says which branches, not how many
        let which = text.get(all.end()..)?.starts_with('的');
        (!ordinal && !which).then(|| Quantity { value, unit: unit.to_owned(), bound, at: all.range() })
    }
}
