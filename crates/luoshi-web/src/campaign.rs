//! Campaigns (主题教育, 警示教育月, 专项行动): lists with dates of their own, the board of one, and what it came to.

use crate::figure;
use crate::matrix::grid;
use crate::obligation::{self, Ledger, ledger, pick_rows};
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::campaign::{Campaign, Progress, progress};
use luoshi_rules::{Cadence, Clause, Obligation, Pack, Status, Unit, Verb};
use maud::{Markup, html};
use std::collections::HashMap;
use std::sync::Arc;

/// Most duties listed below the board.
const MOST: usize = 200;

pub fn routes() -> Routes {
    Routes::new().route("/units/{unit}/campaigns", get(list)).route("/units/{unit}/campaigns/{list}", get(show))
}

pub(crate) async fn list(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let all = visit.rules.campaigns();
    if let Some(out) = crate::export::list(&asked, || table(&visit, &all))? {
        return Ok(out);
    }
    let title = visit.say("专项活动", "Campaigns").to_owned();
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::Matrix };
    let body = html! {
        p.help { (visit.say("主题教育、警示教育月、专项行动等：有起止日的一组任务，一份规则包下达，到期自行结束，用纪实汇总。",
            "Themed education, warning-education months, special drives: a bundle of duties between two days, set by one pack, over by its last day and summed up from records.")) }
        @if all.is_empty() { p.empty { (visit.say("还没有专项活动。", "There is no campaign yet.")) } }
        @else { table.list {
            thead { tr { th { (visit.say("活动", "Campaign")) } th { (visit.say("起止", "From – until")) } th { (visit.say("进行", "Where it stands")) } } }
            @for (pack, campaign) in &all { tr {
                td { a href={ "/units/" (at.id) "/campaigns/" (pack.head.id) } { (visit.of(&pack.head.name)) } }
                td.nowrap { (campaign.from) " – " (campaign.until) } td { (stands(&visit, campaign)) }
            } }
        } (shell::formats(&visit)) }
        @if visit.may(Verb::Rule, &at) && at.id == at.top {
            p.actions { a.button href={ "/units/" (at.id) "/lists" } { (visit.say("下达专项活动", "Set a campaign")) } }
        }
    };
    Ok(shell::page(&head, body).into_response())
}

fn table(visit: &Visit, all: &[(&Pack, &Campaign)]) -> Table {
    let mut table = Table::new(visit.say("专项活动", "Campaigns"))
        .column("list", visit.say("清单", "List"), Kind::Text)
        .column("name", visit.say("活动", "Campaign"), Kind::Text)
        .column("from", visit.say("自", "From"), Kind::Date)
        .column("until", visit.say("至", "Until"), Kind::Date)
        .column("stands", visit.say("进行", "Where it stands"), Kind::Text);
    let row = |(pack, campaign): &(&Pack, &Campaign)| {
        let days = [campaign.from, campaign.until].map(|day| Cell::Date(day.to_string()));
        let names = [pack.head.id.as_str().into(), visit.of(&pack.head.name).into()];
        names.into_iter().chain(days).chain([stage(visit, campaign).into()]).collect()
    };
    table.rows = all.iter().map(row).collect();
    table
}

/// Whether it is to come, runs or is over.
fn stage<'v>(visit: &'v Visit, campaign: &Campaign) -> &'v str {
    match visit.today {
        day if day < campaign.from => visit.say("○ 未开始", "○ to come"),
        day if campaign.runs(day) => visit.say("◐ 进行中", "◐ under way"),
        _ => visit.say("● 已结束", "● over"),
    }
}

/// The same, and for how long.
fn stands(visit: &Visit, campaign: &Campaign) -> Markup {
    html! { (stage(visit, campaign)) @if campaign.runs(visit.today) { " " (obligation::days(visit, campaign.until)) } }
}

