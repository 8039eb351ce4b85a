//! The first lines of a document of whatever type, read without trust and without its parser: what stands on top.

use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Bytes of a part that are looked at.
const LOOKED_AT: u64 = 256 << 10;
/// Parts of Word and of spreadsheets in which the words on top stand.
const PARTS: [&str; 6] = [
    "word/header1.xml",
    "word/header2.xml",
    "word/header3.xml",
    "word/document.xml",
    "xl/sharedstrings.xml",
    "xl/worksheets/sheet1.xml",
];

/// The first lines: paragraphs of a .docx, cells of an .xlsx, lines of a text; none of what cannot be read.
pub fn lines(bytes: &[u8]) -> Vec<String> {
    if bytes.starts_with(b"PK") {
        return zipped(bytes).unwrap_or_default();
    }
    let (top, _) = bytes.split_at(bytes.len().min(4_096));
    let utf8 = String::from_utf8_lossy(top);
    let text = match encoding_rs::Encoding::for_bom(top) {
        Some((marked, _)) => marked.decode(top).0, // "Unicode" of Notepad is UTF-16
        None if utf8.matches('\u{fffd}').count() > 1 => encoding_rs::GB18030.decode(top).0,
        None => utf8,
    };
    text.trim_start_matches('\u{feff}').split(['\n', '\r', ',', '\t']).map(ToOwned::to_owned).collect()
}

/// Whether a zipped document brings macros along.
pub fn has_macros(bytes: &[u8]) -> bool {
    let Ok(archive) = ZipArchive::new(Cursor::new(bytes)) else { return false };
    archive.file_names_raw().any(|name| {
        let name = String::from_utf8_lossy(name).to_lowercase();
        name.ends_with("vbaproject.bin") || name.ends_with("vbadata.xml")
    })
}

fn zipped(bytes: &[u8]) -> Option<Vec<String>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut lines = Vec::new();
    for at in 0..archive.len().min(1_000) {
        let Ok(part) = archive.by_index(at) else { continue };
        let name = part.name().map_or(String::new(), |name| name.to_lowercase().replace('\\', "/"));
        if !PARTS.contains(&name.as_str()) {
            continue;
        }
        let mut text = Vec::new();
        let _ = part.take(LOOKED_AT).read_to_end(&mut text); // what was unpacked before it broke counts
        lines.extend(paragraphs(&String::from_utf8_lossy(&text)).into_iter().take(40));
    }
    Some(lines)
}

/// The text of each paragraph or cell: what stands between tags, joined until a paragraph or a string ends.
fn paragraphs(xml: &str) -> Vec<String> {
    let (mut out, mut line) = (Vec::new(), String::new());
    for piece in xml.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        if matches!(tag, "/w:p" | "/si" | "/is" | "/x:si" | "/x:is" | "w:br/") && !line.trim().is_empty() {
            out.push(std::mem::take(&mut line));
        }
        line.push_str(text);
    }
    out.push(line);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn zip(name: &str, xml: &str) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(xml.as_bytes()).unwrap();
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn the_top_of_a_document_is_read_from_every_type() {
        let word = "<w:p><w:r><w:t>机</w:t></w:r><w:r><w:t>密★</w:t></w:r></w:p><w:p><w:t>通知</w:t></w:p>";
        assert_eq!(lines(&zip("word/document.xml", word)).first().map(String::as_str), Some("机密★"));
        let cells = "<sst><si><t>秘密</t></si><si><t>姓名</t></si></sst>";
        assert_eq!(lines(&zip("xl/sharedStrings.xml", cells)).first().map(String::as_str), Some("秘密"));
        assert_eq!(lines("\u{feff}绝密\r\n正文".as_bytes()).first().map(String::as_str), Some("绝密"));
        let marked = |text: &str| [0xfeff_u16].into_iter().chain(text.encode_utf16()).collect::<Vec<_>>();
        let little: Vec<u8> = marked("机密★\n正文").iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = marked("机密★\n正文").iter().flat_map(|unit| unit.to_be_bytes()).collect();
        assert_eq!([&lines(&little)[0], &lines(&big)[0]], ["机密★", "机密★"]);
        assert_eq!(lines(&encoding_rs::GB18030.encode("机密★，\n正文").0).first().map(String::as_str), Some("机密★，"));
    }

    #[test]
    fn macros_are_found_whatever_the_document_is_called() {
        assert!(has_macros(&zip("word/vbaProject.bin", "")) && has_macros(&zip("xl\\VBAPROJECT.BIN", "")));
        assert!(!has_macros(&zip("word/document.xml", "vbaProject.bin")) && !has_macros(b"PK"));
    }

    #[test]
    fn what_cannot_be_read_has_no_lines_and_does_no_harm() {
        assert!(lines(b"PK\x03\x04 no archive").is_empty());
        assert_eq!(lines(b""), [""]);
        assert!(lines(&zip("word/document.xml", &"<".repeat(1 << 20))).len() <= 41);
    }
}
