//! The zip around an .xlsx or .docx, looked through before any parser sees it: what it is, and how large it truly is.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::caps::Clock;
use crate::{Caps, Fault};

/// Where the head of the shared strings must be whole.
const HEAD: usize = 4_096;

/// What the names of the parts, in lower case, say of a file.
pub(crate) type Kind = fn(&[String]) -> Result<(), Fault>;

/// Refuses what is of another kind, and what would unpack to more than the caps or than it claims.
pub(crate) fn check(bytes: &[u8], caps: &Caps, clock: Clock, kind: Kind) -> Result<(), Fault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > caps.entries {
        return Err(Fault::Entries(caps.entries));
    }
    if archive.has_duplicate_names() {
        return Err(Fault::Broken("two parts of one name".to_owned()));
    }
    let names: Vec<String> = archive.file_names_raw().map(|raw| String::from_utf8_lossy(raw).to_lowercase()).collect();
    kind(&names)?;
    let mut left = caps.unpacked;
    for (at, name) in names.iter().enumerate() {
        let mut part = archive.by_index(at).map_err(broken)?;
        if part.encrypted() {
            return Err(Fault::Locked);
        }
        if part.size() > left {
            return Err(Fault::Unpacked(caps.unpacked >> 20));
        }
        let mut head = Vec::with_capacity(HEAD);
        part.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(broken)?;
        if name.replace('\\', "/").ends_with("sharedstrings.xml") {
            strings(&head, part.size())?;
        }
        // The directory may lie about sizes; only unpacking tells.
        let size = head.len() as u64 + drain(&mut part, left, clock)?;
        left = left.checked_sub(size).ok_or(Fault::Unpacked(caps.unpacked >> 20))?;
    }
    Ok(())
}

/// The parser sets memory aside for as many strings as the file claims to have, so the claim must be possible:
/// each takes at least the five bytes of `<si/>`. The claim must come first, with nothing but the declaration before.
fn strings(head: &[u8], size: u64) -> Result<(), Fault> {
    let fault = || Fault::Broken("shared strings begin oddly".to_owned());
    let text = String::from_utf8_lossy(head);
    let mut text = text.trim_start_matches('\u{feff}').trim_start();
    if let Some(rest) = text.strip_prefix("<?xml") {
        text = rest.split_once("?>").ok_or_else(fault)?.1.trim_start();
    }
    let tag = text.strip_prefix('<').and_then(|rest| rest.split_once('>')).ok_or_else(fault)?.0;
    let name = tag.split([' ', '\t', '\r', '\n', '/']).next().unwrap_or_default();
    if name.rsplit(':').next() != Some("sst") {
        return Err(fault());
    }
    for claim in tag.split("uniqueCount").skip(1) {
        let digits: String =
            claim.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        if !digits.is_empty() && digits.parse::<u64>().is_ok_and(|count| count <= size / 5 + 1) {
            continue;
        }
        return Err(fault());
    }
    Ok(())
}

fn drain(part: &mut impl Read, left: u64, clock: Clock) -> Result<u64, Fault> {
    let (mut chunk, mut size) = (vec![0_u8; 64 << 10], 0_u64);
    loop {
        clock.check()?;
        match part.read(&mut chunk).map_err(broken)? {
            0 => return Ok(size),
            read => size += read as u64,
        }
        if size > left {
            return Ok(size);
        }
    }
}

fn broken(error: impl std::fmt::Display) -> Fault {
    Fault::Broken(error.to_string())
}
