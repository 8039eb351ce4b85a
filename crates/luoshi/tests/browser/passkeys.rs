//! Passkeys in a real browser, with the authenticator that it brings for tests.
#![allow(clippy::unwrap_used, reason = "a demonstration that cannot be served is a failed test")]

use crate::demo::Demo;
use crate::driver::{Browser, Script};
use serde_json::json;

/// Puts an authenticator into the browser, such as a laptop has: it keeps keys and makes sure who it is.
async fn plug_in(browser: &Browser) -> String {
    let authenticator = json!({
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
        "hasUserVerification": true, "isUserVerified": true,
    });
    browser.ask("webauthn/authenticator", authenticator).await.as_str().unwrap().to_owned()
}

/// The clerk, signed in, with a passkey called so.
async fn add(browser: &Browser, demo: &Demo, name: &str) {
    browser.open(&demo.url).await;
    browser.click("党务工作者 Clerk").await;
    browser.open(&format!("{}me/passkeys", demo.url)).await;
    browser.must_be_sound().await;
    browser.fill("名称", name).await;
    browser.click("登记").await;
    browser.wait_for(name).await;
    browser.must_be_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_adds_a_passkey_and_signs_in_with_it_alone() {
    let demo = Demo::at_localhost();
    let browser = Browser::start(Script::On).await;
    plug_in(&browser).await;
    add(&browser, &demo, "前台电脑").await;
    browser.open(&demo.url).await;
    browser.click("退出").await;
    browser.click("使用通行密钥登录").await;
    browser.must_be_sound().await;
    browser.click("使用通行密钥").await;
    browser.wait_for("谁还没做、没录").await;
    browser.open(&format!("{}me/passkeys", demo.url)).await;
    assert!(browser.says("前台电脑").await && !browser.says("未使用").await, "{}", browser.text().await);
    browser.click("删除").await;
    assert!(!browser.says("前台电脑").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_the_second_step_after_a_passphrase() {
    let demo = Demo::at_localhost();
    let browser = Browser::start(Script::On).await;
    plug_in(&browser).await;
    add(&browser, &demo, "安全密钥").await;
    browser.open(&demo.url).await;
    browser.click("退出").await;
    browser.click("党务工作者 Clerk").await;
    assert!(browser.says("第二步：通行密钥").await, "{}", browser.text().await);
    browser.must_be_sound().await;
    browser.click("使用通行密钥").await;
    browser.wait_for("谁还没做、没录").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_without_the_passkey_and_a_browser_without_script_are_told_what_to_use_instead() {
    let demo = Demo::at_localhost();
    let browser = Browser::start(Script::On).await;
    // an authenticator without a key that refuses to say who is there: the browser gives up at once
    let unsure = json!({
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
        "hasUserVerification": true, "isUserVerified": false,
    });
    browser.ask("webauthn/authenticator", unsure).await;
    browser.open(&format!("{}me", demo.url)).await;
    browser.click("使用通行密钥登录").await;
    browser.click("使用通行密钥").await;
    browser.wait_for("没有完成").await;
    browser.must_be_sound().await;

    let browser = Browser::start(Script::Off).await;
    browser.open(&format!("{}sign-in/passkey", demo.url)).await;
    assert!(browser.says("请用口令和验证码登录").await, "{}", browser.text().await);
    browser.must_be_sound().await;
    browser.click("用口令登录").await;
    browser.click("党务工作者 Clerk").await;
    assert!(browser.says("谁还没做、没录").await, "all else works without script");
}