/// The campaigns that run today, for the home page.
pub(crate) fn card(visit: &Visit, at: &Unit) -> Markup {
    let running: Vec<_> =
        visit.rules.campaigns().into_iter().filter(|(_, campaign)| campaign.runs(visit.today)).collect();
    html! { @if !running.is_empty() {
        section.card {
            h2 { (visit.say("专项活动", "Campaigns")) }
            table.list { @for (pack, campaign) in running { tr {
                td { a href={ "/units/" (at.id) "/campaigns/" (pack.head.id) } { (visit.of(&pack.head.name)) } }
                td.nowrap { (campaign.until) " " (obligation::days(visit, campaign.until)) }
            } } }
        }
    } }
}

/// A campaign by the key of its list.
pub(crate) fn named<'v>(visit: &'v Visit, list: &str) -> Result<(&'v Pack, &'v Campaign), Trouble> {
    visit.rules.campaigns().into_iter().find(|(pack, _)| pack.head.id == list).ok_or(Trouble::NotFound)
}

pub(crate) async fn show(
    visit: Visit,
    Place((id, list)): Place<(i64, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let (pack, campaign) = named(&visit, &list)?;
    let ledgers = ledgers(&visit, &at, campaign).await?;
    let owed: Vec<_> = ledgers.iter().flat_map(|one| one.owed()).filter(|one| is_of(pack, one.clause)).collect();
    let ledger = ledgers.last().ok_or(Trouble::NotFound)?;
    if asked.contains_key("as") {
        return obligation::export(&visit, &asked, &at, &owed, ledger).await;
    }
    let said = figure::said(&visit, &at, (pack, campaign)).await?;
    let title = visit.of(&pack.head.name).to_owned();
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::Matrix };
    let body = html! {
        p.subtitle { (at.full_name) " · " (campaign.from) " – " (campaign.until) " · " (stands(&visit, campaign)) }
        @if !visit.of(&campaign.document).is_empty() { p { (visit.say("依据", "By")) " " (visit.of(&campaign.document)) } }
        (summary(&visit, &Sum::of(&visit, &owed, said, campaign)))
        (clauses(&visit, pack, &owed, &at))
        (behind(&visit, ledger, &owed, &at))
        h2 { (visit.say("各组织进展", "Unit by unit")) }
        (grid(&visit, (&at, ledger), &owed, None))
        (shell::formats(&visit))
        (shell::legend(visit.lang))
        (crate::collection::burden_of_others(&visit, &at, at.top, ("campaign", &list)))
    };
    Ok(shell::page(&head, body).into_response())
}

/// The ledgers of the years it falls in, the last year last.
async fn ledgers(visit: &Visit, at: &Unit, campaign: &Campaign) -> Result<Vec<Arc<Ledger>>, Trouble> {
    let mut ledgers = Vec::new();
    for year in campaign.from.year()..=campaign.until.year() {
        ledgers.push(ledger(visit, at, year, None).await?);
    }
    Ok(ledgers)
}

fn is_of(pack: &Pack, clause: &Clause) -> bool {
    pack.clause.iter().any(|one| one.id == clause.id)
}

/// What a campaign came to: units, duties, and what the figures of its pack say.
pub(crate) struct Sum {
    pub units: Progress,
    /// duties that are not waived, and those of them that were met
    pub duties: usize,
    pub met: usize,
    pub said: Vec<String>,
    pub over: bool,
}

impl Sum {
    fn of(visit: &Visit, owed: &[&Obligation], said: Vec<String>, campaign: &Campaign) -> Sum {
        Sum {
            units: progress(owed.iter().copied()),
            duties: owed.iter().filter(|one| one.status != Status::Waived).count(),
            met: owed.iter().filter(|one| matches!(one.status, Status::Met | Status::Late)).count(),
            said,
            over: visit.today > campaign.until,
        }
    }
}

