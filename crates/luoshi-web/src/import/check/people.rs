//! Rows of people, with the posts they hold.

use super::super::columns::plain;
use super::{Draft, Rows};
use jiff::civil::Date;
use luoshi_rules::Label;
use luoshi_rules::person::{identity_number, phone_number};

impl Rows<'_> {
    pub(super) fn person(&mut self) {
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
        let by_number = blind.and_then(|blind| self.numbers.get(blind.as_str()).copied());
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
        if self.people.contains(&(unit, name, day.as_str())) {
            self.out.same += 1;
            return true;
        }
        let key = if identity.is_empty() { format!("{unit}/{name}/{day}") } else { identity.to_owned() };
        if !self.seen.insert(key) {
            self.wrong("name", Label::new("与前面的行是同一个人", "the same person as in a row above"));
        }
        false
    }
}

/// The day of birth that an identity number tells.
fn born_of(identity: &str) -> Option<Date> {
    let part = |from: usize, to: usize| identity.get(from..to)?.parse::<i16>().ok();
    Some(part(6, 10)?).and_then(|year| Date::new(year, part(10, 12)? as i8, part(12, 14)? as i8).ok())
}
