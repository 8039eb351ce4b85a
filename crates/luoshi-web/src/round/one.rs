//! One round: its teams with their units, who is on them and whom they must keep from where, and how far each unit is.

use super::recheck;
use crate::form::{Complaints, Fields, Sent, one as value, operation};
use crate::record::Filled;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place as At, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use luoshi_rules::record::{Field, Holds};
use luoshi_rules::round::Ground;
use luoshi_rules::{Actor, Event, Flow, Permit, Refusal, Unit, Verb};
use luoshi_store::exchange::{self, Exchange};
use luoshi_store::matter::{self, Line};
use luoshi_store::round::{self, Member, Round, Target};
use luoshi_store::{Fault, Tx, person, unit};
use maud::{Markup, html};
use std::collections::HashMap;

/// A round with all that is known of it.
pub(crate) struct Found {
    pub(crate) round: Round,
    pub(crate) targets: Vec<Target>,
    /// who is on the teams; empty for those who see no names
    pub(crate) members: Vec<Member>,
    /// teams that are or were out on a machine of their own
    out: Vec<Exchange>,
    /// every matter of the round
    pub(crate) tree: Vec<Line>,
}

pub(crate) async fn find(visit: &Visit, at: &Unit, id: i64) -> Result<Found, Trouble> {
    let (scope, rules) = (visit.actor.scope(&visit.rules.base, Verb::See, at)?, visit.rules.clone());
    let (named, today) = (visit.may(Verb::People, at), visit.today);
    let read = move |tx: &Tx| {
        let round = round::find(tx, &scope, id)?;
        let kind = rules.base.round(&round.kind).ok_or(Fault::NotFound)?;
        let mut members = if named { round::members(tx, &scope, kind, id, today)? } else { Vec::new() };
        // the leader first, as the pack has them
        members.sort_by_key(|member| (member.team, rules.base.post.iter().position(|post| post.id == member.post)));
        let (targets, tree) = (round::targets(tx, &scope, id)?, matter::tree(tx, &scope, (0, id))?);
        Ok(Found { targets, members, out: exchange::brief(tx, &scope, id)?, tree, round })
    };
    visit.app.read(read).await
}

pub(crate) async fn show(
    visit: Visit,
    At((id, round)): At<(i64, i64)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let found = find(&visit, &at, round).await?;
    if crate::export::which(&query) == "recheck" {
        return recheck::export(&visit, &at, &found, &query).await;
    }
    let table = || crate::matter::ledger_rows(&visit, found.round.opened.name.clone(), &found.tree);
    if let Some(out) = crate::export::list(&query, table)? {
        return Ok(out);
    }
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(page(&visit, &at, &found, &filled).into_response())
}

pub(super) fn page(visit: &Visit, at: &Unit, found: &Found, filled: &Filled) -> Markup {
    let round = &found.round;
    let title = format!("{} {}", round.no, round.opened.name);
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let mut teams: Vec<i64> =
        found.targets.iter().map(|target| target.team).chain(found.members.iter().map(|member| member.team)).collect();
    teams.sort_unstable();
    teams.dedup();
    let runs = visit.may(Verb::Act, at) && at.id == round.unit;
    let finds = flow(visit, found).is_some_and(|flow| crate::matter::finds(visit, &flow.id));
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p { (round.opened.from) " – " (round.opened.until) " · " (visit.say("授权：", "authorised by ")) (round.opened.paper)
            " · " a href={ "/units/" (at.id) "/coverage/" (round.opened.coverage) } { (visit.say("本届规划", "The plan of the term")) } }
        (told(visit, found))
        @if finds { (crate::matter::sums(visit, &found.tree)) }
        @for team in teams { (card(visit, at, found, team, runs)) }
        @if runs { p.actions { a.button href={ "/units/" (at.id) "/rounds/" (round.id) "/exchanges" } {
            (visit.say("交给单机、收回、回执", "Send out, take back, receipt")) } } }
        @if runs {
            (seat_form(visit, at, round, filled))
            (target_form(visit, at, round, filled))
            (recuse_form(visit, at, round, filled))
            @if finds { (recheck::form(visit, at, found, filled)) }
        }
        @if finds { (recheck::drawn_so_far(visit, found)) }
        @if finds { p.actions {
            a.button href={ "/units/" (at.id) "/rounds/" (round.id) "/together" } { (visit.say("批量办理", "Take steps together")) } " "
            a.button href={ "/units/" (at.id) "/rounds/" (round.id) "/shared" } { (visit.say("共性问题和反弹率", "Shared problems and relapses")) } } }
        (shell::formats(visit))
    };
    shell::page(&head, body)
}

