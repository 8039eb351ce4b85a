//! A package: a head that can be read by all, a body that only its receiver can, and a signature over both. Standard
//! pieces put together as others do: an ephemeral-static ECDH on P-256, HKDF-SHA256, AES-256-GCM in chunks whose nonces
//! count and mark the last one (STREAM), ECDSA over everything.

use super::key::{Pair, PublicKey};
use crate::{Fault, Keys, secret};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use jiff::civil::Date;
use luoshi_rules::Refusal;
use serde::{Deserialize, Serialize};

/// The first bytes of every package.
const MARK: &[u8] = b"LUOSHI-PACKAGE-1\n";
/// What is signed begins so, that no signature serves for anything else.
const SIGNED: &[u8] = b"luoshi package 1:";
/// Most bytes of a head.
const HEAD: usize = 8_192;
/// Bytes of plain text in a chunk, and of the tag after it.
const CHUNK: usize = 65_536;
const TAG: usize = 16;
/// Bytes of a signature.
const SIGNATURE: usize = 64;
/// Most bytes of a package: it is held in memory.
pub const LARGEST: usize = 512 << 20;

/// Which way a package goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// from home to the machine
    Out,
    /// and back
    Back,
}

/// What everybody may read of a package; nobody can change it unseen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// which way it goes
    pub way: Way,
    /// the organisation
    pub top: i64,
    /// the exchange
    pub exchange: i64,
    /// 1, 2, 3 …, each way
    pub no: i64,
    /// whether the sender does no more
    pub last: bool,
    /// moment it was made
    pub made: i64,
    /// last day on which it is taken
    pub until: Date,
    /// public key of the sender
    pub from: String,
    /// fingerprint of the receiver
    pub to: String,
    /// schema of the sender
    pub schema: String,
    /// digest of the rules of the sender
    pub rules: String,
    /// one-time key, hexadecimal
    pub once: String,
}

/// A package that has been taken apart, but not trusted yet.
pub struct Package<'p> {
    /// its head
    pub head: Head,
    head_bytes: &'p [u8],
    body: &'p [u8],
    signed: &'p [u8],
    signature: &'p [u8],
}

/// Makes a package; `once`, `from` and `to` of the head are filled in here.
pub(super) fn seal(keys: &Keys, to: &PublicKey, mut head: Head, plain: &[u8]) -> Result<Vec<u8>, Fault> {
    let own = Pair::of(keys)?;
    (head.from, head.to) = (own.public().to_string(), to.fingerprint());
    let bytes_with = |once: &[u8]| {
        let head = Head { once: secret::hex(once), ..head.clone() };
        serde_json::to_vec(&head).unwrap_or_default()
    };
    let (once, key) = to.address(bytes_with)?;
    let head = bytes_with(&once);
    let chunks = plain.len().div_ceil(CHUNK).max(1);
    // made as long as it will be: growing, it would be copied
    let mut out = Vec::with_capacity(MARK.len() + 4 + head.len() + plain.len() + chunks * TAG + SIGNATURE);
    out.extend(MARK);
    out.extend(u32::try_from(head.len()).unwrap_or_default().to_be_bytes());
    out.extend(&head);
    let cipher = Aes256Gcm::new(&key.into());
    for n in 0..chunks {
        let chunk = plain.get(n * CHUNK..plain.len().min((n + 1) * CHUNK)).unwrap_or_default();
        out.extend(cipher.encrypt(&nonce(n, n + 1 == chunks), chunk).map_err(|_| unmade())?);
    }
    let signature = own.sign(SIGNED, &out)?;
    out.extend(signature);
    Ok(out)
}

fn unmade() -> Fault {
    Fault::Engine("the package could not be made".into())
}

/// The chunk's number, and whether it is the last one: chunks cannot be left out, moved or added. The key serves for
/// one package only.
fn nonce(n: usize, last: bool) -> Nonce<aes_gcm::aead::consts::U12> {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&(n as u64).to_be_bytes());
    nonce[11] = u8::from(last);
    nonce.into()
}

