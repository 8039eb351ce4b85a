//! Figures from roll-ups: the page of the year, one figure opened, its rows, and all of it counted anew from the facts,
//! in the provincial demonstration where the program has one, otherwise in that of the department.

use super::{Asker, folder, line, pages, serve_with, sign_in, wait_for};
use luoshi_store::{Db, Keys, rollup};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Where the figures of a unit stand, and which year has most.
struct Shown {
    option: &'static [&'static str],
    whole: &'static str,
    year: i16,
}

/// The largest demonstration that the program can build.
fn shown() -> Shown {
    let help = Command::new(env!("CARGO_BIN_EXE_luoshi")).args(["demo", "--help"]).output().unwrap();
    match String::from_utf8_lossy(&help.stdout).contains("--province") {
        true => Shown { option: &["--province"], whole: "province", year: 2022 },
        false => Shown { option: &[], whole: "department", year: 2023 },
    }
}

pub async fn job(asker: &Asker) {
    let (place, shown) = (folder(), shown());
    let (mut child, url) = serve_with(&place, shown.option);
    wait_for(asker, &url).await;
    let clerk = sign_in(asker, &url, "clerk").await;
    let base = format!("{url}/units/1/{}/figures", shown.year);
    for (name, path) in [
        ("figures of the year", String::new()),
        ("one figure by class", "/lectures".into()),
        ("one figure by unit below", "/lectures?by=unit".into()),
        ("its rows", "/lectures/rows".into()),
        ("a question of one's own", "/custom?kind=lecture&from=3&until=5".into()),
        ("figures as known on a past day", format!("?known={}-11-30", shown.year)),
    ] {
        let times = if path.contains("known") { 24 } else { 400 };
        pages(asker, &format!("{name}, {}", shown.whole), &format!("{base}{path}"), Some(&clerk), times).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let facts = place.clone();
    tokio::task::spawn_blocking(move || anew(&facts)).await.unwrap();
    std::fs::remove_dir_all(place).unwrap();
}

/// Counts everything anew, three times.
fn anew(folder: &Path) {
    let secret: [u8; 32] = std::fs::read(folder.join("luoshi.key")).unwrap().try_into().unwrap();
    let file = std::fs::read_dir(folder).unwrap().map(|one| one.unwrap().path());
    let file = file.into_iter().find(|path| path.extension().is_some_and(|end| end == "db")).unwrap();
    let db = Db::open(file.to_str().unwrap(), Keys::new(&secret)).unwrap();
    let tops = db.read(luoshi_store::unit::tops).unwrap();
    let (mut took, mut rate) = (Vec::new(), 0.0);
    for _ in 0..3 {
        let started = Instant::now();
        let records: i64 = tops.iter().map(|top| db.write(|tx| rollup::rebuild(tx, *top)).unwrap().records).sum();
        took.push(started.elapsed());
        rate = records as f64 / started.elapsed().as_secs_f64();
    }
    line("all roll-ups counted anew", &took, &format!("{rate:.0} records a second"));
}
