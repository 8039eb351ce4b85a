//! A campaign from the pack that sets it to its summary: the board, the two reports and no third, and the end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use jiff::civil::date;
use place::program::json;
use place::{CLERK, OTHER, SECRETARY, STRANGER, drive, set_campaign, sites};
use serde_json::json;

const BOARD: &str = "campaigns/special-drive-2023";

fn report(stage: &str) -> [(&str, &str); 4] {
    [("kind", "drive-report"), ("on", "2023-05-10"), ("stage", stage), ("text", "已部署，各支部已自查。")]
}

fn versioned<'a>(stage: &'a str, version: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields = report(stage).to_vec();
    fields.push(("version", version));
    fields
}

#[tokio::test]
async fn a_campaign_is_set_by_its_pack_and_summed_up_from_what_was_recorded() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let none = clerk.get("/units/1/campaigns").await.text;
        assert!(none.contains("还没有专项活动"), "{none}");
        let lists = "/units/1/lists";
        let compared = clerk.upload(lists, "/units/1/lists/compare", "drive.toml", drive().as_bytes()).await.text;
        let cost = compared.split("生效后每月要基层做多少").nth(1).unwrap();
        let number = |after: &str| -> usize {
            let rest = cost.split(after).nth(1).unwrap().trim_start_matches("<b>");
            rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
        };
        assert_eq!(number("约 "), number("现行 ") + 2, "five duties within three months: {cost}");
        let page = clerk.get(lists).await;
        let (csrf, text) = (page.hidden("csrf"), drive());
        let put = [("csrf", csrf.as_str()), ("operation", "4711"), ("text", &text), ("from", "2023-04-08")];
        assert_eq!(clerk.post("/units/1/lists/put", &put).await.status, 303);

        let secretary = site.sign_in(SECRETARY).await;
        let home = secretary.get("/").await.text;
        assert!(home.contains("/units/3/campaigns/special-drive-2023") && home.contains("2023-06-20"), "{home}");
        let before = clerk.get(&format!("/units/1/{BOARD}")).await.text;
        assert!(before.contains("应参加组织 <b>3</b> 个，已开展 <b>0</b> 个"), "{before}");
        assert!(before.contains("还没有落实的 5 项") && before.contains("进行中"), "{before}");
        assert!(before.contains("2023-04-08 – 2023-05-15"), "{before}");

        let form = "/units/3/records/new?kind=drive-self-check";
        let check = [
            ("kind", "drive-self-check"),
            ("on", "2023-05-12"),
            ("found", "groups"),
            ("closed", "7"),
            ("cut", "2"),
            ("hands", "15"),
        ];
        let done = secretary.send(form, "/units/3/records", &check).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let after = clerk.get(&format!("/units/1/{BOARD}")).await.text;
        assert!(after.contains("已开展 <b>1</b> 个，已全部完成 <b>1</b> 个"), "{after}");
        assert!(after.contains("清理工作群7项；取消表格2项；参加自查15人次"), "{after}");
        // what was done outside its months is in no figure of the campaign, on the page of the year neither
        let early = check.map(|(key, value)| match key {
            "on" => (key, "2023-03-10"),
            "closed" => (key, "100"),
            _ => (key, value),
        });
        assert_eq!(secretary.send(form, "/units/3/records", &early).await.status, 303);
        let figures = clerk.get("/units/1/2023/figures").await.text;
        assert!(figures.contains("清理工作群7项"), "{figures}");
        let opened = clerk.get("/units/1/2023/figures/drive-groups").await.text;
        assert!(opened.contains("只计4–6月"), "{opened}");
        let clauses: Vec<&str> = after.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let clauses: Vec<&&str> = clauses.iter().filter(|link| link.contains("clauses/")).collect();
        assert!(clauses.len() > 5, "in the list of tasks and at the head of the matrix: {after}");
        for link in clauses {
            assert_eq!(clerk.get(link).await.status, 200, "{link}");
        }
        let english = clerk.get_english(&format!("/units/1/{BOARD}")).await.text;
        assert!(english.contains("Units: <b>3</b>, begun <b>1</b>, all done <b>1</b>"), "{english}");
        let csv = clerk.get(&format!("/units/1/{BOARD}?as=csv")).await.text;
        assert!(csv.lines().filter(|line| line.contains("SD-0")).count() == 6, "{csv}");

        // a branch sees its own line and nobody else's; another organisation sees nothing
        let own = secretary.get(&format!("/units/3/{BOARD}")).await.text;
        assert!(own.contains("应参加组织 <b>1</b> 个") && !own.contains("第二支部"), "{own}");
        assert_eq!(secretary.get(&format!("/units/1/{BOARD}")).await.status, 404);
        assert_eq!(site.sign_in(STRANGER).await.get(&format!("/units/1/{BOARD}")).await.status, 404);
        let other = site.sign_in(OTHER).await.get(&format!("/units/4/{BOARD}")).await.text;
        assert!(other.contains("已开展 <b>0</b> 个"), "{other}");
        assert_eq!(clerk.get("/units/1/campaigns/duties").await.status, 404, "a list is no campaign");
    }
}

