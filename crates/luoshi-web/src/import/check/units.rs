//! Rows of units.

use super::super::columns::plain;
use super::{Rows, again, long_ago, several};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_office::cell;
use luoshi_rules::{Label, Verb};
use luoshi_store::unit::Founding;
use std::collections::HashSet;

/// A unit to be founded.
#[derive(Debug, Clone)]
pub(in super::super) struct UnitDraft {
    pub row: usize,
    pub above: Above,
    /// name of the unit above, as said
    pub below: String,
    pub founding: Founding,
    pub term: Option<(Date, Date)>,
}

/// The unit above one that is to be founded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum Above {
    /// one that is there
    Known(i64),
    /// one that another row of the file founds
    Row(usize),
}

impl Rows<'_> {
    /// Notes what the units of the file are called, so that a row may name one that stands further down.
    pub(super) fn names_in_file(&mut self) {
        if self.head.sort != "units" {
            return;
        }
        for row in self.head.row + 1..self.sheet.rows.len() {
            self.row = row;
            let full = cell::text(self.value("full_name")).unwrap_or_default();
            if full.is_empty() || self.ground.fully_named(&full).is_some() {
                continue;
            }
            let short = cell::text(self.value("short_name")).unwrap_or_default();
            let names = HashSet::from([plain(&full), plain(&short)]);
            for name in names.into_iter().filter(|name| !name.is_empty()) {
                self.in_file.entry(name).or_default().push(row);
            }
        }
    }

    pub(super) fn unit(&mut self) {
        let before = self.out.wrong.len();
        let full_name = self.needed("full_name");
        let twin = if full_name.is_empty() { None } else { self.twin(plain(&full_name)) };
        if let Some(row) = twin {
            self.wrong("full_name", again(row));
        } else if let Some(id) = self.ground.fully_named(&full_name) {
            return self.known_unit(id);
        }
        let base = &self.ground.hand.rules.base;
        let levels: Vec<_> = base.level.iter().map(|level| (level.id.as_str(), &level.name)).collect();
        let classes: Vec<_> = base.class.iter().map(|class| (class.id.as_str(), &class.name)).collect();
        self.needed("level");
        let level = if self.out.wrong.len() == before { self.word("level", &levels) } else { None };
        let class = self.word("class", &classes).unwrap_or_else(|| self.ground.hand.at.class.clone());
        let (below, short) = (self.text("parent"), self.text("short_name"));
        let above = self.above(&below);
        let (founded, order_no) = (self.day("founded"), self.order_no());
        let Some(level) = level else { return };
        self.levels.insert(self.row, level.clone());
        let (code, term) = (self.code(&level), self.term(&level));
        let Some(above) = above.filter(|_| self.out.wrong.len() == before) else { return };
        let founding = Founding {
            id: 0,
            level,
            class,
            code,
            parts: Vec::new(),
            order_no,
            short_name: if short.is_empty() { full_name.trim_start_matches("中共").to_owned() } else { short },
            full_name,
            search: String::new(),
            on: founded.unwrap_or(long_ago(self.ground.hand.actor.today)),
        };
        self.out.units.push(UnitDraft { row: self.row, above, below, founding, term });
        self.out.new += 1;
    }

    fn known_unit(&mut self, id: i64) {
        self.out.same += 1;
        let Some(unit) = self.ground.units.get(&id) else { return };
        let above = unit.path.parent().and_then(|path| self.ground.units.values().find(|one| one.path == path));
        let said = self.text("parent");
        if let Some(above) = above
            && !said.is_empty()
            && !self.ground.named(&said).contains(&above.id)
        {
            let (zh, en) = (&above.short_name, &above.short_name);
            self.note(
                "parent",
                Label::new(
                    format!("现在的上级是“{zh}”；导入不改已有组织，要移动请到组织页面"),
                    format!("it stands below “{en}” now; an import changes no unit, move it on its page"),
                ),
            );
        }
    }

    fn above(&mut self, said: &str) -> Option<Above> {
        if said.is_empty() {
            return Some(Above::Known(self.ground.hand.at.id));
        }
        let rows = self.in_file.get(&plain(said)).map_or(&[][..], Vec::as_slice);
        let words = match (self.ground.named(said), rows) {
            ([one], []) => return Some(Above::Known(*one)),
            ([], [row]) => return Some(Above::Row(*row)),
            ([], []) => self.near(said),
            (known, rows) => several(known.len() + rows.len(), said),
        };
        self.wrong("parent", words);
        None
    }

    fn order_no(&mut self) -> i64 {
        let value = self.value("order_no");
        if value.is_blank() {
            return self.row as i64;
        }
        cell::whole(value).unwrap_or_else(|fault| {
            self.fault("order_no", &fault);
            0
        })
    }

    fn code(&mut self, level: &str) -> String {
        let text = self.text("code");
        let allowed = self.ground.hand.rules.base.level(level).map_or(&[][..], |level| level.code.as_slice());
        if text.is_empty() {
            return allowed.first().cloned().unwrap_or_default();
        }
        // the provisional codes of the national list begin with 9
        let provisional = text.len() == 3 && text.starts_with('9') && text.bytes().all(|b| b.is_ascii_digit());
        if !allowed.contains(&text) && !provisional {
            let list = allowed.join("、");
            self.wrong(
                "code",
                Label::new(
                    format!("这一级的类型代码应为 {list} 或 9 开头的临时代码"),
                    format!("at this level the type code is {list}, or a provisional one that begins with 9"),
                ),
            );
        }
        text
    }

    /// The term of office; of its two days one is enough, the pack knows how long it is.
    fn term(&mut self, level: &str) -> Option<(Date, Date)> {
        let years = self.ground.hand.rules.base.level(level).and_then(|level| level.term).unwrap_or(0);
        let (from, until) = match (self.day("term_from"), self.day("term_until")) {
            (Some(from), Some(until)) => (from, until),
            (Some(from), None) if years > 0 => (from, from.saturating_add(years.years())),
            (None, Some(until)) if years > 0 => (until.saturating_sub(years.years()), until),
            _ => return None,
        };
        if from >= until {
            let words = Label::new("届满日期应在换届日期之后", "a term must end after it begins");
            self.wrong("term_until", words);
        }
        Some((from, until))
    }

    /// Whether every new unit may stand where it is put; when all rows are read.
    pub(super) fn places(&mut self) {
        let units = std::mem::take(&mut self.out.units);
        let above: std::collections::HashMap<usize, Above> = units.iter().map(|unit| (unit.row, unit.above)).collect();
        for unit in &units {
            self.row = unit.row;
            if stands_below_itself(unit.row, &above) {
                let words = Label::new("上级组织互为上下级", "these units stand below one another in a circle");
                self.wrong("parent", words);
            }
            self.place(unit);
        }
        self.out.units = units;
    }

    fn place(&mut self, unit: &UnitDraft) {
        let hand = self.ground.hand;
        let level = match unit.above {
            Above::Known(id) => self.ground.units.get(&id).map(|above| above.level.as_str()),
            Above::Row(row) => self.levels.get(&row).map(String::as_str),
        };
        if let Some(Err(refusal)) = level.map(|level| hand.rules.base.place(&unit.founding.level, level)) {
            self.refused("level", &refusal);
        }
        if let Above::Known(id) = unit.above
            && let Some(above) = self.ground.units.get(&id)
            && !hand.actor.may(&hand.rules.base, Verb::Rule, &above.path)
        {
            let words = Label::new("您不能在这个组织下设立组织", "you may not found units below this one");
            self.wrong("parent", words);
        }
    }
}

fn stands_below_itself(row: usize, above: &std::collections::HashMap<usize, Above>) -> bool {
    let mut at = row;
    for _ in 0..above.len() {
        match above.get(&at) {
            Some(Above::Row(next)) if *next == row => return true,
            Some(Above::Row(next)) => at = *next,
            _ => return false,
        }
    }
    false
}
