//! The work that must be quick, each job beside its floor in the same run: `make bench`.
//!
//! The program serves the demonstration in a process of its own; eight connections ask it over loopback. The floor of
//! a page is a bare handler asked by the same client, and the page's own statements run without a page. Figures vary
//! with the machine: compare within one run only.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines, missing_docs)]

#[path = "jobs/chain.rs"]
mod chain;
#[path = "jobs/figures.rs"]
mod figures;
#[path = "jobs/ledger.rs"]
mod ledger;
#[path = "jobs/matters.rs"]
mod matters;
#[path = "jobs/memory.rs"]
mod memory;
#[path = "jobs/more.rs"]
mod more;
#[path = "jobs/postgres.rs"]
mod postgres;
#[path = "jobs/province.rs"]
mod province;
#[path = "jobs/rules.rs"]
mod rules;
#[path = "jobs/rush.rs"]
mod rush;
#[path = "../tests/place/small.rs"]
mod small;
#[path = "jobs/storm.rs"]
mod storm;
#[path = "jobs/study.rs"]
mod study;

use axum::routing::get;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

type Asker = Client<hyper_util::client::legacy::connect::HttpConnector, Full<axum::body::Bytes>>;

const CONNECTIONS: usize = 8;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    println!("| job | p50 ms | p95 ms | a second | note |\n| --- | ---: | ---: | ---: | --- |");
    // `cargo bench --bench jobs -- storm` measures the storm alone, `-- rush` the rush, `-- figures` the figures,
    // `-- study` meetings of many and a calendar, `-- province` the province, `-- more` the jobs that came later,
    // `-- homes` the five home pages, `-- postgres` the pages on PostgreSQL, `-- matters` 100,000 matters,
    // `-- rest` the ledger, the rules and the chain, `-- memory` what is resident after each page and around imports
    let alone = |name: &str| std::env::args().any(|word| word == name);
    runtime.block_on(async {
        let asker: Asker = Client::builder(TokioExecutor::new()).build_http();
        match () {
            () if alone("storm") => storm::job(&asker).await,
            () if alone("figures") => figures::job(&asker).await,
            () if alone("rush") => rush::job(&asker).await,
            () if alone("study") => study::job(&asker).await,
            () if alone("matters") => hundred_thousand(&folder()).await,
            () if alone("province") => province::job(&asker).await,
            () if alone("more") => more::job(&asker).await,
            () if alone("memory") => memory::job(&asker).await,
            () if alone("homes") => homes(&asker).await,
            () if alone("rest") => rest(&asker).await,
            () if alone("postgres") => postgres::job(&asker, &folder()).await,
            () => all(&asker).await,
        }
    });
}

fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("luoshi-bench-{}", luoshi_store::new_id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// What is asked for by eight at once: name, address, who asks, how often.
const PAGES: [(&str, &str, &str, usize); 15] = [
    ("home of a branch secretary", "/", "secretary", 800),
    ("home of the department's clerk", "/", "clerk", 400),
    ("home of a leader", "/", "leader", 400),
    ("home of a discipline secretary", "/", "discipline", 400),
    ("home of a member", "/", "member", 800),
    ("to-do of a branch", "/units/5/2023/duties", "clerk", 800),
    ("records, 50 of a subtree", "/units/1/2023/records?below=1", "clerk", 800),
    ("roll of a branch", "/units/5/people", "clerk", 800),
    ("search of people by initials", "/units/1/people?q=zxm", "clerk", 400),
    ("unit page of the department", "/units/1", "clerk", 400),
    ("matrix of 494 units", "/units/1/2023/matrix", "clerk", 400),
    ("figures of the year, department", "/units/1/2023/figures", "clerk", 160),
    ("one clause across 494 units", "/units/1/2023/clauses/L3-01", "clerk", 400),
    ("youth groups of the department, coverage", "/units/1/groups", "clerk", 160),
    ("who is in no group, with a proposal", "/units/1/groups/uncovered", "clerk", 160),
];

async fn all(asker: &Asker) {
    let folder = folder();
    let bare = bare_server().await;
    pages(asker, "floor: a bare handler", &format!("{bare}/"), None, 4_000).await;

    let started = Instant::now();
    let (mut child, url) = serve(&folder);
    wait_for(asker, &url).await;
    line("build the demonstration and answer", &[started.elapsed()], "494 units, 4,960 people, a year");
    child.kill().unwrap();
    child.wait().unwrap();
    let started = Instant::now();
    let (mut child, url) = serve(&folder);
    wait_for(asker, &url).await;
    line("start to first answer", &[started.elapsed()], &format!("idle memory {} MB", memory::resident(&child)));

    let clerk = sign_in(asker, &url, "clerk").await;
    let secretary = sign_in(asker, &url, "secretary").await;
    for (name, path, login, times) in PAGES {
        let cookie = sign_in(asker, &url, login).await;
        pages(asker, name, &format!("{url}{path}"), Some(&cookie), times).await;
    }
    println!("| memory after the pages | | | | {} MB |", memory::resident(&child));
    record(asker, &url, &secretary).await;
    println!("| memory before the imports | | | | {} MB |", memory::resident(&child));
    memory::forget(&child);
    for people in [5_000, 100_000] {
        import(asker, &url, &clerk, people).await;
    }
    let (after, most) = (memory::resident(&child), memory::most(&child));
    println!("| memory after all of it | | | | {after} MB, at most {most} MB meanwhile |");
    child.kill().unwrap();
    child.wait().unwrap();
    more::job(asker).await;
    study::job(asker).await;
    storm::job(asker).await;
    rush::job(asker).await;
    province::job(asker).await;
    rules::cover();
    figures::job(asker).await;
    ledger::job(asker, &folder).await;
    postgres::job(asker, &folder).await;
    hundred_thousand(&folder).await;
    alone_on(&folder).await;
    let size = std::fs::metadata(env!("CARGO_BIN_EXE_luoshi")).unwrap().len();
    println!("| size of the program | | | | {:.1} MB |", size as f64 / 1e6);
    std::fs::remove_dir_all(folder).unwrap();
}

/// The work of the rules and of the audit trail, on a demonstration that nobody serves.
async fn alone_on(folder: &Path) {
    let place = folder.to_owned();
    let work = move || (rules::floors(&place), chain::job(&place));
    tokio::task::spawn_blocking(work).await.unwrap();
}

/// The ledger, the rules and the chain, on a demonstration of their own.
async fn rest(asker: &Asker) {
    let folder = folder();
    let (mut child, url) = serve(&folder);
    wait_for(asker, &url).await;
    child.kill().unwrap();
    child.wait().unwrap();
    ledger::job(asker, &folder).await;
    alone_on(&folder).await;
    std::fs::remove_dir_all(folder).unwrap();
}

/// Boards, steps, timers and search over 100,000 matters, off the asynchronous threads.
async fn hundred_thousand(folder: &Path) {
    let place = folder.to_owned();
    tokio::task::spawn_blocking(move || matters::job(&place)).await.unwrap();
}

/// The five home pages alone, beside a bare handler.
async fn homes(asker: &Asker) {
    let bare = bare_server().await;
    pages(asker, "floor: a bare handler", &format!("{bare}/"), None, 4_000).await;
    let folder = folder();
    let (mut child, url) = serve(&folder);
    wait_for(asker, &url).await;
    for (name, path, login, times) in PAGES.iter().filter(|(_, path, ..)| *path == "/") {
        let cookie = sign_in(asker, &url, login).await;
        pages(asker, name, &format!("{url}{path}"), Some(&cookie), *times).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

fn line(name: &str, times: &[Duration], note: &str) {
    let mut times: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("| {name} | {:.2} | {:.2} | | {note} |", at(0.5), at(0.95));
}

async fn bare_server() -> String {
    let router = axum::Router::new().route("/", get(|| async { "ok" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn serve(folder: &Path) -> (Child, String) {
    serve_on(folder, None)
}

/// Starts the demonstration of the province on a file in the folder.
fn serve_province(folder: &Path) -> (Child, String) {
    started(folder, &["--province"], None)
}

/// Starts the demonstration on a server, or on a file in the folder.
fn serve_on(folder: &Path, server: Option<&str>) -> (Child, String) {
    started(folder, &[], server)
}

/// Starts a demonstration with options of its own.
fn serve_with(folder: &Path, options: &[&str]) -> (Child, String) {
    started(folder, options, None)
}

fn started(folder: &Path, more: &[&str], server: Option<&str>) -> (Child, String) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
    let command = command.arg("demo").args(more).args(["--listen", &address, "--data"]).arg(folder);
    let command = command.stdout(Stdio::null()).envs(server.map(|server| ("LUOSHI_DATABASE", server)));
    (command.spawn().unwrap(), format!("http://{address}"))
}

async fn wait_for(asker: &Asker, url: &str) {
    for _ in 0..6_000 {
        if asker.get(format!("{url}/healthz").parse().unwrap()).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{url} does not answer");
}

async fn ask(
    asker: &Asker,
    method: &str,
    url: &str,
    heads: &[(&str, &str)],
    body: Vec<u8>,
) -> (u16, String, String, usize) {
    let mut request = axum::http::Request::builder().method(method).uri(url);
    for (name, value) in heads {
        request = request.header(*name, *value);
    }
    let response = asker.request(request.body(Full::from(body)).unwrap()).await.unwrap();
    let head = |name: &str| response.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    let (status, to) = (response.status().as_u16(), head("location"));
    let cookie = head("set-cookie").split(';').next().unwrap_or_default().to_owned();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let note = if cookie.is_empty() { to } else { cookie };
    (status, note, String::from_utf8_lossy(&bytes).into_owned(), bytes.len())
}

async fn sign_in(asker: &Asker, url: &str, login: &str) -> String {
    let page = ask(asker, "GET", &format!("{url}/sign-in"), &[], Vec::new()).await.2;
    let form = page.split("<form").find(|form| form.contains(&format!("value=\"{login}\""))).unwrap();
    let word = form.split("name=\"passphrase\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let pairs = [("login", login), ("passphrase", word)];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes();
    let heads = [("content-type", "application/x-www-form-urlencoded")];
    ask(asker, "POST", &format!("{url}/sign-in"), &heads, body).await.1
}

/// Asks for a page so many times over eight connections.
async fn pages(asker: &Asker, name: &str, url: &str, cookie: Option<&str>, times: usize) {
    let heads: Vec<(String, String)> = cookie
        .map(|cookie| vec![("cookie".into(), cookie.to_owned()), ("accept-encoding".into(), "gzip".into())])
        .unwrap_or_default();
    let started = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        let (asker, url, heads) = (asker.clone(), url.to_owned(), heads.clone());
        tasks.push(tokio::spawn(async move {
            let (mut took, mut bytes) = (Vec::new(), 0);
            for _ in 0..times.div_ceil(CONNECTIONS) {
                let heads: Vec<(&str, &str)> = heads.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
                let at = Instant::now();
                let (status, _, _, size) = ask(&asker, "GET", &url, &heads, Vec::new()).await;
                assert_eq!(status, 200, "{url}");
                took.push(at.elapsed());
                bytes = size;
            }
            (took, bytes)
        }));
    }
    let (mut took, mut bytes) = (Vec::new(), 0);
    for task in tasks {
        let (some, size) = task.await.unwrap();
        took.extend(some);
        bytes = size;
    }
    report(name, took, started.elapsed(), &format!("{:.0} kB on the wire", bytes as f64 / 1e3));
}

fn report(name: &str, mut took: Vec<Duration>, all: Duration, note: &str) {
    took.sort();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let rate = took.len() as f64 / all.as_secs_f64();
    println!("| {name} | {:.2} | {:.2} | {rate:.0} | {note} |", at(0.5), at(0.95));
}

/// A secretary records meetings, one after the other.
async fn record(asker: &Asker, url: &str, cookie: &str) {
    let heads = [("cookie", cookie), ("content-type", "application/x-www-form-urlencoded")];
    let home = ask(asker, "GET", &format!("{url}/"), &[("cookie", cookie)], Vec::new()).await.2;
    let unit: String = home.split("/units/").nth(1).unwrap().chars().take_while(char::is_ascii_digit).collect();
    let csrf = home.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (mut took, started) = (Vec::new(), Instant::now());
    for n in 0..200 {
        let operation = n.to_string();
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
        let (status, ..) = ask(asker, "POST", &format!("{url}/units/{unit}/records"), &heads, body).await;
        assert_eq!(status, 303);
        took.push(at.elapsed());
    }
    report("record a meeting of a branch", took, started.elapsed(), "one connection, each synced to disk");
}

/// The value of the first hidden field of this name on a page.
fn hidden(page: &str, name: &str) -> String {
    page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// The clerk imports so many people into one branch.
async fn import(asker: &Asker, url: &str, cookie: &str, people: usize) {
    let mut csv = String::from("姓名,所在支部,出生日期,入党时间,人员类别,身份证号,手机号\n");
    for n in 0..people {
        csv += &member(n, people);
    }
    import_rows(asker, url, cookie, &format!("{people} people"), &csv).await;
}

/// The clerk imports a sheet of people.
async fn import_rows(asker: &Asker, url: &str, cookie: &str, name: &str, csv: &str) {
    let page = ask(asker, "GET", &format!("{url}/units/1/imports"), &[("cookie", cookie)], Vec::new()).await.2;
    let mut body = String::new();
    for key in ["csrf", "operation"] {
        body += &format!("--edge\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{}\r\n", hidden(&page, key));
    }
    body += &format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.csv\"\r\n\r\n{csv}\r\n--edge--\r\n"
    );
    let heads = [("cookie", cookie), ("content-type", "multipart/form-data; boundary=edge")];
    let started = Instant::now();
    let (status, path, ..) = ask(asker, "POST", &format!("{url}/units/1/imports"), &heads, body.into_bytes()).await;
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

/// A row of the roll, with an identity number of a region that does not exist.
fn member(n: usize, people: usize) -> String {
    let (year, month, day) = (1960 + n % 39, 1 + n % 12, 1 + n % 28);
    let region = if people > 5_000 { 990_000 } else { 980_000 } + n / 900;
    let digits = format!("{region}{year}{month:02}{day:02}{:03}", n % 900);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let check = char::from(b"10X98765432"[sum as usize % 11]);
    format!(
        "测试{n}人{people},厅机关综合支部,{year}.{month:02}.{day:02},2010年7月,正式党员,{digits}{check},{}\n",
        19_900_000_000_usize + n
    )
}

async fn settled(asker: &Asker, url: &str, cookie: &str) -> String {
    loop {
        let page = ask(asker, "GET", url, &[("cookie", cookie)], Vec::new()).await.2;
        if !page.contains("data-progress") {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
