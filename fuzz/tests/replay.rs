//! What is in the corpus, whole, cut off and with a byte turned, through each reader of outside bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

use luoshi_fuzz::{TARGETS, target};
use std::fs;
use std::path::{Path, PathBuf};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn folder(of: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

#[test]
fn every_reader_has_a_corpus_and_every_corpus_a_reader() {
    let mut named: Vec<String> =
        folder(&corpus()).iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    named.sort();
    assert_eq!(named, TARGETS.map(|(name, _)| name.to_owned()));
    for (name, _) in TARGETS {
        assert!(folder(&corpus().join(name)).len() >= 3, "{name} has fewer than three files");
    }
}

/// The bytes as they are, cut off, and with one byte turned, at a few places that depend on nothing but the bytes.
fn variants(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![bytes.to_vec()];
    let mut state = 0x9e37_79b9_u64 ^ bytes.len() as u64;
    for _ in 0..8 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(state >> 33).unwrap() % bytes.len().max(1);
        all.push(bytes[..at].to_vec());
        let mut turned = bytes.to_vec();
        if let Some(byte) = turned.get_mut(at) {
            *byte ^= 1 << (state % 8);
        }
        all.push(turned);
    }
    all
}

fn replay(name: &str) {
    let read = target(name).unwrap();
    for path in folder(&corpus().join(name)) {
        for bytes in variants(&fs::read(&path).unwrap()) {
            let outcome = std::panic::catch_unwind(|| read(&bytes));
            assert!(outcome.is_ok(), "{} or what is near it breaks {name}: {bytes:?}", path.display());
        }
    }
}

macro_rules! replayed {
    ($($test:ident $name:literal)*) => { $(#[test] fn $test() { replay($name); })* };
}

replayed! {
    archives_break_nothing "archive"
    workbooks_break_nothing "book"
    cells_break_nothing "cell"
    configurations_break_nothing "config"
    what_issuers_answer_breaks_nothing "issuer"
    packs_break_nothing "pack"
    packages_break_nothing "package"
    papers_break_nothing "paper"
    passkeys_break_nothing "passkey"
    requests_of_programs_break_nothing "program"
    requests_of_browsers_break_nothing "request"
    tables_break_nothing "table"
    texts_break_nothing "text"
    uploads_break_nothing "upload"
}
