//! People of a meeting: everyone due is present until marked; the absent, the guests and the roles are what is kept.

use super::{Filled, attended};
use crate::form::{Fields, all, one};
use crate::trouble::Trouble;
use crate::visit::Visit;
use jiff::civil::Date;
use luoshi_rules::pack::name_of;
use luoshi_rules::record::{Due, Meeting};
use luoshi_rules::vote::{Entitled, Present};
use luoshi_rules::{Lang, Refusal, Unit, Verb};
use luoshi_store::person::{self, OnDay};
use luoshi_store::record::{self, Attended, Stood};
use luoshi_store::{Tx, holding};
use maud::{Markup, html};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// A person who may be marked.
pub(super) struct Listed {
    pub(super) id: i64,
    pub(super) name: String,
    /// whether they are due by default
    pub(super) due: bool,
    /// whether they may vote
    pub(super) votes: bool,
    /// whether a post of theirs lets them chair
    pub(super) chairs: bool,
    /// what the name of somebody from a unit above is searched in; none for people of the unit itself
    pub(super) above: Option<String>,
}

/// Who was due and who came as a version of a record has it; what it says of the meeting goes into `data`.
pub(super) async fn kept(
    visit: &Visit,
    at: &Unit,
    (id, version): (i64, i64),
    data: &mut Json,
) -> Result<Gathered, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, at)?;
    let read = move |tx: &Tx| Ok((record::attended(tx, &scope, id, version)?, record::find(tx, &scope, id)?.record));
    let (attended, record) = visit.app.read(read).await?;
    for key in ["quorum", "began", "ended", "decisions", "groups"] {
        if let (Some(data), Some(value)) = (data.as_object_mut(), record.data.get(key)) {
            data.insert(key.into(), value.clone());
        }
    }
    let due: Vec<i64> = attended.iter().filter(|one| one.due).map(|one| one.person).collect();
    let stood = attended.iter().flat_map(|one| {
        one.roles.iter().map(|(role, why)| Stood { person: one.person, role: role.clone(), why: why.clone() })
    });
    Ok(Gathered { stood: stood.collect(), due: Some(due).filter(|due| !due.is_empty()), ..Gathered::default() })
}

/// Who was due and who stood on a record, and how many who may vote were due and came.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) due: Option<Vec<i64>>,
    pub(super) stood: Vec<Stood>,
    pub(super) entitled: Entitled,
    pub(super) present: Present,
}

/// Everyone who may stand on the record of a meeting of this unit on a day: the roll and the posts as they were then,
/// and those from above who are looked for.
pub(super) async fn roll(
    visit: &Visit,
    at: &Unit,
    meeting: &Meeting,
    (on, fields): (Date, &Fields),
) -> Result<Vec<Listed>, Trouble> {
    let mut roll = own(visit, at, meeting, (on, fields)).await?;
    super::above::add(visit, at, meeting, (on, fields), &mut roll).await?;
    Ok(roll)
}

/// Everyone of the unit itself.
async fn own(
    visit: &Visit,
    at: &Unit,
    meeting: &Meeting,
    (on, fields): (Date, &Fields),
) -> Result<Vec<Listed>, Trouble> {
    let due = meeting.due;
    if due == Due::Groups {
        return super::groups::roll(visit, at, &super::groups::asked(fields), on).await;
    }
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, at)?;
    let unit = at.id;
    let people = visit.app.read(move |tx| person::on_day(tx, &scope, unit, on)).await?;
    if due == Due::BranchGroups {
        return super::groups::of_branch(visit, at, meeting, (on, &super::groups::asked(fields)), people).await;
    }
    let of_body = |one: &OnDay| {
        due == Due::Posts && one.posts.iter().any(|post| meeting.post.is_empty() || meeting.post.contains(post))
    };
    let listed = people.into_iter().map(|one| Listed {
        due: due == Due::Members && one.standing.is_some_and(luoshi_rules::person::Standing::is_member)
            || of_body(&one),
        votes: one.standing.map_or_else(|| of_body(&one), |standing| meeting.entitles(standing)),
        chairs: one.posts.iter().any(|post| meeting.chair.contains(post)),
        above: None,
        id: one.id,
        name: one.name,
    });
    Ok(listed.collect())
}

