//! The demonstration of a province, built once by a program and copied for each test that changes or opens it: building
//! it takes minutes without optimisation.
#![allow(clippy::unwrap_used, reason = "a demonstration that does not start is a failed test")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::UNIX_EPOCH;

/// A copy of it in a folder of its own, to be served with `luoshi demo --province --data`.
pub fn copy(into: &Path) {
    let whole = built();
    std::fs::create_dir_all(into).unwrap();
    for file in std::fs::read_dir(whole).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), into.join(file.file_name())).unwrap();
    }
}

/// Where it stands: built by the first who asks, for as long as the program is the same.
fn built() -> PathBuf {
    let program = std::fs::metadata(env!("CARGO_BIN_EXE_luoshi")).unwrap();
    let age = program.modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let whole = kept.join(format!("province-{}-{}", program.len(), age.as_nanos()));
    if whole.exists() {
        return whole;
    }
    for old in std::fs::read_dir(kept).unwrap().map(Result::unwrap) {
        if old.file_name().to_string_lossy().starts_with("province-") {
            // another test may have removed it a moment ago
            let _ = std::fs::remove_dir_all(old.path());
        }
    }
    let part = kept.join(format!("part-{}", luoshi_store::new_id()));
    std::fs::create_dir_all(&part).unwrap();
    build(&part);
    // whoever else built it meanwhile has the same
    if std::fs::rename(&part, &whole).is_err() {
        std::fs::remove_dir_all(&part).unwrap();
    }
    whole
}

fn build(folder: &Path) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_luoshi"))
        .args(["demo", "--province", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("http://")), "the demonstration does not start");
    let stop = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stop.success() && child.wait().unwrap().success(), "it does not stop in order");
}
