//! placeholder until the calendar lands
use crate::Label;
use jiff::{ToSpan, civil::Date};
/// Holidays.
#[derive(Debug, Clone, Default)]
pub struct Calendar;
/// A holiday.
#[derive(Debug, Clone)]
pub struct Holiday {
    /// name
    pub name: Label,
    /// first day
    pub first: Date,
    /// last day
    pub last: Date,
}
impl Calendar {
    /// plus
    pub fn plus_workdays(&self, from: Date, n: i32) -> Date {
        from.checked_add(n.days()).unwrap_or(from)
    }
    /// of
    pub fn holidays_of(&self, _year: i16) -> impl Iterator<Item = &Holiday> {
        std::iter::empty()
    }
}
