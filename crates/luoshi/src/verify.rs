//! Verifying the audit chains against themselves and against the heads that were published.

use crate::backup::Place;
use crate::seal;
use clap::Args;
use luoshi_store::Db;
use luoshi_store::audit::{self, Head, Verdict, Wrong};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

/// What to verify.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// File of published heads, one JSON line each; audit-heads.jsonl in the data folder when it is there
    #[arg(long)]
    heads: Option<PathBuf>,
    /// A head published elsewhere, such as in a monthly report: ORGANISATION:PLACE:LINK; may be given several times
    #[arg(long)]
    head: Vec<Published>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A head as the audit page shows it.
#[derive(Clone)]
struct Published(Head);

impl FromStr for Published {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Published, Self::Err> {
        let mut parts = text.trim().splitn(3, ':');
        let mut number = || parts.next().and_then(|part| part.parse().ok());
        let (top, place) = number().zip(number()).ok_or(SHAPE)?;
        let link = parts.next().filter(|link| !link.is_empty()).ok_or(SHAPE)?.to_owned();
        Ok(Published(Head { top, place, link, at: 0 }))
    }
}

/// What a head looks like.
const SHAPE: &str = "a head is ORGANISATION:PLACE:LINK, such as 1:1200:sha256:0f3a…, as the audit page shows it";

/// The first published head of a file that the facts lack. A file that is not there, or does not read, tells nothing.
pub fn lacks(db: &Db, file: &Path) -> Option<Head> {
    let mut last: HashMap<i64, Head> = HashMap::new();
    last.extend(read(file).unwrap_or_default().into_iter().map(|head| (head.top, head)));
    let mut last: Vec<Head> = last.into_values().collect();
    last.sort_by_key(|head| head.top);
    last.into_iter().find(|head| db.read(|tx| audit::holds(tx, head)).is_ok_and(|there| !there))
}

/// Walks every chain; exits with 1 when one is wrong, naming the first wrong row.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    let db = options.place.open()?;
    let published = heads(options)?;
    let verdicts = audit::verify(&db, &published).map_err(|fault| fault.to_string())?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&verdicts).map_err(|error| error.to_string())?);
    } else {
        verdicts.iter().for_each(|verdict| println!("{}", words(verdict)));
        println!("compared with {} published heads", published.len());
    }
    let sound = verdicts.iter().all(|verdict| verdict.wrong.is_none());
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn heads(options: &Options) -> Result<Vec<Head>, String> {
    let usual = seal::heads_file(&options.place.data);
    let mut all = match &options.heads {
        Some(file) => read(file)?,
        None if usual.exists() => read(&usual)?,
        None => Vec::new(),
    };
    all.extend(options.head.iter().map(|Published(head)| head.clone()));
    Ok(all)
}

pub fn read(file: &Path) -> Result<Vec<Head>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let line = |(at, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| format!("{}:{}: not a head: {error}", file.display(), at + 1))
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(line).collect()
}

fn words(verdict: &Verdict) -> String {
    let top = verdict.top;
    let waiting = match verdict.waiting {
        0 => String::new(),
        n => format!("; {n} rows wait for their place"),
    };
    match &verdict.wrong {
        None => format!("organisation {top}: sound, {} rows chained{waiting}", verdict.sound),
        Some(wrong) => format!("organisation {top}: WRONG after {} sound rows: {}", verdict.sound, told(wrong)),
    }
}

fn told(wrong: &Wrong) -> String {
    match wrong {
        Wrong::Row { place, id } => format!(
            "row {id} at place {place} is not the one that was chained: it was changed, put in, or belongs elsewhere"
        ),
        Wrong::Missing { place } => format!("the row at place {place} is missing"),
        Wrong::CutOff { ends, published } => format!(
            "the chain ends at place {ends}, but place {published} was published: its tail was cut off, or an older database was put back"
        ),
        Wrong::Rewritten { place } => {
            format!(
                "place {place} is not the row that was published: the chain was written anew from somewhere before it"
            )
        }
    }
}
