//! Reading the file of holidays so that every fault is told, with its line and column.

use super::{Calendar, Holiday, is_weekend};
use crate::Label;
use jiff::civil::Date;
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

/// No stretch of days off is longer: a wrong month would make it so.
const LONGEST: i32 = 16;

/// The name of a holiday that several years use.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    id: Spanned<String>,
    name: Label,
}

/// The notice of one year.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    year: Spanned<i16>,
    off: BTreeMap<Spanned<String>, Spanned<String>>,
    work: Vec<Spanned<String>>,
}

/// The faults found so far, and the text they stand in.
struct Faults<'t> {
    text: &'t str,
    found: Vec<(usize, String)>,
}

/// Reads holidays, their names and the days worked.
pub(super) fn calendar(text: &str) -> Result<Calendar, Vec<String>> {
    let mut faults = Faults { text, found: Vec::new() };
    let (root, wrong) = DeTable::parse_recoverable(text);
    wrong.iter().for_each(|error| faults.error(error, 0..0));
    let (mut names, mut years) = (Vec::new(), Vec::new());
    for (key, value) in root.into_inner() {
        match key.get_ref().as_ref() {
            "holiday" => names = each::<Named>(value, &mut faults),
            "year" => years = each::<Year>(value, &mut faults),
            other => faults.add(key.span(), format!("there is no section `{other}`: write [[holiday]] or [[year]]")),
        }
    }
    let names = by_id(names, &mut faults);
    let mut read = Calendar::default();
    years.iter().for_each(|year| add(&mut read, year, &names, &mut faults));
    if faults.found.is_empty() { Ok(read) } else { Err(faults.told()) }
}

/// Reads an array of tables, each on its own, so that one bad element does not hide the next.
fn each<T: DeserializeOwned>(value: Spanned<DeValue>, faults: &mut Faults) -> Vec<T> {
    let span = value.span();
    let DeValue::Array(items) = value.into_inner() else {
        faults.add(span, "a list is expected here: write it in double brackets, such as [[year]]".to_owned());
        return Vec::new();
    };
    let mut read = Vec::new();
    for item in items {
        let span = item.span();
        match T::deserialize(ValueDeserializer::from(item)) {
            Ok(item) => read.push(item),
            Err(error) => faults.error(&error, span),
        }
    }
    read
}

fn by_id(names: Vec<Named>, faults: &mut Faults) -> BTreeMap<String, Label> {
    let mut known = BTreeMap::new();
    for Named { id, name } in names {
        if name.zh.is_empty() || name.en.is_empty() {
            faults.add(id.span(), format!("holiday `{}` needs a name in both languages", id.get_ref()));
        }
        if known.contains_key(id.get_ref()) {
            faults.add(id.span(), format!("holiday `{}` is named twice", id.get_ref()));
        }
        known.insert(id.into_inner(), name);
    }
    known
}

fn add(to: &mut Calendar, from: &Year, names: &BTreeMap<String, Label>, faults: &mut Faults) {
    let year = *from.year.get_ref();
    if !(1949..=2999).contains(&year) {
        return faults.add(from.year.span(), format!("{year} is no year with public holidays"));
    }
    if !to.years.insert(year) {
        faults.add(from.year.span(), format!("the year {year} is here twice"));
    }
    for (id, days) in &from.off {
        let name = names.get(id.get_ref());
        if name.is_none() {
            faults.add(id.span(), format!("no [[holiday]] has the id `{}`", id.get_ref()));
        }
        match stretch(days.get_ref(), year) {
            Ok((first, last)) => {
                faults.overlap(to, days.span(), first, last);
                to.holidays.push(Holiday { name: name.cloned().unwrap_or_default(), first, last });
            }
            Err(why) => faults.add(days.span(), why),
        }
    }
    to.holidays.sort_by_key(|holiday| holiday.first);
    for text in &from.work {
        match on(text.get_ref(), year).and_then(|day| exchanged(to, day)) {
            Ok(day) => {
                to.worked.insert(day);
            }
            Err(why) => faults.add(text.span(), why),
        }
    }
}

/// A day worked in exchange lies on a weekend and in no holiday.
fn exchanged(calendar: &Calendar, day: Date) -> Result<Date, String> {
    match day {
        _ if !is_weekend(day) => Err(format!("{day} is no weekend: only weekends are worked in exchange")),
        _ if calendar.holiday_on(day).is_some() => Err(format!("{day} is a day off and cannot be worked")),
        _ if calendar.worked.contains(&day) => Err(format!("{day} is worked twice")),
        _ => Ok(day),
    }
}

/// `A..B`, or `A` alone.
fn stretch(text: &str, year: i16) -> Result<(Date, Date), String> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let (first, last) = (on(first, year)?, on(last, year)?);
    if last < first {
        return Err(format!("`{text}` ends before it begins"));
    }
    if (last - first).get_days() >= LONGEST {
        return Err(format!("`{text}` is longer than {LONGEST} days"));
    }
    Ok((first, last))
}

