//! Every list leaves as .xlsx, .csv and JSON, complete and safe to open.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // each test binary uses its part
mod place;

use luoshi_office::{Value, sheet};
use place::*;

/// Every page of the clerk that shows a list.
const LISTS: [&str; 14] = [
    "/units/1/2023/records?below=1",
    "/units/1/people",
    "/units/1/2023/matrix",
    "/units/3/2023/duties",
    "/units/1/2023/clauses/L3-01",
    "/units/1/follow-ups",
    "/units/1/tree",
    "/units/1/transfers",
    "/units/1/imports",
    "/units/1/lists",
    "/units/3/posts",
    "/me",
    "/units/3/people?own=1",
    "/units/3/2023/records",
];

fn with(path: &str, format: &str) -> String {
    format!("{path}{}as={format}", if path.contains('?') { "&" } else { "?" })
}

#[tokio::test]
async fn every_list_page_offers_three_formats_and_gives_them() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        for path in LISTS {
            let page = clerk.get(path).await;
            assert_eq!(page.status, 200, "{path}");
            for format in ["xlsx", "csv", "json"] {
                assert!(page.text.contains(&format!("as={format}")), "{path} does not offer {format}");
                let file = clerk.get_bytes(&with(path, format)).await;
                assert_eq!(file.0, 200, "{path} {format}");
                match format {
                    "json" => {
                        assert!(serde_json::from_slice::<serde_json::Value>(&file.1).unwrap().is_array(), "{path}")
                    }
                    "csv" => assert!(file.1.starts_with("\u{feff}".as_bytes()), "{path} has no BOM"),
                    _ => assert!(file.1.starts_with(b"PK"), "{path} is no workbook"),
                }
            }
            assert_eq!(clerk.get(&with(path, "pdf")).await.status, 422, "{path}");
        }
    }
}

#[tokio::test]
async fn a_refused_form_shows_no_exports() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let tokens = [("name", ""), ("until", "1999-01-01")];
        for (page, form, fields) in [
            ("/units/1/people", "/units/1/people", &[("name", ""), ("standing", "full")][..]),
            ("/units/3/posts", "/units/3/posts", &[("post", "branch_secretary"), ("person", "没有这个人")]),
            ("/units/1/lists", "/units/1/lists/put", &[("text", "[[clause]]"), ("from", "2023-07-01")]),
            ("/units/3/2023/records", "/units/3/records", &[("kind", "general-meeting"), ("on", "")]),
            ("/me/settings", "/me/tokens", &tokens),
        ] {
            assert!(clerk.get(page).await.text.contains("as=xlsx"), "{page}");
            // the address of a form gives no list: a link there would lead nowhere
            let refused = clerk.send(page, form, fields).await;
            assert_eq!(refused.status, 422, "{form}: {}", refused.text);
            assert!(!refused.text.contains("as=xlsx") && !refused.text.contains("导出："), "{form}: {}", refused.text);
        }
    }
}

#[tokio::test]
async fn a_ledger_has_every_record_with_its_types_and_no_text_of_it_runs() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        for n in 0..60 {
            let topic = format!("=HYPERLINK(\"http://x\",{n})");
            let fields = [("kind", "theme-day"), ("on", "2023-03-10"), ("topic", topic.as_str()), ("again", "1")];
            let form = "/units/3/records/new?kind=theme-day";
            assert_eq!(secretary.send(form, "/units/3/records", &fields).await.status, 303);
        }
        let bytes = secretary.get_bytes("/units/3/2023/records?as=xlsx").await.1;
        let sheet = sheet::read(&bytes, "x.xlsx").unwrap();
        let topics = sheet
            .rows
            .iter()
            .filter(|row| row.iter().any(|cell| matches!(cell, Value::Text(text) if text.starts_with("=HYPERLINK"))));
        assert_eq!(topics.count(), 60, "more than a page of fifty");
        assert!(matches!(sheet.at(2, 0), Value::Date(_)), "{:?}", sheet.at(2, 0));
        let csv = String::from_utf8(secretary.get_bytes("/units/3/2023/records?as=csv").await.1).unwrap();
        assert_eq!(csv.matches("\"'=HYPERLINK").count(), 60, "{csv}");
    }
}

#[tokio::test]
async fn the_ledger_of_duties_has_the_columns_of_the_trade_and_adds_up() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let fields = [("year", "2023"), ("pick", "3/L3-01/2023Q1")];
        let sent = clerk.send("/units/3/2023/duties/L3-01", "/units/3/follow-ups", &fields).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let rows: serde_json::Value =
            serde_json::from_slice(&clerk.get_bytes("/units/1/2023/matrix?as=json").await.1).unwrap();
        let rows = rows.as_array().unwrap();
        let one = rows.iter().find(|row| row["unit"] == "第一支部" && row["clause"] == "L3-01").unwrap();
        for key in [
            "no",
            "level",
            "post",
            "text",
            "source",
            "cadence",
            "period",
            "due",
            "status",
            "on_time",
            "late",
            "waived",
            "evidence",
            "remark",
            "follow_up",
        ] {
            assert!(one.get(key).is_some(), "{key}");
        }
        assert_eq!(one["cadence"], "每季度");
        assert!(one["follow_up"].as_str().unwrap().contains("提醒"), "{one}");
        let sheet = sheet::read(&clerk.get_bytes("/units/1/2023/matrix?as=xlsx").await.1, "x.xlsx").unwrap();
        let total = sheet.rows.iter().find(|row| row.first() == Some(&Value::Text("合计".into()))).unwrap();
        assert_eq!(total[1], Value::Number(rows.len() as f64));
        let overdue = rows.iter().filter(|row| row["overdue"] == 1).count();
        assert!(overdue > 0 && total[15] == Value::Number(overdue as f64), "{total:?}");
    }
}

