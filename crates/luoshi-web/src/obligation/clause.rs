//! A clause across units: who has met it and who has not, by class of unit, and rows one may tick for reminders.

use super::known::{asks, duty_name};
use super::{Ledger, as_known, days, export, ledger, unit_name, wording};
use crate::matter::remindable;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_rules::{Obligation, Status, Unit, UnitPath, Verb};
use maud::{Markup, html};
use std::collections::{BTreeMap, HashMap};

/// Most units listed of a class.
const MOST: usize = 300;

pub(super) async fn show(
    visit: Visit,
    Place((id, Year(year), clause)): Place<(i64, Year, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let ledger = ledger(&visit, &at, year, as_known(&visit, &asked)?).await?;
    let mut owed: Vec<_> = ledger.owed().iter().filter(|one| one.clause.id == clause).collect();
    if asked.contains_key("as") {
        return export(&visit, &asked, &at, &owed, &ledger).await;
    }
    let said = wording::newest(&visit, &owed, &clause).ok_or(Trouble::NotFound)?;
    let before = wording::before(&visit, &owed, said);
    let mut classes: BTreeMap<Option<usize>, BTreeMap<Status, i64>> = BTreeMap::new();
    for one in &owed {
        *classes.entry(class_of(&visit, one.unit)).or_default().entry(one.status).or_default() += 1;
    }
    let met = met(&visit, &owed);
    owed.retain(|one| matches!(one.status, Status::Overdue | Status::Awaiting | Status::Open | Status::Late));
    let all = owed.iter().filter(|one| remindable(&visit, at.id, one)).count();
    owed.sort_by(|a, b| (a.status, a.due, &a.unit.path).cmp(&(b.status, b.due, &b.unit.path)));
    let total = owed.len();
    owed.truncate(200);
    let title = format!("{} {}", said.id, visit.of(&said.text));
    let page = Page { visit: &visit, title, unit: Some(&at), year, dated: "", part: Part::Matrix };
    let body = html! {
        (wording::ground(&visit, said))
        (before)
        (asks(&visit, ledger.known_on(), &[]))
        h2 { (visit.say("按单位类别", "By class of unit")) }
        div.scroll { table.list.whole {
            thead { tr { th { (visit.say("类别", "Class")) } @for one in Status::ALL { th.num { (shell::badge(visit.lang, one)) } } } }
            @for (class, counts) in &classes {
                tr { td { (class_name(&visit, *class)) } @for one in Status::ALL { td.num { (counts.get(&one).copied().unwrap_or(0)) } } }
            }
        } }
        (met)
        h2 { (visit.say("未落实和迟办", "Open, late and overdue")) " " small { (total) } }
        (pick_rows(&visit, &ledger, &owed, (&at, Some((all, &[("clause", clause.as_str())])))))
        (shell::formats(&visit))
    };
    Ok(shell::page(&page, body).into_response())
}

/// The place of a unit's class among those of the pack, which is the order they are shown in.
fn class_of(visit: &Visit, unit: &Unit) -> Option<usize> {
    visit.rules.base.class.iter().position(|class| class.id == unit.class)
}

fn class_name(visit: &Visit, place: Option<usize>) -> &str {
    place.and_then(|at| visit.rules.base.class.get(at)).map_or("", |class| visit.of(&class.name))
}

/// Who has met it, by class of unit, each with how many of its periods.
fn met(visit: &Visit, owed: &[&Obligation]) -> Markup {
    let mut classes: BTreeMap<Option<usize>, BTreeMap<&UnitPath, (&Unit, usize)>> = BTreeMap::new();
    for one in owed.iter().filter(|one| matches!(one.status, Status::Met | Status::Late)) {
        let units = classes.entry(class_of(visit, one.unit)).or_default();
        units.entry(&one.unit.path).or_insert((one.unit, 0)).1 += 1;
    }
    html! {
        h2 { (visit.say("已落实的组织", "Units that have met it")) }
        @if classes.is_empty() { p.empty { (visit.say("还没有。", "None yet.")) } }
        @for (class, units) in &classes {
            details { summary { (class_name(visit, *class)) " " b { (units.len()) } }
                p { @for (unit, n) in units.values().take(MOST) { (unit_name(visit, unit)) @if *n > 1 { " ×" (n) } " " }
                    @if units.len() > MOST { (visit.say("……全部请导出", "… export for all")) } } }
        }
    }
}

/// How many duties match that one may remind of, and the filter they match, as fields of a form.
type Whole<'f> = (usize, &'f [(&'f str, &'f str)]);

/// Obligations one may tick to send reminders for all of them, or for all that match without ticking.
pub(crate) fn pick_rows(
    visit: &Visit,
    ledger: &Ledger,
    owed: &[&Obligation],
    (at, whole): (&Unit, Option<Whole<'_>>),
) -> Markup {
    let may = ledger.known_on().is_none() && visit.may(Verb::Act, at);
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
                        @if may { td { @if remindable(visit, at.id, one) {
                            input type="checkbox" name="pick" value=(key) aria-label={ (one.unit.short_name) " " (one.clause.id) };
                        } } }
                        td { (unit_name(visit, one.unit)) }
                        td { (duty_name(visit, ledger, one)) }
                        td.nowrap { (one.period.of(visit.lang)) } td.nowrap { (one.due) " " @if !one.status.is_settled() { (days(visit, one.due)) } }
                        td.nowrap { (shell::badge(visit.lang, one.status)) }
                    }
                }
            } }
            @if may && !owed.is_empty() { p.actions {
                button.main { (visit.say("对勾选的发提醒", "Remind those ticked")) }
                @if let Some((all, fields)) = whole.filter(|(all, _)| *all > 0) {
                    @for (key, value) in fields { input type="hidden" name=(key) value=(value); }
                    " " button name="all" value=(all) { (visit.say("对符合条件的全部 ", "Remind all that match: ")) (all) (visit.say(" 项发提醒", "")) }
                }
            } }
        }
    }
}
