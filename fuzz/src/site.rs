//! A small installation in memory, on SQLite, and who asks it: a secretary at a browser, and a program with a token.

use std::sync::LazyLock;
use tokio::runtime::Runtime;

#[allow(dead_code, missing_docs, clippy::unwrap_used)]
#[path = "../../crates/luoshi/tests/place/mod.rs"]
mod place;

pub struct Ground {
    runtime: Runtime,
    site: place::Site,
    pub cookie: String,
    pub csrf: String,
    pub token: String,
}

pub static GROUND: LazyLock<Ground> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let site = runtime.block_on(place::Site::new(None));
    let (cookie, csrf, token) = runtime.block_on(async {
        let token = token(&site).await;
        let visitor = site.sign_in(place::SECRETARY).await;
        let csrf = visitor.get("/units/3/records/new?kind=general-meeting").await.hidden("csrf");
        (visitor.cookie.clone(), csrf, token)
    });
    Ground { runtime, site, cookie, csrf, token }
});

/// A token of the secretary that writes.
async fn token(site: &place::Site) -> String {
    use luoshi_store::{holding, now, second};
    site.write(|tx, _| {
        let secretary = holding::actor(tx, place::ROOT, place::SECRETARY, place::TODAY)?;
        let offer = second::offer(tx, &secretary, "authenticator")?;
        let code = second::shown(&offer.secret, now());
        second::enrol(tx, &secretary, "authenticator", &code).map(drop)
    })
    .await;
    let secretary = site.sign_in(place::SECRETARY).await;
    let fields = [("name", "程序"), ("until", "2023-08-01"), ("writes", "1")];
    let made = secretary.send("/me/settings", "/me/tokens", &fields).await.text;
    let shown = made.split("class=\"secret\">").nth(1).and_then(|rest| rest.split('<').next()).expect("a token");
    format!("Bearer {shown}")
}

impl Ground {
    /// Asks, and insists that no answer is our fault.
    pub fn ask(&self, method: &str, address: &str, heads: &[(&str, &str)], body: Vec<u8>) {
        let answer = self.runtime.block_on(self.site.ask(method, address, heads, body));
        assert!(answer.status < 500, "{method} {address}: {} {}", answer.status, answer.text);
    }
}

/// Bytes as they may stand in an address or a cookie.
pub fn printable(bytes: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_graphic() && !b"#?<>\"`{}\\^|".contains(byte);
    bytes.iter().map(|byte| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
