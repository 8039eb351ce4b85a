//! Looking again at what was closed: a sample drawn by a seed, each for a checker who did not close it.

use super::one::{self, Found, named};
use crate::export;
use crate::form::{Sent, one as value};
use crate::record::Filled;
use crate::shell::{self, field};
use crate::trouble::Trouble;
use crate::visit::{Place as At, Visit};
use axum::response::Response;
use luoshi_office::{Kind, Table};
use luoshi_rules::round::draw as drawn;
use luoshi_rules::{Pack, Permit, Refusal, Unit, Verb};
use luoshi_store::figure::{self, Stander};
use luoshi_store::matter::{self, Line, Opening};
use luoshi_store::{Fault, Tx, holding, unit};
use maud::{Markup, html};
use serde_json::json;
use std::collections::HashMap;

/// The flow of findings, and that of looking again.
pub(super) const FINDING: &str = "finding";
const RECHECK: &str = "recheck";

pub(super) fn findings(tree: &[Line]) -> impl Iterator<Item = &Line> {
    tree.iter().filter(|line| line.matter.flow == FINDING)
}

/// Findings that are closed and have not been looked at again.
fn closed<'t>(pack: &Pack, tree: &'t [Line]) -> Vec<&'t Line> {
    let again = |line: &Line| tree.iter().any(|one| one.matter.parent == line.matter.id && one.matter.flow == RECHECK);
    let is_closed = |line: &&Line| pack.flow(FINDING).is_some_and(|flow| line.matter.is_closed(flow)) && !again(line);
    findings(tree).filter(is_closed).collect()
}

/// What was drawn so far.
fn sample(found: &Found) -> Vec<&Line> {
    found.tree.iter().filter(|line| line.matter.flow == RECHECK).collect()
}

/// What was drawn, in the formats lists leave in.
pub(super) async fn export(
    visit: &Visit,
    at: &Unit,
    found: &Found,
    asked: &HashMap<String, String>,
) -> Result<Response, Trouble> {
    let drawn = sample(found);
    let checkers: Vec<i64> = drawn.iter().filter_map(|line| line.matter.data["checker"].as_i64()).collect();
    let names = match visit.may(Verb::People, at) {
        true => {
            let scope = visit.actor.scope(&visit.rules.base, Verb::People, at)?;
            visit.app.read(move |tx| figure::standers(tx, &scope, &checkers)).await?
        }
        false => Vec::new(),
    };
    export::list(asked, || table(visit, found, &names))?.ok_or(Trouble::NotFound)
}

/// What was drawn, as rows that can be taken away; checkers by name for whoever may read the roll.
fn table(visit: &Visit, found: &Found, names: &[Stander]) -> Table {
    let columns = [
        ("unit", "组织", "Unit", Kind::Text),
        ("finding", "抽中的问题", "Finding drawn", Kind::Text),
        ("checker", "检查人", "Checker", Kind::Text),
        ("seed", "种子", "Seed", Kind::Text),
        ("on", "抽取日期", "Drawn on", Kind::Date),
        ("state", "进展", "Stands at", Kind::Text),
    ];
    let title = format!("{} {}", found.round.opened.name, visit.say("回头看抽查", "Sample looked at again"));
    let mut table = export::head(visit, title, &columns);
    let row = |line: &&Line| {
        let (data, parent) = (&line.matter.data, line.matter.parent);
        let finding = found.tree.iter().find(|one| one.matter.id == parent);
        let checker = names.iter().find(|one| data["checker"].as_i64() == Some(one.person));
        vec![
            line.unit_name.as_str().into(),
            finding.map_or(line.matter.title.as_str(), |one| one.matter.title.as_str()).into(),
            checker.map_or("", |one| one.name.as_str()).into(),
            data["seed"].as_str().unwrap_or_default().into(),
            export::day(line.matter.opened),
            crate::matter::state(visit, &line.matter).into(),
        ]
    };
    table.rows = sample(found).iter().map(row).collect();
    table
}

/// How many were drawn, and the way to take the list away.
pub(super) fn drawn_so_far(visit: &Visit, found: &Found) -> Markup {
    let n = sample(found).len();
    html! { @if n > 0 {
        p { (visit.say("回头看已抽取 ", "Drawn to be looked at again: ")) b { (n) } (visit.say(" 项", "")) }
        (shell::formats_of(visit, "recheck"))
    } }
}

