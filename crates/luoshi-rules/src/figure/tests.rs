//! Figures counted out of lots.

use super::*;

fn figure(text: &str) -> Figure {
    toml::from_str(&format!("id = 'f'\nname = {{ zh = '宣讲', en = 'Lectures' }}\n{text}")).unwrap()
}

fn lot(unit: i64, month: i8, kind: &str, tags: &str, records: i64) -> Lot {
    let people = (0..records).map(|n| (100 + n, "speaker".into())).collect();
    let (sums, each) = ([("people".to_owned(), records * 40)].into(), [("hours".to_owned(), records * 60)].into());
    Lot {
        below: unit.to_string().into(),
        day: 0,
        level: if unit == 1 { "branch".into() } else { "organ_committee".into() },
        class: "organ".into(),
        month: (2023, month),
        kind: kind.into(),
        tags: tags.into(),
        records,
        present: records * 30,
        sums,
        each,
        people,
    }
}

fn lots() -> Vec<Lot> {
    vec![
        lot(1, 3, "lecture", "audience:masses", 2),
        lot(1, 4, "lecture", "audience:youth", 1),
        lot(2, 3, "lecture", "audience:masses extra:yes", 3),
        lot(2, 3, "theme-day", "", 5),
    ]
}

#[test]
fn a_figure_counts_the_records_of_its_kinds_and_options() {
    let lots = lots();
    let count = |text: &str| total(&figure(text).parts(&lots));
    assert_eq!(count("record = ['lecture']\nmeasure = 'sessions'"), 6);
    assert_eq!(count("record = ['lecture', 'theme-day']\nmeasure = 'sessions'"), 11);
    assert_eq!(count("record = ['lecture']\nmeasure = 'sessions'\nfilter = { audience = 'masses' }"), 5);
    assert_eq!(count("record = ['lecture']\ncount = 'present'\nmeasure = 'person-times'"), 180);
    assert_eq!(count("record = ['lecture']\ncount = 'sum'\nfield = 'people'\nmeasure = 'person-times'"), 240);
    assert_eq!(count("record = ['lecture']\ncount = 'each'\nfield = 'hours'\nmeasure = 'service-hours'"), 360);
}

#[test]
fn a_figure_of_a_population_counts_its_units_alone() {
    let count =
        |text: &str| total(&figure(&format!("record = ['lecture']\nmeasure = 'sessions'\n{text}")).parts(&lots()));
    assert_eq!(count("level = ['branch']"), 3);
    assert_eq!(count("level = ['branch', 'organ_committee']"), 6);
    assert_eq!(count("class = ['organ']\nlevel = ['organ_committee']"), 3);
    assert_eq!(count("class = ['institution']"), 0);
}

#[test]
fn one_of_several_options_is_enough_and_months_are_kept() {
    let count =
        |text: &str| total(&figure(&format!("record = ['lecture']\nmeasure = 'sessions'\n{text}")).parts(&lots()));
    assert_eq!(count("filter = { audience = 'masses youth' }"), 6);
    assert_eq!(count("filter = { audience = 'masses', extra = 'yes' }"), 3);
    assert_eq!(count("months = [4, 5]"), 1);
    let all = lots();
    let parts = figure("record = ['lecture', 'theme-day']\nmeasure = 'sessions'").parts(&all);
    let expected = [("", 5), ("masses", 5), ("youth", 1)].map(|(option, n)| (option.to_owned(), n));
    assert_eq!(by_option(&parts, "audience"), BTreeMap::from(expected));
}

#[test]
fn people_are_counted_once_in_the_whole_and_in_each_part() {
    let all = lots();
    let parts = figure("record = ['lecture']\ncount = 'people'\nmeasure = 'people'").parts(&all);
    assert_eq!(total(&parts), 3);
    assert_eq!(by(&parts, |part| part.lot.below.parse::<i64>().ok()), BTreeMap::from([(1, 2), (2, 3)]));
}

#[test]
fn what_is_added_up_by_class_or_month_is_the_whole() {
    let all = lots();
    let parts = figure("record = ['lecture']\nmeasure = 'sessions'").parts(&all);
    for groups in
        [by(&parts, |part| part.lot.below.parse::<i64>().ok()), by(&parts, |part| Some(i64::from(part.lot.month.1)))]
    {
        assert_eq!(groups.values().sum::<i64>(), total(&parts));
    }
}

#[test]
fn a_measure_suits_what_is_counted() {
    assert!(Measure::Sessions.suits(Counted::Records) && !Measure::People.suits(Counted::Records));
    assert!(Measure::People.suits(Counted::People) && !Measure::PersonTimes.suits(Counted::People));
    assert!(!Measure::People.suits(Counted::Sum) && Measure::Fen.suits(Counted::Sum));
    assert!(!Measure::PersonTimes.suits(Counted::Each) && Measure::ServiceHours.suits(Counted::Each));
}

#[test]
fn a_record_that_counts_as_another_kind_too_is_looked_at_once() {
    use crate::record::counts_as;
    assert!(counts_as(("theme-day", "also:party-lecture"), "party-lecture"));
    assert!(counts_as(("theme-day", ""), "theme-day"));
    assert!(!counts_as(("theme-day", "also:party-lectures form:party-lecture"), "party-lecture"));
}

#[test]
fn an_english_sentence_begins_with_a_capital() {
    let said = figure(
        "record = ['lecture']\nmeasure = 'sessions'\nsentence = { zh = '开展宣讲{n}', en = '{n} of lectures were held' }\nabout = { step = 100, near = 5 }",
    );
    assert_eq!(said.sentence(523, Lang::En), "More than 500 sessions of lectures were held");
    assert_eq!(said.sentence(523, Lang::Zh), "开展宣讲500余场次");
}
