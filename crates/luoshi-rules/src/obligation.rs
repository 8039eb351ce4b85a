//! Obligations: clause × unit × period. Derived on every read, stored nowhere.

use crate::clause::{Count, Source, Whose, admits};
use crate::period::Name;
use crate::record::counts_as;
use crate::rulebook::Edition;
use crate::tally::{Fact, Holding, Tally};
use crate::{Cadence, Clause, Label, Period, Rulebook, Unit};
use jiff::{ToSpan, civil::Date};
use std::collections::BTreeSet;

/// Days after a planned day in which a missing record is no lateness, where the clause says nothing else.
pub const GRACE: i16 = 15;

/// What one unit owes under one clause in one period.
#[derive(Debug, Clone, PartialEq)]
pub struct Obligation<'a> {
    /// the clause, as worded for the period
    pub clause: &'a Clause,
    /// who owes
    pub unit: &'a Unit,
    /// for when
    pub period: Period,
    /// the first day whose records count
    pub from: Date,
    /// the day it is due
    pub due: Date,
    /// the records that count, oldest first, each with the place of the rule in the clause
    pub met_by: Vec<(&'a Fact, usize)>,
    /// how many records are still wanting
    pub lacking: usize,
    /// where it stands
    pub status: Status,
    /// where it would stand with what was written after the period was closed
    pub corrected: Option<Status>,
}

/// Where an obligation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// ▲ the due day is past
    Overdue,
    /// ◔ a planned day is past, the record is still to come, grace runs
    Awaiting,
    /// ◐ not yet, and there is time
    Open,
    /// ○ the period has not begun
    Ahead,
    /// ◑ enough records, the last after the due day
    Late,
    /// ● enough records
    Met,
    /// ◇ need not be met; the reason is shown
    Waived,
}

impl Status {
    /// Whether nothing remains to be done: met, in time or late, or waived.
    pub fn is_settled(self) -> bool {
        matches!(self, Status::Met | Status::Late | Status::Waived)
    }

    /// All of them, in the order of the legend.
    pub const ALL: [Status; 7] =
        [Status::Met, Status::Late, Status::Open, Status::Awaiting, Status::Overdue, Status::Ahead, Status::Waived];

    /// Whether its period has begun and it is still to be met.
    pub fn is_wanting(self) -> bool {
        matches!(self, Status::Overdue | Status::Awaiting | Status::Open)
    }
}

/// What obligations are derived from.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// the rules
    pub rules: &'a Rulebook,
    /// the facts
    pub tally: &'a Tally,
    /// the day it is
    pub today: Date,
    /// leaves out what was written after this day: "as known on"
    pub known: Option<Date>,
    /// periods due through the first day were closed on the second
    pub closed: Option<(Date, Date)>,
}

/// Every obligation of `units` in the periods ending in `year`, in the order of units, then clauses, then periods.
/// `units` must hold the units below those it is to count from, and those that were below on the days counted.
pub fn derive<'a>(ground: Ground<'a>, units: &'a [Unit], year: i16) -> impl Iterator<Item = Obligation<'a>> {
    let clauses: Vec<_> = ground.rules.clauses(year).filter(|(_, clause)| !clause.each_member).collect();
    units.iter().flat_map(move |unit| {
        let mut owed = Vec::new();
        // a unit that has always been what it is owes under no clause that does not bind it now
        let may_owe = |clause: &Clause| !unit.past.is_empty() || clause.binds(&unit.level, &unit.class);
        for (edition, clause) in clauses.iter().filter(|(_, clause)| may_owe(clause)) {
            let case = Case { ground, units, unit, clause };
            case.settle(edition, year, || case.facts(), &mut owed);
        }
        owed
    })
}

/// The obligations of one member under the clauses that bind each of them.
pub fn of_member<'a>(ground: Ground<'a>, unit: &'a Unit, person: i64, year: i16) -> Vec<Obligation<'a>> {
    let mut owed = Vec::new();
    let units = std::slice::from_ref(unit);
    for (edition, clause) in ground.rules.clauses(year).filter(|(_, clause)| clause.each_member) {
        let case = Case { ground, units, unit, clause };
        let stood = || case.matching(ground.tally.with(person).collect(), |fact, role| fact.has(role, person));
        case.settle(edition, year, stood, &mut owed);
    }
    owed
}

/// One clause and one unit.
struct Case<'a> {
    ground: Ground<'a>,
    units: &'a [Unit],
    unit: &'a Unit,
    clause: &'a Clause,
}

