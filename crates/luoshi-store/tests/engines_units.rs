//! Units that are moved, merged, split and dissolved: the same story on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // shared with the other stories
mod common;

use common::{Site, actor, day, founding, on_every_engine};
use luoshi_rules::unit::{Change, Sort};
use luoshi_rules::{Actor, Pack, Permit, Refusal, Unit, Verb};
use luoshi_store::matter::{self, Opening};
use luoshi_store::record::{self, Entry, Filter};
use luoshi_store::unit::{self, Decision, Name, Offshoot};
use luoshi_store::{Db, Fault, account, holding, person, round, session, youth};
use serde_json::json;

/// Founds a unit below another on 2020-01-01.
fn found(db: &Db, site: &Site, above: &Unit, level: &str, name: &str) -> Unit {
    let permit = permit(db, site, above.id, Verb::Rule);
    db.write(|tx| unit::found(tx, &permit, &founding(level, name))).unwrap()
}

fn now(db: &Db, id: i64) -> Unit {
    db.read(|tx| unit::find(tx, id)).unwrap()
}

fn permit(db: &Db, site: &Site, id: i64, verb: Verb) -> Permit {
    site.permit(verb, &now(db, id))
}

/// Decides something about a unit on a day.
fn decide<T>(
    db: &Db,
    site: &Site,
    unit: i64,
    on: &str,
    work: impl Fn(&luoshi_store::Tx, &Decision) -> Result<T, Fault>,
) -> Result<T, Fault> {
    db.write(|tx| {
        let permit = site.permit(Verb::Rule, &unit::find(tx, unit)?);
        work(tx, &Decision { permit: &permit, pack: &site.pack, on: day(on), note: "批复1号" })
    })
}

fn move_to(db: &Db, site: &Site, unit: i64, to: i64, on: &str) -> Result<(), Fault> {
    decide(db, site, unit, on, |tx, decision| {
        unit::move_to(tx, decision, &site.permit(Verb::Rule, &unit::find(tx, to)?))
    })
}

fn merge(db: &Db, site: &Site, unit: i64, into: i64, on: &str) -> Result<(), Fault> {
    decide(db, site, unit, on, |tx, decision| {
        unit::merge(tx, decision, &site.permit(Verb::Rule, &unit::find(tx, into)?))
    })
}

fn enter(db: &Db, site: &Site, unit: i64, name: &str) -> i64 {
    let entry = person::Entry { name: name.into(), since: Some(day("2021-01-01")), ..Default::default() };
    let permit = permit(db, site, unit, Verb::Roll);
    db.write(|tx| person::add(tx, &permit, &entry)).unwrap()
}

/// Records something of a unit on a day.
fn note(db: &Db, site: &Site, unit: i64, on: &str) -> i64 {
    let permit = permit(db, site, unit, Verb::Write);
    db.write(|tx| record::add(tx, &permit, &entry(&site.pack, on))).unwrap()
}

fn entry<'a>(pack: &'a Pack, on: &str) -> Entry<'a> {
    let kind = pack.kind("general-meeting").unwrap();
    let (on, data) = (day(on), json!({}));
    Entry { kind, on, data, makes_up: String::new(), due: None, stood: Vec::new(), files: Vec::new() }
}

fn records(db: &Db, site: &Site, at: i64) -> usize {
    let scope = site.scope(Verb::See, &now(db, at));
    let (first, last) = (day("2020-01-01"), day("2023-12-31"));
    let filter = Filter { kind: String::new(), first, last, unit: 0, after: None, most: 10_000 };
    db.read(|tx| record::list(tx, &scope, &filter)).unwrap().len()
}

/// Signs a new secretary of a unit in, and returns the token.
fn secretary(db: &Db, site: &Site, unit: i64, login: &str) -> (i64, String) {
    let id = enter(db, site, unit, login);
    let permit = permit(db, site, unit, Verb::Roll);
    let token = format!("token of {login}");
    db.write(|tx| {
        let post = site.pack.post("organ_committee_secretary").unwrap();
        holding::appoint(tx, &permit, post, id, day("2021-01-01"), "")?;
        account::add(tx, permit.top(), id, login, "hash")?;
        session::begin(
            tx,
            &account::Account { top: permit.top(), person: id, hash: String::new() },
            &common::opening(&token),
        )
    })
    .unwrap();
    (id, token)
}

fn signed_in(db: &Db, site: &Site, token: &str) -> Actor {
    db.read(|tx| session::known(tx, site.top.top, token, day("2023-05-10"))).unwrap().actor
}

fn sees(db: &Db, site: &Site, token: &str, unit: i64) -> bool {
    signed_in(db, site, token).may(&site.pack, Verb::See, &now(db, unit).path)
}

/// Names and depths of a tree of a day.
fn tree(db: &Db, site: &Site, at: i64, on: &str) -> String {
    let scope = site.scope(Verb::See, &now(db, at));
    let units = db.read(|tx| unit::tree_on(tx, &scope, day(on))).unwrap();
    units
        .iter()
        .map(|unit| format!("{}{}", ">".repeat(unit.path.depth()), unit.short_name))
        .collect::<Vec<_>>()
        .join(" ")
}

