//! Youth groups in most branches with enough young people; the rest are what a proposal is made for.

use super::Writer;
use super::chance::Chance;
use super::people::Staff;
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::youth::{Part, Youth};
use luoshi_rules::{Unit, Verb};
use luoshi_store::Fault;
use luoshi_store::record::{self, Entry};
use luoshi_store::youth::{self, Official};
use serde_json::json;

const TOPICS: [&str; 4] = ["学习党章", "读书分享：基层治理", "青年讲政策", "学习调查研究方法"];

/// Founds the groups, fills them, and lets some of them study.
pub fn write(writer: &Writer, units: &[Unit], staff: &Staff, today: Date, chance: &mut Chance) -> Result<(), Fault> {
    let Some(rules) = writer.base.youth else { return Ok(()) };
    let scope = writer.actor(super::people::CLERK, today).scope(writer.base, Verb::People, &writer.root)?;
    let after = today.checked_sub(i32::from(rules.until).years()).unwrap_or(Date::MIN);
    let since = today.checked_sub(300.days()).unwrap_or(today);
    let young = youth::officials(writer.tx, &scope, (after, today))?;
    for of_unit in young.chunk_by(|a, b| a.unit == b.unit) {
        let unit = of_unit.first().and_then(|one| units.iter().find(|unit| unit.id == one.unit));
        if let Some(unit) = unit.filter(|unit| of_unit.len() >= rules.least && unit.founded <= since)
            && chance.percent(70)
        {
            one(writer, (unit, &rules, staff), of_unit, (since, today), chance)?;
        }
    }
    Ok(())
}

fn one(
    writer: &Writer,
    (unit, rules, staff): (&Unit, &Youth, &Staff),
    young: &[Official],
    (since, today): (Date, Date),
    chance: &mut Chance,
) -> Result<(), Fault> {
    let permit = writer.permit(Verb::Roll, unit, super::people::CLERK, since)?;
    let name = format!("{}青年小组", unit.short_name);
    let group = youth::found(writer.tx, &permit, unit, &name)?;
    let members: Vec<i64> = young.iter().take(rules.most - 1).map(|one| one.person).collect();
    for person in &members {
        youth::join(writer.tx, &permit, rules, group, *person)?;
    }
    if let Some(leader) = members.first() {
        youth::take(writer.tx, &permit, group, Part::Leader, *leader)?;
    }
    if let Some(mentor) = staff.posts.get(&(unit.id, "branch_secretary")) {
        youth::take(writer.tx, &permit, group, Part::Mentor, *mentor)?;
    }
    let Some(kind) = writer.base.kind("youth-study").filter(|_| chance.percent(60)) else { return Ok(()) };
    let on = today.checked_sub(chance.between(5, 40).days()).unwrap_or(today);
    let permit = writer.permit(Verb::Write, unit, super::people::CLERK, on)?;
    let mut due = members;
    due.sort_unstable();
    let data = json!({ "topic": chance.pick(&TOPICS, "学习党章"), "form": "study", "groups": [{ "id": group, "name": name }] });
    let entry = Entry { kind, on, data, makes_up: String::new(), due: Some(due), stood: Vec::new(), files: Vec::new() };
    record::add(writer.tx, &permit, &entry).map(drop)
}
