//! What changes hands: letters of transfer at three steps, and the post of a branch secretary that is being handed over.

use super::Writer;
use super::people::{CLERK, Staff};
use jiff::civil::{Date, date};
use luoshi_rules::{Unit, Verb};
use luoshi_store::handover::{self, Handing};
use luoshi_store::transfer;
use luoshi_store::{Fault, matter};
use serde_json::json;

/// From and to which branch, the day it was asked for, and the steps since.
type Letter = (usize, usize, Date, &'static [(&'static str, Date, &'static str)]);

const LETTERS: [Letter; 3] = [
    // waits at the branch whose secretary signs in
    (1, 0, date(2023, 12, 5), &[("issued", date(2023, 12, 6), "")]),
    (2, 3, date(2023, 12, 13), &[]),
    (
        4,
        5,
        date(2023, 11, 14),
        &[("issued", date(2023, 11, 15), ""), ("refused", date(2023, 11, 20), "档案材料不齐，补齐后再转。")],
    ),
];

/// Writes them as far as `today`.
pub fn write(writer: &Writer, units: &[Unit], staff: &Staff, today: Date) -> Result<(), Fault> {
    let branches: Vec<&Unit> = units.iter().filter(|unit| unit.level == "branch").take(7).collect();
    let flow = writer.base.flow(transfer::FLOW).ok_or(Fault::NotFound)?;
    for (from, to, on, steps) in LETTERS.iter().filter(|letter| letter.2 <= today) {
        let (Some(from), Some(to)) = (branches.get(*from).copied(), branches.get(*to).copied()) else { continue };
        let Some(person) = staff.members.get(&from.id).and_then(|people| people.last()) else { continue };
        let permit = writer.permit(Verb::Roll, from, CLERK, *on)?;
        let letter = transfer::request(writer.tx, &permit, flow, *person, (to, "工作调动"))?;
        for (step, on, note) in steps.iter().filter(|step| step.1 <= today) {
            let side = if *step == "issued" { from } else { to };
            let permit = writer.permit(Verb::Roll, side, CLERK, *on)?;
            matter::advance(writer.tx, &permit, writer.base, letter, step, note)?;
        }
    }
    match branches.last() {
        Some(branch) => handed(writer, branch, staff, today),
        None => Ok(()),
    }
}

/// The secretary of a branch hands over to the next of its members; neither has signed yet.
fn handed(writer: &Writer, branch: &Unit, staff: &Staff, today: Date) -> Result<(), Fault> {
    let on = date(2023, 12, 12);
    let post = writer.base.post("branch_secretary").ok_or(Fault::NotFound)?;
    let giver = staff.posts.get(&(branch.id, "branch_secretary")).copied();
    let taker = staff.members.get(&branch.id).and_then(|people| people.iter().rev().find(|one| Some(**one) != giver));
    let (Some(giver), Some(taker)) = (giver.filter(|_| on <= today), taker) else { return Ok(()) };
    let items = json!({
        "duties": [{ "id": "L3-02", "zh": "召开支委会会议（半数以上委员到会）",
                     "en": "Hold the branch committee meeting (more than half present)",
                     "period": "2023-12", "due": "2023-12-31", "late": false }],
        "matters": [], "drafts": [],
        "plans": [{ "on": "2023-12-22", "at": "14:30", "kind": { "zh": "主题党日", "en": "Theme day" }, "topic": "年终总结" }],
        "term": null,
    });
    let flow = writer.base.flow(handover::FLOW).ok_or(Fault::NotFound)?;
    let permit = writer.permit(Verb::Act, branch, CLERK, on)?;
    handover::open(writer.tx, &permit, flow, &Handing { unit: branch, post, giver, taker: *taker, items }).map(drop)
}
