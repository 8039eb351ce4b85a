//! What a clerk does to units, and what everybody then sees, over HTTP in memory, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // shared with the other stories
mod place;

use place::program::{Program, act, column};
use place::*;
use serde_json::json;

#[tokio::test]
async fn a_clerk_moves_a_branch_under_a_unit_found_by_search_and_the_days_before_keep_their_tree() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let form = "/units/3/change?do=move&q=lzt";
        let page = clerk.get(form).await;
        assert!(page.status == 200 && page.text.contains("中共林泽厅党组") && !page.text.contains("中共外单位党组"));
        let filled = |to: &'static str, on: &'static str| {
            [("do", "move"), ("q", "lzt"), ("to", to), ("on", on), ("note", "批复<3>号")]
        };
        let early = clerk.send(form, "/units/3/changes", &filled("1", "2023-12-01")).await;
        assert!(early.status == 422 && early.text.contains("日期在今天之后"), "{}", early.text);
        assert!(early.text.contains("value=\"批复&lt;3&gt;号\"") && early.text.contains("value=\"2023-12-01\""));
        assert!(early.text.contains("value=\"1\" required checked"));
        let elsewhere = clerk.send(form, "/units/3/changes", &filled("9", "2023-05-10")).await;
        assert!(elsewhere.status == 422 && elsewhere.text.contains("不在您可以管理的范围内"));

        let done = clerk.send(form, "/units/3/changes", &filled("1", "2023-05-10")).await;
        assert_eq!((done.status, done.to.as_str()), (303, "/units/3"), "{}", done.text);
        let moved = clerk.get("/units/3").await;
        assert!(moved.text.contains("机关党委 → 林泽厅党组 · 批复&lt;3&gt;号"), "{}", moved.text);
        let tree = |on: &'static str| format!("/units/2?on={on}");
        assert!(clerk.get(&tree("2023-05-09")).await.text.contains("第一支部"));
        assert!(!clerk.get(&tree("2023-05-10")).await.text.contains("第一支部"));
        assert_eq!(clerk.get(&tree("yesterday")).await.status, 422);
        let list = clerk.get("/units/1/tree?as=csv").await.text;
        assert!(list.contains("序号,组织全称,简称,上级组织,级别,类别,类型代码,成立日期,书记,正式党员,预备党员"));
        assert!(list.contains("3,中共第一支部,第一支部,中共林泽厅党组,党支部,机关,,2020-01-01,李建国,11,0"), "{list}");
    }
}

#[tokio::test]
async fn who_may_not_rule_a_unit_finds_no_way_to_change_it() {
    for site in sites().await {
        for person in [SECRETARY, MEMBER, STRANGER] {
            let visitor = site.sign_in(person).await;
            assert_eq!(visitor.get("/units/3/change").await.status, 404);
            let dissolve = [("do", "dissolve"), ("on", "2023-05-10"), ("note", "撤")];
            assert_eq!(visitor.send("/", "/units/3/changes", &dissolve).await.status, 404);
        }
        assert!(!site.sign_in(SECRETARY).await.get("/units/3").await.text.contains("/units/3/change"));
        assert!(site.sign_in(CLERK).await.get("/units/3").await.text.contains("/units/3/change"));
        assert_eq!(site.sign_in(STRANGER).await.get("/units/3/tree?as=json").await.status, 404);
    }
}

