//! The ledger of a subtree: the facts its obligations are derived from, and what was derived, kept while nobody acts.

use super::digest::Digest;
use crate::app::{App, KEPT, LedgerKey, hold};
use crate::collection::Meter;
use crate::trouble::Trouble;
use crate::visit::Visit;
use jiff::civil::{Date, date};
use luoshi_rules::obligation::{Ground, derive};
use luoshi_rules::{Obligation, Rulebook, Scope, Unit, Verb};
use luoshi_store::obligation::{self, Known};
use luoshi_store::{Fault, Tx, audit, unit};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Units above which pages show one line for each unit below, and a ledger that was read a moment ago serves while a new
/// one is read.
const WIDE: usize = 1_000;
/// How old such a ledger may be. Pages of many units say when theirs was read.
const STALE: Duration = Duration::from_secs(60);

/// The units of a scope and all that is known of them.
pub(crate) struct Facts {
    /// those that stand there today, in the order of the tree
    pub units: Vec<Unit>,
    /// they and those that stood there once, when some have left
    ever: Option<Vec<Unit>>,
    /// the unit whose subtree it is
    root: Unit,
    /// the facts
    pub known: Known,
    rules: Arc<Rulebook>,
    year: i16,
    today: Date,
    as_known: Option<Date>,
    /// the moment it was read, in milliseconds since 1970
    read: i64,
}

/// What is owed: first what was owed below the root of the tree of the day, then what is no longer or not yet its own.
struct Owed<'a> {
    all: Vec<Obligation<'a>>,
    own: usize,
}

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
    last: OnceLock<Derived>,
    pub(super) told: OnceLock<Digest>,
    /// what its units were asked for, once that was measured
    pub(crate) meter: OnceLock<Meter>,
    /// whether somebody reads a newer one
    renewing: AtomicBool,
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
    let (rules, root, key) = (visit.rules.clone(), at.clone(), (at.top, at.id, year, today, as_known));
    let read = move |tx: &Tx| {
        let mut known = obligation::known(tx, &scope, year, as_known)?;
        let (units, ever) = units(tx, &scope, &root, (year, today, as_known), &mut known)?;
        let root = units.iter().find(|unit| unit.id == root.id).unwrap_or(&root).clone();
        let (rules, read) = (rules.clone(), luoshi_store::now());
        Ok(Arc::new(Ledger::new(Facts { units, ever, root, known, rules, year, today, as_known, read })))
    };
    let (app, rules, read) = (visit.app.clone(), visit.rules.clone(), Arc::new(read));
    visit.app.read(move |tx| kept(tx, (&app, &rules), &key, &read)).await
}

/// The units of a scope, and, when some have left that stood below its root in the years asked for, all of them
/// together; the facts of those that left are added to what is known.
fn units(
    tx: &Tx,
    scope: &Scope,
    root: &Unit,
    (year, today, as_known): (i16, Date, Option<Date>),
    known: &mut Known,
) -> Result<(Vec<Unit>, Option<Vec<Unit>>), Fault> {
    if scope.is_whole() {
        return Ok((unit::list(tx, scope)?, None));
    }
    let since = date(year - 1, 1, 1).min(today);
    let (units, left) = unit::list_with_left(tx, scope, (root.id, since))?;
    if left.is_empty() {
        return Ok((units, None));
    }
    obligation::known_of_left(tx, scope, (root.id, since), (year, as_known), known)?;
    let day = date(year, 12, 31).min(today);
    let mut ever: Vec<Unit> = units.iter().cloned().chain(left).collect();
    ever.sort_by(|a, b| a.path_on(day).cmp(b.path_on(day)));
    Ok((units, Some(ever)))
}

/// A ledger as kept, or as read now.
fn kept<R>(tx: &Tx, (app, rules): (&App, &Arc<Rulebook>), key: &LedgerKey, read: &Arc<R>) -> Result<Arc<Ledger>, Fault>
where
    R: Fn(&Tx) -> Result<Arc<Ledger>, Fault> + Send + Sync + 'static,
{
    let stamp = audit::stamp(tx, key.0)?;
    let slot = app.slot(key);
    let mut slot = hold(&slot);
    if let Some((then, at, ledger)) = &*slot
        && Arc::ptr_eq(&ledger.facts.rules, rules)
    {
        if *then == stamp && at.elapsed() < KEPT {
            return Ok(ledger.clone());
        }
        // reading that of very many units takes a second: nobody waits for it as long as there is one a minute old
        if ledger.is_wide() && at.elapsed() < STALE {
            if *then != stamp && at.elapsed() >= KEPT && !ledger.renewing.swap(true, Ordering::Relaxed) {
                renew(app, key, read);
            }
            return Ok(ledger.clone());
        }
    }
    let ledger = read(tx)?;
    app.weigh(key, ledger.units.len());
    *slot = Some((stamp, Instant::now(), ledger.clone()));
    Ok(ledger)
}

