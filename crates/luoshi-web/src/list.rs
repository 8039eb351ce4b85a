//! Lists of duties: which are in force, comparing a new one with the one in force, putting it in force.

mod compare;
mod sheet;

use crate::form::{Complaints, Sent, day, one, operation};
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::civil::Date;
use luoshi_rules::obligation::{Ground, derive};
use luoshi_rules::pack::Fault;
use luoshi_rules::rulebook::Edition as Force;
use luoshi_rules::{Pack, Rulebook, Tally, Unit, Verb};
use luoshi_store::obligation::{self, Edition};
use maud::{Markup, html};
use std::collections::HashMap;
use std::sync::Arc;

type Asked = HashMap<String, String>;

/// Lists that ship with the program.
const SHIPPED: [&str; 6] = [
    include_str!("../../../packs/duties.toml"),
    include_str!("../../../packs/duties-extended.toml"),
    include_str!("../../../packs/campaign-warning-month.toml"),
    include_str!("../../../packs/campaign-special-drive.toml"),
    include_str!("../../../packs/campaign-theme-education.toml"),
    include_str!("../../../packs/campaign-regulation-season.toml"),
];

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/lists", get(show))
        .route("/units/{unit}/lists/compare", post(compare))
        .route("/units/{unit}/lists/put", post(put))
        .route("/units/{unit}/lists/take-back", post(take_back))
}

pub(crate) async fn show(visit: Visit, Place(id): Place<i64>, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::Rule).await?;
    if asked.contains_key("as") {
        let top = at.top;
        let editions = visit.app.read(move |tx| obligation::editions(tx, top)).await?;
        return crate::export::list(&asked, || sheet::table(&visit, &editions))?.ok_or(Trouble::NotFound);
    }
    Ok(page(&visit, &at, &Complaints::default(), html! {}).await?.into_response())
}

async fn page(visit: &Visit, at: &Unit, complaints: &Complaints, outcome: Markup) -> Result<Markup, Trouble> {
    let top = at.top;
    let editions = visit.app.read(move |tx| obligation::editions(tx, top)).await?;
    let head = Page {
        visit,
        title: visit.say("责任清单设置", "Lists of duties").to_owned(),
        unit: Some(at),
        year: 0,
        dated: "",
        part: Part::Lists,
    };
    let body = html! {
        (shell::complaints(visit, complaints))
        (outcome)
        h2 { (visit.say("已生效和将生效", "In force and to come")) }
        (in_force(visit, at, &editions))
        (shell::formats(visit))
        h2 { (visit.say("载入一份清单", "Load a list")) }
        p { (visit.say("先比较，再生效：新版本从所填日期之后开始的周期起适用，以前的周期仍按原文。",
            "Compare first, then put in force: a new version rules the periods that begin on its day or later; older periods keep the old wording.")) }
        (load_form(visit, at))
        h2 { (visit.say("封存周期", "Close periods")) }
        p { (visit.say("封存后，该日以前到期的周期不再变化；以后补录的内容标为更正。", "Periods due by that day no longer change; what is written later shows as a correction.")) }
        form.stack method="post" action={ "/units/" (at.id) "/closings" } {
            (shell::hidden(visit))
            label for="through" { (visit.say("封存到期日在此日及以前的周期", "Close periods due by")) }
            input #through type="date" name="through" required;
            button { (visit.say("封存", "Close")) }
        }
    };
    Ok(shell::page(&head, body))
}

fn in_force(visit: &Visit, at: &Unit, editions: &[Edition]) -> Markup {
    html! {
        @if editions.is_empty() { p.empty { (visit.say("还没有清单生效。可从下面选用演示清单，或上传自己的清单。", "No list is in force. Use the demonstration list below, or upload your own.")) } }
        table.list {
            thead { tr { th { (visit.say("清单", "List")) } th { (visit.say("版本", "Version")) } th { (visit.say("自何日起的周期", "Rules periods from")) } th {} } }
            @for edition in editions {
                @let name = Pack::list(&edition.text, &visit.rules.base).map(|pack| visit.of(&pack.head.name).to_owned()).unwrap_or(edition.pack.clone());
                tr { td { (name) } td { (edition.version) } td { small.phone { (visit.say("自 ", "from ")) } (edition.from) }
                    td { @if edition.from > visit.today {
                        form method="post" action={ "/units/" (at.id) "/lists/take-back" } {
                            (shell::hidden(visit))
                            input type="hidden" name="pack" value=(edition.pack); input type="hidden" name="from" value=(edition.from);
                            button { (visit.say("撤回", "Take back")) }
                        }
                    } }
                }
            }
        }
    }
}

