//! What must be true of the meetings of a pack: the posts and kinds they name exist, and talks keep no words.

use super::super::read::Faults;
use super::Known;
use crate::record::{Due, Holds};
use crate::{Kind, Label};
use std::ops::Range;

impl Known<'_> {
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
