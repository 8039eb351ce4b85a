//! The page of a unit: the tree on the left; on the right who leads it, its term, its people, its year, what it owes.

pub(crate) mod change;
mod forms;
pub(crate) mod tree;

use crate::obligation::{self, Ledger};
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_rules::pack::name_of;
use luoshi_rules::{Obligation, Scope, Status, Unit, UnitPath, Verb};
use luoshi_store::{Fault, Tx, unit};
use maud::{Markup, html};
use std::collections::HashMap;

pub fn routes() -> Routes {
    Routes::new().route("/units/{unit}", get(show)).merge(change::routes()).merge(tree::routes())
}

/// What a unit's page is made of.
struct Found {
    around: unit::Around,
    card: unit::Card,
    /// the tree of a past day, when one was asked for
    past: Option<Vec<Unit>>,
}

fn gather(tx: &Tx, scope: &Scope, (at, today): (&Unit, Date), past: Option<Date>) -> Result<Found, Fault> {
    Ok(Found {
        around: unit::around(tx, at)?,
        card: unit::card(tx, scope, at.id, today)?,
        past: past.map(|on| unit::tree_on(tx, scope, on)).transpose()?,
    })
}

async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let on = tree::day_asked(&visit, &asked)?;
    let (place, today, past) = (at.clone(), visit.today, Some(on).filter(|on| *on != visit.today));
    let Found { around, card, past } = visit.app.read(move |tx| gather(tx, &scope, (&place, today), past)).await?;
    let ledger = obligation::ledger(&visit, &at, visit.year(), None).await?;
    let owed = ledger.pressing(at.id);
    let title = at.full_name.clone();
    let page = Page { visit: &visit, title, unit: Some(&at), year: visit.year(), dated: "", part: Part::Units };
    let body = html! {
        div.split {
            @match &past {
                Some(units) => (tree::past(&visit, units, on)),
                None => (nav(&visit, &at, &ledger, &around)),
            }
            div {
                (head(&visit, &at))
                (people(&visit, &at, &card))
                @if let Some(term) = &card.term {
                    @let end = term.due();
                    p { (visit.say("本届任期 ", "Term ")) (term.from) " – " (end) " " (obligation::days(&visit, end))
                        @if term.extended.is_some() { " " span.mark { (visit.say("已延期：", "extended: ")) (term.why) } } }
                }
                (year(&visit, &at, (&ledger, &owed)))
                (owes(&visit, &ledger, &owed))
                (matters(&visit, &at, &card.matters, &owed))
                @if !card.ties.is_empty() { h2 { (visit.say("指导等关系", "Guidance and other ties")) } (forms::list(&visit, &at, &card.ties)) }
                (history(&visit, &card.history))
            }
        }
    };
    Ok(shell::page(&page, body))
}

/// How the unit came to be what it is, each change with a link to the other unit.
fn history(visit: &Visit, changes: &[unit::Changed]) -> Markup {
    html! {
        @if !changes.is_empty() {
            h2 { (visit.say("沿革", "History")) }
            ol.timeline { @for one in changes { li { (one.on) " " b { (visit.of(&one.change.name())) } " "
                @if !one.other_name.is_empty() { a href={ "/units/" (one.other) } { (one.other_name) } " " }
                (one.note) } } }
        }
    }
}

