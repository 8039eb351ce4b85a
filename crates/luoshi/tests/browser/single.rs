//! Single sign-on in a real browser, by an issuer of another site: what the browser brings along decides.

use crate::demo::Demo;
use crate::driver::{Browser, Script};
use crate::servers::Server;

/// The clerk of the demonstration.
const CLERK: &str = "people/1002";

async fn enter_code(browser: &Browser, demo: &Demo, code: &str) {
    browser.open(&demo.url).await;
    browser.click("党务工作者 Clerk").await;
    browser.open(&format!("{}{CLERK}", demo.url)).await;
    browser.click("录入或更换身份证号、手机号、人员编号").await;
    browser.fill("人员编号（选填）", code).await;
    browser.must_be_sound().await;
    browser.click("保存").await;
    browser.wait_for("人员编号").await;
    browser.click("退出").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_press_leads_to_the_issuer_and_back_in_with_script_and_without() {
    let mut provider = None;
    let demo = Demo::with_issuer(|url| {
        let issuer = provider.insert(Server::issuer(&format!("{url}/sign-in/single/back"), None));
        issuer.address.clone()
    });
    for (script, code) in [(Script::On, "a-1"), (Script::Off, "A-1")] {
        let browser = Browser::start(script).await;
        if code == "a-1" {
            browser.open(&demo.url).await;
            browser.click("统一身份认证登录").await;
            assert!(browser.says("在本系统没有可用的账号").await, "{}", browser.text().await);
            let faults = browser.faults().await;
            assert!(faults.iter().all(|fault| fault.contains("422")), "a refusal and nothing else: {faults:?}");
            enter_code(&browser, &demo, code).await;
        }
        browser.open(&demo.url).await;
        browser.click("统一身份认证登录").await;
        browser.wait_for("谁还没做、没录").await;
        browser.must_be_sound().await;
        browser.open(&format!("{}units/1", demo.url)).await;
        assert!(!browser.says("登录名").await, "the session stays: {}", browser.text().await);
    }
    drop(provider);
}
