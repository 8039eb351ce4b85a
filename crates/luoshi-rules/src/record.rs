//! A record: something a unit did on a day. What it holds is said by its kind.

use crate::class::Enrol;
pub use crate::meeting::{Due, Marks, Meeting};
use crate::{Label, Refusal};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Most characters a line of text may hold.
pub const LINE: usize = 200;
/// Most characters a long text may hold.
pub const LONG: usize = 20_000;

/// The field of the tags that name the Party groups that met. Fields of kinds are not called so.
pub const GROUP: &str = "group";

/// The field of the tags that name the kinds a record counts as besides its own. Fields of kinds are not called so.
pub const ALSO: &str = "also";

/// What a record of this kind holds. Kinds live in the pack; a new kind needs no code.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// key: `central-study`
    pub id: String,
    /// shown name
    pub name: Label,
    /// one line of help under the name
    #[serde(default)]
    pub help: Label,
    /// levels that keep such records; empty means all
    #[serde(default)]
    pub level: Vec<String>,
    /// who attends, for kinds that are meetings
    pub meeting: Option<Meeting>,
    /// the kind of meeting an absence from which it makes up for: study afterwards
    pub absent_from: Option<String>,
    /// a choice of which each option is recorded once by a unit: an opening and a closing report, and no third
    pub once: Option<String>,
    /// kinds that a record of this one may count as too, when whoever writes it says so: a theme day with a lecture in it
    #[serde(default)]
    pub also: Vec<String>,
    /// the flow by which problems that such a record tells of are put right, opened from its page
    pub problems: Option<String>,
    /// records of other kinds that are shown in the file of a year of this one
    #[serde(default)]
    pub beside: Vec<Beside>,
    /// how such records are planned ahead with places for which names are put down; none where they are not
    pub enrol: Option<Enrol>,
    /// what the form asks
    #[serde(default)]
    pub field: Vec<Field>,
}

/// Records of another kind, with one option chosen, that are shown beside those of a kind.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// heading over them
    pub name: Label,
    /// their kind
    pub record: String,
    /// the choice and its option: `for:study-secretary`
    pub tag: String,
}

/// One question of a form.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// key in the stored data
    pub id: String,
    /// shown name
    pub name: Label,
    /// help under the box
    #[serde(default)]
    pub help: Label,
    /// what may be written there
    pub holds: Holds,
    /// whether it may be left empty
    #[serde(default)]
    pub optional: bool,
    /// the largest number it takes, or the most characters
    pub most: Option<u32>,
    /// working days that must lie between the day on which it is filled in and the day it names
    pub ahead: Option<i16>,
    /// options of a choice
    #[serde(default)]
    pub option: Vec<Choice>,
    /// why an attachment is asked for: the legal ground, shown on the form; a required file must have one
    pub ground: Option<Label>,
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// key in the stored data
    pub id: String,
    /// shown name
    pub name: Label,
    /// only in parts of matters of these flows; none: wherever no option is made for that flow
    #[serde(default)]
    pub under: Vec<String>,
}

/// The sorts of answer a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// one line of text
    Text,
    /// text of many lines
    Long,
    /// a whole number, zero or more
    Number,
    /// a day
    Date,
    /// money, kept in fen, written in yuan
    Money,
    /// one of the options
    Choice,
    /// any of the options
    Choices,
    /// people, by id
    People,
    /// a unit, by id
    Unit,
    /// files
    File,
}

/// A fact: `unit` did a thing of `kind` on `on`. The newest version of an id counts; older ones stay.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// key, the same through all corrections
    pub id: i64,
    /// 1 as first written, higher with each correction
    pub version: i64,
    /// unit that did it
    pub unit: i64,
    /// kind, by its key in the pack
    pub kind: String,
    /// the day it happened
    pub on: Date,
    /// the day this version was written
    pub written: Date,
    /// who wrote this version
    pub author: i64,
    /// answers to the fields of the kind
    pub data: Value,
    /// key of an earlier period this makes up for
    pub makes_up: String,
    /// why it was withdrawn; a withdrawn record counts for nothing
    pub withdrawn: Option<String>,
}

impl Kind {
    /// Whether people come together for it.
    pub fn gathers(&self) -> bool {
        self.meeting.as_ref().is_some_and(|meeting| meeting.marks.is_none())
    }

