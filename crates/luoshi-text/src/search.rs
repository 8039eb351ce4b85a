//! Finding words in texts: the tokens a text is kept under, what somebody typed, and where it stands. Chinese is cut into
//! single characters and pairs, so that every part of a text can be found; a title by its pinyin too, whole or by the
//! initials. Tokens bring candidates; only [`Query::find`] says whether the words stand there.

use crate::pinyin;
use std::collections::BTreeSet;

/// Most words of a query.
const WORDS: usize = 6;
/// Most pairs of a word that are looked up: the rest is seen to by reading.
const PAIRS: usize = 8;
/// Characters shown before and after what was found.
const AROUND: usize = 24;

/// The texts of one thing: the first is the best to be found by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Texts<'t> {
    /// the title
    pub title: &'t str,
    /// the wording
    pub wording: &'t str,
    /// what was noted
    pub notes: &'t str,
}

/// What somebody typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query(Vec<Vec<char>>);

/// Where something was found; the lower, the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// it is the whole title
    Whole,
    /// the title begins with it
    Start,
    /// it stands in the title
    Title,
    /// the title reads so
    Reading,
    /// it stands in the wording
    Wording,
    /// it stands in the notes
    Notes,
    /// the title has these initials
    Initials,
}

/// What was found: how good it is, and the passage with the places of the words marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// how good
    pub rank: Rank,
    /// the title in pieces: whether each was found
    pub title: Vec<(bool, String)>,
    /// the passage of another text in which it stands, in pieces
    pub passage: Vec<(bool, String)>,
}

/// What must be there for one way to be found: of each group one token.
pub type Groups = Vec<Vec<String>>;

/// The tokens of texts.
pub fn tokens(texts: &Texts) -> Vec<String> {
    let mut out = BTreeSet::new();
    for (mark, text) in [('t', texts.title), ('w', texts.wording), ('n', texts.notes)] {
        for word in folded(text).split(|c| c.is_whitespace()) {
            out.extend(word.iter().map(|c| format!("{mark}{c}")));
            out.extend(word.windows(2).map(|pair| token(mark, pair)));
        }
    }
    let title = folded(texts.title);
    out.extend(title.get(..2).map(|pair| token('^', pair)));
    let (reading, initials) = spelt(texts.title);
    out.extend(reading.windows(3).map(|part| token('p', part)));
    out.extend(initials.windows(2).map(|part| token('i', part)));
    out.into_iter().collect()
}

fn token(mark: char, part: &[char]) -> String {
    std::iter::once(&mark).chain(part).collect()
}

/// One character for each, in small letters of half width.
fn folded(text: &str) -> Vec<char> {
    text.chars().map(fold).collect()
}

fn fold(c: char) -> char {
    let half = match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    half.to_lowercase().next().unwrap_or(half)
}

/// The reading of a title in one word, and the initials.
fn spelt(title: &str) -> (Vec<char>, Vec<char>) {
    let syllables = pinyin::spelt(title);
    let reading = syllables.iter().flat_map(|(_, syllable)| syllable.chars()).collect();
    (reading, syllables.iter().filter_map(|(_, syllable)| syllable.chars().next()).collect())
}

impl Query {
    /// What was typed; none if there is nothing to look for.
    pub fn new(typed: &str) -> Option<Query> {
        let typed: Vec<char> = folded(typed).into_iter().take(60).collect();
        let words = typed.split(|c| c.is_whitespace()).filter(|word| !word.is_empty()).take(WORDS);
        let words: Vec<Vec<char>> = words.map(<[char]>::to_vec).collect();
        (!words.is_empty()).then_some(Query(words))
    }

    /// The ways to be found, the best first; the number is that of the texts that must be read to judge: 1 the title, 2
    /// the wording too, 3 all.
    pub fn ways(&self) -> Vec<(Groups, u8)> {
        let groups = |marks: &[char]| -> Groups {
            let pairs = self.0.iter().flat_map(|word| pairs(word));
            pairs.map(|pair| marks.iter().map(|mark| token(*mark, &pair)).collect()).collect()
        };
        let mut ways = Vec::new();
        if let [word] = self.0.as_slice()
            && let Some(start) = word.get(..2)
        {
            let mut begins = groups(&['t']);
            begins.push(vec![token('^', start)]);
            ways.push((begins, 1));
        }
        ways.push((groups(&['t']), 1));
        ways.extend(self.spelt('p', 3).map(|groups| (groups, 1)));
        ways.push((groups(&['t', 'w']), 2));
        ways.push((groups(&['t', 'w', 'n']), 3));
        ways.extend(self.spelt('i', 2).map(|groups| (groups, 1)));
        ways
    }

