//! Writing records: a new one, a correction, a withdrawal.

use super::{Filled, attachment, people};
use crate::form::{Complaints, Fields, Sent, all, day, one, operation};
use crate::obligation;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use luoshi_rules::record::{Due, Field, Holds};
use luoshi_rules::{Kind, Refusal, Status, Unit, Verb};
use luoshi_store::plan;
use luoshi_store::record::{self, Entry};
use maud::{Markup, html};
use serde_json::Value as Json;
use std::collections::HashMap;

/// What a form is for.
struct Asking<'a> {
    visit: &'a Visit,
    at: &'a Unit,
    kind: &'a Kind,
    /// id and version of the record corrected
    corrects: Option<(i64, i64)>,
}

impl Asking<'_> {
    fn address(&self) -> String {
        match self.corrects {
            Some((id, _)) => format!("/units/{}/records/{id}/correct", self.at.id),
            None => format!("/units/{}/records", self.at.id),
        }
    }

    fn draft(&self) -> String {
        format!("{}?kind={}", self.address(), self.kind.id)
    }
}

pub(super) async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::Write).await?;
    let Some(kind) = asked.get("kind") else { return Ok(choose(&visit, &at).into_response()) };
    let kind = visit.rules.kind(kind).ok_or(Trouble::NotFound)?;
    let asking = Asking { visit: &visit, at: &at, kind, corrects: None };
    let (actor, form) = (visit.actor.clone(), asking.draft());
    let draft = visit.app.read(move |tx| plan::draft(tx, &actor, &form)).await?;
    let kept: Option<Fields> = draft.and_then(|json| serde_json::from_value(json).ok());
    let fresh = asked.into_iter().filter(|(key, _)| key != "kind").map(|(key, value)| (key, vec![value])).collect();
    let restored = kept.is_some();
    let fields = kept.unwrap_or(fresh);
    Ok(page(&asking, &Filled { fields: &fields, complaints: &Complaints::default() }, restored).await?.into_response())
}

fn choose(visit: &Visit, at: &Unit) -> Markup {
    let title = visit.say("记一条纪实：选类型", "Add a record: choose the kind").to_owned();
    let page = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Records };
    let (meetings, others): (Vec<&Kind>, Vec<&Kind>) =
        super::kinds_of(visit, at).into_iter().partition(|kind| kind.meeting.is_some());
    let buttons = |kinds: Vec<&Kind>| {
        html! { p.kinds { @for kind in kinds { a.button href={ "?kind=" (kind.id) } { (visit.of(&kind.name)) } " " } } }
    };
    shell::page(
        &page,
        html! {
            h2 { (visit.say("会议和活动", "Meetings")) } (buttons(meetings))
            h2 { (visit.say("其他", "Other")) } (buttons(others))
        },
    )
}

async fn page(asking: &Asking<'_>, filled: &Filled<'_>, restored: bool) -> Result<Markup, Trouble> {
    let (visit, at, kind) = (asking.visit, asking.at, asking.kind);
    let roll = match &kind.meeting {
        Some(meeting) => people::roll(visit, at, meeting).await?,
        None => Vec::new(),
    };
    let title = match asking.corrects {
        Some(_) => format!("{} {}", visit.say("更正", "Correct"), visit.of(&kind.name)),
        None => visit.of(&kind.name).to_owned(),
    };
    let on = match one(filled.fields, "on") {
        "" => visit.today.to_string(),
        text => text.to_owned(),
    };
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Records };
    let lang = visit.lang;
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        @if restored { p.note { (visit.say("已恢复上次没有提交的草稿。", "Your unsent draft has been restored.")) } }
        @if !kind.help.zh.is_empty() { p.help { (visit.of(&kind.help)) } }
        form.stack.record method="post" enctype="multipart/form-data" action=(asking.address()) data-draft=(asking.draft()) {
            (shell::hidden(visit))
            input type="hidden" name="kind" value=(kind.id);
            @if let Some((_, version)) = asking.corrects { input type="hidden" name="version" value=(version); }
            (field(lang, "on", visit.say("日期", "Day"), "", filled.complaints, html! {
                input #on type="date" name="on" value=(on) max=(visit.today) required;
            }))
            @for one in &kind.field { (question(visit, one, filled)) }
            @if let Some(meeting) = &kind.meeting { (people::form(visit, meeting, &roll, filled)) }
            (makes_up(visit, filled))
            p.actions { button.main { (visit.say("保存", "Save")) } " " small data-kept hidden { (visit.say("草稿已保存", "draft kept")) } }
        }
        (closes(visit, at, kind, filled).await?)
    };
    Ok(shell::page(&head, body))
}

