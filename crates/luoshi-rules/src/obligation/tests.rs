//! What is owed, told as `period:status`, for one clause at a time.

mod events;
mod groups;
mod people;

use super::*;
use crate::tally::{Plan, Term, Waiver};
use crate::unit::{Standing, UnitPath};
use crate::{Calendar, Pack};
use std::sync::{Arc, LazyLock};

const BASE: &str = r#"
pack = { id = "base", name = { zh = "基", en = "Base" }, version = "1" }
level = [
    { id = "top", name = { zh = "上", en = "Top" } },
    { id = "low", name = { zh = "下", en = "Low" }, under = ["top", "low"] },
]
class = [{ id = "organ", name = { zh = "机", en = "O" } }, { id = "firm", name = { zh = "企", en = "F" } }]
part = [{ id = "wing", name = { zh = "翼", en = "Wing" } }]
post = [{ id = "boss", name = { zh = "长", en = "Boss" }, home = "leader" }]
role = [{ id = "speaker", name = { zh = "讲", en = "S" } }, { id = "present", name = { zh = "到", en = "P" } }]
[[kind]]
id = "talk"
name = { zh = "讲", en = "Talk" }
meeting = { due = "members", role = ["speaker"] }
field = [{ id = "on", name = { zh = "事", en = "On" }, holds = "choices", option = [
    { id = "law", name = { zh = "法", en = "Law" } }, { id = "dues", name = { zh = "费", en = "Dues" } } ] }]
[[kind]]
id = "circle"
name = { zh = "组", en = "Circle" }
meeting = { due = "branch_groups" }
field = [{ id = "topic", name = { zh = "题", en = "Topic" }, holds = "text" }]
[[kind]]
id = "reply"
name = { zh = "复", en = "Reply" }
"#;

static CALENDAR: LazyLock<Arc<Calendar>> =
    LazyLock::new(|| Arc::new(Calendar::parse(include_str!("../../../../packs/holidays.toml")).unwrap()));

/// One clause, three units (1 above 2, 3 below 2), and what is known of them.
struct World {
    rules: Rulebook,
    units: Vec<Unit>,
    tally: Tally,
    today: Date,
    known: Option<Date>,
    closed: Option<(Date, Date)>,
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A list whose only clause says this.
fn pack(clause: &str) -> Arc<Pack> {
    let base = Pack::base(BASE).unwrap();
    let head = "pack = { id = \"list\", name = { zh = \"单\", en = \"List\" }, version = \"1\" }";
    let clause = format!(
        "{head}\nsection = [{{ id = \"s\", name = {{ zh = \"栏\", en = \"S\" }} }}]\n\
         [[clause]]\nid = \"c\"\ntext = {{ zh = \"条\", en = \"C\" }}\nsection = \"s\"\n{clause}"
    );
    Arc::new(Pack::list(&clause, &base).unwrap_or_else(|faults| panic!("{}", faults[0])))
}

fn unit(id: i64, path: &str, level: &str) -> Unit {
    Unit {
        top: 1,
        id,
        path: UnitPath::try_from(path.to_owned()).unwrap(),
        level: level.into(),
        class: "organ".into(),
        code: String::new(),
        parts: Vec::new(),
        order_no: id,
        short_name: format!("unit {id}"),
        full_name: String::new(),
        founded: day("2010-01-01"),
        dissolved: None,
        past: Vec::new(),
    }
}

fn world(clause: &str, today: &str) -> World {
    let edition = Edition { pack: pack(clause), from: day("2022-01-01"), until: None };
    let rules = Rulebook::new(Arc::new(Pack::base(BASE).unwrap()), CALENDAR.clone(), vec![edition]);
    let units = vec![unit(1, "0001", "top"), unit(2, "00010001", "low"), unit(3, "000100010001", "low")];
    World { rules, units, tally: Tally::default(), today: day(today), known: None, closed: None }
}

impl World {
    /// Adds a record of unit 2: `2023-02-10 talk`, then as needed `on:law`, `speaker=7`, `unit=3`, `written=…`, `makes_up=…`.
    fn record(mut self, line: &str) -> World {
        let mut words = line.split(' ');
        let on = day(words.next().unwrap());
        let record = self.tally.units().map(|unit| self.tally.of(unit).len()).sum::<usize>() as i64 + 1;
        let kind = words.next().unwrap().to_owned();
        let (tags, roles, makes_up) = (String::new(), String::new(), String::new());
        let mut fact = Fact { record, unit: 2, kind, on, written: on, tags, roles, makes_up };
        for word in words {
            match word.split_once('=') {
                Some(("unit", id)) => fact.unit = id.parse().unwrap(),
                Some(("written", when)) => fact.written = day(when),
                Some(("makes_up", key)) => fact.makes_up = key.into(),
                Some((role, person)) => fact.roles = format!("{} {role}:{person}", fact.roles).trim().to_owned(),
                None => fact.tags = format!("{} {word}", fact.tags).trim().to_owned(),
            }
        }
        self.tally.add(fact);
        self
    }

