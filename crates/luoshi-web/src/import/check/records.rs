//! Rows of past records.

use super::super::columns::plain;
use super::{Draft, Rows};
use luoshi_office::cell;
use luoshi_rules::Label;
use std::collections::HashMap;

impl Rows<'_> {
    pub(super) fn record(&mut self) {
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
}
