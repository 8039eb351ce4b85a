//! Restoring a text that was spoiled on its way: a web page with readings after its characters, Traditional script,
//! text read in the wrong encoding, lines broken by a printer. What comes out is clean Simplified text, in which every
//! character knows where in the original it stood. What cannot be restored is marked and never guessed.

mod furniture;
mod gloss;
mod lines;
mod markdown;
mod markup;
mod mojibake;
mod script;

use crate::clean;
use std::ops::Range;

pub use furniture::Furniture;

/// How the original is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text as typed or pasted; tags and entities in it are still understood.
    Plain,
    /// A web page: line breaks mean nothing, tags do.
    Html,
    /// Markdown.
    Markdown,
}

/// Why a place could not be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// bytes were lost on the way: the place shows `�`
    Lost,
    /// a character of the writer's own font: the place shows `�`
    Private,
    /// a Traditional character with several Simplified ones, none of them certain: the usual one is shown
    Ambiguous,
}

/// A place that could not be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// bytes of the clean text
    pub at: Range<usize>,
    /// why
    pub why: Why,
}

/// Clean text and the way back.
#[derive(Debug, Clone, Default)]
pub struct Restored {
    /// The clean text: Simplified, paragraphs separated by one line break.
    pub text: String,
    /// Places that could not be restored, in order.
    pub marks: Vec<Mark>,
    /// Lines left out as page furniture, as they were: a page often says there of which day it is.
    pub left_out: Vec<String>,
    /// for each character of the text: where it begins there, and its bytes in the original
    map: Vec<(usize, usize, usize)>,
}

impl Restored {
    /// The bytes of the original from which these bytes of the clean text come.
    pub fn original(&self, clean: &Range<usize>) -> Range<usize> {
        let first = self.map.partition_point(|(at, ..)| *at < clean.start);
        let past = self.map.partition_point(|(at, ..)| *at < clean.end);
        let covered = self.map.get(first..past).unwrap_or_default();
        let from = covered.first().map_or(0, |(_, from, _)| *from);
        from..covered.iter().map(|(.., until)| *until).max().unwrap_or(from)
    }
}

/// A character on its way from the original to the clean text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Char {
    c: char,
    /// bytes of the original it stands for
    from: usize,
    until: usize,
    doubt: Option<Why>,
}

impl Char {
    fn with(self, c: char) -> Char {
        Char { c, ..self }
    }
}

/// Clean text from an original.
pub fn restore(original: &str, form: Form, furniture: &Furniture) -> Restored {
    let chars = match form {
        Form::Html => markup::read(original, false),
        Form::Plain | Form::Markdown => markup::read(original, true),
    };
    let chars = if form == Form::Markdown { markdown::strip(chars) } else { chars };
    let chars = script::simplify(gloss::strip(visible(mojibake::repair(chars))));
    let (chars, left_out) = lines::join(chars, furniture);
    let mut restored = Restored { left_out, ..Restored::default() };
    for one in chars {
        let at = restored.text.len();
        restored.text.push(one.c);
        restored.map.push((at, one.from, one.until));
        if let Some(why) = one.doubt {
            restored.marks.push(Mark { at: at..restored.text.len(), why });
        }
    }
    restored
}

/// Takes out what cannot be seen, writes letters and digits in half width, and marks characters nobody else can read.
fn visible(chars: Vec<Char>) -> Vec<Char> {
    let mut out: Vec<Char> = Vec::with_capacity(chars.len());
    for one in chars {
        let c = match one.c {
            '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
            '\n' | '\t' => one.c,
            c if c.is_whitespace() => ' ',
            char::REPLACEMENT_CHARACTER => {
                out.push(Char { doubt: Some(one.doubt.unwrap_or(Why::Lost)), ..one });
                continue;
            }
            '\u{E000}'..='\u{F8FF}' => {
                out.push(Char { c: char::REPLACEMENT_CHARACTER, doubt: Some(Why::Private), ..one });
                continue;
            }
            c if clean::is_hidden(c) => continue,
            c if clean::is_prose(c) => c,
            c => clean::narrow(c),
        };
        out.push(one.with(c));
    }
    out
}

/// The characters at the end of what has been written so far that are Chinese, last first.
fn han_before(out: &[Char]) -> impl Iterator<Item = char> {
    out.iter().rev().map(|one| one.c).take_while(|c| clean::is_han(*c))
}

#[cfg(test)]
mod tests;
