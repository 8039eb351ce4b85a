//! Measures: what a directive asks for, taken from its sentences by rules and a lexicon. Each says what is to be done,
//! by whom, by when, how much and of what kind, where in the text it stands, and how sure that is. Facts of the past,
//! attitudes and prohibitions are no measures.

mod act;
mod clause;
pub mod dated;
pub mod due;
mod group;
pub mod lexicon;
mod outline;
mod owner;
mod post;
pub mod quantity;
mod walk;

use crate::nearest::Names;
use jiff::civil::Date;
use std::ops::Range;

pub use due::{Due, Rhythm, Span};
pub use lexicon::Lexicon;
pub use quantity::{Bound, Quantity};

/// What is known about a document besides its text.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// the day of the document, from which days are counted
    pub day: Date,
    /// names of the units that can be meant
    pub units: &'a [&'a str],
    /// names of the posts that can be meant
    pub posts: &'a [&'a str],
}

/// From where it is known who answers for a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// the clause or its note says it
    Here,
    /// a clause or item before it says it
    Before,
    /// nothing says it: those the document is addressed to
    Addressee,
}

/// Who answers for a measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// as written
    pub text: String,
    /// the units meant, by their place in [`About::units`]
    pub units: Vec<usize>,
    /// the post meant, by its place in [`About::posts`]
    pub post: Option<usize>,
    /// from where it is known
    pub told: Told,
    /// helps only
    pub helps: bool,
}

impl Owner {
    /// The part of the name that tells the unit: all of it, unless it is that of a post.
    pub fn place(&self) -> &str {
        self.post.and_then(|_| post::place(&self.text)).unwrap_or(&self.text)
    }
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// bytes of the clean text
    pub at: Range<usize>,
    /// who answers for it; nobody where the text does not say
    pub owners: Vec<Owner>,
    /// by when
    pub due: Option<Due>,
    /// the words of the due
    pub due_text: String,
    /// how much
    pub quantity: Option<Quantity>,
    /// the key of its kind in the lexicon; empty where no word tells
    pub kind: String,
    /// who is quoted
    pub speaker: Option<String>,
    /// how sure it is that this is a measure, 0 to 1
    pub confidence: f64,
}

/// The measures of a clean text, in its order.
pub fn find(text: &str, about: &About<'_>, lexicon: &Lexicon) -> Vec<Measure> {
    let names = Names::new(about.units.iter().copied());
    let mut measures = walk::Walk::new(text, about.day, lexicon).all();
    for owner in measures.iter_mut().flat_map(|measure| &mut measure.owners) {
        owner.post = post::of(&owner.text, about.posts);
        owner.units = owner::units(owner.place(), &names, about.units);
    }
    measures
}

#[cfg(test)]
mod tests;
