//! The weekly sheet (督查周报): what is late, what falls due in the next week, what stands still, what is to be sent, what
//! was closed in the last one, in few rows, for one page of A4. What has no room stands on the board.

use super::stock::address;
use super::{due, met, ring, stands, still_day, touched};
use crate::obligation::days;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::{Lang, Scope, Unit, Verb};
use luoshi_store::matter::{self, Filter, Leaves, Line, Order, State};
use luoshi_store::{Fault, Tx};
use maud::{Markup, html};
use std::collections::HashMap;

/// Rows of the whole sheet, so that it stays one page.
const ROWS: usize = 26;
/// Matters read for a part: those that are alike share a row.
const READ: i64 = 300;

/// A part of the sheet: its name, where on the board it stands, how many there are, some of them.
struct Section {
    name: [&'static str; 2],
    board: &'static str,
    all: i64,
    lines: Vec<Line>,
}

struct Sheet {
    open: i64,
    sections: [Section; 5],
}

pub(crate) async fn show(
    visit: Visit,
    Place(id): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let (met, days) = (met(&visit, &at, None).await?, (visit.today, still_day(&visit)));
    let sheet = visit.app.read(move |tx| read(tx, &scope, met.clone(), days)).await?;
    if let Some(out) = crate::export::list(&asked, || table(&visit, &sheet))? {
        return Ok(out);
    }
    let [late, soon, _, _, done] = sheet.sections.each_ref().map(|one| one.all);
    let title = format!("{}{}", at.short_name, visit.say("督查周报", ": weekly sheet"));
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::FollowUp };
    let groups = sheet.sections.each_ref().map(|one| alike(&visit, &one.lines));
    let room = rooms(groups.each_ref().map(Vec::len));
    let body = html! {
        div.weekly {
            p.subtitle { (visit.today.saturating_sub(7.days())) " – " (visit.today) " · " (visit.say("在办 ", "open ")) b { (sheet.open) }
                " · " (visit.say("逾期 ", "late ")) b { (late) } " · " (visit.say("一周内到期 ", "due within a week ")) b { (soon) }
                " · " (visit.say("一周内办结 ", "closed in a week ")) b { (done) } }
            @for ((one, groups), room) in sheet.sections.iter().zip(&groups).zip(room) { (section(&visit, &at, one, (groups, room))) }
        }
        (shell::formats(&visit))
    };
    Ok(shell::page(&head, body).into_response())
}

/// What the sheet is made of, matter by matter: what has no room on the page too.
fn table(visit: &Visit, sheet: &Sheet) -> Table {
    let mut table = Table::new(visit.say("督查周报", "Weekly sheet"))
        .column("part", visit.say("部分", "Part"), Kind::Text)
        .column("title", visit.say("事项", "Matter"), Kind::Text)
        .column("unit", visit.say("责任组织", "Unit"), Kind::Text)
        .column("state", visit.say("进展", "Stands at"), Kind::Text)
        .column("limit", visit.say("期限", "Limit"), Kind::Date)
        .column("touched", visit.say("最近动静", "Last touched"), Kind::Date)
        .key("id")
        .key("unit_id");
    for one in &sheet.sections {
        table.rows.extend(one.lines.iter().map(|line| {
            vec![
                visit.say(one.name[0], one.name[1]).into(),
                super::title(visit, &line.matter).as_ref().into(),
                line.unit_name.as_str().into(),
                stands(visit, line).into(),
                due(visit, line).map_or(Cell::Empty, |day| Cell::Date(day.to_string())),
                Cell::Date(touched(line).to_string()),
                Cell::Key(line.matter.id),
                Cell::Key(line.matter.unit),
            ]
        }));
    }
    table
}

