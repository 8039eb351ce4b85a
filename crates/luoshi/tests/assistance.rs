//! Paired assistance: a pair, its projects with money, visits, what came of it, the ledgers and the figures.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use place::program::{act, json, tokens};
use place::{CLERK, OTHER, SECRETARY, STRANGER, Visitor, sites};
use serde_json::json;

const HERE: &str = "/units/2/assistance";

const PAIR: [(&str, &str); 4] = [
    ("paired-unit", "第一支部"),
    ("paired-village", "青山村"),
    ("paired-place", "林泽县青山乡"),
    ("paired-by", "2025-12-31"),
];

async fn sent(who: &Visitor<'_>, from: &str, to: &str, fields: &[(&str, &str)]) -> String {
    let done = who.send(from, to, fields).await;
    assert_eq!(done.status, 303, "{to}: {}", done.text);
    done.to
}

#[tokio::test]
async fn a_pair_goes_from_pairing_to_its_outcome_and_ledger_and_figures_follow() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let pair = sent(&clerk, HERE, HERE, &PAIR).await;
        let id = pair.rsplit('/').next().unwrap().to_owned();
        let own = format!("/units/3/matters/{id}");
        let steps = format!("{own}/steps");
        assert!(secretary.get("/units/3/matters").await.text.contains("第一支部 · 青山村"), "on the board");
        sent(&secretary, &own, &steps, &[("to", "begun"), ("begun-day", "2023-05-04")]).await;
        for (day, people) in [("2023-05-08", "6"), ("2023-05-12", "4")] {
            let visit = [("to", "visited"), ("visited-day", day), ("visited-people", people)];
            sent(&secretary, &own, &steps, &visit).await;
        }
        // a visit may also be recorded by itself
        let record = [("kind", "assistance-visit"), ("on", "2023-05-13"), ("village", "青山村"), ("people", "3")];
        sent(&secretary, "/units/3/records/new?kind=assistance-visit", "/units/3/records", &record).await;
        let part = [
            ("flow", "assistance-project"),
            ("planned-title", "村口饮水管道"),
            ("planned-about", "facilities"),
            ("planned-planned", "120000.50"),
            ("planned-by", "2023-12-31"),
        ];
        sent(&secretary, &own, &format!("{own}/parts"), &part).await;
        let page = secretary.get(&own).await.text;
        let rest = page.split("/units/3/matters/").find(|rest| rest.contains("村口饮水管道</a>")).unwrap();
        let project = format!("/units/3/matters/{}", rest.split('"').next().unwrap());
        let spend = [("to", "spent"), ("spent-day", "2023-05-10"), ("spent-amount", "80000")];
        sent(&secretary, &project, &format!("{project}/steps"), &spend).await;
        assert!(secretary.get(&project).await.text.contains("80000.00 元"));

        let ledger = clerk.get(&format!("{HERE}?as=csv")).await.text;
        let line = ledger.lines().find(|line| line.contains("青山村")).unwrap();
        assert!(
            line.contains(
                "第一支部,青山村,林泽县青山乡,2025-12-31,帮扶中,13,村口饮水管道,基础设施,120000.50,80000.00,已立项"
            ),
            "{ledger}"
        );
        let page = clerk.get(HERE).await.text;
        assert!(
            page.contains("结对村 <b>1</b>") && page.contains("<b>120000.50</b>") && page.contains("<b>13</b> 人次"),
            "{page}"
        );
        for figure in [("assistance-villages", "1个"), ("assistance-projects", "1个"), ("assistance-visits", "13人次")]
        {
            let page = clerk.get(&format!("/units/1/2023/figures/{}", figure.0)).await.text;
            assert!(page.contains(figure.1), "{}: {page}", figure.0);
        }
        let money = clerk.get("/units/1/2023/figures/assistance-money").await.text;
        assert!(money.contains("80000") || money.contains("8万"), "{money}");

        // what is still open keeps the pair open
        let end = [("to", "ended"), ("ended-note", "整村改善")];
        let early = clerk.send(&pair, &format!("{pair}/steps"), &end).await;
        assert!(early.status == 422, "{}", early.text);
        let done = [("to", "done"), ("done-outcome", "120户吃上自来水")];
        sent(&secretary, &project, &format!("{project}/steps"), &done).await;
        sent(&clerk, &pair, &format!("{pair}/steps"), &end).await;
        let own_ledger = secretary.get(&format!("/units/3/assistance/{id}?as=csv")).await.text;
        assert!(own_ledger.contains("已完成,120户吃上自来水") && own_ledger.contains("已结束"), "{own_ledger}");
        let english = clerk.get_english(HERE).await.text;
        assert!(
            english.contains("Paired assistance") && english.contains("person-times") && english.contains("Facilities")
        );
    }
}

