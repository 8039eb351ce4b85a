//! The five home pages: each answers the first three questions of its role without a click.

mod discipline;
mod member;

use crate::obligation::{self, Ledger};
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::Visit;
use crate::{matter, plan};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::ToSpan;
use luoshi_rules::pack::Home;
use luoshi_rules::{Obligation, Status, Unit, Verb};
use luoshi_store::round;
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub fn routes() -> Routes {
    Routes::new().route("/", get(show))
}

async fn show(visit: Visit) -> Result<Response, Trouble> {
    let home = shell::home_of(&visit);
    let base = &visit.rules.base;
    // an auditor's post, for one, lets nobody see what units do
    let serves = |post: &str| {
        base.grants(post, Verb::See, true) && base.post(post).is_some_and(|post| post.home == home && !post.round)
    };
    let post = visit.actor.posts.iter().find(|held| serves(&held.post));
    let Some(id) = post.map(|held| held.unit) else { return Ok(Redirect::to("/me").into_response()) };
    let at = visit.unit(id, Verb::See).await?;
    let ledger = obligation::ledger(&visit, &at, visit.year(), None).await?;
    let body = match home {
        Home::Leader => leader(&visit, &at, &ledger).await?,
        Home::Clerk => clerk(&visit, &at, &ledger).await?,
        Home::Discipline => discipline::page(&visit, &at, &ledger).await?,
        Home::Secretary => secretary(&visit, &at, &ledger).await?,
        Home::Member => member::page(&visit, &at, &ledger).await?,
    };
    let campaigns = if home == Home::Member {
        html! {}
    } else {
        crate::campaign::card(&visit, &at)
    };
    let body = html! { (seats(&visit).await?) (crate::aid::card(&visit).await?) (body) (campaigns) };
    let title = at.short_name.clone();
    let page = Page { visit: &visit, title, unit: Some(&at), year: visit.year(), dated: "", part: Part::Home };
    Ok(shell::page(&page, body).into_response())
}

/// The units the visitor looks at for a round, for as long as they sit on its team.
async fn seats(visit: &Visit) -> Result<Markup, Trouble> {
    let is_seat = |post: &str| visit.rules.base.post(post).is_some_and(|post| post.round);
    if !visit.actor.posts.iter().any(|held| is_seat(&held.post)) {
        return Ok(html! {});
    }
    let actor = visit.actor.clone();
    let duties = visit.app.read(move |tx| round::duties(tx, &actor)).await?;
    Ok(html! {
        section.card {
            h2 { (visit.say("本轮任务", "Yours in this round")) }
            table.list { @for duty in &duties { tr {
                td { a href={ "/units/" (duty.unit) "/matters/" (duty.matter) } { (duty.name) } } td { (duty.round) }
                td { (visit.rules.base.post(&duty.post).map_or("", |post| visit.of(&post.name))) }
                td.nowrap { (visit.say("权限至 ", "rights until ")) (duty.until) }
            } } }
        }
    })
}

fn is_late(one: &Obligation) -> bool {
    one.status == Status::Overdue
}

/// Counts by status as a bar with the same numbers as links.
fn summary(visit: &Visit, at: &Unit, ledger: &Ledger) -> Markup {
    let mut counts: HashMap<Status, i64> = HashMap::new();
    ledger.counts().for_each(|(_, status, n)| *counts.entry(status).or_default() += n);
    let parts: Vec<_> = Status::ALL
        .into_iter()
        .map(|one| {
            let (_, words, class) = shell::status(visit.lang, one);
            let n = counts.get(&one).copied().unwrap_or(0);
            (class, format!("{words} {n}"), n)
        })
        .collect();
    html! {
        section.card {
            h2 { (visit.year()) " " (visit.say("年职责落实", "duties")) }
            (shell::bars(&parts))
            p.legend { @for one in Status::ALL {
                a.plain href={ "/units/" (at.id) "/" (visit.year()) "/matrix?status=" (shell::status(visit.lang, one).2) } {
                    (shell::badge(visit.lang, one)) " " b { (counts.get(&one).copied().unwrap_or(0)) } } " "
            } }
        }
    }
}

// ---- leader: what is late and whose; what stands still; how many days are left

