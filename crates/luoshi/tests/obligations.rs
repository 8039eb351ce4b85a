//! What is owed, seen from above and on other days: after a subtree has moved, as known on a past day, and followed up
//! in bulk, over HTTP in memory, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // shared with the other stories
mod place;

use jiff::civil::{Date, date};
use luoshi_rules::{Kind, Pack, Verb};
use luoshi_store::obligation::{self, Edition};
use luoshi_store::record::{self, Entry};
use luoshi_store::unit::{self, Decision, Founding};
use luoshi_store::{Fault, Tx, holding};
use place::*;
use serde_json::json;

/// The committee to which a subtree moves, the unit that moves, and how many branches it has.
const NEW: i64 = 6;
const MOVES: i64 = 7;
const BRANCHES: i64 = 499;
/// One of the branches that move.
const ONE: i64 = 1_017;

fn founding(id: i64, name: &str, level: &str) -> Founding {
    Founding {
        id,
        level: level.into(),
        class: "organ".into(),
        code: String::new(),
        parts: Vec::new(),
        order_no: id.min(9_999),
        short_name: name.into(),
        full_name: format!("中共{name}"),
        search: String::new(),
        on: date(2020, 1, 1),
    }
}

/// Two committees, each with a secretary; five hundred units below the first; the list in force a year longer.
fn two_committees(tx: &Tx, base: &Pack) -> Result<(), Fault> {
    let found = |above: i64, id, name: &str, level: &str| {
        unit::found(tx, &leave(base, &unit::find(tx, above)?, Verb::Rule, TODAY), &founding(id, name, level))
    };
    found(ROOT, NEW, "新设党委", "organ_committee")?;
    found(COMMITTEE, MOVES, "调整总支", "general_branch")?;
    for id in 1_000..1_000 + BRANCHES {
        found(MOVES, id, &format!("调整支部{id}"), "branch")?;
    }
    for (unit, person) in [(COMMITTEE, OTHER), (NEW, MEMBER)] {
        let permit = leave(base, &unit::find(tx, unit)?, Verb::Roll, TODAY);
        holding::appoint(tx, &permit, base.post("organ_committee_secretary").unwrap(), person, date(2021, 1, 1), "")?;
    }
    let text = include_str!("../../../packs/duties.toml").to_owned();
    let edition = Edition { pack: "duties".into(), from: date(2022, 1, 1), text, version: "2022".into() };
    obligation::put_in_force(tx, &leave(base, &unit::find(tx, ROOT)?, Verb::Rule, TODAY), &edition)?;
    held(tx, base, ONE, date(2022, 2, 1))
}

/// A general meeting of a branch.
fn held(tx: &Tx, base: &Pack, branch: i64, on: Date) -> Result<(), Fault> {
    let kind: &Kind = base.kind.iter().find(|kind| kind.id == "general-meeting").unwrap();
    let permit = leave(base, &unit::find(tx, branch)?, Verb::Write, TODAY);
    let data = json!({ "topic": "年初大会" });
    let (stood, files, makes_up) = (Vec::new(), Vec::new(), String::new());
    record::add(tx, &permit, &Entry { kind, on, data, makes_up, due: Some(Vec::new()), stood, files }).map(drop)
}

fn move_all(tx: &Tx, base: &Pack, to: i64, on: Date) -> Result<(), Fault> {
    let permit = leave(base, &unit::find(tx, MOVES)?, Verb::Rule, TODAY);
    let decision = Decision { permit: &permit, pack: base, on, note: "批复" };
    unit::move_to(tx, &decision, &leave(base, &unit::find(tx, to)?, Verb::Rule, TODAY))
}

