//! Collections: what it costs is shown first, nothing known or asked already is asked, answers come filled in, and
//! whoever finds it a burden is answered.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use jiff::civil::date;
use luoshi_rules::collection::{Question, Sort};
use luoshi_rules::{Collection, Verb};
use luoshi_store::{collection, holding, unit};
use place::program::{act, json, tokens, tokens_of};
use place::{
    CLERK, COMMITTEE, MEMBER, OTHER, ROOT, SECRETARY, Site, TODAY, Visitor, drive, leave, set_campaign, sites,
};
use serde_json::json;

const NEW: &str = "/units/1/collections/new";
const ALL: &str = "/units/1/collections";

/// Asks every branch once for the area of its room, with the members filled in.
const ROOM: [(&str, &str); 9] = [
    ("title", "活动阵地摸底"),
    ("ground", "工委〔2023〕5号第三条"),
    ("every", ""),
    ("due", "2023-05-31"),
    ("level", "branch"),
    ("sort-0", "people:members"),
    ("question-1", "活动室面积"),
    ("sort-1", "number"),
    ("class", ""),
];

fn with<'a>(fields: &[(&'a str, &'a str)], other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all: Vec<_> = fields.iter().filter(|(key, _)| other.iter().all(|(name, _)| name != key)).copied().collect();
    all.extend(other);
    all
}

/// What a program sends once it knows what it costs.
fn with_minutes(mut ask: serde_json::Value, minutes: i64) -> serde_json::Value {
    ask["confirmed"] = json!(minutes);
    ask
}

async fn issue(clerk: &Visitor<'_>) -> String {
    let minutes = clerk.minutes(NEW, &ROOM).await;
    let done = clerk.send(NEW, ALL, &with(&ROOM, &[("confirmed", &minutes)])).await;
    assert_eq!(done.status, 303, "{}", done.text);
    done.to.rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn what_it_costs_is_shown_before_it_is_issued_and_a_refused_form_keeps_what_was_typed() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let refused = |other: &'static [(&'static str, &'static str)], words: &'static str| {
            let clerk = &clerk;
            async move {
                for to in [NEW, ALL] {
                    let page = clerk.send(NEW, to, &with(&ROOM, other)).await;
                    assert!(page.status == 422 && page.text.contains(words), "{words}: {}", page.text);
                    assert!(page.text.contains("value=\"活动室面积\""), "what was typed is there: {words}");
                }
            }
        };
        refused(&[("ground", "")], "请写明依据").await;
        let long: &'static str = Box::leak("长".repeat(101).into_boxed_str());
        refused(vec![("title", long)].leak(), "最多100字").await;
        refused(&[("due", "2023-05-15")], "截止日应在今天之后").await;
        refused(&[("due", "31/5")], "日期").await;
        refused(&[("question-2", "党员 人数"), ("sort-2", "number")], "系统已掌握").await;
        refused(&[("level", "group")], "没有符合条件的下级组织").await;
        let known = [("question-1", ""), ("sort-1", "people:full")];
        let page = clerk.send(NEW, NEW, &with(&ROOM, &known)).await;
        assert!(page.status == 422 && page.text.contains("每一项系统都已掌握"), "{}", page.text);

        let cost = clerk.send(NEW, NEW, &ROOM).await;
        assert_eq!(cost.status, 200, "{}", cost.text);
        assert!(cost.text.contains("个组织 × 2分钟 ≈ <b>"), "{}", cost.text);
        assert!(!clerk.get(ALL).await.text.contains("活动阵地摸底"), "nothing was issued yet");
        issue(&clerk).await;
        assert!(clerk.get(ALL).await.text.contains("工委〔2023〕5号第三条"), "the register shows the ground");
        refused(&[("title", "另一张表")], "《活动阵地摸底》重复").await;
    }
}

#[tokio::test]
async fn nothing_is_issued_before_whoever_asks_has_confirmed_what_it_costs_as_it_is_now() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let minutes = clerk.minutes(NEW, &ROOM).await;
        for (confirmed, words) in [("", "还没有发出：合计要占用下级约"), ("1", "内容或下级组织有变动")]
        {
            let page = clerk.send(NEW, ALL, &with(&ROOM, &[("confirmed", confirmed)])).await;
            assert!(page.status == 422 && page.text.contains(words), "{confirmed}: {}", page.text);
            // the form comes back as it was filled, with the cost and the way to confirm it
            assert!(page.text.contains("value=\"活动室面积\"") && page.text.contains("≈ <b>"), "{}", page.text);
            assert_eq!(page.hidden("confirmed"), minutes);
        }
        // more is asked than was confirmed
        let more = [("confirmed", minutes.as_str()), ("question-2", "情形说明"), ("sort-2", "text")];
        assert_eq!(clerk.send(NEW, ALL, &with(&ROOM, &more)).await.status, 422);
        assert!(!clerk.get(ALL).await.text.contains("活动阵地摸底"), "nothing was issued");
        issue(&clerk).await;
    }
}

