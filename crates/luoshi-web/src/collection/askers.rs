//! Who asks: how many forms and matters each unit asked for in each month, the heaviest first.

use super::{meter, time};
use crate::obligation::{self, Ledger};
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::Response;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::Refusal;
use maud::{Markup, html};
use std::collections::{BTreeMap, HashMap};

/// Askers whose names stand beside a month.
const NAMED: usize = 3;
/// Askers that the page shows.
const SHOWN: usize = 10;

/// Somebody who asks, and how much.
#[derive(Debug, Default, Clone)]
pub(super) struct Asker {
    pub unit: i64,
    pub name: String,
    pub forms: i64,
    pub matters: i64,
    pub seconds: i64,
}

/// What each asked for in each month of a year.
#[derive(Debug, Default)]
pub(super) struct Askers(BTreeMap<(i8, i64), Asker>);

impl Askers {
    pub fn read(ledger: &Ledger, facts: &meter::Facts) -> Askers {
        let (mut askers, burden) = (Askers::default(), &facts.ground.burden);
        for (month, opener, name, n) in &facts.matters {
            let asker = askers.of(*month, (*opener, name));
            asker.matters += n;
            asker.seconds += n * burden.matter;
        }
        for one in &facts.collections {
            let reached = ledger.units.iter().filter(|unit| one.reaches(unit)).count() as i64;
            for turn in one.turns(facts.year) {
                let asker = askers.of(turn.due.month(), (one.unit, &one.unit_name));
                asker.forms += reached;
                asker.seconds += reached * one.seconds(burden);
            }
        }
        askers.0.retain(|_, one| one.forms + one.matters > 0);
        askers
    }

    fn of(&mut self, month: i8, (unit, name): (i64, &str)) -> &mut Asker {
        let new = || Asker { unit, name: name.to_owned(), ..Asker::default() };
        self.0.entry((month, unit)).or_insert_with(new)
    }

    /// Those of one month, or of the year, the heaviest first.
    pub fn heaviest(&self, month: Option<i8>) -> Vec<Asker> {
        let mut all = BTreeMap::<i64, Asker>::new();
        for ((_, unit), one) in self.0.iter().filter(|((of, _), _)| month.is_none_or(|month| month == *of)) {
            let none = || Asker { unit: *unit, name: one.name.clone(), ..Asker::default() };
            let sum = all.entry(*unit).or_insert_with(none);
            sum.forms += one.forms;
            sum.matters += one.matters;
            sum.seconds += one.seconds;
        }
        let mut all: Vec<Asker> = all.into_values().collect();
        all.sort_by_key(|one| (-one.seconds, one.unit));
        all
    }

    /// Who asked most in a month, by name.
    pub fn named(&self, visit: &Visit, month: i8) -> String {
        let all = self.heaviest(Some(month));
        let names = all.iter().take(NAMED).map(|one| one.name.as_str()).collect::<Vec<_>>().join(visit.mark("、"));
        match all.len().saturating_sub(NAMED) {
            0 => names,
            more => format!("{names}{}{more}{}", visit.say("等，另有", " and "), visit.say("家", " more")),
        }
    }
}

/// Who asked most in a year, or in the month that is asked for.
pub(crate) async fn list(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, luoshi_rules::Verb::See).await?;
    let month = month(&query)?;
    let ledger = obligation::ledger(&visit, &at, year, None).await?;
    let askers = Askers::read(&ledger, &meter::read(&visit, &at, &ledger).await?);
    crate::export::list(&query, || table(&visit, year, &askers, month))?.ok_or(Trouble::NotFound)
}

fn month(query: &HashMap<String, String>) -> Result<Option<i8>, Refusal> {
    let Some(text) = query.get("month").filter(|text| !text.is_empty()) else { return Ok(None) };
    let month = text.parse().ok().filter(|month| (1..=12).contains(month));
    month.map(Some).ok_or_else(|| Refusal::field("month", "月份为1至12", "a month is 1 to 12"))
}

pub(super) fn table(visit: &Visit, year: i16, askers: &Askers, month: Option<i8>) -> Table {
    let mut table = Table::new(format!("{year} {}", visit.say("谁要得最多", "who asks most")))
        .column("unit", visit.say("组织", "Unit"), Kind::Text)
        .column("forms", visit.say("表", "Forms"), Kind::Number)
        .column("matters", visit.say("督办和事项", "Matters"), Kind::Number)
        .column("minutes", visit.say("估计用时（分钟）", "Minutes"), Kind::Number)
        .key("unit_id");
    let row = |one: &Asker| {
        let numbers = [one.forms, one.matters, (one.seconds + 59) / 60].map(Cell::Number);
        [vec![one.name.as_str().into()], numbers.into(), vec![Cell::Key(one.unit)]].concat()
    };
    table.rows = askers.heaviest(month).iter().map(row).collect();
    table
}

/// The ten heaviest of the year.
pub(super) fn section(visit: &Visit, askers: &Askers) -> Markup {
    let all = askers.heaviest(None);
    html! {
        h2 { (visit.say("要得最多的十家", "The ten heaviest askers")) }
        @if all.is_empty() { p.empty { (visit.say("没有收到表和督办。", "No forms and no matters.")) } }
        @else {
            div.scroll { table.list.whole {
                thead { tr { th { (visit.say("组织", "Unit")) } th.num { (visit.say("表", "Forms")) } th.num { (visit.say("督办和事项", "Matters")) } th { (visit.say("估计用时", "Time")) } } }
                @for one in all.iter().take(SHOWN) { tr {
                    td { (one.name) } td.num { (one.forms) } td.num { (one.matters) } td.nowrap { (time(visit, one.seconds)) } } }
            } }
            (shell::formats_of(visit, "askers"))
        }
    }
}
