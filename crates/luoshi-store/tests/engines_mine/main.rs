//! What is kept about a person: the copy has all of it, erasing leaves no trace, every table has its date.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[path = "../common/mod.rs"]
mod common;
mod copy;
mod erase;
mod key;

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
        let wish =
            token::Wish { name: "统计".into(), writes: false, proposals: false, unit: 0, until: day("2023-12-31") };
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
    let calendar = luoshi_rules::Calendar::parse(include_str!("../../../../packs/holidays.toml")).unwrap();
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
