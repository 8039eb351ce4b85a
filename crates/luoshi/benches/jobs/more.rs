//! Jobs that came after the first twelve pages: records of eight secretaries at once and one's bare statements, a list
//! put in force, units and people as .xlsx, and an installation restored. `cargo bench --bench jobs -- more` runs
//! these alone.

use super::{
    Asker, CONNECTIONS, ask, folder, hidden, line, member, memory::resident, report, serve, settled, sign_in, wait_for,
};
use jiff::civil::date;
use luoshi_office::{Cell, Format, Kind as Sort, Table};
use luoshi_rules::{Actor, Held, Pack, Verb};
use luoshi_store::record::{self, Entry};
use luoshi_store::{Db, Keys, unit};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How many units and people come in as .xlsx.
const UNITS: usize = 494;
const PEOPLE: usize = 5_000;

pub async fn job(asker: &Asker) {
    let folder = folder();
    let (mut child, url) = serve(&folder);
    wait_for(asker, &url).await;
    let clerk = sign_in(asker, &url, "clerk").await;
    at_once(asker, &url, &clerk).await;
    put_in_force(asker, &url, &clerk).await;
    let units = units_sheet();
    import(asker, &url, &clerk, &format!("{UNITS} units as .xlsx"), units).await;
    import(asker, &url, &clerk, &format!("{PEOPLE} people of {UNITS} units as .xlsx"), people_sheet()).await;
    println!("| memory after these | | | | {} MB |", resident(&child));
    child.kill().unwrap();
    child.wait().unwrap();
    let place = folder.clone();
    tokio::task::spawn_blocking(move || (bare(&place), restore(&place))).await.unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

/// The clerk records meetings of eight branches over eight connections, each synced to disk.
async fn at_once(asker: &Asker, url: &str, cookie: &str) {
    let home = ask(asker, "GET", &format!("{url}/"), &[("cookie", cookie)], Vec::new()).await.2;
    let (csrf, started, mut tasks) = (hidden(&home, "csrf"), Instant::now(), Vec::new());
    for n in 0..CONNECTIONS {
        let (asker, url, cookie, csrf) = (asker.clone(), url.to_owned(), cookie.to_owned(), csrf.clone());
        tasks.push(tokio::spawn(async move {
            let heads = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
            let mut took = Vec::new();
            for turn in 0..50 {
                let operation = format!("{}", 1_000 * (n + 1) + turn);
                let pairs = [
                    ("csrf", csrf.as_str()),
                    ("operation", &operation),
                    ("kind", "theme-day"),
                    ("on", "2023-12-01"),
                    ("topic", "测速"),
                    ("again", "1"),
                ];
                let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes();
                let at = Instant::now();
                let (status, ..) = ask(&asker, "POST", &format!("{url}/units/{}/records", 4 + n), &heads, body).await;
                assert_eq!(status, 303);
                took.push(at.elapsed());
            }
            took
        }));
    }
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await.unwrap());
    }
    report(
        "record meetings of eight branches at once",
        took,
        started.elapsed(),
        "eight connections, each synced to disk",
    );
}

/// What writing a record costs without a page.
fn bare(folder: &Path) {
    let secret: [u8; 32] = std::fs::read(folder.join("luoshi.key")).unwrap().try_into().unwrap();
    let db = Db::open(folder.join("demo.db").to_str().unwrap(), Keys::new(&secret)).unwrap();
    let base = Pack::base(include_str!("../../../../packs/base.toml")).unwrap();
    let at = db.read(|tx| unit::find(tx, 5)).unwrap();
    let held = Held { post: "party_affairs_worker".into(), unit: at.id, top: at.top, path: at.path.clone() };
    let (top, today) = (at.top, date(2023, 12, 15));
    let actor = Actor { person: 1, top, home: 1, name: String::new(), posts: vec![held], operation: 0, today };
    let permit = actor.permit(&base, Verb::Write, &at).unwrap();
    let kind = base.kind.iter().find(|kind| kind.id == "theme-day").unwrap();
    let times: Vec<Duration> = (0..200)
        .map(|_| {
            let (data, stood, files) = (json!({ "topic": "测速" }), Vec::new(), Vec::new());
            let entry = Entry { kind, on: date(2023, 12, 1), data, makes_up: String::new(), due: None, stood, files };
            let started = Instant::now();
            db.write(|tx| record::add(tx, &permit, &entry)).unwrap();
            started.elapsed()
        })
        .collect();
    line("floor: the statements of a record", &times, "one thread, no page, each synced to disk");
}

