//! Volunteers: service in communities recorded by branches, a call that was answered over three Saturdays, one that takes
//! names and has fewer places than would come.

use super::Writer;
use super::chance::Chance;
use super::people::{CLERK, MEMBER, Staff};
use jiff::civil::{Date, date};
use luoshi_rules::{Kind, Unit, Verb};
use luoshi_store::Fault;
use luoshi_store::class::{self, Plan, SERVICE, Session};
use luoshi_store::record::{self, Entry};
use serde_json::json;

const WORK: [&str; 5] = ["下沉社区清洁家园", "敬老助残入户走访", "社区政策咨询", "文明交通劝导", "防汛物资整理"];
const PLACES: [&str; 4] = ["林泽路社区", "青溪社区", "湖滨社区", "市民广场"];
const FORMS: [&str; 5] = ["community", "community", "skills", "other", "emergency"];

/// Serves and calls as far as `today`.
pub fn write(writer: &Writer, units: &[Unit], staff: &Staff, today: Date, chance: &mut Chance) -> Result<(), Fault> {
    let kind = writer.base.kind(SERVICE).ok_or(Fault::NotFound)?;
    for unit in units.iter().filter(|unit| unit.level == "branch") {
        for month in [3, 6, 10].into_iter().filter(|_| chance.percent(70)).collect::<Vec<i8>>() {
            let on = date(2023, month, chance.between(2, 27) as i8);
            if on < today && unit.founded <= on {
                serve(writer, kind, (unit, staff), on, chance)?;
            }
        }
    }
    let Some(committee) = units.iter().find(|unit| unit.level == "organ_committee") else { return Ok(()) };
    answered(writer, kind, (committee, units, staff), today, chance)?;
    open(writer, kind, (committee, units, staff), today)
}

/// A day of service of a branch, recorded straight away.
fn serve(
    writer: &Writer,
    kind: &Kind,
    (unit, staff): (&Unit, &Staff),
    on: Date,
    chance: &mut Chance,
) -> Result<(), Fault> {
    let members = staff.members.get(&unit.id).cloned().unwrap_or_default();
    let mut due: Vec<i64> = members.into_iter().filter(|_| chance.percent(45)).collect();
    if due.is_empty() {
        return Ok(());
    }
    due.sort_unstable();
    let n = chance.between(0, 4) as usize;
    let place = chance.pick(&PLACES, "林泽路社区");
    let (topic, form) = (WORK.get(n).copied().unwrap_or_default(), FORMS.get(n).copied().unwrap_or_default());
    let data = json!({ "topic": topic, "form": form, "place": place, "hours": chance.between(2, 4) });
    let author = staff.posts.get(&(unit.id, "branch_secretary")).copied().unwrap_or(CLERK);
    let (makes_up, stood, files) = (String::new(), Vec::new(), Vec::new());
    let entry = Entry { kind, on, data, makes_up, stood, due: Some(due), files };
    record::add(writer.tx, &writer.permit(Verb::Write, unit, author, on)?, &entry).map(drop)
}

fn plan(title: &str, days: &[Date], (places, closes): (i64, Date)) -> Plan {
    let session = |(no, on): (i64, &Date)| Session { no, on: *on, hours: 3, topic: String::new(), record: 0 };
    let sessions: Vec<Session> = (1..).zip(days).map(session).collect();
    Plan {
        kind: SERVICE.into(),
        title: title.into(),
        need: "每次三小时，自备水杯；路近的优先，去哪个楼栋当天分。".into(),
        audience: "community".into(),
        from: days.first().copied().unwrap_or(closes),
        until: days.last().copied().unwrap_or(closes),
        place: "林泽路社区".into(),
        hours: sessions.iter().map(|one| one.hours).sum(),
        places,
        closes,
        sessions,
    }
}

/// Whose names are down: every so many of the members below a unit.
fn people(at: &Unit, units: &[Unit], staff: &Staff, (skip, every): (usize, usize)) -> Vec<i64> {
    let branches = units.iter().filter(|unit| at.path.contains(&unit.path));
    let all = branches.filter_map(|unit| staff.members.get(&unit.id)).flatten().copied();
    all.filter(|person| *person != MEMBER).skip(skip).step_by(every).take(30).collect()
}

/// A call over three Saturdays; some came to two of them.
fn answered(
    writer: &Writer,
    kind: &Kind,
    (at, units, staff): (&Unit, &[Unit], &Staff),
    today: Date,
    chance: &mut Chance,
) -> Result<(), Fault> {
    let (planned, days) = (date(2023, 10, 20), [date(2023, 11, 4), date(2023, 11, 11), date(2023, 11, 18)]);
    if days[2] >= today {
        return Ok(());
    }
    let permit = writer.permit(Verb::Write, at, CLERK, planned)?;
    let plan = plan("周六进社区", &days, (40, date(2023, 11, 1)));
    let id = class::plan(writer.tx, &permit, kind, &plan, &[])?;
    let scope = writer.actor(CLERK, planned).scope(writer.base, Verb::See, at)?;
    let call = class::find(writer.tx, &scope, id)?;
    let mut down = people(at, units, staff, (1, 3));
    down.push(MEMBER);
    for person in &down {
        class::enrol(writer.tx, &permit, &call, *person)?;
    }
    let mut came: Vec<(i64, i64)> = Vec::new();
    for no in 1..=3 {
        came.extend(down.iter().filter(|person| **person == MEMBER || chance.percent(85)).map(|person| (no, *person)));
    }
    let permit = writer.permit(Verb::Write, at, CLERK, days[2])?;
    class::conclude(writer.tx, &permit, kind, (&call, &down), &came).map(drop)
}

/// One that takes names, with fewer places than names.
fn open(writer: &Writer, kind: &Kind, (at, units, staff): (&Unit, &[Unit], &Staff), today: Date) -> Result<(), Fault> {
    let planned = date(2023, 12, 4);
    if planned > today {
        return Ok(());
    }
    let permit = writer.permit(Verb::Write, at, CLERK, planned)?;
    let days = [date(2024, 1, 6), date(2024, 1, 13)];
    let id = class::plan(writer.tx, &permit, kind, &plan("春节前入户走访", &days, (20, date(2024, 1, 4))), &[])?;
    let scope = writer.actor(CLERK, planned).scope(writer.base, Verb::See, at)?;
    let call = class::find(writer.tx, &scope, id)?;
    let down = people(at, units, staff, (2, 4));
    down.iter().try_for_each(|person| class::enrol(writer.tx, &permit, &call, *person))
}
