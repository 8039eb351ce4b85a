//! Posts and terms of a unit: who holds what, appointing and relieving, when an election is due.

use crate::form::{Complaints, Fields, Sent, day, one, operation, under};
use crate::obligation;
use crate::person::forms::{days, text};
use crate::person::one::post_name;
use crate::record::Filled;
use crate::routes::Routes;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::ToSpan;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::pack::Post;
use luoshi_rules::{Permit, Refusal, Unit, Verb};
use luoshi_store::{Fault, Tx, holding, person, term};
use maud::{Markup, html};
use std::collections::HashMap;

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/posts", get(show).post(appoint))
        .route("/units/{unit}/posts/ends", post(end))
        .route("/units/{unit}/terms", post(set_term))
        .route("/units/{unit}/terms/extensions", post(extend_term))
}

type Asked = HashMap<String, String>;

pub(crate) async fn show(visit: Visit, Place(id): Place<i64>, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::People).await?;
    if asked.contains_key("as") {
        let scope = visit.actor.scope(&visit.rules.base, Verb::People, &at)?;
        let posts = visit.app.read(move |tx| holding::of_unit(tx, &scope, id)).await?;
        return crate::export::list(&asked, || table(&visit, &at, &posts))?.ok_or(Trouble::NotFound);
    }
    let fields: Fields = asked.into_iter().map(|(key, value)| (key, vec![value])).collect();
    let filled = Filled { fields: &fields, complaints: &Complaints::default() };
    Ok(page(&visit, &at, &filled).await?.into_response())
}

/// Who holds and held which post, as rows that can be taken away.
pub(crate) fn table(visit: &Visit, at: &Unit, posts: &[holding::Line]) -> Table {
    let mut table = Table::new(format!("{} {}", at.short_name, visit.say("任职台账", "Ledger of posts")))
        .column("unit", visit.say("组织", "Unit"), Kind::Text)
        .column("post", visit.say("岗位", "Post"), Kind::Text)
        .column("name", visit.say("姓名", "Name"), Kind::Text)
        .column("from", visit.say("任职日期", "From"), Kind::Date)
        .column("until", visit.say("免职日期", "Until"), Kind::Date)
        .column("how", visit.say("产生方式或批复文号", "Elected or appointed, approval paper"), Kind::Text);
    let cells = |line: &holding::Line| {
        vec![
            line.unit_name.as_str().into(),
            post_name(visit, &line.post).into(),
            line.name.as_str().into(),
            Cell::Date(line.from.to_string()),
            line.until.map_or(Cell::Empty, |day| Cell::Date(day.to_string())),
            line.how.as_str().into(),
        ]
    };
    table.rows = posts.iter().map(cells).collect();
    table
}

async fn page(visit: &Visit, at: &Unit, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, at)?;
    let unit = at.id;
    let read = move |tx: &Tx| {
        Ok((holding::of_unit(tx, &scope, unit)?, term::of_unit(tx, &scope, unit)?, person::names(tx, &scope, unit)?))
    };
    let (posts, terms, people) = visit.app.read(read).await?;
    let head = Page {
        visit,
        title: visit.say("任职和任期", "Posts and terms").to_owned(),
        unit: Some(at),
        year: 0,
        dated: "",
        part: Part::People,
    };
    let roll = visit.may(Verb::Roll, at) && at.dissolved.is_none();
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        (holders(visit, at, &posts, roll))
        (shell::formats(visit))
        @if roll { (appoint_form(visit, at, &people, filled)) }
        h2 { (visit.say("任期", "Terms of office")) }
        (terms_table(visit, &terms))
        @if roll { (term_forms(visit, at, &terms, filled)) }
    };
    Ok(shell::page(&head, body))
}

fn holders(visit: &Visit, at: &Unit, posts: &[holding::Line], roll: bool) -> Markup {
    html! {
        @if posts.is_empty() { p.empty { (visit.say("还没有任职登记。", "No post is entered yet.")) } }
        table.list {
            @for line in posts { tr {
                td { (post_name(visit, &line.post)) }
                td { a href={ "/people/" (line.person) } { (line.name) } }
                td.nowrap { (line.from) " – " @if let Some(day) = line.until { (day) } @else { (visit.say("至今", "today")) } }
                td { (line.how) }
                td { @if roll && line.until.is_none() {
                    form.inline method="post" action={ "/units/" (at.id) "/posts/ends" } {
                        (shell::hidden(visit))
                        input type="hidden" name="post" value=(line.post);
                        input type="hidden" name="person" value=(line.person);
                        input type="date" name="on" value=(visit.today) required aria-label=(visit.say("免职日期", "Last day"));
                        button { (visit.say("免去", "Relieve")) }
                    }
                    a href={ "/units/" (at.id) "/handovers/new?post=" (line.post) "&giver=" (line.person) } { (visit.say("办理交接", "Hand over")) }
                } }
            } }
        }
    }
}

