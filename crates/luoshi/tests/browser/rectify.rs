//! An inspection to its end: an office opens a round on 12 units, a team records 17 problems with 56 manifestations, the
//! unit plans 160 tasks from a spreadsheet, one is returned and one extended, all close, and coverage moves.
#![allow(clippy::unwrap_used, reason = "a demonstration that cannot be served is a failed test")]

use crate::demo::Demo;
use crate::driver::{Browser, Script};
use fantoccini::Locator;
use rust_xlsxwriter::Workbook;
use std::path::PathBuf;

const CLERK: &str = "党务工作者 Clerk";
const LEADER: &str = "党组书记 Leader";
const TEAM: &str = "巡察组长 Leader of a team";
const INSPECTED: &str = "被巡察党委书记 Inspected secretary";
/// The units of the round; the second is told of.
const UNITS: [&str; 12] = [
    "厅机关党委",
    "规划院党委",
    "科研院党委",
    "勘测院党委",
    "培训中心党委",
    "监测总站党委",
    "种苗总站党委",
    "防灾中心党委",
    "职业学院党委",
    "总医院党委",
    "东山管理局党委",
    "南湖管理局党委",
];

/// The story, as those in it go on.
struct Story {
    demo: Demo,
    browser: Browser,
    /// the page of the matter of the unit
    matter: String,
}

impl Story {
    async fn as_role(&self, role: &str) {
        self.browser.open(&format!("{}sign-in", self.demo.url)).await;
        self.browser.click(role).await;
    }

    async fn run(&self, script: &str) -> serde_json::Value {
        self.browser.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Opens the form of a step on the page of the matter and presses its button.
    async fn press(&self, to: &str) {
        self.run("document.querySelectorAll('details').forEach(one => { one.open = true })").await;
        self.run("window.before = true").await;
        let button = format!("form:has(input[name='to'][value='{to}']) button");
        self.browser.client.find(Locator::Css(&button)).await.unwrap().click().await.unwrap();
        for _ in 0..200 {
            let gone = "return !window.before && document.readyState === 'complete'";
            if self.browser.client.execute(gone, Vec::new()).await.is_ok_and(|answer| answer == true) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// Chooses a step for many; all that may take it are ticked.
    async fn choose(&self, step: &str, count: usize) {
        self.browser.open(&format!("{}/together", self.matter)).await;
        self.browser.click(&format!("{step} {count}")).await;
        self.browser.click(&format!("全选 {count}")).await;
    }

    /// Leaves one ticked.
    async fn only_one(&self) {
        let script = "document.querySelectorAll('[name=pick]').forEach((one, n) => { one.checked = n === 4 })";
        self.run(script).await;
    }

    async fn take(&self, button: &str, count: usize) {
        self.browser.click(&format!("{button}（勾选的全部）")).await;
        let page = self.browser.text().await;
        assert!(page.contains(&format!("已办理 {count} 项")), "{button}: {page}");
    }

    /// The office plans a term of its own and opens a round on twelve units, with a team.
    async fn opened(&mut self) -> String {
        self.as_role(TEAM).await;
        let who = self.browser.client.find(Locator::Css(".me")).await.unwrap().text().await.unwrap();
        let who = who.split_whitespace().next().unwrap().to_owned();
        self.as_role(CLERK).await;
        let browser = &self.browser;
        browser.open(&format!("{}units/1/coverage", self.demo.url)).await;
        browser.fill("种类", "巡察").await;
        let facts = [
            ("名称", "选人用人专项巡察规划"),
            ("第一天", "2023-01-01"),
            ("最后一天", "2026-12-31"),
            ("同时派出几个组", "1"),
            ("每组每轮几家", "12"),
            ("每年几轮", "2"),
        ];
        for (label, value) in facts {
            browser.fill(label, value).await;
        }
        browser.click("制定").await;
        assert!(browser.says("已覆盖 0 / 24").await, "{}", browser.text().await);
        let coverage = browser.address().await;
        self.round().await;
        self.browser.must_be_sound().await;
        self.browser.click("给组里加人").await;
        for (label, value) in [("姓名", who.as_str()), ("第几组", "1"), ("职务", "组长（一次一授权）")]
        {
            self.browser.fill(label, value).await;
        }
        self.browser.click("加入").await;
        assert!(self.browser.says(&who).await, "{}", self.browser.text().await);
        self.browser.click("规划院党委").await;
        self.matter = self.browser.address().await;
        coverage
    }

    /// A round on the twelve, out of those that wait.
    async fn round(&self) {
        let browser = &self.browser;
        browser.click("开启新一轮").await;
        for (label, value) in [("名称", "第一轮"), ("至", "2024-12-31"), ("授权文件", "厅党组〔2023〕9号")]
        {
            browser.fill(label, value).await;
        }
        let units = UNITS.map(|unit| format!("'{unit}'")).join(",");
        self.run(&format!(
            "document.querySelectorAll('[name=units]').forEach(one => {{
                one.checked = [{units}].includes(one.parentElement.textContent.trim().split(' ')[0]) }})"
        ))
        .await;
        self.browser.click("开启").await;
        assert!(self.browser.says("种苗总站党委").await, "{}", self.browser.text().await);
    }

