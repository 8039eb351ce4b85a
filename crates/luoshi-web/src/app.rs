//! What every handler may use: the facts, the rules, the clock.

use crate::asker::Paces;
use crate::figure::{self, Lots};
use crate::files::Files;
use crate::job::{Job, Jobs};
use crate::metrics::Metrics;
use crate::obligation::Ledger;
use crate::session::{Door, Origin};
use crate::sight::Traces;
use crate::trouble::Trouble;
use crate::turn::Turns;
use jiff::civil::Date;
use luoshi_gateway::ldap::Directory;
use luoshi_gateway::oidc::Issuer;
use luoshi_rules::rulebook::Edition;
use luoshi_rules::{Calendar, Pack, Rulebook};
use luoshi_store::audit::Stamp;
use luoshi_store::exchange::{self, Copy};
use luoshi_store::{Db, Fault, Tx, obligation};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long the rulebook of an organisation is trusted before its editions are looked up again.
const FRESH: Duration = Duration::from_secs(2);

/// How long a ledger is kept at most, whatever the acts say: an act in one organisation may touch another.
pub(crate) const KEPT: Duration = Duration::from_secs(5);
/// How often the words of matters are packed.
const PACKED: Duration = Duration::from_secs(20);
/// Units in the ledgers kept at once; all are dropped when there would be more. A unit takes about 25 kB.
const KEPT_UNITS: usize = 5_000;

/// The rules of an organisation, the editions they were read from, and when that was.
type Book = (Instant, Vec<obligation::Edition>, Arc<Rulebook>);

/// A ledger, what had been done when it was read, and when that was; none while the first reader reads.
pub(crate) type Slot = Arc<Mutex<Option<(Stamp, Instant, Arc<Ledger>)>>>;

/// What a ledger is about: organisation, unit, year, the day, "as known on".
pub(crate) type LedgerKey = (i64, i64, i16, Date, Option<Date>);

/// What every handler may use. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What an installation is made of.
pub struct Setup {
    /// the facts
    pub db: Db,
    /// the base pack
    pub base: Pack,
    /// public holidays
    pub calendar: Calendar,
    /// what day it is
    pub clock: Clock,
    /// sign-ins of a demonstration: shown name, sign-in name, passphrase; empty elsewhere
    pub demo: Vec<(String, String, String)>,
    /// the folder of the installation, on whose disk there must be room
    pub folder: PathBuf,
    /// where attachments are kept
    pub files: Files,
    /// the program that reads spreadsheets in a process of its own
    pub program: PathBuf,
    /// token of the one-time link that sets the installation up; none once it is
    pub token: Option<String>,
    /// whether browsers reach it by HTTPS only
    pub secure: bool,
    /// the address at which browsers reach it; without one there are no passkeys
    pub origin: Option<Origin>,
    /// the issuer of single sign-on, if there is one
    pub issuer: Option<Issuer>,
    /// the directory that knows names and passphrases, if there is one
    pub directory: Option<Directory>,
    /// most acts of one account in a minute; 0 for no limit
    pub pace: u32,
    /// whether HTTPS is asked of the names below ours too
    pub subdomains: bool,
    /// whether who stands above a member needs a second factor: always, but in a demonstration
    pub second: bool,
}

/// What day it is.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// the day in Beijing
    Beijing,
    /// always this day, for demonstrations
    Fixed(Date),
}

struct Inner {
    since: i64,
    jobs: Jobs,
    metrics: Metrics,
    setup: Setup,
    base: Arc<Pack>,
    calendar: Arc<Calendar>,
    books: Mutex<HashMap<i64, Book>>,
    token: Mutex<Option<String>>,
    door: Door,
    ledgers: Mutex<HashMap<LedgerKey, (usize, Slot)>>,
    lots: Lots,
    copy: Option<Copy>,
    traces: Traces,
    paces: Paces,
    turns: Turns,
}

impl App {
    /// An installation ready to serve.
    pub fn new(setup: Setup) -> App {
        setup.db.under(&setup.base, &setup.calendar);
        let (base, calendar) = (Arc::new(setup.base.clone()), Arc::new(setup.calendar.clone()));
        let (token, paces) = (Mutex::new(setup.token.clone()), Paces::new(setup.pace));
        let (books, ledgers) = (Mutex::default(), Mutex::default());
        // a copy of a round is filled before it is served, and is one for good
        let copy = exchange::copy(&setup.db).ok().flatten();
        let turns = Turns::new(setup.db.is_file());
        App(Arc::new(Inner {
            since: luoshi_store::now(),
            jobs: Jobs::default(),
            metrics: Metrics::new(),
            setup,
            base,
            calendar,
            books,
            token,
            door: Door::default(),
            ledgers,
            lots: Lots::default(),
            copy,
            traces: Traces::default(),
            paces,
            turns,
        }))
    }