async fn leader(visit: &Visit, at: &Unit, ledger: &Ledger) -> Result<Markup, Trouble> {
    let owed = ledger.wanting();
    let stock = matter::stock(visit, at, matter::Lists::Leader, ledger).await?;
    Ok(html! {
        (summary(visit, at, ledger))
        div.columns {
            section.card {
                h2 { (visit.say("逾期最多的组织", "Where most is overdue")) }
                (worst(visit, &owed))
            }
            section.card {
                h2 { (visit.say("逾期最多的条款", "Which clauses are overdue most")) }
                (worst_clauses(visit, at, &owed))
            }
        }
        div.columns { (stock.leader(visit, at)) }
        section.card {
            h2 { (visit.say("本人职责", "My own duties")) }
            (mine(visit, ledger, None))
        }
        (upcoming(visit, &owed, at))
        (crate::collection::burden_card(visit, at, ledger).await?)
    })
}

/// Units with most overdue, each a link to what is late.
fn worst(visit: &Visit, owed: &[&Obligation]) -> Markup {
    let mut units: HashMap<i64, (i64, i64, &Unit)> = HashMap::new();
    for one in owed.iter().filter(|one| is_late(one)) {
        let entry = units.entry(one.unit.id).or_insert((0, 0, one.unit));
        entry.0 += 1;
        entry.1 = entry.1.max(i64::from(one.due.until(visit.today).map(|span| span.get_days()).unwrap_or(0)));
    }
    let mut units: Vec<_> = units.into_values().collect();
    units.sort_by_key(|(n, days, unit)| (-n, -days, unit.path.clone()));
    html! {
        @if units.is_empty() { p.empty { (visit.say("没有逾期。", "Nothing is overdue.")) } }
        table.list {
            @for (n, days, unit) in units.iter().take(10) {
                tr {
                    td { a href={ "/units/" (unit.id) "/" (visit.year()) "/duties" } { (unit.short_name) } }
                    td.num { (shell::badge(visit.lang, Status::Overdue)) " " b { (n) } }
                    td.num { small { (visit.say("最久 ", "oldest ")) (days) (visit.say(" 天", " d")) } }
                }
            }
        }
        @if units.len() > 10 { p { small { (visit.say("另有组织 ", "further units: ")) (units.len() - 10) } } }
    }
}

fn worst_clauses(visit: &Visit, at: &Unit, owed: &[&Obligation]) -> Markup {
    let mut clauses: BTreeMap<&str, (i64, &str)> = BTreeMap::new();
    for one in owed.iter().filter(|one| is_late(one)) {
        clauses.entry(&one.clause.id).or_insert((0, visit.of(&one.clause.text))).0 += 1;
    }
    let mut clauses: Vec<_> = clauses.into_iter().collect();
    clauses.sort_by_key(|(_, (n, _))| -n);
    html! {
        @if clauses.is_empty() { p.empty { (visit.say("没有逾期。", "Nothing is overdue.")) } }
        table.list {
            @for (id, (n, text)) in clauses.iter().take(10) {
                tr {
                    td { a href={ "/units/" (at.id) "/" (visit.year()) "/clauses/" (id) } { (id) " " (text) } }
                    td.nowrap { span.badge.overdue { "▲ " (visit.say("已逾期", "Overdue")) } " " b { (n) } }
                }
            }
        }
    }
}

/// Whether a duty is of a post the visitor holds.
fn is_own(visit: &Visit, one: &Obligation) -> bool {
    let post = one.clause.post.as_deref().unwrap_or_default();
    visit.actor.posts.iter().any(|held| held.unit == one.unit.id && held.post == post)
}

/// Duties of the posts the visitor holds; one that has a place of its own on the page is counted, and not told twice.
fn mine(visit: &Visit, ledger: &Ledger, apart: Option<&Obligation>) -> Markup {
    let units: BTreeSet<i64> = visit.actor.posts.iter().map(|held| held.unit).collect();
    let owed = units.into_iter().flat_map(|unit| ledger.pressing(unit));
    let held = |one: &&Obligation| is_own(visit, one) && one.status != Status::Ahead;
    let done = |one: &&Obligation| matches!(one.status, Status::Met | Status::Late | Status::Waived);
    let (met, mine): (Vec<&Obligation>, Vec<&Obligation>) = owed.filter(held).partition(done);
    html! {
        p { (visit.say("已落实 ", "met: ")) b { (met.len()) } (visit.say("，待落实 ", ", to meet: ")) b { (mine.len()) } }
        @let told: Vec<&Obligation> = mine.iter().filter(|one| !apart.is_some_and(|apart| is_same(apart, one))).copied().collect();
        @if mine.is_empty() { p.empty { (visit.say("暂无到期的本人职责。", "None of your own duties is due.")) } }
        @else if !told.is_empty() { (obligation::rows(visit, ledger, &told, false)) }
    }
}