#[tokio::test]
async fn what_a_duty_has_branches_record_is_not_asked_of_them_in_a_form() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let asked = [("question-1", "党员大会次数")];
        let page = clerk.send(NEW, NEW, &with(&ROOM, &asked)).await;
        assert!(page.status == 422 && page.text.contains("“党员大会次数”已在纪实里（L3-01"), "{}", page.text);
    }
}

#[tokio::test]
async fn a_branch_finds_it_in_its_to_do_with_what_is_known_filled_in_and_whoever_asked_sees_the_answer() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let id = issue(&clerk).await;
        let todo = secretary.get("/units/3/2023/duties").await.text;
        assert!(todo.contains("要填的表") && todo.contains("活动阵地摸底"), "{todo}");
        let form = format!("/units/3/collections/{id}");
        let page = secretary.get(&form).await.text;
        assert!(page.contains("name=\"value-0\" value=\"11\"") && page.contains("来源：名册"), "{page}");

        let wrong = [("period", "once"), ("value-0", "11"), ("value-1", "大约六十")];
        let refused = secretary.send(&form, &form, &wrong).await;
        assert!(refused.status == 422 && refused.text.contains("请填写数字"), "{}", refused.text);
        assert!(refused.text.contains("大约六十"), "what was typed is there");
        let empty = secretary.send(&form, &form, &[("period", "once"), ("value-0", "11")]).await;
        assert_eq!(empty.status, 422);
        let right = [("period", "once"), ("value-0", "12"), ("value-1", "60.5")];
        assert_eq!(secretary.send(&form, &form, &right).await.status, 303);
        assert!(!secretary.get("/units/3/2023/duties").await.text.contains("要填的表"), "it is done");

        let board = clerk.get(&format!("{ALL}/{id}")).await.text;
        assert!(board.contains("60.5") && board.contains("已更正系统数"), "{board}");
        assert!(board.contains("已填 <b>1</b>"), "{board}");
        let rows = clerk.get(&format!("{ALL}/{id}?as=json")).await.text;
        assert!(rows.contains("\"value-0\": \"12\"") || rows.contains("\"value-0\":\"12\""), "{rows}");
        // who is asked sees their own answer and nobody else's
        assert_eq!(secretary.get(&format!("{ALL}/{id}")).await.status, 404);
        assert_eq!(secretary.send(&form, &format!("{ALL}/{id}/end"), &[]).await.status, 404);
        assert_eq!(secretary.send(&form, &form, &[("period", "2024")]).await.status, 404, "no such time");

        assert_eq!(clerk.send(ALL, &format!("{ALL}/{id}/end"), &[]).await.status, 303);
        assert_eq!(secretary.send("/me", &form, &right).await.status, 404, "it was ended");
        issue(&clerk).await; // the same may be asked anew
    }
}

