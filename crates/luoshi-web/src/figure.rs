//! Figures (数读): the year on one page, each number with its sentence, its classes and last year, and each opening
//! to what it is made of.

pub(crate) mod build;
mod definition;
mod kept;
pub(crate) mod one;
pub(crate) mod people;
mod poster;
pub(crate) mod question;
pub(crate) mod quote;
pub(crate) mod rows;

use crate::routes::Routes;
use crate::shell::{self, Page, Part as Tab};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::civil::Date;
pub(crate) use kept::{Lots, Slot};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::campaign::Campaign;
use luoshi_rules::figure::{Lot, Part, by, total};
use luoshi_rules::{Figure, Label, Pack, Unit, Verb};
use luoshi_store::figure::Asked;
use luoshi_store::rollup::{self, Span};
use luoshi_store::unit::{self, Merged};
use maud::{Markup, html};
use question::Question;
use std::collections::HashMap;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/{year}/figures", get(show))
        .route("/units/{unit}/{year}/figures/new", get(build::show))
        .route("/units/{unit}/{year}/figures/poster.svg", get(poster::show))
        .route("/units/{unit}/{year}/figures/{figure}", get(one::show))
        .route("/units/{unit}/{year}/figures/{figure}/rows", get(rows::show))
        .route("/units/{unit}/{year}/figures/{figure}/people", get(people::show))
        .route("/units/{unit}/{year}/figures/{figure}/quotes", post(quote::add))
        .route("/units/{unit}/figures", post(build::keep))
        .route("/units/{unit}/figures/{figure}/drop", post(build::drop_own))
        .route("/units/{unit}/quotes", get(quote::list))
        .route("/units/{unit}/quotes/{quote}", get(quote::show))
}

/// The key of a figure that stands in the address alone.
const CUSTOM: &str = "custom";

/// The figures of a year, each with its number and that of the year before.
pub(crate) async fn year(
    visit: &Visit,
    id: i64,
    year: i16,
    known: Option<Date>,
) -> Result<Vec<(Figure, i64, i64)>, Trouble> {
    let asked = known.map(|day| ("known".to_owned(), day.to_string()));
    let question = Question::read(visit, id, year, &asked.into_iter().collect()).await?;
    let lots = question.lots(visit, question.figures.clone()).await?;
    let number = |figure: &Figure| {
        let n = total(&question.parts(&lots, figure, year));
        (figure.clone(), n, question.before(&lots, figure))
    };
    Ok(question.figures.iter().map(number).collect())
}

async fn show(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let question = Question::read(&visit, id, year, &asked).await?;
    let lots = question.lots(&visit, question.figures.clone()).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &question, &lots))? {
        return Ok(out);
    }
    let title = format!("{year} {}", visit.say("年数读", "in figures"));
    let known = question.known.map_or(String::new(), |day| format!("?known={day}"));
    let page = Page { visit: &visit, title, unit: Some(&question.at), year, dated: "/figures", part: Tab::Figures };
    let body = html! {
        p.subtitle { (question.at.full_name) " · " (visit.say("截至 ", "as of ")) (question.known.unwrap_or(visit.today)) }
        (known_form(&visit, &asked))
        (heir(&visit, &merged(&visit, &question.at).await?, year))
        div.figures { @for figure in &question.figures { (article(&visit, &question, &lots, figure)) } }
        p.actions {
            a.button href={ "/units/" (id) "/" (year) "/figures/new" } { (visit.say("自己数一个", "Count something else")) } " "
            a.button href={ "/units/" (id) "/quotes" } { (visit.say("引用过的数", "Figures quoted")) } " "
            a.button data-png={ "figures-" (year) ".png" } href={ "/units/" (id) "/" (year) "/figures/poster.svg" (known) } { (visit.say("分享图", "Picture to share")) }
        }
        (shell::formats(&visit))
    };
    Ok(shell::page(&page, body).into_response())
}

/// One number as a newspaper would set it.
fn article(visit: &Visit, question: &Question, lots: &[Lot], figure: &Figure) -> Markup {
    let parts = question.parts(lots, figure, question.year);
    let (now, before) = (total(&parts), question.before(lots, figure));
    let classes = by_class(visit, &parts);
    let known = question.known.map_or(String::new(), |day| format!("?known={day}"));
    let bars: Vec<(&str, String, i64)> = classes
        .iter()
        .zip(FILLS.iter().cycle())
        .map(|((class, n), fill)| (*fill, format!("{} {}", class_name(visit, class), exact(figure, *n, visit)), *n))
        .collect();
    html! {
        article.figure {
            h2 { a href={ "/units/" (question.at.id) "/" (question.year) "/figures/" (figure.id) (known) } { (visit.of(&figure.name)) } }
            p.number { (figure.words(now, visit.lang)) }
            p { (figure.sentence(now, visit.lang)) (visit.say("。", ".")) }
            @if now > 0 { (shell::bars(&bars)) }
            p.help { @for ((class, n), fill) in classes.iter().zip(FILLS.iter().cycle()) {
                span.nowrap { span.(fill) aria-hidden="true" { "■" } " " (class_name(visit, class)) " " (exact(figure, *n, visit)) } "　" } }
            p.help { (visit.say("上年同期 ", "a year before: ")) (exact(figure, before, visit)) " " (trend(visit, now, before)) }
        }
    }
}

/// Colours of classes, by the names of the style sheet.
const FILLS: [&str; 4] = ["met", "open", "late", "awaiting"];

/// By class of unit, in the order of the pack.
fn by_class<'l>(visit: &Visit, parts: &[Part<'l>]) -> Vec<(&'l str, i64)> {
    let classes = &visit.rules.base.class;
    let place = |class: &str| classes.iter().position(|one| one.id == class).unwrap_or(classes.len());
    by(parts, |part| Some((place(&part.lot.class), &*part.lot.class)))
        .into_iter()
        .map(|((_, class), n)| (class, n))
        .collect()
}

