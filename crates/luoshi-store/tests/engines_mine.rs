//! What is kept about a person: the copy has all of it, erasing leaves no trace, every table has its date.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod common;

use common::{Site, day, on_every_engine, on_every_engine_at};
use luoshi_rules::aid as aid_rules;
use luoshi_rules::youth::{Part, Youth};
use luoshi_rules::{Actor, Permit, Verb, round};
use luoshi_store::identity::Field;
use luoshi_store::mine::{Copy, TABLES};
use luoshi_store::person::{Entry, Filter};
use luoshi_store::record::Stood;
use luoshi_store::request::{self, Ask};
use luoshi_store::retain::{self, Keep, RULES};
use luoshi_store::{
    Db, Keys, account, aid, branch_group, class, collection, identity, import, matter, mine, now, obligation, passkey,
    person, plan, pledge, record, rekey, round as store_round, second, secret, session, token, youth,
};
use std::collections::BTreeSet;

thread_local! {
    /// what the authenticator of [`traced`] was set up with
    static SECRET: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

const NAME: &str = "欧阳无痕";
const IDENTITY: &str = "11010519491231002X";
const PHONE: &str = "13912345678";
const LOGIN: &str = "ouyangwuhen";

/// Columns that name a person.
const PEOPLE: [&str; 4] = ["person_id", "actor_id", "author_id", "handler_id"];
/// Columns that end alike and name something else.
const OTHERS: [&str; 20] = [
    "fund_id",
    "case_id",
    "exchange_id",
    "coverage_id",
    "round_id",
    "parent_id",
    "collection_id",
    "issuer_id",
    "class_id",
    "pledge_id",
    "group_id",
    "top_id",
    "unit_id",
    "other_id",
    "opener_id",
    "matter_id",
    "record_id",
    "pack_id",
    "map_id",
    "intake_id",
];
/// Tables that name people in another way: a key of their own, a list.
const NAMING: [&str; 3] = ["person", "matter", "roll"];

/// Tables and columns as the engine knows them.
fn schema() -> Vec<(String, Vec<String>)> {
    let file = std::env::temp_dir().join(format!("luoshi-schema-{}.db", luoshi_store::new_id()));
    drop(Db::open(file.to_str().unwrap(), Keys::new(&[7; 32])).unwrap());
    let conn = rusqlite::Connection::open(&file).unwrap();
    let list = |sql: &str| -> Vec<String> {
        let mut statement = conn.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let tables = list("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'");
    let columns = |table: &String| list(&format!("select name from pragma_table_info('{table}')"));
    let out = tables.iter().map(|table| (table.clone(), columns(table))).collect();
    std::fs::remove_file(file).unwrap();
    out
}

#[test]
fn every_table_that_names_people_is_in_the_copy_or_left_out_for_a_reason() {
    let mut naming: BTreeSet<String> = NAMING.map(String::from).into();
    for (table, columns) in schema() {
        for column in columns.iter().filter(|column| column.ends_with("_id")) {
            let known = PEOPLE.contains(&column.as_str()) || OTHERS.contains(&column.as_str());
            assert!(known, "say in this test whether {table}.{column} names a person");
            if PEOPLE.contains(&column.as_str()) {
                naming.insert(table.clone());
            }
        }
    }
    let copied: BTreeSet<String> = TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(naming, copied, "left: tables of the schema that name people; right: what mine.rs says of tables");
    for (table, copy) in TABLES {
        match copy {
            Copy::Not(why) => assert!(why.len() > 20, "{table} is left out without a reason"),
            Copy::Rows(sql) => {
                let words: Vec<&str> = sql.split_whitespace().collect();
                let reads = words.windows(2).any(|two| matches!(two[0], "from" | "join") && two[1] == *table);
                assert!(reads, "{table} is not read by its statement");
            }
        }
    }
}

#[test]
fn every_table_has_a_date_and_a_rule_it_comes_from_and_the_administrator_can_read_it() {
    let tables: BTreeSet<String> = schema().into_iter().map(|(table, _)| table).collect();
    let ruled: BTreeSet<String> = RULES.iter().map(|rule| rule.table.to_owned()).collect();
    assert_eq!(tables, ruled);
    let text = include_str!("../../../docs/operating.md");
    for rule in RULES {
        assert!(rule.source.len() > 5, "{} has no source", rule.table);
        if let Keep::Days(days, _) = rule.keep {
            let mut lines = text.lines().filter(|line| line.contains(&format!("`{}`", rule.table)));
            assert!(lines.any(|line| line.contains(&days.to_string())), "{}: {days} days", rule.table);
        }
    }
}

/// Somebody who left traces everywhere a person can, and has left the roll since.
fn traced(db: &Db, site: &Site) -> Actor {
    let at = &site.branches[0];
    let roll = site.permit(Verb::Roll, at);
    let entry = Entry {
        name: NAME.into(),
        search: format!("ouyangwuhen oywh {NAME}"),
        since: Some(day("2022-01-01")),
        born: Some(day("1949-12-31")),
        sex: "m".into(),
        identity: IDENTITY.into(),
        phone: PHONE.into(),
        ..Entry::default()
    };
    let id = db.write(|tx| person::add(tx, &roll, &entry)).unwrap();
    let actor = common::actor(id, at, "branch_secretary", at);
    let post = site.pack.post("branch_secretary").unwrap();
    let kind = site.pack.kind.iter().find(|kind| kind.id == "general-meeting").unwrap();
    db.write(|tx| {
        luoshi_store::holding::appoint(tx, &roll, post, id, day("2022-02-01"), "")?;
        account::add(tx, site.top.top, id, LOGIN, "$argon2id$")?;
        session::begin(
            tx,
            &account::Account { top: site.top.top, person: id, hash: String::new() },
            &common::opening("token"),
        )?;
        account::invite(
            tx,
            &account::Over { actor: &site.clerk, base: &site.pack, at, person: id },
            LOGIN,
            "invitation",
        )?;
        let secret = second::offer(tx, &actor, "token")?.secret;
        let code = second::shown(&secret, now());
        SECRET.with(|kept| *kept.borrow_mut() = secret);
        second::enrol(tx, &actor, "token", &code)?;
        let wish = token::Wish { name: "统计".into(), writes: false, unit: 0, until: day("2023-12-31") };
        token::add(tx, &actor, &wish, "program")?;
        let made = passkey::Made { credential: "name".into(), cose: "key".into(), counter: 0 };
        passkey::add(tx, &actor, &made, "U盾")?;
        plan::keep_draft(tx, &actor, "/units/1/records/new", &serde_json::json!({ "topic": NAME }))?;
        let permit = actor.permit(&site.pack, Verb::Write, at)?;
        let entry = record::Entry {
            kind,
            on: day("2023-02-02"),
            data: serde_json::json!({ "topic": "第一次会议" }),
            makes_up: String::new(),
            due: Some(vec![id]),
            stood: vec![Stood { person: id, role: "chair".into(), why: String::new() }],
            files: Vec::new(),
        };
        let held = record::add(tx, &permit, &entry)?;
        record::joint::name(tx, &permit, held, &["机关党委".to_owned()], |_| false)?;
        luoshi_store::feed::add(tx, &actor, at.id, "calendar")?;
        plan::add(
            tx,
            &permit,
            &plan::Plan {
                id: 0,
                unit: at.id,
                unit_name: String::new(),
                kind: kind.id.clone(),
                on: day("2023-06-01"),
                at: String::new(),
                place: String::new(),
                topic: String::new(),
                reading: String::new(),
                ..Default::default()
            },
        )?;
        let group = youth::found(tx, &roll, at, "青年一组")?;
        let rules = Youth { until: 100, least: 3, most: 16, notice: 30 };
        youth::join(tx, &roll, &rules, group, id)?;
        youth::take(tx, &roll, group, Part::Leader, id)?;
        let group = branch_group::found(tx, &roll, at, "第一党小组")?;
        let place = branch_group::Place { person: id, was: (0, false), now: (group, false) };
        let post = site.pack.post(branch_group::LEADER).unwrap();
        branch_group::arrange(tx, &roll, &site.scope(Verb::Roll, at), post, &[place])?;
        let plan = class::Plan {
            kind: class::KIND.into(),
            need: String::new(),
            sessions: Vec::new(),
            title: "骨干班".into(),
            audience: "members".into(),
            from: day("2023-06-01"),
            until: day("2023-06-01"),
            place: String::new(),
            hours: 8,
            places: 9,
            closes: day("2023-06-01"),
        };
        let kind = site.pack.kind(class::KIND).unwrap();
        let session = |no, hours| class::Session { no, on: plan.from, hours, topic: "辅导".into(), record: 0 };
        let plan = class::Plan { sessions: vec![session(1, 4), session(2, 4)], ..plan };
        let held = class::plan(tx, &permit, kind, &plan, &[])?;
        let held = class::find(tx, &actor.scope(&site.pack, Verb::See, at)?, held)?;
        class::enrol(tx, &permit, &held, id)?;
        helped(tx, site, (&actor, at))?;
        class::conclude(tx, &later(&actor, site, at, plan.until), kind, (&held, &[id]), &[(1, id)])?;
        let pledges = site.pack.pledge.as_ref().unwrap();
        let made = pledge::Made { year: 2023, text: "每季走访", measure: "四次", published: true };
        pledge::make(tx, &permit_to_see(&actor, site, at), pledges, &made)?;
        let about = |issuer| collection::About {
            sort: "clause".into(),
            key: "L3-01".into(),
            title: "L3-01 召开党员大会".into(),
            issuer,
        };
        collection::raise(tx, &permit_to_see(&actor, site, at), &about(at.id), "太密", day("2023-06-01"))?;
        let asked = luoshi_rules::Collection {
            id: 0,
            unit: at.id,
            unit_name: String::new(),
            path: at.path.clone(),
            title: "摸底".into(),
            ground: "要点第三条".into(),
            every: None,
            due: day("2023-06-30"),
            level: String::new(),
            class: String::new(),
            questions: Vec::new(),
            from: day("2023-05-01"),
            until: None,
        };
        collection::issue(tx, &permit, &asked, |_| Ok(()))?;
        obligation::waive(tx, &site.permit(Verb::Act, at), "L3-01", "2023Q1", "新成立")?;
        identity::unmask(tx, &site.permit(Verb::Unmask, at), id, Field::Phone, &format!("联系{NAME}"))?;
        let (top, on, sort) = (at.top, day("2023-05-15"), luoshi_store::sight::Sort::Page);
        luoshi_store::sight::keep(tx, &[luoshi_store::sight::Sight { top, person: id, on, actor: 1, unit: 0, sort }])?;
        let import = import::begin(tx, &roll, "名册.xlsx", "digest")?;
        let body = format!("{{\"sheet\":\"{NAME} {IDENTITY}\"}}");
        let kept = import::Import {
            id: import,
            unit: at.id,
            sort: "people".into(),
            name: String::new(),
            state: "ready".into(),
            done: 0,
            rows: 1,
            idle: 0,
            on: day("2023-05-10"),
        };
        import::keep(tx, site.top.top, &kept, &body, "reading")?;
        rounds(tx, site, id)?;
        luoshi_store::operation::once(tx, &actor, |_| Ok("/".into())).map(drop)
    })
    .unwrap();
    actor
}

/// They give to a fund, ask it for help, and are kin of who asks.
fn helped(
    tx: &luoshi_store::Tx,
    site: &Site,
    (actor, at): (&Actor, &luoshi_rules::Unit),
) -> Result<(), luoshi_store::Fault> {
    let by = common::actor(1, at, "aid_handler", &site.top).handler(&site.pack, &site.top)?;
    aid::open(tx, &by, "互助金")?;
    let fund = aid::kept(tx, &by)?.unwrap();
    let (person, giver, words) = (actor.person, String::new(), format!("{NAME}捐"));
    let income =
        aid::Income { sort: aid_rules::Sort::Donation, amount: 100, on: by.today(), givers: 1, person, giver, words };
    aid::receive(tx, &by, &fund, &income)?;
    let (reason, words, proof) = ("illness".into(), format!("{NAME}住院"), "第一次诊断".into());
    let told = aid_rules::Application { reason, words, proof, ..Default::default() };
    let rules = site.pack.aid.as_ref().unwrap();
    let id = aid::case::apply(tx, actor, (&fund, rules), &told, &[actor.person])?;
    let act = aid::case::Act { note: format!("{NAME}属实"), amount: 0 };
    let calendar = luoshi_rules::Calendar::parse(include_str!("../../../packs/holidays.toml")).unwrap();
    let step = (id, aid_rules::Step::Checked);
    aid::case::take(tx, &by, (&fund, rules, &calendar), step, &act, &|_| String::new())
}

/// They plan a term of inspection, open a round, sit on its team, are kept from a unit, and keep a filter.
fn rounds(tx: &luoshi_store::Tx, site: &Site, id: i64) -> Result<(), luoshi_store::Fault> {
    let actor = common::actor(id, &site.branches[0], "party_affairs_worker", &site.top);
    let permit = actor.permit(&site.pack, Verb::Act, &site.top)?;
    let kind = round::Kind { level: vec!["branch".into()], ..site.pack.round("unit_inspection").unwrap().clone() };
    let plan = store_round::Plan {
        name: "五年规划".into(),
        from: day("2022-01-01"),
        until: day("2026-12-31"),
        teams: 1,
        each: 2,
        per_year: 2,
    };
    let coverage = store_round::plan(tx, &permit, &kind, &plan)?;
    let opened = store_round::Opened {
        coverage,
        name: "第一轮".into(),
        from: day("2023-05-01"),
        until: day("2023-12-31"),
        paper: "文件".into(),
    };
    let round = store_round::open(tx, &permit, &opened)?;
    store_round::seat(tx, &permit, &site.pack, (round, 1, id), site.pack.post("team_member").unwrap())?;
    store_round::declare(tx, &permit, id, site.branches[site.branches.len() - 1].id)?;
    let [at, other] = [&site.branches[0], &site.branches[site.branches.len() - 1]];
    let order = matter::Opening {
        flow: site.pack.flow("order").unwrap(),
        addressee: at,
        subject: "1".into(),
        title: "督办".into(),
        data: serde_json::json!({ "by": "2023-12-31" }),
        note: String::new(),
    };
    let order = matter::open(tx, &permit, &order)?;
    if at.id != other.id {
        matter::help(tx, &permit, &site.pack, order, (other, "协助"))?;
    }
    matter::keep(tx, &actor, &matter::Kept { name: "我的".into(), question: "?flow=order".into() })
}

fn later(actor: &Actor, site: &Site, at: &luoshi_rules::Unit, day: jiff::civil::Date) -> Permit {
    Actor { today: day, ..actor.clone() }.permit(&site.pack, Verb::Write, at).unwrap()
}

fn permit_to_see(actor: &Actor, site: &Site, at: &luoshi_rules::Unit) -> Permit {
    actor.permit(&site.pack, Verb::See, at).unwrap()
}

fn ask(db: &Db, site: &Site, actor: &Actor, what: Ask, words: &str) -> request::Request {
    let id = db.write(|tx| request::add(tx, actor, what, words)).unwrap();
    db.read(|tx| request::find(tx, &site.scope(Verb::Roll, &site.top), id)).unwrap()
}

fn leave(db: &Db, permit: &Permit, id: i64) {
    db.write(|tx| person::leave(tx, permit, id, "withdrew", day("2023-05-01"))).unwrap();
}

#[test]
fn the_copy_has_what_every_table_says_of_the_person_and_nothing_of_the_others() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        let actor = traced(db, &site);
        let other = Entry { name: "某甲".into(), identity: "11010519800101001X".into(), ..Entry::default() };
        db.write(|tx| person::add(tx, &site.permit(Verb::Roll, &site.branches[0]), &other)).ok();
        ask(db, &site, &actor, Ask::Correct, "出生日期有误");
        let copy = db.read(|tx| mine::copy(tx, &actor)).unwrap();
        let empty = [
            "transfer",
            "matter",
            "unit_change",
            "import",
            "intake",
            "exchange",
            "exchange_return",
            "exchange_receipt",
            "edition",
            "person_lock",
            "waiver",
            "export_map",
            "figure_own",
            "figure_quote",
            "collection_answer",
        ];
        for (table, rows) in &copy {
            assert_eq!(rows.is_empty(), empty.contains(table), "{table}: {rows:?}");
        }
        let text = serde_json::to_string(&copy).unwrap();
        for words in [NAME, IDENTITY, PHONE, LOGIN, "联系", "出生日期有误", "第一次会议"] {
            assert!(text.contains(words), "{words}");
        }
        for words in ["某甲", "argon2id", "11010519800101001X"] {
            assert!(!text.contains(words), "{words}");
        }
    });
}

