//! Tables of tasks: the head says which column holds what, who and when; every row below it is a measure.

use super::{Note, Walk, due, split};
use crate::measure::Measure;
use crate::measure::clause::Stance;
use crate::measure::due::Found;
use std::ops::Range;

/// How sure a row is that has no word for an act.
const PLAIN: f64 = 0.6;

/// Which column holds what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    what: usize,
    who: Option<usize>,
    helps: Option<usize>,
    when: Option<usize>,
}

impl Walk<'_> {
    /// A row of a table: its head, or a task.
    pub(super) fn row(&mut self, line: &str, from: usize) {
        let cells = cells(line);
        if let Some(columns) = self.head(line, &cells) {
            self.columns = Some(columns);
            return;
        }
        let Some(columns) = self.columns else { return };
        let of = |column: Option<usize>| {
            let range = cells.get(column?)?.clone();
            Some((line.get(range.clone())?, from + range.start))
        };
        let Some((what, at)) = of(Some(columns.what)).filter(|(what, _)| !what.is_empty()) else { return };
        let ends = &self.lexicon.owner.ends;
        let names = |column| of(column).map(|(names, _)| split(names, ends)).unwrap_or_default();
        let found = of(columns.when).and_then(|(when, at)| {
            let found = due::find(when, &self.reader.subjects.base).into_iter().next()?;
            Some(Found { at: found.at.start + at..found.at.end + at, ..found })
        });
        let (leads, helps) = (names(columns.who), names(columns.helps));
        let note = Note { leads, helps, due: found, at: at..at + what.len(), ..Note::default() };
        self.task(what, at, &note);
    }

    fn task(&mut self, what: &str, at: usize, note: &Note) {
        let (stance, first) = (self.stance, self.found.len());
        self.stance = Stance::Plan;
        self.carried.clear();
        self.sentence(what, at, true);
        self.stance = stance;
        if self.found.len() == first {
            self.found.push(self.plain_task(what, at));
        }
        let tasks = self.found.split_off(first);
        let noted: Vec<Measure> = tasks.into_iter().map(|task| self.noted(task, note)).collect();
        self.found.extend(noted);
    }

    /// A row says what is to be done, whatever its words.
    pub(super) fn plain_task(&self, what: &str, at: usize) -> Measure {
        Measure {
            at: at..at + what.len(),
            owners: Vec::new(),
            due: None,
            due_text: String::new(),
            quantity: self.reader.finder.find(what).into_iter().next(),
            kind: self.kind(what, &[]),
            speaker: None,
            confidence: PLAIN,
        }
    }

    fn head(&self, line: &str, cells: &[Range<usize>]) -> Option<Columns> {
        let words = &self.lexicon.owner;
        let text = |cell: &Range<usize>| line.get(cell.clone()).unwrap_or_default();
        let is = |labels: &[String]| cells.iter().position(|cell| labels.iter().any(|label| label == text(cell)));
        let short = |cell: &&Range<usize>| text(cell).chars().count() <= 8;
        let named =
            |cell: &Range<usize>| short(&cell) && words.whats.iter().any(|word| text(cell).ends_with(word.as_str()));
        let (who, when) = (is(&words.leads).or_else(|| is(&words.persons)), is(&words.whens));
        let what = cells.iter().rposition(named).filter(|_| who.is_some() || when.is_some())?;
        Some(Columns { what, who, helps: is(&words.helps), when })
    }
}

/// The cells of a row, as bytes.
fn cells(line: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let each = line.split('\t').map(|cell| {
        let range = at..at + cell.len();
        at += cell.len() + 1;
        range
    });
    each.collect()
}
