//! Mentors (导师) with the groups they guide.

use super::rules;
use crate::shell::{self, Page, Part as Nav};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::Verb;
use luoshi_rules::youth::Part;
use luoshi_store::youth::{self, Group, Turn};
use maud::{Markup, html};
use std::collections::HashMap;

pub(crate) async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::People).await?;
    rules(&visit)?;
    let (scope, today) = (visit.actor.scope(&visit.rules.base, Verb::People, &at)?, visit.today);
    let read = move |tx: &luoshi_store::Tx| Ok((youth::list(tx, &scope, today)?, youth::turns(tx, &scope, 0)?));
    let (groups, turns) = visit.app.read(read).await?;
    let guides = |one: &&Turn| one.part == Part::Mentor && one.until.is_none();
    let of = |one: &Turn| groups.iter().find(|group| group.id == one.group);
    let mut pairs: Vec<(&Turn, &Group)> = turns.iter().filter(guides).filter_map(|one| Some((one, of(one)?))).collect();
    pairs.sort_by_key(|(one, group)| (one.name.clone(), one.person, group.path.clone(), group.id));
    if let Some(out) = crate::export::list(&asked, || table(&visit, &pairs))? {
        return Ok(out);
    }
    let title = visit.say("青年小组导师", "Mentors of youth groups").to_owned();
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Nav::Units };
    let body = html! {
        (list(&visit, &pairs, &groups))
        p { a href={ "/units/" (id) "/groups" } { "← " (visit.say("青年小组", "Youth groups")) } }
    };
    Ok(shell::page(&head, body).into_response())
}

fn link(group: &Group) -> Markup {
    html! { a href={ "/units/" (group.unit) "/groups/" (group.id) } { (group.name) } " " small { (group.unit_name) } }
}

/// Each mentor with their groups, and the groups that have none.
fn list(visit: &Visit, pairs: &[(&Turn, &Group)], groups: &[Group]) -> Markup {
    let guided = |group: &&Group| pairs.iter().any(|(_, one)| one.id == group.id);
    let without: Vec<&Group> = groups.iter().filter(|group| !guided(group)).collect();
    let mentors = || pairs.chunk_by(|a, b| a.0.person == b.0.person).filter_map(|all| Some((all.first()?.0, all)));
    html! {
        p { (visit.say("导师 ", "Mentors: ")) b { (mentors().count()) } (visit.say(" 名，带组 ", ", groups guided: ")) b { (groups.len() - without.len()) } " / " (groups.len()) }
        @if pairs.is_empty() { p.empty { (visit.say("还没有导师。在小组页面上请一位。", "None yet: take one on the page of a group.")) } }
        table.list {
            thead { tr { th { (visit.say("导师", "Mentor")) } th { (visit.say("所带小组", "Groups")) } } }
            @for (mentor, all) in mentors() { tr {
                td { a href={ "/people/" (mentor.person) } { (mentor.name) } }
                td { ul { @for (turn, group) in all { li { (link(group)) " " small { (visit.say("自 ", "since ")) (turn.from) } } } } }
            } }
        }
        @if !pairs.is_empty() { (shell::formats(visit)) }
        @if !without.is_empty() {
            h2 { (visit.say("还没有导师的小组", "Groups without a mentor")) " " small { (without.len()) } }
            ul { @for group in &without { li { (link(group)) } } }
        }
    }
}

fn table(visit: &Visit, pairs: &[(&Turn, &Group)]) -> Table {
    let mut table = Table::new(visit.say("青年小组导师", "Mentors of youth groups"))
        .column("mentor", visit.say("导师", "Mentor"), Sort::Text)
        .column("group", visit.say("小组", "Group"), Sort::Text)
        .column("unit", visit.say("组织", "Unit"), Sort::Text)
        .column("since", visit.say("自", "Since"), Sort::Date)
        .key("person_id")
        .key("group_id")
        .key("unit_id");
    let row = |(turn, group): &(&Turn, &Group)| {
        let texts = [turn.name.as_str(), group.name.as_str(), group.unit_name.as_str()].map(Cell::from);
        let keys = [turn.person, group.id, group.unit].map(Cell::Key);
        texts.into_iter().chain([Cell::Date(turn.from.to_string())]).chain(keys).collect()
    };
    table.rows = pairs.iter().map(row).collect();
    table
}
