use super::*;
use jiff::civil::date;

fn check(text: &str, due: Option<Due>) {
    let base = Base { day: date(2023, 3, 15), year: 2023, month: None, festivals: &[] };
    assert_eq!(find(text, &base).first().map(|found| found.due.clone()), due, "{text}");
}

#[test]
fn days_are_read_from_the_day_of_the_document() {
    for (text, day) in [
        ("3月24日前报送", date(2023, 3, 24)),
        ("于2024年1月10日前提交", date(2024, 1, 10)),
        ("6月底前完成", date(2023, 6, 30)),
        ("明年3月底前制定", date(2024, 3, 31)),
        ("7月上旬组织", date(2023, 7, 10)),
        ("9月中旬", date(2023, 9, 20)),
        ("9月25日至10月6日开展", date(2023, 10, 6)),
        ("9月5日至8日开展", date(2023, 9, 8)),
        ("3月至5月，集中开展", date(2023, 5, 31)),
        ("年底前", date(2023, 12, 31)),
        ("2024年底前", date(2024, 12, 31)),
        ("上半年", date(2023, 6, 30)),
        ("二季度", date(2023, 6, 30)),
        ("第三季度末前", date(2023, 9, 30)),
        ("本周五前", date(2023, 3, 17)),
        ("本周内", date(2023, 3, 19)),
        ("月底前", date(2023, 3, 31)),
        ("年内至少", date(2023, 12, 31)),
        ("年中听取一次汇报", date(2023, 6, 30)),
        ("4月下旬至5月上旬", date(2023, 5, 10)),
        ("11月至次年3月", date(2024, 3, 31)),
        ("下月10号之前", date(2023, 4, 10)),
        ("下个月中旬", date(2023, 4, 20)),
    ] {
        check(text, Some(Due::By(day)));
    }
}

#[test]
fn rhythms_and_spans_are_no_days() {
    for (text, due) in [
        ("每季度开展一次", Due::Every(Rhythm::Quarter)),
        ("每半年听取", Due::Every(Rhythm::Half)),
        ("每月25日前报送", Due::Every(Rhythm::Month)),
        ("每年12月公示", Due::Every(Rhythm::Year)),
        ("每两周报送", Due::Every(Rhythm::Fortnight)),
        ("每半月调度", Due::Every(Rhythm::HalfMonth)),
        ("上、下半年各开展一次", Due::Every(Rhythm::Half)),
        ("限期两个月整改", Due::Within(2, Span::Month)),
        ("5个工作日内", Due::Within(5, Span::Workday)),
        ("会议结束三个月内", Due::Within(3, Span::Month)),
        ("24小时内", Due::Within(24, Span::Hour)),
        ("需要长期坚持", Due::Standing),
        ("届满前两个月提交", Due::Event),
    ] {
        check(text, Some(due));
    }
    check("三个月来的工作", None);
    check("近两年中", None);
    check("学习研讨", None);
}

#[test]
fn festivals_are_read_in_quotation_marks_and_anywhere_and_the_month_of_the_title_ends_the_month() {
    let festivals = [Festival { name: "七一".to_owned(), days: vec!["07-01".to_owned()] }];
    let base = Base { day: date(2023, 5, 30), year: 2023, month: Some(6), festivals: &festivals };
    let first = |text: &str| find(text, &base).first().map(|found| found.due.clone());
    for text in ["七一前讲党课", "“七一”前夕走访", "支部书记“七一”前讲党课", "七一节前走访"]
    {
        assert_eq!(first(text), Some(Due::By(date(2023, 7, 1))), "{text}");
    }
    assert_eq!(first("元旦、七一前走访"), None);
    assert_eq!(first("月底前公布"), Some(Due::By(date(2023, 6, 30))));
}
