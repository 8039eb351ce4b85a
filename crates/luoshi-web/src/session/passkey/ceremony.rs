//! What an authenticator says, checked as the standard asks (Web Authentication, 7.1 and 7.2). No attestation is asked
//! for: which make of authenticator it is matters to nobody here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value;
use jsonwebtoken::{Algorithm, DecodingKey};
use luoshi_store::passkey::Made;
use p256::ecdsa::signature::Verifier;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Somebody was there.
const PRESENT: u8 = 1;
/// The authenticator made sure who: by a PIN, a finger.
const VERIFIED: u8 = 1 << 2;
/// The key may be copied to other devices of its owner.
const MAY_COPY: u8 = 1 << 3;
/// It has been.
const COPIED: u8 = 1 << 4;
/// A new key follows.
const WITH_KEY: u8 = 1 << 6;
/// COSE numbers of the signatures that are taken: ECDSA on P-256, and RSA as some Windows machines make it.
const ES256: i128 = -7;
const RS256: i128 = -257;

/// What must be answered, and where.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// the address of the page, as browsers write it
    pub origin: String,
    /// the name of the server
    pub host: String,
    /// 256 bits, in base64url
    pub challenge: String,
    /// whether the authenticator must make sure who it is
    pub verify: bool,
}

/// Why an answer is not taken: for the log, without anything personal.
pub(super) type Why = &'static str;

/// What the browser says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Client {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// A new passkey: the browser's words and the attestation object, both in base64url.
pub(super) fn made(asked: &Asked, client: &str, object: &str) -> Result<Made, Why> {
    said(asked, &bytes(client)?, "webauthn.create")?;
    let object: Value = ciborium::from_reader(bytes(object)?.as_slice()).map_err(|_| "no attestation object")?;
    let data = entry(&object, &Value::Text("authData".into())).and_then(Value::as_bytes).ok_or("no data")?;
    let (flags, counter, rest) = head(asked, data)?;
    if flags & WITH_KEY == 0 {
        return Err("no key");
    }
    // sixteen bytes tell the make; then the length of the name, the name, the key
    let rest = rest.get(16..).ok_or("cut off")?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or("cut off")?;
    let (name, key) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or("cut off")?;
    if !(1..=1023).contains(&name.len()) {
        return Err("a name of a wrong length");
    }
    let (value, length) = first(key)?;
    Key::read(&value)?;
    let cose = key.get(..length).unwrap_or_default();
    Ok(Made { credential: URL_SAFE_NO_PAD.encode(name), cose: URL_SAFE_NO_PAD.encode(cose), counter })
}

/// A signature by a known key: the browser's words, the authenticator's data, and the signature over both. Returns
/// what the counter says.
pub(super) fn signed(asked: &Asked, cose: &str, [client, data, signature]: [&str; 3]) -> Result<i64, Why> {
    let (client, data, signature) = (bytes(client)?, bytes(data)?, bytes(signature)?);
    said(asked, &client, "webauthn.get")?;
    let (_, counter, _) = head(asked, &data)?;
    let (value, _) = first(&bytes(cose)?)?;
    let message = [data.as_slice(), Sha256::digest(&client).as_slice()].concat();
    if Key::read(&value)?.has_signed(&message, &signature) { Ok(counter) } else { Err("a wrong signature") }
}

/// What the browser says must be what was asked, here.
fn said(asked: &Asked, client: &[u8], sort: &str) -> Result<(), Why> {
    let client: Client = serde_json::from_slice(client).map_err(|_| "not a browser's words")?;
    match () {
        () if client.r#type != sort => Err("another ceremony"),
        () if client.challenge != asked.challenge => Err("another challenge"),
        () if client.origin != asked.origin || client.cross_origin => Err("another origin"),
        () => Ok(()),
    }
}

/// The flags and the counter of an authenticator's data, and what follows.
fn head<'d>(asked: &Asked, data: &'d [u8]) -> Result<(u8, i64, &'d [u8]), Why> {
    let (host, rest) = data.split_first_chunk::<32>().ok_or("cut off")?;
    let (flags, rest) = rest.split_first().ok_or("cut off")?;
    let (counter, rest) = rest.split_first_chunk::<4>().ok_or("cut off")?;
    match () {
        () if host.as_slice() != Sha256::digest(asked.host.as_bytes()).as_slice() => Err("another server"),
        () if flags & PRESENT == 0 => Err("nobody there"),
        () if asked.verify && flags & VERIFIED == 0 => Err("nobody verified"),
        () if flags & (MAY_COPY | COPIED) == COPIED => Err("a copy of what may not be copied"),
        () => Ok((*flags, i64::from(u32::from_be_bytes(*counter)), rest)),
    }
}

/// A public key as authenticators write it.
enum Key {
    Curve(Box<p256::ecdsa::VerifyingKey>),
    Rsa(DecodingKey),
}

impl Key {
    fn read(cose: &Value) -> Result<Key, Why> {
        let number = |key: i64| entry(cose, &Value::from(key)).and_then(Value::as_integer).map(i128::from);
        let part =
            |key: i64| entry(cose, &Value::from(key)).and_then(Value::as_bytes).ok_or("part of the key is missing");
        match (number(1), number(3)) {
            (Some(2), Some(ES256)) if number(-1) == Some(1) => {
                let point = [&[4_u8], part(-2)?.as_slice(), part(-3)?.as_slice()].concat();
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).map_err(|_| "not a point of the curve")?;
                Ok(Key::Curve(Box::new(key)))
            }
            (Some(3), Some(RS256)) if part(-1)?.len() >= 256 => {
                Ok(Key::Rsa(DecodingKey::from_rsa_raw_components(part(-1)?, part(-2)?)))
            }
            _ => Err("a key of another kind"),
        }
    }

    fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Key::Curve(key) => {
                let signature = p256::ecdsa::Signature::from_der(signature);
                signature.is_ok_and(|signature| key.verify(message, &signature).is_ok())
            }
            Key::Rsa(key) => {
                let signature = URL_SAFE_NO_PAD.encode(signature);
                jsonwebtoken::crypto::verify(&signature, message, key, Algorithm::RS256).unwrap_or(false)
            }
        }
    }
}

fn entry<'v>(map: &'v Value, key: &Value) -> Option<&'v Value> {
    map.as_map()?.iter().find(|(known, _)| known == key).map(|(_, value)| value)
}

/// The first value of some bytes, and how many of them it takes.
fn first(bytes: &[u8]) -> Result<(Value, usize), Why> {
    let mut rest = bytes;
    let value = ciborium::from_reader(&mut rest).map_err(|_| "not CBOR")?;
    Ok((value, bytes.len() - rest.len()))
}

fn bytes(text: &str) -> Result<Vec<u8>, Why> {
    // a few hundred bytes are usual
    if text.len() > 20_000 {
        return Err("too long");
    }
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| "not base64url")
}

#[cfg(test)]
#[path = "ceremony/tests.rs"] // the fuzzers include this file from elsewhere
mod tests;
