//! The day something is due, as the published rules write it.

use crate::{Calendar, Period};
use jiff::{ToSpan, civil::Date, civil::date};
use serde::Deserialize;

/// When an obligation falls due.
///
/// | written | means |
/// | --- | --- |
/// | `period_end` | the last day of the period |
/// | `event` | the day of the event itself |
/// | `03-31` | that day of the period's last year |
/// | `P1Y_end+01-31` | that day of the year after |
/// | `P5D_after:period_end`, `P5D_after:event` | so many days, working days (`WD`) or months (`M`) after |
/// | `P6M_before:event` | so long before |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(try_from = "String")]
pub enum Due {
    /// the last day of the period
    #[default]
    PeriodEnd,
    /// a day of the year, or of a later year
    Day {
        /// years after the period's
        years: i16,
        /// month, 1–12
        month: i8,
        /// day of the month
        day: i8,
    },
    /// so long after (or, negative, before) the end of the period or the event
    Offset {
        /// how many
        n: i32,
        /// of what
        unit: Length,
    },
}

/// What an offset is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// calendar days
    Days,
    /// working days, by the public-holiday calendar
    Workdays,
    /// months
    Months,
}

impl TryFrom<String> for Due {
    type Error = String;
    fn try_from(text: String) -> Result<Due, String> {
        read(&text).ok_or_else(|| {
            format!(
                "`{text}` is no due day: write period_end, event, MM-DD, P1Y_end+MM-DD, or P5D_after:event \
                 (D days, WD working days, M months; after or before)"
            )
        })
    }
}

fn read(text: &str) -> Option<Due> {
    match text {
        "period_end" => return Some(Due::PeriodEnd),
        "event" => return Some(Due::Offset { n: 0, unit: Length::Days }),
        _ => {}
    }
    if let Some(day) = text.strip_prefix("P1Y_end+") {
        return day_of_year(day, 1);
    }
    let Some(rest) = text.strip_prefix('P') else { return day_of_year(text, 0) };
    let (length, anchor) = rest.split_once('_')?;
    let (side, from) = anchor.split_once(':')?;
    let digits = length.len() - length.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let n: i32 = length[..digits].parse().ok().filter(|n| (0..=3_650).contains(n))?;
    let unit = match &length[digits..] {
        "D" => Length::Days,
        "WD" => Length::Workdays,
        "M" => Length::Months,
        _ => return None,
    };
    let sign = match (side, from) {
        ("after", "event" | "period_end") => 1,
        ("before", "event") => -1,
        _ => return None,
    };
    Some(Due::Offset { n: sign * n, unit })
}

fn day_of_year(text: &str, years: i16) -> Option<Due> {
    let (month, day) = text.split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    let real = Date::new(2023, month, day).is_ok() && text.len() == 5;
    real.then_some(Due::Day { years, month, day })
}

impl Due {
    /// The day an obligation of this period is due.
    pub fn of(self, period: &Period, calendar: &Calendar) -> Date {
        match self {
            Due::PeriodEnd => period.last,
            Due::Day { years, month, day } => date(period.last.year() + years, month, day),
            Due::Offset { n, unit } => shift(self.anchor(period), n, unit, calendar),
        }
    }

    /// Whether it lies before the event it is counted from.
    pub fn is_before(self) -> bool {
        matches!(self, Due::Offset { n, .. } if n < 0)
    }

    fn anchor(self, period: &Period) -> Date {
        match period.name {
            crate::period::Name::Event(_) => period.first,
            _ => period.last,
        }
    }
}

/// A day so many days, working days or months away.
pub fn shift(from: Date, n: i32, unit: Length, calendar: &Calendar) -> Date {
    match unit {
        Length::Days => from.checked_add(n.days()).unwrap_or(from),
        Length::Months => from.checked_add(n.months()).unwrap_or(from),
        Length::Workdays => calendar.plus_workdays(from, n),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cadence;
    use crate::period::Name;

    fn calendar() -> Calendar {
        Calendar::parse(include_str!("../../../packs/holidays.toml")).unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn due(text: &str) -> Due {
        Due::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_due_day_is_counted_from_its_period() {
        for (every, which, text, want) in [
            ("month", 1, "period_end", "2023-02-28"),
            ("quarter", 0, "period_end", "2023-03-31"),
            ("half_year", 1, "period_end", "2023-12-31"),
            ("month", 1, "P5D_after:period_end", "2023-03-05"),
            ("month", 0, "P1M_after:period_end", "2023-02-28"),
            ("month", 8, "P1WD_after:period_end", "2023-10-07"),
            ("year", 0, "03-31", "2023-03-31"),
            ("year", 0, "P1Y_end+01-31", "2024-01-31"),
            ("2 years", 0, "12-31", "2023-12-31"),
        ] {
            let period = Cadence::try_from(every.to_owned()).unwrap().of_year(2023)[which];
            assert_eq!(due(text).of(&period, &calendar()), day(want), "{every} {text}");
        }
    }

    #[test]
    fn a_due_day_is_counted_from_its_event() {
        for (on, text, want) in [
            ("2023-01-31", "event", "2023-01-31"),
            ("2023-01-31", "P1M_after:event", "2023-02-28"),
            ("2023-12-20", "P30D_after:event", "2024-01-19"),
            // over the Spring Festival of 2023, with 28 and 29 January worked
            ("2023-01-20", "P5WD_after:event", "2023-02-01"),
            ("2023-06-30", "P6M_before:event", "2022-12-30"),
            ("2023-08-31", "P6M_before:event", "2023-02-28"),
            ("2023-01-21", "P3D_before:event", "2023-01-18"),
            ("2023-02-01", "P5WD_before:event", "2023-01-20"),
        ] {
            let due = due(text);
            let (on, far) = (day(on), |n: i32| day(on).checked_add(n.months()).unwrap());
            let period = match due.is_before() {
                true => Period { first: far(-12), last: on, name: Name::Before(1) },
                false => Period { first: on, last: far(12), name: Name::Event(1) },
            };
            assert_eq!(due.of(&period, &calendar()), day(want), "{text} of {on}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_what_can() {
        for text in [
            "",
            "13-01",
            "02-29",
            "02-30",
            "3-31",
            "03/31",
            "P1Y_end+13-01",
            "P2Y_end+01-31",
            "PD_after:event",
            "P5_after:event",
            "P5X_after:event",
            "P-5D_after:event",
            "P3651D_after:event",
            "P5D_before:period_end",
            "P5D_around:event",
            "P5D_after:",
            "P99999999999D_after:event",
            "五天",
            "P5D after:event",
        ] {
            let told = Due::try_from(text.to_owned()).unwrap_err();
            assert!(told.contains(text) && told.contains("period_end, event, MM-DD"), "{told}");
        }
    }
}
