//! A clause: who owes what, how often, and which records count.

use crate::{Cadence, Due, Label};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One line of a responsibility list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// number in the list, unique in the pack: `L3-07`
    pub id: String,
    /// wording, as published
    pub text: Label,
    /// heading it stands under; a section of the pack
    pub section: String,
    /// levels it binds; empty means all
    #[serde(default)]
    pub level: Vec<String>,
    /// classes it binds; empty means all
    #[serde(default)]
    pub class: Vec<String>,
    /// a part the unit must have, such as a branch committee
    pub needs: Option<String>,
    /// the post that answers for it; without one, the unit does
    pub post: Option<String>,
    /// whether each member owes it, seen on the member's own page and never added up by name
    #[serde(default)]
    pub each_member: bool,
    /// how often
    pub every: Cadence,
    /// what opens it, for `every = "event"`
    pub event: Option<Source>,
    /// answers a record must hold to be such an event: choice field → option
    #[serde(default)]
    pub event_where: BTreeMap<String, String>,
    /// when it is due
    #[serde(default)]
    pub due: Due,
    /// days after a planned day in which a missing record is no lateness
    pub grace: Option<i16>,
    /// how many records meet it
    #[serde(default = "one")]
    pub at_least: u32,
    /// whether each Party group of the branch has to do it; a branch whose groups have no names does it as one
    #[serde(default)]
    pub each_group: bool,
    /// which records count; any one of these rules is enough
    pub counts: Vec<Count>,
    /// regulation it comes from, by its key in the pack
    pub source: Option<String>,
    /// article of that regulation
    #[serde(default)]
    pub article: String,
    /// how sure the source is: `seen`, `practice`, `memory`, `unverified`
    #[serde(default)]
    pub basis: String,
    /// what the reader should know of the wording or the cadence
    #[serde(default, deserialize_with = "words")]
    pub note: Label,
}

/// Where events come from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// each record of this kind that the unit keeps
    Record(String),
    /// each statutory holiday of the calendar
    Holiday,
    /// the end of the unit's term of office
    TermEnd,
    /// the end of the term of each unit directly below
    TermEndBelow,
}

/// A rule by which a record counts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// kind of record
    pub record: String,
    /// role in which the holder of the post must stand on the record: `speaker`, `chair`, `present` …
    pub role: Option<String>,
    /// answers the record must hold: choice field → option
    #[serde(default, rename = "where")]
    pub filter: BTreeMap<String, String>,
    /// whose records
    #[serde(default)]
    pub of: Whose,
}

/// Whose records count towards a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Whose {
    /// the unit's own; with a role, those of any unit on which the holder stands
    #[default]
    Own,
    /// the unit's own and those of units below
    Below,
}

/// Words in both languages, or in one: then they show in both.
fn words<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Label, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Words {
        Both(Label),
        One(String),
    }
    Ok(match Words::deserialize(from)? {
        Words::Both(label) => label,
        Words::One(text) => Label::new(text, ""),
    })
}

fn one() -> u32 {
    1
}

impl Clause {
    /// Whether the clause binds a unit of this level and class.
    pub fn binds(&self, level: &str, class: &str) -> bool {
        let fits = |list: &[String], value: &str| list.is_empty() || list.iter().any(|one| one == value);
        fits(&self.level, level) && fits(&self.class, class)
    }
}

impl Count {
    /// Whether a record with these tags (`field:option`, separated by spaces) passes the filter.
    pub fn admits(&self, tags: &str) -> bool {
        admits(&self.filter, tags)
    }
}

/// Whether tags (`field:option`, separated by spaces) hold every answer of a filter.
pub(crate) fn admits(filter: &BTreeMap<String, String>, tags: &str) -> bool {
    filter.iter().all(|(field, option)| {
        tags.split(' ').any(|tag| tag.split_once(':') == Some((field.as_str(), option.as_str())))
    })
}
