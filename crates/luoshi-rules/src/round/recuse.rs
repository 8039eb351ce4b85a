//! Recusal: nobody looks at a unit where they stand, where they served not long ago, or where one of theirs is.

use crate::UnitPath;
use jiff::ToSpan;
use jiff::civil::Date;

/// Why somebody may not look at a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ground {
    /// they are on its roll, or hold a post in it
    Belongs,
    /// they were on its roll or held a post in it until a day
    Served(Date),
    /// they said that family is there, or the office knows
    Declared,
}

/// Where somebody stood between two days: on a roll, or in a post.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// the place
    pub path: UnitPath,
    /// the last day; none while it lasts
    pub until: Option<Date>,
}

/// Whether somebody must be kept from a unit on a day: by where they stood within `years`, or by what was declared.
pub fn recusal(unit: &UnitPath, stood: &[Service], declared: &[UnitPath], (years, on): (i16, Date)) -> Option<Ground> {
    let here = || stood.iter().filter(|one| unit.contains(&one.path));
    if here().any(|one| one.until.is_none_or(|until| until >= on)) {
        return Some(Ground::Belongs);
    }
    if declared.iter().any(|one| unit.contains(one) || one.contains(unit)) {
        return Some(Ground::Declared);
    }
    let since = on.saturating_sub(years.years());
    here().filter_map(|one| one.until).filter(|until| *until > since).max().map(Ground::Served)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn path(text: &str) -> UnitPath {
        text.to_owned().try_into().unwrap()
    }

    #[track_caller]
    fn check(at: &str, until: Option<Date>, declared: &[&str], want: Option<Ground>) {
        let declared: Vec<UnitPath> = declared.iter().map(|one| path(one)).collect();
        let stood = [Service { path: path(at), until }];
        assert_eq!(recusal(&path("00010002"), &stood, &declared, (3, date(2023, 5, 1))), want);
    }

    #[test]
    fn who_is_or_was_not_long_ago_of_a_unit_is_kept_from_it() {
        check("00010002", None, &[], Some(Ground::Belongs));
        check("000100020001", None, &[], Some(Ground::Belongs));
        check("00010003", None, &[], None);
        check("0001", None, &[], None);
        check("000100020001", Some(date(2023, 4, 30)), &[], Some(Ground::Served(date(2023, 4, 30))));
        check("00010002", Some(date(2020, 5, 2)), &[], Some(Ground::Served(date(2020, 5, 2))));
        check("00010002", Some(date(2020, 5, 1)), &[], None);
    }

    #[test]
    fn family_counts_wherever_in_the_unit_it_is() {
        check("00010003", None, &["00010002"], Some(Ground::Declared));
        check("00010003", None, &["000100020005"], Some(Ground::Declared));
        check("00010003", None, &["00010003"], None);
    }
}
