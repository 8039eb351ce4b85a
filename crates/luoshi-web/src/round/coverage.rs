//! The plan of a term: which units were to have their turn on its first day, which are new, who has had it, who waits
//! longest, and what the next round should take so that nobody is left when the term ends.

use super::{kind, tiles};
use crate::form::{Complaints, Fields, Sent, all, day, one as value, operation};
use crate::record::Filled;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place as At, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::pack::name_of;
use luoshi_rules::round::{Candidate, Proposal, Room, propose};
use luoshi_rules::{Refusal, Unit, Verb};
use luoshi_store::round::{self, Coverage, Opened, Place, Round, Visit as Turn};
use luoshi_store::{Tx, unit};
use maud::{Markup, html};
use std::collections::{BTreeMap, HashMap};

/// Where a unit stands in a term.
pub(crate) struct Line {
    pub(crate) place: Place,
    /// its turn in this term
    pub(crate) turn: Option<Turn>,
    /// since when it has waited: its last turn in any term, or the day it was founded
    waits: Date,
}

impl Line {
    pub(crate) fn done(&self) -> bool {
        self.turn.as_ref().is_some_and(|turn| turn.arrived.is_some())
    }
}

/// A plan with all that is known of it.
pub(crate) struct Found {
    pub(crate) coverage: Coverage,
    pub(crate) rounds: Vec<Round>,
    pub(crate) lines: Vec<Line>,
}

pub(crate) async fn find(visit: &Visit, at: &Unit, id: i64) -> Result<Found, Trouble> {
    let (scope, rules) = (visit.actor.scope(&visit.rules.base, Verb::See, at)?, visit.rules.clone());
    let read = move |tx: &Tx| {
        let coverage = round::coverage(tx, &scope, id)?;
        let kind = rules.base.round(&coverage.kind).ok_or(luoshi_store::Fault::NotFound)?;
        let places = round::places(tx, &scope, (&coverage, kind))?;
        Ok((places, round::list(tx, &scope, id)?, round::visits(tx, &scope)?, coverage))
    };
    let (places, rounds, turns, coverage) = visit.app.read(read).await?;
    let mut lines: Vec<Line> = places
        .into_iter()
        .map(|place| {
            let mut own = turns.iter().filter(|turn| turn.unit == place.unit && turn.step != "dropped");
            let last = own.clone().filter_map(|turn| turn.arrived).max();
            let turn = own.find(|turn| turn.coverage == coverage.id).cloned();
            Line { turn, waits: last.unwrap_or(place.founded), place }
        })
        .collect();
    lines.sort_by_key(|line| (line.turn.is_some(), line.waits, line.place.unit));
    Ok(Found { coverage, rounds, lines })
}

impl Found {
    /// Units that still have to have their turn.
    pub(crate) fn waiting(&self) -> Vec<Candidate> {
        let waits = self.lines.iter().filter(|line| line.turn.is_none() && line.place.dissolved.is_none());
        waits
            .map(|line| Candidate {
                unit: line.place.unit,
                class: line.place.class.clone(),
                waits: line.waits,
                listed: line.place.listed,
            })
            .collect()
    }

    /// What the teams can do until the term ends: rounds are spread evenly over the year.
    pub(crate) fn room(&self, today: Date) -> Room {
        let plan = &self.coverage.plan;
        let days = today.max(plan.from).until(plan.until).map_or(0, |span| i64::from(span.get_days()) + 1).max(0);
        let rounds = (days * plan.per_year).div_euclid(365).max(i64::from(days > 0));
        let small = |n: i64| u32::try_from(n).unwrap_or(0);
        Room { teams: small(plan.teams), each: small(plan.each), rounds: small(rounds) }
    }

    pub(crate) fn proposal(&self, today: Date) -> Proposal {
        propose(&self.waiting(), self.room(today))
    }
}

pub(crate) async fn show(
    visit: Visit,
    At((id, coverage)): At<(i64, i64)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let found = find(&visit, &at, coverage).await?;
    if let Some(out) = crate::export::list(&query, || table(&visit, &found))? {
        return Ok(out);
    }
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(page(&visit, &at, &found, &filled).into_response())
}

