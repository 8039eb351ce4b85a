//! Many at once: findings and tasks from a table, steps for many, problems that units share.

use super::*;

#[tokio::test]
async fn fifty_six_findings_come_from_a_table_and_are_fed_back_accepted_planned_and_closed_in_a_few_forms() {
    for site in sites().await {
        furnished(&site).await;
        let (_, round, unit) = opened(&site).await;
        let (clerk, leader, head) = (site.sign_in(CLERK).await, site.sign_in(LEADER).await, site.sign_in(HEAD).await);
        fed_back(&site, &unit).await;
        let at = format!("/units/5/matters/{unit}");
        let findings = format!("{at}/findings");
        let rows: String = (0..56).map(|n| format!("全面从严治党\t第{}个问题\t第{n}项表现\n", n % 17)).collect();
        let table = format!("方面\t问题\t具体表现\n{rows}");
        let wrong = table.replace("全面从严治党\t第3个问题\t第3项表现", "从严\t第3个问题\t第3项表现");
        let page = leader.send(&findings, &findings, &[("act", "record"), ("text", &wrong)]).await;
        refused(&page, "第5行");
        assert!(page.text.contains("请写其中之一") && page.text.contains("第55项表现"), "the text is kept");
        let page = leader.send(&findings, &findings, &[("act", "check"), ("text", &table)]).await;
        assert!(page.text.contains("共 <b>56</b> 条问题表现"), "{}", said(&page));
        done(&leader.send(&findings, &findings, &[("act", "record"), ("text", &table)]).await);
        assert_eq!(head.send(&at, &findings, &[("act", "record"), ("text", &table)]).await.status, 422);

        // the office feeds all of them back, over the round, but not one of another round
        let many = format!("{round}/together");
        let ids = |page: &str| -> Vec<String> {
            let picks = page.split("name=\"pick\" value=\"").skip(1);
            picks.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
        };
        let fields = |step: &'static str, ids: &[String], more: &[(&'static str, &'static str)]| {
            let mut all: Vec<(String, String)> = vec![("step".into(), step.into())];
            all.extend(ids.iter().map(|id| ("pick".to_owned(), id.clone())));
            all.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
            all
        };
        let send = |who: &'static str, path: String, all: Vec<(String, String)>| {
            let who = match who {
                "clerk" => &clerk,
                _ => &head,
            };
            async move {
                let all: Vec<(&str, &str)> = all.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
                who.send(&path, &path, &all).await
            }
        };
        let page = clerk.get(&format!("{many}?step=finding.fed_back")).await.text;
        let all = ids(&page);
        assert!(all.len() == 56 && page.contains("发现问题：反馈 56"), "{page}");
        refused(&send("clerk", many.clone(), fields("finding.fed_back", &[], &[])).await, "请至少勾选一项");
        refused(&send("clerk", many.clone(), fields("finding.fed_back", &all, &[])).await, "请填写");
        let answer =
            send("clerk", many.clone(), fields("finding.fed_back", &all, &[("fed_back-window", "usual")])).await;
        assert!(done(&answer).ends_with("done=56"));
        // one is accepted alone; of all together that one is refused by name and the others go on
        done(&step(&head, (INSPECTED, &all[7]), "accepted", &[]).await);
        let own = format!("{at}/together");
        let answer = send("head", own.clone(), fields("finding.accepted", &all, &[])).await;
        assert!(answer.status == 200 && answer.text.contains("已办理 <b>55</b>"), "{}", answer.text);
        assert!(said(&answer).contains("第7项表现") && said(&answer).contains("现处于“整改中”"), "{}", said(&answer));
        // nobody of the unit takes a step of the office, and nobody a step that is not there
        assert_eq!(send("head", own.clone(), fields("finding.closed", &all, &[])).await.status, 404);
        assert_eq!(send("clerk", own.clone(), fields("task.drawn", &all, &[])).await.status, 404);
        assert_eq!(clerk.get(&format!("/units/{SECOND}/matters/{unit}/together")).await.status, 404);
    }
}

/// Findings of one problem in three units, worded as each team words it, over two rounds.
async fn alike(site: &Site) -> String {
    let clerk = site.sign_in(CLERK).await;
    let coverage = done(&clerk.send("/units/1/coverage", "/units/1/coverage", &with(&TERM, &[("each", "9")])).await);
    let round = done(&clerk.send(&coverage, &coverage, &ROUND).await);
    let second = done(&clerk.send(&coverage, &coverage, &with(&ROUND, &[("name", "第二轮"), ("units", "2")])).await);
    for (round, unit, problem) in [
        (&round, INSPECTED, "党费收缴管理不规范"),
        (&round, INSPECTED, "班子议事规则不健全"),
        (&second, COMMITTEE, "党费收缴不规范、管理不到位"),
    ] {
        let page = clerk.get(round).await.text;
        let whole: i64 = matter(&page, if unit == INSPECTED { "设计院党委" } else { "机关党委" }).parse().unwrap();
        site.write(move |tx, base| {
            let actor = luoshi_rules::Actor {
                posts: vec![luoshi_rules::Held {
                    post: "team_leader".into(),
                    unit,
                    top: ROOT,
                    path: luoshi_store::unit::find(tx, unit)?.path,
                }],
                ..holding::actor(tx, ROOT, LEADER, TODAY)?
            };
            let at = luoshi_store::unit::find(tx, unit)?;
            let opening = luoshi_store::matter::Opening {
                flow: base.flow("finding").unwrap(),
                addressee: &at,
                subject: format!("{whole}/{problem}"),
                title: format!("{problem}的表现"),
                data: serde_json::json!({ "aspect": "organisation", "problem": problem }),
                note: String::new(),
            };
            luoshi_store::matter::add_part(tx, &actor.permit(base, Verb::Act, &at)?, base, whole, (&opening, &[]))
        })
        .await;
    }
    round
}

