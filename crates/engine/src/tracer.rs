//! The console tracer: one line per thing that happens in a turn, in the predecessors' exact format. Personal data are keyed hashes.

use std::{
    fmt::Write,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use frontdesk_kernel::{
    Secret,
    ids::{MessageId, TenantId, TurnId},
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// Arguments whose values name a person are hashed …
const HASHED: &[&str] = &["whatsapp_id", "wa_id", "phone", "phone_number"];
/// … these say nothing about one and are shown; everything else is left out, whatever a model calls it.
const SHOWN: &[&str] = &["start", "new_start", "date", "service", "staff", "time_range", "topic", "appointment"];

/// Libraries that write down what passes through them, which may be anybody's data: what servers of tools say, the values of statements.
/// Whoever sets up logs keeps them from it at any level.
pub const TALKATIVE: &[&str] = &["rmcp=off", "tokio_postgres=info"];

/// Derived from the installation's key, so that nobody without it can try numbers.
static KEY: OnceLock<Vec<u8>> = OnceLock::new();
static ON: AtomicBool = AtomicBool::new(true);
static PII: AtomicBool = AtomicBool::new(false);

/// Set once at start.
pub fn configure(on: bool, log_pii: bool, key: &Secret) {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(b"frontdesk trace 1");
    // Set once: hashes of one process are comparable.
    let _ = KEY.set(mac.finalize().into_bytes().to_vec());
    ON.store(on, Ordering::Relaxed);
    PII.store(log_pii, Ordering::Relaxed);
}

/// A keyed hash of a person's address: the same person has the same hash within a tenant, and nobody can reverse it by trying numbers.
pub fn hash(tenant: &TenantId, value: &str) -> String {
    let key = KEY.get().map_or(&[][..], Vec::as_slice);
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(tenant.as_str().as_bytes());
    mac.update(b"/");
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
    let Value::Object(map) = arguments else { return Value::String("[REDACTED]".into()) };
    if PII.load(Ordering::Relaxed) {
        return arguments.clone();
    }
    let shown = |(key, value): (&String, &Value)| {
        let value = match value {
            Value::String(text) if HASHED.contains(&key.as_str()) => Value::String(hash(tenant, text)),
            value if SHOWN.contains(&key.as_str()) => value.clone(),
            _ => Value::String("[REDACTED]".into()),
        };
        (key.clone(), value)
    };
    map.iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_name_a_person_are_hashed_or_left_out() {
        let tenant = TenantId::parse("tnt_a").unwrap();
        let args = serde_json::json!({"phone": "573001234567", "customer_name": "Ana", "start": "2026-11-23T10:00", "telefono": 573001234567i64, "deep": {"email": "a@b.c"}});
        let shown = redact(&tenant, &args).to_string();
        for secret in ["573001234567", "Ana", "a@b.c"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("2026-11-23T10:00") && shown.contains("[REDACTED]"));
        assert_ne!(hash(&tenant, "1"), hash(&TenantId::parse("tnt_b").unwrap(), "1"));
    }
}
