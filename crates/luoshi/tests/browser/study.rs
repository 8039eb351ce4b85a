//! Study life in a real browser: a meeting recorded in few inputs, and everybody young put in a group.
#![allow(clippy::unwrap_used, reason = "a demonstration that cannot be served is a failed test")]

use crate::demo::Demo;
use crate::driver::{Browser, Script};

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
    browser.click("导入").await;
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
