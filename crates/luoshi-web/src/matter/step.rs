//! The form that takes a step, and reading it: a note, the fields of the step, evidence. Fields bear the step's key
//! before their own, since a page has the forms of several steps.

use super::window;
use crate::form::{self, Fields, Sent, one, under};
use crate::record::question;
use crate::record::{Filled, attachment};
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::Visit;
use jiff::civil::Date;
use luoshi_rules::flow::Step;
use luoshi_rules::record::{Choice, Field, Holds};
use luoshi_rules::{Flow, Refusal, record as fields};
use luoshi_store::matter::Taken;
use luoshi_store::round::VISITORS;
use maud::{Markup, html};
use serde_json::{Value as Json, json};

/// Most characters of a note.
const NOTE: usize = 2_000;
/// Most records ticked as evidence.
const RECORDS: usize = 50;

/// What may be ticked: a record shown as evidence, somebody of a team; its key and its words.
pub(crate) type Shown = (i64, String);

/// What the form of a step may offer, and how it was filled.
pub(super) struct Offered<'k> {
    /// records that may be shown as evidence
    pub records: &'k [Shown],
    /// who is on the team
    pub team: &'k [Shown],
    /// how it was filled
    pub filled: &'k Filled<'k>,
}

/// What a form that takes a step says.
pub(crate) struct Told {
    /// the note
    pub note: String,
    /// answers to the fields, with evidence, window and visitors
    pub data: Json,
    /// the day on which it was done, where it is entered afterwards
    pub on: Option<Date>,
}

impl Told {
    /// As it is taken.
    pub fn taken<'a>(&'a self, to: &'a str) -> Taken<'a> {
        Taken { to, note: &self.note, data: self.data.clone(), on: self.on }
    }
}

/// The form that takes a step, sent to `action`, as it was filled where it was refused.
pub(crate) fn step_form(visit: &Visit, action: &str, step: &Step, filled: &Filled) -> Markup {
    form(visit, action, (None, step), &Offered { records: &[], team: &[], filled })
}

/// The same, filled as it was when it was refused, with what may be ticked.
pub(super) fn form(visit: &Visit, action: &str, (flow, step): (Option<&Flow>, &Step), offered: &Offered) -> Markup {
    html! {
        form.stack.step method="post" action=(action) enctype=[step.evidence.then_some("multipart/form-data")] {
            (shell::hidden(visit))
            input type="hidden" name="to" value=(step.id);
            (boxes(visit, (flow, step), offered))
            button { (visit.of(&step.button)) }
        }
    }
}

/// What the form of a step asks.
pub(super) fn boxes(visit: &Visit, (flow, step): (Option<&Flow>, &Step), offered: &Offered) -> Markup {
    let (filled, key) = (offered.filled, format!("{}-note", step.id));
    let asked = if step.note {
        visit.say("：请写明情况", ": say what was done or why")
    } else {
        visit.say("：说明（选填）", ": note (optional)")
    };
    let label = format!("{}{asked}", visit.of(&step.button));
    let windows = flow.map_or(Vec::new(), |flow| window::all(visit, flow, step, visit.today));
    html! {
        @if step.dated { (dated(visit, step, filled)) }
        @if !windows.is_empty() { (window::ask(visit, step, &windows, filled)) }
        @for field in &step.field {
            @let by_window = !windows.is_empty() && step.limit.as_ref() == Some(&field.id);
            (question::ask(visit, &Field { optional: field.optional || by_window, ..own(step, field) }, filled))
        }
        @if step.pair { (ticks(visit, step, (VISITORS, &visitors()), offered.team, filled)) }
        @if step.evidence { (evidence(visit, step, offered.records, filled)) }
        (shell::field(visit.lang, &key, &label, "", filled.complaints, html! {
            textarea id=(key) name=(key) rows="2" required[step.note] { (one(filled.fields, &key)) }
        }))
    }
}

/// The day on which it was done.
fn dated(visit: &Visit, step: &Step, filled: &Filled) -> Markup {
    let (key, today) = (format!("{}-on", step.id), visit.today.to_string());
    let given = Some(one(filled.fields, &key)).filter(|day| !day.is_empty()).unwrap_or(&today);
    let help = visit.say("补登以前的，请改为当天日期", "for what was done before, the day on which it was");
    let input = html! { input id=(key) name=(key) type="date" max=(today) value=(given) required; };
    shell::field(visit.lang, &key, visit.say("日期", "Day"), help, filled.complaints, input)
}

fn visitors() -> Field {
    let name = luoshi_rules::Label::new("到场检查的人（至少两人）", "Who came (two at least)");
    Field { name, optional: false, ..blank() }
}