fn history(db: &Db, site: &Site, at: i64) -> String {
    let scope = site.scope(Verb::See, &now(db, at));
    let all = db.read(|tx| unit::history(tx, &scope, at)).unwrap();
    all.iter().map(|one| format!("{} {} {}", one.on, one.change.key(), one.other_name)).collect::<Vec<_>>().join("; ")
}

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, Fault>) -> String {
    match outcome.unwrap_err() {
        Fault::Refused(Refusal::Field { why, .. } | Refusal::Rule(why)) => why.zh,
        other => panic!("{other:?}"),
    }
}

/// A committee with two committees below it.
fn two_committees(db: &Db) -> (Site, Unit, Unit) {
    let site = Site::new(db, &[]);
    let old = found(db, &site, &site.top, "organ_committee", "旧委");
    let new = found(db, &site, &site.top, "organ_committee", "新委");
    (site, old, new)
}

/// A subtree of 500 units below a unit, each with a record: its root, and all of its ids.
fn five_hundred(db: &Db, site: &Site, above: &Unit) -> (Unit, Vec<i64>) {
    let root = found(db, site, above, "organ_committee", "大委");
    let units = db
        .write(|tx| {
            let below = |at: &Unit| site.permit(Verb::Rule, at);
            let mut units = vec![root.clone()];
            for branch in 0..19 {
                let general = unit::found(tx, &below(&root), &founding("general_branch", &format!("总支{branch}")))?;
                for n in 0..25 {
                    units.push(unit::found(tx, &below(&general), &founding("branch", &format!("支部{branch}-{n}")))?);
                }
                units.push(general);
            }
            for n in 0..5 {
                units.push(unit::found(tx, &below(&root), &founding("branch", &format!("直属{n}")))?);
            }
            for unit in &units {
                record::add(tx, &site.permit(Verb::Write, unit), &entry(&site.pack, "2023-02-01"))?;
            }
            Ok(units)
        })
        .unwrap();
    (root, units.iter().map(|unit| unit.id).collect())
}

#[test]
fn moving_five_hundred_units_keeps_every_right_record_and_tree_correct_as_of_each_day() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let (root, units) = five_hundred(db, &site, &old);
        assert_eq!(units.len(), 500);
        let (_, of_old) = secretary(db, &site, old.id, "old");
        let (_, of_new) = secretary(db, &site, new.id, "new");
        let (mover, of_root) = secretary(db, &site, root.id, "root");
        let before = tree(db, &site, site.top.id, "2023-05-01");
        assert!(sees(db, &site, &of_old, units[17]) && !sees(db, &site, &of_new, units[17]));
        assert_eq!((records(db, &site, old.id), records(db, &site, new.id)), (500, 0));

        move_to(db, &site, root.id, new.id, "2023-05-02").unwrap();

        assert!(!sees(db, &site, &of_old, units[17]) && sees(db, &site, &of_new, units[17]));
        assert!(sees(db, &site, &of_root, units[17]));
        assert_eq!((records(db, &site, old.id), records(db, &site, new.id)), (0, 500));
        let people = site.scope(Verb::People, &now(db, new.id));
        assert_eq!(db.read(|tx| person::find(tx, &people, mover)).unwrap().unit, root.id);
        assert_eq!(tree(db, &site, site.top.id, "2023-05-01"), before);
        assert_eq!(tree(db, &site, old.id, "2023-05-01").split(' ').count(), 501);
        assert_eq!(tree(db, &site, old.id, "2023-05-02"), ">>旧委");
        assert_eq!(tree(db, &site, new.id, "2023-05-02").split(' ').count(), 501);
        assert_eq!(tree(db, &site, new.id, "2023-05-01"), ">>新委");
        assert_eq!(history(db, &site, root.id), "2023-05-02 move 新委; 2020-01-01 found ");
        let scope = site.scope(Verb::See, &now(db, units[17]));
        let unit = db.read(|tx| unit::list(tx, &scope)).unwrap().remove(0);
        let past = unit.before(day("2023-05-01")).unwrap();
        assert!(old.path.contains(&past.path) && new.path.contains(&unit.path));
    });
}

#[test]
fn a_place_once_given_is_never_given_again() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let first = found(db, &site, &old, "branch", "甲");
        move_to(db, &site, first.id, new.id, "2023-05-01").unwrap();
        let second = found(db, &site, &old, "branch", "乙");
        assert_ne!(second.path, first.path);
        move_to(db, &site, first.id, old.id, "2023-05-02").unwrap();
        let back = now(db, first.id);
        assert!(![&first.path, &second.path].contains(&&back.path), "{:?}", back.path);
        decide(db, &site, second.id, "2023-05-03", |tx, decision| unit::dissolve(tx, decision, None)).unwrap();
        assert_ne!(found(db, &site, &old, "branch", "丙").path, second.path);
        let roots: Vec<_> = ["甲组织", "乙组织"]
            .map(|name| db.write(|tx| unit::found_top(tx, &founding("organ_committee", name))))
            .into();
        let numbers: Vec<u32> = roots.into_iter().map(|root| root.unwrap().path.number()).collect();
        assert_eq!(numbers, [2, 3]);
    });
}

