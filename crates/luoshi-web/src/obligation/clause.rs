//! A clause across units: who has met it and who has not, by class of unit, and rows one may tick for reminders.

use super::{Ledger, address, as_known, days, export, ledger, source};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_rules::{Obligation, Status, Unit, Verb};
use maud::{Markup, html};
use std::collections::{BTreeMap, HashMap};

pub(super) async fn show(
    visit: Visit,
    Place((id, Year(year), clause)): Place<(i64, Year, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let ledger = ledger(&visit, &at, year, as_known(&asked)).await?;
    let mut owed: Vec<_> = ledger.owed().iter().filter(|one| one.clause.id == clause).collect();
    if asked.contains_key("as") {
        return export(&visit, &asked, &at, &owed, &ledger).await;
    }
    let said = visit.rules.clause(&clause, visit.today).ok_or(Trouble::NotFound)?;
    let mut classes: BTreeMap<String, BTreeMap<Status, i64>> = BTreeMap::new();
    for one in &owed {
        let class = luoshi_rules::pack::name_of(&visit.rules.base.class, &one.unit.class);
        let class = class.map_or(String::new(), |label| visit.of(label).to_owned());
        *classes.entry(class).or_default().entry(one.status).or_default() += 1;
    }
    owed.retain(|one| matches!(one.status, Status::Overdue | Status::Awaiting | Status::Open | Status::Late));
    owed.sort_by(|a, b| (a.status, a.due, &a.unit.path).cmp(&(b.status, b.due, &b.unit.path)));
    let total = owed.len();
    owed.truncate(200);
    let title = format!("{} {}", said.id, visit.of(&said.text));
    let page = Page { visit: &visit, title, unit: Some(&at), year, dated: "", part: Part::Matrix };
    let body = html! {
        p { (source(&visit, said)) @if !said.note.is_empty() { " · " (said.note) } }
        h2 { (visit.say("按单位类别", "By class of unit")) }
        div.scroll { table.list {
            thead { tr { th { (visit.say("类别", "Class")) } @for one in Status::ALL { th.num { (shell::badge(visit.lang, one)) } } } }
            @for (class, counts) in &classes {
                tr { td { (class) } @for one in Status::ALL { td.num { (counts.get(&one).copied().unwrap_or(0)) } } }
            }
        } }
        h2 { (visit.say("未落实和迟办", "Open, late and overdue")) " " small { (total) } }
        (pick_rows(&visit, &ledger, &owed, &at))
        (shell::formats(&visit))
    };
    Ok(shell::page(&page, body).into_response())
}

/// Obligations one may tick to send reminders for all of them.
pub(crate) fn pick_rows(visit: &Visit, ledger: &Ledger, owed: &[&Obligation], at: &Unit) -> Markup {
    let may = visit.may(Verb::Act, at);
    html! {
        form method="post" action={ "/units/" (at.id) "/follow-ups" } {
            (shell::hidden(visit))
            input type="hidden" name="year" value=(ledger.year());
            div.scroll { table.list {
                thead { tr {
                    @if may { th { input type="checkbox" data-all="pick" hidden aria-label=(visit.say("全选", "All")); } }
                    th { (visit.say("组织", "Unit")) } th { (visit.say("条款", "Clause")) } th { (visit.say("周期", "Period")) }
                    th { (visit.say("到期", "Due")) } th { (visit.say("状态", "Status")) }
                } }
                @for one in owed {
                    @let key = format!("{}/{}/{}", one.unit.id, one.clause.id, one.period.key());
                    tr {
                        @if may { td { @if one.unit.id != at.id && matches!(one.status, Status::Overdue | Status::Open | Status::Awaiting) {
                            input type="checkbox" name="pick" value=(key) aria-label={ (one.unit.short_name) " " (one.clause.id) };
                        } } }
                        td { a href={ "/units/" (one.unit.id) } { (one.unit.short_name) } }
                        td { a href=(address(one)) { (one.clause.id) " " (visit.of(&one.clause.text)) } }
                        td.nowrap { (one.period) } td.nowrap { (one.due) " " (days(visit, one.due)) }
                        td.nowrap { (shell::badge(visit.lang, one.status)) }
                    }
                }
            } }
            @if may && !owed.is_empty() { p { button.main { (visit.say("对勾选的发提醒", "Remind those ticked")) } } }
        }
    }
}
