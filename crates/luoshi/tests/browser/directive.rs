//! A clerk pastes a directive, mends two measures and makes twenty matters; a branch finds its own among its to-dos.
#![allow(clippy::unwrap_used, reason = "a demonstration that cannot be served is a failed test")]

use crate::demo::Demo;
use crate::driver::{Browser, Script};
use fantoccini::Locator;

/// A web copy: readings, Traditional script, a broken line.
const DIRECTIVE: &str = "關於做好元旦春節期間工作的通知\n各基層黨委：\n\
    一、工作任務\n\
    （一）各(gè)基層(céng)黨(dǎng)委(wěi)要(yào)在12月28日前開展一次節前談心談話。\n\
    （二）廳機關綜合支部要在12月20日前走訪慰問困難黨員不少於3名。\n\
    （三）信息中心黨委要在12月26日前發送一次廉潔短信。\n\
    （四）後勤處要及時做好保障。\n\
    去年節日期間共走訪慰問120人次。\n2023年12月12日";

/// The same document again leads to what is already made.
async fn again(demo: &Demo, browser: &Browser) {
    browser.open(&format!("{}units/1/intake", demo.url)).await;
    browser.fill("或粘贴全文", &DIRECTIVE.replace("關於", "关于")).await;
    browser.click("读取，找出措施").await;
    assert!(browser.says("这份文件已经交办过").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_makes_matters_of_a_pasted_directive_and_the_branch_sees_its_own_without_script() {
    let demo = Demo::start();
    let browser = Browser::start(Script::Off).await;
    browser.open(&demo.url).await;
    browser.click("党务工作者 Clerk").await;
    browser.click("督办").await;
    browser.click("从文件交办").await;
    browser.must_be_sound().await;
    browser.fill("或粘贴全文", DIRECTIVE).await;
    browser.click("读取，找出措施").await;
    let page = browser.text().await;
    assert!(page.contains("关于做好元旦春节期间工作的通知") && page.contains("共 24 个"), "{page}");
    assert!(page.contains("措施 4"), "{page}");
    browser.must_be_sound().await;

    // two measures are mended: how the first is worded, and by whom and by when the last is done
    browser.fill("做什么", "节前开展一次谈心谈话，谈到每一名班子成员").await;
    browser.click("只保存修改").await;
    let field = async |name: &str| browser.client.find(Locator::Css(&format!("[name='{name}-4']"))).await.unwrap();
    let owners = field("owners").await;
    assert_eq!(owners.prop("value").await.unwrap().unwrap_or_default(), "后勤处");
    owners.clear().await.unwrap();
    owners.send_keys("服务公司党委").await.unwrap();
    let day = "document.querySelector(\"[name='by-4']\").value = '2023-12-29'";
    browser.client.execute(day, Vec::new()).await.unwrap();
    field("take").await.click().await.unwrap();
    browser.click("生成交办事项").await;
    let page = browser.text().await;
    assert!(page.contains("已交办 27") && page.contains("24 个事项") && page.contains("谈到每一名班子成员"), "{page}");
    browser.must_be_sound().await;
    browser.size(390, 800).await;
    browser.must_be_sound().await;

    again(&demo, &browser).await;

    browser.size(1280, 800).await;
    browser.open(&format!("{}sign-in", demo.url)).await;
    browser.click("支部书记 Branch secretary").await;
    let home = browser.text().await;
    assert!(home.contains("走访慰问困难党员不少于3名") && !home.contains("谈到每一名班子成员"), "{home}");
    browser.click("走访慰问困难党员不少于3名").await;
    let matter = browser.text().await;
    assert!(matter.contains("2023-12-20") && matter.contains("填报进展") && !matter.contains("核实"), "{matter}");
    browser.must_be_sound().await;
}