/// `MM-DD` of the year, or `YYYY-MM-DD` in the December before.
fn on(text: &str, year: i16) -> Result<Date, String> {
    let full = if text.len() == 5 { format!("{year:04}-{text}") } else { text.to_owned() };
    let day: Date = full
        .parse()
        .map_err(|_| format!("`{text}` is no day of {year}: write MM-DD, or YYYY-MM-DD in the year before"))?;
    let before = day.year() == year - 1 && day.month() == 12;
    if before || day.year() == year {
        Ok(day)
    } else {
        Err(format!("`{text}` does not belong to the notice of {year}"))
    }
}

impl Faults<'_> {
    fn add(&mut self, span: Range<usize>, what: String) {
        self.found.push((span.start, what));
    }

    fn error(&mut self, error: &Error, within: Range<usize>) {
        let span = error.span().filter(|span| *span != (0..0)).unwrap_or(within);
        self.add(span, error.message().to_owned());
    }

    fn overlap(&mut self, known: &Calendar, span: Range<usize>, first: Date, last: Date) {
        let other = known.holidays.iter().find(|other| other.first <= last && first <= other.last);
        if let Some(other) = other {
            self.add(span, format!("{first}..{last} overlaps {}..{} ({})", other.first, other.last, other.name.en));
        }
    }

    /// In the order of the text, each once.
    fn told(self) -> Vec<String> {
        let found: BTreeSet<(usize, String)> = self.found.into_iter().collect();
        let place = |at: usize| {
            let before = self.text.get(..at).unwrap_or_default();
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            format!("{}:{column}", before.matches('\n').count() + 1)
        };
        found.into_iter().map(|(at, what)| format!("{}: {what}", place(at))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &str = "[[holiday]]\nid = 'spring'\nname = { zh = '春节', en = 'Spring Festival' }\n";

    fn faults(text: &str) -> Vec<String> {
        calendar(&format!("{NAMES}{text}")).map(|_| Vec::new()).unwrap_or_else(|faults| faults)
    }

    fn check(text: &str, expected: &[&str]) {
        let found = faults(text);
        assert_eq!(found.len(), expected.len(), "{text}\n{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{text}\n{found}\nshould begin with\n{expected}");
        }
    }

    #[test]
    fn a_right_year_has_no_faults() {
        check("[[year]]\nyear = 2023\nwork = ['2022-12-31', '01-28']\noff.spring = '01-21..01-27'", &[]);
    }

    #[test]
    fn every_fault_is_told_at_its_place() {
        check(
            "[[year]]
year = 2023
work = ['01-30', '01-22', '13-01', '01-28', '01-28', '2021-12-31']
[year.off]
spring = '01-27..01-21'
summer = '07-01'
[[year]]
year = 2023
work = []
off.spring = '01-21..02-21'
[[year]]
year = 'soon'
[[month]]
",
            &[
                "6:9: 2023-01-30 is no weekend",
                "6:27: `13-01` is no day of 2023",
                "6:45: 2023-01-28 is worked twice",
                "6:54: `2021-12-31` does not belong to the notice of 2023",
                "8:10: `01-27..01-21` ends before it begins",
                "9:1: no [[holiday]] has the id `summer`",
                "11:8: the year 2023 is here twice",
                "13:14: `01-21..02-21` is longer than 16 days",
                "15:8: invalid type: string \"soon\"",
                "16:3: there is no section `month`",
            ],
        );
    }

    #[test]
    fn days_off_do_not_overlap_and_are_not_worked() {
        check(
            "[[holiday]]\nid = 'x'\nname = { zh = '', en = 'X' }\n\
             [[year]]\nyear = 2023\nwork = ['01-22']\noff.spring = '01-21..01-27'\noff.x = '01-27'",
            &[
                "5:6: holiday `x` needs a name in both languages",
                "9:9: 2023-01-22 is a day off",
                "11:9: 2023-01-27..2023-01-27 overlaps 2023-01-21..2023-01-27 (Spring Festival)",
            ],
        );
    }

    #[test]
    fn broken_toml_is_told_line_by_line() {
        let found = faults("[[year]]\nyear = \nwork = [\n'01-28',\nnonsense\n");
        assert!(found.len() > 1 && found[0].starts_with("5:8:"), "{found:#?}");
        assert_eq!(calendar("year = 3").unwrap_err().len(), 1);
        check("[[year]]\nyear = -32768\nwork = []\noff = {}", &["5:8: -32768 is no year"]);
        check("[[year]]\nyear = 2023\nworked = []", &["6:1: unknown field `worked`"]);
        assert!(!faults("\u{0}\u{feff}[").is_empty());
    }
}
