//! The walk through a document: what was said above decides how a sentence is read – the title, the heading, the one
//! who was named last, the one who is quoted.

use super::clause::{Clause, Reader, Sense, Stance};
use super::due::{self, Base, Due, Found};
use super::group::{Group, kind};
use super::lexicon::Lexicon;
use super::owner::{Subject, Subjects, split};
use super::quantity::Finder;
use super::{Measure, Owner, Told, group, outline};
use jiff::civil::Date;
use note::Note;
use table::Columns;

mod note;
mod speech;
mod table;
mod title;

/// So much less sure, of a hundred, is a measure of which something was lost.
const LOST: f64 = 25.0;
/// A label before a colon is no longer than this many characters.
const LABEL: usize = 8;
/// The line that names the addressees is one of the first.
const TOP: usize = 8;

/// Where the walk is.
pub(super) struct Walk<'a> {
    text: &'a str,
    lexicon: &'a Lexicon,
    reader: Reader<'a>,
    title: Option<Stance>,
    stance: Stance,
    addressees: Vec<String>,
    /// it sends on what another paper asks: `关于印发工作要点的通知`
    forwards: bool,
    /// the owners named last in this item
    carried: Vec<String>,
    /// the owners an item of the same list began with
    sibling: Vec<String>,
    /// what the heading and the item are about
    head: &'a str,
    lead: &'a str,
    speaker: Option<String>,
    quoted: bool,
    /// who was quoted last, whom a pronoun means
    heard: Option<String>,
    /// the first measure of a quotation nobody has been named for yet
    unsaid: Option<usize>,
    /// when the step is taken whose heading this stands under
    period: Option<Found>,
    /// the columns of the table we are in
    columns: Option<Columns>,
    found: Vec<Measure>,
}

