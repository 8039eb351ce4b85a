//! Page furniture: what stands on a page and is no part of its text. The words are data.

use serde::Deserialize;

/// An entry of a menu is no longer than this many characters.
const MENU: usize = 6;

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
    /// These are furniture only beside others of their kind.
    #[serde(default)]
    pub links: Vec<String>,
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
            || (!line.is_empty() && words.all(|word| self.words.iter().any(|known| known == word) || self.is_row(word)))
            || self.is_menu(line)
    }

    /// `网站首页通知公告`: links that stood side by side on the page and have run together.
    fn is_row(&self, line: &str) -> bool {
        let names = || self.words.iter().chain(&self.links).filter(|name| name.chars().count() > 1);
        let (mut rest, mut count) = (line, 0);
        while let Some(name) = names().filter(|name| rest.starts_with(name.as_str())).max_by_key(|name| name.len()) {
            rest = rest.get(name.len()..).unwrap_or_default();
            count += 1;
        }
        rest.is_empty() && count > 1 && self.words.iter().any(|word| line.starts_with(word.as_str()))
    }

    /// `首页 | 机构概况 | 党建工作`: short names side by side, one of which stands on every site.
    fn is_menu(&self, line: &str) -> bool {
        let names: Vec<&str> = line.split(['|', '｜']).map(str::trim).collect();
        let short = names.iter().all(|name| (1..=MENU).contains(&name.chars().count()));
        names.len() >= 3 && short && names.iter().any(|name| self.words.iter().any(|known| known == name))
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
