//! A team works on a machine of its own: out, at work, back, wiped. Home on every engine, the machine on SQLite.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

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

#[tokio::test]
async fn a_team_goes_out_works_alone_comes_back_whole_and_its_machine_is_wiped_with_a_receipt() {
    for site in sites().await {
        let (round, machine) = out(&site).await;
        let clerk = site.sign_in(CLERK).await;
        let (at, page) = (format!("{round}/exchanges"), clerk.get(&round).await.text);
        assert!(page.contains("在单机上，自 2023-05-15"), "{page}");
        let whole = matter(&page, "设计院党委");

        // meanwhile nobody takes a step at home, and says why
        let leader = site.sign_in(LEADER).await;
        let matter_page = leader.get(&format!("/units/5/matters/{whole}")).await.text;
        assert!(
            matter_page.contains("收回之后才能在这里办理") && !matter_page.contains("name=\"to\""),
            "{matter_page}"
        );
        refused(&step(&leader, whole, "arrived", &[]).await, "在单机上办理");
        refused(
            &clerk.send(&round, &format!("{round}/targets"), &[("team", "1"), ("units", "机关党委")]).await,
            "单机",
        );

        // the team has what it needs and nothing else
        let (away, words) = (machine.site().await, ["何志远", "罗成文", "宋佳音"]);
        let own = away.sign_in(LEADER).await;
        let home = own.get("/").await.text;
        assert!(home.contains("单机副本") && home.contains("第一轮"), "{home}");
        for name in words {
            assert!(!finds(&machine.folder, name).is_empty(), "{name} is needed");
        }
        for name in ["李建国", "张晓明", PHONE, "外人甲"] {
            assert!(finds(&machine.folder, name).is_empty(), "{name} stays at home");
        }
        for path in ["/units/2", "/units/1/people", "/people/130", &round] {
            assert_eq!(own.get(path).await.status, 404, "{path}");
        }

        done(&step(&own, whole, "arrived", &[]).await);
        done(&step(&own, whole, "counted", &[("talks", "20"), ("questionnaires", "50")]).await);
        found(&away, whole, 0..5).await;
        let interim = machine.give(false).await;
        found(&away, whole, 5..12).await;
        let finding = matter(&own.get(&format!("/units/5/matters/{whole}")).await.text, "（3）");
        done(&attach(&away, &own, finding, PAPER).await);
        done(&step(&own, whole, "left", &[]).await);
        done(&step(&own, whole, "reported", &[]).await);
        let package = machine.give(true).await;
        refused(&step(&own, whole, "leads", &[("leads", "1")]).await, "");
        let more = [("flow", "finding"), ("found-title", "晚了"), ("found-aspect", "team"), ("found-problem", "晚")];
        let page = format!("/units/5/matters/{whole}");
        let late = own.send("/me/requests", &format!("{page}/parts"), &more).await;
        refused(&late, "不再办理");

        // back in two packages, each twice, the older one after the newer too
        assert!(done(&clerk.upload(&at, &format!("{round}/returns"), "1.luoshi", &interim).await).ends_with("taken=1"));
        let early = counted(&site).await;
        assert_eq!(early.0, 5);
        assert!(done(&clerk.upload(&at, &format!("{round}/returns"), "1.luoshi", &interim).await).ends_with("again=1"));
        assert_eq!(counted(&site).await, early);
        refused(&step(&leader, whole, "left", &[]).await, "在单机上办理");
        assert!(done(&clerk.upload(&at, &format!("{round}/returns"), "2.luoshi", &package).await).ends_with("taken=2"));
        let all = counted(&site).await;
        assert_eq!(all, counted(&away).await, "nothing lost, nothing doubled");
        assert_eq!(all.0, 12);
        assert!(done(&clerk.upload(&at, &format!("{round}/returns"), "2.luoshi", &package).await).ends_with("again=2"));
        assert!(done(&clerk.upload(&at, &format!("{round}/returns"), "1.luoshi", &interim).await).ends_with("again=1"));
        assert_eq!(counted(&site).await, all);

        // it reads as if it had been done here: who, when, the paper itself
        let page = clerk.get(&format!("/units/5/matters/{whole}")).await.text;
        assert!(page.contains("个别谈话人次 20") && page.contains("已报告"), "{page}");
        let told =
            site.write(move |tx, _| luoshi_store::mine::copy(tx, &holding::actor(tx, ROOT, LEADER, TODAY)?)).await;
        let (_, own) = told.iter().find(|(table, _)| *table == "matter_event").unwrap();
        assert_eq!(own.len(), all.1 - 1, "each step is kept as theirs who took it, but that of the office");
        let (status, bytes) = clerk.get_bytes(&format!("/units/5/matters/{finding}/evidence/2/0")).await;
        assert_eq!((status, String::from_utf8(bytes).unwrap().as_str()), (200, PAPER));
        assert!(clerk.get(&round).await.text.contains("已收回 2023-05-15"));
        done(&step_at(&clerk, ROOT, whole, "fed_back_head").await);

        // wiped: even through another name of the file, no byte of a finding is left
        let aside = machine.folder.with_extension("aside");
        std::fs::create_dir_all(&aside).unwrap();
        for (n, path) in finds(&machine.folder, "党费").into_iter().enumerate() {
            std::fs::hard_link(path, aside.join(n.to_string())).unwrap();
        }
        assert!(!finds(&aside, WORDS).is_empty() && !finds(&aside, PAPER).is_empty());
        let receipt = machine.folder.with_extension("receipt");
        let wiped =
            luoshi(&["exchange", "--data", machine.folder.to_str().unwrap(), "wipe", receipt.to_str().unwrap()]);
        assert!(wiped.status.success(), "{}", String::from_utf8_lossy(&wiped.stderr));
        assert!(!machine.folder.exists(), "key and all");
        assert!(finds(&aside, "党费").is_empty(), "overwritten, not only unlinked");
        let text = std::fs::read(&receipt).unwrap();
        let receipts = format!("{round}/receipts");
        let forged = String::from_utf8(text.clone()).unwrap().replace("\"last\":true", "\"last\":false");
        refused(&clerk.upload(&at, &receipts, "r", forged.as_bytes()).await, "不是该单机签署");
        refused(&clerk.upload(&at, &receipts, "r", b"{}").await, "不是该单机签署");
        done(&clerk.upload(&at, &receipts, "r", &text).await);
        done(&clerk.upload(&at, &receipts, "r", &text).await);
        assert!(clerk.get(&round).await.text.contains("擦除，回执有效"));
        let page = clerk.get(&at).await.text;
        assert!(page.contains("单机最后一份包是第 2 号") && page.contains("luoshi.db"), "{page}");
        assert!(clerk.get_english(&at).await.text.contains("receipt valid"));
        let trail = clerk.get(&at).await.status;
        assert_eq!(trail, 200);
        std::fs::remove_dir_all(aside).unwrap();
    }
}

