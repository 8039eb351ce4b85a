//! The key pair of an installation for packages: P-256, one half to sign (ECDSA) and one to agree on keys (ECDH). The
//! secret halves are derived from the key file, so that they are kept, backed up and destroyed with it.

use crate::{Fault, Keys, secret};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey as Point, SecretKey, ecdh};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// What stands before a public key as people pass it on.
const MARK: &str = "luoshi-key-1.";
/// Bytes of a point, compressed.
const POINT: usize = 33;

/// The secret halves.
pub(super) struct Pair {
    sign: SigningKey,
    agree: SecretKey,
}

/// The public halves, as they are passed on in a short text.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    sign: Point,
    agree: Point,
}

impl Pair {
    /// The pair of an installation.
    pub fn of(keys: &Keys) -> Result<Pair, Fault> {
        let sign = derive(keys.exchange(), b"luoshi exchange sign")?;
        Ok(Pair { sign: SigningKey::from(&sign), agree: derive(keys.exchange(), b"luoshi exchange agree")? })
    }

    /// What others may know of it.
    pub fn public(&self) -> PublicKey {
        PublicKey { sign: Point::from(self.sign.verifying_key()), agree: self.agree.public_key() }
    }

    /// Signs what begins with a mark of what it is for.
    pub fn sign(&self, mark: &[u8], bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let signed = self.sign.sign_prehash(&digest(mark, bytes));
        signed.map(|one: Signature| one.to_bytes().to_vec()).map_err(|error| Fault::Engine(error.to_string()))
    }

    /// The key for what somebody made for us with this one-time key.
    pub fn receive(&self, once: &[u8], context: &[u8]) -> Option<[u8; 32]> {
        let once = Point::from_sec1_bytes(once).ok()?;
        Some(agreed(&self.agree, &once, &self.public(), context))
    }
}

impl PublicKey {
    /// That of the installation with these keys.
    pub fn of(keys: &Keys) -> Result<PublicKey, Fault> {
        Ok(Pair::of(keys)?.public())
    }

    /// Eight groups of five digits, for two people to read to each other: 132 bits of a digest.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update(b"luoshi fingerprint 1").chain_update(self.bytes()).finalize();
        let group = |four: &[u8]| {
            let number = four.iter().fold(0_u32, |all, byte| all << 8 | u32::from(*byte));
            format!("{:05}", number % 100_000)
        };
        digest.chunks(4).map(group).collect::<Vec<_>>().join(" ")
    }

    /// Whether what somebody read out is the fingerprint, however they grouped it.
    pub fn is_read_as(&self, spoken: &str) -> bool {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        digits(spoken) == digits(&self.fingerprint())
    }

    /// Whether these bytes were signed by the secret half.
    pub(super) fn has_signed(&self, mark: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
        let Ok(signature) = Signature::from_slice(signature) else { return false };
        VerifyingKey::from(&self.sign).verify_prehash(&digest(mark, bytes), &signature).is_ok()
    }

    /// A key that only the holder of the secret half can find too, and the one-time key it takes for that.
    pub(super) fn address(&self, context: impl Fn(&[u8]) -> Vec<u8>) -> Result<(Vec<u8>, [u8; 32]), Fault> {
        let once = random()?;
        let point = once.public_key().to_encoded_point(true).as_bytes().to_vec();
        let key = agreed(&once, &self.agree, self, &context(&point));
        Ok((point, key))
    }

    fn bytes(&self) -> Vec<u8> {
        let point = |point: &Point| point.to_encoded_point(true).as_bytes().to_vec();
        [point(&self.sign), point(&self.agree)].concat()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}{}", URL_SAFE_NO_PAD.encode(self.bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for PublicKey {
    type Err = ();

    /// Reads a key as people paste it: with blanks and line breaks in it.
    fn from_str(text: &str) -> Result<PublicKey, ()> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).take(400).collect();
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(MARK).ok_or(())?).map_err(drop)?;
        let (sign, agree) = bytes.split_at_checked(POINT).ok_or(())?;
        let point = |bytes: &[u8]| match bytes.len() == POINT {
            true => Point::from_sec1_bytes(bytes).map_err(drop),
            false => Err(()),
        };
        Ok(PublicKey { sign: point(sign)?, agree: point(agree)? })
    }
}

/// ECDH, then HKDF-SHA256 with both public points in the salt.
fn agreed(own: &SecretKey, other: &Point, receiver: &PublicKey, context: &[u8]) -> [u8; 32] {
    let shared = ecdh::diffie_hellman(own.to_nonzero_scalar(), other.as_affine());
    let salt = Sha256::new().chain_update(b"luoshi package 1").chain_update(receiver.bytes()).finalize();
    let mut key = [0; 32];
    // 32 bytes are always fewer than HKDF can give
    let _ = Hkdf::<Sha256>::new(Some(&salt), shared.raw_secret_bytes()).expand(context, &mut key);
    key
}

/// A scalar derived from a secret; the first that is one.
fn derive(secret: &[u8; 32], purpose: &[u8]) -> Result<SecretKey, Fault> {
    let hkdf = Hkdf::<Sha256>::new(None, secret);
    let scalar = |n: u8| {
        let mut bytes = [0; 32];
        hkdf.expand(&[purpose, &[n]].concat(), &mut bytes).ok()?;
        SecretKey::from_slice(&bytes).ok()
    };
    (0..=u8::MAX).find_map(scalar).ok_or_else(|| Fault::Engine("no key could be derived".into()))
}

/// What is signed: a package is long, and is not copied to put its mark before it.
fn digest(mark: &[u8], bytes: &[u8]) -> Vec<u8> {
    Sha256::new().chain_update(mark).chain_update(bytes).finalize().to_vec()
}

fn random() -> Result<SecretKey, Fault> {
    for _ in 0..64 {
        if let Ok(key) = SecretKey::from_slice(&secret::Keys::secret()?) {
            return Ok(key);
        }
    }
    Err(Fault::Engine("no random numbers".into()))
}