fn head(visit: &Visit, at: &Unit) -> Markup {
    let base = &visit.rules.base;
    html! {
        p { (base.level(&at.level).map_or("", |level| visit.of(&level.name))) " · " (name_of(&base.class, &at.class).map_or("", |label| visit.of(label)))
            " · " (visit.say("成立于 ", "founded ")) (at.founded)
            " · " (visit.say("序号 ", "no. ")) (at.order_no)
            @if !at.code.is_empty() { " · " (visit.say("类型代码 ", "type code ")) (at.code) }
            @for part in &at.parts { @if let Some(name) = name_of(&base.part, part) { " · " (visit.of(name)) } } }
        @if let Some((end, why)) = &at.dissolved { p.note { "◇ " (visit.say("已撤销 ", "Dissolved ")) (end) " " (why) } }
        p.actions {
            a.button href={ "/units/" (at.id) "/" (visit.year()) "/matrix" } { (visit.say("责任清单", "Duties")) } " "
            a.button href={ "/units/" (at.id) "/" (visit.year()) "/records" } { (visit.say("纪实", "Records")) } " "
            a.button href={ "/units/" (at.id) "/" (visit.year()) "/plan" } { (visit.say("年度安排", "Plan of the year")) } " "
            @if visit.may(Verb::People, at) { a.button href={ "/units/" (at.id) "/people" } { (visit.say("名册", "Roll")) } " " }
            @if base.youth.is_some() { a.button href={ "/units/" (at.id) "/groups" } { (visit.say("青年小组", "Youth groups")) } " " }
            @if crate::branch_group::kind(visit).is_some() { a.button href={ "/units/" (at.id) "/branch-groups" } { (visit.say("党小组", "Party groups")) } " " }
            a.button href={ "/units/" (at.id) "/classes" } { (visit.say("培训班", "Training classes")) } " "
            a.button href={ "/units/" (at.id) "/classes?kind=" (luoshi_store::class::SERVICE) } { (visit.say("志愿服务", "Volunteers")) } " "
            @if base.pledge.is_some() { a.button href={ "/units/" (at.id) "/" (visit.year()) "/pledges" } { (visit.say("承诺践诺", "Pledges")) } " " }
            @if base.burden.is_some() { a.button href={ "/units/" (at.id) "/collections" } { (visit.say("数据收集", "Collections")) } " " }
            @if base.aid.is_some() { a.button href={ "/units/" (at.id) "/aid" } { (visit.say("爱心互助", "Mutual aid")) } " " }
            @if base.flow(crate::assistance::FLOW).is_some() { a.button href={ "/units/" (at.id) "/assistance" } { (visit.say("定点帮扶", "Paired assistance")) } " " }
            a.button href={ "/units/" (at.id) "/tree" } { (visit.say("名录", "List of units")) } " "
            (forms::button(visit, at))
            @if visit.may(Verb::Write, at) { a.button href={ "/units/" (at.id) "/records/new" } { (visit.say("记一条纪实", "Add a record")) } " " }
        }
    }
}

/// The living units directly below one, in their order.
fn below<'a>(ledger: &'a Ledger, at: &Unit) -> Vec<&'a Unit> {
    let directly = |unit: &&Unit| unit.path.depth() == at.path.depth() + 1 && unit.dissolved.is_none();
    let mut below: Vec<&Unit> = ledger.units.iter().filter(directly).collect();
    below.sort_by_key(|unit| (unit.order_no, &unit.path));
    below
}

/// The tree: the way up, and the units directly below with what is overdue in each.
fn nav(visit: &Visit, at: &Unit, ledger: &Ledger, around: &unit::Around) -> Markup {
    let below = below(ledger, at);
    let names: Vec<&str> = below.iter().map(|unit| unit.short_name.as_str()).collect();
    let short = luoshi_text::prefix::strip(&names);
    let mut late: HashMap<UnitPath, usize> = HashMap::new();
    for (unit, n) in ledger.overdue() {
        if let Some(child) = unit.path.ancestry().nth(at.path.depth()) {
            *late.entry(child).or_default() += n;
        }
    }
    html! {
        nav.tree aria-label=(visit.say("组织树", "Tree of units")) {
            @for one in around.above.iter().filter(|one| one.id != at.id && visit.may(Verb::See, one)) {
                p { "↑ " a href={ "/units/" (one.id) } { (one.short_name) } }
            }
            p { b { (at.short_name) } }
            ul { @for (one, name) in below.iter().zip(short) {
                @let n = late.get(&one.path).copied().unwrap_or(0);
                li { a href={ "/units/" (one.id) } title=(one.full_name) { (name) }
                    @if n > 0 { " " span.badge.overdue { "▲ " (n) } } }
            } }
            @if !around.tops.is_empty() {
                p { (visit.say("自行管理的下级单位", "Organisations below that administer themselves")) }
                ul { @for one in &around.tops { li { a href={ "/units/" (one.id) } title=(one.full_name) { (one.short_name) } } } }
            } @else if below.is_empty() { p.empty { (visit.say("没有下级组织", "No units below")) } }
            (tree::pick_day(visit, visit.today))
        }
    }
}

