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
    tokens_of(site, SECRETARY).await
}

/// Tokens of a program of somebody: one that reads, one that writes.
pub async fn tokens_of(site: &Site, person: i64) -> [String; 2] {
    site.write(move |tx, _| {
        let owner = luoshi_store::holding::actor(tx, ROOT, person, TODAY)?;
        let offer = luoshi_store::second::offer(tx, &owner, "authenticator")?;
        let code = luoshi_store::second::shown(&offer.secret, luoshi_store::now());
        luoshi_store::second::enrol(tx, &owner, "authenticator", &code).map(drop)
    })
    .await;
    let owner = site.sign_in(person).await;
    let mut tokens = [String::new(), String::new()];
    for (token, writes) in tokens.iter_mut().zip(["", "1"]) {
        let fields = [("name", "程序"), ("until", "2023-08-01"), ("writes", writes)];
        let made = owner.send("/me/settings", "/me/tokens", &fields).await.text;
        let shown = made.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        *token = format!("Bearer {shown}");
    }
    tokens
}
