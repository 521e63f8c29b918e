//! Calling models: fallback chain, retries that honour the vendor's wish, circuit breakers, the deadline of the turn.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry, Secret, Timestamp,
    agent::{AgentSpec, ModelChoice},
    effect::backoff,
    ledger::{money, price_of},
    ports::model::{Completion, Endpoint, ModelRequest, Sink, Turn},
};

use crate::{Desk, desk::Vendor, directory::View};

/// A completion with who gave it.
pub struct Answered {
    pub completion: Completion,
    pub vendor: &'static str,
    pub dialect: &'static str,
    pub millis: i64,
}

const TRIES_PER_MODEL: u32 = 2;
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A call is not begun with less time than this.
const SHORTEST_CALL: Duration = Duration::from_secs(2);

/// The models of an agent, in order.
pub fn chain<'a>(desk: &'a Desk, spec: &'a AgentSpec) -> &'a [ModelChoice] {
    if spec.models.is_empty() { &desk.settings.models } else { &spec.models }
}

/// Where a model is called, or why it cannot be. `model_keys` are the tenant's own.
pub fn endpoint<'d>(
    desk: &'d Desk,
    model_keys: &HashMap<String, Secret>,
    choice: &ModelChoice,
) -> Result<(&'d Vendor, Endpoint), String> {
    let vendor = desk.vendor(&choice.vendor).ok_or_else(|| format!("unknown model vendor {}", choice.vendor))?;
    let server = desk.settings.model_servers.get(vendor.key);
    let own = model_keys.get(vendor.key).cloned();
    // The server's key never travels to a tenant's own address.
    let ours = choice.base_url.is_none() && own.is_none();
    let key = match (&choice.base_url, own) {
        (_, Some(own)) => Some(own),
        (Some(_), None) => None,
        (None, None) => server.and_then(|s| s.key.clone()),
    };
    if vendor.needs_key && key.is_none() && choice.base_url.is_none() {
        return Err(format!("no API key for {}", vendor.key));
    }
    let base_url =
        choice.base_url.clone().or_else(|| server.and_then(|s| s.base_url.clone())).unwrap_or_else(|| vendor.base_url.to_owned());
    let endpoint = Endpoint {
        vendor: vendor.key,
        base_url: base_url.trim_end_matches('/').to_owned(),
        key,
        organization: server.filter(|_| ours).and_then(|s| s.organization.clone()),
        project: server.filter(|_| ours).and_then(|s| s.project.clone()),
    };
    Ok((vendor, endpoint))
}

/// Asks the chain until one answers or the deadline comes. The error is the last one seen. `sink` hears the answer while it is written.
pub async fn complete(
    desk: &Desk,
    view: &View,
    chain: &[ModelChoice],
    mut request: ModelRequest,
    deadline: Timestamp,
    sink: &mut dyn Sink,
) -> Result<Answered, ConnectorError> {
    let mut last = ConnectorError::new("frontdesk", "complete", ErrorKind::Unavailable, Retry::Never, "no model is configured");
    let mut trimmed = false;
    for round in 1u32.. {
        let mut worth_waiting = false;
        for choice in chain {
            let (vendor, endpoint) = match endpoint(desk, &view.model_keys, choice) {
                Ok(found) => found,
                Err(why) => {
                    last = ConnectorError::new("frontdesk", "complete", ErrorKind::Unavailable, Retry::Never, why);
                    continue;
                }
            };
            request.model.clone_from(&choice.model);
            let name = breaker_name(view, vendor, choice);
            for attempt in 1..=TRIES_PER_MODEL {
                let left = deadline.since(desk.now());
                if left < SHORTEST_CALL {
                    return Err(last);
                }
                if !desk.breakers.allows(&name, desk.now()) {
                    worth_waiting = true;
                    break;
                }
                request.limits.total = desk.settings.call_limits.total.min(left);
                let started = desk.now();
                match vendor.model.complete(desk.http.as_ref(), &endpoint, &request, sink).await {
                    Ok(mut completion) => {
                        desk.breakers.succeeded(&name);
                        price(desk, view, &choice.model, &mut completion);
                        let millis = desk.now().since(started).as_millis() as i64;
                        metrics::histogram!("frontdesk_model_seconds", "vendor" => vendor.key).record(millis as f64 / 1000.0);
                        return Ok(Answered { completion, vendor: vendor.key, dialect: vendor.model.about().key, millis });
                    }
                    Err(e) => {
                        metrics::counter!("frontdesk_model_errors_total", "vendor" => vendor.key).increment(1);
                        tracing::warn!(model = name, error = %e, attempt, "a model call failed");
                        let (kind, retry) = (e.kind, e.retry);
                        last = e;
                        sink.again();
                        if kind == ErrorKind::ContextOverflow && !trimmed && trim(&mut request.turns) {
                            trimmed = true;
                            continue;
                        }
                        // A refusal is an answer: the vendor is alive.
                        if is_outage(kind) {
                            desk.breakers.failed(&name, desk.now());
                        } else {
                            desk.breakers.succeeded(&name);
                        }
                        match retry {
                            Retry::Never => break,
                            Retry::After(wait) if wait > LONGEST_WAIT => break,
                            Retry::After(wait) if attempt < TRIES_PER_MODEL && chain.len() == 1 => desk.pause.pause(wait).await,
                            Retry::After(_) => {
                                worth_waiting = true;
                                break;
                            }
                            Retry::Later | Retry::Unknown => worth_waiting = true,
                        }
                    }
                }
            }
        }
        if !worth_waiting {
            return Err(last);
        }
        let wait = backoff(round, 0.5).min(deadline.since(desk.now()));
        desk.pause.pause(wait).await;
    }
    Err(last)
}