fn makes_up(visit: &Visit, filled: &Filled) -> Markup {
    let period = one(filled.fields, "makes_up");
    html! {
        @if !period.is_empty() {
            (field(visit.lang, "makes_up", visit.say("补办哪个周期", "Which period this makes up for"),
                visit.say("在周期之后补办的，记为迟办；周期内已开展、只是晚录的，请清空此项并填真实日期。",
                    "Done after the period: counts as late. If it was held in time and is only entered late, empty this box and give the real day."),
                filled.complaints, html! { input #makes_up name="makes_up" value=(period) maxlength="20"; }))
        }
    }
}

pub(crate) fn question(visit: &Visit, asked: &Field, filled: &Filled) -> Markup {
    let (key, given) = (asked.id.as_str(), one(filled.fields, &asked.id));
    let chosen = |id: &str| all(filled.fields, key).iter().any(|value| value == id);
    let required = !asked.optional;
    let input = match asked.holds {
        Holds::Long => html! { textarea id=(key) name=(key) rows="6" required[required] { (given) } },
        Holds::Number => html! { input id=(key) name=(key) type="number" min="0" max=[asked.most] value=(given) required[required]; },
        Holds::Date => html! { input id=(key) name=(key) type="date" value=(given) required[required]; },
        Holds::Money => html! { input id=(key) name=(key) inputmode="decimal" value=(given) required[required]; },
        Holds::Choice => html! {
            select id=(key) name=(key) required[required] {
                option value="" { (visit.say("请选择", "Choose")) }
                @for option in &asked.option { option value=(option.id) selected[chosen(&option.id)] { (visit.of(&option.name)) } }
            }
        },
        Holds::Choices => html! {
            fieldset.choices id=(key) { legend.sr { (visit.of(&asked.name)) }
                @for option in &asked.option {
                    label { input type="checkbox" name=(key) value=(option.id) checked[chosen(&option.id)]; " " (visit.of(&option.name)) }
                }
            }
        },
        Holds::File => html! { input id=(key) name=(key) type="file" multiple; },
        Holds::Text | Holds::People | Holds::Unit => {
            html! { input id=(key) name=(key) value=(given) maxlength="200" required[required]; }
        }
    };
    let mut label = visit.of(&asked.name).to_owned();
    if asked.optional {
        label += visit.say("（选填）", " (optional)");
    }
    let ground = asked.ground.as_ref().map(|ground| {
        format!("{}{}", visit.say("本项要求上传附件，依据：", "An attachment is required; ground: "), visit.of(ground))
    });
    field(visit.lang, key, &label, ground.as_deref().unwrap_or(visit.of(&asked.help)), filled.complaints, input)
}

/// Which open duties a record of this kind may close.
async fn closes(visit: &Visit, at: &Unit, kind: &Kind, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let ledger = obligation::ledger(visit, at, visit.year(), None).await?;
    let mut owed: Vec<_> = ledger
        .pressing()
        .into_iter()
        .filter(|one| one.unit.id == at.id && one.clause.counts.iter().any(|count| count.record == kind.id))
        .filter(|one| matches!(one.status, Status::Open | Status::Overdue | Status::Awaiting))
        .collect();
    owed.truncate(12);
    let _ = filled;
    Ok(html! {
        section.card {
            h2 { (visit.say("这类纪实能落实的职责", "Open duties that this kind can meet")) }
            @if owed.is_empty() { p.empty { (visit.say("目前没有待落实的相关职责。", "No open duty counts this kind now.")) } }
            @else { (obligation::rows(visit, &ledger, &owed, false)) }
        }
    })
}

// ---- writing

pub(super) async fn add(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let at = sent.visit.unit(id, Verb::Write).await?;
    write(&sent, &at, None).await
}

pub(super) async fn show_correction(visit: Visit, Place((id, record)): Place<(i64, i64)>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::Write).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, &at)?;
    let (line, attended) = visit
        .app
        .read(move |tx| {
            let line = record::find(tx, &scope, record)?;
            let attended = record::attended(tx, &scope, record, line.record.version)?;
            Ok((line, attended))
        })
        .await?;
    let kind = visit.rules.kind(&line.record.kind).ok_or(Trouble::NotFound)?;
    let mut fields = refill(kind, &line.record.data);
    fields.insert("on".into(), vec![line.record.on.to_string()]);
    fields.insert("makes_up".into(), vec![line.record.makes_up.clone()]);
    people::refill(&attended, &mut fields);
    let asking = Asking { visit: &visit, at: &at, kind, corrects: Some((record, line.record.version)) };
    page(&asking, &Filled { fields: &fields, complaints: &Complaints::default() }, false).await
}

fn refill(kind: &Kind, data: &Json) -> Fields {
    let text = |field: &Field, value: &Json| match value {
        Json::String(text) => text.clone(),
        Json::Number(fen) if field.holds == Holds::Money => {
            let fen = fen.as_i64().unwrap_or(0);
            format!("{}.{:02}", fen / 100, fen % 100)
        }
        other => other.to_string(),
    };
    let answered = kind.field.iter().filter(|field| !data[&field.id].is_null());
    answered
        .map(|field| match &data[&field.id] {
            Json::Array(many) => (field.id.clone(), many.iter().map(|value| text(field, value)).collect()),
            value => (field.id.clone(), vec![text(field, value)]),
        })
        .collect()
}

pub(super) async fn correct(Place((id, record)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let at = sent.visit.unit(id, Verb::Write).await?;
    let version = one(&sent.fields, "version").parse().map_err(|_| Trouble::Stale)?;
    write(&sent, &at, Some((record, version))).await
}

/// Writes a record or a correction; a refused form is shown again as it was filled.
async fn write(sent: &Sent, at: &Unit, corrects: Option<(i64, i64)>) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let kind = visit.rules.kind(one(&sent.fields, "kind")).ok_or(Trouble::NotFound)?;
    let asking = Asking { visit, at, kind, corrects };
    let refusals = match try_write(&asking, sent).await {
        Ok(done) => return Ok(done),
        Err(Failed::Refused(refusals)) => refusals,
        Err(Failed::Trouble(Trouble::Refused(refusal))) => vec![refusal],
        Err(Failed::Trouble(other)) => return Err(other),
    };
    let complaints = Complaints::new(refusals);
    let page = page(&asking, &Filled { fields: &sent.fields, complaints: &complaints }, false).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Why a form was not written: what the rules say of it, or something else.
enum Failed {
    Refused(Vec<Refusal>),
    Trouble(Trouble),
}

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Failed {
        Failed::Trouble(trouble)
    }
}

async fn try_write(asking: &Asking<'_>, sent: &Sent) -> Result<Response, Failed> {
    let (visit, at, kind) = (asking.visit, asking.at.clone(), asking.kind.clone());
    let (on, data) = match (day(&sent.fields, "on"), kind.read(&sent.fields)) {
        (Ok(on), Ok(data)) => (on, data),
        (on, data) => {
            return Err(Failed::Refused(on.err().into_iter().chain(data.err().into_iter().flatten()).collect()));
        }
    };
    let files = attachment::keep(visit, &kind, &sent.files).await?;
    let (due, stood) = match &kind.meeting {
        Some(meeting) => people::read(visit, &at, meeting, &sent.fields).await?,
        None => (None, Vec::new()),
    };
    let makes_up: String =
        one(&sent.fields, "makes_up").chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let (corrects, form, rules) = (asking.corrects, asking.draft(), visit.rules.clone());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        let (data, makes_up, due) = (data.clone(), makes_up.clone(), due.clone());
        let entry = Entry { kind: &kind, on, data, makes_up, due, stood: stood.clone(), files: files.clone() };
        let id = match corrects {
            None => record::add(tx, &permit, &entry)?,
            Some((id, version)) => correct_own(tx, actor, &rules.base, &permit, (id, version), &entry)?,
        };
        plan::drop_draft(tx, actor, &form)?;
        Ok(format!("/units/{}/records/{id}", at.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

/// Corrects a record of the unit of the permit, and of no other.
fn correct_own(
    tx: &luoshi_store::Tx,
    actor: &luoshi_rules::Actor,
    base: &luoshi_rules::Pack,
    permit: &luoshi_rules::Permit,
    (id, version): (i64, i64),
    entry: &Entry,
) -> Result<i64, luoshi_store::Fault> {
    let at = luoshi_store::unit::find(tx, permit.unit())?;
    let scope = actor.scope(base, Verb::Write, &at)?;
    if record::find(tx, &scope, id)?.record.unit != permit.unit() {
        return Err(luoshi_store::Fault::NotFound);
    }
    // what was attached before stays attached
    let mut kept = entry.clone();
    kept.files = record::files(tx, &scope, id, version)?;
    kept.files.extend(entry.files.iter().cloned());
    record::correct(tx, permit, id, version, &kept)?;
    Ok(id)
}

pub(super) async fn withdraw(Place((id, record)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    let version: i64 = one(&sent.fields, "version").parse().map_err(|_| Trouble::Stale)?;
    let why = one(&sent.fields, "why").to_owned();
    if why.is_empty() {
        return Err(Refusal::field("why", "请写明撤销的原因", "please say why").into());
    }
    let rules = visit.rules.clone();
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        let scope = actor.scope(&rules.base, Verb::Write, &at)?;
        let line = record::find(tx, &scope, record)?;
        let kind = rules.kind(&line.record.kind).ok_or(luoshi_store::Fault::NotFound)?;
        if line.record.unit != at.id {
            return Err(luoshi_store::Fault::NotFound);
        }
        let entry = Entry {
            kind,
            on: line.record.on,
            data: line.record.data.clone(),
            makes_up: line.record.makes_up.clone(),
            due: None,
            stood: Vec::new(),
            files: Vec::new(),
        };
        record::withdraw(tx, &permit, record, version, &entry, &why)?;
        Ok(format!("/units/{}/records/{record}", at.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

/// Who is due at a meeting by default.
pub(super) fn is_member_meeting(due: Due) -> bool {
    matches!(due, Due::Members)
}