#[tokio::test]
async fn a_year_shows_what_units_were_asked_for_and_what_the_system_answered() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let month = |text: &str| {
            let rows: serde_json::Value = serde_json::from_str(text).unwrap();
            let rows = rows.as_array().or_else(|| rows["rows"].as_array()).unwrap().clone();
            rows.into_iter().find(|row| row["month"] == "2023-05").unwrap()
        };
        let path = "/units/1/2023/burden?as=json";
        let before = month(&clerk.get(path).await.text);
        issue(&clerk).await;
        let after = month(&clerk.get(path).await.text);
        let more = |key: &str| after[key].as_i64().unwrap() - before[key].as_i64().unwrap();
        let branches = more("forms");
        assert!(branches > 1, "{after}");
        assert_eq!((more("typed"), more("by_system"), more("twice")), (branches, branches, 0));
        assert_eq!(more("things"), branches);
        // of one branch it is one form
        let own = month(&clerk.get("/units/3/2023/burden?as=json").await.text);
        assert_eq!(own["forms"], 1);
        let page = clerk.get("/units/1/2023/burden").await.text;
        assert!(page.contains("要得最多的十家") && page.contains("<meter"), "{page}");
        // who asked, month by month
        let row = |month: &str| page.split(&format!("{month}</td>")).nth(1).unwrap().split("</tr>").next().unwrap();
        assert!(row("5月").ends_with("<td>林泽厅党组</td>") && row("4月").ends_with("<td></td>"), "{page}");
        let of = async |month: i8| json(&clerk, &format!("/api/v1/units/1/2023/burden/askers?month={month}")).await;
        let (april, may) = (of(4).await, of(5).await);
        assert_eq!((&may["items"][0]["unit"], &april["items"]), (&json!("林泽厅党组"), &json!([])), "{may}");
        assert_eq!(clerk.get("/api/v1/units/1/2023/burden/askers?month=13").await.status, 422);
        let sheet = clerk.get("/units/1/2023/burden?list=askers&as=csv").await.text;
        assert!(sheet.contains("林泽厅党组"), "{sheet}");
    }
}

#[tokio::test]
async fn whoever_finds_a_task_a_burden_says_so_once_and_is_answered_by_whoever_asked() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let id = issue(&clerk).await;
        let form = secretary.get(&format!("/units/3/collections/{id}")).await.text;
        let to = format!("/units/3/burdens?sort=collection&amp;about={id}");
        assert!(form.contains(&to), "{form}");
        let page = format!("/units/3/burdens?sort=collection&about={id}");
        let said = [("sort", "collection"), ("about", id.as_str()), ("words", "面积去年报过")];
        let empty = secretary.send(&page, "/units/3/burdens", &with(&said, &[("words", " ")])).await;
        assert!(empty.status == 422 && empty.text.contains("请写明哪里增加了负担"), "{}", empty.text);
        assert_eq!(secretary.send(&page, "/units/3/burdens", &said).await.status, 303);
        let twice = secretary.send(&page, "/units/3/burdens", &said).await;
        assert!(twice.status == 422 && twice.text.contains("正在等待答复"), "{}", twice.text);
        let clause = [("sort", "clause"), ("about", "L3-01"), ("words", "一季度两次太多")];
        assert_eq!(secretary.send(&page, "/units/3/burdens", &clause).await.status, 303);
        let nothing = [("sort", "clause"), ("about", "L9-99"), ("words", "没有这一条")];
        assert_eq!(secretary.send(&page, "/units/3/burdens", &nothing).await.status, 404);

        let seen = clerk.get("/units/1/burdens").await.text;
        assert!(seen.contains("面积去年报过") && !seen.contains("李建国"), "who said it is not shown: {seen}");
        assert!(seen.contains("2023-05-22"), "five working days: {seen}");
        let burden = seen.split("/units/1/burdens/").nth(1).unwrap().split('"').next().unwrap();
        let answer = format!("/units/1/burdens/{burden}");
        assert_eq!(clerk.send("/units/1/burdens", &answer, &[("words", "")]).await.status, 422);
        assert_eq!(clerk.send("/units/1/burdens", &answer, &[("words", "改为系统取数")]).await.status, 303);
        assert_eq!(clerk.send("/units/1/burdens", &answer, &[("words", "再答")]).await.status, 404);
        assert!(secretary.get("/units/3/burdens").await.text.contains("改为系统取数"));
        // who is asked does not answer for who asks, and nobody speaks for a unit they are not of
        let other = seen.split("/units/1/burdens/").nth(2).unwrap().split('"').next().unwrap().to_owned();
        let own = format!("/units/3/burdens/{other}");
        assert_eq!(secretary.send(&page, &own, &[("words", "我自己答")]).await.status, 404);
        assert_eq!(clerk.send("/units/1/burdens", "/units/4/burdens", &clause).await.status, 404);
        let member = site.sign_in(MEMBER).await;
        assert!(member.get("/units/3/burdens").await.status == 200);
    }
}

