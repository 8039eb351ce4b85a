//! What must be true within a pack: all that is named exists, nothing is named twice, every flow can close.

mod clause;
mod figure;
mod flow;
mod meeting;

use super::read::{Faults, Places};
use super::{Named, Pack};
use crate::record::{Field, Holds};
use crate::{Kind, Label};
use std::collections::HashSet;
use std::ops::Range;

/// Checks a pack that stands on `base`.
pub(super) fn all(pack: &Pack, places: &Places, base: &Pack, faults: &mut Faults) {
    keys(pack, places, faults);
    let known = Known { pack, base };
    known.check_levels(places, faults);
    for (grant, span) in places.of("grant", &pack.grant) {
        known.post(span, &grant.post, faults);
    }
    for (post, span) in places.of("post", &pack.post) {
        known.level(span, &post.level, faults);
    }
    for (kind, span) in places.of("kind", &pack.kind) {
        known.check_kind(kind, span, faults);
    }
    for (flow, span) in places.of("flow", &pack.flow) {
        known.check_flow(flow, span, faults);
    }
    for (round, span) in places.of("round", &pack.round) {
        known.check_round(round, span, faults);
    }
    for (clause, span) in places.of("clause", &pack.clause) {
        known.check_clause(clause, span, faults);
    }
    for (hours, span) in places.of("hours", &pack.hours) {
        hours.post.iter().for_each(|post| known.post(span, post, faults));
    }
    for (figure, span) in places.of("figure", &pack.figure) {
        known.check_figure(figure, span, faults);
    }
}

/// Every key stands once in its section.
fn keys(pack: &Pack, places: &Places, faults: &mut Faults) {
    twice("level", places.of("level", &pack.level).map(|(x, at)| (&x.id, at)), faults);
    twice("post", places.of("post", &pack.post).map(|(x, at)| (&x.id, at)), faults);
    twice("kind", places.of("kind", &pack.kind).map(|(x, at)| (&x.id, at)), faults);
    twice("flow", places.of("flow", &pack.flow).map(|(x, at)| (&x.id, at)), faults);
    twice("round", places.of("round", &pack.round).map(|(x, at)| (&x.id, at)), faults);
    twice("figure", places.of("figure", &pack.figure).map(|(x, at)| (&x.id, at)), faults);
    twice("clause", places.of("clause", &pack.clause).map(|(x, at)| (&x.id, at)), faults);
    let named = [
        ("class", &pack.class),
        ("part", &pack.part),
        ("tie", &pack.tie),
        ("role", &pack.role),
        ("absence", &pack.absence),
        ("section", &pack.section),
        ("source", &pack.source),
    ];
    for (section, list) in named {
        twice(section, places.of(section, list).map(|(x, at)| (&x.id, at)), faults);
    }
}

fn twice<'a>(sort: &str, ids: impl Iterator<Item = (&'a String, &'a Range<usize>)>, faults: &mut Faults) {
    let mut seen = HashSet::new();
    for (id, span) in ids.filter(|(id, _)| !seen.insert(id.as_str())) {
        let what = Label::new(format!("{sort} `{id}` 重复"), format!("{sort} `{id}` stands twice"));
        faults.at_word(span, id, what, Label::new("每个编号只能用一次", "each key may stand once"));
    }
}

/// What may be named in the pack: its own and what the base has.
struct Known<'a> {
    pack: &'a Pack,
    base: &'a Pack,
}

