//! Youth groups: who is in them, how many of the young are, who is not, and a proposal that would cover them.

pub(crate) mod cover;
pub(crate) mod mentors;
pub(crate) mod one;

use crate::form::{Complaints, Fields, Sent, one as value, operation};
use crate::record::Filled;
use crate::routes::Routes;
use crate::shell::{self, Page, Part as Nav, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::youth::{Part, Youth};
use luoshi_rules::{Refusal, Unit, Verb};
use luoshi_store::unit;
use luoshi_store::youth::{self, Group, Member, Official};
use maud::{Markup, html};
use std::collections::HashMap;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/groups", get(show).post(found))
        .route("/units/{unit}/groups/uncovered", get(cover::show).post(cover::accept))
        .route("/units/{unit}/groups/mentors", get(mentors::show))
        .route("/units/{unit}/groups/{id}", get(one::show))
        .route("/units/{unit}/groups/{id}/members", post(one::join))
        .route("/units/{unit}/groups/{id}/leave", post(one::leave))
        .route("/units/{unit}/groups/{id}/parts", post(one::take))
        .route("/units/{unit}/groups/{id}/parts/end", post(one::give_up))
}

/// What the pack says of youth groups.
fn rules(visit: &Visit) -> Result<Youth, Trouble> {
    visit.rules.base.youth.ok_or(Trouble::NotFound)
}

/// A day after which somebody young on `today` was born, at the earliest.
fn born_after(rules: &Youth, today: Date) -> Date {
    let years = i32::from(rules.until) + 1;
    today.checked_sub(years.years()).unwrap_or(Date::MIN)
}

/// How many of the young are in a group: covered and all.
#[derive(Debug, Clone, Copy, Default)]
struct Coverage {
    covered: usize,
    all: usize,
}

impl Coverage {
    fn of<'a>(officials: impl Iterator<Item = &'a Official>, rules: &Youth, today: Date) -> Coverage {
        let young = officials.filter(|one| one.born.is_some_and(|born| rules.is_young(born, today)));
        young.fold(Coverage::default(), |sum, one| Coverage {
            covered: sum.covered + usize::from(one.covered),
            all: sum.all + 1,
        })
    }

    fn show(self, visit: &Visit) -> Markup {
        html! { b { (self.covered) } " / " (self.all)
        @if self.all > 0 { (visit.mark("（")) (self.covered * 100 / self.all) "%" (visit.mark("）")) } }
    }
}

/// What the page is made of.
struct Seen {
    rules: Youth,
    groups: Vec<Group>,
    members: Vec<Member>,
    officials: Vec<Official>,
    below: Vec<Unit>,
}

async fn seen(visit: &Visit, at: &Unit) -> Result<Seen, Trouble> {
    let rules = rules(visit)?;
    let named = visit.may(Verb::People, at);
    let scope = visit.actor.scope(&visit.rules.base, if named { Verb::People } else { Verb::See }, at)?;
    let (today, place, after) = (visit.today, at.clone(), born_after(&rules, visit.today));
    let read = move |tx: &luoshi_store::Tx| {
        let (groups, members) = youth::with_members(tx, &scope, today)?;
        Ok((groups, members, youth::officials(tx, &scope, (after, today))?, unit::below(tx, &place)?))
    };
    let (groups, members, officials, below) = visit.app.read(read).await?;
    Ok(Seen { rules, groups, members, officials, below })
}

pub(crate) async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let seen = seen(&visit, &at).await?;
    if let Some(out) = crate::export::list(&asked, || register(&visit, &seen))? {
        return Ok(out);
    }
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(page(&visit, &at, &seen, &filled).into_response())
}

/// Coverage as rows, for programs: of the unit itself, and of each directly below with all below it.
pub(crate) async fn coverage(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let seen = seen(&visit, &at).await?;
    crate::export::list(&asked, || covered(&visit, &at, &seen))?.ok_or(Trouble::NotFound)
}

