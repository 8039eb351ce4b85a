//! Runs packs/cases: these records, on this day, give these statuses. Every clause that ships has a case.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

use jiff::civil::{Date, date};
use luoshi_rules::obligation::{self, Ground};
use luoshi_rules::pack::Fault;
use luoshi_rules::period::Name;
use luoshi_rules::rulebook::Edition;
use luoshi_rules::tally::{Fact, Holding, Plan, Term};
use luoshi_rules::{Calendar, Clause, Obligation, Pack, Rulebook, Status, Tally, Unit, UnitPath};
use serde::Deserialize;
use std::sync::Arc;

const LISTS: [(&str, &str); 6] = [
    (include_str!("../../../packs/duties.toml"), include_str!("../../../packs/cases/duties.toml")),
    (include_str!("../../../packs/duties-extended.toml"), include_str!("../../../packs/cases/duties-extended.toml")),
    (
        include_str!("../../../packs/campaign-warning-month.toml"),
        include_str!("../../../packs/cases/campaign-warning-month.toml"),
    ),
    (
        include_str!("../../../packs/campaign-special-drive.toml"),
        include_str!("../../../packs/cases/campaign-special-drive.toml"),
    ),
    (
        include_str!("../../../packs/campaign-theme-education.toml"),
        include_str!("../../../packs/cases/campaign-theme-education.toml"),
    ),
    (
        include_str!("../../../packs/campaign-regulation-season.toml"),
        include_str!("../../../packs/cases/campaign-regulation-season.toml"),
    ),
];

/// The unit whose clause it is.
const OWN: i64 = 1;
/// A unit below it.
const BELOW: i64 = 2;
/// A unit elsewhere.
const ELSEWHERE: i64 = 3;
/// The holder of the post, or the member.
const HOLDER: i64 = 7;
/// Somebody else.
const OTHER: i64 = 8;
/// The year a case looks at where it names none.
const YEAR: i16 = 2023;

#[derive(Deserialize)]
struct File {
    case: Vec<Case>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    clause: String,
    level: Option<String>,
    today: toml::value::Datetime,
    year: Option<i16>,
    #[serde(default)]
    parts: Vec<String>,
    #[serde(default)]
    terms: Vec<String>,
    #[serde(default)]
    terms_below: Vec<String>,
    #[serde(default)]
    plans: Vec<String>,
    #[serde(default)]
    records: Vec<String>,
    want: String,
}

fn read() -> Vec<(Rulebook, Vec<Case>)> {
    LISTS.map(|(list, cases)| stand(include_str!("../../../packs/base.toml"), list, cases)).into()
}

/// The rules of a base pack and a list in force since 2022, and cases for them.
fn stand(base: &str, list: &str, cases: &str) -> (Rulebook, Vec<Case>) {
    let told = |faults: Vec<Fault>| faults.iter().map(|fault| format!("\n{fault}")).collect::<String>();
    let base = Arc::new(Pack::base(base).unwrap_or_else(|faults| panic!("base: {}", told(faults))));
    let pack = Arc::new(Pack::list(list, &base).unwrap_or_else(|faults| panic!("list: {}", told(faults))));
    let calendar = Arc::new(Calendar::parse(include_str!("../../../packs/holidays.toml")).unwrap());
    let editions = vec![Edition { pack, from: date(2022, 1, 1), until: None }];
    let file: File = toml::from_str(cases).unwrap_or_else(|error| panic!("{error}"));
    (Rulebook::new(base, calendar, editions), file.case)
}

fn day(text: &str) -> Date {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no day"))
}

fn unit(id: i64, path: &str, level: &str, parts: &[String]) -> Unit {
    Unit {
        top: 1,
        id,
        path: UnitPath::try_from(path.to_owned()).unwrap(),
        level: level.into(),
        class: "organ".into(),
        code: String::new(),
        parts: parts.into(),
        order_no: id,
        short_name: String::new(),
        full_name: String::new(),
        founded: date(2010, 1, 1),
        dissolved: None,
        past: Vec::new(),
    }
}

/// Reads `2023-02-10 party-lecture topic:law @speaker other@chair elsewhere written=2023-03-01 makes_up=2023Q1`.
fn fact(line: &str, record: i64, rules: &Rulebook) -> Fact {
    let mut words = line.split_whitespace();
    let (on, kind) = (day(words.next().unwrap()), words.next().unwrap());
    let known = rules.kind(kind).unwrap_or_else(|| panic!("no kind `{kind}`"));
    let (mut unit, mut written, mut makes_up) = (OWN, on, String::new());
    let (mut tags, mut roles) = (Vec::new(), Vec::new());
    for word in words {
        match (word, word.split_once([':', '=', '@'])) {
            ("below", _) => unit = BELOW,
            ("elsewhere", _) => unit = ELSEWHERE,
            (_, Some(("written", when))) => written = day(when),
            (_, Some(("makes_up", key))) => makes_up = key.into(),
            (_, Some(("", role))) => roles.push(format!("{role}:{HOLDER}")),
            (_, Some(("other", role))) => roles.push(format!("{role}:{OTHER}")),
            (_, Some((field, option))) => {
                let options = known.field(field).map(|field| &field.option);
                assert!(options.is_some_and(|all| all.iter().any(|one| one.id == option)), "{line}: no {word}");
                tags.push(word.to_owned());
            }
            _ => panic!("{line}: what is `{word}`?"),
        }
    }
    Fact { record, unit, kind: kind.into(), on, written, tags: tags.join(" "), roles: roles.join(" "), makes_up }
}