#[tokio::test]
async fn an_opening_and_a_closing_report_are_taken_and_no_third() {
    for site in sites().await {
        set_campaign(&site, drive(), date(2023, 4, 8)).await;
        let clerk = site.sign_in(CLERK).await;
        let (form, to) = ("/units/2/records/new?kind=drive-report", "/units/2/records");
        let opening = clerk.send(form, to, &report("opening")).await;
        assert_eq!(opening.status, 303, "{}", opening.text);
        let third = clerk.send(form, to, &report("opening")).await;
        assert!(third.status == 422 && third.text.contains("已于2023-05-10报过"), "{}", third.text);
        assert!(third.text.contains("已部署，各支部已自查。"), "what was typed stays");
        let closing = clerk.send(form, to, &report("closing")).await;
        assert_eq!(closing.status, 303, "{}", closing.text);

        // a correction of itself is one and the same report; made into the other one it is a third
        let correct = format!("{}/correct", opening.to);
        let same = clerk.send(&correct, &correct, &versioned("opening", "1")).await;
        assert_eq!(same.status, 303, "{}", same.text);
        let turned = clerk.send(&correct, &correct, &versioned("closing", "2")).await;
        assert!(turned.status == 422 && turned.text.contains("不另设第三次报告"), "{}", turned.text);
    }
}

#[tokio::test]
async fn a_campaign_that_is_over_sums_up_and_offers_its_kinds_no_more() {
    for site in sites().await {
        let over =
            drive().replace("2023-04-", "2023-02-").replace("2023-05-", "2023-03-").replace("2023-06-", "2023-04-");
        set_campaign(&site, over, date(2023, 2, 8)).await;
        let secretary = site.sign_in(SECRETARY).await;
        let page = secretary.get(&format!("/units/3/{BOARD}")).await.text;
        assert!(page.contains("已结束") && page.contains("<h2>小结</h2>") && page.contains("● "), "{page}");
        assert!(!secretary.get("/").await.text.contains("/units/3/campaigns/"), "what is over is no news");
        let kinds = secretary.get("/units/3/records/new").await.text;
        assert!(!kinds.contains("drive-self-check"), "{kinds}");
        // but what was missed may still be told from the duty
        let duty = secretary.get("/units/3/2023/duties/SD-02").await.text;
        assert!(duty.contains("kind=drive-self-check") && duty.contains("makes_up=D2023-02-08"), "{duty}");
    }
}

#[tokio::test]
async fn a_program_reads_how_far_a_campaign_has_come() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        set_campaign(&site, drive(), date(2023, 4, 8)).await;
        let all = json(&clerk, "/api/v1/units/1/campaigns").await;
        assert_eq!(
            (&all["items"][0]["list"], &all["items"][0]["from"]),
            (&json!("special-drive-2023"), &json!("2023-04-08"))
        );
        let path = format!("/api/v1/units/1/{BOARD}");
        let before = json(&clerk, &format!("{path}/summary")).await;
        let check = [
            ("kind", "drive-self-check"),
            ("on", "2023-05-12"),
            ("found", "groups"),
            ("closed", "7"),
            ("cut", "2"),
            ("hands", "15"),
        ];
        let done = secretary.send("/me/requests", "/units/3/records", &check).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let after = json(&clerk, &format!("{path}/summary")).await;
        let n = |of: &serde_json::Value, key: &str| of[key].as_i64().unwrap();
        assert_eq!((n(&after, "met"), n(&after, "begun")), (n(&before, "met") + 1, n(&before, "begun") + 1), "{after}");
        let duties = json(&clerk, &path).await;
        let met = duties["items"].as_array().unwrap().iter().filter(|one| one["on_time"] == 1 || one["late"] == 1);
        let met: Vec<_> = met.map(|one| &one["unit_id"]).collect();
        assert_eq!(met, [&json!("3")], "{duties}");
        assert_eq!(secretary.get(&path).await.status, 404, "of the unit above a branch sees nothing");
        assert_eq!(clerk.get("/api/v1/units/1/campaigns/no-such").await.status, 404);
    }
}

#[tokio::test]
async fn what_a_drive_finds_at_a_spot_visit_or_a_self_check_becomes_matters_to_be_put_right() {
    for site in sites().await {
        set_campaign(&site, drive(), date(2023, 4, 8)).await;
        let secretary = site.sign_in(SECRETARY).await;
        let self_check = [
            ("kind", "drive-self-check"),
            ("on", "2023-05-12"),
            ("found", "groups"),
            ("closed", "7"),
            ("cut", "1"),
            ("hands", "4"),
        ];
        let visit = [("kind", "conduct-check"), ("on", "2023-05-12"), ("topic", "专项抽查"), ("places", "3")];
        for (fields, problem) in [(&self_check[..], "工作群无人清理"), (&visit[..], "同一张表报两次")] {
            let form = format!("/units/3/records/new?kind={}", fields[0].1);
            let done = secretary.send(&form, "/units/3/records", fields).await;
            assert_eq!(done.status, 303, "{}", done.text);
            let lines = [("problems-lines", problem), ("problems-by", "2023-06-30")];
            let listed = secretary.send(&done.to, &format!("{}/problems", done.to), &lines).await;
            assert_eq!(listed.status, 303, "{}", listed.text);
            let page = secretary.get(&done.to).await.text;
            assert!(page.contains(problem) && page.contains("◐ 整改中"), "{page}");
        }
        let board = secretary.get("/units/3/matters?flow=put-right").await.text;
        assert!(board.contains("工作群无人清理") && board.contains("同一张表报两次"), "{board}");
    }
}
