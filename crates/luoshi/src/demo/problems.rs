//! Problems that the first branch found at its organisational life meeting, to be put right.

use super::Writer;
use super::people::{SECRETARY, Staff};
use jiff::civil::{Date, date};
use luoshi_rules::{Unit, Verb};
use luoshi_store::Fault;
use luoshi_store::matter::{self, Opening};
use luoshi_store::record::{self, Filter};
use serde_json::json;

const FOUND: [&str; 3] = ["理论学习联系实际不够紧", "深入基层调研次数偏少", "谈心谈话覆盖不够全面"];

/// Lists them on the record of the last such meeting.
pub fn write(writer: &Writer, units: &[Unit], staff: &Staff, today: Date) -> Result<(), Fault> {
    let own = |unit: &&Unit| staff.posts.get(&(unit.id, "branch_secretary")) == Some(&SECRETARY);
    let (Some(branch), Some(flow)) = (units.iter().find(own), writer.base.flow("put-right")) else { return Ok(()) };
    let scope = writer.actor(SECRETARY, today).scope(writer.base, Verb::See, branch)?;
    let kind = "org-life-meeting".to_owned();
    let filter = Filter { kind, first: date(2023, 1, 1), last: today, unit: branch.id, after: None, most: 1 };
    let Some(line) = record::list(writer.tx, &scope, &filter)?.pop() else { return Ok(()) };
    let (id, on) = (line.record.id, line.record.on);
    let permit = writer.permit(Verb::Act, branch, SECRETARY, line.record.written)?;
    for title in FOUND {
        let data = json!({ "record": id, "kind": line.record.kind, "found": on, "by": "2024-01-31" });
        let (subject, title) = (format!("record/{id}/{title}"), title.to_owned());
        let opening = Opening { flow, addressee: branch, subject, title, data, note: String::new() };
        matter::open(writer.tx, &permit, &opening)?;
    }
    Ok(())
}
