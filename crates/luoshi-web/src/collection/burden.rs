//! "This adds to my burden": said of any task, answered by whoever asked within the working days of the pack.

use super::rules;
use crate::form::{Complaints, Fields, Sent, one as value, operation};
use crate::obligation::days;
use crate::record::Filled;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::{Lang, Matter, Refusal, Unit, Verb};
use luoshi_store::collection::{self, About, Burden};
use luoshi_store::record::joint;
use luoshi_store::{Tx, class, handover, matter, unit};
use maud::{Markup, html};
use std::collections::HashMap;

/// How titles begin that the program gives itself.
const JOINT: &str = "联合开展：";
const HANDED: &str = "工作交接：";

/// The link that every task has for those of the unit it is asked of.
pub(crate) fn link(visit: &Visit, at: &Unit, task: (&str, &str)) -> Markup {
    of_unit(visit, at.id, task)
}

/// The same, where the page knows the unit by its key alone.
pub(crate) fn of_unit(visit: &Visit, unit: i64, (sort, key): (&str, &str)) -> Markup {
    html! { @if visit.is_of(unit) && visit.rules.base.burden.is_some() {
    a href={ "/units/" (unit) "/burdens?sort=" (sort) "&about=" (key) } { (visit.say("这件事给我添负担了", "This adds to my burden")) } } }
}

/// The same below a page, where the task is set by another unit.
pub(crate) fn of_others(visit: &Visit, at: &Unit, issuer: i64, task: (&str, &str)) -> Markup {
    html! { @if issuer != at.id && visit.within(at) { p { (link(visit, at, task)) } } }
}

/// What somebody says is a burden, as it is called, and who asked for it.
async fn about(visit: &Visit, at: &Unit, (sort, key): (&str, &str)) -> Result<About, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let (id, unit): (i64, i64) = (key.parse().unwrap_or(0), at.id);
    let (title, issuer) = match sort {
        "collection" => {
            let one = visit.app.read(move |tx| collection::find(tx, &scope, id)).await?;
            (one.title, one.unit)
        }
        "matter" => of_matter(visit, at, id).await?,
        "class" => {
            let one = visit.app.read(move |tx| class::find(tx, &scope, id)).await?;
            if !one.path.contains(&at.path) {
                return Err(Trouble::NotFound);
            }
            (one.plan.title, one.unit)
        }
        "joint" => {
            let all = visit.app.read(move |tx| joint::of_unit(tx, &scope, unit)).await?;
            let one = all.into_iter().find(|one| one.record == id).ok_or(Trouble::NotFound)?;
            let kind = visit.rules.kind(&one.kind).map_or("", |kind| &kind.name.zh);
            (format!("{JOINT}{} {kind} {}", one.on, one.topic).trim().to_owned(), one.keeper_id)
        }
        "plan" => {
            let year = key.parse().ok().and_then(|year: i16| Year::try_from(year).ok()).ok_or(Trouble::NotFound)?;
            (format!("{}年度安排", year.0), at.top)
        }
        "campaign" => (crate::campaign::named(visit, key)?.0.head.name.zh.clone(), at.top),
        "clause" => {
            let clause = visit.rules.clause(key, visit.today).ok_or(Trouble::NotFound)?;
            (format!("{} {}", clause.id, clause.text.zh), at.top)
        }
        _ => return Err(Trouble::NotFound),
    };
    Ok(About { sort: sort.to_owned(), key: key.to_owned(), title, issuer })
}

/// What it is said of, in the language of the reader: what the program itself gave a name was kept in Chinese.
fn called(visit: &Visit, about: &About) -> String {
    let kept = || about.title.clone();
    if visit.lang == Lang::Zh {
        return kept();
    }
    match about.sort.as_str() {
        "plan" => format!("Plan of the year {}", about.key),
        "campaign" => crate::campaign::named(visit, &about.key)
            .map_or_else(|_| kept(), |(pack, _)| visit.of(&pack.head.name).into()),
        "clause" => {
            let clause = visit.rules.clause(&about.key, visit.today);
            clause.map_or_else(kept, |clause| format!("{} {}", clause.id, visit.of(&clause.text)))
        }
        "joint" => about.title.strip_prefix(JOINT).map_or_else(kept, |rest| {
            let named = rest.splitn(3, ' ').map(|word| {
                let kind = visit.rules.kinds().into_iter().find(|kind| kind.name.zh == word);
                kind.map_or(word, |kind| visit.of(&kind.name))
            });
            format!("Held jointly: {}", named.collect::<Vec<_>>().join(" "))
        }),
        "matter" => about.title.strip_prefix(HANDED).map_or_else(kept, |rest| {
            let post = visit.rules.base.post.iter().find(|post| post.name.zh == rest);
            format!("Handover: {}", post.map_or(rest, |post| visit.of(&post.name)))
        }),
        _ => kept(),
    }
}

