//! A program that asks under `/api/v1`, with a token of the secretary of the first branch.

use super::{ROOT, SECRETARY, Site, TODAY, Visitor};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use serde_json::Value as Json;
use std::sync::atomic::{AtomicU64, Ordering};
use tower::ServiceExt;

/// A key for each act.
static KEYS: AtomicU64 = AtomicU64::new(0);

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
    tokens_for(site, person, "").await
}

/// The same, made for proposals or not.
async fn tokens_for(site: &Site, person: i64, proposals: &str) -> [String; 2] {
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
        let fields = [("name", "程序"), ("until", "2023-08-01"), ("writes", writes), ("proposals", proposals)];
        let made = owner.send("/me/settings", "/me/tokens", &fields).await.text;
        let shown = made.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        *token = format!("Bearer {shown}");
    }
    tokens
}

/// A program of somebody, with both of their tokens.
pub struct Program<'s> {
    site: &'s Site,
    pub reading: String,
    pub writing: String,
}

impl<'s> Program<'s> {
    pub async fn of(site: &'s Site, person: i64) -> Program<'s> {
        let [reading, writing] = tokens_of(site, person).await;
        Program { site, reading, writing }
    }

    /// One whose tokens were made for proposals.
    pub async fn for_proposals(site: &'s Site, person: i64) -> Program<'s> {
        let [reading, writing] = tokens_for(site, person, "1").await;
        Program { site, reading, writing }
    }

    /// What an address answers, whatever it is.
    pub async fn read(&self, path: &str) -> (u16, Json) {
        let heads = [("authorization", self.reading.as_str())];
        let answer = self.site.ask("GET", &format!("/api/v1{path}"), &heads, Vec::new()).await;
        (answer.status, serde_json::from_str(&answer.text).unwrap_or_else(|_| panic!("{path}: {}", answer.text)))
    }

    /// What is read at an address.
    pub async fn get(&self, path: &str) -> Json {
        let (status, told) = self.read(path).await;
        assert_eq!(status, 200, "{path}: {told}");
        told
    }

    /// Asks for an act under a new key; what is answered, whatever it is.
    pub async fn ask(&self, path: &str, body: &Json) -> (u16, Json) {
        let key = KEYS.fetch_add(1, Ordering::Relaxed).to_string();
        act(self.site, &self.writing, &key, path, body).await
    }

    /// Sends a file under a new key; what is answered, whatever it is.
    pub async fn upload(&self, path: &str, bytes: &[u8]) -> (u16, Json) {
        let key = KEYS.fetch_add(1, Ordering::Relaxed).to_string();
        let heads = [
            ("authorization", self.writing.as_str()),
            ("content-type", "application/octet-stream"),
            ("idempotency-key", key.as_str()),
        ];
        let answer = self.site.ask("POST", &format!("/api/v1{path}"), &heads, bytes.to_vec()).await;
        (answer.status, serde_json::from_str(&answer.text).unwrap_or_else(|_| panic!("{path}: {}", answer.text)))
    }

    /// A file as it is given, with its sort.
    pub async fn file(&self, path: &str) -> (u16, String, Vec<u8>) {
        let request = Request::builder().uri(format!("/api/v1{path}")).header("authorization", &self.reading);
        let answer = self.site.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let sort = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), sort, answer.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    /// Has something done; the key of what was written, or nothing where that leads to a list.
    pub async fn done(&self, path: &str, body: Json) -> String {
        let (status, told) = self.ask(path, &body).await;
        assert_eq!(status, 200, "{path} {body}: {told}");
        told["id"].as_str().unwrap_or_default().to_owned()
    }

    /// Asks for what is refused because of one field.
    pub async fn refused(&self, path: &str, body: Json, field: &str) {
        let (status, told) = self.ask(path, &body).await;
        assert_eq!((status, told["parameter"].as_str()), (422, Some(field)), "{path} {body}: {told}");
    }

    /// Nothing of it is there for a program that reads only, nor for this one at another address.
    pub async fn only_here(&self, path: &str, elsewhere: &str, body: Json) {
        assert_eq!(act(self.site, &self.reading, "reads", path, &body).await.0, 403, "{path}");
        assert_eq!(self.ask(elsewhere, &body).await.0, 404, "{elsewhere}");
    }
}

/// The values of one column of a list.
pub fn column(list: &Json, key: &str) -> Vec<Json> {
    list["items"].as_array().unwrap().iter().map(|row| row[key].clone()).collect()
}
