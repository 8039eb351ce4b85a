//! Problems that a record tells of, as after an organisational life meeting or a check: one form makes a matter of each,
//! and the record says what came of them.

use super::{limit, part, state};
use crate::form::{Complaints, Fields, Sent, day, one, operation, under};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use luoshi_rules::{Flow, Kind, Refusal, Unit, Verb};
use luoshi_store::matter::{self, Filter, Line, Opening};
use luoshi_store::{Fault, Tx, record, unit};
use maud::{Markup, html};
use serde_json::json;

/// Most problems at once.
const MOST: usize = 30;
/// Most characters of one.
const LONG: usize = 500;

/// The flow by which the problems of records of a kind are put right.
fn flow<'a>(visit: &'a Visit, kind: &str) -> Option<&'a Flow> {
    visit.rules.kind(kind).and_then(|kind: &Kind| visit.rules.base.flow(kind.problems.as_ref()?))
}

/// Whether the visitor may open matters of a flow from a unit.
fn may_open(visit: &Visit, at: &Unit, flow: &Flow) -> bool {
    let permit = visit.actor.permit(&visit.rules.base, Verb::Act, at).ok();
    permit.zip(flow.step.first()).is_some_and(|(permit, first)| first.by.iter().any(|post| permit.acts_as(post)))
}

/// On the page of a record whose kind tells of problems: what came of them, and the form for more.
pub(crate) async fn card(visit: &Visit, at: &Unit, (kind, id): (&str, i64)) -> Result<Markup, Trouble> {
    let Some(flow) = flow(visit, kind) else { return Ok(html! {}) };
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let read = move |tx: &Tx| {
        let ids = matter::of_record(tx, &scope, id)?;
        let filter = Filter { ids: Some(ids.clone()), most: 500, ..Filter::default() };
        if ids.is_empty() { Ok(Vec::new()) } else { matter::told(tx, &scope, matter::list(tx, &scope, &filter)?) }
    };
    let mut lines = visit.app.read(read).await?;
    lines.sort_by_key(|line| line.matter.id);
    Ok(html! {
        section.card #problems {
            h2 { (visit.of(&flow.name)) " " small { (lines.len()) } }
            @if lines.is_empty() { p.empty { (visit.say("还没有列出问题。", "No problem has been listed yet.")) } }
            @else { (came(visit, at, &lines)) }
            @if may_open(visit, at, flow) { details { summary { (visit.say("列出问题，转为整改事项", "List problems to be put right")) }
                (form(visit, (at, id), &Fields::new(), &Complaints::default())) } }
        }
    })
}

fn came(visit: &Visit, at: &Unit, lines: &[Line]) -> Markup {
    html! {
        div.scroll { table.list { @for line in lines { tr {
            td { a href={ "/units/" (at.id) "/matters/" (line.matter.id) } { (line.matter.title) } }
            td { (line.unit_name) }
            td.nowrap { (part::sign(visit, &line.matter)) " " (state(visit, &line.matter)) }
            td.nowrap { @if let Some(day) = limit(visit, &line.matter) { (day) } }
        } } } }
    }
}

