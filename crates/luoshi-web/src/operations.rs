//! How the installation itself fares, for whoever looks after it: jobs, disk, back-ups, version. Nobody is named here, and
//! what went wrong stands in the log, not on the page.

mod disk;

use crate::app::App;
use crate::audit::clock;
use crate::export;
use crate::job::{Job, Run};
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use disk::Disk;
use luoshi_office::{Kind, Table};
use luoshi_rules::{Unit, Verb};
use luoshi_store::backup::{self, Backup};
use luoshi_store::{now, rollup};
use maud::{Markup, html};
use std::collections::HashMap;

/// A day in milliseconds.
const DAY: i64 = 24 * 3600 * 1000;
/// Days after which a back-up is called old.
const OLD: i64 = 7;

pub fn routes() -> Routes {
    Routes::new().route("/units/{unit}/operations", get(show))
}

async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::Rule).await?;
    if at.id != at.top {
        return Err(Trouble::NotFound);
    }
    let scope = visit.actor.scope(&visit.rules.base, Verb::Rule, &at)?;
    let read = move |tx: &luoshi_store::Tx| {
        Ok((backup::list(tx)?, backup::figures(tx, &scope)?, rollup::waiting_rows(tx, &scope)?))
    };
    let (backups, (sessions, waiting), carried) = visit.app.read(read).await?;
    let table = || if export::which(&asked) == "backups" { copies(&visit, &at, &backups) } else { runs(&visit, &at) };
    if let Some(out) = export::list(&asked, table)? {
        return Ok(out);
    }
    let room = Disk::of(&visit.app.setup().folder);
    let title = visit.say("运行维护", "Operations").to_owned();
    let page = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::Operations };
    let body = html! {
        (warnings(&visit, room, &backups))
        (program(&visit, room, sessions))
        (jobs(&visit, waiting))
        (crate::rollup::section(&visit, &at, carried))
        (made(&visit, &backups))
    };
    Ok(shell::page(&page, body).into_response())
}

/// A moment as a cell; empty when it never came.
fn cell(at: i64) -> luoshi_office::Cell {
    if at == 0 { luoshi_office::Cell::Empty } else { clock(at).into() }
}

/// What the program does by itself, as rows that can be taken away.
fn runs(visit: &Visit, at: &Unit) -> Table {
    let columns = [
        ("job", "任务", "Job", Kind::Text),
        ("often", "频率", "How often", Kind::Text),
        ("done", "上次完成", "Last done", Kind::Text),
        ("took_ms", "用时（毫秒）", "Took (ms)", Kind::Number),
        ("failures", "启动后失败", "Failures since the start", Kind::Number),
        ("failed", "上次失败", "Last failure", Kind::Text),
        ("state", "状态", "State", Kind::Text),
    ];
    let title = format!("{} {}", at.short_name, visit.say("后台任务", "Jobs"));
    let mut table = export::head(visit, title, &columns);
    let row = |job: Job| {
        let (run, (name, often)) = (visit.app.jobs().of(job), words(visit, job));
        let (took, failures) = (run.took.as_millis() as i64, run.failures as i64);
        let last = state(visit, &run).into();
        vec![name.into(), often.into(), cell(run.done), took.into(), failures.into(), cell(run.failed), last]
    };
    table.rows = Job::ALL.into_iter().map(row).collect();
    table
}

/// The back-ups that are noted, as rows that can be taken away.
fn copies(visit: &Visit, at: &Unit, backups: &[Backup]) -> Table {
    let columns = [
        ("at", "时间", "Moment", Kind::Text),
        ("outcome", "结果", "Outcome", Kind::Text),
        ("rows", "记录数", "Rows", Kind::Number),
        ("files", "附件数", "Attachments", Kind::Number),
        ("took_s", "用时（秒）", "Took (s)", Kind::Number),
    ];
    let title = format!("{} {}", at.short_name, visit.say("备份", "Back-ups"));
    let mut table = export::head(visit, title, &columns);
    let row = |one: &Backup| {
        vec![cell(one.at), outcome(visit, one).into(), one.facts.into(), one.files.into(), (one.took / 1000).into()]
    };
    table.rows = backups.iter().map(row).collect();
    table
}