async fn of_matter(visit: &Visit, at: &Unit, id: i64) -> Result<(String, i64), Trouble> {
    let (scope, place) = (visit.actor.scope(&visit.rules.base, Verb::See, at)?, at.clone());
    let read = move |tx: &Tx| Ok((matter::find(tx, &scope, id)?.matter, unit::ancestry(tx, &place)?));
    let (one, line) = visit.app.read(read).await?;
    // a post of a unit is handed over within it: the unit above sees to it, and no name of a person is kept here
    let above = line.iter().rev().nth(1).map_or(at.id, |above| above.id);
    Ok(match one.flow == handover::FLOW {
        true => (handed_over(visit, &one), above),
        false => (one.title, one.opener),
    })
}

/// A handover as it is called without those whose signatures it has.
fn handed_over(visit: &Visit, matter: &Matter) -> String {
    let post = matter.data["post"].as_str().and_then(|post| visit.rules.base.post(post));
    format!("{HANDED}{}", post.map_or("", |post| &post.name.zh))
}

pub(crate) async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    if query.contains_key("as") {
        let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
        let all = visit.app.read(move |tx| collection::burdens(tx, &scope)).await?;
        return crate::export::list(&query, || table(&visit, &all))?.ok_or(Trouble::NotFound);
    }
    let text = |key: &str| query.get(key).map_or("", String::as_str);
    let wanted = match query.contains_key("about") {
        true => Some(about(&visit, &at, (text("sort"), text("about"))).await?),
        false => None,
    };
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(page(&visit, &at, wanted.as_ref(), &filled).await?.into_response())
}

fn table(visit: &Visit, all: &[Burden]) -> Table {
    let mut table = Table::new(visit.say("负担反映", "Burdens said"))
        .column("about", visit.say("哪件事", "Of what"), Kind::Text)
        .column("asked_by", visit.say("发出组织", "Asked by"), Kind::Text)
        .column("unit", visit.say("反映的组织", "Whose burden"), Kind::Text)
        .column("on", visit.say("反映日期", "Said on"), Kind::Date)
        .column("words", visit.say("哪里增加了负担", "What adds to the burden"), Kind::Text)
        .column("due", visit.say("答复期限", "To be answered by"), Kind::Date)
        .column("answered", visit.say("答复日期", "Answered on"), Kind::Date)
        .column("answer", visit.say("答复", "Answer"), Kind::Text)
        .key("id")
        .key("unit_id");
    let row = |one: &Burden| {
        vec![
            called(visit, &one.about).into(),
            one.issuer_name.as_str().into(),
            one.unit_name.as_str().into(),
            Cell::Date(one.on.to_string()),
            one.words.as_str().into(),
            Cell::Date(one.due.to_string()),
            one.answered.map_or(Cell::Empty, |day| Cell::Date(day.to_string())),
            one.answer.as_str().into(),
            Cell::Key(one.id),
            Cell::Key(one.unit),
        ]
    };
    table.rows = all.iter().map(row).collect();
    table
}

async fn page(visit: &Visit, at: &Unit, wanted: Option<&About>, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let all = visit.app.read(move |tx| collection::burdens(tx, &scope)).await?;
    let title = visit.say("负担反映", "Burdens said").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let open = all.iter().filter(|one| one.answered.is_none()).count();
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        @if let Some(wanted) = wanted { @if visit.within(at) { (raise_form(visit, at, wanted, filled)) } }
        p { (visit.say("每项任务下面都可以反映，发出方在规定的工作日内答复，上级同时看到。谁反映的不显示。",
            "Every task has a link to say so; whoever asked answers within the working days set, and the unit above sees it. Who said it is not shown.")) }
        p { (visit.say("待答复 ", "To be answered: ")) b { (open) } " / " (all.len()) }
        @if all.is_empty() { p.empty { (visit.say("没有反映。", "Nothing was said.")) } }
        @for one in &all { (said(visit, at, one, filled)) }
        @if !all.is_empty() { p.formats { (visit.say("导出：", "Export: ")) @for sort in ["xlsx", "csv", "json"] { a href={ "/units/" (at.id) "/burdens?as=" (sort) } { (sort) } " " } } }
    };
    Ok(shell::page(&head, body))
}