/// Posts of the unit's level to which the visitor may appoint.
fn open_to<'a>(visit: &'a Visit, at: &Unit) -> Vec<&'a Post> {
    let fits = |post: &&Post| post.id != "member" && (post.level.is_empty() || post.level.contains(&at.level));
    let given = |post: &&Post| visit.actor.may_appoint(&visit.rules.base, &post.id, &at.path);
    visit.rules.base.post.iter().filter(fits).filter(given).collect()
}

fn appoint_form(
    visit: &Visit,
    at: &Unit,
    people: &[(i64, String, luoshi_rules::person::Standing)],
    filled: &Filled,
) -> Markup {
    html! {
        h2 { (visit.say("任职", "Appoint")) }
        form.stack method="post" action={ "/units/" (at.id) "/posts" } {
            (shell::hidden(visit))
            (field(visit.lang, "post", visit.say("岗位", "Post"), "", filled.complaints, html! {
                select #post name="post" { @for post in open_to(visit, at) {
                    option value=(post.id) selected[post.id == one(filled.fields, "post")] { (visit.of(&post.name)) } } }
            }))
            (field(visit.lang, "person", visit.say("人员", "Person"),
                visit.say("填姓名；本组织以外的也可填，重名时填人员页面地址中的数字。",
                    "A name, of this unit or another; where names are alike, the number in the address of the person's page."),
                filled.complaints, html! {
                input #person name="person" list="people" value=(one(filled.fields, "person")) required autocomplete="off";
                datalist #people { @for (_, name, _) in people { option value=(name) {} } }
            }))
            (days(visit, filled, "from", ("任职日期", "From"), true))
            (days(visit, filled, "until", ("免职日期（选填，补录过去任职时填）", "Until (optional, for a post in the past)"), false))
            (text(visit, filled, "how", ("产生方式或批复文号（选填）", "Elected or appointed, approval paper (optional)"), ""))
            button.main { (visit.say("登记任职", "Appoint")) }
        }
    }
}

fn terms_table(visit: &Visit, terms: &[term::Line]) -> Markup {
    html! {
        @if terms.is_empty() { p.empty { (visit.say("还没有登记任期。登记后，届满前会提醒换届。", "No term is entered. Once it is, elections are reminded of.")) } }
        table.list { @for (n, term) in terms.iter().enumerate() { tr {
            td.nowrap { (term.from) " – " (term.until) }
            td { @if let Some(day) = term.extended { (visit.say("延期至 ", "extended to ")) (day) (visit.mark("：")) (term.why) } }
            td { @if n == 0 { (obligation::days(visit, term.due())) } }
        } } }
    }
}

fn term_forms(visit: &Visit, at: &Unit, terms: &[term::Line], filled: &Filled) -> Markup {
    let years = visit.rules.base.level(&at.level).and_then(|level| level.term);
    let begin = terms.first().map_or(visit.today, term::Line::due);
    let end = years.map(|years| begin.saturating_add(i32::from(years).years()).to_string()).unwrap_or_default();
    let value = |key: &str, fresh: String| match one(filled.fields, key) {
        "" => fresh,
        typed => typed.to_owned(),
    };
    let known = [("term-from", begin.to_string()), ("term-until", end)];
    let mut fields: Fields = known.map(|(key, fresh)| (key.to_owned(), vec![value(key, fresh)])).into();
    fields.extend(
        filled.fields.iter().filter(|(key, _)| key.starts_with("extend-")).map(|(k, v)| (k.clone(), v.clone())),
    );
    let shown = Filled { fields: &fields, complaints: filled.complaints };
    html! {
        form.stack method="post" action={ "/units/" (at.id) "/terms" } {
            (shell::hidden(visit))
            (days(visit, &shown, "term-from", ("新一届任期自", "A new term from"), true))
            (days(visit, &shown, "term-until", ("届满日期", "to"), true))
            button { (visit.say("登记任期", "Enter the term")) }
        }
        @if !terms.is_empty() {
            form.stack method="post" action={ "/units/" (at.id) "/terms/extensions" } {
                (shell::hidden(visit))
                (days(visit, &shown, "extend-until", ("本届延期至（不超过1年）", "Extend this term to (a year at most)"), true))
                (text(visit, &shown, "extend-why", ("延期理由和批准情况", "Why, and who approved"), ""))
                button { (visit.say("延期", "Extend")) }
            }
        }
    }
}

