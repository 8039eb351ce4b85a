//! Every text of the packs that ship is there in both languages, each in its own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::PathBuf;

/// Files whose texts are words to be recognised, not words to be shown.
const DICTIONARIES: [&str; 4] = ["columns.toml", "lexicon.toml", "holidays.toml", "national-26.toml"];
/// Keys whose texts are not shown to anybody: how often, when due, which records.
const UNSEEN: [&str; 6] = ["every", "due", "records", "want", "article", "source"];

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// What is wrong with the texts below a value, each with the way to it.
fn walk(way: &str, value: &toml::Value, wrong: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) if table.contains_key("zh") || table.contains_key("en") => {
            let text = |key: &str| table.get(key).and_then(toml::Value::as_str).unwrap_or_default().trim();
            let (zh, en) = (text("zh"), text("en"));
            if zh.is_empty() || en.is_empty() {
                wrong.push(format!("{way}: one language is missing: {zh:?} {en:?}"));
            }
            if en.chars().any(is_chinese) {
                wrong.push(format!("{way}: Chinese in the English: {en}"));
            }
            if !zh.chars().any(is_chinese) && zh.chars().filter(|c| c.is_ascii_alphabetic()).count() > 8 {
                wrong.push(format!("{way}: English in the Chinese: {zh}"));
            }
        }
        toml::Value::Table(table) => table.iter().for_each(|(key, value)| walk(&format!("{way}.{key}"), value, wrong)),
        toml::Value::Array(all) => all.iter().for_each(|value| walk(way, value, wrong)),
        toml::Value::String(text) => {
            let key = way.rsplit('.').next().unwrap_or_default();
            let prose = text.chars().any(is_chinese) || text.split(' ').filter(|word| word.len() > 2).count() > 2;
            if prose && !UNSEEN.contains(&key) {
                wrong.push(format!("{way}: a text in one language: {text}"));
            }
        }
        _ => {}
    }
}

#[test]
fn every_text_of_the_packs_is_there_in_both_languages() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let (mut wrong, mut packs) = (Vec::new(), 0);
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with(".toml") || DICTIONARIES.contains(&name.as_str()) {
            continue;
        }
        packs += 1;
        let text = std::fs::read_to_string(&entry).unwrap();
        walk(&name, &toml::Value::Table(text.parse().unwrap()), &mut wrong);
    }
    assert!(packs >= 5, "{packs} packs");
    assert!(wrong.is_empty(), "{} texts:\n{}", wrong.len(), wrong.join("\n"));
}
