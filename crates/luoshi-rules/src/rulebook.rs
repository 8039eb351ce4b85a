//! The rulebook: the base pack and the lists in force, each edition from its day on.
//! A change takes effect with the next period; old periods keep the old wording.

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

    /// The kind with this key, in the newest list that has it or in the base pack.
    pub fn kind(&self, id: &str) -> Option<&Kind> {
        self.editions.iter().rev().find_map(|edition| edition.pack.kind(id)).or_else(|| self.base.kind(id))
    }

    /// Every kind, those of the base pack first.
    pub fn kinds(&self) -> Vec<&Kind> {
        let mut kinds: Vec<&Kind> = self.base.kind.iter().collect();
        for kind in self.editions.iter().rev().flat_map(|edition| &edition.pack.kind) {
            if !kinds.iter().any(|known| known.id == kind.id) {
                kinds.push(kind);
            }
        }
        kinds
    }
}
