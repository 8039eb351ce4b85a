//! Serving: opens the facts, reads the rules, listens.

use crate::lines::Lines;
use crate::shelf::Shelf;
use crate::sign_on::SignOn;
use crate::{demo, door, lock, seal, verify};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use luoshi_rules::{Calendar, Pack};
use luoshi_store::audit::Chain;
use luoshi_store::{Db, Fault, Keys, account, matter, rekey, secret};
use luoshi_web::{App, Clock, Files, Origin, Setup, operator, router};
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long a thread that has nothing to do is kept.
const IDLE: Duration = Duration::from_secs(2);

/// Where to keep things and where to listen.
#[derive(Args)]
pub struct Options {
    /// Folder for the database, the key file and attachments
    #[arg(long, default_value = "data", env = "LUOSHI_DATA")]
    data: PathBuf,
    /// PostgreSQL address (postgres://…); an SQLite file in the data folder when absent
    #[arg(long, env = "LUOSHI_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8080", env = "LUOSHI_LISTEN")]
    listen: SocketAddr,
    /// Address for health, readiness and metrics (Prometheus); give one that only the operator reaches
    #[arg(long, env = "LUOSHI_OPERATOR")]
    operator: Option<SocketAddr>,
    /// Digest of the audit chain: sha256, or sm3 where national algorithms are asked for
    #[arg(long, default_value = "sha256", env = "LUOSHI_DIGEST")]
    digest: Chain,
    /// Address at which browsers reach it, such as `https://luoshi.example.org`; passkeys are bound to it
    #[arg(long, env = "LUOSHI_ORIGIN")]
    origin: Option<Origin>,
    /// Browsers reach it by HTTPS only, through a proxy: cookies are marked so
    #[arg(long, env = "LUOSHI_SECURE")]
    secure: bool,
    /// With --secure, ask browsers for HTTPS at this host name alone, and not at those below it
    #[arg(long, env = "LUOSHI_HOST_ONLY")]
    host_only: bool,
    /// Most acts of one account in a minute, a tenth as many files and as many requests of programs; 0 for no limit
    #[arg(long, default_value_t = 3_000, env = "LUOSHI_PACE")]
    pace: u32,
    /// How the log is written to standard error: text, or json (an object a line)
    #[arg(long, default_value = "text", env = "LUOSHI_LOG")]
    log: Log,
    #[command(flatten)]
    sign_on: SignOn,
    #[command(flatten)]
    shelf: Shelf,
}

/// How the log is written.
#[derive(Clone, Copy, ValueEnum)]
enum Log {
    Text,
    Json,
}

impl Options {
    /// What is wrong with options that are right one by one.
    pub fn check(&self) -> Result<(), String> {
        self.sign_on.servers(self.origin.as_ref(), &self.shelf)?;
        self.shelf.files(&self.data).map(drop)
    }
}

/// The base pack that ships.
pub fn base() -> Result<Pack, Vec<String>> {
    Pack::base(include_str!("../../../packs/base.toml"))
        .map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

/// The holidays that ship.
pub fn calendar() -> Result<Calendar, Vec<String>> {
    Calendar::parse(include_str!("../../../packs/holidays.toml"))
}

/// How the demonstration is served.
#[derive(Clone, Copy)]
pub struct Demo {
    /// what is shown
    pub scene: demo::Scene,
    /// the day it is
    pub day: Date,
    /// whether a second factor is asked for as in an installation
    pub second: bool,
}

/// Serves until it is told to stop: an installation, or the demonstration.
pub fn run(options: &Options, demo: Option<Demo>) -> Result<ExitCode, String> {
    let log = tracing_subscriber::fmt().with_env_filter(filter()).with_ansi(false).with_writer(Lines::to_stderr);
    match options.log {
        Log::Text => log.init(),
        Log::Json => log.json().flatten_event(true).init(),
    }
    let (app, db) = open(options, demo)?;
    if let Some(head) = verify::lacks(&db, &seal::heads_file(&options.data)) {
        app.jobs().older();
        tracing::warn!(
            top = head.top,
            place = head.place,
            "the data lack an end of the audit trail that was published: was an old back-up put back? See luoshi verify"
        );
    }
    let sealer = seal::Sealer::new(db, options.digest, seal::heads_file(&options.data), app.jobs().clone());
    let runtime = runtime(app.threads()).map_err(|error| error.to_string())?;
    let door = runtime.block_on(bind(options.listen, "listen"))?;
    let own = options.operator.map(|address| runtime.block_on(bind(address, "operator"))).transpose()?;
    let (sealing, watched) = (sealer.clone(), app.db().clone());
    runtime.spawn(async move { sealing.keep_sealing().await });
    if let Some(own) = own {
        runtime.spawn(operate(app.clone(), own));
    }
    runtime.block_on(listen(app, door));
    if watched.is_lost() {
        return Err("the disk did not keep what was written. Whoever wrote then was told so. Check the disk \
                    (docs/operating.md), then start again: everything acknowledged before is kept"
            .into());
    }
    sealer.last();
    Ok(ExitCode::SUCCESS)
}

/// What the program runs on. Threads for work that blocks take turns in no order, and each keeps some of what it freed:
/// there are no more of them than do any good, and those with nothing to do end soon.
fn runtime(threads: usize) -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().max_blocking_threads(threads).thread_keep_alive(IDLE).build()
}

