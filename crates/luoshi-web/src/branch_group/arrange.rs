//! One form in which everybody of a branch is put into a group, out of it, or at its head.

use super::Whole;
use crate::form::{Fields, Sent, one};
use crate::record::Filled;
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::{Place as Address, Visit};
use axum::response::Response;
use luoshi_rules::{Unit, Verb};
use luoshi_store::Fault;
use luoshi_store::branch_group::{self, LEADER, Member, Place};
use maud::{Markup, html};

/// Everybody with their group; whoever keeps the roll changes it.
pub(super) fn form(visit: &Visit, (at, may): (&Unit, bool), all: &Whole, filled: &Filled) -> Markup {
    let without = all.of(0).count();
    html! {
        @if !all.groups.is_empty() {
            h2 { (visit.say("组员", "Members")) " " small { (all.members.len()) } }
            @if without > 0 { p.note { (visit.say("还没有编入党小组的党员 ", "Members in no group: ")) b { (without) } (visit.say(" 名，列在最前。", "; they stand first.")) } }
            form method="post" action={ "/units/" (at.id) "/branch-groups/members" } {
                (shell::hidden(visit))
                div.scroll { table.list {
                    thead { tr { th { (visit.say("姓名", "Name")) } th { (visit.say("党小组", "Group")) }
                        th { (visit.say("组长", "Leader")) } th { (visit.say("自", "Since")) } } }
                    @for member in &all.members { (row(visit, member, (all, may), filled)) }
                } }
                @if may { p.actions { button.main { (visit.say("保存编组", "Save the groups")) }
                    " " small { (visit.say("从今天起算；组长可以记录党小组会。", "From today on; a leader may record group meetings.")) } } }
            }
        }
    }
}

fn row(visit: &Visit, member: &Member, (all, may): (&Whole, bool), filled: &Filled) -> Markup {
    let (key, lead) = (format!("group-{}", member.person), format!("lead-{}", member.person));
    let given = filled.fields.contains_key(&key);
    let group = if given { one(filled.fields, &key).parse().unwrap_or(0) } else { member.group };
    let leads = if given { !one(filled.fields, &lead).is_empty() } else { member.leads };
    // what the form was filled in over stays as it was shown: another's change in between is told, not undone
    let was = one(filled.fields, &format!("was-{}", member.person));
    let was = if was.is_empty() { shown(member.group, member.leads) } else { was.to_owned() };
    let name = |id: i64| all.groups.iter().find(|one| one.id == id).map_or("—", |one| one.name.as_str());
    html! {
        tr {
            td { a href={ "/people/" (member.person) } { (member.name) } }
            @if may {
                td { input type="hidden" name={ "was-" (member.person) } value=(was);
                    label.sr for=(key) { (member.name) }
                    select id=(key) name=(key) {
                        option value="0" selected[group == 0] { (visit.say("未编入", "In none")) }
                        @for one in &all.groups { option value=(one.id) selected[group == one.id] { (one.name) } }
                    }
                    @if let Some(words) = filled.complaints.under(&key, visit.lang) { p.error { "▲ " (words) } } }
                td { label { input type="checkbox" name=(lead) value="1" checked[leads];
                    " " (visit.say("组长", "Leader")) span.sr { " " (member.name) } } }
            } @else {
                td { (name(member.group)) }
                td { @if member.leads { "● " (visit.say("组长", "Leader")) } }
            }
            td.nowrap { @if let Some(since) = member.since { (since) } }
        }
    }
}

/// How somebody stands, as the form hands it back: the group, and a sign when they lead it.
fn shown(group: i64, leads: bool) -> String {
    format!("{group}{}", if leads { "*" } else { "" })
}

/// What a form wants changed, of people whose group or lead is not what was shown.
fn wanted(fields: &Fields) -> Vec<Place> {
    let mut all: Vec<Place> = fields
        .keys()
        .filter_map(|key| {
            let person: i64 = key.strip_prefix("was-")?.parse().ok()?;
            let was = one(fields, key);
            let was = (was.trim_end_matches('*').parse().ok()?, was.ends_with('*'));
            let group = one(fields, &format!("group-{person}")).parse().ok()?;
            let now = (group, !one(fields, &format!("lead-{person}")).is_empty());
            (was != now).then_some(Place { person, was, now })
        })
        .collect();
    all.sort_by_key(|place| place.person);
    all
}

pub(crate) async fn save(Address(id): Address<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let (places, rules) = (wanted(&sent.fields), visit.rules.clone());
    let work = move |tx: &luoshi_store::Tx, permit: &luoshi_rules::Permit, actor: &luoshi_rules::Actor, at: &Unit| {
        let post = rules.base.post(LEADER).ok_or(Fault::NotFound)?;
        let scope = actor.scope(&rules.base, Verb::Roll, at)?;
        branch_group::arrange(tx, permit, &scope, post, &places).map(|()| None)
    };
    super::act(&sent, id, work).await
}
