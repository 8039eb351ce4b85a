//! `luoshi exchange`: a team of a round works on a machine without network. At home it is sent and taken back, on the
//! machine a package is opened, given back, and the folder wiped.

mod wipe;

use crate::backup::Place;
use crate::serve;
use clap::{Args, Subcommand, ValueEnum};
use luoshi_rules::Lang;
use luoshi_web::{App, ExchangeCommand as Command, ExchangeOutcome, exchange};
use serde_json::json;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What to do, and where.
#[derive(Args)]
#[command(
    after_help = "The way of a team: `key` on the machine; `send` at home (or the page of the round); `open` on the \
                        machine, then `luoshi serve` there; `return` on the machine; `take` at home; `wipe` on the machine; \
                        `receipt` at home. Exit codes: 0 done, 1 refused or could not be done (nothing is kept then, and the \
                        words say what to do), 2 wrong arguments."
)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Language of what is said; that of the terminal (LANG) when absent
    #[arg(long, global = true)]
    lang: Option<Tongue>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    act: Act,
}

#[derive(Clone, Copy, ValueEnum)]
enum Tongue {
    Zh,
    En,
}

/// The key of the other side, and its fingerprint as somebody read it out.
#[derive(Args)]
struct Partner {
    /// Public key of the other side, as its `luoshi exchange key` or page shows it
    #[arg(long)]
    key: String,
    /// The eight groups of digits as the other side read them to you, face to face or by telephone
    #[arg(long)]
    fingerprint: String,
}

/// Who does it at home.
#[derive(Args)]
struct Who {
    /// Sign-in name of who does it: it is done with their rights, and the audit trail says so
    #[arg(long = "as", value_name = "LOGIN")]
    login: String,
}

#[derive(Subcommand)]
enum Act {
    /// Show the public key of this folder and its fingerprint; makes the key in a new folder
    Key,
    /// At home: send a team out, and write the package for its machine; again while nothing has come back
    Send {
        /// The file to write; must not exist
        file: PathBuf,
        #[command(flatten)]
        who: Who,
        /// Key of the round, the last number of its page's address
        #[arg(long)]
        round: i64,
        /// The team: 1, 2, 3 …
        #[arg(long)]
        team: i64,
        #[command(flatten)]
        partner: Partner,
    },
    /// On the machine: open a package into a new folder, and print a one-time link for each of the team
    Open {
        /// The package
        file: PathBuf,
        #[command(flatten)]
        partner: Partner,
    },
    /// On the machine: write the package to give back; after it nothing more is done there, unless --interim
    Return {
        /// The file to write; must not exist
        file: PathBuf,
        /// Work goes on: a later package will hold everything again
        #[arg(long)]
        interim: bool,
    },
    /// At home: take a package back; the same one again changes nothing
    Take {
        /// The package
        file: PathBuf,
        #[command(flatten)]
        who: Who,
    },
    /// On the machine: overwrite and delete the folder and its key, and write a signed receipt; stop the server first
    Wipe {
        /// The receipt to write, outside the folder; must not exist
        file: PathBuf,
        /// Wipe although the last package was not made: what was done since is lost
        #[arg(long)]
        unreturned: bool,
    },
    /// At home: check a receipt and keep it with the round
    Receipt {
        /// The receipt
        file: PathBuf,
        #[command(flatten)]
        who: Who,
    },
}

