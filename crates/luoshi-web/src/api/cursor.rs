//! Where a list goes on: a mark that only this server can make. It gives no right: what it leads to is asked anew.

use super::problem::Problem;
use luoshi_rules::Refusal;
use luoshi_store::secret;
use std::sync::OnceLock;

/// What marks are made with: new at each start, so a mark does not outlive the server.
fn key() -> Result<&'static str, Problem> {
    static KEY: OnceLock<String> = OnceLock::new();
    if let Some(key) = KEY.get() {
        return Ok(key);
    }
    let fresh = secret::token().map_err(crate::trouble::Trouble::broken)?;
    Ok(KEY.get_or_init(|| fresh))
}

/// The seal of a place in a list of somebody.
fn seal(list: &str, person: i64, place: &str) -> Result<String, Problem> {
    let sealed = secret::digest(format!("cursor:{}:{person}:{list}:{place}", key()?).as_bytes());
    Ok(sealed.chars().take(32).collect())
}

/// The mark of a place in the list at an address.
pub(super) fn make(list: &str, person: i64, place: &str) -> Result<String, Problem> {
    Ok(format!("{}.{place}", seal(list, person, place)?))
}

/// The place a mark leads to; refused when it was made elsewhere, for somebody else or for another list.
pub(super) fn read<'m>(list: &str, person: i64, mark: &'m str) -> Result<&'m str, Problem> {
    let bad = || {
        Refusal::field("cursor", "翻页标记无效，请从第一页重新取", "this cursor is not valid; begin at the first page")
    };
    let (sealed, place) = mark.split_once('.').ok_or_else(bad)?;
    if seal(list, person, place)? == sealed { Ok(place) } else { Err(bad().into()) }
}
