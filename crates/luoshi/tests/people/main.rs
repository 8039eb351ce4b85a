//! What people who keep a roll do, and then see, over HTTP in memory, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod letters;
#[allow(dead_code)] // other tests use the rest
#[path = "../place/mod.rs"]
mod place;

use jiff::civil::date;
use luoshi_rules::Verb;
use luoshi_store::person::{self, Entry};
use luoshi_store::{account, new_id, unit};
use place::program::{Program, act, column};
use place::{CLERK, FIRST, MEMBER, OTHER, ROOT, SECOND, SECRETARY, Site, TODAY, leave, sites};
use serde_json::{Value as Json, json};

const IDENTITY: &str = "11010519491231002X";

/// Asks for a page as somebody; the status and the page.
async fn get(site: &Site, who: i64, address: &str) -> (u16, String) {
    let answer = site.sign_in(who).await.get(address).await;
    (answer.status, answer.text)
}

/// Sends a form as somebody; the status, where it leads, the page.
async fn send(site: &Site, who: i64, address: &str, fields: &[(&str, &str)]) -> (u16, String, String) {
    let visitor = site.sign_in(who).await;
    let token = visitor.cookie.split_once('.').unwrap().1;
    let mark = luoshi_store::secret::digest(format!("form:{token}").as_bytes());
    let operation = new_id().to_string();
    let mut all = vec![("csrf", &mark[..32]), ("operation", operation.as_str())];
    all.extend(fields);
    let answer = visitor.post(address, &all).await;
    (answer.status, answer.to, answer.text)
}

/// Enters somebody on the roll of the first branch.
async fn enter(site: &Site, name: String) -> i64 {
    let work = move |tx: &luoshi_store::Tx, base: &luoshi_rules::Pack| {
        let search = luoshi_text::pinyin::key(&name);
        let entry = Entry { name: name.clone(), search, since: Some(date(2022, 1, 1)), ..Entry::default() };
        let id = person::add(tx, &leave(base, &unit::find(tx, FIRST)?, Verb::Roll, TODAY), &entry)?;
        account::add(tx, ROOT, id, &format!("u{id}"), "")?;
        Ok(id)
    };
    site.write(work).await
}

#[tokio::test]
async fn a_person_is_added_found_by_initials_and_taken_away_as_a_table() {
    for site in sites().await {
        let roll = format!("/units/{}/people", FIRST);
        let wrong =
            [("name", "张 伟"), ("standing", "full"), ("identity", "110105194912310021"), ("born", "1949-12-31")];
        let (status, _, page) = send(&site, SECRETARY, &roll, &wrong).await;
        assert_eq!(status, 422);
        assert!(page.contains("校验码不符") && page.contains("value=\"110105194912310021\"") && page.contains("张 伟"));
        let right = [("name", "张 伟"), ("standing", "full"), ("identity", IDENTITY), ("born", "1949-12-31")];
        let (status, to, _) = send(&site, SECRETARY, &roll, &right).await;
        assert_eq!(status, 303);
        let (_, page) = get(&site, SECRETARY, &to).await;
        assert!(page.contains("张伟") && page.contains("110*************2X") && !page.contains(IDENTITY));
        for (typed, found) in [("zw", true), ("zhangw", true), ("%E5%BC%A0", true), ("li", false)] {
            let (_, page) = get(&site, CLERK, &format!("/units/{}/people?q={typed}", ROOT)).await;
            assert_eq!(page.contains("张伟"), found, "{typed}");
        }
        let (_, csv) = get(&site, CLERK, &format!("{roll}?as=csv")).await;
        assert!(csv.contains("张伟") && csv.contains("第一支部") && !csv.contains("1949123"), "{csv}");
        let (status, _, page) = send(&site, SECRETARY, &roll, &right).await;
        assert!(status == 422 && page.contains("已有同一身份证号"));
    }
}

