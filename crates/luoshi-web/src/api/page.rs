//! What pages do and show, for programs: the very handlers of the pages, with a form's fields as JSON and a list as its
//! rows. What a program may do is so what its owner may do on the page, told in the same words.

use super::act::{Done, Left, file as file_sent, keep_left, kept_left, left, sent};
use super::problem::Problem;
use super::shape::object;
use crate::app::App;
use crate::export::Keys;
use crate::form::{Complaints, Fields, Refused, Sent, one, operation};
use crate::trouble::{Told, Trouble};
use crate::visit::Visit;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use luoshi_office::Kind;
use luoshi_rules::{Actor, Refusal};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// The field in which the key of the act stands.
const OPERATION: &str = "operation";
/// Bytes a list may have.
const LARGEST: usize = 200_000_000;

/// A field of a form, or a question that may be put to a list.
#[derive(Clone, Copy)]
pub(super) struct Field {
    key: &'static str,
    /// Chinese · English
    words: &'static str,
    must: bool,
    many: bool,
    /// how the name of the field begins on a page that has several forms: `{id}` stands for the last number of the
    /// address, `{to}` for the field of that name, `{first}` for the first step of the flow named by the field `flow`,
    /// `{step}` for the step in the field of that name, which stands there after its flow, `{order}` for the first step
    /// of an order, `{turn}` for the field of that name
    before: &'static str,
}

/// The key under which all fields stand that are not named.
const REST: &str = "*";

/// A field that must be there.
pub(super) const fn must(key: &'static str, words: &'static str) -> Field {
    Field { key, words, must: true, many: false, before: "" }
}

/// A field that may be left out.
pub(super) const fn may(key: &'static str, words: &'static str) -> Field {
    Field { must: false, ..must(key, words) }
}

/// A field that may have several values, or none.
pub(super) const fn many(key: &'static str, words: &'static str) -> Field {
    Field { many: true, ..may(key, words) }
}

/// Fields that the pack names, such as those of a step, under their own keys.
pub(super) const fn rest(words: &'static str) -> Field {
    may(REST, words)
}

/// No field, but what names of fields begin with when a page of several forms says what is wrong with one.
pub(super) const fn told_under(before: &'static str) -> Field {
    may("", "").after(before)
}

impl Field {
    /// The same field, with what its name begins with on the page.
    pub const fn after(self, before: &'static str) -> Field {
        Field { before, ..self }
    }

    /// What its name begins with in this request.
    fn begins(&self, path: &str, sent: &Sent) -> String {
        let id = path.rsplit('/').find(|part| part.parse::<i64>().is_ok()).unwrap_or_default();
        let given = |key: &str| one(&sent.fields, key);
        let base = &sent.visit.rules.base;
        let first = |flow: &str| base.flow(flow).and_then(|flow| flow.step.first()).map_or("", |step| &step.id);
        let step = given("step").rsplit('.').next().unwrap_or_default();
        let before = self.before.replace("{id}", id).replace("{to}", given("to")).replace("{turn}", given("turn"));
        before.replace("{first}", first(given("flow"))).replace("{order}", first("order")).replace("{step}", step)
    }
}

/// A column of a list: its key, what its cells are, what it is in Chinese · English. A key that ends in `?` is that of a
/// column which not every such list has, or of a key which not every row has.
pub(super) type Column = (&'static str, Kind, &'static str);

/// The key of a column, and whether it is always there.
fn named((key, ..): &Column) -> (&'static str, bool) {
    key.strip_suffix('?').map_or((key, true), |key| (key, false))
}

/// Whether a list has these columns: all of them but those that may be wanting, in their order.
fn has(columns: &[Column], keys: &[&str]) -> bool {
    let mut left = keys.iter();
    let mut next = left.next();
    for (key, must) in columns.iter().map(named) {
        match next {
            Some(found) if *found == key => next = left.next(),
            _ if must => return false,
            _ => {}
        }
    }
    next.is_none()
}

/// The shape of a form.
pub(super) fn fields(fields: &[Field]) -> Json {
    let text = |field: &Field| match field.many {
        true => json!({ "type": "array", "items": { "type": "string" }, "description": field.words }),
        false => json!({ "type": "string", "description": field.words }),
    };
    let must: Vec<&str> = fields.iter().filter(|field| field.must).map(|field| field.key).collect();
    let named = fields.iter().filter(|field| !["", REST].contains(&field.key));
    let properties: Map<String, Json> = named.map(|field| (field.key.to_owned(), text(field))).collect();
    let rest = fields.iter().find(|field| field.key == REST);
    let rest = rest.map_or(json!(false), |field| json!({ "description": field.words }));
    json!({ "type": "object", "required": must, "properties": properties, "additionalProperties": rest })
}

