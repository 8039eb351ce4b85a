//! What units record because a duty has them do so: a form that asks for it asks a second time.

use super::{Question, Sort, normal};
use crate::clause::{Count, Whose};
use crate::record::{Field, Holds};
use crate::{Clause, Kind, Label, Rulebook, Unit};
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap};

/// Fewest characters of a name that says by itself what is meant, such as 考察人数; 主题 is said of many things.
const TELLING: usize = 4;
/// The same where it is written in letters.
const TELLING_LETTERS: usize = 12;

/// Something that records hold which units keep for a duty.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// the clause
    pub clause: String,
    /// the kind and what of it, in words
    pub what: Label,
    /// names by which it may be asked for, as they are compared
    names: Vec<String>,
    /// the clause and the kind say who keeps them
    level: Vec<Vec<String>>,
    class: Vec<String>,
    needs: Option<String>,
}

impl Held {
    /// Everything that duties in force on a day have units record: how many of a kind, and what its form must have. Only
    /// where one kind alone meets the duty, of the unit itself: otherwise it may have been met by other records.
    pub fn all(rules: &Rulebook, day: Date) -> Vec<Held> {
        let called = called(&rules.kinds());
        let mut all: Vec<Held> = Vec::new();
        for clause in rules.in_force(day) {
            let Some(kind) = only_kind(clause).and_then(|id| rules.kind(id)) else { continue };
            all.push(Held::of(clause, kind, counted(kind), &Label::new("次数", "how many")));
            for field in kind.field.iter().filter(|field| !field.optional && field.holds != Holds::File) {
                all.push(Held::of(clause, kind, names(kind, field, &called), &field.name));
            }
        }
        all
    }

    fn of(clause: &Clause, kind: &Kind, names: Vec<String>, what: &Label) -> Held {
        let what = Label::new(format!("{}·{}", kind.name.zh, what.zh), format!("{}: {}", kind.name.en, what.en));
        Held {
            clause: clause.id.clone(),
            what,
            names,
            level: vec![clause.level.clone(), kind.level.clone()],
            class: clause.class.clone(),
            needs: clause.needs.clone(),
        }
    }

    /// Whether a unit records it.
    pub fn binds(&self, unit: &Unit) -> bool {
        let fits = |list: &[String], value: &String| list.is_empty() || list.contains(value);
        self.level.iter().all(|list| fits(list, &unit.level))
            && fits(&self.class, &unit.class)
            && self.needs.as_ref().is_none_or(|part| unit.parts.contains(part))
    }

    /// Whether a question asks for it by hand.
    pub fn is_asked_by(&self, question: &Question) -> bool {
        !matches!(question.sort, Sort::Known(_)) && self.names.contains(&normal(&question.name))
    }
}

/// The kind by which alone a unit meets a duty of its own.
fn only_kind(clause: &Clause) -> Option<&str> {
    let first = clause.counts.first()?;
    // with a role, a record of another unit on which the holder stands may have met it
    let own = |count: &Count| count.record == first.record && count.of == Whose::Own && count.role.is_none();
    let alike = clause.counts.iter().all(own);
    (alike && !clause.each_member).then_some(first.record.as_str())
}

/// How it is asked how many of a kind there were.
fn counted(kind: &Kind) -> Vec<String> {
    let (zh, en) = (&kind.name.zh, &kind.name.en);
    let ways = ["", "召开", "开展", "举办"];
    let ends = ["次数", "场次", "场数", "期数"];
    let chinese = ways.iter().flat_map(|way| ends.iter().map(move |end| normal(&format!("{way}{zh}{end}"))));
    let english = [format!("Number of {en}"), format!("Number of {en}s"), format!("How many {en}s")];
    chinese.chain(english.iter().map(|name| normal(name))).collect()
}

/// Kinds with a field of a name, by the names of all fields as they are compared.
type Called<'a> = HashMap<String, BTreeSet<&'a str>>;

fn called<'a>(kinds: &[&'a Kind]) -> Called<'a> {
    let mut called = Called::new();
    for (kind, field) in kinds.iter().flat_map(|kind| kind.field.iter().map(|field| (*kind, field))) {
        for name in [&field.name.zh, &field.name.en] {
            called.entry(normal(name)).or_default().insert(&kind.id);
        }
    }
    called
}

/// How a field of a kind is asked for: with the name of the kind before it, or by a name of its own that no other has.
fn names(kind: &Kind, field: &Field, called: &Called) -> Vec<String> {
    let mut names = vec![
        normal(&format!("{}{}", kind.name.zh, field.name.zh)),
        normal(&format!("{} {}", kind.name.en, field.name.en)),
    ];
    for name in [&field.name.zh, &field.name.en].map(|name| normal(name)) {
        let least = if name.is_ascii() { TELLING_LETTERS } else { TELLING };
        let alone = called.get(&name).is_none_or(|kinds| kinds.iter().all(|one| *one == kind.id));
        if name.chars().count() >= least && alone {
            names.push(name);
        }
    }
    names
}
