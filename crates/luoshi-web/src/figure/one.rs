//! One figure opened: what it counts and what not, its parts, its months beside last year's, and the way to its rows.

use super::question::{Question, gather};
use super::{CUSTOM, build, by_class, class_name, exact, number, trend};
use crate::shell::{self, Page, Part as Tab};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::figure::{Counted, Lot, Part, by, by_option, total};
use luoshi_rules::record::Holds;
use luoshi_rules::{Figure, Kind as RecordKind, Lang, Verb};
use luoshi_store::unit;
use maud::{Markup, html};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A part of a figure in a table: its name, the address of its rows, and how much.
pub(crate) struct Line {
    pub name: String,
    rows: String,
    pub n: i64,
}

/// A figure with what it is made of.
pub(crate) struct Opened {
    pub question: Question,
    pub figure: Figure,
    pub lots: Arc<Vec<Lot>>,
    pub lines: Vec<Line>,
}

impl Opened {
    /// The number, and that of a year before.
    pub fn numbers(&self) -> (i64, i64) {
        let parts = self.question.parts(&self.lots, &self.figure, self.question.year);
        (total(&parts), self.question.before(&self.lots, &self.figure))
    }
}

/// Opens the figure with a key, or the one that is described by what is asked.
pub(crate) async fn open(
    visit: &Visit,
    (id, year, key): (i64, i16, &str),
    asked: &HashMap<String, String>,
) -> Result<Opened, Trouble> {
    let question = Question::read(visit, id, year, asked).await?;
    let figure = question.figure(visit, key, asked)?;
    let lots = question.lots(visit, question.with_added(&figure)).await?;
    let ground = Ground { visit, question: &question, figure: &figure, key, asked };
    let lines = ground.lines(&lots).await?;
    Ok(Opened { lines, question, figure, lots })
}

pub(super) async fn show(
    visit: Visit,
    Place((id, Year(year), key)): Place<(i64, Year, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let asked = gather(pairs);
    let Opened { question, figure, lots, lines } = open(&visit, (id, year, &key), &asked).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &question, &figure, &lines))? {
        return Ok(out);
    }
    let title = titled(&visit, &figure);
    let page = Page { visit: &visit, title, unit: Some(&question.at), year, dated: "", part: Tab::Figures };
    let parts = question.parts(&lots, &figure, year);
    let body = html! {
        p { a href={ "/units/" (id) "/" (year) "/figures" } { "← " (year) " " (visit.say("年数读", "in figures")) } }
        (super::known_form(&visit, &asked))
        (head(&visit, &question, &figure, &lots))
        (mergers(&visit, &question, &figure, &question.before_mergers(&visit, &figure).await?))
        (ways(&question, &visit, (&figure, &key), &asked))
        (breakdown(&visit, &asked, &figure, &lines, total(&parts)))
        h2 { (visit.say("按月，与上年比", "By month, beside the year before")) }
        (months(&visit, &question, &lots, &figure))
        (super::definition::show(&visit, &question, &figure))
        @if visit.may(Verb::Write, &question.at) { (super::quote::form(&visit, &question, &key)) }
        @if question.own.contains(&key) && visit.may(Verb::Write, &question.at) {
            form method="post" action={ "/units/" (id) "/figures/" (key) "/drop" } {
                (shell::hidden(&visit)) button { (visit.say("不再显示这个数", "Take this figure off the page")) } }
        }
        (shell::formats(&visit))
    };
    Ok(shell::page(&page, body).into_response())
}

/// The ways to the records behind it, and to the people where people are counted.
fn ways(question: &Question, visit: &Visit, (figure, key): (&Figure, &str), asked: &HashMap<String, String>) -> Markup {
    let base = format!("/units/{}/{}/figures/{key}", question.at.id, question.year);
    html! {
        p.actions {
            a.button href={ (base) "/rows?" (with(asked, "by", "")) } { (visit.say("打开明细", "Open the rows")) } " "
            @if figure.count == Counted::People {
                a.button href={ (base) "/people?" (with(asked, "by", "")) } { (visit.say("看是哪些人", "Who they are")) }
            }
        }
    }
}

