//! A matter: something opened that must be closed, such as a reminder, an order or a transfer.
//! Its state is never stored: it is the step of its last event.

use crate::{Label, Permit, Refusal};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

/// The steps a matter goes through. Flows live in the pack.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// key: `follow-up`
    pub id: String,
    /// shown name
    pub name: Label,
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
    /// steps that may follow
    #[serde(default)]
    pub then: Vec<String>,
    /// whether a note must be written
    #[serde(default)]
    pub note: bool,
    /// days until an answer is due once here; past them the matter shows as late
    pub days: Option<i16>,
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

/// Something opened that must be closed.
#[derive(Debug, Clone, PartialEq)]
pub struct Matter {
    /// key
    pub id: i64,
    /// flow, by its key in the pack
    pub flow: String,
    /// unit that must answer
    pub unit: i64,
    /// unit that opened it
    pub opener: i64,
    /// title as first written; never changes
    pub title: String,
    /// what it is about, by flow
    pub data: Value,
    /// day it was opened
    pub opened: Date,
    /// what happened, first to last
    pub events: Vec<Event>,
}

/// A fact: someone took a matter to a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// 1, 2, 3 …
    pub seq: i64,
    /// step reached
    pub step: String,
    /// who did it; 0 for the program itself
    pub actor: i64,
    /// what they wrote
    pub note: String,
    /// the day
    pub on: Date,
}

impl Flow {
    /// The step with this key.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.step.iter().find(|step| step.id == id)
    }

    /// Whether a matter at this step is closed.
    pub fn closes(&self, id: &str) -> bool {
        self.step(id).is_none_or(|step| step.then.is_empty())
    }
}

impl Matter {
    /// The step it stands at.
    pub fn state<'f>(&self, flow: &'f Flow) -> Option<&'f Step> {
        let last = self.events.last().and_then(|event| flow.step(&event.step));
        last.or_else(|| flow.step.first())
    }

    /// The unit whose posts may take this step.
    pub fn acting(&self, step: &Step) -> i64 {
        match step.side {
            Side::Opener => self.opener,
            Side::Addressee => self.unit,
        }
    }

    /// The day the present step should have been left; none when it has no limit or is closed.
    pub fn limit(&self, flow: &Flow) -> Option<Date> {
        use jiff::ToSpan;
        let days = self.state(flow)?.days?;
        let since = self.events.last().map_or(self.opened, |event| event.on);
        since.checked_add(i32::from(days).days()).ok()
    }

    /// The steps this person may take next.
    pub fn open_to<'f>(&self, flow: &'f Flow, permit: &Permit) -> Vec<&'f Step> {
        let from = self.state(flow).map_or(&[][..], |step| &step.then);
        from.iter().filter_map(|id| flow.step(id)).filter(|step| self.may(step, permit)).collect()
    }

    /// The step `to`, if the flow allows it next and the holder of the permit may take it.
    pub fn next<'f>(&self, flow: &'f Flow, to: &str, permit: &Permit) -> Result<&'f Step, Refusal> {
        let from = self.state(flow);
        let follows = from.is_some_and(|step| step.then.iter().any(|id| id == to));
        match flow.step(to).filter(|_| follows) {
            None => {
                let name = from.map(|step| step.name.clone()).unwrap_or_default();
                Err(Refusal::rule(
                    format!("该事项现处于“{}”，不能这样办理；请刷新页面查看最新进展", name.zh),
                    format!("this matter is now at “{}”; reload the page to see how it stands", name.en),
                ))
            }
            Some(step) if !self.may(step, permit) => Err(Refusal::NotAllowed),
            Some(step) => Ok(step),
        }
    }

    fn may(&self, step: &Step, permit: &Permit) -> bool {
        let named = step.person.as_ref().is_some_and(|key| self.data[key].as_i64() == Some(permit.person()));
        let held = self.acting(step) == permit.unit() && step.by.iter().any(|post| permit.acts_as(post));
        named || held
    }
}