#[test]
fn a_unit_does_not_move_below_itself_to_another_organisation_or_where_its_level_cannot_stand() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let general = found(db, &site, &old, "general_branch", "总支");
        let branch = found(db, &site, &general, "branch", "支部");
        assert!(refused(move_to(db, &site, old.id, old.id, "2023-05-01")).contains("它自己"));
        assert!(refused(move_to(db, &site, general.id, branch.id, "2023-05-01")).contains("它自己"));
        assert!(refused(move_to(db, &site, branch.id, general.id, "2023-05-01")).contains("已隶属"));
        assert!(refused(move_to(db, &site, old.id, branch.id, "2023-05-01")).contains("它自己"));
        assert!(refused(move_to(db, &site, new.id, branch.id, "2023-05-01")).contains("它可以设在：党组"));
        assert!(refused(move_to(db, &site, site.top.id, old.id, "2023-05-01")).contains("自行管理"));
        assert!(refused(move_to(db, &site, branch.id, new.id, "2023-05-11")).contains("今天之后"));
        assert!(refused(move_to(db, &site, branch.id, new.id, "2019-12-31")).contains("2020-01-01"));
        let other = db.write(|tx| unit::found_top(tx, &founding("organ_committee", "别处"))).unwrap();
        let theirs = actor(9, &other, "party_affairs_worker", &other);
        assert!(theirs.permit(&site.pack, Verb::Rule, &branch).is_err());
        let to = theirs.permit(&site.pack, Verb::Rule, &other).unwrap();
        let outcome = decide(db, &site, branch.id, "2023-05-01", |tx, decision| unit::move_to(tx, decision, &to));
        assert!(refused(outcome).contains("本单位"));
        assert_eq!(now(db, branch.id).path, branch.path);
    });
}

#[test]
fn of_two_moves_at_once_that_would_make_a_circle_one_is_refused() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let outcomes = std::thread::scope(|scope| {
            let (site, one, two) = (&site, old.id, new.id);
            let there = scope.spawn(move || move_to(db, site, one, two, "2023-05-01"));
            let back = scope.spawn(move || move_to(db, site, two, one, "2023-05-01"));
            [there.join().unwrap(), back.join().unwrap()]
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        assert_eq!(tree(db, &site, site.top.id, "2023-05-10").split(' ').count(), 3);
    });
}

#[test]
fn a_change_has_a_day_not_before_the_last_and_leaves_what_was() {
    on_every_engine(|db| {
        let (site, old, _) = two_committees(db);
        let branch = found(db, &site, &old, "branch", "甲支部");
        let name = |text: &str| Name { short: text.into(), full: format!("中共{text}"), search: text.into() };
        let rename = |text: &str, on: &str| {
            decide(db, &site, branch.id, on, |tx, decision| unit::rename(tx, decision, &name(text)))
        };
        rename("乙支部", "2023-03-01").unwrap();
        assert!(refused(rename("丙支部", "2023-02-28")).contains("2023-03-01"));
        assert!(refused(rename("乙支部", "2023-03-02")).contains("没有变更"));
        assert!(refused(rename("", "2023-03-02")).contains("1至100字"));
        rename("丙支部", "2023-03-01").unwrap();
        assert_eq!(tree(db, &site, branch.id, "2023-02-28"), ">>>甲支部");
        assert_eq!(tree(db, &site, branch.id, "2023-03-01"), ">>>丙支部");
        let sort = |level: &str, code: &str| Sort {
            level: level.into(),
            class: "organ".into(),
            code: code.into(),
            parts: vec!["committee".into()],
            order_no: 1,
        };
        let reclass =
            |sort: Sort| decide(db, &site, branch.id, "2023-04-01", |tx, decision| unit::reclass(tx, decision, &sort));
        assert!(refused(reclass(sort("branch", "611"))).contains("631"));
        assert!(refused(reclass(sort("work_committee", ""))).contains("最上级"));
        reclass(sort("general_branch", "621")).unwrap();
        let scope = site.scope(Verb::See, &now(db, branch.id));
        let unit = db.read(|tx| unit::list(tx, &scope)).unwrap().remove(0);
        assert_eq!((unit.level_on(day("2023-03-31")), unit.level_on(day("2023-04-01"))), ("branch", "general_branch"));
        assert!(unit.parts_on(day("2023-03-31")).is_empty() && unit.parts_on(day("2023-04-01")) == ["committee"]);
        let kinds = db.read(|tx| unit::history(tx, &scope, branch.id)).unwrap();
        assert_eq!(kinds[0].note, "党支部 机关 → 党总支 机关 621 支部委员会 · 批复1号");
        assert!(kinds.iter().any(|one| one.note == "甲支部 → 中共乙支部 · 批复1号"));
        let kinds: Vec<Change> = kinds.iter().map(|one| one.change).collect();
        assert_eq!(kinds, [Change::Reclass, Change::Rename, Change::Rename, Change::Found]);
    });
}

