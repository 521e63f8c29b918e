//! Whoever stands at the door: not signed in, but on a page of ours, so that no other page signs anybody in or out.

use axum::{
    extract::FromRequestParts,
    http::{Method, header, request::Parts},
};
use frontdesk_engine::access::Visitor;

use super::cookies;
use crate::{
    Web,
    kit::{Problem, authenticate, client},
};

/// A visitor whose request comes from a page of ours.
pub(super) struct Knock(pub(super) Visitor);

impl FromRequestParts<Web> for Knock {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Knock, Problem> {
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            authenticate::same_origin(web, &parts.headers)?;
        }
        let address = client::address(&parts.extensions, &parts.headers, &web.trusted_proxies);
        let device = parts.headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok());
        Ok(Knock(Visitor {
            address: address.map(|a| a.to_string()).unwrap_or_default(),
            device: device.unwrap_or_default().to_owned(),
            mark: authenticate::cookie(&parts.headers, cookies::device(web)).map(str::to_owned),
        }))
    }
}
