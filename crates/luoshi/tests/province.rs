//! The demonstration of a province, served by the program itself: what was published of the year is what its rows say.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a demonstration that does not start is a failed test")]

#[path = "place/built.rs"]
mod built;

use built::Built;
use rusqlite::Connection;
use std::collections::{BTreeSet, HashSet};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A province of so many departments, with a person signed in; ended and removed when dropped.
struct Province {
    child: Child,
    folder: PathBuf,
    address: String,
    cookie: String,
}

impl Province {
    /// One of few departments.
    fn small(departments: usize) -> Province {
        Province::start(&["--departments", &departments.to_string()], |_| {})
    }

    /// That of all departments.
    fn whole() -> Province {
        Province::start(&[], |folder| built::copy(Built::Province, folder))
    }

    fn start(more: &[&str], fill: impl FnOnce(&Path)) -> Province {
        let folder = std::env::temp_dir().join(format!("luoshi-province-{}", luoshi_store::new_id()));
        std::fs::create_dir_all(&folder).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        fill(&folder);
        let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
        command.args(["demo", "--province", "--listen", &address, "--data"]);
        let child = command.arg(&folder).args(more).stdout(Stdio::null()).spawn().unwrap();
        let mut province = Province { child, folder, address, cookie: String::new() };
        while TcpStream::connect(&province.address).is_err() {
            assert!(province.child.try_wait().unwrap().is_none(), "it ended before it answered");
            std::thread::sleep(Duration::from_millis(50));
        }
        province.sign_in("clerk");
        province
    }

    /// Signs in by the button of a role.
    fn sign_in(&mut self, login: &str) {
        self.cookie.clear();
        let page = self.get("/sign-in");
        let form = page.split("<form").find(|form| form.contains(&format!("value=\"{login}\""))).unwrap();
        let word = form.split("name=\"passphrase\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("login", login), ("passphrase", word)])
            .finish();
        let answer = self.ask("POST", "/sign-in", &body);
        let line = answer.lines().find(|line| line.to_lowercase().starts_with("set-cookie:")).unwrap();
        self.cookie = line.split_once(':').unwrap().1.trim().split(';').next().unwrap().to_owned();
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.address,
            self.cookie,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A page that is there.
    fn get(&self, path: &str) -> String {
        let answer = self.ask("GET", path, "");
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {}", answer.lines().next().unwrap_or_default());
        answer
    }

    fn rows(&self) -> Connection {
        Connection::open(self.folder.join("province.db")).unwrap()
    }
}

impl Drop for Province {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A number out of the rows.
fn number(rows: &Connection, what: &str, condition: &str) -> i64 {
    let sql = format!(
        "select coalesce({what}, 0) from record r join unit u on u.top_id = r.top_id and u.id = r.unit_id
          where r.on_date between '2022-01-01' and '2022-12-31' and r.withdrawn = '' and {condition}"
    );
    rows.query_row(&sql, [], |row| row.get(0)).unwrap()
}

/// Who took part in records: everybody due who was not away, each once.
fn people(rows: &Connection, condition: &str) -> HashSet<i64> {
    let sql = format!(
        "select r.id, l.people from record r join unit u on u.top_id = r.top_id and u.id = r.unit_id
           join roll l on l.top_id = r.top_id and l.digest = r.roll where {condition}"
    );
    let mut away = rows
        .prepare("select person_id from record_person where top_id = 1 and record_id = ? and role = 'absent'")
        .unwrap();
    let mut statement = rows.prepare(&sql).unwrap();
    let all = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))).unwrap();
    let mut people = HashSet::new();
    for (record, due) in all.map(Result::unwrap) {
        let away: HashSet<i64> = away.query_map([record], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        people.extend(serde_json::from_str::<Vec<i64>>(&due).unwrap().into_iter().filter(|one| !away.contains(one)));
    }
    people
}

/// What the page of the year says.
struct Said(serde_json::Value, String);

impl Said {
    fn read(province: &Province) -> Said {
        let answer = province.get("/units/1/2022/figures?as=json");
        let body = &answer[answer.find("\r\n\r\n").unwrap()..];
        let (from, to) = (body.find(['[', '{']).unwrap(), body.rfind([']', '}']).unwrap());
        Said(serde_json::from_str(&body[from..=to]).unwrap(), province.get("/units/1/2022/figures"))
    }

