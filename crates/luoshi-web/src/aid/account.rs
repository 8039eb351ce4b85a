//! The account of a fund: its statement, money that comes in, and counter-entries.

use super::{desk, fund};
use crate::form::{Complaints, Fields, Sent, day, one, operation, parse};
use crate::record::Filled;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::aid::{Entry, Sort};
use luoshi_rules::{Actor, Handler, Refusal, Unit, record};
use luoshi_store::aid::{self as store, Fund, Income};
use luoshi_store::{Fault, Tx, person};
use maud::{Markup, html};
use std::collections::HashMap;

type Asked = HashMap<String, String>;

pub(super) async fn show(visit: Visit, Place(id): Place<i64>, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let (at, by) = desk(&visit, id).await?;
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    page(&visit, (&at, by), &asked, &filled).await
}

async fn page(
    visit: &Visit,
    (at, by): (&Unit, Handler),
    asked: &Asked,
    filled: &Filled<'_>,
) -> Result<Response, Trouble> {
    let read = move |tx: &Tx| {
        let fund = fund(tx, &by)?;
        let all = store::account(tx, &by, &fund)?;
        Ok((fund, all))
    };
    let (fund, all) = visit.app.read(read).await?;
    if let Some(out) = crate::export::list(asked, || table(visit, &fund, &all))? {
        return Ok(out);
    }
    let title = format!("{} {}", fund.name, visit.say("收支账", "Account"));
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Home };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p.noprint { a href={ "/units/" (at.id) "/aid" } { (visit.say("← 爱心互助", "← Mutual aid")) } }
        (statement(visit, at, &all))
        (shell::formats(visit))
        (income_form(visit, at, filled))
        (counter_form(visit, at, &all, filled))
    };
    Ok(filled.complaints.answer(shell::page(&head, body)))
}

/// Entries with the balance after each.
fn running(all: &[Entry]) -> impl Iterator<Item = (&Entry, i64)> {
    all.iter().scan(0, |balance, entry| {
        *balance += entry.amount;
        Some((entry, *balance))
    })
}

fn statement(visit: &Visit, at: &Unit, all: &[Entry]) -> Markup {
    html! {
        @if all.is_empty() { p.empty { (visit.say("还没有收支。", "No entry yet.")) } }
        @else { div.scroll { table.list {
            thead { tr { th.num { (visit.say("序号", "No.")) } th { (visit.say("日期", "Day")) } th { (visit.say("项目", "Kind")) }
                th.num { (visit.say("收入（元）", "In, yuan")) } th.num { (visit.say("支出（元）", "Out, yuan")) } th.num { (visit.say("余额（元）", "Balance, yuan")) }
                th { (visit.say("说明", "Note")) } } }
            @for (entry, balance) in running(all) { tr {
                td.num { (entry.seq) } td.nowrap { (entry.on) } td.nowrap { (visit.of(&entry.sort.name())) }
                td.num { @if entry.amount > 0 { "+" (shell::yuan(entry.amount)) } } td.num { @if entry.amount < 0 { "−" (shell::yuan(-entry.amount)) } }
                td.num { (shell::yuan(balance)) } td { (said(visit, at, entry)) }
            } }
        } } }
    }
}

fn said(visit: &Visit, at: &Unit, entry: &Entry) -> Markup {
    html! {
        @if entry.givers > 0 { (entry.givers) (visit.say(" 人", " gave")) " " }
        (entry.giver) " " (entry.words)
        @if entry.counters > 0 { " " (visit.say("冲正第 ", "makes good no. ")) (entry.counters) (visit.say(" 笔", "")) }
        @if entry.case != 0 && entry.sort == Sort::Payment { " " a.noprint href={ "/units/" (at.id) "/aid/cases/" (entry.case) } { (visit.say("申请", "the case")) } }
    }
}

/// Day, kind, in, out, balance: no name and no case.
fn table(visit: &Visit, fund: &Fund, all: &[Entry]) -> Table {
    let mut table = Table::new(format!("{} {}", fund.name, visit.say("收支账", "Account")))
        .column("no", visit.say("序号", "No."), Kind::Number)
        .column("on", visit.say("日期", "Day"), Kind::Date)
        .column("kind", visit.say("项目", "Kind"), Kind::Text)
        .column("in", visit.say("收入（元）", "In, yuan"), Kind::Number)
        .column("out", visit.say("支出（元）", "Out, yuan"), Kind::Number)
        .column("balance", visit.say("余额（元）", "Balance, yuan"), Kind::Number);
    let money = |fen: i64| if fen > 0 { Cell::Money(fen) } else { Cell::Empty };
    let row = |(entry, balance): (&Entry, i64)| {
        vec![
            Cell::Number(entry.seq),
            Cell::Date(entry.on.to_string()),
            visit.of(&entry.sort.name()).into(),
            money(entry.amount),
            money(-entry.amount),
            Cell::Money(balance),
        ]
    };
    table.rows = running(all).map(row).collect();
    table
}

