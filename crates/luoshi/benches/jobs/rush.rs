//! The rush before a deadline: every branch secretary at work within one minute, four pages read for each meeting
//! recorded.

use crate::{Asker, ask, folder, report, serve, wait_for};
use jiff::civil::date;
use luoshi_rules::{Pack, Verb};
use luoshi_store::session::{Opening, Strength};
use luoshi_store::{Db, Fault, Keys, Tx, account, holding, secret, session, unit};
use std::path::Path;
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);
const BASE: &str = include_str!("../../../../packs/base.toml");

pub async fn job(asker: &Asker) {
    let folder = folder();
    let (mut child, url) = serve(&folder);
    wait_for(asker, &url).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let place = folder.clone();
    let all = tokio::task::spawn_blocking(move || secretaries(&place)).await.unwrap();
    let (mut child, url) = serve(&folder);
    wait_for(asker, &url).await;
    rush(asker, &url, all).await;
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

/// The unit and the open session of every branch secretary.
fn secretaries(folder: &Path) -> Vec<(i64, String)> {
    let key: [u8; 32] = std::fs::read(folder.join("luoshi.key")).unwrap().try_into().unwrap();
    let db = Db::open(folder.join("demo.db").to_str().unwrap(), Keys::new(&key)).unwrap();
    let base = Pack::base(BASE).unwrap();
    let hash = secret::hash("a passphrase for the rush").unwrap();
    let enter = |tx: &Tx, person: i64| -> Result<String, Fault> {
        let token = secret::token()?;
        let opening = Opening { token: token.clone(), strength: Strength::Two, device: "Firefox · Linux".into() };
        session::begin(tx, &account::Account { top: 1, person, hash: String::new() }, &opening)?;
        Ok(format!("luoshi=1.{token}"))
    };
    db.write(|tx| {
        let clerk = holding::actor(tx, 1, 1002, date(2023, 12, 15))?;
        let scope = clerk.scope(&base, Verb::People, &unit::find(tx, 1)?)?;
        let held = holding::in_scope(tx, &scope)?;
        let mut all = Vec::new();
        for one in held.into_iter().filter(|one| one.post == "branch_secretary" && one.person != 1006) {
            account::add(tx, 1, one.person, &format!("rush{}", one.person), &hash)?;
            all.push((one.unit, enter(tx, one.person)?));
        }
        Ok(all)
    })
    .unwrap()
}

async fn rush(asker: &Asker, url: &str, all: Vec<(i64, String)>) {
    let (began, count) = (Instant::now(), all.len() as u32);
    let mut tasks = Vec::new();
    for (n, (unit, cookie)) in (0..).zip(all) {
        tokio::time::sleep_until((began + MINUTE * n / count).into()).await;
        let (asker, url) = (asker.clone(), url.to_owned());
        tasks.push(tokio::spawn(async move { work(&asker, &url, unit, &cookie).await }));
    }
    let (mut pages, mut records) = (Vec::new(), Vec::new());
    for task in tasks {
        let (read, recorded) = task.await.unwrap();
        pages.extend(read);
        records.push(recorded);
    }
    let last = |took: &[Duration]| {
        let mut took = took.to_vec();
        took.sort();
        format!("99 % within {:.0} ms; at most 100 ms", took[(took.len() - 1) * 99 / 100].as_secs_f64() * 1e3)
    };
    let (of_pages, of_records) = (last(&pages), last(&records));
    report(&format!("deadline rush: pages of {count} secretaries in a minute"), pages, began.elapsed(), &of_pages);
    report("deadline rush: meetings they record", records, began.elapsed(), &of_records);
}

/// What a secretary does: looks at the home page and what is owed, opens the form, records, looks at the list.
async fn work(asker: &Asker, url: &str, unit: i64, cookie: &str) -> (Vec<Duration>, Duration) {
    let mut took = Vec::new();
    let at = |rest: &str| format!("{url}/units/{unit}/{rest}");
    let mut csrf = String::new();
    for page in [format!("{url}/"), at("2023/duties"), at("records/new?kind=theme-day")] {
        let started = Instant::now();
        let (status, _, text, _) = ask(asker, "GET", &page, &[("cookie", cookie)], Vec::new()).await;
        assert_eq!(status, 200, "{page}");
        took.push(started.elapsed());
        csrf = text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    }
    let operation = luoshi_store::new_id().to_string();
    let pairs = [
        ("csrf", csrf.as_str()),
        ("operation", &operation),
        ("kind", "theme-day"),
        ("on", "2023-12-14"),
        ("topic", "年末主题党日"),
        ("again", "1"),
    ];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes();
    let heads = [("cookie", cookie), ("content-type", "application/x-www-form-urlencoded")];
    let started = Instant::now();
    let (status, _, text, _) = ask(asker, "POST", &at("records"), &heads, body).await;
    assert_eq!(status, 303, "{text}");
    let recorded = started.elapsed();
    let started = Instant::now();
    assert_eq!(ask(asker, "GET", &at("2023/records"), &[("cookie", cookie)], Vec::new()).await.0, 200);
    took.push(started.elapsed());
    (took, recorded)
}
