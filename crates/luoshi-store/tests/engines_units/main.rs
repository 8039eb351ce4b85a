//! Units that are moved, merged, split and dissolved: the same story on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // shared with the other stories
#[path = "../common/mod.rs"]
mod common;
mod mergers;
mod moves;
mod tree;

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
