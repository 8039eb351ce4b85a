//! The second step in a real browser: set up by what the page shows, asked for at the next sign-in, recovered from.

use crate::demo::Demo;
use crate::driver::{Browser, Script};
use luoshi_store::{now, second};

/// The secret that a page shows to be typed by hand.
async fn secret(browser: &Browser) -> String {
    let text = browser.text().await;
    let letters = |word: &&str| word.len() == 4 && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let words = text.lines().filter(|line| line.split_whitespace().count() == 8);
    words.flat_map(str::split_whitespace).filter(letters).collect()
}

/// The clerk signs in for the first time and sets the second step up: the secret, and a recovery code.
async fn set_up(browser: &Browser, demo: &Demo) -> (String, String) {
    browser.open(&demo.url).await;
    browser.click("党务工作者 Clerk").await;
    assert!(browser.says("设置两步验证").await, "{}", browser.text().await);
    browser.must_be_sound().await;
    let secret = secret(browser).await;
    assert!(secret.len() >= 32, "160 bits: {secret}");
    browser.fill("验证码", "000000").await;
    browser.click("启用").await;
    assert!(browser.says("验证码不对").await && browser.says("设置两步验证").await, "{}", browser.text().await);
    let faults = browser.faults().await;
    assert!(faults.iter().all(|fault| fault.contains("422")), "a refusal and nothing else: {faults:?}");
    browser.fill("验证码", &second::shown(&secret, now())).await;
    browser.click("启用").await;
    assert!(browser.says("请保存恢复码").await, "{}", browser.text().await);
    browser.must_be_sound().await;
    let text = browser.text().await;
    let code = text.split_whitespace().find(|word| word.matches('-').count() == 2).unwrap_or_default().to_owned();
    browser.click("已保存，继续").await;
    assert!(browser.says("谁还没做、没录").await, "{}", browser.text().await);
    (secret, code)
}

/// Signs out and in again, as far as the second step.
async fn come_again(browser: &Browser, demo: &Demo) {
    browser.open(&demo.url).await;
    browser.click("退出").await;
    browser.click("党务工作者 Clerk").await;
    assert!(browser.says("第二步：输入验证码").await, "{}", browser.text().await);
    browser.must_be_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sets_the_second_step_up_by_what_the_page_shows_and_signs_in_with_it() {
    let demo = Demo::with_second_factor();
    let browser = Browser::start(Script::On).await;
    let (secret, _) = set_up(&browser, &demo).await;
    come_again(&browser, &demo).await;
    browser.open(&format!("{}units/1", demo.url)).await;
    assert!(browser.says("第二步：输入验证码").await, "nothing else is to be had before");
    browser.fill("验证码", "123").await;
    browser.click("继续").await;
    assert!(browser.says("验证码不对").await);
    browser.fill("验证码", &second::shown(&secret, now() + 30_000)).await;
    browser.click("继续").await;
    assert!(browser.says("谁还没做、没录").await, "{}", browser.text().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_serves_once_on_a_telephone_without_script() {
    let demo = Demo::with_second_factor();
    let browser = Browser::start(Script::Off).await;
    browser.size(390, 844).await;
    let (_, code) = set_up(&browser, &demo).await;
    come_again(&browser, &demo).await;
    browser.fill("验证码", &code).await;
    browser.click("继续").await;
    assert!(browser.says("谁还没做、没录").await, "{}", browser.text().await);
    come_again(&browser, &demo).await;
    browser.fill("验证码", &code).await;
    browser.click("继续").await;
    assert!(browser.says("验证码不对或已用过").await, "{}", browser.text().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_a_one_time_link_is_filled_in_by_script_and_pasted_without_it() {
    let demo = Demo::start();
    for (script, word) in [(Script::On, "my own long sentence"), (Script::Off, "another long sentence")] {
        let browser = Browser::start(script).await;
        let path = demo.invite("member");
        let (_, code) = path.split_once('#').unwrap();
        browser.open(&format!("{}{}", demo.url, path.trim_start_matches('/'))).await;
        assert!(browser.says("邀请码").await, "{}", browser.text().await);
        browser.must_be_sound().await;
        match script {
            Script::On => assert!(!browser.address().await.contains(code), "it stays in no history"),
            Script::Off => browser.fill("邀请码", code).await,
        }
        browser.fill("口令", word).await;
        browser.click("设置并登录").await;
        assert!(browser.says("退出").await, "{}", browser.text().await);
    }
}
