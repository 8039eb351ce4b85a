//! The page of follow-ups: open items by rung, ageing and repeat cases by unit, and steps taken for many at once.

use super::ageing::{ageing, by_unit};
use super::{FOLLOW_UP, MOST, Standing, limit, standings, state, table, title};
use crate::form::{Complaints, Fields, Sent, all, one, operation};
use crate::obligation::days;
use crate::record::Filled;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_rules::flow::{Side, Step};
use luoshi_rules::{Actor, Refusal, Rulebook, Unit, Verb};
use luoshi_store::matter::{self, Taken};
use luoshi_store::{Fault, Tx, unit};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Most rows of the page; all of them can be exported, and acted on at once.
const SHOWN: usize = 300;
/// What a filter may ask for.
const KEYS: [&str; 4] = ["state", "rung", "clause", "unit"];

/// Which follow-ups are wanted.
struct Wanted {
    state: String,
    rung: String,
    clause: String,
    unit: i64,
}

impl Wanted {
    fn read(get: impl Fn(&str) -> String) -> Wanted {
        let state = match get("state") {
            state if matches!(state.as_str(), "closed" | "all") => state,
            _ => "open".to_owned(),
        };
        Wanted { state, rung: get("rung"), clause: get("clause"), unit: get("unit").parse().unwrap_or(0) }
    }

    fn admits(&self, visit: &Visit, one: &Standing) -> bool {
        let matter = &one.line.matter;
        let rung = visit.rules.base.flow(&matter.flow).and_then(|flow| matter.state(flow)).map_or("", |step| &step.id);
        let clause = matter.data["clause"].as_str().unwrap_or_default();
        (self.state == "all" || (self.state == "closed") == one.closed)
            && (self.rung.is_empty() || self.rung == rung)
            && (self.clause.is_empty() || self.clause == clause)
            && (self.unit == 0 || self.unit == matter.unit)
    }

    fn value(&self, key: &str) -> String {
        match key {
            "state" => self.state.clone(),
            "rung" => self.rung.clone(),
            "clause" => self.clause.clone(),
            _ => {
                if self.unit == 0 {
                    String::new()
                } else {
                    self.unit.to_string()
                }
            }
        }
    }
}

pub(crate) async fn board(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let (fields, complaints) = (Fields::new(), Complaints::default());
    page(&visit, &at, &asked, &Filled { fields: &fields, complaints: &complaints }).await
}

