//! Cleaning text from forms and files: what cannot be seen goes, what is written two ways is written one way.
//!
//! Emoji, Chinese punctuation and every script stay as they are.

use std::fmt;

/// What is wrong with a text that cleaning cannot mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// it is too long
    TooLong {
        /// how many characters it has
        has: usize,
        /// how many it may have
        max: usize,
    },
    /// it was read in the wrong encoding, and characters were lost
    Garbled {
        /// which character is the first one lost, from 1
        at: usize,
    },
}

impl Wrong {
    /// What is wrong and what to do, in Chinese; [`fmt::Display`] says it in English.
    pub fn zh(&self) -> String {
        match self {
            Wrong::TooLong { has, max } => format!("共 {has} 字，最多 {max} 字，请删去 {} 字", has - max),
            Wrong::Garbled { at } => format!("第 {at} 个字是乱码，请将文件另存为 UTF-8 或 GBK 编码，或重新输入"),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::TooLong { has, max } => write!(f, "{has} characters, at most {max}: take out {}", has - max),
            Wrong::Garbled { at } => {
                write!(f, "character {at} was lost: save the file as UTF-8 or GBK, or type it again")
            }
        }
    }
}

impl std::error::Error for Wrong {}

/// One line: line breaks become spaces, runs of spaces one, none at the ends.
pub fn line(text: &str, max: usize) -> Result<String, Wrong> {
    checked(one_line(visible(text)), max)
}

/// Several lines: each is cleaned as [`line()`] does, empty lines between paragraphs become one, none at the ends.
pub fn paragraphs(text: &str, max: usize) -> Result<String, Wrong> {
    let text = visible(text);
    let mut clean = String::with_capacity(text.len());
    let mut gap = "";
    for line in text.split('\n').map(one_line) {
        if line.is_empty() {
            gap = if clean.is_empty() { "" } else { "\n\n" };
            continue;
        }
        clean.push_str(gap);
        clean.push_str(&line);
        gap = "\n";
    }
    checked(clean, max)
}

/// A name: one line, without the spaces that rosters put between Chinese characters to make columns even,
/// and with every kind of middle dot as `·`.
pub fn name(text: &str, max: usize) -> Result<String, Wrong> {
    let line = line(text, usize::MAX)?;
    let mut clean = String::with_capacity(line.len());
    let mut rest = line.chars().map(dot).peekable();
    while let Some(c) = rest.next() {
        let joins = |side: Option<char>| side.is_none_or(|c| is_han(c) || c == '·');
        if c == ' ' && joins(clean.chars().next_back()) && joins(rest.peek().copied()) {
            continue;
        }
        clean.push(c);
    }
    checked(clean, max)
}

/// The form in which two writings of the same thing are equal: lower case, half width, no spaces.
/// For comparing heads of columns and names, never for showing.
pub fn fold(text: &str) -> String {
    let visible = visible(text);
    visible.chars().filter(|c| !c.is_whitespace()).map(narrow).flat_map(char::to_lowercase).collect()
}

/// Whether a character is a Chinese one.
pub(crate) fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3007 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

fn checked(text: String, max: usize) -> Result<String, Wrong> {
    if let Some(lost) = text.chars().position(|c| c == char::REPLACEMENT_CHARACTER) {
        return Err(Wrong::Garbled { at: lost + 1 });
    }
    // bytes are never fewer than characters: most texts need no counting
    let has = if text.len() > max { text.chars().count() } else { 0 };
    if has > max { Err(Wrong::TooLong { has, max }) } else { Ok(text) }
}

fn one_line(text: impl AsRef<str>) -> String {
    text.as_ref().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes out what cannot be seen and writes letters and digits in half width. Line breaks become `\n`.
fn visible(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let before = clean.chars().next_back();
        match c {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => clean.push('\n'),
            // joins the parts of one emoji; between other characters it only hides
            '\u{200D}' if before.is_some_and(is_emoji) && rest.peek().copied().is_some_and(is_emoji) => clean.push(c),
            '\u{FE0F}' if before.is_some_and(|b| is_emoji(b) || b.is_ascii_digit() || b == '#' || b == '*') => {
                clean.push(c)
            }
            c if is_hidden(c) => {}
            c if is_prose(c) => clean.push(c),
            c => clean.push(narrow(c)),
        }
    }
    clean
}

