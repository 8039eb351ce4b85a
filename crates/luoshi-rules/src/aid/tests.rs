use super::*;
use crate::{Held, UnitPath};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn aid() -> Aid {
    base().aid.unwrap()
}

fn base() -> Pack {
    Pack::base(include_str!("../../../../packs/base.toml")).unwrap()
}

fn calendar() -> Calendar {
    Calendar::parse(include_str!("../../../../packs/holidays.toml")).unwrap()
}

/// Steps as `step@person`, all on one day.
fn taken(steps: &str, on: &str) -> Vec<Taken> {
    let one = |text: &str| {
        let (step, by) = text.split_once('@').unwrap();
        Taken { step: Step::named(step).unwrap(), by: by.parse().unwrap(), on: day(on) }
    };
    steps.split_whitespace().map(one).collect()
}

/// Whether person 9 may take a step on a case of person 1 after these.
#[track_caller]
fn check(steps: &str, step: Step, person: i64, today: &str, want: &str) {
    let taken = taken(steps, "2023-05-08");
    let case = Case { applicant: 1, kin: person == 8, taken: &taken };
    let said = case.may(&aid(), &calendar(), (step, person), day(today));
    let said = said.map_or_else(|refusal| refusal.say(crate::Lang::Zh), |()| "yes".to_owned());
    assert!(said.contains(want), "{steps} → {step:?} by {person}: {said}");
}

#[test]
fn a_case_goes_one_step_after_the_other_and_who_looked_into_it_does_not_decide() {
    check("applied@1", Step::Checked, 9, "2023-05-08", "yes");
    check("applied@1", Step::Approved, 9, "2023-05-08", "已申请");
    check("applied@1 checked@9", Step::Approved, 9, "2023-05-08", "核实人不能审批");
    check("applied@1 checked@9", Step::Refused, 9, "2023-05-08", "核实人不能审批");
    check("applied@1 checked@9", Step::Approved, 7, "2023-05-08", "yes");
    check("applied@1 checked@9 approved@7", Step::Paid, 7, "2023-05-20", "已批准");
    check("applied@1 checked@9 approved@7", Step::Publicised, 9, "2023-05-08", "yes");
    check("applied@1 checked@9 refused@7", Step::Checked, 9, "2023-05-08", "未批准");
}

#[test]
fn nobody_handles_their_own_case_or_that_of_kin() {
    check("applied@1", Step::Checked, 1, "2023-05-08", "本人或您亲属");
    check("applied@1 checked@9", Step::Approved, 8, "2023-05-08", "本人或您亲属");
    check("applied@1 checked@9 approved@7 publicised@9 paid@7", Step::Closed, 1, "2023-05-30", "本人或您亲属");
}

#[test]
fn nothing_is_paid_before_the_decision_was_published_for_its_working_days() {
    let steps = "applied@1 checked@9 approved@7 publicised@9";
    let until = aid().publicised_until(&calendar(), day("2023-05-08"));
    assert_eq!(until, day("2023-05-15"), "five working days");
    check(steps, Step::Paid, 7, "2023-05-15", "公示至 2023-05-15");
    check(steps, Step::Paid, 7, "2023-05-16", "yes");
    check(steps, Step::Closed, 7, "2023-05-09", "yes");
}

#[test]
fn what_was_paid_cannot_be_withdrawn_and_only_the_applicant_withdraws() {
    let may = |steps: &str, person| {
        let taken = taken(steps, "2023-05-08");
        Case { applicant: 1, kin: false, taken: &taken }.may_withdraw(person).is_ok()
    };
    assert!(may("applied@1", 1) && may("applied@1 checked@9 approved@7 publicised@9", 1));
    assert!(!may("applied@1", 9) && !may("applied@1 checked@9 approved@7 publicised@9 paid@7", 1));
    assert!(!may("applied@1 withdrawn@1", 1));
}

#[test]
fn an_amount_is_that_of_the_pack_or_below_its_ceiling() {
    let reason =
        |fixed, ceiling| Reason { id: "r".into(), name: Label::default(), fixed, ceiling, source: Label::default() };
    assert!(
        reason(Some(300_000), None).allows(300_000).is_ok() && reason(Some(300_000), None).allows(299_999).is_err()
    );
    assert!(reason(None, Some(1_000)).allows(1_000).is_ok() && reason(None, Some(1_000)).allows(1_001).is_err());
    assert!(reason(None, Some(1_000)).allows(0).is_err() && reason(None, None).allows(-1).is_err());
}