/// The day as known on which the figures are asked.
fn known_form(visit: &Visit, asked: &HashMap<String, String>) -> Markup {
    let known = asked.get("known").map_or("", String::as_str);
    html! {
        form.filters method="get" {
            @for (key, value) in asked.iter().filter(|(key, _)| !["known", "as", "after"].contains(&key.as_str())) {
                input type="hidden" name=(key) value=(value);
            }
            label { (visit.say("按当日所知 ", "As known on ")) input type="date" name="known" value=(known) max=(visit.today); }
            button { (visit.say("查看", "Show")) }
            @if !known.is_empty() { a href={ "?" (one::with(asked, "known", "")) } { (visit.say("看现在的", "As known now")) } }
        }
    }
}

/// The units that were merged into one.
async fn merged(visit: &Visit, at: &Unit) -> Result<Vec<Merged>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    visit.app.read(move |tx| unit::merged(tx, &scope)).await
}

/// That a unit took over others, whose work of before is counted with them.
fn heir(visit: &Visit, merged: &[Merged], year: i16) -> Markup {
    html! { @for one in merged { p.note {
        (one.name) (visit.say("已于 ", " was merged into this unit on ")) (one.on)
        (visit.say(" 并入本组织；此前的工作仍计在原组织名下", "; what it did before is counted with it"))
        @if one.on.year() >= year { (visit.say("，不在下列各数之内（每个数的页面另行列出）", " and not in the numbers below (the page of each tells it apart)")) }
        (visit.say("。", "."))
    } } }
}

fn class_name<'a>(visit: &'a Visit, class: &'a str) -> &'a str {
    luoshi_rules::pack::name_of(&visit.rules.base.class, class).map_or(class, |label| visit.of(label))
}

/// Figures of a unit with all below, this year, by their keys.
pub(crate) async fn values(visit: &Visit, at: &Unit, wanted: &[&str]) -> Result<Vec<(String, i64)>, Trouble> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let question = Question::read(visit, at.id, visit.year(), &HashMap::new()).await?;
    let lots = question.lots(visit, question.figures.clone()).await?;
    let named = question.figures.iter().filter(|figure| wanted.contains(&figure.id.as_str()));
    Ok(named.map(|figure| (figure.id.clone(), total(&question.parts(&lots, figure, question.year)))).collect())
}

/// What the figures of a campaign's own pack say of its days, each in a sentence; those of which there is nothing are
/// left out.
pub(crate) async fn said(visit: &Visit, at: &Unit, (pack, days): (&Pack, &Campaign)) -> Result<Vec<String>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let (first, last) = (days.from, days.until);
    let asked = Asked { figures: pack.figure.clone(), first, last, known: None, by_below: false };
    let lots = visit.app.read(move |tx| rollup::lots(tx, &scope, &asked, &Span::between(first, last))).await?;
    let number = |figure: &Figure| {
        let added = pack.figure.iter().filter(|other| figure.plus.contains(&other.id));
        total(&added.chain([figure]).flat_map(|one| one.parts(&lots)).collect::<Vec<_>>())
    };
    let numbers = pack.figure.iter().map(|figure| (figure, number(figure))).filter(|(_, n)| *n > 0);
    Ok(numbers.map(|(figure, n)| figure.sentence(n, visit.lang)).collect())
}

/// A number of a figure without rounding.
fn exact(figure: &Figure, n: i64, visit: &Visit) -> String {
    Figure { about: None, ..figure.clone() }.words(n, visit.lang)
}

/// "↑ 12%", as a word and a shape.
fn trend(visit: &Visit, now: i64, before: i64) -> Markup {
    let share = |change: i64| match change * 100 / before.max(1) {
        0 => visit.say("不到1%", "less than 1%").to_owned(),
        share @ 1..1_000 => format!("{share}%"),
        // beside next to nothing a share says nothing
        share => format!("{}{}", share / 100, visit.say("倍", " times")),
    };
    html! {
        @if before > 0 { @match now - before {
            0 => (visit.say("持平", "the same")),
            up @ 1.. => { "↑ " (share(up)) },
            down => { "↓ " (share(-down)) },
        } }
    }
}

fn table(visit: &Visit, question: &Question, lots: &[Lot]) -> Table {
    let title = format!("{} {} {}", question.at.short_name, question.year, visit.say("年数读", "in figures"));
    let mut table = Table::new(title)
        .column("name", visit.say("名称", "Figure"), Kind::Text)
        .column("n", visit.say("数值", "Number"), Kind::Number)
        .column("measure", visit.say("单位", "Measure"), Kind::Text)
        .column("before", visit.say("上年同期", "A year before"), Kind::Number)
        .column("sentence", visit.say("表述", "In words"), Kind::Text);
    let row = |figure: &Figure| {
        let now = total(&question.parts(lots, figure, question.year));
        let before = question.before(lots, figure);
        vec![
            visit.of(&figure.name).into(),
            number(figure, now),
            visit.of(&figure.unit()).into(),
            number(figure, before),
            figure.sentence(now, visit.lang).into(),
        ]
    };
    table.rows = question.figures.iter().map(row).collect();
    table
}

/// A number as a cell: money in yuan.
fn number(figure: &Figure, n: i64) -> Cell {
    match figure.measure {
        luoshi_rules::figure::Measure::Fen => Cell::Money(n),
        _ => Cell::Number(n),
    }
}

/// A label of two wordings that are the same, for what a user named.
fn named(text: &str) -> Label {
    Label::new(text, text)
}
