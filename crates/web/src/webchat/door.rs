//! Who may stand at the door: the chat must exist, and the page must be on a site that the business allows.

use std::sync::Arc;

use axum::{
    extract::{RawPathParams, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use frontdesk_engine::directory::Line;

use crate::{Web, kit::Problem};

pub(super) const KIND: &str = "webchat";

pub(super) async fn layer(State(web): State<Web>, params: RawPathParams, mut request: Request, next: Next) -> Response {
    let account = params.iter().find(|(name, _)| *name == "account").map(|(_, value)| value.to_owned()).unwrap_or_default();
    let line = match web.desk.directory.lines(&web.desk).await {
        Ok(lines) => lines.at(KIND, &account).filter(|line| line.channel.active).cloned(),
        Err(e) => return Problem::from(e).into_response(),
    };
    let Some(line) = line else { return Problem::not_found("web chat").into_response() };
    let origin = request.headers().get(header::ORIGIN).cloned();
    if origin.as_ref().is_some_and(|origin| !allowed(&line, origin)) {
        let detail = "This chat may not stand on this site: add its address to the channel's allowed sites.";
        return Problem::forbidden("origin_not_allowed", detail).into_response();
    }
    let preflight = request.method() == Method::OPTIONS;
    let mut response = if preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        request.extensions_mut().insert::<Arc<Line>>(line);
        next.run(request).await
    };
    open(response.headers_mut(), origin, preflight);
    response
}

/// Empty = any site.
fn allowed(line: &Line, origin: &HeaderValue) -> bool {
    let sites = line.account.setting("allowed_origins").unwrap_or_default();
    let mut sites = sites.split_whitespace().peekable();
    sites.peek().is_none() || sites.any(|site| site.as_bytes() == origin.as_bytes())
}

/// Tells the browser that the page may read the answer.
fn open(headers: &mut HeaderMap, origin: Option<HeaderValue>, preflight: bool) {
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    let Some(origin) = origin else { return };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    if preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("authorization, content-type, last-event-id, x-file-name"),
        );
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
}
