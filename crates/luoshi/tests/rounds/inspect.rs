//! A round from the plan of its term to the finding that had relapsed.

use super::*;

#[tokio::test]
async fn a_term_is_planned_and_a_round_opened_with_teams_that_may_look_and_nobody_who_may_not() {
    for site in sites().await {
        furnished(&site).await;
        let clerk = site.sign_in(CLERK).await;
        let at = "/units/1/coverage";
        for (other, words) in [
            (("name", " "), "请填写名称"),
            (("until", "2021-12-31"), "结束日期应晚于开始日期"),
            (("teams", "0"), "1至200"),
            (("each", "two"), "请填写数字"),
            (("from", "明年"), "日期"),
        ] {
            let page = clerk.send(at, at, &with(&TERM, &[other])).await;
            refused(&page, words);
            assert!(page.text.contains("value=\"2026-12-31\"") || other.0 == "until", "what was typed is there");
        }
        let coverage = done(&clerk.send(at, at, &TERM).await);
        let page = clerk.get(&coverage).await.text;
        assert!(page.contains("<b>0</b> / 2") && page.contains("设计院党委") && page.contains("机关党委"), "{page}");
        for (other, words) in [
            (("paper", ""), "请填写此项"),
            (("from", "2027-01-01"), "应在本届规划"),
            (("until", "2023-04-01"), "结束日期早于开始日期"),
            (("units", ""), "至少勾选一个"),
            (("units", "6"), "不属于本轮的对象"),
        ] {
            let mut fields = with(&ROUND, &[other]);
            if other.1 == "2027-01-01" {
                fields = with(&fields, &[("until", "2027-06-30")]);
            }
            refused(&clerk.send(&coverage, &coverage, &fields).await, words);
        }
        let round = done(&clerk.send(&coverage, &coverage, &ROUND).await);
        let seats = format!("{round}/seats");
        let seat = |person: &'static str, post: &'static str| [("team", "1"), ("post", post), ("person", person)];
        refused(&clerk.send(&round, &seats, &seat("何志远", "team_leader")).await, "现在该组织");
        refused(
            &clerk.send(&round, &seats, &seat("丁一鸣", "team_leader")).await,
            "曾在该组织任职或隶属，至 2022-06-30",
        );
        refused(&clerk.send(&round, &seats, &seat("无此人", "team_leader")).await, "没有找到");
        let kept = [("person", "宋佳音"), ("unit", "设计一支部")];
        done(&clerk.send(&round, &format!("{round}/recusals"), &kept).await);
        refused(&clerk.send(&round, &seats, &seat("宋佳音", "team_member")).await, "已登记亲属回避");

        // a seat gives rights in the unit of the team and nowhere else, until it is taken away
        let leader = site.sign_in(LEADER).await;
        let matter = matter(&clerk.get(&round).await.text, "设计院党委");
        let at = format!("/units/5/matters/{matter}");
        assert_eq!(leader.get(&at).await.status, 404, "no seat yet");
        done(&clerk.send(&round, &seats, &seat("罗成文", "team_leader")).await);
        refused(&clerk.send(&round, &seats, &seat("唐立新", "team_leader")).await, "已有组长");
        let page = leader.get(&at).await;
        assert!(page.status == 200 && page.text.contains("进驻"), "{}", said(&page));
        let home = leader.get("/").await.text;
        assert!(home.contains(&at) && home.contains("权限至 2023-12-31") && home.contains("第二支部"), "{home}");
        for path in ["/units/2", "/units/1", "/people/130", &format!("/units/{COMMITTEE}/matters/{matter}")] {
            assert_eq!(leader.get(path).await.status, 404, "{path}");
        }
        let off = [("person", "131"), ("why", "")];
        refused(&clerk.send(&round, &format!("{round}/dismissals"), &off).await, "请写明调整原因");
        done(&clerk.send(&round, &format!("{round}/dismissals"), &[("person", "131"), ("why", "工作需要")]).await);
        assert_eq!(leader.get(&at).await.status, 404, "rights end with the seat");
    }
}

#[tokio::test]
async fn a_member_of_the_team_who_moves_into_the_unit_sees_nothing_more_from_that_day() {
    for site in sites().await {
        furnished(&site).await;
        let (_, round, matter) = opened(&site).await;
        let (clerk, leader) = (site.sign_in(CLERK).await, site.sign_in(LEADER).await);
        let at = format!("/units/5/matters/{matter}");
        assert_eq!(leader.get(&at).await.status, 200);
        site.write(|tx, base| {
            let permit = leave(base, &unit::find(tx, INSPECTED)?, Verb::Roll, TODAY);
            holding::appoint(tx, &permit, base.post("discipline_secretary").unwrap(), LEADER, TODAY, "")
        })
        .await;
        // they see the unit as its own discipline secretary, and take no step of the team
        assert_eq!(step(&leader, (INSPECTED, &matter), "arrived", &[]).await.status, 404);
        assert!(clerk.get(&round).await.text.contains("应回避 设计院党委"), "the office is told");
    }
}

