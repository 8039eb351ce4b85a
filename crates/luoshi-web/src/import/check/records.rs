//! Rows of past records.

use super::super::columns::{names, plain};
use super::{Draft, Rows, again};
use jiff::civil::Date;
use luoshi_office::cell;
use luoshi_rules::{Kind, Label, Refusal};
use serde_json::Value as Json;
use std::collections::HashMap;

/// A record to be written.
#[derive(Debug, Clone)]
pub(in super::super) struct RecordDraft {
    pub unit: i64,
    pub kind: String,
    pub on: Date,
    pub topic: String,
    pub data: Json,
}

impl<'a> Rows<'a> {
    pub(super) fn record(&mut self) {
        let before = self.out.wrong.len();
        let (unit_name, kind_name) = (self.needed("unit"), self.needed("kind"));
        let unit = if unit_name.is_empty() { None } else { self.find_unit("unit", &unit_name) };
        let kind = self.kind(&kind_name, unit);
        let days = self.out.wrong.len();
        let on = self.day("on");
        if on.is_none() && self.out.wrong.len() == days {
            self.wrong("on", Label::new("请填写日期", "please give the day"));
        }
        if on.is_some_and(|day| day.year() < 1949) {
            self.wrong("on", Label::new("日期过早，请核对年份", "the day is too long ago; check the year"));
        }
        let (Some(unit), Some(kind), Some(on)) = (unit, kind, on) else { return };
        let fields = self.fields(kind);
        let topic = fields.get("topic").and_then(|all| all.first()).cloned().unwrap_or_default();
        let data = match kind.read(&fields) {
            Ok(data) => data,
            Err(refusals) => return refusals.iter().for_each(|refusal| self.refused_field(kind, refusal)),
        };
        let key = (unit, kind.id.clone(), on.to_string(), topic);
        if self.ground.records.contains(&key) {
            self.out.same += 1;
        } else if let Some(row) = self.twin(format!("{key:?}")) {
            self.wrong("topic", again(row));
        } else if self.out.wrong.len() == before {
            let (unit, kind, _, topic) = key;
            self.made = Some(Draft::Record(RecordDraft { unit, kind, on, topic, data }));
        }
    }

    fn kind(&mut self, text: &str, unit: Option<i64>) -> Option<&'a Kind> {
        let (ground, said, key) = (self.ground, plain(text), names().word("kind", text));
        let mut kinds = ground.hand.rules.kinds().into_iter();
        let found =
            kinds.find(|kind| plain(&kind.name.zh) == said || plain(&kind.name.en) == said || key == Some(&*kind.id));
        let level = unit.and_then(|id| ground.units.get(&id)).map(|unit| &unit.level);
        let fits = |kind: &Kind| kind.level.is_empty() || level.is_none_or(|level| kind.level.contains(level));
        match found {
            Some(kind) if !fits(kind) => self.wrong(
                "kind",
                Label::new(format!("这一级组织没有“{text}”这种纪实"), format!("units of this level keep no “{text}”")),
            ),
            None if !text.is_empty() => {
                self.wrong("kind", Label::new(format!("没有“{text}”这种纪实"), format!("there is no kind “{text}”")));
            }
            _ => {}
        }
        found
    }

    /// A refusal at the column whose head is the field's name, or its key.
    fn refused_field(&mut self, kind: &Kind, refusal: &Refusal) {
        let Refusal::Field { field, why } = refusal else { return self.refused("kind", refusal) };
        let name = kind.field(field).map(|field| plain(&field.name.zh)).unwrap_or_default();
        let other = self.head.others.iter().find(|(said, _)| *said == name).map(|(_, column)| *column);
        let mut wrong = self.said(if self.head.columns.contains_key(field) { field } else { "kind" }, why.clone());
        wrong.column = other.unwrap_or(wrong.column);
        self.out.wrong.push(wrong);
    }

    /// The answers of a record's row: the usual columns, and those named as fields of its kind.
    fn fields(&mut self, kind: &Kind) -> HashMap<String, Vec<String>> {
        let mut fields: HashMap<String, Vec<String>> = HashMap::new();
        for key in ["topic", "minutes", "place"] {
            fields.insert(key.to_owned(), vec![self.text(key)]);
        }
        for (said, column) in &self.head.others {
            let named =
                |field: &&luoshi_rules::record::Field| plain(&field.name.zh) == *said || plain(&field.name.en) == *said;
            if let Some(field) = kind.field.iter().find(named) {
                let text = cell::text(self.sheet.at(self.row, *column)).unwrap_or_default();
                let option = field.option.iter().find(|option| plain(&option.name.zh) == plain(&text));
                fields.insert(field.id.clone(), vec![option.map_or(text, |option| option.id.clone())]);
            }
        }
        fields
    }
}