#[test]
fn a_merger_hands_over_people_units_and_open_matters_and_keeps_what_was_done() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let branch = found(db, &site, &old, "branch", "支部");
        let one = enter(db, &site, old.id, "某甲");
        let done = note(db, &site, old.id, "2023-02-01");
        note(db, &site, branch.id, "2023-02-01");
        let above = actor(1, &site.top, "party_affairs_worker", &site.top);
        let act = above.permit(&site.pack, Verb::Act, &site.top).unwrap();
        let flow = site.pack.flow("follow-up").unwrap();
        let opening = |addressee: &'_ Unit| Opening {
            flow,
            addressee: Box::leak(Box::new(addressee.clone())),
            subject: "1/2023Q1".into(),
            title: "提醒".into(),
            data: json!({}),
            note: String::new(),
        };
        let matter = db.write(|tx| matter::open(tx, &act, &opening(&old))).unwrap();
        db.write(|tx| matter::open(tx, &act, &opening(&new))).unwrap();

        merge(db, &site, old.id, new.id, "2023-05-01").unwrap();

        let gone = now(db, old.id);
        assert_eq!(gone.dissolved.unwrap(), (day("2023-05-01"), "并入 merged into: 新委".into()));
        assert!(now(db, new.id).path.contains(&now(db, branch.id).path));
        assert_eq!((records(db, &site, new.id), records(db, &site, old.id)), (1, 1));
        let scope = site.scope(Verb::See, &now(db, old.id));
        assert_eq!(db.read(|tx| record::find(tx, &scope, done)).unwrap().record.unit, old.id);
        let people = site.scope(Verb::People, &now(db, new.id));
        assert_eq!(db.read(|tx| person::find(tx, &people, one)).unwrap().unit, new.id);
        let scope = site.scope(Verb::See, &now(db, new.id));
        let line = db.read(|tx| matter::find(tx, &scope, matter)).unwrap();
        // it says where it came from, and no step was taken in anybody's name
        assert_eq!((line.matter.unit, line.matter.events.len(), line.turns.len()), (new.id, 1, 1));
        assert!(line.turns[0].note.contains("旧委 → 新委") && line.turns[0].from == "旧委", "{:?}", line.turns);
        assert_eq!(history(db, &site, old.id), "2023-05-01 merge 新委; 2020-01-01 found ");
        assert_eq!(history(db, &site, new.id), "2023-05-01 merge 旧委; 2020-01-01 found ");
        assert_eq!(tree(db, &site, old.id, "2023-04-30"), ">>旧委 >>>支部");
        assert!(refused(move_to(db, &site, old.id, site.top.id, "2023-05-02")).contains("已于 2023-05-01 撤销"));
        assert!(refused(move_to(db, &site, branch.id, old.id, "2023-05-02")).contains("撤销"));
    });
}

/// An inspection of a committee by the top, with a finding that is closed and one that is under way.
fn inspected(db: &Db, site: &Site, at: &Unit) -> [i64; 3] {
    let open = |flow: &str, whole: i64, by: (&Unit, &str, i64), title: &str| {
        let leave = actor(by.2, by.0, by.1, by.0).permit(&site.pack, Verb::Act, by.0).unwrap();
        db.write(|tx| {
            let opening = Opening {
                flow: site.pack.flow(flow).unwrap(),
                addressee: &now(db, at.id),
                subject: title.into(),
                title: title.into(),
                data: json!({}),
                note: String::new(),
            };
            match whole {
                0 => matter::open(tx, &leave, &opening),
                _ => matter::add_part(tx, &leave, &site.pack, whole, (&opening, &[])),
            }
        })
        .unwrap()
    };
    let whole = open("inspection", 0, (&site.top, "inspection_officer", 1), "巡察");
    let found = |title: &str| open("finding", whole, (at, "team_leader", 2), title);
    [whole, found("已改"), found("在改")]
}

#[test]
fn an_inspection_by_the_work_committee_covers_leading_groups_and_nothing_else() {
    on_every_engine(|db| {
        let pack = common::pack();
        let work = db.write(|tx| unit::found_top(tx, &founding("work_committee", "工委"))).unwrap();
        let office = actor(1, &work, "inspection_officer", &work);
        let clerk = actor(2, &work, "party_affairs_worker", &work);
        let rule = clerk.permit(&pack, Verb::Rule, &work).unwrap();
        let group = db.write(|tx| unit::found(tx, &rule, &founding("leading_group", "某厅党组"))).unwrap();
        let rule = clerk.permit(&pack, Verb::Rule, &group).unwrap();
        let committee = db.write(|tx| unit::found(tx, &rule, &founding("organ_committee", "某厅党委"))).unwrap();
        let leave = office.permit(&pack, Verb::Act, &work).unwrap();
        let kind = pack.round("inspection").unwrap();
        let [from, until] = [day("2023-01-01"), day("2027-12-31")];
        let plan = round::Plan { name: "巡视".into(), from, until, teams: 1, each: 3, per_year: 2 };
        let matter = db.write(|tx| {
            let coverage = round::plan(tx, &leave, kind, &plan)?;
            let opened =
                round::Opened {
                    coverage, name: "第一轮".into(), from: day("2023-05-01"), until, paper: "通知".into()
                };
            let id = round::open(tx, &leave, &opened)?;
            assert!(round::add_target(tx, &leave, &pack, (id, 1), &committee).is_err(), "another kind's");
            round::add_target(tx, &leave, &pack, (id, 1), &group)
        });
        let matter = matter.unwrap();
        let team = actor(7, &group, "team_leader", &group).permit(&pack, Verb::Act, &group).unwrap();
        let came = matter::Taken { to: "arrived", on: Some(day("2023-05-10")), ..Default::default() };
        db.write(|tx| matter::take(tx, &team, &pack, matter, &came)).unwrap();
        let scope = clerk.scope(&pack, Verb::See, &work).unwrap();
        let visits = db.read(|tx| round::visits(tx, &scope)).unwrap();
        assert_eq!((visits.len(), visits[0].unit, visits[0].arrived), (1, group.id, Some(day("2023-05-10"))));
        let coverage = db.read(|tx| round::coverages(tx, &scope)).unwrap().remove(0);
        let places = db.read(|tx| round::places(tx, &scope, (&coverage, kind))).unwrap();
        assert_eq!(places.iter().map(|place| place.name.as_str()).collect::<Vec<_>>(), ["某厅党组"]);
    });
}

