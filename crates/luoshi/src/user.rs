//! Accounts from the command line, for the operator of the machine.

use crate::backup::Place;
use clap::{Args, Subcommand};
use luoshi_store::{Db, Fault, Tx, operator, secret};
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
    /// End every session and token of an account; the passphrase stays
    SignOut {
        /// Sign-in name
        login: String,
    },
    /// Drop the second factor and passkeys of an account that lost them; ends its sessions, and the next sign-in sets one up
    ResetFactor {
        /// Sign-in name
        login: String,
    },
    /// Close an account and end its sessions, tokens and invitations
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
    let act = |work: fn(&Tx, &str) -> Result<(), Fault>, login: &str, done: &str| {
        db.write(|tx| work(tx, login)).map_err(|fault| fault.to_string())?;
        tell(login, done, options.json);
        Ok(())
    };
    match &options.act {
        Act::List => list(&db, options.json),
        Act::Add { top, person, login } => {
            db.write(|tx| operator::add(tx, (*top, *person), login)).map_err(|fault| fault.to_string())?;
            link(&db, login, options.json)
        }
        Act::Invite { login } => link(&db, login, options.json),
        Act::Unlock { login } => act(operator::unlock, login, "unlocked"),
        Act::SignOut { login } => act(operator::sign_out, login, "signed out everywhere"),
        Act::ResetFactor { login } => {
            act(operator::reset_factor, login, "without second factor until the next sign-in")
        }
        Act::Close { login } => act(operator::close, login, "closed"),
        Act::Open { login } => act(operator::open, login, "open"),
    }
    .map(|()| ExitCode::SUCCESS)
}

/// Says what became of an account.
fn tell(login: &str, done: &str, as_json: bool) {
    if as_json {
        println!("{}", json!({ "login": login, "done": done }));
    } else {
        println!("{login}: {done}");
    }
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
    let path = format!("/join#{top}.{token}");
    if as_json {
        println!("{}", json!({ "login": login, "path": path, "hours": 24 }));
    } else {
        println!("Within a day, open this path on the server's address: {path}");
    }
    Ok(())
}
