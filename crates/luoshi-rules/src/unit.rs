//! The tree of organisations: where each unit stands now, and where it stood before.

use crate::{Label, Pack, Refusal};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Digits of a path for each level of the tree.
pub const WIDTH: usize = 4;

/// Place in the tree: four digits for each level, so that a prefix is the unit above and every engine and
/// collation orders paths alike. A number once given below a unit is never given again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct UnitPath(String);

impl UnitPath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first path after everything below this one.
    pub fn end(&self) -> String {
        let cut = self.0.len() - WIDTH;
        let last: u32 = self.0[cut..].parse().unwrap_or(9_999);
        format!("{}{:04}", &self.0[..cut], last + 1)
    }

    /// The unit above, or none at the root.
    pub fn parent(&self) -> Option<UnitPath> {
        (self.0.len() > WIDTH).then(|| UnitPath(self.0[..self.0.len() - WIDTH].to_owned()))
    }

    /// This path and all above it, the root first.
    pub fn ancestry(&self) -> impl Iterator<Item = UnitPath> {
        (WIDTH..=self.0.len()).step_by(WIDTH).map(|end| UnitPath(self.0[..end].to_owned()))
    }

    /// The `n`th place below (1 to 9,998); none when there is no room.
    pub fn child(&self, n: u32) -> Option<UnitPath> {
        (1..=9_998).contains(&n).then(|| UnitPath(format!("{}{n:04}", self.0)))
    }

    /// A root; none when there is no room.
    pub fn root(n: u32) -> Option<UnitPath> {
        (1..=9_998).contains(&n).then(|| UnitPath(format!("{n:04}")))
    }

    /// The number of this place among its siblings.
    pub fn number(&self) -> u32 {
        self.0[self.0.len() - WIDTH..].parse().unwrap_or(0)
    }

    /// How many levels below the root, the root being 1.
    pub fn depth(&self) -> usize {
        self.0.len() / WIDTH
    }

    /// Whether `other` is this unit or below it.
    pub fn contains(&self, other: &UnitPath) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The same place after `from` has become `to`; none when this path is not below `from`.
    pub fn moved(&self, from: &UnitPath, to: &UnitPath) -> Option<UnitPath> {
        self.0.strip_prefix(&from.0).map(|rest| UnitPath(format!("{}{rest}", to.0)))
    }
}

impl TryFrom<String> for UnitPath {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let ok = !text.is_empty() && text.len().is_multiple_of(WIDTH) && text.bytes().all(|b| b.is_ascii_digit());
        if ok { Ok(UnitPath(text)) } else { Err(format!("`{text}` is no place in the tree")) }
    }
}

impl From<UnitPath> for String {
    fn from(path: UnitPath) -> String {
        path.0
    }
}

/// One organisation. `id` never changes; everything else is as of today, with what it was before in `past`.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// the self-administering organisation it belongs to; its own id at the root of one
    pub top: i64,
    /// stable key
    pub id: i64,
    /// place in the tree
    pub path: UnitPath,
    /// a level of the pack: which clauses bind it
    pub level: String,
    /// a class of the pack (organ, institution, enterprise, association): guidance differs by class
    pub class: String,
    /// national type code: 611 committee, 621 general branch, 631 branch, 632 joint branch, 9xx provisional
    pub code: String,
    /// parts it has, by their keys in the pack: a committee, groups
    pub parts: Vec<String>,
    /// order among its siblings
    pub order_no: i64,
    /// name in trees and tables
    pub short_name: String,
    /// name as on the seal
    pub full_name: String,
    /// day it was founded
    pub founded: Date,
    /// day it was dissolved or merged, and why
    pub dissolved: Option<(Date, String)>,
    /// what it was before, oldest first; empty when nothing changed
    pub past: Vec<Standing>,
}

/// What a unit was between two days.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// first day
    pub from: Date,
    /// last day
    pub until: Date,
    /// place in the tree then
    pub path: UnitPath,
    /// level then
    pub level: String,
    /// class then
    pub class: String,
    /// national type code then
    pub code: String,
    /// parts it had then
    pub parts: Vec<String>,
    /// short name then
    pub short_name: String,
    /// full name then
    pub full_name: String,
}

impl Unit {
    /// What it was on a day, when that differs from today.
    pub fn before(&self, day: Date) -> Option<&Standing> {
        self.past.iter().find(|past| past.from <= day && day <= past.until)
    }

    /// Its place on a day.
    pub fn path_on(&self, day: Date) -> &UnitPath {
        self.before(day).map_or(&self.path, |past| &past.path)
    }

    /// Whether another unit stands below it, or may have stood below it once.
    pub fn ever_above(&self, other: &Unit) -> bool {
        let mine = || std::iter::once(&self.path).chain(self.past.iter().map(|past| &past.path));
        let mut theirs = std::iter::once(&other.path).chain(other.past.iter().map(|past| &past.path));
        let mut moved = || theirs.any(|their| mine().any(|path| path.contains(their)));
        let still = self.past.is_empty() && other.past.is_empty();
        self.id != other.id && (self.path.contains(&other.path) || !still && moved())
    }

