//! The matrix in a browser: a cell opens beside it, and it prints on A3.
#![allow(clippy::unwrap_used, reason = "a page that does not do it is a failed test")]

use crate::demo::Demo;
use crate::driver::{Browser, Script};
use base64::Engine;
use serde_json::{Value, json};
use std::time::Duration;

async fn opened(demo: &Demo) -> Browser {
    let browser = Browser::start(Script::On).await;
    browser.size(1280, 800).await;
    browser.open(&demo.url).await;
    browser.click("党务工作者 Clerk").await;
    browser.open(&format!("{}units/1/2023/matrix", demo.url)).await;
    browser
}

/// The value of an expression in the page.
async fn value(browser: &Browser, expression: &str) -> Value {
    browser.devtools_value(expression).await
}

#[tokio::test(flavor = "multi_thread")]
async fn arrows_move_from_cell_to_cell_and_enter_opens_one() {
    let demo = Demo::start();
    let browser = opened(&demo).await;
    let here = "document.activeElement.closest('td') && \
                [document.activeElement.closest('tr').rowIndex, document.activeElement.closest('td').cellIndex].join(' ')";
    // a cell with cells on all its sides
    let middle = "(() => { for (const row of document.querySelectorAll('table[data-matrix] tbody tr')) \
                  for (const cell of row.cells) { const up = row.previousElementSibling, down = row.nextElementSibling; \
                  const all = [cell, cell.nextElementSibling, cell.previousElementSibling, up && up.cells[cell.cellIndex], down && down.cells[cell.cellIndex]]; \
                  if (all.every((one) => one && one.tagName === 'TD' && one.querySelector('a'))) { cell.querySelector('a').focus(); return [row.rowIndex, cell.cellIndex].join(' '); } } return ''; })()";
    let start = value(&browser, middle).await.as_str().unwrap().to_owned();
    let (row, cell) = start.split_once(' ').unwrap();
    let (row, cell): (i64, i64) = (row.parse().unwrap(), cell.parse().unwrap());
    for (key, place) in [
        ("ArrowRight", (row, cell + 1)),
        ("ArrowLeft", (row, cell)),
        ("ArrowDown", (row + 1, cell)),
        ("ArrowUp", (row, cell)),
    ] {
        browser.devtools("Input.dispatchKeyEvent", json!({ "type": "keyDown", "key": key })).await;
        assert_eq!(value(&browser, here).await, format!("{} {}", place.0, place.1), "{key}");
    }
    browser.devtools("Input.dispatchKeyEvent", json!({ "type": "keyDown", "key": "Enter", "text": "\r" })).await;
    browser.wait_for("到期").await;
    assert_eq!(value(&browser, "!!document.querySelector('dialog.drawer[open]')").await, true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cell_opens_beside_the_matrix_and_closes_again() {
    let demo = Demo::start();
    let browser = opened(&demo).await;
    value(&browser, "document.querySelector('table[data-matrix] td.overdue a').click()").await;
    let words = "(document.querySelector('dialog.drawer[open]') || {}).innerText || ''";
    let mut drawer = String::new();
    for _ in 0..100 {
        drawer = value(&browser, words).await.as_str().unwrap_or_default().to_owned();
        if drawer.contains("已逾期") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(drawer.contains("▲ 已逾期") && drawer.contains("到期"), "{drawer}");
    browser.must_be_sound().await;
    browser.click("关闭").await;
    assert_eq!(value(&browser, words).await, "");
    assert!(browser.says("只看本级").await, "one is still at the matrix");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_matrix_prints_on_a3_with_its_head_on_every_sheet() {
    let demo = Demo::start();
    let browser = opened(&demo).await;
    let wish = json!({ "preferCSSPageSize": true, "printBackground": false });
    let pdf = browser.devtools("Page.printToPDF", wish).await["data"].as_str().unwrap().to_owned();
    let pdf = base64::engine::general_purpose::STANDARD.decode(pdf).unwrap();
    let text = String::from_utf8_lossy(&pdf);
    let boxes: Vec<&str> = text.split("/MediaBox [").skip(1).map(|rest| rest.split(']').next().unwrap()).collect();
    // 420 × 297 mm in points; the page's own frame may stand on an A4 sheet before and after
    let wide = boxes.iter().filter(|size| size.starts_with("0 0 119") && size.contains(" 84")).count();
    assert!((2..=12).contains(&wide), "sheets: {boxes:?}");
}
