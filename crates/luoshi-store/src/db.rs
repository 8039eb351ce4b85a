//! A pool over one engine: SQLite in a file, or PostgreSQL and what speaks its protocol.

use crate::fault::Fault;
use crate::secret::Keys;
use crate::tx::{Conn, Ground, Tx};
use luoshi_rules::{Calendar, Pack};
use postgres::config::SslMode;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Connections that read at once.
const READERS: u32 = 16;
/// Pages each of them keeps, in kB; the system keeps the rest of the file for all of them together.
const READ: u32 = 500;
/// Pages the one that writes keeps: what a large transaction changed is written early when there is no room.
const WRITTEN: u32 = 4_000;
/// How long one that has nothing to do is kept.
const IDLE: Duration = Duration::from_secs(60);
/// Longest pause before a write is tried again after a clash, in milliseconds.
const PAUSE: i64 = 100;
/// How long a write is tried again after clashes, and a server that restarts or hands over to its standby is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is asked whether it is back.
const KNOCK: Duration = Duration::from_millis(50);
/// How long one attempt to connect takes at most. The pool pauses for half as long at most between attempts.
const REACH: Duration = Duration::from_secs(1);

/// How the names begin by which the server knows our connections; each program has one of its own.
const NAME: &str = "luoshi ";
/// Connections of other programs of ours to the same database, its own language of one engine alone.
const OTHERS: &str = "with ours as (select application_name from pg_stat_activity where datname = current_database()
                                   and application_name like 'luoshi %')
                      select count(*) from ours where application_name <> current_setting('application_name')";

/// A pool over one engine. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    engine: Engine,
    keys: Keys,
    asked: AtomicU64,
    lost: AtomicBool,
    ground: OnceLock<Ground>,
}

enum Engine {
    Lite { readers: r2d2::Pool<LiteManager>, writer: Mutex<rusqlite::Connection> },
    Post { pool: Apart },
}

/// A pool that is dropped on a thread of its own: the driver blocks when it says goodbye, which an asynchronous thread
/// does not allow.
struct Apart(Option<r2d2::Pool<PostManager>>);

impl Apart {
    fn get(&self) -> Result<r2d2::PooledConnection<PostManager>, Fault> {
        let pool = self.0.as_ref().ok_or_else(|| Fault::Engine("the pool is closed".into()))?;
        Ok(pool.get()?)
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        if let Some(pool) = self.0.take() {
            let _ = std::thread::spawn(move || drop(pool)).join();
        }
    }
}

/// Opens SQLite connections.
struct LiteManager(String);

/// Opens PostgreSQL connections, by TLS where the address asks for it.
struct PostManager {
    config: postgres::Config,
    /// where the password stands, read anew for each connection so that it may be changed while the program runs
    password: Option<PathBuf>,
    tls: Option<MakeRustlsConnect>,
}

/// A PostgreSQL connection and the statements it has prepared.
pub(crate) struct PostConn {
    pub(crate) client: postgres::Client,
    pub(crate) prepared: HashMap<String, postgres::Statement>,
}

impl Db {
    /// Opens `postgres://…` or the path of an SQLite file, and brings its schema up to date.
    pub fn open(url: &str, keys: Keys) -> Result<Db, Fault> {
        let engine = match url.starts_with("postgres") {
            true => Engine::post(url)?,
            false => Engine::lite(url)?,
        };
        let db = Db(Arc::new(Inner {
            engine,
            keys,
            asked: AtomicU64::new(0),
            lost: AtomicBool::new(false),
            ground: OnceLock::new(),
        }));
        crate::schema::bring_up_to_date(&db)?;
        Ok(db)
    }

    /// Says by which flows and working days matters stand; the first word holds.
    pub fn under(&self, pack: &Pack, calendar: &Calendar) {
        let mark = crate::secret::digest(format!("{:?} {calendar:?}", pack.flow).as_bytes());
        let ground = Ground { pack: pack.clone(), calendar: calendar.clone(), mark };
        let _ = self.0.ground.set(ground);
    }

    /// Reads a consistent view.
    pub fn read<T>(&self, work: impl Fn(&Tx) -> Result<T, Fault>) -> Result<T, Fault> {
        out_of(work, |work| match &self.0.engine {
            Engine::Lite { readers, .. } => {
                let mut conn = readers.get()?;
                let tx = conn.transaction()?;
                work(&Tx::new(Conn::Lite(tx), &self.0.keys, &self.0.asked, self.0.ground.get()))
            }
            Engine::Post { pool } => self.retry(&|| self.post(pool, true, work)),
        })
    }