/// Takes a step with answers, as the holder of a post in a unit.
fn step(db: &Db, site: &Site, who: (&Unit, &str, i64), matter: i64, to: &str, data: serde_json::Value) {
    let leave = actor(who.2, who.0, who.1, who.0).permit(&site.pack, Verb::Act, &now(db, who.0.id)).unwrap();
    let taken = matter::Taken { to, note: "说明", data, on: None };
    db.write(|tx| matter::take(tx, &leave, &site.pack, matter, &taken)).unwrap();
}

/// How a matter reads from a unit: its unit, its state, the steps it went through, who had it before.
fn read(db: &Db, site: &Site, from: i64, matter: i64) -> (i64, String, Vec<String>, Vec<String>) {
    let scope = site.scope(Verb::See, &now(db, from));
    let line = db.read(|tx| matter::whole(tx, &scope, &site.pack, matter)).unwrap();
    let flow = site.pack.flow(&line.matter.flow).unwrap();
    let state = line.matter.state(flow).unwrap().id.clone();
    let steps = line.matter.events.iter().map(|event| event.step.clone()).collect();
    (line.matter.unit, state, steps, line.turns.iter().map(|turn| turn.from.clone()).collect())
}

#[test]
fn a_merger_in_the_middle_of_a_rectification_changes_no_step_and_the_heir_goes_on() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let [whole, done, doing] = inspected(db, &site, &old);
        let top = (&site.top, "inspection_officer", 1);
        for finding in [done, doing] {
            step(db, &site, top, finding, "fed_back", json!({ "limit": "2023-08-01" }));
            step(db, &site, (&old, "organ_committee_secretary", 3), finding, "accepted", json!({}));
        }
        let task = {
            let leave = actor(3, &old, "organ_committee_secretary", &old);
            let leave = leave.permit(&site.pack, Verb::Act, &old).unwrap();
            let flow = site.pack.flow("task").unwrap();
            let data = json!({ "by": "2023-07-01", "leader": "书记", "term": "window" });
            let title = "建章立制".to_owned();
            let opening = Opening { flow, addressee: &old, subject: title.clone(), title, data, note: String::new() };
            db.write(|tx| matter::add_part(tx, &leave, &site.pack, done, (&opening, &[]))).unwrap()
        };
        step(db, &site, top, task, "passed", json!({}));
        let claim = json!({ "result": "done", "rules": 3, "persons": 2, "evidence": [{ "record": 1 }] });
        step(db, &site, (&old, "organ_committee_secretary", 3), task, "claimed", claim);

        merge(db, &site, old.id, new.id, "2023-05-01").unwrap();

        // the claim stands with its counts, by who made it; the clerk who merged may still verify
        assert_eq!(read(db, &site, new.id, task).0, new.id);
        let scope = site.scope(Verb::See, &now(db, new.id));
        let line = db.read(|tx| matter::find(tx, &scope, task)).unwrap();
        let claimed = line.matter.events.last().unwrap();
        assert_eq!((claimed.step.as_str(), claimed.actor, &claimed.data["rules"]), ("claimed", 3, &json!(3)));
        step(db, &site, top, task, "verified", json!({}));
        step(db, &site, top, task, "closed", json!({}));
        step(db, &site, top, done, "closed", json!({}));
        // and the heir plans what is still to be done
        let heir = actor(4, &new, "organ_committee_secretary", &new).permit(&site.pack, Verb::Act, &new).unwrap();
        let flow = site.pack.flow("task").unwrap();
        let data = json!({ "by": "2023-07-01", "leader": "书记", "term": "window" });
        let title = "接着改".to_owned();
        let opening = Opening { flow, addressee: &new, subject: title.clone(), title, data, note: String::new() };
        db.write(|tx| matter::add_part(tx, &heir, &site.pack, doing, (&opening, &[]))).unwrap();
        let (unit, state, steps, from) = read(db, &site, new.id, done);
        assert_eq!((unit, state.as_str(), from), (new.id, "closed", vec!["旧委".to_owned()]));
        assert_eq!(steps, ["found", "fed_back", "accepted", "closed"]);

        // a second merger: what was closed goes along too, can be read there and relapse there
        let third = found(db, &site, &site.top, "organ_committee", "第三委");
        merge(db, &site, new.id, third.id, "2023-05-02").unwrap();
        assert_eq!(read(db, &site, third.id, done).0, third.id);
        step(db, &site, top, done, "relapsed", json!({ "limit": "2023-09-01" }));
        let (unit, state, steps, from) = read(db, &site, third.id, task);
        assert_eq!((unit, state.as_str(), from.len()), (third.id, "reopened", 2), "{steps:?}");
        assert_eq!(read(db, &site, third.id, whole).0, third.id);
        // who had it before goes on seeing it
        assert_eq!(read(db, &site, old.id, task).0, third.id);
    });
}

