//! The matrix: units × clauses, one sign a cell. A cell opens the duty with its periods.

mod lines;

use crate::matter::remindable;
use crate::obligation::{self, Ledger, as_known, keep, ledger, pick_rows};
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::civil::Date;
use luoshi_rules::pack::Named;
use luoshi_rules::{Clause, Obligation, Status, Unit, Verb};
use maud::{Markup, PreEscaped, html};
use std::collections::HashMap;
use std::fmt::Write;

pub fn routes() -> Routes {
    Routes::new().route("/units/{unit}/{year}/matrix", get(show))
}

/// What the address says for duties of a unit itself and not of a post.
const UNIT_ITSELF: &str = "unit";

/// What of the matrix is wanted, from the address.
pub(crate) struct Filter<'q> {
    section: &'q str,
    status: &'q str,
    level: &'q str,
    class: &'q str,
    post: &'q str,
    clause: &'q str,
    own: bool,
}

impl<'q> Filter<'q> {
    pub fn read(asked: &'q HashMap<String, String>) -> Filter<'q> {
        let get = |key: &str| asked.get(key).map_or("", String::as_str);
        Filter {
            section: get("section"),
            status: get("status"),
            level: get("level"),
            class: get("class"),
            post: get("post"),
            clause: get("clause"),
            own: !get("own").is_empty(),
        }
    }

    /// The same as the question of an address, with other pairs in the place of its status and whose it is.
    fn with(&self, others: &[(&str, &str)]) -> String {
        let rest = self.fields().into_iter().filter(|(key, _)| !["status", "own"].contains(key));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(rest.chain(others.iter().copied())).finish()
    }

    fn admits(&self, at: &Unit, unit: &Unit, clause: &Clause) -> bool {
        let fits = |asked: &str, value: &str| asked.is_empty() || asked == value;
        fits(self.section, &clause.section)
            && fits(self.level, &unit.level)
            && fits(self.class, &unit.class)
            && fits(self.post, clause.post.as_deref().unwrap_or(UNIT_ITSELF))
            && fits(self.clause, &clause.id)
            && (!self.own || unit.id == at.id)
    }

    /// Whether an obligation matches, with its status.
    pub fn wants(&self, visit: &Visit, at: &Unit, one: &Obligation) -> bool {
        self.admits(at, one.unit, one.clause)
            && (self.status.is_empty() || shell::status(visit.lang, one.status).2 == self.status)
    }

    /// What it asks for, as fields of a form.
    fn fields(&self) -> Vec<(&'static str, &str)> {
        let own = if self.own { "1" } else { "" };
        let all = [
            ("section", self.section),
            ("status", self.status),
            ("level", self.level),
            ("class", self.class),
            ("post", self.post),
            ("clause", self.clause),
            ("own", own),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}

async fn show(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let ledger = ledger(&visit, &at, year, as_known(&visit, &asked)?).await?;
    let filter = Filter::read(&asked);
    let owed: Vec<_> = ledger.owed().iter().filter(|one| filter.wants(&visit, &at, one)).collect();
    if asked.contains_key("as") {
        return obligation::export(&visit, &asked, &at, &owed, &ledger).await;
    }
    let title = visit.say("责任清单", "Duties").to_owned();
    let page = Page { visit: &visit, title, unit: Some(&at), year, dated: "/matrix", part: Part::Matrix };
    let body = html! {
        @if !visit.rules.campaigns().is_empty() {
            p.actions { a.button href={ "/units/" (at.id) "/campaigns" } { (visit.say("专项活动", "Campaigns")) } }
        }
        (filters(&visit, &filter, ledger.known_on()))
        (obligation::note(&visit, ledger.known_on()))
        @if filter.status.is_empty() { (grid(&visit, (&at, &ledger), &owed, Some(&filter))) } @else { (listed(&visit, &ledger, owed, (&at, &filter))) }
        (shell::formats(&visit))
        (shell::legend(visit.lang))
    };
    Ok(shell::page(&page, body).into_response())
}

/// What has one status, as rows one may tick.
fn listed(visit: &Visit, ledger: &Ledger, mut owed: Vec<&Obligation>, (at, filter): (&Unit, &Filter)) -> Markup {
    owed.sort_by(|a, b| (a.due, &a.unit.path).cmp(&(b.due, &b.unit.path)));
    let total = owed.len();
    let all = owed.iter().filter(|one| remindable(visit, at.id, one)).count();
    owed.truncate(500);
    let fields = filter.fields();
    html! {
        p { (visit.say("共 ", "In all ")) b { (total) } (visit.say(" 项", "")) @if total > 500 { (visit.say("，先列前 500 项，全部请导出", "; the first 500, export for all")) } }
        (pick_rows(visit, ledger, &owed, (at, Some((all, &fields)))))
    }
}

fn filters(visit: &Visit, filter: &Filter, known: Option<Date>) -> Markup {
    let base = &visit.rules.base;
    let sections = visit.rules.editions.iter().filter(|e| e.in_force(visit.today)).flat_map(|e| &e.pack.section);
    let sections: Vec<&Named> = sections.collect();
    let levels: Vec<Named> =
        base.level.iter().map(|level| Named { id: level.id.clone(), name: level.name.clone() }).collect();
    let statuses = Status::ALL.map(|one| shell::status(visit.lang, one));
    let choose = |key: &str, name: &str, at: &str, options: Vec<(&str, &str)>| {
        html! {
            label { (name) " "
                select name=(key) {
                    option value="" { (visit.say("全部", "All")) }
                    @for (id, name) in options { option value=(id) selected[id == at] { (name) } }
                }
            }
        }
    };
    html! {
        form.filters method="get" {
            (choose("section", visit.say("栏目", "Section"), filter.section, sections.iter().map(|s| (s.id.as_str(), visit.of(&s.name))).collect()))
            (choose("status", visit.say("状态", "Status"), filter.status, statuses.iter().map(|(_, words, class)| (*class, *words)).collect()))
            (choose("level", visit.say("级别", "Level"), filter.level, levels.iter().map(|s| (s.id.as_str(), visit.of(&s.name))).collect()))
            (choose("class", visit.say("类别", "Class"), filter.class, base.class.iter().map(|s| (s.id.as_str(), visit.of(&s.name))).collect()))
            (choose("post", visit.say("岗位", "Post"), filter.post, posts(visit)))
            label { input type="checkbox" name="own" value="1" checked[filter.own]; (visit.say(" 只看本级", " this unit only")) }
            label { (visit.say("截至日所知 ", "As known on "))
                input type="date" name="known" max=(visit.today) value=[known]; }
            button { (visit.say("筛选", "Filter")) }
        }
    }
}

/// Posts that owe something under the lists in force, and the unit itself.
fn posts(visit: &Visit) -> Vec<(&str, &str)> {
    let owe = |post: &&luoshi_rules::pack::Post| {
        visit.rules.in_force(visit.today).any(|clause| clause.post.as_deref() == Some(&post.id))
    };
    let posts = visit.rules.base.post.iter().filter(owe).map(|post| (post.id.as_str(), visit.of(&post.name)));
    [(UNIT_ITSELF, visit.say("组织本身", "The unit itself"))].into_iter().chain(posts).collect()
}

/// The worst status of the periods that have begun stands for the cell; the best of those ahead where none has.
fn rank(status: Status) -> u8 {
    match status {
        Status::Overdue => 0,
        Status::Awaiting => 1,
        Status::Open => 2,
        Status::Late => 3,
        Status::Met => 4,
        Status::Ahead => 5,
        Status::Waived => 6,
    }
}

/// Units × clauses; of very many units, lines. With a filter the numbers of lines open.
pub(crate) fn grid(
    visit: &Visit,
    (at, ledger): (&Unit, &Ledger),
    owed: &[&Obligation],
    filter: Option<&Filter>,
) -> Markup {
    if ledger.is_wide() && filter.is_none_or(|filter| !filter.own) {
        return lines::lines(visit, (at, ledger), owed, filter);
    }
    let known = ledger.known_on();
    let clauses = columns(visit, owed);
    let places: HashMap<&str, usize> = clauses.iter().enumerate().map(|(at, one)| (one.id.as_str(), at)).collect();
    html! {
        @if owed.is_empty() && filter.is_some_and(|filter| !filter.fields().is_empty()) {
            p.empty { (visit.say("没有符合筛选条件的职责，请放宽条件。", "No duty matches the filter; ask for less.")) }
        } @else if owed.is_empty() {
            p.empty { (visit.say("没有适用的条款。请先在“设置 → 清单”中让一份责任清单生效。", "No clause binds here. Put a list in force under “Settings → Lists” first.")) }
        } @else {
            div.matrix tabindex="0" { table data-matrix tabindex="-1" data-close=(visit.say("关闭", "Close")) {
                (head(visit, &format!("/units/{}/{}", at.id, ledger.year()), &clauses, known))
                tbody { (PreEscaped(cells((visit, known), owed, &places, clauses.len()))) }
            } }
        }
    }
}

/// The clauses that somebody in view owes, in the order of the list.
fn columns<'a>(visit: &'a Visit, owed: &[&Obligation<'a>]) -> Vec<&'a Clause> {
    let mut seen: HashMap<&str, &Clause> = HashMap::new();
    for one in owed {
        seen.insert(&one.clause.id, one.clause);
    }
    let order: HashMap<&str, usize> = visit
        .rules
        .editions
        .iter()
        .flat_map(|edition| &edition.pack.clause)
        .enumerate()
        .map(|(at, clause)| (clause.id.as_str(), at))
        .collect();
    let mut clauses: Vec<&Clause> = seen.into_values().collect();
    clauses.sort_by_key(|clause| order.get(clause.id.as_str()));
    clauses
}

fn head(visit: &Visit, base: &str, clauses: &[&Clause], known: Option<Date>) -> Markup {
    let names: Vec<&Named> = visit.rules.editions.iter().flat_map(|edition| &edition.pack.section).collect();
    let mut sections: Vec<(&str, usize)> = Vec::new();
    for clause in clauses {
        match sections.last_mut() {
            Some((id, n)) if *id == clause.section => *n += 1,
            _ => sections.push((&clause.section, 1)),
        }
    }
    let name = |id: &str| names.iter().find(|one| one.id == id).map_or("", |one| visit.of(&one.name));
    html! {
        thead {
            tr { th.unit rowspan="2" { (visit.say("组织", "Unit")) }
                @for (id, n) in &sections { th colspan=(n) { (name(id)) } } }
            tr { @for clause in clauses { th title=(visit.of(&clause.text)) { a href={ (base) "/clauses/" (clause.id) (keep(known, '?')) } { (clause.id) } } } }
        }
    }
}

/// The rows, written by hand: thirty thousand cells must stay small.
fn cells(
    (visit, known): (&Visit, Option<Date>),
    owed: &[&Obligation],
    places: &HashMap<&str, usize>,
    width: usize,
) -> String {
    let mut out = String::with_capacity(owed.len() * 24);
    let mut at = 0;
    while let Some(first) = owed.get(at) {
        let end = owed[at..].iter().position(|one| one.unit.id != first.unit.id).map_or(owed.len(), |n| at + n);
        let mut row: Vec<Option<(Status, &Obligation)>> = vec![None; width];
        for one in &owed[at..end] {
            if let Some(cell) = places.get(one.clause.id.as_str()).and_then(|place| row.get_mut(*place))
                && cell.is_none_or(|(worst, _)| rank(one.status) < rank(worst))
            {
                *cell = Some((one.status, one));
            }
        }
        unit_row((visit, known), first, &row, &mut out);
        at = end;
    }
    out
}

fn unit_row(
    (visit, known): (&Visit, Option<Date>),
    first: &Obligation,
    row: &[Option<(Status, &Obligation)>],
    out: &mut String,
) {
    let (unit, opens) = (first.unit, visit.may(Verb::See, first.unit));
    let name = html! { (unit.short_name) }.into_string();
    let depth = unit.path_on(first.stands_on().min(known.unwrap_or(visit.today))).depth();
    let _ = match opens {
        true => write!(out, "<tr><th class=\"unit d{depth}\"><a href=\"/units/{}\">{name}</a></th>", unit.id),
        false => {
            let why = obligation::moved(visit);
            write!(out, "<tr><th class=\"unit d{depth}\"><span class=moved title=\"{why}\">{name}</span></th>")
        }
    };
    for cell in row {
        let Some((status, one)) = cell else {
            out.push_str("<td></td>");
            continue;
        };
        let (sign, _, class) = shell::status(visit.lang, *status);
        let _ = match opens {
            true => write!(out, "<td class={class}><a href=\"{}\">{sign}</a></td>", obligation::address(one, known)),
            false => write!(out, "<td class={class}>{sign}</td>"),
        };
    }
    out.push_str("</tr>");
}
