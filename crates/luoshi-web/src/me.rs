//! My data: what is held about whoever is signed in, who looked at their numbers, and what awaits their signature.

mod copy;
pub(crate) mod proposals;
mod settings;
mod tokens;

use crate::obligation::kind_name;
use crate::person::one::{Known, facts, history, own};
use crate::record::{came, meetings};
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::Visit;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use luoshi_office::{Cell, Kind, Table};
use luoshi_store::handover;
use luoshi_store::identity::Look;
use luoshi_store::person::Change;
use luoshi_store::record::Attendance;
use luoshi_store::sight::{Seen, Sort};
use maud::{Markup, html};
use std::collections::HashMap;

pub fn routes() -> Routes {
    Routes::new()
        .route("/me", get(show))
        .route("/me/copy", get(copy::take))
        .merge(proposals::routes())
        .merge(settings::routes())
        .merge(tokens::routes())
}

async fn show(visit: Visit, Query(asked): Query<HashMap<String, String>>) -> Result<Response, Trouble> {
    let (actor, year) = (visit.actor.clone(), visit.year());
    let read = move |tx: &luoshi_store::Tx| {
        let all = own(tx, &actor, year)?;
        Ok((all, handover::awaited(tx, &actor)?))
    };
    let (all, handovers) = visit.app.read(read).await?;
    let is_seen = crate::export::which(&asked) == "seen";
    if let Some(out) =
        crate::export::list(&asked, || if is_seen { seen_by(&visit, &all.story.seen) } else { table(&visit, &all) })?
    {
        return Ok(out);
    }
    let title = visit.say("我的数据", "My data").to_owned();
    let head = Page { visit: &visit, title, unit: None, year: 0, dated: "", part: Part::Home };
    let body = html! {
        (to_sign(&visit, &handovers))
        (facts(&visit, &all))
        (history(&visit, &all))
        (looked(&visit, &all.story.looks))
        (sights(&visit, &all.story.seen))
        (changed(&visit, &all.story.changes))
        (attendance(&visit, &all.attended))
        section.card #copy {
            h2 { (visit.say("带走我的数据", "Take my data with me")) }
            p { (visit.say("系统保存的关于您的全部资料：表格供阅读，JSON 供程序读取，附校验和。",
                "Everything the system keeps about you: a workbook to read, JSON for programs, with digests.")) }
            p { a.button.main href="/me/copy" { (visit.say("下载全部（.zip）", "Download all (.zip)")) } }
            (shell::formats(&visit))
        }
        p { a.button href="/me/classes" { (visit.say("我的培训和志愿服务", "My training and service")) } }
        @if visit.rules.base.aid.is_some() { p { a.button href="/me/aid" { (visit.say("爱心互助", "Mutual aid")) } } }
        @if visit.rules.base.pledge.is_some() { p { a.button href="/me/pledges" { (visit.say("我的承诺", "My pledges")) } } }
        p { a.button href="/me/proposals" { (visit.say("提意见、建议", "Raise a proposal")) } }
        p { a.button href="/me/calendar" { (visit.say("日历订阅", "Calendar addresses")) } }
        p { a.button href="/me/settings" { (visit.say("登录与安全", "Sign-in and security")) } }
        p { a.button href="/me/requests" { (visit.say("申请更正、删除或封存", "Ask to correct, erase or lock")) } }
    };
    Ok(shell::page(&head, body).into_response())
}

/// Handovers to sign: key, title and unit, each a link.
pub(crate) fn to_sign(visit: &Visit, handovers: &[(i64, String, String)]) -> Markup {
    html! {
        @for (id, title, unit) in handovers {
            p.note { a href={ "/handovers/" (id) } { (visit.say("待签字的交接：", "A handover to sign: ")) (title) " · " (unit) } }
        }
    }
}

/// Who looked at a number in full, when and why.
fn looked(visit: &Visit, looks: &[Look]) -> Markup {
    html! {
        section.card {
            h2 { (visit.say("谁查看过我的号码", "Who looked at my numbers")) }
            @if looks.is_empty() { p.empty { (visit.say("没有人查看过完整号码。", "Nobody has seen them in full.")) } }
            table.list { @for look in looks { tr {
                td.nowrap { (moment(look.at)) } td { (look.name) } td { (visit.of(&look.field.name())) } td { (look.reason) }
            } } }
        }
    }
}

/// Who opened one's page or took a list away in which one stands, day by day.
fn sights(visit: &Visit, seen: &[Seen]) -> Markup {
    html! {
        section.card #seen {
            h2 { (visit.say("谁看过我的资料", "Who saw my data")) }
            p.help { (visit.say("打开过我的页面的人，和导出过包含我所在组织名单的人，每人每天一行，保存三年。本组织的人使用本组织的名册，不在其列。",
                "Whoever opened my page, or took a list away of a unit to which I belong: one row for each and day, kept three years. Those of my own unit work with its roll, and are not listed for that.")) }
            @if seen.is_empty() { p.empty { (visit.say("没有人看过。", "Nobody did.")) } }
            @else {
                table.list { @for one in seen.iter().take(20) { tr {
                    td.nowrap { (one.on) } td { (viewer(visit, one)) } td { (what(visit, one.sort)) } td { (one.unit_name) }
                } } }
                (shell::formats_of(visit, "seen"))
            }
        }
    }
}

fn viewer<'v>(visit: &'v Visit, one: &'v Seen) -> &'v str {
    if one.name.is_empty() { visit.say("其他组织的人员", "somebody of another organisation") } else { &one.name }
}