fn is_same(one: &Obligation, other: &Obligation) -> bool {
    (one.unit.id, &one.clause.id, one.period) == (other.unit.id, &other.clause.id, other.period)
}

/// What is due in the next thirty days, by day.
fn upcoming(visit: &Visit, owed: &[&Obligation], at: &Unit) -> Markup {
    let end = visit.today.checked_add(30.days()).unwrap_or(visit.today);
    let soon = |one: &&&Obligation| matches!(one.status, Status::Open | Status::Awaiting) && one.due <= end;
    let mut days: BTreeMap<(jiff::civil::Date, &str), (i64, &str)> = BTreeMap::new();
    for one in owed.iter().filter(soon) {
        days.entry((one.due, &one.clause.id)).or_insert((0, visit.of(&one.clause.text))).0 += 1;
    }
    html! {
        section.card {
            h2 { (visit.say("30天内到期", "Due within 30 days")) }
            @if days.is_empty() { p.empty { (visit.say("没有。", "None.")) } }
            table.list {
                @for ((day, id), (n, text)) in days.iter().take(15) {
                    tr {
                        td.nowrap { (day) " " (obligation::days(visit, *day)) }
                        td { a href={ "/units/" (at.id) "/" (visit.year()) "/clauses/" (id) } { (id) " " (text) } }
                        td.num { (n) (visit.say(" 个组织", if *n == 1 { " unit" } else { " units" })) }
                    }
                }
            }
        }
    }
}

// ---- clerk: who has not done or recorded what; what must go up; is the roll right

async fn clerk(visit: &Visit, at: &Unit, ledger: &Ledger) -> Result<Markup, Trouble> {
    let owed = ledger.wanting();
    let stock = matter::stock(visit, at, matter::Lists::Clerk, ledger).await?;
    let own = ledger.pressing(at.id);
    let own: Vec<&Obligation> = own.into_iter().filter(|one| one.status.is_wanting()).take(8).collect();
    Ok(html! {
        (first_steps(visit, at, ledger))
        (summary(visit, at, ledger))
        div.columns {
            section.card {
                h2 { (visit.say("谁还没做、没录", "Who has not done or recorded")) }
                (worst(visit, &owed))
                p { a.button href={ "/units/" (at.id) "/" (visit.year()) "/matrix?status=overdue" } { (visit.say("全部逾期", "All that is overdue")) } }
            }
            section.card {
                h2 { (visit.say("本级要办、要报", "What this unit must do and send up")) }
                @if own.is_empty() { p.empty { (visit.say("没有。", "None.")) } }
                @else { (obligation::rows(visit, ledger, &own, false)) }
            }
        }
        div.columns {
            (roll(visit, at, ledger).await?)
            (stock.clerk(visit, at))
        }
        (upcoming(visit, &owed, at))
    })
}

/// What a new installation begins with, until a list is in force: the first unit is founded, and nothing else is there.
fn first_steps(visit: &Visit, at: &Unit, ledger: &Ledger) -> Markup {
    if at.id != at.top || !visit.rules.editions.is_empty() {
        return html! {};
    }
    let alone = ledger.units.len() <= 1;
    html! {
        section.card.hero {
            h2 { (visit.say("从这里开始", "Begin here")) }
            ol {
                li { a href={ "/units/" (at.id) "/imports" } { (visit.say("导入组织，再导入人员和职务", "Import the units, then the people with their posts")) }
                    @if !alone { " ● " (visit.say("已有组织 ", "units: ")) (ledger.units.len()) } }
                li { a href={ "/units/" (at.id) "/lists" } { (visit.say("让一份责任清单生效", "Put a list of duties in force")) }
                    (visit.say("：自带的演示清单，或您的 Excel 清单", ": the demonstration that ships, or yours from Excel")) }
                li { a href={ "/units/" (at.id) "/people" } { (visit.say("在人员页面邀请他们登录", "Invite people from their pages")) } }
            }
        }
    }
}