/// A question without options, to be made into one of ours.
fn blank() -> Field {
    Field {
        id: String::new(),
        name: luoshi_rules::Label::default(),
        help: luoshi_rules::Label::default(),
        holds: Holds::Choices,
        optional: true,
        most: None,
        ahead: None,
        option: Vec::new(),
        ground: None,
    }
}

/// Boxes to tick.
fn ticks(visit: &Visit, step: &Step, (key, asked): (&str, &Field), shown: &[Shown], filled: &Filled) -> Markup {
    let option = |(id, name): &Shown| Choice {
        id: id.to_string(),
        name: luoshi_rules::Label::new(name, name),
        under: Vec::new(),
    };
    let option = shown.iter().map(option).collect();
    question::ask(visit, &Field { id: format!("{}-{key}", step.id), option, ..asked.clone() }, filled)
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
    let file = format!("{}-file", step.id);
    let asked = Field {
        name: luoshi_rules::Label::new("佐证：勾选已有纪实", "Evidence: tick records that are there already"),
        help: luoshi_rules::Label::new(
            "勾选已有纪实即可，不必重复上传；没有纪实的再传文件",
            "a record is enough; attach a file only where there is none",
        ),
        ..blank()
    };
    html! {
        @if !records.is_empty() { (ticks(visit, step, ("evidence", &asked), records, filled)) }
        (shell::field(visit.lang, &file, visit.say("佐证：文件（选填）", "Evidence: a file (optional)"), "", filled.complaints,
            html! { input id=(file) name=(file) type="file" multiple; }))
        @if records.is_empty() { (shell::complaints_under(visit, filled.complaints, &format!("{}-evidence", step.id))) }
    }
}

/// What a form that takes a step says: the note, the day, and the answers with the evidence.
pub(crate) async fn read(sent: &Sent, (flow, step): (Option<&Flow>, &Step)) -> Result<Told, Trouble> {
    let (prefix, mut stripped) = (format!("{}-", step.id), typed(step, &sent.fields));
    // a form that does not know the step's key, such as that of a letter, calls the note `note`
    let note =
        if stripped.contains_key("note") { one(&stripped, "note") } else { one(&sent.fields, "note") }.to_owned();
    if note.chars().count() > NOTE {
        let most = Refusal::field("note", "最多2000字，请删减", "at most 2,000 characters, please shorten");
        return Err(under(&prefix, most).into());
    }
    let on = match step.dated && !one(&stripped, "on").is_empty() {
        true => Some(form::day(&stripped, "on").map_err(|one| under(&prefix, one))?),
        false => None,
    };
    let chosen = flow.and_then(|flow| window::chosen(sent, flow, step, on.unwrap_or(sent.visit.today)));
    if let Some((field, day)) = step.limit.clone().zip(chosen.as_ref().map(|(_, day)| *day)) {
        window::must_be_one(step, &field, &stripped).map_err(|one| under(&prefix, one))?;
        stripped.insert(field, vec![day.to_string()]);
    }
    let read = fields::read(&step.field, &stripped);
    let mut data = read.map_err(|all| all.into_iter().next().map_or(Refusal::NotAllowed, |one| under(&prefix, one)))?;
    step.in_good_time(&data, &sent.visit.rules.calendar, sent.visit.today).map_err(|one| under(&prefix, one))?;
    if let Some((window, _)) = chosen {
        data["window"] = window.into();
    }
    ticked(sent, step, &stripped, &mut data).await?;
    if data.as_object().is_some_and(serde_json::Map::is_empty) {
        data = Json::Null;
    }
    Ok(Told { note, data, on })
}

/// Who came, and what is shown as evidence.
async fn ticked(sent: &Sent, step: &Step, typed: &Fields, data: &mut Json) -> Result<(), Trouble> {
    let keys = |key: &str| {
        let ticked = typed.get(key).into_iter().flatten().filter_map(|id| id.parse::<i64>().ok());
        ticked.take(RECORDS).collect::<Vec<i64>>()
    };
    if step.pair {
        data[VISITORS] = keys(VISITORS).into();
    }
    if step.evidence {
        let mut shown: Vec<Json> = keys("evidence").into_iter().map(|id| json!({ "record": id })).collect();
        let file = format!("{}-file", step.id);
        for upload in sent.files.iter().filter(|upload| upload.field == file) {
            let file = attachment::one(&sent.visit, upload).await?;
            shown.push(json!({ "file": file.digest, "name": file.name, "mime": file.mime, "size": file.size }));
        }
        data["evidence"] = shown.into();
    }
    Ok(())
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
        Json::Array(many) => {
            many.iter().filter_map(Json::as_str).map(option).collect::<Vec<_>>().join(visit.mark("、"))
        }
        _ => String::new(),
    }
}
