//! The receipt of a wiping: what was on the machine, by name, size and digest, when it was overwritten, signed by the
//! machine's key before that key was destroyed. It proves that whoever held the key said so; it cannot prove that no
//! other copy was made.

use super::key::{Pair, PublicKey};
use super::{Copy, own};
use crate::{Fault, Keys, Tx, audit, secret};
use luoshi_rules::{Permit, Refusal};
use serde::{Deserialize, Serialize};

/// What is signed begins so.
const SIGNED: &[u8] = b"luoshi receipt 1:";

/// What the machine says of its wiping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// the organisation
    pub top: i64,
    /// the exchange
    pub exchange: i64,
    /// number of the last package it made, and its digest
    pub package: (i64, String),
    /// whether that one was the last
    pub last: bool,
    /// moment the wiping began
    pub began: i64,
    /// moment the last file was gone
    pub ended: i64,
    /// what was wiped
    pub pieces: Vec<Piece>,
}

/// A file that was wiped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    /// its name in the folder
    pub name: String,
    /// bytes
    pub size: u64,
    /// SHA-256 of what was in it
    pub digest: String,
}

impl Receipt {
    /// What a copy can say of itself; the files are added by whoever wipes them.
    pub fn of(copy: &Copy) -> Receipt {
        let newest = copy.exchange.returns.last();
        Receipt {
            top: copy.top,
            exchange: copy.exchange.id,
            package: newest.map_or((0, String::new()), |one| (one.no, one.digest.clone())),
            last: newest.is_some_and(|one| one.last),
            began: 0,
            ended: 0,
            pieces: Vec::new(),
        }
    }

    /// Reads a receipt that was signed by this key.
    pub fn read(text: &str, signer: &PublicKey) -> Result<Receipt, Refusal> {
        let (body, signature) = text.trim().rsplit_once('\n').ok_or_else(forged)?;
        let signature = secret::unhex(signature.trim()).ok_or_else(forged)?;
        if !signer.has_signed(SIGNED, body.trim_end().as_bytes(), &signature) {
            return Err(forged());
        }
        serde_json::from_str(body).map_err(|_| forged())
    }
}

fn forged() -> Refusal {
    let zh = "这不是该单机签署的擦除回执，或已被改动，不予收存";
    Refusal::field("file", zh, "this is no receipt signed by that machine, or it was changed; it was not kept")
}

/// Signs a receipt with the key of this installation.
pub fn sign(keys: &Keys, receipt: &Receipt) -> Result<String, Fault> {
    let body = serde_json::to_string(receipt).map_err(|error| Fault::Engine(error.to_string()))?;
    let signature = Pair::of(keys)?.sign(SIGNED, body.as_bytes())?;
    Ok(format!("{body}\n{}\n", secret::hex(&signature)))
}

/// The exchange a receipt says it is about; nothing of it is believed yet.
pub fn about(text: &str) -> Result<i64, Refusal> {
    told(text).map(|told| told.exchange).ok_or_else(forged)
}

fn told(text: &str) -> Option<Receipt> {
    text.trim().lines().next().and_then(|body| serde_json::from_str(body).ok())
}

/// Keeps a receipt of a machine that a round of the permit's unit sent out; the same one again changes nothing.
pub fn keep(tx: &Tx, permit: &Permit, round: i64, text: &str) -> Result<Receipt, Fault> {
    // which machine it is about is taken from it before it is believed; the signature is checked with that one's key
    let told = told(text).filter(|told| told.top == permit.top()).ok_or_else(forged)?;
    let exchange = match own(tx, permit, told.exchange) {
        Ok(exchange) if exchange.round == round => exchange,
        Ok(_) | Err(Fault::NotFound) => {
            let zh = "这份回执不是本轮交出去的单机";
            return Err(Refusal::field("file", zh, "this receipt is not of a machine that this round sent out").into());
        }
        Err(other) => return Err(other),
    };
    let receipt = Receipt::read(text, &exchange.partner)?;
    let sql = "select body from exchange_receipt where top_id = $1 and exchange_id = $2";
    if !tx.rows(sql, &[permit.top().into(), exchange.id.into()], |row| row.text(0))?.is_empty() {
        return Ok(receipt);
    }
    let sql = "insert into exchange_receipt (top_id, exchange_id, body, actor_id, on_date) values ($1, $2, $3, $4, $5)";
    let args =
        [permit.top().into(), exchange.id.into(), text.trim().into(), permit.person().into(), permit.today().into()];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "exchange.receipt", exchange.id, "")?;
    Ok(receipt)
}