#[tokio::test]
async fn a_finding_is_put_right_with_evidence_verified_by_others_and_closed_and_the_round_moves_coverage() {
    for site in sites().await {
        furnished(&site).await;
        let (round, unit, finding) = accepted(&site).await;
        let (clerk, head, group) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await, site.sign_in(GROUP).await);
        let task = planned(&site, &finding).await;
        let task = (INSPECTED, task.as_str());
        refused(&step(&clerk, (INSPECTED, &finding), "closed", &[]).await, "1 项尚未核实销号");

        // evidence is a record that is there already; a claim without any is refused and keeps what was typed
        let shown = record(&head).await;
        let bare = step(&head, task, "claimed", &[("note", "已落实"), ("result", "done")]).await;
        refused(&bare, "佐证材料");
        assert!(bare.text.contains("已落实"), "what was typed is there");
        // an extension is asked in time and granted by the named post alone; the old day stays
        done(&step(&head, task, "extension_asked", &[("note", "设备未到"), ("until", "2023-08-31")]).await);
        let by_clerk = step(&clerk, task, "extended", &[("note", "同意"), ("until", "2023-08-31")]).await;
        assert_eq!(by_clerk.status, 404);
        refused(&step(&group, task, "extended", &[("note", "同意"), ("until", "2023-07-01")]).await, "日期要晚于");
        done(&step(&group, task, "extended", &[("note", "同意"), ("until", "2023-08-31")]).await);
        let page = clerk.get(&format!("/units/5/matters/{}", task.1)).await.text;
        assert!(page.contains("原定期限") && page.contains("2023-07-31") && page.contains("2023-08-31"), "{page}");

        let claim = [("note", "已落实"), ("result", "done"), ("persons", "2"), ("evidence", shown.as_str())];
        done(&step(&head, task, "claimed", &claim).await);
        assert_eq!(step(&head, task, "verified", &[]).await.status, 404, "nobody verifies their own unit");
        done(&step(&clerk, task, "returned", &[("note", "请补公示照片")]).await);
        done(&step(&head, task, "claimed", &claim).await);
        done(&step(&clerk, task, "verified", &[]).await);
        done(&step(&clerk, task, "closed", &[]).await);
        done(&step(&clerk, (INSPECTED, &finding), "closed", &[]).await);

        // the whole is closed once it is evaluated and somebody else has approved
        let whole = (INSPECTED, unit.as_str());
        refused(&step(&clerk, whole, "closed", &[]).await, "要先有“同意办结”");
        refused(&step(&group, whole, "approved", &[]).await, "先“评估整改成效”");
        let score = [("duty", "20"), ("means", "25"), ("rules", "10"), ("effect", "15"), ("views", "8")];
        refused(&step(&clerk, whole, "evaluated", &with(&score, &[("duty", "26")])).await, "25");
        done(&step(&clerk, whole, "evaluated", &score).await);
        let page = clerk.get(&format!("/units/5/matters/{unit}")).await.text;
        assert!(page.contains("<b>78</b> 合格"), "{page}");
        done(&step(&group, whole, "approved", &[]).await);
        done(&step(&clerk, whole, "closed", &[]).await);

        let page = clerk.get(&round).await.text;
        assert!(page.contains("问题表现 <b>1/1</b>") && page.contains("处理 <b>2</b> 人次"), "{page}");
        let coverage = clerk.get("/units/1/coverage").await.text;
        let coverage = coverage.split("/units/1/coverage/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let page = clerk.get(&format!("/units/1/coverage/{coverage}")).await.text;
        assert!(page.contains("<b>1</b> / 2") && page.contains("● 2023-05-15"), "{page}");
        for path in [format!("/units/5/matters/{unit}/ledger?as=xlsx"), format!("/units/1/coverage/{coverage}?as=xlsx")]
        {
            let (status, bytes) = clerk.get_bytes(&path).await;
            assert!(status == 200 && bytes.starts_with(b"PK"), "{path}");
        }
        let ledger = clerk.get(&format!("/units/5/matters/{unit}/ledger?list=deadline&as=csv")).await.text;
        assert!(ledger.contains("按月收缴并公示") && ledger.contains("2023-07-31"), "{ledger}");
        let published = clerk.get(&format!("/units/5/matters/{unit}/publication")).await.text;
        assert!(published.contains("党费没有按月收缴") && !published.contains("何志远"), "{published}");
        let rows = clerk.get(&format!("/api/v1/units/5/matters/{unit}/publication")).await.text;
        let rows: serde_json::Value = serde_json::from_str(&rows).unwrap();
        let rows = rows["items"].as_array().unwrap();
        assert!(rows.iter().any(|row| row["finding"].as_str().unwrap().contains("党费没有按月收缴")), "{rows:?}");
        assert!(rows.iter().any(|row| row["task"] == "按月收缴并公示" && row["task_id"].is_string()), "{rows:?}");
        let found = clerk.get("/api/v1/units/5/search?q=%E5%85%9A%E8%B4%B9").await.text;
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        let titles: Vec<&str> =
            found["items"].as_array().unwrap().iter().filter_map(|row| row["title"].as_str()).collect();
        assert!(titles.iter().any(|title| title.contains("党费")), "{titles:?}");
    }
}

