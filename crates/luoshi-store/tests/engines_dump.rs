//! Everything goes out of one engine and into another, and comes back the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // other stories use the rest
mod common;

use common::*;
use luoshi_store::audit::{self, Chain};
use luoshi_store::{Db, Keys, dump, new_id};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Every table as its sorted lines.
fn all(db: &Db, folder: &Path) -> BTreeMap<String, Vec<String>> {
    std::fs::create_dir_all(folder).unwrap();
    dump::write(db, |name| File::create(folder.join(name))).unwrap();
    let lines = |name: &String| {
        let mut lines: Vec<String> =
            std::fs::read_to_string(folder.join(name)).unwrap().lines().map(str::to_owned).collect();
        lines.sort();
        (name.clone(), lines)
    };
    dump::tables().iter().map(lines).collect()
}

#[test]
fn what_goes_out_of_one_engine_comes_into_another_row_by_row() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        audit::seal_all(db, Chain::Sha256).unwrap();
        let folder = std::env::temp_dir().join(format!("luoshi-dump-{}", new_id()));
        let before = all(db, &folder.join("a"));
        assert!(before["unit"].len() == 3 && !before["audit"].is_empty() && site.branches.len() == 2);
        on_every_engine(|other| {
            let open = |name: &str| Ok(BufReader::new(File::open(folder.join("a").join(name))?));
            dump::read(other, open).unwrap();
            assert_eq!(all(other, &folder.join("b")), before);
            assert!(audit::verify(other, &[]).unwrap().iter().all(|one| one.wrong.is_none()));
            let again = dump::read(other, open).unwrap_err().to_string();
            assert!(again.contains("not empty"), "{again}");
        });
        std::fs::remove_dir_all(folder).unwrap();
    });
}

#[test]
fn a_broken_file_leaves_the_database_empty_and_names_its_line() {
    let folder = std::env::temp_dir().join(format!("luoshi-dump-{}", new_id()));
    std::fs::create_dir_all(&folder).unwrap();
    let url = folder.join("x.db");
    let db = Db::open(url.to_str().unwrap(), Keys::new(&[7; 32])).unwrap();
    for name in dump::tables() {
        std::fs::write(folder.join(name), "").unwrap();
    }
    std::fs::write(folder.join("top"), "[\"0001\", 1]\n[\"0002\", \"no number\"]\n").unwrap();
    let told = dump::read(&db, |name| Ok(BufReader::new(File::open(folder.join(name))?))).unwrap_err().to_string();
    assert!(told.contains("top, line 2"), "{told}");
    std::fs::write(folder.join("top"), "").unwrap();
    dump::read(&db, |name| Ok(BufReader::new(File::open(folder.join(name))?))).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}
