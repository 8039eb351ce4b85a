//! What figures are made of, kept while nobody acts: a province's year is some thousand counters and the people behind
//! them, and its first page is opened more often than anything is added to it.

use crate::app::{App, KEPT, hold};
use jiff::civil::Date;
use luoshi_rules::Scope;
use luoshi_rules::figure::Lot;
use luoshi_store::figure::Asked;
use luoshi_store::rollup::{self, Span};
use luoshi_store::{Fault, Tx, audit, secret};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long what was known on a past day is kept: it does not change.
const PAST: Duration = Duration::from_secs(60);
/// Lots and people in all that is kept at once; all else is dropped when there would be more. Each takes some 50 bytes
/// to 300 bytes.
const KEPT_LOTS: usize = 200_000;
/// What an answer weighs at least: many that found nothing do not stay either.
const LEAST: usize = 100;

/// Organisation, place, and the digest of what was asked: anybody may ask much.
type Key = (i64, String, String);
/// What was read, what had been done by then, and when that was; none while the first reader reads.
pub(crate) type Slot = Arc<Mutex<Option<(audit::Stamp, Instant, Arc<Vec<Lot>>)>>>;

/// The lots kept, each with its weight.
#[derive(Default)]
pub(crate) struct Lots(Mutex<HashMap<Key, (usize, Slot)>>);

impl Lots {
    /// Who finds it empty fills it while the others wait, so that many who ask at once read it once.
    fn slot(&self, key: &Key) -> Slot {
        hold(&self.0).entry(key.clone()).or_default().1.clone()
    }

    /// Takes out what serves nobody any more. Who reads or fills a slot holds it.
    pub(crate) fn over(&self) -> Vec<Slot> {
        let serves = |slot: &Slot| hold(slot).as_ref().is_some_and(|(_, at, _)| at.elapsed() < PAST);
        let over = |slot: &Slot| Arc::strong_count(slot) == 1 && !serves(slot);
        hold(&self.0).extract_if(|_, (_, slot)| over(slot)).map(|(_, (_, slot))| slot).collect()
    }

    fn weigh(&self, key: &Key, lots: &[Lot]) {
        let mut kept = hold(&self.0);
        if let Some((weight, _)) = kept.get_mut(key) {
            *weight = lots.len() + lots.iter().map(|lot| lot.people.len()).sum::<usize>();
        }
        if kept.values().map(|(weight, _)| weight.max(&LEAST)).sum::<usize>() > KEPT_LOTS {
            kept.retain(|other, _| other == key);
        }
    }
}

/// The lots of these figures, as kept, or as read now. `today` is the day it is.
pub(super) fn lots(
    tx: &Tx,
    app: &App,
    (scope, today): (&Scope, Date),
    (asked, spans): (&Asked, &[Span]),
) -> Result<Arc<Vec<Lot>>, Fault> {
    let stamp = audit::stamp(tx, scope.top())?;
    let figures = serde_json::to_string(&asked.figures).map_err(|error| Fault::Engine(error.to_string()))?;
    let question = format!("{spans:?} {} {:?} {figures}", asked.by_below, asked.known);
    let key = (scope.top(), scope.from().to_owned(), secret::digest(question.as_bytes()));
    let slot = app.lots().slot(&key);
    let mut slot = hold(&slot);
    if let Some((then, at, lots)) = &*slot {
        let past = asked.known.is_some_and(|day| day < today) && at.elapsed() < PAST;
        if past || (*then == stamp && at.elapsed() < KEPT) {
            return Ok(lots.clone());
        }
    }
    let lots = Arc::new(rollup::lots(tx, scope, asked, spans)?);
    app.lots().weigh(&key, &lots);
    *slot = Some((stamp, Instant::now(), lots.clone()));
    Ok(lots)
}

#[cfg(test)]
mod tests {
    use super::{Arc, Instant, KEPT_LOTS, LEAST, Lots, PAST, hold};
    use luoshi_store::audit::Stamp;

    #[test]
    fn answers_that_are_too_old_are_dropped_unless_somebody_reads_them() {
        let kept = Lots::default();
        let old = Instant::now().checked_sub(PAST).unwrap();
        let mut read = Vec::new();
        for (name, at) in [("old", old), ("new", Instant::now()), ("read", old)] {
            let slot = kept.slot(&(1, String::new(), name.into()));
            *hold(&slot) = Some((Stamp::default(), at, Arc::new(Vec::new())));
            read.extend((name == "read").then_some(slot));
        }
        assert_eq!(kept.over().len(), 1);
        assert!(hold(&kept.0).keys().all(|(.., name)| name != "old"));
        assert_eq!((hold(&kept.0).len(), read.len()), (2, 1));
    }

    #[test]
    fn answers_that_found_nothing_do_not_stay_for_ever() {
        let kept = Lots::default();
        for n in 0..=KEPT_LOTS / LEAST {
            let key = (1, "0001".to_owned(), n.to_string());
            kept.slot(&key);
            kept.weigh(&key, &[]);
        }
        assert!(hold(&kept.0).len() < 10, "{}", hold(&kept.0).len());
    }
}
