//! What a refusal of the Gemini API means.

use std::time::Duration;

use frontdesk_kernel::{ConnectorError, ErrorKind, Retry};
use serde_json::Value;

use crate::models::call::{Call, Refusal, by_status, retry_after, wait_of};

/// A refusal with an HTTP status of its own.
pub(super) fn refused(call: Call<'_>, status: u16, headers: &[(String, String)], body: &[u8]) -> ConnectorError {
    // Without `alt=sse` a stream's error comes within a list.
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = body.get(0).unwrap_or(&body).get("error");
    judge(call, Some(status), retry_after(headers), error.unwrap_or(&Value::Null))
}

/// An `error` inside a 200.
pub(super) fn refused_inside(call: Call<'_>, error: &Value) -> ConnectorError {
    let status = error.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
    judge(call, status.filter(|status| (400..600).contains(status)), None, error)
}

fn judge(call: Call<'_>, status: Option<u16>, asked_wait: Option<Duration>, error: &Value) -> ConnectorError {
    let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let details = error.get("details").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let wait = details.iter().find_map(retry_delay).or(asked_wait);
    let (code, message) = (text("status"), text("message"));
    let (kind, retry) = if details.iter().any(is_bad_key) {
        (ErrorKind::Unauthorized, Retry::Never)
    } else if code == "RESOURCE_EXHAUSTED" && details.iter().any(is_daily_quota) {
        (ErrorKind::Quota, Retry::Never)
    } else if code == "INVALID_ARGUMENT" && message.contains("token count") && message.contains("exceeds") {
        (ErrorKind::ContextOverflow, Retry::Never)
    } else {
        status.map_or((ErrorKind::Unavailable, Retry::Later), |status| by_status(status, wait))
    };
    let code = (!code.is_empty()).then(|| code.to_owned());
    call.refused(kind, retry, Refusal { status, code, message: message.to_owned(), retry_after: wait })
}

/// `google.rpc.RetryInfo`: `{"retryDelay": "13.5s"}`.
fn retry_delay(detail: &Value) -> Option<Duration> {
    wait_of(detail.get("retryDelay")?.as_str()?.strip_suffix('s')?.parse().ok()?)
}

/// `google.rpc.ErrorInfo`: a wrong key is a 400.
fn is_bad_key(detail: &Value) -> bool {
    matches!(detail.get("reason").and_then(Value::as_str), Some("API_KEY_INVALID" | "API_KEY_EXPIRED"))
}

/// `google.rpc.QuotaFailure`: what is counted by the day does not come back within a turn.
fn is_daily_quota(detail: &Value) -> bool {
    let violations = detail.get("violations").and_then(Value::as_array);
    violations.into_iter().flatten().any(|v| v.get("quotaId").and_then(Value::as_str).is_some_and(|id| id.contains("PerDay")))
}
