//! Party groups (党小组) of a branch: which there are and whether they met this month, who is in each and in none, and one
//! form that moves everybody. Above a branch, the groups of all branches below.

pub(crate) mod arrange;

use crate::form::{Complaints, Fields, Sent, one as value, operation};
use crate::record::Filled;
use crate::routes::Routes;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::record::Due;
use luoshi_rules::{Actor, Kind, Permit, Unit, Verb};
use luoshi_store::branch_group::{self, Group, Member, Met};
use luoshi_store::{Fault, Tx};
use maud::{Markup, html};
use std::collections::HashMap;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/branch-groups", get(show).post(found))
        .route("/units/{unit}/branch-groups/members", post(arrange::save))
        .route("/units/{unit}/branch-groups/{id}/names", post(rename))
        .route("/units/{unit}/branch-groups/{id}/ends", post(end))
}

/// The kind of record of a group's meeting.
pub(crate) fn kind(visit: &Visit) -> Option<&Kind> {
    let meets = |kind: &&Kind| kind.meeting.as_ref().is_some_and(|meeting| meeting.due == Due::BranchGroups);
    visit.rules.kinds().into_iter().find(meets)
}

/// Whether a unit has groups of its own: one that keeps records of their meetings.
fn is_branch(visit: &Visit, at: &Unit) -> bool {
    kind(visit).is_some_and(|kind| kind.level.is_empty() || kind.level.contains(&at.level))
}

/// What the page shows.
struct Whole {
    groups: Vec<Group>,
    members: Vec<Member>,
    met: Vec<Met>,
    /// whether it is the page of one branch, not of those below a unit
    own: bool,
    named: bool,
}

impl Whole {
    fn of(&self, group: i64) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(move |one| one.group == group)
    }

    /// The last meeting of a group this month.
    fn last(&self, group: i64) -> Option<&Met> {
        self.met.iter().rev().find(|one| one.is_of(group))
    }

    fn leaders(&self, group: i64) -> String {
        self.of(group).filter(|one| one.leads).map(|one| one.name.as_str()).collect::<Vec<_>>().join("、")
    }
}

async fn whole(visit: &Visit, at: &Unit) -> Result<Whole, Trouble> {
    let kind = kind(visit).ok_or(Trouble::NotFound)?.id.clone();
    let (own, named) = (is_branch(visit, at), visit.may(Verb::People, at));
    let scope = visit.actor.scope(&visit.rules.base, if named { Verb::People } else { Verb::See }, at)?;
    let (today, only) = (visit.today, if own { at.id } else { 0 });
    let read = move |tx: &Tx| {
        let met = branch_group::met(tx, &scope, &kind, (today.first_of_month(), today))?;
        let members = branch_group::members(tx, &scope, (only, today))?;
        Ok(Whole { groups: branch_group::list(tx, &scope, today)?, members, met, own, named })
    };
    visit.app.read(read).await
}

pub(crate) async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let all = whole(&visit, &at).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &all))? {
        return Ok(out);
    }
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(page(&visit, &at, &all, &filled).into_response())
}

fn page(visit: &Visit, at: &Unit, all: &Whole, filled: &Filled<'_>) -> Markup {
    let title = visit.say("党小组", "Party groups").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Units };
    let may = all.own && visit.may(Verb::Roll, at);
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        (sums(visit, all))
        @if all.own && visit.may(Verb::Write, at) && let Some(kind) = kind(visit) {
            p.actions { a.button.main href={ "/units/" (at.id) "/records/new?kind=" (kind.id) } { (visit.say("记一次党小组会", "Record a group meeting")) } " "
                a.button href={ "/units/" (at.id) "/meetings/" (kind.id) } { (visit.say("这个会怎么开", "How this is done")) } }
        }
        (list(visit, all))
        @if all.own && all.named { (arrange::form(visit, (at, may), all, filled)) }
        @if may { (forms(visit, at, all, filled)) }
        @if !all.groups.is_empty() { (shell::formats(visit)) }
    };
    shell::page(&head, body)
}

