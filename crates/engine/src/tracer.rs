//! The console tracer: one line per thing that happens in a turn, in the predecessors' exact format. Personal data are keyed hashes.

use std::{
    fmt::Write,
    sync::atomic::{AtomicBool, Ordering},
};

use frontdesk_kernel::ids::{MessageId, TenantId, TurnId};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// Arguments whose values name a person: hashed …
const HASHED: &[&str] = &["whatsapp_id", "wa_id", "phone", "phone_number"];
/// … or left out.
const REDACTED: &[&str] =
    &["name", "email", "customer_name", "customer_age", "age", "description", "notes", "reason", "address", "birthday"];

static ON: AtomicBool = AtomicBool::new(true);
static PII: AtomicBool = AtomicBool::new(false);

/// Set once at start.
pub fn configure(on: bool, log_pii: bool) {
    ON.store(on, Ordering::Relaxed);
    PII.store(log_pii, Ordering::Relaxed);
}

/// A keyed hash of a person's address: the same person has the same hash within a tenant, and nobody can reverse it by trying numbers.
pub fn hash(tenant: &TenantId, value: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(tenant.as_str().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(value.as_bytes());
    mac.finalize().into_bytes().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

pub fn started(turn: &TurnId, tenant: &TenantId, user: &str, message: &MessageId) {
    if !ON.load(Ordering::Relaxed) {
        return;
    }
    let user = shown(tenant, user);
    line(format_args!("Run started: {turn} | user={user} | message_id={message} | business_id={tenant}"));
}

pub fn model_called(iteration: u32, has_tool_calls: bool) {
    line(format_args!("LLM call: iteration={iteration} | has_tool_calls={}", python(has_tool_calls)));
}

pub fn tool_called(tenant: &TenantId, name: &str, arguments: &Value) {
    if ON.load(Ordering::Relaxed) {
        line(format_args!("Tool call: {name} | args={}", redact(tenant, arguments)));
    }
}

pub fn tool_answered(name: &str, success: bool, error: Option<&str>) {
    match error {
        None => line(format_args!("Tool result: {name} | success={}", python(success))),
        Some(error) => line(format_args!("Tool result: {name} | success={} | error={error}", python(success))),
    }
}

pub fn failed(problem: &str) {
    line(format_args!("Error: {problem}"));
}

pub fn ended(turn: &TurnId, success: bool, millis: f64, tools: u32, errors: u32, error: Option<&str>) {
    let (success, mut tail) = (python(success), String::new());
    if let Some(error) = error {
        let _ = write!(tail, " | error={error}");
    }
    line(format_args!("Run ended: {turn} | success={success} | latency={millis:.2}ms | tools={tools} | errors={errors}{tail}"));
}

fn line(text: std::fmt::Arguments<'_>) {
    if ON.load(Ordering::Relaxed) {
        tracing::info!(target: "trace", "[TRACE] {text}");
    }
}

fn python(b: bool) -> &'static str {
    if b { "True" } else { "False" }
}

fn shown(tenant: &TenantId, value: &str) -> String {
    if PII.load(Ordering::Relaxed) { value.to_owned() } else { hash(tenant, value) }
}

fn redact(tenant: &TenantId, arguments: &Value) -> Value {
    if PII.load(Ordering::Relaxed) {
        return arguments.clone();
    }
    match arguments {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let value = match value {
                    Value::String(text) if HASHED.contains(&key.as_str()) => Value::String(hash(tenant, text)),
                    _ if REDACTED.contains(&key.as_str()) => Value::String("[REDACTED]".into()),
                    other => redact(tenant, other),
                };
                (key.clone(), value)
            })
            .collect(),
        Value::Array(items) => items.iter().map(|v| redact(tenant, v)).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_name_a_person_are_hashed_or_left_out() {
        let tenant = TenantId::parse("tnt_a").unwrap();
        let args = serde_json::json!({"phone": "573001234567", "customer_name": "Ana", "start": "2026-11-23T10:00", "deep": {"email": "a@b.c"}});
        let shown = redact(&tenant, &args).to_string();
        for secret in ["573001234567", "Ana", "a@b.c"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("2026-11-23T10:00") && shown.contains("[REDACTED]"));
        assert_ne!(hash(&tenant, "1"), hash(&TenantId::parse("tnt_b").unwrap(), "1"));
    }
}