#[test]
fn who_asks_to_be_locked_is_shown_nowhere_until_unlocked() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let (actor, permit) = (traced(db, &site), site.permit(Verb::Roll, &site.top));
        let scope = site.scope(Verb::People, &site.top);
        let all = Filter { most: 50, ..Filter::default() };
        let seen = || {
            db.read(|tx| {
                let list = person::list(tx, &scope, &all)?.len();
                assert_eq!(person::count(tx, &scope, &all)?, list as i64);
                Ok((list, person::find(tx, &scope, actor.person).is_ok()))
            })
            .unwrap()
        };
        assert_eq!(seen(), (1, true));
        let (on, old) = (day("2023-05-10"), (day("1900-01-01"), day("2023-05-10")));
        let named = || {
            db.read(|tx| {
                Ok([
                    youth::members(tx, &scope, (0, on))?.len(),
                    youth::with_members(tx, &scope, on)?.1.len(),
                    youth::born_between(tx, &scope, old, on)?.len(),
                    youth::turns(tx, &scope, 0)?.len(),
                    class::hours::pupils(tx, &scope, (&[], old), on)?.len(),
                    luoshi_store::figure::standers(tx, &scope, &[actor.person])?.len(),
                ])
            })
            .unwrap()
        };
        assert_eq!(named(), [1; 6]);
        let lock = ask(db, &site, &actor, Ask::Lock, "");
        db.write(|tx| request::grant(tx, &permit, &lock, "")).unwrap();
        assert_eq!(seen(), (0, false));
        assert_eq!(named(), [0; 6]);
        let unmask = site.permit(Verb::Unmask, &site.top);
        assert!(db.write(|tx| identity::unmask(tx, &unmask, actor.person, Field::Phone, "核对信息")).is_err());
        assert_eq!(db.read(|tx| person::own(tx, &actor)).unwrap().name, NAME, "the person sees themselves");
        assert!(db.write(|tx| request::grant(tx, &permit, &lock, "")).is_err(), "answered once");
        let unlock = ask(db, &site, &actor, Ask::Unlock, "");
        db.write(|tx| request::grant(tx, &permit, &unlock, "")).unwrap();
        assert_eq!(seen(), (1, true));
    });
}

