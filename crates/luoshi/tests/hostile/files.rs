//! Hostile files: their names, their types, what they unpack to, what they are marked with.

use crate::place::{CLERK, SECRETARY, Site, Visitor};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

const FORM: &str = "/units/3/records/new?kind=general-meeting";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

async fn attach(visitor: &Visitor<'_>, name: &str, bytes: &[u8]) -> crate::place::Answer {
    let fields = [("kind", "general-meeting"), ("on", "2023-02-10"), ("again", "1"), ("topic", "附件")];
    visitor.attach(FORM, "/units/3/records", &fields, name, bytes).await
}

fn all_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        if path.is_dir() { all_files(&path, out) } else { out.push(path) }
    }
}

fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// An .xlsx with one sheet.
fn book(sheet: &str, strings: &str) -> Vec<u8> {
    let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
    let rels = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let workbook = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    let inner = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", rels.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", inner.as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

#[tokio::test]
async fn whatever_a_file_is_called_it_is_kept_under_its_digest_and_given_back_as_a_download() {
    let site = Site::new(None).await;
    let secretary = site.sign_in(SECRETARY).await;
    for (turn, name) in [
        "../../../../etc/cron.d/x",
        "..\\\\..\\\\boot.ini",
        "/etc/passwd",
        "a.png\\u0000.exe",
        "con",
        ".htaccess",
        "\u{202e}gnp.exe",
        "<script>alert(1)</script>.png",
        "长".repeat(400).as_str(),
        "a; filename=b.html",
        "%2e%2e%2fx",
    ]
    .iter()
    .enumerate()
    {
        let bytes = [PNG, &[turn as u8]].concat();
        let answer = attach(&secretary, name, &bytes).await;
        assert_eq!(answer.status, 303, "{name}: {}", answer.text);
        let file = secretary.get(&format!("{}/files/1/0", answer.to)).await;
        let kept = file.head["content-disposition"].to_str().unwrap();
        assert!(kept.starts_with("attachment; filename*=UTF-8''"), "{name}: {kept}");
        let told = kept.rsplit("''").next().unwrap();
        assert!(told.bytes().all(|b| b.is_ascii_alphanumeric() || b"%.-_*".contains(&b)), "{name}: {kept}");
        assert_eq!(file.head["content-type"], "image/png", "{name}");
    }
    let mut kept = Vec::new();
    all_files(site.folder(), &mut kept);
    for file in kept.iter().filter(|file| !file.to_string_lossy().contains("site.db")) {
        let inside = file.strip_prefix(site.folder().join("files")).expect("outside the folder for files");
        let digest: String = inside.to_string_lossy().replace('/', "");
        assert!(digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()), "{}", file.display());
    }
}

