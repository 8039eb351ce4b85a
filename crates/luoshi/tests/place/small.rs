//! The smallest installation that can be backed up, chained and verified: one committee, on SQLite.

use luoshi_store::{Db, Keys, unit};
use std::path::{Path, PathBuf};

/// Founds it in a folder, with its key beside it; returns its facts, their file and the organisation.
pub fn small(folder: &Path) -> (Db, PathBuf, i64) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("luoshi.key"), [5; 32]).unwrap();
    let file = folder.join("luoshi.db");
    let db = Db::open(file.to_str().unwrap(), Keys::new(&[5; 32])).unwrap();
    let founding = unit::Founding {
        id: 1,
        level: "organ_committee".into(),
        class: "organ".into(),
        code: String::new(),
        parts: Vec::new(),
        order_no: 1,
        short_name: "机关党委".into(),
        full_name: "某某机关“党委”\n第二行".into(),
        search: String::new(),
        on: jiff::civil::date(2020, 1, 1),
    };
    let top = db.write(|tx| unit::found_top(tx, &founding)).unwrap().id;
    (db, file, top)
}