    /// Tokens of letters, if every word is letters and long enough for them.
    fn spelt(&self, mark: char, long: usize) -> Option<Groups> {
        let fits = |word: &Vec<char>| word.len() >= long && word.iter().all(char::is_ascii_alphanumeric);
        let parts = self.0.iter().flat_map(|word| word.windows(long).take(PAIRS));
        self.0.iter().all(fits).then(|| parts.map(|part| vec![token(mark, part)]).collect())
    }

    /// Where all the words stand in these texts; none if one of them does not.
    pub fn find(&self, texts: &Texts) -> Option<Found> {
        let title = folded(texts.title);
        let mut rest: Option<[Vec<char>; 2]> = None;
        let mut marked: [Vec<(usize, usize)>; 3] = Default::default();
        let mut rank = Rank::Whole;
        for word in &self.0 {
            let (best, at, spots) = match places(&title, word) {
                Some(spots) if title.len() == word.len() => (Rank::Whole, 0, spots),
                Some(spots) if spots.first().is_some_and(|(from, _)| *from == 0) => (Rank::Start, 0, spots),
                Some(spots) => (Rank::Title, 0, spots),
                None => {
                    let [wording, notes] = rest.get_or_insert_with(|| [folded(texts.wording), folded(texts.notes)]);
                    match (places(wording, word), places(notes, word)) {
                        (Some(spots), _) => (Rank::Wording, 1, spots),
                        (None, Some(spots)) => (Rank::Notes, 2, spots),
                        (None, None) => return self.is_spelt().then(|| self.read(texts.title)).flatten(),
                    }
                }
            };
            rank = rank.max(best);
            if let Some(marks) = marked.get_mut(at) {
                marks.extend(spots);
            }
        }
        let [title, wording, notes] = marked;
        let passage = match (wording.is_empty(), notes.is_empty()) {
            (false, _) => passage(texts.wording, wording),
            (true, false) => passage(texts.notes, notes),
            _ => Vec::new(),
        };
        Some(Found { rank, title: pieces(texts.title, title), passage })
    }

    /// Whether it may be pinyin.
    fn is_spelt(&self) -> bool {
        self.0.iter().flatten().all(char::is_ascii_alphanumeric)
    }

    /// Whether the title reads so, from the beginning of a syllable on, or has these initials.
    fn read(&self, title: &str) -> Option<Found> {
        let syllables = pinyin::spelt(title);
        let (reading, initials) = spelt(title);
        let mut starts = Vec::with_capacity(syllables.len());
        let mut length = 0;
        for (_, syllable) in &syllables {
            starts.push(length);
            length += syllable.chars().count();
        }
        let (mut marked, mut rank) = (Vec::new(), Rank::Reading);
        for word in &self.0 {
            let begins = |from: usize| reading.get(from..).is_some_and(|rest| rest.starts_with(word));
            let spots = match starts.iter().position(|from| begins(*from)).filter(|_| word.len() > 2) {
                Some(first) => {
                    let end = starts.get(first)? + word.len();
                    first..starts.partition_point(|start| *start < end)
                }
                None => {
                    rank = Rank::Initials;
                    let first = initials.windows(word.len()).position(|part| part == word.as_slice());
                    let first = first.filter(|_| word.len() > 1)?;
                    first..first + word.len()
                }
            };
            marked.extend(syllables.get(spots)?.iter().map(|(place, _)| *place));
        }
        Some(Found { rank, title: pieces(title, marked), passage: Vec::new() })
    }
}

/// The pairs of a word, or its one character; of a long one some from end to end.
fn pairs(word: &[char]) -> Vec<Vec<char>> {
    if word.len() < 2 {
        return vec![word.to_vec()];
    }
    let step = (word.len() - 1).div_ceil(PAIRS);
    word.windows(2).step_by(step).map(<[char]>::to_vec).collect()
}

