//! Study of youth groups: which groups came together, and their members as those due.

use super::people::Listed;
use crate::form::{Fields, all};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::Visit;
use jiff::civil::Date;
use luoshi_rules::{Kind, Refusal, Unit, Verb};
use luoshi_store::youth;
use maud::{Markup, html};
use serde_json::{Value as Json, json};

/// The groups a form names.
pub(super) fn asked(fields: &Fields) -> Vec<i64> {
    all(fields, "group").iter().filter_map(|text| text.parse().ok()).collect()
}

/// Members of these groups on a day, those young enough; groups elsewhere have none.
pub(super) async fn roll(visit: &Visit, at: &Unit, groups: &[i64], on: Date) -> Result<Vec<Listed>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, at)?;
    let members = visit.app.read(move |tx| youth::members(tx, &scope, (0, on))).await?;
    let Some(rules) = visit.rules.base.youth else { return Ok(Vec::new()) };
    let young = members.into_iter().filter(|one| one.born.is_some_and(|born| rules.is_young(born, on)));
    let listed = young.filter(|one| groups.contains(&one.group));
    Ok(listed.map(|one| Listed { id: one.person, name: one.name, due: true, votes: false, chairs: false }).collect())
}

/// Groups that the unit and those below keep.
async fn kept(visit: &Visit, at: &Unit) -> Result<Vec<youth::Group>, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, at)?;
    let today = visit.today;
    visit.app.read(move |tx| youth::list(tx, &scope, today)).await
}

/// The groups named on a form, by key and name, for the data of the record; none is refused.
pub(super) async fn read(visit: &Visit, at: &Unit, fields: &Fields) -> Result<Json, Trouble> {
    let wanted = asked(fields);
    let kept = kept(visit, at).await?;
    let named: Vec<Json> = kept
        .iter()
        .filter(|one| wanted.contains(&one.id))
        .map(|one| json!({ "id": one.id, "name": one.name }))
        .collect();
    if named.is_empty() {
        let zh = "请选择参加学习的青年小组";
        return Err(Refusal::field("group", zh, "choose the youth groups that came together").into());
    }
    Ok(Json::Array(named))
}

/// The groups of the form, which were chosen before.
pub(super) fn hidden(fields: &Fields) -> Markup {
    html! { @for id in asked(fields) { input type="hidden" name="group" value=(id); } }
}

/// The boxes of the form as a record was kept.
pub(super) fn refill(data: &Json, fields: &mut Fields) {
    let groups = data["groups"].as_array().into_iter().flatten().filter_map(|one| one["id"].as_i64());
    fields.insert("group".into(), groups.map(|id| id.to_string()).collect());
}

/// Which groups, on the page of a record.
pub(super) fn show(visit: &Visit, data: &Json) -> Markup {
    let names: Vec<&str> =
        data["groups"].as_array().into_iter().flatten().filter_map(|one| one["name"].as_str()).collect();
    html! { @if !names.is_empty() { p { (visit.say("青年小组：", "Youth groups: ")) (names.join("、")) } } }
}

/// The question which groups came together, when the form does not say and there is more than one.
pub(super) async fn choose(
    visit: &Visit,
    at: &Unit,
    kind: &Kind,
    fields: &mut Fields,
) -> Result<Option<Markup>, Trouble> {
    if !asked(fields).is_empty() {
        return Ok(None);
    }
    let kept = kept(visit, at).await?;
    if let [only] = kept.as_slice() {
        fields.insert("group".into(), vec![only.id.to_string()]);
        return Ok(None);
    }
    let title = visit.of(&kind.name).to_owned();
    let page = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Records };
    let body = html! {
        @if kept.is_empty() {
            p.empty { (visit.say("还没有青年小组。", "There is no youth group yet.")) " "
                a href={ "/units/" (at.id) "/groups" } { (visit.say("设立小组", "Found one")) } }
        } @else {
            form.stack method="get" action={ "/units/" (at.id) "/records/new" } {
                input type="hidden" name="kind" value=(kind.id);
                fieldset.choices { legend { (visit.say("哪些小组参加？联学选几个。", "Which groups came together? Choose several for a joint study.")) }
                    @for one in &kept { label { input type="checkbox" name="group" value=(one.id); " " (one.name) " " small { (one.unit_name) } } } }
                button.main { (visit.say("下一步", "Next")) }
            }
        }
    };
    Ok(Some(shell::page(&page, body)))
}