/// What the units merged into this one did before, told apart.
fn mergers(visit: &Visit, question: &Question, figure: &Figure, merged: &[(i64, String, Date, i64)]) -> Markup {
    html! { @for (unit, name, on, n) in merged { p.note {
        (name) (visit.say("已于 ", " was merged into this unit on ")) (on) (visit.say(" 并入本组织，并入前在 ", "; before, in "))
        (question.year) (visit.say(" 年为 ", " it had ")) b { (exact(figure, *n, visit)) } (visit.say("，不在上数之内。", ", which is not in the number above. "))
        @if question.at.id == question.at.top { a href={ "/units/" (unit) "/" (question.year) "/figures" } { (visit.say("看原组织的数", "Figures of that unit")) } }
    } } }
}

fn head(visit: &Visit, question: &Question, figure: &Figure, lots: &[Lot]) -> Markup {
    let now = total(&question.parts(lots, figure, question.year));
    let before = question.before(lots, figure);
    html! {
        article.figure {
            p.number { (figure.words(now, visit.lang)) }
            @if !figure.sentence.zh.is_empty() { p { (figure.sentence(now, visit.lang)) (visit.say("。", ".")) } }
            p.help { (visit.say("确数 ", "exactly ")) b { (exact(figure, now, visit)) } " · "
                (visit.say("上年同期 ", "a year before: ")) (exact(figure, before, visit)) " " (trend(visit, now, before)) }
        }
    }
}

/// The question part of an address, with one key set anew.
pub(super) fn with(asked: &HashMap<String, String>, key: &str, value: &str) -> String {
    let mut pairs: Vec<(&str, &str)> = asked
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .filter(|(one, _)| !["as", "after", key].contains(one))
        .collect();
    pairs.push((key, value));
    pairs.sort_unstable();
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()))
        .finish()
}

/// What the lines of a breakdown are made of.
struct Ground<'a> {
    visit: &'a Visit,
    question: &'a Question,
    figure: &'a Figure,
    key: &'a str,
    asked: &'a HashMap<String, String>,
}

impl Ground<'_> {
    fn rows(&self, unit: i64, asked: &str) -> String {
        format!("/units/{unit}/{}/figures/{}/rows?{asked}", self.question.year, self.key)
    }

    /// The rows of a unit below. It does not know the figures another unit keeps for itself: there it is described.
    fn rows_below(&self, unit: i64) -> String {
        let own = unit != self.question.at.id && self.question.own.iter().any(|own| own == self.key);
        if !own {
            return self.rows(unit, &with(self.asked, "by", ""));
        }
        let mut asked = build::address(self.figure);
        asked.extend(self.asked.iter().map(|(key, value)| (key.clone(), value.clone())));
        format!("/units/{unit}/{}/figures/{CUSTOM}/rows?{}", self.question.year, with(&asked, "by", ""))
    }

    /// The lines of the breakdown that is asked for.
    async fn lines(&self, lots: &[Lot]) -> Result<Vec<Line>, Trouble> {
        let parts = self.question.parts(lots, self.figure, self.question.year);
        let Ground { visit, question, asked, .. } = *self;
        let (at, year) = (question.at.id, question.year);
        let line = |name: &str, asked: &str, n: i64| Line { name: name.to_owned(), rows: self.rows(at, asked), n };
        let how = asked.get("by").map(String::as_str).unwrap_or_default();
        if let Some(field) = how.strip_prefix("choice:") {
            let groups = by_option(&parts, field).into_iter();
            let choice = |option: &str| with(asked, "choice", &format!("{field}:{option}"));
            let mut lines: Vec<Line> = Vec::new();
            for (option, n) in groups {
                let mut line = line(&option_name(visit, self.figure, field, &option), &choice(&option), n);
                if option.is_empty() {
                    // records are found by what was chosen, not by what was left open
                    line.rows.clear();
                }
                lines.push(line);
            }
            return Ok(lines);
        }
        Ok(match how {
            "level" => by(&parts, |part| Some((level_place(visit, &part.lot.level), &*part.lot.level)))
                .into_iter()
                .map(|((_, level), n)| line(&level_name(visit, level), &with(asked, "level", level), n))
                .collect(),
            "unit" => return self.by_unit().await,
            "month" => by(&parts, |part| Some(part.lot.month.1))
                .into_iter()
                .map(|(m, n)| {
                    let asked = with(asked, "from", &m.to_string());
                    let asked: HashMap<String, String> =
                        form_urlencoded::parse(asked.as_bytes()).into_owned().collect();
                    line(&format!("{year}-{m:02}"), &with(&asked, "until", &m.to_string()), n)
                })
                .collect(),
            _ => by_class(visit, &parts)
                .into_iter()
                .map(|(class, n)| line(class_name(visit, class), &with(asked, "class", class), n))
                .collect(),
        })
    }

    /// The units directly below, each with all that was below it, and the unit itself. One that has left since stands
    /// under its name without a way to its rows.
    async fn by_unit(&self) -> Result<Vec<Line>, Trouble> {
        let Ground { visit, question, .. } = *self;
        let scope = visit.actor.scope(&visit.rules.base, Verb::See, &question.at)?;
        let units = visit.app.read(move |tx| unit::list(tx, &scope)).await?;
        let lots = question.lots_by_below(visit, question.with_added(self.figure)).await?;
        let parts = question.parts(&lots, self.figure, question.year);
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (at, unit) in units.iter().enumerate() {
            for path in std::iter::once(&unit.path).chain(unit.past.iter().map(|past| &past.path)) {
                places.entry(path.as_str()).or_insert(at);
            }
        }
        let place = |part: &Part| places.get(&*part.lot.below).copied().or(Some(usize::MAX));
        let line = |(at, n): (usize, i64)| match units.get(at) {
            Some(unit) => Line { name: unit.short_name.clone(), rows: self.rows_below(unit.id), n },
            None => Line {
                name: visit.say("已划出的组织", "units that have left").to_owned(), rows: String::new(), n
            },
        };
        Ok(by(&parts, place).into_iter().map(line).collect())
    }
}

