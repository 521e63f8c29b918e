//! Meta's error codes as its API words them.

use axum::response::Response;
use serde_json::json;

use super::super::faults;

/// HTTP status, title and details of a code.
pub(in super::super) fn meaning(code: i64) -> (u16, &'static str, &'static str) {
    match code {
        0 => (401, "AuthException", "The app user could not be authenticated"),
        1 => (500, "API Unknown", "Possibly a temporary issue"),
        2 => (503, "API Service", "Temporary issue due to downtime or overload"),
        4 => (429, "API Too Many Calls", "The app has reached its API call rate limit"),
        10 => (403, "API Permission Denied", "Permission is either not granted or has been removed"),
        100 => (400, "Invalid parameter", "The request included a parameter that is not supported or misspelled"),
        190 => (401, "Error validating access token", "The access token has expired"),
        200..=299 => (403, "API Permission", "Permission is either not granted or has been removed"),
        368 => (403, "Temporarily blocked for policies violations", "The account has been restricted or disabled"),
        80007 => (429, "Rate limit issues", "The business account has reached its rate limit"),
        130429 => (429, "Rate limit hit", "Message throughput has been reached"),
        130472 => (400, "User's number is part of an experiment", "Message was not sent as part of an experiment"),
        131000 => (500, "Something went wrong", "Message failed to send due to an unknown error"),
        131008 => (400, "Required parameter is missing", "The request is missing a required parameter"),
        131009 => (400, "Parameter value is not valid", "One or more parameter values are invalid"),
        131016 => (503, "Service unavailable", "A service is temporarily unavailable"),
        131021 => (400, "Recipient cannot be sender", "Sender and recipient phone number is the same"),
        131026 => (400, "Message undeliverable", "Unable to deliver message"),
        131030 => (400, "Recipient phone number not in allowed list", "Add the recipient to the allowed list"),
        131031 => (403, "Account has been locked", "The account has been restricted or disabled"),
        131042 => (400, "Business eligibility payment issue", "There is a problem with the payment method"),
        131047 => (400, "Re-engagement message", "More than 24 hours have passed since the recipient last replied"),
        131048 => (400, "Spam rate limit hit", "There are restrictions on how many messages this number can send"),
        131049 => (400, "Message not delivered", "Not delivered to maintain healthy ecosystem engagement"),
        131050 => (400, "User has stopped marketing messages", "The user does not want marketing messages"),
        131051 => (400, "Unsupported message type", "Message type is currently not supported"),
        131052 => (400, "Media download error", "Unable to download the media sent by the user"),
        131053 => (400, "Media upload error", "Unable to upload the media used in the message"),
        131056 => (400, "Pair rate limit hit", "Too many messages sent to the same recipient in a short period of time"),
        131062 => (400, "Recipient not supported", "Business-scoped user id recipients are not supported for this message"),
        132000 => (400, "Template param count mismatch", "Number of parameters does not match the expected number"),
        132001 => (404, "Template does not exist", "The template does not exist in the language or is not approved"),
        132015 => (400, "Template is paused", "The template is paused due to low quality"),
        _ => (400, "Unknown error code", "No details"),
    }
}

/// The answer that carries a code.
pub(super) fn refusal(code: i64) -> Response {
    refusal_because(code, meaning(code).2)
}

pub(super) fn refusal_because(code: i64, details: &str) -> Response {
    let (status, title, _) = meaning(code);
    let transient = matches!(code, 1 | 2 | 4 | 80007 | 130429 | 131000 | 131016);
    let body = json!({"error": {
        "message": format!("(#{code}) {title}"),
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details},
        "is_transient": transient,
        "fbtrace_id": "AFakeTraceIdOfThisTest0",
    }});
    faults::json(status, &body)
}