    /// Writes all or nothing. `work` runs again when engines clash or break off, so it must do nothing but use `tx`.
    /// A server that breaks off at the very commit may have kept it: acts bear the key of their form (`operation`), so
    /// that running again finds what was done.
    pub fn write<T>(&self, work: impl Fn(&Tx) -> Result<T, Fault>) -> Result<T, Fault> {
        out_of(work, |work| match &self.0.engine {
            // another program at the same file, such as a back-up beside the server, may write for longer than a
            // connection waits
            Engine::Lite { writer, .. } => self.retry(&|| {
                let mut conn = hold(writer);
                if self.is_lost() {
                    return Err(Fault::Lost("nothing more is written".into()));
                }
                let done = self.lite(&mut conn, work);
                if matches!(done, Err(Fault::Lost(_))) {
                    self.0.lost.store(true, Ordering::SeqCst);
                }
                done
            }),
            Engine::Post { pool } => self.retry(&|| self.post(pool, false, work)),
        })
    }

    /// Makes what was erased gone from the files too: rewrites the SQLite file without its free space and empties its
    /// log. On PostgreSQL that is `vacuum full`, which the administrator runs when nobody works (docs/operating.md).
    pub fn scrub(&self) -> Result<(), Fault> {
        let Engine::Lite { writer, .. } = &self.0.engine else { return Ok(()) };
        let conn = hold(writer);
        conn.execute_batch("vacuum")?;
        for _ in 0..12 {
            let busy: i64 = conn.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
            if busy == 0 {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Err(Fault::Engine("the log could not be emptied: somebody reads all the time".into()))
    }

    /// How many connections other programs have to these facts, where the engine tells: PostgreSQL knows each by the name
    /// it gives itself. Who works with the file of SQLite is known to the system alone.
    pub fn others(&self) -> Result<i64, Fault> {
        let Engine::Post { pool } = &self.0.engine else { return Ok(0) };
        Ok(pool.get()?.client.query_one(OTHERS, &[])?.try_get(0)?)
    }

    /// Whether the disk failed to keep what was written. What the file holds is then unknown to this process: it must
    /// end, and the next one reads what is really there.
    pub fn is_lost(&self) -> bool {
        self.0.lost.load(Ordering::SeqCst)
    }

    /// Statements asked of the engine since it was opened: lets a test see that a page asks few.
    pub fn asked(&self) -> u64 {
        self.0.asked.load(Ordering::Relaxed)
    }

    /// The keys of the installation.
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// Whether the facts are in a file here, and not on a server.
    pub fn is_file(&self) -> bool {
        matches!(self.0.engine, Engine::Lite { .. })
    }

    /// The name of the engine, for people.
    pub fn engine(&self) -> &'static str {
        match &self.0.engine {
            Engine::Lite { .. } => "SQLite",
            Engine::Post { .. } => "PostgreSQL",
        }
    }

    fn lite(&self, conn: &mut rusqlite::Connection, work: Work) -> Result<(), Fault> {
        let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let tx = Tx::new(Conn::Lite(tx), &self.0.keys, &self.0.asked, self.0.ground.get());
        work(&tx)?;
        tx.commit()
    }

    fn post(&self, pool: &Apart, only_read: bool, work: Work) -> Result<(), Fault> {
        let mut conn = pool.get()?;
        let PostConn { client, prepared } = &mut *conn;
        let level = match only_read {
            true => postgres::IsolationLevel::RepeatableRead,
            false => postgres::IsolationLevel::Serializable,
        };
        let tx = client.build_transaction().isolation_level(level).read_only(only_read).start()?;
        let tx = Tx::new(Conn::post(tx, prepared), &self.0.keys, &self.0.asked, self.0.ground.get());
        work(&tx)?;
        tx.commit()
    }

    fn retry(&self, attempt: &dyn Fn() -> Result<(), Fault>) -> Result<(), Fault> {
        let (began, mut longest) = (Instant::now(), 1);
        loop {
            match attempt() {
                Err(Fault::Clash) if began.elapsed() < PATIENCE => {
                    // pauses of different lengths, so that those who clashed do not meet again
                    let pause = crate::new_id().rem_euclid(longest);
                    std::thread::sleep(Duration::from_millis(pause.unsigned_abs()));
                    longest = PAUSE.min(longest * 2);
                }
                Err(Fault::Away(_)) if began.elapsed() < PATIENCE => std::thread::sleep(KNOCK),
                done => return done,
            }
        }
    }
}

/// What is done in a transaction.
type Work<'w> = &'w dyn Fn(&Tx) -> Result<(), Fault>;

/// What some work gives when it is run by another function. That is compiled once and not for every kind of work.
fn out_of<T>(work: impl Fn(&Tx) -> Result<T, Fault>, run: impl FnOnce(Work) -> Result<(), Fault>) -> Result<T, Fault> {
    let out = RefCell::new(None);
    run(&|tx| {
        out.replace(Some(work(tx)?));
        Ok(())
    })?;
    out.into_inner().ok_or_else(|| Fault::Engine("a transaction that was kept was not run".into()))
}

impl Engine {
    fn lite(path: &str) -> Result<Engine, Fault> {
        let writer = Mutex::new(lite(path, WRITTEN)?);
        let builder = r2d2::Pool::builder().max_size(READERS).min_idle(Some(1)).idle_timeout(Some(IDLE));
        let readers = builder.build(LiteManager(path.to_owned()))?;
        Ok(Engine::Lite { readers, writer })
    }

