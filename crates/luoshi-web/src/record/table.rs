//! Records as a ledger that can be taken away, row by row.

use super::{also, meeting, topic, words};
use crate::obligation::kind_name;
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::Visit;
use axum::response::Response;
use luoshi_office::{Cell, Kind as Sort, Table};
use luoshi_rules::record::Holds;
use luoshi_rules::{Held, Kind, Scope, UnitPath, Verb};
use luoshi_store::Tx;
use luoshi_store::record::subject::Names;
use luoshi_store::record::{self, Filter, Line};
use std::collections::HashMap;

/// The ledger of all records that are wanted, when the address asks for it.
pub(super) async fn ledger(
    visit: &Visit,
    asked: &HashMap<String, String>,
    scope: &Scope,
    filter: &Filter,
) -> Result<Option<Response>, Trouble> {
    let filter = Filter { after: None, most: crate::export::MOST + 1, ..filter.clone() };
    let head = table(visit, &filter.kind, filter.first.year());
    let (all, within) = ((scope.clone(), filter.clone()), (scope.clone(), filter));
    let v = visit.clone();
    let count = move |tx: &Tx| record::count(tx, &all.0, &all.1);
    let rows = move |tx: &Tx, out: crate::export::Rows| {
        let names = all_names(&v, tx, within.0.top())?;
        record::each(tx, &within.0, &within.1, |line| out(cells(&v, &line, (&names, within.0.root()))))
    };
    crate::export::long(visit, asked, head, count, rows).await
}

/// A ledger of records without its rows.
pub(crate) fn table(visit: &Visit, kind: &str, year: i16) -> Table {
    let lang = visit.lang;
    let head = |zh: &'static str, en: &'static str| shell::say(lang, zh, en);
    let title = format!(
        "{} {year}",
        if kind.is_empty() { head("纪实台账", "Ledger of records") } else { kind_name(visit, kind) }
    );
    Table::new(title)
        .column("on", head("日期", "Day"), Sort::Date)
        .column("kind", head("类型", "Kind"), Sort::Text)
        .column("unit", head("组织", "Unit"), Sort::Text)
        .column("topic", head("主题", "Topic"), Sort::Text)
        .column("written", head("录入日期", "Entered"), Sort::Date)
        .column("author", head("记录人", "Written by"), Sort::Text)
        .column("detail", head("内容", "Content"), Sort::Text)
}

/// Whether a visitor sees who is named on a row of the ledger of a subtree.
fn open(visit: &Visit, line: &Line, root: &UnitPath) -> bool {
    let above = |held: &Held| held.path.contains(root) && visit.rules.base.grants(&held.post, Verb::People, false);
    let of = |held: &Held| held.unit == line.record.unit || above(held);
    visit.actor.home == line.record.unit || visit.actor.posts.iter().any(of)
}

/// The names of all that the rows of a ledger may name; none where no kind names anybody.
pub(crate) fn all_names(visit: &Visit, tx: &Tx, top: i64) -> Result<Names, luoshi_store::Fault> {
    let names = |kind: &&Kind| kind.field.iter().any(|field| matches!(field.holds, Holds::People | Holds::Unit));
    if visit.rules.kinds().iter().any(names) { record::subject::all(tx, top) } else { Ok(Names::default()) }
}

/// A record as a row of [`table`].
pub(crate) fn cells(visit: &Visit, line: &Line, (names, root): (&Names, &UnitPath)) -> Vec<Cell> {
    let one = &line.record;
    let fields = visit.rules.kind(&one.kind).map_or(&[][..], |kind| kind.field.as_slice());
    let said = fields.iter().filter(|field| field.id != "topic").filter_map(|field| {
        let text = words(visit, field, &one.data[&field.id], (names, open(visit, line, root)));
        (!text.is_empty()).then(|| format!("{}{}{text}", visit.of(&field.name), visit.mark("：")))
    });
    let numbers = also::numbers(visit, &one.kind, &one.data);
    let said =
        said.chain(numbers.into_iter().map(|(field, n)| format!("{}{}{n}", visit.of(&field.name), visit.mark("："))));
    vec![
        Cell::Date(one.on.to_string()),
        kind_name(visit, &one.kind).into(),
        line.unit_name.as_str().into(),
        topic(visit, line).into(),
        Cell::Date(one.written.to_string()),
        line.author_name.as_str().into(),
        said.chain(meeting::words(visit, &one.data)).collect::<Vec<_>>().join(visit.mark("；")).into(),
    ]
}