/// What a campaign came to at a unit and below it.
pub(crate) async fn came_to(visit: &Visit, at: &Unit, list: &str) -> Result<Sum, Trouble> {
    let (pack, campaign) = named(visit, list)?;
    let ledgers = ledgers(visit, at, campaign).await?;
    let owed: Vec<_> = ledgers.iter().flat_map(|one| one.owed()).filter(|one| is_of(pack, one.clause)).collect();
    let said = figure::said(visit, at, (pack, campaign)).await?;
    Ok(Sum::of(visit, &owed, said, campaign))
}

/// The same as a paragraph to be taken over.
fn summary(visit: &Visit, sum: &Sum) -> Markup {
    let Sum { units: Progress { units, begun, done }, duties: all, met, said, over } = sum;
    html! {
        section.card {
            h2 { @if *over { (visit.say("小结", "Summary")) } @else { (visit.say("进度", "Progress")) } }
            p {
                (visit.say("应参加组织 ", "Units: ")) b { (units) } (visit.say(" 个，已开展 ", ", begun ")) b { (begun) }
                (visit.say(" 个，已全部完成 ", ", all done ")) b { (done) } (visit.say(" 个；任务 ", "; duties ")) b { (all) }
                (visit.say(" 项，已落实 ", ", met ")) b { (met) } (visit.say(" 项", ""))
                @if *all > 0 { (visit.say("（", " (")) (met * 100 / all) (visit.say("%）", "%)")) }
                @for one in said { (visit.say("；", "; ")) (one) }
                (visit.say("。", "."))
            }
            p.help { (visit.say("以上数字由纪实得出，活动结束后即为小结，不另报。", "These numbers come from records; when the campaign is over they are its summary, and nobody reports them again.")) }
        }
    }
}

/// Each clause with how many owe it and have met it.
fn clauses(visit: &Visit, pack: &Pack, owed: &[&Obligation], at: &Unit) -> Markup {
    let count = |clause: &Clause, wanted: &dyn Fn(Status) -> bool| {
        owed.iter().filter(|one| one.clause.id == clause.id && wanted(one.status)).count()
    };
    html! {
        h2 { (visit.say("任务", "What it asks")) }
        div.scroll { table.list {
            thead { tr { th { (visit.say("条款", "Clause")) } th { (visit.say("起止", "From – until")) }
                th.num { (visit.say("已落实 / 应落实", "Met / owed")) } th.num { (visit.say("逾期", "Overdue")) } } }
            @for clause in &pack.clause { tr {
                @let late = count(clause, &|status| status == Status::Overdue);
                td { a href={ "/units/" (at.id) "/" (year_of(clause, visit)) "/clauses/" (clause.id) } { (clause.id) " " (visit.of(&clause.text)) } }
                td.nowrap { (obligation::cadence(visit, clause.every)) }
                td.num { (count(clause, &|status| matches!(status, Status::Met | Status::Late))) " / " (count(clause, &|status| status != Status::Waived)) }
                td.num { @if late > 0 { (shell::badge(visit.lang, Status::Overdue)) " " (late) } }
            } }
        } }
    }
}

/// The year whose ledger a clause of a campaign stands in.
fn year_of(clause: &Clause, visit: &Visit) -> i16 {
    match clause.every {
        Cadence::Dates(_, last) => last.year(),
        _ => visit.year(),
    }
}

/// What is still to be done, to be reminded of in one press.
fn behind(visit: &Visit, ledger: &Ledger, owed: &[&Obligation], at: &Unit) -> Markup {
    let open = |one: &&&Obligation| one.status.is_wanting();
    let mut left: Vec<&Obligation> = owed.iter().filter(open).copied().collect();
    left.sort_by(|a, b| (a.due, &a.unit.path, &a.clause.id).cmp(&(b.due, &b.unit.path, &b.clause.id)));
    let all = left.len();
    left.truncate(MOST);
    html! { @if all > 0 {
        details { summary { (visit.say("还没有落实的 ", "Still to be done: ")) (all) (visit.say(" 项", ""))
            @if all > MOST { (visit.say("，先列前 200 项，全部请导出", "; the first 200, export for all")) } }
            (pick_rows(visit, ledger, &left, (at, None))) }
    } }
}
