//! Spreadsheets as people keep them, from upload to the roll, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod lists;
#[allow(dead_code)] // each test binary uses its part
#[path = "../place/mod.rs"]
mod place;
mod undone;

use place::*;

const UNITS: &[u8] = include_bytes!("../../../../samples/units.xlsx");
const PEOPLE: &[u8] = include_bytes!("../../../../samples/people.xlsx");
const FAULTY: &[u8] = include_bytes!("../../../../samples/people-faulty.xlsx");
const RECORDS: &[u8] = include_bytes!("../../../../samples/records.csv");
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
            "没有“研究所生态支部”这个组织；相近的有：生态监测支部",
            "科学计数",
            "手机号应为11位",
            "校验码不符",
            "请填写",
            "不认识“临时工”；可以写：正式党员、预备党员",
            "与第 9 行是同一个人",
            "1980-02-30",
            "入党日期早于出生日期",
            "这一级没有“厂长”岗位；有：支部书记、",
            "丢了零的 10 月",
            "在今天之后",
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
        assert!(preview.contains("没有“生态监测支部”这个组织；请核对名称，或先导入组织"), "{preview}");
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
    let text = page.text.split_once("name=\"text\"").unwrap().1.split_once('>').unwrap().1;
    let text = text.split_once("</textarea>").unwrap().0.replace("&quot;", "\"").replace("&amp;", "&");
    assert!(page.text.contains("name=\"from\" required value=\"2023-07-01\""), "the next quarter is proposed");
    let put = [("text", text.as_str()), ("from", "2023-07-01")];
    let done = clerk.send("/units/1/lists", "/units/1/lists/put", &put).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let csv_of = |path: &'static str| async { clerk.get(path).await.text };
    let new = csv_of("/units/3/2023/clauses/A-1?as=csv").await;
    assert!(new.contains("2023Q3") && new.contains("2023Q4") && !new.contains("2023Q2"), "{new}");
    let old = csv_of("/units/3/2023/clauses/L3-01?as=csv").await;
    assert!(old.contains("2023Q1") && old.contains("2023Q2") && !old.contains("2023Q3"), "{old}");
    clerk.send("/units/1/lists", "/units/1/lists/take-back", &[("pack", "duties"), ("from", "2023-07-01")]).await;
    let rich = "条款编号,内容,级别,周期,岗位,次数,到期\nA-1,召开党员大会,党委、党支部,每年,,2,次年1月底前\nA-2,书记讲党课,党支部,每两年,支部书记,1,\nA-3,召开党员大会,党支部,每季度,,,季后5日内\n";
    let page = clerk.upload("/units/1/lists", "/units/1/lists/compare", "清单.csv", rich.as_bytes()).await;
    assert!(page.status == 200 && page.text.contains("A-3"), "{}", page.text);
    for (from, to, words) in [
        ("支部书记", "车间主任", "不认识岗位“车间主任”"),
        ("党委、", "党委、车间、", "不认识级别“车间”"),
        (",,2,", ",,多次,", "次数应为"),
        ("季后5日内", "3月31日", "按年的条款"),
        ("次年1月底前", "尽快", "“尽快”"),
    ] {
        let csv = rich.replace(from, to);
        let page = clerk.upload("/units/1/lists", "/units/1/lists/compare", "清单.csv", csv.as_bytes()).await;
        assert!(page.status == 422 && page.text.contains(words), "{words}: {}", page.text);
    }
    let bad = csv.replace("每季度", "经常");
    let page = clerk.upload("/units/1/lists", "/units/1/lists/compare", "清单.csv", bad.as_bytes()).await;
    assert!(page.status == 422 && page.text.contains("“经常”") && page.text.contains("第3行"), "{}", page.text);
}

/// A spreadsheet with heads for people, and one row.
fn people(rows: &[&str]) -> String {
    let head = "姓名,所在支部,性别,出生日期,身份证号,手机号,人员类别,入党日期,转正日期,党内职务,任职日期";
    format!("{head}\n{}\n", rows.join("\n"))
}

