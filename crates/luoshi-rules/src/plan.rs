//! The plan of a year: which meetings on which days would meet what a unit still owes.

use crate::clause::{Count, Whose};
use crate::record::{Holds, Kind};
use crate::{Cadence, Calendar, Obligation, Period, Status};
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A meeting that a unit means to hold, or might.
#[derive(Debug, Clone, PartialEq)]
pub struct Meant {
    /// its kind
    pub kind: String,
    /// the day
    pub on: Date,
    /// options meant to be chosen, as `field:option` separated by spaces; empty when nothing is settled yet
    pub tags: String,
    /// what it would close
    pub closes: Vec<Closes>,
}

/// A duty that a meeting would close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closes {
    /// the clause
    pub clause: String,
    /// for when
    pub period: Period,
    /// the day it is due
    pub due: Date,
    /// the role in which the holder of the post must stand
    pub role: Option<String>,
}

/// Whether a duty can still be met in time by a meeting to come.
fn is_ahead(one: &Obligation, today: Date) -> bool {
    matches!(one.status, Status::Open | Status::Ahead) && one.due >= today
}

/// Meetings that would meet all that is still owed and that `planned` will not, soonest first. As few as will do: of
/// what is due soonest each is held so late that it serves what is due later as well.
pub fn propose(
    owed: &[&Obligation],
    planned: &[Meant],
    kinds: &[&Kind],
    (calendar, today): (&Calendar, Date),
) -> Vec<Meant> {
    let mut open: Vec<&&Obligation> = owed.iter().filter(|one| is_ahead(one, today)).collect();
    open.sort_by_key(|one| (one.due, one.from, one.clause.id.as_str()));
    let order = order(kinds);
    let mut meant = planned.to_vec();
    for one in open {
        let counts: Vec<(&Count, &Kind)> = countable(one, kinds).collect();
        let mut lacking = one.lacking;
        for item in &mut meant {
            let count = counts.iter().find(|(count, kind)| lacking > 0 && fits(item, one, (count, kind)));
            if let Some((count, _)) = count {
                lacking -= 1;
                take(item, one, count);
            }
        }
        if let Some((count, kind)) = counts.first() {
            let slot = order.iter().position(|id| *id == kind.id).unwrap_or(0);
            for (first, last) in slices((one.from.max(today), one.due), lacking) {
                let on = pick((first, last), slot, calendar);
                let mut item = Meant { kind: kind.id.clone(), on, tags: String::new(), closes: Vec::new() };
                take(&mut item, one, count);
                meant.push(item);
            }
        }
    }
    let mut new = meant.split_off(planned.len());
    new.sort_by(|a, b| (a.on, &a.kind).cmp(&(b.on, &b.kind)));
    new
}

/// What a meeting would close of what is owed.
pub fn closes(item: &Meant, owed: &[&Obligation], kinds: &[&Kind]) -> Vec<Closes> {
    let mut item = Meant { closes: Vec::new(), ..item.clone() };
    let unmet = owed.iter().filter(|one| !matches!(one.status, Status::Met | Status::Late | Status::Waived));
    for one in unmet {
        let kept = item.tags.clone();
        let count = countable(one, kinds).find(|(count, kind)| fits(&item, one, (count, kind)));
        if let Some((count, _)) = count {
            take(&mut item, one, count);
            item.tags = kept;
        }
    }
    item.closes
}

/// Kinds in the order of their days in a month: those that go before others first.
fn order<'k>(kinds: &[&'k Kind]) -> Vec<&'k str> {
    let before: BTreeSet<&str> = kinds
        .iter()
        .filter_map(|kind| kind.meeting.as_ref()?.before.as_ref())
        .map(|before| before.kind.as_str())
        .collect();
    let (mut first, rest): (Vec<&str>, Vec<&str>) =
        kinds.iter().map(|kind| kind.id.as_str()).partition(|id| before.contains(id));
    first.extend(rest);
    first
}

/// The rules of a clause by which a meeting of the unit itself counts.
fn countable<'a>(one: &'a Obligation, kinds: &'a [&Kind]) -> impl Iterator<Item = (&'a Count, &'a Kind)> {
    one.clause.counts.iter().filter(|count| count.of == Whose::Own).filter_map(|count| {
        let kind = kinds.iter().find(|kind| kind.id == count.record && kind.meeting.is_some())?;
        Some((count, *kind))
    })
}

/// Whether a meeting is held in time for a duty, and can be about what the duty asks for.
fn fits(item: &Meant, one: &Obligation, (count, kind): (&Count, &Kind)) -> bool {
    let in_time = one.from <= item.on && item.on <= one.due;
    // each event takes a record of its own
    let taken = one.clause.every == Cadence::Event && item.closes.iter().any(|other| other.clause == one.clause.id);
    let settled = |field: &str| item.tags.split(' ').any(|tag| tag.starts_with(&format!("{field}:")));
    let open = |(field, option): (&String, &String)| {
        let many = kind.field(field).is_some_and(|field| field.holds == Holds::Choices);
        item.tags.split(' ').any(|tag| tag == format!("{field}:{option}")) || many || !settled(field)
    };
    item.kind == count.record && in_time && !taken && count.filter.iter().all(open)
}

fn take(item: &mut Meant, one: &Obligation, count: &Count) {
    for (field, option) in &count.filter {
        let tag = format!("{field}:{option}");
        if !item.tags.split(' ').any(|known| known == tag) {
            item.tags = format!("{} {tag}", item.tags).trim().to_owned();
        }
    }
    let (clause, role) = (one.clause.id.clone(), count.role.clone());
    item.closes.push(Closes { clause, period: one.period, due: one.due, role });
}

/// A stretch of days in so many parts.
fn slices((first, last): (Date, Date), n: usize) -> Vec<(Date, Date)> {
    let days = first.until(last).map_or(0, |span| span.get_days());
    let at = |part: usize| {
        let days = i64::from(days) * part as i64 / n.max(1) as i64;
        first.checked_add(days.days()).unwrap_or(last)
    };
    (0..n).map(|part| (at(part), at(part + 1))).collect()
}

/// A working day in the month in which a stretch ends: kinds have days of their own, well before the end of the month.
fn pick((first, last): (Date, Date), slot: usize, calendar: &Calendar) -> Date {
    let day = 6 + (slot % 7) as i8 * 3;
    let wanted = Date::new(last.year(), last.month(), day).unwrap_or(last).clamp(first, last);
    let later = std::iter::successors(Some(wanted), |day| day.tomorrow().ok()).take_while(|day| *day <= last);
    let earlier = std::iter::successors(Some(wanted), |day| day.yesterday().ok()).take_while(|day| *day >= first);
    later.chain(earlier).find(|day| calendar.is_workday(*day)).unwrap_or(wanted)
}
