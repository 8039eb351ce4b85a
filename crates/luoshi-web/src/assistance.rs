//! Paired assistance (定点帮扶): pairs of a unit and a village with their projects, money and visits, as one ledger for a
//! subtree or for one pair. Pairs and projects are matters; visits are records.

use crate::form::{Complaints, Fields, Sent, one, operation, under};
use crate::matter::step;
use crate::record::{Filled, question};
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::civil::date;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::{Flow, Matter, Refusal, Unit, Verb, record as fields};
use luoshi_store::matter::{self, Filter, Line, Opening};
use luoshi_store::{Fault, Tx, record, unit};
use maud::{Markup, html};
use std::collections::{BTreeSet, HashMap};

/// The flow of pairs.
pub(crate) const FLOW: &str = "assistance";
/// The flow of their projects.
const PROJECT: &str = "assistance-project";
/// The kind of record of a visit.
const VISIT: &str = "assistance-visit";

type Asked = HashMap<String, String>;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/assistance", get(show).post(pair))
        .route("/units/{unit}/assistance/{id}", get(of_pair))
}

/// What a ledger is made of.
struct Found {
    pairs: Vec<Line>,
    projects: Vec<Line>,
    /// person-times by unit and village
    visits: HashMap<(i64, String), i64>,
}

async fn find(visit: &Visit, at: &Unit) -> Result<Found, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let today = visit.today;
    let read = move |tx: &Tx| {
        let of = |flow: &str| {
            let filter = Filter { flow: flow.to_owned(), most: 5_000, ..Filter::default() };
            matter::told(tx, &scope, matter::list(tx, &scope, &filter)?)
        };
        let (kind, first) = (VISIT.to_owned(), date(1949, 1, 1));
        let filter = record::Filter { kind, first, last: today, unit: 0, after: None, most: crate::export::MOST };
        let mut visits: HashMap<(i64, String), i64> = HashMap::new();
        for line in record::list(tx, &scope, &filter)? {
            let village = line.record.data["village"].as_str().unwrap_or_default().to_owned();
            *visits.entry((line.record.unit, village)).or_default() += line.record.data["people"].as_i64().unwrap_or(0);
        }
        Ok(Found { pairs: of(FLOW)?, projects: of(PROJECT)?, visits })
    };
    visit.app.read(read).await
}

fn flow(visit: &Visit) -> Result<&Flow, Trouble> {
    visit.rules.base.flow(FLOW).ok_or(Trouble::NotFound)
}

pub(crate) async fn show(visit: Visit, Place(id): Place<i64>, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    page(&visit, &at, &asked, &Filled { fields: &Fields::new(), complaints: &Complaints::default() }).await
}

async fn page(visit: &Visit, at: &Unit, asked: &Asked, filled: &Filled<'_>) -> Result<Response, Trouble> {
    let flow = flow(visit)?;
    let found = find(visit, at).await?;
    let title = visit.say("定点帮扶", "Paired assistance").to_owned();
    let table = table(visit, &title, &found);
    if let Some(out) = crate::export::list(asked, || table.clone())? {
        return Ok(out);
    }
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        (sums(visit, &found))
        @if found.pairs.is_empty() { p.empty { (visit.say("还没有结对。", "No pair yet.")) } }
        @else {
            p.actions.noprint { @for line in &found.pairs {
                a.button href={ "/units/" (line.matter.unit) "/matters/" (line.matter.id) } { (line.matter.title) } " " } }
            (crate::matter::grid(&table))
            (shell::formats(visit))
        }
        @if may_pair(visit, at, flow) { (pair_form(visit, at, flow, filled)) }
    };
    Ok(filled.complaints.answer(shell::page(&head, body)))
}

/// The ledger of one pair.
pub(crate) async fn of_pair(
    visit: Visit,
    Place((id, pair)): Place<(i64, i64)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    flow(&visit)?;
    let at = visit.unit(id, Verb::See).await?;
    let mut found = find(&visit, &at).await?;
    found.pairs.retain(|line| line.matter.id == pair);
    found.projects.retain(|line| line.matter.parent == pair);
    let Some(line) = found.pairs.first() else { return Err(Trouble::NotFound) };
    let title = format!("{} {}", line.matter.title, visit.say("帮扶台账", "Ledger"));
    let table = table(&visit, &title, &found);
    if let Some(out) = crate::export::list(&asked, || table.clone())? {
        return Ok(out);
    }
    let body = html! {
        p.noprint { a href={ "/units/" (at.id) "/matters/" (pair) } { "← " (line.matter.title) } }
        (sums(&visit, &found))
        (crate::matter::grid(&table))
        (shell::formats(&visit))
    };
    let head = Page { visit: &visit, title: title.clone(), unit: Some(&at), year: 0, dated: "", part: Part::FollowUp };
    Ok(shell::page(&head, body).into_response())
}