/// Open items by age and repeat cases, unit by unit, as a list.
pub(crate) async fn by_units(
    visit: Visit,
    at: Place<i64>,
    Query(mut asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    asked.insert("units".into(), "1".into());
    board(visit, at, Query(asked)).await
}

async fn page(
    visit: &Visit,
    at: &Unit,
    asked: &HashMap<String, String>,
    filled: &Filled<'_>,
) -> Result<Response, Trouble> {
    let most = if asked.contains_key("as") { crate::export::MOST + 1 } else { MOST };
    let all = standings(visit, at, (FOLLOW_UP, most), None).await?;
    let wanted = Wanted::read(|key| asked.get(key).cloned().unwrap_or_default());
    let units = by_unit(visit, &all);
    let (shown, others): (Vec<Standing>, Vec<Standing>) = all.into_iter().partition(|one| wanted.admits(visit, one));
    let list = || if asked.contains_key("units") { units.clone() } else { table(visit, &shown) };
    if let Some(out) = crate::export::list(asked, list)? {
        return Ok(out);
    }
    let name = visit.say("督促落实", "Follow-up").to_owned();
    let head = Page { visit, title: name, unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        (super::remind::told(visit, asked))
        (tabs(visit, &wanted))
        (links(visit, at))
        (ladder(visit, shown.iter().chain(&others)))
        (filters(visit, &wanted, shown.iter().chain(&others)))
        @if shown.is_empty() { p.empty { (visit.say("没有督办事项。在责任清单中点开逾期的格子，或勾选多项，即可发提醒。",
            "No follow-ups. Open an overdue cell of the duties, or tick several, and send a reminder.")) } }
        @else { (rows(visit, at, (&wanted, filled), &shown)) }
        (shell::formats(visit))
        (ageing(visit, at, units))
    };
    Ok(shell::page(&head, body).into_response())
}

fn tabs(visit: &Visit, wanted: &Wanted) -> Markup {
    let states = [("open", "在办", "Open"), ("closed", "已销号", "Closed"), ("all", "全部", "All")];
    html! {
        p.toggle { @for (key, zh, en) in states {
            a aria-current=[(key == wanted.state).then_some("true")] href={ "?state=" (key) } { (visit.say(zh, en)) }
        } }
    }
}

fn links(visit: &Visit, at: &Unit) -> Markup {
    html! {
        p.actions {
            @if visit.may(Verb::Act, at) { a.button href={ "/units/" (at.id) "/intake" } { (visit.say("从文件交办", "Orders from a document")) } " " }
            a.button href={ "/units/" (at.id) "/matters" } { (visit.say("全部事项", "All matters")) } " "
            a.button href={ "/units/" (at.id) "/weekly" } { (visit.say("督查周报", "Weekly sheet")) } " "
            a.button href={ "/units/" (at.id) "/coverage" } { (visit.say("巡察和检查", "Inspection and checks")) }
        }
    }
}

/// How many are open at each rung.
fn ladder<'s>(visit: &Visit, all: impl Iterator<Item = &'s Standing>) -> Markup {
    let mut rungs: BTreeMap<String, i64> = BTreeMap::new();
    all.filter(|one| !one.closed).for_each(|one| *rungs.entry(state(visit, &one.line.matter)).or_default() += 1);
    html! { p { @for (name, n) in &rungs { (name) " " b { (n) } " " } } }
}

fn filters<'s>(visit: &Visit, wanted: &Wanted, all: impl Iterator<Item = &'s Standing>) -> Markup {
    // pairs, since two units may be called the same
    let (mut clauses, mut units) = (BTreeSet::new(), BTreeSet::new());
    for one in all {
        let clause = one.line.matter.data["clause"].as_str().unwrap_or_default().to_owned();
        clauses.insert((clause.clone(), clause));
        units.insert((one.line.unit_name.clone(), one.line.matter.unit.to_string()));
    }
    let rungs = steps(visit).map(|step| (visit.of(&step.name).to_owned(), step.id.clone())).collect();
    let choose = |key: &str, name: &str, options: Vec<(String, String)>| {
        html! { label { (name) " " select name=(key) {
            option value="" { (visit.say("全部", "All")) }
            @for (name, id) in &options { option value=(id) selected[*id == wanted.value(key)] { (name) } }
        } } }
    };
    html! {
        form.filters method="get" {
            input type="hidden" name="state" value=(wanted.state);
            (choose("rung", visit.say("进展", "Stands at"), rungs))
            (choose("clause", visit.say("条款", "Clause"), clauses.into_iter().collect()))
            (choose("unit", visit.say("组织", "Unit"), units.into_iter().collect()))
            button { (visit.say("筛选", "Filter")) }
        }
    }
}

/// The steps of the flow of follow-ups.
fn steps(visit: &Visit) -> impl Iterator<Item = &Step> {
    visit.rules.base.flow(FOLLOW_UP).into_iter().flat_map(|flow| &flow.step)
}