    /// How its jobs went.
    pub fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    /// Who saw whose data and took what away, and is not written down yet.
    pub(crate) fn traces(&self) -> &Traces {
        &self.0.traces
    }

    /// What figures are made of, as kept.
    pub(crate) fn lots(&self) -> &Lots {
        &self.0.lots
    }

    /// How much accounts may still ask for.
    pub(crate) fn paces(&self) -> &Paces {
        &self.0.paces
    }

    /// The moment it was started.
    pub(crate) fn since(&self) -> i64 {
        self.0.since
    }

    /// What is counted about it.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The round it is a copy of, on a machine of a team that is out.
    pub(crate) fn copy(&self) -> Option<&Copy> {
        self.0.copy.as_ref()
    }

    /// The facts, for those who watch over them.
    pub fn db(&self) -> &Db {
        &self.0.setup.db
    }

    /// What it is made of.
    pub(crate) fn setup(&self) -> &Setup {
        &self.0.setup
    }

    /// Threads for work that blocks: more would do no good.
    pub fn threads(&self) -> usize {
        self.0.turns.threads()
    }

    /// What sign-ins pass.
    pub(crate) fn door(&self) -> &Door {
        &self.0.door
    }

    /// The base pack.
    pub(crate) fn base(&self) -> &Arc<Pack> {
        &self.0.base
    }

    /// The day.
    pub(crate) fn today(&self) -> Date {
        match self.0.setup.clock {
            Clock::Fixed(day) => day,
            Clock::Beijing => {
                let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
                jiff::Timestamp::now().to_zoned(zone).date()
            }
        }
    }

    /// The token of the set-up link, if the installation is not set up yet.
    pub(crate) fn token(&self) -> Option<String> {
        hold(&self.0.token).clone()
    }

    /// The set-up link has been used.
    pub(crate) fn set_up(&self) {
        *hold(&self.0.token) = None;
    }

    /// The place where a ledger is kept. Who finds it empty fills it while the others wait, so that many who ask at
    /// once read it once.
    pub(crate) fn slot(&self, key: &LedgerKey) -> Slot {
        hold(&self.0.ledgers).entry(*key).or_default().1.clone()
    }

    /// Notes how many units a kept ledger has, and drops the others when there are too many.
    pub(crate) fn weigh(&self, key: &LedgerKey, units: usize) {
        let mut kept = hold(&self.0.ledgers);
        if let Some((weight, _)) = kept.get_mut(key) {
            *weight = units;
        }
        if kept.values().map(|(weight, _)| weight).sum::<usize>() > KEPT_UNITS {
            kept.retain(|other, _| other == key);
        }
    }

    /// Drops ledgers and figures that are too old to serve anybody, as long as the server runs.
    pub async fn sweep(self) {
        loop {
            tokio::time::sleep(KEPT).await;
            let app = self.clone();
            // a large one is not dropped in a moment
            if let Err(error) = tokio::task::spawn_blocking(move || drop(app.over())).await {
                tracing::error!(%error, "what is too old was not dropped");
            }
        }
    }

    /// Takes out what serves nobody any more. Who reads or fills a ledger holds its slot.
    fn over(&self) -> (Vec<Slot>, Vec<figure::Slot>) {
        let over = |slot: &Slot| Arc::strong_count(slot) == 1 && !hold(slot).as_ref().is_some_and(Ledger::serves);
        let ledgers = hold(&self.0.ledgers).extract_if(|_, (_, slot)| over(slot)).map(|(_, (_, slot))| slot).collect();
        (ledgers, self.0.lots.over())
    }

    /// The rules of an organisation, the same ones as long as its editions are.
    pub(crate) async fn rules(&self, top: i64) -> Result<Arc<Rulebook>, Trouble> {
        let fresh = |(at, _, book): &Book| (at.elapsed() < FRESH).then(|| book.clone());
        if let Some(book) = self.books().get(&top).and_then(fresh) {
            return Ok(book);
        }
        let editions = self.read(move |tx| obligation::editions(tx, top)).await?;
        if let Some((at, _, book)) = self.books().get_mut(&top).filter(|(_, known, _)| *known == editions) {
            *at = Instant::now();
            return Ok(book.clone());
        }
        let parsed = self.parse(&editions)?;
        let book = Arc::new(Rulebook::new(self.0.base.clone(), self.0.calendar.clone(), parsed));
        self.books().insert(top, (Instant::now(), editions, book.clone()));
        Ok(book)
    }

