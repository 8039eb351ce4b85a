//! The page of a round on which its teams are sent out and taken back.

use super::Found;
use crate::form::one as value;
use crate::me::moment;
use crate::record::Filled;
use crate::shell::{self, Page, Part, field};
use crate::visit::Visit;
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::Unit;
use luoshi_store::exchange::{Exchange, Receipt};
use maud::{Markup, html};
use std::collections::HashMap;

/// How a team that is or was out stands, in a line.
pub(crate) fn standing(visit: &Visit, one: &Exchange) -> Markup {
    html! {
        @match one.ended.as_str() {
            "" => { span.badge.open { "▣ " (visit.say("在单机上，自 ", "Out on a machine since ")) (one.on) } }
            "void" => { span.badge.waived { "◇ " (visit.say("已作废 ", "Given up ")) @if let Some(on) = one.ended_on { (on) } } }
            _ => { span.badge.met { "● " (visit.say("已收回 ", "Taken back ")) @if let Some(on) = one.ended_on { (on) } } }
        }
        @if let Some(receipt) = &one.receipt {
            " " span.badge.met { "● " (visit.say("单机已于 ", "Copy wiped on ")) (moment(receipt.ended)) (visit.say(" 擦除，回执有效", ", receipt valid")) }
        }
    }
}

pub(super) fn page(
    visit: &Visit,
    at: &Unit,
    found: &Found,
    (query, filled): (&HashMap<String, String>, &Filled),
) -> Markup {
    let round = &found.round;
    let title =
        format!("{} · {}", round.opened.name, visit.say("交给单机、收回、回执", "Send out, take back, receipt"));
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        (told(visit, query))
        p { a href={ "/units/" (at.id) "/rounds/" (round.id) } { (visit.say("← 本轮", "← the round")) } }
        p.help { (visit.say(
            "小组到没有网络的地方工作时，把该组交给一台单机：只带该组的对象、组员、已有问题和佐证，签名加密；在外期间这里不办理该组的事项；交回后逐条核对并入，不丢不重；最后擦除单机，凭回执为证。",
            "When a team works where there is no network, it is given to a machine of its own: its units, its people, its findings and evidence and nothing else, signed and encrypted. Meanwhile nothing is done on its matters here. What comes back is checked and merged once; then the machine is wiped, and a receipt says so.")) }
        @for one in &found.all { (card(visit, at, found, one)) }
        @if found.all.is_empty() { p.empty { (visit.say("还没有交给单机的小组。", "No team has been sent out yet.")) } }
        (send_form(visit, at, found, filled))
        @if !found.all.is_empty() {
            (file_form(visit, at, round.id, filled, &Form { end: "returns", key: "return-file", button: visit.say("收回", "Take back"),
                title: visit.say("收回：选择单机交回的包（.luoshi）", "Take back: the package the machine gave (.luoshi)"),
                help: visit.say("同一个包收两次不会重复；比已收的旧、被改动、过期或不是本轮的包会被拒收，什么都不留下。超过 20 MB 的包请用命令 luoshi exchange take。",
                    "The same package twice has no effect. One that is older, changed, expired or of another round is refused and leaves nothing. Above 20 MB, use the command luoshi exchange take.") }))
            (file_form(visit, at, round.id, filled, &Form { end: "receipts", key: "receipt-file", button: visit.say("收存回执", "Keep the receipt"),
                title: visit.say("回执：选择擦除单机时得到的文件", "Receipt: the file that wiping the machine gave"),
                help: visit.say("回执由单机在销毁密钥前签署。它证明持有该密钥的程序擦除了这些文件，不能证明没有别的拷贝。",
                    "The machine signed it before its key was destroyed. It proves that the program with that key overwrote these files; it cannot prove that there is no other copy.") }))
        }
        (key(visit, found))
        (shell::formats(visit))
    };
    shell::page(&head, body)
}

