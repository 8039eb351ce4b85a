//! What is known of a year: the facts that obligations are derived from, gathered by unit and by person.

use crate::Label;
use crate::record::GROUP;
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};

/// Everything the rules need to know of the units of a scope.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    facts: HashMap<i64, Vec<Fact>>,
    stood: HashMap<i64, Vec<(i64, usize)>>,
    plans: HashMap<i64, Vec<Plan>>,
    waivers: HashMap<(i64, String, String), Waiver>,
    holders: HashMap<(i64, String), Vec<Holding>>,
    terms: HashMap<i64, Vec<Term>>,
    parts: HashSet<(i64, String)>,
    groups: HashMap<i64, Vec<Group>>,
}

/// A record, as far as the rules need to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// the record
    pub record: i64,
    /// the unit that keeps it
    pub unit: i64,
    /// its kind
    pub kind: String,
    /// the day it happened
    pub on: Date,
    /// the day it was written
    pub written: Date,
    /// options chosen, as `field:option` separated by spaces
    pub tags: String,
    /// who stood in which role, as `role:person` separated by spaces
    pub roles: String,
    /// key of an earlier period it makes up for, or empty
    pub makes_up: String,
}

/// Something a unit means to do on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// kind of record
    pub kind: String,
    /// the day
    pub on: Date,
}

/// An obligation that need not be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// why
    pub reason: Label,
    /// since when
    pub on: Date,
}

/// A person who held a post between two days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// the person
    pub person: i64,
    /// shown name
    pub name: String,
    /// first day
    pub from: Date,
    /// last day
    pub until: Date,
}

/// A Party group of a branch, between two days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// key
    pub id: i64,
    /// first day
    pub from: Date,
    /// last day
    pub until: Date,
}

/// A term of office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// key
    pub id: i64,
    /// first day
    pub from: Date,
    /// day it ends, extensions counted
    pub until: Date,
}

impl Fact {
    /// Whether it is a meeting of this Party group.
    pub fn is_of(&self, group: i64) -> bool {
        let named =
            |tag: &str| tag.split_once(':').is_some_and(|(field, id)| field == GROUP && id.parse() == Ok(group));
        self.tags.split(' ').any(named)
    }

    /// Whether somebody stood on the record in a role.
    pub fn has(&self, role: &str, person: i64) -> bool {
        self.roles.split(' ').any(|one| one.split_once(':').is_some_and(|(r, p)| r == role && p.parse() == Ok(person)))
    }
}

impl Tally {
    /// Adds a record. Each is added once; facts of one unit may come in any order.
    pub fn add(&mut self, fact: Fact) {
        let list = self.facts.entry(fact.unit).or_default();
        for one in fact.roles.split(' ').filter_map(|one| one.split_once(':')?.1.parse::<i64>().ok()) {
            let places = self.stood.entry(one).or_default();
            if places.last() != Some(&(fact.unit, list.len())) {
                places.push((fact.unit, list.len()));
            }
        }
        list.push(fact);
    }

    /// Adds a record to a unit that took part in it: a joint meeting counts once for each. Who stood on it is known from
    /// the unit that keeps it.
    pub fn join(&mut self, unit: i64, fact: Fact) {
        self.facts.entry(unit).or_default().push(fact);
    }

    /// Adds a plan of a unit.
    pub fn plan(&mut self, unit: i64, plan: Plan) {
        self.plans.entry(unit).or_default().push(plan);
    }

    /// Notes that an obligation is waived.
    pub fn waive(&mut self, unit: i64, clause: &str, period: &str, waiver: Waiver) {
        self.waivers.insert((unit, clause.to_owned(), period.to_owned()), waiver);
    }

    /// Adds a holder of a post.
    pub fn hold(&mut self, unit: i64, post: &str, holding: Holding) {
        self.holders.entry((unit, post.to_owned())).or_default().push(holding);
    }

    /// Adds a term of office of a unit.
    pub fn term(&mut self, unit: i64, term: Term) {
        self.terms.entry(unit).or_default().push(term);
    }

    /// Notes a part a unit has by the facts, such as applicants to be observed.
    pub fn part(&mut self, unit: i64, part: &str) {
        self.parts.insert((unit, part.to_owned()));
    }

    /// Adds a Party group of a branch.
    pub fn group(&mut self, unit: i64, group: Group) {
        self.groups.entry(unit).or_default().push(group);
    }

    /// Party groups of a branch, those that have ended too.
    pub fn groups(&self, unit: i64) -> &[Group] {
        self.groups.get(&unit).map_or(&[], Vec::as_slice)
    }

    /// Records kept by a unit.
    pub fn of(&self, unit: i64) -> &[Fact] {
        self.facts.get(&unit).map_or(&[], Vec::as_slice)
    }

    /// Records, of any unit, on which a person stands.
    pub fn with(&self, person: i64) -> impl Iterator<Item = &Fact> {
        let places = self.stood.get(&person).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|(unit, at)| self.facts.get(unit)?.get(*at))
    }

    /// Whether the facts say that a unit has a part.
    pub fn has_part(&self, unit: i64, part: &str) -> bool {
        self.parts.contains(&(unit, part.to_owned()))
    }

    /// Plans of a unit.
    pub fn plans(&self, unit: i64) -> &[Plan] {
        self.plans.get(&unit).map_or(&[], Vec::as_slice)
    }

    /// Terms of a unit.
    pub fn terms(&self, unit: i64) -> &[Term] {
        self.terms.get(&unit).map_or(&[], Vec::as_slice)
    }

    /// Everyone who held a post in a unit, in the order they were added.
    pub fn holders(&self, unit: i64, post: &str) -> &[Holding] {
        self.holders.get(&(unit, post.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// The waiver of an obligation, if there is one.
    pub fn waiver(&self, unit: i64, clause: &str, period: &str) -> Option<&Waiver> {
        if self.waivers.is_empty() {
            return None;
        }
        self.waivers.get(&(unit, clause.to_owned(), period.to_owned()))
    }

    /// Units that have records.
    pub fn units(&self) -> impl Iterator<Item = i64> {
        self.facts.keys().copied()
    }
}