/// Where a level stands in the pack, the highest first.
fn level_place(visit: &Visit, level: &str) -> usize {
    visit.rules.base.level.iter().position(|one| one.id == level).unwrap_or(usize::MAX)
}

fn level_name(visit: &Visit, level: &str) -> String {
    visit.rules.base.level(level).map_or(level, |level| visit.of(&level.name)).to_owned()
}

/// The ways to part a figure of some kinds: the last are the choice fields of its kinds, each once.
pub(super) fn sorts(visit: &Visit, kinds: &[&RecordKind]) -> Vec<(String, String)> {
    let known = [
        ("class", visit.say("按单位类别", "By class of unit")),
        ("level", visit.say("按级别", "By level")),
        ("unit", visit.say("按下级组织", "By unit below")),
        ("month", visit.say("按月", "By month")),
    ];
    let mut all: Vec<(String, String)> = known.map(|(key, words)| (key.to_owned(), words.to_owned())).into();
    for field in kinds.iter().flat_map(|kind| &kind.field) {
        let key = format!("choice:{}", field.id);
        if matches!(field.holds, Holds::Choice | Holds::Choices) && all.iter().all(|(known, _)| *known != key) {
            let name = visit.of(&field.name);
            all.push((
                key,
                match visit.lang {
                    Lang::Zh => format!("按{name}"),
                    Lang::En => format!("By {}", name.to_lowercase()),
                },
            ));
        }
    }
    all
}

/// An option in words.
fn option_name(visit: &Visit, figure: &Figure, field: &str, option: &str) -> String {
    let field = figure.record.iter().find_map(|kind| visit.rules.kind(kind)?.field(field));
    let known = field.and_then(|field| field.option.iter().find(|one| one.id == option));
    known.map_or(visit.say("未填", "not filled in"), |one| visit.of(&one.name)).to_owned()
}