    fn held(mut self, person: i64, from: &str, until: &str) -> World {
        let name = format!("person {person}");
        self.tally.hold(2, "boss", Holding { person, name, from: day(from), until: day(until) });
        self
    }

    fn term(mut self, unit: i64, id: i64, until: &str) -> World {
        self.tally.term(unit, Term { id, from: day("2020-01-01"), until: day(until) });
        self
    }

    fn waive(mut self, period: &str, on: &str) -> World {
        let reason = Label::new("汛期抗洪", "Floods");
        self.tally.waive(2, "c", period, Waiver { reason, on: day(on) });
        self
    }

    fn ground(&self) -> Ground<'_> {
        Ground { rules: &self.rules, tally: &self.tally, today: self.today, known: self.known, closed: self.closed }
    }

    fn of(&self, unit: i64, year: i16) -> Vec<Obligation<'_>> {
        derive(self.ground(), &self.units, year).filter(|one| one.unit.id == unit).collect()
    }

    /// What unit 2 owes in 2023.
    #[track_caller]
    fn owes(&self, want: &str) {
        assert_eq!(told(&self.of(2, 2023)), want);
    }
}

fn told(owed: &[Obligation]) -> String {
    let one = |one: &Obligation| format!("{}:{:?}", one.period, one.status).to_lowercase();
    owed.iter().map(one).collect::<Vec<_>>().join(" ")
}

const HALVES: &str = "level = [\"low\"]\nevery = \"half_year\"\ncounts = [{ record = \"talk\" }]";
const YEARLY: &str = "level = [\"low\"]\nevery = \"year\"\ndue = \"03-31\"\ncounts = [{ record = \"talk\" }]";

#[test]
fn a_period_stands_as_the_day_and_the_records_say() {
    for (today, record, want) in [
        ("2022-12-31", "", "2023:ahead"),
        ("2023-01-01", "", "2023:open"),
        ("2023-03-31", "", "2023:open"),
        ("2023-04-01", "", "2023:overdue"),
        ("2023-04-01", "2023-03-31 talk", "2023:met"),
        ("2023-12-31", "2023-04-01 talk", "2023:late"),
        ("2023-12-31", "2022-12-31 talk", "2023:overdue"),
        ("2024-02-01", "2024-01-01 talk", "2023:overdue"),
        ("2023-04-01", "2023-03-31 reply", "2023:overdue"),
        ("2023-04-01", "2023-03-31 talk unit=3", "2023:overdue"),
    ] {
        let world = world(YEARLY, today);
        if record.is_empty() { world.owes(want) } else { world.record(record).owes(want) }
    }
}

#[test]
fn a_quarter_is_met_by_a_record_in_any_of_its_months() {
    let quarters = HALVES.replace("half_year", "quarter");
    for month in ["04-01", "05-15", "06-30"] {
        let world = world(&quarters, "2023-07-01").record(&format!("2023-{month} talk"));
        world.owes("2023q1:overdue 2023q2:met 2023q3:open 2023q4:ahead");
    }
}

#[test]
fn enough_records_meet_it_and_the_last_of_them_tells_whether_late() {
    let twice = format!("{YEARLY}\nat_least = 2");
    let world = world(&twice, "2023-06-01").record("2023-02-01 talk");
    world.owes("2023:overdue");
    world.record("2023-05-01 talk").owes("2023:late");
}

