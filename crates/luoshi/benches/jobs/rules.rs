//! What the rules cost without a page: obligations of a year, and a proposal for youth groups.

use super::line;
use jiff::civil::date;
use luoshi_rules::obligation::{Ground, derive};
use luoshi_rules::rulebook::Edition;
use luoshi_rules::youth::{Group, Uncovered, Youth};
use luoshi_rules::{Actor, Calendar, Held, Pack, Rulebook, Verb};
use luoshi_store::{Db, Keys, obligation, unit};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A proposal for 5,000 young people of 494 units, a third of which have a group.
pub fn cover() {
    let rules = Youth { until: 40, least: 3, most: 16, notice: 30 };
    let path = |n: usize| format!("0001{:04}{:04}", n % 19 + 1, n / 19 + 1).try_into().unwrap();
    let groups: Vec<_> = (0..494).step_by(3).map(|n| Group { id: n as i64, path: path(n), members: n % 17 }).collect();
    let people: Vec<_> = (0..5_000).map(|n| Uncovered { person: n as i64, path: path(n % 494) }).collect();
    let root = "0001".to_owned().try_into().unwrap();
    let times: Vec<Duration> = (0..50)
        .map(|_| {
            let started = Instant::now();
            let proposal = rules.propose(&root, &groups, &people);
            let placed = proposal.joins.len() + proposal.founds.iter().map(|(_, who)| who.len()).sum::<usize>();
            assert_eq!(placed, people.len());
            started.elapsed()
        })
        .collect();
    line("proposal that puts 5,000 people in groups", &times, "the rule alone; at most 200 ms");
}

/// What the pages of the department cost without a page: their statements, and deriving every obligation.
pub fn floors(folder: &Path) {
    let secret: [u8; 32] = std::fs::read(folder.join("luoshi.key")).unwrap().try_into().unwrap();
    let db = Db::open(folder.join("demo.db").to_str().unwrap(), Keys::new(&secret)).unwrap();
    let base = Arc::new(Pack::base(include_str!("../../../../packs/base.toml")).unwrap());
    let calendar = Arc::new(Calendar::parse(include_str!("../../../../packs/holidays.toml")).unwrap());
    let list = Arc::new(Pack::list(include_str!("../../../../packs/duties.toml"), &base).unwrap());
    let rules =
        Rulebook::new(base.clone(), calendar, vec![Edition { pack: list, from: date(2023, 1, 1), until: None }]);
    let root = db.read(|tx| unit::find(tx, 1)).unwrap();
    let held = Held { post: "party_affairs_worker".into(), unit: 1, top: root.top, path: root.path.clone() };
    let today = date(2023, 12, 15);
    let actor =
        Actor { person: 1, top: root.top, home: 1, name: String::new(), posts: vec![held], operation: 0, today };
    let scope = actor.scope(&base, Verb::See, &root).unwrap();
    let (mut read, mut derived, mut owed) = (Vec::new(), Vec::new(), 0);
    for _ in 0..20 {
        let at = Instant::now();
        let (units, known) =
            db.read(|tx| Ok((unit::list(tx, &scope)?, obligation::known(tx, &scope, 2023, None)?))).unwrap();
        read.push(at.elapsed());
        let ground = Ground { rules: &rules, tally: &known.tally, today, known: None, closed: None };
        let at = Instant::now();
        owed = derive(ground, &units, 2023).count();
        derived.push(at.elapsed());
    }
    line("floor: the statements of the matrix", &read, "one thread, no page");
    line("derive 494 units × 59 clauses for a year", &derived, &format!("{owed} obligations, one thread"));
}
