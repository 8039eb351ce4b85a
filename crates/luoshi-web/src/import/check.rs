//! Checking the rows of a sheet against what is known: what each would make, and what is wrong at which cell.

use super::columns::{Head, names, plain};
use jiff::civil::{Date, date};
use luoshi_office::{Sheet, Value, cell};
use luoshi_rules::person::{identity_number, phone_number};
use luoshi_rules::{Label, Refusal, Rulebook, Unit};
use luoshi_store::import::Known;
use luoshi_text::nearest::nearest;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// Unknown names for which near ones are looked up.
const NEAR: usize = 50;

/// Something wrong at a cell, rows and columns from 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Wrong {
    pub row: usize,
    pub column: usize,
    pub zh: String,
    pub en: String,
}

/// What a row would make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "sort")]
pub(super) enum Draft {
    Unit {
        full_name: String,
        short_name: String,
        /// full or short name of the unit above, or empty for the unit of the import
        parent: String,
        level: String,
        class: String,
        code: String,
        order_no: i64,
        founded: Option<Date>,
        term: Option<(Date, Date)>,
    },
    Person {
        name: String,
        sex: String,
        born: Option<Date>,
        identity: String,
        phone: String,
        unit: i64,
        standing: String,
        joined: Option<Date>,
        full_on: Option<Date>,
        post: String,
        since: Option<Date>,
    },
    Record {
        unit: i64,
        kind: String,
        on: Date,
        fields: HashMap<String, Vec<String>>,
    },
}

/// What is there already.
pub(super) struct Ground<'a> {
    pub at: &'a Unit,
    pub units: &'a [Unit],
    pub people: &'a [Known],
    pub records: &'a HashSet<(i64, String, String, String)>,
    pub rules: &'a Rulebook,
    pub today: Date,
    /// blind indexes of the identity numbers of the sheet, by number
    pub blinds: &'a HashMap<String, String>,
}

/// What checking found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub drafts: Vec<Draft>,
    /// rows that are there already
    pub same: usize,
    pub wrong: Vec<Wrong>,
}

/// Checks every row below the head.
pub(super) fn check(sheet: &Sheet, head: &Head, ground: &Ground) -> Outcome {
    let mut rows =
        Rows { sheet, head, ground, out: Outcome::default(), near: HashMap::new(), seen: HashSet::new(), row: 0 };
    rows.names_in_file();
    for row in head.row + 1..sheet.rows.len() {
        rows.row = row;
        if head.columns.values().all(|column| sheet.at(row, *column).is_blank()) || rows.is_footnote() {
            continue;
        }
        match head.sort {
            "units" => rows.unit(),
            "people" => rows.person(),
            _ => rows.record(),
        }
    }
    rows.out
}

/// Identity numbers of a sheet that read as such: to be looked up at once.
pub(super) fn identities(sheet: &Sheet, head: &Head) -> Vec<String> {
    let Some(column) = head.columns.get("identity") else { return Vec::new() };
    let all = (head.row + 1..sheet.rows.len()).filter_map(|row| cell::digits(sheet.at(row, *column)).ok());
    all.filter_map(|text| identity_number(&text).ok()).collect()
}

struct Rows<'a> {
    sheet: &'a Sheet,
    head: &'a Head,
    ground: &'a Ground<'a>,
    out: Outcome,
    near: HashMap<String, Label>,
    seen: HashSet<String>,
    row: usize,
}