    /// The field with this key.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.field.iter().find(|field| field.id == id)
    }

    /// The numbers that a record of this kind must give which counts as another kind too, since figures of that one add
    /// them up: hours of service on a theme day.
    pub fn asks_of<'a>(&'a self, other: &'a Kind) -> impl Iterator<Item = &'a Field> {
        let number = |field: &&Field| field.holds == Holds::Number && !field.optional;
        other.field.iter().filter(number).filter(|field| self.field(&field.id).is_none())
    }

    /// Reads a filled form. Lists every field that is missing or malformed. Files are read apart.
    pub fn read(&self, form: &HashMap<String, Vec<String>>) -> Result<Value, Vec<Refusal>> {
        read(&self.field, form)
    }

    /// The options a record chose, as `field:option` separated by spaces: what clauses may filter by. The Party groups
    /// that met stand among them as `group:key`.
    pub fn tags(&self, data: &Value) -> String {
        let mut tags = Vec::new();
        if self.meeting.as_ref().is_some_and(|meeting| meeting.due == Due::BranchGroups) {
            let groups = data["groups"].as_array().into_iter().flatten().filter_map(|group| group["id"].as_i64());
            tags.extend(groups.map(|id| format!("{GROUP}:{id}")));
        }
        let also = data[ALSO].as_array().into_iter().flatten().filter_map(Value::as_str);
        tags.extend(also.filter(|one| self.also.iter().any(|kind| kind == one)).map(|kind| format!("{ALSO}:{kind}")));
        for field in self.field.iter().filter(|field| matches!(field.holds, Holds::Choice | Holds::Choices)) {
            match &data[&field.id] {
                Value::String(one) => tags.push(format!("{}:{one}", field.id)),
                Value::Array(many) => {
                    tags.extend(many.iter().filter_map(Value::as_str).map(|one| format!("{}:{one}", field.id)));
                }
                _ => {}
            }
        }
        tags.join(" ")
    }
}

/// Whether a record of a kind with these tags counts as one of another: it is of that kind, or says that it is too.
pub fn counts_as((kind, tags): (&str, &str), wanted: &str) -> bool {
    kind == wanted || tags.split(' ').any(|tag| tag.split_once(':') == Some((ALSO, wanted)))
}

/// Tags without the Party groups that met: figures tell records apart by options, not by groups.
pub fn options(tags: &str) -> String {
    let chosen = |tag: &&str| !tag.strip_prefix(GROUP).is_some_and(|rest| rest.starts_with(':'));
    tags.split(' ').filter(chosen).collect::<Vec<_>>().join(" ")
}

/// Reads the answers to some fields. Lists every field that is missing or malformed. Files are read apart.
pub fn read(fields: &[Field], form: &HashMap<String, Vec<String>>) -> Result<Value, Vec<Refusal>> {
    let (mut data, mut faults) = (Map::new(), Vec::new());
    let asked = fields.iter().filter(|field| field.holds != Holds::File);
    for field in asked {
        let given = form.get(&field.id).map_or(&[][..], Vec::as_slice);
        match field.read(given) {
            Ok(Some(value)) => drop(data.insert(field.id.clone(), value)),
            Ok(None) => {}
            Err(refusal) => faults.push(refusal),
        }
    }
    if faults.is_empty() { Ok(Value::Object(data)) } else { Err(faults) }
}

impl Field {
    /// The field as it is asked in a part of a matter of that flow: with the options made for it, or else the general.
    pub fn under(&self, flow: &str) -> Field {
        let made = |option: &&Choice| option.under.iter().any(|under| under == flow);
        let own: Vec<Choice> = self.option.iter().filter(made).cloned().collect();
        let general = self.option.iter().filter(|option| option.under.is_empty()).cloned();
        let option = if own.is_empty() { general.collect() } else { own };
        Field { option, ..self.clone() }
    }

    fn read(&self, given: &[String]) -> Result<Option<Value>, Refusal> {
        let given: Vec<&str> = given.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
        let Some(text) = given.first() else {
            return if self.optional { Ok(None) } else { Err(self.refuse("请填写", "please fill in")) };
        };
        match self.holds {
            Holds::Text => self.bounded(text, self.room(LINE)),
            Holds::Long => self.bounded(text, self.room(LONG)),
            Holds::Number => self.counted(text),
            Holds::Date => self.parsed(
                text.parse::<Date>().ok().map(|day| day.to_string().into()),
                "请填日期，如 2023-03-31",
                "a day, such as 2023-03-31",
            ),
            Holds::Money => self.parsed(
                fen(text).map(Value::from),
                "请填金额（元），如 1200.50",
                "an amount in yuan, such as 1200.50",
            ),
            Holds::Choice => self.chosen(text),
            Holds::Choices => given
                .iter()
                .map(|text| self.chosen(text))
                .collect::<Result<_, _>>()
                .map(|all: Vec<_>| Some(Value::Array(all.into_iter().flatten().collect()))),
            Holds::People => self.parsed(ids(&given), "请填名册上的姓名", "names that are on the roll"),
            Holds::Unit => {
                self.parsed(text.parse::<i64>().ok().map(Value::from), "请填组织的简称", "the short name of a unit")
            }
            Holds::File => Ok(None),
        }
    }