fn page(visit: &Visit, at: &Unit, found: &Found, filled: &Filled) -> Markup {
    let plan = &found.coverage.plan;
    let head = Page { visit, title: plan.name.clone(), unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    // a unit that is no more counts on neither side, as in the classes below
    let there = || found.lines.iter().filter(|line| line.place.dissolved.is_none());
    let (all, done) = (there().count(), there().filter(|line| line.done()).count());
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p.subtitle { (plan.from) " – " (plan.until) }
        p { (visit.say("已覆盖 ", "Covered: ")) b { (done) } " / " (all) @if all > 0 { (visit.aside(format!("{}%", done * 100 / all))) } }
        (classes(visit, found))
        @if !found.rounds.is_empty() { h2 { (visit.say("轮次", "Rounds")) } table.list {
            @for round in &found.rounds { tr { td { a href={ "/units/" (round.unit) "/rounds/" (round.id) } { (round.no) ". " (round.opened.name) } }
                td.nowrap { (round.opened.from) " – " (round.opened.until) }
                td.num { (found.lines.iter().filter(|line| line.turn.as_ref().is_some_and(|turn| turn.round == round.id)).count()) (visit.say(" 家", " units")) } } } } }
        @if let Some(last) = found.rounds.last().filter(|_| finds(visit, found)) {
            p.actions { a.button href={ "/units/" (at.id) "/rounds/" (last.id) "/shared" } { (visit.say("本届共性问题和反弹率", "Shared problems and relapses of the term")) } }
        }
        (next(visit, at, found, filled))
        h2 { (visit.say("覆盖情况", "Coverage")) }
        (tiles::show(visit, found))
        details { summary { (visit.say("逐个列出", "As a list")) } (grid(visit, found)) }
        (shell::formats(visit))
    };
    shell::page(&head, body)
}

/// Whether its rounds have findings.
fn finds(visit: &Visit, found: &Found) -> bool {
    let kind = visit.rules.base.round(&found.coverage.kind);
    kind.is_some_and(|kind| crate::matter::finds(visit, &kind.flow))
}

/// Coverage by class, with new units counted apart.
fn classes(visit: &Visit, found: &Found) -> Markup {
    let mut classes: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for line in found.lines.iter().filter(|line| line.place.dissolved.is_none()) {
        let entry = classes.entry(&line.place.class).or_default();
        entry.0 += usize::from(line.done());
        entry.1 += 1;
        entry.2 += usize::from(!line.place.listed);
    }
    html! { table.list {
        thead { tr { th { (visit.say("类别", "Class")) } th.num { (visit.say("已覆盖 / 应覆盖", "Covered / all")) } th.num { (visit.say("其中新增", "of these new")) } } }
        @for (class, (done, all, new)) in &classes { tr {
            td { (name_of(&visit.rules.base.class, class).map_or("", |label| visit.of(label))) } td.num { b { (done) } " / " (all) } td.num { (new) } } }
    } }
}

/// What the next round should take, and the form that opens it.
fn next(visit: &Visit, at: &Unit, found: &Found, filled: &Filled) -> Markup {
    let (room, proposal) = (found.room(visit.today), found.proposal(visit.today));
    let waiting: Vec<&Line> =
        found.lines.iter().filter(|line| line.turn.is_none() && line.place.dissolved.is_none()).collect();
    let chosen = all(filled.fields, "units");
    let ticked = |unit: i64| match filled.complaints.is_empty() {
        true => proposal.units.contains(&unit),
        false => chosen.iter().any(|one| *one == unit.to_string()),
    };
    let input = |key: &str, zh: &str, en: &str, sort: &str, given: &str| {
        field(
            visit.lang,
            key,
            visit.say(zh, en),
            "",
            filled.complaints,
            html! {
            input id=(key) name=(key) type=(sort) required value=(if value(filled.fields, key).is_empty() { given } else { value(filled.fields, key) }) maxlength="80"; },
        )
    };
    html! {
        h2 { (visit.say("下一轮建议", "The next round, as proposed")) }
        p { (visit.say("还可开展约 ", "About ")) b { (room.rounds) } (visit.say(" 轮，每轮最多 ", " rounds to come, each of at most ")) (room.of_a_round()) (visit.say(" 家；还有 ", " units; still waiting: ")) b { (waiting.len()) } (visit.say(" 家未覆盖。", "."))}
        @if proposal.left_over > 0 { p.note { "▲ " (visit.say("按现有力量，届末仍有 ", "With these teams, at the end of the term there would still be left ")) (proposal.left_over)
            (visit.say(" 家不能覆盖；每组每轮需承担 ", "; each team would have to take ")) (proposal.each_needed) (visit.say(" 家才能全覆盖。", " units a round.")) } }
        @if visit.may(Verb::Act, at) && at.id == found.coverage.unit && !waiting.is_empty() {
            details open[!filled.complaints.is_empty()] { summary { b { (visit.say("开启新一轮", "Open the next round")) } }
            form.stack method="post" action={ "/units/" (at.id) "/coverage/" (found.coverage.id) } {
                (shell::hidden(visit))
                (input("name", "名称", "Name", "text", ""))
                (input("from", "组的权限自", "Rights of the teams from", "date", &visit.today.to_string()))
                (input("until", "至", "until", "date", ""))
                (input("paper", "授权文件", "Authorised by", "text", ""))
                fieldset.choices { legend { (visit.say("对象（已勾选建议的）", "Units (those proposed are ticked)")) }
                    @for line in &waiting { label { input type="checkbox" name="units" value=(line.place.unit) checked[ticked(line.place.unit)]; " " (line.place.name)
                        " " small { (visit.say("等待自 ", "waits since ")) (line.waits) } } } }
                button.main { (visit.say("开启", "Open")) }
            } }
        }
    }
}

