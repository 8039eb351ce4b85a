//! What others are told of a fund: money, cases and persons as counts that tell of nobody, and the list that is
//! published: initials and reasons, for as many working days as the pack says.

use super::{desk, fund, reason, rules};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::aid::{Aid, Numbers, shown};
use luoshi_rules::{Unit, Verb};
use luoshi_store::aid::case::Published;
use luoshi_store::aid::{self as store, Fund};
use luoshi_store::{Fault, Tx};
use maud::{Markup, html};
use std::collections::HashMap;

pub(super) async fn show(visit: &Visit, at: &Unit, asked: &HashMap<String, String>) -> Result<Response, Trouble> {
    let aid = rules(visit)?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let asked_year = asked.get("year").and_then(|year| year.parse().ok());
    let year: i16 = asked_year.filter(|year| (1949..=2199).contains(year)).unwrap_or(visit.year());
    let id = at.id;
    let read = move |tx: &Tx| {
        let Some(fund) = store::seen(tx, &scope, id)? else { return Ok(None) };
        let numbers = store::numbers(tx, &fund, year)?;
        Ok(Some((fund, numbers)))
    };
    let found = visit.app.read(read).await?;
    let title = found.as_ref().map_or(visit.say("爱心互助", "Mutual aid"), |(fund, _)| &fund.name).to_owned();
    if let Some(out) = crate::export::list(asked, || {
        let mut table = Table::new(format!("{title} {year}"))
            .column("item", visit.say("项目", "Item"), Kind::Text)
            .column("n", visit.say("数量", "How much"), Kind::Text);
        let lines = found.iter().flat_map(|(_, numbers)| lines(visit, aid, numbers));
        table.rows = lines.map(|(name, n)| vec![name.into(), Cell::Text(n)]).collect();
        table
    })? {
        return Ok(out);
    }
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Home };
    let body = html! {
        p.toggle { @for one in [year - 1, year, year + 1] { a aria-current=[(one == year).then_some("true")] href={ "?year=" (one) } { (one) } } }
        @match &found {
            None => p.empty { (visit.say("本组织没有设立互助金。", "This unit keeps no fund.")) },
            Some((_, numbers)) => {
                (facts(visit, aid, numbers))
                p.actions { a.button href={ "/units/" (at.id) "/aid/publication" } { (visit.say("公示名单", "Published list")) } }
                (shell::formats(visit))
            }
        }
    };
    Ok(shell::page(&head, body).into_response())
}

/// A count that does not tell of somebody.
fn told(visit: &Visit, n: Option<i64>, least: i64) -> String {
    n.map_or_else(|| format!("{}{least}", visit.say("不足", "fewer than ")), |n| n.to_string())
}

/// Names and values of what others are told.
fn lines(visit: &Visit, aid: &Aid, numbers: &Numbers) -> Vec<(String, String)> {
    let yuan = |fen: i64| format!("{} {}", shell::yuan(fen), visit.say("元", "yuan"));
    let count = |n: i64| told(visit, shown(&[n], aid.least)[0], aid.least);
    let mut out = vec![
        (visit.say("捐款", "Donations").to_owned(), yuan(numbers.given)),
        (visit.say("捐款人次", "Donations, person-times").to_owned(), count(numbers.givers)),
        (visit.say("留存党费划入", "Retained dues").to_owned(), yuan(numbers.dues)),
        (visit.say("发放", "Paid out").to_owned(), yuan(numbers.paid)),
        (visit.say("年末（至今）余额", "Balance at the end, or so far").to_owned(), yuan(numbers.balance)),
        (visit.say("申请（件）", "Cases applied for").to_owned(), count(numbers.cases)),
        (visit.say("帮助（人）", "Persons helped").to_owned(), count(numbers.helped)),
    ];
    let counts: Vec<i64> = numbers.by_reason.iter().map(|(_, n)| *n).collect();
    for ((id, _), n) in numbers.by_reason.iter().zip(shown(&counts, aid.least)) {
        let held = n.map_or_else(|| visit.say("人数少，不单列", "too few to tell").to_owned(), |n| n.to_string());
        out.push((format!("{}{}{}", visit.say("其中", "of these"), visit.mark("："), reason(visit, id)), held));
    }
    out
}

