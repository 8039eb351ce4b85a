//! What is owed: a unit's to-do list, one duty of one unit with all its periods, and a clause across units.

mod clause;
mod digest;
mod known;
mod ledger;
mod table;

pub(crate) use clause::pick_rows;
pub(crate) use known::{address, as_known, keep, moved, note, unit_name};
pub(crate) use ledger::{Ledger, ledger};
pub(crate) use table::{cadence, table};

use crate::form::{Sent, day, one, operation};
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::civil::Date;
use known::{asks, duty_name};
use luoshi_rules::{Clause, Obligation, Status, Unit, Verb};
use luoshi_store::obligation;
use maud::{Markup, html};
use std::collections::HashMap;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/{year}/duties", get(to_do))
        .route("/units/{unit}/{year}/duties/{clause}", get(duty))
        .route("/units/{unit}/{year}/duties/{clause}/waivers", post(waive))
        .route("/units/{unit}/{year}/clauses/{clause}", get(clause::show))
        .route("/units/{unit}/closings", post(close))
}

// ---- to-do

async fn to_do(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let ledger = ledger(&visit, &at, year, as_known(&visit, &asked)?).await?;
    let own = !asked.contains_key("below");
    let mut owed = if own { ledger.pressing(at.id) } else { ledger.wanting() };
    owed.retain(|one| one.status.is_wanting());
    owed.sort_by(|a, b| (a.status, a.due, &a.clause.id).cmp(&(b.status, b.due, &b.clause.id)));
    if asked.contains_key("as") {
        return export(&visit, &asked, &at, &owed, &ledger).await;
    }
    let title = visit.say("待办", "To do").to_owned();
    let page = Page { visit: &visit, title, unit: Some(&at), year, dated: "/duties", part: Part::Todo };
    let total = owed.len();
    owed.truncate(200);
    let pledged = crate::pledge::to_do(&visit, &at).await?;
    let (forms, leaving) = (crate::collection::to_do(&visit, &at).await?, crate::youth::to_do(&visit, &at).await?);
    let body = html! {
        p.toggle {
            a aria-current=[own.then_some("true")] href={ "/units/" (id) "/" (year) "/duties" (keep(ledger.known_on(), '?')) } { (visit.say("本级", "This unit")) }
            a aria-current=[(!own).then_some("true")] href={ "/units/" (id) "/" (year) "/duties?below=1" (keep(ledger.known_on(), '&')) } { (visit.say("含下级", "With units below")) }
        }
        (asks(&visit, ledger.known_on(), if own { &[] } else { &[("below", "1")] }))
        @if owed.is_empty() {
            p.empty { (visit.say("没有待办事项。到期的职责会自动出现在这里，记录纪实后自动消去。",
                "Nothing to do. Duties appear here by themselves when they fall due, and go when a record meets them.")) }
        } @else {
            p { (visit.say("共", "In all: ")) (total) (visit.say("项", "")) @if total > owed.len() { " " (visit.say("（先列前 200 项，全部请导出）", "(the first 200; export for all)")) } }
            (rows(&visit, &ledger, &owed, !own))
        }
        (shell::formats(&visit))
        (shell::legend(visit.lang))
        @if visit.may(Verb::Act, &at) { p { a href={ "/units/" (id) "/matters?only=ring&sort=limit" } { (visit.say("该发的提醒和函件", "Reminders and letters due")) } } }
        (forms)
        (leaving)
        (pledged)
    };
    Ok(shell::page(&page, body).into_response())
}