fn page(visit: &Visit, at: &Unit, seen: &Seen, filled: &Filled<'_>) -> Markup {
    let Seen { rules, groups, members, officials, below } = seen;
    let named = visit.may(Verb::People, at);
    let title = visit.say("青年理论学习小组", "Youth study groups").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Nav::Units };
    let unknown = officials.iter().filter(|one| one.born.is_none()).count();
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p { (visit.say("今天未满 ", "Under ")) (rules.until) (visit.say(" 周岁的干部中，已编入小组 ", " today and in a group: "))
            (Coverage::of(officials.iter(), rules, visit.today).show(visit)) }
        @if unknown > 0 { p.note { (unknown) (visit.say(" 人没有出生日期，未计入；请先在名册中补上。", " have no day of birth and are not counted: enter it on the roll.")) } }
        @if named { p.actions { a.button.main href={ "/units/" (at.id) "/groups/uncovered" } { (visit.say("还没有编入小组的人", "Who is in no group")) } " "
            a.button href={ "/units/" (at.id) "/groups/mentors" } { (visit.say("导师", "Mentors")) } } }
        (table(visit, (at, below), officials, rules))
        (list(visit, seen, named))
        @if named { (leaving(visit, rules, groups, members)) }
        @if visit.may(Verb::Roll, at) {
            form.stack method="post" action={ "/units/" (at.id) "/groups" } {
                (shell::hidden(visit))
                (field(visit.lang, "name", visit.say("设立一个小组，名称", "Found a group; its name"), "", filled.complaints, html! {
                    input #name name="name" maxlength="60" required value=(value(filled.fields, "name"));
                }))
                button { (visit.say("设立", "Found")) }
            }
        }
    };
    shell::page(&head, body)
}

/// Coverage of the unit itself and of each directly below.
fn table(visit: &Visit, (at, below): (&Unit, &[Unit]), officials: &[Official], rules: &Youth) -> Markup {
    let row = |unit: &Unit, own: bool| {
        let part = part_of((unit, own), officials, rules, visit.today);
        html! { @if part.all > 0 { tr { td { a href={ "/units/" (unit.id) "/groups" } { (unit.short_name) } @if own { " " small { (visit.say("本级", "itself")) } } }
        td.num { (part.show(visit)) } td.num { @if part.covered < part.all { small.phone { (visit.say("未编入 ", "in none ")) } (part.all - part.covered) } } } } }
    };
    html! {
        h2 { (visit.say("覆盖情况", "Coverage")) }
        table.list {
            thead { tr { th { (visit.say("组织", "Unit")) } th.num { (visit.say("已编入 / 应编入", "In a group / all")) } th.num { (visit.say("未编入", "In none")) } } }
            (row(at, true))
            @for unit in below { (row(unit, false)) }
        }
    }
}

/// Coverage of a unit itself, or of all that is at and below it.
fn part_of((unit, own): (&Unit, bool), officials: &[Official], rules: &Youth, today: Date) -> Coverage {
    let within = officials.iter().filter(|one| if own { one.unit == unit.id } else { unit.path.contains(&one.path) });
    Coverage::of(within, rules, today)
}

fn covered(visit: &Visit, at: &Unit, seen: &Seen) -> Table {
    let mut table = Table::new(visit.say("青年小组覆盖情况", "Coverage by youth groups"))
        .column("unit", visit.say("组织", "Unit"), Sort::Text)
        .column("part", visit.say("范围", "Of it"), Sort::Text)
        .column("covered", visit.say("已编入", "In a group"), Sort::Number)
        .column("all", visit.say("应编入", "All"), Sort::Number)
        .key("unit_id");
    let row = |(unit, own): (&Unit, bool)| {
        let part = part_of((unit, own), &seen.officials, &seen.rules, visit.today);
        let words = if own { visit.say("本级", "itself") } else { visit.say("含下级", "with all below") };
        let n = [part.covered, part.all].map(|n| Cell::Number(n as i64));
        [vec![unit.short_name.as_str().into(), words.into()], n.into(), vec![Cell::Key(unit.id)]].concat()
    };
    table.rows = std::iter::once((at, true)).chain(seen.below.iter().map(|unit| (unit, false))).map(row).collect();
    table
}

/// How many of a group are still young enough for it.
fn size(group: &Group, seen: &Seen, today: Date) -> usize {
    seen.members.iter().filter(|one| one.group == group.id && counts(one, &seen.rules, today)).count()
}

fn register(visit: &Visit, seen: &Seen) -> Table {
    let mut table = Table::new(visit.say("青年理论学习小组", "Youth study groups"))
        .column("name", visit.say("名称", "Name"), Sort::Text)
        .column("unit", visit.say("由谁管理", "Kept by"), Sort::Text)
        .column("members", visit.say("人数", "Members"), Sort::Number)
        .column("since", visit.say("设立于", "Since"), Sort::Date)
        .key("id")
        .key("unit_id");
    let row = |group: &Group| {
        vec![
            group.name.as_str().into(),
            group.unit_name.as_str().into(),
            Cell::Number(size(group, seen, visit.today) as i64),
            Cell::Date(group.from.to_string()),
            Cell::Key(group.id),
            Cell::Key(group.unit),
        ]
    };
    table.rows = seen.groups.iter().map(row).collect();
    table
}

/// Whether somebody is still young enough for the group.
fn counts(member: &Member, rules: &Youth, today: Date) -> bool {
    member.born.is_some_and(|born| rules.is_young(born, today))
}

