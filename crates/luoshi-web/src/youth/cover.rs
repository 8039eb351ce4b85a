//! Who is in no group, and a proposal that would cover them, accepted by one form.

use super::{born_after, rules};
use crate::form::{Complaints, Sent, one, operation};
use crate::shell::{self, Page, Part as Nav};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::youth::{Group as Sized, Proposal, Uncovered, Youth};
use luoshi_rules::{Permit, Refusal, Scope, Unit, UnitPath, Verb};
use luoshi_store::youth::{self, Group, Official};
use luoshi_store::{Fault, Tx, secret, unit};
use maud::{Markup, html};
use std::collections::HashMap;

/// Who is in no group, and where they would go.
pub(crate) struct Found {
    pub uncovered: Vec<Official>,
    groups: Vec<Group>,
    /// the unit and all below
    units: Vec<Unit>,
    proposal: Proposal,
}

impl Found {
    fn read(tx: &Tx, scope: &Scope, (at, rules, today): (&Unit, &Youth, Date)) -> Result<Found, Fault> {
        let mut uncovered = youth::officials(tx, scope, (born_after(rules, today), today))?;
        uncovered.retain(|one| !one.covered && one.born.is_some_and(|born| rules.is_young(born, today)));
        let (groups, members) = youth::with_members(tx, scope, today)?;
        let mut sizes: HashMap<i64, usize> = HashMap::new();
        for one in members.iter().filter(|one| super::counts(one, rules, today)) {
            *sizes.entry(one.group).or_default() += 1;
        }
        let sized: Vec<Sized> = groups
            .iter()
            .map(|one| Sized {
                id: one.id,
                path: one.path.clone(),
                members: sizes.get(&one.id).copied().unwrap_or_default(),
            })
            .collect();
        let waiting: Vec<Uncovered> =
            uncovered.iter().map(|one| Uncovered { person: one.person, path: one.path.clone() }).collect();
        let proposal = rules.propose(&at.path, &sized, &waiting);
        Ok(Found { uncovered, groups, units: unit::list(tx, scope)?, proposal })
    }

    /// Where somebody would go: a group there is, or a unit and the number of the group to be founded there.
    pub fn place(&self, person: i64) -> Option<Goes<'_>> {
        let group = |id: i64| self.groups.iter().find(|group| group.id == id);
        if let Some((_, to)) = self.proposal.joins.iter().find(|(one, _)| *one == person) {
            return group(*to).map(Goes::Into);
        }
        let mut founds = (1..).zip(&self.proposal.founds);
        let (n, (path, _)) = founds.find(|(_, (_, people))| people.contains(&person))?;
        self.unit(path).map(|unit| Goes::Founds(unit, n))
    }

    /// What was shown, in few characters: an acceptance of anything else is refused.
    pub fn digest(&self) -> String {
        secret::digest(format!("{:?}", self.proposal).as_bytes()).chars().take(32).collect()
    }

    fn unit(&self, path: &UnitPath) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.path == *path)
    }
}

/// Where somebody would go.
pub(crate) enum Goes<'f> {
    Into(&'f Group),
    Founds(&'f Unit, i64),
}

pub(super) async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::People).await?;
    let found = found(&visit, &at).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &found))? {
        return Ok(out);
    }
    Ok(page(&visit, &at, &found, &Complaints::default()).into_response())
}

pub(crate) async fn found(visit: &Visit, at: &Unit) -> Result<Found, Trouble> {
    let (rules, at, today) = (rules(visit)?, at.clone(), visit.today);
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, &at)?;
    visit.app.read(move |tx| Found::read(tx, &scope, (&at, &rules, today))).await
}

fn table(visit: &Visit, found: &Found) -> Table {
    let mut table = Table::new(visit.say("未编入青年小组的人员", "In no youth group"))
        .column("name", visit.say("姓名", "Name"), Sort::Text)
        .column("unit", visit.say("组织", "Unit"), Sort::Text);
    table.rows =
        found.uncovered.iter().map(|one| vec![Cell::from(one.name.as_str()), one.unit_name.as_str().into()]).collect();
    table
}

