//! The one program: serve, demo, check, import, backup, restore, user, verify, intake, exchange.

mod backup;
mod config;
mod demo;
mod door;
mod exchange;
mod import;
mod intake;
mod memory;
mod seal;
mod serve;
mod shelf;
mod sign_on;
mod user;
mod verify;

use clap::{CommandFactory, Parser, Subcommand};
use jiff::civil::Date;
use luoshi_rules::{Calendar, Mapping, Pack};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Luoshi 落实: see that what was promised gets done.
#[derive(Parser)]
#[command(version, about)]
struct Args {
    /// TOML file with options of `serve` by their long names; the command line and the environment win over it
    #[arg(long, global = true, env = "LUOSHI_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Serve an installation; prints a one-time set-up link when it is new
    Serve(serve::Options),
    /// Serve a demonstration, built on first start: a department, or with --province a work committee over 60 of them
    Demo {
        #[command(flatten)]
        options: serve::Options,
        /// Show a work committee over 60 departments, 4,000 units and 60,000 members, and the year 2022 in figures
        #[arg(long)]
        province: bool,
        /// How many departments the province has; the published figures are those of all of them
        #[arg(long, requires = "province", default_value_t = demo::DEPARTMENTS, value_parser = departments)]
        departments: usize,
        /// The day it is in the demonstration; the last of its year, or 2023-12-15 in the department
        #[arg(long)]
        today: Option<Date>,
        /// Ask who stands above a member for a second factor, as an installation always does
        #[arg(long)]
        second_factor: bool,
    },
    /// Check packs, or a configuration file with --config, and list every fault
    Check {
        /// Pack files; those that ship when none is named
        files: Vec<PathBuf>,
    },
    /// Write everything but the key into one file, while others work; any engine can restore it
    #[command(visible_alias = "export")]
    Backup(backup::Backup),
    /// Fill an empty installation from a back-up, on the same engine or another
    Restore(backup::Restore),
    /// Import a spreadsheet of units, people, records or duties, as the page “Import” does, in the name of an account;
    /// or everything that `export` wrote
    Import(import::Options),
    /// Accounts, for the operator of the machine: list, add, invite, unlock, close, open
    User(user::Options),
    /// Verify the audit trail and name the first row that is wrong; exit code 1 when one is, 3 when it could not be read
    Verify(verify::Options),
    /// Read a directive: its clean text, and what it asks of whom by when
    Intake(intake::Options),
    /// Send a team of a round out on a machine without network, take back what it did, wipe the machine with a receipt
    Exchange(exchange::Options),
    /// Read a document from standard input within a memory limit; `intake` and the server call this for every file
    #[command(hide = true)]
    ReadPaper {
        /// Name of the file
        name: String,
    },
    /// Read a spreadsheet from standard input within a memory limit; the server calls this for every upload
    #[command(hide = true)]
    ReadSheet {
        /// Name of the file
        name: String,
    },
}

/// Address space a process that reads a file from outside may use, in bytes.
const CHILD: u64 = 1 << 30;

fn main() -> ExitCode {
    let args = match config::arguments(std::env::args_os().collect(), &Args::command()) {
        Ok(words) => Args::parse_from(words),
        Err(faults) => {
            eprintln!("{faults}");
            return ExitCode::from(2);
        }
    };
    if matches!(args.act, Act::Serve(_) | Act::Demo { .. }) {
        memory::settle();
    }
    // a watchman must tell a trail that is wrong from one that could not be read
    let failure = if matches!(args.act, Act::Verify(_)) { ExitCode::from(3) } else { ExitCode::FAILURE };
    let done = match args.act {
        Act::Serve(options) => serve::run(&options, None),
        Act::Demo { options, province, departments, today, second_factor } => {
            let scene = if province { demo::Scene::Province(departments) } else { demo::Scene::Department };
            let day = today.unwrap_or(scene.day());
            serve::run(&options, Some(serve::Demo { scene, day, second: second_factor }))
        }
        Act::Check { files } => check(&files, args.config.as_deref()),
        Act::Backup(wish) => backup::backup(&wish),
        Act::Restore(wish) => backup::restore(&wish),
        Act::Import(options) => import::run(&options),
        Act::User(options) => user::run(&options),
        Act::Verify(options) => verify::run(&options),
        Act::Intake(options) => intake::run(&options),
        Act::Exchange(options) => exchange::run(&options),
        Act::ReadPaper { name } => within_limits(|| luoshi_web::parse_paper(&name)),
        Act::ReadSheet { name } => within_limits(|| luoshi_web::parse_child(&name)),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("luoshi: {error}");
            failure
        }
    }
}