fn load_form(visit: &Visit, at: &Unit) -> Markup {
    html! {
        form.stack method="post" enctype="multipart/form-data" action={ "/units/" (at.id) "/lists/compare" } {
            (shell::hidden(visit))
            fieldset {
                legend { (visit.say("来源", "Where from")) }
                @for (n, text) in SHIPPED.iter().enumerate() {
                    @if let Ok(pack) = Pack::list(text, &visit.rules.base) {
                        label { input type="radio" name="shipped" value=(n) checked[n == 0]; " " (visit.of(&pack.head.name)) " " small { (pack.clause.len()) (visit.say(" 条", " clauses")) } }
                    }
                }
                label { (visit.say("或上传清单文件（.toml 规则包，或 .xlsx / .csv 表格）", "or upload a list (.toml pack, or .xlsx / .csv table)")) " "
                    input type="file" name="file" accept=".toml,.xlsx,.csv"; }
                (sheet::help(visit))
            }
            button { (visit.say("与现行清单比较", "Compare with the one in force")) }
        }
    }
}

async fn compare(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Rule).await?;
    let text = match crate::import::list_text(&sent).await? {
        Ok(Some(text)) => text,
        Ok(None) => SHIPPED.get(one(&sent.fields, "shipped").parse().unwrap_or(0)).unwrap_or(&SHIPPED[0]).to_string(),
        Err(faults) => return refused(visit, &at, &faults).await,
    };
    match Pack::list(&text, &visit.rules.base) {
        Ok(new) => {
            let none = Complaints::default();
            let outcome =
                html! { (compare::comparison(visit, &at, (&new, &text), ("", &none))) (cost(visit, &at, &new).await?) };
            Ok(page(visit, &at, &none, outcome).await?.into_response())
        }
        Err(faults) => refused(visit, &at, &words(visit, &faults)).await,
    }
}

/// The faults of a list in words, with their places.
pub(crate) fn words(visit: &Visit, faults: &[Fault]) -> Vec<String> {
    let lang = visit.lang;
    faults.iter().map(|f| format!("{}:{} {} {}", f.line, f.column, f.what.of(lang), f.hint.of(lang))).collect()
}

async fn refused(visit: &Visit, at: &Unit, faults: &[String]) -> Result<Response, Trouble> {
    let outcome = html! {
        div.complaints role="alert" {
            p { b { (visit.say("清单有误，没有载入（行:列）：", "The list has faults and was not loaded (line:column):")) } }
            ul { @for fault in faults.iter().take(200) { li { (fault) } } }
        }
    };
    let page = page(visit, at, &Complaints::default(), outcome).await?;
    Ok(Complaints::told(faults).answer(page))
}