/// Control characters, marks that turn the direction of writing, and characters without shape.
pub(crate) fn is_hidden(c: char) -> bool {
    let control = c.is_control() && c != '\n' && c != '\t';
    control
        || matches!(u32::from(c),
            0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
            | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB
            | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
        || u32::from(c) & 0xFFFE == 0xFFFE
}

/// What can stand beside the mark that joins emoji.
fn is_emoji(c: char) -> bool {
    matches!(u32::from(c), 0x2190..=0x2BFF | 0xFE0F | 0x1F000..=0x1FAFF)
}

/// Chinese punctuation that exists in full width only because it belongs to Chinese prose.
pub(crate) fn is_prose(c: char) -> bool {
    "，：；！？（）～".contains(c)
}

/// The half-width form of a full-width character.
pub(crate) fn narrow(c: char) -> char {
    match u32::from(c) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

fn dot(c: char) -> char {
    if "•‧∙⋅・･●．".contains(c) { '·' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_made_of_what_people_paste() {
        for (typed, clean) in [
            ("  第一党支部　 ", "第一党支部"),
            ("２０１９．７．１", "2019.7.1"),
            ("ＡＢＣ－１２３＠ｇｏｖ．ｃｎ", "ABC-123@gov.cn"),
            ("学习\r\n会议\t记录", "学习 会议 记录"),
            ("a\u{A0}\u{2003}\u{3000} b", "a b"),
            ("会议（扩大），好！", "会议（扩大），好！"),
            ("张\0三\u{7}\u{1b}[31m", "张三[31m"),
            ("张\u{202E}三\u{2066}\u{2069}\u{200B}\u{FEFF}\u{AD}", "张三"),
            ("张\u{200D}三\u{FE0F}", "张三"),
            (
                "👨\u{200D}👩\u{200D}👧 ❤\u{FE0F} 1\u{FE0F}\u{20E3} 🇨🇳👍🏽",
                "👨\u{200D}👩\u{200D}👧 ❤\u{FE0F} 1\u{FE0F}\u{20E3} 🇨🇳👍🏽",
            ),
            ("a\u{E0068}\u{E0069}b", "ab"),
            ("مرحبا 𠮷野家", "مرحبا 𠮷野家"),
            ("\u{200B}\u{3164}", ""),
        ] {
            assert_eq!(line(typed, 100).as_deref(), Ok(clean), "{typed:?}");
            assert_eq!(line(clean, 100).as_deref(), Ok(clean), "clean text stays as it is");
        }
    }

    #[test]
    fn paragraphs_keep_their_lines() {
        for (typed, clean) in [
            ("　　一、学习。\r\n　　二、讨论。\r\n", "一、学习。\n二、讨论。"),
            ("\n\n甲\n \n\t\n\n乙\r丙\u{2029}丁", "甲\n\n乙\n丙\n丁"),
            ("a  b\u{B}c", "a b\nc"),
            (" \n ", ""),
        ] {
            assert_eq!(paragraphs(typed, 100).as_deref(), Ok(clean), "{typed:?}");
        }
    }

    #[test]
    fn a_name_loses_the_spaces_of_a_roster() {
        for (typed, clean) in [
            ("张　三", "张三"),
            (" 李 小 四 ", "李小四"),
            ("阿布都 • 热依木", "阿布都·热依木"),
            ("买买提・艾力", "买买提·艾力"),
            ("John  Smith", "John Smith"),
            ("王 John", "王 John"),
        ] {
            assert_eq!(name(typed, 50).as_deref(), Ok(clean), "{typed:?}");
        }
    }

    #[test]
    fn two_writings_of_one_thing_fold_to_the_same() {
        for (one, other) in [
            ("姓　名", "姓名"),
            ("第1支部（机关）", "第１支部(机关)"),
            ("E-Mail", "ｅ－ｍａｉｌ"),
            ("序\n号", " 序号\u{200B}"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
        assert_ne!(fold("第一支部"), fold("第二支部"));
    }

    #[test]
    fn length_is_counted_in_characters_after_cleaning() {
        assert_eq!(line("　一二三　\0", 3).as_deref(), Ok("一二三"));
        assert_eq!(line("一二三四", 3), Err(Wrong::TooLong { has: 4, max: 3 }));
        assert_eq!(name("一 二 三", 3).as_deref(), Ok("一二三"));
        assert_eq!(paragraphs(&"字".repeat(1_000_000), 20_000), Err(Wrong::TooLong { has: 1_000_000, max: 20_000 }));
        assert_eq!(Wrong::TooLong { has: 4, max: 3 }.zh(), "共 4 字，最多 3 字，请删去 1 字");
        assert_eq!(Wrong::TooLong { has: 4, max: 3 }.to_string(), "4 characters, at most 3: take out 1");
    }

    #[test]
    fn lost_characters_are_pointed_at() {
        let lost = String::from_utf8_lossy(b"ab\xD5\xC5").into_owned();
        assert_eq!(line(&lost, 10), Err(Wrong::Garbled { at: 3 }));
    }
}
