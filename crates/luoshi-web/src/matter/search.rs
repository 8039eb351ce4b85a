//! Finding matters by words of their title, wording and notes, in Chinese or by the pinyin of the title; and people, on
//! the same page.

use super::stock::address;
use super::{stands, touched};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::matter::words;
use luoshi_rules::{Unit, Verb};
use luoshi_store::matter::{self, Depth, Line, Tier};
use luoshi_store::person;
use luoshi_text::pinyin;
use luoshi_text::search::{Found as Text, Query as Words, Texts, tokens};
use maud::{Markup, html};
use std::collections::HashMap;

/// Most matters a search shows.
pub(super) const MOST: usize = 50;
/// Most people it shows.
const PEOPLE: usize = 10;
/// Among how many of those who fit it looks for the best.
const AMONG: i64 = 500;

/// A matter that was found, and where.
pub(crate) struct Hit {
    pub line: Line,
    text: Text,
}

/// What was found, the best first.
pub(crate) struct Found {
    pub hits: Vec<Hit>,
    /// whether there may be more
    pub more: bool,
}

fn texts(words: &words::Words) -> Texts<'_> {
    Texts { title: &words.title, wording: &words.wording, notes: &words.notes }
}

/// The tokens under which the words of a matter are kept.
pub fn tokens_of(words: &words::Words) -> Vec<String> {
    tokens(&texts(words))
}

/// Matters of a subtree in which the words stand: the title before the wording before the notes, then the newest.
pub(crate) async fn found(visit: &Visit, at: &Unit, typed: &str, most: usize) -> Result<Found, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let Some(query) = Words::new(typed) else { return Ok(Found { hits: Vec::new(), more: false }) };
    let rules = visit.rules.clone();
    let read = move |tx: &luoshi_store::Tx| {
        let way = |(groups, texts): (matter::Groups, u8)| Tier {
            groups,
            depth: if texts == 3 { Depth::Whole } else { Depth::Opening },
        };
        let tiers: Vec<Tier> = query.ways().into_iter().map(way).collect();
        let judge = |line: &Line| {
            let text = query.find(&texts(&words::of(&rules.base, &line.matter)))?;
            Some(Hit { text, line: line.clone() })
        };
        matter::seek(tx, &scope, (&tiers, most), judge)
    };
    let matter::Found { mut hits, more } = visit.app.read(read).await?;
    hits.sort_by_key(|hit| (hit.text.rank, std::cmp::Reverse(hit.line.matter.id)));
    let more = more || hits.len() > most;
    hits.truncate(most);
    Ok(Found { hits, more })
}

pub(crate) async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let typed: String = asked.get("q").map_or("", |typed| typed.trim()).chars().take(60).collect();
    let found = found(&visit, &at, &typed, MOST).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &found))? {
        return Ok(out);
    }
    let people = people(&visit, &at, &typed).await?;
    let title = visit.say("查找", "Find").to_owned();
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::FollowUp };
    let body = html! {
        form.inline method="get" role="search" {
            input type="search" name="q" value=(typed) maxlength="60" aria-label=(visit.say("查找", "Find"))
                placeholder=(visit.say("字词、拼音或首字母", "Words, pinyin or initials"));
            button { (visit.say("查找", "Find")) }
        }
        @if typed.is_empty() { p.empty { (visit.say("输入人名，或事项的标题、内容、办理情况中的字词；几个词之间加空格。",
            "Type a name, or words of the title, the wording or the notes of matters; spaces between several.")) } }
        @else { (people) (matters(&visit, &at, &found)) }
    };
    Ok(shell::page(&head, body).into_response())
}

/// The matters that were found, as rows that can be taken away.
fn table(visit: &Visit, found: &Found) -> Table {
    let columns = [
        ("title", "事项", "Matter", Kind::Text),
        ("passage", "找到的文字", "Passage", Kind::Text),
        ("unit", "组织", "Unit", Kind::Text),
        ("state", "状态", "State", Kind::Text),
        ("moved", "最近变动", "Last moved", Kind::Date),
    ];
    let mut table =
        crate::export::head(visit, visit.say("找到的事项", "Matters found"), &columns).key("id").key("unit_id");
    let plain = |pieces: &[(bool, String)]| pieces.iter().map(|(_, piece)| piece.as_str()).collect::<String>();
    let row = |hit: &Hit| {
        let matter = &hit.line.matter;
        vec![
            plain(&hit.text.title).into(),
            plain(&hit.text.passage).into(),
            hit.line.unit_name.as_str().into(),
            stands(visit, &hit.line).into(),
            crate::export::day(touched(&hit.line)),
            Cell::Key(matter.id),
            Cell::Key(matter.unit),
        ]
    };
    table.rows = found.hits.iter().map(row).collect();
    table
}

fn matters(visit: &Visit, at: &Unit, found: &Found) -> Markup {
    html! {
        section.card {
            h2 { (visit.say("事项", "Matters")) " " small { (found.hits.len()) @if found.more { "+" } } }
            @if found.hits.is_empty() { p.empty { (visit.say("没有找到这样的事项。换个词，或少输入几个字试试。", "No such matter. Try another word, or fewer characters.")) } }
            table.list { @for hit in &found.hits { tr {
                td { a href=(address(at, &hit.line)) { (marked(&hit.text.title)) }
                    @if !hit.text.passage.is_empty() { br; small { (marked(&hit.text.passage)) } } }
                td { (hit.line.unit_name) } td.nowrap { (stands(visit, &hit.line)) } td.nowrap { (touched(&hit.line)) }
            } } }
            @if !found.hits.is_empty() { (shell::formats(visit)) }
            @if found.more { p.help { (visit.say("先列最相符的，可能还有更多：请再加一个词。", "The best of them; there may be more: add a word.")) } }
        }
    }
}

fn marked(pieces: &[(bool, String)]) -> Markup {
    html! { @for (found, piece) in pieces { @if *found { mark { (piece) } } @else { (piece) } } }
}

/// People of that name, for who may read the roll.
async fn people(visit: &Visit, at: &Unit, typed: &str) -> Result<Markup, Trouble> {
    if typed.is_empty() || !visit.may(Verb::People, at) {
        return Ok(html! {});
    }
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, at)?;
    let search = pinyin::query(typed);
    let filter = person::Filter { search: search.clone(), most: AMONG, ..person::Filter::default() };
    let mut people = visit.app.read(move |tx| person::list(tx, &scope, &filter)).await?;
    people.sort_by_key(|(_, reading)| pinyin::rank(reading, &search));
    let more = people.len() > PEOPLE;
    people.truncate(PEOPLE);
    let mut all = form_urlencoded::Serializer::new(format!("/units/{}/people?", at.id));
    all.append_pair("q", typed);
    let all = all.finish();
    Ok(html! {
        section.card {
            h2 { (visit.say("人员", "People")) " " small { (people.len()) @if more { "+" } } }
            @if people.is_empty() { p.empty { (visit.say("没有这样的人员。", "Nobody of that name.")) } }
            table.list { @for (one, _) in &people { tr { td { a href={ "/people/" (one.id) } { (one.name) } } td { (one.unit_name) } } } }
            @if !people.is_empty() { p { a.button href=(all) { (visit.say("在名册中查看", "See in the roll")) } } }
        }
    })
}
