//! Tickets: what a browser is handed when something begins elsewhere, at another server or on a device, and shows when
//! it ends. Nothing is written until then: what goes out is derived from the ticket by the key of the installation.

use crate::{Fault, Tx, now, secret};
use luoshi_rules::Refusal;

/// How long one serves, in milliseconds: ten minutes.
const SERVES: i64 = 10 * 60 * 1000;
/// How far clocks of two of our servers may differ.
const SLACK: i64 = 60 * 1000;

/// A fresh ticket, for a cookie.
pub fn issue() -> Result<String, Fault> {
    Ok(format!("{}.{}", now(), secret::token()?))
}

/// 256 bits that nobody but this installation can make of a ticket, for one purpose.
pub fn derived(tx: &Tx, ticket: &str, purpose: &str) -> Result<[u8; 32], Fault> {
    let digest = tx.keys().blind(&format!("ticket {purpose}"), ticket)?;
    let bytes = secret::unhex(&digest).unwrap_or_default();
    bytes.try_into().map_err(|_| Fault::Engine("a digest has 32 bytes".into()))
}

/// Refuses a ticket that is too old, or none of ours by its form.
pub fn fresh(ticket: &str) -> Result<(), Refusal> {
    let issued = ticket.split_once('.').and_then(|(at, _)| at.parse::<i64>().ok());
    let now = now();
    match issued.is_some_and(|at| (now - SERVES..=now + SLACK).contains(&at)) {
        true => Ok(()),
        false => Err(Refusal::rule("等待时间过长，请重新登录", "that took too long; please sign in again")),
    }
}

/// Uses a ticket up, in the transaction of what it was for; refuses one that was used before.
pub fn spend(tx: &Tx, top: i64, ticket: &str) -> Result<(), Fault> {
    fresh(ticket)?;
    let sql = "insert into ticket (top_id, ticket, used) values ($1, $2, $3)";
    let args = [top.into(), secret::digest(ticket.as_bytes()).into(), now().into()];
    tx.run(sql, &args).map(drop).map_err(|fault| {
        fault.if_taken(Refusal::rule("这次登录已经用过，请重新登录", "this was used already; sign in again"))
    })
}
