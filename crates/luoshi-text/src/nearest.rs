//! The nearest names to one that is not known, for "did you mean": organisations as people shorten and misspell them.
//!
//! Two names are alike by the pairs of characters they share, where a pair that many names have counts little, and by
//! the edits between them. A name that only leaves characters out (`发改委`) is nearer still.

use crate::clean;
use std::collections::HashMap;

/// What is left out or written in one way before names are compared, in this order.
const SYNONYMS: &[(&str, &str)] = &[
    ("中国共产党", ""),
    ("中共", ""),
    ("党的", ""),
    ("总支部委员会", "总支"),
    ("总支部", "总支"),
    ("党总支", "总支"),
    ("支部委员会", "支部"),
    ("党支部", "支部"),
    ("基层委员会", "委"),
    ("党委会", "委"),
    ("委员会", "委"),
    ("党委", "委"),
    ("股份有限公司", "公司"),
    ("有限责任公司", "公司"),
    ("有限公司", "公司"),
];

/// Names less alike than this are not offered.
const ALIKE: f64 = 0.4;
/// Nor those less alike than this share of the best.
const BESIDE_BEST: f64 = 0.7;
/// No more characters of a name are looked at: no organisation has a longer one, and comparing takes their product.
const LONGEST: usize = 100;

/// A name that may be meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near<'a> {
    /// its place among the names given
    pub at: usize,
    /// the name
    pub name: &'a str,
    /// how alike it is, up to 1 for the same
    pub likeness: f64,
}

/// Names made ready for many questions; one takes about a millisecond among 500 names.
#[derive(Debug)]
pub struct Names<'a> {
    names: Vec<(&'a str, Form)>,
    /// how many names have a pair
    having: HashMap<Pair, f64>,
}

type Pair = (char, char);

/// A name as it is compared.
#[derive(Debug)]
struct Form {
    text: String,
    /// sorted, each once
    pairs: Vec<Pair>,
}

/// The `n` nearest of the candidates, best first; none where nothing is alike.
pub fn nearest<'a>(query: &str, candidates: &[&'a str], n: usize) -> Vec<Near<'a>> {
    Names::new(candidates.iter().copied()).nearest(query, n)
}

impl<'a> Names<'a> {
    /// Makes names ready.
    pub fn new(names: impl IntoIterator<Item = &'a str>) -> Names<'a> {
        let names: Vec<(&str, Form)> = names.into_iter().map(|name| (name, Form::of(name))).collect();
        let mut having = HashMap::new();
        for pair in names.iter().flat_map(|(_, form)| &form.pairs) {
            *having.entry(*pair).or_insert(0.0) += 1.0;
        }
        Names { names, having }
    }

    /// The `n` nearest, best first; none where nothing is alike.
    pub fn nearest(&self, query: &str, n: usize) -> Vec<Near<'a>> {
        let mut near = self.alike(query, ALIKE);
        let best = near.first().map_or(0.0, |near| near.likeness);
        near.retain(|near| near.likeness >= best * BESIDE_BEST);
        near.truncate(n);
        near
    }

    /// Every name at least so alike, best first; the same wording among them does not raise the bar for the rest.
    pub fn alike(&self, query: &str, least: f64) -> Vec<Near<'a>> {
        let query = Form::of(query);
        let all = self.names.iter().enumerate();
        let all = all.map(|(at, (name, form))| Near { at, name, likeness: self.likeness(&query, form) });
        let mut near: Vec<Near> = all.filter(|near| near.likeness >= least).collect();
        near.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
        near
    }

    fn likeness(&self, one: &Form, other: &Form) -> f64 {
        if one.text.is_empty() || other.text.is_empty() {
            return 0.0;
        }
        let shared = one.pairs.iter().filter(|pair| other.pairs.binary_search(pair).is_ok());
        let all = self.weight(&one.pairs) + self.weight(&other.pairs);
        let pairs = 2.0 * self.weight(shared) / all;
        let shortened = is_within(&one.text, &other.text) || is_within(&other.text, &one.text);
        if pairs == 0.0 && !shortened {
            return 0.0;
        }
        let likeness = (pairs + strsim::normalized_damerau_levenshtein(&one.text, &other.text)) / 2.0;
        if shortened { likeness + (1.0 - likeness) * 0.4 } else { likeness }
    }

    fn weight<'p>(&self, pairs: impl IntoIterator<Item = &'p Pair>) -> f64 {
        let count = self.names.len() as f64;
        pairs.into_iter().map(|pair| (1.0 + count / self.having.get(pair).copied().unwrap_or(1.0)).ln()).sum()
    }
}

