//! A team works on a machine of its own: out, at work, back, wiped. Home on every engine, the machine on SQLite.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod journey;
mod meanwhile;
#[allow(dead_code)]
#[path = "../place/mod.rs"]
mod place;
mod program;
mod refusals;

use jiff::civil::{Date, date};
use luoshi_rules::person::Standing;
use luoshi_rules::{Lang, Verb};
use luoshi_store::{Keys, account, holding, person, unit};
use luoshi_web::{ExchangeCommand as Command, ExchangeOutcome, exchange};
use place::{Answer, CLERK, ROOT, SECOND, Site, TODAY, Visitor, leave, sites};
use std::path::{Path, PathBuf};
use std::process::{Command as Program, Output, Stdio};

/// The committee that is inspected; its secretary, the leader and a member of the team.
const INSPECTED: i64 = 5;
const HEAD: i64 = 130;
const LEADER: i64 = 131;
const SEAT: i64 = 132;
/// What a working paper says, and what a finding does.
const PAPER: &str = "底稿：党费收缴台账第三页缺两个月";
const WORDS: &str = "党费没有按月收缴，台账缺两个月";
/// A phone that stays at home.
const PHONE: &str = "13912345678";

async fn furnished(site: &Site) -> String {
    site.write(|tx, base| {
        let founding = unit::Founding {
            id: INSPECTED,
            level: "organ_committee".into(),
            class: "institution".into(),
            code: String::new(),
            parts: Vec::new(),
            order_no: 5,
            short_name: "设计院党委".into(),
            full_name: "中共设计院党委".into(),
            search: "设计院党委".into(),
            on: date(2020, 1, 1),
        };
        unit::found(tx, &leave(base, &unit::find(tx, ROOT)?, Verb::Rule, TODAY), &founding)?;
        for (id, name, at) in [(HEAD, "何志远", INSPECTED), (LEADER, "罗成文", SECOND), (SEAT, "宋佳音", SECOND)]
        {
            let entry = person::Entry {
                id,
                name: name.into(),
                search: name.into(),
                since: Some(date(2021, 1, 1)),
                standing: Some(Standing::Full),
                phone: if id == LEADER { PHONE.into() } else { String::new() },
                ..Default::default()
            };
            person::add(tx, &leave(base, &unit::find(tx, at)?, Verb::Roll, TODAY), &entry)?;
            account::add(tx, ROOT, id, &format!("user{id}"), "-")?;
        }
        let permit = leave(base, &unit::find(tx, INSPECTED)?, Verb::Roll, TODAY);
        let post = base.post("organ_committee_secretary").unwrap();
        holding::appoint(tx, &permit, post, HEAD, date(2022, 1, 1), "")
    })
    .await;
    let clerk = site.sign_in(CLERK).await;
    let term = [
        ("kind", "unit_inspection"),
        ("name", "本届规划"),
        ("from", "2022-01-01"),
        ("until", "2026-12-31"),
        ("teams", "1"),
        ("each", "1"),
        ("per_year", "2"),
    ];
    let coverage = done(&clerk.send("/units/1/coverage", "/units/1/coverage", &term).await);
    let fields =
        [("name", "第一轮"), ("from", "2023-05-01"), ("until", "2023-12-31"), ("paper", "授权通知"), ("units", "5")];
    let round = done(&clerk.send(&coverage, &coverage, &fields).await);
    for (post, name) in [("team_leader", "罗成文"), ("team_member", "宋佳音")] {
        let seat = [("team", "1"), ("post", post), ("person", name)];
        done(&clerk.send(&round, &format!("{round}/seats"), &seat).await);
    }
    round
}

#[track_caller]
fn done(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", said(answer));
    answer.to.clone()
}

fn said(answer: &Answer) -> String {
    let rest = answer.text.split_once("role=\"alert\"").map_or(answer.text.as_str(), |(_, rest)| rest);
    format!("{} {}", answer.status, rest.split("</div>").next().unwrap_or_default())
}