#[tokio::test]
async fn a_problem_that_units_of_two_rounds_share_is_found_however_it_is_worded() {
    for site in sites().await {
        furnished(&site).await;
        let round = alike(&site).await;
        let clerk = site.sign_in(CLERK).await;
        let page = clerk.get(&format!("{round}/shared")).await.text;
        assert!(page.contains("2 个组织") && page.contains("党费收缴不规范、管理不到位的表现"), "{page}");
        assert!(!page.contains("班子议事规则不健全的表现"), "{page}");
    }
}

/// Findings of the unit straight into the facts: 17 problems in 56 manifestations.
async fn many(site: &Site, unit: &str) {
    let unit: i64 = unit.parse().unwrap();
    site.write(move |tx, base| {
        let actor = holding::actor(tx, ROOT, LEADER, TODAY)?;
        let at = luoshi_store::unit::find(tx, INSPECTED)?;
        let permit = actor.permit(base, Verb::Act, &at)?;
        for n in 0..56 {
            let opening = luoshi_store::matter::Opening {
                flow: base.flow("finding").unwrap(),
                addressee: &at,
                subject: format!("{unit}/{n}"),
                title: format!("第{n}项表现"),
                data: serde_json::json!({ "aspect": "governance", "problem": format!("第{}个问题", n % 17) }),
                note: String::new(),
            };
            luoshi_store::matter::add_part(tx, &permit, base, unit, (&opening, &[]))?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_unit_plans_160_tasks_from_a_table_all_or_none_and_pages_ask_no_more_for_it() {
    for site in sites().await {
        furnished(&site).await;
        let (_, _, unit) = opened(&site).await;
        let (clerk, leader, head) = (site.sign_in(CLERK).await, site.sign_in(LEADER).await, site.sign_in(HEAD).await);
        let whole = (INSPECTED, unit.as_str());
        let at = format!("/units/5/matters/{unit}");
        done(&step(&leader, whole, "arrived", &[]).await);
        let asked = |path: String| {
            let (site, clerk) = (&site, &clerk);
            async move {
                let before = site.db.asked();
                assert_eq!(clerk.get(&path).await.status, 200, "{path}");
                site.db.asked() - before
            }
        };
        let few = (asked(at.clone()).await, asked(format!("{at}/ledger")).await);
        many(&site, &unit).await;
        let rows: String = (0..160)
            .map(|n| {
                format!("{}\t第{n}条措施\t2023年{}月30日\t党委书记\t\t设计一支部\t集中整改\n", n % 56 + 1, 6 + n % 3)
            })
            .collect();
        let table = format!("表现序号\t整改措施\t完成时限\t责任领导\t责任组织\t协办组织\t类型\n{rows}");
        let tasks = format!("{at}/tasks");
        let wrong =
            table.replace("\t第7条措施\t2023年7月30日", "\t第7条措施\t七月底").replace("56\t第55条", "57\t第55条");
        let page = head.send(&tasks, &tasks, &[("act", "plan"), ("text", &wrong)]).await;
        refused(&page, "第9行");
        assert!(
            said(&page).contains("第57行") && page.text.contains("第159条措施"),
            "each fault, and the text is kept"
        );
        assert!(!head.get(&at).await.text.contains("<td class=\"num\">0/3"), "nothing was saved");
        let page = head.send(&tasks, &tasks, &[("act", "check"), ("text", &table)]).await;
        assert!(page.text.contains("共 <b>160</b> 条任务"), "{}", said(&page));
        done(&head.send(&tasks, &tasks, &[("act", "plan"), ("text", &table)]).await);
        refused(&head.send(&tasks, &tasks, &[("act", "plan"), ("text", &table)]).await, "同样内容已经有了");
        let page = clerk.get(&format!("{at}/ledger")).await.text;
        assert!(page.contains("任务 <b>0/160</b>") && page.contains("第159条措施"), "{page}");
        let branch = clerk.get("/units/6/matters").await.text;
        assert!(branch.contains("第159条措施"), "a unit that helps has it on its board: {branch}");
        assert_eq!(few, (asked(at.clone()).await, asked(format!("{at}/ledger")).await), "statements");
    }
}
