//! Sights: who opened the page of a person, or took a list away that names people, on which day. They are for the person
//! to read, as unmaskings of numbers are, and are written by a job and never by the page itself (decision 0017).

use crate::{Fault, Tx, audit, now};
use jiff::civil::Date;

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// the page of a person
    Page,
    /// a roll that was taken away
    Roll,
    /// a form of another system, filled
    Form,
    /// the people behind a figure
    Figure,
    /// the archive of a year
    Archive,
    /// any other list, for the audit trail alone
    List,
}

impl Sort {
    const ALL: [Sort; 6] = [Sort::Page, Sort::Roll, Sort::Form, Sort::Figure, Sort::Archive, Sort::List];

    /// How it is kept.
    pub fn key(self) -> &'static str {
        match self {
            Sort::Page => "page",
            Sort::Roll => "roll",
            Sort::Form => "form",
            Sort::Figure => "figure",
            Sort::Archive => "archive",
            Sort::List => "list",
        }
    }

    pub(crate) fn named(key: &str) -> Option<Sort> {
        Sort::ALL.into_iter().find(|one| one.key() == key)
    }
}

/// Somebody saw data of one person, or of those below a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sight {
    /// the organisation whose people they are
    pub top: i64,
    /// whose page; 0 for a list
    pub person: i64,
    /// the day
    pub on: Date,
    /// who saw it
    pub actor: i64,
    /// whose list; 0 for a page
    pub unit: i64,
    /// what
    pub sort: Sort,
}

/// Somebody took a file away: a line of the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    /// the organisation whose file it was
    pub top: i64,
    /// who took it
    pub actor: i64,
    /// the unit it was of; 0 where it was of none
    pub unit: i64,
    /// what
    pub sort: Sort,
}

/// A sight as the person reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// the day
    pub on: Date,
    /// who saw it; empty where they are of another organisation
    pub name: String,
    /// what
    pub sort: Sort,
    /// short name of the unit whose list it was; empty for one's own page
    pub unit_name: String,
}

/// Keeps sights; the same one of a day is kept once.
pub fn keep(tx: &Tx, all: &[Sight]) -> Result<(), Fault> {
    let sql = "insert into sight (top_id, person_id, on_date, actor_id, unit_id, sort, at)
               values ($1, $2, $3, $4, $5, $6, $7)
               on conflict do nothing";
    for one in all {
        let args = [
            one.top.into(),
            one.person.into(),
            one.on.into(),
            one.actor.into(),
            one.unit.into(),
            one.sort.key().into(),
            now().into(),
        ];
        tx.run(sql, &args)?;
    }
    Ok(())
}

/// Writes into the audit trail what was taken away by asking for it. A form of another system is sent for by an act, which
/// has its row.
pub fn take(tx: &Tx, all: &[Taken]) -> Result<(), Fault> {
    for one in all {
        let act = match one.sort {
            Sort::Roll => "export.roll",
            Sort::Figure => "export.people",
            Sort::Archive => "export.archive",
            Sort::List | Sort::Form | Sort::Page => "export.list",
        };
        audit::by(tx, one.top, one.actor, one.unit, act, one.unit, "")?;
    }
    Ok(())
}