/// Reads a ledger anew beside those who use the one that is kept, and derives it before anybody waits for it.
fn renew<R>(app: &App, key: &LedgerKey, read: &Arc<R>)
where
    R: Fn(&Tx) -> Result<Arc<Ledger>, Fault> + Send + Sync + 'static,
{
    let (app, key, read) = (app.clone(), *key, read.clone());
    std::thread::spawn(move || {
        let new = app.db().read(|tx| Ok((audit::stamp(tx, key.0)?, read(tx)?)));
        let slot = app.slot(&key);
        match new {
            Ok((stamp, ledger)) => {
                ledger.wanting();
                *hold(&slot) = Some((stamp, Instant::now(), ledger));
            }
            Err(fault) => {
                tracing::error!(%fault, "a ledger could not be read anew");
                if let Some((_, _, ledger)) = &*hold(&slot) {
                    ledger.renewing.store(false, Ordering::Relaxed);
                }
            }
        }
    });
}

impl Facts {
    /// Every unit something may be owed by.
    fn ever(&self) -> &[Unit] {
        self.ever.as_deref().unwrap_or(&self.units)
    }

    /// Everything owed in a year. What a unit owed for a period is its upper unit's of the last day of the period, or
    /// of the day asked for when that is earlier: a move takes nothing of the past along.
    fn owed(&self, year: i16) -> Owed<'_> {
        let derived = derive(self.ground(), self.ever(), year);
        if self.ever().iter().all(|unit| unit.past.is_empty()) {
            let all: Vec<_> = derived.collect();
            return Owed { own: all.len(), all };
        }
        let below = |one: &Obligation| {
            let day = one.stands_on().min(self.today);
            self.root.path_on(day).contains(one.unit.path_on(day))
        };
        let (mut all, others): (Vec<_>, Vec<_>) = derived.partition(below);
        let own = all.len();
        all.extend(others);
        Owed { all, own }
    }

    /// Whether a unit stands below the root today.
    pub(super) fn is_below(&self, unit: &Unit) -> bool {
        self.root.path.contains(&unit.path)
    }

    /// The year it is about.
    pub fn year(&self) -> i16 {
        self.year
    }

    /// Whether it is of so many units that pages show one line for each unit below.
    pub fn is_wide(&self) -> bool {
        self.units.len() > WIDE
    }

    /// The time of day at which it was read.
    pub fn read_at(&self) -> String {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
        let at = jiff::Timestamp::from_millisecond(self.read).unwrap_or_default().to_zoned(zone);
        at.strftime("%H:%M:%S").to_string()
    }

    /// The day it is shown as known on, when that is not today.
    pub fn known_on(&self) -> Option<Date> {
        self.as_known
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
        let (now, last, told, meter) = (OnceLock::new(), OnceLock::new(), OnceLock::new(), OnceLock::new());
        Ledger { facts: Arc::new(facts), now, last, told, meter, renewing: AtomicBool::new(false) }
    }

    /// Whether what was read then may still be shown to somebody.
    pub(crate) fn serves((_, at, ledger): &(audit::Stamp, Instant, Arc<Ledger>)) -> bool {
        at.elapsed() < if ledger.is_wide() { STALE } else { KEPT }
    }

    /// Every obligation of the year of the units that stood below, in the order of units, clauses, periods.
    pub fn owed(&self) -> &[Obligation<'_>] {
        let owed = self.derived(&self.now, self.year);
        &owed.all[..owed.own]
    }

    /// Every obligation of the year, whoever they belonged to.
    pub fn every(&self) -> &[Obligation<'_>] {
        &self.derived(&self.now, self.year).all
    }

    /// The same of the year before.
    pub(super) fn before(&self) -> &[Obligation<'_>] {
        &self.derived(&self.last, self.year - 1).all
    }

    fn derived<'a>(&'a self, kept: &'a OnceLock<Derived>, year: i16) -> &'a Owed<'a> {
        kept.get_or_init(|| Derived::new(self.facts.clone(), |facts| facts.owed(year))).borrow_dependent()
    }
}
