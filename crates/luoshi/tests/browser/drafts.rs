//! What was typed into a form is there again after the browser has died.

use crate::demo::Demo;
use crate::driver::{Browser, Script};

#[tokio::test(flavor = "multi_thread")]
async fn a_form_half_typed_is_there_again_after_the_tab_was_killed() {
    let demo = Demo::start();
    let form = format!("{}units/4/records/new?kind=theme-day", demo.url);
    let browser = Browser::start(Script::On).await;
    browser.open(&demo.url).await;
    browser.click("党务工作者 Clerk").await;
    browser.open(&form).await;
    browser.fill("主题", "迁飞季节值守，写到一半").await;
    browser.wait_for("草稿已保存").await;
    drop(browser); // the browser and its tab are gone

    let again = Browser::start(Script::On).await;
    again.open(&demo.url).await;
    again.click("党务工作者 Clerk").await;
    again.open(&form).await;
    again.wait_for("已恢复上次没有提交的草稿").await;
    let typed = again.devtools_value("document.querySelector('[name=topic]').value").await;
    assert_eq!(typed, "迁飞季节值守，写到一半");
    again.click("保存").await;
    again.wait_for("这条纪实落实了").await;
    again.open(&form).await;
    assert!(!again.says("已恢复上次没有提交的草稿").await, "what was sent is no draft any more");
}