    /// The team comes, records what it found from a table, leaves and reports.
    async fn found(&self) {
        self.as_role(TEAM).await;
        let browser = &self.browser;
        browser.open(&self.matter).await;
        self.press("arrived").await;
        let rows: String = (0..56).map(|n| format!("全面从严治党,第{}个问题,第{n}项表现\n", n % 17 + 1)).collect();
        let sheet = Sheet::of("findings.csv", format!("方面,问题,具体表现\n{rows}").as_bytes());
        browser.click("从表格记录问题").await;
        browser.must_be_sound().await;
        browser.fill("表格文件（.xlsx 或 .csv）", &sheet.path()).await;
        browser.click("核对").await;
        assert!(browser.says("共 56 条问题表现").await, "{}", browser.text().await);
        browser.click("记录").await;
        assert!(browser.says("全面从严治党 · 第17个问题").await, "{}", browser.text().await);
        self.press("left").await;
        self.press("reported").await;
    }

    /// The office feeds back, to the head, to the body, and every finding in one form.
    async fn fed_back(&self) {
        self.as_role(CLERK).await;
        self.browser.open(&self.matter).await;
        self.press("fed_back_head").await;
        self.run("document.querySelectorAll('details').forEach(one => { one.open = true })").await;
        self.browser.click("集中整改6个月").await;
        self.press("fed_back_body").await;
        assert!(self.browser.says("集中整改6个月（派出机关规定").await, "{}", self.browser.text().await);
        self.choose("发现问题：反馈", 56).await;
        self.browser.must_be_sound().await;
        self.browser.click("集中整改6个月").await;
        self.take("反馈", 56).await;
    }

    /// The unit accepts all of it and plans 160 tasks from a spreadsheet; the office passes them.
    async fn planned(&self) {
        self.as_role(INSPECTED).await;
        self.choose("发现问题：认领", 56).await;
        self.take("认领", 56).await;
        let browser = &self.browser;
        browser.open(&self.matter).await;
        browser.click("从表格制定整改任务").await;
        let sheet = Sheet::of("tasks.xlsx", &tasks());
        browser.fill("表格文件（.xlsx 或 .csv）", &sheet.path()).await;
        browser.click("核对").await;
        assert!(browser.says("共 160 条任务").await, "{}", browser.text().await);
        browser.click("制定").await;
        assert!(browser.says("0/3").await, "{}", browser.text().await);
        self.as_role(CLERK).await;
        self.choose("整改任务：审核通过", 160).await;
        self.take("审核通过", 160).await;
    }

    /// One is given more time, all are claimed with evidence, one is returned and claimed again, all are verified.
    async fn carried_out(&self) {
        self.as_role(INSPECTED).await;
        self.choose("整改任务：申请延期", 160).await;
        self.only_one().await;
        self.browser.fill("申请延至", "2024-09-30").await;
        self.browser.fill("申请延期：请写明情况", "采购尚未完成").await;
        self.take("申请延期", 1).await;
        self.as_role(LEADER).await;
        self.choose("整改任务：批准延期", 1).await;
        self.browser.fill("延至", "2024-09-30").await;
        self.browser.fill("批准延期：请写明情况", "同意").await;
        self.take("批准延期", 1).await;
        self.claimed(160).await;
        self.as_role(CLERK).await;
        self.choose("整改任务：退回", 160).await;
        self.only_one().await;
        self.browser.fill("退回：请写明情况", "请补公示照片").await;
        self.take("退回", 1).await;
        self.choose("整改任务：核实", 159).await;
        self.take("核实", 159).await;
        self.claimed(1).await;
        self.as_role(CLERK).await;
        self.choose("整改任务：核实", 1).await;
        self.take("核实", 1).await;
        self.choose("整改任务：销号", 160).await;
        self.take("销号", 160).await;
        self.choose("发现问题：销号", 56).await;
        self.take("销号", 56).await;
    }

