//! Volunteers from the call to the figures: names, one place left, who served on which day, people, person-times and
//! hours apart; and sessions of training classes, whose hours go to who came.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use place::{CLERK, MEMBER, OTHER, SECRETARY, STRANGER, Visitor, sites};

const HERE: &str = "/units/2/classes";
const MINE: &str = "/me/classes";
const CALLS: &str = "/units/2/classes?kind=volunteer-service";

fn call<'a>(places: &'a str, sessions: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("kind", "volunteer-service"),
        ("title", "周末进社区"),
        ("need", "打扫楼道，带水杯"),
        ("audience", "community"),
        ("from", "2023-05-15"),
        ("until", "2023-05-15"),
        ("place", "青溪社区"),
        ("hours", "3"),
        ("places", places),
        ("closes", "2023-05-15"),
        ("sessions", sessions),
    ]
}

async fn planned(clerk: &Visitor<'_>, fields: &[(&str, &str)]) -> String {
    let done = clerk.send(CALLS, HERE, fields).await;
    assert_eq!(done.status, 303, "{}", done.text);
    done.to.rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_call_is_answered_and_counts_people_person_times_and_hours_apart() {
    for site in sites().await {
        let (clerk, member) = (site.sign_in(CLERK).await, site.sign_in(MEMBER).await);
        let id = planned(&clerk, &call("5", "2023-05-15 3 上午楼道\n2023-05-15 2 下午清点")).await;
        assert!(clerk.get(CALLS).await.text.contains("周末进社区"));
        assert!(!clerk.get(HERE).await.text.contains("周末进社区"), "a call is no class");
        // a member puts their own name down, the branch others
        let mine = member.get(MINE).await.text;
        assert!(mine.contains("周末进社区") && mine.contains("打扫楼道"), "{mine}");
        assert_eq!(member.send(MINE, MINE, &[("class", &id), ("to", "names")]).await.status, 303);
        assert!(member.get(MINE).await.text.contains("● 已录取"));
        let (own, secretary) = (format!("/units/3/classes/{id}"), site.sign_in(SECRETARY).await);
        let down = [("people", "同志105、同志106")];
        assert_eq!(secretary.send(&own, &format!("{own}/names"), &down).await.status, 303);
        // 105 came in the morning only, 106 not at all
        let held = format!("{HERE}/{id}");
        let (both, late) = (format!("{MEMBER}.1"), format!("{MEMBER}.2"));
        let came = [("came", both.as_str()), ("came", late.as_str()), ("came", "105.1"), ("came", "105.9")];
        let done = clerk.send(&held, &format!("{held}/conclude"), &came).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = clerk.get(&held).await.text;
        assert!(page.contains("● 已结束") && !page.contains("结业证明"), "{page}");
        let records = clerk.get("/units/2/2023/records?kind=volunteer-service&as=csv").await.text;
        assert_eq!(records.matches("周末进社区：").count(), 2, "a record for each time: {records}");

        let figures = clerk.get("/units/2/2023/figures").await.text;
        for words in ["2名党员参加志愿服务", "参加志愿服务3人次", "服务8小时"] {
            let bare = figures.replace("<b>", "").replace("</b>", "");
            assert!(bare.contains(words), "{words}: {bare}");
        }
        let rows = clerk.get("/units/2/2023/figures/volunteer-hours/rows?as=csv").await.text;
        assert!(rows.contains('6') && rows.contains('2'), "each record adds its hours times those who served: {rows}");

        let ledger = clerk.get("/units/2/2023/hours?kind=volunteer-service&as=csv").await.text;
        let line = |name: &str| ledger.lines().find(|line| line.contains(name)).unwrap_or_default().to_owned();
        assert!(line("张晓明").ends_with(",2,5") && line("同志105").ends_with(",1,3"), "{ledger}");
        let sums = clerk.get("/units/2/2023/hours?kind=volunteer-service").await.text;
        assert!(sums.contains("<b>2</b> 名 / <b>3</b> 人次") && sums.contains("<b>8</b> 小时"), "{sums}");
        assert!(!sums.contains("同志106</a>"), "who did not serve is not listed");
        // by unit without names, for everybody who sees the unit; names for those who see people
        let units = member.get("/units/3/2023/hours?kind=volunteer-service&by=unit").await;
        assert!(units.status == 200 && !units.text.contains("同志105"), "{}", units.text);
        assert!(units.text.contains("2 名") && units.text.contains("3 人次") && units.text.contains("8 小时"));
        assert_eq!(member.get("/units/3/2023/hours?kind=volunteer-service").await.status, 404);
        let stranger = site.sign_in(STRANGER).await;
        assert_eq!(stranger.get("/units/3/2023/hours?kind=volunteer-service&by=unit").await.status, 404);
        assert!(member.get(MINE).await.text.contains("小时 <b>5</b>"));
        let training = clerk.get("/units/3/2023/hours?as=csv").await.text;
        assert!(!training.contains(",1,3,"), "service is no training: {training}");
    }
}

#[tokio::test]
async fn the_last_place_of_a_call_goes_to_one_of_two_clicks() {
    for site in sites().await {
        let (clerk, member, other) = (site.sign_in(CLERK).await, site.sign_in(MEMBER).await, site.sign_in(OTHER).await);
        let id = planned(&clerk, &call("1", "")).await;
        let join = [("class", id.as_str()), ("to", "names")];
        let (one, two) = tokio::join!(member.send(MINE, MINE, &join), other.send(MINE, MINE, &join));
        assert_eq!((one.status, two.status), (303, 303));
        let mut said = Vec::new();
        for who in [&member, &other] {
            let page = who.get(MINE).await.text;
            said.push((page.contains("● 已录取"), page.contains("◔ 候补")));
        }
        said.sort_unstable();
        assert_eq!(said, [(false, true), (true, false)]);
        // whoever steps back lets the other in, and nobody coming is no service
        let first =
            if member.get(MINE).await.text.contains("● 已录取") { (&member, &other) } else { (&other, &member) };
        assert_eq!(first.0.send(MINE, MINE, &[("class", &id), ("to", "drop")]).await.status, 303);
        assert!(first.1.get(MINE).await.text.contains("● 已录取"));
        let held = format!("{HERE}/{id}");
        let none = clerk.send(&held, &format!("{held}/conclude"), &[]).await;
        assert!(none.status == 422 && none.text.contains("没有人到场"), "{}", none.text);
    }
}

#[tokio::test]
async fn hours_of_a_class_follow_the_sessions_somebody_came_to() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let mut fields = call("5", "2023-05-15 4 开班式、专题辅导\n2023-05-15 4 支部工作条例");
        fields.retain(|(key, _)| !["kind", "audience"].contains(key));
        fields.extend([("kind", "training"), ("audience", "members")]);
        let id = planned(&clerk, &fields).await;
        let (own, held) = (format!("/units/3/classes/{id}"), format!("{HERE}/{id}"));
        let down = [("people", "张晓明、同志105、同志106")];
        assert_eq!(secretary.send(&own, &format!("{own}/names"), &down).await.status, 303);
        let form = clerk.get(&held).await.text;
        assert!(form.contains("value=\"105.1\"") && form.contains("value=\"105.2\""), "a box for each session: {form}");
        let all = [format!("{MEMBER}.1"), format!("{MEMBER}.2"), "105.2".to_owned()];
        let came: Vec<(&str, &str)> = all.iter().map(|one| ("came", one.as_str())).collect();
        assert_eq!(clerk.send(&held, &format!("{held}/conclude"), &came).await.status, 303);
        let hours = clerk.get("/units/3/2023/hours?as=csv").await.text;
        let line = |name: &str| hours.lines().find(|line| line.contains(name)).unwrap_or_default().to_owned();
        assert!(line("张晓明").ends_with(",1,8,32") && line("同志105").ends_with(",1,4,32"), "{hours}");
        assert!(line("同志106").ends_with(",0,0,32"), "{hours}");
        let page = clerk.get(&held).await.text;
        assert!(page.contains("缺课 1 人") && page.contains("专题辅导"), "{page}");
        let sheets = clerk.get(&format!("{held}/certificates")).await.text;
        assert!(sheets.contains("<b>8</b> 学时") && sheets.contains("<b>4</b> 学时"), "{sheets}");
        let records = clerk.get("/units/2/2023/records?kind=training&as=csv").await.text;
        assert_eq!(records.matches("周末进社区").count(), 1, "one class is one record: {records}");
    }
}

