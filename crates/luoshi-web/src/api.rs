//! The same values as the pages, for programs: JSON under `/api/v1`. A route is made together with its description, so
//! that there is none of the one without the other.

mod act;
mod aid;
mod assistance;
mod board;
mod branch_group;
mod campaign;
mod class;
mod collection;
mod cursor;
mod document;
mod duty;
mod exchange;
mod figure;
mod follow;
mod handover;
mod holding;
mod intake;
mod joint;
mod list;
mod matter;
mod page;
mod person;
mod plan;
mod pledge;
mod problem;
mod proposal;
mod record;
mod round;
mod shape;
mod transfer;
mod unit;
mod youth;

use crate::app::App;
use crate::routes::Routes;
use act::Done;
use axum::Router;
use axum::handler::Handler;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use page::{Column, Field};
use problem::Problem;
use serde_json::Value as Json;
use shape::{Bytes, Nothing, Shape};

/// A route with all that is said of it.
struct Route {
    path: &'static str,
    zh: &'static str,
    en: &'static str,
    /// shape of the question after the address
    asks: Json,
    /// shape of the body, for what is to be done
    sends: Option<Json>,
    /// whether the body may be a file instead
    files: bool,
    /// shape of the answer, and its name if it has one
    answer: (&'static str, Json),
    to: MethodRouter<App>,
}

impl Route {
    fn read<Q: Shape, A: Shape>(
        path: &'static str,
        (zh, en): (&'static str, &'static str),
        to: MethodRouter<App>,
    ) -> Route {
        Route { path, zh, en, asks: Q::shape(), sends: None, files: false, answer: (A::NAME, A::shape()), to }
    }

    /// Something to be done; the body is the form of the page, of which these fields are named.
    fn act(
        path: &'static str,
        (zh, en): (&'static str, &'static str),
        sends: impl FnOnce() -> Json,
        to: MethodRouter<App>,
    ) -> Route {
        let answer = (Done::NAME, Done::shape());
        Route { path, zh, en, asks: Nothing::shape(), sends: Some(sends()), files: false, answer, to }
    }

    /// A form of a page, acted on by the page's own handler.
    fn form<H: Handler<T, App>, T: 'static>(
        path: &'static str,
        (zh, en): (&'static str, &'static str),
        fields: Vec<Field>,
        page: H,
    ) -> Route {
        Route::act(path, (zh, en), || page::fields(&fields), page::form(page, fields.clone(), None))
    }

    /// A form of a page that may take a file, in the field of that name: then the body is the file.
    fn form_or_file<H: Handler<T, App>, T: 'static>(
        path: &'static str,
        words: (&'static str, &'static str),
        (fields, file): (Vec<Field>, &'static str),
        page: H,
    ) -> Route {
        let to = page::form(page, fields.clone(), Some(file));
        Route { files: true, ..Route::act(path, words, || page::fields(&fields), to) }
    }

    /// A form of a page that takes a file, acted on by the page's own handler: the body is the file.
    fn upload<H: Handler<T, App>, T: 'static>(
        path: &'static str,
        (zh, en): (&'static str, &'static str),
        before: &'static str,
        page: H,
    ) -> Route {
        let (sends, answer) = (Some(Bytes::shape()), (Done::NAME, Done::shape()));
        Route { path, zh, en, asks: Nothing::shape(), sends, files: false, answer, to: page::upload(page, before) }
    }

    /// A file of a page, given by the page's own handler.
    fn file<H: Handler<T, App>, T: 'static>(
        path: &'static str,
        (zh, en): (&'static str, &'static str),
        page: H,
    ) -> Route {
        let answer = (Bytes::NAME, Bytes::shape());
        Route { path, zh, en, asks: Nothing::shape(), sends: None, files: false, answer, to: page::file(page) }
    }

    /// The list of a page, read by the page's own handler; `asked` are those of its questions that programs may put.
    fn list<H: Handler<T, App>, T: 'static>(
        path: &'static str,
        (zh, en): (&'static str, &'static str),
        asked: Vec<Field>,
        columns: &'static [Column],
        page: H,
    ) -> Route {
        let (answer, asks) = (("", page::rows(columns)), page::fields(&asked));
        Route { path, zh, en, asks, sends: None, files: false, answer, to: page::list(page, asked, columns) }
    }
}

/// Every route there is.
fn all() -> Vec<Route> {
    let nouns = [
        unit::routes(),
        person::routes(),
        record::routes(),
        duty::routes(),
        plan::routes(),
        matter::routes(),
        figure::routes(),
        pledge::routes(),
        proposal::routes(),
        youth::routes(),
        class::routes(),
        campaign::routes(),
        collection::routes(),
        joint::routes(),
        assistance::routes(),
        aid::routes(),
        board::routes(),
        branch_group::routes(),
        follow::routes(),
        round::routes(),
        exchange::routes(),
        intake::routes(),
        holding::routes(),
        transfer::routes(),
        handover::routes(),
        list::routes(),
    ];
    nouns.into_iter().flatten().collect()
}

/// The answer for an address of the API that leads nowhere.
pub(crate) fn nothing() -> Response {
    Problem::from(crate::trouble::Trouble::NotFound).into_response()
}

pub fn routes() -> Routes {
    let document = document::of(&all());
    let page = document.clone();
    let api = all().into_iter().fold(Router::new(), |api, route| api.route(route.path, route.to));
    let api = api
        .route("/openapi.json", get(async move || axum::Json(document)))
        .fallback(async || nothing())
        .method_not_allowed_fallback(async || Problem::method());
    let mut paths: Vec<&str> = all().into_iter().map(|route| route.path).chain(["/openapi.json"]).collect();
    paths.sort_unstable();
    paths.dedup();
    Routes::new()
        .nest("/api/v1", &paths, api)
        .route("/api", get(async move |heads: HeaderMap| document::page(crate::visit::language(&heads), &page)))
}
