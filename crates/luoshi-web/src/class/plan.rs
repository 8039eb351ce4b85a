//! Planning a class or a call: days, sessions, places, quotas by unit.

use super::{audiences, hours_name, kind, may_hold, page};
use crate::form::{Complaints, Sent, day, one as value, operation, parse};
use crate::record::Filled;
use crate::shell::{self, field};
use crate::trouble::Trouble;
use crate::visit::{Place as At, Visit};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use luoshi_rules::class::Enrol;
use luoshi_rules::{Kind, Refusal, Unit, Verb};
use luoshi_store::class::{self, Plan, Session};
use luoshi_store::{Tx, unit};
use maud::{Markup, html};
use std::collections::HashMap;

pub(super) fn form(visit: &Visit, at: &Unit, of: (&Kind, &Enrol), filled: &Filled) -> Markup {
    let optional = ["place", "hours"];
    let input = |key: &str, zh: &str, en: &str, sort: &str| {
        let (label, given) = (visit.say(zh, en), value(filled.fields, key));
        field(
            visit.lang,
            key,
            label,
            "",
            filled.complaints,
            html! {
            input id=(key) name=(key) type=(sort) min=[(sort == "number").then_some("1")] required[!optional.contains(&key)] value=(given) maxlength="80"; },
        )
    };
    let chosen = value(filled.fields, "audience");
    html! {
        details.card open[!filled.complaints.is_empty()] {
            summary { b { (visit.of(&of.1.plan)) } }
            form.stack method="post" action={ "/units/" (at.id) "/classes" } {
                (shell::hidden(visit))
                input type="hidden" name="kind" value=(of.0.id);
                (input("title", "名称", "What it is called", "text"))
                (field(visit.lang, "need", visit.say("需要做什么、有什么要求（选填）", "What it is about, what is needed (optional)"), "", filled.complaints, html! {
                    textarea #need name="need" rows="2" maxlength="500" { (value(filled.fields, "need")) } }))
                (field(visit.lang, "audience", visit.say("对象、类别", "For, sort"), "", filled.complaints, html! {
                    select #audience name="audience" { @for one in audiences(of) { option value=(one.id) selected[one.id == chosen] { (visit.of(&one.name)) } } } }))
                (input("from", "第一天", "First day", "date"))
                (input("until", "最后一天", "Last day", "date"))
                (input("place", "地点", "Where", "text"))
                (field(visit.lang, "sessions", visit.say("每次（选填）", "Each session (optional)"),
                    visit.say("每行一次：日期、时长、内容，如“2023-05-15 4 开班式、专题辅导”；填了的，总时长自动合计，缺哪次就少哪次的时长。", "One session a line: day, hours, topic, such as “2023-05-15 4 Opening”; the hours are then added up, and who missed a session does not get its hours."),
                    filled.complaints, html! { textarea #sessions name="sessions" rows="3" maxlength="8000" { (value(filled.fields, "sessions")) } }))
                (field(visit.lang, "hours", &hours_name(visit, of.1), visit.say("没有逐次填写时填", "where sessions are not listed"), filled.complaints, html! {
                    input #hours name="hours" type="number" min="1" max="200" value=(value(filled.fields, "hours")); }))
                (input("places", "名额", "Places", "number"))
                (input("closes", "报名截止日", "Names until", "date"))
                (quotas_field(visit, filled))
                button.main { (visit.say("确定", "Plan it")) }
            }
        }
    }
}

fn quotas_field(visit: &Visit, filled: &Filled) -> Markup {
    html! {
        (field(visit.lang, "quotas", visit.say("分组织名额（选填）", "At most, by unit (optional)"),
                    visit.say("每行一个下级组织简称和名额，如“规划院党委 5”；名额含其下级，不写的不限。", "One unit below and its places a line, such as “规划院党委 5”; units below it count in; those not named have no limit of their own."),
                    filled.complaints, html! { textarea #quotas name="quotas" rows="3" maxlength="4000" { (value(filled.fields, "quotas")) } }))
    }
}

pub(crate) async fn plan(At(id): At<i64>, sent: Sent) -> Result<Response, Trouble> {
    let at = sent.visit.unit(id, Verb::Write).await?;
    match try_plan(&sent, &at).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let asked = HashMap::from([("kind".to_owned(), value(&sent.fields, "kind").to_owned())]);
            page(&sent.visit, &at, &asked, &Filled { fields: &sent.fields, complaints: &complaints }).await
        }
        done => done,
    }
}

async fn try_plan(sent: &Sent, at: &Unit) -> Result<Response, Trouble> {
    let (visit, fields) = (&sent.visit, &sent.fields);
    let of = kind(visit, value(fields, "kind"))?;
    if !may_hold(at, of.0) {
        return Err(Trouble::NotFound);
    }
    let wanted = value(fields, "audience");
    if !audiences(of).iter().any(|one| one.id == wanted) {
        return Err(Refusal::field("audience", "请选择对象或类别", "choose for whom or of what sort it is").into());
    }
    let number = |key: &str| parse::<i64>(fields, key, "请填写数字", "please enter a number");
    let text = |key: &str| value(fields, key).trim().chars().take(80).collect::<String>();
    let sessions = sessions(value(fields, "sessions"))?;
    let plan = Plan {
        kind: of.0.id.clone(),
        title: text("title"),
        need: value(fields, "need").trim().chars().take(500).collect(),
        audience: wanted.to_owned(),
        from: day(fields, "from")?,
        until: day(fields, "until")?,
        place: text("place"),
        hours: if sessions.is_empty() { number("hours")? } else { sessions.iter().map(|one| one.hours).sum() },
        places: number("places")?,
        closes: day(fields, "closes")?,
        sessions,
    };
    let lines = quotas(value(fields, "quotas"))?;
    let (rules, at, kind) = (visit.rules.clone(), at.clone(), of.0.clone());
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        let quotas = lines.iter().map(|(name, places)| Ok((below(tx, &at, name)?, *places)));
        let id = class::plan(tx, &permit, &kind, &plan, &quotas.collect::<Result<Vec<_>, luoshi_store::Fault>>()?)?;
        Ok(format!("/units/{}/classes/{id}", at.id))
    };
    Ok(visit.act(operation(fields), work).await?.into_response())
}

/// Lines of a day, hours and a topic, in the order of their days.
fn sessions(text: &str) -> Result<Vec<Session>, Refusal> {
    let line = |line: &str| {
        let mut parts = line.splitn(3, |c: char| c.is_whitespace() || c == '，' || c == '、');
        let on: Date = parts.next()?.parse().ok()?;
        let hours = parts.next()?.trim_end_matches(['学', '时', '小']).parse().ok().filter(|n| (1..=24).contains(n))?;
        let topic = parts.next().unwrap_or_default().trim().chars().take(80).collect();
        Some(Session { no: 0, on, hours, topic, record: 0 })
    };
    let bad = |text: &str| {
        let zh = format!("看不懂“{text}”：写日期、1至24的时长、内容，如“2023-05-15 4 专题辅导”");
        Refusal::field("sessions", zh, format!("cannot read “{text}”: write a day, 1 to 24 hours and a topic"))
    };
    let lines = text.lines().map(str::trim).filter(|text| !text.is_empty());
    let mut all: Vec<Session> = lines.map(|text| line(text).ok_or_else(|| bad(text))).collect::<Result<_, _>>()?;
    all.sort_by_key(|one| one.on);
    (1..).zip(&mut all).for_each(|(no, one)| one.no = no);
    Ok(all)
}

/// Lines of a unit and its places.
fn quotas(text: &str) -> Result<Vec<(String, i64)>, Refusal> {
    let line = |line: &str| {
        let (name, places) = line.trim().rsplit_once([' ', '\u{3000}', '：', ':', '，', ','])?;
        let places = places.trim().trim_end_matches(['人', '名']).parse().ok().filter(|n| (1..=2_000).contains(n))?;
        Some((name.trim_end_matches([' ', '：', ':', '，', ',']).to_owned(), places))
    };
    let bad = |text: &str| {
        let (zh, en) =
            (format!("看不懂“{text}”：写组织简称和名额"), format!("cannot read “{text}”: write a unit and its places"));
        Refusal::field("quotas", zh, en)
    };
    text.lines().filter(|text| !text.trim().is_empty()).map(|text| line(text).ok_or_else(|| bad(text.trim()))).collect()
}

/// A unit at or below one, by its name.
fn below(tx: &Tx, at: &Unit, name: &str) -> Result<i64, luoshi_store::Fault> {
    for id in unit::named(tx, at.top, name)? {
        if at.path.contains(&unit::find(tx, id)?.path) {
            return Ok(id);
        }
    }
    let (zh, en) = (format!("下级组织中没有“{name}”"), format!("there is no “{name}” below"));
    Err(Refusal::field("quotas", zh, en).into())
}
