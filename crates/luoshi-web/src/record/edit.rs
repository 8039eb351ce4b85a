//! Writing records: a new one, a correction, a withdrawal.

use super::people::Gathered;
use super::{Filled, also, attachment, closes, groups, meeting, pairs, people, question, subject};
use crate::form::{Complaints, Fields, Sent, day, one, operation};
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use luoshi_rules::record::Due;
use luoshi_rules::{Kind, Refusal, Unit, Verb};
use luoshi_store::plan;
use luoshi_store::record::{self, Entry};
use maud::{Markup, html};
use serde_json::Value as Json;

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

    /// Whether a correction leaves who came as it is: the rows of people are seen and corrected by the unit alone.
    fn keeps_people(&self) -> bool {
        self.corrects.is_some() && !self.visit.within(self.at)
    }

    fn draft(&self) -> String {
        format!("{}?kind={}", self.address(), self.kind.id)
    }
}

pub(super) async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::Write).await?;
    let mut fresh = Fields::new();
    asked.into_iter().for_each(|(key, value)| fresh.entry(key).or_default().push(value));
    if !fresh.contains_key("kind") {
        return Ok(choose(&visit, &at).into_response());
    }
    let kind = visit.rules.kind(one(&fresh, "kind")).ok_or(Trouble::NotFound)?;
    let in_groups = kind.meeting.as_ref().map(|meeting| meeting.due).filter(|due| due.is_of_groups());
    if let Some(due) = in_groups
        && let Some(page) = groups::choose(&visit, &at, (kind, due), &mut fresh).await?
    {
        return Ok(page.into_response());
    }
    let asking = Asking { visit: &visit, at: &at, kind, corrects: None };
    let (actor, form) = (visit.actor.clone(), asking.draft());
    let draft = visit.app.read(move |tx| plan::draft(tx, &actor, &form)).await?;
    let kept: Option<Fields> = draft.and_then(|json| serde_json::from_value(json).ok());
    fresh.remove("kind");
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
    let title = match asking.corrects {
        Some(_) => format!("{} {}", visit.say("更正", "Correct"), visit.of(&kind.name)),
        None => visit.of(&kind.name).to_owned(),
    };
    let on = match one(filled.fields, "on") {
        "" => visit.today.to_string(),
        text => text.to_owned(),
    };
    let body = people_of(asking, filled, on.parse().unwrap_or(visit.today)).await?;
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Records };
    let lang = visit.lang;
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        @if kind.gathers() { p { a href={ "/units/" (at.id) "/meetings/" (kind.id) } { (visit.say("这个会怎么开", "How this is done")) } } }
        @if restored { p.note { (visit.say("已恢复上次没有提交的草稿。", "Your unsent draft has been restored.")) } }
        @if !kind.help.zh.is_empty() { p.help { (visit.of(&kind.help)) } }
        form.stack.record method="post" enctype="multipart/form-data" action=(asking.address()) data-draft=(asking.draft()) {
            (shell::hidden(visit))
            input type="hidden" name="kind" value=(kind.id);
            @if let Some((_, version)) = asking.corrects { input type="hidden" name="version" value=(version); }
            (field(lang, "on", visit.say("日期", "Day"), "", filled.complaints, html! {
                input #on type="date" name="on" value=(on) max=(visit.today) required;
            }))
            @for one in &kind.field { (question::ask(visit, one, filled)) }
            (also::ask(visit, at, kind, filled))
            (body)
            (makes_up(visit, filled))
            p.actions { button.main { (visit.say("保存", "Save")) } " "
                @if asking.corrects.is_none() { button name="check" value="1" formnovalidate { (visit.say("看看会落实什么", "See what it would meet")) } " " }
                small data-kept hidden { (visit.say("草稿已保存", "draft kept")) } }
        }
        (closes::card(visit, at, kind, filled).await?)
    };
    Ok(shell::page(&head, body))
}

