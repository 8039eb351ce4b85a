//! Reading a spreadsheet in a process of its own, so that a hostile file can break nothing but itself.

use crate::app::App;
use crate::child::{self, Ended};
use crate::trouble::Trouble;
use axum::body::Bytes;
use luoshi_office::{Caps, Fault, Sheet, sheet};
use std::io::Read;
use std::process::ExitCode;

/// The argument by which the program knows that it is to read a sheet.
pub const ARGUMENT: &str = "read-sheet";

/// The sheet of an uploaded file, read by a child, or what is wrong with the file.
pub(crate) async fn read(app: &App, name: &str, bytes: &Bytes) -> Result<Result<Sheet, Fault>, Trouble> {
    Ok(match child::read(app, ARGUMENT, name, bytes).await? {
        Ended::Read(answer) => sheet::from_reader(answer.as_slice(), &Caps::default()),
        Ended::Refused(answer) => {
            Err(serde_json::from_slice(&answer).unwrap_or_else(|_| Fault::Broken("unreadable answer".into())))
        }
        Ended::Slow => Err(Fault::Slow),
        Ended::Broken => Err(Fault::Broken("the reader stopped".into())),
    })
}

/// What the child does: reads a file from standard input within its limits and prints the sheet, or the fault with 3.
pub fn parse_child(name: &str) -> ExitCode {
    let mut bytes = Vec::new();
    let most = Caps::default().file as u64 + 1;
    if std::io::stdin().lock().take(most).read_to_end(&mut bytes).is_err() {
        return ExitCode::FAILURE;
    }
    match sheet::read(&bytes, name) {
        Ok(sheet) if sheet::to_writer(&sheet, std::io::BufWriter::new(std::io::stdout().lock())).is_ok() => {
            ExitCode::SUCCESS
        }
        Ok(_) => ExitCode::FAILURE,
        Err(fault) => {
            let _ = serde_json::to_writer(std::io::stdout().lock(), &fault);
            ExitCode::from(3)
        }
    }
}
