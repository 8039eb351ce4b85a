//! Page furniture: what stands on a page and is no part of its text. The words are data.

use serde::Deserialize;

/// Words by which furniture is known.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Furniture {
    /// A line that begins with one of these is furniture.
    pub begins: Vec<String>,
    /// A line that holds one of these is furniture.
    pub holds: Vec<String>,
    /// A line of nothing but these words is furniture.
    pub words: Vec<String>,
}

impl Furniture {
    /// Whether a line is no part of the text.
    pub(super) fn is(&self, line: &str) -> bool {
        let line = line.trim();
        let begins = || self.begins.iter().any(|word| line.starts_with(word.as_str()));
        let holds = || self.holds.iter().any(|word| line.contains(word.as_str()));
        let mut words =
            line.split(|c: char| c.is_whitespace() || "|｜【】[]>›»·/:：".contains(c)).filter(|word| !word.is_empty());
        is_page_number(line)
            || begins()
            || holds()
            || (!line.is_empty() && words.all(|word| self.words.iter().any(|known| known == word)))
    }
}

/// `— 3 —`, `第3页 共8页`, `3/8`, `Page 3 of 8`, or a number alone.
pub(super) fn is_page_number(line: &str) -> bool {
    let words = ["第", "页", "共", "Page", "page", "of", "PAGE"];
    let bare = words.iter().fold(line.to_owned(), |line, word| line.replace(word, ""));
    let digits = bare.chars().filter(char::is_ascii_digit).count();
    (1..=6).contains(&digits)
        && bare.chars().all(|c| c.is_ascii_digit() || " -—–·/,，.|~_".contains(c))
        && (line.len() > digits || digits <= 3)
}
