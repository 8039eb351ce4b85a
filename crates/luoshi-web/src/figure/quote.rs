//! Figures quoted in papers: frozen with their question and the digest of their rows, and looked at again later.

use super::exact;
use super::question::{Question, gather};
use super::rows::Rows;
use crate::export;
use crate::form::{Sent, one, operation};
use crate::shell::{self, Page, Part as Tab};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use luoshi_office::{Kind, Table};
use luoshi_rules::{Figure, Unit, Verb};
use luoshi_store::figure::{self, MOST_ROWS, Part, Quote};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A figure as it is quoted: with those it adds, and the day as known on which it was asked.
#[derive(Serialize, Deserialize)]
struct Frozen {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known: Option<Date>,
    /// the figure, then those it adds
    figure: Vec<Figure>,
}

impl Frozen {
    /// What was kept; the first ones kept the figure alone.
    fn read(text: &str) -> Option<Frozen> {
        let alone = || Some(Frozen { known: None, figure: vec![toml::from_str(text).ok()?] });
        toml::from_str(text).ok().or_else(alone)
    }
}

fn all_rows() -> Part {
    Part { most: MOST_ROWS, ..Part::default() }
}

/// The form that freezes the figure that is shown.
pub(super) fn form(visit: &Visit, question: &Question, key: &str) -> Markup {
    let asked = visit.address.split_once('?').map_or("", |(_, asked)| asked);
    html! {
        details { summary { (visit.say("引用到材料", "Quote it in a paper")) }
            form.stack method="post" action={ "/units/" (question.at.id) "/" (question.year) "/figures/" (key) "/quotes?" (asked) } {
                (shell::hidden(visit))
                label for="paper" { (visit.say("用于哪份材料", "In which paper")) }
                input #paper name="paper" required maxlength="200";
                p.help { (visit.say("会记下今天的口径、数值和全部明细的摘要，以后可以核对是否有变。", "Keeps today's definition, number and a digest of all rows, so that one can see later whether they have changed.")) }
                button { (visit.say("记为引用", "Keep as quoted")) }
            }
        }
    }
}

