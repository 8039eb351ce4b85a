//! Evidence: records of the subtree, looked for by words, kind and day, that are ticked where a step asks for it.

use super::step::Shown;
use crate::form::{self, Fields, all, one};
use crate::obligation::kind_name;
use crate::record::Filled;
use crate::trouble::Trouble;
use crate::visit::Visit;
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::{Matter, Refusal, Unit, Verb};
use luoshi_store::record;
use maud::{Markup, html};
use serde_json::Value as Json;

/// Most records shown at once.
const SHOWN: usize = 20;
/// Most records looked through for words.
const SOUGHT: i64 = 2_000;

/// Records of the last year, or those looked for; and those that were ticked before.
pub(super) async fn found(visit: &Visit, at: &Unit, fields: &Fields) -> Result<Vec<Shown>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let day = |key: &str, or: Date| one(fields, key).parse().unwrap_or(or);
    let (words, kind) = (one(fields, "evidence_q").to_lowercase(), one(fields, "evidence_kind").to_owned());
    let last = day("evidence_until", visit.today);
    let first = day("evidence_from", last.saturating_sub(1.year()));
    let most = if words.is_empty() { SHOWN as i64 } else { SOUGHT };
    let filter = record::Filter { kind, first, last, unit: 0, after: None, most };
    let ticked: Vec<i64> = fields
        .iter()
        .filter(|(key, _)| key.ends_with("-evidence"))
        .flat_map(|(key, _)| all(fields, key).iter().filter_map(|id| id.parse().ok()))
        .take(SHOWN)
        .collect();
    let read = move |tx: &luoshi_store::Tx| {
        let mut lines = record::list(tx, &scope, &filter)?;
        let told = |line: &record::Line| format!("{} {}", line.record.data, line.unit_name).to_lowercase();
        lines.retain(|line| words.is_empty() || told(line).contains(&words));
        lines.truncate(SHOWN);
        for id in &ticked {
            if !lines.iter().any(|line| line.record.id == *id) {
                lines.extend(record::find(tx, &scope, *id).ok());
            }
        }
        Ok(lines)
    };
    let lines = visit.app.read(read).await?;
    let name = |line: &record::Line| {
        let topic = line.record.data["topic"].as_str().unwrap_or_default();
        format!("{} {} {} {topic}", line.record.on, line.unit_name, kind_name(visit, &line.record.kind))
    };
    Ok(lines.iter().map(|line| (line.record.id, name(line))).collect())
}

/// The form that looks for records.
pub(super) fn search(visit: &Visit, at: &Unit, matter: &Matter, filled: &Filled) -> Markup {
    let given = |key: &str| one(filled.fields, key).to_owned();
    let kind = given("evidence_kind");
    html! {
        details open[!given("evidence_from").is_empty() || !given("evidence_q").is_empty() || !kind.is_empty()] {
            summary { (visit.say("查找可作佐证的纪实", "Look for records to show")) }
            form.inline method="get" action={ "/units/" (at.id) "/matters/" (matter.id) } {
                label { (visit.say("词", "Words")) " " input type="search" name="evidence_q" value=(given("evidence_q")) maxlength="60"; } " "
                label { (visit.say("类型", "Kind")) " " select name="evidence_kind" { option value="" { (visit.say("全部", "All")) }
                    @for one in visit.rules.kinds() { option value=(one.id) selected[one.id == kind] { (visit.of(&one.name)) } } } } " "
                label { (visit.say("自", "From")) " " input type="date" name="evidence_from" value=(given("evidence_from")); } " "
                label { (visit.say("至", "until")) " " input type="date" name="evidence_until" value=(given("evidence_until")); } " "
                button { (visit.say("查找", "Search")) }
            }
        }
    }
}

/// Refuses records that are not of the subtree.
pub(super) async fn must_be_ours(visit: &Visit, at: &Unit, data: &Json) -> Result<(), Trouble> {
    let ticked: Vec<i64> =
        data["evidence"].as_array().into_iter().flatten().filter_map(|one| one["record"].as_i64()).collect();
    if ticked.is_empty() {
        return Ok(());
    }
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let ours = move |tx: &luoshi_store::Tx| Ok(ticked.iter().all(|id| record::find(tx, &scope, *id).is_ok()));
    match visit.app.read(ours).await? {
        true => Ok(()),
        false => {
            let zh = "所选纪实不在本组织范围内，请重新勾选";
            Err(Refusal::field("evidence", zh, "a record ticked is not of this unit or one below it; tick again")
                .into())
        }
    }
}

/// The same words at the field of one of several forms.
pub(super) fn under(step: &str, trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Refused(refusal) => form::under(&format!("{step}-"), refusal).into(),
        other => other,
    }
}