/// What has just been done.
fn told(visit: &Visit, query: &HashMap<String, String>) -> Markup {
    let number = |key: &str| query.get(key).and_then(|no| no.parse::<i64>().ok());
    html! {
        @if let Some(no) = number("taken") { p.note role="status" { "✓ " (visit.say("已收回第 ", "Taken: number ")) (no) (visit.say(" 号包。", ".")) } }
        @if let Some(no) = number("again") { p.note role="status" { (visit.say("第 ", "Number ")) (no) (visit.say(" 号包以前收过，没有任何变化。", " was taken before: nothing has changed.")) } }
    }
}

/// The key of this installation, for the machine.
fn key(visit: &Visit, found: &Found) -> Markup {
    html! { section.card {
        h2 { (visit.say("本级的公钥和指纹", "Our public key and fingerprint")) }
        p.help { (visit.say("在单机上打开包时要填这一行；再当面或电话念出指纹核对，防止途中被调换。", "The machine needs this line to open the package; read the fingerprint out, so that nobody can exchange the key on the way.")) }
        div.stack { textarea readonly rows="3" aria-label=(visit.say("公钥", "Public key")) { (found.own) } }
        p { b { (found.own.fingerprint()) } }
    } }
}

fn card(visit: &Visit, at: &Unit, found: &Found, one: &Exchange) -> Markup {
    let base = format!("/units/{}/rounds/{}/exchanges/{}", at.id, found.round.id, one.id);
    let units = found.units(one.team);
    html! { section.card #{ "exchange-" (one.id) } {
        h2 { (visit.say("第 ", "Team ")) (one.team) (visit.say(" 组", "")) (visit.mark("：")) (units.join(visit.mark("、"))) }
        p { (standing(visit, one)) }
        p { (visit.say("单机指纹 ", "Fingerprint of the machine ")) b { (one.partner.fingerprint()) } }
        @if !one.why.is_empty() { p { (visit.say("作废原因：", "Why: ")) (one.why) } }
        @if !one.returns.is_empty() { table.list {
            thead { tr { th { (visit.say("包号", "No.")) } th { (visit.say("收回日期", "Taken on")) } th.num { (visit.say("新增事项", "New matters")) } th.num { (visit.say("新增经过", "New steps")) } th { } } }
            @for back in &one.returns { tr { td { (back.no) } td.nowrap { (back.on) } td.num { (back.matters) } td.num { (back.events) }
                td { @if back.last { (visit.say("最后一份", "the last one")) } } } }
        } }
        @if let Some(receipt) = &one.receipt { (wiped(visit, one, receipt)) }
        @if one.ended.is_empty() {
            @if one.returns.is_empty() {
                p.actions { a.button href={ (base) "/package" } { (visit.say("下载交出的包", "Download the package")) } " "
                    small { (visit.say("须在此日之前打开：", "to be opened by ")) (one.until) } }
            }
            details { summary { (visit.say("单机遗失或交错了，作废", "The machine is lost, or it was a mistake: give it up")) }
                form.stack method="post" action={ (base) "/voids" } {
                    (shell::hidden(visit))
                    p.help { (visit.say("作废后该组的事项可在这里办理，这台机器做的包一律不再收取。", "Then the matters are worked on here again, and nothing that machine makes is taken.")) }
                    label for={ "why-" (one.id) } { (visit.say("原因", "Why")) }
                    input id={ "why-" (one.id) } name="why" required maxlength="200";
                    button { (visit.say("作废", "Give up")) }
                } }
        }
    } }
}

/// What a receipt says.
fn wiped(visit: &Visit, one: &Exchange, receipt: &Receipt) -> Markup {
    let taken = one.returns.last().map_or(0, |back| back.no);
    html! {
        p { (visit.say("回执：擦除了 ", "Receipt: ")) (receipt.pieces.len()) (visit.say(" 个文件，单机最后一份包是第 ", " files wiped; the last package of the machine was number ")) (receipt.package.0) (visit.say(" 号。", ".")) }
        @if receipt.package.0 > taken { p.error { "▲ " (visit.say("这一份包还没有收回。", "That package has not been taken back.")) } }
        details { summary { (visit.say("擦除的文件和摘要", "Files and digests")) }
            ul { @for piece in &receipt.pieces { li { (piece.name) " · " (piece.size) " B · " code { (piece.digest) } } } } }
    }
}

