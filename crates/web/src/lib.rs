//! What happens with a request: webhooks, health, metrics, the API and the console.

mod api;
mod compat;
mod console;
mod describe;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod health;
mod hooks;
mod kit;
mod mcp;
mod metrics;
mod public;
mod webchat;

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use frontdesk_engine::{Desk, mcp::consent};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer, timeout::TimeoutLayer};

use crate::kit::{Problem, authenticate, repeats};
pub use crate::{
    compat::basic::BasicLogin,
    console::Asset,
    describe::openapi_json,
    kit::{
        authenticate::{FreshKey, hash_token as hash_key},
        rate::Rates,
    },
    metrics::Metrics,
};

/// What handlers share.
#[derive(Clone)]
pub struct Web {
    pub desk: Arc<Desk>,
    pub metrics: Metrics,
    pub limits: Limits,
    pub version: &'static str,
    /// Hash of the key that opens every tenant; lives as long as the process.
    pub operator_key: Option<Arc<str>>,
    /// Where people reach us, such as `https://desk.example.com`; without it, whatever their browser calls us.
    pub public_origin: Option<Arc<str>>,
    /// Who takes reports about security, as an address (`mailto:…`); without it nobody is named.
    pub security_contact: Option<Arc<str>>,
    /// Proxies of ours, which are believed when they say for whom they ask.
    pub trusted_proxies: Arc<[IpAddr]>,
    pub rates: Arc<Rates>,
    /// The login of the predecessor's routes; without it they answer that it is missing.
    pub basic: Option<Arc<BasicLogin>>,
    /// The console's files, sorted by path; empty when it was not built.
    pub console: &'static [Asset],
}

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub body_bytes: usize,
    pub inflated_bytes: usize,
    /// To read a whole request body.
    pub body_timeout: Duration,
    /// Longest wait for an answer with `wait=true`.
    pub answer_timeout: Duration,
    /// Of one key, person or address, to the API; 0 = no limit.
    pub requests_per_second: u32,
}

impl Limits {
    /// For a body that is a file.
    #[must_use]
    pub fn for_files(self) -> Limits {
        const LARGEST: usize = 16 << 20;
        Limits { body_bytes: self.body_bytes.max(LARGEST), inflated_bytes: self.inflated_bytes.max(LARGEST), ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body_bytes: 3 << 20,
            inflated_bytes: 4 << 20,
            body_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(150),
            requests_per_second: 50,
        }
    }
}

/// What machines ask: vendors' webhooks, health, metrics.
fn machines() -> Router<Web> {
    Router::new()
        .route("/webhook", get(hooks::whatsapp_handshake).post(hooks::whatsapp))
        .route("/webhooks/whatsapp", get(hooks::whatsapp_handshake).post(hooks::whatsapp))
        .route("/webhooks/stripe", post(hooks::stripe))
        .route("/webhooks/stripe/{tenant}", post(hooks::stripe_of))
        .route("/health", get(health::live))
        .route("/ready", get(health::ready))
        .route("/metrics", get(metrics::show))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(30)))
}

/// Vendors' webhooks and no people: a part of `router`, made at once.
pub fn hooks_router(web: Web) -> Router {
    machines().with_state(web)
}

/// Every route.
pub fn router(web: Web) -> Router {
    let (api, _) = api::routes().split_for_parts();
    let api = api
        .route("/openapi.json", get(api::openapi::show))
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This route has no such method.").into_response()
        })
        .fallback(|| async { nothing_here().into_response() })
        .layer(middleware::from_fn_with_state(web.clone(), repeats::layer))
        .layer(middleware::from_fn_with_state(web.clone(), authenticate::layer))
        .layer(set(header::CACHE_CONTROL, "no-store"));
    let api = Router::new().nest("/api/v1", api);
    let mcp = mcp::routes(&web, api.clone().with_state(web.clone()));
    let agent_server = compat::tokens::routes()
        .merge(api::agent_server::routes().split_for_parts().0)
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This route has no such method.").into_response()
        })
        .layer(middleware::from_fn_with_state(web.clone(), repeats::layer))
        .layer(middleware::from_fn_with_state(web.clone(), authenticate::layer))
        .layer(set(header::CACHE_CONTROL, "no-store"));
    let come_back = Router::new().route(&format!("{}/{{server}}", consent::CALLBACK), get(public::consent::back));
    Router::new()
        .merge(machines())
        .merge(api)
        .merge(mcp.layer(middleware::from_fn_with_state(web.clone(), authenticate::layer)))
        .merge(compat::routes())
        .merge(agent_server)
        // What browsers ask for on pages that name no icon.
        .route("/favicon.ico", get(|| async { Redirect::permanent("/favicon.svg") }))
        .route("/.well-known/security.txt", get(public::security::show))
        .route("/privacy", get(public::privacy))
        .route("/terms", get(public::terms))
        .route("/paid", get(public::paid))
        .route("/data-deletion", get(public::data_deletion))
        .route("/a/{signed}", get(public::approval::show).post(public::approval::decide))
        .route(&format!("{}/{{server}}", consent::CLIENT), get(public::consent::client))
        .merge(come_back.layer(middleware::from_fn_with_state(web.clone(), authenticate::layer)))
        .merge(webchat::routes(&web))
        .route("/docs", get(api::openapi::swagger))
        .route("/redoc", get(api::openapi::redoc))
        .fallback(get(console::show).fallback(|| async { nothing_here().into_response() }))
        .layer(set(header::CONTENT_SECURITY_POLICY, console::POLICY))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::REFERRER_POLICY, "same-origin"))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(web)
}

/// A header that an answer has unless its handler said otherwise.
fn set(name: header::HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

fn nothing_here() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here.")
}

/// For a process that only works: is it alive, how is it doing?
pub fn health_router(web: Web) -> Router {
    Router::new()
        .route("/health", get(health::live))
        .route("/ready", get(health::ready))
        .route("/metrics", get(metrics::show))
        .with_state(web)
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    ::metrics::counter!("frontdesk_panics_total", "task" => "request").increment(1);
    tracing::error!("a request handler panicked");
    Problem::internal().into_response()
}