fn grid(visit: &Visit, found: &Found) -> Markup {
    let round = |turn: &Turn| found.rounds.iter().find(|round| round.id == turn.round).map_or(0, |round| round.no);
    html! { div.scroll { table.list {
        thead { tr { th { (visit.say("组织", "Unit")) } th { (visit.say("类别", "Class")) } th { (visit.say("轮次", "Round")) } th { (visit.say("到场", "Visited")) } th { (visit.say("等待自", "Waits since")) } } }
        @for line in &found.lines { tr {
            td { a href={ "/units/" (line.place.unit) } { (line.place.name) }
                @if !line.place.listed { " " span.mark { (visit.say("新增", "new")) } }
                @if line.place.dissolved.is_some() { " ◇ " (visit.say("已撤销", "dissolved")) } }
            td { (name_of(&visit.rules.base.class, &line.place.class).map_or("", |label| visit.of(label))) }
            @match &line.turn {
                Some(turn) => { td { a href={ "/units/" (line.place.unit) "/matters/" (turn.matter) } { (round(turn)) } }
                    td.nowrap { @match turn.arrived { Some(day) => { "● " (day) }, None => { "◐ " (visit.say("已列入", "on the list")) } } } td {} }
                None => { td {} td { "○ " (visit.say("未覆盖", "not yet")) } td.nowrap { (line.waits) } }
            }
        } }
    } } }
}

fn table(visit: &Visit, found: &Found) -> Table {
    let say = |zh: &'static str, en: &'static str| visit.say(zh, en);
    let mut table = Table::new(&found.coverage.plan.name)
        .column("unit", say("组织", "Unit"), Sort::Text)
        .column("class", say("类别", "Class"), Sort::Text)
        .column("new", say("新增", "New"), Sort::Text)
        .column("round", say("轮次", "Round"), Sort::Number)
        .column("arrived", say("到场", "Visited"), Sort::Date)
        .column("waits", say("等待自", "Waits since"), Sort::Date)
        .key("unit_id")
        .key("round_id")
        .key("matter_id");
    let no = |turn: &Turn| found.rounds.iter().find(|round| round.id == turn.round).map_or(0, |round| round.no);
    let day = |day: Date| Cell::Date(day.to_string());
    table.rows = found
        .lines
        .iter()
        .map(|line| {
            let turn = line.turn.as_ref();
            vec![
                line.place.name.as_str().into(),
                name_of(&visit.rules.base.class, &line.place.class).map_or("", |label| visit.of(label)).into(),
                if line.place.listed { Cell::Empty } else { say("新增", "new").into() },
                turn.map_or(Cell::Empty, |turn| no(turn).into()),
                turn.and_then(|turn| turn.arrived).map_or(Cell::Empty, day),
                if turn.is_none() { day(line.waits) } else { Cell::Empty },
                Cell::Key(line.place.unit),
                turn.map_or(Cell::Empty, |turn| Cell::Key(turn.round)),
                turn.map_or(Cell::Empty, |turn| Cell::Key(turn.matter)),
            ]
        })
        .collect();
    table
}

pub(crate) async fn open(At((id, coverage)): At<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    let found = find(visit, &at, coverage).await?;
    match try_open(&sent, &at, &found.coverage).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = page(visit, &at, &found, &Filled { fields: &sent.fields, complaints: &complaints });
            Ok(complaints.answer(page))
        }
        other => other,
    }
}

/// Opens the round with its units, spread over the teams in turn.
async fn try_open(sent: &Sent, at: &Unit, coverage: &Coverage) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let text = |key: &str| value(&sent.fields, key).trim().chars().take(80).collect::<String>();
    let opened = Opened {
        coverage: coverage.id,
        name: text("name"),
        from: day(&sent.fields, "from")?,
        until: day(&sent.fields, "until")?,
        paper: text("paper"),
    };
    if opened.name.is_empty() || opened.paper.is_empty() {
        let key = if opened.name.is_empty() { "name" } else { "paper" };
        return Err(Refusal::field(key, "请填写此项", "please fill this in").into());
    }
    let units: Vec<i64> = all(&sent.fields, "units").iter().filter_map(|unit| unit.parse().ok()).collect();
    if units.is_empty() {
        return Err(Refusal::field("units", "请至少勾选一个对象", "tick one unit at least").into());
    }
    kind(visit, &coverage.kind)?;
    let (rules, at, teams) = (visit.rules.clone(), at.clone(), coverage.plan.teams.max(1));
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &at)?;
        let id = round::open(tx, &permit, &opened)?;
        for (unit, n) in units.iter().zip(0_i64..) {
            let target = unit::find(tx, *unit)?;
            round::add_target(tx, &permit, &rules.base, (id, n % teams + 1), &target)?;
        }
        Ok(format!("/units/{}/rounds/{id}", at.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}
