//! Basic authentication of the predecessor's routes: the one login of the configuration, for the default business.
//!
//! A try is counted before it is judged, and only wrong ones stay counted: who knows the login is never held up by their own pages.

use std::time::Duration;

use axum::{
    Json,
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use frontdesk_engine::{access::neighbourhood, admin::DEFAULT_TENANT};
use frontdesk_kernel::{Scope, Secret, scope::Server};
use frontdesk_store::{tenants, work};
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{Web, kit::client};

/// Wrong passwords a second, of one address, after a few at once. Without any left, not even the right one is tried.
const FAILURES_PER_SECOND: u32 = 1;

/// `WEB_UI_USERNAME` and `WEB_UI_PASSWORD`.
#[derive(Debug, Clone)]
pub struct BasicLogin {
    pub username: String,
    pub password: Secret,
}

/// Whoever knows the login, in the business it is for.
pub(crate) struct Basic {
    pub(crate) scope: Scope,
}

impl FromRequestParts<Web> for Basic {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Basic, Response> {
        let Some(given) = parts.headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default()) else {
            return Err(unknown("Not authenticated"));
        };
        let Some((_, text)) = given.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")) else {
            return Err(unknown("Not authenticated"));
        };
        let decoded = BASE64_STANDARD.decode(text.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let Some((username, password)) = decoded.as_deref().and_then(|both| both.split_once(':')) else {
            return Err(unknown("Invalid authentication credentials"));
        };
        let Some(login) = &web.basic else {
            return Err(told(StatusCode::INTERNAL_SERVER_ERROR, "Server authentication configuration error."));
        };
        let address = client::address(&parts.extensions, &parts.headers, &web.trusted_proxies);
        let who = format!("basic failures {}", address.map_or_else(String::new, neighbourhood));
        web.rates.take(&who, FAILURES_PER_SECOND, web.desk.now()).map_err(too_many)?;
        // Both are compared, always, and as hashes: the time says nothing.
        let right = same(username, &login.username) & same(password, login.password.reveal());
        if !right {
            return Err(unknown("Incorrect username or password."));
        }
        web.rates.give_back(&who, FAILURES_PER_SECOND);
        let all = web.desk.db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await;
        let all = all.map_err(|_| told(StatusCode::SERVICE_UNAVAILABLE, "The database is not available; try again."))?;
        let place = all.iter().position(|t| t.id.as_str() == DEFAULT_TENANT).unwrap_or(0);
        match all.get(place) {
            Some(tenant) => Ok(Basic { scope: Scope::of(tenant.id.clone()) }),
            None => Err(told(StatusCode::SERVICE_UNAVAILABLE, "There is no business yet.")),
        }
    }
}

fn same(given: &str, known: &str) -> bool {
    let hash = |text: &str| Sha256::digest(text.as_bytes());
    bool::from(hash(given).ct_eq(&hash(known)))
}

fn unknown(detail: &str) -> Response {
    let mut response = told(StatusCode::UNAUTHORIZED, detail);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Basic"));
    response
}

fn too_many(wait: Duration) -> Response {
    let seconds = wait.as_millis().div_ceil(1000) as u64;
    let mut response = told(StatusCode::TOO_MANY_REQUESTS, "Too many wrong passwords: wait a moment.");
    response.headers_mut().insert(header::RETRY_AFTER, seconds.max(1).into());
    response
}

fn told(status: StatusCode, detail: &str) -> Response {
    (status, Json(json!({ "detail": detail }))).into_response()
}
