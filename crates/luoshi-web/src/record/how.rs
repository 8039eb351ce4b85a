//! "How is this meeting done": the steps, how many must come, who may chair, what to read, what it closes.

use super::people::{self, Listed};
use crate::form::Fields;
use crate::obligation;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use jiff::ToSpan;
use jiff::civil::date;
use luoshi_rules::meeting::{Meeting, Quorum};
use luoshi_rules::record::Due;
use luoshi_rules::vote::Entitled;
use luoshi_rules::{Kind, Status, Unit, Verb};
use luoshi_store::plan::{self, Plan};
use luoshi_store::record::{self, Filter, Line};
use maud::{Markup, html};

pub(super) async fn show(visit: Visit, Place((id, kind)): Place<(i64, String)>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::Write).await?;
    let kind = visit.rules.kind(&kind).ok_or(Trouble::NotFound)?;
    let meeting = kind.meeting.as_ref().ok_or(Trouble::NotFound)?;
    let roll = people::roll(&visit, &at, meeting, (visit.today, &Fields::new())).await?;
    let (plans, past, talked) = around(&visit, &at, (kind, meeting.due)).await?;
    let ledger = obligation::ledger(&visit, &at, visit.year(), None).await?;
    let mut owed = ledger.pressing(at.id);
    let done = |one: &&luoshi_rules::Obligation| matches!(one.status, Status::Met | Status::Late | Status::Waived);
    owed.retain(|one| one.clause.counts.iter().any(|count| count.record == kind.id));
    owed.retain(|one| !done(one));
    owed.truncate(12);
    let title = format!("{}{}{}", visit.of(&kind.name), visit.mark("："), visit.say("怎么开", "how it is done"));
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::Records };
    let silent: Vec<&Listed> =
        roll.iter().filter(|one| meeting.due == Due::Pairs && !talked.contains(&one.id)).collect();
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
        (numbers(&visit, meeting, &roll))
        @if meeting.due == Due::Pairs { (not_talked(&visit, &at, &silent)) }
        (materials(&visit, &plans))
        h2 { (visit.say("最近几次", "The last ones")) }
        @if past.is_empty() { p.empty { (visit.say("今年还没有记过。", "None on record this year.")) } } @else { (super::rows(&visit, &past)) }
        section.card {
            h2 { (visit.say("它能落实的职责", "Duties it meets")) }
            @if owed.is_empty() { p.empty { (visit.say("目前没有待落实的相关职责。", "No open duty counts this kind now.")) } }
            @else { (obligation::rows(&visit, &ledger, &owed, false)) }
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
fn numbers(visit: &Visit, meeting: &Meeting, roll: &[Listed]) -> Markup {
    let due = roll.iter().filter(|one| one.due).count();
    let voters = Entitled(roll.iter().filter(|one| one.due && one.votes).count() as u32);
    let chairs: Vec<&str> = roll.iter().filter(|one| one.chairs).map(|one| one.name.as_str()).collect();
    html! {
        @if matches!(meeting.due, Due::Members | Due::Posts) {
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
