//! Figures: counted from records, opened to their rows, built, kept, and frozen where they are quoted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod built;
#[allow(dead_code)] // other tests use the rest
#[path = "../place/mod.rs"]
mod place;
mod programs;
mod quoted;

use jiff::civil::date;
use luoshi_rules::{Figure, Verb};
use luoshi_store::{figure, holding, record, unit};
use place::*;

const FORM: &str = "/units/3/records/new?kind=lecture";

/// Sites whose facts were counted, as the server does before it serves: on every engine.
async fn counted() -> Vec<Site> {
    let sites = sites().await;
    for site in &sites {
        site.app.count().await.unwrap();
    }
    sites
}

/// Records a lecture of the first branch.
async fn lecture(secretary: &Visitor<'_>, on: &str, audience: &str, people: &str) {
    let fields = [("kind", "lecture"), ("on", on), ("topic", "政策宣讲"), ("audience", audience), ("people", people)];
    let sent = secretary.send(FORM, "/units/3/records", &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
}

#[tokio::test]
async fn a_number_opens_to_its_classes_and_rows_and_adds_up() {
    for site in counted().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        for (on, audience, people) in
            [("2023-02-01", "grassroots", "40"), ("2023-03-05", "youth", "60"), ("2023-04-09", "grassroots", "25")]
        {
            lecture(&secretary, on, audience, people).await;
        }
        let page = clerk.get("/units/1/2023/figures").await;
        assert!(page.text.contains("开展理论宣讲3场") && page.text.contains("宣讲受众125人次"), "{}", page.text);
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
            clerk.get_english("/units/1/2023/figures").await.text.contains("Lectures were heard by 125 person-times")
        );
    }
}

#[tokio::test]
async fn who_is_present_is_counted_by_exception_and_people_once() {
    for site in counted().await {
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
async fn the_page_of_figures_asks_few_statements_and_gives_a_picture() {
    let site = Site::new(None).await;
    site.app.count().await.unwrap();
    let clerk = site.sign_in(CLERK).await;
    clerk.get("/units/1/2023/figures").await;
    let before = site.db.asked();
    clerk.get("/units/1/2023/figures").await;
    assert!(site.db.asked() - before <= 8, "{} statements", site.db.asked() - before);
    let picture = clerk.get("/units/1/2023/figures/poster.svg").await;
    assert!(picture.text.starts_with("<svg") && picture.head["content-type"] == "image/svg+xml");
    let past = clerk.get("/units/1/2023/figures/poster.svg?known=2023-05-01").await;
    assert!(past.text.contains("截至 2023-05-01"), "what was known on a day is shared as of that day");
}

#[tokio::test]
async fn rows_chosen_by_two_options_are_not_cut_before_they_are_chosen() {
    for site in counted().await {
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
                    let asked =
                        figure::Asked { figures: vec![figure.clone()], first, last, known: None, by_below: false };
                    let part = figure::Part { most, ..figure::Part::default() };
                    figure::behind(tx, &scope, (figure, &asked), &part).map(|rows| rows.len())
                };
                Ok((count(&figure, 3)?, count(&figure, 50)?, count(&by_one, 5)?, count(&other, 5)?))
            })
            .await;
        assert_eq!(found, (3, 4, 5, 0));
    }
}

/// A record of a unit on a day, as the store adds it.
async fn entered(site: &Site, at: i64, on: &'static str, kind: &'static str, data: serde_json::Value) {
    site.write(move |tx, base| {
        let kind = base.kind.iter().find(|one| one.id == kind).unwrap();
        let permit = leave(base, &unit::find(tx, at)?, Verb::Write, TODAY);
        let (due, stood, files) =
            (None, vec![record::Stood { person: MEMBER, role: "speaker".into(), why: String::new() }], Vec::new());
        let entry = record::Entry {
            kind,
            on: on.parse().unwrap(),
            data: data.clone(),
            makes_up: String::new(),
            due,
            stood,
            files,
        };
        record::add(tx, &permit, &entry).map(drop)
    })
    .await;
}

fn lecture_data(audience: &str) -> serde_json::Value {
    serde_json::json!({ "topic": "政策宣讲", "audience": audience, "people": 10 })
}

#[tokio::test]
async fn the_year_before_is_compared_to_the_same_day() {
    for site in counted().await {
        for on in ["2022-03-01", "2022-05-15", "2022-05-16", "2022-09-01", "2023-05-01"] {
            entered(&site, FIRST, on, "lecture", lecture_data("youth")).await;
        }
        let clerk = site.sign_in(CLERK).await;
        let json = clerk.get("/units/1/2023/figures?as=csv").await.text;
        assert!(json.contains("理论宣讲,1,场,2,"), "{json}");
        let page = clerk.get("/units/1/2023/figures/lectures").await.text;
        assert!(page.contains("↓ 50%"), "{page}");
        // of a year that is over the whole is compared
        let json = clerk.get("/units/1/2022/figures?as=csv").await.text;
        assert!(json.contains("理论宣讲,4,场,0,"), "{json}");
        let known = clerk.get("/units/1/2023/figures?as=csv&known=2023-05-15").await.text;
        assert!(known.contains("理论宣讲,1,场,2,"), "told from the facts: {known}");
    }
}

