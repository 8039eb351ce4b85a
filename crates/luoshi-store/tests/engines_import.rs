//! Imports on every engine: what is kept of them, who may move them on, and what taking back refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[allow(dead_code)] // each test binary uses its part
mod common;

use common::*;
use luoshi_rules::{Unit, Verb};
use luoshi_store::import::{self, Import};
use luoshi_store::person::Entry;
use luoshi_store::{Db, Fault, branch_group, holding, person, record, term, unit, youth};

const NUMBER: &str = "990000199001010017";

fn begin(db: &Db, site: &Site) -> i64 {
    db.write(|tx| import::begin(tx, &site.permit(Verb::Roll, &site.top), "名册.xlsx", "digest")).unwrap()
}

fn come_to(id: i64, site: &Site, state: &str) -> Import {
    Import {
        id,
        unit: site.top.id,
        sort: "people".into(),
        name: String::new(),
        state: state.into(),
        done: 3,
        rows: 3,
        idle: 0,
        on: day("2023-05-10"),
    }
}

fn enter(db: &Db, site: &Site, at: &Unit, name: &str) -> i64 {
    let entry =
        Entry { name: name.into(), identity: NUMBER.into(), since: Some(day("2022-01-01")), ..Entry::default() };
    db.write(|tx| person::add(tx, &site.permit(Verb::Roll, at), &entry)).unwrap()
}

fn unmake(db: &Db, site: &Site, at: &Unit, id: i64, posts: &[String]) -> Result<(), Fault> {
    let permit = site.permit(Verb::Roll, at);
    db.write(|tx| import::unmake_person(tx, &permit, id, posts, &import::frozen(tx, &permit)?))
}

#[track_caller]
fn refused(done: Result<(), Fault>, words: &str) {
    let Err(Fault::Refused(refusal)) = done else { panic!("{done:?} is no refusal") };
    let said = refusal.say(luoshi_rules::Lang::Zh);
    assert!(said.contains(words), "{said}");
}

#[test]
fn what_was_uploaded_is_sealed_at_rest_and_opens_for_whoever_may_read_it() {
    let file = std::env::temp_dir().join(format!("luoshi_sealed_{}.db", luoshi_store::new_id()));
    let db = Db::open(file.to_str().unwrap(), luoshi_store::Keys::new(&[7; 32])).unwrap();
    let site = Site::new(&db, &["第一支部"]);
    let id = begin(&db, &site);
    db.write(|tx| import::keep(tx, site.top.top, &come_to(id, &site, "ready"), NUMBER, "reading")).unwrap();
    assert_eq!(db.read(|tx| import::body(tx, &site.permit(Verb::Roll, &site.top), id)).unwrap(), NUMBER);
    assert!(db.read(|tx| import::body(tx, &site.permit(Verb::Roll, &site.branches[0]), id)).is_err());
    drop(db);
    let mut all = Vec::new();
    for end in ["", "-wal", "-shm"] {
        let path = format!("{}{end}", file.display());
        all.extend(std::fs::read(&path).unwrap_or_default());
        let _ = std::fs::remove_file(path);
    }
    let holds = |text: &str| all.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("名册.xlsx") && !holds(NUMBER));
}

#[test]
fn an_import_moves_on_once_and_only_from_where_it_stands() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部"]);
        let (id, permit, top) = (begin(db, &site), site.permit(Verb::Roll, &site.top), site.top.top);
        db.write(|tx| import::progress(tx, top, id, (2, 9))).unwrap();
        let found = db.read(|tx| import::find(tx, &permit, id)).unwrap();
        assert_eq!((found.state.as_str(), found.done, found.rows), ("reading", 2, 9));
        assert!((0..60_000).contains(&found.idle), "{}", found.idle);
        db.write(|tx| import::keep(tx, top, &come_to(id, &site, "ready"), NUMBER, "reading")).unwrap();
        refused(db.write(|tx| import::keep(tx, top, &come_to(id, &site, "faulty"), "", "reading")), "已有变化");
        db.write(|tx| import::advance(tx, &permit, id, ("ready", "writing"))).unwrap();
        refused(db.write(|tx| import::advance(tx, &permit, id, ("ready", "writing"))), "已有变化");
        let elsewhere = site.permit(Verb::Roll, &site.branches[0]);
        assert!(matches!(db.read(|tx| import::find(tx, &elsewhere, id)), Err(Fault::NotFound)));
        assert_eq!(db.read(|tx| import::list(tx, &permit)).unwrap().len(), 1);
    });
}

