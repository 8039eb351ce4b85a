//! Proposals: raised by a member, answered within ten working days, and signed as the member chose.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use jiff::civil::date;
use luoshi_rules::Verb;
use luoshi_store::{holding, unit};
use place::program::{Program, act};
use place::{CLERK, MEMBER, OTHER, ROOT, SECRETARY, STRANGER, Site, TODAY, Visitor, leave, sites};
use serde_json::{Value as Json, json};

const HERE: &str = "/me/proposals";
const NAME: &str = "张晓明";

fn form<'a>(unit: &'a str, title: &'a str, signed: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("raised-unit", unit),
        ("raised-title", title),
        ("raised-about", "burden"),
        ("raised-text", "同一张表每月要填两次，建议合并。"),
        ("raised-signed", signed),
        ("plain", "1"),
    ]
}

/// The address of a proposal as the clerk at the top finds it.
async fn found(clerk: &Visitor<'_>, title: &str) -> String {
    let list = clerk.get("/units/1/matters?flow=proposal").await.text;
    let before = list.split(title).next().unwrap();
    let link = before.rsplit("href=\"").next().unwrap();
    link.split('"').next().unwrap().to_owned()
}

async fn auditor(site: &Site) {
    site.write(|tx, base| {
        let permit = leave(base, &unit::find(tx, ROOT)?, Verb::Roll, TODAY);
        holding::appoint(tx, &permit, base.post("auditor").unwrap(), OTHER, date(2023, 1, 1), "")
    })
    .await;
}

#[tokio::test]
async fn who_raised_it_is_shown_as_they_chose_and_nowhere_else() {
    for site in sites().await {
        auditor(&site).await;
        let (member, clerk) = (site.sign_in(MEMBER).await, site.sign_in(CLERK).await);
        let secretary = site.sign_in(SECRETARY).await;
        for (unit, title, signed) in [("2", "合并报表", "nobody"), ("3", "换会议室", "unit"), ("3", "公开提议", "all")]
        {
            let done = member.send(HERE, HERE, &form(unit, title, signed)).await;
            assert_eq!(done.status, 303, "{}", done.text);
        }
        // shown to nobody: neither the name nor the branch it came from
        let at = found(&clerk, "合并报表").await;
        let page = clerk.get(&at).await.text;
        assert!(page.contains("同一张表每月要填两次") && page.contains("不署名"), "{page}");
        assert!(!page.contains(NAME) && !page.contains("第一支部"), "{page}");
        assert_eq!(secretary.get(&at).await.status, 404, "it stays with the unit it is addressed to");
        // shown to the unit that answers: its secretary, not the clerk above
        let at = found(&clerk, "换会议室").await;
        assert!(!clerk.get(&at).await.text.contains(NAME));
        let course = clerk.get(&format!("/api/v1{at}")).await;
        assert!(course.status == 200 && !course.text.contains(NAME), "nor by whom a step was taken: {}", course.text);
        let own = secretary.get(&at).await.text;
        assert!(own.contains("提出人：张晓明"), "{own}");
        // shown to all who see it
        let at = found(&clerk, "公开提议").await;
        assert!(clerk.get(&at).await.text.contains("提出人：张晓明"));

        let told = clerk.get("/api/v1/units/1/matters?flow=proposal").await.text;
        assert!(
            told.contains("合并报表") && !told.contains("proposer") && !told.contains(&format!("\"{MEMBER}\"")),
            "{told}"
        );
        let trail = site.sign_in(OTHER).await;
        let all = trail.get("/units/1/audit?act=proposal").await.text;
        assert!(all.contains("提出意见建议") && all.contains("（按承诺不显示）") && !all.contains(NAME), "{all}");
        let name: String = form_urlencoded::byte_serialize(NAME.as_bytes()).collect();
        let sought = trail.get(&format!("/units/1/audit?person={name}")).await.text;
        assert!(!sought.contains("提出意见建议"), "nor does a search by name give it away");
        // but it is among what is kept about them
        assert!(member.get(HERE).await.text.contains("合并报表"));
    }
}

