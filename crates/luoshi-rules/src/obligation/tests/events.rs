//! Clauses that events open, and what holds of every day: no record counts twice.

use super::*;

const EVENT: &str = "level = [\"low\"]\nevery = \"event\"\ncounts = [{ record = \"reply\" }]\n";

#[test]
fn each_event_asks_for_a_record_of_its_own() {
    let answered = format!("{EVENT}event = {{ record = \"talk\" }}\ndue = \"P5D_after:event\"");
    let world = world(&answered, "2023-06-01").record("2023-03-01 talk").record("2023-03-02 talk");
    world.owes("2023-03-01:overdue 2023-03-02:overdue");
    let world = world.record("2023-03-05 reply");
    world.owes("2023-03-01:met 2023-03-02:overdue");
    world.record("2023-03-09 reply").owes("2023-03-01:met 2023-03-02:late");
}

#[test]
fn only_a_record_with_the_answer_asked_for_is_an_event() {
    let law = format!("{EVENT}event = {{ record = \"talk\" }}\nevent_where = {{ on = \"law\" }}\ndue = \"event\"");
    world(&law, "2023-06-01")
        .record("2023-03-01 talk on:dues")
        .record("2023-03-02 talk on:law")
        .owes("2023-03-02:overdue");
}

#[test]
fn an_answer_in_january_to_an_event_in_december_counts_for_no_other() {
    let answered = format!("{EVENT}event = {{ record = \"talk\" }}\ndue = \"P30D_after:event\"");
    let world = world(&answered, "2023-06-01").record("2022-12-20 talk").record("2023-01-03 talk");
    let world = world.record("2023-01-05 reply");
    world.owes("2023-01-03:overdue");
    assert_eq!(told(&world.of(2, 2022)), "2022-12-20:met");
}

#[test]
fn before_each_holiday_a_record_is_due() {
    let told = format!("{EVENT}event = \"holiday\"\ndue = \"P3D_before:event\"");
    let world = world(&told, "2023-04-01").record("2023-01-18 reply").record("2023-04-03 reply");
    world.owes("2023-01-21:met 2023-04-05:late 2023-04-29:open 2023-06-22:ahead 2023-09-29:ahead 2023-12-30:ahead");
}

#[test]
fn the_end_of_a_term_asks_the_unit_or_the_one_directly_above() {
    let own = format!("{EVENT}event = \"term_end\"\ndue = \"P6M_before:event\"");
    world(&own, "2023-04-01").term(2, 1, "2023-08-31").term(3, 2, "2023-11-30").owes("2023-08-31:overdue");
    let above = format!("{EVENT}event = \"term_end_below\"\ndue = \"P6M_before:event\"");
    let world = world(&above.replace("[\"low\"]", "[\"top\", \"low\"]"), "2023-04-01").term(3, 2, "2023-11-30");
    world.owes("2023-11-30:open");
    assert!(world.of(1, 2023).is_empty() && world.of(3, 2023).is_empty());
}

/// A record on every day of two years, under every cadence and way of being due: each meets one period.
#[test]
fn no_record_counts_for_two_periods_of_one_clause() {
    let ways = ["period_end", "P0D_after:period_end", "P5D_after:period_end", "P10WD_after:period_end"];
    let ways = [&ways[..], &["P2M_after:period_end"]].concat();
    let yearly = ["03-31", "12-31", "P1Y_end+01-15", "P1Y_end+06-30"];
    for (at, every) in ["month", "quarter", "half_year", "year", "2 years"].iter().enumerate() {
        for due in ways.iter().chain(yearly.iter().filter(|_| at > 2)) {
            let clause = format!("every = \"{every}\"\ndue = \"{due}\"\ncounts = [{{ record = \"talk\" }}]");
            let mut world = world(&clause, "2026-12-31");
            world.rules.editions[0].from = day("2010-01-01");
            let days = day("2022-01-01").series(1.day()).take(730);
            let world = days.fold(world, |world, on| world.record(&format!("{on} talk")));
            let mut periods = vec![0; 731];
            for (fact, _) in (2020..=2026).flat_map(|year| world.of(2, year)).flat_map(|one| one.met_by) {
                periods[fact.record as usize] += 1;
            }
            assert_eq!(periods[1..], [1; 730], "{every} {due}");
        }
    }
}

/// Three events and a record on some day around them: whatever the day, it answers one event or none.
#[test]
fn no_record_counts_for_two_events() {
    for due in ["P5D_after:event", "P10WD_after:event", "P1M_after:event", "event"] {
        let clause = format!("{EVENT}event = {{ record = \"talk\" }}\ndue = \"{due}\"");
        let world = world(&clause, "2024-12-31").record("2022-12-20 talk").record("2022-12-28 talk");
        let mut world = world.record("2023-01-03 talk");
        let events = world.tally.clone();
        for on in day("2022-12-01").series(1.day()).take(120) {
            world.tally = events.clone();
            world = world.record(&format!("{on} reply"));
            let both = [world.of(2, 2022), world.of(2, 2023)].concat();
            let met = both.iter().filter(|one| matches!(one.status, Status::Met | Status::Late)).count();
            assert_eq!(met, usize::from(on >= day("2022-12-20")), "{due}: a record of {on}");
        }
    }
}
