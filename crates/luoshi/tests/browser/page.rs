//! What a person can do on a page: open it, read it, press and fill in what its words name. Nothing here knows an id,
//! a class or a route, so a test breaks when the person would be lost and not before. Each panics in words when the
//! page has no such thing, and shows the page's text.

use crate::driver::Browser;
use fantoccini::{Locator, elements::Element};
use serde_json::json;
use std::path::Path;

/// The tallest picture that is taken of a page; a longer one is cut.
const TALLEST: f64 = 12_000.0;

impl Browser {
    /// Goes to an address.
    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|e| panic!("cannot open {url}: {e}"));
    }

    /// The text a person sees.
    pub async fn text(&self) -> String {
        let mut last = None;
        for _ in 0..100 {
            // between two pages there is none for a moment
            match self.client.find(Locator::Css("body")).await {
                Ok(body) => match body.text().await {
                    Ok(text) => return text,
                    Err(error) => last = Some(error),
                },
                Err(error) => last = Some(error),
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the page cannot be read: {last:?}")
    }

    /// Whether a person sees these words.
    pub async fn says(&self, words: &str) -> bool {
        self.text().await.contains(words)
    }

    /// Waits, for ten seconds at most, until a person sees these words.
    pub async fn wait_for(&self, words: &str) {
        for _ in 0..200 {
            if self.says(words).await {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{words:?} never shows on {}, which says:\n{}", self.address().await, self.text().await)
    }

    /// Presses the link, button, disclosure or label that reads so, or failing that, the first that holds the words.
    pub async fn click(&self, words: &str) {
        let pressable = "self::a[@href] or self::button or self::summary or self::label or self::input[@type='submit']";
        let named = format!("//*[{pressable}]{}", named_by(words, &["@value", "@aria-label", "@title"]));
        let held = format!("//*[{pressable}][contains(normalize-space(.), {})]", quoted(words));
        let Some(target) = self.first_seen(&[&named, &held]).await else { self.lost("press", words).await };
        let leads_on = matches!(target.tag_name().await.as_deref(), Ok("a" | "button"));
        let _ = self.client.execute("window.before = true", vec![]).await;
        target.click().await.unwrap_or_else(|e| panic!("{words:?} cannot be pressed: {e}"));
        if leads_on {
            self.arrive().await;
        }
    }

    /// Waits, for ten seconds at most, until another page stands there whole.
    async fn arrive(&self) {
        let there = "return !window.before && document.readyState === 'complete'";
        for _ in 0..200 {
            if self.client.execute(there, vec![]).await.is_ok_and(|answer| answer == true) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// Types into, chooses from or attaches to the field with this label. A tick box is pressed by its label instead.
    pub async fn fill(&self, label: &str, value: &str) {
        let Some(field) = self.field(label).await else { self.lost("fill in", label).await };
        let tag = field.tag_name().await.unwrap_or_default();
        let kind = field.attr("type").await.ok().flatten().unwrap_or_default();
        let done = match (tag.as_str(), kind.as_str()) {
            ("select", _) => field.select_by_label(value).await,
            (_, "file") => field.send_keys(value).await,
            (_, "date" | "month" | "time" | "datetime-local") => self.set(&field, value).await,
            _ => match field.clear().await {
                Ok(()) => field.send_keys(value).await,
                Err(e) => Err(e),
            },
        };
        done.unwrap_or_else(|e| panic!("{label:?} does not take {value:?}: {e}"));
    }

    /// Remembers a cookie for the site that is open.
    pub async fn keep(&self, name: &str, value: &str) {
        let cookie = json!({ "name": name, "value": value, "url": self.address().await });
        let answer = self.devtools("Network.setCookie", cookie).await;
        assert_eq!(answer["success"], true, "cookie {name} is refused");
    }

    /// The value of an expression in the page.
    pub async fn devtools_value(&self, expression: &str) -> serde_json::Value {
        let asked = json!({ "expression": expression, "returnByValue": true });
        self.devtools("Runtime.evaluate", asked).await["result"]["value"].clone()
    }

    /// A PNG of the page from its head to its foot, at the present width.
    pub async fn screenshot(&self, path: &Path) {
        let view = self.devtools("Page.getLayoutMetrics", json!({})).await;
        let side = |of: &str, side: &str| view[of][side].as_f64().unwrap_or_default().ceil();
        let (width, height) = (side("cssLayoutViewport", "clientWidth"), side("cssLayoutViewport", "clientHeight"));
        let whole = side("cssContentSize", "height").clamp(height, TALLEST);
        self.size(width as u32, whole as u32).await;
        let png = self.client.screenshot().await.unwrap_or_else(|e| panic!("no picture: {e}"));
        self.size(width as u32, height as u32).await;
        std::fs::write(path, png).unwrap_or_else(|e| panic!("cannot write {}: {e}", path.display()));
    }

    /// What any person would run into on this page, in words: see `faults.js`; and what the browser complained of.
    pub async fn faults(&self) -> Vec<String> {
        let found = self.client.execute(include_str!("faults.js"), vec![]).await;
        let found = found.unwrap_or_else(|e| panic!("the page cannot be examined: {e}"));
        let mut faults: Vec<String> = serde_json::from_value(found).unwrap_or_default();
        let severe = self.console().await.into_iter().filter(|(level, _)| level == "SEVERE");
        faults.extend(severe.map(|(_, message)| format!("the browser complains: {message}")));
        faults
    }

    /// Panics with the list when the page has faults.
    pub async fn must_be_sound(&self) {
        let faults = self.faults().await;
        assert!(faults.is_empty(), "{}:\n{}", self.address().await, faults.join("\n"));
    }

    /// The address of the page that is open.
    pub async fn address(&self) -> String {
        self.client.current_url().await.map(String::from).unwrap_or_default()
    }

    /// The field of a label: the one it points to or holds, or one that carries the label itself.
    async fn field(&self, label: &str) -> Option<Element> {
        let named = format!("//label{}", named_by(label, &[]));
        let held = format!("//label[contains(normalize-space(.), {})]", quoted(label));
        let Some(found) = self.first_seen(&[&named, &held]).await else {
            let own = format!("//*[self::input or self::select or self::textarea][@aria-label={}]", quoted(label));
            return self.first_seen(&[&own]).await;
        };
        match found.attr("for").await.ok().flatten() {
            Some(id) => self.client.find(Locator::Id(&id)).await.ok(),
            None => found.find(Locator::Css("input, select, textarea")).await.ok(),
        }
    }

    /// The first thing on show that one of the paths finds, the earlier path first.
    async fn first_seen(&self, paths: &[&str]) -> Option<Element> {
        for path in paths {
            for element in self.client.find_all(Locator::XPath(path)).await.ok()? {
                if element.is_displayed().await.unwrap_or(false) {
                    return Some(element);
                }
            }
        }
        None
    }

    /// Date fields take keys in the order of the machine's locale; a value is the same everywhere.
    async fn set(&self, field: &Element, value: &str) -> Result<(), fantoccini::error::CmdError> {
        let script = "const [field, value] = arguments; field.value = value;
            for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, { bubbles: true }));";
        self.client.execute(script, vec![serde_json::to_value(field)?, json!(value)]).await.map(drop)
    }

    async fn lost(&self, verb: &str, words: &str) -> ! {
        panic!("nothing to {verb} reads {words:?} on {}, which says:\n{}", self.address().await, self.text().await)
    }
}

/// The part of a path that asks for exactly these words, as text or as one of the attributes.
fn named_by(words: &str, attributes: &[&str]) -> String {
    let either: Vec<String> =
        ["normalize-space(.)"].iter().chain(attributes).map(|place| format!("{place}={}", quoted(words))).collect();
    format!("[{}]", either.join(" or "))
}

/// XPath has no escapes: a text is quoted by the mark that it does not hold.
fn quoted(words: &str) -> String {
    if words.contains('"') { format!("'{words}'") } else { format!("\"{words}\"") }
}
