//! A matrix of very many units: one line for each unit below with all under it, and one for each clause.

use super::{Filter, columns};
use crate::obligation::{Ledger, keep};
use crate::shell;
use crate::visit::Visit;
use luoshi_rules::{Obligation, Status, Unit};
use maud::{Markup, html};
use std::collections::HashMap;

/// How many obligations stand how, in the order of the legend.
#[derive(Default)]
struct Counts {
    units: i64,
    last: i64,
    by: [i64; Status::ALL.len()],
}

impl Counts {
    /// Adds one; those of one unit follow each other.
    fn add(&mut self, one: &Obligation) {
        if self.last != one.unit.id {
            (self.units, self.last) = (self.units + 1, one.unit.id);
        }
        if let Some(n) = Status::ALL.iter().position(|status| *status == one.status).and_then(|at| self.by.get_mut(at))
        {
            *n += 1;
        }
    }
}

/// The two tables. With a filter each number opens to the matrix of its unit or clause.
pub(super) fn lines(
    visit: &Visit,
    (at, ledger): (&Unit, &Ledger),
    owed: &[&Obligation],
    filter: Option<&Filter>,
) -> Markup {
    html! {
        p.help { (visit.say("组织较多，这里每个直属下级一行，包含其全部下级；点开看明细，全部可以导出。截至 ", "There are many units: each line is one directly below with everything under it. Open a line for more; exports hold all. As of "))
            (ledger.read_at()) (visit.say("。", ".")) }
        (by_unit(visit, (at, ledger), owed, filter))
        h2 { (visit.say("按条款", "Clause by clause")) }
        (by_clause(visit, (at, ledger), owed))
    }
}

fn heads(visit: &Visit, first: &str) -> Markup {
    html! { thead { tr { th { (first) } th.num { (visit.say("组织数", "Units")) }
    @for status in Status::ALL { th.num { (shell::badge(visit.lang, status)) } } } } }
}

fn by_unit(visit: &Visit, (at, ledger): (&Unit, &Ledger), owed: &[&Obligation], filter: Option<&Filter>) -> Markup {
    let depth = at.path.depth() + 1;
    let lines: Vec<&Unit> = ledger.units.iter().filter(|unit| unit.path.depth() <= depth).collect();
    let places: HashMap<&str, usize> = lines.iter().enumerate().map(|(n, unit)| (unit.path.as_str(), n)).collect();
    let width = at.path.as_str().len() / at.path.depth().max(1) * depth;
    let mut counts: Vec<Counts> = lines.iter().map(|_| Counts::default()).collect();
    for one in owed {
        let path = one.unit.path.as_str();
        let line = places.get(path.get(..width).unwrap_or(path));
        if let Some(counts) = line.and_then(|n| counts.get_mut(*n)) {
            counts.add(one);
        }
    }
    // a line opens to what it counts: the same filter, as known on the same day
    let known = ledger.known_on().map(|day| day.to_string());
    let address = |unit: &Unit, status: Option<Status>| {
        let own = status.filter(|_| unit.id == at.id).map(|_| ("own", "1"));
        let status = status.map(|status| ("status", shell::status(visit.lang, status).2));
        let pairs: Vec<_> = [status, own, known.as_deref().map(|day| ("known", day))].into_iter().flatten().collect();
        let question = filter.map_or(String::new(), |filter| filter.with(&pairs));
        let mark = if question.is_empty() { "" } else { "?" };
        format!("/units/{}/{}/matrix{mark}{question}", unit.id, ledger.year())
    };
    html! { div.scroll { table.list.whole {
        (heads(visit, visit.say("组织", "Unit")))
        @for (unit, counts) in lines.iter().zip(&counts).filter(|(_, counts)| counts.units > 0) { tr {
            td { a href=(address(unit, None)) { (unit.short_name) } }
            td.num { (counts.units) }
            @for (n, status) in counts.by.iter().zip(Status::ALL) { td.num {
                @if *n > 0 && filter.is_some() { a href=(address(unit, Some(status))) { (n) } } @else { (n) } } }
        } }
    } } }
}

fn by_clause(visit: &Visit, (at, ledger): (&Unit, &Ledger), owed: &[&Obligation]) -> Markup {
    let mut counts: HashMap<&str, Counts> = HashMap::new();
    for one in owed {
        counts.entry(&one.clause.id).or_default().add(one);
    }
    html! { div.scroll { table.list.whole {
        (heads(visit, visit.say("条款", "Clause")))
        @for clause in columns(visit, owed) { @if let Some(counts) = counts.get(clause.id.as_str()) { tr {
            td { a href={ "/units/" (at.id) "/" (ledger.year()) "/clauses/" (clause.id) (keep(ledger.known_on(), '?')) } { (clause.id) " " (visit.of(&clause.text)) } }
            td.num { (counts.units) }
            @for n in counts.by { td.num { (n) } }
        } } }
    } } }
}
