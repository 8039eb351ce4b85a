//! What a person takes away: a copy of their own data, and the archive of a year.
#![allow(clippy::unwrap_used, reason = "a demonstration that cannot be served is a failed test")]

use crate::demo::Demo;
use crate::driver::{Browser, Script};
use fantoccini::Locator;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Presses a link that downloads, and waits for a file with this end.
async fn download(browser: &Browser, (words, end): (&str, &str), folder: &Path) -> PathBuf {
    let link = browser.client.find(Locator::LinkText(words)).await;
    link.unwrap_or_else(|_| panic!("no link reads {words}")).click().await.unwrap();
    for _ in 0..200 {
        let mut there = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let done = |path: &PathBuf| path.extension().is_some_and(|known| known == end);
        if let Some(path) = there.find(done) {
            return path;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{words} brings no file");
}

/// The names in a .zip whose digests all agree.
fn sound(path: &Path) -> Vec<String> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let sums = std::io::read_to_string(zip.by_name("SHA256SUMS").unwrap()).unwrap();
    let mut names = Vec::new();
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut zip.by_name(name).unwrap(), &mut bytes).unwrap();
        assert_eq!(luoshi_store::secret::digest(&bytes), sum, "{name}");
        names.push(name.to_owned());
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn one_takes_ones_own_data_and_the_year_of_a_branch_away_and_asks_for_a_correction_without_script() {
    let demo = Demo::start();
    let browser = Browser::start(Script::Off).await;
    let folder = std::env::temp_dir().join(format!("luoshi-takeaway-{}", std::process::id()));
    let (mine, year) = (folder.join("mine"), folder.join("year"));
    std::fs::create_dir_all(&mine).unwrap();
    std::fs::create_dir_all(&year).unwrap();
    let into = |place: &Path| json!({ "behavior": "allow", "downloadPath": place.display().to_string() });
    browser.open(&demo.url).await;
    browser.click("支部书记 Branch secretary").await;

    browser.open(&format!("{}/me", demo.url.trim_end_matches('/'))).await;
    browser.must_be_sound().await;
    browser.devtools("Browser.setDownloadBehavior", into(&mine)).await;
    let names = sound(&download(&browser, ("下载全部（.zip）", "zip"), &mine).await);
    assert!(names.contains(&"data.json".to_owned()) && names.contains(&"我的数据.xlsx".to_owned()), "{names:?}");
    browser.click("申请更正、删除或封存").await;
    browser.fill("说明（更正必填）", "出生日期有误").await;
    browser.click("提交申请").await;
    assert!(browser.says("◐ 待答复").await && browser.says("出生日期有误").await, "{}", browser.text().await);
    browser.must_be_sound().await;

    browser.click("纪实").await;
    browser.devtools("Browser.setDownloadBehavior", into(&year)).await;
    let names = sound(&download(&browser, ("全年归档（.zip）", "zip"), &year).await);
    for name in ["index.html", "manifest.json", "records.xlsx", "duties.json"] {
        assert!(names.contains(&name.to_owned()), "{name} of {names:?}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_year_in_figures_leaves_as_a_picture_that_chats_take_and_without_script_as_a_drawing() {
    let demo = Demo::start();
    let folder = std::env::temp_dir().join(format!("luoshi-picture-{}", std::process::id()));
    for (script, end) in [(Script::On, "png"), (Script::Off, "svg")] {
        let (browser, place) = (Browser::start(script).await, folder.join(end));
        std::fs::create_dir_all(&place).unwrap();
        browser.open(&demo.url).await;
        browser.click("党务工作者 Clerk").await;
        browser.click("数读").await;
        let into = json!({ "behavior": "allow", "downloadPath": place.display().to_string() });
        browser.devtools("Browser.setDownloadBehavior", into).await;
        let bytes = std::fs::read(download(&browser, ("分享图", end), &place).await).unwrap();
        match end {
            "png" => {
                assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.len() > 10_000, "{} bytes", bytes.len());
                assert_eq!(bytes[16..20], 1080_u32.to_be_bytes(), "as wide as it was drawn");
            }
            _ => assert!(bytes.starts_with(b"<svg")),
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}
