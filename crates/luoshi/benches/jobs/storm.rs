//! A storm of sign-ins: fifty a second for a minute, while others go on with their work.

use crate::{Asker, ask, report, serve, sign_in, wait_for};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const A_SECOND: u32 = 50;
const SECONDS: u32 = 60;
/// Who signs in: each role of the demonstration in turn.
const NAMES: [&str; 5] = ["clerk", "secretary", "leader", "member", "auditor"];
const HEADS: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

/// The storm and nothing else.
pub async fn alone() {
    let folder = std::env::temp_dir().join(format!("luoshi-bench-{}", luoshi_store::new_id()));
    std::fs::create_dir_all(&folder).unwrap();
    let asker: Asker = Client::builder(TokioExecutor::new()).build_http();
    let (mut child, url) = serve(&folder);
    wait_for(&asker, &url).await;
    job(&asker, &url).await;
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

pub async fn job(asker: &Asker, url: &str) {
    let cookie = sign_in(asker, url, "secretary").await;
    let page = ask(asker, "GET", &format!("{url}/sign-in"), &[], Vec::new()).await.2;
    let known: Vec<String> = NAMES.iter().filter_map(|name| form(&page, name)).collect();
    let (began, ends) = (Instant::now(), Instant::now() + Duration::from_secs(u64::from(SECONDS)));
    let reader = tokio::spawn(read(asker.clone(), format!("{url}/"), cookie, ends));
    let mut storm = Vec::new();
    for n in 0..A_SECOND * SECONDS {
        tokio::time::sleep_until((began + Duration::from_secs(1) * n / A_SECOND).into()).await;
        let (asker, url) = (asker.clone(), format!("{url}/sign-in"));
        let body = known[n as usize % known.len()].clone().into_bytes();
        storm.push(tokio::spawn(async move {
            let at = Instant::now();
            let status = ask(&asker, "POST", &url, &HEADS, body).await.0;
            (status, at.elapsed())
        }));
    }
    let (mut told, mut took) = (BTreeMap::new(), Vec::new());
    for one in storm {
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

/// The form of a role, filled as the page has it.
fn form(page: &str, login: &str) -> Option<String> {
    let form = page.split("<form").find(|form| form.contains(&format!("value=\"{login}\"")))?;
    let word = form.split("name=\"passphrase\" value=\"").nth(1)?.split('"').next()?;
    let pairs = [("login", login), ("passphrase", word)];
    Some(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// Asks for a page ten times a second.
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