#[track_caller]
fn refused(answer: &Answer, words: &str) {
    assert!(answer.status == 422 && said(answer).contains(words), "{words}: {}", said(answer));
}

fn last(address: &str) -> i64 {
    address.rsplit('/').next().unwrap().parse().unwrap()
}

/// The first link to a matter of a unit on a page whose words are these.
#[track_caller]
fn matter(page: &str, words: &str) -> i64 {
    let link = page.split("href=\"").find(|part| part.contains("/matters/") && part.contains(words));
    last(link.unwrap_or_else(|| panic!("no link to {words}: {page}")).split('"').next().unwrap())
}

/// Takes a step of the inspected unit's matter; fields bear the step's key.
async fn step(who: &Visitor<'_>, matter: i64, to: &str, fields: &[(&str, &str)]) -> Answer {
    let named: Vec<(String, &str)> = fields.iter().map(|(key, value)| (format!("{to}-{key}"), *value)).collect();
    let page = who.get("/me/requests").await;
    let (csrf, operation) = (page.hidden("csrf"), page.hidden("operation"));
    let mut all = vec![("to", to), ("csrf", csrf.as_str()), ("operation", operation.as_str())];
    all.extend(named.iter().map(|(key, value)| (key.as_str(), *value)));
    who.post(&format!("/units/{INSPECTED}/matters/{matter}/steps"), &all).await
}

/// Attaches a working paper to a finding.
async fn attach(site: &Site, who: &Visitor<'_>, matter: i64, text: &str) -> Answer {
    let page = who.get("/me/requests").await;
    let mut body = String::new();
    for (key, value) in [("csrf", page.hidden("csrf")), ("operation", page.hidden("operation")), ("to", "shown".into())]
    {
        body += &format!("--edge\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n");
    }
    body += "--edge\r\nContent-Disposition: form-data; name=\"shown-file\"; filename=\"paper.txt\"\r\n\r\n";
    body += &format!("{text}\r\n--edge--\r\n");
    let heads = [("cookie", who.cookie.as_str()), ("content-type", "multipart/form-data; boundary=edge")];
    site.ask("POST", &format!("/units/{INSPECTED}/matters/{matter}/steps"), &heads, body.into_bytes()).await
}

/// A machine without network: a folder with a key.
struct Machine {
    folder: PathBuf,
    secret: [u8; 32],
}

impl Machine {
    fn new() -> Machine {
        let folder = std::env::temp_dir().join(format!("luoshi-machine-{}", luoshi_store::new_id()));
        std::fs::create_dir_all(&folder).unwrap();
        let secret = Keys::secret().unwrap();
        std::fs::write(folder.join("luoshi.key"), secret).unwrap();
        Machine { folder, secret }
    }

    /// Served as it is now.
    async fn site(&self) -> std::mem::ManuallyDrop<Site> {
        // the folder stays when a site is done with
        std::mem::ManuallyDrop::new(Site::on(&self.folder, self.secret, TODAY).await)
    }

    async fn key(&self) -> (String, String) {
        let site = self.site().await;
        key(&site).await
    }

    /// Opens a package.
    async fn open(&self, bytes: Vec<u8>, (key, fingerprint): (String, String)) -> Result<ExchangeOutcome, String> {
        let site = self.site().await;
        exchange(&site.app, Command::Open { bytes, key, fingerprint }, Lang::Zh).await
    }

    /// The package it gives back.
    async fn give(&self, last: bool) -> Vec<u8> {
        self.give_on(last, TODAY).await
    }

    async fn give_on(&self, last: bool, today: Date) -> Vec<u8> {
        let site = std::mem::ManuallyDrop::new(Site::on(&self.folder, self.secret, today).await);
        exchange(&site.app, Command::Return { last }, Lang::Zh).await.unwrap().bytes.unwrap()
    }
}

/// Public key and fingerprint of an installation.
async fn key(site: &Site) -> (String, String) {
    let told = exchange(&site.app, Command::Key, Lang::Zh).await.unwrap().told;
    (told["key"].as_str().unwrap().to_owned(), told["fingerprint"].as_str().unwrap().to_owned())
}