fn filter() -> tracing_subscriber::EnvFilter {
    tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into())
}

/// Opens an installation, builds the demonstration when asked, and tells where to go.
fn open(options: &Options, demo: Option<Demo>) -> Result<(App, Db), String> {
    let (demo_day, second) = (demo.map(|demo| demo.day), demo.is_none_or(|demo| demo.second));
    if !second {
        tracing::warn!("the demonstration signs in without a second factor: enter nothing real");
    }
    let (issuer, directory) = options.sign_on.servers(options.origin.as_ref(), &options.shelf)?;
    fs::create_dir_all(&options.data).map_err(|error| format!("{}: {error}", options.data.display()))?;
    let db = facts(&options.data, options.database.as_deref(), file(demo.map(|demo| demo.scene)))?;
    let (base, calendar) = (base().map_err(|f| f.join("\n"))?, calendar().map_err(|f| f.join("\n"))?);
    let any = db.read(account::any).map_err(|fault| fault.to_string())?;
    if let (Some(demo), false) = (demo, any) {
        println!("Building the demonstration …");
        demo::build(&db, demo.scene, (&base, &calendar), demo.day).map_err(|fault| fault.to_string())?;
    }
    let derived = matter::refresh(&db).map_err(|fault| fault.to_string())?;
    tracing::info!(derived, "states of matters");
    let signs = demo.map(|demo| demo.scene.sign_ins()).unwrap_or_default();
    let new = demo_day.is_none() && !any;
    let token = new.then(secret::token).transpose().map_err(|fault| fault.to_string())?;
    tell(options.listen, &db, demo_day, &signs, token.as_deref());
    let app = App::new(Setup {
        db: db.clone(),
        base,
        calendar,
        clock: demo_day.map_or(Clock::Beijing, Clock::Fixed),
        demo: signs,
        folder: options.data.clone(),
        files: options.shelf.files(&options.data)?,
        program: std::env::current_exe().map_err(|error| error.to_string())?,
        token,
        secure: options.secure,
        pace: options.pace,
        subdomains: !options.host_only,
        origin: options.origin.clone(),
        issuer,
        directory,
        second,
    });
    Ok((app, db))
}

/// What the SQLite file of an installation or a demonstration is called.
fn file(scene: Option<demo::Scene>) -> &'static str {
    match scene {
        None => "luoshi.db",
        Some(demo::Scene::Department) => "demo.db",
        Some(demo::Scene::Province(_)) => "province.db",
    }
}

/// An installation that nobody signs in to: for work from the command line.
pub fn quiet(db: Db, base: Pack, calendar: Calendar, folder: &Path) -> Result<App, String> {
    Ok(App::new(Setup {
        db,
        base,
        calendar,
        clock: Clock::Beijing,
        demo: Vec::new(),
        folder: folder.to_owned(),
        files: Files::Folder(folder.to_owned()),
        program: std::env::current_exe().map_err(|error| error.to_string())?,
        token: None,
        secure: false,
        pace: 0,
        subdomains: false,
        origin: None,
        issuer: None,
        directory: None,
        second: true,
    }))
}

/// Prints where to look, and what is needed to get in.
fn tell(address: SocketAddr, db: &Db, demo: Option<Date>, signs: &[(String, String, String)], token: Option<&str>) {
    match (demo, token) {
        (Some(day), _) => println!("Luoshi 落实 (demonstration, {}, {day}): http://{address}/", db.engine()),
        (None, Some(token)) => println!("Luoshi 落实 is new. Set it up once: http://{address}/set-up#{token}"),
        (None, None) => println!("Luoshi 落实 ({}): http://{address}/", db.engine()),
    }
    signs.iter().for_each(|(name, login, word)| println!("  {name:　<12} {login:<12} {word}"));
}