#[test]
fn erasing_needs_the_higher_right_and_that_the_person_has_left() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let actor = traced(db, &site);
        let wish = ask(db, &site, &actor, Ask::Erase, "我已离开");
        let rule = site.permit(Verb::Rule, &site.top);
        let refused = db.write(|tx| request::grant(tx, &rule, &wish, "")).unwrap_err().to_string();
        assert!(refused.contains("名册") || refused.contains("roll"), "{refused}");
        leave(db, &site.permit(Verb::Roll, &site.branches[0]), actor.person);
        let wish = db.read(|tx| request::find(tx, &site.scope(Verb::Roll, &site.top), wish.id)).unwrap();
        let roll = site.permit(Verb::Roll, &site.top);
        assert!(db.write(|tx| request::grant(tx, &roll, &wish, "")).is_err(), "keeping the roll is not enough");
        assert_eq!(wish.state, "open");
        db.write(|tx| request::grant(tx, &rule, &wish, "已办")).unwrap();
        let answered = db.read(|tx| request::find(tx, &site.scope(Verb::Roll, &site.top), wish.id)).unwrap();
        assert_eq!((answered.state.as_str(), answered.words.as_str()), ("done", ""));
        assert!(answered.name.starts_with("已删除人员"), "{}", answered.name);
        assert!(db.write(|tx| account::attempt(tx, LOGIN)).is_err());
    });
}

