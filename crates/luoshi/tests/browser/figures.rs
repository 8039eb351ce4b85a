//! Figures in a real browser: a clerk is asked for a number nobody has prepared.
#![allow(clippy::unwrap_used, reason = "a page without its link is a failed test")]

use crate::demo::Demo;
use crate::driver::{Browser, Script};
use crate::weekly::must_print_on_one_page;
use fantoccini::Locator;

/// The number that stands after some words, and the rest of the text.
fn number<'t>(text: &'t str, words: &str) -> (u32, &'t str) {
    let (_, rest) = text.split_once(words).unwrap_or_else(|| panic!("{words} is not in {text}"));
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let number = rest[..end].parse().unwrap_or_else(|_| panic!("no number after {words}: {rest}"));
    (number, &rest[end..])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_counts_the_lectures_for_grass_roots_from_march_to_may_by_class_of_unit() {
    let demo = Demo::start();
    let browser = Browser::start(Script::Off).await;
    browser.open(&demo.url).await;
    browser.click("党务工作者 Clerk").await;
    browser.click("数读").await;
    browser.click("自己数一个").await;
    browser.fill("纪实类型", "理论宣讲").await;
    browser.click("数一下").await;
    browser.must_be_sound().await;
    browser.fill("数什么", "次数（条数）").await;
    browser.fill("只算", "对象 · 基层群众").await;
    browser.fill("从（月）", "3").await;
    browser.fill("到（月）", "5").await;
    browser.fill("分组", "按单位类别").await;
    browser.click("数一下").await;
    browser.must_be_sound().await;
    let text = browser.text().await;
    let (whole, rest) = number(&text, "数一下");
    assert!(rest.starts_with("场次\n理论宣讲（基层群众）"), "{rest}");
    let classes = ["机关", "事业单位", "国有企业", "社会组织"];
    let counted: Vec<u32> = classes.iter().map(|class| number(rest, class).0).collect();
    assert!(counted.iter().all(|n| *n > 0) && counted.iter().sum::<u32>() == whole, "{counted:?} of {whole}");

    // each class opens to its rows: as many as were counted, all in those months
    browser.click("分组、趋势、引用").await;
    browser.must_be_sound().await;
    let open = Locator::XPath("//tr[td[contains(., '国有企业')]]//a");
    browser.client.find(open).await.unwrap().click().await.unwrap();
    browser.must_be_sound().await;
    let rows = browser.text().await;
    let days: Vec<&str> = rows.lines().filter(|line| line.starts_with("2023-")).collect();
    assert_eq!(days.len(), counted[2] as usize, "{rows}");
    assert!(days.iter().all(|day| ("2023-03".."2023-06").contains(day)), "{days:?}");
    browser.click("理论宣讲").await; // one of the rows
    assert!(browser.says("基层群众").await, "{}", browser.text().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_year_in_figures_prints_on_one_page_of_a4_in_both_languages() {
    let demo = Demo::start();
    let browser = Browser::start(Script::On).await;
    browser.open(&demo.url).await;
    browser.click("党务工作者 Clerk").await;
    for language in ["English", "中文"] {
        browser.open(&format!("{}units/1/2023/figures", demo.url)).await;
        browser.must_be_sound().await;
        must_print_on_one_page(&browser).await;
        browser.click(language).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bars_of_a_month_stand_over_its_number_on_a_phone_too() {
    let demo = Demo::start();
    let browser = Browser::start(Script::Off).await;
    browser.open(&demo.url).await;
    browser.click("党务工作者 Clerk").await;
    for width in [1280, 390] {
        browser.size(width, 900).await;
        browser.open(&format!("{}units/1/2023/figures/dues", demo.url)).await;
        browser.must_be_sound().await;
        // how far the bars of each month reach beyond the cell of its number
        let off = "(() => { const rows = [...document.querySelectorAll('table.whole tr')].filter(row => row.cells.length === 13); \
                   const [bars, now] = [rows.find(row => row.querySelector('.chart')), rows.find(row => row.textContent.includes('2023'))]; \
                   return [...bars.cells].slice(1).map((cell, n) => { const [a, b] = [cell.firstElementChild.getBoundingClientRect(), now.cells[n + 1].getBoundingClientRect()]; \
                   return Math.max(b.left - a.left, a.right - b.right); }); })()";
        let off: Vec<f64> = serde_json::from_value(browser.devtools_value(off).await).unwrap();
        assert!(off.len() == 12 && off.iter().all(|over| *over <= 0.5), "{width}: {off:?}");
        assert!(browser.says(".50").await || browser.says(".80").await, "months are told to the fen");
    }
}
