//! The layer for `Idempotency-Key`: a POST that names itself is carried out once; a repeat gets the first answer again.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use frontdesk_store::{
    repeats::{self, Kept, Known},
    witness, work,
};
use sha2::{Digest, Sha256};

use super::{Caller, Problem, limits};
use crate::{Limits, Web};

const HEADER: &str = "idempotency-key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST: usize = 255;
/// Larger answers are not kept: a repeat is told so.
const LARGEST: usize = 1 << 20;
/// Longer than any request runs.
const ABANDONED: Duration = Duration::from_secs(300);

/// Put it into the extensions of an answer that holds a secret: it is not kept, a repeat learns that it was done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShownOnce;

const SHOWN_ONCE: (&str, &str) = ("shown_once", "It was done before; what it answered is shown only once.");
const OUTCOME_UNKNOWN: (&str, &str) = (
    "outcome_unknown",
    "The same request was begun and its outcome is not known: look at what is there before you repeat it with a new key.",
);

/// What a repeat is told instead of the first answer.
fn told((code, detail): (&str, &str)) -> Kept {
    let body = serde_json::json!({
        "type": "about:blank", "title": "Conflict", "status": 409, "code": code, "detail": detail,
    });
    Kept { status: 409, content_type: "application/problem+json".to_owned(), body: body.to_string().into_bytes() }
}

/// Around every route of the API, inside of `authenticate`.
pub(crate) async fn layer(State(web): State<Web>, request: Request, next: Next) -> Response {
    let wants_stream = request.headers().get(header::ACCEPT).is_some_and(|v| v.as_bytes().starts_with(b"text/event-stream"));
    if request.method() != Method::POST || wants_stream || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    match once(&web, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn once(web: &Web, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    // Without a caller there is nobody whose key it could be: the handler says what is wrong.
    let Ok(caller) = Caller::from_request_parts(&mut parts, web).await else {
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let name = parts.headers.get(HEADER).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    if name.is_empty() || name.len() > LONGEST {
        return Err(Problem::field("Idempotency-Key", format!("from 1 to {LONGEST} visible ASCII characters")));
    }
    let body = limits::read(&parts.headers, body, &of(&parts.headers, &web.limits)).await?;
    // It was opened while it was read.
    parts.headers.remove(header::CONTENT_ENCODING);
    let fingerprint = fingerprint(&parts.uri, &body);
    let actor = format!("{} {}", caller.actor.kind(), caller.actor.id());
    let scope = caller.scope;
    let (s, a, n, f, now) = (scope.clone(), actor.clone(), name.clone(), fingerprint.clone(), web.desk.now());
    let known = web.desk.db.write(&scope, work!(tx => repeats::claim(tx, &s, &a, &n, &f, now).await)).await?;
    if let Some(known) = known {
        return again(known, &fingerprint, web);
    }
    let (response, wrote) = witness::wrote(next.run(Request::from_parts(parts, Body::from(body)))).await;
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, LARGEST).await.ok();
    let failed = bytes.is_none() || parts.status.is_server_error() || parts.status == StatusCode::TOO_MANY_REQUESTS;
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let kept = match &bytes {
        _ if failed && !wrote => None,
        // Whatever failed, something was written before, or nobody knows: it is not done a second time.
        _ if failed => Some(told(OUTCOME_UNKNOWN)),
        _ if parts.extensions.get::<ShownOnce>().is_some() => Some(told(SHOWN_ONCE)),
        bytes => bytes.as_ref().map(|bytes| Kept { status: parts.status.as_u16().into(), content_type, body: bytes.to_vec() }),
    };
    let s = scope.clone();
    web.desk
        .db
        .write(
            &scope,
            work!(tx => match &kept {
                Some(kept) => repeats::keep(tx, &s, &actor, &name, kept).await,
                None => repeats::release(tx, &s, &actor, &name).await,
            }),
        )
        .await?;
    bytes.map(|bytes| Response::from_parts(parts, Body::from(bytes))).ok_or_else(Problem::internal)
}

/// Files may be larger than JSON; their routes have limits of their own.
fn of(headers: &HeaderMap, usual: &Limits) -> Limits {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if kind.is_empty() || kind.contains("json") { *usual } else { usual.for_files() }
}

fn again(known: Known, fingerprint: &str, web: &Web) -> Result<Response, Problem> {
    if known.request != fingerprint {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This Idempotency-Key belongs to another request: use a new one.",
        ));
    }
    match known.answer {
        Some(kept) => Ok(replay(kept)),
        None if web.desk.now().since(known.at) < ABANDONED => {
            Err(Problem::conflict("in_progress", "The same request is being carried out: wait for it, then ask again."))
        }
        None => Err(Problem::conflict(OUTCOME_UNKNOWN.0, OUTCOME_UNKNOWN.1)),
    }
}

fn replay(kept: Kept) -> Response {
    let status = u16::try_from(kept.status).ok().and_then(|s| StatusCode::from_u16(s).ok()).unwrap_or(StatusCode::OK);
    let mut response = (status, Bytes::from(kept.body)).into_response();
    match HeaderValue::from_str(&kept.content_type) {
        Ok(kind) if !kept.content_type.is_empty() => drop(response.headers_mut().insert(header::CONTENT_TYPE, kind)),
        _ => drop(response.headers_mut().remove(header::CONTENT_TYPE)),
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

fn fingerprint(uri: &axum::http::Uri, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(uri.path().as_bytes());
    hash.update([0]);
    hash.update(uri.query().unwrap_or_default().as_bytes());
    hash.update([0]);
    hash.update(body);
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}