fn page(visit: &Visit, at: &Unit, found: &Found, complaints: &Complaints) -> Markup {
    let title = visit.say("还没有编入小组的人", "Who is in no group").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Nav::Units };
    let body = html! {
        (shell::complaints(visit, complaints))
        p { (visit.say("未满规定年龄、未编入任何小组的有 ", "Young enough and in no group: ")) b { (found.uncovered.len()) } (visit.say(" 人。", ".")) }
        @if found.uncovered.is_empty() { p.empty { (visit.say("所有青年干部都已编入小组。", "Everybody young is in a group.")) } }
        @else {
            h2 { (visit.say("编组方案", "Proposal")) }
            p.help { (visit.say("先编入本单位和就近有空位的小组，人数够的单独成组，人少的联合编组。采纳后可逐人调整。",
                "First groups with room in the unit itself and nearby, then new groups where they are enough, then joint groups. Each can be changed afterwards.")) }
            @if visit.may(Verb::Roll, at) {
                form method="post" action={ "/units/" (at.id) "/groups/uncovered" } {
                    (shell::hidden(visit))
                    input type="hidden" name="digest" value=(found.digest());
                    button.main { (visit.say("采纳方案", "Accept the proposal")) }
                }
            }
            (places(visit, found))
            (shell::formats(visit))
        }
    };
    shell::page(&head, body)
}

/// Where everybody would go, by name.
fn places(visit: &Visit, found: &Found) -> Markup {
    let people: HashMap<i64, &Official> = found.uncovered.iter().map(|one| (one.person, one)).collect();
    let names = |ids: &[i64]| {
        let name = |id: &i64| {
            people.get(id).map(|one| format!("{}{}{}{}", one.name, visit.mark("（"), one.unit_name, visit.mark("）")))
        };
        ids.iter().filter_map(name).collect::<Vec<_>>().join(visit.mark("、"))
    };
    let mut joins: Vec<(&Group, Vec<i64>)> = Vec::new();
    for group in &found.groups {
        let joining: Vec<i64> =
            found.proposal.joins.iter().filter(|(_, to)| *to == group.id).map(|(one, _)| *one).collect();
        if !joining.is_empty() {
            joins.push((group, joining));
        }
    }
    html! {
        @if !joins.is_empty() {
            h3 { (visit.say("编入已有小组", "Into groups there are")) }
            ul { @for (group, ids) in &joins { li { b { (group.name) } " " small { (group.unit_name) " +" (ids.len()) } (visit.mark("：")) (names(ids)) } } }
        }
        @if !found.proposal.founds.is_empty() {
            h3 { (visit.say("新设小组", "New groups")) " " small { (found.proposal.founds.len()) } }
            ul { @for (path, ids) in &found.proposal.founds {
                li { b { (found.unit(path).map_or("", |unit| &unit.short_name)) } " "
                    @if joint(&people, ids) { span.mark { (visit.say("联合", "joint")) } } " " small { (ids.len()) } (visit.mark("：")) (names(ids)) } } }
        }
    }
}

/// Whether they are of several units.
fn joint(people: &HashMap<i64, &Official>, ids: &[i64]) -> bool {
    let mut units = ids.iter().filter_map(|id| people.get(id)).map(|one| one.unit);
    let first = units.next();
    units.any(|unit| Some(unit) != first)
}

/// Founds and fills the groups of the proposal that was shown; of any other it says to look again.
pub(crate) async fn accept(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Roll).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, &at)?;
    let (rules, youth, place) = (visit.rules.clone(), rules(visit)?, at.clone());
    let (digest, today) = (one(&sent.fields, "digest").to_owned(), visit.today);
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Roll, &place)?;
        let found = Found::read(tx, &scope, (&place, &youth, today))?;
        if found.digest() != digest {
            let zh = "名册或小组刚刚有变化，方案已重新生成，请核对后再采纳";
            return Err(Refusal::rule(
                zh,
                "the rolls or groups have just changed: this is the new proposal, look it over",
            )
            .into());
        }
        fill(tx, &permit, &youth, &found)?;
        Ok(format!("/units/{}/groups", place.id))
    };
    match visit.act(operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = page(visit, &at, &self::found(visit, &at).await?, &complaints);
            Ok(complaints.answer(page))
        }
        other => Ok(other?.into_response()),
    }
}

fn fill(tx: &Tx, permit: &Permit, rules: &Youth, found: &Found) -> Result<(), Fault> {
    for (person, group) in &found.proposal.joins {
        youth::join(tx, permit, rules, *group, *person)?;
    }
    let mut named: HashMap<&UnitPath, usize> = HashMap::new();
    for (path, people) in &found.proposal.founds {
        let at = found.unit(path).ok_or(Fault::NotFound)?;
        let n = named.entry(path).or_default();
        let taken = |name: &str| found.groups.iter().any(|group| group.unit == at.id && group.name == name);
        let name = loop {
            *n += 1;
            let name = format!("{}青年小组{n}", at.short_name);
            if !taken(&name) {
                break name;
            }
        };
        let group = youth::found(tx, permit, at, &name)?;
        for person in people {
            youth::join(tx, permit, rules, group, *person)?;
        }
    }
    Ok(())
}
