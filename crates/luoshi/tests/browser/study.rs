//! Study life in a real browser: a meeting recorded in few inputs, and everybody young put in a group.
#![allow(clippy::unwrap_used, reason = "a demonstration that cannot be served is a failed test")]

use crate::demo::Demo;
use crate::driver::{Browser, Script};
use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use std::time::Duration;

/// What a person typed, chose and pressed.
struct Hand<'a> {
    browser: &'a Browser,
    inputs: usize,
}

impl Hand<'_> {
    async fn click(&mut self, words: &str) {
        self.inputs += 1;
        self.browser.click(words).await;
    }

    async fn fill(&mut self, label: &str, value: &str) {
        self.inputs += 1;
        self.browser.fill(label, value).await;
    }
}

/// Thirty-eight names, no two the same.
fn names() -> Vec<String> {
    let given = ["文静", "建军", "晓红", "志强", "秀芳", "海涛", "玉兰", "国栋", "春梅", "永康"];
    ["赵", "钱", "孙", "李"].iter().flat_map(|family| given.map(|name| format!("{family}{name}"))).take(38).collect()
}

async fn import(browser: &Browser, file: &str) {
    browser.click("设置").await;
    browser.fill("表格（.xlsx 或 .csv）", file).await;
    browser.click("读取并预览").await;
    for _ in 0..100 {
        let text = browser.text().await;
        if text.contains("● 已导入") {
            return;
        }
        if text.contains("正在读取") || text.contains("正在写入") {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            browser.click("刷新").await;
        } else {
            browser.click("全部导入").await;
        }
    }
    panic!("the import never ends: {}", browser.text().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_of_thirty_eight_with_three_absent_takes_under_ten_inputs_and_shows_what_it_closed() {
    let demo = Demo::start();
    let browser = Browser::start(Script::On).await;
    browser.open(&demo.url).await;
    browser.click("党务工作者 Clerk").await;
    let units = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../samples/units.xlsx");
    import(&browser, &units.canonicalize().unwrap().display().to_string()).await;
    let sheet = std::env::temp_dir().join(format!("luoshi-people-{}.csv", luoshi_store::new_id()));
    let rows: String =
        names().iter().map(|name| format!("{name},湿地后勤支部,1985-03-02,2010-07-01,正式党员\n")).collect();
    std::fs::write(&sheet, format!("姓名,所在支部,出生日期,入党时间,人员类别\n{rows}")).unwrap();
    import(&browser, &sheet.display().to_string()).await;
    std::fs::remove_file(&sheet).unwrap();
    browser.click("组织").await;
    browser.click("研究所党委").await;
    browser.click("湿地后勤支部").await;

    let mut hand = Hand { browser: &browser, inputs: 0 };
    hand.click("记一条纪实").await;
    hand.click("党员大会").await;
    assert!(browser.says("应到 38，实到 38").await, "{}", browser.text().await);
    hand.fill("日期", "2023-12-04").await;
    hand.fill("主题", "审议年度工作").await;
    for (name, why) in [("赵文静", "○ 病假"), ("钱志强", "○ 公务"), ("孙春梅", "○ 事假")] {
        hand.fill(name, why).await;
    }
    assert!(
        browser.says("应到 38，实到 35").await && browser.says("现标为到会 35 ● 已过半数").await,
        "counted as marked"
    );
    browser.must_be_sound().await;
    hand.click("保存").await;
    assert!(hand.inputs < 10, "{} inputs", hand.inputs);
    let page = browser.text().await;
    assert!(page.contains("应到 38，实到 35，请假 3") && page.contains("这条纪实落实了"), "{page}");
    assert!(page.contains("L3-01 召开党员大会") && page.contains("● 已落实"), "{page}");
    browser.must_be_sound().await;
}

/// What stands in a month of the plan of a year.
async fn month(browser: &Browser, month: &str) -> String {
    let read = format!("document.querySelector('[data-month=\"{month}\"]').textContent");
    browser.devtools_value(&read).await.as_str().unwrap_or_default().to_owned()
}

/// A place inside what a selector finds, near its upper left corner.
async fn inside(browser: &Browser, selector: &str) -> (f64, f64) {
    let read = format!(
        "(() => {{ const box = document.querySelector('{selector}').getBoundingClientRect(); return [box.left + 12, box.top + 8]; }})()"
    );
    let value = browser.devtools_value(&read).await;
    (value[0].as_f64().unwrap(), value[1].as_f64().unwrap())
}

/// Takes what stands at one place with the mouse and lets it go at another.
async fn drag(browser: &Browser, from: (f64, f64), to: (f64, f64)) {
    let go = |(x, y): (f64, f64)| PointerAction::MoveTo { duration: Some(Duration::from_millis(100)), x, y };
    let between = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
    let mouse = MouseActions::new("mouse".into())
        .then(go(from))
        .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
        .then(go((from.0 + 6.0, from.1 + 3.0)))
        .then(go(between))
        .then(go(to))
        // the browser lets go where it last saw the mouse move over the target
        .then(go((to.0 + 2.0, to.1 + 2.0)))
        .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
    browser.client.perform_actions(mouse).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_dragged_to_another_month_is_held_on_its_day_there_as_far_as_the_month_has_it() {
    let demo = Demo::start();
    let browser = Browser::start(Script::On).await;
    browser.size(1280, 2000).await;
    browser.open(&demo.url).await;
    browser.click("支部书记 Branch secretary").await;
    browser.click("安排会议").await;
    browser.fill("类型", "主题党日").await;
    browser.fill("日期", "2024-01-31").await;
    browser.fill("主题（选填）", "春节前走访").await;
    browser.click("安排").await;
    browser.click("年度安排").await;
    let next = browser.address().await.replace("/2023/", "/2024/");
    browser.open(&next).await;
    assert!(month(&browser, "2024-01").await.contains("春节前走访"), "{}", browser.text().await);
    browser.must_be_sound().await;
    let meeting = inside(&browser, "[data-month=\"2024-01\"] [data-plan]").await;
    drag(&browser, meeting, inside(&browser, "[data-month=\"2024-02\"] h2").await).await;
    browser.wait_for("29日").await;
    let (january, february) = (month(&browser, "2024-01").await, month(&browser, "2024-02").await);
    assert!(!january.contains("春节前走访") && february.contains("29日"), "{january} {february}");
    assert!(february.contains("春节前走访"), "31 January is 29 February of a leap year: {february}");
    browser.must_be_sound().await;
    browser.open(&next).await;
    assert!(month(&browser, "2024-02").await.contains("春节前走访"), "kept, not only shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_finds_who_under_forty_is_in_no_group_and_accepts_the_proposal_without_script() {
    let demo = Demo::start();
    let browser = Browser::start(Script::Off).await;
    browser.open(&demo.url).await;
    browser.click("党务工作者 Clerk").await;
    browser.open(&format!("{}units/1", demo.url)).await;
    browser.click("青年小组").await;
    let before = browser.text().await;
    assert!(before.contains("未满 40 周岁的干部中") && !before.contains("（100%） 覆盖"), "{before}");
    browser.must_be_sound().await;
    browser.click("还没有编入小组的人").await;
    assert!(browser.says("编组方案").await && browser.says("新设小组").await);
    browser.must_be_sound().await;
    browser.click("采纳方案").await;
    browser.click("还没有编入小组的人").await;
    assert!(browser.says("所有青年干部都已编入小组").await, "{}", browser.text().await);
}
