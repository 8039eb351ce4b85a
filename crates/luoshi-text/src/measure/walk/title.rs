//! The title, the addressees and the headings: how what stands below them is read.

use super::{Stance, Walk, due, outline, split};
use crate::measure::due::Found;

/// What a step is called takes no more characters than this.
const STEP: usize = 16;

impl<'a> Walk<'a> {
    pub(super) fn open_title(&mut self, text: &str) {
        let bare = without_remark(text);
        let ends = |words: &[String]| words.iter().any(|word| bare.ends_with(word.as_str()));
        let stance = match (ends(&self.lexicon.plan.titles), ends(&self.lexicon.past.titles)) {
            (true, _) => Stance::Plan,
            (_, true) => Stance::Past,
            _ => Stance::Neutral,
        };
        self.title = Some(stance);
        self.stance = stance;
        self.forwards |= self.lexicon.plan.forwards.iter().any(|word| text.contains(word.as_str()));
        self.reader.subjects.base.month = self.month_of(text);
    }

    /// Whether a line below the first is the title: a number or the name of whoever writes may stand above it.
    pub(super) fn is_second_title(&mut self, text: &str) -> bool {
        if self.title != Some(Stance::Neutral) || !self.found.is_empty() || text.contains(['。', '；', '：', '\t']) {
            return false;
        }
        self.open_title(text);
        self.title != Some(Stance::Neutral)
    }

    /// The month a title speaks of, `6月份工作提示`, unless it is over.
    fn month_of(&self, title: &str) -> Option<i8> {
        let (head, tail) = title.split_once('月')?;
        let digits = head.chars().rev().take_while(char::is_ascii_digit).count();
        let month: i8 = head.get(head.len() - digits..)?.parse().ok()?;
        let day = self.reader.subjects.base.day;
        let dated = tail.starts_with(|c: char| c.is_ascii_digit() || "至到-—".contains(c));
        (!dated && (1..13).contains(&month) && month >= day.month()).then_some(month)
    }

    pub(super) fn is_address(&mut self, text: &str) -> bool {
        let Some(names) = text.strip_suffix(['：', ':']) else { return false };
        let owners = split(names, &self.lexicon.owner.ends);
        let named = |name: &String| {
            let words = &self.lexicon.owner;
            words.ends.iter().any(|end| name.ends_with(end.as_str())) && !words.never.contains(name)
        };
        let is = !owners.is_empty() && owners.iter().all(named);
        if is {
            self.addressees = owners;
        }
        is
    }

    /// Whether a line is a heading. One in two halves, `聚焦主业，在提质上用力`, is known by what follows: an item of its own
    /// kind would make it an item.
    pub(super) fn is_heading(&self, level: u8, text: &str, after: &str) -> bool {
        if outline::is_heading(level, text) {
            return level < 3 || self.plain(text) && !self.reader.begins_with_act(text);
        }
        let bare = text.trim_end();
        if (1..3).contains(&level) && self.period_of(bare, 0).is_some() {
            return true;
        }
        let next = after.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        (1..3).contains(&level)
            && outline::is_heading(level, &text.replace('，', ""))
            && outline::number(next).0 != level
            && self.plain(text)
    }

    pub(super) fn heading(&mut self, level: u8, text: &'a str, from: usize) {
        self.carried.clear();
        if level > 2 {
            return;
        }
        self.sibling.clear();
        self.period = self.period_of(text, from);
        (self.head, self.lead) = (text, "");
        let holds = |words: &[String]| words.iter().any(|word| text.contains(word.as_str()));
        match (holds(&self.lexicon.past.sections), holds(&self.lexicon.plan.sections)) {
            (true, _) => self.stance = Stance::Past,
            (_, true) => self.stance = Stance::Plan,
            _ if level == 1 => self.stance = self.title.unwrap_or(Stance::Neutral),
            _ => {}
        }
        let day = self.reader.subjects.base.day;
        let named =
            text.split_once('年').and_then(|(head, _)| head.get(head.len().checked_sub(4)?..)?.parse::<i16>().ok());
        if level == 1 {
            self.reader.subjects.base.year = named.filter(|year| *year >= day.year()).unwrap_or(day.year());
        }
    }

    /// When a step is taken: `动员部署（3月上旬至4月底）`.
    pub(super) fn period_of(&self, text: &str, from: usize) -> Option<Found> {
        let bare = text.trim_end_matches(['。', '：', ' ']);
        let (name, inside) = bare.strip_suffix('）')?.split_once('（')?;
        let found = due::find(inside, &self.reader.subjects.base).into_iter().next_back()?;
        let whole = found.at.end == inside.len() && name.chars().count() <= STEP && !name.contains('，');
        let start = from + name.len() + "（".len();
        whole.then(|| Found { at: start + found.at.start..start + found.at.end, ..found })
    }
}

/// A title without what stands in brackets behind it: `（试行）`.
fn without_remark(title: &str) -> &str {
    let bare = title.trim_end();
    bare.strip_suffix('）').and_then(|head| head.rsplit_once('（')).map_or(bare, |(head, _)| head.trim_end())
}
