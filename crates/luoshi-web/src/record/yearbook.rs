//! The file of a year of one kind of meeting, such as centre-group study (学习档案): what was planned, what was held with
//! its materials, who was there, who has made up for an absence and who still has to.

use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::civil::date;
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::attendance::{Seat, Session, seats};
use luoshi_rules::record::{Field, Holds};
use luoshi_rules::{Kind, Unit, Verb};
use luoshi_store::plan::{self, Plan};
use luoshi_store::record::{self, Held};
use maud::{Markup, html};
use std::collections::{BTreeSet, HashMap};

/// All that is known of the year.
struct Found {
    sessions: Vec<Held>,
    /// those in which absences were made up for
    later: Vec<Held>,
    /// names, for whoever is of the unit: above, attendance is a rate
    names: HashMap<i64, String>,
    plans: Vec<Plan>,
    /// what is shown beside, by the entries of the kind
    beside: Vec<Vec<record::Near>>,
}

pub(crate) async fn show(
    visit: Visit,
    Place((id, Year(year), kind)): Place<(i64, Year, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let kind = visit.rules.kind(&kind).filter(|kind| kind.meeting.is_some()).ok_or(Trouble::NotFound)?;
    let found = find(&visit, &at, year, kind).await?;
    if let Some(out) = crate::export::list(&query, || table(&visit, &at, kind, &found))? {
        return Ok(out);
    }
    let title = format!("{year} {} {}", visit.of(&kind.name), visit.say("档案", "file"));
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::Records };
    let body = html! {
        (sums(&visit, &found))
        (planned(&visit, &found))
        h2 { (visit.say("开展情况", "Held")) }
        @if found.sessions.is_empty() { p.empty { (visit.say("这一年还没有记过。", "None on record this year.")) } }
        @else { (held(&visit, &at, kind, &found)) (attendance(&visit, &found)) }
        (open(&visit, &at, kind, &found))
        (beside(&visit, kind, &found))
        (shell::formats(&visit))
    };
    Ok(shell::page(&head, body).into_response())
}

/// Kinds of record by which an absence at a meeting of this kind is made up for.
fn later_kinds<'v>(visit: &'v Visit, kind: &Kind) -> Vec<&'v Kind> {
    let all = visit.rules.kinds().into_iter();
    all.filter(|one| one.absent_from.as_deref() == Some(kind.id.as_str())).collect()
}

async fn find(visit: &Visit, at: &Unit, year: i16, kind: &Kind) -> Result<Found, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let within = visit.within(at);
    let (unit, own, days) = (at.id, kind.id.clone(), (date(year, 1, 1), date(year, 12, 31)));
    let mut kinds = vec![own.clone()];
    kinds.extend(later_kinds(visit, kind).into_iter().map(|one| one.id.clone()));
    let others = kind.beside.clone();
    let read = move |tx: &luoshi_store::Tx| {
        let near = |one: &luoshi_rules::record::Beside| record::near(tx, &scope, (&one.record, &one.tag), days);
        let beside = others.iter().map(near).collect::<Result<_, _>>()?;
        let named: Vec<&str> = kinds.iter().map(String::as_str).collect();
        let (all, mut names) = record::held(tx, &scope, (unit, &named), days)?;
        if !within {
            names.clear();
        }
        let (sessions, later): (Vec<Held>, Vec<Held>) = all.into_iter().partition(|one| one.kind == own);
        let mut plans = plan::of_unit(tx, &scope, unit, days)?;
        plans.retain(|plan| plan.kind == own);
        Ok(Found { sessions, later, names, plans, beside })
    };
    visit.app.read(read).await
}

fn topic(held: &Held) -> &str {
    held.data["topic"].as_str().unwrap_or_default()
}

/// Who was absent from a session.
fn absent(held: &Held) -> Vec<i64> {
    held.stood.iter().filter(|one| one.role == "absent").map(|one| one.person).collect()
}

fn session(held: &Held) -> Session {
    Session { on: held.on, due: held.due.clone(), absent: absent(held) }
}

