//! What pages do and show, for programs: the very handlers of the pages, with a form's fields as JSON and a list as its
//! rows. What a program may do is so what its owner may do on the page, told in the same words.

use super::act::{Done, sent};
use super::problem::Problem;
use super::shape::{Id, Shape, object};
use crate::app::App;
use crate::export::Keys;
use crate::form::{Complaints, Fields, Sent, one};
use crate::trouble::{Told, Trouble};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use luoshi_office::Kind;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

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
    /// address, `{to}` for the field of that name
    before: &'static str,
}

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

impl Field {
    /// The same field, with what its name begins with on the page.
    pub const fn after(self, before: &'static str) -> Field {
        Field { before, ..self }
    }

    /// What its name begins with in this request.
    fn begins(&self, path: &str, fields: &Fields) -> String {
        let id = path.rsplit('/').find(|part| part.parse::<i64>().is_ok()).unwrap_or_default();
        self.before.replace("{id}", id).replace("{to}", one(fields, "to"))
    }
}

/// A column of a list: its key, what its cells are, what it is in Chinese · English.
pub(super) type Column = (&'static str, Kind, &'static str);

/// The shape of a form.
pub(super) fn fields(fields: &[Field]) -> Json {
    let text = |field: &Field| match field.many {
        true => json!({ "type": "array", "items": { "type": "string" }, "description": field.words }),
        false => json!({ "type": "string", "description": field.words }),
    };
    let must: Vec<&str> = fields.iter().filter(|field| field.must).map(|field| field.key).collect();
    let properties: Map<String, Json> = fields.iter().map(|field| (field.key.to_owned(), text(field))).collect();
    json!({ "type": "object", "required": must, "properties": properties })
}

/// The shape of a list of these columns.
pub(super) fn rows(columns: &[Column]) -> Json {
    let kind = |kind: Kind| match kind {
        Kind::Key => Id::shape(),
        Kind::Number => json!({ "type": ["number", "string", "null"] }),
        Kind::Text | Kind::Date => json!({ "type": ["string", "null"] }),
    };
    let row = object(columns.iter().map(|(key, sort, words)| (*key, kind(*sort), *words, true)).collect());
    object(vec![("items", json!({ "type": "array", "items": row }), "各行 · the rows", true)])
}

/// A form of a page: its fields as JSON, done once for each key.
pub(super) fn form<H: Handler<T, App>, T: 'static>(page: H, fields: Vec<Field>) -> MethodRouter<App> {
    let fields: Arc<[Field]> = fields.into();
    post(move |State(app): State<App>, request: Request| {
        let (page, fields) = (page.clone(), fields.clone());
        async move {
            let (mut parts, body) = request.into_parts();
            match sent(&mut parts, body, &app).await {
                Ok(mut sent) => {
                    let before = rename(&mut sent.fields, parts.uri.path(), &fields);
                    parts.extensions.insert::<Sent>(sent);
                    done(page.call(Request::from_parts(parts, Body::empty()), app).await, &before)
                }
                Err(problem) => problem.into_response(),
            }
        }
    })
}

/// Gives the fields the names they have on the page; what those begin with.
fn rename(sent: &mut Fields, path: &str, fields: &[Field]) -> Vec<String> {
    let begins: Vec<String> = fields.iter().map(|field| field.begins(path, sent)).collect();
    for (field, before) in fields.iter().zip(&begins).filter(|(_, before)| !before.is_empty()) {
        if let Some(values) = sent.remove(field.key) {
            sent.insert(format!("{before}{}", field.key), values);
        }
    }
    begins.into_iter().filter(|before| !before.is_empty()).collect()
}

/// What a page answered to a form, for a program that knows the fields without what they begin with on the page.
fn done(answer: Response, before: &[String]) -> Response {
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

/// The request for the rows of a page; a question the list does not know is refused.
fn as_rows(mut request: Request, asked: &[Field]) -> Result<Request, Problem> {
    let question = request.uri().query().unwrap_or_default();
    let mut rows = form_urlencoded::Serializer::new(String::new());
    for (key, value) in form_urlencoded::parse(question.as_bytes()) {
        if !asked.iter().any(|field| field.key == key) {
            let zh = format!("问号后的参数有误，见 /api：没有 {key}");
            return Err(Problem::bad(&zh, &format!("there is no parameter {key}; see /api")));
        }
        rows.append_pair(&key, &value);
    }
    let address = format!("{}?{}", request.uri().path(), rows.append_pair("as", "json").finish());
    *request.uri_mut() = address.parse().map_err(|_| Problem::from(Trouble::NotFound))?;
    Ok(request)
}

/// The rows of an answer, if their columns are those that were promised.
async fn read(answer: Response, columns: &[Column]) -> Response {
    if answer.status() != StatusCode::OK {
        return problem(answer).into_response();
    }
    let known = |Keys(keys): &Keys| keys.iter().eq(columns.iter().map(|(key, ..)| key));
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
