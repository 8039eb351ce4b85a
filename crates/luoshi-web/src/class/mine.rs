//! Classes and calls for whoever is signed in: those open to them, putting one's name down, hours so far, one's certificates.

use super::one::sheet;
use super::{around, audience, hours_name, kind, kinds, stands};
use crate::export;
use crate::form::{Complaints, Sent, one as value, operation, parse};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::civil::date;
use luoshi_office::{Kind, Table};
use luoshi_rules::Verb;
use luoshi_rules::class::expected;
use luoshi_rules::figure::Measure;
use luoshi_store::class::hours::{self, Taught};
use luoshi_store::class::{self, Class};
use luoshi_store::{Tx, person, unit};
use maud::{Markup, html};
use std::collections::HashMap;

/// Where the page is.
const HERE: &str = "/me/classes";

pub(super) async fn show(visit: Visit, Query(asked): Query<HashMap<String, String>>) -> Result<Response, Trouble> {
    if asked.contains_key("as") {
        visit.in_person()?;
        let seen = find(&visit).await?;
        return export::list(&asked, || table(&visit, &seen))?.ok_or(Trouble::NotFound);
    }
    Ok(page(&visit, &Complaints::default()).await?.into_response())
}

/// What is open to one and what one put one's name down for, as rows that can be taken away.
fn table(visit: &Visit, seen: &Seen) -> Table {
    let columns = [
        ("kind", "类型", "Kind", Kind::Text),
        ("title", "名称", "Name", Kind::Text),
        ("unit", "举办组织", "Held by", Kind::Text),
        ("place", "地点", "Where", Kind::Text),
        ("from", "自", "From", Kind::Date),
        ("until", "至", "Until", Kind::Date),
        ("hours", "时长", "Hours", Kind::Number),
        ("own", "我的报名", "My name", Kind::Text),
    ];
    let mut table = export::head(visit, visit.say("我的培训和志愿服务", "My training and service"), &columns);
    let row = |(one, has): &(Class, Option<bool>)| {
        vec![
            kind(visit, &one.plan.kind).map_or("", |(kind, _)| visit.of(&kind.name)).into(),
            one.plan.title.as_str().into(),
            one.unit_name.as_str().into(),
            one.plan.place.as_str().into(),
            export::day(one.plan.from),
            export::day(one.plan.until),
            one.plan.hours.into(),
            down(visit, *has).into(),
        ]
    };
    table.rows = seen.classes.iter().map(row).collect();
    table
}

/// Whether one's name is down, in words.
fn down(visit: &Visit, has: Option<bool>) -> &str {
    match has {
        Some(true) => visit.say("已录取", "you have a place"),
        Some(false) => visit.say("候补", "you wait"),
        None => "",
    }
}

/// What the page is made of.
struct Seen {
    classes: Vec<(Class, Option<bool>)>,
    /// of each kind, in their order
    taught: Vec<Taught>,
}

async fn find(visit: &Visit) -> Result<Seen, Trouble> {
    let (actor, rules, year, days) = (visit.actor.clone(), visit.rules.clone(), visit.year(), around(visit));
    let read = move |tx: &Tx| {
        let home = unit::find(tx, actor.home)?;
        let scope = actor.scope(&rules.base, Verb::See, &home)?;
        let classes = class::list(tx, &scope, "", days)?;
        let mine = class::mine(tx, &actor)?;
        let of = |one: Class| {
            let place = mine.iter().find(|(id, _)| *id == one.id).map(|(_, has)| *has);
            (one, place)
        };
        let held = rules.kinds().into_iter().filter(|kind| kind.enrol.is_some());
        let kinds: Vec<&str> = held.map(|kind| kind.id.as_str()).collect();
        let taught = hours::own(tx, &actor, &kinds, (date(year, 1, 1), date(year, 12, 31)))?;
        Ok(Seen { classes: classes.into_iter().map(of).collect(), taught })
    };
    visit.app.read(read).await
}

