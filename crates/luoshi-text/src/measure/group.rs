//! Clauses that make one measure: a sentence is one unless a clause brings an owner or a date of its own.

use super::clause::{Clause, Sense, Stance};
use super::due::{Due, Found};
use super::lexicon::{Kind, Lexicon};
use super::owner::Subject;
use super::quantity::Quantity;
use std::ops::Range;

/// Less sure than this is not shown.
const LEAST: f64 = 0.5;

/// What is known of a measure besides its clauses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    /// a note says who and when
    pub noted: bool,
    /// somebody is quoted
    pub quoted: bool,
    /// it is known who is asked
    pub owned: bool,
}

/// Clauses that belong together.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    pub clauses: Vec<Clause>,
}

impl Group {
    /// The groups of a sentence.
    pub fn of(clauses: Vec<Clause>) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for clause in clauses {
            // whoever was named before is asked for nothing that can be seen
            let turns = |group: &Group| !group.asks() && clause.sense == Sense::Asks && group.turns_to(&clause);
            if groups.last().is_some_and(turns) {
                groups.pop();
            }
            match groups.last_mut().filter(|group| !group.ends_before(&clause)) {
                Some(group) => group.clauses.push(clause),
                None => groups.push(Group { clauses: vec![clause] }),
            }
        }
        groups
    }

    /// Whether a clause names another than the clauses before it, which do not only say who leads.
    fn turns_to(&self, next: &Clause) -> bool {
        let leads = self.clauses.iter().any(|clause| clause.leads && clause.subject.is_some());
        let other = match (&next.subject, self.subject()) {
            (Some(next), Some(own)) => next != own && !next.assists && !each_of(&next.leads, &own.leads),
            _ => false,
        };
        other && !leads
    }

    /// Whether a clause begins a measure of its own.
    fn ends_before(&self, next: &Clause) -> bool {
        if !self.asks() || next.ends && self.due().is_none() {
            return false;
        }
        let owner = match (&next.subject, self.subject()) {
            (Some(next), _) if next.assists => false,
            (Some(_), None) => !self.modal() || !next.dues.is_empty(),
            (Some(next), Some(own)) => next != own && !each_of(&next.leads, &own.leads),
            (None, _) => false,
        };
        let dated = |found: &Found| !matches!(found.due, Due::Standing);
        let date = next.dues.iter().any(dated) && self.due().is_some() && next.sense == Sense::Asks;
        let event = next.act.event && next.dues.iter().any(dated) && next.sense == Sense::Asks && self.strong();
        let rule = next.act.rule && next.sense == Sense::Asks && (self.due().is_some() || self.quantity().is_some());
        // 举办培训班3期，评选优秀党课10堂: each with an act and a number of its own
        let counts = next.quantity.as_ref().is_some_and(|quantity| quantity.unit != "%");
        let parallel = next.act.heads && counts && next.subject.is_none() && self.parallel();
        next.sense != Sense::Past
            && (owner && next.sense == Sense::Asks || date || event || rule || parallel)
            && !(next.ends && self.due().is_none())
    }

    /// Whether any clause asks for something.
    pub fn asks(&self) -> bool {
        self.clauses.iter().any(|clause| clause.sense == Sense::Asks)
    }

    /// Whether it names nobody and its last clause is an act with its number.
    fn parallel(&self) -> bool {
        self.subject().is_none()
            && self.clauses.last().is_some_and(|clause| clause.act.heads && clause.quantity.is_some())
    }

    /// Whether it asks for more than an effort.
    fn strong(&self) -> bool {
        self.clauses.iter().any(|clause| clause.sense == Sense::Asks && clause.act.strong)
    }

    /// Whether it begins with an act.
    fn heads(&self) -> bool {
        self.clauses.iter().find(|clause| clause.sense == Sense::Asks).is_some_and(|clause| clause.act.heads)
    }

    /// Whether it says must, shall or will.
    pub fn modal(&self) -> bool {
        self.clauses.iter().any(|clause| clause.modal && clause.sense == Sense::Asks)
    }

    /// Whether it begs the reader.
    pub fn asked(&self) -> bool {
        self.clauses.iter().any(|clause| clause.asked)
    }

    /// Who is asked.
    pub fn subject(&self) -> Option<&Subject> {
        let all = || self.clauses.iter().filter_map(|clause| clause.subject.as_ref());
        all().find(|subject| !subject.assists).or_else(|| all().next())
    }

    /// By when: a day rather than a rhythm, a rhythm rather than "long-term".
    pub fn due(&self) -> Option<&Found> {
        let rank = |found: &&Found| match found.due {
            Due::By(_) | Due::Every(_) | Due::Within(..) => 0,
            Due::Event => 1,
            Due::Standing => 2,
        };
        self.clauses.iter().flat_map(|clause| &clause.dues).min_by_key(rank)
    }

    /// How much.
    pub fn quantity(&self) -> Option<&Quantity> {
        self.clauses.iter().filter(|clause| clause.sense != Sense::Past).find_map(|clause| clause.quantity.as_ref())
    }

    /// The bytes of the text from its first clause to its last.
    pub fn at(&self) -> Range<usize> {
        let from = self.clauses.first().map_or(0, |clause| clause.at.start);
        from..self.clauses.last().map_or(from, |clause| clause.at.end)
    }

    /// How sure it is that this is a measure, as a part of a document with this stance; nothing if it is none.
    pub fn confidence(&self, stance: Stance, told: Told) -> Option<f64> {
        let (modal, dated) = (self.modal(), self.due().is_some_and(|found| found.due != Due::Standing));
        let past = self.clauses.iter().any(|clause| clause.sense == Sense::Past);
        let ahead = self.due().is_some_and(|found| matches!(found.due, Due::By(_) | Due::Within(..)));
        let stated = self.subject().is_some();
        let base = match stance {
            _ if told.noted => 0.3,
            Stance::Plan => 0.3,
            Stance::Neutral if modal || dated && stated => 0.15,
            Stance::Neutral if ahead && !past => 0.2,
            Stance::Past if modal && dated => 0.0,
            _ => return None,
        };
        let signs = [
            (modal, 0.2),
            (dated, 0.2),
            (told.noted, 0.4),
            (told.quoted && modal, 0.05),
            (stated, 0.2),
            (told.owned && !stated, 0.05),
            (self.quantity().is_some(), 0.1),
            (self.heads() && stance == Stance::Plan, 0.1),
            (past, -0.25),
        ];
        let sum: f64 = 0.1 + base + signs.iter().filter(|(holds, _)| *holds).map(|(_, weight)| weight).sum::<f64>();
        (self.asks() && sum >= LEAST).then(|| (sum.min(0.97) * 100.0).round() / 100.0)
    }
}

/// Whether the next subject only takes the members of the last one singly: 各党支部 …, 每个支部 ….
fn each_of(next: &[String], own: &[String]) -> bool {
    let single =
        next.first().and_then(|name| ["每个", "每名", "每位", "每"].iter().find_map(|each| name.strip_prefix(each)));
    single.is_some_and(|name| own.iter().any(|own| own.ends_with(name)))
}

/// The kind whose word weighs most in a text, a strong word before all others; of equal ones the last.
pub(super) fn kind<'l>(text: &str, lexicon: &'l Lexicon) -> Option<&'l Kind> {
    let weighed = |kind: &'l Kind, words: &'l [String], extra: u32| {
        let ends = words.iter().filter_map(|word| text.rfind(word.as_str()).map(|at| at + word.len()));
        ends.max().map(|end| (kind.weight + extra, end, kind))
    };
    let all = lexicon.kind.iter().flat_map(|kind| [weighed(kind, &kind.words, 0), weighed(kind, &kind.strong, 100)]);
    all.flatten().max_by_key(|(weight, end, _)| (*weight, *end)).map(|(.., kind)| kind)
}