#[tokio::test]
async fn a_merger_takes_the_people_along_and_ends_the_rights_of_the_old_secretary_at_once() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        assert_eq!(secretary.get("/units/3/records/new").await.status, 200);
        let why = [("do", "dissolve"), ("on", "2023-05-10"), ("note", "撤销")];
        let refused = clerk.send("/units/3/change?do=dissolve", "/units/3/changes", &why).await;
        assert!(refused.status == 422 && refused.text.contains("名册上还有 11 人"), "{}", refused.text);
        let form = "/units/3/change?do=merge&q=第二";
        let merge = [("do", "merge"), ("q", "第二"), ("to", "4"), ("on", "2023-05-10"), ("note", "")];
        let form = form.replace("第二", "%E7%AC%AC%E4%BA%8C");
        assert_eq!(clerk.send(&form, "/units/3/changes", &merge).await.to, "/units/3");
        let old = clerk.get("/units/3").await;
        assert!(old.text.contains("已撤销 2023-05-10") && old.text.contains("中共第二支部"), "{}", old.text);
        assert!(clerk.get("/units/4/people").await.text.contains("张晓明"));
        assert_eq!(secretary.get("/units/3/records/new").await.status, 404);
        let again = clerk.get("/units/3/change?do=rename").await;
        assert!(again.text.contains("已撤销，不能再变更") && !again.text.contains("name=\"full_name\""));
    }
}

/// Two duties of the first branch are followed up, and one of them is met afterwards.
async fn one_met_and_one_owed(site: &Site) {
    let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
    let picks = [("year", "2023"), ("pick", "3/L3-01/2023Q1"), ("pick", "3/L3-04/2023Q1")];
    let sent = clerk.send("/units/1/2023/matrix?status=overdue", "/units/1/follow-ups", &picks).await;
    assert_eq!(sent.to, "/units/1/follow-ups?opened=2&there=0&met=0", "{}", sent.text);
    let late = [("kind", "general-meeting"), ("on", "2023-05-12"), ("topic", "补开"), ("makes_up", "2023Q1")];
    let form = "/units/3/records/new?kind=general-meeting";
    assert_eq!(secretary.send(form, "/units/3/records", &late).await.status, 303);
}

/// What is owed went to the second branch; what was met is closed there.
async fn only_what_is_owed_passed_on(site: &Site) {
    let clerk = site.sign_in(CLERK).await;
    let board = clerk.get("/units/4/matters?flow=follow-up").await.text;
    assert!(board.contains("上党课") && !board.contains("召开党员大会"), "{board}");
    let closed = clerk.get("/units/4/matters?flow=follow-up&state=closed").await.text;
    assert!(closed.contains("召开党员大会") && !closed.contains("上党课"), "{closed}");
    let link = closed.split("href=\"").find(|link| link.starts_with("/units/4/matters/")).unwrap();
    let page = clerk.get(link.split('"').next().unwrap()).await.text;
    assert!(page.contains("随组织变更销号") && page.contains("第一支部 → 第二支部"), "{page}");
}

#[tokio::test]
async fn a_follow_up_whose_duty_is_met_is_closed_when_its_unit_is_merged_and_only_what_is_owed_passes_on() {
    for site in sites().await {
        one_met_and_one_owed(&site).await;
        let form = "/units/3/change?do=merge&q=%E7%AC%AC%E4%BA%8C";
        let merge = [("do", "merge"), ("q", "第二"), ("to", "4"), ("on", "2023-05-15"), ("note", "")];
        let merged = site.sign_in(CLERK).await.send(form, "/units/3/changes", &merge).await;
        assert_eq!(merged.to, "/units/3", "{}", merged.text);
        only_what_is_owed_passed_on(&site).await;
    }
}

#[tokio::test]
async fn a_follow_up_whose_duty_is_met_is_closed_when_its_unit_is_dissolved_and_only_what_is_owed_passes_on() {
    for site in sites().await {
        one_met_and_one_owed(&site).await;
        let (clerk, on) = (Program::of(&site, CLERK).await, "2023-05-15");
        let people = column(&clerk.get("/units/3/people").await, "id");
        let split = json!({ "do": "split", "on": on, "full_name": "中共第四支部", "short_name": "第四支部",
            "people": people });
        clerk.done("/units/3/changes", split).await;
        let dissolve = json!({ "do": "dissolve", "on": on, "note": "批复", "to": "4" });
        clerk.done("/units/3/changes", dissolve).await;
        only_what_is_owed_passed_on(&site).await;
    }
}