impl<'a> Case<'a> {
    fn periods(&self, year: i16) -> Vec<Period> {
        match self.clause.every {
            Cadence::Term => self.terms(year),
            Cadence::Event => Vec::new(),
            calendar => calendar.of_year(year),
        }
    }

    fn terms(&self, year: i16) -> Vec<Period> {
        let terms = self.ground.tally.terms(self.unit.id).iter().filter(|term| term.until.year() == year);
        terms.map(|term| Period { first: term.from, last: term.until, name: Name::Term }).collect()
    }

    fn events(&self, year: i16) -> Vec<Period> {
        let days: Vec<(i64, Date)> = match &self.clause.event {
            Some(Source::Record(kind)) => {
                let opens = |fact: &&Fact| fact.kind == *kind && admits(&self.clause.event_where, &fact.tags);
                let own = self.ground.tally.of(self.unit.id).iter().filter(opens);
                own.filter(|fact| self.known(fact)).map(|fact| (fact.record, fact.on)).collect()
            }
            Some(Source::Holiday) => {
                let holidays = self.ground.rules.calendar.holidays_of(year);
                holidays.map(|holiday| (day_number(holiday.first), holiday.first)).collect()
            }
            Some(Source::TermEnd) => {
                let own = self.ground.tally.terms(self.unit.id).iter().filter(|term| self.unit.exists_on(term.until));
                own.map(|term| (term.id, term.until)).collect()
            }
            Some(Source::TermEndBelow) => self.terms_below(),
            None => Vec::new(),
        };
        days.into_iter().filter(|(_, day)| day.year() == year).map(|(id, day)| self.event(id, day)).collect()
    }

    /// The days on which terms end directly below, each once: one notice serves all of that day. A term that a unit
    /// did not live to see the end of ends nothing.
    fn terms_below(&self) -> Vec<(i64, Date)> {
        let below = |unit: &Unit, day: Date| {
            let (mine, theirs) = (self.unit.path_on(day), unit.path_on(day));
            theirs.depth() == mine.depth() + 1 && mine.contains(theirs)
        };
        let near = self.units.iter().filter(|unit| !unit.past.is_empty() || below(unit, self.ground.today));
        let terms = near.flat_map(|unit| self.ground.tally.terms(unit.id).iter().map(move |term| (unit, term.until)));
        let days: BTreeSet<Date> =
            terms.filter(|(unit, day)| unit.exists_on(*day) && below(unit, *day)).map(|(_, day)| day).collect();
        days.into_iter().map(|day| (day_number(day), day)).collect()
    }

    /// The stretch in which an event is answered: up to a year before it, or from it to the due day and on.
    fn event(&self, id: i64, day: Date) -> Period {
        let far = |n: i32| day.checked_add(n.months()).unwrap_or(day);
        match self.clause.due.is_before() {
            true if self.clause.event == Some(Source::Holiday) => {
                Period { first: far(-1), last: day, name: Name::Before(id) }
            }
            true => Period { first: far(-12), last: day, name: Name::Before(id) },
            false => Period { first: day, last: far(12), name: Name::Event(id) },
        }
    }

    /// Whether the unit owes a period at all: bound by level, class and parts, and founded before it began.
    fn owes(&self, period: &Period) -> bool {
        let (unit, clause, first, day) = (self.unit, self.clause, period.first, period.decided_on());
        let started = match period.name {
            Name::Event(_) | Name::Before(_) | Name::Term | Name::Dates => {
                unit.exists_on(period.last) || unit.exists_on(first)
            }
            _ => unit.founded <= first,
        };
        let alive = unit.dissolved.as_ref().is_none_or(|(end, _)| first <= *end);
        let grouped = clause.each_group && !self.groups(period).is_empty();
        let has =
            |part: &String| grouped || unit.parts_on(day).contains(part) || self.ground.tally.has_part(unit.id, part);
        started && alive && clause.binds(unit.level_on(day), unit.class_on(day)) && clause.needs.iter().all(has)
    }