impl<'a> Walk<'a> {
    pub fn new(text: &'a str, day: Date, lexicon: &'a Lexicon) -> Walk<'a> {
        let base = Base { day, year: day.year(), month: None, festivals: &lexicon.festival };
        let reader = Reader { subjects: Subjects { lexicon, base }, finder: Finder::new(&lexicon.quantity), lexicon };
        Walk {
            text,
            lexicon,
            reader,
            title: None,
            stance: Stance::Neutral,
            addressees: Vec::new(),
            forwards: false,
            carried: Vec::new(),
            sibling: Vec::new(),
            head: "",
            lead: "",
            speaker: None,
            quoted: false,
            heard: None,
            unsaid: None,
            period: None,
            columns: None,
            found: Vec::new(),
        }
    }

    /// Every measure of the text.
    pub fn all(mut self) -> Vec<Measure> {
        let mut from = 0;
        for (at, line) in self.text.split('\n').enumerate() {
            let after = self.text.get(from + line.len()..).unwrap_or_default();
            self.line(at, line, from, after);
            from += line.len() + 1;
        }
        self.found
    }

    fn line(&mut self, at: usize, line: &'a str, from: usize, after: &str) {
        if line.trim().is_empty() {
            return;
        }
        if line.contains('\t') {
            return self.row(line, from);
        }
        self.columns = None;
        let (level, marked) = outline::number(line);
        let text = line.get(marked..).unwrap_or_default();
        let first = self.title.is_none();
        if first {
            self.open_title(text);
        }
        if at < TOP && self.is_address(text) {
            return;
        }
        if self.label(text, from).is_some() || first && !text.contains('。') {
            return;
        }
        if at < TOP && level == 0 && !first && self.is_second_title(text) {
            return;
        }
        if self.is_heading(level, text, after) {
            return self.heading(level, text, from + marked);
        }
        if self.is_of_failings(text) {
            return;
        }
        let below = self.labels(after, from + line.len());
        self.item(level, text, from + marked, below);
    }

    /// Whether a line only tells what has failed: `具体问题：…`
    fn is_of_failings(&self, text: &str) -> bool {
        let label = text.split_once('：').map_or("", |(label, _)| label.trim());
        self.lexicon.past.labels.iter().any(|known| known == label)
    }

    fn item(&mut self, level: u8, text: &'a str, from: usize, below: Option<Note>) {
        self.carried = if level == 3 { self.sibling.clone() } else { Vec::new() };
        self.lead = "";
        if (1..3).contains(&level) {
            self.period = None;
        }
        let (body, note) = self.body(text, from);
        let note = note.or(below);
        let sentences = outline::sentences(body);
        let first = self.found.len();
        for (at, range) in sentences.iter().enumerate() {
            let (Some(sentence), Some(more)) = (body.get(range.clone()), body.get(range.end..)) else { continue };
            if at == 0 && level > 0 && self.opens(sentence, more, from + range.start) {
                continue;
            }
            self.sentence(sentence, from + range.start, note.is_some());
        }
        if let Some(note) = note {
            self.note_all(first, body, from, &note);
        }
        if level == 3 && !self.carried.is_empty() {
            self.sibling = self.carried.clone();
        }
    }

    /// Whether the first sentence of an item only names what it is about, `动员部署。`, or its time as well:
    /// `动员部署（3月上旬）。`
    fn opens(&mut self, sentence: &'a str, more: &str, from: usize) -> bool {
        if more.trim().is_empty() {
            return false;
        }
        if let Some(period) = self.period_of(sentence, from) {
            (self.lead, self.period) = (sentence, Some(period));
            return true;
        }
        let is = outline::is_lead(sentence, more) && self.plain(sentence);
        if is {
            self.lead = sentence;
        }
        is
    }

    /// Whether a clause only says what follows it: `整改措施：`
    fn is_label(&self, clause: &str) -> bool {
        let Some(name) = clause.strip_suffix('：') else { return false };
        name.chars().count() <= LABEL && self.plain(name) && self.reader.subjects.of(name).is_none()
    }

    /// Whether a sentence names neither a day nor a number; `节前` alone is none.
    fn plain(&self, sentence: &str) -> bool {
        let dues = due::find(sentence, &self.reader.subjects.base);
        dues.iter().all(|found| matches!(found.due, Due::Event)) && self.reader.finder.find(sentence).is_empty()
    }

    fn sentence(&mut self, sentence: &str, from: usize, noted: bool) {
        if self.lexicon.soft.frames.iter().any(|frame| sentence.contains(frame.as_str())) {
            return;
        }
        let (mut clauses, mut speaker): (Vec<Clause>, Option<String>) = (Vec::new(), None);
        if self.is_said_at_last(sentence) {
            return;
        }
        for range in outline::clauses(sentence) {
            let clause = sentence.get(range.clone()).unwrap_or_default();
            if let Some(who) = self.speaks(clause) {
                speaker = Some(who);
                continue;
            }
            if self.is_label(clause) {
                continue;
            }
            let bare = clause.trim_end_matches(['，', '：', '。', '；', '！', '”', '’', ' ']);
            let inner = bare.trim_start_matches(['“', '‘', ' ']);
            // 会议明确：1.人事处…；2.财务处…
            let inner = inner.get(outline::number(inner).1..).unwrap_or(inner);
            let timed = clauses.last().is_some_and(|before| before.timed);
            clauses.push(self.reader.read(inner, from + range.start + bare.len() - inner.len(), timed));
        }
        let speaker = speaker.or_else(|| self.speaker.clone().filter(|_| self.quoted));
        self.listen(sentence, speaker.clone());
        self.wait_for_speaker(sentence, speaker.is_some());
        self.after_the_past(&mut clauses);
        self.after_a_consent(&mut clauses);
        self.after_an_if(&mut clauses);
        self.turn(&clauses);
        for group in Group::of(clauses) {
            self.group(&group, speaker.as_ref(), noted);
        }
    }

    /// A circular that tells of failings turns to what is asked where it first says that somebody must.
    fn turn(&mut self, clauses: &[Clause]) {
        let asks = |clause: &Clause| clause.modal && clause.subject.is_some() && clause.sense != Sense::Past;
        if self.stance == Stance::Past && self.head.is_empty() && clauses.iter().any(asks) {
            self.stance = Stance::Plan;
        }
    }

    /// What is asked only if something happens, and by no day, is asked of nobody yet.
    fn after_an_if(&self, clauses: &mut [Clause]) {
        let text = |clause: &Clause| self.text.get(clause.at.clone()).unwrap_or_default();
        let depends =
            |clause: &Clause| self.lexicon.soft.condition.iter().any(|word| text(clause).contains(word.as_str()));
        let Some(at) = clauses.iter().position(depends) else { return };
        for clause in clauses.iter_mut().skip(at).filter(|clause| clause.sense == Sense::Asks && clause.dues.is_empty())
        {
            clause.sense = Sense::Else;
        }
    }

    fn group(&mut self, group: &Group, speaker: Option<&String>, noted: bool) {
        let here = group.subject().cloned();
        if let Some(subject) = here.as_ref().filter(|_| group.clauses.iter().any(|clause| clause.sense != Sense::Past))
        {
            self.carried = subject.leads.clone();
        }
        let owners = self.owners(group, here, speaker);
        let told = group::Told { noted, quoted: speaker.is_some(), owned: !owners.is_empty() };
        let Some(confidence) = group.confidence(self.stance, told) else { return };
        let at = group.at();
        let due = group.due().or(self.period.as_ref());
        // what was lost may have been who, when or how much
        let lost = self.text.get(at.clone()).is_some_and(|words| words.contains(char::REPLACEMENT_CHARACTER));
        self.found.push(Measure {
            due: due.map(|found| found.due.clone()),
            due_text: due.and_then(|found| self.text.get(found.at.clone())).unwrap_or_default().to_owned(),
            quantity: group.quantity().cloned(),
            kind: self.kind(self.text.get(at.clone()).unwrap_or_default(), &owners),
            speaker: speaker.cloned(),
            owners,
            confidence: if lost { (confidence * 100.0 - LOST).round() / 100.0 } else { confidence },
            at,
        });
    }

    fn owners(&self, group: &Group, here: Option<Subject>, speaker: Option<&String>) -> Vec<Owner> {
        let alone = |leads: &[String]| Subject { leads: leads.to_vec(), ..Subject::default() };
        let (subject, told) = match here {
            Some(subject) => (subject, Told::Here),
            // what another says stands for itself
            None if speaker.is_some_and(|who| !who.ends_with("会议")) => (Subject::default(), Told::Before),
            None if !self.carried.is_empty() && !group.asked() => (alone(&self.carried), Told::Before),
            None if self.is_described(group) => (Subject::default(), Told::Before),
            // a plan that is sent on is not for those it is sent to alone
            None if self.forwards && !group.asked() && !group.modal() => (Subject::default(), Told::Before),
            None => (alone(&self.addressees), Told::Addressee),
        };
        let owner = |helps: bool| move |text: String| Owner { text, units: Vec::new(), post: None, told, helps };
        subject.leads.into_iter().map(owner(false)).chain(subject.helps.into_iter().map(owner(true))).collect()
    }

    /// Whether it begins with units told by a description.
    fn is_described(&self, group: &Group) -> bool {
        let first = group.clauses.first().and_then(|clause| self.text.get(clause.at.clone()));
        first.is_some_and(|first| self.reader.subjects.is_described(first))
    }

    /// The kind, by the words of the measure without its owners, of the item, or of the heading.
    fn kind(&self, text: &str, owners: &[Owner]) -> String {
        let bare = owners.iter().fold(text.to_owned(), |text, owner| text.replace(&owner.text, " "));
        let topics = [bare.as_str(), self.lead, self.head];
        let found = topics.iter().find_map(|topic| kind(topic, self.lexicon));
        found.map_or("other", |kind| kind.id.as_str()).to_owned()
    }

    /// What follows a clause of the past in its sentence is past too, unless it says what must be, or who is to see to what
    /// a meeting agreed on: `会议同意换届方案，由人事处办理`.
    fn after_the_past(&self, clauses: &mut [Clause]) {
        let text = |clause: &Clause| self.text.get(clause.at.clone()).unwrap_or_default();
        let (mut past, mut told) = (false, false);
        for clause in clauses {
            told |= self.lexicon.past.told.iter().any(|word| text(clause).contains(word.as_str()));
            let given = told && is_given(text(clause), clause);
            past = (past || clause.sense == Sense::Past) && !clause.modal && !given;
            if past && clause.sense == Sense::Asks {
                clause.sense = Sense::Past;
            }
        }
    }

    /// What a meeting agreed on is no part of what follows from it.
    fn after_a_consent(&self, clauses: &mut Vec<Clause>) {
        let text = |clause: &Clause| self.text.get(clause.at.clone()).unwrap_or_default();
        let agreed = |clause: &Clause| self.lexicon.past.told.iter().any(|word| text(clause).contains(word.as_str()));
        let given = clauses.iter().position(|clause| is_given(text(clause), clause)).unwrap_or_default();
        if clauses.iter().take(given).any(agreed) {
            clauses.drain(..given);
        }
    }
}

/// Whether a clause gives something to somebody: `由人事处办理`.
fn is_given(text: &str, clause: &Clause) -> bool {
    text.starts_with('由') && clause.subject.is_some()
}
