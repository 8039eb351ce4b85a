//! The weekly sheet prints on one page of A4.
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

/// Prints the page, which must be one sheet of A4.
pub async fn must_print_on_one_page(browser: &Browser) {
    let wish = json!({ "preferCSSPageSize": true, "printBackground": false });
    let pdf = browser.devtools("Page.printToPDF", wish).await["data"].as_str().unwrap().to_owned();
    let pdf = base64::engine::general_purpose::STANDARD.decode(pdf).unwrap();
    let text = String::from_utf8_lossy(&pdf);
    let boxes: Vec<&str> = text.split("/MediaBox [").skip(1).map(|rest| rest.split(']').next().unwrap()).collect();
    // 210 × 297 mm in points
    assert!(boxes.len() == 1 && boxes[0].starts_with("0 0 59") && boxes[0].contains(" 84"), "sheets: {boxes:?}");
}