/// Whether a person stands in a role on the form; the visitor chairs until somebody else is chosen.
fn stands(visit: &Visit, meeting: &Meeting, (role, one): (&str, &Listed), filled: &Filled) -> bool {
    let person = one.id;
    let key = format!("role-{role}");
    let fresh = !filled.fields.contains_key(&key) && !filled.fields.contains_key("csrf");
    let chosen = all(filled.fields, &key).iter().any(|value| value.parse() == Ok(person));
    let may = meeting.chair.is_empty() || one.chairs;
    chosen || fresh && role == "chair" && may && person == visit.actor.person
}

/// How many are due and how many are not marked, in words with a place for each; and what is so unless marked.
fn counted(visit: &Visit, meeting: &Meeting) -> (String, String) {
    let Some(marks) = &meeting.marks else {
        let words = visit.say("应到 {due}，实到 {present}", "due {due}, present {present}");
        let help = visit.say(
            "默认全部到会；只标出没有到会的人。",
            "Everyone is present unless marked: mark only those who were not there.",
        );
        return (words.to_owned(), help.to_owned());
    };
    let (done, missing) = (visit.of(&marks.done), visit.of(&marks.missing));
    let help = match visit.lang {
        Lang::Zh => format!("默认全部{done}；只标出{missing}的人。"),
        Lang::En => format!("{done}, unless marked: mark only the others."),
    };
    (format!("{done} {{present}} / {{due}}"), help)
}