#[test]
fn whose_name_is_one_character_can_be_erased_too() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let (at, roll) = (&site.branches[0], site.permit(Verb::Roll, &site.branches[0]));
        let entry = Entry { name: "某".into(), since: Some(day("2022-01-01")), ..Entry::default() };
        let id = db.write(|tx| person::add(tx, &roll, &entry)).unwrap();
        let wish = ask(db, &site, &common::actor(id, at, "member", at), Ask::Erase, "我已离开");
        leave(db, &roll, id);
        let found = || db.read(|tx| request::find(tx, &site.scope(Verb::Roll, &site.top), wish.id)).unwrap();
        db.write(|tx| request::grant(tx, &site.permit(Verb::Rule, &site.top), &found(), "")).unwrap();
        let answered = found();
        assert!(answered.name.starts_with("已删除人员"), "{}", answered.name);
    });
}

#[test]
fn texts_that_name_the_person_are_told_to_whoever_erases() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let (actor, at) = (traced(db, &site), &site.branches[0]);
        let kind = site.pack.kind.iter().find(|kind| kind.id == "theme-day").unwrap();
        let named = db
            .write(|tx| {
                let entry = record::Entry {
                    kind,
                    on: day("2023-03-03"),
                    data: serde_json::json!({ "topic": format!("{NAME}发言") }),
                    makes_up: String::new(),
                    due: None,
                    stood: Vec::new(),
                    files: Vec::new(),
                };
                record::add(tx, &site.permit(Verb::Write, at), &entry)
            })
            .unwrap();
        leave(db, &site.permit(Verb::Roll, at), actor.person);
        let wish = ask(db, &site, &actor, Ask::Erase, "");
        db.write(|tx| request::grant(tx, &site.permit(Verb::Rule, &site.top), &wish, "")).unwrap();
        let answered = db.read(|tx| request::find(tx, &site.scope(Verb::Roll, &site.top), wish.id)).unwrap();
        let found: Vec<_> = answered.found.iter().map(|one| (one.sort.as_str(), one.unit, one.id)).collect();
        assert_eq!(found, [("record", at.id, named)]);
    });
}

