//! Requests by a program: the first byte chooses what is asked for, then come question, token and key, and a body of
//! JSON, each on a line.

use crate::site::{GROUND, printable};

const ASKED: [(&str, &str); 9] = [
    ("GET", "/units/1"),
    ("GET", "/units/1/tree"),
    ("GET", "/units/3/records"),
    ("GET", "/units/3/duties"),
    ("POST", "/units/3/records"),
    ("POST", "/units/3/records"),
    ("POST", "/units/3/records/1/corrections"),
    ("POST", "/units/3/records/1/withdrawals"),
    ("POST", "/units/9/records"),
];

pub fn read(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    let mut lines = rest.splitn(3, |byte| *byte == b'\n');
    let question = printable(lines.next().unwrap_or_default());
    let said = printable(lines.next().unwrap_or_default());
    let token = if which & 128 == 0 { GROUND.token.clone() } else { format!("Bearer {said}") };
    let key = if said.is_empty() { luoshi_store::new_id().to_string() } else { said };
    let (method, path) = ASKED[usize::from(*which & 127) % ASKED.len()];
    let address = format!("/api/v1{path}?{question}");
    let heads =
        [("authorization", token.as_str()), ("content-type", "application/json"), ("idempotency-key", key.as_str())];
    GROUND.ask(method, &address, &heads, lines.next().unwrap_or_default().to_vec());
}
