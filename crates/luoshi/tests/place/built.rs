//! Demonstrations, built once by a program and copied for each test that opens or changes one: building that of a
//! department takes half a minute without optimisation, that of a province minutes.
#![allow(clippy::unwrap_used, reason = "a demonstration that does not start is a failed test")]
#![allow(dead_code, reason = "not every test program serves both")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

/// Which demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Built {
    /// a department
    Department,
    /// a province of sixty
    Province,
}

impl Built {
    fn name(self) -> &'static str {
        match self {
            Built::Department => "department",
            Built::Province => "province",
        }
    }

    /// What the program is called with for it.
    pub fn options(self) -> &'static [&'static str] {
        match self {
            Built::Department => &[],
            Built::Province => &["--province"],
        }
    }
}

/// A copy of one in a folder of its own, to be served with `luoshi demo --data` and its options.
pub fn copy(which: Built, into: &Path) {
    let whole = built(which);
    std::fs::create_dir_all(into).unwrap();
    for file in std::fs::read_dir(whole).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), into.join(file.file_name())).unwrap();
    }
}

/// Where it stands: built by the first who asks, while the others wait, for as long as the program is the same.
fn built(which: Built) -> PathBuf {
    let program = std::fs::metadata(env!("CARGO_BIN_EXE_luoshi")).unwrap();
    let age = program.modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let turn = std::fs::File::create(kept.join(format!("{}.lock", which.name()))).unwrap();
    turn.lock().unwrap();
    let whole = kept.join(format!("{}-{}-{}", which.name(), program.len(), age.as_nanos()));
    if whole.exists() {
        return whole;
    }
    let part = kept.join(format!("{}-part", which.name()));
    for old in std::fs::read_dir(kept).unwrap().map(Result::unwrap) {
        if old.file_name().to_string_lossy().starts_with(&format!("{}-", which.name())) {
            std::fs::remove_dir_all(old.path()).unwrap();
        }
    }
    std::fs::create_dir_all(&part).unwrap();
    build(which, &part);
    std::fs::rename(&part, &whole).unwrap();
    whole
}

fn build(which: Built, folder: &Path) {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut child = Command::new(env!("CARGO_BIN_EXE_luoshi"))
        .args(["demo", "--listen", &address, "--data"])
        .arg(folder)
        .args(which.options())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut stream = loop {
        match TcpStream::connect(&address) {
            Ok(stream) => break stream,
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended before it answered");
    };
    // the door is there before the house: it is whole once it answers
    let mut answer = String::new();
    stream.write_all(b"GET /sign-in HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let stop = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stop.success());
    child.wait().unwrap();
}