fn people(visit: &Visit, at: &Unit, card: &unit::Card) -> Markup {
    let base = &visit.rules.base;
    // as the pack has the posts
    let mut posts: Vec<_> = card.posts.iter().collect();
    posts.sort_by_key(|held| base.post.iter().position(|post| post.id == held.post));
    html! {
        dl.facts {
            @for post in posts {
                dt { (base.post(&post.post).map_or("", |post| visit.of(&post.name))) }
                dd { @if visit.may(Verb::People, at) { a href={ "/people/" (post.person) } { (post.name) } } @else { (post.name) }
                    " " small { (visit.say("自 ", "since ")) (post.from) } }
            }
            @for (standing, n) in &card.counts { dt { (visit.of(&standing.name())) } dd { (n) } }
        }
    }
}

/// The year as twelve months: how many records, and what was due and not met.
fn year(visit: &Visit, at: &Unit, (ledger, owed): (&Ledger, &[&Obligation])) -> Markup {
    let facts = ledger.known.tally.of(at.id);
    let in_month = |month: i8| facts.iter().filter(|f| f.on.year() == visit.year() && f.on.month() == month).count();
    let mut late = [0_usize; 13];
    for one in owed.iter().filter(|one| one.status == Status::Overdue) {
        if let Some(n) = late.get_mut(one.due.month() as usize).filter(|_| one.due.year() == visit.year()) {
            *n += 1;
        }
    }
    let late = |month: i8| late.get(month as usize).copied().unwrap_or(0);
    html! {
        h2 { (visit.year()) }
        ol.months { @for month in 1..=12_i8 {
            @let (done, missed) = (in_month(month), late(month));
            li.now[month == visit.today.month()] {
                span { (shell::month(visit.lang, month)) } b { (done) }
                @if missed > 0 { span.badge.overdue { "▲" (missed) } }
            }
        } }
        p.help { (visit.say("每格：当月纪实条数，▲ 为当月到期未落实。", "Each month: records kept; ▲ what fell due and is not met.")) }
    }
}

/// What is open that the unit has to answer; a follow-up whose duty is met has closed itself.
fn matters(visit: &Visit, at: &Unit, all: &[unit::Asked], owed: &[&Obligation]) -> Markup {
    let flow = |one: &unit::Asked| visit.rules.base.flow(&one.flow);
    let met = |one: &unit::Asked| {
        let same = |duty: &&&Obligation| duty.clause.id == one.clause && duty.period.key() == one.period;
        let duty = owed.iter().find(same).filter(|_| !one.clause.is_empty());
        duty.is_some_and(|duty| matches!(duty.status, Status::Met | Status::Late | Status::Waived))
    };
    let mut open: Vec<&unit::Asked> =
        all.iter().filter(|one| flow(one).is_some_and(|flow| !flow.closes(&one.step)) && !met(one)).collect();
    open.sort_by_key(|one| (one.opened, one.id));
    html! {
        h2 { (visit.say("在办事项", "Open matters")) " " small { (open.len()) } }
        @if open.is_empty() { p.empty { (visit.say("没有。", "None.")) } }
        @else { table.list { @for one in open.iter().take(15) { tr {
            td { a href={ "/units/" (at.id) "/matters/" (one.id) } {
                (crate::matter::worded(visit, &one.title, (&one.clause, &one.period, one.opened))) } }
            td { (flow(one).and_then(|flow| flow.step(&one.step)).map_or("", |step| visit.of(&step.name))) }
            td.nowrap { (one.opened) }
        } } } }
    }
}

fn owes(visit: &Visit, ledger: &Ledger, owed: &[&Obligation]) -> Markup {
    let mut own: Vec<&Obligation> = owed.iter().filter(|one| one.status.is_wanting()).copied().collect();
    own.sort_by_key(|one| (one.status, one.due));
    own.truncate(15);
    html! {
        h2 { (visit.say("待落实的职责", "Duties to meet")) }
        @if own.is_empty() { p.empty { (visit.say("没有。", "None.")) } } @else { (obligation::rows(visit, ledger, &own, false)) }
    }
}
