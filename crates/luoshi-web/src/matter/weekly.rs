//! The weekly sheet (督查周报): what is late, what falls due in the next week, what stands still, what was closed in the
//! last one; on one page of A4.

use super::{limit, state};
use crate::obligation::days;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::{Lang, Verb};
use luoshi_store::matter::{self, Filter, Line};
use maud::{Markup, html};
use std::collections::{HashMap, HashSet};

/// Most rows of a part, so that the sheet stays one page.
const ROWS: usize = 12;
/// Flows whose matters are orders: those of posts and of people are not supervised.
const OTHER: [&str; 3] =
    [luoshi_store::transfer::FLOW, luoshi_store::handover::FLOW, luoshi_store::matter::proposal::FLOW];

pub(super) async fn show(visit: Visit, Place(id): Place<i64>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let (rules, filter) = (visit.rules.clone(), Filter { most: super::MOST, ..Filter::default() });
    let mut lines = visit.app.read(move |tx| matter::list(tx, &scope, &rules.base, &filter)).await?;
    lines.retain(|line| !OTHER.contains(&line.matter.flow.as_str()));
    let (today, week) = (visit.today, visit.today.saturating_add(7.days()));
    let (since, month) = (today.saturating_sub(7.days()), today.saturating_sub(30.days()));
    // what has parts moves with them
    let wholes: HashSet<i64> = lines.iter().map(|line| line.matter.parent).collect();
    let closed = |line: &&Line| visit.rules.base.flow(&line.matter.flow).is_none_or(|flow| line.matter.is_closed(flow));
    let open: Vec<&Line> = lines.iter().filter(|line| !closed(line) && !wholes.contains(&line.matter.id)).collect();
    let by = |line: &Line| limit(&visit, &line.matter);
    let mut late: Vec<&Line> = open.iter().copied().filter(|line| by(line).is_some_and(|day| day < today)).collect();
    late.sort_by_key(|line| by(line));
    let mut soon: Vec<&Line> =
        open.iter().copied().filter(|line| by(line).is_some_and(|day| today <= day && day <= week)).collect();
    soon.sort_by_key(|line| by(line));
    let mut still: Vec<&Line> = open.iter().copied().filter(|line| line.matter.touched() <= month).collect();
    still.sort_by_key(|line| line.matter.touched());
    let done: Vec<&Line> = lines.iter().filter(closed).filter(|line| line.matter.touched() > since).collect();
    let title = format!("{}{}", at.short_name, visit.say("督查周报", ": weekly sheet"));
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::FollowUp };
    let body = html! {
        p.subtitle { (since) " – " (today) " · " (visit.say("在办 ", "open ")) b { (open.len()) } " · " (visit.say("逾期 ", "late ")) b { (late.len()) }
            " · " (visit.say("一周内到期 ", "due within a week ")) b { (soon.len()) } " · " (visit.say("一周内办结 ", "closed in a week ")) b { (done.len()) } }
        (part(&visit, visit.say("已逾期", "Late"), &late))
        (part(&visit, visit.say("一周内到期", "Due within a week"), &soon))
        (part(&visit, visit.say("30天没有动静", "Still for 30 days"), &still))
        (part(&visit, visit.say("一周内办结", "Closed in the last week"), &done))
    };
    Ok(shell::page(&head, body))
}

/// Matters of the same wording and the same day, such as an order to many units, as one row.
fn alike<'l>(visit: &Visit, lines: &[&'l Line]) -> Vec<Vec<&'l Line>> {
    let mut groups: Vec<Vec<&Line>> = Vec::new();
    let mut known: HashMap<(&str, Option<Date>, String), usize> = HashMap::new();
    for line in lines {
        let key = (line.matter.title.as_str(), limit(visit, &line.matter), state(visit, &line.matter).to_owned());
        let at = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(line),
            None => groups.push(vec![line]),
        }
    }
    groups
}

fn units(visit: &Visit, group: &[&Line]) -> String {
    let first = group.first().map_or("", |line| line.unit_name.as_str());
    match (group.len(), visit.lang) {
        (0 | 1, _) => first.to_owned(),
        (n, Lang::Zh) => format!("{first}等{n}个组织"),
        (n, Lang::En) => format!("{first} and {} more", n - 1),
    }
}

fn part(visit: &Visit, name: &str, lines: &[&Line]) -> Markup {
    let groups = alike(visit, lines);
    html! {
        h2 { (name) " " small { (lines.len()) } }
        @if lines.is_empty() { p.empty { (visit.say("没有。", "None.")) } }
        @else { table.list {
            @for (group, line) in groups.iter().filter_map(|group| Some((group, group.first()?))).take(ROWS) { tr {
                td { a href={ "/units/" (line.matter.unit) "/matters/" (line.matter.id) } { (super::title(visit, &line.matter)) } } td { (units(visit, group)) }
                td.nowrap { (state(visit, &line.matter)) }
                td.nowrap { @match limit(visit, &line.matter) { Some(day) => { (day) " " (days(visit, day)) }, None => (line.matter.touched()) } }
            } }
            @if groups.len() > ROWS { tr { td colspan="4" { (visit.say("另有 ", "and ")) (groups.len() - ROWS) (visit.say(" 项，见全部事项", " more: see all matters")) } } }
        } }
    }
}