#[tokio::test]
async fn every_task_that_another_unit_sets_has_the_way_to_say_that_it_is_a_burden() {
    for site in sites().await {
        set_campaign(&site, drive(), date(2023, 4, 8)).await;
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let class = [
            ("title", "党务骨干培训班"),
            ("audience", "members"),
            ("from", "2023-05-20"),
            ("until", "2023-05-20"),
            ("hours", "8"),
            ("places", "3"),
            ("closes", "2023-05-19"),
        ];
        let class = clerk.send("/units/2/classes", "/units/2/classes", &class).await;
        let class = class.to.rsplit('/').next().unwrap().to_owned();
        let meeting = [("kind", "theme-day"), ("on", "2023-05-12"), ("topic", "共建")];
        let record = clerk.send("/units/4/records/new?kind=theme-day", "/units/4/records", &meeting).await.to;
        let named = clerk.send(&record, &format!("{record}/joint"), &[("units", "第一支部")]).await;
        assert_eq!(named.status, 303, "{}", named.text);
        let record = record.rsplit('/').next().unwrap();
        let tasks = [
            ("/units/3/2023/plan".to_owned(), "plan", "2023", "2023年度安排"),
            (format!("/units/3/classes/{class}"), "class", class.as_str(), "党务骨干培训班"),
            ("/units/3/campaigns/special-drive-2023".to_owned(), "campaign", "special-drive-2023", "专项"),
            ("/units/3/joint".to_owned(), "joint", record, "联合开展：2023-05-12 主题党日 共建"),
        ];
        for (page, sort, key, title) in &tasks {
            let shown = secretary.get(page).await.text;
            let link = format!("/units/3/burdens?sort={sort}&amp;about={key}");
            assert!(shown.contains(&link), "{page} leads to {link}: {shown}");
            let form = secretary.get(&link.replace("&amp;", "&")).await;
            assert!(form.status == 200 && form.text.contains(title), "{sort}: {}", form.text);
            let said = [("sort", *sort), ("about", *key), ("words", "时间太紧")];
            let done = secretary.send(&link.replace("&amp;", "&"), "/units/3/burdens", &said).await;
            assert_eq!(done.status, 303, "{sort}: {}", done.text);
            // whoever sets it is not asked whether it burdens them
            let theirs = page.replace("/units/3/", "/units/1/");
            assert!(!clerk.get(&theirs).await.text.contains(&format!("sort={sort}")), "{theirs}");
            let stray = [("sort", *sort), ("about", "1999x"), ("words", "没有这件事")];
            let stray = secretary.send("/units/3/burdens?sort=plan&about=2023", "/units/3/burdens", &stray).await;
            assert_eq!(stray.status, 404, "{sort}");
        }
        let seen = clerk.get("/units/1/burdens").await.text;
        assert!(tasks.iter().all(|(.., title)| seen.contains(title)), "{seen}");
        let english = clerk.get_english("/units/1/burdens").await.text;
        for words in ["Plan of the year 2023", "Special drive", "Held jointly: 2023-05-12 Theme Party day 共建"] {
            assert!(english.contains(words), "{words}: {english}");
        }
        assert!(!english.contains("年度安排") && !english.contains("联合开展"), "{english}");
    }
}

#[tokio::test]
async fn a_leader_sees_on_the_front_page_how_this_month_compares_with_those_before() {
    for site in sites().await {
        site.write(|tx, base| {
            let at = luoshi_store::unit::find(tx, COMMITTEE)?;
            let permit = leave(base, &at, Verb::Roll, TODAY);
            let post = base.post("organ_committee_secretary").unwrap();
            holding::appoint(tx, &permit, post, MEMBER, date(2021, 1, 1), "")
        })
        .await;
        let (clerk, leader) = (site.sign_in(CLERK).await, site.sign_in(MEMBER).await);
        let home = leader.get("/").await.text;
        let card = home.split("本月要基层做的").nth(1).unwrap().split("</section>").next().unwrap().to_owned();
        assert_eq!(card.matches("<meter").count(), 5, "January to May: {card}");
        assert!(card.contains("平均"), "{card}");
        let month = |card: &str| card.rsplit("5月</td>").next().unwrap().split("</tr>").next().unwrap().to_owned();
        assert!(month(&card).ends_with("<td class=\"num\">0</td>"), "no forms yet: {card}");
        issue(&clerk).await;
        let home = leader.get("/").await.text;
        let card = home.split("本月要基层做的").nth(1).unwrap().split("</section>").next().unwrap();
        assert!(!month(card).ends_with("<td class=\"num\">0</td>"), "two branches fill in a form this month: {card}");
        let english = leader.get_english("/").await.text;
        assert!(english.contains("Asked of units this month") && english.contains("on average before"), "{english}");
    }
}

