//! Flows that ship, step by step.

use super::*;
use crate::{Actor, Held, Pack, Unit, Verb};

fn base() -> Pack {
    Pack::base(include_str!("../../../../packs/base.toml")).unwrap()
}

/// Leave of a person who holds a post in unit 1 (the opener, above) or 2 (the addressee).
fn permit(pack: &Pack, person: i64, post: &str, unit: i64) -> Permit {
    let path = UnitPath::try_from(if unit == 1 { "0001" } else { "00010001" }.to_owned()).unwrap();
    let today = "2023-07-01".parse().unwrap();
    let held = Held { post: post.into(), unit, top: 1, path: path.clone() };
    let name = String::new();
    let actor = Actor { person, top: 1, home: unit, name, posts: vec![held], operation: 1, today };
    let unit = Unit {
        top: 1,
        id: unit,
        path,
        level: String::new(),
        class: String::new(),
        code: String::new(),
        parts: Vec::new(),
        order_no: 1,
        short_name: String::new(),
        full_name: String::new(),
        founded: "2010-01-01".parse().unwrap(),
        dissolved: None,
        past: Vec::new(),
    };
    actor.permit(pack, Verb::See, &unit).unwrap()
}

/// A matter that has gone through these steps, one a day from 1 March 2023.
fn matter(flow: &str, steps: &[&str]) -> Matter {
    let event = |(at, step): (usize, &&str)| Event {
        seq: at as i64 + 1,
        step: (*step).into(),
        actor: 7,
        note: String::new(),
        data: Value::Null,
        on: Date::new(2023, 3, at as i8 + 1).unwrap(),
    };
    let path = |text: &str| UnitPath::try_from(text.to_owned()).unwrap();
    Matter {
        id: 1,
        path: path("00010001"),
        opener_path: path("0001"),
        helpers: Vec::new(),
        parent: 0,
        round: 0,
        parts: Vec::new(),
        flow: flow.into(),
        unit: 2,
        opener: 1,
        title: "三月主题党日".into(),
        data: serde_json::json!({ "giver": 11, "taker": 12 }),
        opened: Date::new(2023, 3, 1).unwrap(),
        events: steps.iter().enumerate().map(event).collect(),
    }
}

#[track_caller]
fn check(flow: &str, done: &[&str], who: (i64, &str, i64), want: &[&str]) {
    let pack = base();
    let flow = pack.flow(flow).unwrap();
    let matter = matter(&flow.id, done);
    let permit = permit(&pack, who.0, who.1, who.2);
    let open: Vec<&str> = matter.open_to(flow, &permit).iter().map(|step| step.id.as_str()).collect();
    assert_eq!(open, want, "after {done:?} for {who:?}");
    for step in &flow.step {
        let allowed = want.contains(&step.id.as_str());
        assert_eq!(matter.next(flow, &step.id, &permit).is_ok(), allowed, "{} after {done:?}", step.id);
    }
}

#[test]
fn the_ladder_of_follow_up_is_climbed_rung_by_rung() {
    let clerk = (7, "party_affairs_worker", 1);
    check("follow-up", &["reminder"], clerk, &["slip", "closed"]);
    check("follow-up", &["reminder", "slip"], clerk, &["circular", "closed"]);
    check("follow-up", &["reminder", "slip", "circular"], clerk, &["talk", "closed"]);
    check("follow-up", &["reminder", "slip", "circular", "talk"], clerk, &["closed"]);
    check("follow-up", &["reminder", "closed"], clerk, &[]);
    check("follow-up", &["reminder", "answered"], clerk, &["slip", "closed"]);
    check("follow-up", &["reminder", "slip", "answered"], clerk, &["slip", "circular", "closed"]);
    check("follow-up", &["reminder", "slip", "circular", "answered"], clerk, &["slip", "circular", "talk", "closed"]);
}

#[test]
fn who_would_skip_a_rung_is_told_which_comes_first() {
    let pack = base();
    let clerk = permit(&pack, 7, "party_affairs_worker", 1);
    let answered = matter("follow-up", &["reminder", "answered"]);
    let Err(Refusal::Rule(why)) = answered.next(pack.flow("follow-up").unwrap(), "talk", &clerk) else { panic!() };
    assert!(why.zh.contains("先“通报”，再“约谈”") && why.en.contains("“Circulate” comes before “Talk”"), "{why:?}");
}

#[test]
fn only_the_unit_that_must_answer_answers_and_only_the_opener_closes() {
    check("follow-up", &["reminder"], (8, "branch_secretary", 2), &["answered"]);
    check("follow-up", &["reminder", "answered"], (8, "branch_secretary", 2), &[]);
    check("follow-up", &["reminder"], (8, "branch_secretary", 1), &[]);
    check("follow-up", &["reminder"], (8, "member", 2), &[]);
    let clerk = (7, "party_affairs_worker", 1);
    let pack = base();
    let after = matter("follow-up", &["reminder", "answered"]);
    let next = after.next(pack.flow("follow-up").unwrap(), "closed", &permit(&pack, clerk.0, clerk.1, clerk.2));
    assert_eq!(next.unwrap().id, "closed");
}

#[test]
fn a_letter_of_transfer_is_accepted_only_where_it_was_sent() {
    let (giving, taking) = ((7, "branch_secretary", 1), (8, "branch_secretary", 2));
    check("transfer", &["requested"], giving, &["issued", "withdrawn"]);
    check("transfer", &["requested"], taking, &[]);
    check("transfer", &["requested", "issued"], giving, &["withdrawn", "expired"]);
    check("transfer", &["requested", "issued"], taking, &["accepted", "refused"]);
    for end in ["accepted", "refused", "withdrawn", "expired"] {
        check("transfer", &["requested", "issued", end], taking, &[]);
        check("transfer", &["requested", "issued", end], giving, &[]);
    }
}

