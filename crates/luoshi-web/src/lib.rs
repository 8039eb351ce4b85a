//! Pages and forms, and nothing else: no SQL and no rules.
//!
//! A handler does four things: ask `luoshi-rules` for leave, ask `luoshi-store` for facts,
//! let `luoshi-rules` compute, and hand the outcome to a page. Async ends at `App::read` and `App::write`.

mod aid;
mod api;
mod app;
mod archive;
mod asker;
mod assistance;
mod audit;
mod branch_group;
mod campaign;
mod child;
mod class;
mod collection;
mod exchange;
mod export;
mod figure;
mod files;
mod form;
mod handover;
mod holding;
mod home;
mod import;
mod intake;
mod job;
mod list;
mod mapping;
mod matrix;
mod matter;
mod me;
mod metrics;
mod obligation;
mod operations;
mod person;
mod plan;
mod pledge;
mod record;
mod request;
mod rollup;
mod round;
mod routes;
mod session;
mod shell;
mod sight;
mod transfer;
mod trouble;
mod turn;
mod unit;
mod visit;
mod youth;

pub use aid::initials;
pub use app::{App, Clock, Setup};
pub use exchange::{Command as ExchangeCommand, Outcome as ExchangeOutcome, run as exchange};
pub use files::Files;
pub use import::{ARGUMENT as READ_SHEET, ImportFault, ImportReport, ImportWish, import_file, parse_child};
pub use intake::{ARGUMENT as READ_PAPER, Dated, Reading, lexicon, make_ticked, parse_child as parse_paper, pasted};
pub use job::{Job, Jobs};
pub use metrics::operator;
pub use session::Origin;

use crate::routes::Routes;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

/// Bytes a request may hold: a spreadsheet of 20 MB and its form.
const LARGEST: usize = 22_000_000;

/// All routes of the system.
pub fn router(app: App) -> Router {
    let fixed = |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    let pages = all()
        .router()
        .fallback(trouble::nothing_here)
        .method_not_allowed_fallback(trouble::not_this_way)
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(axum::middleware::from_fn(trouble::in_language))
        .layer(axum::middleware::from_fn(form::clean_question))
        .layer(fixed(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // for browsers that do not know frame-ancestors yet
        .layer(fixed(header::X_FRAME_OPTIONS, "DENY"))
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(axum::middleware::from_fn_with_state(app.clone(), asker::watch))
        .layer(axum::middleware::from_fn_with_state(app.clone(), metrics::count))
        .layer(CatchPanicLayer::new());
    let strict = match (app.setup().secure, app.setup().subdomains) {
        (false, _) => return pages.with_state(app),
        (true, true) => "max-age=63072000; includeSubDomains",
        (true, false) => "max-age=63072000",
    };
    pages.layer(fixed(header::STRICT_TRANSPORT_SECURITY, strict)).with_state(app)
}

/// The paths of all routes.
pub fn paths() -> Vec<String> {
    all().paths()
}

fn all() -> Routes {
    nouns().merge(files()).route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(metrics::ready))
}

/// The routes of every noun.
fn nouns() -> Routes {
    Routes::new()
        .merge(home::routes())
        .merge(aid::routes())
        .merge(assistance::routes())
        .merge(session::routes())
        .merge(unit::routes())
        .merge(person::routes())
        .merge(holding::routes())
        .merge(transfer::routes())
        .merge(handover::routes())
        .merge(me::routes())
        .merge(request::routes())
        .merge(record::routes())
        .merge(plan::routes())
        .merge(youth::routes())
        .merge(branch_group::routes())
        .merge(pledge::routes())
        .merge(collection::routes())
        .merge(obligation::routes())
        .merge(campaign::routes())
        .merge(class::routes())
        .merge(matrix::routes())
        .merge(matter::routes())
        .merge(round::routes())
        .merge(exchange::routes())
        .merge(audit::routes())
        .merge(operations::routes())
        .merge(rollup::routes())
        .merge(figure::routes())
        .merge(list::routes())
        .merge(mapping::routes())
        .merge(archive::routes())
        .merge(import::routes())
        .merge(intake::routes())
        .merge(api::routes())
}

/// What pages load.
fn files() -> Routes {
    let style = || file("text/css; charset=utf-8", include_bytes!("../static/style.css"));
    let script = || file("text/javascript; charset=utf-8", include_bytes!("../static/luoshi.js"));
    let passkey = || file("text/javascript; charset=utf-8", include_bytes!("../static/passkey.js"));
    let icon = || file("image/svg+xml", include_bytes!("../static/icon.svg"));
    Routes::new()
        .route("/static/style.css", get(style))
        .route("/static/luoshi.js", get(script))
        .route("/static/passkey.js", get(passkey))
        .route("/static/icon.svg", get(icon))
        .route("/favicon.ico", get(icon))
}

async fn file(sort: &'static str, bytes: &'static [u8]) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, sort), (header::CACHE_CONTROL, "public, max-age=3600")], bytes)
}