#[tokio::test]
async fn a_program_asks_another_answers_and_a_burden_is_said_and_answered() {
    for site in sites().await {
        let ([_, asks], [reads, writes]) = (tokens_of(&site, CLERK).await, tokens(&site).await);
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let known = json(&clerk, "/api/v1/units/1/collections/known").await;
        assert!(known["items"].as_array().unwrap().iter().any(|fact| fact["key"] == "people:members"), "{known}");
        let ask = json!({ "title": "活动阵地摸底", "ground": "工委〔2023〕5号第三条", "due": "2023-05-31", "level": "branch",
            "sort-0": "people:members", "question-1": "活动室面积", "sort-1": "number" });
        let (status, told) = act(&site, &asks, "cost", ALL, &ask).await;
        assert_eq!((status, &told["parameter"]), (422, &json!("confirmed")), "{told}");
        assert_eq!(
            told["detail_en"],
            "not issued yet: it takes units about 3 minutes in all; look at it, then confirm"
        );
        assert!(json(&clerk, "/api/v1/units/1/collections").await["items"].as_array().unwrap().is_empty());
        let ask = with_minutes(ask, 3);
        let (status, told) = act(&site, &asks, "a", ALL, &ask).await;
        assert_eq!(status, 200, "{told}");
        assert_eq!(act(&site, &asks, "a", ALL, &ask).await, (200, told.clone()), "asked again, it is issued once");
        let id = told["id"].as_str().unwrap().to_owned();
        let register = json(&clerk, "/api/v1/units/1/collections").await;
        assert_eq!((register["items"].as_array().unwrap().len(), &register["items"][0]["id"]), (1, &json!(id)));
        for (key, field, typed) in [("b", "every", "weekly"), ("c", "sort-1", "people:memebrs"), ("d", "ground", "")] {
            let mut wrong = ask.clone();
            wrong[field] = json!(typed);
            let (status, told) = act(&site, &asks, key, ALL, &wrong).await;
            assert_eq!((status, &told["parameter"]), (422, &json!(field)), "{told}");
        }

        let asked = json(&secretary, "/api/v1/units/3/collections/asked").await;
        let first = &asked["items"][0];
        assert_eq!((&first["id"], &first["period"], &first["answered"]), (&json!(id), &json!("once"), &json!(null)));
        let one = format!("/units/3/collections/{id}");
        let form = json(&secretary, &format!("/api/v1{one}")).await;
        assert_eq!((&form["questions"][0]["given"], &form["questions"][1]["key"]), (&json!("11"), &json!("value-1")));
        assert!(form["answers"].as_array().unwrap().is_empty(), "answers of others are not told: {form}");
        let wrong = json!({ "period": "once", "value-0": "11", "value-1": "大约六十" });
        let (status, told) = act(&site, &writes, "a", &one, &wrong).await;
        assert_eq!((status, &told["parameter"]), (422, &json!("value-1")), "{told}");
        let right = json!({ "period": "once", "value-0": "11", "value-1": 60.5 });
        assert_eq!(act(&site, &writes, "b", &one, &right).await.0, 200);
        assert_eq!(act(&site, &reads, "c", &one, &right).await.0, 403);
        assert_eq!(json(&secretary, &format!("/api/v1{one}")).await["questions"][1]["value"], "60.5");
        let board = json(&clerk, &format!("/api/v1{ALL}/{id}")).await;
        let ours = board["answers"].as_array().unwrap().iter().find(|one| one["unit"] == "3").unwrap();
        assert_eq!((&ours["on"], &ours["values"]), (&json!("2023-05-15"), &json!(["11", "60.5"])), "{board}");
        assert_eq!(clerk.get(&format!("/api/v1{ALL}/{id}?period=2024")).await.status, 404, "no such time");

        let said = json!({ "sort": "collection", "about": id, "words": "面积去年报过" });
        assert_eq!(act(&site, &writes, "d", "/units/3/burdens", &said).await.0, 200);
        assert_eq!(act(&site, &writes, "e", "/units/4/burdens", &said).await.0, 404);
        let burdens = json(&clerk, "/api/v1/units/1/burdens").await;
        let burden = burdens["items"][0]["id"].as_str().unwrap();
        assert_eq!(burdens["items"][0]["words"], "面积去年报过");
        let (status, told) =
            act(&site, &asks, "e", &format!("/units/1/burdens/{burden}"), &json!({ "words": "" })).await;
        assert_eq!((status, told["detail"].as_str().unwrap().is_empty()), (422, false), "{told}");
        let answer = json!({ "words": "改为系统取数" });
        assert_eq!(act(&site, &asks, "f", &format!("/units/1/burdens/{burden}"), &answer).await.0, 200);
        let answered = json(&secretary, "/api/v1/units/3/burdens").await;
        assert_eq!(answered["items"][0]["answer"], "改为系统取数");
        let askers = json(&clerk, "/api/v1/units/1/2023/burden/askers").await;
        assert_eq!(
            (&askers["items"][0]["unit_id"], askers["items"][0]["minutes"].as_i64().unwrap() > 0),
            (&json!("1"), true)
        );
        let months = json(&clerk, "/api/v1/units/1/2023/burden").await;
        assert_eq!(months["items"].as_array().unwrap().len(), 12);
        assert_eq!(act(&site, &asks, "g", &format!("{ALL}/{id}/end"), &json!({})).await.0, 200);
        assert_eq!(act(&site, &writes, "f", &one, &right).await.0, 404, "it was ended");
    }
}