#[test]
fn a_unit_with_open_matters_is_dissolved_only_into_a_successor_and_they_say_so() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let [whole, _, doing] = inspected(db, &site, &old);
        let dissolve = |heir: Option<i64>| {
            decide(db, &site, old.id, "2023-05-01", |tx, decision| {
                let heir = heir.map(|id| Ok::<_, Fault>(site.permit(Verb::Rule, &unit::find(tx, id)?))).transpose()?;
                unit::dissolve(tx, decision, heir.as_ref())
            })
        };
        assert!(refused(dissolve(None)).contains("3 件在办事项"));
        assert!(refused(dissolve(Some(old.id))).contains("它自己"));
        dissolve(Some(new.id)).unwrap();
        assert!(now(db, old.id).dissolved.is_some());
        for matter in [whole, doing] {
            let (unit, _, steps, from) = read(db, &site, new.id, matter);
            assert_eq!((unit, steps.len(), from), (new.id, 1, vec!["旧委".to_owned()]));
        }
        assert_eq!(history(db, &site, old.id).split(';').next(), Some("2023-05-01 dissolve 新委"));
    });
}

#[test]
fn a_matter_is_passed_on_with_a_reason_and_the_old_unit_goes_on_seeing_it() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let [_, _, doing] = inspected(db, &site, &old);
        let office =
            |unit: &Unit| actor(1, unit, "party_affairs_worker", unit).permit(&site.pack, Verb::Act, unit).unwrap();
        let pass = |leave: &Permit, to: &Unit, why: &str| {
            db.write(|tx| matter::pass_on(tx, leave, &site.pack, doing, (to, why)))
        };
        assert!(refused(pass(&office(&site.top), &new, " ")).contains("请写明原因"));
        assert!(refused(pass(&office(&site.top), &old, "职能调整")).contains("另一个组织"));
        assert!(refused(pass(&office(&site.top), &site.top, "职能调整")).contains("另一个组织"));
        assert!(pass(&office(&old), &new, "推给别人").is_err(), "the unit itself passes nothing on");
        pass(&office(&site.top), &new, "职能调整").unwrap();
        assert_eq!(read(db, &site, new.id, doing).0, new.id);
        let (unit, _, steps, from) = read(db, &site, old.id, doing);
        assert_eq!((unit, steps.len(), from), (new.id, 1, vec!["旧委".to_owned()]), "the old unit sees where it went");

        // a unit helps for a while; then it takes no step but goes on seeing
        let branch = found(db, &site, &old, "branch", "支部");
        let help = |unit: &Unit| db.write(|tx| matter::help(tx, &office(&site.top), &site.pack, doing, (unit, "协助")));
        help(&branch).unwrap();
        assert!(refused(help(&branch)).contains("已在协办"));
        let end =
            |unit: i64| db.write(|tx| matter::end_help(tx, &office(&site.top), &site.pack, doing, (unit, "完成")));
        end(branch.id).unwrap();
        assert!(matches!(end(branch.id), Err(Fault::NotFound)));
        let scope = site.scope(Verb::See, &branch);
        let line = db.read(|tx| matter::find(tx, &scope, doing)).unwrap();
        assert!(line.matter.helpers.is_empty());
        assert_eq!(line.turns.len(), 3);
        help(&branch).unwrap();
    });
}

#[test]
fn a_split_founds_units_beside_the_old_one_and_moves_those_chosen() {
    on_every_engine(|db| {
        let (site, old, _) = two_committees(db);
        let branch = found(db, &site, &old, "branch", "支部");
        let (stays, goes) = (enter(db, &site, branch.id, "某甲"), enter(db, &site, branch.id, "某乙"));
        let split = |people: Vec<i64>| {
            decide(db, &site, branch.id, "2023-05-01", |tx, decision| {
                let above = site.permit(Verb::Rule, &unit::find(tx, old.id)?);
                let part = Offshoot { founding: founding("branch", "第二支部"), people: people.clone() };
                unit::split(tx, decision, &above, &[part])
            })
        };
        assert!(refused(split(vec![goes, 4_711])).contains("不在该组织名册"));
        assert_eq!(tree(db, &site, old.id, "2023-05-01"), ">>旧委 >>>支部");
        let new = split(vec![goes]).unwrap().remove(0);
        assert_eq!((new.founded, new.path.parent()), (day("2023-05-01"), Some(old.path.clone())));
        let scope = site.scope(Verb::People, &now(db, old.id));
        let unit_of = |id: i64| db.read(|tx| person::find(tx, &scope, id)).unwrap().unit;
        assert_eq!((unit_of(stays), unit_of(goes)), (branch.id, new.id));
        assert_eq!(history(db, &site, new.id), "2023-05-01 split 支部; 2023-05-01 found ");
        assert_eq!(history(db, &site, branch.id), "2023-05-01 split 第二支部; 2020-01-01 found ");
    });
}

