//! The business of a crash run: some of what its agent does waits for a person or for the customer, and all of it is paid for.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::errands::CHAT;
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
    let takes = |argument: &str| json!({ "type": "object", "additionalProperties": false, "required": [argument], "properties": { argument: {"type": "string"} } });
    let posts =
        |path: &str| json!({ "method": "POST", "url": format!("{}{path}", fakes.service), "rest": "body", "timeout_ms": 10_000 });
    let pay_back = json!({
        "name": "pay_back", "description": "Pays for an order again.", "proves": "paid", "idempotent": true,
        "parameters": takes("order"), "request": posts("/payments"),
    });
    // Whoever rings twice has rung twice, and nobody can ask the bell.
    let ring_bell = json!({
        "name": "ring_bell", "description": "Rings the bell of the workshop.",
        "parameters": takes("door"), "request": posts("/bell"),
    });
    let rules = [rule("create_task", "approval"), rule("pay_back", "approval"), rule("notify_team", "suggestion")];
    let chat = json!({ "kind": "webchat", "account": CHAT, "name": "Website" });
    let till = json!({ "vendor": "stripe", "secret_key": "sk_test_of_the_business", "webhook_secrets": ["whsec_of_the_business"], "any_amount": true });
    for (method, path, body) in [
        ("POST", "/api/v1/channels", chat),
        ("PUT", "/api/v1/settings/payments", till),
        ("POST", "/api/v1/tools", pay_back),
        ("POST", "/api/v1/tools", ring_bell),
        ("PUT", "/api/v1/policies", json!({ "items": rules })),
        (
            "PATCH",
            "/api/v1/tokens/settings",
            json!({ "enabled": true, "costs": { "tool:create_task": 3, "tool:pay_back": 5, "tool:notify_team": 2 } }),
        ),
        ("POST", "/api/v1/tokens/top-ups", json!({ "tokens": CREDIT })),
    ] {
        ask(node, &key, method, path, &body)?;
    }
    let server = ask(node, &key, "POST", "/api/v1/mcp-servers", &json!({ "name": "shop", "url": fakes.tools }))?;
    let server = server["id"].as_str().with_context(|| format!("the server of tools is not connected: {server}"))?;
    let offered = ask(node, &key, "GET", &format!("/api/v1/mcp-servers/{server}/tools"), &Value::Null)?;
    let tool = |tool: &Value| json!({ "id": tool["id"], "hash": tool["hash"], "level": "automatic", "repeatable": true });
    let yes: Vec<Value> = offered["items"].as_array().into_iter().flatten().map(tool).collect();
    ask(node, &key, "POST", &format!("/api/v1/mcp-servers/{server}/approve"), &json!({ "tools": yes }))?;
    node.stop()?;
    Ok(key)
}

fn ask(node: &Node, key: &str, method: &str, path: &str, body: &Value) -> Result<Value> {
    let (status, answer) = ask_as(node.port, method, path, key, &body.to_string())?;
    if !(200..300).contains(&status) {
        bail!("{method} {path} was answered with {status}: {answer}");
    }
    Ok(serde_json::from_str(&answer).unwrap_or_default())
}
