//! The configuration file: the options of `serve` by their long names, as TOML. What is said on the command line wins
//! over the environment, the environment over the file.

use clap::{Arg, ArgAction, Command};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use toml::Value;

/// Options that make no sense in a file.
const NOT_KEYS: [&str; 3] = ["config", "help", "version"];

/// The arguments with what the configuration file adds. `command` is the whole program; the file is named by
/// `--config` or `LUOSHI_CONFIG`.
pub fn arguments(given: Vec<OsString>, command: &Command) -> Result<Vec<OsString>, String> {
    let Some(file) = named(&given).or_else(|| std::env::var_os("LUOSHI_CONFIG").map(PathBuf::from)) else {
        return Ok(given);
    };
    let found = given.iter().enumerate().skip(1).find_map(|(at, word)| Some((at, command.find_subcommand(word)?)));
    let Some((at, act)) = found.filter(|(_, act)| act.get_name() != "check") else { return Ok(given) };
    let pairs = read(&file, command).map_err(|faults| faults.join("\n"))?;
    // right behind the subcommand, before one of its own
    let (mut all, rest) = (given[..=at].to_vec(), &given[at + 1..]);
    for (key, value) in pairs {
        let arg = act.get_arguments().find(|arg| arg.get_long() == Some(&key));
        if let Some(arg) = arg.filter(|arg| !is_said(&given, arg)) {
            all.extend(words(arg, &value));
        }
    }
    all.extend_from_slice(rest);
    Ok(all)
}

/// The file named on the command line.
fn named(given: &[OsString]) -> Option<PathBuf> {
    let mut words = given.iter().map(|word| word.to_string_lossy());
    while let Some(word) = words.next() {
        if let Some(file) = word.strip_prefix("--config=") {
            return Some(file.into());
        }
        if word == "--config" {
            return words.next().map(|file| file.as_ref().into());
        }
    }
    None
}

/// Whether an option is on the command line or in the environment.
fn is_said(given: &[OsString], arg: &Arg) -> bool {
    let long = format!("--{}", arg.get_long().unwrap_or_default());
    let on_line = given.iter().any(|word| {
        let word = word.to_string_lossy();
        word == long || word.strip_prefix(&long).is_some_and(|rest| rest.starts_with('='))
    });
    on_line || arg.get_env().is_some_and(|name| std::env::var_os(name).is_some())
}

fn words(arg: &Arg, value: &Value) -> Vec<OsString> {
    let long = format!("--{}", arg.get_long().unwrap_or_default());
    match value {
        Value::Boolean(false) => Vec::new(),
        Value::Boolean(true) => vec![long.into()],
        Value::String(text) => vec![format!("{long}={text}").into()],
        Value::Array(many) => {
            many.iter().filter_map(Value::as_str).map(|text| format!("{long}={text}").into()).collect()
        }
        other => vec![format!("{long}={other}").into()],
    }
}

/// The keys that a file may have: the options of `serve`.
pub fn keys(command: &Command) -> Vec<Arg> {
    let serve = command.find_subcommand("serve");
    let args = serve.into_iter().flat_map(Command::get_arguments).cloned();
    args.filter(|arg| arg.get_long().is_some_and(|long| !NOT_KEYS.contains(&long))).collect()
}

/// Reads a file and lists everything that is wrong with it.
pub fn read(file: &Path, command: &Command) -> Result<Vec<(String, Value)>, Vec<String>> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| vec![format!("{name}: {error}")])?;
    table(&name, &text, command)
}

/// The keys and values of a file of this name.
pub fn table(name: &str, text: &str, command: &Command) -> Result<Vec<(String, Value)>, Vec<String>> {
    let table: toml::Table = text.parse().map_err(|error| vec![format!("{name}: {error}")])?;
    let known = keys(command);
    let mut faults = Vec::new();
    for (key, value) in &table {
        match known.iter().find(|arg| arg.get_long() == Some(key)) {
            None => faults.push(format!("{name}: there is no key `{key}`{}", near(key, &known))),
            Some(arg) => faults.extend(wrong(arg, value).map(|why| format!("{name}: {key}: {why}"))),
        }
    }
    if faults.is_empty() { Ok(table.into_iter().collect()) } else { Err(faults) }
}

fn near(key: &str, known: &[Arg]) -> String {
    let names: Vec<&str> = known.iter().filter_map(Arg::get_long).collect();
    let near = luoshi_text::nearest::nearest(key, &names, 1);
    near.first().map_or(format!("; keys are {}", names.join(", ")), |near| format!("; did you mean `{}`?", near.name))
}

/// What clap says of a value on the command line, as it is said of a key: without the name of the option.
fn bare(line: &str) -> String {
    let line = line.strip_prefix("error: ").unwrap_or(line);
    match line.split_once(" for '--") {
        Some((what, rest)) => format!("{what}{}", rest.split_once('\'').map_or("", |(_, why)| why)),
        None => line.to_owned(),
    }
}

/// What is wrong with a value: a switch is true or false, anything else a text or a number that the option reads.
fn wrong(arg: &Arg, value: &Value) -> Option<String> {
    let switch = matches!(arg.get_action(), ArgAction::SetTrue);
    match value {
        Value::Boolean(_) => (!switch).then(|| "a text is expected, in quotation marks".to_owned()),
        _ if switch => Some("true or false is expected".to_owned()),
        Value::String(_) | Value::Integer(_) | Value::Array(_) => {
            let long = arg.get_long().unwrap_or_default().to_owned();
            let alone = Command::new("luoshi").arg(arg.clone().required(false)).no_binary_name(true);
            let tried = alone.try_get_matches_from(words(arg, value));
            let known: Vec<String> = arg.get_possible_values().iter().map(|one| one.get_name().to_owned()).collect();
            let one_of = if known.is_empty() { String::new() } else { format!("; one of: {}", known.join(", ")) };
            tried.err().map(|error| bare(error.to_string().lines().next().unwrap_or(&long)) + &one_of)
        }
        _ => Some("a text is expected, in quotation marks".to_owned()),
    }
}
