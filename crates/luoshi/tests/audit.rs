//! The audit trail: seen by the auditor alone, in words; verified from the command line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // other tests use the rest
mod place;

use jiff::civil::date;
use luoshi_rules::Verb;
use luoshi_store::audit::{self, Chain};
use luoshi_store::{holding, unit};
use place::*;
use std::path::Path;
use std::process::{Command, Output};

async fn with_auditor(site: &Site) {
    site.write(|tx, base| {
        let root = unit::find(tx, ROOT)?;
        let permit = leave(base, &root, Verb::Roll, TODAY);
        holding::appoint(tx, &permit, base.post("auditor").unwrap(), MEMBER, date(2023, 1, 1), "")
    })
    .await;
}

#[tokio::test]
async fn every_try_to_sign_in_is_in_the_audit_trail() {
    for site in sites().await {
        with_auditor(&site).await;
        let try_with = async |word: &str| {
            let body = format!("login=user{SECRETARY}&passphrase={word}").into_bytes();
            let head = [("content-type", "application/x-www-form-urlencoded")];
            site.ask("POST", "/sign-in", &head, body).await.status
        };
        assert_eq!((try_with("wrong").await, try_with("right+passphrase").await), (422, 303));
        for _ in 0..5 {
            try_with("wrong").await;
        }
        let page = site.sign_in(MEMBER).await.get("/units/1/audit?act=session").await.text;
        assert_eq!(page.matches("输入口令，连续多次不对即锁定").count(), 1, "{page}");
        assert_eq!(page.matches("输入口令").count(), 7, "{page}");
    }
}

