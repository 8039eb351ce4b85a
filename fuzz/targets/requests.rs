//! Requests to the whole program: addresses with cursors, filters and days, cookies, forms, parts of forms.
//!
//! The first byte chooses the page, then come question, cookie and body, each on a line. No answer may be our fault.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;
use tokio::runtime::Runtime;

#[allow(dead_code, missing_docs, clippy::unwrap_used)]
#[path = "../../crates/luoshi/tests/place/mod.rs"]
mod place;

const PAGES: [(&str, &str); 14] = [
    ("GET", "/units/1/2023/records"),
    ("GET", "/units/1/2023/matrix"),
    ("GET", "/units/1/2023/duties"),
    ("GET", "/units/3/people"),
    ("GET", "/units/1/follow-ups"),
    ("GET", "/units/3/records/new"),
    ("GET", "/units/1/imports"),
    ("GET", "/units/1/transfers"),
    ("GET", "/units/1/tree"),
    ("POST", "/units/3/records"),
    ("POST", "/units/3/people"),
    ("POST", "/units/3/plans"),
    ("POST", "/language"),
    ("POST", "/sign-in"),
];

struct Ground {
    runtime: Runtime,
    site: place::Site,
    cookie: String,
    csrf: String,
}

fn ground() -> &'static Ground {
    static GROUND: OnceLock<Ground> = OnceLock::new();
    GROUND.get_or_init(|| {
        let runtime = Runtime::new().expect("a runtime");
        let site = runtime.block_on(place::Site::new(None));
        let (cookie, csrf) = runtime.block_on(async {
            let visitor = site.sign_in(place::SECRETARY).await;
            let csrf = visitor.get("/units/3/records/new?kind=general-meeting").await.hidden("csrf");
            (visitor.cookie.clone(), csrf)
        });
        Ground { runtime, site, cookie, csrf }
    })
}

fn printable(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fuzz_target!(|bytes: &[u8]| {
    let Some((which, rest)) = bytes.split_first() else { return };
    let ground = ground();
    let mut lines = rest.splitn(3, |byte| *byte == b'\n');
    let question = printable(lines.next().unwrap_or_default()).replace(['#', '?', '<', '>', '"', '`', '{', '}', '\\', '^', '|'], "");
    let cookie = format!("{}; {}", ground.cookie, printable(lines.next().unwrap_or_default()));
    let mut body = format!("csrf={}&kind=general-meeting&on=2023-02-10&", ground.csrf).into_bytes();
    body.extend(lines.next().unwrap_or_default());
    let (method, page) = PAGES[usize::from(*which) % PAGES.len()];
    let address = format!("{page}?{question}");
    let heads = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let answer = ground.runtime.block_on(ground.site.ask(method, &address, &heads, body));
    assert!(answer.status < 500, "{method} {address}: {} {}", answer.status, answer.text);
});
