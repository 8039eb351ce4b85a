//! The wording of a clause over a year: each period keeps the words under which it began.

use super::source;
use crate::visit::Visit;
use luoshi_rules::{Clause, Obligation};
use maud::{Markup, html};

/// The words that stand above a page: those of the last of these periods, or of today when there is none.
pub(super) fn newest<'a>(visit: &'a Visit, owed: &[&'a Obligation<'a>], clause: &str) -> Option<&'a Clause> {
    let last = owed.iter().max_by_key(|one| one.period.decided_on()).map(|one| one.clause);
    last.or_else(|| visit.rules.clause(clause, visit.today))
}

/// Where a clause comes from, and what should be known of it.
pub(super) fn ground(visit: &Visit, clause: &Clause) -> Markup {
    let words = [source(visit, clause), visit.of(&clause.note).to_owned()];
    let said: Vec<String> = words.into_iter().filter(|words| !words.trim().is_empty()).collect();
    html! { @if !said.is_empty() { p { (said.join(" · ")) } } }
}

/// The words that rule a period, where they are not those above the page.
pub(super) fn then(visit: &Visit, clause: &Clause, said: &Clause) -> Markup {
    html! { @if clause.text != said.text {
        p.note { (visit.say("这一周期按当时的条文：", "This period keeps the words it began under: ")) (visit.of(&clause.text)) }
    } }
}

/// The other words that ruled periods of the year, each with the first and last of them.
pub(super) fn before(visit: &Visit, owed: &[&Obligation], said: &Clause) -> Markup {
    let mut others: Vec<&Obligation> = owed.iter().filter(|one| one.clause.text != said.text).copied().collect();
    others.sort_by_key(|one| one.period.decided_on());
    html! { @for same in others.chunk_by(|one, next| one.clause.text == next.clause.text) {
        @if let [first, .., last] | [first @ last] = same {
            p.note { (first.period.of(visit.lang)) @if last.period != first.period { " – " (last.period.of(visit.lang)) }
                (visit.say(" 按当时的条文：", " keep the words they began under: ")) (visit.of(&first.clause.text)) }
        }
    } }
}
