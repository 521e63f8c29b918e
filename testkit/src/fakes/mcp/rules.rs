//! What the protocol says a client sends, and a server answers.

use std::{collections::BTreeMap, sync::OnceLock};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jsonschema::Validator;
use serde_json::{Value, json};

use super::{Desk, Recorded, Speaks, lock};
use crate::contracts::Contracts;

/// Validators of the messages that are used here, of both versions.
struct Rules {
    sessions: BTreeMap<&'static str, Validator>,
    discovery: BTreeMap<&'static str, Validator>,
}

const REQUESTS: &[(&str, &str)] = &[
    ("initialize", "InitializeRequest"),
    ("notifications/initialized", "InitializedNotification"),
    ("notifications/cancelled", "CancelledNotification"),
    ("server/discover", "DiscoverRequest"),
    ("tools/list", "ListToolsRequest"),
    ("tools/call", "CallToolRequest"),
];
const RESULTS: &[(&str, &str)] = &[
    ("initialize", "InitializeResult"),
    ("server/discover", "DiscoverResult"),
    ("tools/list", "ListToolsResult"),
    ("tools/call", "CallToolResult"),
];

impl Rules {
    /// `None`, said loudly, without the published schema. Compiled when the first message comes.
    fn load() -> Option<&'static Rules> {
        static LOADED: OnceLock<Option<Rules>> = OnceLock::new();
        LOADED.get_or_init(Rules::compile).as_ref()
    }

    fn compile() -> Option<Rules> {
        let contracts = Contracts::load()?;
        let of = |version: &str| {
            let schema = contracts.read(&format!("specs/mcp/schema-{version}.json"));
            let kinds = REQUESTS.iter().chain(RESULTS).map(|(_, kind)| *kind);
            let known = kinds.filter(|kind| schema["$defs"].get(*kind).is_some());
            known
                .map(|kind| {
                    let mut schema = schema.clone();
                    schema["$ref"] = json!(format!("#/$defs/{kind}"));
                    (kind, jsonschema::validator_for(&schema).expect("the protocol's schema"))
                })
                .collect()
        };
        Some(Rules { sessions: of("2025-11-25"), discovery: of("2026-07-28") })
    }

    fn of(&self, speaks: Speaks) -> &BTreeMap<&'static str, Validator> {
        match speaks {
            Speaks::Sessions => &self.sessions,
            Speaks::Discovery => &self.discovery,
        }
    }
}

fn kind_of(kinds: &[(&str, &'static str)], method: &str) -> Option<&'static str> {
    kinds.iter().find(|(of, _)| *of == method).map(|(_, kind)| *kind)
}

impl Desk {
    /// What a client may not do.
    pub(super) fn check(&self, request: &Recorded, message: &Value, method: &str) {
        let accept = request.header("accept").unwrap_or_default();
        if !(accept.contains("application/json") && accept.contains("text/event-stream")) {
            self.violation(format!("{method}: a client accepts JSON and events, not `{accept}`"));
        }
        if request.content_type().is_none_or(|kind| !kind.starts_with("application/json")) {
            self.violation(format!("{method}: a message is JSON"));
        }
        if message["jsonrpc"] != "2.0" {
            self.violation(format!("{method}: not a message of JSON-RPC 2.0"));
        }
        let speaks = *lock(&self.speaks);
        // Whoever does not know us yet asks in the newest version first.
        let probes = method == "server/discover";
        if speaks == Speaks::Sessions && !probes && method != "initialize" && request.header("mcp-protocol-version").is_none() {
            self.violation(format!("{method}: after the greeting, every request names the version"));
        }
        if speaks == Speaks::Discovery || probes {
            for (name, value) in [("mcp-protocol-version", "2026-07-28"), ("mcp-method", method)] {
                if request.header(name) != Some(value) {
                    self.violation(format!("{method}: the header {name} is {:?}", request.header(name)));
                }
            }
        }
        let version = if probes { Speaks::Discovery } else { speaks };
        self.hold(kind_of(REQUESTS, method), version, message, "a client's");
    }

    pub(super) fn check_result(&self, method: &str, result: &Value) {
        self.hold(kind_of(RESULTS, method), *lock(&self.speaks), result, "our own");
    }

    fn hold(&self, kind: Option<&'static str>, speaks: Speaks, value: &Value, whose: &str) {
        if *lock(&self.believes) {
            return;
        }
        let Some(rules) = Rules::load() else { return };
        let Some((kind, validator)) = kind.and_then(|kind| Some((kind, rules.of(speaks).get(kind)?))) else {
            return self.violation(format!("{whose} message is none that is known: {value}"));
        };
        let wrong: Vec<String> = validator.iter_errors(value).take(3).map(|e| format!("{}: {e}", e.instance_path())).collect();
        if !wrong.is_empty() {
            self.violation(format!("{whose} {kind} is none: {}", wrong.join("; ")));
        }
    }
}

/// As whom a token is asked for.
pub(super) fn client_of(request: &Recorded) -> Option<(String, String)> {
    let login = request.header("authorization")?.strip_prefix("Basic ")?;
    let login = String::from_utf8(BASE64_STANDARD.decode(login).ok()?).ok()?;
    let (id, secret) = login.split_once(':')?;
    let plain = |text: &str| {
        let field = format!("x={text}");
        url::form_urlencoded::parse(field.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    Some((plain(id)?, plain(secret)?))
}