pub(super) fn facts(visit: &Visit, aid: &Aid, numbers: &Numbers) -> Markup {
    html! {
        dl.facts { @for (name, n) in lines(visit, aid, numbers) { dt { (name) } dd { b { (n) } } } }
        p.help { (visit.say("只公布数字，不涉及姓名；少于 ", "Numbers without names; a count below ")) (aid.least) (visit.say(" 的人数不显示。", " is not shown.")) }
    }
}

/// Decisions that are published today.
pub(super) fn now(tx: &Tx, fund: &Fund, (first, today): (Date, Date)) -> Result<Vec<Published>, Fault> {
    store::case::published(tx, fund, (first, today))
}

/// The first day on which what is still published today may have been.
pub(super) fn since(visit: &Visit, aid: &Aid) -> Date {
    let earliest = visit.today.saturating_sub(120.days());
    let mut day = visit.today;
    while day > earliest && aid.publicised_until(&visit.rules.calendar, day.saturating_sub(1.day())) >= visit.today {
        day = day.saturating_sub(1.day());
    }
    day
}

pub(super) fn list(visit: &Visit, aid: &Aid, all: &[Published]) -> Markup {
    html! {
        @if all.is_empty() { p.empty { (visit.say("现在没有公示。", "Nothing is published now.")) } }
        @else { table.list {
            thead { tr { th { (visit.say("姓名首字母", "Initials")) } th { (visit.say("情形", "Reason")) } th { (visit.say("公示期", "Published")) } } }
            @for one in all { tr { td { (one.initials) } td { (reason(visit, &one.reason)) }
                td.nowrap { (one.from) " – " (aid.publicised_until(&visit.rules.calendar, one.from)) } } }
        } }
    }
}

/// The list as it is put up, for handlers and for who may see the unit.
pub(crate) async fn publication(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let aid = rules(&visit)?;
    let days = (since(&visit, aid), visit.today);
    let (found, all) = match desk(&visit, id).await {
        Ok((_, by)) => {
            let read = move |tx: &Tx| {
                let fund = fund(tx, &by)?;
                let all = now(tx, &fund, days)?;
                Ok((fund, all))
            };
            visit.app.read(read).await?
        }
        Err(_) => {
            let at = visit.unit(id, Verb::See).await?;
            let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
            let read = move |tx: &Tx| {
                let fund = store::seen(tx, &scope, id)?.ok_or(Fault::NotFound)?;
                let all = now(tx, &fund, days)?;
                Ok((fund, all))
            };
            visit.app.read(read).await?
        }
    };
    let title = format!("{}{}", found.name, visit.say("公示", ": publication"));
    if let Some(out) = crate::export::list(&asked, || published(&visit, aid, &title, &all))? {
        return Ok(out);
    }
    let page = shell::bare(
        visit.lang,
        &title,
        html! {
            p.noprint { a href={ "/units/" (id) "/aid" } { (visit.say("← 爱心互助", "← Mutual aid")) } " · " (visit.say("用浏览器打印张贴", "print it and put it up")) }
            p { (visit.say("经核实和审批，拟对下列人员给予互助，公示 ", "After they were looked into and decided, help is to be given as follows; published for ")) (aid.workdays)
                (visit.say(" 个工作日。如有异议，请向经办人反映。", " working days. Objections go to the handlers.")) }
            (list(&visit, aid, &all))
            p.right { (found.unit_name) br; (visit.today) }
        },
    );
    Ok(page.into_response())
}

pub(super) fn published(visit: &Visit, aid: &Aid, title: &str, all: &[Published]) -> Table {
    let mut table = Table::new(title)
        .column("initials", visit.say("姓名首字母", "Initials"), Kind::Text)
        .column("reason", visit.say("情形", "Reason"), Kind::Text)
        .column("from", visit.say("公示自", "Published from"), Kind::Date)
        .column("until", visit.say("至", "Until"), Kind::Date);
    let row = |one: &Published| {
        let days = [one.from, aid.publicised_until(&visit.rules.calendar, one.from)];
        let words = [one.initials.as_str(), reason(visit, &one.reason)].map(Cell::from);
        words.into_iter().chain(days.map(|day| Cell::Date(day.to_string()))).collect()
    };
    table.rows = all.iter().map(row).collect();
    table
}
