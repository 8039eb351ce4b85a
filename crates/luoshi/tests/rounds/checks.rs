//! Sitting in on a centre group, conduct checks, and the words of all these pages.

use super::*;

#[tokio::test]
async fn a_centre_group_is_sat_in_on_once_with_notice_and_a_short_note_and_the_duty_is_met_by_it() {
    for site in sites().await {
        furnished(&site).await;
        let (clerk, leader) = (site.sign_in(CLERK).await, site.sign_in(LEADER).await);
        let at = "/units/1/coverage";
        let coverage = done(&clerk.send(at, at, &with(&TERM, &[("kind", "observation")])).await);
        let round = done(&clerk.send(&coverage, &coverage, &ROUND).await);
        let seats = [("team", "1"), ("post", "team_member"), ("person", "罗成文")];
        done(&clerk.send(&round, &format!("{round}/seats"), &seats).await);
        let matter = matter(&clerk.get(&round).await.text, "设计院党委");
        let at = (INSPECTED, matter.as_str());

        let agreed = [("session", "2023-05-19"), ("topic", "学习规划"), ("materials", "yes")];
        refused(&step(&leader, at, "agreed", &agreed).await, "须提前 5 个工作日");
        done(&step(&leader, at, "agreed", &with(&agreed, &[("session", "2023-05-26")])).await);
        let seen = [
            ("day", "2023-05-15"),
            ("due", "9"),
            ("present", "8"),
            ("preparation", "good"),
            ("discussion", "fair"),
            ("practice", "good"),
        ];
        refused(&step(&leader, at, "arrived", &with(&seen, &[("practice", "superb")])).await, "请从选项中选择");
        done(&step(&leader, at, "arrived", &seen).await);
        let page = clerk.get(&format!("/units/1/matters/{matter}")).await.text;
        assert!(page.contains("2023-05-29"), "the note is due ten working days later: {page}");
        // on its last day it is in time; the day after it is late, is told so, and is taken all the same
        for (day, is_late) in [(date(2023, 5, 29), false), (date(2023, 5, 30), true)] {
            let later = site.on_day(day);
            let page = later.sign_in(CLERK).await.get("/units/1/matters?only=late").await.text;
            assert_eq!(page.contains("设计院党委 第一轮"), is_late, "{day}: {page}");
        }
        refused(&step(&leader, at, "noted", &[("text", &"长".repeat(501))]).await, "最多 500 字，现有 501 字");
        done(&step(&leader, at, "noted", &[("text", &"长".repeat(500))]).await);
        assert_eq!(step(&leader, at, "fed_back", &[("note", "不是我的事")]).await.status, 404);
        done(&step(&clerk, at, "fed_back", &[("note", "研讨可更联系实际")]).await);

        let records = clerk.get("/units/1/2023/records").await.text;
        assert_eq!(records.matches("设计院党委 第一轮").count(), 2, "session and note are on record: {records}");
        let page = clerk.get(&coverage).await.text;
        assert!(page.contains("<b>1</b> / 2"), "{page}");
        // each group once in the cycle: for the next round the other one is proposed, and this one is not offered
        let offered = |unit: i64| page.contains(&format!("name=\"units\" value=\"{unit}\""));
        assert!(offered(COMMITTEE) && !offered(INSPECTED), "{page}");
        let page = clerk.get(&round).await.text;
        assert!(page.contains("好 <b>1</b>") && !page.contains("问题表现"), "{page}");
        let head = site.sign_in(HEAD).await;
        done(&step(&head, at, "taken_up", &[("note", "增加案例研讨")]).await);
        done(&step(&clerk, at, "closed", &[]).await);
    }
}

#[tokio::test]
async fn a_conduct_check_is_made_by_two_and_closes_once_what_was_found_is_put_right() {
    for site in sites().await {
        furnished(&site).await;
        let (clerk, leader, officer) =
            (site.sign_in(CLERK).await, site.sign_in(LEADER).await, site.sign_in(OFFICER).await);
        let at = "/units/1/coverage";
        let coverage = done(&clerk.send(at, at, &with(&TERM, &[("kind", "conduct_check"), ("each", "9")])).await);
        let both = [with(&ROUND, &[]), vec![("units", "6")]].concat();
        let round = done(&clerk.send(&coverage, &coverage, &both).await);
        let seats = format!("{round}/seats");
        let seat = |person: &'static str| [("team", "1"), ("post", "team_member"), ("person", person)];
        done(&clerk.send(&round, &seats, &seat("罗成文")).await);
        let page = clerk.get(&round).await.text;
        let (committee, branch) = (matter(&page, "设计院党委"), matter(&page, "设计一支部"));
        let seen = [
            ("day", "2023-05-15"),
            ("people", "12"),
            ("list", "meals"),
            ("list", "cars"),
            ("visitors", "131"),
            ("visitors", "132"),
        ];
        refused(&step(&leader, (INSPECTED, &committee), "arrived", &seen).await, "两人以上");
        done(&clerk.send(&round, &seats, &seat("宋佳音")).await);
        let page = leader.get(&format!("/units/5/matters/{committee}")).await.text;
        assert!(page.contains("到场检查的人") && page.contains("宋佳音"), "{page}");
        refused(
            &step(&leader, (INSPECTED, &committee), "arrived", &with(&seen, &[("visitors", "133")])).await,
            "至少两人",
        );
        done(&step(&leader, (INSPECTED, &committee), "arrived", &seen).await);
        let clean = [("day", "2023-05-15"), ("people", "5"), ("visitors", "131"), ("visitors", "132")];
        done(&step(&leader, (BRANCH, &branch), "arrived", &clean).await);
        let page = clerk.get(&round).await.text;
        assert!(page.contains("<b>17</b>") && page.contains("违规吃喝 <b>1</b>"), "{page}");

        let parts = format!("/units/5/matters/{committee}");
        let found = [
            ("flow", "finding"),
            ("found-title", "三次公务接待超标准"),
            ("found-aspect", "meals"),
            ("found-problem", "公务接待"),
        ];
        let page = leader.get(&parts).await;
        assert!(
            page.text.contains("违规吃喝") && !page.text.contains("落实党的理论"),
            "aspects of its own: {}",
            page.text
        );
        let other = with(&found, &[("found-aspect", "theory")]);
        refused(&leader.send(&parts, &format!("{parts}/parts"), &other).await, "从选项中选择");
        let sent = leader.send(&parts, &format!("{parts}/parts"), &found).await;
        assert_eq!(sent.status, 303, "{} {}", said(&sent), page.text);
        refused(&step(&officer, (INSPECTED, &committee), "closed", &[]).await, "尚未核实销号");
        done(&step(&officer, (BRANCH, &branch), "closed", &[]).await);
    }
}

