//! Back-up and restore: everything of an installation but its key in one file that any engine can read.

use crate::shelf::{self, Shelf};
use crate::{lock, serve};
use clap::Args;
use luoshi_office::bundle::{self, Archive, Bundle};
use luoshi_store::{Db, Keys, backup as store, dump};
use luoshi_web::Files;
use serde_json::{Value as Json, json};
use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Which installation.
#[derive(Args, Clone)]
pub struct Place {
    /// Folder for the database, the key file and attachments
    #[arg(long, global = true, default_value = "data", env = "LUOSHI_DATA")]
    pub data: PathBuf,
    /// PostgreSQL address (postgres://…); an SQLite file in the data folder when absent
    #[arg(long, global = true, env = "LUOSHI_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// The demonstration's database
    #[arg(long, global = true)]
    pub demo: bool,
}

impl Place {
    fn file(&self) -> PathBuf {
        self.data.join(if self.demo { "demo.db" } else { "luoshi.db" })
    }

    /// Opens an installation that exists.
    pub fn open(&self) -> Result<Db, String> {
        if self.database.is_none() && !self.file().exists() {
            return Err(format!("{}: there is no database here; name its folder with --data", self.file().display()));
        }
        self.make()
    }

    /// Opens an installation that exists with these keys.
    pub fn open_with(&self, keys: Keys) -> Result<Db, String> {
        let file = self.file();
        if self.database.is_none() && !file.exists() {
            return Err(format!("{}: there is no database here; name its folder with --data", file.display()));
        }
        serve::opened(&self.database.clone().unwrap_or_else(|| file.display().to_string()), keys)
    }

    /// Opens an installation, making it when it is not there.
    pub fn make(&self) -> Result<Db, String> {
        let file = self.file();
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        serve::facts(&self.data, self.database.as_deref(), name)
    }
}

/// What to back up.
#[derive(Args)]
pub struct Backup {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    shelf: Shelf,
    /// The file to write, such as luoshi-2026-11-23.zip; must not exist
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Tell how far it is also where standard error is no terminal
    #[arg(long)]
    progress: bool,
}

/// What to restore.
#[derive(Args)]
pub struct Restore {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub shelf: Shelf,
    /// A file that `backup` wrote
    pub file: PathBuf,
    /// Move a database that is there aside instead of refusing
    #[arg(long)]
    pub force: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Tell how far it is also where standard error is no terminal
    #[arg(long)]
    pub progress: bool,
}

/// Tells how far it is, on a terminal or where that is wished for.
fn progress(wished: bool, words: &str) {
    if wished || std::io::stderr().is_terminal() {
        eprintln!("{words}");
    }
}

fn told<'p>(path: &'p Path) -> impl Fn(std::io::Error) -> String + 'p {
    move |error| format!("{}: {error}", path.display())
}