/// How many groups and members there are, how many are in none, how many groups have met this month.
fn sums(visit: &Visit, all: &Whole) -> Markup {
    let met = all.groups.iter().filter(|group| all.last(group.id).is_some()).count();
    html! {
        @if !all.groups.is_empty() {
            p { (visit.say("党小组 ", "Groups: ")) b { (all.groups.len()) }
                (visit.say(" 个，本月已开会 ", "; met this month: ")) b { (met) } " / " (all.groups.len())
                (visit.say("；党员 ", "; members: ")) b { (all.members.len()) }
                (visit.say(" 名，未编入 ", "; in none: ")) b { (all.of(0).count()) } }
        }
    }
}

fn list(visit: &Visit, all: &Whole) -> Markup {
    html! {
        @if all.groups.is_empty() {
            p.empty { @if all.own { (visit.say("还没有党小组：党小组会的应到人员是支部全体党员。支部党员较多的，可在下面设立小组。",
                "No groups yet: at a group meeting all members of the branch are due. A large branch may found some below.")) }
                @else { (visit.say("下级支部还没有设立党小组。", "No branch below has named its groups yet.")) } }
        } @else { div.scroll { table.list {
            thead { tr { @if !all.own { th { (visit.say("支部", "Branch")) } } th { (visit.say("党小组", "Group")) }
                @if all.named { th { (visit.say("组长", "Leader")) } }
                th.num { (visit.say("人数", "Members")) } th { (visit.say("本月会议", "Met this month")) } th { (visit.say("设立于", "Since")) } } }
            @for group in &all.groups {
                tr id={ "of-" (group.id) } { @if !all.own { td { a href={ "/units/" (group.unit) "/branch-groups" } { (group.unit_name) } } } td { (group.name) }
                    @if all.named { td { (all.leaders(group.id)) } }
                    td.num { small.phone { (visit.say("人数 ", "members ")) } (all.of(group.id).count()) }
                    td.nowrap { @match all.last(group.id) {
                        Some(met) => { "● " a href={ "/units/" (group.unit) "/records/" (met.record) } { (met.on) } }
                        None => { "○ " (visit.say("还没有", "not yet")) }
                    } }
                    td.nowrap { small.phone { (visit.say("设立于 ", "since ")) } (group.from) } }
            }
        } } }
    }
}

/// Founding a group, another name, the end of one.
fn forms(visit: &Visit, at: &Unit, all: &Whole, filled: &Filled) -> Markup {
    html! {
        form.stack method="post" action={ "/units/" (at.id) "/branch-groups" } {
            (shell::hidden(visit))
            (field(visit.lang, "name", visit.say("设立党小组，名称", "Found a group; its name"),
                visit.say("如“第一党小组”。从设立后的第一个整月起，每月每个小组都要开会。", "From the first whole month on, each group meets every month."), filled.complaints, html! {
                input #name name="name" maxlength="30" required value=(value(filled.fields, "name"));
            }))
            button { (visit.say("设立", "Found")) }
        }
        @if !all.groups.is_empty() { details { summary { (visit.say("改名或撤销", "Rename or end")) }
            @for group in &all.groups {
                @let (key, address) = (format!("{}-name", group.id), format!("/units/{}/branch-groups/{}", at.id, group.id));
                @let given = value(filled.fields, &key);
                form.stack method="post" action={ (address) "/names" } {
                    (shell::hidden(visit))
                    (field(visit.lang, &key, &group.name, "", filled.complaints, html! {
                        input id=(key) name=(key) maxlength="30" required value=(if given.is_empty() { &group.name } else { given });
                    }))
                    p.actions { button { (visit.say("改名", "Rename")) } " "
                        button formaction={ (address) "/ends" } formnovalidate { (visit.say("撤销，组员转为未编入", "End it; its members are in none")) } }
                }
            }
        } }
    }
}

