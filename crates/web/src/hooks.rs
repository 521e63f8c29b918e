//! Vendors' webhooks. A 2xx means that the event is on disk; nothing is processed here.

use axum::{
    Json,
    body::Body,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use frontdesk_engine::{
    inbox::{self, Accepted},
    payments::hear,
    tokens::checkout::{self, Heard},
};
use frontdesk_kernel::{
    ids::TenantId,
    ports::channel::{Channel, Handshake, RawRequest},
};
use serde_json::json;

use crate::{Web, kit::limits};

const WHATSAPP: &str = "whatsapp";
const STRIPE: &str = "stripe";

pub(crate) async fn whatsapp_handshake(State(web): State<Web>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let Some(channel) = web.desk.channel(WHATSAPP) else { return refused(StatusCode::NOT_FOUND, "Not connected") };
    let raw = raw_request(query, &headers, Bytes::new());
    match inbox::handshake(&web.desk, channel, &raw).await {
        Ok(Handshake::Answer(challenge)) => challenge.into_response(),
        Ok(Handshake::Refused) => refused(StatusCode::FORBIDDEN, "Verification failed"),
        Ok(Handshake::Incomplete) => refused(StatusCode::BAD_REQUEST, "Missing parameters"),
        Err(e) => unavailable(&e),
    }
}

pub(crate) async fn whatsapp(State(web): State<Web>, RawQuery(query): RawQuery, headers: HeaderMap, body: Body) -> Response {
    let Some(channel) = web.desk.channel(WHATSAPP) else { return refused(StatusCode::NOT_FOUND, "Not connected") };
    receive(&web, channel, query, headers, body).await
}

async fn receive(web: &Web, channel: &'static dyn Channel, query: Option<String>, headers: HeaderMap, body: Body) -> Response {
    let body = match limits::read(&headers, body, &web.limits).await {
        Ok(body) => body,
        Err(e) => return refused(e.status(), e.text()),
    };
    let raw = raw_request(query, &headers, body);
    match inbox::accept(&web.desk, channel, &raw).await {
        Ok(Accepted::Stored { duplicate: false }) => Json(json!({ "status": "ok" })).into_response(),
        Ok(Accepted::Stored { duplicate: true }) => Json(json!({ "status": "ok", "duplicate": true })).into_response(),
        Ok(Accepted::Forged) => refused(StatusCode::FORBIDDEN, "Invalid signature"),
        Ok(Accepted::Malformed(why)) => {
            tracing::warn!(why, "a webhook body could not be read");
            refused(StatusCode::BAD_REQUEST, "Invalid JSON provided")
        }
        Ok(Accepted::Foreign) => refused(StatusCode::NOT_FOUND, "Not a WhatsApp API event"),
        Err(e) => unavailable(&e),
    }
}

/// Whose event it is, its signature says.
pub(crate) async fn stripe(State(web): State<Web>, headers: HeaderMap, body: Body) -> Response {
    payments(&web, STRIPE, None, headers, body).await
}

/// At an address of the business's own.
pub(crate) async fn stripe_of(State(web): State<Web>, Path(tenant): Path<String>, headers: HeaderMap, body: Body) -> Response {
    match TenantId::parse(&tenant) {
        Ok(tenant) => payments(&web, STRIPE, Some(tenant), headers, body).await,
        Err(_) => refused(StatusCode::NOT_FOUND, "Not connected"),
    }
}

async fn payments(web: &Web, vendor: &str, tenant: Option<TenantId>, headers: HeaderMap, body: Body) -> Response {
    let Some(vendor) = web.desk.payment_vendor(vendor) else { return refused(StatusCode::NOT_FOUND, "Not connected") };
    let body = match limits::read(&headers, body, &web.limits).await {
        Ok(body) => body,
        Err(e) => return refused(e.status(), e.text()),
    };
    let raw = raw_request(None, &headers, body);
    // What is signed with the operator's secret and speaks of credit; everything else is for businesses.
    let mut genuine = false;
    if tenant.is_none() {
        match checkout::hear(&web.desk, vendor, &raw).await {
            Ok(Heard::Kept) => return Json(json!({ "status": "ok" })).into_response(),
            Ok(Heard::Strange) => genuine = true,
            Ok(Heard::NotSigned) => {}
            Err(e) => return unavailable(&e),
        }
    }
    match hear::accept(&web.desk, vendor, tenant.as_ref(), &raw).await {
        Ok(hear::Accepted::Stored { duplicate: false }) => Json(json!({ "status": "ok" })).into_response(),
        Ok(hear::Accepted::Stored { duplicate: true }) => Json(json!({ "status": "ok", "duplicate": true })).into_response(),
        Ok(hear::Accepted::Forged) if genuine => Json(json!({ "status": "ok" })).into_response(),
        Ok(hear::Accepted::Forged) => {
            metrics::counter!("frontdesk_webhook_forged_total", "channel" => vendor.about().key).increment(1);
            refused(StatusCode::BAD_REQUEST, "Invalid signature")
        }
        Ok(hear::Accepted::Malformed(why)) => {
            tracing::warn!(why, "an event of a payment vendor could not be read");
            refused(StatusCode::BAD_REQUEST, "Invalid event")
        }
        Err(e) => unavailable(&e),
    }
}

/// Header values that are not text are left out: no vendor signs with such.
fn raw_request(query: Option<String>, headers: &HeaderMap, body: Bytes) -> RawRequest {
    let headers =
        headers.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))).collect();
    RawRequest { query: query.unwrap_or_default(), headers, body }
}

fn refused(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "status": "error", "message": message }))).into_response()
}

/// Not stored, so no 2xx: the vendor delivers again.
fn unavailable(e: &frontdesk_store::Error) -> Response {
    metrics::counter!("frontdesk_webhook_unavailable_total").increment(1);
    tracing::error!(error = %e, "a webhook could not be stored; the vendor will deliver it again");
    refused(StatusCode::SERVICE_UNAVAILABLE, "Temporarily unavailable")
}
