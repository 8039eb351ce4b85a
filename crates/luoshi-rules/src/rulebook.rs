//! The rulebook: the base pack and the lists in force, each edition from its day on.
//! A change takes effect with the next period; old periods keep the old wording.

use crate::campaign::Campaign;
use crate::{Calendar, Clause, Kind, Pack, Period};
use jiff::civil::Date;
use std::sync::Arc;

/// The packs of one organisation.
#[derive(Debug, Clone)]
pub struct Rulebook {
    /// what there is
    pub base: Arc<Pack>,
    /// public holidays and working days
    pub calendar: Arc<Calendar>,
    /// lists, by the day from which they are in force, oldest first
    pub editions: Vec<Edition>,
}

/// A list in force from a day on.
#[derive(Debug, Clone)]
pub struct Edition {
    /// the list
    pub pack: Arc<Pack>,
    /// first day
    pub from: Date,
    /// first day on which it is no longer in force
    pub until: Option<Date>,
}

impl Edition {
    /// Whether it rules a period: the edition in force on the day that decides, for most the first day, does.
    pub fn rules(&self, period: &Period) -> bool {
        self.in_force(period.decided_on())
    }

    /// Whether it is in force on a day.
    pub fn in_force(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}

impl Rulebook {
    /// A rulebook of a base pack and editions in any order; a later edition of the same list ends the earlier.
    pub fn new(base: Arc<Pack>, calendar: Arc<Calendar>, mut editions: Vec<Edition>) -> Rulebook {
        editions.sort_by_key(|edition| edition.from);
        for at in 0..editions.len() {
            let next = editions[at + 1..].iter().find(|later| later.pack.head.id == editions[at].pack.head.id);
            let next = next.map(|later| later.from);
            let own = editions[at].until;
            editions[at].until = [own, next].into_iter().flatten().min();
        }
        Rulebook { base, calendar, editions }
    }

    /// The clauses of every edition that may rule a period ending in `year`, in the order of lists.
    pub fn clauses(&self, year: i16) -> impl Iterator<Item = (&Edition, &Clause)> {
        let alive = move |edition: &&Edition| {
            edition.from.year() <= year && edition.until.is_none_or(|until| until.year() >= year - 10)
        };
        self.editions.iter().filter(alive).flat_map(|edition| edition.pack.clause.iter().map(move |c| (edition, c)))
    }

    /// The clauses in force on a day.
    pub fn in_force(&self, day: Date) -> impl Iterator<Item = &Clause> {
        self.editions.iter().filter(move |edition| edition.in_force(day)).flat_map(|edition| &edition.pack.clause)
    }

    /// A clause as it stands on a day; otherwise as it last stood.
    pub fn clause(&self, id: &str, day: Date) -> Option<&Clause> {
        let find = |edition: &'_ Edition| edition.pack.clause.iter().position(|clause| clause.id == id);
        let current = self.editions.iter().filter(|edition| edition.in_force(day));
        let any = current.chain(self.editions.iter().rev());
        any.into_iter().find_map(|edition| edition.pack.clause.get(find(edition)?))
    }

    /// The campaigns of the organisation, the newest first: each list in its newest edition.
    pub fn campaigns(&self) -> Vec<(&Pack, &Campaign)> {
        let mut found: Vec<(&Pack, &Campaign)> = Vec::new();
        for edition in self.editions.iter().rev() {
            let known = found.iter().any(|(pack, _)| pack.head.id == edition.pack.head.id);
            found.extend(edition.pack.campaign.as_ref().filter(|_| !known).map(|campaign| (&*edition.pack, campaign)));
        }
        found.sort_by_key(|(_, campaign)| std::cmp::Reverse(campaign.from));
        found
    }

    /// The kind with this key, in the newest list that has it or in the base pack.
    pub fn kind(&self, id: &str) -> Option<&Kind> {
        self.editions.iter().rev().find_map(|edition| edition.pack.kind(id)).or_else(|| self.base.kind(id))
    }

    /// Whether a kind belongs to a campaign that is over: offered to nobody any more, though what is missing may still
    /// be recorded.
    pub fn is_over(&self, kind: &str, day: Date) -> bool {
        let last = self.editions.iter().rfind(|edition| edition.pack.kind(kind).is_some());
        last.and_then(|edition| edition.pack.campaign.as_ref()).is_some_and(|campaign| campaign.until < day)
    }

