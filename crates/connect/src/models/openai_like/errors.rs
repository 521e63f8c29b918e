//! What a refusal of a chat completions vendor means.

use frontdesk_kernel::{ConnectorError, ErrorKind, Retry};
use serde_json::Value;

use crate::models::call::{Call, Refusal, by_status, retry_after};

/// A refusal with an HTTP status of its own.
pub(super) fn refused(call: Call<'_>, status: u16, headers: &[(String, String)], body: &[u8]) -> ConnectorError {
    let refusal = match serde_json::from_slice::<Value>(body) {
        // `{"error": …}`, Mistral's bare `{"message": …}`, FastAPI's `{"detail": …}`.
        Ok(body) => read(body.get("error").filter(|e| !e.is_null()).or_else(|| body.get("detail")).unwrap_or(&body)),
        // Not the vendor's words but a proxy's page: nothing an operator wants to read.
        Err(_) => Refusal { message: "the answer is not JSON".to_owned(), ..Refusal::default() },
    };
    judge(call, Refusal { status: Some(status), retry_after: retry_after(headers), ..refusal })
}

/// An `error` inside a 200: its code tells what the status would have been.
pub(super) fn refused_inside(call: Call<'_>, error: &Value) -> ConnectorError {
    // Also where the vendor's word stands beside it: not every word is one of ours.
    let number = error.get("code").and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
    let status = number.and_then(|number| u16::try_from(number).ok()).filter(|status| (400..600).contains(status));
    judge(call, Refusal { status, ..read(error) })
}

fn read(error: &Value) -> Refusal {
    let word = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let member = |name: &str| error.get(name).and_then(word);
    Refusal {
        // OpenRouter's stable vocabulary stands in the metadata; its `code` is the status.
        code: error.pointer("/metadata/error_type").and_then(word).or_else(|| member("code")).or_else(|| member("type")),
        message: member("message").or_else(|| member("detail")).or_else(|| word(error)).unwrap_or_default(),
        ..Refusal::default()
    }
}

fn judge(call: Call<'_>, refusal: Refusal) -> ConnectorError {
    let by_code = refusal.code.as_deref().and_then(|code| {
        let later = refusal.retry_after.map_or(Retry::Later, Retry::After);
        Some(match code {
            "context_length_exceeded" | "token_limit_exceeded" => (ErrorKind::ContextOverflow, Retry::Never),
            "insufficient_quota" | "billing_hard_limit_reached" | "payment_required" => (ErrorKind::Quota, Retry::Never),
            "invalid_api_key" | "authentication" => (ErrorKind::Unauthorized, Retry::Never),
            "model_not_found" | "not_found" => (ErrorKind::NotFound, Retry::Never),
            "rate_limit_exceeded" => (ErrorKind::RateLimited, later),
            _ => return None,
        })
    });
    let (kind, retry) = by_code.unwrap_or_else(|| match refusal.status {
        Some(400 | 413 | 422) if speaks_of_context(&refusal.message) => (ErrorKind::ContextOverflow, Retry::Never),
        Some(status) => by_status(status, refusal.retry_after),
        None => (ErrorKind::Unavailable, Retry::Later),
    });
    call.refused(kind, retry, refusal)
}

/// Local servers have no code for it.
fn speaks_of_context(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    ["context length", "context window", "context size", "context_length"].iter().any(|words| message.contains(words))
}
