//! The same by programs.

use super::*;

/// A plan, a round with its team, and the matter of its unit, by programs of the clerk; the keys of the three.
async fn begun(clerk: &Program<'_>) -> (String, String, String) {
    let plans = "/units/1/coverage";
    let term = json!({ "kind": "unit_inspection", "name": "本届规划", "from": "2022-01-01", "until": "2026-12-31",
        "teams": 1, "each": 1, "per_year": 2 });
    let changed = |key: &str, value: &str| {
        let mut term = term.clone();
        term[key] = json!(value);
        term
    };
    clerk.refused(plans, changed("teams", "two"), "teams").await;
    clerk.refused(plans, changed("from", "明年"), "from").await;
    clerk.refused(plans, changed("nane", "错字"), "nane").await;
    clerk.only_here(plans, "/units/9/coverage", term.clone()).await;
    let coverage = clerk.done(plans, term).await;
    let at = format!("{plans}/{coverage}");
    let plan = clerk.get(&at).await;
    assert_eq!((&plan["waiting"], &plan["covered"], &plan["units"]), (&json!(2), &json!(0), &json!(2)), "{plan}");
    assert_eq!(plan["proposed"].as_array().unwrap().len(), 1, "{plan}");
    assert_eq!(column(&clerk.get(plans).await, "id"), [json!(coverage)]);
    let waits = clerk.get(&format!("{at}/units")).await;
    assert!(waits["items"][0]["waits"].is_string() && waits["items"][0]["matter_id"].is_null(), "{waits}");

    let open =
        json!({ "name": "第一轮", "from": "2023-05-01", "until": "2023-12-31", "paper": "通知", "units": ["5"] });
    clerk
        .refused(&at, json!({ "name": "第一轮", "from": "2023-05-01", "until": "2023-12-31", "units": [5] }), "paper")
        .await;
    let round = clerk.done(&at, open).await;
    let at = format!("/units/1/rounds/{round}");
    let seat = |name: &str| json!({ "person": name, "team": 1, "post": "team_leader" });
    clerk.refused(&format!("{at}/seats"), seat("何志远"), "person").await;
    clerk.done(&format!("{at}/recusals"), json!({ "person": "宋佳音", "unit": "设计一支部" })).await;
    clerk
        .refused(&format!("{at}/seats"), json!({ "person": "宋佳音", "team": 1, "post": "team_member" }), "person")
        .await;
    clerk.refused(&format!("{at}/targets"), json!({ "units": "没有的党委", "team": 1 }), "units").await;
    clerk.done(&format!("{at}/seats"), seat("罗成文")).await;
    let found = clerk.get(&at).await;
    assert_eq!(
        (&found["targets"][0]["unit"], &found["members"][0]["name"]),
        (&json!("5"), &json!("罗成文")),
        "{found}"
    );
    let matter = found["targets"][0]["matter"].as_str().unwrap().to_owned();
    (coverage, round, matter)
}