/// What was seen, in words.
fn what(visit: &Visit, sort: Sort) -> &str {
    match sort {
        Sort::Page => visit.say("打开我的页面", "opened my page"),
        Sort::Roll => visit.say("导出名册", "took the roll away"),
        Sort::Form => visit.say("导出上报表格", "took a form away, filled"),
        Sort::Figure => visit.say("导出一个数的人员", "took the people behind a figure away"),
        Sort::List => visit.say("导出表格", "took a list away"),
        Sort::Archive => visit.say("导出年度归档", "took the archive of a year away"),
    }
}

/// The same, as rows that can be taken away.
fn seen_by(visit: &Visit, seen: &[Seen]) -> Table {
    let columns = [
        ("on", "日期", "Day", Kind::Date),
        ("by", "谁", "Who", Kind::Text),
        ("what", "看了什么", "What", Kind::Text),
        ("unit", "哪个组织的名单", "List of", Kind::Text),
    ];
    let mut table = crate::export::head(visit, visit.say("谁看过我的资料", "Who saw my data"), &columns);
    let row = |one: &Seen| {
        let unit = one.unit_name.as_str();
        vec![crate::export::day(one.on), viewer(visit, one).into(), what(visit, one.sort).into(), unit.into()]
    };
    table.rows = seen.iter().map(row).collect();
    table
}

/// A moment in Beijing.
pub(crate) fn moment(at: i64) -> String {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let at = jiff::Timestamp::from_millisecond(at);
    at.map(|at| at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

/// Who changed what is kept, and when.
fn changed(visit: &Visit, changes: &[Change]) -> Markup {
    html! {
        section.card {
            h2 { (visit.say("谁改动过我的数据", "Who changed my data")) }
            @if changes.is_empty() { p.empty { (visit.say("没有改动。", "Nobody.")) } }
            table.list { @for one in changes.iter().take(20) { tr {
                td.nowrap { (moment(one.at)) } td { (one.name) } td { (act_words(visit, &one.act)) }
            } } }
        }
    }
}

/// What was done, in words.
fn act_words<'a>(visit: &'a Visit, act: &str) -> &'a str {
    match act {
        "person.add" => visit.say("录入名册", "Entered on the roll"),
        "person.correct" => visit.say("更正", "Corrected"),
        "person.identity" => visit.say("登记号码", "Entered a number"),
        "person.standing" => visit.say("变更类别", "Changed the standing"),
        "person.leave" => visit.say("离开名册", "Left the roll"),
        "person.transfer" => visit.say("组织关系转接", "Transferred"),
        "holding.appoint" => visit.say("任职", "Appointed to a post"),
        "holding.end" => visit.say("免职", "Relieved of a post"),
        "holding.hand_over" => visit.say("工作交接", "Took over a post"),
        "request.answer" => visit.say("答复申请", "Answered a request"),
        _ if ["account.", "factor.", "token."].iter().any(|group| act.starts_with(group)) => {
            visit.say("登录账号", "The account to sign in")
        }
        _ => visit.say("其他改动", "Another change"),
    }
}

/// The meetings of this year at which one was due.
fn attendance(visit: &Visit, attended: &[Attendance]) -> Markup {
    let meetings = meetings(visit, attended);
    let present = meetings.iter().filter(|one| one.absent.is_none()).count();
    html! {
        section.card {
            h2 { (visit.year()) " " (visit.say("参会", "Meetings")) " " small { (present) " / " (meetings.len()) } }
            @if attended.is_empty() { p.empty { (visit.say("今年还没有应到的会议。", "No meeting yet this year at which you were due.")) } }
            table.list { @for one in attended { tr {
                td.nowrap { (one.on) }
                td { a href={ "/units/" (one.unit) "/records/" (one.record) } { (kind_name(visit, &one.kind)) " " (one.topic) } }
                td.nowrap { (came(visit, &one.kind, one.absent.as_deref())) }
            } } }
        }
    }
}

/// What is held, as rows that can be taken away.
fn table(visit: &Visit, all: &Known) -> Table {
    let mut table = Table::new(visit.say("我的数据", "My data"))
        .column("sort", visit.say("项目", "Item"), Kind::Text)
        .column("text", visit.say("内容", "Content"), Kind::Text)
        .column("from", visit.say("自", "From"), Kind::Date)
        .column("until", visit.say("至", "Until"), Kind::Date);
    let day = |day: Option<jiff::civil::Date>| day.map_or(Cell::Empty, |day| Cell::Date(day.to_string()));
    let mut row = |zh: &str, en: &str, text: String, from, until| {
        table.rows.push(vec![visit.say(zh, en).into(), text.into(), day(from), day(until)]);
    };
    let one = &all.person;
    row("姓名", "Name", one.name.clone(), None, None);
    row("出生日期", "Born", String::new(), one.born, None);
    row("入党日期", "Admitted", String::new(), one.joined, None);
    row("转正日期", "Full member since", String::new(), one.full_on, None);
    for (field, masked) in &all.story.numbers {
        let name = field.name();
        row(&name.zh, &name.en, masked.clone(), None, None);
    }
    for (standing, from) in &all.story.standings {
        row("类别", "Standing", visit.of(&standing.name()).to_owned(), Some(*from), None);
    }
    for stay in &all.story.stays {
        row("组织关系", "On the roll of", stay.unit_name.clone(), Some(stay.from), stay.until);
    }
    for post in &all.story.posts {
        let name = crate::person::one::post_name(visit, &post.post);
        row("任职", "Post", format!("{name} {}", post.unit_name), Some(post.from), post.until);
    }
    for met in &all.attended {
        let came = came(visit, &met.kind, met.absent.as_deref());
        let text = format!("{} {} {came}", kind_name(visit, &met.kind), met.topic);
        row("会议", "Meeting", text, Some(met.on), None);
    }
    table
}
