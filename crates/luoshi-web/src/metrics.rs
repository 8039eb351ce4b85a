//! Figures about the program for those who run it, as Prometheus text: no person, no key and no address stands in them,
//! only the patterns of addresses. Served on an address of their own, never to the public one.

use crate::app::App;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use luoshi_store::audit;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::time::Instant;

/// Upper bounds of the buckets of durations, in seconds.
const BUCKETS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    route: String,
    method: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
}

/// What is counted.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Route, Histogram>,
    statements: Gauge,
    waiting: Gauge,
    memory: Gauge,
}

impl Metrics {
    pub fn new() -> Metrics {
        let mut registry = Registry::with_prefix("luoshi");
        let requests = Family::<Answered, Counter>::default();
        let durations = Family::<Route, Histogram>::new_with_constructor(|| Histogram::new(BUCKETS));
        let (statements, waiting, memory) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("requests", "Requests answered", requests.clone());
        registry.register("request_seconds", "Seconds to the answer", durations.clone());
        registry.register("statements", "Statements asked of the database since the start", statements.clone());
        registry.register("audit_waiting", "Rows of the audit trail that are not chained yet", waiting.clone());
        registry.register("memory_bytes", "Resident memory of the program", memory.clone());
        Metrics { registry, requests, durations, statements, waiting, memory }
    }
}

/// Counts and logs every request under the pattern of its address.
pub(crate) async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    // a stranger may invent methods; each would be kept for good
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST") => known,
        _ => "other",
    };
    let (method, began) = (method.to_owned(), Instant::now());
    let answer = next.run(request).await;
    let metrics = app.metrics();
    let status = answer.status().as_u16();
    // the pattern and never the address: keys of people, search words and one-time links stand in addresses
    tracing::info!(target: "request", %method, %route, status, ms = began.elapsed().as_secs_f64() * 1000.0, "answered");
    metrics.durations.get_or_create(&Route { route: route.clone() }).observe(began.elapsed().as_secs_f64());
    metrics.requests.get_or_create(&Answered { route, method, status }).inc();
    answer
}

/// What the operator's address serves: health, readiness, metrics.
pub fn operator(app: App) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(show))
        .with_state(app)
}

/// Whether the database answers.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    match app.read(audit::waiting_all).await {
        Ok(_) => "ready\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response(),
    }
}

async fn show(State(app): State<App>) -> Response {
    let metrics = app.metrics();
    if let Ok(waiting) = app.read(audit::waiting_all).await {
        metrics.waiting.set(waiting);
    }
    metrics.statements.set(i64::try_from(app.setup().db.asked()).unwrap_or(i64::MAX));
    metrics.memory.set(memory());
    let mut text = String::new();
    match encode(&mut text, &metrics.registry) {
        Ok(()) => ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
            .into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Resident memory in bytes, where the system tells.
pub(crate) fn memory() -> i64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<i64>().ok()).unwrap_or(0) * 1024
}
