//! Sights: who opened the page of a person, or took a list away that names people, on which day. They are for the person
//! to read, as unmaskings of numbers are, and are written by a job and never by the page itself (decision 0021).

use crate::{Fault, Tx, now};
use jiff::civil::Date;
use luoshi_rules::Actor;

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
}

impl Sort {
    const ALL: [Sort; 5] = [Sort::Page, Sort::Roll, Sort::Form, Sort::Figure, Sort::Archive];

    /// How it is kept.
    pub fn key(self) -> &'static str {
        match self {
            Sort::Page => "page",
            Sort::Roll => "roll",
            Sort::Form => "form",
            Sort::Figure => "figure",
            Sort::Archive => "archive",
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

/// A sight as the person reads it.
#[derive(Debug, Clone)]
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

/// Who saw data of whoever asks: their page, and lists of units to which they belonged on the day, or of units above,
/// the newest first.
pub fn own(tx: &Tx, actor: &Actor) -> Result<Vec<Seen>, Fault> {
    let sql = "select s.on_date, w.name, s.sort, u.short_name
                 from sight s
                 left join person w on w.top_id = s.top_id and w.id = s.actor_id
                 left join unit u on u.top_id = s.top_id and u.id = s.unit_id
                where s.top_id = $1 and s.actor_id <> $2
                  and (s.person_id = $2
                    or s.person_id = 0
                       and exists (select 1 from affiliation a
                                     join unit h on h.top_id = a.top_id and h.id = a.unit_id
                                    where a.top_id = $1 and a.person_id = $2
                                      and a.from_date <= s.on_date and a.until_date >= s.on_date
                                      and substr(h.path, 1, length(u.path)) = u.path))
                order by s.on_date desc, w.name, s.sort limit 500";
    tx.rows(sql, &[actor.top.into(), actor.person.into()], |row| {
        let sort = Sort::named(&row.text(2)?);
        Ok(sort.map(|sort| Ok(Seen { on: row.parse(0)?, name: row.text(1)?, sort, unit_name: row.text(3)? })))
    })?
    .into_iter()
    .flatten()
    .collect()
}
