//! Groups, teams and classes: what a merger, an end and a day make of them. The same story on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod common;

use common::{Site, day, on_every_engine};
use luoshi_rules::youth::{Part, Youth};
use luoshi_rules::{Lang, Verb};
use luoshi_store::branch_group::{self, Place};
use luoshi_store::person::Entry;
use luoshi_store::{Db, Fault, class, obligation, person, round, unit, youth};

/// A branch of three with a group of two, led by the first.
fn furnished(db: &Db, site: &Site) -> (i64, Vec<i64>) {
    let (at, permit) = (&site.branches[0], site.permit(Verb::Roll, &site.branches[0]));
    let entry = |name: &str| Entry {
        name: name.into(),
        search: name.into(),
        since: Some(day("2022-01-01")),
        ..Entry::default()
    };
    let enter = |name: &&str| db.write(|tx| person::add(tx, &permit, &entry(name))).unwrap();
    let people: Vec<i64> = ["甲一", "乙二", "丙三"].iter().map(enter).collect();
    let group = db.write(|tx| branch_group::found(tx, &permit, at, "第一党小组")).unwrap();
    let place = |at: usize| Place { person: people[at], was: (0, false), now: (group, at == 0) };
    let (post, scope) = (site.pack.post(branch_group::LEADER).unwrap(), site.scope(Verb::Roll, at));
    db.write(|tx| branch_group::arrange(tx, &permit, &scope, post, &[place(0), place(1)])).unwrap();
    (group, people)
}

fn sizes(db: &Db, site: &Site, at: usize) -> (usize, usize) {
    let scope = site.scope(Verb::People, &site.branches[at]);
    let only = site.branches[at].id;
    let members = db.read(|tx| branch_group::members(tx, &scope, (only, day("2023-05-10")))).unwrap();
    (members.iter().filter(|one| one.group != 0).count(), members.len())
}

#[test]
fn a_branch_that_is_merged_has_no_groups_any_more_and_its_members_are_in_none() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        furnished(db, &site);
        assert_eq!(sizes(db, &site, 0), (2, 3));
        let rule = site.permit(Verb::Rule, &site.branches[0]);
        let decision = unit::Decision { permit: &rule, pack: &site.pack, on: day("2023-05-10"), note: "合并" };
        let into = site.permit(Verb::Rule, &site.branches[1]);
        db.write(|tx| unit::merge(tx, &decision, &into)).unwrap();
        let scope = site.scope(Verb::See, &site.top);
        let left = db.read(|tx| branch_group::list(tx, &scope, day("2023-05-10"))).unwrap();
        assert!(left.is_empty(), "{left:?}");
        assert_eq!(sizes(db, &site, 1), (0, 3));
    });
}

#[test]
fn the_rules_know_the_groups_of_a_branch_with_their_days() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let (group, _) = furnished(db, &site);
        let (at, scope) = (&site.branches[0], site.scope(Verb::See, &site.branches[0]));
        let known = || db.read(|tx| obligation::known(tx, &scope, 2023, None)).unwrap().tally.groups(at.id).to_vec();
        let groups = known();
        assert_eq!((groups.len(), groups[0].id, groups[0].from), (1, group, day("2023-05-10")));
        assert!(groups[0].until > day("2100-01-01"));
        db.write(|tx| branch_group::end(tx, &site.permit(Verb::Roll, at), group, "第一党小组")).unwrap();
        assert_eq!(known()[0].until, day("2023-05-09"));
        let again =
            db.write(|tx| branch_group::end(tx, &site.permit(Verb::Roll, at), group, "第一党小组")).unwrap_err();
        assert!(matches!(again, Fault::NotFound), "{again:?}");
        assert_eq!(sizes(db, &site, 0), (0, 3));
    });
}

