//! 100,000 matters: a board, a step, the timers, search; each beside what the bare statement takes in the same run, on
//! SQLite and, where `LUOSHI_TEST_PG` names a server, on PostgreSQL.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use luoshi_rules::matter::words;
use luoshi_rules::{Actor, Calendar, Held, Pack, Scope, Unit, Verb};
use luoshi_store::matter::{self, Depth, Filter, Order, State, Taken, Tier};
use luoshi_store::unit::{self, Founding};
use luoshi_store::{Db, Keys, dump};
use luoshi_text::search::{Query, Texts, tokens};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufReader, Cursor, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const MATTERS: i64 = 100_000;
const BRANCHES: i64 = 400;
const TODAY: Date = date(2023, 12, 15);

/// Words of two characters of which titles and notes are made: 90 of them, so that a pair of them is rare.
const WORDS: &str = "整改 落实 学习 党课 支部 书记 廉洁 警示 教育 台账 清单 督查 巡察 反馈 问题 措施 责任 时限 组织 生活 民主 评议 党员 \
    发展 培训 考核 预算 经费 采购 公车 接待 会议 纪要 方案 报告 计划 总结 检查 抽查 走访 调研 谈话 提醒 约谈 通报 销号 核实 \
    佐证 材料 归档 制度 修订 完善 健全 机制 流程 系统 平台 数据 安全 保密 宣传 阵地 网站 公众 群众 服务 窗口 办事 效率 作风 \
    建设 基层 联系 帮扶 乡村 振兴 工程 项目 质量 监督 审计 财务 资产 人事 选拔 任用 换届 选举 述职 承诺 践诺";

/// Reproducible numbers.
struct Chance(u64);

