//! Party groups by name in some branches, and their monthly meetings; the other branches that have groups record them as
//! one.

use super::Writer;
use super::people::{CLERK, SECRETARY, Staff};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use luoshi_rules::{Kind, Unit, Verb};
use luoshi_store::Fault;
use luoshi_store::branch_group::{self, LEADER, Place};
use luoshi_store::record::{self, Entry, Stood};
use serde_json::json;

/// Branches whose groups bear names.
const BRANCHES: usize = 10;
const NAMES: [&str; 3] = ["第一党小组", "第二党小组", "第三党小组"];
const TOPICS: [&str; 4] = ["学习党章", "汇报思想和工作", "学习调查研究方法", "讨论为民服务的小事"];

/// A group as it was founded.
struct Group {
    id: i64,
    name: &'static str,
    leader: i64,
    members: Vec<i64>,
}

/// Founds the groups at the beginning of the year and lets them meet.
pub fn write(writer: &Writer, units: &[Unit], staff: &Staff, today: Date) -> Result<(), Fault> {
    let since = date(2023, 1, 1);
    let kind = writer.base.kind("group-meeting").ok_or(Fault::NotFound)?;
    // those that say they have groups recorded their meetings already, all of the branch as one
    let fits = |unit: &&Unit| {
        unit.level == "branch" && unit.founded <= since && !unit.parts.iter().any(|part| part == "groups")
    };
    for unit in units.iter().filter(fits).take(BRANCHES) {
        let groups = found(writer, unit, staff, since)?;
        let own = staff.posts.get(&(unit.id, "branch_secretary")) == Some(&SECRETARY);
        for (n, group) in groups.iter().enumerate() {
            for month in 1..=12_i8 {
                let on = date(2023, month, 6 + (month + n as i8 * 3) % 12);
                let missed = n > 0 && (unit.id + i64::from(month)) % 9 == 0 || own && n > 0 && month == 12;
                if on < today && !missed {
                    meet(writer, (unit, kind), group, on)?;
                }
            }
        }
    }
    Ok(())
}

/// Two groups, or three of a large branch; of the last members one is in none yet.
fn found(writer: &Writer, unit: &Unit, staff: &Staff, since: Date) -> Result<Vec<Group>, Fault> {
    let members = staff.members.get(&unit.id).cloned().unwrap_or_default();
    let many = if members.len() > 14 { 3 } else { 2 };
    let placed = members.get(..members.len().saturating_sub(1)).unwrap_or_default();
    let size = placed.len().div_ceil(many).max(1);
    let permit = writer.permit(Verb::Roll, unit, CLERK, since)?;
    let scope = writer.actor(CLERK, since).scope(writer.base, Verb::Roll, unit)?;
    let post = writer.base.post(LEADER).ok_or(Fault::NotFound)?;
    let mut groups = Vec::new();
    for (name, people) in NAMES.into_iter().zip(placed.chunks(size)) {
        let id = branch_group::found(writer.tx, &permit, unit, name)?;
        let leader = people.iter().rev().find(|one| **one != SECRETARY);
        let place = |person: &i64| Place { person: *person, was: (0, false), now: (id, Some(person) == leader) };
        let places: Vec<Place> = people.iter().map(place).collect();
        branch_group::arrange(writer.tx, &permit, &scope, post, &places)?;
        let leader = leader.copied().unwrap_or(CLERK);
        groups.push(Group { id, name, leader, members: people.to_vec() });
    }
    Ok(groups)
}

/// A meeting of one group, chaired by whoever leads it; one of them is away now and then.
fn meet(writer: &Writer, (unit, kind): (&Unit, &Kind), group: &Group, on: Date) -> Result<(), Fault> {
    let leader = group.leader;
    let written = on.checked_add(1.day()).unwrap_or(on);
    let permit = writer.permit(Verb::Write, unit, leader, written)?;
    let topic = TOPICS.get(on.month() as usize % TOPICS.len()).copied().unwrap_or("学习党章");
    let data = json!({ "topic": topic, "groups": [{ "id": group.id, "name": group.name }] });
    let stand = |person: i64, role: &str, why: &str| Stood { person, role: role.into(), why: why.into() };
    let mut stood = vec![stand(leader, "chair", "")];
    let away = group.members.get(on.day() as usize % group.members.len().max(1)).filter(|one| **one != leader);
    stood.extend(away.filter(|_| on.month() % 3 == 0).map(|one| stand(*one, "absent", "official")));
    let mut due = group.members.clone();
    due.sort_unstable();
    let entry = Entry { kind, on, data, makes_up: String::new(), due: Some(due), stood, files: Vec::new() };
    record::add(writer.tx, &permit, &entry).map(drop)
}