#[tokio::test]
async fn pages_of_rounds_and_matters_speak_english_and_show_no_key() {
    for site in sites().await {
        furnished(&site).await;
        let (round, unit, finding) = accepted(&site).await;
        let task = planned(&site, &finding).await;
        let (clerk, head) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await);
        let coverages = clerk.get("/units/1/coverage").await.text;
        let coverage = last(coverages.split("/units/1/coverage/").nth(1).unwrap().split('"').next().unwrap());
        for (path, english) in [
            (round.clone(), "Take steps together"),
            (format!("{round}/shared"), "Problems of two units or more"),
            (format!("{round}/together?step=task.dropped"), "all that are ticked"),
            ("/units/1/coverage".to_owned(), "Plan a term"),
            (format!("/units/1/coverage/{coverage}"), "The next round, as proposed"),
            (format!("/units/5/matters/{unit}"), "Evaluate the results"),
            (format!("/units/5/matters/{finding}"), "What happened"),
            (format!("/units/5/matters/{task}"), "Units that help"),
            (format!("/units/5/matters/{unit}/ledger"), "Under way"),
            (format!("/units/5/matters/{unit}/tasks"), "Plan tasks from a spreadsheet"),
            (format!("/units/5/matters/{unit}/findings"), "Record findings from a spreadsheet"),
            (format!("/units/5/matters/{unit}/publication"), "Made from the facts here"),
            ("/units/1/matters".to_owned(), "Limit"),
            ("/units/1/weekly".to_owned(), "weekly sheet"),
            ("/me/proposals".to_owned(), "Raise"),
        ] {
            let who = if path.ends_with("/tasks") { &head } else { &clerk };
            let page = who.get_english(&path).await;
            assert_eq!(page.status, 200, "{path}");
            let seen = visible(&page.text);
            assert!(seen.contains(english), "{path} does not say {english}: {seen}");
            for words in
                ["批量办理", "整改中", "期限", "进展", "请选择", "已反馈", "未覆盖", "协办", "经过", "保存", "选填"]
            {
                assert!(!seen.contains(words), "{path} in English shows {words}: {seen}");
            }
            for key in ["fed_back", "organ_committee", "unit_inspection", "at_once", "team_leader", "long_term"] {
                assert!(!seen.contains(key), "{path} shows the key {key}");
            }
        }
    }
}

/// The text of a page without its marks.
fn visible(html: &str) -> String {
    let (mut out, mut inside) = (String::new(), false);
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

#[tokio::test]
async fn a_unit_founded_in_the_term_is_flagged_and_a_plan_without_room_says_what_it_would_take() {
    for site in sites().await {
        furnished(&site).await;
        let clerk = site.sign_in(CLERK).await;
        let at = "/units/1/coverage";
        // one team, one unit a round, one round a year, and the term ends this year
        let short = [("from", "2023-01-01"), ("until", "2023-12-31"), ("per_year", "1")];
        let coverage = done(&clerk.send(at, at, &with(&TERM, &short)).await);
        let page = clerk.get(&coverage).await.text;
        assert!(page.contains("届末仍有 1 家不能覆盖；每组每轮需承担 2 家才能全覆盖"), "{page}");
        assert!(!page.contains("新增</small>") && page.contains("<td class=\"num\">0</td>"), "{page}");
        site.write(|tx, base| {
            let founding = unit::Founding {
                id: 77,
                level: "organ_committee".into(),
                class: "institution".into(),
                code: String::new(),
                parts: Vec::new(),
                order_no: 77,
                short_name: "新建中心党委".into(),
                full_name: "中共新建中心党委".into(),
                search: "新建中心".into(),
                on: TODAY,
            };
            unit::found(tx, &leave(base, &unit::find(tx, ROOT)?, Verb::Rule, TODAY), &founding).map(drop)
        })
        .await;
        let page = clerk.get(&coverage).await.text;
        assert!(page.contains("新建中心党委") && page.contains("<td class=\"num\">1</td>"), "{page}");
        assert!(page.contains("届末仍有 2 家不能覆盖；每组每轮需承担 3 家才能全覆盖"), "{page}");
        let rows = clerk.get(&format!("{coverage}?as=csv")).await.text;
        let line = rows.lines().find(|line| line.contains("新建中心党委")).unwrap();
        assert!(line.contains("新增"), "{rows}");
        let id = last(&coverage);
        let plan: Json =
            serde_json::from_str(&clerk.get(&format!("/api/v1/units/1/coverage/{id}")).await.text).unwrap();
        assert_eq!(plan["left_over"], 2, "{plan}");
    }
}
