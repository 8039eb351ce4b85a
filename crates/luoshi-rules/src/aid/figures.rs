//! What others are told of a fund: money, cases, persons, never a name, and no count so small that it tells of somebody.

use super::account::{Entry, Sort};

/// A year of a fund in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    /// fen given by people and units
    pub given: i64,
    /// how many gave
    pub givers: i64,
    /// fen of retained dues
    pub dues: i64,
    /// fen paid out
    pub paid: i64,
    /// fen left at the end
    pub balance: i64,
    /// cases applied for
    pub cases: i64,
    /// persons helped, each once
    pub helped: i64,
    /// payments by reason
    pub by_reason: Vec<(String, i64)>,
}

impl Numbers {
    /// The money of the entries of a year; `all` begins with the first entry of the account.
    pub fn of_account(all: &[Entry], year: i16) -> Numbers {
        let mut out = Numbers::default();
        for entry in all.iter().filter(|entry| entry.on.year() <= year) {
            out.balance += entry.amount;
            if entry.on.year() < year {
                continue;
            }
            // a counter-entry belongs to the side of what it makes good
            let root = all.iter().find(|one| one.seq == entry.counters).unwrap_or(entry);
            match root.sort {
                Sort::Donation => {
                    out.given += entry.amount;
                    out.givers += if entry.counters == 0 { root.givers } else { -root.givers };
                }
                Sort::Dues => out.dues += entry.amount,
                Sort::Payment => out.paid -= entry.amount,
                Sort::Counter => {}
            }
        }
        out
    }
}

/// Counts as they are told to others: those from 1 to below `least` are held back, and one more where the one could be
/// found from the whole.
pub fn shown(counts: &[i64], least: i64) -> Vec<Option<i64>> {
    let small = |n: i64| n > 0 && n < least;
    let mut held: Vec<bool> = counts.iter().map(|n| small(*n)).collect();
    if held.iter().filter(|held| **held).count() == 1 {
        let next = (0..counts.len()).filter(|at| !held[*at] && counts[*at] > 0).min_by_key(|at| counts[*at]);
        next.into_iter().for_each(|at| held[at] = true);
    }
    counts.iter().zip(held).map(|(n, held)| (!held).then_some(*n)).collect()
}
