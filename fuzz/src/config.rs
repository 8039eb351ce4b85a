//! The configuration file.

use clap::{Arg, ArgAction, Command};

#[path = "../../crates/luoshi/src/config.rs"]
#[allow(dead_code, reason = "the command line is not from outside")]
mod read;

/// Options of each sort that a file may set: a text, a number, several, a switch.
fn command() -> Command {
    let serve = Command::new("serve")
        .arg(Arg::new("data").long("data"))
        .arg(Arg::new("port").long("port").value_parser(clap::value_parser!(u16)))
        .arg(Arg::new("second").long("oidc-second").action(ArgAction::Append))
        .arg(Arg::new("secure").long("secure").action(ArgAction::SetTrue));
    Command::new("luoshi").subcommand(serve)
}

pub fn read(bytes: &[u8]) {
    let Err(faults) = read::table("luoshi.toml", &String::from_utf8_lossy(bytes), &command()) else { return };
    assert!(!faults.is_empty() && faults.iter().all(|fault| fault.starts_with("luoshi.toml")), "{faults:?}");
}
