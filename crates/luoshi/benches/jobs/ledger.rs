//! Job 8: the yearly ledger, here of 30,000 records, and what it adds to the memory of the server.

use super::{Asker, ask, line, serve, sign_in, wait_for};
use jiff::civil::date;
use luoshi_rules::{Actor, Held, Pack, Verb};
use luoshi_store::record::{self, Entry, Filter};
use luoshi_store::{Db, Keys, unit};
use std::path::Path;
use std::time::Instant;

const ROWS: i64 = 30_000;

/// Fills the demonstration up to the number of rows, then takes its ledger in each format.
pub async fn job(asker: &Asker, folder: &Path) {
    let place = folder.to_owned();
    tokio::task::spawn_blocking(move || fill(&place)).await.unwrap();
    let (mut child, url) = serve(folder);
    wait_for(asker, &url).await;
    let clerk = sign_in(asker, &url, "clerk").await;
    for format in ["xlsx", "csv", "json"] {
        let (before, mut took, mut size) = (kilobytes(child.id(), "VmRSS:"), Vec::new(), 0);
        for _ in 0..3 {
            let started = Instant::now();
            let path = format!("{url}/units/1/2023/records?below=1&as={format}");
            let got = ask(asker, "GET", &path, &[("cookie", &clerk)], Vec::new()).await;
            assert_eq!(got.0, 200);
            took.push(started.elapsed());
            size = got.3;
        }
        let more = kilobytes(child.id(), "VmHWM:").saturating_sub(before) / 1024;
        let note = format!("{ROWS} rows, {} kB, at most {more} MB of memory more than before", size / 1000);
        line(&format!("yearly ledger to .{format}"), &took, &note);
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Adds records until the year has as many as are wanted, and times the floor: the same rows read and written as lines
/// of text, nothing else.
fn fill(folder: &Path) {
    let secret: [u8; 32] = std::fs::read(folder.join("luoshi.key")).unwrap().try_into().unwrap();
    let db = Db::open(folder.join("demo.db").to_str().unwrap(), Keys::new(&secret)).unwrap();
    let base = Pack::base(include_str!("../../../../packs/base.toml")).unwrap();
    let at = db.read(|tx| unit::find(tx, 1)).unwrap();
    let held = Held { post: "party_affairs_worker".into(), unit: 1, top: at.top, path: at.path.clone() };
    let today = date(2023, 12, 15);
    let actor = Actor { person: 1, top: at.top, home: 1, name: String::new(), posts: vec![held], operation: 0, today };
    let scope = actor.scope(&base, Verb::See, &at).unwrap();
    let permit = actor.permit(&base, Verb::Write, &at).unwrap();
    let kind = base.kind.iter().find(|kind| kind.id == "theme-day").unwrap();
    let filter = Filter {
        kind: String::new(),
        first: date(2023, 1, 1),
        last: date(2023, 12, 31),
        unit: 0,
        after: None,
        most: ROWS + 1,
    };
    let there = db.read(|tx| record::count(tx, &scope, &filter)).unwrap();
    db.write(|tx| {
        for n in there..ROWS {
            let data = serde_json::json!({ "topic": format!("主题党日第 {n} 次：学习贯彻党的二十大精神") });
            let entry = Entry {
                kind,
                on: date(2023, 3, 1),
                data,
                makes_up: String::new(),
                due: None,
                stood: Vec::new(),
                files: Vec::new(),
            };
            record::add(tx, &permit, &entry)?;
        }
        Ok(())
    })
    .unwrap();
    let mut took = Vec::new();
    for _ in 0..3 {
        let (started, out) = (Instant::now(), std::cell::RefCell::new(String::new()));
        let write = |one: record::Line| {
            let (of, data) = (one.record.on, one.record.data);
            *out.borrow_mut() += &format!("{of},{},{},{},{data}\r\n", one.record.kind, one.unit_name, one.author_name);
            Ok(())
        };
        db.read(|tx| record::each(tx, &scope, &filter, write)).unwrap();
        assert_eq!(out.borrow().lines().count() as i64, ROWS);
        took.push(started.elapsed());
    }
    line("floor: the rows of the ledger as lines of text", &took, "one thread, no page");
}

/// A figure of a process in kB, where the system tells.
fn kilobytes(process: u32, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0)
}
