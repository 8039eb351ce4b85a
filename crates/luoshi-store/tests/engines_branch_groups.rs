//! Party groups of a branch: what a merger, an end and a day make of them. The same story on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{Site, day, on_every_engine};
use luoshi_rules::Verb;
use luoshi_store::branch_group::{self, Place};
use luoshi_store::person::Entry;
use luoshi_store::{Db, Fault, obligation, person, unit};

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
