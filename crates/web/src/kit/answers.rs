//! Answers of the API that are not refusals.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use frontdesk_kernel::Timestamp;
use serde::Serialize;

/// 200 with what was asked for.
pub(crate) struct Found<T> {
    value: T,
    tag: Option<Timestamp>,
}

#[expect(non_snake_case, reason = "reads like the constructor that it is for answers without a tag")]
pub(crate) fn Found<T>(value: T) -> Found<T> {
    Found { value, tag: None }
}

impl<T> Found<T> {
    /// With an `ETag`: whoever changes it may say which state they saw (`If-Match`).
    pub(crate) fn tagged(value: T, updated_at: Timestamp) -> Found<T> {
        Found { value, tag: Some(updated_at) }
    }

    /// For an answer that is made of this one.
    pub(crate) fn into_parts(self) -> (T, Option<Timestamp>) {
        (self.value, self.tag)
    }
}

/// The `ETag` of something that was changed last at that time.
pub(crate) fn tag(updated_at: Timestamp) -> String {
    format!("\"{}\"", updated_at.0)
}

impl<T: Serialize> IntoResponse for Found<T> {
    fn into_response(self) -> Response {
        with_tag(Json(self.value).into_response(), self.tag)
    }
}

/// 201 with what was made and where it is.
pub(crate) struct Created<T> {
    location: String,
    value: T,
    tag: Option<Timestamp>,
}

impl<T> Created<T> {
    /// `location`: its path, such as `/api/v1/contacts/con_…`.
    pub(crate) fn at(location: impl Into<String>, value: T) -> Created<T> {
        Created { location: location.into(), value, tag: None }
    }
    pub(crate) fn tagged(self, updated_at: Timestamp) -> Created<T> {
        Created { tag: Some(updated_at), ..self }
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, Json(self.value)).into_response();
        if let Ok(location) = HeaderValue::from_str(&self.location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        with_tag(response, self.tag)
    }
}

/// 202: it will be done.
pub(crate) struct Accepted<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(self.0)).into_response()
    }
}

/// 204: done, and there is nothing to say.
pub(crate) struct Deleted;

impl IntoResponse for Deleted {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

fn with_tag(mut response: Response, updated_at: Option<Timestamp>) -> Response {
    if let Some(tag) = updated_at.and_then(|at| HeaderValue::from_str(&tag(at)).ok()) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