/// Issues a collection of the questions of a month without the check, as one that came before its rules did.
async fn asked(site: &Site, at: i64, title: &'static str, questions: Vec<Question>) -> i64 {
    site.write(move |tx, base| {
        let unit = unit::find(tx, at)?;
        let one = Collection {
            id: 0,
            unit: at,
            unit_name: String::new(),
            path: unit.path.clone(),
            title: title.into(),
            ground: "工委〔2023〕5号第三条".into(),
            every: None,
            due: date(2023, 5, 31),
            level: "branch".into(),
            class: String::new(),
            questions: questions.clone(),
            from: TODAY,
            until: None,
        };
        collection::issue(tx, &leave(base, &unit, Verb::Write, TODAY), &one, |_| Ok(()))
    })
    .await
}

#[tokio::test]
async fn what_is_asked_twice_is_listed_with_who_asks_again_and_where_it_was_told_already() {
    for site in sites().await {
        let question = |name: &str| Question { name: name.into(), sort: Sort::Number };
        let clerk = site.sign_in(CLERK).await;
        assert!(!clerk.get("/units/1/2023/burden").await.text.contains("id=\"twice\""), "nothing is asked twice yet");
        let older = asked(&site, ROOT, "阵地摸底", vec![question("活动室面积")]).await;
        let newer =
            asked(&site, COMMITTEE, "支部情况表", vec![question("活动室 面积情况"), question("党员大会次数")]).await;
        let page = clerk.get("/units/1/2023/burden").await.text;
        let list = page.split("id=\"twice\"").nth(1).unwrap().split("</table>").next().unwrap();
        let rows: Vec<&str> = list.split("<tr>").skip(2).collect();
        assert_eq!(rows.len(), 2, "{list}");
        let of = |words: &str| *rows.iter().find(|row| row.contains(words)).unwrap();
        let again = of("活动室 面积情况");
        for words in ["5月", "机关党委", &format!("/units/1/collections/{newer}"), "林泽厅党组", "阵地摸底", ">2<"]
        {
            assert!(again.contains(words), "{words}: {again}");
        }
        assert!(again.contains(&format!("/units/1/collections/{older}")), "{again}");
        assert!(of("党员大会次数").contains("纪实 L3-01"), "{list}");
        // a branch sees its own, and opens both forms; in English it is said in English
        let secretary = site.sign_in(SECRETARY).await;
        let own = secretary.get_english("/units/3/2023/burden").await.text;
        let list = own.split("id=\"twice\"").nth(1).unwrap().split("</table>").next().unwrap();
        assert!(list.contains("<td class=\"nowrap\">May</td>") && list.contains("Asked again by"), "{list}");
        for id in [older, newer] {
            assert!(list.contains(&format!("/units/3/collections/{id}")), "{list}");
            assert_eq!(secretary.get(&format!("/units/3/collections/{id}")).await.status, 200);
        }
        let csv = clerk.get("/units/1/2023/burden?list=twice&as=csv").await.text;
        assert!(csv.contains("2023-05,活动室 面积情况,机关党委,支部情况表,林泽厅党组 · 阵地摸底,2"), "{csv}");
        let items = json(&clerk, "/api/v1/units/1/2023/burden/twice").await;
        let items = items["items"].as_array().unwrap();
        assert!(items.iter().any(|one| one["id"] == json!(newer.to_string()) && one["times"] == 2), "{items:?}");
        assert_eq!(secretary.get("/api/v1/units/4/2023/burden/twice").await.status, 404);
    }
}

