//! 494 units of four classes in three levels.

use super::Writer;
use super::chance::Chance;
use jiff::civil::{Date, date};
use luoshi_rules::{Unit, Verb};
use luoshi_store::unit::{self, Founding};
use luoshi_store::{Fault, Tx};

/// How many units there are.
pub const UNITS: i64 = 494;
/// The day the older units were founded.
const FOUNDED: Date = date(2016, 7, 1);

/// Committees: short name, class, how many units below, how many of them general branches.
const COMMITTEES: [(&str, &str, i64, i64); 24] = [
    ("厅机关党委", "organ", 29, 2),
    ("规划院党委", "institution", 22, 3),
    ("科研院党委", "institution", 24, 3),
    ("勘测院党委", "institution", 21, 2),
    ("信息中心党委", "institution", 12, 0),
    ("培训中心党委", "institution", 10, 0),
    ("监测总站党委", "institution", 26, 4),
    ("种苗总站党委", "institution", 16, 2),
    ("防灾中心党委", "institution", 14, 1),
    ("职业学院党委", "institution", 28, 5),
    ("总医院党委", "institution", 25, 4),
    ("东山管理局党委", "institution", 18, 2),
    ("南湖管理局党委", "institution", 18, 2),
    ("西岭管理局党委", "institution", 18, 2),
    ("北川管理局党委", "institution", 17, 2),
    ("建设集团党委", "enterprise", 30, 4),
    ("建设一公司党委", "enterprise", 19, 2),
    ("建设三公司党委", "enterprise", 19, 2),
    ("生态集团党委", "enterprise", 22, 3),
    ("物资公司党委", "enterprise", 15, 1),
    ("设计公司党委", "enterprise", 15, 1),
    ("服务公司党委", "enterprise", 12, 0),
    ("林泽学会党委", "association", 18, 2),
    ("行业协会党委", "association", 21, 2),
];
/// The committee whose branches stopped recording in August: the first bad corner.
pub const SILENT: &str = "建设三公司党委";

/// What branches are named after.
pub(super) const PLACES: [&str; 16] = [
    "综合",
    "计划财务",
    "组织人事",
    "技术",
    "工程一",
    "工程二",
    "质量",
    "安全",
    "后勤",
    "资料",
    "宣教",
    "审计",
    "离退休",
    "经营",
    "测试",
    "外业",
];

/// The leading group of the department: the root.
pub fn root(tx: &Tx) -> Result<Unit, Fault> {
    let name = "林泽厅党组";
    unit::found_top(tx, &founding(1, name, "中共云岭省林泽厅党组", "leading_group", "organ", 1))
}

pub(super) fn founding(id: i64, short: &str, full: &str, level: &str, class: &str, order: i64) -> Founding {
    let code = match level {
        "organ_committee" => "611",
        "general_branch" => "621",
        "branch" => "631",
        _ => "",
    };
    Founding {
        id,
        level: level.into(),
        class: class.into(),
        code: code.into(),
        parts: Vec::new(),
        order_no: order,
        short_name: short.into(),
        full_name: full.into(),
        search: luoshi_text::pinyin::title_key(full),
        on: FOUNDED,
    }
}

/// Founds everything below the root; returns all units, the root first.
pub fn found(writer: &Writer, chance: &mut Chance) -> Result<Vec<Unit>, Fault> {
    let mut units = vec![writer.root.clone()];
    for (order, (name, class, below, general)) in COMMITTEES.iter().enumerate() {
        let id = units.len() as i64 + 1;
        let full = format!("中共云岭省林泽厅{}委员会", name.trim_end_matches("党委").trim_start_matches('厅'));
        let committee = founding(id, name, &full, "organ_committee", class, order as i64 + 1);
        let committee = below_of(writer, &writer.root, committee)?;
        units.push(committee.clone());
        branches(writer, &committee, (*below, *general), &mut units, chance)?;
    }
    for unit in units.iter().skip(1) {
        term(writer, unit, 2023, chance)?;
    }
    Ok(units)
}

pub(super) fn below_of(writer: &Writer, above: &Unit, founding: Founding) -> Result<Unit, Fault> {
    let permit = writer.permit(Verb::Rule, above, 0, founding.on)?;
    unit::found(writer.tx, &permit, &founding)
}

/// The general branches of a committee and the branches below both.
fn branches(
    writer: &Writer,
    committee: &Unit,
    (below, general): (i64, i64),
    units: &mut Vec<Unit>,
    chance: &mut Chance,
) -> Result<(), Fault> {
    let stem = committee.short_name.trim_end_matches("党委").to_owned();
    let mut parents = vec![committee.clone()];
    for n in 1..=general {
        let name = format!("{stem}第{n}党总支");
        let full = format!("中共云岭省林泽厅{stem}第{n}总支部委员会");
        let id = units.len() as i64 + 1;
        let unit = below_of(writer, committee, founding(id, &name, &full, "general_branch", &committee.class, n))?;
        units.push(unit.clone());
        parents.push(unit);
    }
    for n in 1..=(below - general) {
        if units.len() as i64 >= UNITS {
            return Ok(());
        }
        let above = parents.get(n as usize % parents.len()).unwrap_or(committee);
        let place = PLACES.get((n - 1) as usize % PLACES.len()).copied().unwrap_or("综合");
        let number = if n > PLACES.len() as i64 { "二" } else { "" };
        let name = format!("{stem}{place}{number}支部");
        let full = format!("中共云岭省林泽厅{stem}{place}{number}支部委员会");
        let mut new = founding(units.len() as i64 + 1, &name, &full, "branch", &committee.class, n);
        if chance.percent(60) {
            new.parts.push("committee".into());
        }
        if chance.percent(30) {
            new.parts.push("groups".into());
        }
        if chance.percent(2) {
            new.on = date(2023, 5, 16);
        }
        units.push(below_of(writer, above, new)?);
    }
    Ok(())
}

/// The term of office that runs in a year; a few end soon or have ended.
pub(super) fn term(writer: &Writer, unit: &Unit, year: i16, chance: &mut Chance) -> Result<(), Fault> {
    let years = if unit.level == "organ_committee" { 5 } else { 3 };
    let from =
        if chance.percent(6) { date(year - years, 9, 1) } else { date(year - 2 + chance.between(0, 1) as i16, 6, 1) };
    let from = from.max(unit.founded);
    let until = from.checked_add(jiff::Span::new().years(years)).unwrap_or(from);
    let permit = writer.permit(Verb::Roll, unit, 0, date(year, 1, 1))?;
    luoshi_store::term::set(writer.tx, &permit, from, until)
}