#[tokio::test]
async fn a_file_is_what_it_holds_and_not_what_it_is_called() {
    let site = Site::new(None).await;
    let secretary = site.sign_in(SECRETARY).await;
    let macros =
        zip(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<a/>"), ("word/vbaProject.bin", b"x")]);
    for (name, bytes) in [
        ("photo.png", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".as_slice()),
        ("notes.txt", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("script.pdf", b"#!/bin/sh\0\x01rm -rf"),
        ("macro.docx", &macros),
        ("page.txt", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("drawing.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"),
    ] {
        let answer = attach(&secretary, name, bytes).await;
        if answer.status == 303 {
            let file = secretary.get(&format!("{}/files/1/0", answer.to)).await;
            assert_eq!(file.head["content-type"], "text/plain; charset=utf-8", "{name} is shown as it pleases");
            assert!(file.head["content-disposition"].to_str().unwrap().starts_with("attachment"), "{name}");
            assert!(
                !matches!(name, "photo.png" | "notes.txt" | "old.doc" | "macro.docx" | "script.pdf"),
                "{name} is taken"
            );
        } else {
            assert!(answer.status == 422 && answer.text.contains("没有保存"), "{name}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn a_file_marked_secret_is_refused_with_advice_and_nothing_of_it_is_kept() {
    let site = Site::new(None).await;
    let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
    let word = zip(&[("word/document.xml", "<w:p><w:t>机密★10年</w:t></w:p><w:p><w:t>通知</w:t></w:p>".as_bytes())]);
    let sheet = book("<worksheet><sheetData/></worksheet>", "<sst><si><t>秘密</t></si><si><t>姓名</t></si></sst>");
    for (name, bytes) in [
        ("a.txt", "绝密★\n关于某事的通知".as_bytes()),
        ("gbk.txt", &[0xbb, 0xfa, 0xc3, 0xdc, b'\n', 0xcd, 0xa8, 0xd6, 0xaa]),
        ("a.docx", &word),
        ("a.xlsx", &sheet),
        ("机密-名册.png", PNG),
    ] {
        let answer = attach(&secretary, name, bytes).await;
        assert_eq!(answer.status, 422, "{name}");
        assert!(
            answer.text.contains("不得在本系统存储") && answer.text.contains("保密规定"),
            "{name}: {}",
            answer.text
        );
    }
    let answer = clerk.upload("/units/1/imports", "/units/1/imports", "名册.xlsx", &sheet).await;
    assert!(answer.status == 422 && answer.text.contains("不得在本系统存储"), "{}", answer.status);
    let mut kept = Vec::new();
    all_files(&site.folder().join("files"), &mut kept);
    assert!(kept.is_empty(), "{kept:?}");
    let open = attach(&secretary, "a.txt", "保守国家秘密学习记录\n机密文件管理办法".as_bytes()).await;
    assert_eq!(open.status, 303, "a sentence about secrets is no mark");
}

#[tokio::test]
async fn bombs_and_foreign_entities_are_told_in_words_and_soon() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    let zeros = vec![b' '; 150 << 20];
    let head = "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>";
    let far = format!(
        "{head}<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>姓名</t></is></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData></worksheet>"
    );
    let laughs = "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
    let lol = format!(
        "{laughs}{head}<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>&c;</t></is></c></row></sheetData></worksheet>"
    );
    let xxe = format!(
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{head}<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>姓名&x;</t></is></c></row></sheetData></worksheet>"
    );
    let nested = format!("{head}{}", "<row>".repeat(200_000));
    let many: Vec<String> = (0..2_000).map(|number| format!("xl/{number}.xml")).collect();
    let parts: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    let empty = "<sst uniqueCount=\"0\"/>";
    let claims = "<sst count=\"4000000000\" uniqueCount=\"4000000000\"><si><t>a</t></si></sst>";
    for (name, bytes) in [
        ("zeros.xlsx", zip(&[("xl/workbook.xml", &zeros)])),
        ("far.xlsx", book(&far, empty)),
        ("laughs.xlsx", book(&lol, empty)),
        ("entity.xlsx", book(&xxe, empty)),
        ("nested.xlsx", book(&nested, empty)),
        ("claims.xlsx", book(&far, claims)),
        ("parts.xlsx", zip(&parts)),
        ("cut.xlsx", book(&far, empty)[..400].to_vec()),
        ("quotes.csv", "\"".repeat(1_000_000).into_bytes()),
        ("wide.csv", ",".repeat(1_000_000).into_bytes()),
        ("nul.csv", vec![0; 1_000_000]),
    ] {
        let began = Instant::now();
        let answer = clerk.upload("/units/1/imports", "/units/1/imports", name, &bytes).await;
        assert!(answer.status == 303 || answer.status == 422, "{name}: {}", answer.status);
        if answer.status == 303 {
            let told = clerk.settled(&answer.to).await;
            assert_eq!(told.status, 200, "{name}");
            assert!(!told.text.contains("root:") && !told.text.contains("hahaha"), "{name} was expanded");
        }
        assert!(began.elapsed().as_secs() < 30, "{name} took {:?}", began.elapsed());
    }
    assert_eq!(clerk.get("/").await.status, 200);
}
