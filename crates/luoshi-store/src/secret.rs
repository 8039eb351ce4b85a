//! What must not be read by whoever holds the file: identity numbers and phones sealed with AES-256-GCM, passphrases
//! hashed with Argon2id, tokens kept as digests. The keys live outside the database.

use crate::Fault;
use aes_gcm::aead::{Aead, Generate, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// Keys of an installation: one to seal fields, one for blind indexes.
#[derive(Clone)]
pub struct Keys {
    seal: Aes256Gcm,
    blind: [u8; 32],
    chain: [u8; 32],
    exchange: [u8; 32],
}

impl Keys {
    /// What a key file holds: 32 secret bytes, and once the key was changed 32 more, from which alone the chain of the
    /// audit trail goes on. Nothing of any other length is a key.
    pub fn of(file: &[u8]) -> Option<Keys> {
        let (secret, chain) = file.split_at_checked(32)?;
        let (secret, chain) = (secret.try_into().ok()?, if chain.is_empty() { secret } else { chain });
        Some(Keys { chain: Keys::new(chain.try_into().ok()?).chain, ..Keys::new(secret) })
    }

    /// What the file of the next key holds, given that of before.
    pub fn next(before: &[u8]) -> Result<Vec<u8>, Fault> {
        let chain = before.get(32..64).or(before.get(..32)).ok_or_else(broken)?;
        Ok([&Keys::secret()?, chain].concat())
    }

    /// Derives all keys from 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Keys {
        let seal: [u8; 32] = Sha256::new().chain_update(b"luoshi seal 1").chain_update(secret).finalize().into();
        let blind: [u8; 32] = Sha256::new().chain_update(b"luoshi blind 1").chain_update(secret).finalize().into();
        let chain: [u8; 32] = Sha256::new().chain_update(b"luoshi chain 1").chain_update(secret).finalize().into();
        let exchange: [u8; 32] =
            Sha256::new().chain_update(b"luoshi exchange 1").chain_update(secret).finalize().into();
        Keys { seal: Aes256Gcm::new(&seal.into()), blind, chain, exchange }
    }

    /// The secret behind the key pair by which this installation gives and takes packages.
    pub(crate) fn exchange(&self) -> &[u8; 32] {
        &self.exchange
    }

    /// Fresh secret bytes for a new installation.
    pub fn secret() -> Result<[u8; 32], Fault> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| Fault::Engine(error.to_string()))?;
        Ok(secret)
    }

    /// Seals a text; the nonce stands before it, all in hexadecimal.
    pub(crate) fn seal(&self, text: &str) -> Result<String, Fault> {
        let nonce = Nonce::generate();
        let sealed = self.seal.encrypt(&nonce, text.as_bytes()).map_err(|_| broken())?;
        Ok(hex_of(&[&nonce, &sealed]))
    }

    /// Opens a sealed text.
    pub(crate) fn open(&self, sealed: &str) -> Result<String, Fault> {
        let bytes = unhex(sealed).ok_or_else(broken)?;
        let (nonce, body) = bytes.split_at_checked(12).ok_or_else(broken)?;
        let nonce: [u8; 12] = nonce.try_into().map_err(|_| broken())?;
        let text = self.seal.decrypt(&nonce.into(), body).map_err(|_| broken())?;
        String::from_utf8(text).map_err(|_| broken())
    }

    /// A keyed digest for the chain of the audit trail.
    pub(crate) fn chained<D>(&self, bytes: &[u8]) -> Result<String, Fault>
    where
        D: hmac::EagerHash,
        Hmac<D>: Mac + hmac::KeyInit,
    {
        let mut mac = <Hmac<D> as hmac::KeyInit>::new_from_slice(&self.chain).map_err(|_| broken())?;
        mac.update(bytes);
        Ok(hex(&mac.finalize().into_bytes()))
    }

    /// A keyed digest of where a list goes on: every server of the installation makes the same.
    pub fn mark(&self, text: &str) -> Result<String, Fault> {
        self.blind("cursor", text)
    }

    /// A keyed digest by which a field can be looked up but not read.
    pub(crate) fn blind(&self, field: &str, text: &str) -> Result<String, Fault> {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.blind).map_err(|_| broken())?;
        mac.update(field.as_bytes());
        mac.update(b":");
        mac.update(text.as_bytes());
        Ok(hex(&mac.finalize().into_bytes()))
    }
}

