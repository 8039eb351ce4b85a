//! Flows and kinds of round: all they name exists, every step is somebody's, every way leads to a close.

use super::{Known, check_field, twice};
use crate::flow::Step;
use crate::pack::read::Faults;
use crate::record::Holds;
use crate::{Flow, Label, round};
use std::collections::HashSet;
use std::ops::Range;

impl Known<'_> {
    fn flows(&self) -> impl Iterator<Item = &Flow> {
        self.base.flow.iter().chain(&self.pack.flow)
    }

    pub(super) fn check_round(&self, round: &round::Kind, span: &Range<usize>, faults: &mut Faults) {
        self.level(span, &round.level, faults);
        self.level(span, &round.office, faults);
        if !self.flows().any(|flow| flow.id == round.flow) {
            faults.unknown(span, &flow_word(), &round.flow, self.flows().map(|flow| flow.id.as_str()));
        }
    }

    pub(super) fn check_flow(&self, flow: &Flow, span: &Range<usize>, faults: &mut Faults) {
        if flow.step.is_empty() {
            let what = Label::new(format!("流程 {} 没有步骤", flow.id), format!("flow {} has no steps", flow.id));
            faults.at_word(span, &flow.id, what, Label::new("写 [[flow.step]]", "write [[flow.step]]"));
        }
        for under in flow.under.iter().filter(|under| !self.flows().any(|flow| flow.id == **under)) {
            faults.unknown(span, &flow_word(), under, self.flows().map(|flow| flow.id.as_str()));
        }
        twice("step", flow.step.iter().map(|step| (&step.id, span)), faults);
        twice("timer", flow.timer.iter().map(|timer| (&timer.id, span)), faults);
        for step in &flow.step {
            self.check_step(flow, step, span, faults);
        }
        for named in flow.timer.iter().flat_map(|timer| timer.at.iter().chain(&timer.sends)) {
            if flow.step(named).is_none() {
                let known = flow.step.iter().map(|step| step.id.as_str());
                faults.unknown(span, &Label::new("步骤", "step"), named, known);
            }
        }
    }

    fn check_step(&self, flow: &Flow, step: &Step, span: &Range<usize>, faults: &mut Faults) {
        step.by.iter().for_each(|post| self.post(span, post, faults));
        let ids: Vec<&str> = flow.step.iter().map(|step| step.id.as_str()).collect();
        let own = [&step.then, &step.after, &step.fresh, &step.other].into_iter().flatten();
        let own = own.chain(&step.check).chain(step.band.iter().flat_map(|band| &band.asks));
        for named in own.filter(|named| !ids.contains(&named.as_str())) {
            faults.unknown(span, &Label::new("步骤", "step"), named, ids.iter().copied());
        }
        self.check_writes(step, &ids, span, faults);
        self.check_parts(flow, step, span, faults);
        let name = format!("{}.{}", flow.id, step.id);
        if !step.aside && !closes(flow, &step.id) {
            let what =
                Label::new(format!("步骤 {name} 永远到不了终点"), format!("step {name} can never reach a close"));
            let hint = Label::new("至少一条路要走到没有 then 的步骤", "some way must lead to a step without `then`");
            faults.at_word(span, &step.id, what, hint);
        }
        if step.by.is_empty() && step.person.is_none() && !self.is_brought_about(flow, step) {
            let what = Label::new(format!("步骤 {name} 无人可办"), format!("nobody may take step {name}"));
            faults.at_word(span, &step.id, what, Label::new("写 by 或 person", "write `by` or `person`"));
        }
        twice("field", step.field.iter().map(|field| (&field.id, span)), faults);
        step.field.iter().for_each(|field| check_field(field, span, faults));
        names_nobody(&name, step, span, faults);
        let day = |id: &String| step.field.iter().any(|field| field.id == *id && field.holds == Holds::Date);
        if let Some(limit) = step.limit.as_ref().filter(|limit| !day(limit)) {
            let what = Label::new(
                format!("步骤 {name} 的期限 `{limit}` 不是它的日期项"),
                format!("the limit `{limit}` of step {name} is no date field of it"),
            );
            let hint = Label::new("在 field 中加一个 holds = \"date\" 的项", "add a field that holds = \"date\"");
            faults.at_word(span, limit, what, hint);
        }
    }

    /// Records that a step writes, and what they take over, exist.
    fn check_writes(&self, step: &Step, ids: &[&str], span: &Range<usize>, faults: &mut Faults) {
        for writes in &step.writes {
            if self.kind(&writes.record).is_none() {
                faults.unknown(span, &Label::new("纪实类型", "kind of record"), &writes.record, self.kinds());
            }
            let kind = self.kind(&writes.record);
            for field in writes.copy.iter().filter(|field| kind.is_some_and(|kind| kind.field(field).is_none())) {
                let known = kind.into_iter().flat_map(|kind| &kind.field).map(|field| field.id.as_str());
                faults.unknown(span, &Label::new("字段", "field"), field, known);
            }
            if !ids.contains(&writes.on.as_str()) {
                faults.unknown(span, &Label::new("步骤", "step"), &writes.on, ids.iter().copied());
            }
        }
    }

    /// Whether a step is brought about by one of the matter it is a part of, or of a part of it.
    fn is_brought_about(&self, flow: &Flow, step: &Step) -> bool {
        let mut above = self.flows().filter(|above| flow.under.contains(&above.id)).flat_map(|above| &above.step);
        let mut below = self.flows().filter(|part| part.under.contains(&flow.id)).flat_map(|part| &part.step);
        above.any(|one| one.reopens.as_ref() == Some(&step.id)) || below.any(|one| one.wakes.as_ref() == Some(&step.id))
    }

    /// Steps of parts that a step waits for, or opens again, exist in some flow under it; one it wakes, in one above.
    fn check_parts(&self, flow: &Flow, step: &Step, span: &Range<usize>, faults: &mut Faults) {
        let above = self.flows().filter(|above| flow.under.contains(&above.id));
        let known: Vec<&str> = above.flat_map(|above| above.step.iter().map(|step| step.id.as_str())).collect();
        for named in step.wakes.iter().filter(|named| !known.contains(&named.as_str())) {
            faults.unknown(
                span,
                &Label::new("上级流程的步骤", "step of a flow above it"),
                named,
                known.iter().copied(),
            );
        }
        let below = self.flows().filter(|part| part.under.contains(&flow.id));
        let known: Vec<&str> = below.flat_map(|part| part.step.iter().map(|step| step.id.as_str())).collect();
        for named in
            step.parts.iter().chain(&step.done).chain(&step.reopens).filter(|named| !known.contains(&named.as_str()))
        {
            faults.unknown(
                span,
                &Label::new("下级流程的步骤", "step of a flow under it"),
                named,
                known.iter().copied(),
            );
        }
    }
}

/// The word for what is looked for.
fn flow_word() -> Label {
    Label::new("流程", "flow")
}

/// Whether a matter can get from a step to a close. What is beside the way leads nowhere.
fn closes(flow: &Flow, from: &str) -> bool {
    let (mut seen, mut open) = (HashSet::new(), vec![from]);
    while let Some(id) = open.pop() {
        match flow.step(id) {
            Some(step) if step.is_end() => return true,
            Some(step) if !step.aside && seen.insert(id) => open.extend(step.then.iter().map(String::as_str)),
            _ => {}
        }
    }
    false
}

/// A step keeps names of people and units nowhere: those are fields of records.
fn names_nobody(name: &str, step: &Step, span: &Range<usize>, faults: &mut Faults) {
    let names = |field: &&crate::record::Field| matches!(field.holds, Holds::People | Holds::Unit);
    if let Some(field) = step.field.iter().find(names) {
        let what = Label::new(
            format!("步骤 {name} 的 {} 不能是人员或组织", field.id),
            format!("`{}` of step {name} cannot name people or a unit", field.id),
        );
        let hint = Label::new("人员和组织栏只用于纪实类型", "fields for people and units are for kinds of record");
        faults.at_word(span, &field.id, what, hint);
    }
}
