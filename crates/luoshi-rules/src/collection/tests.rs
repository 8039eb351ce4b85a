//! What a collection asks, what it repeats, and what it costs.

use super::*;
use crate::rulebook::Edition;
use crate::{Calendar, Pack, Rulebook};
use jiff::civil::date;
use std::sync::Arc;

const BURDEN: Burden = Burden { number: 60, text: 180, yes: 20, known: 10, matter: 600, ceiling: 10, answer: 5 };

fn path(text: &str) -> UnitPath {
    let numbers: Vec<u32> = text.split('.').map(|n| n.parse().unwrap()).collect();
    let root = UnitPath::root(numbers[0]).unwrap();
    numbers[1..].iter().fold(root, |path, n| path.child(*n).unwrap())
}

fn unit(id: i64, at: &str, level: &str) -> Unit {
    Unit {
        top: 1,
        id,
        path: path(at),
        level: level.into(),
        class: "organ".into(),
        code: "631".into(),
        parts: Vec::new(),
        order_no: 1,
        short_name: format!("u{id}"),
        full_name: format!("u{id}"),
        founded: date(2000, 1, 1),
        dissolved: None,
        past: Vec::new(),
    }
}

fn ask(name: &str, sort: Sort) -> Question {
    Question { name: name.into(), sort }
}

fn collection(id: i64, questions: Vec<Question>) -> Collection {
    Collection {
        id,
        unit: 1,
        unit_name: "机关党委".into(),
        path: path("1"),
        title: "阵地建设摸底".into(),
        ground: "工委〔2023〕5号第三条".into(),
        every: None,
        due: date(2023, 6, 30),
        level: String::new(),
        class: String::new(),
        questions,
        from: date(2023, 6, 1),
        until: None,
    }
}

fn units() -> Vec<Unit> {
    vec![unit(1, "1", "committee"), unit(2, "1.1", "branch"), unit(3, "1.2", "general")]
}

fn known() -> Vec<(String, String)> {
    vec![("people:members".into(), "党员人数".into())]
}

fn ground(known: &[(String, String)]) -> Ground {
    Ground { burden: BURDEN, units: units(), known: known.to_vec(), held: Held::all(&rules(), date(2023, 6, 1)) }
}

/// A list with two duties of branches: to give a lecture, and to observe applicants or hold a talk.
fn rules() -> Rulebook {
    let kind = |id: &str, zh: &str, fields: serde_json::Value| serde_json::json!({ "id": id, "name": { "zh": zh, "en": zh }, "field": fields });
    let field = |zh: &str, optional: bool| serde_json::json!({ "id": zh, "name": { "zh": zh, "en": zh }, "holds": "text", "optional": optional });
    let kinds = [
        kind("lecture", "党课", serde_json::json!([field("主题", false), field("地点", true)])),
        kind("observation", "考察", serde_json::json!([field("考察人数", false), field("主题", false)])),
        kind("talk", "谈话", serde_json::json!([])),
    ];
    let clause = |id: &str, counts: &[&str]| {
        let counts: Vec<_> = counts.iter().map(|kind| serde_json::json!({ "record": kind })).collect();
        serde_json::json!({ "id": id, "text": { "zh": id, "en": id }, "section": "s", "level": ["branch"],
            "every": "quarter", "counts": counts })
    };
    let read = |one: &serde_json::Value| serde_json::from_value(one.clone()).unwrap();
    let clauses = [clause("A-1", &["lecture"]), clause("A-2", &["observation"]), clause("A-3", &["talk", "lecture"])];
    let base = Pack { kind: kinds.iter().map(read).collect(), ..Pack::default() };
    let list = Pack {
        clause: clauses.iter().map(|one| serde_json::from_value(one.clone()).unwrap()).collect(),
        ..Pack::default()
    };
    let edition = Edition { pack: Arc::new(list), from: date(2023, 1, 1), until: None };
    Rulebook::new(Arc::new(base), Arc::new(Calendar::default()), vec![edition])
}

