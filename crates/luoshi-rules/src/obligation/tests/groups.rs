//! Clauses that each Party group of a branch has to meet.

use super::*;
use crate::tally::Group;

const EACH: &str = "level = [\"low\"]\nneeds = \"wing\"\nevery = \"half_year\"\neach_group = true\n\
                    counts = [{ record = \"circle\" }]";

impl World {
    fn group(mut self, id: i64, from: &str, until: &str) -> World {
        self.tally.group(2, Group { id, from: day(from), until: day(until) });
        self
    }
}

#[test]
fn it_is_met_when_every_group_there_was_through_the_period_has_met() {
    let two = || world(EACH, "2023-07-01").group(7, "2022-05-01", "9999-12-31").group(8, "2023-01-01", "9999-12-31");
    two().owes("2023h1:overdue 2023h2:open");
    two().record("2023-02-01 circle group:7").record("2023-03-01 circle group:7").owes("2023h1:overdue 2023h2:open");
    two().record("2023-02-01 circle group:7").record("2023-03-01 circle group:8").owes("2023h1:met 2023h2:open");
    two().record("2023-02-01 circle group:7 group:8").owes("2023h1:met 2023h2:open");
    two().record("2023-02-01 circle").owes("2023h1:overdue 2023h2:open");
    two().record("2023-02-01 circle group:78").owes("2023h1:overdue 2023h2:open");
    // one group made up for it later: the whole is late
    let late = two().record("2023-02-01 circle group:7").record("2023-07-01 circle group:8 makes_up=2023H1");
    late.owes("2023h1:late 2023h2:open");
    assert_eq!(two().record("2023-02-01 circle group:7").of(2, 2023)[0].lacking, 1);
}

#[test]
fn of_a_group_founded_or_ended_within_a_period_nothing_is_asked_in_it() {
    let world = world(EACH, "2023-12-31").group(7, "2023-03-15", "9999-12-31");
    world.owes("2023h2:open");
    let ended = super::world(EACH, "2023-12-31").group(7, "2022-01-01", "2023-09-30");
    ended.owes("2023h1:overdue");
}

#[test]
fn a_branch_whose_groups_bear_no_names_does_it_as_one() {
    let mut world = world(EACH, "2023-07-01").record("2023-02-01 circle");
    world.units[1].parts = vec!["wing".into()];
    world.owes("2023h1:met 2023h2:open");
    let world = super::world(EACH, "2023-07-01").record("2023-02-01 circle");
    world.owes("");
}
