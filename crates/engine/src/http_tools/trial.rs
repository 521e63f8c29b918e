//! A tool tried by a person: the exact request, its secrets masked, and what came back.

use std::{collections::BTreeMap, time::Duration};

use frontdesk_kernel::{
    Scope, Timestamp,
    contact::AddressKind,
    effect::Outcome,
    http_tool::{Encoding, HttpTool, ToolEffect},
    ports::http::HttpError,
    tenant::Tenant,
};
use frontdesk_store::http_tools::ToolSecret;
use serde_json::Value;

use super::{
    OurValues, Own, answer,
    exchange::{Way, ready},
    legacy, open_secrets,
    template::{Prepared, Unfit},
    values::{MASK, NAMES, Who},
};
use crate::Desk;

/// Of the answer's body; a person looks, nobody parses it.
const LONGEST_BODY: usize = 20_000;
/// Headers of an answer that say something about the exchange.
const TOLD_HEADERS: &[&str] = &[
    "content-type",
    "content-length",
    "date",
    "location",
    "retry-after",
    "server",
    "www-authenticate",
    "x-request-id",
    "x-ratelimit-remaining",
];

#[derive(Debug)]
pub struct Trial {
    /// As it was sent, secrets masked; `None`: it could not be made.
    pub request: Option<ShownRequest>,
    pub response: Option<ShownResponse>,
    pub problem: Option<Problem>,
    /// What a model would read.
    pub told: String,
    pub succeeded: bool,
    pub millis: i64,
}

#[derive(Debug)]
pub struct ShownRequest {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

#[derive(Debug)]
pub struct ShownResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub cut_off: bool,
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// `arguments`, `setup`, `access`, `blocked`, `dns`, `tls`, `connection`, `timeout`, `broken`, `too_large`.
    pub kind: &'static str,
    pub detail: String,
}

/// Tries a tool with made-up values for the customer. One attempt, whatever it is.
pub async fn run(desk: &Desk, tenant: &Tenant, secrets: Vec<ToolSecret>, tool: HttpTool, arguments: &Value) -> Trial {
    let secrets = open_secrets(desk, &Scope::of(tenant.id.clone()), secrets);
    let values = sample(tenant, desk.now());
    let own = match Own::new(tool, |_| false) {
        Ok(own) => own,
        Err(problem) => return refused("setup", problem),
    };
    let tool = &own.tool;
    if tool.spec.legacy.is_none() {
        let problems: Vec<String> =
            own.validator.iter_errors(arguments).take(3).map(|e| format!("{}: {e}", e.instance_path())).collect();
        if !problems.is_empty() {
            return refused("arguments", problems.join("; "));
        }
    }
    let ready = match ready(tool, arguments, &values, &secrets) {
        Ok(ready) => ready,
        Err(Unfit::Arguments(problem)) => return refused("arguments", problem),
        Err(Unfit::Setup(problem)) => return refused("setup", problem),
    };
    let key =
        (tool.spec.effect == ToolEffect::Writes && tool.spec.idempotent).then(|| format!("trial-{}", desk.ids.uuid(desk.now())));
    let began = desk.now();
    let way = Way { desk, tenant: &tenant.id, secrets: &secrets, guest: true };
    let timeout = Duration::from_millis(u64::from(tool.spec.request.timeout_ms));
    let (mut answered, token) = match way.once(tool, &ready.sent, timeout, key.as_deref()).await {
        Ok(answered) => answered,
        Err(none) => return Trial { request: Some(shown(&ready.shown)), ..refused("access", none.words().to_owned()) },
    };
    let millis = desk.now().since(began).as_millis() as i64;
    if let Ok(answer) = &mut answered {
        ready.clean(answer, &secrets, token.as_ref());
    }
    let scrub = |text: &str| ready.scrub(text, &secrets, token.as_ref());
    let told = match &tool.spec.legacy {
        Some(_) => legacy::tell(&ready.shown.url, &answered),
        None => answer::tell(&tool.spec, &answered),
    };
    let mut request = shown(&ready.shown);
    request.headers.extend(key.map(|key| ("idempotency-key".to_owned(), key)));
    request.headers.extend(token.as_ref().map(|_| ("authorization".to_owned(), format!("Bearer {MASK}"))));
    let (response, problem) = match &answered {
        Ok(r) => {
            let body = scrub(&answer::text(r));
            let headers = r.headers.iter().filter(|(name, _)| TOLD_HEADERS.contains(&name.as_str()));
            let headers = headers.map(|(name, value)| (name.clone(), scrub(value))).collect();
            let cut_off = body.chars().nth(LONGEST_BODY).is_some();
            let body = body.chars().take(LONGEST_BODY).collect();
            (Some(ShownResponse { status: r.status, headers, body, cut_off }), None)
        }
        Err(error) => (None, Some(explain(error))),
    };
    let succeeded = told.outcome == Outcome::Succeeded;
    Trial { request: Some(request), response, problem, told: scrub(&told.content), succeeded, millis }
}

/// The server's values as a trial fills them.
pub fn samples(tenant: &Tenant, now: Timestamp) -> BTreeMap<&'static str, String> {
    let values = sample(tenant, now);
    NAMES.iter().map(|(name, _)| (*name, super::template::Ours::value(&values, name).unwrap_or_default())).collect()
}

fn sample(tenant: &Tenant, now: Timestamp) -> OurValues {
    let who = Who {
        id: "con_example",
        name: "Example Customer",
        address_kind: AddressKind::Phone,
        address: "15550100",
        conversation: "cnv_example",
    };
    OurValues::of(tenant, &who, now)
}

fn refused(kind: &'static str, detail: String) -> Trial {
    let told = if kind == "setup" { answer::NOT_SET_UP.to_owned() } else { detail.clone() };
    Trial { request: None, response: None, problem: Some(Problem { kind, detail }), told, succeeded: false, millis: 0 }
}

fn shown(prepared: &Prepared) -> ShownRequest {
    let mut headers = prepared.headers.clone();
    if let Some((encoding, _)) = &prepared.body
        && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
    {
        let kind = if *encoding == Encoding::Json { "application/json" } else { "application/x-www-form-urlencoded" };
        headers.push(("content-type".to_owned(), kind.to_owned()));
    }
    let body = prepared.body.as_ref().map(|(_, text)| text.clone());
    ShownRequest { method: prepared.method.as_str(), url: prepared.url.clone(), headers, body }
}

fn explain(error: &HttpError) -> Problem {
    let (kind, detail) = match error {
        HttpError::Refused(why) => ("blocked", format!("This address may not be called: {why}.")),
        HttpError::NoName(_) => ("dns", "The host's name cannot be resolved.".to_owned()),
        HttpError::Untrusted(_) => {
            ("tls", "No safe connection: the certificate or the protocol of the host is not accepted.".to_owned())
        }
        HttpError::NotSent(_) => ("connection", "The host does not accept connections on this port.".to_owned()),
        HttpError::Timeout(_) => ("timeout", "No complete answer in time.".to_owned()),
        HttpError::Broken(_) => ("broken", "The connection broke before the answer was complete.".to_owned()),
        HttpError::TooLarge(limit) => ("too_large", format!("The answer is larger than {limit} bytes.")),
    };
    Problem { kind, detail }
}