/// Whether the bytes of a file hold a text in any encoding it could stand in.
fn holds(bytes: &[u8], text: &str) -> bool {
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let blind = secret::digest(text.as_bytes());
    [text.as_bytes(), &utf16, blind.as_bytes()].iter().any(|needle| bytes.windows(needle.len()).any(|at| at == *needle))
}

#[test]
fn after_erasing_no_byte_of_the_file_its_log_or_a_back_up_names_the_person() {
    let file = std::env::temp_dir().join(format!("luoshi-erase-{}.db", luoshi_store::new_id()));
    let db = Db::open(file.to_str().unwrap(), Keys::new(&[7; 32])).unwrap();
    let site = Site::new(&db, &["一支部"]);
    let actor = traced(&db, &site);
    let read = |end: &str| std::fs::read(format!("{}{end}", file.display())).unwrap_or_default();
    let traces = [NAME, IDENTITY, PHONE, LOGIN, "联系欧阳", "oywh"];
    let before = [read(""), read("-wal")].concat();
    for trace in traces.iter().filter(|trace| ![IDENTITY, PHONE].contains(trace)) {
        assert!(holds(&before, trace), "{trace} was there before, so that the search proves something");
    }
    leave(&db, &site.permit(Verb::Roll, &site.branches[0]), actor.person);
    let wish = ask(&db, &site, &actor, Ask::Erase, &format!("{NAME}，{PHONE}"));
    db.write(|tx| request::grant(tx, &site.permit(Verb::Rule, &site.top), &wish, "")).unwrap();
    db.scrub().unwrap();
    let copy = file.with_extension("backup");
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.backup("main", &copy, None::<fn(rusqlite::backup::Progress)>).unwrap();
    let files = [("file", read("")), ("log", read("-wal")), ("back-up", std::fs::read(&copy).unwrap())];
    for (name, bytes) in &files {
        assert_eq!(bytes.is_empty(), *name == "log", "{name}");
        for trace in traces {
            assert!(!holds(bytes, trace), "{trace} is still in the {name}");
        }
    }
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
    std::fs::remove_file(copy).unwrap();
}