async fn page(visit: &Visit, complaints: &Complaints) -> Result<Markup, Trouble> {
    visit.in_person()?;
    let seen = find(visit).await?;
    let posts: Vec<String> = visit.actor.posts.iter().map(|held| held.post.clone()).collect();
    let wanted = expected(&visit.rules.base.hours, &posts);
    let title = visit.say("我的培训和志愿服务", "My training and service").to_owned();
    let head = Page { visit, title, unit: None, year: 0, dated: "", part: Part::Home };
    let body = html! {
        (shell::complaints(visit, complaints))
        @for ((kind, enrol), taught) in kinds(visit).into_iter().zip(&seen.taught) {
            p { (visit.of(&kind.name)) (visit.mark("：")) (visit.year()) (visit.say(" 年", ", ")) (hours_name(visit, enrol)) " " b { (taught.hours) }
                @if enrol.hours == Measure::Hours && wanted > 0 { " / " (wanted) } (visit.say("，参加 ", ", taken part ")) (taught.classes) (visit.say(" 次", " times")) }
        }
        @if seen.classes.is_empty() { p.empty { (visit.say("现在没有面向您的培训班和志愿服务。", "Nothing is open to you now.")) } }
        table.list { @for (one, place) in &seen.classes { tr {
            td { small.tag { (kind(visit, &one.plan.kind).map_or("", |(kind, _)| visit.of(&kind.name))) } " " (one.plan.title) " " small { (audience(visit, one)) } br; small { (one.unit_name) " " (one.plan.place) }
                @if !one.plan.need.is_empty() { br; small.long { (one.plan.need) } } }
            td.nowrap { (one.plan.from) " – " (one.plan.until) } td.num { (one.plan.hours) " " (kind(visit, &one.plan.kind).map(|(_, enrol)| hours_name(visit, enrol)).unwrap_or_default()) }
            td.nowrap { (stands(visit, one)) " " @match place {
                Some(true) => { "● " (down(visit, *place)) }
                Some(false) => { "◔ " (down(visit, *place)) }
                None => {}
            } }
            td { (button(visit, one, place.is_some())) }
        } } }
        @if !seen.classes.is_empty() { (shell::formats(visit)) }
    };
    Ok(shell::page(&head, body))
}

fn button(visit: &Visit, one: &Class, down: bool) -> Markup {
    html! {
        @if one.record != 0 { @if down && kind(visit, &one.plan.kind).is_ok_and(|(_, enrol)| enrol.certificate) { a.button href={ (HERE) "/" (one.id) "/certificate" } { (visit.say("证明", "Certificate")) } } }
        @else if down || one.takes_names(visit.today) {
            form.inline method="post" action=(HERE) {
                (shell::hidden(visit))
                input type="hidden" name="class" value=(one.id);
                @if down { button name="to" value="drop" { (visit.say("退出", "Take me off")) } }
                @else { button.main name="to" value="names" { (visit.say("报名", "Put me down")) } }
            }
        }
    }
}

/// Puts one's own name down, or takes it off.
pub(super) async fn act(sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.in_person()?;
    let wanted = parse::<i64>(&sent.fields, "class", "请选择班次", "choose a class")?;
    let (rules, drop) = (visit.rules.clone(), value(&sent.fields, "to") == "drop");
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let home = unit::find(tx, actor.home)?;
        let one = class::find(tx, &actor.scope(&rules.base, Verb::See, &home)?, wanted)?;
        let permit = actor.permit(&rules.base, Verb::See, &home)?;
        match drop {
            true => class::withdraw(tx, &permit, &one, actor.person)?,
            false => class::enrol(tx, &permit, &one, actor.person)?,
        }
        Ok(HERE.to_owned())
    };
    match visit.act(operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = page(visit, &complaints).await?;
            Ok(complaints.answer(page))
        }
        other => Ok(other?.into_response()),
    }
}

/// One's own certificate, when one came.
pub(super) async fn certificate(visit: Visit, Place(id): Place<i64>) -> Result<Markup, Trouble> {
    visit.in_person()?;
    let (actor, rules) = (visit.actor.clone(), visit.rules.clone());
    let read = move |tx: &Tx| {
        let home = unit::find(tx, actor.home)?;
        let one = class::find(tx, &actor.scope(&rules.base, Verb::See, &home)?, id)?;
        let came = class::came(tx, actor.top, &one)?.contains(&actor.person);
        let hours = one.hours_of(actor.person, &class::missed(tx, actor.top, id)?);
        Ok((one, came, hours, person::own(tx, &actor)?))
    };
    let (one, came, hours, own) = visit.app.read(read).await?;
    if !came || !kind(&visit, &one.plan.kind)?.1.certificate {
        return Err(Trouble::NotFound);
    }
    let title = visit.say("结业证明", "Certificate");
    Ok(shell::bare(visit.lang, title, sheet(&visit, &one, (&own.name, hours))))
}
