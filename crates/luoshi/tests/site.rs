//! The whole program over HTTP, in memory, on every engine: what a user does and then sees.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // each test binary uses its part
mod place;

use jiff::civil::date;
use luoshi_rules::Verb;
use luoshi_store::{holding, unit};
use place::*;

const FORM: &str = "/units/3/records/new?kind=general-meeting";

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_the_door_and_a_wrong_passphrase_is_told() {
    for site in sites().await {
        assert_eq!(site.ask("GET", "/units/1", &[], Vec::new()).await.to, "/sign-in");
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let wrong = site.ask("POST", "/sign-in", &form, b"login=user101&passphrase=wrong".to_vec()).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("登录名或口令不对") && wrong.text.contains("value=\"user101\""));
        let nobody = site.ask("POST", "/sign-in", &form, b"login=nobody&passphrase=wrong".to_vec()).await;
        assert!(nobody.status == 422 && nobody.text.contains("登录名或口令不对"));
        let right = site.ask("POST", "/sign-in", &form, b"login=USER101&passphrase=right+passphrase".to_vec()).await;
        assert_eq!((right.status, right.to.as_str()), (303, "/"));
        let cookie = right.head["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
        for _ in 0..5 {
            site.ask("POST", "/sign-in", &form, b"login=user102&passphrase=guess".to_vec()).await;
        }
        let locked = site.ask("POST", "/sign-in", &form, b"login=user102&passphrase=right+passphrase".to_vec()).await;
        assert!(locked.status == 422 && locked.text.contains("分钟后再试"));
    }
}

#[tokio::test]
async fn recording_a_meeting_meets_the_quarter_and_shows_by_which_record_and_rule() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        let before = secretary.get("/units/3/2023/duties/L3-01").await;
        assert!(before.text.contains("2023Q1") && before.text.matches("● 已落实").count() == 0);

        let fields =
            [("kind", "general-meeting"), ("on", "2023-02-10"), ("topic", "审议年度计划"), ("absent-104", "sick")];
        let done = secretary.send(FORM, "/units/3/records", &fields).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let record = secretary.get(&done.to).await;
        for words in ["审议年度计划", "应到 <b>11</b>", "实到 <b>10</b>", "张晓明（病假）", "L3-01", "● 已落实"]
        {
            assert!(record.text.contains(words), "{words}");
        }
        let met = record.text.split("这条纪实落实了").nth(1).unwrap().split("</section>").next().unwrap();
        assert!(!met.contains("/records/new") && !met.contains("超期"), "what is met is not asked for again: {met}");
        let after = secretary.get("/units/3/2023/duties/L3-01").await;
        assert_eq!(after.text.matches("● 已落实").count(), 1);
        assert!(after.text.contains("由此纪实落实") && after.text.contains("规则：党员大会"));
        assert!(after.text.contains("补录于"), "written in May for February: marked as entered later");
    }
}

#[tokio::test]
async fn a_refused_form_comes_back_as_it_was_filled_with_the_reason_beside_the_field() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        let late =
            [("kind", "general-meeting"), ("on", "2023-06-01"), ("topic", "还没有开的会"), ("absent-104", "sick")];
        let refused = secretary.send(FORM, "/units/3/records", &late).await;
        assert_eq!(refused.status, 422);
        for words in ["还没有开的会", "日期在今天之后", "value=\"2023-06-01\"", "<option value=\"sick\" selected>"]
        {
            assert!(refused.text.contains(words), "{words}");
        }
        let empty =
            secretary.send(FORM, "/units/3/records", &[("kind", "general-meeting"), ("on", "2023-02-10")]).await;
        assert!(empty.status == 422 && empty.text.contains("主题：请填写"));
        assert!(!secretary.get("/units/3/2023/records").await.text.contains("还没有开的会"));
    }
}