/// Sends the team out to a machine by the page; returns the package.
async fn sent(site: &Site, round: &str, machine: &Machine) -> Vec<u8> {
    let clerk = site.sign_in(CLERK).await;
    let (key, fingerprint) = machine.key().await;
    let at = format!("{round}/exchanges");
    let fields = [("team", "1"), ("key", key.as_str()), ("fingerprint", fingerprint.as_str())];
    done(&clerk.send(&at, &at, &fields).await);
    let page = clerk.get(&at).await.text;
    let link = page.split("href=\"").find(|part| part.contains("/package\"")).expect("a link to the package");
    let (status, bytes) = clerk.get_bytes(link.split('"').next().unwrap()).await;
    assert_eq!(status, 200);
    bytes
}

/// A team that is out on a machine that has opened its package.
async fn out(site: &Site) -> (String, Machine) {
    let round = furnished(site).await;
    let machine = Machine::new();
    let bytes = sent(site, &round, &machine).await;
    machine.open(bytes, key(site).await).await.unwrap();
    (round, machine)
}

/// Arrives, and records findings from this number on.
async fn found(site: &Site, whole: i64, numbers: std::ops::Range<usize>) {
    let leader = site.sign_in(LEADER).await;
    let at = format!("/units/{INSPECTED}/matters/{whole}");
    for n in numbers {
        let title = format!("{WORDS}（{n}）");
        let fields = [
            ("flow", "finding"),
            ("found-title", title.as_str()),
            ("found-aspect", "organisation"),
            ("found-problem", "党费管理不规范"),
        ];
        done(&leader.send(&at, &format!("{at}/parts"), &fields).await);
    }
}

/// How many findings and steps are in a database.
async fn counted(site: &Site) -> (usize, usize) {
    site.write(|tx, base| {
        let scope = luoshi_rules::Actor {
            person: 1,
            top: ROOT,
            home: ROOT,
            name: String::new(),
            posts: vec![luoshi_rules::Held {
                post: "party_affairs_worker".into(),
                unit: ROOT,
                top: ROOT,
                path: unit::find(tx, ROOT)?.path,
            }],
            operation: 0,
            today: TODAY,
        }
        .scope(base, Verb::See, &unit::find(tx, ROOT)?)?;
        let filter = luoshi_store::matter::Filter { most: 500, ..Default::default() };
        let all = luoshi_store::matter::told(tx, &scope, luoshi_store::matter::list(tx, &scope, &filter)?)?;
        let findings = all.iter().filter(|line| line.matter.flow == "finding").count();
        Ok((findings, all.iter().map(|line| line.matter.events.len()).sum()))
    })
    .await
}

/// The same facts in another file, whatever still lies in a log.
fn copied(from: &Path, to: &Path) {
    let db = rusqlite::Connection::open(from).unwrap();
    db.execute("vacuum into $1", [to.to_str().unwrap()]).unwrap();
}

fn luoshi(words: &[&str]) -> Output {
    Program::new(env!("CARGO_BIN_EXE_luoshi")).args(words).env("LANG", "zh_CN.UTF-8").output().unwrap()
}

fn finds(folder: &Path, words: &str) -> Vec<PathBuf> {
    let (mut open, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(one) = open.pop() {
        for entry in std::fs::read_dir(one).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => open.push(path),
                false => {
                    let bytes = std::fs::read(&path).unwrap();
                    if bytes.windows(words.len()).any(|window| window == words.as_bytes()) {
                        found.push(path);
                    }
                }
            }
        }
    }
    found
}

async fn step_at(who: &Visitor<'_>, unit: i64, matter: i64, to: &str) -> Answer {
    let page = who.get("/me/requests").await;
    let (csrf, operation) = (page.hidden("csrf"), page.hidden("operation"));
    let all = [("to", to), ("csrf", csrf.as_str()), ("operation", operation.as_str())];
    who.post(&format!("/units/{unit}/matters/{matter}/steps"), &all).await
}
