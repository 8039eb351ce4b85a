//! Figures as they were known: quoted in a paper, or asked as of a past day.

use super::{counted, entered, lecture, lecture_data};
use crate::place::{CLERK, FIRST, ROOT, SECRETARY, TODAY, leave};
use jiff::civil::date;
use luoshi_rules::Verb;
use luoshi_store::{figure, record, unit};
use serde_json::json;

#[tokio::test]
async fn a_quoted_figure_says_later_whether_its_rows_have_changed() {
    for site in counted().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        lecture(&secretary, "2023-03-01", "youth", "60").await;
        let page = "/units/1/2023/figures/lecture-audience";
        let empty = clerk.send(page, &format!("{page}/quotes"), &[("paper", " ")]).await;
        assert!(empty.status == 422 && empty.text.contains("用于哪份材料"), "{}", empty.text);
        let long = "材".repeat(201);
        let refused = clerk.send(page, &format!("{page}/quotes?from=3"), &[("paper", &long)]).await;
        assert!(refused.status == 422 && refused.text.contains(&format!("value=\"{long}\"")), "{}", refused.text);
        assert!(refused.text.contains("id=\"paper-error\"") && refused.text.contains(&format!("{page}?from=3")));
        let kept = clerk.send(page, &format!("{page}/quotes"), &[("paper", "半年总结")]).await;
        assert_eq!(kept.status, 303, "{}", kept.text);
        assert!(clerk.get(&kept.to).await.text.contains("明细没有变化"));
        assert!(clerk.get("/units/1/quotes").await.text.contains("半年总结"));
        lecture(&secretary, "2023-03-02", "youth", "5").await;
        let now = clerk.get(&kept.to).await.text;
        assert!(now.contains("明细有变化") && now.contains("60人次") && now.contains("65人次"), "{now}");
    }
}

#[tokio::test]
async fn a_quote_keeps_what_the_figure_added_whatever_the_pack_says_later() {
    for site in counted().await {
        entered(&site, FIRST, "2023-03-01", "lecture", lecture_data("youth")).await;
        entered(&site, FIRST, "2023-03-02", "theme-day", serde_json::json!({ "topic": "主题党日" })).await;
        let both = "id = 'own-both'\nname = { zh = '两样', en = 'Both' }\nrecord = ['lecture']\nmeasure = 'sessions'\nplus = ['own-days']";
        let days = |kind: &str| {
            format!("id = 'own-days'\nname = {{ zh = '日', en = 'Days' }}\nrecord = ['{kind}']\nmeasure = 'sessions'")
        };
        let keep = |key: &'static str, text: String| {
            site.write(move |tx, base| {
                figure::keep(tx, &leave(base, &unit::find(tx, ROOT)?, Verb::Write, TODAY), key, &text)
            })
        };
        keep("own-both", both.to_owned()).await;
        keep("own-days", days("theme-day")).await;
        let clerk = site.sign_in(CLERK).await;
        let page = "/units/1/2023/figures/own-both";
        let kept = clerk.send(page, &format!("{page}/quotes"), &[("paper", "年度总结")]).await;
        keep("own-days", days("group-meeting")).await;
        assert!(clerk.get(page).await.text.contains("1场次"));
        let quote = clerk.get(&kept.to).await.text;
        assert!(quote.contains("明细没有变化") && quote.contains("2场次") && !quote.contains("1场次"), "{quote}");
    }
}

#[tokio::test]
async fn a_figure_as_known_on_a_past_day_leaves_out_what_was_written_later() {
    for site in counted().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        lecture(&secretary, "2023-03-01", "youth", "60").await;
        assert!(clerk.get("/units/1/2023/figures").await.text.contains("开展理论宣讲1场"));
        let page = clerk.get("/units/1/2023/figures?known=2023-05-14").await.text;
        assert!(page.contains("开展理论宣讲0场") && page.contains("name=\"known\" value=\"2023-05-14\""), "{page}");
        assert_eq!(clerk.get("/units/1/2023/figures?known=soon").await.status, 422);
        // a quote keeps the day with it, and is looked at again by what is known now
        let one = "/units/1/2023/figures/lecture-audience?known=2023-05-14";
        let action = "/units/1/2023/figures/lecture-audience/quotes?known=2023-05-14";
        let kept = clerk.send(one, action, &[("paper", "季度通报")]).await;
        let page = clerk.get(&kept.to).await.text;
        assert!(page.contains("按当日所知") && page.contains("2023-05-14") && page.contains("明细有变化"), "{page}");
    }
}

#[tokio::test]
async fn a_figure_that_was_corrected_is_known_as_it_was_then_and_as_it_is_now() {
    for site in counted().await {
        site.write(|tx, base| {
            let kind = base.kind("lecture").unwrap();
            let at = unit::find(tx, FIRST)?;
            let entry = |people: i64| record::Entry {
                kind,
                on: date(2023, 3, 1),
                data: json!({ "topic": "政策宣讲", "audience": "youth", "people": people }),
                makes_up: String::new(),
                due: None,
                stood: Vec::new(),
                files: Vec::new(),
            };
            let then = |day| leave(base, &at, Verb::Write, day);
            let (one, two) = (
                record::add(tx, &then(date(2023, 3, 2)), &entry(40))?,
                record::add(tx, &then(date(2023, 3, 2)), &entry(7))?,
            );
            record::correct(tx, &then(date(2023, 4, 10)), one, 1, &entry(60))?;
            record::withdraw(tx, &then(date(2023, 5, 2)), two, 1, &entry(7), "记重了")
        })
        .await;
        let clerk = site.sign_in(CLERK).await;
        let known = [
            ("", "宣讲受众60人次", "开展理论宣讲1场"),
            ("?known=2023-05-01", "宣讲受众67人次", "开展理论宣讲2场"),
            ("?known=2023-04-09", "宣讲受众47人次", "开展理论宣讲2场"),
            ("?known=2023-03-01", "宣讲受众0人次", "开展理论宣讲0场"),
        ];
        for (on, people, held) in known {
            let page = clerk.get(&format!("/units/1/2023/figures{on}")).await.text;
            assert!(page.contains(people) && page.contains(held), "{on} {people} {held}: {page}");
        }
        let rows = clerk.get("/units/1/2023/figures/lecture-audience/rows?known=2023-04-09").await.text;
        assert!(rows.contains("40人次") && rows.contains("7人次") && !rows.contains("60人次"), "{rows}");
        let rows = clerk.get("/units/1/2023/figures/lecture-audience/rows").await.text;
        assert!(rows.contains("60人次") && !rows.contains("40人次"), "{rows}");
    }
}
