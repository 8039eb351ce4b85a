//! About 4,960 people on the rolls, and the posts some of them hold.

use super::Writer;
use super::chance::Chance;
use super::names;
use super::units::UNITS;
use jiff::civil::{Date, date};
use luoshi_rules::person::Standing;
use luoshi_rules::{Unit, Verb};
use luoshi_store::{Fault, holding, person};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The secretary of the leading group.
pub const LEADER: i64 = 1001;
/// The clerk of the department.
pub const CLERK: i64 = 1002;
/// The secretary of the organ committee.
pub const COMMITTEE: i64 = 1003;
/// The full-time deputy.
pub const DEPUTY: i64 = 1004;
/// The discipline secretary.
pub const DISCIPLINE: i64 = 1005;
/// A branch secretary.
pub const SECRETARY: i64 = 1006;
/// An ordinary member of that branch.
pub const MEMBER: i64 = 1007;
/// The auditor of the department.
pub const AUDITOR: i64 = 1008;

/// How many people there are.
const PEOPLE: i64 = 4_960;

/// Everyone on the roll of each unit, the secretary first, and who holds which post.
#[derive(Default)]
pub struct Staff {
    /// members by unit, full and probationary
    pub members: HashMap<i64, Vec<i64>>,
    /// holders of single-seat posts by unit and post
    pub posts: BTreeMap<(i64, &'static str), i64>,
    /// probationary members, who are due but do not vote
    pub probationary: HashSet<i64>,
    /// branches with active applicants
    pub applicants: HashSet<i64>,
    /// who is written down as present at meetings of their unit, for duties of theirs that ask for it
    pub present: HashSet<i64>,
}

/// Enters everyone and appoints to posts.
pub fn enter(writer: &Writer, units: &[Unit], chance: &mut Chance) -> Result<Staff, Fault> {
    let mut staff = Staff { present: (LEADER..=MEMBER).collect(), ..Staff::default() };
    let branches: Vec<&Unit> = units.iter().filter(|unit| unit.level == "branch").collect();
    let first = branches.first().copied().ok_or(Fault::NotFound)?;
    for id in LEADER..=MEMBER {
        one(writer, first, id, Standing::Full, chance)?;
        staff.members.entry(first.id).or_default().push(id);
    }
    let mut next = MEMBER + 1;
    let last = LEADER + PEOPLE;
    for (n, branch) in branches.iter().enumerate() {
        let left = (branches.len() - n) as i64;
        let average = (last - next) / left;
        let size = if left == 1 { last - next } else { (average + chance.between(-4, 4)).max(3) };
        for place in 0..size {
            let standing = standing(place, chance);
            one(writer, branch, next, standing, chance)?;
            if standing.is_member() {
                staff.members.entry(branch.id).or_default().push(next);
            }
            if standing == Standing::Probationary {
                staff.probationary.insert(next);
            }
            if standing == Standing::ActiveApplicant {
                staff.applicants.insert(branch.id);
            }
            next += 1;
        }
    }
    debug_assert_eq!(units.len() as i64, UNITS);
    appoint_all(writer, units, first, &mut staff, chance)?;
    Ok(staff)
}

pub(super) fn standing(place: i64, chance: &mut Chance) -> Standing {
    match chance.between(1, 100) {
        _ if place < 3 => Standing::Full,
        1..=4 => Standing::Probationary,
        5 => Standing::Prospect,
        6..=8 => Standing::ActiveApplicant,
        9..=10 => Standing::Applicant,
        _ => Standing::Full,
    }
}

fn one(writer: &Writer, unit: &Unit, id: i64, standing: Standing, chance: &mut Chance) -> Result<(), Fault> {
    let name = names::person(chance);
    let born = date(1963 + chance.between(0, 36) as i16, chance.between(1, 12) as i8, chance.between(1, 28) as i8);
    let joined = born.year() + 20 + chance.between(0, 12) as i16;
    let joined = date(joined.min(2021), chance.between(1, 12) as i8, chance.between(1, 28) as i8);
    let member = standing.is_member();
    let full = if standing == Standing::Full { joined.checked_add(jiff::Span::new().years(1)).ok() } else { None };
    let entry = person::Entry {
        id,
        search: luoshi_text::pinyin::key(&name),
        sex: if chance.percent(46) { "f" } else { "m" }.into(),
        born: Some(born),
        standing: Some(standing),
        joined: member.then(|| if standing == Standing::Probationary { date(2023, 6, 20) } else { joined }),
        full_on: full,
        since: Some(unit.founded.max(date(2018, 3, 1))),
        identity: names::identity(born, id),
        code: String::new(),
        phone: format!("199{:08}", id),
        name,
    };
    let permit = writer.permit(Verb::Roll, unit, 0, date(2023, 12, 1))?;
    person::add(writer.tx, &permit, &entry).map(drop)
}

/// Posts of the department, of committees, of branches. A few branches have no secretary.
fn appoint_all(
    writer: &Writer,
    units: &[Unit],
    first: &Unit,
    staff: &mut Staff,
    chance: &mut Chance,
) -> Result<(), Fault> {
    let root = &writer.root;
    seat(writer, root, "leading_group_secretary", LEADER, staff)?;
    seat(writer, root, "party_affairs_worker", CLERK, staff)?;
    seat(writer, root, "auditor", AUDITOR, staff)?;
    let organ = units.get(1).ok_or(Fault::NotFound)?;
    seat(writer, organ, "organ_committee_secretary", COMMITTEE, staff)?;
    seat(writer, organ, "fulltime_deputy_secretary", DEPUTY, staff)?;
    seat(writer, organ, "discipline_secretary", DISCIPLINE, staff)?;
    seat(writer, first, "branch_secretary", SECRETARY, staff)?;
    for unit in units.iter().skip(2) {
        let below = units.iter().find(|one| one.level == "branch" && unit.path.contains(&one.path));
        let people = below.and_then(|branch| staff.members.get(&branch.id)).cloned().unwrap_or_default();
        let at = |n: usize| people.get(n).copied().unwrap_or(DEPUTY);
        match unit.level.as_str() {
            "organ_committee" => {
                seat(writer, unit, "organ_committee_secretary", at(1), staff)?;
                seat(writer, unit, "fulltime_deputy_secretary", at(2), staff)?;
                seat(writer, unit, "discipline_secretary", at(3), staff)?;
                seat(writer, unit, "party_affairs_worker", at(4), staff)?;
            }
            "general_branch" => seat(writer, unit, "general_branch_secretary", at(1), staff)?,
            _ if unit.id == first.id || chance.percent(1) => {}
            _ => branch(writer, unit, &people, staff)?,
        }
    }
    Ok(())
}

fn branch(writer: &Writer, unit: &Unit, people: &[i64], staff: &mut Staff) -> Result<(), Fault> {
    let Some(secretary) = people.first() else { return Ok(()) };
    seat(writer, unit, "branch_secretary", *secretary, staff)?;
    let posts = ["branch_deputy_secretary", "organization_commissioner", "publicity_commissioner"];
    let committee = unit.parts.iter().any(|part| part == "committee");
    for (post, person) in posts.into_iter().zip(people.iter().skip(1)).filter(|_| committee) {
        seat(writer, unit, post, *person, staff)?;
    }
    Ok(())
}

fn seat(writer: &Writer, unit: &Unit, post: &'static str, person: i64, staff: &mut Staff) -> Result<(), Fault> {
    let from: Date = unit.founded.max(date(2021, 6, 1));
    let permit = writer.permit(Verb::Roll, unit, 0, date(2023, 12, 1))?;
    let known = writer.base.post(post).ok_or(Fault::NotFound)?;
    holding::appoint(writer.tx, &permit, known, person, from, "")?;
    staff.posts.insert((unit.id, post), person);
    Ok(())
}
