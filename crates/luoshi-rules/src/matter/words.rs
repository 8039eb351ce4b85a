//! The words by which a matter is found: its title, its wording, what was noted. Keys, days and people's names that
//! stand in its data are none of them, so that who raised a proposal is never found by name.

use super::Matter;
use crate::record::{Field, Holds};
use crate::{Flow, Pack};
use serde_json::Value;

/// Flows of which only the title is found: what they move is people and posts.
const TITLE_ALONE: [&str; 2] = ["transfer", "handover"];
/// What stands in data and is no wording: how a proposal is signed, by whom something is said.
const PRIVATE: [&str; 3] = ["signed", "proposer", "speaker"];

/// The words of a matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// the title
    pub title: String,
    /// what it was opened with
    pub wording: String,
    /// what was written since
    pub notes: String,
}

/// The words of a matter with its events.
pub fn of(pack: &Pack, matter: &Matter) -> Words {
    let mut words = Words { title: matter.title.clone(), ..Words::default() };
    let Some(flow) = pack.flow(&matter.flow).filter(|flow| !TITLE_ALONE.contains(&flow.id.as_str())) else {
        return words;
    };
    let first = flow.step.first().map_or(&[][..], |step| &step.field);
    words.wording = values(first, &matter.data).join("\n");
    let mut notes = Vec::new();
    for event in &matter.events {
        notes.extend(Some(event.note.clone()).filter(|note| !note.is_empty()));
        notes.extend(values(fields(flow, &event.step), &event.data));
    }
    words.notes = notes.join("\n");
    words
}

fn fields<'f>(flow: &'f Flow, step: &str) -> &'f [Field] {
    flow.step(step).map_or(&[][..], |step| &step.field)
}

/// What people wrote or chose, in their words.
fn values(fields: &[Field], data: &Value) -> Vec<String> {
    let all = data.as_object().into_iter().flatten().filter(|(key, _)| !PRIVATE.contains(&key.as_str()));
    all.filter_map(|(key, value)| {
        let text = value.as_str()?;
        match fields.iter().find(|field| field.id == *key) {
            Some(field) if matches!(field.holds, Holds::Text | Holds::Long) => Some(text.to_owned()),
            Some(field) => field.option.iter().find(|option| option.id == text).map(|option| option.name.zh.clone()),
            // what the program wrote of a document is a sentence, its keys are not
            None => text.chars().any(is_han).then(|| text.to_owned()),
        }
    })
    .collect()
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}
