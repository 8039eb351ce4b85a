//! What is open in a subtree, for the first page of a day: what is late, what stands still, what is to be sent. Each list
//! is asked for by itself, so that no old matter is cut off by newer ones, and opens to the board.

use super::{due, met_ones, ring, stands, still_day, touched};
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
    late: Vec<Line>,
    /// without anything happening, the longest first
    still: Vec<Line>,
    /// what is due soonest
    soon: Vec<Line>,
    /// something is to be sent about these
    ring: Vec<Line>,
    counts: Vec<Count>,
}

/// Which lists of the stock a page shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lists {
    /// what is late and what stands still
    Leader,
    /// what is to be sent, or else what is due soonest
    Clerk,
    /// what is due soonest
    Secretary,
}

/// What is open in a subtree. `known` is what was read for the page already. Counts come first: what there is none of is
/// not asked for, so that a page asks one statement where nothing is open, and four where everything is.
pub(crate) async fn stock(visit: &Visit, at: &Unit, lists: Lists, known: &Ledger) -> Result<Stock, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let days = (visit.today, still_day(visit));
    let mut open = Filter { state: State::Open, most: ROWS, ..Filter::default() };
    let (all, its) = (open.clone(), scope.clone());
    let mut counts = visit.app.read(move |tx| matter::counts(tx, &its, &all, days)).await?;
    if counts.iter().any(|one| one.flow == super::FOLLOW_UP) {
        let met = met_ones(visit, at, Some(known)).await?;
        matter::without(&mut counts, &met, days);
        open.met = met.iter().map(|one| one.id).collect();
    }
    let mut stock = Stock { late: Vec::new(), still: Vec::new(), soon: Vec::new(), ring: Vec::new(), counts };
    let soonest = Filter { order: Order::Limit, ..open.clone() };
    let ask = |filter: Filter| {
        let (scope, app) = (scope.clone(), &visit.app);
        async move { app.read(move |tx| matter::list(tx, &scope, &filter)).await }
    };
    match lists {
        Lists::Leader => {
            if stock.sum(|one| one.late) > 0 {
                stock.late = ask(Filter { late: Some(days.0), ..soonest }).await?;
            }
            if stock.sum(|one| one.still) > 0 {
                stock.still = ask(Filter { still: Some(days.1), order: Order::Still, ..open }).await?;
            }
        }
        Lists::Clerk if stock.sum(|one| one.ring) > 0 => {
            stock.ring = ask(Filter { ring: Some(days.0), ..soonest }).await?;
        }
        Lists::Clerk | Lists::Secretary if stock.open() > 0 => stock.soon = ask(soonest).await?,
        Lists::Clerk | Lists::Secretary => {}
    }
    Ok(stock)
}

/// Checks that are under way and findings that are not closed: flows that a round runs, and their parts. Those due
/// soonest, and how many there are.
pub(crate) async fn checks(visit: &Visit, at: &Unit) -> Result<(i64, Vec<Line>), Trouble> {
    let base = &visit.rules.base;
    let runs = |flow: &str| base.round.iter().any(|round| round.flow == flow);
    let is_check = |flow: &&luoshi_rules::Flow| runs(&flow.id) || flow.under.iter().any(|whole| runs(whole));
    let steps = base.flow.iter().filter(is_check).flat_map(|flow| flow.step.iter().map(move |step| (flow, step)));
    let steps = steps.map(|(flow, step)| format!("{}:{}", flow.id, step.id)).collect();
    let scope = visit.actor.scope(base, Verb::See, at)?;
    let open = Filter { state: State::Open, order: Order::Limit, steps, most: ROWS, ..Filter::default() };
    let days = (visit.today, still_day(visit));
    let read = move |tx: &luoshi_store::Tx| {
        let all = matter::counts(tx, &scope, &open, days)?.iter().map(|one| one.n).sum();
        Ok((all, if all > 0 { matter::list(tx, &scope, &open)? } else { Vec::new() }))
    };
    visit.app.read(read).await
}

impl Stock {
    fn sum(&self, of: impl Fn(&Count) -> i64) -> i64 {
        self.counts.iter().map(of).sum()
    }

    /// How many are open.
    fn open(&self) -> i64 {
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

    /// What is to be sent, or else what is due soonest; with counts, which open to the board.
    pub fn clerk(&self, visit: &Visit, at: &Unit) -> Markup {
        html! {
            section.card {
                h2 { (visit.say("事项在办", "Matters open")) " " a.plain href={ "/units/" (at.id) "/matters?sort=limit" } { (self.open()) } }
                @if self.ring.is_empty() { (short(visit, &self.soon)) }
                @else {
                    h3 { (visit.say("该发的提醒和函件", "Reminders and letters due")) " " a.plain href={ "/units/" (at.id) "/matters?only=ring&sort=limit" } { (self.sum(|one| one.ring)) } }
                    table.list { @for line in &self.ring { tr {
                        td { a href=(address(at, line)) { (super::title(visit, &line.matter)) } }
                        td { (line.unit_name) }
                        td.nowrap { @if let Some(name) = ring(visit, line) { "▲ " (name) } }
                        td.nowrap { @if let Some(day) = due(visit, line) { (day) " " (days(visit, day)) } }
                    } } }
                }
            }
        }
    }

    /// What is due soonest, and how to see the rest.
    pub fn secretary(&self, visit: &Visit, at: &Unit) -> Markup {
        html! {
            section.card { h2 { (visit.say("督办和交接", "Follow-ups and handovers")) } (short(visit, &self.soon))
                @if self.open() > self.soon.len() as i64 { p { a href={ "/units/" (at.id) "/matters?sort=limit" } { (visit.say("共 ", "all ")) (self.open()) (visit.say(" 项", "")) } } } }
        }
    }
}

/// Where a matter is shown to those of a unit: at whichever of its two sides lies there.
pub(super) fn address(at: &Unit, line: &Line) -> String {
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
                    td { a href={ "/units/" (line.matter.unit) "/matters/" (line.matter.id) } { (super::title(visit, &line.matter)) } }
                    td { (line.unit_name) }
                    td.nowrap { (stands(visit, line)) }
                    td.nowrap { @match due(visit, line) { Some(day) => { (day) " " (days(visit, day)) }, None => { (touched(line)) " " small.days { (visit.say("最近动静", "last touched")) } } } }
                }
            }
        }
    }
}
