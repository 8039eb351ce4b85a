//! The newcomer's path of the README, walked in a real browser; and each role's first page, looked at as people do.
#![allow(clippy::unwrap_used, reason = "a demonstration that cannot be served is a failed test")]

use crate::demo::Demo;
use crate::driver::{Browser, Script};

use std::path::PathBuf;

fn sample(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../samples").join(name);
    path.canonicalize().unwrap().display().to_string()
}

/// Imports a file as the clerk and waits until it is in.
async fn import(browser: &Browser, name: &str) {
    browser.click("设置").await;
    browser.fill("表格（.xlsx 或 .csv）", &sample(name)).await;
    browser.click("读取并预览").await;
    settle(browser).await;
    browser.must_be_sound().await;
    browser.click("全部导入").await;
    settle(browser).await;
    assert!(browser.says("● 已导入").await, "{}", browser.text().await);
}

/// The sign in the cell of a clause, in the only row of a matrix.
async fn cell_of(browser: &Browser, clause: &str) -> String {
    let found = format!(
        "[...document.querySelectorAll('table[data-matrix] tbody a')].find((a) => a.href.includes('/duties/{clause}'))?.textContent || ''"
    );
    browser.devtools_value(&found).await.as_str().unwrap_or_default().to_owned()
}

/// Presses refresh until nothing runs in the background.
async fn settle(browser: &Browser) {
    for _ in 0..100 {
        let text = browser.text().await;
        if !text.contains("正在读取") && !text.contains("正在写入") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        browser.click("刷新").await;
    }
    panic!("the import never ends");
}

/// Records a meeting of a unit and sees its cell of the matrix turn.
async fn see_a_cell_turn(browser: &Browser, matrix: &str, unit: &str) {
    browser.open(matrix).await;
    let cell = "L3-06";
    assert!(cell_of(browser, cell).await.contains("◐"), "{}", browser.text().await);
    browser.open(unit).await;
    browser.click("记一条纪实").await;
    browser.click("组织生活会").await;
    browser.fill("日期", "2023-11-21").await;
    browser.fill("主题", "年度组织生活会").await;
    browser.click("看看会落实什么").await;
    assert!(browser.says("L3-06").await && browser.says("◐ 进行中 → ● 已落实").await, "{}", browser.text().await);
    browser.must_be_sound().await;
    browser.click("保存").await;
    browser.open(matrix).await;
    assert!(cell_of(browser, cell).await.contains("●"), "the cell has turned: {}", browser.text().await);
}

