//! The demonstrations: invented units, people and a year of records, the same at each build. One is a department, the
//! other a province.

mod aid;
mod answers;
mod assistance;
mod branch_groups;
mod chance;
mod classes;
mod collections;
mod directive;
mod inspection;
mod lectures;
mod letters;
mod names;
mod people;
mod pledges;
mod problems;
mod proposals;
mod province;
mod records;
#[cfg(test)]
mod tests;
mod units;
mod volunteers;
mod youth;

pub use province::DEPARTMENTS;

use crate::demo::chance::Chance;
use jiff::civil::{Date, date};
use luoshi_rules::{Actor, Calendar, Held, Pack, Permit, Unit, Verb};
use luoshi_store::obligation::{self, Edition};
use luoshi_store::{Db, Fault, Tx, account, secret};

/// The public passphrase of the demonstration.
const WORD: &str = "落实演示-luoshi-2023";
/// The list in force in the demonstration.
const DUTIES: &str = include_str!("../../../packs/duties.toml");
/// The campaigns of the year: two that are over and two that run.
const CAMPAIGNS: [&str; 4] = [
    include_str!("../../../packs/campaign-theme-education.toml"),
    include_str!("../../../packs/campaign-warning-month.toml"),
    include_str!("../../../packs/campaign-special-drive.toml"),
    include_str!("../../../packs/campaign-regulation-season.toml"),
];
/// Sign-ins: shown name, sign-in name, person.
const SIGN_INS: [(&str, &str, i64); 7] = [
    ("党组书记 Leader", "leader", people::LEADER),
    ("党务工作者 Clerk", "clerk", people::CLERK),
    ("支部书记 Branch secretary", "secretary", people::SECRETARY),
    ("党员 Member", "member", people::MEMBER),
    ("纪委书记 Discipline secretary", "discipline", people::DISCIPLINE),
    ("党委书记 Committee secretary", "committee", people::COMMITTEE),
    ("安全审计员 Auditor", "auditor", people::AUDITOR),
];

/// Sign-ins of committee secretaries: shown name, sign-in name, committee. One leads a team, one is inspected.
const SECRETARIES: [(&str, &str, &str); 2] = [
    ("巡察组长 Leader of a team", "team", "信息中心党委"),
    ("被巡察党委书记 Inspected secretary", "inspected", "规划院党委"),
];

/// Sign-ins of the province.
const PROVINCE_SIGN_INS: [(&str, &str, i64); 6] = [
    ("工委书记 Leader", "leader", people::LEADER),
    ("党务工作者 Clerk", "clerk", people::CLERK),
    ("部门党务工作者 Department clerk", "department", people::DEPUTY),
    ("支部书记 Branch secretary", "secretary", people::SECRETARY),
    ("党员 Member", "member", people::MEMBER),
    ("安全审计员 Auditor", "auditor", people::AUDITOR),
];

/// What is demonstrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// a department with all that it does in a year
    Department,
    /// a work committee over so many departments, with the figures it published of a year
    Province(usize),
}

impl Scene {
    fn list(self) -> &'static [(&'static str, &'static str, i64)] {
        match self {
            Scene::Department => &SIGN_INS,
            Scene::Province(_) => &PROVINCE_SIGN_INS,
        }
    }

    /// Shown names, sign-in names and passphrases.
    pub fn sign_ins(self) -> Vec<(String, String, String)> {
        let more: &[(&str, &str, &str)] = if self == Scene::Department { &SECRETARIES } else { &[] };
        let all = self.list().iter().map(|(name, login, _)| (*name, *login));
        let all = all.chain(more.iter().map(|(name, login, _)| (*name, *login)));
        all.map(|(name, login)| (name.to_owned(), login.to_owned(), WORD.to_owned())).collect()
    }

    /// The day it is where nobody says otherwise.
    pub fn day(self) -> Date {
        match self {
            Scene::Department => date(2023, 12, 15),
            Scene::Province(_) => date(2022, 12, 31),
        }
    }
}

/// Who writes the demonstration: a clerk at the root, on any day.
struct Writer<'a, 't> {
    tx: &'a Tx<'t>,
    base: &'a Pack,
    root: Unit,
}

