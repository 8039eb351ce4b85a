//! The one program: serve, demo, check, import, backup, restore, user, verify, rekey, intake, exchange.

mod backup;
mod check;
mod config;
mod demo;
mod door;
mod exchange;
mod import;
mod intake;
mod lines;
mod lock;
mod memory;
mod rekey;
mod seal;
mod serve;
mod shelf;
mod sign_on;
mod user;
mod verify;

use clap::{CommandFactory, Parser, Subcommand};
use jiff::civil::Date;
use std::path::PathBuf;
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
    Check(check::Options),
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
    /// Give a stopped installation another key and seal everything anew; the audit trail goes on
    Rekey(rekey::Options),
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

/// Files that may be open at once.
const FILES: u64 = 16_384;
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
        // connections, each with a file or two; systems give a program a thousand unless it asks
        if let Err(error) = rlimit::increase_nofile_limit(FILES) {
            eprintln!("luoshi: {error}: fewer connections at once than usual");
        }
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
        Act::Check(options) => check::run(&options, args.config.as_deref()),
        Act::Backup(wish) => backup::backup(&wish),
        Act::Restore(wish) => backup::restore(&wish),
        Act::Import(options) => import::run(&options),
        Act::User(options) => user::run(&options),
        Act::Verify(options) => verify::run(&options),
        Act::Rekey(options) => rekey::run(&options),
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

#[cfg(test)]
mod tests {
    use super::{Args, Parser};
    use clap::error::ErrorKind;
    use std::path::Path;

    /// What stands in the place of words that whoever follows a page puts in.
    const MEANT: [(&str, &str); 5] =
        [("DAY", "2024-01-01"), ("ID", "1"), ("TOP", "1"), ("PERSON", "1"), ("$(date +%F)", "2024-01-01")];

    /// The commands of a page: lines of its blocks and what stands between backticks.
    fn commands(page: &str) -> Vec<String> {
        let (mut found, mut block) = (Vec::new(), false);
        for line in page.lines() {
            if line.starts_with("```") {
                block = !block;
            } else if block {
                found.push(line.split(" #").next().unwrap_or_default().to_owned());
            } else {
                found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
            }
        }
        found.retain(|words| words.starts_with("luoshi "));
        found
    }

    #[test]
    fn every_command_of_the_handbooks_is_understood_as_it_is_printed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut seen = 0;
        for page in ["README.md", "docs/operating.md", "docs/configuration.md"] {
            for printed in commands(&std::fs::read_to_string(root.join(page)).unwrap()) {
                let meant =
                    MEANT.iter().fold(printed.replace('"', ""), |text, (word, for_it)| text.replace(word, for_it));
                // a command that is only named has no arguments, and may lack some
                let named = printed.split(' ').all(|word| !word.starts_with("--"));
                let lacks = [
                    ErrorKind::MissingRequiredArgument,
                    ErrorKind::MissingSubcommand,
                    ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
                    ErrorKind::DisplayHelp,
                ];
                match Args::try_parse_from(meant.split(' ').filter(|word| !word.is_empty())) {
                    Err(error) if !(named && lacks.contains(&error.kind())) => panic!("{page}: {printed}\n{error}"),
                    _ => seen += 1,
                }
            }
        }
        assert!(seen > 40, "{seen}");
    }
}