/// The shape of a list of these columns.
pub(super) fn rows(columns: &[Column]) -> Json {
    let kind = |kind: Kind| match kind {
        // what a row belongs to may be nothing yet
        Kind::Key => json!({ "type": ["string", "null"], "pattern": "^[0-9]+$" }),
        Kind::Number => json!({ "type": ["number", "string", "null"] }),
        Kind::Text | Kind::Date => json!({ "type": ["string", "null"] }),
    };
    let one = |column: &Column| (named(column), column.1, column.2);
    let shown = columns.iter().map(one).map(|((key, must), sort, words)| (key, kind(sort), words, must));
    let row = object(shown.collect());
    object(vec![("items", json!({ "type": "array", "items": row }), "各行 · the rows", true)])
}

/// A form of a page: its fields as JSON, done once for each key; or, where it may take a file, a body of another sort.
pub(super) fn form<H: Handler<T, App>, T: 'static>(
    page: H,
    fields: Vec<Field>,
    file: Option<&'static str>,
) -> MethodRouter<App> {
    let fields: Arc<[Field]> = fields.into();
    post(move |State(app): State<App>, request: Request| {
        let (page, fields) = (page.clone(), fields.clone());
        async move {
            let (mut parts, body) = request.into_parts();
            let sent = match file.filter(|_| is_file(&parts.headers)) {
                Some(field) => file_sent(&mut parts, body, &app, field).await,
                None => sent(&mut parts, body, &app).await,
            };
            acted(page, (sent, parts), &fields, app).await
        }
    })
}

/// A form of a page that takes a file: the body is the file. On the page, what is wrong with it is told under a field
/// whose name begins so.
pub(super) fn upload<H: Handler<T, App>, T: 'static>(page: H, before: &'static str) -> MethodRouter<App> {
    post(move |State(app): State<App>, request: Request| {
        let page = page.clone();
        async move {
            let (mut parts, body) = request.into_parts();
            let sent = file_sent(&mut parts, body, &app, "file").await;
            acted(page, (sent, parts), &[told_under(before)], app).await
        }
    })
}

/// Whether a body is a file: `application/octet-stream`, a picture, a document.
fn is_file(heads: &HeaderMap) -> bool {
    let sort = heads.get(CONTENT_TYPE).and_then(|sort| sort.to_str().ok()).unwrap_or_default();
    let sort = sort.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    !["", "application/json", "application/x-www-form-urlencoded"].contains(&sort.as_str())
}

/// What a page did with what a program sent.
async fn acted<H: Handler<T, App>, T: 'static>(
    page: H,
    (sent, mut parts): (Result<Sent, Problem>, Parts),
    fields: &[Field],
    app: App,
) -> Response {
    let fresh = match sent {
        Ok(sent) => fresh(sent, &app).await,
        Err(problem) => Err(problem),
    };
    match fresh {
        Ok(Fresh::Done(address, None)) => axum::Json(Done::at(address)).into_response(),
        Ok(Fresh::Done(address, Some(left))) => axum::Json(Done::in_part(address, left)).into_response(),
        Ok(Fresh::Sent(mut sent)) => match unknown(&sent.fields, fields) {
            Some(refusal) => Problem::all(vec![refusal]).into_response(),
            None => {
                let before = rename(&mut sent, parts.uri.path(), fields);
                let (visit, key) = (sent.visit.clone(), operation(&sent.fields));
                parts.extensions.insert::<Sent>(*sent);
                let answer = page.call(Request::from_parts(parts, Body::empty()), app).await;
                done(answer, &before, (&visit, key)).await
            }
        },
        Err(problem) => problem.into_response(),
    }
}

/// What a program sent, or what came of it if it was done before.
enum Fresh {
    Sent(Box<Sent>),
    /// where it led, and what was left of many
    Done(String, Option<Vec<Left>>),
}

/// What was done already is not looked over again: a page might refuse it because it was done.
async fn fresh(sent: Sent, app: &App) -> Result<Fresh, Problem> {
    let key = operation(&sent.fields);
    let actor = Actor { operation: key, ..sent.visit.actor.clone() };
    match app.read(move |tx| luoshi_store::operation::outcome(tx, &actor)).await? {
        Some(address) => Ok(Fresh::Done(address, kept_left(&sent.visit, key).await?)),
        None => Ok(Fresh::Sent(Box::new(sent))),
    }
}

/// Why a field that nobody knows is refused: what is misspelt would be lost without a word.
fn unknown(sent: &Fields, fields: &[Field]) -> Option<Refusal> {
    let known = |key: &str| key == OPERATION || fields.iter().any(|field| [key, REST].contains(&field.key));
    let key = sent.keys().find(|key| !known(key))?;
    Some(Refusal::field(key, format!("没有“{key}”这一项，见 /api"), format!("there is no field {key}; see /api")))
}

/// Gives the fields the names they have on the page; what those begin with.
fn rename(sent: &mut Sent, path: &str, fields: &[Field]) -> Vec<String> {
    let begins: Vec<String> = fields.iter().map(|field| field.begins(path, sent)).collect();
    let begin = |key: &str| {
        let place = fields.iter().position(|field| field.key == key);
        place.or_else(|| fields.iter().position(|field| field.key == REST)).and_then(|at| begins.get(at))
    };
    let named = |(key, values): (String, Vec<String>)| match begin(&key).filter(|_| key != OPERATION) {
        Some(before) => (format!("{before}{key}"), values),
        None => (key, values),
    };
    sent.fields = std::mem::take(&mut sent.fields).into_iter().map(named).collect();
    begins.into_iter().filter(|before| !before.is_empty()).collect()
}

