//! What must be true within a pack: all that is named exists, nothing is named twice, every flow can close.

use super::read::{Faults, Placed};
use super::{Named, Pack};
use crate::clause::Source;
use crate::record::Holds;
use crate::{Cadence, Clause, Flow, Kind, Label};
use std::collections::HashSet;

/// Checks a pack that stands on `base`.
pub(super) fn all(pack: &Pack, clauses: &[Placed<Clause>], base: &Pack, faults: &mut Faults) {
    twice("level", pack.level.iter().map(|x| &x.id), faults);
    twice("post", pack.post.iter().map(|x| &x.id), faults);
    twice("kind", pack.kind.iter().map(|x| &x.id), faults);
    twice("flow", pack.flow.iter().map(|x| &x.id), faults);
    twice("clause", clauses.iter().map(|x| &x.item.id), faults);
    let known = Known { pack, base };
    pack.kind.iter().for_each(|kind| known.check_kind(kind, faults));
    pack.flow.iter().for_each(|flow| known.check_flow(flow, faults));
    clauses.iter().for_each(|clause| known.check_clause(clause, faults));
    known.check_levels(faults);
    for grant in &pack.grant {
        known.post("grant", &grant.post, faults);
    }
}

fn twice<'a>(sort: &str, ids: impl Iterator<Item = &'a String>, faults: &mut Faults) {
    let mut seen = HashSet::new();
    for id in ids.filter(|id| !seen.insert(id.as_str())) {
        let hint = Label::new("每个编号只能用一次", "each key may stand once");
        faults.at_word(
            &(0..0),
            id,
            Label::new(format!("{sort} `{id}` 重复"), format!("{sort} `{id}` stands twice")),
            hint,
        );
    }
}

struct Known<'a> {
    pack: &'a Pack,
    base: &'a Pack,
}

impl<'a> Known<'a> {
    fn post(&self, at: &str, id: &str, faults: &mut Faults) {
        let known: Vec<&str> = self.base.post.iter().chain(&self.pack.post).map(|post| post.id.as_str()).collect();
        if !known.contains(&id) {
            faults.unknown(
                0..0,
                &Label::new(format!("（{at}）岗位"), format!("post (in {at})")),
                id,
                known.into_iter(),
            );
        }
    }

