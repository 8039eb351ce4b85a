//! A directive as it was read: the text made clean, the day it counts from, the measures found.

use jiff::civil::Date;
use luoshi_office::paper::{self, Paper, Refused, Writing};
use luoshi_text::measure::{self, About, dated};
use luoshi_text::{Form, Lexicon, Measure, Restored, restore, secrecy};
use std::sync::LazyLock;

/// From where the day of a document is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dated {
    /// somebody said it
    Told,
    /// the document says it
    Found,
    /// nobody says it: the first day of the year in which it is read
    Read,
}

/// A directive as it was read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// the text as it came
    pub original: String,
    /// the clean text, and the way back
    pub restored: Restored,
    /// the day from which days are counted
    pub day: Date,
    /// from where that is known
    pub dated: Dated,
    /// what it asks for
    pub measures: Vec<Measure>,
}

impl Reading {
    /// Reads a paper. Refused where it bears a mark of secrecy, or nothing is left when it is clean.
    pub fn of(
        paper: Paper,
        told: Option<Date>,
        today: Date,
        (units, posts): (&[&str], &[&str]),
    ) -> Result<Reading, Refused> {
        let paper = paper::typed(paper)?;
        let words = lexicon().map_err(|fault| Refused::Broken(fault.to_owned()))?;
        let form = match paper.writing {
            Writing::Plain => Form::Plain,
            Writing::Html => Form::Html,
            Writing::Markdown => Form::Markdown,
        };
        let restored = restore(&paper.text, form, &words.furniture);
        let head = restore(&paper.head, Form::Plain, &words.furniture);
        if let Some(mark) = [&head.text, &restored.text].into_iter().find_map(|text| secrecy::mark(text)) {
            return Err(Refused::Secret(mark));
        }
        if restored.text.trim().is_empty() {
            return Err(Refused::Blank);
        }
        let found = dated::find(&restored.text, &restored.left_out);
        let (day, how) = match (told, found) {
            (Some(day), _) => (day, Dated::Told),
            (_, Some(day)) => (day, Dated::Found),
            _ => (Date::new(today.year(), 1, 1).unwrap_or(today), Dated::Read),
        };
        let measures = measure::find(&restored.text, &About { day, units, posts }, words);
        Ok(Reading { original: paper.text, restored, day, dated: how, measures })
    }

    /// The words of a measure.
    pub fn text(&self, measure: &Measure) -> &str {
        self.restored.text.get(measure.at.clone()).unwrap_or_default()
    }
}

/// The lexicon that ships.
pub fn lexicon() -> Result<&'static Lexicon, &'static str> {
    static LEXICON: LazyLock<Result<Lexicon, String>> =
        LazyLock::new(|| Lexicon::parse(include_str!("../../../../packs/lexicon.toml")));
    LEXICON.as_ref().map_err(String::as_str)
}
