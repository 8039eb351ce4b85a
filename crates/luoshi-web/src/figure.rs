//! Figures (数读): the year on one page, each number with its sentence, its classes and last year, and each opening
//! to what it is made of.

mod build;
mod one;
mod poster;
mod quote;
mod rows;

use crate::routes::Routes;
use crate::shell::{self, Page, Part as Tab};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::civil::{Date, date};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::campaign::Campaign;
use luoshi_rules::figure::{Lot, Part, by, total};
use luoshi_rules::{Figure, Label, Pack, Refusal, Unit, Verb};
use luoshi_store::figure::{self, Asked};
use maud::{Markup, html};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/{year}/figures", get(show))
        .route("/units/{unit}/{year}/figures/new", get(build::show))
        .route("/units/{unit}/{year}/figures/poster.svg", get(poster::show))
        .route("/units/{unit}/{year}/figures/{figure}", get(one::show))
        .route("/units/{unit}/{year}/figures/{figure}/rows", get(rows::show))
        .route("/units/{unit}/{year}/figures/{figure}/quotes", post(quote::add))
        .route("/units/{unit}/figures", post(build::keep))
        .route("/units/{unit}/figures/{figure}/drop", post(build::drop_own))
        .route("/units/{unit}/quotes", get(quote::list))
        .route("/units/{unit}/quotes/{quote}", get(quote::show))
}

/// The key of a figure that stands in the address alone.
const CUSTOM: &str = "custom";

/// What an address of figures asks for.
struct Question {
    at: Unit,
    year: i16,
    /// first and last month
    months: (i8, i8),
    known: Option<Date>,
    /// every figure one may open here, the unit's own last
    figures: Vec<Figure>,
    /// keys of the unit's own
    own: Vec<String>,
}

/// Figures of the year: those of lists in force, which replace those of the base pack with the same key, the others of
/// the base pack, and those of campaigns that ran in the year.
fn in_force(visit: &Visit, year: i16) -> Vec<Figure> {
    let lists =
        visit.rules.editions.iter().filter(|edition| edition.in_force(visit.today)).map(|edition| &edition.pack);
    let ran = |campaign: &Campaign| (campaign.from.year()..=campaign.until.year()).contains(&year);
    let (campaigns, lists): (Vec<_>, Vec<_>) = lists.partition(|pack| pack.campaign.is_some());
    let campaigns = campaigns.into_iter().filter(|pack| pack.campaign.as_ref().is_some_and(ran));
    let mut figures: Vec<Figure> = Vec::new();
    let own = lists.into_iter().flat_map(|pack| &pack.figure).chain(&visit.rules.base.figure);
    for figure in own.chain(campaigns.flat_map(|pack| &pack.figure)) {
        if figures.iter().all(|known| known.id != figure.id) {
            figures.push(figure.clone());
        }
    }
    figures
}

/// What was found: the units of the scope and what they did, this year and the one before.
struct Found {
    units: HashMap<i64, Unit>,
    lots: Arc<Vec<Lot>>,
}

impl Question {
    async fn read(visit: &Visit, id: i64, year: i16, asked: &HashMap<String, String>) -> Result<Question, Trouble> {
        let at = visit.unit(id, Verb::See).await?;
        let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
        let kept = visit.app.read(move |tx| figure::own(tx, &scope, id)).await?;
        let kept: Vec<Figure> = kept.iter().filter_map(|text| toml::from_str(text).ok()).collect();
        let own = kept.iter().map(|figure| figure.id.clone()).collect();
        let figures = in_force(visit, year).into_iter().chain(kept).collect();
        let month = |key: &str, otherwise: i8| match asked.get(key).filter(|text| !text.is_empty()) {
            None => Ok(otherwise),
            Some(text) => text
                .parse()
                .ok()
                .filter(|month| (1..=12).contains(month))
                .ok_or_else(|| Refusal::field(key, "月份为1至12", "a month is 1 to 12")),
        };
        let months = (month("from", 1)?, month("until", 12)?);
        if months.0 > months.1 {
            return Err(Refusal::rule("起始月份在结束月份之后", "the first month is after the last").into());
        }
        let known = crate::obligation::as_known(visit, asked)?;
        Ok(Question { at, year, months, known, figures, own })
    }