#[tokio::test]
async fn whose_initials_were_typed_stands_before_those_whose_contain_them() {
    for site in sites().await {
        for n in 0..12 {
            enter(&site, format!("安和秋{n:02}")).await;
        }
        enter(&site, "胡强".to_owned()).await;
        for typed in ["hq", "huqiang", "%E8%83%A1%E5%BC%BA"] {
            let (_, page) = get(&site, CLERK, &format!("/units/{ROOT}/search?q={typed}")).await;
            let first = page.split("href=\"/people/").nth(1).unwrap();
            assert!(first.starts_with(|c: char| c.is_ascii_digit()) && first.contains(">胡强</a>"), "{typed}: {page}");
            assert!(typed != "hq" || page.contains("<small>10+</small>"), "the others fit, too: {page}");
        }
    }
}

#[tokio::test]
async fn a_long_roll_is_read_fifty_at_a_time() {
    for site in sites().await {
        for n in 0..60 {
            enter(&site, format!("张{n:02}")).await;
        }
        let roll = format!("/units/{}/people", FIRST);
        let (_, first) = get(&site, CLERK, &roll).await;
        assert_eq!(first.matches("href=\"/people/").count(), 50);
        let next = first.split("href=\"").find(|part| part.contains("after=")).unwrap();
        let next = next.split('"').next().unwrap().replace("&amp;", "&");
        let (_, second) = get(&site, CLERK, &format!("{roll}{next}")).await;
        assert_eq!(second.matches("href=\"/people/").count(), 21);
        assert!(!second.contains("下50人"));
    }
}

#[tokio::test]
async fn rows_of_people_are_for_those_who_may_read_them_and_for_oneself() {
    for site in sites().await {
        let member = MEMBER;
        let (mine, other) = (SECRETARY, OTHER);
        let page = format!("/people/{member}");
        let roll = format!("/units/{}/people", FIRST);
        for (who, address, want) in [
            (mine, &page, 200),
            (CLERK, &page, 200),
            (other, &page, 404),
            (other, &roll, 404),
            (member, &roll, 404),
            (member, &page, 303),
        ] {
            assert_eq!(get(&site, who, address).await.0, want, "{who} {address}");
        }
        let (status, _, _) =
            send(&site, other, &format!("{page}/departures"), &[("leave-why", "deceased"), ("leave-on", "2023-05-01")])
                .await;
        assert_eq!(status, 404);
        let (_, own) = get(&site, member, "/me").await;
        assert!(own.contains("我的数据") && own.contains("张晓明") && own.contains("第一支部"));
        let (status, stranger) = get(&site, member, &format!("/people/{}", CLERK)).await;
        assert!(status == 404 && !stranger.contains("周文静"));
    }
}

#[tokio::test]
async fn a_number_is_seen_in_full_for_a_reason_that_its_owner_can_read() {
    for site in sites().await {
        let member = MEMBER;
        let page = format!("/people/{member}");
        let sent = [("num-identity", IDENTITY), ("num-phone", "138 0013 8000")];
        assert_eq!(send(&site, CLERK, &format!("{page}/numbers"), &sent).await.0, 303);
        let looks = format!("{page}/looks");
        let (status, _, answer) =
            send(&site, CLERK, &looks, &[("look-field", "identity"), ("look-reason", "看")]).await;
        assert!(status == 422 && answer.contains("请写明查看理由") && !answer.contains(IDENTITY));
        let (status, _, answer) =
            send(&site, CLERK, &looks, &[("look-field", "identity"), ("look-reason", "核对入党材料")]).await;
        assert!(status == 200 && answer.contains(IDENTITY));
        assert_eq!(
            send(&site, SECRETARY, &looks, &[("look-field", "identity"), ("look-reason", "核对入党材料")]).await.0,
            404
        );
        let (_, own) = get(&site, member, "/me").await;
        assert!(own.contains("核对入党材料") && own.contains("周文静") && !own.contains(IDENTITY));
    }
}