#[tokio::test]
async fn a_form_sent_twice_acts_once() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        let page = secretary.get(FORM).await;
        let (csrf, operation) = (page.hidden("csrf"), page.hidden("operation"));
        let fields = [
            ("csrf", csrf.as_str()),
            ("operation", operation.as_str()),
            ("kind", "general-meeting"),
            ("on", "2023-02-10"),
            ("topic", "只记一次"),
        ];
        let (one, two) =
            (secretary.post("/units/3/records", &fields).await, secretary.post("/units/3/records", &fields).await);
        assert_eq!((one.status, &one.to), (303, &two.to));
        assert_eq!(secretary.get("/units/3/2023/records").await.text.matches("只记一次").count(), 1);
        // the same page, brought back by the browser and filled otherwise, is another act: what is typed is not lost
        let mut other = fields;
        other[4] = ("topic", "回退后另记");
        other[3] = ("on", "2023-03-10");
        let three = secretary.post("/units/3/records", &other).await;
        assert!(three.status == 303 && three.to != one.to, "{} {}", three.status, three.to);
        let page = secretary.get("/units/3/2023/records").await.text;
        assert!(page.contains("只记一次") && page.contains("回退后另记"), "{page}");
    }
}

#[tokio::test]
async fn what_lies_outside_looks_absent_and_a_post_that_ends_ends_its_rights_at_once() {
    for site in sites().await {
        let (secretary, stranger) = (site.sign_in(SECRETARY).await, site.sign_in(STRANGER).await);
        for path in ["/units/4", "/units/1", "/units/9", "/units/4/2023/matrix", "/units/3/lists", "/units/77777"] {
            assert_eq!(secretary.get(path).await.status, 404, "{path}");
        }
        for path in ["/units/1", "/units/3/2023/records", "/units/3/records/new", "/people/104"] {
            assert_eq!(stranger.get(path).await.status, 404, "{path}");
        }
        assert_eq!(secretary.get("/units/3/records/new").await.status, 200);
        site.write(|tx, base| {
            let at = unit::find(tx, FIRST)?;
            holding::end(tx, &leave(base, &at, Verb::Roll, TODAY), "branch_secretary", SECRETARY, date(2023, 5, 14))
        })
        .await;
        assert_eq!(secretary.get("/units/3/records/new").await.status, 404);
        assert_eq!(secretary.get("/units/3").await.status, 200, "still a member of the branch");
        assert_eq!(secretary.get("/units/3/people").await.status, 404, "but no longer sees its people");
    }
}

#[tokio::test]
async fn a_form_from_elsewhere_is_refused_and_every_page_is_fenced() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        let fields = [("kind", "general-meeting"), ("on", "2023-02-10"), ("topic", "伪造")];
        assert_eq!(secretary.post("/units/3/records", &fields).await.status, 403);
        let heads = [
            ("cookie", secretary.cookie.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "cross-site"),
        ];
        assert_eq!(site.ask("POST", "/units/3/records", &heads, b"kind=x".to_vec()).await.status, 403);
        for path in ["/", "/sign-in", "/nowhere", "/static/style.css", "/units/3"] {
            let head = secretary.get(path).await.head;
            let policy = head["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}");
            assert_eq!(head["x-content-type-options"], "nosniff", "{path}");
        }
    }
}

#[tokio::test]
async fn a_reminder_reaches_the_branch_is_answered_and_closes_itself_when_the_duty_is_met() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let fields = [("year", "2023"), ("pick", "3/L3-01/2023Q1"), ("pick", "4/L3-01/2023Q1")];
        let sent = clerk.send("/units/1/2023/matrix?status=overdue", "/units/1/follow-ups", &fields).await;
        assert_eq!(
            (sent.status, sent.to.as_str()),
            (303, "/units/1/follow-ups?opened=2&there=0&met=0"),
            "{}",
            sent.text
        );
        let board = clerk.get("/units/1/follow-ups").await;
        assert_eq!(board.text.matches("/matters/").count(), 2);
        clerk.send("/units/1/2023/matrix?status=overdue", "/units/1/follow-ups", &fields).await;
        assert_eq!(
            clerk.get("/units/1/follow-ups").await.text.matches("/matters/").count(),
            2,
            "the same is not opened twice"
        );

        let home = secretary.get("/").await;
        let at = home.text.find("/units/3/matters/").expect("the secretary sees the reminder on the home page");
        let path: String = home.text[at..].chars().take_while(|c| *c != '"').collect();
        let steps = format!("{path}/steps");
        let answered = secretary.send(&path, &steps, &[("to", "answered"), ("note", "本周五召开")]).await;
        assert_eq!(answered.status, 303, "{}", answered.text);
        let again = secretary.send(&path, &steps, &[("to", "answered"), ("note", "再答一次")]).await;
        assert!(again.status == 422 && again.text.contains("现处于“已答复”"));
        assert!(clerk.get(&path).await.text.contains("本周五召开"));

        let late = [("kind", "general-meeting"), ("on", "2023-05-12"), ("topic", "补开"), ("makes_up", "2023Q1")];
        assert_eq!(secretary.send(FORM, "/units/3/records", &late).await.status, 303);
        assert!(clerk.get(&path).await.text.contains("职责已落实，事项自行销号"));
        assert_eq!(clerk.get("/units/1/follow-ups").await.text.matches("/matters/").count(), 1);
        assert!(secretary.get("/units/3/2023/duties/L3-01").await.text.contains("◑ 迟办"));
    }
}

