//! A work committee, its own office, and sixty departments: about four thousand units of four classes.

use super::super::Writer;
use super::super::chance::Chance;
use super::super::units::{PLACES, below_of, founding, term};
use luoshi_rules::Unit;
use luoshi_store::{Fault, Tx, unit};

/// Departments. Each holds a leading group of its own.
const DEPARTMENTS: [&str; 60] = [
    "发展规划委",
    "经济信息厅",
    "教育厅",
    "科技厅",
    "民族事务委",
    "公共安全厅",
    "民政厅",
    "司法厅",
    "财政厅",
    "人力社保厅",
    "自然资源厅",
    "生态环境厅",
    "住房建设厅",
    "交通运输厅",
    "水利厅",
    "农业农村厅",
    "商务厅",
    "文化旅游厅",
    "卫生健康委",
    "退役军人厅",
    "应急管理厅",
    "审计厅",
    "外事办",
    "国资委",
    "市场监管局",
    "广播电视局",
    "体育局",
    "统计局",
    "林泽局",
    "医疗保障局",
    "机关事务局",
    "信访局",
    "粮食储备局",
    "能源局",
    "大数据局",
    "地方金融局",
    "乡村振兴局",
    "药品监管局",
    "知识产权局",
    "中医药局",
    "档案馆",
    "党史研究室",
    "政策研究室",
    "社会科学院",
    "科学院",
    "农业科学院",
    "林业科学院",
    "供销社",
    "总工会",
    "青年联合会",
    "妇女联合会",
    "科学技术协会",
    "文学艺术联合会",
    "作家协会",
    "工商业联合会",
    "残疾人联合会",
    "红十字会",
    "气象局",
    "地震局",
    "邮政管理局",
];
/// The department whose enterprises stopped recording in August.
pub const SILENT: &str = "国资委集团党委";

/// The work committee: the root.
pub fn root(tx: &Tx) -> Result<Unit, Fault> {
    unit::found_top(tx, &founding(1, "省直机关工委", "中共云岭省委省直属机关工作委员会", "work_committee", "organ", 1))
}

/// What is founded so far, the root first.
struct Tree<'a, 't> {
    writer: &'a Writer<'a, 't>,
    units: Vec<Unit>,
}

impl Tree<'_, '_> {
    fn found(
        &mut self,
        above: &Unit,
        (short, full): (&str, &str),
        (level, class): (&str, &str),
        order: i64,
    ) -> Result<Unit, Fault> {
        let new = founding(self.units.len() as i64 + 1, short, full, level, class, order);
        let unit = below_of(self.writer, above, new)?;
        self.units.push(unit.clone());
        Ok(unit)
    }

    fn branch(&mut self, above: &Unit, stem: &str, n: i64, chance: &mut Chance) -> Result<(), Fault> {
        let place = PLACES.get(n as usize % PLACES.len()).copied().unwrap_or("综合");
        let number = ["", "二", "三"].get(n as usize / PLACES.len()).copied().unwrap_or("四");
        let short = format!("{stem}{place}{number}支部");
        let full = format!("中共云岭省{stem}{place}{number}支部委员会");
        let mut new = founding(self.units.len() as i64 + 1, &short, &full, "branch", &above.class, n + 1);
        new.parts.extend(chance.percent(60).then(|| "committee".to_owned()));
        new.parts.extend(chance.percent(25).then(|| "groups".to_owned()));
        let unit = below_of(self.writer, above, new)?;
        self.units.push(unit);
        Ok(())
    }

    /// A committee with so many branches, some of them in a general branch.
    fn committee(
        &mut self,
        above: &Unit,
        (stem, class): (&str, &str),
        branches: i64,
        order: i64,
        chance: &mut Chance,
    ) -> Result<(), Fault> {
        let (short, full) = (format!("{stem}党委"), format!("中共云岭省{stem}委员会"));
        let committee = self.found(above, (&short, &full), ("organ_committee", class), order)?;
        let mut parents = vec![committee.clone()];
        if branches > 14 {
            let (short, full) = (format!("{stem}第一党总支"), format!("中共云岭省{stem}第一总支部委员会"));
            parents.push(self.found(&committee, (&short, &full), ("general_branch", class), 1)?);
        }
        for n in 0..branches {
            let at = usize::from(n % 3 == 1) % parents.len();
            let parent = parents.get(at).cloned().unwrap_or_else(|| committee.clone());
            self.branch(&parent, stem, n, chance)?;
        }
        Ok(())
    }
}

/// Founds everything below the root; returns all units, the root first. `departments` says how many departments.
pub fn found(writer: &Writer, departments: usize, chance: &mut Chance) -> Result<Vec<Unit>, Fault> {
    let root = writer.root.clone();
    let mut tree = Tree { writer, units: vec![root.clone()] };
    tree.committee(&root, ("工委机关", "organ"), 3, 1, chance)?;
    for (n, name) in DEPARTMENTS.iter().take(departments).enumerate() {
        let order = n as i64 + 2;
        let class = match n {
            40..48 => "institution",
            48..57 => "association",
            _ => "organ",
        };
        let (short, full) = (format!("{name}党组"), format!("中共云岭省{name}党组"));
        let department = tree.found(&root, (&short, &full), ("leading_group", class), order)?;
        let mut committees =
            vec![("机关", class, chance.between(22, 30)), ("直属单位", "institution", chance.between(20, 28))];
        committees.extend((n % 3 == 2).then(|| ("集团", "enterprise", chance.between(20, 28))));
        committees.extend((n % 4 == 1).then(|| ("学会", "association", chance.between(8, 14))));
        for (at, (part, class, branches)) in committees.into_iter().enumerate() {
            tree.committee(&department, (&format!("{name}{part}"), class), branches, at as i64 + 1, chance)?;
        }
    }
    for unit in tree.units.iter().skip(1).filter(|unit| unit.level != "leading_group") {
        term(writer, unit, super::YEAR, chance)?;
    }
    Ok(tree.units)
}