fn words(wrong: Result<(), Vec<Refusal>>) -> String {
    wrong.unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn those_below_are_asked_by_level_and_class_and_who_asks_is_not() {
    let mut one = collection(1, vec![ask("活动室面积", Sort::Number)]);
    let reached = |one: &Collection| units().iter().filter(|unit| one.reaches(unit)).count();
    assert_eq!(reached(&one), 2);
    one.level = "branch".into();
    assert_eq!(reached(&one), 1);
    one.class = "enterprise".into();
    assert_eq!(reached(&one), 0);
    assert!(words(one.check(&ground(&known()), &[])).contains("no unit below"));
}

#[test]
fn what_is_known_is_not_asked_for() {
    let typed = collection(1, vec![ask("党员 人数", Sort::Number)]);
    assert!(words(typed.check(&ground(&known()), &[])).contains("known already"));
    let chosen = collection(1, vec![ask("党员人数", Sort::Known("people:members".into()))]);
    assert!(words(chosen.check(&ground(&known()), &[])).contains("everything asked is known"));
    let both = vec![ask("党员人数", Sort::Known("people:members".into())), ask("活动室面积", Sort::Number)];
    assert_eq!(collection(1, both).check(&ground(&known()), &[]), Ok(()));
}

#[test]
fn what_a_duty_has_units_record_is_not_asked_for_again() {
    let asked = |name: &str, sort: Sort| collection(1, vec![ask(name, sort)]).check(&ground(&[]), &[]);
    for name in ["党课主题", "党课的次数", "召开党课场次", "考察人数"] {
        assert!(words(asked(name, Sort::Text)).contains("in the records already (A-"), "{name}");
    }
    // a name that many things bear, what need not be filled in, and what another record may have met
    for name in ["主题", "党课地点", "谈话次数", "活动室面积"] {
        assert_eq!(asked(name, Sort::Text), Ok(()), "{name}");
    }
    let mut general = collection(1, vec![ask("党课主题", Sort::Text)]);
    general.level = "general".into();
    assert_eq!(general.check(&ground(&[]), &[]), Ok(()), "no duty of theirs");
    let mut june = Load::default();
    june.collect(&ground(&[]), &[collection(1, vec![ask("党课主题", Sort::Text)])], (2023, 6));
    assert_eq!((june.forms, june.twice), (2, 1), "the branch alone records it");
    let (known, asked) = (ground(&[]), [collection(1, vec![ask("党课主题", Sort::Text)])]);
    let listed = twice(&known, &asked, (2023, 6));
    let [one] = listed.as_slice() else { panic!("{listed:?}") };
    assert!(matches!(one.before, Before::Recorded(held) if held.clause == "A-1"), "{one:?}");
}

#[test]
fn minutes_are_those_of_all_who_are_asked_in_a_year() {
    let mut one = collection(1, vec![ask("活动室面积", Sort::Number), ask("是否共用", Sort::Yes)]);
    assert_eq!(one.minutes(&ground(&[])), 3, "80 seconds of two units");
    one.every = Some(Cadence::Months(3));
    assert_eq!(one.minutes(&ground(&[])), 11);
}

#[test]
fn nobody_is_asked_the_same_twice_at_a_time() {
    let mut first = collection(1, vec![ask("活动室面积", Sort::Number)]);
    let mut second = collection(2, vec![ask("活动室 面积情况", Sort::Text)]);
    second.unit = 9;
    assert!(words(second.check(&ground(&[]), &[first.clone()])).contains("already in"));
    second.level = "general".into();
    first.level = "branch".into();
    assert_eq!(second.check(&ground(&[]), &[first.clone()]), Ok(()), "nobody is asked by both");
    (first.level, second.level) = (String::new(), String::new());
    first.due = date(2023, 5, 31);
    first.from = date(2023, 5, 1);
    assert_eq!(second.check(&ground(&[]), &[first.clone()]), Ok(()), "the first is over");
    first.every = Some(Cadence::Months(1));
    assert!(second.check(&ground(&[]), &[first.clone()]).is_err(), "it comes every month");
    first.until = Some(date(2023, 5, 31));
    assert_eq!(second.check(&ground(&[]), &[first]), Ok(()), "it was ended");
}

#[test]
fn one_unit_takes_no_more_minutes_of_another_in_a_month_than_the_ceiling() {
    let texts = |n: usize| (0..n).map(|n| ask(&format!("情形{n}"), Sort::Text)).collect::<Vec<_>>();
    assert_eq!(collection(1, texts(3)).check(&ground(&[]), &[]), Ok(()), "nine minutes");
    let mut more = collection(2, vec![ask("其他", Sort::Text)]);
    let others = [collection(1, texts(3))];
    assert!(words(more.check(&ground(&[]), &others)).contains("12 minutes in one month"));
    more.due = date(2023, 7, 31);
    assert_eq!(more.check(&ground(&[]), &others), Ok(()), "another month");
    more.due = date(2023, 6, 30);
    more.unit = 9;
    assert_eq!(more.check(&ground(&[]), &others), Ok(()), "another asker");
}

#[test]
fn what_reaches_other_units_takes_no_minutes_of_these() {
    let asks = |id: i64, level: &str| {
        let questions = (0..2).map(|n| ask(&format!("第{id}表第{n}项情况"), Sort::Text)).collect();
        Collection { level: level.into(), ..collection(id, questions) }
    };
    let (first, second, third) = (asks(1, "branch"), asks(2, "general"), asks(3, "branch"));
    let ground = ground(&[]);
    assert!(second.check(&ground, std::slice::from_ref(&first)).is_ok(), "no unit is asked both");
    let wrong = words(third.check(&ground, &[first, second]));
    assert!(wrong.contains("12 minutes in one month"), "{wrong}");
}

#[test]
fn a_collection_that_recurs_is_due_at_the_end_of_each_period_while_it_goes_on() {
    let mut one = collection(1, vec![ask("活动室面积", Sort::Number)]);
    one.every = Some(Cadence::Months(3));
    let due = |one: &Collection, year| one.turns(year).iter().map(|turn| turn.period.clone()).collect::<Vec<_>>();
    assert_eq!(due(&one, 2023), ["2023Q2", "2023Q3", "2023Q4"]);
    one.until = Some(date(2023, 10, 1));
    assert_eq!(due(&one, 2023), ["2023Q2", "2023Q3"]);
    assert!(due(&one, 2024).is_empty());
}

#[test]
fn a_month_counts_forms_questions_seconds_and_what_is_asked_twice() {
    let questions = vec![ask("党员人数", Sort::Known("people:members".into())), ask("活动室面积", Sort::Number)];
    let all = [collection(1, questions.clone()), collection(2, vec![ask("活动室面积", Sort::Number)])];
    let mut june = Load::default();
    june.collect(&ground(&[]), &all, (2023, 6));
    let expected = Load { forms: 4, typed: 4, filled: 2, twice: 2, seconds: 2 * 70 + 2 * 60, ..Load::default() };
    assert_eq!(june, expected);
    assert_eq!((june.things(), june.by_system()), (4, 2));
    // the newer one asks again, whichever stands first
    let (known, mut turned) = (ground(&[]), all.clone());
    turned.reverse();
    for all in [&all, &turned] {
        let listed = twice(&known, all, (2023, 6));
        let [one] = listed.as_slice() else { panic!("{listed:?}") };
        assert_eq!((one.question.name.as_str(), one.by.id, one.times), ("活动室面积", 2, 2));
        assert!(matches!(one.before, Before::Asked(older) if older.id == 1), "{one:?}");
    }
    assert!(twice(&known, &all, (2023, 7)).is_empty());
    let mut july = Load::default();
    july.collect(&ground(&[]), &all, (2023, 7));
    assert_eq!(july, Load::default());
}
