//! Meetings of groups: which youth groups, or Party groups of the branch, came together, and their members as those due.

use super::people::Listed;
use crate::form::{Fields, all};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::Visit;
use jiff::civil::Date;
use luoshi_rules::meeting::{Due, Meeting};
use luoshi_rules::{Kind, Refusal, Unit, Verb};
use luoshi_store::person::OnDay;
use luoshi_store::{branch_group, youth};
use maud::{Markup, html};
use serde_json::{Value as Json, json};

/// A group that may come together.
struct Kept {
    id: i64,
    name: String,
    unit_name: String,
}

/// The groups a form names.
pub(super) fn asked(fields: &Fields) -> Vec<i64> {
    all(fields, "group").iter().filter_map(|text| text.parse().ok()).collect()
}

/// Members of these youth groups on a day, those young enough; groups elsewhere have none.
pub(super) async fn roll(visit: &Visit, at: &Unit, groups: &[i64], on: Date) -> Result<Vec<Listed>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, at)?;
    let members = visit.app.read(move |tx| youth::members(tx, &scope, (0, on))).await?;
    let Some(rules) = visit.rules.base.youth else { return Ok(Vec::new()) };
    let young = members.into_iter().filter(|one| one.born.is_some_and(|born| rules.is_young(born, on)));
    let listed = young.filter(|one| groups.contains(&one.group));
    Ok(listed
        .map(|one| Listed { id: one.person, name: one.name, due: true, votes: false, chairs: false, above: None })
        .collect())
}

/// Everybody of a branch on a day; due are the members of the Party groups named, or of the whole branch where it had
/// none that day or none is named yet.
pub(super) async fn of_branch(
    visit: &Visit,
    at: &Unit,
    meeting: &Meeting,
    (on, groups): (Date, &[i64]),
    people: Vec<OnDay>,
) -> Result<Vec<Listed>, Trouble> {
    let (whole, members) = match groups.is_empty() {
        true => (true, Vec::new()),
        false => members_of(visit, at, on).await?,
    };
    let in_them = |person: i64| members.iter().any(|one| one.person == person && groups.contains(&one.group));
    let listed = people.into_iter().map(|one| {
        let member = one.standing.is_some_and(luoshi_rules::person::Standing::is_member);
        Listed {
            due: member && (whole || in_them(one.id)),
            votes: one.standing.is_some_and(|standing| meeting.entitles(standing)),
            chairs: one.posts.iter().any(|post| meeting.chair.contains(post)),
            above: None,
            id: one.id,
            name: one.name,
        }
    });
    Ok(listed.collect())
}

/// Whether a branch had no Party groups on a day, and its members, each with their group.
async fn members_of(visit: &Visit, at: &Unit, on: Date) -> Result<(bool, Vec<branch_group::Member>), Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, at)?;
    let unit = at.id;
    let read = move |tx: &luoshi_store::Tx| {
        let kept = branch_group::list(tx, &scope, on)?.iter().any(|one| one.unit == unit);
        Ok((!kept, branch_group::members(tx, &scope, (unit, on))?))
    };
    visit.app.read(read).await
}

/// Groups there were on a day: youth groups that the unit and those below keep, or Party groups of the branch.
async fn kept(visit: &Visit, at: &Unit, due: Due, on: Date) -> Result<Vec<Kept>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, at)?;
    let unit = at.id;
    let read = move |tx: &luoshi_store::Tx| {
        if due == Due::Groups {
            let all = youth::list(tx, &scope, on)?.into_iter();
            return Ok(all.map(|one| Kept { id: one.id, name: one.name, unit_name: one.unit_name }).collect());
        }
        let all = branch_group::list(tx, &scope, on)?.into_iter().filter(|one| one.unit == unit);
        Ok(all.map(|one| Kept { id: one.id, name: one.name, unit_name: String::new() }).collect())
    };
    visit.app.read(read).await
}

/// The groups named on a form, by key and name, for the data of the record. That none is named is refused, but of a
/// branch that had none on the day: there all of it met.
pub(super) async fn read(
    visit: &Visit,
    at: &Unit,
    (due, on): (Due, Date),
    fields: &Fields,
) -> Result<Option<Json>, Trouble> {
    let wanted = asked(fields);
    let kept = kept(visit, at, due, if due == Due::Groups { visit.today } else { on }).await?;
    let named: Vec<Json> = kept
        .iter()
        .filter(|one| wanted.contains(&one.id))
        .map(|one| json!({ "id": one.id, "name": one.name }))
        .collect();
    if !named.is_empty() {
        return Ok(Some(Json::Array(named)));
    }
    let refusal = match due {
        Due::Groups => {
            Refusal::field("group", "请选择参加学习的青年小组", "choose the youth groups that came together")
        }
        _ if kept.is_empty() => return Ok(None),
        _ => Refusal::field("group", "请选择是哪个党小组开的会", "choose the Party group that met"),
    };
    Err(refusal.into())
}

