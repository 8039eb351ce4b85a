//! Obligations as a ledger with the trade's column names, with totals.

use super::{Ledger, kind_name, source};
use crate::person::one::post_name;
use crate::visit::Visit;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::{Cadence, Obligation, Status, Verb};
use std::collections::HashMap;

/// Where the follow-up of a duty stands, by unit, clause and period.
pub(crate) type Followed = HashMap<String, String>;

/// Obligations as rows that can be taken away.
pub(crate) fn table(visit: &Visit, owed: &[&Obligation], ledger: &Ledger, followed: &Followed) -> Table {
    let head = |zh: &'static str, en: &'static str| visit.say(zh, en);
    let title = format!("{} {}", head("责任清单台账", "Ledger of duties"), ledger.year());
    let mut table = Table::new(title)
        .column("no", head("序号", "No."), Kind::Number)
        .column("unit", head("组织", "Unit"), Kind::Text)
        .column("level", head("层级", "Level"), Kind::Text)
        .column("post", head("岗位", "Post"), Kind::Text)
        .column("holders", head("责任人", "Holders"), Kind::Text)
        .column("clause", head("条款", "Clause"), Kind::Text)
        .column("text", head("内容", "Wording"), Kind::Text)
        .column("source", head("依据", "Source"), Kind::Text)
        .column("cadence", head("频次", "How often"), Kind::Text)
        .column("period", head("周期", "Period"), Kind::Text)
        .column("due", head("完成时限", "Due"), Kind::Date)
        .column("status", head("状态", "Status"), Kind::Text)
        .column("done", head("已办次数", "Done"), Kind::Number)
        .column("on_time", head("按期落实", "On time"), Kind::Number)
        .column("late", head("迟办", "Late"), Kind::Number)
        .column("overdue", head("逾期", "Overdue"), Kind::Number)
        .column("waived", head("免予落实", "Waived"), Kind::Number)
        .column("evidence", head("落实情况", "Met by"), Kind::Text)
        .column("remark", head("备注", "Remark"), Kind::Text)
        .column("follow_up", head("督办", "Follow-up"), Kind::Text)
        .key("unit_id");
    table.rows = owed.iter().zip(1..).map(|(one, no)| cells(visit, one, ledger, followed, no)).collect();
    table.totals = Some(totals(visit, owed));
    table.note = format!("{} {}", head("截至", "As of"), visit.today);
    table
}

fn cells(visit: &Visit, one: &Obligation, ledger: &Ledger, followed: &Followed, no: i64) -> Vec<Cell> {
    let holders: Vec<_> = one.holders(&ledger.known.tally).iter().map(|holder| holder.name.clone()).collect();
    let met = one.met_by.iter().map(|(fact, _)| format!("{} {}", fact.on, kind_name(visit, &fact.kind)));
    // of a unit that has moved out of reach a list shows where it stood, and no names
    let open = visit.may(Verb::See, one.unit);
    let level = visit.rules.base.level(&one.unit.level).map_or("", |level| visit.of(&level.name));
    let is = |status| Cell::Number(i64::from(one.status == status));
    let key = format!("{}/{}/{}", one.unit.id, one.clause.id, one.period.key());
    vec![
        no.into(),
        one.unit.short_name.as_str().into(),
        level.into(),
        one.clause.post.as_deref().map_or("", |post| post_name(visit, post)).into(),
        if open { holders.join(visit.mark("、")).into() } else { Cell::Empty },
        one.clause.id.as_str().into(),
        visit.of(&one.clause.text).into(),
        source(visit, one.clause).into(),
        cadence(visit, one.clause.every).into(),
        one.period.to_string().into(),
        Cell::Date(one.due.to_string()),
        crate::shell::status(visit.lang, one.status).1.into(),
        Cell::Number(one.met_by.len() as i64),
        is(Status::Met),
        is(Status::Late),
        is(Status::Overdue),
        is(Status::Waived),
        if open { met.collect::<Vec<_>>().join(visit.mark("；")).into() } else { Cell::Empty },
        if open { remark(visit, one, ledger).into() } else { super::moved(visit).into() },
        followed.get(&key).map_or(Cell::Empty, |state| state.as_str().into()),
        Cell::Key(one.unit.id),
    ]
}

fn remark(visit: &Visit, one: &Obligation, ledger: &Ledger) -> String {
    match one.status {
        Status::Waived => one.reason(&ledger.known.tally).map(|why| visit.of(&why).to_owned()).unwrap_or_default(),
        _ if one.back_filled() => visit.say("补录", "Entered later").to_owned(),
        _ => String::new(),
    }
}

fn totals(visit: &Visit, owed: &[&Obligation]) -> Vec<Cell> {
    let count = |status| Cell::Number(owed.iter().filter(|one| one.status == status).count() as i64);
    let mut cells = vec![visit.say("合计", "In all").into(), Cell::Number(owed.len() as i64)];
    cells.resize(13, Cell::Empty);
    cells.extend([Status::Met, Status::Late, Status::Overdue, Status::Waived].map(count));
    cells
}

/// How often, in words.
pub(crate) fn cadence(visit: &Visit, every: Cadence) -> String {
    match every {
        Cadence::Months(1) => visit.say("每月", "monthly").to_owned(),
        Cadence::Months(3) => visit.say("每季度", "quarterly").to_owned(),
        Cadence::Months(6) => visit.say("每半年", "half-yearly").to_owned(),
        Cadence::Months(_) => visit.say("每年", "yearly").to_owned(),
        Cadence::Years(n) => format!("{}{n}{}", visit.say("每", "every "), visit.say("年", " years")),
        Cadence::Term => visit.say("每届任期", "each term").to_owned(),
        Cadence::Event => visit.say("有事项时", "when it happens").to_owned(),
        Cadence::Dates(first, last) => format!("{first} – {last}"),
    }
}
