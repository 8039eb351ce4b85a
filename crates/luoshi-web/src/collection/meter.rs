//! The burden meter (减负一览): what units were asked for in each month, by whom, in how many forms, and what the
//! system answered by itself.

use super::askers::{self, Askers};
use super::{time, twice};
use crate::obligation::{self, Ledger};
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::civil::date;
use luoshi_office::{Kind, Table};
use luoshi_rules::collection::{Ground, Load};
use luoshi_rules::{Collection, Lang, Status, Unit, Verb};
use luoshi_store::collection;
use maud::{Markup, html};
use std::collections::HashMap;

/// Most months that a front page shows.
const SHOWN: usize = 6;

/// What it is read from: what is asked of the units of a ledger in a year.
pub(super) struct Facts {
    pub ground: Ground,
    pub collections: Vec<Collection>,
    /// by month and opener: month, key and name of the opener, how many
    pub matters: Vec<(i8, i64, String, i64)>,
    pub year: i16,
}

/// What a unit and those below were asked for in a year.
pub(crate) struct Meter {
    months: [Load; 12],
    askers: Askers,
}

pub(super) async fn read(visit: &Visit, at: &Unit, ledger: &Ledger) -> Result<Facts, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let (ground, year) = (super::ground(visit, ledger)?, ledger.year());
    let read = move |tx: &luoshi_store::Tx| {
        Ok((collection::list(tx, &scope, date(year, 1, 1))?, collection::matters(tx, &scope, year)?))
    };
    let (collections, matters) = visit.app.read(read).await?;
    Ok(Facts { ground, collections, matters, year })
}

fn measure(ledger: &Ledger, facts: &Facts) -> Meter {
    let Facts { ground, collections, matters, year } = facts;
    let (mut months, burden) = ([Load::default(); 12], &ground.burden);
    let slot = |month: i8| usize::try_from(month - 1).unwrap_or_default();
    for ((of, month), status, n) in ledger.counts() {
        if let Some(load) = months.get_mut(slot(month)).filter(|_| of == *year && status != Status::Waived) {
            load.duties += n;
            load.met += if matches!(status, Status::Met | Status::Late) { n } else { 0 };
        }
    }
    for (month, _, _, n) in matters {
        if let Some(load) = months.get_mut(slot(*month)) {
            load.matters += n;
            load.seconds += n * burden.matter;
        }
    }
    for (month, load) in (1..).zip(months.iter_mut()) {
        load.collect(ground, collections, (*year, month));
    }
    Meter { months, askers: Askers::read(ledger, facts) }
}

/// The same, kept beside the duties for as long as those are: nobody has asked for anything since.
async fn kept<'l>(visit: &Visit, at: &Unit, ledger: &'l Ledger) -> Result<&'l Meter, Trouble> {
    if let Some(meter) = ledger.meter.get() {
        return Ok(meter);
    }
    let facts = read(visit, at, ledger).await?;
    Ok(ledger.meter.get_or_init(|| measure(ledger, &facts)))
}

pub(crate) async fn show(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let ledger = obligation::ledger(&visit, &at, year, None).await?;
    let facts = read(&visit, &at, &ledger).await?;
    let meter = measure(&ledger, &facts);
    let wanted = || match crate::export::which(&query) {
        "twice" => twice::table(&visit, &facts),
        "askers" => askers::table(&visit, year, &meter.askers, None),
        _ => table(&visit, year, &meter),
    };
    if let Some(out) = crate::export::list(&query, wanted)? {
        return Ok(out);
    }
    let title = format!("{year}{}", visit.say(" 年减负一览", ": what we are asked for"));
    let page = Page { visit: &visit, title, unit: Some(&at), year, dated: "/burden", part: Part::FollowUp };
    let body = html! {
        p.help { (visit.say(
            "每个月要本组织和下级做什么、填什么：到期的职责、收到的督办和事项、要填的表。职责由纪实自动核销，不用另外报；表里系统已有的自动填好。用时按规则包里的单项秒数估算。",
            "What this unit and those below are asked for each month: duties that fall due, follow-ups and other matters, forms. Duties are met by records without any report; what the system knows is filled in. Times are estimates by the seconds of the pack.")) }
        (months(&visit, &at, &meter))
        (shell::formats(&visit))
        (twice::section(&visit, &at, &facts))
        (askers::section(&visit, &meter.askers))
        p.actions { a.button href={ "/units/" (id) "/collections" } { (visit.say("数据收集", "Collections")) } " "
            a.button href={ "/units/" (id) "/burdens" } { (visit.say("负担反映", "Burdens said")) } }
    };
    Ok(shell::page(&page, body).into_response())
}