#[tokio::test]
async fn a_correction_is_a_new_version_and_of_two_at_once_the_second_is_told() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        let fields = [("kind", "general-meeting"), ("on", "2023-02-10"), ("topic", "写错的主题")];
        let path = secretary.send(FORM, "/units/3/records", &fields).await.to;
        let form = format!("{path}/correct");
        let page = secretary.get(&form).await;
        assert!(page.text.contains("写错的主题"));
        let mended = [("kind", "general-meeting"), ("version", "1"), ("on", "2023-02-11"), ("topic", "改对的主题")];
        assert_eq!(secretary.send(&form, &form, &mended).await.status, 303);
        let second = secretary.send(&form, &form, &mended).await;
        assert!(second.status == 422 && second.text.contains("刚刚被别人更正过"), "{}", second.text);
        let shown = secretary.get(&path).await.text;
        assert!(shown.contains("改对的主题") && shown.contains("更正历史") && shown.contains("写错的主题"));
        let withdrawn =
            secretary.send(&path, &format!("{path}/withdraw"), &[("version", "2"), ("why", "重复记录")]).await;
        assert_eq!(withdrawn.status, 303);
        assert!(!secretary.get("/units/3/2023/duties/L3-01").await.text.contains("● 已落实"));
    }
}

#[tokio::test]
async fn a_new_list_is_compared_first_and_rules_the_next_period_only() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let list = include_str!("../../../packs/duties.toml").replace("召开党员大会", "召开支部党员大会（新）");
        let page = clerk.get("/units/1/lists").await;
        let (csrf, operation) = (page.hidden("csrf"), page.hidden("operation"));
        let put = [
            ("csrf", csrf.as_str()),
            ("operation", operation.as_str()),
            ("text", list.as_str()),
            ("from", "2023-07-01"),
        ];
        assert_eq!(clerk.post("/units/1/lists/put", &put).await.status, 303);
        let duty = clerk.get("/units/3/2023/duties/L3-01").await.text;
        assert!(duty.contains("2023Q1") && duty.contains("2023Q4"));
        let csv = clerk.get("/units/3/2023/clauses/L3-01?as=csv").await.text;
        let wording = |quarter: &str| csv.lines().find(|line| line.contains(quarter)).unwrap().contains("（新）");
        assert!(!wording("2023Q2") && wording("2023Q3"));
        let broken = [("csrf", csrf.as_str()), ("operation", "77"), ("text", "[[clause]]"), ("from", "2023-08-01")];
        let refused = clerk.post("/units/1/lists/put", &broken).await;
        assert!(refused.status == 422 && refused.text.contains("清单有误"), "{}", refused.text);
        // without a day, or on one that another version has, the list stands there again with the reason
        for (day, key) in [("", "78"), ("2023-07-01", "79")] {
            let put = [("csrf", csrf.as_str()), ("operation", key), ("text", list.as_str()), ("from", day)];
            let refused = clerk.post("/units/1/lists/put", &put).await;
            assert!(refused.status == 422 && refused.text.contains("id=\"from-error\""), "{}", refused.text);
            assert!(refused.text.contains("召开支部党员大会（新）"), "{}", refused.text);
        }
        let compared = clerk
            .upload(
                "/units/1/lists",
                "/units/1/lists/compare",
                "new.toml",
                list.replace("every = \"quarter\"", "every = \"half_year\"").as_bytes(),
            )
            .await;
        assert!(
            compared.text.contains(" · 每季度</del>") && compared.text.contains(" · 每半年</ins>"),
            "{}",
            compared.text
        );
    }
}

