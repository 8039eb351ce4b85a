//! What an authenticator and the browser before it say. The first byte says which of the parts is anything; the rest of
//! them are as they should be, so that what is anything is read to its end.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value;
use sha2::{Digest, Sha256};

#[path = "../../crates/luoshi-web/src/session/passkey/ceremony.rs"]
mod ceremony;

pub fn read(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    let asked = ceremony::Asked {
        origin: "http://localhost:8080".into(),
        host: "localhost".into(),
        challenge: "c2F5".into(),
        verify: *which & 8 != 0,
    };
    let (_, client) = (encoded(rest), |sort: &str| {
        encoded(
            format!(r#"{{"type":"webauthn.{sort}","challenge":"c2F5","origin":"http://localhost:8080"}}"#).as_bytes(),
        )
    });
    let data = [Sha256::digest(b"localhost").as_slice(), rest].concat();
    match which % 5 {
        0 => drop(ceremony::made(&asked, &encoded(rest), "")),
        1 => drop(ceremony::made(&asked, &client("create"), &encoded(rest))),
        2 => drop(ceremony::made(&asked, &client("create"), &encoded(&attested(data)))),
        3 => drop(ceremony::signed(&asked, "", [&client("get"), &encoded(&data), ""])),
        _ => drop(signed(&asked, &client("get"), rest)),
    }
}

/// A key and a signature that are anything: the first two bytes say how long the key is.
fn signed(asked: &ceremony::Asked, client: &str, bytes: &[u8]) -> Option<i64> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let (key, signature) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let data = [Sha256::digest(b"localhost").as_slice(), &[5, 0, 0, 0, 1]].concat();
    ceremony::signed(asked, &encoded(key), [client, &encoded(&data), &encoded(signature)]).ok()
}

fn attested(data: Vec<u8>) -> Vec<u8> {
    let mut object = Vec::new();
    let map = Value::Map(vec![(Value::Text("authData".into()), Value::Bytes(data))]);
    ciborium::into_writer(&map, &mut object).expect("memory");
    object
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