/// Does it, and says what came of it.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    match &options.act {
        Act::Key => tell(options, &done(options, Command::Key)?),
        Act::Send { file, who, round, team, partner } => {
            must_be_new(file)?;
            let (login, key, fingerprint) = (who.login.clone(), partner.key.clone(), partner.fingerprint.clone());
            written(options, file, Command::Send { login, round: *round, team: *team, key, fingerprint })
        }
        Act::Open { file, partner } => {
            let (key, fingerprint) = (partner.key.clone(), partner.fingerprint.clone());
            tell(options, &done(options, Command::Open { bytes: bytes(file)?, key, fingerprint })?)
        }
        Act::Return { file, interim } => {
            must_be_new(file)?;
            written(options, file, Command::Return { last: !interim })
        }
        Act::Take { file, who } => {
            tell(options, &done(options, Command::Take { login: who.login.clone(), bytes: bytes(file)? })?)
        }
        Act::Receipt { file, who } => {
            let text = String::from_utf8_lossy(&bytes(file)?).into_owned();
            tell(options, &done(options, Command::Receipt { login: who.login.clone(), text })?)
        }
        Act::Wipe { file, unreturned } => wipe(options, file, *unreturned),
    }
    .map(|()| ExitCode::SUCCESS)
}

fn done(options: &Options, command: Command) -> Result<ExchangeOutcome, String> {
    let app = app(&options.place, matches!(command, Command::Key | Command::Open { .. }))?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(exchange(&app, command, lang(options.lang)))
}

/// The installation, as far as this needs it: nobody signs in. A machine's folder is made when it is not there.
fn app(place: &Place, makes: bool) -> Result<App, String> {
    let (base, calendar) = (serve::base().map_err(|f| f.join("\n"))?, serve::calendar().map_err(|f| f.join("\n"))?);
    if makes {
        fs::create_dir_all(&place.data).map_err(told(&place.data))?;
    }
    serve::quiet(if makes { place.make()? } else { place.open()? }, base, calendar, &place.data)
}

fn told<'p>(path: &'p Path) -> impl Fn(std::io::Error) -> String + 'p {
    move |error| format!("{}: {error}", path.display())
}

fn lang(asked: Option<Tongue>) -> Lang {
    match asked {
        Some(Tongue::Zh) => Lang::Zh,
        Some(Tongue::En) => Lang::En,
        None if std::env::var("LANG").is_ok_and(|lang| lang.starts_with("zh")) => Lang::Zh,
        None => Lang::En,
    }
}

fn bytes(file: &Path) -> Result<Vec<u8>, String> {
    let size = fs::metadata(file).map_err(told(file))?.len();
    if size > luoshi_store::exchange::LARGEST as u64 {
        return Err(format!("{}: too large to be a package", file.display()));
    }
    fs::read(file).map_err(told(file))
}

fn must_be_new(file: &Path) -> Result<(), String> {
    match file.exists() {
        true => Err(format!("{}: exists already; choose another name", file.display())),
        false => Ok(()),
    }
}

/// Does what makes a package, and writes it so that its owner alone may read it, whole or not at all.
fn written(options: &Options, file: &Path, command: Command) -> Result<(), String> {
    let outcome = done(options, command)?;
    private(file, outcome.bytes.as_deref().unwrap_or_default()).map_err(told(file))?;
    if !options.json {
        println!("{}", file.display());
    }
    tell(options, &outcome)
}

fn private(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let half = file.with_extension("half");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&half)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    fs::rename(&half, file)
}

fn tell(options: &Options, outcome: &ExchangeOutcome) -> Result<(), String> {
    match options.json {
        true => println!("{}", outcome.told),
        false => println!("{}", outcome.words),
    }
    std::io::stdout().flush().map_err(|error| error.to_string())
}

fn wipe(options: &Options, file: &Path, unreturned: bool) -> Result<(), String> {
    if options.place.database.is_some() || options.place.demo {
        return Err("only the folder of a machine that opened a package can be wiped".into());
    }
    let receipt = wipe::wipe(&options.place, file, unreturned)?;
    let words = format!(
        "{}: {} files overwritten and deleted, key destroyed; give this receipt to home. It does not reach what an SSD \
         keeps aside: see docs/operating.md",
        file.display(),
        receipt.pieces.len()
    );
    let told = json!({ "receipt": file, "files": receipt.pieces.len(), "package": receipt.package.0 });
    tell(options, &ExchangeOutcome { words, told, bytes: None })
}
