//! What pages ask of a whole ledger, told once for each: a page of many units would else go through every obligation.

use super::ledger::Ledger;
use luoshi_rules::{Obligation, Status, Unit};
use std::collections::HashMap;
use std::ops::Range;

/// Which of the two years an obligation is of, and where it stands there.
type Spot = (Of, usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    YearBefore,
    Year,
}

/// How many obligations press in which month they are due and where they stand; which are still to be met; how many of
/// each unit are overdue, with the first of them; where those of each unit are.
#[derive(Default)]
pub(super) struct Digest {
    counts: HashMap<((i16, i8), Status), i64>,
    wanting: Vec<Spot>,
    overdue: HashMap<i64, (Spot, usize)>,
    places: HashMap<i64, Vec<(Of, Range<usize>)>>,
}

impl Digest {
    fn take(&mut self, of: Of, at: usize, one: &Obligation) {
        *self.counts.entry(((one.due.year(), one.due.month()), one.status)).or_default() += 1;
        if one.status.is_wanting() {
            self.wanting.push((of, at));
        }
        if one.status == Status::Overdue {
            self.overdue.entry(one.unit.id).or_insert(((of, at), 0)).1 += 1;
        }
    }

    fn place(&mut self, of: Of, at: usize, one: &Obligation) {
        let runs = self.places.entry(one.unit.id).or_default();
        match runs.last_mut() {
            Some((last, run)) if *last == of && run.end == at => run.end = at + 1,
            _ => runs.push((of, at..at + 1)),
        }
    }
}

/// What presses: every obligation of the year, and those of the year before that are still to be met or were due this
/// year, of the units that stand below today: what is still to be done is for those they belong to now.
impl Ledger {
    fn digest(&self) -> &Digest {
        self.told.get_or_init(|| {
            let mut digest = Digest::default();
            for (of, all) in [(Of::YearBefore, self.before()), (Of::Year, self.every())] {
                let due = |one: &Obligation| of == Of::Year || one.due.year() >= self.year();
                for (at, one) in all.iter().enumerate().filter(|(_, one)| due(one)) {
                    digest.place(of, at, one);
                    if self.is_below(one.unit) {
                        digest.take(of, at, one);
                    }
                }
            }
            digest
        })
    }

    /// How many there are, by year and month in which they are due and by where they stand.
    pub fn counts(&self) -> impl Iterator<Item = ((i16, i8), Status, i64)> {
        self.digest().counts.iter().map(|((month, status), n)| (*month, *status, *n))
    }

    /// Those that are still to be met, in the order of years, units, clauses, periods.
    pub fn wanting(&self) -> Vec<&Obligation<'_>> {
        self.digest().wanting.iter().filter_map(|(of, at)| self.of(*of).get(*at)).collect()
    }

    /// Units with something overdue, and how much, in no order.
    pub fn overdue(&self) -> impl Iterator<Item = (&Unit, usize)> {
        let each = self.digest().overdue.values();
        each.filter_map(|((of, at), n)| Some((self.of(*of).get(*at)?.unit, *n)))
    }

    /// Those of one unit.
    pub fn pressing(&self, unit: i64) -> Vec<&Obligation<'_>> {
        self.runs(unit, |_| true).filter(|one| self.is_below(one.unit)).collect()
    }

    /// Everything of the year of one unit, also of one that has left.
    pub fn of_unit(&self, unit: i64) -> impl Iterator<Item = &Obligation<'_>> {
        self.runs(unit, |of| of == Of::Year)
    }

    fn runs(&self, unit: i64, wanted: impl Fn(Of) -> bool) -> impl Iterator<Item = &Obligation<'_>> {
        let runs = self.digest().places.get(&unit).into_iter().flatten().filter(move |(of, _)| wanted(*of));
        runs.filter_map(|(of, run)| self.of(*of).get(run.clone())).flatten()
    }

    fn of(&self, of: Of) -> &[Obligation<'_>] {
        match of {
            Of::YearBefore => self.before(),
            Of::Year => self.every(),
        }
    }
}