/// Opens the facts of an installation: those at an address, or an SQLite file of this name in its folder.
pub fn facts(data: &Path, database: Option<&str>, name: &str) -> Result<Db, String> {
    let (key, file) = (data.join("luoshi.key"), data.join(name));
    let is_new = !key.exists();
    // what a vault hands over is not there yet, or not for this program: no key takes its place
    if is_new && (fs::symlink_metadata(&key).is_ok() || database.is_none() && file.exists()) {
        return Err(lost(&key));
    }
    let url = database.map_or_else(|| file.display().to_string(), ToOwned::to_owned);
    let db = opened(&url, keys(&key)?)?;
    let told = |fault: Fault| fault.to_string();
    if is_new && database.is_some() && db.read(account::any).map_err(told)? {
        fs::remove_file(&key).map_err(|error| format!("{}: {error}", key.display()))?;
        return Err(lost(&key));
    }
    match rekey::opens(&db, db.keys()).map_err(told)? {
        true => Ok(db),
        false => Err(format!("{}: this key does not open what is sealed here; {COPY}", key.display())),
    }
}

/// What to do without the key.
const COPY: &str =
    "put the copy that is kept in another place (docs/keys.md) here, and start again. Nothing was changed";

/// Said where there are facts and no key: with a new one, nobody could read what was sealed before.
fn lost(key: &Path) -> String {
    format!("{}: the key of this installation is gone; {COPY}", key.display())
}

/// Opens the facts at an address with these keys.
pub fn opened(url: &str, keys: Keys) -> Result<Db, String> {
    let db = Db::open(url, keys).map_err(|fault| fault.to_string())?;
    db.under(&base().map_err(|f| f.join("\n"))?, &calendar().map_err(|f| f.join("\n"))?);
    Ok(db)
}

/// Where the next key stands while everything is sealed anew.
pub fn next_key(file: &Path) -> PathBuf {
    file.with_extension("key.next")
}

/// What a key file holds.
pub fn secret(file: &Path) -> Result<Vec<u8>, String> {
    let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let known = Keys::of(&bytes).map(|_| bytes);
    known.ok_or_else(|| format!("{}: a key has 32 bytes, or 64 once it was changed", file.display()))
}

/// The secret of the installation: made on first start, readable by its owner only. While a change of the key waits to
/// be ended, nothing starts: it would seal with one key what is read with the other. It is not exchanged while this
/// program runs.
pub fn keys(file: &Path) -> Result<Keys, String> {
    if next_key(file).exists() {
        return Err(format!("{}: a change of the key was cut off; run `luoshi rekey` again", next_key(file).display()));
    }
    let told = |error: std::io::Error| format!("{}: {error}", file.display());
    if !file.exists() {
        let secret = Keys::secret().map_err(|fault| fault.to_string())?;
        put(file, &secret).map_err(told)?;
    }
    lock::share(file)?;
    Keys::of(&secret(file)?).ok_or_else(|| format!("{}: no key", file.display()))
}

/// Takes an address, or says which option names one that cannot be had: nothing is served by half.
async fn bind(address: SocketAddr, option: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| {
        format!("cannot listen on {address}: {error}. Another program may have it; name a free one with --{option}")
    })
}

/// Serves health, readiness and metrics on an address of their own.
async fn operate(app: App, own: TcpListener) {
    if let Err(error) = axum::serve(own, operator(app)).await {
        tracing::error!(%error, "the operator's address is not served any more");
    }
}

/// Writes the secret so that it is never half there, never lost once something was sealed with it, and never readable
/// by others.
pub fn put(file: &Path, secret: &[u8]) -> std::io::Result<()> {
    let half = file.with_extension("half");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&half)?;
    out.write_all(secret)?;
    out.sync_all()?;
    fs::rename(&half, file)?;
    fs::File::open(file.parent().unwrap_or(Path::new(".")))?.sync_all()
}

async fn listen(app: App, listener: TcpListener) {
    if let Err(error) = app.count().await {
        tracing::error!(%error, "figures are not counted");
    }
    tokio::spawn(app.clone().retain());
    tokio::spawn(app.clone().pack_words());
    tokio::spawn(app.clone().carry());
    tokio::spawn(app.clone().keep_sights());
    tokio::spawn(app.clone().sweep());
    tokio::select! {
        () = door::serve(listener, router(app.clone()), end(app.db().clone())) => {}
        () = patience(app.db().clone()) => {}
    }
    if let Err(error) = app.write_sights().await {
        tracing::warn!(error, "who saw whose data in the last second is lost");
    }
}

/// Waits for a reason to end: told to, or a disk that does not keep what is written.
async fn end(db: Db) {
    tokio::select! { () = told_to_stop() => {}, () = disk_lost(&db) => {} }
}

async fn disk_lost(db: &Db) {
    while !db.is_lost() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits for Ctrl-C or SIGTERM.
async fn told_to_stop() {
    let interrupt = async { drop(tokio::signal::ctrl_c().await) };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut term) = signal(SignalKind::terminate()) else { return interrupt.await };
        tokio::select! { () = interrupt => {}, _ = term.recv() => {} }
    }
    #[cfg(not(unix))]
    interrupt.await;
}

/// Requests under way get ten seconds after the stop.
async fn patience(db: Db) {
    end(db).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
}
