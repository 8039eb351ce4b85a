//! Roll-ups: what acts keep is what the facts give when they are counted anew, whatever happened in between, and what
//! is read is the same before and after it is carried upward.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // shared with the other stories
mod common;

use common::{Site, day, founding, on_every_engine};
use luoshi_rules::figure::{Lot, total};
use luoshi_rules::unit::Sort;
use luoshi_rules::{Figure, Unit, Verb};
use luoshi_store::figure::Asked;
use luoshi_store::record::{self, Entry, Stood};
use luoshi_store::rollup::{self, Span};
use luoshi_store::unit::{self, Decision};
use luoshi_store::{Db, Fault, figure};
use serde_json::json;
use std::collections::{BTreeMap, HashSet};

/// Chance that is the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

fn now(db: &Db, id: i64) -> Unit {
    db.read(|tx| unit::find(tx, id)).unwrap()
}

fn found(db: &Db, site: &Site, above: i64, level: &str, name: &str) -> i64 {
    let permit = site.permit(Verb::Rule, &now(db, above));
    db.write(|tx| unit::found(tx, &permit, &founding(level, name))).unwrap().id
}

/// A record of a unit, which differs by its number.
fn entry<'a>(site: &'a Site, n: usize, on: &str) -> Entry<'a> {
    let (kind, data, due) = match n % 3 {
        0 => (
            "lecture",
            json!({ "topic": "宣讲", "people": 10 + n, "audience": if n.is_multiple_of(2) { "youth" } else { "grassroots" } }),
            None,
        ),
        1 => ("training", json!({ "topic": "培训", "hours": 8 }), Some((0..(n as i64 % 7)).collect())),
        _ => ("theme-day", json!({ "topic": "主题党日" }), Some(vec![1, 2, 3])),
    };
    let stood = match n % 3 {
        0 => vec![stood(50 + n as i64 % 4, "speaker")],
        1 => vec![stood(0, "absent"), stood(90, "guest")],
        _ => vec![stood(2, "absent")],
    };
    let kind = site.pack.kind(kind).unwrap();
    Entry { kind, on: day(on), data, makes_up: String::new(), due, stood, files: Vec::new() }
}

fn stood(person: i64, role: &str) -> Stood {
    Stood { person, role: role.into(), why: String::new() }
}

fn add(db: &Db, site: &Site, at: i64, n: usize, on: &str) -> i64 {
    let permit = site.permit(Verb::Write, &now(db, at));
    db.write(|tx| record::add(tx, &permit, &entry(site, n, on))).unwrap()
}

fn decide<T>(
    db: &Db,
    site: &Site,
    at: i64,
    on: &str,
    work: impl Fn(&luoshi_store::Tx, &Decision) -> Result<T, Fault>,
) -> Result<T, Fault> {
    db.write(|tx| {
        let permit = site.permit(Verb::Rule, &unit::find(tx, at)?);
        work(tx, &Decision { permit: &permit, pack: &site.pack, on: day(on), note: "批复" })
    })
}

fn move_to(db: &Db, site: &Site, at: i64, to: i64, on: &str) -> Result<(), Fault> {
    decide(db, site, at, on, |tx, decision| unit::move_to(tx, decision, &site.permit(Verb::Rule, &unit::find(tx, to)?)))
}

fn merge(db: &Db, site: &Site, at: i64, into: i64, on: &str) -> Result<(), Fault> {
    decide(db, site, at, on, |tx, decision| unit::merge(tx, decision, &site.permit(Verb::Rule, &unit::find(tx, into)?)))
}

fn reclass(db: &Db, site: &Site, at: i64, class: &str, on: &str) -> Result<(), Fault> {
    let unit = now(db, at);
    let sort =
        Sort { level: unit.level, class: class.into(), code: unit.code, parts: unit.parts, order_no: unit.order_no };
    decide(db, site, at, on, |tx, decision| unit::reclass(tx, decision, &sort))
}

fn figures() -> Vec<Figure> {
    let figure = |mut of: serde_json::Value| {
        of["id"] = "f".into();
        of["name"] = json!({ "zh": "数", "en": "N" });
        serde_json::from_value(of).unwrap()
    };
    [
        json!({ "record": ["lecture", "theme-day"], "measure": "sessions" }),
        json!({ "record": ["lecture"], "count": "sum", "field": "people", "measure": "person-times",
                "filter": { "audience": "youth" } }),
        json!({ "record": ["theme-day", "training"], "count": "present", "measure": "person-times" }),
        json!({ "record": ["training"], "count": "people", "measure": "people" }),
        json!({ "record": ["lecture"], "count": "people", "role": "speaker", "measure": "people" }),
        json!({ "record": ["lecture", "theme-day"], "class": ["organ"], "measure": "sessions" }),
    ]
    .map(figure)
    .into()
}

