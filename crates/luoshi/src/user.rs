//! Accounts from the command line, for the operator of the machine.

use crate::backup::Place;
use clap::{Args, Subcommand};
use luoshi_store::{Db, Fault, operator, secret};
use serde_json::json;
use std::process::ExitCode;

/// Which installation, and what to do.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// List every account: whether it may be used, is locked, has sessions
    List,
    /// Open an account for a person on the roll, and print the link that sets its passphrase
    Add {
        /// Key of the organisation, as in the list
        top: i64,
        /// Key of the person, the last number of their page's address
        person: i64,
        /// Sign-in name
        login: String,
    },
    /// Print a one-time link that sets the passphrase anew; ends every session of the account
    Invite {
        /// Sign-in name
        login: String,
    },
    /// Let an account try again that is locked after wrong passphrases
    Unlock {
        /// Sign-in name
        login: String,
    },
    /// Close an account and end its sessions
    Close {
        /// Sign-in name
        login: String,
    },
    /// Open a closed account again
    Open {
        /// Sign-in name
        login: String,
    },
}

/// Does it, and says what was done; exits with 1 and the reason when it was not.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    let db = options.place.open()?;
    let done = |fault: Fault| fault.to_string();
    match &options.act {
        Act::List => list(&db, options.json)?,
        Act::Add { top, person, login } => {
            db.write(|tx| operator::add(tx, (*top, *person), login)).map_err(done)?;
            link(&db, login, options.json)?;
        }
        Act::Invite { login } => link(&db, login, options.json)?,
        Act::Unlock { login } => db.write(|tx| operator::unlock(tx, login)).map_err(done)?,
        Act::Close { login } => db.write(|tx| operator::close(tx, login)).map_err(done)?,
        Act::Open { login } => db.write(|tx| operator::open(tx, login)).map_err(done)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(db: &Db, as_json: bool) -> Result<(), String> {
    let lines = db.read(operator::list).map_err(|fault| fault.to_string())?;
    if as_json {
        println!("{}", serde_json::to_string_pretty(&lines).map_err(|error| error.to_string())?);
        return Ok(());
    }
    println!("{:<24} {:>6} {:>20}  state", "sign-in name", "organ.", "person");
    for line in lines {
        let state = match (line.active, line.ready, line.locked) {
            (false, ..) => "closed",
            (_, false, _) => "invited, no passphrase yet",
            (_, _, true) => "locked after wrong tries",
            _ => "open",
        };
        println!("{:<24} {:>6} {:>20}  {state}, {} sessions", line.login, line.top, line.person, line.sessions);
    }
    Ok(())
}

fn link(db: &Db, login: &str, as_json: bool) -> Result<(), String> {
    let token = secret::token().map_err(|fault| fault.to_string())?;
    let top = db.write(|tx| operator::invite(tx, login, &token)).map_err(|fault| fault.to_string())?;
    let path = format!("/join/{top}/{token}");
    if as_json {
        println!("{}", json!({ "login": login, "path": path, "hours": 24 }));
    } else {
        println!("Within a day, open this path on the server's address: {path}");
    }
    Ok(())
}