#[tokio::test]
async fn what_would_fail_when_written_is_told_at_its_cell_before() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    let cases = [
        (people(&["甲一,第一支部,男,1980.1.2,,,,,,支部书记,2023.2"]), "“支部书记”已由李建国担任"),
        (people(&["甲一,第一支部,男,1980.1.2,,,,,,支部书记,2023.1"]), "可能是 1 月，也可能是丢了零的 10 月"),
        (people(&["甲一,第一支部,男,1980.1.2,,,,1970.2,,,"]), "入党日期早于出生日期"),
        (people(&["甲一,第一支部,男,1980.1.2,,,,2010.7.1,2009.7.1,,"]), "转正日期早于入党日期"),
        (people(&["甲一,第一支部,男,1980.1.2,,,,2024.7.1,,,"]), "在今天之后"),
        (people(&["甲一,第一支部,男,1980.1.2,,,,,,机关党委书记,"]), "这一级没有“机关党委书记”岗位"),
        (
            people(&["甲一,第一支部,男,1980.1.2,,,,,,,", "甲一,第一支部,男,1980.1.2,990000199001010017,,,,,,"]),
            "同一个人",
        ),
        (
            "组织全称,级别,上级组织\n甲支部,党支部,乙支部\n乙支部,党支部,机关党委\n".into(),
            "“党支部”不能直接设在“党支部”之下",
        ),
        ("组织全称,级别,上级组织\n甲党委,党委,乙党委\n乙党委,党委,甲党委\n".into(), "上级组织互为上下级"),
        ("组织全称,级别,上级组织,代码\n甲支部,党支部,机关党委,611\n".into(), "类型代码应为"),
        (
            "组织全称,级别,上级组织,换届日期,届满日期\n甲支部,党支部,机关党委,2023.2,2022.3\n".into(),
            "届满日期应在换届日期之后",
        ),
        ("组织全称,级别,上级组织\n甲支部,车间,机关党委\n".into(), "不认识“车间”；可以写："),
        ("组织全称,级别,上级组织\n甲支部,党支部,机关党伟\n".into(), "没有“机关党伟”这个组织；相近的有：机关党委"),
        ("组织,类型,日期,主题\n第一支部,党员大会,1930.1.5,甲\n".into(), "日期过早"),
        ("组织,类型,日期,主题\n第一支部,班会,2023.1.1,甲\n".into(), "没有“班会”这种纪实"),
    ];
    for (csv, words) in cases {
        let (page, path) = read(&clerk, "表.csv", csv.as_bytes()).await;
        assert!(page.contains("▲ 有问题") && page.contains(words), "{words}: {page}");
        let english = clerk.get_english(&path).await.text;
        let table = english.split("<thead>").nth(1).unwrap();
        assert!(table.contains("Problem") && !table.contains(words), "{words} is not said in English: {table}");
    }
}

#[tokio::test]
async fn two_of_the_same_name_with_numbers_of_their_own_are_two_people() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    let rows =
        ["甲一,第一支部,男,1990.1.1,990000199001010017,,,,,,", "甲一,第一支部,男,1990.1.1,990000199001010033,,,,,,"];
    let (page, path) = read(&clerk, "表.csv", people(&rows).as_bytes()).await;
    assert_eq!((count(&page, "将新增"), count(&page, "有问题的单元格")), (2, 0), "{page}");
    assert!(commit(&clerk, &path).await.contains("● 已导入"));
}

#[tokio::test]
async fn what_the_roll_says_otherwise_is_shown_and_kept() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    let (_, path) = read(&clerk, "表.csv", people(&["甲一,第一支部,男,1980.1.2,,,,2010.7,,,"]).as_bytes()).await;
    commit(&clerk, &path).await;
    let changed = people(&["甲一,第一支部,女,1980.1.2,,,,2011.7,,,"]);
    let (page, _) = read(&clerk, "表.csv", changed.as_bytes()).await;
    assert_eq!(
        (count(&page, "将新增"), count(&page, "已有，不变"), count(&page, "不一致的单元格")),
        (0, 1, 2),
        "{page}"
    );
    assert!(page.contains("与名册不一致"), "{page}");
    assert!(
        commit(
            &clerk,
            &clerk
                .get(HOME)
                .await
                .text
                .split("/units/1/imports/")
                .nth(1)
                .map(|rest| format!("{HOME}/{}", rest.split('"').next().unwrap()))
                .unwrap()
        )
        .await
        .contains("已导入 <b>0</b>")
    );
    assert!(clerk.get("/units/1/people?as=csv").await.text.contains("甲一,男"), "without the tick nothing changes");
    // a sheet that says less than the roll is the same person
    let (page, _) = read(&clerk, "表.csv", "姓名,所在支部\n甲一,第一支部\n".as_bytes()).await;
    assert_eq!((count(&page, "已有，不变"), count(&page, "不一致的单元格")), (1, 0), "{page}");
}

/// An identity number with its check digit.
fn number(digits: &str) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", char::from(b"10X98765432"[sum as usize % 11]))
}

