//! The ledger of a subtree: the facts its obligations are derived from, and what was derived, kept while nobody acts.

use crate::app::{App, KEPT, LedgerKey, hold};
use crate::trouble::Trouble;
use crate::visit::Visit;
use jiff::civil::Date;
use luoshi_rules::obligation::{Ground, derive};
use luoshi_rules::{Obligation, Rulebook, Unit, Verb};
use luoshi_store::obligation::{self, Known};
use luoshi_store::{Fault, Tx, audit, unit};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// The units of a scope and all that is known of them.
pub(crate) struct Facts {
    /// in the order of the tree
    pub units: Vec<Unit>,
    /// the facts
    pub known: Known,
    rules: Arc<Rulebook>,
    year: i16,
    today: Date,
    as_known: Option<Date>,
}

type Owed<'a> = Vec<Obligation<'a>>;

self_cell::self_cell!(
    /// Obligations beside the facts they borrow from.
    struct Derived {
        owner: Arc<Facts>,
        #[covariant]
        dependent: Owed,
    }
);

/// What is owed in a scope and a year. Each year is derived once, when it is first asked for.
pub(crate) struct Ledger {
    facts: Arc<Facts>,
    now: OnceLock<Derived>,
    before: OnceLock<Derived>,
}

impl Deref for Ledger {
    type Target = Facts;
    fn deref(&self) -> &Facts {
        &self.facts
    }
}

/// Reads what the obligations of a subtree are derived from; `as_known` shows them as known on a past day. What was
/// read a moment ago serves again as long as nobody has done anything since.
pub(crate) async fn ledger(
    visit: &Visit,
    at: &Unit,
    year: i16,
    as_known: Option<Date>,
) -> Result<Arc<Ledger>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let today = as_known.unwrap_or(visit.today);
    let (app, rules, key) = (visit.app.clone(), visit.rules.clone(), (at.top, at.id, year, today, as_known));
    let its = rules.clone();
    let read = move |tx: &Tx| {
        let (units, known) = (unit::list(tx, &scope)?, obligation::known(tx, &scope, year, as_known)?);
        Ok(Arc::new(Ledger::new(Facts { units, known, rules: its.clone(), year, today, as_known })))
    };
    visit.app.read(move |tx| kept(tx, (&app, &rules), &key, &read)).await
}

/// A ledger as kept, or as read now.
fn kept(
    tx: &Tx,
    (app, rules): (&App, &Arc<Rulebook>),
    key: &LedgerKey,
    read: &impl Fn(&Tx) -> Result<Arc<Ledger>, Fault>,
) -> Result<Arc<Ledger>, Fault> {
    let stamp = audit::stamp(tx, key.0)?;
    let slot = app.slot(key);
    let mut slot = hold(&slot);
    if let Some((then, at, ledger)) = &*slot
        && *then == stamp
        && at.elapsed() < KEPT
        && Arc::ptr_eq(&ledger.facts.rules, rules)
    {
        return Ok(ledger.clone());
    }
    let ledger = read(tx)?;
    app.weigh(key, ledger.units.len());
    *slot = Some((stamp, Instant::now(), ledger.clone()));
    Ok(ledger)
}

impl Facts {
    /// The year it is about.
    pub fn year(&self) -> i16 {
        self.year
    }

    /// What it is all derived from.
    pub fn ground(&self) -> Ground<'_> {
        Ground {
            rules: &self.rules,
            tally: &self.known.tally,
            today: self.today,
            known: self.as_known,
            closed: self.known.closed,
        }
    }
}

impl Ledger {
    fn new(facts: Facts) -> Ledger {
        Ledger { facts: Arc::new(facts), now: OnceLock::new(), before: OnceLock::new() }
    }

    /// Every obligation of the year, in the order of units, clauses, periods.
    pub fn owed(&self) -> &[Obligation<'_>] {
        self.of(&self.now, self.year)
    }

    /// Every obligation of the year, and those of the year before that are still to be met or were due this year.
    pub fn pressing(&self) -> Vec<&Obligation<'_>> {
        let before = self.of(&self.before, self.year - 1).iter();
        let still = before.filter(|one| one.due.year() >= self.year);
        still.chain(self.owed()).collect()
    }

    fn of<'a>(&'a self, kept: &'a OnceLock<Derived>, year: i16) -> &'a [Obligation<'a>] {
        let derived = || Derived::new(self.facts.clone(), |facts| derive(facts.ground(), &facts.units, year).collect());
        kept.get_or_init(derived).borrow_dependent()
    }
}