#[tokio::test]
async fn a_call_that_makes_no_sense_comes_back_as_it_was_filled() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let many = "2023-05-15 1 一\n".repeat(61);
        for (key, typed, words) in [
            ("place", " ", "请填写地点"),
            ("hours", "30", "一次最多24小时"),
            ("sessions", "5月15日 三小时", "看不懂“5月15日 三小时”"),
            ("sessions", "2023-05-15 0 清洁", "看不懂"),
            ("sessions", "2023-05-16 3 清洁", "2023-05-16 不在 2023-05-15 至 2023-05-15 之间"),
            ("sessions", many.as_str(), "最多60次"),
            ("kind", "volunteer-service' or 1=1", ""),
            ("kind", "theme-day", ""),
        ] {
            let mut fields = call("5", "");
            fields.iter_mut().filter(|(name, _)| *name == key).for_each(|(_, value)| *value = typed);
            let refused = clerk.send(CALLS, HERE, &fields).await;
            match words {
                "" => assert_eq!(refused.status, 404, "{key}"),
                words => {
                    assert!(refused.status == 422 && refused.text.contains(words), "{words}: {}", refused.text);
                    assert!(refused.text.contains("打扫楼道，带水杯</textarea>"), "what was typed stays");
                    assert!(refused.text.contains("volunteer-service"), "and it is still a call");
                }
            }
        }
        // a record can be written down without a call
        let form = "/units/3/records/new?kind=volunteer-service";
        let fields = [
            ("kind", "volunteer-service"),
            ("on", "2023-05-10"),
            ("topic", "入户走访"),
            ("place", "青溪社区"),
            ("hours", "2"),
            ("due", "张晓明、同志105"),
        ];
        let done = site.sign_in(SECRETARY).await.send(form, "/units/3/records", &fields).await;
        assert_eq!(done.status, 303, "{}", done.text);
    }
}
