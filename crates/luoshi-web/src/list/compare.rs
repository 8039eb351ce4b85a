//! A new list beside the one in force: what is new, what would change and how, what is dropped.

use super::sheet::{self, Said};
use crate::form::Complaints;
use crate::shell;
use crate::visit::Visit;
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::{Clause, Pack, Unit};
use maud::{Markup, html};

/// What a new list would change, clause by clause.
pub(super) fn comparison(
    visit: &Visit,
    at: &Unit,
    (new, text): (&Pack, &str),
    (typed, complaints): (&str, &Complaints),
) -> Markup {
    let current = visit.rules.editions.iter().rfind(|edition| edition.pack.head.id == new.head.id);
    let old: &[Clause] = current.map_or(&[], |edition| &edition.pack.clause);
    let find = |list: &[Clause], id: &str| list.iter().find(|clause| clause.id == id).cloned();
    let added: Vec<&Clause> = new.clause.iter().filter(|clause| find(old, &clause.id).is_none()).collect();
    let gone: Vec<&Clause> = old.iter().filter(|clause| find(&new.clause, &clause.id).is_none()).collect();
    let changed: Vec<(Clause, &Clause)> = new
        .clause
        .iter()
        .filter_map(|clause| find(old, &clause.id).filter(|before| before != clause).map(|before| (before, clause)))
        .collect();
    // the first list rules this year; one that takes the place of another begins with the next quarter
    let next = match current {
        None => Date::new(visit.year(), 1, 1).unwrap_or(visit.today),
        Some(_) => next_quarter(visit.today),
    };
    let next = new.campaign.as_ref().map_or(next, |campaign| campaign.from).to_string();
    let from = if typed.is_empty() { next.as_str() } else { typed };
    html! {
        section.card {
            h2 { (visit.of(&new.head.name)) " " (new.head.version) }
            p { (visit.say("条款 ", "clauses: ")) b { (new.clause.len()) } " · " (visit.say("新增 ", "new ")) b { (added.len()) } " · "
                (visit.say("修改 ", "changed ")) b { (changed.len()) } " · " (visit.say("取消 ", "dropped ")) b { (gone.len()) } }
            table.list {
                @for clause in &added { tr { td { (visit.say("新增", "New")) } td { (clause.id) } td { ins { (visit.of(&clause.text)) } } } }
                @for (before, clause) in &changed { tr { td { (visit.say("修改", "Changed")) } td { (clause.id) }
                    @let (was, is) = differing(visit, (current.map_or(new, |edition| &edition.pack), before), (new, clause));
                    td { del { (was) } br; ins { (is) } } } }
                @for clause in &gone { tr { td { (visit.say("取消", "Dropped")) } td { (clause.id) } td { del { (visit.of(&clause.text)) } } } }
            }
            form.stack method="post" action={ "/units/" (at.id) "/lists/put" } {
                (shell::hidden(visit))
                textarea.sr name="text" aria-label=(visit.say("清单内容", "Text of the list")) { (text) }
                (shell::field(visit.lang, "from", visit.say("自此日开始的周期起适用", "Rules the periods that begin on or after"), "", complaints, html! {
                    input #from type="date" name="from" required value=(from); }))
                button.main { (visit.say("生效", "Put in force")) }
            }
        }
    }
}

/// The first day of the quarter after that of a day.
fn next_quarter(day: Date) -> Date {
    let first = Date::new(day.year(), (day.month() - 1) / 3 * 3 + 1, 1).unwrap_or(day);
    first.checked_add(3.months()).unwrap_or(day)
}

/// What two editions of a clause say: the wording, and whatever else differs.
fn differing(visit: &Visit, (old, before): (&Pack, &Clause), (new, after): (&Pack, &Clause)) -> (String, String) {
    let (was, is) = (sheet::says(visit, old, before), sheet::says(visit, new, after));
    let told: Vec<(&Said, &Said)> = was
        .iter()
        .zip(&is)
        .enumerate()
        .filter(|(n, (was, is))| *n == 0 || was.1 != is.1)
        .map(|(_, pair)| pair)
        .collect();
    let all = |side: fn(&(&Said, &Said)) -> String| told.iter().map(side).collect::<Vec<_>>().join(" · ");
    let (was, is) = (all(|(was, _)| was.told()), all(|(_, is)| is.told()));
    // conditions of what counts, and whatever else a sheet cannot say
    let other = visit.say(" · 其他条件有变，见清单文件", " · other conditions differ; see the file of the list");
    if was == is { (was, is + other) } else { (was, is) }
}