/// Periods of a clause that a ledger lists for the branches that moved, each with its count.
async fn periods(visitor: &Visitor<'_>, path: &str, clause: &str) -> Vec<(String, usize)> {
    let page = visitor.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&page.text).unwrap();
    let mut counts = std::collections::BTreeMap::new();
    for row in
        rows.iter().filter(|row| row["unit"].as_str().unwrap().starts_with("调整支部") && row["clause"] == clause)
    {
        *counts.entry(row["period"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

#[tokio::test]
async fn what_five_hundred_units_owed_before_they_moved_stays_with_the_old_committee_and_rights_follow_the_new_place() {
    for site in sites().await {
        site.write(two_committees).await;
        site.write(|tx, base| move_all(tx, base, NEW, date(2023, 5, 2))).await;
        let (old, new) = (site.sign_in(OTHER).await, site.sign_in(MEMBER).await);
        let clerk = site.sign_in(CLERK).await;
        let n = BRANCHES as usize;
        let quarters = |year: i16, of: std::ops::RangeInclusive<i16>| -> Vec<(String, usize)> {
            of.map(|q| (format!("{year}Q{q}"), n)).collect()
        };

        // a past year
        assert_eq!(periods(&old, "/units/2/2022/matrix?as=json", "L3-01").await, quarters(2022, 1..=4));
        assert_eq!(periods(&new, "/units/6/2022/matrix?as=json", "L3-01").await, []);
        assert_eq!(periods(&clerk, "/units/1/2022/matrix?as=json", "L3-01").await, quarters(2022, 1..=4));
        // this year: what ended before the move, and what did not
        assert_eq!(periods(&old, "/units/2/2023/clauses/L3-01?as=json", "L3-01").await, quarters(2023, 1..=1));
        assert_eq!(periods(&new, "/units/6/2023/clauses/L3-01?as=json", "L3-01").await, quarters(2023, 2..=4));
        // as known on the day before it
        let day = "known=2023-05-01&as=json";
        let known = periods(&old, &format!("/units/2/2023/matrix?{day}"), "L3-01").await;
        assert_eq!(known, quarters(2023, 1..=4));
        assert_eq!(periods(&new, &format!("/units/6/2023/matrix?{day}"), "L3-01").await, []);
        // the unit that moved keeps its own
        assert_eq!(periods(&new, &format!("/units/{ONE}/2022/matrix?as=json"), "L3-01").await.len(), 4);

        // its line is there with its status, and does not open
        let page = old.get("/units/2/2022/clauses/L3-01?as=json").await.text;
        let rows: Vec<serde_json::Value> = serde_json::from_str(&page).unwrap();
        let met = rows.iter().find(|row| row["unit"] == "调整支部1017" && row["period"] == "2022Q1").unwrap();
        assert_eq!((met["status"].as_str(), met["evidence"].as_str()), (Some("已落实"), None), "{met}");
        let matrix = old.get("/units/2/2022/matrix").await.text;
        assert!(matrix.contains("调整支部1017") && matrix.contains("此组织后来已调整隶属"));
        assert!(!matrix.contains(&format!("/units/{ONE}/")) && !matrix.contains(&format!("/units/{ONE}\"")));
        for path in [format!("/units/{ONE}/2022/duties/L3-01"), format!("/units/{ONE}")] {
            assert_eq!(old.get(&path).await.status, 404, "{path}");
            assert_eq!(new.get(&path).await.status, 200, "{path}");
        }
        // what is still to be done is with the new one
        assert!(!old.get("/units/2/2023/duties?below=1").await.text.contains("调整支部"));
        assert!(new.get("/units/6/2023/duties?below=1").await.text.contains("调整支部"));
    }
}

#[tokio::test]
async fn a_committee_that_moved_itself_keeps_the_past_of_what_it_took_along_and_of_what_had_left_it() {
    for site in sites().await {
        site.write(two_committees).await;
        site.write(|tx, base| move_all(tx, base, NEW, date(2023, 4, 20))).await;
        // the old committee moves below the new one, after its branches did
        site.write(|tx, base| {
            let permit = leave(base, &unit::find(tx, COMMITTEE)?, Verb::Rule, TODAY);
            let decision = Decision { permit: &permit, pack: base, on: date(2023, 5, 3), note: "批复" };
            unit::move_to(tx, &decision, &leave(base, &unit::find(tx, NEW)?, Verb::Rule, TODAY))
        })
        .await;
        let old = site.sign_in(OTHER).await;
        let n = BRANCHES as usize;
        assert_eq!(periods(&old, "/units/2/2023/matrix?as=json", "L3-01").await, [("2023Q1".to_owned(), n)]);
        let own = old.get("/units/2/2023/clauses/L3-01?as=json").await.text;
        let rows: Vec<serde_json::Value> = serde_json::from_str(&own).unwrap();
        assert_eq!(rows.iter().filter(|row| row["unit"] == "第一支部").count(), 4, "{own}");
    }
}

#[tokio::test]
async fn as_known_on_is_kept_by_every_link_asked_for_on_every_page_of_duties_and_refused_when_it_is_no_day() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let pages = [
            "/units/1/2023/matrix",
            "/units/3/2023/duties",
            "/units/3/2023/duties/L3-01",
            "/units/1/2023/clauses/L3-01",
        ];
        for page in pages {
            let text = clerk.get(&format!("{page}?known=2023-04-20")).await.text;
            assert!(text.contains("name=\"known\"") && text.contains("value=\"2023-04-20\""), "{page}: no box");
            assert!(text.contains("以下为截至 2023-04-20 所知的情况"), "{page}");
            for (bad, why) in [("yesterday", "读不成日期"), ("2023-02-30", "读不成日期"), ("2024-01-01", "还没有到")]
            {
                let answer = clerk.get(&format!("{page}?known={bad}")).await;
                assert!(answer.status == 422 && answer.text.contains(why), "{page} {bad}: {}", answer.text);
            }
            assert_eq!(clerk.get(&format!("{page}?known=")).await.status, 200, "an empty box asks for today");
        }
        let matrix = clerk.get("/units/1/2023/matrix?known=2023-04-20").await.text;
        assert!(matrix.contains("href=\"/units/3/2023/duties/L3-01?known=2023-04-20\""));
        assert!(matrix.contains("href=\"/units/1/2023/clauses/L3-01?known=2023-04-20\""));
        let to_do = clerk.get("/units/3/2023/duties?known=2023-04-20").await.text;
        assert!(to_do.contains("/units/3/2023/duties?below=1&amp;known=2023-04-20"), "{to_do}");
        let duty = clerk.get("/units/3/2023/duties/L3-01?known=2023-04-20").await.text;
        assert!(!duty.contains("发提醒") && !duty.contains("/records/new"), "nothing is done on a day that is past");
        // a record written later is not known
        let secretary = site.sign_in(SECRETARY).await;
        let fields = [("kind", "general-meeting"), ("on", "2023-03-12"), ("topic", "大会")];
        let form = "/units/3/records/new?kind=general-meeting";
        assert_eq!(secretary.send(form, "/units/3/records", &fields).await.status, 303);
        assert!(clerk.get("/units/3/2023/duties/L3-01").await.text.contains("由此纪实落实"));
        assert!(!clerk.get("/units/3/2023/duties/L3-01?known=2023-04-20").await.text.contains("由此纪实落实"));
    }
}

#[tokio::test]
async fn a_field_for_people_and_one_for_a_unit_take_names_tell_what_they_do_not_know_and_show_names_again() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let form = "/units/3/records/new?kind=visit";
        let page = secretary.get(form).await.text;
        assert!(
            page.contains("<textarea id=\"called_on\" name=\"called_on\"") && page.contains("name=\"visited\""),
            "{page}"
        );
        let filled = |people: &'static str, unit: &'static str| {
            [
                ("kind", "visit"),
                ("on", "2023-05-10"),
                ("purpose", "consolation"),
                ("topic", "慰问"),
                ("called_on", people),
                ("visited", unit),
            ]
        };
        let wrong = filled("张晓明\n李健国\n王秀兰、同志105\t没有这人", "第三支部");
        let refused = secretary.send(form, "/units/3/records", &wrong).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains("已认出 3 个，未认出 2 个"), "{}", refused.text);
        assert!(
            refused.text.contains("李健国（是否为 李建国") && refused.text.contains("没有这人"),
            "{}",
            refused.text
        );
        assert!(refused.text.contains("第三支部（是否为"), "{}", refused.text);
        assert!(refused.text.contains("张晓明\n李健国\n王秀兰、同志105\t没有这人</textarea>"), "nothing typed is lost");

        let right = filled("zxm\n王秀兰（第二支部）\n李建国", "第二支部");
        let done = secretary.send(form, "/units/3/records", &right).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = secretary.get(&done.to).await.text;
        assert!(page.contains("张晓明、王秀兰、李建国") && page.contains("<dd class=\"long\">第二支部</dd>"), "{page}");
        let correct = secretary.get(&format!("{}/correct", done.to)).await.text;
        assert!(correct.contains("张晓明（第一支部）\n王秀兰（第二支部）\n李建国（第一支部）</textarea>"), "{correct}");
        assert!(correct.contains("value=\"中共第二支部\""));
        let list = secretary.get("/units/3/2023/records?as=csv").await.text;
        assert!(list.contains("走访慰问的人员：张晓明、王秀兰、李建国"), "{list}");

        // a leader above who may not see people is told how many
        let above = site.sign_in(CLERK).await.get("/units/1/2023/records?below=1&as=csv").await.text;
        assert!(above.contains("张晓明、王秀兰、李建国"), "the clerk keeps the roll: {above}");
        let elsewhere = filled("外人甲", "外单位党组");
        let refused = clerk.send(form, "/units/3/records", &elsewhere).await;
        assert!(refused.status == 422 && refused.text.contains("外人甲"), "{}", refused.text);
        let forged = site.write(|tx, base| {
            let kind = base.kind.iter().find(|kind| kind.id == "visit").unwrap();
            let permit = leave(base, &unit::find(tx, FIRST)?, Verb::Write, TODAY);
            let data = json!({ "topic": "x", "called_on": [STRANGER] });
            let (stood, files, makes_up) = (Vec::new(), Vec::new(), String::new());
            let entry = Entry { kind, on: date(2023, 5, 1), data, makes_up, due: None, stood, files };
            Ok(record::add(tx, &permit, &entry).is_err())
        });
        assert!(forged.await, "the store checks that they are of the organisation");
    }
}