/// The ledger of duties in the format the address asks for, with the follow-ups there are.
pub(crate) async fn export(
    visit: &Visit,
    asked: &HashMap<String, String>,
    at: &Unit,
    owed: &[&Obligation<'_>],
    ledger: &Ledger,
) -> Result<Response, Trouble> {
    let followed = crate::matter::followed(visit, at).await?;
    crate::export::list(asked, || table(visit, owed, ledger, &followed))?.ok_or(Trouble::NotFound)
}

/// Obligations as rows, each with the way to meet it.
pub(crate) fn rows(visit: &Visit, ledger: &Ledger, owed: &[&Obligation], named: bool) -> Markup {
    let acts = ledger.known_on().is_none() && owed.iter().any(|one| !one.status.is_settled());
    html! {
        div.scroll { table.list {
            thead { tr {
                @if named { th { (visit.say("组织", "Unit")) } }
                th { (visit.say("条款", "Clause")) } th { (visit.say("周期", "Period")) } th { (visit.say("到期", "Due")) }
                th { (visit.say("状态", "Status")) } @if acts { th { (visit.say("办理", "Action")) } }
            } }
            @for one in owed {
                tr {
                    @if named { td { (unit_name(visit, one.unit)) } }
                    td { (duty_name(visit, ledger, one))
                        @for holder in one.holders(&ledger.known.tally) { " " span.who { (holder.name) } } }
                    td.nowrap { (one.period) }
                    td.nowrap { (one.due) " " @if !one.status.is_settled() { (days(visit, one.due)) } }
                    td.nowrap { (shell::badge(visit.lang, one.status)) }
                    @if acts { td.nowrap { @if !one.status.is_settled() && visit.may(Verb::Write, one.unit) { (record_link(visit, one)) } } }
                }
            }
        } }
    }
}

/// The link to the form that meets an obligation.
fn record_link(visit: &Visit, one: &Obligation) -> Markup {
    let kind = one.clause.counts.first().map(|count| count.record.as_str()).unwrap_or_default();
    let late = one.status == Status::Overdue && one.period.last < visit.today;
    let makes_up = if late { format!("&makes_up={}", one.period.key()) } else { String::new() };
    let tags: String = one
        .clause
        .counts
        .first()
        .into_iter()
        .flat_map(|count| &count.filter)
        .map(|(f, o)| format!("&{f}={o}"))
        .collect();
    html! { a.button href={ "/units/" (one.unit.id) "/records/new?kind=" (kind) (tags) (makes_up) } { (visit.say("记录", "Record")) } }
}

/// "3 days left", "5 days over".
pub(crate) fn days(visit: &Visit, due: Date) -> Markup {
    let left = visit.today.until(due).map(|span| span.get_days()).unwrap_or(0);
    html! {
        small.days {
            @if left < 0 { (visit.say("超期", "over by ")) (-left) (visit.say("天", " d")) }
            @else if left <= 60 { (visit.say("剩", "")) (left) (visit.say("天", " d left")) }
        }
    }
}

/// The regulation and article of a clause.
pub(crate) fn source(visit: &Visit, clause: &Clause) -> String {
    let key = clause.source.as_deref().unwrap_or_default();
    let name = visit.rules.editions.iter().find_map(|e| luoshi_rules::pack::name_of(&e.pack.source, key));
    let name = name.map(|label| visit.of(label)).unwrap_or_default();
    match clause.article.as_str() {
        "" => name.to_owned(),
        article => format!("{name} {}", visit.say(&format!("第{article}条"), &format!("art. {article}"))),
    }
}

// ---- one duty of one unit: the drawer of a cell

async fn duty(
    visit: Visit,
    Place((id, Year(year), clause)): Place<(i64, Year, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let ledger = ledger(&visit, &at, year, as_known(&visit, &asked)?).await?;
    let owed: Vec<_> = ledger.of_unit(at.id).filter(|one| one.clause.id == clause).collect();
    let said = visit.rules.clause(&clause, visit.today).ok_or(Trouble::NotFound)?;
    let title = format!("{} {}", said.id, visit.of(&said.text));
    let page = Page { visit: &visit, title, unit: Some(&at), year, dated: "", part: Part::Matrix };
    let body = html! {
        p { (source(&visit, said)) @if !said.note.zh.is_empty() { " · " (visit.of(&said.note)) } }
        (asks(&visit, ledger.known_on(), &[]))
        @if owed.is_empty() { p.empty { (visit.say("本组织这一年不适用此条款。", "This clause does not bind this unit this year.")) } }
        @for one in &owed { (period(&visit, &ledger, one)) }
        p { a href={ "/units/" (id) "/" (year) "/clauses/" (clause) (keep(ledger.known_on(), '?')) } { (visit.say("看下级各组织这一条", "This clause in the units below")) } }
        p { (crate::collection::burden_link(&visit, &at, ("clause", &clause))) }
    };
    Ok(shell::page(&page, body))
}

fn period(visit: &Visit, ledger: &Ledger, one: &Obligation) -> Markup {
    let now = ledger.known_on().is_none();
    let late = now && one.status.is_wanting();
    let may_waive = visit.actor.posts.iter().any(|held| {
        held.path != one.unit.path
            && held.path.contains(&one.unit.path)
            && visit.rules.base.grants(&held.post, Verb::Act, false)
    });
    html! {
        section.period id=(one.period.key()) {
            h2 { (one.period) " " (shell::badge(visit.lang, one.status)) " "
                small { (visit.say("到期 ", "due ")) (one.due) " " @if late { (days(visit, one.due)) } } }
            @if let Some(now) = one.corrected {
                p.note { (visit.say("该周期已封存；封存后补录，现应为", "This period was closed; with what was written later it would be ")) " " (shell::badge(visit.lang, now)) }
            }
            @let holders = one.holders(&ledger.known.tally);
            @if one.clause.post.is_some() {
                p { (visit.say("责任人：", "Answers for it: "))
                    @if holders.is_empty() { (visit.say("岗位空缺", "the post is vacant")) }
                    @for holder in &holders { span.who { (holder.name) } " " small { (holder.from) " – " @if holder.until.year() < 9999 { (holder.until) } } " " } }
            }
            @if one.status == Status::Waived && let Some(why) = one.reason(&ledger.known.tally) {
                p { (visit.say("不适用原因：", "Why waived: ")) (visit.of(&why)) }
            }
            @for (fact, rule) in &one.met_by {
                p.met-by { (visit.say("由此纪实落实：", "Met by: "))
                    a href={ "/units/" (fact.unit) "/records/" (fact.record) } { (fact.on) " " (kind_name(visit, &fact.kind)) }
                    @if let Some(count) = one.clause.counts.get(*rule) { " " small { (rule_words(visit, count)) } }
                    @if fact.on <= one.due && one.due < fact.written { " " span.mark { (visit.say("补录于 ", "entered later, on ")) (fact.written) } }
                }
            }
            p.actions {
                @if late && visit.may(Verb::Write, one.unit) { (record_link(visit, one)) }
                @if late && may_waive { (waive_form(visit, ledger, one)) }
            }
            @if late && may_waive { (remind_form(visit, ledger, one)) }
        }
    }
}

fn waive_form(visit: &Visit, ledger: &Ledger, one: &Obligation) -> Markup {
    html! {
        details { summary { (visit.say("免予落实", "Waive")) }
            form.stack method="post" action={ "/units/" (one.unit.id) "/" (ledger.year()) "/duties/" (one.clause.id) "/waivers" } {
                (shell::hidden(visit))
                input type="hidden" name="period" value=(one.period.key());
                label for={ "why-" (one.period.key()) } { (visit.say("理由（会显示在清单上）", "Reason (shown on the list)")) }
                input id={ "why-" (one.period.key()) } name="reason" required maxlength="200";
                button { (visit.say("免予落实", "Waive")) }
            }
        }
    }
}

fn remind_form(visit: &Visit, ledger: &Ledger, one: &Obligation) -> Markup {
    html! {
        form method="post" action={ "/units/" (one.unit.id) "/follow-ups" } {
            (shell::hidden(visit))
            input type="hidden" name="year" value=(ledger.year());
            input type="hidden" name="pick" value={ (one.unit.id) "/" (one.clause.id) "/" (one.period.key()) };
            button { (visit.say("发提醒", "Send a reminder")) }
        }
    }
}

/// The shown name of a kind.
pub(crate) fn kind_name<'a>(visit: &'a Visit, kind: &'a str) -> &'a str {
    visit.rules.kind(kind).map_or(kind, |kind| visit.of(&kind.name))
}

/// The rule by which a record counts, in words.
fn rule_words(visit: &Visit, count: &luoshi_rules::clause::Count) -> String {
    let Some(kind) = visit.rules.kind(&count.record) else { return String::new() };
    let mut words = vec![visit.of(&kind.name).to_owned()];
    for (field, option) in &count.filter {
        let named = kind.field(field).and_then(|field| field.option.iter().find(|one| one.id == *option));
        words.extend(named.map(|one| visit.of(&one.name).to_owned()));
    }
    let role = count.role.as_ref().and_then(|role| luoshi_rules::pack::name_of(&visit.rules.base.role, role));
    words.extend(role.map(|label| format!("{}{}", visit.say("责任人为", "holder as "), visit.of(label))));
    format!("{}{}", visit.say("规则：", "rule: "), words.join(" · "))
}

async fn waive(Place((id, Year(year), clause)): Place<(i64, Year, String)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    let above = visit.actor.posts.iter().any(|held| held.path != at.path && held.path.contains(&at.path));
    if !above || visit.rules.clause(&clause, visit.today).is_none() {
        return Err(Trouble::NotFound);
    }
    let (period, reason) = (one(&sent.fields, "period").to_owned(), one(&sent.fields, "reason").to_owned());
    let back = format!("/units/{id}/{year}/duties/{clause}");
    let rules = visit.rules.clone();
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &at)?;
        obligation::waive(tx, &permit, &clause, &period, &reason)?;
        Ok(back.clone())
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

async fn close(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Rule).await?;
    if at.id != at.top {
        return Err(Trouble::NotFound);
    }
    let (through, rules) = (day(&sent.fields, "through")?, visit.rules.clone());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Rule, &at)?;
        obligation::close(tx, &permit, through)?;
        Ok(format!("/units/{}/lists", at.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}
