//! Units that change: what they owe before and after, and which records count for the unit above.

#![allow(clippy::unwrap_used)]

use jiff::civil::{Date, date};
use luoshi_rules::obligation::{self, Ground};
use luoshi_rules::rulebook::Edition;
use luoshi_rules::tally::{Fact, Term};
use luoshi_rules::unit::Standing;
use luoshi_rules::{Calendar, Pack, Rulebook, Tally, Unit};
use std::sync::Arc;

const BASE: &str = include_str!("../../../packs/base.toml");

/// A list of one clause, in force since 2022.
fn rules(clause: &str) -> Rulebook {
    let base = Arc::new(Pack::base(BASE).unwrap());
    let head = "[pack]\nid='p'\nname={zh='清单',en='List'}\nversion='1'\n[[section]]\nid='s'\nname={zh='栏',en='S'}\n";
    let body = "[[clause]]\nid='c'\nsection='s'\ntext={zh='条',en='Clause'}\ncounts=[{record='general-meeting'}]\n";
    let pack = Pack::list(&format!("{head}{body}{clause}"), &base).unwrap_or_else(|faults| panic!("{faults:?}"));
    let edition = Edition { pack: Arc::new(pack), from: date(2022, 1, 1), until: None };
    Rulebook::new(base, Arc::new(Calendar::default()), vec![edition])
}

fn unit(id: i64, path: &str, level: &str) -> Unit {
    Unit {
        top: 1,
        id,
        path: path.to_owned().try_into().unwrap(),
        level: level.into(),
        class: "organ".into(),
        code: String::new(),
        parts: Vec::new(),
        order_no: 1,
        short_name: format!("u{id}"),
        full_name: format!("u{id}"),
        founded: date(2020, 1, 1),
        dissolved: None,
        past: Vec::new(),
    }
}

/// What a unit was from 2020-01-01 to a day.
fn past(unit: &Unit, until: Date) -> Standing {
    Standing {
        from: date(2020, 1, 1),
        until,
        path: unit.path.clone(),
        level: unit.level.clone(),
        class: unit.class.clone(),
        code: String::new(),
        parts: unit.parts.clone(),
        short_name: unit.short_name.clone(),
        full_name: unit.full_name.clone(),
    }
}

fn fact(unit: i64, on: Date) -> Fact {
    let empty = String::new;
    let (tags, roles, makes_up) = (empty(), empty(), empty());
    Fact {
        record: unit * 1_000 + i64::from(on.day()),
        unit,
        kind: "general-meeting".into(),
        on,
        written: on,
        tags,
        roles,
        makes_up,
    }
}

/// `unit:period:status` of each obligation in 2023, as it stands at the end of October.
fn owed(rules: &Rulebook, units: &[Unit], tally: &Tally) -> String {
    let ground = Ground { rules, tally, today: date(2023, 10, 31), known: None, closed: None };
    let all = obligation::derive(ground, units, 2023);
    all.map(|one| format!("{}:{}:{:?}", one.unit.id, one.period.key(), one.status)).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_a_dissolved_unit_still_owed_closes_with_the_reason_and_nothing_new_begins() {
    let rules = rules("every='quarter'\nlevel=['branch']");
    let mut branch = unit(2, "00010001", "branch");
    branch.dissolved = Some((date(2023, 5, 20), "并入 merged into: 第一支部".into()));
    let units = [branch];
    assert_eq!(owed(&rules, &units, &Tally::default()), "2:2023Q1:Overdue 2:2023Q2:Waived");
    let mut tally = Tally::default();
    tally.add(fact(2, date(2023, 4, 6)));
    assert_eq!(owed(&rules, &units, &tally), "2:2023Q1:Overdue 2:2023Q2:Met");
    let ground =
        Ground { rules: &rules, tally: &Tally::default(), today: date(2023, 10, 31), known: None, closed: None };
    let reason = obligation::derive(ground, &units, 2023).nth(1).unwrap().reason(&Tally::default()).unwrap();
    assert_eq!(reason.zh, "2023-05-20 撤销：并入 merged into: 第一支部");
}

#[test]
fn a_unit_owes_by_the_level_class_and_parts_it_had_when_the_period_began() {
    let mut branch = unit(2, "00010001", "general_branch");
    let before = Standing { level: "branch".into(), ..past(&branch, date(2023, 5, 19)) };
    branch.past = vec![before];
    branch.parts = vec!["committee".into()];
    let units = [branch];
    let of_branches = rules("every='quarter'\nlevel=['branch']");
    assert_eq!(owed(&of_branches, &units, &Tally::default()), "2:2023Q1:Overdue 2:2023Q2:Overdue");
    let of_committees = rules("every='quarter'\nneeds='committee'");
    assert_eq!(owed(&of_committees, &units, &Tally::default()), "2:2023Q3:Overdue 2:2023Q4:Open");
}

#[test]
fn a_term_its_unit_did_not_live_to_see_the_end_of_asks_nothing_of_the_unit_above() {
    let rules = rules("every='event'\nevent='term_end_below'\nlevel=['organ_committee']\ndue='P6M_before:event'");
    let (committee, mut branch) = (unit(1, "0001", "organ_committee"), unit(2, "00010001", "branch"));
    let mut tally = Tally::default();
    tally.term(2, Term { id: 7, from: date(2020, 9, 1), until: date(2023, 9, 1) });
    let units = [committee.clone(), branch.clone()];
    assert_eq!(owed(&rules, &units, &tally).split(' ').count(), 1);
    branch.dissolved = Some((date(2023, 5, 20), "撤销".into()));
    assert_eq!(owed(&rules, &[committee, branch], &tally), "");
}

#[test]
fn a_record_counts_for_the_unit_that_was_above_on_its_day() {
    let rules = rules("every='quarter'\nlevel=['organ_committee']").clone();
    let mut wide = (*rules.editions[0].pack).clone();
    wide.clause[0].counts[0].of = luoshi_rules::clause::Whose::Below;
    let edition = Edition { pack: Arc::new(wide), from: date(2022, 1, 1), until: None };
    let rules = Rulebook::new(rules.base.clone(), rules.calendar.clone(), vec![edition]);
    let (old, new) = (unit(1, "00010001", "organ_committee"), unit(2, "00010002", "organ_committee"));
    let mut branch = unit(3, "000100020001", "branch");
    branch.past =
        vec![Standing { path: "000100010001".to_owned().try_into().unwrap(), ..past(&branch, date(2023, 4, 30)) }];
    let mut tally = Tally::default();
    tally.add(fact(3, date(2023, 2, 6)));
    tally.add(fact(3, date(2023, 5, 6)));
    assert_eq!(
        owed(&rules, &[old, new, branch], &tally),
        "1:2023Q1:Met 1:2023Q2:Overdue 1:2023Q3:Overdue 1:2023Q4:Open \
         2:2023Q1:Overdue 2:2023Q2:Met 2:2023Q3:Overdue 2:2023Q4:Open"
    );
}