#[tokio::test]
async fn programs_inspect_a_unit_from_the_plan_of_the_term_to_the_finding_that_is_looked_at_again() {
    for site in sites().await {
        furnished(&site).await;
        let (clerk, leader, head) =
            (Program::of(&site, CLERK).await, Program::of(&site, LEADER).await, Program::of(&site, HEAD).await);
        let (coverage, round, matter) = begun(&clerk).await;
        let (theirs, office) = (format!("/units/5/matters/{matter}"), format!("/units/1/matters/{matter}"));
        let step = |to: &str| json!({ "to": to });
        leader.done(&format!("{theirs}/steps"), step("arrived")).await;

        // what is found: one, and two more out of a table
        let found = json!({ "flow": "finding", "title": "党费没有按月收缴", "aspect": "organisation", "problem": "党费管理不规范" });
        let parts = format!("{theirs}/parts");
        let mut bare = found.clone();
        bare.as_object_mut().unwrap().remove("aspect");
        leader.refused(&parts, bare, "aspect").await;
        leader.done(&parts, found.clone()).await;
        leader.refused(&parts, found.clone(), "title").await;
        assert_eq!(head.ask(&parts, &found).await.0, 404, "nobody finds against their own unit");
        let table = |rows: &str| json!({ "text": format!("方面\t问题\t具体表现\n{rows}") });
        let findings = format!("{theirs}/findings");
        let (status, told) = leader.ask(&findings, &table("从严\t问题甲\t表现甲\n")).await;
        assert!(status == 422 && told["detail"].as_str().unwrap().contains("第2行"), "{told}");
        leader.done(&findings, table("全面从严治党\t问题甲\t表现甲\n全面从严治党\t问题甲\t表现乙\n")).await;
        let ledger = clerk.get(&format!("{office}/ledger")).await;
        let picks = column(&ledger, "finding_id");
        assert!(picks.len() == 3 && column(&ledger, "task_id").iter().all(Json::is_null), "{ledger}");
        for to in ["left", "reported"] {
            leader.done(&format!("{theirs}/steps"), step(to)).await;
        }
        clerk.done(&format!("{office}/steps"), step("fed_back_head")).await;
        clerk
            .refused(&format!("{office}/steps"), json!({ "to": "fed_back_body", "limit": "2023-05-01" }), "limit")
            .await;
        clerk.done(&format!("{office}/steps"), json!({ "to": "fed_back_body", "limit": "2023-08-15" })).await;

        // many at once, and those that cannot are told one by one
        let many = format!("/units/1/rounds/{round}/together");
        clerk.refused(&many, json!({ "step": "finding.fed_back", "pick": picks }), "limit").await;
        clerk.done(&many, json!({ "step": "finding.fed_back", "pick": picks, "window": "usual" })).await;
        let own = format!("{theirs}/together");
        head.done(&own, json!({ "step": "finding.accepted", "pick": picks[..2] })).await;
        let body = json!({ "step": "finding.accepted", "pick": picks });
        let (status, told) = act(&site, &head.writing, "in part", &own, &body).await;
        assert_eq!((status, told["refused"].as_array().unwrap().len()), (200, 2), "{told}");
        let again = act(&site, &head.writing, "in part", &own, &body).await;
        assert_eq!(again, (200, told.clone()), "who asks again is told the same");
        assert!(told.get("id").is_none(), "it leads to a list: {told}");
        assert!(picks[..2].contains(&told["refused"][0]["id"]), "{told}");
        assert!(told["refused"][0]["detail"].as_str().unwrap().contains("整改中"), "{told}");

        // planned, passed, passed on for a while, done with evidence, verified, closed
        let tasks = |by: &str| json!({ "text": format!("表现序号\t整改措施\t完成时限\n1\t按月收缴\t{by}\n") });
        let (status, told) = head.ask(&format!("{theirs}/tasks"), &tasks("年底")).await;
        assert!(status == 422 && told["detail"].as_str().unwrap().contains("第2行"), "{told}");
        head.done(&format!("{theirs}/tasks"), tasks("2023-07-31")).await;
        let ledger = clerk.get(&format!("/units/1/rounds/{round}/ledger")).await;
        let task = column(&ledger, "task_id").iter().find_map(|id| id.as_str().map(str::to_owned)).unwrap();
        let finding = ledger["items"][0]["finding_id"].as_str().unwrap();
        assert_eq!(&ledger["items"][0]["due"], &json!("2023-07-31"), "{ledger}");
        let at = |unit: i64, id: &str, end: &str| format!("/units/{unit}/matters/{id}/{end}");
        clerk.done(&at(1, &task, "steps"), step("passed")).await;
        clerk.refused(&at(1, &task, "turns"), json!({ "turn": "help", "unit": "没有", "why": "熟悉" }), "unit").await;
        clerk.done(&at(1, &task, "turns"), json!({ "turn": "help", "unit": "机关党委", "why": "熟悉" })).await;
        let record = json!({ "kind": "report", "on": "2023-05-12", "topic": "党费收缴情况", "about": "work" });
        let shown = head.done("/units/5/records", record).await;
        head.refused(&at(5, &task, "steps"), json!({ "to": "claimed", "note": "好了", "result": "done" }), "evidence")
            .await;
        // a file serves as evidence, too: it is the body, and the form stands in the address
        let claimed = format!("{}?to=claimed&note=done&result=done&name=", at(5, &task, "steps"));
        let (status, told) = head.upload(&format!("{claimed}dues.exe"), b"MZ\x90\x00").await;
        assert!(status == 422 && told["detail"].is_string(), "{told}");
        let (status, told) = head.upload(&format!("{claimed}dues.pdf"), b"%PDF-1.4 paid").await;
        assert_eq!(status, 200, "{told}");
        let course = clerk.get(at(1, &task, "").trim_end_matches('/')).await;
        let last = &course["events"].as_array().unwrap().last().unwrap()["data"]["evidence"][0];
        assert_eq!((&last["name"], &last["mime"]), (&json!("dues.pdf"), &json!("application/pdf")), "{course}");
        clerk.done(&at(1, &task, "steps"), json!({ "to": "returned", "note": "缺名单" })).await;
        let claim = json!({ "to": "claimed", "note": "已落实", "result": "done", "persons": 2, "evidence": [shown] });
        head.done(&at(5, &task, "steps"), claim).await;
        assert_eq!(head.ask(&at(5, &task, "steps"), &step("verified")).await.0, 404, "nobody verifies their own unit");
        for to in ["verified", "closed"] {
            clerk.done(&at(1, &task, "steps"), step(to)).await;
        }
        clerk.done(&at(1, finding, "steps"), step("closed")).await;

        let draws = format!("/units/1/rounds/{round}/draws");
        let draw = |checkers: &str| json!({ "seed": 17, "sample": 1, "checkers": checkers });
        clerk.refused(&draws, draw("周文静"), "checkers").await;
        clerk.done(&draws, draw("唐立新")).await;
        let ledger = clerk.get(&format!("/units/1/rounds/{round}/ledger")).await;
        assert!(ledger["items"][0]["recheck"].is_string() && ledger["items"][0]["persons"] == 2, "{ledger}");
        let rates = clerk.get(&format!("/units/1/rounds/{round}/relapses")).await;
        assert_eq!((&rates["items"][0]["closed"], &rates["items"][0]["relapsed"]), (&json!(1), &json!(0)), "{rates}");
        assert!(column(&clerk.get(&format!("/units/1/rounds/{round}/shared")).await, "no").is_empty());
        let plan = clerk.get(&format!("/units/1/coverage/{coverage}")).await;
        assert_eq!((&plan["covered"], &plan["rounds"][0]["id"]), (&json!(1), &json!(round)), "{plan}");
        let off = json!({ "person": LEADER, "why": "任务完成" });
        clerk.refused(&format!("/units/1/rounds/{round}/dismissals"), json!({ "person": LEADER }), "why").await;
        clerk.done(&format!("/units/1/rounds/{round}/dismissals"), off).await;
        assert_eq!(leader.read(&theirs).await.0, 404, "rights end with the seat");
    }
}

