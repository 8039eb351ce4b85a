//! A measure on its way to becoming a matter: as found, as mended by a person, as typed in a form.

use crate::form::{Fields, one};
use luoshi_text::measure::{Due, Measure};
use serde::{Deserialize, Serialize};

use super::reading::Reading;

/// Measures less sure than this are shown but not ticked; nor are those whose owner is no unit of ours.
const TICKED: f64 = 0.6;
/// Characters of a measure and of its owners.
const LONGEST: usize = 600;

/// A measure as it now stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Finding {
    /// its number in the document
    pub seq: i64,
    /// bytes of the clean text; empty where a person added it
    pub from: usize,
    pub until: usize,
    pub text: String,
    /// units and groups of units, as typed
    pub owners: String,
    /// the posts in them that are asked, as the organisation calls them
    pub posts: String,
    /// `YYYY-MM-DD`, or empty
    pub by: String,
    /// how the document says when
    pub due: String,
    /// key of the kind in the lexicon
    pub kind: String,
    pub quantity: String,
    pub speaker: String,
    /// 0 where a person added it
    pub confidence: f64,
    /// whether it is to become a matter
    pub take: bool,
}

impl Finding {
    /// The measures of a reading, with the names of units and posts in the order in which the reading knows them.
    pub fn all(reading: &Reading, names: (&[&str], &[&str])) -> Vec<Finding> {
        reading.measures.iter().zip(1..).map(|(one, seq)| Finding::of(reading, one, seq, names)).collect()
    }

    fn of(reading: &Reading, measure: &Measure, seq: i64, (names, posts): (&[&str], &[&str])) -> Finding {
        let leads = || measure.owners.iter().filter(|owner| !owner.helps);
        // a group stays a group; a single unit is called by the name the organisation gives it
        let mut asked: Vec<&str> = leads().filter_map(|owner| posts.get(owner.post?).copied()).collect();
        asked.dedup();
        let owners: Vec<&str> = leads()
            .map(|owner| match owner.units.as_slice() {
                [only] => names.get(*only).copied().unwrap_or(owner.place()),
                _ => owner.place(),
            })
            .collect();
        Finding {
            seq,
            from: measure.at.start,
            until: measure.at.end,
            text: reading.text(measure).to_owned(),
            owners: owners.join("、"),
            posts: asked.join("、"),
            by: day(measure.due.as_ref(), reading),
            due: measure.due_text.clone(),
            kind: measure.kind.clone(),
            quantity: measure.quantity.as_ref().map_or(String::new(), |one| format!("{}{}", one.value, one.unit)),
            speaker: measure.speaker.clone().unwrap_or_default(),
            confidence: measure.confidence,
            take: measure.confidence >= TICKED,
        }
    }

    /// The same as typed in a form. What the form does not hold stays as it was; a box that is not ticked is not sent
    /// with the rest of its measure.
    pub fn typed(&self, fields: &Fields) -> Finding {
        let key = |name: &str| format!("{name}-{}", self.seq);
        let has = |name: &str| fields.contains_key(&key(name));
        let text = |name: &str, kept: &String| match has(name) {
            true => one(fields, &key(name)).chars().take(LONGEST).collect::<String>(),
            false => kept.clone(),
        };
        let told = has("take") || ["text", "owners", "by", "kind"].into_iter().all(has);
        Finding {
            text: text("text", &self.text),
            owners: text("owners", &self.owners),
            by: text("by", &self.by),
            kind: text("kind", &self.kind),
            take: if told { !one(fields, &key("take")).is_empty() } else { self.take },
            ..self.clone()
        }
    }

    /// The same with the next one added to it.
    pub fn with(&self, next: &Finding) -> Finding {
        let or = |own: &String, other: &String| if own.is_empty() { other.clone() } else { own.clone() };
        let spans = self.until > 0 && next.until > 0;
        Finding {
            until: if spans { next.until.max(self.until) } else { self.until },
            text: format!("{}；{}", self.text.trim_end_matches('；'), next.text),
            owners: or(&self.owners, &next.owners),
            posts: or(&self.posts, &next.posts),
            by: self.by.clone().max(next.by.clone()),
            due: or(&self.due, &next.due),
            quantity: or(&self.quantity, &next.quantity),
            speaker: or(&self.speaker, &next.speaker),
            ..self.clone()
        }
    }
}

/// The day by which it is to be done; a rhythm ends with the year, and what is not said is left to the person.
fn day(due: Option<&Due>, reading: &Reading) -> String {
    let end = jiff::civil::Date::new(reading.day.year(), 12, 31).unwrap_or(reading.day);
    match due {
        Some(Due::By(day)) => day.to_string(),
        Some(Due::Every(_) | Due::Standing) => end.to_string(),
        _ => String::new(),
    }
}
