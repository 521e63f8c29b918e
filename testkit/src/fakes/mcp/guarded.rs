//! The server as something that access is given to (RFC 9728): it lets in whom somebody else vouches for, and says who that is.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Desk, FakeMcp, Recorded, lock};
use crate::fakes::FakeConsent;

/// Is this token good for that resource?
type Admits = dyn Fn(&str, &str) -> bool + Send + Sync;

pub(super) struct Guard {
    admits: Box<Admits>,
    description: Value,
    /// Refusals say where the description is.
    points: bool,
}

impl FakeMcp {
    /// Lets in only who has a token of theirs, made for this server.
    pub fn protect(&self, giver: &FakeConsent) {
        let description = json!({
            "resource": self.endpoint(), "authorization_servers": [giver.issuer()], "scopes_supported": ["orders"],
            "bearer_methods_supported": ["header"],
        });
        *lock(&self.desk.guard) = Some(Guard { admits: Box::new(giver.guard()), description, points: true });
    }

    /// Changes what it says of itself.
    pub fn describe(&self, change: impl FnOnce(&mut Value)) {
        if let Some(guard) = &mut *lock(&self.desk.guard) {
            change(&mut guard.description);
        }
    }

    /// Refuses without saying where its description is.
    pub fn point_nowhere(&self) {
        if let Some(guard) = &mut *lock(&self.desk.guard) {
            guard.points = false;
        }
    }
}

/// Whether a request shows a token that is good here. Without a guard everybody does.
pub(super) fn admits(desk: &Desk, request: &Recorded) -> bool {
    let guard = lock(&desk.guard);
    let Some(guard) = &*guard else { return true };
    let resource = guard.description["resource"].as_str().unwrap_or_default();
    request.bearer().is_some_and(|token| (guard.admits)(token, resource))
}

pub(super) fn refusal(desk: &Desk, request: &Recorded) -> Response {
    let points = lock(&desk.guard).as_ref().is_some_and(|guard| guard.points);
    let host = request.header("host").unwrap_or_default();
    let challenge = match points {
        true => format!(
            "Bearer realm=\"mcp, of a shop\", error=\"invalid_token\", resource_metadata=\"http://{host}{DESCRIPTION}\", scope=\"orders\""
        ),
        false => "Bearer realm=\"mcp\"".to_owned(),
    };
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)], "").into_response()
}

pub(super) const DESCRIPTION: &str = "/.well-known/oauth-protected-resource/mcp";

pub(super) async fn describe(State(desk): State<Arc<Desk>>) -> Response {
    match &*lock(&desk.guard) {
        Some(guard) => Json(guard.description.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
