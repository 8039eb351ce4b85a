//! Problems that several units share, over all rounds of a term, and how much of what each closed had relapsed.

use super::one;
use super::recheck::{FINDING, findings};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place as At, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::Verb;
use luoshi_store::matter::{self, Line};
use luoshi_text::nearest::Names;
use maud::{Markup, html};
use std::collections::{BTreeMap, HashMap};

/// Problems less alike than this are not the same.
const ALIKE: f64 = 0.45;

type Asked = HashMap<String, String>;

/// How much of what each unit closed had relapsed, as a list.
pub(crate) async fn relapsed(
    visit: Visit,
    at: At<(i64, i64)>,
    Query(mut asked): Query<Asked>,
) -> Result<Response, Trouble> {
    asked.insert("relapsed".into(), "1".into());
    show(visit, at, Query(asked)).await
}

pub(crate) async fn show(
    visit: Visit,
    At((id, round)): At<(i64, i64)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let found = one::find(&visit, &at, round).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let coverage = found.round.opened.coverage;
    let all = visit.app.read(move |tx| matter::of_term(tx, &scope, coverage, FINDING)).await?;
    let title = visit.say("共性问题和反弹率", "Shared problems and relapses").to_owned();
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::FollowUp };
    let (groups, rates) = (alike(&all), relapses(&all));
    let table = || match asked.contains_key("relapsed") {
        true => rates_table(&visit, &rates),
        false => table(&visit, &groups),
    };
    if let Some(out) = crate::export::list(&asked, table)? {
        return Ok(out);
    }
    let body = html! {
        p { a href={ "/units/" (at.id) "/rounds/" (round) } { "← " (found.round.opened.name) }
            " · " a href={ "/units/" (at.id) "/coverage/" (coverage) } { (visit.say("本届规划", "The plan of the term")) } }
        p.help { (visit.say("在本届各轮中查找：同一方面、写法相近的问题。", "Looked for in all rounds of the term: of one aspect and worded alike.")) }
        h2 { (visit.say("两个以上组织共有的问题", "Problems of two units or more")) }
        @if groups.is_empty() { p.empty { (visit.say("没有发现。", "None was found.")) } }
        @for group in &groups { section.card {
            h3 { (group.first().map_or(String::new(), |line| crate::matter::heading(&visit, line).1))
                " " small { (units(group)) (visit.say(" 个组织", " units")) } }
            ul { @for line in group { li { a href={ "/units/" (line.matter.unit) "/matters/" (line.matter.id) } { (line.unit_name) } (visit.mark("："))
                (crate::matter::heading(&visit, line).1) " · " (line.matter.title) } } }
        } }
        @if !groups.is_empty() { (formats("?")) }
        h2 { (visit.say("销号后反弹", "Relapsed after closing")) }
        @if rates.is_empty() { p.empty { (visit.say("还没有销号的问题。", "Nothing has been closed yet.")) } }
        @else { table.list {
            thead { tr { th { (visit.say("组织", "Unit")) } th.num { (visit.say("反弹 / 销号过", "Relapsed / ever closed")) } th.num { "%" } } }
            @for ((unit, _), (back, all)) in &rates { tr { td { (unit) } td.num { (back) " / " (all) } td.num { (back * 100 / all.max(&1)) } } }
        } (formats("?relapsed=1&")) }
    };
    Ok(shell::page(&head, body).into_response())
}

/// Where each of the two lists can be had.
fn formats(question: &str) -> Markup {
    html! { p.formats { @for format in ["xlsx", "csv", "json"] { a href={ (question) "as=" (format) } { (format) } " " } } }
}

