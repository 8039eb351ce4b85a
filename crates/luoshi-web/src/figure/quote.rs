//! Figures quoted in papers: frozen with their question and the digest of their rows, and looked at again later.

use super::question::{Question, gather};
use super::rows::Rows;
use super::{exact, number};
use crate::form::{Complaints, Sent, one, operation};
use crate::shell::{self, Page, Part as Tab};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::{Figure, Refusal, Unit, Verb};
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

/// The form that freezes the figure that is shown, folded.
pub(super) fn form(visit: &Visit, question: &Question, key: &str) -> Markup {
    html! {
        details { summary { (visit.say("引用到材料", "Quote it in a paper")) }
            (paper(visit, question, key, ("", &Complaints::default()))) }
    }
}

fn paper(visit: &Visit, question: &Question, key: &str, (typed, complaints): (&str, &Complaints)) -> Markup {
    let asked = visit.address.split_once('?').map_or("", |(_, asked)| asked);
    let help = visit.say("会记下今天的口径、数值和全部明细的摘要，以后可以核对是否有变。", "Keeps today's definition, number and a digest of all rows, so that one can see later whether they have changed.");
    html! {
        form.stack method="post" action={ "/units/" (question.at.id) "/" (question.year) "/figures/" (key) "/quotes?" (asked) } {
            (shell::hidden(visit))
            (shell::field(visit.lang, "paper", visit.say("用于哪份材料", "In which paper"), help, complaints, html! {
                input #paper name="paper" required maxlength="200" value=(typed); }))
            button { (visit.say("记为引用", "Keep as quoted")) }
        }
    }
}

/// The form as it was filled, with what was wrong.
fn refused(visit: &Visit, question: &Question, (key, typed): (&str, &str), refusal: Refusal) -> Response {
    let complaints = Complaints::new(vec![refusal]);
    let title = visit.say("引用到材料", "Quote it in a paper").to_owned();
    let head = Page { visit, title, unit: Some(&question.at), year: question.year, dated: "", part: Tab::Figures };
    let asked = visit.address.split_once('?').map_or("", |(_, asked)| asked);
    let body = html! {
        (shell::complaints(visit, &complaints))
        (paper(visit, question, key, (typed, &complaints)))
        p { a href={ "/units/" (question.at.id) "/" (question.year) "/figures/" (key) "?" (asked) } { (visit.say("返回这个数", "Back to the figure")) } }
    };
    complaints.answer(shell::page(&head, body))
}

/// What the question of a figure may be made of: it stands in the address of the page, and in the body a program sends.
const ASKED: [&str; 6] = ["kind", "count", "option", "from", "until", "known"];

pub(crate) async fn add(
    Place((id, Year(year), key)): Place<(i64, Year, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
    sent: Sent,
) -> Result<Response, Trouble> {
    let said = |key: &str| (key.to_owned(), one(&sent.fields, key).to_owned());
    let asked = gather(pairs.into_iter().chain(ASKED.map(said)).collect());
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
    match visit.act(operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal)) => Ok(refused(visit, &question, (&key, one(&sent.fields, "paper")), refusal)),
        done => Ok(done?.into_response()),
    }
}

pub(crate) async fn list(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let quotes = visit.app.read(move |tx| figure::quotes(tx, &scope, id)).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &quotes))? {
        return Ok(out);
    }
    let title = visit.say("引用过的数", "Figures quoted").to_owned();
    let page = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Tab::Figures };
    let body = html! {
        @if quotes.is_empty() { p.empty { (visit.say("还没有引用。打开一个数，选“引用到材料”。", "Nothing is quoted yet. Open a figure and choose “Quote it in a paper”.")) } }
        div.scroll { table.list {
            @for quote in &quotes { @if let Some(figure) = of(quote) { tr {
                td { a href={ "/units/" (id) "/quotes/" (quote.id) } { (quote.paper) } }
                td { (figure.sentence(quote.n, visit.lang)) } td.nowrap { (quote.on) } td { (quote.by) }
            } } }
        } }
        @if !quotes.is_empty() { (shell::formats(&visit)) }
    };
    Ok(shell::page(&page, body).into_response())
}

/// The figure that was quoted.
fn of(quote: &Quote) -> Option<Figure> {
    Frozen::read(&quote.figure)?.figure.into_iter().next()
}

