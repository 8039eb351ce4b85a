//! People of a meeting: everyone due is present until marked; the absent, the guests and the roles are what is kept.

use super::Filled;
use super::edit::is_member_meeting;
use crate::form::{Fields, all, one};
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_rules::pack::name_of;
use luoshi_rules::record::{Due, Meeting};
use luoshi_rules::{Refusal, Unit, Verb};
use luoshi_store::record::{Attended, Stood};
use luoshi_store::{holding, person};
use maud::{Markup, html};
use std::collections::BTreeSet;

/// A person who may be marked: id and name, and whether they are due by default.
pub(super) struct Listed {
    id: i64,
    name: String,
    due: bool,
}

/// Everyone who may stand on the record of a meeting of this unit.
pub(super) async fn roll(visit: &Visit, at: &Unit, meeting: &Meeting) -> Result<Vec<Listed>, Trouble> {
    let due = meeting.due;
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, at)?;
    let (unit, today) = (at.id, visit.today);
    let (people, posts) =
        visit.app.read(move |tx| Ok((person::names(tx, &scope, unit)?, holding::of_unit(tx, &scope, unit)?))).await?;
    let mut listed: Vec<Listed> = people
        .into_iter()
        .map(|(id, name, standing)| Listed { id, name, due: is_member_meeting(due) && standing.is_member() })
        .collect();
    for post in posts.into_iter().filter(|post| post.from <= today && post.until.is_none_or(|until| until >= today)) {
        match listed.iter_mut().find(|one| one.id == post.person) {
            Some(one) => one.due |= due == Due::Posts,
            None => listed.push(Listed { id: post.person, name: post.name, due: due == Due::Posts }),
        }
    }
    Ok(listed)
}

/// Whether a person stands in a role on the form; the visitor chairs until somebody else is chosen.
fn stands(visit: &Visit, role: &str, person: i64, filled: &Filled) -> bool {
    let key = format!("role-{role}");
    let fresh = !filled.fields.contains_key(&key) && !filled.fields.contains_key("csrf");
    let chosen = all(filled.fields, &key).iter().any(|value| value.parse() == Ok(person));
    chosen || fresh && role == "chair" && person == visit.actor.person
}

