//! How what was found is put right: limits, evaluation, long-term tasks, turns.

use super::*;

#[tokio::test]
async fn what_is_long_term_is_looked_at_each_year_and_stands_in_nobodys_way() {
    for site in sites().await {
        furnished(&site).await;
        let (_, unit, finding) = accepted(&site).await;
        let (clerk, head, group) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await, site.sign_in(GROUP).await);
        let task = planned(&site, &finding).await;
        let (task, finding, unit) =
            ((INSPECTED, task.as_str()), (INSPECTED, finding.as_str()), (INSPECTED, unit.as_str()));
        refused(&step(&clerk, finding, "long_term", &[("review", "2024-05-01")]).await, "1 项尚未核实销号");
        refused(&step(&clerk, task, "long_term", &[("review", "2025-05-01")]).await, "不能晚于 2024-05-15");
        done(&step(&clerk, task, "long_term", &[("review", "2024-05-01")]).await);
        refused(&step(&clerk, finding, "closed", &[]).await, "1 项尚未核实销号");
        done(&step(&clerk, finding, "long_term", &[("review", "2024-05-01")]).await);
        let page = clerk.get(&format!("/units/5/matters/{}", finding.1)).await.text;
        assert!(page.contains("下次检查 2024-05-01") && page.contains("年度检查"), "{page}");
        done(&step(&clerk, finding, "checked", &[("note", "坚持较好"), ("review", "2024-05-10")]).await);
        let page = clerk.get(&format!("/units/5/matters/{}", finding.1)).await.text;
        assert!(page.contains("下次检查 2024-05-10") && page.contains("<del>2024-05-01</del>"), "{page}");
        let ledger = clerk.get(&format!("/units/5/matters/{}/ledger?as=csv", unit.1)).await.text;
        assert!(ledger.contains("长期坚持"), "{ledger}");

        // an inspection with nothing but what is long-term closes
        done(&step(&clerk, unit, "evaluated", &SCORE).await);
        done(&step(&group, unit, "approved", &[]).await);
        done(&step(&clerk, unit, "closed", &[]).await);
        // in the end it is claimed, verified and closed like the rest
        let shown = record(&head).await;
        let claim = [("note", "已成常态"), ("result", "basically"), ("evidence", shown.as_str())];
        done(&step(&head, task, "claimed", &claim).await);
        let ledger = clerk.get(&format!("/units/5/matters/{}/ledger?as=csv", unit.1)).await.text;
        assert!(ledger.contains("基本完成（已报完成）"), "{ledger}");
        done(&step(&clerk, task, "verified", &[]).await);
        done(&step(&clerk, task, "closed", &[]).await);
        done(&step(&clerk, finding, "closed", &[]).await);
    }
}

#[tokio::test]
async fn an_inspection_that_found_nothing_closes_and_a_poor_one_asks_for_a_talk_and_another_look() {
    for site in sites().await {
        furnished(&site).await;
        let (_, _, unit) = opened(&site).await;
        let (clerk, group) = (site.sign_in(CLERK).await, site.sign_in(GROUP).await);
        fed_back(&site, &unit).await;
        let whole = (INSPECTED, unit.as_str());
        let poor = with(&SCORE, &[("means", "9")]);
        done(&step(&clerk, whole, "evaluated", &poor).await);
        let page = clerk.get(&format!("/units/5/matters/{unit}")).await.text;
        assert!(page.contains("<b>62</b> 基本合格") && page.contains("基本合格：须约谈主要负责人、回访复查"), "{page}");
        refused(&step(&group, whole, "approved", &[]).await, "要先有“约谈主要负责人”");
        done(&step(&clerk, whole, "talked", &[("note", "已约谈")]).await);
        refused(&step(&group, whole, "approved", &[]).await, "要先有“回访复查”");
        done(&step(&clerk, whole, "rechecked", &[("note", "已改进")]).await);
        done(&step(&group, whole, "approved", &[]).await);
        done(&step(&clerk, whole, "closed", &[]).await);
    }
}

#[tokio::test]
async fn visits_are_entered_afterwards_with_their_day_and_limits_are_offered_from_the_rules_in_force() {
    for site in sites().await {
        furnished(&site).await;
        let (_, _, unit) = opened(&site).await;
        let (clerk, leader) = (site.sign_in(CLERK).await, site.sign_in(LEADER).await);
        let whole = (INSPECTED, unit.as_str());
        refused(&step(&leader, whole, "arrived", &[("on", "2023-05-16")]).await, "今天之后");
        refused(&step(&leader, whole, "arrived", &[("on", "2023-02-30")]).await, "没有 30 日");
        refused(&step(&leader, whole, "arrived", &[("on", "2023-05-14")]).await, "早于上一步");
        done(&step(&leader, whole, "arrived", &[("on", "2023-05-15")]).await);
        for to in ["left", "reported"] {
            done(&step(&leader, whole, to, &[]).await);
        }
        done(&step(&clerk, whole, "fed_back_head", &[]).await);
        let page = clerk.get(&format!("/units/5/matters/{unit}")).await.text;
        assert!(
            page.contains("集中整改3个月") && page.contains("2015年巡视工作条例") && page.contains("2023-08-15"),
            "{page}"
        );
        let both = [("window", "usual"), ("limit", "2023-09-01")];
        refused(&step(&clerk, whole, "fed_back_body", &both).await, "已选期限，又填了日期");
        done(&step(&clerk, whole, "fed_back_body", &[("window", "usual")]).await);
        let page = clerk.get(&format!("/units/5/matters/{unit}")).await.text;
        assert!(page.contains("期限 2023-08-15") && page.contains("集中整改3个月（派出机关规定"), "{page}");
    }
}

