//! Periods: months, quarters, halves, years, spans of years, terms, and the days of events.

use crate::Lang;
use jiff::civil::{Date, date};
use serde::Deserialize;
use std::fmt;

/// How often a clause falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum Cadence {
    /// every so many months: 1, 3, 6 or 12
    Months(i8),
    /// every so many years, counted from 2000: `"2 years"`
    Years(i16),
    /// once a term of office, when it ends
    Term,
    /// at each event
    Event,
    /// once, between two days: those of a campaign
    Dates(Date, Date),
}

impl TryFrom<String> for Cadence {
    type Error = String;
    fn try_from(text: String) -> Result<Cadence, String> {
        match text.as_str() {
            "month" => Ok(Cadence::Months(1)),
            "quarter" => Ok(Cadence::Months(3)),
            "half_year" => Ok(Cadence::Months(6)),
            "year" => Ok(Cadence::Months(12)),
            "term" => Ok(Cadence::Term),
            "event" => Ok(Cadence::Event),
            other => match other.strip_suffix(" years").map(str::parse) {
                Some(Ok(n @ 2..=10)) => Ok(Cadence::Years(n)),
                _ => dates(other).ok_or_else(|| {
                    format!(
                        "`{text}` is no cadence: write month, quarter, half_year, year, \"2 years\" to \"10 years\", \
                         term, event, or a first and a last day as \"2023-04-01/2023-08-31\""
                    )
                }),
            },
        }
    }
}

fn dates(text: &str) -> Option<Cadence> {
    let (first, last) = text.split_once('/')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some(Cadence::Dates(first, last))
}

impl Cadence {
    /// Its key in a pack: what [`Cadence::try_from`] reads.
    pub fn key(self) -> String {
        match self {
            Cadence::Months(1) => "month".into(),
            Cadence::Months(3) => "quarter".into(),
            Cadence::Months(6) => "half_year".into(),
            Cadence::Months(_) => "year".into(),
            Cadence::Years(n) => format!("{n} years"),
            Cadence::Term => "term".into(),
            Cadence::Event => "event".into(),
            Cadence::Dates(first, last) => format!("{first}/{last}"),
        }
    }

    /// The periods that end in a year, in order; none for terms and events.
    pub fn of_year(self, year: i16) -> Vec<Period> {
        match self {
            Cadence::Months(n) => (1..=12).step_by(n as usize).map(|first| Period::months(year, first, n)).collect(),
            Cadence::Years(n) if (year - 1999) % n == 0 => {
                vec![Period { first: date(year - n + 1, 1, 1), last: date(year, 12, 31), name: Name::Years }]
            }
            Cadence::Dates(first, last) if last.year() == year => vec![Period { first, last, name: Name::Dates }],
            _ => Vec::new(),
        }
    }
}

/// A stretch of days in which something is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// first day
    pub first: Date,
    /// last day
    pub last: Date,
    /// what sort of stretch
    pub name: Name,
}

/// The sort of a period; with its first day it names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Name {
    /// a month
    Month,
    /// a quarter
    Quarter,
    /// a half-year
    Half,
    /// a year
    Year,
    /// several years
    Years,
    /// a term of office
    Term,
    /// the days of a campaign
    Dates,
    /// from an event on; holds the event's key
    Event(i64),
    /// up to an event; holds the event's key
    Before(i64),
}

impl Period {
    fn months(year: i16, first: i8, n: i8) -> Period {
        let name = match n {
            1 => Name::Month,
            3 => Name::Quarter,
            6 => Name::Half,
            _ => Name::Year,
        };
        Period { first: date(year, first, 1), last: date(year, first + n - 1, 1).last_of_month(), name }
    }

    /// Whether a day lies within.
    pub fn contains(&self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }

    /// The day that decides which wording rules it and what the unit counts as: its first, but the last for a term, for
    /// what comes before an event and for the days of a campaign, which are owed by whoever is there at the end.
    pub fn decided_on(&self) -> Date {
        match self.name {
            Name::Term | Name::Before(_) | Name::Dates => self.last,
            _ => self.first,
        }
    }

    /// The year whose ledger it stands in: that of its end, but for what follows an event that of the event.
    pub fn year(&self) -> i16 {
        match self.name {
            Name::Event(_) => self.first.year(),
            _ => self.last.year(),
        }
    }

