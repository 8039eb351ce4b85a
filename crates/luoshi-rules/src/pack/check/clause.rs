//! What must be true of a clause: it names what exists, can be owed, and can be met.

use super::super::read::Faults;
use super::Known;
use crate::clause::{Count, Source, Whose};
use crate::record::Due as Meets;
use crate::{Cadence, Clause, Due, Kind, Label};
use std::collections::BTreeMap;
use std::ops::Range;

/// Roles the program writes itself, whatever the kind offers.
const ALWAYS: [&str; 1] = ["present"];

impl Known<'_> {
    pub(super) fn check_clause(&self, clause: &Clause, span: &Range<usize>, faults: &mut Faults) {
        let mut lookup = |sort: Label, ids: &[String], known: Vec<&str>| {
            for id in ids.iter().filter(|id| !known.contains(&id.as_str())) {
                faults.unknown(span, &sort, id, known.iter().copied());
            }
        };
        lookup(Label::new("级别", "level"), &clause.level, self.levels());
        lookup(Label::new("类别", "class"), &clause.class, self.named(|pack| &pack.class));
        lookup(Label::new("栏目", "section"), std::slice::from_ref(&clause.section), self.named(|pack| &pack.section));
        lookup(Label::new("配置", "part"), clause.needs.as_slice(), self.named(|pack| &pack.part));
        lookup(Label::new("依据", "source"), clause.source.as_slice(), self.named(|pack| &pack.source));
        lookup(Label::new("岗位", "post"), clause.post.as_slice(), self.posts());
        if clause.counts.is_empty() || clause.at_least == 0 {
            let what = Label::new(
                format!("条款 {} 不可能或无需落实", clause.id),
                format!("clause {} can never be owed or met", clause.id),
            );
            let hint = Label::new(
                "counts 至少一项，at_least 至少为 1",
                "give at least one rule in counts, and at_least 1 or more",
            );
            faults.at_word(span, &clause.id, what, hint);
        }
        clause.counts.iter().for_each(|count| self.check_count(clause, count, span, faults));
        self.check_groups(clause, span, faults);
        self.check_event(clause, span, faults);
        self.check_days(clause, span, faults);
        check_due(clause, span, faults);
    }

    /// Only of a meeting of Party groups can be asked that each group has held it, and only in periods of the calendar.
    fn check_groups(&self, clause: &Clause, span: &Range<usize>, faults: &mut Faults) {
        let meets = |kind: &Kind| kind.meeting.as_ref().is_some_and(|meeting| meeting.due == Meets::BranchGroups);
        let counted = clause.counts.iter().all(|count| self.kind(&count.record).is_none_or(meets));
        let calendar = matches!(clause.every, Cadence::Months(_) | Cadence::Years(_));
        if clause.each_group && !(counted && calendar && clause.at_least == 1 && clause.post.is_none()) {
            let what = Label::new(
                format!("条款 {} 不能要求每个党小组都办", clause.id),
                format!("clause {} cannot be asked of each Party group", clause.id),
            );
            let hint = Label::new(
                "each_group 只用于按月、季、年的条款，counts 只列 due = \"branch_groups\" 的类型，不写 post 和 at_least",
                "`each_group` is for clauses by month, quarter or year that count kinds with due = \"branch_groups\" only, without `post` and `at_least`",
            );
            faults.at_word(span, "each_group", what, hint);
        }
    }

    fn check_count(&self, clause: &Clause, count: &Count, span: &Range<usize>, faults: &mut Faults) {
        let Some(kind) = self.kind(&count.record) else {
            faults.unknown(span, &Label::new("纪实类型", "kind of record"), &count.record, self.kinds());
            return;
        };
        check_filter(kind, &count.filter, span, faults);
        Self::check_once(clause, kind, span, faults);
        match &count.role {
            Some(role) => self.check_role(clause, kind, role, span, faults),
            None if count.of == Whose::Own => check_kept(clause, kind, span, faults),
            None => {}
        }
    }

    fn check_role(&self, clause: &Clause, kind: &Kind, role: &str, span: &Range<usize>, faults: &mut Faults) {
        let roles = self.named(|pack| &pack.role);
        let offered = kind.meeting.iter().flat_map(|meeting| &meeting.role).any(|one| one == role);
        if !roles.contains(&role) {
            faults.unknown(span, &Label::new("角色", "role"), role, roles.into_iter());
        } else if !offered && (kind.meeting.is_none() || !ALWAYS.contains(&role)) {
            let what = Label::new(
                format!("纪实类型 {} 没有角色 `{role}`", kind.id),
                format!("on the kind {} nobody stands as `{role}`", kind.id),
            );
            let hint = Label::new("在该类型的 meeting.role 中加上", "add it to meeting.role of that kind");
            faults.at_word(span, role, what, hint);
        } else if clause.post.is_none() && !clause.each_member {
            let what = Label::new(
                format!("条款 {} 写了 role，却没有岗位", clause.id),
                format!("clause {} gives a role but no post that must stand in it", clause.id),
            );
            let hint = Label::new("写 post，或删去 role", "write `post`, or leave `role` out");
            faults.at_word(span, role, what, hint);
        }
    }

    /// A clause of a campaign falls within its days, and is owed once in them or at an event.
    fn check_days(&self, clause: &Clause, span: &Range<usize>, faults: &mut Faults) {
        let Some(campaign) = &self.pack.campaign else { return };
        let fits = match clause.every {
            Cadence::Dates(first, last) => campaign.from <= first && last <= campaign.until,
            every => every == Cadence::Event,
        };
        if !fits {
            let what = Label::new(
                format!("条款 {} 不在活动的起止日之内", clause.id),
                format!("clause {} does not fall within the days of the campaign", clause.id),
            );
            let hint = Label::new(
                format!("写 every = \"{}/{}\" 或其中的一段；活动不设按月、按季的条款", campaign.from, campaign.until),
                format!(
                    "write every = \"{}/{}\" or a part of it; a campaign asks for nothing month by month",
                    campaign.from, campaign.until
                ),
            );
            faults.at_word(span, &clause.id, what, hint);
        }
    }

    /// What is recorded once cannot be asked for again and again.
    fn check_once(clause: &Clause, kind: &Kind, span: &Range<usize>, faults: &mut Faults) {
        let again = clause.at_least > 1 || !matches!(clause.every, Cadence::Dates(..) | Cadence::Event);
        if kind.once.is_some() && again {
            let what = Label::new(
                format!("{}（{}）只报一次，条款 {} 却要反复报", kind.name.zh, kind.id, clause.id),
                format!("{} is recorded once, and clause {} asks for it again and again", kind.id, clause.id),
            );
            let hint = Label::new(
                "at_least = 1，every 写起止日：活动只有开头、结尾两次报告",
                "at_least = 1 and `every` between two days: a campaign has an opening and a closing report only",
            );
            faults.at_word(span, &kind.id, what, hint);
        }
    }

    fn check_event(&self, clause: &Clause, span: &Range<usize>, faults: &mut Faults) {
        if (clause.every == Cadence::Event) != clause.event.is_some() {
            let what = Label::new(
                format!("条款 {} 的 every 与 event 不配", clause.id),
                format!("clause {}: `every = \"event\"` and `event` go together", clause.id),
            );
            let hint = Label::new(
                "写 event = { record = \"…\" } 或 \"holiday\"",
                "write event = { record = \"…\" }, or \"holiday\"",
            );
            faults.at_word(span, &clause.id, what, hint);
        }
        match &clause.event {
            Some(Source::Record(id)) => match self.kind(id) {
                Some(kind) => check_filter(kind, &clause.event_where, span, faults),
                None => faults.unknown(span, &Label::new("纪实类型", "kind of record"), id, self.kinds()),
            },
            _ if !clause.event_where.is_empty() => {
                let what =
                    Label::new("event_where 只用于纪实触发的条款", "`event_where` goes with an event that is a record");
                let hint = Label::new("写 event = { record = \"…\" }", "write event = { record = \"…\" }");
                faults.at_word(span, &clause.id, what, hint);
            }
            _ => {}
        }
    }
}

