//! The demonstration of a province, built once by a program and copied for each test that changes or opens it: building
//! it takes minutes without optimisation.
#![allow(clippy::unwrap_used, reason = "a demonstration that does not start is a failed test")]

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

/// A copy of it in a folder of its own, to be served with `luoshi demo --province --data`.
pub fn copy(into: &Path) {
    let whole = built();
    std::fs::create_dir_all(into).unwrap();
    for file in std::fs::read_dir(whole).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), into.join(file.file_name())).unwrap();
    }
}

/// Where it stands: built by the first who asks, while the others wait, for as long as the program is the same.
fn built() -> PathBuf {
    let program = std::fs::metadata(env!("CARGO_BIN_EXE_luoshi")).unwrap();
    let age = program.modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let turn = std::fs::File::create(kept.join("province.lock")).unwrap();
    turn.lock().unwrap();
    let whole = kept.join(format!("province-{}-{}", program.len(), age.as_nanos()));
    if whole.exists() {
        return whole;
    }
    for old in std::fs::read_dir(kept).unwrap().map(Result::unwrap) {
        let name = old.file_name();
        if name.to_string_lossy().starts_with("province-") || name == "part" {
            std::fs::remove_dir_all(old.path()).unwrap();
        }
    }
    let part = kept.join("part");
    std::fs::create_dir_all(&part).unwrap();
    build(&part);
    std::fs::rename(&part, &whole).unwrap();
    whole
}

fn build(folder: &Path) {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut child = Command::new(env!("CARGO_BIN_EXE_luoshi"))
        .args(["demo", "--province", "--listen", &address, "--data"])
        .arg(folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while TcpStream::connect(&address).is_err() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it answered");
        std::thread::sleep(Duration::from_millis(50));
    }
    // ended in order or not, what was built is kept
    let stop = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stop.success());
    child.wait().unwrap();
}
