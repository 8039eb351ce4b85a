//! One group: its members, who leads and guides it, what it studied.

use super::{counts, part, rules};
use crate::export;
use crate::form::{Complaints, Fields, Sent, one, operation};
use crate::record::Filled;
use crate::shell::{self, Page, Part as Nav, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Kind, Table};
use luoshi_rules::youth::Part;
use luoshi_rules::{Permit, Refusal, Unit, Verb};
use luoshi_store::youth::{self, Group, Member, Turn};
use luoshi_store::{Fault, Tx, person};
use maud::{Markup, html};
use std::collections::HashMap;

/// A group with everybody in it.
pub(crate) struct Whole {
    pub group: Group,
    /// those young enough
    pub members: Vec<Member>,
    pub turns: Vec<Turn>,
    /// how many have left by age
    old: usize,
}

pub(super) async fn show(
    visit: Visit,
    Place((id, group)): Place<(i64, i64)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::People).await?;
    if asked.contains_key("as") {
        let all = whole(&visit, &at, group).await?;
        let table = || if export::which(&asked) == "turns" { ledger(&visit, &all) } else { roll(&visit, &all) };
        return export::list(&asked, table)?.ok_or(Trouble::NotFound);
    }
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(page(&visit, &at, group, &filled).await?.into_response())
}

/// The members, as rows that can be taken away.
fn roll(visit: &Visit, all: &Whole) -> Table {
    let columns = [
        ("name", "姓名", "Name", Kind::Text),
        ("unit", "组织", "Unit", Kind::Text),
        ("from", "编入日期", "In the group since", Kind::Date),
    ];
    let mut table = export::head(visit, format!("{} {}", all.group.name, visit.say("组员", "Members")), &columns);
    let row = |one: &Member| vec![one.name.as_str().into(), one.unit_name.as_str().into(), export::day(one.from)];
    table.rows = all.members.iter().map(row).collect();
    table
}

/// Everybody who had a part, as rows that can be taken away.
fn ledger(visit: &Visit, all: &Whole) -> Table {
    let columns = [
        ("part", "担任", "Part", Kind::Text),
        ("name", "姓名", "Name", Kind::Text),
        ("from", "自", "From", Kind::Date),
        ("until", "至", "Until", Kind::Date),
    ];
    let mut table = export::head(visit, format!("{} {}", all.group.name, visit.say("历任", "Turns")), &columns);
    let row = |one: &Turn| {
        let (part, until) = (one.part.name(), one.until.map(export::day));
        vec![visit.of(&part).into(), one.name.as_str().into(), export::day(one.from), until.unwrap_or_default()]
    };
    table.rows = all.turns.iter().map(row).collect();
    table
}

/// Finds a group at or below a unit.
pub(crate) async fn whole(visit: &Visit, at: &Unit, id: i64) -> Result<Whole, Trouble> {
    let rules = rules(visit)?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, at)?;
    let today = visit.today;
    let read = move |tx: &Tx| {
        let group = youth::find(tx, &scope, id)?;
        Ok((group, youth::members(tx, &scope, (id, today))?, youth::turns(tx, &scope, id)?))
    };
    let (group, members, turns) = visit.app.read(read).await?;
    let (members, gone): (Vec<Member>, Vec<Member>) = members.into_iter().partition(|one| counts(one, &rules, today));
    Ok(Whole { group, members, turns, old: gone.len() })
}