    /// Forgets the rules of an organisation after they have changed.
    pub(crate) fn forget_rules(&self, top: i64) {
        self.books().remove(&top);
    }

    fn books(&self) -> MutexGuard<'_, HashMap<i64, Book>> {
        hold(&self.0.books)
    }

    fn parse(&self, editions: &[obligation::Edition]) -> Result<Vec<Edition>, Trouble> {
        let parse = |kept: &obligation::Edition| {
            let pack = Pack::list(&kept.text, &self.0.base).map_err(|faults| {
                let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
                Trouble::Broken(format!("list {} of {}: {}", kept.pack, kept.from, faults.join("; ")))
            })?;
            Ok(Edition { pack: Arc::new(pack), from: kept.from, until: None })
        };
        editions.iter().map(parse).collect()
    }

    /// Reads facts off the async threads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&Tx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (app, turn) = (self.clone(), self.0.turns.read().await?);
        Ok(off(turn, move || app.0.setup.db.read(work)).await??)
    }

    /// The same for what takes long, beside which there is room for pages.
    pub(crate) async fn read_long<T: Send + 'static>(
        &self,
        work: impl Fn(&Tx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (app, turns) = (self.clone(), self.0.turns.read_long().await?);
        Ok(off(turns, move || app.0.setup.db.read(work)).await??)
    }

    /// Makes what was erased gone from the files too, and from what is kept in memory.
    pub(crate) async fn scrub(&self) -> Result<(), Trouble> {
        let app = self.clone();
        app.0.ledgers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(tokio::task::spawn_blocking(move || app.0.setup.db.scrub()).await.map_err(Trouble::broken)??)
    }

    /// Drops what is past its day now, and again every day as long as the server runs.
    pub async fn retain(self) {
        loop {
            let began = Instant::now();
            match self.write(|tx| luoshi_store::retain::run(tx, luoshi_store::now())).await {
                Ok(dropped) => {
                    self.jobs().done(Job::Retain, began.elapsed());
                    tracing::info!(rows = dropped.iter().map(|(_, n)| n).sum::<u64>(), "retention");
                }
                Err(trouble) => {
                    self.jobs().failed(Job::Retain);
                    tracing::error!(?trouble, "retention");
                }
            }
            tokio::time::sleep(Duration::from_secs(24 * 3600)).await;
        }
    }

    /// Packs the words of matters for searching, now and again, as long as the server runs.
    pub async fn pack_words(self) {
        loop {
            let (app, began) = (self.clone(), Instant::now());
            let work = move || luoshi_store::matter::pack(app.db(), app.base(), crate::matter::tokens_of);
            match tokio::task::spawn_blocking(work).await.map_err(Trouble::broken) {
                Ok(Ok(_)) => self.jobs().done(Job::Pack, began.elapsed()),
                Ok(Err(fault)) => {
                    self.jobs().failed(Job::Pack);
                    tracing::warn!(%fault, "words are not packed yet");
                }
                Err(trouble) => {
                    self.jobs().failed(Job::Pack);
                    tracing::error!(?trouble, "packing words broke off");
                }
            }
            tokio::time::sleep(PACKED).await;
        }
    }

    /// Writes facts off the async threads, all or nothing.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Tx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (app, turn) = (self.clone(), self.0.turns.write().await?);
        Ok(off(turn, move || app.0.setup.db.write(work)).await??)
    }
}

/// Does work that blocks off the async threads, and holds a turn until it has ended, even when nobody waits for it any
/// more. It is boxed, so that the runtime compiles one task and not one for each of hundreds of callers.
pub(crate) async fn off<T: Send + 'static>(
    turn: impl Send + 'static,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Trouble> {
    let done = Arc::new(Mutex::new(None));
    let kept = done.clone();
    let work: Box<dyn FnOnce() + Send> = Box::new(move || {
        let _turn = turn;
        let out = work();
        *hold(&kept) = Some(out);
    });
    tokio::task::spawn_blocking(work).await.map_err(Trouble::broken)?;
    hold(&done).take().ok_or_else(|| Trouble::Broken("work that ended left nothing".into()))
}

/// Takes a lock. What it guards is whole at any moment, so a panic elsewhere does not matter.
pub(crate) fn hold<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
