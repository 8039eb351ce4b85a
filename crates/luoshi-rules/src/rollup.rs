//! Roll-ups: what each record adds to the figures of every unit above it, as the tree stood on its day. A cache over
//! facts: it can be dropped and counted anew.

use crate::figure::Lot;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Field under which records are counted. Keys of fields of the pack have no such sign.
pub const RECORDS: &str = "#records";
/// Field under which those present are counted.
pub const PRESENT: &str = "#present";

/// Where a record is counted: a unit as it stood on the day of the record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Place {
    /// its place in the tree then; a place once given is never given to another unit
    pub path: String,
    /// its level then
    pub level: String,
    /// its class then
    pub class: String,
}

/// What one record adds, or takes away again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Share {
    /// 1, or -1 for what is taken away
    pub n: i64,
    /// the day it happened
    pub on: Date,
    /// kind
    pub kind: String,
    /// options chosen
    pub tags: String,
    /// the unit that keeps it, then those that took part
    pub places: Vec<Place>,
    /// records, those present, and number fields
    pub fields: BTreeMap<String, i64>,
    /// who stood on it and in which role, where people of its kind are counted
    pub people: Vec<(i64, String)>,
}

/// Before the month of counters that are told apart by the places below.
pub const BELOW: &str = "b";

/// The field under which a number field is counted once for each of those present.
pub fn each(field: &str) -> String {
    format!("*{field}")
}

/// A counter of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Counter {
    /// place of the unit
    pub path: Arc<str>,
    /// a month, `b` and a month where it is told apart by the places below, or `d` and a day
    pub span: Arc<str>,
    /// kind
    pub kind: Arc<str>,
    /// class of the unit that counts
    pub class: Arc<str>,
    /// its level
    pub level: Arc<str>,
    /// options chosen
    pub tags: Arc<str>,
    /// what is counted
    pub field: Arc<str>,
    /// the place directly below under which the record lies; empty for whole months and days
    pub below: Arc<str>,
}

/// A person who stood on records of a unit on a day. `field` of the counter is the role.
pub type Standing = (Counter, i64);

/// Counters and people, added up.
#[derive(Debug, Default)]
pub struct Sums {
    /// how much
    pub counters: HashMap<Counter, i64>,
    /// on how many records
    pub people: HashMap<Standing, i64>,
    words: Words,
}

/// One copy of each word: the same few stand in thousands of counters.
#[derive(Debug, Default)]
pub struct Words(HashSet<Arc<str>>);

impl Words {
    /// The copy of a word.
    pub fn copy(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.0.get(word) {
            return known.clone();
        }
        let new: Arc<str> = word.into();
        self.0.insert(new.clone());
        new
    }
}

impl Share {
    /// Every place that counts it, once each: with the unit of it that took part, and the place below in which that
    /// lies.
    pub fn counted(&self) -> Vec<(&str, &Place, &str)> {
        let mut all: Vec<(&str, &Place, &str)> = Vec::new();
        for place in &self.places {
            let ends = (crate::unit::WIDTH..=place.path.len()).step_by(crate::unit::WIDTH);
            for path in ends.filter_map(|end| place.path.get(..end)) {
                if all.iter().all(|(known, ..)| *known != path) {
                    let below = place.path.get(..path.len() + crate::unit::WIDTH).unwrap_or(path);
                    all.push((path, place, below));
                }
            }
        }
        all
    }
}

impl Sums {
    /// Adds a share to the counters of every place that is wanted.
    pub fn add(&mut self, share: &Share, wanted: impl Fn(&str) -> bool) {
        let (day, empty) = (share.on.to_string(), self.words.copy(""));
        let month = day.get(..7).unwrap_or_default();
        let spans = [month.to_owned(), format!("d{day}"), format!("{BELOW}{month}")].map(|span| self.words.copy(&span));
        let [month, on, apart] = spans;
        let (kind, tags) = (self.words.copy(&share.kind), self.words.copy(&share.tags));
        for (path, place, below) in share.counted().into_iter().filter(|(path, ..)| wanted(path)) {
            let (class, level) = (self.words.copy(&place.class), self.words.copy(&place.level));
            let counter = Counter {
                path: self.words.copy(path),
                span: month.clone(),
                kind: kind.clone(),
                class,
                level,
                tags: tags.clone(),
                field: empty.clone(),
                below: empty.clone(),
            };
            let place_below = self.words.copy(below);
            for (field, n) in share.fields.iter().filter(|(_, n)| **n != 0) {
                let whole = Counter { field: self.words.copy(field), ..counter.clone() };
                let of_day = Counter { span: on.clone(), ..whole.clone() };
                // what a unit keeps itself is the rest, so it has no counter of its own
                let of_below = Counter { span: apart.clone(), below: place_below.clone(), ..whole.clone() };
                for counter in [Some(whole), Some(of_day), (below != path).then_some(of_below)].into_iter().flatten() {
                    *self.counters.entry(counter).or_default() += n * share.n;
                }
            }
            for (person, role) in &share.people {
                let (field, below) = (self.words.copy(role), place_below.clone());
                let role = Counter { span: on.clone(), field, below, ..counter.clone() };
                *self.people.entry((role, *person)).or_default() += share.n;
            }
        }
    }
}

/// The lots that counters make, told apart by the places below, if that is asked for.
#[derive(Debug, Default)]
pub struct Lots {
    by_below: bool,
    empty: Arc<str>,
    all: HashMap<Counter, Lot>,
}

impl Lots {
    /// None yet.
    pub fn new(by_below: bool) -> Lots {
        Lots { by_below, ..Lots::default() }
    }