pub(super) async fn add(
    Place((id, Year(year), key)): Place<(i64, Year, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
    sent: Sent,
) -> Result<Response, Trouble> {
    let asked = gather(pairs);
    let visit = &sent.visit;
    visit.unit(id, Verb::Write).await?;
    let question = Question::read(visit, id, year, &asked).await?;
    let figure = question.figure(visit, &key, &asked)?;
    let frozen = Frozen { known: question.known, figure: question.with_added(&figure) };
    let lots = question.lots(visit, frozen.figure.clone()).await?;
    let n = luoshi_rules::figure::total(&question.parts(&lots, &figure, year));
    let Rows { rows, .. } = question.behind(visit, &figure, all_rows()).await?;
    let (first, last) = question.days(year);
    let text = toml::to_string(&frozen).map_err(Trouble::broken)?;
    let quote = Quote {
        id: 0,
        figure: text,
        first,
        last,
        n,
        rows: rows.len() as i64,
        digest: figure::digest(&rows),
        paper: one(&sent.fields, "paper").to_owned(),
        by: String::new(),
        on: visit.today,
    };
    let (rules, at) = (visit.rules.clone(), question.at.clone());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        let id = figure::quote(tx, &permit, &quote)?;
        Ok(format!("/units/{}/quotes/{id}", at.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

pub(super) async fn list(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let quotes = visit.app.read(move |tx| figure::quotes(tx, &scope, id)).await?;
    if let Some(out) = export::list(&asked, || table(&visit, &at, &quotes))? {
        return Ok(out);
    }
    let title = visit.say("引用过的数", "Figures quoted").to_owned();
    let page = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Tab::Figures };
    let body = html! {
        @if quotes.is_empty() { p.empty { (visit.say("还没有引用。打开一个数，选“引用到材料”。", "Nothing is quoted yet. Open a figure and choose “Quote it in a paper”.")) } }
        div.scroll { table.list {
            @for quote in &quotes { @if let Some(figure) = Frozen::read(&quote.figure).and_then(|frozen| frozen.figure.into_iter().next()) { tr {
                td { a href={ "/units/" (id) "/quotes/" (quote.id) } { (quote.paper) } }
                td { (figure.sentence(quote.n, visit.lang)) } td.nowrap { (quote.on) } td { (quote.by) }
            } } }
        } }
        @if !quotes.is_empty() { (shell::formats(&visit)) }
    };
    Ok(shell::page(&page, body).into_response())
}

/// What was quoted, as rows that can be taken away.
fn table(visit: &Visit, at: &Unit, quotes: &[Quote]) -> Table {
    let columns = [
        ("paper", "材料", "Paper", Kind::Text),
        ("figure", "数", "Figure", Kind::Text),
        ("n", "确数", "Exactly", Kind::Text),
        ("from", "自", "From", Kind::Date),
        ("until", "至", "Until", Kind::Date),
        ("rows", "明细条数", "Rows behind it", Kind::Number),
        ("on", "引用日期", "Quoted on", Kind::Date),
        ("by", "引用人", "Quoted by", Kind::Text),
        ("digest", "明细摘要值", "Digest of the rows", Kind::Text),
    ];
    let title = format!("{} {}", at.short_name, visit.say("引用过的数", "Figures quoted"));
    let mut table = export::head(visit, title, &columns);
    let row = |one: &Quote| {
        let figure = Frozen::read(&one.figure)?.figure.into_iter().next()?;
        Some(vec![
            one.paper.as_str().into(),
            figure.sentence(one.n, visit.lang).into(),
            exact(&figure, one.n, visit).into(),
            export::day(one.first),
            export::day(one.last),
            one.rows.into(),
            export::day(one.on),
            one.by.as_str().into(),
            one.digest.as_str().into(),
        ])
    };
    table.rows = quotes.iter().filter_map(row).collect();
    table
}

/// A quoted figure beside what the same question gives now.
pub(super) async fn show(visit: Visit, Place((id, quote)): Place<(i64, i64)>) -> Result<Markup, Trouble> {
    let question = Question::read(&visit, id, visit.year(), &HashMap::new()).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &question.at)?;
    let quotes = visit.app.read(move |tx| figure::quotes(tx, &scope, id)).await?;
    let quote = quotes.into_iter().find(|one| one.id == quote).ok_or(Trouble::NotFound)?;
    let frozen = Frozen::read(&quote.figure).ok_or(Trouble::NotFound)?;
    let figure = frozen.figure.first().cloned().ok_or(Trouble::NotFound)?;
    let months = (quote.first.month(), quote.last.month());
    // what it adds is as it was then, whatever the pack says now
    let figures = frozen.figure.iter().skip(1).chain(&question.figures).cloned().collect();
    let question = Question { year: quote.first.year(), months, figures, ..question };
    let lots = question.lots(&visit, question.with_added(&figure)).await?;
    let now = luoshi_rules::figure::total(&question.parts(&lots, &figure, question.year));
    let Rows { rows, .. } = question.behind(&visit, &figure, all_rows()).await?;
    let same = figure::digest(&rows) == quote.digest;
    let page = Page {
        visit: &visit,
        title: quote.paper.clone(),
        unit: Some(&question.at),
        year: 0,
        dated: "",
        part: Tab::Figures,
    };
    let body = html! {
        p { a href={ "/units/" (id) "/quotes" } { "← " (visit.say("引用过的数", "Figures quoted")) } }
        article.figure { p.number { (figure.words(quote.n, visit.lang)) } p { (figure.sentence(quote.n, visit.lang)) } }
        dl.facts {
            dt { (visit.say("引用时确数", "Exactly, when quoted")) } dd { (exact(&figure, quote.n, &visit)) (visit.say("，", ", ")) (quote.rows) " " (visit.say("条明细", "rows")) }
            dt { (visit.say("期间", "Period")) } dd { (quote.first) " – " (quote.last) }
            @if let Some(day) = frozen.known { dt { (visit.say("按当日所知", "As known on")) } dd { (day) } }
            dt { (visit.say("引用", "Quoted")) } dd { (quote.on) " " (quote.by) }
            dt { (visit.say("现在", "Now")) } dd { (exact(&figure, now, &visit)) (visit.say("，", ", ")) (rows.len()) " " (visit.say("条明细", "rows")) }
        }
        @if same { p.note { "● " (visit.say("明细没有变化。", "The rows are the same.")) } }
        @else { p.note { "▲ " (visit.say("引用之后明细有变化（补录、更正或撤回）。", "The rows have changed since: something was recorded later, corrected or withdrawn.")) } }
        p.help { (visit.say("明细摘要：", "Digest of the rows: ")) code { (quote.digest) } }
    };
    Ok(shell::page(&page, body))
}