async fn step_at(who: &Visitor<'_>, unit: i64, matter: i64, to: &str) -> Answer {
    let page = who.get("/me/requests").await;
    let (csrf, operation) = (page.hidden("csrf"), page.hidden("operation"));
    let all = [("to", to), ("csrf", csrf.as_str()), ("operation", operation.as_str())];
    who.post(&format!("/units/{unit}/matters/{matter}/steps"), &all).await
}

#[tokio::test]
async fn a_package_that_is_changed_cut_foreign_late_or_older_is_refused_and_nothing_is_kept() {
    for site in sites().await {
        let (round, machine) = out(&site).await;
        let clerk = site.sign_in(CLERK).await;
        let (at, returns) = (format!("{round}/exchanges"), format!("{round}/returns"));
        let whole = matter(&clerk.get(&round).await.text, "设计院党委");
        let away = machine.site().await;
        done(&step(&away.sign_in(LEADER).await, whole, "arrived", &[]).await);
        found(&away, whole, 0..3).await;
        let finding = matter(&away.sign_in(LEADER).await.get(&format!("/units/5/matters/{whole}")).await.text, "（1）");
        done(&attach(&away, &away.sign_in(LEADER).await, finding, PAPER).await);
        let first = machine.give(false).await;
        let (before, files) = (counted(&site).await, finds(site.folder(), "底稿：").len());

        let take = |bytes: Vec<u8>| {
            let command = Command::Take { login: "user101".into(), bytes };
            let app = &site.app;
            async move { exchange(app, command, Lang::Zh).await.map(|outcome| outcome.words) }
        };
        // every part of it is guarded: mark, head, body, signature
        let places = (0..120).map(|n| n * 7 % 2_000).chain((1..60).map(|n| first.len() - n * 3));
        for n in places.filter(|n| *n < first.len()) {
            let mut turned = first.clone();
            turned[n] ^= 1 << (n % 8);
            let answer = take(turned).await;
            assert!(answer.is_err(), "byte {n}: {answer:?}");
        }
        for length in [0, 1, 17, 21, 200, 1_000, first.len() / 2, first.len() - 64, first.len() - 1] {
            assert!(take(first[..length].to_vec()).await.is_err(), "cut to {length}");
        }
        let mut longer = first.clone();
        longer.push(0);
        assert!(take(longer).await.is_err());
        refused(&clerk.upload(&at, &returns, "x", b"PK\x03\x04 something else").await, "不是本系统的交换包");
        refused(&clerk.send(&at, &returns, &[]).await, "请选择文件");

        // another machine, a package that went out, one that is too old
        let other = Machine::new();
        copied(&machine.folder.join("luoshi.db"), &other.folder.join("luoshi.db"));

        let digest_of = finds(&machine.folder, "底稿：");
        let inside = digest_of[0].strip_prefix(&machine.folder).unwrap();
        std::fs::create_dir_all(other.folder.join(inside).parent().unwrap()).unwrap();
        std::fs::copy(&digest_of[0], other.folder.join(inside)).unwrap();

        refused(&clerk.upload(&at, &returns, "x", &other.give(false).await).await, "签名方不是约定的对方");
        let old = machine.give_on(false, date(2023, 3, 1)).await;
        refused(&clerk.upload(&at, &returns, "x", &old).await, "过期");
        let page = clerk.get(&at).await.text;
        let link = page.split("href=\"").find(|part| part.contains("/package\"")).unwrap();
        let (_, outward) = clerk.get_bytes(link.split('"').next().unwrap()).await;
        refused(&clerk.upload(&at, &returns, "x", &outward).await, "签名方不是约定的对方");
        assert_eq!(counted(&site).await, before, "nothing was kept");
        assert_eq!(finds(site.folder(), "底稿：").len(), files, "no file either");

        // a package of another round's machine, at the address of this one
        let second = machine.give(false).await;
        assert!(done(&clerk.upload(&at, &returns, "3", &second).await).ends_with("taken=3"));
        refused(&clerk.upload(&at, &returns, "1", &first).await, "比已收的第 3 号旧");

        // the machine is given up: its matters are worked on here again, and nothing more is taken from it
        let third = machine.give(true).await;
        let form = page.split("action=\"").find(|part| part.contains("/voids\"")).unwrap().split('"').next().unwrap();
        refused(&clerk.send(&at, form, &[("why", " ")]).await, "请写明作废原因");
        done(&clerk.send(&at, form, &[("why", "笔记本遗失")]).await);
        refused(&clerk.upload(&at, &returns, "4", &third).await, "已经作废");
        done(&step(&site.sign_in(LEADER).await, whole, "left", &[]).await);
        for machine in [machine, other] {
            std::fs::remove_dir_all(machine.folder).unwrap();
        }
    }
}

