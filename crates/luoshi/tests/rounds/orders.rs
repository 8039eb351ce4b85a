//! Orders with their measures, boards, evidence, and what becomes of matters when a unit ends.

use super::*;

#[tokio::test]
async fn an_order_is_split_into_measures_and_closed_when_they_are() {
    for site in sites().await {
        furnished(&site).await;
        let (clerk, head, secretary) =
            (site.sign_in(CLERK).await, site.sign_in(HEAD).await, site.sign_in(SECRETARY).await);
        let fields = [
            ("given-title", "年底前建成阵地预约"),
            ("given-from", "meeting"),
            ("given-ref", "党组会纪要"),
            ("given-by", "2023-12-31"),
        ];
        refused(
            &clerk.send("/units/1/matters", "/units/1/orders", &with(&fields, &[("given-title", " ")])).await,
            "500字以内",
        );
        assert_eq!(secretary.send("/", "/units/3/orders", &fields).await.status, 404);
        let order = done(&clerk.send("/units/1/matters", "/units/1/orders", &fields).await);
        let id = last(&order);
        let measure = |name: &'static str| {
            [
                ("flow", "measure"),
                ("assigned-title", "开发预约功能"),
                ("assigned-by", "2023-05-01"),
                ("assigned-unit", name),
                ("assigned-helpers", "第一支部"),
                ("assigned-stages", "2023-05-10 初稿\n2023-06-30 定稿"),
            ]
        };
        refused(&clerk.send(&order, &format!("{order}/parts"), &measure("没有的党委")).await, "没有找到组织");
        done(&clerk.send(&order, &format!("{order}/parts"), &measure("设计院党委")).await);
        let part = matter(&clerk.get(&order).await.text, "开发预约功能");
        refused(&step(&clerk, (ROOT, &id), "closed", &[]).await, "1 项尚未核实销号");
        // a milestone that nobody reported in time shows as late, whoever of those who carry it reports it
        let page = clerk.get(&format!("/units/5/matters/{part}")).await.text;
        assert!(page.contains("节点已过期：2023-05-10 初稿") && !page.contains("2023-06-30 定稿 "), "{page}");
        done(&step(&secretary, (3, &part), "milestone", &[("note", "初稿已交")]).await);
        assert!(!clerk.get(&format!("/units/5/matters/{part}")).await.text.contains("节点已过期"));
        // a unit that helps replies on its share and claims nothing
        done(&step(&secretary, (3, &part), "reply", &[("note", "场地已腾出")]).await);
        assert_eq!(step(&secretary, (3, &part), "claimed", &[("note", "好了")]).await.status, 404);
        // rung by rung
        refused(&step(&clerk, (INSPECTED, &part), "circular", &[("note", "通报")]).await, "先");
        done(&step(&clerk, (INSPECTED, &part), "reminded", &[]).await);
        done(&step(&clerk, (INSPECTED, &part), "slip", &[]).await);
        let late = [("note", "再给一月"), ("until", "2023-06-30")];
        refused(&step(&head, (INSPECTED, &part), "extension_asked", &late).await, "期限");
        done(&step(&head, (INSPECTED, &part), "claimed", &[("note", "已上线")]).await);
        let sheet = clerk.get("/units/1/weekly").await.text;
        assert!(sheet.contains("逾期 <b>1</b>") && sheet.contains("开发预约功能"), "{sheet}");
        done(&step(&clerk, (INSPECTED, &part), "verified", &[]).await);
        done(&step(&clerk, (INSPECTED, &part), "closed", &[]).await);
        done(&step(&clerk, (ROOT, &id), "closed", &[]).await);
        let sheet = clerk.get("/units/1/weekly").await.text;
        assert!(sheet.contains("逾期 <b>0</b>") && sheet.contains("一周内办结 <b>2</b>"), "{sheet}");
    }
}

#[tokio::test]
async fn boards_are_narrowed_and_a_filter_is_kept_for_its_owner_alone() {
    for site in sites().await {
        furnished(&site).await;
        opened(&site).await;
        let (clerk, head) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await);
        let at = "/units/1/matters";
        assert!(clerk.get(at).await.text.contains("设计院党委 第一轮"));
        for narrow in ["?flow=order", "?state=closed", "?still=1", "?words=%E6%97%A0"] {
            assert!(!clerk.get(&format!("{at}{narrow}")).await.text.contains("设计院党委 第一轮"), "{narrow}");
        }
        let filters = "/units/1/matters/filters";
        refused(&clerk.send(at, filters, &[("question", "?flow=order"), ("name", "")]).await, "20字以内");
        done(&clerk.send(at, filters, &[("question", "?flow=order"), ("name", "督查")]).await);
        assert!(clerk.get(at).await.text.contains("href=\"?flow=order\">督查"));
        assert!(!head.get("/units/5/matters").await.text.contains("督查</a>"));
        done(&clerk.send(at, filters, &[("drop", "督查")]).await);
        assert!(!clerk.get(at).await.text.contains("href=\"?flow=order\">督查"));
        // owners are counted of what the board shows
        let totals = |narrow: &str| format!("/api/v1/units/1/matters/totals{narrow}");
        for (narrow, owned) in [("", true), ("?flow=inspection", true), ("?flow=order", false)] {
            let page = clerk.get(&format!("{at}{narrow}")).await.text;
            assert_eq!(page.contains("owner=5\">设计院党委</a>"), owned, "{narrow}: {page}");
            let owners: serde_json::Value = serde_json::from_str(&clerk.get(&totals(narrow)).await.text).unwrap();
            assert_eq!(!owners["owners"].as_array().unwrap().is_empty(), owned, "{narrow}: {owners}");
        }
        let csv = clerk.get(&format!("{at}?as=csv")).await.text;
        assert!(csv.contains("设计院党委 第一轮") && csv.contains("2023-05-15"), "{csv}");
    }
}