fn months(visit: &Visit, at: &Unit, meter: &Meter) -> Markup {
    let most = meter.months.iter().map(Load::things).max().unwrap_or(0).max(1);
    html! {
        div.scroll { table.list.whole {
            thead { tr { th { (visit.say("月份", "Month")) } th.num { (visit.say("要做要填的事", "Things asked")) } th { (visit.say("趋势", "Trend")) }
                th.num { (visit.say("到期职责", "Duties due")) } th.num { (visit.say("督办和事项", "Matters")) } th.num { (visit.say("表", "Forms")) }
                th.num { (visit.say("手填项", "Typed")) } th.num { (visit.say("系统自动答复", "Answered by the system")) }
                th.num { (visit.say("重复要的", "Asked twice")) } th { (visit.say("估计用时", "Time")) } th { (visit.say("谁要的表和事项", "Who asked for forms and matters")) } } }
            @for (month, load) in (1..).zip(&meter.months) { tr {
                td.nowrap { (shell::month(visit.lang, month)) } td.num { b { (load.things()) } }
                td { meter min="0" max=(most) value=(load.things()) aria-label=(load.things()) {} }
                td.num { (load.duties) } td.num { @if load.matters > 0 { a href={ "/units/" (at.id) "/follow-ups" } { (load.matters) } } @else { "0" } }
                td.num { @if load.forms > 0 { a href={ "/units/" (at.id) "/collections" } { (load.forms) } } @else { "0" } }
                td.num { (load.typed) } td.num { (load.by_system()) }
                td.num { @if load.twice > 0 { a href="#twice" { span.badge.overdue { "▲ " (load.twice) } } } @else { "0" } }
                td.nowrap { @if load.seconds > 0 { (time(visit, load.seconds)) } } td { (meter.askers.named(visit, month)) }
            } }
        } }
    }
}

fn table(visit: &Visit, year: i16, meter: &Meter) -> Table {
    let mut table = Table::new(format!("{year} {}", visit.say("减负一览", "what was asked for")))
        .column("month", visit.say("月份", "Month"), Kind::Text)
        .column("things", visit.say("要做要填的事", "Things asked"), Kind::Number)
        .column("duties", visit.say("到期职责", "Duties due"), Kind::Number)
        .column("matters", visit.say("督办和事项", "Matters"), Kind::Number)
        .column("forms", visit.say("表", "Forms"), Kind::Number)
        .column("typed", visit.say("手填项", "Typed"), Kind::Number)
        .column("by_system", visit.say("系统自动答复", "Answered by the system"), Kind::Number)
        .column("twice", visit.say("重复要的", "Asked twice"), Kind::Number)
        .column("minutes", visit.say("估计用时（分钟）", "Minutes"), Kind::Number)
        .column("askers", visit.say("谁要的表和事项", "Who asked for forms and matters"), Kind::Text);
    table.rows = (1..)
        .zip(&meter.months)
        .map(|(month, load)| {
            let numbers =
                [load.things(), load.duties, load.matters, load.forms, load.typed, load.by_system(), load.twice];
            let mut cells = vec![format!("{year}-{month:02}").into()];
            cells.extend(numbers.into_iter().map(Into::into));
            cells.push(((load.seconds + 59) / 60).into());
            cells.push(meter.askers.named(visit, month).as_str().into());
            cells
        })
        .collect();
    table
}