/// Before a hash: the passphrase was hashed exactly as it was sent. Those without it were made when blanks at both ends
/// were cut off, and are compared so until the passphrase is changed.
const EXACT: char = '=';

/// Hashes a passphrase with Argon2id, exactly as it was sent.
pub fn hash(passphrase: &str) -> Result<String, Fault> {
    let hash: PasswordHash = Argon2::default().hash_password(passphrase.as_bytes()).map_err(|_| broken())?;
    Ok(format!("{EXACT}{hash}"))
}

/// Whether a passphrase has this hash. Takes as long where there is none.
pub fn matches(passphrase: &str, hash: &str) -> bool {
    let (passphrase, hash) = match hash.strip_prefix(EXACT) {
        Some(hash) => (passphrase, hash),
        None => (passphrase.trim(), hash),
    };
    let hasher = Argon2::default();
    match PasswordHash::new(hash) {
        Ok(hash) => hasher.verify_password(passphrase.as_bytes(), &hash).is_ok(),
        // the same work where there is nothing to compare with, so that the time does not tell who has an account
        Err(_) => {
            let _: Result<PasswordHash, _> = hasher.hash_password(passphrase.as_bytes());
            false
        }
    }
}

/// A token of 256 random bits, in hexadecimal.
pub fn token() -> Result<String, Fault> {
    Ok(hex(&Keys::secret()?))
}

/// The digest under which a token or a file is kept.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn broken() -> Fault {
    Fault::Engine("a sealed field cannot be read: is the key file the one of this database?".into())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    hex_of(&[bytes])
}

/// Several in one text that is made once: some are of millions of bytes.
fn hex_of(parts: &[&[u8]]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    let mut out = String::with_capacity(parts.iter().map(|part| part.len() * 2).sum());
    for byte in parts.iter().copied().flatten() {
        out.push(digit(byte >> 4));
        out.push(digit(byte & 15));
    }
    out
}

/// Bytes written in hexadecimal.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_field_opens_with_its_key_only() {
        let keys = Keys::new(&[7; 32]);
        let sealed = keys.seal("11010519491231002X").unwrap();
        assert_ne!(sealed, keys.seal("11010519491231002X").unwrap());
        assert_eq!(keys.open(&sealed).unwrap(), "11010519491231002X");
        assert!(Keys::new(&[8; 32]).open(&sealed).is_err());
        assert!(keys.open("00").is_err());
        assert_eq!(keys.blind("phone", "1").unwrap(), keys.blind("phone", "1").unwrap());
        assert_ne!(keys.blind("phone", "1").unwrap(), keys.blind("identity", "1").unwrap());
    }

    #[test]
    fn a_passphrase_matches_its_hash_only() {
        let hash = hash("落实 to the end").unwrap();
        assert!(hash.starts_with("=$argon2id$"));
        assert!(matches("落实 to the end", &hash));
        assert!(!matches("落实 to the End", &hash));
        assert!(!matches("", ""));
    }

    #[test]
    fn a_guess_takes_as_long_where_there_is_no_passphrase_as_where_it_is_wrong() {
        let known = hash("right passphrase").unwrap();
        let quickest = |hash: &str| {
            let one = |_| {
                let began = std::time::Instant::now();
                assert!(!matches("wrong passphrase", hash));
                began.elapsed()
            };
            (0..5).map(one).min().unwrap()
        };
        // without the same work it takes microseconds, so that no busy machine comes between
        assert!(quickest("") * 10 > quickest(&known), "the time tells that there is no such account");
    }

    #[test]
    fn a_passphrase_is_compared_as_it_was_sent_and_one_set_before_without_its_ends() {
        let exact = hash(" blanks at both ends ").unwrap();
        assert!(matches(" blanks at both ends ", &exact) && !matches("blanks at both ends", &exact));
        let old = hash("blanks at both ends").unwrap();
        let old = old.strip_prefix(EXACT).unwrap();
        assert!(matches(" blanks at both ends ", old) && matches("blanks at both ends", old));
        assert!(!matches("blanks  at both ends", old));
    }
}
