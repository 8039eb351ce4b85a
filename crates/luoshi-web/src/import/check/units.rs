//! Rows of units.

use super::super::columns::plain;
use super::{Draft, Rows};
use luoshi_office::cell;
use luoshi_rules::Label;

impl Rows<'_> {
    pub(super) fn unit(&mut self) {
        let before = self.out.wrong.len();
        let full_name = self.needed("full_name");
        let short = self.text("short_name");
        let level = self.word("level", "branch");
        let class = self.word("class", &self.ground.at.class.clone());
        let parent = self.text("parent");
        let said = plain(&parent);
        if !parent.is_empty() && !self.units.contains_key(&said) && !self.seen.contains(&format!("name:{said}")) {
            let words = self.near(&parent);
            self.wrong("parent", words);
        }
        let founded = self.day("founded");
        let term = self.day("term_from").zip(self.day("term_until")).filter(|(from, until)| from < until);
        if !full_name.is_empty() && !self.seen.insert(format!("full:{}", plain(&full_name))) {
            self.wrong("full_name", Label::new("与前面的行重复", "the same as a row above"));
        }
        if self.units.contains_key(&plain(&full_name)) {
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
}
