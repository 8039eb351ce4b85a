//! One class or call: who has a place, who waits, putting names down and taking them off, recording who came, certificates.

use super::{audience, hours_name, kind, stands, ticked};
use crate::form::{Complaints, Fields, Sent, one as value, operation};
use crate::record::Filled;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::class::Enrol;
use luoshi_rules::class::placed;
use luoshi_rules::{Permit, Refusal, Unit, Verb};
use luoshi_store::class::{self, Class, Quota, Seat};
use luoshi_store::{Fault, Tx, person};
use maud::{Markup, html};
use std::collections::{HashMap, HashSet};

/// A class with everybody whose name is down.
pub(crate) struct Whole {
    pub class: Class,
    /// first come first, with whether they have a place
    pub seats: Vec<(Seat, bool)>,
    pub quotas: Vec<Quota>,
    /// session and person: who of those that came was not there
    missed: HashSet<(i64, i64)>,
}

impl Whole {
    fn of(class: Class, (seats, quotas): (Vec<Seat>, Vec<Quota>), missed: HashSet<(i64, i64)>) -> Whole {
        let paths: Vec<_> = seats.iter().map(|seat| seat.path.clone()).collect();
        let limits: Vec<_> = quotas.iter().map(|quota| (quota.path.clone(), quota.places)).collect();
        let has = placed(&paths, class.plan.places, &limits);
        Whole { seats: seats.into_iter().zip(has).collect(), class, quotas, missed }
    }

    /// Who has a place.
    fn due(&self) -> Vec<i64> {
        self.seats.iter().filter(|(_, has)| *has).map(|(seat, _)| seat.person).collect()
    }
}

/// Finds one that the visitor may see from a unit.
pub(crate) async fn find(visit: &Visit, at: &Unit, id: i64) -> Result<Whole, Trouble> {
    let verb = if visit.may(Verb::People, at) { Verb::People } else { Verb::See };
    let scope = visit.actor.scope(&visit.rules.base, verb, at)?;
    let read = move |tx: &Tx| {
        let one = class::find(tx, &scope, id)?;
        // nobody has missed what was not held
        let held = one.record != 0 && !one.plan.sessions.is_empty();
        let missed = if held { class::missed(tx, scope.top(), id)? } else { HashSet::new() };
        Ok(Whole::of(one, class::names(tx, &scope, id)?, missed))
    };
    visit.app.read(read).await
}

pub(super) async fn show(
    visit: Visit,
    Place((id, class)): Place<(i64, i64)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    if asked.contains_key("as") {
        let all = find(&visit, &at, class).await?;
        let (_, enrol) = kind(&visit, &all.class.plan.kind)?;
        let table = || {
            if crate::export::which(&asked) == "sessions" {
                days(&visit, &all, enrol)
            } else {
                roll(&visit, &all, enrol)
            }
        };
        return crate::export::list(&asked, table)?.ok_or(Trouble::NotFound);
    }
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(page(&visit, &at, class, &filled).await?.into_response())
}

/// Whose name is down, as rows that can be taken away: nobody whom the page does not name.
fn roll(visit: &Visit, all: &Whole, enrol: &Enrol) -> Table {
    let mut table = Table::new(format!("{} {}", all.class.plan.title, visit.say("名单", "Names")))
        .column("name", visit.say("姓名", "Name"), Sort::Text)
        .column("unit", visit.say("组织", "Unit"), Sort::Text)
        .column("place", visit.say("录取", "Place"), Sort::Text)
        .column("hours", hours_name(visit, enrol), Sort::Number);
    let held = all.class.record != 0;
    let row = |(seat, has): &(Seat, bool)| {
        let stands = if *has { visit.say("已录取", "has a place") } else { visit.say("候补", "waits") };
        let hours = (held && *has).then(|| all.class.hours_of(seat.person, &all.missed));
        vec![
            seat.name.as_str().into(),
            seat.unit_name.as_str().into(),
            stands.into(),
            hours.map_or(Cell::Empty, Cell::from),
        ]
    };
    table.rows = all.seats.iter().filter(|(seat, _)| !seat.name.is_empty()).map(row).collect();
    table
}

