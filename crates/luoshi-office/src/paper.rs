//! Papers: a document from outside, read as plain text within caps. What the text means, and whether it was spoiled on
//! its way, is for others to say.

mod docx;
mod fault;

use crate::caps::Clock;
use crate::{Caps, sheet};
use encoding_rs::{BIG5, Encoding, GB18030, UTF_8};
use serde::{Deserialize, Serialize};
use std::time::Duration;

pub use fault::Refused;

/// Characters that are read at most: a directive of two hundred pages.
pub const LONGEST: usize = 200_000;
/// Where a web page says its encoding.
const HEAD: usize = 2_048;

/// How a paper was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Writing {
    /// Text, or the paragraphs of a .docx.
    Plain,
    /// A web page, tags and all.
    Html,
    /// Markdown.
    Markdown,
}

/// The text of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// The text, its lines as they were.
    pub text: String,
    /// What stands at the head of each page, apart from the text.
    pub head: String,
    /// How it was written.
    pub writing: Writing,
}

/// What a paper may cost us.
pub fn caps() -> Caps {
    Caps { file: 20 << 20, unpacked: 100 << 20, entries: 2_000, time: Duration::from_secs(10), ..Caps::default() }
}

/// The text of a .docx, .txt, .html or .md file. What the bytes are decides, not what the name ends in.
pub fn read(bytes: &[u8], file_name: &str) -> Result<Paper, Refused> {
    read_within(bytes, file_name, &caps())
}

/// The same with caps of one's own.
pub fn read_within(bytes: &[u8], file_name: &str, caps: &Caps) -> Result<Paper, Refused> {
    if bytes.len() > caps.file {
        return Err(Refused::Large(caps.file >> 20));
    }
    let paper = match bytes {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => docx::read(bytes, caps, Clock::start(caps))?,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            return Err(if sheet::is_locked(bytes) { Refused::Locked } else { Refused::Old });
        }
        [b'%', b'P', b'D', b'F', ..] => return Err(Refused::Pdf),
        [b'{', b'\\', b'r', b't', b'f', ..] => return Err(Refused::Old),
        _ => plain(bytes, file_name)?,
    };
    typed(paper)
}

/// A paper that was typed or pasted, or is otherwise known as text.
pub fn typed(paper: Paper) -> Result<Paper, Refused> {
    if paper.text.chars().all(|c| c.is_whitespace() || c.is_control() || c == '\u{feff}') {
        return Err(Refused::Blank);
    }
    if paper.text.len() > LONGEST && paper.text.chars().count() > LONGEST {
        return Err(Refused::Long(LONGEST));
    }
    Ok(paper)
}

fn plain(bytes: &[u8], file_name: &str) -> Result<Paper, Refused> {
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if !utf16 && bytes.contains(&0) {
        return Err(Refused::Foreign);
    }
    let (text, _, lost) = encoding(bytes).decode(bytes);
    if lost {
        return Err(Refused::Encoding);
    }
    let writing = writing(&text, file_name);
    Ok(Paper { text: text.into_owned(), head: String::new(), writing })
}

/// The encoding of a text: as its first bytes say, UTF-8 where it can be, as a web page claims, or GB 18030, or Big5.
fn encoding(bytes: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let head = String::from_utf8_lossy(bytes.get(..HEAD).unwrap_or(bytes)).to_ascii_lowercase();
    let claim = head.split_once("charset=").map(|(_, rest)| rest.trim_start_matches(['"', '\'']));
    let label = claim.and_then(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c)).next());
    label
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .filter(|known| *known != UTF_8)
        .unwrap_or_else(|| if is_big5(bytes) { BIG5 } else { GB18030 })
}

/// Whether bytes are Big5, in which Traditional script was written before Unicode: of two bytes the second is an ASCII
/// letter or a high one and nothing between, which in GB 18030 only a text without characters of daily use can have.
fn is_big5(bytes: &[u8]) -> bool {
    let (mut pairs, mut letters, mut rest) = (0_usize, 0_usize, bytes);
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if first.is_ascii() {
            continue;
        }
        match tail.split_first() {
            Some((0x40..=0x7E, tail)) => (letters, rest) = (letters + 1, tail),
            Some((0xA1..=0xFE, tail)) => rest = tail,
            _ => return false,
        }
        pairs += 1;
    }
    pairs >= 8 && letters * 6 >= pairs && !BIG5.decode_without_bom_handling(bytes).1
}

fn writing(text: &str, file_name: &str) -> Writing {
    let name = file_name.to_ascii_lowercase();
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let start: String = start.chars().take(64).collect::<String>().to_ascii_lowercase();
    let page = start.starts_with("<!doctype html") || start.starts_with("<html") || start.starts_with("<head");
    match name.rsplit_once('.').map_or("", |(_, end)| end) {
        "md" | "markdown" if !page => Writing::Markdown,
        "html" | "htm" | "xhtml" => Writing::Html,
        _ if page => Writing::Html,
        _ => Writing::Plain,
    }
}
