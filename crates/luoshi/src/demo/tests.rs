//! The demonstration department: the same at each build, of the size and the classes the README says, with two corners
//! that a leader finds at once, and a page for each role in both languages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use jiff::civil::{Date, date};
use luoshi_rules::{Calendar, Pack};
use luoshi_store::account::{self, Account};
use luoshi_store::session::{self, Opening, Strength};
use luoshi_store::{Db, Keys, secret};
use luoshi_web::{App, Clock, Files, Setup, router};
use std::path::PathBuf;
use tower::ServiceExt;

const TODAY: Date = date(2023, 12, 15);
const ROLES: [&str; 7] = ["leader", "clerk", "secretary", "member", "discipline", "committee", "auditor"];

/// One build of it.
struct Built {
    router: Router,
    db: Db,
    folder: PathBuf,
}

impl Drop for Built {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn build() -> Built {
    let folder = std::env::temp_dir().join(format!("luoshi-demo-test-{}", luoshi_store::new_id()));
    std::fs::create_dir_all(&folder).unwrap();
    let base = Pack::base(include_str!("../../../../packs/base.toml")).unwrap();
    let calendar = Calendar::parse(include_str!("../../../../packs/holidays.toml")).unwrap();
    let (file, pack, days) = (folder.join("demo.db"), base.clone(), calendar.clone());
    let made = std::thread::spawn(move || {
        let db = Db::open(file.to_str().unwrap(), Keys::new(&[9; 32])).unwrap();
        super::build(&db, super::Scene::Department, (&pack, &days), TODAY).unwrap();
        db
    });
    let db = tokio::task::spawn_blocking(move || made.join().unwrap()).await.unwrap();
    std::mem::forget(db.clone());
    let app = App::new(Setup {
        db: db.clone(),
        base,
        calendar,
        clock: Clock::Fixed(TODAY),
        demo: super::Scene::Department.sign_ins(),
        folder: folder.clone(),
        files: Files::Folder(folder.clone()),
        program: PathBuf::from("luoshi"),
        token: None,
        secure: false,
        pace: 0,
        subdomains: true,
        origin: None,
        issuer: None,
        directory: None,
        second: false,
    });
    Built { router: router(app), db, folder }
}

impl Built {
    /// The cookie of a role.
    async fn sign_in(&self, login: &'static str) -> String {
        let db = self.db.clone();
        let token = secret::token().unwrap();
        let kept = token.clone();
        let work = move || {
            db.write(|tx| {
                let one = account::attempt(tx, login)?;
                let opening = Opening { token: kept.clone(), strength: Strength::Two, device: String::new() };
                session::begin(tx, &Account { hash: String::new(), ..one.clone() }, &opening)?;
                Ok(one.top)
            })
        };
        let top = tokio::task::spawn_blocking(work).await.unwrap().unwrap();
        format!("luoshi={top}.{token}")
    }

    async fn get(&self, cookie: &str, path: &str) -> String {
        let request = Request::builder().uri(path).header("cookie", cookie).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(status, 200, "{path}");
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}

/// What a page says to whoever reads it.
fn visible(html: &str) -> String {
    let (mut out, mut inside) = (String::new(), false);
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// The same without the moments at which things were written, such as `2026-11-30 21:59`: one build may begin before a
/// minute is over and another end after.
fn timeless(text: &str) -> String {
    let mut all: Vec<char> = text.chars().collect();
    let is_digit = |all: &[char], at: usize| all.get(at).is_some_and(char::is_ascii_digit);
    for at in 13..all.len() {
        if all[at] == ':' && [at - 13, at - 1, at + 1, at + 2].iter().all(|at| is_digit(&all, *at)) {
            all[at - 13..at + 3].fill('·');
        }
    }
    all.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_the_same_at_each_build_of_the_promised_size_and_shows_each_role_its_page() {
    let (one, two) = tokio::join!(build(), build());
    for role in ROLES {
        let (a, b) = (one.sign_in(role).await, two.sign_in(role).await);
        let home = if role == "auditor" { "/me" } else { "/" };
        let seen = |page: String| timeless(&visible(&page));
        assert_eq!(seen(one.get(&a, home).await), seen(two.get(&b, home).await), "{role}");
        let english = visible(&one.get(&format!("{a}; lang=en"), home).await);
        for words in ["导出", "状态", "待办", "没有逾期", "本人职责", "退出", "逾期最多"] {
            assert!(!english.contains(words), "{role} in English reads {words}: {english}");
        }
    }
    let (a, b) = (one.sign_in("clerk").await, two.sign_in("clerk").await);
    for path in [
        "/units/1/2023/matrix?as=csv",
        "/units/1/2023/records?below=1&as=csv",
        "/units/1/follow-ups?state=all&as=csv",
        "/units/1/tree?as=csv",
        "/units/1/2023/figures",
        "/units/1/matters",
    ] {
        assert!(
            visible(&one.get(&a, path).await) == visible(&two.get(&b, path).await),
            "{path} differs between builds"
        );
    }

    let tree = one.get(&a, "/units/1/tree?as=json").await;
    let units: Vec<serde_json::Value> = serde_json::from_str(&tree).unwrap();
    assert_eq!(units.len(), 494);
    let mut classes: Vec<&str> = units.iter().map(|unit| unit["class"].as_str().unwrap()).collect();
    classes.sort_unstable();
    classes.dedup();
    assert_eq!(classes.len(), 4, "{classes:?}");
    let members: i64 = units
        .iter()
        .map(|unit| unit["full_members"].as_i64().unwrap_or(0) + unit["probationary"].as_i64().unwrap_or(0))
        .sum();
    assert!((4_600..=5_200).contains(&members), "{members} members");
    let records = one.get(&a, "/units/1/2023/records?below=1&as=csv").await.lines().count();
    assert!((19_000..=32_000).contains(&records), "{records} records");

    // the department was inspected from above: the feedback made a report due, which came
    let from = one.get(&a, "/units/1/2023/records?kind=inspection-feedback").await;
    assert!(visible(&from).contains("省委第二巡视组向厅党组反馈巡视情况"), "{}", visible(&from));
    let owed = one.get(&a, "/units/1/2023/matrix?as=csv").await;
    let report = owed.lines().find(|line| line.contains("签字背书整改报告")).unwrap();
    assert!(report.contains("已落实"), "{report}");

    // the two bad corners: a committee whose branches fell silent, and a duty that nobody holds
    let leader = one.sign_in("leader").await;
    let home = one.get(&leader, "/").await;
    let (_, worst) = home.split_once("逾期最多的组织").unwrap();
    let (worst, clauses) = worst.split_once("逾期最多的条款").unwrap();
    assert!(visible(worst).contains("建设三公司"), "the silent company is not among the worst: {}", visible(worst));
    assert!(visible(clauses).contains("L3-") || visible(clauses).contains("P"), "no clause stands out");
}
