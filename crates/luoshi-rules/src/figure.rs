//! A figure (数读): what is counted or summed over records, in a unit of measure, and said in the trade's words.

use crate::record::counts_as;
use crate::{Label, Lang};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

#[cfg(test)]
mod tests;
mod words;

/// A figure of the pack.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// key: `lectures`
    pub id: String,
    /// shown name
    pub name: Label,
    /// the sentence it stands in, with `{n}` where the number goes
    #[serde(default)]
    pub sentence: Label,
    /// what it counts and what not, where the name does not say it all
    #[serde(default)]
    pub note: Label,
    /// kinds of record it looks at
    #[serde(default)]
    pub record: Vec<String>,
    /// only records with these options chosen: field and option, or several of which one is enough, between spaces
    #[serde(default)]
    pub filter: BTreeMap<String, String>,
    /// only these months of a year: the first and the last
    #[serde(default)]
    pub months: Option<[i8; 2]>,
    /// only records of units of these levels; empty for all
    #[serde(default)]
    pub level: Vec<String>,
    /// only records of units of these classes; empty for all
    #[serde(default)]
    pub class: Vec<String>,
    /// what of each record is counted
    #[serde(default)]
    pub count: Counted,
    /// the number field that is summed
    #[serde(default)]
    pub field: String,
    /// the role in which people stand who are counted; empty for all who took part
    #[serde(default)]
    pub role: String,
    /// the unit of measure
    pub measure: Measure,
    /// the word for it in sentences, where it is not that of the measure: 500余场 rather than 500余场次
    #[serde(default)]
    pub word: Label,
    /// rounding in words: 500余; left out, the number is exact
    pub about: Option<About>,
    /// figures of the same measure that are added
    #[serde(default)]
    pub plus: Vec<String>,
}

/// What of a record is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// each record once
    #[default]
    Records,
    /// those present at a meeting: due and not absent, and guests
    Present,
    /// distinct people who stand on the records
    People,
    /// a number field
    Sum,
    /// a number field once for each of those present: hours of service
    Each,
}

/// Units of measure. Unlike ones are never added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// 名: distinct people
    People,
    /// 人次: one person twice is two
    PersonTimes,
    /// 场次
    Sessions,
    /// 期: training classes
    Classes,
    /// 项: anything else one can count
    Items,
    /// money in fen, shown in yuan
    Fen,
    /// 学时
    Hours,
    /// 小时: hours of service, which are no hours of study
    ServiceHours,
}

/// Rounding in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// down to a multiple of this: 523 by 100 is 500余
    pub step: i64,
    /// so close below the next multiple, it is said of that one: 4960 by 1000 is 近5000
    #[serde(default)]
    pub near: i64,
}

/// Records of one month, or one day of it, of units of one level and class, of one kind and choice of options, counted
/// together.
#[derive(Debug, Clone, PartialEq)]
pub struct Lot {
    /// the place directly below the unit asked about in which they lie; empty where that is not asked
    pub below: Arc<str>,
    /// level of the units on that day
    pub level: Arc<str>,
    /// class of the units on that day
    pub class: Arc<str>,
    /// year and month of the day it happened
    pub month: (i16, i8),
    /// the day, or 0 for the whole month
    pub day: i8,
    /// kind
    pub kind: Arc<str>,
    /// options chosen, `field:option`, separated by spaces
    pub tags: Arc<str>,
    /// how many records
    pub records: i64,
    /// how many were present
    pub present: i64,
    /// sums of number fields
    pub sums: BTreeMap<String, i64>,
    /// sums of number fields, each times those present
    pub each: BTreeMap<String, i64>,
    /// who stood on them, and in which role
    pub people: Vec<(i64, Arc<str>)>,
}

/// A part of a figure: so much, or these people, of some units in one month or on one day.
#[derive(Debug, Clone, PartialEq)]
pub struct Part<'l> {
    /// the records it is made of
    pub lot: &'l Lot,
    /// how much
    pub n: i64,
    /// who, where people are counted once
    pub people: Vec<i64>,
}

impl Figure {
    /// Whether it looks at records of this month of a year.
    pub fn falls(&self, month: i8) -> bool {
        self.months.is_none_or(|[first, last]| (first..=last).contains(&month))
    }

    /// Whether it looks at records of units of this level and class.
    pub fn covers(&self, level: &str, class: &str) -> bool {
        let one_of = |known: &[String], id: &str| known.is_empty() || known.iter().any(|one| one == id);
        one_of(&self.level, level) && one_of(&self.class, class)
    }

    /// Whether it looks at records of this kind with these options.
    pub fn fits(&self, kind: &str, tags: &str) -> bool {
        let chosen = |(field, option): (&String, &String)| {
            let tags = tags.split(' ').filter_map(|tag| tag.split_once(':'));
            let mut of_field = tags.filter(|(one, _)| one == field);
            of_field.any(|(_, chosen)| option.split(' ').any(|one| one == chosen))
        };
        self.record.iter().any(|one| counts_as((kind, tags), one)) && self.filter.iter().all(chosen)
    }