#[tokio::test]
async fn whatever_is_taken_away_is_in_the_audit_trail_each_time_and_by_whom() {
    for site in sites().await {
        with_auditor(&site).await;
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        for path in [
            "/units/3/people?as=xlsx",
            "/units/3/people?as=csv",
            "/units/1/2023/archive",
            "/units/3/2023/records?as=json",
            "/units/3/people", // on the screen
            "/me?as=csv",      // one's own
        ] {
            assert_eq!(clerk.get(path).await.status, 200, "{path}");
        }
        assert_eq!(secretary.get("/units/3/people?as=csv").await.status, 200, "the roll of one's own branch too");
        assert_eq!(secretary.get("/units/4/people?as=csv").await.status, 404, "what was refused was not taken");
        for _ in 0..2 {
            site.app.write_sights().await.unwrap();
        }
        let auditor = site.sign_in(MEMBER).await;
        let rows = auditor.get("/units/1/audit?act=export&as=json").await.text;
        let rows: Vec<serde_json::Value> = serde_json::from_str(&rows).unwrap();
        let told = |what: &str, who: &str, unit: &str| {
            let text = |row: &serde_json::Value| row.to_string();
            let is = |row: &&serde_json::Value| [what, who, unit].iter().all(|word| text(row).contains(word));
            rows.iter().filter(is).count()
        };
        assert_eq!(told("导出名册", "周文静", "第一支部"), 2, "each time: {rows:?}");
        assert_eq!(told("导出名册", "李建国", "第一支部"), 1, "{rows:?}");
        assert_eq!(told("导出年度归档", "周文静", "林泽厅党组"), 1, "{rows:?}");
        assert_eq!(told("导出表格", "周文静", "第一支部"), 1, "{rows:?}");
        assert_eq!(rows.len(), 5, "and nothing else: {rows:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_leaves_before_the_trail_has_it() {
    for site in sites().await {
        with_auditor(&site).await;
        let job = tokio::spawn(site.app.clone().keep_sights());
        let (clerk, auditor) = (site.sign_in(CLERK).await, site.sign_in(MEMBER).await);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        for times in 1..=5 {
            assert_eq!(clerk.get("/units/3/people?as=csv").await.status, 200);
            // as a kill at this very moment would leave it
            let rows = auditor.get("/units/1/audit?act=export.roll&as=csv").await.text;
            assert_eq!(rows.matches("导出名册").count(), times, "{rows}");
        }
        job.abort();
    }
}

#[tokio::test]
async fn the_auditor_alone_sees_who_did_what_in_words() {
    for site in sites().await {
        with_auditor(&site).await;
        let (secretary, auditor) = (site.sign_in(SECRETARY).await, site.sign_in(MEMBER).await);
        let fields = [("kind", "general-meeting"), ("on", "2023-02-10"), ("topic", "党员大会")];
        secretary.send("/units/3/records/new?kind=general-meeting", "/units/3/records", &fields).await;
        let db = site.db.clone();
        tokio::task::spawn_blocking(move || audit::seal_all(&db, Chain::Sha256).unwrap()).await.unwrap();
        assert_eq!(auditor.get("/").await.status, 200, "the auditor is a member of a branch too");
        let page = auditor.get("/units/1/audit").await;
        assert_eq!(page.status, 200);
        for words in ["记录纪实", "党员大会", "登录", "任职", "安全审计员", "sha256:"] {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        assert!(!page.text.contains("record.add") && !page.text.contains("general-meeting"), "no key reaches the page");
        for other in [&secretary, &site.sign_in(CLERK).await, &site.sign_in(STRANGER).await] {
            assert_eq!(other.get("/units/1/audit").await.status, 404);
        }
        assert_eq!(auditor.get("/units/3/audit").await.status, 404, "the trail is that of the organisation");
        let records = auditor.get("/units/1/audit?act=record").await.text;
        assert!(records.contains("记录纪实") && !records.contains("<td>登录</td>"), "{records}");
        for (unit, seen) in [("第一支部", true), ("第二支部", false), ("%", true)] {
            let unit = form_urlencoded::byte_serialize(unit.as_bytes()).collect::<String>();
            for more in ["", "&as=csv"] {
                let page = auditor.get(&format!("/units/1/audit?act=record&unit={unit}{more}")).await.text;
                let rows = page.matches("党员大会").count();
                assert_eq!(rows > 0, seen, "{unit}{more}: {page}");
            }
        }
        assert!(auditor.get("/units/1/audit?from=2999-01-01").await.text.contains("没有符合条件的记录"));
        assert_eq!(auditor.get("/units/1/audit?from=soon").await.status, 422);
        let english = auditor.get_english("/units/1/audit").await.text;
        assert!(english.contains("Added a record") && english.contains("General meeting"));
        assert!(auditor.get("/units/1/audit?as=csv").await.text.contains("记录纪实"));
    }
}

#[tokio::test]
async fn the_trail_is_read_page_by_page() {
    let site = Site::new(None).await;
    with_auditor(&site).await;
    site.write(|tx, _| (0..120).try_for_each(|n| audit::by(tx, ROOT, CLERK, 0, "session.begin", n, ""))).await;
    let auditor = site.sign_in(MEMBER).await;
    let (mut path, mut seen) = ("/units/1/audit?act=session".to_owned(), 0);
    loop {
        let page = auditor.get(&path).await.text;
        seen += page.matches("<td>登录</td>").count();
        let links = page.split("href=\"?").skip(1).map(|rest| rest.split('"').next().unwrap());
        let Some(next) = links.into_iter().find(|link| link.contains("before=")) else { break };
        path = format!("/units/1/audit?{}", next.replace("&amp;", "&"));
    }
    assert!(seen >= 121, "{seen}");
}

fn verify(folder: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_luoshi")).arg("verify").arg("--data").arg(folder).args(more).output().unwrap()
}

#[test]
fn the_command_verifies_and_names_the_first_wrong_row() {
    let folder = std::env::temp_dir().join(format!("luoshi-verify-{}", luoshi_store::new_id()));
    let nothing = verify(&folder, &[]);
    assert_eq!(nothing.status.code(), Some(3), "there is nothing to verify, which is not a wrong trail");
    let (db, file, top) = place::small::small(&folder);
    db.write(|tx| (0..9).try_for_each(|n| audit::by(tx, top, 1, 0, "session.begin", n, ""))).unwrap();
    let heads = audit::seal_all(&db, Chain::Sm3).unwrap();
    let published = serde_json::to_string(&heads[0]).unwrap();
    std::fs::write(folder.join("audit-heads.jsonl"), format!("{published}\n")).unwrap();
    let sound = verify(&folder, &["--json"]);
    assert!(sound.status.success(), "{}", String::from_utf8_lossy(&sound.stdout));
    let verdict: serde_json::Value = serde_json::from_slice(&sound.stdout).unwrap();
    assert_eq!(verdict[0]["head"]["link"].as_str(), Some(heads[0].link.as_str()));

    let head = format!("{}:{}:{}", heads[0].top, heads[0].place, heads[0].link);
    assert!(verify(&folder, &["--head", &head]).status.success(), "{head}");
    let other = format!("{top}:{}:{}", heads[0].place, heads[0].link.replace(['0', '1', '2', '3'], "9"));
    let rewritten = verify(&folder, &["--head", &other]);
    assert!(rewritten.status.code() == Some(1) && String::from_utf8_lossy(&rewritten.stdout).contains("was published"));
    assert_eq!(verify(&folder, &["--head", "soon"]).status.code(), Some(2), "no head at all");
    let raw = rusqlite::Connection::open(&file).unwrap();
    raw.execute("update audit set person_id = 2 where top_id = ?1 and place = 4", [top]).unwrap();
    let wrong = verify(&folder, &[]);
    assert_eq!(wrong.status.code(), Some(1));
    let told = String::from_utf8_lossy(&wrong.stdout).into_owned();
    assert!(told.contains("WRONG after 3 sound rows") && told.contains("at place 4"), "{told}");
    raw.execute("update audit set person_id = 1 where top_id = ?1 and place = 4", [top]).unwrap();
    raw.execute("delete from audit where top_id = ?1 and place > 7", [top]).unwrap();
    let cut = verify(&folder, &[]);
    assert!(cut.status.code() == Some(1) && String::from_utf8_lossy(&cut.stdout).contains("ends at place 7"));
    std::fs::write(folder.join("audit-heads.jsonl"), "no head\n").unwrap();
    assert!(String::from_utf8_lossy(&verify(&folder, &[]).stderr).contains("not a head"));
    drop((raw, db));
    std::fs::remove_dir_all(folder).unwrap();
}
