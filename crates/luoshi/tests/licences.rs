//! Every dependency has a licence that `deny.toml` allows, is not one it forbids, and comes from a registry.
//! `cargo deny check` says the same from the same file; this test says it where cargo-deny is not installed.
#![allow(clippy::unwrap_used, reason = "a file that cannot be read is a failed test")]

use std::{collections::BTreeMap, iter::Peekable, process::Command, str::SplitWhitespace};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The part of `deny.toml` that these tests keep.
#[derive(serde::Deserialize)]
struct Rules {
    graph: Graph,
    licenses: Licenses,
    bans: Bans,
}

#[derive(serde::Deserialize)]
struct Graph {
    targets: Vec<String>,
}

#[derive(serde::Deserialize)]
struct Licenses {
    allow: Vec<String>,
    exceptions: Vec<Exception>,
}

#[derive(serde::Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(serde::Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(serde::Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(serde::Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// A package as cargo describes it; one that is part of the workspace has no source.
#[derive(serde::Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

fn rules() -> Rules {
    toml::from_str(&std::fs::read_to_string(format!("{ROOT}/deny.toml")).unwrap()).unwrap()
}

/// Every package that is built on some target of `deny.toml`, tests included.
fn packages(rules: &Rules) -> Vec<Package> {
    let mut found = BTreeMap::new();
    for target in &rules.graph.targets {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["metadata", "--format-version=1", "--offline", "--locked", "--filter-platform", target]);
        let out = cargo.current_dir(ROOT).output().unwrap();
        let words = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "cargo metadata failed; `make fetch` may be all it needs.\n{words}");
        let metadata: Metadata = serde_json::from_slice(&out.stdout).unwrap();
        found.extend(metadata.packages.into_iter().map(|p| (format!("{} {}", p.name, p.version), p)));
    }
    found.into_values().collect()
}

type Words<'a> = Peekable<SplitWhitespace<'a>>;

/// Whether a licence expression holds when only `allowed` licences count. `/` is the old way to write `OR`.
fn permits(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    let held = any(&mut words, allowed);
    assert_eq!(words.next(), None, "cannot read the licence {expression:?}");
    held
}

fn any(words: &mut Words, allowed: &[&str]) -> bool {
    let mut held = all(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        held |= all(words, allowed);
    }
    held
}

fn all(words: &mut Words, allowed: &[&str]) -> bool {
    let mut held = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        held &= one(words, allowed);
    }
    held
}

fn one(words: &mut Words, allowed: &[&str]) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let held = any(words, allowed);
        assert_eq!(words.next(), Some(")"), "a bracket of a licence is not closed");
        return held;
    }
    let mut name = words.next().unwrap_or_default().to_string();
    if words.next_if_eq(&"WITH").is_some() {
        name = format!("{name} WITH {}", words.next().unwrap_or_default());
    }
    allowed.contains(&name.as_str())
}

#[test]
fn every_dependency_has_a_licence_we_allow() {
    let rules = rules();
    let mut offenders = Vec::new();
    for package in packages(&rules) {
        let excused = rules.licenses.exceptions.iter().filter(|e| e.name == package.name).flat_map(|e| &e.allow);
        let allowed: Vec<&str> = rules.licenses.allow.iter().chain(excused).map(String::as_str).collect();
        let licence = package.license.unwrap_or_default();
        if licence.is_empty() || !permits(&licence, &allowed) {
            offenders.push(format!("{} {}: {licence:?}", package.name, package.version));
        }
    }
    assert!(offenders.is_empty(), "not allowed by deny.toml [licenses]:\n{}", offenders.join("\n"));
}

#[test]
fn no_dependency_is_one_we_forbid_or_comes_from_outside_a_registry() {
    let rules = rules();
    let mut offenders = Vec::new();
    for package in packages(&rules) {
        let banned = rules.bans.deny.iter().find(|ban| ban.name == package.name);
        offenders.extend(banned.map(|ban| format!("{}: {}", ban.name, ban.reason)));
        if let Some(source) = package.source.filter(|source| !source.starts_with("registry+")) {
            offenders.push(format!("{} comes from {source}", package.name));
        }
    }
    assert!(offenders.is_empty(), "not allowed by deny.toml [bans] or [sources]:\n{}", offenders.join("\n"));
}

#[test]
fn a_licence_expression_is_read_as_spdx_says() {
    for (expression, held) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("MIT/GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("GPL-3.0 AND MIT OR Zlib", true),
        ("GPL-3.0 AND (MIT OR Zlib)", false),
        ("(MIT OR GPL-3.0) AND Zlib", true),
        ("MIT WITH some-exception", false),
    ] {
        assert_eq!(permits(expression, &["MIT", "Zlib"]), held, "{expression}");
    }
}
