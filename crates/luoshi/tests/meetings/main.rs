//! Branch life: who is due and may vote, quorum, chair, votes, talks, and what can go wrong while recording a meeting.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod people;
#[allow(dead_code)]
#[path = "../place/mod.rs"]
mod place;
mod programs;

use jiff::civil::date;
use luoshi_rules::Verb;
use luoshi_rules::person::Standing;
use luoshi_store::{holding, obligation, person, record, unit};
use place::{CLERK, COMMITTEE, FIRST, MEMBER, OTHER, ROOT, SECOND, SECRETARY, Site, TODAY, Visitor, leave, sites};
use serde_json::json;

const FORM: &str = "/units/3/records/new?kind=general-meeting";

fn meeting<'a>(on: &'a str, rest: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![("kind", "general-meeting"), ("on", on), ("topic", "审议年度计划")];
    fields.extend(rest);
    fields
}

#[tokio::test]
async fn the_page_says_how_a_meeting_is_done_and_how_many_must_come() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        let how = secretary.get("/units/3/meetings/general-meeting").await;
        assert_eq!(how.status, 200, "{}", how.text);
        for words in ["步骤", "有表决权", "<dd><b>6</b></dd>", "可以主持的", "李建国", "支委会先讨论重要事项"]
        {
            assert!(how.text.contains(words), "{words}: {}", how.text);
        }
        let english = secretary.get_english("/units/3/meetings/general-meeting").await.text;
        assert!(english.contains("Must be there to vote") && english.contains("Who may chair"));
        assert_eq!(secretary.get("/units/3/meetings/disclosure").await.status, 404, "no meeting");
        assert_eq!(secretary.get("/units/4/meetings/general-meeting").await.status, 404, "another branch");
        let form = secretary.get(FORM).await.text;
        assert!(form.contains("● 已过半数") && form.contains("至少须到"));
    }
}

#[tokio::test]
async fn votes_must_fit_those_present_and_pass_by_more_than_half_of_those_due() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        let voted = |yes: &'static str, no: &'static str| {
            meeting(
                "2023-02-10",
                &[("absent-104", "sick"), ("decision-0", "年度计划"), ("decision-0-yes", yes), ("decision-0-no", no)],
            )
        };
        let short = secretary.send(FORM, "/units/3/records", &voted("8", "1")).await;
        assert!(short.status == 422 && short.text.contains("共 9 票，与实到 10 人不符"), "{}", short.text);
        assert!(short.text.contains("value=\"年度计划\"") && short.text.contains("value=\"8\""), "typed numbers stay");
        let done = secretary.send(FORM, "/units/3/records", &voted("9", "1")).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = secretary.get(&done.to).await.text;
        assert!(page.contains("赞成 9") && page.contains("● 通过") && page.contains("● 已过半数"));
        let ledger = secretary.get("/units/3/2023/records?as=csv").await.text;
        assert!(ledger.contains("年度计划：应到 11，实到 10，赞成 9，反对 1，弃权 0，通过"), "{ledger}");
        let again = secretary.get(&format!("{}/correct", done.to)).await.text;
        assert!(again.contains("value=\"年度计划\"") && again.contains("value=\"9\""));
    }
}

#[tokio::test]
async fn half_of_the_committee_is_too_few_to_meet_and_half_of_the_members_too_few_to_vote() {
    for site in sites().await {
        site.write(|tx, base| {
            let at = unit::find(tx, FIRST)?;
            let post = base.post("organization_commissioner").unwrap();
            holding::appoint(tx, &leave(base, &at, Verb::Roll, TODAY), post, MEMBER, date(2022, 1, 1), "")
        })
        .await;
        let secretary = site.sign_in(SECRETARY).await;
        let form = "/units/3/records/new?kind=branch-committee-meeting";
        let mut fields = vec![("kind", "branch-committee-meeting"), ("on", "2023-02-09"), ("topic", "研究议题")];
        fields.push(("absent-104", "sick"));
        let half = secretary.send(form, "/units/3/records", &fields).await;
        assert!(half.status == 422 && half.text.contains("应到 2 人，实到 1 人"), "{}", half.text);
        fields.pop();
        assert_eq!(secretary.send(form, "/units/3/records", &fields).await.status, 303);

        let away: Vec<String> = (105..=110).map(|id| format!("absent-{id}")).collect();
        let mut few: Vec<(&str, &str)> = away.iter().map(|key| (key.as_str(), "official")).collect();
        let without = secretary.send(FORM, "/units/3/records", &meeting("2023-02-10", &few)).await;
        assert_eq!(without.status, 303, "it may meet: {}", without.text);
        assert!(secretary.get(&without.to).await.text.contains("▲ 未过半数，不能表决"));
        few.extend([("decision-0", "年度计划"), ("decision-0-yes", "5")]);
        let voted = secretary.send(FORM, "/units/3/records", &meeting("2023-02-11", &few)).await;
        assert!(voted.status == 422 && voted.text.contains("不足 6 人不能表决"), "{}", voted.text);
    }
}