/// The rows, each with a box where the visitor may act, and the steps that may be taken for many.
fn rows(visit: &Visit, at: &Unit, (wanted, filled): (&Wanted, &Filled), shown: &[Standing]) -> Markup {
    let open = shown.iter().filter(|one| !one.closed).count();
    // what was ticked stays in sight when the form comes back
    let ticked = |one: &&Standing| all(filled.fields, "pick").contains(&one.line.matter.id.to_string());
    let (first, rest): (Vec<&Standing>, Vec<&Standing>) = shown.iter().partition(ticked);
    let may = visit.may(Verb::Act, at) && open > 0;
    html! {
        @if shown.len() > SHOWN { p { (visit.say("共 ", "In all ")) b { (shown.len()) }
            (visit.say(" 项，先列前 300 项，全部请导出", "; the first 300, export for all")) } }
        form.printed method="post" action={ "/units/" (at.id) "/follow-ups/steps" } {
            (shell::hidden(visit))
            @for key in KEYS { input type="hidden" name=(key) value=(wanted.value(key)); }
            div.scroll { table.list {
                thead { tr {
                    @if may { th { input type="checkbox" data-all="pick" hidden aria-label=(visit.say("全选", "All")); } }
                    th { (visit.say("事项", "Matter")) } th { (visit.say("组织", "Unit")) } th { (visit.say("进展", "Stands at")) }
                    th { (visit.say("职责", "Duty")) } th { (visit.say("发出", "Opened")) } th { (visit.say("期限", "Limit")) } } }
                @for one in first.into_iter().chain(rest).take(SHOWN) { (row(visit, one, may, filled)) }
            } }
            @if may { (many(visit, open, filled)) }
        }
    }
}

fn row(visit: &Visit, one: &Standing, may: bool, filled: &Filled) -> Markup {
    let matter = &one.line.matter;
    let ticked = all(filled.fields, "pick").iter().any(|id| *id == matter.id.to_string());
    html! {
        tr {
            @if may { td { @if !one.closed {
                input type="checkbox" name="pick" value=(matter.id) checked[ticked] aria-label={ (one.line.unit_name) " " (matter.data["clause"].as_str().unwrap_or_default()) };
            } } }
            td { a href={ "/units/" (matter.unit) "/matters/" (matter.id) } { (title(visit, matter)) } }
            td { a href={ "/units/" (matter.unit) } { (one.line.unit_name) } }
            td.nowrap { @if one.closed { "● " (visit.say("已销号", "Closed")) } @else { (state(visit, matter)) } }
            td.nowrap { @if let Some(status) = one.duty { (shell::badge(visit.lang, status)) } }
            td.nowrap { (matter.opened) }
            td.nowrap { @if !one.closed && let Some(day) = limit(visit, matter) { (day) " " (days(visit, day)) } }
        }
    }
}

/// The step to take, its note, and for which: those ticked, or all that match the filter, of which there are so many.
fn many(visit: &Visit, open: usize, filled: &Filled) -> Markup {
    let given = steps(visit).filter(|step| step.side == Side::Opener).skip(1);
    html! {
        fieldset.many {
            legend { (visit.say("批量办理", "Many at once")) }
            label { (visit.say("办理方式 ", "Step ")) select name="to" {
                @for step in given { option value=(step.id) selected[step.id == one(filled.fields, "to")] { (visit.of(&step.button)) } }
            } }
            label for="note" { (visit.say("说明（通报、约谈、销号须写明）", "Note (a circular, a talk and closing need one)")) }
            textarea #note name="note" rows="2" maxlength="2000" { (one(filled.fields, "note")) }
            (shell::complaints_under(visit, filled.complaints, "note"))
            p.actions {
                button name="for" value="ticked" { (visit.say("办理勾选的", "For those ticked")) } " "
                button name="for" value=(open) { (visit.say("办理符合筛选的全部 ", "For all that match: ")) (open) (visit.say(" 项", "")) }
            }
            p.help { (visit.say("每一项都按单项办理的规则：流程不到这一步、不是您所在组织发出的，会跳过并说明。",
                "Each by the rules of a single one: what cannot take this step yet, or was not opened by your unit, is skipped, and you are told.")) }
        }
    }
}

// ---- many at once

/// What came of a step that was to be taken for many.
#[derive(Default)]
struct Came {
    done: usize,
    /// the flow does not allow the step where they stand
    step: usize,
    /// another unit opened them
    right: usize,
}

