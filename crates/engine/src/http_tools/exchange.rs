//! One call carried out: the request goes through the one egress client as a guest's; what comes back is judged by what may be repeated.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use bytes::Bytes;
use frontdesk_kernel::{
    Secret,
    effect::{Class, Outcome, State, after_attempt, backoff},
    http_tool::{Encoding, HttpTool, LARGEST_ANSWER, ToolEffect},
    ids::TenantId,
    ports::http::{Body, HttpError, Request, Response},
};
use serde_json::{Map, Value};

use super::{
    Opened, OurValues, answer, host_of, legacy,
    template::{self, Prepared, Unfit},
    uses_of,
    values::{MASK, mask, scrub},
};
use crate::{
    Desk,
    grants::{self, NoToken, Wanted},
    tools::TimeLeft,
};

/// Attempts of a call that may be repeated.
pub(crate) const TRIES: u32 = 2;
/// Nothing begins with less time left.
const SHORTEST: Duration = Duration::from_millis(500);

/// What a call came to.
#[derive(Debug, Clone)]
pub(crate) struct Carried {
    /// `Succeeded`, `Failed`, or `Review`: it may have been applied, and a person must look.
    pub(crate) state: State,
    /// What the model reads.
    pub(crate) content: String,
    pub(crate) status: Option<u16>,
    pub(crate) attempts: u32,
    /// What else is known of it, as members of an object.
    pub(crate) facts: Value,
    /// It proves what its tool can prove, if it succeeded.
    pub(crate) proven: bool,
}

impl Carried {
    /// Nothing left the house.
    pub(crate) fn failed(content: impl Into<String>) -> Carried {
        Carried { state: State::Failed, content: content.into(), status: None, attempts: 0, facts: Value::Null, proven: false }
    }

    /// The next attempt did not leave. `unsure`: an earlier one of a write was lost.
    pub(crate) fn given_up(attempts: u32, content: impl Into<String>, unsure: bool) -> Carried {
        let carried = Carried { attempts, ..Carried::failed(content) };
        if unsure { carried.after_a_lost_one() } else { carried }
    }

    /// An attempt of a write before this was lost: nobody may say that nothing was done.
    pub(crate) fn after_a_lost_one(self) -> Carried {
        match self.state {
            State::Failed => Carried { state: State::Review, content: answer::UNKNOWN.to_owned(), ..self },
            _ => self,
        }
    }
}

/// A request to be sent and the same with its secrets masked, to be shown.
pub(crate) struct Ready {
    pub(crate) sent: Prepared,
    pub(crate) shown: Prepared,
}

impl Ready {
    /// A service that repeats our secrets to us does not get them into a trace, not even as `Basic` wrote them.
    pub(crate) fn scrub(&self, text: &str, secrets: &BTreeMap<String, Opened>, token: Option<&Secret>) -> String {
        let basic = self.sent.headers.iter().zip(&self.shown.headers).filter(|(sent, shown)| sent.1 != shown.1);
        let basic = basic.filter_map(|(sent, _)| sent.1.strip_prefix("Basic "));
        basic.fold(mask(&scrub(text, secrets), token), |text, written| text.replace(written, MASK))
    }

    /// An answer without our secrets, before anything of it is cut: half a secret is one, too.
    pub(crate) fn clean(&self, answer: &mut Response, secrets: &BTreeMap<String, Opened>, token: Option<&Secret>) {
        let text = String::from_utf8_lossy(&answer.body);
        let clean = self.scrub(&text, secrets, token);
        if clean != text {
            answer.body = Bytes::from(clean);
        }
    }
}

/// Fills a tool's request. `Unfit::Setup` says what staff must correct.
pub(crate) fn ready(
    tool: &HttpTool,
    arguments: &Value,
    values: &OurValues,
    secrets: &BTreeMap<String, Opened>,
) -> Result<Ready, Unfit> {
    if let Some(form) = &tool.spec.legacy {
        let arguments = legacy::input(tool, form, arguments).map_err(Unfit::Arguments)?;
        let fill = |values: OurValues| legacy::prepare(tool, form, &arguments, &values);
        let ready = Ready { sent: fill(values.with(secrets))?, shown: fill(values.masked(secrets))? };
        return to_their_hosts(tool, ready, secrets);
    }
    let none = Map::new();
    let arguments = arguments.as_object().unwrap_or(&none);
    let sent = template::prepare(&tool.spec, arguments, &values.with(secrets))?;
    let mut shown = template::prepare(&tool.spec, arguments, &values.masked(secrets))?;
    for (_, value) in shown.headers.iter_mut().filter(|(name, value)| name == "authorization" && value.starts_with("Basic ")) {
        *value = format!("Basic {MASK}");
    }
    to_their_hosts(tool, Ready { sent, shown }, secrets)
}