fn lots(db: &Db, site: &Site, at: i64, known: Option<&str>) -> Vec<Lot> {
    let scope = site.scope(Verb::See, &now(db, at));
    let (first, last, known) = (day("2023-01-01"), day("2023-05-07"), known.map(day));
    let asked = Asked { figures: figures(), first, last, known, by_below: true };
    db.read(|tx| rollup::lots(tx, &scope, &asked, &Span::between(first, last))).unwrap()
}

/// The figures of a unit to a day in May, and the first of them by class and month.
fn read(db: &Db, site: &Site, at: i64, known: Option<&str>) -> (Vec<i64>, BTreeMap<String, i64>) {
    let lots = lots(db, site, at, known);
    let figures = figures();
    let parts = figures[0].parts(&lots);
    let by = luoshi_rules::figure::by(&parts, |part| Some(format!("{} {:?}", part.lot.class, part.lot.month)));
    (figures.iter().map(|figure| total(&figure.parts(&lots))).collect(), by)
}

/// Counters as kept, and as counted anew.
fn kept_and_anew(db: &Db, site: &Site) -> (Vec<String>, Vec<String>) {
    rollup::fold_all(db).unwrap();
    let kept = db.read(|tx| rollup::kept(tx, site.top.top)).unwrap();
    db.write(|tx| rollup::rebuild(tx, site.top.top)).unwrap();
    (kept, db.read(|tx| rollup::kept(tx, site.top.top)).unwrap())
}

fn follow(db: &Db, site: &Site) {
    let kinds = HashSet::from(["training".to_owned()]);
    db.write(|tx| rollup::ensure(tx, site.top.top, &kinds)).unwrap();
}

#[test]
fn whatever_happens_what_is_kept_is_what_the_facts_give() {
    on_every_engine(|db| {
        let site = Site::new(db, &[]);
        follow(db, &site);
        let committees: Vec<i64> =
            (0..3).map(|n| found(db, &site, site.top.id, "organ_committee", &format!("委{n}"))).collect();
        let mut branches: Vec<i64> =
            (0..6).map(|n| found(db, &site, committees[n % 3], "branch", &format!("支部{n}"))).collect();
        let mut dice = Dice(7);
        let mut records: Vec<(i64, i64, i64)> = Vec::new();
        for step in 0..160 {
            let at = branches[dice.below(branches.len())];
            let on = format!("2023-{:02}-{:02}", 1 + dice.below(4), 1 + dice.below(28));
            match dice.below(12) {
                0..=4 => records.push((add(db, &site, at, step, &on), at, 1)),
                5 | 6 if !records.is_empty() => {
                    let at = dice.below(records.len());
                    let (id, unit, version) = records[at];
                    let permit = site.permit(Verb::Write, &now(db, unit));
                    db.write(|tx| record::correct(tx, &permit, id, version, &entry(&site, step, &on))).unwrap();
                    records[at].2 += 1;
                }
                7 if !records.is_empty() => {
                    let (id, unit, version) = records.swap_remove(dice.below(records.len()));
                    let permit = site.permit(Verb::Write, &now(db, unit));
                    db.write(|tx| record::withdraw(tx, &permit, id, version, &entry(&site, step, &on), "记错"))
                        .unwrap();
                }
                8 if !records.is_empty() => {
                    let (id, unit, _) = records[dice.below(records.len())];
                    let permit = site.permit(Verb::Write, &now(db, unit));
                    let name = now(db, at).short_name;
                    let _ = db.write(|tx| {
                        record::joint::name(tx, &permit, id, std::slice::from_ref(&name), |_| step % 2 == 0)
                    });
                    let own = site.permit(Verb::Write, &now(db, at));
                    let _ = db.write(|tx| match step % 3 {
                        0 => record::joint::decline(tx, &own, id),
                        _ => record::joint::confirm(tx, &own, id),
                    });
                }
                // structure: also as of a day that is long past; what the rules refuse is not done
                9 => drop(move_to(db, &site, at, committees[dice.below(3)], &on)),
                10 => drop(reclass(db, &site, at, ["organ", "institution"][dice.below(2)], &on)),
                _ if step % 5 == 0 && branches.len() > 3 => {
                    let heir = branches[dice.below(branches.len())];
                    if merge(db, &site, at, heir, "2023-05-01").is_ok() {
                        branches.retain(|one| *one != at);
                        records.retain(|(_, unit, _)| *unit != at);
                    }
                }
                _ => drop(rollup::fold_all(db).unwrap()),
            }
        }
        let units: Vec<i64> = [site.top.id].into_iter().chain(committees).chain(branches).collect();
        let waiting: Vec<_> = units.iter().map(|at| read(db, &site, *at, None)).collect();
        let told: Vec<_> = units.iter().map(|at| read(db, &site, *at, Some("2023-12-31"))).collect();
        assert_eq!(waiting, told, "{}: read and told from the facts", db.engine());
        let (kept, anew) = kept_and_anew(db, &site);
        assert!(kept.len() > 100, "{}", kept.len());
        assert_eq!(kept, anew, "{}", db.engine());
        let carried: Vec<_> = units.iter().map(|at| read(db, &site, *at, None)).collect();
        assert_eq!(waiting, carried, "{}: before and after it is carried upward", db.engine());
        assert!(carried[0].0.iter().all(|n| *n > 0), "{carried:?}");
    });
}

