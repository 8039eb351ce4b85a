//! Changing a unit: one form for each change; a refused one is shown again as it was filled.

use super::forms::{self, Choices};
use crate::form::{Complaints, Fields, Sent, all, day, one, operation, parse};
use crate::routes::Routes;
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use luoshi_rules::unit::Sort;
use luoshi_rules::{Actor, Pack, Permit, Refusal, Scope, Unit, Verb};
use luoshi_store::unit::{self, Decision, Founding, Name, Offshoot};
use luoshi_store::{Fault, Tx, matter, person};
use maud::Markup;
use std::collections::HashMap;

/// Most units a search for one shows.
const FOUND: i64 = 30;
/// Most people of one roll that may be chosen from.
const ROLL: i64 = 1_000;

pub fn routes() -> Routes {
    Routes::new().route("/units/{unit}/change", get(show)).route("/units/{unit}/changes", post(change))
}

async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::Rule).await?;
    let fields: Fields = asked.into_iter().map(|(key, value)| (key, vec![value])).collect();
    page(&visit, &at, &fields, &Complaints::default()).await
}

pub(crate) async fn change(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Rule).await?;
    match try_change(&sent, &at).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = page(visit, &at, &sent.fields, &complaints).await?;
            Ok(complaints.answer(page))
        }
        other => other,
    }
}

async fn page(visit: &Visit, at: &Unit, fields: &Fields, complaints: &Complaints) -> Result<Markup, Trouble> {
    let base = visit.rules.base.clone();
    let wide = reach(visit, at).await?;
    let (see, people) = (visit.actor.scope(&base, Verb::See, at)?, visit.actor.scope(&base, Verb::People, at).ok());
    let (id, sort, words) = (at.id, one(fields, "do").to_owned(), luoshi_text::pinyin::query(one(fields, "q")));
    let choices = visit
        .app
        .read(move |tx| {
            let mut choices = Choices { ties: unit::ties(tx, &see, id)?, ..Choices::default() };
            if !words.trim().is_empty() {
                choices.units = unit::search(tx, &wide, &words, FOUND)?;
            }
            if let Some(scope) = people.as_ref().filter(|_| sort == "split") {
                let filter = person::Filter { unit: id, most: ROLL, ..Default::default() };
                let rows = person::list(tx, scope, &filter)?;
                choices.roll = rows.into_iter().map(|(one, _)| (one.id, one.name)).collect();
            }
            Ok(choices)
        })
        .await?;
    Ok(forms::page(visit, at, &forms::Filled { fields, complaints, choices: &choices }))
}

/// The part of the organisation of a unit that the visitor rules: where a unit to move to may be looked for.
async fn reach(visit: &Visit, at: &Unit) -> Result<Scope, Trouble> {
    let base = &visit.rules.base;
    let ruling = visit.actor.posts.iter().filter(|held| {
        let here = held.path == at.path;
        held.path.contains(&at.path) && base.grants(&held.post, Verb::Rule, here)
    });
    let highest = ruling.min_by_key(|held| held.path.depth()).ok_or(Trouble::NotFound)?;
    // a post above the organisation rules all of it
    let root = if highest.top == at.top { highest.unit } else { at.top };
    let root = visit.app.read(move |tx| unit::find(tx, root)).await?;
    Ok(visit.actor.scope(base, Verb::Rule, &root)?)
}

/// A change as read from its form.
#[derive(Clone)]
enum Act {
    Found(Founding),
    FoundTop(Founding),
    Rename(Name),
    Reclass(Sort),
    Move(i64),
    Merge(i64),
    Split(Offshoot),
    /// with the unit that takes over what is open
    Dissolve(Option<i64>),
    Tie(String, i64),
    Untie(String, i64),
}

