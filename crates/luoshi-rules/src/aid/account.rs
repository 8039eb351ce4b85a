//! The account of a fund: entries are added and never changed; a wrong one is made good by a counter-entry. The balance
//! is what they come to, and never below zero.

use crate::{Label, Refusal};
use jiff::civil::Date;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// given by people or units
    Donation,
    /// dues that the unit may keep
    Dues,
    /// paid out for a case
    Payment,
    /// makes another entry good
    Counter,
}

/// A line of the account.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// 1, 2, 3 …
    pub seq: i64,
    /// what it is
    pub sort: Sort,
    /// fen: above zero what came in, below zero what went out
    pub amount: i64,
    /// the day
    pub on: Date,
    /// how many gave
    pub givers: i64,
    /// who gave, where named
    pub giver: String,
    /// what more there is to say
    pub words: String,
    /// the case it was paid for, or 0
    pub case: i64,
    /// the entry it makes good, or 0
    pub counters: i64,
}

impl Sort {
    /// All of them.
    pub const ALL: [Sort; 4] = [Sort::Donation, Sort::Dues, Sort::Payment, Sort::Counter];

    /// Key in the store and in forms.
    pub fn key(self) -> &'static str {
        match self {
            Sort::Donation => "donation",
            Sort::Dues => "dues",
            Sort::Payment => "payment",
            Sort::Counter => "counter",
        }
    }

    /// The sort with this key.
    pub fn named(key: &str) -> Option<Sort> {
        Sort::ALL.into_iter().find(|sort| sort.key() == key)
    }

    /// Shown name.
    pub fn name(self) -> Label {
        match self {
            Sort::Donation => Label::new("捐款", "Donations"),
            Sort::Dues => Label::new("留存党费划入", "Retained dues"),
            Sort::Payment => Label::new("互助金发放", "Aid paid"),
            Sort::Counter => Label::new("冲正", "Counter-entry"),
        }
    }
}

/// What the entries of an account come to.
pub fn balance(entries: &[Entry]) -> i64 {
    entries.iter().map(|entry| entry.amount).sum()
}

/// Refuses an entry that would take the account below zero.
pub fn covers(balance: i64, amount: i64) -> Result<(), Refusal> {
    let yuan = |fen: i64| format!("{}.{:02}", fen / 100, fen % 100);
    match balance.checked_add(amount).filter(|left| *left >= 0) {
        Some(_) => Ok(()),
        None => Err(Refusal::field(
            "amount",
            format!("余额 {} 元，不足以支付 {} 元", yuan(balance), yuan(-amount)),
            format!("the balance is {} yuan: {} cannot be paid from it", yuan(balance), yuan(-amount)),
        )),
    }
}

/// The entry that makes another good: the same amount the other way.
pub fn counter(entries: &[Entry], seq: i64) -> Result<&Entry, Refusal> {
    let refuse = |zh: &str, en: &str| Err(Refusal::field("counters", zh, en));
    match entries.iter().find(|entry| entry.seq == seq) {
        None => refuse("没有这笔账", "there is no such entry"),
        Some(entry) if entry.sort == Sort::Counter => refuse("冲正不能再冲正", "a counter-entry is not made good"),
        Some(_) if entries.iter().any(|one| one.counters == seq) => {
            refuse("这笔账已经冲正", "this entry was made good already")
        }
        Some(entry) => Ok(entry),
    }
}
