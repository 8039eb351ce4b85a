//! Joint meetings: the unit that keeps the record names the others; each confirms for itself that it took part.

use crate::form::{Complaints, Sent, one, operation};
use crate::obligation::kind_name;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::{Refusal, Unit, Verb};
use luoshi_store::Tx;
use luoshi_store::record::joint::{self, Joined, Shared};
use maud::{Markup, html};
use std::collections::HashMap;

/// On the page of a record: who took part, and the form that names more.
pub(super) fn card(visit: &Visit, at: &Unit, record: i64, joined: &[Joined]) -> Markup {
    let may = visit.may(Verb::Write, at);
    html! {
        @if may || !joined.is_empty() {
            section.card #joint {
                h2 { (visit.say("联合开展", "Held jointly")) " " small { (joined.len()) } }
                @for one in joined { div {
                    (one.unit_name) " "
                    @match one.confirmed {
                        Some(day) => { "● " (visit.say("已确认 ", "confirmed ")) (day) }
                        None => { "◔ " (visit.say("待对方确认，确认后才计入对方", "to be confirmed by them; it counts for them once they have")) }
                    }
                    @if may { form method="post" action={ "/units/" (at.id) "/records/" (record) "/joint/drop" } {
                        (shell::hidden(visit)) input type="hidden" name="unit" value=(one.unit);
                        button { (visit.say("移除", "Remove")) } } }
                } }
                @if may { details { summary { (visit.say("与其他组织联合开展", "Held with other units")) }
                    (form(visit, (at, record), "", &Complaints::default())) } }
            }
        }
    }
}

fn form(visit: &Visit, (at, record): (&Unit, i64), filled: &str, complaints: &Complaints) -> Markup {
    html! {
        form.stack method="post" action={ "/units/" (at.id) "/records/" (record) "/joint" } {
            (shell::hidden(visit))
            (field(visit.lang, "units", visit.say("一起开展的组织", "Units that took part"),
                visit.say("每行或用顿号隔开一个名称。一条纪实各单位各计一次，合计只计一次。", "One name a line. The record counts once for each unit, and once in every sum."),
                complaints, html! { textarea #units name="units" rows="2" required { (filled) } }))
            button { (visit.say("登记", "Name them")) }
        }
    }
}

pub(crate) async fn name(Place((id, record)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    let (rules, place, text) = (visit.rules.clone(), at.clone(), one(&sent.fields, "units").to_owned());
    let names = super::names(&text);
    if names.is_empty() {
        let refusal = Refusal::field("units", "请填写组织名称", "please name the units");
        return Ok(refused(visit, (&at, record), &text, refusal));
    }
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &place)?;
        let may = |unit: &Unit| actor.may(&rules.base, Verb::Write, &unit.path);
        joint::name(tx, &permit, record, &names, may)?;
        Ok(format!("/units/{id}/records/{record}#joint"))
    };
    match visit.act(operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal)) => Ok(refused(visit, (&at, record), &text, refusal)),
        other => Ok(other?.into_response()),
    }
}

fn refused(visit: &Visit, (at, record): (&Unit, i64), text: &str, refusal: Refusal) -> Response {
    let complaints = Complaints::new(vec![refusal]);
    let title = visit.say("联合开展", "Held jointly").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Records };
    let body = html! {
        (shell::complaints(visit, &complaints))
        (form(visit, (at, record), text, &complaints))
        p { a href={ "/units/" (at.id) "/records/" (record) } { (visit.say("返回纪实", "Back to the record")) } }
    };
    complaints.answer(shell::page(&head, body))
}

