//! Names that nobody on the roll has: told all at once, each with the one that may be meant.

use super::people::Listed;
use luoshi_rules::Refusal;
use luoshi_text::pinyin;

/// No more names are told at once.
const TOLD: usize = 30;

/// Refuses names that were not found, or that several people have.
pub(super) fn refuse(field: &str, roll: &[Listed], names: &[String], found: &[Option<i64>]) -> Result<(), Refusal> {
    let unknown: Vec<&str> =
        names.iter().zip(found).filter(|(_, id)| id.is_none()).map(|(name, _)| name.as_str()).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let said = |zh: bool| {
        let one = |name: &&str| match meant(name, roll) {
            Some(near) if zh => format!("{name}（是否为 {near}？）"),
            Some(near) => format!("{name} ({near}?)"),
            None => (*name).to_owned(),
        };
        let told = unknown.iter().take(TOLD).map(one).collect::<Vec<_>>().join(if zh { "、" } else { ", " });
        match unknown.len() {
            n if n <= TOLD => told,
            n if zh => format!("{told} 等 {n} 个"),
            n => format!("{told} and others, {n} in all"),
        }
    };
    let n = names.len() - unknown.len();
    Err(Refusal::field(
        field,
        format!("{n} 个姓名已认出；名册中没有或有同名者，请逐个改正，其余不必重填：{}", said(true)),
        format!("{n} names are known; not on the roll, or several of that name (the rest is kept): {}", said(false)),
    ))
}

/// The one name on the roll that reads the same or differs in one character.
fn meant<'r>(name: &str, roll: &'r [Listed]) -> Option<&'r str> {
    let alike = |one: &&Listed| reads_alike(name, &one.name) || differ_by_one(name, &one.name);
    let mut near = roll.iter().filter(alike);
    match (near.next(), near.next()) {
        (Some(one), None) => Some(&one.name),
        _ => None,
    }
}

fn reads_alike(a: &str, b: &str) -> bool {
    let reading = |name: &str| pinyin::key(name).split(' ').next().unwrap_or_default().to_owned();
    !a.is_ascii() && reading(a) == reading(b)
}

fn differ_by_one(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    a.len() == b.len() && a.len() >= 3 && a.iter().zip(&b).filter(|(x, y)| x != y).count() == 1
}