#[tokio::test]
async fn hundreds_are_reminded_and_taken_up_the_ladder_at_once_and_what_is_skipped_is_told() {
    for site in sites().await {
        site.write(two_committees).await;
        let clerk = site.sign_in(CLERK).await;
        let page = "/units/1/2023/clauses/L3-01";
        let text = clerk.get(page).await.text;
        let (before, _) = text.split_once(" 项发提醒").expect("a button for all that match");
        let n: usize = after_tags(before).parse().unwrap();
        assert!(n > 500, "{n}");
        let wrong = [("year", "2023"), ("clause", "L3-01"), ("all", "3")];
        for year in ["32767", "-9999", "1948", "x"] {
            let odd = [("year", year), ("pick", "1017/no-such-clause/2023Q1")];
            let answer = clerk.send(page, "/units/1/follow-ups", &odd).await;
            assert!(answer.status < 500, "{year}: {} {}", answer.status, answer.text);
        }
        let refused = clerk.send(page, "/units/1/follow-ups", &wrong).await;
        assert!(
            refused.status == 422 && refused.text.contains(&format!("现在符合条件的是 {n} 项")),
            "{}",
            refused.text
        );
        let count = n.to_string();
        let all = [("year", "2023"), ("clause", "L3-01"), ("all", count.as_str())];
        let done = clerk.send(page, "/units/1/follow-ups", &all).await;
        assert_eq!(done.to, format!("/units/1/follow-ups?opened={n}&there=0&met=0"), "{}", done.text);
        let again = clerk.send(page, "/units/1/follow-ups", &all).await;
        let told = clerk.get(&again.to).await.text;
        assert!(told.contains(&format!("跳过 <b>{n}</b> 项：已在督办中")), "{}", again.to);

        // one is closed by hand, and may be reminded of again
        let board = clerk.get("/units/1/follow-ups?unit=1017").await.text;
        let at = board.find("/units/1017/matters/").unwrap();
        let path: String = board[at..].chars().take_while(|c| *c != '"').collect();
        let closing = [("to", "closed"), ("closed-note", "误发")];
        let steps = path.replace("/units/1017/", "/units/1/") + "/steps";
        assert_eq!(clerk.send(&path, &steps, &closing).await.status, 303);
        let one = [("year", "2023"), ("pick", "1017/L3-01/2023Q1"), ("pick", "1017/L3-01/2023Q2")];
        let done = clerk.send(page, "/units/1/follow-ups", &one).await;
        assert_eq!(done.to, "/units/1/follow-ups?opened=1&there=1&met=0");

        // the ladder: a slip for all that match, a circular needs its note, and a slip twice is skipped
        let open = clerk.get("/units/1/follow-ups?rung=reminder").await.text;
        assert!(open.contains(&format!("办理符合筛选的全部 {n} 项")), "the count is told before");
        let from = "/units/1/follow-ups?rung=reminder";
        let slip = [("to", "slip"), ("state", "open"), ("rung", "reminder"), ("for", count.as_str())];
        let done = clerk.send(from, "/units/1/follow-ups/steps", &slip).await;
        assert_eq!(done.to, format!("/units/1/follow-ups?done={n}&step=0&right=0&closed=0"), "{}", done.text);
        let board = clerk.get("/units/1/follow-ups?unit=1018").await.text;
        let at = board.split_once("name=\"pick\" value=\"").unwrap().1;
        let id: String = at.chars().take_while(|c| *c != '"').collect();
        let unsaid = [("to", "circular"), ("for", "ticked"), ("pick", id.as_str())];
        let refused = clerk.send(from, "/units/1/follow-ups/steps", &unsaid).await;
        assert_eq!(refused.status, 422, "{}", refused.to);
        assert!(refused.text.contains(&format!("value=\"{id}\" checked")), "what was ticked is still ticked");
        let said = [("to", "circular"), ("for", "ticked"), ("pick", id.as_str()), ("note", "通报全厅")];
        let done = clerk.send(from, "/units/1/follow-ups/steps", &said).await;
        assert!(done.to.contains("done=1&step=0"), "{}", done.to);
        let twice = clerk.send(from, "/units/1/follow-ups/steps", &said).await;
        let told = clerk.get(&twice.to).await.text;
        assert!(told.contains("已办理 <b>0</b> 项；跳过 <b>1</b> 项：流程还不到这一步"), "{}", twice.to);
        assert!(clerk.get("/units/1/follow-ups").await.text.contains("各组织在办时长和反复督办"));
        let units = clerk.get("/units/1/follow-ups?units=1&as=csv").await.text;
        assert!(units.contains("调整支部1017,2,2,0,0,0,L3-01 3次"), "{units}");

        // in English, without a Chinese word of ours
        let english = clerk.get_english("/units/1/follow-ups").await.text;
        let (_, link) = english.split_once("/matters/").unwrap();
        let (_, words) = link.split_once('>').unwrap();
        let (words, _) = words.split_once("</a>").unwrap();
        assert!(words.starts_with("L3-01 ") && words.is_ascii(), "{words}");

        // who may not act there takes no step
        let member = site.sign_in(SECRETARY).await;
        let csrf = member.get("/").await.hidden("csrf");
        let form = [("csrf", csrf.as_str()), ("operation", "1"), ("to", "slip"), ("for", "1")];
        assert_eq!(member.post("/units/1/follow-ups/steps", &form).await.status, 404);
    }
}

/// The last text of some HTML, without what follows its last tag's end.
fn after_tags(html: &str) -> &str {
    html.rsplit(|c: char| !c.is_ascii_digit()).find(|text| !text.is_empty()).unwrap_or_default()
}
