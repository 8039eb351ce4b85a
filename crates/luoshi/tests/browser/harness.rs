//! The harness tried on a page of its own, so that a failure elsewhere is a fault of the product.
#![allow(clippy::unwrap_used, reason = "a page that cannot be served is a failed test")]

use crate::driver::{Browser, Script};
use axum::{Form, Router, http::HeaderMap, response::Html, routing::get};

const SOUND: &str = r#"<!doctype html><html lang="zh"><title>试</title><link rel="icon" href="data:,"><h1>登记</h1>
<p id="script">没有脚本</p><script>document.getElementById('script').textContent = '有脚本'</script>
<form method="post"><label for="n">姓名</label> <input id="n" name="name" value="旧">
<label>日期 <input type="date" name="on"></label>
<label>类别 <select name="kind"><option value="1">会议</option><option value="2">党课</option></select></label>
<label><input type="checkbox" name="guest" value="来宾"> 列席</label>
<button>保存 "初稿"</button></form><a href="/wide">宽页</a></html>"#;

const WIDE: &str = r#"<!doctype html><html lang="zh"><title>宽</title><h1>宽</h1>
<input name="nameless"><a href="/"></a><img src="/missing.png"><i id="twice"></i><i id="twice"></i>
<div style="width: 600px">很宽</div></html>"#;

type Fields = Form<Vec<(String, String)>>;

async fn site() -> String {
    async fn echo(Form(fields): Fields) -> Html<String> {
        let said: Vec<String> = fields.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        Html(format!(
            "<!doctype html><html lang=zh><title>收</title><link rel=icon href='data:,'><h1>收到 {}</h1></html>",
            said.join(" ")
        ))
    }
    async fn kept(headers: HeaderMap) -> String {
        format!("记得 {}", headers.get("cookie").and_then(|value| value.to_str().ok()).unwrap_or("nothing"))
    }
    let form = get(|| async { Html(SOUND) }).post(echo);
    let wide = get(|| async { Html(WIDE) });
    let pages = Router::new().route("/", form).route("/wide", wide).route("/kept", get(kept));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, pages).await });
    format!("http://{address}/")
}

async fn fill_in_and_send(browser: &Browser) {
    browser.fill("姓名", "张三").await;
    browser.fill("日期", "2023-05-01").await;
    browser.fill("类别", "党课").await;
    browser.click("列席").await;
    browser.click("保存 \"初稿\"").await;
    assert_eq!(browser.text().await, "收到 name=张三 on=2023-05-01 kind=2 guest=来宾");
    browser.must_be_sound().await;
}

#[tokio::test]
async fn a_form_is_filled_and_sent_by_its_words() {
    let (site, browser) = (site().await, Browser::start(Script::On).await);
    browser.open(&site).await;
    assert!(browser.says("有脚本").await && !browser.says("没有脚本").await);
    fill_in_and_send(&browser).await;
}

#[tokio::test]
async fn the_same_form_is_sent_where_script_is_off() {
    let (site, browser) = (site().await, Browser::start(Script::Off).await);
    browser.open(&site).await;
    assert!(browser.says("没有脚本").await, "the page's script ran");
    fill_in_and_send(&browser).await;
}

#[tokio::test]
async fn a_fault_of_a_page_is_told() {
    let (site, browser) = (site().await, Browser::start(Script::On).await);
    browser.open(&site).await;
    browser.click("宽页").await;
    let wide_window = browser.faults().await.join("\n");
    for fault in ["no label", "no words", "no alt text", "two things have the id twice", "404"] {
        assert!(wide_window.contains(fault), "{fault} is not among:\n{wide_window}");
    }
    assert!(!wide_window.contains("px wide"), "{wide_window}");
    browser.size(390, 844).await;
    let phone = browser.faults().await.join("\n");
    assert!(phone.contains("px wide in a window of 390 px") && phone.contains("sticks out: <div"), "{phone}");
}

#[tokio::test]
async fn a_picture_shows_the_page_to_its_foot() {
    let (site, browser) = (site().await, Browser::start(Script::On).await);
    browser.size(390, 100).await;
    browser.open(&site).await;
    let path = std::env::temp_dir().join(format!("luoshi-picture-{}.png", std::process::id()));
    browser.screenshot(&path).await;
    let png = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!(&png[1..4], b"PNG");
    assert!(side(16) == 390 && side(20) > 100, "{} × {}", side(16), side(20));
}

#[tokio::test]
async fn a_cookie_is_kept_by_one_browser_and_unknown_to_the_next() {
    let (site, browser) = (site().await, Browser::start(Script::On).await);
    browser.open(&site).await;
    browser.keep("lang", "en").await;
    browser.open(&format!("{site}kept")).await;
    assert_eq!(browser.text().await, "记得 lang=en");
    let other = Browser::start(Script::On).await;
    other.open(&format!("{site}kept")).await;
    assert_eq!(other.text().await, "记得 nothing");
}

#[tokio::test]
#[should_panic(expected = "nothing to press reads \"退出\"")]
async fn words_that_are_not_on_the_page_are_told() {
    let (site, browser) = (site().await, Browser::start(Script::On).await);
    browser.open(&site).await;
    browser.click("退出").await;
}
