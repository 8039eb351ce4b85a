//! What is made for paper: the weekly sheet on one page of A4, the ledger of a rectification across it.
#![allow(clippy::unwrap_used, reason = "a page that does not do it is a failed test")]

use crate::demo::Demo;
use crate::driver::{Browser, Script};
use base64::Engine;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_weekly_sheet_prints_on_one_page_of_a4_in_both_languages() {
    let demo = Demo::start();
    let browser = Browser::start(Script::On).await;
    browser.size(1280, 800).await;
    browser.open(&demo.url).await;
    browser.click("党务工作者 Clerk").await;
    for language in ["English", "中文"] {
        browser.open(&format!("{}units/1/weekly", demo.url)).await;
        browser.must_be_sound().await;
        must_print_on_one_page(&browser).await;
        browser.click(language).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_of_a_rectification_prints_across_the_sheet_with_every_column() {
    let demo = Demo::start();
    let browser = Browser::start(Script::On).await;
    // as wide as a sheet of A4 across, without its margins
    browser.size(1062, 800).await;
    browser.open(&demo.url).await;
    browser.click("党务工作者 Clerk").await;
    browser.open(&format!("{}units/1/coverage", demo.url)).await;
    browser.click("本届巡察规划").await;
    browser.click("春季巡察").await;
    browser.click("规划院党委").await;
    browser.click("整改台账").await;
    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
    let over = "(() => { const frame = document.querySelector('.ledger'); const table = frame.querySelector('table'); \
                return [table.querySelectorAll('thead th').length, table.scrollWidth - frame.clientWidth]; })()";
    let over = browser.devtools_value(over).await;
    assert!(over[0] == 20 && over[1].as_i64().unwrap() <= 0, "columns, and pixels beyond the sheet: {over}");
    let boxes = sheets(&browser).await;
    assert!(boxes.last().unwrap().starts_with("0 0 841"), "the sheet lies across: {boxes:?}");
}

/// Prints the page, which must be one sheet of A4.
pub async fn must_print_on_one_page(browser: &Browser) {
    let boxes = sheets(browser).await;
    // 210 × 297 mm in points
    assert!(boxes.len() == 1 && boxes[0].starts_with("0 0 59") && boxes[0].contains(" 84"), "sheets: {boxes:?}");
}

/// The measures of each sheet the page prints on.
async fn sheets(browser: &Browser) -> Vec<String> {
    let wish = json!({ "preferCSSPageSize": true, "printBackground": false });
    let pdf = browser.devtools("Page.printToPDF", wish).await["data"].as_str().unwrap().to_owned();
    let pdf = base64::engine::general_purpose::STANDARD.decode(pdf).unwrap();
    let text = String::from_utf8_lossy(&pdf);
    text.split("/MediaBox [").skip(1).map(|rest| rest.split(']').next().unwrap().to_owned()).collect()
}