#[test]
fn under_another_key_everything_that_was_sealed_reads_as_before_and_the_old_key_opens_nothing() {
    on_every_engine_at(|db, url| {
        let site = Site::new(db, &["一支部"]);
        let actor = traced(db, &site);
        luoshi_store::audit::seal_all(db, luoshi_store::audit::Chain::Sha256).unwrap();
        let before = db.read(|tx| mine::copy(tx, &actor)).unwrap();
        let import = db.read(|tx| import::list(tx, &site.permit(Verb::Roll, &site.branches[0]))).unwrap()[0].id;
        let sheet = |db: &Db| db.read(|tx| import::body(tx, &site.permit(Verb::Roll, &site.branches[0]), import));
        let body = sheet(db).unwrap();
        assert!(!body.is_empty());
        let file = Keys::next(&[7; 32]).unwrap();
        let next = Keys::of(&file).unwrap();
        assert!(file.len() == 64 && !rekey::opens(db, &next).unwrap() && rekey::opens(db, db.keys()).unwrap());
        let done = rekey::run(db, &next).unwrap();
        assert!(
            done.numbers >= 2 && done.factors == 1 && done.sheets >= 1 && done.told >= 1 && done.codes == 10,
            "{done:?}"
        );
        assert!(!rekey::opens(db, db.keys()).unwrap(), "the old key opens nothing");
        assert!(db.read(|tx| mine::copy(tx, &actor)).is_err() && sheet(db).is_err());
        let db = Db::open(url, next).unwrap();
        assert_eq!(sheet(&db).unwrap(), body);
        let after = db.read(|tx| mine::copy(tx, &actor)).unwrap();
        for ((table, old), (_, new)) in before.iter().zip(&after) {
            assert!(old == new || *table == "recovery_code", "{table}: {old:?} {new:?}");
        }
        let twice = Entry { name: "某甲".into(), identity: IDENTITY.into(), ..Entry::default() };
        assert!(
            db.write(|tx| person::add(tx, &site.permit(Verb::Roll, &site.branches[0]), &twice)).is_err(),
            "found by the new index"
        );
        let code = second::shown(&SECRET.with(|secret| secret.borrow().clone()), now() + 30_000);
        let own = account::Account { top: actor.top, person: actor.person, hash: String::new() };
        assert!(db.write(|tx| second::matches(tx, &own, &code)).unwrap(), "the authenticator goes on");
        luoshi_store::audit::seal_all(&db, luoshi_store::audit::Chain::Sha256).unwrap();
        for verdict in luoshi_store::audit::verify(&db, &[]).unwrap() {
            assert!(verdict.wrong.is_none(), "the trail goes on: {verdict:?}");
        }
    });
}

