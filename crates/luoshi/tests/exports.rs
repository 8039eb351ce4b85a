//! Every list leaves as .xlsx, .csv and JSON, complete and safe to open.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // each test binary uses its part
mod place;

use luoshi_office::{Value, sheet};
use place::*;

/// Every page of the clerk that shows a list.
const LISTS: [&str; 14] = [
    "/units/1/2023/records?below=1",
    "/units/1/people",
    "/units/1/2023/matrix",
    "/units/3/2023/duties",
    "/units/1/2023/clauses/L3-01",
    "/units/1/follow-ups",
    "/units/1/tree",
    "/units/1/transfers",
    "/units/1/imports",
    "/units/1/lists",
    "/units/3/posts",
    "/me",
    "/units/3/people?own=1",
    "/units/3/2023/records",
];

fn with(path: &str, format: &str) -> String {
    format!("{path}{}as={format}", if path.contains('?') { "&" } else { "?" })
}

#[tokio::test]
async fn every_list_page_offers_three_formats_and_gives_them() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        for path in LISTS {
            let page = clerk.get(path).await;
            assert_eq!(page.status, 200, "{path}");
            for format in ["xlsx", "csv", "json"] {
                assert!(page.text.contains(&format!("as={format}")), "{path} does not offer {format}");
                let file = clerk.get_bytes(&with(path, format)).await;
                assert_eq!(file.0, 200, "{path} {format}");
                match format {
                    "json" => {
                        assert!(serde_json::from_slice::<serde_json::Value>(&file.1).unwrap().is_array(), "{path}")
                    }
                    "csv" => assert!(file.1.starts_with("\u{feff}".as_bytes()), "{path} has no BOM"),
                    _ => assert!(file.1.starts_with(b"PK"), "{path} is no workbook"),
                }
            }
            assert_eq!(clerk.get(&with(path, "pdf")).await.status, 422, "{path}");
        }
    }
}

#[tokio::test]
async fn a_ledger_has_every_record_with_its_types_and_no_text_of_it_runs() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        for n in 0..60 {
            let topic = format!("=HYPERLINK(\"http://x\",{n})");
            let fields = [("kind", "theme-day"), ("on", "2023-03-10"), ("topic", topic.as_str())];
            let form = "/units/3/records/new?kind=theme-day";
            assert_eq!(secretary.send(form, "/units/3/records", &fields).await.status, 303);
        }
        let bytes = secretary.get_bytes("/units/3/2023/records?as=xlsx").await.1;
        let sheet = sheet::read(&bytes, "x.xlsx").unwrap();
        let topics = sheet
            .rows
            .iter()
            .filter(|row| row.iter().any(|cell| matches!(cell, Value::Text(text) if text.starts_with("=HYPERLINK"))));
        assert_eq!(topics.count(), 60, "more than a page of fifty");
        assert!(matches!(sheet.at(2, 0), Value::Date(_)), "{:?}", sheet.at(2, 0));
        let csv = String::from_utf8(secretary.get_bytes("/units/3/2023/records?as=csv").await.1).unwrap();
        assert_eq!(csv.matches("\"'=HYPERLINK").count(), 60, "{csv}");
    }
}

#[tokio::test]
async fn the_ledger_of_duties_has_the_columns_of_the_trade_and_adds_up() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let fields = [("year", "2023"), ("pick", "3/L3-01/2023Q1")];
        let sent = clerk.send("/units/3/2023/duties/L3-01", "/units/3/follow-ups", &fields).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let rows: serde_json::Value =
            serde_json::from_slice(&clerk.get_bytes("/units/1/2023/matrix?as=json").await.1).unwrap();
        let rows = rows.as_array().unwrap();
        let one = rows.iter().find(|row| row["unit"] == "第一支部" && row["clause"] == "L3-01").unwrap();
        for key in [
            "no",
            "level",
            "post",
            "text",
            "source",
            "cadence",
            "period",
            "due",
            "status",
            "on_time",
            "late",
            "waived",
            "evidence",
            "remark",
            "follow_up",
        ] {
            assert!(one.get(key).is_some(), "{key}");
        }
        assert_eq!(one["cadence"], "每季度");
        assert!(one["follow_up"].as_str().unwrap().contains("提醒"), "{one}");
        let sheet = sheet::read(&clerk.get_bytes("/units/1/2023/matrix?as=xlsx").await.1, "x.xlsx").unwrap();
        let total = sheet.rows.iter().find(|row| row.first() == Some(&Value::Text("合计".into()))).unwrap();
        assert_eq!(total[1], Value::Number(rows.len() as f64));
        let overdue = rows.iter().filter(|row| row["overdue"] == 1).count();
        assert!(overdue > 0 && total[15] == Value::Number(overdue as f64), "{total:?}");
    }
}