#[tokio::test]
async fn the_unit_answers_in_its_window_and_the_member_says_whether_that_will_do() {
    for site in sites().await {
        let (member, clerk) = (site.sign_in(MEMBER).await, site.sign_in(CLERK).await);
        assert_eq!(member.send(HERE, HERE, &form("2", "合并报表", "nobody")).await.status, 303);
        let waiting = member.get(HERE).await.text;
        assert!(waiting.contains("待答复") && waiting.contains("答复期限 2023-05-29"), "ten working days: {waiting}");
        let at = found(&clerk, "合并报表").await;
        let steps = format!("{at}/steps");
        let silent = clerk.send(&at, &steps, &[("to", "answered"), ("answered-outcome", "adopted")]).await;
        assert!(silent.status == 422 && silent.text.contains("请写明情况"), "{}", silent.text);
        let words = [("to", "answered"), ("answered-outcome", "adopted"), ("answered-note", "六月起合并为一张。")];
        assert_eq!(clerk.send(&at, &steps, &words).await.status, 303);
        let answered = member.get(HERE).await.text;
        assert!(answered.contains("六月起合并为一张。") && answered.contains("不满意，请再答复"), "{answered}");

        let id = at.rsplit('/').next().unwrap().to_owned();
        let reply = format!("{HERE}/{id}/steps");
        let bare = member.send(HERE, &reply, &[("to", "again")]).await;
        assert!(bare.status == 422 && bare.text.contains("请写明情况"), "{}", bare.text);
        let stranger = site.sign_in(OTHER).await;
        let again = [("to", "again"), ("again-note", "六月太晚，五月可以吗？")];
        assert_eq!(stranger.send(HERE, &reply, &again).await.status, 404, "only who raised it replies");
        assert_eq!(member.send(HERE, &reply, &again).await.status, 303);
        assert!(clerk.get(&at).await.text.contains("六月太晚"));
        assert_eq!(clerk.send(&at, &steps, &words).await.status, 303);
        assert_eq!(member.send(HERE, &reply, &[("to", "settled")]).await.status, 303);
        assert!(member.get(HERE).await.text.contains("提出人满意"));
        let late = member.send(HERE, &reply, &again).await;
        assert!(late.status == 422 && late.text.contains("不能这样办理"), "{}", late.text);
    }
}

#[tokio::test]
async fn what_is_incomplete_not_about_work_or_addressed_elsewhere_is_not_kept() {
    for site in sites().await {
        let member = site.sign_in(MEMBER).await;
        let mut person = form("3", "反映问题", "nobody");
        person.pop();
        let refused = member.send(HERE, HERE, &person).await;
        assert!(refused.status == 422 && refused.text.contains("信访举报渠道"), "{}", refused.text);
        assert!(refused.text.contains("同一张表每月要填两次"), "what was typed stays");
        let empty = member.send(HERE, HERE, &form("3", " ", "nobody")).await;
        assert!(empty.status == 422 && empty.text.contains("请用一句话说清"), "{}", empty.text);
        let unsigned = member.send(HERE, HERE, &form("3", "题", "")).await;
        assert_eq!(unsigned.status, 422, "nobody decides for them how it is signed");
        for elsewhere in ["4", "9", "x"] {
            assert!(matches!(member.send(HERE, HERE, &form(elsewhere, "题", "all")).await.status, 403 | 404 | 422));
        }
        assert!(member.get(HERE).await.text.contains("还没有提过"));
        // nobody answers what they raised themselves
        let secretary = site.sign_in(SECRETARY).await;
        assert_eq!(secretary.send(HERE, HERE, &form("3", "自问", "all")).await.status, 303);
        let at = found(&site.sign_in(CLERK).await, "自问").await;
        assert!(!secretary.get(&at).await.text.contains("value=\"answered\""));
        let own = [("to", "answered"), ("answered-outcome", "adopted"), ("answered-note", "好")];
        let refused = secretary.send(&at, &format!("{at}/steps"), &own).await;
        assert!(refused.status == 422 && refused.text.contains("须由另一人办理"), "{}", refused.text);
        // and nobody floods
        for n in 0..9 {
            assert_eq!(secretary.send(HERE, HERE, &form("3", &format!("题{n}"), "all")).await.status, 303);
        }
        let eleventh = secretary.send(HERE, HERE, &form("3", "第十一条", "all")).await;
        assert!(eleventh.status == 422 && eleventh.text.contains("今天已提了10条"), "{}", eleventh.text);
        let outside = site.sign_in(STRANGER).await;
        assert_eq!(outside.get(&at).await.status, 404);
    }
}

fn said(unit: &str, title: &str, signed: &str) -> Json {
    json!({ "unit": unit, "title": title, "about": "burden", "text": "同一张表每月要填两次，建议合并。",
        "signed": signed, "plain": true })
}

