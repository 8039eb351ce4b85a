//! Packages of sealed exchange. The first byte says what is anything: the whole file, its head alone, what is in it once
//! it has been opened, a key as it is pasted, a receipt.

use jiff::civil::date;
use luoshi_store::Keys;
use luoshi_store::exchange::{Harvest, Outfit, Package, PublicKey, Receipt, Way, about, unwrap};
use std::sync::LazyLock;

/// A key whose secret half nobody needs here.
const KEY: &str =
    "luoshi-key-1.A2sX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWA2sX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW";

static SENDER: LazyLock<PublicKey> = LazyLock::new(|| KEY.parse().expect("the generator is a point"));
static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::new(&[7; 32]));

pub fn read(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    match which % 6 {
        0 => opened(rest),
        1 => opened(&under_head(rest)),
        2 => drop(unwrap(rest, |harvest: &Harvest| &harvest.files)),
        3 => drop(unwrap(rest, |outfit: &Outfit| &outfit.files)),
        4 => {
            if let Ok(key) = String::from_utf8_lossy(rest).parse::<PublicKey>() {
                assert!(key.to_string().parse() == Ok(key.clone()) && key.is_read_as(&key.fingerprint()));
            }
        }
        _ => {
            let text = String::from_utf8_lossy(rest);
            drop(about(&text));
            assert!(Receipt::read(&text, &SENDER).is_err(), "nobody signed it");
        }
    }
}

fn opened(bytes: &[u8]) {
    if let Ok(package) = Package::read(bytes) {
        assert!(package.open(&KEYS, &SENDER, (Way::Back, date(2023, 5, 15))).is_err(), "nobody signed it");
    }
}

/// Bytes as the head of a package whose other parts are as they should be.
fn under_head(head: &[u8]) -> Vec<u8> {
    let length = u32::try_from(head.len()).unwrap_or(u32::MAX).to_be_bytes();
    [b"LUOSHI-PACKAGE-1\n", length.as_slice(), head, &[0; 96]].concat()
}