#[test]
fn who_is_moved_twice_on_a_day_stands_where_they_were_left() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let (first, people) = furnished(db, &site);
        let (at, permit) = (&site.branches[0], site.permit(Verb::Roll, &site.branches[0]));
        let second = db.write(|tx| branch_group::found(tx, &permit, at, "第二党小组")).unwrap();
        let (post, scope) = (site.pack.post(branch_group::LEADER).unwrap(), site.scope(Verb::Roll, at));
        for (was, now) in [(first, second), (second, 0), (0, first), (first, second)] {
            let place = Place { person: people[1], was: (was, false), now: (now, false) };
            db.write(|tx| branch_group::arrange(tx, &permit, &scope, post, &[place])).unwrap();
        }
        let members = db.read(|tx| branch_group::members(tx, &scope, (at.id, day("2023-05-10")))).unwrap();
        let of = |person: i64| members.iter().find(|one| one.person == person).unwrap();
        assert_eq!((of(people[1]).group, of(people[2]).group), (second, 0));
        assert!(of(people[0]).leads && of(people[0]).group == first);
    });
}

#[test]
fn who_led_a_group_that_ended_leads_no_other_until_they_are_chosen() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let (first, people) = furnished(db, &site);
        let (at, permit) = (&site.branches[0], site.permit(Verb::Roll, &site.branches[0]));
        db.write(|tx| branch_group::end(tx, &permit, first, "第一党小组")).unwrap();
        let second = db.write(|tx| branch_group::found(tx, &permit, at, "第二党小组")).unwrap();
        let (post, scope) = (site.pack.post(branch_group::LEADER).unwrap(), site.scope(Verb::Roll, at));
        let put = |person: i64, was: (i64, bool), now: (i64, bool)| {
            db.write(|tx| branch_group::arrange(tx, &permit, &scope, post, &[Place { person, was, now }])).unwrap();
        };
        put(people[0], (0, false), (second, false));
        put(people[1], (0, false), (second, true));
        let members = db.read(|tx| branch_group::members(tx, &scope, (at.id, day("2023-05-10")))).unwrap();
        let lead: Vec<i64> = members.iter().filter(|one| one.leads).map(|one| one.person).collect();
        assert_eq!(lead, [people[1]]);
        // ticked by mistake, and unticked at once
        put(people[1], (second, true), (second, false));
    });
}

#[test]
fn who_leaves_a_youth_group_twice_on_a_day_was_in_it_until_the_first_time() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let (at, permit) = (&site.branches[0], site.permit(Verb::Roll, &site.branches[0]));
        let born = Some(day("2000-01-01"));
        let entry = Entry { name: "甲".into(), since: Some(day("2022-01-01")), born, ..Entry::default() };
        let id = db.write(|tx| person::add(tx, &permit, &entry)).unwrap();
        let rules = Youth { until: 35, least: 3, most: 16, notice: 30 };
        let early = common::actor(1, &site.top, "party_affairs_worker", &site.top);
        let early =
            luoshi_rules::Actor { today: day("2023-05-01"), ..early }.permit(&site.pack, Verb::Roll, at).unwrap();
        let group = db.write(|tx| youth::found(tx, &early, at, "青年一组")).unwrap();
        db.write(|tx| youth::join(tx, &early, &rules, group, id)).unwrap();
        let leave = || db.write(|tx| youth::leave(tx, &permit, group, id));
        leave().unwrap();
        db.write(|tx| youth::join(tx, &permit, &rules, group, id)).unwrap();
        db.write(|tx| youth::take(tx, &permit, group, Part::Leader, id)).unwrap();
        leave().unwrap();
        assert!(matches!(leave(), Err(Fault::NotFound)));
        let on = |on: &str| {
            let scope = site.scope(Verb::People, at);
            db.read(|tx| youth::members(tx, &scope, (group, day(on)))).unwrap().len()
        };
        assert_eq!((on("2023-05-09"), on("2023-05-10")), (1, 0));
    });
}

