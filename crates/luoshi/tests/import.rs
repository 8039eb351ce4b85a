//! Spreadsheets as people keep them, from upload to the roll, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // each test binary uses its part
mod place;

use place::*;

const UNITS: &[u8] = include_bytes!("../../../samples/units.xlsx");
const PEOPLE: &[u8] = include_bytes!("../../../samples/people.xlsx");
const FAULTY: &[u8] = include_bytes!("../../../samples/people-faulty.xlsx");
const RECORDS: &[u8] = include_bytes!("../../../samples/records.csv");
const HOME: &str = "/units/1/imports";

/// Uploads a file and returns the page of the import once it was read.
async fn read(clerk: &Visitor<'_>, name: &str, bytes: &[u8]) -> (String, String) {
    let sent = clerk.upload(HOME, HOME, name, bytes).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    (clerk.settled(&sent.to).await.text, sent.to)
}

async fn commit(clerk: &Visitor<'_>, path: &str) -> String {
    let sent = clerk.send(path, &format!("{path}/commit"), &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    clerk.settled(path).await.text
}

/// The number behind a heading of the preview.
fn count(page: &str, heading: &str) -> usize {
    let rest = page.split_once(heading).unwrap_or_else(|| panic!("no {heading} in {page}")).1;
    let digits: String = rest.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

#[tokio::test]
async fn messy_sheets_become_units_and_people_and_the_second_time_changes_nothing() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let (preview, path) = read(&clerk, "units.xlsx", UNITS).await;
        assert_eq!((count(&preview, "将新增"), count(&preview, "有问题的单元格")), (6, 0), "{preview}");
        assert!(commit(&clerk, &path).await.contains("● 已导入"));
        let (preview, path) = read(&clerk, "people.xlsx", PEOPLE).await;
        assert_eq!((count(&preview, "将新增"), count(&preview, "有问题的单元格")), (40, 0), "{preview}");
        assert!(commit(&clerk, &path).await.contains("● 已导入"));

        let found = clerk.get("/units/1/people?as=csv").await.text;
        assert_eq!(found.lines().count() - 1, 40 + 12, "{found}");
        for (file, bytes, all) in [("units.xlsx", UNITS, 6), ("people.xlsx", PEOPLE, 40)] {
            let (again, _) = read(&clerk, file, bytes).await;
            assert_eq!((count(&again, "将新增"), count(&again, "已有，不变")), (0, all), "{file}");
        }
    }
}

#[tokio::test]
async fn each_faulty_cell_is_told_and_nothing_is_written() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let (_, path) = read(&clerk, "units.xlsx", UNITS).await;
        commit(&clerk, &path).await;
        let (preview, path) = read(&clerk, "people-faulty.xlsx", FAULTY).await;
        for words in [
            "没有“研究所生态支部”这个组织；相近的有",
            "科学计数",
            "手机号应为11位",
            "校验码不符",
            "请填写",
            "不认识“临时工”",
            "同一个人",
        ] {
            assert!(preview.contains(words), "{words}: {preview}");
        }
        let refused = clerk.post(&format!("{path}/commit"), &[]).await;
        assert_eq!(refused.status, 403);
        let file = clerk.get(&format!("{path}/faults")).await;
        assert!(file.text.starts_with("PK"));
        assert_eq!(clerk.get("/units/1/people?as=csv").await.text.lines().count() - 1, 12);
    }
}

#[tokio::test]
async fn an_import_is_taken_back_while_nothing_builds_on_it() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let (_, units) = read(&clerk, "units.xlsx", UNITS).await;
        commit(&clerk, &units).await;
        let (_, people) = read(&clerk, "people.xlsx", PEOPLE).await;
        commit(&clerk, &people).await;
        let refused = clerk.send(&units, &format!("{units}/undo"), &[]).await;
        assert!(refused.status == 422 && refused.text.contains("已被后来的内容用到"), "{}", refused.text);
        assert_eq!(clerk.send(&people, &format!("{people}/undo"), &[]).await.status, 303);
        assert_eq!(clerk.get("/units/1/people?as=csv").await.text.lines().count() - 1, 12);
        let (again, path) = read(&clerk, "people.xlsx", PEOPLE).await;
        assert_eq!((count(&again, "将新增"), count(&again, "有问题的单元格")), (40, 0), "{again}");
        assert!(commit(&clerk, &path).await.contains("● 已导入"));
    }
}

#[tokio::test]
async fn past_records_in_gbk_are_read_and_meet_duties() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let csv = "支部,活动类型,日期,议题\n第一支部,党员大会,2023年2月10日,审议计划\n".to_owned();
        let (bytes, _, _) = encoding_rs::GBK.encode(&csv);
        let (preview, path) = read(&clerk, "台账.csv", &bytes).await;
        assert_eq!(count(&preview, "将新增"), 1, "{preview}");
        commit(&clerk, &path).await;
        assert!(clerk.get("/units/3/2023/duties/L3-01").await.text.contains("● 已落实"));
        let (preview, _) = read(&clerk, "records.csv", RECORDS).await;
        assert!(preview.contains("没有“生态监测支部”这个组织"), "{preview}");
    }
}

#[tokio::test]
async fn a_hostile_or_foreign_file_gets_words() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    for (name, bytes) in [
        ("a.xlsx", &b"PK\x03\x04 broken"[..]),
        ("b.doc", &b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..]),
        ("c.csv", &b""[..]),
        ("d.csv", &b"a,b\n1,2\n"[..]),
    ] {
        let (page, _) = read(&clerk, name, bytes).await;
        assert!(page.contains("▲ 没有导入") && page.contains("complaints"), "{name}: {page}");
    }
    let secretary = site.sign_in(SECRETARY).await;
    assert_eq!(secretary.get(HOME).await.status, 404);
}

#[tokio::test]
async fn a_list_from_a_spreadsheet_is_compared_before_it_takes_effect() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    let csv = "某某厅责任清单,,,\n条款编号,内容,级别,周期,岗位\nA-1,召开党员大会,党支部,每季度,\nA-2,书记讲党课,党支部,每年,支部书记\n";
    let page = clerk.upload("/units/1/lists", "/units/1/lists/compare", "清单.csv", csv.as_bytes()).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("A-1") && page.text.contains("取消 <b>59</b>"), "{}", page.text);
    let bad = csv.replace("每季度", "经常");
    let page = clerk.upload("/units/1/lists", "/units/1/lists/compare", "清单.csv", bad.as_bytes()).await;
    assert!(page.status == 422 && page.text.contains("“经常”") && page.text.contains("第3行"), "{}", page.text);
}
