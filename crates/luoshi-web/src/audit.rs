//! The audit trail: who did what to what, and when, for those whose post is to look.

mod words;

use crate::export;
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::{Refusal, Unit, Verb};
use luoshi_store::audit::{self, Filter, Line};
use maud::{Markup, html};
use std::collections::HashMap;
use words::{GROUPS, act, detail};

pub fn routes() -> Routes {
    Routes::new().route("/units/{unit}/audit", get(show))
}

/// Rows on one page.
const PAGE: i64 = 50;

async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::Audit).await?;
    if at.id != at.top {
        return Err(Trouble::NotFound);
    }
    let scope = visit.actor.scope(&visit.rules.base, Verb::Audit, &at)?;
    let mut filter = read(&asked)?;
    if asked.contains_key("as") {
        filter.most = export::MOST + 1;
    }
    let wanted = filter.clone();
    let (mut lines, state) =
        visit.app.read(move |tx| Ok((audit::list(tx, &scope, &wanted)?, audit::state(tx, &scope)?))).await?;
    if let Some(out) = export::list(&asked, || table(&visit, &at, &lines))? {
        return Ok(out);
    }
    let more = lines.len() as i64 > PAGE;
    lines.truncate(PAGE as usize);
    let title = visit.say("审计", "Audit trail").to_owned();
    let page = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::Audit };
    let body = html! {
        (seal(&visit, at.top, &state))
        (form(&visit, &asked))
        (rows(&visit, &lines))
        @if more && let Some(last) = lines.last() {
            p { a.button href={ "?" (next(&asked, last.id)) } { (visit.say("更早的 50 条", "50 earlier ones")) } }
        }
        (shell::formats(&visit))
    };
    Ok(shell::page(&page, body).into_response())
}

fn read(asked: &HashMap<String, String>) -> Result<Filter, Trouble> {
    let text = |key: &str| asked.get(key).map(|text| text.trim()).unwrap_or_default();
    let day = |key: &'static str| match text(key) {
        "" => Ok(None),
        text => text
            .parse::<Date>()
            .map(Some)
            .map_err(|_| Refusal::field(key, "请填日期，如 2023-03-31", "a day, such as 2023-03-31")),
    };
    let (from, until) = (day("from")?, day("until")?);
    Ok(Filter {
        act: GROUPS.iter().find(|(key, ..)| *key == text("act")).map(|(key, ..)| format!("{key}.")).unwrap_or_default(),
        person: text("person").chars().take(40).collect(),
        unit: text("unit").chars().take(40).collect(),
        from: from.map_or(0, moment),
        until: until.map_or(0, |day| moment(day.tomorrow().unwrap_or(day))),
        before: text("before").parse().unwrap_or(0),
        most: PAGE + 1,
    })
}

/// The first moment of a day in Beijing, in milliseconds since 1970.
fn moment(day: Date) -> i64 {
    day.to_zoned(TimeZone::fixed(offset(8))).map_or(0, |begin| begin.timestamp().as_millisecond())
}