#[tokio::test]
async fn every_list_leaves_as_a_table() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        for path in ["/units/1/2023/matrix", "/units/1/2023/records", "/units/1/follow-ups", "/units/3/2023/duties"] {
            let json = clerk.get(&format!("{path}?as=json")).await;
            serde_json::from_str::<serde_json::Value>(&json.text).unwrap_or_else(|e| panic!("{path}: {e}"));
            assert_eq!(json.head["content-type"], "application/json");
            assert!(clerk.get(&format!("{path}?as=csv")).await.text.starts_with('\u{feff}'), "{path}");
            assert!(clerk.get(&format!("{path}?as=xlsx")).await.text.starts_with("PK"), "{path}");
            assert_eq!(clerk.get(&format!("{path}?as=exe")).await.status, 422, "{path}");
        }
    }
}

#[tokio::test]
async fn no_page_asks_more_statements_as_lists_grow() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    let paths = ["/", "/units/1", "/units/1/2023/matrix", "/units/1/2023/duties", "/units/1/2023/records?below=1"];
    let mut counts = Vec::new();
    for round in 0..2 {
        clerk.get("/").await; // the rules and the facts of a moment ago are kept
        for path in paths {
            let before = site.db.asked();
            assert_eq!(clerk.get(path).await.status, 200, "{path}");
            counts.push((round, path, site.db.asked() - before));
        }
        site.write(|tx, base| {
            let above = unit::find(tx, COMMITTEE)?;
            for n in 0..40 {
                let name = format!("新设第{n}支部");
                let founding = unit::Founding {
                    id: 0,
                    level: "branch".into(),
                    class: "organ".into(),
                    code: "631".into(),
                    parts: Vec::new(),
                    order_no: n,
                    short_name: name.clone(),
                    full_name: name.clone(),
                    search: name,
                    on: date(2020, 1, 1),
                };
                unit::found(tx, &leave(base, &above, Verb::Rule, TODAY), &founding)?;
            }
            Ok(())
        })
        .await;
    }
    let (first, second) = counts.split_at(paths.len());
    for (a, b) in first.iter().zip(second) {
        assert_eq!(a.2, b.2, "{}: {} statements, then {} with forty more units", a.1, a.2, b.2);
        // what is to be done comes from everywhere: duties, forms, who leaves by age, pledges
        let most = if a.1.ends_with("/duties") { 6 } else { 5 };
        assert!(a.2 <= most, "{}: {} statements", a.1, a.2);
    }
}

#[tokio::test]
async fn english_is_complete_and_no_key_reaches_a_page() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let member = site.sign_in(MEMBER).await;
        let mut pages = Vec::new();
        for path in [
            "/",
            "/units/3",
            "/units/1/2023/matrix",
            "/units/3/2023/duties",
            "/units/3/2023/duties/L3-01",
            "/units/1/follow-ups",
            "/units/1/lists",
            "/units/1/tree",
            "/units/1/people",
            "/units/1/imports",
            "/units/1/2023/figures",
            "/units/1/2023/clauses/L3-01",
            "/units/1/matters",
            "/units/1/weekly",
            "/units/1/coverage",
            "/units/3/2023/duties/L3-01?known=2023-05-01",
            FORM,
        ] {
            pages.push((&clerk, path));
        }
        for path in [
            "/",
            "/me",
            "/units/3/records/new",
            "/units/3/records/new?kind=visit",
            "/units/3/meetings/general-meeting",
            "/units/3/2023/plan",
            "/units/3/2023/records",
        ] {
            pages.push((&secretary, path));
        }
        for path in ["/", "/me", "/me/classes", "/me/proposals"] {
            pages.push((&member, path));
        }
        for (visitor, path) in pages {
            for (english, page) in [(false, visitor.get(path).await), (true, visitor.get_english(path).await)] {
                assert_eq!(page.status, 200, "{path}");
                let seen = visible(&page.text);
                for key in [
                    "organ_committee",
                    "leading_group",
                    "general-meeting",
                    "branch_secretary",
                    "half_year",
                    "non_member",
                    "follow-up/",
                ] {
                    assert!(!seen.contains(key), "{path} shows the key {key}");
                }
                if english {
                    for words in [
                        "导出",
                        "状态",
                        "待办",
                        "保存",
                        "筛选",
                        "组织树",
                        "退出",
                        "已逾期",
                        "请选择",
                        "还没有",
                        "以下为",
                        "每行一个",
                        "看看会",
                    ] {
                        assert!(!seen.contains(words), "{path} in English shows {words}");
                    }
                }
            }
        }
    }
}

