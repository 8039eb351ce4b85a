//! Requests by a browser: addresses with cursors, filters and days, cookies, forms. The first byte chooses the page,
//! then come question, cookie and body, each on a line.

use crate::site::{GROUND, printable};

const PAGES: [(&str, &str); 16] = [
    ("GET", "/units/1/2023/records"),
    ("GET", "/units/1/2023/matrix"),
    ("GET", "/units/1/2023/duties"),
    ("GET", "/units/3/people"),
    ("GET", "/units/1/follow-ups"),
    ("GET", "/units/3/records/new"),
    ("GET", "/units/1/imports"),
    ("GET", "/units/1/transfers"),
    ("GET", "/units/1/tree"),
    ("GET", "/units/1/figures/new"),
    ("POST", "/units/3/records"),
    ("POST", "/units/3/people"),
    ("POST", "/units/3/plans"),
    ("POST", "/language"),
    ("POST", "/sign-in"),
    ("POST", "/sign-in/passkey"),
];

pub fn read(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    let mut lines = rest.splitn(3, |byte| *byte == b'\n');
    let question = printable(lines.next().unwrap_or_default());
    let extra = printable(lines.next().unwrap_or_default());
    // a high first byte: any cookie; a low one: that of somebody, and more
    let cookie = if which & 128 == 0 { format!("{}; {extra}", GROUND.cookie) } else { extra };
    let mut body = format!("csrf={}&kind=general-meeting&on=2023-02-10&", GROUND.csrf).into_bytes();
    body.extend(lines.next().unwrap_or_default());
    let (method, page) = PAGES[usize::from(*which) % PAGES.len()];
    let heads = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    GROUND.ask(method, &format!("{page}?{question}"), &heads, body);
}
