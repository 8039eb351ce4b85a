//! A program that asks under `/api/v1`, with a token of the secretary of the first branch.

use super::{ROOT, SECRETARY, Site, TODAY, Visitor};
use serde_json::Value as Json;

/// What an address of the API answers.
pub async fn json(visitor: &Visitor<'_>, path: &str) -> Json {
    let answer = visitor.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

/// Asks for an act with a token, under a key.
pub async fn act(site: &Site, token: &str, key: &str, path: &str, body: &Json) -> (u16, Json) {
    let heads = [("authorization", token), ("content-type", "application/json"), ("idempotency-key", key)];
    let answer = site.ask("POST", &format!("/api/v1{path}"), &heads, body.to_string().into_bytes()).await;
    (answer.status, serde_json::from_str(&answer.text).unwrap_or_else(|_| panic!("{path}: {}", answer.text)))
}

/// Tokens of a member-like program: one that reads, one that writes at the first branch.
pub async fn tokens(site: &Site) -> [String; 2] {
    site.write(|tx, _| {
        let secretary = luoshi_store::holding::actor(tx, ROOT, SECRETARY, TODAY)?;
        let offer = luoshi_store::second::offer(tx, &secretary, "authenticator")?;
        let code = luoshi_store::second::shown(&offer.secret, luoshi_store::now());
        luoshi_store::second::enrol(tx, &secretary, "authenticator", &code).map(drop)
    })
    .await;
    let secretary = site.sign_in(SECRETARY).await;
    let mut tokens = [String::new(), String::new()];
    for (token, writes) in tokens.iter_mut().zip(["", "1"]) {
        let fields = [("name", "程序"), ("until", "2023-08-01"), ("writes", writes)];
        let made = secretary.send("/me/settings", "/me/tokens", &fields).await.text;
        let shown = made.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        *token = format!("Bearer {shown}");
    }
    tokens
}
