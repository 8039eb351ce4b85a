//! The paragraphs of a .docx, streamed: text that was deleted, field codes and readings above characters are left out.

use super::{LONGEST, Paper, Refused, Writing};
use crate::caps::Clock;
use crate::{Caps, Fault, archive};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::{BufReader, Cursor, Read};
use zip::ZipArchive;

/// Elements whose text is not the document's: deleted and moved away, readings, and what old programs show instead.
const LEFT_OUT: &[&str] = &["del", "moveFrom", "rt", "Fallback", "instrText", "delText"];
/// Elements may be nested so deep; more is an attack.
const DEEPEST: usize = 2_000;

pub(super) fn read(bytes: &[u8], caps: &Caps, clock: Clock) -> Result<Paper, Refused> {
    archive::check(bytes, caps, clock, kind)?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| Refused::Broken(error.to_string()))?;
    let names: Vec<String> = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
    let text = part(&mut archive, "word/document.xml", clock)?;
    let mut head = String::new();
    for name in names.iter().filter(|name| name.starts_with("word/header") && name.ends_with(".xml")) {
        head += &part(&mut archive, name, clock)?;
    }
    Ok(Paper { text, head, writing: Writing::Plain })
}

fn kind(names: &[String]) -> Result<(), Fault> {
    let has = |end: &str| names.iter().any(|name| name.replace('\\', "/").ends_with(end));
    match (has("vbaproject.bin"), has("word/document.xml")) {
        (true, _) => Err(Fault::Macro),
        (_, true) => Ok(()),
        _ => Err(Fault::Foreign),
    }
}

fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str, clock: Clock) -> Result<String, Refused> {
    let broken = |error: &dyn std::fmt::Display| Refused::Broken(error.to_string());
    let entry = archive.by_name(name).map_err(|error| broken(&error))?;
    let mut reader = Reader::from_reader(BufReader::new(entry.take(caps_of_part())));
    let (mut buffer, mut state, mut events) = (Vec::new(), State::default(), 0_usize);
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(|error| broken(&error))?;
        if matches!(event, Event::Eof) {
            return Ok(state.text);
        }
        events += 1;
        if events.is_multiple_of(4_096) {
            clock.check()?;
        }
        state.take(event)?;
    }
}

fn caps_of_part() -> u64 {
    super::caps().unpacked
}

/// What has been read of a part.
#[derive(Default)]
struct State {
    text: String,
    /// how deep we are inside something left out
    skipped: usize,
    depth: usize,
    /// inside an element that holds text
    inside: bool,
    /// inside a cell of a table
    cells: usize,
}

impl State {
    fn take(&mut self, event: Event<'_>) -> Result<(), Refused> {
        match event {
            Event::Start(tag) => self.open(&tag)?,
            Event::Empty(tag) if tag.local_name().as_ref() == "p" => self.end_paragraph(),
            Event::Empty(tag) => self.mark(tag.local_name().as_ref()),
            Event::End(tag) => self.close(tag.local_name().as_ref()),
            Event::Text(text) if self.inside && self.skipped == 0 => self.text.push_str(&text.xml10_content()),
            Event::CData(text) if self.inside && self.skipped == 0 => self.text.push_str(&text.xml10_content()),
            Event::GeneralRef(name) if self.inside && self.skipped == 0 => {
                let c = name.resolve_char_ref().ok().flatten().or_else(|| named(&name));
                self.text.extend(c);
            }
            _ => {}
        }
        if self.text.len() > LONGEST * 4 { Err(Refused::Long(LONGEST)) } else { Ok(()) }
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), Refused> {
        let name = tag.local_name();
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Refused::Broken("nested too deep".to_owned()));
        }
        if self.skipped > 0 || LEFT_OUT.contains(&name.as_ref()) {
            self.skipped += 1;
            return Ok(());
        }
        match name.as_ref() {
            "t" => self.inside = true,
            "tc" => self.cells += 1,
            other => self.mark(other),
        }
        Ok(())
    }

    /// In a cell of a table a paragraph is no line of its own.
    fn end_paragraph(&mut self) {
        if self.skipped == 0 && self.cells == 0 {
            self.text.push('\n');
        }
    }

    /// What an element stands for by itself.
    fn mark(&mut self, name: &str) {
        match name {
            "tab" if self.skipped == 0 => self.text.push(' '),
            "br" | "cr" if self.skipped == 0 => self.text.push('\n'),
            "noBreakHyphen" if self.skipped == 0 => self.text.push('-'),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        match name {
            "t" => self.inside = false,
            "p" => self.end_paragraph(),
            "tc" => {
                self.cells = self.cells.saturating_sub(1);
                self.text.push('\t');
            }
            "tr" => self.text.push('\n'),
            _ => {}
        }
    }
}

fn named(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}