impl Form {
    fn of(name: &str) -> Form {
        let name: String = clean::fold(name).chars().take(LONGEST).collect();
        let plain = SYNONYMS.iter().fold(name, |name, (long, short)| name.replace(long, short));
        let text = numbered(&plain);
        // the edges count as characters, so that a name of one character has pairs too
        let edged: Vec<char> = ['\n'].into_iter().chain(text.chars()).chain(['\n']).collect();
        let mut pairs: Vec<Pair> = edged.iter().copied().zip(edged.iter().copied().skip(1)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        Form { text, pairs }
    }
}

/// Whether the characters of one text stand in the other in the same order.
fn is_within(short: &str, long: &str) -> bool {
    let mut long = long.chars();
    short.chars().count() > 1 && short.chars().all(|c| long.any(|other| other == c))
}

/// `第12支部` and `12支部` as `十二支部`.
fn numbered(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (taken, tail) = rest.split_at(digits.max(c.len_utf8()));
        rest = tail;
        match taken.parse::<usize>() {
            Ok(number @ 1..100) => written.push_str(&in_words(number)),
            _ if c == '第' && rest.starts_with(|next: char| NUMERALS.contains(next) || next.is_ascii_digit()) => {}
            _ => written.push_str(taken),
        }
    }
    written
}

const NUMERALS: &str = "一二三四五六七八九十";

fn in_words(number: usize) -> String {
    let digit = |digit: usize| NUMERALS.chars().nth(digit.wrapping_sub(1)).map(String::from).unwrap_or_default();
    let (tens, ones) = (number / 10, number % 10);
    let tens = match tens {
        0 => String::new(),
        1 => "十".to_owned(),
        more => digit(more) + "十",
    };
    tens + &digit(ones)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPARTMENT: &[&str] = &[
        "中共某省财政厅机关委员会",
        "中共某省财政厅办公室支部委员会",
        "中共某省财政厅预算处支部委员会",
        "中共某省财政厅国库处支部委员会",
        "中共某省财政厅离退休干部第一支部委员会",
        "中共某省财政厅离退休干部第二支部委员会",
        "中共某省财政厅离退休干部第十二支部委员会",
        "中共某省发展和改革委员会机关委员会",
        "中共某省财政科学研究所总支部委员会",
        "中共某省国库集中支付中心支部委员会",
        "中共某省农业投资集团有限公司委员会",
    ];

    fn first(query: &str) -> Option<&'static str> {
        nearest(query, DEPARTMENT, 3).first().map(|near| near.name)
    }

    #[test]
    fn the_name_that_is_meant_comes_first() {
        for (written, at) in [
            ("财政厅机关党委", 0),
            ("某省财政厅机关党委", 0),
            ("办公室党支部", 1),
            ("财政厅办公室", 1),
            ("预算处支部", 2),
            ("财政厅予算处党支部", 2),
            ("国库处", 3),
            ("离退休第1党支部", 4),
            ("离退休干部二支部", 5),
            ("离退休干部第12支部", 6),
            ("省发改委机关党委", 7),
            ("发展改革委机关党委", 7),
            ("财科所党总支", 8),
            ("国库集中支付中心", 9),
            ("农投集团", 10),
            ("省农业投资集团股份有限公司党委", 10),
        ] {
            assert_eq!(first(written), Some(DEPARTMENT[at]), "{written}");
        }
    }

    #[test]
    fn the_same_name_in_other_words_is_the_same() {
        for (one, other) in [
            ("中共某省财政厅机关委员会", "某省财政厅机关党委"),
            ("中国共产党某局第三支部委员会", "某局３党支部"),
            ("某局机关第二十一党支部", "某局机关 第21支部"),
            ("某局党总支", "某局总支部委员会"),
        ] {
            let near = nearest(one, &[other], 1);
            assert!(near.len() == 1 && near[0].likeness > 0.999, "{one} {other} {near:?}");
        }
    }

    #[test]
    fn nothing_is_offered_where_nothing_is_alike() {
        for written in ["", "   ", "海关缉私局", "xyz", "😀", "中共"] {
            assert_eq!(nearest(written, DEPARTMENT, 3), [], "{written}");
        }
        assert_eq!(nearest("财政厅", &[], 3), []);
        assert_eq!(nearest(&"财政".repeat(500_000), DEPARTMENT, 3), []);
    }

    #[test]
    fn no_more_than_asked_for_are_offered_in_order() {
        let near = nearest("财政厅离退休干部支部", DEPARTMENT, 2);
        assert_eq!(near.len(), 2);
        assert!(near[0].likeness >= near[1].likeness && near.iter().all(|near| DEPARTMENT[near.at] == near.name));
    }
}
