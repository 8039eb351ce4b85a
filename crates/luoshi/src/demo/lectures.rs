//! Lectures to audiences in 2022 and 2023: more of them each year, most to the grass roots.

use super::Writer;
use super::chance::Chance;
use super::people::CLERK;
use jiff::civil::{Date, date};
use luoshi_rules::{Unit, Verb};
use luoshi_store::Fault;
use luoshi_store::record::{self, Entry};
use serde_json::json;

const TOPICS: [&str; 6] =
    ["党的创新理论进基层", "政策法规宣讲", "青年成长成才", "安全生产和法治", "乡村振兴政策", "行业先进事迹"];
const AUDIENCES: [&str; 6] = ["grassroots", "grassroots", "grassroots", "youth", "enterprise", "organ"];

/// Writes the lectures given up to the day before `today`.
pub fn write(writer: &Writer, units: &[Unit], today: Date, chance: &mut Chance) -> Result<(), Fault> {
    let kind = writer.base.kind("lecture").ok_or(Fault::NotFound)?;
    for (year, share) in [(2022, 40), (2023, 55)] {
        for unit in units.iter().filter(|unit| unit.level == "organ_committee" || unit.level == "branch") {
            let times =
                if unit.level == "organ_committee" { chance.between(4, 9) } else { i64::from(chance.percent(share)) };
            for _ in 0..times {
                let on = date(year, chance.between(1, 12) as i8, chance.between(1, 28) as i8);
                let (topic, audience) = (chance.pick(&TOPICS, "政策法规宣讲"), chance.pick(&AUDIENCES, "grassroots"));
                let data = json!({ "topic": topic, "audience": audience, "people": chance.between(25, 160) });
                if on < today && unit.founded <= on {
                    let permit = writer.permit(Verb::Write, unit, CLERK, on)?;
                    let (makes_up, due) = (String::new(), Some(Vec::new()));
                    let entry = Entry { kind, on, data, makes_up, due, stood: Vec::new(), files: Vec::new() };
                    record::add(writer.tx, &permit, &entry)?;
                }
            }
        }
    }
    Ok(())
}
