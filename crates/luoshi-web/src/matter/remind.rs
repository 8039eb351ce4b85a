//! Opening follow-ups, one or hundreds: those ticked, or all late duties that match a filter. What was skipped is told.

use super::follow::changed;
use super::{FOLLOW_UP, opener};
use crate::form::{Fields, Sent, all, one, operation};
use crate::matrix::Filter;
use crate::obligation;
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::response::{IntoResponse, Response};
use luoshi_rules::{Obligation, Refusal, Unit, Verb};
use luoshi_store::matter::{self, Followed, Opening};
use luoshi_store::{Fault, unit};
use maud::{Markup, html};
use serde_json::{Value as Json, json};
use std::collections::{HashMap, HashSet};

/// Most duties one may remind of at once.
const AT_ONCE: usize = 5_000;

/// A follow-up to be opened.
struct Late {
    addressee: Unit,
    subject: String,
    title: String,
    data: Json,
}

/// Whether a duty can be reminded of from a unit.
pub(crate) fn remindable(visit: &Visit, from: i64, one: &Obligation) -> bool {
    one.status.is_wanting() && one.unit.id != from && visit.may(Verb::Act, one.unit)
}

pub(crate) async fn remind(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.app.read(move |tx| unit::find(tx, id)).await?;
    let opener = opener(visit, &at).await?;
    let year = one(&sent.fields, "year").parse().ok().and_then(|year: i16| Year::try_from(year).ok());
    let year = year.map_or(visit.year(), |Year(year)| year);
    let (openings, gone) = match one(&sent.fields, "all").parse::<usize>() {
        Ok(told) => (matching(visit, (&at, &opener), year, (&sent.fields, told)).await?, 0),
        Err(_) => ticked(visit, &opener, year, &sent.fields).await?,
    };
    let (rules, back) = (visit.rules.clone(), format!("/units/{}/follow-ups", opener.id));
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &opener)?;
        let flow = rules.base.flow(FOLLOW_UP).ok_or(Fault::NotFound)?;
        let followed = matter::followed(tx, &permit, flow)?;
        let mut opened = 0;
        for late in &openings {
            let subject = match followed.get(&(late.addressee.id, late.subject.clone())) {
                Some(Followed { open: true, .. }) => continue,
                Some(Followed { times, .. }) => format!("{}#{}", late.subject, times + 1),
                None => late.subject.clone(),
            };
            let (addressee, title, data) = (&late.addressee, late.title.clone(), late.data.clone());
            matter::open(tx, &permit, &Opening { flow, addressee, subject, title, data, note: String::new() })?;
            opened += 1;
        }
        Ok(format!("{back}?opened={opened}&there={}&met={gone}", openings.len() - opened))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

/// The late duties that were ticked, and how many of those ticked are late no longer.
async fn ticked(visit: &Visit, opener: &Unit, year: i16, fields: &Fields) -> Result<(Vec<Late>, usize), Trouble> {
    let picked: HashSet<&str> = all(fields, "pick").iter().map(String::as_str).collect();
    if picked.is_empty() {
        return Err(Refusal::rule("请先勾选要提醒的职责", "tick the duties to remind of first").into());
    }
    let ledger = obligation::ledger(visit, opener, year, None).await?;
    let key = |one: &Obligation| format!("{}/{}/{}", one.unit.id, one.clause.id, one.period.key());
    let wanted = ledger.wanting().into_iter().filter(|one| remindable(visit, opener.id, one));
    let late: Vec<Late> = wanted.filter(|one| picked.contains(key(one).as_str())).map(Late::of).collect();
    let gone = picked.len().saturating_sub(late.len());
    Ok((late, gone))
}

/// All late duties below a unit that match the filter of the form, which must be as many as it told.
async fn matching(
    visit: &Visit,
    (at, opener): (&Unit, &Unit),
    year: i16,
    (fields, told): (&Fields, usize),
) -> Result<Vec<Late>, Trouble> {
    let asked: HashMap<String, String> = fields.keys().map(|key| (key.clone(), one(fields, key).to_owned())).collect();
    let (filter, ledger) = (Filter::read(&asked), obligation::ledger(visit, at, year, None).await?);
    let wanted = ledger.owed().iter().filter(|one| filter.wants(visit, at, one) && remindable(visit, at.id, one));
    let late: Vec<Late> = wanted.filter(|one| one.unit.id != opener.id).map(Late::of).collect();
    if late.len() != told {
        return Err(changed(told, late.len()).into());
    }
    if late.is_empty() || late.len() > AT_ONCE {
        let zh = format!("一次可提醒 1 至 {AT_ONCE} 项，请先筛选");
        return Err(Refusal::rule(zh, format!("1 to {AT_ONCE} at once; filter first")).into());
    }
    Ok(late)
}

impl Late {
    fn of(one: &Obligation) -> Late {
        let (clause, period) = (one.clause, one.period);
        Late {
            addressee: one.unit.clone(),
            subject: format!("{}/{}", clause.id, period.key()),
            title: format!("{} {}（{}）", clause.id, clause.text.zh, period),
            data: json!({ "clause": clause.id, "period": period.key(), "year": period.last.year(), "due": one.due.to_string() }),
        }
    }
}

/// What the last act for many came to, from the address it led to.
pub(super) fn told(visit: &Visit, asked: &HashMap<String, String>) -> Markup {
    let n = |key: &str| asked.get(key).and_then(|text| text.parse::<u32>().ok());
    let skipped = [
        ("there", "已在督办中", "already followed up"),
        ("met", "已落实或已不在范围内", "met meanwhile, or out of reach"),
        ("closed", "已销号", "closed already"),
        ("step", "流程还不到这一步", "cannot take this step where they stand"),
        ("right", "不是您所在组织发出的", "opened by another unit"),
    ];
    let skipped: Vec<_> =
        skipped.iter().filter_map(|(key, zh, en)| Some((n(key).filter(|n| *n > 0)?, zh, en))).collect();
    html! {
        @if let Some(opened) = n("opened").or(n("done")) {
            p.note role="status" {
                @if n("opened").is_some() { (visit.say("已发提醒 ", "Reminders sent: ")) } @else { (visit.say("已办理 ", "Done: ")) }
                b { (opened) } (visit.say(" 项", ""))
                @for (n, zh, en) in &skipped { (visit.say("；跳过 ", "; skipped ")) b { (n) } (visit.say(" 项：", ": ")) (visit.say(zh, en)) }
                (visit.say("。", "."))
            }
        }
    }
}