#[tokio::test]
async fn a_task_is_passed_on_and_helped_with_and_the_page_tells_who_had_it() {
    for site in sites().await {
        furnished(&site).await;
        let (_, _, finding) = accepted(&site).await;
        let task = planned(&site, &finding).await;
        let (clerk, head) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await);
        let (at, turns) = (format!("/units/1/matters/{task}"), format!("/units/1/matters/{task}/turns"));
        let pass = [("turn", "pass"), ("unit", "机关党委"), ("why", "职能划转")];
        refused(&clerk.send(&at, &turns, &with(&pass, &[("unit", "没有的党委")])).await, "没有找到组织");
        refused(&clerk.send(&at, &turns, &with(&pass, &[("why", " ")])).await, "请写明原因");
        done(&clerk.send(&at, &turns, &pass).await);
        let page = clerk.get(&at).await.text;
        assert!(page.contains("设计院党委 → 机关党委") && page.contains("职能划转"), "{page}");
        let page = head.get(&format!("/units/5/matters/{task}")).await;
        assert!(
            page.status == 200 && page.text.contains("机关党委"),
            "the old unit sees where it went: {}",
            said(&page)
        );
        assert!(!page.text.contains("报告完成"), "and takes no step of it");
        // and finds it: not among what it has, but as history on a board of its own, which leaves as a table too
        let board = "/units/5/matters?flow=task";
        assert!(!head.get(board).await.text.contains(&format!("/matters/{task}\"")));
        let page = head.get("/units/5/matters?state=passed").await.text;
        assert!(page.contains(&format!("/units/5/matters/{task}\"")), "{page}");
        assert!(page.contains("由设计院党委转给机关党委") && page.contains("职能划转"), "{page}");
        let rows = head.get("/units/5/matters?state=passed&as=csv").await.text;
        assert!(rows.contains("设计院党委,机关党委,") && rows.contains("职能划转"), "{rows}");
        let rows: serde_json::Value =
            serde_json::from_str(&head.get("/api/v1/units/5/matters?state=passed").await.text).unwrap();
        let how = &rows["items"][0]["passed"];
        assert_eq!((&rows["items"][0]["id"], &how["to"]), (&task.as_str().into(), &"机关党委".into()), "{rows}");
        assert_eq!((&how["from"], &how["why"]), (&"设计院党委".into(), &"职能划转".into()));
        let both = head.get("/api/v1/units/5/matters?state=passed&flow=task").await;
        assert!(both.status == 422 && both.text.contains("不能与其他筛选"), "{}", both.text);
        // who has it in both units still has it
        assert!(!clerk.get("/units/1/matters?state=passed").await.text.contains("职能划转"));

        done(&clerk.send(&at, &turns, &[("turn", "help"), ("unit", "设计院党委"), ("why", "熟悉情况")]).await);
        assert!(!head.get("/units/5/matters?state=passed").await.text.contains("职能划转"), "it is here again");
        let page = head.get(&format!("/units/5/matters/{task}")).await.text;
        assert!(page.contains("填报进展") && page.contains("增加协办"), "who helps reports progress: {page}");
        let page = clerk.get(&at).await.text;
        assert!(page.contains("结束协办"), "{page}");
        // who took each step is named to those who may see people there, and by the API
        assert!(page.contains("何志远"), "{page}");
        let course: serde_json::Value =
            serde_json::from_str(&clerk.get(&format!("/api/v1/units/1/matters/{task}")).await.text).unwrap();
        assert_eq!(course["events"][0]["by"], "何志远", "{course}");
        // who helps and is given the matter is its owner alone
        done(&clerk.send(&at, &turns, &[("turn", "pass"), ("unit", "设计院党委"), ("why", "改由其承接")]).await);
        assert!(!clerk.get(&at).await.text.contains("结束协办</button>"), "nobody helps with what is their own");
        done(&clerk.send(&at, &turns, &pass).await);
        done(&clerk.send(&at, &turns, &[("turn", "help"), ("unit", "设计院党委"), ("why", "熟悉情况")]).await);
        done(&clerk.send(&at, &turns, &[("turn", "end"), ("helper", "5"), ("why", "已完成")]).await);
        assert!(!head.get(&format!("/units/5/matters/{task}")).await.text.contains("填报进展"));
    }
}