#[test]
fn a_record_that_makes_up_counts_late_for_that_period_and_not_for_its_own() {
    world(HALVES, "2023-07-20").record("2023-07-10 talk makes_up=2023H1").owes("2023h1:late 2023h2:open");
    world(HALVES, "2023-07-20").record("2023-07-10 talk").owes("2023h1:overdue 2023h2:met");
}

#[test]
fn a_record_written_after_the_due_day_counts_and_is_marked() {
    let late = world(HALVES, "2023-09-01").record("2023-05-10 talk written=2023-08-10");
    late.owes("2023h1:met 2023h2:open");
    assert!(late.of(2, 2023)[0].back_filled());
    let timely = world(HALVES, "2023-09-01").record("2023-05-10 talk written=2023-06-30");
    assert!(!timely.of(2, 2023)[0].back_filled());
}

#[test]
fn a_unit_founded_in_mid_period_starts_with_the_next() {
    let mut world = world(HALVES, "2023-09-01");
    world.units[1].founded = day("2023-01-02");
    world.owes("2023h2:open");
    world.units[1].founded = day("2023-01-01");
    world.owes("2023h1:overdue 2023h2:open");
}

#[test]
fn a_dissolved_unit_closes_with_the_reason_and_keeps_what_was_overdue() {
    let mut world = world(&HALVES.replace("half_year", "quarter"), "2023-12-01");
    world.units[1].dissolved = Some((day("2023-05-31"), "并入机关一支部".into()));
    world.owes("2023q1:overdue 2023q2:waived");
    let owed = world.of(2, 2023);
    assert_eq!(owed[1].reason(&world.tally).unwrap().zh, "2023-05-31 撤销：并入机关一支部");
}

#[test]
fn a_waived_period_shows_its_reason_and_nothing_before_it_was_waived() {
    let mut world = world(HALVES, "2023-09-01").waive("2023H1", "2023-07-20");
    world.owes("2023h1:waived 2023h2:open");
    assert_eq!(world.of(2, 2023)[0].reason(&world.tally).unwrap().en, "Floods");
    world.known = Some(day("2023-07-19"));
    world.owes("2023h1:overdue 2023h2:open");
}

#[test]
fn a_record_is_worth_more_than_a_waiver() {
    world(HALVES, "2023-09-01").waive("2023H1", "2023-07-20").record("2023-03-01 talk").owes("2023h1:met 2023h2:open");
}

#[test]
fn a_planned_day_gives_grace_to_a_record_still_to_come() {
    for (today, planned, grace, want) in [
        ("2023-06-25", "2023-06-20 talk", "", "2023h1:awaiting 2023h2:ahead"),
        ("2023-07-05", "2023-06-20 talk", "", "2023h1:awaiting 2023h2:open"),
        ("2023-07-06", "2023-06-20 talk", "", "2023h1:overdue 2023h2:open"),
        ("2023-06-20", "2023-06-20 talk", "", "2023h1:open 2023h2:ahead"),
        ("2023-07-01", "2023-06-20 reply", "", "2023h1:overdue 2023h2:open"),
        ("2023-06-23", "2023-06-20 talk", "grace = 3", "2023h1:awaiting 2023h2:ahead"),
        ("2023-06-24", "2023-06-20 talk", "grace = 3", "2023h1:open 2023h2:ahead"),
    ] {
        let mut world = world(&format!("{HALVES}\n{grace}"), today);
        let (on, kind) = planned.split_once(' ').unwrap();
        world.tally.plan(2, Plan { kind: kind.into(), on: day(on) });
        world.owes(want);
    }
}

#[test]
fn a_closed_period_stays_as_it_was_and_shows_the_correction() {
    let mut world = world(HALVES, "2023-09-01").record("2023-05-10 talk written=2023-07-20");
    world.closed = Some((day("2023-06-30"), day("2023-07-10")));
    world.owes("2023h1:overdue 2023h2:open");
    assert_eq!(world.of(2, 2023)[0].corrected, Some(Status::Met));
    world.closed = Some((day("2023-06-30"), day("2023-07-20")));
    world.owes("2023h1:met 2023h2:open");
    assert_eq!(world.of(2, 2023)[0].corrected, None);
}