#[tokio::test]
async fn a_figure_parts_by_the_kind_of_audience_and_each_part_opens() {
    for site in counted().await {
        for audience in ["youth", "youth", "grassroots"] {
            entered(&site, FIRST, "2023-03-01", "lecture", lecture_data(audience)).await;
        }
        let clerk = site.sign_in(CLERK).await;
        let page = clerk.get("/units/1/2023/figures/lectures?by=choice:audience").await.text;
        assert!(page.contains("按") && page.contains("choice=audience%3Ayouth"), "{page}");
        let csv = clerk.get("/units/1/2023/figures/lectures?by=choice:audience&as=json").await.text;
        assert!(csv.contains('2') && csv.contains('1'), "{csv}");
        let rows = clerk.get("/units/1/2023/figures/lectures/rows?choice=audience:youth&as=csv").await.text;
        assert_eq!(rows.matches("政策宣讲").count(), 2, "{rows}");
    }
}

#[tokio::test]
async fn people_behind_a_figure_are_named_for_whoever_may_read_the_roll() {
    for site in counted().await {
        for on in ["2023-03-01", "2023-04-01"] {
            entered(&site, FIRST, on, "training", serde_json::json!({ "topic": "培训", "hours": 8, "for": "members" }))
                .await;
        }
        let clerk = site.sign_in(CLERK).await;
        let page = clerk.get("/units/1/2023/figures/trained/people").await;
        assert!(page.status == 200 && page.text.contains("张晓明") && page.text.contains("1名"), "{}", page.text);
        assert!(clerk.get("/units/1/2023/figures/trained/people?as=csv").await.text.contains("张晓明"));
        assert!(clerk.get("/units/1/2023/figures/trained").await.text.contains("/figures/trained/people"));
        assert_eq!(clerk.get("/units/1/2023/figures/lectures/people").await.status, 404, "it counts no people");
        let member = site.sign_in(MEMBER).await.get("/units/3/2023/figures/trained/people").await;
        assert!(member.status == 200 && !member.text.contains("张晓明</a></td>"), "{}", member.text);
        assert!(member.text.contains("查看名单需要查看人员的权限"), "{}", member.text);
        assert_eq!(site.sign_in(STRANGER).await.get("/units/1/2023/figures/trained/people").await.status, 404);
    }
}

#[tokio::test]
async fn what_a_moved_unit_did_stays_with_the_old_one_which_is_told_that_it_may_not_open_it() {
    for site in counted().await {
        entered(&site, FIRST, "2023-03-01", "lecture", lecture_data("youth")).await;
        entered(&site, FIRST, "2023-05-12", "lecture", lecture_data("youth")).await;
        let clerk = site.sign_in(CLERK).await;
        let form = "/units/3/change?do=move&q=lzt";
        let fields = [("do", "move"), ("q", "lzt"), ("to", "1"), ("on", "2023-05-10"), ("note", "批复")];
        assert_eq!(clerk.send(form, "/units/3/changes", &fields).await.status, 303);
        let old = clerk.get("/units/2/2023/figures").await.text;
        assert!(old.contains("开展理论宣讲1场"), "{old}");
        assert!(clerk.get("/units/1/2023/figures").await.text.contains("开展理论宣讲2场"));
        let rows = clerk.get("/units/2/2023/figures/lectures/rows").await.text;
        assert!(rows.contains("另有 1 条属于已划出的单位") && !rows.contains("政策宣讲"), "{rows}");
        let rows = clerk.get_english("/units/2/2023/figures/lectures/rows").await.text;
        assert!(rows.contains("1 more are of units that have left since"), "{rows}");
        let parts = clerk.get("/units/2/2023/figures/lectures?by=unit").await.text;
        assert!(parts.contains("已划出的组织"), "{parts}");
    }
}

#[tokio::test]
async fn the_heir_of_a_merged_unit_says_what_that_one_did_before() {
    for site in counted().await {
        entered(&site, FIRST, "2023-03-01", "lecture", lecture_data("youth")).await;
        entered(&site, SECOND, "2023-03-02", "lecture", lecture_data("youth")).await;
        entered(&site, SECOND, "2023-03-03", "lecture", lecture_data("youth")).await;
        site.write(|tx, base| {
            let (old, heir) = (unit::find(tx, FIRST)?, unit::find(tx, SECOND)?);
            let (permit, into) = (leave(base, &old, Verb::Rule, TODAY), leave(base, &heir, Verb::Rule, TODAY));
            let decision = unit::Decision { permit: &permit, pack: base, on: date(2023, 5, 10), note: "批复" };
            unit::merge(tx, &decision, &into)
        })
        .await;
        let clerk = site.sign_in(CLERK).await;
        let year = clerk.get("/units/4/2023/figures").await.text;
        assert!(year.contains("第一支部已于 2023-05-10 并入本组织") && year.contains("开展理论宣讲2场"), "{year}");
        let one = clerk.get("/units/4/2023/figures/lectures").await.text;
        assert!(one.contains("并入前在 2023 年为 <b>1场</b>"), "{one}");
        assert!(
            clerk.get("/units/1/2023/figures").await.text.contains("开展理论宣讲3场"),
            "nothing is lost and nothing twice"
        );
    }
}

#[tokio::test]
async fn what_is_recorded_after_a_page_was_looked_at_is_on_it_at_once() {
    for site in counted().await {
        let clerk = site.sign_in(CLERK).await;
        for n in 1..=2 {
            entered(&site, FIRST, "2023-03-01", "lecture", lecture_data("youth")).await;
            let page = clerk.get("/units/1/2023/figures").await.text;
            assert!(page.contains(&format!("开展理论宣讲{n}场")), "{n}: {page}");
        }
    }
}
