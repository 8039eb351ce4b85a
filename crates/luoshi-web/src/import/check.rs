//! Checking the rows of a sheet against what is known: what each would make, and what is wrong at which cell.

mod people;
mod records;
mod units;

use super::columns::{Head, names, plain};
use jiff::civil::{Date, date};
use luoshi_office::{Sheet, Value, cell};
use luoshi_rules::person::identity_number;
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
    let mut rows = Rows::new(sheet, head, ground);
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
    /// living units by name
    units: HashMap<String, Vec<i64>>,
    /// people on the roll by the blind index of their number, and by unit, name and day of birth
    numbers: HashMap<&'a str, &'a Known>,
    people: HashSet<(i64, &'a str, &'a str)>,
    row: usize,
}

impl<'a> Rows<'a> {
    fn new(sheet: &'a Sheet, head: &'a Head, ground: &'a Ground<'a>) -> Rows<'a> {
        let mut units: HashMap<String, Vec<i64>> = HashMap::new();
        for unit in ground.units.iter().filter(|unit| unit.dissolved.is_none()) {
            let names: HashSet<String> = [plain(&unit.full_name), plain(&unit.short_name)].into();
            names.into_iter().for_each(|name| units.entry(name).or_default().push(unit.id));
        }
        let numbered = ground.people.iter().filter(|one| !one.blind.is_empty());
        Rows {
            sheet,
            head,
            ground,
            out: Outcome::default(),
            near: HashMap::new(),
            seen: HashSet::new(),
            units,
            numbers: numbered.map(|one| (one.blind.as_str(), one)).collect(),
            people: ground.people.iter().map(|one| (one.unit, one.name.as_str(), one.born.as_str())).collect(),
            row: 0,
        }
    }

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
        let found = self.units.get(&said).cloned().unwrap_or_default();
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
}

/// The first day of a year, for units whose founding is not told.
pub(super) fn long_ago(today: Date) -> Date {
    date(today.year(), 1, 1)
}