/// A secret goes to the host it was given for, nowhere else.
fn to_their_hosts(tool: &HttpTool, ready: Ready, secrets: &BTreeMap<String, Opened>) -> Result<Ready, Unfit> {
    let host = host_of(&ready.sent.url).unwrap_or_default();
    for (_, name, goes_to) in uses_of(&tool.spec, &host) {
        match secrets.get(&name) {
            Some(secret) if secret.host == goes_to => {}
            Some(secret) => {
                return Err(Unfit::Setup(format!("the secret {name} was given for {}, not for {goes_to}", secret.host)));
            }
            None => return Err(Unfit::Setup(format!("the secret {name} is not set"))),
        }
    }
    Ok(ready)
}

/// What a call needs besides its request.
pub(crate) struct Way<'w> {
    pub(crate) desk: &'w Desk,
    pub(crate) tenant: &'w TenantId,
    pub(crate) secrets: &'w BTreeMap<String, Opened>,
    /// The address is a business's, not the operator's own.
    pub(crate) guest: bool,
}

impl Way<'_> {
    /// One attempt, with a token where the tool asks for one. A token that is not taken any more is fetched anew once: who refused it has
    /// done nothing.
    pub(crate) async fn once(
        &self,
        tool: &HttpTool,
        prepared: &Prepared,
        timeout: Duration,
        key: Option<&str>,
    ) -> Result<(Result<Response, HttpError>, Option<Secret>), NoToken> {
        let credentials = tool.spec.request.auth.credentials();
        let opened = tool.spec.request.auth.secret().and_then(|name| self.secrets.get(name));
        let Some((credentials, opened)) = credentials.as_ref().zip(opened) else {
            return Ok((once(self, prepared, timeout, key, None).await, None));
        };
        let wanted = Wanted { tenant: self.tenant, owner: tool.id.as_str(), credentials, secret: &opened.secret };
        // The token has to come out of the same time.
        let until = Instant::now() + timeout;
        let left = || until.saturating_duration_since(Instant::now()).max(SHORTEST);
        let token = grants::token(self.desk, &wanted, left()).await?;
        let answered = once(self, prepared, left(), key, Some(&token)).await;
        if !matches!(&answered, Ok(response) if response.status == 401) {
            return Ok((answered, Some(token)));
        }
        self.desk.grants.forget(&wanted, &token);
        let token = grants::token(self.desk, &wanted, left()).await?;
        Ok((once(self, prepared, left(), key, Some(&token)).await, Some(token)))
    }
}

/// One attempt.
async fn once(
    way: &Way<'_>,
    prepared: &Prepared,
    timeout: Duration,
    key: Option<&str>,
    token: Option<&Secret>,
) -> Result<Response, HttpError> {
    let mut own_headers: Vec<(String, Secret)> =
        prepared.headers.iter().map(|(name, value)| (name.clone(), Secret::new(value.as_str()))).collect();
    if let Some(key) = key {
        own_headers.push(("idempotency-key".to_owned(), Secret::new(key)));
    }
    own_headers.extend(token.map(|token| ("authorization".to_owned(), Secret::new(format!("Bearer {}", token.reveal())))));
    let body = match &prepared.body {
        None => Body::Empty,
        Some((Encoding::Json, text)) => Body::Json(Bytes::from(text.clone().into_bytes())),
        Some((Encoding::Form, text)) => Body::Encoded(Bytes::from(text.clone().into_bytes())),
    };
    let request = Request {
        own_headers,
        guest: way.guest,
        body,
        timeout,
        gap: timeout,
        max_bytes: LARGEST_ANSWER,
        ..Request::new(prepared.method, prepared.url.as_str())
    };
    way.desk.http.send(request).await
}

/// What an attempt came to, and what the model reads; `None`: the same is tried again. `late`: there is no time for that. `unsure`: an
/// earlier attempt of a write was lost; that a later one was refused does not say that the first did nothing.
pub(crate) fn judged(
    class: Class,
    effect: ToolEffect,
    outcome: &Outcome,
    content: String,
    attempts: u32,
    late: bool,
    unsure: bool,
) -> Option<(State, String)> {
    let state = after_attempt(class, outcome, attempts, TRIES);
    if state == State::Pending && attempts < TRIES && !late {
        return None;
    }
    // What may be repeated has no unknown end for the reader; a write that was cut off is still a person's matter.
    let unsettled = is_lost_write(effect, outcome);
    Some(match state {
        State::Succeeded => (State::Succeeded, content),
        _ if unsettled => (State::Review, format!("{content} {}", answer::UNKNOWN)),
        _ if unsure => (State::Review, answer::UNKNOWN.to_owned()),
        _ => (State::Failed, content),
    })
}