/// The answers asked for are options of choices of the kind.
fn check_filter(kind: &Kind, filter: &BTreeMap<String, String>, span: &Range<usize>, faults: &mut Faults) {
    for (id, option) in filter {
        let Some(field) = kind.field(id) else {
            let known = kind.field.iter().map(|field| field.id.as_str());
            faults.unknown(span, &Label::new("字段", "field"), id, known);
            continue;
        };
        if !field.option.iter().any(|known| known.id == *option) {
            let known = field.option.iter().map(|known| known.id.as_str());
            faults.unknown(span, &Label::new("选项", "option"), option, known);
        }
    }
}

/// A unit bound by the clause can keep such records.
fn check_kept(clause: &Clause, kind: &Kind, span: &Range<usize>, faults: &mut Faults) {
    let missing = clause.level.iter().find(|level| !kind.level.is_empty() && !kind.level.contains(level));
    if let Some(level) = missing {
        let what = Label::new(
            format!("级别 {level} 没有纪实类型 {}，条款 {} 无法落实", kind.id, clause.id),
            format!("{level} keeps no {}: clause {} can never be met by it", kind.id, clause.id),
        );
        let hint = Label::new("在该类型的 level 中加上这一级", "add that level to `level` of the kind");
        faults.at_word(span, &kind.id, what, hint);
    }
}

/// The due day can be reckoned from the cadence.
fn check_due(clause: &Clause, span: &Range<usize>, faults: &mut Faults) {
    let yearly = matches!(clause.every, Cadence::Months(12) | Cadence::Years(_));
    let fits = match clause.due {
        Due::Day { .. } => yearly,
        due => clause.every == Cadence::Event || !due.is_before(),
    };
    if !fits {
        let what = Label::new(
            format!("条款 {} 的 due 与 every 不配", clause.id),
            format!("clause {}: `due` does not fit `every`", clause.id),
        );
        let hint = Label::new(
            "MM-DD 只用于每年或每几年；before 只用于 every = \"event\"",
            "MM-DD goes with a year or several; `before` goes with every = \"event\"",
        );
        faults.at_word(span, &clause.id, what, hint);
    }
}