fn table(visit: &Visit, quotes: &[Quote]) -> Table {
    let mut table = Table::new(visit.say("引用过的数", "Figures quoted"))
        .column("paper", visit.say("用于哪份材料", "In which paper"), Kind::Text)
        .column("sentence", visit.say("表述", "In words"), Kind::Text)
        .column("n", visit.say("数值", "Number"), Kind::Number)
        .column("first", visit.say("自", "From"), Kind::Date)
        .column("last", visit.say("至", "Until"), Kind::Date)
        .column("on", visit.say("引用日期", "Quoted on"), Kind::Date)
        .column("by", visit.say("引用人", "Quoted by"), Kind::Text)
        .key("id");
    let row = |quote: &Quote| {
        let figure = of(quote)?;
        let [first, last, on] = [quote.first, quote.last, quote.on].map(|day| Cell::Date(day.to_string()));
        let words = [quote.paper.as_str().into(), figure.sentence(quote.n, visit.lang).into()];
        let rest = [number(&figure, quote.n), first, last, on, quote.by.as_str().into(), Cell::Key(quote.id)];
        Some(words.into_iter().chain(rest).collect())
    };
    table.rows = quotes.iter().filter_map(row).collect();
    table
}

/// A quoted figure beside what the same question gives now.
pub(crate) struct Looked {
    pub at: Unit,
    pub quote: Quote,
    pub figure: Figure,
    pub known: Option<Date>,
    pub now: i64,
    pub rows: usize,
    pub same: bool,
}

/// Asks the question of a quote again.
pub(crate) async fn look(visit: &Visit, id: i64, quote: i64) -> Result<Looked, Trouble> {
    let question = Question::read(visit, id, visit.year(), &HashMap::new()).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &question.at)?;
    let quotes = visit.app.read(move |tx| figure::quotes(tx, &scope, id)).await?;
    let quote = quotes.into_iter().find(|one| one.id == quote).ok_or(Trouble::NotFound)?;
    let frozen = Frozen::read(&quote.figure).ok_or(Trouble::NotFound)?;
    let figure = frozen.figure.first().cloned().ok_or(Trouble::NotFound)?;
    let months = (quote.first.month(), quote.last.month());
    // what it adds is as it was then, whatever the pack says now
    let figures = frozen.figure.iter().skip(1).chain(&question.figures).cloned().collect();
    let question = Question { year: quote.first.year(), months, figures, ..question };
    let lots = question.lots(visit, question.with_added(&figure)).await?;
    let now = luoshi_rules::figure::total(&question.parts(&lots, &figure, question.year));
    let Rows { rows, .. } = question.behind(visit, &figure, all_rows()).await?;
    let same = figure::digest(&rows) == quote.digest;
    Ok(Looked { at: question.at, quote, figure, known: frozen.known, now, rows: rows.len(), same })
}

pub(super) async fn show(visit: Visit, Place((id, quote)): Place<(i64, i64)>) -> Result<Markup, Trouble> {
    let Looked { at, quote, figure, known, now, rows, same } = look(&visit, id, quote).await?;
    let page =
        Page { visit: &visit, title: quote.paper.clone(), unit: Some(&at), year: 0, dated: "", part: Tab::Figures };
    let body = html! {
        p { a href={ "/units/" (id) "/quotes" } { "← " (visit.say("引用过的数", "Figures quoted")) } }
        article.figure { p.number { (figure.words(quote.n, visit.lang)) } p { (figure.sentence(quote.n, visit.lang)) } }
        dl.facts {
            dt { (visit.say("引用时确数", "Exactly, when quoted")) } dd { (exact(&figure, quote.n, &visit)) (visit.say("，", ", ")) (quote.rows) " " (visit.say("条明细", "rows")) }
            dt { (visit.say("期间", "Period")) } dd { (quote.first) " – " (quote.last) }
            @if let Some(day) = known { dt { (visit.say("按当日所知", "As known on")) } dd { (day) } }
            dt { (visit.say("引用", "Quoted")) } dd { (quote.on) " " (quote.by) }
            dt { (visit.say("现在", "Now")) } dd { (exact(&figure, now, &visit)) (visit.say("，", ", ")) (rows) " " (visit.say("条明细", "rows")) }
        }
        @if same { p.note { "● " (visit.say("明细没有变化。", "The rows are the same.")) } }
        @else { p.note { "▲ " (visit.say("引用之后明细有变化（补录、更正或撤回）。", "The rows have changed since: something was recorded later, corrected or withdrawn.")) } }
        p.help { (visit.say("明细摘要：", "Digest of the rows: ")) code { (quote.digest) } }
    };
    Ok(shell::page(&page, body))
}