#[tokio::test]
async fn a_preview_that_has_grown_old_writes_nobody_twice() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let csv = people(&["甲一,第一支部,男,1980.1.2,,,,,,,"]);
        let (_, first) = read(&clerk, "一.csv", csv.as_bytes()).await;
        let (_, second) = read(&clerk, "二.csv", csv.as_bytes()).await;
        assert!(commit(&clerk, &first).await.contains("已导入 <b>1</b>"));
        assert!(commit(&clerk, &second).await.contains("已导入 <b>0</b>"));
        assert_eq!(clerk.get("/units/1/people?as=csv").await.text.matches("甲一").count(), 1);
        let again = clerk.send(&first, &format!("{first}/commit"), &[]).await;
        assert!(again.status == 422 && again.text.contains("已有变化"), "{}", again.text);
    }
}

#[tokio::test]
async fn numbers_are_masked_on_the_page_and_gone_once_written() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    let rows = ["甲一,第一支部,男,1990.1.1,990000199001010018,,,,,,"];
    let (page, path) = read(&clerk, "表.csv", people(&rows).as_bytes()).await;
    assert!(page.contains("校验码不符") && page.contains("990*************18") && !page.contains("990000199001010018"));
    let list = clerk.get(&format!("{path}?as=json")).await;
    assert!(list.text.contains("校验码不符") && !list.text.contains("990000199001010018"), "{}", list.text);
    let (_, path) = read(&clerk, "表.csv", people(&[&rows[0].replace("018", "017")]).as_bytes()).await;
    assert_eq!(clerk.get(&format!("{path}/faults")).await.status, 404);
    let page = commit(&clerk, &path).await;
    assert!(page.contains("● 已导入") && !page.contains("甲一"), "{page}");
}

/// A clerk of a unit.
fn actor(at: &luoshi_rules::Unit) -> luoshi_rules::Actor {
    let held =
        luoshi_rules::Held { post: "party_affairs_worker".into(), unit: at.id, top: at.top, path: at.path.clone() };
    let (top, home) = (at.top, at.id);
    luoshi_rules::Actor { person: CLERK, top, home, name: String::new(), posts: vec![held], operation: 0, today: TODAY }
}

#[tokio::test]
async fn a_secretary_imports_their_own_people_but_founds_no_units() {
    let site = Site::new(None).await;
    let (secretary, home) = (site.sign_in(SECRETARY).await, "/units/3/imports");
    let sent = secretary.upload(home, home, "表.csv", people(&["甲一,第一支部,男,1980.1.2,,,,,,,"]).as_bytes()).await;
    assert_eq!(count(&secretary.settled(&sent.to).await.text, "将新增"), 1);
    let sent = secretary.upload(home, home, "表.csv", people(&["甲一,第二支部,男,1980.1.2,,,,,,,"]).as_bytes()).await;
    assert!(secretary.settled(&sent.to).await.text.contains("没有“第二支部”这个组织"));
    let sent = secretary.upload(home, home, "表.csv", "组织全称,级别\n甲支部,党支部\n".as_bytes()).await;
    assert!(secretary.settled(&sent.to).await.text.contains("您不能导入这类表格"));
}

#[tokio::test]
async fn a_sheet_with_nothing_to_write_says_why_and_offers_no_button() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    let (page, _) = read(&clerk, "空.csv", "姓名,所在支部\n".as_bytes()).await;
    assert!(page.contains("表头下面没有内容") && !page.contains("全部导入"), "{page}");
    let csv = people(&["甲一,第一支部,男,1980.1.2,,,,,,,"]);
    let (page, path) = read(&clerk, "表.csv", csv.as_bytes()).await;
    assert!(page.contains("全部导入 (1)"), "{page}");
    commit(&clerk, &path).await;
    let (page, _) = read(&clerk, "表.csv", csv.as_bytes()).await;
    assert!(page.contains("都已在系统里") && !page.contains("全部导入"), "{page}");
}

#[tokio::test]
async fn a_file_may_be_called_anything() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    for name in ["--help.csv", "-V", "名册 （终稿）.csv"] {
        let (page, _) = read(&clerk, name, people(&["甲一,第一支部,男,1980.1.2,,,,,,,"]).as_bytes()).await;
        assert_eq!(count(&page, "将新增"), 1, "{name}: {page}");
    }
}

#[tokio::test]
async fn the_page_of_imports_says_what_it_reads_and_hands_out_samples() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    let page = clerk.get(HOME).await.text;
    assert!(page.contains("身份证号") && page.contains("上级组织") && page.contains("/samples/people.xlsx"), "{page}");
    assert!(clerk.get_english(HOME).await.text.contains("identity number"));
    assert!(clerk.get("/samples/units.xlsx").await.text.starts_with("PK"));
    assert_eq!(clerk.get("/samples/other.xlsx").await.status, 404);
    read(&clerk, "records.csv", RECORDS).await;
    assert!(clerk.get(&format!("{HOME}?as=json")).await.text.contains("records.csv"));
}