fn raise_form(visit: &Visit, at: &Unit, about: &About, filled: &Filled<'_>) -> Markup {
    html! {
        section.card {
            h2 { (visit.say("这件事给我添负担了", "This adds to my burden")) }
            p { (called(visit, about)) }
            form.stack method="post" action={ "/units/" (at.id) "/burdens" } {
                (shell::hidden(visit))
                input type="hidden" name="sort" value=(about.sort);
                input type="hidden" name="about" value=(about.key);
                (field(visit.lang, "words", visit.say("哪里增加了负担", "What adds to the burden"), "", filled.complaints, html! {
                    textarea #words name="words" rows="3" maxlength="1000" required { (value(filled.fields, "words")) } }))
                button.main { (visit.say("反映", "Say so")) }
            }
        }
    }
}

fn said(visit: &Visit, at: &Unit, one: &Burden, filled: &Filled<'_>) -> Markup {
    let mine = visit.may(Verb::Write, at) && one.unit != at.id && at.path.contains(&one.issuer_path);
    let failed = value(filled.fields, "burden") == one.id.to_string();
    html! {
        section.card {
            p { b { (called(visit, &one.about)) } " · " (one.issuer_name) " → " (one.unit_name) " · " (one.on) }
            p.long { (one.words) }
            @match one.answered {
                Some(day) => p { span.badge.met { "● " (visit.say("已答复 ", "Answered ")) (day) } " " (one.answer) },
                None => {
                    p { @if one.due < visit.today { span.badge.overdue { "▲ " (visit.say("超期未答复", "Overdue")) } }
                        @else { span.badge.open { "◐ " (visit.say("待答复", "To be answered")) } } " " (one.due) " " (days(visit, one.due)) }
                    @if mine { form.stack method="post" action={ "/units/" (at.id) "/burdens/" (one.id) } {
                        (shell::hidden(visit))
                        label for={ "answer-" (one.id) } { (visit.say("答复", "Answer")) }
                        textarea id={ "answer-" (one.id) } name="words" rows="2" maxlength="1000" required { @if failed { (value(filled.fields, "words")) } }
                        button { (visit.say("答复", "Answer")) }
                    } }
                }
            }
        }
    }
}

pub(crate) async fn raise(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::See).await?;
    if !visit.within(&at) {
        return Err(Trouble::NotFound);
    }
    let wanted = about(visit, &at, (value(&sent.fields, "sort"), value(&sent.fields, "about"))).await?;
    let due = visit.rules.calendar.plus_workdays(visit.today, rules(visit)?.answer);
    let (rules, words, place, said) =
        (visit.rules.clone(), value(&sent.fields, "words").to_owned(), at.clone(), wanted.clone());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::See, &place)?;
        collection::raise(tx, &permit, &said, &words, due)?;
        Ok(format!("/units/{}/burdens", place.id))
    };
    match visit.act(operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal)) => again(visit, &at, (Some(&wanted), &sent.fields), refusal).await,
        other => Ok(other?.into_response()),
    }
}

/// The page as it was sent, with what was wrong.
async fn again(
    visit: &Visit,
    at: &Unit,
    (wanted, fields): (Option<&About>, &Fields),
    refusal: Refusal,
) -> Result<Response, Trouble> {
    let complaints = Complaints::new(vec![refusal]);
    let page = page(visit, at, wanted, &Filled { fields, complaints: &complaints }).await?;
    Ok(complaints.answer(page))
}

pub(crate) async fn answer(Place((id, burden)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    let (rules, words, place) = (visit.rules.clone(), value(&sent.fields, "words").to_owned(), at.clone());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &place)?;
        collection::answer_burden(tx, &permit, &place, burden, &words)?;
        Ok(format!("/units/{}/burdens", place.id))
    };
    match visit.act(operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal)) => {
            let mut fields = sent.fields.clone();
            fields.insert("burden".into(), vec![burden.to_string()]);
            again(visit, &at, (None, &fields), refusal).await
        }
        other => Ok::<Result<Redirect, Trouble>, Trouble>(other)?.map(IntoResponse::into_response),
    }
}