/// Reminds a branch of what is late; its secretary finds it on the first page, makes it up, and it is gone.
async fn see_a_reminder_close_itself(browser: &Browser, url: &str) {
    let (duty, reminder) = ("L3-09 核对党员名册和组织关系", "L3-09 核对党员名册和组织关系（2023年11月）");
    browser.open(&format!("{url}units/1")).await;
    for words in ["厅机关党委", "厅机关第1党总支", "厅机关综合支部", duty, "发提醒"] {
        browser.click(words).await;
    }
    assert!(browser.says(reminder).await, "{}", browser.text().await);
    browser.click("退出").await;
    browser.click("支部书记 Branch secretary").await;
    assert!(browser.says(reminder).await, "{}", browser.text().await);
    browser.must_be_sound().await;
    browser.click(duty).await;
    browser.click("记录").await;
    browser.fill("日期", "2023-12-14").await;
    browser.fill("核对结果", "无误").await;
    browser.click("保存").await;
    assert!(browser.says("2023年11月").await && browser.says("◑ 迟办").await, "{}", browser.text().await);
    browser.open(url).await;
    assert!(!browser.says(reminder).await, "{}", browser.text().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_imports_records_a_meeting_sees_the_duty_met_and_sends_a_reminder_without_script() {
    let demo = Demo::start();
    let browser = Browser::start(Script::Off).await;
    browser.open(&demo.url).await;
    browser.click("党务工作者 Clerk").await;
    assert!(browser.says("谁还没做、没录").await && browser.says("建设三公司").await, "the bad corner shows at once");
    import(&browser, "units.xlsx").await;
    import(&browser, "people.xlsx").await;

    browser.click("组织").await;
    browser.click("研究所党委").await;
    browser.click("湿地后勤支部").await;
    assert!(browser.says("支部书记").await);
    let unit = browser.address().await;
    let matrix = format!("{}units/{}/2023/matrix", demo.url, unit.rsplit('/').next().unwrap());
    see_a_cell_turn(&browser, &matrix, &unit).await;
    browser.open(&unit).await;
    browser.click("记一条纪实").await;
    browser.click("党员大会").await;
    browser.fill("日期", "2023-11-20").await;
    browser.fill("主题", "迁飞季节值守安排").await;
    browser.must_be_sound().await;
    browser.click("保存").await;
    assert!(browser.says("应到 8，实到 8").await, "{}", browser.text().await);
    assert!(browser.says("这条纪实落实了").await);
    browser.must_be_sound().await;

    browser.click("L3-01 召开党员大会").await;
    let duty = browser.text().await;
    assert!(duty.contains("2023年四季度 ● 已落实") && duty.contains("2023年一季度 ▲ 已逾期"), "{duty}");
    browser.must_be_sound().await;
    browser.click("发提醒").await;
    let board = browser.text().await;
    assert!(
        board.contains("督促落实")
            && board.contains("L3-01 召开党员大会（2023年一季度）")
            && board.contains("湿地后勤支部"),
        "{board}"
    );
    browser.must_be_sound().await;
    browser.click("责任清单").await;
    assert!(browser.says("湿地后勤支部").await);
    see_a_reminder_close_itself(&browser, &demo.url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_finds_a_sound_first_page_on_desktop_and_phone_in_both_languages() {
    let demo = Demo::start();
    let browser = Browser::start(Script::On).await;
    let roles = [
        ("党组书记 Leader", "逾期最多的组织", "Where most is overdue"),
        ("党务工作者 Clerk", "谁还没做、没录", "Who has not done or recorded"),
        ("支部书记 Branch secretary", "两分钟记一次会", "Record a meeting in two minutes"),
        ("党员 Member", "下一次会议", "The next meeting"),
        ("纪委书记 Discipline secretary", "下一次廉洁提醒", "The next integrity message"),
    ];
    for (role, zh, en) in roles {
        browser.size(1280, 800).await;
        browser.open(&format!("{}sign-in", demo.url)).await;
        browser.must_be_sound().await;
        browser.click(role).await;
        assert!(browser.says(zh).await, "{role}: {}", browser.text().await);
        browser.must_be_sound().await;
        browser.click("English").await;
        assert!(browser.says(en).await, "{role}: {}", browser.text().await);
        browser.size(390, 800).await;
        browser.must_be_sound().await;
        browser.click("中文").await;
        browser.must_be_sound().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_with_much_on_them_are_sound_on_desktop_and_phone_in_both_languages() {
    let demo = Demo::start();
    let browser = Browser::start(Script::On).await;
    browser.open(&format!("{}sign-in", demo.url)).await;
    browser.click("党务工作者 Clerk").await;
    for path in [
        "units/1/2023/matrix",
        "units/4",
        "units/4/2023/duties",
        "units/4/2023/records",
        "units/5/records/new?kind=org-life-meeting",
        "units/5/branch-groups",
        "units/1/weekly",
        "units/1/2023/burden",
        "units/1/assistance",
        "units/1/operations",
        "me",
        "api",
    ] {
        for language in ["English", "中文"] {
            browser.open(&format!("{}me", demo.url)).await;
            browser.click(language).await;
            for width in [1280, 390] {
                browser.size(width, 800).await;
                browser.open(&format!("{}{path}", demo.url)).await;
                browser.must_be_sound().await;
            }
        }
    }
}