#[tokio::test]
async fn of_eight_who_take_the_same_step_at_once_one_does() {
    for site in sites().await {
        furnished(&site).await;
        let (_, _, finding) = accepted(&site).await;
        let task = planned(&site, &finding).await;
        let head = site.sign_in(HEAD).await;
        let shown = record(&head).await;
        let claim = [("note", "已落实"), ("result", "done"), ("evidence", shown.as_str())];
        done(&step(&head, (INSPECTED, &task), "claimed", &claim).await);
        let mut clerks = Vec::new();
        for _ in 0..8 {
            clerks.push(site.sign_in(CLERK).await);
        }
        let [a, b, c, d, e, f, g, h] = &clerks[..] else { panic!() };
        let verify = |who| step(who, (INSPECTED, &task), "verified", &[]);
        let answers =
            tokio::join!(verify(a), verify(b), verify(c), verify(d), verify(e), verify(f), verify(g), verify(h));
        let (a, b, c, d, e, f, g, h) = answers;
        let all = [a, b, c, d, e, f, g, h];
        let taken = all.iter().filter(|answer| answer.status == 303).count();
        assert_eq!(taken, 1, "{:?}", all.iter().map(|answer| answer.status).collect::<Vec<_>>());
        for answer in all.iter().filter(|answer| answer.status != 303) {
            assert!(matches!(answer.status, 409 | 422), "{}", said(answer));
        }
        let page = site.sign_in(OFFICER).await.get(&format!("/units/5/matters/{task}")).await.text;
        assert_eq!(page.matches("<li><b>已核实</b>").count(), 1, "{page}");
    }
}

#[tokio::test]
async fn matters_of_a_unit_that_is_merged_go_on_with_its_heir_and_say_so() {
    for site in sites().await {
        furnished(&site).await;
        let (_, _, finding) = accepted(&site).await;
        let task = planned(&site, &finding).await;
        let clerk = site.sign_in(CLERK).await;
        // the heir has helped with it: from now on it is its own
        let (at, help) =
            (format!("/units/1/matters/{task}"), [("turn", "help"), ("unit", "机关党委"), ("why", "熟悉情况")]);
        done(&clerk.send(&at, &format!("{at}/turns"), &help).await);
        site.write(|tx, base| {
            let permit = |id| Ok::<_, luoshi_store::Fault>(leave(base, &unit::find(tx, id)?, Verb::Rule, TODAY));
            let own = permit(INSPECTED)?;
            let decision = unit::Decision { permit: &own, pack: base, on: TODAY, note: "批复1号" };
            unit::merge(tx, &decision, &permit(COMMITTEE)?)
        })
        .await;
        let page = clerk.get(&format!("/units/{COMMITTEE}/matters/{task}")).await;
        assert!(page.status == 200 && page.text.contains("机关党委") && page.text.contains("合并"), "{}", said(&page));
        assert!(page.text.contains("<b>结束协办</b>"), "who answers helps no longer: {}", said(&page));
        assert!(!clerk.get(&at).await.text.contains("name=\"helper\""), "nobody helps with it");
    }
}

