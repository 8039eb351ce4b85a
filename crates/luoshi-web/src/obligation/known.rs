//! "As known on": the day an address asks for, the box that asks for it, and the links that keep it.

use super::Ledger;
use crate::visit::Visit;
use jiff::civil::Date;
use luoshi_rules::{Obligation, Refusal, Unit, Verb};
use maud::{Markup, html};
use std::collections::HashMap;

/// "As known on" of an address; none when it is today's. What reads as no day, or as one to come, is refused.
pub(crate) fn as_known(visit: &Visit, asked: &HashMap<String, String>) -> Result<Option<Date>, Refusal> {
    let Some(text) = asked.get("known").map(|text| text.trim()).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let day: Date = text.parse().map_err(|_| {
        let zh = format!("“截至日所知”读不成日期：“{text}”。请填如 2023-03-31 的日期，或留空看今天");
        let en = format!("“As known on” is no day: “{text}”. Give one such as 2023-03-31, or leave it empty for today");
        Refusal::field("known", zh, en)
    })?;
    if day > visit.today {
        let zh = format!("{day} 还没有到，“截至日所知”只能填今天（{}）或以前的日期", visit.today);
        let en = format!("{day} is still to come; “as known on” takes today ({}) or a day before it", visit.today);
        return Err(Refusal::field("known", zh, en));
    }
    Ok(Some(day).filter(|day| *day != visit.today))
}

/// The question of an address that keeps the day; empty when none is asked for.
pub(crate) fn keep(known: Option<Date>, lead: char) -> String {
    known.map_or(String::new(), |day| format!("{lead}known={day}"))
}

/// The box that asks for a day, and what is shown now.
pub(super) fn asks(visit: &Visit, known: Option<Date>, kept: &[(&str, &str)]) -> Markup {
    // beside the matrix the page stands in a drawer, whose address is another
    let path = visit.address.split_once('?').map_or(visit.address.as_str(), |(path, _)| path);
    html! {
        form.filters method="get" action=(path) {
            @for (key, value) in kept { input type="hidden" name=(key) value=(value); }
            label { (visit.say("截至日所知 ", "As known on ")) input type="date" name="known" max=(visit.today) value=[known]; }
            button { (visit.say("查看", "Show")) }
        }
        (note(visit, known))
    }
}

/// Says that a page shows a day that is past.
pub(crate) fn note(visit: &Visit, known: Option<Date>) -> Markup {
    html! {
        @if let Some(day) = known {
            p.note { "◇ " (visit.say("以下为截至 ", "This is what was known on ")) (day)
                (visit.say(" 所知的情况，组织也按那一天的隶属列出。", ", with the units as they stood on that day.")) }
        }
    }
}

/// A unit of a list, as a link where the visitor may open it: one that has since moved out of reach stays a name.
pub(crate) fn unit_name(visit: &Visit, unit: &Unit) -> Markup {
    html! {
        @if visit.may(Verb::See, unit) { a href={ "/units/" (unit.id) } { (unit.short_name) } }
        @else { span.moved title=(moved(visit)) { (unit.short_name) } }
    }
}

/// A duty of a list, as a link where the visitor may open it.
pub(super) fn duty_name(visit: &Visit, ledger: &Ledger, one: &Obligation) -> Markup {
    let words = html! { (one.clause.id) " " (visit.of(&one.clause.text)) };
    html! {
        @if visit.may(Verb::See, one.unit) { a href=(address(one, ledger.known_on())) { (words) } } @else { (words) }
    }
}

/// Why a unit of a list does not open.
pub(crate) fn moved(visit: &Visit) -> &str {
    visit.say("此组织后来已调整隶属，不在您的范围内", "This unit has since moved out of your reach")
}

/// The address of one duty of one unit, as known on the day asked for.
pub(crate) fn address(one: &Obligation, known: Option<Date>) -> String {
    format!("/units/{}/{}/duties/{}{}", one.unit.id, one.period.year(), one.clause.id, keep(known, '?'))
}