/// It may have changed something, and nobody knows.
pub(crate) fn is_lost_write(effect: ToolEffect, outcome: &Outcome) -> bool {
    effect == ToolEffect::Writes && *outcome == Outcome::Unknown
}

/// The call, with what it came to in words for the model. `key` names it for services that honour one.
pub(crate) async fn carry_out(
    way: &Way<'_>,
    tool: &HttpTool,
    arguments: &Value,
    values: &OurValues,
    key: &str,
    time_left: TimeLeft<'_>,
) -> Carried {
    let (desk, secrets) = (way.desk, way.secrets);
    let ready = match ready(tool, arguments, values, secrets) {
        Ok(ready) => ready,
        Err(Unfit::Arguments(problem)) => return Carried::failed(problem),
        Err(Unfit::Setup(problem)) => {
            tracing::warn!(tool = %tool.id, problem, "a tool is not set up");
            return Carried::failed(answer::NOT_SET_UP);
        }
    };
    let key = (tool.spec.effect == ToolEffect::Writes && tool.spec.idempotent).then_some(key);
    let wanted = Duration::from_millis(u64::from(tool.spec.request.timeout_ms));
    let mut unsure = false;
    for attempts in 1.. {
        let timeout = wanted.min(time_left());
        if timeout < SHORTEST {
            return Carried::given_up(attempts - 1, answer::NO_TIME, unsure);
        }
        let (mut answered, token) = match way.once(tool, &ready.sent, timeout, key).await {
            Ok(answered) => answered,
            Err(none) => return Carried::given_up(attempts, format!("{} Nothing was done.", none.words()), unsure),
        };
        crate::crash::point("tool answered");
        let status = answered.as_ref().ok().map(|r| r.status);
        if let Ok(answer) = &mut answered {
            ready.clean(answer, secrets, token.as_ref());
        }
        let told = match &tool.spec.legacy {
            Some(_) => legacy::tell(&ready.shown.url, &answered),
            None => answer::tell(&tool.spec, &answered),
        };
        let late = matches!(answered, Err(HttpError::Timeout(_)));
        let (class, effect, words) = (tool.spec.class(), tool.spec.effect, told.content.clone());
        let Some((state, content)) = judged(class, effect, &told.outcome, words, attempts, late, unsure) else {
            unsure |= is_lost_write(effect, &told.outcome);
            desk.pause.pause(backoff(attempts, 0.5)).await;
            continue;
        };
        // The predecessor's texts stay as they were.
        let content = if tool.spec.legacy.is_some() { told.content } else { content };
        let content = ready.scrub(&content, secrets, token.as_ref());
        return Carried { state, content, status, attempts, facts: Value::Null, proven: true };
    }
    Carried::failed(answer::NO_TIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_lost_write_does_not_undo_it() {
        let again = || Outcome::NotApplied { after: None };
        for (effect, outcome, unsure, state, words) in [
            (ToolEffect::Writes, Outcome::Refused, false, State::Failed, "told"),
            (ToolEffect::Writes, again(), false, State::Failed, "told"),
            (ToolEffect::Writes, Outcome::Refused, true, State::Review, answer::UNKNOWN),
            (ToolEffect::Writes, again(), true, State::Review, answer::UNKNOWN),
            (ToolEffect::Writes, Outcome::Succeeded, true, State::Succeeded, "told"),
            (ToolEffect::Reads, Outcome::Unknown, false, State::Failed, "told"),
        ] {
            let judged = judged(Class::A, effect, &outcome, "told".to_owned(), TRIES, false, unsure);
            assert_eq!(judged, Some((state, words.to_owned())), "{effect:?} {outcome:?} {unsure}");
        }
        for (unsure, state, words) in [(false, State::Failed, answer::NO_TIME), (true, State::Review, answer::UNKNOWN)] {
            let carried = Carried::given_up(1, answer::NO_TIME, unsure);
            assert_eq!((carried.state, carried.content.as_str(), carried.attempts), (state, words, 1));
        }
        assert!(is_lost_write(ToolEffect::Writes, &Outcome::Unknown) && !is_lost_write(ToolEffect::Reads, &Outcome::Unknown));
    }
}