#[test]
fn a_person_is_taken_back_with_the_posts_that_came_along_and_their_number_is_free_again() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部"]);
        let (at, post) = (&site.branches[0], site.pack.post("branch_secretary").unwrap());
        let id = enter(db, &site, at, "甲");
        db.write(|tx| holding::appoint(tx, &site.permit(Verb::Roll, at), post, id, day("2022-02-01"), "")).unwrap();
        refused(unmake(db, &site, at, id, &[]), "甲 已被后来的内容用到（任职 1）");
        unmake(db, &site, at, id, std::slice::from_ref(&post.id)).unwrap();
        let again = enter(db, &site, at, "甲");
        db.write(|tx| holding::appoint(tx, &site.permit(Verb::Roll, at), post, again, day("2022-02-01"), "")).unwrap();
    });
}

#[test]
fn a_person_whom_something_builds_on_is_not_taken_back_and_it_is_said_what() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部"]);
        let at = &site.branches[0];
        let id = enter(db, &site, at, "甲");
        let kind = site.pack.kind.iter().find(|kind| kind.meeting.is_some()).unwrap();
        let entry = record::Entry {
            kind,
            on: day("2023-03-01"),
            data: serde_json::json!({}),
            makes_up: String::new(),
            due: Some(vec![id]),
            stood: Vec::new(),
            files: Vec::new(),
        };
        db.write(|tx| record::add(tx, &site.permit(Verb::Write, at), &entry)).unwrap();
        refused(unmake(db, &site, at, id, &[]), "参加的会议 1");
    });
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部"]);
        let at = &site.branches[0];
        let id = enter(db, &site, at, "甲");
        let group = db.write(|tx| youth::found(tx, &site.permit(Verb::Roll, at), at, "青年一组")).unwrap();
        let rules = luoshi_rules::youth::Youth { until: 200, least: 3, most: 16, notice: 30 };
        let young = Entry { name: "乙".into(), born: Some(day("2000-01-01")), ..Entry::default() };
        let young = db.write(|tx| person::add(tx, &site.permit(Verb::Roll, at), &young)).unwrap();
        db.write(|tx| youth::join(tx, &site.permit(Verb::Roll, at), &rules, group, young)).unwrap();
        refused(unmake(db, &site, at, young, &[]), "小组 1");
        let entry = Entry { name: "甲某".into(), ..Entry::default() };
        db.write(|tx| person::correct(tx, &site.permit(Verb::Roll, at), id, &entry)).unwrap();
        refused(unmake(db, &site, at, id, &[]), "后来的更改 1");
    });
}

#[test]
fn a_unit_is_taken_back_with_its_term_unless_something_builds_on_it() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部", "第二支部"]);
        let roll = |at: &Unit| site.permit(Verb::Roll, at);
        let unmake = |at: &Unit| db.write(|tx| import::unmake_unit(tx, &site.permit(Verb::Rule, at), at.id));
        let [first, second] = &site.branches[..] else { panic!("two branches") };
        db.write(|tx| term::set(tx, &roll(first), day("2022-01-01"), day("2025-01-01"))).unwrap();
        unmake(first).unwrap();
        assert!(matches!(db.read(|tx| unit::find(tx, first.id)), Err(Fault::NotFound)));

        let worker = site.pack.post("branch_secretary").unwrap();
        let id = enter(db, &site, &site.top, "甲");
        db.write(|tx| holding::appoint(tx, &roll(second), worker, id, day("2022-02-01"), "")).unwrap();
        refused(unmake(second), "第二支部 已被后来的内容用到（任职 1）");
        refused(unmake(&site.top), "下级组织 1");

        let third =
            db.write(|tx| unit::found(tx, &site.permit(Verb::Rule, &site.top), &founding("branch", "第三支部")));
        let third = third.unwrap();
        db.write(|tx| youth::found(tx, &roll(&third), &third, "青年一组")).unwrap();
        db.write(|tx| branch_group::found(tx, &roll(&third), &third, "第一党小组")).unwrap();
        refused(unmake(&third), "第三支部 已被后来的内容用到（小组 2）");
    });
}

#[test]
fn who_is_known_is_told_to_a_scope_over_the_roll_only() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部"]);
        let id = enter(db, &site, &site.branches[0], "甲");
        let known = db.read(|tx| import::people(tx, &site.scope(Verb::Roll, &site.top))).unwrap();
        let blind = db.read(|tx| import::blind(tx, luoshi_store::identity::Field::Identity, NUMBER)).unwrap();
        assert_eq!((known[0].id, known[0].blind.as_str(), known[0].left), (id, blind.as_str(), None));
        assert!(db.read(|tx| import::people(tx, &site.scope(Verb::See, &site.top))).is_err());
        assert!(db.read(|tx| import::held(tx, &site.scope(Verb::See, &site.top))).is_err());
    });
}