/// Every place of a word in a text, from and until; none if it does not stand there.
fn places(text: &[char], word: &[char]) -> Option<Vec<(usize, usize)>> {
    let at = text.windows(word.len()).enumerate().filter(|(_, part)| *part == word);
    let all: Vec<_> = at.map(|(at, _)| (at, at + word.len())).take(20).collect();
    (!all.is_empty()).then_some(all)
}

/// The text around the first place, in pieces.
fn passage(text: &str, marked: Vec<(usize, usize)>) -> Vec<(bool, String)> {
    let first = marked.iter().map(|(from, _)| *from).min().unwrap_or(0);
    let (from, chars) = (first.saturating_sub(AROUND), text.chars().count());
    let until = (first + 2 * AROUND).min(chars);
    let cut: String = text.chars().skip(from).take(until - from).map(|c| if c == '\n' { ' ' } else { c }).collect();
    let inside = |(a, b): (usize, usize)| (a.saturating_sub(from), b.saturating_sub(from).min(until - from));
    let mut all = pieces(&cut, marked.into_iter().map(inside).filter(|(a, b)| a < b).collect());
    if from > 0 {
        all.insert(0, (false, "…".into()));
    }
    if until < chars {
        all.push((false, "…".into()));
    }
    all
}

/// A text in pieces, those marked apart from the others.
fn pieces(text: &str, marked: Vec<(usize, usize)>) -> Vec<(bool, String)> {
    let is_marked = |at: usize| marked.iter().any(|(from, until)| (*from..*until).contains(&at));
    let mut all: Vec<(bool, String)> = Vec::new();
    for (at, c) in text.chars().enumerate() {
        let mark = is_marked(at);
        match all.last_mut() {
            Some((known, piece)) if *known == mark => piece.push(c),
            _ => all.push((mark, c.to_string())),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: Texts =
        Texts {
            title: "制定2023年整改方案", wording: "机关党委对支部书记开展集体谈话", notes: "已报送 ABC-12 号文"
        };

    #[track_caller]
    fn check(typed: &str, want: Option<Rank>) {
        let query = Query::new(typed).unwrap();
        assert_eq!(query.find(&TEXTS).map(|found| found.rank), want, "{typed}");
        if let Some(rank) = want {
            // whatever is found is a candidate of some way
            let tokens = tokens(&TEXTS);
            let has = |groups: &Groups| groups.iter().all(|group| group.iter().any(|token| tokens.contains(token)));
            assert!(query.ways().iter().any(|(groups, _)| has(groups)), "{typed} {rank:?} is no candidate");
        }
    }

    #[test]
    fn every_part_of_every_text_is_found_and_the_title_ranks_first() {
        check("制定2023年整改方案", Some(Rank::Whole));
        check("制定", Some(Rank::Start));
        check("整改方案", Some(Rank::Title));
        check("改", Some(Rank::Title));
        check("2023", Some(Rank::Title));
        check("023年整", Some(Rank::Title));
        check("谈话", Some(Rank::Wording));
        check("集体谈话 整改", Some(Rank::Wording));
        check("ａｂｃ", Some(Rank::Notes));
        check("abc-12", Some(Rank::Notes));
        check("整改 谈话 报送", Some(Rank::Notes));
        check("书记谈话", None);
        check("整治", None);
    }

    #[test]
    fn a_title_is_found_by_its_reading_and_its_initials() {
        check("zhenggai", Some(Rank::Reading));
        check("zhenggaifa", Some(Rank::Reading));
        check("zhidingzhenggai", None);
        check("zgfa", Some(Rank::Initials));
        check("nzgf", Some(Rank::Initials));
        check("henggai", None);
        check("zz", None);
        check("z", None);
    }

    #[test]
    fn the_found_place_is_marked() {
        let marked = |typed: &str| {
            let found = Query::new(typed).unwrap().find(&TEXTS).unwrap();
            let all = found.title.iter().chain(&found.passage).filter(|(mark, _)| *mark);
            all.map(|(_, piece)| piece.clone()).collect::<Vec<_>>()
        };
        assert_eq!(marked("整改"), ["整改"]);
        assert_eq!(marked("整改 谈话"), ["整改", "谈话"]);
        assert_eq!(marked("zhenggai"), ["整改"]);
        assert_eq!(marked("zgfa"), ["整改方案"]);
    }

    #[test]
    fn nothing_typed_is_nothing_asked() {
        assert_eq!(Query::new("　 "), None);
        assert!(Query::new(&"长".repeat(10_000)).is_some());
    }
}