fn income_form(visit: &Visit, at: &Unit, filled: &Filled) -> Markup {
    let given = |key: &str| one(filled.fields, key).to_owned();
    let input = |key: &str, zh: &str, en: &str, help: (&str, &str), sort: &str, must: bool| {
        let given = if key == "on" && given(key).is_empty() { visit.today.to_string() } else { given(key) };
        field(
            visit.lang,
            key,
            visit.say(zh, en),
            visit.say(help.0, help.1),
            filled.complaints,
            html! {
            input id=(key) name=(key) type=(sort) value=(given) required[must] maxlength="200" inputmode=[(key == "amount").then_some("decimal")] autocomplete="off"; },
        )
    };
    html! {
        details.card open[!filled.complaints.is_empty() && one(filled.fields, "counters").is_empty()] {
            summary { b { (visit.say("记一笔收入", "Enter money that came in")) } }
            form.stack method="post" action={ "/units/" (at.id) "/aid/entries" } {
                (shell::hidden(visit))
                (field(visit.lang, "sort", visit.say("来源", "Where from"), "", filled.complaints, html! {
                    select #sort name="sort" { @for sort in [Sort::Donation, Sort::Dues] {
                        option value=(sort.key()) selected[given("sort") == sort.key()] { (visit.of(&sort.name())) } } } }))
                (input("amount", "金额（元）", "Yuan", ("", ""), "text", true))
                (input("on", "日期", "Day", ("", ""), "date", true))
                (input("givers", "捐款人数（捐款时填）", "How many gave (for donations)", ("", ""), "number", false))
                (input("giver", "捐款人（选填）", "Who gave (optional)",
                    ("愿意记名的才填；名册上的人会在“我的数据”里看到这笔捐款。", "Only where they agree to be named; who is on a roll sees it among their data."), "text", false))
                (input("note", "说明（选填）", "Note (optional)", ("", ""), "text", false))
                button.main { (visit.say("入账", "Enter")) }
            }
        }
    }
}

fn counter_form(visit: &Visit, at: &Unit, all: &[Entry], filled: &Filled) -> Markup {
    let open = |entry: &&Entry| entry.sort != Sort::Counter && !all.iter().any(|one| one.counters == entry.seq);
    let typed = one(filled.fields, "counters");
    html! {
        @if all.iter().any(|entry| open(&entry)) { details.card open[!typed.is_empty()] {
            summary { b { (visit.say("冲正一笔账", "Make an entry good")) } }
            p.help { (visit.say("账目不能改、不能删；记错的、退回的用相反的一笔冲正。", "Entries are neither changed nor deleted: a wrong one, or money that came back, is made good by one the other way.")) }
            form.stack method="post" action={ "/units/" (at.id) "/aid/counters" } {
                (shell::hidden(visit))
                (field(visit.lang, "counters", visit.say("哪一笔", "Which"), "", filled.complaints, html! {
                    select #counters name="counters" { @for entry in all.iter().rev().filter(open).take(300) {
                        option value=(entry.seq) selected[typed == entry.seq.to_string()] { (entry.seq) " · " (entry.on) " · " (visit.of(&entry.sort.name())) " " (shell::yuan(entry.amount)) } } } }))
                (field(visit.lang, "why", visit.say("原因", "Why"), "", filled.complaints, html! {
                    input #why name="why" maxlength="200" required value=(one(filled.fields, "why")); }))
                @if let Some(words) = filled.complaints.under("amount", visit.lang).filter(|_| !typed.is_empty()) { p.error { "▲ " (words) } }
                button { (visit.say("冲正", "Make it good")) }
            }
        } }
    }
}

// ---- writing

/// Does something to the account and comes back to it; a refused form is shown again as it was filled.
async fn act(
    sent: &Sent,
    id: i64,
    work: Result<impl Fn(&Tx, &Handler, &Fund) -> Result<(), Fault> + Send + 'static, Refusal>,
) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let (at, by) = desk(visit, id).await?;
    let handler = by.clone();
    let done = match work {
        Err(refusal) => Err(refusal.into()),
        Ok(work) => {
            let whole = move |tx: &Tx, _: &Actor| {
                work(tx, &handler, &fund(tx, &handler)?)?;
                Ok(format!("/units/{id}/aid/entries"))
            };
            visit.act(operation(&sent.fields), whole).await
        }
    };
    match done {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let filled = Filled { fields: &sent.fields, complaints: &complaints };
            page(visit, (&at, by), &Asked::new(), &filled).await
        }
        other => Ok(other?.into_response()),
    }
}

/// Money in fen, as a field says it in yuan.
pub(super) fn fen(fields: &Fields, key: &str) -> Result<i64, Refusal> {
    let bad = || Refusal::field(key, "请填金额（元），如 1200.50", "an amount in yuan, such as 1200.50");
    record::fen(one(fields, key)).ok_or_else(bad)
}

fn income(fields: &Fields) -> Result<Income, Refusal> {
    let sort = Sort::named(one(fields, "sort")).unwrap_or(Sort::Payment);
    let givers = match one(fields, "givers") {
        "" => 0,
        _ => parse::<i64>(fields, "givers", "请填人数，如 12", "how many, such as 12")?,
    };
    let (amount, on) = (fen(fields, "amount")?, day(fields, "on")?);
    let (giver, words) = (one(fields, "giver").to_owned(), one(fields, "note").to_owned());
    Ok(Income { sort, amount, on, givers: if sort == Sort::Dues { 0 } else { givers }, person: 0, giver, words })
}

pub(super) async fn receive(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let work = income(&sent.fields).map(|income| {
        move |tx: &Tx, by: &Handler, fund: &Fund| {
            let named = person::named(tx, by.top(), by.unit(), std::slice::from_ref(&income.giver))?;
            let person = named.first().copied().flatten().filter(|_| !income.giver.is_empty()).unwrap_or(0);
            let giver = if person == 0 { income.giver.clone() } else { String::new() };
            store::receive(tx, by, fund, &Income { person, giver, ..income.clone() })
        }
    });
    act(&sent, id, work).await
}

pub(super) async fn make_good(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let why = one(&sent.fields, "why").to_owned();
    let seq = parse::<i64>(&sent.fields, "counters", "请选择一笔账", "choose an entry");
    let work = seq.map(|seq| move |tx: &Tx, by: &Handler, fund: &Fund| store::make_good(tx, by, fund, seq, &why));
    act(&sent, id, work).await
}
