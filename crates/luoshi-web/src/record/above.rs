//! Observers from above (列席): those who hold a post in a unit above, found by name, and chosen like everybody on the roll.

use super::people::{Listed, names};
use crate::form::{Fields, all, one};
use crate::trouble::Trouble;
use crate::visit::Visit;
use jiff::civil::Date;
use luoshi_rules::record::Meeting;
use luoshi_rules::{Refusal, Unit, Verb};
use luoshi_store::holding::{self, Above};
use luoshi_store::record::Stood;
use luoshi_text::pinyin;
use maud::{Markup, html};

/// The role in which they stand.
const ROLE: &str = "observer";
/// The box in which they are looked for.
const BOX: &str = "above";

fn asks(meeting: &Meeting) -> bool {
    meeting.role.iter().any(|role| role == ROLE)
}

/// Whether a word of the box is somebody: their name with the unit, or part of the name, its pinyin or its initials, as
/// people are searched everywhere.
fn fits(word: &str, (shown, search): (&str, &str)) -> bool {
    search.contains(&pinyin::query(word)) || shown == word
}

fn shown(one: &Above) -> String {
    format!("{}（{}）", one.name, one.unit_name)
}

/// Adds to a roll those from above who are chosen on the form or looked for in it.
pub(super) async fn add(
    visit: &Visit,
    at: &Unit,
    meeting: &Meeting,
    (on, fields): (Date, &Fields),
    roll: &mut Vec<Listed>,
) -> Result<(), Trouble> {
    let typed = names(one(fields, BOX));
    let chosen: Vec<i64> = all(fields, &format!("role-{ROLE}")).iter().filter_map(|id| id.parse().ok()).collect();
    let strange = chosen.iter().any(|id| roll.iter().all(|one| one.id != *id));
    if !asks(meeting) || typed.is_empty() && !strange {
        return Ok(());
    }
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, at)?;
    let found = visit.app.read(move |tx| holding::above(tx, &scope, on)).await?;
    for one in found.into_iter() {
        let (name, search) = (shown(&one), one.search);
        if !chosen.contains(&one.person) && !typed.iter().any(|word| fits(word, (&name, &search))) {
            continue;
        }
        if roll.iter().all(|known| known.id != one.person) {
            let (id, above) = (one.person, Some(search));
            roll.push(Listed { id, name, due: false, votes: false, chairs: false, above });
        }
    }
    Ok(())
}

/// The box, beside the list of those who listened.
pub(super) fn ask(visit: &Visit, meeting: &Meeting, filled: &super::Filled<'_>) -> Markup {
    html! {
        @if asks(meeting) {
            (crate::shell::field(visit.lang, BOX, visit.say("上级列席人员（选填）", "Observers from above (optional)"),
                visit.say("写上级组织任职人员的姓名、拼音或首字母；同名或记不全的，按“查找”后在“列席”中选择。",
                    "Names, pinyin or initials of those with a post in a unit above; where several fit press “Look up” and choose them as observers."),
                filled.complaints, html! {
                    input id=(BOX) name=(BOX) maxlength="200" value=(one(filled.fields, BOX));
                    " " button name="check" value="1" formnovalidate { (visit.say("查找", "Look up")) }
                }))
        }
    }
}

/// Those whom the box names: each word must fit one person from above.
pub(super) fn read(roll: &[Listed], meeting: &Meeting, fields: &Fields) -> Result<Vec<Stood>, Refusal> {
    if !asks(meeting) {
        return Ok(Vec::new());
    }
    let (mut stood, chosen) = (Vec::new(), all(fields, &format!("role-{ROLE}")));
    for word in names(one(fields, BOX)) {
        let matching = |one: &&Listed| one.above.as_ref().is_some_and(|search| fits(&word, (&one.name, search)));
        let found: Vec<&Listed> = roll.iter().filter(matching).collect();
        if found.iter().any(|one| chosen.contains(&one.id.to_string())) {
            continue;
        }
        let [one] = found.as_slice() else { return Err(unclear(&word, &found)) };
        stood.push(Stood { person: one.id, role: ROLE.into(), why: String::new() });
    }
    Ok(stood)
}

fn unclear(word: &str, found: &[&Listed]) -> Refusal {
    let names = found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join("、");
    match found {
        [] => Refusal::field(
            BOX,
            format!("上级组织当天没有任职人员叫“{word}”：本支部党员请在“列席”中选择，其他人请写入“其他到会人员”"),
            format!(
                "nobody called “{word}” held a post in a unit above that day; choose members among the observers, name others under those who came"
            ),
        ),
        _ => Refusal::field(
            BOX,
            format!("“{word}”对应几个人：{names}。请在“列席”中选择，或写明组织"),
            format!("“{word}” fits several: {names}. Choose among the observers, or add the unit"),
        ),
    }
}