fn outcome<'v>(visit: &'v Visit, one: &Backup) -> &'v str {
    if one.failed { visit.say("▲ 未完成", "▲ not finished") } else { visit.say("✓ 完成", "✓ finished") }
}

/// What somebody should do something about, first.
fn warnings(visit: &Visit, room: Option<Disk>, backups: &[Backup]) -> Markup {
    let jobs = visit.app.jobs();
    let all = [
        (backups.first().is_some_and(|one| one.failed)).then(|| visit.say(
            "最近一次备份没有完成，原因见运行备份时的提示。",
            "The latest back-up was not finished; where it was run it says why.")),
        jobs.is_older().then(|| visit.say(
            "数据比已公布的审计链尾旧：可能恢复过旧备份。请对照公布之后的事项补录，并用 luoshi verify 核对。",
            "The data are older than the published end of the audit trail: an old back-up may have been put back. Enter anew what was done since, and compare with luoshi verify.")),
        room.is_some_and(|disk| disk.is_short()).then(|| visit.say(
            "磁盘快满了。满了以后只能查看、不能保存，腾出空间后自行恢复。",
            "The disk is nearly full. Once it is, pages can be read and nothing saved, until there is room again.")),
        Job::ALL.iter().any(|job| jobs.of(*job).is_failing()).then(|| visit.say(
            "有后台任务上次运行失败，原因见服务器日志。",
            "A job failed when it last ran; the log of the server says why.")),
    ]
    .into_iter()
    .flatten()
    .map(String::from);
    let all: Vec<String> = late(visit, backups).into_iter().chain(all).collect();
    html! {
        @if all.is_empty() { p.note { (visit.say("✓ 一切正常。", "✓ All is well.")) } }
        @for words in all { p.error role="alert" { "▲ " (words) } }
    }
}

/// That no back-up was made, or none of late.
fn late(visit: &Visit, backups: &[Backup]) -> Option<String> {
    let last = backups.iter().find(|one| !one.failed);
    match last.map(|one| (now() - one.at) / DAY) {
        None => Some(visit.say(
            "还没有备份记录。请在服务器上定时运行 luoshi backup，并把密钥另存一处。",
            "No back-up is noted yet. Run luoshi backup on the server by a timer, and keep the key in another place.").into()),
        Some(days) if days >= OLD => Some(match visit.lang {
            luoshi_rules::Lang::Zh => format!("上次备份已是 {days} 天前，请检查定时备份。"),
            luoshi_rules::Lang::En => format!("The last back-up is {days} days old: look at the timer."),
        }),
        Some(_) => None,
    }
}

fn program(visit: &Visit, room: Option<Disk>, sessions: i64) -> Markup {
    let app: &App = &visit.app;
    html! {
        section.card {
            h2 { (visit.say("程序", "The program")) }
            dl.facts {
                dt { (visit.say("版本", "Version")) } dd { (env!("CARGO_PKG_VERSION")) }
                dt { (visit.say("数据结构", "Schema")) } dd { (luoshi_store::version().split('_').next().unwrap_or_default()) }
                dt { (visit.say("数据库", "Database")) } dd { (app.db().engine()) }
                dt { (visit.say("启动时间", "Started")) } dd { (clock(app.since())) }
                dt { (visit.say("占用内存", "Memory")) } dd { (size(crate::metrics::memory().unsigned_abs())) }
                dt { (visit.say("磁盘可用", "Disk free")) } dd {
                    @match room {
                        Some(disk) => { (size(disk.free)) " / " (size(disk.whole)) }
                        None => (visit.say("系统没有提供", "the system does not tell")),
                    }
                }
                dt { (visit.say("本组织当前登录", "Signed in here")) } dd { (sessions) " " (visit.say("个会话", "sessions")) }
            }
        }
    }
}

/// Bytes, as people write them.
fn size(bytes: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        1_000_000_000..1_000_000_000_000 => format!("{} GB", tenths(1_000_000_000)),
        _ => format!("{} TB", tenths(1_000_000_000_000)),
    }
}

