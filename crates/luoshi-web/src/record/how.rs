//! "How is this meeting done": the steps, how many must come, who may chair, what to read, what it closes.

use super::people::{self, Listed};
use crate::form::Fields;
use crate::obligation::{self, Ledger};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use jiff::ToSpan;
use jiff::civil::date;
use luoshi_rules::meeting::{Meeting, Quorum};
use luoshi_rules::record::Due;
use luoshi_rules::vote::Entitled;
use luoshi_rules::{Kind, Obligation, Status, Unit, Verb};
use luoshi_store::plan::{self, Plan};
use luoshi_store::record::{self, Filter, Line};
use maud::{Markup, html};
use std::sync::Arc;

/// Duties that are listed.
const SHOWN: usize = 12;

/// All that is known of how a meeting of a unit is held.
pub(crate) struct How<'v> {
    pub at: Unit,
    pub kind: &'v Kind,
    pub meeting: &'v Meeting,
    pub plans: Vec<Plan>,
    roll: Vec<Listed>,
    past: Vec<Line>,
    talked: Vec<i64>,
    ledger: Arc<Ledger>,
}

impl<'v> How<'v> {
    pub async fn read(visit: &'v Visit, id: i64, kind: &str) -> Result<How<'v>, Trouble> {
        let at = visit.unit(id, Verb::Write).await?;
        let kind = visit.rules.kind(kind).ok_or(Trouble::NotFound)?;
        let meeting = kind.meeting.as_ref().ok_or(Trouble::NotFound)?;
        let roll = people::roll(visit, &at, meeting, (visit.today, &Fields::new())).await?;
        let (plans, past, talked) = around(visit, &at, (kind, meeting.due)).await?;
        let ledger = obligation::ledger(visit, &at, visit.year(), None).await?;
        Ok(How { at, kind, meeting, plans, roll, past, talked, ledger })
    }

    /// How many are due today, where that is known before anybody is named.
    pub fn due(&self) -> Option<usize> {
        let known = matches!(self.meeting.due, Due::Members | Due::Posts);
        known.then(|| self.roll.iter().filter(|one| one.due).count())
    }

    /// How many of those due may vote.
    pub fn voters(&self) -> Entitled {
        Entitled(self.roll.iter().filter(|one| one.due && one.votes).count() as u32)
    }

    /// Who may chair today.
    pub fn chairs(&self) -> Vec<&str> {
        self.roll.iter().filter(|one| one.chairs).map(|one| one.name.as_str()).collect()
    }

    /// Duties of the unit that it would meet.
    pub fn owed(&self) -> Vec<&Obligation<'_>> {
        let done = |one: &&Obligation| matches!(one.status, Status::Met | Status::Late | Status::Waived);
        let mut owed = self.ledger.pressing(self.at.id);
        owed.retain(|one| one.clause.counts.iter().any(|count| count.record == self.kind.id));
        owed.retain(|one| !done(one));
        owed.truncate(SHOWN);
        owed
    }
}