pub(crate) async fn take_many(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    let refusal = match taken(visit, &at, &sent.fields).await {
        Err(Trouble::Refused(refusal)) => refusal,
        done => return Ok(done?.into_response()),
    };
    let asked = KEYS.iter().map(|key| ((*key).to_owned(), one(&sent.fields, key).to_owned())).collect();
    let complaints = Complaints::new(vec![refusal]);
    let page = page(visit, &at, &asked, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
    Ok(complaints.answer(page))
}

async fn taken(visit: &Visit, at: &Unit, fields: &Fields) -> Result<axum::response::Redirect, Trouble> {
    let (to, note) = (one(fields, "to").to_owned(), one(fields, "note").to_owned());
    let known = steps(visit).skip(1).any(|step| step.id == to && step.side == Side::Opener);
    if !known {
        return Err(Refusal::field("to", "请选择办理方式", "choose the step to take").into());
    }
    let all = standings(visit, at, (FOLLOW_UP, crate::export::MOST), None).await?;
    let (ids, closed) = chosen(visit, fields, &all)?;
    let (rules, back) = (visit.rules.clone(), format!("/units/{}/follow-ups", at.id));
    let work = move |tx: &Tx, actor: &Actor| {
        let came = step_each(tx, actor, &rules, &ids, (&to, &note))?;
        let Came { done, step, right } = came;
        Ok(format!("{back}?done={done}&step={step}&right={right}&closed={closed}"))
    };
    visit.act(operation(fields), work).await
}

/// Those of the form: ticked, or all that match, which must be as many as the form said. With how many are closed.
fn chosen(visit: &Visit, fields: &Fields, all: &[Standing]) -> Result<(Vec<(i64, i64)>, usize), Refusal> {
    let wanted = Wanted::read(|key| one(fields, key).to_owned());
    let key = |standing: &Standing| (standing.line.matter.id, standing.line.matter.opener);
    if let Ok(told) = one(fields, "for").parse::<usize>() {
        let open = all.iter().filter(|one| !one.closed && wanted.admits(visit, one));
        let ids: Vec<(i64, i64)> = open.map(key).collect();
        return if ids.len() == told { Ok((ids, 0)) } else { Err(changed(told, ids.len())) };
    }
    let picked: HashSet<i64> = self::all(fields, "pick").iter().filter_map(|id| id.parse().ok()).collect();
    if picked.is_empty() {
        return Err(Refusal::rule("请先勾选要办理的事项", "tick the matters first"));
    }
    let (open, closed): (Vec<_>, Vec<_>) =
        all.iter().filter(|one| picked.contains(&one.line.matter.id)).partition(|one| !one.closed);
    Ok((open.into_iter().map(key).collect(), closed.len()))
}

/// Said when what matches a filter is no longer as many as the form told.
pub(super) fn changed(told: usize, now: usize) -> Refusal {
    Refusal::rule(
        format!("页面上是 {told} 项，现在符合条件的是 {now} 项；请刷新页面核对后再办理"),
        format!("the page said {told}, and {now} match now; reload the page, look again, and send it then"),
    )
}

/// Takes a step for each that allows it, each by the rules of a single one; what is wrong with the step itself, such as
/// a note that is missing, refuses all.
fn step_each(
    tx: &Tx,
    actor: &Actor,
    rules: &Arc<Rulebook>,
    ids: &[(i64, i64)],
    (to, note): (&str, &str),
) -> Result<Came, Fault> {
    let (mut came, mut permits) = (Came::default(), HashMap::new());
    for (id, opener) in ids {
        if !permits.contains_key(opener) {
            let permit = unit::find(tx, *opener).and_then(|at| Ok(actor.permit(&rules.base, Verb::Act, &at)?));
            permits.insert(*opener, permit.ok());
        }
        let Some(permit) = permits.get(opener).and_then(Option::as_ref) else {
            came.right += 1;
            continue;
        };
        match matter::take(tx, permit, &rules.base, *id, &Taken { to, note, ..Taken::default() }) {
            Ok(_) => came.done += 1,
            Err(Fault::Refused(Refusal::Rule(_))) => came.step += 1,
            Err(Fault::Refused(Refusal::NotAllowed) | Fault::NotFound) => came.right += 1,
            Err(other) => return Err(other),
        }
    }
    Ok(came)
}