    /// Its level on a day.
    pub fn level_on(&self, day: Date) -> &str {
        self.before(day).map_or(&self.level, |past| &past.level)
    }

    /// Its class on a day.
    pub fn class_on(&self, day: Date) -> &str {
        self.before(day).map_or(&self.class, |past| &past.class)
    }

    /// The parts it had on a day.
    pub fn parts_on(&self, day: Date) -> &[String] {
        self.before(day).map_or(&self.parts, |past| &past.parts)
    }

    /// Whether it existed on a day.
    pub fn exists_on(&self, day: Date) -> bool {
        self.founded <= day && self.dissolved.as_ref().is_none_or(|(end, _)| day <= *end)
    }
}

/// What sort of unit one is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sort {
    /// a level of the pack
    pub level: String,
    /// a class of the pack
    pub class: String,
    /// national type code, or empty
    pub code: String,
    /// parts of the pack it has
    pub parts: Vec<String>,
    /// order among its siblings
    pub order_no: i64,
}

impl Sort {
    /// Refuses what the pack does not know: a level, class or part, or a code its level does not carry.
    pub fn check(&self, pack: &Pack) -> Result<(), Refusal> {
        let level =
            pack.level(&self.level).ok_or_else(|| Refusal::field("level", "请选择级别", "please choose a level"))?;
        if !pack.class.iter().any(|class| class.id == self.class) {
            return Err(Refusal::field("class", "请选择类别", "please choose a class"));
        }
        if self.parts.iter().any(|part| !pack.part.iter().any(|known| known.id == *part)) {
            return Err(Refusal::field("parts", "请从所列设置中勾选", "please tick what is listed"));
        }
        if !(1..=9_999).contains(&self.order_no) {
            return Err(Refusal::field("order_no", "序号为1至9999", "an order number is 1 to 9999"));
        }
        if self.code.is_empty() || level.code.contains(&self.code) {
            return Ok(());
        }
        let codes = if level.code.is_empty() { "–".to_owned() } else { level.code.join("、") };
        let zh = format!("“{}”的组织类型代码可为：{codes}", level.name.zh);
        Err(Refusal::field("code", zh, format!("a unit of this level may carry the code: {codes}")))
    }
}

/// How a unit came to be what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// 成立
    Found,
    /// 更名
    Rename,
    /// 变更级别或类别
    Reclass,
    /// 调整隶属
    Move,
    /// 并入
    Merge,
    /// 拆分设立
    Split,
    /// 撤销
    Dissolve,
}

impl Change {
    /// All of them.
    pub const ALL: [Change; 7] =
        [Change::Found, Change::Rename, Change::Reclass, Change::Move, Change::Merge, Change::Split, Change::Dissolve];

    /// Key in the store.
    pub fn key(self) -> &'static str {
        match self {
            Change::Found => "found",
            Change::Rename => "rename",
            Change::Reclass => "reclass",
            Change::Move => "move",
            Change::Merge => "merge",
            Change::Split => "split",
            Change::Dissolve => "dissolve",
        }
    }

    /// The change with this key.
    pub fn named(key: &str) -> Option<Change> {
        Change::ALL.into_iter().find(|change| change.key() == key)
    }

    /// Shown name.
    pub fn name(self) -> Label {
        match self {
            Change::Found => Label::new("成立", "Founded"),
            Change::Rename => Label::new("更名", "Renamed"),
            Change::Reclass => Label::new("调整级别或类别", "Level or class changed"),
            Change::Move => Label::new("调整隶属", "Moved"),
            Change::Merge => Label::new("合并", "Merged"),
            Change::Split => Label::new("拆分", "Split"),
            Change::Dissolve => Label::new("撤销", "Dissolved"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> UnitPath {
        UnitPath::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_unit_contains_itself_and_what_lies_below() {
        assert!(path("0001").contains(&path("000100040012")));
        assert!(path("0001").contains(&path("0001")));
        assert!(!path("00010004").contains(&path("00010005")));
        assert_eq!(path("00010004").parent(), Some(path("0001")));
        assert!(UnitPath::try_from("001".to_owned()).is_err());
        assert!(UnitPath::try_from("00a1".to_owned()).is_err());
    }

    #[test]
    fn the_end_of_a_subtree_is_the_next_sibling() {
        assert_eq!(path("00010009").end(), "00010010");
        assert!(path("000100099998").as_str() < path("00010009").end().as_str());
    }

    #[test]
    fn a_subtree_keeps_its_shape_when_it_moves() {
        let moved = path("000100020003").moved(&path("00010002"), &path("000100050001"));
        assert_eq!(moved, Some(path("0001000500010003")));
        assert_eq!(path("00010003").moved(&path("00010002"), &path("0009")), None);
    }
}