#[tokio::test]
async fn an_order_from_a_document_has_its_ladder_more_time_a_day_put_right_evidence_and_can_be_reopened() {
    for site in sites().await {
        furnished(&site).await;
        let (clerk, head, group) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await, site.sign_in(GROUP).await);
        site.write(|tx, base| {
            let opening = luoshi_store::matter::Opening {
                flow: base.flow("directive").unwrap(),
                addressee: &unit::find(tx, INSPECTED)?,
                subject: "1".into(),
                title: "完成换届".into(),
                data: serde_json::json!({ "by": "2023-05-31", "sentence": "5月底前完成换届" }),
                note: String::new(),
            };
            let actor = holding::actor(tx, ROOT, CLERK, TODAY)?;
            let permit = actor.permit(base, Verb::Act, &unit::find(tx, ROOT)?)?;
            luoshi_store::matter::open(tx, &permit, &opening).map(drop)
        })
        .await;
        let id = matter(&clerk.get("/units/1/matters").await.text, "完成换届");
        let at = (INSPECTED, id.as_str());
        refused(&step(&clerk, at, "slip", &[]).await, "先“提醒”");
        done(&step(&clerk, at, "reminded", &[]).await);
        done(&step(&clerk, at, "slip", &[]).await);
        // the day was written wrongly: whoever gave it puts it right with a reason, and the old one stays
        let right = [("note", "文件为6月底"), ("by", "2023-06-30")];
        refused(&step(&clerk, at, "corrected", &right[1..]).await, "请写明情况");
        assert_eq!(step(&head, at, "corrected", &right).await.status, 404);
        done(&step(&clerk, at, "corrected", &right).await);
        let page = clerk.get(&format!("/units/5/matters/{id}")).await.text;
        assert!(page.contains("期限 2023-06-30") && page.contains("<del>2023-05-31</del>"), "{page}");
        let more = [("note", "选举未完"), ("until", "2023-07-31")];
        assert_eq!(step(&clerk, at, "extended", &more).await.status, 404, "by the named post alone");
        refused(&step(&group, at, "extended", &more).await, "要先有“申请延期”");
        done(&step(&head, at, "extension_asked", &more).await);
        done(&step(&group, at, "extended", &more).await);
        refused(&step(&head, at, "claimed", &[("note", "已完成")]).await, "佐证材料");
        let shown = record(&head).await;
        refused(&step(&head, at, "claimed", &[("note", "已完成"), ("evidence", "4711")]).await, "不在本组织范围内");
        done(&step(&head, at, "claimed", &[("note", "已完成"), ("evidence", &shown)]).await);
        done(&step(&clerk, at, "verified", &[]).await);
        done(&step(&clerk, at, "closed", &[]).await);
        done(&step(&clerk, at, "reopened", &[("note", "结果未报批"), ("limit", "2023-08-31")]).await);
        let page = clerk.get(&format!("/units/5/matters/{id}")).await.text;
        assert!(page.contains("<b>重新办理</b>") && page.contains("期限 2023-08-31"), "{page}");
    }
}

#[tokio::test]
async fn evidence_is_looked_for_by_words_kind_and_day_and_what_was_ticked_stays() {
    for site in sites().await {
        furnished(&site).await;
        let (_, _, finding) = accepted(&site).await;
        let task = planned(&site, &finding).await;
        let head = site.sign_in(HEAD).await;
        let shown = record(&head).await;
        let at = format!("/units/5/matters/{task}");
        for (question, found) in [
            ("", true),
            ("?evidence_q=%E5%85%9A%E8%B4%B9", true),
            ("?evidence_q=%E6%B2%A1%E6%9C%89", false),
            ("?evidence_kind=general-meeting", false),
            ("?evidence_from=2023-05-01&evidence_until=2023-05-31", true),
            ("?evidence_until=2023-04-30", false),
            ("?evidence_from=garbage", true),
            (&format!("?evidence_q=%E6%B2%A1%E6%9C%89&claimed-evidence={shown}"), true),
        ] {
            let page = head.get(&format!("{at}{question}")).await.text;
            assert_eq!(page.contains("党费收缴情况"), found, "{question}: {page}");
        }
    }
}

#[tokio::test]
async fn a_unit_with_something_open_is_dissolved_only_with_a_successor_which_the_form_asks_for() {
    for site in sites().await {
        furnished(&site).await;
        site.write(|tx, base| {
            let founding = unit::Founding {
                id: 7,
                level: "organ_committee".into(),
                class: "institution".into(),
                code: String::new(),
                parts: Vec::new(),
                order_no: 7,
                short_name: "资料中心党委".into(),
                full_name: "中共资料中心党委".into(),
                search: "zlzx".into(),
                on: date(2020, 1, 1),
            };
            unit::found(tx, &leave(base, &unit::find(tx, ROOT)?, Verb::Rule, TODAY), &founding).map(drop)
        })
        .await;
        let clerk = site.sign_in(CLERK).await;
        let given =
            [("given-title", "清理台账"), ("given-from", "meeting"), ("given-ref", "纪要"), ("given-by", "2023-12-31")];
        let order = done(&clerk.send("/units/1/matters", "/units/1/orders", &given).await);
        let part = [
            ("flow", "measure"),
            ("assigned-title", "逐项核对"),
            ("assigned-by", "2023-06-01"),
            ("assigned-unit", "资料中心党委"),
        ];
        done(&clerk.send(&order, &format!("{order}/parts"), &part).await);
        let (form, changes) = ("/units/7/change?do=dissolve", "/units/7/changes");
        let why = [("do", "dissolve"), ("on", "2023-05-10"), ("note", "机构改革")];
        let page = clerk.send(form, changes, &why).await;
        refused(&page, "还有 1 件在办事项");
        assert!(page.text.contains("机构改革") && page.text.contains("查找组织"), "{}", page.text);
        let heir = with(&why, &[("to", "2"), ("q", "%E6%9C%BA%E5%85%B3")]);
        done(&clerk.send(form, changes, &heir).await);
        let id = matter(&clerk.get(&order).await.text, "逐项核对");
        let page = clerk.get(&format!("/units/2/matters/{id}")).await.text;
        assert!(page.contains("资料中心党委 → 机关党委（撤销 dissolved，2023-05-10）"), "{page}");
    }
}
