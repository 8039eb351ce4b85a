//! Reading a document in a process of its own.

use crate::app::App;
use crate::child::{self, Ended};
use crate::trouble::Trouble;
use axum::body::Bytes;
use luoshi_office::paper::{self, Paper, Refused};
use std::io::Read;
use std::process::ExitCode;

/// The argument by which the program knows that it is to read a document.
pub const ARGUMENT: &str = "read-paper";

/// The paper of an uploaded file, read by a child, or why it is refused.
pub(super) async fn read(app: &App, name: &str, bytes: &Bytes) -> Result<Result<Paper, Refused>, Trouble> {
    let broken = |_| Refused::Broken("unreadable answer".to_owned());
    Ok(match child::read(app, ARGUMENT, name, bytes).await? {
        Ended::Read(answer) => serde_json::from_slice(&answer).map_err(broken),
        Ended::Refused(answer) => Err(serde_json::from_slice(&answer).unwrap_or_else(broken)),
        Ended::Slow => Err(Refused::Slow),
        Ended::Broken => Err(Refused::Broken("the reader stopped".to_owned())),
    })
}

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
