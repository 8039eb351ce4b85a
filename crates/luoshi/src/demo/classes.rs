//! Training: every committee's own for its members, two classes of the leading group that were held, one taking names.

use super::Writer;
use super::chance::Chance;
use super::people::{CLERK, MEMBER, Staff};
use jiff::civil::{Date, date};
use luoshi_rules::{Kind, Unit, Verb};
use luoshi_store::Fault;
use luoshi_store::class::{self, KIND, Plan, Session};
use luoshi_store::record::{self, Entry, Stood};
use serde_json::json;

const THEMES: [&str; 3] = ["党的创新理论专题培训", "党章党规学习培训", "党员能力素质提升培训"];

/// Title, audience, first and last day, hours, how many in a hundred came, day it was planned on.
type Held = (&'static str, &'static str, Date, Date, i64, i64, Date);

const HELD: [Held; 3] = [
    ("党支部书记轮训班", "secretary", date(2023, 5, 15), date(2023, 5, 19), 40, 97, date(2023, 4, 20)),
    ("学习秘书培训交流", "study-secretary", date(2023, 6, 8), date(2023, 6, 9), 12, 92, date(2023, 5, 22)),
    ("党支部书记工作实务培训班", "secretary", date(2023, 10, 16), date(2023, 10, 17), 16, 80, date(2023, 9, 20)),
];

/// Holds and plans them as far as `today`.
pub fn write(writer: &Writer, units: &[Unit], staff: &Staff, today: Date, chance: &mut Chance) -> Result<(), Fault> {
    let kind = writer.base.kind(KIND).ok_or(Fault::NotFound)?;
    for unit in units.iter().filter(|unit| unit.level == "organ_committee") {
        of_committee(writer, kind, (unit, units, staff), today, chance)?;
    }
    for held in HELD.iter().filter(|held| held.3 < today) {
        hold(writer, kind, held, staff, chance)?;
    }
    open(writer, kind, (units, staff), today)
}

/// Two trainings of a committee for all its members: recorded straight away, without a class.
fn of_committee(
    writer: &Writer,
    kind: &Kind,
    (unit, units, staff): (&Unit, &[Unit], &Staff),
    today: Date,
    chance: &mut Chance,
) -> Result<(), Fault> {
    let below = units.iter().filter(|one| unit.path.contains(&one.path));
    let mut due: Vec<i64> = below.filter_map(|one| staff.members.get(&one.id)).flatten().copied().collect();
    due.sort_unstable();
    for (month, hours) in [(3, 16), (9, chance.between(8, 20))] {
        let on = date(2023, month, chance.between(4, 27) as i8);
        if on >= today || unit.founded > on {
            continue;
        }
        let absent: Vec<i64> = due.iter().copied().filter(|_| chance.percent(5)).collect();
        let away = |person: i64| Stood { person, role: "absent".into(), why: "personal".into() };
        let data = json!({ "topic": chance.pick(&THEMES, "党章党规学习培训"), "for": ["members"], "hours": hours });
        let (makes_up, stood, files) = (String::new(), absent.into_iter().map(away).collect(), Vec::new());
        let entry = Entry { kind, on, data, makes_up, stood, due: Some(due.clone()), files };
        record::add(writer.tx, &writer.permit(Verb::Write, unit, CLERK, on)?, &entry)?;
    }
    Ok(())
}

/// A session a day, of equal length as far as that goes; the last takes what is left.
pub(super) fn sessions((from, until): (Date, Date), hours: i64) -> Vec<Session> {
    let days: Vec<Date> = from.series(jiff::Span::new().days(1)).take_while(|day| *day <= until).collect();
    let (n, topics) = (days.len() as i64, ["开班式、专题辅导", "支部工作条例", "案例教学", "现场教学", "交流研讨"]);
    let each = |(no, on): (i64, Date)| Session {
        no,
        on,
        hours: if no == n { hours - hours / n * (n - 1) } else { hours / n },
        topic: topics.get(no as usize - 1).copied().unwrap_or_default().to_owned(),
        record: 0,
    };
    (1..).zip(days).map(each).collect()
}