impl<'p> Package<'p> {
    /// Takes a package apart.
    pub fn read(bytes: &'p [u8]) -> Result<Package<'p>, Refusal> {
        let apart = || {
            let rest = bytes.strip_prefix(MARK)?;
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok().filter(|length| *length <= HEAD)?;
            let (head_bytes, rest) = rest.split_at_checked(length)?;
            let (body, signature) = rest.split_at_checked(rest.len().checked_sub(SIGNATURE)?)?;
            let signed = bytes.get(..bytes.len() - SIGNATURE)?;
            let head: Head = serde_json::from_slice(head_bytes).ok()?;
            Some(Package { head, head_bytes, body, signed, signature })
        };
        match bytes.len() <= LARGEST {
            true => apart().ok_or_else(foreign),
            false => Err(unsound("包太大，不予读取", "the package is too large to be read")),
        }
    }

    /// What is in it, when it was made by this sender for us and arrived whole.
    pub fn open(&self, keys: &Keys, sender: &PublicKey, (way, today): (Way, Date)) -> Result<Vec<u8>, Fault> {
        let own = Pair::of(keys)?;
        if self.head.from != sender.to_string() {
            let zh = "签名方不是约定的对方，不予收取。请核对是哪台机器做的包";
            return Err(unsound(zh, "it is not signed by the partner agreed on; find out which machine made it").into());
        }
        if !sender.has_signed(SIGNED, self.signed, self.signature) {
            let zh = "包被改动或不完整，什么都没有收取。请让对方重新制作、重新拷贝";
            return Err(unsound(zh, "it was changed or is not whole, and nothing was taken: have it made again").into());
        }
        if self.head.to != own.public().fingerprint() || self.head.way != way {
            let zh = "这个包不是发给本机的";
            return Err(unsound(zh, "this package is not for this installation").into());
        }
        if self.head.until < today {
            let zh = format!("包已于 {} 过期，请让对方重新制作", self.head.until);
            return Err(unsound(zh, format!("it expired on {}: have it made again", self.head.until)).into());
        }
        let once = secret::unhex(&self.head.once).ok_or_else(foreign)?;
        let key = own.receive(&once, self.head_bytes).ok_or_else(foreign)?;
        Ok(self.decrypt(&key).ok_or_else(foreign)?)
    }

    fn decrypt(&self, key: &[u8; 32]) -> Option<Vec<u8>> {
        let cipher = Aes256Gcm::new(key.into());
        let chunks = self.body.chunks(CHUNK + TAG);
        let count = chunks.len();
        let mut plain = Vec::with_capacity(self.body.len());
        for (n, chunk) in chunks.enumerate() {
            plain.extend(cipher.decrypt(&nonce(n, n + 1 == count), Payload::from(chunk)).ok()?);
        }
        (count > 0).then_some(plain)
    }
}

fn foreign() -> Refusal {
    unsound("这不是本系统的交换包，或已损坏", "this is no package of this system, or it is damaged")
}

pub(super) fn unsound(zh: impl Into<String>, en: impl Into<String>) -> Refusal {
    Refusal::field("file", zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn keys(n: u8) -> (Keys, PublicKey) {
        let keys = Keys::new(&[n; 32]);
        let public = PublicKey::of(&keys).unwrap();
        (keys, public)
    }

    fn head() -> Head {
        super::super::new_head(Way::Back, 1, (2, 3, true), date(2023, 6, 1), "rules".into())
    }

    #[test]
    fn what_was_sealed_for_somebody_is_opened_by_them_alone_and_only_whole() {
        let ((from, sender), (to, receiver), (other, _)) = (keys(1), keys(2), keys(3));
        let today = (Way::Back, date(2023, 6, 1));
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let plain: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let sealed = seal(&from, &receiver, head(), &plain).unwrap();
            let package = Package::read(&sealed).unwrap();
            assert!(package.open(&to, &sender, today).unwrap() == plain, "{length}");
            assert!(package.open(&other, &sender, today).is_err() && package.open(&to, &receiver, today).is_err());
            assert!(package.open(&to, &sender, (Way::Out, today.1)).is_err());
            assert!(package.open(&to, &sender, (Way::Back, date(2023, 6, 2))).is_err(), "past its day");
            assert!(seal(&from, &receiver, head(), &plain).unwrap() != sealed, "a new key each time");
        }
    }

    #[test]
    fn chunks_cannot_be_left_out_moved_or_ended_early_even_by_who_can_sign() {
        let ((from, sender), (to, receiver)) = (keys(1), keys(2));
        let sealed = seal(&from, &receiver, head(), &vec![7; 3 * CHUNK]).unwrap();
        let start = MARK.len() + 4 + Package::read(&sealed).unwrap().head_bytes.len();
        let (front, chunk) = (&sealed[..start], CHUNK + TAG);
        let one = |n: usize| &sealed[start + n * chunk..start + (n + 1) * chunk];
        let signed = |chunks: &[&[u8]]| {
            let mut bytes = [front, &chunks.concat()].concat();
            let signature = Pair::of(&from).unwrap().sign(SIGNED, &bytes).unwrap();
            bytes.extend(signature);
            Package::read(&bytes).unwrap().open(&to, &sender, (Way::Back, date(2023, 6, 1))).is_ok()
        };
        assert!(signed(&[one(0), one(1), one(2)]));
        assert!(!signed(&[one(0), one(1)]) && !signed(&[one(0), one(2)]) && !signed(&[one(1), one(0), one(2)]));
        assert!(!signed(&[one(0), one(1), one(2), one(2)]) && !signed(&[]));
    }

    #[test]
    fn a_key_reads_as_it_was_written_and_its_fingerprint_however_it_is_read_out() {
        let (_, key) = keys(4);
        let text = key.to_string();
        assert_eq!(format!(" {}\n{} ", &text[..50], &text[50..]).parse(), Ok(key.clone()));
        let spoken = key.fingerprint();
        assert_eq!((spoken.len(), spoken.split(' ').count()), (47, 8));
        assert!(key.is_read_as(&spoken.replace(' ', "，")) && !key.is_read_as("") && !keys(5).1.is_read_as(&spoken));
        for wrong in ["", "luoshi-key-1.", "luoshi-key-1.AAAA", &text[1..], &text[..text.len() - 2]] {
            assert!(wrong.parse::<PublicKey>().is_err(), "{wrong}");
        }
    }
}
