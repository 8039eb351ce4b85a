//! What must be true of the meetings of a pack: the posts and kinds they name exist, and talks keep no words.

use super::super::read::Faults;
use super::Known;
use crate::figure::Measure;
use crate::record::{ALSO, Due, GROUP, Holds};
use crate::{Kind, Label};
use std::ops::Range;

impl Known<'_> {
    /// Who takes names ahead writes down people, a topic, a number of hours and one option of a choice.
    pub(super) fn check_enrol(&self, kind: &Kind, span: &Range<usize>, faults: &mut Faults) {
        let Some(enrol) = &kind.enrol else { return };
        let holds = |id: &str| kind.field(id).map(|field| field.holds);
        let named = kind.meeting.as_ref().is_some_and(|meeting| meeting.due == Due::Named);
        let sorted = matches!(holds(&enrol.sort), Some(Holds::Choice | Holds::Choices));
        let hours =
            holds("hours") == Some(Holds::Number) && matches!(enrol.hours, Measure::Hours | Measure::ServiceHours);
        let others = kind
            .field
            .iter()
            .filter(|field| !["topic", "hours", "place", enrol.sort.as_str()].contains(&field.id.as_str()));
        let filled = others.clone().all(|field| field.optional) && holds("topic") == Some(Holds::Text);
        if !(named && sorted && hours && filled) {
            let what = Label::new(
                format!("类型 {} 不能先报名后记录", kind.id),
                format!("the kind {} cannot be written down from names taken ahead", kind.id),
            );
            let hint = Label::new(
                "要有 due = \"named\"、字段 topic（text）、hours（number）和 sort 所指的单选或多选，其余字段选填；hours 用 hours 或 service-hours",
                "it needs due = \"named\", the fields topic (text), hours (number) and the choice that `sort` names, others optional; `hours` is hours or service-hours",
            );
            faults.at_word(span, &kind.id, what, hint);
        }
    }

    /// What is shown beside is of a kind that is there, and chosen by an option of it.
    pub(super) fn check_beside(&self, kind: &Kind, span: &Range<usize>, faults: &mut Faults) {
        for beside in &kind.beside {
            let Some(other) = self.kind(&beside.record) else {
                faults.unknown(span, &Label::new("纪实类型", "kind of record"), &beside.record, self.kinds());
                continue;
            };
            let options = other.field.iter().flat_map(|field| field.option.iter().map(move |one| (field, one)));
            let tags: Vec<String> = options.map(|(field, one)| format!("{}:{}", field.id, one.id)).collect();
            if !tags.contains(&beside.tag) {
                faults.unknown(span, &Label::new("选项", "option"), &beside.tag, tags.iter().map(String::as_str));
            }
        }
    }

    /// What a record may count as too is another kind; fields are not called as the tags that say so.
    pub(super) fn check_also(&self, kind: &Kind, span: &Range<usize>, faults: &mut Faults) {
        for also in kind.also.iter().filter(|also| **also == kind.id || self.kind(also).is_none()) {
            let others = self.kinds().filter(|one| *one != kind.id);
            faults.unknown(span, &Label::new("纪实类型", "kind of record"), also, others);
        }
        self.check_numbers(kind, span, faults);
        // a matter that hangs under another is opened there, and not from a record
        let flows = || self.base.flow.iter().chain(&self.pack.flow).filter(|flow| flow.under.is_empty());
        if let Some(flow) = kind.problems.as_ref().filter(|id| flows().all(|flow| flow.id != **id)) {
            faults.unknown(span, &Label::new("流程", "flow"), flow, flows().map(|flow| flow.id.as_str()));
        }
        for field in kind.field.iter().filter(|field| [ALSO, GROUP].contains(&field.id.as_str())) {
            let what = Label::new(
                format!("字段不能叫 `{}`，程序自己要用", field.id),
                format!("no field may be called `{}`: the program uses that itself", field.id),
            );
            faults.at_word(span, &field.id, what, Label::new("换一个 id", "choose another id"));
        }
    }

    /// A number that a record gives for the sake of one kind it counts as would be added up for another too.
    fn check_numbers(&self, kind: &Kind, span: &Range<usize>, faults: &mut Faults) {
        let others = || kind.also.iter().filter_map(|id| self.kind(id));
        let numbers: Vec<&str> =
            others().flat_map(|other| kind.asks_of(other)).map(|field| field.id.as_str()).collect();
        for (_, id) in numbers.iter().enumerate().filter(|(at, id)| numbers[..*at].contains(id)) {
            let what = Label::new(
                format!("`also` 的两个类型都有数字字段 `{id}`，会混在一起"),
                format!("two kinds of `also` have a number called `{id}`: they would be mixed up"),
            );
            faults.at_word(span, "also", what, Label::new("给其中一个换 id", "give one of them another id"));
        }
    }

    pub(super) fn check_meeting(&self, kind: &Kind, span: &Range<usize>, faults: &mut Faults) {
        let Some(meeting) = &kind.meeting else { return };
        meeting.post.iter().chain(&meeting.chair).for_each(|post| self.post(span, post, faults));
        if let Some(before) = meeting.before.as_ref().filter(|before| self.kind(&before.kind).is_none()) {
            faults.unknown(span, &Label::new("纪实类型", "kind"), &before.kind, self.kinds());
        }
        let parts = self.named(|pack| &pack.part);
        if let Some(before) = meeting.before.as_ref().filter(|before| !parts.contains(&before.part.as_str())) {
            faults.unknown(span, &Label::new("组成", "part"), &before.part, parts.iter().copied());
        }
        let tells = |holds| matches!(holds, Holds::Text | Holds::Long | Holds::File);
        for field in kind.field.iter().filter(|field| meeting.due == Due::Pairs && tells(field.holds)) {
            let what = Label::new(
                format!("谈话类型不能有文字或附件栏 `{}`", field.id),
                format!("a talk may not have the field `{}`, which could tell what was said", field.id),
            );
            let hint = Label::new("只记日期和谁与谁谈过", "only the day and the pair are kept");
            faults.at_word(span, &field.id, what, hint);
        }
    }
}