    /// A key of digits and letters that names it in an address and in the store: `2023`, `2023H1`, `2023Q3`,
    /// `2023-07`, `2022-2023`, `T2026-06-30`, `D2023-04-01`, `E17`.
    pub fn key(&self) -> String {
        let (year, month) = (self.last.year(), self.first.month());
        match self.name {
            Name::Year => format!("{year}"),
            Name::Half => format!("{year}H{}", month / 6 + 1),
            Name::Quarter => format!("{year}Q{}", month / 3 + 1),
            Name::Month => format!("{year}-{month:02}"),
            Name::Years => format!("{}-{year}", self.first.year()),
            Name::Term => format!("T{}", self.last),
            Name::Dates => format!("D{}", self.first),
            Name::Event(id) | Name::Before(id) => format!("E{id}"),
        }
    }
}

impl Period {
    /// Its name as people say it.
    pub fn of(&self, lang: Lang) -> String {
        match self.name {
            Name::Year | Name::Half | Name::Quarter | Name::Month | Name::Years => words(&self.key(), lang),
            _ => self.to_string(),
        }
    }
}

/// The period that a key names, as people say it: 2023年一季度, Q1 2023. What is no such key stays as it is.
pub fn words(key: &str, lang: Lang) -> String {
    said(key, lang).unwrap_or_else(|| key.to_owned())
}

fn said(key: &str, lang: Lang) -> Option<String> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, rest) = (key.get(..4)?, key.get(4..)?);
    if !year.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let zh = lang == Lang::Zh;
    let at = |from: usize| rest.get(from..)?.parse::<usize>().ok()?.checked_sub(1);
    Some(match (rest.as_bytes().first(), rest.len()) {
        (None, _) => {
            if zh {
                format!("{year}年")
            } else {
                year.to_owned()
            }
        }
        (Some(b'Q'), 2) if zh => format!("{year}年{}季度", ["一", "二", "三", "四"].get(at(1)?)?),
        (Some(b'H'), 2) if zh => format!("{year}年{}半年", ["上", "下"].get(at(1)?)?),
        (Some(b'Q' | b'H'), 2) => format!("{rest} {year}"),
        (Some(b'-'), 3) if zh => format!("{year}年{}月", at(1)? + 1),
        (Some(b'-'), 3) => format!("{} {year}", MONTHS.get(at(1)?)?),
        (Some(b'-'), 5) => format!("{year}–{}{}", rest.get(1..)?, if zh { "年" } else { "" }),
        _ => return None,
    })
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Name::Event(_) => write!(f, "{}", self.first),
            Name::Before(_) => write!(f, "{}", self.last),
            Name::Term | Name::Dates => write!(f, "{} – {}", self.first, self.last),
            _ => f.write_str(&self.key()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_cut_the_year_without_gaps() {
        for n in [1, 3, 6, 12] {
            let periods = Cadence::Months(n).of_year(2024);
            assert_eq!(periods.first().unwrap().first, date(2024, 1, 1));
            assert_eq!(periods.last().unwrap().last, date(2024, 12, 31));
            for pair in periods.windows(2) {
                assert_eq!(pair[0].last.tomorrow().unwrap(), pair[1].first);
            }
        }
    }

    #[test]
    fn a_period_is_named_as_people_name_it() {
        let all = |n| Cadence::Months(n).of_year(2024).iter().map(Period::key).collect::<Vec<_>>().join(" ");
        assert_eq!(all(3), "2024Q1 2024Q2 2024Q3 2024Q4");
        assert_eq!(all(6), "2024H1 2024H2");
        assert!(all(1).starts_with("2024-01 2024-02"));
        assert_eq!(Cadence::Months(1).of_year(2024)[1].last, date(2024, 2, 29));
    }

    #[test]
    fn a_key_is_said_in_the_words_of_the_reader() {
        for (key, zh, en) in [
            ("2023", "2023年", "2023"),
            ("2023H2", "2023年下半年", "H2 2023"),
            ("2023Q3", "2023年三季度", "Q3 2023"),
            ("2023-07", "2023年7月", "Jul 2023"),
            ("2022-2023", "2022–2023年", "2022–2023"),
            ("E20230121", "E20230121", "E20230121"),
            ("2023Q5", "2023Q5", "Q5 2023"),
            ("一次", "一次", "一次"),
        ] {
            assert_eq!((words(key, Lang::Zh), words(key, Lang::En)), (zh.to_owned(), en.to_owned()), "{key}");
        }
    }

    #[test]
    fn two_years_end_in_every_second_year() {
        assert_eq!(Cadence::Years(2).of_year(2023)[0].key(), "2022-2023");
        assert!(Cadence::Years(2).of_year(2024).is_empty());
    }
}