    /// The figure with a key, or the one the address describes.
    fn figure(&self, visit: &Visit, key: &str, asked: &HashMap<String, String>) -> Result<Figure, Trouble> {
        if key == CUSTOM {
            return build::read(visit, asked);
        }
        self.figures.iter().find(|figure| figure.id == key).cloned().ok_or(Trouble::NotFound)
    }

    /// A figure and those it adds, each once.
    fn with_added(&self, figure: &Figure) -> Vec<Figure> {
        let mut all = vec![figure.clone()];
        let mut at = 0;
        while let Some(one) = all.get(at).cloned() {
            let added = self.figures.iter().filter(|other| one.plus.contains(&other.id));
            let new: Vec<Figure> =
                added.filter(|other| all.iter().all(|known| known.id != other.id)).cloned().collect();
            all.extend(new);
            at += 1;
        }
        all
    }

    /// First and last day of the months of a year.
    fn days(&self, year: i16) -> (Date, Date) {
        (date(year, self.months.0, 1), date(year, self.months.1, 1).last_of_month())
    }

    /// The question to the store: all of this year and the one before, of which pages show their months.
    fn asked(&self, figures: Vec<Figure>) -> Asked {
        let (first, last) = (date(self.year - 1, 1, 1), date(self.year, 12, 31));
        Asked { figures, first, last, known: self.known }
    }

    /// What the figures are made of. For those that can be opened here it is kept with the ledger of the unit.
    async fn find(&self, visit: &Visit, figures: Vec<Figure>) -> Result<Found, Trouble> {
        let scope = visit.actor.scope(&visit.rules.base, Verb::See, &self.at)?;
        let ledger = crate::obligation::ledger(visit, &self.at, self.year, self.known).await?;
        let known = figures.iter().all(|figure| self.figures.contains(figure));
        let asked = self.asked(if known { self.figures.clone() } else { figures });
        let read = move |tx: &luoshi_store::Tx| {
            let lots = || figure::lots(tx, &scope, &asked);
            Ok((if known { ledger.lots(lots)? } else { Arc::new(lots()?) }, ledger.clone()))
        };
        let (lots, ledger) = visit.app.read(read).await?;
        Ok(Found { units: ledger.units.iter().map(|unit| (unit.id, unit.clone())).collect(), lots })
    }

    /// What a figure is made of in a year, with what it adds.
    fn parts(&self, found: &Found, figure: &Figure, year: i16) -> Vec<Part> {
        let within = |part: &Part| part.month.0 == year && (self.months.0..=self.months.1).contains(&part.month.1);
        let all = self.with_added(figure);
        all.iter().flat_map(|one| one.parts(&found.lots)).filter(within).collect()
    }

    /// What it was the year before. Of a year that is not over only the months that have begun are compared.
    fn before(&self, visit: &Visit, found: &Found, figure: &Figure) -> i64 {
        let last = if self.year == visit.today.year() { visit.today.month() } else { 12 };
        total(self.parts(found, figure, self.year - 1).iter().filter(|part| part.month.1 <= last))
    }
}

/// The figures of a year, each with its number and that of the year before.
pub(crate) async fn year(
    visit: &Visit,
    id: i64,
    year: i16,
    known: Option<Date>,
) -> Result<Vec<(Figure, i64, i64)>, Trouble> {
    let question = Question { known, ..Question::read(visit, id, year, &HashMap::new()).await? };
    let found = question.find(visit, question.figures.clone()).await?;
    let number = |figure: &Figure| {
        let n = total(&question.parts(&found, figure, year));
        (figure.clone(), n, question.before(visit, &found, figure))
    };
    Ok(question.figures.iter().map(number).collect())
}

