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
