//! The home page of a discipline secretary: duties of the post near their day, checks and what they found, the next
//! integrity message.

use super::{is_own, mine, summary};
use crate::matter;
use crate::obligation::{self, Ledger};
use crate::trouble::Trouble;
use crate::visit::Visit;
use jiff::ToSpan;
use luoshi_rules::clause::Source;
use luoshi_rules::pack::Home;
use luoshi_rules::{Obligation, Status, Unit};
use maud::{Markup, html};

/// Most duties of a card.
const MOST: usize = 12;

pub(super) async fn page(visit: &Visit, at: &Unit, ledger: &Ledger) -> Result<Markup, Trouble> {
    let owed = ledger.wanting();
    let (all, checks) = matter::checks(visit, at).await?;
    let near = near(visit, &owed);
    let message = next_message(visit, &ledger.pressing(at.id));
    Ok(html! {
        section.card { h2 { (visit.say("本人职责", "My own duties")) } (mine(visit, ledger, message)) }
        section.card {
            h2 { (visit.say("其他纪检岗位临近期限的职责", "Duties of other discipline posts near their day")) " " small { (near.len()) } }
            @if near.is_empty() { p.empty { (visit.say("30天内没有到期的。", "Nothing falls due within 30 days.")) } }
            @else { (obligation::rows(visit, ledger, &near.into_iter().take(MOST).collect::<Vec<_>>(), true)) }
        }
        section.card {
            h2 { (visit.say("下一次廉洁提醒", "The next integrity message")) }
            @match message {
                None => p.empty { (visit.say("今年的节日提醒都已发过或过了期限。", "No message is left this year.")) },
                Some(one) => (obligation::rows(visit, ledger, &[one], true)),
            }
        }
        section.card {
            h2 { (visit.say("检查和发现的问题", "Checks and what they found")) " " small { (all) } }
            (matter::short(visit, &checks))
            p { a.button href={ "/units/" (at.id) "/coverage" } { (visit.say("检查覆盖", "Coverage of checks")) } }
        }
        (summary(visit, at, ledger))
    })
}

/// Whether a post stands for discipline work, by the home page the pack gives it or by its clauses being of such a post.
fn of_discipline(visit: &Visit, one: &Obligation) -> bool {
    let post = one.clause.post.as_deref().and_then(|id| visit.rules.base.post(id));
    post.is_some_and(|post| post.home == Home::Discipline)
}

/// What such posts of others still owe and must do within thirty days, or are late with: the visitor's own stand above.
fn near<'a>(visit: &Visit, owed: &[&'a Obligation<'a>]) -> Vec<&'a Obligation<'a>> {
    let end = visit.today.checked_add(30.days()).unwrap_or(visit.today);
    let of_others = |one: &Obligation| of_discipline(visit, one) && !is_own(visit, one);
    let pressing = |one: &&&Obligation| of_others(one) && one.status.is_wanting() && one.due <= end;
    let mut near: Vec<_> = owed.iter().filter(pressing).copied().collect();
    near.sort_by(|a, b| (a.due, &a.unit.path, &a.clause.id).cmp(&(b.due, &b.unit.path, &b.clause.id)));
    near
}

/// The holiday before which the next message is due.
fn next_message<'a>(visit: &Visit, owed: &[&'a Obligation<'a>]) -> Option<&'a Obligation<'a>> {
    let to_come = |one: &&&Obligation| {
        one.clause.event == Some(Source::Holiday)
            && visit.today <= one.due
            && !matches!(one.status, Status::Met | Status::Late | Status::Waived)
    };
    owed.iter().filter(to_come).min_by_key(|one| one.due).copied()
}
