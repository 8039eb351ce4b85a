//! A mapping: which item of another system's form is filled from what. It is data, so that an organisation can follow
//! the form it is handed without waiting for a new program.

use super::read::{Faults, Places, each, one};
use super::{Fault, Named};
use crate::Label;
use crate::person::Standing;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::de::DeTable;

/// Which item of a form is filled from what.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// what it is
    pub head: Head,
    /// the form about units
    pub unit: Vec<Item>,
    /// the form about people
    pub person: Vec<Item>,
}

/// What a mapping is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// key
    pub id: String,
    /// shown name
    pub name: Label,
    /// which edition of the form
    pub version: String,
    /// how those stand who are listed
    pub people: Vec<String>,
    /// the posts whose holder is the secretary, the first that is held
    #[serde(default)]
    pub secretary: Vec<String>,
    /// the posts whose holder is the contact, the first that is held
    #[serde(default)]
    pub contact: Vec<String>,
}

/// An item of a form: a column of the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// number in the form
    pub no: u16,
    /// the head of the column
    pub name: Label,
    /// what fills it; empty for what the system does not keep
    #[serde(default)]
    pub source: String,
    /// what stands in it where nothing fills it
    #[serde(default)]
    pub fixed: String,
    /// how a day is written
    #[serde(default)]
    pub format: Format,
    /// what to write for a key
    #[serde(default)]
    pub words: BTreeMap<String, String>,
    /// how sure the wording is: `seen`, `memory`
    #[serde(default)]
    pub basis: String,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// as it is
    #[default]
    Text,
    /// a real date
    Date,
    /// 2012-07
    Month,
    /// 20120701
    Digits,
}

/// What can fill an item about a unit.
pub const UNIT_SOURCES: [&str; 10] =
    ["full_name", "short_name", "code", "level", "class", "founded", "parent", "secretary", "contact", "contact_phone"];

/// What can fill an item about a person.
pub const PERSON_SOURCES: [&str; 11] = [
    "name",
    "identity",
    "phone",
    "sex",
    "born",
    "standing",
    "joined",
    "full_on",
    "unit_full_name",
    "unit_short_name",
    "posts",
];

impl Item {
    /// Whether the item is a number that is sealed at rest.
    pub fn is_secret(&self) -> bool {
        matches!(self.source.as_str(), "identity" | "phone" | "contact_phone")
    }
}

impl Mapping {
    /// Reads a mapping; returns every fault.
    pub fn parse(text: &str) -> Result<Mapping, Vec<Fault>> {
        let mut faults = Faults::of(text);
        let (root, wrong) = DeTable::parse_recoverable(text);
        wrong.iter().for_each(|error| faults.error_in(error, &(0..0)));
        let mut mapping = Mapping::default();
        let (mut places, mut headed) = (Places::default(), false);
        for (key, value) in root.into_inner() {
            match key.get_ref().as_ref() {
                "mapping" => {
                    headed = true;
                    let span = value.span();
                    mapping.head = one(value, &mut faults).map(|(head, _)| head).unwrap_or_default();
                    check_head(&mapping.head, &span, &mut faults);
                }
                "unit" => mapping.unit = each("unit", value, &mut places, &mut faults),
                "person" => mapping.person = each("person", value, &mut places, &mut faults),
                other => {
                    let sort = Label::new("部分", "section");
                    faults.unknown(&key.span(), &sort, other, ["mapping", "unit", "person"].into_iter());
                }
            }
        }
        if !headed {
            let hint = Label::new(
                "在开头写 [mapping] id、name、version、people",
                "begin with [mapping] id, name, version, people",
            );
            faults.add(0..0, Label::new("缺少 [mapping]", "[mapping] is missing"), hint);
        }
        check("unit", &mapping.unit, &UNIT_SOURCES, &places, &mut faults);
        check("person", &mapping.person, &PERSON_SOURCES, &places, &mut faults);
        faults.end().map(|()| mapping)
    }
}