#[tokio::test]
async fn a_program_made_for_it_raises_reads_and_settles_as_the_page_does() {
    for site in sites().await {
        let (program, clerk) = (Program::for_proposals(&site, MEMBER).await, site.sign_in(CLERK).await);
        let whom = program.get(HERE).await;
        assert_eq!(whom["items"], json!([]));
        let first = &whom["addressees"][0];
        assert_eq!((&first["id"], &first["name"]), (&json!("3"), &json!("第一支部")), "the nearest first");
        let body = said("2", "合并报表", "nobody");
        let (status, made) = act(&site, &program.writing, "k", HERE, &body).await;
        assert_eq!((status, made["address"].as_str()), (200, Some(&*format!("{HERE}#proposal-{}", id(&made)))));
        assert_eq!(act(&site, &program.writing, "k", HERE, &body).await, (200, made.clone()), "once for its key");
        assert_eq!(act(&site, &program.writing, "k", HERE, &said("2", "别的", "all")).await.0, 422);
        let all = program.get(HERE).await;
        let [one] = all["items"].as_array().unwrap().as_slice() else { panic!("{all}") };
        assert_eq!((&one["id"], &one["state"], &one["limit"]), (&made["id"], &json!("raised"), &json!("2023-05-29")));
        assert_eq!((&one["data"]["signed"], &one["replies"]), (&json!("nobody"), &json!([])));
        assert!(one["data"]["proposer"].is_null() && one["events"][0]["by"].is_null(), "{one}");

        let reply = format!("{HERE}/{}/steps", id(&made));
        let (status, early) = program.ask(&reply, &json!({ "to": "settled" })).await;
        assert!(status == 422 && early["detail"].as_str().unwrap().contains("不能这样办理"), "{early}");
        let answer = json!({ "to": "answered", "outcome": "adopted", "note": "六月起合并为一张。" });
        let office = Program::of(&site, CLERK).await;
        office.done(&format!("/units/2/matters/{}/steps", id(&made)), answer.clone()).await;
        let one = &program.get(HERE).await["items"][0];
        assert_eq!(one["replies"], json!(["settled", "again"]));
        assert_eq!((&one["events"][1]["note"], &one["state_name"]), (&json!("六月起合并为一张。"), &json!("已答复")));
        program.refused(&reply, json!({ "to": "again" }), "note").await;
        assert_eq!(program.done(&reply, json!({ "to": "again", "note": "五月可以吗？" })).await, id(&made));
        let other = Program::for_proposals(&site, OTHER).await;
        assert_eq!(other.ask(&reply, &json!({ "to": "settled" })).await.0, 404, "only who raised it replies");
        assert_eq!(other.get(HERE).await["items"], json!([]), "nor reads it as theirs");
        office.done(&format!("/units/2/matters/{}/steps", id(&made)), answer).await;
        program.done(&reply, json!({ "to": "settled" })).await;
        assert_eq!(program.get(HERE).await["items"][0]["closed"], true);
        assert!(clerk.get(&format!("/units/2/matters/{}", id(&made))).await.text.contains("提出人满意"));
    }
}

fn id(made: &Json) -> &str {
    made["id"].as_str().unwrap()
}

#[tokio::test]
async fn what_a_program_sends_incomplete_not_about_work_or_too_often_is_refused_by_its_field_and_not_kept() {
    for site in sites().await {
        let program = Program::for_proposals(&site, MEMBER).await;
        let but = |key: &str, value: Json| {
            let mut body = said("3", "题", "all");
            body[key] = value;
            body
        };
        for (key, value) in [
            ("title", json!(" ")),
            ("title", json!("长".repeat(81))),
            ("unit", json!("x")),
            ("unit", json!("")),
            ("about", json!("nothing")),
            ("text", json!("")),
            ("text", json!("长".repeat(2001))),
            ("signed", json!("")),
            ("signed", json!("me")),
        ] {
            program.refused(HERE, but(key, value), key).await;
        }
        let (status, told) = program.ask(HERE, &but("plain", json!(false))).await;
        let words = (told["detail"].as_str().unwrap(), told["detail_en"].as_str().unwrap());
        assert!(status == 422 && words.0.contains("信访举报渠道") && words.1.contains("misconduct"), "{told}");
        for elsewhere in ["4", "9", "99999999999999999999"] {
            let (status, told) = program.ask(HERE, &but("unit", json!(elsewhere))).await;
            assert!(matches!(status, 404 | 422), "{elsewhere}: {told}");
        }
        let huge = program.ask(HERE, &but("text", json!("长".repeat(400_000)))).await;
        assert!(huge.0 == 422 && huge.1["detail"].as_str().unwrap().contains("过大"), "{}", huge.1);
        assert_eq!(program.get(HERE).await["items"], json!([]), "nothing was kept");
        for n in 0..10 {
            program.done(HERE, said("3", &format!("题{n}"), "all")).await;
        }
        let (status, told) = program.ask(HERE, &said("3", "第十一条", "all")).await;
        assert!(status == 422 && told["detail"].as_str().unwrap().contains("今天已提了10条"), "{told}");
    }
}

