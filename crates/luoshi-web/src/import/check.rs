//! Checking the rows of a sheet against what is known: what each would make, and what is wrong at which cell.

mod people;
mod records;
mod units;

pub(super) use people::{ChangeDraft, Facts, PersonDraft};
pub(super) use records::RecordDraft;
pub(super) use units::{Above, UnitDraft};

use super::columns::{Head, names, plain};
use super::ground::Ground;
use jiff::civil::{Date, date};
use luoshi_office::{CellFault, Sheet, Value, cell};
use luoshi_rules::{Label, Lang, Refusal};
use luoshi_store::Fault;
use luoshi_text::nearest::Names;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

/// Unknown names for which near ones are looked up.
const NEAR: usize = 50;
/// Faults that are kept; a file with more is a wrong file.
const MOST: usize = 5_000;

/// Something to say of a cell, rows and columns from 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Wrong {
    pub row: usize,
    pub column: usize,
    pub zh: String,
    pub en: String,
}

/// What a row would make. Units are founded when all rows are read, those above first; others as their row is read, so
/// that a long sheet is not held twice.
#[derive(Debug)]
pub(super) enum Draft {
    Person(PersonDraft),
    Record(RecordDraft),
}

/// Where drafts go.
pub(super) type Sink<'a> = &'a mut dyn FnMut(Draft) -> Result<(), Fault>;

/// What checking found.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// units to be founded
    pub units: Vec<UnitDraft>,
    /// rows that would make something
    pub new: usize,
    /// rows that are there already
    pub same: usize,
    /// what keeps the sheet from being written
    pub wrong: Vec<Wrong>,
    /// where the sheet says otherwise than the roll, which stays as it is unless it is asked to follow
    pub notes: Vec<Wrong>,
    /// what would follow
    pub changes: Vec<ChangeDraft>,
}

/// Checks every row below the head, telling `done` how far it has come; what a row would make goes to `sink`.
pub(super) fn check(
    (sheet, head): (&Sheet, &Head),
    ground: &Ground,
    done: &AtomicI64,
    sink: Sink,
) -> Result<Outcome, Fault> {
    let mut rows = Rows {
        sheet,
        head,
        ground,
        made: None,
        out: Outcome::default(),
        names: OnceLock::new(),
        near: HashMap::new(),
        seen: HashMap::new(),
        in_file: HashMap::new(),
        levels: HashMap::new(),
        seats: HashMap::new(),
        row: 0,
    };
    rows.names_in_file();
    for row in head.row + 1..sheet.rows.len() {
        rows.row = row;
        done.store(row as i64, Ordering::Relaxed);
        if head.columns.values().all(|column| sheet.at(row, *column).is_blank()) || rows.is_footnote() {
            continue;
        }
        match head.sort.as_str() {
            "units" => rows.unit(),
            "people" => rows.person(),
            _ => rows.record(),
        }
        if let Some(draft) = rows.made.take() {
            rows.out.new += 1;
            sink(draft)?;
        }
    }
    rows.places();
    rows.out.wrong.sort_by_key(|one| (one.row, one.column));
    Ok(rows.out)
}

/// Identity numbers or person codes of a sheet that read as such: to be looked up at once.
pub(super) fn numbers(
    (sheet, head): (&Sheet, &Head),
    key: &str,
    read: fn(&str) -> Result<String, Refusal>,
) -> impl Iterator<Item = String> {
    let column = head.columns.get(key).copied();
    let rows = head.row + 1..if column.is_some() { sheet.rows.len() } else { 0 };
    let all = rows.filter_map(move |row| number(key, sheet.at(row, column?)).ok());
    all.filter_map(move |text| read(&text).ok())
}

/// A number of somebody as a cell holds it; person codes may have letters.
fn number(key: &str, value: &Value) -> Result<String, CellFault> {
    match value {
        Value::Text(_) if key == "code" => cell::text(value),
        other => cell::digits(other),
    }
}

struct Rows<'a> {
    sheet: &'a Sheet,
    head: &'a Head,
    ground: &'a Ground<'a>,
    /// what the row at hand would make
    made: Option<Draft>,
    out: Outcome,
    names: OnceLock<Names<'a>>,
    near: HashMap<String, Label>,
    /// what stands once in a file, with the row where it stood first
    seen: HashMap<String, usize>,
    /// units of the file by their names: the rows
    in_file: HashMap<String, Vec<usize>>,
    /// levels of the units of the file by row
    levels: HashMap<usize, String>,
    /// who of the file takes a seat: unit and post
    seats: HashMap<(i64, String), String>,
    row: usize,
}