    fn post(url: &str) -> Result<Engine, Fault> {
        let (url, password) = without_password_file(url);
        let mut config: postgres::Config = url.parse()?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(REACH);
        }
        config.application_name(&format!("{NAME}{}", crate::new_id()));
        let tls = match config.get_ssl_mode() {
            SslMode::Require => Some(tls()?),
            _ => None,
        };
        let builder = r2d2::Pool::builder().max_size(READERS).min_idle(Some(1));
        let pool = builder.connection_timeout(REACH).build(PostManager { config, password, tls })?;
        Ok(Engine::Post { pool: Apart(Some(pool)) })
    }
}

/// The part of an address that names the file of the password.
const PASSWORD_FILE: &str = "passwordfile=";

/// An address without the file of the password, and that file, so that the password itself stands in no address: what is
/// in an address is seen in lists of processes and in the environment.
fn without_password_file(url: &str) -> (String, Option<PathBuf>) {
    let (address, question) = url.split_once('?').unwrap_or((url, ""));
    let (file, rest): (Vec<&str>, Vec<&str>) =
        question.split('&').filter(|part| !part.is_empty()).partition(|part| part.starts_with(PASSWORD_FILE));
    let file = file.first().and_then(|part| part.strip_prefix(PASSWORD_FILE)).map(PathBuf::from);
    let address = if rest.is_empty() { address.to_owned() } else { format!("{address}?{}", rest.join("&")) };
    (address, file)
}

/// TLS that believes the authorities of the machine, or those of the file that `SSL_CERT_FILE` names, and asks that the
/// certificate bears the name of the server.
fn tls() -> Result<MakeRustlsConnect, Fault> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::Engine(error.to_string()))?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// Takes a lock. A panic elsewhere leaves no half-done work: its transaction was dropped.
fn hold<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lite(path: &str, pages: u32) -> Result<rusqlite::Connection, rusqlite::Error> {
    #[cfg(unix)]
    private(path);
    let conn = rusqlite::Connection::open(path)?;
    conn.set_prepared_statement_cache_capacity(256);
    conn.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 5000;
         pragma temp_store = memory; pragma secure_delete = on;",
    )?;
    conn.execute_batch(&format!("pragma cache_size = -{pages}"))?;
    Ok(conn)
}

/// Makes the file of a new database its owner's alone; those that SQLite puts beside it are made as it is. Where it cannot
/// be made, opening it says why.
#[cfg(unix)]
fn private(path: &str) {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).ok();
}

impl r2d2::ManageConnection for LiteManager {
    type Connection = rusqlite::Connection;
    type Error = rusqlite::Error;

    fn connect(&self) -> Result<rusqlite::Connection, rusqlite::Error> {
        lite(&self.0, READ)
    }
    fn is_valid(&self, _: &mut rusqlite::Connection) -> Result<(), rusqlite::Error> {
        Ok(())
    }
    fn has_broken(&self, _: &mut rusqlite::Connection) -> bool {
        false
    }
}

impl r2d2::ManageConnection for PostManager {
    type Connection = PostConn;
    type Error = postgres::Error;

    fn connect(&self) -> Result<PostConn, postgres::Error> {
        let mut config = self.config.clone();
        // a file that cannot be read is told by the server, which asks for a password
        if let Some(text) = self.password.as_ref().and_then(|file| std::fs::read_to_string(file).ok()) {
            config.password(text.lines().next().unwrap_or_default());
        }
        let client = match &self.tls {
            Some(tls) => config.connect(tls.clone())?,
            None => config.connect(postgres::NoTls)?,
        };
        Ok(PostConn { client, prepared: HashMap::new() })
    }
    fn is_valid(&self, conn: &mut PostConn) -> Result<(), postgres::Error> {
        conn.client.is_valid(Duration::from_secs(1))
    }
    fn has_broken(&self, conn: &mut PostConn) -> bool {
        conn.client.is_closed()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::{Db, Keys};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_file_of_a_new_database_and_those_beside_it_are_its_owners_alone() {
        let file = std::env::temp_dir().join(format!("luoshi-mode-{}.db", crate::new_id()));
        let db = Db::open(&file.display().to_string(), Keys::new(&[1; 32])).unwrap();
        for end in ["db", "db-wal", "db-shm"] {
            let mode = std::fs::metadata(file.with_extension(end)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{end}");
        }
        drop(db);
        std::fs::remove_file(file).unwrap();
    }
}