/// The part of the form about people.
pub(super) fn form(visit: &Visit, meeting: &Meeting, roll: &[Listed], filled: &Filled) -> Markup {
    let base = &visit.rules.base;
    let (words, help) = counted(visit, meeting);
    html! {
        section.people #people data-roll {
            h2 { @if meeting.marks.is_none() { (visit.say("参会人员", "People")) } @else { (visit.say("人员", "People")) }
                " " small data-count data-words=(words) {} }
            (super::meeting::quorum(visit, meeting, roll, filled))
            @for role in meeting.role.iter().filter(|role| !matches!(role.as_str(), "present" | "due" | "talked")) {
                @let key = format!("role-{role}");
                (crate::shell::field(visit.lang, &key, &format!("{}{}", name_of(&base.role, role).map_or("", |label| visit.of(label)), visit.say("（选填）", " (optional)")), "", filled.complaints, html! {
                    select id=(key) name=(key) multiple[matches!(role.as_str(), "observer" | "guest")] {
                        option value="" {}
                        @for one in roll { option value=(one.id) selected[stands(visit, meeting, (role, one), filled)] { (one.name) } }
                    }
                }))
            }
            (super::above::ask(visit, meeting, filled))
            @if meeting.due != Due::Named {
                p.help { (help) }
                @if let Some(words) = filled.complaints.under("people", visit.lang) { p.error { "▲ " (words) } }
                div.roll { @for person in roll.iter().filter(|one| one.due) { (mark(visit, meeting, person, filled)) } }
            }
            @if meeting.marks.is_none() { (crate::shell::field(visit.lang, "others", visit.say("其他到会人员（选填）", "Others who came (optional)"),
                visit.say("每行或用顿号隔开一个姓名；可从表格粘贴。", "One name a line or separated by commas; paste from a sheet."),
                filled.complaints, html! { textarea #others name="others" rows="2" { (one(filled.fields, "others")) } })) }
        }
    }
}

fn mark(visit: &Visit, meeting: &Meeting, person: &Listed, filled: &Filled) -> Markup {
    let key = format!("absent-{}", person.id);
    let why = one(filled.fields, &key);
    html! {
        label data-person data-votes[person.votes] {
            span { (person.name) }
            select name=(key) data-absent {
                @match &meeting.marks {
                    Some(marks) => {
                        option value="" { "● " (visit.of(&marks.done)) }
                        option value=(attended::UNEXCUSED) selected[!why.is_empty()] { "○ " (visit.of(&marks.missing)) }
                    }
                    None => {
                        option value="" { (visit.say("● 到会", "● Present")) }
                        @for class in &visit.rules.base.absence { option value=(class.id) selected[class.id == why] { "○ " (visit.of(&class.name)) } }
                    }
                }
            }
        }
    }
}

/// Those due and those who stand on the record, as the form says.
pub(super) async fn read(
    visit: &Visit,
    at: &Unit,
    meeting: &Meeting,
    (on, fields): (Date, &Fields),
) -> Result<Gathered, Trouble> {
    let roll = roll(visit, at, meeting, (on, fields)).await?;
    super::meeting::same_roll(visit, at, meeting, (on, fields), &roll).await?;
    let mut due: BTreeSet<i64> = roll.iter().filter(|one| one.due).map(|one| one.id).collect();
    let mut stood = in_roles(&roll, meeting, fields)?;
    stood.extend(super::above::read(&roll, meeting, fields)?);
    stood.extend(away(visit, &due, fields)?);
    for person in others(visit, at, &roll, fields).await? {
        let role = if meeting.due == Due::Named { "due" } else { "guest" };
        if meeting.due == Due::Named {
            due.insert(person);
        }
        stood.push(Stood { person, role: role.into(), why: String::new() });
    }
    let absent: BTreeSet<i64> = stood.iter().filter(|one| one.role == "absent").map(|one| one.person).collect();
    let present = leaders(visit, at, on, &due).await?.into_iter().filter(|person| !absent.contains(person));
    stood.extend(present.map(|person| Stood { person, role: "present".into(), why: String::new() }));
    refuse_both(&roll, &stood, &absent)?;
    super::meeting::check_chair(&roll, &stood)?;
    let voters = roll.iter().filter(|one| one.votes && due.contains(&one.id));
    let (came, away): (Vec<_>, Vec<_>) = voters.partition(|one| !absent.contains(&one.id));
    let present = Present(came.len() as u32);
    let entitled = Entitled((came.len() + away.len()) as u32);
    Ok(Gathered { due: Some(due.into_iter().collect()), stood, entitled, present })
}

/// Those due who are marked absent. A mark that would be lost is refused: whoever has it would be there on record. A page
/// may still bear the mark of somebody who is due no more since another group or day was chosen on it.
fn away(visit: &Visit, due: &BTreeSet<i64>, fields: &Fields) -> Result<Vec<Stood>, Refusal> {
    let mut stood = Vec::new();
    for key in fields.keys().filter(|key| key.starts_with("absent-") && !one(fields, key).is_empty()) {
        let (why, person) = (one(fields, key), key.trim_start_matches("absent-").parse().unwrap_or_default());
        if !due.contains(&person) && !visit.bearer {
            continue;
        }
        if !due.contains(&person) {
            return Err(Refusal::field(key, "这个人当天不是应到人员", "this person was not due on that day"));
        }
        if visit.rules.base.absence.iter().all(|class| class.id != why) {
            return Err(Refusal::field(
                key,
                "请从列出的缺席原因中选择",
                "choose among the reasons of absence there are",
            ));
        }
        stood.push(Stood { person, role: "absent".into(), why: why.to_owned() });
    }
    Ok(stood)
}

/// The people chosen for each role of the meeting.
fn in_roles(roll: &[Listed], meeting: &Meeting, fields: &Fields) -> Result<Vec<Stood>, Refusal> {
    let mut stood = Vec::new();
    for role in &meeting.role {
        let key = format!("role-{role}");
        for person in all(fields, &key).iter().filter_map(|text| text.parse().ok()) {
            if roll.iter().all(|one| one.id != person) {
                return Err(Refusal::field(key, "请从名单中选择", "please choose from the list"));
            }
            stood.push(Stood { person, role: role.clone(), why: String::new() });
        }
    }
    Ok(stood)
}

/// Nobody is absent and in a role at once.
fn refuse_both(roll: &[Listed], stood: &[Stood], absent: &BTreeSet<i64>) -> Result<(), Refusal> {
    let Some(both) = stood.iter().find(|one| one.role != "absent" && absent.contains(&one.person)) else {
        return Ok(());
    };
    let name = roll.iter().find(|one| one.id == both.person).map_or("", |one| &one.name);
    Err(Refusal::field(
        format!("role-{}", both.role),
        format!("{name} 已标为没有到会，不能同时担任这一角色"),
        format!("{name} is marked absent and cannot stand in this role"),
    ))
}

/// People named in the box for others: found by name in the visitor's organisation; unknown names are all told.
async fn others(visit: &Visit, at: &Unit, roll: &[Listed], fields: &Fields) -> Result<Vec<i64>, Trouble> {
    let names = names(one(fields, "others"));
    let found = known(visit, at, &names).await?;
    super::typos::refuse("others", roll, &names, &found)?;
    Ok(found.into_iter().flatten().collect())
}

/// Names of a box, each once: one a line, or separated as people separate them.
pub(crate) fn names(text: &str) -> Vec<String> {
    let parts = text.split(['\n', '、', '，', ',', ';', '；', '\t']).map(str::trim).filter(|name| !name.is_empty());
    let mut seen = BTreeSet::new();
    parts.filter(|name| seen.insert(*name)).map(ToOwned::to_owned).collect()
}

/// People by their names, first on the unit's own roll.
pub(super) async fn known(visit: &Visit, at: &Unit, names: &[String]) -> Result<Vec<Option<i64>>, Trouble> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let (top, home, wanted) = (at.top, at.id, names.to_vec());
    visit.app.read(move |tx| person::named(tx, top, home, &wanted)).await
}

/// Those due who hold a single-seat post somewhere: their attendance counts for the duties of that post.
async fn leaders(visit: &Visit, at: &Unit, on: Date, due: &BTreeSet<i64>) -> Result<Vec<i64>, Trouble> {
    let (top, unit) = (at.top, at.id);
    let holders = visit.app.read(move |tx| holding::on_roll_of(tx, top, unit, on)).await?;
    Ok(holders.into_iter().filter(|person| due.contains(person)).collect())
}

/// The boxes of the form as a record was kept.
pub(super) fn refill(attended: &[Attended], fields: &mut Fields) {
    for one in attended {
        for (role, why) in &one.roles {
            match role.as_str() {
                "absent" => drop(fields.insert(format!("absent-{}", one.person), vec![why.clone()])),
                "present" | "due" | "talked" => {}
                _ => fields.entry(format!("role-{role}")).or_default().push(one.person.to_string()),
            }
        }
    }
}

/// Attendance on the page of a record: counts for all, names for those who may see people.
pub(super) fn attendance(visit: &Visit, attended: &[Attended], named: bool) -> Markup {
    let is_absent = |one: &&Attended| attended::absence(one).is_some();
    let counted = attended::count(attended);
    let absent: Vec<&Attended> = attended.iter().filter(is_absent).collect();
    let base = &visit.rules.base;
    let roles = |one: &Attended| {
        let shown = one.roles.iter().filter(|(role, _)| !matches!(role.as_str(), "absent" | "present" | "due"));
        shown
            .filter_map(|(role, _)| name_of(&base.role, role))
            .map(|label| visit.of(label))
            .collect::<Vec<_>>()
            .join(visit.mark("、"))
    };
    html! {
        section.card {
            h2 { (visit.say("参会", "Attendance")) }
            p { (visit.say("应到 ", "due ")) b { (counted.due) } (visit.mark("，")) (visit.say("实到 ", "present ")) b { (counted.present) } (visit.mark("，"))
                (visit.say("请假 ", "on leave ")) b { (counted.on_leave) } (visit.mark("，")) (visit.say("缺席 ", "absent without leave ")) b { (counted.without) } (visit.mark("，"))
                (visit.say("到会率 ", "rate ")) b { (counted.rate()) "%" } }
            @if named {
                @for one in attended.iter().filter(|one| !roles(one).is_empty()) { p { (roles(one)) (visit.mark("：")) (one.name) } }
                @if !absent.is_empty() { p { (visit.say("未到：", "Absent: ")) @for one in &absent {
                    (one.name) (visit.aside(attended::absence(one).map_or("", |why| absence(visit, why)))) " " } } }
                details { summary { (visit.say("到会名单", "Who was there")) }
                    p { @for one in attended.iter().filter(|one| one.due && !is_absent(one)) { (one.name) " " } } }
            }
        }
    }
}

/// The shown name of a class of absence.
pub(super) fn absence<'a>(visit: &'a Visit, why: &str) -> &'a str {
    luoshi_rules::pack::name_of(&visit.rules.base.absence, why)
        .map_or(visit.say("缺席", "Absent"), |label| visit.of(label))
}
