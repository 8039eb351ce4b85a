//! The figure builder: choose a kind, what is counted, an option and months; see the number; keep it.

use super::question::{Question, gather};
use super::{CUSTOM, exact, named};
use crate::form::{Complaints, Sent, one, operation};
use crate::shell::{self, Page, Part as Tab};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_rules::figure::{Counted, Measure, total};
use luoshi_rules::record::Holds;
use luoshi_rules::{Figure, Kind, Label, Pack, Refusal, Unit, Verb};
use luoshi_store::figure;
use maud::{Markup, html};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// The keys and values of an address or a form.
type Asked = HashMap<String, String>;

/// How the builder was filled, and what was wrong with it.
type Filled<'f> = (&'f Asked, &'f Complaints);

/// A pack of one figure, for the checks that every pack goes through.
#[derive(Serialize)]
struct OwnPack<'a> {
    pack: Head,
    figure: [&'a Figure; 1],
}

#[derive(Serialize)]
struct Head {
    id: &'static str,
    name: Label,
    version: &'static str,
}

/// The figure that an address describes: `kind=lecture&count=sum:people&option=audience:youth`.
pub(super) fn read(visit: &Visit, asked: &Asked) -> Result<Figure, Trouble> {
    let text = |key: &str| asked.get(key).map_or("", String::as_str);
    let kinds: Option<Vec<&Kind>> = text("kind").split(',').map(|kind| visit.rules.kind(kind)).collect();
    let kinds = kinds.unwrap_or_default();
    let kind = *kinds.first().ok_or_else(|| Refusal::field("kind", "请选择纪实类型", "choose a kind of record"))?;
    let (count, field) = match text("count") {
        "" | "records" => (Counted::Records, ""),
        "present" => (Counted::Present, ""),
        "people" => (Counted::People, ""),
        other if other.starts_with("each:") => (Counted::Each, other.strip_prefix("each:").unwrap_or(other)),
        other => (Counted::Sum, other.strip_prefix("sum:").unwrap_or(other)),
    };
    let filter = filter(text("option"));
    let name = text("name").trim();
    if name.chars().count() > 60 {
        return Err(Refusal::field("name", "名称最多60字", "a name has at most 60 characters").into());
    }
    let figure = Figure {
        id: CUSTOM.into(),
        name: if name.is_empty() { together(&kinds) } else { named(name) },
        sentence: Label::default(),
        note: Label::default(),
        record: kinds.iter().map(|kind| kind.id.clone()).collect(),
        filter,
        months: None,
        level: Vec::new(),
        class: Vec::new(),
        count,
        field: field.to_owned(),
        role: String::new(),
        measure: measure(kind, count, field),
        word: Label::default(),
        about: None,
        plus: Vec::new(),
    };
    check(visit, &figure)?;
    Ok(figure)
}

/// The question of an address that describes a figure as [`read`] reads it: of a unit's own, for other units.
pub(super) fn address(figure: &Figure) -> Asked {
    let count = match figure.count {
        Counted::Records => "records".to_owned(),
        Counted::Present => "present".to_owned(),
        Counted::People => "people".to_owned(),
        Counted::Each => format!("each:{}", figure.field),
        Counted::Sum => format!("sum:{}", figure.field),
    };
    let options = figure.filter.iter().flat_map(|(field, all)| all.split(' ').map(move |one| format!("{field}:{one}")));
    let mut asked = Asked::from([
        ("kind".to_owned(), figure.record.join(",")),
        ("count".to_owned(), count),
        ("option".to_owned(), options.collect::<Vec<_>>().join(",")),
    ]);
    if let Some([from, until]) = figure.months {
        asked.extend([("from".to_owned(), from.to_string()), ("until".to_owned(), until.to_string())]);
    }
    asked
}

/// Options between commas: of one field one is enough, each field must have one.
fn filter(text: &str) -> BTreeMap<String, String> {
    let mut filter: BTreeMap<String, String> = BTreeMap::new();
    for (field, option) in text.split(',').filter_map(|one| one.split_once(':')) {
        let all = filter.entry(field.to_owned()).or_default();
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(option);
    }
    filter
}