/// A number of departments there can be.
fn departments(text: &str) -> Result<usize, String> {
    let known = 1..=demo::DEPARTMENTS;
    text.parse().ok().filter(|n| known.contains(n)).ok_or_else(|| format!("from 1 to {}", demo::DEPARTMENTS))
}

/// Reads a file as a child of the server, with little memory, so that a hostile file harms nobody else.
fn within_limits(read: impl FnOnce() -> ExitCode) -> Result<ExitCode, String> {
    rlimit::setrlimit(rlimit::Resource::AS, CHILD, CHILD).map_err(|error| error.to_string())?;
    Ok(read())
}

/// Checks packs: the base pack on its own, lists on the base pack, holidays as a calendar.
fn check(files: &[PathBuf], config: Option<&Path>) -> Result<ExitCode, String> {
    if let Some(file) = config {
        return Ok(check_config(file));
    }
    let shipped = [
        ("base.toml", include_str!("../../../packs/base.toml")),
        ("duties.toml", include_str!("../../../packs/duties.toml")),
        ("duties-extended.toml", include_str!("../../../packs/duties-extended.toml")),
        ("campaign-warning-month.toml", include_str!("../../../packs/campaign-warning-month.toml")),
        ("campaign-special-drive.toml", include_str!("../../../packs/campaign-special-drive.toml")),
        ("province-2022.toml", include_str!("../../../packs/province-2022.toml")),
        ("campaign-theme-education.toml", include_str!("../../../packs/campaign-theme-education.toml")),
        ("campaign-regulation-season.toml", include_str!("../../../packs/campaign-regulation-season.toml")),
        ("holidays.toml", include_str!("../../../packs/holidays.toml")),
        ("columns.toml", include_str!("../../../packs/columns.toml")),
        ("lexicon.toml", include_str!("../../../packs/lexicon.toml")),
        ("national-26.toml", include_str!("../../../packs/national-26.toml")),
    ];
    let mut texts: Vec<(String, String)> = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        texts.push((file.display().to_string(), text));
    }
    if files.is_empty() {
        texts = shipped.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();
    }
    let faults: usize = texts.iter().map(|(name, text)| check_one(name, text)).sum();
    Ok(if faults == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Checks a configuration file and prints what it found.
fn check_config(file: &Path) -> ExitCode {
    let read = config::read(file, &Args::command()).and_then(|keys| match together(file) {
        Ok(()) => Ok(keys),
        Err(fault) => Err(vec![format!("{}: {fault}", file.display())]),
    });
    match read {
        Ok(keys) => {
            println!("{}: sound, {} keys", file.display(), keys.len());
            ExitCode::SUCCESS
        }
        Err(faults) => {
            faults.iter().for_each(|fault| println!("{fault}"));
            ExitCode::from(2)
        }
    }
}

/// Whether the keys of a file, each right by itself, are right together.
fn together(file: &Path) -> Result<(), String> {
    let words = ["luoshi".into(), "serve".into(), format!("--config={}", file.display()).into()];
    let words = config::arguments(words.to_vec(), &Args::command())?;
    match Args::try_parse_from(words).map_err(|error| error.to_string())?.act {
        Act::Serve(options) => options.check(),
        _ => Ok(()),
    }
}

/// Checks one pack, prints what it found, and counts the faults.
fn check_one(name: &str, text: &str) -> usize {
    let kept = |faults: Vec<luoshi_rules::pack::Fault>| faults.iter().map(ToString::to_string).collect();
    let found: Result<String, Vec<String>> = if name.ends_with("holidays.toml") {
        Calendar::parse(text).map(|_| "holidays".to_owned())
    } else if name.ends_with("columns.toml") {
        text.parse::<toml::Table>().map(|table| format!("{} lists", table.len())).map_err(|e| vec![e.to_string()])
    } else if name.ends_with("lexicon.toml") {
        luoshi_text::Lexicon::parse(text)
            .map(|words| format!("{} kinds of measure", words.kind.len()))
            .map_err(|e| vec![e])
    } else if name.ends_with("base.toml") {
        Pack::base(text).map(|pack| format!("{} kinds, {} flows", pack.kind.len(), pack.flow.len())).map_err(kept)
    } else if text.lines().any(|line| line.trim() == "[mapping]") {
        Mapping::parse(text).map(|one| format!("{} + {} items", one.unit.len(), one.person.len())).map_err(kept)
    } else {
        let list = serve::base().and_then(|base| Pack::list(text, &base).map_err(kept));
        list.map(|pack| format!("{} clauses", pack.clause.len()))
    };
    match found {
        Ok(words) => {
            println!("{name}: sound, {words}");
            0
        }
        Err(faults) => {
            faults.iter().for_each(|fault| println!("{name}:{fault}"));
            faults.len()
        }
    }
}
