//! The demonstration of a province: a work committee over sixty departments and the whole of a year, whose published
//! figures come out of its records. The same at each build.

mod people;
mod published;
mod round;
mod units;

use super::chance::Chance;
use super::records::Year;
use super::{DUTIES, Writer};
use crate::demo::people::CLERK;
use jiff::civil::{Date, date};
use luoshi_rules::{Calendar, Clause, Pack, Unit, Verb};
use luoshi_store::obligation::{self, Edition};
use luoshi_store::{Fault, Tx};
use published::Published;

/// The year it shows.
const YEAR: i16 = 2022;
/// How many departments there are.
pub const DEPARTMENTS: usize = 60;
/// The figures of the year as they were published.
const FIGURES: &str = include_str!("../../../../packs/province-2022.toml");

/// Builds it in one transaction, so that a build that is cut off leaves nothing behind.
pub fn build(tx: &Tx, base: &Pack, (calendar, today): (&Calendar, Date), departments: usize) -> Result<Unit, Fault> {
    let mut chance = Chance::new(20_220_101);
    let root = units::root(tx)?;
    let writer = Writer { tx, base, root };
    let units = units::found(&writer, departments, &mut chance)?;
    let department = units.iter().find(|unit| unit.level == "leading_group").ok_or(Fault::NotFound)?;
    let first = units.iter().find(|unit| unit.level == "branch" && department.path.contains(&unit.path));
    let staff = people::enter(&writer, (&units, first.ok_or(Fault::NotFound)?), &mut chance)?;
    put_in_force(&writer, today)?;
    let list = Pack::list(DUTIES, base).map_err(|_| Fault::NotFound)?;
    let silent = units.iter().find(|unit| unit.short_name == units::SILENT);
    let year =
        Year { writer: &writer, staff: &staff, silent, campaigns: Vec::new(), serving: false, year: YEAR, today };
    for unit in &units {
        year.meet(unit, &list, is_ordinary, &mut chance)?;
    }
    let holidays: Vec<Date> = calendar.holidays_of(YEAR).map(|holiday| holiday.first).collect();
    year.messages(&units, &list, &holidays, &mut chance)?;
    year.terms(&units, &list, &mut chance)?;
    year.plans(&units, &mut chance)?;
    year.follow_ups(&units, &list)?;
    round::write(&writer, &units, &staff)?;
    Published { writer: &writer, units: &units, staff: &staff }.write(&mut chance)?;
    Ok(writer.root)
}

/// Whether a clause is met by what units did anyway, and not by what was published of the year.
fn is_ordinary(clause: &Clause) -> bool {
    clause.counts.first().is_some_and(|count| count.record != "center-group-study")
}

/// The list of 59 clauses and the figures of the year.
fn put_in_force(writer: &Writer, today: Date) -> Result<(), Fault> {
    let permit = writer.permit(Verb::Rule, &writer.root, CLERK, today)?;
    for (pack, text) in [("duties", DUTIES), ("province-2022", FIGURES)] {
        let edition =
            Edition { pack: pack.into(), from: date(YEAR, 1, 1), text: text.to_owned(), version: "2022".into() };
        obligation::put_in_force(writer.tx, &permit, &edition)?;
    }
    Ok(())
}
