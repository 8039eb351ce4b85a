//! `luoshi import FILE`: a spreadsheet of units, people, records or duties, read, checked and written by the code of the
//! browser's import, in the name of an account.

use crate::backup::{self, Place};
use crate::serve;
use crate::shelf::Shelf;
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use luoshi_rules::Lang;
use luoshi_web::{App, ImportFault, ImportReport, ImportWish, import_file};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The file could not be read as a list.
const UNREADABLE: u8 = 3;
/// Cells are wrong.
const FAULTY: u8 = 4;
/// Faults printed one by one.
const SHOWN: usize = 50;
/// Bytes of a file at most: as many as the browser may send.
const LARGEST: u64 = 20_000_000;

/// What to import.
#[derive(Args)]
#[command(
    after_help = "All of it is written or nothing. Exit codes: 0 written, or sound with --dry-run; 1 could not be \
                        done; 2 wrong arguments; 3 the file is no list that is understood; 4 cells are wrong."
)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    shelf: Shelf,
    /// A .xlsx or .csv file, or a list of duties in TOML; samples are on the page “Import”. Everything that `export`
    /// wrote goes into an empty installation, as with `restore`
    file: PathBuf,
    /// Sign-in name of who does it: it is done with their rights, and the audit trail says so
    #[arg(long = "as", value_name = "LOGIN")]
    login: Option<String>,
    /// Key of the unit it is done at, as in addresses of pages; the highest where their posts allow it when absent
    #[arg(long)]
    unit: Option<i64>,
    /// What it lists; recognised by the head of the table when absent
    #[arg(long)]
    sort: Option<Sort>,
    /// Read and check only; nothing is written
    #[arg(long)]
    dry_run: bool,
    /// Correct the roll where the sheet says otherwise
    #[arg(long)]
    follow: bool,
    /// First day from which a list of duties is in force
    #[arg(long)]
    from: Option<Date>,
    /// Write the sheet with its faults as comments to this .xlsx file
    #[arg(long)]
    annotated: Option<PathBuf>,
    /// Language of what is said of cells; that of the terminal (LANG) when absent
    #[arg(long)]
    lang: Option<Tongue>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Sort {
    Units,
    People,
    Records,
    Duties,
}

#[derive(Clone, Copy, ValueEnum)]
enum Tongue {
    Zh,
    En,
}

/// Imports, and says what came of it.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    if backup::is_one(&options.file) {
        return everything(options);
    }
    let login = options.login.clone().ok_or("name who imports with --as LOGIN: it is done with their rights")?;
    let bytes = bytes(&options.file)?;
    let name = options.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let sort = options.sort.and_then(|sort| sort.to_possible_value()).map(|value| value.get_name().to_owned());
    let wish = ImportWish {
        login,
        unit: options.unit,
        name,
        bytes,
        sort: sort.unwrap_or_default(),
        dry: options.dry_run,
        follow: options.follow,
        from: options.from,
        lang: lang(options.lang),
    };
    let app = app(&options.place)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let report = runtime.block_on(import_file(&app, wish, progress))?;
    if let (Some(file), Some(bytes)) = (&options.annotated, &report.annotated) {
        keep(file, bytes).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    tell(options, &report)?;
    Ok(match &report {
        report if report.failed.is_some() => ExitCode::from(UNREADABLE),
        report if !report.faults.is_empty() => ExitCode::from(FAULTY),
        _ => ExitCode::SUCCESS,
    })
}

/// Everything that `export` wrote, into an empty installation.
fn everything(options: &Options) -> Result<ExitCode, String> {
    if options.dry_run || options.login.is_some() {
        let file = options.file.display();
        return Err(format!(
            "{file}: holds everything of an installation; it is taken in whole, without --as and --dry-run"
        ));
    }
    let (place, shelf) = (options.place.clone(), options.shelf.clone());
    backup::restore(&backup::Restore {
        place,
        shelf,
        file: options.file.clone(),
        force: false,
        json: options.json,
        progress: false,
    })
}

fn bytes(file: &Path) -> Result<Vec<u8>, String> {
    let told = |error: std::io::Error| format!("{}: {error}", file.display());
    if std::fs::metadata(file).map_err(told)?.len() > LARGEST {
        return Err(format!("{}: larger than 20 MB; divide it", file.display()));
    }
    std::fs::read(file).map_err(told)
}

/// The installation, as far as an import needs it: nobody signs in.
fn app(place: &Place) -> Result<App, String> {
    let (base, calendar) = (serve::base().map_err(|f| f.join("\n"))?, serve::calendar().map_err(|f| f.join("\n"))?);
    serve::quiet(place.open()?, base, calendar, &place.data)
}

/// A new file that its owner alone may read: names and numbers stand in it.
fn keep(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(bytes)
}

fn lang(asked: Option<Tongue>) -> Lang {
    let of_terminal =
        || if std::env::var("LANG").is_ok_and(|lang| lang.starts_with("zh")) { Lang::Zh } else { Lang::En };
    match asked {
        Some(Tongue::Zh) => Lang::Zh,
        Some(Tongue::En) => Lang::En,
        None => of_terminal(),
    }
}

/// Tells how far it is, on a terminal only.
fn progress(rows: i64) {
    let mut out = std::io::stderr();
    if out.is_terminal() && rows > 0 {
        let _ = write!(out, "\r{rows} rows …");
        let _ = out.flush();
    }
}

fn tell(options: &Options, report: &ImportReport) -> Result<(), String> {
    if options.json {
        println!("{}", serde_json::to_string_pretty(report).map_err(|error| error.to_string())?);
        return Ok(());
    }
    let file = options.file.display();
    if let Some(why) = &report.failed {
        eprintln!("{file}: {why}");
        return Ok(());
    }
    for (what, all) in [("", &report.faults), ("note: ", &report.notes)] {
        all.iter().take(SHOWN).for_each(|fault| println!("{file}: {what}{}", words(fault)));
        if all.len() > SHOWN {
            println!(
                "{file}: {what}and {} more; --json has all, --annotated writes them into the sheet",
                all.len() - SHOWN
            );
        }
    }
    let done = match (report.written, report.faults.is_empty()) {
        (true, _) => "written",
        (_, true) => "sound; nothing was written",
        _ => "nothing was written",
    };
    println!(
        "{file}: {}: {} new, {} there already, {} that differ: {done}",
        report.sort, report.new, report.same, report.changed
    );
    Ok(())
}

fn words(fault: &ImportFault) -> String {
    match fault.row {
        0 => fault.problem.clone(),
        row => format!("row {row}, {} “{}”: {}", fault.column, fault.cell, fault.problem),
    }
}