#[tokio::test]
async fn a_pair_is_made_once_by_who_stands_over_the_unit_and_seen_in_its_subtree_alone() {
    for site in sites().await {
        let (clerk, secretary, other) =
            (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await, site.sign_in(OTHER).await);
        let pair = sent(&clerk, HERE, HERE, &PAIR).await;
        let id = pair.rsplit('/').next().unwrap();
        let twice = clerk.send(HERE, HERE, &PAIR).await;
        assert!(twice.status == 422 && twice.text.contains("已与该村结对"), "{}", twice.text);
        assert!(twice.text.contains("value=\"林泽县青山乡\""), "filled as it was");
        for (key, typed, words) in [
            ("paired-unit", "外单位党组", "没有找到组织"),
            ("paired-unit", "林泽厅党组", "须是本组织或其下级组织"),
            ("paired-village", "", "请填写"),
            ("paired-by", "2023-02-30", "请填日期"),
        ] {
            let mut fields = PAIR;
            fields.iter_mut().filter(|(name, _)| *name == key).for_each(|(_, value)| *value = typed);
            let refused = clerk.send(HERE, HERE, &fields).await;
            assert!(refused.status == 422 && refused.text.contains(words), "{key}: {}", refused.text);
        }
        assert_eq!(other.get(&format!("/units/3/assistance/{id}")).await.status, 404);
        assert_eq!(other.get(&format!("/units/4/assistance/{id}")).await.status, 404);
        assert!(!other.get("/units/4/assistance").await.text.contains("青山村"));
        assert_eq!(site.sign_in(STRANGER).await.get(HERE).await.status, 404);
        // a branch pairs itself, and acts on both sides
        let own = [("paired-village", "红星村"), ("paired-place", "林泽县"), ("paired-by", "2024-12-31")];
        let made = sent(&secretary, "/units/3/assistance", "/units/3/assistance", &own).await;
        assert!(secretary.get(&made).await.text.contains("第一支部 · 红星村"));
        let bad = [("to", "visited"), ("visited-day", "2023-05-08"), ("visited-people", "很多")];
        let begun = [("to", "begun"), ("begun-day", "2023-05-04")];
        sent(&secretary, &made, &format!("{made}/steps"), &begun).await;
        let refused = secretary.send(&made, &format!("{made}/steps"), &bad).await;
        assert!(refused.status == 422 && refused.text.contains("请填整数"), "{}", refused.text);
    }
}

#[tokio::test]
async fn a_program_pairs_a_village_and_reads_the_ledger() {
    for site in sites().await {
        let [reads, writes] = tokens(&site).await;
        let (secretary, all) = (site.sign_in(SECRETARY).await, "/units/3/assistance");
        let pair = json!({ "village": "红星村", "place": "林泽县", "by": "2024-12-31" });
        let (status, told) = act(&site, &writes, "a", all, &pair).await;
        assert_eq!(status, 200, "{told}");
        assert_eq!(act(&site, &writes, "a", all, &pair).await, (200, told.clone()), "asked again, it is paired once");
        let id = told["id"].as_str().unwrap();
        let steps = format!("/units/3/matters/{id}/steps");
        assert_eq!(act(&site, &writes, "b", &steps, &json!({ "to": "begun", "day": "2023-05-04" })).await.0, 200);
        let visit = json!({ "to": "visited", "day": "2023-05-08", "people": 6 });
        assert_eq!(act(&site, &writes, "c", &steps, &visit).await.0, 200);
        for path in [all.to_owned(), format!("{all}/{id}")] {
            let ledger = json(&secretary, &format!("/api/v1{path}")).await;
            let rows = ledger["items"].as_array().unwrap();
            assert_eq!((rows.len(), &rows[0]["id"], &rows[0]["visits"]), (1, &json!(id), &json!(6)), "{ledger}");
            assert_eq!((&rows[0]["village"], &rows[0]["project_id"]), (&json!("红星村"), &json!(null)), "{ledger}");
        }
        for (key, field, typed) in [("d", "by", "2023-02-30"), ("e", "village", ""), ("f", "unit", "外单位党组")] {
            let mut wrong = pair.clone();
            wrong[field] = json!(typed);
            let (status, told) = act(&site, &writes, key, all, &wrong).await;
            assert_eq!((status, &told["parameter"]), (422, &json!(field)), "{told}");
        }
        assert_eq!(act(&site, &reads, "g", all, &pair).await.0, 403);
        assert_eq!(act(&site, &writes, "h", "/units/4/assistance", &pair).await.0, 404);
        assert_eq!(site.sign_in(STRANGER).await.get(&format!("/api/v1{all}/{id}")).await.status, 404);
    }
}