impl Rows<'_> {
    fn value(&self, key: &str) -> &Value {
        static EMPTY: Value = Value::Empty;
        self.head.columns.get(key).map_or(&EMPTY, |column| self.sheet.at(self.row, *column))
    }

    fn wrong(&mut self, key: &str, words: Label) {
        let column = self.head.columns.get(key).copied().unwrap_or(0);
        self.out.wrong.push(Wrong { row: self.row, column, zh: words.zh, en: words.en });
    }

    fn refused(&mut self, key: &str, refusal: &Refusal) {
        self.wrong(key, Label::new(refusal.say(luoshi_rules::Lang::Zh), refusal.say(luoshi_rules::Lang::En)));
    }

    fn fault(&mut self, key: &str, fault: &luoshi_office::CellFault) {
        self.wrong(key, Label::new(fault.say(true), fault.say(false)));
    }

    fn text(&mut self, key: &str) -> String {
        match cell::text(self.value(key)) {
            Ok(text) => text,
            Err(luoshi_office::CellFault::Blank) => String::new(),
            Err(fault) => {
                self.fault(key, &fault);
                String::new()
            }
        }
    }

    fn needed(&mut self, key: &str) -> String {
        let text = self.text(key);
        if text.is_empty() {
            self.wrong(key, Label::new("请填写", "please fill in"));
        } else if text.chars().count() > 100 {
            self.wrong(key, Label::new("最多100字", "at most 100 characters"));
        }
        text
    }

    fn day(&mut self, key: &str) -> Option<Date> {
        if self.value(key).is_blank() {
            return None;
        }
        match cell::date(self.value(key)) {
            Ok(day) => {
                let read = Date::new(day.year, day.month, day.day.unwrap_or(1)).ok();
                let late = read.is_some_and(|day| day > self.ground.today) && !key.starts_with("term");
                if read.is_none() || late {
                    self.wrong(key, Label::new("日期不存在，或在今天之后", "no such day, or it is still to come"));
                }
                read
            }
            Err(fault) => {
                self.fault(key, &fault);
                None
            }
        }
    }

    fn digits(&mut self, key: &str, read: fn(&str) -> Result<String, Refusal>) -> String {
        if self.value(key).is_blank() {
            return String::new();
        }
        match cell::digits(self.value(key)) {
            Ok(text) => match read(&text) {
                Ok(clean) => return clean,
                Err(refusal) => self.refused(key, &refusal),
            },
            Err(fault) => self.fault(key, &fault),
        }
        String::new()
    }

    fn word(&mut self, key: &str, otherwise: &str) -> String {
        let text = self.text(key);
        if text.is_empty() {
            return otherwise.to_owned();
        }
        match names().word(key, &text) {
            Some(word) => word.to_owned(),
            None => {
                let words = Label::new(format!("不认识“{text}”"), format!("“{text}” is not known"));
                self.wrong(key, words);
                otherwise.to_owned()
            }
        }
    }

    /// A row such as "填表人：…": one cell only, below a list that has several columns.
    fn is_footnote(&self) -> bool {
        let filled = self.sheet.rows.get(self.row).map_or(0, |row| row.iter().filter(|one| !one.is_blank()).count());
        filled == 1 && self.head.columns.len() > 2 && self.row + 4 > self.sheet.rows.len()
    }

    fn names_in_file(&mut self) {
        if self.head.sort != "units" {
            return;
        }
        for row in self.head.row + 1..self.sheet.rows.len() {
            self.row = row;
            for key in ["full_name", "short_name"] {
                if let Ok(text) = cell::text(self.value(key)) {
                    self.seen.insert(format!("name:{}", plain(&text)));
                }
            }
        }
    }

    fn find_unit(&mut self, key: &str, text: &str) -> Option<i64> {
        let said = plain(text);
        let found: Vec<i64> = self
            .living()
            .filter(|u| plain(&u.full_name) == said || plain(&u.short_name) == said)
            .map(|u| u.id)
            .collect();
        if let [one] = found.as_slice() {
            return Some(*one);
        }
        let words = if found.len() > 1 {
            Label::new(
                format!("有 {} 个组织叫“{text}”，请写全称", found.len()),
                format!("{} units are called “{text}”; give the full name", found.len()),
            )
        } else {
            self.near(text)
        };
        self.wrong(key, words);
        None
    }

    fn living(&self) -> impl Iterator<Item = &Unit> {
        self.ground.units.iter().filter(|unit| unit.dissolved.is_none())
    }

    /// Words for an unknown unit, with the nearest names.
    fn near(&mut self, text: &str) -> Label {
        if let Some(known) = self.near.get(text) {
            return known.clone();
        }
        let names: Vec<&str> = self.ground.units.iter().map(|unit| unit.short_name.as_str()).collect();
        let near = if self.near.len() < NEAR { nearest(text, &names, 3) } else { Vec::new() };
        let list: Vec<&str> = near.iter().map(|one| one.name).collect();
        let mut words = Label::new(format!("没有“{text}”这个组织"), format!("there is no unit “{text}”"));
        if !list.is_empty() {
            words.zh += &format!("；相近的有：{}", list.join("、"));
            words.en += &format!("; near: {}", list.join(", "));
        }
        self.near.insert(text.to_owned(), words.clone());
        words
    }

    fn unit(&mut self) {
        let before = self.out.wrong.len();
        let full_name = self.needed("full_name");
        let short = self.text("short_name");
        let level = self.word("level", "branch");
        let class = self.word("class", &self.ground.at.class.clone());
        let parent = self.text("parent");
        let said = plain(&parent);
        let known = |unit: &&Unit| plain(&unit.full_name) == said || plain(&unit.short_name) == said;
        if !parent.is_empty() && !self.living().any(|unit| known(&unit)) && !self.seen.contains(&format!("name:{said}"))
        {
            let words = self.near(&parent);
            self.wrong("parent", words);
        }
        let founded = self.day("founded");
        let term = self.day("term_from").zip(self.day("term_until")).filter(|(from, until)| from < until);
        if !full_name.is_empty() && !self.seen.insert(format!("full:{}", plain(&full_name))) {
            self.wrong("full_name", Label::new("与前面的行重复", "the same as a row above"));
        }
        if self.living().any(|unit| plain(&unit.full_name) == plain(&full_name)) {
            self.out.same += 1;
            return;
        }
        let order_no = cell::whole(self.value("order_no")).unwrap_or(self.row as i64);
        let code = self.text("code");
        let short_name = if short.is_empty() { full_name.trim_start_matches("中共").to_owned() } else { short };
        if self.out.wrong.len() == before {
            self.out.drafts.push(Draft::Unit {
                full_name,
                short_name,
                parent,
                level,
                class,
                code,
                order_no,
                founded,
                term,
            });
        }
    }

    fn person(&mut self) {
        let before = self.out.wrong.len();
        let (name, unit_name) = (self.needed("name"), self.needed("unit"));
        let unit = if unit_name.is_empty() { None } else { self.find_unit("unit", &unit_name) };
        let (sex, born) = (self.word("sex", ""), self.day("born"));
        let identity = self.digits("identity", identity_number);
        let phone = self.digits("phone", phone_number);
        let standing = self.word("standing", "full");
        let (joined, full_on, since) = (self.day("joined"), self.day("full_on"), self.day("since"));
        let post = self.post(unit);
        let Some(unit) = unit else { return };
        let born = born.or_else(|| born_of(&identity));
        if self.is_known(unit, &name, born, &identity) {
            return;
        }
        if self.out.wrong.len() == before {
            let draft =
                Draft::Person { name, sex, born, identity, phone, unit, standing, joined, full_on, post, since };
            self.out.drafts.push(draft);
        }
    }

    fn post(&mut self, unit: Option<i64>) -> String {
        let text = self.text("post");
        if text.is_empty() || matches!(text.as_str(), "无" | "-" | "党员" | "普通党员") {
            return String::new();
        }
        let level =
            unit.and_then(|id| self.ground.units.iter().find(|unit| unit.id == id)).map(|unit| unit.level.clone());
        let said = plain(&text);
        let fits = |post: &&luoshi_rules::pack::Post| {
            let name = plain(&post.name.zh);
            let named = name == said || name.ends_with(&said) || name.trim_start_matches("支部") == said;
            named && level.as_ref().is_none_or(|level| post.level.is_empty() || post.level.contains(level))
        };
        match self.ground.rules.base.post.iter().find(fits) {
            Some(post) => post.id.clone(),
            None => {
                self.wrong(
                    "post",
                    Label::new(format!("这一级没有“{text}”岗位"), format!("there is no post “{text}” at this level")),
                );
                String::new()
            }
        }
    }

    /// Whether the person is on the roll already or twice in the file.
    fn is_known(&mut self, unit: i64, name: &str, born: Option<Date>, identity: &str) -> bool {
        let day = born.map(|day| day.to_string()).unwrap_or_default();
        let blind = self.ground.blinds.get(identity);
        let by_number = blind.and_then(|blind| self.ground.people.iter().find(|one| one.blind == *blind));
        if let Some(one) = by_number {
            if one.unit == unit {
                self.out.same += 1;
            } else {
                let other =
                    self.ground.units.iter().find(|u| u.id == one.unit).map_or("", |u| &u.short_name).to_owned();
                let words = Label::new(
                    format!("此人已在 {other} 的名册上；调动请走组织关系转接"),
                    format!("already on the roll of {other}; move people by transfer"),
                );
                self.wrong("identity", words);
            }
            return true;
        }
        if self.ground.people.iter().any(|one| one.unit == unit && one.name == name && one.born == day) {
            self.out.same += 1;
            return true;
        }
        let key = if identity.is_empty() { format!("{unit}/{name}/{day}") } else { identity.to_owned() };
        if !self.seen.insert(key) {
            self.wrong("name", Label::new("与前面的行是同一个人", "the same person as in a row above"));
        }
        false
    }

    /// The answers of a record's row: the usual columns, and those named as fields of its kind.
    fn fields(&mut self, kind: &luoshi_rules::Kind) -> HashMap<String, Vec<String>> {
        let mut fields: HashMap<String, Vec<String>> = HashMap::new();
        for key in ["topic", "minutes", "place"] {
            fields.insert(key.to_owned(), vec![self.text(key)]);
        }
        for (said, column) in &self.head.others {
            if let Some(field) =
                kind.field.iter().find(|field| plain(&field.name.zh) == *said || plain(&field.name.en) == *said)
            {
                let text = cell::text(self.sheet.at(self.row, *column)).unwrap_or_default();
                let option = field.option.iter().find(|option| plain(&option.name.zh) == plain(&text));
                fields.insert(field.id.clone(), vec![option.map_or(text, |option| option.id.clone())]);
            }
        }
        fields
    }

    fn record(&mut self) {
        let before = self.out.wrong.len();
        let (unit_name, kind_name) = (self.needed("unit"), self.needed("kind"));
        let unit = if unit_name.is_empty() { None } else { self.find_unit("unit", &unit_name) };
        let said = plain(&kind_name);
        let kind =
            self.ground.rules.kinds().into_iter().find(|k| plain(&k.name.zh) == said || plain(&k.name.en) == said);
        if kind.is_none() && !kind_name.is_empty() {
            self.wrong(
                "kind",
                Label::new(format!("没有“{kind_name}”这种纪实"), format!("there is no kind “{kind_name}”")),
            );
        }
        let on = self.day("on");
        if on.is_none() && self.out.wrong.len() == before {
            self.wrong("on", Label::new("请填写日期", "please give the day"));
        }
        let (Some(unit), Some(kind), Some(on)) = (unit, kind, on) else { return };
        let fields = self.fields(kind);
        if let Err(refusals) = kind.read(&fields) {
            refusals.iter().for_each(|refusal| self.refused("topic", refusal));
        }
        let topic = fields.get("topic").and_then(|all| all.first()).cloned().unwrap_or_default();
        let key = (unit, kind.id.clone(), on.to_string(), topic);
        if self.ground.records.contains(&key) {
            self.out.same += 1;
        } else if !self.seen.insert(format!("{key:?}")) {
            self.wrong("topic", Label::new("与前面的行重复", "the same as a row above"));
        } else if self.out.wrong.len() == before {
            self.out.drafts.push(Draft::Record { unit, kind: kind.id.clone(), on, fields });
        }
    }
}

/// The day of birth that an identity number tells.
fn born_of(identity: &str) -> Option<Date> {
    let part = |from: usize, to: usize| identity.get(from..to)?.parse::<i16>().ok();
    Some(part(6, 10)?).and_then(|year| Date::new(year, part(10, 12)? as i8, part(12, 14)? as i8).ok())
}

/// The first day of a year, for units whose founding is not told.
pub(super) fn long_ago(today: Date) -> Date {
    date(today.year(), 1, 1)
}