/// The part of the form about a meeting: its times, its people, its decisions.
async fn people_of(asking: &Asking<'_>, filled: &Filled<'_>, on: jiff::civil::Date) -> Result<Markup, Trouble> {
    let (visit, at, kind) = (asking.visit, asking.at, asking.kind);
    let Some(rules) = &kind.meeting else { return Ok(html! {}) };
    if asking.keeps_people() {
        let words = visit.say(
            "谁到会由本组织更正，这里原样保留。",
            "Who came is corrected by the unit itself; here it stays as it is.",
        );
        return Ok(html! { p.note { (words) } });
    }
    if rules.due == Due::Pairs {
        return Ok(pairs::form(visit, filled));
    }
    let roll = people::roll(visit, at, rules, (on, filled.fields)).await?;
    let groups = match rules.due.is_of_groups() {
        true => groups::question(visit, at, (rules.due, on), filled).await?,
        false => html! {},
    };
    Ok(html! {
        (groups)
        @if kind.gathers() { (meeting::times(visit, filled)) }
        input type="hidden" name="rolled" value=(on);
        (people::form(visit, rules, &roll, filled))
        (meeting::decisions(visit, rules, filled))
        (meeting::again(visit, at, kind, filled))
    })
}

fn makes_up(visit: &Visit, filled: &Filled) -> Markup {
    let period = one(filled.fields, "makes_up");
    html! {
        @if !period.is_empty() {
            (field(visit.lang, "makes_up", visit.say("补办哪个周期", "Which period this makes up for"),
                &format!("{}{}{}", luoshi_rules::period::words(period, visit.lang), visit.mark("："),
                    visit.say("在周期之后补办的，记为迟办；周期内已开展、只是晚录的，请清空此项并填真实日期。",
                        "done after the period, it counts as late. If it was held in time and is only entered late, empty this box and give the real day.")),
                filled.complaints, html! { input #makes_up name="makes_up" value=(period) maxlength="20"; }))
        }
    }
}

// ---- writing

pub(super) async fn add(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let at = sent.visit.unit(id, Verb::Write).await?;
    write(&sent, &at, None).await
}

pub(super) async fn show_correction(visit: Visit, Place((id, record)): Place<(i64, i64)>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::Write).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, &at)?;
    let v = visit.clone();
    let (line, attended, names) = visit
        .app
        .read(move |tx| {
            let line = record::find(tx, &scope, record)?;
            let attended = record::attended(tx, &scope, record, line.record.version)?;
            let names = subject::names(&v, tx, scope.top(), std::slice::from_ref(&line))?;
            Ok((line, attended, names))
        })
        .await?;
    let kind = visit.rules.kind(&line.record.kind).ok_or(Trouble::NotFound)?;
    let mut fields = question::refill(kind, &line.record.data);
    subject::refill(kind, &line.record.data, &names, &mut fields);
    fields.insert("on".into(), vec![line.record.on.to_string()]);
    fields.insert("makes_up".into(), vec![line.record.makes_up.clone()]);
    people::refill(&attended, &mut fields);
    pairs::refill(&attended, &mut fields);
    meeting::refill(&line.record.data, &mut fields);
    groups::refill(&line.record.data, &mut fields);
    also::refill(&visit, &kind.id, &line.record.data, &mut fields);
    let asking = Asking { visit: &visit, at: &at, kind, corrects: Some((record, line.record.version)) };
    page(&asking, &Filled { fields: &fields, complaints: &Complaints::default() }, false).await
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
    if !one(&sent.fields, "check").is_empty() {
        let complaints = Complaints::default();
        let filled = Filled { fields: &sent.fields, complaints: &complaints };
        return Ok(page(&asking, &filled, false).await?.into_response());
    }
    let refusals = match try_write(&asking, sent).await {
        Ok(to) => return Ok(Redirect::to(&to).into_response()),
        Err(Failed::Refused(refusals)) => refusals,
        Err(Failed::Trouble(Trouble::Refused(refusal))) => vec![refusal],
        Err(Failed::Trouble(other)) => return Err(other),
    };
    let complaints = Complaints::new(refusals);
    let page = page(&asking, &Filled { fields: &sent.fields, complaints: &complaints }, false).await?;
    Ok(complaints.answer(page))
}

/// Why a form was not written: what the rules say of it, or something else.
pub(crate) enum Failed {
    /// what the rules say, field by field
    Refused(Vec<Refusal>),
    /// something else
    Trouble(Trouble),
}

/// Writes a record of the unit, or corrects this version of one; returns the address of its page.
pub(crate) async fn done(sent: &Sent, at: &Unit, corrects: Option<(i64, i64)>) -> Result<String, Failed> {
    let visit = &sent.visit;
    let unknown = || Failed::Refused(vec![Refusal::field("kind", "没有这个类型", "there is no such kind")]);
    let kind = visit.rules.kind(one(&sent.fields, "kind")).ok_or_else(unknown)?;
    try_write(&Asking { visit, at, kind, corrects }, sent).await
}

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Failed {
        Failed::Trouble(trouble)
    }
}

