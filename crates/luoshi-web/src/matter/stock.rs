//! What is open in a subtree, for the first page of a day: what is late, what stands still, what is to be sent. Each list
//! is asked for by itself, so that no old matter is cut off by newer ones, and opens to the board.

use super::{due, met, ring, stands, still_day, touched};
use crate::obligation::{Ledger, days};
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_rules::{Unit, Verb};
use luoshi_store::matter::{self, Count, Filter, Line, Order, State};
use maud::{Markup, html};

/// Rows of each list.
const ROWS: i64 = 10;

/// What is open: lists of some, and counts of all.
pub(crate) struct Stock {
    /// past their limit, the oldest first
    pub late: Vec<Line>,
    /// without anything happening, the longest first
    pub still: Vec<Line>,
    /// what is due soonest
    pub soon: Vec<Line>,
    /// something is to be sent about these
    pub ring: Vec<Line>,
    counts: Vec<Count>,
}

/// Which lists of the stock a page shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lists {
    /// late and still
    Leader,
    /// soon and to be sent
    Clerk,
    /// to be sent
    Ring,
}

/// What is open in a subtree. `known` is what was read for the page already.
pub(crate) async fn stock(visit: &Visit, at: &Unit, lists: Lists, known: Option<&Ledger>) -> Result<Stock, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let met = met(visit, at, known).await?;
    let (today, still) = (visit.today, still_day(visit));
    let open = Filter { state: State::Open, met, most: ROWS, ..Filter::default() };
    let read = move |tx: &luoshi_store::Tx| {
        let some = |wanted: bool, filter: Filter| {
            if wanted { matter::list(tx, &scope, &filter) } else { Ok(Vec::new()) }
        };
        let soonest = Filter { order: Order::Limit, ..open.clone() };
        Ok(Stock {
            late: some(lists == Lists::Leader, Filter { late: Some(today), ..soonest.clone() })?,
            still: some(lists == Lists::Leader, Filter { still: Some(still), order: Order::Still, ..open.clone() })?,
            ring: some(lists != Lists::Leader, Filter { ring: Some(today), ..soonest.clone() })?,
            soon: some(lists == Lists::Clerk, soonest)?,
            counts: matter::counts(tx, &scope, &open, (today, still))?,
        })
    };
    visit.app.read(read).await
}

impl Stock {
    fn sum(&self, of: impl Fn(&Count) -> i64) -> i64 {
        self.counts.iter().map(of).sum()
    }

    /// How many are open, with the lists of them.
    pub fn open(&self) -> i64 {
        self.sum(|one| one.n)
    }

    /// The two lists of a leader, each with its count, which opens to the board.
    pub fn leader(&self, visit: &Visit, at: &Unit) -> Markup {
        html! {
            section.card {
                h2 { (visit.say("已逾期事项", "Late")) " " a.plain href={ "/units/" (at.id) "/matters?only=late&sort=limit" } { (self.sum(|one| one.late)) } }
                (short(visit, &self.late))
            }
            section.card {
                h2 { (visit.say("30天没有动静", "Still for 30 days")) " " a.plain href={ "/units/" (at.id) "/matters?only=still&sort=still" } { (self.sum(|one| one.still)) } }
                (short(visit, &self.still))
            }
        }
    }

    /// What is to be sent, with its count, which opens to the board; nothing where nothing is.
    pub fn ring(&self, visit: &Visit, at: &Unit) -> Markup {
        html! {
            @if !self.ring.is_empty() { section.card {
                h2 { (visit.say("该发的提醒和函件", "Reminders and letters due")) " " a.plain href={ "/units/" (at.id) "/matters?only=ring&sort=limit" } { (self.sum(|one| one.ring)) } }
                table.list { @for line in &self.ring { tr {
                    td { a href=(address(at, line)) { (line.matter.title) } }
                    td { (line.unit_name) }
                    td { @if let Some(name) = ring(visit, line) { "▲ " (name) } }
                    td.nowrap { @if let Some(day) = due(visit, line) { (day) " " (days(visit, day)) } }
                } } }
            } }
        }
    }
}

/// What is to be sent in a subtree, for the list of what to do; nothing for who may send nothing.
pub(crate) async fn rings(visit: &Visit, at: &Unit, known: &Ledger) -> Result<Markup, Trouble> {
    if !visit.may(Verb::Act, at) {
        return Ok(html! {});
    }
    Ok(stock(visit, at, Lists::Ring, Some(known)).await?.ring(visit, at))
}

/// Where a matter is shown to those of a unit: at whichever of its two sides lies there.
pub(crate) fn address(at: &Unit, line: &Line) -> String {
    let unit = if at.path.contains(&line.matter.path) { line.matter.unit } else { at.id };
    format!("/units/{unit}/matters/{}", line.matter.id)
}

/// Matters as short rows.
pub(crate) fn short(visit: &Visit, lines: &[Line]) -> Markup {
    html! {
        @if lines.is_empty() { p.empty { (visit.say("没有。", "None.")) } }
        table.list {
            @for line in lines {
                tr {
                    td { a href={ "/units/" (line.matter.unit) "/matters/" (line.matter.id) } { (line.matter.title) } }
                    td { (line.unit_name) }
                    td.nowrap { (stands(visit, line)) }
                    td.nowrap { @match due(visit, line) { Some(day) => { (day) " " (days(visit, day)) }, None => { (visit.say("最近动静 ", "last touched ")) (touched(line)) } } }
                }
            }
        }
    }
}
