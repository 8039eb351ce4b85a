//! Rules of the workspace that the compiler cannot state. `ARCHITECTURE.md` explains each.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

const CRATES: [&str; 7] =
    ["luoshi-rules", "luoshi-store", "luoshi-office", "luoshi-text", "luoshi-gateway", "luoshi-web", "luoshi"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match path.is_dir() {
            true => walk(&path, out),
            false if path.extension().is_some_and(|end| end == "rs") => out.push(path),
            false => {}
        }
    }
}

/// Every Rust file of a crate's `src`, with its text.
fn sources(name: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    walk(&root().join("crates").join(name).join("src"), &mut files);
    assert!(!files.is_empty(), "no sources of {name}");
    files.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

fn dependencies(name: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let mut names: Vec<String> = table["dependencies"].as_table().unwrap().keys().cloned().collect();
    names.sort();
    names
}

#[test]
fn rules_depend_on_no_engine_and_no_server() {
    assert_eq!(dependencies("luoshi-rules"), ["jiff", "serde", "serde_json", "strsim", "thiserror", "toml"]);
}

#[test]
fn arrows_between_crates_are_those_of_the_drawing() {
    let arrows = |name: &str| -> Vec<String> {
        dependencies(name).into_iter().filter(|one| one.starts_with("luoshi-")).collect()
    };
    for leaf in ["luoshi-rules", "luoshi-office", "luoshi-text", "luoshi-gateway"] {
        assert!(arrows(leaf).is_empty(), "{leaf}");
    }
    assert_eq!(arrows("luoshi-store"), ["luoshi-rules"]);
    let below = ["luoshi-gateway", "luoshi-office", "luoshi-rules", "luoshi-store", "luoshi-text"];
    assert_eq!(arrows("luoshi-web"), below);
}

#[test]
fn nothing_but_the_gateway_goes_out_of_the_installation() {
    for name in CRATES.into_iter().filter(|name| *name != "luoshi-gateway") {
        for (path, text) in sources(name) {
            for word in ["TcpStream::connect", "UdpSocket", "LdapConn", "client::conn"] {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
        }
    }
}

#[test]
fn rules_never_ask_what_day_it_is() {
    for (path, text) in sources("luoshi-rules") {
        for word in ["Zoned::now", "Timestamp::now", "SystemTime", "Instant::now"] {
            assert!(!text.contains(word), "{} asks the clock", path.display());
        }
    }
}

#[test]
fn sql_lives_in_the_store_and_html_on_the_web() {
    for (word, home) in [("\"select ", "luoshi-store"), ("\"insert into ", "luoshi-store"), ("html! {", "luoshi-web")] {
        for name in CRATES.into_iter().filter(|name| *name != home) {
            for (path, text) in sources(name) {
                let stray = text.lines().any(|line| line.contains(word) && !line.trim_start().starts_with("//"));
                assert!(!stray, "{}: {word} belongs in {home}", path.display());
            }
        }
    }
}

#[test]
fn facts_are_added_and_never_changed() {
    // a move rewrites copies of places, a merger or a hand-over passes matters on, erasing puts a pseudonym into titles that the
    // program made of a name: nothing else of a fact may change
    let moves = ["unit/place.rs", "unit/merge.rs", "matter/turn.rs", "src/erase.rs", "aid/erase.rs"];
    for (path, text) in sources("luoshi-store") {
        if moves.iter().any(|end| path.ends_with(end)) {
            continue;
        }
        let tables = [
            "record",
            "record_person",
            "record_file",
            "roll",
            "matter",
            "matter_event",
            "unit_change",
            "waiver",
            "closing",
            "audit",
            "aid_entry",
        ];
        for table in tables {
            for verb in [format!("update {table} "), format!("delete from {table} ")] {
                let undone = path.ends_with("import/undo.rs") && table == "unit_change";
                // a row of the trail is given its place in the chain, once
                let chained = path.ends_with("audit/chain.rs") && text.contains("set place = $3, link = $4 where");
                let allowed = undone || chained && table == "audit";
                assert!(allowed || !text.contains(&format!("\"{verb}")), "{}: {verb}", path.display());
            }
        }
    }
}

#[test]
fn no_table_or_page_counts_what_the_rules_against_formalism_forbid() {
    let mut schema = String::new();
    for entry in fs::read_dir(root().join("crates/luoshi-store/schema")).unwrap() {
        schema += &fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    for word in
        ["check_in", "points", "ranking", "online", "login_count", "latitude", "longitude", "location", "face", "likes"]
    {
        assert!(!schema.contains(word), "the schema mentions {word}");
    }
    for (path, text) in sources("luoshi-web") {
        for word in ["签到", "打卡", "积分", "排名", "排行", "在线时长", "人脸", "点赞"] {
            assert!(!text.contains(word), "{} mentions {word}", path.display());
        }
    }
}

#[test]
fn every_table_but_the_dictionaries_has_the_organisation_first_in_its_key() {
    for entry in fs::read_dir(root().join("crates/luoshi-store/schema")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for table in text.split("create table ").skip(1) {
            let name = table.split_whitespace().next().unwrap();
            let body = table.split(");").next().unwrap();
            let dictionary = ["top", "login", "directory_try", "applied", "backup"].contains(&name);
            for key in ["primary key (", "unique ("] {
                for columns in body.split(key).skip(1) {
                    assert!(columns.starts_with("top_id"), "{name}: {key}{columns}");
                }
            }
            assert!(dictionary || body.contains("primary key (top_id"), "{name} has no key that begins with top_id");
        }
    }
}

#[test]
fn no_file_outgrows_a_sitting() {
    for name in CRATES {
        for (path, text) in sources(name) {
            let lines = text.lines().count();
            assert!(lines <= 400, "{}: {lines} lines are too long to read in one sitting", path.display());
        }
    }
}

/// Names of constants that say how much is taken.
const LIMITS: [&str; 5] = ["MOST", "MOST_ROWS", "LARGEST", "AT_ONCE", "A_DAY"];

/// Every constant of a source file with its value as it is written.
fn constants(text: &str) -> Vec<(String, String)> {
    let line = |line: &str| {
        let (name, rest) = line.split_once("const ")?.1.split_once(": ")?;
        Some((name.to_owned(), rest.split_once(" = ")?.1.strip_suffix(';')?.to_owned()))
    };
    text.lines().filter_map(|text| line(text.trim())).collect()
}

#[test]
fn the_page_of_limits_says_what_the_code_says_and_leaves_none_out() {
    let page = fs::read_to_string(root().join("docs/limits.md")).unwrap();
    let rows: Vec<(String, String)> = page
        .lines()
        .filter_map(|line| line.split_once(" | `")?.1.strip_suffix("` |")?.split_once("`: `"))
        .map(|(file, said)| (file.to_owned(), said.to_owned()))
        .collect();
    assert!(rows.len() > 60, "{} rows", rows.len());
    for (file, said) in &rows {
        let text = fs::read_to_string(root().join("crates").join(file)).expect(file);
        let known = constants(&text).into_iter().any(|(name, value)| format!("{name} = {value}") == *said);
        assert!(known, "docs/limits.md says `{said}` of {file}, the code does not");
    }
    let mut missing = Vec::new();
    for (file, text) in CRATES.iter().flat_map(|name| sources(name)) {
        let name = file.strip_prefix(root().join("crates")).unwrap().display().to_string();
        for (constant, value) in constants(&text) {
            let said = (name.clone(), format!("{constant} = {value}"));
            if !name.contains("/demo/") && LIMITS.contains(&constant.as_str()) && !rows.contains(&said) {
                missing.push(said);
            }
        }
    }
    assert!(missing.is_empty(), "limits of the code that stand on no row: {missing:#?}");
}