fn check_head(head: &Head, span: &std::ops::Range<usize>, faults: &mut Faults) {
    for key in &head.people {
        if Standing::named(key).is_none() {
            let known = Standing::ALL.map(Standing::key);
            faults.unknown(span, &Label::new("人员类别", "standing"), key, known.into_iter());
        }
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if head.id.is_empty() || !head.id.chars().all(plain) {
        let hint =
            Label::new("只用字母、数字和连字符，如 national-26", "letters, digits and hyphens, such as national-26");
        faults.at_word(span, &head.id, Label::new("id 不能用在地址中", "the id cannot stand in an address"), hint);
    }
}

fn check(section: &str, items: &[Item], sources: &[&str], places: &Places, faults: &mut Faults) {
    let mut seen: Vec<u16> = Vec::new();
    for (item, span) in places.of(section, items) {
        if !item.source.is_empty() && !sources.contains(&item.source.as_str()) {
            faults.unknown(span, &Label::new("来源", "source"), &item.source, sources.iter().copied());
        }
        if seen.contains(&item.no) {
            let what = Label::new(format!("第 {} 项出现两次", item.no), format!("item {} stands twice", item.no));
            faults.add(span.clone(), what, Label::new("每项用自己的序号", "give each item a number of its own"));
        }
        if item.name.zh.trim().is_empty() {
            let what = Label::new("项目没有名称", "the item has no name");
            faults.add(
                span.clone(),
                what,
                Label::new("照表格上的栏名填写", "write the head of the column as in the form"),
            );
        }
        if !item.source.is_empty() && !item.fixed.is_empty() {
            let what = Label::new("source 和 fixed 只能写一个", "either source or fixed, not both");
            faults.add(span.clone(), what, Label::default());
        }
        seen.push(item.no);
    }
}

/// The name of a key in a list, in words; nothing for a key that is not there any more.
pub fn named<'a>(list: &'a [Named], key: &str) -> &'a str {
    super::name_of(list, key).map_or("", |label| label.zh.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Pack;

    const SHIPPED: &str = include_str!("../../../../packs/national-26.toml");

    #[test]
    fn the_shipped_mapping_has_ten_items_of_the_organisation_and_sixteen_of_the_member() {
        let mapping = Mapping::parse(SHIPPED).unwrap();
        assert_eq!((mapping.unit.len(), mapping.person.len()), (10, 16));
        let base = Pack::base(include_str!("../../../../packs/base.toml")).unwrap();
        for post in mapping.head.secretary.iter().chain(&mapping.head.contact) {
            assert!(base.post(post).is_some(), "{post}");
        }
        assert!(mapping.person.iter().any(Item::is_secret) && mapping.unit.iter().any(Item::is_secret));
    }

    /// Every fault of a text, as line and words.
    #[track_caller]
    fn check(change: (&str, &str), want: &[(usize, &str)]) {
        assert!(SHIPPED.contains(change.0), "{}", change.0);
        let faults = Mapping::parse(&SHIPPED.replacen(change.0, change.1, 1)).unwrap_err();
        let got: Vec<_> = faults.iter().map(|one| (one.line, one.to_string())).collect();
        assert_eq!(got.len(), want.len(), "{got:?}");
        for ((line, words), (at, part)) in got.iter().zip(want) {
            assert!(line == at && words.contains(part), "{line}: {words}");
        }
    }

    #[test]
    fn a_fault_is_told_with_its_line_and_a_hint() {
        check(("source = \"full_name\"", "source = \"ful_name\""), &[(21, "full_name")]);
        check(("no = 2\n", "no = 1\n"), &[(24, "item 1 stands twice")]);
        check(("format = \"date\"", "format = \"day\""), &[(109, "day")]);
        check(("id = \"national-26\"", "id = \"../x\""), &[(11, "id")]);
        check(("\"probationary\"]", "\"probation\"]"), &[(14, "probationary")]);
        check(("[mapping]", "[maping]"), &[(1, "[mapping] is missing"), (10, "mapping")]);
        check(("source = \"class\"", "source = \"class\"\nfixed = \"机关\""), &[(63, "either source or fixed")]);
    }
}