/// What units would be asked a month under a new list, beside what they are asked now: duties of the calendar, which
/// records meet without a report. Those of terms and events are not foreseen.
async fn cost(visit: &Visit, at: &Unit, new: &Pack) -> Result<Markup, Trouble> {
    let ledger = crate::obligation::ledger(visit, at, visit.year(), None).await?;
    let tally = Tally::default();
    let next = Date::new(visit.year() + 1, 1, 1).unwrap_or(visit.today);
    // a campaign asks in its own days, a list all through the year after this
    let (from, until) = new.campaign.as_ref().map_or((next, next), |campaign| (campaign.from, campaign.until));
    let mut editions = visit.rules.editions.clone();
    let now = Rulebook::new(visit.rules.base.clone(), visit.rules.calendar.clone(), editions.clone());
    editions.retain(|edition| edition.from < from || edition.pack.head.id != new.head.id);
    editions.push(Force { pack: Arc::new(new.clone()), from, until: None });
    let then = Rulebook::new(visit.rules.base.clone(), visit.rules.calendar.clone(), editions);
    let asked = |rules: &Rulebook| -> usize {
        let ground = Ground { rules, tally: &tally, today: visit.today, known: None, closed: None };
        let of_year = |year| derive(ground, &ledger.units, year).filter(|one| one.unit.dissolved.is_none()).count();
        (from.year()..=until.year()).map(of_year).sum()
    };
    let (before, after) = (asked(&now), asked(&then));
    let years = usize::try_from(until.year() - from.year()).unwrap_or(0) + 1;
    let now = before / 12 / years;
    let then = match new.campaign {
        Some(_) => now + after.saturating_sub(before).div_ceil(months(from, until)),
        None => after / 12,
    };
    let units = ledger.units.iter().filter(|unit| unit.dissolved.is_none()).count().max(1);
    Ok(html! {
        section.card.cost {
            h2 { (visit.say("生效后每月要基层做多少", "What it asks of units each month")) }
            p { (visit.say("约 ", "about ")) b { (then) } (visit.say(" 项（现行 ", " duties (now ")) (now) (visit.say(" 项），平均每个组织 ", "), for each unit ")) b { (tenths(then, units)) }
                (visit.say(" 项（现行 ", " (now ")) (tenths(now, units)) (visit.say(" 项）。按期的职责才算在内，由纪实自动核销，不另填表。", "). Only duties of the calendar are counted; records meet them without a report.")) }
        }
    })
}

/// How many months two days touch.
fn months(from: Date, until: Date) -> usize {
    let at = |day: Date| i32::from(day.year()) * 12 + i32::from(day.month());
    usize::try_from(at(until) - at(from)).unwrap_or(0) + 1
}

/// A quotient with one decimal.
fn tenths(n: usize, units: usize) -> String {
    let tenths = n * 10 / units;
    format!("{}.{}", tenths / 10, tenths % 10)
}

async fn put(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Rule).await?;
    let text = one(&sent.fields, "text");
    let new = match Pack::list(text, &visit.rules.base) {
        Ok(new) => new,
        Err(faults) => return refused(visit, &at, &words(visit, &faults)).await,
    };
    let done = match day(&sent.fields, "from") {
        Ok(from) => put_in_force(visit, &at, (text.to_owned(), from), operation(&sent.fields)).await,
        Err(refusal) => Err(refusal.into()),
    };
    match done {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let outcome = compare::comparison(visit, &at, (&new, text), (one(&sent.fields, "from"), &complaints));
            let page = page(visit, &at, &complaints, outcome).await?;
            Ok(complaints.answer(page))
        }
        done => Ok(done?.into_response()),
    }
}

/// Puts a list in force from a day on, in the whole organisation.
pub(crate) async fn put_in_force(
    visit: &Visit,
    at: &Unit,
    (text, from): (String, Date),
    operation: i64,
) -> Result<Redirect, Trouble> {
    if at.id != at.top {
        return Err(luoshi_rules::Refusal::rule(
            "清单由最上级组织统一生效",
            "lists are put in force by the organisation at the top",
        )
        .into());
    }
    let pack = Pack::list(&text, &visit.rules.base).map_err(|faults| Trouble::Broken(format!("{faults:?}")))?;
    let edition = Edition { pack: pack.head.id.clone(), from, text, version: pack.head.version.clone() };
    let (rules, at) = (visit.rules.clone(), at.clone());
    let top = at.top;
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Rule, &at)?;
        obligation::put_in_force(tx, &permit, &edition)?;
        Ok(format!("/units/{}/lists", at.id))
    };
    let out = visit.act(operation, work).await?;
    visit.app.forget_rules(top);
    Ok(out)
}

async fn take_back(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Rule).await?;
    let (pack, from) = (one(&sent.fields, "pack").to_owned(), day(&sent.fields, "from")?);
    let (rules, top) = (visit.rules.clone(), at.top);
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Rule, &at)?;
        obligation::take_back(tx, &permit, &pack, from)?;
        Ok(format!("/units/{}/lists", at.id))
    };
    let out = visit.act(operation(&sent.fields), work).await?.into_response();
    visit.app.forget_rules(top);
    Ok(out)
}
