//! The tree of units as a list: of today with who leads each and how many belong to it, or as it stood on a past day.

use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::civil::Date;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::pack::{Post, name_of};
use luoshi_rules::{Pack, Refusal, Unit, Verb};
use luoshi_store::{Tx, unit};
use maud::{Markup, html};
use std::collections::HashMap;

pub fn routes() -> Routes {
    Routes::new().route("/units/{unit}/tree", get(show))
}

/// The units of a tree with what is known of each.
pub(crate) struct Tree {
    /// the units, those above first
    pub units: Vec<Unit>,
    heads: HashMap<(i64, String), String>,
    members: HashMap<i64, (i64, i64)>,
}

/// Units of which each has a row on the page.
const MOST: usize = 1_000;

impl Tree {
    /// Without the units further below, where there are very many.
    fn shortened(mut self) -> Tree {
        if self.units.len() > MOST {
            self.units = directly(self.units);
        }
        self
    }
}

/// The first of some units and those directly below it.
fn directly(mut units: Vec<Unit>) -> Vec<Unit> {
    let depth = units.first().map_or(0, |root| root.path.depth()) + 1;
    units.retain(|unit| unit.path.depth() <= depth);
    units
}

/// The day of the address, today when there is none.
pub(super) fn day_asked(visit: &Visit, asked: &HashMap<String, String>) -> Result<Date, Refusal> {
    let Some(text) = asked.get("on").filter(|text| !text.is_empty()) else { return Ok(visit.today) };
    text.parse().map_err(|_| Refusal::field("on", "请填日期，如 2023-03-31", "a day, such as 2023-03-31"))
}

/// The tree below a unit as it stood on a day.
pub(crate) async fn read(visit: &Visit, at: &Unit, on: Date) -> Result<Tree, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let work = move |tx: &Tx| {
        let (units, heads) = (unit::tree_on(tx, &scope, on)?, unit::heads(tx, &scope, on)?);
        Ok(Tree { units, heads, members: unit::members(tx, &scope)? })
    };
    visit.app.read(work).await
}

async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let on = day_asked(&visit, &asked)?;
    let tree = read(&visit, &at, on).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &tree, on))? {
        return Ok(out);
    }
    let title = visit.say("组织名录", "Units").to_owned();
    let page = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::Units };
    let (all, tree) = (tree.units.len(), tree.shortened());
    let body = html! {
        p { a href={ "/units/" (at.id) } { "← " (at.full_name) } }
        (pick_day(&visit, on))
        @if all > tree.units.len() { p.help { (visit.say("共 ", "In all ")) b { (all) } (visit.say(" 个组织，这里列直属下级，点开看其下级；全部请导出。", " units: here are those directly below. Open one for those below it; export for all.")) } }
        (rows(&visit, &table(&visit, &tree, on), &tree.units, if all > tree.units.len() { "/tree" } else { "" }))
        (shell::formats(&visit))
    };
    Ok(shell::page(&page, body).into_response())
}

/// The form that asks for another day.
pub(super) fn pick_day(visit: &Visit, on: Date) -> Markup {
    html! {
        form.inline method="get" {
            label { (visit.say("查看某日的组织：", "As of: ")) input type="date" name="on" max=(visit.today) value=(on); }
            button { (visit.say("查看", "Show")) }
        }
        @if on != visit.today { p.note { (visit.say("以下为该日的组织设置：", "As it stood on ")) (on) } }
    }
}

/// The tree of a past day, indented, each unit with a link to what it is now.
pub(super) fn past(visit: &Visit, units: &[Unit], on: Date) -> Markup {
    let few = if units.len() > MOST { Some(directly(units.to_vec())) } else { None };
    let units = few.as_deref().unwrap_or(units);
    let depth = units.first().map_or(0, |root| root.path.depth());
    html! {
        nav.tree aria-label=(visit.say("当日的组织树", "Tree of that day")) {
            (pick_day(visit, on))
            @if units.is_empty() { p.empty { (visit.say("该日尚未设立，或已经撤销。", "It did not exist on that day.")) } }
            @for unit in units {
                p { @for _ in depth..unit.path.depth() { "　" } a href={ "/units/" (unit.id) } title=(unit.full_name) { (unit.short_name) } }
            }
        }
    }
}

