//! A round of 巡视 from the work committee: the plan of its term, two departments in the spring, one of them under way to
//! its report; so that both kinds of inspection can be seen, that of departments here and that of committees in the other
//! demonstration.

use super::super::Writer;
use super::super::people::{CLERK, Staff};
use jiff::civil::{Date, date};
use luoshi_rules::{Permit, Unit, Verb};
use luoshi_store::matter::{self, Opening, Taken};
use luoshi_store::{Fault, holding, round};
use serde_json::{Value as Json, json};

/// Fewer departments than this have nobody from outside to look at them.
const LEAST: usize = 5;
/// What was found at the first: aspect, problem, manifestation.
const FOUND: [(&str, &str, &str); 3] = [
    ("theory", "贯彻上级部署有落差", "年度重点任务分解表中有4项未明确责任处室和时限。"),
    ("governance", "责任传导逐级递减", "党组2021年听取全面从严治党情况汇报少于规定次数。"),
    ("organisation", "机关党建与业务结合不紧", "3个支部全年未围绕重点工作开展主题党日。"),
];

/// Writes the term and its first round.
pub fn write(writer: &Writer, units: &[Unit], staff: &Staff) -> Result<(), Fault> {
    let departments: Vec<&Unit> = units.iter().filter(|unit| unit.level == "leading_group").collect();
    let kind = writer.base.round("inspection").ok_or(Fault::NotFound)?;
    let [first, second, others @ ..] = departments.as_slice() else { return Ok(()) };
    if departments.len() < LEAST {
        return Ok(());
    }
    let plan = round::Plan {
        name: "巡视规划（2022—2026年）".into(),
        from: date(2022, 1, 1),
        until: date(2026, 12, 31),
        teams: 3,
        each: 2,
        per_year: 2,
    };
    let office = |on: Date| writer.permit(Verb::Act, &writer.root, CLERK, on);
    let coverage = round::plan(writer.tx, &office(date(2022, 1, 10))?, kind, &plan)?;
    let opened = round::Opened {
        coverage,
        name: "2022年秋季巡视".into(),
        from: date(2022, 9, 5),
        until: date(2023, 6, 30),
        paper: "关于开展2022年秋季巡视的授权通知".into(),
    };
    let permit = office(date(2022, 9, 5))?;
    let id = round::open(writer.tx, &permit, &opened)?;
    let heads: Vec<i64> = others
        .iter()
        .rev()
        .filter_map(|unit| staff.posts.get(&(unit.id, "leading_group_secretary")).copied())
        .collect();
    for (post, person) in ["team_leader", "team_deputy", "team_member"].into_iter().zip(&heads) {
        let known = writer.base.post(post).ok_or(Fault::NotFound)?;
        round::seat(writer.tx, &permit, writer.base, (id, 1, *person), known)?;
    }
    let target = |unit: &Unit| round::add_target(writer.tx, &permit, writer.base, (id, 1), unit);
    let (under_way, _) = (target(first)?, target(second)?);
    look(writer, (first, under_way), *heads.first().ok_or(Fault::NotFound)?)
}

/// What the team has done so far at a department.
fn look(writer: &Writer, (unit, whole): (&Unit, i64), leader: i64) -> Result<(), Fault> {
    let leave = |on: Date| -> Result<Permit, Fault> {
        Ok(holding::actor(writer.tx, writer.root.top, leader, on)?.permit(writer.base, Verb::Act, unit)?)
    };
    let step = |on: Date, to: &str, data: Json| -> Result<(), Fault> {
        let taken = Taken { to, note: "", data, on: None };
        matter::take(writer.tx, &leave(on)?, writer.base, whole, &taken).map(drop)
    };
    step(date(2022, 9, 13), "arrived", Json::Null)?;
    let counts = json!({ "talks": 64, "questionnaires": 210, "papers": 460, "visits": 9 });
    step(date(2022, 10, 28), "counted", counts)?;
    let flow = writer.base.flow("finding").ok_or(Fault::NotFound)?;
    for (aspect, problem, words) in FOUND {
        let (subject, title) = (format!("{whole}/{words}"), words.to_owned());
        let data = json!({ "aspect": aspect, "problem": problem });
        let opening = Opening { flow, addressee: unit, subject, title, data, note: String::new() };
        matter::add_part(writer.tx, &leave(date(2022, 11, 4))?, writer.base, whole, (&opening, &[]))?;
    }
    step(date(2022, 11, 10), "left", Json::Null)?;
    step(date(2022, 12, 8), "reported", Json::Null)
}
