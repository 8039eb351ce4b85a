//! One figure opened: what it counts and what not, its parts, its months beside last year's, and the way to its rows.

use super::{Found, Question, by_class, class_name, exact, number, trend};
use crate::shell::{self, Page, Part as Tab};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::figure::{About, Counted, Part, by, total};
use luoshi_rules::{Figure, Lang, Verb};
use maud::{Markup, PreEscaped, html};
use std::collections::HashMap;
use std::fmt::Write;

/// A part of a figure in a table: its name, the address of its rows, and how much.
pub(super) struct Line {
    name: String,
    rows: String,
    n: i64,
}

pub(super) async fn show(
    visit: Visit,
    Place((id, Year(year), key)): Place<(i64, Year, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let question = Question::read(&visit, id, year, &asked).await?;
    let figure = question.figure(&visit, &key, &asked)?;
    let found = question.find(&visit, question.with_added(&figure)).await?;
    let lines = lines(&visit, &question, &found, (&figure, &key), &asked);
    if let Some(out) = crate::export::list(&asked, || table(&visit, &question, &figure, &lines))? {
        return Ok(out);
    }
    let title = visit.of(&figure.name).to_owned();
    let page = Page { visit: &visit, title, unit: Some(&question.at), year, dated: "", part: Tab::Figures };
    let parts = question.parts(&found, &figure, year);
    let body = html! {
        p { a href={ "/units/" (id) "/" (year) "/figures" } { "← " (year) " " (visit.say("年数读", "in figures")) } }
        (head(&visit, &question, &figure, &found))
        (breakdown(&visit, &asked, &figure, &lines, total(&parts)))
        h2 { (visit.say("按月，与上年比", "By month, beside the year before")) }
        (months(&visit, &question, &found, &figure))
        (definition(&visit, &question, &figure))
        @if visit.may(Verb::Write, &question.at) { (super::quote::form(&visit, &question, &key)) }
        @if question.own.contains(&key) && visit.may(Verb::Write, &question.at) {
            form method="post" action={ "/units/" (id) "/figures/" (key) "/drop" } {
                (shell::hidden(&visit)) button { (visit.say("不再显示这个数", "Take this figure off the page")) } }
        }
        (shell::formats(&visit))
    };
    Ok(shell::page(&page, body).into_response())
}

fn head(visit: &Visit, question: &Question, figure: &Figure, found: &Found) -> Markup {
    let now = total(&question.parts(found, figure, question.year));
    let before = question.before(visit, found, figure);
    html! {
        article.figure {
            p.number { (figure.words(now, visit.lang)) }
            p { (figure.sentence(now, visit.lang)) (visit.say("。", ".")) }
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

fn lines(
    visit: &Visit,
    question: &Question,
    found: &Found,
    (figure, key): (&Figure, &str),
    asked: &HashMap<String, String>,
) -> Vec<Line> {
    let parts = question.parts(found, figure, question.year);
    let rows = |unit: i64, name: &str, value: &str| {
        format!("/units/{unit}/{}/figures/{key}/rows?{}", question.year, with(asked, name, value))
    };
    let at = question.at.id;
    match asked.get("by").map(String::as_str).unwrap_or_default() {
        "level" => {
            let groups = by(&parts, |part| found.units.get(&part.unit).map(|unit| unit.level.clone()));
            let name =
                |level: &str| visit.rules.base.level(level).map_or(level, |level| visit.of(&level.name)).to_owned();
            groups
                .into_iter()
                .map(|(level, n)| Line { name: name(&level), rows: rows(at, "level", &level), n })
                .collect()
        }
        "unit" => by_unit(question, found, &parts, |unit| rows(unit, "by", "")),
        "month" => {
            let month = |month: i8| with(asked, "from", &month.to_string()) + &format!("&until={month}");
            let address = |m: i8| format!("/units/{at}/{}/figures/{key}/rows?{}", question.year, month(m));
            let groups = by(&parts, |part| Some(part.month.1));
            groups
                .into_iter()
                .map(|(m, n)| Line { name: format!("{}-{m:02}", question.year), rows: address(m), n })
                .collect()
        }
        _ => {
            let groups = by_class(found, &parts);
            let line = |(class, n): (String, i64)| Line {
                name: class_name(visit, &class).to_owned(),
                rows: rows(at, "class", &class),
                n,
            };
            groups.into_iter().map(line).collect()
        }
    }
}

/// The units directly below, each with all that is below it, and the unit itself.
fn by_unit(question: &Question, found: &Found, parts: &[Part], rows: impl Fn(i64) -> String) -> Vec<Line> {
    let depth = question.at.path.depth();
    let child =
        |part: &Part| found.units.get(&part.unit)?.path.ancestry().nth(depth).or(Some(question.at.path.clone()));
    let mut lines = Vec::new();
    for (path, n) in by(parts, child) {
        if let Some(unit) = found.units.values().find(|unit| unit.path == path) {
            lines.push(Line { name: unit.short_name.clone(), rows: rows(unit.id), n });
        }
    }
    lines
}

fn breakdown(visit: &Visit, asked: &HashMap<String, String>, figure: &Figure, lines: &[Line], whole: i64) -> Markup {
    let now = asked.get("by").map_or("class", String::as_str);
    let sorts = [
        ("class", visit.say("按单位类别", "By class of unit")),
        ("level", visit.say("按级别", "By level")),
        ("unit", visit.say("按下级组织", "By unit below")),
        ("month", visit.say("按月", "By month")),
    ];
    html! {
        p.toggle { @for (key, words) in sorts {
            a aria-current=[(key == now).then_some("true")] href={ "?" (with(asked, "by", key)) } { (words) } } }
        div.scroll { table.list {
            thead { tr { th { (visit.say("分组", "Part")) } th.num { (visit.of(&figure.measure.name())) } th { (visit.say("明细", "Rows")) } } }
            @for line in lines {
                tr { td { (line.name) } td.num { (exact(figure, line.n, visit)) } td { a href=(line.rows) { (visit.say("打开明细", "Open the rows")) } } }
            }
            tr { td { b { (visit.say("合计", "Total")) } } td.num { b { (exact(figure, whole, visit)) } } td {} }
        } }
        @if figure.count == Counted::People {
            p.help { (visit.say("同一人在几组出现时各组各计一次，合计只计一次。", "Whoever stands in several parts counts once in each and once in the total.")) }
        }
    }
}

/// Two bars for each month, as a drawing and as a table for those who read tables.
fn months(visit: &Visit, question: &Question, found: &Found, figure: &Figure) -> Markup {
    let of = |year: i16| by(&question.parts(found, figure, year), |part| Some(part.month.1));
    let (now, before) = (of(question.year), of(question.year - 1));
    let most = now.values().chain(before.values()).copied().max().unwrap_or(0).max(1);
    let mut bars = String::new();
    for month in 1..=12_i8 {
        for (shift, year, class) in [(0, &before, "ahead"), (18, &now, "met")] {
            let n = year.get(&month).copied().unwrap_or(0);
            let height = n * 100 / most;
            let x = (i64::from(month) - 1) * 50 + 6 + shift;
            let _ = write!(
                bars,
                "<rect class=\"fill-{class}\" x=\"{x}\" y=\"{}\" width=\"16\" height=\"{height}\"><title>{n}</title></rect>",
                100 - height
            );
        }
    }
    html! {
        svg.chart viewBox="0 0 600 102" preserveAspectRatio="none" aria-hidden="true" { (PreEscaped(bars)) }
        div.scroll { table.list.months-table {
            thead { tr { th { (visit.say("年", "Year")) } @for month in 1..=12 { th.num { (month) } } } }
            @for (year, values) in [(question.year, &now), (question.year - 1, &before)] {
                tr { td { (year) } @for month in 1..=12_i8 { td.num { (plain(figure, values.get(&month).copied().unwrap_or(0))) } } }
            }
        } }
    }
}

fn plain(figure: &Figure, n: i64) -> String {
    match figure.measure {
        luoshi_rules::figure::Measure::Fen => format!("{}", n / 100),
        _ => n.to_string(),
    }
}

fn definition(visit: &Visit, question: &Question, figure: &Figure) -> Markup {
    let kinds = |figure: &Figure| {
        figure
            .record
            .iter()
            .map(|kind| crate::obligation::kind_name(visit, kind))
            .collect::<Vec<_>>()
            .join(visit.say("、", ", "))
    };
    let counted = match figure.count {
        Counted::Records => visit.say("纪实条数", "records"),
        Counted::Present => visit.say("到会人次（应到减缺席，加来宾）", "those present: due less absent, and guests"),
        Counted::People => visit.say("不重复的人数", "distinct people"),
        Counted::Sum => visit.say("所填数字之和", "the sum of what was filled in"),
        Counted::Each => visit.say("所填数字乘到场人数之和", "what was filled in, once for each person present"),
    };
    let (first, last) = question.days(question.year);
    html! {
        section.card {
            h2 { (visit.say("口径", "Definition")) }
            dl.facts {
                dt { (visit.say("统计对象", "Records")) } dd { @for one in &question.with_added(figure) { (kinds(one)) (filter_words(visit, one)) " " } }
                dt { (visit.say("统计内容", "What is counted")) } dd { (counted) }
                dt { (visit.say("单位", "Measure")) } dd { (visit.of(&figure.measure.name())) }
                dt { (visit.say("范围", "Population")) } dd { (question.at.full_name) (visit.say("及所属各级组织", " and all units below"))
                    @for one in &question.with_added(figure) { (population(visit, one)) } }
                dt { (visit.say("期间", "Period")) } dd { (first) " – " (last) }
                dt { (visit.say("截至", "As of")) } dd { (question.known.unwrap_or(visit.today)) }
                @if let Some(about) = figure.about { dt { (visit.say("取整", "Rounding")) } dd { (rounding(visit, about)) } }
                @if !figure.note.zh.is_empty() { dt { (visit.say("说明", "Note")) } dd { (visit.of(&figure.note)) } }
            }
        }
    }
}

fn rounding(visit: &Visit, about: About) -> String {
    let near = match (about.near, visit.lang) {
        (0, _) => String::new(),
        (near, Lang::Zh) => format!("；距下一个整数不超过{near}时说“近”"),
        (near, Lang::En) => format!("; within {near} below the next multiple it is said of that one, as “nearly”"),
    };
    match visit.lang {
        Lang::Zh => format!("舍到{}的整数倍，加“余”{near}", about.step),
        Lang::En => format!("down to a multiple of {}, with “more than”{near}", about.step),
    }
}

/// The units whose records a figure counts, where not all are.
pub(super) fn population(visit: &Visit, figure: &Figure) -> String {
    let level = |id: &String| visit.rules.base.level(id).map_or(id.as_str(), |level| visit.of(&level.name)).to_owned();
    let levels = figure.level.iter().map(level).collect::<Vec<_>>();
    let classes = figure.class.iter().map(|id| class_name(visit, id).to_owned()).collect::<Vec<_>>();
    let comma = visit.say("、", ", ");
    let words: Vec<String> =
        [classes, levels].iter().filter(|some| !some.is_empty()).map(|some| some.join(comma)).collect();
    match visit.lang {
        _ if words.is_empty() => String::new(),
        Lang::Zh => format!("，只计{}的记录", words.join("中的")),
        Lang::En => format!(", records of {} only", words.join(" that are ")),
    }
}

/// The options by which a figure chooses, in words.
pub(super) fn filter_words(visit: &Visit, figure: &Figure) -> String {
    let mut words = Vec::new();
    for (field, option) in &figure.filter {
        let kind = figure.record.iter().find_map(|kind| visit.rules.kind(kind)?.field(field));
        let name = kind.and_then(|field| field.option.iter().find(|one| one.id == *option));
        words.extend(name.map(|one| visit.of(&one.name).to_owned()));
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
        visit.of(&figure.measure.name()),
        Kind::Number,
    );
    table.rows = lines.iter().map(|line| vec![Cell::from(line.name.as_str()), number(figure, line.n)]).collect();
    table
}