/// A new file that its owner alone may read: names and records stand in it in plain text.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes everything into one file while others work, and notes for the page of operations how it went.
pub fn backup(wish: &Backup) -> Result<ExitCode, String> {
    let db = wish.place.open()?;
    let began = Instant::now();
    let done = whole(&db, wish);
    note(&db, began, done.as_ref().ok());
    let (rows, files) = done?;
    if wish.json {
        println!("{}", json!({ "file": wish.file, "rows": rows, "files": files }));
    } else {
        println!("{}: {rows} rows, {files} attachments", wish.file.display());
        println!(
            "The key is not in it. Keep a copy of {} in another place.",
            wish.place.data.join("luoshi.key").display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// All of it or nothing: tables as of one moment, then attachments, under another name until it is whole.
fn whole(db: &Db, wish: &Backup) -> Result<(u64, usize), String> {
    let unfinished = wish.file.with_extension("unfinished");
    if wish.file.exists() {
        return Err(format!("{}: exists already; choose another name", wish.file.display()));
    }
    let room = unfinished.with_extension("tables");
    fs::create_dir_all(&room).map_err(told(&room))?;
    let done = pack(db, wish, &unfinished, &room);
    fs::remove_dir_all(&room).map_err(told(&room))?;
    let sizes = done.inspect_err(|_| drop(fs::remove_file(&unfinished)))?;
    fs::rename(&unfinished, &wish.file).map_err(told(&wish.file))?;
    Ok(sizes)
}

/// Notes how it went. A back-up that cannot be noted is a back-up all the same.
fn note(db: &Db, began: Instant, sizes: Option<&(u64, usize)>) {
    let number = |n: u128| i64::try_from(n).unwrap_or(i64::MAX);
    let (facts, files) = sizes.map_or((0, 0), |(rows, files)| (number(u128::from(*rows)), number(*files as u128)));
    let took = number(began.elapsed().as_millis());
    let done = store::Backup { at: 0, took, failed: sizes.is_none(), facts, files };
    if let Err(fault) = db.write(|tx| store::note(tx, &done)) {
        eprintln!("the page of operations will not show this: {fault}");
    }
}

fn pack(db: &Db, wish: &Backup, unfinished: &Path, room: &Path) -> Result<(u64, usize), String> {
    let open = |name: &str| private(&room.join(name)).map(BufWriter::new);
    let counts = dump::write(db, open).map_err(|fault| fault.to_string())?;
    let out = private(unfinished).map_err(told(unfinished))?;
    let mut bundle = Bundle::begin(out);
    for (name, rows) in &counts {
        progress(wish.progress, &format!("{name}: {rows} rows"));
        let mut lines = File::open(room.join(name)).map_err(told(room))?;
        bundle.copy(&format!("tables/{name}.jsonl"), &mut lines).map_err(|fault| fault.to_string())?;
    }
    let (files, damaged) = shelf::each(&wish.shelf.files(&wish.place.data)?, |digest, bytes| {
        bundle.add(&Files::name(digest), bytes).map_err(|fault| fault.to_string())
    })?;
    let rows: serde_json::Map<String, Json> = counts.iter().map(|(name, n)| (name.clone(), (*n).into())).collect();
    let about = json!({ "program": "luoshi", "version": env!("CARGO_PKG_VERSION"), "schema": luoshi_store::version(), "rows": rows, "damaged": damaged });
    let out = bundle.end(about).map_err(|fault| fault.to_string())?;
    out.sync_all().map_err(told(unfinished))?;
    Ok((counts.iter().map(|(_, n)| n).sum(), files))
}

/// Whether a file is what `backup` wrote, by its list of contents.
pub fn is_one(file: &Path) -> bool {
    let list = File::open(file).ok().and_then(|file| bundle::open(file).ok());
    list.is_some_and(|archive| archive.about()["program"] == "luoshi")
}

/// What is said of a file that no list of contents was found in: it is something else, or was cut on its way.
fn no_backup(file: &Path, why: &dyn std::fmt::Display) -> String {
    format!(
        "{}: this is no whole file of `luoshi backup` ({why}). Name one that it wrote; if it was copied, copy it again. \
         Nothing was changed",
        file.display()
    )
}

/// Fills an empty installation from a back-up, whatever engine either has.
pub fn restore(wish: &Restore) -> Result<ExitCode, String> {
    let file = File::open(&wish.file).map_err(told(&wish.file))?;
    let mut archive = bundle::open(file).map_err(|fault| no_backup(&wish.file, &fault))?;
    let about = archive.check().map_err(|fault| format!("{}: {fault}", wish.file.display()))?;
    let schema = about["schema"].as_str().unwrap_or_default();
    if about["program"] != "luoshi" || schema != luoshi_store::version() {
        return Err(format!(
            "{}: written with schema {schema:?}, this program has {:?}; restore with the version that wrote it ({}), then upgrade",
            wish.file.display(),
            luoshi_store::version(),
            about["version"].as_str().unwrap_or("unknown"),
        ));
    }
    let key = wish.place.data.join("luoshi.key");
    if !key.exists() {
        return Err(format!(
            "{}: the key of the old installation is not here; without it nobody can read identity numbers or verify the audit trail. Copy it there first",
            key.display()
        ));
    }
    let files = wish.shelf.files(&wish.place.data)?;
    make_room(wish)?;
    let db = wish.place.make()?;
    let folder = wish.place.data.join("restoring");
    fs::create_dir_all(&folder).map_err(told(&folder))?;
    #[cfg(unix)]
    fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).map_err(told(&folder))?;
    let done = unpack(wish, &mut archive, &about, (&db, &files, &folder));
    // names and records lie there in plain text: nothing of it stays, whatever went wrong
    fs::remove_dir_all(&folder).map_err(told(&folder))?;
    tell(wish, &db, done?)?;
    Ok(ExitCode::SUCCESS)
}

/// Fills the facts and the attachments from an archive by way of a folder; how many rows there were.
fn unpack(
    wish: &Restore,
    archive: &mut Archive<File>,
    about: &Json,
    (db, files, folder): (&Db, &Files, &PathBuf),
) -> Result<u64, String> {
    progress(wish.progress, "unpacking");
    archive.unpack(folder).map_err(|fault| fault.to_string())?;
    let open = |name: &str| {
        progress(wish.progress, &format!("{name}: {} rows", about["rows"][name]));
        File::open(folder.join("tables").join(format!("{name}.jsonl"))).map(BufReader::new)
    };
    let counts = dump::read(db, open).map_err(|fault| fault.to_string())?;
    db.write(store::restored).map_err(|fault| fault.to_string())?;
    progress(wish.progress, "attachments");
    shelf::each(&Files::Folder(folder.clone()), |_, bytes| shelf::keep(files, bytes))?;
    Ok(counts.iter().map(|(_, n)| n).sum())
}

/// What was restored, and what is to be done now.
fn tell(wish: &Restore, db: &Db, rows: u64) -> Result<(), String> {
    if wish.json {
        println!("{}", json!({ "rows": rows, "engine": db.engine() }));
    } else {
        println!("{rows} rows restored into {}", db.engine());
        println!(
            "Everybody signs in again, and open invitations lead nowhere. Passphrases, posts and tokens are as they were at \
             the back-up: end again what was ended since."
        );
    }
    std::io::stdout().flush().map_err(|error| error.to_string())
}

/// Refuses to write over a database; with --force it is moved aside.
fn make_room(wish: &Restore) -> Result<(), String> {
    let file = wish.place.file();
    if wish.place.database.is_some() || !file.exists() {
        return Ok(());
    }
    if !wish.force {
        return Err(format!(
            "{}: a database is here already; stop the program, and move it aside with --force",
            file.display()
        ));
    }
    // a server that runs would go on writing into what was moved aside
    lock::alone(&wish.place.data.join("luoshi.key"), "restore again")?;
    let aside = free_name(&file);
    for end in ["", "-wal", "-shm"] {
        let old = PathBuf::from(format!("{}{end}", file.display()));
        if old.exists() {
            fs::rename(&old, format!("{}{end}", aside.display())).map_err(told(&old))?;
        }
    }
    Ok(())
}

/// A name for a database moved aside that no earlier one has: a restore that is tried twice must not write over the first.
fn free_name(file: &Path) -> PathBuf {
    let first = PathBuf::from(format!("{}.aside", file.display()));
    let later = (2..).map(|n| PathBuf::from(format!("{}-{n}", first.display())));
    std::iter::once(first.clone()).chain(later).find(|name| !name.exists()).unwrap_or(first)
}