#[tokio::test]
async fn a_meeting_is_chaired_by_who_may_and_important_matters_go_through_the_committee() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        let other = secretary.send(FORM, "/units/3/records", &meeting("2023-02-10", &[("role-chair", "104")])).await;
        assert!(
            other.status == 422 && other.text.contains("张晓明 当天不任可以主持的职务；可以主持的有：李建国"),
            "{}",
            other.text
        );
        site.write(|tx, base| {
            let at = unit::find(tx, COMMITTEE)?;
            let founding = unit::Founding {
                id: 5,
                level: "branch".into(),
                class: "organ".into(),
                code: String::new(),
                parts: vec!["committee".into()],
                order_no: 5,
                short_name: "第三支部".into(),
                full_name: "中共第三支部".into(),
                search: "disanzhibu".into(),
                on: date(2020, 1, 1),
            };
            let third = unit::found(tx, &leave(base, &at, Verb::Rule, TODAY), &founding)?;
            let permit = leave(base, &third, Verb::Roll, TODAY);
            for id in 301..=305 {
                let entry = person::Entry {
                    id,
                    name: format!("委员{id}"),
                    search: format!("weiyuan{id}"),
                    since: Some(date(2021, 1, 1)),
                    standing: Some(Standing::Full),
                    ..Default::default()
                };
                person::add(tx, &permit, &entry)?;
            }
            holding::appoint(tx, &permit, base.post("branch_secretary").unwrap(), 301, date(2021, 1, 1), "")
        })
        .await;
        let clerk = site.sign_in(CLERK).await;
        let (form, to) = ("/units/5/records/new?kind=general-meeting", "/units/5/records");
        let important = [("decision-0", "接收预备党员"), ("decision-0-yes", "5"), ("decision-0-important", "1")];
        let skipped = clerk.send(form, to, &meeting("2023-02-10", &important)).await;
        assert!(skipped.status == 422 && skipped.text.contains("请先补记支委会会议"), "{}", skipped.text);
        let committee = [("kind", "branch-committee-meeting"), ("on", "2023-02-08"), ("topic", "研究议题")];
        assert_eq!(clerk.send(form, to, &committee).await.status, 303);
        let after = clerk.send(form, to, &meeting("2023-02-10", &important)).await;
        assert_eq!(after.status, 303, "{}", after.text);
    }
}

#[tokio::test]
async fn of_two_who_record_one_meeting_at_once_the_second_is_told_and_may_say_it_was_another() {
    for site in sites().await {
        let (one, two) = (site.sign_in(SECRETARY).await, site.sign_in(CLERK).await);
        let fields = meeting("2023-02-10", &[]);
        let sent =
            tokio::join!(one.send(FORM, "/units/3/records", &fields), two.send(FORM, "/units/3/records", &fields));
        let mut status = [sent.0.status, sent.1.status];
        status.sort_unstable();
        assert_eq!(status, [303, 422]);
        let told = if sent.0.status == 422 { &sent.0.text } else { &sent.1.text };
        assert!(told.contains("记过 2023-02-10 的这次会议") && told.contains("name=\"again\""));
        assert!(told.contains("href=\"/units/3/2023/records?kind=general-meeting\""), "where it is: {told}");
        let short = one.get("/units/3/records?kind=general-meeting&below=1").await;
        assert_eq!((short.status, short.to.as_str()), (303, "/units/3/2023/records?kind=general-meeting&below=1"));
        let again = one.send(FORM, "/units/3/records", &meeting("2023-02-10", &[("again", "1")])).await;
        assert_eq!(again.status, 303);
    }
}