fn village(matter: &Matter) -> &str {
    matter.data["village"].as_str().unwrap_or_default()
}

/// Fen that a project was planned with, and that it spent.
fn money(project: &Matter) -> (i64, i64) {
    let spent = project.events.iter().filter(|event| event.step == "spent");
    let spent = spent.filter_map(|event| event.data["amount"].as_i64()).sum();
    (project.data["planned"].as_i64().unwrap_or(0), spent)
}

fn visited(found: &Found, pair: &Matter) -> i64 {
    found.visits.get(&(pair.unit, village(pair).to_owned())).copied().unwrap_or(0)
}

/// Villages once each, projects, money, visits.
fn sums(visit: &Visit, found: &Found) -> Markup {
    let villages: BTreeSet<(&str, &str)> = found
        .pairs
        .iter()
        .map(|line| (village(&line.matter), line.matter.data["place"].as_str().unwrap_or_default()))
        .collect();
    // a pair that was made anew has the visits of the one before: each unit and village counts once
    let once: BTreeSet<(i64, &str)> = found.pairs.iter().map(|one| (one.matter.unit, village(&one.matter))).collect();
    let times: i64 = once.iter().filter_map(|(unit, name)| found.visits.get(&(*unit, (*name).to_owned()))).sum();
    let dropped = |line: &&Line| line.matter.events.last().is_none_or(|event| event.step != "dropped");
    let (planned, spent) =
        found.projects.iter().map(|line| money(&line.matter)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    html! {
        p { (visit.say("结对村 ", "Villages ")) b { (villages.len()) }
            " · " (visit.say("项目 ", "projects ")) b { (found.projects.iter().filter(dropped).count()) } (visit.say(" 个", ""))
            " · " (visit.say("计划资金 ", "planned ")) b { (shell::yuan(planned)) } (visit.say(" 元", " yuan"))
            " · " (visit.say("已用 ", "spent ")) b { (shell::yuan(spent)) } (visit.say(" 元", " yuan"))
            " · " (visit.say("走访 ", "visits ")) b { (times) } (visit.say(" 人次", " person-times")) }
    }
}

fn table(visit: &Visit, title: &str, found: &Found) -> Table {
    let say = |zh: &'static str, en: &'static str| visit.say(zh, en);
    let mut table = Table::new(title)
        .column("unit", say("帮扶单位", "Unit"), Kind::Text)
        .column("village", say("帮扶村", "Village"), Kind::Text)
        .column("place", say("所在县乡", "County and township"), Kind::Text)
        .column("until", say("帮扶期至", "Until"), Kind::Date)
        .column("pair_state", say("结对进展", "Pair stands at"), Kind::Text)
        .column("visits", say("走访（人次）", "Visits, person-times"), Kind::Number)
        .column("project", say("项目", "Project"), Kind::Text)
        .column("about", say("类别", "About"), Kind::Text)
        .column("planned", say("计划资金（元）", "Planned, yuan"), Kind::Number)
        .column("spent", say("已用资金（元）", "Spent, yuan"), Kind::Number)
        .column("state", say("项目进展", "Project stands at"), Kind::Text)
        .column("outcome", say("成效", "Outcome"), Kind::Text)
        .key("id")
        .key("project_id")
        .key("unit_id");
    for line in &found.pairs {
        let below: Vec<&Line> = found.projects.iter().filter(|one| one.matter.parent == line.matter.id).collect();
        let keys = |project: Option<&&Line>| {
            let project = project.map_or(Cell::Empty, |line| Cell::Key(line.matter.id));
            vec![Cell::Key(line.matter.id), project, Cell::Key(line.matter.unit)]
        };
        let first = below.last();
        table.rows.push([of(visit, found, line), project(visit, first.copied()), keys(first)].concat());
        // visits belong to the pair: they stand once
        for one in below.iter().rev().skip(1) {
            let mut row = of(visit, found, line);
            row[5] = Cell::Empty;
            row.extend(project(visit, Some(one)).into_iter().chain(keys(Some(one))));
            table.rows.push(row);
        }
    }
    table.note = format!("{} {}", say("截至", "As of"), visit.today);
    table
}

/// The cells of a pair.
fn of(visit: &Visit, found: &Found, line: &Line) -> Vec<Cell> {
    let pair = &line.matter;
    let text = |key: &str| pair.data[key].as_str().unwrap_or_default().to_owned();
    vec![
        line.unit_name.as_str().into(),
        village(pair).into(),
        text("place").into(),
        Cell::Date(text("by")),
        crate::matter::state(visit, pair).into(),
        Cell::Number(visited(found, pair)),
    ]
}

/// The cells of a project, or as many empty ones.
fn project(visit: &Visit, line: Option<&Line>) -> Vec<Cell> {
    let Some(Line { matter, .. }) = line else { return vec![Cell::Empty; 6] };
    let first = visit.rules.base.flow(PROJECT).and_then(|flow| flow.step.first());
    let about = first.and_then(|step| step.field.iter().find(|field| field.id == "about"));
    let about = about.map_or_else(String::new, |field| step::answer(visit, field, &matter.data["about"]));
    let (planned, spent) = money(matter);
    let ended = matter.events.iter().rfind(|event| event.step == "done" || event.step == "dropped");
    let outcome = ended.map_or("", |event| event.data["outcome"].as_str().unwrap_or(&event.note));
    vec![
        matter.title.as_str().into(),
        about.into(),
        Cell::Money(planned),
        Cell::Money(spent),
        crate::matter::state(visit, matter).into(),
        outcome.into(),
    ]
}

// ---- pairing

/// Whether the visitor may pair units from here.
fn may_pair(visit: &Visit, at: &Unit, flow: &Flow) -> bool {
    let permit = visit.actor.permit(&visit.rules.base, Verb::Act, at).ok();
    permit.zip(flow.step.first()).is_some_and(|(permit, first)| first.by.iter().any(|post| permit.acts_as(post)))
}

fn pair_form(visit: &Visit, at: &Unit, flow: &Flow, filled: &Filled) -> Markup {
    let Some(first) = flow.step.first() else { return html! {} };
    let key = format!("{}-unit", first.id);
    html! {
        details.card open[!filled.complaints.is_empty()] {
            summary { b { "＋ " (visit.of(&first.button)) } }
            form.stack method="post" action={ "/units/" (at.id) "/assistance" } {
                (shell::hidden(visit))
                (shell::field(visit.lang, &key, visit.say("帮扶单位（不填为本组织）", "Unit that helps (empty: the one itself)"), "", filled.complaints,
                    html! { input id=(key) name=(key) value=(one(filled.fields, &key)) maxlength="100"; }))
                @for field in &first.field { (question::ask(visit, &step::own(first, field), filled)) }
                button.main { (visit.of(&first.button)) }
            }
        }
    }
}

pub(crate) async fn pair(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Act).await?;
    let flow = flow(visit)?;
    match try_pair(&sent, &at, flow).await {
        Err(Trouble::Refused(refusal)) => {
            let prefix = flow.step.first().map_or(String::new(), |step| format!("{}-", step.id));
            let complaints = Complaints::new(vec![under(&prefix, refusal)]);
            page(visit, &at, &Asked::new(), &Filled { fields: &sent.fields, complaints: &complaints }).await
        }
        done => done,
    }
}