pub(super) async fn show(visit: Visit, Place((id, kind)): Place<(i64, String)>) -> Result<Markup, Trouble> {
    let how = How::read(&visit, id, &kind).await?;
    let How { at, kind, meeting, roll, past, .. } = &how;
    let owed = how.owed();
    let title = format!("{}{}{}", visit.of(&kind.name), visit.mark("："), visit.say("怎么开", "how it is done"));
    let head = Page { visit: &visit, title, unit: Some(at), year: 0, dated: "", part: Part::Records };
    let silent: Vec<&Listed> =
        roll.iter().filter(|one| meeting.due == Due::Pairs && !how.talked.contains(&one.id)).collect();
    let body = html! {
        p.actions {
            a.button.main href={ "/units/" (at.id) "/records/new?kind=" (kind.id) } { (visit.say("记一次", "Record one")) } " "
            a.button href={ "/units/" (at.id) "/plans/new" } { (visit.say("安排一次", "Plan one")) } " "
            a.button href={ "/units/" (at.id) "/" (visit.year()) "/files/" (kind.id) } { (visit.say("全年档案", "File of the year")) }
        }
        @if !meeting.step.is_empty() {
            h2 { (visit.say("步骤", "Steps")) }
            ol { @for step in &meeting.step { li { (visit.of(step)) } } }
        }
        (numbers(&visit, &how))
        @if meeting.due == Due::Pairs { (not_talked(&visit, at, &silent)) }
        (materials(&visit, &how.plans))
        h2 { (visit.say("最近几次", "The last ones")) }
        @if past.is_empty() { p.empty { (visit.say("今年还没有记过。", "None on record this year.")) } } @else { (super::rows(&visit, past)) }
        section.card {
            h2 { (visit.say("它能落实的职责", "Duties it meets")) }
            @if owed.is_empty() { p.empty { (visit.say("目前没有待落实的相关职责。", "No open duty counts this kind now.")) } }
            @else { (obligation::rows(&visit, &how.ledger, &owed, false)) }
        }
    };
    Ok(shell::page(&head, body))
}

/// What is planned, what was held this year, and who was one of a pair.
async fn around(
    visit: &Visit,
    at: &Unit,
    (kind, due): (&Kind, Due),
) -> Result<(Vec<Plan>, Vec<Line>, Vec<i64>), Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let (unit, id, today) = (at.id, kind.id.clone(), visit.today);
    let year = (date(today.year(), 1, 1), date(today.year(), 12, 31));
    let filter = Filter { kind: id.clone(), first: year.0, last: today, unit, after: None, most: 3 };
    let coming = (today, today.checked_add(120.days()).unwrap_or(today));
    let read = move |tx: &luoshi_store::Tx| {
        let mut plans = plan::of_unit(tx, &scope, unit, coming)?;
        plans.retain(|plan| plan.kind == id);
        let talked = if due == Due::Pairs { record::talked(tx, &scope, unit, year)? } else { Vec::new() };
        Ok((plans, record::list(tx, &scope, &filter)?, talked))
    };
    visit.app.read(read).await
}

/// Who is due and may vote, how many must come, who may chair.
fn numbers(visit: &Visit, how: &How<'_>) -> Markup {
    let (meeting, voters, chairs) = (how.meeting, how.voters(), how.chairs());
    html! {
        @if let Some(due) = how.due() {
            dl.facts {
                dt { (visit.say("今天应到", "Due today")) } dd { (due) }
                @if let Some(quorum) = meeting.quorum {
                    dt { (visit.say("有表决权", "Entitled to vote")) } dd { (voters.0) }
                    dt { (match quorum { Quorum::Meet => visit.say("至少到会方可召开", "Must be there to meet"),
                        Quorum::Vote => visit.say("至少到会方可表决", "Must be there to vote") }) } dd { b { (voters.quorum().0) } }
                }
                @if meeting.votes { dt { (visit.say("赞成多少票通过", "Votes to pass")) } dd { (voters.quorum().0) } }
                @if !chairs.is_empty() { dt { (visit.say("可以主持的", "Who may chair")) } dd { (chairs.join(visit.mark("、"))) } }
            }
        }
    }
}

fn not_talked(visit: &Visit, at: &Unit, silent: &[&Listed]) -> Markup {
    html! {
        h2 { (visit.say("今年还没有记过谈话的", "Not yet one of a pair this year")) " " small { (silent.len()) } }
        @if visit.within(at) { p { @for one in silent { (one.name) " " } } }
    }
}

fn materials(visit: &Visit, plans: &[Plan]) -> Markup {
    html! {
        h2 { (visit.say("安排和材料", "Planned, and what to read")) }
        @if plans.is_empty() { p.empty { (visit.say("还没有安排。", "Nothing planned yet.")) } }
        @for plan in plans {
            p { (plan.on) " " (plan.at) " " (plan.place) " " b { (plan.topic) }
                @if !plan.reading.is_empty() { br; (visit.say("会前阅读：", "To read before: ")) (plan.reading) } }
        }
    }
}