#[test]
fn a_handover_is_signed_once_by_each_of_the_two_persons_named() {
    let (giver, taker, other) = ((11, "member", 2), (12, "member", 2), (13, "member", 2));
    check("handover", &["opened"], giver, &["giver_signed"]);
    check("handover", &["opened"], taker, &["taker_signed"]);
    check("handover", &["opened"], other, &[]);
    check("handover", &["opened", "giver_signed"], giver, &[]);
    check("handover", &["opened", "giver_signed"], taker, &["done_taker"]);
    check("handover", &["opened", "taker_signed"], giver, &["done_giver"]);
    check("handover", &["opened", "taker_signed", "done_giver"], taker, &[]);
}

#[test]
fn a_step_out_of_turn_is_refused_with_where_the_matter_stands() {
    let pack = base();
    let flow = pack.flow("follow-up").unwrap();
    let clerk = permit(&pack, 7, "party_affairs_worker", 1);
    for to in ["circular", "talk", "reminder", "no-such-step"] {
        let Err(Refusal::Rule(why)) = matter("follow-up", &["reminder"]).next(flow, to, &clerk) else { panic!("{to}") };
        assert!(why.zh.contains("已提醒") && why.en.contains("Reminded"), "{to}: {why:?}");
    }
    let secretary = permit(&pack, 8, "branch_secretary", 2);
    assert_eq!(matter("follow-up", &["reminder"]).next(flow, "slip", &secretary), Err(Refusal::NotAllowed));
}

#[test]
fn a_step_is_late_after_its_days_counted_from_when_it_was_taken() {
    let pack = base();
    for (flow, steps, want) in [
        ("follow-up", &["reminder"][..], Some("2023-03-08")),
        ("follow-up", &["reminder", "slip"], Some("2023-03-09")),
        ("follow-up", &["reminder", "slip", "circular"], Some("2023-03-13")),
        ("follow-up", &["reminder", "closed"], None),
        ("transfer", &["requested", "issued"], Some("2023-05-31")),
        ("transfer", &["requested", "issued", "accepted"], None),
        ("follow-up", &[], Some("2023-03-08")),
    ] {
        let limit = matter(flow, steps).limit(pack.flow(flow).unwrap(), &Calendar::default());
        assert_eq!(limit.map(|day| day.to_string()).as_deref(), want, "{flow} {steps:?}");
    }
}

#[test]
fn every_step_of_every_flow_that_ships_can_be_reached_and_leads_to_a_close() {
    for flow in base().flow {
        let mut reached = vec![flow.step[0].id.clone()];
        for at in 0.. {
            let Some(id) = reached.get(at) else { break };
            let then = flow.step(id).unwrap().then.clone();
            reached.extend(then.into_iter().filter(|to| !reached.contains(to)).collect::<Vec<_>>());
        }
        for step in &flow.step {
            assert!(reached.contains(&step.id), "{}.{} is never reached", flow.id, step.id);
            assert!(step.aside || flow.closes(&step.id) || !step.then.is_empty());
        }
    }
}

#[test]
fn a_day_is_put_right_soon_after_it_was_set_and_later_moved_by_an_extension_alone() {
    let pack = base();
    for id in ["directive", "task", "order", "measure"] {
        let flow = pack.flow(id).unwrap();
        let first = if id == "task" { &["planned", "passed"][..] } else { &[][..] };
        let mut matter = matter(id, first);
        // nobody of the unit that must answer: the clerk of the unit above
        let clerk = permit(&pack, 7, "party_affairs_worker", 1);
        matter.opened = Date::new(2023, 6, 25).unwrap();
        matter.events.iter_mut().for_each(|event| event.on = matter.opened);
        assert!(matter.next(flow, "corrected", &clerk).is_ok(), "{id}");
        matter.opened = Date::new(2023, 6, 20).unwrap();
        matter.events.iter_mut().for_each(|event| event.on = matter.opened);
        let refused = matter.next(flow, "corrected", &clerk).unwrap_err();
        assert!(refused.to_string().contains("10 days"), "{id}: {refused:?}");
    }
}

#[test]
fn whatever_a_timer_of_a_task_asks_for_is_sent_by_a_step_and_asked_for_no_more() {
    let (pack, calendar) = (base(), Calendar::default());
    let office = permit(&pack, 7, "party_affairs_worker", 1);
    let flow = pack.flow("task").unwrap();
    let mut task = matter("task", &["planned", "passed"]);
    task.data = serde_json::json!({ "by": office.today().to_string() });
    let refused = task.next(flow, "warned", &office).unwrap_err();
    assert!(refused.to_string().contains("too early"), "a letter before the day would silence the one after it");
    task.data = serde_json::json!({ "by": "2023-05-31" });
    for (letter, today) in [("warned", "2023-06-05"), ("account_advised", "2023-07-20")] {
        let today: Date = today.parse().unwrap();
        let timer = task.ring(flow, &calendar, today).unwrap();
        assert_eq!(timer.sends.as_deref(), Some(letter));
        assert!(task.next(flow, letter, &office).is_ok(), "{letter}");
        let seq = task.events.len() as i64 + 1;
        task.events.push(Event::plain(seq, letter, 7, "已发", today));
        assert_eq!(task.ring(flow, &calendar, today), None, "{letter} was sent");
    }
    for flow in ["inspection", "finding", "task", "recheck", "directive", "measure"] {
        let flow = pack.flow(flow).unwrap();
        for timer in &flow.timer {
            assert!(timer.sends.as_ref().is_some_and(|step| flow.step(step).is_some()), "{}: {}", flow.id, timer.id);
        }
    }
}