/// The part of the form about people.
pub(super) fn form(visit: &Visit, meeting: &Meeting, roll: &[Listed], filled: &Filled) -> Markup {
    let base = &visit.rules.base;
    html! {
        section.people data-roll {
            h2 { (visit.say("参会人员", "People"))
                " " small data-count data-words=(visit.say("应到 {due}，实到 {present}", "due {due}, present {present}")) {} }
            @for role in meeting.role.iter().filter(|role| !matches!(role.as_str(), "present" | "due")) {
                @let key = format!("role-{role}");
                (crate::shell::field(visit.lang, &key, &format!("{}{}", name_of(&base.role, role).map_or("", |label| visit.of(label)), visit.say("（选填）", " (optional)")), "", filled.complaints, html! {
                    select id=(key) name=(key) multiple[matches!(role.as_str(), "observer" | "guest")] {
                        option value="" {}
                        @for one in roll { option value=(one.id) selected[stands(visit, role, one.id, filled)] { (one.name) } }
                    }
                }))
            }
            @if meeting.due != Due::Named {
                p.help { (visit.say("默认全部到会；只标出没有到会的人。", "Everyone is present unless marked: mark only those who were not there.")) }
                div.roll { @for person in roll.iter().filter(|one| one.due) { (mark(visit, person, filled)) } }
            }
            (crate::shell::field(visit.lang, "others", visit.say("其他到会人员（选填）", "Others who came (optional)"),
                visit.say("每行或用顿号隔开一个姓名；可从表格粘贴。", "One name a line or separated by commas; paste from a sheet."),
                filled.complaints, html! { textarea #others name="others" rows="2" { (one(filled.fields, "others")) } }))
        }
    }
}

fn mark(visit: &Visit, person: &Listed, filled: &Filled) -> Markup {
    let key = format!("absent-{}", person.id);
    let why = one(filled.fields, &key);
    html! {
        label data-person {
            span { (person.name) }
            select name=(key) data-absent {
                option value="" { (visit.say("● 到会", "● Present")) }
                @for class in &visit.rules.base.absence { option value=(class.id) selected[class.id == why] { "○ " (visit.of(&class.name)) } }
            }
        }
    }
}

/// Those due and those who stand on the record, as the form says.
pub(super) async fn read(
    visit: &Visit,
    at: &Unit,
    meeting: &Meeting,
    fields: &Fields,
) -> Result<(Option<Vec<i64>>, Vec<Stood>), Trouble> {
    let roll = roll(visit, at, meeting).await?;
    let mut due: BTreeSet<i64> = roll.iter().filter(|one| one.due).map(|one| one.id).collect();
    let mut stood = in_roles(&roll, meeting, fields)?;
    for person in due.iter().copied() {
        let why = one(fields, &format!("absent-{person}"));
        if visit.rules.base.absence.iter().any(|class| class.id == why) {
            stood.push(Stood { person, role: "absent".into(), why: why.to_owned() });
        }
    }
    for person in others(visit, at, fields).await? {
        let role = if meeting.due == Due::Named { "due" } else { "guest" };
        if meeting.due == Due::Named {
            due.insert(person);
        }
        stood.push(Stood { person, role: role.into(), why: String::new() });
    }
    let absent: BTreeSet<i64> = stood.iter().filter(|one| one.role == "absent").map(|one| one.person).collect();
    let present = leaders(visit, at, &due).await?.into_iter().filter(|person| !absent.contains(person));
    stood.extend(present.map(|person| Stood { person, role: "present".into(), why: String::new() }));
    refuse_both(&roll, &stood, &absent)?;
    Ok((Some(due.into_iter().collect()), stood))
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
async fn others(visit: &Visit, at: &Unit, fields: &Fields) -> Result<Vec<i64>, Trouble> {
    let names: Vec<String> = one(fields, "others")
        .split(['\n', '、', '，', ',', ';', '；', '\t'])
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let (top, wanted, home) = (at.top, names.clone(), at.id);
    let found = visit.app.read(move |tx| person::named(tx, top, home, &wanted)).await?;
    let unknown: Vec<&str> =
        names.iter().zip(&found).filter(|(_, id)| id.is_none()).map(|(name, _)| name.as_str()).collect();
    if !unknown.is_empty() {
        let list = unknown.join("、");
        return Err(Refusal::field(
            "others",
            format!("名册中没有或有同名者，请改为本单位名册中的姓名：{list}"),
            format!("not on the roll, or several of that name: {list}"),
        )
        .into());
    }
    Ok(found.into_iter().flatten().collect())
}

/// Those due who hold a single-seat post somewhere: their attendance counts for the duties of that post.
async fn leaders(visit: &Visit, at: &Unit, due: &BTreeSet<i64>) -> Result<Vec<i64>, Trouble> {
    let (top, unit, today) = (at.top, at.id, visit.today);
    let holders = visit.app.read(move |tx| holding::on_roll_of(tx, top, unit, today)).await?;
    Ok(holders.into_iter().filter(|person| due.contains(person)).collect())
}

/// The boxes of the form as a record was kept.
pub(super) fn refill(attended: &[Attended], fields: &mut Fields) {
    for one in attended {
        for (role, why) in &one.roles {
            match role.as_str() {
                "absent" => drop(fields.insert(format!("absent-{}", one.person), vec![why.clone()])),
                "present" | "due" => {}
                _ => fields.entry(format!("role-{role}")).or_default().push(one.person.to_string()),
            }
        }
    }
}

/// Attendance on the page of a record: counts for all, names for those who may see people.
pub(super) fn attendance(visit: &Visit, attended: &[Attended], named: bool) -> Markup {
    let is_absent = |one: &&Attended| one.roles.iter().any(|(role, _)| role == "absent");
    let due = attended.iter().filter(|one| one.due).count();
    let absent: Vec<&Attended> = attended.iter().filter(is_absent).collect();
    let base = &visit.rules.base;
    let roles = |one: &Attended| {
        let shown = one.roles.iter().filter(|(role, _)| !matches!(role.as_str(), "absent" | "present" | "due"));
        shown
            .filter_map(|(role, _)| name_of(&base.role, role))
            .map(|label| visit.of(label))
            .collect::<Vec<_>>()
            .join("、")
    };
    html! {
        section.card {
            h2 { (visit.say("参会", "Attendance")) }
            p { (visit.say("应到 ", "due ")) b { (due) } "，" (visit.say("实到 ", "present ")) b { (due - absent.len()) } "，"
                (visit.say("到会率 ", "rate ")) b { ((due - absent.len()) * 100 / due.max(1)) "%" } }
            @if named {
                @for one in attended.iter().filter(|one| !roles(one).is_empty()) { p { (roles(one)) "：" (one.name) } }
                @if !absent.is_empty() { p { (visit.say("未到：", "Absent: ")) @for one in &absent {
                    (one.name) "（" (one.roles.iter().find(|(role, _)| role == "absent").map_or("", |(_, why)| absence(visit, why))) "） " } } }
                details { summary { (visit.say("到会名单", "Who was there")) }
                    p { @for one in attended.iter().filter(|one| one.due && !is_absent(one)) { (one.name) " " } } }
            }
        }
    }
}

/// The shown name of a class of absence.
pub(crate) fn absence<'a>(visit: &'a Visit, why: &str) -> &'a str {
    luoshi_rules::pack::name_of(&visit.rules.base.absence, why)
        .map_or(visit.say("缺席", "Absent"), |label| visit.of(label))
}
