//! The body of an import in a quarter of its bytes: that of a hundred thousand rows has many millions, and is written,
//! sealed and read as a whole.

use crate::Fault;
use crate::secret::Keys;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use std::io::{Read, Write};

/// Stands before a body that was packed; those of before were not. No body as the web layer writes it begins so.
const PACKED: &str = "deflate:";

/// Packs and seals a body.
pub(super) fn seal(keys: &Keys, body: &str) -> Result<String, Fault> {
    if body.is_empty() {
        return keys.seal(body);
    }
    let mut out = DeflateEncoder::new(Vec::new(), Compression::fast());
    out.write_all(body.as_bytes()).map_err(broken)?;
    let mut packed = PACKED.to_owned();
    STANDARD_NO_PAD.encode_string(out.finish().map_err(broken)?, &mut packed);
    keys.seal(&packed)
}

/// Opens and unpacks a body; an empty one stays so.
pub(crate) fn open(keys: &Keys, sealed: &str) -> Result<String, Fault> {
    if sealed.is_empty() {
        return Ok(String::new());
    }
    let text = keys.open(sealed)?;
    let Some(packed) = text.strip_prefix(PACKED) else { return Ok(text) };
    let (bytes, mut body) = (STANDARD_NO_PAD.decode(packed).map_err(broken)?, String::new());
    DeflateDecoder::new(bytes.as_slice()).read_to_string(&mut body).map_err(broken)?;
    Ok(body)
}

fn broken(error: impl std::fmt::Display) -> Fault {
    Fault::Engine(format!("what was kept of an import cannot be packed or read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_comes_back_as_it_was_in_a_third_of_its_bytes_and_one_of_before_too() {
        let keys = Keys::new(&[7; 32]);
        let body: String = (0..5_000).map(|n| format!(r#"["测试{n}","厅机关综合支部","正式党员"],"#)).collect();
        let sealed = seal(&keys, &body).unwrap();
        assert_eq!(open(&keys, &sealed).unwrap(), body);
        assert!(3 * sealed.len() < keys.seal(&body).unwrap().len(), "{}", sealed.len());
        assert_eq!(open(&keys, &keys.seal(&body).unwrap()).unwrap(), body);
        for none in ["", &seal(&keys, "").unwrap()] {
            assert_eq!(open(&keys, none).unwrap(), "");
        }
    }
}