/// The flow of the matters of a round's units.
fn flow<'v>(visit: &'v Visit, found: &Found) -> Option<&'v Flow> {
    visit.rules.base.flow(&visit.rules.base.round(&found.round.kind)?.flow)
}

/// What the visits told, added up: numbers as sums, choices as how often each was made. Never by unit: no ranking.
fn told(visit: &Visit, found: &Found) -> Markup {
    let Some(flow) = flow(visit, found) else { return html! {} };
    let Some(step) = flow.step("arrived") else { return html! {} };
    let own = found.tree.iter().filter(|line| line.matter.flow == flow.id);
    let events: Vec<&Event> = own.flat_map(|line| &line.matter.events).filter(|event| event.step == step.id).collect();
    let made = |field: &Field, option: &str| {
        let given = |event: &&&Event| match &event.data[&field.id] {
            serde_json::Value::Array(many) => many.iter().any(|one| one == option),
            one => one == option,
        };
        events.iter().filter(given).count()
    };
    html! { @if !events.is_empty() && !step.field.is_empty() {
        dl.facts {
            dt { (visit.of(&step.name)) } dd { b { (events.len()) } (visit.say(" 次", " times")) }
            @for field in &step.field { @match field.holds {
                Holds::Number => { dt { (visit.of(&field.name)) } dd { b { (events.iter().filter_map(|event| event.data[&field.id].as_u64()).sum::<u64>()) } } }
                Holds::Choice | Holds::Choices => { dt { (visit.of(&field.name)) } dd {
                    @for option in &field.option { (visit.of(&option.name)) " " b { (made(field, &option.id)) } "　" } } }
                _ => {}
            } }
        }
    } }
}

pub(crate) fn post_name<'v>(visit: &'v Visit, post: &str) -> &'v str {
    visit.rules.base.post(post).map_or("", |post| visit.of(&post.name))
}

/// One team: its units and how far each is, and who is on it.
fn card(visit: &Visit, at: &Unit, found: &Found, team: i64, runs: bool) -> Markup {
    let finds = flow(visit, found).is_some_and(|flow| crate::matter::finds(visit, &flow.id));
    let below = |matter: i64, flow: &'static str| {
        found.tree.iter().filter(move |line| line.matter.parent == matter && line.matter.flow == flow)
    };
    html! {
        section.card {
            h2 { (visit.say("第 ", "Team ")) (team) (visit.say(" 组", "")) }
            @if let Some(out) = found.out.iter().find(|out| out.team == team) { p { (crate::exchange::standing(visit, out)) } }
            @for member in found.members.iter().filter(|member| member.team == team) {
                div.seat { @if let Some(until) = member.until { del { (member.name) } " " small { (until) " " (member.why) } } @else {
                    b { (member.name) } " " (post_name(visit, &member.post)) " " small { (visit.say("自 ", "since ")) (member.from) }
                    @for (unit, ground) in &member.barred { " " span.badge.overdue { "▲ " (barred(visit, unit, ground)) } }
                    @if runs { " " (dismiss_form(visit, at, &found.round, member)) }
                } }
            }
            table.list { @for target in found.targets.iter().filter(|target| target.team == team) {
                @let line = found.tree.iter().find(|line| line.matter.id == target.matter);
                tr { td { a href={ "/units/" (target.unit) "/matters/" (target.matter) } { (target.name) } }
                    td.nowrap { @if let Some(line) = line { (crate::matter::state(visit, &line.matter)) } }
                    @if finds { td.nowrap { (visit.say("问题表现 ", "findings ")) (below(target.matter, "finding").count()) } } }
            } }
        }
    }
}