fn entry(seq: i64, sort: Sort, amount: i64, on: &str, counters: i64) -> Entry {
    let (giver, words) = (String::new(), String::new());
    Entry { seq, sort, amount, on: day(on), givers: 10, giver, words, case: 0, counters }
}

#[test]
fn the_balance_is_what_the_entries_come_to_and_is_never_overdrawn() {
    let all = [entry(1, Sort::Donation, 1_000, "2022-03-01", 0), entry(2, Sort::Payment, -400, "2023-03-01", 0)];
    assert_eq!(balance(&all), 600);
    assert!(covers(600, -600).is_ok() && covers(600, -601).is_err() && covers(i64::MAX, 1).is_err());
}

#[test]
fn an_entry_is_made_good_once_and_a_counter_entry_never() {
    let all = [
        entry(1, Sort::Donation, 1_000, "2023-03-01", 0),
        entry(2, Sort::Counter, -1_000, "2023-03-02", 1),
        entry(3, Sort::Donation, 100, "2023-03-02", 0),
    ];
    assert!(counter(&all, 1).is_err() && counter(&all, 2).is_err() && counter(&all, 9).is_err());
    assert_eq!(counter(&all, 3).unwrap().amount, 100);
    let year = Numbers::of_account(&all, 2023);
    assert_eq!((year.given, year.givers, year.balance, year.paid), (100, 10, 100, 0));
    assert_eq!(Numbers::of_account(&all, 2024).balance, 100);
}

#[test]
fn a_count_so_small_that_it_tells_of_somebody_is_held_back_and_cannot_be_found_from_the_whole() {
    assert_eq!(shown(&[4, 5, 9, 0], 5), [None, None, Some(9), Some(0)]);
    assert_eq!(shown(&[1, 4, 9], 5), [None, None, Some(9)]);
    assert_eq!(shown(&[5, 6], 5), [Some(5), Some(6)]);
    assert_eq!(shown(&[3], 5), [None]);
}

#[test]
fn cases_are_for_who_holds_the_post_in_that_very_unit() {
    let pack = base();
    let path = |text: &str| UnitPath::try_from(text.to_owned()).unwrap();
    let unit = |id, at: &str| crate::Unit {
        top: 1,
        id,
        path: path(at),
        level: "organ_committee".into(),
        class: "organ".into(),
        code: String::new(),
        parts: Vec::new(),
        order_no: 1,
        short_name: String::new(),
        full_name: String::new(),
        founded: day("2010-01-01"),
        dissolved: None,
        past: Vec::new(),
    };
    let actor = |posts: &[(&str, i64, &str)]| {
        let held =
            |(post, unit, at): &(&str, i64, &str)| Held { post: (*post).into(), unit: *unit, top: 1, path: path(at) };
        let posts = posts.iter().map(held).collect();
        Actor { person: 7, top: 1, home: 5, name: String::new(), posts, operation: 9, today: day("2023-07-01") }
    };
    let (above, own, below) = (unit(1, "0001"), unit(2, "00010002"), unit(3, "000100020001"));
    let handler = actor(&[("aid_handler", 2, "00010002")]);
    assert!(handler.handler(&pack, &own).is_ok());
    assert!(handler.handler(&pack, &above).is_err() && handler.handler(&pack, &below).is_err());
    for post in ["organ_committee_secretary", "party_affairs_worker", "auditor", "leading_group_secretary"] {
        assert!(actor(&[(post, 2, "00010002")]).handler(&pack, &own).is_err(), "{post}");
    }
    let clerk = actor(&[("party_affairs_worker", 1, "0001")]);
    assert!(clerk.may_appoint(&pack, "aid_handler", &own.path) && !clerk.may_give(&pack, "aid_handler", &own.path));
    assert!(!clerk.may_appoint(&pack, "auditor", &own.path));
    assert!(!actor(&[("organ_committee_secretary", 2, "00010002")]).may_appoint(&pack, "aid_handler", &own.path));
}
