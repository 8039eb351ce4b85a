//! Talks: the day, and who talked with whom. What was said has no place to be written.

use super::Filled;
use super::people::{self, Gathered, Listed};
use crate::form::{Fields, one};
use crate::shell::field;
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_rules::vote::{Entitled, Present};
use luoshi_rules::{Refusal, Unit};
use luoshi_store::record::{Attended, Stood};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The box of the form.
pub(super) fn form(visit: &Visit, filled: &Filled) -> Markup {
    let help = visit.say(
        "一行一对，如“李建国 张晓明”。只有本支部和本人看得到；不填姓名的，只填对数。",
        "One pair a line. Only the branch and the two see them; without names, give how many pairs.",
    );
    field(
        visit.lang,
        "talked",
        visit.say("谁与谁谈（选填）", "Who talked with whom (optional)"),
        help,
        filled.complaints,
        html! {
            textarea #talked name="talked" rows="4" { (one(filled.fields, "talked")) }
        },
    )
}

/// Every line as two names.
fn lines(fields: &Fields) -> Result<Vec<(String, String)>, Refusal> {
    let marks = [' ', '\t', '、', '，', ',', '；', ';', '—', '-', '与', '和', '\u{3000}'];
    let pair = |line: &str| {
        let names: Vec<&str> = line.split(marks).filter(|name| !name.is_empty()).collect();
        match names.as_slice() {
            [a, b] if a != b => Ok(((*a).to_owned(), (*b).to_owned())),
            _ => Err(Refusal::field(
                "talked",
                format!("“{line}”不是一对：每行写两个不同的姓名，不写内容"),
                format!("“{line}” is no pair: write two different names a line, and nothing else"),
            )),
        }
    };
    one(fields, "talked").lines().map(str::trim).filter(|line| !line.is_empty()).map(pair).collect()
}

/// How many pairs a form names, as the number it would otherwise ask for.
pub(super) fn count(fields: &Fields) -> Result<Fields, Refusal> {
    let (n, mut fields) = (lines(fields)?.len(), fields.clone());
    if n == 0 && one(&fields, "pairs").is_empty() {
        return Err(Refusal::field("pairs", "请写谁与谁谈，或填对数", "name the pairs, or say how many"));
    }
    if n > 0 {
        let given = one(&fields, "pairs");
        if !given.is_empty() && given.parse() != Ok(n) {
            return Err(Refusal::field(
                "pairs",
                format!("写了 {n} 对姓名，对数却填 {given}，请核对"),
                format!("{n} pairs are named, but the number says {given}"),
            ));
        }
        fields.insert("pairs".into(), vec![n.to_string()]);
    }
    Ok(fields)
}

/// The pairs of a form.
pub(super) async fn read(visit: &Visit, at: &Unit, roll: &[Listed], fields: &Fields) -> Result<Gathered, Trouble> {
    let pairs = lines(fields)?;
    let names: Vec<String> = pairs.into_iter().flat_map(|(a, b)| [a, b]).collect();
    let found = people::known(visit, at, &names).await?;
    super::typos::refuse("talked", roll, &names, &found)?;
    // one person may stand in several pairs: their numbers stand beside the name
    let mut pairs: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (n, person) in found.into_iter().flatten().enumerate() {
        pairs.entry(person).or_default().push((n / 2 + 1).to_string());
    }
    let stood =
        pairs.into_iter().map(|(person, n)| Stood { person, role: "talked".into(), why: n.join(" ") }).collect();
    Ok(Gathered { due: None, stood, entitled: Entitled(0), present: Present(0) })
}

/// The names of each pair as a record has them.
fn kept(attended: &[Attended]) -> Vec<String> {
    let mut pairs: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for one in attended {
        let numbers = one.roles.iter().filter(|(role, _)| role == "talked").flat_map(|(_, n)| n.split(' '));
        for n in numbers {
            pairs.entry(n.parse().unwrap_or(0)).or_default().push(&one.name);
        }
    }
    pairs.into_values().map(|names| names.join(" ")).collect()
}

/// The box as a record was kept.
pub(super) fn refill(attended: &[Attended], fields: &mut Fields) {
    fields.insert("talked".into(), vec![kept(attended).join("\n")]);
}

/// The pairs on the page of a record, for the branch.
pub(super) fn show(visit: &Visit, attended: &[Attended], named: bool) -> Markup {
    let pairs = kept(attended);
    html! {
        section.card {
            h2 { (visit.say("谈话", "Talks")) " " small { (pairs.len()) (visit.say(" 对", " pairs")) } }
            @if named { ul { @for pair in &pairs { li { (pair) } } } }
            @else { p.help { (visit.say("姓名只有本支部和本人看得到。", "Only the branch and the two themselves see the names.")) } }
        }
    }
}