/// The groups; whoever may see people opens them.
fn list(visit: &Visit, seen: &Seen, named: bool) -> Markup {
    let Seen { groups, rules, .. } = seen;
    html! {
        h2 { (visit.say("小组", "Groups")) " " small { (groups.len()) } }
        @if groups.is_empty() { p.empty { (visit.say("还没有小组。看看“还没有编入小组的人”，系统会提出编组方案。", "No group yet. See who is in none: a proposal is made there.")) } }
        @else { div.scroll { table.list {
            thead { tr { th { (visit.say("名称", "Name")) } th { (visit.say("由谁管理", "Kept by")) } th.num { (visit.say("人数", "Members")) } th { (visit.say("设立于", "Since")) } } }
            @for group in groups {
                tr { td { @if named { a href={ "/units/" (group.unit) "/groups/" (group.id) } { (group.name) } } @else { (group.name) } } td { (group.unit_name) }
                    td.num { small.phone { (visit.say("人数 ", "members ")) } (size(group, seen, visit.today)) " / " (rules.most) } td.nowrap { small.phone { (visit.say("设立于 ", "since ")) } (group.from) } }
            }
        } } (shell::formats(visit)) }
    }
}

/// Who leaves by age soon or has just left, in the words of the notice they would get.
fn leaving(visit: &Visit, rules: &Youth, groups: &[Group], members: &[Member]) -> Markup {
    let near = |one: &&Member| {
        let days = one.born.and_then(|born| visit.today.until(rules.leaves(born)).ok()).map(|span| span.get_days());
        days.is_some_and(|days| days.abs() <= rules.notice)
    };
    let mut soon: Vec<&Member> = members.iter().filter(near).collect();
    soon.sort_by_key(|one| one.born);
    html! {
        @if !soon.is_empty() {
            section.card {
                h2 { (visit.say("到龄退出", "Leaving by age")) " " small { (soon.len()) } }
                ul { @for one in soon { @if let Some(born) = one.born { (notice(visit, rules, (one, born), groups)) } } }
            }
        }
    }
}

fn notice(visit: &Visit, rules: &Youth, (one, born): (&Member, Date), groups: &[Group]) -> Markup {
    let day = rules.leaves(born);
    let group = groups.iter().find(|group| group.id == one.group);
    html! {
        li { (one.name) " " small { (one.unit_name) } (visit.mark("："))
            (day) " " (visit.say("满 ", "becomes ")) (rules.until) (visit.say(" 周岁，", ", "))
            @if day <= visit.today { (visit.say("已自动退出", "has left")) } @else { (visit.say("届时自动退出", "leaves then by itself")) }
            @if let Some(group) = group { " " a href={ "/units/" (group.unit) "/groups/" (group.id) } { "“" (group.name) "”" } }
            (visit.say("，无须办理；担任组长或学习秘书的，请换人。", "; nothing has to be done, but a leader or secretary must be followed by another.")) }
    }
}

/// The same for the to-do page of a unit, for those who see its people.
pub(crate) async fn to_do(visit: &Visit, at: &Unit) -> Result<Markup, Trouble> {
    let (Some(rules), true) = (visit.rules.base.youth, visit.may(Verb::People, at)) else { return Ok(html! {}) };
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, at)?;
    let today = visit.today;
    let born = |days: i32| {
        let day = today.checked_add(days.days()).and_then(|day| day.checked_sub(i32::from(rules.until).years()));
        day.unwrap_or(today)
    };
    // a day more on either side for the 29th of February; the rules say exactly
    let near = (born(-rules.notice - 1), born(rules.notice + 1));
    let members = visit.app.read(move |tx| youth::born_between(tx, &scope, near, today)).await?;
    Ok(leaving(visit, &rules, &[], &members))
}

pub(crate) async fn found(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Roll).await?;
    let (rules, name, place) = (visit.rules.clone(), value(&sent.fields, "name").to_owned(), at.clone());
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Roll, &place)?;
        let group = youth::found(tx, &permit, &place, &name)?;
        Ok(format!("/units/{}/groups/{group}", place.id))
    };
    match visit.act(operation(&sent.fields), work).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let filled = Filled { fields: &sent.fields, complaints: &complaints };
            Ok(complaints.answer(page(visit, &at, &seen(visit, &at).await?, &filled)))
        }
        other => Ok(other?.into_response()),
    }
}

/// The part a form names.
fn part(fields: &Fields) -> Result<Part, Refusal> {
    Part::named(value(fields, "part"))
        .ok_or_else(|| Refusal::field("part", "请选择由谁担任什么", "please choose what they do"))
}