/// A row for each finding of a group.
fn table(visit: &Visit, groups: &[Vec<&Line>]) -> Table {
    let mut table = Table::new(visit.say("共性问题", "Shared problems"))
        .column("no", visit.say("组", "Group"), Kind::Number)
        .column("problem", visit.say("问题", "Problem"), Kind::Text)
        .column("unit", visit.say("组织", "Unit"), Kind::Text)
        .column("manifestation", visit.say("具体表现", "Manifestation"), Kind::Text)
        .key("unit_id")
        .key("matter_id");
    for (group, no) in groups.iter().zip(1_i64..) {
        table.rows.extend(group.iter().map(|line| {
            let problem = crate::matter::heading(visit, line).1;
            let words = [problem.into(), line.unit_name.as_str().into(), line.matter.title.as_str().into()];
            let keys = [Cell::Key(line.matter.unit), Cell::Key(line.matter.id)];
            std::iter::once(Cell::Number(no)).chain(words).chain(keys).collect()
        }));
    }
    table
}

fn rates_table(visit: &Visit, rates: &Rates) -> Table {
    let mut table = Table::new(visit.say("销号后反弹", "Relapsed after closing"))
        .column("unit", visit.say("组织", "Unit"), Kind::Text)
        .column("relapsed", visit.say("反弹", "Relapsed"), Kind::Number)
        .column("closed", visit.say("销号过", "Ever closed"), Kind::Number)
        .key("unit_id");
    let number = |n: &usize| Cell::Number(i64::try_from(*n).unwrap_or(0));
    let row = |((name, unit), (back, all)): (&(&str, i64), &(usize, usize))| {
        vec![(*name).into(), number(back), number(all), Cell::Key(*unit)]
    };
    table.rows = rates.iter().map(row).collect();
    table
}

/// How many units stand in a group.
fn units(group: &[&Line]) -> usize {
    let mut units: Vec<i64> = group.iter().map(|line| line.matter.unit).collect();
    units.sort_unstable();
    units.dedup();
    units.len()
}

/// Findings of one aspect whose problems are worded alike, in groups with more than one unit; the most units first.
fn alike(tree: &[Line]) -> Vec<Vec<&Line>> {
    let text = |line: &Line, key: &str| line.matter.data[key].as_str().unwrap_or_default().to_owned();
    let mut aspects: BTreeMap<String, Vec<&Line>> = BTreeMap::new();
    for line in findings(tree).filter(|line| !text(line, "problem").is_empty()) {
        aspects.entry(text(line, "aspect")).or_default().push(line);
    }
    let mut groups = Vec::new();
    for lines in aspects.values() {
        // each wording once: a problem has many manifestations
        let mut problems: Vec<String> = lines.iter().map(|line| text(line, "problem")).collect();
        problems.sort();
        problems.dedup();
        let names = Names::new(problems.iter().map(String::as_str));
        let mut left: Vec<usize> = (0..problems.len()).collect();
        while let Some(first) = left.first().copied() {
            let problem = problems.get(first).map_or("", String::as_str);
            let near: Vec<usize> = names.alike(problem, ALIKE).iter().map(|near| near.at).collect();
            let own: Vec<usize> = left.iter().copied().filter(|at| *at == first || near.contains(at)).collect();
            left.retain(|at| !own.contains(at));
            let words: Vec<&String> = own.iter().filter_map(|at| problems.get(*at)).collect();
            let group = lines.iter().copied().filter(|line| words.contains(&&text(line, "problem")));
            groups.push(group.collect::<Vec<&Line>>());
        }
    }
    groups.retain(|group| units(group) > 1);
    groups.sort_by_key(|group| std::cmp::Reverse(units(group)));
    groups
}

/// By unit, with its key: findings that relapsed, and those that were ever closed.
type Rates<'l> = BTreeMap<(&'l str, i64), (usize, usize)>;

fn relapses(tree: &[Line]) -> Rates<'_> {
    let mut rates = Rates::new();
    for line in findings(tree) {
        let went = |step: &str| line.matter.events.iter().any(|event| event.step == step);
        if went("closed") {
            let entry = rates.entry((&line.unit_name, line.matter.unit)).or_default();
            entry.0 += usize::from(went("relapsed"));
            entry.1 += 1;
        }
    }
    rates
}