/// A class of the leading group for every branch secretary, or for those who keep the papers of centre groups.
fn hold(writer: &Writer, kind: &Kind, held: &Held, staff: &Staff, chance: &mut Chance) -> Result<(), Fault> {
    let (title, audience, from, until, hours, came, planned) = *held;
    let post = if audience == "study-secretary" { "fulltime_deputy_secretary" } else { "branch_secretary" };
    let mut secretaries: Vec<i64> =
        staff.posts.iter().filter(|((_, held), _)| *held == post).map(|(_, person)| *person).collect();
    secretaries.sort_unstable();
    secretaries.dedup();
    let (title, audience) = (title.to_owned(), audience.to_owned());
    let plan = Plan {
        kind: kind.id.clone(),
        title,
        need: String::new(),
        audience,
        from,
        until,
        place: "省林泽干部学校".into(),
        hours,
        places: 500,
        closes: from,
        sessions: sessions((from, until), hours),
    };
    let permit = writer.permit(Verb::Write, &writer.root, CLERK, planned)?;
    let id = class::plan(writer.tx, &permit, kind, &plan, &[])?;
    names(writer, id, &secretaries, planned)?;
    let scope = writer.actor(CLERK, until).scope(writer.base, Verb::See, &writer.root)?;
    let class = class::find(writer.tx, &scope, id)?;
    let came: Vec<i64> = secretaries.iter().copied().filter(|_| chance.percent(came)).collect();
    // now and then somebody misses a day
    let days = class.plan.sessions.iter().flat_map(|one| came.iter().map(|person| (one.no, *person)));
    let came: Vec<(i64, i64)> = days.filter(|_| chance.percent(97)).collect();
    let permit = writer.permit(Verb::Write, &writer.root, CLERK, until)?;
    class::conclude(writer.tx, &permit, kind, (&class, &secretaries), &came).map(drop)
}

/// One that takes names: with few places, so that some wait.
fn open(writer: &Writer, kind: &Kind, (units, staff): (&[Unit], &Staff), today: Date) -> Result<(), Fault> {
    let planned = date(2023, 12, 4);
    let Some(committee) = units.iter().find(|unit| unit.level == "organ_committee").filter(|_| planned <= today) else {
        return Ok(());
    };
    let plan = Plan {
        kind: kind.id.clone(),
        need: String::new(),
        sessions: sessions((date(2024, 1, 8), date(2024, 1, 10)), 24),
        title: "青年理论骨干培训班".into(),
        audience: "members".into(),
        from: date(2024, 1, 8),
        until: date(2024, 1, 10),
        place: "省林泽干部学校".into(),
        hours: 24,
        places: 40,
        closes: date(2023, 12, 29),
    };
    let permit = writer.permit(Verb::Write, &writer.root, CLERK, planned)?;
    let id = class::plan(writer.tx, &permit, kind, &plan, &[(committee.id, 6)])?;
    let at = |unit: &&Unit| unit.level == "branch";
    let some = |unit: &Unit| staff.members.get(&unit.id).and_then(|people| people.get(5)).copied();
    let people: Vec<i64> =
        units.iter().filter(at).filter_map(some).filter(|one| *one != MEMBER).step_by(2).take(60).collect();
    names(writer, id, &people, planned)
}

fn names(writer: &Writer, class: i64, people: &[i64], on: Date) -> Result<(), Fault> {
    let scope = writer.actor(CLERK, on).scope(writer.base, Verb::See, &writer.root)?;
    let class = class::find(writer.tx, &scope, class)?;
    let permit = writer.permit(Verb::Write, &writer.root, CLERK, on)?;
    people.iter().try_for_each(|person| class::enrol(writer.tx, &permit, &class, *person))
}