fn form(visit: &Visit, (at, record): (&Unit, i64), filled: &Fields, complaints: &Complaints) -> Markup {
    let field = |key: &str, words: &str, help: &str, input: Markup| {
        shell::field(visit.lang, &format!("problems-{key}"), words, help, complaints, input)
    };
    html! {
        form.stack method="post" action={ "/units/" (at.id) "/records/" (record) "/problems" } {
            (shell::hidden(visit))
            (field("lines", visit.say("问题，每行一个（记下后不能改）", "Problems, one a line (they cannot be changed later)"),
                visit.say("只写问题，不写谁说的。", "Only the problem, not who spoke of it."),
                html! { textarea #problems-lines name="problems-lines" rows="4" required { (one(filled, "problems-lines")) } }))
            (field("by", visit.say("整改期限", "To be put right by"), "",
                html! { input #problems-by type="date" name="problems-by" required value=(one(filled, "problems-by")); }))
            (field("owner", visit.say("责任组织（不填为本组织）", "Unit responsible (empty: the one itself)"), "",
                html! { input #problems-owner name="problems-owner" maxlength="100" value=(one(filled, "problems-owner")); }))
            button { (visit.say("转为整改事项", "Make them matters")) }
        }
    }
}

/// Where a matter came from, on its page.
pub(super) fn source(visit: &Visit, matter: &luoshi_rules::Matter) -> Markup {
    html! {
        @if let Some(record) = matter.data["record"].as_i64() {
            p { (visit.say("来自 ", "From ")) a href={ "/units/" (matter.opener) "/records/" (record) } { (matter.data["found"].as_str().unwrap_or_default()) " "
                (crate::obligation::kind_name(visit, matter.data["kind"].as_str().unwrap_or_default())) } }
        }
    }
}

/// The problems of the form, each once.
fn lines(fields: &Fields) -> Result<Vec<String>, Refusal> {
    let mut all: Vec<String> = Vec::new();
    let typed = one(fields, "problems-lines").lines().map(str::trim).filter(|line| !line.is_empty());
    for line in typed {
        if line.chars().count() > LONG {
            let zh = format!("每个问题最多 {LONG} 字，请删减：{}…", line.chars().take(20).collect::<String>());
            return Err(Refusal::field("lines", zh, format!("{LONG} characters at most for each problem")));
        }
        if !all.iter().any(|known| known == line) {
            all.push(line.to_owned());
        }
    }
    match all.len() {
        1..=MOST => Ok(all),
        0 => Err(Refusal::field("lines", "请写出问题，每行一个", "write the problems, one a line")),
        n => Err(Refusal::field(
            "lines",
            format!("一次最多 {MOST} 个问题，现有 {n} 个"),
            format!("{MOST} problems at once, not {n}"),
        )),
    }
}

pub(crate) async fn list(Place((id, record)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    match try_list(&sent, &at, record).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![under("problems-", refusal)]);
            let title = visit.say("列出问题", "List problems").to_owned();
            let head = Page { visit, title, unit: Some(&at), year: 0, dated: "", part: Part::Records };
            let body = html! {
                (shell::complaints(visit, &complaints))
                (form(visit, (&at, record), &sent.fields, &complaints))
                p { a href={ "/units/" (id) "/records/" (record) } { "← " (visit.say("回到纪实", "Back to the record")) } }
            };
            Ok(complaints.answer(shell::page(&head, body)))
        }
        done => done,
    }
}

async fn try_list(sent: &Sent, at: &Unit, record: i64) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let told = visit.app.read(move |tx| record::find(tx, &scope, record)).await?.record;
    let known = flow(visit, &told.kind).filter(|flow| may_open(visit, at, flow));
    let flow = known.filter(|_| told.unit == at.id && told.withdrawn.is_none()).ok_or(Trouble::NotFound)?.id.clone();
    let (lines, by) = (lines(&sent.fields)?, day(&sent.fields, "problems-by")?);
    if by < visit.today || by < told.on {
        return Err(Refusal::field("by", "整改期限不能在今天之前", "the day to put it right cannot be past").into());
    }
    let owner = match one(&sent.fields, "problems-owner") {
        "" => at.id,
        name => part::named(visit, at, name, "owner").await?,
    };
    let (rules, place) = (visit.rules.clone(), at.clone());
    let data = json!({ "record": record, "kind": told.kind, "found": told.on, "by": by });
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Act, &place)?;
        let (flow, addressee) = (rules.base.flow(&flow).ok_or(Fault::NotFound)?, unit::find(tx, owner)?);
        if !place.path.contains(&addressee.path) {
            let zh = "责任组织须是本组织或其下级组织";
            return Err(Refusal::field("owner", zh, "the unit must be yours or one below it").into());
        }
        for title in &lines {
            let (subject, data) = (format!("record/{record}/{title}"), data.clone());
            let opening =
                Opening { flow, addressee: &addressee, subject, title: title.clone(), data, note: String::new() };
            matter::open(tx, &permit, &opening).map_err(|fault| twice(fault, title))?;
        }
        Ok(format!("/units/{}/records/{record}#problems", place.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

/// The same problem of the same record twice.
fn twice(fault: Fault, title: &str) -> Fault {
    match fault {
        Fault::Conflict => Refusal::field(
            "lines",
            format!("“{title}”已经列过，请删去这一行"),
            format!("“{title}” is listed already; take this line out"),
        )
        .into(),
        other => other,
    }
}
