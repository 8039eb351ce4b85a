//! A storm of sign-ins: fifty people a second for a minute, each with an account and an address of their own, as behind
//! a proxy; meanwhile others go on with their work.

use crate::{Asker, ask, report, serve, sign_in, wait_for};
use luoshi_store::{Db, Keys, account, secret};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const A_SECOND: u32 = 50;
const SECONDS: u32 = 60;
const WORD: &str = "a passphrase for the storm";

pub async fn job(asker: &Asker) {
    let folder = std::env::temp_dir().join(format!("luoshi-bench-{}", luoshi_store::new_id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (mut child, url) = serve(&folder);
    wait_for(asker, &url).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let place = folder.clone();
    tokio::task::spawn_blocking(move || open_accounts(&place)).await.unwrap();
    let (mut child, url) = behind_a_proxy(&folder);
    wait_for(asker, &url).await;
    storm(asker, &url).await;
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

/// An account for each who signs in. Nobody needs a person to knock at the door.
fn open_accounts(folder: &Path) {
    let key: [u8; 32] = std::fs::read(folder.join("luoshi.key")).unwrap().try_into().unwrap();
    let db = Db::open(folder.join("demo.db").to_str().unwrap(), Keys::new(&key)).unwrap();
    let hash = secret::hash(WORD).unwrap();
    let all = 0..A_SECOND * SECONDS;
    let add = |tx: &luoshi_store::Tx, n: u32| account::add(tx, 1, 900_000 + i64::from(n), &format!("storm{n}"), &hash);
    db.write(|tx| all.clone().try_for_each(|n| add(tx, n))).unwrap();
}

/// The demonstration as it is behind a proxy that tells where people come from.
fn behind_a_proxy(folder: &Path) -> (Child, String) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
    let command = command.args(["demo", "--secure", "--listen", &address, "--data"]).arg(folder).stdout(Stdio::null());
    let command = command.stderr(Stdio::null()); // it tells of each who is to come again
    (command.spawn().unwrap(), format!("http://{address}"))
}

async fn storm(asker: &Asker, url: &str) {
    let cookie = sign_in(asker, url, "secretary").await;
    let (began, ends) = (Instant::now(), Instant::now() + Duration::from_secs(u64::from(SECONDS)));
    let reader = tokio::spawn(read(asker.clone(), format!("{url}/"), cookie, ends));
    let mut all = Vec::new();
    for n in 0..A_SECOND * SECONDS {
        tokio::time::sleep_until((began + Duration::from_secs(1) * n / A_SECOND).into()).await;
        let (asker, url) = (asker.clone(), format!("{url}/sign-in"));
        all.push(tokio::spawn(async move { enter(&asker, &url, n).await }));
    }
    let (mut told, mut took) = (BTreeMap::new(), Vec::new());
    for one in all {
        let (status, time) = one.await.unwrap();
        *told.entry(status).or_insert(0) += 1;
        took.push(time);
    }
    let told: Vec<String> = told.iter().map(|(status, n)| format!("{status}: {n}")).collect();
    report("sign-in storm, 50 a second for a minute", took, began.elapsed(), &format!("answers {}", told.join(", ")));
    let took = reader.await.unwrap();
    let slowest = took.iter().max().unwrap().as_secs_f64() * 1e3;
    let late = took.iter().filter(|time| **time > Duration::from_millis(200)).count();
    let note = format!("slowest {slowest:.0} ms, {late} over 200 ms");
    report("home of a secretary meanwhile", took, began.elapsed(), &note);
}

/// One of them signs in: the answer, and how long it took.
async fn enter(asker: &Asker, url: &str, n: u32) -> (u16, Duration) {
    let from = format!("10.0.{}.{}", n / 250, n % 250);
    let heads = [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", from.as_str())];
    let pairs = [("login", format!("storm{n}")), ("passphrase", WORD.to_owned())];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes();
    let at = Instant::now();
    let status = ask(asker, "POST", url, &heads, body).await.0;
    (status, at.elapsed())
}

/// Asks for a page, a tenth of a second after each answer.
async fn read(asker: Asker, url: String, cookie: String, ends: Instant) -> Vec<Duration> {
    let mut took = Vec::new();
    while Instant::now() < ends {
        let at = Instant::now();
        assert_eq!(ask(&asker, "GET", &url, &[("cookie", &cookie)], Vec::new()).await.0, 200);
        took.push(at.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    took
}
