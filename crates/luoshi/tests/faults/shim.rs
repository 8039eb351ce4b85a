//! The shim between the program and the system: built from `shim.c` by the C compiler that Rust links with.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a test may turn; each is a 64-bit number at its place in a page that the program maps.
#[derive(Clone, Copy)]
pub enum Knob {
    Clock,
    Elapsed,
    SyncFails,
    Full,
    DieAt,
    Writes,
    Syncs,
}

/// The page shared with one program.
pub struct Shim {
    page: File,
    pub file: PathBuf,
    pub library: PathBuf,
}

impl Shim {
    /// Builds the shim into a folder.
    pub fn new(folder: &Path) -> Shim {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/shim.c");
        let (library, file) = (folder.join("shim.so"), folder.join("shim.page"));
        let mut cc = Command::new("cc");
        cc.args(["-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl");
        assert!(cc.status().expect("a C compiler, as Rust needs to link").success());
        let page = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&file).unwrap();
        page.set_len(4096).unwrap();
        Shim { page, file, library }
    }

    /// Turns a knob.
    pub fn set(&self, knob: Knob, to: i64) {
        self.page.write_all_at(&to.to_ne_bytes(), 8 * knob as u64).unwrap();
    }

    /// Reads a knob.
    pub fn get(&self, knob: Knob) -> i64 {
        let mut bytes = [0; 8];
        self.page.read_exact_at(&mut bytes, 8 * knob as u64).unwrap();
        i64::from_ne_bytes(bytes)
    }
}