/// A tenant's own key or server has a breaker of its own: its troubles are nobody else's.
fn breaker_name(view: &View, vendor: &Vendor, choice: &ModelChoice) -> String {
    let own = choice.base_url.is_some() || view.model_keys.contains_key(vendor.key);
    let whose = if own { view.tenant.id.as_str() } else { "" };
    format!("{whose}{}/{}", vendor.key, choice.model)
}

fn is_outage(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Unavailable
            | ErrorKind::Timeout
            | ErrorKind::Malformed
            | ErrorKind::RateLimited
            | ErrorKind::Unexpected
            | ErrorKind::TooLarge
    )
}

/// The older half of the conversation goes; tool calls stay with their results. Says whether anything went.
fn trim(turns: &mut Vec<Turn>) -> bool {
    let half = turns.len() / 2;
    let Some(cut) = turns.iter().enumerate().skip(half.max(1)).find(|(_, t)| matches!(t, Turn::User(_))).map(|(i, _)| i) else {
        return false;
    };
    turns.drain(..cut);
    true
}

/// What it cost, where the vendor did not say: by the business's own prices, else the server's. Without a price it stays unknown.
fn price(desk: &Desk, view: &View, asked: &str, completion: &mut Completion) {
    let usage = &mut completion.usage;
    let tables = [&view.tenant.settings.tokens.prices, &desk.settings.prices];
    if usage.cost_micros.is_none()
        && let Some(price) = price_of(&completion.model, &tables).or_else(|| price_of(asked, &tables))
    {
        usage.cost_micros = Some(money(&price, usage));
    }
}

/// Speech to text with the configured vendor, else the first of the chain that can.
pub async fn transcribe(
    desk: &Desk,
    view: &View,
    chain: &[ModelChoice],
    audio: Bytes,
    mime: &str,
) -> Result<String, ConnectorError> {
    let named = desk.settings.transcription.as_ref().map(|vendor| ModelChoice {
        vendor: vendor.clone(),
        model: String::new(),
        base_url: None,
    });
    let mut last =
        ConnectorError::new("frontdesk", "transcribe", ErrorKind::Unsupported, Retry::Never, "no model here can listen");
    for choice in named.iter().chain(chain) {
        let Ok((vendor, endpoint)) = endpoint(desk, &view.model_keys, choice) else { continue };
        if !vendor.model.about().transcription {
            continue;
        }
        let language = view.tenant.language.get(..2);
        match vendor.model.transcribe(desk.http.as_ref(), &endpoint, audio.clone(), mime, language).await {
            Ok(text) => return Ok(text),
            Err(e) => {
                tracing::warn!(vendor = vendor.key, error = %e, "a transcription failed");
                last = e;
            }
        }
    }
    Err(last)
}