pub(crate) async fn drop_one(Place((id, record)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    let (rules, unit) = (visit.rules.clone(), one(&sent.fields, "unit").parse().unwrap_or(0));
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        joint::unname(tx, &actor.permit(&rules.base, Verb::Write, &at)?, record, unit)?;
        Ok(format!("/units/{id}/records/{record}#joint"))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

/// Records of others in which a unit took part, those to confirm first.
pub(crate) async fn list(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let mut all = visit.app.read(move |tx| joint::of_unit(tx, &scope, id)).await?;
    all.sort_by_key(|one| one.confirmed.is_some());
    if let Some(out) = crate::export::list(&asked, || table(&visit, &all))? {
        return Ok(out);
    }
    let title = visit.say("联合开展", "Joint meetings").to_owned();
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::Records };
    let body = html! {
        p.help { (visit.say("由其他组织记录、本组织参加的会议。确认后，职责和数字各计一次。", "Meetings recorded by others in which this unit took part. Once confirmed they count here, once.")) }
        @if all.is_empty() { p.empty { (visit.say("没有。自己记录的会议，在纪实页上登记联合开展的组织。", "None. Of your own records, name the others on the page of the record.")) } }
        @else { div.scroll { table.list {
            thead { tr { th { (visit.say("日期", "Day")) } th { (visit.say("内容", "What")) } th { (visit.say("由谁记录", "Kept by")) } th { (visit.say("确认", "Confirmed")) } } }
            @for one in &all { tr { td.nowrap { (one.on) } td { (kind_name(&visit, &one.kind)) " " (one.topic) } td { (one.keeper) }
                td { (answer(&visit, &at, one)) " " (crate::collection::burden_link(&visit, &at, ("joint", &one.record.to_string()))) } } }
        } } (shell::formats(&visit)) }
    };
    Ok(shell::page(&head, body).into_response())
}

fn table(visit: &Visit, all: &[Shared]) -> Table {
    let mut table = Table::new(visit.say("联合开展", "Joint meetings"))
        .column("on", visit.say("日期", "Day"), Kind::Date)
        .column("kind", visit.say("类型", "Kind"), Kind::Text)
        .column("topic", visit.say("主题", "Topic"), Kind::Text)
        .column("keeper", visit.say("由谁记录", "Kept by"), Kind::Text)
        .column("confirmed", visit.say("确认日期", "Confirmed on"), Kind::Date)
        .key("record_id");
    let day = |day: Option<Date>| day.map_or(Cell::Empty, |day| Cell::Date(day.to_string()));
    let row = |one: &Shared| {
        let words = [kind_name(visit, &one.kind), &one.topic, &one.keeper].map(Cell::from);
        let rest = [day(one.confirmed), Cell::Key(one.record)];
        std::iter::once(day(Some(one.on))).chain(words).chain(rest).collect()
    };
    table.rows = all.iter().map(row).collect();
    table
}

/// Units that took part in a record of a unit, for programs.
pub(crate) async fn joined(
    visit: Visit,
    Place((id, record)): Place<(i64, i64)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let read = move |tx: &Tx| {
        let versions = luoshi_store::record::versions(tx, &scope, record)?;
        if versions.last().is_none_or(|line| line.record.unit != id) {
            return Err(luoshi_store::Fault::NotFound);
        }
        joint::of_record(tx, &scope, record)
    };
    let all = visit.app.read(read).await?;
    let table = || {
        let mut table = Table::new(visit.say("联合开展的组织", "Units that took part"))
            .column("unit", visit.say("组织", "Unit"), Kind::Text)
            .column("confirmed", visit.say("确认日期", "Confirmed on"), Kind::Date)
            .key("unit_id");
        let row = |one: &Joined| {
            let day = one.confirmed.map_or(Cell::Empty, |day| Cell::Date(day.to_string()));
            vec![one.unit_name.as_str().into(), day, Cell::Key(one.unit)]
        };
        table.rows = all.iter().map(row).collect();
        table
    };
    crate::export::list(&asked, table)?.ok_or(Trouble::NotFound)
}

/// A note on how many meetings of others wait for this unit to say whether it took part.
pub(crate) fn waiting(visit: &Visit, at: &Unit, open: i64) -> Markup {
    html! {
        @if open > 0 { p.note { a href={ "/units/" (at.id) "/joint" } {
            (visit.say("待确认的联合开展：", "Joint meetings to confirm: ")) b { (open) } } } }
    }
}

fn answer(visit: &Visit, at: &Unit, one: &Shared) -> Markup {
    let may = visit.may(Verb::Write, at);
    html! {
        @if let Some(day) = one.confirmed { "● " (day) " " }
        @else if !may { "◔ " (visit.say("待确认", "to confirm")) }
        @if may { form method="post" action={ "/units/" (at.id) "/joint" } {
            (shell::hidden(visit)) input type="hidden" name="record" value=(one.record);
            @if one.confirmed.is_none() { button.main name="answer" value="yes" { (visit.say("确认参加", "We took part")) } " " }
            button name="answer" value="no" { (visit.say("没有参加", "We did not")) }
        } }
    }
}

pub(crate) async fn answered(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    let record: i64 = one(&sent.fields, "record").parse().map_err(|_| Trouble::NotFound)?;
    let (rules, yes) = (visit.rules.clone(), one(&sent.fields, "answer") == "yes");
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        if yes {
            joint::confirm(tx, &permit, record)?
        } else {
            joint::decline(tx, &permit, record)?
        }
        Ok(format!("/units/{id}/joint"))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}