#[test]
fn a_unit_that_keeps_something_for_others_is_dissolved_only_into_a_successor() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let roll = permit(db, &site, old.id, Verb::Roll);
        let group = db.write(|tx| youth::found(tx, &roll, &old, "青年一组")).unwrap();
        let dissolve = |heir: Option<i64>| {
            decide(db, &site, old.id, "2023-05-01", |tx, decision| {
                let heir = heir.map(|id| Ok::<_, Fault>(site.permit(Verb::Rule, &unit::find(tx, id)?))).transpose()?;
                unit::dissolve(tx, decision, heir.as_ref())
            })
        };
        let why = refused(dissolve(None));
        assert!(why.contains("还管着：青年小组 1。"), "{why}");
        dissolve(Some(new.id)).unwrap();
        assert_eq!(db.read(|tx| youth::find(tx, &site.scope(Verb::See, &new), group)).unwrap().unit, new.id);
    });
}

#[test]
fn a_unit_is_dissolved_only_when_nobody_and_nothing_is_left_in_it() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let branch = found(db, &site, &old, "branch", "支部");
        let (_, token) = secretary(db, &site, new.id, "new");
        let dissolve = |id: i64| decide(db, &site, id, "2023-05-01", |tx, decision| unit::dissolve(tx, decision, None));
        assert!(refused(dissolve(old.id)).contains("1 个下级组织"));
        assert!(refused(dissolve(new.id)).contains("1 人"));
        merge(db, &site, new.id, branch.id, "2023-05-01").unwrap();
        assert!(!sees(db, &site, &token, new.id), "posts end with the unit");
        merge(db, &site, branch.id, old.id, "2023-05-02").unwrap();
        assert!(refused(dissolve(branch.id)).contains("已于 2023-05-02 撤销"));
        assert_eq!(tree(db, &site, old.id, "2023-05-03"), ">>旧委");
        let empty = found(db, &site, &old, "branch", "空支部");
        decide(db, &site, empty.id, "2023-05-09", |tx, decision| unit::dissolve(tx, decision, None)).unwrap();
        assert_eq!(now(db, empty.id).dissolved.unwrap().0, day("2023-05-09"));
        let above = permit(db, &site, empty.id, Verb::Rule);
        assert!(refused(db.write(|tx| unit::found(tx, &above, &founding("branch", "迟")))).contains("上级组织已于"));
        assert_eq!(tree(db, &site, old.id, "2023-05-09"), ">>旧委 >>>空支部");
        assert_eq!(tree(db, &site, old.id, "2023-05-10"), ">>旧委");
    });
}

#[test]
fn nobody_sees_another_organisation_without_a_post_above_it() {
    on_every_engine(|db| {
        let pack = common::pack();
        let province = db.write(|tx| unit::found_top(tx, &founding("work_committee", "省直工委"))).unwrap();
        let clerk = actor(1, &province, "party_affairs_worker", &province);
        let rule = clerk.permit(&pack, Verb::Rule, &province).unwrap();
        let found = |name| db.write(|tx| unit::found_top_below(tx, &rule, &founding("leading_group", name))).unwrap();
        let (a, b) = (found("甲厅"), found("乙厅"));
        assert!(a.top == a.id && province.path.contains(&a.path) && a.path != b.path);
        let of_a = actor(2, &a, "party_affairs_worker", &a);
        assert!(clerk.may(&pack, Verb::See, &b.path) && of_a.may(&pack, Verb::See, &a.path));
        assert!(!of_a.may(&pack, Verb::See, &b.path) && !of_a.may(&pack, Verb::See, &province.path));
        let below = db.read(|tx| unit::tops_below(tx, &province)).unwrap();
        assert_eq!(below.iter().map(|one| one.id).collect::<Vec<_>>(), [a.id, b.id]);
        assert!(db.read(|tx| unit::tops_below(tx, &a)).unwrap().is_empty());
        let scope = clerk.scope(&pack, Verb::See, &province).unwrap();
        assert_eq!(db.read(|tx| unit::list(tx, &scope)).unwrap().len(), 1, "a scope stays within one organisation");
        let next = db.write(|tx| unit::found_top(tx, &founding("work_committee", "市直工委"))).unwrap();
        assert_eq!(next.path.as_str(), "0002");
    });
}

