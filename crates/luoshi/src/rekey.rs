//! Another key for an installation: everything sealed anew, then the key file exchanged. Cut off anywhere, it is run
//! again and ends what it began; nothing else starts until it has.

use crate::backup::Place;
use crate::{lock, serve};
use clap::Args;
use luoshi_rules::Lang;
use luoshi_store::{Db, Fault, Keys, rekey};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What to do once nothing else runs.
const AGAIN: &str = "run `luoshi rekey` again";

/// Which installation is given another key.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Gives an installation that is stopped another key.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    let file = key(options)?;
    let next = serve::next_key(&file);
    let _alone = lock::alone(&file, AGAIN)?;
    let before = serve::secret(&file)?;
    let db = options.place.open_with(keys(&before)?)?;
    let told = |fault: Fault| fault.to_string();
    if db.others().map_err(told)? > 0 {
        return Err(lock::busy("the database", AGAIN));
    }
    if next.exists() {
        let (ours, theirs) = (keys(&before)?, keys(&serve::secret(&next)?)?);
        // both open what was never sealed: then either will do
        if rekey::opens(&db, &theirs).map_err(told)? && !rekey::opens(&db, &ours).map_err(told)? {
            return end(options, &next, &file, "the key was changed before, and is now in its place".to_owned());
        }
        fs::remove_file(&next).map_err(|error| format!("{}: {error}", next.display()))?;
    }
    let (secret, kept) = (Keys::next(&before).map_err(told)?, free_name(&file, &before));
    serve::put(&kept, &before)
        .and_then(|()| serve::put(&next, &secret))
        .map_err(|error| format!("{}: {error}", next.display()))?;
    let done = seal(&db, &next, &secret)?;
    let words = format!(
        "sealed anew: {} numbers, {} authenticators, {} sheets, {} texts of mutual aid. {} recovery codes have ended: who \
         needs them makes others. The key of before is {}: back-ups from before need it; put a copy of the new one in \
         another place, and destroy the old one when no such back-up is left",
        done.numbers,
        done.factors,
        done.sheets,
        done.told,
        done.codes,
        kept.display()
    );
    end(options, &next, &file, words)
}

/// Where the key lies that is changed: a file of its own, for another is put in its place.
fn key(options: &Options) -> Result<PathBuf, String> {
    let file = options.place.data.join("luoshi.key");
    if !file.exists() {
        return Err(format!("{}: there is no key here; name its folder with --data", file.display()));
    }
    if file.is_symlink() {
        return Err(format!(
            "{}: a link, to what a vault hands over. Put the key itself here, run `luoshi rekey`, and give the new one to \
             the vault",
            file.display()
        ));
    }
    Ok(file)
}

fn keys(secret: &[u8]) -> Result<Keys, String> {
    Keys::of(secret).ok_or_else(|| "a key has 32 bytes, or 64 once it was changed".to_owned())
}

/// A name for the key of before that no earlier one has.
fn free_name(file: &Path, before: &[u8]) -> PathBuf {
    let first = file.with_extension("key.before");
    let later = (2..).map(|n| file.with_extension(format!("key.before-{n}")));
    let free = |name: &PathBuf| fs::read(name).map_or(true, |kept| kept == before);
    std::iter::once(first.clone()).chain(later).find(free).unwrap_or(first)
}

/// Seals everything. Where it is refused the key stays as it was; where nobody knows what was kept, as when a database
/// server breaks off at the very end, the next key stays too, and running again finds out.
fn seal(db: &Db, next: &Path, secret: &[u8]) -> Result<rekey::Done, String> {
    rekey::run(db, &keys(secret)?).map_err(|fault| match fault {
        Fault::Refused(refusal) => {
            let _ = fs::remove_file(next);
            format!("{}; nothing was changed", refusal.say(Lang::En))
        }
        other => format!("{other}; run `luoshi rekey` again"),
    })
}

fn end(options: &Options, next: &Path, file: &Path, words: String) -> Result<ExitCode, String> {
    fs::rename(next, file).map_err(|error| format!("{}: {error}", file.display()))?;
    match options.json {
        true => println!("{}", json!({ "done": words })),
        false => println!("{words}"),
    }
    Ok(ExitCode::SUCCESS)
}
