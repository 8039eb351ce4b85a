//! About sixty thousand people on the rolls, and the posts some of them hold.

use super::super::Writer;
use super::super::chance::Chance;
use super::super::names;
use super::super::people::{AUDITOR, CLERK, COMMITTEE, DEPUTY, DISCIPLINE, LEADER, MEMBER, SECRETARY, Staff, standing};
use super::YEAR;
use jiff::civil::date;
use luoshi_rules::person::Standing;
use luoshi_rules::{Unit, Verb};
use luoshi_store::{Fault, holding, person};

/// Who works in the office of the work committee.
const OFFICE: [i64; 5] = [LEADER, CLERK, AUDITOR, COMMITTEE, DISCIPLINE];
/// Who belongs to the first branch of the first department beside its secretary: the department's clerk, a member.
const FIRST: [i64; 2] = [DEPUTY, MEMBER];

/// Enters everyone and appoints to posts. `first` is the first branch of a department.
pub fn enter(writer: &Writer, (units, first): (&[Unit], &Unit), chance: &mut Chance) -> Result<Staff, Fault> {
    let mut staff = Staff::default();
    let branches = units.iter().filter(|unit| unit.level == "branch");
    let office = branches.clone().next().ok_or(Fault::NotFound)?;
    let mut next = AUDITOR + 1;
    for branch in branches {
        let known: &[i64] = if branch.id == office.id {
            &OFFICE
        } else if branch.id == first.id {
            &FIRST
        } else {
            &[]
        };
        if branch.id == first.id {
            one(writer, branch, (SECRETARY, Standing::Full), &mut staff, chance)?;
        }
        for place in 0..chance.between(13, 22) {
            let standing = if known.is_empty() { standing(place, chance) } else { Standing::Full };
            one(writer, branch, (next, standing), &mut staff, chance)?;
            next += 1;
        }
        // last, so that none of them is given a post of the branch as well
        for id in known {
            one(writer, branch, (*id, Standing::Full), &mut staff, chance)?;
        }
    }
    appoint_all(writer, units, first, &mut staff)?;
    Ok(staff)
}

/// Enters somebody, without identity number and phone: sealing them sixty thousand times over shows nothing more.
fn one(
    writer: &Writer,
    unit: &Unit,
    (id, standing): (i64, Standing),
    staff: &mut Staff,
    chance: &mut Chance,
) -> Result<(), Fault> {
    let name = names::person(chance);
    let day = |chance: &mut Chance, year| date(year, chance.between(1, 12) as i8, chance.between(1, 28) as i8);
    let year = YEAR - 60 + chance.between(0, 36) as i16;
    let born = day(chance, year);
    let year = (born.year() + 20 + chance.between(0, 12) as i16).min(YEAR - 2);
    let joined = day(chance, year);
    let full = if standing == Standing::Full { joined.checked_add(jiff::Span::new().years(1)).ok() } else { None };
    let entry = person::Entry {
        id,
        search: luoshi_text::pinyin::key(&name),
        sex: if chance.percent(46) { "f" } else { "m" }.into(),
        born: Some(born),
        standing: Some(standing),
        joined: standing
            .is_member()
            .then(|| if standing == Standing::Probationary { date(YEAR, 6, 20) } else { joined }),
        full_on: full,
        since: Some(unit.founded.max(date(2018, 3, 1))),
        name,
        ..Default::default()
    };
    person::add(writer.tx, &writer.permit(Verb::Roll, unit, 0, date(YEAR, 12, 1))?, &entry)?;
    if standing.is_member() {
        staff.members.entry(unit.id).or_default().push(id);
    }
    if standing == Standing::Probationary {
        staff.probationary.insert(id);
    }
    if standing == Standing::ActiveApplicant {
        staff.applicants.insert(unit.id);
    }
    Ok(())
}

/// Posts of the work committee, then of each unit, held by members of the first branch below it.
fn appoint_all(writer: &Writer, units: &[Unit], first: &Unit, staff: &mut Staff) -> Result<(), Fault> {
    for (post, person) in [("work_committee_secretary", LEADER), ("party_affairs_worker", CLERK), ("auditor", AUDITOR)]
    {
        seat(writer, &writer.root, post, person, staff)?;
    }
    for (at, unit) in units.iter().enumerate().skip(1) {
        // the units below a unit follow it
        let below = units.get(at..).unwrap_or_default().iter().find(|one| one.level == "branch");
        let people = below.and_then(|branch| staff.members.get(&branch.id)).cloned().unwrap_or_default();
        let posts: &[&'static str] = match unit.level.as_str() {
            "leading_group" => {
                &["leading_group_secretary", "study_secretary", "leading_group_member", "leading_group_member"]
            }
            "organ_committee" => &[
                "organ_committee_secretary",
                "fulltime_deputy_secretary",
                "discipline_secretary",
                "party_affairs_worker",
            ],
            "general_branch" => &["general_branch_secretary", "organization_commissioner"],
            _ if unit.id % 97 == 0 => &[],
            _ if unit.parts.iter().any(|part| part == "committee") => {
                &["branch_secretary", "organization_commissioner", "publicity_commissioner"]
            }
            _ => &["branch_secretary"],
        };
        // the first of a branch leads it; those who lead units above come after
        let skip = match unit.level.as_str() {
            "leading_group" => 7,
            "organ_committee" => 3,
            "general_branch" => 1,
            _ => 0,
        };
        for (post, person) in posts.iter().zip(people.iter().skip(skip)) {
            seat(writer, unit, post, *person, staff)?;
        }
    }
    let department = units.iter().find(|unit| unit.level == "leading_group" && unit.path.contains(&first.path));
    seat(writer, department.ok_or(Fault::NotFound)?, "party_affairs_worker", DEPUTY, staff)
}

fn seat(writer: &Writer, unit: &Unit, post: &'static str, person: i64, staff: &mut Staff) -> Result<(), Fault> {
    let permit = writer.permit(Verb::Roll, unit, 0, date(YEAR, 12, 1))?;
    let known = writer.base.post(post).ok_or(Fault::NotFound)?;
    holding::appoint(writer.tx, &permit, known, person, unit.founded.max(date(2020, 6, 1)), "")?;
    staff.posts.entry((unit.id, post)).or_insert(person);
    if post == "leading_group_secretary" {
        staff.present.insert(person);
    }
    Ok(())
}
