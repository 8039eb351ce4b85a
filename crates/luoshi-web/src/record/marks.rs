//! What is marked of people on a record: that they came, or, where nobody comes together, something else.

use super::attended;
use super::people::absence;
use crate::visit::Visit;
use luoshi_rules::record::Marks;
use luoshi_store::record::{Attendance, Attended};
use maud::{Markup, html};

/// What is marked of people on records of a kind, where it is not whether they came.
pub(super) fn of<'a>(visit: &'a Visit, kind: &str) -> Option<&'a Marks> {
    visit.rules.kind(kind)?.meeting.as_ref()?.marks.as_ref()
}

/// Whether somebody came, or why not, in words; or what else is marked of people on records of the kind.
pub(crate) fn came(visit: &Visit, kind: &str, absent: Option<&str>) -> String {
    match (of(visit, kind), absent) {
        (Some(marks), None) => format!("● {}", visit.of(&marks.done)),
        (Some(marks), Some(_)) => format!("○ {}", visit.of(&marks.missing)),
        (None, None) => visit.say("● 到会", "● Present").to_owned(),
        (None, Some(why)) => format!("○ {}", absence(visit, why)),
    }
}

/// Those at which people came together.
pub(crate) fn meetings<'a>(visit: &Visit, attended: &'a [Attendance]) -> Vec<&'a Attendance> {
    attended.iter().filter(|one| of(visit, &one.kind).is_none()).collect()
}

/// What is marked of people on the page of a record: counts for all, names for those who may see people.
pub(super) fn show(visit: &Visit, marks: &Marks, attended: &[Attended], named: bool) -> Markup {
    let is_absent = |one: &&Attended| attended::absence(one).is_some();
    let counted = attended::count(attended);
    let names = |absent: bool| {
        let those = attended.iter().filter(|one| one.due && is_absent(one) == absent);
        those.map(|one| one.name.as_str()).collect::<Vec<_>>().join(visit.mark("、"))
    };
    let (done, missing) = (visit.of(&marks.done), visit.of(&marks.missing));
    html! {
        section.card {
            h2 { (visit.say("人员", "People")) }
            p { (done) " " b { (counted.present) } " / " (counted.due) }
            @if named {
                @if counted.present < counted.due { p { (missing) (visit.mark("：")) (names(true)) } }
                details { summary { (done) } p { (names(false)) } }
            }
        }
    }
}