pub(super) fn form(visit: &Visit, at: &Unit, found: &Found, filled: &Filled) -> Markup {
    let closed = closed(&visit.rules.base, &found.tree).len();
    html! { @if closed > 0 { details open[value(filled.fields, "act") == "draw"] { summary { b { (visit.say("回头看抽查", "Look again at a sample")) } " " small { (closed) } }
    p.help { (visit.say("按种子随机抽取，同一种子抽到同样的；检查人不是销号的人，也不属于被查组织。", "Drawn by a seed: the same seed draws the same. The checker is not who closed it, nor of the unit.")) }
    form.stack method="post" action={ "/units/" (at.id) "/rounds/" (found.round.id) "/draws" } {
        (shell::hidden(visit)) input type="hidden" name="act" value="draw";
        (field(visit.lang, "seed", visit.say("种子（任意数字，当众约定）", "Seed (any number, agreed in public)"), "", filled.complaints, html! {
            input #seed name="seed" type="number" min="0" required value=(value(filled.fields, "seed")); }))
        (field(visit.lang, "sample", visit.say("抽几项", "How many"), "", filled.complaints, html! {
            input #sample name="sample" type="number" min="1" max=(closed) required value=(value(filled.fields, "sample")); }))
        (field(visit.lang, "checkers", visit.say("检查人（顿号分隔）", "Checkers (with commas)"), "", filled.complaints, html! {
            input #checkers name="checkers" required maxlength="300" value=(value(filled.fields, "checkers")); }))
        button { (visit.say("抽取", "Draw")) }
    } } } }
}

pub(crate) async fn draw(At((id, round)): At<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    let found = one::find(visit, &at, round).await?;
    let number = |key: &str| value(&sent.fields, key).trim().parse::<u64>().ok();
    let (seed, sample) = (number("seed"), number("sample").and_then(|n| usize::try_from(n).ok()).unwrap_or(0));
    let names: Vec<String> = value(&sent.fields, "checkers")
        .split(['、', '，', ',', ';', '；'])
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    let lines: Vec<Line> = closed(&visit.rules.base, &found.tree).into_iter().cloned().collect();
    let work = move |tx: &Tx, permit: &Permit, pack: &Pack| {
        let seed = seed.ok_or_else(|| Refusal::field("seed", "请填写数字", "please enter a number"))?;
        if sample == 0 || names.is_empty() {
            return Err(Refusal::field("sample", "请填写抽几项和检查人", "say how many, and who checks").into());
        }
        let checkers = names.iter().map(|name| named(tx, permit, name)).collect::<Result<Vec<i64>, Fault>>()?;
        let keys: Vec<i64> = lines.iter().map(|line| line.matter.id).collect();
        for (key, turn) in drawn(seed, &keys, sample).into_iter().zip(0_usize..) {
            let line = lines.iter().find(|line| line.matter.id == key).ok_or(Fault::NotFound)?;
            again(tx, permit, pack, (line, seed), (&checkers, turn))?;
        }
        Ok(())
    };
    one::act(&sent, (id, round), work).await
}

/// Whether somebody is of a unit or one below it; a seat on a team that looks at it makes nobody so.
fn is_of(tx: &Tx, permit: &Permit, pack: &Pack, (person, unit): (i64, &Unit)) -> Result<bool, Fault> {
    let posts = holding::actor(tx, permit.top(), person, permit.today())?.posts;
    let is_seat = |held: &luoshi_rules::Held| pack.post(&held.post).is_some_and(|post| post.round);
    Ok(posts.iter().any(|held| !is_seat(held) && unit.path.contains(&held.path)))
}

/// Opens one re-check for the next checker who did not close the finding and is not of its unit.
fn again(
    tx: &Tx,
    permit: &Permit,
    pack: &Pack,
    (line, seed): (&Line, u64),
    (checkers, turn): (&[i64], usize),
) -> Result<(), Fault> {
    let closers: Vec<i64> =
        line.matter.events.iter().filter(|event| event.step == "closed").map(|event| event.actor).collect();
    let addressee = unit::find(tx, line.matter.unit)?;
    let mut order = checkers.iter().cycle().skip(turn).take(checkers.len());
    let (mut free, mut own) = (None, false);
    while let (None, Some(checker)) = (free, order.next()) {
        match is_of(tx, permit, pack, (*checker, &addressee))? {
            true => own = true,
            false => free = Some(*checker).filter(|checker| !closers.contains(checker)),
        }
    }
    let checker = free.ok_or_else(|| nobody_free(&line.matter.title, own))?;
    let flow = pack.flow(RECHECK).ok_or(Fault::NotFound)?;
    let data = json!({ "checker": checker, "seed": seed.to_string() });
    let (subject, title) = (format!("{}/recheck", line.matter.id), format!("回头看：{}", line.matter.title));
    let opening = Opening { flow, addressee: &addressee, subject, title, data, note: String::new() };
    matter::add_part(tx, permit, pack, line.matter.id, (&opening, &[])).map(drop)
}

/// Said when none of the checkers may look at a finding; `own` says that one of them is of its unit.
fn nobody_free(title: &str, own: bool) -> Refusal {
    let (zh, en) = match own {
        true => (
            format!("“{title}”：所列检查人属于被查组织，或由其销号；请再列一位"),
            format!("“{title}”: the checkers named are of its unit, or closed it; name somebody else too"),
        ),
        false => (
            format!("“{title}”是由所列检查人销号的：请再列一位没有办过的人"),
            format!("“{title}” was closed by the checkers named: name somebody else too"),
        ),
    };
    Refusal::field("checkers", zh, en)
}