#[tokio::test]
async fn every_form_of_change_is_there_in_english_without_a_chinese_word_of_ours() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let words = ["found", "rename", "reclass", "move", "merge", "split", "dissolve", "tie"];
        for sort in words {
            let page = clerk.get_english(&format!("/units/2/change?do={sort}")).await;
            let (_, body) = page.text.split_once("Kinds of change").unwrap();
            let ours = body.replace("中共机关党委", "").replace("机关党委", "");
            let chinese = ours.chars().find(|c| ('\u{4e00}'..='\u{9fff}').contains(c));
            assert_eq!(chinese, None, "{sort}: {ours}");
        }
    }
}

#[tokio::test]
async fn a_program_founds_renames_moves_splits_merges_and_dissolves_units() {
    for site in sites().await {
        let clerk = Program::of(&site, CLERK).await;
        let (changes, on) = ("/units/2/changes", "2023-05-10");
        let found = json!({ "do": "found", "on": on, "full_name": "中共第三支部", "short_name": "第三支部",
            "level": "branch", "class": "organ", "order_no": 3 });
        let with = |key: &str, value: &str| {
            let mut found = found.clone();
            found[key] = json!(value);
            found
        };
        clerk.refused(changes, with("full_name", ""), "full_name").await;
        clerk.refused(changes, with("on", "昨天"), "on").await;
        clerk.refused(changes, with("order_no", "x"), "order_no").await;
        clerk.only_here(changes, "/units/9/changes", found.clone()).await;
        let once = act(&site, &clerk.writing, "found", changes, &found).await;
        assert_eq!(once.0, 200, "{}", once.1);
        assert_eq!(act(&site, &clerk.writing, "found", changes, &found).await, once, "asked again, it is founded once");
        let third = once.1["id"].as_str().unwrap();
        let own = format!("/units/{third}/changes");
        let tree = clerk.get("/units/2/tree").await;
        assert_eq!(column(&tree, "short_name").iter().filter(|name| **name == json!("第三支部")).count(), 1, "{tree}");
        clerk
            .done(&own, json!({ "do": "rename", "on": on, "full_name": "中共青年支部", "short_name": "青年支部" }))
            .await;
        clerk.refused(&own, json!({ "do": "move", "on": on, "to": "9" }), "to").await;
        clerk.done(&own, json!({ "do": "move", "on": on, "to": "1" })).await;
        let split = json!({ "do": "split", "on": on, "full_name": "中共第四支部", "short_name": "第四支部",
            "people": [MEMBER] });
        clerk.done("/units/3/changes", split).await;
        let tree = clerk.get("/units/2/tree").await;
        let fourth = tree["items"].as_array().unwrap().iter().find(|one| one["short_name"] == "第四支部").unwrap();
        assert_eq!(clerk.get(&format!("/people/{MEMBER}")).await["unit"], fourth["id"]);
        let gone = format!("/units/{}/changes", fourth["id"].as_str().unwrap());
        clerk.done(&gone, json!({ "do": "merge", "on": "2023-05-12", "to": "4" })).await;
        assert_eq!(clerk.get(&format!("/people/{MEMBER}")).await["unit"], "4");
        clerk.refused(&own, json!({ "do": "dissolve", "on": "2023-05-12" }), "note").await;
        clerk.done(&own, json!({ "do": "dissolve", "on": "2023-05-12", "note": "批复3号" })).await;
        assert_eq!(clerk.get(&format!("/units/{third}")).await["dissolved"], "2023-05-12");
        let past = clerk.get(&format!("/units/{third}/history")).await;
        assert!(past["items"].as_array().unwrap().len() >= 4, "{past}");
        let lists = clerk.get("/units/1/lists").await;
        assert!(column(&lists, "clause").contains(&json!("L3-01")), "{lists}");
    }
}