/// The sessions, as rows that can be taken away.
fn days(visit: &Visit, all: &Whole, enrol: &Enrol) -> Table {
    let mut table = Table::new(format!("{} {}", all.class.plan.title, visit.say("每次", "Sessions")))
        .column("on", visit.say("日期", "Day"), Sort::Date)
        .column("topic", visit.say("内容", "Topic"), Sort::Text)
        .column("hours", hours_name(visit, enrol), Sort::Number);
    let row = |one: &luoshi_store::class::Session| {
        vec![crate::export::day(one.on), one.topic.as_str().into(), one.hours.into()]
    };
    table.rows = all.class.plan.sessions.iter().map(row).collect();
    table
}

async fn page(visit: &Visit, at: &Unit, id: i64, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let all = find(visit, at, id).await?;
    let class = &all.class;
    let title = class.plan.title.clone();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Records };
    let (_, enrol) = kind(visit, &class.plan.kind)?;
    let (waiting, writes) = (all.seats.iter().filter(|(_, has)| !has).count(), visit.may(Verb::Write, at));
    let holds = writes && class.unit == at.id && class.cancelled.is_empty() && class.record == 0;
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p.subtitle { (class.unit_name) " · " (class.plan.from) " – " (class.plan.until) " · " (stands(visit, class)) }
        @if !class.plan.need.is_empty() { p.long { (class.plan.need) } }
        (facts(visit, &all, enrol, waiting))
        (sessions(visit, at, &all, enrol))
        @if class.record != 0 { p.actions {
            @if visit.may(Verb::See, at) && class.unit == at.id { a.button href={ "/units/" (at.id) "/records/" (class.record) } { (visit.say("到场纪实", "Who came")) } " " }
            @if enrol.certificate && visit.may(Verb::People, at) && at.path.contains(&class.path) { a.button href={ "/units/" (at.id) "/classes/" (id) "/certificates" } { (visit.say("结业证明", "Certificates")) } }
        } }
        (names(visit, at, (&all, enrol), writes))
        @if writes && class.takes_names(visit.today) { (enrol_form(visit, at, class, filled)) }
        @if holds && class.plan.until <= visit.today { (conclude_form(visit, at, enrol, &all)) }
        @if holds { (cancel_form(visit, at, class, filled)) }
        @if class.path.contains(&at.path) { (crate::collection::burden_of_others(visit, at, class.unit, ("class", &id.to_string()))) }
    };
    Ok(shell::page(&head, body))
}

fn facts(visit: &Visit, all: &Whole, enrol: &Enrol, waiting: usize) -> Markup {
    let plan = &all.class.plan;
    html! {
        dl.facts {
            dt { (visit.say("对象、类别", "For, sort")) } dd { (audience(visit, &all.class)) }
            dt { (visit.say("时长", "Length")) } dd { (plan.hours) " " (hours_name(visit, enrol)) }
            @if !plan.place.is_empty() { dt { (visit.say("地点", "Where")) } dd { (plan.place) } }
            dt { (visit.say("名额", "Places")) }
            dd { (all.due().len()) " / " (plan.places) @if waiting > 0 { (visit.say("，候补 ", ", waiting ")) (waiting) } }
            @for quota in &all.quotas {
                @let used = all.seats.iter().filter(|(seat, has)| *has && quota.path.contains(&seat.path)).count();
                dt { (quota.name) } dd { (used) " / " (quota.places) }
            }
            @if !all.class.cancelled.is_empty() { dt { (visit.say("取消原因", "Why it was called off")) } dd { (all.class.cancelled) } }
        }
    }
}