fn jobs(visit: &Visit, waiting: i64) -> Markup {
    let never = || visit.say("尚未运行", "not yet").to_owned();
    let moment = |at: i64| if at == 0 { never() } else { clock(at) };
    html! {
        section.card {
            h2 { (visit.say("后台任务", "Jobs")) }
            div.scroll { table.list {
                thead { tr {
                    th { (visit.say("任务", "Job")) } th { (visit.say("频率", "How often")) } th { (visit.say("上次完成", "Last done")) }
                    th.num { (visit.say("用时", "Took")) } th.num { (visit.say("启动后失败", "Failures since the start")) }
                    th { (visit.say("上次失败", "Last failure")) } th { (visit.say("状态", "State")) }
                } }
                @for job in Job::ALL {
                    @let run = visit.app.jobs().of(job);
                    @let (name, often) = words(visit, job);
                    tr {
                        td { (name) } td { (often) } td.nowrap { (moment(run.done)) } td.num { (run.took.as_millis()) " " (visit.say("毫秒", "ms")) }
                        td.num { (run.failures) " " (visit.say("次失败", "failures")) } td.nowrap { @if run.failed > 0 { (clock(run.failed)) } @else { "—" } }
                        td { (state(visit, &run)) }
                    }
                }
            } }
            (shell::formats_of(visit, "jobs"))
            p.help { (visit.say("等待链接的审计记录：", "Rows of the audit trail that wait for their place: ")) (waiting) }
        }
    }
}

fn words(visit: &Visit, job: Job) -> (&str, &str) {
    match job {
        Job::Seal => (visit.say("链接审计记录", "Chain the audit trail"), visit.say("每秒", "each second")),
        Job::Publish => {
            (visit.say("发布审计链尾", "Publish the heads of the chains"), visit.say("每分钟", "each minute"))
        }
        Job::Pack => {
            (visit.say("整理事项的查找词", "Pack the words of matters"), visit.say("每20秒", "every 20 seconds"))
        }
        Job::Carry => (visit.say("向上汇总数读", "Carry figures upward"), visit.say("每秒", "each second")),
        Job::Look => {
            (visit.say("登记谁查看过谁的资料", "Note who saw whose data"), visit.say("随看随记", "as it happens"))
        }
        Job::Retain => (visit.say("清理到期数据", "Drop what is past its day"), visit.say("每天", "each day")),
    }
}

fn state<'v>(visit: &'v Visit, run: &Run) -> &'v str {
    match () {
        () if run.is_failing() => visit.say("▲ 失败", "▲ failed"),
        () if run.done == 0 => visit.say("等待", "waits"),
        () => visit.say("✓ 正常", "✓ well"),
    }
}

fn made(visit: &Visit, backups: &[Backup]) -> Markup {
    html! {
        section.card {
            h2 { (visit.say("备份", "Back-ups")) }
            @if backups.is_empty() { p.empty { (visit.say("没有记录。", "None is noted.")) } }
            @else { div.scroll { table.list {
                thead { tr {
                    th { (visit.say("时间", "Moment")) } th { (visit.say("结果", "Outcome")) } th.num { (visit.say("记录数", "Rows")) }
                    th.num { (visit.say("附件数", "Attachments")) } th.num { (visit.say("用时", "Took")) }
                } }
                @for one in backups { tr {
                    td.nowrap { (clock(one.at)) }
                    td { (outcome(visit, one)) }
                    td.num { (one.facts) " " (visit.say("条", "rows")) } td.num { (one.files) " " (visit.say("个附件", "files")) }
                    td.num { (one.took / 1000) " " (visit.say("秒", "s")) }
                } }
            } } (shell::formats_of(visit, "backups")) }
            p.help { (visit.say("由服务器上的 luoshi backup 命令产生；连续备份（Litestream、数据库副本）不在此列。",
                "Made by luoshi backup on the server; continuous copies (Litestream, a replica of the database) are not listed.")) }
        }
    }
}