/// A moment as people in Beijing write it, to the second.
pub(crate) fn clock(at: i64) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(TimeZone::fixed(offset(8)));
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn next(asked: &HashMap<String, String>, before: i64) -> String {
    let mut pairs: Vec<(&str, &str)> = asked.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    pairs.retain(|(key, _)| !["as", "before"].contains(key));
    pairs.sort_unstable();
    let before = before.to_string();
    pairs.push(("before", &before));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// How the chain stands, with the head one writes into the monthly report.
fn seal(visit: &Visit, top: i64, (place, link, waiting): &(i64, String, i64)) -> Markup {
    html! {
        section.card {
            h2 { (visit.say("封存", "The chain")) }
            dl.facts {
                dt { (visit.say("已链接", "Chained")) } dd { b { (place) } " " (visit.say("条", "rows")) }
                dt { (visit.say("等待链接", "Waiting")) } dd { (waiting) " " (visit.say("条（通常一秒内完成）", "rows (usually for less than a second)")) }
                dt { (visit.say("链尾", "Head")) } dd { code.long { @if *place > 0 { (top) ":" (place) ":" } (link) } }
            }
            p.help { (visit.say(
                "请每月把“链尾”（组织编号:条数:校验值）抄报上级或写入月报。以后用 luoshi verify --head 核对：任何一行被改、删、插、挪，或整条链被重写，都会指出第一处。",
                "Report the head (organisation:rows:digest) to the unit above each month. luoshi verify --head compares later: a row changed, removed, put in or moved, or a chain written anew, is named at its first place.")) }
        }
    }
}

fn form(visit: &Visit, asked: &HashMap<String, String>) -> Markup {
    let now = |key: &str| asked.get(key).map_or("", String::as_str);
    html! {
        form.filters method="get" {
            label { (visit.say("事项 ", "Act "))
                select name="act" { option value="" { (visit.say("全部", "All")) }
                    @for (key, zh, en) in GROUPS { option value=(key) selected[*key == now("act")] { (visit.say(zh, en)) } } } }
            label { (visit.say("人员 ", "Person ")) input name="person" value=(now("person")) maxlength="40"; }
            label { (visit.say("组织 ", "Unit ")) input name="unit" value=(now("unit")) maxlength="40"; }
            label { (visit.say("自 ", "From ")) input type="date" name="from" value=(now("from")); }
            label { (visit.say("至 ", "to ")) input type="date" name="until" value=(now("until")); }
            button { (visit.say("筛选", "Filter")) }
        }
    }
}

fn rows(visit: &Visit, lines: &[Line]) -> Markup {
    html! {
        @if lines.is_empty() { p.empty { (visit.say("没有符合条件的记录。", "Nothing fits.")) } }
        div.scroll { table.list {
            thead { tr {
                th { (visit.say("时间", "Moment")) } th { (visit.say("人员", "Person")) } th { (visit.say("事项", "Act")) }
                th { (visit.say("组织", "Unit")) } th { (visit.say("说明", "Detail")) } th.num { (visit.say("链位", "Place")) }
            } }
            @for line in lines { tr {
                td.nowrap { (clock(line.at)) } td { (who(visit, line)) } td { (act(visit.lang, &line.act)) }
                td { (line.unit_name) } td { (detail(visit, line)) }
                td.num { @if line.place > 0 { (line.place) } @else { "…" } }
            } }
        } }
    }
}

fn who(visit: &Visit, line: &Line) -> String {
    match (line.name.as_str(), line.person) {
        ("", audit::HIDDEN) => visit.say("（按承诺不显示）", "(not shown, as promised)").to_owned(),
        ("", 0) => visit.say("系统", "The program").to_owned(),
        ("", person) => format!("{}{person}", visit.say("人员 ", "person ")),
        (name, _) => name.to_owned(),
    }
}

fn table(visit: &Visit, at: &Unit, lines: &[Line]) -> Table {
    let title = format!("{} {}", at.short_name, visit.say("审计", "audit trail"));
    let mut table = Table::new(title)
        .column("at", visit.say("时间", "Moment"), Kind::Text)
        .column("person", visit.say("人员", "Person"), Kind::Text)
        .column("act", visit.say("事项", "Act"), Kind::Text)
        .column("unit", visit.say("组织", "Unit"), Kind::Text)
        .column("detail", visit.say("说明", "Detail"), Kind::Text)
        .column("object", visit.say("对象编号", "Key"), Kind::Number)
        .column("place", visit.say("链位", "Place"), Kind::Number);
    let row = |line: &Line| {
        vec![
            clock(line.at).as_str().into(),
            who(visit, line).as_str().into(),
            act(visit.lang, &line.act).into(),
            line.unit_name.as_str().into(),
            detail(visit, line).as_str().into(),
            Cell::Number(line.object),
            Cell::Number(line.place),
        ]
    };
    table.rows = lines.iter().map(row).collect();
    table
}