#[tokio::test]
async fn what_a_program_raised_bears_the_name_that_was_chosen_and_no_reader_learns_more() {
    for site in sites().await {
        auditor(&site).await;
        let program = Program::for_proposals(&site, MEMBER).await;
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let mut at = Vec::new();
        for (unit, title, signed) in [("2", "合并报表", "nobody"), ("3", "换会议室", "unit"), ("3", "公开提议", "all")]
        {
            at.push(format!("/units/{unit}/matters/{}", program.done(HERE, said(unit, title, signed)).await));
        }
        program.get(HERE).await;
        let person = format!("\"{MEMBER}\"");
        let course = async |who: &Visitor<'_>, at: &str| {
            let told = who.get(&format!("/api/v1{at}")).await;
            assert_eq!(told.status, 200, "{}", told.text);
            assert!(!told.text.contains("proposer") && !told.text.contains(&person), "{}", told.text);
            let by = serde_json::from_str::<Json>(&told.text).unwrap()["raised_by"].clone();
            assert_eq!(by.is_string(), told.text.contains(NAME), "nowhere else: {}", told.text);
            assert_eq!(who.get(at).await.text.contains(NAME), by.is_string(), "as the page");
            by
        };
        assert_eq!(course(&clerk, &at[0]).await, Json::Null, "shown to nobody");
        assert_eq!(course(&clerk, &at[1]).await, Json::Null, "not to those above");
        assert_eq!(course(&secretary, &at[1]).await, NAME, "shown to the unit that answers");
        assert_eq!(course(&clerk, &at[2]).await, NAME, "shown to all");
        for list in ["/api/v1/units/1/matters?flow=proposal", "/units/1/matters?flow=proposal&as=json"] {
            let told = clerk.get(list).await.text;
            assert!(told.contains("合并报表") && !told.contains(NAME) && !told.contains(&person), "{told}");
        }
        let found = clerk.get(&format!("/api/v1/units/1/search?q={}", encoded(NAME))).await;
        assert!(found.status == 200 && !found.text.contains("合并报表"), "{}", found.text);

        // the trail: neither what was raised, nor that a program was made for it, nor what it read
        let trail = site.sign_in(OTHER).await;
        let all = trail.get("/units/1/audit?as=json").await.text;
        let rows: Vec<Json> = serde_json::from_str(&all).unwrap();
        let with = |name: &str| rows.iter().filter(|row| row.to_string().contains(name)).collect::<Vec<_>>();
        assert_eq!(with("按承诺不显示").len(), 3, "{all}");
        for row in with(NAME) {
            let said = row.to_string();
            assert!(!said.contains("意见") && !said.contains("proposal"), "{said}");
            assert!(!at.iter().any(|at| said.contains(at.rsplit('/').next().unwrap())), "{said}");
        }
        let sought = trail.get(&format!("/units/1/audit?person={}", encoded(NAME))).await.text;
        assert!(!sought.contains("提出意见建议"), "nor does a search by name give it away");
    }
}

fn encoded(words: &str) -> String {
    form_urlencoded::byte_serialize(words.as_bytes()).collect()
}

#[tokio::test]
async fn a_program_made_for_something_else_learns_of_no_proposal_of_its_owner() {
    for site in sites().await {
        let (member, other) = (site.sign_in(MEMBER).await, Program::of(&site, MEMBER).await);
        assert_eq!(member.send(HERE, HERE, &form("2", "合并报表", "nobody")).await.status, 303);
        let clerk = Program::of(&site, CLERK).await;
        let at = found(&site.sign_in(CLERK).await, "合并报表").await;
        clerk.done(&format!("{at}/steps"), json!({ "to": "answered", "outcome": "adopted", "note": "好" })).await;
        assert!(member.get("/").await.text.contains("已有答复"));
        for (token, raises) in [(&other.reading, "403"), (&other.writing, "403")] {
            let heads = [("authorization", token.as_str())];
            for path in ["/", "/me", "/me/proposals", "/me/copy", "/api/v1/me/proposals"] {
                let told = site.ask("GET", path, &heads, Vec::new()).await;
                assert!(!told.text.contains("合并报表") && !told.text.contains("PK\u{3}"), "{path}: {}", told.text);
            }
            let (status, told) = act(&site, token, "k", HERE, &said("3", "题", "all")).await;
            assert_eq!(status.to_string(), raises, "{told}");
        }
        let (_, told) = other.read(HERE).await;
        let words = (told["detail"].as_str().unwrap(), told["detail_en"].as_str().unwrap());
        assert!(words.0.contains("另建令牌并勾选") && words.1.contains("tick “proposals”"), "says what to do: {told}");
        // one that reads only reads them, and raises none
        let reads = Program::for_proposals(&site, MEMBER).await;
        assert_eq!(reads.get(HERE).await["items"].as_array().unwrap().len(), 1);
        assert_eq!(act(&site, &reads.reading, "k", HERE, &said("3", "题", "all")).await.0, 403);
        let settings = member.get("/me/settings").await.text;
        assert!(settings.contains("读取和提交 · 意见建议") && settings.contains("只读 · 意见建议"), "{settings}");
    }
}
