//! What happens with a request: webhooks, health, metrics and the API.

mod api;
mod auth;
mod health;
mod hooks;
mod limits;
mod metrics;
mod problem;

use std::{sync::Arc, time::Duration};

use axum::{Router, http::StatusCode, response::IntoResponse, routing::get};
use frontdesk_engine::Desk;
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

pub use crate::{auth::hash_key, metrics::Metrics};

/// What handlers share.
#[derive(Clone)]
pub struct Web {
    pub desk: Arc<Desk>,
    pub metrics: Metrics,
    pub limits: Limits,
    pub version: &'static str,
    /// Hash of the key that opens every tenant; lives as long as the process.
    pub operator_key: Option<Arc<str>>,
}

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub body_bytes: usize,
    pub inflated_bytes: usize,
    /// To read a whole request body.
    pub body_timeout: Duration,
    /// Longest wait for an answer with `wait=true`.
    pub answer_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body_bytes: 3 << 20,
            inflated_bytes: 4 << 20,
            body_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(150),
        }
    }
}

/// Every route.
pub fn router(web: Web) -> Router {
    let quick = Router::new()
        .route("/webhook", get(hooks::whatsapp_handshake).post(hooks::whatsapp))
        .route("/webhooks/whatsapp", get(hooks::whatsapp_handshake).post(hooks::whatsapp))
        .route("/health", get(health::live))
        .route("/ready", get(health::ready))
        .route("/metrics", get(metrics::show))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(30)));
    let api = Router::new()
        .route("/conversations", get(api::conversations::list))
        .route("/conversations/{id}/messages", get(api::messages::list).post(api::messages::send))
        .route("/conversations/{id}/replies", axum::routing::post(api::replies::send))
        .route("/inbound/{vendor_id}", get(api::inbound::show))
        .route("/turns/{id}", get(api::turns::show))
        .route("/status", get(api::status::show))
        .route("/business", get(api::business::show))
        .route("/backup", get(api::operator::backup))
        .route("/resume", axum::routing::post(api::operator::resume))
        .route("/checkup", get(api::operator::checkup))
        .route("/admin", axum::routing::post(api::admin::execute));
    Router::new()
        .merge(quick)
        .nest("/api/v1", api)
        .fallback(|| async {
            problem::Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here.").into_response()
        })
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(web)
}

/// For a process that only works: is it alive, how is it doing?
pub fn health_router(web: Web) -> Router {
    Router::new()
        .route("/health", get(health::live))
        .route("/ready", get(health::ready))
        .route("/metrics", get(metrics::show))
        .with_state(web)
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    ::metrics::counter!("frontdesk_panics_total", "task" => "request").increment(1);
    tracing::error!("a request handler panicked");
    problem::Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side.").into_response()
}