impl Chance {
    fn under(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
    fn text(&mut self, words: &[&str], n: u64) -> String {
        (0..n).map(|_| words[self.under(words.len() as u64) as usize]).collect()
    }
}

pub fn job(folder: &Path) {
    let base = Pack::base(include_str!("../../../../packs/base.toml")).unwrap();
    let calendar = Calendar::parse(include_str!("../../../../packs/holidays.toml")).unwrap();
    let (lines, branches) = made(folder, &base);
    let file = folder.join("matters.db").display().to_string();
    let mut places = vec![("SQLite", file)];
    places.extend(std::env::var("LUOSHI_TEST_PG").ok().map(|url| ("PostgreSQL", of_its_own(&url))));
    for (engine, url) in places {
        let db = Db::open(&url, Keys::new(&[5; 32])).unwrap();
        db.under(&base, &calendar);
        dump::read(&db, |name| Ok(BufReader::new(Cursor::new(lines.get(name).cloned().unwrap_or_default())))).unwrap();
        measure(&Place { engine, url, db, base: &base, calendar: &calendar, branches: &branches });
    }
}

/// A new database of the server: the one that is named holds the demonstration by now.
fn of_its_own(url: &str) -> String {
    let name = format!("matters_{}", luoshi_store::new_id());
    let mut admin = postgres::Client::connect(url, postgres::NoTls).unwrap();
    admin.batch_execute(&format!("create database {name}")).unwrap();
    format!("{}/{name}", url.rsplit_once('/').unwrap().0)
}

/// Every table as lines: an organisation with its branches, and its matters with their events.
fn made(folder: &Path, base: &Pack) -> (HashMap<String, Vec<u8>>, Vec<Unit>) {
    let db = Db::open(folder.join("units.db").to_str().unwrap(), Keys::new(&[5; 32])).unwrap();
    let founding = |level: &str, name: String| Founding {
        id: 0,
        level: level.into(),
        class: "organ".into(),
        code: String::new(),
        parts: Vec::new(),
        order_no: 1,
        short_name: name.clone(),
        full_name: name.clone(),
        search: name,
        on: date(2010, 1, 1),
    };
    let top = db.write(|tx| unit::found_top(tx, &founding("organ_committee", "机关党委".into()))).unwrap();
    let permit = actor(&top, &top).permit(base, Verb::Rule, &top).unwrap();
    let found = |n: i64| db.write(|tx| unit::found(tx, &permit, &founding("branch", format!("第{n}支部")))).unwrap();
    let branches: Vec<Unit> = (1..=BRANCHES).map(found).collect();
    let out: Arc<Mutex<HashMap<String, Vec<u8>>>> = Arc::default();
    struct Lines(String, Arc<Mutex<HashMap<String, Vec<u8>>>>);
    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.1.lock().unwrap().entry(self.0.clone()).or_default().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    dump::write(&db, |name| Ok(Lines(name.to_owned(), out.clone()))).unwrap();
    let mut lines = out.lock().unwrap().clone();
    matters(&mut lines, &top, &branches);
    (lines, branches)
}

/// Nine in ten are closed; of the open ones the limits spread over a year back and a quarter ahead.
fn matters(lines: &mut HashMap<String, Vec<u8>>, top: &Unit, branches: &[Unit]) {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut chance = Chance(7);
    let (mut all, mut events) = (Vec::new(), Vec::new());
    for n in 0..MATTERS {
        let (id, unit) = ((n + 1) << 20, &branches[chance.under(BRANCHES as u64) as usize]);
        let long = 6 + chance.under(6);
        let rare = if n % 20_000 == 77 { "蒲公英行动" } else { "" };
        let title = format!("{}{rare}（2023年第{n}号）", chance.text(&words, long));
        let (flow, field) = if n % 3 == 0 { ("directive", "sentence") } else { ("measure", "stages") };
        let open = n % 10 == 0;
        let opened = TODAY.saturating_sub((400 - n * 380 / MATTERS).days());
        let by = if open { TODAY.saturating_add((chance.under(450) as i64 - 360).days()) } else { opened };
        let data = json!({ "by": by.to_string(), field: chance.text(&words, 30) });
        let row: [Value; 13] = [
            top.top.into(),
            id.into(),
            unit.id.into(),
            unit.path.as_str().into(),
            top.id.into(),
            top.path.as_str().into(),
            flow.into(),
            n.to_string().into(),
            title.into(),
            data.to_string().into(),
            opened.to_string().into(),
            0.into(),
            0.into(),
        ];
        serde_json::to_writer(&mut all, &row).unwrap();
        all.push(b'\n');
        let told = if flow == "measure" { "reply" } else { "progress" };
        let steps: &[&str] =
            if open { &["assigned", told] } else { &["assigned", told, "claimed", "verified", "closed"] };
        for (seq, step) in steps.iter().enumerate() {
            let on = opened.saturating_add((seq as i64 * 3).days()).to_string();
            let note = if *step == "assigned" { String::new() } else { chance.text(&words, 15) };
            let row: [Value; 8] = [
                top.top.into(),
                id.into(),
                (seq + 1).into(),
                (*step).into(),
                1.into(),
                note.into(),
                on.into(),
                "".into(),
            ];
            serde_json::to_writer(&mut events, &row).unwrap();
            events.push(b'\n');
        }
    }
    lines.insert("matter".into(), all);
    lines.insert("matter_event".into(), events);
}

fn actor(home: &Unit, at: &Unit) -> Actor {
    let held = |post: &str| Held { post: post.into(), unit: at.id, top: at.top, path: at.path.clone() };
    let posts = vec![held("party_affairs_worker"), held("organ_committee_secretary"), held("branch_secretary")];
    Actor { person: 9, top: home.top, home: home.id, name: String::new(), posts, operation: 0, today: TODAY }
}

struct Place<'p> {
    engine: &'static str,
    url: String,
    db: Db,
    base: &'p Pack,
    calendar: &'p Calendar,
    branches: &'p [Unit],
}