impl Found {
    /// Where everybody due this year stood at each session.
    fn seats(&self) -> Vec<(i64, Vec<Seat>)> {
        let sessions: Vec<Session> = self.sessions.iter().map(session).collect();
        let people: BTreeSet<i64> = sessions.iter().flat_map(|one| one.due.iter().copied()).collect();
        let studied = |held: &&Held, person: i64| {
            let named = held.due.contains(&person) || held.stood.iter().any(|one| one.person == person);
            named && !absent(held).contains(&person)
        };
        let of = |person: i64| {
            let days: Vec<_> = self.later.iter().filter(|held| studied(held, person)).map(|held| held.on).collect();
            (person, seats(&sessions, &days, person))
        };
        let mut all: Vec<_> = people.into_iter().map(of).collect();
        all.sort_by_key(|(person, _)| self.names.get(person).cloned());
        all
    }
}

fn sums(visit: &Visit, found: &Found) -> Markup {
    let all = found.seats();
    let count = |wanted: fn(&Seat) -> bool| all.iter().flat_map(|(_, seats)| seats).filter(|seat| wanted(seat)).count();
    let (due, there) = (count(|seat| *seat != Seat::NotDue), count(|seat| *seat == Seat::Present));
    html! {
        p { (visit.say("共 ", "Held: ")) b { (found.sessions.len()) } (visit.say(" 次", ""))
            @if due > 0 { " · " (visit.say("成员参加率 ", "attendance of members ")) b { (there * 100 / due) "%" }
                " · " (visit.say("缺席 ", "absences ")) b { (due - there) } " · " (visit.say("已补学 ", "made up for ")) b { (count(|seat| matches!(seat, Seat::MadeUp(_)))) } } }
    }
}

/// What was planned by month, and whether it was held in that month.
fn planned(visit: &Visit, found: &Found) -> Markup {
    let kept = |plan: &Plan| found.sessions.iter().any(|held| held.on.month() == plan.on.month());
    html! { @if !found.plans.is_empty() {
        h2 { (visit.say("年度安排", "Planned")) }
        table.list { @for plan in &found.plans { tr {
            td.nowrap { (plan.on) } td { (plan.topic) } td { (plan.reading) }
            td.nowrap { @if kept(plan) { "● " (visit.say("当月已开展", "held that month")) }
                @else if plan.on < visit.today { "▲ " (visit.say("当月未记录", "none on record that month")) } @else { "◔ " (visit.say("未到", "to come")) } }
        } } }
    } }
}

/// What a session left to read: its outline and minutes, as the fields of the kind are called, and its attachments.
fn materials<'a>(visit: &'a Visit, kind: &'a Kind, one: &'a Held) -> Vec<&'a str> {
    let written = kind.field.iter().filter(|field| field.holds == Holds::Long);
    let written = written.filter(|field| one.data[&field.id].as_str().is_some_and(|text| !text.is_empty()));
    written.map(|field| visit.of(&field.name)).chain(one.files.iter().map(String::as_str)).collect()
}

/// The number fields of a kind, such as how many others an extended session had: counted apart from members.
fn numbers(kind: &Kind) -> Vec<&Field> {
    kind.field.iter().filter(|field| field.holds == Holds::Number).collect()
}

fn held(visit: &Visit, at: &Unit, kind: &Kind, found: &Found) -> Markup {
    let apart = numbers(kind);
    html! { div.scroll { table.list {
        thead { tr { th { (visit.say("日期", "Day")) } th { (visit.say("主题", "Topic")) } th.num { (visit.say("应到", "Due")) } th.num { (visit.say("实到", "Present")) }
            @for field in &apart { th.num { (visit.of(&field.name)) } } th { (visit.say("材料", "Materials")) } } }
        @for one in &found.sessions { tr {
            td.nowrap { a href={ "/units/" (at.id) "/records/" (one.record) } { (one.on) } } td { (topic(one)) }
            td.num { @if !one.due.is_empty() { (one.due.len()) } } td.num { @if !one.due.is_empty() { (one.due.len().saturating_sub(absent(one).len())) } }
            @for field in &apart { td.num { @if let Some(n) = one.data[&field.id].as_u64() { (n) } } }
            td { (materials(visit, kind, one).join(visit.mark("、"))) }
        } }
    } } }
}

