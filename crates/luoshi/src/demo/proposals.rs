//! What members proposed: one answered and settled, one waiting and signed by nobody, one to which no answer came.

use super::Writer;
use super::people::{COMMITTEE, MEMBER, Staff};
use jiff::civil::{Date, date};
use luoshi_rules::{Unit, Verb};
use luoshi_store::matter::{self, Opening, Taken, proposal};
use luoshi_store::{Fault, holding, unit};
use serde_json::json;

/// Level of the unit it is addressed to, about, title, text, signature, day, answer.
type Said = (&'static str, &'static str, &'static str, &'static str, &'static str, Date, &'static str);

const SAID: [Said; 3] = [
    (
        "organ_committee",
        "burden",
        "学习统计和活动统计合并成一张表",
        "每月两张表有一半栏目相同，建议合并，或由系统自动生成。",
        "all",
        date(2023, 11, 6),
        "已采纳：自十一月起由纪实自动生成，不再另填。",
    ),
    (
        "organ_committee",
        "service",
        "活动室周末也开放",
        "周末组织志愿服务后没有地方小结，希望活动室周六上午开放。",
        "nobody",
        date(2023, 12, 11),
        "",
    ),
    (
        "branch",
        "life",
        "主题党日提前一周定题",
        "临时通知不好调课，希望提前一周告知题目和材料。",
        "unit",
        date(2023, 11, 13),
        "",
    ),
];

/// When the one that was answered was found to do.
const SETTLED: Date = date(2023, 11, 16);

/// Raises them on their days, to the units above the member.
pub fn write(writer: &Writer, staff: &Staff, today: Date) -> Result<(), Fault> {
    let flow = writer.base.flow(proposal::FLOW).ok_or(Fault::NotFound)?;
    for (level, about, title, text, signed, on, answer) in SAID.into_iter().filter(|said| said.5 <= today) {
        let actor = holding::actor(writer.tx, writer.root.top, MEMBER, on)?;
        let home = unit::find(writer.tx, actor.home)?;
        let above = unit::ancestry(writer.tx, &home)?;
        let Some(addressee) = above.iter().rev().find(|unit| unit.level == level) else { continue };
        let data = json!({ "about": about, "text": text, "signed": signed });
        let (subject, note) = (on.to_string(), String::new());
        let opening = Opening { flow, addressee, subject, title: title.to_owned(), data, note };
        let id = proposal::raise(writer.tx, &actor.permit(writer.base, Verb::See, &home)?, &opening)?;
        if !answer.is_empty() {
            answered(writer, (addressee, staff), id, answer)?;
            let reply = Taken { to: "settled", ..Taken::default() };
            let later = holding::actor(writer.tx, writer.root.top, MEMBER, SETTLED)?;
            matter::take(writer.tx, &later.permit(writer.base, Verb::See, &home)?, writer.base, id, &reply)?;
        }
    }
    Ok(())
}

fn answered(writer: &Writer, (at, staff): (&Unit, &Staff), id: i64, words: &str) -> Result<(), Fault> {
    let own = staff.posts.get(&(at.id, "organ_committee_secretary")).copied().unwrap_or(COMMITTEE);
    let actor = holding::actor(writer.tx, at.top, own, date(2023, 11, 14))?;
    let taken = Taken { to: "answered", note: words, data: json!({ "outcome": "adopted" }), on: None };
    matter::take(writer.tx, &actor.permit(writer.base, Verb::Act, at)?, writer.base, id, &taken).map(drop)
}