// ---- what may be changed

/// Does something to the posts or terms of a unit and shows its page again, as filled where it was refused.
async fn act(
    sent: &Sent,
    (id, form): (i64, &str),
    work: Result<impl Fn(&Tx, &Permit) -> Result<(), Fault> + Send + 'static, Refusal>,
) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Roll).await?;
    let (rules, place) = (visit.rules.clone(), at.clone());
    let outcome = match work {
        Err(refusal) => Err(refusal.into()),
        Ok(work) => {
            let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
                work(tx, &actor.permit(&rules.base, Verb::Roll, &place)?)?;
                Ok(format!("/units/{id}/posts"))
            };
            visit.act(operation(&sent.fields), work).await
        }
    };
    match outcome {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![under(form, refusal)]);
            let page = page(visit, &at, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
        other => Ok(other?.into_response()),
    }
}

/// The person a form names, by number or by name; those on the roll of `home` first.
pub(crate) async fn person_named(visit: &Visit, home: &Unit, typed: &str, key: &str) -> Result<i64, Trouble> {
    if let Ok(id) = typed.parse() {
        return Ok(id);
    }
    let (top, unit, names) = (home.top, home.id, vec![typed.to_owned()]);
    let found = visit.app.read(move |tx| person::named(tx, top, unit, &names)).await?;
    found.first().copied().flatten().ok_or_else(|| {
        let zh = "没有找到这个人，或有重名：请核对姓名，重名时填人员页面地址中的数字";
        Refusal::field(key, zh, "nobody has this name, or several have: check it, or give the number").into()
    })
}

pub(crate) async fn appoint(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Roll).await?;
    let read = async || {
        let post = open_to(visit, &at).into_iter().find(|post| post.id == one(&sent.fields, "post")).cloned();
        let post = post.ok_or_else(|| Refusal::field("post", "请选择岗位", "please choose a post"))?;
        let person = person_named(visit, &at, one(&sent.fields, "person"), "person").await?;
        if visit.rules.base.grants(&post.id, Verb::Aid, true) && person == visit.actor.person {
            let zh = "不能任命自己经办互助金，请由其他人任命";
            return Err(Refusal::field("person", zh, "nobody makes themselves a handler of mutual aid").into());
        }
        let until = if one(&sent.fields, "until").is_empty() { None } else { Some(day(&sent.fields, "until")?) };
        Ok::<_, Trouble>((post, person, day(&sent.fields, "from")?, until))
    };
    let how: String = one(&sent.fields, "how").chars().take(200).collect();
    let work = match read().await {
        Err(Trouble::Refused(refusal)) => Err(refusal),
        Err(other) => return Err(other),
        Ok((post, person, from, until)) => Ok(move |tx: &Tx, permit: &Permit| match until {
            None => holding::appoint(tx, permit, &post, person, from, &how),
            Some(until) => holding::recall(tx, permit, (&post, person), (from, until), &how),
        }),
    };
    act(&sent, (id, ""), work).await
}

pub(crate) async fn end(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let post = one(&sent.fields, "post").to_owned();
    let person = one(&sent.fields, "person").parse().unwrap_or(0);
    let work =
        day(&sent.fields, "on").map(|on| move |tx: &Tx, permit: &Permit| holding::end(tx, permit, &post, person, on));
    act(&sent, (id, "end-"), work).await
}

pub(crate) async fn set_term(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let days = || Ok((day(&sent.fields, "term-from")?, day(&sent.fields, "term-until")?));
    let work = days().map(|(from, until)| move |tx: &Tx, permit: &Permit| term::set(tx, permit, from, until));
    act(&sent, (id, "term-"), work).await
}

pub(crate) async fn extend_term(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let why: String = one(&sent.fields, "extend-why").chars().take(500).collect();
    let work = day(&sent.fields, "extend-until")
        .map(|until| move |tx: &Tx, permit: &Permit| term::extend(tx, permit, until, &why));
    act(&sent, (id, "extend-"), work).await
}