#[test]
fn a_server_of_postgres_tells_that_another_program_has_the_facts_open() {
    on_every_engine_at(|db, url| {
        let is_told = db.engine() == "PostgreSQL";
        assert_eq!(db.others().unwrap(), 0, "one's own connections are no others");
        let other = Db::open(url, Keys::new(&[7; 32])).unwrap();
        assert_eq!((db.others().unwrap() > 0, other.others().unwrap() > 0), (is_told, is_told));
        drop(other);
        let gone = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            db.others().unwrap() == 0
        });
        assert!(gone, "it has gone");
    });
}

#[test]
fn every_column_that_is_sealed_is_sealed_anew_under_another_key() {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir("schema").unwrap() {
        let (text, mut table) = (std::fs::read_to_string(entry.unwrap().path()).unwrap(), String::new());
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("create table ") {
                table = name.split_whitespace().next().unwrap().to_owned();
            }
            let column = line.split_whitespace().next().unwrap_or_default();
            if column == "sealed" || line.contains("-- ") && line.contains("; sealed") {
                found.insert((table.clone(), column.to_owned()));
            }
        }
    }
    let known: BTreeSet<_> = rekey::SEALED.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    assert_eq!(found, known);
}

/// Files of a folder and those below it that hold a text, or its digest. Files of a running server come and go.
fn found_below(folder: &std::path::Path, text: &str) -> Option<String> {
    let digest = secret::digest(text.as_bytes());
    let mut grep = std::process::Command::new("grep");
    grep.args(["-rlaFs", "-e", text, "-e", &digest]).arg(folder).env("LC_ALL", "C");
    let said = String::from_utf8(grep.output().unwrap().stdout).unwrap();
    (!said.is_empty()).then_some(said)
}

