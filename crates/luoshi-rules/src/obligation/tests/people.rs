//! Clauses that bind the holder of a post, or each member.

use super::*;
use crate::obligation;

const BOSS: &str =
    "level = [\"low\"]\npost = \"boss\"\nevery = \"half_year\"\ncounts = [{ record = \"talk\", role = \"speaker\" }]";

#[test]
fn a_role_must_be_the_holders_own_on_that_day() {
    let world = || world(BOSS, "2023-12-31").held(7, "2020-01-01", "2023-03-31").held(8, "2023-04-01", "2099-12-31");
    for (record, want) in [
        ("2023-03-31 talk speaker=7", "2023h1:met 2023h2:open"),
        ("2023-04-01 talk speaker=7", "2023h1:overdue 2023h2:open"),
        ("2023-03-31 talk speaker=8", "2023h1:overdue 2023h2:open"),
        ("2023-04-01 talk speaker=8", "2023h1:met 2023h2:open"),
        ("2023-04-01 talk speaker=78", "2023h1:overdue 2023h2:open"),
        ("2023-04-01 talk present=8", "2023h1:overdue 2023h2:open"),
        ("2023-04-01 talk speaker=8 unit=3", "2023h1:met 2023h2:open"),
        ("2023-04-01 talk present=9 speaker=8 unit=77", "2023h1:met 2023h2:open"),
    ] {
        world().record(record).owes(want);
    }
}

#[test]
fn an_obligation_follows_the_post_and_shows_all_who_held_it() {
    let world = world(BOSS, "2023-12-31").held(7, "2020-01-01", "2023-03-31").held(8, "2023-04-01", "2023-12-31").held(
        9,
        "2024-01-01",
        "2099-12-31",
    );
    let names = |one: &Obligation| -> Vec<String> {
        one.holders(&world.tally).iter().map(|holding| holding.name.clone()).collect()
    };
    let owed = world.of(2, 2023);
    assert_eq!(names(&owed[0]), ["person 7", "person 8"]);
    assert_eq!(names(&owed[1]), ["person 8"]);
}

#[test]
fn a_member_owes_what_binds_each_member_and_nobody_adds_it_up() {
    let each = "level = [\"low\"]\neach_member = true\nevery = \"half_year\"\n\
                counts = [{ record = \"talk\", role = \"present\" }]";
    let world = world(each, "2023-07-01").record("2023-02-01 talk present=7");
    world.owes("");
    let of = |person| told(&obligation::of_member(world.ground(), &world.units[1], person, 2023));
    assert_eq!(of(7), "2023h1:met 2023h2:open");
    assert_eq!(of(8), "2023h1:overdue 2023h2:open");
}
