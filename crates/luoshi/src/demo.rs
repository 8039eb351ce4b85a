//! The demonstration department: invented units, people and a year of records, the same at each build.

mod aid;
mod assistance;
mod chance;
mod classes;
mod collections;
mod directive;
mod inspection;
mod lectures;
mod names;
mod people;
mod proposals;
mod records;
mod units;
mod youth;

use crate::demo::chance::Chance;
use jiff::civil::{Date, date};
use luoshi_rules::{Actor, Calendar, Held, Pack, Permit, Unit, Verb};
use luoshi_store::obligation::{self, Edition};
use luoshi_store::{Db, Fault, Tx, account, secret};

/// The public passphrase of the demonstration.
const WORD: &str = "落实演示-luoshi-2023";
/// The list in force in the demonstration.
const DUTIES: &str = include_str!("../../../packs/duties.toml");
/// The campaigns of the year: one that is over and one that runs.
const CAMPAIGNS: [&str; 2] = [
    include_str!("../../../packs/campaign-warning-month.toml"),
    include_str!("../../../packs/campaign-special-drive.toml"),
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

/// Shown names, sign-in names and passphrases.
pub fn sign_ins() -> Vec<(String, String, String)> {
    let all = SIGN_INS.iter().map(|(name, login, _)| (*name, *login));
    let all = all.chain(SECRETARIES.iter().map(|(name, login, _)| (*name, *login)));
    all.map(|(name, login)| (name.to_owned(), login.to_owned(), WORD.to_owned())).collect()
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

/// Builds the department in one transaction.
pub fn build(db: &Db, base: &Pack, calendar: &Calendar, today: Date) -> Result<(), Fault> {
    let hash = secret::hash(WORD)?;
    let holidays: Vec<Date> = calendar.holidays_of(2023).map(|holiday| holiday.first).collect();
    db.write(|tx| {
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
        lectures::write(&writer, &units, today, &mut chance)?;
        directive::write(&writer, &units, &staff, today)?;
        proposals::write(&writer, &staff, today)?;
        inspection::write(&writer, &units, &staff, today)?;
        youth::write(&writer, &units, &staff, today, &mut chance)?;
        collections::write(&writer, &units, &staff, today, &mut chance)?;
        classes::write(&writer, &units, &staff, today, &mut chance)?;
        aid::write(&writer, (&units, &staff), calendar, today)?;
        assistance::write(&writer, &units, today)?;
        for (_, login, person) in SIGN_INS {
            account::add(tx, writer.root.top, person, login, &hash)?;
        }
        for (_, login, name) in SECRETARIES {
            let unit = units.iter().find(|unit| unit.short_name == name).map_or(0, |unit| unit.id);
            let person = staff.posts.get(&(unit, "organ_committee_secretary")).copied().ok_or(Fault::NotFound)?;
            account::add(tx, writer.root.top, person, login, &hash)?;
        }
        Ok(())
    })
}
