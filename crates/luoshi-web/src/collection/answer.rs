//! The form of a unit that is asked: what is known arrives filled in with its source, the rest is typed.

use super::{Asked, asked, known, period};
use crate::form::{Complaints, Fields, Sent, one as value, operation};
use crate::record::Filled;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use luoshi_rules::collection::{Question, Sort};
use luoshi_rules::{Collection, Unit, Verb};
use luoshi_store::collection::{self, Answer};
use maud::{Markup, html};
use std::collections::HashMap;

type Query = HashMap<String, String>;

/// What the system knows of what is asked, by key.
type Values = HashMap<String, String>;

/// Keys of what it asks that the system knows.
pub(crate) fn keys(one: &Collection) -> Vec<&str> {
    fn known(question: &Question) -> Option<&str> {
        match &question.sort {
            Sort::Known(key) => Some(key.as_str()),
            _ => None,
        }
    }
    one.questions.iter().filter_map(known).collect()
}

/// The value the system gives, where it knows.
pub(crate) fn given<'a>(values: &'a Values, question: &Question) -> &'a str {
    match &question.sort {
        Sort::Known(key) => values.get(key).map_or("", String::as_str),
        _ => "",
    }
}

/// What was answered before, as the boxes of the form.
fn before(answer: Option<&Answer>) -> Fields {
    let data = answer.and_then(|answer| answer.data.as_array()).into_iter().flatten();
    let text = |one: &serde_json::Value| one["value"].as_str().unwrap_or_default().to_owned();
    data.enumerate().map(|(n, one)| (format!("value-{n}"), vec![text(one)])).collect()
}

pub(super) async fn show(
    visit: &Visit,
    at: &Unit,
    (one, answers): (&Collection, &[Answer]),
    query: &Query,
) -> Result<Response, Trouble> {
    let all = std::slice::from_ref(one);
    let turns = asked(visit, at, all, answers);
    let chosen = chosen(&turns, query.get("period"))?;
    let values = known::values(visit, at, &keys(one)).await?;
    let fields = before(chosen.answer);
    let filled = Filled { fields: &fields, complaints: &Complaints::default() };
    Ok(page(visit, at, chosen, (&values, &filled)).into_response())
}

/// The time that is asked for, or the most pressing.
pub(crate) fn chosen<'t, 'a>(turns: &'t [Asked<'a>], wanted: Option<&String>) -> Result<&'t Asked<'a>, Trouble> {
    turns.iter().find(|turn| wanted.is_none_or(|period| *period == turn.turn.period)).ok_or(Trouble::NotFound)
}

fn page(visit: &Visit, at: &Unit, asked: &Asked, (values, filled): (&Values, &Filled<'_>)) -> Markup {
    let (one, turn) = (asked.one, &asked.turn);
    let head = Page { visit, title: one.title.clone(), unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p { (one.unit_name) " · " (period(visit, turn)) " · " (visit.say("截止 ", "due ")) (turn.due) " · " (super::state(visit, asked)) }
        p { (visit.say("依据：", "Ground: ")) (one.ground) }
        @if visit.may(Verb::Write, at) {
            form.stack method="post" action={ "/units/" (at.id) "/collections/" (one.id) } {
                (shell::hidden(visit))
                input type="hidden" name="period" value=(turn.period);
                @for (n, question) in one.questions.iter().enumerate() { (entry(visit, n, question, (values, filled))) }
                button.main { (if asked.answer.is_some() { visit.say("更正", "Correct") } else { visit.say("提交", "Send") }) }
            }
        } @else {
            dl.facts { @for (n, question) in one.questions.iter().enumerate() {
                dt { (question.name) } dd { (value(filled.fields, &format!("value-{n}"))) } } }
        }
        p { (super::burden_link(visit, at, ("collection", &one.id.to_string()))) }
    };
    shell::page(&head, body)
}

fn entry(visit: &Visit, n: usize, question: &Question, (values, filled): (&Values, &Filled<'_>)) -> Markup {
    let key = format!("value-{n}");
    let given = given(values, question);
    let typed = value(filled.fields, &key);
    let shown = if typed.is_empty() && !filled.fields.contains_key(&key) { given } else { typed };
    let source = known::all(visit).into_iter().find(|fact| question.sort == Sort::Known(fact.key.clone()));
    let help = match source.filter(|_| !given.is_empty()) {
        Some(fact) => format!(
            "{}{}{}{}{}",
            visit.say("系统已填，来源：", "Filled in from "),
            visit.of(&fact.source),
            visit.say("，截至 ", ", as of "),
            visit.today,
            visit.say("。不对的请直接改。", ". Change it where it is wrong.")
        ),
        None => String::new(),
    };
    let input = html! {
        @match question.sort {
            Sort::Text => textarea id=(key) name=(key) rows="3" maxlength="1000" { (shown) },
            Sort::Yes => select id=(key) name=(key) {
                option value="" {}
                option value="yes" selected[shown == "yes"] { (visit.say("是", "Yes")) }
                option value="no" selected[shown == "no"] { (visit.say("否", "No")) }
            },
            Sort::Number => input id=(key) name=(key) value=(shown) inputmode="decimal" maxlength="40";,
            Sort::Known(_) => input id=(key) name=(key) value=(shown) maxlength="1000";,
        }
    };
    field(visit.lang, &key, &question.name, &help, filled.complaints, input)
}

pub(crate) async fn send(Place((id, collection)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, &at)?;
    let one = visit.app.read(move |tx| collection::find(tx, &scope, collection)).await?;
    let values = known::values(visit, &at, &keys(&one)).await?;
    match keep(&sent, &at, &one, &values).await {
        Err(Trouble::Refused(refusal)) => {
            let (all, complaints) = (std::slice::from_ref(&one), Complaints::new(vec![refusal]));
            let wanted = value(&sent.fields, "period");
            let turn = asked(visit, &at, all, &[]).into_iter().find(|turn| turn.turn.period == wanted);
            let Some(turn) = turn else { return Err(Trouble::NotFound) };
            let filled = Filled { fields: &sent.fields, complaints: &complaints };
            Ok(complaints.answer(page(visit, &at, &turn, (&values, &filled))))
        }
        other => other,
    }
}

async fn keep(sent: &Sent, at: &Unit, one: &Collection, values: &Values) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let answers: Vec<(String, String)> = one
        .questions
        .iter()
        .enumerate()
        .map(|(n, question)| {
            let typed = value(&sent.fields, &format!("value-{n}")).trim().to_owned();
            (typed, given(values, question).to_owned())
        })
        .collect();
    let period = value(&sent.fields, "period").to_owned();
    let (rules, one, at) = (visit.rules.clone(), one.clone(), at.clone());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        collection::answer(tx, &permit, (&one, &at), &period, &answers)?;
        Ok(format!("/units/{}/collections", at.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}