#[tokio::test]
async fn a_team_goes_only_to_a_machine_whose_fingerprint_was_read_out_and_only_once() {
    for site in sites().await {
        let round = furnished(&site).await;
        let (clerk, machine) = (site.sign_in(CLERK).await, Machine::new());
        let at = format!("{round}/exchanges");
        let (key, fingerprint) = machine.key().await;
        let (own, own_print) = self::key(&site).await;
        let send = |key: String, print: String| {
            let (clerk, at) = (&clerk, &at);
            async move { clerk.send(at, at, &[("team", "1"), ("key", &key), ("fingerprint", &print)]).await }
        };
        refused(&send("luoshi-key-1.AAAA".into(), fingerprint.clone()).await, "这不是一份公钥");
        refused(&send(key.clone(), own_print.clone()).await, "指纹与公钥不符");
        refused(&send(own.clone(), own_print.clone()).await, "自己的公钥");
        let page = send(key.clone(), "12345".into()).await;
        assert!(page.text.contains(&key), "what was typed is there");
        let nobody = clerk.send(&at, &at, &[("team", "7"), ("key", &key), ("fingerprint", &fingerprint)]).await;
        assert!(nobody.status == 404 || nobody.status == 422, "{}", said(&nobody));
        // who reads digits out does not read blanks
        done(&send(format!("{}\n {}", &key[..40], &key[40..]), fingerprint.replace(' ', "-")).await);
        refused(&send(key.clone(), fingerprint.clone()).await, "已经交给单机");

        // only that machine opens it, into a new folder, before its day
        let package = {
            let page = clerk.get(&at).await.text;
            let link = page.split("href=\"").find(|part| part.contains("/package\"")).unwrap().to_owned();
            clerk.get_bytes(link.split('"').next().unwrap()).await.1
        };
        let (stranger, late) = (Machine::new(), Machine::new());
        let home = (own.clone(), own_print.clone());
        let told = stranger.open(package.clone(), home.clone()).await.map(drop).unwrap_err();
        assert!(told.contains("不是发给本机"), "{told}");
        let told = machine.open(package.clone(), (own.clone(), "1".into())).await.map(drop).unwrap_err();
        assert!(told.contains("指纹与公钥不符"), "{told}");
        let told = machine.open(package.clone(), stranger.key().await).await.map(drop).unwrap_err();
        assert!(told.contains("签名方不是"), "{told}");
        let old = std::mem::ManuallyDrop::new(Site::on(&late.folder, machine.secret, date(2023, 8, 1)).await);
        let (bytes, key, fingerprint) = (package.clone(), own.clone(), own_print.clone());
        let told = exchange(&old.app, Command::Open { bytes, key, fingerprint }, Lang::En).await.map(drop).unwrap_err();
        assert!(told.contains("expired"), "{told}");
        let opened = machine.open(package.clone(), home.clone()).await.unwrap();
        assert!(opened.words.contains("罗成文  user131  /join#1."), "{}", opened.words);
        let told = machine.open(package, home).await.map(drop).unwrap_err();
        assert!(told.contains("已有数据"), "{told}");
        // the link works on the machine
        let path = opened.told["people"][0]["path"].as_str().unwrap().to_owned();
        assert_eq!(machine.site().await.ask("GET", &path, &[], Vec::new()).await.status, 200);
        for machine in [machine, stranger, late] {
            std::fs::remove_dir_all(machine.folder).unwrap();
        }
    }
}