#[tokio::test]
async fn standings_change_corrections_stay_and_who_leaves_keeps_a_page() {
    for site in sites().await {
        let member = MEMBER;
        let (who, page) = (SECRETARY, format!("/people/{member}"));
        let kept = site.sign_in(member).await;
        let (status, _, answer) =
            send(&site, who, &format!("{page}/standings"), &[("stand-to", "applicant"), ("stand-from", "2023-06-01")])
                .await;
        assert!(status == 422 && answer.contains("日期在今天之后") && answer.contains("value=\"2023-06-01\""));
        send(&site, who, &format!("{page}/standings"), &[("stand-to", "probationary"), ("stand-from", "2023-03-01")])
            .await;
        let fixed = [("fix-name", "周山"), ("fix-sex", "f"), ("fix-born", "1990-02-03"), ("fix-joined", "2023-03-01")];
        assert_eq!(send(&site, who, &format!("{page}/corrections"), &fixed).await.0, 303);
        let (_, now) = get(&site, who, &page).await;
        assert!(now.contains("周山") && now.contains("预备党员") && now.contains("1990-02-03"));
        let (status, _, answer) =
            send(&site, who, &format!("{page}/departures"), &[("leave-why", ""), ("leave-on", "2023-05-01")]).await;
        assert!(status == 422 && answer.contains("请选择离开的原因"));
        assert_eq!(
            send(&site, who, &format!("{page}/departures"), &[("leave-why", "withdrew"), ("leave-on", "2023-05-01")])
                .await
                .0,
            303
        );
        let (_, gone) = get(&site, who, &page).await;
        assert!(gone.contains("已离开名册") && gone.contains("退党"));
        let (_, roll) = get(&site, who, &format!("/units/{}/people?gone=1", FIRST)).await;
        assert!(roll.contains("周山"));
        let answer = kept.get("/me").await;
        assert_eq!(answer.to, "/sign-in", "their session ended with it");
    }
}

#[tokio::test]
async fn posts_do_not_overlap_and_nobody_gives_a_right_they_lack() {
    for site in sites().await {
        let member = MEMBER;
        let posts = format!("/units/{}/posts", FIRST);
        let appoint =
            |post: &'static str, name: &'static str| [("post", post), ("person", name), ("from", "2023-05-01")];
        let (status, _, page) = send(&site, CLERK, &posts, &appoint("branch_secretary", "张晓明")).await;
        assert!(status == 422 && page.contains("李建国 自 2021-01-01 任此职") && page.contains("value=\"张晓明\""));
        let (status, _, page) = send(&site, CLERK, &posts, &appoint("branch_deputy_secretary", "无此人")).await;
        assert!(status == 422 && page.contains("没有找到这个人"));
        let (status, _, page) = send(&site, SECRETARY, &posts, &appoint("party_affairs_worker", "张晓明")).await;
        assert!(status == 422 && page.contains("请选择岗位"), "a secretary cannot make a clerk");
        assert_eq!(send(&site, SECRETARY, &posts, &appoint("branch_deputy_secretary", "张晓明")).await.0, 303);
        let (_, own) = get(&site, member, "/me").await;
        assert!(own.contains("支部副书记"));
        let id = member.to_string();
        let ends = [("post", "branch_deputy_secretary"), ("person", id.as_str()), ("on", "2023-05-09")];
        assert_eq!(send(&site, CLERK, &format!("{posts}/ends"), &ends).await.0, 303);
        let term = [("term-from", "2021-06-01"), ("term-until", "2024-06-01")];
        let terms = format!("/units/{}/terms", FIRST);
        assert_eq!(send(&site, CLERK, &terms, &term).await.0, 303);
        let late = [("extend-until", "2026-01-01"), ("extend-why", "上级批准")];
        let (status, _, page) = send(&site, CLERK, &format!("{terms}/extensions"), &late).await;
        assert!(status == 422 && page.contains("不超过1年") && page.contains("value=\"上级批准\""));
    }
}