fn breakdown(visit: &Visit, asked: &HashMap<String, String>, figure: &Figure, lines: &[Line], whole: i64) -> Markup {
    let now = asked.get("by").map_or("class", String::as_str);
    let kinds: Vec<&RecordKind> = figure.record.iter().filter_map(|kind| visit.rules.kind(kind)).collect();
    let sorts = sorts(visit, &kinds);
    html! {
        p.toggle { @for (key, words) in &sorts {
            a aria-current=[(key == now).then_some("true")] href={ "?" (with(asked, "by", key)) } { (words) } } }
        div.scroll { table.list {
            thead { tr { th { (visit.say("分组", "Part")) } th.num { (visit.of(&figure.unit())) } th { (visit.say("明细", "Rows")) } } }
            @for line in lines {
                tr { td { (line.name) } td.num { (exact(figure, line.n, visit)) } td { @if !line.rows.is_empty() { a href=(line.rows) { (visit.say("打开明细", "Open the rows")) } } } }
            }
            tr { td { b { (visit.say("合计", "Total")) } } td.num { b { (exact(figure, whole, visit)) } } td {} }
        } }
        @if figure.count == Counted::People || now.starts_with("choice:") {
            p.help { (visit.say("在几组出现的各组各计一次，合计只计一次。", "What stands in several parts counts once in each and once in the total.")) }
        }
    }
}

/// Two bars for each month, as a drawing and as a table for those who read tables.
fn months(visit: &Visit, question: &Question, lots: &[Lot], figure: &Figure) -> Markup {
    let of = |year: i16| by(&question.parts(lots, figure, year), |part| Some(part.lot.month.1));
    let (now, before) = (of(question.year), of(question.year - 1));
    let most = now.values().chain(before.values()).copied().max().unwrap_or(0).max(1);
    let column = |month: i8| {
        let of = |year: &BTreeMap<i8, i64>| year.get(&month).copied().unwrap_or(0);
        let bars = [(4, of(&before), "awaiting"), (22, of(&now), "met")];
        html! { svg.chart viewBox="0 0 40 100" preserveAspectRatio="none" aria-hidden="true" {
        @for (x, n, fill) in bars { rect.{ "fill-" (fill) } x=(x) y=(100 - n * 100 / most) width="16" height=(n * 100 / most) {} } } }
    };
    html! {
        div.scroll { table.list.whole {
            thead { tr { th { (visit.say("年", "Year")) } @for month in 1..=12 { th.num.nowrap { (shell::month(visit.lang, month)) } } } }
            tr { td {} @for month in 1..=12_i8 { td.num { (column(month)) } } }
            @for (year, values, fill) in [(question.year, &now, "met"), (question.year - 1, &before, "awaiting")] {
                tr { td.nowrap { svg.key viewBox="0 0 1 1" aria-hidden="true" { rect.{ "fill-" (fill) } width="1" height="1" {} } " " (year) }
                    @for month in 1..=12_i8 { td.num { (plain(figure, values.get(&month).copied().unwrap_or(0))) } } }
            }
        } }
    }
}

/// A number without its unit of measure; money in yuan to the fen, so that months add up to the year.
fn plain(figure: &Figure, n: i64) -> String {
    match figure.measure {
        luoshi_rules::figure::Measure::Fen => format!("{}.{:02}", n / 100, n % 100),
        _ => n.to_string(),
    }
}

/// What a figure is called. One somebody made for themselves has no sentence that says what it chooses.
fn titled(visit: &Visit, figure: &Figure) -> String {
    let chosen = if figure.sentence.zh.is_empty() { filter_words(visit, figure) } else { String::new() };
    format!("{}{chosen}", visit.of(&figure.name))
}

/// The options by which a figure chooses, in words.
pub(super) fn filter_words(visit: &Visit, figure: &Figure) -> String {
    let mut words = Vec::new();
    for (field, option) in &figure.filter {
        let names: Vec<String> = option.split(' ').map(|option| option_name(visit, figure, field, option)).collect();
        words.push(names.join(visit.say("或", " or ")));
    }
    match visit.lang {
        _ if words.is_empty() => String::new(),
        Lang::Zh => format!("（{}）", words.join("、")),
        Lang::En => format!(" ({})", words.join(", ")),
    }
}

fn table(visit: &Visit, question: &Question, figure: &Figure, lines: &[Line]) -> Table {
    let title = format!("{} {} {}", question.at.short_name, question.year, visit.of(&figure.name));
    let mut table = Table::new(title).column("part", visit.say("分组", "Part"), Kind::Text).column(
        "n",
        visit.of(&figure.unit()),
        Kind::Number,
    );
    table.rows = lines.iter().map(|line| vec![Cell::from(line.name.as_str()), number(figure, line.n)]).collect();
    table
}
