//! What a collection asks, what it repeats, and what it costs.

use super::*;
use jiff::civil::date;

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
    assert!(words(one.check((&BURDEN, &units()), &[], &known())).contains("no unit below"));
}

#[test]
fn what_is_known_is_not_asked_for() {
    let typed = collection(1, vec![ask("党员 人数", Sort::Number)]);
    assert!(words(typed.check((&BURDEN, &units()), &[], &known())).contains("known already"));
    let chosen = collection(1, vec![ask("党员人数", Sort::Known("people:members".into()))]);
    assert!(words(chosen.check((&BURDEN, &units()), &[], &known())).contains("everything asked is known"));
    let both = vec![ask("党员人数", Sort::Known("people:members".into())), ask("活动室面积", Sort::Number)];
    assert_eq!(collection(1, both).check((&BURDEN, &units()), &[], &known()), Ok(()));
}

#[test]
fn nobody_is_asked_the_same_twice_at_a_time() {
    let mut first = collection(1, vec![ask("活动室面积", Sort::Number)]);
    let mut second = collection(2, vec![ask("活动室 面积情况", Sort::Text)]);
    second.unit = 9;
    assert!(words(second.check((&BURDEN, &units()), &[first.clone()], &[])).contains("already in"));
    second.level = "general".into();
    first.level = "branch".into();
    assert_eq!(second.check((&BURDEN, &units()), &[first.clone()], &[]), Ok(()), "nobody is asked by both");
    (first.level, second.level) = (String::new(), String::new());
    first.due = date(2023, 5, 31);
    first.from = date(2023, 5, 1);
    assert_eq!(second.check((&BURDEN, &units()), &[first.clone()], &[]), Ok(()), "the first is over");
    first.every = Some(Cadence::Months(1));
    assert!(second.check((&BURDEN, &units()), &[first.clone()], &[]).is_err(), "it comes every month");
    first.until = Some(date(2023, 5, 31));
    assert_eq!(second.check((&BURDEN, &units()), &[first], &[]), Ok(()), "it was ended");
}

#[test]
fn one_unit_takes_no_more_minutes_of_another_in_a_month_than_the_ceiling() {
    let texts = |n: usize| (0..n).map(|n| ask(&format!("情形{n}"), Sort::Text)).collect::<Vec<_>>();
    assert_eq!(collection(1, texts(3)).check((&BURDEN, &units()), &[], &[]), Ok(()), "nine minutes");
    let mut more = collection(2, vec![ask("其他", Sort::Text)]);
    let others = [collection(1, texts(3))];
    assert!(words(more.check((&BURDEN, &units()), &others, &[])).contains("12 minutes in one month"));
    more.due = date(2023, 7, 31);
    assert_eq!(more.check((&BURDEN, &units()), &others, &[]), Ok(()), "another month");
    more.due = date(2023, 6, 30);
    more.unit = 9;
    assert_eq!(more.check((&BURDEN, &units()), &others, &[]), Ok(()), "another asker");
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
    june.collect(&BURDEN, &all, &units(), (2023, 6));
    let expected = Load { forms: 4, typed: 4, filled: 2, twice: 2, seconds: 2 * 70 + 2 * 60, ..Load::default() };
    assert_eq!(june, expected);
    assert_eq!((june.things(), june.by_system()), (4, 2));
    let mut july = Load::default();
    july.collect(&BURDEN, &all, &units(), (2023, 7));
    assert_eq!(july, Load::default());
}
