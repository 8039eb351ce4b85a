//! What ought to happen, what happened, and the difference.
//!
//! * A [`Pack`] says what each unit ought to do: clauses, kinds of record, flows. A [`Rulebook`] is the packs in force.
//! * Facts say what happened: records, events of matters, holdings of posts. Only facts are stored.
//! * Everything else on a page is computed from the two: [`obligation::derive`], [`matter::Matter::state`].
//!
//! This crate does no I/O and never asks what day it is: callers pass `today`.

pub mod access;
pub mod aid;
pub mod attendance;
pub mod calendar;
pub mod campaign;
pub mod class;
pub mod clause;
pub mod collection;
pub mod due;
pub mod figure;
pub mod flow;
pub mod matter;
pub mod meeting;
pub mod obligation;
pub mod pack;
pub mod passphrase;
pub mod period;
pub mod person;
pub mod plan;
pub mod pledge;
pub mod record;
pub mod rollup;
pub mod round;
pub mod rulebook;
pub mod tally;
pub mod unit;
pub mod vote;
pub mod youth;

pub use access::{Actor, Held, Permit, Scope, Verb};
pub use aid::{Aid, Handler};
pub use calendar::Calendar;
pub use clause::Clause;
pub use collection::Collection;
pub use due::Due;
pub use figure::Figure;
pub use flow::Flow;
pub use matter::{Event, Matter};
pub use obligation::{Obligation, Status};
pub use pack::Pack;
pub use pack::mapping::Mapping;
pub use period::{Cadence, Period};
pub use record::{Kind, Record};
pub use rulebook::Rulebook;
pub use tally::Tally;
pub use unit::{Unit, UnitPath};

use serde::{Deserialize, Serialize};

/// The two languages of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Simplified Chinese
    #[default]
    Zh,
    /// English
    En,
}

/// Words in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
pub struct Label {
    /// Chinese
    pub zh: String,
    /// English
    pub en: String,
}

impl Label {
    /// Both wordings at once.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Label {
        Label { zh: zh.into(), en: en.into() }
    }

    /// The wording in one language; Chinese where there is no English.
    pub fn of(&self, lang: Lang) -> &str {
        match lang {
            Lang::En if !self.en.is_empty() => &self.en,
            _ => &self.zh,
        }
    }
}

/// Why the rules say no. Each is shown to the user in words; none is a fault of the program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The actor holds no post that allows this here. Shown as absent, so that nobody learns what exists.
    #[error("not allowed here")]
    NotAllowed,
    /// A field of a form is missing or cannot be read.
    #[error("{field}: {}", why.en)]
    Field {
        /// key of the field in the form
        field: String,
        /// what is wrong and what to do
        why: Label,
    },
    /// A rule forbids it.
    #[error("{}", .0.en)]
    Rule(Label),
}

impl Refusal {
    /// A field is wrong: why, and what to do, in both languages.
    pub fn field(field: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Refusal {
        Refusal::Field { field: field.into(), why: Label::new(zh, en) }
    }

    /// A rule forbids it: why, and what to do, in both languages.
    pub fn rule(zh: impl Into<String>, en: impl Into<String>) -> Refusal {
        Refusal::Rule(Label::new(zh, en))
    }

    /// The words for the user.
    pub fn say(&self, lang: Lang) -> String {
        match self {
            Refusal::NotAllowed => Label::new("您无权进行此操作", "You may not do this").of(lang).to_owned(),
            Refusal::Field { why, .. } | Refusal::Rule(why) => why.of(lang).to_owned(),
        }
    }
}