/// The text of a page without its marks.
fn visible(html: &str) -> String {
    let (mut out, mut inside) = (String::new(), false);
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

#[tokio::test]
async fn hostile_forms_get_words_and_leave_nothing_half_done() {
    let site = Site::new(None).await;
    let secretary = site.sign_in(SECRETARY).await;
    let huge = "长".repeat(110_000);
    let big = secretary
        .send(FORM, "/units/3/records", &[("kind", "general-meeting"), ("on", "2023-02-10"), ("topic", &huge)])
        .await;
    assert!(big.status == 422 && big.text.contains("最多 200 字"));
    let many: Vec<(String, String)> = (0..10_000).map(|n| (format!("f{n}"), "x".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let refused = secretary.post("/units/3/records", &many).await;
    assert!(refused.status == 422 && refused.text.contains("表单项目过多"));
    let odd = "学\u{0}习\u{202e}🎉<script>alert(1)</script>";
    let kept = secretary
        .send(FORM, "/units/3/records", &[("kind", "general-meeting"), ("on", "2023-02-10"), ("topic", odd)])
        .await;
    assert_eq!(kept.status, 303);
    let page = secretary.get(&kept.to).await.text;
    assert!(page.contains("学习🎉&lt;script&gt;") && !page.contains("<script>alert"));
    for on in ["2023-13-01", "0000-00-00", "'; drop table record; --", "99999-01-01"] {
        let bad =
            secretary.send(FORM, "/units/3/records", &[("kind", "general-meeting"), ("on", on), ("topic", "x")]).await;
        assert_eq!(bad.status, 422, "{on}");
    }
    assert_eq!(secretary.get("/units/3/2023/records?after=x.y&kind=%27").await.status, 200);
    assert_eq!(secretary.get("/units/99999999999999999999/2023/matrix").await.status, 404);
    for year in ["32767", "-5", "0", "99999"] {
        assert_eq!(secretary.get(&format!("/units/3/{year}/matrix")).await.status, 404, "{year}");
    }
}

#[tokio::test]
async fn a_duty_is_waived_from_above_with_a_reason_and_never_by_oneself() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let path = "/units/3/2023/duties/L3-01/waivers";
        let own = secretary.send(FORM, path, &[("period", "2023Q1"), ("reason", "自己免")]).await;
        assert_eq!(own.status, 404);
        let page = "/units/3/2023/duties/L3-01";
        assert_eq!(clerk.send(page, path, &[("period", "2023Q1"), ("reason", "")]).await.status, 422);
        assert_eq!(clerk.send(page, path, &[("period", "2023Q1"), ("reason", "全员外出防汛")]).await.status, 303);
        let shown = secretary.get(page).await.text;
        assert!(shown.contains("◇ 不适用") && shown.contains("全员外出防汛"));
    }
}

#[tokio::test]
async fn a_form_half_filled_is_there_again_when_the_browser_comes_back() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        let form = "/units/3/records?kind=general-meeting";
        let half = [("form", form), ("topic", "写到一半"), ("absent-104", "sick")];
        assert_eq!(secretary.send(FORM, "/drafts", &half).await.status, 204);
        let again = secretary.get(FORM).await.text;
        assert!(again.contains("已恢复上次没有提交的草稿") && again.contains("写到一半"));
        let other = site.sign_in(CLERK).await;
        assert!(!other.get(FORM).await.text.contains("写到一半"), "a draft is seen by its writer alone");
        let fields = [("kind", "general-meeting"), ("on", "2023-02-10"), ("topic", "写完了")];
        assert_eq!(secretary.send(FORM, "/units/3/records", &fields).await.status, 303);
        assert!(!secretary.get(FORM).await.text.contains("写到一半"), "and gone once the form was sent");
    }
}