impl<'a> Rows<'a> {
    fn value(&self, key: &str) -> &'a Value {
        static EMPTY: Value = Value::Empty;
        self.head.columns.get(key).map_or(&EMPTY, |column| self.sheet.at(self.row, *column))
    }

    fn said(&self, key: &str, words: Label) -> Wrong {
        let first = self.head.columns.values().min().copied().unwrap_or(0);
        let column = self.head.columns.get(key).copied().unwrap_or(first);
        Wrong { row: self.row, column, zh: words.zh, en: words.en }
    }

    fn wrong(&mut self, key: &str, words: Label) {
        if self.out.wrong.len() < MOST {
            self.out.wrong.push(self.said(key, words));
        }
    }

    fn note(&mut self, key: &str, words: Label) {
        if self.out.notes.len() < MOST {
            self.out.notes.push(self.said(key, words));
        }
    }

    fn refused(&mut self, key: &str, refusal: &Refusal) {
        self.wrong(key, Label::new(refusal.say(Lang::Zh), refusal.say(Lang::En)));
    }

    fn fault(&mut self, key: &str, fault: &luoshi_office::CellFault) {
        self.wrong(key, Label::new(fault.say(true), fault.say(false)));
    }

    /// The row above in which something stood that stands once in a file; it is remembered for the rows below.
    fn twin(&mut self, what: String) -> Option<usize> {
        let first = *self.seen.entry(what).or_insert(self.row);
        (first < self.row).then_some(first)
    }

    fn text(&mut self, key: &str) -> String {
        match cell::text(self.value(key)) {
            Ok(text) => text,
            Err(CellFault::Blank) => String::new(),
            Err(fault) => {
                self.fault(key, &fault);
                String::new()
            }
        }
    }

    fn needed(&mut self, key: &str) -> String {
        let before = self.out.wrong.len();
        let text = self.text(key);
        if text.is_empty() && self.out.wrong.len() == before {
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
                let late = read.is_some_and(|day| day > self.ground.hand.actor.today) && key != "term_until";
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
        match number(key, self.value(key)) {
            Ok(text) => match read(&text) {
                Ok(clean) => return clean,
                Err(refusal) => self.refused(key, &refusal),
            },
            Err(fault) => self.fault(key, &fault),
        }
        String::new()
    }

    /// The key a word stands for: a name of the pack, or one that people use for it.
    fn word(&mut self, key: &str, known: &[(&str, &Label)]) -> Option<String> {
        let text = self.text(key);
        if text.is_empty() {
            return None;
        }
        let said = plain(&text);
        let named = known.iter().find(|(_, name)| plain(&name.zh) == said || plain(&name.en) == said);
        let id = named.map(|(id, _)| *id).or_else(|| {
            names().word(key, &text).filter(|id| known.is_empty() || known.iter().any(|(one, _)| one == id))
        });
        if id.is_none() {
            let all = |lang| known.iter().map(|(_, name)| name.of(lang)).collect::<Vec<_>>();
            let (mut zh, mut en) = (format!("不认识“{text}”"), format!("“{text}” is not known"));
            if !known.is_empty() {
                zh += &format!("；可以写：{}", all(Lang::Zh).join("、"));
                en += &format!("; write one of: {}", all(Lang::En).join(", "));
            }
            self.wrong(key, Label::new(zh, en));
        }
        id.map(str::to_owned)
    }

    /// A row such as "填表人：…": one cell only, below a list that has several columns.
    fn is_footnote(&self) -> bool {
        let filled = self.sheet.rows.get(self.row).map_or(0, |row| row.iter().filter(|one| !one.is_blank()).count());
        filled == 1 && self.head.columns.len() > 2 && self.row + 4 > self.sheet.rows.len()
    }

    fn find_unit(&mut self, key: &str, text: &str) -> Option<i64> {
        let words = match self.ground.named(text) {
            [one] => return Some(*one),
            [] => self.near(text),
            many => several(many.len(), text),
        };
        self.wrong(key, words);
        None
    }

    /// Words for an unknown unit, with the nearest names.
    fn near(&mut self, text: &str) -> Label {
        if let Some(known) = self.near.get(text) {
            return known.clone();
        }
        let mut words = Label::new(format!("没有“{text}”这个组织"), format!("there is no unit “{text}”"));
        if self.near.len() < NEAR {
            let ground = self.ground;
            // people write a name as short as they like: it may be near the full one and not the short one
            let names = self.names.get_or_init(|| Names::new(ground.every_name().map(|(name, _)| name)));
            let mut near: Vec<&str> = Vec::new();
            for found in names.nearest(text, 8) {
                let short = ground.every_name().nth(found.at).map_or(found.name, |(_, short)| short);
                if near.len() < 3 && !near.contains(&short) {
                    near.push(short);
                }
            }
            if near.is_empty() {
                words.zh += "；请核对名称，或先导入组织";
                words.en += "; check the name, or import the units first";
            } else {
                words.zh += &format!("；相近的有：{}", near.join("、"));
                words.en += &format!("; near: {}", near.join(", "));
            }
        }
        self.near.insert(text.to_owned(), words.clone());
        words
    }
}

/// Words for a row that says what one above says.
fn again(row: usize) -> Label {
    let row = row + 1;
    Label::new(format!("与第 {row} 行重复，请删去一行"), format!("the same as row {row}; take one of them out"))
}

fn several(count: usize, text: &str) -> Label {
    Label::new(
        format!("有 {count} 个组织叫“{text}”，请写全称"),
        format!("{count} units are called “{text}”; give the full name"),
    )
}

/// The first day of a year, for units whose founding is not told.
pub(super) fn long_ago(today: Date) -> Date {
    date(today.year(), 1, 1)
}