/// A file of a .zip.
fn part(bytes: &[u8], name: &str) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut out = Vec::new();
    std::io::Read::read_to_end(&mut zip.by_name(name).unwrap(), &mut out).unwrap();
    out
}

#[tokio::test]
async fn the_archive_of_a_year_is_whole_checks_out_and_is_equal_for_equal_facts() {
    for site in sites().await {
        let (secretary, clerk) = (site.sign_in(SECRETARY).await, site.sign_in(CLERK).await);
        let form = "/units/3/records/new?kind=general-meeting";
        let fields = [("kind", "general-meeting"), ("on", "2023-02-10"), ("topic", "审议年度计划")];
        let pdf = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n";
        let done = secretary.attach(form, "/units/3/records", &fields, "会议记录.pdf", pdf).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = secretary.get("/units/3/2023/records").await;
        assert!(page.text.contains("/units/3/2023/archive"), "the page of the records offers it");
        let (status, zip) = secretary.get_bytes("/units/3/2023/archive").await;
        assert_eq!(status, 200);
        let index = String::from_utf8(part(&zip, "index.html")).unwrap();
        for words in ["中共第一支部 2023", "审议年度计划", "会议记录.pdf", "李建国", "责任清单台账"]
        {
            assert!(index.contains(words), "{words}");
        }
        let manifest: serde_json::Value = serde_json::from_slice(&part(&zip, "manifest.json")).unwrap();
        let names: Vec<&str> =
            manifest["files"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        let attached = names.iter().find(|name| name.starts_with("files/")).unwrap();
        assert_eq!(part(&zip, attached), pdf);
        for list in ["records", "duties", "follow-ups", "posts", "plans"] {
            for end in ["xlsx", "json"] {
                assert!(names.contains(&format!("{list}.{end}").as_str()), "{list}.{end} of {names:?}");
            }
            serde_json::from_slice::<serde_json::Value>(&part(&zip, &format!("{list}.json"))).unwrap();
        }
        let folder = std::env::temp_dir().join(format!("luoshi-archive-{}", luoshi_store::new_id()));
        zip::ZipArchive::new(std::io::Cursor::new(&zip)).unwrap().extract(&folder).unwrap();
        let mut check = std::process::Command::new("sha256sum");
        check.args(["-c", "--quiet", "SHA256SUMS"]).current_dir(&folder);
        assert!(check.status().unwrap().success(), "sha256sum agrees");
        std::fs::remove_dir_all(folder).unwrap();
        assert_eq!(zip, clerk.get_bytes("/units/3/2023/archive").await.1, "whoever takes it, whenever");
        let more = [("kind", "theme-day"), ("on", "2023-03-10"), ("topic", "又一次")];
        secretary.send("/units/3/records/new?kind=theme-day", "/units/3/records", &more).await;
        assert_ne!(zip, secretary.get_bytes("/units/3/2023/archive").await.1);
        assert_eq!(site.sign_in(OTHER).await.get("/units/3/2023/archive").await.status, 404);
        assert_eq!(site.sign_in(MEMBER).await.get("/units/3/2023/archive").await.status, 404);
    }
}

/// What stands in a sheet of a workbook.
fn sheet_text(bytes: &[u8], number: usize) -> String {
    String::from_utf8(part(bytes, &format!("xl/worksheets/sheet{number}.xml"))).unwrap()
}

const IDENTITY: &str = "11010519491231002X";

#[tokio::test]
async fn the_national_form_is_filled_with_numbers_only_for_a_reason_that_each_can_read() {
    for site in sites().await {
        site.write(|tx, base| {
            let at = luoshi_store::unit::find(tx, FIRST)?;
            let roll = leave(base, &at, luoshi_rules::Verb::Roll, TODAY);
            luoshi_store::identity::set(tx, &roll, MEMBER, luoshi_store::identity::Field::Identity, IDENTITY)
        })
        .await;
        let clerk = site.sign_in(CLERK).await;
        let page = "/units/1/forms/national-26";
        let shown = clerk.get(page).await;
        for words in ["公民身份号码", "党组织所在单位情况", "待核对", "系统不保存", "随程序提供"]
        {
            assert!(shown.text.contains(words), "{words}");
        }
        let exports = format!("{page}/exports");
        let plain = clerk.send_bytes(page, &exports, &[]).await;
        let people = sheet_text(&plain.1, 2);
        assert!(people.contains("张晓明") && people.contains("正式党员") && !people.contains(IDENTITY), "{people}");
        let units = sheet_text(&plain.1, 1);
        assert!(units.contains("中共第一支部") && units.contains("李建国"), "{units}");

        let silent = clerk.send(page, &exports, &[("numbers", "1"), ("reason", "")]).await;
        assert!(silent.status == 422 && silent.text.contains("理由"), "{}", silent.text);
        let full = clerk.send_bytes(page, &exports, &[("numbers", "1"), ("reason", "上报半年信息")]).await;
        assert!(sheet_text(&full.1, 2).contains(IDENTITY));
        let own = site.sign_in(MEMBER).await.get("/me").await.text;
        assert!(own.contains("上报半年信息") && own.contains("周文静"), "each can read it");
        let secretary = site.sign_in(SECRETARY).await;
        assert_eq!(secretary.get("/units/1/forms/national-26").await.status, 404);
    }
}

#[tokio::test]
async fn an_organisation_changes_the_mapping_and_goes_back_and_faults_are_told_by_line() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let page = "/units/1/forms/national-26";
        let text = String::from_utf8(clerk.get_bytes(&format!("{page}/text")).await.1).unwrap();
        let wrong = text.replace("source = \"full_name\"", "source = \"ful_name\"");
        let refused = clerk.upload(page, page, "x.toml", wrong.as_bytes()).await;
        assert!(refused.status == 422 && refused.text.contains("21:") && refused.text.contains("full_name"));
        let other = text.replace("党组织名称", "组织名称（全称）");
        assert_eq!(clerk.upload(page, page, "x.toml", other.as_bytes()).await.status, 303);
        let shown = clerk.get(page).await;
        assert!(shown.text.contains("组织名称（全称）") && shown.text.contains("正在使用本单位修改过的"));
        let below = clerk.get("/units/3/forms/national-26").await;
        assert!(below.text.contains("组织名称（全称）") && !below.text.contains("上传并启用"));
        let stranger = site.sign_in(STRANGER).await;
        assert!(!stranger.get("/units/9/forms/national-26").await.text.contains("组织名称（全称）"));
        assert_eq!(clerk.send(page, page, &[("act", "drop")]).await.status, 303);
        assert!(clerk.get(page).await.text.contains("随程序提供"));
    }
}

