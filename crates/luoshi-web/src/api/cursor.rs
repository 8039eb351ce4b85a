//! Where a list goes on: a mark that only servers of this installation can make. It gives no right: what it leads to is
//! asked anew.

use super::problem::Problem;
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_rules::Refusal;

/// The seal of a place in a list of somebody.
fn seal(visit: &Visit, list: &str, place: &str) -> Result<String, Problem> {
    let keys = visit.app.setup().db.keys();
    let sealed = keys.mark(&format!("{}:{list}:{place}", visit.actor.person)).map_err(Trouble::broken)?;
    Ok(sealed.chars().take(32).collect())
}

/// The mark of a place in the list at an address.
pub(super) fn make(visit: &Visit, list: &str, place: &str) -> Result<String, Problem> {
    Ok(format!("{}.{place}", seal(visit, list, place)?))
}

/// The place a mark leads to; refused when it was made elsewhere, for somebody else or for another list.
pub(super) fn read<'m>(visit: &Visit, list: &str, mark: &'m str) -> Result<&'m str, Problem> {
    let bad = || {
        Refusal::field("cursor", "翻页标记无效，请从第一页重新取", "this cursor is not valid; begin at the first page")
    };
    let (sealed, place) = mark.split_once('.').ok_or_else(bad)?;
    if seal(visit, list, place)? == sealed { Ok(place) } else { Err(bad().into()) }
}