impl Writer<'_, '_> {
    /// Leave to do something to a unit on a day, as a person.
    fn permit(&self, verb: Verb, unit: &Unit, person: i64, today: Date) -> Result<Permit, Fault> {
        Ok(self.actor(person, today).permit(self.base, verb, unit)?)
    }

    fn actor(&self, person: i64, today: Date) -> Actor {
        let held = Held {
            post: "party_affairs_worker".into(),
            unit: self.root.id,
            top: self.root.top,
            path: self.root.path.clone(),
        };
        Actor {
            person,
            top: self.root.top,
            home: self.root.id,
            name: String::new(),
            posts: vec![held],
            operation: 0,
            today,
        }
    }
}

/// Puts the campaigns in force, each from its first day on.
fn put_campaigns(writer: &Writer, permit: &Permit) -> Result<(), Fault> {
    for text in CAMPAIGNS {
        let pack = Pack::list(text, writer.base).map_err(|_| Fault::NotFound)?;
        let from = pack.campaign.map_or(date(2023, 1, 1), |campaign| campaign.from);
        let edition = Edition { pack: pack.head.id, from, text: text.to_owned(), version: pack.head.version };
        obligation::put_in_force(writer.tx, permit, &edition)?;
    }
    Ok(())
}

/// Builds a demonstration in one transaction.
pub fn build(db: &Db, scene: Scene, (base, calendar): (&Pack, &Calendar), today: Date) -> Result<(), Fault> {
    let hash = secret::hash(WORD)?;
    db.write(|tx| {
        let root = match scene {
            Scene::Department => department(tx, base, (calendar, today), &hash)?,
            Scene::Province(departments) => province::build(tx, base, (calendar, today), departments)?,
        };
        for (_, login, person) in scene.list() {
            account::add(tx, root.top, *person, login, &hash)?;
        }
        Ok(())
    })
}

/// The department.
fn department(tx: &Tx, base: &Pack, (calendar, today): (&Calendar, Date), hash: &str) -> Result<Unit, Fault> {
    let holidays: Vec<Date> = calendar.holidays_of(2023).map(|holiday| holiday.first).collect();
    let mut chance = Chance::new(20_230_101);
    let root = units::root(tx)?;
    let writer = Writer { tx, base, root };
    let units = units::found(&writer, &mut chance)?;
    let staff = people::enter(&writer, &units, &mut chance)?;
    let permit = writer.permit(Verb::Rule, &writer.root, people::CLERK, today)?;
    let from = date(2023, 1, 1);
    let edition = Edition { pack: "duties".into(), from, text: DUTIES.to_owned(), version: "2023".into() };
    obligation::put_in_force(tx, &permit, &edition)?;
    put_campaigns(&writer, &permit)?;
    records::write(&writer, &units, &staff, (today, &holidays), &mut chance)?;
    branch_groups::write(&writer, &units, &staff, today)?;
    problems::write(&writer, &units, &staff, today)?;
    lectures::write(&writer, &units, today, &mut chance)?;
    letters::write(&writer, &units, &staff, today)?;
    directive::write(&writer, &units, &staff, today)?;
    proposals::write(&writer, &staff, today)?;
    inspection::write(&writer, &units, &staff, today)?;
    youth::write(&writer, &units, &staff, today, &mut chance)?;
    collections::write(&writer, &units, &staff, today, &mut chance)?;
    classes::write(&writer, &units, &staff, today, &mut chance)?;
    aid::write(&writer, (&units, &staff), calendar, today)?;
    assistance::write(&writer, &units, today)?;
    volunteers::write(&writer, &units, &staff, today, &mut chance)?;
    pledges::write(&writer, &units, &staff, today, &mut chance)?;
    for (_, login, name) in SECRETARIES {
        let unit = units.iter().find(|unit| unit.short_name == name).map_or(0, |unit| unit.id);
        let person = staff.posts.get(&(unit, "organ_committee_secretary")).copied().ok_or(Fault::NotFound)?;
        account::add(tx, writer.root.top, person, login, hash)?;
    }
    Ok(writer.root)
}
