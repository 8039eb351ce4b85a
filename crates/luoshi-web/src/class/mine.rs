//! Classes for whoever is signed in: those open to them, putting one's name down, hours so far, one's certificates.

use super::one::sheet;
use super::{audience, stands};
use crate::form::{Complaints, Sent, one as value, operation, parse};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::civil::date;
use luoshi_rules::Verb;
use luoshi_rules::class::expected;
use luoshi_store::class::hours::{self, Taught};
use luoshi_store::class::{self, Class};
use luoshi_store::{Tx, person, unit};
use maud::{Markup, html};

/// Where the page is.
const HERE: &str = "/me/classes";

pub(super) async fn show(visit: Visit) -> Result<Markup, Trouble> {
    page(&visit, &Complaints::default()).await
}

/// What the page is made of.
struct Seen {
    classes: Vec<(Class, Option<bool>)>,
    taught: Taught,
}

async fn find(visit: &Visit) -> Result<Seen, Trouble> {
    let (actor, rules, year) = (visit.actor.clone(), visit.rules.clone(), visit.year());
    let read = move |tx: &Tx| {
        let home = unit::find(tx, actor.home)?;
        let scope = actor.scope(&rules.base, Verb::See, &home)?;
        let classes = class::list(tx, &scope, (date(year, 1, 1), date(year + 1, 12, 31)))?;
        let mine = class::mine(tx, &actor)?;
        let of = |one: Class| {
            let place = mine.iter().find(|(id, _)| *id == one.id).map(|(_, has)| *has);
            (one, place)
        };
        let taught = hours::own(tx, &actor, (date(year, 1, 1), date(year, 12, 31)))?;
        Ok(Seen { classes: classes.into_iter().map(of).collect(), taught })
    };
    visit.app.read(read).await
}

async fn page(visit: &Visit, complaints: &Complaints) -> Result<Markup, Trouble> {
    visit.in_person()?;
    let seen = find(visit).await?;
    let posts: Vec<String> = visit.actor.posts.iter().map(|held| held.post.clone()).collect();
    let wanted = expected(&visit.rules.base.hours, &posts);
    let title = visit.say("我的培训", "My training").to_owned();
    let head = Page { visit, title, unit: None, year: 0, dated: "", part: Part::Home };
    let body = html! {
        (shell::complaints(visit, complaints))
        p { (visit.year()) (visit.say(" 年学时 ", ", hours ")) b { (seen.taught.hours) }
            @if wanted > 0 { " / " (wanted) } (visit.say("，参加 ", ", classes ")) (seen.taught.classes) (visit.say(" 期", "")) }
        @if seen.classes.is_empty() { p.empty { (visit.say("现在没有面向您的班次。", "No class is open to you now.")) } }
        table.list { @for (one, place) in &seen.classes { tr {
            td { (one.plan.title) " " small { (audience(visit, &one.plan.audience)) } br; small { (one.unit_name) " " (one.plan.place) } }
            td.nowrap { (one.plan.from) " – " (one.plan.until) } td.num { (one.plan.hours) " " (visit.say("学时", "h")) }
            td.nowrap { (stands(visit, one)) " " @match place {
                Some(true) => { "● " (visit.say("已录取", "you have a place")) }
                Some(false) => { "◔ " (visit.say("候补", "you wait")) }
                None => {}
            } }
            td { (button(visit, one, place.is_some())) }
        } } }
    };
    Ok(shell::page(&head, body))
}

fn button(visit: &Visit, one: &Class, down: bool) -> Markup {
    html! {
        @if one.record != 0 { @if down { a.button href={ (HERE) "/" (one.id) "/certificate" } { (visit.say("证明", "Certificate")) } } }
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
            let page = page(visit, &Complaints::new(vec![refusal])).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
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
        Ok((one, came, person::own(tx, &actor)?))
    };
    let (one, came, own) = visit.app.read(read).await?;
    if !came {
        return Err(Trouble::NotFound);
    }
    let title = visit.say("结业证明", "Certificate");
    Ok(shell::bare(visit.lang, title, sheet(&visit, &one, &own.name)))
}
