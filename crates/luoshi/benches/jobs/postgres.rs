//! The pages once more on PostgreSQL, where `scripts/with-postgres` has started one.

use super::{Asker, PAGES, line, memory::resident, pages, record, serve_on, sign_in, wait_for};
use std::path::Path;
use std::time::{Duration, Instant};

/// Builds the demonstration on the server and asks for the same pages as on SQLite.
pub async fn job(asker: &Asker, folder: &Path) {
    let Ok(server) = std::env::var("LUOSHI_TEST_PG") else { return };
    let folder = folder.join("postgres");
    std::fs::create_dir_all(&folder).unwrap();
    let started = Instant::now();
    let (mut child, url) = serve_on(&folder, Some(&server));
    wait_for(asker, &url).await;
    line("PostgreSQL: build the demonstration and answer", &[started.elapsed()], "the same");
    // what is derived is kept for as long as nobody acts, and here up to two minutes longer, in which every look counts
    // the acts (decision 0009): building acts
    tokio::time::sleep(Duration::from_secs(122)).await;
    let secretary = sign_in(asker, &url, "secretary").await;
    for (name, path, login, times) in PAGES {
        let cookie = sign_in(asker, &url, login).await;
        pages(asker, &format!("PostgreSQL: {name}"), &format!("{url}{path}"), Some(&cookie), times / 2).await;
    }
    record(asker, &url, &secretary).await;
    println!("| PostgreSQL: memory after that | | | | {} MB |", resident(&child));
    child.kill().unwrap();
    child.wait().unwrap();
}