    fn named(&self, list: fn(&Pack) -> &Vec<Named>) -> Vec<&'a str> {
        list(self.base).iter().chain(list(self.pack)).map(|named| named.id.as_str()).collect()
    }

    fn kind(&self, id: &str) -> Option<&'a Kind> {
        self.pack.kind(id).or_else(|| self.base.kind(id))
    }

    fn kinds(&self) -> impl Iterator<Item = &'a str> {
        self.base.kind.iter().chain(&self.pack.kind).map(|kind| kind.id.as_str())
    }

    fn levels(&self) -> Vec<&'a str> {
        self.base.level.iter().chain(&self.pack.level).map(|level| level.id.as_str()).collect()
    }

    fn check_levels(&self, faults: &mut Faults) {
        let known = self.levels();
        for level in &self.pack.level {
            for under in level.under.iter().filter(|under| !known.contains(&under.as_str())) {
                faults.unknown(0..0, &Label::new("级别", "level"), under, known.iter().copied());
            }
        }
        if !self.pack.level.is_empty() && self.pack.level.iter().all(|level| !level.under.is_empty()) {
            let what = Label::new(
                "级别互相隶属，没有最上一级",
                "the levels stand below one another in a circle: none is a root",
            );
            faults.add(0..0, what, Label::new("至少一个级别不写 under", "leave `under` out of at least one level"));
        }
    }

    fn check_kind(&self, kind: &Kind, faults: &mut Faults) {
        let (levels, roles) = (self.levels(), self.named(|pack| &pack.role));
        for level in kind.level.iter().filter(|level| !levels.contains(&level.as_str())) {
            faults.unknown(0..0, &Label::new("级别", "level"), level, levels.iter().copied());
        }
        let given = kind.meeting.iter().flat_map(|meeting| &meeting.role);
        for role in given.filter(|role| !roles.contains(&role.as_str())) {
            faults.unknown(0..0, &Label::new("角色", "role"), role, roles.iter().copied());
        }
        for field in &kind.field {
            if matches!(field.holds, Holds::Choice | Holds::Choices) && field.option.is_empty() {
                let what = format!("{}.{}", kind.id, field.id);
                faults.at_word(
                    &(0..0),
                    &field.id,
                    Label::new(format!("选择项 {what} 没有选项"), format!("the choice {what} has no options")),
                    Label::new("写 option = [{ id, name }]", "write option = [{ id, name }]"),
                );
            }
            if field.holds == Holds::File && !field.optional && field.ground.is_none() {
                faults.at_word(
                    &(0..0),
                    &field.id,
                    Label::new("必交附件没有写明依据", "a required attachment gives no ground"),
                    Label::new(
                        "写 optional = true，或写 ground = { zh, en }",
                        "write optional = true, or ground = { zh, en }",
                    ),
                );
            }
        }
    }

    fn check_flow(&self, flow: &Flow, faults: &mut Faults) {
        let ids: Vec<&str> = flow.step.iter().map(|step| step.id.as_str()).collect();
        if ids.is_empty() {
            let what = Label::new(format!("流程 {} 没有步骤", flow.id), format!("flow {} has no steps", flow.id));
            faults.at_word(&(0..0), &flow.id, what, Label::default());
        }
        for step in &flow.step {
            step.by.iter().for_each(|post| self.post(&flow.id, post, faults));
            for then in step.then.iter().filter(|then| !ids.contains(&then.as_str())) {
                faults.unknown(0..0, &Label::new("步骤", "step"), then, ids.iter().copied());
            }
            if !closes(flow, &step.id) {
                let what = format!("{}.{}", flow.id, step.id);
                let words =
                    Label::new(format!("步骤 {what} 永远到不了终点"), format!("step {what} can never reach a close"));
                let hint =
                    Label::new("至少一条路要走到没有 then 的步骤", "some way must lead to a step without `then`");
                faults.at_word(&(0..0), &step.id, words, hint);
            }
        }
    }

    fn check_clause(&self, placed: &Placed<Clause>, faults: &mut Faults) {
        let (clause, span) = (&placed.item, &placed.span);
        let mut lookup = |sort: Label, ids: &[String], known: Vec<&str>| {
            for id in ids.iter().filter(|id| !known.contains(&id.as_str())) {
                faults.unknown(span.clone(), &sort, id, known.iter().copied());
            }
        };
        lookup(Label::new("级别", "level"), &clause.level, self.levels());
        lookup(Label::new("类别", "class"), &clause.class, self.named(|pack| &pack.class));
        lookup(Label::new("栏目", "section"), std::slice::from_ref(&clause.section), self.named(|pack| &pack.section));
        lookup(Label::new("配置", "part"), clause.needs.as_slice(), self.named(|pack| &pack.part));
        lookup(Label::new("依据", "source"), clause.source.as_slice(), self.named(|pack| &pack.source));
        let posts = self.base.post.iter().chain(&self.pack.post).map(|post| post.id.as_str()).collect();
        lookup(Label::new("岗位", "post"), clause.post.as_slice(), posts);
        self.check_counts(placed, faults);
        self.check_event(placed, faults);
    }

    fn check_counts(&self, placed: &Placed<Clause>, faults: &mut Faults) {
        let (clause, span) = (&placed.item, &placed.span);
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
        let roles = self.named(|pack| &pack.role);
        for count in &clause.counts {
            let Some(kind) = self.kind(&count.record) else {
                faults.unknown(span.clone(), &Label::new("纪实类型", "kind of record"), &count.record, self.kinds());
                continue;
            };
            if let Some(role) = count.role.as_ref().filter(|role| !roles.contains(&role.as_str())) {
                faults.unknown(span.clone(), &Label::new("角色", "role"), role, roles.iter().copied());
            }
            for (field, option) in &count.filter {
                let options =
                    kind.field(field).map(|field| field.option.iter().map(|o| o.id.as_str()).collect::<Vec<_>>());
                match options {
                    None => faults.unknown(
                        span.clone(),
                        &Label::new("字段", "field"),
                        field,
                        kind.field.iter().map(|field| field.id.as_str()),
                    ),
                    Some(known) if !known.contains(&option.as_str()) => {
                        faults.unknown(span.clone(), &Label::new("选项", "option"), option, known.into_iter());
                    }
                    Some(_) => {}
                }
            }
        }
    }

    fn check_event(&self, placed: &Placed<Clause>, faults: &mut Faults) {
        let (clause, span) = (&placed.item, &placed.span);
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
        if let Some(Source::Record(kind)) = &clause.event
            && self.kind(kind).is_none()
        {
            faults.unknown(span.clone(), &Label::new("纪实类型", "kind of record"), kind, self.kinds());
        }
    }
}

/// Whether a matter can get from a step to a close.
fn closes(flow: &Flow, from: &str) -> bool {
    let (mut seen, mut open) = (HashSet::new(), vec![from]);
    while let Some(id) = open.pop() {
        match flow.step(id) {
            Some(step) if step.then.is_empty() => return true,
            Some(step) if seen.insert(id) => open.extend(step.then.iter().map(String::as_str)),
            _ => {}
        }
    }
    false
}