/// The list to take away: of a branch everybody by group, above it the groups.
fn table(visit: &Visit, all: &Whole) -> Table {
    let table = Table::new(visit.say("党小组", "Party groups"));
    if all.own && all.named {
        return members(visit, all, table);
    }
    let mut table = table
        .column("branch", visit.say("支部", "Branch"), Sort::Text)
        .column("group", visit.say("党小组", "Group"), Sort::Text)
        .column("leader", visit.say("组长", "Leader"), Sort::Text)
        .column("members", visit.say("人数", "Members"), Sort::Number)
        .column("met", visit.say("本月会议", "Met this month"), Sort::Date)
        .column("since", visit.say("设立于", "Since"), Sort::Date)
        .key("id")
        .key("unit_id");
    let row = |group: &Group| {
        vec![
            group.unit_name.as_str().into(),
            group.name.as_str().into(),
            all.leaders(group.id).as_str().into(),
            (all.of(group.id).count() as i64).into(),
            day(all.last(group.id).map(|met| met.on)),
            day(Some(group.from)),
            Cell::Key(group.id),
            Cell::Key(group.unit),
        ]
    };
    table.rows = all.groups.iter().map(row).collect();
    table
}

/// Everybody of a branch by group.
fn members(visit: &Visit, all: &Whole, table: Table) -> Table {
    let name = |group: i64| all.groups.iter().find(|one| one.id == group).map_or("", |one| one.name.as_str());
    let mut table = table
        .column("group", visit.say("党小组", "Group"), Sort::Text)
        .column("name", visit.say("姓名", "Name"), Sort::Text)
        .column("leader", visit.say("组长", "Leader"), Sort::Text)
        .column("since", visit.say("自", "Since"), Sort::Date)
        .key("id")
        .key("person_id");
    let leads = |one: &Member| if one.leads { visit.say("是", "yes") } else { "" };
    let row = |one: &Member| {
        let group = if one.group == 0 { Cell::Empty } else { Cell::Key(one.group) };
        let words = [name(one.group), one.name.as_str(), leads(one)].map(Cell::from);
        words.into_iter().chain([day(one.since), group, Cell::Key(one.person)]).collect()
    };
    table.rows = all.members.iter().map(row).collect();
    table
}

fn day(day: Option<jiff::civil::Date>) -> Cell {
    day.map_or(Cell::Empty, |day| Cell::Date(day.to_string()))
}

// ---- writing

/// Does something to the groups of a branch and comes back, to the group it made; a refused form is shown again as it
/// was filled.
async fn act(
    sent: &Sent,
    id: i64,
    work: impl Fn(&Tx, &Permit, &Actor, &Unit) -> Result<Option<i64>, Fault> + Send + 'static,
) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Roll).await?;
    if !is_branch(visit, &at) {
        return Err(Trouble::NotFound);
    }
    let (rules, place) = (visit.rules.clone(), at.clone());
    let done = visit.act(operation(&sent.fields), move |tx: &Tx, actor: &Actor| {
        let made = work(tx, &actor.permit(&rules.base, Verb::Roll, &place)?, actor, &place)?;
        Ok(format!("/units/{id}/branch-groups{}", made.map_or(String::new(), |group| format!("#of-{group}"))))
    });
    match done.await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let all = whole(visit, &at).await?;
            let page = page(visit, &at, &all, &Filled { fields: &sent.fields, complaints: &complaints });
            Ok(complaints.answer(page))
        }
        other => Ok(other?.into_response()),
    }
}

pub(crate) async fn found(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let name = value(&sent.fields, "name").to_owned();
    act(&sent, id, move |tx, permit, _, at| branch_group::found(tx, permit, at, &name).map(Some)).await
}

pub(crate) async fn rename(Place((id, group)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let name = value(&sent.fields, &format!("{group}-name")).to_owned();
    act(&sent, id, move |tx, permit, _, _| branch_group::rename(tx, permit, group, &name).map(|()| None)).await
}

pub(crate) async fn end(Place((id, group)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let name = value(&sent.fields, &format!("{group}-name")).to_owned();
    act(&sent, id, move |tx, permit, _, _| branch_group::end(tx, permit, group, &name).map(|()| None)).await
}