    /// The figure stands on the page in these words, with this number behind them.
    #[track_caller]
    fn must_say(&self, n: i64, sentence: &str) {
        let rows = self.0["rows"].as_array().or(self.0.as_array()).unwrap();
        let line = rows.iter().find(|row| row.to_string().contains(sentence));
        let line = line.unwrap_or_else(|| panic!("no figure says {sentence}"));
        let told = line["n"].as_i64().or_else(|| line[1].as_i64());
        assert_eq!(told, Some(n), "{sentence}");
        assert!(self.1.contains(sentence), "{sentence} is not on the page");
    }
}

/// What the work committee did itself.
const OWN: &str = "u.level = 'work_committee'";

#[test]
fn what_was_published_of_the_year_is_what_the_rows_say() {
    let province = Province::whole();
    let (rows, said) = (province.rows(), Said::read(&province));
    let count = |sql: &str| rows.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert!((3_800..4_300).contains(&count("select count(*) from unit")));
    let members = count("select count(*) from person where standing in ('full', 'probationary')");
    assert!((57_000..64_000).contains(&members), "{members}");
    lectures(&rows, &said);
    volunteers(&rows, &said);
    training(&rows, &said);
    let sessions = number(&rows, "count(*)", "r.kind = 'center-group-study'");
    assert!(sessions > 1_000, "{sessions}");
    said.must_say(sessions, "各级中心组集体学习1000余场次");
    let papers = number(&rows, "count(*)", &format!("r.kind = 'regulation-paper' and {OWN}"));
    said.must_say(papers, "制定省直机关党建制度文件3项");
    let sum = "sum(json_extract(r.data, '$.people'))";
    let checked = number(&rows, sum, &format!("r.kind = 'conduct-check' and {OWN}"));
    said.must_say(checked, "开展作风建设专项检查400余人次");
    clauses(&province);
}

/// The list of 59 clauses in force: for three levels of organisations, and for five posts.
fn clauses(province: &Province) {
    let sheet = province.get("/units/1/lists?as=csv");
    let of_list: Vec<&str> = sheet.lines().filter(|line| line.starts_with("三级五岗责任清单")).collect();
    assert_eq!(of_list.len(), 59, "{sheet}");
    let section = |line: &str| line.split(',').nth(3).unwrap().split('-').next().unwrap().to_owned();
    let sections: BTreeSet<String> = of_list.into_iter().map(section).collect();
    assert_eq!(
        sections.iter().map(String::as_str).collect::<Vec<_>>(),
        ["L1", "L2", "L3", "P1", "P2", "P3", "P4", "P5"]
    );
}

fn lectures(rows: &Connection, said: &Said) {
    let own = number(rows, "count(*)", &format!("r.kind = 'lecture' and {OWN}"));
    let theirs = number(rows, "count(*)", "r.kind = 'lecture' and u.level <> 'work_committee'");
    let audience = number(rows, "sum(json_extract(r.data, '$.people'))", &format!("r.kind = 'lecture' and {OWN}"));
    assert!(own > 100 && theirs > 400 && audience > 60_000, "{own} {theirs} {audience}");
    said.must_say(own, "省级层面开展理论宣讲100余场次");
    said.must_say(audience, "省级层面宣讲受众6万余人次");
    said.must_say(theirs, "各部门开展理论宣讲400余场次");
    said.must_say(own + theirs, "上下联动开展理论宣讲500余场次");
}

fn volunteers(rows: &Connection, said: &Said) {
    let volunteers = people(rows, "r.kind = 'volunteer-service'").len() as i64;
    assert!(volunteers > 18_000, "{volunteers}");
    said.must_say(volunteers, "1.8万余名党员下沉社区参加志愿服务");
    let due = "sum(json_array_length((select l.people from roll l where l.top_id = r.top_id and l.digest = r.roll)))";
    let times = number(rows, due, "r.kind = 'volunteer-service'");
    assert!(times > volunteers, "person-times are not people: {times}");
    said.must_say(times, &format!("参加志愿服务{}万余人次", thousands(times)));
}

/// `2.7` of 27,396.
fn thousands(n: i64) -> String {
    format!("{}.{}", n / 10_000, n % 10_000 / 1_000)
}

fn training(rows: &Connection, said: &Said) {
    said.must_say(number(rows, "count(*)", &format!("r.kind = 'training' and {OWN}")), "举办省级培训班11期");
    let trained = people(rows, &format!("r.kind = 'training' and {OWN}")).len() as i64;
    assert!(trained > 1_030, "{trained}");
    said.must_say(trained, "培训党员干部1030余名");
}

#[test]
fn every_role_signs_in_by_its_button_and_sees_its_home() {
    let mut province = Province::small(2);
    for (login, says) in [
        ("leader", "逾期最多的组织"),
        ("clerk", "谁还没做、没录"),
        ("department", "谁还没做、没录"),
        ("secretary", "两分钟记一次会"),
        ("member", "下一次会议"),
        ("auditor", "审计"),
    ] {
        province.sign_in(login);
        let home = province.ask("GET", "/", "");
        let page = if home.starts_with("HTTP/1.1 303") { province.get("/me") } else { home };
        assert!(page.contains(says), "{login} does not see {says}");
    }
}

#[test]
fn the_work_committee_has_a_round_of_inspection_at_departments() {
    let province = Province::whole();
    let page = province.get("/units/1/coverage");
    assert!(page.contains("巡视规划（2022—2026年）"), "{page}");
    let board = province.get("/units/1/matters?flow=inspection");
    assert!(board.contains("2022年秋季巡视") && board.contains("已报告"), "{board}");
    let findings = province.get("/units/1/matters?flow=finding&as=csv");
    assert!(findings.contains("未围绕重点工作开展主题党日"), "{findings}");
}

#[test]
fn two_builds_say_the_same() {
    let lists = [
        "/units/1/tree?as=csv",
        "/units/1/people?as=csv",
        "/units/1/2022/records?below=1&as=csv",
        "/units/1/2022/matrix?as=csv",
        "/units/1/2022/figures?as=csv",
    ];
    let [one, other] = [Province::small(1), Province::small(1)];
    for list in lists {
        let body = |province: &Province| province.get(list).split_once("\r\n\r\n").unwrap().1.to_owned();
        let mine = body(&one);
        assert!(mine.lines().count() > 10, "{list}");
        assert!(mine == body(&other), "{list} differs");
    }
}
