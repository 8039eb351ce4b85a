//! What a record would do, said beside its form: the duties it would meet as it is filled in now, and those that its
//! kind can meet.

use super::Filled;
use crate::form::{Fields, all, one};
use crate::obligation::{self, Ledger};
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::{Visit, Year};
use jiff::civil::Date;
use luoshi_rules::obligation::{Ground, derive};
use luoshi_rules::record::{ALSO, Holds};
use luoshi_rules::tally::Fact;
use luoshi_rules::{Kind, Obligation, Unit};
use maud::{Markup, html};
use serde_json::{Map, Value as Json, json};

/// The key of the record that is not there yet.
const NOT_YET: i64 = i64::MAX;
/// Most open duties shown.
const MOST: usize = 12;

/// Beside the form of a new record of this kind, filled like this.
pub(super) async fn card(visit: &Visit, at: &Unit, kind: &Kind, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let ledger = obligation::ledger(visit, at, visit.year(), None).await?;
    // a day of a year that no record may have is refused when it is saved; until then nothing is derived from it
    let on: Date = one(filled.fields, "on").parse().unwrap_or(visit.today);
    let on = if Year::try_from(on.year()).is_ok() { on } else { visit.today };
    let of_day = match on.year() == visit.year() {
        true => ledger.clone(),
        false => obligation::ledger(visit, at, on.year(), None).await?,
    };
    let counts = |one: &&Obligation| one.clause.counts.iter().any(|count| count.record == kind.id);
    let mut owed: Vec<_> = ledger.pressing(at.id).into_iter().filter(counts).collect();
    owed.retain(|one| one.status.is_wanting());
    owed.truncate(MOST);
    Ok(html! {
        section.card #closes {
            h2 { (visit.say("按现在填的，它会落实", "As filled in now, it would meet")) " " small { (on) } }
            (as_filled(visit, &of_day, at, &fact(visit, &of_day, (at, kind), (on, filled.fields))))
            p.help { (visit.say("改了日期或选项后，按“看看会落实什么”重新核对，不会保存。", "After changing the day or an option press “See what it would meet”: nothing is saved.")) }
        }
        section.card {
            h2 { (visit.say("这类纪实能落实的职责", "Open duties that this kind can meet")) }
            @if owed.is_empty() { p.empty { (visit.say("目前没有待落实的相关职责。", "No open duty counts this kind now.")) } }
            @else { (obligation::rows(visit, &ledger, &owed, false)) }
        }
    })
}

/// The record as the rules would see it: its day, the options chosen, who stands in which role, who would be there.
fn fact(visit: &Visit, ledger: &Ledger, (at, kind): (&Unit, &Kind), (on, fields): (Date, &Fields)) -> Fact {
    let chosen = kind.field.iter().filter(|field| matches!(field.holds, Holds::Choice | Holds::Choices));
    let mut data: Map<String, Json> = chosen.map(|field| (field.id.clone(), all(fields, &field.id).into())).collect();
    let groups = super::groups::asked(fields).into_iter().map(|id| json!({ "id": id }));
    data.insert("groups".into(), groups.collect());
    data.insert(ALSO.into(), all(fields, ALSO).into());
    let stands = |(key, people): (&String, &Vec<String>)| {
        let role = key.strip_prefix("role-")?;
        Some(people.iter().filter(|id| !id.is_empty()).map(|id| format!("{role}:{id}")).collect::<Vec<_>>())
    };
    let mut roles: Vec<String> = fields.iter().filter_map(stands).flatten().collect();
    if kind.meeting.is_some() {
        let holders = visit.rules.base.post.iter().flat_map(|post| ledger.known.tally.holders(at.id, &post.id));
        let there =
            holders.filter(|one| one.held(on) && self::one(fields, &format!("absent-{}", one.person)).is_empty());
        roles.extend(there.map(|one| format!("present:{}", one.person)));
    }
    Fact {
        record: NOT_YET,
        unit: at.id,
        kind: kind.id.clone(),
        on,
        written: visit.today,
        tags: kind.tags(&Json::Object(data)),
        roles: roles.join(" "),
        makes_up: one(fields, "makes_up").to_owned(),
    }
}

/// The duties of the unit that would count the record, with how they stand before and after.
fn as_filled(visit: &Visit, ledger: &Ledger, at: &Unit, fact: &Fact) -> Markup {
    let Some(unit) = ledger.units.iter().find(|unit| unit.id == at.id) else { return html! {} };
    let mut tally = ledger.known.tally.clone();
    tally.add(fact.clone());
    let (unit, years) = (std::slice::from_ref(unit), [fact.on.year() - 1, fact.on.year()]);
    let ground = Ground { tally: &tally, ..ledger.ground() };
    let after = years.into_iter().flat_map(|year| derive(ground, unit, year));
    let counted: Vec<Obligation> =
        after.filter(|one| one.met_by.iter().any(|(fact, _)| fact.record == NOT_YET)).collect();
    let before: Vec<Obligation> = years.into_iter().flat_map(|year| derive(ledger.ground(), unit, year)).collect();
    let stood = |one: &Obligation| {
        let same = before.iter().find(|other| other.clause.id == one.clause.id && other.period == one.period);
        same.map_or(one.status, |other| other.status)
    };
    html! {
        @if counted.is_empty() { p.empty { (visit.say("没有条款用到它。", "No clause would count it.")) } }
        @else { table.list {
            @for one in &counted { tr {
                td { (one.clause.id) " " (visit.of(&one.clause.text)) } td.nowrap { (one.period.of(visit.lang)) }
                td.nowrap { (shell::badge(visit.lang, stood(one))) " → " (shell::badge(visit.lang, one.status)) }
                td.num { @if one.clause.at_least > 1 { (one.met_by.len()) " / " (one.clause.at_least) } }
            } }
        } }
    }
}