impl Place<'_> {
    fn line(&self, name: &str, mut took: Vec<Duration>, note: &str) {
        took.sort();
        let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        println!("| {}: {name} | {:.2} | {:.2} | | {note} |", self.engine, at(0.5), at(0.95));
    }

    fn times(&self, name: &str, n: usize, note: &str, mut work: impl FnMut(usize) -> usize) {
        let mut rows = 0;
        let mut once = |n| {
            let at = Instant::now();
            rows = work(n);
            at.elapsed()
        };
        once(0);
        let took = (1..=n).map(once).collect();
        let rows = if rows == 1 { "one row".to_owned() } else { format!("{rows} rows") };
        self.line(name, took, &format!("{rows}{note}"));
    }

    /// A statement without anything around it.
    fn floor(&self, name: &str, sql: &str) {
        let sql = &sql.replace("{top}", &self.branches[0].top.to_string());
        match self.engine {
            "SQLite" => {
                let conn = rusqlite::Connection::open(&self.url).unwrap();
                let mut statement = conn.prepare(sql).unwrap();
                self.times(name, 50, ", the statement alone", |_| {
                    let mut rows = statement.query([]).unwrap();
                    let mut n = 0;
                    while rows.next().unwrap().is_some() {
                        n += 1;
                    }
                    n
                });
            }
            _ => {
                let mut client = postgres::Client::connect(&self.url, postgres::NoTls).unwrap();
                let statement = client.prepare(sql).unwrap();
                self.times(name, 50, ", the statement alone", |_| client.query(&statement, &[]).unwrap().len());
            }
        }
    }
}

fn measure(place: &Place) {
    let (db, base) = (&place.db, place.base);
    let top = db.read(|tx| unit::find(tx, place.branches[0].top)).unwrap();
    let at = Instant::now();
    matter::derive(db, top.top).unwrap();
    place.line("derive every state again", vec![at.elapsed()], "100,000 matters, 440,000 events");
    let at = Instant::now();
    let packed = matter::pack(db, base, |words: &words::Words| tokens(&texts(words))).unwrap();
    place.line("pack every word", vec![at.elapsed()], &format!("{packed} matters"));
    if place.engine == "PostgreSQL" {
        // as its own job does within a minute
        postgres::Client::connect(&place.url, postgres::NoTls).unwrap().batch_execute("vacuum analyze").unwrap();
    }
    let scope = actor(&top, &top).scope(base, Verb::See, &top).unwrap();
    let one = actor(&top, &place.branches[5]).scope(base, Verb::See, &place.branches[5]).unwrap();
    boards(place, &scope, &one);
    place.floor("floor: 51 rows by limit", "select m.title from matter_state s join matter m on m.top_id = s.top_id and m.id = s.matter_id where s.top_id = {top} and s.limit_on < '2023-12-15' order by s.limit_on, s.matter_id limit 51");
    steps(place, &top);
    timers(place, &scope);
    place.floor(
        "floor: read what rings",
        "select matter_id, limit_on from matter_state where top_id = {top} and ring_on <= '2023-12-15'",
    );
    for (name, typed) in [
        ("a character", "党"),
        ("a common word", "整改"),
        ("a word of the notes", "整改落实学习"),
        ("a rare word", "蒲公英"),
        ("a number", "第77号"),
        ("pinyin", "pugongying"),
        ("initials", "pgyxd"),
        ("what is nowhere", "量子纠缠"),
        ("two words", "整改 蒲公英"),
    ] {
        search(place, name, typed, &scope);
    }
    search(place, "a common word, in one branch", "整改", &one);
    search(place, "a rare word, in one branch", "蒲公英", &one);
    place.floor("floor: one word's rows", "select spots from matter_word where top_id = {top} and token = 't整改'");
}