#[tokio::test]
async fn days_and_times_that_cannot_be_are_told_in_words() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        for (on, words) in [
            ("2023-02-29", "2023 年 2 月没有 29 日"),
            ("2023-05-16", "日期在今天之后"),
            ("二月", "请填日期"),
            // a day there is, written in another way
            ("2023-5-3", "请填日期"),
        ] {
            let bad = secretary.send(FORM, "/units/3/records", &meeting(on, &[])).await;
            assert!(bad.status == 422 && bad.text.contains(words), "{on}: {}", bad.text);
        }
        for on in ["-009999-01-01", "9999-12-31"] {
            let looked = secretary.send(FORM, "/units/3/records", &meeting(on, &[("check", "1")])).await;
            assert_eq!(looked.status, 200, "{on}: {}", looked.text);
        }
        let leap = secretary
            .send(
                "/units/3/records/new?kind=theme-day",
                "/units/3/records",
                &[("kind", "theme-day"), ("on", "2020-02-29"), ("topic", "闰日")],
            )
            .await;
        assert_eq!(leap.status, 303, "29 February of a leap year is a day");
        site.app.count().await.unwrap();
        let february = "/units/3/2020/figures/theme-days/rows?from=2&until=2";
        assert!(secretary.get(february).await.text.contains("闰日"), "and belongs to February");
        assert!(!secretary.get("/units/3/2020/figures/theme-days/rows?from=3&until=3").await.text.contains("闰日"));
        // on that day the year before is compared to its 28 February, and a year after to the leap day itself
        for (today, at) in [(date(2020, 2, 29), 2020), (date(2021, 3, 1), 2021), (date(2024, 2, 29), 2024)] {
            let later = site.on_day(today);
            let page = later.sign_in(SECRETARY).await.get(&format!("/units/3/{at}/figures/theme-days")).await;
            assert_eq!(page.status, 200, "{today}: {}", page.text);
        }
        let later = site.on_day(date(2021, 3, 1));
        let csv = later.sign_in(SECRETARY).await.get("/units/3/2021/figures?as=csv").await.text;
        assert!(csv.contains("主题党日,0,场次,1,"), "the leap day lies before 1 March: {csv}");
        let night = meeting("2023-02-10", &[("began", "19:30"), ("ended", "00:40")]);
        let done = secretary.send(FORM, "/units/3/records", &night).await;
        assert!(secretary.get(&done.to).await.text.contains("19:30–次日 00:40，310 分钟"));
        let mixed = meeting("2023-03-10", &[("began", "16:00"), ("ended", "09:00")]);
        assert!(secretary.send(FORM, "/units/3/records", &mixed).await.text.contains("超过 12 小时"));
    }
}

#[tokio::test]
async fn a_record_dated_in_a_closed_period_says_that_it_is_a_correction() {
    for site in sites().await {
        site.write(|tx, base| {
            let at = unit::find(tx, ROOT)?;
            obligation::close(tx, &leave(base, &at, Verb::Rule, date(2023, 4, 10)), date(2023, 3, 31))
        })
        .await;
        let secretary = site.sign_in(SECRETARY).await;
        let done = secretary.send(FORM, "/units/3/records", &meeting("2023-02-10", &[])).await;
        let page = secretary.get(&done.to).await.text;
        assert!(page.contains("已封存（截至 2023-03-31") && page.contains("作为更正显示"), "{page}");
        let open = secretary.send(FORM, "/units/3/records", &meeting("2023-04-12", &[])).await;
        assert!(!secretary.get(&open.to).await.text.contains("已封存（"));
    }
}

#[tokio::test]
async fn a_list_of_fifty_records_has_no_next_page_and_one_of_a_kind_that_has_none_says_so() {
    for site in sites().await {
        site.write(|tx, base| {
            let kind = base.kind("theme-day").unwrap();
            let permit = leave(base, &unit::find(tx, FIRST)?, Verb::Write, TODAY);
            for n in 0..50_i8 {
                let (on, data) = (date(2023, 3, 1 + n % 30), json!({ "topic": format!("活动{n}") }));
                let (due, stood, files) = (None, Vec::new(), Vec::new());
                record::add(
                    tx,
                    &permit,
                    &record::Entry { kind, on, data, makes_up: String::new(), due, stood, files },
                )?;
            }
            Ok(())
        })
        .await;
        let secretary = site.sign_in(SECRETARY).await;
        let list = "/units/3/2023/records?kind=theme-day";
        let page = secretary.get(list).await.text;
        assert!(page.matches("活动").count() >= 50 && !page.contains("后 50 条"), "{page}");
        let one = [("kind", "theme-day"), ("on", "2023-04-20"), ("topic", "第五十一次")];
        let done = secretary.send("/units/3/records/new?kind=theme-day", "/units/3/records", &one).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = secretary.get(list).await.text;
        let next = page.split("href=\"?kind=").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
        let rest = secretary.get(&format!("/units/3/2023/records?kind={next}")).await.text;
        assert_eq!(rest.matches("</tr>").count(), 2, "a head and the first of March: {rest}");
        let none = secretary.get("/units/3/2023/records?kind=general-meeting").await.text;
        assert!(none.contains("没有这一类型的纪实") && !none.contains("这一年还没有纪实"), "{none}");
    }
}
