//! Reading a document in a process of its own, so that a hostile file can break nothing but itself.

use luoshi_office::paper;
use std::io::Read;
use std::process::ExitCode;

/// The argument by which the program knows that it is to read a document.
pub const ARGUMENT: &str = "read-paper";

/// What the child does: reads a file from standard input within its limits and prints the paper, or why not, with 3.
pub fn parse_child(name: &str) -> ExitCode {
    let mut bytes = Vec::new();
    let most = paper::caps().file as u64 + 1;
    if std::io::stdin().lock().take(most).read_to_end(&mut bytes).is_err() {
        return ExitCode::FAILURE;
    }
    let out = std::io::stdout().lock();
    let (written, code) = match paper::read(&bytes, name) {
        Ok(paper) => (serde_json::to_writer(out, &paper), ExitCode::SUCCESS),
        Err(refused) => (serde_json::to_writer(out, &refused), ExitCode::from(3)),
    };
    if written.is_ok() { code } else { ExitCode::FAILURE }
}
