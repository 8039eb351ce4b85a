//! How long follow-ups have been open, and what is followed up again, unit by unit.

use super::Standing;
use super::ledger::grid;
use crate::visit::Visit;
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::Unit;
use maud::{Markup, html};
use std::collections::{BTreeMap, HashMap};

/// Most units of the table.
const UNITS: usize = 50;

/// Open items of a unit by age, and how often it was followed up for each clause.
type Counts<'m> = ([i64; 4], HashMap<&'m str, i64>);

/// Open items by age, and repeat cases, unit by unit, the oldest first.
pub(super) fn by_unit(visit: &Visit, all: &[Standing]) -> Table {
    let say = |zh: &'static str, en: &'static str| visit.say(zh, en);
    let mut units: BTreeMap<(&str, i64), Counts> = BTreeMap::new();
    for one in all {
        let (ages, cases) = units.entry((&one.line.unit_name, one.line.matter.unit)).or_default();
        *cases.entry(one.line.matter.data["clause"].as_str().unwrap_or_default()).or_default() += 1;
        if !one.closed {
            let age = one.line.matter.opened.until(visit.today).map(|span| span.get_days()).unwrap_or(0);
            ages[[7, 30, 60].iter().filter(|most| age > **most).count()] += 1;
        }
    }
    let mut table = Table::new(say("督办：在办时长和反复督办", "Follow-up: age and repeat cases"))
        .column("unit", say("组织", "Unit"), Sort::Text)
        .column("open", say("在办", "Open"), Sort::Number)
        .column("week", say("7天内", "Within 7 days"), Sort::Number)
        .column("month", say("8–30天", "8–30 days"), Sort::Number)
        .column("two_months", say("31–60天", "31–60 days"), Sort::Number)
        .column("longer", say("60天以上", "Over 60 days"), Sort::Number)
        .column("repeat", say("反复督办的条款", "Clauses followed up again"), Sort::Text)
        .key("unit_id");
    let mut lines: Vec<_> = units.into_iter().map(|(unit, (ages, cases))| (unit, ages, again(visit, cases))).collect();
    lines.retain(|(_, ages, again)| ages.iter().sum::<i64>() > 0 || !again.is_empty());
    lines.sort_by_key(|(_, ages, _)| std::cmp::Reverse((ages[3], ages[2], ages[1], ages[0])));
    let cells = |((name, unit), ages, again): ((&str, i64), [i64; 4], String)| {
        let counts = std::iter::once(ages.iter().sum()).chain(ages).map(Cell::Number);
        std::iter::once(name.into()).chain(counts).chain([again.as_str().into(), Cell::Key(unit)]).collect()
    };
    table.rows = lines.into_iter().map(cells).collect();
    table
}

/// Clauses a unit was followed up for more than once, with how often.
fn again(visit: &Visit, cases: HashMap<&str, i64>) -> String {
    let mut cases: Vec<(&str, i64)> = cases.into_iter().filter(|(_, n)| *n > 1).collect();
    cases.sort();
    let each = cases.iter().map(|(clause, n)| format!("{clause} {n}{}", visit.say("次", "×")));
    each.collect::<Vec<_>>().join(visit.say("、", ", "))
}

pub(super) fn ageing(visit: &Visit, at: &Unit, mut units: Table) -> Markup {
    let n = units.rows.len();
    units.rows.truncate(UNITS);
    html! {
        @if n > 0 {
            h2 { (visit.say("各组织在办时长和反复督办", "Age and repeat cases by unit")) " " small { (n) } }
            (grid(&units))
            p.formats { @for format in ["xlsx", "csv", "json"] {
                a href={ "/units/" (at.id) "/follow-ups?units=1&as=" (format) } { (format) } " "
            } }
        }
    }
}
