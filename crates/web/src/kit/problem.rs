//! Errors of the API: RFC 9457 problems with a stable `code`.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What is wrong with one member of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Field {
    /// Where, such as `hours.monday[0].open`.
    pub(crate) path: String,
    pub(crate) problem: String,
}

/// A refusal, as `application/problem+json`.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<Field>,
    retry_after: Option<u64>,
    more: Map<String, Value>,
}

/// How a problem reads.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Told<'p> {
    /// Always `about:blank`: `code` says which problem it is.
    r#type: &'static str,
    title: &'static str,
    status: u16,
    /// Stable; for programs.
    code: &'static str,
    /// For people; says what to do.
    detail: &'p str,
    /// Members of the request that are wrong.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'p [Field],
    /// What some problems say besides, such as the free times of `taken`.
    #[serde(flatten)]
    #[schema(ignore)]
    more: &'p Map<String, Value>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, code, detail: detail.into(), errors: Vec::new(), retry_after: None, more: Map::new() }
    }
    pub(crate) fn unauthorized() -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "Sign in, or give a valid API key: `Authorization: Bearer fd_…`.")
    }
    pub(crate) fn forbidden(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, code, detail)
    }
    pub(crate) fn not_found(what: &str) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not_found", format!("There is no such {what}."))
    }
    /// Whoever may not see it learns that it is not there. A failure of ours stays one: it is no answer.
    pub(crate) fn hiding(self, what: &str) -> Problem {
        if self.is_ours() { self } else { Problem::not_found(what) }
    }
    /// A failure of ours, and no word about what was asked for.
    pub(crate) fn is_ours(&self) -> bool {
        self.status.is_server_error()
    }
    pub(crate) fn conflict(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::CONFLICT, code, detail)
    }
    pub(crate) fn gone(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::GONE, code, detail)
    }
    pub(crate) fn invalid(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
    }
    /// One member of the request is wrong.
    pub(crate) fn field(path: impl Into<String>, problem: impl Into<String>) -> Problem {
        Problem::fields(vec![Field { path: path.into(), problem: problem.into() }])
    }
    /// Several are.
    pub(crate) fn fields(errors: Vec<Field>) -> Problem {
        let detail = errors.iter().map(|e| format!("{}: {}", e.path, e.problem)).collect::<Vec<_>>().join("; ");
        Problem { errors, ..Problem::invalid(detail) }
    }
    /// Says more, for programs.
    #[must_use]
    pub(crate) fn with(mut self, member: &'static str, value: impl Into<Value>) -> Problem {
        self.more.insert(member.to_owned(), value.into());
        self
    }
    /// Too much; try again after so many seconds.
    pub(crate) fn too_many(detail: impl Into<String>, seconds: u64) -> Problem {
        Problem { retry_after: Some(seconds.max(1)), ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail) }
    }
    pub(crate) fn internal() -> Problem {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side.")
    }
}

impl From<frontdesk_store::Error> for Problem {
    fn from(e: frontdesk_store::Error) -> Problem {
        match e {
            // A rule of ours, in words for the caller.
            frontdesk_store::Error::Refused(why) => Problem::invalid(why),
            frontdesk_store::Error::TooLong => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too_long",
                "That took too long: ask for less, for example for fewer days.",
            ),
            e if e.may_retry() => {
                tracing::error!(error = %e, "a request failed in the database");
                let unavailable = "The database is not available; try again.";
                Problem { retry_after: Some(1), ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", unavailable) }
            }
            e => {
                tracing::error!(error = %e, "a request failed in the database");
                Problem::internal()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let told = Told {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            errors: &self.errors,
            more: &self.more,
        };
        let mut response = (self.status, [(header::CONTENT_TYPE, "application/problem+json")], Json(told)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