async fn try_change(sent: &Sent, at: &Unit) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let act = read(at, &sent.fields, &visit.rules.base)?;
    let (on, note) = (day(&sent.fields, "on")?, one(&sent.fields, "note").to_owned());
    if matches!(act, Act::Dissolve(_)) && note.is_empty() {
        return Err(Refusal::field("note", "请写明撤销的原因或批复文号", "say why, or give the paper").into());
    }
    let (rules, id) = (visit.rules.clone(), at.id);
    let ends = matches!(act, Act::Merge(_) | Act::Dissolve(_));
    let met = if ends { crate::matter::met(visit, at, None).await? } else { Vec::new() };
    let work = move |tx: &Tx, actor: &Actor| {
        let permit = actor.permit(&rules.base, Verb::Rule, &unit::find(tx, id)?)?;
        // what is closed by its duty does not pass on as open
        matter::settle(tx, &permit, &rules.base, &met)?;
        carry_out(tx, actor, &Decision { permit: &permit, pack: &rules.base, on, note: &note }, &act)
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

fn read(at: &Unit, fields: &Fields, pack: &Pack) -> Result<Act, Refusal> {
    let chosen = || parse(fields, "to", "请先查找，再从结果中选择一个组织", "look for a unit and choose it");
    let tie = || one(fields, "tie").to_owned();
    Ok(match one(fields, "do") {
        "found" => {
            let founding = founding(fields, sort(fields)?)?;
            sort(fields)?.check(pack)?;
            pack.place(&founding.level, &at.level)?;
            if one(fields, "own") == "yes" { Act::FoundTop(founding) } else { Act::Found(founding) }
        }
        "rename" => Act::Rename(name(fields)?),
        "reclass" => Act::Reclass(sort(fields)?),
        "move" => Act::Move(chosen()?),
        "merge" => Act::Merge(chosen()?),
        "split" => {
            let like = Sort {
                level: at.level.clone(),
                class: at.class.clone(),
                code: at.code.clone(),
                parts: Vec::new(),
                order_no: at.order_no,
            };
            let people: Vec<i64> = all(fields, "people").iter().filter_map(|id| id.parse().ok()).collect();
            Act::Split(Offshoot { founding: founding(fields, like)?, people })
        }
        "dissolve" if one(fields, "to").is_empty() => Act::Dissolve(None),
        "dissolve" => Act::Dissolve(Some(chosen()?)),
        "tie" => Act::Tie(tie(), chosen()?),
        "untie" => Act::Untie(tie(), chosen()?),
        _ => return Err(Refusal::rule("请选择要办理的变更", "choose what is to change")),
    })
}

fn name(fields: &Fields) -> Result<Name, Refusal> {
    let text = |key: &str| match one(fields, key) {
        text if (1..=100).contains(&text.chars().count()) => Ok(text.to_owned()),
        _ => Err(Refusal::field(key, "名称为1至100字", "a name has 1 to 100 characters")),
    };
    let (full, short) = (text("full_name")?, text("short_name")?);
    let search = luoshi_text::pinyin::title_key(&format!("{full} {short}"));
    Ok(Name { short, full, search })
}

fn sort(fields: &Fields) -> Result<Sort, Refusal> {
    Ok(Sort {
        level: one(fields, "level").to_owned(),
        class: one(fields, "class").to_owned(),
        code: one(fields, "code").to_owned(),
        parts: all(fields, "parts").to_vec(),
        order_no: parse(fields, "order_no", "序号为1至9999", "an order number is 1 to 9999")?,
    })
}

fn founding(fields: &Fields, sort: Sort) -> Result<Founding, Refusal> {
    let (name, on) = (name(fields)?, day(fields, "on")?);
    Ok(Founding {
        id: 0,
        level: sort.level,
        class: sort.class,
        code: sort.code,
        parts: sort.parts,
        order_no: sort.order_no,
        short_name: name.short,
        full_name: name.full,
        search: name.search,
        on,
    })
}

/// Does what the form asks for, and returns where to go next: the new unit, or the one that changed.
fn carry_out(tx: &Tx, actor: &Actor, decision: &Decision, act: &Act) -> Result<String, Fault> {
    let Decision { permit, pack, on, .. } = *decision;
    let target = |id: i64| target(tx, actor, pack, id);
    let mut next = permit.unit();
    match act {
        Act::Found(founding) => next = unit::found(tx, permit, founding)?.id,
        Act::FoundTop(founding) => next = unit::found_top_below(tx, permit, founding)?.id,
        Act::Rename(name) => unit::rename(tx, decision, name)?,
        Act::Reclass(sort) => unit::reclass(tx, decision, sort)?,
        Act::Move(to) => unit::move_to(tx, decision, &target(*to)?)?,
        Act::Merge(into) => unit::merge(tx, decision, &target(*into)?)?,
        Act::Split(part) => {
            let above = unit::ancestry(tx, &unit::find(tx, next)?)?.into_iter().rev().nth(1);
            let above = above.ok_or_else(|| Refusal::rule("最上级组织不能拆分", "a root cannot be split"))?;
            unit::split(tx, decision, &target(above.id)?, std::slice::from_ref(part))?;
        }
        Act::Dissolve(heir) => {
            let heir = heir.map(target).transpose()?;
            unit::dissolve(tx, decision, heir.as_ref())?;
        }
        Act::Tie(tie, other) => unit::add_tie(tx, permit, pack, (tie, &unit::find(tx, *other)?), on)?,
        Act::Untie(tie, other) => unit::end_tie(tx, permit, tie, *other, on)?,
    }
    Ok(format!("/units/{next}"))
}

/// Leave to rule the unit chosen as the target of a change.
fn target(tx: &Tx, actor: &Actor, pack: &Pack, id: i64) -> Result<Permit, Fault> {
    let leave = unit::find(tx, id).and_then(|unit| Ok(actor.permit(pack, Verb::Rule, &unit)?));
    leave.map_err(|fault| match fault {
        Fault::NotFound | Fault::Refused(Refusal::NotAllowed) => {
            let zh = "该组织不在您可以管理的范围内，请从查找结果中选择";
            Refusal::field("to", zh, "that unit is not yours to rule; choose one from the results").into()
        }
        other => other,
    })
}