/// Sessions with their hours; how many of those that came were there, once it is over.
fn sessions(visit: &Visit, at: &Unit, all: &Whole, enrol: &Enrol) -> Markup {
    let class = &all.class;
    let missed = |no: i64| all.missed.iter().filter(|(one, _)| *one == no).count();
    html! {
        @if !class.plan.sessions.is_empty() {
            h2 { (visit.say("每次", "Sessions")) " " small { (class.plan.sessions.len()) } }
            table.list {
                thead { tr { th { (visit.say("日期", "Day")) } th { (visit.say("内容", "Topic")) } th.num { (hours_name(visit, enrol)) } th {} } }
                @for one in &class.plan.sessions { tr {
                    td.nowrap { (one.on) } td { (one.topic) } td.num { (one.hours) small.phone { " " (hours_name(visit, enrol)) } }
                    td.nowrap {
                        @if one.record != 0 && class.unit == at.id { a href={ "/units/" (at.id) "/records/" (one.record) } { (visit.say("纪实", "Record")) } }
                        @else if class.record != 0 && !enrol.apart && missed(one.no) > 0 { (visit.say("缺课 ", "missed by ")) (missed(one.no)) (visit.say(" 人", "")) }
                    }
                } }
            }
            (shell::formats_of(visit, "sessions"))
        }
    }
}

/// Names, with places and waiting apart; of units one may not see people of, only how many.
fn names(visit: &Visit, at: &Unit, (all, enrol): (&Whole, &Enrol), writes: bool) -> Markup {
    // hours of each are told where sessions were missed; who did not come at all stands on the record
    let has_hours = !all.missed.is_empty();
    let hidden = all.seats.iter().filter(|(seat, _)| seat.name.is_empty()).count();
    html! {
        h2 { (visit.say("名单", "Names")) " " small { (all.seats.len()) } }
        @if all.seats.is_empty() { p.empty { (visit.say("还没有人报名。", "Nobody yet.")) } }
        table.list { @for (seat, has) in all.seats.iter().filter(|(seat, _)| !seat.name.is_empty()) { tr {
            td { a href={ "/people/" (seat.person) } { (seat.name) } } td { (seat.unit_name) }
            td.nowrap { @if *has { "● " (visit.say("已录取", "has a place")) } @else { "◔ " (visit.say("候补", "waits")) } }
            @if has_hours { td.num { @if *has { (all.class.hours_of(seat.person, &all.missed)) " " (hours_name(visit, enrol)) } } }
            td { @if writes && all.class.record == 0 && at.path.contains(&seat.path) {
                form.inline method="post" action={ "/units/" (at.id) "/classes/" (all.class.id) "/names/drop" } {
                    (shell::hidden(visit)) input type="hidden" name="person" value=(seat.person);
                    button { (visit.say("退出", "Take off")) } } } }
        } } }
        @if all.seats.len() > hidden { (shell::formats(visit)) }
        @if hidden > 0 { p.help { (visit.say("另有其他组织 ", "and ")) (hidden) (visit.say(" 人", " of other units")) } }
    }
}

