//! The proposed plan of a year, over the lists that ship: it meets what is owed, in time, with few meetings.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

use jiff::civil::{Date, date};
use luoshi_rules::obligation::{self, Ground};
use luoshi_rules::plan::{Meant, closes, propose};
use luoshi_rules::rulebook::Edition;
use luoshi_rules::tally::Fact;
use luoshi_rules::{Calendar, Kind, Obligation, Pack, Rulebook, Status, Tally, Unit, UnitPath};
use std::sync::Arc;

fn rules() -> Rulebook {
    let base = Arc::new(Pack::base(include_str!("../../../packs/base.toml")).unwrap());
    let pack = Arc::new(Pack::list(include_str!("../../../packs/duties.toml"), &base).unwrap());
    let calendar = Arc::new(Calendar::parse(include_str!("../../../packs/holidays.toml")).unwrap());
    Rulebook::new(base, calendar, vec![Edition { pack, from: date(2022, 1, 1), until: None }])
}

fn unit(level: &str) -> Unit {
    Unit {
        top: 1,
        id: 1,
        path: UnitPath::try_from("0001".to_owned()).unwrap(),
        level: level.into(),
        class: "organ".into(),
        code: String::new(),
        parts: vec!["committee".into(), "groups".into()],
        order_no: 1,
        short_name: String::new(),
        full_name: String::new(),
        founded: date(2010, 1, 1),
        dissolved: None,
        past: Vec::new(),
    }
}

/// What is owed by a unit of a level on a day, proposed for and handed to `check`.
fn with(level: &str, today: Date, tally: &Tally, check: impl Fn(&[&Obligation], &[&Kind], &Calendar)) {
    let (rules, units) = (rules(), [unit(level)]);
    let ground = Ground { rules: &rules, tally, today, known: None, closed: None };
    let owed: Vec<Obligation> = obligation::derive(ground, &units, 2023).collect();
    let owed: Vec<&Obligation> = owed.iter().collect();
    let kinds = rules.kinds();
    let kinds: Vec<&Kind> =
        kinds.into_iter().filter(|k| k.level.is_empty() || k.level.iter().any(|l| l == level)).collect();
    check(&owed, &kinds, &rules.calendar);
}

fn by_meeting(one: &Obligation, kinds: &[&Kind]) -> bool {
    let meets = |id: &str| kinds.iter().any(|kind| kind.id == id && kind.meeting.is_some());
    one.clause.counts.iter().any(|count| count.of == luoshi_rules::clause::Whose::Own && meets(&count.record))
}

#[test]
fn the_proposed_meetings_meet_all_that_meetings_can_meet_on_working_days_in_time() {
    for level in ["branch", "organ_committee", "leading_group"] {
        for today in [date(2023, 1, 1), date(2023, 5, 15), date(2023, 12, 30)] {
            with(level, today, &Tally::default(), |owed, kinds, calendar| {
                let plan = propose(owed, &[], kinds, (calendar, today));
                let ahead = |one: &&&Obligation| {
                    matches!(one.status, Status::Open | Status::Ahead) && one.due >= today && by_meeting(one, kinds)
                };
                for one in owed.iter().filter(ahead) {
                    let by = plan.iter().filter(|item| {
                        item.closes.iter().any(|other| other.clause == one.clause.id && other.period == one.period)
                    });
                    let days: Vec<Date> = by.map(|item| item.on).collect();
                    assert!(days.len() >= one.clause.at_least as usize, "{level} {} {}", one.clause.id, one.period);
                    assert!(days.iter().all(|on| *on >= one.from && *on <= one.due && *on >= today));
                }
                if today.month() < 12 {
                    assert!(plan.iter().all(|item| calendar.is_workday(item.on)), "{level} {today}");
                }
                assert!(
                    propose(owed, &plan, kinds, (calendar, today)).is_empty(),
                    "what is planned is not proposed again"
                );
            });
        }
    }
}

#[test]
fn what_is_due_later_is_met_by_meetings_that_are_held_anyway() {
    with("branch", date(2023, 1, 1), &Tally::default(), |owed, kinds, calendar| {
        let plan = propose(owed, &[], kinds, (calendar, date(2023, 1, 1)));
        let of = |kind: &str| plan.iter().filter(|item| item.kind == kind).collect::<Vec<_>>();
        assert_eq!(of("general-meeting").len(), 4, "one a quarter serves whatever else counts a general meeting");
        assert_eq!(of("theme-day").len(), 12);
        assert_eq!(of("branch-committee-meeting").len(), 12);
        for general in of("general-meeting") {
            let first = of("branch-committee-meeting");
            let first = first.iter().find(|one| one.on.month() == general.on.month()).unwrap();
            assert!(first.on < general.on, "the committee meets first: {} {}", first.on, general.on);
        }
        assert!(
            of("branch-committee-meeting")[0].closes.len() > 1,
            "one meeting closes the branch's duty and the secretary's"
        );
    });
    with("leading_group", date(2023, 1, 1), &Tally::default(), |owed, kinds, calendar| {
        let plan = propose(owed, &[], kinds, (calendar, date(2023, 1, 1)));
        let lecture = plan.iter().find(|item| item.kind == "party-lecture").unwrap();
        assert_eq!(lecture.closes[0].role.as_deref(), Some("speaker"), "who must speak is told");
    });
}

#[test]
fn options_that_exclude_each_other_get_meetings_of_their_own_and_others_share_one() {
    with("leading_group", date(2023, 1, 1), &Tally::default(), |owed, kinds, calendar| {
        let plan = propose(owed, &[], kinds, (calendar, date(2023, 1, 1)));
        let tagged = |tag: &str| plan.iter().filter(|item| item.tags.split(' ').any(|one| one == tag)).count();
        assert!(tagged("agenda:party-building") >= 2);
        let both = plan
            .iter()
            .any(|item| item.tags.contains("agenda:party-building") && item.tags.contains("agenda:self-governance"));
        assert!(both, "an agenda has room for several items");
        for item in plan.iter().filter(|item| item.kind == "report") {
            assert!(item.tags.matches("about:").count() <= 1, "{item:?}");
        }
    });
}

#[test]
fn what_was_held_needs_no_plan_and_a_planned_meeting_says_what_it_closes() {
    let today = date(2023, 5, 15);
    let mut tally = Tally::default();
    let on = date(2023, 5, 10);
    let (tags, roles, makes_up) = (String::new(), String::new(), String::new());
    tally.add(Fact { record: 1, unit: 1, kind: "theme-day".into(), on, written: on, tags, roles, makes_up });
    with("branch", today, &tally, |owed, kinds, calendar| {
        let plan = propose(owed, &[], kinds, (calendar, today));
        let theme: Vec<&Meant> = plan.iter().filter(|item| item.kind == "theme-day").collect();
        assert!(theme.iter().all(|item| item.on.month() > 5) && theme.len() == 7, "{theme:?}");
        let by_hand =
            Meant { kind: "theme-day".into(), on: date(2023, 6, 30), tags: String::new(), closes: Vec::new() };
        assert!(closes(&by_hand, owed, kinds).iter().any(|one| one.period.key() == "2023-06"));
        let again = propose(owed, &[by_hand], kinds, (calendar, today));
        assert!(again.iter().all(|item| item.kind != "theme-day" || item.on.month() != 6));
    });
}