/// What a page answered to a form, for a program that knows the fields without what they begin with on the page.
async fn done(mut answer: Response, before: &[String], (visit, key): (&Visit, i64)) -> Response {
    if let Some(part) = answer.extensions_mut().remove::<Refused>() {
        let left = left(&part.left);
        return match keep_left(visit, key, &left).await {
            Ok(()) => axum::Json(Done::in_part(part.to, left)).into_response(),
            Err(problem) => problem.into_response(),
        };
    }
    let to = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
    match to {
        Some(to) if !to.starts_with("/sign-in") => axum::Json(Done::at(to.to_owned())).into_response(),
        _ => problem(answer).of_fields(before).into_response(),
    }
}

/// Why a page did not do what was asked.
fn problem(mut answer: Response) -> Problem {
    if let Some(complaints) = answer.extensions_mut().remove::<Complaints>() {
        return Problem::all(complaints.into_refusals());
    }
    if let Some(told) = answer.extensions_mut().remove::<Told>() {
        return told.into();
    }
    match answer.status() {
        StatusCode::SEE_OTHER => Trouble::SignIn.into(),
        StatusCode::NOT_FOUND => Trouble::NotFound.into(),
        status if status.is_client_error() => Problem::bad("参数有误，见 /api", "a parameter does not read; see /api"),
        status => Trouble::Broken(format!("a page answered {status} to a program")).into(),
    }
}

/// The list of a page, as the page's own export writes it.
pub(super) fn list<H: Handler<T, App>, T: 'static>(
    page: H,
    asked: Vec<Field>,
    columns: &'static [Column],
) -> MethodRouter<App> {
    let asked: Arc<[Field]> = asked.into();
    get(move |State(app): State<App>, request: Request| {
        let (page, asked) = (page.clone(), asked.clone());
        async move {
            match as_rows(request, &asked) {
                Ok(request) => read(page.call(request, app).await, columns).await,
                Err(problem) => problem.into_response(),
            }
        }
    })
}

/// A file of a page, as the page itself gives it.
pub(super) fn file<H: Handler<T, App>, T: 'static>(page: H) -> MethodRouter<App> {
    get(move |State(app): State<App>, request: Request| {
        let page = page.clone();
        async move {
            if let Err(problem) = known(&request, &[]) {
                return problem.into_response();
            }
            let answer = page.call(request, app).await;
            if answer.status() == StatusCode::OK { answer } else { problem(answer).into_response() }
        }
    })
}

/// Refuses a question that nobody knows.
fn known(request: &Request, asked: &[Field]) -> Result<(), Problem> {
    let mut pairs = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
    match pairs.find(|(key, _)| !asked.iter().any(|field| field.key == key)) {
        None => Ok(()),
        Some((key, _)) => {
            let zh = format!("问号后的参数有误，见 /api：没有 {key}");
            Err(Problem::bad(&zh, &format!("there is no parameter {key}; see /api")))
        }
    }
}

/// The request for the rows of a page.
fn as_rows(mut request: Request, asked: &[Field]) -> Result<Request, Problem> {
    known(&request, asked)?;
    let mut rows = form_urlencoded::Serializer::new(String::new());
    rows.extend_pairs(form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()));
    let address = format!("{}?{}", request.uri().path(), rows.append_pair("as", "json").finish());
    *request.uri_mut() = address.parse().map_err(|_| Problem::from(Trouble::NotFound))?;
    Ok(request)
}

/// The rows of an answer, if their columns are those that were promised.
async fn read(answer: Response, columns: &[Column]) -> Response {
    if answer.status() != StatusCode::OK {
        return problem(answer).into_response();
    }
    let known = |Keys(keys): &Keys| has(columns, keys);
    let bytes = match answer.extensions().get::<Keys>().is_some_and(known) {
        true => to_bytes(answer.into_body(), LARGEST).await.map_err(Trouble::broken),
        false => Err(Trouble::broken("the columns of a list are not those its description names")),
    };
    match bytes {
        Ok(rows) => {
            let body = [b"{\"items\":".as_slice(), &rows, b"}"].concat();
            ([(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
        Err(trouble) => Problem::from(trouble).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_all_its_columns_in_order_but_those_that_may_be_wanting() {
        let columns = [("name", Kind::Text, ""), ("expected?", Kind::Number, ""), ("id", Kind::Key, "")];
        for (keys, wanted) in [
            (vec!["name", "expected", "id"], true),
            (vec!["name", "id"], true),
            (vec!["name", "expected"], false),
            (vec!["id", "name"], false),
            (vec!["name", "id", "more"], false),
        ] {
            assert_eq!(has(&columns, &keys), wanted, "{keys:?}");
        }
    }
}