/// Members by sessions, for those who may see names.
fn attendance(visit: &Visit, found: &Found) -> Markup {
    let all = found.seats();
    let sign = |seat: &Seat| match seat {
        Seat::Present => "●",
        Seat::Absent => "○",
        Seat::MadeUp(_) => "◐",
        Seat::NotDue => "",
    };
    html! { @if !found.names.is_empty() && !all.is_empty() {
        h2 { (visit.say("成员考勤", "Attendance of members")) }
        div.scroll { table.list {
            thead { tr { th { (visit.say("成员", "Member")) } @for one in &found.sessions { th.nowrap { (one.on.month()) "-" (one.on.day()) } } } }
            @for (person, seats) in &all { @if let Some(name) = found.names.get(person) { tr { td.nowrap { (name) }
                @for seat in seats { td { (sign(seat)) @if let Seat::MadeUp(day) = seat { " " small { (day) } } } } } } }
        } }
        p.legend { "● " (visit.say("到会", "present")) "　○ " (visit.say("缺席，待补学", "absent, to be made up for")) "　◐ " (visit.say("已补学", "made up for")) }
    } }
}

/// Who still has to make up for an absence, and where that is written down.
fn open(visit: &Visit, at: &Unit, kind: &Kind, found: &Found) -> Markup {
    let waiting: Vec<(i64, usize)> = found
        .seats()
        .into_iter()
        .map(|(person, seats)| (person, seats.iter().filter(|seat| **seat == Seat::Absent).count()))
        .filter(|(_, n)| *n > 0)
        .collect();
    let kinds = later_kinds(visit, kind);
    html! { @if !waiting.is_empty() && !kinds.is_empty() {
        h2 { (visit.say("待补学", "Still to make up")) " " small { (waiting.len()) (visit.say(" 人", "")) } }
        p { @for (person, n) in &waiting { @if let Some(name) = found.names.get(person) { (name) " " small { (n) (visit.say(" 次", " ×")) } "　" } } }
        @if visit.may(Verb::Write, at) { p.actions { @for one in &kinds {
            a.button href={ "/units/" (at.id) "/records/new?kind=" (one.id) } { (visit.of(&one.name)) } } } }
    } }
}

/// Records of other kinds that belong to the year, of this unit, those above and those below.
fn beside(visit: &Visit, kind: &Kind, found: &Found) -> Markup {
    html! { @for (of, rows) in kind.beside.iter().zip(&found.beside) {
        h2 { (visit.of(&of.name)) " " small { (rows.len()) } }
        @if rows.is_empty() { p.empty { (visit.say("这一年还没有记过。", "None on record this year.")) } }
        table.list { @for one in rows { tr { td.nowrap { (one.on) } td { (one.topic) } td { (one.unit_name) } } } }
    } }
}

fn table(visit: &Visit, at: &Unit, kind: &Kind, found: &Found) -> Table {
    let apart = numbers(kind);
    let mut table = Table::new(format!("{} {}", at.short_name, visit.of(&kind.name)))
        .column("on", visit.say("日期", "Day"), Sort::Date)
        .column("topic", visit.say("主题", "Topic"), Sort::Text)
        .column("due", visit.say("应到", "Due"), Sort::Number)
        .column("present", visit.say("实到", "Present"), Sort::Number)
        .column("absent", visit.say("缺席", "Absent"), Sort::Text)
        .column("apart", visit.say("另计", "Counted apart"), Sort::Text)
        .column("materials", visit.say("材料", "Materials"), Sort::Text);
    let number = |n: usize| Cell::Number(i64::try_from(n).unwrap_or(i64::MAX));
    table.rows = found
        .sessions
        .iter()
        .map(|one| {
            let names: Vec<&str> =
                absent(one).iter().filter_map(|person| found.names.get(person)).map(String::as_str).collect();
            let told = |field: &&Field| Some(format!("{} {}", visit.of(&field.name), one.data[&field.id].as_u64()?));
            let told: Vec<String> = apart.iter().filter_map(told).collect();
            vec![
                Cell::Date(one.on.to_string()),
                topic(one).into(),
                number(one.due.len()),
                number(one.due.len().saturating_sub(absent(one).len())),
                names.join(visit.mark("、")).as_str().into(),
                told.join(visit.mark("；")).as_str().into(),
                materials(visit, kind, one).join(visit.mark("、")).as_str().into(),
            ]
        })
        .collect();
    table
}
