//! Takes a full-length PNG of each page at desktop and phone width and tells what is wrong with the page.
//! `scripts/screenshots` calls it; the browser is the one of the browser tests.

#[allow(dead_code, reason = "the browser tests use the rest")]
#[path = "../tests/browser/driver.rs"]
mod driver;
#[allow(dead_code, reason = "the browser tests use the rest")]
#[path = "../tests/browser/page.rs"]
mod page;

use clap::Parser;
use driver::{Browser, Script};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Pictures of pages at desktop and phone width.
#[derive(Parser)]
struct Wish {
    /// where the program serves, such as http://127.0.0.1:8080
    base: String,
    /// the folder to put the pictures in
    folder: PathBuf,
    /// words of the demo sign-in button to press, or - to stay signed out
    role: String,
    /// the pages, such as / or /units/001?year=2023
    #[arg(required = true)]
    paths: Vec<String>,
    /// language of the interface, by the cookie `lang`
    #[arg(long)]
    lang: Option<String>,
    /// as a person with a dark screen sees it
    #[arg(long)]
    dark: bool,
    /// without script
    #[arg(long)]
    script_off: bool,
    /// widths in px
    #[arg(long, value_delimiter = ',', default_values_t = [1280, 390])]
    widths: Vec<u32>,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let wish = Wish::parse();
    let base = wish.base.trim_end_matches('/');
    std::fs::create_dir_all(&wish.folder)?;
    let browser = Browser::start(if wish.script_off { Script::Off } else { Script::On }).await;
    prepare(&browser, &wish, base).await;
    for path in &wish.paths {
        for width in &wish.widths {
            browser.size(*width, 844).await;
            browser.open(&format!("{base}{path}")).await;
            let file = wish.folder.join(format!("{}-{width}.png", file_name(path)));
            take(&browser, &file).await;
        }
    }
    Ok(())
}

/// Language, light and sign-in.
async fn prepare(browser: &Browser, wish: &Wish, base: &str) {
    if wish.dark {
        let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
        browser.devtools("Emulation.setEmulatedMedia", dark).await;
    }
    browser.open(&format!("{base}/")).await;
    if let Some(lang) = &wish.lang {
        browser.keep("lang", lang).await;
        browser.open(&format!("{base}/")).await;
    }
    if wish.role != "-" {
        browser.click(&wish.role).await;
    }
}

async fn take(browser: &Browser, file: &Path) {
    let faults = browser.faults().await;
    browser.screenshot(file).await;
    println!("{} {}", file.display(), if faults.is_empty() { "sound" } else { "has faults:" });
    for fault in faults {
        println!("    {fault}");
    }
}

/// `/units/001?year=2023` becomes `units-001-year-2023`, the first page `home`.
fn file_name(path: &str) -> String {
    let parts: Vec<&str> = path.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "home".into() } else { parts.join("-") }
}
