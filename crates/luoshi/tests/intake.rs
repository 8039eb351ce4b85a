//! `luoshi intake` on the command line: what it prints, and what it refuses in which words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn marked(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../luoshi-text/tests/marked").join(name)
}

fn intake(arguments: &[&str], typed: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_luoshi"))
        .arg("intake")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let typed = typed.to_vec();
    let sender = std::thread::spawn(move || drop(pipe.write_all(&typed)));
    let output = child.wait_with_output().unwrap();
    sender.join().unwrap();
    output
}

fn answer(arguments: &[&str], typed: &[u8]) -> Value {
    let output = intake(arguments, typed);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn part(text: &str, span: &Value) -> String {
    let at = |n: usize| usize::try_from(span[n].as_u64().unwrap()).unwrap();
    text.chars().skip(at(0)).take(at(1) - at(0)).collect()
}

#[test]
fn a_directive_becomes_clean_text_and_measures_with_their_place_in_the_original() {
    let folder = std::env::temp_dir().join(format!("luoshi-intake-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let units = folder.join("units.txt");
    std::fs::write(&units, "办公室党支部\n人事处党支部\n机关纪委\n").unwrap();
    let file = marked("05-warning-month.txt");
    let arguments = ["--json", "--date", "2023-08-28", "--units", units.to_str().unwrap(), file.to_str().unwrap()];
    let found = answer(&arguments, b"");
    let (original, text) = (found["original"].as_str().unwrap(), found["text"].as_str().unwrap());
    assert!(original.contains("機(jī)關(guān)") && text.starts_with("关于开展警示教育月活动的实施方案\n机关各党支部"));
    let measures = found["measures"].as_array().unwrap();
    assert_eq!(measures.len(), 9);
    for measure in measures {
        assert_eq!(part(text, &measure["span"]), measure["text"].as_str().unwrap());
    }
    let study = measures.iter().find(|one| one["text"].as_str().unwrap().starts_with("各党支部要召开")).unwrap();
    assert_eq!(study["owners"][0]["units"], json!(["办公室党支部", "人事处党支部"]));
    assert_eq!(study["due"], json!({ "by": "2023-09-20", "words": "9月中旬" }));
    assert_eq!((&study["kind"], &study["quantity"]["value"]), (&json!("education"), &json!(1.0)));
    assert!(part(original, &study["original"]).starts_with("各黨支部要召開一次"), "{study}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_post_is_told_with_its_unit_and_a_quotation_with_who_says_it() {
    let folder = std::env::temp_dir().join(format!("luoshi-intake-posts-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let units = folder.join("units.txt");
    std::fs::write(&units, "第一支部\n第二支部\n机关党委\n").unwrap();
    let text = "工作安排\n第一支部书记要在6月底前讲一次党课。各支部组织委员要在7月10日前报送一份名单。\n\
                省委领导同志在调研时指出：“各支部要在9月底前开展一次自查。”\n";
    let found = answer(&["--json", "--date", "2023-05-01", "--units", units.to_str().unwrap(), "-"], text.as_bytes());
    let measures = found["measures"].as_array().unwrap();
    let asked = |n: usize| (&measures[n]["owners"][0]["post"], &measures[n]["owners"][0]["units"]);
    assert_eq!(asked(0), (&json!("支部书记"), &json!(["第一支部"])), "{found:#}");
    assert_eq!(asked(1), (&json!("组织委员"), &json!(["第一支部", "第二支部"])), "{found:#}");
    assert_eq!(measures[2]["speaker"], "省委领导同志", "{found:#}");
    assert_eq!((&measures[0]["speaker"], &measures[2]["owners"][0]["post"]), (&json!(null), &json!(null)));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn people_read_it_in_words() {
    let output = intake(&[marked("02-key-points.docx").to_str().unwrap()], b"");
    let text = String::from_utf8(output.stdout).unwrap();
    for words in ["措施 10 条", "责任 宣传处 · 配合 各党支部", "2023-06-30", "类型 评选表彰", "把握 0."]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("报送。"), "deleted text came back: {text}");
}

#[test]
fn a_day_is_told_found_or_counted_from_the_year() {
    let paste = "关于学习的通知\n各党支部要在6月底前开展学习。\n".as_bytes();
    let due = |found: &Value| found["measures"][0]["due"]["by"].as_str().unwrap().to_owned();
    let told = answer(&["--json", "--date", "2021-02-01", "-"], paste);
    assert_eq!((told["dated"].as_str().unwrap(), due(&told)), ("told", "2021-06-30".to_owned()));
    let signed = [paste, "某厅机关党委\n2022年3月1日".as_bytes()].concat();
    let found = answer(&["--json", "-"], &signed);
    assert_eq!((found["dated"].as_str().unwrap(), due(&found)), ("found", "2022-06-30".to_owned()));
    let read = answer(&["--json", "-"], paste);
    assert!(read["dated"] == "read" && due(&read).ends_with("-06-30"));
}

#[test]
fn what_cannot_be_taken_is_refused_in_words_that_say_what_to_do() {
    let doc = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 600]].concat();
    let cases: [(&[u8], &str); 8] = [
        ("秘密★1年\n关于学习的通知".as_bytes(), "未作保存"),
        ("絕密\n關於開展學習的通知，機關黨委負責".as_bytes(), "涉密"),
        (&doc, "另存为 .docx"),
        (b"", "没有文字"),
        (" \n\t \u{3000}\n".as_bytes(), "没有文字"),
        (b"%PDF-1.7\n...", "PDF"),
        (b"PK\x03\x04 broken", "已损坏"),
        (&[0x89, b'P', b'N', b'G', 0, 0, 0, 1], "不是文字文档"),
    ];
    for (bytes, words) in cases {
        let output = intake(&["--json", "-"], bytes);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(3) && error.contains(words), "{words}: {error}");
        assert!(output.stdout.is_empty(), "nothing of it may be printed");
    }
}

#[test]
fn forty_megabytes_are_refused_before_they_are_read() {
    let file = std::env::temp_dir().join(format!("luoshi-large-{}.docx", std::process::id()));
    // a hole in the file system: 40 MB that take no room
    std::fs::File::create(&file).unwrap().set_len(40 << 20).unwrap();
    let output = intake(&[file.to_str().unwrap()], b"");
    std::fs::remove_file(&file).unwrap();
    assert!(output.status.code() == Some(3) && String::from_utf8_lossy(&output.stderr).contains("超过 20 MB"));
}

#[test]
fn a_directive_with_none_of_our_units_still_shows_who_is_asked() {
    let text = "關於加強學習的通知\n各鄉鎮黨委：\n各鄉鎮黨委要在6月底前開展學習。".as_bytes();
    let found = answer(&["--json", "--date", "2023-03-01", "-"], text);
    assert_eq!(
        found["measures"][0]["owners"][0],
        json!({ "text": "各乡镇党委", "units": [], "post": null, "told": "here", "role": "leads" })
    );
}
