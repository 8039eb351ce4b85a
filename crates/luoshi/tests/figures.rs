//! Figures: counted from records, opened to their rows, built, kept, and frozen where they are quoted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // other tests use the rest
mod place;

use jiff::civil::date;
use luoshi_rules::{Figure, Verb};
use luoshi_store::{figure, holding, record, unit};
use place::*;

const FORM: &str = "/units/3/records/new?kind=lecture";

/// Records a lecture of the first branch.
async fn lecture(secretary: &Visitor<'_>, on: &str, audience: &str, people: &str) {
    let fields = [("kind", "lecture"), ("on", on), ("topic", "政策宣讲"), ("audience", audience), ("people", people)];
    let sent = secretary.send(FORM, "/units/3/records", &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
}

#[tokio::test]
async fn a_number_opens_to_its_classes_and_rows_and_adds_up() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        for (on, audience, people) in
            [("2023-02-01", "grassroots", "40"), ("2023-03-05", "youth", "60"), ("2023-04-09", "grassroots", "25")]
        {
            lecture(&secretary, on, audience, people).await;
        }
        let page = clerk.get("/units/1/2023/figures").await;
        assert!(page.text.contains("开展理论宣讲3场次") && page.text.contains("宣讲受众125人次"), "{}", page.text);
        let rows = clerk.get("/units/1/2023/figures/lecture-audience/rows").await;
        for n in ["40人次", "60人次", "25人次", "/units/3/records/"] {
            assert!(rows.text.contains(n), "{n}: {}", rows.text);
        }
        let one = clerk.get("/units/1/2023/figures/lecture-audience?by=month").await;
        assert!(one.text.contains("2023-03") && one.text.contains("125人次"));
        let march = clerk.get("/units/1/2023/figures/lecture-audience/rows?from=3&until=3").await;
        assert!(march.text.contains("60人次") && !march.text.contains("40人次"));
        let json = clerk.get("/units/1/2023/figures/lecture-audience?by=class&as=json").await;
        assert!(json.text.contains("125"), "{}", json.text);
        assert!(
            clerk.get_english("/units/1/2023/figures").await.text.contains("lectures were heard by 125 person-times")
        );
    }
}

#[tokio::test]
async fn who_is_present_is_counted_by_exception_and_people_once() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        for on in ["2023-02-10", "2023-03-10"] {
            let fields = [("kind", "theme-day"), ("on", on), ("topic", "主题党日"), ("absent-104", "sick")];
            let sent = secretary.send("/units/3/records/new?kind=theme-day", "/units/3/records", &fields).await;
            assert_eq!(sent.status, 303, "{}", sent.text);
        }
        // a training without a frozen list of those due
        let fields =
            [("kind", "training"), ("on", "2023-03-11"), ("topic", "培训"), ("for", "members"), ("hours", "8")];
        let sent = secretary.send("/units/3/records/new?kind=training", "/units/3/records", &fields).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        assert_eq!(secretary.get("/units/3/2023/figures").await.status, 200);
        let base = "/units/3/2023/figures/custom?kind=theme-day";
        let number = |text: &str| {
            let rest = text.split("class=\"number\">").nth(1).unwrap();
            rest.split('<').next().unwrap().to_owned()
        };
        let times = number(&secretary.get(&format!("{base}&count=present")).await.text);
        let people = number(&secretary.get(&format!("{base}&count=people")).await.text);
        let (times, people) = (times.trim_end_matches("人次").to_owned(), people.trim_end_matches('名').to_owned());
        let (times, people): (i64, i64) = (times.parse().unwrap(), people.parse().unwrap());
        assert!(people > 0 && times == 2 * people, "{times} person-times of {people} people, one always absent");
        assert!(secretary.get(&format!("{base}&count=records")).await.text.contains("2场次"));
    }
}

