//! A campaign (主题教育, 警示教育月, 专项行动): a list with dates of its own. It bundles clauses, kinds and figures, ends by
//! its last day, and is summed up from what was recorded.

use crate::obligation::Status;
use crate::{Label, Obligation};
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The days of a campaign.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// first day
    pub from: Date,
    /// last day
    pub until: Date,
    /// the paper that ordered it
    #[serde(default)]
    pub document: Label,
}

impl Campaign {
    /// Whether a day lies within.
    pub fn runs(&self, day: Date) -> bool {
        self.from <= day && day <= self.until
    }
}

/// How far units have come with what a campaign asks of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// units of which it asks anything
    pub units: usize,
    /// those that have met something
    pub begun: usize,
    /// those that have met everything that was not waived
    pub done: usize,
}

/// How far the units that owe these obligations have come.
pub fn progress<'a>(owed: impl IntoIterator<Item = &'a Obligation<'a>>) -> Progress {
    let mut units: BTreeMap<i64, (bool, bool)> = BTreeMap::new();
    for one in owed.into_iter().filter(|one| one.status != Status::Waived) {
        let met = matches!(one.status, Status::Met | Status::Late);
        let (begun, done) = units.entry(one.unit.id).or_insert((false, true));
        *begun |= met;
        *done &= met;
    }
    let count = |wanted: fn(&(bool, bool)) -> bool| units.values().filter(|unit| wanted(unit)).count();
    Progress { units: units.len(), begun: count(|unit| unit.0), done: count(|unit| unit.1) }
}