async fn show(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let question = Question::read(&visit, id, year, &asked).await?;
    let found = question.find(&visit, question.figures.clone()).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &question, &found))? {
        return Ok(out);
    }
    let title = format!("{year} {}", visit.say("年数读", "in figures"));
    let page = Page { visit: &visit, title, unit: Some(&question.at), year, dated: "/figures", part: Tab::Figures };
    let body = html! {
        p.subtitle { (question.at.full_name) " · " (visit.say("截至 ", "as of ")) (question.known.unwrap_or(visit.today)) }
        div.figures { @for figure in &question.figures { (article(&visit, &question, &found, figure)) } }
        p.actions {
            a.button href={ "/units/" (id) "/" (year) "/figures/new" } { (visit.say("自己数一个", "Count something else")) } " "
            a.button href={ "/units/" (id) "/quotes" } { (visit.say("引用过的数", "Figures quoted")) } " "
            a.button href={ "/units/" (id) "/" (year) "/figures/poster.svg" } { (visit.say("分享图", "Picture to share")) }
        }
        (shell::formats(&visit))
    };
    Ok(shell::page(&page, body).into_response())
}

/// One number as a newspaper would set it.
fn article(visit: &Visit, question: &Question, found: &Found, figure: &Figure) -> Markup {
    let parts = question.parts(found, figure, question.year);
    let (now, before) = (total(&parts), question.before(visit, found, figure));
    let classes = by_class(found, &parts);
    let bars: Vec<(&str, String, i64)> = classes
        .iter()
        .zip(FILLS.iter().cycle())
        .map(|((class, n), fill)| (*fill, class_name(visit, class).to_owned(), *n))
        .collect();
    html! {
        article.figure {
            h2 { a href={ "/units/" (question.at.id) "/" (question.year) "/figures/" (figure.id) } { (visit.of(&figure.name)) } }
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

fn by_class(found: &Found, parts: &[Part]) -> BTreeMap<String, i64> {
    by(parts, |part| found.units.get(&part.unit).map(|unit| unit.class.clone()))
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
    let found = question.find(visit, question.figures.clone()).await?;
    let named = question.figures.iter().filter(|figure| wanted.contains(&figure.id.as_str()));
    Ok(named.map(|figure| (figure.id.clone(), total(&question.parts(&found, figure, question.year)))).collect())
}

/// What the figures of a campaign's own pack say of its days, each in a sentence; those of which there is nothing are
/// left out.
pub(crate) async fn said(visit: &Visit, at: &Unit, (pack, days): (&Pack, &Campaign)) -> Result<Vec<String>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let asked = Asked { figures: pack.figure.clone(), first: days.from, last: days.until, known: None };
    let lots = visit.app.read(move |tx| figure::lots(tx, &scope, &asked)).await?;
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

/// "+12 %", as a word and a shape.
fn trend(visit: &Visit, now: i64, before: i64) -> Markup {
    html! {
        @if before > 0 {
            @let change = (now - before) * 100 / before;
            @if change > 0 { "↑ " (change) "%" } @else if change < 0 { "↓ " (-change) "%" } @else { (visit.say("持平", "the same")) }
        }
    }
}

fn table(visit: &Visit, question: &Question, found: &Found) -> Table {
    let title = format!("{} {} {}", question.at.short_name, question.year, visit.say("年数读", "in figures"));
    let mut table = Table::new(title)
        .column("name", visit.say("名称", "Figure"), Kind::Text)
        .column("n", visit.say("数值", "Number"), Kind::Number)
        .column("measure", visit.say("单位", "Measure"), Kind::Text)
        .column("before", visit.say("上年同期", "A year before"), Kind::Number)
        .column("sentence", visit.say("表述", "In words"), Kind::Text);
    let row = |figure: &Figure| {
        let now = total(&question.parts(found, figure, question.year));
        let before = question.before(visit, found, figure);
        vec![
            visit.of(&figure.name).into(),
            number(figure, now),
            visit.of(&figure.measure.name()).into(),
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