#[tokio::test]
async fn an_invitation_does_not_lend_the_post_of_someone_above() {
    for site in sites().await {
        let invite = async |who: i64| {
            send(&site, SECRETARY, &format!("/people/{who}/invitations"), &[("login", "somebody")]).await
        };
        let (status, _, page) = invite(CLERK).await;
        assert!(status == 422 && page.contains("权限以外") && !page.contains("/join#"));
        let (status, _, page) = invite(MEMBER).await;
        assert!(status == 200 && page.contains("/join#"));
    }
}

#[tokio::test]
async fn pages_about_people_ask_at_most_five_statements() {
    for site in sites().await {
        for n in 0..40 {
            enter(&site, format!("张{n:02}")).await;
        }
        let clerk = site.sign_in(CLERK).await;
        for address in [
            format!("/units/{ROOT}/people"),
            format!("/people/{MEMBER}"),
            format!("/units/{FIRST}/posts"),
            format!("/units/{FIRST}/transfers"),
            "/me".to_owned(),
        ] {
            clerk.get(&address).await;
            let before = site.db.asked();
            assert_eq!(clerk.get(&address).await.status, 200);
            let asked = site.db.asked() - before;
            assert!(asked <= 5, "{address}: {asked}");
        }
    }
}

#[tokio::test]
async fn a_person_code_is_masked_stands_once_and_is_set_only_by_who_could_have_given_every_post() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let page = format!("/people/{MEMBER}");
        let sent = clerk.send(&page, &format!("{page}/numbers"), &[("num-code", "abc-1004")]).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let shown = clerk.get(&page).await.text;
        assert!(shown.contains("人员编号") && shown.contains("A******4") && !shown.contains("ABC-1004"), "{shown}");
        assert!(clerk.get_english(&page).await.text.contains("Person code"));
        let me = site.sign_in(MEMBER).await.get("/me").await.text;
        assert!(me.contains("A******4"), "one sees what is kept: {me}");
        let (other, path) = (format!("/people/{SECRETARY}"), format!("/people/{SECRETARY}/numbers"));
        let taken = clerk.send(&other, &path, &[("num-code", "ABC-1004")]).await;
        assert!(taken.status == 422 && taken.text.contains("已有人用这个人员编号"), "{}", taken.text);
        assert!(taken.text.contains("value=\"ABC-1004\""), "what was typed is kept");
        let wrong = clerk.send(&other, &path, &[("num-code", "*")]).await;
        assert!(wrong.status == 422 && wrong.text.contains("人员编号为1至64个字母"), "{}", wrong.text);
        // the clerk is on the roll of this branch, but their post is beyond its secretary's reach
        let secretary = site.sign_in(SECRETARY).await;
        let page = format!("/people/{CLERK}");
        let refused = secretary.send(&page, &format!("{page}/numbers"), &[("num-code", "MINE")]).await;
        assert!(refused.status == 422 && refused.text.contains("权限以外"), "{}", refused.text);
        let none = site.write(|tx, _| luoshi_store::identity::coded(tx, "MINE")).await;
        assert!(none.is_none(), "whoever has that code elsewhere would come in as the clerk");
    }
}