    /// Adds a counter of any span. Where places below are told apart, what lies under none of them is the unit's own.
    pub fn put(&mut self, counter: &Counter, n: i64) {
        let whole = !counter.span.starts_with(['b', 'd']);
        match (self.by_below, counter.span.strip_prefix(BELOW)) {
            (true, Some(month)) => {
                let of_below = Counter { span: month.into(), ..counter.clone() };
                self.add(&of_below, n);
                self.add(&Counter { below: counter.path.clone(), ..of_below }, -n);
            }
            (false, Some(_)) => {}
            (true, None) if whole => self.add(&Counter { below: counter.path.clone(), ..counter.clone() }, n),
            (_, None) => self.add(counter, n),
        }
    }

    /// Adds people who stood on records, whatever the place below.
    pub fn stood(&mut self, counter: &Counter, people: impl Iterator<Item = i64>) {
        let below = if self.by_below { counter.below.clone() } else { self.empty.clone() };
        let lot = self.of(&Counter { below, ..counter.clone() });
        lot.people.extend(people.map(|person| (person, counter.field.clone())));
    }

    /// The lot of a counter whatever its field. The place of the unit asked about says nothing more.
    fn of(&mut self, counter: &Counter) -> &mut Lot {
        let key = Counter { path: self.empty.clone(), field: self.empty.clone(), ..counter.clone() };
        self.all.entry(key).or_insert_with(|| lot(counter))
    }

    /// Adds so much of a field.
    fn add(&mut self, counter: &Counter, n: i64) {
        let lot = self.of(counter);
        match &*counter.field {
            RECORDS => lot.records += n,
            PRESENT => lot.present += n,
            field => match field.strip_prefix('*') {
                Some(field) => *lot.each.entry(field.to_owned()).or_default() += n,
                None => *lot.sums.entry(field.to_owned()).or_default() += n,
            },
        }
    }

    /// All in which there is anything.
    pub fn all(self) -> Vec<Lot> {
        let any = |lot: &Lot| {
            lot.records != 0
                || lot.present != 0
                || !lot.people.is_empty()
                || lot.sums.values().chain(lot.each.values()).any(|n| *n != 0)
        };
        self.all.into_values().filter(any).collect()
    }
}

fn lot(counter: &Counter) -> Lot {
    let text = counter.span.trim_start_matches('d');
    let mut numbers = text.split('-').map(|part| part.parse::<i16>().unwrap_or_default());
    let (year, month) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    let day = numbers.next().unwrap_or_default();
    Lot {
        below: counter.below.clone(),
        level: counter.level.clone(),
        class: counter.class.clone(),
        month: (year, month as i8),
        day: day as i8,
        kind: counter.kind.clone(),
        tags: counter.tags.clone(),
        records: 0,
        present: 0,
        sums: BTreeMap::new(),
        each: BTreeMap::new(),
        people: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Place {
        Place { path: path.into(), level: "branch".into(), class: "organ".into() }
    }

    fn share(places: &[&str]) -> Share {
        Share {
            n: 1,
            on: "2023-03-05".parse().unwrap(),
            kind: "lecture".into(),
            tags: String::new(),
            places: places.iter().map(|path| place(path)).collect(),
            fields: [(RECORDS.to_owned(), 1), ("people".to_owned(), 40)].into(),
            people: vec![(7, "speaker".into())],
        }
    }

    fn counted(places: &[&str]) -> String {
        let share = share(places);
        share
            .counted()
            .iter()
            .map(|(path, at, below)| format!("{path}<{}<{below}", at.path))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_record_counts_once_in_every_unit_above_those_that_took_part() {
        assert_eq!(counted(&["00010002"]), "0001<00010002<00010002 00010002<00010002<00010002");
        assert_eq!(
            counted(&["000100020003", "000100050001"]),
            "0001<000100020003<00010002 00010002<000100020003<000100020003 000100020003<000100020003<000100020003 \
             00010005<000100050001<000100050001 000100050001<000100050001<000100050001"
        );
    }

    #[test]
    fn what_is_added_and_taken_away_again_leaves_nothing() {
        let mut sums = Sums::default();
        let one = share(&["00010002"]);
        sums.add(&one, |_| true);
        // whole months and days of both units, and once more for the place below the upper one
        assert_eq!((sums.counters.len(), sums.people.len()), (10, 2));
        sums.add(&Share { n: -1, ..one }, |_| true);
        assert!(sums.counters.values().chain(sums.people.values()).all(|n| *n == 0));
    }

    #[test]
    fn counters_of_one_span_make_one_lot() {
        let lots = |by_below: bool| {
            let (mut sums, mut lots) = (Sums::default(), Lots::new(by_below));
            sums.add(&share(&["00010002"]), |path| path == "0001");
            sums.add(&share(&["0001"]), |path| path == "0001");
            sums.counters.iter().for_each(|(counter, n)| lots.put(counter, *n));
            let mut all = lots.all();
            all.sort_by_key(|lot| (lot.day, lot.below.clone()));
            all.iter().map(|lot| (lot.day, lot.below.to_string(), lot.records, lot.sums["people"])).collect::<Vec<_>>()
        };
        let none = String::new();
        assert_eq!(lots(false), [(0, none.clone(), 2, 80), (5, none.clone(), 2, 80)]);
        let apart = [(0, "0001".to_owned(), 1, 40), (0, "00010002".to_owned(), 1, 40), (5, none, 2, 80)];
        assert_eq!(lots(true), apart, "what the unit kept itself is the rest");
    }
}
