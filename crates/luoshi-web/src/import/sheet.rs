//! Reading a spreadsheet in a process of its own, so that a hostile file can break nothing but itself.

use crate::app::App;
use crate::trouble::Trouble;
use luoshi_office::{Caps, Fault, Sheet, sheet};
use std::io::Read;
use std::process::{ExitCode, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::sync::Semaphore;

/// The argument by which the program knows that it is to read a sheet.
pub const ARGUMENT: &str = "read-sheet";
/// How long the child may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Children at once: each may use much memory for a moment, so other uploads wait their turn.
static TURNS: Semaphore = Semaphore::const_new(2);

/// The sheet of an uploaded file, read by a child, or what is wrong with the file.
pub(super) async fn read(app: &App, name: &str, bytes: &[u8]) -> Result<Result<Sheet, Fault>, Trouble> {
    let _turn = TURNS.acquire().await.map_err(Trouble::broken)?;
    let mut child = Command::new(&app.setup().program)
        .args([ARGUMENT, "--", name]) // a name may begin with a dash
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(Trouble::broken)?;
    let mut pipe = child.stdin.take().ok_or_else(|| Trouble::broken("no pipe to the child"))?;
    let bytes = bytes.to_vec();
    // the child may refuse before it has read everything
    let sent = tokio::spawn(async move { drop(pipe.write_all(&bytes).await) });
    let done = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    sent.abort();
    let Ok(done) = done else { return Ok(Err(Fault::Slow)) };
    let done = done.map_err(Trouble::broken)?;
    match done.status.code() {
        Some(0) => Ok(sheet::from_reader(done.stdout.as_slice(), &Caps::default())),
        Some(3) => {
            Ok(Err(serde_json::from_slice(&done.stdout).unwrap_or_else(|_| Fault::Broken("unreadable answer".into()))))
        }
        _ => Ok(Err(Fault::Broken("the reader stopped".into()))),
    }
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
