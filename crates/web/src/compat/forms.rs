//! The predecessor's errors: `{"detail": …}`, with the list of findings that its framework gave for what does not fit its models.

use axum::{
    Json,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

/// A refusal, as the predecessor's clients read it.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    detail: Value,
}

impl Refused {
    pub(crate) fn bad(detail: impl Into<String>) -> Refused {
        Refused { status: StatusCode::BAD_REQUEST, detail: Value::String(detail.into()) }
    }
    pub(crate) fn not_found(detail: &str) -> Refused {
        Refused { status: StatusCode::NOT_FOUND, detail: detail.into() }
    }
    fn found(findings: Vec<Value>) -> Refused {
        Refused { status: StatusCode::UNPROCESSABLE_ENTITY, detail: Value::Array(findings) }
    }
}

impl From<frontdesk_store::Error> for Refused {
    fn from(e: frontdesk_store::Error) -> Refused {
        match e {
            frontdesk_store::Error::Refused(why) => Refused::bad(why),
            e => {
                tracing::error!(error = %e, "a request failed in the database");
                let status = if e.may_retry() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INTERNAL_SERVER_ERROR };
                Refused { status, detail: status.canonical_reason().unwrap_or_default().into() }
            }
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "detail": self.detail }))).into_response()
    }
}

fn finding(kind: &str, place: &[&str], message: &str, input: &Value) -> Value {
    json!({ "type": kind, "loc": place, "msg": message, "input": input })
}

/// A member that does not fit, for a reason of ours.
pub(crate) fn invalid(member: &str, problem: &str) -> Refused {
    Refused::found(vec![finding("value_error", &["body", member], &format!("Value error, {problem}"), &Value::Null)])
}

/// The body, which must be a JSON object.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, Refused> {
    let invalid = |message: &str| Refused::found(vec![finding("json_invalid", &["body", "0"], message, &json!({}))]);
    if body.is_empty() {
        return Err(Refused::found(vec![finding("missing", &["body"], "Field required", &Value::Null)]));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) if holds_nul(&map) => Err(invalid("JSON decode error: U+0000 cannot be stored")),
        Ok(Value::Object(map)) => Ok(map),
        Ok(other) => {
            let message = "Input should be a valid dictionary or object to extract fields from";
            Err(Refused::found(vec![finding("model_attributes_type", &["body"], message, &other)]))
        }
        Err(_) => Err(invalid("JSON decode error")),
    }
}

fn holds_nul(map: &Map<String, Value>) -> bool {
    map.iter().any(|(key, value)| key.contains('\0') || value_holds_nul(value))
}

fn value_holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(value_holds_nul),
        Value::Object(map) => holds_nul(map),
        _ => false,
    }
}

/// What is wrong with a body, all of it.
#[derive(Default)]
pub(crate) struct Flaws(Vec<Value>);

impl Flaws {
    /// A text that must be there; `None` when it is not, or is of another kind or length.
    pub(crate) fn text(&mut self, given: &Map<String, Value>, member: &str, shortest: usize, longest: usize) -> Option<String> {
        let place = ["body", member];
        let flaw = match given.get(member) {
            None => finding("missing", &place, "Field required", &Value::Object(given.clone())),
            Some(Value::String(text)) => {
                let length = text.chars().count();
                if (shortest..=longest).contains(&length) {
                    return Some(text.clone());
                }
                let (kind, limit) = if length < shortest { ("too_short", shortest) } else { ("too_long", longest) };
                let word = if kind == "too_short" { "at least" } else { "at most" };
                let characters = if limit == 1 { "character" } else { "characters" };
                let message = format!("String should have {word} {limit} {characters}");
                finding(&format!("string_{kind}"), &place, &message, &text.clone().into())
            }
            Some(other) => finding("string_type", &place, "Input should be a valid string", other),
        };
        self.0.push(flaw);
        None
    }

    /// An object, or nothing.
    pub(crate) fn map(&mut self, given: &Map<String, Value>, member: &str) -> Value {
        match given.get(member) {
            None | Some(Value::Null) => Value::Null,
            Some(value @ Value::Object(_)) => value.clone(),
            Some(other) => {
                self.0.push(finding("dict_type", &["body", member], "Input should be a valid dictionary", other));
                Value::Null
            }
        }
    }

    pub(crate) fn end(self) -> Result<(), Refused> {
        if self.0.is_empty() { Ok(()) } else { Err(Refused::found(self.0)) }
    }
}

const NOT_A_NUMBER: &str = "Input should be a valid integer, unable to parse string as an integer";

/// A number of the path.
pub(crate) fn number(name: &str, text: &str) -> Result<i64, Refused> {
    text.parse().map_err(|_| Refused::found(vec![finding("int_parsing", &["path", name], NOT_A_NUMBER, &text.into())]))
}

/// `skip` (0) and `limit` (100) of the query.
pub(crate) fn window(uri: &Uri) -> Result<(u32, u32), Refused> {
    let (mut skip, mut limit) = (0, 100);
    for pair in uri.query().unwrap_or_default().split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let into = match name {
            "skip" => &mut skip,
            "limit" => &mut limit,
            _ => continue,
        };
        *into = match value.parse::<i64>() {
            // Its database took negative numbers for none and for all.
            Ok(n) if n < 0 => {
                if name == "skip" {
                    0
                } else {
                    1000
                }
            }
            Ok(n) => u32::try_from(n).unwrap_or(u32::MAX / 2),
            Err(_) => return Err(Refused::found(vec![finding("int_parsing", &["query", name], NOT_A_NUMBER, &value.into())])),
        };
    }
    Ok((skip, limit.min(1000)))
}