    async fn claimed(&self, count: usize) {
        self.as_role(INSPECTED).await;
        self.choose("整改任务：报告完成", count).await;
        self.browser.fill("整改结果", "已完成").await;
        self.run("document.querySelector(\"[name='claimed-evidence']\").checked = true").await;
        self.browser.fill("报告完成：请写明情况", "已按措施整改到位").await;
        self.take("报告完成", count).await;
    }

    /// It is evaluated, approved by another and closed.
    async fn closed(&self) {
        self.browser.open(&self.matter).await;
        self.run("document.querySelectorAll('details').forEach(one => { one.open = true })").await;
        let score =
            [("履行政治责任", "22"), ("整改措施落实", "28"), ("建章立制", "13"), ("整改成效", "18"), ("群众认可", "9")];
        for (label, value) in score {
            self.browser.fill(label, value).await;
        }
        self.press("evaluated").await;
        assert!(self.browser.says("90 优秀").await, "{}", self.browser.text().await);
        self.as_role(LEADER).await;
        self.browser.open(&self.matter).await;
        self.press("approved").await;
        self.as_role(CLERK).await;
        self.browser.open(&self.matter).await;
        self.press("closed").await;
        assert!(self.browser.says("● 已销号").await, "{}", self.browser.text().await);
    }
}

/// The tasks as a unit keeps them: 160 in a spreadsheet.
fn tasks() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let heads = ["表现序号", "整改措施", "完成时限", "责任领导", "责任组织", "协办组织", "整改类型"];
    for (head, at) in heads.iter().zip(0_u16..) {
        sheet.write(0, at, *head).unwrap();
    }
    for n in 0..160_u32 {
        sheet.write(n + 1, 0, n % 56 + 1).unwrap();
        sheet.write(n + 1, 1, format!("第{n}条措施")).unwrap();
        sheet.write(n + 1, 2, format!("2024-0{}-28", n % 3 + 3)).unwrap();
        sheet.write(n + 1, 3, "党委书记").unwrap();
        sheet.write(n + 1, 6, if n % 5 == 0 { "立行立改" } else { "集中整改" }).unwrap();
    }
    book.save_to_buffer().unwrap()
}

/// A file for as long as it is needed.
struct Sheet(PathBuf);

impl Sheet {
    fn of(name: &str, bytes: &[u8]) -> Sheet {
        let path = std::env::temp_dir().join(format!("luoshi-{}-{name}", luoshi_store::new_id()));
        std::fs::write(&path, bytes).unwrap();
        Sheet(path)
    }

    fn path(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inspection_of_56_findings_and_160_tasks_goes_to_its_end_and_coverage_moves_without_script() {
    let (demo, browser) = (Demo::start(), Browser::start(Script::Off).await);
    let mut story = Story { demo, browser, matter: String::new() };
    let coverage = story.opened().await;
    story.found().await;
    story.fed_back().await;
    story.planned().await;
    story.carried_out().await;
    story.closed().await;
    let browser = &story.browser;
    browser.open(&format!("{}/ledger", story.matter)).await;
    let page = browser.text().await;
    assert!(page.contains("问题表现 56/56 · 任务 160/160") && page.contains("2024-09-30"), "{page}");
    browser.open(&coverage).await;
    let page = browser.text().await;
    assert!(page.contains("已覆盖 1 / 24") && page.contains("■ 规划院党委"), "{page}");
    browser.must_be_sound().await;
    browser.size(390, 800).await;
    browser.must_be_sound().await;
    browser.open(&format!("{}/together", story.matter)).await;
    browser.must_be_sound().await;
}