#[test]
fn who_is_taken_off_a_team_twice_on_a_day_is_off_it() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let entry = Entry { name: "甲".into(), since: Some(day("2022-01-01")), ..Entry::default() };
        let id = db.write(|tx| person::add(tx, &site.permit(Verb::Roll, &site.branches[0]), &entry)).unwrap();
        let permit = site.permit(Verb::Act, &site.top);
        let level = vec!["branch".into()];
        let kind = luoshi_rules::round::Kind { level, ..site.pack.round("unit_inspection").unwrap().clone() };
        let (from, until) = (day("2022-01-01"), day("2026-12-31"));
        let plan = round::Plan { name: "规划".into(), from, until, teams: 1, each: 2, per_year: 2 };
        let coverage = db.write(|tx| round::plan(tx, &permit, &kind, &plan)).unwrap();
        let (from, until) = (day("2023-05-01"), day("2023-12-31"));
        let opened = round::Opened { coverage, name: "第一轮".into(), from, until, paper: "文件".into() };
        let round = db.write(|tx| round::open(tx, &permit, &opened)).unwrap();
        let post = site.pack.post("team_member").unwrap();
        for _ in 0..3 {
            db.write(|tx| round::seat(tx, &permit, &site.pack, (round, 1, id), post)).unwrap();
            db.write(|tx| round::dismiss(tx, &permit, (round, id), "另有任务")).unwrap();
        }
        assert!(matches!(db.write(|tx| round::dismiss(tx, &permit, (round, id), "再")), Err(Fault::NotFound)));
        let scope = site.scope(Verb::People, &site.top);
        let all = db.read(|tx| round::members(tx, &scope, &kind, round, day("2023-05-10"))).unwrap();
        assert_eq!(all.iter().map(|one| one.until).collect::<Vec<_>>(), [Some(day("2023-05-09"))]);
    });
}

#[test]
fn a_class_is_written_down_or_called_off_once() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let (at, permit) = (&site.branches[0], site.permit(Verb::Write, &site.branches[0]));
        let enter = |name: &str| {
            let entry = Entry { name: name.into(), since: Some(day("2022-01-01")), ..Entry::default() };
            db.write(|tx| person::add(tx, &site.permit(Verb::Roll, at), &entry)).unwrap()
        };
        let id = enter("甲");
        let kind = site.pack.kind(class::KIND).unwrap();
        let plan = class::Plan {
            kind: class::KIND.into(),
            need: String::new(),
            sessions: Vec::new(),
            title: "骨干班".into(),
            audience: "members".into(),
            from: day("2023-05-10"),
            until: day("2023-05-10"),
            place: String::new(),
            hours: 8,
            places: 9,
            closes: day("2023-05-10"),
        };
        let planned = || db.write(|tx| class::plan(tx, &permit, kind, &plan, &[])).unwrap();
        let (held, off) = (planned(), planned());
        let find = |id: i64| db.read(|tx| class::find(tx, &site.scope(Verb::See, at), id)).unwrap();
        let conclude =
            |class: i64| db.write(|tx| class::conclude(tx, &permit, kind, (&find(class), &[id]), &[(0, id)]));
        let cancel = |class: i64| db.write(|tx| class::cancel(tx, &permit, &find(class), "无人"));
        let words = |fault: Fault| match fault {
            Fault::Refused(refusal) => refusal.say(Lang::Zh),
            other => panic!("{other:?}"),
        };
        conclude(held).unwrap();
        cancel(off).unwrap();
        let began = std::time::Instant::now();
        for again in [conclude(held).map(drop), cancel(held)] {
            assert!(words(again.unwrap_err()).contains("已记为纪实"));
        }
        for again in [conclude(off).map(drop), cancel(off)] {
            assert!(words(again.unwrap_err()).contains("已取消"));
        }
        assert!(began.elapsed().as_secs() < 5, "nothing waits for somebody else: {:?}", began.elapsed());
    });
}
