//! The year of the province in a real browser: a published number opened down to one row.

use crate::demo::Demo;
use crate::driver::{Browser, Script};

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_opens_the_volunteers_of_the_year_down_to_one_service() {
    let demo = Demo::of_the_province();
    let browser = Browser::start(Script::Off).await;
    browser.open(&demo.url).await;
    browser.click("工委书记 Leader").await;
    browser.must_be_sound().await;
    browser.click("数读").await;
    assert!(browser.says("1.8万余名党员下沉社区参加志愿服务").await, "{}", browser.text().await);
    browser.must_be_sound().await;
    browser.click("党员志愿者").await;
    assert!(browser.says("同一人服务几次只计一名").await, "{}", browser.text().await);
    browser.must_be_sound().await;
    browser.click("明细").await;
    browser.must_be_sound().await;
    browser.click("志愿服务").await;
    let page = browser.text().await;
    assert!(page.contains("每人服务小时") && page.contains("地点"), "one service is open: {page}");
    browser.must_be_sound().await;
}