async fn try_write(asking: &Asking<'_>, sent: &Sent) -> Result<String, Failed> {
    let (visit, at, kind) = (asking.visit, asking.at.clone(), asking.kind.clone());
    let talks = kind.meeting.as_ref().is_some_and(|meeting| meeting.due == Due::Pairs);
    let fields =
        if talks { pairs::count(&sent.fields).map_err(|one| Failed::Refused(vec![one]))? } else { sent.fields.clone() };
    let (keyed, unknown) = subject::resolve(visit, &at, &kind, &fields).await?;
    let (on, mut data) = match (day(&fields, "on"), kind.read(&keyed)) {
        (Ok(on), Ok(data)) if unknown.is_empty() => (on, data),
        (on, data) => {
            // a field whose names are not known is told of once, by those names
            let told = |one: &Refusal| !unknown.iter().any(|known| subject::same_field(known, one));
            let missing = data.err().into_iter().flatten().filter(told).collect::<Vec<_>>();
            return Err(Failed::Refused(on.err().into_iter().chain(missing).chain(unknown).collect()));
        }
    };
    also::read(visit, &at, &kind, (&fields, &mut data)).map_err(Failed::Refused)?;
    let files = attachment::keep(visit, &kind, &sent.files).await?;
    let Gathered { due, stood, .. } = gather(asking, &fields, on, &mut data).await?;
    let again = corrects_or_again(asking, &fields);
    let makes_up: String =
        one(&sent.fields, "makes_up").chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let (corrects, form, rules) = (asking.corrects, asking.draft(), visit.rules.clone());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        meeting::check_before(tx, &permit, (&at, &kind, on), (&data, again))?;
        let (data, makes_up, due) = (data.clone(), makes_up.clone(), due.clone());
        let entry = Entry { kind: &kind, on, data, makes_up, due, stood: stood.clone(), files: files.clone() };
        let id = match corrects {
            None => record::add(tx, &permit, &entry)?,
            Some((id, version)) => correct_own(tx, actor, &rules.base, &permit, (id, version), &entry)?,
        };
        plan::drop_draft(tx, actor, &form)?;
        Ok(format!("/units/{}/records/{id}", at.id))
    };
    Ok(visit.done(operation(&sent.fields), work).await?)
}

/// Who was due and came, and what the form says of the meeting, into the data of the record.
async fn gather(
    asking: &Asking<'_>,
    fields: &Fields,
    on: jiff::civil::Date,
    data: &mut Json,
) -> Result<Gathered, Failed> {
    let (visit, at) = (asking.visit, asking.at);
    let Some(rules) = &asking.kind.meeting else { return Ok(Gathered::default()) };
    if let Some(corrects) = asking.corrects.filter(|_| asking.keeps_people()) {
        return Ok(people::kept(visit, at, corrects, data).await?);
    }
    if rules.due == Due::Pairs {
        let roll = people::roll(visit, at, rules, (on, fields)).await?;
        return Ok(pairs::read(visit, at, &roll, fields).await?);
    }
    let gathered = people::read(visit, at, rules, (on, fields)).await?;
    meeting::read(rules, &gathered, fields, data).map_err(Failed::Refused)?;
    if rules.due.is_of_groups()
        && let Some(groups) = groups::read(visit, at, (rules.due, on), fields).await?
        && let Some(data) = data.as_object_mut()
    {
        data.insert("groups".into(), groups);
    }
    Ok(gathered)
}

/// Whether another record of the same kind and day is meant to be there.
fn corrects_or_again(asking: &Asking, fields: &Fields) -> bool {
    asking.corrects.is_some() || !one(fields, "again").is_empty()
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
    let at = sent.visit.unit(id, Verb::Write).await?;
    let version: i64 = one(&sent.fields, "version").parse().map_err(|_| Trouble::Stale)?;
    Ok(Redirect::to(&withdrawn(&sent, at, (record, version)).await?).into_response())
}

/// Withdraws this version of a record of the unit; returns the address of its page.
pub(crate) async fn withdrawn(sent: &Sent, at: Unit, (record, version): (i64, i64)) -> Result<String, Trouble> {
    let visit = &sent.visit;
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
    visit.done(operation(&sent.fields), work).await
}