fn boards(place: &Place, scope: &Scope, one: &Scope) {
    let db = &place.db;
    let open = Filter { state: State::Open, most: 51, ..Filter::default() };
    let list = |filter: &Filter, scope: &Scope| db.read(|tx| matter::list(tx, scope, filter)).unwrap();
    let still = TODAY.saturating_sub(30.days());
    let soonest = Filter { order: Order::Limit, ..open.clone() };
    place.times("board, newest, first page", 50, "", |_| list(&open, scope).len());
    place.times("board, by limit, first page", 50, "", |_| list(&soonest, scope).len());
    let deep = list(&Filter { most: 9_000, ..soonest.clone() }, scope);
    let deep = Filter { after: deep.last().map(|line| Order::Limit.after(line)), ..soonest.clone() };
    place.times("board, by limit, page 180", 50, "", |_| list(&deep, scope).len());
    let sparse = Filter { steps: vec!["measure:returned".into()], ..open.clone() };
    place.times("board, a step at which none stands", 50, "", |_| list(&sparse, scope).len());
    let standing = Filter { still: Some(still), order: Order::Still, ..open.clone() };
    place.times("board, longest still", 50, "", |_| list(&standing, scope).len());
    place.times("board of one branch, late", 50, "", |_| {
        list(&Filter { late: Some(TODAY), ..soonest.clone() }, one).len()
    });
    place.times("board of one branch, all", 50, "", |_| list(&Filter { state: State::Any, ..open.clone() }, one).len());
    place.times("totals of what is open", 50, "", |_| {
        db.read(|tx| matter::counts(tx, scope, &open, (TODAY, still))).unwrap().len()
    });
    place.times("owners of most", 50, "", |_| db.read(|tx| matter::owners(tx, scope, &open, TODAY)).unwrap().len());
    let late = Filter { late: Some(TODAY), ..open.clone() };
    place.times("owners of most that is late", 50, "", |_| {
        db.read(|tx| matter::owners(tx, scope, &late, TODAY)).unwrap().len()
    });
    place.times("totals of one branch", 50, "", |_| {
        db.read(|tx| matter::counts(tx, one, &open, (TODAY, still))).unwrap().len()
    });
}

fn steps(place: &Place, top: &Unit) {
    let open = Filter { state: State::Open, flow: "measure".into(), most: 200, ..Filter::default() };
    let scope = actor(top, top).scope(place.base, Verb::See, top).unwrap();
    let lines = place.db.read(|tx| matter::list(tx, &scope, &open)).unwrap();
    let taken = Taken { to: "reply", note: "已完成初稿，正在征求意见", ..Taken::default() };
    place.times("one step, synced to disk", 100, "", |n| {
        let unit = place.branches.iter().find(|unit| unit.id == lines[n].matter.unit).unwrap();
        let permit = actor(top, unit).permit(place.base, Verb::Act, unit).unwrap();
        place.db.write(|tx| matter::take(tx, &permit, place.base, lines[n].matter.id, &taken)).unwrap();
        1
    });
}

/// What is to be sent today, of all.
fn timers(place: &Place, scope: &Scope) {
    let due = Filter { state: State::Open, ring: Some(TODAY), most: 200_000, ..Filter::default() };
    place.times("timers, one pass", 10, "", |_| {
        let lines = place.db.read(|tx| matter::list(tx, scope, &due)).unwrap();
        let rings = |line: &&matter::Line| {
            let flow = place.base.flow(&line.matter.flow).unwrap();
            line.stand.as_ref().unwrap().ring(flow, place.calendar, TODAY).is_some()
        };
        lines.iter().filter(rings).count()
    });
}

fn texts(words: &words::Words) -> Texts<'_> {
    Texts { title: &words.title, wording: &words.wording, notes: &words.notes }
}

fn search(place: &Place, name: &str, typed: &str, scope: &Scope) {
    let query = Query::new(typed).unwrap();
    let way = |(groups, texts): (matter::Groups, u8)| Tier {
        groups,
        depth: if texts == 3 { Depth::Whole } else { Depth::Opening },
    };
    let tiers: Vec<Tier> = query.ways().into_iter().map(way).collect();
    let judge = |line: &matter::Line| query.find(&texts(&words::of(place.base, &line.matter)));
    place.times(&format!("search: {name}"), 50, &format!(", {typed}"), |_| {
        place.db.read(|tx| matter::seek(tx, scope, (&tiers, 50), judge)).unwrap().hits.len()
    });
}
