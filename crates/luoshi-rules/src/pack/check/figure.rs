//! What must be true of a figure: its kinds and fields exist, its measure suits what is counted, unlike ones are not added.

use super::{Faults, Known};
use crate::figure::{Counted, Measure};
use crate::record::Holds;
use crate::{Figure, Label};
use std::ops::Range;

impl Known<'_> {
    pub(super) fn check_figure(&self, figure: &Figure, span: &Range<usize>, faults: &mut Faults) {
        let known: Vec<&str> = self.kinds().collect();
        for kind in figure.record.iter().filter(|kind| !known.contains(&kind.as_str())) {
            faults.unknown(span, &Label::new("纪实类型", "kind"), kind, known.iter().copied());
        }
        if figure.record.is_empty() && figure.plus.is_empty() {
            let what =
                Label::new(format!("数读 {} 没有统计对象", figure.id), format!("figure {} counts nothing", figure.id));
            faults.at_word(span, &figure.id, what, Label::new("写 record 或 plus", "write `record` or `plus`"));
        }
        if !figure.record.is_empty() && !figure.measure.suits(figure.count) {
            let what = Label::new("计量单位与统计内容不符", "the measure does not suit what is counted");
            let hint = Label::new(
                "场次、期、项用 records；人次用 present 或 sum；名用 people；学时、元用 sum；小时用 each",
                "sessions, classes, items: records; person-times: present or sum; people: people; hours, fen: sum; hours of service: each",
            );
            faults.at_word(span, &figure.id, what, hint);
        }
        self.level(span, &figure.level, faults);
        let classes = || self.base.class.iter().chain(&self.pack.class).map(|class| class.id.as_str());
        for class in figure.class.iter().filter(|class| classes().all(|known| known != class.as_str())) {
            faults.unknown(span, &Label::new("类别", "class"), class, classes());
        }
        if figure.months.is_some_and(|[first, last]| !(1..=last).contains(&first) || last > 12) {
            let what = Label::new("月份应为1至12，先早后晚", "months are 1 to 12, the earlier first");
            faults.at_word(span, "months", what, Label::new("如 months = [3, 5]", "such as `months = [3, 5]`"));
        }
        self.check_filter(figure, span, faults);
        self.check_sum(figure, span, faults);
        self.check_plus(figure, span, faults);
    }

    fn check_filter(&self, figure: &Figure, span: &Range<usize>, faults: &mut Faults) {
        for (field, option) in &figure.filter {
            for kind in figure.record.iter().filter_map(|kind| self.kind(kind)) {
                let options = kind.field(field).map_or(&[][..], |field| field.option.as_slice());
                for option in option.split(' ').filter(|option| options.iter().all(|one| one.id != *option)) {
                    let known = options.iter().map(|one| one.id.as_str());
                    faults.unknown(span, &Label::new("选项", "option"), option, known);
                }
            }
        }
    }

    /// A sum is of a number field that each of its kinds has; money is in fen, nothing else is.
    fn check_sum(&self, figure: &Figure, span: &Range<usize>, faults: &mut Faults) {
        if !matches!(figure.count, Counted::Sum | Counted::Each) {
            return;
        }
        for kind in figure.record.iter().filter_map(|kind| self.kind(kind)) {
            let numbers = kind.field.iter().filter(|field| matches!(field.holds, Holds::Number | Holds::Money));
            match kind.field(&figure.field).map(|field| field.holds) {
                Some(Holds::Money) if figure.measure == Measure::Fen => {}
                Some(Holds::Number) if figure.measure != Measure::Fen => {}
                _ => {
                    let known = numbers.map(|field| field.id.as_str());
                    faults.unknown(span, &Label::new("数字字段", "number field"), &figure.field, known);
                }
            }
        }
    }

    /// Only figures of the same measure, named earlier, are added: so there is no circle.
    fn check_plus(&self, figure: &Figure, span: &Range<usize>, faults: &mut Faults) {
        let own = self.pack.figure.iter().take_while(|other| other.id != figure.id);
        let earlier: Vec<&Figure> = self.base.figure.iter().chain(own).collect();
        for id in &figure.plus {
            match earlier.iter().find(|other| other.id == *id) {
                None => faults.unknown(
                    span,
                    &Label::new("前面的数读", "earlier figure"),
                    id,
                    earlier.iter().map(|f| f.id.as_str()),
                ),
                Some(other) if other.measure != figure.measure => {
                    let (mine, theirs) = (figure.measure.name(), other.measure.name());
                    let what = Label::new(
                        format!("{}的单位是“{}”，不能与“{}”相加", other.id, theirs.zh, mine.zh),
                        format!("{} is in {}, which cannot be added to {}", other.id, theirs.en, mine.en),
                    );
                    faults.at_word(
                        span,
                        id,
                        what,
                        Label::new("只能相加同一单位的数", "add figures of one measure only"),
                    );
                }
                Some(_) => {}
            }
        }
    }
}