#[tokio::test]
async fn a_january_is_compared_with_the_months_of_the_year_before() {
    for site in sites().await {
        site.write(|tx, base| {
            let permit = leave(base, &unit::find(tx, COMMITTEE)?, Verb::Roll, TODAY);
            holding::appoint(tx, &permit, base.post("organ_committee_secretary").unwrap(), MEMBER, date(2021, 1, 1), "")
        })
        .await;
        let january = site.on_day(date(2024, 1, 15));
        let leader = january.sign_in(MEMBER).await;
        let card =
            |home: &str, head: &str| home.split(head).nth(1).unwrap().split("</section>").next().unwrap().to_owned();
        let home = card(&leader.get("/").await.text, "本月要基层做的");
        assert!(home.contains("去年各月平均") && home.contains("2023年12月") && home.contains(">1月<"), "{home}");
        assert_eq!(home.matches("<meter").count(), 6, "{home}");
        let english = card(&leader.get_english("/").await.text, "Asked of units this month");
        assert!(english.contains("on average last year") && english.contains("Dec 2023") && english.contains(">Jan<"));
        // where nothing was asked of anybody yet there is nothing to compare with
        let first = site.on_day(date(2022, 1, 15));
        let home = card(&first.sign_in(MEMBER).await.get("/").await.text, "本月要基层做的");
        assert!(home.contains("还没有可比的月份"), "{home}");
    }
}

#[tokio::test]
async fn a_letter_and_a_handover_have_the_way_to_say_that_they_are_a_burden_and_who_may_answer_has_the_box() {
    for site in sites().await {
        let (clerk, secretary, other) =
            (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await, site.sign_in(OTHER).await);
        let ask = format!("/people/{MEMBER}/transfers");
        let letter = secretary.send(&format!("/people/{MEMBER}"), &ask, &[("to", "中共第二支部")]).await.to;
        let id = letter.rsplit('/').next().unwrap();
        let link = format!("/units/4/burdens?sort=matter&amp;about={id}");
        let theirs = letter.replace("/units/3/", "/units/4/");
        assert!(other.get(&theirs).await.text.contains(&link), "{theirs} leads to {link}");
        assert!(!secretary.get(&letter).await.text.contains("sort=matter"), "whoever sent it is not asked");
        let said = [("sort", "matter"), ("about", id), ("words", "材料太多")];
        let page = link.replace("&amp;", "&");
        assert_eq!(other.send(&page, "/units/4/burdens", &said).await.status, 303);

        let hands = [("post", "branch_secretary"), ("giver", "102"), ("taker", "张晓明")];
        let new = "/units/3/handovers/new?post=branch_secretary&giver=102";
        let handover = clerk.send(new, "/units/3/handovers", &hands).await.to;
        let id = handover.rsplit('/').next().unwrap();
        let link = format!("/units/3/burdens?sort=matter&amp;about={id}");
        let mine = secretary.get(&format!("/handovers/{id}")).await.text;
        assert!(mine.contains(&link), "{mine}");
        let said = [("sort", "matter"), ("about", id), ("words", "清单太长")];
        assert_eq!(secretary.send(&link.replace("&amp;", "&"), "/units/3/burdens", &said).await.status, 303);
        let seen = secretary.get("/units/3/burdens").await.text;
        assert!(seen.contains("<b>工作交接：支部书记</b> · 机关党委 → 第一支部"), "no name of a person: {seen}");
        let english = secretary.get_english("/units/3/burdens").await.text;
        assert!(english.contains("<b>Handover: Branch secretary</b>"), "{english}");

        // the box stands where the answer would be taken: at the unit that asked, or above it
        let answer = |text: &str, words: &str| {
            text.split("<section").find(|one| one.contains(words)).is_some_and(|one| one.contains("<textarea"))
        };
        let root = clerk.get("/units/1/burdens").await.text;
        assert!(answer(&root, "清单太长") && answer(&root, "材料太多"), "{root}");
        let branch = clerk.get("/units/4/burdens").await.text;
        assert!(branch.contains("材料太多") && !answer(&branch, "材料太多"), "{branch}");
        let sender = clerk.get("/units/3/burdens").await.text;
        assert!(answer(&sender, "材料太多") && !answer(&sender, "清单太长"), "{sender}");
    }
}