#[test]
fn organisations_below_a_unit_move_with_it() {
    on_every_engine(|db| {
        let site = Site::new(db, &[]);
        let (one, two) = (
            found(db, &site, &site.top, "organ_committee", "一委"),
            found(db, &site, &site.top, "organ_committee", "二委"),
        );
        let rule = permit(db, &site, one.id, Verb::Rule);
        let own = db.write(|tx| unit::found_top_below(tx, &rule, &founding("organ_committee", "自管"))).unwrap();
        let clerk = actor(5, &own, "party_affairs_worker", &own);
        let below = clerk.permit(&site.pack, Verb::Rule, &own).unwrap();
        let branch = db.write(|tx| unit::found(tx, &below, &founding("branch", "支部"))).unwrap();
        let write = clerk.permit(&site.pack, Verb::Write, &branch).unwrap();
        db.write(|tx| record::add(tx, &write, &entry(&site.pack, "2023-02-01"))).unwrap();
        move_to(db, &site, one.id, two.id, "2023-05-01").unwrap();
        assert!(now(db, two.id).path.contains(&now(db, branch.id).path));
        assert_eq!(records(db, &site, branch.id), 1);
        assert_eq!(tree(db, &site, own.id, "2023-04-30"), ">>>自管 >>>>支部");
        assert_eq!(tree(db, &site, own.id, "2023-05-01"), ">>>>自管 >>>>>支部");
        assert_eq!(db.read(|tx| unit::tops_below(tx, &now(db, two.id))).unwrap().len(), 1);
    });
}

#[test]
fn ties_beside_the_tree_hold_from_day_to_day() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let permit = permit(db, &site, old.id, Verb::Rule);
        let add = |tie: &str, other: &Unit, from: &str| {
            db.write(|tx| unit::add_tie(tx, &permit, &site.pack, (tie, other), day(from)))
        };
        add("guidance", &new, "2023-01-01").unwrap();
        assert!(refused(add("guidance", &new, "2023-02-01")).contains("2023-01-01"));
        assert!(refused(add("guidance", &old, "2023-02-01")).contains("自己"));
        assert!(refused(add("friendship", &new, "2023-02-01")).contains("种类"));
        assert!(refused(add("territorial", &new, "2019-02-01")).contains("当日存在"));
        let scope = site.scope(Verb::See, &now(db, new.id));
        let ties = db.read(|tx| unit::ties(tx, &scope, new.id)).unwrap();
        assert_eq!((ties.len(), ties[0].unit_name.as_str(), ties[0].until), (1, "旧委", None));
        let end = |on: &str| db.write(|tx| unit::end_tie(tx, &permit, "guidance", new.id, day(on)));
        assert!(refused(end("2022-12-31")).contains("早于"));
        end("2023-03-31").unwrap();
        assert!(refused(end("2023-03-31")).contains("没有这一关系"));
        add("guidance", &new, "2023-04-01").unwrap();
        merge(db, &site, old.id, new.id, "2023-05-01").unwrap();
        let ties = db.read(|tx| unit::ties(tx, &scope, new.id)).unwrap();
        assert!(ties.iter().all(|tie| tie.until.is_some()), "a tie ends with the unit: {ties:?}");
        let card = db.read(|tx| unit::card(tx, &scope, new.id, day("2023-06-01"))).unwrap();
        assert_eq!(card.ties, ties);
    });
}

#[test]
fn a_tree_is_read_by_words_with_who_leads_each_unit_and_how_many_belong_to_it() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        secretary(db, &site, old.id, "secretary");
        enter(db, &site, old.id, "某乙");
        let scope = site.scope(Verb::See, &now(db, site.top.id));
        let found = |words: &str| db.read(|tx| unit::search(tx, &scope, words, 10)).unwrap().len();
        assert_eq!((found("旧"), found("委"), found("%"), found("无此")), (1, 3, 3, 0));
        let heads = |on: &str| db.read(|tx| unit::heads(tx, &scope, day(on))).unwrap();
        assert_eq!(heads("2023-05-10")[&(old.id, "organ_committee_secretary".to_owned())], "secretary");
        assert!(heads("2020-12-31").is_empty());
        let card = |at: i64, on: &str| db.read(|tx| unit::card(tx, &scope, at, day(on))).unwrap();
        let of_old = card(old.id, "2023-05-10");
        assert_eq!(of_old.posts, db.read(|tx| holding::of_unit(tx, &scope, old.id)).unwrap());
        assert_eq!(of_old.counts, db.read(|tx| person::counts(tx, &scope, 0)).unwrap());
        assert_eq!(of_old.history, db.read(|tx| unit::history(tx, &scope, old.id)).unwrap());
        assert!(card(old.id, "2020-12-31").posts.is_empty() && card(new.id, "2023-05-10").posts.is_empty());
        let around = db.read(|tx| unit::around(tx, &now(db, old.id))).unwrap();
        assert_eq!(around.above, db.read(|tx| unit::ancestry(tx, &now(db, old.id))).unwrap());
        let members = db.read(|tx| unit::members(tx, &scope)).unwrap();
        assert_eq!((members.get(&old.id), members.get(&new.id)), (Some(&(2, 0)), None));
    });
}

#[test]
fn every_table_that_copies_a_place_is_rewritten_by_a_move() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let schema: Vec<String> = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let place = include_str!("../src/unit/place.rs");
    let mut table = "";
    let mut seen = 0;
    for line in schema.iter().flat_map(|text| text.lines()) {
        table = line.strip_prefix("create table ").and_then(|rest| rest.split(' ').next()).unwrap_or(table);
        let column = line.split_whitespace().next().unwrap_or_default();
        // where a unit stood, and where it stood when something was counted, stay as they were
        let past = table == "unit_past" || table.starts_with("rollup");
        if matches!(column, "path" | "opener_path") && !past {
            assert!(place.contains(&format!("update {table} set {column} = ")), "{table}.{column}");
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen}");
}
