//! The calendar: which days are worked, by the yearly notices on public holidays and the days worked in exchange.
//! A year without a notice has its weeks from Monday to Friday and no holidays; [`Calendar::covers`] tells.

mod read;

use crate::Label;
use jiff::civil::{Date, Weekday};
use std::collections::BTreeSet;

/// Holidays and working days. The default covers no year.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    years: BTreeSet<i16>,
    /// by first day; they do not overlap
    holidays: Vec<Holiday>,
    /// weekend days that are worked
    worked: BTreeSet<Date>,
}

/// A public holiday: one unbroken stretch of days off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// its name, or both names where two meet
    pub name: Label,
    /// first day off
    pub first: Date,
    /// last day off
    pub last: Date,
}

impl Calendar {
    /// Reads a file of holidays such as `packs/holidays.toml`. Returns every fault as `line:column: what is wrong`.
    pub fn parse(text: &str) -> Result<Calendar, Vec<String>> {
        read::calendar(text)
    }

    /// Whether the notice of this year is known.
    pub fn covers(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    /// Whether this day is worked.
    pub fn is_workday(&self, day: Date) -> bool {
        self.worked.contains(&day) || !is_weekend(day) && self.holiday_on(day).is_none()
    }

    /// The day itself if it is worked, otherwise the first working day after it.
    pub fn next_workday(&self, day: Date) -> Date {
        if self.is_workday(day) { day } else { self.plus_workdays(day, 1) }
    }

    /// The `n`th working day after a day, or before it where `n` is negative. The day itself is not counted.
    pub fn plus_workdays(&self, from: Date, n: i32) -> Date {
        let mut day = from;
        let mut left = n.unsigned_abs();
        while left > 0 {
            let next = if n > 0 { day.tomorrow() } else { day.yesterday() };
            // the calendar of jiff ends in the years -9999 and 9999
            let Ok(next) = next else { return day };
            day = next;
            left -= u32::from(self.is_workday(day));
        }
        day
    }

    /// The holidays that begin in a year, in order. One for New Year that begins in December counts there.
    pub fn holidays_of(&self, year: i16) -> impl Iterator<Item = &Holiday> {
        self.holidays.iter().filter(move |holiday| holiday.first.year() == year)
    }

    fn holiday_on(&self, day: Date) -> Option<&Holiday> {
        let begun = self.holidays.partition_point(|holiday| holiday.first <= day);
        self.holidays.get(begun.checked_sub(1)?).filter(|holiday| day <= holiday.last)
    }
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    fn china() -> Calendar {
        Calendar::parse(include_str!("../../../packs/holidays.toml")).unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn every_year_from_2004_to_2026_is_covered_and_no_other() {
        let china = china();
        assert!((2004..=2026).all(|year| china.covers(year)));
        assert!(!china.covers(2003) && !china.covers(2027));
    }

    #[test]
    fn days_are_worked_or_free_as_the_notices_say() {
        let china = china();
        let worked = "2023-01-28 2023-01-29 2023-10-07 2023-10-08 2023-10-09 2023-04-04 2023-04-23 2023-06-25 \
                      2020-01-19 2005-12-31 2015-09-06 2026-02-14 2024-02-09 2024-02-18 2019-05-05 2007-12-29";
        let free = "2023-01-01 2022-12-31 2023-01-02 2023-01-21 2023-01-27 2023-04-05 2023-09-29 2023-10-06 \
                    2023-03-04 2020-01-31 2020-02-02 2006-01-03 2015-09-04 2026-02-23 2024-02-17 2008-01-01 2012-01-03";
        for text in worked.split_whitespace() {
            assert!(china.is_workday(day(text)), "{text} is worked");
        }
        for text in free.split_whitespace() {
            assert!(!china.is_workday(day(text)), "{text} is free");
        }
    }

    /// Counted from the notices: 365 or 366 days, less weekends and days off, plus days worked in exchange.
    #[test]
    fn a_year_has_as_many_working_days_as_the_law_gives() {
        let china = china();
        for (year, days) in [(2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)] {
            let all = Date::constant(year, 1, 1).series(1.day()).take_while(|day| day.year() == year);
            assert_eq!(all.filter(|day| china.is_workday(*day)).count(), days, "{year}");
        }
    }

    #[test]
    fn working_days_are_counted_over_holidays_in_both_directions() {
        for (from, n, to) in [
            // over the Spring Festival of 2023: Saturday 28 and Sunday 29 January are worked
            ("2023-01-20", 1, "2023-01-28"),
            ("2023-01-20", 2, "2023-01-29"),
            ("2023-01-20", 3, "2023-01-30"),
            ("2023-01-16", 10, "2023-02-02"),
            ("2023-01-24", 5, "2023-02-01"),
            ("2023-01-30", -1, "2023-01-29"),
            ("2023-01-30", -3, "2023-01-20"),
            ("2023-01-24", -2, "2023-01-19"),
            ("2023-02-02", -10, "2023-01-16"),
            // plain weeks, and no days at all
            ("2023-03-03", 1, "2023-03-06"),
            ("2023-03-06", -1, "2023-03-03"),
            ("2023-03-04", 0, "2023-03-04"),
            // into a year without a notice
            ("2026-12-31", 1, "2027-01-01"),
            ("2030-10-01", 3, "2030-10-04"),
            // to the end of all days
            ("9999-12-31", 5, "9999-12-31"),
        ] {
            assert_eq!(china().plus_workdays(day(from), n), day(to), "{n} from {from}");
        }
    }

    #[test]
    fn a_free_day_gives_way_to_the_next_that_is_worked() {
        for (from, to) in [
            ("2023-09-28", "2023-09-28"),
            ("2023-09-29", "2023-10-07"),
            ("2023-01-02", "2023-01-03"),
            ("2030-06-01", "2030-06-03"),
        ] {
            assert_eq!(china().next_workday(day(from)), day(to), "{from}");
        }
    }

    #[test]
    fn holidays_are_listed_in_the_year_in_which_they_begin() {
        let china = china();
        let list = |year| -> Vec<String> {
            china.holidays_of(year).map(|one| format!("{} {}..{}", one.name.zh, one.first, one.last)).collect()
        };
        let expected = [
            "春节 2023-01-21..2023-01-27",
            "清明节 2023-04-05..2023-04-05",
            "劳动节 2023-04-29..2023-05-03",
            "端午节 2023-06-22..2023-06-24",
            "中秋节、国庆节 2023-09-29..2023-10-06",
            "元旦 2023-12-30..2024-01-01",
        ];
        assert_eq!(list(2023), expected);
        assert_eq!(list(2004).first().map(String::as_str), Some("元旦 2004-01-01..2004-01-01"));
        assert!(list(2003).is_empty());
        assert_eq!(china.holidays_of(2015).nth(5).map(|one| one.name.en.as_str()), Some("Victory Day"));
    }

    #[test]
    fn without_a_notice_weeks_run_from_monday_to_friday() {
        let none = Calendar::default();
        assert!(!none.covers(2023));
        assert!(none.is_workday(day("2023-10-02")) && !none.is_workday(day("2023-10-07")));
        assert_eq!(none.plus_workdays(day("2023-01-20"), 5), day("2023-01-27"));
        assert_eq!(none.holidays_of(2023).count(), 0);
    }
}
