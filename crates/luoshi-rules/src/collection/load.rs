//! What a month costs units: what they are asked for by collections, and what they are asked twice.

use super::{Collection, Ground, Held, Question};

/// A question that units are asked a second time in a month.
#[derive(Debug, Clone)]
pub struct Twice<'a> {
    /// the question
    pub question: &'a Question,
    /// the collection that asks it again
    pub by: &'a Collection,
    /// where it was answered already
    pub before: Before<'a>,
    /// how often a unit is asked it again: units times the times it is due in the month
    pub times: i64,
}

/// Where a question was answered already.
#[derive(Debug, Clone)]
pub enum Before<'a> {
    /// in an older collection
    Asked(&'a Collection),
    /// in the records that a duty has units keep
    Recorded(&'a Held),
}

/// What units are asked twice in a month of a year, by collections and in records.
pub fn twice<'a>(ground: &'a Ground, collections: &'a [Collection], month: (i16, i8)) -> Vec<Twice<'a>> {
    let mut due = due_in(collections, month);
    due.sort_by_key(|(one, _)| (one.from, one.id));
    let mut all = Vec::new();
    for (at, (by, n)) in due.iter().copied().enumerate() {
        all.extend(by.held(ground).into_iter().map(|(question, held, units)| Twice {
            question,
            by,
            before: Before::Recorded(held),
            times: n * units,
        }));
        for (older, _) in due.iter().copied().take(at) {
            let both = ground.units.iter().filter(|unit| by.reaches(unit) && older.reaches(unit)).count() as i64;
            let again = |question| Twice { question, by, before: Before::Asked(older), times: both };
            all.extend(by.repeats(older, &ground.units).into_iter().map(again));
        }
    }
    all
}

/// The collections that are due in a month of a year, each with how often.
fn due_in(collections: &[Collection], (year, month): (i16, i8)) -> Vec<(&Collection, i64)> {
    let times = |one: &Collection| one.turns(year).iter().filter(|turn| turn.due.month() == month).count() as i64;
    collections.iter().map(|one| (one, times(one))).filter(|(_, n)| *n > 0).collect()
}

/// What a set of units is asked for in one month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// duties that fall due
    pub duties: i64,
    /// of these, met by records without any form
    pub met: i64,
    /// follow-ups and other matters opened
    pub matters: i64,
    /// forms to fill in: collections times units
    pub forms: i64,
    /// questions in them that are typed by hand
    pub typed: i64,
    /// questions in them that the system filled in
    pub filled: i64,
    /// questions that a unit is asked a second time in the month
    pub twice: i64,
    /// seconds that forms and matters take
    pub seconds: i64,
}

impl Load {
    /// Things asked for.
    pub fn things(&self) -> i64 {
        self.duties + self.matters + self.forms
    }

    /// What the system answered by itself.
    pub fn by_system(&self) -> i64 {
        self.met + self.filled
    }

    /// Adds what collections ask of units in a month of a year.
    pub fn collect(&mut self, ground: &Ground, collections: &[Collection], month: (i16, i8)) {
        for (one, n) in due_in(collections, month) {
            let reached = ground.units.iter().filter(|unit| one.reaches(unit)).count() as i64 * n;
            let typed = one.typed() as i64;
            self.forms += reached;
            self.typed += reached * typed;
            self.filled += reached * (one.questions.len() as i64 - typed);
            self.seconds += reached * one.seconds(&ground.burden);
        }
        self.twice += twice(ground, collections, month).iter().map(|one| one.times).sum::<i64>();
    }
}
