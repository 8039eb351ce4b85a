//! Checking packs and configuration files: every fault of each, in words or as JSON.

use crate::{Act, Args, config, serve};
use clap::{CommandFactory, Parser};
use luoshi_rules::pack::mapping::Mapping;
use luoshi_rules::{Calendar, Pack};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What is checked, and how it is told.
#[derive(clap::Args)]
pub struct Options {
    /// Pack files; those that ship when none is named
    files: Vec<PathBuf>,
    /// Print JSON: for each file what it holds, or its faults
    #[arg(long)]
    json: bool,
}

/// What was found in a file: what it holds, or everything that is wrong with it.
struct Found {
    file: String,
    outcome: Result<String, Vec<String>>,
}

/// Packs that ship.
const SHIPPED: [(&str, &str); 12] = [
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

/// Checks packs: the base pack on its own, lists on the base pack, holidays as a calendar; or a configuration file.
pub fn run(options: &Options, config: Option<&Path>) -> Result<ExitCode, String> {
    let all = match config {
        Some(file) => vec![settings(file)],
        None => packs(&options.files)?,
    };
    if options.json {
        println!("{}", serde_json::Value::Array(all.iter().map(Found::as_json).collect()));
    } else {
        all.iter().for_each(Found::tell);
    }
    Ok(if all.iter().all(|one| one.outcome.is_ok()) { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

impl Found {
    fn as_json(&self) -> serde_json::Value {
        match &self.outcome {
            Ok(holds) => json!({ "file": self.file, "sound": true, "holds": holds, "faults": [] }),
            Err(faults) => json!({ "file": self.file, "sound": false, "holds": "", "faults": faults }),
        }
    }

    fn tell(&self) {
        match &self.outcome {
            Ok(holds) => println!("{}: sound, {holds}", self.file),
            // a fault of a configuration file names it already
            Err(faults) => faults.iter().for_each(|fault| match fault.starts_with(&self.file) {
                true => println!("{fault}"),
                false => println!("{}:{fault}", self.file),
            }),
        }
    }
}

fn packs(files: &[PathBuf]) -> Result<Vec<Found>, String> {
    if files.is_empty() {
        return Ok(SHIPPED.iter().map(|(name, text)| pack(name, text)).collect());
    }
    let read = |file: &PathBuf| {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
        Ok(pack(&name, &text))
    };
    files.iter().map(read).collect()
}

/// A configuration file.
fn settings(file: &Path) -> Found {
    let name = file.display().to_string();
    let read = config::read(file, &Args::command()).and_then(|keys| match together(file) {
        Ok(()) => Ok(format!("{} keys", keys.len())),
        Err(fault) => Err(vec![format!("{name}: {fault}")]),
    });
    Found { file: name, outcome: read }
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

/// One pack.
fn pack(name: &str, text: &str) -> Found {
    let kept = |faults: Vec<luoshi_rules::pack::Fault>| faults.iter().map(ToString::to_string).collect();
    let outcome: Result<String, Vec<String>> = if name.ends_with("holidays.toml") {
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
    Found { file: name.to_owned(), outcome }
}