    /// Every kind, those of the base pack first.
    pub fn kinds(&self) -> Vec<&Kind> {
        let newest = |kind| self.kind(kind).into_iter();
        let mut kinds: Vec<&Kind> = self.base.kind.iter().flat_map(|kind| newest(&kind.id)).collect();
        for kind in self.editions.iter().rev().flat_map(|edition| &edition.pack.kind) {
            if !kinds.iter().any(|known| known.id == kind.id) {
                kinds.push(kind);
            }
        }
        kinds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cadence;
    use crate::pack::Head;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn kind(id: &str, zh: &str) -> Kind {
        serde_json::from_value(serde_json::json!({ "id": id, "name": { "zh": zh, "en": zh } })).unwrap()
    }

    fn edition(id: &str, from: &str, wording: &str) -> Edition {
        let clause = serde_json::json!({ "id": "c", "text": { "zh": wording, "en": "" }, "section": "s",
            "every": "quarter", "counts": [{ "record": "talk" }] });
        let head = Head { id: id.into(), version: wording.into(), ..Head::default() };
        let clause = vec![serde_json::from_value(clause).unwrap()];
        let pack = Pack { head, clause, kind: vec![kind("talk", wording)], ..Pack::default() };
        Edition { pack: Arc::new(pack), from: day(from), until: None }
    }

    fn rules(editions: Vec<Edition>) -> Rulebook {
        let base = Pack { kind: vec![kind("talk", "base"), kind("vote", "base")], ..Pack::default() };
        Rulebook::new(Arc::new(base), Arc::new(Calendar::default()), editions)
    }

    #[test]
    fn an_edition_rules_the_periods_that_begin_while_it_is_in_force() {
        let rules = rules(vec![edition("a", "2023-05-01", "new"), edition("a", "2020-01-01", "old")]);
        let ruling: Vec<_> = Cadence::Months(3)
            .of_year(2023)
            .iter()
            .map(|period| {
                let ruling = rules.editions.iter().filter(|edition| edition.rules(period));
                ruling.map(|edition| edition.pack.head.version.clone()).collect::<Vec<_>>().join("+")
            })
            .collect();
        assert_eq!(ruling, ["old", "old", "new", "new"]);
    }

    #[test]
    fn a_later_edition_ends_the_earlier_of_the_same_list_only() {
        let all =
            vec![edition("a", "2020-01-01", "a1"), edition("b", "2021-01-01", "b1"), edition("a", "2023-05-01", "a2")];
        let rules = rules(all);
        let words =
            |on: &str| rules.in_force(day(on)).map(|clause| clause.text.zh.clone()).collect::<Vec<_>>().join(" ");
        assert_eq!(words("2019-12-31"), "");
        assert_eq!(words("2023-04-30"), "a1 b1");
        assert_eq!(words("2023-05-01"), "b1 a2");
        assert_eq!(rules.editions[0].until, Some(day("2023-05-01")));
    }

    #[test]
    fn a_clause_is_worded_as_on_the_day_and_otherwise_as_it_last_was() {
        let mut last = edition("a", "2023-05-01", "new");
        last.until = Some(day("2024-01-01"));
        let rules = rules(vec![edition("a", "2020-01-01", "old"), last]);
        let word = |on: &str| rules.clause("c", day(on)).map(|clause| clause.text.zh.clone());
        assert_eq!(word("2022-01-01").as_deref(), Some("old"));
        assert_eq!(word("2023-06-01").as_deref(), Some("new"));
        assert_eq!(word("2025-06-01").as_deref(), Some("new"));
        assert_eq!(rules.clause("x", day("2023-06-01")), None);
    }

    #[test]
    fn a_kind_of_a_list_stands_before_that_of_the_base_and_is_listed_once() {
        let rules = rules(vec![edition("a", "2020-01-01", "list")]);
        assert_eq!(rules.kind("talk").unwrap().name.zh, "list");
        assert_eq!(rules.kind("vote").unwrap().name.zh, "base");
        assert!(rules.kind("none").is_none());
        assert_eq!(rules.kinds().iter().map(|kind| kind.name.zh.as_str()).collect::<Vec<_>>(), ["list", "base"]);
    }
}
