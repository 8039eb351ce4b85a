//! Pledges of branches and of members: some looked back at, some waiting for it, some published, one from the year before.

use super::Writer;
use super::chance::Chance;
use super::people::{MEMBER, SECRETARY, Staff};
use jiff::civil::{Date, date};
use luoshi_rules::pledge::{LookBack, Pledges};
use luoshi_rules::{Permit, Unit, Verb};
use luoshi_store::Fault;
use luoshi_store::pledge::{self, Made};

/// What is pledged and by what it is measured.
const OF_PEOPLE: [(&str, &str); 5] = [
    ("每月到窗口值一次班，把群众常问的写成一页说明", "十二次值班，说明更新四次"),
    ("带一名年轻同志，一起做完一个调研", "年底交出一份调研报告"),
    ("分管的审批事项平均办理时间再缩短一天", "系统里的平均办理天数"),
    ("每季度读一本书，在小组讲一次", "四次领学"),
    ("每年参加志愿服务不少于二十小时", "志愿服务台账上的小时数"),
];
const OF_UNITS: [(&str, &str); 3] = [
    ("支部与青溪社区结对，每季度办一件实事", "四件实事，社区确认"),
    ("把重复填报的表格减掉三张", "年底在用表格数"),
    ("新进党员一对一结对帮带", "结对率百分之百"),
];

/// Makes them at the start of the year, and looks back at some from the middle of November on.
pub fn write(writer: &Writer, units: &[Unit], staff: &Staff, today: Date, chance: &mut Chance) -> Result<(), Fault> {
    let Some(pledges) = &writer.base.pledge else { return Ok(()) };
    for unit in units.iter().filter(|unit| unit.level == "branch" && unit.founded < date(2022, 12, 1)) {
        let Some(members) = staff.members.get(&unit.id) else { continue };
        let ours = members.contains(&MEMBER);
        let secretary = staff.posts.get(&(unit.id, "branch_secretary")).copied().unwrap_or(SECRETARY);
        if ours || chance.percent(40) {
            let permit = |on| writer.permit(Verb::Write, unit, secretary, on);
            let (text, measure) = OF_UNITS[chance.between(0, 2) as usize];
            let id = make(writer, pledges, &permit(date(2023, 1, 16))?, (2023, text, measure, true))?;
            if !ours && chance.percent(60) {
                back(writer, pledges, permit, (id, 2023), today, chance)?;
            }
        }
        for person in members.iter().take(8) {
            if ours || chance.percent(30) {
                of_person(writer, pledges, (unit, *person), today, chance)?;
            }
        }
    }
    Ok(())
}

/// One of a person; the member of the demonstration has one to look back at, and one from the year before.
fn of_person(
    writer: &Writer,
    pledges: &Pledges,
    (unit, person): (&Unit, i64),
    today: Date,
    chance: &mut Chance,
) -> Result<(), Fault> {
    let permit = |on| writer.permit(Verb::See, unit, person, on);
    if person == MEMBER {
        let (text, measure) = OF_PEOPLE[4];
        let id = make(writer, pledges, &permit(date(2022, 12, 5))?, (2022, text, measure, false))?;
        let kept =
            LookBack { year: 2022, state: "kept".into(), words: "服务二十四小时。".into(), carried: true };
        pledge::look_back(writer.tx, &permit(date(2023, 1, 10))?, pledges, id, &kept)?;
    }
    let (text, measure) = OF_PEOPLE[chance.between(0, 3) as usize];
    let published = person == MEMBER || chance.percent(50);
    let id = make(writer, pledges, &permit(date(2023, 1, 18))?, (2023, text, measure, published))?;
    if person != MEMBER && chance.percent(55) {
        back(writer, pledges, permit, (id, 2023), today, chance)?;
    }
    Ok(())
}

fn make(
    writer: &Writer,
    pledges: &Pledges,
    permit: &Permit,
    (year, text, measure, published): (i16, &str, &str, bool),
) -> Result<i64, Fault> {
    pledge::make(writer.tx, permit, pledges, &Made { year, text, measure, published })
}

fn back(
    writer: &Writer,
    pledges: &Pledges,
    permit: impl Fn(Date) -> Result<Permit, Fault>,
    (id, year): (i64, i16),
    today: Date,
    chance: &mut Chance,
) -> Result<(), Fault> {
    let on = date(2023, 11, chance.between(15, 30) as i8);
    if on >= today {
        return Ok(());
    }
    let (state, words) = match chance.between(0, 9) {
        0..=5 => ("kept", "按承诺做到了，台账可查。"),
        6..=8 => ("under-way", "完成大半，剩下的一月底前补上。"),
        _ => ("open", "因人手变动没有做成，原因已向支部说明。"),
    };
    let carried = state != "kept" || chance.percent(30);
    let (state, words) = (state.to_owned(), words.to_owned());
    pledge::look_back(writer.tx, &permit(on)?, pledges, id, &LookBack { year, state, words, carried })
}