async fn page(visit: &Visit, at: &Unit, id: i64, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let all = whole(visit, at, id).await?;
    // a turn ends with the age of whoever has it
    let lasts = |one: &Turn| one.part == Part::Mentor || all.members.iter().any(|member| member.person == one.person);
    let now: Vec<&Turn> = all.turns.iter().filter(|one| one.until.is_none() && lasts(one)).collect();
    let may = visit.may(Verb::Roll, at);
    let head = Page { visit, title: all.group.name.clone(), unit: Some(at), year: 0, dated: "", part: Nav::Units };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p.actions {
            @if visit.may(Verb::Write, at) { a.button.main href={ "/units/" (at.id) "/records/new?kind=youth-study&group=" (id) } { (visit.say("记一次学习", "Record a study")) } " " }
            a.button href={ "/units/" (at.id) "/records?kind=youth-study" } { (visit.say("学习记录", "What was studied")) } " "
            a.button href={ "/units/" (at.id) "/groups" } { (visit.say("所有小组", "All groups")) }
        }
        (parts(visit, &all.group, &now, may))
        (members(visit, &all, may))
        @if all.old > 0 { p.help { (all.old) (visit.say(" 人已到龄，自动退出。", " have left by age.")) } }
        @if may { (forms(visit, &all, filled)) }
        (turns(visit, &all.turns))
    };
    Ok(shell::page(&head, body))
}

fn parts(visit: &Visit, group: &Group, now: &[&Turn], may: bool) -> Markup {
    html! {
        dl.facts { @for part in Part::ALL {
            dt { (visit.of(&part.name())) }
            dd { @for one in now.iter().filter(|one| one.part == part) {
                (one.name) " " small { (visit.say("自 ", "since ")) (one.from) } " "
                @if may { form.inline method="post" action={ "/units/" (group.unit) "/groups/" (group.id) "/parts/end" } {
                    (shell::hidden(visit)) input type="hidden" name="part" value=(part.key()); input type="hidden" name="person" value=(one.person);
                    button { (visit.say("不再担任", "End")) } } }
            } @if !now.iter().any(|one| one.part == part) { "—" } }
        } }
    }
}

fn members(visit: &Visit, all: &Whole, may: bool) -> Markup {
    html! {
        h2 { (visit.say("组员", "Members")) " " small { (all.members.len()) } }
        @if all.members.is_empty() { p.empty { (visit.say("还没有组员。", "No members yet.")) } }
        table.list { @for one in &all.members { tr {
            td { a href={ "/people/" (one.person) } { (one.name) } } td { (one.unit_name) } td.nowrap { (visit.say("自 ", "since ")) (one.from) }
            td { @if may { form method="post" action={ "/units/" (all.group.unit) "/groups/" (all.group.id) "/leave" } {
                (shell::hidden(visit)) input type="hidden" name="person" value=(one.person);
                button { (visit.say("退出", "Take out")) } } } }
        } } }
        @if !all.members.is_empty() { (shell::formats(visit)) }
    }
}

