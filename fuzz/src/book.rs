//! A workbook or document of which one part is anything: the first byte says which.

use luoshi_office::{head, paper, sheet};
use std::io::{Cursor, Write};

const PARTS: [(&str, &str); 7] = [
    (
        "[Content_Types].xml",
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
    ("xl/sharedStrings.xml", r#"<sst uniqueCount="1"><si><t>a</t></si></sst>"#),
    (
        "xl/styles.xml",
        r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#,
    ),
    (
        "xl/worksheets/sheet1.xml",
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>45000</v></c></row></sheetData></worksheet>"#,
    ),
];

pub fn read(bytes: &[u8]) {
    let Some((which, part)) = bytes.split_first() else { return };
    let which = usize::from(*which) % (PARTS.len() + 1);
    if which == PARTS.len() {
        let _ = paper::read(&packed(|name| (name == "word/document.xml").then_some(part)), "a.docx");
        return;
    }
    let broken = PARTS[which].0;
    let book = packed(|name| {
        let known = PARTS.iter().find(|(known, _)| *known == name)?;
        Some(if name == broken { part } else { known.1.as_bytes() })
    });
    let _ = sheet::read(&book, "a.xlsx");
    let _ = head::lines(&book);
}

/// An archive of the parts that there are.
fn packed<'p>(part: impl Fn(&str) -> Option<&'p [u8]>) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for name in PARTS.iter().map(|(name, _)| *name).chain(["word/document.xml"]) {
        if let Some(bytes) = part(name) {
            archive.start_file(name, stored).expect("a name");
            archive.write_all(bytes).expect("memory");
        }
    }
    archive.finish().expect("memory").into_inner()
}
