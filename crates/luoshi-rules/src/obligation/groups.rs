//! What is asked of each Party group of a branch, and when enough was done.

use super::Case;
use crate::Period;
use crate::tally::Fact;

impl Case<'_> {
    /// The Party groups there were through the whole of a period that is asked of each; of one that is founded or ends in
    /// the middle of it nothing is asked.
    pub(super) fn groups(&self, period: &Period) -> Vec<i64> {
        let all = self.ground.tally.groups(self.unit.id).iter().filter(|_| self.clause.each_group);
        all.filter(|one| one.from <= period.first && period.last <= one.until).map(|one| one.id).collect()
    }

    /// The record with which enough was done: where each group has to, the first of the one that came last.
    pub(super) fn enough<'f>(&self, period: &Period, met_by: &[(&'f Fact, usize)]) -> Option<&'f Fact> {
        let groups = self.groups(period);
        if groups.is_empty() {
            return met_by.get(self.clause.at_least as usize - 1).map(|(fact, _)| *fact);
        }
        let first = |group: &i64| met_by.iter().map(|(fact, _)| *fact).find(|fact| fact.is_of(*group));
        let all: Option<Vec<&Fact>> = groups.iter().map(first).collect();
        all?.into_iter().max_by_key(|fact| (fact.on, fact.record))
    }

    pub(super) fn lacking(&self, period: &Period, met_by: &[(&Fact, usize)]) -> usize {
        let groups = self.groups(period);
        if groups.is_empty() {
            return (self.clause.at_least as usize).saturating_sub(met_by.len());
        }
        groups.iter().filter(|group| met_by.iter().all(|(fact, _)| !fact.is_of(**group))).count()
    }
}