/// This month on the front page of a leader, against the months before; in January, against those of the year before.
pub(crate) async fn card(visit: &Visit, at: &Unit, ledger: &Ledger) -> Result<Markup, Trouble> {
    if visit.rules.base.burden.is_none() {
        return Ok(html! {});
    }
    let months = kept(visit, at, ledger).await?.months;
    let month = usize::try_from(visit.today.month() - 1).unwrap_or_default();
    let now = months.get(month).copied().unwrap_or_default();
    let mut before: Vec<(i16, i8, Load)> = named(ledger.year(), &months[..month]);
    if before.is_empty() {
        let last = obligation::ledger(visit, at, ledger.year() - 1, None).await?;
        before = named(last.year(), &kept(visit, at, &last).await?.months);
        before.retain(|(.., load)| load.things() > 0);
    }
    let page = format!("/units/{}/{}/burden", at.id, visit.year());
    Ok(html! {
        section.card {
            h2 { a href=(page) { (visit.say("本月要基层做的", "Asked of units this month")) } }
            dl.facts {
                dt { (visit.say("事项", "Things")) } dd { b { (now.things()) } " " (against(visit, now.things(), &before)) }
                dt { (visit.say("要填的表", "Forms")) } dd { b { (now.forms) } }
                dt { (visit.say("系统自动答复", "Answered by the system")) } dd { b { (now.by_system()) } }
                @if now.twice > 0 { dt { (visit.say("重复要的", "Asked twice")) } dd { a href={ (page) "#twice" } { span.badge.overdue { "▲ " (now.twice) } } } }
                dt { (visit.say("估计用时", "Time")) } dd { (time(visit, now.seconds)) }
            }
            (trend(visit, before.into_iter().chain([(ledger.year(), visit.today.month(), now)]).collect()))
        }
    })
}

/// Loads of the first months of a year, each with the year and the month.
fn named(year: i16, months: &[Load]) -> Vec<(i16, i8, Load)> {
    (1..).zip(months).map(|(month, load)| (year, month, *load)).collect()
}

/// This month beside what it was on average in the months before.
fn against(visit: &Visit, now: i64, before: &[(i16, i8, Load)]) -> Markup {
    let Some((year, ..)) = before.first() else {
        return html! { small { (visit.say("还没有可比的月份", "there is no month to compare with yet")) } };
    };
    let average = before.iter().map(|(.., load)| load.things()).sum::<i64>() / before.len() as i64;
    let zh = if *year < visit.year() { "去年各月" } else { "前几个月" };
    let en = if *year < visit.year() { "last year" } else { "before" };
    let (mark, zh, en) = match now - average {
        0 => ("＝", format!("与{zh}平均持平"), format!("as on average {en}")),
        1.. => ("▲", format!("比{zh}平均多"), format!("more than on average {en}")),
        _ => ("▼", format!("比{zh}平均少"), format!("less than on average {en}")),
    };
    html! { small { (mark) " " (visit.say(&zh, &en)) (visit.say("，平均 ", ", which is ")) (average) } }
}

/// The last months, each a bar beside its number.
fn trend(visit: &Visit, mut months: Vec<(i16, i8, Load)>) -> Markup {
    months.drain(..months.len().saturating_sub(SHOWN));
    let most = months.iter().map(|(.., load)| load.things()).max().unwrap_or(0).max(1);
    let name = |year: i16, month: i8| match visit.lang {
        _ if year == visit.year() => shell::month(visit.lang, month),
        Lang::Zh => format!("{year}年{month}月"),
        Lang::En => format!("{} {year}", shell::month(visit.lang, month)),
    };
    html! {
        table.list.whole {
            thead { tr { th { (visit.say("月份", "Month")) } th.num { (visit.say("事项", "Things")) } th { (visit.say("趋势", "Trend")) } th.num { (visit.say("表", "Forms")) } } }
            @for (year, month, load) in &months { tr {
                td.nowrap { (name(*year, *month)) } td.num { (load.things()) }
                td { meter min="0" max=(most) value=(load.things()) aria-label=(load.things()) {} } td.num { (load.forms) }
            } }
        }
    }
}