/// Job 4: a list of 59 clauses for all units; each time taken back again.
async fn put_in_force(asker: &Asker, url: &str, cookie: &str) {
    let page = ask(asker, "GET", &format!("{url}/units/1/lists"), &[("cookie", cookie)], Vec::new()).await.2;
    let (csrf, list) = (hidden(&page, "csrf"), include_str!("../../../../packs/duties.toml"));
    let heads = [("cookie", cookie), ("content-type", "application/x-www-form-urlencoded")];
    let send = async |path: &str, pairs: &[(&str, &str)]| {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes();
        let started = Instant::now();
        let (status, _, text, _) = ask(asker, "POST", &format!("{url}/units/1/lists/{path}"), &heads, body).await;
        assert_eq!(status, 303, "{text}");
        started.elapsed()
    };
    let mut times = Vec::new();
    for n in 0..20 {
        let (put, back) = (format!("{}", 900_000 + 2 * n), format!("{}", 900_001 + 2 * n));
        let fields = [("csrf", csrf.as_str()), ("operation", &put), ("text", list), ("from", "2024-01-01")];
        times.push(send("put", &fields).await);
        let fields = [("csrf", csrf.as_str()), ("operation", &back), ("pack", "duties"), ("from", "2024-01-01")];
        send("take-back", &fields).await;
    }
    line("put 59 clauses in force for 494 units", &times, "one row, taken back each time; at most 50 ms");
}

fn units_sheet() -> Vec<u8> {
    let names = ["组织全称", "简称", "上级组织", "级别", "类别", "成立日期"];
    let mut table = names.iter().fold(Table::new("组织"), |table, name| table.column(name, *name, Sort::Text));
    table.rows = (0..UNITS)
        .map(|n| {
            let (full, short) = (format!("中共测速第{n}支部"), format!("测速第{n}支部"));
            [full.as_str(), &short, "厅机关党委", "党支部", "机关", "2020年1月"].map(Cell::from).to_vec()
        })
        .collect();
    table.write(Format::Xlsx).unwrap()
}

fn people_sheet() -> Vec<u8> {
    let names = ["姓名", "所在支部", "出生日期", "入党时间", "人员类别", "身份证号", "手机号"];
    let mut table = names.iter().fold(Table::new("人员"), |table, name| table.column(name, *name, Sort::Text));
    table.rows = (0..PEOPLE)
        .map(|n| {
            let row = member(n, PEOPLE);
            let mut cells: Vec<String> = row.trim().split(',').map(str::to_owned).collect();
            cells[1] = format!("测速第{}支部", n % UNITS);
            cells.iter().map(|cell| Cell::from(cell.as_str())).collect()
        })
        .collect();
    table.write(Format::Xlsx).unwrap()
}

async fn import(asker: &Asker, url: &str, cookie: &str, name: &str, sheet: Vec<u8>) {
    let page = ask(asker, "GET", &format!("{url}/units/1/imports"), &[("cookie", cookie)], Vec::new()).await.2;
    let mut body = Vec::new();
    for key in ["csrf", "operation"] {
        let value = hidden(&page, key);
        body.extend(format!("--edge\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n").bytes());
    }
    body.extend(b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.xlsx\"\r\n\r\n");
    body.extend(sheet);
    body.extend(b"\r\n--edge--\r\n");
    let heads = [("cookie", cookie), ("content-type", "multipart/form-data; boundary=edge")];
    let started = Instant::now();
    let (status, path, ..) = ask(asker, "POST", &format!("{url}/units/1/imports"), &heads, body).await;
    assert_eq!(status, 303);
    let page = settled(asker, &format!("{url}{path}"), cookie).await;
    line(&format!("preview of {name}"), &[started.elapsed()], "read by a child, checked");
    let pairs = [("csrf", hidden(&page, "csrf"))];
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes();
    let heads = [("cookie", cookie), ("content-type", "application/x-www-form-urlencoded")];
    let started = Instant::now();
    ask(asker, "POST", &format!("{url}{path}/commit"), &heads, form).await;
    let page = settled(asker, &format!("{url}{path}"), cookie).await;
    assert!(page.contains("已导入"), "{page}");
    line(&format!("commit of {name}"), &[started.elapsed()], "one transaction");
}

/// Job 12: a back-up is written, and an empty folder filled from it.
fn restore(folder: &Path) {
    let (file, empty) = (folder.join("backup.zip"), folder.join("restored"));
    std::fs::create_dir_all(&empty).unwrap();
    std::fs::copy(folder.join("luoshi.key"), empty.join("luoshi.key")).unwrap();
    let run = |what: &str, data: &Path| {
        let started = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
        let ended = command.args([what, "--demo", "--data"]).arg(data).arg(&file).output().unwrap();
        assert!(ended.status.success(), "{what}: {}", String::from_utf8_lossy(&ended.stderr));
        started.elapsed()
    };
    line("back-up of the demonstration", &[run("backup", folder)], "one file, any engine reads it");
    line("restore of the demonstration", &[run("restore", &empty)], "into an empty folder; at most 10 s");
}