/// One row more than an export may have, of which the first is `row` of a table.
fn too_many(site: &Site, table: &str, row: &str) {
    let raw = rusqlite::Connection::open(site.file()).unwrap();
    let sql = format!(
        "with recursive n (n) as (select 1 union all select n + 1 from n where n < 200000)
         insert into {table} {row}"
    );
    raw.execute_batch(&sql).unwrap();
}

#[tokio::test]
async fn a_list_too_long_for_one_file_is_refused_in_words_and_never_cut() {
    let site = Site::new(None).await;
    site.write(|tx, base| {
        let at = luoshi_store::unit::find(tx, FIRST)?;
        let permit = leave(base, &at, luoshi_rules::Verb::Write, TODAY);
        let kind = base.kind.first().unwrap();
        let (on, data) = (jiff::civil::date(2023, 3, 1), serde_json::json!({ "topic": "学习" }));
        let entry = luoshi_store::record::Entry {
            kind,
            on,
            data,
            makes_up: String::new(),
            due: None,
            stood: Vec::new(),
            files: Vec::new(),
        };
        luoshi_store::record::add(tx, &permit, &entry).map(drop)?;
        let root = luoshi_store::unit::find(tx, ROOT)?;
        let post = base.post("auditor").unwrap();
        let roll = leave(base, &root, luoshi_rules::Verb::Roll, TODAY);
        luoshi_store::holding::appoint(tx, &roll, post, MEMBER, TODAY, "")
    })
    .await;
    too_many(
        &site,
        "record",
        "select top_id, id + n, version, unit_id, path, kind, on_date, written, author_id, data, tags, roles, makes_up, roll,
                withdrawn from n, (select * from record limit 1)",
    );
    too_many(
        &site,
        "audit (top_id, id, at, person_id, unit_id, act, object, detail)",
        "select 1, 1000000 + n, at, person_id, unit_id, act, object, detail from n, (select * from audit where top_id = 1 limit 1)",
    );
    let (clerk, auditor) = (site.sign_in(CLERK).await, site.sign_in(MEMBER).await);
    for (visitor, path) in [(&clerk, "/units/1/2023/records?below=1"), (&auditor, "/units/1/audit")] {
        assert_eq!(visitor.get(path).await.status, 200, "{path}");
        for format in ["xlsx", "csv", "json"] {
            let began = std::time::Instant::now();
            let refused = visitor.get(&with(path, format)).await;
            assert_eq!(refused.status, 422, "{path} {format}: {} characters", refused.text.len());
            for words in ["超过 200000 行", "请先筛选", "choose one kind or one year"] {
                assert!(refused.text.contains(words), "{path}: {}", refused.text);
            }
            assert!(began.elapsed().as_secs() < 10, "{path} {format} took {:?}", began.elapsed());
        }
    }
}
