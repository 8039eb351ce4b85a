//! Notes: who answers for a measure and by when, in a bracket behind it or on lines of their own below it.

use super::{Owner, Told, Walk, due, outline, split};
use crate::measure::Measure;
use crate::measure::due::{Due, Found};
use std::ops::Range;

/// A note after a measure: `（责任单位：人事处；完成时限：6月底前）`.
#[derive(Default, Clone)]
pub(super) struct Note {
    pub leads: Vec<String>,
    /// persons who answer for it: they count where no unit is named
    pub persons: Vec<String>,
    pub helps: Vec<String>,
    pub due: Option<Found>,
    /// bytes of the whole text
    pub at: Range<usize>,
}

impl Walk<'_> {
    /// A line of its own that says who answers for the measure above it, or by when.
    pub(super) fn label(&self, text: &str, from: usize) -> Option<Note> {
        let words = &self.lexicon.owner;
        let labels = [&words.leads, &words.persons, &words.helps, &words.whens];
        let labelled = labels.iter().any(|labels| outline::labelled(text, labels).is_some());
        labelled.then(|| self.note(text, from)).flatten()
    }

    /// What the lines of labels right below an item say together.
    pub(super) fn labels(&self, after: &str, from: usize) -> Option<Note> {
        let (mut at, mut all): (usize, Option<Note>) = (from, None);
        for line in after.split('\n').skip(1) {
            let Some(note) = self.label(line, at + 1) else { break };
            at += 1 + line.len();
            let before = all.take().unwrap_or_default();
            all = Some(Note {
                leads: [before.leads, note.leads].concat(),
                persons: [before.persons, note.persons].concat(),
                helps: [before.helps, note.helps].concat(),
                due: before.due.or(note.due),
                at: from..at,
            });
        }
        all
    }

    /// An item without the note at its end, and the note.
    pub(super) fn body<'t>(&self, text: &'t str, from: usize) -> (&'t str, Option<Note>) {
        let opens = text.rfind('（').filter(|_| text.trim_end_matches('。').ends_with('）'));
        let Some((body, note)) = opens.and_then(|at| text.split_at_checked(at)) else { return (text, None) };
        let inside = note.trim_end_matches('。').trim_start_matches('（').trim_end_matches('）');
        let said = self.note(inside, from + body.len() + "（".len());
        match said.or_else(|| self.names(inside).filter(|_| body.ends_with(['。', '；']))) {
            Some(found) => (body, Some(Note { at: from + body.len()..from + text.len(), ..found })),
            None => (text, None),
        }
    }

    pub(super) fn note(&self, inside: &str, from: usize) -> Option<Note> {
        let (mut note, mut any, mut at) = (Note::default(), false, from);
        for part in inside.split_inclusive(['；', ';', '，', '\t']) {
            let label = part.trim_end_matches(['；', ';', '，', '\t']);
            any |= self.labelled(label, at, &mut note) || self.worded(label, at, &mut note);
            at += part.len();
        }
        any.then_some(note)
    }

    /// `（人事处、工会）` behind a whole sentence: names alone.
    fn names(&self, inside: &str) -> Option<Note> {
        let ends = &self.lexicon.owner.ends;
        let leads = split(inside, ends);
        let named = leads.iter().all(|name| ends.iter().any(|end| name.ends_with(end.as_str())));
        (named && !leads.is_empty()).then(|| Note { leads, ..Note::default() })
    }

    /// `责任单位：人事处`
    fn labelled(&self, label: &str, at: usize, note: &mut Note) -> bool {
        let words = &self.lexicon.owner;
        let names = |names: &str| split(names, &words.ends);
        if let Some(who) = outline::labelled(label, &words.leads) {
            note.leads.extend(names(who));
        } else if let Some(who) = outline::labelled(label, &words.persons) {
            note.persons.extend(names(who));
        } else if let Some(who) = outline::labelled(label, &words.helps) {
            note.helps.extend(names(who));
            return false;
        } else if let Some(when) = outline::labelled(label, &words.whens) {
            note.due = self.when(when, at + label.find(when).unwrap_or_default());
        } else {
            return false;
        }
        true
    }

    /// `人事处牵头，工会配合，6月底前完成`: a note in words of its own.
    fn worded(&self, part: &str, at: usize, note: &mut Note) -> bool {
        let words = &self.lexicon.owner;
        let named = |who: &str| words.ends.iter().any(|end| who.ends_with(end.as_str()));
        let before = |verbs: &[String]| verbs.iter().find_map(|verb| part.strip_suffix(verb.as_str()));
        if let Some(who) = before(&words.leading).map(|who| who.trim_start_matches('由')).filter(|who| named(who)) {
            note.leads.extend(split(who, &words.ends));
            return true;
        }
        if let Some(who) = before(&words.helping).filter(|who| named(who)) {
            note.helps.extend(split(who, &words.ends));
            return false;
        }
        let when = self.when(part, at).filter(|_| !note.leads.is_empty() && note.due.is_none());
        note.due = note.due.take().or(when);
        false
    }

    fn when(&self, text: &str, from: usize) -> Option<Found> {
        let all = due::find(text, &self.reader.subjects.base);
        // 5月起长期坚持 begins then and has no end
        let standing = all.iter().find(|found| found.due == Due::Standing && text.contains('起'));
        let found = standing.or(all.first())?.clone();
        Some(Found { at: found.at.start + from..found.at.end + from, ..found })
    }

    /// What a note says counts for the measures of its item: the last is that before it, and those above take from it
    /// what they do not say themselves. An item with a note is a measure whatever its words.
    pub(super) fn note_all(&mut self, first: usize, body: &str, from: usize, note: &Note) {
        if self.found.len() == first {
            let bare = body.trim_end_matches('。');
            self.found.push(self.plain_task(bare, from));
        }
        let own = self.found.split_off(first);
        let last = own.len() - 1;
        let each = own.into_iter().enumerate().map(|(at, measure)| match at == last {
            true if last > 0 && is_owned(&measure) => {
                self.noted(measure, &Note { leads: Vec::new(), persons: Vec::new(), ..note.clone() })
            }
            true => self.noted(measure, note),
            false => self.noted_above(measure, note),
        });
        let noted: Vec<Measure> = each.collect();
        self.found.extend(noted);
    }

    fn noted_above(&self, measure: Measure, note: &Note) -> Measure {
        let own = is_owned(&measure);
        let alone = Note { at: measure.at.clone(), ..note.clone() };
        match (own, measure.due.is_some()) {
            (true, true) => measure,
            (true, false) => self.noted(measure, &Note { leads: Vec::new(), persons: Vec::new(), ..alone }),
            (false, true) => self.noted(measure, &Note { due: None, ..alone }),
            (false, false) => self.noted(measure, &alone),
        }
    }

    /// A measure with what its note says.
    pub(super) fn noted(&self, measure: Measure, note: &Note) -> Measure {
        let owner = |helps: bool| {
            move |text: &String| Owner { text: text.clone(), units: Vec::new(), post: None, told: Told::Here, helps }
        };
        let leads = if note.leads.is_empty() { &note.persons } else { &note.leads };
        let owners: Vec<Owner> = leads.iter().map(owner(false)).chain(note.helps.iter().map(owner(true))).collect();
        // a rhythm in the wording says more than "long-term" in the note
        let due = note.due.as_ref().filter(|found| found.due != Due::Standing || measure.due.is_none());
        Measure {
            at: measure.at.start..measure.at.end.max(note.at.end),
            owners: if leads.is_empty() { measure.owners } else { owners },
            due_text: due
                .map_or(measure.due_text, |found| self.text.get(found.at.clone()).unwrap_or_default().to_owned()),
            due: due.map_or(measure.due, |found| Some(found.due.clone())),
            ..measure
        }
    }
}

/// Whether a measure itself says who answers for it.
fn is_owned(measure: &Measure) -> bool {
    measure.owners.iter().any(|owner| owner.told == Told::Here)
}