/// `leads` is what of a unit its name leads to.
fn rows(visit: &Visit, table: &Table, units: &[Unit], leads: &str) -> Markup {
    html! {
        div.scroll { table.list {
            thead { tr { @for column in table.read() { th.num[column.kind == Kind::Number] { (column.head) } } } }
            @for (place, (row, unit)) in table.rows.iter().zip(units).enumerate() {
                tr { @for (n, cell) in row.iter().enumerate() {
                    td.num[matches!(cell, Cell::Number(_))].nowrap[matches!(cell, Cell::Date(_))] { @if n == 1 { a href={ "/units/" (unit.id) @if place > 0 { (leads) } } { (words(cell)) } } @else { (words(cell)) } }
                } }
            }
        } }
        @if units.is_empty() { p.empty { (visit.say("该日没有组织。", "There were no units on that day.")) } }
    }
}

fn words(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) | Cell::Date(text) => text.clone(),
        Cell::Number(n) => n.to_string(),
        _ => String::new(),
    }
}

/// The post that leads units of a level: the first of the pack that one person holds there.
fn head_of<'p>(pack: &'p Pack, level: &str) -> Option<&'p Post> {
    pack.post.iter().find(|post| !post.many && post.level.iter().any(|one| one == level))
}

fn table(visit: &Visit, tree: &Tree, on: Date) -> Table {
    let base = &visit.rules.base;
    let say = |zh: &'static str, en: &'static str| visit.say(zh, en);
    let mut table = Table::new(say("组织名录", "Units"))
        .column("order_no", say("序号", "No."), Kind::Number)
        .column("full_name", say("组织全称", "Full name"), Kind::Text)
        .column("short_name", say("简称", "Short name"), Kind::Text)
        .column("above", say("上级组织", "Unit above"), Kind::Text)
        .column("level", say("级别", "Level"), Kind::Text)
        .column("class", say("类别", "Class"), Kind::Text)
        .column("code", say("类型代码", "Type code"), Kind::Text)
        .column("founded", say("成立日期", "Founded"), Kind::Date)
        .column("head", say("书记", "Secretary"), Kind::Text)
        .column("full_members", say("正式党员", "Full members"), Kind::Number)
        .column("probationary", say("预备党员", "Probationary"), Kind::Number);
    let names: HashMap<&str, &str> =
        tree.units.iter().map(|unit| (unit.path.as_str(), unit.full_name.as_str())).collect();
    let row = |unit: &Unit| {
        let above = unit.path.parent().and_then(|above| names.get(above.as_str()).copied()).unwrap_or_default();
        let head = head_of(base, &unit.level).and_then(|post| tree.heads.get(&(unit.id, post.id.clone())));
        let (full, probationary) = tree.members.get(&unit.id).copied().unwrap_or_default();
        // rolls are counted as they stand today only
        let count = |n: i64| if on == visit.today { Cell::Number(n) } else { Cell::Empty };
        vec![
            unit.order_no.into(),
            unit.full_name.as_str().into(),
            unit.short_name.as_str().into(),
            above.into(),
            base.level(&unit.level).map_or("", |level| visit.of(&level.name)).into(),
            name_of(&base.class, &unit.class).map_or("", |class| visit.of(class)).into(),
            unit.code.as_str().into(),
            Cell::Date(unit.founded.to_string()),
            head.map_or(Cell::Empty, |name| name.as_str().into()),
            count(full),
            count(probationary),
        ]
    };
    table.rows = tree.units.iter().map(row).collect();
    let when = format!("{} {on}", say("截至", "As of"));
    Table { note: when, ..table }
}
