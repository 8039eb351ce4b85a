//! A round: a flow run over a chosen set of units between dates, such as an inspection round. Coverage is counted over
//! rounds: who has been looked at since the term began, who has waited longest, and what the next round should take.

mod propose;
mod recuse;
mod sample;

pub use propose::{Candidate, Proposal, Room, propose};
pub use recuse::{Ground, Service, recusal};
pub use sample::draw;

use crate::Label;
use serde::Deserialize;

/// A kind of round. Kinds live in the pack.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// key: `unit_inspection`
    pub id: String,
    /// shown name
    pub name: Label,
    /// levels of the units it looks at
    pub level: Vec<String>,
    /// levels of the units that send it
    pub office: Vec<String>,
    /// the flow of the matter opened for each unit
    pub flow: String,
    /// for how many years after serving in a unit nobody looks at it; 0 for none
    #[serde(default)]
    pub served: i16,
    /// which rule says so
    #[serde(default)]
    pub source: Label,
}