    /// Adds what is owed in a year. `facts` gives the records that count, and is not asked where nothing is owed.
    fn settle(
        &self,
        edition: &Edition,
        year: i16,
        facts: impl FnOnce() -> Vec<(&'a Fact, usize)>,
        owed: &mut Vec<Obligation<'a>>,
    ) {
        if self.clause.every == Cadence::Event {
            return self.settle_events(edition, year, facts, owed);
        }
        let periods = self.periods(year).into_iter().filter(|period| edition.rules(period) && self.owes(period));
        let mut periods = periods.peekable();
        if periods.peek().is_some() {
            let facts = facts();
            owed.extend(periods.map(|period| self.obligation(period, &facts)));
        }
    }

    /// Each event takes the earliest records no earlier event has taken. Those of the year before take theirs first,
    /// whatever edition ruled them, so that a record around New Year does not count in both years.
    fn settle_events(
        &self,
        edition: &Edition,
        year: i16,
        facts: impl FnOnce() -> Vec<(&'a Fact, usize)>,
        owed: &mut Vec<Obligation<'a>>,
    ) {
        let events = [self.events(year - 1), self.events(year)].concat();
        let mut periods: Vec<_> = events.into_iter().filter(|period| self.owes(period)).collect();
        if !periods.iter().any(|period| period.year() == year && edition.rules(period)) {
            return;
        }
        periods.sort_by_key(|period| (period.last, period.first));
        let mut left = facts();
        for period in periods {
            let one = self.obligation(period, &left);
            let enough = one.met_by.iter().take(self.clause.at_least as usize);
            let taken: Vec<i64> = enough.map(|(fact, _)| fact.record).collect();
            left.retain(|(fact, _)| !taken.contains(&fact.record));
            if period.year() == year && edition.rules(&period) {
                owed.push(one);
            }
        }
    }

    fn known(&self, fact: &Fact) -> bool {
        self.ground.known.is_none_or(|known| fact.written <= known)
    }

    /// The records that count towards the clause in any period, oldest first.
    fn facts(&self) -> Vec<(&'a Fact, usize)> {
        let tally = self.ground.tally;
        let Some(post) = &self.clause.post else {
            let wide = self.clause.counts.iter().any(|count| count.of == Whose::Below);
            let lower = self.units.iter().filter(|other| wide && self.unit.ever_above(other));
            // a record counts for whoever was above on its day, wherever its unit has moved since
            let lower = lower.flat_map(|other| {
                tally.of(other.id).iter().filter(|fact| self.unit.path_on(fact.on).contains(other.path_on(fact.on)))
            });
            return self.matching(tally.of(self.unit.id).iter().chain(lower).collect(), |_, _| true);
        };
        let holders = tally.holders(self.unit.id, post);
        let mut all: Vec<&Fact> = tally.of(self.unit.id).iter().collect();
        if self.clause.counts.iter().any(|count| count.role.is_some()) {
            let elsewhere = holders.iter().flat_map(|holder| tally.with(holder.person));
            all.extend(elsewhere.filter(|fact| fact.unit != self.unit.id));
            all.sort_by_key(|fact| fact.record);
            all.dedup_by_key(|fact| fact.record);
        }
        self.matching(all, |fact, role| holders.iter().any(|one| one.held(fact.on) && fact.has(role, one.person)))
    }

    fn matching(&self, all: Vec<&'a Fact>, stands: impl Fn(&Fact, &str) -> bool) -> Vec<(&'a Fact, usize)> {
        let counts = |fact: &Fact, count: &Count| {
            let theirs = count.role.is_some() || count.of == Whose::Below || fact.unit == self.unit.id;
            counts_as((&fact.kind, &fact.tags), &count.record)
                && theirs
                && count.admits(&fact.tags)
                && count.role.as_ref().is_none_or(|role| stands(fact, role))
        };
        let rule = |fact: &'a Fact| Some((fact, self.clause.counts.iter().position(|count| counts(fact, count))?));
        let mut found: Vec<_> = all.into_iter().filter(|fact| self.known(fact)).filter_map(rule).collect();
        found.sort_by_key(|(fact, _)| (fact.on, fact.record));
        // a joint meeting of several units below is one meeting
        found.dedup_by_key(|(fact, _)| fact.record);
        found
    }

    fn obligation(&self, period: Period, facts: &[(&'a Fact, usize)]) -> Obligation<'a> {
        let due = self.clause.due.of(&period, &self.ground.rules.calendar);
        let (from, until) = self.window(&period, due);
        let key = period.key();
        let met_by = facts.iter().copied().filter(|(fact, _)| match fact.makes_up.as_str() {
            "" => from <= fact.on && fact.on <= until,
            made_up => made_up == key,
        });
        let met_by: Vec<_> = met_by.collect();
        let waiver = self.ground.tally.waiver(self.unit.id, &self.clause.id, &key);
        let waived = |by: Option<Date>| waiver.is_some_and(|waiver| by.is_none_or(|day| waiver.on <= day));
        let now = self.status(&period, due, &met_by, waived(self.ground.known));
        let frozen = self.ground.closed.filter(|(through, _)| due <= *through).map(|(_, closed)| {
            let then: Vec<_> = met_by.iter().copied().filter(|(fact, _)| fact.written <= closed).collect();
            self.status(&period, due, &then, waived(Some(closed)))
        });
        let lacking = self.lacking(&period, &met_by);
        let (status, corrected) = match frozen {
            Some(then) if then != now => (then, Some(now)),
            _ => (now, None),
        };
        Obligation { clause: self.clause, unit: self.unit, period, from, due, met_by, lacking, status, corrected }
    }

    /// The days whose records count. A due day after the end of the period shifts the stretch, so that no record
    /// counts for two periods of one clause.
    fn window(&self, period: &Period, due: Date) -> (Date, Date) {
        let calendar = matches!(self.clause.every, Cadence::Months(_) | Cadence::Years(_));
        if !calendar || due <= period.last {
            return (period.first, period.last.max(due));
        }
        let before = period.first.yesterday().unwrap_or(period.first);
        let mut earlier = self.clause.every.of_year(before.year()).into_iter();
        let earlier = earlier.find(|one| one.contains(before));
        let start = earlier.map(|one| self.clause.due.of(&one, &self.ground.rules.calendar));
        (start.and_then(|day| day.tomorrow().ok()).unwrap_or(period.first).max(period.first), due)
    }

    fn status(&self, period: &Period, due: Date, met_by: &[(&Fact, usize)], waived: bool) -> Status {
        let today = self.ground.today;
        let last = self.enough(period, met_by);
        let gone = self.unit.dissolved.as_ref().is_some_and(|(end, _)| *end < due && *end <= today);
        match last {
            Some(fact) if fact.on <= due && fact.makes_up.is_empty() => Status::Met,
            Some(_) => Status::Late,
            None if gone || waived => Status::Waived,
            None if today < period.first => Status::Ahead,
            None if self.awaits_record(period) => Status::Awaiting,
            None if today <= due => Status::Open,
            None => Status::Overdue,
        }
    }

    fn awaits_record(&self, period: &Period) -> bool {
        let grace = i32::from(self.clause.grace.unwrap_or(GRACE)).days();
        let today = self.ground.today;
        self.ground.tally.plans(self.unit.id).iter().any(|plan| {
            let ours = period.contains(plan.on) && self.clause.counts.iter().any(|count| count.record == plan.kind);
            ours && plan.on < today && plan.on.checked_add(grace).is_ok_and(|end| today <= end)
        })
    }
}

impl Holding {
    /// Whether the post was held on a day.
    pub fn held(&self, day: Date) -> bool {
        self.from <= day && day <= self.until
    }
}

impl Obligation<'_> {
    /// Those who held the post during the period, all of their names; empty for clauses that bind the unit.
    pub fn holders<'t>(&self, tally: &'t Tally) -> Vec<&'t Holding> {
        let post = self.clause.post.as_deref().unwrap_or_default();
        let held = tally.holders(self.unit.id, post).iter();
        held.filter(|one| one.from <= self.due && self.period.first <= one.until).collect()
    }

    /// The day whose tree says below whom it was owed: the last of its period, after an event the day it was due.
    pub fn stands_on(&self) -> Date {
        if matches!(self.period.name, Name::Event(_)) { self.due } else { self.period.last }
    }

    /// Why it is waived.
    pub fn reason(&self, tally: &Tally) -> Option<Label> {
        let waiver = tally.waiver(self.unit.id, &self.clause.id, &self.period.key());
        waiver.map(|waiver| waiver.reason.clone()).or_else(|| {
            let (end, why) = self.unit.dissolved.as_ref()?;
            Some(Label::new(format!("{end} 撤销：{why}"), format!("dissolved on {end}: {why}")))
        })
    }

    /// Whether a record that counts was written only after the due day.
    pub fn back_filled(&self) -> bool {
        self.met_by.iter().any(|(fact, _)| fact.on <= self.due && self.due < fact.written)
    }
}

/// A key for an event that has no row: the day as a number, 20230122.
fn day_number(day: Date) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

mod groups;
#[cfg(test)]
mod tests;