#[tokio::test]
async fn an_attachment_is_known_by_its_content_and_stays_through_corrections() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        let fields = [("kind", "disclosure"), ("on", "2023-02-10"), ("topic", "公开")];
        let form = "/units/3/records/new?kind=disclosure";
        let sent = secretary.attach(form, "/units/3/records", &fields, "说明.pdf", b"%PDF-1.4 text").await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let page = secretary.get(&sent.to).await.text;
        assert!(page.contains("说明.pdf"));
        let file = secretary.get(&format!("{}/files/1/0", sent.to)).await;
        assert!(file.text.starts_with("%PDF") && file.head["content-type"] == "application/pdf");
        assert!(file.head["content-disposition"].to_str().unwrap().starts_with("attachment"));
        let form = format!("{}/correct", sent.to);
        let mended = [("kind", "disclosure"), ("version", "1"), ("on", "2023-02-10"), ("topic", "改过")];
        assert_eq!(secretary.send(&form, &form, &mended).await.status, 303);
        assert!(secretary.get(&sent.to).await.text.contains("说明.pdf"));
        let program = secretary
            .attach(
                "/units/3/records/new?kind=disclosure",
                "/units/3/records",
                &fields,
                "x.pdf",
                b"MZ\x90\x00\x03\x00\x00\x00\x04",
            )
            .await;
        assert!(program.status == 422 && program.text.contains("只收文档"), "{}", program.text);
        let other = site.sign_in(OTHER).await;
        assert_eq!(other.get(&format!("{}/files/1/0", sent.to)).await.status, 404);
    }
}

#[tokio::test]
async fn a_new_installation_is_set_up_once_by_its_link() {
    let site = Site::empty("one-time-token").await;
    assert!(site.ask("GET", "/sign-in", &[], Vec::new()).await.text.contains("尚未启用"));
    let page = site.ask("GET", "/set-up?token=one-time-token", &[], Vec::new()).await.text;
    assert!(page.contains("启用落实") && page.contains("启用码") && !page.contains("one-time-token"), "{page}");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let fields = |word: &str, token: &str| {
        let pairs = [
            ("token", token),
            ("full_name", "中共某某厅党组"),
            ("short_name", "某某厅党组"),
            ("level", "leading_group"),
            ("name", "张文静"),
            ("login", "clerk"),
            ("passphrase", word),
        ];
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
    };
    let weak = site.ask("POST", "/set-up", &form, fields("short", "one-time-token")).await;
    assert!(weak.status == 422 && weak.text.contains("口令至少") && weak.text.contains("value=\"中共某某厅党组\""));
    let guess = site.ask("POST", "/set-up", &form, fields("a passphrase of mine", "guess")).await;
    assert!(guess.status == 422 && guess.text.contains("启用码不对") && guess.text.contains("value=\"clerk\""));
    // pasted with the whole of the link
    let pasted = fields("a passphrase of mine", "http://127.0.0.1:8080/set-up#one-time-token");
    let done = site.ask("POST", "/set-up", &form, pasted).await;
    assert_eq!((done.status, done.to.as_str()), (303, "/"), "{}", done.text);
    let cookie = done.head["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let home = site.ask("GET", "/", &[("cookie", &cookie)], Vec::new()).await;
    assert_eq!(home.to, "/sign-in/second", "the first clerk holds a post: a second factor comes first");
    let offer = site.ask("GET", "/me/second", &[("cookie", &cookie)], Vec::new()).await;
    let secret = offer.text.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap();
    let code = luoshi_store::second::shown(&secret.replace(' ', ""), luoshi_store::now());
    let body = format!("csrf={}&code={code}", offer.hidden("csrf")).into_bytes();
    let enrolled = site.ask("POST", "/me/second", &[form[0], ("cookie", &cookie)], body).await;
    let cookie = enrolled.head["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let home = site.ask("GET", "/", &[("cookie", &cookie)], Vec::new()).await;
    assert!(home.status == 200 && home.text.contains("某某厅党组"), "{}", home.text);
    // nothing is there yet: the first page says what to begin with, until a list is in force
    assert!(home.text.contains("从这里开始") && home.text.contains("/imports\">导入组织"), "{}", home.text);
    let furnished = Site::new(None).await;
    assert!(!furnished.sign_in(CLERK).await.get("/").await.text.contains("从这里开始"));
    assert_eq!(site.ask("POST", "/set-up", &form, fields("a passphrase of mine", "one-time-token")).await.status, 404);
}