/// The groups of the form. Youth groups were chosen before; a Party group may still be put right.
pub(super) async fn question(
    visit: &Visit,
    at: &Unit,
    (due, on): (Due, Date),
    filled: &super::Filled<'_>,
) -> Result<Markup, Trouble> {
    let wanted = asked(filled.fields);
    if due == Due::Groups {
        return Ok(html! { @for id in wanted { input type="hidden" name="group" value=(id); } });
    }
    let kept = kept(visit, at, due, on).await?;
    let names: Vec<&str> = kept.iter().filter(|one| wanted.contains(&one.id)).map(|one| one.name.as_str()).collect();
    Ok(html! {
        @if kept.is_empty() { p.note { (visit.say("本支部那天没有党小组，应到人员为全体党员。", "The branch had no Party groups that day; all its members are due."))
            " " a href={ "/units/" (at.id) "/branch-groups" } { (visit.say("党小组", "Party groups")) } } }
        @else {
            p { (visit.say("党小组：", "Party groups: ")) b { (names.join(visit.mark("、"))) } " "
                a href={ "/units/" (at.id) "/records/new?kind=" (crate::branch_group::kind(visit).map_or("", |kind| &kind.id)) } { (visit.say("换一个", "another")) } }
            @for id in &wanted { input type="hidden" name="group" value=(id); }
            @if let Some(words) = filled.complaints.under("group", visit.lang) { p.error { "▲ " (words) } }
        }
    })
}

/// The boxes of the form as a record was kept.
pub(super) fn refill(data: &Json, fields: &mut Fields) {
    let groups = data["groups"].as_array().into_iter().flatten().filter_map(|one| one["id"].as_i64());
    fields.insert("group".into(), groups.map(|id| id.to_string()).collect());
}

/// Which groups, on the page of a record.
pub(super) fn show(visit: &Visit, kind: &str, data: &Json) -> Markup {
    let names: Vec<&str> =
        data["groups"].as_array().into_iter().flatten().filter_map(|one| one["name"].as_str()).collect();
    let of_branch = crate::branch_group::kind(visit).is_some_and(|known| known.id == kind);
    html! { @if !names.is_empty() { p {
    @if of_branch { (visit.say("党小组：", "Party groups: ")) } @else { (visit.say("青年小组：", "Youth groups: ")) }
    (names.join(visit.mark("、"))) } } }
}

/// The question which groups came together, when the form does not say and there is more than one.
pub(super) async fn choose(
    visit: &Visit,
    at: &Unit,
    (kind, due): (&Kind, Due),
    fields: &mut Fields,
) -> Result<Option<Markup>, Trouble> {
    if !asked(fields).is_empty() {
        return Ok(None);
    }
    let kept = kept(visit, at, due, visit.today).await?;
    if let [only] = kept.as_slice() {
        fields.insert("group".into(), vec![only.id.to_string()]);
        return Ok(None);
    }
    if kept.is_empty() && due == Due::BranchGroups {
        return Ok(None);
    }
    let title = visit.of(&kind.name).to_owned();
    let page = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Records };
    let words = match due {
        Due::Groups => {
            visit.say("哪些小组参加？联学选几个。", "Which groups came together? Choose several for a joint study.")
        }
        _ => visit.say("哪个党小组开会？合并开的选几个。", "Which group met? Choose several that met together."),
    };
    let body = html! {
        @if kept.is_empty() {
            p.empty { (visit.say("还没有青年小组。", "There is no youth group yet.")) " "
                a href={ "/units/" (at.id) "/groups" } { (visit.say("设立小组", "Found one")) } }
        } @else {
            form.stack method="get" action={ "/units/" (at.id) "/records/new" } {
                input type="hidden" name="kind" value=(kind.id);
                fieldset.choices { legend { (words) }
                    @for one in &kept { label { input type="checkbox" name="group" value=(one.id); " " (one.name) " " small { (one.unit_name) } } } }
                button.main { (visit.say("下一步", "Next")) }
            }
        }
    };
    Ok(Some(shell::page(&page, body)))
}
