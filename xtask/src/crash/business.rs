//! The business of a crash run: some of what its agent does waits for a person or for the customer, and all of it is paid for.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{
    rig::{Fakes, Node, ask_as},
    shell,
};

/// More than any run spends: nobody is refused for want of credit.
const CREDIT: u64 = 1_000_000;

/// Makes the rules, the tool and the account; returns a key of the people who decide. The node runs meanwhile and is stopped afterwards.
pub(super) fn open(node: &mut Node, fakes: &Fakes) -> Result<String> {
    node.start_and_wait()?;
    let mut create = node.command(&["key", "create", "--json", "--name", "staff", "--scopes", "*"]);
    let made: Value = serde_json::from_str(&shell::read(create.stderr(Stdio::null()))?)?;
    let key = made["key"].as_str().context("no key was made")?.to_owned();
    let rule = |action: &str, level: &str| json!({ "action": action, "level": level });
    let pay_back = json!({
        "name": "pay_back", "description": "Pays for an order again.", "proves": "paid", "idempotent": true,
        "parameters": {
            "type": "object", "additionalProperties": false, "required": ["order"], "properties": { "order": {"type": "string"} },
        },
        "request": { "method": "POST", "url": format!("{}/payments", fakes.service), "rest": "body", "timeout_ms": 10_000 },
    });
    let rules = [rule("create_task", "approval"), rule("pay_back", "approval"), rule("notify_team", "suggestion")];
    for (method, path, body) in [
        ("POST", "/api/v1/tools", pay_back),
        ("PUT", "/api/v1/policies", json!({ "items": rules })),
        (
            "PATCH",
            "/api/v1/tokens/settings",
            json!({ "enabled": true, "costs": { "tool:create_task": 3, "tool:pay_back": 5, "tool:notify_team": 2 } }),
        ),
        ("POST", "/api/v1/tokens/top-ups", json!({ "tokens": CREDIT })),
    ] {
        let (status, answer) = ask_as(node.port, method, path, &key, &body.to_string())?;
        if !(200..300).contains(&status) {
            bail!("{method} {path} was answered with {status}: {answer}");
        }
    }
    node.stop()?;
    Ok(key)
}