fn tally(case: &Case, clause: &Clause, rules: &Rulebook) -> Tally {
    let mut tally = Tally::default();
    for (at, line) in case.records.iter().enumerate() {
        tally.add(fact(line, at as i64 + 1, rules));
    }
    for line in &case.plans {
        let (on, kind) = line.split_once(' ').unwrap();
        tally.plan(OWN, Plan { kind: kind.into(), on: day(on) });
    }
    for (unit, terms) in [(OWN, &case.terms), (BELOW, &case.terms_below)] {
        for (at, line) in terms.iter().enumerate() {
            let (from, until) = line.split_once("..").unwrap();
            tally.term(unit, Term { id: at as i64, from: day(from), until: day(until) });
        }
    }
    if let Some(post) = &clause.post {
        let (from, until) = (date(2015, 1, 1), date(2099, 12, 31));
        tally.hold(OWN, post, Holding { person: HOLDER, name: "甲".into(), from, until });
    }
    tally
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Overdue => "overdue",
        Status::Awaiting => "awaiting",
        Status::Open => "open",
        Status::Ahead => "ahead",
        Status::Late => "late",
        Status::Met => "met",
        Status::Waived => "waived",
    }
}

/// What came out, as cases write it; stretches of months, quarters or halves that stand alike are one.
fn told(owed: &[Obligation]) -> String {
    let name = |one: &Obligation| match one.period.name {
        Name::Event(_) | Name::Before(_) => one.period.to_string(),
        _ => one.period.key(),
    };
    let alike = |a: &Obligation, b: &Obligation| {
        a.status == b.status
            && a.period.name == b.period.name
            && matches!(a.period.name, Name::Month | Name::Quarter | Name::Half)
    };
    let runs = owed.chunk_by(alike).map(|run| match run {
        [one] => format!("{}:{}", name(one), word(one.status)),
        [first, .., last] => format!("{}..{}:{}", name(first), name(last), word(first.status)),
        [] => String::new(),
    });
    runs.collect::<Vec<_>>().join(" ")
}

/// What the rules make of a case.
fn outcome(case: &Case, rules: &Rulebook) -> String {
    let today = day(&case.today.to_string());
    let clause = rules.clause(&case.clause, today).unwrap_or_else(|| panic!("no clause `{}`", case.clause));
    let level = case.level.as_deref().unwrap_or(clause.level.first().map_or("branch", String::as_str));
    let units = [
        unit(OWN, "0001", level, &case.parts),
        unit(BELOW, "00010001", "branch", &[]),
        unit(ELSEWHERE, "0002", "branch", &[]),
    ];
    let tally = tally(case, clause, rules);
    let ground = Ground { rules, tally: &tally, today, known: None, closed: None };
    let year = case.year.unwrap_or(YEAR);
    let owed: Vec<_> = if clause.each_member {
        obligation::of_member(ground, &units[0], HOLDER, year)
    } else {
        obligation::derive(ground, &units, year).collect()
    };
    let ours: Vec<_> = owed.into_iter().filter(|one| one.clause.id == case.clause && one.unit.id == OWN).collect();
    told(&ours)
}

#[test]
fn every_case_comes_out_as_written() {
    let mut wrong = String::new();
    for (rules, cases) in read() {
        for case in cases {
            let got = outcome(&case, &rules);
            if got != case.want {
                wrong += &format!("{} on {}\n  want {}\n  got  {got}\n", case.clause, case.today, case.want);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_clause_of_every_list_has_a_case_that_meets_it() {
    for (rules, cases) in read() {
        for clause in rules.editions.iter().flat_map(|edition| &edition.pack.clause) {
            let met = |case: &&Case| case.clause == clause.id && case.want.contains(":met");
            let late = |case: &&Case| case.clause == clause.id && case.want.contains(":late");
            assert!(cases.iter().any(|case| met(&case) || late(&case)), "{} has no case", clause.id);
        }
    }
}

/// A case that would come out the same without its records shows nothing.
#[test]
fn a_case_comes_out_otherwise_without_its_records() {
    for (rules, cases) in read() {
        for case in cases.iter().filter(|case| case.want.contains(":met") || case.want.contains(":late")) {
            let bare = Case { records: Vec::new(), ..case.clone() };
            assert_ne!(outcome(&bare, &rules), case.want, "{} on {}", case.clause, case.today);
        }
    }
}

/// The examples of docs/packs.md, by the word after `toml`.
fn examples(sort: &str) -> String {
    let text = include_str!("../../../docs/packs.md");
    let blocks = text.split("```toml ").skip(1).filter_map(|block| block.split_once('\n'));
    let ours = blocks.filter(|(word, _)| *word == sort).filter_map(|(_, rest)| rest.split("```").next());
    ours.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_examples_of_the_manual_are_packs_and_their_cases_come_out() {
    let (rules, cases) = stand(&examples("base"), &examples("list"), &examples("case"));
    assert_eq!(cases.len(), 2);
    for case in cases {
        assert_eq!(outcome(&case, &rules), case.want, "{}", case.clause);
    }
    stand(&examples("base"), &examples("campaign"), "case = []");
    assert!(Calendar::parse(&examples("holidays")).unwrap().covers(2023));
    let mapping = luoshi_rules::Mapping::parse(&examples("mapping")).unwrap();
    assert_eq!((mapping.unit.len(), mapping.person.len()), (1, 2));
}

#[test]
fn the_manual_explains_every_key_that_a_pack_uses() {
    let manual = examples("base") + &examples("list") + &examples("campaign");
    let lists = LISTS.iter().map(|(list, _)| *list);
    for line in [include_str!("../../../packs/base.toml")].into_iter().chain(lists).flat_map(|pack| pack.lines()) {
        let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| !key.starts_with([' ', '#'])) else { continue };
        assert!(manual.contains(&format!("\n{key} = ")), "docs/packs.md does not explain `{key}`");
    }
}