    /// What each lot adds to it.
    pub fn parts<'l>(&self, lots: impl IntoIterator<Item = &'l Lot>) -> Vec<Part<'l>> {
        let fitting = lots.into_iter().filter(|lot| {
            self.fits(&lot.kind, &lot.tags) && self.covers(&lot.level, &lot.class) && self.falls(lot.month.1)
        });
        fitting.map(|lot| Part { lot, n: self.of(lot), people: self.who(lot) }).collect()
    }

    fn of(&self, lot: &Lot) -> i64 {
        match self.count {
            Counted::Records => lot.records,
            Counted::Present => lot.present,
            Counted::Sum => lot.sums.get(&self.field).copied().unwrap_or(0),
            Counted::Each => lot.each.get(&self.field).copied().unwrap_or(0),
            Counted::People => 0,
        }
    }

    fn who(&self, lot: &Lot) -> Vec<i64> {
        if self.count != Counted::People {
            return Vec::new();
        }
        let counts = |role: &str| if self.role.is_empty() { role != "absent" } else { *role == *self.role };
        lot.people.iter().filter(|(_, role)| counts(role)).map(|(person, _)| *person).collect()
    }

    /// A number of it in words: `500余场`, `1.8万余名`.
    pub fn words(&self, n: i64, lang: Lang) -> String {
        words::words(n, (self.measure, &self.unit()), self.about, lang)
    }

    /// What its numbers count, as a word: its own, or that of the measure.
    pub fn unit(&self) -> Label {
        if self.word.zh.is_empty() { self.measure.name() } else { self.word.clone() }
    }

    /// Its sentence with a number in words; it begins with a capital where the language has them.
    pub fn sentence(&self, n: i64, lang: Lang) -> String {
        let said = match self.sentence.of(lang) {
            "" => format!("{} {}", self.name.of(lang), self.words(n, lang)),
            text => text.replace("{n}", &self.words(n, lang)),
        };
        let mut letters = said.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    }
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 8] = [
        Measure::People,
        Measure::PersonTimes,
        Measure::Sessions,
        Measure::Classes,
        Measure::Items,
        Measure::Fen,
        Measure::Hours,
        Measure::ServiceHours,
    ];

    /// The shown name.
    pub fn name(self) -> Label {
        let (zh, en) = match self {
            Measure::People => ("名", "people"),
            Measure::PersonTimes => ("人次", "person-times"),
            Measure::Sessions => ("场次", "sessions"),
            Measure::Classes => ("期", "classes"),
            Measure::Items => ("项", "items"),
            Measure::Fen => ("元", "yuan"),
            Measure::Hours => ("学时", "hours"),
            Measure::ServiceHours => ("小时", "hours of service"),
        };
        Label::new(zh, en)
    }

    /// Whether what is counted may be given in it.
    pub fn suits(self, counted: Counted) -> bool {
        match counted {
            Counted::Records => matches!(self, Measure::Sessions | Measure::Classes | Measure::Items),
            Counted::Present => self == Measure::PersonTimes,
            Counted::People => self == Measure::People,
            Counted::Sum => self != Measure::People,
            Counted::Each => matches!(self, Measure::Hours | Measure::ServiceHours | Measure::Items | Measure::Fen),
        }
    }
}

/// The whole of some parts: sums added up, people counted once.
pub fn total<'p, 'l: 'p>(parts: impl IntoIterator<Item = &'p Part<'l>>) -> i64 {
    let (mut sum, mut people) = (0, Vec::<i64>::new());
    for part in parts {
        sum += part.n;
        people.extend(&part.people);
    }
    people.sort(); // those of each part are in order, which this sort is quick with
    people.dedup();
    sum + people.len() as i64
}

/// The parts by options of a field: one that was chosen beside others counts in each.
pub fn by_option(parts: &[Part<'_>], field: &str) -> BTreeMap<String, i64> {
    let mut groups: BTreeMap<String, Vec<&Part<'_>>> = BTreeMap::new();
    for part in parts {
        let tags = part.lot.tags.split(' ').filter_map(|tag| tag.split_once(':'));
        let mut chosen: Vec<&str> = tags.filter(|(one, _)| *one == field).map(|(_, option)| option).collect();
        if chosen.is_empty() {
            chosen.push("");
        }
        for option in chosen {
            groups.entry(option.to_owned()).or_default().push(part);
        }
    }
    groups.into_iter().map(|(option, parts)| (option, total(parts))).collect()
}

/// The parts by a key of each, such as the class of its unit or its month.
pub fn by<'l, K: Ord>(parts: &[Part<'l>], key: impl Fn(&Part<'l>) -> Option<K>) -> BTreeMap<K, i64> {
    let mut groups: BTreeMap<K, Vec<&Part<'l>>> = BTreeMap::new();
    for part in parts {
        if let Some(key) = key(part) {
            groups.entry(key).or_default().push(part);
        }
    }
    groups.into_iter().map(|(key, parts)| (key, total(parts))).collect()
}