/// The names of kinds, one after the other.
fn together(kinds: &[&Kind]) -> Label {
    let join =
        |of: fn(&Label) -> &str, gap: &str| kinds.iter().map(|kind| of(&kind.name)).collect::<Vec<_>>().join(gap);
    Label::new(join(|name| &name.zh, "、"), join(|name| &name.en, ", "))
}

/// The measure that follows from what is counted.
fn measure(kind: &Kind, count: Counted, field: &str) -> Measure {
    match count {
        Counted::Records if kind.meeting.is_some() => Measure::Sessions,
        Counted::Records => Measure::Items,
        Counted::Present => Measure::PersonTimes,
        Counted::People => Measure::People,
        Counted::Each => kind.enrol.as_ref().map_or(Measure::Hours, |enrol| enrol.hours),
        Counted::Sum => match kind.field(field).map(|field| field.holds) {
            Some(Holds::Money) => Measure::Fen,
            _ if field == "hours" => Measure::Hours,
            _ if field == "people" => Measure::PersonTimes,
            _ => Measure::Items,
        },
    }
}

/// Refuses what the check of packs refuses, in its words.
fn check(visit: &Visit, figure: &Figure) -> Result<(), Trouble> {
    let head = Head { id: "own", name: Label::new("自定数读", "Own figures"), version: "1" };
    let text = toml::to_string(&OwnPack { pack: head, figure: [figure] }).map_err(Trouble::broken)?;
    let known = Pack { kind: visit.rules.kinds().into_iter().cloned().collect(), ..(*visit.rules.base).clone() };
    let Err(faults) = Pack::list(&text, &known) else { return Ok(()) };
    let said = |lang, comma: &str, stop: &str| {
        let words =
            |fault: &luoshi_rules::pack::Fault| format!("{}{comma}{}", fault.what.of(lang), fault.hint.of(lang));
        faults.iter().map(words).collect::<Vec<_>>().join(stop)
    };
    Err(Refusal::rule(said(luoshi_rules::Lang::Zh, "，", "；"), said(luoshi_rules::Lang::En, ", ", "; ")).into())
}

pub(super) async fn show(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let asked = gather(pairs);
    let question = match Question::read(&visit, id, year, &asked).await {
        Err(Trouble::Refused(refusal)) => return refused(&visit, (id, year), &asked, refusal).await,
        other => other?,
    };
    let answer = match asked.contains_key("kind") {
        true => answer(&visit, &question, &asked).await,
        false => Ok(html! {}),
    };
    match answer {
        Err(Trouble::Refused(refusal)) => refused(&visit, (id, year), &asked, refusal).await,
        answer => Ok(page(&visit, &question, (&asked, &Complaints::default()), answer?).into_response()),
    }
}

fn page(visit: &Visit, question: &Question, filled: Filled, answer: Markup) -> Markup {
    let (id, year) = (question.at.id, question.year);
    let title = visit.say("自己数一个", "Count something").to_owned();
    let page = Page { visit, title, unit: Some(&question.at), year, dated: "/figures/new", part: Tab::Figures };
    let body = html! {
        (shell::complaints(visit, filled.1))
        p { a href={ "/units/" (id) "/" (year) "/figures" } { "← " (year) " " (visit.say("年数读", "in figures")) } }
        (form(visit, question, filled))
        (answer)
    };
    shell::page(&page, body)
}

/// The page as it was filled, with what was wrong.
async fn refused(visit: &Visit, (id, year): (i64, i16), asked: &Asked, refusal: Refusal) -> Result<Response, Trouble> {
    // what cannot be read of it stands in the form alone
    let question = Question::read(visit, id, year, &Asked::new()).await?;
    let complaints = Complaints::new(vec![refusal]);
    let keep = match asked.contains_key("name") && visit.may(Verb::Write, &question.at) {
        true => keep_form(visit, &question, (asked, &complaints)),
        false => html! {},
    };
    Ok(complaints.answer(page(visit, &question, (asked, &complaints), keep)))
}