#[test]
fn a_waiver_given_after_closing_is_a_correction_too() {
    let mut world = world(HALVES, "2023-09-01").waive("2023H1", "2023-08-01");
    world.closed = Some((day("2023-06-30"), day("2023-07-10")));
    world.owes("2023h1:overdue 2023h2:open");
    assert_eq!(world.of(2, 2023)[0].corrected, Some(Status::Waived));
}

#[test]
fn as_known_on_a_day_leaves_out_what_was_written_later() {
    let mut world = world(HALVES, "2023-07-10").record("2023-05-10 talk written=2023-07-20");
    world.known = Some(day("2023-07-10"));
    world.owes("2023h1:overdue 2023h2:open");
    world.known = Some(day("2023-07-20"));
    world.owes("2023h1:met 2023h2:open");
}

#[test]
fn a_new_edition_rules_from_the_next_period_on_and_old_periods_keep_their_wording() {
    let mut world = world(HALVES, "2023-09-01");
    let stricter = pack(&HALVES.replace("half_year", "quarter"));
    let new = Edition { pack: stricter, from: day("2023-03-01"), until: None };
    let editions = [world.rules.editions.clone(), vec![new]].concat();
    world.rules = Rulebook::new(world.rules.base.clone(), world.rules.calendar.clone(), editions);
    world.owes("2023h1:overdue 2023q2:overdue 2023q3:open 2023q4:ahead");
}

#[test]
fn the_end_of_a_term_is_owed_though_the_list_is_younger_than_the_term() {
    let election = "level = [\"low\"]\nevery = \"term\"\ncounts = [{ record = \"talk\" }]";
    let world = world(election, "2023-07-01").term(2, 4, "2023-06-30");
    assert_eq!(world.of(2, 2023)[0].period.key(), "T2023-06-30");
    assert_eq!(world.of(2, 2023)[0].status, Status::Overdue);
    assert!(world.of(2, 2022).is_empty() && world.of(3, 2023).is_empty());
    let held = world.record("2021-05-01 talk");
    assert_eq!(held.of(2, 2023)[0].status, Status::Met);
}

#[test]
fn a_count_over_units_below_takes_theirs_and_no_others() {
    let below = HALVES.replace("record = \"talk\"", "record = \"talk\", of = \"below\"");
    for (unit, status) in [(1, Status::Overdue), (2, Status::Met), (3, Status::Met), (77, Status::Overdue)] {
        let world = world(&below, "2023-07-01").record(&format!("2023-02-01 talk unit={unit}"));
        assert_eq!(world.of(2, 2023)[0].status, status, "a record of unit {unit}");
    }
}

#[test]
fn only_records_with_the_answers_asked_for_count() {
    let law = HALVES.replace("record = \"talk\"", "record = \"talk\", where = { on = \"law\" }");
    world(&law, "2023-07-01").record("2023-02-01 talk on:dues").owes("2023h1:overdue 2023h2:open");
    world(&law, "2023-07-01").record("2023-02-01 talk on:dues on:law").owes("2023h1:met 2023h2:open");
}

#[test]
fn the_rule_by_which_a_record_counts_is_told() {
    let either = HALVES.replace("counts = [", "counts = [{ record = \"reply\" }, ");
    let world = world(&either, "2023-07-01").record("2023-02-01 talk").record("2023-01-01 reply");
    let rules: Vec<_> = world.of(2, 2023)[0].met_by.iter().map(|(fact, rule)| (fact.record, *rule)).collect();
    assert_eq!(rules, [(2, 0), (1, 1)]);
}

#[test]
fn a_clause_binds_by_level_class_and_part_as_they_were_then() {
    let firms = format!("{HALVES}\nclass = [\"firm\"]\nneeds = \"wing\"");
    let mut world = world(&firms, "2023-12-31");
    world.owes("");
    world.units[1].class = "firm".into();
    world.owes("");
    world.tally.part(2, "wing");
    world.owes("2023h1:overdue 2023h2:open");
    world.units[1].past = vec![Standing {
        from: day("2010-01-01"),
        until: day("2023-05-01"),
        path: world.units[1].path.clone(),
        level: "low".into(),
        class: "organ".into(),
        code: String::new(),
        parts: Vec::new(),
        short_name: String::new(),
        full_name: String::new(),
    }];
    world.owes("2023h2:open");
}