/// Whether the roll is right: people by standing, vacant seats, terms that end.
async fn roll(visit: &Visit, at: &Unit, ledger: &Ledger) -> Result<Markup, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, at)?;
    let counts = visit.app.read(move |tx| luoshi_store::person::counts(tx, &scope, 0)).await?;
    let living = || ledger.units.iter().filter(|unit| unit.dissolved.is_none());
    let vacant = living().filter(|u| u.level == "branch" && !holds_now(visit, ledger, u, "branch_secretary")).count();
    let expiring = living().filter(|unit| ends_soon(visit, ledger, unit)).count();
    let silent = living().filter(|unit| ledger.known.tally.of(unit.id).is_empty()).count();
    Ok(html! {
        section.card {
            h2 { (visit.say("名册", "The roll")) }
            dl.facts {
                @for (standing, n) in &counts {
                    dt { a href={ "/units/" (at.id) "/people?standing=" (standing.key()) } { (visit.of(&standing.name())) } } dd { b { (n) } }
                }
                dt { (visit.say("书记空缺的支部", "Branches without a secretary")) } dd { b { (vacant) } }
                dt { (visit.say("6个月内届满或已超期", "Terms ending within six months or over")) } dd { b { (expiring) } }
                dt { (visit.say("今年没有纪实的组织", "Units without any record")) } dd { b { (silent) } }
            }
        }
    })
}

fn holds_now(visit: &Visit, ledger: &Ledger, unit: &Unit, post: &str) -> bool {
    ledger.known.tally.holders(unit.id, post).iter().any(|holding| holding.held(visit.today))
}

fn ends_soon(visit: &Visit, ledger: &Ledger, unit: &Unit) -> bool {
    let limit = visit.today.checked_add(6.months()).unwrap_or(visit.today);
    unit.dissolved.is_none()
        && ledger.known.tally.terms(unit.id).iter().map(|term| term.until).max().is_some_and(|end| end <= limit)
}

/// How each meeting is done: its steps, who must come, what it meets.
fn how(visit: &Visit, at: &Unit) -> Markup {
    let kinds = crate::record::kinds_of(visit, at).into_iter().filter(|kind| kind.gathers());
    html! {
        details { summary { (visit.say("这些会怎么开", "How each meeting is done")) }
            p { @for kind in kinds { a href={ "/units/" (at.id) "/meetings/" (kind.id) } { (visit.of(&kind.name)) } " " } }
        }
    }
}

// ---- branch secretary: what must be done this month; record a meeting; how is it done

async fn secretary(visit: &Visit, at: &Unit, ledger: &Ledger) -> Result<Markup, Trouble> {
    let mut owed = ledger.pressing(at.id);
    owed.retain(|one| one.status.is_wanting());
    owed.sort_by_key(|one| (one.due, one.clause.id.clone()));
    let end = visit.today.last_of_month();
    let (now, later): (Vec<_>, Vec<_>) = owed.into_iter().partition(|one| one.due <= end);
    let (plans, joint) = plan::coming(visit, at).await?;
    let stock = matter::stock(visit, at, matter::Lists::Secretary, ledger).await?;
    Ok(html! {
        section.card.hero {
            h2 { (visit.say("两分钟记一次会", "Record a meeting in two minutes")) }
            p.kinds { @for kind in crate::record::kinds_of(visit, at).into_iter().filter(|kind| kind.meeting.is_some()) {
                a.button href={ "/units/" (at.id) "/records/new?kind=" (kind.id) } { (visit.of(&kind.name)) } " "
            }
            a.button href={ "/units/" (at.id) "/records/new" } { (visit.say("其他…", "Other…")) } }
            (how(visit, at))
        }
        section.card {
            h2 { (visit.say("本月要办", "To do this month")) " " small { (now.len()) } }
            @if now.is_empty() { p.empty { (visit.say("本月职责都已落实。", "Everything due this month is met.")) } }
            @else { (obligation::rows(visit, ledger, &now, false)) }
        }
        div.columns {
            section.card { h2 { (visit.say("已安排", "Planned")) } (plan::rows(visit, at, &plans)) (crate::record::joint_waiting(visit, at, joint))
                p { a.button href={ "/units/" (at.id) "/plans/new" } { (visit.say("安排会议", "Plan a meeting")) } " "
                    a.button href={ "/units/" (at.id) "/" (visit.year()) "/plan" } { (visit.say("年度安排", "Plan of the year")) } } }
            (stock.secretary(visit, at))
        }
        section.card {
            h2 { (visit.say("之后到期", "Due later")) }
            @if later.is_empty() { p.empty { (visit.say("没有。", "None.")) } }
            @else { (obligation::rows(visit, ledger, &later.into_iter().take(12).collect::<Vec<_>>(), false)) }
        }
    })
}