pub(crate) fn barred(visit: &Visit, unit: &str, ground: &Ground) -> String {
    let why = match ground {
        Ground::Belongs => visit.say("现在该组织", "belongs to it").to_owned(),
        Ground::Served(until) => format!("{} {until}", visit.say("曾任职至", "served there until")),
        Ground::Declared => visit.say("亲属回避", "family is there").to_owned(),
    };
    format!("{}{unit}: {why}", visit.say("应回避 ", "must be kept from "))
}

fn dismiss_form(visit: &Visit, at: &Unit, round: &Round, member: &Member) -> Markup {
    html! { details.inline { summary { (visit.say("调整", "Change")) } form.inline method="post" action={ "/units/" (at.id) "/rounds/" (round.id) "/dismissals" } {
        (shell::hidden(visit))
        input type="hidden" name="person" value=(member.person);
        input name="why" required maxlength="100" placeholder=(visit.say("调整原因", "Why")) aria-label=(visit.say("调整原因", "Why"));
        button { (visit.say("调出", "Take off")) }
    } } }
}

fn name_field(visit: &Visit, filled: &Filled) -> Markup {
    field(
        visit.lang,
        "person",
        visit.say("姓名", "Name"),
        "",
        filled.complaints,
        html! {
        input #person name="person" required maxlength="60" value=(value(filled.fields, "person")); },
    )
}

fn seat_form(visit: &Visit, at: &Unit, round: &Round, filled: &Filled) -> Markup {
    let posts = visit.rules.base.post.iter().filter(|post| post.round);
    html! { details open[value(filled.fields, "act") == "seat"] { summary { b { (visit.say("给组里加人", "Put somebody on a team")) } }
    p.help { (visit.say("权限只在本轮、本组的对象组织内有效，本轮结束即止；须回避的加不进来。", "Rights are for this round and the units of the team, and end with it; whoever must be kept from one of them is refused.")) }
    form.stack method="post" action={ "/units/" (at.id) "/rounds/" (round.id) "/seats" } {
        (shell::hidden(visit)) input type="hidden" name="act" value="seat";
        (name_field(visit, filled))
        label for="team" { (visit.say("第几组", "Team")) } input #team name="team" type="number" min="1" max="200" required value=(value(filled.fields, "team"));
        label for="post" { (visit.say("职务", "As")) } select #post name="post" { @for post in posts { option value=(post.id) { (visit.of(&post.name)) } } }
        button { (visit.say("加入", "Put on the team")) }
    } } }
}

fn target_form(visit: &Visit, at: &Unit, round: &Round, filled: &Filled) -> Markup {
    html! { details open[value(filled.fields, "act") == "target"] { summary { b { (visit.say("给组里加对象", "Give a team another unit")) } }
    form.stack method="post" action={ "/units/" (at.id) "/rounds/" (round.id) "/targets" } {
        (shell::hidden(visit)) input type="hidden" name="act" value="target";
        (field(visit.lang, "units", visit.say("组织名称", "Name of the unit"), "", filled.complaints, html! { input #units name="units" required maxlength="100" value=(value(filled.fields, "units")); }))
        label for="of" { (visit.say("第几组", "Team")) } input #of name="team" type="number" min="1" max="200" required value=(value(filled.fields, "team"));
        button { (visit.say("列入", "Put on the list")) }
    } } }
}

fn recuse_form(visit: &Visit, at: &Unit, round: &Round, filled: &Filled) -> Markup {
    html! { details open[value(filled.fields, "act") == "recuse"] { summary { b { (visit.say("登记亲属回避", "Write down that family is there")) } }
    p.help { (visit.say("只记谁回避哪个组织，不问亲属是谁。", "Only who is kept from which unit; nobody asks who the family is.")) }
    form.stack method="post" action={ "/units/" (at.id) "/rounds/" (round.id) "/recusals" } {
        (shell::hidden(visit)) input type="hidden" name="act" value="recuse";
        label for="who" { (visit.say("姓名", "Name")) } input #who name="person" required maxlength="60" value=(value(filled.fields, "person"));
        label for="from-unit" { (visit.say("须回避的组织", "The unit")) } input #from-unit name="unit" required maxlength="100" value=(value(filled.fields, "unit"));
        button { (visit.say("登记", "Write it down")) }
    } } }
}

/// Does an act on a round, and shows its page again with what was wrong.
pub(super) async fn act(
    sent: &Sent,
    (id, round): (i64, i64),
    work: impl Fn(&Tx, &Permit, &luoshi_rules::Pack) -> Result<(), Fault> + Send + 'static,
) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    let (rules, place) = (visit.rules.clone(), at.clone());
    let done = visit.act(operation(&sent.fields), move |tx: &Tx, actor: &Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &place)?;
        work(tx, &permit, &rules.base)?;
        Ok(format!("/units/{}/rounds/{round}", place.id))
    });
    answered(sent, &at, round, done.await).await
}

/// The page again where something was refused.
pub(super) async fn answered(
    sent: &Sent,
    at: &Unit,
    round: i64,
    done: Result<Redirect, Trouble>,
) -> Result<Response, Trouble> {
    match done {
        Err(Trouble::Refused(refusal)) => {
            let (visit, complaints) = (&sent.visit, Complaints::new(vec![refusal]));
            let found = find(visit, at, round).await?;
            let filled = Filled { fields: &sent.fields, complaints: &complaints };
            Ok(complaints.answer(page(visit, at, &found, &filled)))
        }
        other => Ok(other?.into_response()),
    }
}

/// Somebody of the organisation by name.
pub(super) fn named(tx: &Tx, permit: &Permit, name: &str) -> Result<i64, Fault> {
    let found = person::named(tx, permit.top(), permit.unit(), &[name.trim().to_owned()])?;
    found.into_iter().next().flatten().ok_or_else(|| {
        let zh = format!("没有找到“{name}”，或有同名的人：请写名册上的姓名");
        Refusal::field("person", zh, format!("nobody, or more than one, is called {name} on the roll")).into()
    })
}

fn unit_named(tx: &Tx, permit: &Permit, name: &str, key: &str) -> Result<Unit, Fault> {
    match unit::named(tx, permit.top(), name.trim())?.as_slice() {
        [one] => unit::find(tx, *one),
        _ => {
            let zh = format!("没有找到组织“{name}”，或有几个同名：请写全称");
            Err(Refusal::field(key, zh, format!("no unit, or more than one, is called {name}: give the full name"))
                .into())
        }
    }
}

fn team(sent: &Sent) -> i64 {
    value(&sent.fields, "team").parse().unwrap_or(0)
}

pub(crate) async fn seat(At((id, round)): At<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let (name, post, team) =
        (value(&sent.fields, "person").to_owned(), value(&sent.fields, "post").to_owned(), team(&sent));
    let work = move |tx: &Tx, permit: &Permit, pack: &luoshi_rules::Pack| {
        let post = pack.post(&post).ok_or(Fault::NotFound)?;
        round::seat(tx, permit, pack, (round, team, named(tx, permit, &name)?), post)
    };
    act(&sent, (id, round), work).await
}

pub(crate) async fn target(At((id, round)): At<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let (name, team) = (value(&sent.fields, "units").to_owned(), team(&sent));
    let work = move |tx: &Tx, permit: &Permit, pack: &luoshi_rules::Pack| {
        let unit = unit_named(tx, permit, &name, "units")?;
        round::add_target(tx, permit, pack, (round, team.max(1)), &unit).map(drop)
    };
    act(&sent, (id, round), work).await
}

pub(crate) async fn dismiss(At((id, round)): At<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let (person, why) = (value(&sent.fields, "person").parse().unwrap_or(0), value(&sent.fields, "why").to_owned());
    let work =
        move |tx: &Tx, permit: &Permit, _: &luoshi_rules::Pack| round::dismiss(tx, permit, (round, person), &why);
    act(&sent, (id, round), work).await
}

pub(crate) async fn declare(At((id, round)): At<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let (name, unit) = (value(&sent.fields, "person").to_owned(), value(&sent.fields, "unit").to_owned());
    let work = move |tx: &Tx, permit: &Permit, _: &luoshi_rules::Pack| {
        let unit = unit_named(tx, permit, &unit, "unit")?;
        round::declare(tx, permit, named(tx, permit, &name)?, unit.id)
    };
    act(&sent, (id, round), work).await
}
