//! My data: seen, taken away, corrected, locked and erased, over HTTP on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // each test binary uses its part
mod place;

use luoshi_rules::Verb;
use luoshi_store::{identity, person, unit};
use place::*;
use std::io::{Cursor, Read};
use std::time::{Duration, Instant};

/// A file of a .zip.
fn part(bytes: &[u8], name: &str) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = Vec::new();
    zip.by_name(name).unwrap().read_to_end(&mut out).unwrap();
    out
}

/// Gives the member numbers, one of which the clerk looks at.
async fn numbered(site: &Site) {
    site.write(|tx, base| {
        let at = unit::find(tx, FIRST)?;
        let roll = leave(base, &at, Verb::Roll, TODAY);
        identity::set(tx, &roll, MEMBER, identity::Field::Phone, "13912345678")
    })
    .await;
    let clerk = site.sign_in(CLERK).await;
    let fields = [("look-field", "phone"), ("look-reason", "通知开会")];
    let page = format!("/people/{MEMBER}");
    let seen = clerk.send(&page, &format!("{page}/looks"), &fields).await;
    assert!(seen.text.contains("13912345678"), "{}", seen.text);
}

#[tokio::test]
async fn a_person_reads_who_opened_their_page_or_took_a_list_away_and_reading_itself_writes_nothing() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let (member, other) = (site.sign_in(MEMBER).await, site.sign_in(OTHER).await);
        let page = format!("/people/{MEMBER}");
        for _ in 0..3 {
            assert_eq!(secretary.get(&page).await.status, 200);
        }
        assert_eq!(member.get(&page).await.to, "/me");
        assert_eq!(other.get(&page).await.status, 404, "who sees nothing is not noted");
        assert_eq!(secretary.get("/units/3/people?as=csv").await.status, 200, "the roll of one's own branch");
        assert_eq!(clerk.get("/units/2/people?as=csv").await.status, 200);
        assert_eq!(clerk.get("/units/1/people").await.status, 200, "on the screen");
        let seen = async |who: &Visitor<'_>| -> Vec<String> {
            let rows: Vec<serde_json::Value> =
                serde_json::from_slice(&who.get_bytes("/me?list=seen&as=json").await.1).unwrap();
            let cell = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
            rows.iter().map(|row| ["by", "what", "unit"].map(|key| cell(row, key)).join(" ")).collect()
        };
        assert!(seen(&member).await.is_empty(), "reading wrote nothing");
        for _ in 0..2 {
            site.app.write_sights().await.unwrap();
        }
        let mut rows = seen(&member).await;
        rows.sort();
        assert_eq!(rows, ["周文静 导出名册 机关党委", "李建国 打开我的页面 "], "one row for each and day");
        assert_eq!(seen(&other).await, ["周文静 导出名册 机关党委"]);
        assert!(member.get("/me").await.text.contains("打开我的页面"));
        assert!(seen(&clerk).await.is_empty(), "of what one did oneself nothing is told");
        let json: serde_json::Value =
            serde_json::from_slice(&part(&member.get_bytes("/me/copy").await.1, "data.json")).unwrap();
        assert_eq!(json["sight"][0]["seen_by"], "李建国");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opened_a_page_or_read_it_as_a_program_is_written_down_at_once_and_the_page_waits_for_nothing() {
    for site in sites().await {
        let job = tokio::spawn(site.app.clone().keep_sights());
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let (member, page) = (site.sign_in(MEMBER).await, format!("/people/{MEMBER}"));
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(secretary.get(&page).await.status, 200);
        assert_eq!(clerk.get(&format!("/api/v1{page}")).await.status, 200);
        // half of the time it once took at most
        tokio::time::sleep(Duration::from_millis(500)).await;
        let seen = member.get("/me?list=seen&as=csv").await.text;
        assert!(seen.contains("李建国") && seen.contains("周文静"), "{seen}");
        assert_eq!(member.get(&format!("/api/v1/people/{MEMBER}")).await.status, 404, "nothing of oneself there");
        job.abort();
    }
}

#[tokio::test]
async fn a_member_sees_who_looked_and_takes_everything_away_at_once() {
    for site in sites().await {
        numbered(&site).await;
        let member = site.sign_in(MEMBER).await;
        let page = member.get("/me").await;
        for words in ["张晓明", "139****5678", "周文静", "通知开会", "谁改动过我的数据", "登记号码", "下载全部"]
        {
            assert!(page.text.contains(words), "{words}");
        }
        let started = Instant::now();
        let (status, zip) = member.get_bytes("/me/copy").await;
        assert!(status == 200 && started.elapsed() < Duration::from_secs(60));
        let json: serde_json::Value = serde_json::from_slice(&part(&zip, "data.json")).unwrap();
        assert_eq!(json["person"][0]["name"], "张晓明");
        assert_eq!(json["person_secret"][0]["number"], "13912345678", "the person's own number in full");
        assert_eq!(json["look"][0]["reason"], "通知开会");
        assert!(json["account"][0].get("hash").is_none());
        assert!(!json.to_string().contains("李建国"), "nothing about others");
        let book = luoshi_office::sheet::read(&part(&zip, "我的数据.xlsx"), "x.xlsx").unwrap();
        assert!(book.rows.iter().flatten().any(|cell| cell == &luoshi_office::Value::Text("张晓明".into())));
        let sums = String::from_utf8(part(&zip, "SHA256SUMS")).unwrap();
        for line in sums.lines() {
            let (sum, name) = line.split_once("  ").unwrap();
            assert_eq!(luoshi_store::secret::digest(&part(&zip, name)), sum, "{name}");
        }
        assert_eq!(zip, member.get_bytes("/me/copy").await.1, "the same data is the same file");
        let english = member.get_english("/me").await;
        assert!(english.text.contains("Who looked at my numbers") && english.text.contains("Ask to correct"));
    }
}