#[tokio::test]
async fn a_program_gives_an_order_splits_it_and_reads_what_is_late_from_the_board_and_the_weekly_sheet() {
    for site in sites().await {
        furnished(&site).await;
        let (clerk, head) = (Program::of(&site, CLERK).await, Program::of(&site, HEAD).await);
        let order =
            json!({ "title": "年底前建成阵地预约", "from": "meeting", "ref": "党组会纪要", "by": "2023-12-31" });
        let mut bare = order.clone();
        bare["title"] = json!(" ");
        clerk.refused("/units/1/orders", bare, "title").await;
        clerk.only_here("/units/1/orders", "/units/9/orders", order.clone()).await;
        let heads = (&*clerk.writing, "order");
        let once = act(&site, heads.0, heads.1, "/units/1/orders", &order).await;
        assert_eq!(
            act(&site, heads.0, heads.1, "/units/1/orders", &order).await,
            once,
            "asked again, it is the same one"
        );
        let id = once.1["id"].as_str().unwrap().to_owned();
        let parts = format!("/units/1/matters/{id}/parts");
        let measure = json!({ "flow": "measure", "title": "开发预约功能", "by": "2023-05-01", "unit": "设计院党委",
            "helpers": "第一支部", "stages": "2023-05-10 初稿\n2023-06-30 定稿" });
        let mut nowhere = measure.clone();
        nowhere["unit"] = json!("没有的党委");
        clerk.refused(&parts, nowhere, "unit").await;
        clerk.done(&parts, measure).await;
        let board = clerk.get("/units/1/matters?only=late&sort=limit").await;
        assert_eq!(column(&board, "title"), [json!("开发预约功能")], "{board}");
        let part = board["items"][0]["id"].as_str().unwrap();
        assert_eq!(column(&clerk.get("/units/1/matters?flow=order").await, "id"), [json!(id)]);
        let whole = clerk.get(&format!("/units/1/matters/{id}")).await;
        assert_eq!(
            (&whole["parts"][0]["id"], &whole["parts"][0]["limit"]),
            (&json!(part), &json!("2023-05-01")),
            "{whole}"
        );
        assert_eq!(column(&clerk.get("/units/1/matters?owner=5&step=measure:assigned").await, "id"), [json!(part)]);
        for (question, field) in
            [("only=soon", "only"), ("step=measure:none", "step"), ("post=king", "post"), ("age=9", "age")]
        {
            let (status, told) = clerk.read(&format!("/units/1/matters?{question}")).await;
            assert_eq!((status, told["parameter"].as_str()), (422, Some(field)), "{told}");
        }
        let totals = clerk.get("/units/1/matters/totals").await;
        assert_eq!((&totals["all"], &totals["late"]), (&json!(2), &json!(1)), "{totals}");
        let owner = totals["owners"].as_array().unwrap().iter().find(|one| one["unit"] == "5").unwrap();
        assert_eq!((&owner["open"], &owner["late"]), (&json!(1), &json!(1)), "{totals}");
        assert_eq!(clerk.get("/units/1/matters/totals?flow=order").await["all"], 1);
        head.done(&format!("/units/5/matters/{part}/steps"), json!({ "to": "milestone", "note": "初稿已交" })).await;
        let sheet = clerk.get("/units/1/weekly").await;
        assert!(sheet["items"][0]["part"] == "已逾期" && sheet["items"][0]["id"] == part, "{sheet}");

        let filters = "/units/1/matters/filters";
        clerk.refused(filters, json!({ "name": "", "question": "?only=late" }), "name").await;
        clerk.done(filters, json!({ "name": "逾期", "question": "?only=late" })).await;
        assert_eq!(clerk.get(filters).await["items"], json!([{ "name": "逾期", "question": "?only=late" }]));
        assert_eq!(head.get("/units/5/matters/filters").await["items"], json!([]), "kept for its owner alone");
        clerk.done(filters, json!({ "drop": "逾期" })).await;
        assert_eq!(clerk.get(filters).await["items"], json!([]));
    }
}
