//! Documents as people send them, and as nobody should.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

use luoshi_office::Caps;
use luoshi_office::paper::{self, Refused, Writing};
use std::io::{Cursor, Write};
use std::time::{Duration, Instant};
use zip::write::SimpleFileOptions;

/// A .docx of these parts.
fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn docx(body: &str) -> Vec<u8> {
    let document = format!("<?xml version=\"1.0\"?><w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    archive(&[("[Content_Types].xml", "<Types/>"), ("word/document.xml", &document)])
}

fn text(body: &str) -> String {
    paper::read(&docx(body), "a.docx").unwrap().text
}

#[test]
fn paragraphs_of_a_docx_are_lines_and_what_is_not_shown_stays_out() {
    for (body, shown) in [
        (
            "<w:p><w:r><w:t>各党</w:t></w:r><w:r><w:t>支部</w:t></w:r></w:p><w:p/><w:p><w:r><w:t>二</w:t></w:r></w:p>",
            "各党支部\n\n二\n",
        ),
        ("<w:p><w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t>丙</w:t></w:r></w:p>", "甲 乙\n丙\n"),
        (
            "<w:p><w:del><w:r><w:delText>删</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>移</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>增</w:t></w:r></w:ins></w:p>",
            "增\n",
        ),
        ("<w:p><w:r><w:instrText> PAGE </w:instrText></w:r><w:r><w:t>页</w:t></w:r></w:p>", "页\n"),
        (
            "<w:p><w:r><w:ruby><w:rt><w:r><w:t>dǎng</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>党</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>",
            "党\n",
        ),
        ("<w:p><w:r><w:t>A&amp;B &lt;&#x515A;&gt;</w:t></w:r></w:p>", "A&B <党>\n"),
        (
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>任务</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>单位</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
            "任务\t单位\t\n",
        ),
        (
            "<w:p><mc:AlternateContent><mc:Choice><w:t>图</w:t></mc:Choice><mc:Fallback><w:t>图</w:t></mc:Fallback></mc:AlternateContent></w:p>",
            "图\n",
        ),
    ] {
        assert_eq!(text(body), shown, "{body}");
    }
}

#[test]
fn the_head_of_the_pages_is_kept_apart() {
    let parts = [
        ("word/document.xml", "<w:document><w:p><w:t>正文</w:t></w:p></w:document>"),
        ("word/header1.xml", "<w:hdr><w:p><w:t>机密★1年</w:t></w:p></w:hdr>"),
    ];
    let read = paper::read(&archive(&parts), "a.docx").unwrap();
    assert_eq!((read.text.as_str(), read.head.as_str()), ("正文\n", "机密★1年\n"));
}

#[test]
fn text_is_read_in_the_encoding_it_is_in() {
    let gbk = encoding_rs::GBK.encode("各党支部").0.into_owned();
    let big5 = encoding_rs::BIG5.encode("各黨支部").0.into_owned();
    let page = [b"<html><meta charset=\"big5\">".as_slice(), &big5].concat();
    let utf16: Vec<u8> = "\u{feff}各党支部".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, name, shown, writing) in [
        ("各党支部".as_bytes(), "a.txt", "各党支部", Writing::Plain),
        ("\u{feff}各党支部".as_bytes(), "a.txt", "各党支部", Writing::Plain),
        (gbk.as_slice(), "a.txt", "各党支部", Writing::Plain),
        (utf16.as_slice(), "a.txt", "各党支部", Writing::Plain),
        (page.as_slice(), "a", "<html><meta charset=\"big5\">各黨支部", Writing::Html),
        ("# 通知".as_bytes(), "a.MD", "# 通知", Writing::Markdown),
        ("<p>通知</p>".as_bytes(), "a.htm", "<p>通知</p>", Writing::Html),
    ] {
        let read = paper::read(bytes, name).unwrap();
        assert_eq!((read.text.as_str(), read.writing), (shown, writing), "{name}");
    }
}

#[test]
fn what_is_no_paper_is_refused() {
    let ole = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    let locked: Vec<u8> = ole.into_iter().chain("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let sheet = archive(&[("xl/workbook.xml", "<workbook/>")]);
    let macros = archive(&[("word/document.xml", "<w:p/>"), ("word/vbaProject.bin", "x")]);
    let cases: [(&[u8], Refused); 9] = [
        (b"", Refused::Blank),
        (&docx("<w:p/>"), Refused::Blank),
        (&ole, Refused::Old),
        (b"{\\rtf1 abc}", Refused::Old),
        (&locked, Refused::Locked),
        (b"%PDF-1.4", Refused::Pdf),
        (&sheet, Refused::Foreign),
        (&macros, Refused::Macro),
        (&[0xff, 0x31, 0x80, 0x80, 0xff], Refused::Encoding),
    ];
    for (bytes, refused) in cases {
        assert_eq!(paper::read(bytes, "a.docx"), Err(refused.clone()), "{refused:?}");
        for zh in [true, false] {
            assert!(refused.say(zh).len() > 20);
        }
    }
    assert!(matches!(paper::read(b"PK\x03\x04abc", "a.docx"), Err(Refused::Broken(_))));
    assert!(matches!(paper::read(&docx("<w:p><w:t>甲</w:p>"), "a.docx"), Err(Refused::Broken(_))));
}

#[test]
fn caps_hold_against_files_made_to_harm() {
    let long = "<w:p><w:t>党</w:t></w:p>".repeat(paper::LONGEST + 1);
    assert_eq!(paper::read(&docx(&long), "a.docx"), Err(Refused::Long(paper::LONGEST)));
    assert_eq!(paper::read("党".repeat(paper::LONGEST + 1).as_bytes(), "a.txt"), Err(Refused::Long(paper::LONGEST)));
    let bomb = docx(&" ".repeat(8 << 20));
    let caps = Caps { unpacked: 1 << 20, ..paper::caps() };
    assert_eq!(paper::read_within(&bomb, "a.docx", &caps), Err(Refused::Swollen));
    assert_eq!(paper::read_within(&[b'a'; 100], "a.txt", &Caps { file: 50, ..paper::caps() }), Err(Refused::Large(0)));
    let started = Instant::now();
    assert!(matches!(paper::read(&docx(&"<w:p>".repeat(100_000)), "a.docx"), Err(Refused::Broken(_))));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn traditional_script_in_the_encoding_of_taiwan_and_hong_kong_is_read_and_none_other_is_taken_for_it() {
    let text = "關於開展警示教育的通知\n各黨支部要在6月30日前召開一次警示教育大會，每名黨員撰寫一篇心得。";
    let big5 = encoding_rs::BIG5.encode(text).0.into_owned();
    assert_eq!(paper::read(&big5, "a.txt").unwrap().text, text);
    for other in [text, "关于开展警示教育的通知：各党支部要在6月30日前召开一次警示教育大会。"]
    {
        let gbk = encoding_rs::GB18030.encode(other).0.into_owned();
        assert_eq!(paper::read(&gbk, "a.txt").unwrap().text, other);
    }
}
