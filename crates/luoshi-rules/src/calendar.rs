//! The calendar: statutory holidays and the weekends worked for them, as data. Days beyond the data count as
//! weekdays and weekends.

use crate::Label;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};

/// Holidays and make-up workdays, by year.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    off: HashSet<Date>,
    work: HashSet<Date>,
    holidays: BTreeMap<i16, Vec<Holiday>>,
}

/// Days off in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// shown name
    pub name: Label,
    /// first day
    pub first: Date,
    /// last day
    pub last: Date,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Years {
    year: Vec<Year>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    year: i16,
    work: Vec<String>,
    off: Vec<Off>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Off {
    first: String,
    last: String,
    zh: String,
    en: String,
}

impl Calendar {
    /// Reads `packs/holidays.toml`; lists every fault.
    pub fn parse(text: &str) -> Result<Calendar, Vec<String>> {
        let years: Years = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
        let (mut calendar, mut faults) = (Calendar::default(), Vec::new());
        for year in &years.year {
            calendar.add(year, &mut faults);
        }
        if faults.is_empty() { Ok(calendar) } else { Err(faults) }
    }

    fn add(&mut self, year: &Year, faults: &mut Vec<String>) {
        let day = |text: &str| format!("{}-{text}", year.year).parse::<Date>();
        for text in &year.work {
            match day(text) {
                Ok(day) => drop(self.work.insert(day)),
                Err(_) => faults.push(format!("{}: `{text}` is no day", year.year)),
            }
        }
        for off in &year.off {
            match (day(&off.first), day(&off.last)) {
                (Ok(first), Ok(last)) if first <= last => {
                    self.off.extend(first.series(1.day()).take_while(|day| *day <= last));
                    let name = Label::new(&off.zh, &off.en);
                    self.holidays.entry(year.year).or_default().push(Holiday { name, first, last });
                }
                _ => faults.push(format!("{}: `{}` to `{}` are no days in order", year.year, off.first, off.last)),
            }
        }
    }

    /// Whether the holidays of a year are known.
    pub fn covers(&self, year: i16) -> bool {
        self.holidays.contains_key(&year)
    }

    /// The holidays that begin in a year, in order; one that began in December is not told again in January.
    pub fn holidays_of(&self, year: i16) -> impl Iterator<Item = &Holiday> {
        let fresh =
            |one: &&Holiday| one.first.yesterday().is_ok_and(|day| day.year() == year || !self.off.contains(&day));
        self.holidays.get(&year).into_iter().flatten().filter(fresh)
    }

    /// Whether a day is worked.
    pub fn is_workday(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.work.contains(&day) || !weekend && !self.off.contains(&day)
    }

    /// The `n`th working day after a day, or before it when `n` is negative; the day itself is not counted.
    pub fn plus_workdays(&self, from: Date, n: i32) -> Date {
        let step = if n < 0 { -1 } else { 1 };
        let (mut day, mut left) = (from, n.abs());
        while left > 0 {
            let Ok(next) = day.checked_add(step.days()) else { return day };
            day = next;
            left -= i32::from(self.is_workday(day));
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn calendar() -> Calendar {
        Calendar::parse(include_str!("../../../packs/holidays.toml")).unwrap()
    }

    #[test]
    fn holidays_are_off_and_make_up_weekends_are_worked() {
        let calendar = calendar();
        for (day, worked) in [
            (date(2023, 1, 21), false), // Spring Festival
            (date(2023, 1, 27), false),
            (date(2023, 1, 28), true), // a Saturday, made up
            (date(2023, 1, 29), true), // a Sunday, made up
            (date(2023, 9, 29), false),
            (date(2023, 10, 7), true),
            (date(2023, 10, 9), true),
            (date(2024, 2, 9), true),  // New Year's Eve of 2024 was no statutory day off
            (date(2031, 10, 1), true), // beyond the data: a Wednesday
        ] {
            assert_eq!(calendar.is_workday(day), worked, "{day}");
        }
        assert!(calendar.covers(2004) && calendar.covers(2026) && !calendar.covers(2031));
    }

    #[test]
    fn working_days_are_counted_across_spring_festival_in_both_directions() {
        let calendar = calendar();
        assert_eq!(calendar.plus_workdays(date(2023, 1, 20), 1), date(2023, 1, 28));
        assert_eq!(calendar.plus_workdays(date(2023, 1, 20), 5), date(2023, 2, 1));
        assert_eq!(calendar.plus_workdays(date(2023, 1, 28), -1), date(2023, 1, 20));
        assert_eq!(calendar.plus_workdays(date(2023, 1, 20), 0), date(2023, 1, 20));
    }

    #[test]
    fn every_fault_of_the_data_is_told() {
        let text = "[[year]]\nyear = 2023\nwork = ['02-30', '13-01']\noff = [{ first = '01-03', last = '01-01', zh = '', en = '' }]";
        assert_eq!(Calendar::parse(text).unwrap_err().len(), 3);
    }
}