async fn try_pair(sent: &Sent, at: &Unit, flow: &Flow) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    if !may_pair(visit, at, flow) {
        return Err(Trouble::NotFound);
    }
    let first = flow.step.first().ok_or(Trouble::NotFound)?;
    let typed = step::typed(first, &sent.fields);
    let data =
        fields::read(&first.field, &typed).map_err(|all| all.into_iter().next().unwrap_or(Refusal::NotAllowed))?;
    let owner = match one(&typed, "unit") {
        "" => at.id,
        name => crate::matter::unit_named(visit, at, name, "unit").await?,
    };
    let (rules, at, name) = (visit.rules.clone(), at.clone(), data["village"].as_str().unwrap_or_default().to_owned());
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let (permit, addressee) = (actor.permit(&rules.base, Verb::Act, &at)?, unit::find(tx, owner)?);
        if !at.path.contains(&addressee.path) {
            let zh = "帮扶单位须是本组织或其下级组织";
            return Err(Refusal::field("unit", zh, "the unit must be this one or one below it").into());
        }
        let flow = rules.base.flow(FLOW).ok_or(Fault::NotFound)?;
        let title = format!("{} · {name}", addressee.short_name);
        let (data, note) = (data.clone(), String::new());
        let opening = Opening { flow, addressee: &addressee, subject: name.clone(), title, data, note };
        let id = matter::open(tx, &permit, &opening).map_err(|fault| match fault {
            Fault::Conflict => {
                Refusal::field("village", "这家单位已与该村结对", "this unit is paired with that village").into()
            }
            other => other,
        })?;
        Ok(format!("/units/{}/matters/{id}", at.id))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}