fn read(tx: &Tx, scope: &Scope, met: Vec<i64>, (today, still): (Date, Date)) -> Result<Sheet, Fault> {
    let (week, since) = (today.saturating_add(8.days()), today.saturating_sub(7.days()));
    // what has parts moves with them; what moves posts and people is not supervised
    let all = Filter { met, leaves: Leaves::Supervised, most: READ, ..Filter::default() };
    let open = Filter { state: State::Open, leaves: Leaves::Parts, order: Order::Limit, ..all.clone() };
    let days = (today, still);
    let counts = matter::counts(tx, scope, &open, days)?;
    let sum = |of: fn(&matter::Count) -> i64| counts.iter().map(of).sum::<i64>();
    let list = |name, board, all: Option<i64>, filter: Filter| -> Result<Section, Fault> {
        let lines = matter::list(tx, scope, &filter)?;
        let all = match all {
            Some(all) => all,
            None if (lines.len() as i64) < READ => lines.len() as i64,
            None => matter::counts(tx, scope, &filter, days)?.iter().map(|one| one.n).sum(),
        };
        Ok(Section { name, board, all, lines })
    };
    let late = Filter { late: Some(today), ..open.clone() };
    let soon = Filter { from: Some(today), late: Some(week), ..open.clone() };
    let stuck = Filter { still: Some(still), order: Order::Still, ..open.clone() };
    let sent = Filter { ring: Some(today), ..open.clone() };
    let done = Filter { state: State::Closed, closed: Some(since), ..all };
    let letters = ["该发的提醒和函件", "Reminders and letters due"];
    let sections = [
        list(["已逾期", "Late"], "?only=late&sort=limit", Some(sum(|one| one.late)), late)?,
        list(["一周内到期", "Due within a week"], "?sort=limit", None, soon)?,
        list(["30天没有动静", "Still for 30 days"], "?only=still&sort=still", Some(sum(|one| one.still)), stuck)?,
        list(letters, "?only=ring&sort=limit", Some(sum(|one| one.ring)), sent)?,
        list(["一周内办结", "Closed in the last week"], "?state=closed", None, done)?,
    ];
    Ok(Sheet { open: sum(|one| one.n), sections })
}

/// The rows each part gets: all of a short one, and what short ones leave is shared by the long.
fn rooms<const N: usize>(wanted: [usize; N]) -> [usize; N] {
    let mut rooms = [0; N];
    for _ in 0..ROWS {
        let short = (0..N).filter(|at| rooms[*at] < wanted[*at]).min_by_key(|at| rooms[*at]);
        let Some(at) = short else { break };
        rooms[at] += 1;
    }
    rooms
}

/// Matters of the same wording and the same day, such as an order to many units, as one row.
fn alike<'l>(visit: &Visit, lines: &'l [Line]) -> Vec<Vec<&'l Line>> {
    let mut groups: Vec<Vec<&Line>> = Vec::new();
    let mut known: HashMap<(&str, Option<Date>, String), usize> = HashMap::new();
    for line in lines {
        let key = (line.matter.title.as_str(), due(visit, line), stands(visit, line));
        let at = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(line),
            None => groups.push(vec![line]),
        }
    }
    groups
}

fn units(visit: &Visit, group: &[&Line]) -> String {
    let first = group.first().map_or("", |line| line.unit_name.as_str());
    match (group.len(), visit.lang) {
        (0 | 1, _) => first.to_owned(),
        (n, Lang::Zh) => format!("{first}等{n}个组织"),
        (n, Lang::En) => format!("{first} and {} more", n - 1),
    }
}

fn section(visit: &Visit, at: &Unit, one: &Section, (groups, room): (&[Vec<&Line>], usize)) -> Markup {
    let shown: usize = groups.iter().take(room).map(Vec::len).sum();
    let left = one.all - shown as i64;
    let letters = one.board.contains("only=ring");
    html! {
        h2 { (visit.say(one.name[0], one.name[1])) " " small { (one.all) } }
        @if groups.is_empty() { p.empty { (visit.say("没有。", "None.")) } }
        @else { table.list {
            @for (group, line) in groups.iter().filter_map(|group| Some((group, group.first()?))).take(room) { tr {
                td.title { a href=(address(at, line)) { (super::title(visit, &line.matter)) } } td.unit { (units(visit, group)) }
                td.nowrap { @match ring(visit, line).filter(|_| letters) { Some(name) => { "▲ " (name) }, None => (stands(visit, line)) } }
                td.nowrap { @match due(visit, line) { Some(day) => { (day) " " (days(visit, day)) }, None => (touched(line)) } }
            } }
            @if left > 0 { tr { td colspan="4" { a href={ "/units/" (at.id) "/matters" (one.board) } {
                (visit.say("另有 ", "and ")) (left) (visit.say(" 项，见全部事项", " more on the board")) } } } }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_a_sheet_are_shared_and_never_more_than_fit() {
        assert_eq!(rooms([0, 2, 1, 0, 3]), [0, 2, 1, 0, 3]);
        assert_eq!(rooms([100, 2, 100, 0, 1]), [12, 2, 11, 0, 1]);
        assert_eq!(rooms([100; 5]).iter().sum::<usize>(), ROWS);
    }
}