    /// Characters that fit.
    fn room(&self, most: usize) -> usize {
        self.most.and_then(|n| usize::try_from(n).ok()).map_or(most, |n| n.min(most))
    }

    fn bounded(&self, text: &str, most: usize) -> Result<Option<Value>, Refusal> {
        let count = text.chars().count();
        if count <= most {
            return Ok(Some(text.into()));
        }
        Err(self.refuse(
            &format!("最多 {most} 字，现有 {count} 字，请删减"),
            &format!("at most {most} characters; it has {count}, please shorten it"),
        ))
    }

    fn counted(&self, text: &str) -> Result<Option<Value>, Refusal> {
        match (text.parse::<u32>(), self.most) {
            (Ok(n), Some(most)) if n > most => Err(self.refuse(&format!("最多 {most}"), &format!("{most} at most"))),
            (n, _) => self.parsed(n.ok().map(Value::from), "请填整数，如 38", "a whole number, such as 38"),
        }
    }

    fn parsed(&self, value: Option<Value>, zh: &str, en: &str) -> Result<Option<Value>, Refusal> {
        value.map(Some).ok_or_else(|| self.refuse(zh, en))
    }

    fn chosen(&self, text: &str) -> Result<Option<Value>, Refusal> {
        let known = self.option.iter().any(|option| option.id == text);
        self.parsed(known.then(|| text.into()), "请从选项中选择", "please choose one of the options")
    }

    fn refuse(&self, zh: &str, en: &str) -> Refusal {
        Refusal::field(&self.id, format!("{}：{zh}", self.name.zh), format!("{}: {en}", self.name.en))
    }
}

fn ids(given: &[&str]) -> Option<Value> {
    given.iter().map(|text| text.parse::<i64>().ok().map(Value::from)).collect::<Option<Vec<_>>>().map(Value::Array)
}

/// Reads yuan with at most two decimals as fen.
pub fn fen(text: &str) -> Option<i64> {
    let text = text.replace([',', '，', ' '], "");
    let (yuan, cents) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if yuan.is_empty() || yuan.len() > 12 || cents.len() > 2 || !digits(yuan) || !digits(cents) {
        return None;
    }
    let cents = format!("{cents:0<2}").parse::<i64>().ok()?;
    Some(yuan.parse::<i64>().ok()? * 100 + cents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(holds: Holds) -> Field {
        let options = ["a", "b"].map(|id| Choice { id: id.into(), name: Label::default(), under: Vec::new() }).to_vec();
        Field {
            id: "f".into(),
            name: Label::new("栏", "Box"),
            help: Label::default(),
            holds,
            optional: false,
            most: None,
            ahead: None,
            option: options,
            ground: None,
        }
    }

    #[track_caller]
    fn check(holds: Holds, given: &[&str], want: Option<Value>) {
        let given: Vec<String> = given.iter().map(|s| (*s).to_owned()).collect();
        assert_eq!(field(holds).read(&given).ok().flatten(), want, "{holds:?} {given:?}");
    }

    #[test]
    fn a_field_takes_what_it_holds_and_refuses_the_rest() {
        check(Holds::Text, &[" 学习 "], Some("学习".into()));
        check(Holds::Text, &["  "], None);
        check(Holds::Text, &[&"长".repeat(201)], None);
        check(Holds::Number, &["38"], Some(38.into()));
        check(Holds::Number, &["-1"], None);
        check(Holds::Date, &["2024-02-29"], Some("2024-02-29".into()));
        check(Holds::Date, &["2023-02-29"], None);
        check(Holds::Money, &["1,200.5"], Some(120_050.into()));
        check(Holds::Money, &["1.234"], None);
        check(Holds::Choice, &["b"], Some("b".into()));
        check(Holds::Choice, &["c"], None);
        check(Holds::Choices, &["a", "b"], Some(serde_json::json!(["a", "b"])));
        check(Holds::Choices, &["a", "c"], None);
        check(Holds::People, &["7", "x"], None);
    }
}
