//! Requests of ours against the vendors' published schemas.

use std::path::PathBuf;

use serde_json::{Value, json};

/// Accepts `body` and refuses each of `wrong`: an oracle that cannot say no proves nothing.
pub(super) fn assert_accepted(vendor: &str, operation: &str, body: &Value, wrong: &[Value]) {
    let Some(found) = objections(vendor, operation, body) else { return };
    assert_eq!(found, Vec::<String>::new(), "{body:#}");
    for wrong in wrong {
        assert!(!objections(vendor, operation, wrong).unwrap_or_default().is_empty(), "accepted: {wrong:#}");
    }
}

/// Everything that a vendor's published schema finds wrong with a JSON request, as published and with unknown members refused.
/// `None` when the contract data are not on this machine.
fn objections(vendor: &str, operation: &str, body: &Value) -> Option<Vec<String>> {
    let bundle = bundle(vendor)?;
    let operation = &bundle["operations"][operation];
    let schemas = &operation["requests"]["application/json"];
    let mut found = Vec::new();
    for strictness in ["open", "closed"] {
        let mut schema = json!({ "$schema": bundle["$schema"], "$defs": bundle["$defs"] });
        for (key, value) in schemas[strictness].as_object().unwrap_or_else(|| panic!("{vendor} has no such operation")) {
            schema[key] = value.clone();
        }
        let validator = jsonschema::validator_for(&schema).unwrap();
        found.extend(validator.iter_errors(body).map(|e| format!("{strictness} {}: {e}", e.instance_path())));
    }
    Some(found)
}

#[expect(clippy::disallowed_methods, reason = "where the contract data are is told to tests by the environment")]
fn bundle(vendor: &str) -> Option<Value> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contracts");
    let folder = std::env::var("FRONTDESK_CONTRACTS").unwrap_or_else(|_| default.to_owned());
    let path = PathBuf::from(folder).join("bundles").join(format!("{vendor}.json"));
    match std::fs::read(&path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(error) => {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{}: {error}", path.display());
            eprintln!("NOT CHECKED against the contract of {vendor}: {}: {error}", path.display());
            None
        }
    }
}