/// What docs/operating.md tells the administrator of PostgreSQL to run after somebody was erased.
fn what_the_administrator_runs() -> Vec<String> {
    let text = std::fs::read_to_string("../../docs/operating.md").unwrap();
    let block = text.split("after somebody was erased\n").nth(1).unwrap().split("```").next().unwrap();
    block.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn on_postgresql_what_the_administrator_runs_leaves_no_byte_in_tables_logs_or_a_back_up() {
    on_every_engine_at(|db, url| {
        if !url.starts_with("postgres") {
            return; // the file itself is searched in the story above
        }
        let mut admin = postgres::Client::connect(url, postgres::NoTls).unwrap();
        let data: String = admin.query_one("show data_directory", &[]).unwrap().get(0);
        let data = std::path::Path::new(&data);
        let place: String = admin
            .query_one("select 'base/' || oid from pg_database where datname = current_database()", &[])
            .unwrap()
            .get(0);
        assert!(data.join(&place).exists(), "the server must be on this machine, and its files readable");
        let site = Site::new(db, &["一支部"]);
        let actor = traced(db, &site);
        // other stories use the same server and write the same names into its log: this one is nobody else's
        let alone = format!("上官{}", luoshi_store::new_id());
        let roll = site.permit(Verb::Roll, &site.branches[0]);
        let other =
            Entry { name: alone.clone(), search: alone.clone(), since: Some(day("2022-01-01")), ..Entry::default() };
        let other = db.write(|tx| person::add(tx, &roll, &other)).unwrap();
        assert!(found_below(&data.join("pg_wal"), &alone).is_some(), "in the log, so that the search proves something");
        admin.batch_execute("analyze; checkpoint").unwrap();
        let traces = [NAME, IDENTITY, PHONE, LOGIN, "联系欧阳", "oywh", &alone];
        for trace in traces.iter().filter(|trace| ![IDENTITY, PHONE].contains(trace)) {
            assert!(
                found_below(&data.join(&place), trace).is_some(),
                "{trace} was there, so that the search proves something"
            );
        }
        let gone = [
            (actor, format!("{NAME}，{PHONE}")),
            (common::actor(other, &site.branches[0], "member", &site.branches[0]), alone.clone()),
        ];
        for (who, words) in &gone {
            leave(db, &roll, who.person);
            let wish = ask(db, &site, who, Ask::Erase, words);
            db.write(|tx| request::grant(tx, &site.permit(Verb::Rule, &site.top), &wish, "")).unwrap();
        }
        db.scrub().unwrap();
        assert!(found_below(&data.join(&place), &alone).is_some(), "erasing alone leaves bytes, as the document says");
        let told = what_the_administrator_runs();
        assert!(told.len() >= 4, "{told:?}");
        for statement in &told {
            admin.batch_execute(statement).unwrap();
        }
        for trace in traces {
            assert_eq!(found_below(&data.join(&place), trace), None, "{trace} is still in the tables");
        }
        assert_eq!(found_below(&data.join("pg_wal"), &alone), None, "still in the log");
        let copy = std::env::temp_dir().join(format!("luoshi-erase-{}", luoshi_store::new_id()));
        std::fs::create_dir_all(&copy).unwrap();
        luoshi_store::dump::write(db, |name| std::fs::File::create(copy.join(name))).unwrap();
        for trace in traces {
            assert_eq!(found_below(&copy, trace), None, "{trace} is still in the back-up");
        }
        std::fs::remove_dir_all(copy).unwrap();
    });
}

#[test]
fn the_daily_job_drops_what_is_past_its_day_and_nothing_else() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let actor = traced(db, &site);
        let wish = ask(db, &site, &actor, Ask::Correct, "有误");
        db.write(|tx| request::refuse(tx, &site.permit(Verb::Roll, &site.top), &wish, "无误")).unwrap();
        ask(db, &site, &actor, Ask::Correct, "仍有误");
        let dropped = |days: i64| {
            let all = db.write(|tx| retain::run(tx, now() + days * 24 * 3600 * 1000)).unwrap();
            all.into_iter().filter(|(_, n)| *n > 0).collect::<Vec<_>>()
        };
        assert_eq!(dropped(0), []);
        assert_eq!(dropped(2), [("session", 1)]);
        assert_eq!(dropped(31), [("operation", 1), ("import", 1)]);
        assert_eq!(dropped(34), [("invitation", 1)]);
        assert_eq!(dropped(91), [("draft", 1)]);
        assert_eq!(dropped(1096), [("sight", 1), ("look", 1), ("request", 1)]);
        assert_eq!(dropped(10_000), []);
        let list = db.read(|tx| import::list(tx, &site.permit(Verb::Roll, &site.branches[0]))).unwrap();
        assert_eq!(list[0].state, "expired");
        let body = db.read(|tx| import::body(tx, &site.permit(Verb::Roll, &site.branches[0]), list[0].id)).unwrap();
        assert_eq!(body, "");
    });
}
