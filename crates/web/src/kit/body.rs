//! What comes in: JSON bodies, queries and ids, each with errors that say where.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, header::CONTENT_TYPE, request::Parts},
};
use serde::de::DeserializeOwned;

use super::{Problem, limits};
use crate::Web;

/// A JSON body within the server's limits.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Web> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("application/json");
        let mime = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if mime != "application/json" && !mime.ends_with("+json") {
            let detail = format!("Send JSON: `Content-Type: application/json`, not `{mime}`.");
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", detail));
        }
        let bytes = limits::read(&parts.headers, body, &web.limits).await.map_err(Problem::from)?;
        read(&bytes).map(Body)
    }
}

/// Reads JSON; the error names the member.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if has_nul(bytes) {
        return Err(Problem::invalid("The character U+0000 cannot be stored."));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
        let path = e.path().to_string();
        let inner = e.into_inner();
        if inner.is_data() && path != "." {
            Problem::field(path, without_place(&inner.to_string()))
        } else {
            Problem::field("", inner.to_string())
        }
    })?;
    reader.end().map_err(|e| Problem::field("", e.to_string()))?;
    Ok(value)
}

/// A raw NUL, or `\u0000` that is not `\\u0000`.
fn has_nul(bytes: &[u8]) -> bool {
    if bytes.contains(&0) {
        return true;
    }
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|b| *b == b'\\') {
        let escape = &bytes[at + found..];
        if escape.starts_with(b"\\u0000") {
            return true;
        }
        at += found + 2;
        if at >= bytes.len() {
            break;
        }
    }
    false
}

/// serde_json ends with `at line 1 column 7`, which the path says better.
fn without_place(text: &str) -> &str {
    text.rsplit_once(" at line ").map_or(text, |(before, _)| before)
}

impl From<limits::Refused> for Problem {
    fn from(e: limits::Refused) -> Problem {
        Problem::new(e.status(), "body", format!("{}.", e.text()))
    }
}

/// The query, with unknown names refused by the type's `deny_unknown_fields`.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Web> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(|q| q.contains("%00")) {
            return Err(Problem::invalid("The character U+0000 cannot be used."));
        }
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(value)) => Ok(Query(value)),
            Err(e) => {
                let text = e.body_text();
                let text = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
                match text.split_once(": ") {
                    Some((path, problem)) if !path.contains(' ') => Err(Problem::field(path, problem)),
                    _ => Err(Problem::field("", text)),
                }
            }
        }
    }
}

/// What the path names. What cannot be an id is not there, like somebody else's.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Web> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, web).await {
            Ok(axum::extract::Path(value)) => Ok(Path(value)),
            Err(_) => Err(Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing with this id.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_real_nul_is_refused() {
        for (text, has) in [
            (r#"{"a":"\u0000"}"#, true),
            (r#"{"a":"\\u0000"}"#, false),
            (r#"{"a":"\\\u0000"}"#, true),
            ("\"\\", false),
            ("\0", true),
            (r#""\n\t""#, false),
        ] {
            assert_eq!(has_nul(text.as_bytes()), has, "{text}");
        }
    }
}
