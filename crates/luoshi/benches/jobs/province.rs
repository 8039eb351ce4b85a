//! The demonstration of a province: how long it takes to build, and its pages over 4,000 units and 60,000 members.

use super::{Asker, folder, line, memory::resident, pages, serve_province, sign_in, wait_for};
use std::time::Instant;

/// What is asked for by eight at once: name, address, whether by the leader, how often.
const PAGES: [(&str, &str, bool, usize); 12] = [
    ("province: home of the leader", "/", true, 160),
    ("province: home of the clerk", "/", false, 160),
    ("province: unit page of the work committee", "/units/1", false, 160),
    ("province: matrix, a line for each unit below", "/units/1/2022/matrix", false, 160),
    ("province: matrix of a department", "/units/6/2022/matrix", false, 160),
    ("province: duties with those below", "/units/1/2022/duties?below=1", false, 160),
    ("province: records, 50 of all", "/units/1/2022/records?below=1", false, 160),
    ("province: records, 50 of a rare kind", "/units/1/2022/records?below=1&kind=lecture", false, 160),
    ("province: figures of the year", "/units/1/2022/figures", false, 160),
    ("province: 1.8万余名 volunteers", "/units/1/2022/figures/volunteers", false, 160),
    ("province: its first 50 records", "/units/1/2022/figures/volunteers/rows", false, 160),
    ("province: search of people by initials", "/units/1/people?q=zxm", false, 160),
];

pub async fn job(asker: &Asker) {
    let folder = folder();
    let started = Instant::now();
    let (mut child, url) = serve_province(&folder);
    while asker.get(format!("{url}/healthz").parse().unwrap()).await.is_err() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it answered");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    line(
        "province: build and answer",
        &[started.elapsed()],
        "4,000 units, 60,000 members, 240,000 records; at most 60 s",
    );
    child.kill().unwrap();
    child.wait().unwrap();
    let (mut child, url) = serve_province(&folder);
    wait_for(asker, &url).await;
    let (leader, clerk) = (sign_in(asker, &url, "leader").await, sign_in(asker, &url, "clerk").await);
    let started = Instant::now();
    pages(asker, "province: the first look at it all", &format!("{url}/"), Some(&leader), 1).await;
    line("province: read and derived for the first time", &[started.elapsed()], "then kept, and read anew beside");
    for (name, path, by_leader, times) in PAGES {
        let cookie = if by_leader { &leader } else { &clerk };
        pages(asker, name, &format!("{url}{path}"), Some(cookie), times).await;
    }
    println!("| memory after the pages of the province | | | | {} MB |", resident(&child));
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}
