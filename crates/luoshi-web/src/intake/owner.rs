//! Who is to carry it out: names and groups of units, as a clerk types them, and the units that are meant.

use luoshi_rules::{Label, Pack, Unit};
use luoshi_text::nearest;
use std::collections::BTreeMap;

/// Words before the name of a sort of unit that mean all of them.
const ALL: [&str; 7] = ["各有关", "各基层", "各级", "各", "全体", "所有", "每个"];

/// The units one may give orders to, and the words for sorts of them.
pub(super) struct Addressees<'a> {
    /// all units of the subtree, the giver first
    pub units: &'a [Unit],
    /// the unit that gives the orders
    pub giver: i64,
    pub pack: &'a Pack,
}

impl Addressees<'_> {
    /// Names by which the units are known, in the order of [`Addressees::at`].
    pub fn names(&self) -> Vec<&str> {
        let open = || self.units.iter().filter(|unit| unit.dissolved.is_none());
        open().map(|unit| unit.short_name.as_str()).chain(open().map(|unit| unit.full_name.as_str())).collect()
    }

    /// The short name that stands for the name at this place of [`Addressees::names`].
    pub fn short(&self) -> Vec<&str> {
        let short: Vec<&str> =
            self.units.iter().filter(|unit| unit.dissolved.is_none()).map(|unit| unit.short_name.as_str()).collect();
        [short.clone(), short].concat()
    }

    /// Names of the posts that can be meant.
    pub fn posts(&self) -> Vec<&str> {
        self.pack.post.iter().map(|post| post.name.zh.as_str()).collect()
    }

    /// The units that are meant, each once; otherwise what is wrong with the words.
    pub fn read(&self, typed: &str) -> Result<Vec<&Unit>, Label> {
        let mut found = BTreeMap::new();
        let names = typed.split(['、', '，', ',', ';', '；', '\n']).map(str::trim).filter(|name| !name.is_empty());
        for name in names {
            for unit in self.one(name)? {
                found.insert(unit.path.as_str().to_owned(), unit);
            }
        }
        if found.is_empty() {
            return Err(Label::new("请写明由哪个组织办理", "please say which unit is to carry it out"));
        }
        if found.values().any(|unit| unit.id == self.giver) {
            return Err(Label::new(
                "不能交办给本级自己：办理和核实须分开，请选下级组织",
                "not to one's own unit: who does it and who verifies it are two; choose a unit below",
            ));
        }
        Ok(found.into_values().collect())
    }

    fn one(&self, name: &str) -> Result<Vec<&Unit>, Label> {
        let open = || self.units.iter().filter(|unit| unit.dissolved.is_none());
        let same: Vec<&Unit> = open().filter(|unit| unit.short_name == name || unit.full_name == name).collect();
        match same.as_slice() {
            [_] => return Ok(same),
            [] => {}
            _ => return Err(several(name)),
        }
        let group = ALL.iter().find_map(|word| name.strip_prefix(word));
        let of_group: Vec<&Unit> = group
            .map(|kind| open().filter(|unit| unit.id != self.giver && self.is(unit, kind)).collect())
            .unwrap_or_default();
        if of_group.is_empty() { Err(self.unknown(name)) } else { Ok(of_group) }
    }

    /// Whether a unit is of a sort: by its level, or by how its name ends.
    fn is(&self, unit: &Unit, kind: &str) -> bool {
        let level = self.pack.level(&unit.level).map_or("", |level| level.name.zh.as_str());
        level == kind || matches!(kind, "党组织" | "单位") || unit.short_name.ends_with(kind)
    }

    fn unknown(&self, name: &str) -> Label {
        let names: Vec<&str> = self.units.iter().map(|unit| unit.short_name.as_str()).collect();
        let near: Vec<&str> = nearest(name, &names, 2).into_iter().map(|near| near.name).collect();
        if near.is_empty() {
            return Label::new(
                format!("没有“{name}”，请填本组织所辖组织的名称，或“各党支部”一类"),
                format!("there is no “{name}”; give the name of a unit below, or a group such as 各党支部"),
            );
        }
        Label::new(
            format!("没有“{name}”，是不是“{}”？", near.join("”或“")),
            format!("there is no “{name}”; did you mean “{}”?", near.join("” or “")),
        )
    }
}

fn several(name: &str) -> Label {
    Label::new(format!("“{name}”不止一个，请写全称"), format!("there are several of “{name}”; give the full name"))
}