fn enrol_form(visit: &Visit, at: &Unit, class: &Class, filled: &Filled) -> Markup {
    html! {
        form.stack method="post" action={ "/units/" (at.id) "/classes/" (class.id) "/names" } {
            (shell::hidden(visit))
            (field(visit.lang, "people", visit.say("报名", "Put names down"),
                visit.say("每行或用顿号隔开一个姓名，限本组织及下级名册；满额的自动候补，有人退出时依次递补。",
                    "One name a line or separated by commas, of the rolls of this unit and those below; who comes too late waits, and moves up by themselves."),
                filled.complaints, html! { textarea #people name="people" rows="3" required { (value(filled.fields, "people")) } }))
            button.main { (visit.say("报名", "Put down")) }
        }
    }
}

fn conclude_form(visit: &Visit, at: &Unit, enrol: &Enrol, all: &Whole) -> Markup {
    html! {
        section.card {
            h2 { (visit.of(&enrol.conclude)) }
            p.help { (visit.say("去掉没来的人（有几次的，逐次去掉）；提交后自动生成纪实，时长按到场的次数记到每个人。",
                "Untick who did not come, session by session where there are several; the record is written from it, and each has the hours they were there.")) }
            form.stack method="post" action={ "/units/" (at.id) "/classes/" (all.class.id) "/conclude" } {
                (shell::hidden(visit))
                @if all.class.plan.sessions.is_empty() {
                    fieldset { legend { (visit.say("到场", "Came")) }
                        @for (seat, _) in all.seats.iter().filter(|(_, has)| *has) {
                            label { input type="checkbox" name="came" value=(seat.person) checked; " " (seat.name) " " small { (seat.unit_name) } }
                        } }
                } @else { (grid(visit, all)) }
                button.main { (visit.of(&enrol.conclude)) }
            }
        }
    }
}

/// A box for each person and session.
fn grid(visit: &Visit, all: &Whole) -> Markup {
    let sessions = &all.class.plan.sessions;
    html! {
        div.scroll { table.list {
            thead { tr { th { (visit.say("姓名", "Name")) } @for one in sessions { th.nowrap { (one.on.strftime("%m-%d")) br; small { (one.topic) } } } } }
            @for (seat, _) in all.seats.iter().filter(|(_, has)| *has) { tr {
                td { (seat.name) " " small { (seat.unit_name) } }
                @for one in sessions { td { label { input type="checkbox" name="came" value={ (seat.person) "." (one.no) } checked aria-label={ (seat.name) " " (one.on) " " (one.topic) }; } } }
            } }
        } }
    }
}

fn cancel_form(visit: &Visit, at: &Unit, class: &Class, filled: &Filled) -> Markup {
    html! {
        details { summary { (visit.say("取消", "Call it off")) }
            form.stack method="post" action={ "/units/" (at.id) "/classes/" (class.id) "/cancel" } {
                (shell::hidden(visit))
                (field(visit.lang, "why", visit.say("原因", "Why"), "", filled.complaints, html! {
                    input #why name="why" maxlength="200" required value=(value(filled.fields, "why")); }))
                button { (visit.say("取消", "Call it off")) }
            } }
    }
}

// ---- writing

/// Does something to a class and comes back to it; a refused form is shown again as it was filled.
async fn act(
    sent: &Sent,
    (id, class): (i64, i64),
    work: impl Fn(&Tx, &Permit, &Class) -> Result<(), Fault> + Send + 'static,
) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    let (rules, place) = (visit.rules.clone(), at.clone());
    let done = visit.act(operation(&sent.fields), move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let known = class::find(tx, &actor.scope(&rules.base, Verb::See, &place)?, class)?;
        work(tx, &actor.permit(&rules.base, Verb::Write, &place)?, &known)?;
        Ok(format!("/units/{id}/classes/{class}"))
    });
    match done.await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = page(visit, &at, class, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
        other => Ok(other?.into_response()),
    }
}

pub(crate) async fn enrol(Place(at): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let names = crate::record::names(value(&sent.fields, "people"));
    let work = move |tx: &Tx, permit: &Permit, class: &Class| {
        let found = person::named(tx, permit.top(), permit.unit(), &names)?;
        let unknown: Vec<&str> =
            names.iter().zip(&found).filter(|(_, id)| id.is_none()).map(|(name, _)| name.as_str()).collect();
        if names.is_empty() || !unknown.is_empty() {
            let list = unknown.join("、");
            let zh = format!("名册中没有或有同名者，请改正：{list}");
            return Err(
                Refusal::field("people", zh, format!("not on the roll, or several of that name: {list}")).into()
            );
        }
        found.into_iter().flatten().try_for_each(|person| class::enrol(tx, permit, class, person))
    };
    act(&sent, at, work).await
}

pub(crate) async fn withdraw(Place(at): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let person = crate::form::parse::<i64>(&sent.fields, "person", "请从名单中选择", "please choose from the list");
    act(&sent, at, move |tx, permit, class| class::withdraw(tx, permit, class, person.clone()?)).await
}

pub(crate) async fn cancel(Place(at): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let why: String = value(&sent.fields, "why").chars().take(200).collect();
    act(&sent, at, move |tx, permit, class| class::cancel(tx, permit, class, &why)).await
}

pub(crate) async fn conclude(Place(at): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let came = ticked(&sent.fields, "came");
    let (rules, place) = (sent.visit.rules.clone(), sent.visit.unit(at.0, Verb::Write).await?);
    let actor = sent.visit.actor.clone();
    let work = move |tx: &Tx, permit: &Permit, class: &Class| {
        let scope = actor.scope(&rules.base, Verb::See, &place)?;
        let all = Whole::of(class.clone(), class::names(tx, &scope, class.id)?, HashSet::new());
        let kind = rules.kind(&class.plan.kind).ok_or(Fault::NotFound)?;
        class::conclude(tx, permit, kind, (class, &all.due()), &came).map(drop)
    };
    act(&sent, at, work).await
}

/// The certificates of those who came, for who may see people there: one a sheet.
pub(crate) async fn certificates(
    visit: Visit,
    Place((id, class)): Place<(i64, i64)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::People).await?;
    let all = find(&visit, &at, class).await?;
    if !kind(&visit, &all.class.plan.kind)?.1.certificate {
        return Err(Trouble::NotFound);
    }
    if all.class.record == 0 {
        return Err(Refusal::rule("结业后才有证明", "there are certificates once the class is over").into());
    }
    let (top, class) = (at.top, all.class.clone());
    let came = visit.app.read(move |tx| class::came(tx, top, &class)).await?;
    let seats = all.seats.iter().map(|(seat, _)| seat);
    let came: Vec<&Seat> = seats.filter(|seat| !seat.name.is_empty() && came.contains(&seat.person)).collect();
    if let Some(out) = crate::export::list(&asked, || certified(&visit, &all, &came))? {
        return Ok(out);
    }
    let sheets = shell::bare(
        visit.lang,
        visit.say("结业证明", "Certificates"),
        html! {
            p.noprint { a href={ "/units/" (at.id) "/classes/" (all.class.id) } { (visit.say("← 返回", "← back")) } " · " (visit.say("用浏览器打印，每人一张", "print it: one sheet each")) }
            @if came.is_empty() { p.empty { (visit.say("没有到课的人。", "Nobody came.")) } }
            @for one in came { (sheet(&visit, &all.class, (&one.name, all.class.hours_of(one.person, &all.missed)))) }
        },
    );
    Ok(sheets.into_response())
}

/// Who gets a certificate, with the hours on it.
fn certified(visit: &Visit, all: &Whole, came: &[&Seat]) -> Table {
    let mut table = Table::new(format!("{} {}", all.class.plan.title, visit.say("结业证明", "Certificates")))
        .column("name", visit.say("姓名", "Name"), Sort::Text)
        .column("unit", visit.say("组织", "Unit"), Sort::Text)
        .column("hours", visit.say("学时", "Hours"), Sort::Number)
        .key("person_id")
        .key("unit_id");
    let row = |one: &&Seat| {
        let hours = Cell::Number(all.class.hours_of(one.person, &all.missed));
        let keys = [one.person, one.unit].map(Cell::Key);
        [vec![one.name.as_str().into(), one.unit_name.as_str().into(), hours], keys.into()].concat()
    };
    table.rows = came.iter().map(row).collect();
    table
}

/// A certificate of completion.
pub(super) fn sheet(visit: &Visit, class: &Class, (name, hours): (&str, i64)) -> Markup {
    let plan = &class.plan;
    html! {
        section.certificate {
            h2 { (visit.say("结业证明", "Certificate of completion")) }
            p { b { (name) } (visit.say("同志于 ", ", from ")) (plan.from) (visit.say(" 至 ", " to ")) (plan.until)
                (visit.say(" 参加“", ", took part in “")) (plan.title) (visit.say("”，修完 ", "” and completed ")) b { (hours) } (visit.say(" 学时，准予结业。", " hours.")) }
            p.right { (class.unit_name) br; (plan.until) }
            p.help { (visit.say("编号 ", "No. ")) (class.id) }
        }
    }
}