#[test]
fn the_key_of_a_unit_that_was_visited_is_no_number_to_add_up() {
    on_every_engine(|db| {
        let site = Site::new(db, &["支部"]);
        follow(db, &site);
        let branch = site.branches[0].id;
        for n in 0..12_i64 {
            let data = json!({ "topic": "走访", "purpose": "other", "visited": branch });
            let kind = site.pack.kind("visit").unwrap();
            let due = Some((1..=6).collect());
            let on = day("2023-03-01") + jiff::Span::new().days(n);
            let visit = Entry { kind, on, data, makes_up: String::new(), due, stood: vec![], files: Vec::new() };
            let permit = site.permit(Verb::Write, &now(db, branch));
            db.write(|tx| record::add(tx, &permit, &visit)).unwrap();
        }
        let (kept, anew) = kept_and_anew(db, &site);
        assert_eq!(kept, anew, "{}", db.engine());
        assert!(!kept.is_empty() && kept.iter().all(|row| !row.contains("visited")), "{kept:?}");
    });
}

#[test]
fn a_moved_unit_takes_along_what_it_does_from_that_day_on_and_leaves_what_it_did() {
    on_every_engine(|db| {
        let site = Site::new(db, &[]);
        follow(db, &site);
        let old = found(db, &site, site.top.id, "organ_committee", "旧委");
        let new = found(db, &site, site.top.id, "organ_committee", "新委");
        let branch = found(db, &site, old, "branch", "支部");
        for (n, on) in [(0, "2023-01-10"), (3, "2023-02-10"), (6, "2023-03-10")] {
            add(db, &site, branch, n, on);
        }
        move_to(db, &site, branch, new, "2023-02-01").unwrap();
        add(db, &site, branch, 9, "2023-04-10");
        let lectures = |at: i64| read(db, &site, at, None).0[0];
        assert_eq!((lectures(old), lectures(new), lectures(branch), lectures(site.top.id)), (1, 3, 4, 4));
        // as known on a later day it is the same, told from the facts
        assert_eq!(
            (read(db, &site, old, Some("2023-05-10")).0[0], read(db, &site, new, Some("2023-05-10")).0[0]),
            (1, 3)
        );
        let behind = |at: i64| {
            let scope = site.scope(Verb::See, &now(db, at));
            let figure = figures().remove(0);
            let (first, last) = (day("2023-01-01"), day("2023-12-31"));
            let asked = Asked { figures: vec![figure.clone()], first, last, known: None, by_below: false };
            let part = figure::Part { most: 50, ..figure::Part::default() };
            db.read(|tx| {
                let rows = figure::behind(tx, &scope, (&figure, &asked), &part)?;
                Ok((rows.len() as i64, figure::gone(tx, &scope, (&figure, &asked), &part)?))
            })
            .unwrap()
        };
        // the old one counts a record that it may not open any more; the new one opens what it counts
        assert_eq!((behind(old), behind(new), behind(site.top.id)), ((0, 1), (3, 0), (4, 0)));
    });
}

#[test]
fn a_class_counts_from_the_day_it_changed_also_when_told_late() {
    on_every_engine(|db| {
        let site = Site::new(db, &["支部"]);
        follow(db, &site);
        let branch = site.branches[0].id;
        add(db, &site, branch, 0, "2023-01-10");
        add(db, &site, branch, 3, "2023-03-10");
        reclass(db, &site, branch, "institution", "2023-02-01").unwrap();
        let (_, by) = read(db, &site, site.top.id, None);
        let expected = [("institution (2023, 3)".to_owned(), 1), ("organ (2023, 1)".to_owned(), 1)];
        assert_eq!(by, BTreeMap::from(expected));
        let (kept, anew) = kept_and_anew(db, &site);
        assert_eq!(kept, anew);
    });
}

#[test]
fn eight_who_write_at_once_and_a_job_that_carries_lose_nothing() {
    on_every_engine(|db| {
        let site = Site::new(db, &["甲", "乙", "丙", "丁"]);
        follow(db, &site);
        std::thread::scope(|scope| {
            for writer in 0..8_usize {
                let site = &site;
                scope.spawn(move || {
                    for n in 0..15 {
                        add(db, site, site.branches[(writer + n) % 4].id, writer + n, "2023-03-05");
                    }
                });
            }
            scope.spawn(|| (0..10).for_each(|_| drop(rollup::fold_all(db))));
        });
        let (kept, anew) = kept_and_anew(db, &site);
        assert_eq!(kept, anew);
        assert_eq!(
            read(db, &site, site.top.id, None).0[0],
            (0..8).flat_map(|w| (0..15).map(move |n| w + n)).filter(|n| n % 3 != 1).count() as i64
        );
    });
}
