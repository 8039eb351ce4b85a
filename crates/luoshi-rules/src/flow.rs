//! A flow: the steps a matter goes through, who may take each, what each needs, how long it may last. Flows live in
//! the pack, so a new kind of matter is a new flow there.

use crate::Label;
use crate::record::Field;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The steps a matter goes through. Flows live in the pack.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// key: `follow-up`
    pub id: String,
    /// shown name
    pub name: Label,
    /// the flows of the matters it may be a part of: tasks hang under findings
    #[serde(default)]
    pub under: Vec<String>,
    /// whether the two sides are apart: who acts for the unit that must answer holds a post there, and none by which
    /// they stand over it on the opener's side; who answered does not judge the answer
    #[serde(default)]
    pub apart: bool,
    /// whether its matters hang beside the parts of a whole: what is drawn to be looked at again hinders no close
    #[serde(default)]
    pub beside: bool,
    /// how long such matters are given, by dated rules with their source
    #[serde(default)]
    pub window: Vec<Window>,
    /// what is to be sent when, as the day by which it is to be done comes near and passes
    #[serde(default)]
    pub timer: Vec<Timer>,
    /// the first is where a matter opens; one without `then` closes it
    pub step: Vec<Step>,
}

/// One step of a flow.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// key: `answered`
    pub id: String,
    /// shown name, as a state: 已提醒
    pub name: Label,
    /// words on the button that takes it: 发督办单
    #[serde(default)]
    pub button: Label,
    /// posts that may take a matter to this step; any one of them
    #[serde(default)]
    pub by: Vec<String>,
    /// a person named in the matter's data who may take it: `giver`
    pub person: Option<String>,
    /// on which side those posts must be held
    pub side: Side,
    /// whether it is beside the way: it is written down, and the matter stands where it stood
    #[serde(default)]
    pub aside: bool,
    /// whether it closes the matter although something may follow, such as opening it again
    #[serde(default)]
    pub ends: bool,
    /// steps the matter must have gone through before, so that no rung of a ladder is skipped
    #[serde(default)]
    pub after: Vec<String>,
    /// steps beside the way that must have been taken since the matter last moved: an approval, a request
    #[serde(default)]
    pub fresh: Vec<String>,
    /// whoever took one of these steps does not take this one
    #[serde(default)]
    pub other: Vec<String>,
    /// who has nothing to do with the unit that must answer: nobody verifies their own unit
    pub apart: Option<Apart>,
    /// steps at one of which every part must stand
    #[serde(default)]
    pub parts: Vec<String>,
    /// those of them at which one part at least must stand, so that nothing closes with nothing done; none: there may
    /// be no part at all, or none but such as were dropped
    #[serde(default)]
    pub done: Vec<String>,
    /// whether two at least must be on the team of the round
    #[serde(default)]
    pub pair: bool,
    /// the step its closed parts are taken to when it is reached: what was done is to be done again
    pub reopens: Option<String>,
    /// the step the whole is taken to when it is reached, if that was closed: what was one again is not
    pub wakes: Option<String>,
    /// the step beside the way by which what stands here is looked at from time to time; its limit is the next such day
    pub check: Option<String>,
    /// steps that may follow
    #[serde(default)]
    pub then: Vec<String>,
    /// whether a note must be written
    #[serde(default)]
    pub note: bool,
    /// whether evidence must be shown: a record of the unit, or a file
    #[serde(default)]
    pub evidence: bool,
    /// what the form asks besides
    #[serde(default)]
    pub field: Vec<Field>,
    /// the field with the new day by which the matter is to be done; older days stay in the events before
    pub limit: Option<String>,
    /// whether it may only be taken as long as the day by which it is to be done has not passed
    #[serde(default)]
    pub in_time: bool,
    /// whether it may only be taken once that day has passed
    #[serde(default)]
    pub late: bool,
    /// most days after a day was last given in which it may be taken: what was written wrongly is seen soon
    pub early: Option<i16>,
    /// most months that the new day may lie ahead
    pub within: Option<i8>,
    /// whether it may be entered afterwards, with the day on which it was done
    #[serde(default)]
    pub dated: bool,
    /// records it writes for the unit that acts, so that nobody writes down twice what the matter knows
    #[serde(default)]
    pub writes: Vec<Writes>,
    /// the bands a total of the number fields falls into, the highest first
    #[serde(default)]
    pub band: Vec<Band>,
    /// days until an answer is due once here; past them the matter shows as late
    pub days: Option<i16>,
    /// the same in working days
    pub workdays: Option<i16>,
}

/// A record that a step writes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Writes {
    /// its kind
    pub record: String,
    /// the step before whose day it bears; nothing is written when it was not taken
    pub on: String,
    /// answers of choices it holds: field → option
    #[serde(default, rename = "where")]
    pub answers: BTreeMap<String, String>,
    /// fields it takes over, from the answers to that step or from what the matter was opened with
    #[serde(default)]
    pub copy: Vec<String>,
}

/// Which of its two units acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// the unit that opened the matter
    Opener,
    /// the unit that must answer
    Addressee,
}

/// How far somebody must be from the unit that must answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Apart {
    /// they hold no post in it or below it
    Post,
    /// nor are they on its roll
    Roll,
}

/// How long something is given, from a day on, by a rule.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// key, the same through all versions: `concentrated`
    pub id: String,
    /// shown name
    pub name: Label,
    /// the first day on which the rule holds
    pub from: Date,
    /// how many months
    pub months: i8,
    /// which rule says so
    pub source: Label,
}

/// What is to be sent at a distance from the day by which a matter is to be done.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timer {
    /// key: `near`
    pub id: String,
    /// what it is called: 临期提醒
    pub name: Label,
    /// how many working days after that day; before it where negative
    pub workdays: i32,
    /// only while the matter stands at one of these steps; where none is named, as long as the opener's side acts
    #[serde(default)]
    pub at: Vec<String>,
    /// the step beside the way that is taken when it is sent; until then it is asked for
    pub sends: Option<String>,
}

/// One of the bands of a score.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// key: `good`
    pub id: String,
    /// shown name
    pub name: Label,
    /// the lowest total that falls into it
    pub from: u32,
    /// steps beside the way that it calls for before one that comes after the score: a talk
    #[serde(default)]
    pub asks: Vec<String>,
}

impl Flow {
    /// The step with this key.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.step.iter().find(|step| step.id == id)
    }

    /// Whether a matter at this step is closed.
    pub fn closes(&self, id: &str) -> bool {
        self.step(id).is_none_or(Step::is_end)
    }

    /// Whether people open its matters one by one: not where a person is chosen for each by drawing.
    pub fn is_open(&self) -> bool {
        self.step.iter().all(|step| step.person.is_none())
    }

    /// The windows in force on a day: of each key the newest that has begun.
    pub fn windows(&self, on: Date) -> Vec<&Window> {
        let begun: Vec<&Window> = self.window.iter().filter(|window| window.from <= on).collect();
        let newest = |one: &&Window| !begun.iter().any(|other| other.id == one.id && other.from > one.from);
        begun.iter().filter(|one| newest(one)).copied().collect()
    }
}

impl Step {
    /// Whether a matter that stands here is closed.
    pub fn is_end(&self) -> bool {
        self.ends || !self.aside && self.then.is_empty()
    }

    /// The total of the number fields of an answer, and the band it falls into.
    pub fn score(&self, data: &serde_json::Value) -> Option<(u64, &Band)> {
        let total = self.field.iter().filter_map(|field| data[&field.id].as_u64()).sum();
        self.band.iter().find(|band| u64::from(band.from) <= total).map(|band| (total, band))
    }
}