/// The number, and where it opens.
async fn answer(visit: &Visit, question: &Question, asked: &Asked) -> Result<Markup, Trouble> {
    let figure = read(visit, asked)?;
    let lots = question.lots(visit, vec![figure.clone()]).await?;
    let parts = question.parts(&lots, &figure, question.year);
    let by = asked.get("by").map_or("class", String::as_str);
    let classes = super::by_class(visit, &parts);
    let base = format!("/units/{}/{}/figures/{CUSTOM}", question.at.id, question.year);
    Ok(html! {
        article.figure {
            p.number { (figure.words(total(&parts), visit.lang)) }
            p { (visit.of(&figure.name)) (super::one::filter_words(visit, &figure)) }
            p.help { @for (class, n) in &classes { span.nowrap { (super::class_name(visit, class)) " " (exact(&figure, *n, visit)) } "　" } }
            p.actions {
                a.button href={ (base) "?" (super::one::with(asked, "by", by)) } { (visit.say("分组、趋势、引用", "Parts, trend, quoting")) } " "
                a.button href={ (base) "/rows?" (super::one::with(asked, "by", "")) } { (visit.say("打开明细", "Open the rows")) } " "
                a.button href={ (base) "?" (super::one::with(asked, "by", by)) "&as=xlsx" } { (visit.say("导出 Excel", "Export to Excel")) }
            }
            @if visit.may(Verb::Write, &question.at) { (keep_form(visit, question, (asked, &Complaints::default()))) }
        }
    })
}

fn keep_form(visit: &Visit, question: &Question, (asked, complaints): Filled) -> Markup {
    let now = |key: &str| asked.get(key).map_or("", String::as_str);
    html! {
        form.inline method="post" action={ "/units/" (question.at.id) "/figures" } {
            (shell::hidden(visit))
            input type="hidden" name="year" value=(question.year);
            @for key in ["kind", "count", "option", "from", "until"] { input type="hidden" name=(key) value=(now(key)); }
            label { (visit.say("名称 ", "Name ")) input name="name" required maxlength="60" value=(now("name")); }
            button { (visit.say("保存到本组织数读", "Keep on this unit's page")) }
            (shell::complaints_under(visit, complaints, "name"))
        }
    }
}

fn form(visit: &Visit, question: &Question, (asked, complaints): Filled) -> Markup {
    let now = |key: &str| asked.get(key).map_or("", String::as_str);
    let picked = |key: &str, one: &str| now(key).split(',').any(|picked| picked == one);
    let chosen: Vec<&Kind> = now("kind").split(',').filter_map(|kind| visit.rules.kind(kind)).collect();
    let counts = chosen.first().map(|kind| counts(visit, kind)).unwrap_or_default();
    let options: BTreeMap<String, String> = chosen.iter().flat_map(|kind| options(visit, kind)).collect();
    html! {
        form.stack method="get" action={ "/units/" (question.at.id) "/" (question.year) "/figures/new" } {
            label { (visit.say("纪实类型（可选几类）", "Kinds of record (one or several)"))
                select name="kind" multiple size="6" required {
                    @for kind in visit.rules.kinds() { option value=(kind.id) selected[picked("kind", &kind.id)] { (visit.of(&kind.name)) } } } }
            (shell::complaints_under(visit, complaints, "kind"))
            @if !counts.is_empty() { label { (visit.say("数什么 ", "Count "))
                select name="count" { @for (key, words) in &counts { option value=(key) selected[key == now("count")] { (words) } } } } }
            @if !options.is_empty() { label { (visit.say("只算（可选几项；同一问题选几项，有一项即算）", "Only (one or several; of one question any of those chosen)"))
                select name="option" multiple size="5" {
                    @for (key, words) in &options { option value=(key) selected[picked("option", key)] { (words) } } } } }
            @for (key, words, otherwise) in [("from", visit.say("从（月） ", "From month "), "1"), ("until", visit.say("到（月） ", "to month "), "12")] {
                label { (words) input type="number" name=(key) min="1" max="12" value=(asked.get(key).map_or(otherwise, String::as_str)); }
                (shell::complaints_under(visit, complaints, key)) }
            label { (visit.say("分组 ", "Parts "))
                select name="by" { @for (key, words) in super::one::sorts(visit, &chosen) { option value=(key) selected[key == now("by")] { (words) } } } }
            label { (visit.say("按当日所知 ", "As known on ")) input type="date" name="known" value=(now("known")) max=(visit.today); }
            (shell::complaints_under(visit, complaints, "known"))
            button.main { (visit.say("数一下", "Count")) }
        }
        @if chosen.is_empty() { p.help { (visit.say("先选类型；选定后可以再选数什么、只算哪些。", "Choose a kind first; then what of it is counted.")) } }
    }
}

