//! Boards, search and what is to be sent: by the pages people use, on every engine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use jiff::civil::{Date, date};
use luoshi_rules::{Verb, matter::words::Words};
use luoshi_store::matter::{self, Opening};
use luoshi_store::unit;
use luoshi_text::search::{Texts, tokens};
use place::{CLERK, FIRST, OTHER, ROOT, SECOND, SECRETARY, Site, TODAY, leave, sites};
use serde_json::json;

/// Orders out of a document to a branch, opened on a day.
async fn orders(site: &Site, unit: i64, opened: Date, titles: Vec<(String, String)>) {
    site.write(move |tx, base| {
        let (at, flow) = (unit::find(tx, unit)?, base.flow("directive").unwrap());
        let permit = leave(base, &unit::find(tx, ROOT)?, Verb::Act, opened);
        for (title, by) in &titles {
            let data = json!({ "by": by, "sentence": "会议要求各支部开展谈心谈话", "intake": 1 });
            let (subject, note) = (title.clone(), String::new());
            matter::open(tx, &permit, &Opening { flow, addressee: &at, subject, title: title.clone(), data, note })?;
        }
        Ok(())
    })
    .await;
}

fn one(title: &str, by: &str) -> Vec<(String, String)> {
    vec![(title.to_owned(), by.to_owned())]
}

#[tokio::test]
async fn matters_are_found_by_words_pinyin_and_initials_within_ones_scope_and_marked() {
    for site in sites().await {
        orders(&site, FIRST, TODAY, one("制定蒲公英行动方案", "2023-12-01")).await;
        orders(&site, SECOND, TODAY, one("整改台账<b>销号</b>", "2023-12-01")).await;
        let (clerk, secretary, other) =
            (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await, site.sign_in(OTHER).await);
        for packed in [false, true] {
            if packed {
                let many = (0..300).map(|n| (format!("第{n}项学习任务"), "2023-12-01".to_owned())).collect();
                orders(&site, FIRST, TODAY, many).await;
                let (db, base) = (site.db.clone(), site.base.clone());
                let cut = |words: &Words| {
                    tokens(&Texts { title: &words.title, wording: &words.wording, notes: &words.notes })
                };
                let done = tokio::task::spawn_blocking(move || matter::pack(&db, &base, cut).unwrap()).await.unwrap();
                assert_eq!(done, 302);
            }
            for typed in ["蒲公英", "公", "pugongying", "pgy", "方案%20谈心"] {
                let page = clerk.get(&format!("/units/1/search?q={typed}")).await.text;
                assert!(page.contains("行动") && page.contains("<mark>"), "{typed} {packed}: {page}");
                let page = secretary.get(&format!("/units/3/search?q={typed}")).await.text;
                assert!(page.contains("行动"), "{typed}");
                let page = other.get(&format!("/units/4/search?q={typed}")).await.text;
                assert!(page.contains("没有找到这样的事项") && !page.contains("行动"), "{typed}: {page}");
            }
            assert_eq!(other.get("/units/3/search?q=蒲公英").await.status, 404);
        }
        // what is written in a title is shown, not obeyed
        let page = clerk.get("/units/1/search?q=台账").await.text;
        assert!(page.contains("整改<mark>台账</mark>&lt;b&gt;销号"), "{page}");
        // the name of a person finds the person, for who may read the roll
        assert!(clerk.get("/units/1/search?q=zxm").await.text.contains("张晓明"));
        let told = clerk.get("/api/v1/units/1/matters?q=pgy").await.text;
        assert!(told.contains("蒲公英") && !told.contains("台账"), "{told}");
        for typed in ["%25", "'", "\\", "%00", "　"] {
            assert_eq!(clerk.get(&format!("/units/1/search?q={typed}")).await.status, 200, "{typed}");
        }
    }
}

#[tokio::test]
async fn who_raised_a_proposal_is_never_found_by_name() {
    for site in sites().await {
        let member = site.sign_in(place::MEMBER).await;
        let form = [
            ("raised-unit", "2"),
            ("raised-title", "合并报表"),
            ("raised-about", "burden"),
            ("raised-text", "同一张表每月要填两次"),
            ("raised-signed", "nobody"),
            ("plain", "1"),
        ];
        assert_eq!(member.send("/me/proposals", "/me/proposals", &form).await.status, 303);
        let clerk = site.sign_in(CLERK).await;
        assert!(clerk.get("/units/1/search?q=每月").await.text.contains("合并报表"));
        for typed in ["张晓明", "zxm", "104", "proposer"] {
            let told = clerk.get(&format!("/api/v1/units/1/matters?q={typed}")).await.text;
            assert!(!told.contains("合并报表"), "{typed}: {told}");
        }
    }
}

#[tokio::test]
async fn the_oldest_stalled_matter_stands_first_on_the_leaders_lists_however_many_are_newer() {
    for site in sites().await {
        orders(&site, FIRST, date(2023, 1, 9), one("早就该办的事", "2023-02-01")).await;
        let many = (0..2_100).map(|n| (format!("第{n}件新事"), "2023-12-31".to_owned())).collect();
        orders(&site, SECOND, TODAY, many).await;
        let clerk = site.sign_in(CLERK).await;
        for path in ["/units/1/matters?only=late&sort=limit", "/units/1/matters?only=still", "/units/1/weekly", "/"] {
            let page = clerk.get(path).await.text;
            assert!(page.contains("早就该办的事"), "{path}: {page}");
        }
        let sheet = clerk.get("/units/1/weekly").await.text;
        assert!(sheet.contains("在办 <b>2101</b>") && sheet.contains("逾期 <b>1</b>"), "{sheet}");
        let board = clerk.get("/units/1/matters?sort=limit").await.text;
        assert!(board.contains("共 <b>2101</b>") && board.contains("▲ 该约谈"), "{board}");
        let before = site.db.asked();
        clerk.get("/units/1/matters").await;
        let asked = site.db.asked() - before;
        assert!(asked <= 10, "{asked} statements");
        let mut page = board;
        for _ in 0..3 {
            let next = page.split("下一页").next().unwrap().rsplit("href=\"").next().unwrap();
            let next = next.split('"').next().unwrap().replace("&amp;", "&");
            page = clerk.get(&format!("/units/1/matters{next}")).await.text;
            assert!(page.contains("件新事") && !page.contains("早就该办的事"), "{page}");
        }
        let english = clerk.get_english("/units/1/matters?only=late").await.text;
        assert!(english.contains("still for 30 days") && english.contains("A talk is due"), "{english}");
    }
}
