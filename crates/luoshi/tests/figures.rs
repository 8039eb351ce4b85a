//! Figures: counted from records, opened to their rows, built, kept, and frozen where they are quoted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // other tests use the rest
mod place;

use jiff::civil::date;
use luoshi_rules::{Figure, Verb};
use luoshi_store::{figure, holding, record, unit};
use place::program::{act, json, tokens};
use place::*;
use serde_json::json;

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
            clerk.get_english("/units/1/2023/figures").await.text.contains("lectures were heard by 125 person-times")
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
async fn a_figure_is_built_kept_and_taken_off_again() {
    for site in counted().await {
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
    for site in counted().await {
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
    for site in counted().await {
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
        assert!(json.contains("理论宣讲,1,场次,2,"), "{json}");
        // of a year that is over the whole is compared
        let json = clerk.get("/units/1/2022/figures?as=csv").await.text;
        assert!(json.contains("理论宣讲,4,场次,0,"), "{json}");
        let known = clerk.get("/units/1/2023/figures?as=csv&known=2023-05-15").await.text;
        assert!(known.contains("理论宣讲,1,场次,2,"), "told from the facts: {known}");
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
async fn a_question_of_several_kinds_options_and_months_is_kept_as_it_was_asked() {
    for site in counted().await {
        for (on, audience) in
            [("2023-02-01", "youth"), ("2023-03-01", "youth"), ("2023-04-01", "grassroots"), ("2023-04-02", "members")]
        {
            entered(&site, FIRST, on, "lecture", lecture_data(audience)).await;
        }
        entered(&site, FIRST, "2023-05-01", "theme-day", serde_json::json!({ "topic": "主题党日" })).await;
        let clerk = site.sign_in(CLERK).await;
        let form = "/units/1/2023/figures/new?kind=lecture&kind=theme-day&from=3&until=5&by=month";
        let page = clerk.get(form).await;
        assert!(page.text.contains("4场次") || page.text.contains("4项"), "{}", page.text);
        assert!(page.text.contains("as=xlsx") && page.text.contains("by=month"), "{}", page.text);
        let form =
            "/units/1/2023/figures/new?kind=lecture&option=audience:youth&option=audience:grassroots&from=3&until=5";
        let page = clerk.get(form).await;
        assert!(page.text.contains("2项") || page.text.contains("2场次"), "{}", page.text);
        let fields = [
            ("kind", "lecture"),
            ("count", "records"),
            ("option", "audience:youth,audience:grassroots"),
            ("from", "3"),
            ("until", "5"),
            ("name", "春季宣讲"),
        ];
        assert_eq!(clerk.send(form, "/units/1/figures", &fields).await.status, 303);
        let shown = clerk.get("/units/1/2023/figures?as=csv").await.text;
        assert!(shown.contains("春季宣讲,2,"), "{shown}");
        let key = clerk.get("/units/1/2023/figures").await.text;
        let key = key.split("/figures/own-").nth(1).unwrap().split(['"', '?', '/']).next().unwrap().to_owned();
        let one = clerk.get(&format!("/units/1/2023/figures/own-{key}")).await.text;
        assert!(one.contains("只计3–5月"), "{one}");
        let rows = clerk.get(&format!("/units/1/2023/figures/own-{key}/rows?as=csv")).await.text;
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
async fn a_program_opens_builds_keeps_and_quotes_a_figure() {
    for site in counted().await {
        let [reads, writes] = tokens(&site).await;
        let secretary = site.sign_in(SECRETARY).await;
        lecture(&secretary, "2023-03-01", "youth", "60").await;
        lecture(&secretary, "2023-04-01", "grassroots", "70").await;
        let figures = "/api/v1/units/3/2023/figures";
        let whole = json(&secretary, &format!("{figures}/lecture-audience?by=month")).await;
        assert_eq!((&whole["n"], &whole["parts"][0]), (&json!(130), &json!({ "name": "2023-03", "n": 60 })), "{whole}");
        let rows = json(&secretary, &format!("{figures}/lecture-audience/rows?from=4&until=4")).await;
        assert_eq!((rows["items"].as_array().unwrap().len(), &rows["items"][0]["n"]), (1, &json!(70)), "{rows}");
        let record = rows["items"][0]["record_id"].as_str().unwrap();
        assert_eq!(secretary.get(&format!("/api/v1/units/3/records/{record}")).await.status, 200);

        let asked = "kind=lecture&count=sum:people&option=audience:grassroots";
        let built = json(&secretary, &format!("{figures}/custom?{asked}")).await;
        assert_eq!((&built["n"], built["measure"].as_str().unwrap()), (&json!(70), "人次"), "{built}");
        assert_eq!(secretary.get(&format!("{figures}/custom?kind=nothing")).await.status, 422);
        assert_eq!(secretary.get(&format!("{figures}/custom?what=lecture")).await.status, 400);
        let question =
            json!({ "kind": "lecture", "count": "sum:people", "option": "audience:grassroots", "name": "基层听众" });
        assert_eq!(act(&site, &writes, "a", "/units/3/figures", &question).await.0, 200);
        assert_eq!(
            act(&site, &writes, "a", "/units/3/figures", &question).await.0,
            200,
            "asked again, it is kept once"
        );
        let all = json(&secretary, "/api/v1/units/3/figures").await;
        let own: Vec<_> = all["items"].as_array().unwrap().iter().filter(|one| one["name"] == "基层听众").collect();
        assert_eq!((own.len(), &own[0]["n"]), (1, &json!(70)), "{all}");
        let nameless = json!({ "kind": "lecture", "name": " " });
        let (status, told) = act(&site, &writes, "b", "/units/3/figures", &nameless).await;
        assert_eq!((status, &told["parameter"]), (422, &json!("name")), "{told}");

        // the question stands in the body: another question under the same key is another request
        let quotes = "/units/3/2023/figures/custom/quotes";
        let mut quote =
            json!({ "paper": "半年总结", "kind": "lecture", "count": "sum:people", "from": "3", "until": "3" });
        let (status, told) = act(&site, &writes, "c", quotes, &quote).await;
        assert_eq!(status, 200, "{told}");
        let one = format!("/api/v1/units/3/quotes/{}", told["id"].as_str().unwrap());
        let kept = json(&secretary, &one).await;
        assert_eq!((&kept["n"], &kept["rows"], &kept["same"]), (&json!(60), &json!(1), &json!(true)), "{kept}");
        assert_eq!((&kept["first"], &kept["last"]), (&json!("2023-03-01"), &json!("2023-03-31")), "{kept}");
        quote["from"] = json!("4");
        assert_eq!(act(&site, &writes, "c", quotes, &quote).await.0, 422, "the key was used");
        lecture(&secretary, "2023-03-20", "youth", "5").await;
        let later = json(&secretary, &one).await;
        assert_eq!((&later["n"], &later["now"], &later["same"]), (&json!(60), &json!(65), &json!(false)), "{later}");
        let listed = json(&secretary, "/api/v1/units/3/quotes").await;
        assert_eq!((&listed["items"][0]["paper"], &listed["items"][0]["id"]), (&json!("半年总结"), &kept["id"]));

        let drop = format!("/units/3/figures/{}/drop", own[0]["key"].as_str().unwrap());
        assert_eq!(act(&site, &writes, "d", &drop, &json!({})).await.0, 200);
        assert_eq!(act(&site, &reads, "e", "/units/3/figures", &question).await.0, 403);
        assert_eq!(act(&site, &writes, "f", "/units/4/figures", &question).await.0, 404);
        let member = site.sign_in(MEMBER).await;
        assert_eq!(
            member.get(&format!("{figures}/trained/people")).await.status,
            404,
            "names are for who may read the roll"
        );
        assert_eq!(json(&secretary, &format!("{figures}/trained/people")).await["items"], json!([]));
    }
}