#[tokio::test]
async fn a_figure_is_built_kept_and_taken_off_again() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        lecture(&secretary, "2023-03-01", "youth", "60").await;
        lecture(&secretary, "2023-04-01", "grassroots", "70").await;
        let asked = "kind=lecture&count=sum:people&option=audience:grassroots&from=3&until=5";
        let form = format!("/units/1/2023/figures/new?{asked}");
        let page = clerk.get(&form).await;
        assert!(page.text.contains("70人次"), "{}", page.text);
        let fields =
            [("kind", "lecture"), ("count", "sum:people"), ("option", "audience:grassroots"), ("name", "基层听众")];
        assert_eq!(clerk.send(&form, "/units/1/figures", &fields).await.status, 303);
        let shown = clerk.get("/units/1/2023/figures").await;
        assert!(shown.text.contains("基层听众 70人次"), "{}", shown.text);
        let key = shown.text.split("/figures/own-").nth(1).unwrap().split(['"', '?', '/']).next().unwrap().to_owned();
        assert!(!secretary.get("/units/3/2023/figures").await.text.contains("基层听众"), "it is the other unit's own");
        let one = format!("/units/1/2023/figures/own-{key}");
        assert_eq!(clerk.send(&one, &format!("/units/1/figures/own-{key}/drop"), &[]).await.status, 303);
        assert!(!clerk.get("/units/1/2023/figures").await.text.contains("基层听众"));
    }
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_answered_in_words() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        for (asked, words) in [
            ("kind=nothing", "请选择纪实类型"),
            ("kind=lecture&count=sum:topic", "数字字段"),
            ("kind=lecture&option=audience:nobody", "选项"),
            ("kind=lecture&from=13", "月份为1至12"),
            ("kind=lecture&from=5&until=3", "起始月份在结束月份之后"),
        ] {
            let page = clerk.get(&format!("/units/1/2023/figures/custom?{asked}")).await;
            assert!(page.status == 422 && page.text.contains(words), "{asked}: {} {}", page.status, page.text);
        }
        assert_eq!(clerk.get("/units/1/2023/figures/no-such-figure").await.status, 404);
        assert_eq!(site.sign_in(STRANGER).await.get("/units/1/2023/figures").await.status, 404);
    }
}

#[tokio::test]
async fn a_quoted_figure_says_later_whether_its_rows_have_changed() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        lecture(&secretary, "2023-03-01", "youth", "60").await;
        let page = "/units/1/2023/figures/lecture-audience";
        let empty = clerk.send(page, &format!("{page}/quotes"), &[("paper", " ")]).await;
        assert!(empty.status == 422 && empty.text.contains("用于哪份材料"), "{}", empty.text);
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
async fn a_figure_as_known_on_a_past_day_leaves_out_what_was_written_later() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        lecture(&secretary, "2023-03-01", "youth", "60").await;
        assert!(clerk.get("/units/1/2023/figures").await.text.contains("开展理论宣讲1场次"));
        assert!(clerk.get("/units/1/2023/figures?known=2023-05-14").await.text.contains("开展理论宣讲0场次"));
    }
}

#[tokio::test]
async fn the_page_of_figures_asks_few_statements_and_gives_a_picture() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    clerk.get("/units/1/2023/figures").await;
    let before = site.db.asked();
    clerk.get("/units/1/2023/figures").await;
    assert!(site.db.asked() - before <= 8, "{} statements", site.db.asked() - before);
    let picture = clerk.get("/units/1/2023/figures/poster.svg").await;
    assert!(picture.text.starts_with("<svg") && picture.head["content-type"] == "image/svg+xml");
}

#[tokio::test]
async fn rows_chosen_by_two_options_are_not_cut_before_they_are_chosen() {
    for site in sites().await {
        let found = site
            .write(|tx, base| {
                let kind = base.kind.iter().find(|kind| kind.id == "complaint-received").unwrap();
                let committee = unit::find(tx, COMMITTEE)?;
                let permit = leave(base, &committee, Verb::Write, TODAY);
                // the newest have the first option alone
                for n in 0..12 {
                    let named = if n < 4 { "yes" } else { "no" };
                    let on = date(2023, 3, 1 + n);
                    let data = serde_json::json!({ "count": 1, "named": named, "for": "own" });
                    let (due, stood, files) = (None, Vec::new(), Vec::new());
                    let entry = record::Entry { kind, on, data, makes_up: String::new(), due, stood, files };
                    record::add(tx, &permit, &entry)?;
                }
                let figure: Figure = toml::from_str(
                    "id = 'both'\nname = { zh = '两项', en = 'Both' }\nrecord = ['complaint-received']\n\
                     measure = 'sessions'\nfilter = { for = 'own', named = 'yes' }",
                )
                .unwrap();
                let other =
                    Figure { filter: [("aaa".to_owned(), "x".to_owned())].into_iter().collect(), ..figure.clone() };
                let by_one =
                    Figure { filter: [("for".to_owned(), "own".to_owned())].into_iter().collect(), ..figure.clone() };
                let actor = holding::actor(tx, ROOT, CLERK, TODAY)?;
                let scope = actor.scope(base, Verb::See, &unit::find(tx, ROOT)?)?;
                let count = |figure: &Figure, most| {
                    let (first, last) = (date(2023, 1, 1), date(2023, 12, 31));
                    let asked = figure::Asked { figures: vec![figure.clone()], first, last, known: None };
                    let part = figure::Part { most, ..figure::Part::default() };
                    figure::behind(tx, &scope, (figure, &asked), &part).map(|rows| rows.len())
                };
                Ok((count(&figure, 3)?, count(&figure, 50)?, count(&by_one, 5)?, count(&other, 5)?))
            })
            .await;
        assert_eq!(found, (3, 4, 5, 0));
    }
}