fn forms(visit: &Visit, all: &Whole, filled: &Filled) -> Markup {
    let to = format!("/units/{}/groups/{}", all.group.unit, all.group.id);
    let part = one(filled.fields, "part");
    html! {
        form.stack method="post" action={ (to) "/members" } {
            (shell::hidden(visit))
            (field(visit.lang, "people", visit.say("编入组员", "Put people in"),
                visit.say("每行或用顿号隔开一个姓名，党员和非党员都可以。", "One name a line or separated by commas; members and others."),
                filled.complaints, html! { textarea #people name="people" rows="3" required { (one(filled.fields, "people")) } }))
            button { (visit.say("编入", "Put in")) }
        }
        form.stack method="post" action={ (to) "/parts" } {
            (shell::hidden(visit))
            (field(visit.lang, "part", visit.say("由谁担任", "Who does what"), "", filled.complaints, html! {
                select #part name="part" { @for one in Part::ALL { option value=(one.key()) selected[one.key() == part] { (visit.of(&one.name())) } } }
            }))
            (field(visit.lang, "person", visit.say("姓名", "Name"),
                visit.say("组长、学习秘书轮值：新的一任开始，上一任即结束。导师可以不是组员。", "Leader and secretary rotate: a new turn ends the one before. A mentor need not be a member."),
                filled.complaints, html! { input #person name="person" maxlength="60" required value=(one(filled.fields, "person")); }))
            button { (visit.say("担任", "Take the part")) }
        }
    }
}

/// Everybody who had a part, newest first.
fn turns(visit: &Visit, turns: &[Turn]) -> Markup {
    html! {
        @if !turns.is_empty() {
            details { summary { (visit.say("历任", "Turns")) " (" (turns.len()) ")" }
                table.list { @for one in turns { tr { td { (visit.of(&one.part.name())) } td { (one.name) }
                    td.nowrap { (one.from) " – " @if let Some(until) = one.until { (until) } } } } }
                (shell::formats_of(visit, "turns")) }
        }
    }
}

// ---- writing

/// Does something to a group and comes back to it; a refused form is shown again as it was filled.
async fn act(
    sent: &Sent,
    (id, group): (i64, i64),
    work: impl Fn(&Tx, &Permit) -> Result<(), Fault> + Send + 'static,
) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Roll).await?;
    let (rules, place) = (visit.rules.clone(), at.clone());
    let done = visit.act(operation(&sent.fields), move |tx: &Tx, actor: &luoshi_rules::Actor| {
        work(tx, &actor.permit(&rules.base, Verb::Roll, &place)?)?;
        Ok(format!("/units/{id}/groups/{group}"))
    });
    match done.await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = page(visit, &at, group, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
        other => Ok(other?.into_response()),
    }
}

/// People of the organisation by their names; unknown ones are all told.
fn known(tx: &Tx, permit: &Permit, field: &str, names: &[String]) -> Result<Vec<i64>, Fault> {
    let found = person::named(tx, permit.top(), permit.unit(), names)?;
    let unknown: Vec<&str> =
        names.iter().zip(&found).filter(|(_, id)| id.is_none()).map(|(name, _)| name.as_str()).collect();
    if unknown.is_empty() && !names.is_empty() {
        return Ok(found.into_iter().flatten().collect());
    }
    let list = unknown.join("、");
    let zh = format!("名册中没有或有同名者，请改正：{list}");
    Err(Refusal::field(field, zh, format!("not on the roll, or several of that name: {list}")).into())
}

pub(crate) async fn join(Place((id, group)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let rules = rules(&sent.visit)?;
    let names = crate::record::names(one(&sent.fields, "people"));
    let work = move |tx: &Tx, permit: &Permit| {
        let people = known(tx, permit, "people", &names)?;
        let join = |person: i64| youth::join(tx, permit, &rules, group, person);
        people.into_iter().try_for_each(join).map_err(|fault| match fault {
            Fault::Refused(Refusal::Field { why, .. }) => Refusal::Field { field: "people".into(), why }.into(),
            other => other,
        })
    };
    act(&sent, (id, group), work).await
}

pub(crate) async fn leave(Place((id, group)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let person = chosen(&sent.fields);
    let work = move |tx: &Tx, permit: &Permit| youth::leave(tx, permit, group, person.clone()?);
    act(&sent, (id, group), work).await
}

pub(crate) async fn take(Place((id, group)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let (part, name) = (part(&sent.fields), vec![one(&sent.fields, "person").to_owned()]);
    let work = move |tx: &Tx, permit: &Permit| {
        let part = part.clone()?;
        let people = known(tx, permit, "person", &name)?;
        people.into_iter().try_for_each(|person| youth::take(tx, permit, group, part, person))
    };
    act(&sent, (id, group), work).await
}

pub(crate) async fn give_up(Place((id, group)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let (part, person) = (part(&sent.fields), chosen(&sent.fields));
    let work = move |tx: &Tx, permit: &Permit| youth::give_up(tx, permit, group, part.clone()?, person.clone()?);
    act(&sent, (id, group), work).await
}

/// The person a form names by their key. What is wrong is told only to who may act.
fn chosen(fields: &Fields) -> Result<i64, Refusal> {
    crate::form::parse(fields, "person", "请从名单中选择", "please choose from the list")
}