fn send_form(visit: &Visit, at: &Unit, found: &Found, filled: &Filled) -> Markup {
    let mut teams: Vec<i64> = found.targets.iter().map(|target| target.team).collect();
    teams.dedup();
    teams.retain(|team| found.all.iter().all(|one| one.team != *team || !one.ended.is_empty()));
    let typed = |key: &str| value(filled.fields, key).to_owned();
    html! { @if !teams.is_empty() { details.card open[found.all.is_empty() || !typed("key").is_empty()] {
        summary { b { (visit.say("把一个组交给单机", "Send a team out")) } }
        form.stack method="post" action={ "/units/" (at.id) "/rounds/" (found.round.id) "/exchanges" } {
            (shell::hidden(visit))
            (field(visit.lang, "team", visit.say("第几组", "Team"), "", filled.complaints, html! {
                select #team name="team" { @for team in &teams { option value=(team) selected[typed("team") == team.to_string()] { (team) } } } }))
            (field(visit.lang, "key", visit.say("单机的公钥", "Public key of the machine"),
                visit.say("在单机上运行 luoshi exchange key，把“公钥”那一行粘贴到这里", "run luoshi exchange key on the machine and paste the line of the key"),
                filled.complaints, html! { textarea #key name="key" rows="3" required maxlength="400" { (typed("key")) } }))
            (field(visit.lang, "fingerprint", visit.say("对方念出的指纹（八组数字）", "Fingerprint as it was read to you (eight groups)"),
                visit.say("请对方当面或电话念出，不要从发来的文字里抄：这一步防止公钥被调换", "have it read out, do not copy it from what was sent: this is what shows an exchanged key"),
                filled.complaints, html! { input #fingerprint name="fingerprint" required maxlength="100" inputmode="numeric" autocomplete="off" value=(typed("fingerprint")); }))
            button { (visit.say("交给单机", "Send out")) }
        }
    } } }
}

/// A form that takes a file.
struct Form<'a> {
    end: &'a str,
    key: &'a str,
    title: &'a str,
    help: &'a str,
    button: &'a str,
}

fn file_form(visit: &Visit, at: &Unit, round: i64, filled: &Filled, form: &Form) -> Markup {
    html! { section.card {
        form.stack method="post" enctype="multipart/form-data" action={ "/units/" (at.id) "/rounds/" (round) "/" (form.end) } {
            (shell::hidden(visit))
            (field(visit.lang, form.key, form.title, form.help, filled.complaints, html! {
                input id=(form.key) name="file" type="file" required; }))
            button { (form.button) }
        }
    } }
}

/// The list for other formats.
pub(super) fn table(visit: &Visit, found: &Found) -> Table {
    let head = |zh: &str, en: &str| visit.say(zh, en).to_owned();
    let state = |one: &Exchange| match one.ended.as_str() {
        "" => visit.say("在单机上", "Out"),
        "void" => visit.say("已作废", "Given up"),
        _ => visit.say("已收回", "Back"),
    };
    let mut table = Table::new(found.round.opened.name.clone())
        .column("team", head("组", "Team"), Sort::Number)
        .column("sent", head("交出日期", "Sent on"), Sort::Date)
        .column("fingerprint", head("单机指纹", "Fingerprint"), Sort::Text)
        .column("state", head("状态", "State"), Sort::Text)
        .column("back", head("收回包数", "Packages back"), Sort::Number)
        .column("wiped", head("擦除时间", "Wiped"), Sort::Text);
    for one in &found.all {
        table.rows.push(vec![
            Cell::Number(one.team),
            Cell::Date(one.on.to_string()),
            Cell::Text(one.partner.fingerprint()),
            Cell::Text(state(one).to_owned()),
            Cell::Number(one.returns.len() as i64),
            Cell::Text(one.receipt.as_ref().map_or_else(String::new, |receipt| moment(receipt.ended))),
        ]);
    }
    table
}
