//! The form that takes a step, and reading it: a note, the fields of the step, evidence. Fields bear the step's key
//! before their own, since a page has the forms of several steps.

use crate::form::{Complaints, Fields, Sent, one, under};
use crate::record::question;
use crate::record::{Filled, attachment};
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_rules::flow::Step;
use luoshi_rules::record::{Choice, Field, Holds};
use luoshi_rules::{Refusal, record as fields};
use maud::{Markup, html};
use serde_json::{Value as Json, json};

/// Most characters of a note.
const NOTE: usize = 2_000;
/// Most records shown as evidence.
const RECORDS: usize = 20;

/// A record of the unit that may be shown as evidence: its key, and its day and topic.
pub(crate) type Shown = (i64, String);

/// The form that takes a step, sent to `action`.
pub(crate) fn step_form(visit: &Visit, action: &str, step: &Step) -> Markup {
    let (fields, complaints) = (Fields::new(), Complaints::default());
    form(visit, action, step, (&[], &Filled { fields: &fields, complaints: &complaints }))
}

/// The same, filled as it was when it was refused, with the records that may be shown.
pub(super) fn form(visit: &Visit, action: &str, step: &Step, (records, filled): (&[Shown], &Filled)) -> Markup {
    let key = format!("{}-note", step.id);
    let asked = if step.note {
        visit.say("：请写明情况", ": say what was done or why")
    } else {
        visit.say("：说明（选填）", ": note (optional)")
    };
    let label = format!("{}{asked}", visit.of(&step.button));
    html! {
        form.stack.step method="post" action=(action) enctype=[step.evidence.then_some("multipart/form-data")] {
            (shell::hidden(visit))
            input type="hidden" name="to" value=(step.id);
            @for field in &step.field { (question::ask(visit, &own(step, field), filled)) }
            @if step.evidence { (evidence(visit, step, records, filled)) }
            (shell::field(visit.lang, &key, &label, "", filled.complaints, html! {
                textarea id=(key) name=(key) rows="2" required[step.note] { (one(filled.fields, &key)) }
            }))
            button { (visit.of(&step.button)) }
        }
    }
}

/// What was typed into the form of a step, under the keys of its fields.
pub(crate) fn typed(step: &Step, fields: &Fields) -> Fields {
    let prefix = format!("{}-", step.id);
    let own = |(key, values): (&String, &Vec<String>)| Some((key.strip_prefix(&prefix)?.to_owned(), values.clone()));
    fields.iter().filter_map(own).collect()
}

/// A field under the key it has on a page with several forms.
pub(crate) fn own(step: &Step, field: &Field) -> Field {
    Field { id: format!("{}-{}", step.id, field.id), ..field.clone() }
}

fn evidence(visit: &Visit, step: &Step, records: &[Shown], filled: &Filled) -> Markup {
    let (key, file) = (format!("{}-evidence", step.id), format!("{}-file", step.id));
    let option = |(id, name): &Shown| Choice { id: id.to_string(), name: luoshi_rules::Label::new(name, name) };
    let asked = Field {
        id: key,
        name: luoshi_rules::Label::new("佐证：勾选已有纪实", "Evidence: tick records that are there already"),
        help: luoshi_rules::Label::new(
            "勾选已有纪实即可，不必重复上传；没有纪实的再传文件",
            "a record is enough; attach a file only where there is none",
        ),
        holds: Holds::Choices,
        optional: true,
        most: None,
        ahead: None,
        option: records.iter().take(RECORDS).map(option).collect(),
        ground: None,
    };
    html! {
        @if !records.is_empty() { (question::ask(visit, &asked, filled)) }
        (shell::field(visit.lang, &file, visit.say("佐证：文件（选填）", "Evidence: a file (optional)"), "", filled.complaints,
            html! { input id=(file) name=(file) type="file" multiple; }))
        @if records.is_empty() { (shell::complaints_under(visit, filled.complaints, &format!("{}-evidence", step.id))) }
    }
}

/// What a form that takes a step says: the note, and the answers with the evidence.
pub(crate) async fn read(sent: &Sent, step: &Step, records: &[Shown]) -> Result<(String, Json), Trouble> {
    let (prefix, stripped) = (format!("{}-", step.id), typed(step, &sent.fields));
    // a form that does not know the step's key, such as that of a letter, calls the note `note`
    let note =
        if stripped.contains_key("note") { one(&stripped, "note") } else { one(&sent.fields, "note") }.to_owned();
    if note.chars().count() > NOTE {
        return Err(under(
            &prefix,
            Refusal::field("note", "最多2000字，请删减", "at most 2,000 characters, please shorten"),
        )
        .into());
    }
    let read = fields::read(&step.field, &stripped);
    let mut data = read.map_err(|all| all.into_iter().next().map_or(Refusal::NotAllowed, |one| under(&prefix, one)))?;
    step.in_good_time(&data, &sent.visit.rules.calendar, sent.visit.today).map_err(|one| under(&prefix, one))?;
    if step.evidence {
        let ticked = stripped.get("evidence").into_iter().flatten().filter_map(|id| id.parse::<i64>().ok());
        let known = ticked.filter(|id| records.iter().any(|(record, _)| record == id));
        let mut shown: Vec<Json> = known.map(|id| json!({ "record": id })).collect();
        for upload in sent.files.iter().filter(|upload| upload.field == format!("{prefix}file")) {
            let file = attachment::one(&sent.visit, upload).await?;
            shown.push(json!({ "file": file.digest, "name": file.name, "mime": file.mime, "size": file.size }));
        }
        data["evidence"] = shown.into();
    }
    if data.as_object().is_some_and(serde_json::Map::is_empty) {
        data = Json::Null;
    }
    Ok((note, data))
}

/// An answer to a field in words.
pub(crate) fn answer(visit: &Visit, field: &Field, value: &Json) -> String {
    let option = |id: &str| {
        let known = field.option.iter().find(|option| option.id == id);
        known.map_or_else(String::new, |option| visit.of(&option.name).to_owned())
    };
    match value {
        Json::String(text) if field.holds == Holds::Choice => option(text),
        Json::String(text) => text.clone(),
        Json::Number(fen) if field.holds == Holds::Money => {
            format!("{} {}", shell::yuan(fen.as_i64().unwrap_or(0)), visit.say("元", "yuan"))
        }
        Json::Number(n) => n.to_string(),
        Json::Array(many) => many.iter().filter_map(Json::as_str).map(option).collect::<Vec<_>>().join("、"),
        _ => String::new(),
    }
}
