//! Reading files from outside in a process of its own, so that a hostile file can break nothing but itself.

use crate::app::App;
use crate::trouble::Trouble;
use axum::body::Bytes;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::sync::Semaphore;

/// How long the child may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Children at once: each may use much memory for a moment, so other uploads wait their turn.
static TURNS: Semaphore = Semaphore::const_new(2);

/// How a child ended.
pub(crate) enum Ended {
    /// it read the file; what it printed
    Read(Vec<u8>),
    /// it refused the file; what it printed
    Refused(Vec<u8>),
    /// it took too long
    Slow,
    /// it broke down
    Broken,
}

/// Gives a file to the program itself, started with this argument, and waits for what it says.
pub(crate) async fn read(app: &App, argument: &str, name: &str, bytes: &Bytes) -> Result<Ended, Trouble> {
    let _turn = TURNS.acquire().await.map_err(Trouble::broken)?;
    let mut child = Command::new(&app.setup().program)
        .args([argument, "--", name]) // a name may begin with a dash
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(Trouble::broken)?;
    let mut pipe = child.stdin.take().ok_or_else(|| Trouble::broken("no pipe to the child"))?;
    let bytes = bytes.clone();
    // the child may refuse before it has read everything
    let sent = tokio::spawn(async move { drop(pipe.write_all(&bytes).await) });
    let done = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    sent.abort();
    let Ok(done) = done else { return Ok(Ended::Slow) };
    let done = done.map_err(Trouble::broken)?;
    Ok(match done.status.code() {
        Some(0) => Ended::Read(done.stdout),
        Some(3) => Ended::Refused(done.stdout),
        _ => Ended::Broken,
    })
}
