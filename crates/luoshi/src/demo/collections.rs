//! What branches are asked to fill in: one collection most have answered, one that comes every quarter, and what two of
//! them said of it; and one of a committee from before the check, which asks twice.

use super::Writer;
use super::chance::Chance;
use super::people::{self, Staff};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::collection::{Question, Sort};
use luoshi_rules::period::Cadence;
use luoshi_rules::{Collection, Unit, Verb};
use luoshi_store::Fault;
use luoshi_store::collection::{self, About};

/// Issues the three, answers the first, and says of the second that it is a burden.
pub fn write(writer: &Writer, units: &[Unit], staff: &Staff, today: Date, chance: &mut Chance) -> Result<(), Fault> {
    let back = |days: i64| today.checked_sub(days.days()).unwrap_or(today);
    let known = |key: &str, name: &str| Question { name: name.into(), sort: Sort::Known(key.into()) };
    let mut room = Collection {
        id: 0,
        unit: writer.root.id,
        unit_name: String::new(),
        path: writer.root.path.clone(),
        title: "党员活动阵地摸底".into(),
        ground: "厅机关党委2023年工作要点第十二条".into(),
        every: None,
        due: today.checked_add(10.days()).unwrap_or(today),
        level: "branch".into(),
        class: String::new(),
        questions: vec![
            known("people:members", "党员人数"),
            typed("活动室面积（平方米）", Sort::Number),
            typed("是否与其他组织共用", Sort::Yes),
        ],
        from: back(20),
        until: None,
    };
    let permit = writer.permit(Verb::Write, &writer.root, people::CLERK, room.from)?;
    room.id = collection::issue(writer.tx, &permit, &room, |_| Ok(()))?;
    fill(writer, (units, staff), (&room, today), chance)?;
    let news = Collection {
        title: "学习宣传稿件统计".into(),
        ground: "厅机关党委宣传工作安排第五条".into(),
        every: Some(Cadence::Months(3)),
        due: today,
        questions: vec![typed("在厅内刊物发表稿件数", Sort::Number), typed("主要内容", Sort::Text)],
        from: back(200),
        ..room.clone()
    };
    let permit = writer.permit(Verb::Write, &writer.root, people::CLERK, news.from)?;
    let id = collection::issue(writer.tx, &permit, &news, |_| Ok(()))?;
    if let Some(committee) = units.get(1) {
        twice(writer, committee, Collection { from: back(12), ..room })?;
    }
    said(writer, units, (id, &news.title), (back(9), back(2)))
}

fn typed(name: &str, sort: Sort) -> Question {
    Question { name: name.into(), sort }
}

/// A committee asks its branches what was asked already, and what they record.
fn twice(writer: &Writer, committee: &Unit, asked: Collection) -> Result<(), Fault> {
    let again = Collection {
        unit: committee.id,
        path: committee.path.clone(),
        title: "支部组织生活统计表".into(),
        ground: "厅机关党委组织工作安排第三条".into(),
        questions: vec![typed("党员大会次数", Sort::Number), typed("活动室面积（平方米）", Sort::Number)],
        ..asked
    };
    let permit = writer.permit(Verb::Write, committee, people::CLERK, again.from)?;
    collection::issue(writer.tx, &permit, &again, |_| Ok(()))?;
    Ok(())
}

/// Most branches answer; the one that anybody may sign in to still has it in its to-do.
fn fill(
    writer: &Writer,
    (units, staff): (&[Unit], &Staff),
    (room, today): (&Collection, Date),
    chance: &mut Chance,
) -> Result<(), Fault> {
    for unit in units.iter().filter(|unit| room.reaches(unit)) {
        if staff.posts.get(&(unit.id, "branch_secretary")) == Some(&people::SECRETARY) || !chance.percent(80) {
            continue;
        }
        let on = today.checked_sub(chance.between(1, 18).days()).unwrap_or(today);
        let permit = writer.permit(Verb::Write, unit, people::CLERK, on)?;
        let members = staff.members.get(&unit.id).map_or(0, Vec::len).to_string();
        let shared = if chance.percent(30) { "yes" } else { "no" };
        let area = (chance.between(3, 16) * 5).to_string();
        let values = [(members.clone(), members), (area, String::new()), (shared.into(), String::new())];
        collection::answer(writer.tx, &permit, (room, unit), "once", &values)?;
    }
    Ok(())
}

/// Two branches say that it is a burden; one is answered.
fn said(writer: &Writer, units: &[Unit], (id, title): (i64, &str), (first, then): (Date, Date)) -> Result<(), Fault> {
    let about = About { sort: "collection".into(), key: id.to_string(), title: title.into(), issuer: writer.root.id };
    let branches = || units.iter().filter(|unit| unit.level == "branch");
    let words = ["刊物编辑部已有稿件目录，能否直接取用", "每季度报一次太密，一年一次就够"];
    for (n, (unit, words)) in branches().skip(40).zip(words).enumerate() {
        let on = if n == 0 { first } else { then };
        let permit = writer.permit(Verb::See, unit, people::CLERK, on)?;
        let due = on.checked_add(7.days()).unwrap_or(on);
        let burden = collection::raise(writer.tx, &permit, &about, words, due)?;
        if n == 0 {
            let permit = writer.permit(Verb::Write, &writer.root, people::CLERK, then)?;
            let answer = "已与编辑部商定，从明年起由编辑部提供目录，不再要各支部填报。";
            collection::answer_burden(writer.tx, &permit, &writer.root, burden, answer)?;
        }
    }
    Ok(())
}