#[tokio::test]
async fn a_correction_is_asked_for_answered_and_read() {
    for site in sites().await {
        let (member, clerk) = (site.sign_in(MEMBER).await, site.sign_in(CLERK).await);
        let empty = member.send("/me/requests", "/me/requests", &[("ask", "correct"), ("words", "")]).await;
        assert!(empty.status == 422 && empty.text.contains("请写明哪里有误"), "{}", empty.text);
        let asked =
            member.send("/me/requests", "/me/requests", &[("ask", "correct"), ("words", "入党日期应为2012年")]).await;
        assert_eq!((asked.status, asked.to.as_str()), (303, "/me/requests"));
        assert!(member.get("/me/requests").await.text.contains("◐ 待答复"));
        assert!(clerk.get("/units/1/people").await.text.contains("/units/1/requests"));
        let list = clerk.get("/units/1/requests").await;
        assert!(list.text.contains("张晓明") && list.text.contains("更正"));
        let rest = list.text.split("/units/1/requests/").nth(1).unwrap();
        let at = format!("/units/1/requests/{}", rest.split('"').next().unwrap());
        assert!(clerk.get(&at).await.text.contains("入党日期应为2012年"));
        let secretary = site.sign_in(OTHER).await;
        assert_eq!(secretary.get(&at.replace("/units/1/", "/units/4/")).await.status, 404);
        assert_eq!(member.get(&at).await.status, 404);
        let answers = format!("{at}/answers");
        let silent = clerk.send(&at, &answers, &[("act", "refuse"), ("answer", "")]).await;
        assert!(silent.status == 422 && silent.text.contains("请写明不办的理由"));
        let done = clerk.send(&at, &answers, &[("act", "grant"), ("answer", "已按档案更正")]).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = member.get("/me/requests").await;
        assert!(page.text.contains("● 已办") && page.text.contains("已按档案更正"));
    }
}

#[tokio::test]
async fn whoever_is_locked_is_on_no_list_and_in_no_export_but_sees_themselves() {
    for site in sites().await {
        let (member, clerk) = (site.sign_in(MEMBER).await, site.sign_in(CLERK).await);
        member.send("/me/requests", "/me/requests", &[("ask", "lock"), ("words", "")]).await;
        let list = clerk.get("/units/3/requests").await.text;
        let id = list.split("/units/3/requests/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let at = format!("/units/3/requests/{id}");
        assert_eq!(clerk.send(&at, &format!("{at}/answers"), &[("act", "grant"), ("answer", "")]).await.status, 303);
        assert!(!clerk.get("/units/3/people?q=zxm").await.text.contains("/people/104"));
        assert_eq!(clerk.get("/people/104").await.status, 404);
        let csv = String::from_utf8(clerk.get_bytes("/units/1/people?as=csv").await.1).unwrap();
        assert!(csv.contains("李建国") && !csv.contains("张晓明"), "{csv}");
        let own = member.get("/me/requests").await.text;
        assert!(own.contains("张晓明") && own.contains("您的数据已封存") && own.contains("解除封存"));
    }
}

#[tokio::test]
async fn who_has_left_may_be_erased_and_then_no_page_names_them() {
    for site in sites().await {
        numbered(&site).await;
        let (member, clerk) = (site.sign_in(MEMBER).await, site.sign_in(CLERK).await);
        member.send("/me/requests", "/me/requests", &[("ask", "erase"), ("words", "我已调离")]).await;
        let list = clerk.get("/units/1/requests").await.text;
        let id = list.split("/units/1/requests/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let at = format!("/units/1/requests/{id}");
        let answers = format!("{at}/answers");
        let early = clerk.send(&at, &answers, &[("act", "grant"), ("answer", "同意")]).await;
        assert!(early.status == 422 && early.text.contains("请先办理离开名册"), "{}", early.text);
        assert!(early.text.contains("同意</textarea>"), "what was typed is still there");
        let secretary = site.sign_in(SECRETARY).await;
        let mine = at.replace("/units/1/", "/units/3/");
        assert!(secretary.get(&mine).await.text.contains("须由上级组织"), "a branch may not erase");
        site.write(|tx, base| {
            let at = unit::find(tx, FIRST)?;
            person::leave(tx, &leave(base, &at, Verb::Roll, TODAY), MEMBER, "withdrew", TODAY)
        })
        .await;
        let done = clerk.send(&at, &answers, &[("act", "grant"), ("answer", "已办")]).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = clerk.get(&at).await;
        assert!(page.text.contains("● 已办") && page.text.contains("已删除人员000104"), "{}", page.text);
        for path in ["/units/1/people?gone=1", "/units/1/people?as=json&gone=1", "/people/104", "/units/1/requests"] {
            assert!(!clerk.get(path).await.text.contains("张晓明"), "{path}");
        }
        assert_eq!(member.get("/me").await.to, "/sign-in", "the session ended with the account");
    }
}