#[tokio::test]
async fn a_sample_of_what_was_closed_goes_to_others_and_what_relapsed_is_done_again() {
    for site in sites().await {
        furnished(&site).await;
        let (round, unit, finding) = accepted(&site).await;
        let (clerk, head, officer) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await, site.sign_in(OFFICER).await);
        let group = site.sign_in(GROUP).await;
        let task = planned(&site, &finding).await;
        let shown = record(&head).await;
        let claim = [("note", "已落实"), ("result", "done"), ("evidence", shown.as_str())];
        done(&step(&head, (INSPECTED, &task), "claimed", &claim).await);
        done(&step(&clerk, (INSPECTED, &task), "verified", &[]).await);
        done(&step(&clerk, (INSPECTED, &task), "closed", &[]).await);
        done(&step(&clerk, (INSPECTED, &finding), "closed", &[]).await);

        let draws = format!("{round}/draws");
        let draw = |checkers: &'static str| [("act", "draw"), ("seed", "17"), ("sample", "3"), ("checkers", checkers)];
        refused(&clerk.send(&round, &draws, &draw("周文静")).await, "由所列检查人销号");
        refused(&clerk.send(&round, &draws, &draw("何志远、周文静")).await, "属于被查组织");
        refused(&clerk.send(&round, &draws, &with(&draw("唐立新"), &[("seed", "")])).await, "请填写数字");
        done(&clerk.send(&round, &draws, &draw("唐立新")).await);
        let again = matter(&officer.get(&format!("/units/5/matters/{finding}")).await.text, "回头看：");
        let looked = [("asked", "4"), ("still", "no"), ("seen", "公示栏空着"), ("note", "没有坚持")];
        assert_eq!(step(&clerk, (INSPECTED, &again), "not_kept", &looked).await.status, 404, "not the checker");
        done(&step(&officer, (INSPECTED, &again), "not_kept", &looked).await);
        let relapse = [("note", "回头看发现反弹"), ("limit", "2023-09-30")];
        refused(&step(&clerk, (INSPECTED, &finding), "relapsed", &relapse[..1]).await, "请填写");
        done(&step(&clerk, (INSPECTED, &finding), "relapsed", &relapse).await);
        let page = clerk.get(&format!("/units/5/matters/{task}")).await.text;
        assert!(
            page.contains("<b>重新整改</b>") && page.contains("期限 2023-09-30"),
            "taken up again, in time: {page}"
        );
        let page = clerk.get(&format!("{round}/shared")).await.text;
        assert!(page.contains("1 / 1") && page.contains("没有发现"), "{page}");

        // an extension may be asked for, since the new day has not passed; and once it is done again it closes again,
        // although the re-check found that it was not kept
        done(&step(&head, (INSPECTED, &task), "extension_asked", &[("note", "等采购"), ("until", "2023-10-31")]).await);
        done(&step(&head, (INSPECTED, &finding), "accepted", &[]).await);
        refused(&step(&clerk, (INSPECTED, &finding), "closed", &[]).await, "共 1 项，1 项尚未核实销号");
        done(&step(&head, (INSPECTED, &task), "claimed", &claim).await);
        done(&step(&clerk, (INSPECTED, &task), "verified", &[]).await);
        done(&step(&clerk, (INSPECTED, &task), "closed", &[]).await);
        done(&step(&clerk, (INSPECTED, &finding), "closed", &[]).await);
        done(&step(&clerk, (INSPECTED, &unit), "evaluated", &SCORE).await);
        done(&step(&group, (INSPECTED, &unit), "approved", &[]).await);
        done(&step(&clerk, (INSPECTED, &unit), "closed", &[]).await);

        // a relapse after that takes the inspection up again too
        done(&step(&clerk, (INSPECTED, &finding), "relapsed", &relapse).await);
        let page = clerk.get(&format!("/units/5/matters/{unit}")).await.text;
        assert!(page.contains("<b>整改重新启动</b>") && page.contains("期限 2023-09-30"), "{page}");
    }
}