/// What of a kind may be counted, as keys of the address and words.
fn counts(visit: &Visit, kind: &Kind) -> Vec<(String, String)> {
    let mut counts = vec![("records".to_owned(), visit.say("次数（条数）", "how many records").to_owned())];
    if kind.meeting.is_some() {
        counts.push(("present".into(), visit.say("参加人次", "person-times present").into()));
        counts.push(("people".into(), visit.say("参加人数（不重复）", "distinct people").into()));
    }
    let numbers = kind.field.iter().filter(|field| matches!(field.holds, Holds::Number | Holds::Money));
    for field in numbers {
        let words = |zh: &str, en: &str| format!("{} {}", visit.say(zh, en), visit.of(&field.name));
        counts.push((format!("sum:{}", field.id), words("合计：", "sum of")));
        if kind.meeting.is_some() && field.id == "hours" {
            counts.push(("each:hours".into(), words("人均乘人数合计：", "for each person present, sum of")));
        }
    }
    counts
}

fn options(visit: &Visit, kind: &Kind) -> Vec<(String, String)> {
    let fields = kind.field.iter().filter(|field| matches!(field.holds, Holds::Choice | Holds::Choices));
    fields
        .flat_map(|field| field.option.iter().map(move |option| (field, option)))
        .map(|(field, option)| {
            (format!("{}:{}", field.id, option.id), format!("{} · {}", visit.of(&field.name), visit.of(&option.name)))
        })
        .collect()
}

/// What a figure that is kept is made of, as the form says it.
const KEPT: [&str; 6] = ["kind", "count", "option", "name", "from", "until"];

pub(crate) async fn keep(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    let asked = Asked::from(KEPT.map(|key| (key.to_owned(), one(&sent.fields, key).to_owned())));
    let year = one(&sent.fields, "year").parse().ok().and_then(|year: i16| Year::try_from(year).ok());
    let year = year.map_or(visit.year(), |year| year.0);
    match try_keep(&sent, at, &asked).await {
        Err(Trouble::Refused(refusal)) => refused(visit, (id, year), &asked, refusal).await,
        done => done,
    }
}

async fn try_keep(sent: &Sent, at: Unit, asked: &Asked) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    if asked.get("name").is_none_or(|name| name.trim().is_empty()) {
        return Err(Refusal::field("name", "请给这个数起个名字", "please name the figure").into());
    }
    // the months of the question stay with the figure
    let (from, until) = Question::months(asked)?;
    let months = ((from, until) != (1, 12)).then_some([from, until]);
    let figure = Figure { id: format!("own-{}", luoshi_store::new_id()), months, ..read(visit, asked)? };
    let text = toml::to_string(&figure).map_err(Trouble::broken)?;
    let (rules, year) = (visit.rules.clone(), visit.year());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        figure::keep(tx, &permit, &figure.id, &text)?;
        Ok(format!("/units/{}/{year}/figures", at.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

pub(crate) async fn drop_own(Place((id, key)): Place<(i64, String)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    let (rules, year) = (visit.rules.clone(), visit.year());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        figure::drop_own(tx, &permit, &key)?;
        Ok(format!("/units/{}/{year}/figures", at.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}