#[tokio::test]
async fn a_take_killed_at_any_moment_leaves_all_or_nothing_and_ends_whole_when_asked_again() {
    let site = Site::new(None).await;
    let (round, machine) = out(&site).await;
    let whole = matter(&site.sign_in(CLERK).await.get(&round).await.text, "设计院党委");
    let away = machine.site().await;
    done(&step(&away.sign_in(LEADER).await, whole, "arrived", &[]).await);
    found(&away, whole, 0..12).await;
    let want = counted(&away).await;
    // the command asks the machine's clock, which is later than the stories' day
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let package = machine.give_on(true, today).await;
    let before = counted(&site).await;
    let folder = machine.folder.with_extension("home");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("luoshi.key"), [7; 32]).unwrap();
    std::fs::write(folder.join("p.luoshi"), &package).unwrap();
    copied(&site.file(), &folder.join("luoshi.db"));
    let words = |file: &Path| {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        vec![
            "exchange".to_owned(),
            "--data".to_owned(),
            text(&folder),
            "take".to_owned(),
            text(file),
            "--as".to_owned(),
            "user101".to_owned(),
        ]
    };
    let package = folder.join("p.luoshi");
    let (mut none, mut whole) = (0, 0);
    for n in 0..24 {
        let mut child = Program::new(env!("CARGO_BIN_EXE_luoshi"))
            .args(words(&package))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20 * n));
        let _ = child.kill();
        child.wait().unwrap();
        let now = counted(&std::mem::ManuallyDrop::new(Site::on(&folder, [7; 32], TODAY).await)).await;
        assert!(now == before || now == want, "killed at {}: {now:?}", 20 * n);
        if now == before { none += 1 } else { whole += 1 }
    }
    let args = words(&package);
    let ended = luoshi(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let now = counted(&std::mem::ManuallyDrop::new(Site::on(&folder, [7; 32], TODAY).await)).await;
    assert_eq!(now, want);
    assert!(none > 0, "no kill came before the end ({whole} after it)");
    for folder in [folder, machine.folder] {
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[tokio::test]
async fn a_unit_is_not_merged_while_a_team_is_out_for_it_and_a_member_taken_off_meanwhile_keeps_what_they_did() {
    for site in sites().await {
        let (round, machine) = out(&site).await;
        let clerk = site.sign_in(CLERK).await;
        let whole = matter(&clerk.get(&round).await.text, "设计院党委");
        let merge = |tx: &luoshi_store::Tx, base: &luoshi_rules::Pack| {
            let permit = |id| Ok::<_, luoshi_store::Fault>(leave(base, &unit::find(tx, id)?, Verb::Rule, TODAY));
            let own = permit(INSPECTED)?;
            let decision = unit::Decision { permit: &own, pack: base, on: TODAY, note: "批复1号" };
            Ok(unit::merge(tx, &decision, &permit(place::COMMITTEE)?).map_err(|fault| fault.to_string()))
        };
        let refused = site.write(merge).await;
        assert!(refused.is_err_and(|why| why.contains("take it back first")));
        let away = machine.site().await;
        done(&step(&away.sign_in(LEADER).await, whole, "arrived", &[]).await);
        found(&away, whole, 0..2).await;
        let off = [("person", "131"), ("why", "工作需要")];
        done(&clerk.send(&round, &format!("{round}/dismissals"), &off).await);
        let package = machine.give(true).await;
        let at = format!("{round}/exchanges");
        done(&clerk.upload(&at, &format!("{round}/returns"), "x", &package).await);
        assert_eq!(counted(&site).await, counted(&away).await);
        assert_eq!(site.write(merge).await, Ok(()));
        std::fs::remove_dir_all(machine.folder).unwrap();
    }
}

#[tokio::test]
async fn who_helps_goes_out_with_the_team_and_what_it_says_about_that_comes_back_once() {
    for site in sites().await {
        let round = furnished(&site).await;
        let clerk = site.sign_in(CLERK).await;
        let whole = matter(&clerk.get(&round).await.text, "设计院党委");
        let turns = |unit: i64, matter: i64| {
            (format!("/units/{unit}/matters/{matter}"), format!("/units/{unit}/matters/{matter}/turns"))
        };
        let (at, to) = turns(ROOT, whole);
        done(&clerk.send(&at, &to, &[("turn", "help"), ("unit", "第二支部"), ("why", "借调人手")]).await);
        let machine = Machine::new();
        machine.open(sent(&site, &round, &machine).await, key(&site).await).await.unwrap();

        // the machine knows who helped before; there a unit begins to help with one finding, and ends to with another
        let away = machine.site().await;
        let own = away.sign_in(LEADER).await;
        let page = own.get(&format!("/units/{INSPECTED}/matters/{whole}")).await.text;
        assert!(page.contains("增加协办") && page.contains("借调人手"), "{page}");
        done(&step(&own, whole, "arrived", &[]).await);
        found(&away, whole, 0..2).await;
        let page = own.get(&format!("/units/{INSPECTED}/matters/{whole}")).await.text;
        let (first, second) = (matter(&page, "（0）"), matter(&page, "（1）"));
        for (finding, why) in [(first, "一起核对台账"), (second, "暂时协助")] {
            let (at, to) = turns(INSPECTED, finding);
            done(&own.send(&at, &to, &[("turn", "help"), ("unit", "第二支部"), ("why", why)]).await);
        }
        let interim = machine.give(false).await;
        let (at, to) = turns(INSPECTED, second);
        let helper = SECOND.to_string();
        done(&own.send(&at, &to, &[("turn", "end"), ("helper", &helper), ("why", "已核对完")]).await);
        let package = machine.give(true).await;

        let (at, back) = (format!("{round}/exchanges"), format!("{round}/returns"));
        for (bytes, end) in [(&interim, "taken=1"), (&interim, "again=1"), (&package, "taken=2"), (&package, "again=2")]
        {
            assert!(done(&clerk.upload(&at, &back, "x", bytes).await).ends_with(end), "{end}");
        }
        let read = |finding: i64| {
            let clerk = &clerk;
            async move { clerk.get(&format!("/units/1/matters/{finding}")).await.text }
        };
        let page = read(whole).await;
        assert_eq!(page.matches("借调人手").count(), 1, "nothing doubled: {page}");
        let page = read(first).await;
        assert_eq!((page.matches("一起核对台账").count(), page.matches("<b>增加协办</b> ").count()), (1, 1), "{page}");
        let page = read(second).await;
        assert_eq!((page.matches("暂时协助").count(), page.matches("已核对完").count()), (1, 1), "{page}");
        assert!(page.contains("结束协办"), "{page}");
        let helped = site
            .write(|tx, base| {
                let scope = luoshi_rules::Actor { posts: Vec::new(), ..holding::actor(tx, ROOT, CLERK, TODAY)? };
                let scope = luoshi_rules::Actor {
                    posts: vec![luoshi_rules::Held {
                        post: "branch_secretary".into(),
                        unit: SECOND,
                        top: ROOT,
                        path: unit::find(tx, SECOND)?.path,
                    }],
                    ..scope
                }
                .scope(base, Verb::See, &unit::find(tx, SECOND)?)?;
                let filter = luoshi_store::matter::Filter::default();
                let all = luoshi_store::matter::list(tx, &scope, &filter)?;
                Ok(all.into_iter().map(|line| line.matter.id).collect::<Vec<_>>())
            })
            .await;
        assert!(helped.contains(&first) && helped.contains(&whole) && !helped.contains(&second), "{helped:?}");
        std::fs::remove_dir_all(machine.folder).unwrap();
    }
}

#[tokio::test]
async fn what_a_machine_made_up_is_refused_even_when_it_is_signed() {
    let site = Site::new(None).await;
    let (round, machine) = out(&site).await;
    let clerk = site.sign_in(CLERK).await;
    let whole = matter(&clerk.get(&round).await.text, "设计院党委");
    let away = machine.site().await;
    done(&step(&away.sign_in(LEADER).await, whole, "arrived", &[]).await);
    found(&away, whole, 0..2).await;
    let before = counted(&site).await;
    // somebody with the machine in hand writes into its database what its pages would refuse
    let db = rusqlite::Connection::open(machine.folder.join("luoshi.db")).unwrap();
    let lies = [
        ("a step of the office", "update matter_event set step = 'closed' where step = 'arrived'"),
        ("somebody who is not on the team", "update matter_event set actor_id = 101 where step = 'arrived'"),
        ("another wording of what was before", "update matter_event set note = '改' where step = 'named'"),
        ("a part of nothing", "update matter set parent_id = 99 where flow = 'finding'"),
        ("a flow of another kind", "update matter set flow = 'task' where flow = 'finding'"),
        ("a gap", "update matter_event set seq = 9 where step = 'arrived'"),
        (
            "another unit that must answer",
            "insert into matter_turn select top_id, id, 1, 'handed', unit_id, opener_id, 1, '改', 131, '2023-05-15' from matter where flow = 'finding' limit 1",
        ),
        (
            "help that the team did not ask for",
            "insert into matter_turn select top_id, id, 1, 'helps', 0, 4, 1, '改', 130, '2023-05-15' from matter where flow = 'finding' limit 1",
        ),
    ];
    for (what, lie) in lies {
        db.execute_batch(&format!("savepoint lie; {lie};")).unwrap();
        db.execute_batch("release lie").unwrap();
        let package = machine.give(false).await;
        let at = format!("{round}/exchanges");
        let answer = clerk.upload(&at, &format!("{round}/returns"), "x", &package).await;
        assert_eq!(answer.status, 422, "{what}: {}", said(&answer));
        assert_eq!(counted(&site).await, before, "{what}");
        let undo = match what {
            "a step of the office" => "update matter_event set step = 'arrived' where step = 'closed'",
            "somebody who is not on the team" => "update matter_event set actor_id = 131 where step = 'arrived'",
            "another wording of what was before" => "update matter_event set note = '' where step = 'named'",
            "a part of nothing" => &format!("update matter set parent_id = {whole} where parent_id = 99"),
            "a flow of another kind" => "update matter set flow = 'finding' where flow = 'task'",
            "another unit that must answer" | "help that the team did not ask for" => "delete from matter_turn",
            _ => "update matter_event set seq = 2 where seq = 9",
        };
        db.execute_batch(undo).unwrap();
    }
    let package = machine.give(true).await;
    done(&clerk.upload(&format!("{round}/exchanges"), &format!("{round}/returns"), "x", &package).await);
    assert_eq!(counted(&site).await, counted(&away).await);
    std::fs::remove_dir_all(machine.folder).unwrap();
}

#[test]
fn the_command_says_what_it_does_and_refuses_in_words() {
    let folder = std::env::temp_dir().join(format!("luoshi-exchange-{}", luoshi_store::new_id()));
    let text = |out: &Output| String::from_utf8_lossy(&[out.stdout.as_slice(), &out.stderr].concat()).into_owned();
    let data = folder.to_str().unwrap();
    for act in ["key", "send", "open", "return", "take", "wipe", "receipt"] {
        let help = luoshi(&["exchange", act, "--help"]);
        assert!(help.status.success() && text(&help).contains("--json"), "{act}");
    }
    assert_eq!(luoshi(&["exchange", "send"]).status.code(), Some(2));
    let key = luoshi(&["exchange", "--data", data, "key", "--json"]);
    assert!(key.status.success() && text(&key).contains("\"fingerprint\""), "{}", text(&key));
    assert_eq!(text(&key), text(&luoshi(&["exchange", "--data", data, "key", "--json"])), "made once");
    for words in [
        vec!["return", "/tmp/nowhere.luoshi"],
        vec!["wipe", "/tmp/nowhere.receipt"],
        vec!["take", "/tmp/nowhere.luoshi", "--as", "nobody"],
    ] {
        let mut all = vec!["exchange", "--data", data];
        all.extend(&words);
        let out = luoshi(&all);
        assert_eq!(out.status.code(), Some(1), "{words:?}");
        assert!(text(&out).starts_with("luoshi: "), "{}", text(&out));
        assert!(folder.join("luoshi.key").exists(), "nothing was wiped");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