impl<'a> Known<'a> {
    fn named(&self, list: fn(&Pack) -> &Vec<Named>) -> Vec<&'a str> {
        list(self.base).iter().chain(list(self.pack)).map(|named| named.id.as_str()).collect()
    }

    fn kind(&self, id: &str) -> Option<&'a Kind> {
        self.pack.kind(id).or_else(|| self.base.kind(id))
    }

    fn kinds(&self) -> impl Iterator<Item = &'a str> {
        self.base.kind.iter().chain(&self.pack.kind).map(|kind| kind.id.as_str())
    }

    fn posts(&self) -> Vec<&'a str> {
        self.base.post.iter().chain(&self.pack.post).map(|post| post.id.as_str()).collect()
    }

    fn levels(&self) -> Vec<&'a str> {
        self.base.level.iter().chain(&self.pack.level).map(|level| level.id.as_str()).collect()
    }

    fn post(&self, span: &Range<usize>, id: &str, faults: &mut Faults) {
        let known = self.posts();
        if !known.contains(&id) {
            faults.unknown(span, &Label::new("岗位", "post"), id, known.into_iter());
        }
    }

    fn level(&self, span: &Range<usize>, ids: &[String], faults: &mut Faults) {
        let known = self.levels();
        for id in ids.iter().filter(|id| !known.contains(&id.as_str())) {
            faults.unknown(span, &Label::new("级别", "level"), id, known.iter().copied());
        }
    }

    /// Every level stands below levels that exist, and in the end below one that may be a root.
    fn check_levels(&self, places: &Places, faults: &mut Faults) {
        let levels = || self.base.level.iter().chain(&self.pack.level);
        let mut rooted: HashSet<&str> = HashSet::new();
        while let Some(next) = levels().find(|level| {
            let below = level.under.iter().any(|under| rooted.contains(under.as_str()));
            (level.under.is_empty() || below) && !rooted.contains(level.id.as_str())
        }) {
            rooted.insert(&next.id);
        }
        let known = self.levels();
        for (level, span) in places.of("level", &self.pack.level) {
            self.level(span, &level.under, faults);
            let names_exist = level.under.iter().all(|under| known.contains(&under.as_str()));
            if names_exist && !rooted.contains(level.id.as_str()) {
                let what = Label::new(
                    format!("级别 `{}` 循环隶属，到不了最上一级", level.id),
                    format!("level `{}` stands below itself in a circle: no root above it", level.id),
                );
                let hint = Label::new("至少一个级别不写 under", "leave `under` out of at least one level");
                faults.at_word(span, &level.id, what, hint);
            }
        }
    }

    fn check_kind(&self, kind: &Kind, span: &Range<usize>, faults: &mut Faults) {
        self.level(span, &kind.level, faults);
        let roles = self.named(|pack| &pack.role);
        let given = kind.meeting.iter().flat_map(|meeting| &meeting.role);
        for role in given.filter(|role| !roles.contains(&role.as_str())) {
            faults.unknown(span, &Label::new("角色", "role"), role, roles.iter().copied());
        }
        self.check_meeting(kind, span, faults);
        self.check_enrol(kind, span, faults);
        if let Some(missed) = kind.absent_from.as_deref().filter(|missed| self.kind(missed).is_none()) {
            faults.unknown(span, &Label::new("纪实类型", "kind of record"), missed, self.kinds());
        }
        self.check_beside(kind, span, faults);
        self.check_also(kind, span, faults);
        let once = kind.once.as_deref().and_then(|once| kind.field(once));
        if kind.once.is_some() && once.is_none_or(|field| field.holds != Holds::Choice || field.optional) {
            let what = Label::new(
                format!("类型 {} 的 once 不是必填的单选项", kind.id),
                format!("`once` of the kind {} is no choice that must be made", kind.id),
            );
            let hint = Label::new("写一个 holds = \"choice\" 的字段", "name a field with holds = \"choice\"");
            faults.at_word(span, &kind.id, what, hint);
        }
        twice("field", kind.field.iter().map(|field| (&field.id, span)), faults);
        for field in &kind.field {
            check_field(field, span, faults);
        }
    }
}

fn check_field(field: &Field, span: &Range<usize>, faults: &mut Faults) {
    if matches!(field.holds, Holds::Choice | Holds::Choices) && field.option.is_empty() {
        let what =
            Label::new(format!("选择项 {} 没有选项", field.id), format!("the choice {} has no options", field.id));
        faults.at_word(
            span,
            &field.id,
            what,
            Label::new("写 option = [{ id, name }]", "write option = [{ id, name }]"),
        );
    }
    let counted = matches!(field.holds, Holds::Number | Holds::Text | Holds::Long);
    if field.ahead.is_some() && field.holds != Holds::Date || field.most.is_some() && !counted {
        let what = Label::new(
            format!("字段 {} 的 ahead 或 most 用错了地方", field.id),
            format!("`ahead` or `most` does not fit the field {}", field.id),
        );
        let hint =
            Label::new("ahead 只用于日期；most 只用于数字和文字", "`ahead` is for days, `most` for numbers and text");
        faults.at_word(span, &field.id, what, hint);
    }
    twice("option", field.option.iter().map(|option| (&option.id, span)), faults);
    if field.holds == Holds::File && !field.optional && field.ground.is_none() {
        let what = Label::new("必交附件没有写明依据", "a required attachment gives no ground");
        let hint =
            Label::new("写 optional = true，或写 ground = { zh, en }", "write optional = true, or ground = { zh, en }");
        faults.at_word(span, &field.id, what, hint);
    }
}