#[tokio::test]
async fn a_program_keeps_a_roll_and_posts_and_what_it_wrote_is_read_back() {
    for site in sites().await {
        let (secretary, clerk) = (Program::of(&site, SECRETARY).await, Program::of(&site, CLERK).await);
        let roll = "/units/3/people";
        let entry = json!({ "name": "张 伟", "standing": "probationary", "since": "2023-03-01", "born": "1990-02-03",
            "joined": "2023-03-01", "identity": IDENTITY });
        let with = |key: &str, value: &str| {
            let mut entry = entry.clone();
            entry[key] = json!(value);
            entry
        };
        secretary.refused(roll, with("standing", "saint"), "standing").await;
        secretary.refused(roll, with("identity", "110105194912310021"), "identity").await;
        secretary.refused(roll, with("nmae", "张伟"), "nmae").await;
        secretary.only_here(roll, "/units/4/people", entry.clone()).await;
        let once = act(&site, &secretary.writing, "once", roll, &entry).await;
        assert_eq!(once.0, 200, "{}", once.1);
        assert_eq!(
            act(&site, &secretary.writing, "once", roll, &entry).await,
            once,
            "asked again, nobody is entered twice"
        );
        let at = format!("/people/{}", once.1["id"].as_str().unwrap());
        secretary.refused(&format!("{at}/standings"), json!({ "to": "full", "from": "2030-01-01" }), "from").await;
        secretary.done(&format!("{at}/standings"), json!({ "to": "full", "from": "2023-05-01" })).await;
        secretary.refused(&format!("{at}/corrections"), json!({ "name": "" }), "name").await;
        let right = json!({ "name": "张维", "sex": "f", "born": "1990-02-03", "joined": "2023-03-01" });
        secretary.done(&format!("{at}/corrections"), right).await;
        secretary.refused(&format!("{at}/numbers"), json!({ "phone": "12" }), "phone").await;
        secretary.done(&format!("{at}/numbers"), json!({ "phone": "13800000000" })).await;
        let known = secretary.get(&at).await;
        assert_eq!(
            (&known["name"], &known["sex"], &known["unit"]),
            (&json!("张维"), &json!("f"), &json!("3")),
            "{known}"
        );
        let stood: Vec<&Json> = known["standings"].as_array().unwrap().iter().map(|one| &one["standing"]).collect();
        assert!(stood.contains(&&json!("full")) && stood.contains(&&json!("probationary")), "{known}");
        assert!(!known.to_string().contains("13800000000") && !known.to_string().contains(IDENTITY), "no numbers");

        let posts = "/units/3/posts";
        let post = |post: &str, person: &str| json!({ "post": post, "person": person, "from": "2023-05-01" });
        clerk.refused(posts, post("branch_deputy_secretary", "无此人"), "person").await;
        secretary.refused(posts, post("party_affairs_worker", "张维"), "post").await;
        secretary.done(posts, post("branch_deputy_secretary", "张维")).await;
        let held = secretary.get(posts).await;
        let deputy = held["posts"].as_array().unwrap().iter().find(|one| one["post"] == "branch_deputy_secretary");
        let person = deputy.unwrap()["person"].clone();
        let end = |on: &str| json!({ "post": "branch_deputy_secretary", "person": person, "on": on });
        clerk.refused(&format!("{posts}/ends"), end("明天"), "on").await;
        clerk.done(&format!("{posts}/ends"), end("2023-05-09")).await;
        assert_eq!(clerk.get(&at).await["posts"][0]["until"], "2023-05-09");
        clerk.refused("/units/3/terms", json!({ "from": "2021-06-01", "until": "x" }), "until").await;
        clerk.done("/units/3/terms", json!({ "from": "2021-06-01", "until": "2024-06-01" })).await;
        let far = json!({ "until": "2026-01-01", "why": "上级批准" });
        clerk.refused("/units/3/terms/extensions", far, "until").await;
        clerk.done("/units/3/terms/extensions", json!({ "until": "2024-12-01", "why": "上级批准" })).await;
        assert_eq!(clerk.get(posts).await["terms"][0]["extended"], "2024-12-01");
        secretary.refused(&format!("{at}/departures"), json!({ "why": "", "on": "2023-05-10" }), "why").await;
        secretary.done(&format!("{at}/departures"), json!({ "why": "entered_wrongly", "on": "2023-05-10" })).await;
        assert_eq!(secretary.get(&at).await["left"], "2023-05-10");
    }
}
